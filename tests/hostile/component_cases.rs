//! Components that mean harm, one in each file of `components/`; the first line names the error that it ends with. A core module there is
//! made a component first. And a contract that names one. For all tests of components.

use std::fs;
use std::path::{Path, PathBuf};

use accrue::facts::{Action, read_action};
use accrue_sandbox::{ComponentizeError, componentize};

/// The fewest cases there are: a runner that finds none must not pass.
const LEAST_CASES: usize = 35;

pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) struct Case {
    pub(crate) name: String,
    /// The code of the error that it ends with.
    pub(crate) code: String,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn cases() -> Vec<Case> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root("hostile/components")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let case = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(path).unwrap();
        let code = text.lines().next().unwrap().trim_start_matches(';').trim().to_owned();
        let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let bytes = match componentize(&bytes) {
            Err(ComponentizeError::IsComponent) => bytes,
            made => made.unwrap_or_else(|error| panic!("{name}: {error}")),
        };
        Case { name, code, bytes }
    };
    let cases: Vec<Case> = paths.iter().map(case).collect();
    assert!(cases.len() >= LEAST_CASES, "only {} cases", cases.len());
    cases
}

/// A program without contracts.
pub(crate) const PROGRAM: &str =
    "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n";

/// For the partner `evil`, who would have 4% if the component had nothing to say.
pub(crate) const HOSTILE: &str = "contract = \"hostile\"\nversion = 1\neffective_from = 2026-01-01\npartners = { ids = [\"evil\"] }\n\
    [[payout.groups]]\nname = \"component\"\ncomponent = \"components/hostile.wasm\"\n[payout.default]\nrate = \"4%\"\n";

/// A sale on a Saturday.
pub(crate) fn sale(partner: &str) -> Action {
    read_action(&format!(
        r#"{{"id": "of {partner}", "event_type": "sale", "occurred_at": "2026-03-07T10:00:00Z", "amount": "100.00",
            "touches": [{{"partner": "{partner}", "at": "2026-03-07T09:00:00Z", "kind": "click"}}]}}"#
    ))
    .unwrap()
}
