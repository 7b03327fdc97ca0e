//! A mapping that was checked.

use std::collections::BTreeMap;

use accrue::facts::fields::Kind;
use accrue::time::Zone;
use encoding_rs::Encoding;

use crate::dates::DateForm;
use crate::numbers::NumberForm;

/// How the rows of an export become actions. Obtained from [`Mapping::parse`].
///
/// ```
/// use accrue_import::Mapping;
///
/// let mapping = Mapping::parse("imports/shop.toml", r#"
///     title = "Our shop"
///     [values]
///     dates = ["DD.MM.YYYY HH:mm"]
///     time_zone = "Europe/Berlin"
///     decimal_mark = ","
///     [columns]
///     id = "Order"
///     event_type = { value = "sale" }
///     occurred_at = "Date"
///     amount = "Total"
/// "#)?;
/// assert_eq!(mapping.title(), "Our shop");
/// # Ok::<(), accrue::diagnostic::Diagnostics>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mapping {
    pub(super) title: String,
    pub(super) source: Option<String>,
    pub(crate) file: FileForm,
    pub(crate) numbers: NumberForm,
    pub(crate) zone: Option<Zone>,
    pub(crate) columns: Vec<Column>,
    pub(crate) order: Option<String>,
    pub(crate) ignored: Ignored,
    /// Rows that are no transactions: those for which one of the conditions holds.
    pub(crate) skip_when: Vec<Condition>,
    /// Transactions that are set aside: those for which one of the conditions holds.
    pub(crate) reversed_when: Vec<Condition>,
    pub(crate) status: Option<Status>,
}

impl Mapping {
    /// Returns the name of the export, for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the address of the page that documents the export; `None` if the mapping does not say it.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Returns the columns of the export that each file must have, each once.
    pub(crate) fn required(&self) -> Vec<&str> {
        let of_columns = self.columns.iter().filter_map(|column| match &column.source {
            Source::Cells(cells) if !cells.is_optional => Some(cells.read()),
            _ => None,
        });
        let mut names: Vec<&str> = Vec::new();
        for name in of_columns.flatten().chain(self.of_rows()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Returns the columns of the export that the mapping reads.
    pub(crate) fn used(&self) -> impl Iterator<Item = &str> {
        let of_columns = self.columns.iter().filter_map(|column| match &column.source {
            Source::Cells(cells) => Some(cells.read()),
            Source::Constant(_) => None,
        });
        of_columns.flatten().chain(self.of_rows())
    }

    /// Returns the columns of the export that say what becomes of a row.
    fn of_rows(&self) -> impl Iterator<Item = &str> {
        let conditions = self.skip_when.iter().chain(&self.reversed_when);
        let status = self.status.iter().flat_map(|status| {
            let beside = status.reversed_at.iter().chain(&status.reason);
            beside.chain([&status.column]).map(String::as_str)
        });
        self.order.as_deref().into_iter().chain(conditions.map(|when| when.column.as_str())).chain(status)
    }
}

/// How the file is written; `None` for what is detected.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileForm {
    pub(crate) sheet: Option<String>,
    pub(crate) encoding: Option<&'static Encoding>,
    pub(crate) delimiter: Option<u8>,
    pub(crate) quote: Option<u8>,
    pub(crate) title_lines: Option<u32>,
}

/// A column of actions.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Its name, such as `item.sku`.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) source: Source,
}

/// Where the cells of a column come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Constant(String),
    Cells(Box<Cells>),
}

/// Cells of an export, and how they are read.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    /// The columns whose cells are joined; usually one.
    pub(crate) names: Vec<String>,
    /// The text between joined cells.
    pub(crate) with: String,
    /// The columns that are read, one after the other, while the cells before them are empty.
    pub(crate) or: Vec<String>,
    /// The part of the cell, or of each value of a list; all of it if `None`.
    pub(crate) part: Option<Part>,
    /// What the number is multiplied by.
    pub(crate) times: Option<String>,
    /// What is added to the number.
    pub(crate) plus: Vec<String>,
    /// What is subtracted from the number.
    pub(crate) minus: Vec<String>,
    pub(crate) is_optional: bool,
    /// What an empty cell means.
    pub(crate) empty: Option<String>,
    pub(crate) meaning: Option<Meaning>,
    /// Forms of dates. None for RFC 3339 and `YYYY-MM-DD HH:mm:ss`.
    pub(crate) dates: Vec<DateForm>,
    /// The text between the values of a list.
    pub(crate) list: String,
}

impl Cells {
    /// Returns every column of the export that is read.
    pub(crate) fn read(&self) -> impl Iterator<Item = &str> {
        let Self { names, or, times, plus, minus, .. } = self;
        names.iter().chain(or).chain(times).chain(plus).chain(minus).map(String::as_str)
    }
}

/// One part of a cell whose parts are separated by a mark.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) mark: String,
    pub(crate) which: Which,
}

/// Which part of a cell is read.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    /// The first part that begins with this text, without the text.
    After(String),
    /// The part of this number, from 1.
    Number(usize),
}

/// A condition on rows.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) column: String,
    /// Cells in lower case.
    cells: Vec<String>,
    /// Whether the condition holds for the cells, or for all others.
    is: bool,
}

impl Condition {
    pub(super) fn new(column: &str, cells: &[String], is: bool) -> Self {
        Self { column: column.trim().to_owned(), cells: cells.iter().map(|cell| folded(cell)).collect(), is }
    }

    /// Returns whether the condition holds for a row with this cell.
    pub(crate) fn holds(&self, cell: &str) -> bool {
        self.cells.iter().any(|known| is_folded(cell, known)) == self.is
    }
}

/// Returns whether a cell is a known cell, which is folded.
fn is_folded(cell: &str, known: &str) -> bool {
    let cell = cell.trim();
    if cell.is_ascii() { cell.eq_ignore_ascii_case(known) } else { folded(cell) == known }
}

/// Returns what a cell stands for in a table whose keys are folded.
pub(crate) fn of_folded<'t, T>(table: &'t BTreeMap<String, T>, cell: &str) -> Option<&'t T> {
    table.iter().find(|(known, _)| is_folded(cell, known)).map(|(_, value)| value)
}

/// Returns a cell as cells are compared: without regard to case.
pub(crate) fn folded(cell: &str) -> String {
    cell.trim().to_lowercase()
}

/// What cells mean.
#[derive(Clone, Debug)]
pub(crate) struct Meaning {
    /// By the cell in lower case.
    pub(crate) of: BTreeMap<String, String>,
    /// The meaning of any other cell; an error if `None`.
    pub(crate) otherwise: Option<String>,
}

/// The columns that are left aside.
#[derive(Clone, Debug)]
pub(crate) enum Ignored {
    These(Vec<String>),
    Others,
}

/// The column that says which transactions count.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) column: String,
    /// By the cell in lower case.
    pub(crate) of: BTreeMap<String, Standing>,
    /// The column with the moment of a reversal.
    pub(crate) reversed_at: Option<String>,
    /// The column with the reason of a reversal.
    pub(crate) reason: Option<String>,
}

/// Whether a transaction counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is decided.
    Counts,
    /// It is reversed.
    Reversed,
}
