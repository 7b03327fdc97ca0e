//! Decisions and summaries as a workbook (`.xlsx`). The sheet of lines computes its payouts with formulas, so that a reader can follow
//! and change a calculation.
//!
//! A spreadsheet has binary numbers of some 15 digits. A formula is written only where these cannot lead to another cent; elsewhere
//! the cell has the value alone. Text is never a formula.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom};

use accrue::decide::{Award, Line, Role, RoundingPlace};
use accrue::money::{Currency, Money, RoundingMode};
use accrue::time::{Timestamp, Zone};
use accrue::{Decision, Program};
use accrue_history::Summary;
use chrono::{Datelike as _, NaiveDate, Timelike as _};
use rust_xlsxwriter::{
    ColNum, DocProperties, ExcelDateTime, Format, FormatBorder, Formula, RowNum, Workbook as Xlsx, Worksheet,
    XlsxError,
};

use super::summary_tables::{DataTable, Value, tables};
use super::target::Target;
use crate::exit::Failure;

/// The most rows of a sheet, the header included.
const MOST_ROWS: RowNum = 1_048_576;

/// The most decimals of any currency, in formats.
const MOST_DIGITS: usize = 4;

/// The decimals, beyond those of the currency, to which a formula rounds before it rounds to the currency, so that the error of
/// binary numbers does not move a half.
const GUARD_DIGITS: u32 = 6;

/// The columns of the sheet `Decisions`.
const DECISIONS: [&str; 25] = [
    "action",
    "order_id",
    "event_type",
    "occurred_at",
    "partner",
    "reported_partner",
    "status",
    "currency",
    "base",
    "payout",
    "payable",
    "held",
    "reasons",
    "limits",
    "notices",
    "release_at",
    "locks_at",
    "pays_on",
    "contract",
    "version",
    "receipt",
    "role",
    "share",
    "adjustment",
    "change",
];

/// The columns of the sheet `Lines`.
const LINES: [&str; 19] = [
    "action",
    "order_id",
    "partner",
    "status",
    "currency",
    "item",
    "sku",
    "quantity",
    "groups",
    "base",
    "rate",
    "points",
    "multiplier",
    "add",
    "unrounded",
    "rounding",
    "earned",
    "limit_cut",
    "payout",
];

/// A workbook that is being written.
pub(crate) struct Workbook {
    xlsx: Xlsx,
    formats: Formats,
}

/// The formats of cells.
pub(super) struct Formats {
    header: Format,
    /// Amounts in the minor unit, by the number of its decimals.
    money: [Format; MOST_DIGITS + 1],
    /// Amounts that were computed and not rounded.
    computed: Format,
    percent: Format,
    factor: Format,
    moment: Format,
    date: Format,
}

/// A sheet whose rows are written one after the other.
pub(super) struct Sheet {
    sheet: Worksheet,
    /// The next row.
    row: RowNum,
}

/// The sheets of decisions.
pub(crate) struct DecisionSheets {
    workbook: Workbook,
    decisions: Sheet,
    lines: Sheet,
    zone: Zone,
}

pub(super) fn failed(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        XlsxError::MaxStringLengthExceeded => {
            io::Error::other("a cell of a workbook holds at most 32,767 characters; write `.csv` or `.jsonl`")
        }
        error => io::Error::other(error),
    }
}

impl Workbook {
    /// Returns a workbook without sheets.
    pub(crate) fn new() -> Self {
        let mut xlsx = Xlsx::new();
        // The file depends on what is decided, and not on when.
        if let Ok(date) = ExcelDateTime::from_ymd(2000, 1, 1) {
            xlsx.set_properties(&DocProperties::new().set_creation_datetime(&date));
        }
        let number = |format: String| Format::new().set_num_format(format);
        let money = |digits: usize| match digits {
            0 => number("#,##0".to_owned()),
            digits => number(format!("#,##0.{}", "0".repeat(digits))),
        };
        let formats = Formats {
            header: Format::new().set_bold().set_border_bottom(FormatBorder::Thin),
            money: std::array::from_fn(money),
            computed: number("#,##0.00####".to_owned()),
            percent: number("0.0###%".to_owned()),
            factor: number("0.0###".to_owned()),
            moment: number("yyyy-mm-dd hh:mm:ss".to_owned()),
            date: number("yyyy-mm-dd".to_owned()),
        };
        Self { xlsx, formats }
    }

    /// Begins a sheet with its header, which stays in view.
    pub(super) fn sheet(&mut self, name: &str, columns: &[&str]) -> Result<Sheet, XlsxError> {
        let mut sheet = self.xlsx.new_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, name) in (0..).zip(columns) {
            sheet.set_column_width(column, 14)?;
            sheet.write_string_with_format(0, column, *name, &self.formats.header)?;
        }
        Ok(Sheet { sheet, row: 1 })
    }

    /// Adds a sheet for each table that has rows.
    pub(super) fn tables(&mut self, tables: &[DataTable]) -> io::Result<()> {
        for table in tables {
            if table.name != "partners" && table.rows.is_empty() {
                continue;
            }
            let name = match table.name {
                "partners" => "Summary",
                "uncredited_partners" => "Uncredited partners",
                "reasons" => "Reasons",
                "limits" => "Limits",
                "notices" => "Notices",
                other => other,
            };
            let mut sheet = self.sheet(name, table.columns).map_err(failed)?;
            for row in &table.rows {
                let at = sheet.begin()?;
                for (column, value) in (0..).zip(row) {
                    let sheet = &mut sheet.sheet;
                    match value {
                        Value::Text(text) => sheet.write_string(at, column, text).map(drop),
                        Value::Count(count) => number(sheet, at, column, &count.to_string(), None),
                        Value::Money(money, currency) => {
                            self.formats.money(sheet, at, column, *money, *currency)
                        }
                        Value::Missing => Ok(()),
                    }
                    .map_err(failed)?;
                }
            }
            self.xlsx.push_worksheet(sheet.sheet);
        }
        Ok(())
    }

    /// Adds a sheet of texts, the first row of which is the header. Numbers stay as they are written.
    pub(crate) fn texts(&mut self, name: &str, rows: &[Vec<String>]) -> io::Result<()> {
        let Some((header, rows)) = rows.split_first() else { return Ok(()) };
        let columns: Vec<&str> = header.iter().map(String::as_str).collect();
        let mut sheet = self.sheet(name, &columns).map_err(failed)?;
        for row in rows {
            let at = sheet.begin()?;
            for (column, text) in (0..).zip(row).filter(|(_, text)| !text.is_empty()) {
                sheet.sheet.write_string(at, column, text).map_err(failed)?;
            }
        }
        self.xlsx.push_worksheet(sheet.sheet);
        Ok(())
    }

    pub(super) fn formats(&self) -> &Formats {
        &self.formats
    }

    /// Adds a sheet that is complete.
    pub(super) fn push(&mut self, sheet: Sheet) {
        self.xlsx.push_worksheet(sheet.sheet);
    }

    /// Writes the file.
    pub(crate) fn save(&mut self, target: &mut Target) -> Result<(), Failure> {
        // A workbook is written back and forth, and a target may be a pipe.
        let mut file = tempfile::tempfile().map_err(Failure::temporary)?;
        let saved = self.xlsx.save_to_writer(BufWriter::new(&mut file)).map_err(failed);
        saved.and_then(|()| file.seek(SeekFrom::Start(0)).map(drop)).map_err(Failure::temporary)?;
        copy(&mut file, target)
    }
}

fn copy(file: &mut File, target: &mut Target) -> Result<(), Failure> {
    io::copy(file, target).map(drop).map_err(|error| target.failure(error))
}

impl Formats {
    /// Writes an amount in the minor unit of its currency.
    fn money(
        &self,
        sheet: &mut Worksheet,
        row: RowNum,
        column: ColNum,
        money: Money,
        currency: Currency,
    ) -> Result<(), XlsxError> {
        let format = self.minor(currency);
        number(sheet, row, column, &money.to_string(), format)
    }

    pub(super) fn computed(&self) -> &Format {
        &self.computed
    }

    pub(super) fn percent(&self) -> &Format {
        &self.percent
    }

    pub(super) fn factor(&self) -> &Format {
        &self.factor
    }

    pub(super) fn minor(&self, currency: Currency) -> Option<&Format> {
        self.money.get(currency.minor_digits() as usize)
    }
}

/// Writes a decimal number as a number, or as text if a spreadsheet cannot hold its whole part and its cents.
pub(super) fn number(
    sheet: &mut Worksheet,
    row: RowNum,
    column: ColNum,
    text: &str,
    format: Option<&Format>,
) -> Result<(), XlsxError> {
    let whole = text.trim_start_matches('-').split('.').next().unwrap_or_default().len();
    match (text.parse::<f64>(), format) {
        (Ok(value), Some(format)) if whole <= 11 => {
            sheet.write_number_with_format(row, column, value, format)
        }
        (Ok(value), None) if whole <= 15 => sheet.write_number(row, column, value),
        _ => sheet.write_string(row, column, text),
    }
    .map(drop)
}

/// Writes a moment as clocks of the zone show it.
fn moment(
    sheet: &mut Worksheet,
    row: RowNum,
    column: ColNum,
    at: Timestamp,
    zone: Zone,
    format: &Format,
) -> Result<(), XlsxError> {
    let local = zone.local(at);
    let hour = u16::try_from(local.hour()).unwrap_or_default();
    let minute = u8::try_from(local.minute()).unwrap_or_default();
    match excel(local.date()).and_then(|date| date.and_hms(hour, minute, local.second())) {
        Ok(date) => sheet.write_datetime_with_format(row, column, &date, format).map(drop),
        Err(_) => sheet.write_string(row, column, at.to_string()).map(drop),
    }
}

/// Writes a date.
fn date(
    sheet: &mut Worksheet,
    row: RowNum,
    column: ColNum,
    on: NaiveDate,
    format: &Format,
) -> Result<(), XlsxError> {
    match excel(on) {
        Ok(date) => sheet.write_datetime_with_format(row, column, &date, format).map(drop),
        Err(_) => sheet.write_string(row, column, on.to_string()).map(drop),
    }
}

/// Returns a date of a spreadsheet, whose calendar begins in 1900.
fn excel(on: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    let part = |number: u32| u8::try_from(number).unwrap_or_default();
    ExcelDateTime::from_ymd(u16::try_from(on.year()).unwrap_or_default(), part(on.month()), part(on.day()))
}

impl Sheet {
    pub(super) fn cells(&mut self) -> &mut Worksheet {
        &mut self.sheet
    }

    /// Begins the next row.
    pub(super) fn begin(&mut self) -> io::Result<RowNum> {
        if self.row >= MOST_ROWS {
            return Err(io::Error::other(
                "a sheet has at most 1,048,576 rows; write `.csv`, `.parquet` or `.jsonl`",
            ));
        }
        let row = self.row;
        self.row += 1;
        Ok(row)
    }
}

impl DecisionSheets {
    /// Returns the sheets without decisions. Moments are shown in the program's time zone.
    pub(super) fn new(zone: Zone) -> io::Result<Self> {
        let mut workbook = Workbook::new();
        let decisions = workbook.sheet("Decisions", &DECISIONS).map_err(failed)?;
        let lines = workbook.sheet("Lines", &LINES).map_err(failed)?;
        Ok(Self { workbook, decisions, lines, zone })
    }

    /// Returns the time zone of moments.
    pub(super) fn zone(&self) -> Zone {
        self.zone
    }

    /// Adds a decision: a row for each award, or one row if it has none; and a row for each line.
    pub(super) fn add(&mut self, decision: &Decision) -> io::Result<()> {
        if decision.awards.is_empty() {
            return self.award(decision, None);
        }
        decision.awards.iter().try_for_each(|award| self.award(decision, Some(award)))
    }

    fn award(&mut self, decision: &Decision, award: Option<&Award>) -> io::Result<()> {
        let first = self.lines.row;
        if let Some(award) = award {
            for line in &award.lines {
                let row = self.lines.begin()?;
                self.line(row, decision, award, line).map_err(failed)?;
            }
        }
        let row = self.decisions.begin()?;
        self.decision(row, decision, award, first..self.lines.row).map_err(failed)
    }

    fn decision(
        &mut self,
        row: RowNum,
        decision: &Decision,
        award: Option<&Award>,
        lines: std::ops::Range<RowNum>,
    ) -> Result<(), XlsxError> {
        let (sheet, formats, zone) = (&mut self.decisions.sheet, &self.workbook.formats, self.zone);
        let reasons = award.map_or(&decision.reasons, |award| &award.reasons);
        let reported = reasons.iter().find_map(|reason| reason.partner.as_deref());
        let status = award.map_or(decision.status, |award| award.status).text();
        sheet.write_string(row, 0, &decision.action)?;
        texts(sheet, row, &[(1, decision.order_id.as_deref()), (2, Some(&decision.event_type))])?;
        moment(sheet, row, 3, decision.occurred_at, zone, &formats.moment)?;
        let partner = award.map(|award| award.partner.as_str());
        texts(sheet, row, &[(4, partner), (5, reported), (6, Some(status))])?;
        if let Some(award) = award {
            sheet.write_string(row, 7, award.currency.code())?;
            number(sheet, row, 8, &award.base.to_string(), Some(&formats.computed))?;
            let digits = award.minor_digits;
            let sum = format!("ROUND(SUM(Lines!S{}:S{}),{digits})", lines.start + 1, lines.end);
            let is_formula =
                !lines.is_empty() && award.lines.iter().all(|line| is_small(line.payout, digits));
            let format = formats.minor(award.currency);
            money_cell(sheet, row, 9, award.payout, format, is_formula.then_some(sum))?;
            let shown = row + 1;
            for (column, word, money) in [(10, "payable", award.payable()), (11, "held", award.held())] {
                let formula = format!("IF(G{shown}=\"{word}\",J{shown},0)");
                money_cell(sheet, row, column, money, format, is_formula.then_some(formula))?;
            }
        }
        let joined = |codes: Vec<&str>| Some(codes.join("|")).filter(|codes| !codes.is_empty());
        let reasons = joined(reasons.iter().map(|reason| reason.code.as_str()).collect());
        let limits = award.iter().flat_map(|award| &award.limits).map(|limit| limit.limit.as_str());
        let notices = award.iter().flat_map(|award| &award.notices).map(|notice| notice.code.as_str());
        let (limits, notices) = (joined(limits.collect()), joined(notices.collect()));
        texts(sheet, row, &[(12, reasons.as_deref()), (13, limits.as_deref()), (14, notices.as_deref())])?;
        if let Some(award) = award {
            for (column, at) in [(15, award.release_at), (16, award.locks_at)] {
                if let Some(at) = at {
                    moment(sheet, row, column, at, zone, &formats.moment)?;
                }
            }
            if let Some(pays_on) = award.pays_on {
                date(sheet, row, 17, pays_on, &formats.date)?;
            }
            sheet.write_string(row, 18, &award.contract.name)?;
            sheet.write_number(row, 19, award.contract.version)?;
            texts(sheet, row, &[(21, award.role.map(Role::text))])?;
            if let Some(share) = award.share {
                number(sheet, row, 22, &share.to_string(), Some(&formats.computed))?;
            }
            texts(sheet, row, &[(23, decision.history.last().map(|last| last.adjustment.as_str()))])?;
            money_cell(sheet, row, 24, decision.change(award), formats.minor(award.currency), None)?;
        }
        sheet.write_string(row, 20, decision.receipt.to_string()).map(drop)
    }

    fn line(
        &mut self,
        row: RowNum,
        decision: &Decision,
        award: &Award,
        line: &Line,
    ) -> Result<(), XlsxError> {
        let (sheet, formats) = (&mut self.lines.sheet, &self.workbook.formats);
        let (currency, digits) = (award.currency, award.minor_digits);
        sheet.write_string(row, 0, &decision.action)?;
        texts(
            sheet,
            row,
            &[
                (1, decision.order_id.as_deref()),
                (2, Some(&award.partner)),
                (3, Some(award.status.text())),
                (4, Some(currency.code())),
                (6, line.sku.as_deref()),
            ],
        )?;
        if let Some(item) = line.item {
            sheet.write_number(row, 5, item)?;
        }
        sheet.write_number(row, 7, line.quantity)?;
        let names = award.groups_of(line).join("|");
        texts(sheet, row, &[(8, Some(names.as_str()).filter(|names| !names.is_empty()))])?;
        number(sheet, row, 9, &line.base.to_string(), Some(&formats.computed))?;
        let parts = line.calculation().ok();
        if let Some(parts) = parts {
            let fractions = [
                (10, parts.rate, &formats.percent),
                (11, parts.points, &formats.percent),
                (12, parts.multiplier, &formats.factor),
            ];
            for (column, value, format) in fractions {
                number(sheet, row, column, &value.normalize().to_string(), Some(format))?;
            }
            number(sheet, row, 13, &parts.add.to_string(), Some(&formats.computed))?;
        }
        let amounts = [line.base, line.unrounded, line.payout, parts.map_or(Money::ZERO, |parts| parts.add)];
        let is_formula = parts.is_some() && amounts.into_iter().all(|amount| is_small(amount, digits));
        let shown = row + 1;
        let unrounded = format!("J{shown}*(K{shown}+L{shown})*M{shown}+N{shown}");
        let computed = Some(&formats.computed);
        money_cell(sheet, row, 14, line.unrounded, computed, is_formula.then_some(unrounded))?;
        sheet.write_string(row, 15, award.rounding.mode.text())?;
        // Lines that are rounded together share out the rounded sum, which no formula of one line gives.
        let is_own = award.rounding.place == RoundingPlace::Item || award.lines.len() == 1;
        let alone = award.share.is_none() && is_own;
        let rounds = rounding(award.rounding.mode)
            .filter(|_| is_formula && alone && is_far_from_a_step(line.unrounded, digits));
        let earned = rounds.map(|name| format!("{name}(ROUND(O{shown},{}),{digits})", digits + GUARD_DIGITS));
        let format = formats.minor(currency);
        money_cell(sheet, row, 16, line.earned, format, earned)?;
        let cut = line.earned.sub(line.payout).unwrap_or_default();
        money_cell(sheet, row, 17, cut, format, None)?;
        let payout = format!("ROUND(Q{shown}-R{shown},{digits})");
        money_cell(sheet, row, 18, line.payout, format, is_formula.then_some(payout))
    }

    /// Adds the sheets of the summary and writes the file.
    pub(super) fn finish(
        self,
        summary: &Summary,
        program: &Program,
        target: &mut Target,
    ) -> Result<(), Failure> {
        let Self { mut workbook, decisions, lines, .. } = self;
        workbook.xlsx.push_worksheet(decisions.sheet);
        workbook.xlsx.push_worksheet(lines.sheet);
        workbook.tables(&tables(summary, program)).map_err(|error| target.failure(error))?;
        workbook.save(target)
    }
}

/// Writes the texts that are there.
fn texts(sheet: &mut Worksheet, row: RowNum, cells: &[(ColNum, Option<&str>)]) -> Result<(), XlsxError> {
    for (column, text) in cells {
        if let Some(text) = text {
            sheet.write_string(row, *column, *text)?;
        }
    }
    Ok(())
}

/// Writes an amount, as a formula with this amount as its result if there is one.
pub(super) fn money_cell(
    sheet: &mut Worksheet,
    row: RowNum,
    column: ColNum,
    money: Money,
    format: Option<&Format>,
    formula: Option<String>,
) -> Result<(), XlsxError> {
    let Some(formula) = formula else { return number(sheet, row, column, &money.to_string(), format) };
    let formula = Formula::new(formula).set_result(money.to_string());
    match format {
        Some(format) => sheet.write_formula_with_format(row, column, formula, format),
        None => sheet.write_formula(row, column, formula),
    }
    .map(drop)
}

/// Returns the function that rounds in this mode; `None` if spreadsheets have none.
fn rounding(mode: RoundingMode) -> Option<&'static str> {
    match mode {
        RoundingMode::HalfUp => Some("ROUND"),
        RoundingMode::Up => Some("ROUNDUP"),
        RoundingMode::Down => Some("ROUNDDOWN"),
        RoundingMode::HalfEven => None,
    }
}

/// Returns whether an amount is so small that the errors of a few binary operations stay below the guard digits.
fn is_small(amount: Money, digits: u32) -> bool {
    let whole = amount.0.trunc().abs().to_string().len();
    whole + digits as usize <= 8
}

/// Returns whether an amount is exactly on a step of the rounding (a whole or a half minor unit), or so far from any that the guard
/// digits do not move it over one.
fn is_far_from_a_step(amount: Money, digits: u32) -> bool {
    let on_step = |amount: Money| {
        let doubled = amount.add(amount).ok()?;
        Some(doubled.round(digits, RoundingMode::HalfUp) == doubled)
    };
    let guarded = |mode| amount.round(digits + GUARD_DIGITS - 1, mode);
    on_step(amount) == Some(true)
        || [RoundingMode::Up, RoundingMode::Down]
            .into_iter()
            .all(|mode| on_step(guarded(mode)) == Some(false))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_that_is_full_says_so() {
        let mut sheet = Sheet { sheet: Worksheet::new(), row: MOST_ROWS - 1 };
        assert_eq!(sheet.begin().unwrap(), MOST_ROWS - 1);
        let error = sheet.begin().unwrap_err().to_string();
        assert!(error.contains("at most 1,048,576 rows"), "{error}");
    }

    #[test]
    fn formulas_are_written_where_binary_numbers_are_sure() {
        let money = |text: &str| Money(text.parse().unwrap());
        for (amount, sure) in [
            ("2.995", true),
            ("8.33", true),
            ("0.333333333333", true),
            ("1.0050001", true),
            ("1.00500000001", false),
            ("1.00499999999999", false),
        ] {
            assert_eq!(is_far_from_a_step(money(amount), 2), sure, "{amount}");
        }
        assert!(is_small(money("999999.99"), 2) && !is_small(money("1000000"), 2));
        assert!(is_small(money("99999999"), 0));
    }
}
