//! Where in a TOML file a byte is: at a header, a key or a value, and under which keys.

use accrue::diagnostic::Span;

use crate::document::{Document, Kind, Pair, Quotes, Value};
use crate::edit::{line_end, line_start};

/// The place of a byte.
#[derive(Clone, Debug)]
pub(crate) enum Spot<'d> {
    /// In a header.
    Header { section: usize },
    /// At a key, or where one may be written.
    Key {
        /// The keys above it.
        path: Vec<&'d str>,
        /// The pairs beside it.
        beside: &'d [Pair],
        /// What is written of it.
        replace: Span,
        /// Whether it already has a value.
        has_value: bool,
        /// Whether it is inside of braces.
        inline: bool,
        section: usize,
    },
    /// At a value, or where one may be written.
    Value {
        /// The keys above it, its own last.
        path: Vec<&'d str>,
        /// What is written of it: of text, what is between its quotes.
        replace: Span,
        /// The quotes around it.
        quotes: Option<Quotes>,
        /// Whether it is an entry of a list.
        in_list: bool,
    },
}

impl<'d> Spot<'d> {
    /// Returns the place of a byte; `None` in a comment and where nothing may be written.
    pub(crate) fn at(document: &'d Document, text: &str, at: u32) -> Option<Self> {
        if document.in_comment(at) {
            return None;
        }
        let index = document.section(at);
        let section = document.tables.get(index)?;
        let (start, end) = (line_start(text, at as usize), line_end(text, at as usize));
        if let Some(header) = &section.header
            && (start..end.max(start + 1)).contains(&(header.span.start as usize))
        {
            let inside = header.span.start < at;
            return inside.then_some(Self::Header { section: index });
        }
        let mut path = section.path();
        for pair in &section.pairs {
            if let Some(spot) = in_pair(pair, &mut path, &section.pairs, text, at, false, index) {
                return Some(spot);
            }
        }
        let before = text.get(start..at as usize)?;
        before.trim().is_empty().then_some(Self::Key {
            path,
            beside: &section.pairs,
            replace: Span { start: at, end: at },
            has_value: false,
            inline: false,
            section: index,
        })
    }
}

fn in_pair<'d>(
    pair: &'d Pair,
    path: &mut Vec<&'d str>,
    beside: &'d [Pair],
    text: &str,
    at: u32,
    inline: bool,
    section: usize,
) -> Option<Spot<'d>> {
    let key = pair.key_span();
    if key.start <= at && at <= key.end {
        // Of a key of several parts, the part that the byte is in.
        let part = pair.keys.iter().position(|key| at <= key.span.end).unwrap_or_default();
        let mut path = path.clone();
        path.extend(pair.keys.iter().take(part).map(|key| key.name.as_str()));
        let replace = pair.keys.get(part).map_or(key, |key| key.span);
        return Some(Spot::Key { path, beside, replace, has_value: pair.equals.is_some(), inline, section });
    }
    let equals = pair.equals.filter(|equals| *equals < at)?;
    let depth = path.len();
    path.extend(pair.names());
    let spot = match &pair.value {
        Some(value) if value.span.start <= at && at <= value.span.end => {
            in_value(value, path, text, at, false, section)
        }
        Some(value) if at > value.span.end => None,
        _ => {
            let between = text.get(equals as usize + 1..at as usize);
            between.is_some_and(|between| between.trim().is_empty() && !between.contains('\n')).then(|| {
                let replace = Span { start: at, end: at };
                Spot::Value { path: path.clone(), replace, quotes: None, in_list: false }
            })
        }
    };
    path.truncate(depth);
    spot
}

fn in_value<'d>(
    value: &'d Value,
    path: &mut Vec<&'d str>,
    text: &str,
    at: u32,
    in_list: bool,
    section: usize,
) -> Option<Spot<'d>> {
    let within = |value: &&Value| value.span.start <= at && at <= value.span.end;
    match &value.kind {
        Kind::Text { inside, quotes } => (inside.start <= at && at <= inside.end).then(|| Spot::Value {
            path: path.clone(),
            replace: *inside,
            quotes: Some(*quotes),
            in_list,
        }),
        Kind::Bare => Some(Spot::Value { path: path.clone(), replace: value.span, quotes: None, in_list }),
        Kind::List(values) => {
            if at <= value.span.start || (at == value.span.end && text.get(..at as usize)?.ends_with(']')) {
                return None;
            }
            match values.iter().find(within) {
                Some(value) => in_value(value, path, text, at, true, section),
                None => {
                    let replace = Span { start: at, end: at };
                    Some(Spot::Value { path: path.clone(), replace, quotes: None, in_list: true })
                }
            }
        }
        Kind::Table(pairs) => {
            if at <= value.span.start || (at == value.span.end && text.get(..at as usize)?.ends_with('}')) {
                return None;
            }
            for pair in pairs {
                if let Some(spot) = in_pair(pair, path, pairs, text, at, true, section) {
                    return Some(spot);
                }
            }
            Some(Spot::Key {
                path: path.clone(),
                beside: pairs,
                replace: Span { start: at, end: at },
                has_value: false,
                inline: true,
                section,
            })
        }
    }
}
