//! The engine as a WebAssembly component: values of the world `accrue:engine/engine` enter, the crate `accrue` decides,
//! and values of the world leave. Nothing is decided here.
//!
//! The world is in `wit/engine/engine.wit`, with a word on each of its lines. It has no imports, and rules run the
//! portable way. `cargo xtask component` builds the component and says where it is.

use std::cell::RefCell;

use accrue::counters::{TotalEntry, Totals as Counted};
use accrue::decide::Decision;
use accrue::diagnostic::{self, Diagnostics};
use accrue::digest::Digest;
use accrue::facts::{self, Action, FactErrors, FactKind, read_action};
use accrue::limits::LimitError;
use accrue::terms::Source;
use accrue::{DecideError, Engine, Limits, OutOfOrder};

use bindings::exports::accrue::engine::decisions as wit;

/// What `wit-bindgen` writes for the world: types, traits, and the exported functions around them.
#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, reason = "written by a macro")]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit/engine", world: "engine" });

    // Names of exports in the component model hold an `@`, which linkers of other targets read as a version.
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
    type Totals = Totals;
    type Program = Program;

    fn limits() -> Vec<wit::Limit> {
        let limit =
            |limit: accrue::limits::Limit| wit::Limit { name: limit.name.to_owned(), at_most: limit.at_most };
        Limits::default().list().into_iter().map(limit).collect()
    }
}

/// Reference facts that are filled file by file.
struct Reference(RefCell<facts::Reference>);

impl wit::GuestReference for Reference {
    fn new() -> Self {
        Self(RefCell::default())
    }

    fn read(&self, name: String, content: Vec<u8>) -> Vec<wit::FactError> {
        let (stem, end) = name.rsplit_once('.').unwrap_or((&name, ""));
        match FactKind::of_stem(stem).filter(|_| end == "csv" || end == "jsonl") {
            Some(kind) => fact_errors(self.0.borrow_mut().read(kind, &name, &content, &Limits::default())),
            None => {
                let known = FactKind::ALL.map(FactKind::stem).join(", ");
                let shown: String = name.chars().take(80).collect();
                let message = format!("`{shown}` is not read; facts are {known}, each .csv or .jsonl");
                vec![fact_error(facts::FactError::whole(message))]
            }
        }
    }
}

/// Totals, and the program that they belong to.
struct Totals {
    of: Digest,
    counted: RefCell<Counted>,
}

impl wit::GuestTotals for Totals {
    fn entries(&self) -> Vec<wit::Total> {
        self.counted.borrow().entries().into_iter().map(total).collect()
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
        let program = Engine::new(own)
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

    fn totals(&self) -> wit::Totals {
        wit::Totals::new(Totals { of: self.0.digest(), counted: RefCell::new(self.0.totals()) })
    }

    fn decide(
        &self,
        action: String,
        known: wit::ReferenceBorrow<'_>,
        counted: wit::TotalsBorrow<'_>,
    ) -> Result<String, wit::DecideError> {
        self.answer(accrue::Program::decide, &action, &known, &counted)
    }

    fn explain(
        &self,
        action: String,
        known: wit::ReferenceBorrow<'_>,
        counted: wit::TotalsBorrow<'_>,
    ) -> Result<String, wit::DecideError> {
        self.answer(accrue::Program::explain, &action, &known, &counted)
    }

    fn record(
        &self,
        action: String,
        decision: String,
        counted: wit::TotalsBorrow<'_>,
    ) -> Result<(), wit::DecideError> {
        let mut totals = self.own(&counted)?.borrow_mut();
        let action = read(&action)?;
        let decision: Decision = serde_json::from_str(&decision)
            .map_err(|error| wit::DecideError::Decision(format!("not a decision: {error}")))?;
        self.0.record(&mut totals, &action, &decision).map_err(|error| out_of_order(&error))
    }

    fn decide_all(
        &self,
        actions: Vec<String>,
        known: wit::ReferenceBorrow<'_>,
        counted: wit::TotalsBorrow<'_>,
    ) -> Vec<wit::Decided> {
        let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mut decided = Vec::with_capacity(actions.len());
        let totals = match self.own(&counted) {
            Ok(totals) => totals,
            Err(error) => {
                let each = |at| wit::Decided { index: index(at), decision: Err(error.clone()) };
                return (0..actions.len()).map(each).collect();
            }
        };
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
        for one in self.0.decide_all(&readable, &known, &mut totals.borrow_mut()) {
            decided.push(wit::Decided {
                index: indices.get(one.index).copied().unwrap_or(u32::MAX),
                decision: one.decision.map(|decision| json(&decision)).map_err(|error| match error {
                    DecideError::Facts(errors) => not_this_programs(errors),
                    DecideError::OutOfOrder(error) => out_of_order(&error),
                }),
            });
        }
        decided
    }
}

impl Program {
    /// The totals, when they are this program's: those of another would be read as if nothing were counted.
    fn own<'a>(&self, counted: &'a wit::TotalsBorrow<'_>) -> Result<&'a RefCell<Counted>, wit::DecideError> {
        let totals = counted.get::<Totals>();
        if totals.of == self.0.digest() { Ok(&totals.counted) } else { Err(wit::DecideError::Totals) }
    }

    /// Decides an action one of the ways that leave totals as they are.
    fn answer(
        &self,
        decide: Decide,
        action: &str,
        known: &wit::ReferenceBorrow<'_>,
        counted: &wit::TotalsBorrow<'_>,
    ) -> Result<String, wit::DecideError> {
        let totals = self.own(counted)?.borrow();
        let decision = decide(&self.0, &read(action)?, &known.get::<Reference>().0.borrow(), &totals);
        decision.map_err(not_this_programs).map(|decision| json(&decision))
    }
}

/// [`accrue::Program::decide`], or [`accrue::Program::explain`].
type Decide = fn(&accrue::Program, &Action, &facts::Reference, &Counted) -> Result<Decision, FactErrors>;

fn read(action: &str) -> Result<Action, wit::DecideError> {
    read_action(action).map_err(|error| not_this_programs(error.into()))
}

/// A decision has only texts, whole numbers and lists of them, which JSON can always hold.
fn json(decision: &Decision) -> String {
    serde_json::to_string(decision).unwrap_or_default()
}

fn not_this_programs(errors: FactErrors) -> wit::DecideError {
    wit::DecideError::Facts(fact_errors(errors))
}

fn out_of_order(error: &OutOfOrder) -> wit::DecideError {
    wit::DecideError::OutOfOrder(wit::OutOfOrder {
        action: error.action.clone(),
        occurred_at: error.occurred_at.to_string(),
        last_action: error.last_action.clone(),
        last_occurred_at: error.last_occurred_at.to_string(),
    })
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

fn total(entry: TotalEntry) -> wit::Total {
    wit::Total {
        meter: u32::try_from(entry.meter).unwrap_or(u32::MAX),
        key: entry.key,
        since: entry.since.map(|date| date.to_string()),
        actions: entry.sums.actions,
        paid_actions: entry.sums.paid_actions,
        revenue: entry.sums.revenue.to_string(),
        payouts: entry.sums.payouts.to_string(),
    }
}
