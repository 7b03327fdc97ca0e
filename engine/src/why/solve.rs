//! Finds what would have made a condition hold.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{FailedPart, Wanted, WhyNot};
use crate::diagnostic::Span;
use crate::lang::catalog::{Builtin, Field};
use crate::lang::condition::{all, replaced};
use crate::lang::{
    Base, BinaryOp, Compared, Comparison, Const, Expr, ExprKind, FactRef, List, Node, Record, Rule, TotalAt,
    Type, UnaryOp, Value,
};
use crate::limits::Limits;
use crate::money::{Money, checked};
use crate::run::{Evaluator, RuleInput, shown};
use crate::terms::Scope;
use crate::time::{Duration, is_in_years};

/// The most nodes of a condition that is explained. It is evaluated once for each part that failed, so the work grows with the square.
const NODES: usize = 512;

/// The most parts that are told.
const PARTS: usize = 8;

/// The most values of a list that are told.
const VALUES: usize = 20;

/// Returns why conditions that must all hold did not; `None` if it cannot be said. Each comes with the rule that it was made of.
pub(crate) fn why_not(
    conditions: &[(&Rule, Expr)],
    input: &RuleInput<'_>,
    limits: &Limits,
) -> Option<WhyNot> {
    let mut nodes = 0_usize;
    for (_, condition) in conditions {
        condition.walk(&mut |_| nodes = nodes.saturating_add(1));
    }
    if nodes > NODES {
        return None;
    }
    let conditions: Vec<(&Rule, Expr)> =
        conditions.iter().map(|(rule, condition)| (*rule, with_validity(condition))).collect();
    let mut solver = Solver { input, limits, changes: Vec::new(), parts: Vec::new(), is_complete: true };
    for (rule, condition) in &conditions {
        match solver.truth(rule, condition) {
            Some(true) => {}
            Some(false) => solver.solve(rule, condition, true),
            None => solver.is_complete = false,
        }
    }
    let enough = solver.is_complete
        && !solver.changes.is_empty()
        && conditions.iter().all(|(rule, condition)| solver.truth(rule, condition) == Some(true))
        && solver.reads_each_once(&conditions);
    let Solver { changes, mut parts, .. } = solver;
    if parts.is_empty() {
        return None;
    }
    for Found { part, leaf, saw } in &mut parts {
        let change = changes.iter().find(|change| Some(&change.leaf) == leaf.as_ref()).filter(|_| enough);
        if let Some(change) = change {
            part.nearest = change.nearest(input);
            part.missing = change.missing(saw, input).unwrap_or_default();
        }
    }
    Some(WhyNot { parts: parts.into_iter().map(|found| found.part).collect(), enough })
}

/// Returns a condition in which questions about the validity of the creative are comparisons with its dates.
fn with_validity(condition: &Expr) -> Expr {
    replaced(condition, &mut |expr| {
        let (field, comparison, at) = match &expr.kind {
            ExprKind::Builtin(Builtin::ExpiredAt, args) => {
                (Field::CREATIVE_VALID_UNTIL, Comparison::LessOrEqual, args.last()?)
            }
            ExprKind::Builtin(Builtin::NotYetValidAt, args) => {
                (Field::CREATIVE_VALID_FROM, Comparison::Greater, args.last()?)
            }
            _ => return None,
        };
        let span = expr.span;
        let node = |kind, ty| Expr { kind, ty, span };
        let fact = node(ExprKind::Fact(field), field.spec().ty);
        let known = node(ExprKind::Known(Box::new(fact.clone())), Type::BOOL);
        let op = BinaryOp::Compare(comparison, Compared::Time);
        let compared = node(ExprKind::Binary(op, Box::new((fact, at.clone()))), Type::BOOL);
        Some(all([known, compared], span))
    })
}

/// What would have to change: a fact, or what is computed of facts.
#[derive(Clone, Debug, PartialEq)]
enum Leaf {
    Fact(FactRef),
    /// Something computed, as a text in which equal computations are equal.
    Computed(String),
    /// Whether a list contains one of some values, as such a text.
    Contains(String),
}

/// A change under which a part of the condition holds.
#[derive(Clone, Debug)]
struct Change {
    leaf: Leaf,
    value: Const,
    /// The value as it is told, if not by itself: of a list, what it would contain.
    told: Option<String>,
}

impl Change {
    fn nearest(&self, input: &RuleInput<'_>) -> String {
        match (&self.told, &self.value) {
            (Some(told), _) => told.clone(),
            (None, value) => told(value.value(), input),
        }
    }

    /// Returns how far a value is from the nearest that is enough.
    fn missing(&self, saw: &Const, input: &RuleInput<'_>) -> Option<String> {
        let apart = |a: Decimal, b: Decimal| checked::sub(a, b).ok().map(|apart| apart.abs());
        let number = |apart: Decimal| apart.normalize().to_string();
        let money = |apart: Decimal| told(Value::Money(Money(apart)), input);
        let length = |seconds: i64| Duration { seconds }.in_words();
        match (saw, &self.value) {
            (Const::Integer(a), Const::Integer(b)) => Some(a.abs_diff(*b).to_string()),
            (Const::Decimal(a), Const::Decimal(b)) => apart(*a, *b).map(number),
            (Const::Money(a), Const::Money(b)) => apart(a.0, b.0).map(money),
            (Const::Time(a), Const::Time(b)) => Some(length(a.since(*b).seconds)),
            (Const::Date(a), Const::Date(b)) => Some(length(a.signed_duration_since(*b).num_seconds())),
            (Const::Duration(a), Const::Duration(b)) => Some(length(a.seconds.checked_sub(b.seconds)?)),
            _ => None,
        }
    }
}

/// A part that failed, with what it is about.
struct Found {
    part: FailedPart,
    leaf: Option<Leaf>,
    saw: Const,
}

struct Solver<'r, 'a> {
    input: &'r RuleInput<'a>,
    limits: &'r Limits,
    /// The changes so far; a later one of a fact takes the place of an earlier one.
    changes: Vec<Change>,
    parts: Vec<Found>,
    /// Whether each part that failed has a change.
    is_complete: bool,
}

/// A side of a comparison that can be moved to any value, by one leaf.
struct Reached<'e> {
    leaf: Leaf,
    expr: &'e Expr,
    /// The value at which the comparison turns, for the leaf.
    bound: Const,
    comparison: Comparison,
}

impl Solver<'_, '_> {
    /// Returns an expression as it is with the changes.
    fn changed(&self, expr: &Expr) -> Expr {
        if self.changes.is_empty() {
            return expr.clone();
        }
        replaced(expr, &mut |expr| {
            let change = self.changes.iter().find(|change| leaf(expr).as_ref() == Some(&change.leaf))?;
            let ty = Type::known(expr.ty.base);
            Some(Expr { kind: ExprKind::Const(change.value.clone()), ty, span: expr.span })
        })
    }

    /// Evaluates an expression with the changes; `None` if it fails, or is a list.
    fn value(&self, rule: &Rule, expr: &Expr) -> Option<Const> {
        let rule = rule.of(self.changed(expr));
        let mut evaluator = Evaluator::new(self.limits, None);
        let value = evaluator.run(&rule, self.input).ok()?;
        Const::of(value)
    }

    fn truth(&self, rule: &Rule, expr: &Expr) -> Option<bool> {
        match self.value(rule, expr)? {
            Const::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Makes changes under which a condition has the wanted truth, which it has not.
    fn solve(&mut self, rule: &Rule, expr: &Expr, want: bool) {
        match &expr.kind {
            ExprKind::Unary(UnaryOp::Not, inner) => self.solve(rule, inner, !want),
            ExprKind::And(first, rest) | ExprKind::Or(first, rest) => {
                let is_and = matches!(expr.kind, ExprKind::And(..));
                let operands = || std::iter::once(&**first).chain(rest.iter().map(|operand| &operand.expr));
                if is_and == want {
                    for operand in operands() {
                        match self.truth(rule, operand) {
                            Some(truth) if truth == want => {}
                            Some(_) => self.solve(rule, operand, want),
                            None => self.is_complete = false,
                        }
                    }
                } else {
                    self.one_of(rule, operands().collect(), expr, want);
                }
            }
            ExprKind::Binary(BinaryOp::Compare(comparison, of), pair) => {
                let comparison = if want { *comparison } else { comparison.negated() };
                self.compare(rule, expr, (comparison, *of), pair);
            }
            ExprKind::Binary(BinaryOp::In, pair) => self.contained(rule, expr, pair, want),
            ExprKind::Builtin(how @ (Builtin::StartsWith | Builtin::EndsWith | Builtin::Contains), args) => {
                self.part_of_text(rule, expr, *how, args, want);
            }
            ExprKind::If(condition, then, Some(otherwise)) => {
                let chosen = match self.truth(rule, condition) {
                    Some(true) => then.value.as_ref(),
                    Some(false) => otherwise.value.as_ref(),
                    None => None,
                };
                match chosen {
                    Some(chosen) => self.solve(rule, chosen, want),
                    None => self.untold(rule, expr),
                }
            }
            ExprKind::Known(of) if want => match leaf(of) {
                Some(leaf) => {
                    let part = self.part(rule, expr, Some((of, &leaf)), Some(Wanted::Known));
                    self.add(part, Some(leaf), Const::Unit, None);
                }
                None => self.untold(rule, expr),
            },
            _ => match leaf(expr) {
                Some(leaf) if expr.ty.base == Base::Bool => {
                    let wanted = Wanted::OneOf(vec![want.to_string()]);
                    let part = self.part(rule, expr, Some((expr, &leaf)), Some(wanted));
                    self.add(part, Some(leaf), Const::Bool(!want), Some((Const::Bool(want), None)));
                }
                _ => self.untold(rule, expr),
            },
        }
    }

    /// Makes the changes of the alternative that takes fewest.
    fn one_of(&mut self, rule: &Rule, operands: Vec<&Expr>, whole: &Expr, want: bool) {
        let (parts, changes, complete) = (self.parts.len(), self.changes.clone(), self.is_complete);
        let mut best: Option<(usize, Vec<Found>, Vec<Change>)> = None;
        let mut values: Vec<String> = Vec::new();
        let mut is_one_fact = true;
        for operand in operands {
            self.is_complete = true;
            self.solve(rule, operand, want);
            let found: Vec<Found> = self.parts.drain(parts..).collect();
            let made = std::mem::replace(&mut self.changes, changes.clone());
            let solved = self.is_complete && !found.is_empty();
            match found.as_slice() {
                [Found { part: FailedPart { wanted: Some(Wanted::OneOf(of)), fact, .. }, .. }]
                    if solved
                        && best.as_ref().is_none_or(|(_, found, _)| {
                            found.first().is_some_and(|found| found.part.fact == *fact)
                        }) =>
                {
                    values.extend(of.iter().cloned());
                }
                _ => is_one_fact = false,
            }
            if solved && best.as_ref().is_none_or(|(parts, ..)| found.len() < *parts) {
                best = Some((found.len(), found, made));
            }
        }
        self.is_complete = complete;
        match best {
            Some((_, mut found, made)) => {
                if let ([only], true) = (found.as_mut_slice(), is_one_fact) {
                    only.part.wanted = Some(Wanted::OneOf(first_of(values)));
                    only.part.text = self.text(rule, whole.span);
                    only.part.place = rule.place_of(whole.span);
                }
                self.parts.extend(found);
                self.changes = made;
            }
            None => self.untold(rule, whole),
        }
    }

    fn compare(
        &mut self,
        rule: &Rule,
        expr: &Expr,
        (comparison, of): (Comparison, Compared),
        pair: &(Expr, Expr),
    ) {
        let (left, right) = pair;
        let reached = match (self.value(rule, right), self.value(rule, left)) {
            (right_value, _) if has_leaf(left) => {
                right_value.and_then(|bound| self.reach(rule, left, comparison, bound))
            }
            (_, Some(bound)) if has_leaf(right) => self.reach(rule, right, comparison.mirrored(), bound),
            _ => None,
        };
        let Some(Reached { leaf, expr: at, bound, comparison }) = reached else {
            return self.untold(rule, expr);
        };
        // A fact that is not known is told as such, and its default decides.
        let saw = self.value(rule, at).unwrap_or(Const::Unit);
        let told = self.told(bound.value());
        let unit = self.unit(of, at);
        let (wanted, value) = match comparison {
            Comparison::Equal => (Wanted::OneOf(vec![told]), Some(bound)),
            Comparison::NotEqual => (Wanted::NoneOf(vec![told]), next(&bound, &unit)),
            Comparison::GreaterOrEqual => (Wanted::AtLeast(told), up(&bound, &unit)),
            Comparison::LessOrEqual => (Wanted::AtMost(told), down(&bound, &unit)),
            Comparison::Greater => match next(&bound, &unit) {
                Some(next) if is_whole(&bound) => (Wanted::AtLeast(self.told(next.value())), Some(next)),
                next => (Wanted::Above(told), next),
            },
            Comparison::Less => match previous(&bound, &unit) {
                Some(previous) if is_whole(&bound) => {
                    (Wanted::AtMost(self.told(previous.value())), Some(previous))
                }
                previous => (Wanted::Below(told), previous),
            },
        };
        let part = self.part(rule, expr, Some((at, &leaf)), Some(wanted));
        self.add(part, Some(leaf), saw, value.map(|value| (value, None)));
    }

    /// Follows a side of a comparison to the leaf by which it moves, and moves the bound with it.
    fn reach<'e>(
        &self,
        rule: &Rule,
        expr: &'e Expr,
        comparison: Comparison,
        bound: Const,
    ) -> Option<Reached<'e>> {
        if let Some(leaf) = leaf(expr) {
            return Some(Reached { leaf, expr, bound, comparison });
        }
        match &expr.kind {
            ExprKind::Coalesce(first, _) => self.reach(rule, first, comparison, bound),
            ExprKind::Unary(UnaryOp::ToDecimal, of) => {
                let Const::Decimal(bound) = bound else { return None };
                let whole = match comparison {
                    Comparison::GreaterOrEqual | Comparison::Less => bound.ceil(),
                    Comparison::Greater | Comparison::LessOrEqual => bound.floor(),
                    Comparison::Equal | Comparison::NotEqual => Some(bound).filter(Decimal::is_integer)?,
                };
                self.reach(rule, of, comparison, Const::Integer(i64::try_from(whole).ok()?))
            }
            ExprKind::Unary(
                UnaryOp::NegInteger | UnaryOp::NegDecimal | UnaryOp::NegMoney | UnaryOp::NegDuration,
                of,
            ) => self.reach(rule, of, comparison.mirrored(), minus(&zero_of(&bound)?, &bound)?),
            ExprKind::Binary(op, pair) => {
                let (left, right) = &**pair;
                let by_left = has_leaf(left);
                let other = self.value(rule, if by_left { right } else { left })?;
                match op {
                    BinaryOp::AddInteger
                    | BinaryOp::AddDecimal
                    | BinaryOp::AddMoney
                    | BinaryOp::AddTime
                    | BinaryOp::AddDate
                    | BinaryOp::AddDuration => {
                        let moved = minus(&bound, &other)?;
                        self.reach(rule, if by_left { left } else { right }, comparison, moved)
                    }
                    BinaryOp::SubInteger
                    | BinaryOp::SubDecimal
                    | BinaryOp::SubMoney
                    | BinaryOp::SubTime
                    | BinaryOp::SubDate
                    | BinaryOp::SubDuration
                    | BinaryOp::DiffTime
                    | BinaryOp::DiffDate => {
                        if by_left {
                            self.reach(rule, left, comparison, plus(&bound, &other)?)
                        } else {
                            self.reach(rule, right, comparison.mirrored(), minus(&other, &bound)?)
                        }
                    }
                    BinaryOp::MulMoney | BinaryOp::MulDecimal if by_left => {
                        let Const::Decimal(factor) = other else { return None };
                        let comparison =
                            if factor.is_sign_negative() { comparison.mirrored() } else { comparison };
                        let moved = match &bound {
                            Const::Money(Money(bound)) => {
                                Const::Money(Money(checked::div(*bound, factor).ok()?))
                            }
                            Const::Decimal(bound) => Const::Decimal(checked::div(*bound, factor).ok()?),
                            _ => return None,
                        };
                        self.reach(rule, left, comparison, moved)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `text in list`: the text would have to be another, or the list contain it.
    fn contained(&mut self, rule: &Rule, expr: &Expr, pair: &(Expr, Expr), want: bool) {
        let (element, list) = pair;
        let changed = self.changed(list);
        let rule_of_list = rule.of(changed);
        let mut evaluator = Evaluator::new(self.limits, None);
        let Ok(Value::List(values)) = evaluator.run(&rule_of_list, self.input) else {
            return self.untold(rule, expr);
        };
        if let Some((at, leaf)) = leaf_of(element) {
            let saw = self.value(rule, at).unwrap_or(Const::Unit);
            let first: Vec<String> = match values {
                List::Text(texts) => texts.iter().take(VALUES).cloned().collect(),
                List::Named(named) => named.values().iter().take(VALUES).cloned().collect(),
                List::Items(_) | List::Touches(_) => Vec::new(),
            };
            let (wanted, value) = if want {
                let value = first.first().cloned().map(Const::Text);
                (Some(Wanted::OneOf(first)).filter(|_| value.is_some()), value)
            } else {
                (Some(Wanted::NoneOf(first)), None)
            };
            let part = self.part(rule, expr, Some((at, &leaf)), wanted);
            return self.add(part, Some(leaf), saw, value.map(|value| (value, None)));
        }
        let (Some(Const::Text(text)), Some(of)) = (self.value(rule, element), key(list)) else {
            return self.untold(rule, expr);
        };
        let Some(leaf) = key(element).map(|element| Leaf::Contains(format!("{element} in {of}"))) else {
            return self.untold(rule, expr);
        };
        let wanted = want.then(|| Wanted::Containing(vec![text.clone()]));
        let mut part = self.part(rule, expr, Some((list, &leaf)), wanted);
        part.saw = shown(Value::List(values));
        let told = if want { Some(text) } else { None };
        let change = want.then_some((Const::Bool(true), told));
        self.add(part, Some(leaf), Const::Unit, change);
    }

    fn part_of_text(&mut self, rule: &Rule, expr: &Expr, how: Builtin, args: &[Expr], want: bool) {
        let found = args.first().and_then(leaf_of).zip(args.last().and_then(|text| self.value(rule, text)));
        let Some(((at, leaf), Const::Text(text))) = found else { return self.untold(rule, expr) };
        let saw = self.value(rule, at).unwrap_or(Const::Unit);
        let how = match how {
            Builtin::StartsWith => "starts_with",
            Builtin::EndsWith => "ends_with",
            _ => "contains",
        };
        let wanted = want.then(|| Wanted::Text { how: how.to_owned(), part: text.clone() });
        let part = self.part(rule, expr, Some((at, &leaf)), wanted);
        let change = want.then_some((Const::Text(text), None));
        self.add(part, Some(leaf), saw, change);
    }

    /// Adds a part of which no change can be told.
    fn untold(&mut self, rule: &Rule, expr: &Expr) {
        let part = self.part(rule, expr, None, None);
        self.add(part, None, Const::Unit, None);
    }

    fn add(
        &mut self,
        part: FailedPart,
        leaf: Option<Leaf>,
        saw: Const,
        change: Option<(Const, Option<String>)>,
    ) {
        match (&leaf, change.filter(|(value, _)| can_be(value))) {
            (Some(leaf), Some((value, told))) => {
                self.changes.retain(|change| change.leaf != *leaf);
                self.changes.push(Change { leaf: leaf.clone(), value, told });
            }
            _ => self.is_complete = false,
        }
        if self.parts.len() < PARTS {
            self.parts.push(Found { part, leaf, saw });
        } else {
            self.is_complete = false;
        }
    }

    fn part(
        &self,
        rule: &Rule,
        expr: &Expr,
        of: Option<(&Expr, &Leaf)>,
        wanted: Option<Wanted>,
    ) -> FailedPart {
        let fact = of.map_or(String::new(), |(at, leaf)| match leaf {
            Leaf::Fact(fact) => self.fact_text(*fact),
            Leaf::Contains(_) => match at.fact_ref() {
                Some(fact) => self.fact_text(fact),
                None => self.text(rule, at.span),
            },
            Leaf::Computed(_) => self.text(rule, at.span),
        });
        let saw = of.map_or(String::new(), |(at, _)| {
            let alone = rule.of(at.clone());
            let value = Evaluator::new(self.limits, None).run(&alone, self.input);
            value.map_or_else(|_| String::new(), |value| self.told(value))
        });
        let partner = of.is_some() && self.is_open(expr);
        FailedPart {
            place: rule.place_of(expr.span),
            text: self.text(rule, expr.span),
            fact,
            saw,
            wanted,
            nearest: String::new(),
            missing: String::new(),
            partner,
        }
    }

    fn told(&self, value: Value<'_>) -> String {
        told(value, self.input)
    }

    /// Returns the words of a rule at a span, on one line.
    fn text(&self, rule: &Rule, span: Span) -> String {
        let place = rule.place_of(span);
        let source = self.input.terms.sources.get(&place.file);
        let words = source.and_then(|source| source.get(place.span.start as usize..place.span.end as usize));
        words.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn fact_text(&self, fact: FactRef) -> String {
        fact.name(self.input.terms, self.input.version)
    }

    /// Returns whether a part of a condition reads only what the partner may know.
    fn is_open(&self, expr: &Expr) -> bool {
        let RuleInput { terms, version, .. } = self.input;
        let cost = Field::named(Record::Item, "cost");
        let status = Field::named(Record::Customer, "status");
        let of_field = |field: Field| match field.spec().record {
            Record::Action | Record::Item => field != cost,
            Record::Partner | Record::Touch | Record::Creative | Record::Contract | Record::Follows => true,
            Record::Customer => field == status,
            Record::Device | Record::Fraud => false,
        };
        let mut open = true;
        expr.walk(&mut |node| {
            let Node::Expr(expr) = node else { return };
            open &= match &expr.kind {
                ExprKind::Fact(field) | ExprKind::FieldOf(field, _) => of_field(*field),
                ExprKind::Attribute(_) | ExprKind::ItemAttribute(..) => false,
                ExprKind::Total(index, _) => {
                    let total = version.totals.get(usize::from(*index)).filter(|total| total.of.is_none());
                    let counter = total.and_then(|total| terms.counters.get(total.counter));
                    counter.is_some_and(|counter| counter.per.contains(&Scope::Partner))
                }
                ExprKind::Builtin(builtin, _) => {
                    !matches!(builtin, Builtin::PromoOwner | Builtin::PromoActive)
                }
                _ => true,
            };
        });
        open
    }

    /// Returns whether what was changed is read nowhere else in another form, so that changing it changes nothing else that the
    /// conditions read.
    fn reads_each_once(&self, conditions: &[(&Rule, Expr)]) -> bool {
        let is_plain = |change: &Change| matches!(change.leaf, Leaf::Fact(_));
        // The facts inside of what is computed and changed, against those that are left.
        let mut inside = Vec::new();
        let mut outside = Vec::new();
        for (_, condition) in conditions {
            let left = replaced(condition, &mut |expr| {
                let change = self.changes.iter().find(|change| leaf(expr).as_ref() == Some(&change.leaf))?;
                if !is_plain(change) {
                    facts_of(expr, &mut inside);
                }
                Some(Expr::bool(true, expr.span))
            });
            facts_of(&left, &mut outside);
        }
        let changed = self.changes.iter().filter_map(|change| match &change.leaf {
            Leaf::Fact(fact) => Some(*fact),
            Leaf::Computed(_) | Leaf::Contains(_) => None,
        });
        let changed: Vec<FactRef> = changed.collect();
        if outside.iter().any(|fact| changed.iter().any(|of| is_linked(*of, *fact))) {
            return false;
        }
        outside.extend(changed);
        !inside.iter().any(|fact| outside.contains(fact))
    }

    /// Returns the smallest step of what is compared.
    fn unit(&self, of: Compared, at: &Expr) -> Decimal {
        match of {
            Compared::Money if at.ty.base == Base::Money => {
                Decimal::new(1, self.input.version.currency.minor_digits())
            }
            _ => Decimal::new(1, 2),
        }
    }
}

/// Returns a value as a trace shows it, an amount with the decimals of its currency.
fn told(value: Value<'_>, input: &RuleInput<'_>) -> String {
    let Value::Money(Money(amount)) = value else { return shown(value) };
    let mut amount = amount.normalize();
    amount.rescale(amount.scale().max(input.version.currency.minor_digits()));
    amount.to_string()
}

/// Returns whether one of two facts may change with the other.
fn is_linked(a: FactRef, b: FactRef) -> bool {
    depends(a, b) || depends(b, a)
}

/// Returns whether a fact may change because another does: amounts of an action and its lines, what is known of whoever an id names,
/// and sums of the same total, or of a total whose key or period the other decides.
fn depends(fact: FactRef, on: FactRef) -> bool {
    let named = |record, name: &'static str| FactRef::Field(Field::named(record, name));
    let is_amount = |of: FactRef| match of {
        FactRef::Field(field) => {
            let spec = field.spec();
            matches!(spec.record, Record::Action | Record::Item) && spec.ty.base == Base::Money
        }
        _ => false,
    };
    let is_partner = on == named(Record::Partner, "id") || on == named(Record::Touch, "partner");
    let is_creative = on == named(Record::Creative, "id") || on == named(Record::Touch, "creative");
    let at = named(Record::Action, "occurred_at");
    match fact {
        FactRef::Total(total, field) => match on {
            FactRef::Total(other, _) => total == other,
            FactRef::Field(of) => {
                let keys = [
                    at,
                    named(Record::Customer, "id"),
                    named(Record::Action, "order_id"),
                    named(Record::Action, "event_type"),
                    named(Record::Touch, "id"),
                ];
                is_partner
                    || keys.contains(&on)
                    || (field.at == TotalAt::WithThis && of.spec().record != Record::Contract)
            }
            FactRef::Attribute(_) | FactRef::ItemAttribute(_) => field.at == TotalAt::WithThis,
        },
        FactRef::Field(field) => match field.spec().record {
            Record::Partner => is_partner || on == at,
            Record::Creative => is_creative || is_partner,
            Record::Action | Record::Item => {
                is_amount(fact) && (is_amount(on) || on == named(Record::Action, "currency"))
            }
            _ => false,
        },
        FactRef::Attribute(_) => is_partner,
        FactRef::ItemAttribute(_) => false,
    }
}

/// Collects the facts that an expression reads.
fn facts_of(expr: &Expr, facts: &mut Vec<FactRef>) {
    expr.walk(&mut |node| {
        if let Node::Expr(expr) = node
            && let Some(fact) = expr.fact_ref()
        {
            facts.push(fact);
        }
    });
}

/// Returns what an expression is a question about, if it can be given another value as a whole.
fn leaf(expr: &Expr) -> Option<Leaf> {
    if let Some(fact) = expr.fact_ref() {
        let is_list = matches!(expr.ty.base, Base::List(_));
        return (!is_list).then_some(Leaf::Fact(fact));
    }
    match &expr.kind {
        ExprKind::Builtin(
            Builtin::Len
            | Builtin::TimeDate
            | Builtin::TimeHour
            | Builtin::TimeMinute
            | Builtin::MonthsBetween
            | Builtin::DateYear
            | Builtin::DateMonth
            | Builtin::DateDay
            | Builtin::DateWeekday
            | Builtin::DurationDays
            | Builtin::DurationHours
            | Builtin::PromoActive,
            _,
        ) if has_leaf_inside(expr) => key(expr).map(Leaf::Computed),
        ExprKind::Builtin(Builtin::PromoOwner, _) => key(expr).map(Leaf::Computed),
        ExprKind::Binary(BinaryOp::In, pair) => {
            let (element, list) = (key(&pair.0)?, key(&pair.1)?);
            Some(Leaf::Contains(format!("{element} in {list}")))
        }
        _ => None,
    }
}

/// Returns the leaf of an expression, through defaults.
fn leaf_of(expr: &Expr) -> Option<(&Expr, Leaf)> {
    match &expr.kind {
        ExprKind::Coalesce(first, _) => leaf_of(first),
        _ => leaf(expr).filter(|leaf| !matches!(leaf, Leaf::Contains(_))).map(|leaf| (expr, leaf)),
    }
}

fn has_leaf_inside(expr: &Expr) -> bool {
    let mut facts = Vec::new();
    facts_of(expr, &mut facts);
    !facts.is_empty()
}

/// Returns whether an expression has a fact by which it can be moved.
fn has_leaf(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Coalesce(first, _) => has_leaf(first),
        ExprKind::Unary(_, of) => has_leaf(of),
        ExprKind::Binary(op, pair) if !matches!(op, BinaryOp::Compare(..) | BinaryOp::In) => {
            has_leaf(&pair.0) || has_leaf(&pair.1)
        }
        _ => leaf(expr).is_some(),
    }
}

/// Returns a text that is the same for expressions that compute the same of the same facts.
fn key(expr: &Expr) -> Option<String> {
    let list = |args: &[Expr]| args.iter().map(key).collect::<Option<Vec<_>>>().map(|args| args.join(","));
    Some(match &expr.kind {
        ExprKind::Const(value) => format!("{value:?}"),
        ExprKind::NamedList(index) => format!("list {index}"),
        ExprKind::Fact(_)
        | ExprKind::Attribute(_)
        | ExprKind::ItemAttribute(_, None)
        | ExprKind::Total(..) => format!("{:?}", expr.fact_ref()?),
        ExprKind::Unary(op, of) => format!("{op:?}({})", key(of)?),
        ExprKind::Binary(op, pair) => format!("{op:?}({},{})", key(&pair.0)?, key(&pair.1)?),
        ExprKind::Builtin(builtin, args) => format!("{builtin:?}({})", list(args)?),
        ExprKind::Coalesce(first, rest) => {
            let rest: Option<Vec<String>> = rest.iter().map(|operand| key(&operand.expr)).collect();
            format!("{} ?? {}", key(first)?, rest?.join(" ?? "))
        }
        _ => return None,
    })
}

fn first_of(values: Vec<String>) -> Vec<String> {
    let mut first: Vec<String> = Vec::new();
    for value in values {
        if first.len() < VALUES && !first.contains(&value) {
            first.push(value);
        }
    }
    first
}

/// Returns whether an action can have a value: one that is before or after the calendar of dates would be refused with its action.
fn can_be(value: &Const) -> bool {
    match value {
        Const::Date(date) => is_in_years(*date),
        _ => true,
    }
}

/// Returns whether values of a type are next to each other, so that "above" can be told as "at least".
fn is_whole(value: &Const) -> bool {
    matches!(value, Const::Integer(_) | Const::Date(_))
}

/// Returns the smallest value that is not below.
fn up(value: &Const, unit: &Decimal) -> Option<Const> {
    match value {
        Const::Money(Money(amount)) => Some(Const::Money(Money(
            amount.round_dp_with_strategy(unit.scale(), RoundingStrategy::ToPositiveInfinity),
        ))),
        Const::Bool(_) | Const::Unit => None,
        value => Some(value.clone()),
    }
}

/// Returns the largest value that is not above.
fn down(value: &Const, unit: &Decimal) -> Option<Const> {
    match value {
        Const::Money(Money(amount)) => Some(Const::Money(Money(
            amount.round_dp_with_strategy(unit.scale(), RoundingStrategy::ToNegativeInfinity),
        ))),
        Const::Bool(_) | Const::Unit => None,
        value => Some(value.clone()),
    }
}

/// Returns the next value above.
fn next(value: &Const, unit: &Decimal) -> Option<Const> {
    Some(match value {
        Const::Bool(value) => Const::Bool(!value),
        Const::Integer(value) => Const::Integer(value.checked_add(1)?),
        Const::Decimal(value) => Const::Decimal(checked::add(*value, *unit).ok()?),
        Const::Money(_) => {
            let Const::Money(Money(floor)) = down(value, unit)? else { return None };
            Const::Money(Money(checked::add(floor, *unit).ok()?))
        }
        Const::Time(value) => Const::Time(value.plus(Duration { seconds: 1 })?),
        Const::Date(value) => Const::Date(value.succ_opt()?),
        Const::Duration(value) => Const::Duration(Duration { seconds: value.seconds.checked_add(1)? }),
        Const::Text(_) | Const::Unit => return None,
    })
}

/// Returns the next value below.
fn previous(value: &Const, unit: &Decimal) -> Option<Const> {
    Some(match value {
        Const::Integer(value) => Const::Integer(value.checked_sub(1)?),
        Const::Decimal(value) => Const::Decimal(checked::sub(*value, *unit).ok()?),
        Const::Money(_) => {
            let Const::Money(Money(ceiling)) = up(value, unit)? else { return None };
            Const::Money(Money(checked::sub(ceiling, *unit).ok()?))
        }
        Const::Time(value) => Const::Time(value.plus(Duration { seconds: -1 })?),
        Const::Date(value) => Const::Date(value.pred_opt()?),
        Const::Duration(value) => Const::Duration(Duration { seconds: value.seconds.checked_sub(1)? }),
        Const::Text(_) | Const::Bool(_) | Const::Unit => return None,
    })
}

fn zero_of(value: &Const) -> Option<Const> {
    Some(match value {
        Const::Integer(_) => Const::Integer(0),
        Const::Decimal(_) => Const::Decimal(Decimal::ZERO),
        Const::Money(_) => Const::Money(Money::ZERO),
        Const::Duration(_) => Const::Duration(Duration { seconds: 0 }),
        _ => return None,
    })
}

/// Returns `a + b`, where one of them may be a duration.
fn plus(a: &Const, b: &Const) -> Option<Const> {
    Some(match (a, b) {
        (Const::Integer(a), Const::Integer(b)) => Const::Integer(a.checked_add(*b)?),
        (Const::Decimal(a), Const::Decimal(b)) => Const::Decimal(checked::add(*a, *b).ok()?),
        (Const::Money(a), Const::Money(b)) => Const::Money(a.add(*b).ok()?),
        (Const::Time(at), Const::Duration(by)) | (Const::Duration(by), Const::Time(at)) => {
            Const::Time(at.plus(*by)?)
        }
        (Const::Date(at), Const::Duration(by)) | (Const::Duration(by), Const::Date(at)) => {
            Const::Date(at.checked_add_signed(chrono::TimeDelta::try_seconds(by.seconds)?)?)
        }
        (Const::Duration(a), Const::Duration(b)) => {
            Const::Duration(Duration { seconds: a.seconds.checked_add(b.seconds)? })
        }
        _ => return None,
    })
}

/// Returns `a - b`; of two times or dates, the duration between them.
fn minus(a: &Const, b: &Const) -> Option<Const> {
    Some(match (a, b) {
        (Const::Integer(a), Const::Integer(b)) => Const::Integer(a.checked_sub(*b)?),
        (Const::Decimal(a), Const::Decimal(b)) => Const::Decimal(checked::sub(*a, *b).ok()?),
        (Const::Money(a), Const::Money(b)) => Const::Money(a.sub(*b).ok()?),
        (Const::Time(at), Const::Duration(by)) => {
            Const::Time(at.plus(Duration { seconds: by.seconds.checked_neg()? })?)
        }
        (Const::Date(at), Const::Duration(by)) => {
            Const::Date(at.checked_sub_signed(chrono::TimeDelta::try_seconds(by.seconds)?)?)
        }
        (Const::Time(a), Const::Time(b)) => Const::Duration(a.since(*b)),
        (Const::Date(a), Const::Date(b)) => {
            Const::Duration(Duration { seconds: a.signed_duration_since(*b).num_seconds() })
        }
        (Const::Duration(a), Const::Duration(b)) => {
            Const::Duration(Duration { seconds: a.seconds.checked_sub(b.seconds)? })
        }
        _ => return None,
    })
}
