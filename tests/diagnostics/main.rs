//! Wrong programs: a folder of files enters, the diagnostics as a person reads them leave and are compared with
//! `expected.txt`. `ACCRUE_BLESS=1 cargo test -p accrue-tests --test diagnostics` writes the files anew.
//!
//! A case holds only the files in which it differs from `base/` beside it. Some files have a meaning of their own:
//! `without` names files of the base that the case lacks, a line each; `limits.toml` lowers limits, so that a case
//! of something too large stays small; `meant/` has files as they were meant to be, which the repair must make of them; and
//! `facts/` has reference facts. A line with `+` in `expected.txt` is a line as the repair of that message leaves it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod case;
mod render;
mod repair;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use accrue::diagnostic::{Code, Severity};

use case::{Case, cases};

/// Fewer cases than this mean that the folder was not found or lost its content.
const AT_LEAST: usize = 300;

#[test]
fn every_case_reads_as_expected() {
    let bless = std::env::var_os("ACCRUE_BLESS").is_some();
    let mut wrong = String::new();
    let mut count = 0;
    for case in cases() {
        count += 1;
        let (_, diagnostics) = case.load();
        let rendered = render::all(&diagnostics, &case.source);
        if bless {
            std::fs::write(case.expected_path(), &rendered).unwrap();
        } else if case.expected().as_deref() != Some(rendered.as_str()) {
            let expected = case.expected().unwrap_or_else(|| "(no expected.txt)\n".into());
            writeln!(wrong, "=== {}\n--- expected\n{expected}--- found\n{rendered}", case.name).unwrap();
        }
    }
    assert!(count >= AT_LEAST, "only {count} cases were found");
    assert!(wrong.is_empty(), "{wrong}\nACCRUE_BLESS=1 writes what was found; read it before it is kept");
}

#[test]
fn the_bases_have_no_fault() {
    for case in case::bases() {
        let (program, diagnostics) = case.load();
        assert!(
            program.is_some() && diagnostics.0.is_empty(),
            "{}:\n{}",
            case.name,
            render::all(&diagnostics, &case.source)
        );
    }
}

#[test]
fn every_code_is_shown_by_a_case() {
    let shown: BTreeSet<Code> =
        cases().iter().flat_map(|case| case.load().1.0).map(|diagnostic| diagnostic.code).collect();
    let missing: Vec<&str> =
        Code::ALL.iter().filter(|code| !shown.contains(code)).map(|code| code.text()).collect();
    assert!(missing.is_empty(), "no case shows {}", missing.join(", "));
}

#[test]
fn a_program_loads_exactly_when_it_has_no_error() {
    for case in cases() {
        let (program, diagnostics) = case.load();
        assert_eq!(program.is_none(), diagnostics.has_errors(), "{}", case.name);
        assert!(!diagnostics.0.is_empty(), "{} has no fault", case.name);
    }
}

#[test]
fn diagnostics_are_in_order_and_the_same_each_time() {
    for case in cases() {
        let (_, first) = case.load();
        let (_, second) = case.load();
        assert_eq!(first, second, "{}", case.name);
        let mut settled = first.clone();
        settled.settle();
        assert_eq!(first, settled, "{}", case.name);
    }
}

/// What a brand reads is short, points at something and says what to write instead.
#[test]
fn every_diagnostic_can_be_acted_on() {
    let mut wrong = String::new();
    for case in cases() {
        let check = |ok: bool, what: &str, message: &str, wrong: &mut String| {
            if !ok {
                writeln!(wrong, "{}: {what}: {message}", case.name).unwrap();
            }
        };
        for diagnostic in case.load().1.iter() {
            let message = &diagnostic.message;
            let first = message.chars().next();
            check(
                first.is_some_and(|c| {
                    !c.is_uppercase() || c.is_ascii_uppercase() && starts_with_a_name(message)
                }),
                "begins with a capital",
                message,
                &mut wrong,
            );
            check(!message.ends_with('.'), "ends with a full stop", message, &mut wrong);
            check(!message.contains('\n'), "has several lines", message, &mut wrong);
            check(
                diagnostic.help.is_some() || diagnostic.severity == Severity::Warning,
                "has no help",
                message,
                &mut wrong,
            );
            if let Some(help) = &diagnostic.help {
                check(
                    !help.ends_with('.') && !help.is_empty(),
                    "help ends with a full stop",
                    help,
                    &mut wrong,
                );
            }
            let Some(place) = &diagnostic.place else { continue };
            let Some(bytes) = case.source.bytes(&place.file) else { continue };
            check(
                place.span.range().end <= bytes.len(),
                "points past the end of the file",
                message,
                &mut wrong,
            );
            if let Some(text) = case.source.text(&place.file) {
                check(text.get(place.span.range()).is_some(), "splits a character", message, &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Such as TOML, UTF-8 or ISO: names that are written in capitals wherever they stand.
fn starts_with_a_name(message: &str) -> bool {
    message.chars().take_while(|c| c.is_alphanumeric()).nth(1).is_some_and(|c| c.is_ascii_uppercase())
}

/// A program in its folder is wrong in one way; a byte lost from it may be wrong in any.
#[test]
fn no_cut_of_a_case_panics() {
    for case in cases() {
        let paths: Vec<String> = case.source.paths().map(str::to_owned).collect();
        for path in paths {
            let bytes = case.source.bytes(&path).unwrap().to_vec();
            // A dozen cuts a file keep the test within seconds.
            for cut in (0..bytes.len()).step_by(bytes.len() / 12 + 1) {
                let mut shorter: Case = case.clone();
                shorter.source.insert(path.clone(), &bytes[..cut]);
                let (program, diagnostics) = shorter.load();
                assert_eq!(program.is_none(), diagnostics.has_errors(), "{} cut at {path}:{cut}", case.name);
            }
        }
    }
}
