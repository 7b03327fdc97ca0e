//! Parquet files that mean harm: whatever a file says of itself, it is read or refused, without a panic and without more
//! memory than the limits allow.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod reading;

use std::io::Write as _;
use std::sync::Arc;

use accrue::facts::{Action, read_action};
use accrue::limits::Limits;
use accrue_arrow::{ActionColumns, ParquetActions, Rows, action_batch, write_actions};
use arrow_array::{ArrayRef, Decimal128Array, Decimal256Array, Float32Array, RecordBatch, StringArray};
use arrow_buffer::i256;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use reading::read_all;

fn actions(count: usize) -> Vec<Action> {
    let action = |n: usize| {
        read_action(&format!(
            r#"{{"id":"a{n}","event_type":"sale","occurred_at":"2026-03-01T10:00:00Z","amount":"{n}.50",
            "items":[{{"sku":"S{n}","amount":"1"}}],"promo_codes":["P"],
            "touches":[{{"partner":"p","at":"2026-03-01T09:00:00Z","kind":"click","sub_ids":["a","b"]}}]}}"#
        ))
        .unwrap()
    };
    (0..count).map(action).collect()
}

fn written(properties: WriterProperties) -> Vec<u8> {
    let batch = action_batch(&actions(40)).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn compressions_and_encodings_of_files_as_they_are_written_are_read() {
    for compression in
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default())]
    {
        for dictionary in [false, true] {
            let properties = WriterProperties::builder().set_compression(compression);
            let properties = properties.set_dictionary_enabled(dictionary).build();
            assert_eq!(read_all(&written(properties)).unwrap(), actions(40), "{compression}");
        }
    }
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_encoding(Encoding::DELTA_BINARY_PACKED)
        .set_column_encoding("id".into(), Encoding::DELTA_BYTE_ARRAY);
    let batch = action_batch(&actions(3)).unwrap().project(&[0]).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    let error = read_all(&writer.into_inner().unwrap()).unwrap_err();
    assert!(error.contains("row group 0: column `id`: encoding 7 is not read; write plain"), "{error}");
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    let whole = written(WriterProperties::default());
    for length in (0..whole.len()).step_by(whole.len() / 60) {
        let error = read_all(&whole[..length]).unwrap_err();
        assert!(error.starts_with("not a Parquet file that can be read: "), "{error}");
    }
    let mut long = whole.clone();
    let at = long.len() - 8;
    long[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let error = read_all(&long).unwrap_err();
    assert!(error.contains("its footer claims to be longer than the file"), "{error}");
}

/// A text that stands in a file once may stand in each of its rows a thousand times.
#[test]
fn a_small_file_cannot_fill_memory() {
    let sub_ids = vec!["x".repeat(1_000); 100];
    let with = |touches: usize| {
        let mut action = actions(1).remove(0);
        action.touches[0].sub_ids.clone_from(&sub_ids);
        action.touches = vec![action.touches[0].clone(); touches];
        action
    };
    let largest: Vec<Action> = (0..12).map(|_| with(10)).collect();
    let file = write_actions(Vec::new(), [action_batch(&largest).unwrap()]).unwrap();
    assert!(file.len() < 20_000, "{} bytes for 12 MB", file.len());
    assert_eq!(read_all(&file).unwrap(), largest);

    let mut copy = tempfile::tempfile().unwrap();
    copy.write_all(&file).unwrap();
    let (mut reader, mut rows) = (ParquetActions::open(copy, &Limits::default()).unwrap(), Rows::default());
    while reader.read(&mut rows).unwrap() {
        assert!(rows.len() <= 1, "{} of the largest actions at once", rows.len());
    }

    let file = write_actions(Vec::new(), [action_batch(&[with(11)]).unwrap()]).unwrap();
    let error = read_all(&file).unwrap_err();
    assert!(
        error.contains("its texts have more than the 1048576 bytes an action may have in all"),
        "{error}"
    );
}

/// A number as it stands in headers.
fn varint(number: i64) -> Vec<u8> {
    let mut number = u64::try_from(number << 1 ^ (number >> 63)).unwrap();
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7F).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

/// What the header of the only page of `id` is made to say.
#[derive(Clone, Copy)]
struct Says {
    kind: i64,
    uncompressed: i64,
    compressed: i64,
    values: i64,
    encoding: i64,
    checksum: Option<u32>,
}

/// Rows, and bytes of each text: the statistics in the header make room for any other header.
const ROWS: usize = 4;
const TEXT: usize = 60;
const BODY: i64 = 256;
const TRUE: Says =
    Says { kind: 0, uncompressed: BODY, compressed: BODY, values: 4, encoding: 0, checksum: None };

/// A file whose first page has this header.
fn saying(says: Says) -> Vec<u8> {
    let column = |text: String| -> ArrayRef { Arc::new(StringArray::from(vec![text; ROWS])) };
    let batch = RecordBatch::try_from_iter([
        ("id", column("x".repeat(TEXT))),
        ("event_type", column("sale".to_owned())),
        ("occurred_at", column("2026-03-01T10:00:00Z".to_owned())),
    ])
    .unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_write_page_header_statistics(true)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    let metadata = writer.close().unwrap();
    let column = metadata.row_group(0).column(0);
    let at = usize::try_from(column.data_page_offset()).unwrap();
    let length = usize::try_from(column.compressed_size() - BODY).unwrap();
    let int = |number: i64| [vec![0x15], varint(number)].concat();
    let mut header = [int(says.kind), int(says.uncompressed), int(says.compressed)].concat();
    let checksum = says.checksum.map(|checksum| int(checksum.cast_signed().into()));
    header.extend(checksum.iter().flatten());
    // The fields 5, 7 and 8 are the headers of the kinds; 2 and 4 are where they have the encoding.
    let step = match says.kind {
        2 => 0x4C,
        3 => 0x5C,
        _ => 0x2C,
    };
    header.push(if checksum.is_some() { step - 0x10 } else { step });
    header.extend(int(says.values));
    if says.kind == 3 {
        header.extend([0x15, 0].iter().chain(&[0x15, 8]));
    }
    header.extend(int(says.encoding));
    let last: &[u8] = match says.kind {
        2 => &[0],
        3 => &[0x15, 0, 0x15, 0, 0],
        _ => &[0x15, 6, 0x15, 6, 0],
    };
    header.extend(last);
    // What is left is a text that nobody knows, in field 20.
    header.push(match says.kind {
        2 => 0xD8,
        3 => 0xC8,
        _ => 0xF8,
    });
    let left = length - header.len() - 3;
    header.extend([u8::try_from(left & 0x7F).unwrap() | 0x80, u8::try_from(left >> 7).unwrap()]);
    header.resize(length - 1, b'.');
    header.push(0);
    bytes[at..at + length].copy_from_slice(&header);
    bytes
}

#[test]
fn what_the_header_of_a_page_claims_is_not_believed() {
    assert_eq!(read_all(&saying(TRUE)).unwrap().len(), ROWS);
    for (says, expected) in [
        (
            Says { uncompressed: 2_000_000_000, ..TRUE },
            "a page of 2000000000 bytes, and the most is 67108864",
        ),
        (Says { uncompressed: -1, ..TRUE }, "a page of -1 bytes"),
        (Says { compressed: 2_000_000_000, ..TRUE }, "a page claims 2000000000 bytes where there are 256"),
        (Says { compressed: -1, ..TRUE }, "a page claims -1 bytes"),
        (Says { compressed: BODY - 1, ..TRUE }, "a page has no header that can be read"),
        (
            Says { values: 2_000_000_000, ..TRUE },
            "it has 4 values, its pages have 2000000000, and there are 4 rows",
        ),
        (Says { values: -1, ..TRUE }, "a page of -1 values"),
        (Says { kind: 3, values: 5, ..TRUE }, "it has 4 values, its pages have 5"),
        (Says { kind: 2, values: 2_000_000_000, ..TRUE }, "a dictionary of 2000000000 values in 256 bytes"),
        (Says { kind: 7, ..TRUE }, "a page of the unknown kind 7"),
        (Says { encoding: 5, ..TRUE }, "encoding 5 is not read; write plain or dictionary encoding"),
        (Says { kind: 3, encoding: 7, ..TRUE }, "encoding 7 is not read"),
    ] {
        let error = read_all(&saying(says)).unwrap_err();
        let column = "not a Parquet file that can be read: row group 0: column `id`: ";
        assert!(error.starts_with(column) && error.contains(expected), "`{expected}` is not in `{error}`");
    }
}

#[test]
fn a_page_that_is_not_what_its_header_says_is_refused_with_its_row() {
    // Texts whose lengths run past the page.
    let mut bytes = saying(TRUE);
    let at = bytes.windows(TEXT).position(|window| window == [b'x'; TEXT]).unwrap();
    let at = bytes[at..].windows(4).position(|window| window == [60, 0, 0, 0]).unwrap() + at;
    bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let error = read_all(&bytes).unwrap_err();
    assert!(error.starts_with("not a Parquet file that can be read: after row 0: "), "{error}");
}

#[test]
fn binary_floats_are_refused_wherever_an_amount_may_stand() {
    let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
    for name in [
        "amount",
        "subtotal",
        "discount",
        "tax",
        "shipping",
        "customer.lifetime_value",
        "fraud.risk",
        "attributes.x",
    ] {
        let batch = RecordBatch::try_from_iter([
            ("id", text("a1")),
            ("event_type", text("sale")),
            ("occurred_at", text("2026-03-01T10:00:00Z")),
            (name, Arc::new(Float32Array::from(vec![0.1])) as ArrayRef),
        ]);
        let error = read_all(&write_actions(Vec::new(), [batch.unwrap()]).unwrap()).unwrap_err();
        assert!(error.starts_with(&format!("{name}: this column is `Float32`, a binary number")), "{error}");
    }
}

/// A generator of the same numbers everywhere.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap()
}

#[test]
fn a_file_that_was_tampered_with_is_read_or_refused() {
    let (mut state, mut refused) = (7, 0);
    for compression in
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default())]
    {
        let whole = written(WriterProperties::builder().set_compression(compression).build());
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..1 + next(&mut state) % 3 {
                let at = next(&mut state) % bytes.len();
                bytes[at] = u8::try_from(next(&mut state) & 0xFF).unwrap();
            }
            refused += usize::from(read_all(&bytes).is_err());
        }
    }
    assert!(refused > 250, "only {refused} were refused");
}

/// The checksum of gzip and of Parquet pages.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ if sum & 1 == 1 { 0xEDB8_8320 } else { 0 })
    })
}

/// Returns where the texts of the only page of `id` begin.
fn body(file: &[u8]) -> usize {
    let text = file.windows(TEXT).position(|window| window == [b'x'; TEXT]).unwrap();
    text - 4
}

#[test]
fn a_byte_that_flipped_under_a_checksum_is_noticed() {
    let plain = saying(TRUE);
    let at = body(&plain);
    let length = usize::try_from(BODY).unwrap();
    let checksum = crc32(&plain[at..at + length]);
    let whole = saying(Says { checksum: Some(checksum), ..TRUE });
    assert_eq!(read_all(&whole).unwrap().len(), ROWS);
    let at = body(&whole);
    for flipped in (at..at + length).step_by(5) {
        let mut bytes = whole.clone();
        bytes[flipped] ^= 1;
        let error = read_all(&bytes).unwrap_err();
        assert!(
            error.contains("row group 0: column `id`: Parquet error: Page CRC checksum mismatch"),
            "{error}"
        );
    }
    // Without a checksum, most of these are other ids.
    let mut bytes = plain;
    let at = body(&bytes);
    bytes[at + 8] ^= 1;
    assert_eq!(read_all(&bytes).unwrap().len(), ROWS);
}

/// The library reads a field by its number, whatever type it says to have. A reader that skips it by its type would not see it.
#[test]
fn a_header_that_readers_would_read_differently_is_refused() {
    let whole = saying(TRUE);
    let header = body(&whole) - 1;
    let header = whole[..header].iter().rposition(|byte| *byte == 0xF8).unwrap();
    // The sizes of the page are the numbers before, each with its type.
    let size = whole[..header].windows(3).rposition(|bytes| bytes == [0x15, 0x80, 0x04]).unwrap();
    for (at, byte, why) in [
        (size, 0x16, "a size of 64 bits"),
        (size, 0x05, "a field with a number of its own"),
        (size - 5, 0x18, "a kind that is text"),
    ] {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        let error = read_all(&bytes).unwrap_err();
        assert!(error.contains("row group 0: column `id`: a page "), "{why}: {error}");
    }
}

#[test]
fn a_footer_that_lies_is_refused() {
    let whole = written(WriterProperties::default());
    let length = whole.len();
    let size =
        usize::try_from(u32::from_le_bytes(whole[length - 8..length - 4].try_into().unwrap())).unwrap();
    let footer = length - 8 - size;
    let replaced = |from: &[u8], to: &[u8]| {
        let at = whole[footer..].windows(from.len()).position(|bytes| bytes == from).unwrap() + footer;
        let mut bytes = whole.clone();
        bytes.splice(at..at + from.len(), to.iter().copied());
        let size = u32::try_from(size + to.len() - from.len()).unwrap();
        let end = bytes.len();
        bytes[end - 8..end - 4].copy_from_slice(&size.to_le_bytes());
        read_all(&bytes).unwrap_err()
    };
    // The schema: its name, and how many children it has.
    let root = b"\x48\x0carrow_schema\x15";
    let at =
        whole[footer..].windows(root.len()).position(|bytes| bytes == root).unwrap() + footer + root.len();
    let children = whole[at];
    let many = [root.as_slice(), &[0xFE, 0xFF, 0xFF, 0xFF, 0x0F]].concat();
    let error = replaced(&[root.as_slice(), &[children]].concat(), &many);
    assert!(error.contains("its footer contradicts itself"), "{error}");
    // The rows of the file, after the schema: field 3, a number of 64 bits, and the row groups.
    let error = replaced(&[0x16, 80, 0x19, 0x1C], &[0x16, 82, 0x19, 0x1C]);
    assert!(error.contains("its footer claims 41 rows, and its row groups have 40"), "{error}");
}

/// A batch that a host has built need not be what its types say.
#[test]
fn a_decimal_of_more_digits_than_its_column_is_refused() {
    let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; 3])) };
    let narrow = Decimal128Array::from(vec![99_999, -99_999, 100_000]);
    let wide = Decimal256Array::from_iter_values([1, -1, 1_000].map(i256::from_i128));
    for (column, last) in [
        (Arc::new(narrow.with_precision_and_scale(5, 2).unwrap()) as ArrayRef, "5 digits"),
        (Arc::new(wide.with_precision_and_scale(3, 2).unwrap()), "3 digits"),
    ] {
        let batch = RecordBatch::try_from_iter([
            ("id", text("a1")),
            ("event_type", text("sale")),
            ("occurred_at", text("2026-03-01T10:00:00Z")),
            ("amount", column),
        ])
        .unwrap();
        let mut rows = Rows::default();
        ActionColumns::of(&batch.schema(), &Limits::default()).unwrap().read(&batch, &mut rows);
        let rows: Vec<_> = rows.iter_with_ids().collect();
        assert!(rows[0].is_ok() && rows[1].is_ok());
        let (id, errors) = rows[2].unwrap_err();
        assert_eq!(id, Some("a1"));
        assert!(errors.to_string().contains(&format!("more than the {last} of its column")), "{errors}");
    }
}

/// What is read into the memory of an earlier row has nothing of that row.
#[test]
fn a_rejected_row_does_not_have_the_id_of_the_row_before() {
    let text = |texts: [Option<&str>; 2]| -> ArrayRef { Arc::new(StringArray::from(texts.to_vec())) };
    let long = "x".repeat(2_000);
    let mut rows = Rows::default();
    for ids in [[Some("a1"), Some("a2")], [None, Some(long.as_str())]] {
        let batch = RecordBatch::try_from_iter([
            ("id", text(ids)),
            ("event_type", text([Some("sale"); 2])),
            ("occurred_at", text([Some("2026-03-01T10:00:00Z"); 2])),
        ]);
        let batch = batch.unwrap();
        ActionColumns::of(&batch.schema(), &Limits::default()).unwrap().read(&batch, &mut rows);
    }
    let ids: Vec<Option<&str>> = rows.iter_with_ids().map(|row| row.unwrap_err().0).collect();
    assert_eq!(ids, [None, None]);
}
