//! The money of one program by currency, partner and bonus.

use std::collections::BTreeMap;

use accrue::decide::{Award, Status};
use accrue::money::{ArithmeticError, Currency, Money};
use accrue::{Action, Decision};
use schemars::JsonSchema;
use serde::Serialize;

/// Money that is paid: what may be paid now, and what is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Paid {
    /// The payouts of awards that are payable.
    pub payable: Money,
    /// The payouts of awards that are held.
    pub held: Money,
}

impl Paid {
    /// Returns both together.
    ///
    /// # Errors
    ///
    /// [`ArithmeticError::Overflow`] if the sum does not fit.
    pub fn total(self) -> Result<Money, ArithmeticError> {
        self.payable.add(self.held)
    }

    pub(crate) fn less(self, other: Self) -> Result<Self, ArithmeticError> {
        Ok(Self { payable: self.payable.sub(other.payable)?, held: self.held.sub(other.held)? })
    }

    pub(crate) fn plus(self, other: Self) -> Result<Self, ArithmeticError> {
        Ok(Self { payable: self.payable.add(other.payable)?, held: self.held.add(other.held)? })
    }

    /// Returns the payout of an award: all of it for an action, the change for a bonus.
    fn of(status: Status, payout: Money) -> Self {
        match status {
            Status::Held => Self { payable: Money::ZERO, held: payout },
            _ => Self { payable: payout, held: Money::ZERO },
        }
    }

    pub(crate) fn of_award(award: &Award) -> Self {
        Self { payable: award.payable(), held: award.held() }
    }
}

/// What actions leave after their cost and their payout. See [`Margin::left`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Margin {
    /// The number of actions: those that are not rejected or reversed, that have items which all state a cost, and of which nothing
    /// was returned.
    pub actions: u64,
    /// The amounts of their items.
    pub amount: Money,
    /// The costs of their items.
    pub cost: Money,
    /// What is paid for them, held payouts included.
    pub payout: Money,
}

impl Margin {
    /// Returns what is left: amount less cost less payout.
    ///
    /// # Errors
    ///
    /// [`ArithmeticError::Overflow`] if a sum does not fit.
    pub fn left(&self) -> Result<Money, ArithmeticError> {
        self.amount.sub(self.cost)?.sub(self.payout)
    }

    fn add(
        &mut self,
        action: &Action,
        decision: &Decision,
        programs: Currency,
    ) -> Result<(), ArithmeticError> {
        let is_sale = matches!(decision.status, Status::Payable | Status::Held | Status::Zero);
        let currency = action.currency.unwrap_or(programs);
        let is_whole = decision.returned.is_empty();
        // A payout in another currency cannot be taken off.
        let same = decision.awards.iter().all(|award| award.currency == currency);
        if !is_sale || !is_whole || !same || action.items.iter().any(|item| item.cost.is_none()) {
            return Ok(());
        }
        self.actions = self.actions.saturating_add(1);
        for item in &action.items {
            self.amount = self.amount.add(item.amount)?;
            self.cost = self.cost.add(item.cost.unwrap_or_default())?;
        }
        for award in &decision.awards {
            self.payout = self.payout.add(award.payout)?;
        }
        Ok(())
    }
}

/// Currencies by their codes: amounts of different currencies are never added.
pub(crate) type ByCurrency<T> = BTreeMap<&'static str, (Currency, T)>;

/// The money of one currency.
#[derive(Clone, Debug, Default)]
pub(crate) struct OfCurrency {
    pub(crate) all: Paid,
    pub(crate) partners: BTreeMap<String, Paid>,
    /// By contract and name: the number of decisions, and what they pay.
    pub(crate) bonuses: BTreeMap<(String, String), (u64, Paid)>,
    pub(crate) margin: Margin,
}

impl OfCurrency {
    fn pay(&mut self, partner: &str, paid: Paid) -> Result<(), ArithmeticError> {
        self.all = self.all.plus(paid)?;
        match self.partners.get_mut(partner) {
            Some(sum) => *sum = sum.plus(paid)?,
            None => drop(self.partners.insert(partner.to_owned(), paid)),
        }
        Ok(())
    }
}

/// The money of one program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) currencies: ByCurrency<OfCurrency>,
    pub(crate) actions: u64,
}

impl Sums {
    /// Adds an action as it stands with its decision.
    pub(crate) fn add(
        &mut self,
        decision: &Decision,
        action: &Action,
        programs: Currency,
    ) -> Result<(), ArithmeticError> {
        self.actions = self.actions.saturating_add(1);
        for award in &decision.awards {
            self.of(award.currency).pay(&award.partner, Paid::of_award(award))?;
        }
        if !action.items.is_empty() {
            let currency = action.currency.unwrap_or(programs);
            self.of(currency).margin.add(action, decision, programs)?;
        }
        Ok(())
    }

    /// Adds what the decision of a bonus changes.
    pub(crate) fn add_bonus(&mut self, decision: &Decision) -> Result<(), ArithmeticError> {
        let name = decision.bonus.as_ref().map(|of| (of.contract.clone(), of.bonus.clone()));
        for award in &decision.awards {
            let paid = Paid::of(award.status, decision.change(award));
            let of = self.of(award.currency);
            of.pay(&award.partner, paid)?;
            let (count, sum) = of.bonuses.entry(name.clone().unwrap_or_default()).or_default();
            *count = count.saturating_add(1);
            *sum = sum.plus(paid)?;
        }
        Ok(())
    }

    /// Returns the money of a currency; nothing if there is none.
    pub(crate) fn paid(&self, currency: &str) -> Paid {
        self.currencies.get(currency).map(|(_, of)| of.all).unwrap_or_default()
    }

    fn of(&mut self, currency: Currency) -> &mut OfCurrency {
        &mut self.currencies.entry(currency.code()).or_insert_with(|| (currency, OfCurrency::default())).1
    }
}
