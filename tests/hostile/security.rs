//! The table of limits in `SECURITY.md`, made from [`Limits`] and from the cases of the corpus: what is promised there is what a
//! case reaches. `ACCRUE_BLESS=1 cargo test --workspace --test hostile security` writes it anew.

use std::fmt::Write as _;
use std::fs;

use accrue::Limits;
use accrue_tests::folder::root;

use crate::corpus::{CaseFile, cases, is_pending};

const BEGIN: &str = "<!-- begin of the table made by tests/hostile/security.rs -->\n";
const END: &str = "<!-- end of the table made by tests/hostile/security.rs -->\n";

/// Limits that a test reaches with a smaller number, because a case that reaches the default would take minutes or gigabytes: what ends
/// with the limit, and the test.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("repeated_bytes", "`E109`", "tests/hostile/loading.rs"),
    ("components", "`E109`", "tests/hostile/decisions.rs"),
    ("code_bytes", "interpreted", "tests/hostile/decisions.rs"),
    ("code_joins", "interpreted", "tests/hostile/loading.rs"),
    ("code_data_bytes", "interpreted", "tests/hostile/decisions.rs"),
    ("rolling_movements", "held with `RULE_ERROR`", "engine/src/decide/tests.rs"),
    ("distinct_counts", "held with `RULE_ERROR`", "engine/src/decide/total_tests.rs"),
    ("close_fuel", "`CLOSE_TOO_LARGE`", "engine/src/decide/tests.rs"),
];

/// A number with commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn table(cases: &[CaseFile]) -> String {
    let mut text =
        "| limit | default | bounds | ends with | case of `tests/hostile/cases/`, or test |\n|---|---|---|---|---|\n"
            .to_owned();
    for limit in Limits::default().list() {
        let reach: Vec<&CaseFile> =
            cases.iter().filter(|case| case.limit.as_deref() == Some(limit.name)).collect();
        let elsewhere = ELSEWHERE.iter().find(|(name, ..)| *name == limit.name);
        let names = reach.iter().map(|case| format!("`{}`", case.name));
        let names: Vec<String> = names.chain(elsewhere.map(|(.., test)| format!("`{test}`"))).collect();
        let ends = reach.first().and_then(|case| case.ends_with.as_deref());
        let ends = ends.or(elsewhere.map(|(_, ends, _)| *ends)).unwrap_or("");
        let (name, of, most) = (limit.name, limit.of, grouped(limit.at_most));
        let _ = writeln!(text, "| `{name}` | {most} | {of} | {ends} | {} |", names.join(", "));
    }
    text
}

#[test]
fn security_lists_every_limit_with_the_case_that_reaches_it() {
    let path = root().join("SECURITY.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("SECURITY.md has the beginning of the table");
    let (found, after) = rest.split_once(END).expect("SECURITY.md has the end of the table");
    let made = table(&cases());
    if std::env::var_os("ACCRUE_BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        found, made,
        "the table of limits in SECURITY.md is out of date; ACCRUE_BLESS=1 writes it anew"
    );
}

#[test]
fn every_limit_has_a_case_that_reaches_it() {
    let cases = cases();
    let limits = Limits::default().list();
    for limit in &limits {
        let mut reach = cases.iter().filter(|case| case.limit.as_deref() == Some(limit.name));
        let is_elsewhere = ELSEWHERE.iter().any(|(name, _, test)| {
            let text = || fs::read_to_string(root().join(test)).unwrap();
            *name == limit.name && text().contains(name)
        });
        assert!(
            is_elsewhere || reach.next().is_some(),
            "no case of `tests/hostile/cases/` has `limit = \"{}\"`",
            limit.name
        );
    }
    for CaseFile { name, limit, .. } in &cases {
        let Some(limit) = limit else { continue };
        let is_limit = limits.iter().any(|known| known.name == limit);
        assert!(is_limit || is_pending(name), "{name}: there is no limit `{limit}`");
    }
}
