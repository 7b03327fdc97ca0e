//! Draws an explanation of a decision.

use accrue::explain::{Explanation, Tone};

use super::terminal::{BOLD, DIM, GREEN, RED, RESET, YELLOW, clean, room};

/// The widest line of an explanation, in columns.
const WIDEST: usize = 80;

/// Returns the width of an explanation that begins `indent` columns from the left edge of the terminal.
pub(crate) fn explanation_width(indent: usize) -> usize {
    room().map_or(WIDEST, |room| room.saturating_sub(indent).min(WIDEST))
}

/// Returns the lines of an explanation in the colours of their tones.
pub(crate) fn colored(explanation: &Explanation) -> String {
    let mut text = String::new();
    for line in &explanation.lines {
        let (on, off) = match line.tone {
            Tone::Heading => (BOLD, RESET),
            Tone::Plain => ("", ""),
            Tone::Quiet => (DIM, RESET),
            Tone::Good => (GREEN, RESET),
            Tone::Warning => (YELLOW, RESET),
            Tone::Bad => (RED, RESET),
        };
        text.push_str(&format!("{on}{}{off}\n", clean(&line.text)));
    }
    text
}
