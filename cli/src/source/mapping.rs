//! Finds a mapping by its name: in the program's folder `imports/`, among those that ship, or at a path.

use std::path::{Path, PathBuf};

use accrue::Source;
use accrue::diagnostic::{Code, Diagnostic, Diagnostics, Span, nearest};
use accrue_import::{Mapping, SHIPPED};

use super::files::{entries, read_bounded};
use crate::exit::{Failure, FaultyProgram};

/// The most bytes of a mapping file.
const MAPPING_BYTES: usize = 256 << 10;

/// A mapping that can be named, for a list.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Its name.
    pub(crate) name: String,
    /// The name of its export, for people.
    pub(crate) title: String,
    /// The path of its file; `None` if it ships.
    pub(crate) path: Option<PathBuf>,
}

/// Returns the mapping with this name. A name that ends in `.toml` is a path. A mapping of the program goes before one that ships.
pub(crate) fn find_mapping(name: &str, program: Option<&Path>) -> Result<Mapping, Failure> {
    if Path::new(name).extension().is_some_and(|extension| extension == "toml") {
        return read_mapping(Path::new(name));
    }
    let own = own_mappings(program)?;
    if let Some((_, path)) = own.iter().find(|(own, _)| own == name) {
        return read_mapping(path);
    }
    if let Some(shipped) = SHIPPED.iter().find(|shipped| shipped.name == name) {
        return parse(Path::new(""), &format!("{name}.toml"), shipped.text);
    }
    let known: Vec<&str> =
        own.iter().map(|(name, _)| name.as_str()).chain(SHIPPED.iter().map(|shipped| shipped.name)).collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "there are {}; a mapping of your own is a file such as `imports/{name}.toml`, and `accrue import --guess FILE` proposes one",
            known.join(", ")
        ),
    };
    Err(Failure::usage(format!("there is no mapping `{name}`"), help))
}

/// Returns the mappings of a program and those that ship.
pub(crate) fn list_mappings(program: Option<&Path>) -> Result<Vec<Listed>, Failure> {
    let mut listed = Vec::new();
    for (name, path) in own_mappings(program)? {
        let title = read_mapping(&path)?.title().to_owned();
        listed.push(Listed { name, title, path: Some(path) });
    }
    for shipped in SHIPPED {
        let mapping = parse(Path::new(""), &format!("{}.toml", shipped.name), shipped.text)?;
        listed.push(Listed { name: shipped.name.to_owned(), title: mapping.title().to_owned(), path: None });
    }
    Ok(listed)
}

/// Returns the names and paths of the mappings in a program folder.
fn own_mappings(program: Option<&Path>) -> Result<Vec<(String, PathBuf)>, Failure> {
    let Some(dir) = program.map(|program| program.join("imports")).filter(|dir| dir.is_dir()) else {
        return Ok(Vec::new());
    };
    let is_mapping = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let name = |path: PathBuf| Some((path.file_stem()?.to_str()?.to_owned(), path));
    Ok(entries(&dir)?.into_iter().filter(is_mapping).filter_map(name).collect())
}

fn read_mapping(path: &Path) -> Result<Mapping, Failure> {
    let bytes = read_bounded(path, MAPPING_BYTES)?;
    let dir = path.parent().unwrap_or(Path::new(""));
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match std::str::from_utf8(&bytes) {
        Ok(text) => parse(dir, &file, text),
        Err(_) => {
            let mut faults = Diagnostics::new();
            let fault = Diagnostic::at(Code::NotUtf8, &file, Span::default(), "this file is not UTF-8 text");
            faults.push(fault.help("save it as UTF-8"));
            Err(faulty(dir, &file, "", faults))
        }
    }
}

fn parse(dir: &Path, file: &str, text: &str) -> Result<Mapping, Failure> {
    Mapping::parse(file, text).map_err(|faults| faulty(dir, file, text, faults))
}

fn faulty(dir: &Path, file: &str, text: &str, diagnostics: Diagnostics) -> Failure {
    let mut source = Source::new();
    source.insert(file, text);
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    Failure::Program(Box::new(FaultyProgram { diagnostics, source, name: dir.display().to_string() }))
}
