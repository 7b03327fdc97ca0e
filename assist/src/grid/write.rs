//! Edits of grids as edits of text.

use std::collections::BTreeMap;
use std::fmt;

use accrue::diagnostic::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::csv;
use super::model::{Found, Rows, Table, TableKind, found, split, table};
use crate::document::{Document, Kind, Pair, Value, pin};
use crate::edit::{TextEdit, line_end, line_start};
use crate::file::{File, is_contract};
use crate::names::table_span;
use crate::project::Project;
use crate::schema::{Node, Schema};

/// A cell and the text that it gets. Empty text clears it: in TOML, its key goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CellEdit {
    /// The index of the row.
    pub row: usize,
    /// The key of the column.
    pub column: String,
    /// What a person writes in the cell.
    pub text: String,
}

/// Why a grid cannot be edited so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct GridError {
    /// What is wrong: one lower-case sentence without a full stop.
    pub message: String,
}

impl fmt::Display for GridError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for GridError {}

type Edits = Result<Vec<TextEdit>, GridError>;

fn refuse<T>(message: impl Into<String>) -> Result<T, GridError> {
    Err(GridError { message: message.into() })
}

/// What is edited: a table of a TOML file, or a list file or CSV table.
struct Target<'p> {
    path: &'p str,
    text: &'p str,
    toml: Option<Toml<'p>>,
}

struct Toml<'p> {
    document: &'p Document,
    schema: &'p Schema,
    found: Found<'p>,
    node: Option<Node<'p>>,
    /// The keys of a row, in their usual order.
    order: Vec<&'p str>,
}

impl<'p> Target<'p> {
    fn new(project: &'p Project, id: &'p str) -> Result<Self, GridError> {
        let (path, key) = split(id);
        let none = || GridError { message: format!("there is no table `{id}`") };
        let text = project.text(path).ok_or_else(none)?;
        if key.is_none() {
            return Ok(Self { path, text, toml: None });
        }
        let file: &File = project.file(path).ok_or_else(none)?;
        let document = file.document().ok_or_else(none)?;
        let schema = project.schema(path).ok_or_else(none)?;
        let found =
            found(path, file, document, schema).into_iter().find(|found| found.id == id).ok_or_else(none)?;
        let node = schema.at(&found.path);
        let order = node.as_ref().map(|node| schema.keys(node).into_iter().map(|key| key.name).collect());
        let order = order.unwrap_or_default();
        Ok(Self { path, text, toml: Some(Toml { document, schema, found, node, order }) })
    }

    fn edit(&self, span: Span, text: impl Into<String>) -> TextEdit {
        TextEdit::new(self.path, span, text)
    }
}

/// Returns the edits that set cells of a table. Each cell is named once.
///
/// # Errors
///
/// There is no such table, row or column, or the text cannot stand in the cell.
///
/// ```
/// use accrue_assist::{Project, apply, grid};
/// let mut project = Project::new(accrue::Engine::default(), accrue::Source::new());
/// let text = "[[payout.groups]]\nname = \"new\" # first orders\nrate = \"8%\"\n";
/// project.set("contracts/a.toml", text);
/// let id = "contracts/a.toml#payout.groups";
/// let edit = |column: &str, text: &str| grid::CellEdit { row: 0, column: column.to_owned(), text: text.to_owned() };
/// let edits = grid::set_cells(&project, id, &[edit("rate", "9%"), edit("when", "customer.status == \"new\"")])?;
/// assert_eq!(
///     apply("contracts/a.toml", text, &edits).as_deref(),
///     Some("[[payout.groups]]\nname = \"new\" # first orders\nwhen = 'customer.status == \"new\"'\nrate = \"9%\"\n"),
/// );
/// # Ok::<(), grid::GridError>(())
/// ```
pub fn set_cells(project: &Project, id: &str, edits: &[CellEdit]) -> Edits {
    let target = Target::new(project, id)?;
    let mut by_row: BTreeMap<usize, Vec<&CellEdit>> = BTreeMap::new();
    for edit in edits {
        let row = by_row.entry(edit.row).or_default();
        if row.iter().any(|other| other.column == edit.column) {
            return refuse(format!("the cell `{}` of row {} is set twice", edit.column, edit.row + 1));
        }
        row.push(edit);
    }
    match &target.toml {
        None => set_plain(project, &target, id, &by_row),
        Some(toml) => {
            let mut out = Vec::new();
            for (row, mut edits) in by_row {
                edits.sort_by_key(|edit| toml.rank(&edit.column));
                toml.set_row(&target, row, &edits, &mut out)?;
            }
            Ok(out)
        }
    }
}

impl Toml<'_> {
    fn rank(&self, key: &str) -> usize {
        self.order.iter().position(|known| *known == key).unwrap_or(self.order.len())
    }

    fn is_values(&self, target: &Target<'_>) -> bool {
        matches!(self.found.path.as_slice(), ["lists", _, "values"]) && target.path == "program.toml"
    }

    fn set_row(
        &self,
        target: &Target<'_>,
        row: usize,
        edits: &[&CellEdit],
        out: &mut Vec<TextEdit>,
    ) -> Result<(), GridError> {
        let no_row = || GridError { message: format!("there is no row {}", row + 1) };
        match &self.found.rows {
            Rows::Sections(sections) => {
                let section = sections
                    .get(row)
                    .and_then(|index| self.document.tables.get(*index))
                    .ok_or_else(no_row)?;
                let header = section.header.as_ref().map_or(0, |header| header.span.end);
                for edit in edits {
                    match pair(&section.pairs, &edit.column) {
                        Some(pair) if edit.text.is_empty() => {
                            let start = line_start(target.text, pair.span.start as usize);
                            let end = line_end(target.text, pair.span.end as usize);
                            out.push(target.edit(Span::new(start, end), ""));
                        }
                        Some(pair) => {
                            let value = pair.value.as_ref();
                            let written = self.written(target, &edit.column, &edit.text, value)?;
                            let span =
                                value.map_or(Span { start: pair.span.end, ..pair.span }, |value| value.span);
                            out.push(target.edit(span, written));
                        }
                        None if edit.text.is_empty() => {}
                        None => {
                            let written = self.written(target, &edit.column, &edit.text, None)?;
                            let rank = self.rank(&edit.column);
                            // After the last key that usually stands before it, in the order of the file.
                            let before = section.pairs.iter().rev().find(|pair| {
                                pair.keys.first().is_some_and(|key| self.rank(&key.name) < rank)
                            });
                            let after = before.map_or(header, |pair| pair.span.end);
                            let at = line_end(target.text, after as usize);
                            let lacks_break = !target.text.get(..at).unwrap_or_default().ends_with('\n');
                            let line = format!("{} = {written}", key_text(&edit.column));
                            let text = if lacks_break { format!("\n{line}") } else { format!("{line}\n") };
                            out.push(target.edit(Span::new(at, at), text));
                        }
                    }
                }
                Ok(())
            }
            Rows::List(list) => {
                let value = list.list().get(row).ok_or_else(no_row)?;
                if self.is_values(target) {
                    for edit in edits {
                        out.push(target.edit(value.span, quoted(&edit.text)));
                    }
                    return Ok(());
                }
                let pairs = value.pairs();
                let keeps_keys =
                    edits.iter().all(|edit| pair(pairs, &edit.column).is_some() != edit.text.is_empty());
                if keeps_keys {
                    for edit in edits {
                        let Some(value) = pair(pairs, &edit.column).and_then(|pair| pair.value.as_ref())
                        else {
                            continue;
                        };
                        out.push(
                            target.edit(
                                value.span,
                                self.written(target, &edit.column, &edit.text, Some(value))?,
                            ),
                        );
                    }
                    return Ok(());
                }
                if self.has_comment(value.span) {
                    return refuse(
                        "the row has a comment inside its braces; add or remove the key in the text",
                    );
                }
                out.push(target.edit(value.span, self.braces(target, pairs, edits)?));
                Ok(())
            }
        }
    }

    fn has_comment(&self, span: Span) -> bool {
        self.document.comments.iter().any(|comment| span.start <= comment.start && comment.end <= span.end)
    }

    /// Returns a table in braces with cells set.
    fn braces(&self, target: &Target<'_>, pairs: &[Pair], edits: &[&CellEdit]) -> Result<String, GridError> {
        let mut parts: Vec<(usize, String)> = Vec::new();
        for pair in pairs {
            let name = pair.names().collect::<Vec<_>>().join(".");
            let edit = edits.iter().find(|edit| edit.column == name);
            let part = match edit {
                Some(edit) if edit.text.is_empty() => continue,
                Some(edit) => {
                    format!(
                        "{} = {}",
                        key_text(&name),
                        self.written(target, &name, &edit.text, pair.value.as_ref())?
                    )
                }
                None => target.text.get(pair.span.range()).unwrap_or_default().to_owned(),
            };
            parts.push((self.rank(&name), part));
        }
        for edit in edits.iter().filter(|edit| !edit.text.is_empty() && pair(pairs, &edit.column).is_none()) {
            let rank = self.rank(&edit.column);
            let at = parts.iter().rposition(|(other, _)| *other < rank).map_or(0, |before| before + 1);
            let part = format!(
                "{} = {}",
                key_text(&edit.column),
                self.written(target, &edit.column, &edit.text, None)?
            );
            parts.insert(at, (rank, part));
        }
        let parts: Vec<String> = parts.into_iter().map(|(_, part)| part).collect();
        Ok(if parts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", parts.join(", ")) })
    }

    /// Returns the text of a cell as TOML writes it.
    fn written(
        &self,
        target: &Target<'_>,
        key: &str,
        text: &str,
        before: Option<&Value>,
    ) -> Result<String, GridError> {
        let node = self.node.as_ref().and_then(|node| self.schema.child(node, key));
        let whole: Vec<&str> = self.found.path.iter().copied().chain([key]).collect();
        let is_rule = is_contract(target.path)
            && accrue::language::rule_key(&whole, false)
                .is_some_and(|rule| rule.gives != accrue::language::Gives::Verbs);
        let is_toml =
            |text: &str| format!("x = {text}").parse::<toml::Table>().is_ok() && !text.contains('\n');
        let of_list = node.as_ref().is_some_and(Node::is_list)
            || before.is_some_and(|value| matches!(value.kind, Kind::List(_)));
        let of_table = node.as_ref().is_some_and(|node| node.is_table() && !node.is_text());
        if is_rule && !text.trim_start().starts_with('[') {
            return Ok(rule(text));
        }
        if text.starts_with(['[', '{'])
            && (of_list || of_table || before.is_some_and(|value| matches!(value.kind, Kind::Table(_))))
        {
            return match format!("x = {text}").parse::<toml::Table>() {
                Ok(_) => Ok(text.to_owned()),
                Err(_) => refuse(format!("`{text}` is not a list or a table of TOML")),
            };
        }
        if of_list && !node.as_ref().is_some_and(|node| node.is_text() && !text.contains('|')) {
            let parts: Vec<String> =
                text.split('|').map(str::trim).filter(|part| !part.is_empty()).map(quoted).collect();
            return Ok(format!("[{}]", parts.join(", ")));
        }
        let bare = match &node {
            Some(node) => {
                node.is_integer() && text.parse::<i64>().is_ok()
                    || node.is_bool() && matches!(text, "true" | "false")
                    || node.has_pattern("[0-9]{4}-")
                        && is_toml(text)
                        && text.starts_with(|c: char| c.is_ascii_digit())
                    || node.words().iter().any(|word| word.toml == text)
            }
            None => false,
        };
        let was_bare = before.is_some_and(|value| matches!(value.kind, Kind::Bare));
        if bare || was_bare && !node.as_ref().is_some_and(Node::is_text) && is_toml(text) {
            return Ok(text.to_owned());
        }
        Ok(quoted(text))
    }
}

/// Returns the pair of a column, whose key may have several parts.
fn pair<'p>(pairs: &'p [Pair], column: &str) -> Option<&'p Pair> {
    pairs.iter().find(|pair| match pair.name() {
        Some(name) => name == column,
        None => pair.names().collect::<Vec<_>>().join(".") == column,
    })
}

/// Returns a key as TOML writes it.
fn key_text(key: &str) -> String {
    let plain =
        !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if plain { key.to_owned() } else { quoted(key) }
}

/// Returns a text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Returns an expression as a contract holds it.
fn rule(text: &str) -> String {
    let plain = |text: &str| !text.chars().any(|c| c.is_control() && c != '\t');
    if !text.contains('\'') && plain(text) {
        return format!("'{text}'");
    }
    let lines = text.replace('\n', "");
    if text.contains('\n')
        && !text.contains("'''")
        && !text.ends_with('\'')
        && plain(&lines)
        && !text.contains('\r')
    {
        return format!("'''\n{text}'''");
    }
    quoted(text)
}

fn set_plain(
    project: &Project,
    target: &Target<'_>,
    id: &str,
    by_row: &BTreeMap<usize, Vec<&CellEdit>>,
) -> Edits {
    let Some(grid) = table(project, id) else { return refuse(format!("there is no table `{id}`")) };
    let is_csv = target.path.ends_with(".csv");
    let mut out = Vec::new();
    for (row, edits) in by_row {
        let Some(of) = grid.rows.get(*row) else { return refuse(format!("there is no row {}", row + 1)) };
        let mut cells: Vec<Option<&str>> = vec![None; grid.columns.len()];
        let mut grows = false;
        for edit in edits {
            let Some(column) = grid.columns.iter().position(|column| column.key == edit.column) else {
                return refuse(format!("there is no column `{}`", edit.column));
            };
            if !is_csv && (edit.text.trim() != edit.text || edit.text.contains(['\n', '\r'])) {
                return refuse("a value of a list file is one line without blanks around it");
            }
            if let Some(cell) = cells.get_mut(column) {
                *cell = Some(&edit.text);
            }
            grows |= of.cells.get(column).is_some_and(|cell| cell.range.is_none()) && !edit.text.is_empty();
        }
        let written = |text: &str| if is_csv { csv::written(text) } else { text.to_owned() };
        if !grows {
            for (cell, text) in of.cells.iter().zip(&cells) {
                if let (Some(range), Some(text)) = (cell.range, text) {
                    out.push(target.edit(range, written(text)));
                }
            }
            continue;
        }
        let last = cells.iter().rposition(Option::is_some).unwrap_or_default();
        let width = of.cells.iter().rposition(|cell| cell.range.is_some()).unwrap_or_default().max(last);
        let parts = of.cells.iter().zip(&cells).take(width + 1).map(|(cell, text)| match text {
            Some(text) => written(text),
            None => {
                cell.range.and_then(|range| target.text.get(range.range())).unwrap_or_default().to_owned()
            }
        });
        out.push(target.edit(of.span, parts.collect::<Vec<_>>().join(",")));
    }
    Ok(out)
}

/// Returns the edits that insert rows before the row `at`, or after the last row. Each row is the keys of columns with their texts.
///
/// # Errors
///
/// There is no such table or column, or a text cannot stand in its cell.
pub fn insert_rows(project: &Project, id: &str, at: usize, rows: &[Vec<(String, String)>]) -> Edits {
    let target = Target::new(project, id)?;
    let mut written = Vec::new();
    match &target.toml {
        Some(toml) => {
            for row in rows {
                written.push(toml.row(&target, row)?);
            }
        }
        None => {
            let Some(grid) = table(project, id) else { return refuse(format!("there is no table `{id}`")) };
            for row in rows {
                written.push(plain_row(&grid, row)?);
            }
        }
    }
    place_rows(project, &target, id, at, &written)
}

impl Toml<'_> {
    /// Returns a new row as text: the lines of a table with a header, or the text of an entry.
    fn row(&self, target: &Target<'_>, row: &[(String, String)]) -> Result<String, GridError> {
        if self.is_values(target) {
            return Ok(quoted(row.first().map_or("", |(_, text)| text)));
        }
        let mut pairs: Vec<&(String, String)> = row.iter().filter(|(_, text)| !text.is_empty()).collect();
        pairs.sort_by_key(|(key, _)| self.rank(key));
        let mut parts = Vec::new();
        for (key, text) in pairs {
            parts.push(format!("{} = {}", key_text(key), self.written(target, key, text, None)?));
        }
        Ok(match &self.found.rows {
            Rows::Sections(_) => {
                let keys: Vec<String> = self.found.path.iter().map(|key| key_text(key)).collect();
                let header = format!("[[{}]]\n", keys.join("."));
                parts.iter().fold(header, |text, part| text + part.as_str() + "\n")
            }
            Rows::List(_) if parts.is_empty() => "{}".to_owned(),
            Rows::List(_) => format!("{{ {} }}", parts.join(", ")),
        })
    }
}

fn plain_row(grid: &Table, row: &[(String, String)]) -> Result<String, GridError> {
    for (key, _) in row {
        if !grid.columns.iter().any(|column| column.key == *key) {
            return refuse(format!("there is no column `{key}`"));
        }
    }
    let cell = |key: &str| row.iter().find(|(column, _)| column == key).map_or("", |(_, text)| text);
    if grid.kind == TableKind::List && !grid.file.ends_with(".csv") {
        let text = cell("value");
        if text.trim().is_empty() || text.contains(['\n', '\r']) {
            return refuse("a value of a list file is one line");
        }
        return Ok(text.trim().to_owned());
    }
    let cells: Vec<String> = grid.columns.iter().map(|column| csv::written(cell(&column.key))).collect();
    Ok(cells.join(","))
}

/// Returns the bytes of each row with what belongs to it: the comments directly above it, and its line break.
fn blocks(project: &Project, target: &Target<'_>, id: &str) -> Result<Vec<Span>, GridError> {
    match &target.toml {
        None => {
            let Some(grid) = table(project, id) else { return refuse(format!("there is no table `{id}`")) };
            let block = |span: Span| {
                let start = line_start(target.text, span.start as usize);
                let start = if start == 0 && target.text.starts_with('\u{feff}') { 3 } else { start };
                Span::new(start, line_end(target.text, span.end as usize))
            };
            Ok(grid.rows.iter().map(|row| block(row.span)).collect())
        }
        Some(toml) => match &toml.found.rows {
            Rows::Sections(sections) => Ok(sections.iter().map(|index| toml.block(target, *index)).collect()),
            Rows::List(list) => Ok(list.list().iter().map(|value| value.span).collect()),
        },
    }
}

impl Toml<'_> {
    /// Returns the lines of a row with a header: from the comments directly above the header to the end of its last line, with the
    /// tables below it.
    fn block(&self, target: &Target<'_>, index: usize) -> Span {
        let Some(section) = self.document.tables.get(index) else { return Span::default() };
        let text = target.text;
        let own = table_span(section, text);
        let mut start = line_start(text, own.start as usize);
        while start > 0 {
            let before = line_start(text, start - 1);
            if !text.get(before..start).unwrap_or_default().trim_start().starts_with('#') {
                break;
            }
            start = before;
        }
        let mut end = own.end;
        for below in self.document.tables.get(index + 1..).unwrap_or_default() {
            let path = below.path();
            if path.len() <= self.found.path.len() || !path.starts_with(&self.found.path) {
                break;
            }
            end = table_span(below, text).end;
        }
        Span::new(start, line_end(text, end as usize))
    }
}

/// Inserts the texts of rows before a row.
fn place_rows(project: &Project, target: &Target<'_>, id: &str, at: usize, rows: &[String]) -> Edits {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let blocks = blocks(project, target, id)?;
    if at > blocks.len() {
        return refuse(format!("there is no row {}", at + 1));
    }
    let list = match &target.toml {
        Some(Toml { found: Found { rows: Rows::List(list), .. }, .. }) => Some(*list),
        _ => None,
    };
    if let Some(list) = list {
        let mut parts: Vec<String> = texts(target, &blocks);
        let from = at.min(parts.len());
        parts.splice(from..from, rows.iter().cloned());
        return relist(target, list, &parts);
    }
    let is_toml = target.toml.is_some();
    // Rows with headers have an empty line between them.
    let text = if is_toml { rows.join("\n") } else { rows.iter().map(|row| format!("{row}\n")).collect() };
    let (at, before, after) = match blocks.get(at) {
        Some(block) => (block.start as usize, "", if is_toml { "\n" } else { "" }),
        None => {
            let end = blocks.last().map_or(target.text.len(), |block| block.end as usize);
            let lacks_break = !target.text.get(..end).unwrap_or_default().ends_with('\n') && end > 0;
            let before = match (is_toml, lacks_break) {
                (true, true) => "\n\n",
                (true, false) | (false, true) => "\n",
                (false, false) => "",
            };
            (end, before, "")
        }
    };
    Ok(vec![target.edit(Span::new(at, at), format!("{before}{text}{after}"))])
}

fn texts(target: &Target<'_>, blocks: &[Span]) -> Vec<String> {
    blocks.iter().map(|block| target.text.get(block.range()).unwrap_or_default().to_owned()).collect()
}

/// Writes a list with these entries in place of its own. On lines of its own, an entry stays on one.
fn relist(target: &Target<'_>, list: &Value, parts: &[String]) -> Edits {
    let Some(toml) = &target.toml else { return Ok(Vec::new()) };
    if toml.has_comment(list.span) {
        return refuse("the list has comments inside; add, remove and move its entries in the text");
    }
    let written = list.written(target.text);
    let text = if parts.is_empty() {
        "[]".to_owned()
    } else if written.contains('\n') {
        let entries: String = parts.iter().map(|part| format!("  {part},\n")).collect();
        format!("[\n{entries}]")
    } else {
        format!("[{}]", parts.join(", "))
    };
    Ok(vec![target.edit(list.span, text)])
}

/// Returns the edits that take rows out, with the comments directly above them.
///
/// # Errors
///
/// There is no such table or row.
pub fn delete_rows(project: &Project, id: &str, rows: &[usize]) -> Edits {
    let target = Target::new(project, id)?;
    let blocks = blocks(project, &target, id)?;
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    rows.dedup();
    if let Some(row) = rows.iter().find(|row| **row >= blocks.len()) {
        return refuse(format!("there is no row {}", row + 1));
    }
    if let Some(Toml { found: Found { rows: Rows::List(list), .. }, .. }) = &target.toml {
        let kept =
            texts(&target, &blocks).into_iter().enumerate().filter(|(at, _)| rows.binary_search(at).is_err());
        return relist(&target, list, &kept.map(|(_, part)| part).collect::<Vec<_>>());
    }
    let edits = rows.iter().filter_map(|row| blocks.get(*row)).map(|block| {
        let mut block = *block;
        if target.toml.is_some() {
            // One empty line goes with the row: the one after it, or at the end of the file the one before.
            let after = line_end(target.text, block.end as usize);
            let blank = |from: usize, to: usize| {
                target.text.get(from..to).is_some_and(|line| line.trim().is_empty() && !line.is_empty())
            };
            if blank(block.end as usize, after) {
                block.end = pin(after);
            } else if block.end as usize == target.text.len() && block.start > 0 {
                let before = line_start(target.text, block.start as usize - 1);
                if blank(before, block.start as usize) {
                    block.start = pin(before);
                }
            }
        }
        target.edit(block, "")
    });
    let mut edits: Vec<TextEdit> = edits.collect();
    // Rows beside each other share an empty line.
    for index in 1..edits.len() {
        let end = edits.get(index - 1).map_or(0, |edit| edit.span.end);
        if let Some(edit) = edits.get_mut(index) {
            edit.span.start = edit.span.start.max(end);
            edit.span.end = edit.span.end.max(edit.span.start);
        }
    }
    Ok(edits)
}

/// Returns the edits that move `count` rows from the row `from` on before the row `to`, with the comments directly above them. `to` is
/// counted as the rows stand now, and may be the number of rows.
///
/// # Errors
///
/// There is no such table or row, or the rows would move into themselves.
pub fn move_rows(project: &Project, id: &str, from: usize, count: usize, to: usize) -> Edits {
    let target = Target::new(project, id)?;
    let blocks = blocks(project, &target, id)?;
    let end = from.saturating_add(count);
    if end > blocks.len() || to > blocks.len() {
        return refuse(format!("there are {} rows", blocks.len()));
    }
    if (from..=end).contains(&to) || count == 0 {
        return Ok(Vec::new());
    }
    // The texts of the rows change places; what stands between them stays.
    let mut parts = texts(&target, &blocks);
    let moved: Vec<String> = parts.drain(from..end).collect();
    let at = if to > from { to - count } else { to };
    parts.splice(at..at, moved);
    if let Some(Toml { found: Found { rows: Rows::List(list), .. }, .. }) = &target.toml {
        let mut edits = Vec::new();
        if !target.toml.as_ref().is_some_and(|toml| toml.has_comment(list.span)) {
            return relist(&target, list, &parts);
        }
        edits.extend(blocks.iter().zip(parts).map(|(block, part)| target.edit(*block, part)));
        return Ok(edits);
    }
    let range = from.min(to)..end.max(to);
    let ends_with_break = target.text.ends_with('\n');
    let last = blocks.len();
    let edits = blocks.iter().zip(parts).enumerate().filter(|(at, _)| range.contains(at)).map(
        |(at, (block, part))| {
            let mut part = part;
            // Only the last line of a file may lack its break.
            if !part.ends_with('\n') && at + 1 < last {
                part.push('\n');
            } else if at + 1 == last && !ends_with_break && block.end as usize == target.text.len() {
                part.truncate(part.trim_end_matches('\n').len());
            }
            target.edit(*block, part)
        },
    );
    Ok(edits.collect())
}
