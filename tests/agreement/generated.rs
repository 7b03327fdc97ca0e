//! Generated rules: what the generators make is checked without an error, and every way to run it agrees.

use accrue::internals::lang::Phase;
#[cfg(feature = "sandbox")]
use accrue_tests::agree::pairs;
use accrue_tests::agree::{generated_expression, generated_script};
use accrue_tests::cases::{Bytes, CASES, cases};
use accrue_tests::choices::Choices;
use accrue_tests::generate::action::Amounts;
use accrue_tests::generate::statement::script;
use accrue_tests::oracle::{Trouble, evaluate};
use accrue_tests::stage::{Stage, facts};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};

/// Bytes for one case: enough for some twenty statements.
const BYTES: usize = 1_500;

/// Rules that many facts are tried on, when nothing else is asked for.
#[cfg(feature = "sandbox")]
const RULES: u32 = 100;

fn bytes() -> impl Strategy<Value = Bytes> {
    proptest::collection::vec(any::<u8>(), 0..BYTES).prop_map(Bytes)
}

fn config() -> Config {
    Config { cases: cases(CASES), max_shrink_iters: 20_000, failure_persistence: None, ..Config::default() }
}

#[test]
fn scripts_agree() {
    let stage = Stage::new().unwrap();
    proptest!(config(), |(bytes in bytes())| {
        generated_script(&stage, &mut Choices::new(&bytes.0)).map_err(TestCaseError::fail)?;
    });
}

#[test]
fn expressions_agree() {
    let stage = Stage::new().unwrap();
    proptest!(config(), |(bytes in bytes())| {
        generated_expression(&stage, &mut Choices::new(&bytes.0)).map_err(TestCaseError::fail)?;
    });
}

/// Many facts for each rule, which is compiled once, and traced. `ACCRUE_CASES=20000` makes a million pairs.
#[cfg(feature = "sandbox")]
#[test]
fn many_pairs_agree() {
    const FACTS: u32 = 100;
    let stage = Stage::new().unwrap();
    let engine = accrue::Engine::default();
    let rules = cases(RULES);
    let compared: u32 = (0..rules).map(|rule| pairs(&stage, &engine, rule, FACTS).unwrap()).sum();
    println!("{compared} pairs of {rules} rules");
    assert!(compared > rules * FACTS / 3, "only {compared} pairs of {rules} rules");
}

/// The generators' side of the bargain: whatever they make, Rhai evaluates it, or fails only in arithmetic.
#[test]
fn generated_rules_are_programs_of_rhai() {
    proptest!(config(), |(bytes in bytes())| {
        let mut choices = Choices::new(&bytes.0);
        let phase = choices.pick(&[Phase::Restrict, Phase::PayOrder, Phase::PayItem]);
        let text = script(choices.split(2), phase);
        let facts = facts(&mut choices, phase, Amounts::Any);
        let trouble = evaluate(&text, &facts).err();
        prop_assert!(!matches!(trouble, Some(Trouble::Other(_))), "{trouble:?}\n{text}");
    });
}
