//! Types what the help says: applies the replacements of each diagnostic and checks the program again.

use std::fmt::Write as _;

use accrue::Source;
use accrue::diagnostic::{Code, Diagnostic, Diagnostics, Severity};

use crate::case::{Case, cases};
use crate::render;

/// The most rounds of repairs: a repaired line may show an error that it hid.
const ROUNDS: usize = 4;

/// The least wrong programs that their own help repairs. Raise it when messages get better.
const AT_LEAST: usize = 165;

/// What a message says, wherever it stands: a repair moves what follows it.
fn said(diagnostic: &Diagnostic) -> (&'static str, &str, Option<&str>) {
    let file = diagnostic.place.as_ref().map(|place| place.file.as_str());
    (diagnostic.code.text(), &diagnostic.message, file)
}

/// Returns the case with the repair of one diagnostic; `None` if it has none.
fn repaired(case: &Case, diagnostic: &Diagnostic) -> Option<Case> {
    let file = &diagnostic.replacements.first()?.place.file;
    let text = diagnostic.repaired(file, case.source.text(file).unwrap()).expect("a repair fits its file");
    Some(case.with(file, &text))
}

fn errors(diagnostics: &Diagnostics) -> impl Iterator<Item = &Diagnostic> {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
}

#[test]
fn a_repair_makes_its_error_go_away_and_no_other_appear() {
    let mut wrong = String::new();
    for case in cases() {
        let (_, before) = case.load();
        for diagnostic in before.iter() {
            let Some(repaired) = repaired(&case, diagnostic) else { continue };
            let (_, after) = repaired.load();
            let count =
                |all: &Diagnostics| all.iter().filter(|other| said(other) == said(diagnostic)).count();
            if count(&after) >= count(&before) {
                writeln!(wrong, "=== {}: it is still there\n{}", case.name, all(&after, &repaired.source))
                    .unwrap();
            }
        }
        // A fault of syntax hides others of its statement. What shows up must have a repair itself; a fact that may be unknown asks
        // for a choice, which no repair makes.
        let (repaired, after) = repaired_in_full(&case);
        let new = errors(&after).filter(|error| {
            error.code != Code::MaybeUnknown && !errors(&before).any(|old| said(old) == said(error))
        });
        let new = Diagnostics(new.cloned().collect());
        if !new.0.is_empty() {
            writeln!(wrong, "=== {}: new\n{}", case.name, all(&new, &repaired.source)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn all(diagnostics: &Diagnostics, source: &Source) -> String {
    render::all(diagnostics, source)
}

/// Applies the first repair there is, again and again.
fn repaired_in_full(case: &Case) -> (Case, Diagnostics) {
    let mut case = case.clone();
    let (_, mut found) = case.load();
    for _ in 0..ROUNDS * found.0.len().max(1) {
        let Some(next) = found.iter().find_map(|diagnostic| repaired(&case, diagnostic)) else { break };
        case = next;
        found = case.load().1;
    }
    (case, found)
}

#[test]
fn a_repair_means_what_was_meant() {
    let (mut of, mut whole, mut stated) = (0, 0, 0);
    let mut wrong = String::new();
    for case in cases() {
        if !case.load().1.has_errors() && case.meant.is_empty() {
            continue;
        }
        of += 1;
        let (repaired, left) = repaired_in_full(&case);
        whole += usize::from(!left.has_errors());
        stated += usize::from(!case.meant.is_empty());
        for (path, meant) in &case.meant {
            let found = repaired.source.text(path).unwrap_or_default();
            if found != meant {
                writeln!(wrong, "=== {}: {path}\n--- meant\n{meant}\n--- repaired\n{found}", case.name)
                    .unwrap();
            }
        }
    }
    println!("{whole} of {of} wrong programs have a help that repairs them; {stated} state what was meant");
    assert!(wrong.is_empty(), "{wrong}");
    assert!(
        whole >= AT_LEAST,
        "only {whole} of {of} wrong programs are repaired by their help, not {AT_LEAST}"
    );
}
