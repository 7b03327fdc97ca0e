//! What counters count of an action: their conditions on the action and its lines, and their measures.
//!
//! The rules of a counter run once for each action, before totals are read. Like those of amounts, they are always interpreted: a
//! counter may be declared by another version than the one that decides. A rule that fails holds the action, and the counter does
//! not count it.

use super::base::amount;
use super::counted::{Counted, UsedSums, may_count, units};
use super::decision::Outcome;
use super::evaluation::Evaluation;
use super::findings::PhaseError;
use super::postings::{KeyParts, read_sums};
use rust_decimal::Decimal;

use crate::facts::Action;
use crate::lang::{Phase, Rule, Value};
use crate::money::{Money, checked};
use crate::run::TotalAdds;
use crate::terms::{Counter, Past, PastSum};

/// Returns what an action adds to a counter that may count it; `None` if its conditions say no, or if they did not run.
pub(super) fn adds(
    counter: &Counter,
    number: usize,
    action: &Action,
    counted: &[Counted],
) -> Option<TotalAdds> {
    if !counter.asks() {
        return Some(TotalAdds { units: units(action), ..TotalAdds::default() });
    }
    counted.iter().find(|counted| counted.counter == number).and_then(|counted| counted.adds)
}

/// Runs the rules of each counter that may count the action.
pub(super) fn count(evaluation: &mut Evaluation<'_>) -> Result<(), PhaseError> {
    let Evaluation { view, credited, moment, .. } = evaluation;
    let moves = view.lookup.moves(credited.contract_index, credited.version.currency);
    let (terms, moment) = (view.terms, *moment);
    for number in moves.counters_with_rules() {
        let Some(counter) = terms.counters.get(number) else { continue };
        if may_count(counter, evaluation.input.action, moment) {
            let mut adds = adds_of(evaluation, counter)?;
            if let (Some(past), Some(of)) = (&counter.past, adds)
                && !is_past(evaluation, number, counter, past, of)?
            {
                adds = None;
            }
            evaluation.findings.counted.push(Counted { counter: number, adds });
        }
    }
    Ok(())
}

/// Returns what the rules of a counter say that the action adds.
fn adds_of<'a>(
    evaluation: &mut Evaluation<'a>,
    counter: &'a Counter,
) -> Result<Option<TotalAdds>, PhaseError> {
    if let Some(when) = &counter.when
        && !holds(evaluation, Phase::Count, WHEN, &when.rule)?
    {
        return Ok(None);
    }
    let action = evaluation.input.action;
    let mut adds = TotalAdds { units: units(action), ..TotalAdds::default() };
    if let Some(items) = &counter.items {
        let Some((units, revenue)) = matching(evaluation, &items.rule)? else { return Ok(None) };
        (adds.units, adds.revenue) = (units, Some(revenue));
    }
    if let Some(measure) = &counter.measure {
        adds.revenue = Some(measured(evaluation, &measure.rule)?);
    }
    Ok(Some(adds))
}

/// Returns whether the action is past a tier of what its counter counts without the tier.
fn is_past(
    evaluation: &mut Evaluation<'_>,
    number: usize,
    counter: &Counter,
    past: &Past,
    adds: TotalAdds,
) -> Result<bool, PhaseError> {
    let Evaluation { view, counters, counted, moment, .. } = evaluation;
    let Some(all) = view.lookup.without_tier(number) else { return Ok(false) };
    let parts = KeyParts::of(evaluation.input.action, &evaluation.credited, None);
    if !parts.write(&counter.per, &mut evaluation.key) {
        return Ok(false);
    }
    let sums = read_sums(*view, (counters, counted), moment, all, &evaluation.key)
        .map_err(|error| PhaseError::counter(PAST, None, &error))?;
    evaluation.findings.used.push(UsedSums { name: PAST, sums, distinct: 0 });
    let (before, this) = match past.of {
        PastSum::Actions => (sums.actions.into(), Decimal::ONE),
        PastSum::Units => (sums.units.into(), adds.units.into()),
        PastSum::Revenue => (sums.revenue.0, adds.revenue.unwrap_or(evaluation.input.base).0),
    };
    let measure = if past.crosses { checked::add(before, this) } else { Ok(before) };
    let measure = measure.map_err(|error| PhaseError::arithmetic(PAST, None, error))?;
    Ok(past.threshold.is_met(measure, past.from))
}

/// The name under which the sums are listed that say whether an action is past a tier.
const PAST: &str = "tier";

/// The names under which the rules fail and are traced.
const WHEN: &str = "total.when";
const ITEMS: &str = "total.items";
const MEASURE: &str = "total.measure";

/// Returns the units and the commissionable amounts of the lines that meet a condition; `None` if no line does. An action without
/// items is one line.
fn matching<'a>(evaluation: &mut Evaluation<'a>, rule: &'a Rule) -> Result<Option<(i64, Money)>, PhaseError> {
    let action = evaluation.input.action;
    if action.items.is_empty() {
        let matches = holds(evaluation, Phase::CountItem, ITEMS, rule)?;
        return Ok(matches.then_some((1, evaluation.input.base)));
    }
    let mut found = None;
    for (index, item) in (0u32..).zip(&action.items) {
        evaluation.input.item = Some(index);
        let matches = holds(evaluation, Phase::CountItem, ITEMS, rule);
        evaluation.input.item = None;
        if matches? {
            let (units, revenue): (i64, Money) = found.unwrap_or_default();
            let base = evaluation.input.item_bases.get(index as usize).copied().unwrap_or_default();
            let failed = |error| PhaseError::arithmetic(ITEMS, Some(&rule.place), error);
            let revenue = revenue.add(base).and_then(Money::bounded).map_err(failed)?;
            found = Some((units.saturating_add(i64::from(item.quantity)), revenue));
        }
    }
    Ok(found)
}

/// Returns whether a condition holds.
fn holds<'a>(
    evaluation: &mut Evaluation<'a>,
    phase: Phase,
    name: &str,
    rule: &'a Rule,
) -> Result<bool, PhaseError> {
    let fuel = evaluation.fuel();
    let result = evaluation.run(rule);
    let at = evaluation.trace_rule(phase, name, &rule.place, fuel, || match result {
        Ok(Value::Bool(true)) => Outcome::Counted,
        Ok(_) => Outcome::NotMatched,
        Err(fault) => Outcome::Failed(fault.kind),
    });
    if result == Ok(Value::Bool(false)) {
        evaluation.trace_why_not(at, || Some(vec![(rule, rule.condition(|_| true)?)]));
    }
    Ok(result.map_err(|fault| PhaseError::rule(name, rule, fault))? == Value::Bool(true))
}

/// Returns the measure of the action.
fn measured<'a>(evaluation: &mut Evaluation<'a>, rule: &'a Rule) -> Result<Money, PhaseError> {
    let amount = amount(evaluation, Phase::Count, MEASURE, rule)?;
    amount.bounded().map_err(|error| PhaseError::arithmetic(MEASURE, Some(&rule.place), error))
}
