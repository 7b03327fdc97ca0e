//! A short run of every target that needs no fuzzer: every seed, and some thousand inputs made of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use accrue_fuzz::{TARGETS, Target, seeds, target, words};
use accrue_tests::cases::cases;
use accrue_tests::choices::{Choices, noise};

/// Changes the seed as a fuzzer would: bytes replaced, cut out, repeated, words put in, another seed's end.
fn changed(choices: &mut Choices<'_>, seeds: &[(String, Vec<u8>)], words: &[String]) -> Vec<u8> {
    let mut input = seeds[choices.below(seeds.len())].1.clone();
    for _ in 0..=choices.below(4) {
        let at = choices.below(input.len().max(1));
        let end = (at + choices.below(30)).min(input.len());
        match choices.below(6) {
            0 if at < input.len() => input[at] = choices.byte(),
            1 => drop(input.drain(at..end)),
            2 => {
                let piece = input[at..end].to_vec();
                let to = choices.below(input.len() + 1);
                input.splice(to..to, piece);
            }
            3 => {
                let other = &seeds[choices.below(seeds.len())].1;
                let from = choices.below(other.len().max(1)).min(other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ if !words.is_empty() => {
                let word = &words[choices.below(words.len())];
                input.splice(at..at, word.bytes());
            }
            _ => input.insert(at, choices.byte()),
        }
    }
    input
}

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
    for n in 0..cases(inputs) {
        let bytes = noise(n, 100);
        let mut input = changed(&mut Choices::new(&bytes), &seeds, &words);
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
    reference: 1_000
    program: 500
    table: 300
    rule: 1_000
    generated: 200
    bundle: 300
    columns: 1_000
    mapping: 1_000
    dialect: 500
    spreadsheet: 300
    components: 300
    world: 50
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
