//! Who runs the rules of a decision one by one: the interpreter, or an exact module.

use super::credit::Credited;
use super::work::Desk;
use crate::lang::{Fault, Rule, Value};
#[cfg(feature = "sandbox")]
use crate::native::TracedRules;
use crate::run::{Evaluator, RuleInput, Seen, VerbCall};

/// Runs rules, one after the other.
#[derive(Debug)]
pub(super) enum Rules<'a> {
    /// The interpreter.
    Portable(Evaluator<'a>),
    /// A module.
    #[cfg(feature = "sandbox")]
    Exact(Box<TracedRules<'a>>),
}

impl<'a> Rules<'a> {
    /// The rules of a version. Where it is compiled, a trace is that of its module.
    #[cfg_attr(not(feature = "sandbox"), allow(unused_variables, reason = "there are no modules"))]
    pub(super) fn new(desk: Desk<'a>, credited: &Credited<'a>, trace: bool) -> Self {
        #[cfg(feature = "sandbox")]
        if trace && let Some(exact) = Self::exact(desk, credited, trace, 0) {
            return exact;
        }
        let trace_values = trace.then_some(desk.limits.trace_values);
        Self::Portable(Evaluator::new(desk.limits.rule_fuel, trace_values))
    }

    /// Rules of an exact module, when the version is compiled; `fuel` was used before.
    #[cfg(feature = "sandbox")]
    pub(super) fn exact(desk: Desk<'a>, credited: &Credited<'a>, trace: bool, fuel: u64) -> Option<Self> {
        let compiled = desk.compiled?.version(credited.contract_index, credited.version_index)?;
        let ready = compiled.ready(desk.terms, credited.version, crate::codegen::Mode::Traced)?;
        let trace_values = trace.then_some(desk.limits.trace_values);
        TracedRules::new(ready, desk.limits.rule_fuel, trace_values, fuel)
            .map(|exact| Self::Exact(Box::new(exact)))
    }

    /// Runs a rule: its value, unless it fails. [`Rules::spoken`] then has its verbs.
    pub(super) fn run(&mut self, rule: &'a Rule, case: &RuleInput<'a>) -> Result<Value<'a>, Fault> {
        match self {
            Self::Portable(evaluator) => evaluator.run(rule, case),
            #[cfg(feature = "sandbox")]
            Self::Exact(exact) => exact.run(rule.number, rule, case),
        }
    }

    /// Facts of the case are others from here on than the item that a rule is about.
    pub(super) fn facts_changed(&mut self) {
        match self {
            Self::Portable(_) => {}
            #[cfg(feature = "sandbox")]
            Self::Exact(exact) => exact.facts_changed(),
        }
    }

    /// The verbs of the last rule that ran, in order.
    pub(super) fn spoken(&self) -> &[VerbCall<'a>] {
        match self {
            Self::Portable(evaluator) => evaluator.spoken(),
            #[cfg(feature = "sandbox")]
            Self::Exact(exact) => exact.spoken(),
        }
    }

    /// The fuel that all rules have used so far.
    pub(super) fn fuel(&self) -> u64 {
        match self {
            Self::Portable(evaluator) => evaluator.fuel(),
            #[cfg(feature = "sandbox")]
            Self::Exact(exact) => exact.fuel(),
        }
    }

    /// Adds fuel that rules used elsewhere.
    pub(super) fn add_fuel(&mut self, fuel: u64) {
        match self {
            Self::Portable(evaluator) => evaluator.add_fuel(fuel),
            #[cfg(feature = "sandbox")]
            Self::Exact(exact) => exact.add_fuel(fuel),
        }
    }

    /// Hands over what rules saw since the last call; nothing without a trace.
    pub(super) fn take_seen(&mut self) -> Vec<Seen> {
        match self {
            Self::Portable(evaluator) => evaluator.take_seen(),
            #[cfg(feature = "sandbox")]
            Self::Exact(exact) => exact.take_seen(),
        }
    }
}
