//! Reads actions from an export, one at a time: each is an action, set aside, or a reject.

use std::fmt;
use std::io;

use accrue::Action;
use accrue::facts::fields::{Dialect, RowGroup, RowGroups};
use accrue::facts::{Adjustment, AdjustmentKind, FactError, FactErrors, Record, Reject};
use accrue::limits::Limits;
use accrue::time::Zone;

use crate::convert::Converter;
use crate::error::ImportError;
use crate::export::Export;
use crate::mapping::{Condition, Mapping, Standing, of_folded};
use crate::render::Renderer;
use crate::rows::{Group, GroupedRows};
use crate::table::{Advance, Opening, SheetLimits, Table, TableForm, TableRow, listed};

/// What an import needs to know beside the mapping.
#[derive(Clone, Default)]
pub struct ImportOptions {
    /// The time zone of moments without an offset, if the mapping has none: that of the program.
    pub zone: Option<Zone>,
    /// Limits on an action.
    pub limits: Limits,
    /// Limits on a workbook.
    pub sheets: SheetLimits,
    /// Called with the number of bytes that were read, for a progress bar.
    pub on_read: Option<Advance>,
    /// Whether reversed rows are read as actions with their reversals, and not set aside.
    pub reversals: bool,
}

impl fmt::Debug for ImportOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportOptions")
            .field("zone", &self.zone)
            .field("limits", &self.limits)
            .field("sheets", &self.sheets)
            .finish_non_exhaustive()
    }
}

/// What was read from some rows of an export.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly every row is an action, and a box for each would cost more"
)]
pub enum Imported {
    /// An action.
    Action(Record),
    /// Rows that the export says are reversed. They are not decided.
    SetAside(SetAside),
    /// An action that the export says is reversed, with its reversal, if [`ImportOptions::reversals`] asks for them.
    Reversed(Record, Box<Adjustment>),
}

/// What some rows are, without their text.
#[allow(clippy::large_enum_variant, reason = "nearly every row is an action, as above")]
pub(crate) enum Read {
    Action(Action),
    Reversed(Action, Box<Adjustment>),
    SetAside,
}

/// Rows of an export that are not decided, as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// The first line of the rows in the file, from 1.
    pub first_line: u64,
    /// The text of the rows in a CSV file, without the last line end.
    pub text: String,
}

/// Reads the actions of an export through a mapping.
///
/// The export is CSV in any dialect (also compressed by gzip), .xlsx or .ods. It is read more than once: to find its encoding and
/// header, and to find out whether the rows of one order stand beside each other.
///
/// ```
/// use accrue_import::{Export, ImportOptions, Imported, MappedActions, Mapping};
///
/// // Or a file: `Export::file("orders.csv")`.
/// let export = Export::bytes("orders.csv", *b"Order;Date;Total\n1001;02.03.2026 09:01;1.537,66\n");
/// let mapping = Mapping::parse("shop.toml", r#"
///     title = "Our shop"
///     [values]
///     dates = ["DD.MM.YYYY HH:mm"]
///     time_zone = "Europe/Berlin"
///     decimal_mark = ","
///     thousands_mark = "."
///     [columns]
///     id = "Order"
///     event_type = { value = "sale" }
///     occurred_at = "Date"
///     amount = "Total"
/// "#)?;
/// for read in MappedActions::open(&export, &mapping, &ImportOptions::default())? {
///     match read {
///         Ok(Imported::Action(record)) => assert_eq!(record.action.occurred_at.to_string(), "2026-03-02T08:01:00Z"),
///         Ok(Imported::SetAside(rows)) => println!("line {} is reversed", rows.first_line),
///         Ok(Imported::Reversed(record, reversal)) => println!("{} takes back {}", reversal.id, record.action.id),
///         Err(reject) => println!("{}", reject.errors),
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MappedActions {
    rows: GroupedRows,
    converter: Converter,
    /// Whether reversed rows are read as actions with their reversals.
    reversals: bool,
    /// The place of the status column, and what its cells mean.
    status: Option<(usize, crate::mapping::Status)>,
    /// The conditions of transactions that are set aside, with the places of their columns.
    reversed_when: Vec<(usize, Condition)>,
    header: String,
    form: TableForm,
    dialect: Dialect,
    groups: RowGroups<Group, TableRow>,
}

impl fmt::Debug for MappedActions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedActions").field("header", &self.header).finish_non_exhaustive()
    }
}

impl MappedActions {
    /// Opens an export, and finds its header.
    ///
    /// # Errors
    ///
    /// [`ImportError::Unfit`] if the export does not fit the mapping or is beyond the limits, [`ImportError::Io`] if it cannot be
    /// read.
    pub fn open(export: &Export, mapping: &Mapping, options: &ImportOptions) -> Result<Self, ImportError> {
        let (file, row_bytes, sheets) = (&mapping.file, options.limits.action_bytes, &options.sheets);
        let table = Table::open(Opening { export, form: file, row_bytes, sheets }, mapping)?;
        let has_text = table.has_text();
        let converter = Converter::new(mapping, &table.header, options.zone, !has_text)?;
        let renderer = (!has_text).then(|| Renderer::new(mapping, &table.header));
        let header = match &renderer {
            Some(renderer) => renderer.header(mapping, &table.header),
            None => table.header.text.clone(),
        };
        let status = mapping.status.clone();
        let status = status.and_then(|status| Some((table.header.place(&status.column)?, status)));
        let reversed_when = mapping.reversed_when.iter();
        let reversed_when = reversed_when
            .filter_map(|when| Some((table.header.place(&when.column)?, when.clone())))
            .collect();
        let form = table.form();
        let dialect = Dialect { delimiter: table.header.delimiter, quote: file.quote.unwrap_or(b'"') };
        let rows = GroupedRows::open(&table, mapping, renderer, options.on_read.clone())?;
        let groups = RowGroups::new(&options.limits);
        let reversals = options.reversals;
        Ok(Self { rows, converter, reversals, status, reversed_when, header, form, dialect, groups })
    }

    /// Returns the header of the export as CSV, with the lines above it, for a rejects file.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// Returns how the export is written: its encoding, its delimiter and its columns.
    pub fn form(&self) -> &TableForm {
        &self.form
    }

    /// Returns how the cells of the export are separated and quoted, for a rejects file.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Returns the error that ended reading before the end of the export, if there was one.
    pub fn failure(&self) -> Option<&io::Error> {
        self.groups.failure()
    }

    /// Returns how many rows were left out until now because `skip_when` says that they are no transactions.
    pub fn skipped(&self) -> u64 {
        self.rows.skipped
    }

    /// Returns whether the rows of an order did not stand beside each other, so that all rows were sorted first.
    pub fn were_sorted(&self) -> bool {
        self.rows.were_sorted
    }

    fn read(&self, group: &[TableRow]) -> Result<Read, FactErrors> {
        let is_reversed = group.iter().all(|row| row.fault().is_none()) && self.is_reversed(group)?;
        if is_reversed && !self.reversals {
            return Ok(Read::SetAside);
        }
        let action = self.converter.action(group)?;
        if !is_reversed {
            return Ok(Read::Action(action));
        }
        let reversal = self.reversal(group, &action)?;
        Ok(Read::Reversed(action, Box::new(reversal)))
    }

    /// Returns the reversal of an action: at the moment that the export names, or else at the action's own.
    fn reversal(&self, group: &[TableRow], action: &Action) -> Result<Adjustment, FactErrors> {
        let at = self.converter.reversed_at(group)?.unwrap_or(action.occurred_at);
        let id = format!("reversal-{}", action.id);
        let at = at.max(action.occurred_at);
        let mut reversal = Adjustment::new(id, action.id.clone(), AdjustmentKind::Reversal, at);
        reversal.reason = self.converter.reversal_reason(group);
        Ok(reversal)
    }

    fn reject(&self, group: &[TableRow], errors: FactErrors) -> Reject {
        let (first_line, _) = lines(group);
        Reject {
            first_line,
            text: joined(group),
            complete: group.iter().all(TableRow::is_complete),
            id: self.converter.id(group),
            errors: errors.on_line(first_line),
        }
    }

    /// Returns the next rows that belong together, and what they are.
    pub(crate) fn next_read(&mut self) -> Option<(Vec<TableRow>, Result<Read, FactErrors>)> {
        let rows = &mut self.rows;
        let refused = |message: String| Err(FactErrors::from(FactError::whole(message)));
        Some(match self.groups.next_group(|| rows.next_row(), |row| row.text().len())? {
            RowGroup::Whole(group) => {
                let read = self.read(&group);
                (group, read)
            }
            RowGroup::Unfinished(group) => {
                let message = "the file could not be read further, so this action may not be whole";
                (group, refused(message.to_owned()))
            }
            RowGroup::TooLarge(group) => (group, refused(self.groups.too_large("this order"))),
        })
    }

    /// Returns rows with their text.
    fn imported(&self, group: Vec<TableRow>, read: Result<Read, FactErrors>) -> Result<Imported, Reject> {
        let read = match read {
            Ok(read) => read,
            Err(errors) => return Err(self.reject(&group, errors)),
        };
        let (first_line, last_line) = lines(&group);
        let text = text(group);
        let record = |action, text| Record { action, first_line, last_line, text };
        Ok(match read {
            Read::Action(action) => Imported::Action(record(action, text)),
            Read::Reversed(action, reversal) => Imported::Reversed(record(action, text), reversal),
            Read::SetAside => Imported::SetAside(SetAside { first_line, text }),
        })
    }

    /// Returns the places of the columns of the export that an error's field is about.
    pub(crate) fn places(&self, field: &str) -> Vec<usize> {
        match self.form.columns.iter().position(|name| name == field) {
            Some(at) => vec![at],
            None => self.converter.places(field),
        }
    }

    /// Returns whether the export says of some rows that their transaction is reversed.
    fn is_reversed(&self, group: &[TableRow]) -> Result<bool, FactErrors> {
        if let Some((at, status)) = &self.status {
            let (mut reversed, mut wrong) = (Vec::new(), Vec::new());
            for row in filled(group, *at, || status.of.contains_key("")) {
                match standing(row, *at, status) {
                    Ok(standing) => reversed.push(standing == Standing::Reversed),
                    Err(error) => wrong.push(error),
                }
            }
            FactErrors(wrong).into_result()?;
            if all_or_none(reversed.into_iter(), &status.column)? {
                return Ok(true);
            }
        }
        for (at, when) in &self.reversed_when {
            let rows = filled(group, *at, || false);
            if all_or_none(rows.iter().map(|row| when.holds(&row.cell(*at))), &when.column)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Returns the rows whose cells in a column are filled, or all rows if an empty cell has a meaning. If there are none, returns the
/// first row: some exports fill the cells of an order in its first row only.
fn filled(group: &[TableRow], at: usize, empty_counts: impl Fn() -> bool) -> Vec<&TableRow> {
    if let [row] = group {
        return vec![row];
    }
    let mut rows: Vec<&TableRow> =
        group.iter().filter(|row| empty_counts() || !row.cell(at).is_empty()).collect();
    if rows.is_empty() {
        rows.extend(group.first());
    }
    rows
}

/// Returns whether all rows of an order are reversed. Fails if only some of them are.
fn all_or_none(reversed: impl ExactSizeIterator<Item = bool>, column: &str) -> Result<bool, FactErrors> {
    let rows = reversed.len();
    let count = reversed.filter(|is| *is).count();
    if count > 0 && count < rows {
        let message = "some rows of this order are reversed and others are not, so its amount cannot be told; report what is \
                       left of it as an action of its own";
        return Err(FactError::field(column, message).into());
    }
    Ok(count > 0)
}

/// Returns whether a row counts.
fn standing(row: &TableRow, at: usize, status: &crate::mapping::Status) -> Result<Standing, FactError> {
    let cell = row.cell(at);
    of_folded(&status.of, &cell).copied().ok_or_else(|| {
        let shown: String = cell.chars().take(40).collect();
        let known = listed(status.of.keys().map(String::as_str));
        let message = format!(
            "`{shown}` is none of {known}; add it to `pending`, `approved` or `reversed` under [status]"
        );
        FactError::field(status.column.clone(), message).on_line(row.first_line())
    })
}

impl Iterator for MappedActions {
    type Item = Result<Imported, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let (group, read) = self.next_read()?;
        Some(self.imported(group, read))
    }
}

fn lines(group: &[TableRow]) -> (u64, u64) {
    let first = group.first().map_or(0, TableRow::first_line);
    (first, group.last().map_or(first, TableRow::last_line))
}

fn joined(group: &[TableRow]) -> Vec<u8> {
    let texts: Vec<&[u8]> = group.iter().map(TableRow::text).collect();
    texts.join(&b'\n')
}

fn text(mut group: Vec<TableRow>) -> String {
    let only = if group.len() == 1 { group.pop() } else { None };
    let text = only.map_or_else(|| joined(&group), TableRow::into_text);
    String::from_utf8(text).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
