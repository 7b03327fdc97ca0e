//! Brings together the rows of one order.
//!
//! Rows of one order usually stand beside each other and are streamed. If not, they are sorted in a scratch, so that memory
//! does not grow with the export where there are temporary files.

use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read, Write};
use std::iter::Peekable;

use crate::mapping::{Condition, Mapping};
use crate::render::Renderer;
use crate::sort::{Entry, Sorted, Sorter, read_more};
use crate::table::{Advance, Header, Stored, Table, TableRow, TableRows};

/// Memory for sorting, in bytes.
const SORT_BYTES: usize = 16 << 20;

/// What rows have in common that belong together. They are returned one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Rows with the same cell.
    Key(String),
    /// Rows that were sorted together.
    Number(u64),
}

/// The rows of an export in groups, without those that are no transactions.
pub(crate) struct GroupedRows {
    from: From,
    /// The number of rows that are no transactions.
    pub(crate) skipped: u64,
    /// Whether the rows of an order did not stand beside each other.
    pub(crate) were_sorted: bool,
}

enum From {
    Table(Box<Kept>),
    Sorted(Sorted<Stored>),
}

impl GroupedRows {
    /// Opens the rows of a table.
    pub(crate) fn open(
        table: &Table,
        mapping: &Mapping,
        renderer: Option<Renderer>,
        advance: Option<Advance>,
    ) -> io::Result<Self> {
        let kept = |advance| Kept::open(table, mapping, advance);
        let moved = match &mapping.order {
            Some(_) => moved_runs(&mut kept(None)?)?,
            None => None,
        };
        let mut rows = kept(advance)?;
        rows.renderer = renderer;
        match moved {
            None => Ok(Self { from: From::Table(Box::new(rows)), skipped: 0, were_sorted: false }),
            Some(moved) => {
                let sorted = sort(&mut rows, moved)?;
                Ok(Self { from: From::Sorted(sorted), skipped: rows.skipped, were_sorted: true })
            }
        }
    }

    /// Returns the next row and its group, if it may have one; `None` at the end.
    pub(crate) fn next_row(&mut self) -> io::Result<Option<(Option<Group>, TableRow)>> {
        match &mut self.from {
            From::Table(rows) => {
                let row = rows.next_row()?;
                self.skipped = rows.skipped;
                Ok(row.map(|(key, row)| (key.map(Group::Key), row)))
            }
            From::Sorted(sorted) => {
                let Some(stored) = sorted.next() else { return Ok(None) };
                let Stored { group, row } = stored?;
                Ok(Some((Some(Group::Number(group)), row)))
            }
        }
    }
}

/// The rows of a table that are transactions, with the cell that joins them.
struct Kept {
    rows: TableRows,
    renderer: Option<Renderer>,
    order: Option<usize>,
    /// The conditions of rows that are no transactions, with the places of their columns.
    skip_when: Vec<(usize, Condition)>,
    skipped: u64,
}

impl Kept {
    fn open(table: &Table, mapping: &Mapping, advance: Option<Advance>) -> io::Result<Self> {
        let place = |header: &Header, name: &str| header.place(name).unwrap_or(usize::MAX);
        let skip_when = mapping.skip_when.iter();
        Ok(Self {
            rows: table.rows(advance)?,
            renderer: None,
            order: mapping.order.as_ref().map(|name| place(&table.header, name)),
            skip_when: skip_when.map(|when| (place(&table.header, &when.column), when.clone())).collect(),
            skipped: 0,
        })
    }

    /// Returns the next row, and the cell that joins it with others; `None` if it is alone.
    fn next_row(&mut self) -> io::Result<Option<(Option<String>, TableRow)>> {
        while let Some(mut row) = self.rows.next_row()? {
            if row.fault().is_none() && self.skip_when.iter().any(|(at, when)| when.holds(&row.cell(*at))) {
                self.skipped = self.skipped.saturating_add(1);
                continue;
            }
            if let Some(renderer) = &self.renderer {
                row.set_text(renderer.row(&row));
            }
            let key = self.order.map(|at| row.cell(at).into_owned()).filter(|key| !key.is_empty());
            return Ok(Some((key, row)));
        }
        Ok(None)
    }
}

/// The first row of some rows that stand beside each other, when an earlier row has the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moved {
    line: u64,
    /// The first row with the key.
    first: u64,
}

/// The hash of a key, and the line of the first of its rows that stand beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    hash: [u64; 2],
    line: u64,
}

/// Returns the places where a key comes again after other keys, in order of lines. `None` if there are none.
fn moved_runs(rows: &mut Kept) -> io::Result<Option<Sorted<Moved>>> {
    // The keys are random, so that no export can be written to make two orders collide. WebAssembly has no random numbers: there two
    // orders are kept apart by 128 bits of hash alone.
    let hashers = [RandomState::new(), RandomState::new()];
    let mut runs = Sorter::new(SORT_BYTES);
    let mut last: Option<String> = None;
    while let Some((key, row)) = rows.next_row()? {
        if let Some(key) = &key
            && last.as_ref() != Some(key)
        {
            let hash = hashers.each_ref().map(|hasher| hasher.hash_one(key));
            runs.push(Run { hash, line: row.first_line() })?;
        }
        last = key;
    }
    let (mut moved, mut any) = (Sorter::new(SORT_BYTES), false);
    let mut first: Option<Run> = None;
    for run in runs.finish()? {
        let run = run?;
        match first {
            Some(first) if first.hash == run.hash => {
                any = true;
                moved.push(Moved { line: run.line, first: first.line })?;
            }
            _ => first = Some(run),
        }
    }
    if any { moved.finish().map(Some) } else { Ok(None) }
}

/// Sorts rows by their groups, which are in the order of their first rows.
fn sort(rows: &mut Kept, moved: Sorted<Moved>) -> io::Result<Sorted<Stored>> {
    let mut moved = moved.peekable();
    let mut sorter = Sorter::new(SORT_BYTES);
    let mut last: Option<(String, u64)> = None;
    while let Some((key, row)) = rows.next_row()? {
        let line = row.first_line();
        let group = match (&key, &last) {
            (Some(key), Some((last, group))) if key == last => *group,
            (Some(_), _) => first_of(&mut moved, line)?.unwrap_or(line),
            (None, _) => line,
        };
        last = key.map(|key| (key, group));
        sorter.push(Stored { group, row })?;
    }
    sorter.finish()
}

/// Returns the first row of the group that goes on at this line. Lines must rise from call to call.
fn first_of(moved: &mut Peekable<Sorted<Moved>>, line: u64) -> io::Result<Option<u64>> {
    match moved.next_if(|next| next.as_ref().map_or(true, |next| next.line <= line)) {
        Some(next) => next.map(|next| Some(next.first)),
        None => Ok(None),
    }
}

impl Entry for Run {
    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        [self.hash[0], self.hash[1], self.line].iter().try_for_each(|number| number.write(to))
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(first) = u64::read(from)? else { return Ok(None) };
        Ok(Some(Self { hash: [first, read_more(from)?], line: read_more(from)? }))
    }
}

impl Entry for Moved {
    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        self.line.write(to)?;
        self.first.write(to)
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(line) = u64::read(from)? else { return Ok(None) };
        Ok(Some(Self { line, first: read_more(from)? }))
    }
}
