//! Actions through columns: whatever way they are written, the same actions are read; what is wrong is named by column
//! and row; and a file that lies ends in an error.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod reading;

use std::path::Path;
use std::sync::Arc;

use accrue::Source;
use accrue::facts::{Action, JsonlActions, read_action};
use accrue::limits::Limits;
use accrue::{Engine, Reference};
use accrue_arrow::{ActionColumns, Rows, action_batch, decide_batch, write_actions};
use arrow_array::builder::{ListBuilder, MapBuilder, StringBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal32Array, Decimal64Array, Decimal128Array,
    Decimal256Array, DictionaryArray, Float64Array, Int64Array, LargeStringArray, NullArray, RecordBatch,
    StringArray, StringViewArray, StructArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray,
};
use arrow_buffer::{NullBuffer, i256};
use arrow_schema::Field;

use reading::read_all;

#[test]
fn actions_of_every_example_come_back_from_a_file() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules-examples");
    let mut files = 0;
    for example in std::fs::read_dir(examples).unwrap() {
        let Ok(entries) = std::fs::read_dir(example.unwrap().path().join("actions")) else { continue };
        for entry in entries.map(|entry| entry.unwrap().path()) {
            if entry.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            let text = std::fs::read(&entry).unwrap();
            let actions: Vec<Action> = JsonlActions::new(text.as_slice(), &Limits::default())
                .map(|read| read.unwrap().action)
                .collect();
            let bytes = write_actions(Vec::new(), [action_batch(&actions).unwrap()]).unwrap();
            assert_eq!(read_all(&bytes).unwrap(), actions, "{}", entry.display());
            files += 1;
        }
    }
    assert!(files >= 5, "only {files} files");
}

fn column(name: &str, array: impl Array + 'static) -> (String, ArrayRef) {
    (name.to_owned(), Arc::new(array))
}

fn batch(columns: Vec<(String, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

/// The columns that every action needs, for one row.
fn with(more: Vec<(String, ArrayRef)>) -> RecordBatch {
    let names: Vec<&str> = more.iter().map(|(name, _)| name.as_str()).collect();
    let needed = [("id", "a1"), ("event_type", "sale"), ("occurred_at", "2026-03-01T10:00:00Z")];
    let needed = needed.into_iter().filter(|(name, _)| !names.contains(name));
    let needed: Vec<_> = needed.map(|(name, text)| column(name, StringArray::from(vec![text]))).collect();
    batch(needed.into_iter().chain(more).collect())
}

fn rows_of(batch: &RecordBatch) -> Vec<Result<Action, String>> {
    let columns = ActionColumns::of(&batch.schema(), &Limits::default()).unwrap();
    let mut rows = Rows::default();
    columns.read(batch, &mut rows);
    rows.iter().map(|row| row.cloned().map_err(ToString::to_string)).collect()
}

#[test]
fn the_same_values_in_other_types_are_the_same_action() {
    let json = r#"{"id":"a1","event_type":"sale","occurred_at":"2026-03-01T10:00:00Z",
        "submitted_at":"2026-03-01T10:00:00.000000001Z","order_id":"o","currency":"EUR","amount":"19.90",
        "subtotal":"-7","discount":"0.5","tax":"1200","shipping":5,"customer":{"id":"c","since":"2020-01-01T00:00:00Z",
        "order_count":3},"device":{"os":"ios"},"fraud":{"risk":70},
        "attributes":{"day":"2026-02-03","gift":true,"size":4.5}}"#;
    let zone = |array: TimestampMillisecondArray| array.with_timezone("+01:00");
    let since = TimestampSecondArray::from(vec![1_577_836_800]).with_timezone("Europe/Berlin");
    let read = rows_of(&with(vec![
        column("id", LargeStringArray::from(vec!["a1"])),
        column("event_type", vec!["sale"].into_iter().collect::<DictionaryArray<Int8Type>>()),
        column("occurred_at", zone(TimestampMillisecondArray::from(vec![1_772_359_200_000]))),
        column(
            "submitted_at",
            TimestampNanosecondArray::from(vec![1_772_359_200_000_000_001]).with_timezone("UTC"),
        ),
        column("order_id", StringViewArray::from(vec!["o"])),
        column("currency", StringArray::from(vec!["EUR"])),
        column(
            "amount",
            Decimal256Array::from(vec![i256::from_i128(19_900)]).with_precision_and_scale(76, 3).unwrap(),
        ),
        column("subtotal", Decimal32Array::from(vec![-7]).with_precision_and_scale(9, 0).unwrap()),
        column("discount", Decimal64Array::from(vec![500_000]).with_precision_and_scale(18, 6).unwrap()),
        column("tax", Decimal128Array::from(vec![12]).with_precision_and_scale(38, -2).unwrap()),
        column("shipping", Int64Array::from(vec![5])),
        column("customer.lifetime_value", NullArray::new(1)),
        column("customer.id", StringArray::from(vec!["c"])),
        column("customer.since", since),
        column("customer.order_count", Int64Array::from(vec![3])),
        column(
            "device",
            StructArray::from(vec![(
                Arc::new(Field::new("os", arrow_schema::DataType::Utf8, true)),
                Arc::new(StringArray::from(vec!["ios"])) as ArrayRef,
            )]),
        ),
        column("fraud.risk", Int64Array::from(vec![70])),
        column("attributes.day", Date32Array::from(vec![20_487])),
        column("attributes.gift", BooleanArray::from(vec![true])),
        column("attributes.size", Decimal128Array::from(vec![45]).with_precision_and_scale(5, 1).unwrap()),
    ]));
    assert_eq!(read, [Ok(read_action(json).unwrap())]);
}

#[test]
fn what_is_under_a_null_is_not_there() {
    let os = Arc::new(StringArray::from(vec!["ios"])) as ArrayRef;
    let fields = vec![Field::new("os", arrow_schema::DataType::Utf8, true)];
    let device = StructArray::new(fields.into(), vec![os], Some(NullBuffer::from(vec![false])));
    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    map.keys().append_value("size");
    map.values().append_value("4");
    map.append(true).unwrap();
    let action =
        rows_of(&with(vec![column("device", device), column("attributes", map.finish())])).remove(0).unwrap();
    assert_eq!(action.device.os, None);
    assert_eq!(action.attributes.len(), 1);
}

#[test]
fn rows_are_used_again_and_nothing_of_the_last_ones_is_left() {
    let full = read_action(
        r#"{"id":"a1","event_type":"sale","occurred_at":"2026-03-01T10:00:00Z","order_id":"o","amount":"1",
        "items":[{"sku":"A","category":"c","quantity":2,"amount":"1"},{"sku":"B","amount":"2"}],
        "customer":{"status":"new","audiences":["x"]},"promo_codes":["P","Q"],
        "touches":[{"partner":"p","at":"2026-03-01T09:00:00Z","kind":"code","id":"t","sub_ids":["s"]}],
        "follows":{"id":"f","event_type":"lead","occurred_at":"2026-02-01T09:00:00Z"},"attributes":{"x":1}}"#,
    )
    .unwrap();
    let bare =
        read_action(r#"{"id":"a2","event_type":"lead","occurred_at":"2026-03-02T10:00:00Z"}"#).unwrap();
    let batch = action_batch(&[full.clone(), bare.clone(), full.clone()]).unwrap();
    let columns = ActionColumns::of(&batch.schema(), &Limits::default()).unwrap();
    let mut rows = Rows::default();
    for from in [0, 1, 0] {
        let slice = batch.slice(from, 2);
        columns.read(&slice, &mut rows);
        let expected = if from == 0 { [&full, &bare] } else { [&bare, &full] };
        assert!(rows.iter().map(|row| row.unwrap()).eq(expected));
    }
    columns.read(&batch.slice(1, 1), &mut rows);
    assert!(rows.iter().map(|row| row.unwrap()).eq([&bare]));
}

#[test]
fn columns_that_cannot_be_used_are_named() {
    let one = |text: &str| StringArray::from(vec![text]);
    for (more, expected) in [
        (
            column("amount", Float64Array::from(vec![0.1])),
            "amount: this column is `Float64`, a binary number",
        ),
        (
            column("tax", BooleanArray::from(vec![true])),
            "tax: expected a decimal, an integer or text, but this column is `Boolean`",
        ),
        (
            column("occurred_at", TimestampSecondArray::from(vec![1])),
            "occurred_at: this column is `Timestamp(s)`: without a time zone",
        ),
        (column("id", Int64Array::from(vec![1])), "id: expected text (`utf8`), but this column is `Int64`"),
        (column("amuont", one("1")), "amuont: there is no such column; did you mean `amount`?"),
        (
            column("customer.staus", one("1")),
            "customer.staus: there is no such column; did you mean `customer.status`?",
        ),
        (column("items", one("1")), "items: expected a list of structs, but this column is `Utf8`"),
        (column("promo_codes", one("1")), "promo_codes: expected a list of texts, but this column is `Utf8`"),
        (
            column("attributes.x", Float64Array::from(vec![0.1])),
            "attributes.x: this column is `Float64`, a binary number",
        ),
        (column("attributes", one("1")), "attributes: expected a struct, or a map of text to text"),
        (
            column("follows.id", one("1")),
            "follows.event_type: this column is missing, and `follows` needs it",
        ),
    ] {
        let errors =
            ActionColumns::of(&with(vec![more]).schema(), &Limits::default()).unwrap_err().to_string();
        assert!(errors.contains(expected), "`{expected}` is not in `{errors}`");
    }
    let errors =
        ActionColumns::of(&batch(vec![column("id", one("a"))]).schema(), &Limits::default()).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "event_type: this column is missing, and every action needs it; \
         occurred_at: this column is missing, and every action needs it"
    );
    let twice = arrow_schema::Schema::new(vec![
        Field::new("order_id", arrow_schema::DataType::Utf8, true),
        Field::new("order_id", arrow_schema::DataType::Utf8, true),
    ]);
    let errors = ActionColumns::of(&twice, &Limits::default()).unwrap_err().to_string();
    assert!(errors.contains("order_id: this column appears twice"), "{errors}");
}

#[test]
fn rows_that_are_no_actions_name_their_field() {
    let one = |text: &str| StringArray::from(vec![text]);
    let mut codes = ListBuilder::new(StringBuilder::new());
    (0..101).for_each(|_| codes.values().append_value("C"));
    codes.append(true);
    let far = TimestampSecondArray::from(vec![i64::MAX]).with_timezone("UTC");
    let fine = Decimal128Array::from(vec![1]).with_precision_and_scale(38, 13).unwrap();
    let huge = Decimal128Array::from(vec![10i128.pow(37)]).with_precision_and_scale(38, 2).unwrap();
    for (more, expected) in [
        (column("id", StringArray::from(vec![None::<&str>])), "id: this value is missing"),
        (column("occurred_at", far), "occurred_at: this moment is not between the years 1900 and 2999"),
        (
            column("occurred_at", one("2026-03-01T10:00:00")),
            "occurred_at: `2026-03-01T10:00:00` does not say its offset; write `2026-03-01T10:00:00Z`",
        ),
        (
            column("occurred_at", StringArray::from(vec!["2016-12-31T23:59:60Z"])),
            "occurred_at: `2016-12-31T23:59:60Z` is a leap second",
        ),
        (column("amount", one("12,50")), "amount: `12,50` is not a decimal number"),
        (column("amount", fine), "amount: this number has more than 12 decimals"),
        (column("amount", huge), "amount: this number is too large"),
        (column("currency", one("EURO")), "currency: `EURO` is not an ISO 4217 currency code"),
        (
            column("customer.order_count", Int64Array::from(vec![-1])),
            "customer.order_count: expected a whole number from 0",
        ),
        (column("promo_codes", codes.finish()), "promo_codes: 101 entries are more than the 100"),
        (column("order_id", one(&"x".repeat(1_001))), "order_id: 1001 bytes are more than the 1000"),
    ] {
        let rows = rows_of(&with(vec![more]));
        let errors = rows[0].clone().unwrap_err();
        assert!(errors.starts_with(expected), "`{errors}` does not begin with `{expected}`");
    }
    let mut nothing = ListBuilder::new(StringBuilder::new());
    (0..100).for_each(|_| nothing.values().append_null());
    nothing.append(true);
    let errors = rows_of(&with(vec![column("promo_codes", nothing.finish())]))[0].clone().unwrap_err();
    assert_eq!(errors.matches("an entry of this list is null").count(), 20, "no more than tell something");
    let touched = read_action(
        r#"{"id":"a1","event_type":"sale","occurred_at":"2026-03-01T10:00:00Z",
        "touches":[{"partner":"p","at":"2026-03-01T09:00:00Z","kind":"click"}]}"#,
    )
    .unwrap();
    let schema = action_batch(&[touched]).unwrap().schema();
    let touches = schema.field_with_name("touches").unwrap().data_type().to_string();
    assert!(touches.starts_with("List("), "{touches}");
}

#[test]
fn a_batch_is_decided_row_by_row() {
    let source = Source::from_files([
        ("program.toml", "id = \"s\"\nname = \"S\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
        (
            "contracts/c.toml",
            "contract = \"c\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"8%\"\n",
        ),
    ]);
    let program = Engine::default().load(&source).unwrap();
    let texts = |texts: [&str; 4]| StringArray::from_iter_values(texts);
    let batch = batch(vec![
        column("id", texts(["a1", "a2", "a3", "a4"])),
        column("event_type", texts(["sale", "sale", "sael", "sale"])),
        column(
            "occurred_at",
            texts(["2026-03-01T10:00:00Z", "?", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"]),
        ),
        column("amount", texts(["117.00", "1", "1", "50"])),
        column("touches", touches()),
    ]);
    let decided = decide_batch(&program, &batch, &Reference::default(), &program.counters()).unwrap();
    let short: Vec<Result<String, String>> = decided
        .into_iter()
        .map(|row| {
            row.map(|d| format!("{} {}", d.action, d.payout().unwrap()))
                .map_err(|e| e.0[0].field.clone().unwrap_or_default())
        })
        .collect();
    let wrong = |field: &str| Err(field.to_owned());
    assert_eq!(short, [Ok("a1 9.36".into()), wrong("occurred_at"), wrong("event_type"), Ok("a4 4".into())]);
}

/// One touch of the partner `p` for each of four rows.
fn touches() -> ArrayRef {
    let action = read_action(
        r#"{"id":"a","event_type":"sale","occurred_at":"2026-03-01T10:00:00Z",
        "touches":[{"partner":"p","at":"2026-03-01T09:00:00Z","kind":"click"}]}"#,
    )
    .unwrap();
    action_batch(&vec![action; 4]).unwrap().column_by_name("touches").unwrap().clone()
}
