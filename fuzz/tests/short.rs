//! A short run of every target that needs no fuzzer: every seed, and some thousand inputs made of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use accrue_fuzz::mutate::changed;
use accrue_fuzz::{TARGETS, Target, seeds, target, words};
use accrue_tests::cases::cases;
use accrue_tests::choices::{Choices, noise};

/// Runs a target on an input, and names the input when it fails.
fn tried(target: &Target, name: &str, input: &[u8]) {
    let result = std::panic::catch_unwind(|| (target.run)(input));
    if let Err(cause) = result {
        eprintln!("{} failed on {name}:\n{}", target.name, String::from_utf8_lossy(input).escape_debug());
        std::panic::resume_unwind(cause);
    }
}

/// Tries every seed of a target, and so many inputs made of them; `ACCRUE_CASES` asks for more.
fn short(name: &str, inputs: u32) {
    let target = target(name).unwrap();
    let seeds = seeds::of(target);
    assert!(seeds.len() >= 10, "{name} has only {} seeds", seeds.len());
    for (seed, input) in &seeds {
        tried(target, seed, input);
    }
    let words = (target.words)();
    let inputs_of_seeds: Vec<&[u8]> = seeds.iter().map(|(_, input)| input.as_slice()).collect();
    for n in 0..cases(inputs) {
        let bytes = noise(n, 100);
        let mut input = changed(&mut Choices::new(&bytes), &inputs_of_seeds, &words);
        input.truncate(target.longest);
        tried(target, &format!("input {n}"), &input);
    }
}

/// A test for each target, of its name.
macro_rules! tests {
    ($($target:ident: $inputs:literal)+) => {
        $(#[test] fn $target() { short(stringify!($target), $inputs); })+

        #[test]
        fn every_target_has_its_test() {
            let tested = [$(stringify!($target)),+];
            assert_eq!(TARGETS.iter().map(|target| target.name).collect::<Vec<_>>(), tested);
        }
    };
}

// As many as take some seconds each without optimisation. Worlds and generated rules have property tests beside.
tests! {
    actions: 1_000
    adjustments: 10_000
    reference: 1_000
    program: 500
    table: 300
    assist: 300
    rule: 1_000
    generated: 200
    bundle: 300
    columns: 1_000
    mapping: 1_000
    dialect: 500
    spreadsheet: 300
    components: 300
    world: 50
    cost: 20
}

#[test]
fn dictionaries_have_one_word_a_line() {
    let text = words::dictionary(vec!["a\"b\\".to_owned(), "é\n".to_owned()]);
    assert_eq!(text, "\"a\\\"b\\\\\"\n\"\\xC3\\xA9\\x0A\"\n");
    for target in TARGETS {
        let words = (target.words)();
        assert_eq!(
            words::dictionary(words.clone()).lines().count(),
            words.iter().collect::<std::collections::BTreeSet<_>>().len()
        );
    }
}
