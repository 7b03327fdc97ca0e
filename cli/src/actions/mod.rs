//! Reads actions from files, in the order in which they occurred.

pub(crate) mod input;
pub(crate) mod scan;
pub(crate) mod sort;
pub(crate) mod stream;
