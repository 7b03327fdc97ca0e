//! The grids of a program, read from its files.

use std::collections::HashMap;

use accrue::diagnostic::{Diagnostic, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::csv;
use crate::document::{Document, Kind, Pair, Section, Value};
use crate::file::{File, FileKind, PROGRAM, is_contract};
use crate::project::Project;
use crate::schema::Schema;

/// What a grid is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TableKind {
    /// Payout groups of a contract.
    Groups,
    /// Bands of a group, or tiers of a bonus.
    Bands,
    /// Restrictions of a contract.
    Restrictions,
    /// Limits of a contract.
    Limits,
    /// Bonuses of a contract.
    Bonuses,
    /// Any other list of tables, such as the tests of a test file.
    Entries,
    /// A list of the program: its values, or a file of `lists/`.
    List,
    /// A CSV table of `tables/`.
    Csv,
}

/// A table of a program as a grid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GridTable")]
#[non_exhaustive]
pub struct Table {
    /// Its identity in the program: the file and, in a TOML file, the keys: `contracts/standard.toml#payout.groups`. The bands of the second
    /// group are `contracts/standard.toml#payout.groups[2].bands`.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The file.
    pub file: String,
    /// What it is.
    pub kind: TableKind,
    /// The columns, in the order of the reference or of the file.
    pub columns: Vec<Column>,
    /// The rows, in the order of the file.
    pub rows: Vec<Row>,
}

/// A column of a grid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GridColumn")]
#[non_exhaustive]
pub struct Column {
    /// The key in TOML, or the header in CSV.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// What it is for; empty if nothing is known.
    pub doc: String,
    /// What its cells hold: `text`, `percentage`, `number`, `date`, `true or false`, `word`, `list`, `table`.
    #[serde(rename = "type")]
    pub ty: String,
    /// The words that its cells may have; any text if empty.
    pub words: Vec<String>,
    /// Whether every row needs a value.
    pub required: bool,
    /// Whether any row has a value.
    pub used: bool,
}

/// A row of a grid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GridRow")]
#[non_exhaustive]
pub struct Row {
    /// A cell for each column.
    pub cells: Vec<Cell>,
    /// The bytes of the row in the file.
    pub span: Span,
    /// The number of the row as people count it: in CSV the line at which it begins, elsewhere from 1.
    pub number: u32,
}

/// A cell of a grid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GridCell")]
#[non_exhaustive]
pub struct Cell {
    /// What a person reads and writes: text without its quotes. Texts of a list stand between ` | `. Empty if the row has no value.
    pub text: String,
    /// The bytes of the value in the file; `None` if the row has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Span>,
}

/// Where in a grid something is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct CellPlace {
    /// The identity of the table.
    pub table: String,
    /// The index of the row.
    pub row: usize,
    /// The index of the column; `None` for a whole row.
    pub column: Option<usize>,
}

/// Where the rows of a table of a TOML file are.
pub(super) enum Rows<'d> {
    /// In tables with headers of their own, by their indexes in the file.
    Sections(Vec<usize>),
    /// In a list of tables in braces, or of texts.
    List(&'d Value),
}

/// A table of a TOML file before it is read.
pub(super) struct Found<'d> {
    pub(super) id: String,
    title: String,
    /// The keys of the table, without numbers.
    pub(super) path: Vec<&'d str>,
    pub(super) rows: Rows<'d>,
}

/// Returns all grids of a program, in the order of its files.
///
/// ```
/// use accrue_assist::{Project, grid};
/// let mut project = Project::new(accrue::Engine::default(), accrue::Source::new());
/// project.set("contracts/standard.toml", "[[payout.groups]]\nname = \"new\"\nrate = \"8%\"\n");
/// let tables = grid::tables(&project);
/// let used: Vec<&str> = tables[0].columns.iter().filter(|column| column.used).map(|column| column.key.as_str()).collect();
/// assert_eq!(used, ["name", "rate"]);
/// ```
pub fn tables(project: &Project) -> Vec<Table> {
    let mut tables = Vec::new();
    for path in project.source().paths() {
        if let Some(file) = project.file(path)
            && let (FileKind::Toml(document, _), Some(schema)) = (&file.kind, project.schema(path))
        {
            for found in found(path, file, document, schema) {
                tables.push(read(path, file, document, schema, &found));
            }
        } else if let Some(text) = project.text(path) {
            tables.extend(plain(path, text));
        }
    }
    tables
}

/// Returns the grid with this identity.
pub(super) fn table(project: &Project, id: &str) -> Option<Table> {
    let (path, key) = split(id);
    if key.is_none() {
        return plain(path, project.text(path)?);
    }
    let file = project.file(path)?;
    let (document, schema) = (file.document()?, project.schema(path)?);
    let found = found(path, file, document, schema).into_iter().find(|found| found.id == id)?;
    Some(read(path, file, document, schema, &found))
}

/// Returns the file of an identity, and its keys.
pub(super) fn split(id: &str) -> (&str, Option<&str>) {
    match id.split_once(".toml#") {
        Some((path, key)) => (id.get(..path.len() + 5).unwrap_or(path), Some(key)),
        None => (id, None),
    }
}

/// Finds the tables of a TOML file.
pub(super) fn found<'d>(
    path: &str,
    file: &'d File,
    document: &'d Document,
    schema: &Schema,
) -> Vec<Found<'d>> {
    let text = &file.text;
    let mut tables: Vec<Found<'d>> = Vec::new();
    let mut by_path: HashMap<Vec<&str>, usize> = HashMap::new();
    let mut nested = Vec::new();
    // The number of the entry that a table belongs to, for each list of tables that is open.
    for (index, section) in document.tables.iter().enumerate() {
        let keys = section.path();
        if section.header.as_ref().is_some_and(|header| header.array) {
            let number = match by_path.get(&keys) {
                Some(at) => *at,
                None => {
                    let id = format!("{path}#{}", keys.join("."));
                    tables.push(Found {
                        id,
                        title: title(&keys),
                        path: keys.clone(),
                        rows: Rows::Sections(Vec::new()),
                    });
                    by_path.insert(keys.clone(), tables.len() - 1);
                    tables.len() - 1
                }
            };
            if let Some(Found { rows: Rows::Sections(rows), .. }) = tables.get_mut(number) {
                rows.push(index);
            }
        }
        let row = by_path.get(&keys).and_then(|number| match &tables.get(*number)?.rows {
            Rows::Sections(rows) => Some(rows.len()),
            Rows::List(_) => None,
        });
        let mut keys = keys;
        lists(path, section, &section.pairs, &mut keys, row, text, schema, &mut nested);
    }
    tables.append(&mut nested);
    tables
}

/// Finds lists of tables in braces, and lists of values.
#[allow(clippy::too_many_arguments, reason = "it walks one table")]
fn lists<'d>(
    path: &str,
    section: &'d Section,
    pairs: &'d [Pair],
    keys: &mut Vec<&'d str>,
    row: Option<usize>,
    text: &str,
    schema: &Schema,
    found: &mut Vec<Found<'d>>,
) {
    for pair in pairs {
        let Some(value) = &pair.value else { continue };
        let depth = keys.len();
        keys.extend(pair.names());
        match &value.kind {
            Kind::List(values) => {
                let is_list = path == PROGRAM && matches!(keys.as_slice(), ["lists", _, "values"]);
                let holds_tables = match values.first() {
                    Some(first) => matches!(first.kind, Kind::Table(_)),
                    None => {
                        schema.at(keys).is_some_and(|node| !schema.keys(&schema.entries(&node)).is_empty())
                    }
                };
                if is_list || holds_tables {
                    let (above, last) =
                        (keys.get(..depth).unwrap_or_default(), keys.get(depth..).unwrap_or_default());
                    let number = row.map(|row| format!("[{row}]")).unwrap_or_default();
                    let id = format!("{path}#{}{number}.{}", above.join("."), last.join("."));
                    let id = if above.is_empty() { format!("{path}#{}", last.join(".")) } else { id };
                    let of = section.pair("name").and_then(|name| name.value.as_ref()?.string(text));
                    let title = match of {
                        Some(name) => format!("{}: {name}", title(last)),
                        None => title(keys),
                    };
                    found.push(Found { id, title, path: keys.clone(), rows: Rows::List(value) });
                }
            }
            Kind::Table(pairs) => lists(path, section, pairs, keys, row, text, schema, found),
            Kind::Text { .. } | Kind::Bare => {}
        }
        keys.truncate(depth);
    }
}

fn title(keys: &[&str]) -> String {
    match keys {
        ["payout", "groups"] => "Payout groups".to_owned(),
        ["payouts", event, "groups"] => format!("Payout groups of {event}"),
        ["restrictions"] => "Restrictions".to_owned(),
        ["limits"] => "Limits".to_owned(),
        ["bonuses"] => "Bonuses".to_owned(),
        ["bands"] | ["payout", "default", "bands"] => "Bands".to_owned(),
        ["tiers"] => "Tiers".to_owned(),
        ["lists", name, "values"] => format!("List {name}"),
        keys => keys.join("."),
    }
}

fn kind(path: &str, keys: &[&str]) -> TableKind {
    match keys {
        ["lists", _, "values"] if path == PROGRAM => TableKind::List,
        [.., "groups"] if is_contract(path) => TableKind::Groups,
        [.., "bands" | "tiers"] if is_contract(path) => TableKind::Bands,
        ["restrictions"] => TableKind::Restrictions,
        ["limits"] => TableKind::Limits,
        ["bonuses"] => TableKind::Bonuses,
        _ => TableKind::Entries,
    }
}

fn read(path: &str, file: &File, document: &Document, schema: &Schema, found: &Found<'_>) -> Table {
    let text = &file.text;
    let kind = kind(path, &found.path);
    let mut columns: Vec<Column> = Vec::new();
    if kind == TableKind::List {
        columns.push(Column {
            key: "value".to_owned(),
            title: "value".to_owned(),
            doc: String::new(),
            ty: "text".to_owned(),
            words: Vec::new(),
            required: true,
            used: true,
        });
    } else if let Some(node) = schema.at(&found.path) {
        for key in schema.keys(&node) {
            // Only a row that stands for a table of `tables/` has this key.
            if key.name == "table" && kind != TableKind::Entries {
                continue;
            }
            let words = schema.entries(&key.node).words();
            columns.push(Column {
                key: key.name.to_owned(),
                title: key.name.replace('_', " "),
                doc: key.doc.to_owned(),
                ty: key.node.kind().to_owned(),
                words: words.into_iter().map(|word| word.toml.trim_matches('"').to_owned()).collect(),
                required: key.required,
                used: false,
            });
        }
    }
    let mut index: HashMap<String, usize> =
        columns.iter().enumerate().map(|(at, column)| (column.key.clone(), at)).collect();
    let mut rows = Vec::new();
    let mut row = |pairs: &[Pair], span: Span, columns: &mut Vec<Column>, rows: &mut Vec<Row>| {
        let mut cells = vec![Cell::default(); columns.len()];
        for pair in pairs {
            let Some(value) = &pair.value else { continue };
            let name = pair.names().collect::<Vec<_>>().join(".");
            let at = *index.entry(name).or_insert_with_key(|name| {
                columns.push(Column {
                    key: name.clone(),
                    title: name.replace('_', " "),
                    doc: String::new(),
                    ty: "text".to_owned(),
                    words: Vec::new(),
                    required: false,
                    used: true,
                });
                columns.len() - 1
            });
            if cells.len() <= at {
                cells.resize(at + 1, Cell::default());
            }
            if let (Some(cell), Some(column)) = (cells.get_mut(at), columns.get_mut(at)) {
                *cell = Cell { text: shown(value, text), range: Some(value.span) };
                column.used = true;
            }
        }
        let number = crate::document::pin(rows.len() + 1);
        rows.push(Row { cells, span, number });
    };
    match &found.rows {
        Rows::Sections(sections) => {
            for section in sections.iter().filter_map(|index| document.tables.get(*index)) {
                row(&section.pairs, crate::names::table_span(section, text), &mut columns, &mut rows);
            }
        }
        Rows::List(list) => {
            for value in list.list() {
                if kind == TableKind::List {
                    let cell = Cell { text: shown(value, text), range: Some(value.span) };
                    let number = crate::document::pin(rows.len() + 1);
                    rows.push(Row { cells: vec![cell], span: value.span, number });
                } else {
                    row(value.pairs(), value.span, &mut columns, &mut rows);
                }
            }
        }
    }
    rows.iter_mut().for_each(|row| row.cells.resize(columns.len(), Cell::default()));
    Table { id: found.id.clone(), title: found.title.clone(), file: path.to_owned(), kind, columns, rows }
}

/// Returns a value as a person writes it in a cell.
pub(super) fn shown(value: &Value, text: &str) -> String {
    if let Some(string) = value.string(text) {
        return string;
    }
    if let Kind::List(values) = &value.kind {
        let texts: Option<Vec<String>> = values.iter().map(|value| value.string(text)).collect();
        if let Some(texts) = texts
            && !texts.is_empty()
            && texts.iter().all(|text| !text.contains('|') && text.trim() == text && !text.is_empty())
        {
            return texts.join(" | ");
        }
    }
    value.written(text).to_owned()
}

/// Reads a list file or a CSV table.
fn plain(path: &str, text: &str) -> Option<Table> {
    let is_csv = path.ends_with(".csv");
    let kind = match () {
        () if path.starts_with("tables/") && is_csv => TableKind::Csv,
        () if path.starts_with("lists/") && (is_csv || path.ends_with(".txt")) => TableKind::List,
        () => return None,
    };
    let title = path.rsplit('/').next().unwrap_or(path).to_owned();
    let column = |key: String| Column {
        title: key.clone(),
        key,
        doc: String::new(),
        ty: "text".to_owned(),
        words: Vec::new(),
        required: false,
        used: true,
    };
    let mut table = Table {
        id: path.to_owned(),
        title,
        file: path.to_owned(),
        kind,
        columns: Vec::new(),
        rows: Vec::new(),
    };
    if !is_csv {
        table.columns.push(column("value".to_owned()));
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let begun = line.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
            let (lead, written) = (line.len() - begun.len(), begun.trim_end());
            if !written.is_empty() {
                let span = Span::new(start + lead, start + lead + written.len());
                let cell = Cell { text: written.to_owned(), range: Some(span) };
                let number = crate::document::pin(table.rows.len() + 1);
                table.rows.push(Row { cells: vec![cell], span, number });
            }
            start += line.len();
        }
        return Some(table);
    }
    let numbers = Numbers::new(text);
    let mut lines = csv::lines(text).into_iter();
    let cell = |span: &Span| csv::value(text.get(span.range()).unwrap_or_default());
    let header = lines.next()?;
    table.columns = header.cells.iter().map(|span| column(cell(span))).collect();
    for line in lines {
        let mut cells: Vec<Cell> =
            line.cells.iter().map(|span| Cell { text: cell(span), range: Some(*span) }).collect();
        while cells.len() > table.columns.len() {
            table.columns.push(column(String::new()));
        }
        cells.resize(table.columns.len().max(cells.len()), Cell::default());
        table.rows.push(Row { cells, span: line.span, number: numbers.at(line.span.start) });
    }
    let width = table.columns.len();
    table.rows.iter_mut().for_each(|row| row.cells.resize(width, Cell::default()));
    Some(table)
}

/// The lines of a text.
struct Numbers(Vec<u32>);

impl Numbers {
    fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(breaks.map(|(at, _)| crate::document::pin(at)).collect())
    }

    /// Returns the number of the line that a byte is in, from 1.
    fn at(&self, byte: u32) -> u32 {
        crate::document::pin(self.0.partition_point(|end| *end < byte) + 1)
    }
}

/// Returns the cell that a diagnostic is about; `None` if it is in none of these tables.
///
/// ```
/// use accrue_assist::{Project, grid};
/// let source = accrue::Source::from_files([
///     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n"),
///     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[[payout.groups]]\nname = \"new\"\nrate = \"8\"\n"),
/// ]);
/// let project = Project::new(accrue::Engine::default(), source);
/// let tables = grid::tables(&project);
/// let place = grid::cell_of(&tables, &project.diagnostics()[0]).expect("a cell");
/// assert_eq!((tables[0].columns[place.column.expect("a column")].key.as_str(), place.row), ("rate", 0));
/// ```
pub fn cell_of(tables: &[Table], diagnostic: &Diagnostic) -> Option<CellPlace> {
    let (file, span) = match (&diagnostic.cell, &diagnostic.place) {
        (Some(cell), _) => {
            let table =
                tables.iter().find(|table| table.file == cell.file && table.kind == TableKind::Csv)?;
            return Some(CellPlace {
                table: table.id.clone(),
                row: table.rows.iter().position(|row| row.number == cell.row)?,
                column: cell.column.and_then(|column| (column as usize).checked_sub(1)),
            });
        }
        (None, Some(place)) => (&place.file, place.span),
        (None, None) => return None,
    };
    // Of tables within each other, the innermost.
    let mut best: Option<(u32, CellPlace)> = None;
    for table in tables.iter().filter(|table| table.file == *file) {
        let next = table.rows.partition_point(|row| row.span.start <= span.start);
        let Some(index) = next.checked_sub(1) else { continue };
        let Some(row) = table.rows.get(index).filter(|row| span.end <= row.span.end) else { continue };
        let holds =
            |cell: &Cell| cell.range.is_some_and(|range| range.start <= span.start && span.end <= range.end);
        let column = row.cells.iter().position(holds).or_else(|| {
            // At a key: the value that follows it on the line.
            let next = row.cells.iter().enumerate().filter_map(|(at, cell)| Some((cell.range?.start, at)));
            next.filter(|(start, _)| *start >= span.end)
                .min()
                .map(|(_, at)| at)
                .filter(|_| span.start > row.span.start)
        });
        let size = row.span.end - row.span.start;
        if best.as_ref().is_none_or(|(least, _)| size < *least) {
            best = Some((size, CellPlace { table: table.id.clone(), row: index, column }));
        }
    }
    best.map(|(_, place)| place)
}
