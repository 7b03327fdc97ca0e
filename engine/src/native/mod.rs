//! Runs compiled rules: writes facts to the memory of an instance, and reads the verdicts of the rules from it.

mod cache;
mod capacity;
mod host;
mod memory;
mod pool;
mod program;
mod promo;
#[cfg(feature = "internals")]
mod single;
mod symbols;
mod traced;
mod verdicts;
mod worker;
mod write;

pub(crate) use cache::ModuleCache;
pub(crate) use program::NativeProgram;
#[cfg(feature = "internals")]
pub use single::{RuleModule, RuleRun};
