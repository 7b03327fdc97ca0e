//! Builds the bytes of a bundle from a program.

use std::collections::BTreeMap;

use accrue::Source;
use accrue::digest::Digest;
use accrue::{Limits, Program};

use crate::error::BuildError;
use crate::key::{SecretKey, to_hex};
use crate::manifest::{Entry, Kind, Manifest, path_fault};
use crate::{CODE_BYTES, FIRST_LINE, MANIFEST_BYTES};

/// The contents of a bundle.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The id of the program.
    pub program: String,
    /// The files of the program's terms and its components. Any other file is an error.
    pub source: Source,
    /// The modules that its contract versions compile to, by path: [`crate::modules`]. May be empty.
    pub modules: BTreeMap<String, Vec<u8>>,
}

impl Contents {
    /// Returns the contents for a checked program and the files it was loaded from, with its compiled modules.
    pub fn of(program: &Program, source: Source) -> Self {
        let modules = crate::modules(program, program.limits().rule_fuel);
        Self { program: program.id().to_owned(), source, modules }
    }
}

/// Builds a bundle of a program that was checked under these limits. The same contents, limits and key give the same bytes.
///
/// # Errors
///
/// [`BuildError::Stray`] or [`BuildError::Path`] when a file has no place in a bundle, [`BuildError::TooLarge`] when there is
/// more than a bundle may hold.
pub fn build(contents: &Contents, limits: &Limits, key: Option<&SecretKey>) -> Result<Vec<u8>, BuildError> {
    let mut files: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for path in contents.source.paths() {
        files.insert(path, contents.source.bytes(path).unwrap_or_default());
    }
    for (path, module) in &contents.modules {
        if Kind::of_path(path) != Some(Kind::Module) || files.insert(path, module).is_some() {
            return Err(BuildError::Stray { path: path.clone() });
        }
    }
    let (mut sources, mut code) = (0usize, 0usize);
    let mut entries = Vec::with_capacity(files.len());
    for (path, bytes) in &files {
        if let Some(fault) = path_fault(path) {
            return Err(BuildError::Path { path: (*path).to_owned(), fault });
        }
        let kind = Kind::of_path(path).ok_or_else(|| BuildError::Stray { path: (*path).to_owned() })?;
        let too_large = |most| too_large(&format!("`{path}` has"), bytes.len(), most, "make it smaller");
        match kind {
            Kind::Source => {
                too_large(limits.source_bytes)?;
                sources = sources.saturating_add(bytes.len());
            }
            Kind::Component => {
                too_large(limits.component_bytes)?;
                code = code.saturating_add(bytes.len());
            }
            Kind::Module => code = code.saturating_add(bytes.len()),
        }
        entries.push(Entry {
            path: (*path).to_owned(),
            kind,
            bytes: bytes.len() as u64,
            sha256: Digest::of(bytes),
        });
    }
    too_large("all sources have", sources, limits.program_bytes, "split the program")?;
    too_large("all modules and components have", code, CODE_BYTES, "split the program")?;
    let manifest = Manifest {
        engine: accrue::VERSION.to_owned(),
        program: contents.program.clone(),
        limits: limits.list().into_iter().map(|limit| (limit.name.to_owned(), limit.at_most)).collect(),
        files: entries,
    };
    let mut bundle = format!("{FIRST_LINE}{}\n", manifest.line()).into_bytes();
    too_large("the manifest has", bundle.len() - FIRST_LINE.len(), MANIFEST_BYTES, "split the program")?;
    let signature = match key {
        Some(key) => format!("ed25519 {} {}\n", key.public(), to_hex(&key.sign(&bundle))),
        None => format!("unsigned {}\n", Digest::of(&bundle)),
    };
    bundle.extend_from_slice(signature.as_bytes());
    files.values().for_each(|bytes| bundle.extend_from_slice(bytes));
    Ok(bundle)
}

fn too_large(what: &str, bytes: usize, at_most: usize, remedy: &'static str) -> Result<(), BuildError> {
    if bytes <= at_most {
        return Ok(());
    }
    Err(BuildError::TooLarge { what: what.to_owned(), bytes, at_most, remedy })
}
