//! Makes an action of the rows of an export: reads each cell as the mapping says, and hands the result to the engine's own reader.

use std::borrow::Cow;
use std::collections::BTreeSet;

use accrue::Action;
use accrue::facts::fields::{ActionColumns, Kind, Row, disarmed};
use accrue::facts::{FactError, FactErrors};
use accrue::money::parse_decimal;
use accrue::time::{Timestamp, Zone};
use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;

use crate::dates::{self, Written};
use crate::mapping::{Cells, Ignored, Mapping, Part, Source, Which, of_folded};
use crate::numbers::{NumberForm, whole};
use crate::table::{CellKind, Header, TableRow, listed};

/// The prefixes of columns that each row of an action may fill anew.
const PARTS: [&str; 3] = ["item.", "touch.", "credit."];

/// Makes actions of rows below a known header.
#[derive(Debug)]
pub(crate) struct Converter {
    engine: ActionColumns,
    columns: Vec<Bound>,
    /// The moment of a reversal.
    reversed_at: Option<Bound>,
    /// The place of the column with the reason of a reversal.
    reason: Option<usize>,
    numbers: NumberForm,
    zone: Option<Zone>,
    /// The number of columns with a name.
    width: usize,
    /// Whether rows with too few cells are padded, as rows of sheets are.
    pads: bool,
}

/// A column of actions, and the columns of the export that it is read from.
#[derive(Debug)]
struct Bound {
    /// The name of the column of actions.
    name: String,
    /// The name for messages: `Sale Amount (amount)`.
    shown: String,
    kind: Kind,
    /// The part of a row that the column belongs to: an index of [`PARTS`].
    part: Option<usize>,
    cells: Result<(Box<Cells>, Places), String>,
}

impl Bound {
    /// Whether the column names the partner of a touch or credit.
    fn is_partner(&self) -> bool {
        self.part.is_some() && self.name.ends_with(".partner")
    }
}

/// The places of the columns of the export that a column is read from.
#[derive(Debug)]
struct Places {
    /// Of columns whose cells are joined, then of each column that is read when all before it are empty.
    first: Vec<Vec<usize>>,
    /// Of the factor, with its name.
    times: Option<(usize, String)>,
    /// Of what is added and subtracted, with the names.
    terms: Vec<(usize, String, Sign)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
}

impl Places {
    /// Returns the places below a header; `None` if a column is missing.
    fn of(cells: &Cells, header: &Header) -> Option<Self> {
        let place = |name: &String| header.place(name);
        let named = |name: &String| Some((header.place(name)?, name.clone()));
        let joined: Option<Vec<usize>> = cells.names.iter().map(place).collect();
        let others = cells.or.iter().map(|name| Some(vec![place(name)?]));
        let signed = |names: &'_ [String], sign: Sign| -> Option<Vec<(usize, String, Sign)>> {
            names.iter().map(|name| named(name).map(|(at, name)| (at, name, sign))).collect()
        };
        Some(Self {
            first: std::iter::once(joined).chain(others).collect::<Option<_>>()?,
            times: match &cells.times {
                Some(name) => Some(named(name)?),
                None => None,
            },
            terms: [signed(&cells.plus, Sign::Plus)?, signed(&cells.minus, Sign::Minus)?].concat(),
        })
    }
}

impl Converter {
    /// Binds a mapping to the header of an export.
    ///
    /// # Errors
    ///
    /// Columns that no line of the mapping names, columns that are there twice, and moments without a time zone.
    pub(crate) fn new(
        mapping: &Mapping,
        header: &Header,
        zone: Option<Zone>,
        pads: bool,
    ) -> Result<Self, FactErrors> {
        let zone = mapping.zone.or(zone);
        let mut errors: Vec<FactError> =
            doubled(mapping, header).into_iter().chain(unnamed(mapping, header)).collect();
        let mut columns = Vec::new();
        for column in &mapping.columns {
            let (cells, shown) = match &column.source {
                Source::Constant(value) => (Err(value.clone()), column.name.clone()),
                Source::Cells(cells) => {
                    let shown = format!("{} ({})", cells.names.join(" + "), column.name);
                    match (Places::of(cells, header), &cells.empty) {
                        (Some(places), _) => (Ok((cells.clone(), places)), shown),
                        // A column that exports have only sometimes: without it, each cell is empty.
                        (None, Some(empty)) => (Err(empty.clone()), shown),
                        (None, None) => continue,
                    }
                }
            };
            if let Ok((cells, _)) = &cells
                && column.kind == Kind::Time
                && zone.is_none()
                && cells.dates.iter().any(|form| !form.has_offset())
            {
                let message = "its dates have no offset; write `time_zone = \"Europe/Berlin\"` under [values], or name a program \
                               with `--program`, whose zone is then used";
                errors.push(FactError::field(shown.clone(), message));
            }
            let part = PARTS.iter().position(|part| column.name.starts_with(part));
            columns.push(Bound { name: column.name.clone(), shown, kind: column.kind, part, cells });
        }
        let names = Row::new(header.line, columns.iter().map(|column| column.name.as_str()));
        let engine = ActionColumns::of_header(&names);
        if let Err(found) = &engine {
            errors.extend(found.0.iter().cloned());
        }
        FactErrors(errors).into_result()?;
        let (numbers, width) = (mapping.numbers.clone(), header.names.len());
        let status = mapping.status.as_ref();
        let reversed_at = status.and_then(|status| status.reversed_at.as_ref()).and_then(|name| {
            let forms = columns.iter().find(|column| column.name == "occurred_at")?.cells.as_ref().ok()?;
            let cells = Cells { names: vec![name.clone()], or: Vec::new(), ..(*forms.0).clone() };
            let places = Places::of(&cells, header)?;
            let (shown, cells) = (format!("{name} (reversed_at)"), Ok((Box::new(cells), places)));
            Some(Bound { name: "reversed_at".to_owned(), shown, kind: Kind::Time, part: None, cells })
        });
        let reason = status.and_then(|status| header.place(status.reason.as_ref()?));
        Ok(Self { engine: engine?, columns, reversed_at, reason, numbers, zone, width, pads })
    }

    /// Returns the moment of the reversal of these rows; `None` if the export does not name one.
    pub(crate) fn reversed_at(&self, group: &[TableRow]) -> Result<Option<Timestamp>, FactErrors> {
        let Some(column) = &self.reversed_at else { return Ok(None) };
        for row in group {
            let failed = |message: String| {
                FactErrors::from(FactError::field(column.shown.clone(), message).on_line(row.first_line()))
            };
            let cell = self.cell(column, row).map_err(failed)?;
            if !cell.trim().is_empty() {
                let at = Timestamp::parse(cell.trim());
                return at.map(Some).ok_or_else(|| failed(format!("`{}` is not a moment", cell.trim())));
            }
        }
        Ok(None)
    }

    /// Returns why these rows are reversed, as the export says.
    pub(crate) fn reversal_reason(&self, group: &[TableRow]) -> Option<String> {
        let at = self.reason?;
        let reason = group.iter().map(|row| row.cell(at).trim().to_owned());
        reason.into_iter().find(|reason| !reason.is_empty())
    }

    /// Returns the action of these rows.
    ///
    /// # Errors
    ///
    /// Every fault of the rows, each with its line and the name of its column in the export.
    pub(crate) fn action(&self, group: &[TableRow]) -> Result<Action, FactErrors> {
        let faults =
            group.iter().filter_map(|row| self.row_fault(row).map(|fault| fault.on_line(row.first_line())));
        FactErrors(faults.collect()).into_result()?;
        let mut errors = Vec::new();
        let mut table: Vec<Vec<Cow<'_, str>>> = Vec::with_capacity(group.len());
        for row in group {
            let mut cells = Vec::with_capacity(self.columns.len());
            for column in &self.columns {
                cells.push(self.cell(column, row).unwrap_or_else(|message| {
                    errors.push(FactError::field(column.shown.clone(), message).on_line(row.first_line()));
                    Cow::Borrowed("")
                }));
            }
            self.clear_parts(&mut cells);
            table.push(cells);
        }
        self.fill_empty(&mut table, &errors);
        let rows: Vec<Row> = group
            .iter()
            .zip(&table)
            .map(|(row, cells)| {
                // The engine takes away a `'` before a formula; a row of the export has lost its own already.
                let cells: Vec<_> = cells.iter().map(|cell| disarmed(cell)).collect();
                Row::new(row.first_line(), cells.iter().map(AsRef::as_ref))
            })
            .collect();
        match self.engine.action(&rows) {
            Ok(action) if errors.is_empty() => Ok(action),
            Ok(_) => Err(FactErrors(errors)),
            Err(found) => {
                let wrong: BTreeSet<String> = errors.iter().filter_map(|error| error.field.clone()).collect();
                let found = found.0.into_iter().map(|error| self.named(error));
                // A cell that is wrong is empty for the engine.
                errors.extend(
                    found.filter(|error| error.field.as_ref().is_none_or(|field| !wrong.contains(field))),
                );
                Err(FactErrors(errors))
            }
        }
    }

    /// Returns the places of the columns of the export that an error's field is about.
    pub(crate) fn places(&self, field: &str) -> Vec<usize> {
        let of_field = self.columns.iter().filter(|column| column.shown == field);
        let mut places: Vec<usize> = Vec::new();
        for (_, at) in of_field.filter_map(|column| column.cells.as_ref().ok()) {
            places.extend(at.first.iter().flatten());
            places.extend(at.times.iter().map(|(at, _)| at));
            places.extend(at.terms.iter().map(|(at, ..)| at));
        }
        places
    }

    /// Returns the id of the action of these rows, if it can be read.
    pub(crate) fn id(&self, group: &[TableRow]) -> Option<String> {
        let column = self.columns.iter().find(|column| column.name == "id")?;
        let id =
            group.iter().find_map(|row| self.cell(column, row).ok().filter(|id| !id.trim().is_empty()))?;
        Some(id.trim().to_owned())
    }

    /// Empties the parts of a row (its item, touch and credit) that the export does not have: those of constants alone, and a touch or
    /// credit without a partner.
    fn clear_parts(&self, cells: &mut [Cow<'_, str>]) {
        for part in 0..PARTS.len() {
            let columns = || self.columns.iter().enumerate().filter(|(_, column)| column.part == Some(part));
            let is_filled = |at: usize| cells.get(at).is_some_and(|cell| !cell.is_empty());
            let has_cell = columns().any(|(at, column)| column.cells.is_ok() && is_filled(at));
            let no_partner = columns().any(|(at, column)| column.is_partner() && !is_filled(at));
            if !has_cell || no_partner {
                for (at, _) in columns() {
                    if let Some(cell) = cells.get_mut(at) {
                        *cell = Cow::Borrowed("");
                    }
                }
            }
        }
    }

    /// Writes what empty cells mean: in each row for its item, touch and credit, else in the first row if all rows are empty.
    fn fill_empty<'c>(&'c self, table: &mut [Vec<Cow<'c, str>>], errors: &[FactError]) {
        for (at, column) in self.columns.iter().enumerate() {
            let Some(empty) = column.cells.as_ref().ok().and_then(|(cells, _)| cells.empty.as_ref()) else {
                continue;
            };
            let is_wrong = errors.iter().any(|error| error.field.as_ref() == Some(&column.shown));
            let part = column.part;
            let is_part = |cells: &[Cow<'_, str>], part: usize| {
                self.columns
                    .iter()
                    .zip(cells)
                    .any(|(column, cell)| column.part == Some(part) && !cell.is_empty())
            };
            let is_filled = table.iter().any(|cells| cells.get(at).is_some_and(|cell| !cell.is_empty()));
            let rows = table.iter_mut().take(if part.is_some() { usize::MAX } else { 1 });
            for cells in rows.filter(|_| !is_wrong && (part.is_some() || !is_filled)) {
                if part.is_none_or(|part| is_part(cells, part))
                    && let Some(cell) = cells.get_mut(at).filter(|cell| cell.is_empty())
                {
                    *cell = Cow::Borrowed(empty);
                }
            }
        }
    }

    /// Returns the same error with the name that the column has in the export.
    fn named(&self, mut error: FactError) -> FactError {
        let name = error.field.as_deref();
        if let Some(column) = self.columns.iter().find(|column| name == Some(column.name.as_str())) {
            error.field = Some(column.shown.clone());
        }
        error
    }

    /// Returns why the cells of a row cannot be trusted.
    fn row_fault(&self, row: &TableRow) -> Option<FactError> {
        if let Some(fault) = row.fault() {
            return Some(fault.clone());
        }
        let count = row.len();
        let is_short = count < self.width && !self.pads;
        let is_long = (self.width..count).any(|at| !row.cell(at).is_empty());
        (is_short || is_long).then(|| {
            FactError::whole(format!("this row has {count} cells, but the header has {}", self.width))
        })
    }

    /// Returns a cell as the engine reads it.
    fn cell<'c>(&'c self, column: &'c Bound, row: &'c TableRow) -> Result<Cow<'c, str>, String> {
        let (cells, places) = match &column.cells {
            Ok(cells) => cells,
            Err(value) => return Ok(Cow::Borrowed(value)),
        };
        let read = places.first.iter().map(|places| joined(cells, places, column.kind, row));
        let Some((text, kind)) = read.into_iter().find(|(text, _)| !text.is_empty()) else {
            return Ok(Cow::Borrowed(""));
        };
        let value = self.value(column.kind, cells, text, kind)?;
        if value.is_empty() || (places.times.is_none() && places.terms.is_empty()) {
            Ok(value)
        } else {
            self.computed(&value, places, row).map(Cow::Owned)
        }
    }

    /// Returns a number times and plus and minus the numbers of other columns.
    fn computed(&self, value: &str, places: &Places, row: &TableRow) -> Result<String, String> {
        let number = |at: usize, name: &str| {
            let (text, kind) = (row.cell(at), row.kind(at));
            let read = match text.is_empty() {
                true => Err("this cell is empty".to_owned()),
                false => sound(&text, kind).and_then(|()| self.number(text, kind)),
            };
            read.and_then(|text| exact(&text))
                .map_err(|message| format!("column `{}`: {message}", shown(name)))
        };
        let mut computed = exact(value)?;
        if let Some((at, name)) = &places.times {
            computed = product(computed, number(*at, name)?).ok_or(TOO_LONG)?;
        }
        for (at, name, sign) in places.terms.iter().filter(|(at, ..)| !row.cell(*at).is_empty()) {
            let term = number(*at, name)?;
            computed = sum(computed, if *sign == Sign::Minus { -term } else { term }).ok_or(TOO_LONG)?;
        }
        Ok(computed.to_string())
    }

    /// Returns what the text of a cell says, as the engine reads it.
    fn value<'c>(
        &self,
        of: Kind,
        cells: &'c Cells,
        text: Cow<'c, str>,
        kind: CellKind,
    ) -> Result<Cow<'c, str>, String> {
        sound(&text, kind)?;
        if of == Kind::Texts {
            return list(cells, &text).map(Cow::Owned);
        }
        let text = match &cells.part {
            Some(part) => Cow::Owned(one_part(part, &text)?.to_owned()),
            None => text,
        };
        if text.is_empty() {
            return Ok(text);
        }
        if let Some(meaning) = meaning(cells, &text)? {
            return Ok(Cow::Borrowed(meaning));
        }
        match (of, kind) {
            (Kind::Money | Kind::Decimal, _) => self.number(text, kind),
            (Kind::Integer, _) => Ok(match self.number(text, kind)? {
                Cow::Borrowed(number) => Cow::Borrowed(whole(number)),
                Cow::Owned(number) => Cow::Owned(whole(&number).to_owned()),
            }),
            (Kind::Time, CellKind::Number | CellKind::Percent | CellKind::Time) => {
                Err(format!("`{}` is no date in the spreadsheet; format the column as a date", shown(&text)))
            }
            (Kind::Time, CellKind::Date) => {
                let written = local(&text).ok_or_else(|| format!("`{}` is no date", shown(&text)))?;
                self.moment(dates::timestamp(written, self.zone, &text)).map(Cow::Owned)
            }
            (Kind::Time, _) => self.moment(dates::read(&text, &cells.dates, self.zone)).map(Cow::Owned),
            _ => Ok(text),
        }
    }

    /// Returns the number of a cell.
    fn number<'c>(&self, text: Cow<'c, str>, kind: CellKind) -> Result<Cow<'c, str>, String> {
        match (kind, text) {
            (CellKind::Number | CellKind::Percent, text) => Ok(text),
            (CellKind::Date | CellKind::Time, text) => Err(format!(
                "`{}` is a date or a time in the spreadsheet; format the column as a number",
                shown(&text)
            )),
            (CellKind::Text | CellKind::Inexact | CellKind::Broken, Cow::Borrowed(text)) => {
                self.numbers.read(text)
            }
            (CellKind::Text | CellKind::Inexact | CellKind::Broken, Cow::Owned(text)) => {
                self.numbers.read(&text).map(|number| Cow::Owned(number.into_owned()))
            }
        }
    }

    fn moment(&self, read: Result<accrue::time::Timestamp, dates::DateProblem>) -> Result<String, String> {
        read.map(|at| at.to_string()).map_err(|problem| problem.to_string())
    }
}

/// Returns the errors of columns that are there twice and that the mapping reads.
fn doubled(mapping: &Mapping, header: &Header) -> Vec<FactError> {
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<&str> =
        header.names.iter().map(String::as_str).filter(|name| !seen.insert(*name)).collect();
    let used: BTreeSet<&str> = mapping.used().filter(|name| twice.contains(name)).collect();
    let message = "the export has two columns of this name; rename one of them in its header";
    used.into_iter().map(|name| FactError::field(name, message).on_line(header.line)).collect()
}

/// Returns the error that lists the columns of the export that no line of the mapping names.
fn unnamed(mapping: &Mapping, header: &Header) -> Option<FactError> {
    let Ignored::These(ignored) = &mapping.ignored else { return None };
    let used: BTreeSet<&str> = mapping.used().collect();
    let others: Vec<Cow<'_, str>> = header
        .names
        .iter()
        .enumerate()
        .filter(|(_, name)| !used.contains(name.as_str()) && !ignored.contains(name))
        .map(|(at, name)| match name.as_str() {
            "" => Cow::Owned(format!("column {} without a name", at.saturating_add(1))),
            name => Cow::Borrowed(name),
        })
        .collect();
    if others.is_empty() {
        return None;
    }
    let quoted: Vec<String> = others.iter().map(|name| format!("\"{name}\"")).collect();
    let message = format!(
        "the mapping does not name {}: {}; give them a line under [columns], or write `ignore = [{}]` under [rows]",
        if others.len() == 1 { "this column" } else { "these columns" },
        listed(others.iter().map(AsRef::as_ref)),
        quoted.join(", ")
    );
    Some(FactError::whole(message).on_line(header.line))
}

/// Refuses a cell of a sheet that does not say what was meant.
fn sound(text: &str, kind: CellKind) -> Result<(), String> {
    match kind {
        CellKind::Broken => {
            Err(format!("`{}` is an error of the spreadsheet; correct the cell", shown(text)))
        }
        CellKind::Inexact => Err(format!(
            "`{}` has more than the 15 digits that a spreadsheet keeps, so it is not exact; round the number, or export the \
             column as text",
            shown(text)
        )),
        CellKind::Text | CellKind::Number | CellKind::Percent | CellKind::Date | CellKind::Time => Ok(()),
    }
}

/// Returns the cells of a column joined, and their kind.
fn joined<'r>(cells: &Cells, places: &[usize], of: Kind, row: &'r TableRow) -> (Cow<'r, str>, CellKind) {
    if let [place] = places {
        return (row.cell(*place), row.kind(*place));
    }
    let parts: Vec<(Cow<'_, str>, CellKind)> =
        places.iter().map(|at| (row.cell(*at), row.kind(*at))).collect();
    if parts.iter().all(|(text, _)| text.is_empty()) {
        return (Cow::Borrowed(""), CellKind::Text);
    }
    let kinds: Vec<CellKind> = parts.iter().map(|(_, kind)| *kind).collect();
    let texts: Vec<&str> = parts.iter().map(|(text, _)| text.as_ref()).collect();
    if of == Kind::Time && kinds == [CellKind::Date, CellKind::Time] {
        return (Cow::Owned(texts.join(" ")), CellKind::Date);
    }
    let worst = kinds.into_iter().find(|kind| matches!(kind, CellKind::Broken | CellKind::Inexact));
    let text = texts.join(&cells.with);
    (Cow::Owned(text.trim().to_owned()), worst.unwrap_or_default())
}

/// Returns the part of a cell that is read.
fn one_part<'t>(part: &Part, text: &'t str) -> Result<&'t str, String> {
    let mut parts = text.split(part.mark.as_str()).map(str::trim);
    let (found, wanted) = match &part.which {
        Which::After(start) => (
            parts.find_map(|piece| piece.strip_prefix(start.as_str())),
            format!("that begins with `{start}`"),
        ),
        Which::Number(number) => (parts.nth(number.saturating_sub(1)), format!("of number {number}")),
    };
    found.map(str::trim).ok_or_else(|| {
        format!("`{}` has no part {wanted} between the marks `{}`; check `part`", shown(text), part.mark)
    })
}

/// What is said of a result that does not fit.
const TOO_LONG: &str = "the result has more digits than an exact number may have";

/// Reads a number that was brought into the engine's form.
fn exact(text: &str) -> Result<Decimal, String> {
    parse_decimal(text).map_err(|error| error.to_string())
}

/// Returns a product; `None` if it would be rounded.
fn product(a: Decimal, b: Decimal) -> Option<Decimal> {
    let product = a.checked_mul(b)?;
    (product.is_zero() || product.scale() == a.scale().saturating_add(b.scale())).then_some(product)
}

/// Returns a sum; `None` if it would be rounded.
fn sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let sum = a.checked_add(b)?;
    // To add zero keeps the scale of the other number.
    let is_exact = a.is_zero() || b.is_zero() || sum.scale() == a.scale().max(b.scale());
    is_exact.then_some(sum)
}

/// Returns the values of a list as the engine reads them.
fn list(cells: &Cells, text: &str) -> Result<String, String> {
    let mut values = Vec::new();
    for value in text.split(cells.list.as_str()).map(str::trim).filter(|value| !value.is_empty()) {
        let value = match &cells.part {
            Some(part) => one_part(part, value)?,
            None => value,
        };
        let value = meaning(cells, value)?.unwrap_or(value);
        if value.contains(';') {
            return Err(format!(
                "`{}` contains `;`, which no value of a list may; check `list`",
                shown(value)
            ));
        }
        values.push(value);
    }
    Ok(values.join(";"))
}

/// Returns what a cell means; `None` if the mapping lists no meanings.
fn meaning<'c>(cells: &'c Cells, text: &str) -> Result<Option<&'c str>, String> {
    let Some(meaning) = &cells.meaning else { return Ok(None) };
    match of_folded(&meaning.of, text).or(meaning.otherwise.as_ref()) {
        Some(value) => Ok(Some(value)),
        None => Err(format!(
            "`{}` is none of {}; add it to `values` of this column, or write `otherwise = \"…\"`",
            shown(text),
            listed(meaning.of.keys().map(String::as_str))
        )),
    }
}

/// Reads a date of a sheet.
fn local(text: &str) -> Option<Written> {
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(Written::Date(date));
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok().map(Written::Local)
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
