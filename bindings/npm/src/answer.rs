//! What JavaScript gets: JSON, or an error as JSON.

use accrue::DecideError;
use accrue::counters::CounterError;
use accrue::decide::{AdjustError, CloseError};
use accrue::diagnostic::Diagnostics;
use accrue::facts::{FactError, FactErrors};
use accrue::limits::LimitError;
use accrue_history::FactFault;
use accrue_import::ImportError;
use accrue_simulate::SimulateError;
use serde::Serialize;
use wasm_bindgen::JsValue;

/// A result, or an error that JavaScript catches.
pub type Answer<T> = Result<T, Refused>;

/// Why something was not done: what is thrown, as JSON. The package makes an `AccrueError` of it.
#[derive(Debug, Serialize)]
pub struct Refused {
    /// What is at fault.
    kind: Kind,
    /// A code that stays the same from release to release, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// Why, for people.
    message: String,
    /// What is wrong with facts, by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facts: Vec<FactError>,
    /// What is wrong with the files of a program, or with a mapping.
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<Diagnostics>,
}

/// What is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The files of the program.
    Program,
    /// The mapping of an import.
    Mapping,
    /// An action, an adjustment or reference facts.
    Facts,
    /// The counters: they belong to another program, or a sum does not fit.
    Counters,
    /// An adjustment or a close that cannot be made.
    Refused,
    /// An argument of the call.
    Argument,
}

impl Refused {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, code: None, message: message.into(), facts: Vec::new(), diagnostics: None }
    }

    /// Returns the error of an argument that cannot be read.
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::new(Kind::Argument, message)
    }

    /// Returns the error of a mapping that cannot be read.
    pub(crate) fn mapping(diagnostics: Diagnostics) -> Self {
        let message = "the mapping has errors: see `diagnostics`";
        Self { diagnostics: Some(diagnostics), ..Self::new(Kind::Mapping, message) }
    }

    /// Returns the error with the name of the file at fault.
    pub(crate) fn of_file(self, file: &str) -> Self {
        Self { message: format!("{file}: {}", self.message), ..self }
    }
}

impl From<Refused> for JsValue {
    fn from(refused: Refused) -> Self {
        json(&refused).into()
    }
}

impl From<Diagnostics> for Refused {
    fn from(diagnostics: Diagnostics) -> Self {
        Self {
            diagnostics: Some(diagnostics),
            ..Self::new(Kind::Program, "the program has errors: see `diagnostics`")
        }
    }
}

impl From<FactErrors> for Refused {
    fn from(errors: FactErrors) -> Self {
        Self { message: errors.to_string(), facts: errors.0, ..Self::new(Kind::Facts, "") }
    }
}

impl From<Vec<FactFault>> for Refused {
    fn from(faults: Vec<FactFault>) -> Self {
        let text = |fault: &FactFault| format!("{}: {}", fault.file, fault.error);
        let message = faults.iter().map(text).collect::<Vec<_>>().join("\n");
        Self {
            facts: faults.into_iter().map(|fault| fault.error).collect(),
            ..Self::new(Kind::Facts, message)
        }
    }
}

impl From<FactError> for Refused {
    fn from(error: FactError) -> Self {
        FactErrors::from(error).into()
    }
}

impl From<CounterError> for Refused {
    fn from(error: CounterError) -> Self {
        Self::new(Kind::Counters, error.to_string())
    }
}

impl From<DecideError> for Refused {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::Facts(errors) => errors.into(),
            error => Self::new(Kind::Counters, error.to_string()),
        }
    }
}

impl From<AdjustError> for Refused {
    fn from(error: AdjustError) -> Self {
        let (code, message) = (Some(error.code()), error.to_string());
        let facts = if let AdjustError::Facts(errors) = error { errors.0 } else { Vec::new() };
        Self { code, facts, ..Self::new(Kind::Refused, message) }
    }
}

impl From<CloseError> for Refused {
    fn from(error: CloseError) -> Self {
        Self { code: Some(error.code()), ..Self::new(Kind::Refused, error.to_string()) }
    }
}

impl From<ImportError> for Refused {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Unfit(errors) => errors.into(),
            error => Self::new(Kind::Facts, error.to_string()),
        }
    }
}

impl From<SimulateError> for Refused {
    fn from(error: SimulateError) -> Self {
        match error {
            SimulateError::Close(error) => error.into(),
            error => Self::new(Kind::Refused, error.to_string()),
        }
    }
}

impl From<LimitError> for Refused {
    fn from(error: LimitError) -> Self {
        Self::argument(error.to_string())
    }
}

/// Returns a value as JSON. Cannot fail: what is given out has only texts, whole numbers, and lists and tables of them.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
