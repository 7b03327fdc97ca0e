//! What a template cannot say: pipes, links, files with holes, names that are no text, and files of other formats. The folder of
//! a program enters, and has the attack in it afterwards.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

use accrue::Limits;
use accrue::facts::JsonlActions;

use crate::component_cases::cases;
use crate::contracts::example;

/// Makes what this name stands for.
pub(crate) fn generate(name: &str, program: &Path) {
    match name {
        "contract-is-a-link" => link_contract(program),
        "folder-is-a-link" => link_folder(program),
        "contract-is-a-pipe" => pipe(&program.join("contracts/pipe.toml")),
        "facts-are-a-pipe" => pipe(&program.join("facts/partners.csv")),
        "facts-of-two-gigabytes" => hole(&program.join("facts/partners.csv"), 2 << 30),
        "rule-of-two-gigabytes" => hole(&program.join("rules/rule.rhai"), 2 << 30),
        "name-that-is-no-text" => name_that_is_no_text(program),
        "link-to-program" => {
            std::os::unix::fs::symlink("program.toml", program.join("out.jsonl")).unwrap();
        }
        "parquet-cut-short" => parquet(program, |bytes| bytes.truncate(bytes.len() / 2)),
        "parquet-with-flipped-pages" => parquet(program, |bytes| {
            let end = bytes.len() / 2;
            for at in (8..end).step_by(97) {
                bytes[at] ^= 0x40;
            }
        }),
        "name-that-steers" => {
            fs::write(program.join("contracts/a\u{1b}[2Jb.toml"), "contract = 1\n").unwrap()
        }
        "progressive-component" => component(program, "progressive.wasm", &example("progressive")),
        "component-that-is-too-long" => {
            component(program, HOSTILE, &vec![0; Limits::default().component_bytes + 1]);
        }
        _ if name.starts_with("component:") => {
            let known = cases().into_iter().find(|case| name.strip_prefix("component:") == Some(&case.name));
            component(program, HOSTILE, &known.unwrap_or_else(|| panic!("there is no `{name}`")).bytes);
        }
        other => panic!("there is no generator `{other}`"),
    }
}

/// The component that cases name.
const HOSTILE: &str = "hostile.wasm";

fn component(program: &Path, name: &str, bytes: &[u8]) {
    fs::create_dir_all(program.join("components")).unwrap();
    fs::write(program.join("components").join(name), bytes).unwrap();
}

/// A contract that is a link to a file outside of the program, whose lines are nobody's business.
fn link_contract(program: &Path) {
    fs::write(program.join("../secret.txt"), "password = hunter2 : of the host\n").unwrap();
    std::os::unix::fs::symlink("../../secret.txt", program.join("contracts/leak.toml")).unwrap();
}

/// The same by way of a folder.
fn link_folder(program: &Path) {
    fs::create_dir_all(program.join("../elsewhere")).unwrap();
    fs::write(program.join("../elsewhere/secret.rhai"), "password hunter2 of the host\n").unwrap();
    std::os::unix::fs::symlink("../elsewhere", program.join("rules")).unwrap();
}

/// A pipe that nobody writes to: a reader waits for ever.
fn pipe(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A file of this many bytes that takes no room on the disk.
fn hole(path: &Path, bytes: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path).unwrap().set_len(bytes).unwrap();
}

fn name_that_is_no_text(program: &Path) {
    let name = OsStr::from_bytes(b"contracts/caf\xe9.toml");
    fs::copy(program.join("contracts/standard.toml"), program.join(name)).unwrap();
}

/// The actions of the case as Parquet with changed bytes, in place of the lines they are made of.
fn parquet(program: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let lines = program.join("actions/a.jsonl");
    let text = fs::read(&lines).unwrap();
    let actions: Vec<_> =
        JsonlActions::new(text.as_slice(), &Limits::default()).map(|record| record.unwrap().action).collect();
    let batch = accrue_arrow::action_batch(&actions).unwrap();
    let mut bytes = accrue_arrow::write_actions(Vec::new(), [batch]).unwrap();
    change(&mut bytes);
    fs::write(program.join("actions/a.parquet"), bytes).unwrap();
    fs::remove_file(lines).unwrap();
}
