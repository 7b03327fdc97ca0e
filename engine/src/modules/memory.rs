//! Writes values to the memory for facts: at an offset, or in the next free place.

use super::promo::Promo;
use super::symbols::Symbols;
use crate::codegen::UNKNOWN;
use crate::time::Timestamp;

/// The most bytes of memory of an instance: the longest valid action needs less than a megabyte.
pub(super) const MEMORY_BYTES: usize = 64 << 20;

/// Why an input cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// A number has too many digits or decimals for the module.
    Number,
    /// Memory is too small.
    Room,
}

pub(super) type Written<T = ()> = Result<T, Missed>;

/// The memory for facts while they are written. Places in it are offsets; what is stored in it are addresses.
pub(super) struct Memory<'m> {
    pub(super) bytes: &'m mut [u8],
    /// The first free offset.
    pub(super) at: usize,
    /// The address of the first byte, a multiple of 16.
    pub(super) base: usize,
}

impl Memory<'_> {
    /// Reserves this many bytes at a multiple of 8. Returns their offset.
    #[inline]
    pub(super) fn take(&mut self, bytes: usize) -> Written<usize> {
        let offset = self.at.next_multiple_of(8);
        self.at = offset.checked_add(bytes).filter(|end| *end <= self.bytes.len()).ok_or(Missed::Room)?;
        Ok(offset)
    }

    /// Returns the address of an offset.
    #[inline]
    pub(super) fn address(&self, offset: usize) -> u32 {
        word(self.base + offset)
    }

    #[inline]
    pub(super) fn put<const N: usize>(&mut self, at: usize, bytes: [u8; N]) -> Written {
        let room = self.bytes.get_mut(at..).and_then(|memory| memory.first_chunk_mut());
        *room.ok_or(Missed::Room)? = bytes;
        Ok(())
    }

    /// Writes a text. Returns its address, which is its symbol.
    pub(super) fn text(&mut self, text: &str) -> Written<u32> {
        let offset = self.take(text.len() + 4)?;
        self.put(offset, word(text.len()).to_le_bytes())?;
        let room = self.bytes.get_mut(offset + 4..).and_then(|memory| memory.get_mut(..text.len()));
        room.ok_or(Missed::Room)?.copy_from_slice(text.as_bytes());
        Ok(self.address(offset))
    }

    /// Sets the symbols of the owners of codes.
    pub(super) fn owners(&mut self, promo: &mut [Promo], symbols: &Symbols) -> Written {
        for code in promo {
            code.symbol = match &code.owner {
                Some(owner) => symbols.find(owner).map_or_else(|| self.text(owner), Ok)?,
                None => u32::from_ne_bytes(UNKNOWN.to_ne_bytes()),
            };
        }
        Ok(())
    }
}

/// Returns a moment as a module stores it.
pub(super) fn moment(time: Timestamp) -> [u8; 16] {
    let seconds = u128::from(time.seconds().cast_unsigned());
    (seconds | u128::from(time.nanoseconds()) << 64).to_le_bytes()
}

/// Returns an address or a length as u32. Memory is far smaller than 4 GiB.
pub(super) fn word(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
