//! What an editor is shown of a file: a letter for the kind of file and its text enter. Every question is answered, words of the text do
//! not overlap, formatting twice changes nothing more, and what is set in a grid is read from it.

use accrue::{Engine, Source};
use accrue_assist::grid::{self, CellEdit};
use accrue_assist::{
    Project, apply, complete, definition, format, hover, prepare_rename, references, signature_help, symbols,
    tokens,
};
use accrue_tests::generate::program::program_toml;

/// The files that a text may be, by the letter before it.
pub(crate) const PATHS: [(u8, &str); 6] = [
    (b'c', "contracts/standard.toml"),
    (b'p', "program.toml"),
    (b'r', "rules/pay.rhai"),
    (b'f', "functions/shared.rhai"),
    (b't', "tables/rates.csv"),
    (b'l', "lists/skus.txt"),
];

/// Places of a text that are asked about.
const PLACES: usize = 24;

/// Tries one input.
pub fn run(data: &[u8]) {
    let Some((letter, bytes)) = data.split_first() else { return };
    let Some((_, path)) = PATHS.iter().find(|(of, _)| of == letter) else { return };
    let text = String::from_utf8_lossy(bytes).into_owned();
    let found = tokens(path, &text);
    assert!(found.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "words overlap");
    assert!(found.iter().all(|token| text.get(token.span.range()).is_some_and(|word| !word.contains('\n'))));
    if let Ok(once) = format(path, &text) {
        assert_eq!(format(path, &once).as_ref(), Ok(&once), "formatting twice changes something");
    }
    let mut project =
        Project::new(Engine::default(), Source::from_files([("program.toml", program_toml("USD"))]));
    project.set(*path, text.as_str());
    symbols(&project, path);
    let step = (text.len() / PLACES).max(1);
    for at in (0..=text.len()).step_by(step) {
        let at = u32::try_from(at).expect("inputs are short");
        for offered in complete(&project, path, at) {
            assert!(apply(path, &text, &[offered.edit]).is_some(), "a completion does not fit the text");
        }
        hover(&project, path, at);
        signature_help(&project, path, at);
        definition(&project, path, at);
        references(&project, path, at);
        prepare_rename(&project, path, at);
    }
    for table in grid::tables(&project).into_iter().filter(|table| table.file == *path).take(4) {
        let Some(column) = table.columns.iter().find(|column| column.ty == "text" && !column.key.is_empty())
        else {
            continue;
        };
        let twice = table.columns.iter().filter(|other| other.key == column.key).count() > 1;
        if table.rows.is_empty() || twice {
            continue;
        }
        let row = table.rows.len() - 1;
        let edit = CellEdit { row, column: column.key.clone(), text: "x \"y\"".to_owned() };
        let Ok(edits) = grid::set_cells(&project, &table.id, &[edit]) else { continue };
        let changed = apply(path, &text, &edits).expect("edits that fit the text");
        // In text that is no TOML, another table may be read afterwards.
        if path.ends_with(".toml") && text.parse::<toml::Table>().is_err() {
            continue;
        }
        project.set(*path, changed);
        let read = grid::tables(&project)
            .into_iter()
            .find(|read| read.id == table.id)
            .expect("the table is still there");
        let at =
            read.columns.iter().position(|read| read.key == column.key).expect("the column is still there");
        assert_eq!(read.rows[row].cells[at].text, "x \"y\"", "{}", table.id);
        project.set(*path, text.as_str());
    }
}
