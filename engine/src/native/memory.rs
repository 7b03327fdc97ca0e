//! A module's memory while facts are written: bytes enter at an address, or where there is room.

use super::promo::Promo;
use super::symbols::Symbols;
use crate::codegen::UNKNOWN;
use crate::time::Timestamp;

/// Why a case is not in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// A number has too many digits or decimals for the module.
    Number,
    /// Memory is too small.
    Room,
}

pub(super) type Written<T = ()> = Result<T, Missed>;

/// Memory while it is written.
pub(super) struct Memory<'m> {
    pub(super) bytes: &'m mut [u8],
    /// The first free address.
    pub(super) at: usize,
}

impl Memory<'_> {
    /// Room for so many bytes, at a multiple of 8.
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

    /// Writes a text; its address is its symbol.
    pub(super) fn text(&mut self, text: &str) -> Written<u32> {
        let address = self.take(text.len() + 4)?;
        self.put(address, word(text.len()).to_le_bytes())?;
        let room = self.bytes.get_mut(address + 4..).and_then(|memory| memory.get_mut(..text.len()));
        room.ok_or(Missed::Room)?.copy_from_slice(text.as_bytes());
        Ok(word(address))
    }

    /// Gives the owners of codes their symbols.
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

/// A moment as a module has it.
pub(super) fn moment(time: Timestamp) -> [u8; 16] {
    let seconds = u128::from(time.seconds().cast_unsigned());
    (seconds | u128::from(time.0.timestamp_subsec_nanos()) << 64).to_le_bytes()
}

/// An address or a length as a module has it. Memory is far smaller than 4 GiB.
pub(super) fn word(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
