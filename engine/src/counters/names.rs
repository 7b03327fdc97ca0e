//! A set of texts, each with a number: the keys of a counter, and the values that it tells apart.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// Texts, numbered in the order in which they were added.
///
/// All texts are stored in one string, and the hash table holds only their numbers, so that a text takes its bytes and some 20
/// more.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    hasher: RandomState,
    /// Half of each text's hash, so that growing the table does not hash every text again, and the text's number.
    numbers: HashTable<(u32, u32)>,
    /// All texts, one after the other.
    text: String,
    /// The end of each text in `text`.
    ends: Vec<usize>,
}

impl Names {
    /// Returns the number of texts.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the text with this number.
    pub(super) fn get(&self, number: u32) -> Option<&str> {
        let number = number as usize;
        let start = match number.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..*self.ends.get(number)?)
    }

    /// Returns the number of a text; `None` if it was not added.
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        self.find_hashed(self.half_hash(text), text)
    }

    /// Returns the number of a text, which is added if it is not there. Returns `None` if there are as many texts as numbers.
    pub(super) fn find_or_add(&mut self, text: &str) -> Option<u32> {
        let half = self.half_hash(text);
        if let Some(number) = self.find_hashed(half, text) {
            return Some(number);
        }
        let number = u32::try_from(self.ends.len()).ok()?;
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.numbers.insert_unique(spread(half), (half, number), |(half, _)| spread(*half));
        Some(number)
    }

    fn half_hash(&self, text: &str) -> u32 {
        u32::try_from(self.hasher.hash_one(text) >> 32).unwrap_or_default()
    }

    fn find_hashed(&self, half: u32, text: &str) -> Option<u32> {
        let is_it = |(other, number): &(u32, u32)| *other == half && self.get(*number) == Some(text);
        self.numbers.find(spread(half), is_it).map(|(_, number)| *number)
    }
}

/// Spreads half a hash over all 64 bits, because the table reads its lowest and highest bits.
fn spread(half: u32) -> u64 {
    u64::from(half).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
