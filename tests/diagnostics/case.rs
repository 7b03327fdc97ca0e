//! Finds the cases: folders enter, programs as the loader takes them leave.

use accrue::Rules;
use std::fs;
use std::path::{Path, PathBuf};

use accrue::Source;
use accrue::diagnostic::Diagnostics;
use accrue::facts::{FactKind, Reference};
use accrue::{Engine, Limits, Program};

/// One wrong program.
#[derive(Clone)]
pub(crate) struct Case {
    /// Its path below `tests/diagnostics/`.
    pub(crate) name: String,
    /// Its files, laid over those of the base.
    pub(crate) source: Source,
    /// The files of `meant/`: what was meant, by path.
    pub(crate) meant: Vec<(String, String)>,
    facts: Vec<(String, Vec<u8>)>,
    limits: Limits,
    folder: PathBuf,
}

impl Case {
    /// The program if it has no error, and its diagnostics.
    pub(crate) fn load(&self) -> (Option<Program>, Diagnostics) {
        match Engine::builder()
            .limits(self.limits.clone())
            .rules(Rules::Interpreted)
            .build()
            .load(&self.source)
        {
            Ok(program) => {
                let mut warnings = program.warnings().clone();
                warnings.0.extend(program.check_reference(&self.reference()).unwrap().0);
                warnings.settle();
                (Some(program), warnings)
            }
            Err(diagnostics) => (None, diagnostics),
        }
    }

    fn reference(&self) -> Reference {
        let mut reference = Reference::default();
        for (path, bytes) in &self.facts {
            let name = path.rsplit('/').next().unwrap();
            let kind = FactKind::of_stem(name.split('.').next().unwrap()).unwrap();
            reference.read(kind, name, bytes, &self.limits).unwrap();
        }
        reference
    }

    /// The same case with another text of one of its files.
    pub(crate) fn with(&self, path: &str, text: &str) -> Self {
        let mut other = self.clone();
        other.source.insert(path.to_owned(), text.as_bytes());
        other
    }

    pub(crate) fn expected_path(&self) -> PathBuf {
        self.folder.join("expected.txt")
    }

    pub(crate) fn expected(&self) -> Option<String> {
        fs::read_to_string(self.expected_path()).ok()
    }
}

/// Every case, by name.
pub(crate) fn cases() -> Vec<Case> {
    kinds()
        .iter()
        .flat_map(|kind| folders(kind).into_iter().map(move |folder| (kind, folder)))
        .filter(|(_, folder)| !folder.ends_with("base"))
        .map(|(kind, folder)| read(&kind.join("base"), &folder))
        .collect()
}

/// The programs that the cases spoil.
pub(crate) fn bases() -> Vec<Case> {
    kinds().iter().map(|kind| read(&kind.join("base"), &kind.join("base"))).collect()
}

fn kinds() -> Vec<PathBuf> {
    folders(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/diagnostics")))
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn read(base: &Path, folder: &Path) -> Case {
    let mut files = files_of(base);
    for (path, bytes) in files_of(folder) {
        files.retain(|(other, _)| *other != path);
        files.push((path, bytes));
    }
    let mut take = |name: &str| -> Option<String> {
        let at = files.iter().position(|(path, _)| path == name)?;
        Some(String::from_utf8(files.remove(at).1).unwrap())
    };
    take("expected.txt");
    let without = take("without").unwrap_or_default();
    let limits = take("limits.toml").map_or_else(Limits::default, |text| limits(&text));
    files.retain(|(path, _)| !without.lines().any(|line| line == path));
    let (meant, files): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(path, _)| path.starts_with("meant/"));
    let (facts, files): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(path, _)| path.starts_with("facts/"));
    let meant = meant
        .into_iter()
        .map(|(path, bytes)| (path["meant/".len()..].to_owned(), String::from_utf8(bytes).unwrap()))
        .collect();
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/diagnostics"));
    Case {
        name: folder.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"),
        source: Source::from_files(files),
        meant,
        facts,
        limits,
        folder: folder.to_owned(),
    }
}

/// Lines of the form `source_bytes = 200`; `#` begins a comment.
fn limits(text: &str) -> Limits {
    let mut limits = Limits::default();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (key, value) = line.split_once(" = ").expect(line);
        let value: usize = value.parse().expect(line);
        match key {
            "source_bytes" => limits.source_bytes = value,
            "program_bytes" => limits.program_bytes = value,
            "table_entries" => limits.table_entries = value,
            "table_rows" => limits.table_rows = value,
            "text_bytes" => limits.text_bytes = value,
            _ => panic!("no limit that cases lower: {line}"),
        }
    }
    limits
}

fn files_of(root: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                files.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    let mut files = Vec::new();
    walk(root, root, &mut files);
    files.sort();
    files
}
