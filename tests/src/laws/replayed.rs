//! A history is decided alike in one go, in slices, and from counters that were saved in between; its sums are those of its decisions.

use std::sync::Arc;

use accrue::facts::{Adjustment, AdjustmentKind};
use accrue::money::Money;
use accrue::time::Timestamp;
use accrue::{Action, Counters, Decision};
use accrue_history::{Adjustments, Event, History, Run, SummaryData};
use chrono::{NaiveDate, TimeDelta};

use super::decide;
use crate::choices::Choices;
use crate::world::World;
use crate::{ensure, ensure_eq};

/// What came of a history.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// Every decision in the order in which it was made: of actions, of adjustments and releases, of bonuses.
    decisions: Vec<Decision>,
    /// What was refused, and when periods were closed.
    other: Vec<String>,
    /// `None` if a sum over months does not fit.
    sums: Option<SummaryData>,
    unsummed: Vec<String>,
    /// The counters in the end, as they are saved.
    counters: String,
}

fn saved(counters: &Counters) -> Result<String, String> {
    serde_json::to_string(&counters.snapshot()).map_err(|error| error.to_string())
}

/// Decides a history in slices of these lengths. Returns why it could not go on if periods cannot be closed.
fn outcome(mut run: Run, mut slice: impl FnMut() -> usize) -> Result<Outcome, String> {
    let (mut decisions, mut other) = (Vec::new(), Vec::new());
    while !run.is_over() {
        let before = run.progress();
        let most = slice();
        let advanced = run.advance(most, |_, event| match event {
            Event::Decided { decision, .. } => decisions.push(decision.into_owned()),
            Event::Adjusted { decision, .. } => decisions.push(decision.clone()),
            Event::Closed { until, bonuses } => {
                other.push(format!("closed until {until}"));
                decisions.extend(bonuses);
            }
            event => other.push(format!("{event:?}")),
        });
        if let Err(error) = advanced {
            other.push(error.to_string());
            break;
        }
        ensure!(run.progress().decided <= before.decided.saturating_add(most));
    }
    Ok(Outcome {
        decisions,
        other,
        sums: run.summary().data().ok(),
        unsummed: run.unsummed().to_vec(),
        counters: saved(run.replay().counters())?,
    })
}

/// Returns some hours after an action.
fn later(action: &Action, hours: i64) -> Timestamp {
    let later = action.occurred_at.utc().checked_add_signed(TimeDelta::hours(hours));
    later.and_then(Timestamp::new).unwrap_or(action.occurred_at)
}

/// Returns the history of a world: adjustments of any kind, some of unknown actions, and closes and an end if it is so chosen.
fn history(world: &World, choices: &mut Choices<'_>) -> History {
    use AdjustmentKind::{Approval, Modification, Rejection, Reversal};
    let count = choices.below(6);
    let adjustments: Vec<Adjustment> = (0..count)
        .map(|n| {
            let action = &world.actions[choices.below(world.actions.len())];
            let kind = choices.pick(&[Reversal, Approval, Rejection, Modification]);
            let adjusts = if choices.once_in(8) { "nothing" } else { &action.id };
            let at = later(action, choices.between(-24, 2_000));
            let mut adjustment = Adjustment::new(format!("x-{n}"), adjusts, kind, at);
            if kind == Modification {
                adjustment.amount = Some(Money(rust_decimal::Decimal::new(choices.between(0, 90_000), 2)));
            }
            adjustment
        })
        .collect();
    History {
        adjustments: Arc::new(Adjustments::new(adjustments)),
        close: choices.once_in(2),
        as_of: if choices.once_in(2) { NaiveDate::from_ymd_opt(2027, 6, 1) } else { None },
        ..History::new(world.reference.clone())
    }
}

/// However a history is cut into slices, the same is decided, counted and summed up.
pub fn a_history_is_decided_alike_in_slices(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    let history = history(world, choices);
    let run = || Run::new(&world.program, history.clone(), world.actions.clone());
    let whole = outcome(run(), || usize::MAX)?;
    let sliced = outcome(run(), || choices.below(3).saturating_add(1))?;
    ensure_eq!(sliced, whole);
    Ok(())
}

/// A history that stops after some actions and goes on from its saved counters is decided like one that does not stop.
pub fn a_history_goes_on_from_saved_counters(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    // What may still change is lost when a history stops, so nothing is adjusted and no hold ends.
    let history = History::new(world.reference.clone());
    let whole = outcome(Run::new(&world.program, history.clone(), world.actions.clone()), || 3)?;
    let mut actions = world.actions.clone();
    actions.sort_by(|a, b| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
    let rest = actions.split_off(choices.below(actions.len().saturating_add(1)));
    let first = outcome(Run::new(&world.program, history.clone(), actions), || usize::MAX)?;
    let saved = serde_json::from_str(&first.counters).map_err(|error| error.to_string())?;
    let counters = Counters::restore(saved).map_err(|error| error.to_string())?;
    let from = History { counters: Some(counters), ..history };
    let second = outcome(Run::new(&world.program, from, rest), || usize::MAX)?;
    ensure_eq!(second.counters, whole.counters);
    let all: Vec<Decision> = first.decisions.into_iter().chain(second.decisions).collect();
    ensure_eq!(all, whole.decisions);
    let (decided, _) = decide(world)?;
    ensure_eq!(all, decided.into_iter().map(|(_, decision)| decision).collect::<Vec<_>>());
    Ok(())
}

/// What payout groups and bonuses pay is what partners are paid, by month and in all, and what limits take off partners is what they
/// take off in all.
pub fn sums_agree_with_each_other(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    let whole = outcome(Run::new(&world.program, history(world, choices), world.actions.clone()), || 5)?;
    let Some(sums) = whole.sums.filter(|_| whole.unsummed.is_empty()) else { return Ok(()) };
    let sum =
        |amounts: &mut dyn Iterator<Item = Money>| Money::sum(amounts).map_err(|error| error.to_string());
    for of in &sums.currencies {
        let currency = of.currency;
        let months = sums.partner_months.iter().filter(|month| month.currency == currency);
        let months = sum(&mut months.flat_map(|month| [month.totals.payable, month.totals.held]))?;
        let partners = of.partners.iter().flat_map(|partner| [partner.totals.payable, partner.totals.held]);
        let all = sum(&mut [of.totals.payable, of.totals.held].into_iter())?;
        ensure_eq!(sum(&mut partners.into_iter())?, all);
        ensure_eq!(months, all);
        let groups = sums.groups.iter().filter(|group| group.currency == currency);
        let bonuses = sums.bonuses.iter().filter(|bonus| bonus.currency == currency);
        let paid = groups.flat_map(|group| [group.payable, group.held]);
        ensure_eq!(sum(&mut paid.chain(bonuses.map(|bonus| bonus.payout)))?, all, "{:#?}", sums.groups);
    }
    for limit in &sums.limits {
        let of = sums.partner_limits.iter();
        let of = of.filter(|of| of.limit == limit.limit && of.currency == limit.currency);
        ensure_eq!(sum(&mut of.map(|of| of.cut))?, limit.cut);
    }
    Ok(())
}
