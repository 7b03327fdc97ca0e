//! Runs the witness of a finding: with the engine, and as a test file with `accrue test`.

use std::path::Path;

use accrue::analyse::Witness;
use accrue::facts::read_action;
use accrue::{Options, Program, Reference};
use accrue_tests::command::accrue;
use serde_json::Value;

/// Decides a witness, read again from its text, and compares the decision with what is expected.
pub(crate) fn assert_reproduced(program: &Program, reference: &Reference, witness: &Witness) {
    let mut own = Reference::default();
    if let Some(partner) = &witness.partner {
        own.insert(partner.clone()).unwrap();
    }
    if let Some(creative) = &witness.creative {
        own.insert(creative.clone()).unwrap();
    }
    let mut all = reference.clone();
    all.merge(own);
    let mut counters = program.counters();
    let mut last = None;
    for action in witness.history.iter().chain([&witness.action]) {
        let action = read_action(&serde_json::to_string(action).unwrap()).unwrap();
        let decision = program.decide(&action, &all, &counters, Options::default()).unwrap();
        counters.apply(&decision.postings).unwrap();
        last = Some(decision);
    }
    let (decision, expect) = (last.unwrap(), &witness.expect);
    assert_eq!(decision.status, expect.status, "{witness:#?}");
    assert_eq!(decision.payout(), expect.payout, "{witness:#?}");
    let group = decision.awards.first().and_then(|award| award.groups.first());
    assert_eq!(group, expect.group.as_ref(), "{witness:#?}");
}

/// Analyses a program folder, writes the test of each finding into it, and runs them.
pub(crate) fn folder_passes(folder: &Path) {
    let name = folder.to_string_lossy();
    let output = accrue(&["check", &name, "--deep", "--json"]).unwrap();
    let json: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let findings = json.pointer("/deep/findings").and_then(Value::as_array);
    let findings = findings.unwrap_or_else(|| panic!("{name} is not analysed: {json:#}"));
    if findings.is_empty() {
        return;
    }
    std::fs::create_dir_all(folder.join("tests")).unwrap();
    for (n, finding) in findings.iter().enumerate() {
        let text = finding["test"].as_str().unwrap();
        std::fs::write(folder.join(format!("tests/finding-{n}.toml")), text).unwrap();
    }
    let output = accrue(&["test", &name, "finding-", "--json"]).unwrap();
    let json: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let (passed, failed) = (&json["passed"], &json["failed"]);
    assert_eq!((passed.as_u64(), failed.as_u64()), (Some(findings.len() as u64), Some(0)), "{json:#}");
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
