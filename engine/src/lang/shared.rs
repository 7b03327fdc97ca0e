//! Functions that all rules of a program share. A rule is checked together with the shared functions that it calls, as if they
//! stood before it; their places are kept apart from those of the rule.

use std::collections::{BTreeMap, BTreeSet};

use super::parse::{Fault, Kind, Layout, misread, too_long};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Span};
use crate::limits::Limits;

/// Spans of shared functions begin here. A file of terms is shorter.
const SHARED_FROM: u32 = 1 << 31;

/// The functions in the files of `functions/`, by name.
#[derive(Clone, Debug, Default)]
pub struct SharedFunctions {
    functions: BTreeMap<String, SharedFunction>,
}

/// A shared function.
#[derive(Clone, Debug)]
struct SharedFunction {
    file: String,
    /// The name in the file.
    name: Span,
    /// From `fn` to the closing brace.
    span: Span,
    text: String,
    /// The names that the function calls.
    calls: BTreeSet<String>,
}

/// A shared function in the text that a rule is checked in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedPart {
    /// The first byte of the function in that text.
    at: u32,
    /// The file of the function.
    file: String,
    /// The first byte of the function in its file.
    start: u32,
}

impl SharedPart {
    /// Returns the file of the function.
    pub fn file(&self) -> &str {
        &self.file
    }
}

/// The text in which a rule is checked: the shared functions that it calls, then the rule.
pub(super) struct Joined {
    pub(super) text: String,
    /// The first byte of the rule.
    pub(super) rule_at: u32,
    pub(super) parts: Vec<SharedPart>,
    pub(super) names: BTreeSet<String>,
}

impl SharedFunctions {
    /// Adds the functions of a file. Reports what is not a function, and a function whose name is taken.
    pub fn add(&mut self, file: &str, text: &str, limits: &Limits, out: &mut Diagnostics) {
        let too_long = too_long(text, limits);
        let layout = Layout::new(if too_long.is_some() { "" } else { text });
        let faults = match too_long {
            Some(fault) => vec![fault.help("split the file")],
            None => misread(&layout),
        };
        for Fault { code, span, message, help } in faults {
            out.push(Diagnostic::at(code, file, span, message).maybe_help(help));
        }
        let mut report = |code, span, message: String, help: &str| {
            out.push(Diagnostic::at(code, file, span, message).help(help));
        };
        let mut next = 0;
        while next < layout.tokens.len() {
            let Some((name, last)) = function_at(&layout, next) else {
                let message = "a file of shared functions holds only functions".to_owned();
                let help = "write `fn name(x) { … }`, or move the statements to a rule in `rules/`";
                return report(Code::RuleSyntax, layout.span(next), message, help);
            };
            let span = layout.span(next).to(layout.span(last));
            let inside = name + 1..last;
            let function = SharedFunction {
                file: file.to_owned(),
                name: layout.span(name),
                span,
                text: layout.slice(span).to_owned(),
                calls: inside
                    .filter(|index| is_call(&layout, *index))
                    .map(|at| layout.word(at).to_owned())
                    .collect(),
            };
            let word = layout.word(name);
            if let Some(earlier) = self.functions.get(word) {
                let message = format!("there is a shared function `{word}` already, in `{}`", earlier.file);
                report(Code::DuplicateName, layout.span(name), message, "give one of them another name");
            } else {
                self.functions.insert(word.to_owned(), function);
            }
            next = last + 1;
        }
    }

    /// Returns whether there is a shared function with this name.
    pub(crate) fn file_of(&self, name: &str) -> Option<&str> {
        self.functions.get(name).map(|function| function.file.as_str())
    }

    /// Returns each function with its place.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&str, Place)> {
        self.functions.iter().map(|(name, of)| (name.as_str(), Place::new(of.file.clone(), of.name)))
    }

    /// Returns the words of a rule and of the shared functions that it calls, without blanks and comments. Rules of the same words mean
    /// the same, as long as the names that they read do.
    pub(crate) fn words(&self, rule: &str) -> Vec<String> {
        let joined = self.join(rule);
        let layout = Layout::new(&joined.text);
        (0..layout.tokens.len()).map(|index| layout.word(index).to_owned()).collect()
    }

    /// Returns a rule behind the shared functions that it calls. A function that the rule itself defines is not added.
    pub(super) fn join(&self, rule: &str) -> Joined {
        let mut joined =
            Joined { text: String::new(), rule_at: 0, parts: Vec::new(), names: BTreeSet::new() };
        if !self.functions.is_empty() {
            let layout = Layout::new(rule);
            let calls = (0..layout.tokens.len()).filter(|index| is_call(&layout, *index));
            let mut wanted: Vec<&str> = Vec::new();
            let mut own: BTreeSet<&str> = BTreeSet::new();
            for index in calls {
                let word = layout.word(index);
                if index > 0 && layout.word(index - 1) == "fn" {
                    own.insert(word);
                } else {
                    wanted.push(word);
                }
            }
            while let Some(name) = wanted.pop() {
                let Some(function) = self.functions.get(name).filter(|_| !own.contains(name)) else {
                    continue;
                };
                if !joined.names.insert(name.to_owned()) {
                    continue;
                }
                wanted.extend(function.calls.iter().map(String::as_str));
            }
        }
        for function in joined.names.iter().filter_map(|name| self.functions.get(name)) {
            let at = u32::try_from(joined.text.len()).unwrap_or(u32::MAX);
            joined.parts.push(SharedPart { at, file: function.file.clone(), start: function.span.start });
            joined.text.push_str(&function.text);
            joined.text.push('\n');
        }
        joined.rule_at = u32::try_from(joined.text.len()).unwrap_or(u32::MAX);
        joined.text.push_str(rule);
        joined
    }
}

impl Joined {
    /// Returns the span that a span of the joined text has in the checked rule. `offset` is the byte of the file at which the
    /// rule begins.
    pub(super) fn moved(&self, span: Span, offset: u32) -> Span {
        match span.start.checked_sub(self.rule_at) {
            Some(_) => Span {
                start: span.start.saturating_sub(self.rule_at).saturating_add(offset),
                end: span.end.saturating_sub(self.rule_at).saturating_add(offset),
            },
            None => span.shift(SHARED_FROM),
        }
    }
}

/// Returns the place of a span of a checked rule: in the file of a shared function, or in the rule's own file.
pub(super) fn place_of(parts: &[SharedPart], file: &str, span: Span) -> Place {
    let shared = span.start.checked_sub(SHARED_FROM).and_then(|at| {
        let part = parts.get(parts.partition_point(|part| part.at <= at).checked_sub(1)?)?;
        let back =
            |byte: u32| byte.saturating_sub(SHARED_FROM).saturating_sub(part.at).saturating_add(part.start);
        Some(Place::new(part.file.clone(), Span { start: back(span.start), end: back(span.end) }))
    });
    shared.unwrap_or_else(|| Place::new(file, span))
}

/// Returns the tokens of the name and of the closing brace of the function that begins at a token.
fn function_at(layout: &Layout<'_>, at: usize) -> Option<(usize, usize)> {
    let partner = |index: usize| layout.partner.get(index).copied().flatten();
    let name = at + 1;
    if layout.word(at) != "fn" || layout.kind(name) != Some(Kind::Word) || layout.word(name + 1) != "(" {
        return None;
    }
    let body = partner(name + 1)? + 1;
    (layout.word(body) == "{").then_some((name, partner(body)?))
}

/// Returns whether a token is the name of a call, and not of a method.
fn is_call(layout: &Layout<'_>, index: usize) -> bool {
    layout.kind(index) == Some(Kind::Word)
        && layout.word(index + 1) == "("
        && !(index > 0 && matches!(layout.word(index - 1), "." | "?."))
}
