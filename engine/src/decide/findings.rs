//! What the phases find: reasons, notices, limits that cut the payout, and errors that end a phase.

use super::counted::Counted;
use super::counted::UsedSums;
use super::decision::{AwardTrace, LimitCut, Notice, Reason, RuleFault};
use super::lookup::Lookup;
use super::sum_reads::SumReads;
use crate::counters::CounterError;
use crate::diagnostic::Place;
use crate::facts::ExchangeRate;
use crate::lang::{Fault, FaultKind, Rule};
use crate::limits::Limits;
use crate::money::ArithmeticError;
use crate::run::component::ComponentFault;
use crate::run::{CompiledProgram, Marks, PointKind, Seen};
use crate::terms::{ComponentRule, Terms, Verdict, reasons};
use crate::time::Timestamp;

/// The longest text of a failed place that a decision quotes, in characters.
const QUOTED_CHARS: usize = 120;

/// The inputs that all decisions of a program share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProgramView<'a> {
    pub(crate) terms: &'a Terms,
    pub(crate) lookup: &'a Lookup,
    pub(crate) limits: &'a Limits,
    /// The compiled program; `None` if its rules are interpreted.
    pub(crate) compiled: Option<&'a dyn CompiledProgram>,
    /// What decisions reach; `None` if nobody asks. A program that records is interpreted.
    pub(crate) marks: Option<&'a Marks>,
    /// The sums that decisions read; `None` if nobody asks.
    pub(crate) reads: Option<&'a SumReads>,
    /// Who times the rules; `None` if nobody does. A program whose rules are timed is interpreted.
    pub(crate) timer: Option<&'a dyn RuleTimer>,
}

/// Times rules for a bench: the engine has no clock. [`Program::time_rules`](crate::Program::time_rules) calls it.
pub trait RuleTimer: std::fmt::Debug {
    /// Is called before a rule runs, with the place of the rule. `run` runs the rule on the facts that it is about to run on, and
    /// returns the fuel that it used; it may be called any number of times, and changes nothing.
    fn time(&self, rule: &Place, run: &mut dyn FnMut() -> u64);
}

impl ProgramView<'_> {
    /// Records that a decision reached a point, if the program records.
    pub(super) fn reach(self, place: &Place, kind: PointKind) {
        if let Some(marks) = self.marks {
            marks.reach(place, kind);
        }
    }
}

/// Why a phase cannot go on. The action is then held, with the rule, the place and the cause.
#[derive(Clone, Debug)]
pub(super) struct PhaseError {
    /// The name of the rule, limit or total.
    pub(super) rule: String,
    pub(super) kind: FaultKind,
    pub(super) place: Option<Place>,
    /// What to say about the failure; `None` for the source text at the place.
    pub(super) text: Option<String>,
}

impl PhaseError {
    /// Returns the error of a rule that failed.
    pub(super) fn rule(name: &str, rule: &Rule, fault: Fault) -> Self {
        let place = rule.place_of(fault.span);
        Self { rule: name.to_owned(), kind: fault.kind, place: Some(place), text: None }
    }

    /// Returns the error of a component that failed.
    pub(super) fn component(name: &str, component: &ComponentRule, fault: ComponentFault) -> Self {
        let text = Some(fault.text).filter(|text| !text.is_empty());
        Self { rule: name.to_owned(), kind: fault.kind, place: Some(component.place.clone()), text }
    }

    /// Returns the error of the engine's own arithmetic on the result of the rule at this place.
    pub(super) fn arithmetic(name: &str, place: Option<&Place>, error: ArithmeticError) -> Self {
        let kind = match error {
            ArithmeticError::Overflow => FaultKind::Overflow,
            ArithmeticError::DivisionByZero => FaultKind::DivisionByZero,
        };
        Self { rule: name.to_owned(), kind, place: place.cloned(), text: None }
    }

    /// Returns the error of a decision that is beyond one of its limits. [`Findings::fail`] says which.
    pub(super) fn limit(kind: FaultKind, name: &str, place: Option<&Place>) -> Self {
        Self { rule: name.to_owned(), kind, place: place.cloned(), text: None }
    }

    /// Returns whether nothing more of the decision can be computed.
    pub(super) fn ends_decision(&self) -> bool {
        matches!(self.kind, FaultKind::DecisionFuel | FaultKind::DecisionSteps | FaultKind::DecisionText)
    }

    /// Returns the error of a counter whose sum is too large to be read.
    pub(super) fn counter(name: &str, place: Option<&Place>, error: &CounterError) -> Self {
        let (rule, place) = (name.to_owned(), place.cloned());
        Self { rule, kind: FaultKind::Overflow, place, text: Some(error.to_string()) }
    }

    /// Returns the error of counters that have no room for more, with what to say about it.
    pub(super) fn full(rule: String, text: String) -> Self {
        Self { rule, kind: FaultKind::Overflow, place: None, text: Some(text) }
    }
}

/// Returns which limit of a decision a fault is about, and what to do; `None` for any other fault.
fn limit_text(limits: &Limits, kind: FaultKind) -> Option<String> {
    let Limits { decision_fuel, decision_steps, decision_text_bytes, .. } = limits;
    Some(match kind {
        FaultKind::DecisionFuel => {
            format!("limit `decision_fuel` is {decision_fuel}; `accrue check` lists the rules that take most")
        }
        FaultKind::DecisionSteps => {
            format!(
                "limit `decision_steps` is {decision_steps}; let fewer groups match a line, or give fewer verbs"
            )
        }
        FaultKind::DecisionText => {
            format!(
                "limit `decision_text_bytes` is {decision_text_bytes}; give restrictions and limits shorter names"
            )
        }
        _ => return None,
    })
}

/// What the phases have found so far.
#[derive(Debug)]
pub(super) struct Findings<'a> {
    pub(super) reasons: Vec<Reason>,
    /// When each hold ends by itself; `None` for a hold that does not.
    pub(super) releases: Vec<Option<Timestamp>>,
    pub(super) notices: Vec<Notice>,
    pub(super) counts: bool,
    pub(super) limits: Vec<LimitCut>,
    /// The sums that were read, for the receipt.
    pub(super) used: Vec<UsedSums<'a>>,
    /// What the rules of counters said of the action; nothing of a counter whose rules did not run.
    pub(super) counted: Vec<Counted>,
    pub(super) trace: Option<AwardTrace>,
    /// The bytes that the trace may still grow by.
    trace_left: usize,
    /// The exchange rate by which amounts were converted.
    pub(super) exchange: Option<ExchangeRate>,
    /// The verbs that components gave since the last rule in the trace.
    pub(super) said: Vec<Seen>,
}

impl Findings<'_> {
    pub(super) fn new(trace: bool, limits: &Limits) -> Self {
        Self {
            reasons: Vec::new(),
            releases: Vec::new(),
            notices: Vec::new(),
            counts: true,
            limits: Vec::new(),
            used: Vec::new(),
            counted: Vec::new(),
            trace: trace.then(AwardTrace::default),
            trace_left: limits.trace_bytes,
            exchange: None,
            said: Vec::new(),
        }
    }

    /// Returns the trace, to add an entry of this size; `None` if there is no trace, or no room. From the first entry without room on,
    /// entries are counted only.
    pub(super) fn trace(&mut self, bytes: usize) -> Option<&mut AwardTrace> {
        let trace = self.trace.as_mut()?;
        let left = self.trace_left.checked_sub(bytes);
        self.trace_left = left.unwrap_or(0);
        if left.is_none() {
            trace.not_listed = trace.not_listed.saturating_add(1);
            return None;
        }
        Some(trace)
    }

    /// Adds a reason of the engine itself.
    pub(super) fn engine_reason(&mut self, code: &str, verdict: Verdict, rule: String) {
        self.reasons.push(Reason {
            code: code.to_owned(),
            verdict,
            rule,
            partner: None,
            fault: None,
            fraud: false,
        });
        match verdict {
            Verdict::Reject => self.counts = false,
            Verdict::Hold => self.releases.push(None),
            Verdict::Flag | Verdict::Zero => {}
        }
    }

    /// Holds the action until a moment; until a person decides if there is none.
    pub(super) fn hold_until(&mut self, code: &str, rule: String, until: Option<Timestamp>) {
        let (code, verdict) = (code.to_owned(), Verdict::Hold);
        self.reasons.push(Reason { code, verdict, rule, partner: None, fault: None, fraud: false });
        self.releases.push(until);
    }

    /// Holds the action because a phase failed.
    pub(super) fn fail(&mut self, view: ProgramView<'_>, error: PhaseError) {
        let ProgramView { terms, limits, .. } = view;
        let said = limit_text(limits, error.kind).or(error.text);
        let quoted = |place: &Place| terms.sources.get(&place.file)?.get(place.span.range());
        let text = said.as_deref().or_else(|| error.place.as_ref().and_then(quoted)).unwrap_or_default();
        let text = text.chars().take(QUOTED_CHARS).collect();
        let mut place = error.place;
        place.iter_mut().for_each(|place| drop(terms.tables.cell(place)));
        self.reasons.push(Reason {
            code: reasons::RULE_ERROR.to_owned(),
            verdict: Verdict::Hold,
            rule: error.rule,
            partner: None,
            fault: Some(RuleFault { kind: error.kind, place, text }),
            fraud: false,
        });
        self.releases.push(None);
    }

    /// Returns whether every reason so far allows a payout. The reason of a failed rule does not.
    pub(super) fn may_pay(&self) -> bool {
        self.reasons
            .iter()
            .all(|reason| matches!(reason.verdict, Verdict::Flag | Verdict::Hold) && reason.fault.is_none())
    }
}
