//! Compares the files that a command writes with each other and with all that it reads, before anything is read.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::exit::Failure;

/// A file that a command writes: the option that names it, and its path.
pub(crate) type Output<'a> = (&'a str, Option<&'a Path>);

/// What a command reads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Read<'a> {
    /// A file of actions or an export.
    Input(&'a Path),
    /// A file that an option names.
    File(&'a str, &'a Path),
    /// A folder that an option names, with all files in it.
    Folder(&'a str, &'a Path),
    /// A program: a folder, or a bundle.
    Program(&'a Path, May),
}

/// What a command may write into the folder of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum May {
    /// Nothing where files are read.
    WriteBeside,
    /// Actions, and new files.
    WriteActions,
}

/// The files and folders that are read of a program's folder.
const PARTS: [&str; 12] = [
    "program.toml",
    "contracts",
    "rules",
    "functions",
    "lists",
    "tables",
    "components",
    "facts",
    "tests",
    "imports",
    ACTIONS,
    ADJUSTMENTS,
];

/// The folders of what `run` decides and adjusts.
const ACTIONS: &str = "actions";
const ADJUSTMENTS: &str = "adjustments";

/// The endings of files that commands write. Any other file in the folder of a program was put there by a person.
const WRITTEN: [&str; 9] = ["jsonl", "ndjson", "csv", "parquet", "xlsx", "json", "accrue", "info", "lcov"];

/// How deep links and folders are followed.
const DEPTH: usize = 40;

/// Fails if a file that is written is also read, or written twice, by whatever name: through links, `..` or a second name of the file.
/// Pipes and devices are left out, as nothing in them can be replaced.
pub(crate) fn check_outputs(outputs: &[Output<'_>], reads: &[Read<'_>]) -> Result<(), Failure> {
    let written = outputs.iter().filter_map(|(option, path)| Some((*option, (*path)?)));
    let written: Vec<(&str, &Path, Identity)> = written
        .map(|(option, path)| (option, path, Identity::of(path)))
        .filter(|(_, _, identity)| identity.metadata.as_ref().is_none_or(Metadata::is_file))
        .collect();
    for (at, (option, path, identity)) in written.iter().enumerate() {
        let shown = path.display();
        if let Some((other, ..)) = written.iter().take(at).find(|(_, _, other)| identity.is(other)) {
            return Err(Failure::usage(
                format!("`{other}` and `{option}` name the same file `{shown}`"),
                "name two files",
            ));
        }
        for read in reads {
            let (is_read, what) = match read {
                Read::Input(input) => (
                    *input != Path::new("-") && identity.is(&Identity::of(input)),
                    "is one of the inputs".to_owned(),
                ),
                Read::File(by, file) => {
                    (identity.is(&Identity::of(file)), format!("is the file that `{by}` reads"))
                }
                Read::Folder(by, folder) => {
                    (identity.is_in(&Identity::of(folder)), format!("is in the folder that `{by}` reads"))
                }
                Read::Program(program, may) => (
                    identity.is_of(program, *may),
                    format!("is read as a part of the program `{}`", program.display()),
                ),
            };
            if is_read {
                return Err(Failure::usage(
                    format!("`{option} {shown}` {what}"),
                    "name another file; what is read is left as it is",
                ));
            }
        }
    }
    Ok(())
}

/// What a path stands for.
#[derive(Debug)]
struct Identity {
    /// The path without links, also of a file that is not there yet.
    real: PathBuf,
    /// `None` if there is no such file.
    metadata: Option<Metadata>,
}

impl Identity {
    fn of(path: &Path) -> Self {
        let real = folded(resolved(path, DEPTH));
        let metadata = path.metadata().ok();
        Self { real, metadata }
    }

    /// Returns whether both are one file.
    fn is(&self, other: &Self) -> bool {
        self.real == other.real || self.number().is_some_and(|number| other.number() == Some(number))
    }

    /// Returns whether the file is in a folder, or has a second name there.
    fn is_in(&self, folder: &Self) -> bool {
        self.real.starts_with(&folder.real) || (self.has_names() && self.is_among(&folder.real, DEPTH))
    }

    /// Returns whether the file is read as a part of a program, or would be, or was put into its folder by a person.
    fn is_of(&self, program: &Path, may: May) -> bool {
        let root = Self::of(program);
        if self.is(&root) {
            return true;
        }
        let reads = |part: &&&str| match may {
            May::WriteBeside => true,
            May::WriteActions => ![ACTIONS, ADJUSTMENTS].contains(part) && self.metadata.is_some(),
        };
        if PARTS.iter().filter(reads).any(|part| self.is_in(&Self::of(&program.join(part)))) {
            return true;
        }
        let ending = self.real.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        self.metadata.is_some() && self.real.starts_with(&root.real) && !WRITTEN.contains(&ending)
    }

    /// Returns the numbers of the device and of the file on it.
    #[cfg(unix)]
    fn number(&self) -> Option<(u64, u64)> {
        use std::os::unix::fs::MetadataExt as _;
        self.metadata.as_ref().map(|metadata| (metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    fn number(&self) -> Option<(u64, u64)> {
        None
    }

    /// Returns whether the file has more than one name.
    #[cfg(unix)]
    fn has_names(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        self.metadata.as_ref().is_some_and(|metadata| metadata.nlink() > 1)
    }

    #[cfg(not(unix))]
    fn has_names(&self) -> bool {
        false
    }

    /// Returns whether a folder, or a folder in it, has this file under another name.
    fn is_among(&self, path: &Path, depth: usize) -> bool {
        let Ok(metadata) = path.symlink_metadata() else { return false };
        if !metadata.is_dir() {
            let other = Self { real: path.to_owned(), metadata: Some(metadata) };
            return self.is(&other);
        }
        let Some(depth) = depth.checked_sub(1) else { return false };
        let entries = path.read_dir().into_iter().flatten().flatten();
        entries.into_iter().any(|entry| self.is_among(&entry.path(), depth))
    }
}

/// Returns a path without links and `..`, also if the file or its folder is not there yet.
fn resolved(path: &Path, depth: usize) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let Some(depth) = depth.checked_sub(1) else { return path.to_owned() };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (Some(dir), Some(name)) = (absolute.parent(), absolute.file_name()) else { return absolute };
    let dir = resolved(dir, depth);
    match dir.join(name).read_link() {
        // A link to a file that is not there yet.
        Ok(target) => resolved(&dir.join(target), depth),
        Err(_) => dir.join(name),
    }
}

/// Returns a path as its file system compares it: some do not tell capitals from small letters.
fn folded(path: PathBuf) -> PathBuf {
    if cfg!(any(windows, target_os = "macos")) {
        return PathBuf::from(path.to_string_lossy().to_lowercase());
    }
    path
}
