//! The export of a network: rows of CSV in, actions out. In this process, on one thread, against only parsing the same bytes as
//! CSV; and the memory that it takes, in a child of its own for each export, since only a process can tell its peak.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use accrue_import::{ImportOptions, Imported, MappedActions, Mapping, SHIPPED};
use serde::{Deserialize, Serialize};

use crate::measure::{Contender, take_turns};
use crate::process;
use crate::random::SplitMix64;
use crate::report::{Bar, Figure, Report};
use crate::{Options, Result};

/// The flag that makes this binary the child.
pub const CHILD: &str = "--import";

/// Buffers of the files that are written.
const BUFFER_BYTES: usize = 256 << 10;

/// The name of the mapping that ships, for rows that are each a transaction.
const NETWORK: &str = "awin";

/// A mapping of rows that are lines of orders.
const LINES: &str = r#"
title = "A shop: a row for each line of an order"
[columns]
id = "order"
event_type = { value = "sale" }
occurred_at = "date"
amount = "total"
"item.sku" = "sku"
"item.quantity" = "quantity"
"item.amount" = { column = "price", times = "quantity" }
"credit.partner" = "partner"
[rows]
order = "order"
"#;

/// How the rows of an export stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Export {
    /// Each is a transaction.
    Transactions,
    /// Two lines an order, one after the other.
    Together,
    /// Two lines an order, the second half a file after the first.
    Apart,
}

impl Export {
    const ALL: [Self; 3] = [Self::Transactions, Self::Together, Self::Apart];

    fn text(self) -> &'static str {
        match self {
            Self::Transactions => "transactions",
            Self::Together => "lines of an order together",
            Self::Apart => "lines of an order apart",
        }
    }

    fn mapping(self) -> Result<Mapping> {
        let shipped = || SHIPPED.iter().find(|shipped| shipped.name == NETWORK).map(|shipped| shipped.text);
        let text = match self {
            Self::Transactions => shipped().ok_or("the mapping does not ship")?,
            Self::Together | Self::Apart => LINES,
        };
        Ok(Mapping::parse("mapping.toml", text)?)
    }

    fn actions(self, rows: u64) -> u64 {
        if self == Self::Transactions { rows } else { rows / 2 }
    }

    fn write(self, rows: u64, path: &Path) -> Result {
        let mut to = BufWriter::with_capacity(BUFFER_BYTES, File::create(path)?);
        let mut line = String::new();
        let header = match self {
            Self::Transactions => {
                "id,publisher_id,sale_amount,commission,date,commission_status,validation_date,extra,type,site_name,URL,\
                 decline_reason\n"
            }
            Self::Together | Self::Apart => "order,date,partner,total,sku,quantity,price\n",
        };
        to.write_all(header.as_bytes())?;
        for row in 0..rows {
            line.clear();
            // Writing to a string does not fail.
            let _ = match self {
                Self::Transactions => transaction(row, &mut line),
                Self::Together => order_line(row / 2, row % 2, &mut line),
                Self::Apart => order_line(row % (rows / 2), row / (rows / 2), &mut line),
            };
            to.write_all(line.as_bytes())?;
        }
        Ok(to.flush()?)
    }
}

/// Writes a row as Awin exports it. The random numbers depend on the row alone.
fn transaction(row: u64, line: &mut String) -> std::fmt::Result {
    let mut random = SplitMix64(row);
    let (cents, partner) = (500 + random.below(40_000), 100_000 + random.below(500));
    let status = random.pick(&["approved", "approved", "approved", "pending"]);
    let validated = if status == "approved" { "2026-04-20 10:00:00" } else { "" };
    write!(line, "{},{partner},{},{}", 1_844_000_000 + row, money(cents), money(cents * 6 / 100))?;
    write!(line, ",{},{status},{validated},W{:07},Sale,", moment(row, &mut random), row * 7 % 10_000_000)?;
    let site = random.pick(&["Style Diary", "\"Loyal, Cashback & Co\"", "Code Heaven", "The Daily Deal"]);
    writeln!(line, "{site},https://partner-{partner}.example/deals/{},", random.below(10_000))
}

fn order_line(order: u64, number: u64, line: &mut String) -> std::fmt::Result {
    let mut random = SplitMix64(order);
    let (cents, quantity) = (500 + random.below(20_000), 1 + random.below(3));
    let partner = 100_000 + random.below(500);
    let date = moment(order, &mut random);
    let total = money(cents * quantity * 2);
    writeln!(
        line,
        "W{order:07},{date},{partner},{total},SKU-{number}-{:04},{quantity},{}",
        order % 5_000,
        money(cents)
    )
}

fn money(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A moment of the first quarter of 2026. Hours from 4 on are shown once on each day.
fn moment(row: u64, random: &mut SplitMix64) -> String {
    let (month, day) = (1 + row % 3, 1 + row / 3 % 28);
    let (hour, minute, second) = (4 + random.below(20), random.below(60), random.below(60));
    format!("2026-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// What a child tells.
#[derive(Debug, Serialize, Deserialize)]
struct Imports {
    actions: u64,
    were_sorted: bool,
    /// `None` where the system does not tell.
    peak_bytes: Option<u64>,
}

/// Reads an export into actions and drops them.
fn import(path: &Path, mapping: &Mapping) -> Result<(u64, bool)> {
    let zone = accrue::time::Zone::parse("Europe/Berlin");
    let options = ImportOptions { zone, ..ImportOptions::default() };
    let mut actions = MappedActions::open(&accrue_import::Export::file(path), mapping, &options)?;
    let mut count = 0;
    for read in actions.by_ref() {
        if let Imported::Action(record) = read.map_err(|reject| reject.errors)? {
            black_box(record);
            count += 1;
        }
    }
    Ok((count, actions.were_sorted()))
}

/// Only parses the bytes as CSV, into a record of texts for each row.
fn parse(path: &Path) -> Result<u64> {
    let mut count = 0;
    for record in csv::Reader::from_path(path)?.into_records() {
        black_box(record?);
        count += 1;
    }
    Ok(count)
}

/// The child: imports one export, and tells its peak of memory.
///
/// # Errors
///
/// When the export cannot be read.
pub fn child(path: &Path, export: &str) -> Result {
    let export = Export::ALL.into_iter().find(|known| known.text() == export).ok_or("no such export")?;
    let (actions, were_sorted) = import(path, &export.mapping()?)?;
    let told = Imports { actions, were_sorted, peak_bytes: process::peak_bytes() };
    println!("{}", serde_json::to_string(&told)?);
    Ok(())
}

fn run_child(path: &Path, export: Export) -> Result<Imports> {
    let output = Command::new(std::env::current_exe()?).arg(CHILD).arg(path).arg(export.text()).output()?;
    if !output.status.success() {
        return Err(format!("the child failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

pub(crate) fn run(options: &Options, report: &mut Report) -> Result {
    let rows: u64 = if options.quick { 100_000 } else { 1_000_000 };
    let folder = options.folder.join("import");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("transactions.csv");
    Export::Transactions.write(rows, &path)?;
    let mapping = Export::Transactions.mapping()?;

    let failure = RefCell::new(None);
    let note = |read: Result<u64>| match read {
        Ok(count) if count == rows => {}
        Ok(count) => drop(failure.replace(Some(format!("{count} of {rows} rows were read").into()))),
        Err(error) => drop(failure.replace(Some(error))),
    };
    let times = take_turns(
        3,
        &mut [
            Contender::new("parse", || note(parse(&path))),
            Contender::new("import", || note(import(&path, &mapping).map(|(count, _)| count))),
        ],
    );
    if let Some(error) = failure.take() {
        return Err(error);
    }
    let per_second = |name: &str| rows as f64 / times.best(name).as_secs_f64();
    report.push(Figure::new(format!("{rows} rows: only parsed as CSV"), per_second("parse"), "rows/s"));
    report.push(
        Figure::new(format!("{rows} rows: imported to actions"), per_second("import"), "rows/s")
            .ratio(times.ratio("import", "parse"))
            .bar(Bar::AtMost(3.0)),
    );
    for export in Export::ALL {
        memory(export, rows, &folder, report)?;
    }
    Ok(())
}

/// The most memory that an import may take, whatever the export: two buffers of 16 MiB, in which rows are sorted before they are
/// written to the disk, and what is beside them.
const MEMORY: f64 = 64.0;

/// Measures the memory of an export. That of transactions is compared with an export a tenth as long; rows that are lines of orders fill
/// the buffers first.
fn memory(export: Export, rows: u64, folder: &Path, report: &mut Report) -> Result {
    let measure = |rows: u64| -> Result<Imports> {
        let path = folder.join(format!("{rows}.csv"));
        export.write(rows, &path)?;
        let told = run_child(&path, export)?;
        if told.actions != export.actions(rows) {
            return Err(format!("{} of {} actions were imported", told.actions, export.actions(rows)).into());
        }
        if told.were_sorted != (export == Export::Apart) {
            return Err(format!("{}: sorted is {}", export.text(), told.were_sorted).into());
        }
        Ok(told)
    };
    let Some(peak) = measure(rows)?.peak_bytes else { return Ok(()) };
    let sorted = if export == Export::Apart { ", sorted on disk" } else { "" };
    let figure = |name: String| Figure::new(name, peak as f64 / 1e6, "MB");
    let name = format!("{rows} rows: peak memory, {}{sorted}", export.text());
    report.push(figure(name.clone()).bar(Bar::AtMost(MEMORY)));
    if export == Export::Transactions
        && let Some(short) = measure(rows / 10)?.peak_bytes
    {
        let figure = figure(format!("{name}, to a tenth of the rows"));
        report.push(figure.ratio(peak as f64 / short as f64).bar(Bar::AtMost(1.2)));
    }
    Ok(())
}
