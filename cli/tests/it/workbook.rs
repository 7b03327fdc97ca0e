//! Workbooks: what their formulas compute is what the engine decided, and no text is a formula.
#![allow(clippy::float_arithmetic, reason = "a spreadsheet calculates with binary numbers")]

use std::collections::BTreeMap;
use std::path::Path;

use accrue::money::{Money, RoundingMode};
use calamine::{Data, Range, Reader as _, Xlsx, open_workbook};

use crate::{DATES, Desk, action};

/// A workbook with the values that were written and the formulas.
struct Book {
    values: BTreeMap<String, Range<Data>>,
    formulas: BTreeMap<String, Range<String>>,
}

impl Book {
    fn read(path: &Path) -> Self {
        let mut xlsx: Xlsx<_> = open_workbook(path).unwrap();
        let mut book = Self { values: BTreeMap::new(), formulas: BTreeMap::new() };
        for name in xlsx.sheet_names() {
            book.values.insert(name.clone(), xlsx.worksheet_range(&name).unwrap());
            book.formulas.insert(name.clone(), xlsx.worksheet_formula(&name).unwrap());
        }
        book
    }

    fn formula(&self, sheet: &str, row: u32, column: u32) -> Option<&str> {
        let formula = self.formulas[sheet].get_value((row, column))?;
        Some(formula.as_str()).filter(|formula| !formula.is_empty())
    }

    fn text(&self, sheet: &str, row: u32, column: u32) -> Option<&str> {
        match self.values[sheet].get_value((row, column)) {
            Some(Data::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Computes a cell anew, from cells without formulas alone.
    fn number(&self, sheet: &str, row: u32, column: u32) -> f64 {
        if let Some(formula) = self.formula(sheet, row, column) {
            return Calculation { book: self, sheet, rest: formula }.sum();
        }
        match self.values[sheet].get_value((row, column)) {
            Some(Data::Float(value)) => *value,
            Some(Data::Int(value)) => *value as f64,
            None | Some(Data::Empty) => 0.0,
            other => panic!("{sheet} {row} {column}: {other:?}"),
        }
    }

    /// Returns the number of a cell that was written with the workbook.
    fn written(&self, sheet: &str, row: u32, column: u32) -> f64 {
        match self.values[sheet].get_value((row, column)) {
            Some(Data::Float(value)) => *value,
            other => panic!("{sheet} {row} {column}: {other:?}"),
        }
    }
}

/// A formula that is being computed: sums, products, brackets, references and the functions that the workbook uses.
struct Calculation<'a> {
    book: &'a Book,
    sheet: &'a str,
    rest: &'a str,
}

impl Calculation<'_> {
    fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) {
        assert!(self.take(token), "expected `{token}` at `{}`", self.rest);
    }

    fn word(&mut self) -> String {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn sum(&mut self) -> f64 {
        let mut sum = self.product();
        loop {
            if self.take("+") {
                sum += self.product();
            } else if self.take("-") {
                sum -= self.product();
            } else {
                return sum;
            }
        }
    }

    fn product(&mut self) -> f64 {
        let mut product = self.value();
        while self.take("*") {
            product *= self.value();
        }
        product
    }

    fn value(&mut self) -> f64 {
        if self.take("(") {
            let value = self.sum();
            self.expect(")");
            return value;
        }
        let word = self.word();
        if let Ok(number) = word.parse() {
            return number;
        }
        if !self.take("(") {
            let (row, column) = cell(&word);
            return self.book.number(self.sheet, row, column);
        }
        let value = match word.as_str() {
            "ROUND" | "ROUNDUP" | "ROUNDDOWN" => {
                let value = self.sum();
                self.expect(",");
                let digits = self.word().parse().unwrap();
                let mode = match word.as_str() {
                    "ROUND" => RoundingMode::HalfUp,
                    "ROUNDUP" => RoundingMode::Up,
                    _ => RoundingMode::Down,
                };
                // Spreadsheets round the decimal digits that they show of a number.
                let money = Money(value.to_string().parse().unwrap());
                money.round(digits, mode).to_string().parse().unwrap()
            }
            "SUM" => {
                let sheet = self.word();
                self.expect("!");
                let (first, column) = cell(&self.word());
                self.expect(":");
                let (last, _) = cell(&self.word());
                (first..=last).map(|row| self.book.number(&sheet, row, column)).sum()
            }
            "IF" => {
                let (row, column) = cell(&self.word());
                self.expect("=\"");
                let word = self.word();
                self.expect("\",");
                let is = self.book.text(self.sheet, row, column) == Some(&word);
                let yes = self.sum();
                self.expect(",");
                let no = self.sum();
                if is { yes } else { no }
            }
            other => panic!("no function `{other}`"),
        };
        self.expect(")");
        value
    }
}

/// Returns the row and the column of a reference such as `S7`, from 0.
fn cell(reference: &str) -> (u32, u32) {
    let column = u32::from(reference.as_bytes()[0] - b'A');
    (reference[1..].parse::<u32>().unwrap() - 1, column)
}

fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

/// Checks that every formula of a workbook computes what was written.
fn recompute(book: &Book) {
    for (sheet, formulas) in &book.formulas {
        let (Some((top, left)), Some((bottom, right))) = (formulas.start(), formulas.end()) else { continue };
        for row in top..=bottom {
            for column in left..=right {
                if book.formula(sheet, row, column).is_some() {
                    let (computed, written) =
                        (book.number(sheet, row, column), book.written(sheet, row, column));
                    assert!(is_same(computed, written), "{sheet} {row} {column}: {computed}, {written}");
                }
            }
        }
    }
}

/// Checks a workbook of decisions. Returns the numbers of lines, and of lines that compute their rounded payout.
fn check(book: &Book) -> (u32, u32) {
    recompute(book);
    let lines = book.values["Lines"].end().map_or(0, |(row, _)| row);
    let live = (1..=lines).filter(|row| book.formula("Lines", *row, 16).is_some()).count();
    (lines, u32::try_from(live).unwrap())
}

#[test]
fn formulas_recompute_to_the_payouts_that_were_decided() {
    let desk = Desk::new(400);
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules-examples");
    let examples =
        ["fashion-shop", "micro-influencers", "b2b-leads", "mobile-app"].map(|name| examples.join(name));
    let mut all = (0, 0);
    for program in examples.iter().map(|path| path.to_str().unwrap()).chain(["shop"]) {
        let ended = desk.accrue(&["run", program, "--out", "d.xlsx"]);
        assert_eq!(ended.code, Some(0), "{program}: {}", ended.err);
        let book = Book::read(&desk.path("d.xlsx"));
        let (lines, live) = check(&book);
        all = (all.0 + lines, all.1 + live);
        // The payouts are those of the decisions.
        let json = desk.accrue(&["run", program, "--json"]);
        let mut row = 0;
        for line in json.out.lines() {
            let decision: serde_json::Value = serde_json::from_str(line).unwrap();
            for award in decision["awards"].as_array().into_iter().flatten() {
                row += 1;
                assert_eq!(book.text("Decisions", row, 0), decision["action"].as_str(), "{program}");
                let payout: f64 = award["payout"].as_str().unwrap().parse().unwrap();
                assert!(is_same(book.number("Decisions", row, 9), payout), "{program} {line}");
                let payable = if award["status"] == "payable" { payout } else { 0.0 };
                assert!(is_same(book.number("Decisions", row, 10), payable), "{program} {line}");
            }
            row += u32::from(decision["awards"].is_null());
        }
        assert!(book.values.contains_key("Summary"));
    }
    assert!(all.0 > 300 && all.1 * 10 > all.0 * 8, "{all:?}");
}

#[test]
fn dates_are_those_of_the_program() {
    let desk = Desk::new(0);
    desk.edit("shop/contracts/standard.toml", "[credit]", &format!("{DATES}\n[credit]"));
    desk.write("in.jsonl", action("a1", "100.00"));
    for out in ["d.xlsx", "d.csv"] {
        let ended = desk.accrue(&["run", "shop", "in.jsonl", "--out", out]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
    }
    let book = Book::read(&desk.path("d.xlsx"));
    let shown = |column: u32| match book.values["Decisions"].get_value((1, column)) {
        Some(Data::DateTime(at)) => at.as_f64(),
        other => panic!("{column}: {other:?}"),
    };
    // Days since 30 December 1899: 28 April and 20 May 2026 in Berlin, for an action of March.
    assert!(is_same(shown(16), 46140.0), "{}", shown(16));
    assert!(is_same(shown(17), 46162.0), "{}", shown(17));
    let csv = desk.read("d.csv");
    assert!(csv.contains(",2026-04-27T22:00:00Z,2026-05-20,"), "{csv}");
}

#[test]
fn no_text_is_a_formula_and_two_runs_give_the_same_bytes() {
    let desk = Desk::new(0);
    let hostile = "=cmd|' /C calc'!A0";
    desk.write(
        "in.jsonl",
        [action("=1+1", "9.99"), action("@x", "1.00").replace("bean-diary", hostile)].join("\n"),
    );
    let mut books = Vec::new();
    for out in ["a.xlsx", "b.xlsx"] {
        let ended = desk.accrue(&["run", "shop", "in.jsonl", "--out", out, "--summary", "s.xlsx"]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        books.push(std::fs::read(desk.path(out)).unwrap());
    }
    assert!(books[0] == books[1]);
    let book = Book::read(&desk.path("a.xlsx"));
    assert_eq!(book.text("Decisions", 1, 0), Some("=1+1"));
    assert_eq!(book.formula("Decisions", 1, 0), None);
    assert_eq!(book.text("Decisions", 2, 5), Some(hostile));
    let summary = Book::read(&desk.path("s.xlsx"));
    assert_eq!(summary.text("Uncredited partners", 1, 0), Some(hostile));
    assert_eq!(summary.written("Summary", 2, 14), 1.0);
}

#[test]
fn a_waterfall_computes_its_payout() {
    let desk = Desk::new(1);
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules-examples");
    for (program, action, payout) in [
        ("fashion-shop", "fs-029", 18.84),
        ("creators", "order-01", 12.0),
        ("micro-influencers", "sale-03", 0.0),
        ("marketplace", "sale-01", 0.0),
    ] {
        let program = examples.join(program);
        let program = program.to_str().unwrap();
        let ended = desk.accrue(&["explain", program, action, "--json"]);
        let decision: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
        let ended = desk.accrue(&["explain", program, action, "--out", "w.xlsx"]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        let book = Book::read(&desk.path("w.xlsx"));
        recompute(&book);
        // The payouts stand in the rows of that name, one for each award.
        let rows = book.values["Waterfall"].end().unwrap().0;
        let of = (1..=rows).filter(|row| book.text("Waterfall", *row, 2) == Some("payout"));
        let paid: Vec<f64> = of.map(|row| book.number("Waterfall", row, 8)).collect();
        let awards = decision["awards"].as_array().unwrap();
        let decided = awards.iter().map(|award| award["payout"].as_str().unwrap().parse().unwrap());
        let decided: Vec<f64> = decided.collect();
        assert!(paid.iter().zip(&decided).all(|(a, b)| is_same(*a, *b)), "{paid:?} {decided:?}");
        assert_eq!(paid.len(), decided.len());
        assert!(payout == 0.0 || is_same(paid.iter().sum(), payout), "{paid:?}");
    }
    let ended = desk.accrue(&["explain", "shop", "a-000001", "--out", "w.csv"]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
}
