//! Imports: an export and a mapping enter; actions leave, or messages that name line and column.
//!
//! Each folder is a case: `mapping.toml`, or the name of a mapping that ships, an export `export.*`, the time zone of the program, if
//! there is one (`time_zone.txt`), the actions that it becomes (`actions.jsonl`), and all that is said
//! (`messages.txt`); a file that is missing stands for nothing. Each export is read from its file, from memory, and a workbook also
//! from sheets that were read of it before: what it becomes is the same. `ACCRUE_BLESS=1 cargo test -p accrue-tests --test imports` writes
//! the expected files anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use accrue::diagnostic::line_column;
use accrue::time::Zone;
use accrue_import::{
    Export, ImportError, ImportOptions, Imported, MappedActions, Mapping, SHIPPED, SheetLimits, read_workbook,
};
use accrue_tests::folder::root;

/// The least number of cases: fewer have been lost.
const CASES: usize = 20;

/// What a case became.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    actions: String,
    messages: String,
}

impl Outcome {
    fn say(&mut self, message: impl std::fmt::Display) {
        self.messages.push_str(&format!("{message}\n"));
    }
}

fn import(case: &Path, export: &Export) -> Outcome {
    let mut outcome = Outcome::default();
    let text = mapping(case);
    let mapping = match Mapping::parse("mapping.toml", &text) {
        Ok(mapping) => mapping,
        Err(faults) => {
            for fault in faults.iter() {
                let start = fault.place.as_ref().map_or(0, |place| place.span.start);
                let (line, column) = line_column(&text, start);
                let help = fault.help.as_deref().unwrap_or_default();
                outcome.say(format_args!(
                    "mapping.toml:{line}:{column}: {}: {}\n  help: {help}",
                    fault.code, fault.message
                ));
            }
            return outcome;
        }
    };
    let zone = fs::read_to_string(case.join("time_zone.txt")).ok();
    let zone = zone.map(|name| Zone::parse(name.trim()).unwrap());
    let options = ImportOptions { zone, ..ImportOptions::default() };
    let mut actions = match MappedActions::open(export, &mapping, &options) {
        Ok(actions) => actions,
        Err(ImportError::Unfit(errors)) => {
            errors.0.iter().for_each(|error| outcome.say(error));
            return outcome;
        }
        Err(error) => panic!("{}: {error}", case.display()),
    };
    for read in actions.by_ref() {
        match read {
            Ok(Imported::Action(record)) => {
                outcome.actions.push_str(&serde_json::to_string(&record.action).unwrap());
                outcome.actions.push('\n');
            }
            Ok(Imported::Reversed(record, reversal)) => {
                outcome.say(format_args!("{} takes back {}", reversal.id, record.action.id));
            }
            Ok(Imported::SetAside(rows)) => {
                outcome.say(format_args!("set aside from line {}: {}", rows.first_line, rows.text))
            }
            Err(reject) => {
                reject.errors.0.iter().for_each(|error| outcome.say(error));
                outcome.say(format_args!(
                    "  rejected: {}",
                    String::from_utf8_lossy(&reject.text).escape_debug()
                ));
            }
        }
    }
    if let Some(failure) = actions.failure() {
        outcome.say(failure);
    }
    if actions.skipped() > 0 {
        outcome.say(format_args!("{} left out", actions.skipped()));
    }
    if actions.were_sorted() {
        outcome.say("rows of one order did not stand beside each other");
    }
    outcome
}

/// Returns the mapping of a case: its own, or the one of its name that ships.
fn mapping(case: &Path) -> String {
    let name = case.file_name().unwrap().to_str().unwrap();
    match SHIPPED.iter().find(|shipped| shipped.name == name) {
        Some(shipped) => shipped.text.to_owned(),
        None => fs::read_to_string(case.join("mapping.toml")).unwrap(),
    }
}

/// Returns the export of a case.
fn export(case: &Path) -> PathBuf {
    let mut files = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path());
    let is_export = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("export.");
    files.find(is_export).unwrap_or_else(|| panic!("{} has no file `export.*`", case.display()))
}

/// Compares a text with an expected file, or writes the file.
fn compare(path: &Path, found: &str, wrong: &mut String) {
    if std::env::var_os("ACCRUE_BLESS").is_some() {
        let written =
            if found.is_empty() { fs::remove_file(path).or(Ok(())) } else { fs::write(path, found) };
        written.unwrap_or_else(|error: std::io::Error| panic!("{}: {error}", path.display()));
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected != found {
        wrong.push_str(&format!("{}: expected\n{expected}\nbut found\n{found}\n", path.display()));
    }
}

#[test]
fn exports_become_actions_or_messages() {
    let mut cases: Vec<PathBuf> = fs::read_dir(root().join("tests/imports"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() >= CASES, "there are only {} cases", cases.len());
    let (mut wrong, mut workbooks) = (String::new(), 0);
    for case in &cases {
        let path = export(case);
        let (file, bytes) = (Export::file(&path), fs::read(&path).unwrap());
        let outcome = import(case, &file);
        assert_eq!(
            import(case, &Export::bytes(file.name(), bytes)),
            outcome,
            "{}, from memory",
            case.display()
        );
        if ["xlsx", "ods"].iter().any(|ending| path.extension().is_some_and(|found| found == *ending)) {
            workbooks += 1;
            let sheets = read_workbook(&file, &SheetLimits::default()).unwrap();
            let read_before = Export::sheets(file.name(), sheets);
            assert_eq!(import(case, &read_before), outcome, "{}, from its sheets", case.display());
        }
        compare(&case.join("actions.jsonl"), &outcome.actions, &mut wrong);
        compare(&case.join("messages.txt"), &outcome.messages, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(workbooks >= 2, "there are only {workbooks} workbooks");
}
