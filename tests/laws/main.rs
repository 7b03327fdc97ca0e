//! The laws of the design that need no ledger, each for any generated contract and actions: money is conserved, counted, the same
//! inputs give the same bytes, restrictions cannot be outbid, every payout has an explanation that recomputes to it, no
//! limit is exceeded, no budget is exceeded, what checks does not fail with a type error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod closed;
mod worlds;

use accrue_tests::cases::{Bytes, cases};
use accrue_tests::choices::Choices;
#[cfg(feature = "sandbox")]
use accrue_tests::laws::alike;
use accrue_tests::laws::{
    LAWS, Law, adjusted, budget, closing, conserved, counted, dated, explained, limits, outbid, replayed,
    same_bytes,
};
use accrue_tests::world::world;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// Worlds that each law is tried on. A world has up to ten actions.
const WORLDS: u32 = 800;

const BYTES: usize = 3_000;

/// Tries a law on many worlds.
fn law(holds: Law) {
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
            Some(world) => holds(&world, &mut Choices::new(&bytes))
                .map_err(|broken| TestCaseError::fail(format!("{broken}\n{}", world.shown()))),
        }
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// A test for each law, of its name.
macro_rules! tests {
    ($($(#[$when:meta])? $module:ident::$law:ident)+) => {
        $($(#[$when])? #[test] fn $law() { law($module::$law); })+

        #[test]
        fn every_law_has_its_test() {
            let tested = [$($(#[$when])? stringify!($law)),+];
            assert_eq!(LAWS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), tested);
        }
    };
}

accrue_tests::for_each_law!(tests);
