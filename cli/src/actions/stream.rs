//! All actions of all inputs, in the order of (occurred-at, id).
//!
//! Whether the inputs are in order is known only at their end. So they are first read straight through, a batch at a
//! time, as if they were ([`AsTheyCome`]); whoever takes that keeps what came of it out of sight until it is known. Where
//! they turn out not to be, [`in_order`] looks at all of them before it begins, and sorts them in temporary files, so that
//! memory never depends on how many actions there are. It hands each action to a [`Sink`], and each line that is none as a
//! reject, in the order of the inputs.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::rc::Rc;
use std::sync::Arc;

use accrue::Program;
use accrue::facts::{CsvActions, FactError, FactErrors, Record, Reject, read_action};
use accrue::limits::Limits;
use accrue::time::Timestamp;
use accrue_arrow::Rows;
use indicatif::ProgressBar;

use super::input::{Actions, Counted, InColumns, Input, InputFormat};
use super::scan::{Position, json_key, read_u64, scan};
use super::sort::{Entry, Sorter, read_or_end};
use crate::exit::Failure;

/// Memory for sorting actions.
const SORT_BYTES: usize = 32 << 20;

/// Memory for telling ids apart: two million at a time.
const IDS_BYTES: usize = 16 << 20;

/// Lines of a batch: so few that they are still in the processor's cache when they are decided.
const BATCH_LINES: usize = 256;
/// Text of a batch; it has fewer lines where they are long.
const BATCH_BYTES: usize = 256 << 10;

/// What is done with actions and with what is none.
pub(crate) trait Sink {
    /// Takes an action. `false` ends the stream.
    fn action(&mut self, input: &Input, header: Option<&str>, record: Record) -> Result<bool, Failure>;
    /// Takes a line that is not an action of this program.
    fn reject(&mut self, input: &Input, header: Option<&str>, reject: Reject) -> Result<(), Failure>;
    /// Takes an input that cannot be read at all, because of its header.
    fn unreadable(&mut self, input: &Input, errors: FactErrors) -> Result<(), Failure>;
}

/// What stands together in one input.
#[derive(Debug)]
pub(crate) enum Batch {
    /// Lines, or rows of CSV.
    Lines {
        /// The header of CSV.
        header: Option<Arc<str>>,
        /// What each is.
        lines: Vec<Result<Record, Reject>>,
    },
    /// Rows of columns.
    Rows {
        /// The number of the first of them.
        first: u64,
        /// The rows.
        rows: Rows,
    },
    /// All of an input that cannot be read, because of its header.
    Unreadable(FactErrors),
}

impl Batch {
    /// A batch of nothing, to be filled.
    pub(crate) fn new() -> Self {
        Self::Lines { header: None, lines: Vec::new() }
    }
}

/// All inputs as they are, and each id as if it were the only one.
pub(crate) struct AsTheyCome<'a> {
    inputs: std::slice::Iter<'a, Input>,
    limits: &'a Limits,
    bar: &'a ProgressBar,
    watch: Watch,
    open: Option<(&'a Input, Open)>,
    is_in_order: bool,
}

/// An input that is being read.
enum Open {
    Lines { actions: Box<Actions<BufReader<Counted>>>, header: Option<Arc<str>> },
    Columns { columns: Box<InColumns>, first: u64 },
}

impl<'a> AsTheyCome<'a> {
    pub(crate) fn new(inputs: &'a [Input], limits: &'a Limits, bar: &'a ProgressBar) -> Self {
        Self { inputs: inputs.iter(), limits, bar, watch: Watch::new(), open: None, is_in_order: true }
    }

    /// Reads the next batch, into the memory of one before it, and says which input it is of. `None` where nothing more is to
    /// be read: that was all, or the inputs are not in order.
    pub(crate) fn next(&mut self, batch: &mut Batch) -> Result<Option<&'a Input>, Failure> {
        loop {
            let (input, open) = match &mut self.open {
                Some((input, open)) => (*input, open),
                None => {
                    let Some(input) = self.inputs.next() else { return Ok(None) };
                    match Open::new(input, self.limits, self.bar)? {
                        Ok(open) => (input, &mut self.open.insert((input, open)).1),
                        Err(errors) => {
                            *batch = Batch::Unreadable(errors);
                            return Ok(Some(input));
                        }
                    }
                }
            };
            match open.read(input, &mut self.watch, batch)? {
                Stands::InOrder => return Ok(Some(input)),
                Stands::AtTheEnd => self.open = None,
                Stands::InDisorder => {
                    self.is_in_order = false;
                    return Ok(None);
                }
            }
        }
    }

    /// Whether all that was read was in order, and no id was there twice. If not, what was made of it is void.
    pub(crate) fn was_in_order(self) -> Result<bool, Failure> {
        Ok(self.is_in_order && self.watch.each_id_once()?)
    }
}

/// Where reading an input has come to.
enum Stands {
    InOrder,
    AtTheEnd,
    InDisorder,
}

impl Open {
    fn new(input: &Input, limits: &Limits, bar: &ProgressBar) -> Result<Result<Self, FactErrors>, Failure> {
        Ok(match input.format {
            InputFormat::Parquet => {
                let columns = input.columns(limits, bar)?;
                columns.map(|columns| Self::Columns { columns: Box::new(columns), first: 1 })
            }
            InputFormat::Jsonl | InputFormat::Csv => input.actions(limits, bar)?.map(|actions| {
                let header = actions.header().map(Arc::from);
                Self::Lines { actions: Box::new(actions), header }
            }),
        })
    }

    fn read(&mut self, input: &Input, watch: &mut Watch, batch: &mut Batch) -> Result<Stands, Failure> {
        match self {
            Self::Lines { actions, header } => {
                let mut lines = match std::mem::replace(batch, Batch::new()) {
                    Batch::Lines { lines, .. } => lines,
                    Batch::Rows { .. } | Batch::Unreadable(_) => Vec::new(),
                };
                let stands = some_lines(input, actions, watch, &mut lines)?;
                *batch = Batch::Lines { header: header.clone(), lines };
                Ok(stands)
            }
            Self::Columns { columns, first } => {
                let mut rows = match std::mem::replace(batch, Batch::new()) {
                    Batch::Rows { rows, .. } => rows,
                    Batch::Lines { .. } | Batch::Unreadable(_) => Rows::default(),
                };
                if !columns.read(&mut rows).map_err(|error| input.failed(error))? {
                    return Ok(Stands::AtTheEnd);
                }
                for action in rows.iter().flatten() {
                    if !watch.rises(action.occurred_at, &action.id)? {
                        return Ok(Stands::InDisorder);
                    }
                }
                let next = first.saturating_add(rows.len() as u64);
                *batch = Batch::Rows { first: std::mem::replace(first, next), rows };
                Ok(Stands::InOrder)
            }
        }
    }
}

/// Reads some lines in place of those that were there. An error of the system is told after all lines before it.
fn some_lines(
    input: &Input,
    actions: &mut Actions<BufReader<Counted>>,
    watch: &mut Watch,
    lines: &mut Vec<Result<Record, Reject>>,
) -> Result<Stands, Failure> {
    lines.clear();
    let mut bytes = 0usize;
    while lines.len() < BATCH_LINES && bytes < BATCH_BYTES {
        let Some(line) = actions.next() else { break };
        let (rises, length) = match &line {
            Ok(record) => (watch.rises(record.action.occurred_at, &record.action.id)?, record.text.len()),
            Err(reject) => {
                // A line that is no action still takes its id, where it has one.
                let key = if input.format == InputFormat::Jsonl && reject.complete {
                    json_key(&reject.text)
                } else {
                    None
                };
                (key.map_or(Ok(true), |(id, at)| watch.rises(at, &id))?, reject.text.len())
            }
        };
        if !rises {
            return Ok(Stands::InDisorder);
        }
        bytes = bytes.saturating_add(length);
        lines.push(line);
    }
    if !lines.is_empty() {
        return Ok(Stands::InOrder);
    }
    actions.failure().map_or(Ok(Stands::AtTheEnd), |error| Err(input.failed(error)))
}

/// Sees whether actions are in order and ids are not repeated.
struct Watch {
    last: Option<(Timestamp, String)>,
    /// With keys that nobody who writes an input can know.
    hasher: RandomState,
    /// Hashes of ids. Two ids with the same one are taken for one id here, which costs time and changes no result.
    ids: Sorter<u64>,
}

impl Watch {
    fn new() -> Self {
        Self { last: None, hasher: RandomState::new(), ids: Sorter::new(IDS_BYTES) }
    }

    /// Whether this action comes after all before it.
    fn rises(&mut self, at: Timestamp, id: &str) -> Result<bool, Failure> {
        match &mut self.last {
            Some((last_at, last_id)) => {
                if (*last_at, last_id.as_str()) >= (at, id) {
                    return Ok(false);
                }
                *last_at = at;
                last_id.clear();
                last_id.push_str(id);
            }
            None => self.last = Some((at, id.to_owned())),
        }
        self.ids.push(self.hasher.hash_one(id)).map_err(Failure::temporary)?;
        Ok(true)
    }

    /// Whether no id was there twice.
    fn each_id_once(self) -> Result<bool, Failure> {
        let mut last = None;
        for id in self.ids.finish().map_err(Failure::temporary)? {
            let id = id.map_err(Failure::temporary)?;
            if last.replace(id) == Some(id) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Streams all actions to the sink in order, each id once, whatever the inputs are like.
pub(crate) fn in_order(
    inputs: &[Input],
    program: &Program,
    bar: &ProgressBar,
    sink: &mut impl Sink,
) -> Result<(), Failure> {
    let limits = program.limits();
    let scan = scan(inputs, limits, bar)?;
    let mut duplicates = scan.duplicates;
    let mut sorter = Sorter::new(SORT_BYTES);
    let mut headers = Vec::new();
    for (number, input) in inputs.iter().enumerate() {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let mut actions = match input.actions(limits, bar)? {
            Ok(actions) => actions,
            Err(errors) => {
                headers.push(None);
                sink.unreadable(input, errors)?;
                continue;
            }
        };
        let header = actions.header().map(str::to_owned);
        for read in actions.by_ref() {
            let record = match read {
                Ok(record) => record,
                Err(reject) => {
                    sink.reject(input, header.as_deref(), reject)?;
                    continue;
                }
            };
            let position = Position { input: number, line: record.first_line };
            if let Some(first) = duplicates.first_of(position)? {
                let error = repeated(&record, first, number, inputs);
                sink.reject(input, header.as_deref(), record.reject(error.into()))?;
            } else if scan.in_order {
                if !sink.action(input, header.as_deref(), record)? {
                    return Ok(());
                }
            } else if let Err(errors) =
                accrue::decide::validate_action(&record.action, program.terms(), limits)
            {
                sink.reject(input, header.as_deref(), record.reject(errors))?;
            } else {
                sorter.push(Queued::new(position, record)).map_err(Failure::temporary)?;
            }
        }
        if let Some(error) = actions.failure() {
            return Err(input.failed(error));
        }
        headers.push(header);
    }
    if scan.in_order { Ok(()) } else { sorted(inputs, sorter, &headers, limits, sink) }
}

fn repeated(record: &Record, first: Position, number: u32, inputs: &[Input]) -> FactError {
    let file = inputs.get(first.input as usize).filter(|_| first.input != number);
    let of_file = file.map_or(String::new(), |file| format!(" of `{}`", file.shown));
    FactError::field(
        "id",
        format!(
            "`{}` stands on line {}{of_file} already; an action counts once",
            record.action.id, first.line
        ),
    )
}

/// Gives the sorted actions to the sink.
fn sorted(
    inputs: &[Input],
    sorter: Sorter<Queued>,
    headers: &[Option<String>],
    limits: &Limits,
    sink: &mut impl Sink,
) -> Result<(), Failure> {
    let mut again: Vec<Option<Again>> =
        headers.iter().map(|header| header.as_deref().map(Again::new)).collect();
    for queued in sorter.finish().map_err(Failure::temporary)? {
        let queued = queued.map_err(Failure::temporary)?;
        let number = queued.position.input as usize;
        let Some(input) = inputs.get(number) else { continue };
        let header = headers.get(number).and_then(Option::as_deref);
        let read = match (input.format, again.get_mut(number)) {
            (InputFormat::Csv, Some(Some(again))) => again.read(&queued.text, limits),
            // Rows of columns were put aside as JSON.
            _ => read_action(&queued.text).map_err(FactErrors::from),
        };
        let (first_line, text) = (queued.position.line, queued.text);
        match read {
            Ok(action) => {
                let record = Record { action, first_line, last_line: queued.last_line, text };
                if !sink.action(input, header, record)? {
                    return Ok(());
                }
            }
            Err(errors) => {
                let reject = Reject { first_line, text: text.into_bytes(), complete: true, errors };
                sink.reject(input, header, reject)?;
            }
        }
    }
    Ok(())
}

/// An action on its way through the sort: its key, where it stood, and its own text, which is read again after.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Queued {
    /// Seconds, nanoseconds.
    at: (i64, u32),
    id: String,
    position: Position,
    last_line: u64,
    text: String,
}

impl Queued {
    fn new(position: Position, record: Record) -> Self {
        let Timestamp(at) = record.action.occurred_at;
        Self {
            at: (at.timestamp(), at.timestamp_subsec_nanos()),
            id: record.action.id,
            position,
            last_line: record.last_line,
            text: record.text,
        }
    }
}

fn write_text(to: &mut impl Write, text: &str) -> io::Result<()> {
    to.write_all(&(text.len() as u64).to_le_bytes())?;
    to.write_all(text.as_bytes())
}

fn read_text(from: &mut impl Read) -> io::Result<String> {
    let length = usize::try_from(read_u64(from)?).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

impl Entry for Queued {
    fn size(&self) -> usize {
        size_of::<Self>().saturating_add(self.id.len()).saturating_add(self.text.capacity())
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.at.0.to_le_bytes())?;
        to.write_all(&self.at.1.to_le_bytes())?;
        to.write_all(&self.position.input.to_le_bytes())?;
        to.write_all(&self.position.line.to_le_bytes())?;
        to.write_all(&self.last_line.to_le_bytes())?;
        write_text(to, &self.id)?;
        write_text(to, &self.text)
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut seconds = [0u8; 8];
        if !read_or_end(from, &mut seconds)? {
            return Ok(None);
        }
        let mut four = [0u8; 4];
        from.read_exact(&mut four)?;
        let nanoseconds = u32::from_le_bytes(four);
        from.read_exact(&mut four)?;
        let input = u32::from_le_bytes(four);
        Ok(Some(Self {
            at: (i64::from_le_bytes(seconds), nanoseconds),
            position: Position { input, line: read_u64(from)? },
            last_line: read_u64(from)?,
            id: read_text(from)?,
            text: read_text(from)?,
        }))
    }
}

/// Reads rows of one CSV file again, one by one: a reader that was given the header once is fed a row at a time.
struct Again {
    feed: Feed,
    reader: Option<CsvActions<Feed>>,
}

/// Bytes that one side puts in and the other reads.
#[derive(Clone, Debug, Default)]
struct Feed {
    bytes: Rc<RefCell<VecDeque<u8>>>,
    /// What was handed out last: the reader looks at it before it takes it.
    out: Vec<u8>,
}

impl Feed {
    fn put(&self, text: &str) {
        let mut bytes = self.bytes.borrow_mut();
        bytes.extend(text.as_bytes());
        bytes.push_back(b'\n');
    }
}

impl Read for Feed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Feed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.out.is_empty() {
            self.out.extend(self.bytes.borrow_mut().drain(..));
        }
        Ok(&self.out)
    }

    fn consume(&mut self, amount: usize) {
        self.out.drain(..amount.min(self.out.len()));
    }
}

impl Again {
    fn new(header: &str) -> Self {
        let feed = Feed::default();
        feed.put(header);
        Self { feed, reader: None }
    }

    fn read(&mut self, text: &str, limits: &Limits) -> Result<accrue::Action, FactErrors> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => self.reader.insert(CsvActions::new(self.feed.clone(), limits)?),
        };
        self.feed.put(text);
        match reader.next() {
            Some(Ok(record)) => Ok(record.action),
            Some(Err(reject)) => Err(reject.errors),
            None => Err(FactError::whole("this row could not be read a second time").into()),
        }
    }
}
