//! The programs of the files that are open: what is on the disk, with the open texts laid over it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use accrue::diagnostic::Diagnostic;
use accrue::{Engine, Rules, Source};
use accrue_assist::Project;
use accrue_history::{TestFile, Tests};
use accrue_import::Mapping;
use lsp_types::{TextDocumentContentChangeEvent, Uri};

use super::lines::{Encoding, Lines};
use crate::exit::Failure;
use crate::output::diagnostics;
use crate::source::folder::Folder;

/// The files beside the terms that are read, by the folder that they stand in.
const BESIDE: [&str; 2] = ["tests", "imports"];

/// The programs with an open file, by the path of their folder.
pub(super) struct Programs {
    engine: Engine,
    pub(super) encoding: Encoding,
    /// Whether the client takes completions with places to fill in.
    pub(super) snippets: bool,
    by_root: BTreeMap<PathBuf, Program>,
}

/// A program with open files.
pub(super) struct Program {
    pub(super) project: Project,
    root: PathBuf,
    /// The open files by their paths in the program, with their addresses.
    open: BTreeMap<String, Uri>,
    /// The files whose diagnostics the client shows.
    shown: BTreeSet<String>,
    changed: bool,
}

type Done = Result<(), String>;

impl Programs {
    pub(super) fn new(encoding: Encoding, snippets: bool) -> Self {
        let engine = Engine::builder().rules(Rules::Interpreted).build();
        Self { engine, encoding, snippets, by_root: BTreeMap::new() }
    }

    pub(super) fn open(&mut self, uri: &Uri, text: String) -> Done {
        let Some((root, path)) = place(uri) else { return Ok(()) };
        if !self.by_root.contains_key(&root) {
            let project = read(&self.engine, &root)?;
            let (open, shown) = (BTreeMap::new(), BTreeSet::new());
            self.by_root
                .insert(root.clone(), Program { project, root: root.clone(), open, shown, changed: true });
        }
        if let Some(program) = self.by_root.get_mut(&root) {
            program.project.set(path.as_str(), text);
            program.open.insert(path, uri.clone());
            program.changed = true;
        }
        Ok(())
    }

    pub(super) fn change(&mut self, uri: &Uri, changes: Vec<TextDocumentContentChangeEvent>) -> Done {
        let encoding = self.encoding;
        let Some((program, path)) = self.at_mut(uri) else { return Ok(()) };
        let Some(text) = program.project.text(&path) else { return Ok(()) };
        let mut text = text.to_owned();
        for change in changes {
            match change.range {
                Some(range) => {
                    let span = Lines::new(&text, encoding).span(range);
                    text.replace_range(span.range(), &change.text);
                }
                None => text = change.text,
            }
        }
        program.project.set(path, text);
        program.changed = true;
        Ok(())
    }

    pub(super) fn close(&mut self, uri: &Uri) -> Done {
        let Some((program, path)) = self.at_mut(uri) else { return Ok(()) };
        program.open.remove(&path);
        if program.open.is_empty() {
            let root = program.root.clone();
            // What was shown of the program stays until one of its files is opened again.
            self.by_root.remove(&root);
            return Ok(());
        }
        self.reload()
    }

    /// Reads all programs again, since files of theirs have changed on the disk. Open texts stay.
    pub(super) fn reload(&mut self) -> Done {
        for program in self.by_root.values_mut() {
            let mut project = read(&self.engine, &program.root)?;
            for path in program.open.keys() {
                if let Some(text) = program.project.text(path) {
                    project.set(path.as_str(), text);
                }
            }
            program.project = project;
            program.changed = true;
        }
        Ok(())
    }

    /// Returns the program of an open file, and the path of the file in it.
    pub(super) fn at(&self, uri: &Uri) -> Option<(&Program, String)> {
        let (root, path) = place(uri)?;
        Some((self.by_root.get(&root)?, path))
    }

    fn at_mut(&mut self, uri: &Uri) -> Option<(&mut Program, String)> {
        let (root, path) = place(uri)?;
        Some((self.by_root.get_mut(&root)?, path))
    }

    /// Returns the folders of the programs that have changed since they were asked for last.
    pub(super) fn changed(&mut self) -> Vec<PathBuf> {
        let changed = self
            .by_root
            .iter_mut()
            .filter_map(|(root, program)| std::mem::take(&mut program.changed).then(|| root.clone()));
        changed.collect()
    }

    /// Returns the program of a folder.
    pub(super) fn program(&mut self, root: &Path) -> Option<&mut Program> {
        self.by_root.get_mut(root)
    }
}

impl Program {
    /// Returns the address of a file: that under which it is open, or that of its path.
    pub(super) fn uri(&self, path: &str) -> Option<Uri> {
        self.open.get(path).cloned().or_else(|| uri_of(&self.root.join(path)))
    }

    /// Returns all diagnostics of the program, with those of its tests and mappings.
    fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut found = self.project.diagnostics().to_vec();
        let limits = accrue::Limits::default();
        for path in self.project.source().paths() {
            let Some(text) = self.project.text(path) else { continue };
            if path.starts_with("tests/") {
                found.extend(Tests::read([(path, text.as_bytes())], &limits).into_parts().1.0);
            } else if path.starts_with("imports/") {
                found.extend(Mapping::parse(path, text).err().into_iter().flat_map(|faults| faults.0));
            }
        }
        found
    }

    /// Returns the diagnostics of each file that has any, is open, or had some before, with its path and its address.
    pub(super) fn publish(&mut self) -> Vec<(String, Uri, Vec<Diagnostic>)> {
        let mut by_file: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        for path in self.shown.iter().chain(self.open.keys()) {
            by_file.entry(path.clone()).or_default();
        }
        for diagnostic in self.diagnostics() {
            // Without a place, it is about the program as a whole.
            let file = match (&diagnostic.cell, &diagnostic.place) {
                (Some(cell), _) => cell.file.clone(),
                (None, Some(place)) => place.file.clone(),
                (None, None) => "program.toml".to_owned(),
            };
            by_file.entry(file).or_default().push(diagnostic);
        }
        let found = by_file.iter().filter(|(_, found)| !found.is_empty());
        self.shown = found.map(|(path, _)| path.clone()).collect();
        let with_address = by_file.into_iter().filter_map(|(path, found)| {
            let uri = self.uri(&path)?;
            Some((path, uri, found))
        });
        with_address.collect()
    }
}

/// Reads a program folder with its tests and mappings, within the limits of every command.
fn read(engine: &Engine, root: &Path) -> Result<Project, String> {
    let read = || {
        let limits = engine.limits();
        let folder =
            if root.join("program.toml").is_file() { Some(Folder::read(root, limits)?) } else { None };
        let mut source = folder.as_ref().map_or_else(Source::new, |folder| folder.source.clone());
        if let Some(tree) = folder.as_ref().and_then(|folder| folder.tree.as_ref()) {
            let mut left = limits.program_bytes;
            for beside in BESIDE {
                tree.each_file(&root.join(beside), beside, &mut |entry, path| {
                    if left > 0 && path.ends_with(".toml") {
                        let bytes = tree.read(&entry.path, limits.source_bytes.min(left))?;
                        left = left.saturating_sub(bytes.len());
                        source.insert(path, bytes);
                    }
                    Ok(())
                })?;
            }
        }
        Ok(source)
    };
    let source = read().map_err(|failure: Failure| plain(&diagnostics::failure(&failure)))?;
    Ok(Project::new(engine.clone(), source)
        .with_schema("tests/", &schemars::schema_for!(TestFile))
        .with_schema("imports/", &accrue_import::mapping_schema()))
}

/// Returns a message without the colours of the terminal.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string().trim().to_owned()
}

/// Returns the folder of the program that a file belongs to, and the path of the file in it: the nearest folder above it that has a
/// `program.toml`.
fn place(uri: &Uri) -> Option<(PathBuf, String)> {
    let path = path_of(uri)?;
    let root = path.ancestors().skip(1).find(|folder| {
        folder.join("program.toml").is_file() || path.file_name().is_some_and(|name| name == "program.toml")
    })?;
    let inside = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = inside.components().map(|part| part.as_os_str().to_str()).collect();
    Some((root.to_owned(), parts?.join("/")))
}

/// Returns the path of an address `file:///…`.
fn path_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    // A host between the slashes is this machine or a share, which is not read.
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    if !path.starts_with('/') {
        return None;
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    let path = String::from_utf8(bytes).ok()?;
    // `/C:/shop` on Windows.
    let drive = path.as_bytes().get(2) == Some(&b':');
    Some(PathBuf::from(if drive && cfg!(windows) { path.trim_start_matches('/') } else { &path }))
}

/// Returns the address of a path.
fn uri_of(path: &Path) -> Option<Uri> {
    let path = path.to_str()?.replace('\\', "/");
    let mut text = String::from("file://");
    if !path.starts_with('/') {
        text.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                text.push(char::from(byte))
            }
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    Uri::from_str(&text).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_paths_and_back() {
        for path in ["/a b/ü#%.toml", "/shop/program.toml"] {
            assert_eq!(path_of(&uri_of(Path::new(path)).unwrap()).unwrap(), Path::new(path));
        }
        for other in ["untitled:1", "file://host/a", "http://a/b", "file:///a%2"] {
            assert_eq!(Uri::from_str(other).ok().and_then(|uri| path_of(&uri)), None, "{other}");
        }
    }
}
