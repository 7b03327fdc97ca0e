//! The state of one award while it is decided: the facts, the runner of the rules, and what the phases have found.

use super::convert::Converted;
use super::credited::Credited;
use super::decision::{Outcome, RuleTrace};
use super::findings::{Findings, PhaseError, ProgramView};
use crate::counters::{CounterKey, Counters, Moment, Posting};
use crate::diagnostic::Place;
use crate::facts::{Action, Reference};
use crate::lang::{Expr, Fault, FaultKind, Phase, Rule, Value};
use crate::limits::Limits;
use crate::money::Money;
use crate::run::component::{INSTRUCTIONS, fuel_of_call, run_component};
use crate::run::{CompiledVersion, Evaluator, GroupTable, RuleInput, RunRules, Seen, VerbCall, shown};
use crate::terms::{AmountKind, ComponentRule};
use crate::why::why_not;

/// The bytes that a rule in a trace counts besides its texts.
const RULE_BYTES: usize = 160;

/// The bytes that a value which a rule saw counts besides its texts.
const SEEN_BYTES: usize = 48;

/// The runner of an evaluation's rules, one rule at a time.
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

/// What a decision is made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arguments<'a> {
    pub(super) view: ProgramView<'a>,
    pub(super) action: &'a Action,
    pub(super) reference: &'a Reference,
    pub(super) counters: &'a Counters,
    /// What the action counts already, if it is decided again: sums are read without it.
    pub(super) counted: &'a [Posting],
    /// When the action counts.
    pub(super) moment: &'a Moment<'a>,
}

/// One award while it is decided, after credit and conversion to the contract's currency.
#[derive(Debug)]
pub(super) struct Evaluation<'a> {
    pub(super) view: ProgramView<'a>,
    pub(super) credited: Credited<'a>,
    pub(super) input: RuleInput<'a>,
    pub(super) rules: Rules<'a>,
    pub(super) counters: &'a Counters,
    pub(super) counted: &'a [Posting],
    pub(super) moment: &'a Moment<'a>,
    /// Scratch buffer for the keys of counters.
    pub(super) key: CounterKey,
    pub(super) findings: Findings<'a>,
    /// What the decision has used before this award; its rules count on from its fuel.
    account: Account,
}

/// What a decision has used of its limits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Account {
    /// The fuel of all rules and of the engine's own work.
    pub(super) fuel: u64,
    /// The steps: matching restrictions and groups, verbs, cuts and postings.
    steps: u64,
    /// The bytes of names and codes.
    text_bytes: u64,
}

impl Account {
    /// Charges fuel for the engine's own work, before it is done.
    pub(super) fn charge(
        &mut self,
        limits: &Limits,
        fuel: u64,
        name: &str,
        place: Option<&Place>,
    ) -> Result<(), PhaseError> {
        if fuel > limits.decision_fuel.saturating_sub(self.fuel) {
            self.fuel = self.fuel.max(limits.decision_fuel);
            return Err(PhaseError::limit(FaultKind::DecisionFuel, name, place));
        }
        self.fuel = self.fuel.saturating_add(fuel);
        Ok(())
    }

    /// Counts steps of the decision, and returns whether it may have so many. Counts nothing if not.
    fn may_step(&mut self, limits: &Limits, steps: usize) -> bool {
        let sum = self.steps.saturating_add(steps as u64);
        let may = sum <= limits.decision_steps;
        if may {
            self.steps = sum;
        }
        may
    }

    /// Counts steps of the decision before they are made.
    pub(super) fn count_steps(
        &mut self,
        limits: &Limits,
        steps: usize,
        name: &str,
        place: Option<&Place>,
    ) -> Result<(), PhaseError> {
        if self.may_step(limits, steps) {
            return Ok(());
        }
        Err(PhaseError::limit(FaultKind::DecisionSteps, name, place))
    }

    /// Counts the bytes of names and codes before the decision contains them.
    pub(super) fn count_text(
        &mut self,
        limits: &Limits,
        bytes: usize,
        name: &str,
        place: Option<&Place>,
    ) -> Result<(), PhaseError> {
        self.text_bytes = self.text_bytes.saturating_add(bytes as u64);
        if self.text_bytes <= limits.decision_text_bytes as u64 {
            return Ok(());
        }
        Err(PhaseError::limit(FaultKind::DecisionText, name, place))
    }
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(
        arguments: Arguments<'a>,
        credited: Credited<'a>,
        facts: &'a Converted<'a>,
        attributes: Vec<Value<'a>>,
        findings: Findings<'a>,
        account: Account,
    ) -> Self {
        let Arguments { view, action: _, reference, counters, counted, moment } = arguments;
        let input = RuleInput {
            terms: view.terms,
            contract: credited.contract,
            version: credited.version,
            action: facts.action(),
            currency: facts.currency,
            promo_codes: &facts.promo_codes,
            partner_id: credited.partner_id,
            partner: credited.partner,
            touch: credited.touch,
            creative: credited.creative,
            reference,
            attributes,
            totals: Vec::new(),
            base: Money::ZERO,
            item_bases: Vec::new(),
            item: None,
        };
        let trace_values = findings.trace.is_some().then_some(view.limits.trace_values);
        let mut rules = Evaluator::new(view.limits, trace_values).recording(view.marks);
        rules.add_fuel(account.fuel);
        let rules = Rules::Interpreted(rules);
        let key = CounterKey::default();
        let mut evaluation =
            Self { view, credited, input, rules, counters, counted, moment, key, findings, account };
        if evaluation.findings.trace.is_some() {
            evaluation.run_one_by_one();
        }
        evaluation
    }

    /// Returns the compiled version; `None` if its rules are interpreted.
    pub(super) fn compiled(&self) -> Option<&'a dyn CompiledVersion> {
        let Credited { contract_index, version_index, .. } = self.credited;
        self.view.compiled?.version(contract_index, version_index)
    }

    /// Returns the payout groups by the facts that they ask first; `None` if every group is tried.
    pub(super) fn group_table(&self) -> Option<&'a GroupTable> {
        let Credited { contract_index, version_index, .. } = self.credited;
        self.view.lookup.groups(contract_index, version_index)
    }

    /// Returns the fuel that the decision has left.
    pub(super) fn fuel_left(&self) -> u64 {
        self.view.limits.decision_fuel.saturating_sub(self.fuel())
    }

    /// Charges fuel for the engine's own work, before it is done.
    pub(super) fn charge(&mut self, fuel: u64, name: &str, place: Option<&Place>) -> Result<(), PhaseError> {
        if fuel > self.fuel_left() {
            let left = self.fuel_left();
            self.rules.get().add_fuel(left);
            return Err(PhaseError::limit(FaultKind::DecisionFuel, name, place));
        }
        self.rules.get().add_fuel(fuel);
        Ok(())
    }

    /// Counts steps of the decision, and returns whether it may have so many. Counts nothing if not.
    pub(super) fn may_step(&mut self, steps: usize) -> bool {
        self.account.may_step(self.view.limits, steps)
    }

    /// Counts steps of the decision before they are made.
    pub(super) fn count_steps(
        &mut self,
        steps: usize,
        name: &str,
        place: Option<&Place>,
    ) -> Result<(), PhaseError> {
        self.account.count_steps(self.view.limits, steps, name, place)
    }

    /// Counts the bytes of names and codes before the decision contains them.
    pub(super) fn count_text(
        &mut self,
        bytes: usize,
        name: &str,
        place: Option<&Place>,
    ) -> Result<(), PhaseError> {
        self.account.count_text(self.view.limits, bytes, name, place)
    }

    /// Returns what the decision has used, this award included.
    pub(super) fn account(&self) -> Account {
        Account { fuel: self.rules.fuel(), ..self.account }
    }

    /// From here on, runs compiled rules one at a time, so that a failure has a place. Does nothing if the version is not
    /// compiled.
    pub(super) fn run_one_by_one(&mut self) {
        let Some(compiled) = self.compiled() else { return };
        let ProgramView { terms, limits, .. } = self.view;
        let trace = self.findings.trace.is_some();
        if let Some(rules) = compiled.one_by_one(terms, self.credited.version, limits, trace, self.fuel()) {
            self.rules = Rules::Compiled(rules);
        }
    }

    /// Returns whether amounts of this event type may be below zero.
    pub(super) fn is_signed(&self) -> bool {
        let event_type = self.view.terms.event_types.get(&self.input.action.event_type);
        event_type.is_some_and(|event_type| event_type.amount == AmountKind::Signed)
    }

    /// Takes this action out of the totals that rules read, because a restriction leaves it uncounted.
    pub(super) fn leave_uncounted(&mut self) {
        for total in &mut self.input.totals {
            total.this = None;
        }
        self.rules.get().facts_changed();
    }

    /// Returns the fuel that all rules have used so far.
    pub(super) fn fuel(&self) -> u64 {
        self.rules.fuel()
    }

    /// Runs a rule and returns its value.
    pub(super) fn run(&mut self, rule: &'a Rule) -> Result<Value<'a>, Fault> {
        if let (Some(timer), Rules::Interpreted(rules)) = (self.view.timer, &mut self.rules) {
            timer.time(&rule.place, &mut || rules.run_again(rule, &self.input));
        }
        self.rules.get().run(rule, &self.input)
    }

    /// Runs a rule file and returns the verbs that it gave.
    pub(super) fn run_script(&mut self, name: &str, rule: &'a Rule) -> Result<Vec<VerbCall<'a>>, PhaseError> {
        match self.run(rule) {
            Ok(_) => Ok(self.rules.get().calls().to_vec()),
            Err(fault) => Err(PhaseError::rule(name, rule, fault)),
        }
    }

    /// Runs a component and returns the verbs that it gave. The trace records the verbs, because the facts that a component reads
    /// cannot be observed.
    pub(super) fn run_component(
        &mut self,
        name: &str,
        component: &ComponentRule,
    ) -> Result<Vec<VerbCall<'a>>, PhaseError> {
        let Limits { component_fuel, .. } = self.view.limits;
        let action = self.input.action;
        let records = action.items.len() + action.touches.len();
        // The call is charged before it is made, and what it may use besides is what the decision has left.
        self.charge(fuel_of_call(records, 0), name, Some(&component.place))?;
        let left = self.fuel_left().saturating_mul(INSTRUCTIONS);
        let limits = Limits { component_fuel: left.min(*component_fuel), ..self.view.limits.clone() };
        let evaluated = run_component(component, &self.input, &limits);
        let used = evaluated.fuel.div_ceil(INSTRUCTIONS).min(self.fuel_left());
        self.rules.get().add_fuel(used);
        if left < *component_fuel
            && matches!(&evaluated.spoken, Err(fault) if fault.kind == FaultKind::Budget)
        {
            let place = Some(&component.place);
            return Err(PhaseError::limit(FaultKind::DecisionFuel, name, place));
        }
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

    /// Adds the outcome of a rule to the trace, if there is a trace, with the values it saw and the fuel used since
    /// `fuel_before`. Returns the index of its entry.
    pub(super) fn trace_rule(
        &mut self,
        phase: Phase,
        rule: &str,
        place: &Place,
        fuel_before: u64,
        outcome: impl FnOnce() -> Outcome,
    ) -> Option<usize> {
        self.findings.trace.as_ref()?;
        let mut saw = self.rules.get().take_seen();
        saw.append(&mut self.findings.said);
        let texts = saw.iter().map(|seen| SEEN_BYTES + seen.fact.len() + seen.value.len());
        let bytes = RULE_BYTES + rule.len() + place.file.len() + texts.sum::<usize>();
        let fuel = self.rules.fuel() - fuel_before;
        let Some(trace) = self.findings.trace(bytes) else {
            self.rules.get().stop_trace();
            return None;
        };
        trace.rules.push(RuleTrace {
            phase,
            rule: rule.to_owned(),
            place: place.clone(),
            item: self.input.item,
            outcome: outcome(),
            saw,
            why_not: None,
            fuel,
        });
        Some(trace.rules.len() - 1)
    }

    /// Adds to the trace that this number of groups was not tried, and by which facts they are looked up.
    pub(super) fn trace_not_tried(&mut self, groups: usize, table: &GroupTable) {
        let Some(trace) = &mut self.findings.trace else { return };
        trace.not_tried = trace.not_tried.saturating_add(groups as u64);
        if groups == 0 {
            return;
        }
        for seen in table.saw(&self.input) {
            let bytes = SEEN_BYTES + seen.fact.len() + seen.value.len();
            let is_new = self.findings.trace.as_ref().is_some_and(|trace| !trace.looked_up.contains(&seen));
            if is_new && let Some(trace) = self.findings.trace(bytes) {
                trace.looked_up.push(seen);
            }
        }
    }

    /// Adds to an entry of the trace why its rule did not match: `conditions` must all hold for it to match, each with the rule it was
    /// made of. They are `None` if they cannot be made.
    pub(super) fn trace_why_not<'r>(
        &mut self,
        traced_at: Option<usize>,
        conditions: impl FnOnce() -> Option<Vec<(&'r Rule, Expr)>>,
    ) {
        let Some(at) = traced_at else { return };
        let why = conditions().and_then(|conditions| why_not(&conditions, &self.input, self.view.limits));
        let Some(why) = why else { return };
        if let Some(trace) = self.findings.trace(why.bytes())
            && let Some(rule) = trace.rules.get_mut(at)
        {
            rule.why_not = Some(why);
        }
    }
}
