//! The first look at the inputs: files enter; whether they are in order, and which lines repeat an id, leave.
//!
//! Only ids and moments are looked at. Memory stays the same however long the inputs are: what grows with them is
//! sorted in temporary files.

use std::borrow::Cow;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufRead, Read, Write};
use std::iter::Peekable;

use accrue::limits::Limits;
use accrue::time::Timestamp;
use accrue_arrow::Rows;
use indicatif::ProgressBar;
use serde::Deserialize;

use super::input::{Input, InputFormat};
use super::sort::{Entry, Sorted, Sorter, read_or_end};
use crate::exit::Failure;

/// Memory for sorting: half a million ids at a time.
const SORT_BYTES: usize = 16 << 20;

/// Where an action stands: the inputs' own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// Which input.
    pub(crate) input: u32,
    /// Its first line there, from 1.
    pub(crate) line: u64,
}

/// What the first look found.
pub(crate) struct Scan {
    /// Whether the actions are already in the order of (occurred-at, id).
    pub(crate) in_order: bool,
    /// The lines that repeat an id.
    pub(crate) duplicates: Duplicates,
}

/// Reads ids and moments of all inputs.
pub(crate) fn scan(inputs: &[Input], limits: &Limits, bar: &ProgressBar) -> Result<Scan, Failure> {
    // Two hashes with keys of their own, which nobody who writes an input can know. Among a trillion ids, the odds
    // that any two different ones meet in 128 bits are below one in 10¹⁴.
    let keys = [RandomState::new(), RandomState::new()];
    let mut seen = Sorter::new(SORT_BYTES);
    let mut last: Option<(Timestamp, String)> = None;
    let mut in_order = true;
    for (number, input) in inputs.iter().enumerate() {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        each_key(input, limits, bar, &mut |line, id, at| {
            if in_order {
                match &mut last {
                    Some((last_at, last_id)) => {
                        in_order = (*last_at, last_id.as_str()) <= (at, id);
                        *last_at = at;
                        last_id.clear();
                        last_id.push_str(id);
                    }
                    None => last = Some((at, id.to_owned())),
                }
            }
            let hash = keys.each_ref().map(|key| key.hash_one(id));
            seen.push(Seen { hash, position: Position { input: number, line } }).map_err(Failure::temporary)
        })?;
    }
    let duplicates = duplicates(seen).map_err(Failure::temporary)?;
    Ok(Scan { in_order, duplicates })
}

/// The lines whose id an earlier line has.
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

/// Calls `take` for each action of an input that has a readable id and moment. What has none is rejected later, when
/// it is read in full.
fn each_key(
    input: &Input,
    limits: &Limits,
    bar: &ProgressBar,
    take: &mut impl FnMut(u64, &str, Timestamp) -> Result<(), Failure>,
) -> Result<(), Failure> {
    match input.format {
        InputFormat::Jsonl => return each_json_key(input, limits, bar, take),
        InputFormat::Parquet => return each_row_key(input, limits, bar, take),
        InputFormat::Csv => {}
    }
    let Ok(mut actions) = input.actions(limits, bar)? else { return Ok(()) };
    for record in actions.by_ref().flatten() {
        take(record.first_line, &record.action.id, record.action.occurred_at)?;
    }
    match actions.failure() {
        Some(error) => Err(input.failed(error)),
        None => Ok(()),
    }
}

/// The two fields of an action that order it. Skipping the others takes a fraction of the time of reading them.
#[derive(Deserialize)]
struct Key<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    occurred_at: Cow<'a, str>,
}

/// The id and the moment of a line that has both, whatever else is wrong with it.
pub(super) fn json_key(line: &[u8]) -> Option<(Cow<'_, str>, Timestamp)> {
    let key: Key<'_> = serde_json::from_slice(line).ok()?;
    Some((key.id, Timestamp::parse(&key.occurred_at)?))
}

fn each_json_key(
    input: &Input,
    limits: &Limits,
    bar: &ProgressBar,
    take: &mut impl FnMut(u64, &str, Timestamp) -> Result<(), Failure>,
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
    take: &mut impl FnMut(u64, &str, Timestamp) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Ok(mut columns) = input.columns(limits, bar)? else { return Ok(()) };
    let (mut rows, mut first) = (Rows::default(), 1u64);
    while columns.read(&mut rows).map_err(|error| input.failed(error))? {
        for (row, action) in (first..).zip(rows.iter()) {
            if let Ok(action) = action {
                take(row, &action.id, action.occurred_at)?;
            }
        }
        first = first.saturating_add(rows.len() as u64);
    }
    Ok(())
}

/// The lines that repeat an id, in the order of the inputs.
pub(crate) struct Duplicates {
    sorted: Peekable<Sorted<Duplicate>>,
}

impl Duplicates {
    /// Where the id of this line stood first, if it did. Positions must rise from call to call.
    pub(crate) fn first_of(&mut self, position: Position) -> Result<Option<Position>, Failure> {
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

/// An id, as its hash, and where it stands.
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

fn write_position(to: &mut impl Write, position: Position) -> io::Result<()> {
    to.write_all(&position.input.to_le_bytes())?;
    to.write_all(&position.line.to_le_bytes())
}

pub(super) fn read_u64(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0u8; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

/// `None` at the end of the file.
fn read_position(from: &mut impl Read) -> io::Result<Option<Position>> {
    let mut input = [0u8; 4];
    if !read_or_end(from, &mut input)? {
        return Ok(None);
    }
    Ok(Some(Position { input: u32::from_le_bytes(input), line: read_u64(from)? }))
}

impl Entry for Seen {
    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        write_position(to, self.position)?;
        self.hash.iter().try_for_each(|hash| to.write_all(&hash.to_le_bytes()))
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(position) = read_position(from)? else { return Ok(None) };
        Ok(Some(Self { position, hash: [read_u64(from)?, read_u64(from)?] }))
    }
}

impl Entry for Duplicate {
    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        write_position(to, self.position)?;
        write_position(to, self.first)
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(position) = read_position(from)? else { return Ok(None) };
        let first = read_position(from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(Some(Self { position, first }))
    }
}
