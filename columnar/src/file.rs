//! Parquet files: bytes enter that anybody may have written, batches leave, or an error; and decisions are written.
//!
//! The reader behind this is not written for hostile files. So the sizes that a file claims are looked at first, and a
//! panic inside it is an error here.

use std::fs::File;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use accrue::facts::{FactError, FactErrors};
use accrue::limits::Limits;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use thiserror::Error;

use crate::actions::{ActionColumns, Rows};
use crate::decisions::decision_schema;

/// Rows read at once.
const BATCH_ROWS: u64 = 1_024;
/// Bytes read at once, as far as the file tells the truth about them: fewer rows where they are long.
const BATCH_BYTES: u64 = 16 << 20;
/// Bytes of one column in one row group. Files have row groups of some 128 MB in all; a page of a column is taken apart
/// as a whole, so this bounds the memory that one takes.
const COLUMN_BYTES: i64 = 1 << 30;
/// Values of one column in a row group, for each of its rows: what items, touches and lists inside them may have.
const VALUES_A_ROW: i64 = 100_000;
/// Columns, those inside structs counted one by one. Actions have some fifty, and a brand a few dozen attributes.
const COLUMNS: usize = 2_000;
/// Rows of a row group that is written: its columns are kept in memory until it is complete.
const GROUP_ROWS: usize = 1 << 17;

/// Why a Parquet file cannot be read or written.
#[derive(Debug, Error)]
pub enum FileError {
    /// It is not a Parquet file, or a broken one.
    #[error("not a Parquet file that can be read: {0}")]
    Broken(String),
    /// Its columns are not those of actions.
    #[error(transparent)]
    Columns(#[from] FactErrors),
    /// It cannot be written.
    #[error("cannot write Parquet: {0}")]
    Write(String),
}

fn broken(error: impl std::fmt::Display) -> FileError {
    // The reader's messages may quote what is in the file.
    let shown: String = error.to_string().chars().filter(|c| !c.is_control()).take(200).collect();
    FileError::Broken(shown)
}

/// Runs what reads a file that anybody may have written.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, FileError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(broken),
        Err(_) => Err(broken("its parts contradict each other")),
    }
}

/// The actions of a Parquet file.
pub struct ParquetActions {
    columns: ActionColumns,
    batches: Batches,
}

/// The batches of a Parquet file, whatever is in them.
struct Batches {
    reader: ParquetRecordBatchReader,
    schema: SchemaRef,
    rows: u64,
    /// After an error nothing more is read: what the reader is in then is not known.
    failed: bool,
}

impl Batches {
    fn open(file: File) -> Result<Self, FileError> {
        let builder = guarded(|| ParquetRecordBatchReaderBuilder::try_new(file))?;
        let schema = builder.schema().clone();
        let (rows, bytes) = plausible(builder.metadata())?;
        let row_bytes = bytes.checked_div(rows).unwrap_or(0).max(1);
        let batch_rows = (BATCH_BYTES / row_bytes).clamp(1, BATCH_ROWS);
        let batch_rows = usize::try_from(batch_rows).unwrap_or(1);
        let reader = guarded(|| builder.with_batch_size(batch_rows).build())?;
        Ok(Self { reader, schema, rows, failed: false })
    }

    fn next(&mut self) -> Result<Option<RecordBatch>, FileError> {
        if self.failed {
            return Ok(None);
        }
        let reader = &mut self.reader;
        let batch = guarded(|| reader.next().transpose().map_err(ParquetError::from));
        self.failed = batch.is_err();
        batch
    }
}

/// Looks at what a file says of its sizes. Returns its rows and their bytes.
fn plausible(metadata: &ParquetMetaData) -> Result<(u64, u64), FileError> {
    let columns = metadata.file_metadata().schema_descr().num_columns();
    if columns > COLUMNS {
        return Err(broken(format!("{columns} columns are more than {COLUMNS}")));
    }
    let (mut rows, mut bytes) = (0u64, 0u64);
    for group in metadata.row_groups() {
        let group_rows = group.num_rows();
        rows =
            rows.saturating_add(u64::try_from(group_rows).map_err(|_| broken("a negative count of rows"))?);
        for column in group.columns() {
            let size = column.uncompressed_size();
            if !(0..=COLUMN_BYTES).contains(&size) || column.compressed_size() < 0 {
                let name = column.column_path().string();
                return Err(broken(format!(
                    "a row group has {size} bytes of `{name}`, more than {COLUMN_BYTES}; write smaller row groups"
                )));
            }
            let values = column.num_values();
            if values < 0 || values / VALUES_A_ROW > group_rows {
                return Err(broken(format!("{values} values of a column in {group_rows} rows")));
            }
            bytes = bytes.saturating_add(size.unsigned_abs());
        }
    }
    Ok((rows, bytes))
}

impl ParquetActions {
    /// Opens a file and finds its columns.
    pub fn open(file: File, limits: &Limits) -> Result<Self, FileError> {
        let batches = Batches::open(file)?;
        let columns = ActionColumns::of(&batches.schema, limits)?;
        Ok(Self { columns, batches })
    }

    /// How many rows the file says it has.
    pub fn count(&self) -> u64 {
        self.batches.rows
    }

    /// Reads the next rows; `false` at the end.
    pub fn read(&mut self, rows: &mut Rows) -> Result<bool, FileError> {
        match self.batches.next()? {
            Some(batch) => {
                self.columns.read(&batch, rows);
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

/// Copies rows of a file, by their numbers from 1, rising, into another one with the same columns.
pub fn copy_rows<W: Write + Send>(
    from: File,
    to: W,
    rows: impl Iterator<Item = std::io::Result<u64>>,
) -> Result<W, FileError> {
    let mut batches = Batches::open(from)?;
    let mut writer =
        ArrowWriter::try_new(to, batches.schema.clone(), Some(properties().build())).map_err(write)?;
    let mut rows = rows.peekable();
    let mut first = 1u64;
    while let Some(batch) = batches.next()? {
        let next = first.saturating_add(batch.num_rows() as u64);
        let mut chosen = vec![false; batch.num_rows()];
        while let Some(row) = rows.next_if(|row| row.as_ref().map_or(true, |row| *row < next)) {
            let at = row.map_err(|error| FileError::Write(error.to_string()))?.checked_sub(first);
            if let Some(place) = at.and_then(|at| chosen.get_mut(usize::try_from(at).ok()?)) {
                *place = true;
            }
        }
        first = next;
        if chosen.contains(&true) {
            let chosen = arrow_select::filter::filter_record_batch(&batch, &BooleanArray::from(chosen));
            writer.write(&chosen.map_err(|error| FileError::Write(error.to_string()))?).map_err(write)?;
        }
    }
    writer.into_inner().map_err(write)
}

fn write(error: ParquetError) -> FileError {
    FileError::Write(error.to_string())
}

fn properties() -> parquet::file::properties::WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_created_by(concat!("accrue ", env!("CARGO_PKG_VERSION")).to_owned())
}

/// Writes batches of actions as a Parquet file; all of them must have the same schema.
pub fn write_actions<W: Write + Send>(
    to: W,
    batches: impl IntoIterator<Item = RecordBatch>,
) -> Result<W, FileError> {
    let mut batches = batches.into_iter().peekable();
    let schema = match batches.peek() {
        Some(batch) => batch.schema(),
        None => return Err(FileError::Write("there are no actions, and so no columns".to_owned())),
    };
    let mut writer = ArrowWriter::try_new(to, schema, Some(properties().build())).map_err(write)?;
    for batch in batches {
        writer.write(&batch).map_err(write)?;
    }
    writer.into_inner().map_err(write)
}

/// Writes batches of decisions as a Parquet file.
pub struct ParquetDecisions<W: Write + Send> {
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetDecisions<W> {
    /// Begins a file.
    pub fn new(to: W) -> Result<Self, FileError> {
        let mut properties = properties().set_statistics_enabled(EnabledStatistics::Chunk);
        // Each value of these is another, so a dictionary would only be in the way.
        for column in [&["action"][..], &["occurred_at"], &["base"], &["terms_as_of"], &["receipt"]] {
            let path = ColumnPath::new(column.iter().map(|part| (*part).to_owned()).collect());
            properties = properties.set_column_dictionary_enabled(path, false);
        }
        for column in [&["receipt"][..], &["lines", "list", "element", "base"]] {
            let path = ColumnPath::new(column.iter().map(|part| (*part).to_owned()).collect());
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_statistics_enabled(path.clone(), EnabledStatistics::None);
        }
        // Digests do not compress.
        let receipt = ColumnPath::from("receipt");
        let properties = properties.set_column_compression(receipt, Compression::UNCOMPRESSED).build();
        let writer = ArrowWriter::try_new(to, decision_schema(), Some(properties)).map_err(write)?;
        Ok(Self { writer })
    }

    /// Adds a batch of [`decision_schema`].
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), FileError> {
        self.writer.write(batch).map_err(write)
    }

    /// Writes what is left. Without this the file has no end and cannot be read.
    pub fn finish(self) -> Result<W, FileError> {
        self.writer.into_inner().map_err(write)
    }
}

impl From<FactError> for FileError {
    fn from(error: FactError) -> Self {
        Self::Columns(error.into())
    }
}
