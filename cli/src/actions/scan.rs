//! Finds out whether inputs are in order, and which lines repeat an id.
//!
//! Only ids and moments are read. Memory does not grow with the inputs: hashes of ids are sorted in temporary files.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufRead, Read, Write};
use std::iter::Peekable;

use accrue::facts::{Reject, read_id};
use accrue::limits::Limits;
use accrue::time::Timestamp;
use accrue_arrow::Rows;
use accrue_import::sort::{Entry, Sorted, Sorter, read_more, read_or_end};
use indicatif::ProgressBar;
use serde::Deserialize;

use super::content::Content;
use super::input::{FileFormat, Input};
use super::records::{RecordReader, RowReader};
use crate::exit::Failure;

/// Memory for sorting: half a million ids at a time.
const SORT_BYTES: usize = 16 << 20;

/// The place of an action in the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    /// The number of the input, from 0.
    pub(super) input: u32,
    /// Its first line in that input, from 1.
    pub(super) line: u64,
}

/// What [`scan`] found.
pub(super) struct Scan {
    /// Whether the actions are already in the order of (occurred-at, id).
    pub(super) in_order: bool,
    /// The lines that repeat an id.
    pub(super) duplicates: Duplicates,
}

/// Reads the ids and moments of all inputs.
pub(super) fn scan(inputs: &[Input], limits: &Limits, bar: &ProgressBar) -> Result<Scan, Failure> {
    // The keys are random, so that no input can be written to make two ids collide. Among a trillion ids, the odds that
    // two different ids have the same 128 bits are below one in 10¹⁴.
    let keys = [RandomState::new(), RandomState::new()];
    let mut seen = Sorter::new(SORT_BYTES);
    let mut last = LastAction::default();
    let mut in_order = true;
    for input in inputs {
        each_key(input, limits, bar, &mut |line, id, at| {
            in_order = in_order && at.is_none_or(|at| last.replace(at, id) != Ordering::Greater);
            let hash = keys.each_ref().map(|key| key.hash_one(id));
            seen.push(Seen { hash, position: Position { input: input.number, line } })
                .map_err(Failure::temporary)
        })?;
    }
    let duplicates = duplicates(seen).map_err(Failure::temporary)?;
    Ok(Scan { in_order, duplicates })
}

/// The key of the last action.
#[derive(Default)]
pub(super) struct LastAction(Option<(Timestamp, String)>);

impl LastAction {
    /// Replaces the last action by the next one. Returns how the last one compares to it, and `Less` for the first action.
    pub(super) fn replace(&mut self, at: Timestamp, id: &str) -> Ordering {
        let Some((last_at, last_id)) = &mut self.0 else {
            self.0 = Some((at, id.to_owned()));
            return Ordering::Less;
        };
        let order = (*last_at, last_id.as_str()).cmp(&(at, id));
        *last_at = at;
        last_id.clear();
        last_id.push_str(id);
        order
    }
}

/// Returns the lines whose id an earlier line has.
fn duplicates(seen: Sorter<Seen>) -> io::Result<Duplicates> {
    let mut found = Sorter::new(SORT_BYTES);
    let mut first: Option<Seen> = None;
    for entry in seen.finish()? {
        let entry = entry?;
        match &first {
            Some(first) if first.hash == entry.hash => {
                found.push(Duplicate { position: entry.position, first: first.position })?;
            }
            _ => first = Some(entry),
        }
    }
    Ok(Duplicates { sorted: found.finish()?.peekable() })
}

/// Calls `take` with the line and the id of each action, and with its moment, which a line that is rejected may not have. A line
/// without a readable id is left out: it is rejected later, when it is read in full.
fn each_key(
    input: &Input,
    limits: &Limits,
    bar: &ProgressBar,
    take: &mut impl FnMut(u64, &str, Option<Timestamp>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    match input.format {
        FileFormat::Jsonl => return each_json_key(input, limits, bar, take),
        FileFormat::Parquet => return each_row_key(input, limits, bar, take),
        FileFormat::Csv => {}
    }
    let Ok(mut actions) = RecordReader::open(input, limits, bar)? else { return Ok(()) };
    for content in actions.by_ref() {
        match content {
            Content::Action(record) => {
                take(record.first_line, &record.action.id, Some(record.action.occurred_at))?;
            }
            Content::Reject(Reject { first_line, id: Some(id), .. }) => take(first_line, &id, None)?,
            Content::Reject(_)
            | Content::SetAside(_)
            | Content::Reversed(..)
            | Content::Notes(_)
            | Content::Unreadable(_) => {}
        }
    }
    match actions.failure() {
        Some(error) => Err(input.failed(error)),
        None => Ok(()),
    }
}

/// The two fields of an action that order it. Skipping the other fields takes a fraction of the time of reading them.
#[derive(Deserialize)]
struct Key<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    occurred_at: Cow<'a, str>,
}

/// Returns the id of a line of JSON, even if other fields are wrong, and its moment.
fn json_key(line: &[u8]) -> Option<(Cow<'_, str>, Option<Timestamp>)> {
    match serde_json::from_slice(line) {
        Ok(Key { id: Cow::Borrowed(id), occurred_at }) => {
            Some((id.trim().into(), Timestamp::parse(&occurred_at)))
        }
        Ok(Key { id, occurred_at }) => Some((id.trim().to_owned().into(), Timestamp::parse(&occurred_at))),
        Err(_) => Some((read_id(line)?.into(), None)),
    }
}

fn each_json_key(
    input: &Input,
    limits: &Limits,
    bar: &ProgressBar,
    take: &mut impl FnMut(u64, &str, Option<Timestamp>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut reader = input.read(bar)?;
    let most = (limits.action_bytes as u64).saturating_add(8);
    let mut text = Vec::new();
    let mut line = 0u64;
    loop {
        text.clear();
        let read = reader.by_ref().take(most).read_until(b'\n', &mut text).map_err(|e| input.failed(e))?;
        if read == 0 {
            return Ok(());
        }
        line = line.saturating_add(1);
        if text.last() != Some(&b'\n') && read as u64 == most {
            reader.skip_until(b'\n').map_err(|e| input.failed(e))?;
            continue;
        }
        let text = text.strip_prefix(b"\xEF\xBB\xBF").filter(|_| line == 1).unwrap_or(&text);
        if let Some((id, at)) = json_key(text) {
            take(line, &id, at)?;
        }
    }
}

fn each_row_key(
    input: &Input,
    limits: &Limits,
    bar: &ProgressBar,
    take: &mut impl FnMut(u64, &str, Option<Timestamp>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Ok(mut reader) = RowReader::open(input, limits, bar)? else { return Ok(()) };
    let (mut rows, mut first) = (Rows::default(), 1u64);
    while reader.read(&mut rows).map_err(|error| input.failed(error))? {
        for (row, action) in (first..).zip(rows.iter_with_ids()) {
            match action {
                Ok(action) => take(row, &action.id, Some(action.occurred_at))?,
                Err((Some(id), _)) => take(row, id, None)?,
                Err((None, _)) => {}
            }
        }
        first = first.saturating_add(rows.len() as u64);
    }
    Ok(())
}

/// The lines that repeat an id, in the order of the inputs.
pub(super) struct Duplicates {
    sorted: Peekable<Sorted<Duplicate>>,
}

impl Duplicates {
    /// Returns the first line with the id of this line, if that is another line. Positions must rise from call to call.
    pub(super) fn first_of(&mut self, position: Position) -> Result<Option<Position>, Failure> {
        loop {
            match self.sorted.next_if(|next| next.as_ref().map_or(true, |next| next.position <= position)) {
                Some(Ok(found)) if found.position == position => return Ok(Some(found.first)),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(Failure::temporary(error)),
                None => return Ok(None),
            }
        }
    }
}

/// The hash of an id and the place of its action.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    hash: [u64; 2],
    position: Position,
}

/// A line that repeats an id.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Duplicate {
    position: Position,
    first: Position,
}

impl Entry for Position {
    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.input.to_le_bytes())?;
        to.write_all(&self.line.to_le_bytes())
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut input = [0u8; 4];
        if !read_or_end(from, &mut input)? {
            return Ok(None);
        }
        Ok(Some(Self { input: u32::from_le_bytes(input), line: read_more(from)? }))
    }
}

impl Entry for Seen {
    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        self.position.write(to)?;
        self.hash.iter().try_for_each(|hash| to.write_all(&hash.to_le_bytes()))
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(position) = Position::read(from)? else { return Ok(None) };
        Ok(Some(Self { position, hash: [read_more(from)?, read_more(from)?] }))
    }
}

impl Entry for Duplicate {
    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        self.position.write(to)?;
        self.first.write(to)
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(position) = Position::read(from)? else { return Ok(None) };
        Ok(Some(Self { position, first: read_more(from)? }))
    }
}
