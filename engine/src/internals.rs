//! What only Accrue's own tests, benches and fuzz targets use. It may change with any release.

#[cfg(feature = "sandbox")]
use crate::engine::Engine;
#[cfg(feature = "sandbox")]
pub use crate::native::{RuleModule, RuleRun};

/// Compiled modules: what is in them and how they are laid out.
pub mod codegen {
    pub use crate::codegen::*;
}

/// The rule language.
pub mod lang {
    pub use crate::lang::*;
}

/// Periods of counters.
pub mod period {
    pub use crate::period::*;
}

/// Lengths of time.
pub mod time {
    pub use crate::time::duration::Duration;
}

/// Running one rule.
pub mod run {
    pub use crate::run::*;
}

/// Loaded terms.
pub mod terms {
    pub use crate::terms::*;
}

/// Returns what the brand has declared.
pub fn terms(program: &crate::Program) -> &terms::Terms {
    program.terms()
}

/// Compiles single rules of a version of some terms, which may be others than the version's own, each with this much fuel for
/// one run. Returns `None` when this machine runs no compiled rules.
#[cfg(feature = "sandbox")]
pub fn compile_rules(
    engine: &Engine,
    terms: &terms::Terms,
    version: &terms::Version,
    rules: &[&lang::Rule],
    rule_fuel: u64,
) -> Option<RuleModule> {
    RuleModule::new(engine.runtime().modules()?, terms, version, rules, rule_fuel)
}

/// Returns a receipt over an action and its decision alone: what the seal of a decision costs, for benches.
pub fn receipt(action: &crate::Action, decision: &crate::Decision) -> crate::digest::Digest {
    use crate::seal::Seal as _;

    let mut bytes = Vec::with_capacity(1024);
    action.seal(&mut bytes);
    decision.seal(&mut bytes);
    crate::digest::Digest::of(&bytes)
}
