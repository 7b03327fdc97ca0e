//! Runs modules as native code, made by wasmtime. Facts are written straight into the memory of an instance.

use std::sync::Arc;

use accrue_sandbox::Sandbox;
use wasmtime::{Caller, InstancePre, Linker, Memory, Store, TypedFunc};

use super::imports::{
    self, FactBytes, ImportContext, ImportState, Operation, civil, compute, last_of_month, months,
    months_later,
};
use super::memory::MEMORY_BYTES;
use crate::codegen::Import;
use crate::money::checked;

/// The data of an instance's store.
#[derive(Debug)]
struct Data {
    memory: Option<Memory>,
    context: Arc<ImportContext>,
    state: ImportState,
}

/// Compiles modules to native code.
pub(crate) struct Compiler {
    sandbox: Sandbox,
    linker: Linker<Data>,
}

/// The native code of a module.
pub(super) struct Code(InstancePre<Data>);

impl Compiler {
    /// Returns a compiler of modules that run in this sandbox.
    pub(super) fn new(sandbox: &Sandbox) -> wasmtime::Result<Self> {
        Ok(Self { sandbox: sandbox.clone(), linker: linker(sandbox.engine())? })
    }

    pub(super) fn most_modules(&self) -> usize {
        self.sandbox.limits().rule_modules
    }

    pub(super) fn compile(&self, wasm: &[u8]) -> wasmtime::Result<Code> {
        self.sandbox.module(wasm).and_then(|module| self.linker.instantiate_pre(&module)).map(Code)
    }
}

impl Code {
    /// Returns a new instance, whose facts begin at `base`.
    pub(super) fn instance(&self, context: &Arc<ImportContext>, base: u32) -> wasmtime::Result<Instance> {
        let data = Data { memory: None, context: Arc::clone(context), state: ImportState::default() };
        let mut store = Store::new(self.0.module().engine(), data);
        let instance = self.0.instantiate(&mut store)?;
        let memory = instance.get_memory(&mut store, "memory").ok_or_else(|| no("memory"))?;
        store.data_mut().memory = Some(memory);
        let decide = instance.get_typed_func(&mut store, "decide").ok();
        let rule = instance.get_typed_func(&mut store, "rule").ok();
        Ok(Instance { store, memory, base: base as usize, decide, rule })
    }
}

fn no(what: &str) -> wasmtime::Error {
    wasmtime::Error::msg(format!("the module exports no {what}"))
}

/// Parameters of `decide`: the first record, the number of records, and where output begins and ends.
type Decide = (u32, u32, u32, u32);

/// Parameters of `rule`: the number of the rule, its record and item, and where output begins and ends.
type RunRule = (u32, u32, u32, u32, u32);

/// An instance of a module as native code.
pub(super) struct Instance {
    store: Store<Data>,
    memory: Memory,
    base: usize,
    decide: Option<TypedFunc<Decide, u32>>,
    rule: Option<TypedFunc<RunRule, u32>>,
}

impl Instance {
    #[inline]
    pub(super) fn state(&mut self) -> &mut ImportState {
        &mut self.store.data_mut().state
    }

    #[inline]
    pub(super) fn facts_mut(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store).get_mut(self.base..).unwrap_or_default()
    }

    pub(super) fn written(&self) -> FactBytes<'_> {
        FactBytes { bytes: self.memory.data(&self.store), base: 0 }
    }

    pub(super) fn make_room(&mut self, bytes: usize) -> Option<()> {
        self.reach(self.base + bytes)
    }

    /// Grows memory to at least this many bytes.
    #[inline]
    pub(super) fn reach(&mut self, address: usize) -> Option<()> {
        let missing = address.saturating_sub(self.memory.data_size(&self.store));
        if missing == 0 {
            return Some(());
        }
        if address > MEMORY_BYTES {
            return None;
        }
        self.memory.grow(&mut self.store, missing.div_ceil(1 << 16) as u64).ok().map(|_| ())
    }

    pub(super) fn decide(&mut self, arguments: Decide) -> Option<u32> {
        self.decide.as_ref()?.call(&mut self.store, arguments).ok()
    }

    pub(super) fn rule(&mut self, arguments: RunRule) -> Option<u32> {
        self.rule.as_ref()?.call(&mut self.store, arguments).ok()
    }

    #[inline]
    pub(super) fn answer(&self, from: usize, to: usize) -> Option<&[u8]> {
        self.memory.data(&self.store).get(from..to)
    }

    pub(super) fn read<const N: usize>(&self, address: u32) -> Option<[u8; N]> {
        self.memory.data(&self.store).get(address as usize..)?.first_chunk().copied()
    }
}

/// Returns a linker with the imports of modules.
fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Data>> {
    let mut linker = Linker::new(engine);
    let operations: [(Import, Operation); 5] = [
        (Import::Add, checked::add),
        (Import::Sub, checked::sub),
        (Import::Mul, checked::mul),
        (Import::Div, checked::div),
        (Import::Rem, checked::rem),
    ];
    for (import, operation) in operations {
        linker.func_wrap("accrue", import.name(), move |a: i64, b: i64, c: i64, d: i64| {
            compute(operation, [a, b, c, d])
        })?;
    }
    linker.func_wrap("accrue", Import::Compare.name(), |a: i64, b: i64, c: i64, d: i64| {
        imports::compare([a, b, c, d])
    })?;
    linker.func_wrap("accrue", Import::Floor.name(), imports::floor)?;
    linker.func_wrap("accrue", Import::Round.name(), |a: i64, b: i64, c: i64, d: i64, mode: i32| {
        imports::round([a, b, c, d], mode)
    })?;
    linker.func_wrap(
        "accrue",
        Import::Contains.name(),
        |mut caller: Caller<'_, Data>, whole: i32, part: i32| {
            let (context, _, facts) = parts(&mut caller);
            context.contains(facts, whole, part)
        },
    )?;
    type Local = fn(&ImportContext, i64) -> i32;
    let parts_of_day: [(Import, Local); 3] = [
        (Import::LocalDate, ImportContext::local_date),
        (Import::LocalHour, ImportContext::local_hour),
        (Import::LocalMinute, ImportContext::local_minute),
    ];
    for (import, local) in parts_of_day {
        linker.func_wrap("accrue", import.name(), move |caller: Caller<'_, Data>, seconds: i64| {
            local(&caller.data().context, seconds)
        })?;
    }
    linker.func_wrap("accrue", Import::Civil.name(), civil)?;
    linker.func_wrap("accrue", Import::PlusMonths.name(), months_later)?;
    linker.func_wrap("accrue", Import::MonthsBetween.name(), months)?;
    linker.func_wrap("accrue", Import::EndOfMonth.name(), last_of_month)?;
    linker.func_wrap("accrue", Import::PromoOwner.name(), |mut caller: Caller<'_, Data>, code: i32| {
        let (context, state, facts) = parts(&mut caller);
        context.promo_owner(state, facts, code)
    })?;
    linker.func_wrap(
        "accrue",
        Import::PromoActive.name(),
        |mut caller: Caller<'_, Data>, code: i32, seconds: i64, nanoseconds: i32| {
            let (context, state, facts) = parts(&mut caller);
            context.promo_active(state, facts, (code, seconds, nanoseconds))
        },
    )?;
    linker.func_wrap(
        "accrue",
        Import::Saw.name(),
        |mut caller: Caller<'_, Data>, kind: i32, what: i32, argument: i32| {
            caller.data_mut().state.saw.push([kind, what, argument]);
        },
    )?;
    Ok(linker)
}

/// Returns what the imports of a calling instance use.
fn parts<'c>(caller: &'c mut Caller<'_, Data>) -> (&'c ImportContext, &'c mut ImportState, FactBytes<'c>) {
    let Some(memory) = caller.data().memory else {
        let Data { context, state, .. } = caller.data_mut();
        return (context, state, FactBytes { bytes: &[], base: 0 });
    };
    let (bytes, Data { context, state, .. }) = memory.data_and_store_mut(caller);
    (context, state, FactBytes { bytes, base: 0 })
}
