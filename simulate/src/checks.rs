//! Bounds on what a draft may change, which can fail a build.

use accrue::money::{ArithmeticError, Currency, Money};
use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::change::Change;
use crate::comparison::Comparison;

/// What a draft must keep to. A bound that is `None` is not checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// The most by which the payouts of a currency may rise, held payouts included: a fraction of the old ones.
    pub max_increase: Option<Decimal>,
    /// The most that a partner may lose in a currency, held payouts included: a fraction of the partner's old payout.
    pub max_loss_per_partner: Option<Decimal>,
    /// How many days before it takes effect a change is to be known.
    pub notice: Option<Notice>,
    /// The least part of the amounts that is to be left in each currency: see [`Margin`](crate::Margin).
    pub min_margin: Option<Decimal>,
}

/// A term of notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The number of days.
    pub days: u32,
    /// The date on which the draft is made known.
    pub today: NaiveDate,
}

/// A bound that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Checked {
    /// Which bound.
    pub check: Check,
    /// Whether the draft keeps to it.
    pub passed: bool,
    /// What was found, in a sentence without a full stop. Names in it are as the sources have them.
    pub found: String,
}

/// A kind of bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Check {
    /// [`Checks::max_increase`].
    MaxIncrease,
    /// [`Checks::max_loss_per_partner`].
    MaxLossPerPartner,
    /// [`Checks::notice`].
    NoticeDays,
    /// [`Checks::min_margin`].
    MinMargin,
}

impl Check {
    /// Returns the name as the command line writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::MaxIncrease => "max-increase",
            Self::MaxLossPerPartner => "max-loss-per-partner",
            Self::NoticeDays => "notice-days",
            Self::MinMargin => "min-margin",
        }
    }
}

impl Checks {
    /// Checks what a draft changes. Returns an entry for each bound and each currency, those that hold included.
    ///
    /// # Errors
    ///
    /// [`ArithmeticError::Overflow`] if a product does not fit.
    pub fn check(&self, of: &Comparison) -> Result<Vec<Checked>, ArithmeticError> {
        let mut checked = Vec::new();
        if let Some(most) = self.max_increase {
            increase(most, of, &mut checked)?;
        }
        if let Some(most) = self.max_loss_per_partner {
            losses(most, of, &mut checked)?;
        }
        if let Some(notice) = self.notice {
            checked.push(notice.check(of));
        }
        if let Some(least) = self.min_margin {
            margin(least, of, &mut checked)?;
        }
        Ok(checked)
    }
}

/// Returns a fraction of an amount.
fn part(fraction: Decimal, of: Money) -> Result<Money, ArithmeticError> {
    fraction.checked_mul(of.0).map(Money).ok_or(ArithmeticError::Overflow)
}

/// Returns the part of a whole as a percentage with two decimals, such as `12.5%`. Returns `None` if the whole is zero.
pub fn percent(part: Money, whole: Money) -> Option<String> {
    let ratio = part.0.checked_div(whole.0)?.checked_mul(Decimal::ONE_HUNDRED)?;
    Some(format!("{}%", ratio.round_dp(2).normalize()))
}

/// Returns a bound as a percentage.
fn bound(fraction: Decimal) -> String {
    let percent = fraction.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(fraction);
    format!("{}%", percent.normalize())
}

/// Returns an amount with at least the decimals of its currency.
fn money(amount: Money, currency: Currency) -> String {
    let mut shown = amount.0.normalize();
    if shown.scale() < currency.minor_digits() {
        shown.rescale(currency.minor_digits());
    }
    format!("{shown} {currency}")
}

fn increase(most: Decimal, of: &Comparison, checked: &mut Vec<Checked>) -> Result<(), ArithmeticError> {
    for total in &of.totals {
        let (old, currency) = (total.old.total()?, total.currency);
        let change = total.change.total()?;
        let passed = change <= part(most, old)?.max(Money::ZERO);
        let of_old = percent(change, old).map_or(String::new(), |percent| format!(", {percent}"));
        let found = format!(
            "payouts change by {}{of_old} of {}; the most is {}",
            money(change, currency),
            money(old, currency),
            bound(most)
        );
        checked.push(Checked { check: Check::MaxIncrease, passed, found });
    }
    Ok(())
}

fn losses(most: Decimal, of: &Comparison, checked: &mut Vec<Checked>) -> Result<(), ArithmeticError> {
    let mut worst: Option<(&str, Money, Money, Currency)> = None;
    let mut failed = 0u64;
    for partner in &of.partners {
        let old = partner.old.total()?;
        let lost = Money::ZERO.sub(partner.change)?;
        if lost > part(most, old)?.max(Money::ZERO) {
            failed = failed.saturating_add(1);
            // Partners come with the highest change first.
            worst = worst.or(Some((&partner.partner, lost, old, partner.currency)));
        }
    }
    let found = match worst {
        None => format!("no partner loses more than {}", bound(most)),
        Some((partner, lost, old, currency)) => {
            let of_old = percent(lost, old).map_or(String::new(), |percent| format!(", {percent}"));
            let others = match failed.saturating_sub(1) {
                0 => String::new(),
                others => format!(", and {others} more"),
            };
            format!(
                "partner `{partner}` loses {}{of_old} of {}{others}; the most is {}",
                money(lost, currency),
                money(old, currency),
                bound(most)
            )
        }
    };
    checked.push(Checked { check: Check::MaxLossPerPartner, passed: failed == 0, found });
    Ok(())
}

impl Notice {
    fn check(self, of: &Comparison) -> Checked {
        let Self { days, today } = self;
        let earliest = today.checked_add_signed(TimeDelta::days(days.into())).unwrap_or(NaiveDate::MAX);
        let changes = || of.steps.iter().flat_map(|step| &step.changes);
        let early: Vec<&Change> =
            changes().filter(|change| change.takes_effect.is_none_or(|at| at < earliest)).collect();
        let found = match early.as_slice() {
            [] => format!("every change takes effect on {earliest} or later"),
            [first, others @ ..] => {
                let at = match first.takes_effect.filter(|at| *at > today) {
                    Some(at) => format!("on {at}"),
                    None => "at once".to_owned(),
                };
                let others = match others.len() {
                    0 => String::new(),
                    others => format!(", and {others} more"),
                };
                format!("{first}: takes effect {at}{others}; {days} days after {today} is {earliest}")
            }
        };
        Checked { check: Check::NoticeDays, passed: early.is_empty(), found }
    }
}

fn margin(least: Decimal, of: &Comparison, checked: &mut Vec<Checked>) -> Result<(), ArithmeticError> {
    let mut any = false;
    for total in &of.totals {
        let (margin, currency) = (total.margin_new, total.currency);
        if margin.actions == 0 {
            continue;
        }
        any = true;
        let left = margin.left()?;
        let passed = left >= part(least, margin.amount)?;
        let of_amount = percent(left, margin.amount).map_or(String::new(), |percent| format!(", {percent}"));
        let found = format!(
            "{} actions leave {}{of_amount} of {}; the least is {}",
            margin.actions,
            money(left, currency),
            money(margin.amount, currency),
            bound(least)
        );
        checked.push(Checked { check: Check::MinMargin, passed, found });
    }
    if !any {
        let found = "no action has items that all state a `cost`, so there is no margin".to_owned();
        checked.push(Checked { check: Check::MinMargin, passed: false, found });
    }
    Ok(())
}
