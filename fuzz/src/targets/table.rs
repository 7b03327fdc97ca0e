//! Tables of a program: a letter for the contract and the text of a table enter. Loading never panics, its diagnostics point into the
//! files, and what loads decides actions, the same way each time.

use accrue::{Limits, Source};
use accrue_tests::generate::program::program_toml;

use super::program::loaded;

/// The head of the contract.
const HEAD: &str = "contract = \"standard\"\nversion = 1\neffective_from = 2020-01-01\n";

/// Returns the contract that a letter stands for: what the rows of the table are.
fn contract(letter: u8) -> String {
    const DEFAULT: &str = "[payout.default]\nrate = \"1%\"\n";
    const GROUPS: &str = "[[payout.groups]]\ntable = \"t\"\n";
    match letter {
        b'i' => format!("{HEAD}[payout]\nper = \"item\"\nchoose = \"highest\"\n{DEFAULT}{GROUPS}"),
        b's' => format!("{HEAD}[payout]\nchoose = \"stack\"\n{DEFAULT}{GROUPS}"),
        b'c' => format!("{HEAD}currency = [\"USD\", \"EUR\"]\n{DEFAULT}{GROUPS}"),
        b'b' => format!("{HEAD}[payout.default]\nby = 'action.amount'\nbands = {{ table = \"t\" }}\n"),
        b'l' => format!("{HEAD}{DEFAULT}[[limits]]\ntable = \"t\"\n"),
        _ => format!("{HEAD}{DEFAULT}{GROUPS}"),
    }
}

/// Tries one input.
pub fn run(data: &[u8]) {
    let Some((letter, table)) = data.split_first() else { return };
    let source = Source::from_files([
        ("program.toml".to_owned(), program_toml("USD").into_bytes()),
        ("contracts/standard.toml".to_owned(), contract(*letter).into_bytes()),
        ("tables/t.csv".to_owned(), table.to_vec()),
    ]);
    loaded(&source, &Limits { entries: 4, table_rows: 20, table_columns: 8, ..Limits::default() });
}
