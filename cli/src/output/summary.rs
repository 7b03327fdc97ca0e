//! Sums up the decisions of a run, as tables of data. `summary_text` draws them for people, `summary_file` writes them to a file.
//!
//! Memory grows with months, partners, currencies, reasons and limits, not with actions.

use std::collections::BTreeMap;
use std::fmt;

use accrue::decide::{Award, Status};
use accrue::money::{ArithmeticError, Currency, Money};
use accrue::time::{Timestamp, Zone};
use accrue::{Action, Decision, Program};
use chrono::{Datelike as _, NaiveDate};

/// A month of the program's time zone, written as `2026-03`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(i32, u32);

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0, self.1)
    }
}

/// A number and an amount for each status.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row {
    /// The number of the decision that was counted last: an action counts once in each row, however many awards it has there.
    last: u64,
    actions: [u64; STATUSES.len()],
    commissionable: [Money; STATUSES.len()],
    /// The payout of payable awards.
    pub(super) payable: Money,
    /// The payout of held awards.
    pub(super) held: Money,
}

/// The statuses in the order of columns.
pub(super) const STATUSES: [Status; 5] =
    [Status::Payable, Status::Held, Status::Rejected, Status::Zero, Status::Reversed];

/// Returns the place of a status in [`STATUSES`].
fn place(status: Status) -> usize {
    match status {
        Status::Payable => 0,
        Status::Held => 1,
        Status::Rejected => 2,
        Status::Zero => 3,
        Status::Reversed => 4,
    }
}

impl Row {
    /// Counts the decision of this number, unless it was counted last.
    fn count(&mut self, number: u64, status: Status) {
        if self.last == number {
            return;
        }
        self.last = number;
        if let Some(actions) = self.actions.get_mut(place(status)) {
            *actions += 1;
        }
    }

    /// Adds the money of an award.
    fn add(&mut self, award: &Award) -> Result<(), ArithmeticError> {
        if let Some(base) = self.commissionable.get_mut(place(award.status)) {
            *base = base.add(award.base)?;
        }
        self.payable = self.payable.add(award.payable())?;
        self.held = self.held.add(award.held())?;
        Ok(())
    }

    /// Adds another row.
    pub(super) fn merge(&mut self, other: &Self) -> Result<(), ArithmeticError> {
        for (sum, more) in self.actions.iter_mut().zip(other.actions) {
            *sum += more;
        }
        for (sum, more) in self.commissionable.iter_mut().zip(other.commissionable) {
            *sum = sum.add(more)?;
        }
        self.payable = self.payable.add(other.payable)?;
        self.held = self.held.add(other.held)?;
        Ok(())
    }

    /// Adds what a bonus changes.
    fn change(&mut self, award: &Award, change: Money) -> Result<(), ArithmeticError> {
        let sum = if award.status == Status::Held { &mut self.held } else { &mut self.payable };
        *sum = sum.add(change)?;
        Ok(())
    }

    /// Returns the number of actions.
    pub(super) fn all(&self) -> u64 {
        self.actions.iter().sum()
    }

    /// Returns the number of actions of a status: of the partner's award in the row of a partner, of the decision in others.
    pub(super) fn actions(&self, status: Status) -> u64 {
        self.actions.get(place(status)).copied().unwrap_or_default()
    }

    /// Returns the commissionable amount of the awards of a status.
    pub(super) fn commissionable(&self, status: Status) -> Money {
        self.commissionable.get(place(status)).copied().unwrap_or_default()
    }
}

/// A number of actions, and money.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// The number of the decision that was counted last.
    last: u64,
    pub(super) actions: u64,
    /// The commissionable amount of awards; the reported amount of actions that nobody is credited for.
    pub(super) amount: Money,
    /// The payout on hold.
    pub(super) held: Money,
}

impl Tally {
    /// Adds the money of an award of the decision of this number, and counts the decision once.
    fn add(&mut self, number: u64, amount: Money, held: Money) -> Result<(), ArithmeticError> {
        if self.last != number {
            self.last = number;
            self.actions += 1;
        }
        self.amount = self.amount.add(amount)?;
        self.held = self.held.add(held)?;
        Ok(())
    }
}

/// Currencies by their codes: amounts of different currencies are never added.
pub(super) type ByCurrency<T> = BTreeMap<&'static str, (Currency, T)>;

/// The sums of one month.
#[derive(Clone, Debug, Default)]
pub(super) struct OfMonth {
    /// All actions. An action that partners share is one here.
    pub(super) all: Row,
    /// `None` stands for actions that nobody is credited for.
    pub(super) partners: BTreeMap<Option<String>, Row>,
}

/// Sums over decisions.
#[derive(Debug)]
pub(crate) struct Summary {
    /// The program's currency, in which actions without an award are listed.
    currency: Currency,
    zone: Zone,
    /// The month of the last action, and the moments that it lies between: nearly always that of the next action, too.
    month: Option<(Timestamp, Timestamp, Month)>,
    pub(super) months: ByCurrency<BTreeMap<Month, OfMonth>>,
    /// By reason code and the place of the status in [`STATUSES`].
    pub(super) reasons: BTreeMap<(String, usize), ByCurrency<Tally>>,
    /// By the partner that was reported and the reason code.
    pub(super) uncredited: BTreeMap<(String, String), ByCurrency<Tally>>,
    pub(super) limits: BTreeMap<String, ByCurrency<Tally>>,
    pub(super) notices: BTreeMap<String, Tally>,
    /// By contract and name; the payouts are in the rows of partners, too.
    pub(super) bonuses: BTreeMap<(String, String), ByCurrency<Tally>>,
    pub(super) decided: u64,
    /// Decisions, those of bonuses included.
    decisions: u64,
}

impl Summary {
    /// Returns a summary of nothing.
    pub(crate) fn new(program: &Program) -> Self {
        Self {
            currency: program.currency(),
            zone: program.zone(),
            month: None,
            months: BTreeMap::new(),
            reasons: BTreeMap::new(),
            uncredited: BTreeMap::new(),
            limits: BTreeMap::new(),
            notices: BTreeMap::new(),
            bonuses: BTreeMap::new(),
            decided: 0,
            decisions: 0,
        }
    }

    /// Adds a decision about an action.
    pub(crate) fn add(&mut self, decision: &Decision, action: &Action) -> Result<(), ArithmeticError> {
        self.decided += 1;
        self.decisions += 1;
        let number = self.decisions;
        let month = self.month_of(decision.occurred_at);
        for award in &decision.awards {
            let currency = award.currency;
            let of_month = self.of_month(currency, month);
            of_month.all.count(number, decision.status);
            of_month.all.add(award)?;
            let row = of_month.partners.entry(Some(award.partner.clone())).or_default();
            row.count(number, award.status);
            row.add(award)?;
            self.found(number, award)?;
            for cut in &award.limits {
                let sums = self.limits.entry(cut.limit.clone()).or_default();
                of_currency(sums, currency).add(number, cut.cut, Money::ZERO)?;
            }
        }
        if decision.awards.is_empty() {
            let of_month = self.of_month(self.currency, month);
            of_month.all.count(number, decision.status);
            of_month.partners.entry(None).or_default().count(number, decision.status);
            let currency = action.currency.unwrap_or(self.currency);
            let amount = action.amount.unwrap_or_default();
            for reason in &decision.reasons {
                let sums = self.reasons.entry((reason.code.clone(), place(decision.status))).or_default();
                of_currency(sums, currency).add(number, amount, Money::ZERO)?;
                if let Some(partner) = &reason.partner {
                    let sums = self.uncredited.entry((partner.clone(), reason.code.clone())).or_default();
                    of_currency(sums, currency).add(number, amount, Money::ZERO)?;
                }
            }
        }
        Ok(())
    }

    /// Adds the decision of a bonus: what it changes of the payouts.
    pub(crate) fn add_bonus(&mut self, decision: &Decision) -> Result<(), ArithmeticError> {
        self.decisions += 1;
        let number = self.decisions;
        let month = self.month_of(decision.occurred_at);
        let name =
            decision.bonus.as_ref().map(|of| (of.contract.clone(), of.bonus.clone())).unwrap_or_default();
        for award in &decision.awards {
            let change = decision.change(award);
            let of_month = self.of_month(award.currency, month);
            of_month.all.change(award, change)?;
            of_month.partners.entry(Some(award.partner.clone())).or_default().change(award, change)?;
            let sums = of_currency(self.bonuses.entry(name.clone()).or_default(), award.currency);
            sums.add(number, change, Money::ZERO)?;
            self.found(number, award)?;
        }
        Ok(())
    }

    /// Adds the reasons and notices of an award.
    fn found(&mut self, number: u64, award: &Award) -> Result<(), ArithmeticError> {
        for (n, reason) in award.reasons.iter().enumerate() {
            // Two restrictions may give one reason, for the same money.
            if award.reasons.iter().take(n).any(|before| before.code == reason.code) {
                continue;
            }
            let sums = self.reasons.entry((reason.code.clone(), place(award.status))).or_default();
            of_currency(sums, award.currency).add(number, award.base, award.held())?;
        }
        for notice in &award.notices {
            self.notices.entry(notice.code.clone()).or_default().add(number, Money::ZERO, Money::ZERO)?;
        }
        Ok(())
    }

    /// Returns the month of a moment in the program's time zone.
    fn month_of(&mut self, at: Timestamp) -> Month {
        if let Some((from, until, month)) = self.month
            && (from..until).contains(&at)
        {
            return month;
        }
        let date = self.zone.date(at);
        let month = Month(date.year(), date.month());
        let first = |date: NaiveDate| date.with_day(1).map(|first| self.zone.start_of(first));
        let next = date.checked_add_months(chrono::Months::new(1));
        self.month = first(date).zip(next.and_then(first)).map(|(from, until)| (from, until, month));
        month
    }

    fn of_month(&mut self, currency: Currency, month: Month) -> &mut OfMonth {
        of_currency(&mut self.months, currency).entry(month).or_default()
    }
}

fn of_currency<T: Default>(of: &mut ByCurrency<T>, currency: Currency) -> &mut T {
    &mut of.entry(currency.code()).or_insert_with(|| (currency, T::default())).1
}
