//! Tells conditions: when a bool is true, or when it is false.

use super::locals::is_fact;
use super::teller::{Local, Shape, Teller};
use crate::card::model::Sentence;
use crate::card::sentence::{joined, say, words};
use crate::card::words::Phrase;
use crate::lang::Base;
use crate::lang::catalog::{Builtin, Field};
use crate::lang::{BinaryOp, Compared, Comparison, Const, Expr, ExprKind, Node, Operand, UnaryOp};

impl<'r> Teller<'_, '_, 'r> {
    /// Tells a value of any type: a bool as whether its condition holds.
    pub(super) fn anything(&mut self, expr: &'r Expr, shape: Shape) -> Sentence {
        if expr.ty.base == Base::Bool && !matches!(expr.kind, ExprKind::Local(_) | ExprKind::Call(..)) {
            let condition = self.condition(expr, true);
            return say(Phrase::Whether, [condition]);
        }
        self.value(expr, shape)
    }

    /// Tells when a bool is true, or when it is false.
    pub(super) fn condition(&mut self, expr: &'r Expr, yes: bool) -> Sentence {
        match &expr.kind {
            ExprKind::Const(Const::Bool(value)) => {
                words(if *value == yes { Phrase::Always } else { Phrase::Never })
            }
            ExprKind::Unary(UnaryOp::Not, of) => self.condition(of, !yes),
            ExprKind::And(first, rest) => self.operands(first, rest, yes, yes),
            ExprKind::Or(first, rest) => self.operands(first, rest, yes, !yes),
            ExprKind::Binary(BinaryOp::Compare(comparison, compared), pair) => {
                self.compare(*comparison, *compared, (&pair.0, &pair.1), yes)
            }
            ExprKind::Binary(BinaryOp::In, pair) => self.is_in(&pair.0, &pair.1, yes),
            ExprKind::Known(of) if matches!(of.kind, ExprKind::Fact(Field::FOLLOWS_ID)) => {
                words(if yes { Phrase::Follows } else { Phrase::FollowsNone })
            }
            ExprKind::Known(of) => {
                let of = self.value(of, Shape::Plain);
                say(if yes { Phrase::IsKnown } else { Phrase::IsUnknown }, [of])
            }
            ExprKind::Coalesce(first, rest) if rest.len() == 1 && is_fact(first) => {
                let default = rest.first().map(|operand| &operand.expr.kind);
                let Some(ExprKind::Const(Const::Bool(default))) = default else {
                    return self.holds(expr, yes);
                };
                let told = self.condition(first, yes);
                if *default == yes { say(Phrase::OrUnknown, [told]) } else { told }
            }
            ExprKind::Fact(field) if *field == Field::CREATIVE_ALLOWED => {
                words(if yes { Phrase::CreativeAllowed } else { Phrase::CreativeNotAllowed })
            }
            ExprKind::Local(slot) => match self.locals.get_mut(usize::from(*slot)) {
                Some(Local::Inline { value, is_told }) => {
                    let value = *value;
                    *is_told = true;
                    self.condition(value, yes)
                }
                _ => self.holds(expr, yes),
            },
            ExprKind::Builtin(builtin, args) => match self.question(*builtin, args, yes) {
                Some(told) => told,
                None => self.holds(expr, yes),
            },
            _ => self.holds(expr, yes),
        }
    }

    pub(super) fn holds(&mut self, expr: &'r Expr, yes: bool) -> Sentence {
        let value = self.value(expr, Shape::Plain);
        say(if yes { Phrase::IsTrue } else { Phrase::IsFalse }, [value])
    }

    pub(super) fn operands(
        &mut self,
        first: &'r Expr,
        rest: &'r [Operand],
        yes: bool,
        is_and: bool,
    ) -> Sentence {
        let mut told = Vec::new();
        let operands: Vec<&'r Expr> =
            std::iter::once(first).chain(rest.iter().map(|operand| &operand.expr)).collect();
        let mut is_guarded = false;
        for (n, operand) in operands.iter().enumerate() {
            let next = n.checked_add(1).and_then(|next| operands.get(next));
            // `known(x) && x …` is told as a condition on what is known.
            if yes && is_and && next.is_some_and(|next| guards(operand, next)) {
                is_guarded = true;
                continue;
            }
            let mut sentence = self.condition(operand, yes);
            if self.is_compound(operand) {
                sentence = say(Phrase::InBrackets, [sentence]);
            }
            if std::mem::take(&mut is_guarded) {
                sentence = say(Phrase::WhereKnown, [sentence]);
            }
            told.push(sentence);
        }
        joined(told, if is_and { Phrase::And } else { Phrase::Or })
    }

    /// Returns whether a condition is told as several, so that it needs brackets among others.
    pub(super) fn is_compound(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::And(..) | ExprKind::Or(..) => true,
            ExprKind::Unary(UnaryOp::Not, of) => self.is_compound(of),
            ExprKind::Local(slot) => match self.locals.get(usize::from(*slot)) {
                Some(Local::Inline { value, .. }) => self.is_compound(value),
                _ => false,
            },
            _ => false,
        }
    }

    /// Returns the text or bool constant that a fact defaults to.
    pub(super) fn default_of(expr: &'r Expr) -> Option<(&'r Expr, &'r Const)> {
        let ExprKind::Coalesce(first, rest) = &expr.kind else { return None };
        let [operand] = rest.as_slice() else { return None };
        match &operand.expr.kind {
            ExprKind::Const(default @ Const::Text(_)) if is_fact(first) => Some((first, default)),
            _ => None,
        }
    }

    /// Returns an expression with the locals replaced that are told where they are read.
    pub(super) fn resolved(&mut self, expr: &'r Expr) -> &'r Expr {
        match &expr.kind {
            ExprKind::Local(slot) => match self.locals.get(usize::from(*slot)) {
                Some(Local::Inline { value, is_told: false }) if Self::default_of(value).is_some() => value,
                _ => expr,
            },
            _ => expr,
        }
    }

    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        compared: Compared,
        (left, right): (&'r Expr, &'r Expr),
        yes: bool,
    ) -> Sentence {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let (left, right, comparison) = match (&left.kind, &right.kind) {
            (ExprKind::Const(_), ExprKind::Const(_)) | (_, ExprKind::Const(_)) => (left, right, comparison),
            (ExprKind::Const(_), _) => {
                let mirrored = match comparison {
                    Less => Greater,
                    LessOrEqual => GreaterOrEqual,
                    Greater => Less,
                    GreaterOrEqual => LessOrEqual,
                    same => same,
                };
                (right, left, mirrored)
            }
            _ => (left, right, comparison),
        };
        let comparison = match (comparison, yes) {
            (same, true) => same,
            (Equal, false) => NotEqual,
            (NotEqual, false) => Equal,
            (Less, false) => GreaterOrEqual,
            (LessOrEqual, false) => Greater,
            (Greater, false) => LessOrEqual,
            (GreaterOrEqual, false) => Less,
        };
        if let (Compared::Bool, ExprKind::Const(Const::Bool(value))) = (compared, &right.kind) {
            return self.condition(left, *value == (comparison == Equal));
        }
        let subject = self.resolved(left);
        if let (Some((fact, Const::Text(default))), ExprKind::Const(Const::Text(text))) =
            (Self::default_of(subject), &right.kind)
        {
            let if_unknown = (default == text) == (comparison == Equal);
            let told = [self.value(fact, Shape::Plain), self.context.literal(text)];
            return match (comparison, if_unknown) {
                (Equal, false) => say(Phrase::Is, told),
                (Equal, true) => say(Phrase::OrUnknown, [say(Phrase::Is, told)]),
                (_, true) => say(Phrase::OrUnknown, [say(Phrase::IsNot, told)]),
                (_, false) => say(Phrase::IsKnownNot, told),
            };
        }
        let is_moment = matches!(compared, Compared::Time | Compared::Date);
        let phrase = match (comparison, is_moment) {
            (Equal, _) => Phrase::Is,
            (NotEqual, _) => Phrase::IsNot,
            (Less, false) => Phrase::IsBelow,
            (LessOrEqual, false) => Phrase::IsAtMost,
            (Greater, false) => Phrase::IsAbove,
            (GreaterOrEqual, false) => Phrase::IsAtLeast,
            (Less, true) => Phrase::IsBefore,
            (LessOrEqual, true) => Phrase::IsNotAfter,
            (Greater, true) => Phrase::IsAfter,
            (GreaterOrEqual, true) => Phrase::IsNotBefore,
        };
        let left = self.anything(left, Shape::Plain);
        let right = self.anything(right, Shape::Plain);
        say(phrase, [left, right])
    }

    pub(super) fn is_in(&mut self, text: &'r Expr, of: &'r Expr, yes: bool) -> Sentence {
        let ExprKind::NamedList(index) = &of.kind else {
            let list = self.value(of, Shape::Plain);
            let text = self.value(text, Shape::Plain);
            return say(if yes { Phrase::Include } else { Phrase::IncludeNot }, [list, text]);
        };
        let named = self.context.terms.lists.get_index(usize::from(*index));
        let list = named.map(|(name, list)| self.context.named_list(name, list)).unwrap_or_default();
        let subject = self.resolved(text);
        let default = Self::default_of(subject);
        let told = [self.value(default.map_or(text, |(fact, _)| fact), Shape::Plain), list];
        let if_unknown = match (default, named) {
            (Some((_, Const::Text(default))), Some((_, list))) => Some(list.contains(default) == yes),
            _ => None,
        };
        match (yes, if_unknown) {
            (true, Some(true)) => say(Phrase::OrUnknown, [say(Phrase::IsOneOf, told)]),
            (true, _) => say(Phrase::IsOneOf, told),
            (false, Some(true)) => say(Phrase::OrUnknown, [say(Phrase::IsNoneOf, told)]),
            (false, Some(false)) => say(Phrase::IsKnownNoneOf, told),
            (false, None) => say(Phrase::IsNoneOf, told),
        }
    }

    /// Tells a built-in that answers a question; `None` for any other.
    pub(super) fn question(&mut self, builtin: Builtin, args: &'r [Expr], yes: bool) -> Option<Sentence> {
        let phrase = match (builtin, yes) {
            (Builtin::StartsWith, true) => Phrase::StartsWith,
            (Builtin::StartsWith, false) => Phrase::StartsNotWith,
            (Builtin::EndsWith, true) => Phrase::EndsWith,
            (Builtin::EndsWith, false) => Phrase::EndsNotWith,
            (Builtin::Contains, true) => Phrase::Contains,
            (Builtin::Contains, false) => Phrase::ContainsNot,
            (Builtin::ExpiredAt, true) => Phrase::Expired,
            (Builtin::ExpiredAt, false) => Phrase::NotExpired,
            (Builtin::NotYetValidAt, true) => Phrase::NotYetValid,
            (Builtin::NotYetValidAt, false) => Phrase::AlreadyValid,
            (Builtin::PromoActive, true) => Phrase::PromoActive,
            (Builtin::PromoActive, false) => Phrase::PromoNotActive,
            _ => return None,
        };
        if matches!(builtin, Builtin::ExpiredAt | Builtin::NotYetValidAt) {
            // There is only one creative; only the moment is told.
            let at = self.value(args.last()?, Shape::Plain);
            return Some(say(phrase, [at]));
        }
        let [first, second] = args else { return None };
        let told = [self.value(first, Shape::Plain), self.value(second, Shape::Plain)];
        Some(say(phrase, told))
    }
}

/// Returns whether a condition asks that a fact is known, and the next condition reads that fact.
fn guards(condition: &Expr, next: &Expr) -> bool {
    let ExprKind::Known(of) = &condition.kind else { return false };
    let mut reads = false;
    next.walk(&mut |node| {
        if let Node::Expr(expr) = node {
            reads |= match (&expr.kind, &of.kind) {
                (ExprKind::Fact(read), ExprKind::Fact(known)) => read == known,
                (ExprKind::Attribute(read), ExprKind::Attribute(known)) => read == known,
                _ => false,
            };
        }
    });
    reads && !matches!(of.kind, ExprKind::Fact(Field::FOLLOWS_ID))
}
