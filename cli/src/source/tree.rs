//! Reads a folder that somebody else may have written, such as that of a program: only files, only those that are in the folder, and
//! no more of them than the limits allow. Nothing is left out without a word but hidden files.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::exit::Failure;

/// The help for a path that is not a program: the contents of a program folder.
pub(super) const FOLDER_HELP: &str = "a program folder holds program.toml, contracts/*.toml and, where needed, rules/*.rhai, functions/*.rhai, \
tables/, components/*.wasm, lists/, facts/, actions/, adjustments/ and tests/; `accrue new DIR` makes one";

/// How deep folders stand in each other. Rules are sorted into one or two levels; a loop of links has no end.
const DEPTH: usize = 8;

/// The most files and folders in all folders of a program that are read. A bundle has room for as many files.
const ENTRIES: usize = 20_000;

/// A folder whose files are read. Links lead only to files and folders in it.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The path of the folder without links.
    real: PathBuf,
    /// How many more entries are read.
    left: Cell<usize>,
}

/// A file or a folder in a [`Tree`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Its name, which does not begin with a dot.
    pub(crate) name: String,
    /// Its path.
    pub(crate) path: PathBuf,
    /// Whether it is a folder.
    pub(crate) is_folder: bool,
}

impl Tree {
    /// Returns the tree of a folder that is there.
    pub(crate) fn open(root: &Path) -> Result<Self, Failure> {
        let real = root.canonicalize().map_err(|error| Failure::file("read the folder", root, error))?;
        Ok(Self { real, left: Cell::new(ENTRIES) })
    }

    /// Returns the entries of a folder of the tree sorted by name, so that no result depends on the order of the file system. Returns
    /// `None` if there is no such folder. Hidden files, which belong to editors and file managers, are left out.
    ///
    /// # Errors
    ///
    /// [`Failure`] when there is a file in place of the folder, when the folder or an entry is a link out of the tree, when an entry
    /// is neither a file nor a folder or has a name that is not UTF-8, and when there are too many entries.
    pub(crate) fn entries(&self, dir: &Path) -> Result<Option<Vec<Entry>>, Failure> {
        if dir.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return Ok(None);
        }
        let unread = |error| Failure::file("read the folder", dir, error);
        let real = self.inside(dir).map_err(unread)?;
        if !real.is_dir() {
            return Err(unread(io::Error::other("it is a file, and a folder of this name is read")));
        }
        let mut entries = Vec::new();
        for found in real.read_dir().map_err(unread)? {
            let found = found.map_err(unread)?;
            if found.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            self.left.set(self.left.get().checked_sub(1).ok_or_else(|| {
                unread(io::Error::other(format!(
                    "there are more than {ENTRIES} files and folders in all; move those that are not read elsewhere"
                )))
            })?);
            let path = dir.join(found.file_name());
            let fail = |why: &str| Failure::file("read", &path, io::Error::other(why));
            let Ok(name) = found.file_name().into_string() else {
                return Err(fail("its name is not UTF-8; rename it"));
            };
            let metadata = self.inside(&path).and_then(|real| real.metadata());
            let metadata = metadata.map_err(|error| Failure::file("read", &path, error))?;
            if !metadata.is_dir() && !metadata.is_file() {
                return Err(fail(NO_FILE));
            }
            entries.push(Entry { name, path, is_folder: metadata.is_dir() });
        }
        entries.sort();
        Ok(Some(entries))
    }

    /// Calls `take` with each file of a folder and of the folders in it, in order, with its path inside of the tree.
    pub(crate) fn each_file(
        &self,
        dir: &Path,
        prefix: &str,
        take: &mut impl FnMut(&Entry, String) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.each_below(dir, prefix, DEPTH, take)
    }

    fn each_below(
        &self,
        dir: &Path,
        prefix: &str,
        depth: usize,
        take: &mut impl FnMut(&Entry, String) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for entry in self.entries(dir)?.unwrap_or_default() {
            let path = format!("{prefix}/{}", entry.name);
            match depth.checked_sub(1) {
                _ if !entry.is_folder => take(&entry, path)?,
                Some(depth) => self.each_below(&entry.path, &path, depth, take)?,
                None => {
                    let why = format!("folders stand more than {DEPTH} deep in each other; use fewer levels");
                    return Err(Failure::file("read the folder", &entry.path, io::Error::other(why)));
                }
            }
        }
        Ok(())
    }

    /// Reads a file of the tree up to `limit` bytes and one more. A result longer than `limit` says that the file is too large.
    pub(crate) fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
        let read = || bounded(self.inside(path).and_then(|real| open_file(&real))?, limit);
        read().map_err(|error| Failure::file("read", path, error))
    }

    /// Returns the path without links, if it is in the tree.
    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
                return Err(io::Error::other("it is a link to a file that is not there"));
            }
            Err(error) => return Err(error),
        };
        if real.starts_with(&self.real) {
            return Ok(real);
        }
        Err(io::Error::other(format!(
            "it is a link out of the folder `{}`, and nothing outside of it is read; put a copy of the file in its place",
            self.real.display()
        )))
    }
}

/// Why a pipe, a socket or a device is not read.
const NO_FILE: &str = "it is neither a file nor a folder, but a pipe, a socket or a device";

/// Reads a file that the user names, up to `limit` bytes and one more. A result longer than `limit` says that the file is too large.
pub(crate) fn read_bounded(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    open_file(path).and_then(|file| bounded(file, limit)).map_err(|error| Failure::file("read", path, error))
}

/// Reads up to `limit` bytes and one more. Bytes are counted while they are read: what the system says about a file may be wrong, or
/// change.
fn bounded(file: File, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take((limit as u64).saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a file. Anything else, such as a pipe that nobody writes to, is refused at once.
fn open_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if metadata.is_file() { Ok(file) } else { Err(io::Error::other(NO_FILE)) }
}
