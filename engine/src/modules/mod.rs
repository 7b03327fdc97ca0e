//! Runs compiled rules: writes facts for an instance of a module, and reads the verdicts of the rules from it.
//!
//! A host whose engine cannot make native code, for example because the engine is WebAssembly itself, implements [`ModuleRuntime`]
//! and hands it to [`EngineBuilder::module_runtime`](crate::EngineBuilder::module_runtime).

mod cache;
mod capacity;
mod hosted;
mod imports;
mod instance;
mod loaded;
mod memory;
#[cfg(feature = "sandbox")]
mod native;
mod pool;
mod program;
mod promo;
mod runtime;
#[cfg(feature = "internals")]
mod single;
mod symbols;
mod traced;
mod verdicts;
mod worker;
mod write;

pub(crate) use cache::ModuleCache;
pub use imports::ModuleImports;
pub(crate) use instance::Backend;
pub(crate) use program::CompiledRules;
pub use runtime::{ModuleCall, ModuleFunction, ModuleRuntime, RuntimeError, RuntimeInstance, RuntimeModule};
#[cfg(feature = "internals")]
pub use single::{RuleModule, RuleRun};
