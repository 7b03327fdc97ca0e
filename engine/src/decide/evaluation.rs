//! The state of one award in the making: the facts, what runs the rules, and what the phases have found.

use rust_decimal::Decimal;

use super::convert::Converted;
use super::credit::Credited;
use super::decision::{AwardTrace, LimitCut, Notice, Outcome, Reason, RuleFault, RuleTrace};
use super::lookup::Lookup;
use super::receipt::UsedSums;
use crate::counters::{CounterError, CounterKey, Counters, Moment};
use crate::diagnostic::Place;
use crate::facts::Reference;
use crate::lang::{Fault, FaultKind, Phase, Rule, Value};
use crate::limits::Limits;
use crate::money::{ArithmeticError, Money};
use crate::run::component::{ComponentFault, run_component};
use crate::run::{CompiledProgram, CompiledVersion, Evaluator, RuleInput, RunRules, Seen, VerbCall, shown};
use crate::terms::{ComponentRule, Terms, Verdict, reasons};
use crate::time::Timestamp;

/// The longest text of a failed place that a decision quotes, in characters.
const QUOTED_CHARS: usize = 120;

/// What every decision of a program works from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProgramView<'a> {
    pub(crate) terms: &'a Terms,
    pub(crate) lookup: &'a Lookup,
    pub(crate) limits: &'a Limits,
    /// Contract versions as native code, where there are any.
    pub(crate) compiled: Option<&'a dyn CompiledProgram>,
}

/// Why a phase cannot go on. The action is held, with the rule, the place and the cause.
#[derive(Clone, Debug)]
pub(super) struct PhaseError {
    /// The rule, limit or total.
    pub(super) rule: String,
    pub(super) kind: FaultKind,
    pub(super) place: Option<Place>,
    /// What to say about it; the text at the place, when left out.
    pub(super) text: Option<String>,
}

impl PhaseError {
    /// A rule that failed.
    pub(super) fn rule(name: &str, rule: &Rule, fault: Fault) -> Self {
        let place = Place::new(rule.place.file.clone(), fault.span);
        Self { rule: name.to_owned(), kind: fault.kind, place: Some(place), text: None }
    }

    /// A component that failed.
    pub(super) fn component(name: &str, component: &ComponentRule, fault: ComponentFault) -> Self {
        let text = Some(fault.text).filter(|text| !text.is_empty());
        Self { rule: name.to_owned(), kind: fault.kind, place: Some(component.place.clone()), text }
    }

    /// Arithmetic of the engine itself, over what the rule at this place gave.
    pub(super) fn arithmetic(name: &str, place: Option<&Place>, error: ArithmeticError) -> Self {
        let kind = match error {
            ArithmeticError::Overflow => FaultKind::Overflow,
            ArithmeticError::DivisionByZero => FaultKind::DivisionByZero,
        };
        Self { rule: name.to_owned(), kind, place: place.cloned(), text: None }
    }

    /// A counter whose sum is too large to be read.
    pub(super) fn counter(name: &str, place: Option<&Place>, error: &CounterError) -> Self {
        let (rule, place) = (name.to_owned(), place.cloned());
        Self { rule, kind: FaultKind::Overflow, place, text: Some(error.to_string()) }
    }
}

/// What runs the rules of an evaluation one by one.
#[derive(Debug)]
pub(super) enum Rules<'a> {
    /// The interpreter.
    Interpreted(Evaluator<'a>),
    /// Compiled rules.
    Compiled(Box<dyn RunRules<'a> + 'a>),
}

impl<'a> Rules<'a> {
    pub(super) fn get(&mut self) -> &mut (dyn RunRules<'a> + 'a) {
        match self {
            Self::Interpreted(evaluator) => evaluator,
            Self::Compiled(rules) => rules.as_mut(),
        }
    }

    fn fuel(&self) -> u64 {
        match self {
            Self::Interpreted(evaluator) => evaluator.fuel(),
            Self::Compiled(rules) => rules.fuel(),
        }
    }
}

/// What the phases have found so far.
#[derive(Debug)]
pub(super) struct Findings<'a> {
    pub(super) reasons: Vec<Reason>,
    /// When each hold ends by itself.
    pub(super) releases: Vec<Option<Timestamp>>,
    pub(super) notices: Vec<Notice>,
    pub(super) counts: bool,
    pub(super) limits: Vec<LimitCut>,
    /// Sums that were read, for the receipt.
    pub(super) used: Vec<UsedSums<'a>>,
    pub(super) trace: Option<AwardTrace>,
    /// The exchange rate that amounts were multiplied by.
    pub(super) rate: Option<Decimal>,
    /// What components gave since the last rule in the trace.
    said: Vec<Seen>,
}

impl Findings<'_> {
    pub(super) fn new(trace: bool) -> Self {
        Self {
            reasons: Vec::new(),
            releases: Vec::new(),
            notices: Vec::new(),
            counts: true,
            limits: Vec::new(),
            used: Vec::new(),
            trace: trace.then(AwardTrace::default),
            rate: None,
            said: Vec::new(),
        }
    }

    /// Adds a reason that comes from the engine itself.
    pub(super) fn engine_reason(&mut self, code: &str, verdict: Verdict, rule: String) {
        self.reasons.push(Reason { code: code.to_owned(), verdict, rule, fault: None, fraud: false });
        match verdict {
            Verdict::Reject => self.counts = false,
            Verdict::Hold => self.releases.push(None),
            Verdict::Flag | Verdict::Zero => {}
        }
    }

    /// Adds a notice, unless it is there.
    pub(super) fn notice(&mut self, notice: Notice) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// Holds the action because something failed.
    pub(super) fn fail(&mut self, terms: &Terms, error: PhaseError) {
        let quoted = |place: &Place| terms.sources.get(&place.file)?.get(place.span.range());
        let text =
            error.text.as_deref().or_else(|| error.place.as_ref().and_then(quoted)).unwrap_or_default();
        let text = text.chars().take(QUOTED_CHARS).collect();
        self.reasons.push(Reason {
            code: reasons::RULE_ERROR.to_owned(),
            verdict: Verdict::Hold,
            rule: error.rule,
            fault: Some(RuleFault { kind: error.kind, place: error.place, text }),
            fraud: false,
        });
        self.releases.push(None);
    }

    /// Whether no reason so far says that nothing is paid. A rule that failed is such a reason.
    pub(super) fn may_pay(&self) -> bool {
        self.reasons
            .iter()
            .all(|reason| matches!(reason.verdict, Verdict::Flag | Verdict::Hold) && reason.fault.is_none())
    }
}

/// One award in the making, once it is credited and its amounts are in the contract's currency.
#[derive(Debug)]
pub(super) struct Evaluation<'a> {
    pub(super) view: ProgramView<'a>,
    pub(super) credited: Credited<'a>,
    pub(super) input: RuleInput<'a>,
    pub(super) rules: Rules<'a>,
    pub(super) counters: &'a Counters,
    pub(super) moment: Moment,
    /// Scratch for the keys of counters.
    pub(super) key: CounterKey,
    pub(super) findings: Findings<'a>,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(
        view: ProgramView<'a>,
        credited: Credited<'a>,
        facts: &'a Converted<'a>,
        reference: &'a Reference,
        counters: &'a Counters,
        findings: Findings<'a>,
    ) -> Self {
        let input = RuleInput {
            terms: view.terms,
            contract: credited.contract,
            version: credited.version,
            action: &facts.action,
            currency: facts.currency,
            promo_codes: &facts.promo_codes,
            partner_id: &credited.touch.partner,
            partner: credited.partner,
            touch: credited.touch,
            creative: credited.creative,
            reference,
            attributes: facts.attributes.clone(),
            totals: Vec::new(),
            base: Money::ZERO,
            item_bases: Vec::new(),
            item: None,
        };
        let trace_values = findings.trace.is_some().then_some(view.limits.trace_values);
        let moment = Moment::new(facts.action.occurred_at, view.terms.zone, counters.closed_until());
        let rules = Rules::Interpreted(Evaluator::new(view.limits.rule_fuel, trace_values));
        let key = CounterKey::default();
        let mut evaluation = Self { view, credited, input, rules, counters, moment, key, findings };
        if evaluation.findings.trace.is_some() {
            evaluation.run_one_by_one();
        }
        evaluation
    }

    /// The compiled version, where there is one.
    pub(super) fn compiled(&self) -> Option<&'a dyn CompiledVersion> {
        let Credited { contract_index, version_index, .. } = self.credited;
        self.view.compiled?.version(contract_index, version_index)
    }

    /// From here on compiled rules run one by one, where the version is compiled, and tell where they fail.
    pub(super) fn run_one_by_one(&mut self) {
        let Some(compiled) = self.compiled() else { return };
        let ProgramView { terms, limits, .. } = self.view;
        let trace = self.findings.trace.is_some();
        if let Some(rules) = compiled.one_by_one(terms, self.credited.version, limits, trace, self.fuel()) {
            self.rules = Rules::Compiled(rules);
        }
    }

    /// The fuel that all rules have used so far.
    pub(super) fn fuel(&self) -> u64 {
        self.rules.fuel()
    }

    /// Runs a rule: its value, unless it fails.
    pub(super) fn run(&mut self, rule: &'a Rule) -> Result<Value<'a>, Fault> {
        self.rules.get().run(rule, &self.input)
    }

    /// Runs a rule file and returns the verbs that it gave.
    pub(super) fn run_script(&mut self, name: &str, rule: &'a Rule) -> Result<Vec<VerbCall<'a>>, PhaseError> {
        match self.run(rule) {
            Ok(_) => Ok(self.rules.get().calls().to_vec()),
            Err(fault) => Err(PhaseError::rule(name, rule, fault)),
        }
    }

    /// Runs a component and returns the verbs that it gave. A trace has them too, since nobody can see what it reads.
    pub(super) fn run_component(
        &mut self,
        name: &str,
        component: &ComponentRule,
    ) -> Result<Vec<VerbCall<'a>>, PhaseError> {
        let evaluated = run_component(component, &self.input, self.view.limits);
        self.rules.get().add_fuel(evaluated.fuel);
        let calls = evaluated.spoken.map_err(|fault| PhaseError::component(name, component, fault))?;
        if self.findings.trace.is_some() {
            let seen = calls.iter().map(|call| {
                let second = call.second.map(|second| format!(", {}", shown(second))).unwrap_or_default();
                Seen { fact: call.verb.name().to_owned(), value: format!("{}{second}", shown(call.value)) }
            });
            self.findings.said.extend(seen.take(self.view.limits.trace_values));
        }
        Ok(calls)
    }

    /// Adds what came of a rule to the trace, if there is one, with what it saw and used since `fuel_before`. Returns where its
    /// entry stands.
    pub(super) fn trace_rule(
        &mut self,
        phase: Phase,
        rule: &str,
        place: &Place,
        fuel_before: u64,
        outcome: impl FnOnce() -> Outcome,
    ) -> Option<usize> {
        let trace = self.findings.trace.as_mut()?;
        let mut saw = self.rules.get().take_seen();
        saw.append(&mut self.findings.said);
        trace.rules.push(RuleTrace {
            phase,
            rule: rule.to_owned(),
            place: place.clone(),
            item: self.input.item,
            outcome: outcome(),
            saw,
            fuel: self.rules.fuel() - fuel_before,
        });
        Some(trace.rules.len() - 1)
    }
}
