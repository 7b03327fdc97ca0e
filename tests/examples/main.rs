//! Every program under `rules-examples`: it loads without a fault or a doubt, the tests beside its rules pass, and all
//! of its actions are decided.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::path::PathBuf;

use accrue::Engine;
use accrue_tests::awarded::reasons;
use accrue_tests::command::passes;
use accrue_tests::folder::{Folder, programs, root};

fn examples() -> Vec<PathBuf> {
    let examples = programs(&root().join("rules-examples")).unwrap();
    assert!(examples.len() >= 6);
    examples
}

#[test]
fn every_example_loads_without_a_warning_and_decides_its_actions() {
    for path in examples() {
        let folder = Folder::read(&path).unwrap();
        assert!(folder.faults.is_empty(), "{}: {:?}", path.display(), folder.faults);
        let program = Engine::default().load(&folder.source);
        let program = program.unwrap_or_else(|diagnostics| panic!("{}:\n{diagnostics}", path.display()));
        assert!(program.warnings().0.is_empty(), "{}:\n{}", path.display(), program.warnings());
        assert!(!folder.actions.is_empty(), "{} has no actions", path.display());
        for decided in program.decide_all(&folder.actions, &folder.reference, &mut program.counters()) {
            let action = &folder.actions[decided.index].id;
            let decision =
                decided.decision.unwrap_or_else(|error| panic!("{}: {action}: {error}", path.display()));
            let faults: Vec<_> =
                reasons(&decision).into_iter().filter(|reason| reason.fault.is_some()).collect();
            assert!(faults.is_empty(), "{}: {action}: {faults:?}", path.display());
        }
    }
}

#[test]
fn the_tests_of_every_example_pass() {
    let failed: Vec<String> =
        examples().iter().filter_map(|path| passes("test", path, |_| false).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn every_example_passes_check() {
    let failed: Vec<String> = examples()
        .iter()
        .filter_map(|path| passes("check", path, |printed| printed.contains("warning[")).err())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn every_example_has_tests_and_a_readme() {
    for path in examples() {
        assert!(path.join("README.md").is_file(), "{}", path.display());
        assert!(std::fs::read_dir(path.join("tests")).map_or(0, Iterator::count) > 0, "{}", path.display());
    }
}
