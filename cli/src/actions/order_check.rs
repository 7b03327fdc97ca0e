//! Checks that actions come in the order of (occurred-at, id), each id once.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{BuildHasher as _, RandomState};

use accrue::time::Timestamp;
use accrue_arrow::Rows;
use accrue_import::sort::Sorter;

use super::batch::Line;
use super::content::Content;
use super::input::FileFormat;
use super::scan::{LastAction, json_key};
use crate::exit::Failure;

/// Memory for detecting repeated ids, in bytes: two million ids at a time.
const IDS_BYTES: usize = 16 << 20;

/// Checks that (occurred-at, id) rises and that no id is repeated.
pub(super) struct OrderCheck {
    /// Whether each action until now came after the action before.
    pub(super) rises: bool,
    last: LastAction,
    /// The keys are random, so that no input can be written to make ids collide.
    hasher: RandomState,
    /// Hashes of ids. Two ids with the same hash count as one repeated id, which costs time and changes no result.
    ids: Sorter<u64>,
}

impl OrderCheck {
    pub(super) fn new() -> Self {
        Self {
            rises: true,
            last: LastAction::default(),
            hasher: RandomState::new(),
            ids: Sorter::new(IDS_BYTES),
        }
    }

    /// Takes the next action. Returns whether it comes after the action before.
    pub(super) fn accept(&mut self, at: Timestamp, id: &str) -> Result<bool, Failure> {
        self.rises = self.last.replace(at, id) == Ordering::Less;
        if self.rises {
            self.ids.push(self.hasher.hash_one(id)).map_err(Failure::temporary)?;
        }
        Ok(self.rises)
    }

    /// Takes the next line. A line without an id is in order everywhere.
    pub(super) fn accept_line(&mut self, line: &Line<'_>) -> Result<bool, Failure> {
        key(line).map_or(Ok(true), |(id, at)| self.accept(at, &id))
    }

    /// Takes the next rows. Returns whether all actions until their end are in order.
    pub(super) fn accept_rows(&mut self, rows: &Rows) -> Result<bool, Failure> {
        for action in rows.iter().flatten() {
            if !self.accept(action.occurred_at, &action.id)? {
                break;
            }
        }
        Ok(self.rises)
    }

    /// Returns whether all actions were in order and no id was repeated.
    pub(super) fn holds(self) -> Result<bool, Failure> {
        if !self.rises {
            return Ok(false);
        }
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

/// Returns the id and the moment of a line. A line of JSON that is rejected has them too, if it can be parsed: it counts as
/// the first line with its id.
fn key<'l>(line: &'l Line<'_>) -> Option<(Cow<'l, str>, Timestamp)> {
    match &line.content {
        Content::Action(record) => Some((Cow::Borrowed(&*record.action.id), record.action.occurred_at)),
        Content::Reject(reject) if line.input.format == FileFormat::Jsonl && reject.complete => {
            json_key(&reject.text)
        }
        Content::Reject(_) | Content::SetAside(_) | Content::Notes(_) | Content::Unreadable(_) => None,
    }
}
