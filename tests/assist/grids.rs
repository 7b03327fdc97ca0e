//! Laws of grids: what is set is read, and nothing else changes.

use accrue::{Engine, Source};
use accrue_assist::grid::{self, CellEdit, Table, TableKind};
use accrue_assist::{Project, apply};
use accrue_tests::cases::{Bytes, cases};
use accrue_tests::choices::Choices;
use accrue_tests::generate::program::program;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::examples::examples;

fn table(project: &Project, id: &str) -> Table {
    grid::tables(project).into_iter().find(|table| table.id == id).unwrap_or_else(|| panic!("no table {id}"))
}

fn edited(project: &Project, file: &str, edits: &[accrue_assist::TextEdit]) -> Project {
    let text = project.text(file).expect("its text");
    let mut edited = project.clone();
    edited
        .set(file, apply(file, text, edits).unwrap_or_else(|| panic!("edits of {file} overlap: {edits:?}")));
    edited
}

/// Texts as people write them in cells, and as nobody should.
const TEXTS: &[&str] = &[
    "8%",
    "12.50",
    "customer.status == \"new\"",
    "it's \"both\"",
    "a, b",
    "x\\y",
    "grün",
    "true",
    "7",
    "2026-01-31",
    "#",
    "'",
    "'''",
    "]",
    "= [",
    "params.big",
    "a\tb",
];

fn set_is_read(project: &Project, choices: &mut Choices<'_>) -> Result<(), TestCaseError> {
    for table in grid::tables(project) {
        if table.rows.is_empty() || table.columns.is_empty() {
            continue;
        }
        let row = choices.below(table.rows.len());
        let at = choices.below(table.columns.len());
        let column = &table.columns[at];
        if column.key.is_empty()
            || table.columns.iter().filter(|other| other.key == column.key).count() > 1
            || column.ty == "list"
            || column.ty == "table"
        {
            continue;
        }
        let text = TEXTS[choices.below(TEXTS.len())];
        let edit = CellEdit { row, column: column.key.clone(), text: text.to_owned() };
        let Ok(edits) = grid::set_cells(project, &table.id, &[edit]) else { continue };
        let after = edited(project, &table.file, &edits);
        let read = self::table(&after, &table.id);
        prop_assert_eq!(read.rows.len(), table.rows.len(), "{} {}", &table.id, text);
        let mut expected: Vec<Vec<String>> = texts(&table);
        expected[row][at] = text.to_owned();
        prop_assert_eq!(
            texts(&read),
            expected,
            "{} {}:\n{}",
            &table.id,
            text,
            after.text(&table.file).unwrap_or_default()
        );
        // Clearing it again leaves what was there, if nothing was.
        if table.rows[row].cells[at].range.is_none()
            && table.kind != TableKind::Csv
            && !table.id.ends_with(".csv")
        {
            let clear = CellEdit { row, column: column.key.clone(), text: String::new() };
            let edits = grid::set_cells(&after, &table.id, &[clear]).expect("it is there");
            let cleared = edited(&after, &table.file, &edits);
            let (before, after) =
                (project.text(&table.file).expect("text"), cleared.text(&table.file).expect("text"));
            prop_assert_eq!(before.trim_end(), after.trim_end(), "{}", &table.id);
        }
    }
    Ok(())
}

fn texts(table: &Table) -> Vec<Vec<String>> {
    table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.clone()).collect()).collect()
}

#[test]
fn what_is_set_is_read_in_examples() {
    for (_, source) in examples() {
        let project = Project::new(Engine::default(), source);
        for round in 0..60_u8 {
            let bytes: Vec<u8> =
                (0..200_u8).map(|n| n.wrapping_mul(round.wrapping_mul(31).wrapping_add(17))).collect();
            set_is_read(&project, &mut Choices::new(&bytes)).expect("the law holds");
        }
    }
}

#[test]
fn what_is_set_is_read_in_generated_programs() {
    let config = Config { cases: cases(200), failure_persistence: None, ..Config::default() };
    let bytes = proptest::collection::vec(any::<u8>(), 0..2_000).prop_map(Bytes);
    let result = TestRunner::new(config).run(&bytes, |Bytes(bytes)| {
        let mut choices = Choices::new(&bytes);
        let project = Project::new(Engine::default(), program(&mut choices.split(1)).source());
        set_is_read(&project, &mut choices)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// A group with a comment, one with a table below it, and one at the end without a line break.
const GROUPS: &str = "contract = \"a\"\n\n# The first.\n[[payout.groups]]\nname = \"one\" # 1\nrate = \"1%\"\n\n[[payout.groups]]\nname = \"two\"\n\n\
# Third.\n[[payout.groups]]\nname = \"three\"\nbands = [\n  { from = \"0\", rate = \"1%\" },\n  { from = \"10\", rate = \"2%\" },\n]";

const ID: &str = "contracts/a.toml#payout.groups";

fn groups() -> Project {
    Project::new(
        Engine::default(),
        Source::from_files([("contracts/a.toml", GROUPS), ("tables/t.csv", "from,rate\n1,\"a, b\"\n2,c\n")]),
    )
}

fn names(project: &Project, id: &str) -> Vec<String> {
    texts(&table(project, id)).into_iter().map(|row| row[0].clone()).collect()
}

#[test]
fn rows_come_go_and_move_with_their_comments() {
    let project = groups();
    let row = |name: &str| vec![("rate".to_owned(), "9%".to_owned()), ("name".to_owned(), name.to_owned())];
    for at in 0..=3 {
        let edits = grid::insert_rows(&project, ID, at, &[row("new"), row("newer")]).expect("rows");
        let inserted = edited(&project, "contracts/a.toml", &edits);
        let mut expected = vec!["one", "two", "three"];
        expected.splice(at..at, ["new", "newer"]);
        assert_eq!(names(&inserted, ID), expected);
        let edits = grid::delete_rows(&inserted, ID, &[at, at + 1]).expect("rows");
        let text =
            edited(&inserted, "contracts/a.toml", &edits).text("contracts/a.toml").expect("text").to_owned();
        assert_eq!(text.trim_end(), GROUPS.trim_end(), "at {at}");
    }
    for (from, to, expected) in
        [(0, 3, ["two", "three", "one"]), (2, 0, ["three", "one", "two"]), (1, 0, ["two", "one", "three"])]
    {
        let edits = grid::move_rows(&project, ID, from, 1, to).expect("rows");
        let moved = edited(&project, "contracts/a.toml", &edits);
        assert_eq!(names(&moved, ID), expected);
        let text = moved.text("contracts/a.toml").expect("text");
        assert!(
            text.contains("# The first.\n[[payout.groups]]\nname = \"one\" # 1")
                && text.contains("# Third.\n[[payout.groups]]\nname = \"three\""),
            "{text}"
        );
        assert!(text.parse::<toml::Table>().is_ok(), "{text}");
    }
    let bands = "contracts/a.toml#payout.groups[3].bands";
    assert_eq!(names(&project, bands), ["0", "10"]);
    let edits =
        grid::insert_rows(&project, bands, 1, &[vec![("from".to_owned(), "5".to_owned())]]).expect("a row");
    assert_eq!(names(&edited(&project, "contracts/a.toml", &edits), bands), ["0", "5", "10"]);
    let csv = "tables/t.csv";
    let edits = grid::set_cells(
        &project,
        csv,
        &[CellEdit { row: 1, column: "rate".to_owned(), text: "x\"y".to_owned() }],
    )
    .expect("a cell");
    let text = edited(&project, csv, &edits).text(csv).expect("text").to_owned();
    assert_eq!(text, "from,rate\n1,\"a, b\"\n2,\"x\"\"y\"\n");
    let edits = grid::delete_rows(&project, csv, &[0]).expect("a row");
    assert_eq!(edited(&project, csv, &edits).text(csv), Some("from,rate\n2,c\n"));
}
