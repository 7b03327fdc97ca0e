//! Facts in record batches: whatever type a fact is written in, rules see the same; and what cannot be a fact is named by its
//! column.
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use accrue::decide::Assessor;
use accrue::facts::PromoCode;
use accrue::terms::Source;
use accrue::{Engine, Limits, Program, Reference};
use accrue_columnar::case_columns;
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::{Int8Type, Int32Type, UInt16Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal32Array, Decimal64Array, Decimal128Array,
    DictionaryArray, Float64Array, Int16Array, Int64Array, LargeListArray, LargeStringArray, ListArray,
    NullArray, RecordBatch, StringArray, StringViewArray, StructArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::Field;

const PROGRAM: &str = "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n[attributes]\n\
    trial = { type = \"bool\" }\nscore = { type = \"decimal\" }\nseats = { type = \"integer\" }\nplan = { type = \"text\" }\n\
    ends = { type = \"date\" }\n";

/// A contract that pays 10 % where a condition holds, and 1 % elsewhere.
fn program(payout: &str, when: &str) -> Program {
    let contract = format!(
        "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n{payout}[payout.default]\nrate = \"1%\"\n\
         [[payout.groups]]\nname = \"it holds\"\nwhen = '{when}'\nrate = \"10%\"\n"
    );
    let source = Source::from_files([("program.toml", PROGRAM), ("contracts/a.toml", &contract)]);
    Engine::new(Limits::default()).load(&source).unwrap()
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn array(array: impl Array + 'static) -> ArrayRef {
    Arc::new(array)
}

fn amounts(rows: usize) -> ArrayRef {
    array(Decimal128Array::from(vec![10_000; rows]).with_precision_and_scale(10, 2).unwrap())
}

/// What each line of each row earns.
fn earned(program: &Program, batch: &RecordBatch) -> Result<Vec<Vec<String>>, String> {
    let reference = Reference {
        promo_codes: [("OURS".to_owned(), PromoCode { owner: Some("acme".to_owned()), ..code("OURS") })]
            .into(),
        ..Reference::default()
    };
    let cases = case_columns(batch, &reference).map_err(|error| error.to_string())?;
    let mut assessor = Assessor::new(program, 0, 0).unwrap();
    let mut assess = assessor.columns(&cases).map_err(|error| error.to_string())?;
    let mut all = Vec::new();
    assess.assess_all(|_, assessed| {
        all.push(assessed.unwrap().lines.iter().map(|line| line.earned.0.normalize().to_string()).collect());
    });
    Ok(all)
}

fn code(code: &str) -> PromoCode {
    serde_json::from_str(&format!("{{\"code\": \"{code}\"}}")).unwrap()
}

fn texts(values: &[Option<&str>]) -> Vec<ArrayRef> {
    let keys = || values.iter().copied();
    let indexes: DictionaryArray<Int32Type> = keys().collect();
    let short: DictionaryArray<Int8Type> = keys().collect();
    let other: DictionaryArray<UInt16Type> = keys().collect();
    vec![
        array(keys().collect::<StringArray>()),
        array(keys().collect::<LargeStringArray>()),
        array(keys().collect::<StringViewArray>()),
        array(indexes),
        array(short),
        array(other),
    ]
}

fn lists(rows: &[Option<&[&str]>]) -> Vec<ArrayRef> {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in rows {
        row.iter().flat_map(|row| row.iter()).for_each(|text| lists.values().append_value(text));
        lists.append(row.is_some());
    }
    let list: ListArray = lists.finish();
    let lengths = || OffsetBuffer::<i32>::from_lengths(rows.iter().map(|row| row.map_or(0, <[&str]>::len)));
    let all: Vec<&str> = rows.iter().flatten().flat_map(|row| row.iter().copied()).collect();
    let keyed: DictionaryArray<Int32Type> = all.iter().copied().collect();
    let field = |array: &dyn Array| Arc::new(Field::new("element", array.data_type().clone(), true));
    let keyed = ListArray::try_new(field(&keyed), lengths(), array(keyed), None).unwrap();
    let strings = StringArray::from(all);
    let long = OffsetBuffer::from_lengths(rows.iter().map(|row| row.map_or(0, <[&str]>::len)));
    let large = LargeListArray::try_new(field(&strings), long, array(strings), None).unwrap();
    vec![array(list), array(keyed), array(large)]
}

#[test]
fn a_fact_is_the_same_in_every_type() {
    let decimals = |digits: [Option<i64>; 3], scale: i8| -> Vec<ArrayRef> {
        let wide = digits.map(|digits| digits.map(i128::from));
        let short = digits.map(|digits| digits.map(|digits| i32::try_from(digits).unwrap()));
        vec![
            array(Decimal128Array::from(wide.to_vec()).with_precision_and_scale(20, scale).unwrap()),
            array(Decimal64Array::from(digits.to_vec()).with_precision_and_scale(18, scale).unwrap()),
            array(Decimal32Array::from(short.to_vec()).with_precision_and_scale(9, scale).unwrap()),
        ]
    };
    let mut lifetime = decimals([Some(50_000), None, Some(49_999)], 2);
    lifetime.extend(decimals([Some(5_000_000), None, Some(4_999_900)], 4));
    lifetime.extend(decimals([Some(5), None, Some(4)], -2));
    lifetime.push(array(Int64Array::from(vec![Some(500), None, Some(499)])));
    lifetime.extend(texts(&[Some("500.00"), None, Some("499.99")]));

    let seconds = [1_772_323_199, 1_772_323_200, 1_772_323_201];
    let at = |factor: i64| seconds.map(|second| second * factor).to_vec();
    let mut moments = texts(&[
        Some("2026-02-28T23:59:59Z"),
        Some("2026-03-01T01:00:00+01:00"),
        Some("2026-03-01T00:00:01Z"),
    ]);
    moments.push(array(TimestampSecondArray::from(at(1)).with_timezone("UTC")));
    moments.push(array(TimestampMillisecondArray::from(at(1_000)).with_timezone("UTC")));
    moments.push(array(TimestampMicrosecondArray::from(at(1_000_000)).with_timezone("Europe/Madrid")));
    moments.push(array(TimestampNanosecondArray::from(at(1_000_000_000)).with_timezone("+02:00")));

    let whole: Vec<ArrayRef> = vec![
        array(Int64Array::from(vec![Some(3), None, Some(2)])),
        array(Int16Array::from(vec![Some(3), None, Some(2)])),
        array(UInt64Array::from(vec![Some(3), None, Some(2)])),
    ];
    let rows: [Option<&[&str]>; 3] = [Some(&["OTHER", "SPRING"]), None, Some(&["AUTUMN"])];
    let days = vec![array(Date32Array::from(vec![Some(20_514), None, Some(20_513)]))];
    let trial = vec![array(BooleanArray::from(vec![Some(true), None, Some(false)]))];
    let facts: Vec<(&str, &str, Vec<ArrayRef>, [bool; 3])> = vec![
        (
            "(customer.lifetime_value ?? money(\"0\")) >= 500",
            "customer.lifetime_value",
            lifetime,
            [true, false, false],
        ),
        (
            "(customer.country ?? \"\") == \"NO\"",
            "customer.country",
            texts(&[Some("NO"), None, Some("SE")]),
            [true, false, false],
        ),
        // Not a constant of the rules: its letters are looked at.
        (
            "(touch.property ?? \"\").ends_with(\".no\")",
            "touch.property",
            texts(&[Some("a.no"), None, Some("a.se")]),
            [true, false, false],
        ),
        (
            "action.occurred_at.date >= date(\"2026-03-01\")",
            "action.occurred_at",
            moments,
            [false, true, true],
        ),
        ("(customer.order_count ?? 9) < 3", "customer.order_count", whole.clone(), [false, false, true]),
        ("(attributes.seats ?? 0) == 3", "attributes.seats", whole, [true, false, false]),
        ("\"SPRING\" in action.promo_codes", "action.promo_codes", lists(&rows), [true, false, false]),
        ("(attributes.trial ?? false)", "attributes.trial", trial, [true, false, false]),
        (
            "(attributes.ends ?? date(\"2026-01-01\")) >= date(\"2026-03-02\")",
            "attributes.ends",
            days,
            [true, false, false],
        ),
        (
            "(attributes.score ?? 0.0) > 0.5",
            "attributes.score",
            decimals([Some(51), None, Some(50)], 2),
            [true, false, false],
        ),
    ];
    for (when, name, arrays, holds) in facts {
        let program = program("", when);
        let expected: Vec<Vec<String>> =
            holds.iter().map(|holds| vec![if *holds { "10" } else { "1" }.to_owned()]).collect();
        for array in arrays {
            let ty = array.data_type().clone();
            // What matters are rows, also where a batch is a part of a larger one.
            let whole = batch(vec![("action.amount", amounts(3)), (name, array)]);
            assert_eq!(earned(&program, &whole).unwrap(), expected, "{name} as {ty}");
            assert_eq!(
                earned(&program, &whole.slice(1, 2)).unwrap(),
                expected[1..],
                "rows of {name} as {ty}"
            );
        }
    }
}

#[test]
fn owners_of_codes_are_looked_up() {
    let program =
        program("", "\"OURS\" in action.promo_codes && (promo_owner(\"OURS\") ?? \"\") == partner.id");
    let rows: [Option<&[&str]>; 2] = [Some(&["OURS"]), Some(&["OTHER"])];
    for codes in lists(&rows) {
        let batch = batch(vec![
            ("action.amount", amounts(2)),
            ("action.promo_codes", codes),
            ("partner.id", array(StringArray::from(vec!["acme", "acme"]))),
        ]);
        assert_eq!(earned(&program, &batch).unwrap(), [["10"], ["1"]]);
    }
}

/// Items of three orders, the second of which has none.
fn items(nulls: Option<NullBuffer>) -> ArrayRef {
    let structs = StructArray::try_from(vec![
        ("sku", array(StringArray::from(vec!["A", "B", "C", "A"]))),
        ("quantity", array(Int64Array::from(vec![1, 2, 3, 4]))),
        (
            "amount",
            array(Decimal128Array::from(vec![100, 200, 300, 400]).with_precision_and_scale(9, 0).unwrap()),
        ),
    ])
    .unwrap();
    let element = Arc::new(Field::new("element", structs.data_type().clone(), false));
    let offsets = OffsetBuffer::from_lengths([2, 0, 1]);
    array(ListArray::try_new(element, offsets, array(structs), nulls).unwrap())
}

#[test]
fn items_are_lists_of_structs() {
    let program = program("[payout]\nper = \"item\"\n", "item.sku == \"A\"");
    let orders = batch(vec![("action.amount", amounts(3)), ("action.items", items(None))]);
    assert_eq!(earned(&program, &orders).unwrap(), [vec!["10", "2"], vec!["1"], vec!["3"]]);
    assert_eq!(earned(&program, &orders.slice(1, 2)).unwrap(), [["1"], ["3"]]);
    // Orders of whose lines nothing is known are one line each.
    assert_eq!(earned(&program, &batch(vec![("action.amount", amounts(2))])).unwrap(), [["1"], ["1"]]);
    // Names may stand in structs as well.
    let action = StructArray::try_from(vec![("amount", amounts(3)), ("items", items(None))]).unwrap();
    let nested = batch(vec![("action", array(action))]);
    assert_eq!(earned(&program, &nested).unwrap(), [vec!["10", "2"], vec!["1"], vec!["3"]]);
}

#[test]
fn what_is_no_fact_is_named() {
    let program = program("", "customer.status == \"new\"");
    let status = |values: ArrayRef| vec![("action.amount", amounts(2)), ("customer.status", values)];
    let new = || array(StringArray::from(vec!["new", "new"]));
    let with = |name, array| [status(new()), vec![(name, array)]].concat();
    let cases = [
        (
            vec![("customer.status", new())],
            "action.base: payouts are a share of it, and there is no such column",
        ),
        (
            vec![("action.amount", amounts(2))],
            "customer.status: the rules read it, and there is no such column",
        ),
        (
            status(array(StringArray::from(vec![Some("new"), None]))),
            "customer.status: it is not known in row 1, and the rules rely on it",
        ),
        (status(array(NullArray::new(2))), "customer.status: the rules read it, and there is no such column"),
        (
            status(array(Int64Array::from(vec![1, 2]))),
            "customer.status: expected text (`utf8`), but this column is `Int64`",
        ),
        (
            with("customer.stauts", new()),
            "customer.stauts: there is no such fact; did you mean `customer.status`?",
        ),
        (
            with("attributes.sore", new()),
            "attributes.sore: there is no such fact; did you mean `attributes.score`?",
        ),
        (
            with(
                "customer.since",
                array(TimestampSecondArray::from(vec![0, -9_999_999_999]).with_timezone("UTC")),
            ),
            "customer.since: the moment in row 1 is not in the years 1900 to 2999",
        ),
        (
            with("action.tax", array(Float64Array::from(vec![0.1, 0.2]))),
            "action.tax: this column is `Float64`, a binary number that cannot hold 0.10; write it as a decimal, such as \
             `decimal(18, 4)`, or as text",
        ),
        (
            with("action.promo_codes", lists(&[Some(&["spring"]), None]).remove(0)),
            "action.promo_codes: promo codes are compared in upper case, and `spring` is not",
        ),
    ];
    for (columns, message) in cases {
        assert_eq!(earned(&program, &batch(columns)), Err(message.to_owned()));
    }
    let orders = batch(vec![
        ("action.amount", amounts(3)),
        ("action.items", items(Some(vec![true, false, true].into()))),
    ]);
    assert_eq!(
        earned(&program, &orders),
        Err("action.items: a list or one of its records is null; write an empty list".to_owned())
    );
}

#[test]
fn what_is_longer_than_the_limits_is_refused() {
    // Rules are checked for the largest action there may be, and native code does not stop by itself.
    let program = program("", "\"A\" in action.promo_codes && action.amount > 1000");
    let limits = program.limits();
    let codes = vec!["A"; limits.entries + 1];
    let orders = batch(vec![
        ("action.amount", amounts(2)),
        ("action.promo_codes", lists(&[Some(&["A"]), Some(&codes)]).remove(0)),
    ]);
    let most = limits.entries;
    let message = format!("{} entries in row 1 are more than the {most} an action may have", most + 1);
    assert_eq!(earned(&program, &orders), Err(format!("action.promo_codes: {message}")));

    let most = limits.items;
    let sku = array(StringArray::from(vec!["A"; most + 1]));
    let structs =
        StructArray::try_from(vec![("sku", sku), ("quantity", array(Int64Array::from(vec![1; most + 1])))])
            .unwrap();
    let element = Arc::new(Field::new("element", structs.data_type().clone(), false));
    let offsets = OffsetBuffer::from_lengths([most + 1]);
    let items = ListArray::try_new(element, offsets, array(structs), None).unwrap();
    let orders = batch(vec![("action.amount", amounts(1)), ("action.items", array(items))]);
    let message = format!("{} entries in row 0 are more than the {most} an action may have", most + 1);
    assert_eq!(earned(&program, &orders), Err(format!("action.items: {message}")));

    let long = "x".repeat(limits.text_bytes + 1);
    let status = array(StringArray::from(vec![long.as_str()]));
    let orders = batch(vec![("action.amount", amounts(1)), ("customer.status", status)]);
    let most = limits.text_bytes;
    let message = format!("{} bytes are more than the {most} a text may have", most + 1);
    assert_eq!(earned(&program, &orders), Err(format!("customer.status: {message}")));
}

#[test]
fn a_number_of_any_length_is_exact() {
    let program = program("", "action.amount > 1000");
    let amounts: Vec<i128> = vec![1_000_000_000_001, 1_000_000_000_000, 123_456_789_012_345_678_901_234_567];
    let column = array(Decimal128Array::from(amounts).with_precision_and_scale(38, 9).unwrap());
    let found = earned(&program, &batch(vec![("action.amount", column)])).unwrap();
    assert_eq!(found, [["100"], ["10"], ["12345678901234567.89"]]);
}
