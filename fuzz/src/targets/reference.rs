//! The readers of reference facts: a letter for kind and format and a file enter. Every fault has its line, and what is
//! accepted reads the same when it is written again.

use accrue::facts::FactKind;
use accrue::{Limits, Reference};

/// Tries one input. The letter is the kind's first (`o` for promo codes), in upper case for CSV.
pub fn run(data: &[u8]) {
    let Some((letter, file)) = data.split_first() else { return };
    let name = if letter.is_ascii_uppercase() { "facts.csv" } else { "facts.jsonl" };
    let kind = match letter.to_ascii_lowercase() {
        b'c' => FactKind::Creatives,
        b'o' => FactKind::PromoCodes,
        b'r' => FactKind::Rates,
        b'u' => FactKind::Pauses,
        _ => FactKind::Partners,
    };
    let limits = Limits::default();
    let mut reference = Reference::default();
    let errors = reference.read(kind, name, file, &limits).err().unwrap_or_default();
    let lines = u64::try_from(file.split(|byte| *byte == b'\n').count()).expect("the file is short");
    for error in &errors.0 {
        assert!(!error.message.is_empty());
        assert!(error.to_string().chars().count() < 2_000, "{error}");
        assert!(error.line.is_none_or(|line| (1..=lines).contains(&line)), "{error}");
    }
    let mut written = String::new();
    for fact in reference.facts() {
        written.push_str(&serde_json::to_string(&fact).expect("a fact can be written"));
        written.push('\n');
    }
    let mut again = Reference::default();
    again.read(kind, "facts.jsonl", written.as_bytes(), &limits).expect("what was written can be read");
    assert!(again.facts().eq(reference.facts()), "{written}");
    let text = serde_json::to_string(&reference).expect("facts can be written");
    assert_eq!(serde_json::from_str::<Reference>(&text).expect("what was written can be read"), reference);
    // Whatever the limits, and whether anything can be read or not.
    let short = Limits { action_bytes: 40, text_bytes: 5, entries: 1, ..limits };
    Reference::default().read(kind, name, file, &short).ok();
}
