//! The reader of exports in CSV: a letter for the mapping and a file enter. Each row is an action, set aside, or a reject with a word
//! about why; the same file is read the same again; and a mapping can be proposed, or the file is refused with a word.

use accrue::Limits;
use accrue_import::{
    Export, ImportError, ImportOptions, Imported, MappedActions, Mapping, SheetLimits, guess,
};

const COLUMNS: &str = r#"
title = "x"
[values]
dates = ["DD.MM.YYYY HH:mm", "YYYY-MM-DD HH:mm:ss"]
time_zone = "Europe/Berlin"
decimal_mark = ","
thousands_mark = "."
[columns]
id = "Order ID"
event_type = { value = "sale" }
occurred_at = { columns = ["Date"] }
amount = { column = "Amount", optional = true }
promo_codes = { column = "Coupon", optional = true, list = "," }
"#;

/// Returns what a letter adds to the mapping.
fn rows(letter: u8) -> &'static str {
    match letter {
        b'o' => "[rows]\nignore = \"others\"\norder = \"Order ID\"\n",
        b't' => "[rows]\nignore = \"others\"\n[file]\ntitle_lines = 1\nquote = \"'\"\n",
        b'w' => "[rows]\nignore = \"others\"\n[file]\nencoding = \"windows-1252\"\ndelimiter = \";\"\n",
        b's' => {
            "[rows]\nignore = \"others\"\n[status]\ncolumn = \"State\"\napproved = [\"approved\"]\nreversed = [\"declined\"]\n"
        }
        _ => "[rows]\nignore = \"others\"\nskip_when = { column = \"Order ID\", is = [\"total\", \"\"] }\n",
    }
}

/// Tries one input.
pub fn run(data: &[u8]) {
    let Some((letter, file)) = data.split_first() else { return };
    let mapping =
        Mapping::parse("mapping.toml", &format!("{COLUMNS}{}", rows(*letter))).expect("it is a mapping");
    read_twice(file, &mapping);
}

/// Reads a file twice, and proposes a mapping for it.
pub(super) fn read_twice(file: &[u8], mapping: &Mapping) {
    let export = Export::bytes("export.csv", file);
    assert_eq!(read(&export, mapping), read(&export, mapping));
    match guess(&export, &options()) {
        Ok(guess) => assert!(!guess.toml.is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Returns limits so small that inputs reach them.
fn options() -> ImportOptions {
    let limits = Limits { action_bytes: 500, items: 3, touches: 2, ..Limits::default() };
    let sheets = SheetLimits { cells: 2_000, columns: 50, inflated_bytes: 1 << 20, ..SheetLimits::default() };
    ImportOptions { limits, sheets, ..ImportOptions::default() }
}

/// Returns what each row is, in words.
fn read(export: &Export, mapping: &Mapping) -> Vec<String> {
    let mut actions = match MappedActions::open(export, mapping, &options()) {
        Ok(actions) => actions,
        Err(ImportError::Unfit(errors)) => {
            assert!(!errors.0.is_empty(), "a file is refused without a word");
            return vec![errors.to_string()];
        }
        // A broken stream of gzip.
        Err(error) => return vec![error.to_string()],
    };
    let mut found = Vec::new();
    for read in actions.by_ref() {
        found.push(match read {
            Ok(Imported::Action(record)) => {
                assert!(!record.action.id.is_empty() && record.first_line <= record.last_line);
                format!("{record:?}")
            }
            Ok(Imported::SetAside(rows)) => rows.text,
            Ok(Imported::Reversed(record, _)) => record.text,
            Err(reject) => {
                assert!(
                    reject.errors.0.iter().all(|error| error.line.is_some() && !error.message.is_empty())
                );
                format!("{reject:?}")
            }
        });
    }
    found
}
