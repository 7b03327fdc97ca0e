//! Opens a program: its terms, reference facts and tests, from a folder or from a bundle.
//!
//! This module must not know actions or the terminal: it returns errors as data.

pub(crate) mod bundle;
pub(crate) mod draft;
pub(crate) mod folder;
pub(crate) mod mapping;
pub(crate) mod outputs;
pub(crate) mod program_tests;
pub(crate) mod reference;
pub(crate) mod state;
mod tables;
pub(crate) mod tree;
