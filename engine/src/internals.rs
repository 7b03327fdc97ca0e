//! The parts of the engine that only Accrue's own tests, benches and fuzz targets use. May change with any release.

use crate::engine::Engine;
pub use crate::modules::{RuleModule, RuleRun};

/// Compiled modules: their contents and their layout.
pub mod codegen {
    pub use crate::codegen::*;
}

/// The rule language.
pub mod lang {
    pub use crate::lang::*;
}

/// Dates that are counted from a day, and business days.
pub mod calendar {
    pub use crate::calendar::*;
}

/// Periods of counters.
pub mod period {
    pub use crate::period::*;
}

/// Moments and lengths of time.
pub mod time {
    pub use crate::time::duration::Duration;

    /// Returns a moment of the whole calendar, as rules compute it: its years need not be those of facts.
    pub fn moment(seconds: i64, nanoseconds: u32) -> Option<crate::time::Timestamp> {
        crate::time::Timestamp::at(seconds, nanoseconds)
    }
}

/// Running one rule.
pub mod run {
    pub use crate::run::*;
}

/// Loaded terms.
pub mod terms {
    pub use crate::terms::*;
}

/// Returns why an inline condition did not hold or a rule file gave no verb; `None` if that cannot be said.
pub fn why_not(
    rule: &lang::Rule,
    input: &run::RuleInput<'_>,
    limits: &crate::Limits,
) -> Option<crate::why::WhyNot> {
    crate::why::why_not(&[(rule, rule.condition(|_| true)?)], input, limits)
}

/// Returns the loaded terms of a program.
pub fn terms(program: &crate::Program) -> &terms::Terms {
    program.terms()
}

/// Decides an action as [`Program::decide`](crate::Program::decide) does, but does not validate it first.
pub fn decide_unvalidated(
    program: &crate::Program,
    action: &crate::Action,
    reference: &crate::Reference,
    counters: &crate::Counters,
) -> crate::Decision {
    crate::decide::decide(program.view(), action, reference, counters, crate::Options::default(), &mut |_| ())
}

/// Compiles single rules, each with this much fuel for one run. The rules may come from other terms than `version`. Returns
/// `None` if this machine runs no compiled rules.
pub fn compile_rules(
    engine: &Engine,
    terms: &terms::Terms,
    version: &terms::Version,
    rules: &[&lang::Rule],
    rule_fuel: u64,
) -> Option<RuleModule> {
    RuleModule::new(engine.runtime().modules()?, terms, version, rules, rule_fuel)
}

/// Returns a receipt over an action and its decision alone, for benches of sealing a decision.
pub fn receipt(action: &crate::Action, decision: &crate::Decision) -> crate::digest::Digest {
    use crate::seal::Seal as _;

    let mut bytes = Vec::with_capacity(1024);
    action.seal(&mut bytes);
    decision.seal(&mut bytes);
    crate::digest::Digest::of(&bytes)
}
