//! The conditions of one contract version as formulas, and the actions that each restriction and payout group takes.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::condition::formula;
use super::logic::{Formula, Region, Work};
use super::space::Space;
use crate::diagnostic::Place;
use crate::lang::catalog::{Field, Verb};
use crate::lang::{BinaryOp, Compared, Comparison, Const, Expr, ExprKind, Node, Record, Rule, TotalAt, Type};
use crate::terms::{
    Choose, Contract, Effect, Group, PayoutPer, Pays, Restriction, RestrictionBody, Terms, Verdict, Version,
};

/// A restriction or payout group, and the actions that it takes.
#[derive(Debug)]
pub(super) struct Taken {
    /// The condition; `None` if it cannot be read as one.
    pub(super) condition: Option<Arc<Formula>>,
    /// The actions that meet the condition; `None` if they are too many cases.
    pub(super) regions: Option<Vec<Region>>,
    /// Why nothing can be said; empty if something can.
    pub(super) why: &'static str,
}

/// One version while it is looked at.
pub(super) struct Study<'t> {
    pub(super) space: Space<'t>,
    pub(super) work: Work,
    pub(super) restrictions: Vec<Taken>,
    /// The payout groups, the default payout last.
    pub(super) groups: Vec<Taken>,
    /// The condition on touches.
    credited: Formula,
    /// That no restriction applies, as far as that can be said.
    unrestricted: Formula,
}

const OCCURRED_AT: Field = Field::named(Record::Action, "occurred_at");
const AMOUNT: Field = Field::named(Record::Action, "amount");
const TOUCH_AT: Field = Field::named(Record::Touch, "at");

/// What is said of a rule whose condition cannot be read.
const NOT_READ: &str = "its rule has a loop, or a local that changes";
const COMPONENT: &str = "a component decides";
const TOO_MANY: &str = "its condition has too many cases";

impl<'t> Study<'t> {
    pub(super) fn new(terms: &'t Terms, contract: &'t Contract, version: &'t Version, work: Work) -> Self {
        let space = Space::new(terms, contract, version);
        let none = Formula::Const(true);
        let (restrictions, groups) = (Vec::new(), Vec::new());
        let mut study =
            Self { space, work, restrictions, groups, credited: none.clone(), unrestricted: none };
        // A witness needs these in any case.
        for field in [Field::ACTION_EVENT_TYPE, OCCURRED_AT, AMOUNT, TOUCH_AT] {
            study.space.field(field);
        }
        let restrictions = version.restrictions.iter().map(|restriction| study.restriction(restriction));
        study.restrictions = restrictions.collect();
        let groups: Vec<Taken> = version.groups().map(|group| study.group(group)).collect();
        study.groups = groups;
        if let Some(when) = &version.credit.when
            && let Some(expr) = applies(when)
        {
            study.credited = formula(&mut study.space, &expr, None);
        }
        let any = study.restrictions.iter().filter_map(|taken| taken.condition.as_deref().cloned());
        study.unrestricted = Formula::any(any.collect::<Vec<_>>()).negated(&study.space.domains);
        study
    }

    fn taken(&mut self, condition: Result<Formula, &'static str>) -> Taken {
        match condition {
            Ok(condition) => {
                let regions = self.within(vec![Region::new()], &condition);
                let why = if regions.is_none() { TOO_MANY } else { "" };
                Taken { condition: Some(Arc::new(condition)), regions, why }
            }
            Err(why) => Taken { condition: None, regions: None, why },
        }
    }

    fn restriction(&mut self, restriction: &Restriction) -> Taken {
        let condition = match &restriction.body {
            RestrictionBody::When { condition: rule, .. } | RestrictionBody::Script(rule) => {
                self.condition(rule)
            }
            RestrictionBody::Component(_) => Err(COMPONENT),
        };
        self.taken(condition)
    }

    /// Returns the formula of the condition under which a rule applies.
    pub(super) fn condition(&mut self, rule: &Rule) -> Result<Formula, &'static str> {
        let expr = applies(rule).ok_or(NOT_READ)?;
        Ok(formula(&mut self.space, &expr, None))
    }

    fn group(&mut self, group: &Group) -> Taken {
        let condition = self.group_condition(group);
        self.taken(condition)
    }

    fn group_condition(&mut self, group: &Group) -> Result<Formula, &'static str> {
        let when = match &group.when {
            Some(when) => self.condition(when)?,
            None => Formula::Const(true),
        };
        let pays = match &group.pays {
            Pays::Fixed(_) => Formula::Const(true),
            Pays::Bands { by, bands } => {
                let from = bands.first().map_or(Decimal::ZERO, |band| band.from);
                self.at_least(by, from)?
            }
            Pays::Script(rule) => self.condition(rule)?,
            Pays::Component(_) => return Err(COMPONENT),
        };
        Ok(Formula::all([when, pays]))
    }

    /// Returns the formula that the value of a rule is at least a number.
    pub(super) fn at_least(&mut self, by: &Rule, from: Decimal) -> Result<Formula, &'static str> {
        let value = applies(by).ok_or(NOT_READ)?;
        let span = value.span;
        let bound = Expr { kind: ExprKind::Const(Const::Decimal(from)), ty: value.ty, span };
        let compare = BinaryOp::Compare(Comparison::GreaterOrEqual, Compared::Decimal);
        let kind = ExprKind::Binary(compare, Box::new((value, bound)));
        let condition = Expr { kind, ty: Type::BOOL, span };
        Ok(formula(&mut self.space, &condition, None))
    }

    pub(super) fn within(&mut self, regions: Vec<Region>, formula: &Formula) -> Option<Vec<Region>> {
        self.space.domains.within(regions, formula, &mut self.work)
    }

    pub(super) fn outside(&mut self, regions: Vec<Region>, formula: &Formula) -> Option<Vec<Region>> {
        self.space.domains.outside(regions, formula, &mut self.work)
    }

    /// Returns whether a condition may hold somewhere in these regions.
    pub(super) fn touches(&mut self, regions: &[Region], formula: &Formula) -> Option<bool> {
        for region in regions {
            if self.space.domains.touches(region, formula, &mut self.work)? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Returns the condition of a payout group.
    pub(super) fn condition_of(&self, group: usize) -> Option<Arc<Formula>> {
        self.groups.get(group)?.condition.clone()
    }

    /// Returns the actions that a payout group matches.
    pub(super) fn regions_of(&self, group: usize) -> Option<&[Region]> {
        self.groups.get(group)?.regions.as_deref()
    }

    /// Returns the actions of these regions that a touch is credited for and no restriction stops, then all others.
    pub(super) fn payable_first(&mut self, regions: &[Region]) -> Vec<Region> {
        let (credited, free) = (self.credited.clone(), self.unrestricted.clone());
        let credited = self.within(regions.to_vec(), &credited).unwrap_or_default();
        let mut found = self.within(credited.clone(), &free).unwrap_or_default();
        found.truncate(4);
        found.extend(credited.into_iter().take(2));
        found.extend(regions.iter().take(2).cloned());
        found
    }

    /// Returns the payout groups that are chosen before another if both match, and why.
    pub(super) fn before(&self, group: usize) -> Vec<usize> {
        let payout = &self.space.version.payout;
        let Some(of) = payout.groups.get(group) else {
            // The default payout comes after all groups.
            let all = if payout.choose == Choose::Stack { 0 } else { payout.groups.len() };
            return (0..all).collect();
        };
        let others = payout.groups.iter().enumerate().filter(|(index, _)| *index != group);
        let comes_first = |(index, other): &(usize, &Group)| match payout.choose {
            Choose::First => *index < group,
            Choose::MostSpecific => (other.specificity, group) > (of.specificity, *index),
            Choose::Highest => self.never_pays_less((*index, other), (group, of)),
            Choose::Stack => false,
        };
        others.filter(comes_first).map(|(index, _)| index).collect()
    }

    /// Returns whether a group is paid wherever another matches too, because it never pays less.
    fn never_pays_less(
        &self,
        (index, group): (usize, &Group),
        (other_index, other): (usize, &Group),
    ) -> bool {
        let (Pays::Fixed(one), Pays::Fixed(other)) = (&group.pays, &other.pays) else { return false };
        if !self.space.base_is_not_negative() {
            return false;
        }
        let (Some(one), Some(other)) = (Linear::of(one), Linear::of(other)) else { return false };
        let has_once = !one.per_order.is_zero() || !other.per_order.is_zero();
        if has_once && self.space.version.payout.per == PayoutPer::Item {
            return false;
        }
        let more_flat = one.per_order > other.per_order || one.per_line > other.per_line;
        one.is_at_least(&other) && (index < other_index || more_flat)
    }

    /// Returns the text of an expression; `None` if its source is not there.
    pub(super) fn text(&self, place: &Place) -> Option<String> {
        let source = self.space.terms.sources.get(&place.file)?;
        let text = source.get(place.span.range())?;
        let one_line: Vec<&str> = text.split_whitespace().collect();
        let text = one_line.join(" ");
        let mut clipped: String = text.chars().take(MOST_SHOWN).collect();
        if clipped.len() < text.len() {
            clipped.push('…');
        }
        (!clipped.is_empty()).then_some(clipped)
    }

    /// Returns the actions that no restriction refuses; all if they are too many cases.
    pub(super) fn reachable(&mut self) -> Vec<Region> {
        let all = vec![Region::new()];
        let mut left = all.clone();
        for index in 0..self.restrictions.len() {
            let condition = self.restrictions.get(index).and_then(|taken| taken.condition.clone());
            let Some(condition) = condition.filter(|_| self.refuses(index)) else { continue };
            match self.outside(left, &condition) {
                Some(rest) if !rest.is_empty() && rest.len() <= MOST_REACHABLE => left = rest,
                _ => return all,
            }
        }
        left
    }

    /// Returns whether a restriction refuses actions whatever the payout groups say: they then see the same facts as it does.
    pub(super) fn refuses(&self, index: usize) -> bool {
        let Some(restriction) = self.space.version.restrictions.get(index) else { return false };
        let RestrictionBody::When { condition, verdict, .. } = &restriction.body else { return false };
        matches!(verdict, Verdict::Reject | Verdict::Zero) && !reads_this(condition)
    }
}

/// The most boxes of the actions that no restriction refuses: every part of a condition is looked at in each of them.
const MOST_REACHABLE: usize = 16;

/// The most characters of a condition that a message shows.
const MOST_SHOWN: usize = 60;

/// Returns whether a rule reads a total with the action: restrictions and payout groups may see different numbers.
fn reads_this(rule: &Rule) -> bool {
    let mut found = false;
    let mut meet = |node: Node<'_>| {
        if let Node::Expr(Expr { kind: ExprKind::Total(_, field), .. }) = node {
            found |= field.at == TotalAt::WithThis;
        }
    };
    rule.body.walk(&mut meet);
    rule.functions.iter().for_each(|function| function.body.walk(&mut meet));
    found
}

/// Returns the condition under which a rule applies, as one expression: an inline condition holds, or a rule file gives a verb that does
/// something. `None` if it cannot be read as one.
pub(super) fn applies(rule: &Rule) -> Option<Expr> {
    rule.condition(|verb| !matches!(verb, Verb::Notice | Verb::Flag))
}

/// Returns the conditions joined by `&&`.
pub(super) fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::And(first, rest) => {
            let mut found = conjuncts(first);
            found.extend(rest.iter().flat_map(|operand| conjuncts(&operand.expr)));
            found
        }
        _ => vec![expr],
    }
}

/// What fixed verbs pay: a part of the base, an amount for each line and an amount for each unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Linear {
    pub(super) rate: Decimal,
    pub(super) per_order: Decimal,
    pub(super) per_line: Decimal,
    pub(super) per_unit: Decimal,
}

impl Linear {
    /// Returns what verbs pay together. Returns `None` if a number does not fit.
    pub(super) fn of(effects: &[Effect]) -> Option<Self> {
        use crate::terms::AddPer;
        let (mut rate, mut points) = (Decimal::ZERO, Decimal::ZERO);
        let (mut per_order, mut per_line, mut per_unit) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
        for effect in effects {
            match effect {
                Effect::Rate(value) => rate = *value,
                Effect::AddPoints(value) => points = points.checked_add(*value)?,
                Effect::Multiply(factor) => {
                    for part in [&mut rate, &mut points, &mut per_order, &mut per_line, &mut per_unit] {
                        *part = part.checked_mul(*factor)?;
                    }
                }
                Effect::Add { amount, per } => {
                    let part = match per {
                        AddPer::Order => &mut per_order,
                        AddPer::Item => &mut per_line,
                        AddPer::Unit => &mut per_unit,
                    };
                    *part = part.checked_add(amount.0)?;
                }
            }
        }
        Some(Self { rate: rate.checked_add(points)?, per_order, per_line, per_unit })
    }

    /// Returns whether this pays at least as much on every base that is not negative.
    pub(super) fn is_at_least(&self, other: &Self) -> bool {
        self.rate >= other.rate
            && self.per_order >= other.per_order
            && self.per_line >= other.per_line
            && self.per_unit >= other.per_unit
    }

    /// Returns the amount that is paid whatever the base and the units are; `None` if it depends on them.
    pub(super) fn flat(&self, per: PayoutPer) -> Option<Decimal> {
        if per != PayoutPer::Order || !self.rate.is_zero() || !self.per_unit.is_zero() {
            return None;
        }
        self.per_order.checked_add(self.per_line)
    }
}
