//! Compares how two programs decide each action, and keeps the actions that differ most.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use accrue::Decision;
use accrue::decide::Status;
use accrue::money::{ArithmeticError, Currency, Money};
use accrue::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::sums::{ByCurrency, Paid};

/// An action, or a bonus, that the draft decides differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ChangedAction {
    /// The id of the action or of the bonus.
    pub action: String,
    /// The event type; `bonus` for a bonus.
    pub event_type: String,
    /// When it occurred.
    pub occurred_at: Timestamp,
    /// The draft's payout less the old one, in one currency; held payouts included.
    pub change: Money,
    /// The currency of the change.
    pub currency: Currency,
    /// How the old program decides it as it stands; `None` if it does not take the action, or has no such bonus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Outcome>,
    /// How the draft decides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Outcome>,
}

/// How one program decides an action, as it stands after all that happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
#[schemars(rename = "SimulatedOutcome")]
pub struct Outcome {
    /// The outcome of the action.
    pub status: Status,
    /// Why nobody is credited: codes of reasons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// The awards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<AwardOutcome>,
    #[serde(skip)]
    event_type: String,
    #[serde(skip)]
    occurred_at: Timestamp,
}

/// What one partner is awarded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct AwardOutcome {
    /// The partner.
    pub partner: String,
    /// The contract.
    pub contract: String,
    /// The number of the contract version.
    pub version: u32,
    /// The outcome of the award.
    pub status: Status,
    /// The payout, a held payout included.
    pub payout: Money,
    /// The currency of the payout.
    pub currency: Currency,
    /// The payout groups whose verbs took effect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The limits that cut the payout.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
    /// Codes of the reasons, the strictest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

impl Outcome {
    pub(crate) fn of(decision: &Decision) -> Self {
        let awards = decision.awards.iter().map(|award| AwardOutcome {
            partner: award.partner.clone(),
            contract: award.contract.name.clone(),
            version: award.contract.version,
            status: award.status,
            payout: award.payout,
            currency: award.currency,
            groups: award.groups.clone(),
            limits: award.limits.iter().map(|cut| cut.limit.clone()).collect(),
            reasons: award.reasons.iter().map(|reason| reason.code.clone()).collect(),
        });
        Self {
            status: decision.status,
            reasons: decision.reasons.iter().map(|reason| reason.code.clone()).collect(),
            awards: awards.collect(),
            event_type: decision.event_type.clone(),
            occurred_at: decision.occurred_at,
        }
    }

    /// Returns the payout of each award and its status.
    fn paid(&self) -> Vec<(&str, Currency, Status, Money)> {
        let award = |of: &AwardOutcome| (of.currency, of.status, of.payout);
        let awards = self.awards.iter().map(|of| (of.partner.as_str(), award(of)));
        let mut paid: Vec<_> = awards.map(|(partner, (a, b, c))| (partner, a, b, c)).collect();
        paid.sort_by(|a, b| (a.0, a.1.code(), a.2, a.3).cmp(&(b.0, b.1.code(), b.2, b.3)));
        paid
    }
}

/// Returns whether two decisions of an action pay the same in the same way. May return `false` for decisions that pay the same
/// partners in another order.
pub(crate) fn same(old: &Decision, new: &Decision) -> bool {
    let paid = |of: &Decision| -> (Status, usize) { (of.status, of.awards.len()) };
    paid(old) == paid(new)
        && old.awards.iter().zip(&new.awards).all(|(a, b)| {
            a.partner == b.partner && a.status == b.status && a.payout == b.payout && a.currency == b.currency
        })
}

/// The place of a changed action among the others: the highest change up or down first, then by moment and id.
type Rank = (Reverse<Money>, Timestamp, String);

/// Which actions differ: how many, and those that differ most.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    /// The most actions that are listed of a currency.
    listed: usize,
    /// The currency in which actions without an award are listed.
    currency: Currency,
    pub(crate) changed: u64,
    /// The number of actions by the old and the new status.
    pub(crate) statuses: BTreeMap<(Option<Status>, Option<Status>), u64>,
    most: ByCurrency<BTreeMap<Rank, ChangedAction>>,
}

impl Compared {
    pub(crate) fn new(listed: usize, currency: Currency) -> Self {
        Self { listed, currency, changed: 0, statuses: BTreeMap::new(), most: BTreeMap::new() }
    }

    /// Takes an action, or a bonus, as both programs decide it.
    pub(crate) fn add(
        &mut self,
        id: &str,
        old: Option<&Outcome>,
        new: Option<&Outcome>,
    ) -> Result<(), ArithmeticError> {
        let status = |of: Option<&Outcome>| of.map(|of| of.status);
        if status(old) == status(new) && old.map(Outcome::paid) == new.map(Outcome::paid) {
            return Ok(());
        }
        let Some(any) = new.or(old) else { return Ok(()) };
        self.changed = self.changed.saturating_add(1);
        let count = self.statuses.entry((status(old), status(new))).or_default();
        *count = count.saturating_add(1);
        let mut sums: ByCurrency<Money> = BTreeMap::new();
        for (_, currency, _, payout) in new.map(Outcome::paid).unwrap_or_default() {
            let (_, sum) = sums.entry(currency.code()).or_insert((currency, Money::ZERO));
            *sum = sum.add(payout)?;
        }
        for (_, currency, _, payout) in old.map(Outcome::paid).unwrap_or_default() {
            let (_, sum) = sums.entry(currency.code()).or_insert((currency, Money::ZERO));
            *sum = sum.sub(payout)?;
        }
        if sums.is_empty() {
            sums.insert(self.currency.code(), (self.currency, Money::ZERO));
        }
        for (code, (currency, change)) in sums {
            let most = &mut self.most.entry(code).or_insert_with(|| (currency, BTreeMap::new())).1;
            let key = (Reverse(Money(change.0.abs())), any.occurred_at, id.to_owned());
            if most.len() >= self.listed && most.last_key_value().is_none_or(|(last, _)| *last < key) {
                continue;
            }
            let (event_type, occurred_at) = (any.event_type.clone(), any.occurred_at);
            let (old, new) = (old.cloned(), new.cloned());
            let action = id.to_owned();
            most.insert(key, ChangedAction { action, event_type, occurred_at, change, currency, old, new });
            if most.len() > self.listed {
                most.pop_last();
            }
        }
        Ok(())
    }

    /// Returns the actions that differ most, by currency.
    pub(crate) fn listed(self) -> Vec<ChangedAction> {
        self.most.into_values().flat_map(|(_, most)| most.into_values()).collect()
    }
}

/// Returns who gains and who loses, by what each partner is paid before and after.
pub(crate) fn gains(partners: impl Iterator<Item = (Paid, Paid)>) -> Result<Gains, ArithmeticError> {
    let mut gains = Gains::default();
    for (old, new) in partners {
        let change = new.total()?.sub(old.total()?)?;
        if change > Money::ZERO {
            gains.gainers = gains.gainers.saturating_add(1);
            gains.gained = gains.gained.add(change)?;
        } else if change < Money::ZERO {
            gains.losers = gains.losers.saturating_add(1);
            gains.lost = gains.lost.add(change)?;
        }
    }
    Ok(gains)
}

/// How many partners gain and lose, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Gains {
    /// The partners who are paid more.
    pub gainers: u64,
    /// What they are paid more, together.
    pub gained: Money,
    /// The partners who are paid less.
    pub losers: u64,
    /// What they are paid less, together: zero or below.
    pub lost: Money,
}
