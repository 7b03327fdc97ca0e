//! Single rules as modules, for comparing the ways to run a rule.

use std::sync::Arc;

use super::cache::ModuleCache;
use super::pool::ModulePool;
use super::traced::TracedRules;
use crate::codegen::compile_rules;
use crate::lang::{Fault, Rule, Value};
use crate::limits::Limits;
use crate::run::{RuleInput, RunRules as _, Seen, VerbCall};
use crate::terms::{Terms, Version};

/// Single rules as a module, to run a rule outside of a decision and to compare the ways to run rules.
/// [`crate::internals::compile_rules`] makes it.
#[derive(Debug)]
pub struct RuleModule {
    ready: Arc<ModulePool>,
    rule_fuel: u64,
}

/// The result of running one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleRun<'a> {
    /// The value of the rule, or its fault.
    pub result: Result<Value<'a>, Fault>,
    /// The verbs that the rule gave.
    pub spoken: Vec<VerbCall<'a>>,
    /// The fuel that the rule used.
    pub fuel: u64,
    /// The facts that the rule saw.
    pub seen: Vec<Seen>,
}

impl RuleModule {
    pub(crate) fn new(
        modules: &ModuleCache,
        terms: &Terms,
        version: &Version,
        rules: &[&Rule],
        rule_fuel: u64,
    ) -> Option<Self> {
        let module = compile_rules(terms, version, rules, rule_fuel).ok()?;
        Some(Self { ready: modules.load(module, terms.zone).ok()?, rule_fuel })
    }

    /// Runs the rule at this index of the list. Keeps at most `trace_values` values that the rule sees. Returns `None` if the module
    /// cannot run it.
    pub fn run<'a>(
        &'a self,
        place: u32,
        rule: &'a Rule,
        case: &RuleInput<'a>,
        trace_values: Option<usize>,
    ) -> Option<RuleRun<'a>> {
        let limits = Limits { rule_fuel: self.rule_fuel, decision_fuel: u64::MAX, ..Limits::default() };
        let mut rules = TracedRules::new(&self.ready, &[], &limits, trace_values, 0)?;
        let result = rules.run_at(place, rule, case);
        if rules.is_interpreted() {
            return None;
        }
        let spoken = rules.calls().to_vec();
        Some(RuleRun { result, spoken, fuel: rules.fuel(), seen: rules.take_seen() })
    }
}
