//! A folder for each page, where its files are written and its commands run.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use accrue::Source;

use crate::pages::root;

/// The scratch folder of a page.
pub(crate) struct Scratch {
    folder: PathBuf,
    repository: OnceCell<()>,
}

impl Scratch {
    pub(crate) fn new(page: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book").join(page.replace('/', "-"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self { folder, repository: OnceCell::new() }
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The folder, with `rules-examples` and `docs` as they are in the repository: copies, since commands may write
    /// into them.
    pub(crate) fn with_repository(&self) -> &Path {
        self.repository.get_or_init(|| {
            for part in ["rules-examples", "docs"] {
                copy(&root().join(part), &self.folder.join(part));
            }
        });
        &self.folder
    }
}

fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

/// The program that snippets are checked against.
pub(crate) fn program() -> Source {
    let folder = root().join("docs/program");
    let mut source = Source::new();
    insert(&folder, &folder, &mut source);
    source
}

fn insert(base: &Path, folder: &Path, source: &mut Source) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            insert(base, &path, source);
        } else {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap().replace('\\', "/");
            source.insert(name, fs::read(&path).unwrap());
        }
    }
}
