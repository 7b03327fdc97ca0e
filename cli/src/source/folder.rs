//! From a folder to a program: the files of the terms and of the reference facts are read here, and nowhere else.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use accrue::diagnostic::{Diagnostics, nearest};
use accrue::facts::{FactError, FactKind, Reference};
use accrue::limits::Limits;
use accrue::terms::{Source, Version};
use accrue::{Engine, Program};

use accrue_bundle::Bundle;

use crate::args::Trust;
use crate::exit::Failure;
use crate::output::terminal as render;
use crate::source::bundle;

/// What a program folder looks like, for whoever does not have one.
pub(crate) const FOLDER_HELP: &str = "a program folder holds program.toml, contracts/*.toml and, where needed, rules/*.rhai, \
components/*.wasm, lists/, facts/, actions/ and tests/; `accrue new DIR` makes one";

/// A program folder or a bundle, read.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Where it is.
    pub(crate) root: PathBuf,
    /// The bundle that the files are from; it has no facts, actions or tests.
    pub(crate) bundle: Option<Bundle>,
    /// Its name for messages, without a `/` at the end.
    pub(crate) name: String,
    /// The files of its terms.
    pub(crate) source: Source,
}

/// Reads a folder, or a bundle that is signed by one of these keys, if any are given.
pub(crate) fn trusted(root: &Path, trust: &Trust, limits: &Limits) -> Result<Folder, Failure> {
    if root.is_file() {
        let bundle = bundle::open(root, &trust.keys, limits)?;
        let source = bundle.source().clone();
        let name = root.display().to_string();
        return Ok(Folder { root: root.to_owned(), bundle: Some(bundle), name, source });
    }
    if !trust.keys.is_empty() && root.is_dir() {
        return Err(Failure::usage(
            format!("`{}` is a folder, which nobody has signed", root.display()),
            "leave `--trust-key` out, or name a bundle, which `accrue build --sign-key` makes",
        ));
    }
    folder(root, limits)
}

/// Reads the files of the terms.
pub(crate) fn folder(root: &Path, limits: &Limits) -> Result<Folder, Failure> {
    let shown = root.display();
    if !root.exists() {
        return Err(Failure::usage(format!("there is no folder `{shown}`"), FOLDER_HELP));
    }
    if !root.is_dir() {
        return Err(Failure::usage(format!("`{shown}` is a file, not a program folder"), FOLDER_HELP));
    }
    if !root.join("program.toml").is_file() {
        return Err(Failure::usage(
            format!("`{shown}` is not a program folder: it has no program.toml"),
            FOLDER_HELP,
        ));
    }
    let mut source = Source::new();
    source.insert("program.toml", bounded(&root.join("program.toml"), limits.source_bytes)?);
    for (part, most) in [
        ("contracts", limits.source_bytes),
        ("rules", limits.source_bytes),
        ("lists", limits.source_bytes),
        ("components", limits.component_bytes),
    ] {
        tree(&root.join(part), part, most, &mut source)?;
    }
    let name = root.display().to_string();
    let name = name.trim_end_matches(['/', '\\']).to_owned();
    Ok(Folder { root: root.to_owned(), bundle: None, name, source })
}

/// Reads a folder and the folders in it, by name, of files that may have so many bytes.
fn tree(dir: &Path, prefix: &str, most: usize, source: &mut Source) -> Result<(), Failure> {
    if !dir.is_dir() {
        return Ok(());
    }
    for path in entries(dir)? {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.starts_with('.') {
            continue;
        }
        let inner = format!("{prefix}/{name}");
        if path.is_dir() {
            tree(&path, &inner, most, source)?;
        } else {
            source.insert(inner, bounded(&path, most)?);
        }
    }
    Ok(())
}

/// The entries of a folder by name, so that nothing depends on the order of the file system.
pub(crate) fn entries(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let read = || -> io::Result<Vec<PathBuf>> {
        std::fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let mut paths = read().map_err(|error| Failure::file("read the folder", dir, error))?;
    paths.sort();
    Ok(paths)
}

/// Reads a file that may have so many bytes, but no more than shows that it has too many.
pub(crate) fn bounded(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let most = (most as u64).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|error| Failure::file("read", path, error))?;
    Ok(bytes)
}

/// Loads a program; its diagnostics are returned or printed.
pub(crate) fn program(folder: &Folder, engine: &Engine) -> Result<Program, Failure> {
    match engine.load(&folder.source) {
        Ok(program) => {
            if let Some(bundle) = &folder.bundle {
                bundle::matches(bundle, &program, &folder.name)?;
            }
            tick(&program, engine);
            Ok(program)
        }
        Err(diagnostics) => {
            render::tell(&faults(&diagnostics, folder));
            Err(Failure::Faults)
        }
    }
}

/// Has the deadlines of components watched until the process ends.
fn tick(program: &Program, engine: &Engine) {
    let mut versions = program.terms().contracts.iter().flat_map(|contract| &contract.versions);
    if versions.any(Version::has_component)
        && let Ok(sandbox) = engine.sandbox()
    {
        std::mem::forget(sandbox.start_ticker());
    }
}

/// Diagnostics and their count.
pub(crate) fn faults(diagnostics: &Diagnostics, folder: &Folder) -> String {
    let mut text = render::diagnostics(diagnostics, &folder.source, &folder.name);
    text.push_str(&format!("{}: {}\n", folder.name, render::tally(diagnostics)));
    text
}

/// A fault of a reference fact, with its file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct FactFault {
    /// The file.
    pub(crate) file: String,
    /// What is wrong with it, and where.
    #[serde(flatten)]
    pub(crate) error: FactError,
}

impl std::fmt::Display for FactFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&fact_fault(&self.file, &self.error))
    }
}

/// `file:line: field: message`.
pub(crate) fn fact_fault(file: &str, error: &FactError) -> String {
    let mut text = render::clean(file);
    for at in [error.line, error.column].into_iter().flatten() {
        text.push_str(&format!(":{at}"));
    }
    text.push_str(": ");
    if let Some(field) = &error.field {
        text.push_str(&render::clean(field));
        text.push_str(": ");
    }
    text.push_str(&render::clean(&error.message));
    text
}

/// Reads the reference facts of a folder. What is wrong is left out and reported.
pub(crate) fn reference(
    dir: Option<&Path>,
    folder: &Folder,
    limits: &Limits,
) -> Result<(Reference, Vec<FactFault>), Failure> {
    let own = folder.root.join("facts");
    let dir = match dir {
        Some(dir) if !dir.is_dir() => {
            return Err(Failure::usage(
                format!("there is no folder `{}`", dir.display()),
                "`--facts` names a folder with partners.csv, creatives.jsonl and so on",
            ));
        }
        Some(dir) => dir,
        None => &own,
    };
    let mut reference = Reference::default();
    let mut faults = Vec::new();
    if !dir.is_dir() {
        return Ok((reference, faults));
    }
    for path in entries(dir)? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || name.to_ascii_lowercase().starts_with("readme") {
            continue;
        }
        let shown = path.display().to_string();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let readable = path.extension().is_some_and(|ext| ext == "csv" || ext == "jsonl");
        let Some(kind) = FactKind::of_stem(&stem).filter(|_| readable && !path.is_dir()) else {
            faults.push(FactFault { file: shown, error: FactError::whole(stray(&name, &stem)) });
            continue;
        };
        let bytes = std::fs::read(&path).map_err(|error| Failure::file("read", &path, error))?;
        let errors = reference.read(kind, &name, &bytes, limits);
        faults.extend(errors.0.into_iter().map(|error| FactFault { file: shown.clone(), error }));
    }
    Ok((reference, faults))
}

fn stray(name: &str, stem: &str) -> String {
    let stems = FactKind::ALL.map(FactKind::stem);
    match nearest(stem, stems) {
        Some(known) => format!("`{name}` is not read; did you mean `{known}.csv` or `{known}.jsonl`?"),
        None => format!("`{name}` is not read; facts are {}, each .csv or .jsonl", stems.join(", ")),
    }
}
