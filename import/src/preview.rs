//! Shows what the first rows of an export become, before all of it is imported.

use accrue::Action;
use accrue::facts::{Adjustment, FactError};
use schemars::JsonSchema;
use serde::Serialize;

use crate::actions::{ImportOptions, MappedActions, Read};
use crate::error::ImportError;
use crate::export::Export;
use crate::mapping::Mapping;
use crate::table::{RawRow, TableForm};

/// The beginning of an export, and what it becomes. Obtained from [`preview`].
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Preview {
    /// How the export is written.
    pub form: TableForm,
    /// The first transactions, in the order of an import.
    pub entries: Vec<PreviewEntry>,
    /// Whether there are more transactions than these.
    pub is_cut: bool,
}

/// The rows of a transaction, and what they become.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct PreviewEntry {
    /// The rows: one, or the lines of an order.
    pub rows: Vec<RawRow>,
    /// What they become.
    pub outcome: PreviewOutcome,
}

/// What some rows become.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "nearly every row is an action, and there are few entries")]
pub enum PreviewOutcome {
    /// An action.
    Action {
        /// The action.
        action: Action,
    },
    /// An action that the export says is reversed, if [`ImportOptions::reversals`] asks for them.
    Reversed {
        /// The action.
        action: Action,
        /// Its reversal.
        reversal: Box<Adjustment>,
    },
    /// Rows that the export says are reversed. They are not decided.
    SetAside,
    /// No valid action.
    Rejected {
        /// Every error of the rows.
        errors: Vec<PreviewError>,
    },
}

/// An error of some rows, with its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct PreviewError {
    /// The columns of the export that it is about, as places in [`TableForm::columns`]. Empty for an error of a whole row.
    pub columns: Vec<usize>,
    /// The error, with its line.
    #[serde(flatten)]
    pub error: FactError,
}

/// Reads the first transactions of an export as an import reads them, with the cells that they are made of. `entries` is the most
/// transactions that are returned.
///
/// If the mapping brings rows of one order together, all rows are looked through once, as an import does, because a row of the first
/// order may be the last one of the file.
///
/// # Errors
///
/// Those of [`MappedActions::open`], and [`ImportError::Io`] if the export cannot be read further.
///
/// ```
/// use accrue_import::{Export, ImportOptions, Mapping, PreviewOutcome, preview};
///
/// let export = Export::bytes("orders.csv", *b"Order,Date,Total\n1001,2026-03-02 09:01:00,12.50\n1002,2026-03-02,12;50\n");
/// let mapping = Mapping::parse("shop.toml", r#"
///     title = "Our shop"
///     [values]
///     time_zone = "Europe/Berlin"
///     [columns]
///     id = "Order"
///     event_type = { value = "sale" }
///     occurred_at = "Date"
///     amount = "Total"
/// "#)?;
/// let preview = preview(&export, &mapping, &ImportOptions::default(), 10)?;
/// assert_eq!(preview.form.columns, ["Order", "Date", "Total"]);
/// assert_eq!(preview.entries[0].rows[0].cells, ["1001", "2026-03-02 09:01:00", "12.50"]);
/// assert!(matches!(preview.entries[0].outcome, PreviewOutcome::Action { .. }));
/// assert!(matches!(preview.entries[1].outcome, PreviewOutcome::Rejected { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn preview(
    export: &Export,
    mapping: &Mapping,
    options: &ImportOptions,
    entries: usize,
) -> Result<Preview, ImportError> {
    let mut actions = MappedActions::open(export, mapping, options)?;
    let mut found = Vec::new();
    let mut is_cut = false;
    while let Some((rows, read)) = actions.next_read() {
        if found.len() >= entries {
            is_cut = true;
            break;
        }
        let first_line = rows.first().map_or(0, |row| row.first_line());
        let outcome = match read {
            Ok(Read::Action(action)) => PreviewOutcome::Action { action },
            Ok(Read::Reversed(action, reversal)) => PreviewOutcome::Reversed { action, reversal },
            Ok(Read::SetAside) => PreviewOutcome::SetAside,
            Err(errors) => {
                let errors = errors.on_line(first_line).0.into_iter();
                let placed = |error: FactError| PreviewError {
                    columns: error.field.as_deref().map(|field| actions.places(field)).unwrap_or_default(),
                    error,
                };
                PreviewOutcome::Rejected { errors: errors.map(placed).collect() }
            }
        };
        found.push(PreviewEntry { rows: rows.iter().map(RawRow::of).collect(), outcome });
    }
    match actions.failure() {
        Some(failure) => Err(std::io::Error::new(failure.kind(), failure.to_string()).into()),
        None => Ok(Preview { form: actions.form().clone(), entries: found, is_cut }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    const MAPPING: &str = r#"
        title = "x"
        [values]
        time_zone = "Europe/Berlin"
        [columns]
        id = "Order"
        event_type = { value = "sale" }
        occurred_at = "Date"
        amount = { column = "Price", times = "Count" }
        [rows]
        order = "Order"
        [status]
        column = "State"
        approved = ["ok"]
        reversed = ["void"]
    "#;

    #[test]
    fn entries_are_those_of_an_import_with_errors_at_their_columns() {
        let text = b"sep=;\nOrder;Date;Price;Count;State\n1;2026-03-02 09:01:00;2.50;2;ok\n2;2026-03-02 09:01:00;x;2;ok\n3;2026-03-02 09:01:00;1;1;void\n\
                     4;2026-03-02 09:01:00;1;1;lost\n5;2026-03-02 09:01:00;1;1;ok\n";
        let (export, mapping) = (Export::bytes("x.csv", *text), Mapping::parse("x.toml", MAPPING).unwrap());
        let options = ImportOptions::default();
        let shown = preview(&export, &mapping, &options, 4).unwrap();
        assert!(shown.is_cut && shown.entries.len() == 4);
        assert_eq!((shown.form.delimiter, shown.form.header_line), (Some(';'), 2));
        let imported: Vec<_> = MappedActions::open(&export, &mapping, &options).unwrap().take(4).collect();
        for (entry, imported) in shown.entries.iter().zip(&imported) {
            match (&entry.outcome, imported) {
                (PreviewOutcome::Action { action }, Ok(crate::Imported::Action(record))) => {
                    assert_eq!(*action, record.action);
                }
                (PreviewOutcome::SetAside, Ok(crate::Imported::SetAside(_))) => {}
                (PreviewOutcome::Rejected { errors }, Err(reject)) => {
                    let told: Vec<FactError> = errors.iter().map(|error| error.error.clone()).collect();
                    assert_eq!(told, reject.errors.0);
                }
                (outcome, imported) => panic!("{outcome:?} is not {imported:?}"),
            }
        }
        let places = |at: usize| match &shown.entries[at].outcome {
            PreviewOutcome::Rejected { errors } => errors[0].columns.clone(),
            outcome => panic!("{outcome:?}"),
        };
        assert_eq!((places(1), places(3)), (vec![2, 3], vec![4]));
        let json = serde_json::to_value(&shown).unwrap();
        assert_eq!(json["entries"][1]["outcome"]["errors"][0]["line"], 4);
        assert_eq!(json["entries"][1]["rows"][0]["cells"][2], "x");
        assert!(!preview(&export, &mapping, &options, 5).unwrap().is_cut);
    }
}
