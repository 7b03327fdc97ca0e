//! Decisions as rows of CSV: a row for each award, or a row for each line of an award.

use std::borrow::Cow;

use accrue::Decision;
use accrue::decide::{Award, Line, Role};
use accrue::facts::fields::disarmed;
use accrue::money::{Currency, Money};
use accrue_history::Row;

/// The header of a row for each line.
const LINES: [&str; 21] = [
    "action",
    "event_type",
    "occurred_at",
    "order_id",
    "partner",
    "status",
    "currency",
    "item",
    "sku",
    "quantity",
    "base",
    "groups",
    "rate",
    "points",
    "multiplier",
    "add",
    "unrounded",
    "earned",
    "limit_cut",
    "payout",
    "receipt",
];

/// The kind of a CSV row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// An award, or a decision without awards.
    Award,
    /// A line of an award. Awards without lines have no row.
    Line,
}

/// How amounts are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Units {
    /// As decimals of the currency's main unit, such as `9.36` for EUR.
    #[default]
    Main,
    /// As numbers of its minor unit, such as `936` for EUR. An amount that was computed and not rounded keeps its decimals.
    Minor,
}

impl Units {
    /// Returns an amount as text. Without a currency the amount is zero.
    pub(super) fn write(self, money: Money, currency: Option<Currency>) -> String {
        let text = money.to_string();
        match (self, currency) {
            (Self::Minor, Some(currency)) => moved(&text, currency.minor_digits() as usize),
            _ => text,
        }
    }
}

/// Returns a decimal number with its point moved to the right.
fn moved(number: &str, digits: usize) -> String {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |number| ("-", number));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut fraction = fraction.chars();
    let mut moved: String =
        whole.chars().chain((0..digits).map(|_| fraction.next().unwrap_or('0'))).collect();
    let zeros = moved.len() - moved.trim_start_matches('0').len();
    moved.drain(..zeros.min(moved.len().saturating_sub(1)));
    match fraction.as_str() {
        "" => format!("{sign}{moved}"),
        rest => format!("{sign}{moved}.{rest}"),
    }
}

/// What the rows of CSV are, and how their amounts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) kind: RowKind,
    pub(crate) units: Units,
}

impl Rows {
    /// Returns the header.
    pub(super) fn header(self) -> &'static [&'static str] {
        match self.kind {
            RowKind::Award => &Row::COLUMNS,
            RowKind::Line => &LINES,
        }
    }

    /// Writes the rows of a decision.
    pub(super) fn write(self, csv: &mut csv::Writer<Vec<u8>>, decision: &Decision) -> csv::Result<()> {
        match self.kind {
            RowKind::Award => Row::each(decision).try_for_each(|row| self.award_row(csv, &row)),
            RowKind::Line => decision.awards.iter().try_for_each(|award| {
                award.lines.iter().try_for_each(|line| self.line_row(csv, decision, award, line))
            }),
        }
    }

    fn award_row(self, csv: &mut csv::Writer<Vec<u8>>, row: &Row<'_>) -> csv::Result<()> {
        let money = |money: Money| Cow::Owned(self.units.write(money, row.currency));
        let owned = |text: Option<String>| Cow::Owned(text.unwrap_or_default());
        let cells: [Cow<'_, str>; Row::COLUMNS.len()] = [
            disarmed(row.action),
            disarmed(row.event_type),
            Cow::Owned(row.occurred_at.to_string()),
            disarmed(row.order_id.unwrap_or_default()),
            disarmed(row.partner.unwrap_or_default()),
            row.role.map_or("", Role::text).into(),
            owned(row.share.map(|share| share.0.to_string())),
            disarmed(row.reported_partner.unwrap_or_default()),
            row.status.text().into(),
            row.currency.map_or("", Currency::code).into(),
            money(row.base),
            money(row.payout),
            money(row.payable),
            money(row.held),
            disarmed(row.adjustment.unwrap_or_default()),
            money(row.change),
            joined(row.groups),
            joined(&row.reasons),
            owned(row.release_at.map(|at| at.to_string())),
            owned(row.locks_at.map(|at| at.to_string())),
            owned(row.pays_on.map(|on| on.to_string())),
            joined(&row.limits),
            joined(row.limit_cut.iter().map(|cut| self.units.write(*cut, row.currency))),
            joined(&row.notices),
            disarmed(row.contract.unwrap_or_default()),
            owned(row.version.map(|version| version.to_string())),
            owned(row.terms_as_of.map(|at| at.to_string())),
            row.counts.to_string().into(),
            row.fuel.to_string().into(),
            row.engine.into(),
            row.receipt.to_string().into(),
        ];
        csv.write_record(cells.iter().map(|cell| cell.as_bytes()))
    }

    fn line_row(
        self,
        csv: &mut csv::Writer<Vec<u8>>,
        decision: &Decision,
        award: &Award,
        line: &Line,
    ) -> csv::Result<()> {
        let money = |money: Money| Cow::Owned(self.units.write(money, Some(award.currency)));
        // No line of a decision is too large for its numbers, so only those of a caller can be missing.
        let parts = line.calculation().ok();
        let number = |number: Option<String>| Cow::Owned(number.unwrap_or_default());
        let cut = line.earned.sub(line.payout).unwrap_or_default();
        let cells: [Cow<'_, str>; LINES.len()] = [
            disarmed(&decision.action),
            disarmed(&decision.event_type),
            Cow::Owned(decision.occurred_at.to_string()),
            disarmed(decision.order_id.as_deref().unwrap_or_default()),
            disarmed(&award.partner),
            award.status.text().into(),
            award.currency.code().into(),
            number(line.item.map(|item| item.to_string())),
            disarmed(line.sku.as_deref().unwrap_or_default()),
            line.quantity.to_string().into(),
            money(line.base),
            joined(award.groups_of(line)),
            number(parts.map(|parts| parts.rate.normalize().to_string())),
            number(parts.map(|parts| parts.points.normalize().to_string())),
            number(parts.map(|parts| parts.multiplier.normalize().to_string())),
            parts.map_or(Cow::Borrowed(""), |parts| money(parts.add)),
            money(line.unrounded),
            money(line.earned),
            money(cut),
            money(line.payout),
            decision.receipt.to_string().into(),
        ];
        csv.write_record(cells.iter().map(|cell| cell.as_bytes()))
    }
}

/// Returns the parts of a cell with `|` between them.
fn joined<T: AsRef<str>>(parts: impl IntoIterator<Item = T>) -> Cow<'static, str> {
    let mut joined = String::new();
    for (n, part) in parts.into_iter().enumerate() {
        if n > 0 {
            joined.push('|');
        }
        joined.push_str(part.as_ref());
    }
    Cow::Owned(disarmed(&joined).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_are_whole_numbers_of_whole_amounts() {
        let cases = [("9.36", 2, "936"), ("0.05", 2, "5"), ("-1.5", 2, "-150"), ("0", 2, "0"), ("7", 0, "7")];
        for (number, digits, expected) in cases {
            assert_eq!(moved(number, digits), expected, "{number}");
        }
        assert_eq!(moved("3562.85396358", 2), "356285.396358");
        assert_eq!(moved("0.001", 2), "0.1");
        assert_eq!(moved("1.2", 3), "1200");
    }
}
