//! Warnings about a version that loads: payout groups that can never be chosen, and names that no rule reads.

use super::draft::Draft;
use super::model::{Choose, Effect, Group, Payout, Pays};
use super::program::Declared;
use super::read::{Sink, shown};
use super::source_files::Files;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::lang::{BinaryOp, Comparison, Const, Expr, ExprKind, Operand, Rule, UnaryOp};
use std::collections::HashMap;

use indexmap::IndexSet;
use rust_decimal::Decimal;

/// Warns of parameters and totals that no rule of the version reads.
pub(super) fn unused(draft: &Draft, sink: &mut Sink<'_>) {
    for (name, at) in draft.params.iter().filter(|(name, _)| !draft.used.params.contains(name)) {
        let message = format!("no rule reads `params.{}`", shown(name));
        let diagnostic = sink.at(Code::Unused, *at, message).help("remove it, or use it in a rule");
        sink.push(diagnostic);
    }
    for (name, at) in draft.totals.iter().filter(|(name, _)| !draft.used.totals.contains(name)) {
        let message = format!("no rule reads `totals.{}`", shown(name));
        let diagnostic = sink.at(Code::Unused, *at, message).help("remove it, or use it in a rule");
        sink.push(diagnostic);
    }
}

/// Warns of payout groups that can never be chosen.
pub(super) fn groups(payout: &Payout, declared: &Declared, files: &Files<'_>, sink: &mut Sink<'_>) {
    let sheets = files.sheets.borrow();
    let mut texts = Texts { text: sink.text, known: [String::new()].into() };
    let mut looks = Looks { left: MOST_LOOKS, declared };
    let mut taken = Taken::default();
    for group in &payout.groups {
        texts.text = sheets.get(&group.place.file).map_or(sink.text, |sheet| sheet.text.as_str());
        let conjuncts = group.when.as_deref().map(conjuncts).unwrap_or_default();
        if conjuncts.iter().any(|expr| is_const(expr, false)) {
            let message = format!(
                "the group `{}` is never chosen, since its condition is always false",
                shown(&group.name)
            );
            let at = group.when.as_ref().map_or(group.place.span, |when| when.body.span);
            let place = Place::new(group.place.file.clone(), at);
            let diagnostic = Diagnostic::new(Code::UnreachableGroup, Some(place), message)
                .help("correct the condition, or remove the group");
            sink.push(diagnostic);
            continue;
        }
        if payout.choose != Choose::First {
            continue;
        }
        let conditions: Vec<Condition> =
            conjuncts.iter().filter(|expr| !is_const(expr, true)).map(|expr| texts.condition(expr)).collect();
        if let Some((earlier, taken)) = taken.before(&conditions, &mut looks) {
            let (code, message, label) = if taken.is_empty() {
                let message = format!(
                    "the group `{}` is never chosen, since `{}` takes every action before it",
                    shown(&group.name),
                    shown(&earlier.name)
                );
                (Code::UnreachableGroup, message, "this group has no condition")
            } else {
                let message = format!(
                    "the group `{}` is never chosen, since `{}` takes all that it would match",
                    shown(&group.name),
                    shown(&earlier.name)
                );
                (Code::ShadowedGroup, message, "this group comes first and asks for less")
            };
            let diagnostic =
                Diagnostic::new(code, Some(group.place.clone()), message).label(earlier.place.clone(), label);
            let help = if taken.is_empty() {
                "put the group without a condition last, or into `[payout.default]`"
            } else {
                "put the narrower group first"
            };
            sink.push(diagnostic.help(help));
        }
        // A group with bands or a rule may pay nothing although its condition holds, and then the next group is tried.
        if matches!(group.pays, Pays::Fixed(_)) {
            taken.push(group, conditions);
        }
    }
}

/// The groups so far that pay whenever they match.
#[derive(Default)]
struct Taken<'g> {
    groups: Vec<(&'g Group, Vec<Condition>)>,
    /// The indices of groups that ask whether a text is a constant, by the number of the subject and the constant. Most rows of
    /// long tables are such groups, and each of them needs to be compared with few others.
    equal: HashMap<(usize, String), Vec<usize>>,
    /// The indices of all other groups.
    others: Vec<usize>,
}

impl<'g> Taken<'g> {
    fn push(&mut self, group: &'g Group, conditions: Vec<Condition>) {
        let list = match conditions.iter().find_map(Condition::equal) {
            Some(key) => self.equal.entry(key).or_default(),
            None => &mut self.others,
        };
        list.push(self.groups.len());
        self.groups.push((group, conditions));
    }

    /// Returns the first group that takes all that a later group with these conditions would match.
    fn before(
        &self,
        conditions: &[Condition],
        looks: &mut Looks<'_>,
    ) -> Option<&(&'g Group, Vec<Condition>)> {
        if looks.left == 0 {
            return None;
        }
        let equal = conditions.iter().filter_map(|condition| self.equal.get(&condition.equal()?)).flatten();
        let mut found: Vec<usize> = equal.chain(&self.others).copied().collect();
        // Putting them together anew for each group is work too.
        looks.left = looks.left.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        found.sort_unstable();
        let mut groups = found.into_iter().filter_map(|index| self.groups.get(index));
        groups.find(|(_, taken)| looks.left > 0 && looks.implied(taken, conditions))
    }
}

/// Warns of groups whose verbs only change what other verbs give, where there are no others: points without a rate, a factor, an
/// amount that is taken off. In a `stack`, the default payout and other groups give what they change.
pub(super) fn nothing_to_change(payout: &Payout, sink: &mut Sink<'_>) {
    let stacked = payout.choose == Choose::Stack && (payout.default.is_some() || payout.groups.len() > 1);
    let groups = payout.groups.iter().filter(|_| !stacked);
    for group in groups.chain(&payout.default) {
        let lines: Vec<&[Effect]> = match &group.pays {
            Pays::Fixed(effects) => vec![effects],
            Pays::Bands { bands, .. } => bands.iter().map(|band| band.effects.as_slice()).collect(),
            Pays::Script(_) | Pays::Component(_) => Vec::new(),
        };
        let Some(found) = lines.into_iter().find_map(changes_nothing) else { continue };
        let message = format!("`{}`: {found}", shown(&group.name));
        let help = "write `rate = \"…\"` with the whole rate, or `choose = \"stack\"` under `[payout]` to change the default payout";
        let diagnostic = sink.at(Code::NothingToChange, group.place.span, message).help(help);
        sink.push(diagnostic);
    }
}

/// Returns what is wrong with verbs that only change what other verbs give.
fn changes_nothing(effects: &[Effect]) -> Option<&'static str> {
    let gives = |effect: &Effect| match effect {
        Effect::Rate(_) => true,
        Effect::Add { amount, .. } => amount.0.is_sign_positive(),
        Effect::AddPoints(_) | Effect::Multiply(_) => false,
    };
    let rate = effects.iter().any(|effect| matches!(effect, Effect::Rate(_)));
    effects.iter().find_map(|effect| match effect {
        Effect::AddPoints(_) if !rate => Some("`points` add to a rate, and here they are the whole rate"),
        Effect::Multiply(_)
            if !effects.iter().any(gives) && !effects.iter().any(|e| matches!(e, Effect::AddPoints(_))) =>
        {
            Some("`multiply` scales what is given, and here nothing is given")
        }
        Effect::Add { amount, .. }
            if amount.0.is_sign_negative() && !amount.is_zero() && !effects.iter().any(gives) =>
        {
            Some("this amount is taken off what is given, and here nothing is given")
        }
        _ => None,
    })
}

/// Returns the conditions joined by `&&`, all of which must hold.
fn conjuncts(rule: &Rule) -> Vec<&Expr> {
    let mut found = Vec::new();
    if let (true, Some(value)) = (rule.body.stmts.is_empty(), &rule.body.value) {
        collect(value, &mut found);
    }
    found
}

fn collect<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    match &expr.kind {
        ExprKind::And(first, rest) => {
            collect(first, found);
            rest.iter().for_each(|operand| collect(&operand.expr, found));
        }
        _ => found.push(expr),
    }
}

fn is_const(expr: &Expr, value: bool) -> bool {
    matches!(&expr.kind, ExprKind::Const(Const::Bool(found)) if *found == value)
}

/// The text in which conditions stand: two expressions are the same if their texts are.
struct Texts<'t> {
    text: &'t str,
    known: IndexSet<String>,
}

/// A condition in the form in which conditions are compared.
struct Condition {
    /// The number of its text; 0 if it has none.
    text: usize,
    asks: Asks,
}

impl Condition {
    /// Returns the subject and the constant if a text must be equal to a constant.
    fn equal(&self) -> Option<(usize, String)> {
        match &self.asks {
            Asks::Of(subject, Test::Compare(Comparison::Equal, Const::Text(value))) => {
                Some((*subject, value.clone()))
            }
            _ => None,
        }
    }
}

enum Asks {
    /// One of several conditions holds.
    Any(Vec<Condition>),
    /// A test of a subject; the subject is the number of a text.
    Of(usize, Test),
    Else,
}

/// The test of a subject.
enum Test {
    Compare(Comparison, Const),
    InList(u16),
}

impl Texts<'_> {
    /// Returns the number of an expression's text, without blanks outside of quotes.
    fn of(&mut self, expr: &Expr) -> usize {
        let mut quoted = false;
        let written = self.text.get(expr.span.range()).unwrap_or_default();
        let text = written.chars().filter(|c| {
            quoted ^= *c == '"';
            quoted || !c.is_whitespace()
        });
        self.known.insert_full(text.collect()).0
    }

    fn condition(&mut self, expr: &Expr) -> Condition {
        let asks = match &expr.kind {
            ExprKind::Or(first, rest) => {
                let all = std::iter::once(&**first).chain(rest.iter().map(|operand: &Operand| &operand.expr));
                Asks::Any(all.map(|expr| self.condition(expr)).collect())
            }
            _ => self.test(expr).unwrap_or(Asks::Else),
        };
        Condition { text: self.of(expr), asks }
    }

    /// Returns the test that an expression makes, if it compares with a constant or looks into a named list, and the subject.
    fn test(&mut self, expr: &Expr) -> Option<Asks> {
        match &expr.kind {
            ExprKind::Binary(BinaryOp::Compare(comparison, _), sides) => {
                let (left, right) = &**sides;
                if let Some(value) = constant(right) {
                    return Some(Asks::Of(self.of(left), Test::Compare(*comparison, value)));
                }
                let value = constant(left)?;
                let flipped = match comparison {
                    Comparison::Less => Comparison::Greater,
                    Comparison::LessOrEqual => Comparison::GreaterOrEqual,
                    Comparison::Greater => Comparison::Less,
                    Comparison::GreaterOrEqual => Comparison::LessOrEqual,
                    Comparison::Equal | Comparison::NotEqual => *comparison,
                };
                Some(Asks::Of(self.of(right), Test::Compare(flipped, value)))
            }
            ExprKind::Binary(BinaryOp::In, sides) => match &sides.1.kind {
                ExprKind::NamedList(list) => Some(Asks::Of(self.of(&sides.0), Test::InList(*list))),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The most pairs of groups and of their conditions that are looked at in one version: every pair of 2,000 groups with one condition
/// each, which takes some milliseconds. Beyond this nothing more is found; contracts written by people are far smaller.
const MOST_LOOKS: u32 = 4_000_000;

/// Compares pairs of conditions, up to [`MOST_LOOKS`].
struct Looks<'d> {
    left: u32,
    declared: &'d Declared,
}

impl Looks<'_> {
    /// Returns whether all of `wider` hold whenever all of `narrower` hold.
    fn implied(&mut self, wider: &[Condition], narrower: &[Condition]) -> bool {
        wider.iter().all(|want| narrower.iter().any(|have| self.implies(have, want)))
    }

    fn implies(&mut self, have: &Condition, want: &Condition) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        if have.text == want.text && have.text != 0 {
            return true;
        }
        match (&have.asks, &want.asks) {
            (Asks::Any(all), _) => all.iter().all(|have| self.implies(have, want)),
            (_, Asks::Any(all)) => all.iter().any(|want| self.implies(have, want)),
            (Asks::Of(subject, have), Asks::Of(other, want)) => {
                subject == other && have.implies(want, self.declared)
            }
            _ => false,
        }
    }
}

fn constant(expr: &Expr) -> Option<Const> {
    match &expr.kind {
        ExprKind::Const(value) => Some(value.clone()),
        ExprKind::Unary(UnaryOp::ToDecimal, inner) => match constant(inner)? {
            Const::Integer(value) => Some(Const::Decimal(Decimal::from(value))),
            other => Some(other),
        },
        _ => None,
    }
}

impl Test {
    fn implies(&self, want: &Self, declared: &Declared) -> bool {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        match (self, want) {
            (Self::InList(have), Self::InList(want)) => have == want,
            (Self::Compare(Equal, Const::Text(value)), Self::InList(list)) => {
                declared.lists.get_index(usize::from(*list)).is_some_and(|(_, list)| list.contains(value))
            }
            (Self::Compare(have, a), Self::Compare(want, b)) => {
                let Some(order) = compare(a, b) else {
                    return matches!((have, want), (Equal, NotEqual)) && differ(a, b);
                };
                match (have, want) {
                    (Equal, Equal) | (NotEqual, NotEqual) => order.is_eq(),
                    (Equal, NotEqual) => order.is_ne(),
                    (Equal, Less) | (LessOrEqual, Less) => order.is_lt(),
                    (Equal | Less | LessOrEqual, LessOrEqual) | (Less, Less) => order.is_le(),
                    (Equal, Greater) | (GreaterOrEqual, Greater) => order.is_gt(),
                    (Equal | Greater | GreaterOrEqual, GreaterOrEqual) | (Greater, Greater) => order.is_ge(),
                    (Less, NotEqual) => order.is_le(),
                    (LessOrEqual, NotEqual) => order.is_lt(),
                    (Greater, NotEqual) => order.is_ge(),
                    (GreaterOrEqual, NotEqual) => order.is_gt(),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

fn compare(a: &Const, b: &Const) -> Option<std::cmp::Ordering> {
    let number = |value: &Const| match value {
        Const::Integer(value) => Some(Decimal::from(*value)),
        Const::Decimal(value) => Some(*value),
        Const::Money(value) => Some(value.0),
        _ => None,
    };
    Some(match (a, b) {
        (Const::Time(a), Const::Time(b)) => a.cmp(b),
        (Const::Date(a), Const::Date(b)) => a.cmp(b),
        (Const::Duration(a), Const::Duration(b)) => a.cmp(b),
        (Const::Text(a), Const::Text(b)) => a.cmp(b),
        (Const::Bool(a), Const::Bool(b)) => a.cmp(b),
        _ => number(a)?.cmp(&number(b)?),
    })
}

fn differ(a: &Const, b: &Const) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b) && a != b
}
