//! Reads `program.toml`: what the program declares.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use indexmap::IndexMap;

use super::model::{EventType, ItemsAre};
use super::read::{At, Named, Read as _, Sink, did_you_mean, list, shown};
use super::reasons;
use super::source_files::{FUNCTIONS, Files, LISTS, PROGRAM};
use super::syntax;
use super::tables::{AttributeKind, ListTable, ProgramFile};
use super::values::check_identifier;
use crate::calendar::{Holidays, MOST_CLOSED_DAYS};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Span};
use crate::facts::{NamedList, Rows, unseen};
use crate::lang::{AttributeOf, AttributeType, Base, SharedFunctions, Type};
use crate::limits::Limits;
use crate::money::{Currency, MAX_SCALE};
use crate::time::Zone;

/// What a program declares, as far as it could be read.
pub(super) struct Declared {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) currency: Currency,
    pub(super) zone: Zone,
    pub(super) items: ItemsAre,
    pub(super) decimals: Option<u32>,
    pub(super) event_types: IndexMap<String, EventType>,
    pub(super) attributes: IndexMap<String, AttributeType>,
    pub(super) reasons: IndexMap<String, String>,
    pub(super) lists: IndexMap<String, NamedList>,
    /// Named lists of holidays.
    pub(super) holidays: IndexMap<String, Holidays>,
    /// Where each of them is declared, to report those that no contract uses.
    pub(super) holiday_places: BTreeMap<String, Span>,
    /// The functions that all rules share.
    pub(super) functions: SharedFunctions,
    /// Where each list that could be read is declared, to report lists that nothing uses.
    pub(super) list_places: BTreeMap<String, Span>,
    /// The file of each list that has one.
    pub(super) list_files: BTreeMap<String, String>,
    /// The path of the table of each list that is a column of a table.
    pub(super) list_tables: BTreeMap<String, String>,
    pub(super) order: Option<At<Vec<At<String>>>>,
    /// Whether the declarations are complete, so that a name that is missing here is really undeclared.
    pub(super) whole: bool,
}

/// Reads `program.toml`.
pub(super) fn read(files: &Files<'_>, limits: &Limits, out: &mut Diagnostics) -> Declared {
    let mut declared = Declared {
        id: String::new(),
        name: String::new(),
        // A placeholder until the program's own currency is read. Nothing is decided in it.
        currency: Currency::NONE,
        zone: Zone::UTC,
        items: ItemsAre::default(),
        decimals: None,
        event_types: IndexMap::new(),
        attributes: IndexMap::new(),
        reasons: IndexMap::new(),
        lists: IndexMap::new(),
        holidays: IndexMap::new(),
        holiday_places: BTreeMap::new(),
        functions: SharedFunctions::default(),
        list_places: BTreeMap::new(),
        list_files: BTreeMap::new(),
        list_tables: BTreeMap::new(),
        order: None,
        whole: false,
    };
    let before = out.0.len();
    let Some(text) = files.text(PROGRAM, out) else {
        if out.0.len() == before {
            let help = "add a file `program.toml` with `id`, `name`, `currency` and `[event_types]`";
            let message = format!("there is no file `{PROGRAM}`, which every program has");
            out.push(Diagnostic::new(Code::MissingFile, None, message).help(help));
        }
        return declared;
    };
    let mut sink = Sink::new((PROGRAM, text), limits, MAX_SCALE, ProgramFile::KEYS, out);
    let table = syntax::parse(text, &mut sink);
    let whole = sink.broken.is_empty() && sink.lost_from.is_none();
    let Some(file) = ProgramFile::read(&table, &mut sink) else { return declared };
    declared.whole = whole && file.event_types.is_some();
    declared.take(file, files, &mut sink);
    for path in files.of(&FUNCTIONS) {
        match files.text(path, out) {
            Some(text) => declared.functions.add(path, text, limits, out),
            None => declared.whole = false,
        }
    }
    declared
}

impl Declared {
    fn take(&mut self, file: ProgramFile, files: &Files<'_>, sink: &mut Sink<'_>) {
        self.id = file.id.map_or_else(String::new, |at| {
            check_program_id(&at, sink);
            at.value
        });
        self.name = file.name.map_or_else(String::new, |at| at.value);
        if let Some(currency) = file.currency {
            self.currency = currency.value;
        }
        if let Some(zone) = file.time_zone {
            self.zone = zone.value;
        }
        self.items = file.items.map(|items| items.value.0).unwrap_or_default();
        self.decimals = file.decimals.and_then(|decimals| read_decimals(&decimals, sink));
        for (name, at) in entries(file.event_types) {
            let amount = at.value.amount.map(|amount| amount.value).unwrap_or_default();
            self.event_types.insert(name, EventType { amount });
        }
        if self.event_types.is_empty() && self.whole {
            let message = "the program declares no event type";
            let help = "write `sale = {}` under `[event_types]`";
            let diagnostic = sink
                .at(Code::MissingKey, file.keys.get("event_types").unwrap_or_default(), message)
                .help(help);
            sink.push(diagnostic);
        }
        for (name, at) in entries(file.attributes) {
            check_identifier(&name, at.key, "attributes", sink);
            let Some(kind) = at.value.r#type else { continue };
            let base = base_of(kind.value.0);
            let required = at.value.required.is_some_and(|required| required.value);
            let ty = if required { Type::known(base) } else { Type::maybe(base) };
            let values = at.value.values.and_then(|values| read_values(values, base, sink));
            let (of, values) = (AttributeOf::Action, values.unwrap_or_default());
            self.attributes.insert(name, AttributeType { of, ty, required, values });
        }
        for (of, group, table) in [
            (AttributeOf::Partner, "partner.attributes", file.partner_attributes),
            (AttributeOf::Item, "item.attributes", file.item_attributes),
        ] {
            for (name, at) in entries(table) {
                check_identifier(&name, at.key, group, sink);
                let Some(kind) = at.value.r#type else { continue };
                let base = base_of(kind.value.0);
                if (of, base) == (AttributeOf::Partner, Base::Money) {
                    let message = "an attribute of a partner has no currency, so it is no amount";
                    let help =
                        "write `type = \"decimal\"`, and `money(\"1\") * …` where a rule needs an amount";
                    let diagnostic = sink.at(Code::WrongValue, kind.span, message).help(help);
                    sink.push(diagnostic);
                }
                let values = at.value.values.and_then(|values| read_values(values, base, sink));
                let values = values.unwrap_or_default();
                let declared = AttributeType { of, ty: Type::maybe(base), required: false, values };
                self.attributes.insert(of.key(&name), declared);
            }
        }
        for (code, at) in entries(file.reasons) {
            if reasons::text(&code).is_some() {
                let message = format!("`{}` is a reason of the engine's own", shown(&code));
                let help = "leave it out; its text is known already";
                let diagnostic = sink.at(Code::DuplicateName, at.key, message).help(help);
                sink.push(diagnostic);
            }
            self.reasons.insert(code, at.value);
        }
        for (name, at) in entries(file.lists) {
            check_identifier(&name, at.key, "lists", sink);
            if let Some(path) = &at.value.file {
                self.list_files.insert(name.clone(), path.value.clone());
            }
            let values = match read_list(&at, files, sink) {
                Some(Values::Own(values)) => Some(values),
                Some(Values::Of(path, values)) => {
                    self.list_tables.insert(name.clone(), path);
                    Some(values)
                }
                None => None,
            };
            if values.is_some() {
                self.list_places.insert(name.clone(), at.key);
            }
            // A list that cannot be read still counts as declared.
            self.lists.insert(name, NamedList::new(values.unwrap_or_default()));
        }
        for (name, at) in entries(file.holidays) {
            self.holiday_places.insert(name.clone(), at.key);
            self.holidays.insert(name, read_holidays(&at, sink));
        }
        self.order = file.contracts;
    }
}

/// Reads a list of holidays.
fn read_holidays(listed: &At<Vec<At<NaiveDate>>>, sink: &mut Sink<'_>) -> Holidays {
    let mut dates: BTreeMap<NaiveDate, Span> = BTreeMap::new();
    for date in &listed.value {
        if let Some(earlier) = dates.insert(date.value, date.span) {
            let message = format!("`{}` is listed twice", date.value);
            let diagnostic = sink.at(Code::DuplicateName, date.span, message);
            let diagnostic = diagnostic.label(sink.place(earlier), "the first time");
            sink.push(diagnostic.help("leave one of them out"));
        }
    }
    Holidays::new(dates.into_keys()).unwrap_or_else(|first| {
        let message =
            format!("from `{first}` on, more than {MOST_CLOSED_DAYS} days in a row are no business days");
        let help = "list single holidays; a business day must be near every date";
        let diagnostic = sink.at(Code::WrongValue, listed.key, message).help(help);
        sink.push(diagnostic);
        Holidays::default()
    })
}

/// The values of a list.
enum Values {
    /// Its own, or those of a file of `lists/`.
    Own(Vec<String>),
    /// Those of a column of the table at this path.
    Of(String, Vec<String>),
}

/// Returns the values of a column of a table.
fn column_of(
    table: &At<String>,
    column: Option<&At<String>>,
    files: &Files<'_>,
    sink: &mut Sink<'_>,
) -> Option<Values> {
    let grid = files.table(&table.value, sink.place(table.span), sink.out)?;
    let names = grid.header.cells.iter().map(String::as_str).collect();
    let index = column_index(&table.value, names, column, table.span, sink)?;
    let cells = grid.lines.iter().map(|line| (line.number, line.cell(index)));
    let mut values = Vec::new();
    for (row, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
        if cell.len() > sink.limits.text_bytes {
            let message =
                format!("{} bytes are more than the {} a text may have", cell.len(), sink.limits.text_bytes);
            grid.report(Code::TooLarge, row, Some(index), message, "make it shorter", sink.out);
        }
        values.push(cell.to_owned());
    }
    let fits = files.listed(&grid.path, values.len(), sink.place(table.span), sink.out);
    fits.then(|| Values::Of(grid.path.clone(), values))
}

/// The most bytes of a program's id. It begins the names of files, which have at most 255 bytes, and stands in every decision.
const PROGRAM_ID_BYTES: usize = 64;

/// Reports an id that is not a name: hosts make names of files and folders of it, so it must never be a path.
fn check_program_id(id: &At<String>, sink: &mut Sink<'_>) {
    let is_first = |c: char| c.is_ascii_alphanumeric();
    let is_inner = |c: char| is_first(c) || matches!(c, '-' | '_' | '.');
    let name = id.value.as_str();
    if name.starts_with(is_first) && name.chars().all(is_inner) && name.len() <= PROGRAM_ID_BYTES {
        return;
    }
    let (code, message) = if name.len() > PROGRAM_ID_BYTES {
        let message =
            format!("the id has {} bytes, more than the {PROGRAM_ID_BYTES} it may have", name.len());
        (Code::TooLarge, message)
    } else {
        (Code::WrongValue, format!("`{}` is not an id: it is a name, and never a path", shown(name)))
    };
    let letters: String = name.chars().map(|c| if is_inner(c) { c } else { '-' }).collect();
    let meant = letters.trim_matches(|c| !is_first(c));
    let meant = meant.get(..meant.len().min(PROGRAM_ID_BYTES)).unwrap_or_default();
    let rule = "use letters from `a` to `z`, digits, `-`, `_` and `.`, and begin with a letter or a digit";
    let help = if meant.is_empty() { rule.to_owned() } else { format!("{rule}: `{meant}`") };
    let diagnostic = sink.at(code, id.span, message).help(help);
    sink.push(diagnostic);
}

fn entries<T>(named: Option<At<Named<T>>>) -> Vec<(String, At<T>)> {
    named.map(|at| at.value.entries).unwrap_or_default()
}

fn read_decimals(decimals: &At<u32>, sink: &mut Sink<'_>) -> Option<u32> {
    if decimals.value <= MAX_SCALE {
        return Some(decimals.value);
    }
    let message =
        format!("{} decimals are more than the {MAX_SCALE} that an amount may have", decimals.value);
    let diagnostic =
        sink.at(Code::TooLarge, decimals.span, message).help("write 4, or the number that you need");
    sink.push(diagnostic);
    None
}

/// Reads the values that a text attribute may have.
fn read_values(values: At<Vec<At<String>>>, base: Base, sink: &mut Sink<'_>) -> Option<Vec<String>> {
    if base != Base::Text {
        let message = "only a text attribute has `values`";
        let diagnostic = sink.at(Code::ConflictingKeys, values.key, message).help("leave `values` out");
        sink.push(diagnostic);
        return None;
    }
    Some(values.value.into_iter().map(|value| value.value.trim().to_owned()).collect())
}

fn base_of(kind: AttributeKind) -> Base {
    match kind {
        AttributeKind::Bool => Base::Bool,
        AttributeKind::Integer => Base::Integer,
        AttributeKind::Decimal => Base::Decimal,
        AttributeKind::Money => Base::Money,
        AttributeKind::Text => Base::Text,
        AttributeKind::Time => Base::Time,
        AttributeKind::Date => Base::Date,
    }
}

fn read_list(at: &At<ListTable>, files: &Files<'_>, sink: &mut Sink<'_>) -> Option<Values> {
    let table = &at.value;
    let mut ways: Vec<(Span, &str)> =
        ["values", "file", "table"].into_iter().filter_map(|key| Some((table.keys.get(key)?, key))).collect();
    ways.sort();
    match ways.as_slice() {
        [(first_at, first), (second_at, second), ..] => {
            let message = format!("a list has `{first}` or `{second}`, not both");
            let diagnostic = sink.at(Code::ConflictingKeys, *second_at, message);
            let diagnostic =
                diagnostic.label(sink.place(*first_at), "the other one").help("keep one of them");
            sink.push(diagnostic);
            return None;
        }
        [] if table.keys.unknown => return None,
        [] => {
            let message = "a list needs `values`, a `file` or a `table`";
            let help = "write `{ values = [\"DE\", \"FR\"] }` or `{ file = \"lists/eu.txt\" }`";
            let span = if table.at.end > table.at.start { table.at } else { at.key };
            let diagnostic = sink.at(Code::MissingKey, span, message).help(help);
            sink.push(diagnostic);
            return None;
        }
        [_] => {}
    }
    if let Some(of) = &table.table {
        return column_of(of, table.column.as_ref(), files, sink);
    }
    let is_csv = table.file.as_ref().is_some_and(|file| file.value.ends_with(".csv"));
    if let (Some(column), false) = (&table.column, is_csv) {
        let message = "only a table or a `.csv` file has columns";
        let diagnostic = sink.at(Code::ConflictingKeys, column.key, message).help("leave `column` out");
        sink.push(diagnostic);
    }
    if let Some(values) = &table.values {
        let values: Vec<(String, Span)> =
            values.value.iter().map(|value| (value.value.trim().to_owned(), value.span)).collect();
        values.iter().for_each(|(value, span)| listed_value(value, *span, sink));
        let kept = values.into_iter().map(|(value, _)| value).filter(|value| !value.is_empty());
        return Some(Values::Own(kept.collect()));
    }
    let file = table.file.as_ref()?;
    let text = files.named(&file.value, sink.place(file.span), &LISTS, sink.out)?;
    let lines = text.bytes().filter(|byte| *byte == b'\n').count();
    if !files.listed(&file.value, lines, sink.place(file.span), sink.out) {
        return None;
    }
    let mut values = if is_csv {
        csv_column(text, file, table.column.as_ref(), sink)?
    } else {
        text.trim_start_matches('\u{feff}').lines().map(|line| line.trim().to_owned()).collect()
    };
    values.retain(|value| !value.is_empty());
    values.iter().for_each(|value| listed_value(value, file.span, sink));
    Some(Values::Own(values))
}

/// Reports a value of a list that no fact equals: facts have neither such long texts nor characters that nobody sees.
fn listed_value(value: &str, span: Span, sink: &mut Sink<'_>) {
    let most = sink.limits.text_bytes;
    let fault = if value.len() > most {
        let message = format!("`{}` has {} bytes, more than the {most} of a text", shown(value), value.len());
        Some((Code::TooLarge, message))
    } else {
        unseen(value, false).map(|message| (Code::WrongValue, format!("`{}`: {message}", shown(value))))
    };
    if let Some((code, message)) = fault {
        let diagnostic = sink.at(code, span, message);
        sink.push(diagnostic);
    }
}

fn csv_column(
    text: &str,
    file: &At<String>,
    column: Option<&At<String>>,
    sink: &mut Sink<'_>,
) -> Option<Vec<String>> {
    let mut rows = Rows::new(text.as_bytes(), sink.limits.source_bytes);
    // Cannot fail: the rows are read from memory.
    let Some(header) = rows.next_row().ok().flatten() else {
        let message = format!("`{}` is empty; its first line names the columns", file.value);
        let diagnostic = sink.at(Code::WrongValue, file.span, message);
        sink.push(diagnostic);
        return None;
    };
    let names: Vec<&str> = (0..header.len()).map(|at| header.cell(at)).collect();
    let width = names.len();
    let index = column_index(&file.value, names, column, file.span, sink)?;
    let mut values = Vec::new();
    while let Ok(Some(row)) = rows.next_row() {
        let fault = match &row.fault {
            Some(fault) => Some(fault.message.clone()),
            None if row.len() != width => {
                Some(format!("this row has {} cells, but the header has {width}", row.len()))
            }
            None => None,
        };
        if let Some(message) = fault {
            let span = line_span(text, row.first_line);
            let place = Place::new(file.value.clone(), span);
            sink.out.push(Diagnostic::new(Code::WrongValue, Some(place), message));
        }
        values.push(row.cell(index).to_owned());
    }
    Some(values)
}

/// Returns the index of the column that a list names, or of the only one.
fn column_index(
    of: &str,
    names: Vec<&str>,
    column: Option<&At<String>>,
    at: Span,
    sink: &mut Sink<'_>,
) -> Option<usize> {
    let index = match column {
        Some(column) => names.iter().position(|name| *name == column.value),
        None => (names.len() == 1).then_some(0),
    };
    if index.is_none() {
        let diagnostic = match column {
            Some(column) => {
                let message = format!("`{}` has no column `{}`", shown(of), shown(&column.value));
                let help = did_you_mean(&column.value, column.span, names, "its first line names no column");
                sink.at(Code::UnknownName, column.span, message).help(help)
            }
            None => sink
                .at(Code::MissingKey, at, format!("`{}` has several columns", shown(of)))
                .help(format!("add `column = …`, one of {}", list(names, "or"))),
        };
        sink.push(diagnostic);
    }
    index
}

/// Returns the bytes of a line; lines count from 1.
fn line_span(text: &str, line: u64) -> Span {
    let mut start = 0;
    for (n, part) in (1..).zip(text.split_inclusive('\n')) {
        if n == line {
            return Span::new(start, start + part.trim_end().len());
        }
        start += part.len();
    }
    Span::default()
}
