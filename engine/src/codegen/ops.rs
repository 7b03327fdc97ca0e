//! Code of operators and built-in functions. A result that does not fit is a fault; it never wraps.

use wasm_encoder::ValType;

use super::code::{Gen, Kept};
use super::layout::{LIST, is_text};
use super::rep::{ANY, Rep, SAFE, power};
use super::{Helper, Import, NO_DATE, See, function::at, module::mode_number};
use crate::diagnostic::Span;
use crate::lang::catalog::{Builtin, Field};
use crate::lang::{BinaryOp, Compared, Comparison, Expr, FactRef, FaultKind};
use crate::time::{DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS};

/// A bound on durations, in seconds: far more than the calendar, and small enough that adding one to a moment stays within 64
/// bits.
const FAR: i64 = 1 << 50;

impl<'a> Gen<'a, '_> {
    fn word(kept: &Kept, n: usize) -> u32 {
        kept.words.get(n).copied().unwrap_or_default()
    }

    /// Puts two expressions into locals, in one representation.
    fn pair(&mut self, left: &'a Expr, right: &'a Expr, rep: Rep) -> (Kept, Kept) {
        let (a, b) = (self.keep(rep), self.keep(rep));
        self.value(left, rep, false);
        self.put_away(&a, false);
        self.value(right, rep, false);
        self.put_away(&b, false);
        (a, b)
    }

    /// Returns the representation in which two numbers are compared or added.
    fn joint(&self, left: &Expr, right: &Expr) -> Rep {
        self.bounded(self.rep(left).join(self.rep(right)))
    }

    /// Returns the representation in which two values are compared.
    pub(super) fn compared(&self, of: Compared, left: &Expr, right: &Expr) -> Rep {
        match of {
            Compared::Text => Rep::Text,
            Compared::Bool => Rep::Bool,
            Compared::Time => Rep::Time,
            Compared::Date => Rep::Date,
            Compared::Duration => Rep::Duration,
            Compared::Integer | Compared::Decimal | Compared::Money => self.joint(left, right),
        }
    }

    pub(super) fn compare(&mut self, comparison: Comparison, of: Compared, left: &'a Expr, right: &'a Expr) {
        match of {
            Compared::Text => {
                let either = is_text(left) || is_text(right);
                self.value(left, Rep::Text, false);
                self.value(right, Rep::Text, false);
                if either {
                    self.body.put().i32_eq();
                } else {
                    self.body.put().call(Helper::Same.index());
                }
                if comparison != Comparison::Equal {
                    self.body.put().i32_eqz();
                }
            }
            Compared::Bool => {
                self.truth(left);
                self.truth(right);
                if comparison == Comparison::Equal {
                    self.body.put().i32_eq();
                } else {
                    self.body.put().i32_ne();
                }
            }
            Compared::Time => {
                let (a, b) = self.pair(left, right, Rep::Time);
                self.compare_times(comparison, &a, &b);
            }
            _ => {
                let rep = self.compared(of, left, right);
                self.value(left, rep, false);
                self.value(right, rep, false);
                match rep {
                    Rep::Wide => {
                        self.import(Import::Compare);
                        self.body.i32(0);
                        self.compare_i32(comparison);
                    }
                    Rep::Date => self.compare_i32(comparison),
                    _ => self.compare_i64(comparison),
                }
            }
        }
    }

    fn compare_i64(&mut self, comparison: Comparison) {
        let mut put = self.body.put();
        match comparison {
            Comparison::Equal => put.i64_eq(),
            Comparison::NotEqual => put.i64_ne(),
            Comparison::Less => put.i64_lt_s(),
            Comparison::LessOrEqual => put.i64_le_s(),
            Comparison::Greater => put.i64_gt_s(),
            Comparison::GreaterOrEqual => put.i64_ge_s(),
        };
    }

    fn compare_i32(&mut self, comparison: Comparison) {
        let mut put = self.body.put();
        match comparison {
            Comparison::Equal => put.i32_eq(),
            Comparison::NotEqual => put.i32_ne(),
            Comparison::Less => put.i32_lt_s(),
            Comparison::LessOrEqual => put.i32_le_s(),
            Comparison::Greater => put.i32_gt_s(),
            Comparison::GreaterOrEqual => put.i32_ge_s(),
        };
    }

    fn compare_times(&mut self, comparison: Comparison, a: &Kept, b: &Kept) {
        let (a, b, negated) = match comparison {
            Comparison::Equal | Comparison::NotEqual => {
                self.body.get(Self::word(a, 0));
                self.body.get(Self::word(b, 0));
                self.body.put().i64_eq();
                self.body.get(Self::word(a, 1));
                self.body.get(Self::word(b, 1));
                self.body.put().i32_eq().i32_and();
                if comparison == Comparison::NotEqual {
                    self.body.put().i32_eqz();
                }
                return;
            }
            Comparison::Less => (a, b, false),
            Comparison::GreaterOrEqual => (a, b, true),
            Comparison::Greater => (b, a, false),
            Comparison::LessOrEqual => (b, a, true),
        };
        self.body.get(Self::word(a, 0));
        self.body.get(Self::word(b, 0));
        self.body.put().i64_lt_s();
        self.body.get(Self::word(a, 0));
        self.body.get(Self::word(b, 0));
        self.body.put().i64_eq();
        self.body.get(Self::word(a, 1));
        self.body.get(Self::word(b, 1));
        self.body.put().i32_lt_u().i32_and().i32_or();
        if negated {
            self.body.put().i32_eqz();
        }
    }

    pub(super) fn binary(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr, expr: &'a Expr) -> Rep {
        let span = expr.span;
        let rep = self.rep(expr);
        match op {
            BinaryOp::AddInteger | BinaryOp::AddDecimal | BinaryOp::AddMoney => {
                self.sum(left, right, rep, span, Import::Add);
            }
            BinaryOp::SubInteger | BinaryOp::SubDecimal | BinaryOp::SubMoney => {
                self.sum(left, right, rep, span, Import::Sub);
            }
            BinaryOp::MulInteger | BinaryOp::MulDecimal | BinaryOp::MulMoney => {
                if rep == Rep::Wide {
                    self.by_host(left, right, span, Import::Mul);
                } else {
                    let (a, b) = (self.rep(left), self.rep(right));
                    self.value(left, a, false);
                    self.value(right, b, false);
                    self.multiply(rep, span);
                }
            }
            BinaryOp::DivDecimal | BinaryOp::RatioMoney | BinaryOp::DivMoney => {
                self.by_host(left, right, span, Import::Div);
            }
            BinaryOp::RemDecimal => self.by_host(left, right, span, Import::Rem),
            BinaryOp::RemInteger => {
                let (a, b) = self.pair(left, right, Rep::Int(ANY));
                let (a, b) = (Self::word(&a, 0), Self::word(&b, 0));
                self.body.get(b);
                self.body.put().i64_eqz();
                self.fail_if(FaultKind::DivisionByZero, span);
                self.body.get(a);
                self.body.i64(i64::MIN);
                self.body.put().i64_eq();
                self.body.get(b);
                self.body.i64(-1);
                self.body.put().i64_eq().i32_and();
                self.fail_if(FaultKind::Overflow, span);
                self.body.get(a);
                self.body.get(b);
                self.body.put().i64_rem_s();
            }
            BinaryOp::AddTime | BinaryOp::SubTime => {
                let time = self.kept(left);
                let by = self.kept(right);
                let by = Self::word(&by, 0);
                let seconds = self.body.local(ValType::I64);
                self.outside(by, -FAR, FAR, span);
                self.body.get(Self::word(&time, 0));
                self.body.get(by);
                if op == BinaryOp::AddTime {
                    self.body.put().i64_add();
                } else {
                    self.body.put().i64_sub();
                }
                self.body.set(seconds);
                let (first, last) = super::calendar_seconds();
                self.outside(seconds, first, last, span);
                self.body.get(seconds);
                self.body.get(Self::word(&time, 1));
            }
            BinaryOp::DiffTime => {
                // Whole seconds, rounded down: subtract 1 if the nanoseconds borrow.
                let (a, b) = self.pair(left, right, Rep::Time);
                self.body.get(Self::word(&a, 0));
                self.body.get(Self::word(&b, 0));
                self.body.put().i64_sub();
                self.body.get(Self::word(&a, 1));
                self.body.get(Self::word(&b, 1));
                self.body.put().i32_lt_u().i64_extend_i32_u().i64_sub();
            }
            BinaryOp::AddDate | BinaryOp::SubDate => {
                let date = self.kept(left);
                let by = self.kept(right);
                let days = self.body.local(ValType::I64);
                self.body.get(Self::word(&date, 0));
                self.body.put().i64_extend_i32_s();
                self.floor_div(Self::word(&by, 0), DAY_SECONDS);
                if op == BinaryOp::AddDate {
                    self.body.put().i64_add();
                } else {
                    self.body.put().i64_sub();
                }
                self.body.set(days);
                let (first, last) = super::calendar_days();
                self.outside(days, first, last, span);
                self.body.get(days);
                self.body.put().i32_wrap_i64();
            }
            BinaryOp::DiffDate => {
                let (a, b) = self.pair(left, right, Rep::Date);
                self.body.get(Self::word(&a, 0));
                self.body.put().i64_extend_i32_s();
                self.body.get(Self::word(&b, 0));
                self.body.put().i64_extend_i32_s().i64_sub();
                self.body.i64(DAY_SECONDS);
                self.body.put().i64_mul();
            }
            BinaryOp::AddDuration | BinaryOp::SubDuration => {
                self.value(left, Rep::Duration, false);
                self.value(right, Rep::Duration, false);
                self.add_checked(op == BinaryOp::SubDuration, span);
            }
            BinaryOp::MulDuration => {
                self.value(left, Rep::Duration, false);
                let by = self.rep(right);
                self.value(right, by, false);
                self.multiply(Rep::Int(ANY), span);
            }
            // Generated where the truth of the comparison is needed.
            BinaryOp::Compare(comparison, of) => self.compare(comparison, of, left, right),
            BinaryOp::In => {}
        }
        rep
    }

    fn sum(&mut self, left: &'a Expr, right: &'a Expr, rep: Rep, span: Span, import: Import) {
        if rep == Rep::Wide {
            return self.by_host(left, right, span, import);
        }
        self.value(left, rep, false);
        self.value(right, rep, false);
        let bits = match rep {
            Rep::Int(bits) | Rep::Fixed { bits, .. } => bits,
            _ => ANY,
        };
        if bits > SAFE {
            self.add_checked(import == Import::Sub, span);
        } else if import == Import::Sub {
            self.body.put().i64_sub();
        } else {
            self.body.put().i64_add();
        }
    }

    /// An operation on two decimals of 96 bits.
    fn by_host(&mut self, left: &'a Expr, right: &'a Expr, span: Span, import: Import) {
        self.value(left, Rep::Wide, false);
        self.value(right, Rep::Wide, false);
        self.import(import);
        let faults: &[FaultKind] = match import {
            Import::Div | Import::Rem => &[FaultKind::Overflow, FaultKind::DivisionByZero],
            _ => &[FaultKind::Overflow],
        };
        self.came_out(span, faults);
    }

    /// Fails if the decimal on the stack marks one of these faults.
    fn came_out(&mut self, span: Span, faults: &[FaultKind]) {
        let high = self.body.local(ValType::I64);
        self.body.set(high);
        for fault in faults {
            self.body.get(high);
            self.body.i64(match fault {
                FaultKind::DivisionByZero => super::BY_ZERO,
                FaultKind::RoundingStep => super::BAD_STEP,
                _ => super::OVERFLOW,
            });
            self.body.put().i64_eq();
            self.fail_if(*fault, span);
        }
        self.body.get(high);
    }

    /// Puts the checked sum or difference of two whole numbers on the stack.
    fn add_checked(&mut self, subtract: bool, span: Span) {
        let (a, b, sum) =
            (self.body.local(ValType::I64), self.body.local(ValType::I64), self.body.local(ValType::I64));
        self.body.set(b);
        self.body.tee(a);
        self.body.get(b);
        if subtract {
            self.body.put().i64_sub();
        } else {
            self.body.put().i64_add();
        }
        self.body.set(sum);
        // Overflow: the sign of the result differs from the sign of both operands of the sum.
        self.body.get(a);
        self.body.get(if subtract { b } else { sum });
        self.body.put().i64_xor();
        self.body.get(if subtract { a } else { b });
        self.body.get(sum);
        self.body.put().i64_xor().i64_and();
        self.body.i64(0);
        self.body.put().i64_lt_s();
        self.fail_if(FaultKind::Overflow, span);
        self.body.get(sum);
    }

    /// Puts the checked product of two whole numbers on the stack.
    fn multiply(&mut self, rep: Rep, span: Span) {
        let bits = match rep {
            Rep::Int(bits) | Rep::Fixed { bits, .. } => bits,
            _ => ANY,
        };
        if bits <= SAFE {
            self.body.put().i64_mul();
            return;
        }
        let (a, b, product) =
            (self.body.local(ValType::I64), self.body.local(ValType::I64), self.body.local(ValType::I64));
        self.body.set(b);
        self.body.tee(a);
        self.body.get(b);
        self.body.put().i64_mul();
        self.body.set(product);
        self.body.get(a);
        self.body.i64(-1);
        self.body.put().i64_eq();
        self.body.get(b);
        self.body.i64(i64::MIN);
        self.body.put().i64_eq().i32_and();
        self.fail_if(FaultKind::Overflow, span);
        self.body.get(a);
        self.body.put().i64_eqz().i32_eqz();
        self.body.when();
        self.body.get(product);
        self.body.get(a);
        self.body.put().i64_div_s();
        self.body.get(b);
        self.body.put().i64_ne();
        self.fail_if(FaultKind::Overflow, span);
        self.body.end();
        self.body.get(product);
    }

    /// Fails if a local is outside these bounds.
    fn outside(&mut self, value: u32, first: i64, last: i64, span: Span) {
        self.body.get(value);
        self.body.i64(first);
        self.body.put().i64_lt_s();
        self.body.get(value);
        self.body.i64(last);
        self.body.put().i64_gt_s().i32_or();
        self.fail_if(FaultKind::Overflow, span);
    }

    /// Puts a local divided by a positive constant, rounded down, on the stack.
    fn floor_div(&mut self, value: u32, by: i64) {
        self.body.get(value);
        self.body.i64(by);
        self.body.put().i64_div_s();
        self.body.get(value);
        self.body.i64(by);
        self.body.put().i64_rem_s();
        self.body.i64(63);
        self.body.put().i64_shr_s().i64_add();
    }

    pub(super) fn negate(&mut self, rep: Rep, span: Span) {
        match rep {
            Rep::Wide => {
                self.body.i64(i64::MIN);
                self.body.put().i64_xor();
            }
            _ => {
                let value = self.body.local(ValType::I64);
                self.body.set(value);
                let safe = matches!(rep, Rep::Int(bits) | Rep::Fixed { bits, .. } if bits <= SAFE);
                if !safe {
                    self.body.get(value);
                    self.body.i64(i64::MIN);
                    self.body.put().i64_eq();
                    self.fail_if(FaultKind::Overflow, span);
                }
                self.body.i64(0);
                self.body.get(value);
                self.body.put().i64_sub();
            }
        }
    }

    pub(super) fn builtin(&mut self, builtin: Builtin, args: &'a [Expr], expr: &'a Expr) -> Rep {
        let span = expr.span;
        let rep = self.rep(expr);
        let (Some(first), Some(last)) = (args.first(), args.last()) else { return rep };
        match builtin {
            Builtin::Percent => {
                let natural = self.rep(first);
                if rep == Rep::Wide {
                    self.value(first, Rep::Wide, false);
                    let (low, high) = super::rep::words(rust_decimal::Decimal::new(1, 2));
                    self.body.i64(low);
                    self.body.i64(high);
                    self.import(Import::Mul);
                    self.came_out(span, &[FaultKind::Overflow]);
                } else {
                    // Division by 100: the same digits with two more decimals.
                    self.value(first, natural, false);
                }
            }
            Builtin::Days => self.length(first, DAY_SECONDS, span),
            Builtin::Hours => self.length(first, HOUR_SECONDS, span),
            Builtin::Minutes => self.length(first, MINUTE_SECONDS, span),
            Builtin::Min | Builtin::Max => self.extreme(builtin, first, last, rep),
            Builtin::Abs => self.absolute(first, rep, span),
            Builtin::Floor => self.floor(first, rep),
            Builtin::Round => {
                self.value(first, Rep::Wide, false);
                self.value(last, Rep::Wide, false);
                self.body.i32(mode_number(self.rule.map(|rule| rule.rounding).unwrap_or_default()));
                self.import(Import::Round);
                self.came_out(span, &[FaultKind::Overflow, FaultKind::RoundingStep]);
            }
            Builtin::StartsWith => self.search(first, last, Helper::Starts),
            Builtin::EndsWith => self.search(first, last, Helper::Ends),
            Builtin::Contains => {
                self.value(first, Rep::Text, false);
                self.value(last, Rep::Text, false);
                self.import(Import::Contains);
            }
            Builtin::Len => {
                self.value(first, Rep::List, false);
                self.body.put().i32_load(at(LIST.count, 2)).i64_extend_i32_u();
            }
            Builtin::ExpiredAt => self.creative(last, Field::CREATIVE_VALID_UNTIL, See::ExpiredAt),
            Builtin::NotYetValidAt => self.creative(last, Field::CREATIVE_VALID_FROM, See::NotYetValidAt),
            Builtin::PromoOwner => {
                let code = self.kept(first);
                let code = Self::word(&code, 0);
                let owner = self.body.local(ValType::I32);
                self.see(See::PromoOwner, 0, |gen_| gen_.body.get(code));
                self.body.get(code);
                self.import(Import::PromoOwner);
                self.body.tee(owner);
                self.ask_again_if_told();
                self.body.get(owner);
                // The symbol of an unknown text is negative.
                self.body.get(owner);
                self.body.i32(super::UNKNOWN);
                self.body.put().i32_ne();
            }
            Builtin::PromoActive => {
                let code = self.kept(first);
                let code = Self::word(&code, 0);
                let time = self.kept(last);
                let active = self.body.local(ValType::I32);
                self.body.get(code);
                self.bring(&time, false);
                self.import(Import::PromoActive);
                self.body.tee(active);
                self.ask_again_if_told();
                if self.shared.exact {
                    self.body.i32(See::PromoActive as i32);
                    self.body.get(active);
                    self.body.get(code);
                    self.import(Import::Saw);
                }
                self.body.get(active);
            }
            Builtin::TimeDate => {
                let time = self.kept(first);
                self.body.get(Self::word(&time, 0));
                self.import(Import::LocalDate);
            }
            Builtin::TimeHour | Builtin::TimeMinute => {
                let time = self.kept(first);
                self.body.get(Self::word(&time, 0));
                let hour = builtin == Builtin::TimeHour;
                self.import(if hour { Import::LocalHour } else { Import::LocalMinute });
                self.body.put().i64_extend_i32_u();
            }
            Builtin::PlusMonths | Builtin::PlusYears => {
                let date = self.body.local(ValType::I32);
                self.value(first, Rep::Date, false);
                let count = self.rep(last);
                self.value(last, count, false);
                self.body.i64(if builtin == Builtin::PlusYears { 12 } else { 1 });
                self.import(Import::PlusMonths);
                self.body.tee(date);
                self.body.i32(NO_DATE);
                self.body.put().i32_eq();
                self.fail_if(FaultKind::Overflow, span);
                self.body.get(date);
            }
            Builtin::MonthsBetween => {
                self.value(first, Rep::Date, false);
                self.value(last, Rep::Date, false);
                self.import(Import::MonthsBetween);
            }
            Builtin::StartOfMonth => {
                let date = self.kept(first);
                self.body.get(Self::word(&date, 0));
                self.body.i32(1);
                self.body.put().i32_add();
                self.body.get(Self::word(&date, 0));
                self.import(Import::Civil);
                self.body.i32(31);
                self.body.put().i32_and().i32_sub();
            }
            Builtin::EndOfMonth => {
                self.value(first, Rep::Date, false);
                self.import(Import::EndOfMonth);
            }
            Builtin::DateYear => self.civil(first, 9, i32::MAX),
            Builtin::DateMonth => self.civil(first, 5, 15),
            Builtin::DateDay => self.civil(first, 0, 31),
            Builtin::DateWeekday => {
                // 1970-01-01 was a Thursday.
                let days = self.body.local(ValType::I64);
                self.value(first, Rep::Date, false);
                self.body.put().i64_extend_i32_s();
                self.body.i64(3);
                self.body.put().i64_add();
                self.body.set(days);
                self.body.get(days);
                self.floor_div(days, 7);
                self.body.i64(7);
                self.body.put().i64_mul().i64_sub();
                self.body.i64(1);
                self.body.put().i64_add();
            }
            Builtin::DurationDays | Builtin::DurationHours => {
                let kept = self.kept(first);
                let unit = if builtin == Builtin::DurationDays { DAY_SECONDS } else { HOUR_SECONDS };
                self.floor_div(Self::word(&kept, 0), unit);
            }
        }
        rep
    }

    /// Gives up if the host must look up a promo code first.
    fn ask_again_if_told(&mut self) {
        self.body.i32(super::AGAIN);
        self.body.put().i32_eq();
        self.again_if();
    }

    fn length(&mut self, count: &'a Expr, unit: i64, span: Span) {
        let kept = self.kept(count);
        let count = Self::word(&kept, 0);
        let most = i64::MAX / unit;
        if !matches!(kept.rep, Rep::Int(bits) if bits < 40) {
            self.outside(count, -most, most, span);
        }
        self.body.get(count);
        self.body.i64(unit);
        self.body.put().i64_mul();
    }

    fn extreme(&mut self, builtin: Builtin, first: &'a Expr, last: &'a Expr, rep: Rep) {
        let (a, b) = self.pair(first, last, rep);
        for n in 0..rep.types().len() {
            self.body.get(Self::word(&a, n));
            self.body.get(Self::word(&b, n));
            // For equal values the first one is kept.
            self.bring(&a, false);
            self.bring(&b, false);
            let comparison =
                if builtin == Builtin::Min { Comparison::LessOrEqual } else { Comparison::GreaterOrEqual };
            if rep == Rep::Wide {
                self.import(Import::Compare);
                self.body.i32(0);
                self.compare_i32(comparison);
            } else {
                self.compare_i64(comparison);
            }
            self.body.put().select();
        }
    }

    fn absolute(&mut self, of: &'a Expr, rep: Rep, span: Span) {
        self.value(of, rep, false);
        if rep == Rep::Wide {
            self.body.i64(i64::MAX);
            self.body.put().i64_and();
            return;
        }
        let value = self.body.local(ValType::I64);
        self.body.set(value);
        if !matches!(rep, Rep::Int(bits) | Rep::Fixed { bits, .. } if bits <= SAFE) {
            self.body.get(value);
            self.body.i64(i64::MIN);
            self.body.put().i64_eq();
            self.fail_if(FaultKind::Overflow, span);
        }
        let sign = self.body.local(ValType::I64);
        self.body.get(value);
        self.body.i64(63);
        self.body.put().i64_shr_s();
        self.body.tee(sign);
        self.body.get(value);
        self.body.put().i64_xor();
        self.body.get(sign);
        self.body.put().i64_sub();
    }

    fn floor(&mut self, of: &'a Expr, rep: Rep) {
        let natural = self.rep(of);
        match natural {
            Rep::Fixed { scale, .. } if rep != Rep::Wide => {
                let kept = self.kept(of);
                if scale == 0 {
                    self.body.get(Self::word(&kept, 0));
                } else {
                    self.floor_div(Self::word(&kept, 0), power(scale));
                }
            }
            _ => {
                self.value(of, Rep::Wide, false);
                self.import(Import::Floor);
            }
        }
    }

    fn search(&mut self, text: &'a Expr, part: &'a Expr, helper: Helper) {
        self.value(text, Rep::Text, false);
        self.value(part, Rep::Text, false);
        self.body.put().call(helper.index());
    }

    /// Tests whether a moment is at or after the end of a creative, or before its beginning.
    fn creative(&mut self, moment: &'a Expr, field: Field, see: See) {
        let at = self.kept(moment);
        let record = self.state.record;
        let result = self.body.local(ValType::I32);
        let Some(slot) = self.shared.layout.action.find(FactRef::Field(field)) else { return };
        let bound = self.keep(Rep::Time);
        self.load(record, slot);
        self.put_away(&bound, false);
        self.load_flag(record, slot);
        let comparison = if see == See::ExpiredAt { Comparison::GreaterOrEqual } else { Comparison::Less };
        self.compare_times(comparison, &at, &bound);
        self.body.put().i32_and();
        self.body.set(result);
        self.see(See::Fact, u32::from(field.number()), |gen_| gen_.body.i32(0));
        self.see(see, 0, |gen_| gen_.body.get(result));
        self.body.get(result);
    }

    /// Extracts a part of a date, which the host packs as `year << 9 | month << 5 | day`.
    fn civil(&mut self, date: &'a Expr, shift: i32, mask: i32) {
        self.value(date, Rep::Date, false);
        self.import(Import::Civil);
        self.body.i32(shift);
        self.body.put().i32_shr_s();
        if mask != i32::MAX {
            self.body.i32(mask);
            self.body.put().i32_and();
        }
        self.body.put().i64_extend_i32_s();
    }
}
