//! Writes to the terminal: standard output, standard error, colours.
//!
//! All text is written with ANSI colours; the streams of `anstream` remove them where they are not wanted.

use std::io::Write as _;
use std::path::Path;

use accrue::facts::fields::is_unseen;
use comfy_table::Table;
use serde::Serialize;

use crate::args::Color;
use crate::exit::Failure;

pub(crate) const BOLD: &str = "\x1b[1m";
pub(crate) const DIM: &str = "\x1b[2m";
pub(crate) const RED: &str = "\x1b[31m";
pub(crate) const GREEN: &str = "\x1b[32m";
pub(crate) const YELLOW: &str = "\x1b[33m";
pub(crate) const RESET: &str = "\x1b[0m";

/// Applies `--color` to both streams.
pub(crate) fn set_color(color: Color) {
    match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// Writes to standard output. Text from outside is escaped, as [`clean`] does, except for line ends and colours.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    out.write_all(screened(text).as_bytes()).and_then(|()| out.flush()).map_err(Failure::output)
}

/// The narrowest terminal that output is fitted to, in columns.
const NARROWEST: usize = 20;

/// Returns the width that output should fit, in columns: that of the environment variable `COLUMNS`, else of the terminal. Returns
/// `None` if standard output is no terminal.
pub(crate) fn room() -> Option<usize> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let room = said.or_else(|| Table::new().width().map(usize::from));
    room.filter(|room| *room > 0).map(|room| room.max(NARROWEST))
}

/// Writes a value to standard output as indented JSON.
pub(crate) fn say_json(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value).map_err(|error| Failure::output(error.into()))?;
    say_raw(&format!("{json}\n"))
}

/// Writes what a program reads to standard output, as it is.
pub(crate) fn say_raw(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::output)
}

/// Writes to standard error. Text from outside is escaped, as [`clean`] does, except for line ends and colours. Errors are ignored: if standard error is closed, there is nowhere to report them.
pub(crate) fn tell(text: &str) {
    let _ = anstream::stderr().lock().write_all(screened(text).as_bytes());
}

/// Returns text from outside with all characters escaped that steer the terminal, that nobody sees, or that turn the direction of
/// writing: `\u{1b}` for the character of escape sequences.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    text.chars().for_each(|c| push_clean(c, &mut clean));
    clean
}

fn push_clean(c: char, to: &mut String) {
    if c.is_control() || is_unseen(c) || matches!(c, '\u{2028}' | '\u{2029}') {
        to.extend(c.escape_unicode());
    } else {
        to.push(c);
    }
}

/// Returns the path of a file for a message, cleaned.
pub(crate) fn shown(path: &Path) -> String {
    clean(&path.display().to_string())
}

/// Returns a message with everything escaped that [`clean`] escapes, except for line ends and for colours, which only this program
/// writes: text from outside was cleaned where the message was made. This is the last of two checks.
fn screened(text: &str) -> String {
    let mut screened = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let color = rest.strip_prefix("\x1b[").and_then(|after| {
            let end = after.find(|c: char| !matches!(c, '0'..='9' | ';'))?;
            after.get(end..)?.starts_with('m').then_some("\x1b[".len() + end + 1)
        });
        let length = color.unwrap_or(c.len_utf8());
        match color {
            Some(length) => screened.push_str(rest.get(..length).unwrap_or_default()),
            None if c == '\n' => screened.push(c),
            None => push_clean(c, &mut screened),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    screened
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_steer_the_terminal() {
        assert_eq!(clean("a\x1b[2Jb\n"), "a\\u{1b}[2Jb\\u{a}");
        assert_eq!(clean("\u{202E}x\u{200B}\u{9b}\u{7f}é"), "\\u{202e}x\\u{200b}\\u{9b}\\u{7f}é");
        assert_eq!(
            screened("\x1b[1;31ma\x1b[0m\n\x1b[2J\u{2066}"),
            "\x1b[1;31ma\x1b[0m\n\\u{1b}[2J\\u{2066}"
        );
        assert_eq!(screened("\x1b[\x1b["), "\\u{1b}[\\u{1b}[");
    }
}
