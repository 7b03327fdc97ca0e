//! Checks the sizes that a Parquet file claims, before the file is read: a file may come from anybody, and must not ask for more
//! memory than the limits here.
//!
//! The Parquet reader allocates as much memory as a file asks for. So every size is read here first, from the footer and from the
//! header of each page, without decoding a page ([`crate::values`] checks what the pages hold). Together the limits keep the memory in use at any time below 1.5 GiB for the
//! worst possible file; a usual file takes a hundredth of that.

use std::io::{self, Read as _};

use parquet::basic::{Compression, Type};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::ChunkReader as _;

use crate::compact::{Compact, I16, I32, I64, LIST, STRUCT, Shape};
use crate::file::{FileError, broken};
use crate::source::ParquetSource;

/// Bytes of the footer, which is read as a whole. It holds the schema and some two hundred bytes for each column of each row
/// group: enough for a thousand row groups of eighty columns.
const FOOTER_BYTES: u64 = 16 << 20;
/// How deep types may nest. A text in a list of a touch is seven deep; code that walks a schema recurses at each level.
const DEPTH: usize = 16;
/// Columns, each column inside a struct counted. Actions have some fifty, and a brand a few dozen attributes.
const COLUMNS: usize = 1_000;
/// Uncompressed bytes of a row group. The pages of a batch stay in memory as long as the batch, and a batch may need all of them.
/// Files usually have row groups of up to 128 MB.
const GROUP_BYTES: u64 = 512 << 20;
/// Uncompressed bytes of a page, which is allocated as a whole. Most pages have 1 MB.
const PAGE_BYTES: u64 = 64 << 20;
/// Bytes of a page header, which may quote the smallest and the largest value.
const HEADER_BYTES: u64 = 64 << 10;
/// Values of a dictionary, each of which takes 16 bytes besides its own. Writers give up a dictionary of more than a megabyte.
const DICTIONARY_VALUES: u64 = 1 << 20;
/// Values in lists, of all columns of a row group. A run of equal values takes a few bytes in the file and 20 bytes for each
/// value in memory, and one row may have all of them. A row group of 131,072 actions may have 256 values for each action.
const LISTED_VALUES: u64 = 32 << 20;
/// Bytes of a value of fixed length; a null takes as many. Decimals of 76 digits have 32.
const FIXED_BYTES: i32 = 32;

/// Bytes of a reference to a text in its page.
const REFERENCE_BYTES: u64 = 16;
/// Encodings of pages that take no more memory than their values, by their numbers in the format: plain, dictionary (two numbers)
/// and runs. The other encodings begin with sizes that nothing bounds.
const ENCODINGS: [i64; 4] = [0, 2, 3, 8];

/// Checks the footer before it is read.
pub(crate) fn footer(file: &ParquetSource) -> Result<(), FileError> {
    let length = file.length().map_err(broken)?;
    let mut end = [0u8; 8];
    let Some(at) = length.checked_sub(8) else { return Err(broken("it is too short")) };
    read(file, at, &mut end)?;
    let (size, magic) = end.split_at(4);
    if magic != b"PAR1" {
        return Err(broken("it does not end as one; it was cut off, is encrypted, or is something else"));
    }
    let size = size.iter().rev().fold(0u64, |size, byte| (size << 8) | u64::from(*byte));
    let Some(from) = at.checked_sub(size) else {
        return Err(broken("its footer claims to be longer than the file"));
    };
    if size > FOOTER_BYTES {
        return Err(broken(format!(
            "its footer has {size} bytes, more than {FOOTER_BYTES}; write larger row groups"
        )));
    }
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    read(file, from, &mut bytes)?;
    match depth(&bytes) {
        Some(depth) if depth <= DEPTH => Ok(()),
        Some(depth) => Err(broken(format!("its types nest {depth} deep, more than {DEPTH}"))),
        None => Err(broken("its footer contradicts itself, or has another order than the format")),
    }
}

fn read(file: &ParquetSource, at: u64, to: &mut [u8]) -> Result<(), FileError> {
    file.get_read(at).map_err(io::Error::from).and_then(|mut from| from.read_exact(to)).map_err(broken)
}

const EMPTY: Shape = Shape::Struct(&[]);
const CLOCK: Shape =
    Shape::Struct(&[(1, Shape::Flag), (2, Shape::Struct(&[(1, EMPTY), (2, EMPTY), (3, EMPTY)]))]);
const LOGICAL: &[(u8, Shape)] = &[
    (1, EMPTY),
    (2, EMPTY),
    (3, EMPTY),
    (4, EMPTY),
    (5, Shape::Struct(&[(1, Shape::Number(I32)), (2, Shape::Number(I32))])),
    (6, EMPTY),
    (7, CLOCK),
    (8, CLOCK),
    (10, Shape::Struct(&[(1, Shape::Byte), (2, Shape::Flag)])),
    (11, EMPTY),
    (12, EMPTY),
    (13, EMPTY),
    (14, EMPTY),
    (15, EMPTY),
    (16, Shape::Refused),
    (17, Shape::Refused),
    (18, Shape::Refused),
];
/// The fields of a type in the schema. Field 5, the number of its children, is read by [`depth`].
const TYPE: &[(u8, Shape)] = &[
    (1, Shape::Number(I32)),
    (2, Shape::Number(I32)),
    (3, Shape::Number(I32)),
    (4, Shape::Binary),
    (6, Shape::Number(I32)),
    (7, Shape::Number(I32)),
    (8, Shape::Number(I32)),
    (9, Shape::Number(I32)),
    (10, Shape::Struct(LOGICAL)),
];
const STATISTICS: &[(u8, Shape)] = &[
    (1, Shape::Binary),
    (2, Shape::Binary),
    (3, Shape::Number(I64)),
    (4, Shape::Number(I64)),
    (5, Shape::Binary),
    (6, Shape::Binary),
    (7, Shape::Flag),
    (8, Shape::Flag),
    (9, Shape::Number(I64)),
];
const PAIR: Shape = Shape::Struct(&[(1, Shape::Binary), (2, Shape::Binary)]);
const COLUMN: &[(u8, Shape)] = &[
    (1, Shape::Number(I32)),
    (2, Shape::List(&Shape::Number(I32))),
    (3, Shape::List(&Shape::Binary)),
    (4, Shape::Number(I32)),
    (5, Shape::Number(I64)),
    (6, Shape::Number(I64)),
    (7, Shape::Number(I64)),
    (8, Shape::List(&PAIR)),
    (9, Shape::Number(I64)),
    (10, Shape::Number(I64)),
    (11, Shape::Number(I64)),
    (12, Shape::Struct(STATISTICS)),
    (
        13,
        Shape::List(&Shape::Struct(&[
            (1, Shape::Number(I32)),
            (2, Shape::Number(I32)),
            (3, Shape::Number(I32)),
        ])),
    ),
    (14, Shape::Number(I64)),
    (15, Shape::Number(I32)),
    (
        16,
        Shape::Struct(&[
            (1, Shape::Number(I64)),
            (2, Shape::List(&Shape::Number(I64))),
            (3, Shape::List(&Shape::Number(I64))),
        ]),
    ),
    (17, Shape::Refused),
];
const CHUNK: &[(u8, Shape)] = &[
    (1, Shape::Binary),
    (2, Shape::Number(I64)),
    (3, Shape::Struct(COLUMN)),
    (4, Shape::Number(I64)),
    (5, Shape::Number(I32)),
    (6, Shape::Number(I64)),
    (7, Shape::Number(I32)),
    (8, Shape::Refused),
    (9, Shape::Binary),
];
const GROUP: &[(u8, Shape)] = &[
    (1, Shape::List(&Shape::Struct(CHUNK))),
    (2, Shape::Number(I64)),
    (3, Shape::Number(I64)),
    (4, Shape::List(&Shape::Struct(&[(1, Shape::Number(I32)), (2, Shape::Flag), (3, Shape::Flag)]))),
    (5, Shape::Number(I64)),
    (6, Shape::Number(I64)),
    (7, Shape::Number(I16)),
];
/// The fields of a footer but field 2, the schema.
const FOOTER: &[(u8, Shape)] = &[
    (1, Shape::Number(I32)),
    (3, Shape::Number(I64)),
    (4, Shape::List(&Shape::Struct(GROUP))),
    (5, Shape::List(&PAIR)),
    (6, Shape::Binary),
    (7, Shape::List(&Shape::Struct(&[(1, EMPTY), (2, EMPTY)]))),
    (8, Shape::Refused),
    (9, Shape::Binary),
];

/// Returns how deep the types in a footer nest. Returns `None` if the footer cannot be read, or if a type claims to have more
/// children than there are types: the library would allocate room for them.
fn depth(footer: &[u8]) -> Option<usize> {
    let mut from = Compact { bytes: footer };
    let mut deepest = 0;
    from.fields(|number, ty, from| {
        if number != 2 {
            return from.pass_field(number, ty, FOOTER);
        }
        let (count, of) = if ty == LIST { from.list()? } else { return None };
        // For each enclosing type, the number of children still to come.
        let mut above: Vec<i64> = Vec::new();
        for left in (0..count).rev() {
            if of != STRUCT {
                return None;
            }
            let mut children = 0;
            from.fields(|number, ty, from| match (number, ty) {
                (5, I32) => from.int().map(|number| children = number),
                (5, _) => None,
                _ => from.pass_field(number, ty, TYPE),
            })?;
            while above.last() == Some(&0) {
                above.pop();
            }
            if let Some(last) = above.last_mut() {
                *last -= 1;
            }
            if u64::try_from(children).ok()? > left {
                return None;
            }
            if children > 0 {
                above.push(children);
            }
            deepest = deepest.max(above.len());
            if deepest > DEPTH {
                return None;
            }
        }
        Some(())
    })
    .or((deepest > DEPTH).then_some(()))?;
    Some(deepest)
}

/// The sizes of a file, according to the file.
pub(crate) struct Sizes {
    pub(crate) rows: u64,
    /// Bytes of memory that its values take: their uncompressed bytes, or one reference for each value if a dictionary makes them
    /// smaller than that.
    pub(crate) bytes: u64,
}

/// Checks the row groups and the header of each page.
pub(crate) fn pages(file: &ParquetSource, metadata: &ParquetMetaData) -> Result<Sizes, FileError> {
    let columns = metadata.file_metadata().schema_descr().num_columns();
    if columns > COLUMNS {
        return Err(broken(format!("{columns} columns are more than {COLUMNS}")));
    }
    let length = file.length().map_err(broken)?;
    let claimed = metadata.file_metadata().num_rows();
    let mut sizes = Sizes { rows: 0, bytes: 0 };
    for (number, group) in metadata.row_groups().iter().enumerate() {
        let fault = |message: String| broken(format!("row group {number}: {message}"));
        let rows =
            u64::try_from(group.num_rows()).map_err(|_| fault("a negative count of rows".to_owned()))?;
        sizes.rows = sizes.rows.saturating_add(rows);
        if group.columns().len() != columns {
            let found = group.columns().len();
            return Err(fault(format!("it has {found} columns, and the schema has {columns}")));
        }
        sizes.bytes = sizes.bytes.saturating_add(self::group(file, length, group).map_err(fault)?);
    }
    if u64::try_from(claimed) != Ok(sizes.rows) {
        return Err(broken(format!(
            "its footer claims {claimed} rows, and its row groups have {}",
            sizes.rows
        )));
    }
    Ok(sizes)
}

/// Checks a row group. Returns the bytes of memory that its values take.
fn group(file: &ParquetSource, length: u64, group: &RowGroupMetaData) -> Result<u64, String> {
    let (mut bytes, mut listed, mut taken) = (0u64, 0u64, 0u64);
    for column in group.columns() {
        let fault = |message: String| format!("column `{}`: {message}", column.column_path().string());
        let found = chunk(file, length, column).map_err(fault)?;
        let of_list = column.column_descr().max_rep_level() > 0;
        if column.num_values() < 0
            || found.values != column.num_values().unsigned_abs()
            || (!of_list && column.num_values() != group.num_rows())
        {
            return Err(fault(format!(
                "it has {} values, its pages have {}, and there are {} rows",
                column.num_values(),
                found.values,
                group.num_rows()
            )));
        }
        bytes = bytes.saturating_add(found.bytes);
        taken = taken.saturating_add(found.bytes.max(found.values.saturating_mul(REFERENCE_BYTES)));
        if bytes > GROUP_BYTES {
            return Err(format!("more than {GROUP_BYTES} bytes in it; write smaller row groups"));
        }
        if of_list {
            listed = listed.saturating_add(found.values);
        }
        if listed > LISTED_VALUES {
            return Err(format!("more than {LISTED_VALUES} values of lists in it; write smaller row groups"));
        }
    }
    Ok(taken)
}

/// The sums over the pages of one column in a row group.
struct Chunk {
    bytes: u64,
    values: u64,
}

fn chunk(file: &ParquetSource, length: u64, column: &ColumnChunkMetaData) -> Result<Chunk, String> {
    if !matches!(column.compression(), Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_))
    {
        let name = column.compression().to_string();
        let name = name.split('(').next().unwrap_or_default();
        return Err(format!("{name} is not read; compress with Snappy or Zstandard, or not at all"));
    }
    if column.column_type() == Type::FIXED_LEN_BYTE_ARRAY
        && !(1..=FIXED_BYTES).contains(&column.column_descr().type_length())
    {
        let bytes = column.column_descr().type_length();
        return Err(format!("its values have {bytes} bytes each; decimals have at most {FIXED_BYTES}"));
    }
    let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
    let range = u64::try_from(start).ok().zip(u64::try_from(column.compressed_size()).ok());
    let Some((mut at, mut left)) = range.filter(|(at, size)| at.saturating_add(*size) <= length) else {
        return Err("it claims to stand outside the file".to_owned());
    };
    let data = u64::try_from(column.data_page_offset());
    if data.is_err()
        || data.is_ok_and(|data| data < at || data.checked_sub(at).is_none_or(|past| past > left))
    {
        return Err(format!(
            "its values claim to begin at byte {}, outside of it",
            column.data_page_offset()
        ));
    }
    let mut found = Chunk { bytes: 0, values: 0 };
    while left > 0 {
        let (header, size) = header(file, at, left)?;
        at = at.saturating_add(size);
        left = left.saturating_sub(size);
        let claimed = |size: i64, most: u64| u64::try_from(size).ok().filter(|size| *size <= most);
        let Some(body) = claimed(header.compressed, left) else {
            return Err(format!("a page claims {} bytes where there are {left}", header.compressed));
        };
        let Some(bytes) = claimed(header.uncompressed, PAGE_BYTES) else {
            return Err(format!(
                "a page of {} bytes, and the most is {PAGE_BYTES}; write smaller pages",
                header.uncompressed
            ));
        };
        if !ENCODINGS.contains(&header.encoding) {
            return Err(format!(
                "encoding {} is not read; write plain or dictionary encoding, which is that of Parquet 1.0",
                header.encoding
            ));
        }
        match header.kind {
            DICTIONARY => {
                if claimed(header.values, DICTIONARY_VALUES.min(bytes)).is_none() {
                    return Err(format!("a dictionary of {} values in {bytes} bytes", header.values));
                }
            }
            DATA | DATA_V2 => {
                let Some(values) = claimed(header.values, u64::from(u32::MAX)) else {
                    return Err(format!("a page of {} values", header.values));
                };
                found.values = found.values.saturating_add(values);
            }
            other => return Err(format!("a page of the unknown kind {other}")),
        }
        found.bytes = found.bytes.saturating_add(bytes);
        at = at.saturating_add(body);
        left = left.saturating_sub(body);
    }
    Ok(found)
}

const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
const DATA_V2: i64 = 3;

/// The fields of a page header.
#[derive(Default)]
struct Header {
    kind: i64,
    uncompressed: i64,
    compressed: i64,
    values: i64,
    encoding: i64,
    /// Bytes of the levels of a page of version 2, which are not compressed.
    levels: i64,
}

/// Returns the page header that begins at this offset, and its length in bytes.
fn header(file: &ParquetSource, at: u64, left: u64) -> Result<(Header, u64), String> {
    // Nearly all headers have a few dozen bytes.
    for most in [256, HEADER_BYTES] {
        let mut bytes = Vec::new();
        let most = left.min(most);
        file.get_read(at)
            .map_err(io::Error::from)
            .and_then(|from| from.take(most).read_to_end(&mut bytes))
            .map_err(|error| error.to_string())?;
        let mut from = Compact { bytes: &bytes };
        if let Some(header) = parse(&mut from) {
            return Ok((header, bytes.len().saturating_sub(from.bytes.len()) as u64));
        }
    }
    Err("a page has no header that can be read".to_owned())
}

fn parse(from: &mut Compact<'_>) -> Option<Header> {
    let mut header = Header::default();
    let mut of = None;
    from.fields(|number, ty, from| {
        // What the header of this kind of page has, and the number of its encoding.
        let (kind, encoding, flag) = match (number, ty) {
            (1, I32) => return from.int().map(|kind| header.kind = kind),
            (2, I32) => return from.int().map(|bytes| header.uncompressed = bytes),
            (3, I32) => return from.int().map(|bytes| header.compressed = bytes),
            // The checksum, which the library compares.
            (4, I32) => return from.int().map(drop),
            (5, STRUCT) => (DATA, 2, None),
            (7, STRUCT) => (DICTIONARY, 2, Some(3)),
            (8, STRUCT) => (DATA_V2, 4, Some(7)),
            (1..=8, _) => return None,
            _ => return from.pass_field(number, ty, &[]),
        };
        // The library reads each of them, and uses that of the kind.
        if of.replace(kind).is_some() {
            return None;
        }
        from.fields(|number, ty, from| match (number, ty) {
            (1, I32) => from.int().map(|values| header.values = values),
            (at, I32) if at == encoding => from.int().map(|encoding| header.encoding = encoding),
            (5 | 6, I32) if kind == DATA_V2 => {
                let bytes = from.int().filter(|bytes| *bytes >= 0)?;
                header.levels = header.levels.checked_add(bytes)?;
                Some(())
            }
            (at, ty) if Some(at) == flag => from.pass_shape(ty, &Shape::Flag),
            (5, ty) if kind == DATA => from.pass_shape(ty, &Shape::Struct(STATISTICS)),
            (8, ty) if kind == DATA_V2 => from.pass_shape(ty, &Shape::Struct(STATISTICS)),
            (1..=6, I32) => from.int().map(drop),
            (1..=8, _) => None,
            _ => from.pass_field(number, ty, &[]),
        })
    })?;
    let is_known = matches!(header.kind, DATA | DICTIONARY | DATA_V2);
    ((!is_known || of == Some(header.kind)) && header.levels <= header.uncompressed.max(0)).then_some(header)
}
