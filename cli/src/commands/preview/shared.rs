//! What all requests share: the folder, who may ask, and who is told of changes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use accrue_history::is_for_people;
use sha2::{Digest as _, Sha256};
use tokio::sync::broadcast;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::exit::Failure;
use crate::output::target::Target;
use crate::source::folder::Folder;
use crate::source::tree::Tree;

/// The most bytes of a file that is read or saved. Actions of a year have some tens of megabytes.
pub(super) const FILE_BYTES: usize = 256 << 20;

/// The most bytes of all files that are sent to the page.
const FOLDER_BYTES: usize = 512 << 20;

/// Changes that are kept for a page that is slow to hear of them.
const CHANGES: usize = 16;

/// What the server knows.
#[derive(Debug)]
pub(super) struct Shared {
    root: PathBuf,
    name: String,
    port: u16,
    token: String,
    /// Held while a file is compared and replaced.
    writing: Mutex<()>,
    /// Tells pages which files have changed.
    pub(super) changes: broadcast::Sender<Vec<String>>,
}

/// The length and the time of each file, by path.
pub(super) type Seen = BTreeMap<String, (u64, Option<SystemTime>)>;

impl Shared {
    pub(super) fn new(folder: Folder, port: u16) -> Result<Self, Failure> {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|error| {
            Failure::Io("cannot get random bytes".to_owned(), std::io::Error::other(error.to_string()))
        })?;
        let token = Sha256::digest(seed).iter().map(|byte| format!("{byte:02x}")).collect();
        let root = folder
            .root
            .canonicalize()
            .map_err(|error| Failure::file("read the folder", &folder.root, error))?;
        let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self {
            root,
            name,
            port,
            token,
            writing: Mutex::new(()),
            changes: broadcast::Sender::new(CHANGES),
        })
    }

    /// The address of the page.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The name of the folder.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The secret of the page.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Returns whether a request names this server. Another name that leads here is somebody else's page.
    pub(super) fn is_own_host(&self, host: &str) -> bool {
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| host == format!("{name}:{}", self.port))
    }

    /// Returns whether a token is that of the page. Takes the same time for any token of its length.
    pub(super) fn is_token(&self, token: &str) -> bool {
        let differing = token.bytes().zip(self.token.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
        token.len() == self.token.len() && differing == 0
    }

    /// Calls `take` with each file of the folder that belongs to the program, in order.
    fn each(
        &self,
        take: &mut impl FnMut(&Tree, &Path, String) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let tree = Tree::open(&self.root)?;
        for entry in tree.entries(&self.root)?.unwrap_or_default() {
            if !entry.is_folder {
                take(&tree, &entry.path, entry.name)?;
            } else if FOLDERS.contains(&entry.name.as_str()) {
                tree.each_file(&entry.path, &entry.name, &mut |entry, path| take(&tree, &entry.path, path))?;
            }
        }
        Ok(())
    }

    /// Returns the files of the folder as a zip file.
    pub(super) fn zipped(&self) -> Result<Vec<u8>, Failure> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let failed =
            |path: &str, error: zip::result::ZipError| Failure::file("read", Path::new(path), error.into());
        let mut left = FOLDER_BYTES;
        self.each(&mut |tree, file, path| {
            let bytes = tree.read(file, FILE_BYTES.min(left))?;
            left = left.checked_sub(bytes.len()).filter(|_| bytes.len() <= FILE_BYTES).ok_or_else(|| {
                Failure::file(
                    "read",
                    file,
                    std::io::Error::other(
                        "the folder is too large for the page; move files that it need not show elsewhere",
                    ),
                )
            })?;
            zip.start_file(path.as_str(), SimpleFileOptions::default())
                .map_err(|error| failed(&path, error))?;
            zip.write_all(&bytes).map_err(|error| failed(&path, error.into()))
        })?;
        let zipped = zip.finish().map_err(|error| failed("the folder", error))?;
        Ok(zipped.into_inner())
    }

    /// Returns the length and the time of each file.
    pub(super) fn seen(&self) -> Seen {
        let mut seen = Seen::new();
        // A folder that cannot be read for a moment, while somebody moves it, has not changed yet.
        let _ = self.each(&mut |_, file, path| {
            if let Ok(metadata) = fs::metadata(file) {
                seen.insert(path, (metadata.len(), metadata.modified().ok()));
            }
            Ok(())
        });
        seen
    }

    /// Returns a file with its version; `None` if there is none.
    pub(super) fn read(&self, path: &str) -> Result<Option<Versioned>, Failure> {
        let file = self.place(path)?;
        if !file.is_file() {
            return Ok(None);
        }
        let bytes = Tree::open(&self.root)?.read(&file, FILE_BYTES)?;
        let version = version(&bytes);
        Ok(Some(Versioned { bytes, version }))
    }

    /// Saves a file, if the file on disk is the one that the page knows: `known` is its version, or `None` if the page knows of none. The file
    /// is replaced in one step, once it is complete. Returns the new version; `None` if the file on disk is another one.
    pub(super) fn save(
        &self,
        path: &str,
        bytes: &[u8],
        known: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.read(path)?.map(|found| found.version).as_deref() != known {
            return Ok(None);
        }
        let file = self.place(path)?;
        let folder = file.parent().unwrap_or(&self.root);
        self.make(folder)?;
        let mut target = Target::whole(&file)?;
        target.write_all(bytes).map_err(|error| target.failure(error))?;
        target.finish()?;
        Ok(Some(version(bytes)))
    }

    /// Removes a file, if the file on disk has this version.
    pub(super) fn remove(&self, path: &str, known: &str) -> Result<Removed, Failure> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        match self.read(path)? {
            None => Ok(Removed::Missing),
            Some(found) if found.version != known => Ok(Removed::Changed),
            Some(_) => {
                let file = self.place(path)?;
                fs::remove_file(&file).map_err(|error| Failure::file("remove", &file, error))?;
                Ok(Removed::Done)
            }
        }
    }

    /// Returns where a file of the program is, by its path in the folder.
    fn place(&self, path: &str) -> Result<PathBuf, Failure> {
        let no_file =
            |why: &str| Failure::file("open", Path::new(path), std::io::Error::other(why.to_owned()));
        let parts: Vec<&str> = path.split('/').collect();
        let plain = parts.iter().all(|part| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.contains(|c: char| c == '\\' || c == ':' || c.is_control())
        });
        let belongs = match parts.as_slice() {
            [name] => *name == "program.toml" || is_for_people(name),
            [folder, ..] => FOLDERS.contains(folder) && parts.len() <= DEPTH,
            [] => false,
        };
        if !plain || !belongs {
            return Err(no_file("it is no file of a program"));
        }
        let file = self.root.join(path);
        // A folder or a file on the way may be a link out of the program.
        let mut known = file.as_path();
        while !known.exists() && !known.is_symlink() {
            known = known.parent().unwrap_or(&self.root);
        }
        let real = known.canonicalize().map_err(|error| Failure::file("open", known, error))?;
        if real.starts_with(&self.root) {
            Ok(file)
        } else {
            Err(no_file("it is a link out of the program folder"))
        }
    }

    /// Makes a folder and those above it.
    fn make(&self, folder: &Path) -> Result<(), Failure> {
        fs::create_dir_all(folder).map_err(|error| Failure::file("make the folder", folder, error))
    }
}

/// A file, and the version that a page names it by.
#[derive(Debug)]
pub(super) struct Versioned {
    pub(super) bytes: Vec<u8>,
    pub(super) version: String,
}

/// What became of a file that is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removed {
    Done,
    /// There is no such file.
    Missing,
    /// The file on disk is another one than the page knows.
    Changed,
}

/// Returns the version of a file as an entity tag.
fn version(bytes: &[u8]) -> String {
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digest}\"")
}

/// How deep files of a program stand in folders.
const DEPTH: usize = 9;

/// The folders of a program that the page shows.
const FOLDERS: [&str; 11] = [
    "contracts",
    "rules",
    "functions",
    "lists",
    "tables",
    "components",
    "facts",
    "actions",
    "adjustments",
    "tests",
    "imports",
];
