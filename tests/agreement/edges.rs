//! Hand-picked programs at the edges of the language: either the checker refuses one, or both ways agree on it.

use accrue::internals::lang::{Form, Phase};
use accrue_tests::agree::every_way;
use accrue_tests::choices::{Choices, noise};
use accrue_tests::generate::action::Amounts;
use accrue_tests::stage::{Stage, facts};

/// A script for orders a paragraph. What a checker that widens integers, reorders operands or folds constants would
/// get wrong.
const PROGRAMS: &str = include_str!("edges.rhai");

#[test]
fn edges_are_refused_or_agree() {
    let stage = Stage::new().unwrap();
    let mut failed = String::new();
    let mut accepted = 0;
    for program in PROGRAMS.split("\n\n").map(str::trim).filter(|program| !program.is_empty()) {
        let (checked, _) = stage.check(program, Phase::PayOrder, Form::Script);
        let Some(checked) = checked else { continue };
        accepted += 1;
        for seed in 0..8 {
            let bytes = noise(seed, 400);
            let facts = facts(&mut Choices::new(&bytes), Phase::PayOrder, Amounts::Ordinary(2));
            if let Err(difference) = every_way(&stage, program, &checked.rule, &facts) {
                failed.push_str(&format!("{program}\n{difference}\n\n"));
                break;
            }
        }
    }
    assert!(failed.is_empty(), "{failed}");
    assert!(accepted > 20, "only {accepted} programs were accepted");
}
