//! The ways to run rules give the same decisions of every action of the examples and golden cases: payouts, reasons, traces,
//! fuel, faults and their places. Generated worlds are held to it as to a law.

use std::collections::BTreeSet;

use accrue::internals::terms;
use accrue::internals::terms::Version;
use accrue::{Engine, Limits, Rules};
use accrue_tests::awarded::contract;
use accrue_tests::folder::{Folder, programs, root};
use accrue_tests::hosted;
use accrue_tests::ways::Ways;

use crate::programs::test_actions;

/// Actions of one program that are decided by every way. All of them are decided by both engines.
const EVERY_WAY: usize = 1_000;

#[test]
fn examples_are_decided_alike() {
    let found = all_of("rules-examples");
    assert!(found.decided > 1_000, "{found:?}");
    assert_eq!(found.unused_versions, [""; 0]);
}

#[test]
fn golden_cases_are_decided_alike() {
    let found = all_of("tests/golden");
    assert!(found.decided > 50, "{found:?}");
    assert_eq!(found.unused_versions, [""; 0]);
}

/// What the comparison covered.
#[derive(Debug, Default)]
struct Found {
    /// Decisions of the interpreted engines.
    decided: usize,
    /// Contract versions by which no action was decided.
    unused_versions: Vec<String>,
}

/// Decides the actions of every program below a folder.
fn all_of(parent: &str) -> Found {
    let mut found = Found::default();
    for path in &programs(&root().join(parent)).unwrap() {
        let mut folder = Folder::read(path).unwrap();
        folder.actions.extend(test_actions(path));
        of_folder(&folder, &mut found);
    }
    found
}

fn of_folder(folder: &Folder, found: &mut Found) {
    let compiled = Engine::default().load(&folder.source).unwrap();
    let hosted = hosted::engine(Limits::default()).build().load(&folder.source).unwrap();
    let portable = Engine::builder().rules(Rules::Interpreted).build().load(&folder.source).unwrap();
    // Rules beside a component run one by one.
    let mut versions = terms(&compiled).contracts.iter().flat_map(|contract| &contract.versions);
    assert_eq!(compiled.is_compiled(), !versions.any(Version::has_component));
    assert_eq!(hosted.is_compiled(), compiled.is_compiled());

    let place = folder.path.display();
    let (actions, reference) = (&folder.actions, &folder.reference);
    let (mut totals, mut others) = (compiled.counters(), portable.counters());
    let all = compiled.decide_all(actions, reference, &mut totals);
    assert!(all == portable.decide_all(actions, reference, &mut others), "{place}");
    assert_eq!(totals.entries(), others.entries(), "{place}");

    let some: Vec<_> = actions.iter().step_by(actions.len() / EVERY_WAY + 1).cloned().collect();
    let ways = Ways { compiled: &compiled, portable: &portable, actions: &some, reference };
    Ways { compiled: &hosted, ..ways }
        .one_by_one()
        .unwrap_or_else(|difference| panic!("{place}: on the host's runtime: {difference}"));
    let compared = ways.compare().unwrap_or_else(|difference| panic!("{place}: {difference}"));

    // Tests of one folder share ids and moments, so not all of their actions can be recorded one after the other.
    let recorded = all.iter().filter_map(|decided| decided.decision.as_ref().ok());
    let used: BTreeSet<(&str, u32)> = recorded
        .chain(&compared)
        .filter_map(contract)
        .map(|contract| (contract.name.as_str(), contract.version))
        .collect();
    for contract in &terms(&compiled).contracts {
        let unused =
            contract.versions.iter().filter(|of| !used.contains(&(contract.name.as_str(), of.number)));
        found.unused_versions.extend(unused.map(|of| format!("{place}: {} {}", contract.name, of.number)));
    }
    found.decided += all.len();
}
