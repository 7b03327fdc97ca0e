//! The component is the native library: the same files, facts and actions go into both, and what comes out is compared
//! to the byte, traces, receipts, fuel, errors and totals included.

use accrue::Source;
use accrue::counters::CountedAt;
use accrue::decide::{AdjustError, CloseError, Decision};
use accrue::diagnostic::{Diagnostic, Place};
use accrue::facts::{Action, Adjustment, AdjustmentKind, FactErrors, FactKind, read_action};
use accrue::money::Money;
use accrue::{Counters, DecideError, Engine, Limits, Options, Program, Reference};
use accrue_tests::cases::cases;
use accrue_tests::choices::{Choices, noise};
use accrue_tests::component::{Guest, Handle};
use accrue_tests::folder::{Folder, programs, root};
use accrue_tests::world::world;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};

/// Actions of one program that go through both: the largest example has several thousands.
const ACTIONS: usize = 300;

/// Generated programs, when nothing else is asked for: each is loaded twice and decides up to ten actions.
const WORLDS: u32 = 300;

/// Bytes that a generated program is made of.
const BYTES: usize = 2_000;

/// Texts that are no action of any program.
const NO_ACTIONS: [&str; 4] = [
    "",
    "[]",
    r#"{"id":"x","event_type":"sale","occurred_at":"2026-03-01"}"#,
    r#"{"id":"x","event_type":"no such event","occurred_at":"2026-03-01T10:00:00Z","amount":"1.001"}"#,
];

pub(crate) type Files = Vec<(FactKind, String, Vec<u8>)>;

/// Both, loaded with the same files.
struct Both {
    guest: Guest,
    native: Program,
    program: Handle,
    reference: Reference,
    known: Handle,
}

/// Loads both; `None` when both refuse the program for the same reasons.
fn load(mut guest: Guest, source: &Source, limits: &Limits, facts: &Files) -> Result<Option<Both>, String> {
    let native =
        match (Engine::builder().limits(limits.clone()).build().load(source), guest.load(source, limits)?) {
            (Ok(native), Ok(program)) => (native, program),
            (Err(native), Err(component)) => {
                let native: Vec<Value> = native.iter().map(diagnostic).collect();
                same("diagnostics", &json!({ "diagnostics": native }), &component)?;
                return Ok(None);
            }
            (native, component) => return Err(format!("one of them loads: {native:?}\n{component:?}")),
        };
    let (native, program) = native;
    let warnings: Value = native.warnings().iter().map(diagnostic).collect();
    same("warnings", &warnings, &guest.warnings(program)?)?;
    same("digest", &json!(native.digest().to_string()), &guest.digest(program)?)?;
    let (known, component) = guest.reference(facts)?;
    let mut reference = Reference::default();
    for ((kind, name, bytes), component) in facts.iter().zip(component) {
        let errors = reference.read(*kind, name, bytes, &Limits::default()).err().unwrap_or_default();
        same("errors of facts", &fact_errors(&errors), &component)?;
    }
    Ok(Some(Both { guest, native, program, reference, known }))
}

impl Both {
    /// Decides and records the actions one after the other, and all at once.
    fn decide(&mut self, actions: &[String]) -> Result<(), String> {
        let counted = self.guest.counters(self.program)?;
        let mut totals = self.native.counters();
        for text in actions {
            self.decide_one(text, &mut totals, counted)?;
        }
        self.same_totals(&totals, counted)?;
        for text in actions {
            self.adjust(text, &mut totals, counted)?;
        }
        self.close(&mut totals, counted)?;
        self.same_totals(&totals, counted)?;
        self.guest.drop(counted)?;
        self.decide_all(actions)
    }

    /// Takes a third of an action back, and then all of it, on a decision that is made for it.
    fn adjust(&mut self, text: &str, totals: &mut Counters, counted: Handle) -> Result<(), String> {
        let with = [self.known, counted];
        let Ok(action) = read_action(text) else { return Ok(()) };
        let Ok(decision) = self.native.decide(&action, &self.reference, totals, Options::default()) else {
            return Ok(());
        };
        let mut stands = (action, decision);
        let third = stands.0.amount.map(|amount| Money((amount.0 / Decimal::from(3)).round_dp(2)));
        for (id, amount) in [("third", third), ("third", third), ("whole", None)] {
            let mut adjustment =
                Adjustment::new(id, &stands.0.id, AdjustmentKind::Reversal, stands.0.occurred_at);
            adjustment.amount = amount;
            let texts = [json(&adjustment), json(&stands.0), json(&stands.1)];
            let component = self.guest.adjust(self.program, [&texts[0], &texts[1], &texts[2]], with)?;
            let earlier = (&stands.0, &stands.1);
            let adjusted =
                self.native.adjust(&adjustment, earlier, &self.reference, totals, Options::default());
            let native = adjusted.as_ref().map_err(refused).map(
                |adjusted| json!({ "action": json(&adjusted.action), "decision": json(&adjusted.decision) }),
            );
            same("adjustment", &native, &component)?;
            if let Ok(adjusted) = adjusted {
                stands = (adjusted.action, adjusted.decision);
            }
        }
        Ok(())
    }

    /// Closes until the end of the year, twice.
    fn close(&mut self, totals: &mut Counters, counted: Handle) -> Result<(), String> {
        let until = "2027-01-01".parse().unwrap();
        let next = self.native.next_close(until).map(|next| next.to_string());
        same("next close", &json!(next), &self.guest.next_close(self.program, "2027-01-01")?)?;
        for _ in 0..2 {
            let component = self.guest.close(self.program, "2027-01-01", [self.known, counted])?;
            let native = self.native.close(until, &self.reference, totals);
            let texts = |bonuses: &Vec<Decision>| bonuses.iter().map(json).collect::<Value>();
            let refusal = |error: &CloseError| json!({ "code": error.code(), "message": error.to_string(), "facts": [] });
            same("close", &native.as_ref().map(texts).map_err(refusal), &component)?;
            for bonus in native.into_iter().flatten() {
                totals.apply(&bonus.postings).unwrap();
                self.guest.apply(&json(&bonus), counted, false)?.unwrap();
            }
            self.native.close_periods(totals, until).unwrap();
            self.guest.close_periods(self.program, "2027-01-01", counted)?.unwrap();
        }
        Ok(())
    }

    fn decide_one(&mut self, text: &str, totals: &mut Counters, counted: Handle) -> Result<(), String> {
        let with = [self.known, counted];
        let action = read_action(text).map_err(FactErrors::from);
        let decided = |traced: bool| match &action {
            Ok(action) => {
                let options = if traced { Options::traced() } else { Options::default() };
                self.native.decide(action, &self.reference, totals, options)
            }
            Err(errors) => Err(errors.clone().into()),
        };
        let (plain, traced) = (decided(false), decided(true));
        for (native, trace) in [(&plain, false), (&traced, true)] {
            let native = native.as_ref().map(json).map_err(not_decided);
            let component = self.guest.decide(self.program, text, with, trace)?;
            same("decision", &native, &component)?;
        }
        let Ok(decision) = &plain else { return Ok(()) };
        // Recorded, taken back, and recorded again.
        for back in [false, true, false] {
            let native =
                if back { totals.revert(&decision.postings) } else { totals.apply(&decision.postings) };
            let component = self.guest.apply(&json(decision), counted, back)?;
            same("recording", &native.map_err(|error| json!({ "counters": error.to_string() })), &component)?;
        }
        Ok(())
    }

    fn decide_all(&mut self, actions: &[String]) -> Result<(), String> {
        let counted = self.guest.counters(self.program)?;
        // The last first: the order is the engine's own.
        let actions: Vec<String> = actions.iter().rev().cloned().collect();
        let component = self.guest.decide_all(self.program, &actions, [self.known, counted])?;
        let mut native = Vec::new();
        let mut readable: Vec<(usize, Action)> = Vec::new();
        for (at, text) in actions.iter().enumerate() {
            match read_action(text) {
                Ok(action) => readable.push((at, action)),
                Err(error) => native.push((at, Err(json!({ "facts": fact_errors(&error.into()) })))),
            }
        }
        let mut totals = self.native.counters();
        let read: Vec<Action> = readable.iter().map(|(_, action)| action.clone()).collect();
        for decided in self.native.decide_all(&read, &self.reference, &mut totals) {
            let answer =
                decided.decision.map(|decision| json(&decision)).map_err(|error| not_decided(&error));
            native.push((readable[decided.index].0, answer));
        }
        same("decisions", &native, &component)?;
        self.same_totals(&totals, counted)?;
        self.guest.drop(counted)
    }

    fn same_totals(&mut self, totals: &Counters, counted: Handle) -> Result<(), String> {
        let at = |at: CountedAt| match at {
            CountedAt::Period(from) => Some(from.to_string()),
            CountedAt::Moment(at) => Some(at.to_string()),
            CountedAt::Always => None,
        };
        let native: Value = totals
            .entries()
            .iter()
            .map(|entry| {
                json!({
                    "counter": entry.counter,
                    "key": entry.key,
                    "at": at(entry.at),
                    "actions": entry.sums.actions,
                    "paid-actions": entry.sums.paid_actions,
                    "distinct": entry.distinct,
                    "units": entry.sums.units,
                    "revenue": entry.sums.revenue.to_string(),
                    "payouts": entry.sums.payouts.to_string(),
                    "payable": entry.sums.payable.to_string(),
                })
            })
            .collect();
        same("counters", &native, &self.guest.entries(counted)?)?;
        let saved = self.guest.snapshot(counted)?;
        same("snapshots", &json(&totals.snapshot()), &saved)?;
        let restored = self.guest.restore(&saved)?;
        same("restored counters", &native, &self.guest.entries(restored)?)?;
        self.guest.drop(restored)
    }

    /// The instance, for the next program, with nothing left in it.
    fn leave(mut self) -> Result<Guest, String> {
        self.guest.drop(self.known)?;
        self.guest.drop(self.program)?;
        Ok(self.guest)
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, native: &T, component: &T) -> Result<(), String> {
    if native == component {
        return Ok(());
    }
    Err(format!("the {what} differ\nnative    {native:?}\ncomponent {component:?}"))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn fact_errors(errors: &FactErrors) -> Value {
    let error = |error: &accrue::facts::FactError| json!({ "field": error.field, "line": error.line, "column": error.column, "message": error.message });
    errors.0.iter().map(error).collect()
}

fn refused(error: &AdjustError) -> Value {
    let facts = if let AdjustError::Facts(errors) = error { fact_errors(errors) } else { json!([]) };
    json!({ "code": error.code(), "message": error.to_string(), "facts": facts })
}

fn not_decided(error: &DecideError) -> Value {
    match error {
        DecideError::Facts(errors) => json!({ "facts": fact_errors(errors) }),
        error => json!({ "counters": error.to_string() }),
    }
}

fn diagnostic(diagnostic: &Diagnostic) -> Value {
    let place =
        |place: &Place| json!({ "file": place.file, "start": place.span.start, "end": place.span.end });
    let labels = diagnostic
        .labels
        .iter()
        .map(|label| json!({ "place": place(&label.place), "message": label.message }))
        .collect::<Vec<_>>();
    json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "place": diagnostic.place.as_ref().map(place),
        "labels": labels,
        "help": diagnostic.help,
    })
}

/// A folder's files of facts, as they are.
pub(crate) fn facts_of(folder: &Folder) -> Files {
    let Ok(entries) = std::fs::read_dir(folder.path.join("facts")) else { return Files::new() };
    let mut files: Files = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let kind = FactKind::of_stem(name.split('.').next().unwrap()).unwrap();
            (kind, name, std::fs::read(&path).unwrap())
        })
        .collect();
    files.sort_by(|a, b| a.1.cmp(&b.1));
    files
}

/// Facts as files.
pub(crate) fn written(reference: &Reference) -> Files {
    let lines = |kind| {
        let facts = reference.facts().filter(|fact| fact.kind() == kind);
        facts.map(|fact| format!("{}\n", json(&fact))).collect::<String>().into_bytes()
    };
    FactKind::ALL.map(|kind| (kind, format!("{}.jsonl", kind.stem()), lines(kind))).into()
}

#[test]
fn every_golden_case_and_example_is_decided_alike() {
    let mut guest = Guest::new().unwrap();
    let mut folders = programs(&root().join("tests/golden")).unwrap();
    folders.extend(programs(&root().join("rules-examples")).unwrap());
    // Components have no engine to run in that is one itself.
    folders.retain(|path| !path.join("components").is_dir());
    assert!(folders.len() >= 26);
    let mut decided = 0;
    for path in folders {
        let folder = Folder::read(&path).unwrap();
        let mut both = load(guest, &folder.source, &Limits::default(), &facts_of(&folder))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            .unwrap_or_else(|| panic!("{} does not load", path.display()));
        let mut actions = folder.actions;
        actions.extend(tested(&path));
        actions.sort_by(|a, b| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
        actions.truncate(ACTIONS);
        let mut texts: Vec<String> = actions.iter().map(json).collect();
        decided += texts.len();
        // One that is recorded already, and what is no action.
        texts.extend(texts.first().cloned());
        texts.extend(NO_ACTIONS.map(str::to_owned));
        both.decide(&texts).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        guest = both.leave().unwrap();
    }
    assert!(decided >= 900, "only {decided} actions");
}

/// An engine without a sandbox says so, where the contract names the component.
#[test]
fn a_program_with_components_is_refused_where_nothing_can_run_them() {
    let folder = Folder::read(&root().join("rules-examples/marketplace")).unwrap();
    let refused = Guest::new().unwrap().load(&folder.source, &Limits::default()).unwrap().unwrap_err();
    let diagnostics = refused["diagnostics"].as_array().unwrap();
    assert_eq!(diagnostics.len(), 3, "{refused:#}");
    for diagnostic in diagnostics {
        assert_eq!(diagnostic["code"], "E111", "{diagnostic:#}");
        assert_eq!(diagnostic["place"]["file"], "contracts/sellers.toml");
        assert!(diagnostic["message"].as_str().unwrap().contains("without the sandbox"), "{diagnostic:#}");
    }
}

/// The actions of the tests beside a program's rules: golden cases have no others.
fn tested(path: &std::path::Path) -> Vec<Action> {
    let Ok(entries) = std::fs::read_dir(path.join("tests")) else { return Vec::new() };
    let mut actions = Vec::new();
    for entry in entries {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let file: toml::Table = text.parse().unwrap();
        gather(&toml::Value::Table(file), &mut actions);
    }
    actions
}

/// Whatever in a test file reads as an action, wherever it stands.
fn gather(value: &toml::Value, actions: &mut Vec<Action>) {
    match value {
        toml::Value::Array(values) => values.iter().for_each(|value| gather(value, actions)),
        toml::Value::Table(table) => {
            if let Ok(mut action) = read_action(&as_json(value).to_string()) {
                // Each test begins anew, and its ids with it.
                action.id = format!("{}-{}", action.id, actions.len());
                actions.push(action);
            }
            table.values().for_each(|value| gather(value, actions));
        }
        _ => {}
    }
}

fn as_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(key, value)| (key.clone(), as_json(value))).collect())
        }
        toml::Value::Array(values) => values.iter().map(as_json).collect(),
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Boolean(value) => json!(value),
        other => json!(other.to_string()),
    }
}

#[test]
fn generated_programs_are_decided_alike() {
    let mut guest = Guest::new().unwrap();
    let (mut loaded, mut held) = (0, 0);
    for seed in 0..cases(WORLDS) {
        let bytes = noise(seed, BYTES);
        let Some(world) = world(&mut Choices::new(&bytes)).unwrap() else { continue };
        let failed = |error: String| -> Both { panic!("seed {seed}: {error}\n{}", world.text.shown()) };
        let facts = written(&world.reference);
        let both = load(guest, &world.text.source(), world.program.limits(), &facts);
        let mut both = both.unwrap_or_else(|error| Some(failed(error))).unwrap();
        let mut actions = world.actions.clone();
        actions.sort_by(|a, b| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
        let texts: Vec<String> = actions.iter().map(json).collect();
        both.decide(&texts).unwrap_or_else(|error| drop(failed(error)));
        let decided = both.native.decide_all(&actions, &both.reference, &mut both.native.counters());
        held += decided
            .iter()
            .filter(|one| {
                one.decision.as_ref().is_ok_and(|d| d.all_reasons().any(|(_, r)| r.fault.is_some()))
            })
            .count();
        loaded += 1;
        guest = both.leave().unwrap();
    }
    assert!(loaded * 3 >= cases(WORLDS), "only {loaded} generated programs load");
    assert!(held > 0, "no rule failed, so faults were not compared");
}

#[test]
fn wrong_programs_are_refused_alike() {
    let spoilt = [
        ("program.toml", "currency = \"EUR\"", "currency = \"EURO\""),
        ("program.toml", "[event_types]", "[event_typos]"),
        ("contracts/standard.toml", "action.amount >= 50", "action.amuont >= 50 &&"),
        ("contracts/standard.toml", "action.amount >= 50", "action.amount >= \"50\""),
        ("contracts/standard.toml", "rate = \"4%\"", "rate = 0.04"),
    ];
    let files = [
        ("program.toml", "id = \"s\"\nname = \"S\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n"),
        (
            "contracts/standard.toml",
            "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n\
             [[payout.groups]]\nname = \"large\"\nwhen = 'action.amount >= 50'\nrate = \"8%\"\n",
        ),
    ];
    let limits = Limits::default();
    for (file, from, to) in spoilt {
        let mut source = Source::from_files(files);
        let text = source.text(file).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        source.insert(file, text.replace(from, to));
        assert!(load(Guest::new().unwrap(), &source, &limits, &Files::new()).unwrap().is_none(), "{to}");
    }
    let mut deep = Source::from_files(files);
    let text = deep.text("contracts/standard.toml").unwrap();
    let text = format!("{text}[[payout.groups]]\nname = \"deep\"\nrule = \"rules/deep.rhai\"\n");
    deep.insert("contracts/standard.toml", text);
    deep.insert("rules/deep.rhai", "(".repeat(600));
    deep.insert("contracts/bytes.toml", *b"\xff\xfe");
    assert!(load(Guest::new().unwrap(), &deep, &limits, &Files::new()).unwrap().is_none());
}

#[test]
fn counters_of_another_program_are_refused_and_periods_are_closed() {
    let mut guest = Guest::new().unwrap();
    let source = |id: &str| {
        let program =
            format!("id = \"{id}\"\nname = \"S\"\ncurrency = \"EUR\"\n[event_types]\nsale = {{}}\n");
        let contract = "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n\
                        [[limits]]\nname = \"l\"\nmax = \"5\"\nper = [\"partner\"]\nperiod = \"month\"\n";
        Source::from_files([("program.toml", program.as_str()), ("contracts/a.toml", contract)])
    };
    let one = guest.load(&source("one"), &Limits::default()).unwrap().unwrap();
    let other = guest.load(&source("other"), &Limits::default()).unwrap().unwrap();
    let (known, _) = guest.reference(&Files::new()).unwrap();
    let counted = guest.counters(other).unwrap();
    let action = r#"{"id":"a","event_type":"sale","occurred_at":"2026-03-01T10:00:00Z","amount":"1",
        "touches":[{"partner":"p","at":"2026-03-01T09:00:00Z","kind":"click"}]}"#;
    let foreign = json!({ "counters": "these are counters of program `other`, not of `one`" });
    assert_eq!(guest.decide(one, action, [known, counted], false).unwrap(), Err(foreign.clone()));
    assert_eq!(guest.close_periods(one, "2026-04-01", counted).unwrap(), Err(foreign));
    assert!(guest.decide(other, action, [known, counted], false).unwrap().unwrap().contains("\"payable\""));
    assert!(guest.close_periods(other, "March", counted).unwrap().is_err());
    assert_eq!(guest.close_periods(other, "2026-04-01", counted).unwrap(), Ok(()));
    assert!(guest.decide(other, action, [known, counted], false).unwrap().unwrap().contains("PERIOD_CLOSED"));
}
