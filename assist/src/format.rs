//! One way to lay out contract files and rules. Comments stay, values stay as they are written, and a text that does not mean the
//! same afterwards is never returned.

use std::fmt;

use accrue::diagnostic::Span;
use serde::{Deserialize, Serialize};

use crate::document::{Document, Kind, Pair, Value};
use crate::lexer::{Kind as Word, Token, lex};

/// Why a text cannot be formatted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FormatError {
    /// What is wrong: one lower-case sentence without a full stop.
    pub message: String,
    /// Where it is wrong; `None` if that cannot be said.
    pub span: Option<Span>,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FormatError {}

/// Returns a file in the usual layout: blanks around `=`, one empty line before a table, blocks of rules indented by four blanks, no
/// blanks at the ends of lines. Files other than `.toml` and `.rhai` are returned as they are. Formatting twice changes nothing more.
///
/// # Errors
///
/// A TOML file that cannot be read is not formatted: its error says where.
///
/// ```
/// use accrue_assist::format;
/// let text = "contract=\"standard\"   \n[payout.default]\n  rate = \"4%\"";
/// assert_eq!(format("contracts/a.toml", text)?, "contract = \"standard\"\n\n[payout.default]\nrate = \"4%\"\n");
/// # Ok::<(), accrue_assist::FormatError>(())
/// ```
pub fn format(path: &str, text: &str) -> Result<String, FormatError> {
    let formatted = if path.ends_with(".toml") {
        toml(text)?
    } else if path.ends_with(".rhai") {
        rhai(text)
    } else {
        return Ok(text.to_owned());
    };
    let same = if path.ends_with(".toml") {
        let read = |text: &str| text.parse::<toml::Table>().ok();
        read(text).is_some_and(|before| read(&formatted).is_some_and(|after| before == after))
    } else {
        words(text) == words(&formatted)
    };
    if same {
        return Ok(formatted);
    }
    Err(FormatError { message: "this text has no layout that means the same".to_owned(), span: None })
}

/// Returns the words of a rule.
fn words(text: &str) -> Vec<&str> {
    let of = |token: &Token| text.get(token.span.range()).unwrap_or_default().trim_end();
    lex(text).iter().map(of).collect()
}

/// Something that begins a line of its own.
enum Item<'d> {
    Header(&'d crate::document::Header),
    Pair(&'d Pair),
    Comment(Span),
}

impl Item<'_> {
    fn span(&self) -> Span {
        match self {
            Self::Header(header) => header.span,
            Self::Pair(pair) => pair.span,
            Self::Comment(span) => *span,
        }
    }
}

fn toml(text: &str) -> Result<String, FormatError> {
    if let Err(error) = toml::de::DeTable::parse(text) {
        let span = error.span().map(|range| Span::new(range.start, range.end));
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        return Err(FormatError { message, span });
    }
    let document = Document::read(text);
    let mut items: Vec<Item<'_>> = Vec::new();
    for section in &document.tables {
        items.extend(section.header.as_ref().map(Item::Header));
        items.extend(section.pairs.iter().map(Item::Pair));
    }
    let own_line = |span: &Span| {
        let start = crate::edit::line_start(text, span.start as usize);
        let before = text.get(start..span.start as usize).unwrap_or_default();
        before.trim_matches(['\u{feff}', ' ', '\t']).is_empty()
    };
    let inside = |span: &Span| {
        let next = items.partition_point(|item| item.span().start <= span.start);
        let before = next.checked_sub(1).and_then(|index| items.get(index));
        before.is_some_and(|item| span.start < item.span().end)
    };
    let outer: Vec<Span> =
        document.comments.iter().filter(|span| own_line(span) && !inside(span)).copied().collect();
    items.extend(outer.into_iter().map(Item::Comment));
    items.sort_by_key(|item| item.span().start);

    let mut out = Layout { text, comments: &document.comments, out: String::with_capacity(text.len()) };
    if text.starts_with('\u{feff}') {
        out.out.push('\u{feff}');
    }
    let mut before: Option<(&Item<'_>, usize)> = None;
    for (index, item) in items.iter().enumerate() {
        if let Some((last, end)) = before {
            let between = text.get(end..item.span().start as usize).unwrap_or_default();
            let is_blank = between.matches('\n').count() > 1;
            // A comment directly above a header belongs to the header.
            let leads = match item {
                Item::Header(_) => !matches!(last, Item::Comment(_)),
                Item::Comment(_) => leads_header(&items, index, text) && !matches!(last, Item::Comment(_)),
                Item::Pair(_) => false,
            };
            if is_blank || leads {
                out.out.push('\n');
            }
        }
        match item {
            Item::Header(header) => {
                let (open, close) = if header.array { ("[[", "]]") } else { ("[", "]") };
                out.out.push_str(open);
                out.keys(&header.path);
                out.out.push_str(close);
            }
            Item::Pair(pair) => out.pair(pair, 0),
            Item::Comment(span) => out.push(*span),
        }
        let end = if matches!(item, Item::Comment(_)) {
            item.span().end as usize
        } else {
            out.trailing_comment(item.span().end)
        };
        out.end_line();
        before = Some((item, end));
    }
    Ok(out.out)
}

/// Returns whether comments from this one on stand directly above a header.
fn leads_header(items: &[Item<'_>], index: usize, text: &str) -> bool {
    let mut end = items.get(index).map_or(0, |item| item.span().end as usize);
    for item in items.get(index + 1..).unwrap_or_default() {
        let between = text.get(end..item.span().start as usize).unwrap_or_default();
        if between.matches('\n').count() > 1 {
            return false;
        }
        match item {
            Item::Header(_) => return true,
            Item::Comment(span) => end = span.end as usize,
            Item::Pair(_) => return false,
        }
    }
    false
}

struct Layout<'t> {
    text: &'t str,
    comments: &'t [Span],
    out: String,
}

impl Layout<'_> {
    fn push(&mut self, span: Span) {
        let written = self.text.get(span.range()).unwrap_or_default();
        self.out.push_str(written);
    }

    fn end_line(&mut self) {
        let kept = self.out.trim_end_matches([' ', '\t']).len();
        self.out.truncate(kept);
        self.out.push('\n');
    }

    fn indent(&mut self, depth: usize) {
        (0..depth).for_each(|_| self.out.push_str("  "));
    }

    fn keys(&mut self, keys: &[crate::document::Key]) {
        for (index, key) in keys.iter().enumerate() {
            if index > 0 {
                self.out.push('.');
            }
            self.push(key.span);
        }
    }

    fn pair(&mut self, pair: &Pair, depth: usize) {
        self.keys(&pair.keys);
        self.out.push_str(" = ");
        if let Some(value) = &pair.value {
            self.value(value, depth);
        }
    }

    /// Writes the comment that follows on the line of a byte, as far from it as it was written. Returns where the line ends.
    fn trailing_comment(&mut self, end: u32) -> usize {
        let rest = self.text.get(end as usize..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        if line.trim_start().starts_with('#') {
            self.out.push_str(if blanks == 0 { " " } else { line.get(..blanks).unwrap_or(" ") });
            self.out.push_str(line.trim());
        }
        end as usize + line.len()
    }

    fn value(&mut self, value: &Value, depth: usize) {
        match &value.kind {
            Kind::Text { .. } | Kind::Bare => self.push(value.span),
            Kind::List(values) => {
                let parts: Vec<Part<'_>> = values.iter().map(Part::Value).collect();
                self.several(value.span, parts, ("[", "]", ""), depth);
            }
            Kind::Table(pairs) => {
                let parts: Vec<Part<'_>> = pairs.iter().map(Part::Pair).collect();
                self.several(value.span, parts, ("{", "}", " "), depth);
            }
        }
    }

    /// Writes the parts of a list or of a table in braces: on one line, or on the lines that they were on.
    fn several(
        &mut self,
        span: Span,
        parts: Vec<Part<'_>>,
        (open, close, pad): (&str, &str, &str),
        depth: usize,
    ) {
        let mut gaps = Vec::new();
        let mut at = span.start + 1;
        for part in &parts {
            gaps.push(Span { start: at, end: part.span().start });
            at = part.span().end;
        }
        gaps.push(Span { start: at, end: span.end.saturating_sub(1).max(at) });
        let breaks = |gap: &Span| self.text.get(gap.range()).is_some_and(|gap| gap.contains('\n'));
        if !gaps.iter().any(breaks) {
            self.out.push_str(open);
            if !parts.is_empty() {
                self.out.push_str(pad);
            }
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    self.out.push_str(", ");
                }
                self.part(part, depth);
            }
            if !parts.is_empty() {
                self.out.push_str(pad);
            }
            self.out.push_str(close);
            return;
        }
        self.out.push_str(open);
        // Whether the line has something on it.
        let mut begun = true;
        for (index, gap) in gaps.iter().enumerate() {
            let is_last = index == parts.len();
            begun = self.gap(*gap, begun, is_last, depth);
            if let Some(part) = parts.get(index) {
                if begun && index > 0 {
                    self.out.push(' ');
                } else {
                    if begun {
                        self.end_line();
                    }
                    self.indent(depth + 1);
                }
                self.part(part, depth + 1);
                self.out.push(',');
                begun = true;
            }
        }
        if begun {
            self.end_line();
        }
        self.indent(depth);
        self.out.push_str(close);
    }

    /// Writes the comments between two parts. Returns whether the line still has something on it.
    fn gap(&mut self, gap: Span, mut begun: bool, is_last: bool, depth: usize) -> bool {
        let first = self.comments.partition_point(|comment| comment.start < gap.start);
        let mut at = gap.start;
        for comment in self.comments.get(first..).unwrap_or_default() {
            if comment.start >= gap.end {
                break;
            }
            let between = self.text.get(at as usize..comment.start as usize).unwrap_or_default();
            let lines = between.matches('\n').count();
            if lines == 0 && begun {
                self.out.push(' ');
            } else {
                if begun {
                    self.end_line();
                }
                if lines > 1 && !self.out.ends_with(['[', '{']) && !self.out.ends_with("[\n") {
                    self.out.push('\n');
                }
                self.indent(depth + 1);
            }
            self.push(*comment);
            self.end_line();
            begun = false;
            at = comment.end;
        }
        let rest = self.text.get(at as usize..gap.end as usize).unwrap_or_default();
        let lines = rest.matches('\n').count();
        if lines > 0 && begun {
            self.end_line();
            begun = false;
        }
        if lines > 1 && !is_last && !self.out.ends_with("[\n") && !self.out.ends_with("{\n") {
            self.out.push('\n');
        }
        begun
    }

    fn part(&mut self, part: &Part<'_>, depth: usize) {
        match part {
            Part::Value(value) => self.value(value, depth),
            Part::Pair(pair) => self.pair(pair, depth),
        }
    }
}

/// A part of a list or of a table in braces.
enum Part<'d> {
    Value(&'d Value),
    Pair(&'d Pair),
}

impl Part<'_> {
    fn span(&self) -> Span {
        match self {
            Self::Value(value) => value.span,
            Self::Pair(pair) => pair.span,
        }
    }
}

/// Lays out a rule file: its lines stay lines, and are indented by the blocks that they are in.
fn rhai(text: &str) -> String {
    let tokens = lex(text);
    let word = |token: &Token| text.get(token.span.range()).unwrap_or_default();
    let mut out = String::with_capacity(text.len());
    // The lines on which the blocks and parentheses that are open were opened.
    let mut open: Vec<usize> = Vec::new();
    let (mut next, mut start): (usize, usize) = (0, 0);
    let (mut blank, mut opens) = (false, true);
    for (number, line) in text.split('\n').enumerate() {
        let (from, to) = (start, start + line.len());
        start = to + 1;
        // A text or a comment that began on an earlier line: no blank in it may change.
        let last = next.checked_sub(1).and_then(|last| tokens.get(last));
        let inside = last.is_some_and(|token| token.span.end as usize > from);
        let first = next;
        while tokens.get(next).is_some_and(|token| (token.span.start as usize) < to) {
            next += 1;
        }
        let words = tokens.get(first..next).unwrap_or_default();
        let goes_on = next
            .checked_sub(1)
            .and_then(|last| tokens.get(last))
            .is_some_and(|token| token.span.end as usize > to);
        let end = if goes_on { line } else { line.trim_end() };
        if inside {
            out.push_str(end);
        } else if end.trim().is_empty() {
            blank = !out.is_empty();
            continue;
        } else {
            let closing = words.iter().take_while(|token| matches!(word(token), "}" | ")" | "]")).count();
            let mut lines: Vec<usize> =
                open.get(..open.len().saturating_sub(closing)).unwrap_or_default().to_vec();
            lines.dedup();
            let continues = closing == 0
                && words.first().is_some_and(|first| {
                    matches!(
                        word(first),
                        "&&" | "||" | "??" | "+" | "*" | "/" | "." | "==" | "!=" | "<" | ">" | "<=" | ">="
                    )
                });
            if blank && !opens && closing == 0 {
                out.push('\n');
            }
            (0..lines.len() + usize::from(continues)).for_each(|_| out.push_str("    "));
            out.push_str(end.trim_start());
        }
        blank = false;
        opens = words.last().is_some_and(|last| word(last) == "{");
        for token in words.iter().filter(|token| token.kind == Word::Symbol) {
            match word(token) {
                "{" | "(" | "[" => open.push(number),
                "}" | ")" | "]" => {
                    open.pop();
                }
                _ => {}
            }
        }
        out.push('\n');
    }
    let kept = out.trim_end().len();
    out.truncate(kept);
    if !out.is_empty() {
        out.push('\n');
    }
    out
}
