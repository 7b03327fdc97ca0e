//! Sums up the decisions of a run in tables.
//!
//! Memory grows with partners, currencies, reasons and limits, not with actions.

use std::collections::BTreeMap;
use std::time::Duration;

use accrue::Decision;
use accrue::Program;
use accrue::decide::{Award, Status};
use accrue::money::{ArithmeticError, Currency, Money};

use super::format::{amount, heading, plural, table, thousands};
use super::terminal::{BOLD, DIM, RED, RESET};

/// The name that actions without a credited partner are listed under.
const NOBODY: &str = "(nobody)";

/// Sums over decisions.
#[derive(Debug)]
pub(crate) struct Summary {
    /// The program's currency, in which actions without an award are listed.
    currency: Currency,
    /// By code. Amounts of different currencies are never added.
    currencies: BTreeMap<&'static str, CurrencySums>,
    reasons: BTreeMap<String, u64>,
    limits: BTreeMap<(String, &'static str), Cut>,
    notices: BTreeMap<String, u64>,
    decided: u64,
    first: Vec<Vec<String>>,
}

#[derive(Debug)]
struct CurrencySums {
    currency: Currency,
    partners: BTreeMap<String, Row>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    actions: u64,
    payable: u64,
    held: u64,
    rejected: u64,
    zero: u64,
    base: Money,
    paid: Money,
    on_hold: Money,
}

#[derive(Debug)]
struct Cut {
    currency: Currency,
    times: u64,
    money: Money,
}

/// What the summary says about the run beside its decisions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// The number of rejected lines.
    pub(crate) rejected: u64,
    /// The duration of the run.
    pub(crate) time: Duration,
    /// The most partners that are listed.
    pub(crate) rows: usize,
}

impl Row {
    fn count(&mut self, status: Status) {
        self.actions += 1;
        match status {
            Status::Payable => self.payable += 1,
            Status::Held => self.held += 1,
            Status::Rejected => self.rejected += 1,
            Status::Zero => self.zero += 1,
        }
    }

    fn merge(&mut self, other: &Self) -> Result<(), ArithmeticError> {
        self.actions += other.actions;
        self.payable += other.payable;
        self.held += other.held;
        self.rejected += other.rejected;
        self.zero += other.zero;
        self.base = self.base.add(other.base)?;
        self.paid = self.paid.add(other.paid)?;
        self.on_hold = self.on_hold.add(other.on_hold)?;
        Ok(())
    }

    fn cells(&self, name: &str, currency: Currency) -> Vec<String> {
        let money = |value| amount(value, currency);
        let counts = [self.actions, self.payable, self.held, self.rejected, self.zero].map(thousands);
        let mut cells = vec![name.to_owned()];
        cells.extend(counts);
        cells.extend([money(self.base), money(self.on_hold), money(self.paid)]);
        cells
    }
}

impl Summary {
    /// Returns a summary of nothing, for a program with this currency.
    pub(crate) fn new(currency: Currency) -> Self {
        Self {
            currency,
            currencies: BTreeMap::new(),
            reasons: BTreeMap::new(),
            limits: BTreeMap::new(),
            notices: BTreeMap::new(),
            decided: 0,
            first: Vec::new(),
        }
    }

    /// Adds a decision. `show` is the most decisions that are listed.
    pub(crate) fn add(&mut self, decision: &Decision, show: usize) -> Result<(), ArithmeticError> {
        self.decided += 1;
        for award in &decision.awards {
            let row = self.row(award.currency, &award.partner);
            row.count(award.status);
            row.base = row.base.add(award.base)?;
            row.paid = row.paid.add(award.payable())?;
            row.on_hold = row.on_hold.add(award.held())?;
            for notice in &award.notices {
                count(&mut self.notices, &notice.code);
            }
            for cut in &award.limits {
                let currency = award.currency;
                let key = (cut.limit.clone(), currency.code());
                let entry = self.limits.entry(key).or_insert(Cut { currency, times: 0, money: Money::ZERO });
                entry.times += 1;
                entry.money = entry.money.add(cut.cut)?;
            }
        }
        if decision.awards.is_empty() {
            self.row(self.currency, NOBODY).count(decision.status);
        }
        for (_, reason) in decision.all_reasons() {
            count(&mut self.reasons, &reason.code);
        }
        if self.first.len() < show {
            self.first.push(first_row(decision, self.currency));
        }
        Ok(())
    }

    /// Returns the row of a partner.
    fn row(&mut self, currency: Currency, partner: &str) -> &mut Row {
        let sums = self
            .currencies
            .entry(currency.code())
            .or_insert_with(|| CurrencySums { currency, partners: BTreeMap::new() });
        sums.partners.entry(partner.to_owned()).or_default()
    }

    /// Returns the tables.
    pub(crate) fn render(&self, program: &Program, about: About) -> Result<String, ArithmeticError> {
        let mut text = String::new();
        if !self.first.is_empty() {
            text.push_str(&heading("First decisions"));
            let header = ["Action", "When", "Event", "Partner", "Base", "Payout", "Status", "Reasons"];
            text.push_str(&table(&header, &[4, 5], self.first.clone()));
            text.push('\n');
        }
        for of in self.currencies.values() {
            text.push_str(&heading(&format!("{}, in {}", program.name(), of.currency)));
            text.push_str(&of.table(about.rows)?);
            text.push('\n');
        }
        let codes = |title: &str, column: &str, counts: &BTreeMap<String, u64>| {
            let meaning = |code: &str| program.reason_text(code).unwrap_or_default().to_owned();
            let rows =
                counts.iter().map(|(code, count)| vec![code.clone(), thousands(*count), meaning(code)]);
            let table = table(&[column, "Actions", "Meaning"], &[1], rows);
            if counts.is_empty() { String::new() } else { format!("{}{table}\n", heading(title)) }
        };
        text.push_str(&codes("Why actions are not simply payable", "Reason", &self.reasons));
        if !self.limits.is_empty() {
            text.push_str(&heading("Limits that cut a payout"));
            let rows = self.limits.iter().map(|((name, _), cut)| {
                let money = format!("{} {}", amount(cut.money, cut.currency), cut.currency);
                vec![name.clone(), thousands(cut.times), money]
            });
            text.push_str(&table(&["Limit", "Actions", "Taken off"], &[1, 2], rows));
            text.push('\n');
        }
        text.push_str(&codes("Notices", "Notice", &self.notices));
        text.push_str(&self.totals()?);
        text.push_str(&format!("{DIM}{}{RESET}\n", self.pace(about.time)));
        if about.rejected > 0 {
            text.push_str(&format!("{RED}{} rejected{RESET}\n", plural(about.rejected, "line")));
        }
        Ok(text)
    }

    /// Returns a line with the payout of each currency.
    fn totals(&self) -> Result<String, ArithmeticError> {
        let mut text = String::new();
        for of in self.currencies.values() {
            let all = of.all()?;
            let (paid, base) = (amount(all.paid, of.currency), amount(all.base, of.currency));
            let currency = of.currency;
            text.push_str(&format!(
                "{}Payout: {paid} {currency}{RESET} on {base} {currency} commissionable",
                BOLD
            ));
            if !all.on_hold.is_zero() {
                text.push_str(&format!("; {} {currency} on hold", amount(all.on_hold, currency)));
            }
            text.push('\n');
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

impl CurrencySums {
    /// Returns the sums of all partners.
    fn all(&self) -> Result<Row, ArithmeticError> {
        self.partners.values().try_fold(Row::default(), |mut all, row| {
            all.merge(row)?;
            Ok(all)
        })
    }

    /// Returns the table of partners, the highest payout first.
    fn table(&self, most: usize) -> Result<String, ArithmeticError> {
        let header = [
            "Partner",
            "Actions",
            "Payable",
            "Held",
            "Rejected",
            "Zero",
            "Commissionable",
            "On hold",
            "Payout",
        ];
        let mut ranked: Vec<(&String, &Row)> = self.partners.iter().collect();
        ranked.sort_by(|a, b| b.1.paid.cmp(&a.1.paid).then_with(|| a.0.cmp(b.0)));
        let mut rows: Vec<Vec<String>> =
            ranked.iter().take(most).map(|(name, row)| row.cells(name, self.currency)).collect();
        if let Some(rest) = ranked.get(most..).filter(|rest| !rest.is_empty()) {
            let mut others = Row::default();
            rest.iter().try_for_each(|(_, row)| others.merge(row))?;
            rows.push(others.cells(&format!("… {} more", rest.len()), self.currency));
        }
        rows.push(self.all()?.cells("All", self.currency));
        Ok(table(&header, &[1, 2, 3, 4, 5, 6, 7, 8], rows))
    }
}

fn count(counts: &mut BTreeMap<String, u64>, code: &str) {
    match counts.get_mut(code) {
        Some(count) => *count += 1,
        None => {
            counts.insert(code.to_owned(), 1);
        }
    }
}

/// Returns the row of a decision in the table of the first decisions.
fn first_row(decision: &Decision, currency: Currency) -> Vec<String> {
    let awards = &decision.awards;
    let partners: Vec<&str> = awards.iter().map(|award| award.partner.as_str()).collect();
    let reasons: Vec<&str> = decision.all_reasons().map(|(_, reason)| reason.code.as_str()).collect();
    let nothing = || amount(Money::ZERO, currency);
    let bases: Vec<String> = awards.iter().map(|award| amount(award.base, award.currency)).collect();
    let paid = |award: &Award| format!("{} {}", amount(award.payout, award.currency), award.currency);
    let payouts: Vec<String> = awards.iter().map(paid).collect();
    vec![
        decision.action.clone(),
        decision.occurred_at.to_string(),
        decision.event_type.clone(),
        partners.join(", "),
        if bases.is_empty() { nothing() } else { bases.join(", ") },
        if payouts.is_empty() { format!("{} {currency}", nothing()) } else { payouts.join(", ") },
        decision.status.text().to_owned(),
        reasons.join(", "),
    ]
}
