//! Symbols of the constant texts of a module.

use hashbrown::HashMap;

use crate::codegen::Layout;

/// The symbol of a text that is not a constant of the module.
pub(super) const NONE: u32 = u32::MAX;

/// The symbols of constant texts. Most texts of an action are not constants, so misses must be cheap: texts of a length that no
/// constant has are rejected first.
#[derive(Debug)]
pub(super) struct Symbols {
    /// One bit for each length that a constant has; the highest bit stands for all longer lengths.
    lengths: u64,
    by_text: HashMap<Box<str>, u32>,
}

/// Returns the bit of a length.
#[inline]
fn length_bit(text: &str) -> u64 {
    1 << text.len().min(63)
}

impl Symbols {
    pub(super) fn new(layout: &Layout) -> Self {
        let lengths = layout.texts.iter().fold(0, |lengths, text| lengths | length_bit(text));
        let by_text = layout.texts.iter().zip(0u32..).map(|(text, symbol)| (text.as_str().into(), symbol));
        Self { lengths, by_text: by_text.collect() }
    }

    /// Returns the symbol of a text; `None` if the text is not a constant.
    #[inline]
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        if self.lengths & length_bit(text) == 0 { None } else { self.by_text.get(text).copied() }
    }
}
