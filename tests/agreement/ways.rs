//! The ways to run a rule give one answer: whole decisions of examples and golden cases by compiled rules and by the
//! interpreter, with their traces, fuel, faults and places. Generated worlds are held to it as to a law.

use accrue::terms::Version;
use accrue::{Engine, Limits, Program};
use accrue_tests::assess::every_way;
use accrue_tests::folder::{Folder, programs, root};
use accrue_tests::laws::alike::differ;

use crate::programs::test_actions;

/// Actions of one program whose cases are assessed by every way; all are decided.
const ASSESSED: usize = 2_000;

/// Actions of one program that are explained.
const EXPLAINED: usize = 200;

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
        // Rules beside a component run one by one.
        let mut versions = compiled.terms().contracts.iter().flat_map(|contract| &contract.versions);
        assert_eq!(compiled.is_compiled(), !versions.any(Version::has_component));
        decided += both(&folder, &compiled, &portable);
    }
    decided
}

fn both(folder: &Folder, compiled: &Program, portable: &Program) -> usize {
    let some: Vec<_> = folder.actions.iter().step_by(folder.actions.len() / ASSESSED + 1).cloned().collect();
    if let Err(difference) = every_way(compiled, &some, &folder.reference) {
        panic!("{}: {difference}", folder.path.display());
    }
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
