//! Tells values: constants, facts, totals, arithmetic and calls.

use super::locals::has_number;
use super::teller::{Local, Shape, Teller};
use crate::card::context::Context;
use crate::card::model::Sentence;
use crate::card::numbers;
use crate::card::sentence::{all, fill, joined, list, name, say, words};
use crate::card::words::{self, Phrase};
use crate::lang::catalog::{Builtin, Field};
use crate::lang::{
    AttributeOf, Base, BinaryOp, Block, Const, Expr, ExprKind, Record, TotalAt, TotalField, TotalSum, UnaryOp,
};

impl<'r> Teller<'_, '_, 'r> {
    pub(super) fn constant(&self, value: &Const, path: &str, shape: Shape) -> Sentence {
        let number = match (value, shape) {
            (Const::Text(text), _) => return self.context.literal(text),
            (Const::Bool(true), _) => return words(Phrase::True),
            (Const::Bool(false), _) => return words(Phrase::False),
            (Const::Unit, _) => return Sentence::new(),
            (Const::Decimal(value), Shape::Percent) => Some(numbers::percent(*value)),
            (Const::Decimal(value), Shape::Points) => Some(numbers::hundredths(*value)),
            (value, _) => numbers::constant(value, self.context.version.currency, self.context.terms.zone),
        };
        self.context.number(number.unwrap_or_default(), path)
    }

    pub(super) fn value(&mut self, expr: &'r Expr, shape: Shape) -> Sentence {
        let path = || format!("{}@{}..{}", self.owner, expr.span.start, expr.span.end);
        match &expr.kind {
            ExprKind::Const(value) => self.constant(value, &path(), shape),
            ExprKind::Local(slot) => self.local(*slot, shape),
            ExprKind::Fact(field) => fact(*field, None),
            ExprKind::FieldOf(field, of) => {
                let of = self.value(of, Shape::Plain);
                fact(*field, Some(of))
            }
            ExprKind::Attribute(index) => self.attribute(*index, None),
            ExprKind::ItemAttribute(index, of) => {
                let of = of.as_ref().map(|of| self.value(of, Shape::Plain));
                self.attribute(*index, Some(of.unwrap_or_else(the_item)))
            }
            ExprKind::Total(index, field) => self.total(*index, *field, &path()),
            ExprKind::NamedList(index) => {
                let named = self.context.terms.lists.get_index(usize::from(*index));
                named.map(|(name, list)| self.context.named_list(name, list)).unwrap_or_default()
            }
            ExprKind::Unary(UnaryOp::ToDecimal, of) => self.value(of, shape),
            ExprKind::Unary(UnaryOp::Not, _)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Known(_)
            | ExprKind::Binary(BinaryOp::Compare(..) | BinaryOp::In, _) => {
                let condition = self.condition(expr, true);
                say(Phrase::InBrackets, [condition])
            }
            ExprKind::Unary(_, of) => {
                let of = self.operand(of);
                say(Phrase::Minus, [of])
            }
            ExprKind::Binary(op, pair) => self.arithmetic(*op, &pair.0, &pair.1),
            ExprKind::Coalesce(first, rest) => {
                let mut told = self.value(first, shape);
                for operand in rest {
                    told = match &operand.expr.kind {
                        ExprKind::Const(Const::Text(text)) if text.is_empty() => told,
                        _ => {
                            let default = self.anything(&operand.expr, shape);
                            say(Phrase::IfUnknown, [told, default])
                        }
                    };
                }
                told
            }
            ExprKind::If(condition, then, otherwise) => {
                let condition = self.condition(condition, true);
                let then = self.block_value(then, shape);
                match otherwise {
                    Some(otherwise) => {
                        let otherwise = self.block_value(otherwise, shape);
                        say(Phrase::IfElse, [then, condition, otherwise])
                    }
                    None => say(Phrase::IfOnly, [then, condition]),
                }
            }
            ExprKind::Switch(switch) => {
                let subject = self.anything(&switch.subject, Shape::Plain);
                let mut told = Vec::new();
                for (n, arm) in switch.arms.iter().enumerate() {
                    let head = self.arm(switch, n);
                    let body = self.block_value(&arm.body, shape);
                    told.push(say(Phrase::ArmValue, [body, head]));
                }
                if let Some(default) = &switch.default {
                    let body = self.block_value(default, shape);
                    told.push(say(Phrase::OtherwiseValue, [body]));
                }
                say(Phrase::SwitchValue, [subject, list(told, Phrase::Comma)])
            }
            ExprKind::Block(block) => self.block_value(block, shape),
            ExprKind::Call(index, args) => self.call(*index, args),
            ExprKind::Builtin(builtin, args) => self.builtin(*builtin, args, expr),
        }
    }

    /// Tells the value of a block, after what its statements do.
    pub(super) fn block_value(&mut self, block: &'r Block, shape: Shape) -> Sentence {
        let mut lines = Vec::new();
        self.statements(&block.stmts, 0, &mut lines);
        let value = match &block.value {
            Some(value) if value.ty.base == Base::Unit => {
                self.run(value, 0, &mut lines);
                None
            }
            Some(value) => Some(self.anything(value, shape)),
            None => None,
        };
        let mut parts: Vec<Sentence> = lines.into_iter().map(|line| line.sentence).collect();
        if parts.is_empty() {
            return value.unwrap_or_default();
        }
        parts.extend(value.map(|value| say(Phrase::ResultIs, [value])));
        say(Phrase::InBrackets, [joined(parts, Phrase::Space)])
    }

    pub(super) fn local(&mut self, slot: u16, shape: Shape) -> Sentence {
        let Some(local) = self.locals.get_mut(usize::from(slot)) else { return Sentence::new() };
        match local {
            Local::Named(name) => name.clone(),
            Local::Inline { value, is_told } => {
                let value = *value;
                // A short value with a default is repeated without it.
                if std::mem::replace(is_told, true)
                    && let ExprKind::Coalesce(first, _) = &value.kind
                    && has_number(value)
                {
                    return self.value(first, shape);
                }
                self.anything(value, shape)
            }
        }
    }

    pub(super) fn attribute(&self, index: u16, of: Option<Sentence>) -> Sentence {
        let Some((key, declared)) = self.context.terms.attributes.get_index(usize::from(index)) else {
            return Sentence::new();
        };
        let attribute = name(declared.of.name(key));
        match (declared.of, of) {
            (AttributeOf::Partner, _) => {
                self.context.attributes_told.borrow_mut().insert(index);
                say(Phrase::AttributeOfPartner, [attribute])
            }
            (_, Some(of)) => say(Phrase::AttributeOfItem, [attribute, of]),
            _ => say(Phrase::Attribute, [attribute]),
        }
    }

    pub(super) fn total(&self, index: u16, field: TotalField, path: &str) -> Sentence {
        let Some(total) = self.context.version.totals.get(usize::from(index)) else {
            return Sentence::new();
        };
        self.context.totals_read.borrow_mut().insert(usize::from(index));
        total_words(self.context, &total.name, total.counter, field, path)
    }

    /// Tells an operand of arithmetic, in brackets if it is computed itself.
    pub(super) fn operand(&mut self, expr: &'r Expr) -> Sentence {
        let told = self.value(expr, Shape::Plain);
        let is_computed = match &self.resolved_any(expr).kind {
            ExprKind::Binary(..) | ExprKind::If(..) | ExprKind::Switch(_) => true,
            ExprKind::Unary(op, _) => *op != UnaryOp::ToDecimal,
            _ => false,
        };
        if is_computed { say(Phrase::InBrackets, [told]) } else { told }
    }

    pub(super) fn resolved_any(&self, expr: &'r Expr) -> &'r Expr {
        match &expr.kind {
            ExprKind::Local(slot) => match self.locals.get(usize::from(*slot)) {
                Some(Local::Inline { value, .. }) => self.resolved_any(value),
                _ => expr,
            },
            ExprKind::Unary(UnaryOp::ToDecimal, of) => self.resolved_any(of),
            _ => expr,
        }
    }

    pub(super) fn arithmetic(&mut self, op: BinaryOp, left: &'r Expr, right: &'r Expr) -> Sentence {
        use BinaryOp as Op;
        let phrase = match op {
            Op::AddInteger | Op::AddDecimal | Op::AddMoney | Op::AddDuration => Phrase::Plus,
            Op::AddTime | Op::AddDate => Phrase::LaterBy,
            Op::SubTime | Op::SubDate => Phrase::EarlierBy,
            Op::SubInteger | Op::SubDecimal | Op::SubMoney | Op::SubDuration => Phrase::Less,
            Op::MulInteger | Op::MulDecimal | Op::MulMoney | Op::MulDuration => Phrase::Times,
            Op::RemInteger | Op::RemDecimal => Phrase::Remainder,
            Op::DivDecimal | Op::DivMoney | Op::RatioMoney => Phrase::DividedBy,
            Op::DiffTime | Op::DiffDate => Phrase::TimeBetween,
            Op::Compare(..) | Op::In => return Sentence::new(),
        };
        if op == Op::DiffTime {
            let told = [self.event(right), self.event(left)];
            return say(phrase, told);
        }
        let is_sum = matches!(phrase, Phrase::Plus | Phrase::Less);
        let left = match &left.kind {
            ExprKind::Binary(..) if is_sum && is_addition(left) => self.value(left, Shape::Plain),
            _ => self.operand(left),
        };
        let right = self.operand(right);
        match phrase {
            Phrase::TimeBetween => say(phrase, [right, left]),
            _ => say(phrase, [left, right]),
        }
    }

    /// Tells a moment as what happened then: `the action` for its time.
    pub(super) fn event(&mut self, at: &'r Expr) -> Sentence {
        match &at.kind {
            ExprKind::Fact(Field::ACTION_OCCURRED_AT) => words(Phrase::TheAction),
            ExprKind::Fact(Field::FOLLOWS_OCCURRED_AT) => words(Phrase::EarlierAction),
            ExprKind::Fact(Field::TOUCH_AT) => words(Phrase::CreditedTouch),
            _ => self.operand(at),
        }
    }

    pub(super) fn call(&mut self, index: u16, args: &'r [Expr]) -> Sentence {
        if let Some(called) = self.called.get_mut(usize::from(index)) {
            *called = true;
        }
        let name = self.function_name(usize::from(index));
        if args.is_empty() {
            return name;
        }
        let args: Vec<Sentence> = args.iter().map(|arg| self.anything(arg, Shape::Plain)).collect();
        say(Phrase::FunctionOf, [name, list(args, Phrase::And)])
    }

    pub(super) fn builtin(&mut self, builtin: Builtin, args: &'r [Expr], expr: &'r Expr) -> Sentence {
        if self.is_question(builtin) {
            let condition = self.condition(expr, true);
            return say(Phrase::InBrackets, [condition]);
        }
        let phrase = match builtin {
            Builtin::Percent => Phrase::Percent,
            Builtin::Days => Phrase::Days,
            Builtin::Hours => Phrase::Hours,
            Builtin::Minutes => Phrase::Minutes,
            Builtin::Min => Phrase::Smaller,
            Builtin::Max => Phrase::Larger,
            Builtin::Abs => Phrase::WithoutSign,
            Builtin::Floor => Phrase::RoundedDown,
            Builtin::Round => Phrase::RoundedTo,
            Builtin::Len => Phrase::NumberOf,
            Builtin::PromoOwner => Phrase::PromoOwner,
            Builtin::TimeDate => Phrase::DateOf,
            Builtin::TimeHour => Phrase::HourOf,
            Builtin::TimeMinute => Phrase::MinuteOf,
            Builtin::PlusMonths => Phrase::PlusMonths,
            Builtin::PlusYears => Phrase::PlusYears,
            Builtin::MonthsBetween => Phrase::MonthsBetween,
            Builtin::StartOfMonth => Phrase::StartOfMonth,
            Builtin::EndOfMonth => Phrase::EndOfMonth,
            Builtin::DateYear => Phrase::YearOf,
            Builtin::DateMonth => Phrase::MonthOf,
            Builtin::DateDay => Phrase::DayOf,
            Builtin::DateWeekday => Phrase::WeekdayOf,
            Builtin::DurationDays => Phrase::WholeDays,
            Builtin::DurationHours => Phrase::WholeHours,
            Builtin::StartsWith
            | Builtin::EndsWith
            | Builtin::Contains
            | Builtin::ExpiredAt
            | Builtin::NotYetValidAt
            | Builtin::PromoActive => return Sentence::new(),
        };
        match args {
            [only] => {
                let only = self.value(only, Shape::Plain);
                say(phrase, [only])
            }
            [first, second] => {
                let told = [self.value(first, Shape::Plain), self.value(second, Shape::Plain)];
                say(phrase, told)
            }
            _ => Sentence::new(),
        }
    }

    pub(super) fn is_question(&self, builtin: Builtin) -> bool {
        matches!(
            builtin,
            Builtin::StartsWith
                | Builtin::EndsWith
                | Builtin::Contains
                | Builtin::ExpiredAt
                | Builtin::NotYetValidAt
                | Builtin::PromoActive
        )
    }
}

fn is_addition(expr: &Expr) -> bool {
    use BinaryOp as Op;
    matches!(
        expr.kind,
        ExprKind::Binary(
            Op::AddInteger
                | Op::AddDecimal
                | Op::AddMoney
                | Op::AddDuration
                | Op::SubInteger
                | Op::SubDecimal
                | Op::SubMoney
                | Op::SubDuration,
            _
        )
    )
}

/// Tells a fact. `of` is the item or touch that it belongs to; `None` for the item that the rule is about, and the credited touch.
fn fact(field: Field, of: Option<Sentence>) -> Sentence {
    let of = of.unwrap_or_else(|| match field.spec().record {
        Record::Touch => words(Phrase::CreditedTouch),
        _ => the_item(),
    });
    match words::fact(field) {
        Some(text) => fill(text, [of]),
        None => name(field.spec().full_name()),
    }
}

fn the_item() -> Sentence {
    say(Phrase::TheElement, [words(Phrase::ItemNoun)])
}

/// Tells a sum of a declared total.
pub(in crate::card) fn total_words(
    context: &Context<'_>,
    total: &str,
    counter: usize,
    field: TotalField,
    path: &str,
) -> Sentence {
    let sum = match field.sum {
        TotalSum::Actions => Phrase::SumActions,
        TotalSum::Units => Phrase::SumUnits,
        TotalSum::Revenue => Phrase::SumRevenue,
        TotalSum::Measured => Phrase::SumMeasured,
        TotalSum::Payouts => Phrase::SumPayouts,
        TotalSum::Payable => Phrase::SumPayable,
        TotalSum::Distinct => Phrase::SumDistinct,
    };
    let sum = say(sum, [name(total)]);
    match field.at {
        TotalAt::Before => say(Phrase::TotalBefore, [sum]),
        TotalAt::WithThis => say(Phrase::TotalWithThis, [sum]),
        TotalAt::Previous => say(Phrase::TotalPrevious, [sum]),
        TotalAt::Named(from) => {
            let period = context.terms.counters.get(counter).map(|counter| counter.period);
            let name = period.map_or_else(|| from.to_string(), |period| period.name_of(from));
            say(Phrase::TotalNamed, [sum, context.number(name, path)])
        }
        TotalAt::AtClose => all([sum]),
        TotalAt::YearToDate => say(Phrase::TotalYear, [sum]),
    }
}
