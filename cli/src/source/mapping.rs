//! Finds a mapping by its name: in the program's folder `imports/`, among those that ship, or at a path.

use std::path::{Path, PathBuf};

use accrue::Source;
use accrue::diagnostic::{Code, Diagnostic, Diagnostics, Span, nearest};
use accrue_import::{Mapping, SHIPPED};

use super::tree::{Tree, read_bounded};
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
        let path = Path::new(name);
        return decode(path, read_bounded(path, MAPPING_BYTES)?);
    }
    let own = own_mappings(program)?;
    if let Some((_, path)) = own.files.iter().find(|(own, _)| own == name) {
        return own.read(path);
    }
    if let Some(shipped) = SHIPPED.iter().find(|shipped| shipped.name == name) {
        return parse(Path::new(""), &format!("{name}.toml"), shipped.text);
    }
    let known: Vec<&str> = own
        .files
        .iter()
        .map(|(name, _)| name.as_str())
        .chain(SHIPPED.iter().map(|shipped| shipped.name))
        .collect();
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
    let own = own_mappings(program)?;
    for (name, path) in &own.files {
        let title = own.read(path)?.title().to_owned();
        listed.push(Listed { name: name.clone(), title, path: Some(path.clone()) });
    }
    for shipped in SHIPPED {
        listed.push(Listed { name: shipped.name.to_owned(), title: shipped.title.to_owned(), path: None });
    }
    Ok(listed)
}

/// The mappings in a program folder.
#[derive(Debug, Default)]
struct Own {
    tree: Option<Tree>,
    /// The name and the path of each.
    files: Vec<(String, PathBuf)>,
}

impl Own {
    fn read(&self, path: &Path) -> Result<Mapping, Failure> {
        let bytes = self.tree.as_ref().map(|tree| tree.read(path, MAPPING_BYTES)).transpose()?;
        decode(path, bytes.unwrap_or_default())
    }
}

/// Finds the mappings in a program folder. A bundle has none.
fn own_mappings(program: Option<&Path>) -> Result<Own, Failure> {
    let Some(program) = program.filter(|program| program.is_dir()) else { return Ok(Own::default()) };
    let tree = Tree::open(program)?;
    let entries = tree.entries(&program.join("imports"))?.unwrap_or_default().into_iter();
    let files = entries.filter_map(|entry| Some((entry.name.strip_suffix(".toml")?.to_owned(), entry.path)));
    Ok(Own { files: files.collect(), tree: Some(tree) })
}

fn decode(path: &Path, bytes: Vec<u8>) -> Result<Mapping, Failure> {
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
