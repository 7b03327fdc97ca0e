//! Computes the commissionable amounts: of the order and, if the terms need them, of its items.

use super::decision::Outcome;
use super::evaluation::Evaluation;
use super::findings::PhaseError;
use crate::lang::{Phase, Rule, Value};
use crate::money::{Money, allocate};

/// The name under which the order's amount expression fails and is traced.
const ORDER: &str = "amount.order";
const ITEM: &str = "amount.item";
const SPREAD: &str = "amount.spread";

/// Computes the bases. Without amount expressions they are the own amounts of the action and its items.
pub(super) fn bases(evaluation: &mut Evaluation<'_>) -> Result<(), PhaseError> {
    let version = evaluation.credited.version;
    let base = match &version.amount.order {
        Some(rule) => amount(evaluation, Phase::OrderAmount, ORDER, rule)?,
        None => evaluation.input.action.amount.unwrap_or_default(),
    };
    let base = bounded(ORDER, version.amount.order.as_deref(), base)?;
    // Item bases must be computed first: until then no amount can be read.
    if version.reads_item_bases {
        evaluation.input.item_bases = item_bases(evaluation)?;
    }
    evaluation.input.base = base;
    evaluation.rules.get().facts_changed();
    Ok(())
}

fn item_bases(evaluation: &mut Evaluation<'_>) -> Result<Vec<Money>, PhaseError> {
    let version = evaluation.credited.version;
    let items = &evaluation.input.action.items;
    let mut bases = Vec::with_capacity(items.len());
    for (index, item) in (0u32..).zip(items) {
        bases.push(match &version.amount.item {
            Some(rule) => {
                evaluation.input.item = Some(index);
                let amount = amount(evaluation, Phase::ItemAmount, ITEM, rule);
                evaluation.input.item = None;
                amount?
            }
            None => item.amount,
        });
    }
    if let Some(rule) = &version.amount.spread {
        let spread = amount(evaluation, Phase::OrderAmount, SPREAD, rule)?;
        let failed = |error| PhaseError::arithmetic(SPREAD, Some(&rule.place), error);
        // In proportion to the absolute amount of each item, so that a returned item weighs as much as a sold one.
        let weights: Vec<_> = items.iter().map(|item| item.amount.0.abs()).collect();
        let digits = version.currency.minor_digits();
        let shares = allocate(spread, &weights, digits, version.amount.allocation).map_err(failed)?;
        for (base, share) in bases.iter_mut().zip(shares) {
            *base = base.sub(share).map_err(failed)?;
        }
    }
    bases.into_iter().map(|base| bounded(ITEM, version.amount.item.as_deref(), base)).collect()
}

/// Refuses an amount that counters could not sum.
fn bounded(name: &str, rule: Option<&Rule>, amount: Money) -> Result<Money, PhaseError> {
    amount.bounded().map_err(|error| PhaseError::arithmetic(name, rule.map(|rule| &rule.place), error))
}

fn amount<'a>(
    evaluation: &mut Evaluation<'a>,
    phase: Phase,
    name: &str,
    rule: &'a Rule,
) -> Result<Money, PhaseError> {
    let fuel = evaluation.fuel();
    let amount = evaluation.run(rule).map(|value| match value {
        Value::Money(amount) => amount,
        _ => Money::ZERO,
    });
    evaluation.trace_rule(phase, name, &rule.place, fuel, || match &amount {
        Ok(amount) => Outcome::Amount(*amount),
        Err(fault) => Outcome::Failed(fault.kind),
    });
    amount.map_err(|fault| PhaseError::rule(name, rule, fault))
}
