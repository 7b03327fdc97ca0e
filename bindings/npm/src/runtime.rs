//! Runs compiled rules in the WebAssembly of the page or of Node, through the functions of `runtime.js`.

use accrue::modules::{
    ModuleCall, ModuleFunction, ModuleImports, ModuleRuntime, RuntimeError, RuntimeInstance, RuntimeModule,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[allow(unsafe_code, reason = "written by a macro")]
mod js {
    use super::{Imports, JsValue, wasm_bindgen};

    #[wasm_bindgen(module = "/src/runtime.js")]
    extern "C" {
        #[wasm_bindgen(catch)]
        pub(super) fn compile(bytes: &[u8]) -> Result<u32, JsValue>;
        #[wasm_bindgen(catch)]
        pub(super) fn instantiate(module: u32, imports: Imports) -> Result<u32, JsValue>;
        pub(super) fn release(number: u32);
        pub(super) fn grow(instance: u32, bytes: u32) -> bool;
        #[allow(clippy::too_many_arguments, reason = "numbers cross to JavaScript without being copied")]
        pub(super) fn call(
            instance: u32,
            is_rule: bool,
            a: u32,
            b: u32,
            c: u32,
            d: u32,
            e: u32,
            facts_at: u32,
            facts: &[u8],
            answer_at: u32,
            answer: &mut [u8],
        ) -> i32;
        pub(super) fn read(instance: u32, address: u32, bytes: &mut [u8]) -> bool;
    }
}

/// The WebAssembly of the page or of Node.
#[derive(Debug)]
pub(crate) struct JsRuntime;

/// A module or an instance of `runtime.js`, by its number.
#[derive(Debug)]
struct Handle(u32);

impl Drop for Handle {
    fn drop(&mut self) {
        js::release(self.0);
    }
}

impl ModuleRuntime for JsRuntime {
    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn RuntimeModule>, RuntimeError> {
        Ok(Box::new(JsModule(Handle(js::compile(wasm).map_err(thrown)?))))
    }
}

fn thrown(error: JsValue) -> RuntimeError {
    RuntimeError(error.as_string().unwrap_or_default())
}

#[derive(Debug)]
struct JsModule(Handle);

impl RuntimeModule for JsModule {
    fn instantiate(&self, imports: ModuleImports) -> Result<Box<dyn RuntimeInstance>, RuntimeError> {
        let instance = js::instantiate(self.0.0, Imports(imports)).map_err(thrown)?;
        Ok(Box::new(JsInstance(Handle(instance))))
    }
}

#[derive(Debug)]
struct JsInstance(Handle);

impl RuntimeInstance for JsInstance {
    fn grow(&mut self, bytes: usize) -> Result<(), RuntimeError> {
        let bytes = u32::try_from(bytes).map_err(|error| RuntimeError(error.to_string()))?;
        if js::grow(self.0.0, bytes) { Ok(()) } else { Err(RuntimeError("memory cannot grow".to_owned())) }
    }

    fn call(&mut self, call: &ModuleCall<'_>, answer: &mut [u8]) -> Result<u32, RuntimeError> {
        let argument = |at: usize| call.arguments.get(at).copied().unwrap_or_default();
        let is_rule = call.function == ModuleFunction::Rule;
        let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(argument);
        let last =
            js::call(self.0.0, is_rule, a, b, c, d, e, call.facts_at, call.facts, call.answer_at, answer);
        if last == FAILED {
            return Err(RuntimeError("the module cannot be run".to_owned()));
        }
        if let Ok(last) = u32::try_from(last) {
            return Ok(last);
        }
        let last = (!last).cast_unsigned();
        let length = last.saturating_sub(call.answer_at) as usize;
        let length = length.min(answer.len());
        self.read(call.answer_at, answer.get_mut(..length).unwrap_or_default())?;
        Ok(last)
    }

    fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), RuntimeError> {
        match js::read(self.0.0, address, bytes) {
            true => Ok(()),
            false => Err(RuntimeError("the address is outside of memory".to_owned())),
        }
    }
}

/// What `call` returns if the module could not be run.
const FAILED: i32 = i32::MIN;

/// The functions that modules import, for one instance.
#[wasm_bindgen(skip_typescript)]
#[derive(Debug)]
pub struct Imports(ModuleImports);

/// Returns the two words of a decimal.
fn pair((low, high): (i64, i64)) -> Vec<i64> {
    vec![low, high]
}

#[allow(unsafe_code, missing_docs, reason = "written by a macro; each has the name of its import")]
#[wasm_bindgen]
impl Imports {
    pub fn add(&self, a: i64, b: i64, c: i64, d: i64) -> Vec<i64> {
        pair(self.0.add(a, b, c, d))
    }

    pub fn sub(&self, a: i64, b: i64, c: i64, d: i64) -> Vec<i64> {
        pair(self.0.sub(a, b, c, d))
    }

    pub fn mul(&self, a: i64, b: i64, c: i64, d: i64) -> Vec<i64> {
        pair(self.0.mul(a, b, c, d))
    }

    pub fn div(&self, a: i64, b: i64, c: i64, d: i64) -> Vec<i64> {
        pair(self.0.div(a, b, c, d))
    }

    pub fn rem(&self, a: i64, b: i64, c: i64, d: i64) -> Vec<i64> {
        pair(self.0.rem(a, b, c, d))
    }

    pub fn compare(&self, a: i64, b: i64, c: i64, d: i64) -> i32 {
        self.0.compare(a, b, c, d)
    }

    pub fn floor(&self, a: i64, b: i64) -> Vec<i64> {
        pair(self.0.floor(a, b))
    }

    pub fn round(&self, a: i64, b: i64, c: i64, d: i64, mode: i32) -> Vec<i64> {
        pair(self.0.round(a, b, c, d, mode))
    }

    pub fn contains(&self, whole: i32, part: i32) -> i32 {
        self.0.contains(whole, part)
    }

    pub fn local_date(&self, seconds: i64) -> i32 {
        self.0.local_date(seconds)
    }

    pub fn local_hour(&self, seconds: i64) -> i32 {
        self.0.local_hour(seconds)
    }

    pub fn local_minute(&self, seconds: i64) -> i32 {
        self.0.local_minute(seconds)
    }

    pub fn civil(&self, days: i32) -> i32 {
        self.0.civil(days)
    }

    pub fn plus_months(&self, days: i32, count: i64, months: i64) -> i32 {
        self.0.plus_months(days, count, months)
    }

    pub fn months_between(&self, from: i32, to: i32) -> i64 {
        self.0.months_between(from, to)
    }

    pub fn end_of_month(&self, days: i32) -> i32 {
        self.0.end_of_month(days)
    }

    pub fn promo_owner(&self, code: i32) -> i32 {
        self.0.promo_owner(code)
    }

    pub fn promo_active(&self, code: i32, seconds: i64, nanoseconds: i32) -> i32 {
        self.0.promo_active(code, seconds, nanoseconds)
    }

    pub fn saw(&self, kind: i32, what: i32, argument: i32) {
        self.0.saw(kind, what, argument);
    }
}
