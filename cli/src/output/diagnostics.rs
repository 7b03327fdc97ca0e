//! Draws the errors of a program and its facts: diagnostics over their source lines, or as JSON.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use accrue::Program;
use accrue::Source;
use accrue::diagnostic::{Cell, Diagnostic, Diagnostics, Lines, Place, Severity};
use accrue::facts::FactError;
use accrue_history::FactFault;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};

use super::format::{plural, thousands};
use super::terminal::{BOLD, RED, RESET, YELLOW, clean, shown, tell};
use crate::exit::Failure;
use crate::source::folder::Folder;

/// The most diagnostics that are drawn. Nobody reads more.
const DRAWN: usize = 200;

/// Returns the final message of a command that failed.
pub(crate) fn failure(failure: &Failure) -> String {
    let error = match failure {
        Failure::Closed => return String::new(),
        Failure::Program(faulty) => {
            let drawn = draw(&faulty.diagnostics, &faulty.source, &faulty.name);
            return format!("{drawn}{}: {}\n", clean(&faulty.name), tally(&faulty.diagnostics));
        }
        Failure::Facts(faults) => {
            let drawn = fact_faults(faults);
            let count = plural(faults.len() as u64, "error");
            return format!("{drawn}nothing was decided: {count} in the reference facts\n");
        }
        Failure::Usage(message, None) => clean_lines(message),
        Failure::Usage(message, Some(help)) => {
            format!("{}\n{BOLD}help:{RESET} {}", clean_lines(message), clean_lines(help))
        }
        Failure::Io(doing, error) => format!("{}: {}", clean(doing), clean_lines(&io_error(error))),
        Failure::Unfit { file, mapping, errors } => {
            let mut text = format!("`{}` does not fit the mapping `{}`", clean(file), clean(mapping));
            for error in &errors.0 {
                text.push_str(&format!("\n  {}", fact_error(file, error)));
            }
            text
        }
        Failure::Refused(path, error) => format!("`{}` is refused: {}", shown(path), clean(error)),
    };
    format!("{BOLD}{RED}error:{RESET} {error}\n")
}

/// Returns a system error in words that need no knowledge of the system.
fn io_error(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => error.to_string(),
    }
}

/// Prints how many warnings a program has.
pub(crate) fn tell_warnings(program: &Program, name: &str) {
    let warnings = program.warnings().iter().count() as u64;
    if warnings > 0 {
        let count = plural(warnings, "warning");
        tell(&format!("{BOLD}{YELLOW}{count}{RESET}, shown by `accrue check {}`\n", clean(name)));
    }
}

/// Returns an error of a fact with its place: `file:line: field: message`.
pub(crate) fn fact_error(file: &str, error: &FactError) -> String {
    let mut text = clean(file);
    for at in [error.line, error.column].into_iter().flatten() {
        text.push_str(&format!(":{at}"));
    }
    text.push_str(": ");
    if let Some(field) = &error.field {
        text.push_str(&clean(field));
        text.push_str(": ");
    }
    text.push_str(&clean(&error.message));
    text
}

/// Draws the diagnostics of a folder and the faults of its facts.
pub(crate) fn faults(diagnostics: &Diagnostics, facts: &[FactFault], folder: &Folder) -> String {
    let mut text = draw(diagnostics, &folder.source, &folder.name);
    text.push_str(&fact_faults(facts));
    text
}

/// Draws diagnostics of one file, which belongs to no folder.
pub(crate) fn of_file(diagnostics: &Diagnostics, (folder, name): (&str, &str), text: &str) -> String {
    draw(diagnostics, &Source::from_files([(name, text)]), folder)
}

/// Returns a line for each fault of reference facts.
fn fact_faults(faults: &[FactFault]) -> String {
    let line =
        |fault: &FactFault| format!("{BOLD}{RED}error:{RESET} {}\n", fact_error(&fault.file, &fault.error));
    faults.iter().map(line).collect()
}

/// Draws diagnostics over their source lines: the first [`DRAWN`], errors before warnings if there are more.
fn draw(diagnostics: &Diagnostics, source: &Source, root: &str) -> String {
    let renderer = Renderer::styled();
    let texts = Texts::new(source);
    let mut drawn: Vec<&Diagnostic> = diagnostics.iter().collect();
    if drawn.len() > DRAWN {
        drawn.sort_by_key(|diagnostic| diagnostic.severity == Severity::Warning);
    }
    let more = drawn.split_off(drawn.len().min(DRAWN)).len();
    let mut text = String::new();
    for diagnostic in drawn {
        text.push_str(&renderer.render(&[group(diagnostic, &texts, root)]));
        text.push_str("\n\n");
    }
    if more > 0 {
        let more = thousands(u64::try_from(more).unwrap_or(u64::MAX));
        text.push_str(&format!("{BOLD}and {more} more{RESET}, which are not shown; correct these first\n\n"));
    }
    text
}

/// The texts of a program with their lines, each looked up once however many diagnostics are about it.
pub(crate) struct Texts<'s> {
    source: &'s Source,
    lines: RefCell<HashMap<String, Option<Rc<Lines<'s>>>>>,
}

impl<'s> Texts<'s> {
    pub(crate) fn new(source: &'s Source) -> Self {
        Self { source, lines: RefCell::default() }
    }

    fn lines(&self, file: &str) -> Option<Rc<Lines<'s>>> {
        if let Some(lines) = self.lines.borrow().get(file) {
            return lines.clone();
        }
        let lines = self.source.text(file).map(|text| Rc::new(Lines::new(text)));
        self.lines.borrow_mut().insert(file.to_owned(), lines.clone());
        lines
    }

    /// Returns the line of a place, from 1.
    pub(crate) fn line(&self, place: &Place) -> Option<usize> {
        self.lines(&place.file).map(|lines| lines.at(place.span.start).0)
    }
}

/// Bytes of the longest line that is quoted. Of longer lines only the place is told: they would fill the screen.
const QUOTED_LINE: usize = 4_000;

/// Bytes of the longest text that is quoted for one diagnostic, with the lines between its places.
const QUOTED: usize = 64_000;

/// Draws what an analysis found over its lines, without a code; as a note or as a warning.
pub(crate) fn drawn_as<'a>(
    diagnostic: &'a Diagnostic,
    as_note: bool,
    texts: &Texts<'a>,
    root: &str,
) -> String {
    let level = if as_note { Level::NOTE } else { Level::WARNING };
    let title = level.primary_title(clean_lines(&diagnostic.message));
    let group = with_places(title.elements(NO_SNIPPETS), diagnostic, texts, root);
    format!("{}\n", Renderer::styled().render(&[group]))
}

const NO_SNIPPETS: [Snippet<'_, annotate_snippets::Annotation<'_>>; 0] = [];

/// Draws a diagnostic over the lines that it is about.
fn group<'a>(diagnostic: &'a Diagnostic, texts: &Texts<'a>, root: &str) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(clean_lines(&diagnostic.message)).id(diagnostic.code.text());
    with_places(title.elements(NO_SNIPPETS), diagnostic, texts, root)
}

/// Adds the places, cells and help of a diagnostic to its title.
fn with_places<'a>(
    mut group: Group<'a>,
    diagnostic: &'a Diagnostic,
    texts: &Texts<'a>,
    root: &str,
) -> Group<'a> {
    let main = diagnostic.place.as_ref().map(|place| (place, None, AnnotationKind::Primary));
    let labels = diagnostic
        .labels
        .iter()
        .map(|label| (&label.place, Some(clean(&label.message)), AnnotationKind::Context));
    let mut files: Vec<(&str, Vec<Marked<'a>>)> = Vec::new();
    for (place, message, kind) in main.into_iter().chain(labels) {
        match files.iter_mut().find(|(file, _)| *file == place.file) {
            Some((_, marked)) => marked.push((place, message, kind)),
            None => files.push((&place.file, vec![(place, message, kind)])),
        }
    }
    let mut unread: Vec<Origin<'_>> = Vec::new();
    for (file, marked) in files {
        let path = clean(&format!("{root}/{file}"));
        let Some(lines) = texts.lines(file) else {
            unread.push(Origin::path(path));
            continue;
        };
        match quoted(texts.source.text(file).unwrap_or_default(), &lines, &marked) {
            Some(snippet) => group = group.element(snippet.path(path)),
            None => unread.extend(marked.iter().map(|(place, ..)| {
                let (line, column) = lines.at(place.span.start);
                Origin::path(path.clone()).line(line).char_column(column)
            })),
        }
    }
    for origin in unread {
        group = group.element(origin);
    }
    let labels =
        diagnostic.labels.iter().filter_map(|label| Some((label.cell.as_ref()?, label.message.as_str())));
    for (cell, what) in diagnostic.cell.iter().map(|cell| (cell, "this is")).chain(labels) {
        group = group.element(Level::NOTE.message(clean(&format!("{what}: {cell}"))));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(clean_lines(help)));
    }
    group
}

/// A place, what is to be seen there, and how it is marked.
type Marked<'a> = (&'a Place, Option<String>, AnnotationKind);

/// Returns the lines of a file from the first marked place to the last; `None` if they are too long to be quoted.
fn quoted<'a>(
    text: &'a str,
    lines: &Lines<'a>,
    marked: &[Marked<'a>],
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let first = marked.iter().map(|(place, ..)| lines.at(place.span.start).0).min()?;
    let last = marked.iter().map(|(place, ..)| lines.at(place.span.end).0).max()?;
    let (start, end) = (lines.range(first).start, lines.range(last).end);
    let part = text.get(start..end)?;
    if part.len() > QUOTED || part.lines().any(|line| line.len() > QUOTED_LINE) {
        return None;
    }
    let annotations = marked.iter().map(|(place, message, kind)| {
        let range = within(text, place.span.range());
        let inside = |at: usize| at.saturating_sub(start).min(part.len());
        kind.span(inside(range.start)..inside(range.end)).label(message.clone())
    });
    Some(Snippet::source(part).line_start(first).annotations(annotations))
}

fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// Returns the range shortened to lie within the text and on the boundaries of its characters.
fn within(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let down = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = down(range.start);
    start..down(range.end).max(start)
}

/// Returns how many errors and warnings there are: `2 errors, 1 warning`.
pub(crate) fn tally(diagnostics: &Diagnostics) -> String {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    let warnings = diagnostics.iter().count().saturating_sub(errors);
    let more = if diagnostics.0.len() < Diagnostics::MOST { "" } else { "; more were not looked for" };
    format!("{}, {}{more}", plural(errors as u64, "error"), plural(warnings as u64, "warning"))
}

/// Returns diagnostics as JSON.
pub(crate) fn diagnostics_json(diagnostics: &Diagnostics, source: &Source) -> Vec<Value> {
    let texts = Texts::new(source);
    diagnostics.iter().map(|diagnostic| diagnostic_json(diagnostic, &texts)).collect()
}

fn diagnostic_json(diagnostic: &Diagnostic, texts: &Texts<'_>) -> Value {
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|label| {
            let place = place_json(&label.place, texts);
            with_cell(json!({ "place": place, "message": label.message }), label.cell.as_ref())
        })
        .collect();
    let replacements: Vec<Value> = diagnostic
        .replacements
        .iter()
        .map(|edit| json!({ "place": place_json(&edit.place, texts), "text": edit.text }))
        .collect();
    let value = json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "place": diagnostic.place.as_ref().map(|place| place_json(place, texts)),
        "labels": labels,
        "help": diagnostic.help,
        "replacements": replacements,
    });
    with_cell(value, diagnostic.cell.as_ref())
}

/// Adds the cell of a table to what was reported about it.
fn with_cell(mut value: Value, cell: Option<&Cell>) -> Value {
    if let (Some(cell), Some(object)) = (cell, value.as_object_mut()) {
        object.insert("cell".to_owned(), json!(cell));
    }
    value
}

/// Returns a place as JSON, with lines and columns beside its bytes.
pub(crate) fn place_json(place: &Place, texts: &Texts<'_>) -> Value {
    let mut value = json!({ "file": place.file, "span": place.span });
    if let (Some(lines), Some(object)) = (texts.lines(&place.file), value.as_object_mut()) {
        let (line, column) = lines.at(place.span.start);
        let (end_line, end_column) = lines.at(place.span.end);
        let positions =
            [("line", line), ("column", column), ("end_line", end_line), ("end_column", end_column)];
        object.extend(positions.map(|(key, value)| (key.to_owned(), json!(value))));
    }
    value
}
