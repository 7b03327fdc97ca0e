//! Decides an action, phase by phase: credit, restrict, pay, limit.
//!
//! Every phase is a function over an [`Evaluation`], and no phase undoes an earlier verdict. Restrictions and payout groups are
//! evaluated by compiled rules in one call if the version is compiled, rule by rule otherwise. The code after the verdicts is the
//! same for both.

use super::amount::bases;
use super::convert::{Converted, convert};
use super::credit::{Credited, credit};
use super::decision::{Award, ContractRef, Decision, Line, Reason, Status, TouchTrace, Trace, VERSION};
use super::evaluation::Evaluation;
use super::findings::{Findings, PhaseError, ProgramView};
use super::judge::{Judged, judge};
use super::limit::limit;
use super::postings::{late, postings, totals};
use super::receipt::{self, AwardInputs};
use super::restrict::restrict;
use super::settle::settle;
use crate::counters::{Counters, Moment};
use crate::digest::Digest;
use crate::facts::{Action, PauseTarget, Reference};
use crate::money::Money;
use crate::run::Verdicts;
use crate::terms::{Verdict, reasons};
use rust_decimal::Decimal;

/// How an action is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Whether the decision contains every rule considered and the values it saw ([`Decision::trace`]). Changes nothing else.
    pub trace: bool,
}

impl Options {
    /// Returns options with a trace.
    pub fn traced() -> Self {
        Self { trace: true }
    }
}

/// Decides an action. The same inputs give the same decision.
pub(crate) fn decide(
    view: ProgramView<'_>,
    action: &Action,
    reference: &Reference,
    counters: &Counters,
    options: Options,
) -> Decision {
    let mut started = match start(view, action, reference, options) {
        Ok(started) => started,
        Err(decision) => return *decision,
    };
    let Some(facts) = started.facts.take() else {
        return started.without_facts(view, action, reference, counters);
    };
    let mut evaluation = started.evaluate(view, &facts, reference, counters);
    let lines = prepare(&mut evaluation).and_then(|()| {
        let verdicts = compiled_verdicts(&mut evaluation);
        conclude(&mut evaluation, verdicts)
    });
    finish(evaluation, started.credit, action, reference, lines)
}

/// Decides many actions on the same counters, each as [`decide`] does. The compiled rules of a contract version run on all its
/// actions in one call, or in as few calls as memory allows.
pub(crate) fn decide_batch(
    view: ProgramView<'_>,
    actions: &[&Action],
    reference: &Reference,
    counters: &Counters,
) -> Vec<Decision> {
    let mut decisions: Vec<Option<Decision>> = Vec::with_capacity(actions.len());
    let mut started = Vec::with_capacity(actions.len());
    for (index, action) in actions.iter().enumerate() {
        match start(view, action, reference, Options::default()) {
            Ok(mut of) => match of.facts.take() {
                Some(facts) => {
                    decisions.push(None);
                    started.push((index, *action, of, facts));
                }
                None => decisions.push(Some(of.without_facts(view, action, reference, counters))),
            },
            Err(decision) => decisions.push(Some(*decision)),
        }
    }
    let mut evaluations = Vec::with_capacity(started.len());
    for (index, action, of, facts) in &mut started {
        let mut evaluation = of.evaluate(view, facts, reference, counters);
        let prepared = prepare(&mut evaluation);
        evaluations.push((*index, *action, evaluation, prepared));
    }
    // Group the actions of one version. Each answer depends on its own action alone.
    let version_of = |of: &Credited<'_>| (of.contract_index, of.version_index);
    evaluations.sort_by_key(|(index, _, evaluation, _)| (version_of(&evaluation.credited), *index));
    let verdicts = compiled_verdicts_of_all(&evaluations);
    for ((index, action, mut evaluation, prepared), verdicts) in evaluations.into_iter().zip(verdicts) {
        let lines = prepared.and_then(|()| conclude(&mut evaluation, verdicts));
        if let Some(decision) = decisions.get_mut(index) {
            *decision = Some(finish(evaluation, Vec::new(), action, reference, lines));
        }
    }
    decisions.into_iter().flatten().collect()
}

/// An action that is credited, with its facts converted for the contract.
struct Started<'a> {
    credited: Credited<'a>,
    /// The touches that were considered; empty without a trace.
    credit: Vec<TouchTrace>,
    findings: Findings<'a>,
    facts: Option<Converted<'a>>,
}

/// Credits an action and converts its amounts. The error is the complete decision if nobody is credited.
fn start<'a>(
    view: ProgramView<'a>,
    action: &'a Action,
    reference: &'a Reference,
    options: Options,
) -> Result<Started<'a>, Box<Decision>> {
    let mut touches = Vec::new();
    let credited =
        match credit(view.terms, view.lookup, action, reference, options.trace.then_some(&mut touches)) {
            Ok(credited) => credited,
            Err(code) => {
                let (code, rule) = (code.to_owned(), "credit".to_owned());
                let reason = Reason { code, verdict: Verdict::Reject, rule, fault: None, fraud: false };
                let trace = options.trace.then(|| Trace { credit: touches, awards: Vec::new() });
                return Err(Box::new(seal(
                    action,
                    view.terms.digest,
                    reference,
                    vec![reason],
                    Vec::new(),
                    &[],
                    trace,
                )));
            }
        };
    let mut findings = Findings::new(options.trace);
    pauses(&mut findings, action, reference, &credited);
    let facts = convert(view, action, reference, &credited, &mut findings);
    Ok(Started { credited, credit: touches, findings, facts })
}

impl<'a> Started<'a> {
    /// Returns the evaluation of these facts. Moves the findings into it.
    fn evaluate<'e>(
        &mut self,
        view: ProgramView<'e>,
        facts: &'e Converted<'e>,
        reference: &'e Reference,
        counters: &'e Counters,
    ) -> Evaluation<'e>
    where
        'a: 'e,
    {
        let findings = std::mem::replace(&mut self.findings, Findings::new(false));
        Evaluation::new(view, self.credited, facts, reference, counters, findings)
    }

    /// Returns the decision on an action whose amounts cannot be converted.
    fn without_facts(
        self,
        view: ProgramView<'_>,
        action: &Action,
        reference: &Reference,
        counters: &Counters,
    ) -> Decision {
        let moment = Moment::new(action.occurred_at, view.terms.zone, counters.closed_until());
        let draft = AwardDraft { base: Money::ZERO, lines: Vec::new(), fuel: 0 };
        award(view, action, reference, self.credited, self.findings, draft, &moment, self.credit)
    }
}

/// Computes what rules read: the totals and the commissionable amounts.
fn prepare(evaluation: &mut Evaluation<'_>) -> Result<(), PhaseError> {
    late(evaluation);
    totals(evaluation)?;
    bases(evaluation)
}

/// Runs the compiled rules. Returns `None` if the version is not compiled, a trace is asked for, or a rule failed.
fn compiled_verdicts<'a>(evaluation: &mut Evaluation<'a>) -> Option<Verdicts<'a>> {
    if evaluation.findings.trace.is_some() {
        return None;
    }
    evaluation.compiled()?.verdicts(&evaluation.input, evaluation.findings.may_pay())
}

/// Runs the compiled rules on many actions, with the actions of one version in one call. Returns one answer for each action.
fn compiled_verdicts_of_all<'a>(
    evaluations: &[(usize, &Action, Evaluation<'a>, Result<(), PhaseError>)],
) -> Vec<Option<Verdicts<'a>>> {
    let version_of = |of: &Credited<'_>| (of.contract_index, of.version_index);
    let mut answers = Vec::with_capacity(evaluations.len());
    for of_version in
        evaluations.chunk_by(|(_, _, a, _), (_, _, b, _)| version_of(&a.credited) == version_of(&b.credited))
    {
        match of_version.first().and_then(|(_, _, first, _)| first.compiled()) {
            Some(compiled) => {
                let input =
                    |(_, _, evaluation, _): &'_ (_, _, Evaluation<'a>, _)| evaluation.findings.may_pay();
                let inputs: Vec<_> = of_version.iter().map(|of| (&of.2.input, input(of))).collect();
                answers.extend(compiled.verdicts_of_all(&inputs));
            }
            None => answers.extend(of_version.iter().map(|_| None)),
        }
    }
    answers
}

/// Restricts, pays and limits. Without verdicts, runs the rules one at a time. Returns no lines if a reason forbids a payout.
fn conclude<'a>(
    evaluation: &mut Evaluation<'a>,
    verdicts: Option<Verdicts<'a>>,
) -> Result<Vec<Line>, PhaseError> {
    let Judged { verdicts, failed } = match verdicts {
        Some(verdicts) => {
            evaluation.rules.get().add_fuel(verdicts.fuel);
            Judged { verdicts, failed: None }
        }
        None => {
            if evaluation.findings.trace.is_none() {
                evaluation.run_one_by_one();
            }
            judge(evaluation)
        }
    };
    restrict(evaluation, &verdicts);
    if let Some(error) = failed {
        return Err(error);
    }
    if !evaluation.findings.may_pay() {
        return Ok(Vec::new());
    }
    let lines = settle(evaluation, &verdicts)?;
    limit(evaluation, lines)
}

/// Rejects an action that occurred during a pause of its program, contract, partner or creative.
fn pauses(findings: &mut Findings<'_>, action: &Action, reference: &Reference, credited: &Credited<'_>) {
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
            findings.engine_reason(reasons::PAUSED, Verdict::Reject, rule);
        }
    }
}

/// The base, lines and fuel of an award before the award is built.
struct AwardDraft {
    base: Money,
    lines: Vec<Line>,
    fuel: u64,
}

/// Builds the decision from the lines, or from the error instead of lines.
fn finish(
    evaluation: Evaluation<'_>,
    credit: Vec<TouchTrace>,
    action: &Action,
    reference: &Reference,
    lines: Result<Vec<Line>, PhaseError>,
) -> Decision {
    let fuel = evaluation.fuel();
    let Evaluation { view, credited, input, moment, mut findings, .. } = evaluation;
    let lines = lines.unwrap_or_else(|error| {
        findings.fail(view.terms, error);
        Vec::new()
    });
    let draft = AwardDraft { base: input.base, lines, fuel };
    award(view, action, reference, credited, findings, draft, &moment, credit)
}

/// Builds the award and its decision.
#[allow(clippy::too_many_arguments, reason = "everything that the phases made meets here, and nowhere else")]
fn award(
    view: ProgramView<'_>,
    action: &Action,
    reference: &Reference,
    credited: Credited<'_>,
    mut findings: Findings<'_>,
    draft: AwardDraft,
    moment: &Moment,
    credit: Vec<TouchTrace>,
) -> Decision {
    // A stable sort, so that reasons with the same verdict keep the order of the restrictions.
    findings.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.verdict));
    // The sum cannot overflow: each line was checked to fit, and limits have summed the lines before.
    let paying = findings.reasons.iter().all(|reason| reason.fault.is_none());
    let lines = if paying { draft.lines } else { Vec::new() };
    let payout = Money(lines.iter().fold(Decimal::ZERO, |sum, line| sum.saturating_add(line.payout.0)));
    let status = Status::of(findings.reasons.first().map(|reason| reason.verdict), payout);
    // The award is released when the last of its holds has ended; never, if one hold does not end by itself.
    let release_at = match status {
        Status::Held => {
            findings.releases.into_iter().collect::<Option<Vec<_>>>().and_then(|at| at.into_iter().max())
        }
        Status::Payable | Status::Rejected | Status::Zero => None,
    };
    let version = credited.version;
    let award = Award {
        partner: credited.touch.partner.clone(),
        touch: Some(credited.touch_index),
        contract: ContractRef {
            name: credited.contract.name.clone(),
            version: version.number,
            anchor: version.anchor,
            terms_as_of: credited.as_of,
            digest: version.digest,
        },
        status,
        payout,
        currency: version.currency,
        base: draft.base,
        lines,
        rounding: version.rounding,
        minor_digits: version.currency.minor_digits(),
        reasons: findings.reasons,
        release_at,
        limits: findings.limits,
        notices: findings.notices,
        counts: findings.counts,
        fuel: draft.fuel,
    };
    let postings = postings(view, action, &award, credited.contract_index, moment);
    let inputs = [AwardInputs { credited: &credited, rate: findings.rate, used: &findings.used }];
    let trace = findings.trace.map(|trace| Trace { credit, awards: vec![trace] });
    let mut decision = unsealed(action, Vec::new(), vec![award], postings);
    decision.receipt = receipt::seal(action, version.digest, reference, &inputs, &decision);
    decision.trace = trace;
    decision
}

/// Returns a decision without its receipt.
fn unsealed(
    action: &Action,
    reasons: Vec<Reason>,
    awards: Vec<Award>,
    postings: Vec<crate::counters::Posting>,
) -> Decision {
    let verdict = reasons.first().map(|reason| reason.verdict);
    Decision {
        action: action.id.clone(),
        event_type: action.event_type.clone(),
        occurred_at: action.occurred_at,
        order_id: action.order_id.clone(),
        status: Status::of_awards(awards.iter().map(|award| award.status))
            .unwrap_or_else(|| Status::of(verdict, Money::ZERO)),
        fuel: awards.iter().fold(0, |sum, award| sum.saturating_add(award.fuel)),
        awards,
        reasons,
        postings,
        engine: VERSION.to_owned(),
        receipt: Digest::default(),
        trace: None,
    }
}

/// Returns the sealed decision on an action with which nobody is credited.
fn seal(
    action: &Action,
    terms: Digest,
    reference: &Reference,
    reasons: Vec<Reason>,
    awards: Vec<Award>,
    inputs: &[AwardInputs<'_>],
    trace: Option<Trace>,
) -> Decision {
    let mut decision = unsealed(action, reasons, awards, Vec::new());
    decision.receipt = receipt::seal(action, terms, reference, inputs, &decision);
    decision.trace = trace;
    decision
}
