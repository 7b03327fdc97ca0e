//! Lists everything of a program's terms that a test can reach.
//!
//! A contract file may be several versions, one for each currency and event type, and a rule file may be named by several contracts.
//! Each point of the text is listed once.

use std::collections::BTreeMap;

use crate::diagnostic::{Place, Span};
use crate::lang::{Arm, ArmValue, Const, Expr, ExprKind, Node, Rule, Stmt};
use crate::run::PointKind;
use crate::terms::{Band, Bonus, BonusPays, Group, Limit, Pays, RestrictionBody, Terms, Version};
use rust_decimal::Decimal;

/// The longest name that is made of a rule's text, in characters.
const NAME_CHARS: usize = 60;

/// Points by place and kind, with their names.
pub(super) type Points = BTreeMap<(Place, PointKind), String>;

/// Returns all points.
pub(super) fn points(terms: &Terms) -> Points {
    let mut found = Found { terms, points: Points::new() };
    for version in terms.contracts.iter().flat_map(|contract| &contract.versions) {
        found.version(version);
    }
    for counting in terms.counters.iter().flat_map(|counter| [&counter.when, &counter.items]) {
        counting.iter().for_each(|counting| found.condition(&counting.rule));
    }
    for measure in terms.counters.iter().filter_map(|counter| counter.measure.as_ref()) {
        found.rule(&measure.rule);
    }
    found.points
}

struct Found<'t> {
    terms: &'t Terms,
    points: Points,
}

impl Found<'_> {
    fn add(&mut self, place: &Place, kind: PointKind, name: &str) {
        self.points.entry((place.clone(), kind)).or_insert_with(|| name.to_owned());
    }

    fn version(&mut self, version: &Version) {
        version.credit.rules().for_each(|rule| self.condition(rule));
        version.computing().chain(version.total_rules()).for_each(|rule| self.rule(rule));
        for restriction in &version.restrictions {
            let may_match = !matches!(&restriction.body, RestrictionBody::When { condition, .. } if is_constant(condition));
            if may_match {
                self.add(&restriction.place, PointKind::Restriction, &restriction.name);
            }
        }
        version.groups().chain(&version.payout.participation).for_each(|group| self.group(group));
        for level in &version.payout.levels {
            self.add(&level.place, PointKind::Group, &level.name);
        }
        version.limits.iter().for_each(|limit| self.limit(limit));
        version.bonuses.iter().for_each(|bonus| self.bonus(bonus));
        let reversals = &version.reversals;
        if let Some(threshold) = &reversals.threshold {
            let share = format!("{}%", (threshold.share.saturating_mul(Decimal::ONE_HUNDRED)).normalize());
            self.add(&threshold.place, PointKind::ReturnBelow, &share);
            self.add(&threshold.place, PointKind::ReturnAbove, &share);
        }
        for age in &reversals.ages {
            self.add(&age.place, PointKind::Age, &age.from_days.to_string());
        }
    }

    fn group(&mut self, group: &Group) {
        self.add(&group.place, PointKind::Group, &group.name);
        if let Pays::Bands { bands, .. } = &group.pays {
            for (n, Band { from, place, .. }) in bands.iter().enumerate() {
                self.step(place, *from, n == 0, (PointKind::Band, PointKind::BandEdge));
            }
        }
    }

    /// Adds a band or a tier. Values begin at zero, so a first bound of zero or below is no edge.
    fn step(&mut self, place: &Place, from: Decimal, is_first: bool, (inside, edge): (PointKind, PointKind)) {
        let name = from.normalize().to_string();
        self.add(place, inside, &name);
        if !is_first || from > Decimal::ZERO {
            self.add(place, edge, &name);
        }
    }

    fn limit(&mut self, limit: &Limit) {
        self.add(&limit.place, PointKind::LimitBelow, &limit.name);
        self.add(&limit.place, PointKind::LimitReached, &limit.name);
    }

    fn bonus(&mut self, bonus: &Bonus) {
        self.add(&bonus.place, PointKind::Bonus, &bonus.name);
        bonus.when.iter().for_each(|when| self.condition(when));
        bonus.rules().for_each(|rule| self.rule(rule));
        if bonus.at_most.is_some() {
            self.add(&bonus.place, PointKind::LimitBelow, &bonus.name);
            self.add(&bonus.place, PointKind::LimitReached, &bonus.name);
        }
        if let BonusPays::Tiers(ladder) = &bonus.pays {
            for (n, tier) in ladder.tiers.iter().enumerate() {
                self.step(&tier.place, tier.from, n == 0, (PointKind::Tier, PointKind::TierEdge));
            }
        }
    }

    /// Adds both outcomes of a condition, and what is inside of it.
    fn condition(&mut self, rule: &Rule) {
        self.rule(rule);
        if !is_constant(rule) {
            let name = self.text(&rule.place);
            self.add(&rule.place, PointKind::Holds, &name);
            self.add(&rule.place, PointKind::Fails, &name);
        }
    }

    /// Adds the branches and the verbs of a rule and of the functions that it calls.
    fn rule(&mut self, rule: &Rule) {
        let mut meet = |node: Node<'_>| match node {
            Node::Stmt(Stmt::Verb { span, .. }) => self.span(rule, *span, PointKind::Verb),
            Node::Expr(Expr { kind: ExprKind::If(condition, ..), .. }) => {
                if !matches!(condition.kind, ExprKind::Const(_)) {
                    self.span(rule, condition.span, PointKind::Holds);
                    self.span(rule, condition.span, PointKind::Fails);
                }
            }
            Node::Expr(Expr { kind: ExprKind::Switch(switch), .. }) => {
                for arm in &switch.arms {
                    self.add(&rule.place_of(arm.body.span), PointKind::Arm, &arm_name(arm));
                }
                if let Some(default) = &switch.default {
                    self.add(&rule.place_of(default.span), PointKind::DefaultArm, "_");
                }
            }
            Node::Stmt(_) | Node::Expr(_) => {}
        };
        rule.body.walk(&mut meet);
        rule.functions.iter().for_each(|function| function.body.walk(&mut meet));
    }

    fn span(&mut self, rule: &Rule, span: Span, kind: PointKind) {
        let place = rule.place_of(span);
        let name = self.text(&place);
        self.add(&place, kind, &name);
    }

    /// Returns the text at a place on one line, cut to [`NAME_CHARS`]. In a table, of the cell.
    fn text(&self, place: &Place) -> String {
        let source = self.terms.sources.get(&place.file).map_or("", |text| &**text);
        let (start, end) = (place.span.start as usize, place.span.end as usize);
        let text = source.get(start..end).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match text.char_indices().nth(NAME_CHARS) {
            Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
            None => text,
        }
    }
}

/// Returns whether a condition was folded into a constant, so that it has one outcome.
fn is_constant(rule: &Rule) -> bool {
    let value = rule.body.value.as_ref().map(|value| &value.kind);
    rule.body.stmts.is_empty() && matches!(value, Some(ExprKind::Const(_)))
}

/// Returns the literals of an arm as rules write them.
fn arm_name(arm: &Arm) -> String {
    let value = |value: &ArmValue| match value {
        ArmValue::Const(Const::Text(text)) => format!("\"{text}\""),
        ArmValue::Const(Const::Bool(value)) => value.to_string(),
        ArmValue::Const(Const::Integer(value)) => value.to_string(),
        ArmValue::Const(Const::Decimal(value)) => value.normalize().to_string(),
        ArmValue::Const(Const::Money(value)) => value.to_string(),
        ArmValue::Const(Const::Date(value)) => value.to_string(),
        ArmValue::Const(Const::Time(value)) => value.to_string(),
        ArmValue::Const(Const::Duration(value)) => value.to_string(),
        ArmValue::Const(Const::Unit) => "()".to_owned(),
        ArmValue::Range { start, end, inclusive } => {
            format!("{start}{}{end}", if *inclusive { "..=" } else { ".." })
        }
    };
    arm.values.iter().map(value).collect::<Vec<_>>().join(" | ")
}
