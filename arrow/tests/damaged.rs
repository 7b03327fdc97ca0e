//! Damaged Parquet files: flipped bits, overwritten bytes and moved pieces, in files of every compression, page version and kind of column.
//! Each is read or refused, and the Parquet library never panics, since a host may be built so that a panic ends it.
//!
//! `ACCRUE_DAMAGED=100000 cargo test -p accrue-arrow --test damaged` tries so many files, and `ACCRUE_DAMAGED_SEED` others.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod reading;

use std::panic;
use std::sync::{Arc, Mutex, Once, PoisonError};

use accrue::facts::{Action, read_action};
use accrue_arrow::{action_batch, is_reading};
use arrow_array::types::Int32Type;
use arrow_array::{
    Array as _, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Decimal256Array, DictionaryArray,
    Int8Array, Int16Array, Int32Array, Int64Array, ListArray, RecordBatch, StringArray, StructArray,
    TimestampMillisecondArray, TimestampNanosecondArray, UInt8Array, UInt64Array,
};
use arrow_buffer::i256;
use arrow_schema::{DataType, Field, Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

use reading::read_all;

/// What the library said when it panicked.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Returns the panics inside the library until now. The first call begins to collect them.
fn panics() -> Vec<String> {
    static COLLECT: Once = Once::new();
    COLLECT.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if is_reading() {
                PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(panic.to_string());
            } else {
                print(panic);
            }
        }));
    });
    PANICS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Actions with lists in lists, and fields that some of them do not have.
fn actions(count: usize) -> RecordBatch {
    let action = |n: usize| -> Action {
        let touches = if n.is_multiple_of(3) {
            String::new()
        } else {
            format!(
                r#"{{"partner":"p{}","at":"2026-03-01T09:00:00Z","kind":"click","sub_ids":["a","b{n}"]}},
                {{"partner":"q","at":"2026-03-01T09:30:00Z","kind":"click"}}"#,
                n % 5
            )
        };
        let customer = if n.is_multiple_of(2) { r#""customer":{"id":"c1","country":"DE"},"# } else { "" };
        read_action(&format!(
            r#"{{"id":"a{n}","event_type":"sale","occurred_at":"2026-03-01T10:00:{:02}Z","amount":"{n}.50",{customer}
            "items":[{{"sku":"S{n}","amount":"1","quantity":{}}}],"promo_codes":["P"],"attributes":{{"x":"y{n}"}},
            "touches":[{touches}]}}"#,
            n % 60,
            n + 1
        ))
        .unwrap()
    };
    with_partners_only(&action_batch(&(0..count).map(action).collect::<Vec<_>>()).unwrap())
}

/// Leaves the partner of each credit and nothing else: a seed damages the same bytes as long as the columns stay the same.
fn with_partners_only(batch: &RecordBatch) -> RecordBatch {
    let at = batch.schema().index_of("credits").unwrap();
    let credits: &ListArray = batch.column(at).as_any().downcast_ref().unwrap();
    let values: &StructArray = credits.values().as_any().downcast_ref().unwrap();
    let fields: Fields = values.fields().iter().take(1).cloned().collect();
    let partners = StructArray::new(fields.clone(), vec![values.column(0).clone()], values.nulls().cloned());
    let item = match credits.data_type() {
        DataType::List(item) => item.as_ref().clone().with_data_type(DataType::Struct(fields)),
        other => panic!("credits are {other}"),
    };
    let nulls = credits.nulls().cloned();
    let list = ListArray::new(Arc::new(item), credits.offsets().clone(), Arc::new(partners), nulls);
    let schema = batch.schema();
    let mut fields: Vec<Field> = schema.fields().iter().map(|field| field.as_ref().clone()).collect();
    fields[at] = fields[at].clone().with_data_type(list.data_type().clone());
    let mut columns = batch.columns().to_vec();
    columns[at] = Arc::new(list);
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

/// A column of each type, with nulls in some.
fn types() -> RecordBatch {
    fn column<T, A: From<Vec<Option<T>>>>(each: impl Fn(i32) -> Option<T>) -> A {
        A::from((0..30).map(each).collect::<Vec<_>>())
    }
    let but = |n: i32, every: i32| every == 0 || n % every != 0;
    let at = |each: i64| 1_770_000_000_000 * each;
    let text =
        |each: &dyn Fn(i32) -> Option<String>| -> ArrayRef { Arc::new(column::<String, StringArray>(each)) };
    let decimal = |precision, every| -> ArrayRef {
        let column: Decimal128Array = column(|n| but(n, every).then_some(i128::from(n)));
        Arc::new(column.with_precision_and_scale(precision, 2).unwrap())
    };
    let wide: Decimal256Array = column(|n| but(n, 4).then(|| i256::from_i128(n.into())));
    let millis: TimestampMillisecondArray = column(|n| Some(at(1) + i64::from(n)));
    let nanos: TimestampNanosecondArray = column(|n| Some(at(1_000_000) + i64::from(n)));
    let keyed: DictionaryArray<Int32Type> =
        (0..30).map(|n| but(n, 4).then(|| ["x", "yy", "z"][usize::try_from(n % 3).unwrap()])).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", text(&|n| Some(format!("a{n}")))),
        ("event_type", text(&|_| Some("sale".to_owned()))),
        ("occurred_at", Arc::new(millis.with_timezone("UTC"))),
        ("amount", Arc::new(wide.with_precision_and_scale(60, 2).unwrap())),
        ("subtotal", decimal(30, 4)),
        ("tax", decimal(8, 0)),
        ("shipping", decimal(16, 5)),
        ("attributes.b", Arc::new(column::<_, BooleanArray>(|n| but(n, 7).then_some(n % 2 == 0)))),
        ("attributes.d", Arc::new(column::<_, Date32Array>(|n| but(n, 7).then_some(20_000 + n)))),
        ("attributes.i8", Arc::new(column::<_, Int8Array>(|n| i8::try_from(n).ok()))),
        ("attributes.i16", Arc::new(column::<_, Int16Array>(|n| i16::try_from(n).ok()))),
        ("attributes.i32", Arc::new(column::<_, Int32Array>(|n| but(n, 3).then_some(n)))),
        ("attributes.i64", Arc::new(column::<_, Int64Array>(|n| but(n, 3).then_some(n.into())))),
        ("attributes.u8", Arc::new(column::<_, UInt8Array>(|n| u8::try_from(n).ok()))),
        ("attributes.u64", Arc::new(column::<_, UInt64Array>(|n| u64::try_from(n).ok()))),
        ("attributes.ns", Arc::new(nanos.with_timezone("UTC"))),
        ("attributes.t", text(&|n| but(n, 3).then(|| format!("v{}", n % 4)))),
        ("attributes.k", Arc::new(keyed)),
    ];
    let columns = columns.into_iter().map(|(name, column)| {
        let has_nulls = column.null_count() > 0;
        (name, column, has_nulls)
    });
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// The files that are damaged, each with a name.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (of, batch) in [("actions", actions(24)), ("wide", types())] {
        for (codec, compression) in [
            ("none", Compression::UNCOMPRESSED),
            ("snappy", Compression::SNAPPY),
            ("zstd", Compression::ZSTD(ZstdLevel::default())),
        ] {
            for (pages, version) in [("v1", WriterVersion::PARQUET_1_0), ("v2", WriterVersion::PARQUET_2_0)] {
                for (dictionary, small) in [(false, false), (false, true), (true, false), (true, true)] {
                    let mut properties = WriterProperties::builder()
                        .set_compression(compression)
                        .set_writer_version(version)
                        .set_dictionary_enabled(dictionary)
                        .set_statistics_enabled(EnabledStatistics::None);
                    if !dictionary {
                        // Version 2 would choose encodings that are refused.
                        properties = properties.set_encoding(Encoding::PLAIN);
                    }
                    if small {
                        // Several groups and pages, indexes and Bloom filters.
                        properties = properties
                            .set_data_page_row_count_limit(5)
                            .set_write_batch_size(5)
                            .set_max_row_group_row_count(Some(12))
                            .set_statistics_enabled(EnabledStatistics::Page)
                            .set_write_page_header_statistics(true)
                            .set_bloom_filter_enabled(true);
                    }
                    let mut writer =
                        ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build())).unwrap();
                    writer.write(&batch).unwrap();
                    let name = format!("{of}-{codec}-{pages}-dict={dictionary}-small={small}");
                    files.push((name, writer.into_inner().unwrap()));
                }
            }
        }
    }
    files
}

/// A generator of the same numbers everywhere.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap()
}

fn byte(state: &mut u64) -> u8 {
    u8::try_from(next(state) & 0xFF).unwrap()
}

/// Returns a file with one to three damages: half of them among the pages, the others in the footer and anywhere.
fn damaged(whole: &[u8], state: &mut u64) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let length = bytes.len();
    let size = u32::from_le_bytes(bytes[length - 8..length - 4].try_into().unwrap());
    let size = usize::try_from(size).unwrap();
    let footer = length - 8 - size;
    for _ in 0..1 + next(state) % 3 {
        let at = match next(state) % 4 {
            0 | 1 => next(state) % footer,
            2 => footer + next(state) % size,
            _ => next(state) % length,
        };
        match next(state) % 9 {
            0..=2 => bytes[at] ^= 1 << (next(state) % 8),
            3 | 4 => bytes[at] = byte(state),
            5 => bytes[at] = [0, 1, 2, 0x7F, 0x80, 0xFF, 0xFE, 3, 4][next(state) % 9],
            few @ (6 | 7) => {
                let count = 1 + next(state) % 8;
                let with = if few == 6 { 0xFF } else { 0 };
                bytes[at..].iter_mut().take(count).for_each(|byte| *byte = with);
            }
            _ => {
                let from = next(state) % length;
                let count = (1 + next(state) % 40).min(length - from).min(length - at);
                bytes[at..at + count].copy_from_slice(&whole[from..from + count]);
            }
        }
    }
    bytes
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn a_damaged_file_is_read_or_refused_without_a_panic() {
    let before = panics().len();
    let files = files();
    assert_eq!(files.len(), 48);
    for (name, whole) in &files {
        assert!(read_all(whole).is_ok(), "{name}: {:?}", read_all(whole));
    }
    let mut state = number("ACCRUE_DAMAGED_SEED", 3);
    let (mut refused, count) = (0, number("ACCRUE_DAMAGED", 144));
    for (_, whole) in files.iter().cycle().take(usize::try_from(count).unwrap()) {
        let seed = state;
        let read = read_all(&damaged(whole, &mut state));
        refused += u64::from(read.is_err());
        assert_eq!(panics().len(), before, "ACCRUE_DAMAGED_SEED={seed}: {:?}", panics().last());
        if let Err(message) = read {
            assert!(message.chars().count() < 4_000, "{message}");
        }
    }
    assert!(refused > count / 3, "only {refused} of {count} were refused");
}

/// Files that made Parquet 60.1 panic before their pages were checked: by the function that panicked, the file and the damage.
#[test]
fn files_that_made_the_library_panic_are_refused_by_row_group_and_column() {
    let before = panics().len();
    let files = files();
    for (of, seed) in PANICKED {
        let (name, whole) = files.iter().find(|(name, _)| name == of).unwrap();
        let mut state = seed;
        let message = read_all(&damaged(whole, &mut state)).unwrap_err();
        assert!(
            message.contains("row group ") && message.contains(": column `"),
            "{name}, {seed}: {message}"
        );
    }
    assert_eq!(panics().len(), before, "{:?}", panics());
}

const PANICKED: [(&str, u64); 7] = [
    // arrow_buffer::bit_util::apply_bitwise_binary_op: slice must not be empty
    ("actions-zstd-v1-dict=true-small=true", 16_297_028_020_182_464_298),
    // parquet fixed_len_byte_array::ValueDecoder::read: range start index out of range
    ("wide-snappy-v1-dict=true-small=false", 3_880_126_162_354_800_673),
    // parquet bit_util::BitReader::get_vlq_int: attempt to shift left with overflow
    ("actions-zstd-v2-dict=true-small=false", 15_165_651_349_485_159_165),
    // arrow_buffer::bit_chunk_iterator::BitChunks::new: offset + len out of bounds
    ("wide-snappy-v1-dict=false-small=false", 5_972_982_014_518_191_376),
    // bytes::Bytes::slice: range end out of bounds
    ("actions-zstd-v2-dict=true-small=true", 16_570_264_391_897_972_183),
    // parquet ColumnValueDecoderImpl::set_data: Decoder for dict should have been set
    ("actions-zstd-v2-dict=false-small=false", 10_585_520_821_376_863_518),
    // parquet fixed_len_byte_array::ValueDecoder::read: called `Option::unwrap()` on a `None` value
    ("wide-none-v2-dict=false-small=true", 11_537_192_040_832_593_469),
];
