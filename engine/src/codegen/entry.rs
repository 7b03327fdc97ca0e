//! The output of a module: entries of 8 to 24 bytes, one after the other; in a batch, each record's entries follow the head of
//! its answer. Modules write the output; hosts read it with [`read`] and [`Answer`].

use super::code::Gen;
use super::function::at;
use super::layout::HEAD;
use super::rep::words;
use crate::lang::catalog::Verb;
use rust_decimal::Decimal;

/// Bytes of the longest entry: a head and two words of 8 bytes each.
pub const LONGEST_ENTRY: u32 = 24;

/// Bytes of the head of an answer: u32, 1 if the module gave up; u32, bytes of the entries that follow; i64, fuel used.
pub const ANSWER_HEAD: u32 = 16;

/// Marks the second word of a number of 64 bits, whose digits are in the first word.
const FIXED: i64 = 1 << 56;

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryKind {
    /// A rule without a value has ended.
    End,
    /// The restriction at `index` matches.
    Restriction,
    /// The following verbs are of the restriction at `index`, a script, which ended without a fault.
    RestrictionSaid,
    /// A line begins: the line of the item at `index`, or of the whole order if `index` is `u32::MAX`.
    Line,
    /// The payout group at `index` matches; `u32::MAX` is the default payout.
    Group,
    /// Like `Group`, with a word: the index of the band.
    Band,
    /// The following verbs are of the payout group at `index`, a script, whether it matches or only gives notice.
    GroupSaid,
    /// A verb, with two words. `detail` is its number, plus 128 if a length or a date is given. For a reason code the first word is
    /// the length in seconds or the date in days since 1970, and the second the symbol of the code; any other value is a number.
    Verb,
    /// The value of an expression, with two words: a number, or a bool in the first word.
    Value,
    /// A fault at the site `index`, with a word: the fuel left.
    Fault,
}

impl EntryKind {
    /// Returns the number of words that follow the head.
    #[must_use]
    pub fn words(self) -> u32 {
        match self {
            Self::End
            | Self::Restriction
            | Self::RestrictionSaid
            | Self::Line
            | Self::Group
            | Self::GroupSaid => 0,
            Self::Band | Self::Fault => 1,
            Self::Verb | Self::Value => 2,
        }
    }
}

/// The index of an entry.
#[derive(Clone, Copy, Debug)]
pub(super) enum Index {
    /// A number that is known at compile time.
    Known(u32),
    /// The value of a local.
    Local(u32),
}

/// The head of an entry before it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    kind: EntryKind,
    detail: u8,
}

impl Entry {
    pub(super) fn of(kind: EntryKind) -> Self {
        Self { kind, detail: 0 }
    }

    pub(super) fn verb(verb: Verb) -> Self {
        Self { kind: EntryKind::Verb, detail: verb as u8 }
    }

    pub(super) fn with_length(self) -> Self {
        Self { detail: self.detail | 128, ..self }
    }
}

/// Returns the second word of a number of 64 bits with this scale.
pub(super) fn fixed(scale: u8) -> i64 {
    FIXED | i64::from(scale) << 48
}

impl Gen<'_, '_> {
    /// Writes an entry with two words, which the closures put on the stack.
    pub(super) fn write(
        &mut self,
        entry: Entry,
        first: impl FnOnce(&mut Self),
        second: impl FnOnce(&mut Self),
    ) {
        self.head(entry, Index::Known(0));
        self.store_word(8, first);
        self.store_word(16, second);
        self.written(entry);
    }

    /// Writes an entry with an index and one word.
    pub(super) fn mark_with(&mut self, kind: EntryKind, index: Index, word: impl FnOnce(&mut Self)) {
        let entry = Entry::of(kind);
        self.head(entry, index);
        self.store_word(8, word);
        self.written(entry);
    }

    /// Writes an entry with an index.
    pub(super) fn mark(&mut self, kind: EntryKind, index: Index) {
        let entry = Entry::of(kind);
        self.head(entry, index);
        self.written(entry);
    }

    fn head(&mut self, entry: Entry, index: Index) {
        let out = self.state.out;
        // If there is no room left, the host runs the module again with more.
        self.body.get(out);
        self.body.get(self.state.out_end);
        self.body.put().i32_gt_u();
        self.again_if();
        self.body.get(out);
        let head = u32::from(entry.kind as u8) | u32::from(entry.detail) << 8;
        match index {
            Index::Known(index) => {
                let both = u64::from(head) | u64::from(index) << 32;
                self.body.i64(both.cast_signed());
                self.body.put().i64_store(at(0, 3));
            }
            Index::Local(index) => {
                self.body.i32(head.cast_signed());
                self.body.put().i32_store(at(0, 2));
                self.body.get(out);
                self.body.get(index);
                self.body.put().i32_store(at(4, 2));
            }
        }
    }

    fn store_word(&mut self, offset: u32, word: impl FnOnce(&mut Self)) {
        self.body.get(self.state.out);
        word(self);
        self.body.put().i64_store(at(offset, 3));
    }

    fn written(&mut self, entry: Entry) {
        let out = self.state.out;
        self.body.get(out);
        self.body.i32((8 + 8 * entry.kind.words()).cast_signed());
        self.body.put().i32_add();
        self.body.set(out);
    }

    /// Gives up if the value on the stack is not zero: the host must run the module again, with more room or more facts.
    pub(super) fn again_if(&mut self) {
        self.body.when();
        self.body.get(self.state.record);
        self.body.i32(-1);
        self.body.put().i32_store(at(HEAD.site, 2));
        self.body.br(self.fail);
        self.body.end();
    }
}

/// An entry as a host reads it. Words that its kind does not have are zero.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// The kind of the entry.
    pub kind: EntryKind,
    /// More about the kind: for a verb, its number.
    pub detail: u8,
    /// The index of the restriction, payout group, line or fault site.
    pub index: u32,
    /// The first word.
    pub first: i64,
    /// The second word.
    pub second: i64,
}

impl Said {
    /// Returns the two words as a number.
    #[must_use]
    pub fn number(&self) -> Decimal {
        number(self.first, self.second)
    }
}

/// Reads the first entry. Returns the entry and the bytes after it; `None` for bytes that no compiled module writes.
#[must_use]
#[inline]
pub fn read(bytes: &[u8]) -> Option<(Said, &[u8])> {
    let (head, mut rest) = bytes.split_first_chunk::<8>()?;
    let [kind, detail, _, _, index @ ..] = *head;
    let kind = match kind {
        0 => EntryKind::End,
        1 => EntryKind::Restriction,
        2 => EntryKind::RestrictionSaid,
        3 => EntryKind::Line,
        4 => EntryKind::Group,
        5 => EntryKind::Band,
        6 => EntryKind::GroupSaid,
        7 => EntryKind::Verb,
        8 => EntryKind::Value,
        9 => EntryKind::Fault,
        _ => return None,
    };
    let mut words = [0; 2];
    for word in words.iter_mut().take(kind.words() as usize) {
        let (bytes, after) = rest.split_first_chunk()?;
        *word = i64::from_le_bytes(*bytes);
        rest = after;
    }
    let [first, second] = words;
    Some((Said { kind, detail, index: u32::from_le_bytes(index), first, second }, rest))
}

/// The answer of a module about one record.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'m>(&'m [u8]);

impl<'m> Answer<'m> {
    /// Reads the first answer; `None` for bytes that no compiled module writes.
    #[must_use]
    #[inline]
    pub fn read(bytes: &'m [u8]) -> Option<Self> {
        let size = bytes.get(4..)?.first_chunk()?;
        bytes.get(..(ANSWER_HEAD + u32::from_le_bytes(*size)) as usize).map(Self)
    }

    /// Returns the entries; `None` if the module gave up.
    #[must_use]
    #[inline]
    pub fn entries(self) -> Option<&'m [u8]> {
        if *self.0.first_chunk()? == [0; 4] { self.0.get(ANSWER_HEAD as usize..) } else { None }
    }

    /// Returns the fuel that the rules used.
    #[must_use]
    #[inline]
    pub fn fuel(self) -> u64 {
        let fuel = self.0.get(8..).and_then(|bytes| bytes.first_chunk());
        fuel.map_or(0, |fuel| u64::from_le_bytes(*fuel))
    }
}

/// Returns the number in two words.
#[must_use]
pub fn number(first: i64, second: i64) -> Decimal {
    let [hi0, hi1, hi2, hi3, _, _, scale, flags] = second.to_le_bytes();
    if flags & 1 == 1 {
        return Decimal::new(first, u32::from(scale));
    }
    let [l0, l1, l2, l3, m0, m1, m2, m3] = first.to_le_bytes();
    Decimal::from_parts(
        u32::from_le_bytes([l0, l1, l2, l3]),
        u32::from_le_bytes([m0, m1, m2, m3]),
        u32::from_le_bytes([hi0, hi1, hi2, hi3]),
        flags & 128 == 128,
        u32::from(scale),
    )
}

/// Returns the decimal of 96 bits in two words.
#[must_use]
pub fn wide(value: Decimal) -> (i64, i64) {
    words(value)
}
