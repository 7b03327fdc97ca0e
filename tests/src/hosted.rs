//! A runtime of modules that a host supplies: wasmtime by way of the public interface alone, so that facts and answers are copied.

use std::sync::Arc;

use accrue::Engine;
use accrue::modules::{
    ModuleCall, ModuleFunction, ModuleImports, ModuleRuntime, RuntimeError, RuntimeInstance, RuntimeModule,
};
use accrue::{EngineBuilder, Limits};
use wasmtime::{Caller, Instance, Linker, Memory, Module, Store};

/// A runtime that a host might supply.
pub struct HostRuntime(wasmtime::Engine);

impl std::fmt::Debug for HostRuntime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HostRuntime")
    }
}

/// Returns a builder of an engine whose rules run on a [`HostRuntime`].
pub fn engine(limits: Limits) -> EngineBuilder {
    let runtime = Arc::new(HostRuntime(wasmtime::Engine::default()));
    Engine::builder().limits(limits).module_runtime(runtime)
}

fn failed(error: impl std::fmt::Display) -> RuntimeError {
    RuntimeError(error.to_string())
}

impl ModuleRuntime for HostRuntime {
    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn RuntimeModule>, RuntimeError> {
        Ok(Box::new(HostModule(Module::new(&self.0, wasm).map_err(failed)?)))
    }
}

#[derive(Debug)]
struct HostModule(Module);

impl RuntimeModule for HostModule {
    fn instantiate(&self, imports: ModuleImports) -> Result<Box<dyn RuntimeInstance>, RuntimeError> {
        let linker = linker(self.0.engine()).map_err(failed)?;
        let mut store = Store::new(self.0.engine(), imports);
        let instance = linker.instantiate(&mut store, &self.0).map_err(failed)?;
        let memory = instance.get_memory(&mut store, "memory").ok_or_else(|| failed("no memory"))?;
        Ok(Box::new(HostInstance { store, instance, memory }))
    }
}

#[derive(Debug)]
struct HostInstance {
    store: Store<ModuleImports>,
    instance: Instance,
    memory: Memory,
}

impl RuntimeInstance for HostInstance {
    fn grow(&mut self, bytes: usize) -> Result<(), RuntimeError> {
        let missing = bytes.saturating_sub(self.memory.data_size(&self.store));
        let pages = u64::try_from(missing.div_ceil(1 << 16)).map_err(failed)?;
        self.memory.grow(&mut self.store, pages).map(|_| ()).map_err(failed)
    }

    fn call(&mut self, call: &ModuleCall<'_>, answer: &mut [u8]) -> Result<u32, RuntimeError> {
        let memory = self.memory;
        memory.write(&mut self.store, call.facts_at as usize, call.facts).map_err(failed)?;
        let name = call.function.name();
        let last = match (call.function, call.arguments) {
            (ModuleFunction::Decide, [a, b, c, d]) => self
                .instance
                .get_typed_func::<(u32, u32, u32, u32), u32>(&mut self.store, name)
                .and_then(|decide| decide.call(&mut self.store, (*a, *b, *c, *d))),
            (_, [a, b, c, d, e]) => self
                .instance
                .get_typed_func::<(u32, u32, u32, u32, u32), u32>(&mut self.store, name)
                .and_then(|rule| rule.call(&mut self.store, (*a, *b, *c, *d, *e))),
            (_, arguments) => return Err(failed(format!("{name} of {arguments:?}"))),
        };
        let last = last.map_err(failed)?;
        let written = memory.data(&self.store).get(call.answer_at as usize..last as usize);
        let written = written.ok_or_else(|| failed("the answer is outside of memory"))?;
        answer.iter_mut().zip(written).for_each(|(to, from)| *to = *from);
        Ok(last)
    }

    fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), RuntimeError> {
        self.memory.read(&self.store, address as usize, bytes).map_err(failed)
    }
}

/// Returns a linker with the imports of modules.
fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<ModuleImports>> {
    let mut linker = Linker::new(engine);
    macro_rules! link {
        ($($name:ident($($argument:ident: $ty:ty),*);)+) => {
            $(linker.func_wrap(
                "accrue",
                stringify!($name),
                |caller: Caller<'_, ModuleImports>, $($argument: $ty),*| caller.data().$name($($argument),*),
            )?;)+
        };
    }
    link! {
        add(a: i64, b: i64, c: i64, d: i64);
        sub(a: i64, b: i64, c: i64, d: i64);
        mul(a: i64, b: i64, c: i64, d: i64);
        div(a: i64, b: i64, c: i64, d: i64);
        rem(a: i64, b: i64, c: i64, d: i64);
        compare(a: i64, b: i64, c: i64, d: i64);
        floor(a: i64, b: i64);
        round(a: i64, b: i64, c: i64, d: i64, mode: i32);
        contains(whole: i32, part: i32);
        local_date(seconds: i64);
        local_hour(seconds: i64);
        local_minute(seconds: i64);
        civil(days: i32);
        plus_months(days: i32, count: i64, months: i64);
        months_between(from: i32, to: i32);
        end_of_month(days: i32);
        promo_owner(code: i32);
        promo_active(code: i32, seconds: i64, nanoseconds: i32);
        saw(kind: i32, what: i32, argument: i32);
    }
    Ok(linker)
}
