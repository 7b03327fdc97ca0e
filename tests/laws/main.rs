//! The laws of the design that need no ledger, each for any generated contract and actions: money is conserved, the same
//! inputs give the same bytes, restrictions cannot be outbid, every payout has an explanation that recomputes to it, no
//! limit is exceeded, no budget is exceeded, what checks does not fail with a type error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod budget;
mod conserved;
mod explained;
mod keys;
mod limits;
mod outbid;
mod same_bytes;
mod worlds;

use accrue::decide::{Decision, Totals};
use accrue::terms::Version;
use accrue_tests::cases::{Bytes, cases};
use accrue_tests::choices::Choices;
use accrue_tests::world::{World, world};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestCaseResult, TestRunner};

/// Worlds that each law is tried on. A world has up to ten actions.
const WORLDS: u32 = 800;

const BYTES: usize = 3_000;

/// Tries a law on many worlds.
fn law(holds: impl Fn(&World, &mut Choices<'_>) -> TestCaseResult) {
    let config = Config {
        cases: cases(WORLDS),
        max_shrink_iters: 3_000,
        failure_persistence: None,
        ..Config::default()
    };
    let bytes = proptest::collection::vec(any::<u8>(), 0..BYTES).prop_map(Bytes);
    let result = TestRunner::new(config).run(&bytes, |Bytes(bytes)| {
        let mut choices = Choices::new(&bytes);
        let mut of_world = choices.split(1);
        match world(&mut of_world).map_err(TestCaseError::fail)? {
            None => Ok(()),
            Some(world) => holds(&world, &mut Choices::new(&bytes)).map_err(|error| match error {
                TestCaseError::Fail(reason) => TestCaseError::fail(format!("{reason}\n{}", shown(&world))),
                rejected @ TestCaseError::Reject(_) => rejected,
            }),
        }
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// The version of the terms that a decision was made by.
fn version<'w>(world: &'w World, decision: &Decision) -> Option<&'w Version> {
    let by = decision.contract.as_ref()?;
    let contract = world.program.terms().contracts.iter().find(|contract| contract.name == by.name)?;
    contract.versions.iter().find(|version| version.number == by.version)
}

fn shown(world: &World) -> String {
    let actions: Vec<String> =
        world.actions.iter().map(|action| serde_json::to_string(action).unwrap_or_default()).collect();
    format!("{}\n{}", world.text.shown(), actions.join("\n"))
}

/// Decides all actions; decisions in their order, each with the index of its action, and the totals after them.
fn decide(world: &World) -> Result<(Vec<(usize, Decision)>, Totals), TestCaseError> {
    let mut totals = world.program.totals();
    let decided = world.program.decide_all(&world.actions, &world.reference, &mut totals);
    let decisions: Result<Vec<_>, _> = decided
        .into_iter()
        .map(|decided| decided.decision.map(|decision| (decided.index, decision)))
        .collect();
    decisions
        .map(|decisions| (decisions, totals))
        .map_err(|error| TestCaseError::fail(format!("an action was refused: {error}")))
}
