//! What is too large to keep as a file: made here, and bounded there.

use std::fmt::Write as _;

use accrue::Limits;

use crate::read;

const GOOD: &str = r#"{"id":"ok","event_type":"lead","occurred_at":"2026-03-01T10:00:00Z"}"#;

/// A good action before and after a line that is not.
fn around(line: &str) -> String {
    let bytes = format!("{GOOD}\n{line}\n{}\n", GOOD.replace("ok", "ok-2"));
    let read = read::actions("large.jsonl", bytes.as_bytes());
    let ids: Vec<&str> = read.records.iter().map(|record| record.action.id.as_str()).collect();
    assert_eq!(ids, ["ok", "ok-2"], "the lines around are read");
    assert_eq!(read.rejects.len(), 1);
    let error = read.rejects[0].errors.to_string();
    assert!(error.starts_with("line 2"), "{error}");
    assert!(error.len() < 600, "a message stays short: {} bytes", error.len());
    error
}

fn with(field: &str) -> String {
    format!("{}, {field}}}", GOOD.trim_end_matches('}').replace("ok", "bad"))
}

#[test]
fn a_line_longer_than_any_action() {
    let limits = Limits::default();
    let error = around(&with(&format!(r#""order_id":"{}""#, "x".repeat(limits.action_bytes))));
    assert!(error.contains(&limits.action_bytes.to_string()), "{error}");
}

#[test]
fn a_text_longer_than_any_name() {
    let limits = Limits::default();
    let error = around(&with(&format!(r#""order_id":"{}""#, "x".repeat(limits.text_bytes + 1))));
    assert!(error.contains("order_id"), "{error}");
    let error = around(&with(&format!(
        r#""customer":{{"audiences":["a","{}"]}}"#,
        "x".repeat(limits.text_bytes + 1)
    )));
    assert!(error.contains("customer.audiences"), "{error}");
}

#[test]
fn an_unknown_field_with_an_endless_name() {
    let error = around(&with(&format!(r#""{}":1"#, "x".repeat(10_000))));
    assert!(error.contains("xxx"), "{error}");
}

#[test]
fn more_entries_than_any_action_has() {
    let limits = Limits::default();
    let items = vec![r#"{"sku":"A","amount":"1"}"#; limits.items + 1].join(",");
    assert!(around(&with(&format!(r#""items":[{items}]"#))).contains("items"));
    let touches =
        vec![r#"{"partner":"a","at":"2026-03-01T09:00:00Z","kind":"click"}"#; limits.touches + 1].join(",");
    assert!(around(&with(&format!(r#""touches":[{touches}]"#))).contains("touches"));
    let codes = vec![r#""A""#; limits.entries + 1].join(",");
    assert!(around(&with(&format!(r#""promo_codes":[{codes}]"#))).contains("promo_codes"));
}

#[test]
fn nesting_deeper_than_any_stack() {
    around(&"[".repeat(200_000));
    around(&with(&format!(r#""attributes":{{"channel":{}"#, "{\"a\":".repeat(100_000))));
    around(&with(&format!(r#""order_id":{}1{}"#, "[".repeat(100_000), "]".repeat(100_000))));
}

#[test]
fn numbers_of_a_million_digits() {
    let digits = "9".repeat(500_000);
    let error = around(&with(&format!(r#""amount":{digits}"#)));
    assert!(error.contains("amount"), "{error}");
    let error = around(&with(&format!(r#""amount":"0.{digits}""#)));
    assert!(error.contains("amount"), "{error}");
    let error = around(&with(&format!(r#""customer":{{"order_count":{digits}}}"#)));
    assert!(error.contains("customer.order_count"), "{error}");
}

/// A quote that is never closed must not swallow more than an action may have.
#[test]
fn a_csv_quote_that_is_never_closed() {
    let mut text = String::from(
        "id,event_type,occurred_at\nok,lead,2026-03-01T10:00:00Z\n\"bad,lead,2026-03-01T10:00:00Z\n",
    );
    for n in 0..50_000 {
        writeln!(text, "row-{n},lead,2026-03-01T10:00:00Z").unwrap();
    }
    let read = read::actions("large.csv", text.as_bytes());
    assert_eq!(read.records[0].action.id, "ok");
    assert!(!read.rejects.is_empty());
    let error = read.rejects[0].errors.to_string();
    assert!(error.contains("line 3") && error.contains('"'), "{error}");
}

#[test]
fn a_csv_header_of_a_hundred_thousand_columns() {
    let header = vec!["id"; 100_000].join(",");
    let read = read::actions("large.csv", format!("{header}\n1\n").as_bytes());
    assert!(read.header.expect("no row can be trusted").len() < 3_000);
}
