//! Reads the test files of a program folder.

use accrue::limits::Limits;
use accrue_history::{FileKind, Tests};

use super::folder::Folder;
use crate::exit::Failure;

/// Reads all test files of a folder. The text of the files is added to the sources of the folder, so that diagnostics can be drawn over it.
pub(crate) fn read_tests(folder: &mut Folder, limits: &Limits) -> Result<Tests, Failure> {
    let dir = folder.root.join("tests");
    let mut tests = Tests::new(limits);
    let entries = folder.tree.as_ref().map(|tree| tree.entries(&dir)).transpose()?.flatten();
    for entry in entries.unwrap_or_default() {
        let path = format!("tests/{}", entry.name);
        match FileKind::of(&path) {
            FileKind::ForPeople => continue,
            FileKind::Tests if !entry.is_folder => {}
            _ => {
                tests.stray(&path);
                continue;
            }
        }
        let Some(tree) = &folder.tree else { break };
        let bytes = tree.read(&entry.path, limits.source_bytes)?;
        if !tests.add(&path, &bytes, limits) {
            break;
        }
        folder.source.insert(path, bytes);
    }
    tests.settle();
    Ok(tests)
}
