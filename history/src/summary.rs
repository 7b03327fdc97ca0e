//! Sums over decisions, as typed data. Hosts draw them.
//!
//! Memory grows with months, partners, currencies, reasons, payout groups and limits, not with actions.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use accrue::decide::{Award, Status};
use accrue::money::{ArithmeticError, Currency, Money};
use accrue::time::{Timestamp, Zone};
use accrue::{Action, Decision, Program};
use chrono::{Datelike as _, NaiveDate};

use crate::totals::{
    BonusTotal, CurrencyTotals, GroupTotal, LimitTotal, Month, MonthTotals, NoticeTotal, PartnerLimitTotal,
    PartnerMonth, PartnerTotals, ReasonTotal, SummaryData, Tally, Totals, UncreditedTotal,
};

/// Sums that count a decision once, however many of its awards are added.
#[derive(Clone, Copy, Debug, Default)]
struct Counted<T> {
    /// The number of the decision that was counted last.
    last: u64,
    sums: T,
}

impl Counted<Totals> {
    /// Counts the decision of this number, unless it was counted last.
    fn count(&mut self, number: u64, status: Status) {
        if self.last != number {
            self.last = number;
            let count = self.sums.actions.get_mut(status);
            *count = count.saturating_add(1);
        }
    }
}

impl Counted<Tally> {
    /// Adds the money of an award of the decision of this number, and counts the decision once.
    fn add(&mut self, number: u64, amount: Money, held: Money) -> Result<(), ArithmeticError> {
        if self.last != number {
            self.last = number;
            self.sums.actions = self.sums.actions.saturating_add(1);
        }
        self.sums.amount = self.sums.amount.add(amount)?;
        self.sums.held = self.sums.held.add(held)?;
        Ok(())
    }
}

/// Currencies by their codes: amounts of different currencies are never added.
type ByCurrency<T> = BTreeMap<&'static str, (Currency, T)>;

/// Names within names, such as payout groups by contract.
type ByNames<T> = BTreeMap<String, BTreeMap<String, T>>;

/// The sums of one reason, by the place of the status in [`STATUSES`](crate::STATUSES).
type ByStatusPlace = BTreeMap<u8, (Status, ByCurrency<Counted<Tally>>)>;

/// The sums of one month.
#[derive(Clone, Debug, Default)]
struct OfMonth {
    /// All actions. An action that partners share is one here.
    all: Counted<Totals>,
    partners: BTreeMap<String, Counted<Totals>>,
    /// Actions that nobody is credited for.
    nobody: Option<Counted<Totals>>,
}

impl OfMonth {
    /// Returns the sums of each partner; `None` stands for actions that nobody is credited for, and comes first.
    fn each(&self) -> impl Iterator<Item = (Option<&str>, &Totals)> {
        let nobody = self.nobody.iter().map(|of| (None, &of.sums));
        nobody.chain(self.partners.iter().map(|(partner, of)| (Some(partner.as_str()), &of.sums)))
    }
}

/// Sums over decisions: by month and partner, and by what decided the payouts. [`Summary::data`] returns all of them as data.
///
/// ```
/// # use accrue::{Engine, Reference, Source, facts::read_action};
/// # use accrue_history::Summary;
/// # let source = Source::from_files([
/// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
/// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
/// # ]);
/// # let program = Engine::default().load(&source)?;
/// # let action = read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "150.00",
/// #     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?;
/// let decision = program.decide(&action, &Reference::default(), &program.counters(), Default::default())?;
/// let mut summary = Summary::new(&program);
/// summary.add(&decision, &action)?;
/// assert_eq!(summary.groups()[0].group, "default");
/// assert_eq!(summary.partner_months()[0].month.to_string(), "2026-03");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Summary {
    /// The program's currency, in which actions without an award are listed.
    currency: Currency,
    zone: Zone,
    /// The month of the last action, and the moments that it lies between: nearly always that of the next action, too.
    month: Option<(Timestamp, Timestamp, Month)>,
    months: ByCurrency<BTreeMap<Month, OfMonth>>,
    reasons: BTreeMap<String, ByStatusPlace>,
    /// By the partner that was reported and the reason code.
    uncredited: ByNames<ByCurrency<Counted<Tally>>>,
    limits: BTreeMap<String, ByCurrency<OfLimit>>,
    /// By contract and payout group.
    groups: ByNames<ByCurrency<Counted<Tally>>>,
    notices: BTreeMap<String, Counted<Tally>>,
    /// By contract and name; the payouts are in the rows of partners, too.
    bonuses: ByNames<ByCurrency<Counted<Tally>>>,
    decided: u64,
    /// Decisions, those of bonuses included.
    decisions: u64,
}

/// What one limit takes off in one currency.
#[derive(Clone, Debug, Default)]
struct OfLimit {
    all: Counted<Tally>,
    partners: BTreeMap<String, Counted<Tally>>,
}

impl Summary {
    /// Returns a summary of nothing.
    pub fn new(program: &Program) -> Self {
        Self {
            currency: program.currency(),
            zone: program.zone(),
            month: None,
            months: BTreeMap::new(),
            reasons: BTreeMap::new(),
            uncredited: BTreeMap::new(),
            limits: BTreeMap::new(),
            groups: BTreeMap::new(),
            notices: BTreeMap::new(),
            bonuses: BTreeMap::new(),
            decided: 0,
            decisions: 0,
        }
    }

    /// Adds the decision about an action.
    ///
    /// # Errors
    ///
    /// [`ArithmeticError::Overflow`] if a sum does not fit. The sums have only a part of the decision then.
    pub fn add(&mut self, decision: &Decision, action: &Action) -> Result<(), ArithmeticError> {
        let number = self.next_number();
        self.decided = self.decided.saturating_add(1);
        let month = self.month_of(decision.occurred_at);
        for award in &decision.awards {
            let currency = award.currency;
            let of_month = self.of_month(currency, month);
            of_month.all.count(number, decision.status);
            of_month.all.sums.add(award)?;
            with_name(&mut of_month.partners, &award.partner, |row| {
                row.count(number, award.status);
                row.sums.add(award)
            })?;
            self.found(number, award)?;
            for cut in &award.limits {
                with_name(&mut self.limits, &cut.limit, |sums| {
                    let of = of_currency(sums, currency);
                    of.all.add(number, cut.cut, Money::ZERO)?;
                    with_name(&mut of.partners, &award.partner, |of| of.add(number, cut.cut, Money::ZERO))
                })?;
            }
            self.paid_by_groups(number, award)?;
        }
        if decision.awards.is_empty() {
            let of_month = self.of_month(self.currency, month);
            of_month.all.count(number, decision.status);
            of_month.nobody.get_or_insert_default().count(number, decision.status);
            let currency = action.currency.unwrap_or(self.currency);
            let amount = action.amount.unwrap_or_default();
            for reason in &decision.reasons {
                let add = |sums: &mut Counted<Tally>| sums.add(number, amount, Money::ZERO);
                self.add_reason(&reason.code, decision.status, currency, add)?;
                if let Some(partner) = &reason.partner {
                    add_named(&mut self.uncredited, (partner, &reason.code), currency, add)?;
                }
            }
        }
        Ok(())
    }

    /// Adds the decision of a bonus: what it changes of the payouts.
    ///
    /// # Errors
    ///
    /// [`ArithmeticError::Overflow`] if a sum does not fit.
    pub fn add_bonus(&mut self, decision: &Decision) -> Result<(), ArithmeticError> {
        let number = self.next_number();
        let month = self.month_of(decision.occurred_at);
        let (contract, bonus) =
            decision.bonus.as_ref().map(|of| (of.contract.as_str(), of.bonus.as_str())).unwrap_or_default();
        for award in &decision.awards {
            let change = decision.change(award);
            let of_month = self.of_month(award.currency, month);
            of_month.all.sums.change(award, change)?;
            with_name(&mut of_month.partners, &award.partner, |row| row.sums.change(award, change))?;
            let add = |sums: &mut Counted<Tally>| sums.add(number, change, Money::ZERO);
            add_named(&mut self.bonuses, (contract, bonus), award.currency, add)?;
            self.found(number, award)?;
        }
        Ok(())
    }

    fn next_number(&mut self) -> u64 {
        self.decisions = self.decisions.saturating_add(1);
        self.decisions
    }

    /// Adds the reasons and notices of an award.
    fn found(&mut self, number: u64, award: &Award) -> Result<(), ArithmeticError> {
        for (n, reason) in award.reasons.iter().enumerate() {
            // Two restrictions may give one reason, for the same money.
            if award.reasons.iter().take(n).any(|before| before.code == reason.code) {
                continue;
            }
            let add = |sums: &mut Counted<Tally>| sums.add(number, award.base, award.held());
            self.add_reason(&reason.code, award.status, award.currency, add)?;
        }
        for notice in &award.notices {
            with_name(&mut self.notices, &notice.code, |of| of.add(number, Money::ZERO, Money::ZERO))?;
        }
        Ok(())
    }

    /// Adds what each payout group pays of an award.
    fn paid_by_groups(&mut self, number: u64, award: &Award) -> Result<(), ArithmeticError> {
        if award.payout.is_zero() || award.groups.is_empty() {
            return Ok(());
        }
        let is_held = award.status == Status::Held;
        with_name(&mut self.groups, &award.contract.name, |groups| {
            award.lines.iter().flat_map(|line| award.paid_by_groups(line)).try_for_each(|part| {
                let none = Money::ZERO;
                let (payable, held) = if is_held { (none, part.payout) } else { (part.payout, none) };
                with_name(groups, award.group(part.group), |sums| {
                    of_currency(sums, award.currency).add(number, payable, held)
                })
            })
        })
    }

    /// Returns the month of a moment in the program's time zone.
    fn month_of(&mut self, at: Timestamp) -> Month {
        if let Some((from, until, month)) = self.month
            && (from..until).contains(&at)
        {
            return month;
        }
        let date = self.zone.date(at);
        let month = Month { year: date.year(), month: date.month() };
        let first = |date: NaiveDate| date.with_day(1).map(|first| self.zone.start_of(first));
        let next = date.checked_add_months(chrono::Months::new(1));
        self.month = first(date).zip(next.and_then(first)).map(|(from, until)| (from, until, month));
        month
    }

    fn of_month(&mut self, currency: Currency, month: Month) -> &mut OfMonth {
        of_currency(&mut self.months, currency).entry(month).or_default()
    }

    fn add_reason(
        &mut self,
        code: &str,
        status: Status,
        currency: Currency,
        add: impl FnOnce(&mut Counted<Tally>) -> Result<(), ArithmeticError>,
    ) -> Result<(), ArithmeticError> {
        with_name(&mut self.reasons, code, |of_code| {
            let (_, sums) = of_code.entry(place(status)).or_insert_with(|| (status, BTreeMap::new()));
            add(of_currency(sums, currency))
        })
    }

    /// Returns the number of decided actions.
    pub fn actions(&self) -> u64 {
        self.decided
    }

    /// Returns the sums of each currency, over all partners, by month and by partner.
    ///
    /// # Errors
    ///
    /// [`ArithmeticError::Overflow`] if a sum over months does not fit.
    pub fn currencies(&self) -> Result<Vec<CurrencyTotals>, ArithmeticError> {
        let mut all = Vec::new();
        for (currency, of_months) in self.months.values() {
            let mut totals = Totals::default();
            let mut months = Vec::new();
            let mut partners: BTreeMap<Option<&str>, Totals> = BTreeMap::new();
            for (month, of_month) in of_months {
                totals.merge(&of_month.all.sums)?;
                months.push(MonthTotals { month: *month, totals: of_month.all.sums });
                for (partner, sums) in of_month.each() {
                    partners.entry(partner).or_default().merge(sums)?;
                }
            }
            let of_partner = |(partner, totals): (Option<&str>, Totals)| PartnerTotals {
                partner: partner.map(str::to_owned),
                totals,
            };
            let mut partners: Vec<PartnerTotals> = partners.into_iter().map(of_partner).collect();
            // Stable: those with the same payout stay in the order of their ids.
            partners.sort_by_key(|of| Reverse(of.totals.payable));
            all.push(CurrencyTotals { currency: *currency, totals, months, partners });
        }
        Ok(all)
    }

    /// Returns the sums of each partner in each month, in the order of (currency, month, partner).
    pub fn partner_months(&self) -> Vec<PartnerMonth> {
        let mut all = Vec::new();
        for (currency, months) in self.months.values() {
            for (month, of_month) in months {
                all.extend(of_month.each().map(|(partner, totals)| PartnerMonth {
                    month: *month,
                    partner: partner.map(str::to_owned),
                    currency: *currency,
                    totals: *totals,
                }));
            }
        }
        all
    }

    /// Returns the sums of each reason, in the order of (code, status, currency).
    pub fn reasons(&self) -> Vec<ReasonTotal> {
        let mut all = Vec::new();
        for (code, statuses) in &self.reasons {
            for (status, sums) in statuses.values() {
                all.extend(sums.values().map(|(currency, of)| ReasonTotal {
                    reason: code.clone(),
                    status: *status,
                    currency: *currency,
                    tally: of.sums,
                }));
            }
        }
        all
    }

    /// Returns the sums of partners who are reported and not credited, in the order of (partner, reason, currency).
    pub fn uncredited(&self) -> Vec<UncreditedTotal> {
        let of = |partner: &str, reason: &str, currency, tally| UncreditedTotal {
            partner: partner.to_owned(),
            reason: reason.to_owned(),
            currency,
            tally,
        };
        each_named(&self.uncredited, of)
    }

    /// Returns what each limit takes off, in the order of (limit, currency).
    pub fn limits(&self) -> Vec<LimitTotal> {
        let mut all = Vec::new();
        for (limit, sums) in &self.limits {
            all.extend(sums.values().map(|(currency, of)| LimitTotal {
                limit: limit.clone(),
                currency: *currency,
                actions: of.all.sums.actions,
                cut: of.all.sums.amount,
            }));
        }
        all
    }

    /// Returns what each limit takes off each partner, in the order of (limit, currency, partner).
    pub fn partner_limits(&self) -> Vec<PartnerLimitTotal> {
        let mut all = Vec::new();
        for (limit, sums) in &self.limits {
            for (currency, of) in sums.values() {
                all.extend(of.partners.iter().map(|(partner, of)| PartnerLimitTotal {
                    limit: limit.clone(),
                    partner: partner.clone(),
                    currency: *currency,
                    actions: of.sums.actions,
                    cut: of.sums.amount,
                }));
            }
        }
        all
    }

    /// Returns what each payout group pays for actions, in the order of (contract, group, currency).
    pub fn groups(&self) -> Vec<GroupTotal> {
        let of = |contract: &str, group: &str, currency, tally: Tally| GroupTotal {
            contract: contract.to_owned(),
            group: group.to_owned(),
            currency,
            actions: tally.actions,
            payable: tally.amount,
            held: tally.held,
        };
        each_named(&self.groups, of)
    }

    /// Returns what each bonus pays, in the order of (contract, bonus, currency).
    pub fn bonuses(&self) -> Vec<BonusTotal> {
        let of = |contract: &str, bonus: &str, currency, tally: Tally| BonusTotal {
            contract: contract.to_owned(),
            bonus: bonus.to_owned(),
            currency,
            decisions: tally.actions,
            payout: tally.amount,
        };
        each_named(&self.bonuses, of)
    }

    /// Returns the number of actions of each notice, in the order of the codes.
    pub fn notices(&self) -> Vec<NoticeTotal> {
        let of = |(code, of): (&String, &Counted<Tally>)| NoticeTotal {
            notice: code.clone(),
            actions: of.sums.actions,
        };
        self.notices.iter().map(of).collect()
    }

    /// Returns all sums as data.
    ///
    /// # Errors
    ///
    /// [`ArithmeticError::Overflow`] if a sum over months does not fit.
    pub fn data(&self) -> Result<SummaryData, ArithmeticError> {
        Ok(SummaryData {
            actions: self.decided,
            currencies: self.currencies()?,
            partner_months: self.partner_months(),
            groups: self.groups(),
            limits: self.limits(),
            partner_limits: self.partner_limits(),
            reasons: self.reasons(),
            uncredited: self.uncredited(),
            bonuses: self.bonuses(),
            notices: self.notices(),
        })
    }
}

/// Returns the place of a status in the order of columns.
fn place(status: Status) -> u8 {
    match status {
        Status::Payable => 0,
        Status::Held => 1,
        Status::Rejected => 2,
        Status::Zero => 3,
        Status::Reversed => 4,
    }
}

fn of_currency<T: Default>(of: &mut ByCurrency<T>, currency: Currency) -> &mut T {
    &mut of.entry(currency.code()).or_insert_with(|| (currency, T::default())).1
}

/// Does something with the value of a name. Only a name that is new is copied.
fn with_name<T: Default, R>(of: &mut BTreeMap<String, T>, name: &str, work: impl FnOnce(&mut T) -> R) -> R {
    match of.get_mut(name) {
        Some(value) => work(value),
        None => work(of.entry(name.to_owned()).or_default()),
    }
}

/// Adds to the sums of a pair of names in a currency.
fn add_named(
    of: &mut ByNames<ByCurrency<Counted<Tally>>>,
    (outer, inner): (&str, &str),
    currency: Currency,
    add: impl FnOnce(&mut Counted<Tally>) -> Result<(), ArithmeticError>,
) -> Result<(), ArithmeticError> {
    with_name(of, outer, |of| with_name(of, inner, |sums| add(of_currency(sums, currency))))
}

/// Returns an entry for each pair of names and each currency.
fn each_named<T>(
    of: &ByNames<ByCurrency<Counted<Tally>>>,
    entry: impl Fn(&str, &str, Currency, Tally) -> T,
) -> Vec<T> {
    let mut all = Vec::new();
    for (outer, inner) in of {
        for (name, sums) in inner {
            all.extend(sums.values().map(|(currency, of)| entry(outer, name, *currency, of.sums)));
        }
    }
    all
}
