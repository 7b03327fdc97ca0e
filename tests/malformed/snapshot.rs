//! Compares what is said about each file of a folder with what stands in `FILE.expected.txt`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const SUFFIX: &str = ".expected.txt";

/// This folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("malformed")
}

/// Describes each file of `folder`, of which there are at least so many, and compares.
pub(crate) fn check(folder: &str, at_least: usize, describe: impl Fn(&str, &[u8]) -> String) {
    let bless = std::env::var_os("ACCRUE_BLESS").is_some();
    let mut wrong = String::new();
    let mut count = 0;
    for path in files(&root().join(folder)) {
        let name = path.file_name().unwrap().to_str().unwrap();
        count += 1;
        let found = describe(name, &fs::read(&path).unwrap());
        let expected_path = path.with_file_name(format!("{name}{SUFFIX}"));
        if bless {
            fs::write(&expected_path, &found).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&expected_path).unwrap_or_else(|_| "(nothing)\n".into());
        if expected != found {
            writeln!(wrong, "=== {folder}/{name}\n--- expected\n{expected}--- found\n{found}").unwrap();
        }
    }
    assert!(count >= at_least, "only {count} files in {folder}");
    assert!(wrong.is_empty(), "{wrong}\nACCRUE_BLESS=1 writes what was found; read it before it is kept");
}

/// The files of a folder without what is expected of them, by name.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_str().unwrap().ends_with(SUFFIX))
        .collect();
    files.sort();
    files
}
