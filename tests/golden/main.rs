//! Every folder beside this file is a program with the worked example of a platform: it loads without a fault or a
//! doubt, and the tests beside its rules pass.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use accrue::Engine;
use accrue_tests::command::passes;
use accrue_tests::folder::{Folder, programs, root};

const PARENT: &str = "tests/golden";

/// Fewer mean that the folder was not found or lost its content.
const AT_LEAST: usize = 20;

#[test]
fn every_case_loads_without_a_warning() {
    let folders = programs(&root().join(PARENT)).unwrap();
    assert!(folders.len() >= AT_LEAST);
    for path in folders {
        let folder = Folder::read(&path).unwrap();
        assert!(folder.faults.is_empty(), "{}: {:?}", path.display(), folder.faults);
        let program = Engine::default().load(&folder.source);
        let program = program.unwrap_or_else(|diagnostics| panic!("{}:\n{diagnostics}", path.display()));
        assert!(program.warnings().0.is_empty(), "{}:\n{}", path.display(), program.warnings());
    }
}

#[test]
fn the_tests_of_every_case_pass() {
    let failed: Vec<String> = programs(&root().join(PARENT))
        .unwrap()
        .iter()
        .filter_map(|path| passes("test", path, |_| false).err())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn every_case_has_tests() {
    for path in programs(&root().join(PARENT)).unwrap() {
        let tests = std::fs::read_dir(path.join("tests")).map_or(0, Iterator::count);
        assert!(tests > 0, "{} has no tests", path.display());
    }
}
