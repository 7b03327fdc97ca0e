//! Output of a module: entries of 24 bytes, written one after the other. Code writes them; hosts read them with
//! [`read`].

use super::body::at;
use super::code::Gen;
use super::layout::HEAD;
use super::rep::words;
use crate::rule::catalog::Verb;
use rust_decimal::Decimal;

/// Size of an entry.
pub const ENTRY_BYTES: u32 = 24;

/// Marks the second word of a number of 64 bits, whose digits are in the first.
const FIXED: i64 = 1 << 56;

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryKind {
    /// The record is done: `index` is 0, or 1 when it was given up, and the first word the fuel used.
    End,
    /// The restriction at `index` matches.
    Restriction,
    /// The verbs after this are of the restriction at `index`, a script, which ended well.
    RestrictionSaid,
    /// A line begins: that of the item at `index`, or the whole order's with `u32::MAX`.
    Line,
    /// The payout group at `index` matches, with the band in the first word; the default payout is `u32::MAX`.
    Group,
    /// The verbs after this are of the payout group at `index`, a script, whether it matches or only gives notice.
    GroupSaid,
    /// A verb: `detail` is its number, and 128 is added when a length is given. A reason code is the symbol in the second
    /// word, the length the first; any other value is a number.
    Verb,
    /// The value of an expression: a number, or a bool in the first word.
    Value,
    /// A fault at the site `index`, with the fuel left in the first word.
    Fault,
}

/// How an entry begins.
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

/// The second word of a number of 64 bits with this scale.
pub(super) fn fixed(scale: u8) -> i64 {
    FIXED | i64::from(scale) << 48
}

impl<'a> Gen<'a, '_> {
    /// Writes an entry: a head, and two words that are put on the stack.
    pub(super) fn write(
        &mut self,
        entry: Entry,
        first: impl FnOnce(&mut Self),
        second: impl FnOnce(&mut Self),
    ) {
        self.write_indexed(entry, |gen_| gen_.body.i32(0), first, second);
    }

    /// Writes an entry about something with an index.
    pub(super) fn write_indexed(
        &mut self,
        entry: Entry,
        index: impl FnOnce(&mut Self),
        first: impl FnOnce(&mut Self),
        second: impl FnOnce(&mut Self),
    ) {
        let out = self.state.out;
        // No room left: the host asks again with more.
        self.body.get(out);
        self.body.get(self.state.out_end);
        self.body.put().i32_ge_u();
        self.again_if();
        self.body.get(out);
        self.body.i32(i32::from(entry.kind as u8) | i32::from(entry.detail) << 8);
        self.body.put().i32_store(at(0, 2));
        self.body.get(out);
        index(self);
        self.body.put().i32_store(at(4, 2));
        self.body.get(out);
        first(self);
        self.body.put().i64_store(at(8, 3));
        self.body.get(out);
        second(self);
        self.body.put().i64_store(at(16, 3));
        self.body.get(out);
        self.body.i32(i32::try_from(ENTRY_BYTES).unwrap_or_default());
        self.body.put().i32_add();
        self.body.set(out);
    }

    /// Gives up when the value on the stack is not zero: the host has to ask again, with more room or more facts.
    pub(super) fn again_if(&mut self) {
        self.body.when();
        self.body.get(self.state.record);
        self.body.i32(-1);
        self.body.put().i32_store(at(HEAD.site, 2));
        self.body.br(self.fail);
        self.body.end();
    }

    /// Writes an entry that has no words.
    pub(super) fn mark(&mut self, kind: EntryKind, index: impl FnOnce(&mut Self)) {
        self.write_indexed(Entry::of(kind), index, |gen_| gen_.body.i64(0), |gen_| gen_.body.i64(0));
    }
}

/// An entry as a host reads it.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// What it says.
    pub kind: EntryKind,
    /// More about it.
    pub detail: u8,
    /// What it is about.
    pub index: u32,
    /// The first word.
    pub first: i64,
    /// The second word.
    pub second: i64,
}

impl Said {
    /// Its number.
    #[must_use]
    pub fn number(&self) -> Decimal {
        number(self.first, self.second)
    }
}

/// Reads an entry; `None` for bytes that no module of the compiler writes.
#[must_use]
pub fn read(bytes: &[u8; ENTRY_BYTES as usize]) -> Option<Said> {
    let [a, b, _, _, e, f, g, h, first @ .., _, _, _, _, _, _, _, _] = *bytes;
    let [.., s0, s1, s2, s3, s4, s5, s6, s7] = *bytes;
    let kind = match a {
        0 => EntryKind::End,
        1 => EntryKind::Restriction,
        2 => EntryKind::RestrictionSaid,
        3 => EntryKind::Line,
        4 => EntryKind::Group,
        5 => EntryKind::GroupSaid,
        6 => EntryKind::Verb,
        7 => EntryKind::Value,
        8 => EntryKind::Fault,
        _ => return None,
    };
    Some(Said {
        kind,
        detail: b,
        index: u32::from_le_bytes([e, f, g, h]),
        first: i64::from_le_bytes(first),
        second: i64::from_le_bytes([s0, s1, s2, s3, s4, s5, s6, s7]),
    })
}

/// A number of two words.
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

/// A number's two words, as a decimal of 96 bits.
#[must_use]
pub fn wide(value: Decimal) -> (i64, i64) {
    words(value)
}
