//! Laws 5, 6 and 12: counters are what postings sum to, in any order, and taking them back leaves nothing.

use accrue::Counters;
use accrue::counters::CountersSnapshot;
use accrue::decide::Decision;

use super::decide;
use crate::choices::Choices;
use crate::world::World;
use crate::{ensure, ensure_eq};

/// Counters to which the postings of these decisions were applied, one after the other.
fn counted<'d>(world: &World, decisions: impl IntoIterator<Item = &'d Decision>) -> Result<Counters, String> {
    let mut counters = world.program.counters();
    for decision in decisions {
        counters.apply(&decision.postings).map_err(|error| error.to_string())?;
    }
    Ok(counters)
}

fn shuffled<'d>(decisions: &'d [(usize, Decision)], choices: &mut Choices<'_>) -> Vec<&'d Decision> {
    let mut order: Vec<&Decision> = decisions.iter().map(|(_, decision)| decision).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, choices.below(last + 1));
    }
    order
}

/// A journal of decisions, replayed, is the counters: it needs no action and no terms.
pub fn a_replay_of_decisions_is_the_counters(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let (decisions, counters) = decide(world)?;
    let journal: Vec<String> = decisions.iter().map(|(_, d)| serde_json::to_string(d).unwrap()).collect();
    let journal: Vec<Decision> = journal.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    ensure_eq!(counted(world, &journal)?, counters);
    Ok(())
}

/// Postings in any order, as late actions bring about, are the same counters.
pub fn postings_count_in_any_order(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    let (decisions, counters) = decide(world)?;
    ensure_eq!(counted(world, shuffled(&decisions, choices))?, counters);
    Ok(())
}

/// Recording and taking back, in any order, leaves what was there before.
pub fn what_is_taken_back_is_gone(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    let (decisions, mut counters) = decide(world)?;
    let kept = choices.below(decisions.len() + 1);
    let (left, back) = decisions.split_at(kept);
    for decision in shuffled(back, choices) {
        counters.revert(&decision.postings).map_err(|error| error.to_string())?;
    }
    ensure_eq!(counters, counted(world, left.iter().map(|(_, decision)| decision))?);
    for (_, decision) in left {
        counters.revert(&decision.postings).map_err(|error| error.to_string())?;
    }
    ensure!(counters.is_empty() && counters.entries().is_empty());
    Ok(())
}

/// Counters split by key and merged, or saved and restored, are the same counters.
pub fn counters_are_split_merged_saved_and_restored(
    world: &World,
    choices: &mut Choices<'_>,
) -> Result<(), String> {
    let (_, counters) = decide(world)?;
    let parts = choices.below(4) + 1;
    let split = counters.split(parts, |_, key| key.parts().concat().len() % parts);
    let mut merged = world.program.counters();
    for part in split.iter().rev() {
        merged.merge(part).map_err(|error| error.to_string())?;
    }
    ensure_eq!(merged, counters);
    let saved = serde_json::to_string(&counters.snapshot()).unwrap();
    let snapshot: CountersSnapshot = serde_json::from_str(&saved).unwrap();
    let restored = Counters::restore(snapshot).map_err(|error| error.to_string())?;
    ensure_eq!(restored, counters);
    ensure_eq!(serde_json::to_string(&restored.snapshot()).unwrap(), saved, "the same bytes again");
    Ok(())
}
