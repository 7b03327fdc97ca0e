//! Draws the summary of a run for people.

use std::collections::BTreeMap;
use std::time::Duration;

use accrue::decide::{Award, Status};
use accrue::money::{ArithmeticError, Currency, Money};
use accrue::{Decision, Program};

use super::format::{amount, each_once, heading, minor, plural, thousands, wrapped};
use super::summary::{Month, OfMonth, Row, STATUSES, Summary, Tally};
use super::table::{Column, number, table, text};
use super::terminal::{BOLD, DIM, RED, RESET, clean, room};

/// The name that actions without a credited partner are listed under.
const NOBODY: &str = "(nobody)";

/// What the summary says about the run beside its decisions.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// The number of rejected lines.
    pub(crate) rejected: u64,
    /// The duration of the run.
    pub(crate) time: Duration,
    /// The most partners that are listed.
    pub(crate) rows: usize,
    /// The first decisions, as [`first_row`] makes them.
    pub(crate) first: Vec<Vec<String>>,
}

/// The columns of sums, after the column that says of what.
const SUMS: [Column; 9] = [
    number("Actions").rank(2),
    number("Payable").rank(4),
    number("Held").rank(4),
    number("Rejected").rank(4),
    number("Zero").rank(4),
    number("Reversed").rank(4),
    number("Commissionable").rank(3),
    number("On hold").rank(1),
    number("Payout"),
];

impl Summary {
    /// Returns the tables.
    pub(crate) fn render(&self, program: &Program, about: &About) -> Result<String, ArithmeticError> {
        let mut text = String::new();
        if !about.first.is_empty() {
            text.push_str(&heading("First decisions"));
            text.push_str(&table(&FIRST, about.first.clone()));
            text.push('\n');
        }
        for (currency, months) in self.months.values() {
            text.push_str(&heading(&format!("{}, in {currency}", clean(program.name()))));
            if months.len() > 1 {
                text.push_str(&month_table(*currency, months));
            }
            text.push_str(&partner_table(*currency, months, about.rows)?);
            text.push('\n');
        }
        text.push_str(&self.reasons_table(program));
        text.push_str(&self.uncredited_table(about.rows));
        text.push_str(&self.limits_table());
        text.push_str(&self.bonuses_table());
        text.push_str(&self.notices_table(program));
        text.push_str(&self.totals()?);
        text.push_str(&format!("{DIM}{}{RESET}\n", self.pace(about.time)));
        if about.rejected > 0 {
            text.push_str(&format!("{RED}{} rejected{RESET}\n", plural(about.rejected, "line")));
        }
        Ok(text)
    }

    fn reasons_table(&self, program: &Program) -> String {
        let columns = [
            text("Reason"),
            text("Status").rank(2),
            number("Actions"),
            number("Amount"),
            number("On hold").rank(3),
            text("Meaning").rank(1),
        ];
        let mut rows = Vec::new();
        for ((code, status), sums) in &self.reasons {
            let status = STATUSES.get(*status).map_or("", |status| status.text());
            let meaning = program.reason_text(code).unwrap_or_default();
            rows.extend(sums.values().map(|(currency, sum)| {
                let mut row = vec![code.clone(), status.to_owned()];
                row.extend(tally(*currency, sum));
                row.push(if sum.held.is_zero() { String::new() } else { money(sum.held, *currency) });
                row.push(meaning.to_owned());
                row
            }));
        }
        titled("Why actions are not simply payable", &columns, rows)
    }

    fn uncredited_table(&self, most: usize) -> String {
        let columns =
            [text("Reported partner"), text("Reason").rank(1), number("Actions"), number("Amount").rank(2)];
        let mut rows = Vec::new();
        for ((partner, code), sums) in &self.uncredited {
            rows.extend(sums.values().map(|(currency, sum)| {
                let row = vec![partner.clone(), code.clone()];
                (sum.actions, row.into_iter().chain(tally(*currency, sum)).collect::<Vec<_>>())
            }));
        }
        rows.sort_by_key(|(actions, _)| std::cmp::Reverse(*actions));
        let more = rows.len().saturating_sub(most);
        let mut rows: Vec<Vec<String>> = rows.into_iter().take(most).map(|(_, row)| row).collect();
        if more > 0 {
            rows.push(vec![format!("… {more} more"), String::new(), String::new(), String::new()]);
        }
        titled("Partners who are reported but not credited", &columns, rows)
    }

    fn limits_table(&self) -> String {
        let columns = [text("Limit"), number("Actions").rank(1), number("Taken off")];
        let mut rows = Vec::new();
        for (limit, sums) in &self.limits {
            let sums = sums.values().map(|(currency, sum)| tally(*currency, sum));
            rows.extend(sums.map(|sum| [limit.clone()].into_iter().chain(sum).collect()));
        }
        titled("Limits that cut a payout", &columns, rows)
    }

    fn bonuses_table(&self) -> String {
        let columns = [text("Bonus"), text("Contract").rank(1), number("Decisions"), number("Payout")];
        let mut rows = Vec::new();
        for ((contract, bonus), sums) in &self.bonuses {
            let sums = sums.values().map(|(currency, sum)| tally(*currency, sum));
            rows.extend(sums.map(|sum| [bonus.clone(), contract.clone()].into_iter().chain(sum).collect()));
        }
        titled("Bonuses, which are in the payouts above", &columns, rows)
    }

    fn notices_table(&self, program: &Program) -> String {
        let columns = [text("Notice"), number("Actions"), text("Meaning").rank(1)];
        let rows = self.notices.iter().map(|(code, of)| {
            let meaning = program.reason_text(code).unwrap_or_default();
            vec![code.clone(), thousands(of.actions), meaning.to_owned()]
        });
        titled("Notices", &columns, rows.collect())
    }

    /// Returns a sentence with the payout of each currency, and what it is paid on.
    fn totals(&self) -> Result<String, ArithmeticError> {
        let mut text = String::new();
        for (currency, months) in self.months.values() {
            let all = all(months)?;
            let money = |value: Money| money(value, *currency);
            let base = money(all.commissionable(Status::Payable));
            let payout = format!("Payout: {}", money(all.payable));
            let mut line = format!("{payout} on {base} commissionable");
            if !all.held.is_zero() {
                let base = money(all.commissionable(Status::Held));
                line.push_str(&format!("; {} on hold, on {base}", money(all.held)));
            }
            for (status, of) in [(Status::Rejected, "rejected"), (Status::Zero, "unpaid")] {
                if !all.commissionable(status).is_zero() {
                    line.push_str(&format!("; {} {of}", money(all.commissionable(status))));
                }
            }
            text.push_str(&wrapped(&line, 0, room()).replacen(&payout, &format!("{BOLD}{payout}{RESET}"), 1));
        }
        Ok(text)
    }

    /// Returns the pace: `69,659 actions in 0.41 s, 169,900 a second`.
    pub(crate) fn pace(&self, time: Duration) -> String {
        let hundredths = time.as_millis() / 10;
        let per_second = u128::from(self.decided) * 1_000_000 / time.as_micros().max(1);
        format!(
            "{} in {}.{:02} s, {} a second",
            plural(self.decided, "action"),
            thousands(u64::try_from(hundredths / 100).unwrap_or(u64::MAX)),
            hundredths % 100,
            thousands(u64::try_from(per_second).unwrap_or(u64::MAX)),
        )
    }
}

fn money(value: Money, currency: Currency) -> String {
    format!("{} {currency}", minor(value, currency))
}

/// Returns the cells of a number of actions and their money.
fn tally(currency: Currency, of: &Tally) -> [String; 2] {
    [thousands(of.actions), money(of.amount, currency)]
}

/// Returns a table below its title, or nothing if it has no rows.
fn titled(title: &str, columns: &[Column], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!("{}{}\n", heading(title), table(columns, rows))
}

/// Returns a row of sums.
fn cells(name: &str, of: &Row, currency: Currency) -> Vec<String> {
    let held = if of.held.is_zero() { String::new() } else { minor(of.held, currency) };
    let counts = STATUSES.map(|status| match (status, of.actions(status)) {
        // Most runs have no reversals, and no column of them.
        (Status::Reversed, 0) => String::new(),
        (_, actions) => thousands(actions),
    });
    let mut cells = vec![name.to_owned(), thousands(of.all())];
    cells.extend(counts);
    cells.extend([minor(of.commissionable(Status::Payable), currency), held, minor(of.payable, currency)]);
    cells
}

fn columns(first: &'static str) -> Vec<Column> {
    [text(first)].into_iter().chain(SUMS).collect()
}

fn sum<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Result<Row, ArithmeticError> {
    rows.into_iter().try_fold(Row::default(), |mut all, row| {
        all.merge(row)?;
        Ok(all)
    })
}

/// Returns the sums of the partners over all months.
fn merged(months: &BTreeMap<Month, OfMonth>) -> Result<BTreeMap<&str, Row>, ArithmeticError> {
    let mut all: BTreeMap<&str, Row> = BTreeMap::new();
    for (partner, row) in months.values().flat_map(|month| &month.partners) {
        all.entry(partner.as_deref().unwrap_or(NOBODY)).or_default().merge(row)?;
    }
    Ok(all)
}

/// Returns the sums over all months. An action that partners share is one.
fn all(months: &BTreeMap<Month, OfMonth>) -> Result<Row, ArithmeticError> {
    sum(months.values().map(|month| &month.all))
}

/// Returns the table of months.
fn month_table(currency: Currency, months: &BTreeMap<Month, OfMonth>) -> String {
    let rows: Vec<_> =
        months.iter().map(|(month, of)| cells(&month.to_string(), &of.all, currency)).collect();
    table(&columns("Month"), rows)
}

/// Returns the table of partners, the highest payout first.
fn partner_table(
    currency: Currency,
    months: &BTreeMap<Month, OfMonth>,
    most: usize,
) -> Result<String, ArithmeticError> {
    let partners = merged(months)?;
    let mut ranked: Vec<(&str, &Row)> = partners.iter().map(|(name, row)| (*name, row)).collect();
    ranked.sort_by(|a, b| b.1.payable.cmp(&a.1.payable).then_with(|| a.0.cmp(b.0)));
    let mut rows: Vec<Vec<String>> =
        ranked.iter().take(most).map(|(name, row)| cells(name, row, currency)).collect();
    if let Some(rest) = ranked.get(most..).filter(|rest| !rest.is_empty()) {
        let others = sum(rest.iter().map(|(_, row)| *row))?;
        rows.push(cells(&format!("… {} more", rest.len()), &others, currency));
    }
    rows.push(cells("All", &all(months)?, currency));
    Ok(table(&columns("Partner"), rows))
}

/// The columns of the first decisions.
const FIRST: [Column; 8] = [
    text("Action"),
    text("When").rank(2),
    text("Event").rank(4),
    text("Partner"),
    number("Base").rank(3),
    number("Payout"),
    text("Status"),
    text("Reasons").rank(1),
];

/// Returns the row of a decision in the table of the first decisions.
pub(crate) fn first_row(decision: &Decision, program: &Program) -> Vec<String> {
    let awards = &decision.awards;
    let partners: Vec<&str> = awards.iter().map(|award| award.partner.as_str()).collect();
    let reasons = each_once(decision.all_reasons().map(|(_, reason)| reason.code.as_str()));
    let nothing = || amount(Money::ZERO, program.currency());
    let bases: Vec<String> = awards.iter().map(|award| minor(award.base, award.currency)).collect();
    let paid = |award: &Award| money(award.payout, award.currency);
    let payouts: Vec<String> = awards.iter().map(paid).collect();
    vec![
        decision.action.clone(),
        program.zone().local(decision.occurred_at).format("%Y-%m-%d %H:%M").to_string(),
        decision.event_type.clone(),
        partners.join(", "),
        if bases.is_empty() { nothing() } else { bases.join(", ") },
        if payouts.is_empty() { money(Money::ZERO, program.currency()) } else { payouts.join(", ") },
        decision.status.text().to_owned(),
        reasons.join(", "),
    ]
}
