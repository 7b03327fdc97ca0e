//! Any table, written in any dialect, reads back the same cells.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use accrue::facts::Attribute;
use accrue::facts::fields::is_armed;
use accrue_import::{Export, ImportOptions, Imported, MappedActions, Mapping};
use proptest::prelude::*;

const COLUMNS: [&str; 3] = ["a", "b", "c"];

/// How a table is written.
#[derive(Clone, Debug)]
struct Dialect {
    delimiter: char,
    quote: char,
    always_quoted: bool,
    line_end: &'static str,
    titles: usize,
    declared: bool,
    encoding: Encoding,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Encoding {
    Utf8,
    Utf8WithMark,
    Utf16Little,
    Utf16BigWithMark,
    Windows1252,
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let encoding = prop_oneof![
        Just(Encoding::Utf8),
        Just(Encoding::Utf8WithMark),
        Just(Encoding::Utf16Little),
        Just(Encoding::Utf16BigWithMark),
        Just(Encoding::Windows1252),
    ];
    let marks =
        (prop_oneof![Just(','), Just(';'), Just('\t'), Just('|')], prop_oneof![Just('"'), Just('\'')]);
    (marks, any::<bool>(), prop_oneof![Just("\n"), Just("\r\n")], 0..3usize, any::<bool>(), encoding)
        .prop_map(|((delimiter, quote), always_quoted, line_end, titles, declared, encoding)| Dialect {
            delimiter,
            quote,
            always_quoted,
            line_end,
            titles,
            declared,
            encoding,
        })
}

impl Dialect {
    fn write(&self, rows: &[Vec<String>]) -> Vec<u8> {
        let mut text = String::new();
        if self.declared {
            text.push_str(&format!("sep={}{}", self.delimiter, self.line_end));
        }
        for _ in 0..self.titles {
            text.push_str(&format!("Transactions of March{}", self.line_end));
        }
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| self.cell(cell)).collect();
            text.push_str(&cells.join(&self.delimiter.to_string()));
            text.push_str(self.line_end);
        }
        match self.encoding {
            Encoding::Utf8 => text.into_bytes(),
            Encoding::Utf8WithMark => format!("\u{FEFF}{text}").into_bytes(),
            Encoding::Utf16Little => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16BigWithMark => {
                format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect()
            }
            Encoding::Windows1252 => {
                text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect()
            }
        }
    }

    fn cell(&self, cell: &str) -> String {
        if self.always_quoted || cell.contains([self.delimiter, self.quote, '\n']) {
            let quote = self.quote.to_string();
            return format!("{quote}{}{quote}", cell.replace(&quote, &quote.repeat(2)));
        }
        cell.to_owned()
    }

    fn mapping(&self) -> Mapping {
        let quote = if self.quote == '"' { "'\"'" } else { "\"'\"" };
        let encoding =
            if self.encoding == Encoding::Windows1252 { "encoding = \"windows-1252\"" } else { "" };
        let columns: String =
            COLUMNS.iter().map(|name| format!("\"attributes.{name}\" = \"{name}\"\n")).collect();
        let text = format!(
            "title = \"x\"\n[file]\nquote = {quote}\n{encoding}\n[columns]\nid = \"id\"\nevent_type = {{ value = \"sale\" }}\n\
             occurred_at = {{ value = \"2026-03-02T09:01:00Z\" }}\n{columns}"
        );
        Mapping::parse("mapping.toml", &text).unwrap()
    }
}

/// Texts that each of the encodings has: letters of Latin-1, marks of every dialect, line breaks.
fn texts() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[a-zà-ü0-9,;|\t\"' \n=.]{0,12}").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_reads_back_the_same_cells(
        dialect in dialects(),
        table in prop::collection::vec([texts(), texts(), texts()], 1..6),
    ) {
        let mut rows = vec![["id", "a", "b", "c"].map(str::to_owned).to_vec()];
        rows.extend(table.iter().zip(1..).map(|(cells, id): (_, u32)| {
            let mut row = vec![id.to_string()];
            row.extend(cells.iter().cloned());
            row
        }));
        let export = Export::bytes("export.csv", dialect.write(&rows));
        let actions = MappedActions::open(&export, &dialect.mapping(), &ImportOptions::default());
        let read: Vec<_> = actions.unwrap_or_else(|error| panic!("{error}")).collect();
        prop_assert_eq!(read.len(), table.len());
        for (read, cells) in read.iter().zip(&table) {
            let Ok(Imported::Action(record)) = read else { panic!("{read:?}") };
            for (name, cell) in COLUMNS.iter().zip(cells) {
                let found = match record.action.attributes.get(*name) {
                    Some(Attribute::Text(text)) => text.as_str(),
                    None => "",
                    Some(other) => panic!("{other:?}"),
                };
                prop_assert_eq!(found.to_owned(), bare(cell));
            }
        }
    }
}

/// Returns what a cell says: without blanks around it, and without the `'` that keeps a formula from being one. Inside of `="a1"` a
/// quote is written twice.
fn bare(cell: &str) -> String {
    let cell = cell.trim();
    let cell = cell.strip_prefix('\'').filter(|text| is_armed(text)).map_or(cell, str::trim_start);
    match cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(text) => text.trim().replace("\"\"", "\""),
        None => cell.to_owned(),
    }
}
