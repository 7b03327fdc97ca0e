//! Computes the commissionable amounts: of the order and, if the terms need them, of its items.

use super::decision::Outcome;
use super::evaluation::Evaluation;
use super::findings::PhaseError;
use crate::lang::{Phase, Rule, Value};
use crate::money::{Money, allocate};
use crate::terms::{PayoutPer, Verdict, reasons};
use rust_decimal::Decimal;

/// The name under which the order's amount expression fails and is traced.
const ORDER: &str = "amount.order";
const ITEM: &str = "amount.item";
const SPREAD: &str = "amount.spread";

/// Computes the bases. Without amount expressions they are the own amounts of the action and its items. If each item is paid, the
/// base of the order is the sum of its items' bases.
///
/// Holds the action if a base is below zero and the event type has no such amounts: a flat amount would be paid on it as on a sale.
pub(super) fn bases(evaluation: &mut Evaluation<'_>) -> Result<(), PhaseError> {
    let version = evaluation.credited.version;
    let is_sum = version.payout.per == PayoutPer::Item && !evaluation.input.action.items.is_empty();
    let order = match &version.amount.order {
        _ if is_sum => Money::ZERO,
        Some(rule) => amount(evaluation, Phase::OrderAmount, ORDER, rule)?,
        None => evaluation.input.action.amount.unwrap_or_default(),
    };
    // Item bases must be computed first: until then no amount can be read.
    if version.reads_item_bases {
        evaluation.input.item_bases = item_bases(evaluation)?;
    }
    let items = &evaluation.input.item_bases;
    let base = if is_sum { Money::sum(items.iter().copied()) } else { Ok(order) };
    let base = base.and_then(Money::bounded);
    let base = base.map_err(|error| {
        let place = version.amount.order.as_ref().filter(|_| !is_sum).map(|rule| &rule.place);
        PhaseError::arithmetic(ORDER, place, error)
    })?;
    if !evaluation.is_signed() {
        let is_negative = |base: &Money| base.0 < Decimal::ZERO;
        let rule =
            if is_negative(&base) { Some(ORDER) } else { items.iter().any(is_negative).then_some(ITEM) };
        if let Some(rule) = rule {
            evaluation.findings.engine_reason(reasons::NEGATIVE_AMOUNT, Verdict::Hold, rule.to_owned());
        }
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
    let place = version.amount.item.as_ref().map(|rule| &rule.place);
    let bounded = |base: Money| base.bounded().map_err(|error| PhaseError::arithmetic(ITEM, place, error));
    bases.into_iter().map(bounded).collect()
}

/// Runs a rule that gives an amount.
pub(super) fn amount<'a>(
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
