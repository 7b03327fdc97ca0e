//! A waterfall as a sheet of a workbook: a row for each step, with formulas that compute each from the one before.

use std::io;

use accrue::explain::{StepKind, Waterfall, WaterfallLine, WaterfallStep};
use accrue::money::Money;
use rust_decimal::Decimal;
use rust_xlsxwriter::{Formula, RowNum, XlsxError};

use super::workbook::{Formats, Sheet, Workbook, failed, money_cell, number};

/// The columns of a sheet.
const COLUMNS: [&str; 10] =
    ["partner", "line", "step", "by", "value", "rate", "points", "added", "after", "change"];

/// The columns of the sheet that have numbers.
const VALUE: u16 = 4;
const RATE: u16 = 5;
const AFTER: u16 = 8;
const CHANGE: u16 = 9;

impl Workbook {
    /// Adds a sheet with waterfalls, each with what it is of.
    pub(crate) fn waterfalls(&mut self, waterfalls: &[Waterfall]) -> io::Result<()> {
        let mut sheet = self.sheet("Waterfall", &COLUMNS).map_err(failed)?;
        for waterfall in waterfalls {
            add(&mut sheet, self.formats(), waterfall)?;
        }
        self.push(sheet);
        Ok(())
    }
}

fn add(sheet: &mut Sheet, formats: &Formats, waterfall: &Waterfall) -> io::Result<()> {
    let mut ends = Vec::new();
    for line in &waterfall.lines {
        ends.push(add_line(sheet, formats, waterfall, line)?);
    }
    let at = sheet.begin()?;
    let earned: Option<Money> = Money::sum(waterfall.lines.iter().map(|line| line.earned)).ok();
    let cells: Vec<String> = ends.iter().map(|row| format!("I{}", row + 1)).collect();
    let formula = (!cells.is_empty() && cells.len() <= 200).then(|| format!("={}", cells.join("+")));
    let mut row = Row { sheet, at, formats, waterfall };
    row.texts(["", "sum of the lines", ""]).map_err(failed)?;
    row.money(AFTER, earned.unwrap_or_default(), formula).map_err(failed)?;
    let mut before = at;
    for step in &waterfall.steps {
        let at = sheet.begin()?;
        let mut row = Row { sheet, at, formats, waterfall };
        row.texts(["", words(step.kind), &step.by]).map_err(failed)?;
        row.money(CHANGE, step.change, None).map_err(failed)?;
        let formula = format!("=I{}+J{}", before + 1, at + 1);
        row.money(AFTER, step.after, Some(formula)).map_err(failed)?;
        before = at;
    }
    let at = sheet.begin()?;
    let mut row = Row { sheet, at, formats, waterfall };
    row.texts(["", "payout", ""]).map_err(failed)?;
    row.money(AFTER, waterfall.payout, Some(format!("=I{}", before + 1))).map_err(failed)
}

/// Adds the rows of a line. Returns the last.
fn add_line(
    sheet: &mut Sheet,
    formats: &Formats,
    waterfall: &Waterfall,
    line: &WaterfallLine,
) -> io::Result<RowNum> {
    let first = sheet.begin()?;
    let mut row = Row { sheet, at: first, formats, waterfall };
    row.texts([line.sku.as_deref().unwrap_or("order"), "commissionable amount", ""]).map_err(failed)?;
    row.money(VALUE, line.base, None).map_err(failed)?;
    for column in RATE..=AFTER {
        row.money(column, Money::ZERO, None).map_err(failed)?;
    }
    let mut before = first;
    let mut carried = [Decimal::ZERO; 3];
    for step in &line.steps {
        let at = sheet.begin()?;
        let mut row = Row { sheet, at, formats, waterfall };
        row.texts([line.sku.as_deref().unwrap_or("order"), words(step.kind), &step.by]).map_err(failed)?;
        row.step(step, (before, first), line.quantity, &mut carried).map_err(failed)?;
        before = at;
    }
    Ok(before)
}

/// A row that is being written.
struct Row<'s> {
    sheet: &'s mut Sheet,
    at: RowNum,
    formats: &'s Formats,
    waterfall: &'s Waterfall,
}

impl Row<'_> {
    fn texts(&mut self, texts: [&str; 3]) -> Result<(), XlsxError> {
        let all = [self.waterfall.partner.as_str()].into_iter().chain(texts);
        for (column, text) in (0..).zip(all).filter(|(_, text)| !text.is_empty()) {
            self.sheet.cells().write_string(self.at, column, text)?;
        }
        Ok(())
    }

    fn money(&mut self, column: u16, money: Money, formula: Option<String>) -> Result<(), XlsxError> {
        let is_minor = money.0.normalize().scale() <= self.waterfall.currency.minor_digits();
        let minor = self.formats.minor(self.waterfall.currency).filter(|_| is_minor);
        let format = minor.or(Some(self.formats.computed()));
        money_cell(self.sheet.cells(), self.at, column, money, format, formula)
    }

    /// Writes the numbers of a step of a line. Rate, points and money that was added are carried from row to row.
    fn step(
        &mut self,
        step: &WaterfallStep,
        (before, base): (RowNum, RowNum),
        units: u32,
        [rate, points, added]: &mut [Decimal; 3],
    ) -> Result<(), XlsxError> {
        let (own, before, base) = (self.at + 1, before + 1, base + 1);
        let value = step.value.unwrap_or_default();
        // What a spreadsheet shows until it has computed the formulas itself.
        match step.kind {
            StepKind::Rate => *rate = value,
            StepKind::Points => *points = points.saturating_add(value),
            StepKind::Multiplier => {
                for carried in [&mut *rate, points, added] {
                    *carried = carried.saturating_mul(value);
                }
            }
            StepKind::Amount => *added = added.saturating_add(value),
            StepKind::AmountPerUnit => *added = added.saturating_add(value.saturating_mul(units.into())),
            _ => {}
        }
        let formulas = match step.kind {
            StepKind::Rate => [format!("=E{own}"), format!("=G{before}"), format!("=H{before}")],
            StepKind::Points => [format!("=F{before}"), format!("=G{before}+E{own}"), format!("=H{before}")],
            StepKind::Multiplier => ["F", "G", "H"].map(|column| format!("={column}{before}*E{own}")),
            StepKind::Amount => [format!("=F{before}"), format!("=G{before}"), format!("=H{before}+E{own}")],
            StepKind::AmountPerUnit => {
                [format!("=F{before}"), format!("=G{before}"), format!("=H{before}+E{own}*{units}")]
            }
            _ => Default::default(),
        };
        if let Some(value) = step.value {
            let percent = matches!(step.kind, StepKind::Rate | StepKind::Points | StepKind::Share);
            let money = matches!(step.kind, StepKind::Amount | StepKind::AmountPerUnit);
            if money {
                self.money(VALUE, Money(value), None)?;
            } else {
                let format = if percent { self.formats.percent() } else { self.formats.factor() };
                number(self.sheet.cells(), self.at, VALUE, &value.to_string(), Some(format))?;
            }
        }
        let carried = formulas.into_iter().zip([*rate, *points, *added]);
        for (column, (formula, value)) in
            (RATE..).zip(carried).filter(|(_, (formula, _))| !formula.is_empty())
        {
            let formula = Formula::new(formula).set_result(value.normalize().to_string());
            self.sheet.cells().write_formula(self.at, column, formula)?;
        }
        let after = match step.kind {
            StepKind::Share => Some(format!("=I{before}*E{own}")),
            StepKind::Rounding => None,
            _ => Some(format!("=E{base}*(F{own}+G{own})+H{own}")),
        };
        self.money(AFTER, step.after, after)?;
        self.money(CHANGE, step.change, Some(format!("=I{own}-I{before}")))
    }
}

/// Returns the name of a step.
pub(crate) fn words(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Rate => "rate",
        StepKind::Points => "points",
        StepKind::Multiplier => "multiplier",
        StepKind::Amount => "amount",
        StepKind::AmountPerUnit => "amount for each unit",
        StepKind::Share => "share",
        StepKind::Rounding => "rounding",
        StepKind::Limit => "limit",
        StepKind::TakenBack => "taken back",
        StepKind::NotPaid => "not paid",
        _ => "other",
    }
}
