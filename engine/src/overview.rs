//! The contents of a program, for lists: contract versions, rules with their worst case, components.
//!
//! The loaded terms stay private, so that only the loader makes them. An overview is a copy for people and tools.

use std::collections::HashSet;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;

use crate::counters::CounterId;
use crate::decide::{Lookup, Worst};
use crate::diagnostic::{Cell, Place};
use crate::digest::Digest;
use crate::lang::{Phase, Rule, TotalAt};
use crate::limits::Spent;
use crate::money::Currency;
use crate::run::CompiledProgram;
use crate::terms::{
    AfterClose, Anchor, Bonus, BonusPays, Closes, CountingRule, DeclaredTotal, Group, On, Pays, Scope,
    TablePlaces, Terms, Version,
};
use crate::time::Interval;

/// The contents of a program, in the order in which its files declare them. [`Program::overview`](crate::Program::overview)
/// makes it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ProgramOverview {
    /// The contracts of the program.
    pub contracts: Vec<ContractOverview>,
    /// Every rule of every version, sorted by worst case, highest first.
    pub rules: Vec<RuleOverview>,
    /// Every component of every version.
    pub components: Vec<ComponentOverview>,
    /// What loading the program took of each limit. Limits of compiled rules are there if the engine compiles rules.
    pub spent: Vec<Spent>,
}

/// A contract and its versions.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ContractOverview {
    /// The name of the contract.
    pub contract: String,
    /// The versions of the contract, the earliest first.
    pub versions: Vec<VersionOverview>,
}

/// One version of a contract.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct VersionOverview {
    /// The number of the version.
    pub version: u32,
    /// The file that declares it.
    pub file: String,
    /// The interval in which the version is in force.
    pub effective: Interval,
    /// The event types that it is for, if the file has payouts by event type; empty for all.
    pub event_types: Vec<String>,
    /// The partners that it holds for.
    pub partners: PartnersOverview,
    /// The moment of an action that chooses the version.
    pub anchor: Anchor,
    /// The currency of its payouts.
    pub currency: Currency,
    /// The number of restrictions.
    pub restrictions: usize,
    /// The number of payout groups, without the default payout.
    pub groups: usize,
    /// The number of limits.
    pub limits: usize,
    /// The totals, in the order of their declaration.
    pub totals: Vec<TotalOverview>,
    /// The bonuses, in the order of their declaration.
    pub bonuses: Vec<BonusOverview>,
    /// The most that a decision under the version may spend.
    pub worst: WorstOverview,
    /// Why the rules of the version are interpreted although the engine compiles rules; `None` if they are compiled. Decisions are
    /// the same either way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interpreted: Option<String>,
    /// The digest of the file.
    pub digest: Digest,
}

/// One declared total: what it counts, by what, and over which period.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TotalOverview {
    /// The name of the total.
    pub total: String,
    /// What the total is kept by.
    pub per: Vec<Scope>,
    /// The period, as contracts write it.
    pub period: String,
    /// The event types that the total counts; empty for all.
    pub event_types: Vec<String>,
    /// The condition on actions, as the contract writes it; `None` for all actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The condition on lines; `None` for whole actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<String>,
    /// What the total sums instead of the commissionable amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// What the total counts the different values of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distinct: Option<Scope>,
    /// The first date that the total counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub from: Option<NaiveDate>,
    /// The number of actions after which the total begins to count; `None` if it counts from the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_actions: Option<u64>,
    /// Whether held actions count only once they are approved.
    pub only_approved: bool,
    /// The expression that says whose total is read; `None` for the credited partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The earlier periods that rules read, such as `previous` and `2026-Q1`.
    pub earlier: Vec<String>,
    /// The identity of the counter that the total reads.
    pub counter: CounterId,
}

/// One bonus: when it is computed, and of what.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct BonusOverview {
    /// The name of the bonus.
    pub bonus: String,
    /// The calendar period at whose close it is computed, as contracts write it.
    pub period: String,
    /// What is paid: `tiers`, `rule`, `guarantee`, `draw` or `holdback`.
    pub pays: &'static str,
    /// The number of tiers.
    pub tiers: usize,
    /// The condition; `None` for every partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What the tiers ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// The expression of the money that rates, a guarantee, a draw or a holdback apply to; `None` if that is the measure or the revenue
    /// that the measure counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// When it is computed.
    pub closes: Closes,
    /// What becomes of it if something changes afterwards.
    pub after_close: AfterClose,
}

/// The most that a decision under a contract version may spend, of [`Limits::decision_fuel`](crate::Limits::decision_fuel) and
/// [`Limits::decision_steps`](crate::Limits::decision_steps).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct WorstOverview {
    /// Fuel for an action with one item, one touch, and one entry in each other list.
    pub fuel_of_one: u64,
    /// Fuel for an action with every list at its limit. An action that would use more than the limit is held.
    pub fuel: u64,
    /// Steps for an action with one item.
    pub steps_of_one: u64,
    /// Steps for an action with as many items as an action may have.
    pub steps: u64,
}

/// The partners of a contract version. A version without ids and groups applies to everybody whom no other contract names.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct PartnersOverview {
    /// Partner ids.
    pub ids: Vec<String>,
    /// Partner groups.
    pub groups: Vec<String>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct RuleOverview {
    /// Contract, version, and the name of the part that the rule belongs to: `standard 2: new customers, when`.
    pub rule: String,
    /// The phase in which it runs.
    pub phase: Phase,
    /// Where the rule is written.
    pub place: Place,
    /// The cell of the table that states the rule; `None` if it is written in a contract or a rule file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<Cell>,
    /// The most fuel that one evaluation of the rule may use.
    pub worst_fuel: u64,
}

/// One component.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ComponentOverview {
    /// Contract, version, and the name of the component's restriction or payout group.
    pub component: String,
    /// The phase in which the component runs.
    pub phase: Phase,
    /// The file of the component.
    pub file: String,
    /// The size of the file in bytes.
    pub bytes: usize,
}

impl ProgramOverview {
    pub(crate) fn of(terms: &Terms, lookup: &Lookup, compiled: Option<&dyn CompiledProgram>) -> Self {
        let mut spent = terms.spent.clone();
        spent.extend(compiled.into_iter().flat_map(CompiledProgram::spent));
        let mut overview = Self { contracts: Vec::new(), rules: Vec::new(), components: Vec::new(), spent };
        for (number, contract) in terms.contracts.iter().enumerate() {
            for version in &contract.versions {
                let of = format!("{} {}", contract.name, version.number);
                overview.rules.extend(rules(version, &of, terms));
                overview.components.extend(version.components().map(|(name, component)| ComponentOverview {
                    component: format!("{of}: {name}"),
                    phase: component.phase,
                    file: component.place.file.clone(),
                    bytes: component.bytes,
                }));
            }
            overview.contracts.push(ContractOverview {
                contract: contract.name.clone(),
                versions: (0..)
                    .zip(&contract.versions)
                    .map(|(index, version)| {
                        let interpreted = compiled.and_then(|compiled| compiled.interpreted(number, index));
                        let totals = version.totals.iter().filter_map(|total| total_of(total, terms, lookup));
                        let worst = lookup.worst(number, index);
                        let bonuses = version.bonuses.iter().map(|bonus| bonus_of(bonus, terms));
                        VersionOverview::of(version, worst, totals.collect(), bonuses.collect(), interpreted)
                    })
                    .collect(),
            });
        }
        overview.rules.sort_by_key(|rule| std::cmp::Reverse(rule.worst_fuel));
        // A restriction of a file with several payouts or currencies is one rule.
        let mut seen = HashSet::new();
        overview.rules.retain(|rule| seen.insert((rule.rule.clone(), rule.place.clone())));
        overview
    }
}

impl VersionOverview {
    fn of(
        version: &Version,
        worst: Worst,
        totals: Vec<TotalOverview>,
        bonuses: Vec<BonusOverview>,
        interpreted: Option<&str>,
    ) -> Self {
        Self {
            version: version.number,
            file: version.file.clone(),
            effective: version.effective,
            event_types: version.actions.event_types.clone(),
            partners: PartnersOverview {
                ids: version.partners.ids.clone(),
                groups: version.partners.groups.clone(),
            },
            anchor: version.anchor,
            currency: version.currency,
            restrictions: version.restrictions.len(),
            groups: version.payout.groups.len(),
            limits: version.limits.len(),
            totals,
            bonuses,
            worst: WorstOverview {
                fuel_of_one: worst.fuel.least,
                fuel: worst.fuel.most,
                steps_of_one: worst.steps.least,
                steps: worst.steps.most,
            },
            interpreted: interpreted.map(str::to_owned),
            digest: version.digest,
        }
    }
}

/// Returns what a declared total counts.
fn total_of(total: &DeclaredTotal, terms: &Terms, lookup: &Lookup) -> Option<TotalOverview> {
    let counter = terms.counters.get(total.counter)?;
    let text = |rule: &Option<CountingRule>| rule.as_ref().map(|rule| rule.text.clone());
    let earlier = total.earlier.iter().filter_map(|at| match at {
        TotalAt::Previous => Some("previous".to_owned()),
        TotalAt::Named(from) => Some(counter.period.name_of(*from)),
        TotalAt::YearToDate => Some("year_to_date".to_owned()),
        TotalAt::Before | TotalAt::WithThis | TotalAt::AtClose => None,
    });
    Some(TotalOverview {
        total: total.name.clone(),
        per: counter.per.clone(),
        period: counter.period.to_string(),
        event_types: counter.event_types.clone(),
        when: text(&counter.when),
        items: text(&counter.items),
        measure: text(&counter.measure),
        distinct: counter.distinct,
        from: counter.from,
        after_actions: counter.past.as_ref().and_then(|past| u64::try_from(past.from).ok()),
        only_approved: counter.only_approved,
        of: total.of.as_deref().and_then(|rule| text_of(rule, terms)),
        earlier: earlier.collect(),
        counter: lookup.id(total.counter)?.clone(),
    })
}

/// Returns an expression as the contract writes it.
fn text_of(rule: &Rule, terms: &Terms) -> Option<String> {
    let text = terms.sources.get(&rule.place.file)?.get(rule.place.span.range())?;
    Some(text.trim().to_owned())
}

/// Returns what a bonus is computed of.
fn bonus_of(bonus: &Bonus, terms: &Terms) -> BonusOverview {
    let (pays, tiers) = match &bonus.pays {
        BonusPays::Tiers(ladder) => ("tiers", ladder.tiers.len()),
        BonusPays::Script { .. } => ("rule", 0),
        BonusPays::Guarantee { .. } => ("guarantee", 0),
        BonusPays::Draw { .. } => ("draw", 0),
        BonusPays::Holdback { .. } => ("holdback", 0),
    };
    let [when, measure, on, _] = bonus_rules(bonus).map(|(_, rule)| text_of(rule?, terms));
    BonusOverview {
        bonus: bonus.name.clone(),
        period: bonus.period.to_string(),
        pays,
        tiers,
        when,
        measure,
        on,
        closes: bonus.closes,
        after_close: bonus.after_close,
    }
}

/// Returns the rules of a bonus with their keys: `when`, `measure`, `on` and `rule`.
fn bonus_rules(bonus: &Bonus) -> [(&'static str, Option<&Rule>); 4] {
    let (mut measure, mut on, mut script) = (None, None, None);
    match &bonus.pays {
        BonusPays::Tiers(ladder) => {
            measure = Some(&*ladder.measure);
            if let On::Rule(rule) = &ladder.on {
                on = Some(&**rule);
            }
        }
        BonusPays::Script { rule, on: of } => (script, on) = (Some(&**rule), of.as_deref()),
        BonusPays::Guarantee { on: of, .. }
        | BonusPays::Draw { on: of, .. }
        | BonusPays::Holdback { on: of, .. } => on = Some(&**of),
    }
    // The measure of money is what rates apply to, too.
    on = on.filter(|on| measure.is_none_or(|measure: &Rule| measure.place != on.place));
    [("when", bonus.when.as_deref()), ("measure", measure), ("on", on), ("rule", script)]
}

/// Returns the rules of a version, with those that say what its totals count. `of` is the beginning of their names.
fn rules(version: &Version, of: &str, terms: &Terms) -> Vec<RuleOverview> {
    let tables: &TablePlaces = &terms.tables;
    let totals = version.totals.iter().flat_map(|total| total_rules(total, terms));
    let amount = &version.amount;
    let amounts = [
        ("amount of the order".to_owned(), amount.order.as_deref()),
        ("amount of an item".to_owned(), amount.item.as_deref()),
        ("spread".to_owned(), amount.spread.as_deref()),
    ];
    let restrictions = version.restrictions.iter().map(|it| (it.name.clone(), it.body.rule()));
    let limits = version.limits.iter().map(|limit| {
        let counter = limit.counter.and_then(|counter| terms.counters.get(counter));
        let when = counter.and_then(|counter| counter.when.as_ref());
        (format!("limit {}, when", limit.name), when.map(|when| &*when.rule))
    });
    let bonuses = version.bonuses.iter().flat_map(|bonus| {
        bonus_rules(bonus).map(|(key, rule)| (format!("bonus {}, {key}", bonus.name), rule))
    });
    let groups = version.groups().flat_map(group_rules);
    let named =
        amounts.into_iter().chain(totals).chain(restrictions).chain(groups).chain(limits).chain(bonuses);
    named
        .filter_map(|(name, rule)| Some((name, rule?)))
        .map(|(name, rule)| {
            let mut place = rule.place.clone();
            RuleOverview {
                rule: format!("{of}: {name}"),
                phase: rule.phase,
                cell: tables.cell(&mut place),
                place,
                worst_fuel: rule.worst_fuel,
            }
        })
        .collect()
}

fn total_rules<'t>(
    total: &'t DeclaredTotal,
    terms: &'t Terms,
) -> impl Iterator<Item = (String, Option<&'t Rule>)> {
    let counter = terms.counters.get(total.counter);
    let of = |rule: &'t Option<CountingRule>| rule.as_ref().map(|rule| &*rule.rule);
    let rules = [
        ("when", counter.and_then(|counter| of(&counter.when))),
        ("items", counter.and_then(|counter| of(&counter.items))),
        ("measure", counter.and_then(|counter| of(&counter.measure))),
        ("of", total.of.as_deref()),
    ];
    rules.into_iter().map(|(key, rule)| (format!("total {}, {key}", total.name), rule))
}

fn group_rules(group: &Group) -> [(String, Option<&Rule>); 2] {
    let when = (format!("{}, when", group.name), group.when.as_deref());
    let pays = match &group.pays {
        Pays::Fixed(_) | Pays::Component(_) => (String::new(), None),
        Pays::Bands { by, .. } => (format!("{}, by", group.name), Some(&**by)),
        Pays::Script(rule) => (group.name.clone(), Some(&**rule)),
    };
    [when, pays]
}
