//! Writes values to a module's memory: at an address, or in the next free place.

use super::promo::Promo;
use super::symbols::Symbols;
use crate::codegen::UNKNOWN;
use crate::time::Timestamp;

/// Why an input cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// A number has too many digits or decimals for the module.
    Number,
    /// Memory is too small.
    Room,
}

pub(super) type Written<T = ()> = Result<T, Missed>;

/// A module's memory while facts are written.
pub(super) struct Memory<'m> {
    pub(super) bytes: &'m mut [u8],
    /// The first free address.
    pub(super) at: usize,
}

impl Memory<'_> {
    /// Reserves this many bytes at a multiple of 8. Returns their address.
    #[inline]
    pub(super) fn take(&mut self, bytes: usize) -> Written<usize> {
        let address = self.at.next_multiple_of(8);
        self.at = address.checked_add(bytes).filter(|end| *end <= self.bytes.len()).ok_or(Missed::Room)?;
        Ok(address)
    }

    #[inline]
    pub(super) fn put<const N: usize>(&mut self, at: usize, bytes: [u8; N]) -> Written {
        let room = self.bytes.get_mut(at..).and_then(|memory| memory.first_chunk_mut());
        *room.ok_or(Missed::Room)? = bytes;
        Ok(())
    }

    /// Writes a text. Returns its address, which is its symbol.
    pub(super) fn text(&mut self, text: &str) -> Written<u32> {
        let address = self.take(text.len() + 4)?;
        self.put(address, word(text.len()).to_le_bytes())?;
        let room = self.bytes.get_mut(address + 4..).and_then(|memory| memory.get_mut(..text.len()));
        room.ok_or(Missed::Room)?.copy_from_slice(text.as_bytes());
        Ok(word(address))
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
