//! What is read of one file: TOML with the expressions in it, or a rule file.

use std::collections::HashSet;

use accrue::diagnostic::Span;
use accrue::language::{Gives, Phase, rule_key};

use crate::document::{Document, Kind, Pair, Quotes, Section, Value, pin};
use crate::lexer::{self, Token};

/// The path of the file that declares the program.
pub(crate) const PROGRAM: &str = "program.toml";

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

/// Returns the paths of the payouts that pay by item.
pub(crate) fn by_item<'d>(document: &'d Document, text: &str) -> HashSet<Vec<&'d str>> {
    let per = |table: &Section| table.pair("per").and_then(|per| per.value.as_ref()?.string(text));
    let by_item = document.tables.iter().filter(|table| per(table).as_deref() == Some("item"));
    by_item.map(Section::path).filter(|path| matches!(path.as_slice(), ["payout"] | ["payouts", _])).collect()
}

/// Returns whether a path is in one of the payouts that pay by item.
pub(crate) fn is_by_item(by_item: &HashSet<Vec<&str>>, path: &[&str]) -> bool {
    let parts = if path.first() == Some(&"payouts") { 2 } else { 1 };
    path.get(..parts).is_some_and(|payout| by_item.contains(payout))
}

/// Returns the expressions of a contract in the order of the file.
fn expressions(document: &Document, text: &str) -> Vec<RuleText> {
    let mut rules = Vec::new();
    let by_item = by_item(document, text);
    walk(document, &mut |path, _, pair| {
        let per_item = is_by_item(&by_item, path);
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

/// Returns whether a file is read for its words.
pub(crate) fn is_read(path: &str) -> bool {
    path == PROGRAM
        || is_contract(path)
        || (path.starts_with("tests/") || path.starts_with("imports/")) && path.ends_with(".toml")
        || (path.starts_with("rules/") || path.starts_with("functions/")) && path.ends_with(".rhai")
}
