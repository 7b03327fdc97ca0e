//! Words of a rule, with their places. Every text has them: what is not a word of the language is a symbol, and a text that is not
//! closed ends with its line.

use accrue::diagnostic::Span;

/// What a word of a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or a keyword.
    Word,
    Number,
    /// Text with its quotes.
    Text,
    Comment,
    Symbol,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// The bytes in the text that was read.
    pub(crate) span: Span,
}

/// Symbols of several characters, the longest first.
const SYMBOLS: [&str; 20] = [
    "..=", "**=", "==", "!=", "<=", ">=", "&&", "||", "??", "=>", "->", "+=", "-=", "*=", "/=", "%=", "..",
    "::", "**", "<<",
];

/// Returns the words of a rule, comments among them.
pub(crate) fn lex(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let start = at;
        let rest = text.get(at..).unwrap_or_default();
        let kind = if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            Kind::Comment
        } else if rest.starts_with("/*") {
            at += block_comment(rest);
            Kind::Comment
        } else if c.is_alphabetic() || c == '_' {
            at += rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            Kind::Word
        } else if c.is_ascii_digit() {
            at += rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            // `1.5` is one number; `1..5` is a range, and `x.1` does not occur.
            if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
                let after = text.get(at + 1..).unwrap_or_default();
                let more = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                at += 1 + more.unwrap_or(after.len());
            }
            Kind::Number
        } else if matches!(c, '"' | '`' | '\'') {
            at += quoted(rest, c);
            Kind::Text
        } else {
            let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
            at += symbol.map_or(c.len_utf8(), |symbol| symbol.len());
            Kind::Symbol
        };
        tokens.push(Token { kind, span: Span::new(start, at) });
    }
    tokens
}

/// Returns the bytes of a comment `/* … */`, which may hold others.
fn block_comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// Returns the bytes of a text with its quotes; of one that is not closed, up to the end of the line.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '\n' if quote != '`' => return at,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.find('\n').unwrap_or(text.len())
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_text() {
        let text = "a.b ?? 1.50..=x /* /* */ */ \"q\\\"\" \"open\n// c\n`t\n` ü§";
        let words: Vec<(Kind, &str)> =
            lex(text).iter().map(|token| (token.kind, &text[token.span.range()])).collect();
        use Kind::{Comment, Number, Symbol, Text, Word};
        let expected = [
            (Word, "a"),
            (Symbol, "."),
            (Word, "b"),
            (Symbol, "??"),
            (Number, "1.50"),
            (Symbol, "..="),
            (Word, "x"),
            (Comment, "/* /* */ */"),
            (Text, "\"q\\\"\""),
            (Text, "\"open"),
            (Comment, "// c"),
            (Text, "`t\n`"),
            (Word, "ü"),
            (Symbol, "§"),
        ];
        assert_eq!(words, expected);
    }
}
