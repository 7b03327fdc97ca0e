//! Reads files as a host does: bytes enter, what was read, what was rejected and what was decided leave.

use std::fmt::Write as _;
use std::fs;

use accrue::Source;
use accrue::facts::{CsvActions, Fact, FactKind, JsonlActions, Record, Reject};
use accrue::{Engine, Limits, Program, Reference};

use crate::snapshot::root;

/// What came of a file of actions.
pub(crate) struct Read {
    /// Actions that the program admits.
    pub(crate) records: Vec<Record>,
    /// The rest.
    pub(crate) rejects: Vec<Reject>,
    /// Why no row could be read at all: the header of a CSV file.
    pub(crate) header: Option<String>,
}

/// The program that the actions are reported to.
pub(crate) fn program() -> Program {
    let read = |path: &str| fs::read(root().join("program").join(path)).unwrap();
    let source =
        Source::from_files(["program.toml", "contracts/standard.toml"].map(|path| (path, read(path))));
    Engine::default().load(&source).expect("the program has no fault")
}

/// The facts of that program.
pub(crate) fn reference() -> Reference {
    let mut reference = Reference::default();
    let path = root().join("program/facts/rates.csv");
    reference.read(FactKind::Rates, "rates.csv", &fs::read(path).unwrap(), &Limits::default()).unwrap();
    reference
}

/// Reads actions by the ending of the file's name.
pub(crate) fn actions(name: &str, bytes: &[u8]) -> Read {
    let program = program();
    let limits = program.limits();
    let found: Vec<Result<Record, Reject>> = if name.ends_with(".csv") {
        match CsvActions::new(bytes, limits) {
            Ok(rows) => rows.collect(),
            Err(errors) => {
                return Read { records: Vec::new(), rejects: Vec::new(), header: Some(errors.to_string()) };
            }
        }
    } else {
        JsonlActions::new(bytes, limits).collect()
    };
    let mut read = Read { records: Vec::new(), rejects: Vec::new(), header: None };
    for record in found {
        match record {
            Ok(record) => match program.validate(&record.action) {
                Ok(()) => read.records.push(record),
                Err(errors) => read.rejects.push(record.reject(errors)),
            },
            Err(reject) => read.rejects.push(reject),
        }
    }
    // What is admitted is decided, whatever its values.
    let reference = reference();
    let mut totals = program.counters();
    let all: Vec<_> = read.records.iter().map(|record| record.action.clone()).collect();
    for decided in program.decide_all(&all, &reference, &mut totals) {
        if let Err(accrue::DecideError::Facts(errors)) = decided.decision {
            panic!("{name}: an admitted action was refused: {errors}");
        }
    }
    read
}

/// In words: a line for each fault, then the ids that were read.
pub(crate) fn describe(read: &Read) -> String {
    let mut text = String::new();
    if let Some(header) = &read.header {
        writeln!(text, "header: {header}").unwrap();
    }
    for reject in &read.rejects {
        for error in &reject.errors.0 {
            writeln!(text, "{error}").unwrap();
        }
        if reject.errors.0.is_empty() {
            writeln!(text, "line {}: rejected without a word", reject.first_line).unwrap();
        }
    }
    let ids: Vec<&str> = read.records.iter().map(|record| record.action.id.as_str()).collect();
    writeln!(text, "{} rejected; read: {}", read.rejects.len(), ids.join(" ")).unwrap();
    text
}

/// Reads a file of reference facts, whose kind its name begins with. Keys are told in their own order.
pub(crate) fn describe_facts(name: &str, bytes: &[u8]) -> String {
    let stem = name.split('.').next().unwrap();
    let kind = FactKind::of_stem(stem).unwrap_or_else(|| panic!("no kind of facts: {name}"));
    let mut reference = Reference::default();
    let errors = reference.read(kind, name, bytes, &Limits::default()).err().unwrap_or_default();
    let mut text = String::new();
    for error in &errors.0 {
        writeln!(text, "{error}").unwrap();
    }
    let key = |fact: Fact| match fact {
        Fact::Partner(partner) => partner.id,
        Fact::Creative(creative) => creative.id,
        Fact::PromoCode(promo) => promo.code,
        Fact::Rate(rate) => format!("{}-{}@{}", rate.from, rate.to, rate.at),
        Fact::Pause(pause) => format!("{}:{}", pause.target.text(), pause.id.as_deref().unwrap_or("-")),
        other => panic!("a fact of no kind: {other:?}"),
    };
    let keys: Vec<String> = reference.facts().map(key).collect();
    writeln!(text, "{} faults; read: {}", errors.0.len(), keys.join(" ")).unwrap();
    text
}
