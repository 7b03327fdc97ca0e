//! The interpreter: runs a checked rule on an input, and returns its value, its verbs and the fuel it used.
//!
//! It is small and plain, and the reference that compiled rules are tested against. A value is small and copied, text and lists
//! are borrowed, and the space for locals is reused from rule to rule, so that running a rule allocates nothing.
//!
//! Fuel is charged segment by segment, before the segment runs (see `lang/ir.rs`). A segment that does not fit into the budget
//! is a fault, and the rule has then used its whole budget. Nothing in the language can catch a fault.

mod builtins;
mod facts;
mod flow;
mod ops;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::RuleInput;
use super::marks::{Marks, PointKind};
use crate::diagnostic::Span;
use crate::lang::Value;
use crate::lang::catalog::Verb;
use crate::lang::{Expr, Fault, FaultKind, Rule};
use crate::limits::Limits;
use crate::money::ArithmeticError;

pub(crate) use facts::SeenFacts;
pub use facts::shown;

/// A verb that a rule gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VerbCall<'a> {
    /// The verb.
    pub verb: Verb,
    /// The value of the verb.
    pub value: Value<'a>,
    /// The second argument, as in `hold("REASON", days(30))`; `None` if there is none.
    pub second: Option<Value<'a>>,
}

/// A value that a rule saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Seen {
    /// The fact as rules write it, such as `customer.status`.
    pub fact: String,
    /// The value as text; `unknown` if the fact is not known.
    pub value: String,
}

/// Runs rules, one after the other, and reuses its scratch space.
#[derive(Debug)]
pub struct Evaluator<'a> {
    rule_fuel: u64,
    decision_fuel: u64,
    trace_values: usize,
    stack: Vec<Value<'a>>,
    spoken: Vec<VerbCall<'a>>,
    saw: Option<Vec<Seen>>,
    marks: Option<&'a Marks>,
    fuel: u64,
}

impl<'a> Evaluator<'a> {
    /// Returns an evaluator that gives each rule, and all rules together, the fuel of these limits. With `trace_values`, it keeps at
    /// most that many values that a rule saw.
    pub fn new(limits: &Limits, trace_values: Option<usize>) -> Self {
        Self {
            rule_fuel: limits.rule_fuel,
            decision_fuel: limits.decision_fuel,
            trace_values: trace_values.unwrap_or(0),
            stack: Vec::new(),
            spoken: Vec::new(),
            saw: trace_values.map(|_| Vec::new()),
            marks: None,
            fuel: 0,
        }
    }

    /// Records the branches that rules take.
    #[must_use]
    pub(crate) fn recording(self, marks: Option<&'a Marks>) -> Self {
        Self { marks, ..self }
    }

    /// Runs a rule and returns its value. [`Evaluator::spoken`] then has its verbs.
    pub fn run(&mut self, rule: &'a Rule, case: &RuleInput<'a>) -> Result<Value<'a>, Fault> {
        self.spoken.clear();
        self.stack.clear();
        self.stack.resize(usize::from(rule.slots), Value::Unit);
        let result = match (self.saw.take(), self.marks) {
            (None, None) => return self.start::<false>(rule, case, &mut Vec::new()),
            (None, Some(_)) => self.start::<true>(rule, case, &mut Vec::new()),
            (Some(mut saw), _) => {
                let result = self.start::<true>(rule, case, &mut saw);
                self.saw = Some(saw);
                result
            }
        };
        if let (Some(marks), Ok(Value::Bool(holds))) = (self.marks, &result) {
            marks.reach(&rule.place, if *holds { PointKind::Holds } else { PointKind::Fails });
        }
        result
    }

    /// Runs a rule once more and returns the fuel that it used. Neither its fuel nor its verbs are kept.
    pub(crate) fn run_again(&mut self, rule: &'a Rule, case: &RuleInput<'a>) -> u64 {
        let before = self.fuel;
        // A fault costs what a value costs.
        let _ = self.run(rule, case);
        let used = self.fuel.saturating_sub(before);
        self.fuel = before;
        used
    }

    fn start<const TRACE: bool>(
        &mut self,
        rule: &'a Rule,
        case: &RuleInput<'a>,
        saw: &mut Vec<Seen>,
    ) -> Result<Value<'a>, Fault> {
        let decision_left = self.decision_fuel.saturating_sub(self.fuel);
        let budget = self.rule_fuel.min(decision_left);
        let mut run = Run::<TRACE> {
            rule,
            case,
            left: budget,
            base: 0,
            depth: 0,
            stack: &mut self.stack,
            spoken: &mut self.spoken,
            saw,
            trace_values: self.trace_values,
            marks: self.marks,
            looks: 0,
            returned: Value::Unit,
        };
        let result = run.block(&rule.body);
        let returned = run.returned;
        let used = budget - run.left;
        let (used, result) = match result {
            Ok(value) => (used, Ok(value)),
            Err(Stop::Return) => (used, Ok(returned)),
            Err(Stop::Break | Stop::Continue) => (used, Ok(Value::Unit)),
            Err(Stop::Fault(fault)) if fault.kind == FaultKind::Budget => {
                let kind =
                    if decision_left < self.rule_fuel { FaultKind::DecisionFuel } else { FaultKind::Budget };
                (budget, Err(Fault { kind, ..fault }))
            }
            Err(Stop::Fault(fault)) => (used, Err(fault)),
        };
        self.fuel = self.fuel.saturating_add(used);
        result
    }

    /// Returns the verbs of the last rule that ran, in order.
    pub fn spoken(&self) -> &[VerbCall<'a>] {
        &self.spoken
    }

    /// Returns the fuel that all rules have used so far.
    pub fn fuel(&self) -> u64 {
        self.fuel
    }

    /// Returns the fuel that all rules together have left.
    pub(crate) fn fuel_left(&self) -> u64 {
        self.decision_fuel.saturating_sub(self.fuel)
    }

    /// Keeps no more values from here on.
    pub(crate) fn stop_trace(&mut self) {
        self.saw = None;
    }

    /// Adds fuel that was used elsewhere.
    pub(crate) fn add_fuel(&mut self, fuel: u64) {
        self.fuel = self.fuel.saturating_add(fuel);
    }

    /// Returns what rules saw since the last call; empty without a trace.
    pub fn take_seen(&mut self) -> Vec<Seen> {
        self.saw.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

/// Why a run left the usual order of execution.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Fault(Fault),
    Return,
    Break,
    Continue,
}

type Ran<T> = Result<T, Stop>;

#[cold]
fn fault(kind: FaultKind, span: Span) -> Stop {
    Stop::Fault(Fault { kind, span })
}

/// Returns the fault of code that the checker makes impossible, such as a sum of texts. It holds the action.
#[cold]
fn unchecked<T>(expr: &Expr) -> Ran<T> {
    Err(fault(FaultKind::Overflow, expr.span))
}

fn exactly<T>(result: Result<T, ArithmeticError>, span: Span) -> Ran<T> {
    result.map_err(|error| {
        let kind = match error {
            ArithmeticError::Overflow => FaultKind::Overflow,
            ArithmeticError::DivisionByZero => FaultKind::DivisionByZero,
        };
        fault(kind, span)
    })
}

fn fits<T>(result: Option<T>, span: Span) -> Ran<T> {
    result.ok_or_else(|| fault(FaultKind::Overflow, span))
}

/// One rule while it runs. `TRACE` is a constant, so that a run without a trace and without marks does not test for them.
struct Run<'r, 'a, const TRACE: bool> {
    rule: &'a Rule,
    case: &'r RuleInput<'a>,
    left: u64,
    base: usize,
    depth: u16,
    stack: &'r mut Vec<Value<'a>>,
    spoken: &'r mut Vec<VerbCall<'a>>,
    saw: &'r mut Vec<Seen>,
    trace_values: usize,
    marks: Option<&'a Marks>,
    /// How often the rule has read a fact for its trace.
    looks: usize,
    returned: Value<'a>,
}

impl<'a, const TRACE: bool> Run<'_, 'a, TRACE> {
    #[inline]
    fn charge(&mut self, fuel: u64, span: Span) -> Ran<()> {
        match self.left.checked_sub(fuel) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(fault(FaultKind::Budget, span)),
        }
    }

    /// Records that a point of the rule was reached.
    #[inline]
    fn reach(&self, span: Span, kind: PointKind) {
        if TRACE && let Some(marks) = self.marks {
            marks.reach(&self.rule.place_of(span), kind);
        }
    }

    #[inline]
    fn set(&mut self, slot: u16, value: Value<'a>) {
        if let Some(local) = self.stack.get_mut(self.base + usize::from(slot)) {
            *local = value;
        }
    }
}
