//! Brings together the rows of one action, as many as an action may have.

use std::io;

use crate::limits::Limits;

/// Groups of rows that stand beside each other and have the same key. A row without a key is a group by itself.
#[derive(Debug)]
pub struct RowGroups<K, R> {
    /// The first row of the next group, with its key.
    held: Option<(Option<K>, R)>,
    /// The key of a group that was too large. More of its rows may follow.
    too_large: Option<K>,
    /// The most rows of a group.
    most_rows: usize,
    /// The most bytes of a group.
    most_bytes: usize,
    failure: Option<io::Error>,
}

/// The rows of one group.
#[derive(Debug)]
pub enum RowGroup<R> {
    /// All of its rows.
    Whole(Vec<R>),
    /// The rows that could be read before reading failed. The missing rows might have changed the amount of the action.
    Unfinished(Vec<R>),
    /// Some rows of a group that has more rows or bytes than an action may have.
    TooLarge(Vec<R>),
}

impl<K: PartialEq, R> RowGroups<K, R> {
    /// Returns groups within the limits of an action.
    pub fn new(limits: &Limits) -> Self {
        // More rows than items and touches together cannot add anything.
        let most_rows = limits.items.saturating_add(limits.touches).max(1);
        Self { held: None, too_large: None, most_rows, most_bytes: limits.action_bytes, failure: None }
    }

    /// Returns the error that ended reading, if there was one.
    pub fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    /// Returns the sentence about a group that is too large, which `subject` begins.
    pub fn too_large(&self, subject: &str) -> String {
        let Self { most_rows, most_bytes, .. } = self;
        format!("{subject} has more than {most_rows} rows or {most_bytes} bytes, which no action may have")
    }

    /// Returns the next group; `None` at the end or after a failure. `read` returns the next row with its key, `bytes` the length
    /// of a row.
    pub fn next_group(
        &mut self,
        mut read: impl FnMut() -> io::Result<Option<(Option<K>, R)>>,
        bytes: impl Fn(&R) -> usize,
    ) -> Option<RowGroup<R>> {
        if self.failure.is_some() {
            return None;
        }
        let (key, first) = self.next_row(&mut read)?;
        let mut length = bytes(&first);
        let mut group = vec![first];
        let mut over = false;
        while let Some((next, row)) = self.next_row(&mut read) {
            let same = key.is_some() && next == key;
            let with = length.saturating_add(bytes(&row));
            if same && group.len() < self.most_rows && with <= self.most_bytes {
                length = with;
                group.push(row);
                continue;
            }
            over = same;
            self.held = Some((next, row));
            break;
        }
        if self.failure.is_some() {
            return Some(RowGroup::Unfinished(group));
        }
        let continued = key.is_some() && self.too_large == key;
        self.too_large = if over { key } else { None };
        Some(if over || continued { RowGroup::TooLarge(group) } else { RowGroup::Whole(group) })
    }

    fn next_row(
        &mut self,
        read: &mut impl FnMut() -> io::Result<Option<(Option<K>, R)>>,
    ) -> Option<(Option<K>, R)> {
        if self.held.is_some() {
            return self.held.take();
        }
        read().unwrap_or_else(|error| {
            self.failure = Some(error);
            None
        })
    }
}
