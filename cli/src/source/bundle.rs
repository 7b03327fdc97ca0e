//! Opens a bundle, and reads the keys that bundles are signed with.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use accrue::limits::Limits;
use accrue_bundle::{Bundle, PublicKey, Trust, most_bytes};

use super::tree::{FOLDER_HELP, read_bounded};
use crate::exit::Failure;

/// The most bytes of a key file: a key line has some 90; the rest is room for a comment, which is refused.
const KEY_FILE_BYTES: u64 = 1_000;

/// Reads a secret or a public key from its file.
pub(crate) fn read_key<K: FromStr<Err: std::fmt::Display>>(path: &Path) -> Result<K, Failure> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(KEY_FILE_BYTES).read_to_string(&mut text))
        .map_err(|error| Failure::file("read the key", path, error))?;
    text.parse().map_err(|error| Failure::Usage(format!("`{}`: {error}", path.display()), None))
}

/// Opens and verifies a bundle. If there are keys, the bundle must be signed by one of them.
pub(super) fn open(path: &Path, trust_keys: &[PathBuf], limits: &Limits) -> Result<Bundle, Failure> {
    let keys = trust_keys.iter().map(|path| read_key::<PublicKey>(path)).collect::<Result<Vec<_>, _>>()?;
    let trust = if keys.is_empty() { Trust::Anyone } else { Trust::Keys(keys) };
    let bytes = read_bounded(path, most_bytes(limits))?;
    if !Bundle::looks_like(&bytes) {
        return Err(Failure::usage(
            format!("`{}` is a file, but neither a program folder nor a bundle", path.display()),
            FOLDER_HELP,
        ));
    }
    Bundle::read(&bytes, limits, &trust).map_err(|error| refused(path, error))
}

/// Returns the failure of a bundle that is refused.
pub(crate) fn refused(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Refused(path.to_owned(), error.to_string())
}
