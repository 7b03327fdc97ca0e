//! A fault in the text of a rule, and what may be read in its place.

use std::ops::Range;

use crate::diagnostic::{Code, Help, Span};

/// A fault, its place in the rule's text, and what to write instead.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) help: Option<Help>,
}

impl Fault {
    pub(crate) fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, span, message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<Help>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the help to write `text` in place of the faulty text.
    pub(crate) fn write(self, text: impl Into<String>) -> Self {
        let help = Help::write(self.span, text);
        self.help(help)
    }
}

/// What a faulty word or sign was clearly meant to be, in the same number of bytes, so that every place stays. The fault is still
/// reported; with the repair, other faults of its statement are found too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repair {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Repair {
    pub(super) fn new(range: Range<usize>, text: String) -> Self {
        Self { range, text }
    }
}
