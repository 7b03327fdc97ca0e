//! The ways to run a rule give one answer: whole decisions of generated worlds, examples and golden cases by compiled
//! rules and by the interpreter, with their traces, fuel, faults and places.

use accrue::decide::Decision;
use accrue::{Engine, Limits, Program};
use accrue_tests::cases::{Bytes, CASES, cases};
use accrue_tests::choices::Choices;
use accrue_tests::folder::{Folder, programs, root};
use accrue_tests::world::world;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};

use crate::programs::test_actions;

/// Bytes of one world.
const BYTES: usize = 3_000;

/// Actions of one program that are explained; all are decided.
const EXPLAINED: usize = 200;

fn bytes() -> impl Strategy<Value = Bytes> {
    proptest::collection::vec(any::<u8>(), 0..BYTES).prop_map(Bytes)
}

/// The first difference between two decisions, as JSON.
fn differ(action: &str, compiled: &Decision, portable: &Decision) -> Option<String> {
    let text = |decision: &Decision| serde_json::to_string_pretty(decision).unwrap();
    let (compiled, portable) = (text(compiled), text(portable));
    (compiled != portable).then(|| {
        let lines = compiled.lines().zip(portable.lines()).filter(|(a, b)| a != b).take(12);
        let lines: Vec<String> = lines.map(|(a, b)| format!("- {b}\n+ {a}")).collect();
        format!("`{action}`, interpreted (-) and compiled (+):\n{}\n\n{portable}", lines.join("\n"))
    })
}

#[test]
fn worlds_are_decided_alike() {
    let config = Config {
        cases: cases(CASES),
        max_shrink_iters: 5_000,
        failure_persistence: None,
        ..Config::default()
    };
    proptest!(config, |(bytes in bytes())| {
        let Some(world) = world(&mut Choices::new(&bytes.0)).map_err(TestCaseError::fail)? else { return Ok(()) };
        let limits = world.program.limits().clone();
        let portable = Engine::portable(limits).load(&world.text.source()).unwrap();
        prop_assert!(world.program.is_compiled() && !portable.is_compiled());
        let (mut totals, mut others) = (world.program.totals(), portable.totals());
        let compiled = world.program.decide_all(&world.actions, &world.reference, &mut totals);
        let interpreted = portable.decide_all(&world.actions, &world.reference, &mut others);
        let batch = world.program.decide_batch(&world.actions, &world.reference, &totals);
        prop_assert_eq!(batch.len(), world.actions.len());
        for (action, batched) in world.actions.iter().zip(batch) {
            prop_assert_eq!(batched, world.program.decide(action, &world.reference, &totals));
        }
        for (a, b) in compiled.iter().zip(&interpreted) {
            prop_assert_eq!(a.index, b.index);
            let action = &world.actions[a.index];
            match (&a.decision, &b.decision) {
                (Ok(a), Ok(b)) => {
                    let difference = differ(&action.id, a, b);
                    prop_assert!(difference.is_none(), "{}\n{}\n{action:#?}", difference.unwrap(), world.text.shown());
                }
                (a, b) => prop_assert_eq!(a, b),
            }
            let a = world.program.explain(action, &world.reference, &totals);
            let b = portable.explain(action, &world.reference, &others);
            if let (Ok(a), Ok(b)) = (&a, &b) {
                let difference = differ(&action.id, a, b);
                prop_assert!(difference.is_none(), "{}\n{}\n{action:#?}", difference.unwrap(), world.text.shown());
            }
        }
    });
}

#[test]
fn examples_are_decided_alike() {
    assert!(all_of("rules-examples") > 1_000);
}

#[test]
fn golden_cases_are_decided_alike() {
    assert!(all_of("tests/golden") > 50);
}

/// Decides every action of every program both ways; how many.
fn all_of(parent: &str) -> usize {
    let mut decided = 0;
    for path in &programs(&root().join(parent)).unwrap() {
        let mut folder = Folder::read(path).unwrap();
        folder.actions.extend(test_actions(path));
        let load = |engine: Engine| engine.load(&folder.source).unwrap();
        let compiled = load(Engine::new(Limits::default()));
        let portable = load(Engine::portable(Limits::default()));
        assert!(compiled.is_compiled());
        decided += both(&folder, &compiled, &portable);
    }
    decided
}

fn both(folder: &Folder, compiled: &Program, portable: &Program) -> usize {
    let (mut totals, mut others) = (compiled.totals(), portable.totals());
    let a = compiled.decide_all(&folder.actions, &folder.reference, &mut totals);
    let b = portable.decide_all(&folder.actions, &folder.reference, &mut others);
    for (a, b) in a.iter().zip(&b) {
        match (&a.decision, &b.decision) {
            (Ok(a), Ok(b)) if a != b => panic!("{}", differ(&folder.actions[0].id, a, b).unwrap_or_default()),
            (Ok(_), Ok(_)) => {}
            (a, b) => assert_eq!(a, b),
        }
    }
    for action in folder.actions.iter().step_by(folder.actions.len() / EXPLAINED + 1) {
        let a = compiled.explain(action, &folder.reference, &totals);
        let b = portable.explain(action, &folder.reference, &others);
        if let (Ok(a), Ok(b)) = (a, b)
            && let Some(difference) = differ(&action.id, &a, &b)
        {
            panic!("{}: {difference}", folder.path.display());
        }
    }
    a.len()
}
