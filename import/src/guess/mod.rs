//! Proposes a mapping for an export, from its header and its cells.
//!
//! What the cells leave open (the order of day and month, a single mark with three digits behind it, the time zone) is not guessed:
//! it becomes a question, and a line that begins with `# ?` in the proposed file.

mod cells;
mod names;
mod write;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::actions::ImportOptions;
use crate::dates;
use crate::error::ImportError;
use crate::export::Export;
use crate::mapping::{FileForm, Mapping};
use crate::shipped::SHIPPED;
use crate::table::{Opening, RawRow, Sketch, TableForm};
use cells::{DateGuess, MarkGuess};

/// The most cells of a column that are listed in a question.
const LISTED_CELLS: usize = 12;

/// A proposed mapping, and what a person has to answer before it can be used.
///
/// ```
/// use accrue_import::{Export, ImportOptions, guess};
///
/// let export = Export::bytes("orders.csv", *b"Order ID;Datum;Betrag\n1001;28.03.2026 09:01;1.537,66\n");
/// let guess = guess(&export, &ImportOptions::default())?;
/// assert!(guess.toml.contains("id = \"Order ID\""));
/// assert!(guess.toml.contains("decimal_mark = \",\""));
/// assert!(guess.questions.iter().any(|question| question.contains("time zone")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Guess {
    /// The text of the mapping. Lines that begin with `# ?` are to be completed.
    pub toml: String,
    /// What was assumed, a sentence each.
    pub notes: Vec<String>,
    /// What the export does not say, a sentence each.
    pub questions: Vec<String>,
    /// The mappings that ship and whose columns the export has, the one that reads the most columns first. Such a mapping may be used
    /// instead.
    pub candidates: Vec<Candidate>,
    /// How the export is written.
    pub form: TableForm,
    /// The first rows below the header, at most 20.
    pub rows: Vec<RawRow>,
}

/// A mapping that ships and that may be the right one for an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Candidate {
    /// Its name, such as `awin`.
    pub name: String,
    /// The name of its export, for people.
    pub title: String,
}

/// Returns the mappings that ship and whose columns a header has.
fn candidates(columns: &[String]) -> Vec<Candidate> {
    let mut found: Vec<(usize, Candidate)> = Vec::new();
    for shipped in SHIPPED {
        let Ok(mapping) = Mapping::parse(shipped.name, shipped.text) else { continue };
        let has = |name: &&str| columns.iter().any(|column| column == name);
        if mapping.required().iter().all(has) {
            let used: BTreeSet<&str> = mapping.used().filter(has).collect();
            let candidate = Candidate { name: shipped.name.to_owned(), title: shipped.title.to_owned() };
            found.push((used.len(), candidate));
        }
    }
    found.sort_by_key(|(used, _)| std::cmp::Reverse(*used));
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

/// Proposes a mapping for an export. Of the options, the limits are used.
///
/// # Errors
///
/// [`ImportError::Unfit`] if the export is no table that can be read, [`ImportError::Io`] if it cannot be read.
pub fn guess(export: &Export, options: &ImportOptions) -> Result<Guess, ImportError> {
    let form = FileForm::default();
    let row_bytes = options.limits.action_bytes;
    let sketch = Sketch::of(Opening { export, form: &form, row_bytes, sheets: &options.sheets })?;
    let (toml, notes, questions) = Findings::of(&sketch).write(&export.stem());
    let candidates = candidates(&sketch.header.names);
    Ok(Guess { toml, notes, questions, candidates, form: sketch.form, rows: sketch.rows })
}

/// What was found out about an export.
#[derive(Debug)]
struct Findings {
    is_encoding_open: bool,
    is_cut: bool,
    delimiter: u8,
    /// The columns of actions, with the columns of the export that they are read from.
    columns: Vec<(&'static str, String)>,
    /// The other columns of the export.
    others: Vec<String>,
    marks: MarkGuess,
    currency_marks: BTreeSet<String>,
    /// How the dates of `occurred_at` are written.
    dates: DateGuess,
    /// Whether a moment has no offset.
    needs_zone: bool,
    /// Whether cells of promo codes are lists with commas.
    has_commas: bool,
    /// The cells of `customer.status`, if they are not the engine's words.
    customers: Vec<String>,
    /// The column that says which transactions count, and its cells.
    status: Option<(String, Vec<String>)>,
}

impl Findings {
    fn of(sketch: &Sketch) -> Self {
        let (mut columns, mut others, mut status) = (Vec::new(), Vec::new(), None);
        for name in sketch.header.names.iter().filter(|name| !name.is_empty()) {
            let is_taken = |target: &str| columns.iter().any(|(taken, _)| *taken == target);
            match names::target(name).filter(|target| !is_taken(target)) {
                Some("status") if status.is_none() => status = Some((name.clone(), distinct(sketch, name))),
                Some("status") | None => others.push(name.clone()),
                Some(target) => columns.push((target, name.clone())),
            }
        }
        let named = |wanted: &str| {
            columns.iter().find(|(target, _)| *target == wanted).map(|(_, name)| name.as_str())
        };
        let amounts = || {
            let names = columns.iter().filter(|(target, _)| names::is_amount(target));
            names.flat_map(|(_, name)| sketch.column(name))
        };
        let when = named("occurred_at").unwrap_or_default();
        let dates = cells::dates(sketch.column(when));
        let has_offset = |cell: &str| match &dates {
            DateGuess::Form(form) => form.ends_with('Z'),
            _ => dates::read(cell, &[], None).is_ok(),
        };
        let customers = named("customer.status").map(|name| distinct(sketch, name)).unwrap_or_default();
        let is_word = |cell: &String| ["new", "existing"].contains(&cell.to_lowercase().as_str());
        let codes = named("promo_codes").unwrap_or_default();
        let needs_zone =
            sketch.has_dates(when) || sketch.column(when).any(|cell| !has_offset(cell)) || when.is_empty();
        let has_commas = sketch.column(codes).any(|cell| cell.contains(','));
        let (marks, currency_marks) =
            (cells::marks(amounts()), amounts().flat_map(cells::currency_marks).collect());
        Self {
            is_encoding_open: sketch.is_encoding_open,
            is_cut: sketch.is_cut,
            delimiter: sketch.header.delimiter,
            marks,
            currency_marks,
            needs_zone,
            has_commas,
            customers: if customers.iter().all(is_word) { Vec::new() } else { customers },
            dates,
            status,
            columns,
            others,
        }
    }
}

/// Returns the first different cells of a column.
fn distinct(sketch: &Sketch, name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for cell in sketch.column(name) {
        if found.len() < LISTED_CELLS && !found.iter().any(|other| other.eq_ignore_ascii_case(cell)) {
            found.push(cell.to_owned());
        }
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::{MappedActions, Mapping};

    /// Returns the proposal for an export, and the actions that it reads with every `# ?` line answered as proposed.
    fn proposed(export: &[u8]) -> (Guess, Vec<String>) {
        let export = Export::bytes("export.csv", export);
        let guess = guess(&export, &ImportOptions::default()).unwrap();
        let answered = guess.toml.replace("# ? ", "");
        let mapping =
            Mapping::parse("guess.toml", &answered).unwrap_or_else(|faults| panic!("{answered}\n{faults}"));
        let actions = MappedActions::open(&export, &mapping, &ImportOptions::default());
        let actions = actions.unwrap_or_else(|error| panic!("{answered}\n{error}"));
        let read = actions
            .map(|read| read.map_or_else(|reject| reject.errors.to_string(), |read| format!("{read:?}")));
        (guess, read.collect())
    }

    #[test]
    fn a_german_export() {
        let export = "\u{FEFF}Order ID;Transaction Date;Sale Amount;Publisher;Voucher Code;New Customer (Y/N);Comment;Status\n\
                      1001;28.03.2026 09:01;1.537,66 EUR;acme;A, B;Y;;Approved\n1002;02.03.2026 09:02;12,50;;;N;x;Declined\n";
        let (guess, read) = proposed(export.as_bytes());
        for line in [
            "decimal_mark = \",\"",
            "thousands_mark = \".\"",
            "currency_marks = [\"EUR\"]",
            "dates = [\"DD.MM.YYYY HH:mm\"]",
            "id = \"Order ID\"",
            "\"credit.partner\" = \"Publisher\"",
            "promo_codes = { column = \"Voucher Code\", list = \",\" }",
            "ignore = [\"Comment\"]",
            "# ? time_zone = \"Europe/Berlin\"",
            "# ? event_type = { value = \"sale\" }",
            "# ? \"customer.status\" = { column = \"New Customer (Y/N)\", values = { \"Y\" = \"new\", \"N\" = \"new\" } }",
            "# ? approved = [\"Approved\", \"Declined\"]",
        ] {
            assert!(
                guess.toml.lines().any(|found| found.split("  # ").next() == Some(line)),
                "{line}:\n{}",
                guess.toml
            );
        }
        assert_eq!(guess.questions.len(), 4, "{:?}", guess.questions);
        assert!(read.iter().all(|read| read.starts_with("Action")), "{read:?}");
        assert!(Mapping::parse("guess.toml", &guess.toml).is_err());
    }

    #[test]
    fn what_is_ambiguous_is_asked() {
        let (guess, read) = proposed(b"Bestellnummer,Datum,Betrag\na1,02/03/2026,1.234\n");
        assert!(guess.toml.contains("# ? dates = [\"DD/MM/YYYY\"]  # or [\"MM/DD/YYYY\"]"), "{}", guess.toml);
        assert!(guess.toml.contains("# ? decimal_mark = \".\""), "{}", guess.toml);
        assert!(guess.questions.iter().any(|question| question.contains("`1.234`")), "{:?}", guess.questions);
        assert_eq!(read.len(), 1);
        let (guess, _) = proposed(b"id\tdate\tumsatz\tgr\xF6\xDFe\na1\t2026-03-02T09:01:00Z\t5\tx\n");
        assert!(guess.toml.contains("# ? encoding = \"windows-1252\""), "{}", guess.toml);
        assert!(!guess.toml.contains("time_zone"), "{}", guess.toml);
    }

    #[test]
    fn a_mapping_that_ships_is_proposed_with_the_rows_as_they_stand() {
        let header = "id,publisher_id,sale_amount,commission,date,commission_status,validation_date,extra,type,site_name,URL,decline_reason";
        let export = format!(
            "{header}\n1,2,5.00,0.50,2026-03-02 09:01:00,approved,,W1,Sale,\"A, B\",https://a.example,\n"
        );
        let guess = guess(&Export::bytes("awin.csv", export.as_bytes()), &ImportOptions::default()).unwrap();
        assert_eq!(guess.candidates.first().map(|candidate| candidate.name.as_str()), Some("awin"));
        assert_eq!((guess.form.delimiter, guess.form.encoding.as_deref()), (Some(','), Some("UTF-8")));
        assert_eq!(guess.rows.len(), 1);
        assert!(guess.rows.iter().all(|row| row.first_line == 2 && row.cells.contains(&"A, B".to_owned())));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let export = Export::bytes("x.csv", *b"hello\nworld\n");
        assert!(guess(&export, &ImportOptions::default()).unwrap_err().to_string().contains("no table"));
    }
}
