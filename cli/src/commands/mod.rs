//! The commands, each in a file or a folder of its own. No command imports another one.

pub(crate) mod adjust;
pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod card;
pub(crate) mod check;
pub(crate) mod close;
pub(crate) mod completions;
pub(crate) mod component;
pub(crate) mod due;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod import;
pub(crate) mod keygen;
pub(crate) mod lsp;
pub(crate) mod new;
#[cfg(feature = "preview")]
pub(crate) mod preview;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod simulate;
pub(crate) mod table;
pub(crate) mod test;
