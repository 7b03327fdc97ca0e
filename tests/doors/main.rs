//! Every door leads to one validation: an action that comes as JSON, CSV, a record batch, through the component or from a host's own
//! code is decided alike, or refused for the same reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod csv_row;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use accrue::facts::{Action, CsvActions, FactError, FactErrors, FactKind, read_action};
use accrue::{Counters, Decision, Engine, Limits, Options, Program, Reference, Source};
use accrue_arrow::{ActionColumns, Rows, action_batch};
use accrue_tests::awarded::{paid, reasons};
use accrue_tests::component::{Guest, Handle};
use serde::Deserialize;
use serde_json::{Value, json};

/// A file of cases that share a program.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    /// Keys of `program.toml`, in place of none.
    #[serde(default)]
    program: String,
    /// Event types, in place of a sale.
    #[serde(default = "sale")]
    event_types: String,
    /// Tables of `program.toml` after the event types.
    #[serde(default)]
    declares: String,
    /// The contract below its head, in place of 5% by default.
    #[serde(default = "five_percent")]
    contract: String,
    /// Other files of the terms, by path.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Reference facts by the name of the file.
    #[serde(default)]
    facts: BTreeMap<String, String>,
    cases: Vec<Case>,
}

/// Actions that are decided one after the other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    it: String,
    /// What each action has instead of the sale of 100.00 EUR by `acme`, as JSON; null takes a field away.
    actions: Vec<String>,
    /// The outcome of each: status, payout and reasons, or `refused` and a part of the message.
    expect: Vec<String>,
}

fn sale() -> String {
    "sale = {}".to_owned()
}

fn five_percent() -> String {
    "[payout.default]\nrate = \"5%\"\n".to_owned()
}

impl CaseFile {
    fn source(&self) -> Source {
        let program = format!(
            "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\ntime_zone = \"Europe/Berlin\"\n{}\n[event_types]\n{}\n{}\n",
            self.program, self.event_types, self.declares
        );
        let contract =
            format!("contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n{}", self.contract);
        let files = self.files.clone();
        let terms = [("program.toml", program), ("contracts/standard.toml", contract)];
        Source::from_files(terms.map(|(path, text)| (path.to_owned(), text)).into_iter().chain(files))
    }

    fn facts(&self) -> Vec<(FactKind, String, Vec<u8>)> {
        let kind = |name: &str| FactKind::of_stem(name.split('.').next().unwrap()).unwrap();
        self.facts.iter().map(|(name, text)| (kind(name), name.clone(), text.clone().into_bytes())).collect()
    }
}

/// Returns the JSON of an action of a case.
fn action(n: usize, changes: &str) -> Value {
    let mut action = json!({
        "id": format!("a{}", n + 1), "event_type": "sale",
        "occurred_at": format!("2026-03-01T10:{n:02}:00Z"), "amount": "100.00",
        "touches": [{ "partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click" }]
    });
    let changes: Value = serde_json::from_str(changes).unwrap_or_else(|error| panic!("{changes}: {error}"));
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(action.as_object_mut().unwrap().remove(name)),
            _ => action[name] = value.clone(),
        }
    }
    action
}

type Read = Result<Action, String>;

/// The name of a door, and how it reads an action.
type Door = (&'static str, fn(&Value) -> Read);

/// The doors that hand an action to the library.
const DOORS: [Door; 4] = [("json", by_json), ("csv", by_csv), ("record batch", by_batch), ("host", by_host)];

fn by_json(action: &Value) -> Read {
    read_action(&action.to_string()).map_err(|error| error.to_string())
}

fn by_csv(action: &Value) -> Read {
    let text = csv_row::table(action);
    let mut read =
        CsvActions::new(text.as_bytes(), &Limits::default()).map_err(|errors| errors.to_string())?;
    let record = read.next().expect("an action");
    assert!(read.next().is_none(), "{text}");
    record.map(|record| record.action).map_err(|reject| reject.errors.to_string())
}

/// A batch is made of the action as serde reads it, so that nothing is tidy before the columns are read.
fn by_batch(action: &Value) -> Read {
    let batch = action_batch(&[untidy(action)?]).unwrap();
    let columns =
        ActionColumns::of(&batch.schema(), &Limits::default()).map_err(|errors| errors.to_string())?;
    let mut rows = Rows::default();
    columns.read(&batch, &mut rows);
    rows.iter().next().unwrap().cloned().map_err(ToString::to_string)
}

/// A host fills the fields itself, and tidies them.
fn by_host(action: &Value) -> Read {
    let mut action = untidy(action)?;
    action.tidy();
    Ok(action)
}

fn untidy(action: &Value) -> Read {
    serde_json::from_str(&action.to_string()).map_err(|error| error.to_string())
}

fn outcome(decision: &Decision) -> String {
    let mut text = format!("{} {}", decision.status.text(), paid(decision));
    let currency = decision.awards.first().map(|award| award.currency.code()).filter(|code| *code != "EUR");
    text.extend(currency.map(|code| format!(" {code}")));
    for reason in reasons(decision) {
        write!(text, " {}", reason.code).unwrap();
    }
    text
}

fn decide(program: &Program, reference: &Reference, counters: &mut Counters, read: Read) -> String {
    let decided = read.and_then(|action| {
        let decision = program.decide(&action, reference, counters, Options::default());
        decision.map_err(|error| error.to_string())
    });
    match decided {
        Ok(decision) => {
            counters.apply(&decision.postings).unwrap();
            outcome(&decision)
        }
        Err(message) => format!("refused: {message}"),
    }
}

fn by_component(
    guest: &mut Guest,
    program: Handle,
    known: Handle,
    counted: Handle,
    action: &Value,
) -> String {
    match guest.decide(program, &action.to_string(), [known, counted], false).unwrap() {
        Ok(decision) => {
            guest.apply(&decision, counted, false).unwrap().unwrap();
            outcome(&serde_json::from_str(&decision).unwrap())
        }
        Err(error) => {
            let faults: Vec<FactError> = serde_json::from_value(error["facts"].clone()).unwrap();
            format!("refused: {}", FactErrors(faults))
        }
    }
}

/// Whether an outcome is the one that is expected.
fn is_as_expected(outcome: &str, expected: &str) -> bool {
    match expected.strip_prefix("refused: ") {
        Some(part) => outcome.starts_with("refused: ") && outcome.contains(part),
        None => outcome == expected,
    }
}

fn check(path: &Path) -> String {
    let file: CaseFile = toml::from_str(&fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (source, facts) = (file.source(), file.facts());
    let program =
        Engine::default().load(&source).unwrap_or_else(|found| panic!("{}: {found}", path.display()));
    let mut reference = Reference::default();
    for (kind, name, bytes) in &facts {
        reference.read(*kind, name, bytes, &Limits::default()).unwrap();
    }
    program.check_reference(&reference).unwrap();
    let mut guest = Guest::new().unwrap();
    let loaded = guest.load(&source, &Limits::default()).unwrap().unwrap();
    let (known, _) = guest.reference(&facts).unwrap();
    let mut wrong = String::new();
    for case in &file.cases {
        assert_eq!(case.actions.len(), case.expect.len(), "{}", case.it);
        let actions: Vec<Value> = case.actions.iter().enumerate().map(|(n, text)| action(n, text)).collect();
        let mut tell = |door: &str, outcomes: Vec<String>| {
            for (n, (outcome, expected)) in outcomes.iter().zip(&case.expect).enumerate() {
                if !is_as_expected(outcome, expected) {
                    let name = path.file_stem().unwrap().display();
                    writeln!(
                        wrong,
                        "{name}: {}, action {} by {door}:\n- {expected}\n+ {outcome}",
                        case.it,
                        n + 1
                    )
                    .unwrap();
                }
            }
        };
        for (door, read) in DOORS {
            let mut counters = program.counters();
            let outcomes =
                actions.iter().map(|action| decide(&program, &reference, &mut counters, read(action)));
            tell(door, outcomes.collect());
        }
        let counted = guest.counters(loaded).unwrap();
        let outcomes = actions.iter().map(|action| by_component(&mut guest, loaded, known, counted, action));
        let outcomes = outcomes.collect();
        tell("component", outcomes);
    }
    wrong
}

#[test]
fn every_door_leads_to_one_validation() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("doors/cases");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 5);
    let wrong: String = files.iter().map(|path| check(path)).collect();
    assert!(wrong.is_empty(), "\n{wrong}");
}
