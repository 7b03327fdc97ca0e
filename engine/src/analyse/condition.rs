//! From a checked condition to a formula over the variables of a version.
//!
//! The formula is exact for any values of the variables. What is not looked into (arithmetic, built-ins) becomes a variable of its own,
//! and equal expressions are the same variable.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::logic::{Formula, Pattern, Var};
use super::space::{Source, Space, any, seconds};
use super::values::{Known, Numbers, Texts, Values};
use crate::lang::catalog::Builtin;
use crate::lang::{
    Base, BinaryOp, Compared, Comparison, Const, Element, Expr, ExprKind, Operand, Type, UnaryOp,
};

/// The value of an expression in one case.
#[derive(Clone, Debug)]
enum Leaf {
    Const(Const),
    Var(Var),
    /// The date of a moment.
    DateOf(Var),
}

/// The cases of an expression: under each condition it has this value.
type Cases = Vec<(Formula, Leaf)>;

/// The most cases of one expression: chains of `??` have two or three.
const MOST_CASES: usize = 16;

/// The most texts of a named list that is looked into. A longer list is a variable of its own.
pub(super) const MOST_LISTED: usize = 2_000;

/// A part of a condition that is taken as a constant: the number of the part in the order of [`parts`].
pub(super) type Replaced = Option<(usize, bool)>;

/// Reads conditions of one version.
pub(super) struct Reader<'s, 't> {
    pub(super) space: &'s mut Space<'t>,
    replaced: Replaced,
    next: usize,
}

/// Returns the formula of a condition, with one of its parts taken as a constant.
pub(super) fn formula(space: &mut Space<'_>, expr: &Expr, replaced: Replaced) -> Formula {
    Reader { space, replaced, next: 0 }.formula(expr)
}

/// Returns a text that is equal for expressions that compute the same of the same facts.
pub(super) fn key(space: &mut Space<'_>, expr: &Expr) -> String {
    let unique = space.sources.len();
    let key = Reader { space, replaced: None, next: 0 }.key(expr);
    // What is equal to nothing but itself makes a new variable each time.
    if key.contains(UNLIKE) {
        space.var(format!("{key} {unique}"), || Source::Other, any(expr.ty));
    }
    key
}

/// Begins the text of an expression that is equal to nothing but itself.
const UNLIKE: &str = "\u{0}at ";

/// A part of a condition: an operand of `&&` or `||`.
pub(super) struct Part<'e> {
    pub(super) expr: &'e Expr,
    /// The number of parts inside of it.
    pub(super) inside: usize,
}

/// Returns the operands of `&&` and `||` of a condition, each before those inside of it.
pub(super) fn parts(expr: &Expr) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    collect(expr, &mut found);
    found
}

fn collect<'e>(expr: &'e Expr, found: &mut Vec<Part<'e>>) {
    match &expr.kind {
        ExprKind::And(first, rest) | ExprKind::Or(first, rest) => {
            for operand in operands(first, rest) {
                let at = found.len();
                found.push(Part { expr: operand, inside: 0 });
                collect(operand, found);
                let inside = found.len() - at - 1;
                if let Some(part) = found.get_mut(at) {
                    part.inside = inside;
                }
            }
        }
        ExprKind::Unary(UnaryOp::Not, operand) => collect(operand, found),
        _ => {}
    }
}

fn operands<'e>(first: &'e Expr, rest: &'e [Operand]) -> impl Iterator<Item = &'e Expr> {
    std::iter::once(first).chain(rest.iter().map(|operand| &operand.expr))
}

impl Reader<'_, '_> {
    fn formula(&mut self, expr: &Expr) -> Formula {
        match &expr.kind {
            ExprKind::Const(Const::Bool(value)) => Formula::Const(*value),
            ExprKind::And(first, rest) => {
                let parts: Vec<Formula> = operands(first, rest).map(|part| self.part(part)).collect();
                Formula::all(parts)
            }
            ExprKind::Or(first, rest) => {
                let parts: Vec<Formula> = operands(first, rest).map(|part| self.part(part)).collect();
                Formula::any(parts)
            }
            ExprKind::Unary(UnaryOp::Not, operand) => self.formula(operand).negated(&self.space.domains),
            ExprKind::Known(operand) => {
                let cases = self.cases(operand);
                let known = cases.into_iter().map(|(when, leaf)| match leaf {
                    Leaf::Const(_) => when,
                    Leaf::Var(var) | Leaf::DateOf(var) => Formula::all([when, self.known(var, true)]),
                });
                Formula::any(known.collect::<Vec<_>>())
            }
            ExprKind::Binary(BinaryOp::Compare(comparison, of), sides) => {
                self.compare(*comparison, *of, &sides.0, &sides.1)
            }
            ExprKind::Binary(BinaryOp::In, sides) => self.contained(&sides.0, &sides.1),
            ExprKind::Builtin(Builtin::StartsWith | Builtin::EndsWith | Builtin::Contains, _) => {
                self.pattern(expr)
            }
            _ => {
                let cases = self.cases(expr);
                let holds = cases.into_iter().map(|(when, leaf)| match leaf {
                    Leaf::Const(value) => Formula::all([when, Formula::Const(value == Const::Bool(true))]),
                    Leaf::Var(var) | Leaf::DateOf(var) => {
                        Formula::all([when, Formula::Is(var, Values::bool(true))])
                    }
                });
                Formula::any(holds)
            }
        }
    }

    /// Returns the formula of an operand of `&&` or `||`.
    fn part(&mut self, expr: &Expr) -> Formula {
        let number = self.next;
        self.next += 1;
        let formula = self.formula(expr);
        match self.replaced {
            Some((replaced, value)) if replaced == number => Formula::Const(value),
            _ => formula,
        }
    }

    /// Returns the condition that a variable is known, or that it is unknown.
    fn known(&self, var: Var, is_known: bool) -> Formula {
        let mut values = self.space.domains.of(var);
        if is_known {
            values.unknown = false;
        } else if values.unknown {
            values = Values { unknown: true, known: nothing_of(&values.known) };
        } else {
            return Formula::Const(false);
        }
        Formula::Is(var, values)
    }

    fn cases(&mut self, expr: &Expr) -> Cases {
        let leaf = match &expr.kind {
            ExprKind::Const(value) => Leaf::Const(value.clone()),
            ExprKind::Fact(field) | ExprKind::FieldOf(field, _) => match field.spec().ty.base {
                Base::List(_) | Base::Record(_) | Base::Unit => return self.opaque(expr),
                _ => Leaf::Var(self.space.field(*field)),
            },
            ExprKind::Attribute(index) | ExprKind::ItemAttribute(index, _) => {
                match self.space.attribute(*index) {
                    Some(var) => Leaf::Var(var),
                    None => return self.opaque(expr),
                }
            }
            ExprKind::Total(index, field) => match self.space.total(*index, *field) {
                Some(var) => Leaf::Var(var),
                None => return self.opaque(expr),
            },
            ExprKind::Unary(UnaryOp::ToDecimal, operand) => return self.cases(operand),
            ExprKind::Coalesce(first, rest) => return self.coalesced(first, rest),
            ExprKind::If(condition, then, Some(otherwise))
                if then.stmts.is_empty() && otherwise.stmts.is_empty() =>
            {
                let (Some(then), Some(otherwise)) = (&then.value, &otherwise.value) else {
                    return self.opaque(expr);
                };
                return self.chosen(condition, then, otherwise);
            }
            ExprKind::Builtin(Builtin::TimeDate, args) => {
                let of = args.first().map(|arg| self.cases(arg));
                match of.as_deref() {
                    Some([(Formula::Const(true), Leaf::Var(var))]) => Leaf::DateOf(*var),
                    _ => return self.opaque(expr),
                }
            }
            ExprKind::Builtin(part, args) if let Some(most) = part_of_time(*part) => {
                let of = args.first().map(|arg| self.cases(arg));
                let var = match of.as_deref() {
                    Some([(Formula::Const(true), Leaf::Var(var) | Leaf::DateOf(var))]) => *var,
                    _ => return self.opaque(expr),
                };
                let key = format!("{}.{part:?}", self.space.name(var));
                let low = i64::from(!matches!(part, Builtin::TimeHour | Builtin::TimeMinute));
                let bounds = (Some((low.into(), true)), most.map(|most| (most.into(), true)));
                let values = Values::known(Known::Numbers(Numbers::between(bounds, true)));
                Leaf::Var(self.space.var(key, || Source::Part(var, *part), values))
            }
            ExprKind::Builtin(Builtin::Len, args) => {
                let Some(ExprKind::Fact(field)) = args.first().map(|arg| &arg.kind) else {
                    return self.opaque(expr);
                };
                let key = format!("{}.len()", field.spec().full_name());
                let values = Values::known(Known::Numbers(super::space::from_zero(true)));
                Leaf::Var(self.space.var(key, || Source::Length(*field), values))
            }
            ExprKind::Binary(BinaryOp::DiffTime | BinaryOp::SubMoney, sides) => {
                let (left, right) = (self.cases(&sides.0), self.cases(&sides.1));
                match (left.as_slice(), right.as_slice()) {
                    ([(Formula::Const(true), Leaf::Var(a))], [(Formula::Const(true), Leaf::Var(b))])
                        if a != b =>
                    {
                        let key = format!("{} - {}", self.space.name(*a), self.space.name(*b));
                        let source = Source::Difference(*a, *b);
                        Leaf::Var(self.space.var(key, || source, any(expr.ty)))
                    }
                    _ => return self.opaque(expr),
                }
            }
            ExprKind::Binary(BinaryOp::Compare(..) | BinaryOp::In, _)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Known(_)
            | ExprKind::Unary(UnaryOp::Not, _) => {
                let (next, replaced) = (self.next, self.replaced.take());
                let holds = self.formula(expr);
                (self.next, self.replaced) = (next, replaced);
                let fails = holds.negated(&self.space.domains);
                let truth = |value| Leaf::Const(Const::Bool(value));
                return vec![(holds, truth(true)), (fails, truth(false))];
            }
            _ => return self.opaque(expr),
        };
        vec![(Formula::Const(true), leaf)]
    }

    fn coalesced(&mut self, first: &Expr, rest: &[Operand]) -> Cases {
        let mut found = Vec::new();
        let mut open = Formula::Const(true);
        for operand in operands(first, rest) {
            let cases = self.cases(operand);
            let mut unknown = Vec::new();
            for (when, leaf) in cases {
                let when = Formula::all([open.clone(), when]);
                match leaf {
                    Leaf::Const(_) => found.push((when, leaf)),
                    Leaf::Var(var) | Leaf::DateOf(var) => {
                        found.push((Formula::all([when.clone(), self.known(var, true)]), leaf));
                        unknown.push(Formula::all([when, self.known(var, false)]));
                    }
                }
            }
            open = Formula::any(unknown);
        }
        found.retain(|(when, _)| *when != Formula::Const(false));
        found
    }

    fn chosen(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr) -> Cases {
        let (next, replaced) = (self.next, self.replaced.take());
        let holds = self.formula(condition);
        (self.next, self.replaced) = (next, replaced);
        let fails = holds.negated(&self.space.domains);
        let mut found = Vec::new();
        for (guard, value) in [(holds, then), (fails, otherwise)] {
            let cases = self.cases(value);
            found.extend(cases.into_iter().map(|(when, leaf)| (Formula::all([guard.clone(), when]), leaf)));
        }
        found
    }

    /// Returns an expression as a variable of its own.
    fn opaque(&mut self, expr: &Expr) -> Cases {
        let key = self.key(expr);
        let var = self.space.other(key, expr.ty);
        vec![(Formula::Const(true), Leaf::Var(var))]
    }

    /// Returns a text that is equal for equal expressions.
    fn key(&mut self, expr: &Expr) -> String {
        let mut joined = |name: String, parts: &mut dyn Iterator<Item = &Expr>| {
            let parts: Vec<String> = parts.map(|part| self.key(part)).collect();
            format!("{name}({})", parts.join(", "))
        };
        match &expr.kind {
            ExprKind::Const(value) => format!("{value:?}"),
            ExprKind::Fact(field) | ExprKind::FieldOf(field, _) => field.spec().full_name(),
            ExprKind::Attribute(index) | ExprKind::ItemAttribute(index, _) => {
                let declared = self.space.terms.attributes.get_index(usize::from(*index));
                declared.map(|(key, declared)| declared.of.written(key)).unwrap_or_default()
            }
            ExprKind::Total(index, field) => {
                let total = self.space.version.totals.get(usize::from(*index));
                total.map(|total| total.written(*field, self.space.terms)).unwrap_or_default()
            }
            ExprKind::NamedList(index) => {
                let list = self.space.terms.lists.get_index(usize::from(*index));
                list.map(|(name, _)| format!("list {name}")).unwrap_or_default()
            }
            ExprKind::Unary(op, operand) => joined(format!("{op:?}"), &mut [&**operand].into_iter()),
            ExprKind::Binary(op, sides) => joined(format!("{op:?}"), &mut [&sides.0, &sides.1].into_iter()),
            ExprKind::Coalesce(first, rest) => joined("??".to_owned(), &mut operands(first, rest)),
            ExprKind::And(first, rest) => joined("&&".to_owned(), &mut operands(first, rest)),
            ExprKind::Or(first, rest) => joined("||".to_owned(), &mut operands(first, rest)),
            ExprKind::Known(operand) => joined("known".to_owned(), &mut [&**operand].into_iter()),
            ExprKind::Builtin(builtin, args) => joined(format!("{builtin:?}"), &mut args.iter()),
            // Anything else is equal to nothing but itself.
            _ => format!("{UNLIKE}{} of rule {}", expr.span.start, self.space.sources.len()),
        }
    }

    fn compare(&mut self, comparison: Comparison, of: Compared, left: &Expr, right: &Expr) -> Formula {
        let (lefts, rights) = (self.cases(left), self.cases(right));
        if lefts.len().saturating_mul(rights.len()) > MOST_CASES {
            let key = format!("{comparison:?}({}, {})", self.key(left), self.key(right));
            return self.space.truth(key, Source::Other);
        }
        let mut found = Vec::new();
        for (when, left) in &lefts {
            for (and, right) in &rights {
                let holds = self.compare_leaves(comparison, of, left, right);
                found.push(Formula::all([when.clone(), and.clone(), holds]));
            }
        }
        Formula::any(found)
    }

    fn compare_leaves(&mut self, comparison: Comparison, of: Compared, left: &Leaf, right: &Leaf) -> Formula {
        match (left, right) {
            (Leaf::Const(a), Leaf::Const(b)) => match (number(a), number(b)) {
                (Some(a), Some(b)) => Formula::Const(numbers(comparison, b, false).contains(a)),
                _ => Formula::Const((a == b) == (comparison == Comparison::Equal)),
            },
            (Leaf::Const(_), _) => self.compare_leaves(comparison.mirrored(), of, right, left),
            (Leaf::Var(var), Leaf::Const(value)) => self.var_and_const(comparison, *var, value),
            (Leaf::DateOf(var), Leaf::Const(Const::Date(date))) => {
                let zone = self.space.terms.zone;
                let start = seconds(zone.start_of(*date));
                let Some(next) = date.succ_opt().map(|next| seconds(zone.start_of(next))) else {
                    return self.space.truth(format!("{var:?}.date {comparison:?} {date}"), Source::Other);
                };
                let (start, next) = (Some((start, true)), Some((next, false)));
                let before = start.map(|(at, _)| (at, false));
                let after = next.map(|(at, _)| (at, true));
                let day = Numbers::between((start, next), false);
                let known = match comparison {
                    Comparison::Equal => Known::Numbers(day),
                    Comparison::NotEqual => Known::Numbers(day).complement(),
                    Comparison::Less => Known::Numbers(Numbers::between((None, before), false)),
                    Comparison::LessOrEqual => Known::Numbers(Numbers::between((None, next), false)),
                    Comparison::Greater => Known::Numbers(Numbers::between((after, None), false)),
                    Comparison::GreaterOrEqual => Known::Numbers(Numbers::between((start, None), false)),
                };
                Formula::Is(*var, Values::known(known))
            }
            (Leaf::Var(a), Leaf::Var(b)) if of == Compared::Text || of == Compared::Bool => {
                if a == b {
                    return Formula::Const(comparison == Comparison::Equal);
                }
                let (first, second) = (a.min(b), a.max(b));
                let key = format!("{} == {}", self.space.name(*first), self.space.name(*second));
                let equal = self.space.truth(key, Source::Other);
                if comparison == Comparison::Equal { equal } else { equal.negated(&self.space.domains) }
            }
            (Leaf::Var(a), Leaf::Var(b)) => {
                if a == b {
                    let holds = numbers(comparison, Decimal::ZERO, false).contains(Decimal::ZERO);
                    return Formula::Const(holds);
                }
                // The comparison of two facts is one of their difference with zero.
                let (first, second) = (*a.min(b), *a.max(b));
                let comparison = if first == *a { comparison } else { comparison.mirrored() };
                let (one, other) = (self.space.name(first), self.space.name(second));
                let key = format!("{one} compared with {other}");
                let source = Source::Difference(first, second);
                let var = self.space.var(key, || source, any(Type::known(Base::Decimal)));
                Formula::Is(var, Values::known(Known::Numbers(numbers(comparison, Decimal::ZERO, false))))
            }
            (left, right) => {
                let key = format!("{comparison:?}({left:?}, {right:?})");
                self.space.truth(key, Source::Other)
            }
        }
    }

    fn var_and_const(&mut self, comparison: Comparison, var: Var, value: &Const) -> Formula {
        let domain = self.space.domains.of(var);
        let known = match (value, &domain.known) {
            (Const::Text(text), _) => {
                let is = Known::Texts(Texts::of([Arc::from(text.as_str())]));
                if comparison == Comparison::Equal { is } else { is.complement() }
            }
            (Const::Bool(value), _) => Values::bool(*value == (comparison == Comparison::Equal)).known,
            (value, Known::Numbers(all)) => match number(value) {
                Some(value) => Known::Numbers(numbers(comparison, value, all.is_whole())),
                None => return Formula::Const(false),
            },
            _ => return self.space.truth(format!("{var:?} {comparison:?} {value:?}"), Source::Other),
        };
        Formula::Is(var, Values::known(known))
    }

    fn contained(&mut self, needle: &Expr, list: &Expr) -> Formula {
        let cases = self.cases(needle);
        let values = match &list.kind {
            ExprKind::NamedList(index) => {
                let list = self.space.terms.lists.get_index(usize::from(*index)).map(|(_, list)| list);
                list.filter(|list| list.len() <= MOST_LISTED)
            }
            _ => None,
        };
        let field = match &list.kind {
            ExprKind::Fact(field) if matches!(list.ty.base, Base::List(Element::Text | Element::Code)) => {
                Some(*field)
            }
            _ => None,
        };
        let mut found = Vec::new();
        for (when, leaf) in cases {
            let holds = match (&leaf, values, field) {
                (Leaf::Const(Const::Text(text)), Some(list), _) => Formula::Const(list.contains(text)),
                (Leaf::Var(var), Some(list), _) => {
                    let texts = list.values().iter().map(|text| Arc::from(text.as_str()));
                    Formula::Is(*var, Values::known(Known::Texts(Texts::of(texts))))
                }
                (Leaf::Const(Const::Text(text)), None, Some(field)) => {
                    let key = format!("{text:?} in {}", field.spec().full_name());
                    self.space.truth(key, Source::Member(field, Arc::from(text.as_str())))
                }
                _ => {
                    let key = format!("In({}, {})", self.key(needle), self.key(list));
                    self.space.truth(key, Source::Other)
                }
            };
            found.push(Formula::all([when, holds]));
        }
        Formula::any(found)
    }

    /// Returns the formula of `starts_with`, `ends_with` or `contains`.
    fn pattern(&mut self, expr: &Expr) -> Formula {
        let key = self.key(expr);
        let ExprKind::Builtin(builtin, args) = &expr.kind else { return Formula::Const(false) };
        let ([text, of], true) = (args.as_slice(), args.len() == 2) else {
            return self.space.truth(key, Source::Other);
        };
        let ExprKind::Const(Const::Text(of)) = &of.kind else { return self.space.truth(key, Source::Other) };
        let of: Arc<str> = Arc::from(of.as_str());
        let pattern = match builtin {
            Builtin::StartsWith => Pattern::Prefix(of),
            Builtin::EndsWith => Pattern::Suffix(of),
            _ => Pattern::Part(of),
        };
        let mut found = Vec::new();
        for (when, leaf) in self.cases(text) {
            let holds = match leaf {
                Leaf::Const(Const::Text(text)) => Formula::Const(pattern.accepts(&text)),
                Leaf::Var(var) => {
                    let key = format!("{} {pattern:?}", self.space.name(var));
                    let known = self.space.find(&key);
                    let holds = self.space.truth(key, Source::Other);
                    if known.is_none()
                        && let Formula::Is(accepted, _) = &holds
                    {
                        let domains = &mut self.space.domains;
                        domains.patterns.entry(var).or_default().push((pattern.clone(), *accepted));
                        domains.about.insert(*accepted, var);
                    }
                    holds
                }
                _ => self.space.truth(key.clone(), Source::Other),
            };
            found.push(Formula::all([when, holds]));
        }
        Formula::any(found)
    }
}

/// Returns the empty set of the same type.
fn nothing_of(known: &Known) -> Known {
    match known {
        Known::Bools { .. } => Known::Bools { no: false, yes: false },
        Known::Numbers(_) => Known::Numbers(Numbers::all(true)).complement(),
        Known::Texts(_) => Known::Texts(Texts::of([])),
    }
}

/// Returns the largest number of a part of a moment, `Some(None)` if it has none; `None` if a built-in is no such part.
fn part_of_time(builtin: Builtin) -> Option<Option<i64>> {
    Some(match builtin {
        Builtin::TimeHour => Some(23),
        Builtin::TimeMinute => Some(59),
        Builtin::DateMonth => Some(12),
        Builtin::DateDay => Some(31),
        Builtin::DateWeekday => Some(7),
        Builtin::DateYear => None,
        _ => return None,
    })
}

/// Returns a constant as a number: an amount or number itself, a moment or duration in seconds, a date in days.
pub(super) fn number(value: &Const) -> Option<Decimal> {
    Some(match value {
        Const::Integer(value) => (*value).into(),
        Const::Decimal(value) => *value,
        Const::Money(value) => value.0,
        Const::Time(at) => seconds(*at),
        Const::Date(date) => crate::time::days_since_epoch(*date).into(),
        Const::Duration(duration) => duration.seconds.into(),
        Const::Unit | Const::Bool(_) | Const::Text(_) => return None,
    })
}

/// Returns the numbers that compare so with a number.
pub(super) fn numbers(comparison: Comparison, with: Decimal, whole: bool) -> Numbers {
    let (inside, outside) = (Some((with, true)), Some((with, false)));
    match comparison {
        Comparison::Equal => Numbers::between((inside, inside), whole),
        Comparison::NotEqual => Numbers::between((inside, inside), whole).complement(),
        Comparison::Less => Numbers::between((None, outside), whole),
        Comparison::LessOrEqual => Numbers::between((None, inside), whole),
        Comparison::Greater => Numbers::between((outside, None), whole),
        Comparison::GreaterOrEqual => Numbers::between((inside, None), whole),
    }
}
