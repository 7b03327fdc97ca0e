//! Parquet in and out: the same decisions as from JSON Lines, and the same care for what is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use accrue::Action;
use accrue::facts::read_action;
use accrue::money::Money;
use accrue::time::Timestamp;
use accrue_arrow::{action_batch, write_actions};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Decimal128Type, TimestampMicrosecondType};
use arrow_array::{Array as _, ArrayRef, Float64Array, RecordBatch, StringArray};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::{DATES, Desk, action};

fn actions(text: &str) -> Vec<Action> {
    text.lines().map(|line| read_action(line).unwrap()).collect()
}

fn write(desk: &Desk, name: &str, batch: RecordBatch) {
    desk.write(name, write_actions(Vec::new(), [batch]).unwrap());
}

fn write_all(desk: &Desk, name: &str, actions: &[Action]) {
    write(desk, name, action_batch(actions).unwrap());
}

fn read(path: &Path) -> Vec<RecordBatch> {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

#[test]
fn every_example_is_decided_alike_in_any_order_from_lines_and_from_columns() {
    let desk = Desk::new(0);
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules-examples");
    let mut compared = 0;
    for example in std::fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path()) {
        let Ok(entries) = std::fs::read_dir(example.join("actions")) else { continue };
        for lines in entries.map(|entry| entry.unwrap().path()) {
            if lines.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            let program = example.to_str().unwrap();
            let expected = desk.accrue(&["run", program, lines.to_str().unwrap(), "--json"]);
            let mut all = actions(&std::fs::read_to_string(&lines).unwrap());
            write_all(&desk, "a.parquet", &all);
            let read = desk.accrue(&["run", program, "a.parquet", "--json"]);
            assert_eq!((read.code, &read.out), (expected.code, &expected.out), "{program}: {}", read.err);
            all.reverse();
            write_all(&desk, "a.parquet", &all);
            let read = desk.accrue(&["run", program, "a.parquet", "--json"]);
            assert_eq!((read.code, &read.out), (expected.code, &expected.out), "{program}: {}", read.err);
            compared += 1;
        }
    }
    assert!(compared >= 5, "only {compared}");
}

/// Actions of JSON Lines in CSV: a row for each item or touch, and one for an action that has neither.
fn as_csv(text: &str) -> Vec<u8> {
    let mut rows: Vec<BTreeMap<String, String>> = Vec::new();
    for line in text.lines() {
        let fields: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
        let at = rows.len();
        rows.push(BTreeMap::new());
        for (name, value) in &fields {
            let list = ["items", "touches"].contains(&name.as_str());
            for (row, entry) in value.as_array().filter(|_| list).into_iter().flatten().enumerate() {
                if at + row == rows.len() {
                    rows.push(BTreeMap::from([("id".to_owned(), cell(&fields["id"]))]));
                }
                let cells = entry.as_object().unwrap().iter();
                let singular = if name == "items" { "item" } else { "touch" };
                rows[at + row].extend(cells.map(|(key, value)| (format!("{singular}.{key}"), cell(value))));
            }
            match value.as_object() {
                Some(inner) => {
                    rows[at].extend(inner.iter().map(|(key, value)| (format!("{name}.{key}"), cell(value))))
                }
                None if !list => drop(rows[at].insert(name.clone(), cell(value))),
                None => {}
            }
        }
    }
    let header: BTreeSet<&String> = rows.iter().flat_map(BTreeMap::keys).collect();
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(&header).unwrap();
    for row in &rows {
        csv.write_record(header.iter().map(|name| row.get(*name).map_or("", String::as_str))).unwrap();
    }
    csv.into_inner().unwrap()
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(";"),
        value => value.to_string(),
    }
}

#[test]
fn lines_csv_and_columns_are_decided_alike() {
    let desk = Desk::new(3_000);
    let sample = desk.read("shop/actions/sample.jsonl");
    desk.write("a.csv", as_csv(&sample));
    write_all(&desk, "a.parquet", &actions(&sample));
    let lines = desk.accrue(&["run", "shop", "--json"]);
    assert_eq!((lines.code, lines.out.lines().count()), (Some(0), 3_000), "{}", lines.err);
    for other in ["a.csv", "a.parquet"] {
        let read = desk.accrue(&["run", "shop", other, "--json"]);
        assert_eq!(read.code, Some(0), "{other}: {}", read.err);
        // Decision by decision, receipts and all.
        for (a, b) in lines.out.lines().zip(read.out.lines()) {
            assert_eq!(a, b, "{other}");
        }
        assert_eq!(read.out.len(), lines.out.len(), "{other}");
    }
}

/// An amount as columns have it.
fn billionths(amount: &Value) -> i128 {
    let mut amount = amount.as_str().unwrap().parse::<Money>().unwrap().0;
    amount.rescale(9);
    amount.mantissa()
}

#[test]
fn decisions_in_columns_are_those_in_lines() {
    let desk = Desk::new(3_000);
    desk.edit("shop/contracts/standard.toml", "[credit]", &format!("{DATES}\n[credit]"));
    write_all(&desk, "a.parquet", &actions(&desk.read("shop/actions/sample.jsonl")));
    let lines = desk.accrue(&["run", "shop", "a.parquet", "--json"]);
    let kept = desk.accrue(&["run", "shop", "a.parquet", "--out", "d.parquet"]);
    assert_eq!(kept.code, Some(0), "{}", kept.err);
    let mut decisions = lines.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut dated = 0;
    for batch in read(&desk.path("d.parquet")) {
        let column = |name: &str| batch.column_by_name(name).unwrap();
        let lists = column("lines").as_list::<i32>();
        for row in 0..batch.num_rows() {
            let decision = decisions.next().unwrap();
            let text = |name: &str| column(name).as_string::<i32>().value(row).to_owned();
            assert_eq!(decision["action"], text("action"));
            assert_eq!(decision["status"], text("status"));
            let receipt = column("receipt").as_fixed_size_binary().value(row);
            let hex: String = receipt.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(decision["receipt"], hex);
            let amounts = |array: &ArrayRef| array.as_primitive::<Decimal128Type>().values().to_vec();
            let award = &decision["awards"][0];
            for name in ["base", "payout"] {
                let expected = if award.is_null() { 0 } else { billionths(&award[name]) };
                assert_eq!(amounts(column(name))[row], expected, "{decision}");
            }
            let locks_at = column("locks_at").as_primitive::<TimestampMicrosecondType>();
            let locks_at = (!locks_at.is_null(row)).then(|| locks_at.value(row));
            let expected = award["locks_at"].as_str().map(|at| at.parse::<Timestamp>().unwrap());
            assert_eq!(locks_at, expected.map(|at| at.utc().timestamp_micros()), "{decision}");
            let pays_on = column("pays_on").as_primitive::<Date32Type>();
            let pays_on = (!pays_on.is_null(row)).then(|| pays_on.value_as_date(row).unwrap().to_string());
            assert_eq!(pays_on.as_deref(), award["pays_on"].as_str(), "{decision}");
            dated += u32::from(pays_on.is_some());
            let lists = lists.value(row);
            let expected = award["lines"].as_array().cloned().unwrap_or_default();
            for name in ["base", "earned", "payout"] {
                let found = amounts(lists.as_struct().column_by_name(name).unwrap());
                let expected: Vec<i128> = expected.iter().map(|line| billionths(&line[name])).collect();
                assert_eq!(found, expected, "{name}: {decision}");
            }
        }
    }
    assert!(decisions.next().is_none());
    assert!(dated > 1_000, "{dated}");
    let piped = desk.accrue(&["run", "shop", "a.parquet", "--format", "parquet", "--trace"]);
    assert_eq!(piped.code, Some(2));
    assert!(piped.err.contains("Parquet has no column for a trace"), "{}", piped.err);
}

#[test]
fn rows_that_are_rejected_come_back_in_columns() {
    let desk = Desk::new(0);
    let mut all = actions(&[action("a1", "1.00"), action("a2", "2.00"), action("a3", "3.00")].join("\n"));
    all[1].event_type = "sael".to_owned();
    all.push(all[0].clone());
    write_all(&desk, "march.parquet", &all);
    for (input, rejects) in [("march.parquet", "r.parquet"), ("r.parquet", "again.parquet")] {
        let ended = desk.accrue(&["run", "shop", input, "--json", "--rejects", rejects]);
        assert_eq!(ended.code, Some(3), "{}", ended.err);
        if input == "march.parquet" {
            assert_eq!(ended.decided(), ["a1", "a3"]);
            assert!(
                ended.err.contains("march.parquet:2: event_type: the program declares no"),
                "{}",
                ended.err
            );
            assert!(ended.err.contains("march.parquet:4: id: `a1` is on line 1 already"), "{}", ended.err);
        }
    }
    let kept = &read(&desk.path("r.parquet"))[0];
    let ids: Vec<&str> = kept.column_by_name("id").unwrap().as_string::<i32>().iter().flatten().collect();
    assert_eq!(ids, ["a2", "a1"]);
    assert_eq!(kept.schema().fields().len(), action_batch(&all).unwrap().num_columns());
}

#[test]
fn columns_that_cannot_be_used_reject_the_file() {
    let desk = Desk::new(0);
    let text = |text: &str| -> ArrayRef { std::sync::Arc::new(StringArray::from(vec![text])) };
    let batch = RecordBatch::try_from_iter([
        ("id", text("a1")),
        ("event_type", text("sale")),
        ("occurred_at", text("2026-03-01T10:00:00Z")),
        ("amount", std::sync::Arc::new(Float64Array::from(vec![0.1]))),
    ]);
    write(&desk, "a.parquet", batch.unwrap());
    let ended = desk.accrue(&["run", "shop", "a.parquet", "--json", "--rejects", "r.parquet"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(3), ""), "{}", ended.err);
    assert!(ended.err.contains("a.parquet: amount: this column is `Float64`"), "{}", ended.err);
    assert_eq!(
        std::fs::read(desk.path("r.parquet")).unwrap(),
        std::fs::read(desk.path("a.parquet")).unwrap()
    );
}

#[test]
fn a_broken_file_decides_nothing() {
    let desk = Desk::new(0);
    desk.write("good.jsonl", action("a0", "1.00"));
    write_all(&desk, "a.parquet", &actions(&action("a1", "1.00")));
    let whole = std::fs::read(desk.path("a.parquet")).unwrap();
    desk.write("a.parquet", &whole[..whole.len() / 2]);
    let ended = desk.accrue(&["run", "shop", "good.jsonl", "a.parquet", "--out", "d.jsonl"]);
    assert_eq!(ended.code, Some(4), "{}", ended.err);
    assert!(
        ended.err.contains("cannot read `a.parquet`: not a Parquet file that can be read"),
        "{}",
        ended.err
    );
    assert!(!desk.path("d.jsonl").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn an_output_that_takes_nothing_is_told_in_every_format() {
    let desk = Desk::new(5);
    for format in ["jsonl", "csv", "parquet"] {
        let full = desk.accrue(&["run", "shop", "--out", "/dev/full", "--format", format]);
        assert_eq!((full.code, full.out.as_str()), (Some(4), ""), "{format}: {}", full.err);
        assert!(full.err.contains("cannot write `/dev/full`: the disk is full"), "{format}: {}", full.err);
    }
}

/// Nothing of a damaged file is decided, and nothing but the message is printed.
#[test]
fn a_damaged_file_is_refused_in_one_line() {
    let desk = Desk::new(0);
    let all: Vec<Action> =
        (0..200).map(|n| read_action(&action(&format!("a{n}"), "5.00")).unwrap()).collect();
    let whole = write_actions(Vec::new(), [action_batch(&all).unwrap()]).unwrap();
    // The first page is the dictionary of `id`.
    let mut bytes = whole;
    bytes[60..80].fill(0xFF);
    desk.write("a.parquet", &bytes);
    let ended = desk.accrue(&["run", "shop", "a.parquet", "--json"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(4), ""), "{}", ended.err);
    assert!(
        ended.err.contains("`a.parquet`") && ended.err.contains("row group 0: column `id`: "),
        "{}",
        ended.err
    );
    assert!(ended.err.lines().count() <= 3, "{}", ended.err);
}
