//! Opens a program: the files of a folder or a bundle.

pub(crate) mod bundle;
pub(crate) mod folder;
pub(crate) mod test_file;
