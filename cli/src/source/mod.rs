//! Opens a program: its terms, reference facts and tests, from a folder or from a bundle.
//!
//! Knows nothing of actions and of the terminal: what is wrong leaves as data.

pub(crate) mod bundle;
pub(crate) mod files;
pub(crate) mod folder;
pub(crate) mod reference;
pub(crate) mod state;
pub(crate) mod test_file;
pub(crate) mod test_reader;
