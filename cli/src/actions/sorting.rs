//! Brings actions into the order of (occurred-at, id), each id once.
//!
//! All inputs are scanned first. If they are not in order, their actions are sorted in temporary files, so that memory does
//! not grow with the number of actions.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use accrue::Program;
use accrue::facts::{FactError, FactErrors, Record, Reject, read_action};
use accrue_import::sort::{Entry, Sorted, Sorter, read_more, read_or_end};
use indicatif::ProgressBar;

use super::batch::Line;
use super::content::Content;
use super::csv_row::CsvRowParser;
use super::input::{FileFormat, Input};
use super::reader::InputReader;
use super::records::json;
use super::scan::{Duplicates, Position, Scan, scan};
use crate::exit::Failure;

/// Memory for sorting actions, in bytes.
const SORT_BYTES: usize = 32 << 20;

/// Brings lines into order. If the actions have to be sorted, the rejected lines come first, in the order of the inputs.
pub(super) struct Sorting<'a> {
    inputs: &'a [Input],
    program: &'a Program,
    /// Whether actions that the program does not take are rejected before they are sorted.
    validates: bool,
    in_order: bool,
    duplicates: Duplicates,
    actions: Actions,
    parsers: BTreeMap<u32, CsvRowParser>,
}

/// The actions that have to be sorted.
enum Actions {
    /// Some of them are not read yet.
    Unsorted(Sorter<Queued>),
    /// They are returned in order.
    Sorted(Sorted<Queued>),
}

impl<'a> Sorting<'a> {
    /// Scans the inputs.
    pub(super) fn new(
        inputs: &'a [Input],
        program: &'a Program,
        validates: bool,
        bar: &ProgressBar,
    ) -> Result<Self, Failure> {
        let Scan { in_order, duplicates } = scan(inputs, program.limits(), bar)?;
        let actions = Actions::Unsorted(Sorter::new(SORT_BYTES));
        Ok(Self { inputs, program, validates, in_order, duplicates, actions, parsers: BTreeMap::new() })
    }

    /// Returns the next line in order. All lines are read from `reader` first if the actions have to be sorted.
    pub(super) fn line(&mut self, reader: &mut InputReader<'a>) -> Result<Option<Line<'a>>, Failure> {
        loop {
            match &mut self.actions {
                Actions::Unsorted(sorter) => {
                    let Some(line) = reader.line()? else {
                        let sorter = std::mem::replace(sorter, Sorter::new(0));
                        self.actions = Actions::Sorted(sorter.finish().map_err(Failure::temporary)?);
                        continue;
                    };
                    let Line { input, content: Content::Action(record) } = line else {
                        return Ok(Some(line));
                    };
                    let position = Position { input: input.number, line: record.first_line };
                    let checked = match self.duplicates.first_of(position)? {
                        Some(first) => Err(repeated(&record, first, position, self.inputs).into()),
                        None if self.in_order || !self.validates => Ok(()),
                        None => self.program.validate(&record.action),
                    };
                    let content = match checked {
                        Ok(()) if self.in_order => Content::Action(record),
                        Ok(()) => {
                            let json = match input.mapped {
                                Some(_) => {
                                    json(&record.action).map_err(|error| Failure::temporary(error.into()))?
                                }
                                None => String::new(),
                            };
                            sorter.push(Queued::new(position, record, json)).map_err(Failure::temporary)?;
                            continue;
                        }
                        Err(errors) => Content::Reject(record.reject(errors)),
                    };
                    return Ok(Some(Line { input, content }));
                }
                Actions::Sorted(sorted) => {
                    let Some(queued) = sorted.next() else { return Ok(None) };
                    let queued = queued.map_err(Failure::temporary)?;
                    let Some(input) = self.inputs.get(queued.position.input as usize) else { continue };
                    let content = self.parse(input, queued);
                    return Ok(Some(Line { input, content }));
                }
            }
        }
    }

    /// Parses the text of a queued action again.
    fn parse(&mut self, input: &Input, queued: Queued) -> Content {
        let action = if !queued.json.is_empty() {
            read_action(&queued.json).map_err(FactErrors::from)
        } else if input.format == FileFormat::Csv {
            let new = || CsvRowParser::new(input.header(), self.program.zone());
            let parser = self.parsers.entry(input.number).or_insert_with(new);
            parser.parse(&queued.text, self.program.limits())
        } else {
            // Rows of Parquet were queued as JSON.
            read_action(&queued.text).map_err(FactErrors::from)
        };
        let (first_line, last_line, text) = (queued.position.line, queued.last_line, queued.text);
        match action {
            Ok(action) => Content::Action(Record { action, first_line, last_line, text }),
            Err(errors) => {
                let (text, id) = (text.into_bytes(), Some(queued.id));
                Content::Reject(Reject { first_line, text, complete: true, id, errors })
            }
        }
    }
}

/// Returns the error of a line whose id stands on an earlier line.
fn repeated(record: &Record, first: Position, position: Position, inputs: &[Input]) -> FactError {
    let file = inputs.get(first.input as usize).filter(|_| first.input != position.input);
    let of_file = file.map_or(String::new(), |file| format!(" of `{}`", file.shown));
    FactError::field(
        "id",
        format!("`{}` is on line {}{of_file} already; an action counts once", record.action.id, first.line),
    )
}

/// An action on its way through the sort: its key, its place, and its own text, which is parsed again afterwards.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Queued {
    /// Seconds, nanoseconds.
    at: (i64, u32),
    id: String,
    position: Position,
    last_line: u64,
    text: String,
    /// The action of an export as a line of JSON; empty for other inputs, whose text is parsed again.
    json: String,
}

impl Queued {
    fn new(position: Position, record: Record, json: String) -> Self {
        let at = record.action.occurred_at;
        Self {
            at: (at.seconds(), at.nanoseconds()),
            id: record.action.id,
            position,
            last_line: record.last_line,
            text: record.text,
            json,
        }
    }
}

impl Entry for Queued {
    fn size(&self) -> usize {
        size_of::<Self>()
            .saturating_add(self.id.len())
            .saturating_add(self.text.capacity())
            .saturating_add(self.json.capacity())
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.at.0.to_le_bytes())?;
        to.write_all(&self.at.1.to_le_bytes())?;
        self.position.write(to)?;
        self.last_line.write(to)?;
        self.id.write(to)?;
        self.text.write(to)?;
        self.json.write(to)
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut seconds = [0u8; 8];
        if !read_or_end(from, &mut seconds)? {
            return Ok(None);
        }
        let mut nanoseconds = [0u8; 4];
        from.read_exact(&mut nanoseconds)?;
        Ok(Some(Self {
            at: (i64::from_le_bytes(seconds), u32::from_le_bytes(nanoseconds)),
            position: read_more(from)?,
            last_line: read_more(from)?,
            id: read_more(from)?,
            text: read_more(from)?,
            json: read_more(from)?,
        }))
    }
}
