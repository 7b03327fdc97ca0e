//! The engine as a WebAssembly component of the world `accrue:engine/engine`: converts values of the world and calls the crate
//! `accrue`, which decides. This crate must not decide anything.
//!
//! The world is in `wit/engine/engine.wit`, with a comment on each of its lines. The component has no imports, and its rules are
//! interpreted. `cargo xtask component` builds the component and says where it is.

use std::cell::RefCell;

use accrue::Source;
use accrue::counters::{CountedAt, CounterEntry, CounterError};
use accrue::decide::{AdjustError, CloseError};
use accrue::diagnostic::{self, Diagnostics};
use accrue::facts::{self, Action, FactErrors, FactKind, read_action, read_adjustment};
use accrue::limits::LimitError;
use accrue::{DecideError, Decision, Engine, Limits, Options};

use bindings::exports::accrue::engine::decisions as wit;

/// The code that `wit-bindgen` generates for the world: types, traits, and the exported functions around them.
#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, reason = "written by a macro")]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit/engine", world: "engine" });

    // Names of exports contain an `@`, which linkers of other targets read as a version.
    #[cfg(target_arch = "wasm32")]
    export!(Component with_types_in self);
    #[cfg(target_arch = "wasm32")]
    use super::Component;
}

/// The implementation of the world.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "exported on WebAssembly only"))]
struct Component;

impl wit::Guest for Component {
    type Reference = Reference;
    type Counters = Counters;
    type Program = Program;

    fn limits() -> Vec<wit::Limit> {
        let limit =
            |limit: accrue::limits::Limit| wit::Limit { name: limit.name.to_owned(), at_most: limit.at_most };
        Limits::default().list().into_iter().map(limit).collect()
    }
}

/// Reference facts, filled file by file.
struct Reference(RefCell<facts::Reference>);

impl wit::GuestReference for Reference {
    fn new() -> Self {
        Self(RefCell::default())
    }

    fn read(&self, name: String, content: Vec<u8>) -> Result<(), Vec<wit::FactError>> {
        let (stem, end) = name.rsplit_once('.').unwrap_or((&name, ""));
        match FactKind::of_stem(stem).filter(|_| end == "csv" || end == "jsonl") {
            Some(kind) => {
                self.0.borrow_mut().read(kind, &name, &content, &Limits::default()).map_err(fact_errors)
            }
            None => {
                let known = FactKind::ALL.map(FactKind::stem).join(", ");
                let shown: String = name.chars().take(80).collect();
                let message = format!("nothing reads `{shown}`; facts are {known}, each .csv or .jsonl");
                Err(vec![fact_error(facts::FactError::whole(message))])
            }
        }
    }
}

/// The counters of a program.
struct Counters(RefCell<accrue::Counters>);

impl wit::GuestCounters for Counters {
    fn restore(snapshot: String) -> Result<wit::Counters, String> {
        let snapshot = serde_json::from_str(&snapshot).map_err(|error| format!("not a snapshot: {error}"))?;
        let counters = accrue::Counters::restore(snapshot).map_err(|error| error.to_string())?;
        Ok(wit::Counters::new(Self(RefCell::new(counters))))
    }

    fn snapshot(&self) -> String {
        // Cannot fail: a snapshot has only texts, whole numbers and lists of them, which JSON can hold.
        serde_json::to_string(&self.0.borrow().snapshot()).unwrap_or_default()
    }

    fn entries(&self) -> Vec<wit::Entry> {
        self.0.borrow().entries().into_iter().map(entry).collect()
    }

    fn apply(&self, decision: String) -> Result<(), wit::DecideError> {
        let decision = read_decision(&decision)?;
        self.0.borrow_mut().apply(&decision.postings).map_err(|error| not_counted(&error))
    }

    fn revert(&self, decision: String) -> Result<(), wit::DecideError> {
        let decision = read_decision(&decision)?;
        self.0.borrow_mut().revert(&decision.postings).map_err(|error| not_counted(&error))
    }
}

/// A checked program.
struct Program(accrue::Program);

impl wit::GuestProgram for Program {
    fn load(files: Vec<wit::File>, limits: Vec<wit::Limit>) -> Result<wit::Program, wit::LoadError> {
        let mut own = Limits::default();
        for limit in limits {
            own.set(&limit.name, limit.at_most)
                .map_err(|error: LimitError| wit::LoadError::Limits(error.to_string()))?;
        }
        let source = Source::from_files(files.into_iter().map(|file| (file.path, file.content)));
        let program = Engine::builder()
            .limits(own)
            .build()
            .load(&source)
            .map_err(|faults| wit::LoadError::Diagnostics(diagnostics(&faults)))?;
        Ok(wit::Program::new(Self(program)))
    }

    fn warnings(&self) -> Vec<wit::Diagnostic> {
        diagnostics(self.0.warnings())
    }

    fn digest(&self) -> String {
        self.0.digest().to_string()
    }

    fn counters(&self) -> wit::Counters {
        wit::Counters::new(Counters(RefCell::new(self.0.counters())))
    }

    fn close_periods(&self, until: String, counted: wit::CountersBorrow<'_>) -> Result<(), wit::DecideError> {
        let date = date(&until).map_err(|error| wit::DecideError::Facts(vec![error]))?;
        let counters = &counted.get::<Counters>().0;
        self.0.close_periods(&mut counters.borrow_mut(), date).map_err(|error| not_counted(&error))
    }

    fn close(
        &self,
        until: String,
        known: wit::ReferenceBorrow<'_>,
        counted: wit::CountersBorrow<'_>,
    ) -> Result<Vec<String>, wit::Refusal> {
        let date = date(&until).map_err(|error| wit::Refusal {
            code: "NO_DATE".to_owned(),
            message: error.message.clone(),
            facts: vec![error],
        })?;
        let known = known.get::<Reference>().0.borrow();
        let closed = self.0.close(date, &known, &counted.get::<Counters>().0.borrow());
        closed.map_err(|error| not_closed(&error)).map(|bonuses| bonuses.iter().map(json).collect())
    }

    fn next_close(&self, after: String) -> Option<String> {
        Some(self.0.next_close(accrue::time::parse_date(&after)?)?.to_string())
    }

    fn adjust(
        &self,
        adjustment: String,
        action: String,
        decision: String,
        known: wit::ReferenceBorrow<'_>,
        counted: wit::CountersBorrow<'_>,
    ) -> Result<wit::Adjusted, wit::Refusal> {
        let faulty = |errors: FactErrors| not_adjusted(errors.into());
        let adjustment = read_adjustment(&adjustment).map_err(|error| faulty(error.into()))?;
        let action = read_action(&action).map_err(|error| faulty(error.into()))?;
        let decision: Decision = serde_json::from_str(&decision).map_err(|error| {
            let message = format!("not a decision: {error}");
            faulty(facts::FactError::field("decision", message).into())
        })?;
        let known = known.get::<Reference>().0.borrow();
        let counters = counted.get::<Counters>().0.borrow();
        let earlier = (&action, &decision);
        let adjusted = self.0.adjust(&adjustment, earlier, &known, &counters, Options::default());
        let adjusted = adjusted.map_err(not_adjusted)?;
        Ok(wit::Adjusted { action: text(&adjusted.action), decision: json(&adjusted.decision) })
    }

    fn decide(
        &self,
        action: String,
        known: wit::ReferenceBorrow<'_>,
        counted: wit::CountersBorrow<'_>,
    ) -> Result<String, wit::DecideError> {
        self.answer(&action, &known, &counted, Options::default())
    }

    fn explain(
        &self,
        action: String,
        known: wit::ReferenceBorrow<'_>,
        counted: wit::CountersBorrow<'_>,
    ) -> Result<String, wit::DecideError> {
        self.answer(&action, &known, &counted, Options::traced())
    }

    fn decide_all(
        &self,
        actions: Vec<String>,
        known: wit::ReferenceBorrow<'_>,
        counted: wit::CountersBorrow<'_>,
    ) -> Vec<wit::Decided> {
        let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mut decided = Vec::with_capacity(actions.len());
        let mut readable = Vec::with_capacity(actions.len());
        let mut indices = Vec::with_capacity(actions.len());
        for (at, action) in actions.iter().enumerate() {
            match read(action) {
                Ok(action) => {
                    readable.push(action);
                    indices.push(index(at));
                }
                Err(error) => decided.push(wit::Decided { index: index(at), decision: Err(error) }),
            }
        }
        let known = known.get::<Reference>().0.borrow();
        for one in self.0.decide_all(&readable, &known, &mut counted.get::<Counters>().0.borrow_mut()) {
            decided.push(wit::Decided {
                index: indices.get(one.index).copied().unwrap_or(u32::MAX),
                decision: one.decision.map(|decision| json(&decision)).map_err(not_decided),
            });
        }
        decided
    }
}

impl Program {
    fn answer(
        &self,
        action: &str,
        known: &wit::ReferenceBorrow<'_>,
        counted: &wit::CountersBorrow<'_>,
        options: Options,
    ) -> Result<String, wit::DecideError> {
        let counters = counted.get::<Counters>().0.borrow();
        let decision =
            self.0.decide(&read(action)?, &known.get::<Reference>().0.borrow(), &counters, options);
        decision.map_err(not_decided).map(|decision| json(&decision))
    }
}

fn read(action: &str) -> Result<Action, wit::DecideError> {
    read_action(action).map_err(|error| not_this_programs(error.into()))
}

fn read_decision(decision: &str) -> Result<Decision, wit::DecideError> {
    serde_json::from_str(decision)
        .map_err(|error| wit::DecideError::Decision(format!("not a decision: {error}")))
}

/// Returns a decision as JSON. Cannot fail: it has only texts, whole numbers and lists of them, which JSON can hold.
fn json(decision: &Decision) -> String {
    serde_json::to_string(decision).unwrap_or_default()
}

/// Returns an action as JSON. Cannot fail, like a decision.
fn text(action: &Action) -> String {
    serde_json::to_string(action).unwrap_or_default()
}

fn date(text: &str) -> Result<chrono::NaiveDate, wit::FactError> {
    accrue::time::parse_date(text).ok_or_else(|| {
        let shown: String = text.chars().take(80).collect();
        let message = format!("`{shown}` is not a date, such as 2026-04-01");
        fact_error(facts::FactError::field("until", message))
    })
}

fn not_closed(error: &CloseError) -> wit::Refusal {
    wit::Refusal { code: error.code().to_owned(), message: error.to_string(), facts: Vec::new() }
}

fn not_adjusted(error: AdjustError) -> wit::Refusal {
    let (code, message) = (error.code().to_owned(), error.to_string());
    let facts = if let AdjustError::Facts(errors) = error { fact_errors(errors) } else { Vec::new() };
    wit::Refusal { code, message, facts }
}

fn not_this_programs(errors: FactErrors) -> wit::DecideError {
    wit::DecideError::Facts(fact_errors(errors))
}

fn not_counted(error: &CounterError) -> wit::DecideError {
    wit::DecideError::Counters(error.to_string())
}

fn not_decided(error: DecideError) -> wit::DecideError {
    match error {
        DecideError::Facts(errors) => not_this_programs(errors),
        error => wit::DecideError::Counters(error.to_string()),
    }
}

fn fact_errors(errors: FactErrors) -> Vec<wit::FactError> {
    errors.0.into_iter().map(fact_error).collect()
}

fn fact_error(error: facts::FactError) -> wit::FactError {
    let facts::FactError { field, line, column, message } = error;
    wit::FactError { field, line, column, message }
}

fn diagnostics(all: &Diagnostics) -> Vec<wit::Diagnostic> {
    let place = |place: &diagnostic::Place| wit::Place {
        file: place.file.clone(),
        start: place.span.start,
        end: place.span.end,
    };
    let label =
        |label: &diagnostic::Label| wit::Label { place: place(&label.place), message: label.message.clone() };
    all.iter()
        .map(|diagnostic| wit::Diagnostic {
            code: diagnostic.code.text().to_owned(),
            severity: match diagnostic.severity {
                diagnostic::Severity::Error => wit::Severity::Error,
                diagnostic::Severity::Warning => wit::Severity::Warning,
            },
            message: diagnostic.message.clone(),
            place: diagnostic.place.as_ref().map(place),
            labels: diagnostic.labels.iter().map(label).collect(),
            help: diagnostic.help.clone(),
        })
        .collect()
}

fn entry(entry: CounterEntry) -> wit::Entry {
    let CounterEntry { counter, key, at, distinct, sums } = entry;
    wit::Entry {
        counter: counter.to_string(),
        key: key.parts(),
        at: match at {
            CountedAt::Period(from) => Some(from.to_string()),
            CountedAt::Moment(at) => Some(at.to_string()),
            CountedAt::Always => None,
        },
        actions: sums.actions,
        paid_actions: sums.paid_actions,
        distinct,
        units: sums.units,
        revenue: sums.revenue.to_string(),
        payouts: sums.payouts.to_string(),
        payable: sums.payable.to_string(),
    }
}
