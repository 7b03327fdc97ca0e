//! Law 2: the same inputs give the same bytes, in any order of arrival, on any thread, traced or not.

use crate::world::World;
use accrue::Options;
use accrue::decide::Decision;

use super::decide;
use crate::choices::Choices;
use crate::{ensure, ensure_eq};

fn bytes(decisions: &[(usize, Decision)]) -> Vec<String> {
    decisions.iter().map(|(_, decision)| serde_json::to_string(decision).unwrap()).collect()
}

/// In whatever order actions arrive.
pub fn any_order_of_arrival(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    let expected = bytes(&decide(world)?.0);
    let mut shuffled: World = world.clone();
    for n in (1..shuffled.actions.len()).rev() {
        shuffled.actions.swap(n, choices.below(n + 1));
    }
    ensure_eq!(bytes(&decide(&shuffled)?.0), expected);
    Ok(())
}

/// On any thread, and from terms that were loaded again.
pub fn any_thread_and_any_load(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let expected = bytes(&decide(world)?.0);
    let results: Vec<Result<Vec<String>, String>> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..2).map(|_| scope.spawn(|| decide(world).map(|(decisions, _)| bytes(&decisions)))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for result in results {
        ensure_eq!(result?, expected.clone());
    }
    let again = accrue::Engine::builder()
        .limits(world.program.limits().clone())
        .build()
        .load(&world.text.source())
        .unwrap();
    ensure_eq!(again.digest(), world.program.digest());
    ensure_eq!(bytes(&decide(&world.with(again))?.0), expected);
    Ok(())
}

/// With a trace or without.
pub fn a_trace_changes_nothing_else(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let totals = world.program.counters();
    for action in &world.actions {
        let plain = world.program.decide(action, &world.reference, &totals, Options::default()).unwrap();
        let again = world.program.decide(action, &world.reference, &totals, Options::default()).unwrap();
        ensure_eq!(&plain, &again);
        let mut traced = world.program.decide(action, &world.reference, &totals, Options::traced()).unwrap();
        ensure!(traced.trace.is_some() && plain.trace.is_none());
        traced.trace = None;
        ensure_eq!(plain, traced);
    }
    Ok(())
}

/// Read from what was written.
pub fn a_decision_reads_back_as_it_was_written(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let totals = world.program.counters();
    for action in &world.actions {
        let decision = world.program.decide(action, &world.reference, &totals, Options::traced()).unwrap();
        let text = serde_json::to_string(&decision).unwrap();
        let read: Decision = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        ensure_eq!(serde_json::to_string(&read).unwrap(), text);
        ensure_eq!(read, decision);
    }
    Ok(())
}
