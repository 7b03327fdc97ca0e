//! A draft compared with the current terms: whether it ever pays more or less for an action.
//!
//! Both versions are read as formulas over the same variables, and divided into regions in which the same verbs pay. Where two regions
//! meet, the verbs are compared. Everything else that a payout depends on must be equal, or the comparison is not decided.

use schemars::JsonSchema;
use serde::Serialize;

use super::MOST_WORK;
use super::condition::formula;
use super::finding::Witness;
use super::logic::{Formula, Region, Work};
use super::prover::{Proof, Prover, witness};
use super::space::seconds;
use super::study::{Linear, Study, applies};
use super::values::{Known, Numbers, Values};
use super::witness::{MOST_TRIES, build};
use crate::decide::ProgramView;
use crate::facts::Reference;
use crate::lang::catalog::{Field, Verb};
use crate::lang::{BinaryOp, Expr, ExprKind, Node, Record, Rule};
use crate::money::Money;
use crate::terms::{
    Anchor, Choose, Contract, Counter, Edge, Limit, LimitMax, PayoutPer, Pays, RestrictionBody, Terms,
    Verdict, Version,
};

/// A draft compared with the current terms. [`Program::compare`](crate::Program::compare) makes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct DraftComparison {
    /// The contracts of both, those of the draft first.
    pub contracts: Vec<ContractComparison>,
}

/// A contract of a draft compared with the current contract of its name.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ContractComparison {
    /// The name of the contract.
    pub contract: String,
    /// The answer.
    pub answer: Answer,
    /// An action for which the draft pays more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<Difference>,
    /// An action for which the draft pays less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub less: Option<Difference>,
    /// Why something is not decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<String>,
}

/// Whether a draft pays more or less for an action, on the same sums of what was counted before. Held payouts are payouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Answer {
    /// It pays the same for every action.
    Same,
    /// It never pays more, and pays less for some action, or that is not decided.
    NeverMore,
    /// It never pays less, and pays more for some action, or that is not decided.
    NeverLess,
    /// It pays more for one action and less for another.
    MoreAndLess,
    /// It pays more for an action; whether it ever pays less is not decided.
    More,
    /// It pays less for an action; whether it ever pays more is not decided.
    Less,
    /// Nothing is decided.
    NotDecided,
    /// Only the draft has the contract.
    Added,
    /// Only the current terms have the contract.
    Removed,
}

/// An action that a draft pays differently.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Difference {
    /// The action, with what the draft decides of it.
    pub witness: Witness,
    /// What the current terms pay for it.
    pub current: Money,
    /// What the draft pays for it.
    pub draft: Money,
}

/// Compares the contracts of a draft with the current contracts.
pub(crate) fn compare(
    draft: ProgramView<'_>,
    current: ProgramView<'_>,
    reference: &Reference,
) -> DraftComparison {
    let mut contracts = Vec::new();
    for contract in &draft.terms.contracts {
        let other = current.terms.contracts.iter().find(|other| other.name == contract.name);
        contracts.push(match other {
            Some(other) => {
                let mut comparer = Comparer::new(draft, current, reference);
                comparer.contract(contract, other);
                comparer.answer(contract)
            }
            None => only(contract, Answer::Added),
        });
    }
    for contract in &current.terms.contracts {
        if draft.terms.contracts.iter().all(|other| other.name != contract.name) {
            contracts.push(only(contract, Answer::Removed));
        }
    }
    DraftComparison { contracts }
}

fn only(contract: &Contract, answer: Answer) -> ContractComparison {
    let contract = contract.name.clone();
    ContractComparison { contract, answer, more: None, less: None, undecided: Vec::new() }
}

/// What is paid in a region.
#[derive(Clone, Debug)]
enum Pay {
    Linear(Linear),
    /// A rule file or a component says it.
    Other,
}

/// A part of all actions, with the group that pays and what it pays.
struct Cell {
    regions: Vec<Region>,
    pay: Pay,
    group: String,
}

struct Comparer<'a> {
    draft: ProgramView<'a>,
    current: ProgramView<'a>,
    new_prover: Prover<'a>,
    old_prover: Prover<'a>,
    may_be_more: bool,
    may_be_less: bool,
    more: Option<Difference>,
    less: Option<Difference>,
    undecided: Vec<String>,
}

impl<'a> Comparer<'a> {
    fn new(draft: ProgramView<'a>, current: ProgramView<'a>, reference: &'a Reference) -> Self {
        Self {
            draft,
            current,
            new_prover: Prover::new(draft, reference),
            old_prover: Prover::new(current, reference),
            may_be_more: false,
            may_be_less: false,
            more: None,
            less: None,
            undecided: Vec::new(),
        }
    }

    fn answer(self, contract: &Contract) -> ContractComparison {
        let Self { may_be_more, may_be_less, more, less, mut undecided, .. } = self;
        let answer = match (more.is_some(), less.is_some(), may_be_more, may_be_less) {
            (true, true, ..) => Answer::MoreAndLess,
            (_, _, false, false) => Answer::Same,
            (_, _, false, _) => Answer::NeverMore,
            (_, _, _, false) => Answer::NeverLess,
            (true, false, ..) => Answer::More,
            (false, true, ..) => Answer::Less,
            (false, false, ..) => Answer::NotDecided,
        };
        undecided.sort();
        undecided.dedup();
        ContractComparison { contract: contract.name.clone(), answer, more, less, undecided }
    }

    fn cannot(&mut self, why: impl Into<String>) {
        self.undecided.push(why.into());
        (self.may_be_more, self.may_be_less) = (true, true);
    }

    fn contract(&mut self, new: &'a Contract, old: &'a Contract) {
        if let Some(why) = self.programs_differ() {
            self.cannot(why);
        }
        if spans(new) != spans(old) {
            self.cannot("it is in force at other times, or for other actions");
        }
        for version in &new.versions {
            for other in &old.versions {
                let meets = version
                    .effective
                    .from
                    .is_none_or(|from| other.effective.until.is_none_or(|it| from < it))
                    && other
                        .effective
                        .from
                        .is_none_or(|from| version.effective.until.is_none_or(|it| from < it));
                if meets && actions_meet(version, other) {
                    self.versions(new, version, old, other);
                }
            }
        }
    }

    /// Returns what two programs do not have in common, of all that decides who is paid by which contract and in what.
    fn programs_differ(&self) -> Option<String> {
        let (new, old) = (self.draft.terms, self.current.terms);
        let same = [
            (new.currency == old.currency, "the currency of the program"),
            (new.zone.name() == old.zone.name(), "the time zone"),
            (new.items == old.items, "how items add up"),
            (new.decimals == old.decimals, "the decimals of amounts"),
            (new.event_types == old.event_types, "the event types"),
            (new.attributes == old.attributes, "the attributes"),
        ];
        if let Some((_, what)) = same.iter().find(|(same, _)| !same) {
            return Some(format!("{what} differ"));
        }
        let partners = |terms: &Terms| -> Vec<(String, Vec<String>, Vec<String>)> {
            let of = |contract: &Contract| {
                contract.versions.first().map(|version| {
                    let partners = &version.partners;
                    (contract.name.clone(), partners.ids.clone(), partners.groups.clone())
                })
            };
            terms.contracts.iter().filter_map(of).collect()
        };
        (partners(new) != partners(old)).then(|| "which partners have which contract differs".to_owned())
    }

    fn versions(&mut self, new: &'a Contract, version: &'a Version, old: &'a Contract, other: &'a Version) {
        if version.digest == other.digest && version.effective == other.effective {
            return;
        }
        let work = Work { left: MOST_WORK };
        let mut study = Study::new(self.draft.terms, new, version, work);
        let mut regions = vec![Region::new()];
        if let Some(moment) = anchor_field(version.anchor) {
            let var = study.space.field(moment);
            let bounds = (
                other.effective.from.map(|at| (seconds(at), true)),
                other.effective.until.map(|at| (seconds(at), false)),
            );
            let inside = Values::known(Known::Numbers(Numbers::between(bounds, false)));
            regions = study.within(regions, &Formula::Is(var, inside)).unwrap_or_default();
        }
        if let Some(why) = self.versions_differ(&mut study, version, other) {
            self.cannot(why);
        }
        let of_new = cells(&mut study, version, regions.clone());
        study.space.read_as(self.current.terms, old, other);
        let of_old = cells(&mut study, other, regions);
        study.space.read_as(self.draft.terms, new, version);
        let (of_new, of_old) = match (of_new, of_old) {
            (Ok(of_new), Ok(of_old)) => (of_new, of_old),
            (Err(why), _) | (_, Err(why)) => {
                self.cannot(why);
                return;
            }
        };
        let limits = limits_differ(self.draft.terms, version, self.current.terms, other);
        let mut paid_differently = false;
        for cell in &of_new {
            for before in &of_old {
                let mut common = Vec::new();
                for region in &before.regions {
                    let condition =
                        Formula::all(region.iter().map(|(var, values)| Formula::Is(*var, values.clone())));
                    match study.within(cell.regions.clone(), &condition) {
                        Some(found) => common.extend(found),
                        None => return self.cannot("its conditions have too many cases"),
                    }
                }
                if common.is_empty() {
                    continue;
                }
                let (Pay::Linear(now), Pay::Linear(then)) = (&cell.pay, &before.pay) else {
                    self.cannot(format!("`{}` is paid by a rule file or a component", cell.group));
                    continue;
                };
                if now == then {
                    continue;
                }
                paid_differently = true;
                let is_once = |pay: &Linear| !pay.per_order.is_zero();
                if version.payout.per == PayoutPer::Item && (is_once(now) || is_once(then)) {
                    self.cannot("an amount for each order is paid with one of its items");
                    continue;
                }
                let positive = study.space.base_is_not_negative();
                let (never_less, never_more) = (now.is_at_least(then), then.is_at_least(now));
                if !positive {
                    self.cannot("the commissionable amount may be below zero");
                } else {
                    self.may_be_more |= !never_more;
                    self.may_be_less |= !never_less;
                }
                self.look(&mut study, &common);
            }
        }
        match limits {
            Limits::Same => {}
            Limits::Fewer => self.may_be_more = true,
            Limits::More => self.may_be_less = true,
            Limits::Other => self.cannot("the limits differ"),
        }
        if paid_differently && version.limits.iter().chain(&other.limits).any(is_not_monotone) {
            self.cannot("a limit pays all or nothing, or covers a single payout group");
        }
        // Limits and what is not decided may make a difference for any action.
        if (self.may_be_more && self.more.is_none()) || (self.may_be_less && self.less.is_none()) {
            let all: Vec<Region> = of_new.iter().flat_map(|cell| cell.regions.clone()).collect();
            for region in all.chunks(1).take(MOST_LOOKED) {
                self.look(&mut study, region);
            }
        }
    }

    /// Looks for actions of these regions that the draft pays more or less.
    fn look(&mut self, study: &mut Study<'a>, regions: &[Region]) {
        let regions = study.payable_first(regions);
        for tried in 0..MOST_TRIES {
            for region in &regions {
                if self.more.is_some() && self.less.is_some() {
                    return;
                }
                let Some(built) = build(&study.space, region, self.new_prover.reference, "witness-1", tried)
                else {
                    continue;
                };
                let (Some(now), Some(then)) =
                    (self.new_prover.decide(&built), self.old_prover.decide(&built))
                else {
                    continue;
                };
                let name = |view: ProgramView<'_>, proof: &Proof| {
                    view.terms.contracts.get(proof.matching.contract).map(|contract| contract.name.clone())
                };
                if name(self.draft, &now) != name(self.current, &then) {
                    continue;
                }
                let currency = |proof: &Proof| proof.decision.awards.first().map(|award| award.currency);
                let (Some(draft), Some(current)) = (now.decision.payout(), then.decision.payout()) else {
                    continue;
                };
                if currency(&now) != currency(&then) || draft == current {
                    continue;
                }
                let slot = if draft > current { &mut self.more } else { &mut self.less };
                if slot.is_none() {
                    let it = format!("pays {draft} for what the terms before paid {current}");
                    *slot = Some(Difference { witness: witness(it, built, &now.decision), current, draft });
                }
            }
        }
    }

    /// Returns what two versions do not have in common, of all that a payout depends on besides restrictions, payout groups and limits.
    fn versions_differ(&self, study: &mut Study<'a>, new: &'a Version, old: &'a Version) -> Option<String> {
        let (draft, current) = (self.draft.terms, self.current.terms);
        let (a, b) = (&new.credit, &old.credit);
        let same = [
            (new.anchor == old.anchor, "the moment that decides the terms"),
            (new.currency == old.currency, "the currency"),
            (
                a.policy == b.policy
                    && a.windows == b.windows
                    && a.standing == b.standing
                    && a.min_share == b.min_share
                    && a.below_min == b.below_min
                    && a.prefer.len() == b.prefer.len(),
                "who is credited",
            ),
            (new.rounding == old.rounding, "the rounding"),
            (new.late == old.late, "what becomes of late actions"),
            (new.at_end == old.at_end, "what becomes of payouts at the end"),
            (new.reversals == old.reversals, "what reversals take"),
            (new.payout.per == old.payout.per, "what payout groups are chosen for"),
            (new.amount.allocation == old.amount.allocation, "how an amount is spread over items"),
            (new.bonuses.is_empty() && old.bonuses.is_empty(), "bonuses, which are not compared,"),
            (
                new.payout.participation.is_none()
                    && old.payout.participation.is_none()
                    && new.payout.levels.is_empty()
                    && old.payout.levels.is_empty(),
                "payouts of other partners, which are not compared,",
            ),
        ];
        if let Some((_, what)) = same.iter().find(|(same, _)| !same) {
            return Some(format!("{what} may differ"));
        }
        let mut rules: Vec<(Option<&Rule>, Option<&Rule>, &str)> = vec![
            (new.amount.order.as_deref(), old.amount.order.as_deref(), "the commissionable amount"),
            (new.amount.item.as_deref(), old.amount.item.as_deref(), "the commissionable amount"),
            (new.amount.spread.as_deref(), old.amount.spread.as_deref(), "the commissionable amount"),
            (a.when.as_deref(), b.when.as_deref(), "the condition on touches"),
        ];
        for (new, old) in a.prefer.iter().zip(&b.prefer) {
            rules.push((Some(new), Some(old), "which touch is preferred"));
        }
        for (new_rule, old_rule, what) in rules {
            let same = match (new_rule, old_rule) {
                (None, None) => true,
                (Some(one), Some(other)) => {
                    let contract = study.space.contract;
                    let one = applies(one).map(|expr| super::condition::key(&mut study.space, &expr));
                    study.space.read_as(current, contract, old);
                    let other = applies(other).map(|expr| super::condition::key(&mut study.space, &expr));
                    study.space.read_as(draft, contract, new);
                    one.is_some() && one == other
                }
                _ => false,
            };
            if !same {
                return Some(format!("{what} may differ"));
            }
        }
        if new.rules().chain(old.rules()).any(divides) {
            return Some("a rule divides by a fact, which may be zero".to_owned());
        }
        let reads_contract = |version: &Version| {
            version.rules().any(|rule| rule.reads.iter().any(|field| field.spec().record == Record::Contract))
        };
        if reads_contract(new) || reads_contract(old) {
            return Some("a rule reads the contract itself".to_owned());
        }
        for total in &new.totals {
            let other = old.totals.iter().find(|other| other.name == total.name);
            let counter = |terms: &Terms, index: usize| terms.counters.get(index).map(anywhere);
            if let Some(other) = other
                && (counter(draft, total.counter) != counter(current, other.counter)
                    || total.of.is_some()
                    || other.of.is_some()
                    || total.when_unknown != other.when_unknown)
            {
                return Some(format!("the total `{}` may count something else", total.name));
            }
        }
        if new.totals.len() != old.totals.len() {
            return Some("the declared totals differ".to_owned());
        }
        let long = |terms: &'a Terms| {
            terms.lists.iter().filter(|(_, list)| list.len() > super::condition::MOST_LISTED)
        };
        let differs = long(draft).find(|(name, list)| {
            current.lists.get(*name).is_none_or(|other| other.values() != list.values())
        });
        differs.map(|(name, _)| format!("the list `{name}` is long and may differ"))
    }
}

/// The most regions in which an action is looked for that nothing says anything about.
const MOST_LOOKED: usize = 64;

/// Divides all actions of some regions by what is paid for them.
fn cells(study: &mut Study<'_>, version: &Version, regions: Vec<Region>) -> Result<Vec<Cell>, String> {
    const TOO_MANY: &str = "its conditions have too many cases";
    let nothing = Linear::of(&[]).map_or(Pay::Other, Pay::Linear);
    let mut found = Vec::new();
    let mut left = regions;
    let mut refused = Vec::new();
    for restriction in &version.restrictions {
        let rule = match &restriction.body {
            RestrictionBody::When { verdict, .. } if !matches!(verdict, Verdict::Reject | Verdict::Zero) => {
                continue;
            }
            RestrictionBody::When { condition, .. } | RestrictionBody::Script(condition) => condition,
            RestrictionBody::Component(_) => return Err(format!("`{}` is a component", restriction.name)),
        };
        let condition = rule.condition(|verb| matches!(verb, Verb::Reject | Verb::Zero));
        let Some(condition) = condition else {
            return Err(format!("`{}` has a loop, or a local that changes", restriction.name));
        };
        refused.push(formula(&mut study.space, &condition, None));
    }
    let refused = Formula::any(refused);
    let take = study.within(left.clone(), &refused).ok_or(TOO_MANY)?;
    found.push(Cell { regions: take, pay: nothing.clone(), group: "nothing".to_owned() });
    left = study.outside(left, &refused).ok_or(TOO_MANY)?;
    let payout = &version.payout;
    let mut order: Vec<usize> = (0..payout.groups.len()).collect();
    match payout.choose {
        Choose::First => {}
        Choose::MostSpecific => order.sort_by_key(|index| {
            std::cmp::Reverse(payout.groups.get(*index).map_or(0, |group| group.specificity))
        }),
        Choose::Highest | Choose::Stack if payout.groups.is_empty() => {}
        Choose::Highest => return Err("the group that pays most is chosen".to_owned()),
        Choose::Stack => return Err("several groups pay together".to_owned()),
    }
    let groups = order.into_iter().filter_map(|index| payout.groups.get(index)).chain(&payout.default);
    for group in groups {
        let when = match &group.when {
            Some(when) => study.condition(when)?,
            None => Formula::Const(true),
        };
        let arms: Vec<(Formula, Pay)> = match &group.pays {
            Pays::Fixed(effects) => {
                vec![(when, Linear::of(effects).map_or(Pay::Other, Pay::Linear))]
            }
            Pays::Bands { by, bands } => {
                let mut arms = Vec::new();
                // From the highest down: each takes what those above have left.
                for band in bands.iter().rev() {
                    let reaches = study.at_least(by, band.from)?;
                    let pay = Linear::of(&band.effects).map_or(Pay::Other, Pay::Linear);
                    arms.push((Formula::all([when.clone(), reaches]), pay));
                }
                arms
            }
            Pays::Script(rule) => {
                let gives = study.condition(rule)?;
                vec![(Formula::all([when, gives]), Pay::Other)]
            }
            Pays::Component(_) => return Err(format!("`{}` is a component", group.name)),
        };
        for (condition, pay) in arms {
            let take = study.within(left.clone(), &condition).ok_or(TOO_MANY)?;
            found.push(Cell { regions: take, pay, group: group.name.clone() });
            left = study.outside(left, &condition).ok_or(TOO_MANY)?;
        }
    }
    found.push(Cell { regions: left, pay: nothing, group: "nothing".to_owned() });
    Ok(found)
}

/// How the limits of a draft differ from the current.
enum Limits {
    Same,
    /// The draft has all of the current and others, or lower.
    More,
    /// The current terms have all of the draft's and others, or lower.
    Fewer,
    Other,
}

fn limits_differ(draft: &Terms, new: &Version, current: &Terms, old: &Version) -> Limits {
    let counter =
        |terms: &Terms, limit: &Limit| limit.counter.map(|index| terms.counters.get(index).map(anywhere));
    let alike = |one: &Limit, other: &Limit| {
        counter(draft, one) == counter(current, other)
            && one.group == other.group
            && one.edge == other.edge
            && one.when_unknown == other.when_unknown
    };
    let lower = |one: &LimitMax, other: &LimitMax| match (one, other) {
        (LimitMax::Money(one), LimitMax::Money(other)) => one <= other,
        (LimitMax::Share(one), LimitMax::Share(other)) => one <= other,
        (LimitMax::Count(one), LimitMax::Count(other)) => one <= other,
        (one, other) => one == other,
    };
    let pairs = || new.limits.iter().zip(&old.limits);
    if new.limits.len() == old.limits.len()
        && pairs().all(|(one, other)| alike(one, other) && one.max == other.max)
    {
        return Limits::Same;
    }
    let plain = |limit: &Limit| limit.edge == Edge::Remainder && !is_not_monotone(limit);
    if !new.limits.iter().chain(&old.limits).all(plain) {
        return Limits::Other;
    }
    let has = |other: &Limit| new.limits.iter().any(|one| alike(one, other) && lower(&one.max, &other.max));
    let had = |one: &Limit| old.limits.iter().any(|other| alike(one, other) && lower(&other.max, &one.max));
    match (old.limits.iter().all(has), new.limits.iter().all(had)) {
        (true, true) => Limits::Same,
        (true, false) => Limits::More,
        (false, true) => Limits::Fewer,
        (false, false) => Limits::Other,
    }
}

/// Returns whether a higher payout may come out of a limit lower, or the limit depends on which group pays.
fn is_not_monotone(limit: &Limit) -> bool {
    limit.edge == Edge::AllOrNothing || limit.group.is_some() || matches!(limit.max, LimitMax::Line { .. })
}

/// Returns whether a rule divides by what may be zero: it then fails, and nothing is paid.
fn divides(rule: &Rule) -> bool {
    let mut found = false;
    let mut meet = |node: Node<'_>| {
        if let Node::Expr(Expr { kind: ExprKind::Binary(op, sides), .. }) = node {
            use BinaryOp::{DivDecimal, DivMoney, RatioMoney, RemDecimal, RemInteger};
            found |= matches!(op, DivDecimal | DivMoney | RatioMoney | RemDecimal | RemInteger)
                && !matches!(sides.1.kind, ExprKind::Const(_));
        }
    };
    rule.body.walk(&mut meet);
    rule.functions.iter().for_each(|function| function.body.walk(&mut meet));
    found
}

/// Returns a counter without the place of its contract in the program.
fn anywhere(counter: &Counter) -> Counter {
    Counter { contract: counter.contract.map(|_| 0), ..counter.clone() }
}

fn anchor_field(anchor: Anchor) -> Option<Field> {
    let (record, name) = match anchor {
        Anchor::Click => (Record::Touch, "at"),
        Anchor::Event => (Record::Action, "occurred_at"),
        Anchor::Submission => (Record::Action, "submitted_at"),
    };
    super::space::field_named(record, name)
}

/// Returns when versions of a contract are in force and for which actions; versions that follow each other are one.
fn spans(contract: &Contract) -> Vec<String> {
    let mut found: Vec<(String, crate::time::Interval)> = Vec::new();
    for version in &contract.versions {
        let of = format!("{:?} {:?} {:?}", version.actions, version.anchor, version.late);
        match found.iter_mut().rev().find(|(other, _)| *other == of) {
            Some((_, interval)) if interval.until == version.effective.from => {
                interval.until = version.effective.until;
            }
            _ => found.push((of, version.effective)),
        }
    }
    found.into_iter().map(|(of, interval)| format!("{of} {interval:?}")).collect()
}

fn actions_meet(one: &Version, other: &Version) -> bool {
    let (a, b) = (&one.actions, &other.actions);
    let types = a.event_types.is_empty()
        || b.event_types.is_empty()
        || a.event_types.iter().any(|listed| b.event_types.contains(listed));
    let currencies = a.currencies.is_empty()
        || b.currencies.is_empty()
        || a.currencies.iter().any(|listed| b.currencies.contains(listed));
    types && currencies
}
