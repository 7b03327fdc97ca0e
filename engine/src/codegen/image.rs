//! The beginning of a module's memory: constant texts, named lists, and the tables by which payout groups are found.

use std::collections::BTreeMap;

use super::function::count;
use super::layout::{LIST, Layout};
use crate::terms::Terms;

/// The beginning of a module's memory.
#[derive(Debug, Default)]
pub(super) struct Image {
    pub(super) bytes: Vec<u8>,
    /// Named lists by index: the address of the head, and of the bits of their members by symbol.
    pub(super) lists: BTreeMap<u16, (u32, u32)>,
}

impl Image {
    /// Returns the bytes of the constant texts and named lists, before they are written.
    pub(super) fn bytes_of(terms: &Terms, layout: &Layout) -> u64 {
        let texts: u64 = layout.texts.iter().map(|text| text.len() as u64 + 8).sum();
        let members = layout.texts.len() as u64 / 8 + 1;
        let lists = layout.lists.iter().filter_map(|index| terms.lists.get_index(usize::from(*index)));
        texts + lists.map(|(_, list)| u64::from(LIST.bytes) + list.len() as u64 * 4 + members).sum::<u64>()
    }

    pub(super) fn new(terms: &Terms, layout: &Layout) -> Self {
        let mut image = Self::default();
        let mut address = count(layout.texts.len() * 8);
        for text in &layout.texts {
            image.put(address);
            image.put(count(text.len()));
            address += count(text.len());
        }
        for text in &layout.texts {
            image.bytes.extend_from_slice(text.as_bytes());
        }
        for index in &layout.lists {
            let Some((_, list)) = terms.lists.get_index(usize::from(*index)) else { continue };
            image.align();
            let head = image.end();
            image.put(count(list.len()));
            image.put(1);
            image.put(head + LIST.bytes);
            // One extra bit: index `texts.len()` stands for any text that is not a constant, and is never a member.
            let mut bits = vec![0u8; layout.texts.len() / 8 + 1];
            for text in list.values() {
                let symbol = layout.symbol(text);
                image.put(symbol);
                if let Some(byte) = bits.get_mut(symbol as usize / 8) {
                    *byte |= 1 << (symbol % 8);
                }
            }
            let members = image.end();
            image.bytes.extend(bits);
            image.lists.insert(*index, (head, members));
        }
        image.align();
        image
    }

    pub(super) fn put(&mut self, word: u32) {
        self.bytes.extend_from_slice(&word.to_le_bytes());
    }

    pub(super) fn end(&self) -> u32 {
        count(self.bytes.len())
    }

    pub(super) fn align(&mut self) {
        let length = self.bytes.len().next_multiple_of(8);
        self.bytes.resize(length, 0);
    }
}
