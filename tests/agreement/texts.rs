//! Texts of every short length, equal and with one letter changed at each place: what compiled rules say of two of them against
//! what Rust says.

use accrue::facts::Attribute;
use rust_decimal::Decimal;

use crate::script;

type Question = fn(&str, &str) -> bool;

/// What is asked about the texts `a` and `b`.
const QUESTIONS: &[(&str, Question)] = &[
    ("attributes.a == attributes.b", |a, b| a == b),
    ("attributes.a.starts_with(attributes.b)", |a, b| a.starts_with(b)),
    ("attributes.a.ends_with(attributes.b)", |a, b| a.ends_with(b)),
    ("attributes.a.contains(attributes.b)", |a, b| a.contains(b)),
];

const ATTRIBUTES: &str = "\
a = { type = \"text\", required = true }
b = { type = \"text\", required = true }
";

/// The longest text: three words of a module, and some.
const LONGEST: usize = 26;

#[test]
fn compiled_questions_about_texts_are_answered_as_rust_does() {
    // Twice the same letters, so that an end may be a beginning.
    let letters = "abcdefghijklmabcdefghijklm";
    let changed = |n: usize, at: usize| format!("{}-{}", &letters[..at], &letters[at + 1..n]);
    let texts: Vec<String> = (0..=LONGEST)
        .flat_map(|n| (0..n).map(move |at| changed(n, at)).chain([letters[..n].to_owned()]))
        .chain((0..LONGEST).map(|from| letters[from..].to_owned()))
        .collect();
    for (question, answer) in QUESTIONS {
        let expression = format!("if {question} {{ money(\"1\") }} else {{ money(\"2\") }}");
        script::with(ATTRIBUTES, &expression, |run| {
            for a in &texts {
                for b in &texts {
                    let expected = Decimal::from(if answer(a, b) { 1 } else { 2 });
                    let found = run([a, b].map(|text| Attribute::Text(text.clone())).into());
                    assert_eq!(found, Some(expected), "{question} of `{a}` and `{b}`");
                }
            }
        });
    }
}
