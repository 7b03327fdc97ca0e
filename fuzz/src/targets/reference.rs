//! The readers of reference facts: a letter for kind and format and a file enter. Every fault has its line, and what is
//! accepted reads the same when it is written again.

use std::fmt::Debug;

use accrue::Limits;
use accrue::facts::{Facts, read_creatives, read_partners, read_pauses, read_promo_codes, read_rates};
use serde::Serialize;

/// Tries one input. The letter is the kind's first (`o` for promo codes), in upper case for CSV.
pub fn run(data: &[u8]) {
    let Some((letter, file)) = data.split_first() else { return };
    let name = if letter.is_ascii_uppercase() { "facts.csv" } else { "facts.jsonl" };
    match letter.to_ascii_lowercase() {
        b'c' => check(name, file, read_creatives),
        b'o' => check(name, file, read_promo_codes),
        b'r' => check(name, file, read_rates),
        b'u' => check(name, file, read_pauses),
        _ => check(name, file, read_partners),
    }
}

fn check<T: Serialize + PartialEq + Debug>(
    name: &str,
    file: &[u8],
    read: impl Fn(&str, &[u8], &Limits) -> Facts<T>,
) {
    let limits = Limits::default();
    let found = read(name, file, &limits);
    let lines = u64::try_from(file.split(|byte| *byte == b'\n').count()).expect("the file is short");
    for error in &found.errors.0 {
        assert!(!error.message.is_empty());
        assert!(error.to_string().chars().count() < 2_000, "{error}");
        assert!(error.line.is_none_or(|line| (1..=lines).contains(&line)), "{error}");
    }
    let mut written = String::new();
    for value in &found.values {
        written.push_str(&serde_json::to_string(value).expect("a fact can be written"));
        written.push('\n');
    }
    let again = read("facts.jsonl", written.as_bytes(), &limits);
    assert_eq!(again.errors.0, [], "{written}");
    assert_eq!(again.values, found.values, "{written}");
    // Whatever the limits.
    read(name, file, &Limits { action_bytes: 40, text_bytes: 5, entries: 1, ..limits });
}
