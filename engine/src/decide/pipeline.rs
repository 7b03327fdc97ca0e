//! Decides an action, phase by phase: credit, restrict, pay, limit.
//!
//! Every phase is a function over an [`Evaluation`], and no phase undoes an earlier verdict. Restrictions and payout groups are
//! evaluated by compiled rules in one call if the version is compiled, rule by rule otherwise. The code after the verdicts is the
//! same for both.

use super::base::bases;
use super::convert::convert;
use super::credit::{Credited, Uncredited, credit, stand_ins};
use super::decision::{
    Award, ContractRef, Decision, LimitCut, Line, Reason, Status, TouchTrace, Trace, VERSION,
};
use super::evaluation::{Arguments, Evaluation};
use super::findings::{Findings, PhaseError, ProgramView};
use super::judge::{Judged, judge};
use super::limit::limit;
use super::postings::{check_room, late, postings, totals};
use super::receipt::{self, AwardInputs};
use super::restrict::restrict;
use super::settle::settle;
use super::verdict::counts;
use crate::counters::{Counters, Moment};
use crate::digest::Digest;
use crate::facts::{Action, PauseTarget, Reference};
use crate::money::Money;
use crate::run::Verdicts;
use crate::terms::{Verdict, Version, reasons};
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
///
/// `ended` is called with the name of each phase that has ended, for benches: the engine has no clock.
pub(crate) fn decide(
    view: ProgramView<'_>,
    action: &Action,
    reference: &Reference,
    counters: &Counters,
    options: Options,
    ended: &mut impl FnMut(&'static str),
) -> Decision {
    let moment = Moment::new(action.occurred_at, view.terms.zone, counters.closed_until());
    let arguments = Arguments { view, action, reference, counters, moment: &moment };
    let mut touches = Vec::new();
    let trace = options.trace.then_some(&mut touches);
    let stand_ins = stand_ins(view.lookup, action, reference);
    let credited = match credit(view.terms, view.lookup, action, &stand_ins, reference, trace) {
        Ok(credited) => credited,
        Err(why) => return uncredited(arguments, why, options.trace.then_some(touches)),
    };
    ended("credit");
    let mut findings = Findings::new(options.trace, view.limits);
    pauses(&mut findings, action, reference, &credited);
    let converted = convert(view, action, reference, &credited, &mut findings);
    let (facts, attributes) = converted.unzip();
    let made = match facts.as_ref().zip(attributes) {
        Some((facts, attributes)) => {
            evaluate(Evaluation::new(arguments, credited, facts, attributes, findings), ended)
        }
        None => Made { findings, base: Money::ZERO, groups: Vec::new(), lines: Vec::new(), fuel: 0 },
    };
    finish(arguments, &credited, made, touches, ended)
}

/// What the phases made of one award.
struct Made<'a> {
    findings: Findings<'a>,
    base: Money,
    groups: Vec<String>,
    lines: Vec<Line>,
    fuel: u64,
}

/// Runs the phases after credit. A phase that fails holds the award, which then has no lines.
fn evaluate<'a>(mut evaluation: Evaluation<'a>, ended: &mut impl FnMut(&'static str)) -> Made<'a> {
    let prepared = prepare(&mut evaluation);
    ended("facts");
    let lines = prepared.and_then(|()| restrict_and_pay(&mut evaluation, ended));
    let fuel = evaluation.fuel();
    let Evaluation { view, input, mut findings, .. } = evaluation;
    let (groups, lines) = lines.unwrap_or_else(|error| {
        findings.fail(view, error);
        (Vec::new(), Vec::new())
    });
    Made { findings, base: input.base, groups, lines, fuel }
}

/// What comes before the rules: the totals, and the commissionable amounts.
fn prepare(evaluation: &mut Evaluation<'_>) -> Result<(), PhaseError> {
    late(evaluation);
    check_room(evaluation)?;
    totals(evaluation)?;
    bases(evaluation)
}

/// Restrict, pay and limit. Returns lines, and the names of their groups, only if something may be paid.
fn restrict_and_pay(
    evaluation: &mut Evaluation<'_>,
    ended: &mut impl FnMut(&'static str),
) -> Result<(Vec<String>, Vec<Line>), PhaseError> {
    // If a restriction leaves the action uncounted, totals `with_this` are smaller. The single call has read the larger ones, so its
    // lines hold only where no total is read.
    let holds = |verdicts: &Verdicts<'_>, version: &Version| {
        verdicts.lines.is_empty() || version.totals.is_empty() || counts(version, verdicts)
    };
    let version = evaluation.credited.version;
    let Judged { verdicts, failed } = match compiled_verdicts(evaluation) {
        Some(verdicts) if holds(&verdicts, version) && evaluation.may_step(verdicts.steps(version)) => {
            evaluation.rules.get().add_fuel(verdicts.fuel);
            Judged { verdicts, failed: None }
        }
        _ => {
            if evaluation.findings.trace.is_none() {
                evaluation.run_one_by_one();
            }
            judge(evaluation)
        }
    };
    ended("rules");
    evaluation.findings.counts &= counts(version, &verdicts);
    restrict(evaluation, &verdicts)?;
    if let Some(error) = failed {
        return Err(error);
    }
    if !evaluation.findings.may_pay() {
        return Ok((Vec::new(), Vec::new()));
    }
    let lines = settle(evaluation, &verdicts)?;
    ended("settle");
    let (groups, lines) = limit(evaluation, lines)?;
    let payout = Money::sum(lines.iter().map(|line| line.payout));
    if payout.is_ok_and(|payout| payout.0 < Decimal::ZERO) && !evaluation.is_signed() {
        evaluation.findings.engine_reason(reasons::NEGATIVE_PAYOUT, Verdict::Hold, "payout".to_owned());
    }
    Ok((groups, lines))
}

/// Asks the compiled rules in one call. Returns `None` when there are none, a trace is asked for, a rule fails, or the rules may use
/// more fuel than the decision has left: the rules then run one by one.
fn compiled_verdicts<'a>(evaluation: &Evaluation<'a>) -> Option<Verdicts<'a>> {
    if evaluation.findings.trace.is_some() {
        return None;
    }
    let Credited { contract_index, version_index, .. } = evaluation.credited;
    let ProgramView { lookup, limits, .. } = evaluation.view;
    let worst = lookup.worst(contract_index, version_index);
    if !worst.rules_fit(&evaluation.input, limits, evaluation.fuel_left()) {
        return None;
    }
    evaluation.compiled()?.verdicts(&evaluation.input, evaluation.findings.may_pay())
}

/// Rejects an action that occurred during a pause of its program, contract, partner or creative: once for each of them.
fn pauses(findings: &mut Findings<'_>, action: &Action, reference: &Reference, credited: &Credited<'_>) {
    if reference.pauses.is_empty() {
        return;
    }
    let targets = [
        (PauseTarget::Program, Some("")),
        (PauseTarget::Contract, Some(credited.contract.name.as_str())),
        (PauseTarget::Partner, Some(credited.touch.partner.as_str())),
        (PauseTarget::Creative, credited.touch.creative.as_deref()),
    ];
    let paused = targets.into_iter().filter_map(|(target, id)| {
        let id = id?;
        Some((reference.pauses.at(target, id, action.occurred_at)?, target, id))
    });
    let mut paused: Vec<_> = paused.collect();
    paused.sort_unstable_by_key(|(place, ..)| *place);
    for (_, target, id) in paused {
        let rule = match target {
            PauseTarget::Program => format!("pause of the {}", target.text()),
            _ => format!("pause of {} {id}", target.text()),
        };
        findings.engine_reason(reasons::PAUSED, Verdict::Reject, rule);
    }
}

/// Puts the award together, and the decision that it is.
fn finish(
    arguments: Arguments<'_>,
    credited: &Credited<'_>,
    made: Made<'_>,
    touches: Vec<TouchTrace>,
    ended: &mut impl FnMut(&'static str),
) -> Decision {
    ended("limits");
    let Arguments { view, action, reference, counters: _, moment } = arguments;
    let Made { mut findings, base, groups, lines, fuel } = made;
    // Stable, so that reasons of one verdict stay in the order of the restrictions.
    findings.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.verdict));
    // Each line was checked to fit, and limits have summed them before.
    let paying = findings.reasons.iter().all(|reason| reason.fault.is_none());
    let (groups, lines) = if paying { (groups, lines) } else { (Vec::new(), Vec::new()) };
    let payout = Money(lines.iter().fold(Decimal::ZERO, |sum, line| sum.saturating_add(line.payout.0)));
    let status = Status::of(findings.reasons.first().map(|reason| reason.verdict), payout);
    let says_zero = findings.reasons.first().is_some_and(|reason| reason.verdict == Verdict::Zero);
    if status == Status::Zero && !says_zero {
        findings.reasons.insert(0, unpaid(&groups, &findings.limits));
    }
    // A hold ends by itself once all of them have.
    let release_at = match status {
        Status::Held => {
            findings.releases.into_iter().collect::<Option<Vec<_>>>().and_then(|at| at.into_iter().max())
        }
        Status::Payable | Status::Rejected | Status::Zero => None,
    };
    let version = credited.version;
    let award = Award {
        partner: credited.touch.partner.clone(),
        touch: credited.touch_index,
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
        exchange: findings.exchange,
        base,
        groups,
        lines,
        rounding: version.rounding,
        minor_digits: version.currency.minor_digits(),
        reasons: findings.reasons,
        release_at,
        limits: findings.limits,
        notices: findings.notices,
        counts: findings.counts,
        fuel,
    };
    let postings = postings(view, action, &award, credited.contract_index, moment);
    let inputs = [AwardInputs { credited, used: &findings.used }];
    let mut decision = unsealed(action, Vec::new(), vec![award], postings);
    ended("award and postings");
    decision.receipt = receipt::seal(action, None, reference, &inputs, &decision);
    ended("receipt");
    decision.trace = findings.trace.map(|trace| Trace { credit: touches, awards: vec![trace] });
    decision
}

/// Returns why lines that these groups made pay nothing although no restriction says so.
fn unpaid(groups: &[String], limits: &[LimitCut]) -> Reason {
    let (code, rule) = match (groups.first(), limits.last()) {
        (None, _) => (reasons::NO_PAYOUT_GROUP, "payout"),
        (Some(_), Some(last)) => (reasons::LIMIT_USED_UP, last.limit.as_str()),
        (Some(first), None) => (reasons::PAYS_ZERO, first.as_str()),
    };
    Reason {
        code: code.to_owned(),
        verdict: Verdict::Zero,
        rule: rule.to_owned(),
        partner: None,
        fault: None,
        fraud: false,
    }
}

/// Returns the decision on an action that nobody is credited for.
fn uncredited(arguments: Arguments<'_>, why: Uncredited, touches: Option<Vec<TouchTrace>>) -> Decision {
    let Arguments { view, action, reference, .. } = arguments;
    let (code, rule) = (why.code.to_owned(), "credit".to_owned());
    let reason =
        Reason { code, verdict: Verdict::Reject, rule, partner: why.partner, fault: None, fraud: false };
    let mut decision = unsealed(action, vec![reason], Vec::new(), Vec::new());
    decision.receipt = receipt::seal(action, Some(view.terms.digest), reference, &[], &decision);
    decision.trace = touches.map(|credit| Trace { credit, awards: Vec::new() });
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
        engine: VERSION.into(),
        receipt: Digest::default(),
        trace: None,
    }
}
