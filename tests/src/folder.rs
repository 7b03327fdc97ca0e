//! Program folders on disk: a path enters; its source, reference facts and actions leave.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use accrue::Limits;
use accrue::Source;
use accrue::facts::{Action, CsvActions, FactKind, JsonlActions, Reference};

/// A program folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// Its terms.
    pub source: Source,
    /// Its reference facts.
    pub reference: Reference,
    /// What its actions files hold.
    pub actions: Vec<Action>,
    /// What could not be read, a line each.
    pub faults: Vec<String>,
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Every folder under `parent` that holds a `program.toml`, by name.
///
/// # Errors
///
/// When `parent` cannot be read.
pub fn programs(parent: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = fs::read_dir(parent)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("program.toml").is_file())
        .collect();
    found.sort();
    Ok(found)
}

impl Folder {
    /// Reads a folder.
    ///
    /// # Errors
    ///
    /// When a file cannot be read. What a file says wrongly is in [`Folder::faults`].
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut folder = Self {
            path: path.to_path_buf(),
            source: Source::new(),
            reference: Reference::default(),
            actions: Vec::new(),
            faults: Vec::new(),
        };
        folder.walk(path, "")?;
        Ok(folder)
    }

    fn walk(&mut self, at: &Path, inside: &str) -> io::Result<()> {
        let mut entries: Vec<_> = fs::read_dir(at)?.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for entry in entries {
            let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let name = if inside.is_empty() { name } else { format!("{inside}/{name}") };
            if entry.is_dir() {
                self.walk(&entry, &name)?;
            } else {
                self.file(&name, fs::read(&entry)?);
            }
        }
        Ok(())
    }

    fn file(&mut self, name: &str, bytes: Vec<u8>) {
        let limits = Limits::default();
        if Source::is_terms(name) {
            self.source.insert(name, bytes);
        } else if name.starts_with("actions/") {
            self.actions(name, &bytes, &limits);
        } else if let Some(facts) = name.strip_prefix("facts/")
            && let Some(kind) = facts.split('.').next().and_then(FactKind::of_stem)
        {
            let errors = self.reference.read(kind, name, &bytes, &limits).err().unwrap_or_default();
            self.faults.extend(errors.0.iter().map(|error| format!("{name}: {error}")));
        }
    }

    fn actions(&mut self, name: &str, bytes: &[u8], limits: &Limits) {
        if name.ends_with(".jsonl") {
            for record in JsonlActions::new(bytes, limits) {
                match record {
                    Ok(record) => self.actions.push(record.action),
                    Err(reject) => self.faults.push(format!("{name}: {:?}", reject.errors)),
                }
            }
            return;
        }
        match CsvActions::new(bytes, limits) {
            Ok(records) => {
                for record in records {
                    match record {
                        Ok(record) => self.actions.push(record.action),
                        Err(reject) => self.faults.push(format!("{name}: {:?}", reject.errors)),
                    }
                }
            }
            Err(errors) => self.faults.push(format!("{name}: {errors:?}")),
        }
    }
}
