//! Lookups that are computed once for a program, so that no decision repeats them: the contracts of a partner, the counters that
//! a contract moves, and the identities of counters.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::closing::{open_from, opens_longer};
use super::moves::{AllMoved, Moves, moved};
use super::worst::Worst;
use crate::counters::{CounterId, StillRead};
use crate::diagnostic::{self, Code, Diagnostic, Help, Span};
use crate::lang::TotalAt;
use crate::limits::Limits;
use crate::money::Currency;
use crate::run::GroupTable;
use crate::terms::{BonusPays, Counter, CreditPolicy, DeclaredTotal, Terms, TrueUp, Version};

/// The indexes of a contract and of one of its versions.
type Place = (usize, usize);

/// The lookups of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    by_id: HashMap<String, Vec<Place>>,
    by_group: HashMap<String, Vec<Place>>,
    everyone: Vec<Place>,
    /// Whether a contract credits the owner of a promo code.
    pub(crate) credits_owners: bool,
    /// Whether a contract credits the standing partner of a customer.
    pub(crate) credits_standing: bool,
    /// Whether a contract prefers some touches to others.
    pub(crate) prefers_touches: bool,
    /// Whether a contract has conditions on touches.
    pub(crate) has_conditions: bool,
    /// Whether a contract pays for participation.
    pub(crate) pays_participation: bool,
    /// Whether a contract pays parents.
    pub(crate) pays_levels: bool,
    /// The identity of each counter.
    ids: Vec<CounterId>,
    /// The counters that decisions move.
    moved: AllMoved,
    /// By contract and version: the payout groups by the facts that they ask first; `None` if they are tried one by one.
    groups: Vec<Vec<Option<GroupTable>>>,
    /// By contract and version: the index of the payout group that each limit covers; `None` for all.
    limit_groups: Vec<Vec<Vec<Option<usize>>>>,
    /// By contract and version: the worst case of a decision.
    worst: Vec<Vec<Worst>>,
    /// By counter: the counters that count the same in other currencies.
    siblings: Vec<Vec<usize>>,
    /// By counter: the counter that counts the same before and after its tier; `None` for a counter without one.
    without_tier: Vec<Option<usize>>,
    /// The closed periods that rules read, by counter.
    still_read: HashMap<CounterId, StillRead>,
}

impl Lookup {
    pub(crate) fn new(terms: &Terms, limits: &Limits) -> Self {
        let mut lookup = Self { moved: moved(terms), ..Self::default() };
        for (index, contract) in terms.contracts.iter().enumerate() {
            for (number, version) in contract.versions.iter().enumerate() {
                let place = (index, number);
                let credit = &version.credit;
                lookup.credits_owners |= credit.policy == CreditPolicy::PromoCodeOwner;
                lookup.credits_standing |= credit.standing;
                lookup.prefers_touches |= !credit.prefer.is_empty();
                lookup.has_conditions |= credit.rules().next().is_some();
                lookup.pays_participation |= version.payout.participation.is_some();
                lookup.pays_levels |= !version.payout.levels.is_empty();
                for id in &version.partners.ids {
                    lookup.by_id.entry(id.clone()).or_default().push(place);
                }
                for group in &version.partners.groups {
                    lookup.by_group.entry(group.clone()).or_default().push(place);
                }
                if version.partners.is_everyone() {
                    lookup.everyone.push(place);
                }
            }
            let groups: Vec<_> = contract.versions.iter().map(GroupTable::new).collect();
            let worst = contract.versions.iter().zip(&groups).map(|(version, table)| {
                let moves = lookup.moves(index, version.currency);
                Worst::new(version, table.as_ref(), &terms.counters, moves, limits)
            });
            let worst = worst.collect();
            lookup.worst.push(worst);
            lookup.groups.push(groups);
            lookup.limit_groups.push(contract.versions.iter().map(limit_groups).collect());
        }
        lookup.ids = terms.counters.iter().map(|counter| CounterId::new(terms, counter)).collect();
        let mut alike: HashMap<Counter, Vec<usize>> = HashMap::new();
        for (number, counter) in terms.counters.iter().enumerate() {
            alike.entry(counter.in_no_currency()).or_default().push(number);
        }
        let siblings = |(number, counter): (usize, &Counter)| {
            let alike = alike.get(&counter.in_no_currency()).into_iter().flatten();
            alike.filter(|other| **other != number).copied().collect()
        };
        lookup.siblings = terms.counters.iter().enumerate().map(siblings).collect();
        let versions = terms.contracts.iter().flat_map(|contract| &contract.versions);
        let reads_earlier = |total: &&DeclaredTotal| !(total.earlier.is_empty() && total.at_close.is_empty());
        for total in versions.flat_map(|version| &version.totals).filter(reads_earlier) {
            let counters = std::iter::once(&total.counter).chain(lookup.siblings(total.counter));
            let ids: Vec<CounterId> = counters.filter_map(|number| lookup.id(*number).cloned()).collect();
            for id in ids {
                let read = lookup.still_read.entry(id).or_default();
                for at in total.earlier.iter().chain(&total.at_close) {
                    match at {
                        TotalAt::Named(from) => drop(read.named.insert(*from)),
                        TotalAt::Previous => read.back = read.back.max(1),
                        TotalAt::YearToDate => read.year = true,
                        TotalAt::Before | TotalAt::WithThis | TotalAt::AtClose => {}
                    }
                }
            }
        }
        let bonuses = terms.contracts.iter().flat_map(|contract| &contract.versions);
        for bonus in bonuses.flat_map(|version| &version.bonuses) {
            let Some(id) = lookup.id(bonus.paid).cloned() else { continue };
            let read = lookup.still_read.entry(id).or_default();
            read.year |= bonus.true_up == Some(TrueUp::Year);
            if let BonusPays::Holdback { periods, .. } = bonus.pays {
                read.back = read.back.max(periods);
            }
        }
        let numbers: HashMap<&Counter, usize> =
            terms.counters.iter().enumerate().map(|(number, counter)| (counter, number)).collect();
        let without_tier = |counter: &Counter| {
            counter.past.as_ref()?;
            numbers.get(&Counter { past: None, ..counter.clone() }).copied()
        };
        lookup.without_tier = terms.counters.iter().map(without_tier).collect();
        lookup
    }

    /// Returns the counter that counts what this one counts of actions before and after its tier; `None` if it has no tier.
    pub(super) fn without_tier(&self, counter: usize) -> Option<usize> {
        *self.without_tier.get(counter)?
    }

    /// Returns the counters whose periods stay open for bonuses when all others are closed until a date, each with the date until which
    /// its periods are closed.
    pub(crate) fn open_longer(&self, terms: &Terms, until: NaiveDate) -> BTreeMap<CounterId, NaiveDate> {
        let mut open: BTreeMap<CounterId, NaiveDate> = BTreeMap::new();
        for version in terms.contracts.iter().flat_map(|contract| &contract.versions) {
            for bonus in version.bonuses.iter().filter(|bonus| opens_longer(bonus)) {
                let from = open_from(version, bonus, until);
                let totals = bonus.totals.iter().filter_map(|index| version.totals.get(usize::from(*index)));
                let tiers = match &bonus.pays {
                    BonusPays::Tiers(ladder) => ladder.tiers.as_slice(),
                    _ => &[],
                };
                let counters =
                    totals.map(|total| total.counter).chain(tiers.iter().filter_map(|tier| tier.past));
                let kept = counters.chain([bonus.paid]).filter_map(|number| self.id(number));
                for id in kept.filter(|id| id.period() == bonus.period) {
                    let date = open.entry(id.clone()).or_insert(from);
                    *date = from.min(*date);
                }
            }
        }
        open
    }

    /// Returns the version for a partner: of a contract that names the partner, else of a contract for one of its groups, else of a
    /// contract for everybody. Of several of one kind, the first in the program's order that is in force wins.
    ///
    /// `in_force` takes the indexes of a contract and a version, and returns a value of the caller's; `None` if the version is not in
    /// force.
    pub(crate) fn version_for<T>(
        &self,
        partner: &str,
        groups: &[String],
        in_force: impl Fn(usize, usize) -> Option<T>,
    ) -> Option<T> {
        let first = |versions: &[Place]| {
            versions.iter().find_map(|(contract, version)| in_force(*contract, *version))
        };
        if let Some(named) = self.by_id.get(partner).and_then(|versions| first(versions)) {
            return Some(named);
        }
        if !self.by_group.is_empty() && !groups.is_empty() {
            let versions = groups.iter().filter_map(|group| self.by_group.get(group)).flatten();
            let mut versions: Vec<Place> = versions.copied().collect();
            versions.sort_unstable();
            if let Some(grouped) = first(&versions) {
                return Some(grouped);
            }
        }
        first(&self.everyone)
    }

    /// Returns the counters that decisions under this contract move in this currency.
    pub(super) fn moves(&self, contract: usize, currency: Currency) -> Moves<'_> {
        Moves::of(&self.moved, contract, currency)
    }

    /// Returns the payout groups of a version by the facts that they ask first; `None` if they are tried one by one.
    pub(super) fn groups(&self, contract: usize, version: usize) -> Option<&GroupTable> {
        self.groups.get(contract)?.get(version)?.as_ref()
    }

    /// Returns the index of the payout group that a limit of a version covers; `None` for all.
    pub(super) fn limit_group(&self, contract: usize, version: usize, limit: usize) -> Option<usize> {
        *self.limit_groups.get(contract)?.get(version)?.get(limit)?
    }

    /// Returns the worst case of a version.
    pub(crate) fn worst(&self, contract: usize, version: usize) -> Worst {
        self.worst.get(contract).and_then(|versions| versions.get(version)).copied().unwrap_or_default()
    }

    /// Returns an error for each version that no action could be decided under: the worst case of the smallest action is over a limit.
    pub(crate) fn over_budget(&self, terms: &Terms, limits: &Limits) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for (contract, worst) in terms.contracts.iter().zip(&self.worst) {
            for (version, worst) in contract.versions.iter().zip(worst) {
                let over = [
                    ("fuel", "decision_fuel", worst.fuel.least, limits.decision_fuel),
                    ("steps", "decision_steps", worst.steps.least, limits.decision_steps),
                ];
                let over = over.into_iter().filter(|(.., least, limit)| least > limit);
                faults.extend(over.map(|(what, limit, least, at_most)| {
                    let message = format!(
                        "in the worst case an action with one item takes {least} {what} under this version; limit `{limit}` is {at_most}"
                    );
                    let place = diagnostic::Place::new(version.file.clone(), Span::default());
                    Diagnostic::new(Code::DecisionOverBudget, Some(place), message)
                        .maybe_help(Some(Help::from("do less in the rules that `accrue check` lists first, or split the contract")))
                }));
            }
        }
        faults
    }

    /// Returns the identity of a counter.
    pub(crate) fn id(&self, counter: usize) -> Option<&CounterId> {
        self.ids.get(counter)
    }

    /// Returns the identities of all counters.
    pub(crate) fn ids(&self) -> &[CounterId] {
        &self.ids
    }

    /// Returns the closed periods of a counter that rules read; `None` if they read none.
    pub(crate) fn still_read(&self, counter: &CounterId) -> Option<&StillRead> {
        self.still_read.get(counter)
    }

    /// Returns the counters that count the same in other currencies.
    pub(super) fn siblings(&self, counter: usize) -> &[usize] {
        self.siblings.get(counter).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Returns the index of the payout group that each limit of a version covers; `None` for all. A group that this payout does not have
/// gets an index that no group has.
fn limit_groups(version: &Version) -> Vec<Option<usize>> {
    let indexes: HashMap<&str, usize> = version.payers().map(|(index, name)| (name, index)).collect();
    let index = |name: &String| indexes.get(name.as_str()).copied().unwrap_or(usize::MAX);
    version.limits.iter().map(|limit| limit.group.as_ref().map(index)).collect()
}
