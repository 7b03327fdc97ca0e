//! Tells checked rules in words: conditions and values as sentences, scripts as nested lists of sentences.
//!
//! Every constant of a rule is told exactly once. A local that is read once, or whose value has no number, is told where it is read;
//! any other local gets a letter.

mod conditions;
mod locals;
mod statements;
mod tell;
mod teller;
mod values;

pub(super) use tell::{Told, condition, script, value, verbs};
pub(super) use values::total_words;
