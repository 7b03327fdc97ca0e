//! One decision in the making: an action enters, passes credit, restrict, pay and limit, and leaves decided.

use std::borrow::Cow;

use rust_decimal::Decimal;

#[cfg(feature = "sandbox")]
use super::compiled::Answer;
use super::convert;
use super::credit::{Credited, credit};
use super::decision::{
    ContractRef, Decision, LimitCut, Line, Notice, Outcome, PartnerPayout, Reason, RuleFault, RuleTrace,
    Status, Trace,
};
use super::lookup::Plan;
use super::receipt::{self, UsedTotal};
use super::rules::Rules;
use crate::counters::{Keys, Moment, Totals};
use crate::diagnostic::Place;
use crate::digest::Digest;
use crate::facts::{Action, PauseTarget, Reference};
use crate::lang::{Fault, FaultKind, Phase, Rule, Value};
use crate::limits::Limits;
use crate::money::{ArithmeticError, Currency, Money};
use crate::run::component::{ComponentFault, run_component};
use crate::run::{RuleInput, Seen, TotalFacts, VerbCall, shown};
use crate::terms::ComponentRule;
use crate::terms::reasons;
use crate::terms::{Terms, Verdict};
use crate::time::Timestamp;

/// The version of the engine that decisions name.
const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// The longest text of a failed place that a decision quotes, in characters.
const QUOTED_CHARS: usize = 120;

/// What every decision of a program works from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) terms: &'a Terms,
    pub(crate) plan: &'a Plan,
    pub(crate) limits: &'a Limits,
    /// Contract versions as native code, where there are any.
    #[cfg(feature = "sandbox")]
    pub(crate) compiled: Option<&'a crate::native::CompiledProgram>,
}

/// Why a phase cannot give an amount.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    /// The rule or limit.
    pub(super) rule: String,
    pub(super) kind: FaultKind,
    pub(super) place: Option<Place>,
    /// What to say about it; the text at the place, when left out.
    pub(super) text: Option<String>,
}

impl Broken {
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
    pub(super) fn sum(name: &str, place: Option<&Place>, error: ArithmeticError) -> Self {
        let kind = match error {
            ArithmeticError::Overflow => FaultKind::Overflow,
            ArithmeticError::DivisionByZero => FaultKind::DivisionByZero,
        };
        Self { rule: name.to_owned(), kind, place: place.cloned(), text: None }
    }
}

/// What came of a script or a component.
pub(super) struct Ran<'a> {
    /// The verbs it gave, in order.
    pub(super) spoken: Result<Vec<VerbCall<'a>>, Broken>,
    /// Whether it reads fraud signals.
    pub(super) fraud: bool,
}

/// What the phases have found so far.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) reasons: Vec<Reason>,
    /// When each hold ends by itself.
    pub(super) releases: Vec<Option<Timestamp>>,
    pub(super) notices: Vec<Notice>,
    pub(super) counts: bool,
    pub(super) limits: Vec<LimitCut>,
    /// Totals that were read, for the receipt.
    pub(super) used: Vec<UsedTotal<'a>>,
    pub(super) trace: Option<Trace>,
    /// What components said since the last rule in the trace.
    said: Vec<Seen>,
}

impl Found<'_> {
    fn new(trace: bool) -> Self {
        Self {
            reasons: Vec::new(),
            releases: Vec::new(),
            notices: Vec::new(),
            counts: true,
            limits: Vec::new(),
            used: Vec::new(),
            trace: trace.then(Trace::default),
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

    pub(super) fn notice(&mut self, notice: Notice) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}

/// A decision in the making, once it is credited.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) desk: Desk<'a>,
    pub(super) credited: Credited<'a>,
    pub(super) case: RuleInput<'a>,
    pub(super) evaluator: Rules<'a>,
    pub(super) totals: &'a Totals,
    pub(super) moment: Moment,
    /// Scratch for the keys of totals.
    pub(super) key: String,
    pub(super) found: Found<'a>,
    priced: Priced,
}

/// What is paid, and on what.
#[derive(Debug)]
struct Priced {
    currency: Currency,
    rate: Option<Decimal>,
    base: Money,
    lines: Vec<Line>,
    fuel: u64,
}

/// Decides an action. The same inputs give the same decision; a trace adds to it and changes nothing else.
pub(crate) fn decide(
    desk: Desk<'_>,
    action: &Action,
    reference: &Reference,
    totals: &Totals,
    trace: bool,
) -> Decision {
    let (facts, begun) = match begin(desk, action, reference, trace) {
        Ok(begun) => begun,
        Err(decision) => return *decision,
    };
    let mut work = Work::open(desk, &facts, begun, reference, totals);
    let lines = work.phases();
    work.close(action, reference, lines)
}

/// Decides many actions on the same totals, each as [`decide`] does. The compiled rules of a contract version run on all of
/// its actions in one call, or in as few as there is memory for.
#[cfg(feature = "sandbox")]
pub(crate) fn decide_batch(
    desk: Desk<'_>,
    actions: &[&Action],
    reference: &Reference,
    totals: &Totals,
) -> Vec<Decision> {
    let mut decisions: Vec<Option<Decision>> = Vec::with_capacity(actions.len());
    let mut begun = Vec::with_capacity(actions.len());
    for action in actions {
        match begin(desk, action, reference, false) {
            Ok((facts, of)) => {
                decisions.push(None);
                begun.push(Some((facts, of)));
            }
            Err(decision) => {
                decisions.push(Some(*decision));
                begun.push(None);
            }
        }
    }
    let (facts, begun): (Vec<_>, Vec<_>) = begun
        .into_iter()
        .map(|begun| begun.map_or((None, None), |(facts, of)| (Some(facts), Some(of))))
        .unzip();
    let mut works: Vec<(usize, Work<'_>, Result<(), Broken>)> = Vec::with_capacity(actions.len());
    for (index, (facts, begun)) in facts.iter().zip(begun).enumerate() {
        let (Some(facts), Some(begun)) = (facts, begun) else { continue };
        let mut work = Work::open(desk, facts, begun, reference, totals);
        work.read_totals();
        let amounts = work.amounts();
        works.push((index, work, amounts));
    }
    // Actions of one version together; what is said of each does not depend on the others.
    works.sort_by_key(|(index, work, _)| (work.credited.contract_index, work.credited.version_index, *index));
    let answers = super::compiled::answers(desk, &works);
    for ((index, mut work, amounts), answer) in works.into_iter().zip(answers) {
        let lines = amounts.and_then(|()| work.phases_after_amounts(Some(answer)));
        if let (Some(action), Some(decision)) = (actions.get(index), decisions.get_mut(index)) {
            *decision = Some(work.close(action, reference, lines));
        }
    }
    decisions.into_iter().flatten().collect()
}

/// An action's facts in the contract's words.
#[derive(Debug)]
struct Facts<'a> {
    credited: Credited<'a>,
    currency: Currency,
    action: Cow<'a, Action>,
    promo_codes: Cow<'a, [String]>,
}

/// What is known once an action is credited.
#[derive(Debug)]
struct Begun<'a> {
    attributes: Vec<Value<'a>>,
    found: Found<'a>,
    priced: Priced,
}

/// Credits an action and converts its amounts; a whole decision where that is all there is to it.
fn begin<'a>(
    desk: Desk<'a>,
    action: &'a Action,
    reference: &'a Reference,
    trace: bool,
) -> Result<(Facts<'a>, Begun<'a>), Box<Decision>> {
    let mut found = Found::new(trace);
    let mut priced =
        Priced { currency: desk.terms.currency, rate: None, base: Money::ZERO, lines: Vec::new(), fuel: 0 };
    let touches = found.trace.as_mut().map(|trace| &mut trace.credit);
    let credited = match credit(desk.terms, desk.plan, action, reference, touches) {
        Ok(credited) => credited,
        Err(code) => {
            found.engine_reason(code, Verdict::Reject, "credit".to_owned());
            return Err(Box::new(finish(desk, action, reference, None, found, priced)));
        }
    };
    pauses(&mut found, action, reference, &credited);

    let from = action.currency.unwrap_or(desk.terms.currency);
    priced.currency = credited.version.currency;
    if from != priced.currency {
        priced.rate = reference.rates.at(from, priced.currency, action.occurred_at);
        if priced.rate.is_none() {
            let rule = format!("{} to {}", from.code(), priced.currency.code());
            found.engine_reason(reasons::NO_EXCHANGE_RATE, Verdict::Hold, rule);
            return Err(Box::new(finish(desk, action, reference, Some(&credited), found, priced)));
        }
    }
    let converted = convert::amounts(action, priced.rate).and_then(|converted| {
        convert::attributes(desk.terms, action, priced.rate).map(|attributes| (converted, attributes))
    });
    match converted {
        Ok((converted, attributes)) => {
            let facts = Facts {
                credited,
                currency: from,
                action: converted,
                promo_codes: convert::promo_codes(action),
            };
            Ok((facts, Begun { attributes, found, priced }))
        }
        Err(error) => {
            fail(&mut found, desk, Broken::sum("exchange rate", None, error));
            Err(Box::new(finish(desk, action, reference, Some(&credited), found, priced)))
        }
    }
}

impl<'a> Work<'a> {
    fn open(
        desk: Desk<'a>,
        facts: &'a Facts<'a>,
        begun: Begun<'a>,
        reference: &'a Reference,
        totals: &'a Totals,
    ) -> Self {
        let credited = facts.credited;
        let Begun { attributes, found, priced } = begun;
        Self {
            desk,
            credited,
            case: RuleInput {
                terms: desk.terms,
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
                attributes,
                totals: Vec::new(),
                base: Money::ZERO,
                item_bases: Vec::new(),
                item: None,
            },
            evaluator: Rules::new(desk, &credited, found.trace.is_some()),
            totals,
            moment: Moment::new(facts.action.occurred_at, desk.terms.zone),
            key: String::new(),
            found,
            priced,
        }
    }

    /// The decision, from the lines or why there are none.
    fn close(mut self, action: &Action, reference: &Reference, lines: Result<Vec<Line>, Broken>) -> Decision {
        match lines {
            Ok(lines) => self.priced.lines = lines,
            Err(broken) => fail(&mut self.found, self.desk, broken),
        }
        self.priced.base = self.case.base;
        self.priced.fuel = self.evaluator.fuel();
        finish(self.desk, action, reference, Some(&self.credited), self.found, self.priced)
    }
}

impl<'a> Work<'a> {
    /// The phases after credit. Lines only where something may be paid.
    fn phases(&mut self) -> Result<Vec<Line>, Broken> {
        self.read_totals();
        self.amounts()?;
        #[cfg(feature = "sandbox")]
        {
            let answer = self.answer();
            self.phases_after_amounts(answer)
        }
        #[cfg(not(feature = "sandbox"))]
        self.phases_one_by_one()
    }

    /// Restrict, pay and limit, from what compiled rules answered, where they were asked.
    #[cfg(feature = "sandbox")]
    fn phases_after_amounts(&mut self, answer: Option<Answer<'a>>) -> Result<Vec<Line>, Broken> {
        if let Some(lines) = answer.and_then(|answer| self.compiled(answer)) {
            return if self.may_pay() { self.limit(lines) } else { Ok(Vec::new()) };
        }
        self.phases_one_by_one()
    }

    /// Restrict, pay and limit, a rule a call.
    fn phases_one_by_one(&mut self) -> Result<Vec<Line>, Broken> {
        self.restrict();
        if !self.may_pay() {
            return Ok(Vec::new());
        }
        let lines = self.pay()?;
        self.limit(lines)
    }

    /// Whether no reason so far says that nothing is paid. A rule that failed is such a reason.
    pub(super) fn may_pay(&self) -> bool {
        self.found
            .reasons
            .iter()
            .all(|reason| matches!(reason.verdict, Verdict::Flag | Verdict::Hold) && reason.fault.is_none())
    }

    /// What the keys of totals are made of.
    pub(super) fn keys(&self) -> Keys<'a> {
        Keys { action: self.case.action, partner: self.case.partner_id, click: self.case.touch.id.as_deref() }
    }

    /// Reads the totals that the version declares, as they stand before this action.
    fn read_totals(&mut self) {
        for total in &self.credited.version.totals {
            let Some(meter) = self.desk.terms.meters.get(total.meter) else { continue };
            let mut key = std::mem::take(&mut self.key);
            let sums = if self.keys().write(&meter.per, meter.group.as_deref(), &mut key) {
                self.totals.read(total.meter, &key, &self.moment)
            } else {
                Default::default()
            };
            self.key = key;
            self.found.used.push(UsedTotal { name: &total.name, sums });
            self.case.totals.push(TotalFacts {
                actions: sums.actions,
                revenue: sums.revenue,
                payouts: sums.payouts,
                counts_this: meter.is_of(&self.case.action.event_type),
            });
        }
    }

    /// Adds what came of a rule to the trace, if there is one, with what it saw and used since `fuel_before`.
    pub(super) fn trace_rule(
        &mut self,
        phase: Phase,
        rule: &str,
        place: &Place,
        fuel_before: u64,
        outcome: impl FnOnce() -> Outcome,
    ) {
        let Some(trace) = &mut self.found.trace else { return };
        let mut saw = self.evaluator.take_seen();
        saw.append(&mut self.found.said);
        trace.rules.push(RuleTrace {
            phase,
            rule: rule.to_owned(),
            place: place.clone(),
            item: self.case.item,
            outcome: outcome(),
            saw,
            fuel: self.evaluator.fuel() - fuel_before,
        });
    }

    /// Runs a script.
    pub(super) fn script(&mut self, name: &str, rule: &'a Rule) -> Ran<'a> {
        let result = self.evaluator.run(rule, &self.case);
        let spoken = match result {
            Ok(_) => Ok(self.evaluator.spoken().to_vec()),
            Err(fault) => Err(Broken::rule(name, rule, fault)),
        };
        Ran { spoken, fraud: rule.reads_fraud }
    }

    /// Runs a component. It was handed the fraud signals, so what it says may come from them. A trace has what it said, since
    /// nobody can see what it reads.
    pub(super) fn component(&mut self, name: &str, component: &ComponentRule) -> Ran<'a> {
        let evaluated = run_component(component, &self.case, self.desk.limits);
        self.evaluator.add_fuel(evaluated.fuel);
        let spoken = evaluated.spoken.map_err(|fault| Broken::component(name, component, fault));
        if self.found.trace.is_some() {
            let said = spoken.iter().flatten().map(|spoken| {
                let second = spoken.second.map(|second| format!(", {}", shown(second))).unwrap_or_default();
                Seen {
                    fact: spoken.verb.name().to_owned(),
                    value: format!("{}{second}", shown(spoken.value)),
                }
            });
            self.found.said.extend(said.take(self.desk.limits.trace_values));
        }
        Ran { spoken, fraud: true }
    }

    pub(super) fn fail(&mut self, broken: Broken) {
        fail(&mut self.found, self.desk, broken);
    }
}

/// Holds the action because something failed.
fn fail(found: &mut Found<'_>, desk: Desk<'_>, broken: Broken) {
    let quoted = |place: &Place| desk.terms.sources.get(&place.file)?.get(place.span.range());
    let text = broken.text.as_deref().or_else(|| broken.place.as_ref().and_then(quoted)).unwrap_or_default();
    let text = text.chars().take(QUOTED_CHARS).collect();
    found.reasons.push(Reason {
        code: reasons::RULE_ERROR.to_owned(),
        verdict: Verdict::Hold,
        rule: broken.rule,
        fault: Some(RuleFault { kind: broken.kind, place: broken.place, text }),
        fraud: false,
    });
    found.releases.push(None);
}

/// Rejects an action that occurred while something it needs was paused.
fn pauses(found: &mut Found<'_>, action: &Action, reference: &Reference, credited: &Credited<'_>) {
    for pause in &reference.pauses {
        let id = match pause.target {
            PauseTarget::Program => None,
            PauseTarget::Contract => Some(credited.contract.name.as_str()),
            PauseTarget::Partner => Some(credited.touch.partner.as_str()),
            PauseTarget::Creative => match &credited.touch.creative {
                Some(creative) => Some(creative.as_str()),
                None => continue,
            },
        };
        let meant = pause.target == PauseTarget::Program || pause.id.as_deref() == id;
        if meant && pause.interval().contains(action.occurred_at) {
            let rule = match id {
                Some(id) => format!("pause of {} {id}", pause.target.text()),
                None => format!("pause of the {}", pause.target.text()),
            };
            found.engine_reason(reasons::PAUSED, Verdict::Reject, rule);
        }
    }
}

/// Puts the decision together, and seals it.
fn finish(
    desk: Desk<'_>,
    action: &Action,
    reference: &Reference,
    credited: Option<&Credited<'_>>,
    mut found: Found<'_>,
    priced: Priced,
) -> Decision {
    // Stable, so that reasons of one verdict stay in the order of the restrictions.
    found.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.verdict));
    // Each line was checked to fit, and limits have summed them before.
    let paying = found.reasons.iter().all(|reason| reason.fault.is_none());
    let lines = if paying { priced.lines } else { Vec::new() };
    let payout = Money(lines.iter().fold(Decimal::ZERO, |sum, line| sum.saturating_add(line.payout.0)));
    let status = match found.reasons.first().map(|reason| reason.verdict) {
        Some(Verdict::Reject) => Status::Rejected,
        Some(Verdict::Hold) => Status::Held,
        Some(Verdict::Zero) => Status::Zero,
        Some(Verdict::Flag) | None if payout.is_zero() => Status::Zero,
        Some(Verdict::Flag) | None => Status::Payable,
    };
    // A hold ends by itself once all of them have.
    let release_at = match status {
        Status::Held => {
            found.releases.into_iter().collect::<Option<Vec<_>>>().and_then(|at| at.into_iter().max())
        }
        Status::Payable | Status::Rejected | Status::Zero => None,
    };
    let mut decision = Decision {
        action: action.id.clone(),
        event_type: action.event_type.clone(),
        occurred_at: action.occurred_at,
        status,
        payout,
        currency: priced.currency,
        base: priced.base,
        partners: credited
            .map(|credited| PartnerPayout {
                partner: credited.touch.partner.clone(),
                payout,
                lines,
                rounding: credited.version.rounding,
                minor_digits: credited.version.currency.minor_digits(),
            })
            .into_iter()
            .collect(),
        reasons: found.reasons,
        release_at,
        limits: found.limits,
        notices: found.notices,
        touch: credited.map(|credited| credited.touch_index),
        contract: credited.map(|credited| ContractRef {
            name: credited.contract.name.clone(),
            version: credited.version.number,
            anchor: credited.version.anchor,
            terms_as_of: credited.as_of,
            digest: credited.version.digest,
        }),
        counts: found.counts,
        fuel: priced.fuel,
        engine: ENGINE.to_owned(),
        receipt: Digest::default(),
        trace: None,
    };
    decision.receipt = receipt::seal(&receipt::Inputs {
        action,
        terms: credited.map_or(desk.terms.digest, |credited| credited.version.digest),
        reference,
        credited,
        rate: priced.rate,
        used: &found.used,
        decision: &decision,
    });
    decision.trace = found.trace;
    decision
}
