//! TOML as an editor needs it: where each header, key and value stands, also in text that is broken at the cursor.
//!
//! It reads what is there and never fails: a string that is not closed ends with its line, and a list that is not closed ends where
//! a header follows. Whether the text is valid is a matter of the engine, which reads it with a parser of its own.

use accrue::diagnostic::Span;

/// A TOML text, by its tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    /// The tables in the order of the file. The first one has no header and holds what stands before all headers.
    pub(crate) tables: Vec<Section>,
    /// The comments, each with its `#`.
    pub(crate) comments: Vec<Span>,
}

/// A table with its own header, up to the next header.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    pub(crate) header: Option<Header>,
    pub(crate) pairs: Vec<Pair>,
    /// From the header to the next one.
    pub(crate) span: Span,
}

/// `[name]` or `[[name]]`.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) span: Span,
    pub(crate) path: Vec<Key>,
    /// Whether it is written with two brackets.
    pub(crate) array: bool,
}

/// One part of a key, without its quotes.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) span: Span,
    pub(crate) name: String,
}

/// `key = value`.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) keys: Vec<Key>,
    /// The `=`; `None` if it is not there yet.
    pub(crate) equals: Option<u32>,
    pub(crate) value: Option<Value>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

/// What a value is written as.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Text; the bytes between its quotes.
    Text { inside: Span, quotes: Quotes },
    /// A number, a date, `true`, `false`, or a word that is being written.
    Bare,
    /// A list.
    List(Vec<Value>),
    /// A table in braces.
    Table(Vec<Pair>),
}

/// The quotes of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// `"…"`, with escapes.
    Double,
    /// `'…'`.
    Single,
    /// `"""…"""`, with escapes.
    DoubleLines,
    /// `'''…'''`.
    SingleLines,
}

impl Quotes {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Double => "\"",
            Self::Single => "'",
            Self::DoubleLines => "\"\"\"",
            Self::SingleLines => "'''",
        }
    }

    pub(crate) fn escapes(self) -> bool {
        matches!(self, Self::Double | Self::DoubleLines)
    }
}

impl Pair {
    /// Returns the names of its key.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.name.as_str())
    }

    /// Returns the name of a key of one part.
    pub(crate) fn name(&self) -> Option<&str> {
        match self.keys.as_slice() {
            [key] => Some(&key.name),
            _ => None,
        }
    }

    pub(crate) fn key_span(&self) -> Span {
        match (self.keys.first(), self.keys.last()) {
            (Some(first), Some(last)) => Span { start: first.span.start, end: last.span.end },
            _ => self.span,
        }
    }
}

impl Header {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.path.iter().map(|key| key.name.as_str())
    }

    pub(crate) fn is(&self, path: &[&str]) -> bool {
        self.names().eq(path.iter().copied())
    }
}

impl Section {
    /// Returns the pair with this key.
    pub(crate) fn pair(&self, name: &str) -> Option<&Pair> {
        pair(&self.pairs, name)
    }

    /// Returns the names of the header; none for what stands before all headers.
    pub(crate) fn path(&self) -> Vec<&str> {
        self.header.iter().flat_map(Header::names).collect()
    }
}

/// Returns the pair with this key.
pub(crate) fn pair<'p>(pairs: &'p [Pair], name: &str) -> Option<&'p Pair> {
    pairs.iter().find(|pair| pair.name() == Some(name))
}

impl Value {
    /// Returns the text of a text value as TOML reads it, and `None` for any other value.
    pub(crate) fn string(&self, text: &str) -> Option<String> {
        let Kind::Text { inside, quotes } = &self.kind else { return None };
        Some(unquoted(text.get(inside.range()).unwrap_or_default(), *quotes))
    }

    /// Returns the value as it is written.
    pub(crate) fn written<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.span.range()).unwrap_or_default()
    }

    /// Returns the values of a list.
    pub(crate) fn list(&self) -> &[Self] {
        match &self.kind {
            Kind::List(values) => values,
            _ => &[],
        }
    }

    /// Returns the pairs of a table in braces.
    pub(crate) fn pairs(&self) -> &[Pair] {
        match &self.kind {
            Kind::Table(pairs) => pairs,
            _ => &[],
        }
    }

    /// Returns the texts of a list, or the one text, with their places.
    pub(crate) fn strings(&self, text: &str) -> Vec<(String, &Self)> {
        match &self.kind {
            Kind::List(values) => {
                values.iter().filter_map(|value| Some((value.string(text)?, value))).collect()
            }
            _ => self.string(text).map(|string| (string, self)).into_iter().collect(),
        }
    }
}

/// Returns a text without its escapes.
fn unquoted(inside: &str, quotes: Quotes) -> String {
    let inside = match quotes {
        Quotes::DoubleLines | Quotes::SingleLines => {
            inside.strip_prefix("\r\n").or_else(|| inside.strip_prefix('\n')).unwrap_or(inside)
        }
        _ => inside,
    };
    if !quotes.escapes() || !inside.contains('\\') {
        return inside.to_owned();
    }
    let mut out = String::with_capacity(inside.len());
    let mut rest = inside.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('e') => out.push('\u{1b}'),
            Some(kind @ ('u' | 'U' | 'x')) => {
                let digits = match kind {
                    'u' => 4,
                    'U' => 8,
                    _ => 2,
                };
                let code: String = rest.by_ref().take(digits).collect();
                out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
            }
            Some(c) if c.is_whitespace() => {
                let after = rest.as_str().trim_start();
                rest = after.chars();
            }
            Some(c) => out.push(c),
            None => {}
        }
    }
    out
}

/// The deepest nesting of lists and tables that is read. Deeper values are read as words.
const DEEPEST: usize = 32;

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    comments: Vec<Span>,
    depth: usize,
}

impl Document {
    /// Reads a text.
    pub(crate) fn read(text: &str) -> Self {
        let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, comments: Vec::new(), depth: 0 };
        if text.starts_with('\u{feff}') {
            reader.at = 3;
        }
        let mut tables = vec![Section::default()];
        loop {
            reader.blank(true);
            let start = reader.at;
            match reader.peek() {
                None => break,
                Some(b'[') => {
                    if let Some(last) = tables.last_mut() {
                        last.span.end = pin(start);
                    }
                    let header = reader.header();
                    let span = header.span;
                    tables.push(Section { header: Some(header), pairs: Vec::new(), span });
                }
                Some(_) => {
                    let pair = reader.pair(false);
                    if let Some(last) = tables.last_mut() {
                        last.pairs.push(pair);
                    }
                }
            }
            if reader.at == start {
                reader.at += 1;
                while !text.is_char_boundary(reader.at) {
                    reader.at += 1;
                }
            }
        }
        if let Some(last) = tables.last_mut() {
            last.span.end = pin(text.len());
        }
        Self { tables, comments: reader.comments }
    }

    /// Returns whether a byte is in a comment.
    pub(crate) fn in_comment(&self, at: u32) -> bool {
        let next = self.comments.partition_point(|comment| comment.start < at);
        next.checked_sub(1)
            .and_then(|before| self.comments.get(before))
            .is_some_and(|comment| comment.start < at && at <= comment.end)
    }

    /// Returns the section that a byte is in.
    pub(crate) fn section(&self, at: u32) -> usize {
        self.tables
            .partition_point(|table| {
                table.span.start <= at && table.header.is_some() || table.header.is_none()
            })
            .saturating_sub(1)
    }
}

/// Returns an offset as the engine counts it.
pub(crate) fn pin(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn is(&self, what: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(what.as_bytes()))
    }

    /// Skips blanks and comments, and line breaks if `lines`.
    fn blank(&mut self, lines: bool) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'\n' | b'\r' if lines => self.at += 1,
                b'#' => {
                    let start = self.at;
                    self.skip_line();
                    self.comments.push(Span::new(start, self.at));
                }
                _ => break,
            }
        }
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
            self.at += 1;
        }
    }

    fn header(&mut self) -> Header {
        let start = self.at;
        let array = self.is("[[");
        self.at += if array { 2 } else { 1 };
        let path = self.keys(b"]");
        let mut end = self.at;
        if self.peek() == Some(b']') {
            self.at += if self.is("]]") && array { 2 } else { 1 };
            end = self.at;
        }
        // What else stands on the line is no key.
        self.blank(false);
        self.skip_line();
        Header { span: Span::new(start, end), path, array }
    }

    /// Reads the parts of a key up to one of these bytes or the end of the line.
    fn keys(&mut self, ends: &[u8]) -> Vec<Key> {
        let mut keys = Vec::new();
        loop {
            while matches!(self.peek(), Some(b' ' | b'\t')) {
                self.at += 1;
            }
            let start = self.at;
            match self.peek() {
                None | Some(b'\n' | b'\r' | b'#') => break,
                Some(byte) if ends.contains(&byte) => break,
                Some(b'.') => {
                    self.at += 1;
                    continue;
                }
                Some(b'"' | b'\'') => {
                    let value = self.text_value();
                    let name = value.string(self.text).unwrap_or_default();
                    keys.push(Key { span: value.span, name });
                }
                Some(_) => {
                    while self.peek().is_some_and(|byte| {
                        !matches!(byte, b'.' | b' ' | b'\t' | b'\n' | b'\r' | b'#' | b'"' | b'\'' | b'=')
                            && !ends.contains(&byte)
                    }) {
                        self.at += 1;
                    }
                    if self.at == start {
                        break;
                    }
                    let name = self.text.get(start..self.at).unwrap_or_default().to_owned();
                    keys.push(Key { span: Span::new(start, self.at), name });
                    // A second word without a point is no part of the key.
                    while matches!(self.peek(), Some(b' ' | b'\t')) {
                        self.at += 1;
                    }
                    if self.peek() != Some(b'.') {
                        break;
                    }
                }
            }
        }
        keys
    }

    fn pair(&mut self, inside: bool) -> Pair {
        let start = self.at;
        let ends: &[u8] = if inside { b"=,}]" } else { b"=" };
        let keys = self.keys(ends);
        let mut end = keys.last().map_or(self.at, |key| key.span.end as usize);
        let mut equals = None;
        let mut value = None;
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        if self.peek() == Some(b'=') {
            equals = Some(pin(self.at));
            self.at += 1;
            end = self.at;
            while matches!(self.peek(), Some(b' ' | b'\t')) {
                self.at += 1;
            }
            value = self.value(inside);
            if let Some(value) = &value {
                end = value.span.end as usize;
            }
        }
        if !inside {
            // What else stands on the line cannot be read.
            self.blank(false);
            self.skip_line();
        }
        Pair { keys, equals, value, span: Span::new(start, end) }
    }

    fn value(&mut self, inside: bool) -> Option<Value> {
        let start = self.at;
        match self.peek()? {
            b'\n' | b'\r' | b'#' => None,
            b'"' | b'\'' => Some(self.text_value()),
            b'[' if self.depth < DEEPEST => {
                self.depth += 1;
                let list = self.list();
                self.depth -= 1;
                Some(list)
            }
            b'{' if self.depth < DEEPEST => {
                self.depth += 1;
                let table = self.table();
                self.depth -= 1;
                Some(table)
            }
            b',' | b']' | b'}' if inside => None,
            _ => {
                while self.peek().is_some_and(|byte| {
                    !(matches!(byte, b'\n' | b'\r' | b'#') || inside && matches!(byte, b',' | b']' | b'}'))
                }) {
                    self.at += 1;
                }
                let written = self.text.get(start..self.at).unwrap_or_default();
                let end = start + written.trim_end().len();
                self.at = end;
                Some(Value { span: Span::new(start, end), kind: Kind::Bare })
            }
        }
    }

    fn text_value(&mut self) -> Value {
        let start = self.at;
        let quotes = match () {
            () if self.is("\"\"\"") => Quotes::DoubleLines,
            () if self.is("'''") => Quotes::SingleLines,
            () if self.is("\"") => Quotes::Double,
            () => Quotes::Single,
        };
        let close = quotes.text();
        let from = start + close.len();
        let lines = close.len() == 3;
        let (mut at, mut end) = (from, None);
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'\\'
                    if quotes.escapes()
                        && (lines || !matches!(self.bytes.get(at + 1), Some(b'\n' | b'\r'))) =>
                {
                    at += 2
                }
                b'\n' | b'\r' if !lines => break,
                _ if self.bytes.get(at..).is_some_and(|rest| rest.starts_with(close.as_bytes())) => {
                    // Of four or five quotes, the first are text.
                    while lines
                        && self.bytes.get(at + 3) == Some(&close.as_bytes().first().copied().unwrap_or(b'"'))
                    {
                        at += 1;
                    }
                    end = Some(at);
                    break;
                }
                _ => at += 1,
            }
        }
        let (inside_end, whole_end) = match end {
            Some(end) => (end, end + close.len()),
            None => {
                let rest = self.text.get(from..).unwrap_or_default();
                let line = rest.find(['\n', '\r']).map_or(self.text.len(), |at| from + at);
                (line, line)
            }
        };
        self.at = whole_end;
        let inside = Span::new(from, inside_end);
        Value { span: Span::new(start, whole_end), kind: Kind::Text { inside, quotes } }
    }

    fn list(&mut self) -> Value {
        let start = self.at;
        self.at += 1;
        let mut values = Vec::new();
        let mut end = self.at;
        loop {
            let before = self.at;
            let comments = self.comments.len();
            self.blank(true);
            if self.begins_something_else(before) {
                self.at = before;
                self.comments.truncate(comments);
                break;
            }
            match self.peek() {
                None => {
                    self.at = before;
                    self.comments.truncate(comments);
                    break;
                }
                Some(b']') => {
                    self.at += 1;
                    end = self.at;
                    break;
                }
                Some(b',') => {
                    self.at += 1;
                    end = self.at;
                }
                Some(_) => {
                    let from = self.at;
                    if let Some(value) = self.value(true) {
                        end = value.span.end as usize;
                        values.push(value);
                    }
                    if self.at == from {
                        self.at += 1;
                        while !self.text.is_char_boundary(self.at) {
                            self.at += 1;
                        }
                    }
                }
            }
        }
        Value { span: Span::new(start, end), kind: Kind::List(values) }
    }

    /// Returns whether a header or `key =` stands here at the beginning of a line, so that the list before it was not closed.
    fn begins_something_else(&self, before: usize) -> bool {
        // First, as a list on one line may be long.
        if !self.text.get(before..self.at).unwrap_or_default().contains('\n') {
            return false;
        }
        let line = self.text.get(self.at..).unwrap_or_default();
        let line = line.split(['\n', '\r']).next().unwrap_or_default();
        let word = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        };
        if let Some(rest) = line.strip_prefix('[') {
            let rest = rest.strip_prefix('[').unwrap_or(rest);
            let name = rest.split(']').next().unwrap_or_default().trim();
            let is_value = name.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'))
                || matches!(name, "true" | "false" | "inf" | "nan");
            return word(name) && !is_value && rest.contains(']');
        }
        line.split_once('=').is_some_and(|(key, _)| word(key.trim()))
    }

    fn table(&mut self) -> Value {
        let start = self.at;
        self.at += 1;
        let mut pairs = Vec::new();
        let mut end = self.at;
        let mut comma = true;
        loop {
            let before = self.at;
            let comments = self.comments.len();
            self.blank(true);
            let skipped = self.text.get(before..self.at).unwrap_or_default();
            let lost = skipped.contains('\n') && (!comma || self.peek() == Some(b'['));
            if self.peek().is_none() || lost && self.peek() != Some(b'}') && self.peek() != Some(b',') {
                self.at = before;
                self.comments.truncate(comments);
                break;
            }
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    end = self.at;
                    break;
                }
                Some(b',') => {
                    self.at += 1;
                    end = self.at;
                    comma = true;
                }
                Some(b']') => break,
                _ => {
                    let from = self.at;
                    let pair = self.pair(true);
                    if self.at == from {
                        self.at += 1;
                        while !self.text.is_char_boundary(self.at) {
                            self.at += 1;
                        }
                    } else {
                        end = pair.span.end as usize;
                        comma = false;
                        pairs.push(pair);
                    }
                }
            }
        }
        Value { span: Span::new(start, end), kind: Kind::Table(pairs) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    /// Returns the tables of a text: each header with its keys and values as they are written.
    fn read(text: &str) -> Vec<String> {
        let document = Document::read(text);
        let pair = |pair: &Pair| {
            let names: Vec<&str> = pair.names().collect();
            let value = pair.value.as_ref().map_or("-", |value| value.written(text));
            format!("{}={}", names.join("."), value.replace('\n', "\\n"))
        };
        let table = |table: &Section| {
            let pairs: Vec<String> = table.pairs.iter().map(pair).collect();
            format!("[{}] {}", table.path().join("."), pairs.join("; "))
        };
        document.tables.iter().map(table).collect()
    }

    #[test]
    fn what_is_not_closed_ends_where_something_else_begins() {
        for (text, expected) in [
            ("a = [1,\n  2,\n[b]\nc = 3", ["[] a=[1,\\n  2,", "[b] c=3"]),
            ("a = [\n[b.c]\nd = 1", ["[] a=[", "[b.c] d=1"]),
            ("a = { x = 1, \n\n[b]\nd = ", ["[] a={ x = 1,", "[b] d=-"]),
            ("a = 'x\n[b]\nd = \"y", ["[] a='x", "[b] d=\"y"]),
            ("a = '''x\n[b]\nd = 1", ["[] a='''x", "[b] d=1"]),
            ("a\n[b\nd = 1", ["[] a=-", "[b] d=1"]),
            (
                "a = [[\"x\"],\n[\"y\"]] # ]\n[[b]]\n\"d e\".f = 2026-01-01 # x",
                ["[] a=[[\"x\"],\\n[\"y\"]]", "[b] d e.f=2026-01-01"],
            ),
            ("a = [1,\nb = 2\n[c]", ["[] a=[1,; b=2", "[c] "]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn texts_are_read_as_toml_reads_them() {
        let text = r#"a = "\u00fc \"q\" \\ \t"
b = '\n'
c = """
x\
   y""""
d = '''''q'''''
"#;
        let toml: toml::Table = text.parse().unwrap();
        let document = Document::read(text);
        for pair in &document.tables[0].pairs {
            let read = pair.value.as_ref().unwrap().string(text);
            assert_eq!(read.as_deref(), toml[pair.name().unwrap()].as_str(), "{pair:?}");
        }
        assert_eq!(document.tables[0].pairs.len(), toml.len());
    }
}
