//! Words with their kinds, for highlighting: TOML with the rules in it, and rule files.

use accrue::diagnostic::Span;
use accrue::language::{CallForm, KEYWORDS, NAMESPACES, Phase, calls, records, verbs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Document, Kind, Pair, Value};
use crate::file::{File, FileKind, RuleText};
use crate::lexer::{Kind as Word, Token as Lexed, lex};

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenKind {
    /// A keyword of the rule language, or `true` and `false`.
    Keyword,
    /// Text.
    String,
    /// A number or a date.
    Number,
    /// A comment.
    Comment,
    /// A name after a point.
    Field,
    /// A function or a method.
    Function,
    /// A verb.
    Verb,
    /// A record of facts, or a namespace such as `params`.
    Type,
    /// Another name: a local.
    Variable,
    /// A key of a TOML table.
    Key,
    /// The name in a TOML header.
    Table,
    /// An operator or other symbol.
    Operator,
}

impl TokenKind {
    /// Every kind, in order.
    pub const ALL: [Self; 12] = [
        Self::Keyword,
        Self::String,
        Self::Number,
        Self::Comment,
        Self::Field,
        Self::Function,
        Self::Verb,
        Self::Type,
        Self::Variable,
        Self::Key,
        Self::Table,
        Self::Operator,
    ];
}

/// A word and what it is. Words do not overlap, and none goes over the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SemanticToken {
    /// The bytes of the word.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
}

/// Returns the words of a file in the order of the text. `path` says what file it is; text of any other file has none. The text need
/// not be valid.
///
/// ```
/// use accrue_assist::{TokenKind, tokens};
/// let found = tokens("contracts/a.toml", "[credit]\nwhen = 'touch.kind == \"click\"'");
/// let kinds: Vec<TokenKind> = found.into_iter().map(|token| token.kind).collect();
/// use TokenKind::*;
/// assert_eq!(kinds, [Operator, Table, Operator, Key, Operator, String, Type, Operator, Field, Operator, String, String]);
/// ```
pub fn tokens(path: &str, text: &str) -> Vec<SemanticToken> {
    let file = File::read(path, text.to_owned());
    let mut found = Vec::new();
    match &file.kind {
        FileKind::Toml(document, rules) => toml(document, rules, text, &mut found),
        FileKind::Rule(rule) => in_rule(rule, &mut found),
        FileKind::Other => {}
    }
    in_lines(text, found)
}

/// Sorts words and splits them at the ends of lines.
fn in_lines(text: &str, mut found: Vec<SemanticToken>) -> Vec<SemanticToken> {
    found.sort_by_key(|token| token.span);
    let mut split = Vec::with_capacity(found.len());
    let mut done = 0;
    for SemanticToken { span, kind } in found {
        if span.start < done {
            continue;
        }
        done = span.end;
        let mut start = span.start as usize;
        for line in text.get(span.range()).unwrap_or_default().split_inclusive('\n') {
            let word = line.trim_end_matches(['\n', '\r']);
            if !word.is_empty() {
                split.push(SemanticToken { span: Span::new(start, start + word.len()), kind });
            }
            start += line.len();
        }
    }
    split
}

fn toml(document: &Document, rules: &[RuleText], text: &str, found: &mut Vec<SemanticToken>) {
    let mut push = |span: Span, kind| {
        if span.end > span.start {
            found.push(SemanticToken { span, kind });
        }
    };
    document.comments.iter().for_each(|span| push(*span, TokenKind::Comment));
    for section in &document.tables {
        if let Some(header) = &section.header {
            let mut at = header.span.start;
            for key in &header.path {
                push(Span { start: at, end: key.span.start }, TokenKind::Operator);
                push(key.span, TokenKind::Table);
                at = key.span.end;
            }
            push(Span { start: at, end: header.span.end }, TokenKind::Operator);
        }
        section.pairs.iter().for_each(|pair| of_pair(pair, rules, text, &mut push));
    }
    rules.iter().for_each(|rule| in_rule(rule, found));
}

fn of_pair(pair: &Pair, rules: &[RuleText], text: &str, push: &mut impl FnMut(Span, TokenKind)) {
    pair.keys.iter().for_each(|key| push(key.span, TokenKind::Key));
    if let Some(equals) = pair.equals {
        push(Span { start: equals, end: equals + 1 }, TokenKind::Operator);
    }
    if let Some(value) = &pair.value {
        of_value(value, rules, text, push);
    }
}

fn of_value(value: &Value, rules: &[RuleText], text: &str, push: &mut impl FnMut(Span, TokenKind)) {
    match &value.kind {
        Kind::Text { inside, .. } => {
            let next = rules.partition_point(|rule| rule.offset < inside.start);
            if rules.get(next).is_some_and(|rule| rule.offset == inside.start) {
                // The quotes alone: what is between them is a rule.
                push(Span { end: inside.start, ..value.span }, TokenKind::String);
                push(Span { start: inside.end, ..value.span }, TokenKind::String);
            } else {
                push(value.span, TokenKind::String);
            }
        }
        Kind::Bare => {
            let word = matches!(value.written(text), "true" | "false");
            push(value.span, if word { TokenKind::Keyword } else { TokenKind::Number });
        }
        Kind::List(values) => values.iter().for_each(|value| of_value(value, rules, text, push)),
        Kind::Table(pairs) => pairs.iter().for_each(|pair| of_pair(pair, rules, text, push)),
    }
}

fn in_rule(rule: &RuleText, found: &mut Vec<SemanticToken>) {
    // Between escaped quotes, text is written over several words.
    let words = if rule.tokens.is_empty() { lex(&rule.text) } else { rule.tokens.clone() };
    let code: Vec<&Lexed> = words.iter().filter(|token| token.kind != Word::Comment).collect();
    let mut next = 0;
    for token in &words {
        let kind = match token.kind {
            Word::Comment => TokenKind::Comment,
            Word::Number => TokenKind::Number,
            Word::Text => TokenKind::String,
            Word::Symbol => TokenKind::Operator,
            Word::Word => {
                let word = |by: usize| code.get(next + by).map_or("", |token| rule.word(token));
                let before = next
                    .checked_sub(1)
                    .and_then(|before| code.get(before))
                    .map_or("", |token| rule.word(token));
                name(rule.word(token), before, word(1))
            }
        };
        if token.kind != Word::Comment {
            next += 1;
        }
        found.push(SemanticToken { span: rule.place(token), kind });
    }
}

fn name(word: &str, before: &str, after: &str) -> TokenKind {
    let called = after == "(";
    match () {
        () if before == "." && called => TokenKind::Function,
        () if before == "." => TokenKind::Field,
        () if KEYWORDS.iter().any(|(known, _)| *known == word) => TokenKind::Keyword,
        () if called && verbs().any(|verb| verb.name == word) => TokenKind::Verb,
        () if called || calls().any(|call| call.form == CallForm::Function && call.name == word) => {
            TokenKind::Function
        }
        () if NAMESPACES.iter().any(|(known, _)| *known == word) => TokenKind::Type,
        () if records(Phase::PayItem).iter().any(|(record, _)| record.name() == word) => TokenKind::Type,
        () => TokenKind::Variable,
    }
}
