//! Laws 6 and 10: deciding and taking back is nothing, whatever stood between them; a late fact changes only by a posted difference.

use std::collections::BTreeMap;

use accrue::counters::Sums;
use accrue::decide::{AdjustError, Adjusted, Award, Decision, Status};
use accrue::facts::{Adjustment, AdjustmentKind, ReturnedItem};
use accrue::money::Money;
use accrue::time::Timestamp;
use accrue::{Action, Counters, Options};
use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::decide;
use crate::choices::Choices;
use crate::world::World;
use crate::{ensure, ensure_eq};

/// The actions of a world with their decisions as they stand, and the counters.
struct Standing<'w> {
    world: &'w World,
    open: Vec<(Action, Decision)>,
    counters: Counters,
    made: usize,
}

impl<'w> Standing<'w> {
    fn new(world: &'w World) -> Result<Self, String> {
        let (decisions, counters) = decide(world)?;
        let open = decisions.into_iter().map(|(n, decision)| (world.actions[n].clone(), decision)).collect();
        Ok(Self { world, open, counters, made: 0 })
    }

    /// An adjustment of an action, some hours after the action.
    fn adjustment(&mut self, at: usize, kind: AdjustmentKind, hours: i64) -> Adjustment {
        self.made += 1;
        let action = &self.open[at].0;
        let later = action.occurred_at.utc().checked_add_signed(TimeDelta::hours(hours));
        let later = later.and_then(Timestamp::new).unwrap_or(action.occurred_at);
        Adjustment::new(format!("x-{}", self.made), &action.id, kind, later)
    }

    /// Makes an adjustment and records it.
    fn adjust(&mut self, at: usize, adjustment: &Adjustment) -> Result<Option<Adjusted>, String> {
        let World { program, reference, .. } = self.world;
        let (action, decision) = &self.open[at];
        let standing = (action, decision);
        match program.adjust(adjustment, standing, reference, &self.counters, Options::default()) {
            Ok(adjusted) => {
                self.counters.apply(&adjusted.decision.postings).map_err(|error| error.to_string())?;
                differs_by_what_it_says(decision, &adjusted.decision)?;
                self.open[at] = (adjusted.action.clone(), adjusted.decision.clone());
                Ok(Some(adjusted))
            }
            Err(
                AdjustError::Ended { .. }
                | AdjustError::NotHeld { .. }
                | AdjustError::NotComputed { .. }
                | AdjustError::TooMuch { .. }
                | AdjustError::Facts(_),
            ) => Ok(None),
            Err(error) => Err(format!("{}: {error}", error.code())),
        }
    }
}

/// Sums of payouts by partner; generated programs pay in one currency.
fn payout(decision: &Decision, partner: &str) -> Decimal {
    let of = |award: &&Award| award.partner == partner;
    decision.awards.iter().filter(of).map(|award| award.payout.0).sum()
}

fn differs_by_what_it_says(before: &Decision, after: &Decision) -> Result<(), String> {
    let revision = after.history.last().ok_or("no revision")?;
    for award in before.awards.iter().chain(&after.awards) {
        let by = payout(after, &award.partner) - payout(before, &award.partner);
        let said = revision.changes.iter().find(|change| change.partner == award.partner);
        ensure_eq!(said.map_or(Decimal::ZERO, |change| change.by.0), by);
    }
    ensure_eq!(after.history.len(), before.history.len() + 1);
    for line in after.awards.iter().flat_map(|award| &award.lines) {
        ensure!(line.taken_back <= line.payout || line.payout < Money::ZERO, "{}", line.taken_back);
    }
    Ok(())
}

/// An adjustment that may be anything.
fn any(standing: &mut Standing<'_>, at: usize, choices: &mut Choices<'_>) -> Adjustment {
    use AdjustmentKind::{Approval, Enrichment, Modification, Rejection, Reversal};
    let kind = choices.pick(&[
        Reversal,
        Reversal,
        Reversal,
        Modification,
        Modification,
        Enrichment,
        Approval,
        Rejection,
    ]);
    let hours = choices.between(0, 2_000);
    let mut adjustment = standing.adjustment(at, kind, hours);
    let action = &standing.open[at].0;
    match kind {
        Modification => {
            let amount = Money(Decimal::new(choices.between(0, 90_000), 2));
            adjustment.amount = action.items.is_empty().then_some(amount);
            let mut items = action.items.clone();
            let more = Money(Decimal::new(choices.between(0, 5_000), 2));
            if let Some(first) = items.first_mut() {
                first.amount = first.amount.add(more).unwrap_or(first.amount);
                adjustment.items = items;
                adjustment.amount = action.amount.and_then(|amount| amount.add(more).ok());
                adjustment.subtotal = action.subtotal.and_then(|amount| amount.add(more).ok());
            }
        }
        Enrichment => {
            adjustment.customer.status = Some(choices.pick(&["new", "existing"]).to_owned());
            adjustment.customer.lifetime_value = Some(Money(Decimal::new(choices.between(0, 90_000), 2)));
        }
        Reversal => match (choices.below(3), action.items.is_empty()) {
            (0, _) => {}
            (1, false) => {
                let item = &action.items[choices.below(action.items.len())];
                let quantity = choices.once_in(2).then_some(1);
                adjustment.returned = vec![ReturnedItem { quantity, ..returned(&item.sku) }];
            }
            _ => {
                let cents = choices.between(1, 30_000);
                adjustment.amount = Some(Money(Decimal::new(cents, 2)));
            }
        },
        _ => {}
    }
    adjustment
}

fn returned(sku: &str) -> ReturnedItem {
    serde_json::from_value(serde_json::json!({ "sku": sku })).expect("an item")
}

/// What is counted under each key over all periods: an adjustment may count in another period than its action. Counters that stay
/// used are left out, and sums of zero.
fn counted(counters: &Counters) -> BTreeMap<(String, Vec<String>), [Decimal; 6]> {
    let mut sums: BTreeMap<_, [Decimal; 6]> = BTreeMap::new();
    for entry in counters.entries() {
        if !entry.counter.text().ends_with("reversals=kept") {
            let sum = sums.entry((entry.counter.text().to_owned(), entry.key.parts())).or_default();
            let Sums { actions, paid_actions, units, revenue, payouts, payable } = entry.sums;
            let numbers = [actions, paid_actions, units].map(Decimal::from);
            let of_entry = numbers.into_iter().chain([revenue, payouts, payable].map(|amount| amount.0));
            sum.iter_mut().zip(of_entry).for_each(|(sum, of_entry)| *sum += of_entry);
        }
    }
    sums.retain(|_, sum| *sum != [Decimal::ZERO; 6]);
    sums
}

/// Whatever happened to the actions, a reversal of each leaves nothing: no payout and no counter, in any order.
pub fn a_full_reversal_leaves_nothing(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    let mut standing = Standing::new(world)?;
    if standing.open.is_empty() {
        return Ok(());
    }
    for _ in 0..choices.below(8) {
        let at = choices.below(standing.open.len());
        let adjustment = any(&mut standing, at, choices);
        standing.adjust(at, &adjustment)?;
    }
    let mut order: Vec<usize> = (0..standing.open.len()).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, choices.below(last + 1));
    }
    for at in order {
        let kind = if standing.open[at].1.status == Status::Rejected {
            // What was rejected and still counts is decided by a person; it stays, and is not taken back.
            continue;
        } else {
            AdjustmentKind::Reversal
        };
        let reversal = standing.adjustment(at, kind, 3_000);
        standing.adjust(at, &reversal)?;
        let (_, decision) = &standing.open[at];
        for award in &decision.awards {
            ensure_eq!(award.payout, Money::ZERO);
            ensure!(
                matches!(award.status, Status::Reversed | Status::Rejected | Status::Zero),
                "{:?}",
                award.status
            );
        }
    }
    let rejected = standing.open.iter().filter(|(_, decision)| decision.status == Status::Rejected);
    let still: usize = rejected
        .map(|(_, decision)| {
            let counts = if decision.history.is_empty() { &decision.postings } else { &decision.counted };
            counts.len()
        })
        .sum();
    ensure!(still > 0 || counted(&standing.counters).is_empty(), "{:?}", standing.counters.entries());
    Ok(())
}

/// Parts that are taken back one after the other sum to the whole, and none is more than what is left.
pub fn returns_sum_to_the_payout(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    let mut standing = Standing::new(world)?;
    if standing.open.is_empty() {
        return Ok(());
    }
    let at = choices.below(standing.open.len());
    let paid: Decimal = standing.open[at].1.awards.iter().map(|award| award.payout.0).sum();
    let mut taken = Decimal::ZERO;
    for n in 0..6 {
        let mut reversal = standing.adjustment(at, AdjustmentKind::Reversal, n);
        if n < 5 {
            reversal.amount = Some(Money(Decimal::new(choices.between(1, 20_000), 2)));
        }
        if let Some(adjusted) = standing.adjust(at, &reversal)? {
            let revision = adjusted.decision.history.last().ok_or("no revision")?;
            let by: Decimal = revision.changes.iter().map(|change| change.by.0).sum();
            // Taking back a line that was charged pays it.
            let mut lines = adjusted.decision.awards.iter().flat_map(|award| &award.lines);
            if lines.all(|line| line.payout >= Money::ZERO) {
                ensure!(revision.changes.iter().all(|change| change.by <= Money::ZERO), "a return pays");
            }
            taken += by;
        }
    }
    if standing.open[at].1.status != Status::Rejected {
        ensure_eq!(-taken, paid);
    }
    Ok(())
}

/// A modification decides as if the action had come so, on counters without what it counted before.
pub fn a_modification_is_reverse_then_decide(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    let mut standing = Standing::new(world)?;
    if standing.open.is_empty() {
        return Ok(());
    }
    let at = choices.below(standing.open.len());
    let mut adjustment = standing.adjustment(at, AdjustmentKind::Enrichment, 5);
    adjustment.customer.status = Some(choices.pick(&["new", "existing"]).to_owned());
    adjustment.customer.order_count = Some(u32::try_from(choices.between(0, 9)).unwrap());
    let mut without = standing.counters.clone();
    without.revert(&standing.open[at].1.postings).map_err(|error| error.to_string())?;
    let Some(adjusted) = standing.adjust(at, &adjustment)? else { return Ok(()) };
    let World { program, reference, .. } = world;
    let again = program
        .decide(&adjusted.action, reference, &without, Options::default())
        .map_err(|error| error.to_string())?;
    ensure_eq!(again.awards, adjusted.decision.awards);
    ensure_eq!(again.status, adjusted.decision.status);
    without.apply(&again.postings).map_err(|error| error.to_string())?;
    ensure_eq!(counted(&without), counted(&standing.counters));
    Ok(())
}

/// Adjustments are the same however rules run, and read back as they were written.
#[cfg(feature = "sandbox")]
pub fn adjustments_are_made_alike(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    let limits = world.program.limits().clone();
    let engine = accrue::Engine::builder().limits(limits).rules(accrue::Rules::Interpreted).build();
    let portable = engine.load(&world.text.source()).map_err(|faults| faults.to_string())?;
    let mut standing = Standing::new(world)?;
    for _ in 0..choices.below(6) {
        if standing.open.is_empty() {
            return Ok(());
        }
        let at = choices.below(standing.open.len());
        let adjustment = any(&mut standing, at, choices);
        let (action, decision) = standing.open[at].clone();
        let counters = standing.counters.clone();
        let other = portable.adjust(
            &adjustment,
            (&action, &decision),
            &world.reference,
            &counters,
            Options::default(),
        );
        match (standing.adjust(at, &adjustment)?, other) {
            (Some(one), Ok(other)) => {
                ensure_eq!(one, other);
                let text = serde_json::to_string(&one.decision).map_err(|error| error.to_string())?;
                let read: Decision = serde_json::from_str(&text).map_err(|error| error.to_string())?;
                ensure_eq!(read, one.decision);
            }
            (None, Err(_)) => {}
            (one, other) => return Err(format!("{one:?} is not {other:?}")),
        }
    }
    Ok(())
}
