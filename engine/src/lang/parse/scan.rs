//! Splits the text of a rule into tokens with their places in bytes.
//!
//! Rhai's parser only reports where things begin, in lines and columns. This scan splits text as Rhai's tokenizer does, so that a
//! diagnostic can underline the whole word. This module must not know the meaning of words.

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or a keyword.
    Word,
    /// A number, without its sign.
    Number,
    /// Text in double quotes.
    Text,
    /// Text in single quotes.
    Char,
    /// Text in back-ticks, or a piece of it.
    Backtick,
    /// Raw text, `#"…"#`.
    Raw,
    /// `(`, `[`, `{`, `#{` or `?[`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// An operator or punctuation.
    Symbol,
    /// A character that is not allowed outside of text.
    Unknown,
    /// Text without its closing quote.
    Unclosed,
}

/// The most characters in which the end of a text in typographic quotes is searched: longer than any text in a condition, and
/// short enough that many lonely quotes do not each cost a walk through the whole rule.
const QUOTED: usize = 200;

/// A token: bytes `start..end` of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// The kind of the token.
    pub(crate) kind: Kind,
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
}

/// The result of a scan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scan {
    /// Tokens in order; comments and white space are left out.
    pub(crate) tokens: Vec<Token>,
    /// First byte of each line.
    pub(crate) lines: Vec<usize>,
    /// First byte of a comment that is never closed.
    pub(crate) unclosed: Option<usize>,
    /// First byte of each comment that begins inside of a comment.
    pub(crate) nested: Vec<usize>,
}

/// Symbols of more than one character, longest first.
const SYMBOLS: &[&str] = &[
    "...", "..=", "===", "!==", "::<", "<<=", ">>=", "**=", "..", "==", "=>", "::", ":=", ":;", "<=", "<-",
    "<<", "<|", ">=", ">>", "!=", "!.", "||", "|=", "|>", "&&", "&=", "^=", "%=", "?.", "??", "+=", "++",
    "-=", "->", "--", "*=", "**", "*)", "/=",
];

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    out: Scan,
}

/// Splits the text of a rule.
pub(crate) fn scan(text: &str) -> Scan {
    let mut scanner = Scanner { text, at: 0, out: Scan { lines: vec![0], ..Scan::default() } };
    scanner.run();
    scanner.out
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn starts(&self, with: &str) -> bool {
        self.text.get(self.at..).is_some_and(|rest| rest.starts_with(with))
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        if c == '\n' {
            self.out.lines.push(self.at);
        }
        Some(c)
    }

    fn bump_while(&mut self, test: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&test) {
            self.bump();
        }
    }

    fn emit(&mut self, kind: Kind, start: usize) {
        self.out.tokens.push(Token { kind, start, end: self.at });
    }

    fn run(&mut self) {
        // One entry for each open `${` in back-tick text: the number of braces open inside it.
        let mut inside: Vec<usize> = Vec::new();
        while let Some(c) = self.peek() {
            let start = self.at;
            match c {
                c if c.is_ascii_whitespace() => {
                    self.bump();
                }
                '/' if self.starts("//") => self.line_comment(),
                '/' if self.starts("/*") => self.block_comment(),
                '"' => self.quoted('"', start),
                '\'' => self.quoted('\'', start),
                '`' => {
                    self.bump();
                    if self.backtick(start) {
                        inside.push(0);
                    }
                }
                '#' if self.starts("#\"") || self.starts("##") => self.raw(start),
                '0'..='9' => self.number(start),
                'a'..='z' | 'A'..='Z' | '_' => {
                    self.bump_while(|c| c.is_ascii_alphanumeric() || c == '_');
                    self.emit(Kind::Word, start);
                }
                '(' | '[' | '{' => {
                    self.bump();
                    if let (true, Some(braces)) = (c == '{', inside.last_mut()) {
                        *braces += 1;
                    }
                    self.emit(Kind::Open, start);
                }
                '#' | '?' if self.starts("#{") || self.starts("?[") => {
                    self.at += 2;
                    if let (true, Some(braces)) = (c == '#', inside.last_mut()) {
                        *braces += 1;
                    }
                    self.emit(Kind::Open, start);
                }
                '}' if inside.last() == Some(&1) => {
                    // The end of `${…}`: the text continues.
                    inside.pop();
                    self.bump();
                    self.emit(Kind::Close, start);
                    if self.backtick(self.at) {
                        inside.push(0);
                    }
                }
                ')' | ']' | '}' => {
                    self.bump();
                    if let (true, Some(braces)) = (c == '}', inside.last_mut()) {
                        *braces = braces.saturating_sub(1);
                    }
                    self.emit(Kind::Close, start);
                }
                _ => self.symbol(start),
            }
        }
    }

    fn line_comment(&mut self) {
        while let Some(c) = self.peek() {
            if c == '\r' {
                self.bump();
                if self.peek() != Some('\n') {
                    // Rhai ends a comment at a lone carriage return, and counts a line there.
                    self.out.lines.push(self.at);
                    return;
                }
                continue;
            }
            self.bump();
            if c == '\n' {
                return;
            }
        }
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let mut level = 0_usize;
        while self.peek().is_some() {
            if self.starts("/*") {
                if level > 0 {
                    self.out.nested.push(self.at);
                }
                self.at += 2;
                level += 1;
            } else if self.starts("*/") {
                self.at += 2;
                level -= 1;
                if level == 0 {
                    return;
                }
            } else {
                self.bump();
            }
        }
        self.out.unclosed = Some(start);
    }

    /// Reads text between quotes on one line. A doubled quote, or `\` before a line end, continues the text.
    fn quoted(&mut self, quote: char, start: usize) {
        self.bump();
        let kind = if quote == '"' { Kind::Text } else { Kind::Char };
        while let Some(c) = self.peek() {
            match c {
                '\\' => {
                    self.bump();
                    if self.starts("\r\n") {
                        self.bump();
                    }
                    self.bump();
                }
                '\n' => break,
                c if c == quote => {
                    self.bump();
                    if self.peek() != Some(quote) || (quote == '\'' && self.at == start + 2) {
                        self.emit(kind, start);
                        return;
                    }
                    self.bump();
                }
                _ => {
                    self.bump();
                }
            }
        }
        self.emit(Kind::Unclosed, start);
    }

    /// Reads back-tick text up to its end or to `${`. Returns whether it ended at `${`.
    fn backtick(&mut self, start: usize) -> bool {
        while let Some(c) = self.peek() {
            if self.starts("${") {
                self.at += 1;
                self.emit(Kind::Backtick, start);
                return true;
            }
            self.bump();
            if c == '`' {
                if self.peek() == Some('`') {
                    self.bump();
                    continue;
                }
                self.emit(Kind::Backtick, start);
                return false;
            }
        }
        self.emit(Kind::Unclosed, start);
        false
    }

    fn raw(&mut self, start: usize) {
        let hashes =
            self.text.get(self.at..).map_or(0, |rest| rest.bytes().take_while(|b| *b == b'#').count());
        self.at += hashes;
        if self.peek() != Some('"') {
            self.emit(Kind::Unknown, start);
            return;
        }
        self.bump();
        let end = format!("\"{}", "#".repeat(hashes));
        while self.peek().is_some() {
            if self.starts(&end) {
                self.at += end.len();
                self.emit(Kind::Raw, start);
                return;
            }
            self.bump();
        }
        self.emit(Kind::Unclosed, start);
    }

    fn number(&mut self, start: usize) {
        let based = ["0x", "0X", "0o", "0O", "0b", "0B"].iter().any(|prefix| self.starts(prefix));
        if based {
            self.at += 2;
            self.bump_while(|c| c.is_ascii_hexdigit() || c == '_');
        } else {
            self.bump_while(|c| c.is_ascii_digit() || c == '_');
            let mut after = self.text.get(self.at..).unwrap_or_default().chars();
            if after.next() == Some('.') {
                // A point is part of the number before a digit, and before anything that cannot be a name.
                match after.next() {
                    Some('0'..='9') => {
                        self.bump();
                        self.bump_while(|c| c.is_ascii_digit() || c == '_');
                    }
                    Some('.' | '_' | 'a'..='z' | 'A'..='Z') | None => {}
                    Some(_) => {
                        self.bump();
                    }
                }
            }
        }
        self.emit(Kind::Number, start);
    }

    fn symbol(&mut self, start: usize) {
        if self.starts("!in") {
            let after = self.text.get(self.at + 3..).and_then(|rest| rest.chars().next());
            if !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                self.at += 3;
                self.emit(Kind::Symbol, start);
                return;
            }
        }
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| self.starts(symbol)) {
            self.at += symbol.len();
            self.emit(Kind::Symbol, start);
            return;
        }
        let c = self.bump();
        let known = c.is_some_and(|c| ";,.=:<>!|&^~%@$?+-*/#".contains(c));
        if !known {
            // Text in typographic quotes is one fault, and so is a run of characters that are not allowed.
            let quoted = c.is_some_and(|c| "“„«‘”’»".contains(c));
            let rest = self.text.get(self.at..).unwrap_or_default().char_indices().take(QUOTED);
            let end = quoted.then(|| {
                rest.take_while(|(_, c)| *c != '\n').find(|(_, c)| "”“’‘»".contains(*c)).map(|(to, _)| to)
            });
            match end.flatten() {
                Some(to) => {
                    self.at += to;
                    self.bump();
                }
                None => self.bump_while(|c| !c.is_ascii() && !c.is_whitespace()),
            }
        }
        self.emit(if known { Kind::Symbol } else { Kind::Unknown }, start);
    }
}
