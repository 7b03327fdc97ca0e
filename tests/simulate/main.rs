//! `accrue simulate` against two separate runs: a case is a program and the edits of a draft; what simulating says of the difference
//! is compared with the summaries of running both programs, and the steps must sum to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use accrue::Source;
use accrue_tests::command::accrue;
use accrue_tests::folder::root;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

/// In a debug build a case has at most some so many actions, spread over the whole history. All of them: `--release`.
const DEBUG_ACTIONS: usize = 1_500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The example that is drafted.
    program: String,
    /// Options that both commands take.
    #[serde(default)]
    args: Vec<String>,
    /// The number of changes that are found.
    changes: usize,
    /// The number of steps, if changes are joined.
    steps: Option<usize>,
    /// What is edited before, to make the old program.
    #[serde(default)]
    old: Vec<Edit>,
    /// What the draft edits.
    draft: Vec<Edit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    file: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    /// The whole file, if it is new.
    text: Option<String>,
    #[serde(default)]
    remove: bool,
    /// Takes the file of the example again.
    #[serde(default)]
    restore: bool,
}

/// A case on disk: the old program, the files that the draft changes, and the whole draft.
struct Stage {
    name: String,
    case: Case,
    dir: tempfile::TempDir,
}

/// By partner and currency: payable and held.
type Money = BTreeMap<(String, String), [Decimal; 2]>;

impl Stage {
    fn new(path: &Path) -> Self {
        let case: Case = toml::from_str(&fs::read_to_string(path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let stage = Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            case,
            dir: tempfile::tempdir().unwrap(),
        };
        let example = root().join("rules-examples").join(&stage.case.program);
        for part in ["old", "new"] {
            copy(&example, &stage.path(part));
        }
        fs::create_dir(stage.path("draft")).unwrap();
        for edit in &stage.case.old {
            edit.apply(&stage.path("old"), &example);
            edit.apply(&stage.path("new"), &example);
        }
        for edit in &stage.case.draft {
            edit.apply(&stage.path("new"), &example);
            let to = stage.path("draft").join(&edit.file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(stage.path("new").join(&edit.file), to).unwrap();
        }
        // Both decide the same history.
        for part in ["actions", "adjustments"] {
            let from = stage.path("old").join(part);
            for file in fs::read_dir(from).into_iter().flatten().flatten() {
                if part == "actions" && cfg!(debug_assertions) {
                    thin_out(&file.path());
                }
                fs::copy(file.path(), stage.path("new").join(part).join(file.file_name())).unwrap();
            }
        }
        stage
    }

    fn path(&self, part: &str) -> PathBuf {
        self.dir.path().join(part)
    }

    /// Runs a command on parts of the stage, and returns its exit code and what it printed.
    fn command(&self, command: &str, parts: &[&str], args: &[&str]) -> (Option<i32>, String) {
        let paths: Vec<String> =
            parts.iter().map(|part| self.path(part).to_string_lossy().into_owned()).collect();
        let mut all = vec![command];
        all.extend(paths.iter().map(String::as_str));
        all.extend(self.case.args.iter().map(String::as_str));
        all.extend(args);
        let output = accrue(&all).unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 3)), "{}: {}", self.name, text(&output.stderr));
        (code, text(&output.stdout))
    }

    /// Returns what a separate run pays each partner.
    fn run(&self, part: &str) -> Money {
        let summary = self.path("summary.json");
        let rejects = self.path("rejects.jsonl");
        let args = ["--summary", summary.to_str().unwrap(), "--rejects", rejects.to_str().unwrap()];
        self.command("run", &[part], &args);
        let summary: Value = serde_json::from_str(&fs::read_to_string(summary).unwrap()).unwrap();
        let mut money = Money::new();
        for row in summary["partners"].as_array().unwrap() {
            let Some(partner) = row["partner"].as_str() else { continue };
            let key = (partner.to_owned(), row["currency"].as_str().unwrap().to_owned());
            let of = money.entry(key).or_default();
            of[0] += decimal(&row["payable"]);
            of[1] += decimal(&row["held"]);
        }
        money
    }
}

impl Edit {
    fn apply(&self, program: &Path, example: &Path) {
        let path = program.join(&self.file);
        if self.remove {
            return fs::remove_file(path).unwrap();
        }
        if self.restore {
            fs::copy(example.join(&self.file), path).unwrap();
            return;
        }
        if let Some(text) = &self.text {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            return fs::write(path, text).unwrap();
        }
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(&self.from), "{} has no `{}`", self.file, self.from);
        fs::write(path, text.replacen(&self.from, &self.to, 1)).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Leaves some of the lines of a large file, spread over all of it.
fn thin_out(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let each = text.lines().count().div_ceil(DEBUG_ACTIONS).max(1);
    let kept = text.lines().enumerate().filter(|(n, _)| n % each == 0).map(|(_, line)| line);
    fs::write(path, kept.collect::<Vec<_>>().join("\n") + "\n").unwrap();
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

fn stages() -> impl Iterator<Item = Stage> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join("tests/simulate/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 10);
    paths.into_iter().map(|path| Stage::new(&path))
}

/// Sums what a list has of a currency.
fn sum_of(list: &Value, currency: &str, money: impl Fn(&Value) -> &Value) -> [Decimal; 2] {
    let of_currency = list.as_array().unwrap().iter().filter(|row| row["currency"] == currency);
    of_currency.fold([Decimal::ZERO; 2], |[payable, held], row| {
        let paid = money(row);
        [payable + decimal(&paid["payable"]), held + decimal(&paid["held"])]
    })
}

#[test]
fn the_difference_is_that_of_two_runs_and_the_steps_sum_to_it() {
    for stage in stages() {
        let name = &stage.name;
        let (old, new) = (stage.run("old"), stage.run("new"));
        let (_, json) = stage.command("simulate", &["old", "new"], &["--json"]);
        let found: Value = serde_json::from_str(&json).unwrap();
        let currencies: Vec<String> =
            old.keys().chain(new.keys()).map(|(_, currency)| currency.clone()).collect();
        assert!(!currencies.is_empty(), "{name} pays nothing");
        let partners = |of: &str| -> Money {
            let rows = found["partners"].as_array().unwrap().iter();
            rows.map(|row| {
                let text = |key: &str| row[key].as_str().unwrap().to_owned();
                let paid = [decimal(&row[of]["payable"]), decimal(&row[of]["held"])];
                ((text("partner"), text("currency")), paid)
            })
            .filter(|(_, paid)| *paid != [Decimal::ZERO; 2])
            .collect()
        };
        let paid = |of: &Money| -> Money {
            of.iter()
                .filter(|(_, paid)| **paid != [Decimal::ZERO; 2])
                .map(|(key, paid)| (key.clone(), *paid))
                .collect()
        };
        assert_eq!(partners("old"), paid(&old), "{name}");
        assert_eq!(partners("new"), paid(&new), "{name}");
        for currency in currencies {
            let all = |of: &Money| {
                let of = of.iter().filter(|((_, own), _)| *own == currency).map(|(_, paid)| *paid);
                of.fold([Decimal::ZERO; 2], |sum, paid| [sum[0] + paid[0], sum[1] + paid[1]])
            };
            let (old, new) = (all(&old), all(&new));
            let change = [new[0] - old[0], new[1] - old[1]];
            assert_eq!(sum_of(&found["totals"], &currency, |row| &row["change"]), change, "{name}");
            let steps = found["steps"].as_array().unwrap().iter();
            let steps = steps.map(|step| sum_of(&step["money"], &currency, |row| &row["change"]));
            let steps = steps.fold([Decimal::ZERO; 2], |sum, step| [sum[0] + step[0], sum[1] + step[1]]);
            assert_eq!(steps, change, "{name}");
        }
        assert_ne!(found["changed"], 0, "{name} changes nothing");
        let steps = found["steps"].as_array().unwrap();
        let changes: usize = steps.iter().map(|step| step["changes"].as_array().unwrap().len()).sum();
        assert_eq!(changes, stage.case.changes, "{name}: {json}");
        assert_eq!(steps.len(), stage.case.steps.unwrap_or(stage.case.changes), "{name}: {json}");
        // A draft of a few files is the same draft.
        let (_, of_files) = stage.command("simulate", &["old", "draft"], &["--draft", "--json"]);
        assert_eq!(of_files, json, "{name}");
    }
}

/// Back from the draft to the old program, every change is undone, and nothing is left.
#[test]
fn the_way_back_is_the_same_amount() {
    for stage in stages().filter(|stage| !stage.name.starts_with("cdnow")) {
        let json = |parts: [&str; 2]| -> Value {
            serde_json::from_str(&stage.command("simulate", &parts, &["--json", "--alone", "0"]).1).unwrap()
        };
        let (there, back) = (json(["old", "new"]), json(["new", "old"]));
        assert_eq!(there["changed"], back["changed"], "{}", stage.name);
        let change = |of: &Value| decimal(&of["totals"][0]["change"]["payable"]);
        assert_eq!(change(&there), -change(&back), "{}", stage.name);
    }
}

/// Every example, whole, against itself: nothing is found.
#[test]
fn a_program_does_not_differ_from_itself() {
    for path in accrue_tests::folder::programs(&root().join("rules-examples")).unwrap() {
        let source = accrue_tests::folder::Folder::read(&path).unwrap().source;
        let changes: Vec<_> = accrue_simulate::changes(&source, &source);
        assert!(changes.is_empty(), "{}: {changes:?}", path.display());
        // Against an empty one, every contract version is found.
        let none = Source::from_files([("program.toml", source.bytes("program.toml").unwrap())]);
        let found = accrue_simulate::changes(&none, &source);
        let versions = source.paths().filter(|path| path.starts_with("contracts/")).count();
        let of = |change: &&accrue_simulate::Change| change.kind == accrue_simulate::ChangeKind::Version;
        assert_eq!(found.iter().filter(of).count(), versions, "{}", path.display());
    }
}
