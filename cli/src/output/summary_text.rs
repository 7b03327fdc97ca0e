//! Draws the summary of a run for people.

use std::time::Duration;

use accrue::decide::{Award, Status};
use accrue::money::{ArithmeticError, Currency, Money};
use accrue::{Decision, Program};
use accrue_history::{CurrencyTotals, PartnerTotals, STATUSES, Summary, Totals};

use super::format::{amount, each_once, heading, minor, plural, thousands, wrapped};
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

/// Draws the tables of a summary.
pub(crate) fn summary_text(
    summary: &Summary,
    program: &Program,
    about: &About,
) -> Result<String, ArithmeticError> {
    let currencies = summary.currencies()?;
    let mut text = String::new();
    if !about.first.is_empty() {
        text.push_str(&heading("First decisions"));
        text.push_str(&table(&FIRST, about.first.clone()));
        text.push('\n');
    }
    for of in &currencies {
        text.push_str(&heading(&format!("{}, in {}", clean(program.name()), of.currency)));
        if of.months.len() > 1 {
            text.push_str(&month_table(of));
        }
        text.push_str(&partner_table(of, about.rows)?);
        text.push('\n');
    }
    text.push_str(&reasons_table(summary, program));
    text.push_str(&uncredited_table(summary, about.rows));
    text.push_str(&limits_table(summary));
    text.push_str(&bonuses_table(summary));
    text.push_str(&notices_table(summary, program));
    text.push_str(&payouts(&currencies));
    text.push_str(&format!("{DIM}{}{RESET}\n", pace(summary, about.time)));
    if about.rejected > 0 {
        text.push_str(&format!("{RED}{} rejected{RESET}\n", plural(about.rejected, "line")));
    }
    Ok(text)
}

fn reasons_table(summary: &Summary, program: &Program) -> String {
    let columns = [
        text("Reason"),
        text("Status").rank(2),
        number("Actions"),
        number("Amount"),
        number("On hold").rank(3),
        text("Meaning").rank(1),
    ];
    let rows = summary.reasons().into_iter().map(|of| {
        let meaning = program.reason_text(&of.reason).unwrap_or_default();
        let held = if of.tally.held.is_zero() { String::new() } else { money(of.tally.held, of.currency) };
        let [actions, amount] = tally(of.tally.actions, of.tally.amount, of.currency);
        vec![of.reason, of.status.text().to_owned(), actions, amount, held, meaning.to_owned()]
    });
    titled("Why actions are not simply payable", &columns, rows.collect())
}

fn uncredited_table(summary: &Summary, most: usize) -> String {
    let columns =
        [text("Reported partner"), text("Reason").rank(1), number("Actions"), number("Amount").rank(2)];
    let mut all = summary.uncredited();
    // Stable: those with as many actions stay in the order of their names.
    all.sort_by_key(|of| std::cmp::Reverse(of.tally.actions));
    let more = all.len().saturating_sub(most);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for of in all.into_iter().take(most) {
        let [actions, amount] = tally(of.tally.actions, of.tally.amount, of.currency);
        rows.push(vec![of.partner, of.reason, actions, amount]);
    }
    if more > 0 {
        rows.push(vec![format!("… {more} more"), String::new(), String::new(), String::new()]);
    }
    titled("Partners who are reported but not credited", &columns, rows)
}

fn limits_table(summary: &Summary) -> String {
    let columns = [text("Limit"), number("Actions").rank(1), number("Taken off")];
    let rows = summary.limits().into_iter().map(|of| {
        let [actions, cut] = tally(of.actions, of.cut, of.currency);
        vec![of.limit, actions, cut]
    });
    titled("Limits that cut a payout", &columns, rows.collect())
}

fn bonuses_table(summary: &Summary) -> String {
    let columns = [text("Bonus"), text("Contract").rank(1), number("Decisions"), number("Payout")];
    let rows = summary.bonuses().into_iter().map(|of| {
        let [decisions, payout] = tally(of.decisions, of.payout, of.currency);
        vec![of.bonus, of.contract, decisions, payout]
    });
    titled("Bonuses, which are in the payouts above", &columns, rows.collect())
}

fn notices_table(summary: &Summary, program: &Program) -> String {
    let columns = [text("Notice"), number("Actions"), text("Meaning").rank(1)];
    let rows = summary.notices().into_iter().map(|of| {
        let meaning = program.reason_text(&of.notice).unwrap_or_default();
        vec![of.notice, thousands(of.actions), meaning.to_owned()]
    });
    titled("Notices", &columns, rows.collect())
}

/// Returns a sentence with the payout of each currency, and what it is paid on.
fn payouts(currencies: &[CurrencyTotals]) -> String {
    let mut text = String::new();
    for CurrencyTotals { currency, totals: all, .. } in currencies {
        let money = |value: Money| money(value, *currency);
        let base = |status| *all.commissionable.get(status);
        let payout = format!("Payout: {}", money(all.payable));
        let mut line = format!("{payout} on {} commissionable", money(base(Status::Payable)));
        if !all.held.is_zero() {
            line.push_str(&format!("; {} on hold, on {}", money(all.held), money(base(Status::Held))));
        }
        for (status, of) in [(Status::Rejected, "rejected"), (Status::Zero, "unpaid")] {
            if !base(status).is_zero() {
                line.push_str(&format!("; {} {of}", money(base(status))));
            }
        }
        text.push_str(&wrapped(&line, 0, room()).replacen(&payout, &format!("{BOLD}{payout}{RESET}"), 1));
    }
    text
}

/// Returns the pace of a run: `69,659 actions in 0.41 s, 169,900 a second`.
pub(crate) fn pace(summary: &Summary, time: Duration) -> String {
    let hundredths = time.as_millis() / 10;
    let actions = summary.actions();
    let per_second = u128::from(actions) * 1_000_000 / time.as_micros().max(1);
    format!(
        "{} in {}.{:02} s, {} a second",
        plural(actions, "action"),
        thousands(u64::try_from(hundredths / 100).unwrap_or(u64::MAX)),
        hundredths % 100,
        thousands(u64::try_from(per_second).unwrap_or(u64::MAX)),
    )
}

fn money(value: Money, currency: Currency) -> String {
    format!("{} {currency}", minor(value, currency))
}

/// Returns the cells of a number of actions and their money.
fn tally(actions: u64, amount: Money, currency: Currency) -> [String; 2] {
    [thousands(actions), money(amount, currency)]
}

/// Returns a table below its title, or nothing if it has no rows.
fn titled(title: &str, columns: &[Column], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!("{}{}\n", heading(title), table(columns, rows))
}

/// Returns a row of sums.
fn cells(name: &str, of: &Totals, currency: Currency) -> Vec<String> {
    let held = if of.held.is_zero() { String::new() } else { minor(of.held, currency) };
    let counts = STATUSES.map(|status| match (status, *of.actions.get(status)) {
        // Most runs have no reversals, and no column of them.
        (Status::Reversed, 0) => String::new(),
        (_, actions) => thousands(actions),
    });
    let mut cells = vec![name.to_owned(), thousands(of.all())];
    cells.extend(counts);
    cells.extend([minor(of.commissionable.payable, currency), held, minor(of.payable, currency)]);
    cells
}

fn columns(first: &'static str) -> Vec<Column> {
    [text(first)].into_iter().chain(SUMS).collect()
}

/// Returns the table of months.
fn month_table(of: &CurrencyTotals) -> String {
    let rows = of.months.iter().map(|month| cells(&month.month.to_string(), &month.totals, of.currency));
    table(&columns("Month"), rows)
}

/// Returns the table of partners, the highest payout first.
fn partner_table(of: &CurrencyTotals, most: usize) -> Result<String, ArithmeticError> {
    let name = |of: &PartnerTotals| of.partner.clone().unwrap_or_else(|| NOBODY.to_owned());
    let listed = of.partners.iter().take(most);
    let mut rows: Vec<Vec<String>> =
        listed.map(|partner| cells(&name(partner), &partner.totals, of.currency)).collect();
    if let Some(rest) = of.partners.get(most..).filter(|rest| !rest.is_empty()) {
        let others = rest.iter().try_fold(Totals::default(), |mut all, partner| {
            all.merge(&partner.totals)?;
            Ok::<_, ArithmeticError>(all)
        })?;
        rows.push(cells(&format!("… {} more", rest.len()), &others, of.currency));
    }
    rows.push(cells("All", &of.totals, of.currency));
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
