//! Checks that actions come in the order of (occurred-at, id), each id once.

use std::cmp::Ordering;
use std::hash::{BuildHasher as _, RandomState};

use accrue::time::Timestamp;
use accrue_arrow::Rows;
use accrue_import::sort::Sorter;

use super::batch::Line;
use super::content::Content;
use super::scan::LastAction;
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

    /// Takes the id of the next line, which is rejected. A rejected line is in order everywhere, and its id is taken.
    fn accept_rejected(&mut self, id: Option<&str>) -> Result<bool, Failure> {
        if let Some(id) = id {
            self.ids.push(self.hasher.hash_one(id)).map_err(Failure::temporary)?;
        }
        Ok(self.rises)
    }

    /// Takes the next line.
    pub(super) fn accept_line(&mut self, line: &Line<'_>) -> Result<bool, Failure> {
        match &line.content {
            Content::Action(record) => self.accept(record.action.occurred_at, &record.action.id),
            Content::Reject(reject) => self.accept_rejected(reject.id.as_deref()),
            Content::SetAside(_) | Content::Reversed(..) | Content::Notes(_) | Content::Unreadable(_) => {
                Ok(self.rises)
            }
        }
    }

    /// Takes the next rows. Returns whether all actions until their end are in order.
    pub(super) fn accept_rows(&mut self, rows: &Rows) -> Result<bool, Failure> {
        for row in rows.iter_with_ids() {
            let rises = match row {
                Ok(action) => self.accept(action.occurred_at, &action.id)?,
                Err((id, _)) => self.accept_rejected(id)?,
            };
            if !rises {
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
