//! Decides an action, phase by phase: credit, restrict, pay, limit.
//!
//! Every phase is a function over an [`Evaluation`], and no phase undoes an earlier verdict. Restrictions and payout groups are
//! evaluated by compiled rules in one call if the version is compiled, rule by rule otherwise. The code after the verdicts is the
//! same for both.

use std::borrow::Cow;

use super::awards::limited;
use super::base::bases;
use super::convert::{Unconverted, convert, promo_codes};
use super::count::count;
use super::credit::{Participant, Path, Uncredited, credit, stand_ins};
use super::credited::Credited;
use super::decision::{Award, Decision, Reason, Role, Status, TouchTrace, Trace, VERSION};
use super::draft::{Awarded, Draft, DraftLine};
use super::ends::{Occasion, ends};
use super::evaluation::{Account, Arguments, Evaluation};
use super::few::Few;
use super::findings::{Findings, PhaseError, ProgramView};
use super::judge::{Judged, judge};
use super::pauses::pauses;
use super::postings::{check_room, late};
use super::receipt::{self, AwardInputs};
use super::restrict::restrict;
use super::settle::{participation, settle};
use super::shares::Part;
use super::totals::totals;
use super::verdict::counts;
use crate::counters::{Counters, Moment, Posting};
use crate::digest::Digest;
use crate::facts::{Action, Reference};
use crate::money::Money;
use crate::run::Verdicts;
use crate::terms::{Verdict, Version, reasons};

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

/// The decision on the action as it stands, for an action that is decided again.
#[derive(Clone, Copy)]
pub(super) struct Standing<'a> {
    /// What the action counts: it is not there for the decision.
    pub(super) counted: &'a [Posting],
    /// The decision itself: exchange rates are those of then, and what was in time then is in time now.
    pub(super) decision: &'a Decision,
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
    run(view, action, (reference, counters), options, None, ended)
}

/// Decides an action again, of which a decision stands.
pub(super) fn decide_again(
    view: ProgramView<'_>,
    action: &Action,
    inputs: (&Reference, &Counters),
    options: Options,
    standing: Standing<'_>,
) -> Decision {
    run(view, action, inputs, options, Some(standing), &mut |_| ())
}

fn run(
    view: ProgramView<'_>,
    action: &Action,
    (reference, counters): (&Reference, &Counters),
    options: Options,
    standing: Option<Standing<'_>>,
    ended: &mut impl FnMut(&'static str),
) -> Decision {
    let moment = Moment::new(action.occurred_at, view.terms.zone, counters);
    let counted = standing.map_or(&[][..], |standing| standing.counted);
    let arguments = Arguments { view, action, reference, counters, counted, moment: &moment };
    let mut touches = Vec::new();
    let trace = options.trace.then_some(&mut touches);
    let stand_ins = stand_ins(view, action, reference);
    let promo_codes =
        if view.lookup.has_conditions { promo_codes(action) } else { Cow::Borrowed(&[] as &[String]) };
    let path = Path { view, action, stand_ins: &stand_ins, reference, promo_codes: &promo_codes };
    let mut account = Account::default();
    let found = credit(path, &mut account.fuel, trace);
    let participants = match found {
        Ok(participants) => participants,
        Err(why) => {
            return uncredited(arguments, why, account.fuel, options.trace.then_some(touches));
        }
    };
    ended("credit");
    let (mut facts, mut attributes) = (Few::new(), Few::new());
    for Participant { credited, .. } in &participants {
        let rate_of_then = before(standing, credited).and_then(|award| award.exchange.as_ref());
        let converted = convert(view, action, reference, credited, rate_of_then);
        let (converted, of_action) = match converted {
            Ok((converted, attributes)) => (Ok(converted), attributes),
            Err(error) => (Err(error), Vec::new()),
        };
        facts.push(converted);
        attributes.push(of_action);
    }
    let mut drafts = Vec::with_capacity(participants.len());
    for ((Participant { credited, part }, facts), attributes) in
        participants.into_iter().zip(&facts).zip(attributes)
    {
        let mut findings = Findings::new(options.trace, view.limits);
        pauses(&mut findings, action, reference, &credited, view.terms.zone);
        ends(&mut findings, Occasion::of(action, &credited), reference, view.terms.zone);
        drafts.push(match facts {
            Ok(facts) => {
                findings.exchange.clone_from(&facts.exchange);
                let was_in_time = before(standing, &credited).is_some_and(is_in_time);
                let mut evaluation =
                    Evaluation::new(arguments, credited, facts, attributes, findings, account);
                if !was_in_time {
                    late(&mut evaluation);
                }
                evaluate(evaluation, part, &mut account, ended)
            }
            Err(Unconverted::NoRate(rule)) => {
                findings.engine_reason(reasons::NO_EXCHANGE_RATE, Verdict::Hold, rule.clone());
                Draft::new(credited, part, findings)
            }
            Err(Unconverted::Failed(error)) => {
                findings.fail(view, error.clone());
                Draft::new(credited, part, findings)
            }
        });
    }
    let (drafts, postings) = limited(arguments, drafts, &mut account);
    ended("limits");
    finish(arguments, drafts, postings, account.fuel, touches, ended)
}

/// Returns the partner's award in the decision that stands.
fn before<'a>(standing: Option<Standing<'a>>, credited: &Credited<'_>) -> Option<&'a Award> {
    standing?.decision.award(credited.partner_id)
}

/// Returns whether the action was decided before the periods were closed that it counts in.
fn is_in_time(award: &Award) -> bool {
    award.reasons.iter().all(|reason| reason.code != reasons::PERIOD_CLOSED)
}

/// Runs the phases from credit to settling. A phase that fails holds the award, which then has no lines.
fn evaluate<'a>(
    mut evaluation: Evaluation<'a>,
    part: Part,
    account: &mut Account,
    ended: &mut impl FnMut(&'static str),
) -> Draft<'a> {
    let prepared = prepare(&mut evaluation);
    ended("facts");
    let lines = prepared.and_then(|()| restrict_and_pay(&mut evaluation, part, ended));
    let before = std::mem::replace(account, evaluation.account()).fuel;
    let Evaluation { view, credited, input, mut findings, .. } = evaluation;
    let lines = lines.unwrap_or_else(|error| {
        findings.fail(view, error);
        Vec::new()
    });
    let fuel = account.fuel.saturating_sub(before);
    Draft { credited, part, below: None, findings, base: input.base, lines, fuel }
}

/// What comes before the rules: the commissionable amounts, what is counted of the action, and the totals.
pub(super) fn prepare(evaluation: &mut Evaluation<'_>) -> Result<(), PhaseError> {
    check_room(evaluation)?;
    bases(evaluation)?;
    count(evaluation)?;
    totals(evaluation)
}

/// Restrict and pay. Returns lines only if something may be paid.
fn restrict_and_pay(
    evaluation: &mut Evaluation<'_>,
    part: Part,
    ended: &mut impl FnMut(&'static str),
) -> Result<Vec<DraftLine>, PhaseError> {
    // If a restriction leaves the action uncounted, totals `with_this` are smaller. The single call has read the larger ones, so its
    // lines hold only where no total is read.
    let holds = |verdicts: &Verdicts<'_>, version: &Version| {
        verdicts.lines.is_empty() || version.totals.is_empty() || counts(version, verdicts)
    };
    let version = evaluation.credited.version;
    let takes_part = part.role == Some(Role::Participant);
    let Judged { verdicts, failed } = match compiled_verdicts(evaluation, !takes_part) {
        Some(verdicts) if holds(&verdicts, version) && evaluation.may_step(verdicts.steps(version)) => {
            evaluation.rules.get().add_fuel(verdicts.fuel);
            Judged { verdicts, failed: None }
        }
        _ => {
            if evaluation.findings.trace.is_none() {
                evaluation.run_one_by_one();
            }
            judge(evaluation, !takes_part)
        }
    };
    ended("rules");
    evaluation.findings.counts &= counts(version, &verdicts);
    restrict(evaluation, &verdicts)?;
    if let Some(error) = failed {
        return Err(error);
    }
    if !evaluation.findings.may_pay() {
        return Ok(Vec::new());
    }
    let lines =
        if takes_part { participation(evaluation)? } else { settle(evaluation, &verdicts, part.share)? };
    ended("settle");
    Ok(lines)
}

/// Asks the compiled rules in one call. Returns `None` when there are none, a trace is asked for, a rule fails, or the rules may use
/// more fuel than the decision has left: the rules then run one by one.
fn compiled_verdicts<'a>(evaluation: &Evaluation<'a>, pays: bool) -> Option<Verdicts<'a>> {
    if evaluation.findings.trace.is_some() {
        return None;
    }
    let Credited { contract_index, version_index, .. } = evaluation.credited;
    let ProgramView { lookup, limits, .. } = evaluation.view;
    let worst = lookup.worst(contract_index, version_index);
    if !worst.rules_fit(&evaluation.input, limits, evaluation.fuel_left()) {
        return None;
    }
    evaluation.compiled()?.verdicts(&evaluation.input, pays && evaluation.findings.may_pay())
}

/// Puts the decision together.
fn finish(
    arguments: Arguments<'_>,
    awarded: Vec<Awarded<'_>>,
    postings: Vec<Posting>,
    fuel: u64,
    touches: Vec<TouchTrace>,
    ended: &mut impl FnMut(&'static str),
) -> Decision {
    let Arguments { action, reference, .. } = arguments;
    let mut awards = Vec::with_capacity(awarded.len());
    let mut inputs = Few::with_capacity(awarded.len());
    let mut traces = Vec::new();
    for Awarded { award, credited, used, trace, .. } in awarded {
        awards.push(award);
        inputs.push(AwardInputs { credited, used });
        traces.extend(trace);
    }
    let mut decision = unsealed(action, Vec::new(), awards, postings, fuel);
    ended("award and postings");
    decision.receipt = receipt::seal(action, None, reference, &inputs, &decision);
    ended("receipt");
    if !traces.is_empty() {
        decision.trace = Some(Trace { credit: touches, awards: traces });
    }
    decision
}

/// Returns the decision on an action that nobody is credited for.
fn uncredited(
    arguments: Arguments<'_>,
    why: Uncredited,
    fuel: u64,
    touches: Option<Vec<TouchTrace>>,
) -> Decision {
    let Arguments { view, action, reference, .. } = arguments;
    let reasons = match why {
        Uncredited::Nobody { code, partner } => {
            let (code, rule, verdict) = (code.to_owned(), "credit".to_owned(), Verdict::Reject);
            vec![Reason { code, verdict, rule, partner, fault: None, fraud: false }]
        }
        Uncredited::Failed(error) => {
            let mut findings = Findings::new(false, view.limits);
            findings.fail(view, error);
            findings.reasons
        }
    };
    let mut decision = unsealed(action, reasons, Vec::new(), Vec::new(), fuel);
    decision.receipt = receipt::seal(action, Some(view.terms.digest), reference, &[], &decision);
    decision.trace = touches.map(|credit| Trace { credit, awards: Vec::new() });
    decision
}

/// Returns a decision without its receipt.
fn unsealed(
    action: &Action,
    reasons: Vec<Reason>,
    awards: Vec<Award>,
    postings: Vec<Posting>,
    fuel: u64,
) -> Decision {
    let verdict = reasons.first().map(|reason| reason.verdict);
    Decision {
        action: action.id.clone(),
        event_type: action.event_type.clone(),
        occurred_at: action.occurred_at,
        order_id: action.order_id.clone(),
        bonus: None,
        status: Status::of_awards(awards.iter().map(|award| award.status))
            .unwrap_or_else(|| Status::of(verdict, Money::ZERO)),
        fuel,
        awards,
        reasons,
        postings,
        history: Vec::new(),
        returned: Vec::new(),
        counted: Vec::new(),
        engine: VERSION.into(),
        receipt: Digest::default(),
        trace: None,
    }
}
