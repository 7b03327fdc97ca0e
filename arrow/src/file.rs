//! Reads actions from Parquet files, which may come from anybody, and writes decisions to them.
//!
//! The Parquet reader allocates as much memory as a file asks for, and panics on some files that contradict themselves. So the sizes
//! that a file claims are checked first ([`crate::pages`]), and the pages of a row group before it is decoded ([`crate::values`]). A
//! panic that is left becomes an error.

use std::cell::Cell;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use accrue::facts::{FactError, FactErrors};
use accrue::limits::Limits;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use thiserror::Error;

use crate::actions::{ActionColumns, Rows};
use crate::decisions::decision_schema;
use crate::source::ParquetSource;
use crate::{pages, values};

/// Rows decoded from the pages at once.
const BATCH_ROWS: u64 = 1_024;
/// Bytes decoded at once, as far as the sizes in the file are true; fewer rows if they are long.
const BATCH_BYTES: u64 = 16 << 20;
/// Rows read into actions at once: few enough to stay in the processor's cache until they are decided, and enough that threads
/// which take turns do not wait for each other.
const ROWS_AT_ONCE: usize = 512;
/// Bytes of the texts and lists of the rows read at once; fewer rows if they are long.
const BYTES_AT_ONCE: usize = 256 << 10;
/// Rows of a row group that is written. The columns of a row group are kept in memory until it is complete.
const GROUP_ROWS: usize = 1 << 17;

/// Why a Parquet file cannot be read or written.
#[derive(Debug, Error)]
pub enum FileError {
    /// The file is not a Parquet file, or is damaged.
    #[error("not a Parquet file that can be read: {0}")]
    Broken(String),
    /// The columns are not those of actions.
    #[error(transparent)]
    Columns(#[from] FactErrors),
    /// The rows or decisions cannot be written.
    #[error("cannot write Parquet: {0}")]
    Write(String),
    /// The file cannot be written to.
    #[error(transparent)]
    Output(std::io::Error),
    /// The numbers of the rows to copy cannot be read.
    #[error("cannot read which rows are asked for: {0}")]
    Rows(std::io::Error),
}

impl FileError {
    /// Returns what is wrong, without what every error of a file says.
    pub(crate) fn detail(self) -> String {
        match self {
            Self::Broken(message) => message,
            other => other.to_string(),
        }
    }
}

impl From<FileError> for std::io::Error {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Output(error) => error,
            other => Self::other(other),
        }
    }
}

pub(crate) fn broken(error: impl std::fmt::Display) -> FileError {
    // The reader's messages may quote text from the file.
    let shown: String = error.to_string().chars().filter(|c| !c.is_control()).take(200).collect();
    FileError::Broken(shown)
}

thread_local! {
    /// Whether this thread is inside of the Parquet library.
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this thread is reading a Parquet file with the Parquet library, so that a panic becomes an error of the file.
///
/// The panic hook runs before that. A host whose hook prints panics asks this, and prints nothing:
///
/// ```
/// let print = std::panic::take_hook();
/// std::panic::set_hook(Box::new(move |panic| {
///     if !accrue_arrow::is_reading() {
///         print(panic);
///     }
/// }));
/// ```
pub fn is_reading() -> bool {
    READING.get()
}

/// Runs a function that reads an untrusted file, and turns its panic into an error.
pub(crate) fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, FileError> {
    let before = READING.replace(true);
    let read = catch_unwind(AssertUnwindSafe(read));
    READING.set(before);
    match read {
        Ok(result) => result.map_err(broken),
        Err(_) => Err(broken("its parts contradict each other")),
    }
}

/// The actions of a Parquet file.
pub struct ParquetActions {
    columns: ActionColumns,
    batches: Batches,
    /// The rows of the last batch that were not returned yet.
    left: Option<RecordBatch>,
}

/// The batches of a Parquet file, whatever their columns.
struct Batches {
    file: Arc<ParquetSource>,
    metadata: ArrowReaderMetadata,
    schema: SchemaRef,
    rows: u64,
    batch_rows: usize,
    read: u64,
    /// The reader of a row group.
    reader: Option<ParquetRecordBatchReader>,
    /// The row group that is read next.
    next_group: usize,
    /// Set after an error: the state of the reader is unknown then, so nothing more is read.
    failed: bool,
}

impl Batches {
    fn open(file: ParquetSource) -> Result<Self, FileError> {
        pages::footer(&file)?;
        // An Arrow schema that a writer may have added is ignored, so that only the Parquet schema counts.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = guarded(|| ArrowReaderMetadata::load(&file, options.clone()))?;
        let sizes = pages::pages(&file, metadata.metadata())?;
        let schema = Arc::new(Schema::new(in_place(metadata.schema().fields())));
        let options = options.with_schema(schema.clone());
        let metadata = guarded(|| ArrowReaderMetadata::try_new(metadata.metadata().clone(), options))?;
        let row_bytes = sizes.bytes.checked_div(sizes.rows).unwrap_or(0).max(1);
        let batch_rows = (BATCH_BYTES / row_bytes).clamp(1, BATCH_ROWS);
        let batch_rows = usize::try_from(batch_rows).unwrap_or(1);
        Ok(Self {
            file: Arc::new(file),
            metadata,
            schema,
            rows: sizes.rows,
            batch_rows,
            read: 0,
            reader: None,
            next_group: 0,
            failed: false,
        })
    }

    fn next(&mut self) -> Result<Option<RecordBatch>, FileError> {
        if self.failed {
            return Ok(None);
        }
        let next = self.next_batch();
        match next {
            Ok(batch) => {
                let rows = batch.as_ref().map_or(0, RecordBatch::num_rows);
                self.read = self.read.saturating_add(rows as u64);
                Ok(batch)
            }
            Err(error) => {
                self.failed = true;
                let FileError::Broken(message) = error else { return Err(error) };
                Err(FileError::Broken(format!("after row {}: {message}", self.read)))
            }
        }
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, FileError> {
        loop {
            if let Some(reader) = &mut self.reader {
                let batch = guarded(|| reader.next().transpose().map_err(ParquetError::from))?;
                if batch.is_some() {
                    return Ok(batch);
                }
            }
            let number = self.next_group;
            let Some(group) = self.metadata.metadata().row_groups().get(number) else { return Ok(None) };
            values::check(&self.file, number, group)?;
            let file = ParquetSource::clone(&self.file);
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
            let builder = builder.with_batch_size(self.batch_rows).with_row_groups(vec![number]);
            self.reader = Some(guarded(|| builder.build())?);
            self.next_group = number.saturating_add(1);
        }
    }
}

/// Returns the same fields with texts as references into their pages, so that a text from a dictionary is never copied and texts
/// take no more memory than the pages.
fn in_place(fields: &Fields) -> Fields {
    let field = |field: &Arc<Field>| {
        let element =
            |of: &Arc<Field>| Arc::new(of.as_ref().clone().with_data_type(text_in_place(of.data_type())));
        let ty = match field.data_type() {
            DataType::List(of) => DataType::List(element(of)),
            DataType::Map(of, sorted) => DataType::Map(element(of), *sorted),
            ty => text_in_place(ty),
        };
        Arc::new(field.as_ref().clone().with_data_type(ty))
    };
    fields.iter().map(field).collect()
}

fn text_in_place(ty: &DataType) -> DataType {
    match ty {
        DataType::Utf8 => DataType::Utf8View,
        DataType::Struct(fields) => DataType::Struct(in_place(fields)),
        ty => ty.clone(),
    }
}

impl ParquetActions {
    /// Opens a file, or bytes in memory, and finds the columns of actions.
    ///
    /// # Errors
    ///
    /// [`FileError::Broken`] if it is no Parquet file that can be read, [`FileError::Columns`] if its columns are not those of actions.
    ///
    /// ```
    /// use accrue::facts::Action;
    /// use accrue::limits::Limits;
    /// use accrue_arrow::{ParquetActions, Rows, action_batch, write_actions};
    ///
    /// let action: Action =
    ///     serde_json::from_str(r#"{"id": "a1", "event_type": "sale", "occurred_at": "2026-03-02T09:01:00Z"}"#)?;
    /// let bytes: Vec<u8> = write_actions(Vec::new(), [action_batch(&[action.clone()])?])?;
    ///
    /// let (mut actions, mut rows) = (ParquetActions::open(bytes, &Limits::default())?, Rows::default());
    /// while actions.read(&mut rows)? {
    ///     for row in rows.iter() {
    ///         assert_eq!(row.ok(), Some(&action));
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(file: impl Into<ParquetSource>, limits: &Limits) -> Result<Self, FileError> {
        let batches = Batches::open(file.into())?;
        let columns = ActionColumns::of(&batches.schema, limits)?;
        Ok(Self { columns, batches, left: None })
    }

    /// Returns the number of rows that the file says it has.
    pub fn count(&self) -> u64 {
        self.batches.rows
    }

    /// Reads the next rows into `rows`. Returns `false` at the end of the file.
    pub fn read(&mut self, rows: &mut Rows) -> Result<bool, FileError> {
        let batch = match self.left.take().filter(|batch| batch.num_rows() > 0) {
            Some(batch) => batch,
            None => match self.batches.next()? {
                Some(batch) => batch,
                None => return Ok(false),
            },
        };
        let read = self.columns.read_some(&batch, ROWS_AT_ONCE, BYTES_AT_ONCE, rows);
        self.left = Some(batch.slice(read, batch.num_rows().saturating_sub(read)));
        Ok(true)
    }
}

/// Copies rows of a file to another file with the same columns. `rows` are row numbers from 1, in rising order.
pub fn copy_rows<W: Write + Send>(
    from: impl Into<ParquetSource>,
    to: W,
    rows: impl Iterator<Item = std::io::Result<u64>>,
) -> Result<W, FileError> {
    let mut batches = Batches::open(from.into())?;
    // The copy need not say that texts were read as references.
    let options =
        ArrowWriterOptions::new().with_properties(properties().build()).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(to, batches.schema.clone(), options).map_err(write)?;
    let mut rows = rows.peekable();
    let mut first = 1u64;
    while let Some(batch) = batches.next()? {
        let next = first.saturating_add(batch.num_rows() as u64);
        let mut chosen = vec![false; batch.num_rows()];
        while let Some(row) = rows.next_if(|row| row.as_ref().map_or(true, |row| *row < next)) {
            let at = row.map_err(FileError::Rows)?.checked_sub(first);
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
    match error {
        ParquetError::External(source) => match source.downcast() {
            Ok(error) => FileError::Output(*error),
            Err(other) => FileError::Write(other.to_string()),
        },
        error => FileError::Write(error.to_string()),
    }
}

fn properties() -> parquet::file::properties::WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_created_by(concat!("accrue ", env!("CARGO_PKG_VERSION")).to_owned())
}

/// Writes batches of actions as a Parquet file. All batches must have the same schema.
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

/// Writes batches of decisions to a Parquet file.
pub struct ParquetDecisions<W: Write + Send> {
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetDecisions<W> {
    /// Starts a file.
    pub fn new(to: W) -> Result<Self, FileError> {
        let mut properties = properties().set_statistics_enabled(EnabledStatistics::Chunk);
        // Nearly every value of these columns is different, so a dictionary would only cost space.
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

    /// Adds a batch with the schema [`decision_schema`].
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), FileError> {
        self.writer.write(batch).map_err(write)
    }

    /// Writes the rest of the file and its footer. Without the footer a file cannot be read.
    pub fn finish(self) -> Result<W, FileError> {
        self.writer.into_inner().map_err(write)
    }
}

impl From<FactError> for FileError {
    fn from(error: FactError) -> Self {
        Self::Columns(error.into())
    }
}
