//! What only Accrue's own tests, benches and fuzz targets use. It may change with any release.

#[cfg(feature = "sandbox")]
use crate::engine::Engine;
#[cfg(feature = "sandbox")]
use crate::lang::Rule;
#[cfg(feature = "sandbox")]
pub use crate::native::{RuleModule, RuleRun};
#[cfg(feature = "sandbox")]
use crate::terms::{Terms, Version};

/// Compiles single rules of a version of some terms, which may be others than the version's own, each with this much fuel for
/// one run. Returns `None` when this machine runs no compiled rules.
#[cfg(feature = "sandbox")]
pub fn compile_rules(
    engine: &Engine,
    terms: &Terms,
    version: &Version,
    rules: &[&Rule],
    rule_fuel: u64,
) -> Option<RuleModule> {
    RuleModule::new(engine.runtime().modules()?, terms, version, rules, rule_fuel)
}
