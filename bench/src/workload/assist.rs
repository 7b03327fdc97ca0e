//! What an editor waits for: each question about each example, at every place of its contracts and rules, and tables of five
//! thousand rows.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use accrue::diagnostic::Span;
use accrue::{Engine, Rules, Source};
use accrue_assist::grid::{self, CellEdit};
use accrue_assist::{Project, apply, complete, format, hover, quick_fixes, rename, symbols, tokens};
use accrue_tests::folder::{Folder, programs, root};

use crate::report::{Bar, Figure, Report};
use crate::{Options, Result};

/// The most that an editor waits for an answer, in milliseconds.
const ANSWER: f64 = 50.0;

/// The most for a table of five thousand rows.
const TABLE: f64 = 100.0;

const ROWS: usize = 5_000;

const COLUMNS: usize = 30;

/// The times of one kind of question.
struct Times {
    name: &'static str,
    times: Vec<Duration>,
}

impl Times {
    fn take<T>(&mut self, run: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let done = black_box(run());
        self.times.push(began.elapsed());
        done
    }

    fn report(mut self, of: &str, most: f64, report: &mut Report) {
        self.times.sort();
        let median = self.times.get(self.times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e3;
        let longest = self.times.last().copied().unwrap_or_default().as_secs_f64() * 1e3;
        report.push(Figure::new(format!("{of}: {}, median", self.name), median, "ms").bar(Bar::AtMost(most)));
        report.push(Figure::new(format!("{of}: {}, longest", self.name), longest, "ms"));
    }
}

pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    let step = if options.quick { 29 } else { 3 };
    for path in programs(&root().join("rules-examples"))? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        example(&name, &Folder::read(&path)?.source, step, report)?;
    }
    tables(if options.quick { 3 } else { 11 }, report)
}

fn example(name: &str, source: &Source, step: usize, report: &mut Report) -> Result {
    let engine = Engine::builder().rules(Rules::Interpreted).build();
    let mut project = Project::new(engine, source.clone());
    let names = ["change and check", "complete", "hover", "fixes", "rename", "words", "outline", "layout"];
    let mut times = names.map(|name| Times { name, times: Vec::new() });
    let [changed, completed, hovered, fixed, renamed, coloured, outlined, laid_out] = &mut times;
    let edited = |path: &&str| path.ends_with(".rhai") || path.ends_with(".toml");
    for path in source.paths().filter(edited) {
        let text = source.text(path).ok_or("the examples are text")?;
        for at in (0..text.len()).step_by(step) {
            let at32 = u32::try_from(at)?;
            completed.take(|| complete(&project, path, at32));
            hovered.take(|| hover(&project, path, at32));
        }
        for at in (0..text.len()).step_by(step * 23).filter(|at| text.is_char_boundary(*at)) {
            // A letter is typed, and taken back.
            let typed =
                format!("{}x{}", text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
            changed.take(|| {
                project.set(path, typed);
                project.diagnostics().len()
            });
            let at = u32::try_from(at)?;
            fixed.take(|| quick_fixes(&project, path, Span { start: at, end: at }));
            coloured.take(|| tokens(path, project.text(path).unwrap_or_default()));
            outlined.take(|| symbols(&project, path));
            project.set(path, text);
            renamed.take(|| rename(&project, path, at, "other_name").is_ok());
        }
        laid_out.take(|| format(path, text))?;
    }
    times.into_iter().for_each(|times| times.report(name, ANSWER, report));
    Ok(())
}

/// Tables of five thousand rows: a CSV file of thirty columns, and payout groups.
fn tables(rounds: usize, report: &mut Report) -> Result {
    let mut csv = String::new();
    for row in 0..=ROWS {
        let cells: Vec<String> = (0..COLUMNS).map(|column| format!("c{column} {row}")).collect();
        writeln!(csv, "{}", cells.join(","))?;
    }
    let mut contract = String::from("contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n");
    for row in 0..ROWS {
        writeln!(
            contract,
            "\n[[payout.groups]]\nname = \"g{row}\"\nwhen = 'action.amount > {row} && customer.status == \"new\"'\nrate = \"1%\""
        )?;
    }
    for (name, file, text, id) in [
        ("5,000 rows of 30 columns", "tables/t.csv", csv, "tables/t.csv"),
        ("5,000 payout groups", "contracts/a.toml", contract, "contracts/a.toml#payout.groups"),
    ] {
        let names = ["read", "set a cell", "insert a row", "set every row"];
        let mut times = names.map(|name| Times { name, times: Vec::new() });
        let [read, set, inserted, all] = &mut times;
        let mut project = Project::new(Engine::default(), Source::from_files([(file, text.as_str())]));
        for _ in 0..rounds {
            let found = read.take(|| grid::tables(&project));
            let column = found.first().and_then(|table| table.columns.iter().find(|column| column.used));
            let column = column.ok_or("the table has columns")?.key.clone();
            let edit = |row: usize| CellEdit { row, column: column.clone(), text: format!("x{row}") };
            set.take(|| grid::set_cells(&project, id, &[edit(ROWS / 2)]))?;
            inserted.take(|| {
                grid::insert_rows(&project, id, ROWS / 2, &[vec![(column.clone(), "y".to_owned())]])
            })?;
            let edits: Vec<CellEdit> = (0..ROWS).map(edit).collect();
            let edits = all.take(|| grid::set_cells(&project, id, &edits))?;
            project.set(file, apply(file, &text, &edits).ok_or("the edits fit")?);
            project.set(file, text.as_str());
        }
        times.into_iter().for_each(|times| times.report(name, TABLE, report));
    }
    Ok(())
}
