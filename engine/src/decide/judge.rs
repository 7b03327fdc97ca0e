//! Evaluates restrictions and payout groups rule by rule: which match, and what their rules say.
//!
//! A compiled version answers the same in one call. This module is used if the version is not compiled, if a trace is asked for,
//! or if a rule fails, because only it can name the rule and the place.

use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::decision::Outcome;
use super::evaluation::Evaluation;
use super::findings::PhaseError;
use super::verdict::{counts, strictest};
use crate::lang::catalog::Verb;
use crate::lang::condition::at_least;
use crate::lang::{Expr, Phase, Rule, Value};
use crate::money::Money;
use crate::run::{GroupTable, LineVerdicts, MatchedGroup, MatchedRestriction, PointKind, VerbCall, Verdicts};
use crate::terms::{Band, Choose, Group, PayoutPer, Pays, Restriction, RestrictionBody, Verdict};

/// The verdicts of the rules that ran.
pub(super) struct Judged<'a> {
    pub(super) verdicts: Verdicts<'a>,
    /// The error of the payout group's rule that failed, or of the rule that brought the decision to one of its limits; the rules
    /// after it did not run.
    pub(super) failed: Option<PhaseError>,
}

/// Evaluates every restriction and, if none refuses the action, the payout groups. The groups read totals without
/// an action that a restriction leaves uncounted. A restriction that fails holds the action; the
/// other restrictions are still evaluated, unless the decision is at one of its limits.
pub(super) fn judge<'a>(evaluation: &mut Evaluation<'a>, pays: bool) -> Judged<'a> {
    let mut verdicts = Verdicts::default();
    let mut refused = !evaluation.findings.may_pay();
    for (index, restriction) in evaluation.credited.version.restrictions.iter().enumerate() {
        match restrict(evaluation, index, restriction, &mut verdicts) {
            Ok(refuses) => refused |= refuses,
            Err(error) if error.ends_decision() => return Judged { verdicts, failed: Some(error) },
            Err(error) => {
                evaluation.findings.fail(evaluation.view, error);
                refused = true;
            }
        }
    }
    if !counts(evaluation.credited.version, &verdicts) {
        evaluation.leave_uncounted();
    }
    let failed = if refused || !pays { None } else { lines(evaluation, &mut verdicts).err() };
    Judged { verdicts, failed }
}

/// Evaluates a restriction and returns whether it leaves nothing to pay.
fn restrict<'a>(
    evaluation: &mut Evaluation<'a>,
    index: usize,
    restriction: &'a Restriction,
    verdicts: &mut Verdicts<'a>,
) -> Result<bool, PhaseError> {
    let Restriction { name, place, body, .. } = restriction;
    let fuel = evaluation.fuel();
    let said = match body {
        RestrictionBody::When { condition, verdict, reason, .. } => {
            let result = evaluation.run(condition);
            let at = evaluation.trace_rule(Phase::Restrict, name, place, fuel, || match result {
                Ok(Value::Bool(true)) => Outcome::Restricted(*verdict, reason.clone()),
                Ok(_) => Outcome::NotMatched,
                Err(fault) => Outcome::Failed(fault.kind),
            });
            if result == Ok(Value::Bool(false)) {
                evaluation.trace_why_not(at, || conditions(Some(condition), None));
            }
            let holds =
                result.map_err(|fault| PhaseError::rule(name, condition, fault))? == Value::Bool(true);
            if holds {
                evaluation.view.reach(place, PointKind::Restriction);
                evaluation.count_steps(1, name, Some(place))?;
                verdicts.restrictions.push(MatchedRestriction { index, calls: None });
            }
            return Ok(holds && matches!(verdict, Verdict::Reject | Verdict::Zero));
        }
        RestrictionBody::Script(rule) => evaluation.run_script(name, rule),
        RestrictionBody::Component(component) => evaluation.run_component(name, component),
    };
    let at = evaluation.trace_rule(Phase::Restrict, name, place, fuel, || match &said {
        Ok(calls) => strictest(calls)
            .map_or(Outcome::NotMatched, |(verdict, code)| Outcome::Restricted(verdict, code.to_owned())),
        Err(error) => Outcome::Failed(error.kind),
    });
    if let (RestrictionBody::Script(rule), Ok(calls)) = (body, &said)
        && strictest(calls).is_none()
    {
        evaluation.trace_why_not(at, || conditions(None, Some(rule)));
    }
    let calls = said?;
    if !calls.is_empty() {
        evaluation.view.reach(place, PointKind::Restriction);
    }
    evaluation.count_steps(1 + calls.len(), name, Some(place))?;
    let refuses = calls.iter().any(|call| matches!(call.verb, Verb::Reject | Verb::Zero));
    let calls = Some(keep(calls, verdicts));
    verdicts.restrictions.push(MatchedRestriction { index, calls });
    Ok(refuses)
}

fn keep<'a>(calls: Vec<VerbCall<'a>>, verdicts: &mut Verdicts<'a>) -> Range<usize> {
    let start = verdicts.calls.len();
    verdicts.calls.extend(calls);
    start..verdicts.calls.len()
}

/// Returns every payout group that matches, with the item for which it does: `None` for the whole order. A group whose rule fails does
/// not match. The index of the default payout is one more than the last.
pub(super) fn matching_groups(evaluation: &mut Evaluation<'_>) -> Vec<(Option<u32>, usize)> {
    let version = evaluation.credited.version;
    let items = u32::try_from(evaluation.input.action.items.len()).unwrap_or(u32::MAX);
    let each: Vec<Option<u32>> = match version.payout.per {
        PayoutPer::Item if items > 0 => (0..items).map(Some).collect(),
        PayoutPer::Item | PayoutPer::Order => vec![None],
    };
    let mut found = Vec::new();
    for item in each {
        evaluation.input.item = item;
        for (index, group) in version.groups().enumerate() {
            let matched = match_group(evaluation, index, group, &mut Verdicts::default());
            if matches!(matched, Ok(Some(_))) {
                found.push((item, index));
            }
        }
    }
    evaluation.input.item = None;
    found
}

/// Tries the payout groups of each line.
fn lines<'a>(evaluation: &mut Evaluation<'a>, verdicts: &mut Verdicts<'a>) -> Result<(), PhaseError> {
    let items = u32::try_from(evaluation.input.action.items.len()).unwrap_or(u32::MAX);
    match evaluation.credited.version.payout.per {
        PayoutPer::Item if items > 0 => {
            for item in 0..items {
                evaluation.input.item = Some(item);
                let tried = line(evaluation, Phase::PayItem, verdicts);
                evaluation.input.item = None;
                tried?;
            }
            Ok(())
        }
        PayoutPer::Item => line(evaluation, Phase::PayItem, verdicts),
        PayoutPer::Order => line(evaluation, Phase::PayOrder, verdicts),
    }
}

fn line<'a>(
    evaluation: &mut Evaluation<'a>,
    phase: Phase,
    verdicts: &mut Verdicts<'a>,
) -> Result<(), PhaseError> {
    let payout = &evaluation.credited.version.payout;
    let start = verdicts.groups.len();
    match evaluation.group_table() {
        Some(table) => looked_up(evaluation, phase, table, verdicts)?,
        None => {
            for (index, group) in payout.groups.iter().enumerate() {
                if try_group(evaluation, phase, index, group, verdicts)? && payout.choose == Choose::First {
                    break;
                }
            }
        }
    }
    if let Some(default) = &payout.default
        && (payout.choose == Choose::Stack || verdicts.groups.len() == start)
    {
        try_group(evaluation, phase, payout.groups.len(), default, verdicts)?;
    }
    let groups = start..verdicts.groups.len();
    verdicts.lines.push(LineVerdicts { item: evaluation.input.item, groups });
    Ok(())
}

/// Tries the groups that may match.
fn looked_up<'a>(
    evaluation: &mut Evaluation<'a>,
    phase: Phase,
    table: &GroupTable,
    verdicts: &mut Verdicts<'a>,
) -> Result<(), PhaseError> {
    let payout = &evaluation.credited.version.payout;
    let place = payout.groups.first().map(|group| &group.place);
    evaluation.charge(table.fuel(), "payout", place)?;
    let candidates = table.find(&evaluation.input);
    evaluation.trace_not_tried(payout.groups.len().saturating_sub(candidates.len()), table);
    for index in candidates {
        let Some(group) = payout.groups.get(index) else { continue };
        if try_group(evaluation, phase, index, group, verdicts)? && payout.choose == Choose::First {
            break;
        }
    }
    Ok(())
}

/// Tries a group and returns whether it matches.
fn try_group<'a>(
    evaluation: &mut Evaluation<'a>,
    phase: Phase,
    index: usize,
    group: &'a Group,
    verdicts: &mut Verdicts<'a>,
) -> Result<bool, PhaseError> {
    let fuel = evaluation.fuel();
    let matched = match_group(evaluation, index, group, verdicts);
    let traced_at = evaluation.trace_rule(phase, &group.name, &group.place, fuel, || match &matched {
        Ok(Some(_)) => Outcome::Chosen,
        Ok(None) => Outcome::NotMatched,
        Err(error) => Outcome::Failed(error.kind),
    });
    if let Ok(None) = matched {
        evaluation.trace_why_not(traced_at, || group_conditions(group));
    }
    let Some((band, calls)) = matched? else { return Ok(false) };
    evaluation.count_steps(group.steps(band), &group.name, Some(&group.place))?;
    verdicts.groups.push(MatchedGroup { index, band, calls, traced_at });
    Ok(true)
}

/// Returns the conditions under which an inline condition holds and a rule file gives a verb that is more than a notice.
fn conditions<'r>(
    when: Option<&'r Arc<Rule>>,
    script: Option<&'r Arc<Rule>>,
) -> Option<Vec<(&'r Rule, Expr)>> {
    let when = when.map(|rule| (&**rule, rule.condition(|_| true)));
    let script = script.map(|rule| (&**rule, rule.condition(|verb| verb != Verb::Notice)));
    when.into_iter().chain(script).map(|(rule, condition)| Some((rule, condition?))).collect()
}

/// Returns the conditions under which a payout group matches.
fn group_conditions(group: &Group) -> Option<Vec<(&Rule, Expr)>> {
    match &group.pays {
        Pays::Fixed(_) | Pays::Component(_) => conditions(group.when.as_ref(), None),
        Pays::Script(rule) => conditions(group.when.as_ref(), Some(rule)),
        Pays::Bands { by, bands } => {
            let mut all = conditions(group.when.as_ref(), None)?;
            let Band { from, .. } = bands.first()?;
            all.push((&**by, at_least(by.condition(|_| true)?, *from)?));
            Some(all)
        }
    }
}

/// Returns the band of a payout group that matches, and the verbs that its rule gave.
fn match_group<'a>(
    evaluation: &mut Evaluation<'a>,
    index: usize,
    group: &'a Group,
    verdicts: &mut Verdicts<'a>,
) -> Result<Option<(usize, Range<usize>)>, PhaseError> {
    let failed = |rule, fault| PhaseError::rule(&group.name, rule, fault);
    if let Some(when) = &group.when
        && evaluation.run(when).map_err(|fault| failed(when, fault))? != Value::Bool(true)
    {
        return Ok(None);
    }
    let calls = match &group.pays {
        Pays::Fixed(_) => return Ok(Some((0, 0..0))),
        Pays::Bands { by, bands } => {
            let value = match evaluation.run(by).map_err(|fault| failed(by, fault))? {
                Value::Money(Money(value)) | Value::Decimal(value) => value,
                Value::Integer(value) => Decimal::from(value),
                _ => return Ok(None),
            };
            let band = band_index(bands, value);
            if evaluation.view.marks.is_some() {
                reach_bands(evaluation, bands, band, value);
            }
            return Ok(band.map(|band| (band, 0..0)));
        }
        Pays::Script(rule) => evaluation.run_script(&group.name, rule)?,
        Pays::Component(component) => evaluation.run_component(&group.name, component)?,
    };
    evaluation.count_steps(calls.len(), &group.name, Some(&group.place))?;
    let pays = calls.iter().any(|call| call.verb != Verb::Notice);
    let calls = keep(calls, verdicts);
    verdicts.speakers.push((index, calls.clone()));
    Ok(pays.then_some((0, calls)))
}

/// Records the band that a value lies in, and the band whose bound it is.
fn reach_bands(evaluation: &Evaluation<'_>, bands: &[Band], band: Option<usize>, value: Decimal) {
    let inside = band.and_then(|band| bands.get(band));
    inside.into_iter().for_each(|band| evaluation.view.reach(&band.place, PointKind::Band));
    let edges = bands.iter().filter(|band| band.from == value);
    edges.for_each(|band| evaluation.view.reach(&band.place, PointKind::BandEdge));
}

/// Returns the index of the band that a value falls in: the last band whose bound the value reaches. Returns `None` below the
/// first band: the group does not match.
fn band_index(bands: &[Band], value: Decimal) -> Option<usize> {
    bands.partition_point(|band| band.from <= value).checked_sub(1)
}
