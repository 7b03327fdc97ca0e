//! A program in an editor: its files, what is read of each, and what loading it says. A file that changes is read again, and
//! nothing else.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use accrue::diagnostic::{Diagnostic, Diagnostics, Span};
use accrue::language::{Gives, Phase, rule_key};
use accrue::{Engine, Program, Source};

use crate::document::{Document, Kind, Pair, Quotes, Value, pin};
use crate::lexer::{self, Token};
use crate::names::Names;
use crate::schema::{self, Schema};

/// The path of the file that declares the program.
pub(crate) const PROGRAM: &str = "program.toml";

/// A program whose files are being edited.
///
/// It is made of the files of a program folder. [`set`](Self::set) changes a file; what was read of the other files is kept, so an
/// answer takes milliseconds. Every function of this crate that is asked about a file that is not there answers with nothing.
///
/// ```
/// use accrue_assist::Project;
/// let mut project = Project::new(accrue::Engine::default(), accrue::Source::from_files([("program.toml", "id = \"shop\"")]));
/// project.set("contracts/standard.toml", "contract = \"standard\"");
/// assert!(project.text("contracts/standard.toml").is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Project {
    pub(crate) engine: Engine,
    pub(crate) source: Source,
    files: BTreeMap<String, Arc<File>>,
    names: OnceLock<Arc<Names>>,
    loaded: OnceLock<Arc<Result<Program, Diagnostics>>>,
    /// Schemas of files that the engine does not read, by the folder that they stand in.
    schemas: Vec<(String, Arc<Schema>)>,
}

/// What is read of a file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) text: String,
    pub(crate) kind: FileKind,
}

#[derive(Debug)]
pub(crate) enum FileKind {
    /// A TOML file, and the expressions in it in the order of the file.
    Toml(Document, Vec<RuleText>),
    /// A rule file.
    Rule(RuleText),
    /// Any other file.
    Other,
}

/// An expression or a rule file.
#[derive(Debug)]
pub(crate) struct RuleText {
    /// Its text, each byte at its place in the file. Escaped quotes are quotes and a blank.
    pub(crate) text: String,
    /// The byte of the file at which it begins.
    pub(crate) offset: u32,
    /// The phase in which an expression runs; that of a rule file follows from the contracts that name it.
    pub(crate) phase: Option<Phase>,
    pub(crate) gives: Option<Gives>,
    /// The quotes around an expression; `None` for a rule file.
    pub(crate) quotes: Option<Quotes>,
    /// Its words, comments among them.
    pub(crate) tokens: Vec<Token>,
}

impl RuleText {
    fn new(text: String, offset: u32, quotes: Option<Quotes>) -> Self {
        let tokens = lexer::lex(&text);
        Self { text, offset, phase: None, gives: None, quotes, tokens }
    }

    /// Returns the bytes of the file that it stands on.
    pub(crate) fn span(&self) -> Span {
        Span { start: self.offset, end: self.offset.saturating_add(pin(self.text.len())) }
    }

    /// Returns the place of a word in the file.
    pub(crate) fn place(&self, token: &Token) -> Span {
        self.moved(token.span)
    }

    pub(crate) fn moved(&self, span: Span) -> Span {
        Span { start: span.start.saturating_add(self.offset), end: span.end.saturating_add(self.offset) }
    }

    /// Returns the text of a word.
    pub(crate) fn word(&self, token: &Token) -> &str {
        self.text.get(token.span.range()).unwrap_or_default()
    }
}

impl File {
    /// Reads a file by the ending of its path.
    pub(crate) fn read(path: &str, text: String) -> Self {
        let kind = if path.ends_with(".toml") {
            let document = Document::read(&text);
            let rules = if is_contract(path) { expressions(&document, &text) } else { Vec::new() };
            FileKind::Toml(document, rules)
        } else if path.ends_with(".rhai") {
            FileKind::Rule(RuleText::new(text.clone(), 0, None))
        } else {
            FileKind::Other
        };
        Self { text, kind }
    }

    /// Returns the TOML of the file.
    pub(crate) fn document(&self) -> Option<&Document> {
        match &self.kind {
            FileKind::Toml(document, _) => Some(document),
            _ => None,
        }
    }

    /// Returns the rules of the file.
    pub(crate) fn rules(&self) -> &[RuleText] {
        match &self.kind {
            FileKind::Toml(_, rules) => rules,
            FileKind::Rule(rule) => std::slice::from_ref(rule),
            FileKind::Other => &[],
        }
    }

    /// Returns the rule that a byte is in, or at the end of.
    pub(crate) fn rule_at(&self, at: u32) -> Option<&RuleText> {
        let rules = self.rules();
        let next = rules.partition_point(|rule| rule.offset <= at);
        rules.get(next.checked_sub(1)?).filter(|rule| at <= rule.span().end)
    }
}

/// Returns whether a path is that of a contract.
pub(crate) fn is_contract(path: &str) -> bool {
    path.starts_with("contracts/") && path.ends_with(".toml")
}

/// Calls `visit` with the path of each pair, its table in the file, and the pair. The path leaves numbers out.
pub(crate) fn walk<'d>(document: &'d Document, visit: &mut impl FnMut(&[&'d str], usize, &'d Pair)) {
    for (index, section) in document.tables.iter().enumerate() {
        let mut path: Vec<&str> = section.path();
        for pair in &section.pairs {
            walk_pair(&mut path, index, pair, visit);
        }
    }
}

fn walk_pair<'d>(
    path: &mut Vec<&'d str>,
    section: usize,
    pair: &'d Pair,
    visit: &mut impl FnMut(&[&'d str], usize, &'d Pair),
) {
    let depth = path.len();
    path.extend(pair.names());
    visit(path, section, pair);
    if let Some(value) = &pair.value {
        walk_value(path, section, value, visit);
    }
    path.truncate(depth);
}

fn walk_value<'d>(
    path: &mut Vec<&'d str>,
    section: usize,
    value: &'d Value,
    visit: &mut impl FnMut(&[&'d str], usize, &'d Pair),
) {
    match &value.kind {
        Kind::List(values) => values.iter().for_each(|value| walk_value(path, section, value, visit)),
        Kind::Table(pairs) => pairs.iter().for_each(|pair| walk_pair(path, section, pair, visit)),
        Kind::Text { .. } | Kind::Bare => {}
    }
}

/// Returns whether the payout that a path is in pays by item.
pub(crate) fn per_item(document: &Document, text: &str, path: &[&str]) -> bool {
    let payout = match path {
        ["payout", ..] => path.get(..1),
        ["payouts", _, ..] => path.get(..2),
        _ => None,
    };
    let Some(payout) = payout else { return false };
    document
        .tables
        .iter()
        .filter(|table| table.path() == payout)
        .filter_map(|table| table.pair("per")?.value.as_ref()?.string(text))
        .any(|per| per == "item")
}

/// Returns the expressions of a contract in the order of the file.
fn expressions(document: &Document, text: &str) -> Vec<RuleText> {
    let mut rules = Vec::new();
    let by_item: Vec<Vec<&str>> = document
        .tables
        .iter()
        .filter(|table| {
            table.pair("per").and_then(|per| per.value.as_ref()?.string(text)).as_deref() == Some("item")
        })
        .map(super::document::Section::path)
        .collect();
    walk(document, &mut |path, _, pair| {
        let per_item = by_item.iter().any(|payout| path.starts_with(payout));
        let Some(key) = rule_key(path, per_item).filter(|key| key.gives != Gives::Verbs) else { return };
        let Some(value) = &pair.value else { return };
        let texts = match &value.kind {
            Kind::List(values) => values.as_slice(),
            _ => std::slice::from_ref(value),
        };
        for value in texts {
            let Kind::Text { inside, quotes } = value.kind else { continue };
            let written = text.get(inside.range()).unwrap_or_default();
            let mut rule = RuleText::new(placed(written, quotes), inside.start, Some(quotes));
            (rule.phase, rule.gives) = (Some(key.phase), Some(key.gives));
            rules.push(rule);
        }
    });
    rules
}

/// Returns the text of an expression with each byte at its place: `\"` becomes a quote and a blank outside of the text.
fn placed(written: &str, quotes: Quotes) -> String {
    if !quotes.escapes() || !written.contains("\\\"") {
        return written.to_owned();
    }
    let mut out = String::with_capacity(written.len());
    let mut opens = true;
    let mut parts = written.split("\\\"");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(if opens { " \"" } else { "\" " });
        opens = !opens;
        out.push_str(part);
    }
    out
}

impl Project {
    /// Returns a project of these files. The engine loads it to find what is wrong; one that interprets rules
    /// ([`EngineBuilder::rules`](accrue::EngineBuilder::rules)) answers soonest.
    pub fn new(engine: Engine, source: Source) -> Self {
        let files = source.paths().filter_map(|path| {
            is_read(path)
                .then(|| source.text(path))
                .flatten()
                .map(|text| (path.to_owned(), Arc::new(File::read(path, text.to_owned()))))
        });
        let files = files.collect();
        Self { engine, source, files, names: OnceLock::new(), loaded: OnceLock::new(), schemas: Vec::new() }
    }

    /// Adds the JSON Schema of TOML files that the engine does not read, such as those of `tests/`, so that their keys are offered
    /// and explained.
    #[must_use]
    pub fn with_schema(mut self, folder: impl Into<String>, schema: &schemars::Schema) -> Self {
        self.schemas.push((folder.into(), Arc::new(Schema::new(schema.as_value().clone(), &[]))));
        self
    }

    /// Sets the text of a file, which need not be there yet.
    pub fn set(&mut self, path: impl Into<String>, text: impl Into<String>) {
        let (path, text) = (path.into(), text.into());
        if self.source.text(&path) == Some(text.as_str())
            && !self.source.paths().any(|known| known == path && known.contains('#'))
        {
            return;
        }
        self.source.insert(path.clone(), text.clone().into_bytes());
        if is_read(&path) {
            let file = File::read(&path, text);
            self.files.insert(path, Arc::new(file));
        }
        self.forget();
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) {
        self.source.remove(path);
        self.files.remove(path);
        self.forget();
    }

    fn forget(&mut self) {
        self.names = OnceLock::new();
        self.loaded = OnceLock::new();
    }

    /// Returns the text of a file; `None` if it is not there or not text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.source.text(path)
    }

    /// Returns the files.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Returns all diagnostics of loading the program, errors and warnings, in the order of files and places.
    ///
    /// ```
    /// use accrue_assist::Project;
    /// let project = Project::new(accrue::Engine::default(), accrue::Source::from_files([("program.toml", "id = 5")]));
    /// assert!(project.diagnostics().iter().any(|found| found.message.contains("expected text in quotes")));
    /// ```
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self.loaded() {
            Ok(program) => &program.warnings().0,
            Err(found) => &found.0,
        }
    }

    /// Returns the program; `None` if it has errors.
    pub fn program(&self) -> Option<&Program> {
        self.loaded().as_ref().ok()
    }

    fn loaded(&self) -> &Result<Program, Diagnostics> {
        self.loaded.get_or_init(|| Arc::new(self.engine.load(&self.source)))
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path).map(Arc::as_ref)
    }

    /// Returns the files that are read, by path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file.as_ref()))
    }

    pub(crate) fn names(&self) -> &Names {
        self.names.get_or_init(|| Arc::new(Names::of(self)))
    }

    /// Returns the schema of a TOML file.
    pub(crate) fn schema(&self, path: &str) -> Option<&Schema> {
        if path == PROGRAM {
            return Some(&schema::PROGRAM);
        }
        if is_contract(path) {
            return Some(&schema::CONTRACT);
        }
        self.schemas.iter().find(|(folder, _)| path.starts_with(folder)).map(|(_, schema)| schema.as_ref())
    }
}

/// Returns whether a file is read for its words.
fn is_read(path: &str) -> bool {
    path == PROGRAM
        || is_contract(path)
        || path.starts_with("tests/") && path.ends_with(".toml")
        || (path.starts_with("rules/") || path.starts_with("functions/")) && path.ends_with(".rhai")
}
