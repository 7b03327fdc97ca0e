//! The interface of compiled rules that decisions use. The module `modules` implements these traits.

use std::fmt::Debug;

use super::{Evaluator, RuleInput, Seen, VerbCall, Verdicts};
use crate::lang::{Fault, Rule, Value};
use crate::limits::{Limits, Spent};
use crate::terms::{Terms, Version};

/// The compiled contract versions of a program.
pub(crate) trait CompiledProgram: Debug + Send + Sync {
    /// Returns a version, by the index of its contract and its own index; `None` if it is not compiled.
    fn version(&self, contract: usize, version: usize) -> Option<&dyn CompiledVersion>;

    /// Returns why a version is interpreted; `None` if it is compiled.
    fn interpreted(&self, contract: usize, version: usize) -> Option<&str>;

    /// Returns whether every version is compiled.
    fn is_whole(&self) -> bool;

    /// Returns what compiling took of each limit when the program was loaded.
    fn spent(&self) -> &[Spent];
}

/// A compiled contract version.
pub(crate) trait CompiledVersion: Debug + Send + Sync {
    /// Returns the verdicts of all rules on one input, in one call. Returns `None` if a rule fails or this machine cannot answer:
    /// rules are then run one at a time.
    ///
    /// Without `pay`, payout groups are not tried.
    fn verdicts<'v>(&'v self, input: &RuleInput<'_>, pay: bool) -> Option<Verdicts<'v>>;

    /// Returns a runner that runs the rules one at a time, and reports what they saw and where they fail. `fuel` is the fuel used
    /// before.
    fn one_by_one<'v>(
        &'v self,
        terms: &Terms,
        version: &Version,
        limits: &Limits,
        trace: bool,
        fuel: u64,
    ) -> Option<Box<dyn RunRules<'v> + 'v>>;
}

/// Runs rules one at a time.
pub(crate) trait RunRules<'a>: Debug {
    /// Runs a rule and returns its value. [`RunRules::calls`] then has its verbs.
    fn run(&mut self, rule: &'a Rule, input: &RuleInput<'a>) -> Result<Value<'a>, Fault>;

    /// Returns the verbs of the last rule that ran, in order.
    fn calls(&self) -> &[VerbCall<'a>];

    /// Returns the fuel that all rules have used so far.
    fn fuel(&self) -> u64;

    /// Adds fuel that was used elsewhere, such as in a component.
    fn add_fuel(&mut self, fuel: u64);

    /// Returns what rules saw since the last call; empty without a trace.
    fn take_seen(&mut self) -> Vec<Seen>;

    /// Keeps nothing of what rules see from here on.
    fn stop_trace(&mut self);

    /// Notes that facts other than the item have changed since the last rule.
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

    fn stop_trace(&mut self) {
        Self::stop_trace(self);
    }

    fn facts_changed(&mut self) {}
}
