//! Compiled rules, as decisions use them. The native side implements these traits; where there is none, rules are interpreted.

use std::fmt::Debug;

use super::{Evaluator, RuleInput, Seen, VerbCall, Verdicts};
use crate::lang::{Fault, Rule, Value};
use crate::limits::Limits;
use crate::terms::{Terms, Version};

/// The compiled contract versions of a program.
pub(crate) trait CompiledProgram: Debug + Send + Sync {
    /// A version by the index of its contract and its own. Returns `None` when it is not compiled.
    fn version(&self, contract: usize, version: usize) -> Option<&dyn CompiledVersion>;

    /// Whether every version is compiled.
    fn is_whole(&self) -> bool;
}

/// A compiled contract version.
pub(crate) trait CompiledVersion: Debug + Send + Sync {
    /// Returns what all rules say of one input, in one call. `None` when a rule fails or the machine cannot answer: then
    /// rules are run one by one.
    ///
    /// Without `pay` payout groups are not tried.
    fn verdicts<'v>(&'v self, input: &RuleInput<'_>, pay: bool) -> Option<Verdicts<'v>>;

    /// [`CompiledVersion::verdicts`] of many inputs, in as few calls as there is memory for.
    fn verdicts_of_all<'v>(&'v self, inputs: &[(&RuleInput<'_>, bool)]) -> Vec<Option<Verdicts<'v>>>;

    /// Returns what runs the rules one by one, and tells what they saw and where they fail. `fuel` was used before.
    fn one_by_one<'v>(
        &'v self,
        terms: &Terms,
        version: &Version,
        limits: &Limits,
        trace: bool,
        fuel: u64,
    ) -> Option<Box<dyn RunRules<'v> + 'v>>;
}

/// Runs rules one by one.
pub(crate) trait RunRules<'a>: Debug {
    /// Runs a rule and returns its value. [`RunRules::calls`] then has its verbs.
    fn run(&mut self, rule: &'a Rule, input: &RuleInput<'a>) -> Result<Value<'a>, Fault>;

    /// The verbs of the last rule that ran, in order.
    fn calls(&self) -> &[VerbCall<'a>];

    /// The fuel that all rules have used so far.
    fn fuel(&self) -> u64;

    /// Adds fuel that was used elsewhere.
    fn add_fuel(&mut self, fuel: u64);

    /// Returns what rules saw since the last call; nothing without a trace.
    fn take_seen(&mut self) -> Vec<Seen>;

    /// Says that facts other than the item have changed since the last rule.
    fn facts_changed(&mut self);
}

impl<'a> RunRules<'a> for Evaluator<'a> {
    fn run(&mut self, rule: &'a Rule, input: &RuleInput<'a>) -> Result<Value<'a>, Fault> {
        Self::run(self, rule, input)
    }

    fn calls(&self) -> &[VerbCall<'a>] {
        self.spoken()
    }

    fn fuel(&self) -> u64 {
        Self::fuel(self)
    }

    fn add_fuel(&mut self, fuel: u64) {
        Self::add_fuel(self, fuel);
    }

    fn take_seen(&mut self) -> Vec<Seen> {
        Self::take_seen(self)
    }

    fn facts_changed(&mut self) {}
}
