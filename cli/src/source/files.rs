//! Reads files and folders by name, each up to a size limit, and makes the files that get their names once they are complete.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::exit::Failure;

/// The help for a path that is not a program: the contents of a program folder.
pub(super) const FOLDER_HELP: &str = "a program folder holds program.toml, contracts/*.toml and, where needed, rules/*.rhai, functions/*.rhai, \
tables/, components/*.wasm, lists/, facts/, actions/ and tests/; `accrue new DIR` makes one";

/// Returns the entries of a folder sorted by name, so that no result depends on the order of the file system.
pub(crate) fn entries(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let read = || -> io::Result<Vec<PathBuf>> {
        std::fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let mut paths = read().map_err(|error| Failure::file("read the folder", dir, error))?;
    paths.sort();
    Ok(paths)
}

/// Reads a file up to `limit` bytes and one more. A result longer than `limit` says that the file is too large.
pub(super) fn read_bounded(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take((limit as u64).saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|error| Failure::file("read", path, error))?;
    Ok(bytes)
}

/// Creates a temporary file in the folder of `path`, from where it can be renamed to `path`.
pub(crate) fn temporary_beside(path: &Path) -> Result<NamedTempFile, Failure> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // Temporary files are for their owner alone. This one becomes an output, so its mode follows the umask like that of any file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(dir).map_err(|error| Failure::file("write", path, error))
}

/// Renames a temporary file to its final path.
pub(crate) fn persist(file: NamedTempFile, path: &Path) -> Result<(), Failure> {
    file.persist(path).map(drop).map_err(|error| Failure::file("write", path, error.error))
}
