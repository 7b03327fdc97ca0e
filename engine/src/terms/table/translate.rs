//! Makes the text of a contract of a table, a line for each row, and reads the rows as entries of the contract.
//!
//! Columns named by facts become the condition of a row, and columns named by keys become its values. The text is what rules
//! quote, and line n of it is row n of the table.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::condition::{comparable, condition, literal};
use super::grid::{Grid, Line};
use super::place::{Sheet, settle};
use crate::diagnostic::{Code, Span, nearest};
use crate::lang::catalog::{FIELDS, facts};
use crate::lang::{AttributeOf, Base, Form, Phase, Type};
use crate::money::Currency;
use crate::terms::account::Repeated;
use crate::terms::expression::Expression;
use crate::terms::read::{At, CellForm, Sink, Value, list, shown};
use crate::terms::refer::{OrTable, RowTable, TableRef};
use crate::terms::rules::Rules;

/// How the conditions of rows are read.
#[derive(Clone, Copy, Debug)]
pub(in crate::terms) struct Conditions {
    /// The phase in which conditions run.
    pub(in crate::terms) phase: Phase,
    /// Whether several rows may have the same condition.
    pub(in crate::terms) repeats: bool,
}

/// An entry of a contract: its own, or a row of a table.
#[derive(Clone, Debug)]
pub(in crate::terms) struct Entry<'a, T: Clone> {
    pub(in crate::terms) table: Cow<'a, T>,
    sheet: Option<Arc<Sheet>>,
}

impl<'a, T: Clone> Entry<'a, T> {
    /// Returns an entry of the contract's own.
    pub(in crate::terms) fn own(table: &'a T) -> Self {
        Self { table: Cow::Borrowed(table), sheet: None }
    }

    /// Reads something of the entry in the text in which it stands.
    pub(in crate::terms) fn within<R>(
        &self,
        sink: &mut Sink<'_>,
        read: impl FnOnce(&mut Sink<'_>) -> R,
    ) -> R {
        match &self.sheet {
            Some(sheet) => sink.within(sheet.path(), &sheet.text, read),
            None => read(sink),
        }
    }
}

/// Returns the entries of a list in which tables may stand. The second value says whether all tables could be read.
pub(in crate::terms) fn entries<'a, T: RowTable>(
    listed: &'a [At<OrTable<T>>],
    conditions: Option<Conditions>,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> (Vec<Entry<'a, T>>, bool) {
    let (mut found, mut whole) = (Vec::with_capacity(listed.len()), true);
    for at in listed {
        match &at.value {
            OrTable::Own(table) => found.push(Entry::own(table)),
            OrTable::Table(reference) => match rows(reference, conditions, rules, sink) {
                Some(rows) => found.extend(rows),
                None => whole = false,
            },
        }
    }
    (found, whole)
}

/// Returns the rows of a table as entries; `None` if one of them cannot be read, which is reported.
pub(in crate::terms) fn rows<'a, T: RowTable>(
    reference: &TableRef,
    conditions: Option<Conditions>,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> Option<Vec<Entry<'a, T>>> {
    let name = reference.table.as_ref()?;
    let at = sink.place(name.span);
    let grid = rules.files.table(&name.value, at.clone(), sink.out)?;
    rules.tables.insert(grid.path.clone());
    let mut writer = Writer { grid: &grid, text: String::new(), parts: Vec::new() };
    let columns = writer.columns::<T>(conditions, rules, sink);
    let values = columns.as_ref().and_then(|columns| writer.rows(columns, conditions, sink));
    let Writer { text, parts, .. } = writer;
    let fits = rules.files.account.repeat(text.len(), Repeated::Tables, at, sink.out);
    let sheet = Arc::new(Sheet { grid: Arc::clone(&grid), text, parts });
    if let Some(other) = rules.files.sheets.borrow_mut().insert(grid.path.clone(), Arc::clone(&sheet))
        && other.text != sheet.text
    {
        // The table is used for two kinds of entries. Places in its other text have no meaning in this one.
        settle(&[(grid.path.clone(), other)].into(), sink.out);
    }
    let values = values.filter(|_| fits)?;
    if values.is_empty() {
        grid.report(
            Code::MissingKey,
            grid.header.number,
            None,
            "this table has a header and no row below it",
            format!("write a row for {}, or do not use the table", T::WHAT),
            sink.out,
        );
        return None;
    }
    let entry = |table| Entry { table: Cow::Owned(table), sheet: Some(Arc::clone(&sheet)) };
    let read: Vec<_> = sink.within(sheet.path(), &sheet.text, |sink| {
        values.iter().map(|value| T::read(value, sink).map(entry)).collect()
    });
    read.into_iter().collect()
}

/// A column of a table.
enum Column {
    /// A key of the entry.
    Key(&'static str, CellForm),
    /// An amount of a key in one currency, in a contract that pays in several.
    Amount(&'static str, Currency),
    /// A fact, with its type.
    Fact(Type),
}

/// Writes the text of a table.
struct Writer<'g> {
    grid: &'g Grid,
    text: String,
    /// See [`Sheet::parts`].
    parts: Vec<(u32, u32, Option<usize>)>,
}

impl<'g> Writer<'g> {
    /// Notes what the text from here on is made of.
    fn begin(&mut self, row: u32, column: Option<usize>) -> usize {
        let start = self.text.len();
        self.parts.push((u32::try_from(start).unwrap_or(u32::MAX), row, column));
        start
    }

    /// Moves to the line of a row.
    fn line(&mut self, from: &mut u32, row: u32) {
        while *from < row {
            self.text.push('\n');
            *from += 1;
        }
    }

    /// Reads the header. Returns `None` if a column has no meaning, which is reported.
    fn columns<T: RowTable>(
        &mut self,
        conditions: Option<Conditions>,
        rules: &mut Rules<'_, '_>,
        sink: &mut Sink<'_>,
    ) -> Option<Vec<Column>> {
        let (grid, row) = (self.grid, self.grid.header.number);
        self.line(&mut 1, row);
        let mut columns = Vec::with_capacity(grid.header.cells.len());
        let mut names: HashMap<&str, usize> = HashMap::new();
        for (at, name) in grid.header.cells.iter().enumerate() {
            if at > 0 {
                self.text.push_str(", ");
            }
            let start = self.begin(row, Some(at));
            self.text.push_str(name);
            if let Some(first) = names.insert(name, at).filter(|_| !name.is_empty()) {
                let message = format!("there is a column `{}` already", shown(name));
                let diagnostic = grid.diagnostic(Code::DuplicateName, row, Some(at), message);
                let diagnostic =
                    diagnostic.help("write all conditions of a fact into one cell, and each value once");
                sink.out.push(grid.label(diagnostic, row, Some(first), "the first one"));
                continue;
            }
            let key = keys::<T>(conditions).find(|(key, _)| key == name);
            let column = match (key, conditions) {
                (Some((key, form)), _) => Some(Column::Key(key, form)),
                _ if let Some((key, currency)) = amount_of::<T>(name, conditions, sink) => {
                    Some(Column::Amount(key, currency))
                }
                (_, Some(conditions)) if is_path(name) && may_exist(name, rules) => {
                    let offset = u32::try_from(start).unwrap_or(u32::MAX);
                    let value = Expression { text: name.clone(), offset, escaped: false };
                    let span = Span::new(start, self.text.len());
                    let expression = At { value, span, key: span };
                    fact(grid, at, &expression, conditions.phase, rules, sink)
                }
                _ => {
                    unknown::<T>(grid, at, conditions, rules, sink);
                    None
                }
            };
            columns.extend(column);
        }
        (columns.len() == grid.header.cells.len()).then_some(columns)
    }

    /// Writes the rows, and returns their values. Returns `None` if a condition cannot be read, which is reported.
    fn rows(
        &mut self,
        columns: &[Column],
        conditions: Option<Conditions>,
        sink: &mut Sink<'_>,
    ) -> Option<Vec<Value<'g>>> {
        let grid = self.grid;
        let order = order(grid, columns);
        let is_named = conditions.is_some();
        let mut line = grid.header.number;
        let mut first: HashMap<String, u32> = HashMap::new();
        let mut values = Vec::with_capacity(grid.lines.len());
        let mut sound = true;
        for row in &grid.lines {
            self.line(&mut line, row.number);
            let start = self.begin(row.number, None);
            self.text.push('{');
            let mut table = DeTable::new();
            let named = columns
                .iter()
                .zip(&row.cells)
                .any(|(column, cell)| matches!(column, Column::Key("name", _)) && !cell.is_empty());
            if is_named && !named {
                self.name(&mut table, columns, row);
            }
            if conditions.is_some() {
                let Some(when) = self.when(&mut table, columns, &order, row, sink) else {
                    sound = false;
                    continue;
                };
                match first.get(&when) {
                    Some(earlier) if conditions.is_some_and(|conditions| !conditions.repeats) => {
                        repeated(grid, row.number, *earlier, sink);
                        sound = false;
                    }
                    Some(_) => {}
                    None => {
                        first.insert(when, row.number);
                    }
                }
            }
            for (at, (column, cell)) in columns.iter().zip(&row.cells).enumerate() {
                if let Column::Key(key, form) = column
                    && *form != CellForm::Rule
                    && !cell.is_empty()
                {
                    self.value(&mut table, (row.number, Some(at)), key, *form, cell);
                }
            }
            self.amounts(&mut table, columns, row);
            self.text.push_str(" }");
            values.push(Spanned::new(start..self.text.len(), DeValue::Table(table)));
        }
        sound.then_some(values)
    }

    /// Writes a value with its key.
    fn value(
        &mut self,
        table: &mut DeTable<'g>,
        (row, column): (u32, Option<usize>),
        key: &'static str,
        form: CellForm,
        cell: &'g str,
    ) {
        self.text.push_str(if table.is_empty() { " " } else { ", " });
        let start = self.begin(row, column);
        let end = start + key.len();
        self.text.push_str(key);
        self.text.push_str(" = ");
        let from = self.text.len();
        let texts = |text: &str| DeValue::String(Cow::Owned(text.to_owned()));
        let value = match form {
            CellForm::List => {
                let parts: Vec<&str> = cell.split('|').map(str::trim).collect();
                self.text.push('[');
                let entries = parts.iter().enumerate().map(|(n, part)| {
                    if n > 0 {
                        self.text.push_str(", ");
                    }
                    let from = self.text.len();
                    self.text.push_str(&literal(part));
                    Spanned::new(from..self.text.len(), texts(part))
                });
                let entries = entries.collect();
                self.text.push(']');
                DeValue::Array(entries)
            }
            CellForm::Whole if !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.text.push_str(cell);
                DeValue::parse(cell).map_or_else(|_| texts(cell), Spanned::into_inner)
            }
            CellForm::Text | CellForm::Whole | CellForm::Rule => {
                self.text.push_str(&literal(cell));
                texts(cell)
            }
        };
        let to = self.text.len();
        table.insert(Spanned::new(start..end, Cow::Borrowed(key)), Spanned::new(from..to, value));
    }

    /// Writes the amounts of a row that are given by currency: `add = { EUR = "4.50", USD = "5.00" }`.
    fn amounts(&mut self, table: &mut DeTable<'g>, columns: &[Column], row: &'g Line) {
        let filled = || {
            (0..).zip(columns).zip(&row.cells).filter_map(|((at, column), cell)| match column {
                Column::Amount(key, currency) if !cell.is_empty() => {
                    Some((at, *key, *currency, cell.as_str()))
                }
                _ => None,
            })
        };
        let mut keys: Vec<&'static str> = filled().map(|(_, key, ..)| key).collect();
        keys.dedup();
        for key in keys {
            self.text.push_str(if table.is_empty() { " " } else { ", " });
            let mut amounts = DeTable::new();
            let start = self.text.len();
            self.text.push_str(key);
            let named = self.text.len();
            self.text.push_str(" = {");
            let from = self.text.len() - 1;
            for (at, _, currency, cell) in filled().filter(|(_, of, ..)| *of == key) {
                self.value(&mut amounts, (row.number, Some(at)), currency.code(), CellForm::Text, cell);
            }
            self.text.push_str(" }");
            let value = Spanned::new(from..self.text.len(), DeValue::Table(amounts));
            table.insert(Spanned::new(start..named, Cow::Borrowed(key)), value);
        }
    }

    /// Writes the condition of a row and returns it; empty if the row has none. Returns `None` if a cell is no condition.
    fn when(
        &mut self,
        table: &mut DeTable<'g>,
        columns: &[Column],
        order: &[usize],
        row: &Line,
        sink: &mut Sink<'_>,
    ) -> Option<String> {
        let grid = self.grid;
        let mut when = String::new();
        let mut sound = true;
        let mut from = 0;
        for at in order {
            let cell = row.cell(*at);
            let text = match columns.get(*at) {
                _ if cell.is_empty() => continue,
                Some(Column::Fact(ty)) => {
                    match condition(grid.header.cell(*at), *ty, cell, sink.limits.entries) {
                        Ok(text) => text,
                        Err(fault) => {
                            grid.report(
                                Code::WrongValue,
                                row.number,
                                Some(*at),
                                fault.message,
                                fault.help,
                                sink.out,
                            );
                            sound = false;
                            continue;
                        }
                    }
                }
                Some(Column::Key(_, CellForm::Rule)) => format!("({cell})"),
                _ => continue,
            };
            if when.is_empty() {
                self.text.push_str(if table.is_empty() { " " } else { ", " });
                from = self.begin(row.number, Some(*at));
                self.text.push_str("when = '");
            } else {
                when.push_str(" && ");
                self.text.push_str(" && ");
                self.begin(row.number, Some(*at));
            }
            when.push_str(&text);
            self.text.push_str(&text);
        }
        if !when.is_empty() {
            self.begin(row.number, None);
            self.text.push('\'');
            let (key, value) = (from..from + "when".len(), from + "when = ".len()..self.text.len());
            let text = DeValue::String(Cow::Owned(when.clone()));
            table.insert(Spanned::new(key, Cow::Borrowed("when")), Spanned::new(value, text));
        }
        sound.then_some(when)
    }

    /// Writes the name of a row that has none: the name of the table and the cells of the conditions. It does not depend on the
    /// place of the row, so that it stays when rows come and go.
    fn name(&mut self, table: &mut DeTable<'g>, columns: &[Column], row: &Line) {
        let is_condition =
            |column: &Column| matches!(column, Column::Fact(_) | Column::Key(_, CellForm::Rule));
        let cells = columns.iter().enumerate().filter(|(_, column)| is_condition(column));
        let cells: Vec<&str> = cells
            .map(|(at, _)| Some(row.cell(at)).filter(|cell| !cell.is_empty()).unwrap_or("any"))
            .collect();
        let of = self.grid.path.rsplit('/').next().unwrap_or_default();
        let of = of.split(['#', '.']).next().unwrap_or_default();
        let name = format!("{of}: {}", if cells.is_empty() { "any".to_owned() } else { cells.join(", ") });
        self.text.push(' ');
        let start = self.begin(row.number, None);
        self.text.push_str("name = ");
        let from = self.text.len();
        self.text.push_str(&literal(&name));
        let value = Spanned::new(from..self.text.len(), DeValue::String(Cow::Owned(name)));
        table.insert(Spanned::new(start..start + "name".len(), Cow::Borrowed("name")), value);
    }
}

/// Returns the keys that a column may have, with the form of their cells. The only expression in a cell is a condition.
fn keys<T: RowTable>(conditions: Option<Conditions>) -> impl Iterator<Item = (&'static str, CellForm)> {
    let keys = T::SPECS.iter().filter_map(|spec| Some((spec.name, spec.cell?)));
    keys.filter(move |(key, form)| *form != CellForm::Rule || (*key == "when" && conditions.is_some()))
}

/// Returns the key and the currency of a column such as `add.EUR`, in a contract that pays in several currencies.
fn amount_of<T: RowTable>(
    name: &str,
    conditions: Option<Conditions>,
    sink: &Sink<'_>,
) -> Option<(&'static str, Currency)> {
    let (written, code) = name.split_once('.')?;
    let currency = sink.currencies.iter().find(|currency| currency.code() == code)?;
    let (key, _) = keys::<T>(conditions).find(|(key, _)| *key == written)?;
    (sink.currencies.len() > 1).then_some((key, *currency))
}

/// Returns whether a header may name a fact: identifiers joined by points.
fn is_path(name: &str) -> bool {
    name.contains('.') && name.split('.').all(crate::terms::values::is_identifier)
}

/// Returns whether a path may be a fact: not a field that its record does not have, and not an attribute that is not declared.
fn may_exist(path: &str, rules: &Rules<'_, '_>) -> bool {
    let Some((record, rest)) = path.split_once('.') else { return false };
    let field = rest.split('.').next().unwrap_or_default();
    let of = match (record, rest.split_once('.')) {
        ("attributes", _) => Some((AttributeOf::Action, rest)),
        ("partner", Some(("attributes", name))) => Some((AttributeOf::Partner, name)),
        ("item", Some(("attributes", name))) => Some((AttributeOf::Item, name)),
        _ => None,
    };
    if let Some((of, name)) = of {
        let name = name.split('.').next().unwrap_or_default();
        return rules.declared.attributes.contains_key(&of.key(name));
    }
    let mut fields = FIELDS.iter().filter(|spec| spec.record.name() == record).peekable();
    fields.peek().is_none() || fields.any(|spec| spec.name == field)
}

/// Returns the column of a fact; reports a fact that does not exist or cannot be compared.
fn fact(
    grid: &Grid,
    at: usize,
    expression: &At<Expression>,
    phase: Phase,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> Option<Column> {
    let rule = sink.within(&grid.path, "", |sink| rules.any(expression, phase, sink))?;
    let Form::Expression(ty) = rule.form else { return None };
    match comparable(ty) {
        Ok(()) => Some(Column::Fact(ty)),
        Err(help) => {
            let message =
                format!("`{}` is not a value that a cell can be compared with", shown(grid.header.cell(at)));
            grid.report(Code::WrongType, grid.header.number, Some(at), message, help, sink.out);
            None
        }
    }
}

/// Reports a column that is neither a key nor a fact.
fn unknown<T: RowTable>(
    grid: &Grid,
    at: usize,
    conditions: Option<Conditions>,
    rules: &Rules<'_, '_>,
    sink: &mut Sink<'_>,
) {
    let name = grid.header.cell(at);
    let row = grid.header.number;
    if name.is_empty() {
        grid.report(
            Code::MissingKey,
            row,
            Some(at),
            "this column has no header",
            "name a fact or a key, or remove the column",
            sink.out,
        );
        return;
    }
    let keys: Vec<&str> = keys::<T>(conditions).map(|(key, _)| key).collect();
    let mut known: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let mut last = None;
    if let Some(Conditions { phase, .. }) = conditions {
        let records: BTreeSet<_> = facts(phase).into_iter().map(|(record, _)| record).collect();
        let fields = FIELDS.iter().filter(|field| records.contains(&field.record));
        known.extend(fields.map(crate::lang::catalog::FieldSpec::full_name));
        known.extend(rules.declared.attributes.keys().map(|name| format!("attributes.{name}")));
        // `sku` is meant as `item.sku`.
        last = known.iter().find(|fact| fact.rsplit_once('.').is_some_and(|(_, field)| field == name));
    }
    let help = match last.map(String::as_str).or_else(|| nearest(name, known.iter().map(String::as_str))) {
        Some(near) => format!("did you mean `{near}`?"),
        None if conditions.is_some() => format!(
            "a column is named by a fact, such as `customer.status`, or by one of {}",
            list(keys.iter().copied(), "and")
        ),
        None => format!("its columns are {}", list(keys.iter().copied(), "and")),
    };
    let message = format!("{} has no column `{}`", T::WHAT, shown(name));
    grid.report(Code::UnknownKey, row, Some(at), message, help, sink.out);
}

/// Reports a row with the condition of an earlier row.
fn repeated(grid: &Grid, row: u32, earlier: u32, sink: &mut Sink<'_>) {
    let message = format!("row {row} has the same conditions as row {earlier}");
    let diagnostic = grid.diagnostic(Code::DuplicateName, row, None, message);
    let help = "keep one of the two rows; rows may share their conditions when `choose` is `stack`";
    sink.out.push(grid.label(diagnostic.help(help), earlier, None, "the first one"));
}

/// Returns the columns in the order in which their conditions are asked: first the text fact with the most different values, by
/// which rows are looked up, then the others as they stand.
fn order(grid: &Grid, columns: &[Column]) -> Vec<usize> {
    let is_text =
        |column: &Column| matches!(column, Column::Fact(ty) if matches!(ty.base, Base::Text | Base::Code));
    let values = |at: usize| {
        let cells = grid.lines.iter().map(|line| line.cell(at)).filter(|cell| !cell.is_empty());
        cells.collect::<BTreeSet<_>>().len()
    };
    let texts = columns.iter().enumerate().filter(|(_, column)| is_text(column)).map(|(at, _)| at);
    let first = texts.max_by_key(|at| (values(*at), std::cmp::Reverse(*at)));
    let others = (0..columns.len()).filter(|at| Some(*at) != first);
    first.into_iter().chain(others).collect()
}
