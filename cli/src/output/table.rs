//! Draws tables that fit the terminal: text is wrapped between words, then the least important columns are left out, and a table that
//! still does not fit is written row by row. Numbers and words are never split.

use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets,
};
use unicode_width::UnicodeWidthStr as _;

use super::format::wrapped;
use super::terminal::{BOLD, RESET, clean, room};

/// The columns that the borders and the padding take for each column, with one more for the whole table.
const FRAME: usize = 3;

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    name: &'static str,
    is_number: bool,
    /// Columns with a higher rank are left out first; 0 is always there.
    rank: u8,
}

/// Returns a column of text, which is always there.
pub(crate) const fn text(name: &'static str) -> Column {
    Column { name, is_number: false, rank: 0 }
}

/// Returns a column of numbers, which is always there. Numbers are aligned to the right and stay on one line.
pub(crate) const fn number(name: &'static str) -> Column {
    Column { name, is_number: true, rank: 0 }
}

impl Column {
    /// Returns the same column, which may be left out: if it is empty, and if there is no room. Columns with a higher rank are left out
    /// first.
    pub(crate) const fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }
}

/// Draws a table for the terminal. Without a terminal it is as wide as its content.
pub(crate) fn table(columns: &[Column], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    draw(columns, rows.into_iter().collect(), room())
}

/// Draws a table that takes at most `room` columns of a terminal, if there is a limit.
fn draw(columns: &[Column], rows: Vec<Vec<String>>, room: Option<usize>) -> String {
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|row| row.iter().map(|cell| clean(cell)).collect()).collect();
    let is_empty = |at: usize| rows.iter().all(|row| row.get(at).is_none_or(String::is_empty));
    let mut shown: Vec<Shown> = columns
        .iter()
        .enumerate()
        .filter(|(at, column)| column.rank == 0 || !is_empty(*at))
        .map(|(at, column)| Shown::new(at, *column, &rows))
        .collect();
    if let Some(room) = room {
        while needs(&shown) > room {
            let Some(rank) = shown.iter().map(|shown| shown.column.rank).max().filter(|rank| *rank > 0)
            else {
                return stacked(columns, &rows, room);
            };
            shown.retain(|shown| shown.column.rank < rank);
        }
        share_out(&mut shown, room);
    }
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Disabled)
        .enforce_styling()
        .set_header(shown.iter().map(|shown| Cell::new(shown.column.name).add_attribute(Attribute::Bold)));
    for row in &rows {
        table.add_row(shown.iter().map(|shown| row.get(shown.at).map_or("", String::as_str)));
    }
    for (shown, column) in shown.iter().zip(table.column_iter_mut()) {
        if shown.column.is_number {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if room.is_some() {
            let width = u16::try_from(shown.width + FRAME - 1).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
    }
    if room.is_some() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    format!("{table}\n")
}

/// A column that is drawn.
struct Shown {
    /// Its index in each row.
    at: usize,
    column: Column,
    /// The width without line breaks.
    natural: usize,
    /// The width that is given to it. At first it is that of the longest word, or of the longest number.
    width: usize,
}

impl Shown {
    fn new(at: usize, column: Column, rows: &[Vec<String>]) -> Self {
        let cells = || rows.iter().filter_map(|row| row.get(at)).map(String::as_str);
        let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(str::width).max().unwrap_or(0);
        let natural = widest(&mut cells().chain([column.name]));
        let words = widest(&mut column.name.split(' '));
        let least = if column.is_number {
            widest(&mut cells())
        } else {
            widest(&mut cells().flat_map(|cell| cell.split(' ')))
        };
        Self { at, column, natural, width: least.max(words) }
    }
}

/// Returns the width of a table with these columns.
fn needs(shown: &[Shown]) -> usize {
    shown.iter().map(|shown| shown.width + FRAME).sum::<usize>() + 1
}

/// Gives the columns what is left of the room, the narrowest for its content first.
fn share_out(shown: &mut [Shown], room: usize) {
    let mut left = room.saturating_sub(needs(shown));
    while left > 0 {
        let missing = |shown: &&mut Shown| shown.natural.saturating_sub(shown.width);
        let Some(next) = shown.iter_mut().filter(|shown| missing(shown) > 0).max_by_key(missing) else {
            return;
        };
        next.width += 1;
        left -= 1;
    }
}

/// Writes each row as its first cell and, below, the name and the value of every other cell that is not empty.
fn stacked(columns: &[Column], rows: &[Vec<String>], room: usize) -> String {
    let mut text = String::new();
    for row in rows {
        let mut cells = columns.iter().zip(row);
        if let Some((column, first)) = cells.next() {
            text.push_str(&format!("{BOLD}{} {first}{RESET}\n", column.name));
        }
        // A name and its value stay together.
        let pairs: Vec<String> = cells
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(column, cell)| format!("{} {cell}", column.name).replace(' ', "\u{a0}"))
            .collect();
        text.push_str(&wrapped(&pairs.join(", "), 2, Some(room)).replace('\u{a0}', " "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 5] = [
        text("Partner"),
        number("Actions").rank(1),
        number("Payable").rank(2),
        number("Commissionable"),
        text("Why"),
    ];

    fn drawn(room: usize) -> String {
        let row = |partner: &str, why: &str| {
            [partner, "1,928", "1,900", "11,928.74", why].map(str::to_owned).to_vec()
        };
        let rows = vec![row("bean-diary", "the first of all partners"), row("deal-nest", "")];
        draw(&COLUMNS, rows, Some(room))
    }

    #[test]
    fn text_is_wrapped_then_columns_are_left_out_then_rows_are_stacked() {
        for (room, header) in [(100, true), (78, true), (64, true), (48, false)] {
            let drawn = drawn(room);
            let plain = anstream::adapter::strip_str(&drawn).to_string();
            assert!(plain.lines().all(|line| line.width() <= room), "{room}:\n{plain}");
            for word in ["bean-diary", "11,928.74", "partners"] {
                assert!(plain.contains(word), "{room}:\n{plain}");
            }
            assert_eq!(plain.contains("Payable"), header, "{room}:\n{plain}");
        }
        let narrow = anstream::adapter::strip_str(&drawn(24)).to_string();
        assert_eq!(
            narrow.lines().take(5).collect::<Vec<_>>(),
            [
                "Partner bean-diary",
                "  Actions 1,928,",
                "  Payable 1,900,",
                "  Commissionable 11,928.74,",
                "  Why the first of all partners"
            ]
        );
    }
}
