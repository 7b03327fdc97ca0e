//! Restrict and pay by the interpreter, in the words of compiled rules: what an [`Assessor`](super::Assessor) works from when
//! it is told to interpret.

use std::ops::Range;

use rust_decimal::Decimal;

use super::pay::band_index;
use crate::compiled::{GroupOutcome, Outcomes, SaidVerb, What};
use crate::component::ComponentRule;
use crate::limits::Limits;
use crate::money::Money;
use crate::rule::catalog::Verb;
use crate::rule::{Case, Evaluator, Rule, Spoken, Value};
use crate::terms::{Choose, Group, PayoutPer, Pays, RestrictionBody, Verdict, Version};

/// Runs the rules of a case; `None` where one fails.
pub(super) fn outcomes<'a>(
    evaluator: &mut Evaluator<'a>,
    version: &'a Version,
    case: &Case<'a>,
    limits: &Limits,
    into: &mut Outcomes,
) -> Option<()> {
    into.clear();
    let before = evaluator.fuel();
    let mut refused = false;
    for (index, restriction) in version.restrictions.iter().enumerate() {
        let said = match &restriction.body {
            RestrictionBody::When { condition, verdict, .. } => {
                if evaluator.run(condition, case).ok()? == Value::Bool(true) {
                    into.restrictions.push((index, None));
                    refused |= matches!(verdict, Verdict::Reject | Verdict::Zero);
                }
                continue;
            }
            RestrictionBody::Script(rule) => script(evaluator, rule, case, into)?,
            RestrictionBody::Component(of) => component(evaluator, of, case, limits, into)?,
        };
        let verbs = into.said.get(said.clone())?;
        refused |= verbs.iter().any(|said| matches!(said.verb, Verb::Reject | Verb::Zero));
        into.restrictions.push((index, Some(said)));
    }
    if !refused {
        let items = case.action.items.len();
        if version.payout.per == PayoutPer::Item && items > 0 {
            let mut case = case.clone();
            for index in (0..).take(items) {
                case.item = Some(index);
                line(evaluator, version, &case, limits, into)?;
            }
        } else {
            line(evaluator, version, case, limits, into)?;
        }
    }
    into.fuel = evaluator.fuel() - before;
    Some(())
}

/// What a script says.
fn script<'a>(
    evaluator: &mut Evaluator<'a>,
    rule: &'a Rule,
    case: &Case<'a>,
    into: &mut Outcomes,
) -> Option<Range<usize>> {
    evaluator.run(rule, case).ok()?;
    Some(said(evaluator.spoken(), into))
}

/// What a component says.
fn component<'a>(
    evaluator: &mut Evaluator<'a>,
    component: &ComponentRule,
    case: &Case<'a>,
    limits: &Limits,
    into: &mut Outcomes,
) -> Option<Range<usize>> {
    let evaluated = component.run(case, limits);
    evaluator.add_fuel(evaluated.fuel);
    Some(said(&evaluated.spoken.ok()?, into))
}

fn said(spoken: &[Spoken<'_>], into: &mut Outcomes) -> Range<usize> {
    let start = into.said.len();
    let what = |spoken: &Spoken<'_>| match spoken.value {
        Value::Decimal(number) | Value::Money(Money(number)) => What::Number(number),
        // What it says is not asked for here, only that it does.
        _ => What::Reason(u32::MAX, None),
    };
    into.said.extend(spoken.iter().map(|spoken| SaidVerb { verb: spoken.verb, what: what(spoken) }));
    start..into.said.len()
}

/// Tries the groups of a line.
fn line<'a>(
    evaluator: &mut Evaluator<'a>,
    version: &'a Version,
    case: &Case<'a>,
    limits: &Limits,
    into: &mut Outcomes,
) -> Option<()> {
    let start = into.groups.len();
    let payout = &version.payout;
    let first = payout.choose == Choose::First;
    for (index, of) in payout.groups.iter().enumerate() {
        if group(evaluator, of, index, case, limits, into)? && first {
            break;
        }
    }
    if let Some(default) = &payout.default
        && (payout.choose == Choose::Stack || into.groups.len() == start)
    {
        group(evaluator, default, payout.groups.len(), case, limits, into)?;
    }
    into.lines.push((case.item, start..into.groups.len()));
    Some(())
}

/// Tries a group; whether it matches.
fn group<'a>(
    evaluator: &mut Evaluator<'a>,
    of: &'a Group,
    index: usize,
    case: &Case<'a>,
    limits: &Limits,
    into: &mut Outcomes,
) -> Option<bool> {
    if let Some(when) = &of.when
        && evaluator.run(when, case).ok()? != Value::Bool(true)
    {
        return Some(false);
    }
    let (band, said) = match &of.pays {
        Pays::Fixed(_) => (0, 0..0),
        Pays::Bands { by, bands } => {
            let value = match evaluator.run(by, case).ok()? {
                Value::Money(Money(value)) | Value::Decimal(value) => value,
                Value::Integer(value) => Decimal::from(value),
                _ => return Some(false),
            };
            match band_index(bands, value) {
                Some(band) => (band, 0..0),
                None => return Some(false),
            }
        }
        Pays::Script(rule) => (0, script(evaluator, rule, case, into)?),
        Pays::Component(of) => (0, component(evaluator, of, case, limits, into)?),
    };
    let says = matches!(of.pays, Pays::Script(_) | Pays::Component(_));
    if says && into.said.get(said.clone())?.iter().all(|said| said.verb == Verb::Notice) {
        return Some(false);
    }
    into.groups.push(GroupOutcome { group: index, band, said });
    Some(true)
}
