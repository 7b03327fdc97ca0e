//! Checks the sizes that a Parquet file claims, before the file is read: a file may come from anybody, and must not ask for more
//! memory than the limits here.
//!
//! The Parquet reader allocates as much memory as a file asks for. So every size is read here first, from the footer and from the
//! header of each page, without decoding a page. Together the limits keep the memory in use at any time below 1.5 GiB for the
//! worst possible file; a usual file takes a hundredth of that.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use parquet::basic::{Compression, Type};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};

use crate::file::{FileError, broken};

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
pub(crate) fn footer(file: &mut File) -> Result<(), FileError> {
    let length = file.seek(SeekFrom::End(0)).map_err(broken)?;
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
        None => Err(broken("its footer contradicts itself")),
    }
}

fn read(file: &mut File, at: u64, to: &mut [u8]) -> Result<(), FileError> {
    file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(to)).map_err(broken)
}

/// Returns how deep the types in a footer nest; `None` if the footer cannot be read.
fn depth(footer: &[u8]) -> Option<usize> {
    let mut from = Compact { bytes: footer };
    let mut deepest = 0;
    from.fields(|field, from| {
        if field != (2, LIST) {
            return from.skip(field.1, SKIP_DEPTH);
        }
        let (count, of) = from.list()?;
        // For each enclosing type, the number of children still to come.
        let mut above: Vec<i64> = Vec::new();
        for _ in 0..count {
            if of != STRUCT {
                return None;
            }
            let mut children = 0;
            from.fields(|field, from| match field {
                (5, I32) => from.int_into(&mut children),
                (_, ty) => from.skip(ty, SKIP_DEPTH),
            })?;
            while above.last() == Some(&0) {
                above.pop();
            }
            if let Some(last) = above.last_mut() {
                *last -= 1;
            }
            if children > 0 {
                above.push(children);
            }
            deepest = deepest.max(above.len());
            if deepest > DEPTH {
                return Some(());
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
pub(crate) fn pages(file: &mut File, metadata: &ParquetMetaData) -> Result<Sizes, FileError> {
    let columns = metadata.file_metadata().schema_descr().num_columns();
    if columns > COLUMNS {
        return Err(broken(format!("{columns} columns are more than {COLUMNS}")));
    }
    let length = file.seek(SeekFrom::End(0)).map_err(broken)?;
    let mut sizes = Sizes { rows: 0, bytes: 0 };
    for (number, group) in metadata.row_groups().iter().enumerate() {
        let fault = |message: String| broken(format!("row group {number}: {message}"));
        let rows =
            u64::try_from(group.num_rows()).map_err(|_| fault("a negative count of rows".to_owned()))?;
        sizes.rows = sizes.rows.saturating_add(rows);
        sizes.bytes = sizes.bytes.saturating_add(self::group(file, length, group).map_err(fault)?);
    }
    Ok(sizes)
}

/// Checks a row group. Returns the bytes of memory that its values take.
fn group(file: &mut File, length: u64, group: &RowGroupMetaData) -> Result<u64, String> {
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

fn chunk(file: &mut File, length: u64, column: &ColumnChunkMetaData) -> Result<Chunk, String> {
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
}

/// Returns the page header that begins at this offset, and its length in bytes.
fn header(file: &mut File, at: u64, left: u64) -> Result<(Header, u64), String> {
    // Nearly all headers have a few dozen bytes.
    for most in [256, HEADER_BYTES] {
        let mut bytes = Vec::new();
        let most = left.min(most);
        file.seek(SeekFrom::Start(at))
            .and_then(|_| file.by_ref().take(most).read_to_end(&mut bytes))
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
    from.fields(|field, from| {
        // The position of the encoding depends on the kind of page.
        let encoding = match field {
            (1, I32) => return from.int_into(&mut header.kind),
            (2, I32) => return from.int_into(&mut header.uncompressed),
            (3, I32) => return from.int_into(&mut header.compressed),
            (5 | 7, STRUCT) => 2,
            (8, STRUCT) => 4,
            (_, ty) => return from.skip(ty, SKIP_DEPTH),
        };
        from.fields(|field, from| match field {
            (1, I32) => from.int_into(&mut header.values),
            (at, I32) if at == encoding => from.int_into(&mut header.encoding),
            (_, ty) => from.skip(ty, SKIP_DEPTH),
        })
    })?;
    Some(header)
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const STRUCT: u8 = 12;

/// How deep skipped values may nest. Those of the format nest four deep.
const SKIP_DEPTH: usize = 8;

/// Reads Thrift's compact protocol, in which footers and headers are written, from the remaining bytes. Methods return `None` if
/// the bytes end too early or are not valid.
struct Compact<'a> {
    bytes: &'a [u8],
}

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn pass(&mut self, count: u64) -> Option<()> {
        self.bytes = self.bytes.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn int(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        let half = i64::try_from(number >> 1).ok()?;
        Some(if number & 1 == 0 { half } else { !half })
    }

    fn int_into(&mut self, place: &mut i64) -> Option<()> {
        *place = self.int()?;
        Some(())
    }

    /// Calls `each` with the number and type of every field of a struct. `each` must read the field.
    fn fields(&mut self, mut each: impl FnMut((i64, u8), &mut Self) -> Option<()>) -> Option<()> {
        let mut number = 0i64;
        loop {
            let begin = self.byte()?;
            let ty = begin & 0x0F;
            if ty == 0 {
                return Some(());
            }
            number = match begin >> 4 {
                0 => self.int()?,
                step => number.checked_add(step.into())?,
            };
            each((number, ty), self)?;
        }
    }

    /// Returns the number of elements of a list, and their type. Each element takes at least one byte.
    fn list(&mut self) -> Option<(u64, u8)> {
        let begin = self.byte()?;
        let count = match begin >> 4 {
            15 => self.unsigned()?,
            few => few.into(),
        };
        (count <= self.bytes.len() as u64).then_some((count, begin & 0x0F))
    }

    fn skip(&mut self, ty: u8, depth: usize) -> Option<()> {
        let below = depth.checked_sub(1)?;
        match ty {
            TRUE | FALSE => Some(()),
            BYTE => self.pass(1),
            4..=I64 => self.unsigned().map(drop),
            DOUBLE => self.pass(8),
            BINARY => {
                let length = self.unsigned()?;
                self.pass(length)
            }
            LIST | SET => {
                let (count, of) = self.list()?;
                (0..count).try_for_each(|_| match of {
                    // In a list, a bool is one byte.
                    TRUE | FALSE => self.pass(1),
                    of => self.skip(of, below),
                })
            }
            STRUCT => self.fields(|(_, ty), from| from.skip(ty, below)),
            _ => None,
        }
    }
}
