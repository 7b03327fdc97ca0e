//! Writes to the terminal: standard output, standard error, colours.
//!
//! All text is written with ANSI colours; the streams of `anstream` remove them where they are not wanted.

use std::io::Write as _;

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

/// Writes to standard output.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::output)
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
    say(&format!("{json}\n"))
}

/// Writes to standard error. Errors are ignored: if standard error is closed, there is nowhere to report them.
pub(crate) fn tell(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Returns text from outside without control characters, so that it cannot steer the terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_steer_the_terminal() {
        assert_eq!(clean("a\x1b[2Jb\n"), "a\u{FFFD}[2Jb\u{FFFD}");
    }
}
