//! What the module returns is what the libraries read: sheets of a workbook, and the actions of every example as Parquet.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::fs;
use std::path::PathBuf;

use accrue::facts::{Action, JsonlActions, read_action};
use accrue::limits::Limits;
use accrue_arrow::{ParquetActions, Rows, action_batch, write_actions};
use accrue_import::{Export, SheetLimits, read_workbook};
use accrue_npm_readers::{ParquetReader, workbook};
use accrue_tests::folder::root;

/// Returns the actions of every file of actions among the examples.
fn examples() -> Vec<(PathBuf, Vec<Action>)> {
    let mut folders = vec![root().join("rules-examples")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "jsonl")
                && path.parent().is_some_and(|parent| parent.ends_with("actions"))
            {
                let text = fs::read(&path).unwrap();
                let actions = JsonlActions::new(text.as_slice(), &Limits::default());
                found.push((path, actions.filter_map(Result::ok).map(|record| record.action).collect()));
            }
        }
    }
    found
}

/// Returns the lines of all chunks: of actions and of rejects.
fn read(bytes: &[u8]) -> Result<(String, String), String> {
    let mut reader = ParquetReader::new(bytes.to_vec())?;
    let (mut actions, mut rejects) = (String::new(), String::new());
    while let Some(chunk) = reader.read()? {
        actions.push_str(&chunk.actions());
        rejects.push_str(&chunk.rejects());
    }
    Ok((actions, rejects))
}

#[test]
fn parquet_of_every_example_becomes_the_actions_of_the_native_reader() {
    let examples = examples();
    assert!(examples.len() >= 3, "there are only {} examples with actions", examples.len());
    for (path, actions) in examples {
        let file = write_actions(Vec::new(), [action_batch(&actions).unwrap()]).unwrap();
        let mut copy = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut copy, &file).unwrap();
        let (mut native, mut rows) =
            (ParquetActions::open(copy, &Limits::default()).unwrap(), Rows::default());
        let mut expected: Vec<Action> = Vec::new();
        while native.read(&mut rows).unwrap() {
            expected.extend(rows.iter().map(|row| row.unwrap().clone()));
        }
        let (lines, rejects) = read(&file).unwrap();
        let found: Vec<Action> = lines.lines().map(|line| read_action(line).unwrap()).collect();
        assert_eq!(found, expected, "{}", path.display());
        assert_eq!((found.len(), rejects.as_str()), (actions.len(), ""));
    }
}

#[test]
fn a_row_that_is_no_action_is_told_with_its_number_and_field() {
    let action = |id: &str, currency: &str| -> Action {
        let line =
            r#"{"id": "ID", "event_type": "sale", "occurred_at": "2026-03-02T09:01:00Z", "currency": "EUR"}"#;
        let mut action = read_action(&line.replace("ID", id)).unwrap();
        action.promo_codes = vec![currency.to_owned()];
        action
    };
    let mut long = action("a2", "x");
    long.promo_codes = vec!["x".repeat(Limits::default().text_bytes + 1)];
    let batch = action_batch(&[action("a1", "A"), long, action("a3", "B")]).unwrap();
    let (actions, rejects) = read(&write_actions(Vec::new(), [batch]).unwrap()).unwrap();
    assert_eq!(actions.lines().count(), 2);
    let reject: serde_json::Value = serde_json::from_str(rejects.trim()).unwrap();
    assert_eq!((&reject["row"], &reject["id"]), (&2.into(), &"a2".into()));
    assert_eq!(
        (&reject["errors"][0]["line"], &reject["errors"][0]["field"]),
        (&2.into(), &"promo_codes".into())
    );
}

#[test]
fn what_cannot_be_read_is_told_as_json() {
    let error = |text: String| -> String {
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        told["errors"][0]["message"].as_str().unwrap().to_owned()
    };
    assert!(error(read(b"PAR1 and no more").unwrap_err()).contains("not a Parquet file that can be read"));
    assert!(error(workbook("a.csv", b"a;b".to_vec(), "").unwrap_err()).contains("no workbook"));
    assert!(error(workbook("a.csv", b"a;b".to_vec(), "{\"rows\": 1}").unwrap_err()).contains("limits"));
}

#[test]
fn a_workbook_becomes_the_sheets_of_the_library_within_the_limits() {
    let cases = root().join("tests/imports");
    let mut count = 0;
    for entry in fs::read_dir(cases).unwrap() {
        for name in ["export.xlsx", "export.ods"] {
            let path = entry.as_ref().unwrap().path().join(name);
            let Ok(bytes) = fs::read(&path) else { continue };
            let expected = read_workbook(&Export::file(&path), &SheetLimits::default()).unwrap();
            assert_eq!(workbook(name, bytes.clone(), "").unwrap(), expected);
            assert!(workbook(name, bytes, r#"{"cells": 1}"#).unwrap_err().contains("more than 1 cells"));
            count += 1;
        }
    }
    assert!(count >= 2, "there are only {count} workbooks");
}
