//! Law 2: the same inputs give the same bytes, in any order of arrival, on any thread, traced or not.

use accrue::decide::Decision;
use accrue_tests::world::World;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::{decide, law};

fn bytes(decisions: &[(usize, Decision)]) -> Vec<String> {
    decisions.iter().map(|(_, decision)| serde_json::to_string(decision).unwrap()).collect()
}

#[test]
fn any_order_of_arrival() {
    law(|world, choices| {
        let expected = bytes(&decide(world)?.0);
        let mut shuffled: World = world.clone();
        for n in (1..shuffled.actions.len()).rev() {
            shuffled.actions.swap(n, choices.below(n + 1));
        }
        prop_assert_eq!(bytes(&decide(&shuffled)?.0), expected);
        Ok(())
    });
}

#[test]
fn any_thread_and_any_load() {
    law(|world, _| {
        let expected = bytes(&decide(world)?.0);
        let results: Vec<Result<Vec<String>, TestCaseError>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..2)
                .map(|_| scope.spawn(|| decide(world).map(|(decisions, _)| bytes(&decisions))))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for result in results {
            prop_assert_eq!(result?, expected.clone());
        }
        let again = accrue::Engine::new(world.program.limits().clone()).load(&world.text.source()).unwrap();
        prop_assert_eq!(again.digest(), world.program.digest());
        prop_assert_eq!(bytes(&decide(&world.with(again))?.0), expected);
        Ok(())
    });
}

#[test]
fn a_trace_changes_nothing_else() {
    law(|world, _| {
        let totals = world.program.totals();
        for action in &world.actions {
            let plain = world.program.decide(action, &world.reference, &totals).unwrap();
            let again = world.program.decide(action, &world.reference, &totals).unwrap();
            prop_assert_eq!(&plain, &again);
            let mut traced = world.program.explain(action, &world.reference, &totals).unwrap();
            prop_assert!(traced.trace.is_some() && plain.trace.is_none());
            traced.trace = None;
            prop_assert_eq!(plain, traced);
        }
        Ok(())
    });
}

#[test]
fn a_decision_reads_back_as_it_was_written() {
    law(|world, _| {
        let totals = world.program.totals();
        for action in &world.actions {
            let decision = world.program.explain(action, &world.reference, &totals).unwrap();
            let text = serde_json::to_string(&decision).unwrap();
            let read: Decision =
                serde_json::from_str(&text).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(serde_json::to_string(&read).unwrap(), text);
            prop_assert_eq!(read, decision);
        }
        Ok(())
    });
}
