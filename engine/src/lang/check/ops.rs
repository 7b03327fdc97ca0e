//! Checks operators: typed operations on typed operands.

use rhai::{Expr as Tree, FnCallExpr};
use rust_decimal::Decimal;

use super::chain::is_text;
use super::checker::{Checker, Checking, Failed};
use super::expr::{constant, to_decimal};
use super::words;
use crate::diagnostic::Code;
use crate::diagnostic::Span;
use crate::lang::ir::{
    Arm, ArmValue, BinaryOp, Block, Compared, Comparison, Const, Expr, ExprKind, Stmt, Switch, UnaryOp,
};
use crate::lang::types::{Base, Element, Type};
use crate::money::Money;

impl<'c> Checker<'c, '_> {
    /// Checks an operator, which Rhai parses as a call.
    pub(super) fn operator(
        &mut self,
        call: &'c FnCallExpr,
        written: &str,
        at: Span,
        span: Span,
    ) -> Checking<Expr> {
        match (written, call.args.as_slice()) {
            ("in", [list, item]) => self.contained(item, list, span),
            ("!in", [Tree::FnCall(inner, _)]) => match inner.args.as_slice() {
                [list, item] => {
                    let inside = self.contained(item, list, span)?;
                    Ok(Expr { kind: ExprKind::Unary(UnaryOp::Not, Box::new(inside)), ty: Type::BOOL, span })
                }
                _ => Err(Failed),
            },
            ("!", [operand]) => {
                let operand = self.operand(operand)?;
                let operand = self.bool(operand)?;
                Ok(Expr { kind: ExprKind::Unary(UnaryOp::Not, Box::new(operand)), ty: Type::BOOL, span })
            }
            ("-", [operand]) => self.minus(operand, span),
            ("+", [_]) => {
                self.fail(Code::NotInLanguage, at, "a `+` before a value does nothing", "leave it out")
            }
            (_, [left, right]) => {
                let operator = self.allowed(written, at);
                let (left_value, right_value) = (self.operand(left), self.operand(right));
                operator?;
                self.binary(written, at, span, (left_value?, Some(left)), (right_value?, Some(right)))
            }
            _ => self.fail(
                Code::NotInLanguage,
                at,
                format!("`{written}` is not an operator of the language"),
                "see the language reference for the operators there are",
            ),
        }
    }

    /// Reports operators that are not in the language.
    pub(super) fn allowed(&mut self, operator: &str, at: Span) -> Checking<()> {
        let (code, help) = match operator {
            "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=" => return Ok(()),
            "**" => (Code::NoInexactMath, "multiply: `x * x`"),
            "&" => (Code::NotInLanguage, "`and` is written `&&`"),
            "|" => (Code::NotInLanguage, "`or` is written `||`"),
            ".." | "..=" => {
                (Code::NotInLanguage, "a range stands only in a `switch`; compare: `x >= 1 && x < 5`")
            }
            _ => (Code::NotInLanguage, "bit operations have no use in a contract"),
        };
        self.fail(code, at, format!("`{operator}` is not in the language"), help)
    }

    fn minus(&mut self, operand: &'c Tree, span: Span) -> Checking<Expr> {
        let operand = self.operand(operand)?;
        let Some(op) = Self::negation(operand.ty.base) else {
            let message =
                format!("`-` takes a number, an amount or a duration, not {}", words::a(operand.ty));
            return self.fail(
                Code::WrongType,
                operand.span,
                message,
                "compare or compute with numbers and amounts",
            );
        };
        if let ExprKind::Const(value) = &operand.kind
            && let Some(value) = Self::negated(value)
        {
            return Ok(constant(value, span));
        }
        Ok(Expr { ty: operand.ty, kind: ExprKind::Unary(op, Box::new(operand)), span })
    }

    /// Checks `left operator right`. The trees distinguish literals from folded constants.
    pub(super) fn binary(
        &mut self,
        operator: &str,
        at: Span,
        span: Span,
        (left, left_tree): (Expr, Option<&Tree>),
        (right, right_tree): (Expr, Option<&Tree>),
    ) -> Checking<Expr> {
        self.allowed(operator, at)?;
        let comparison = match operator {
            "==" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return self.arithmetic(operator, at, span, left, right),
        };
        let literal = |tree: Option<&Tree>| tree.and_then(Self::literal_number);
        self.comparison(
            comparison,
            operator,
            (at, span),
            (left, literal(left_tree)),
            (right, literal(right_tree)),
        )
    }

    fn comparison(
        &mut self,
        comparison: Comparison,
        operator: &str,
        (at, span): (Span, Span),
        (mut left, left_literal): (Expr, Option<Decimal>),
        (mut right, right_literal): (Expr, Option<Decimal>),
    ) -> Checking<Expr> {
        use Base::{
            Bool, Code as PromoCode, Date, Decimal as Dec, Duration, Integer, Money as Amount, Text, Time,
        };
        // Money may be compared with a literal number, which can only be an amount.
        if let (Amount, Some(number)) = (left.ty.base, right_literal) {
            right = constant(Const::Money(Money(number)), right.span);
        }
        if let (Some(number), Amount) = (left_literal, right.ty.base) {
            left = constant(Const::Money(Money(number)), left.span);
        }
        let of = match (left.ty.base, right.ty.base) {
            (Integer, Integer) => Compared::Integer,
            (Integer | Dec, Integer | Dec) => {
                (left, right) = (to_decimal(left), to_decimal(right));
                Compared::Decimal
            }
            (Amount, Amount) => {
                self.decimals(&left);
                self.decimals(&right);
                Compared::Money
            }
            (Text | PromoCode, Text | PromoCode) => {
                let (a, b) = (self.vocabulary(&left, &right), self.vocabulary(&right, &left));
                a.and(b)?;
                Compared::Text
            }
            (Bool, Bool) => Compared::Bool,
            (Time, Time) => Compared::Time,
            (Date, Date) => Compared::Date,
            (Duration, Duration) => Compared::Duration,
            (Amount, Integer | Dec) | (Integer | Dec, Amount) => {
                return self.not_an_amount(&left, &right, operator);
            }
            (Bool, _) if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) => {
                return self.fail(
                    Code::WrongType,
                    at,
                    "a comparison cannot be compared again",
                    "write both comparisons: `a < b && b < c`",
                );
            }
            (a, b) => {
                let help = match (a, b) {
                    (Time, Date) => {
                        format!("compare the date: `{}.date {operator} …`", self.written(left.span))
                    }
                    (Date, Time) => {
                        format!("compare the date: `… {operator} {}.date`", self.written(right.span))
                    }
                    (Duration, Integer | Dec) | (Integer | Dec, Duration) => {
                        "a duration is written `days(30)`, `hours(12)` or `minutes(5)`".to_owned()
                    }
                    (Text | PromoCode, Integer | Dec | Amount)
                    | (Integer | Dec | Amount, Text | PromoCode) => {
                        "text and numbers are never equal; compare two of a kind".to_owned()
                    }
                    (Text | PromoCode, Base::List(_)) => {
                        format!("write `{} in {}`", self.written(left.span), self.written(right.span))
                    }
                    (Time, Text) => {
                        "a moment is written `time(\"2026-01-31T00:00:00Z\")`; to compare days, write \
                                     `….date` and `date(\"2026-01-31\")`"
                            .to_owned()
                    }
                    (Date, Text) => "a date is written `date(\"2026-01-31\")`".to_owned(),
                    _ => "compare two values of one type".to_owned(),
                };
                let message = format!("{} cannot be compared with {}", words::a(left.ty), words::a(right.ty));
                return self.fail(Code::WrongType, at, message, help);
            }
        };
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if ordered && matches!(of, Compared::Text | Compared::Bool) {
            let message = format!("{} has no order", words::a(left.ty));
            return self.fail(Code::WrongType, at, message, "compare with `==` or `!=`");
        }
        let kind = ExprKind::Binary(BinaryOp::Compare(comparison, of), Box::new((left, right)));
        Ok(Expr { kind, ty: Type::BOOL, span })
    }

    /// Reports a number that is not a literal beside money.
    fn not_an_amount<T>(&mut self, left: &Expr, right: &Expr, operator: &str) -> Checking<T> {
        let number = if left.ty.base == Base::Money { right } else { left };
        let written = self.written(number.span);
        let help = match &number.kind {
            ExprKind::Const(_) if written.starts_with("params") => {
                "declare the parameter as money: `{ money = \"5.00\" }`".to_owned()
            }
            ExprKind::Const(_) => format!("write `money(\"{written}\")`"),
            _ => format!("write `money(\"1\") * {written}` for an amount of that many units"),
        };
        let message = format!("`{operator}` takes two amounts, and `{written}` is {}", words::a(number.ty));
        self.fail(Code::WrongType, number.span, message, help)
    }

    fn arithmetic(
        &mut self,
        operator: &str,
        at: Span,
        span: Span,
        left: Expr,
        right: Expr,
    ) -> Checking<Expr> {
        use Base::{Date, Decimal as Dec, Duration, Integer, Money as Amount, Time};
        use BinaryOp as Op;
        let (a, b) = (left.ty.base, right.ty.base);
        if operator == "+" && (is_text(&left) || is_text(&right)) {
            return self.fail(
                Code::NoStringBuilding,
                at,
                "text is not put together in a rule",
                "compare texts as they are, each with its own condition",
            );
        }
        let both = |op: Op, base: Base, left: Expr, right: Expr| {
            let kind = ExprKind::Binary(op, Box::new((left, right)));
            Ok(Expr { kind, ty: Type::known(base), span })
        };
        let numbers = matches!((a, b), (Integer | Dec, Integer | Dec));
        match (operator, a, b) {
            ("/", Integer, Integer) => self.integer_division(&left, &right, at),
            ("+", Integer, Integer) => both(Op::AddInteger, Integer, left, right),
            ("-", Integer, Integer) => both(Op::SubInteger, Integer, left, right),
            ("*", Integer, Integer) => both(Op::MulInteger, Integer, left, right),
            ("%", Integer, Integer) => both(Op::RemInteger, Integer, left, right),
            (_, _, _) if numbers => {
                let op = match operator {
                    "+" => Op::AddDecimal,
                    "-" => Op::SubDecimal,
                    "*" => Op::MulDecimal,
                    "/" => Op::DivDecimal,
                    _ => Op::RemDecimal,
                };
                both(op, Dec, to_decimal(left), to_decimal(right))
            }
            ("+", Amount, Amount) => both(Op::AddMoney, Amount, left, right),
            ("-", Amount, Amount) => both(Op::SubMoney, Amount, left, right),
            ("*", Amount, Integer | Dec) => both(Op::MulMoney, Amount, left, to_decimal(right)),
            ("*", Integer | Dec, Amount) => {
                Ok(self.swapped(Op::MulMoney, Amount, to_decimal(left), right, span))
            }
            ("/", Amount, Integer | Dec) => both(Op::DivMoney, Amount, left, to_decimal(right)),
            ("/", Amount, Amount) => both(Op::RatioMoney, Dec, left, right),
            ("+", Time, Duration) => both(Op::AddTime, Time, left, right),
            ("-", Time, Duration) => both(Op::SubTime, Time, left, right),
            ("-", Time, Time) => both(Op::DiffTime, Duration, left, right),
            ("+", Date, Duration) => both(Op::AddDate, Date, left, right),
            ("-", Date, Duration) => both(Op::SubDate, Date, left, right),
            ("-", Date, Date) => both(Op::DiffDate, Duration, left, right),
            ("+", Duration, Duration) => both(Op::AddDuration, Duration, left, right),
            ("-", Duration, Duration) => both(Op::SubDuration, Duration, left, right),
            ("*", Duration, Integer) => both(Op::MulDuration, Duration, left, right),
            ("*", Integer, Duration) => Ok(self.swapped(Op::MulDuration, Duration, left, right, span)),
            ("+" | "-", Amount, Integer | Dec) | ("+" | "-", Integer | Dec, Amount) => {
                self.not_an_amount(&left, &right, operator)
            }
            _ => {
                let help = match (operator, a, b) {
                    ("*", Amount, Amount) => {
                        "multiply an amount by a number: `action.amount * percent(8)`".to_owned()
                    }
                    ("%", Amount, _) => {
                        "count units first: `floor(action.amount / money(\"10\"))`".to_owned()
                    }
                    (_, Time | Date, Integer) => "write a duration: `days(30)`".to_owned(),
                    ("+", Duration, Time | Date) => "write the moment first: `time + duration`".to_owned(),
                    ("-", Time, Date) | ("-", Date, Time) => {
                        "take the date of the time: `time.date`".to_owned()
                    }
                    ("/", Duration, _) => "count its days first: `duration.days`".to_owned(),
                    _ => "compute with two values that go together".to_owned(),
                };
                let message =
                    format!("`{operator}` does not take {} and {}", words::a(left.ty), words::a(right.ty));
                self.fail(Code::WrongType, at, message, help)
            }
        }
    }

    fn integer_division<T>(&mut self, left: &Expr, right: &Expr, at: Span) -> Checking<T> {
        let (a, b) = (self.written(left.span), self.written(right.span));
        let help = match (&left.kind, &right.kind) {
            (ExprKind::Const(_), ExprKind::Const(Const::Integer(100))) => format!("write `percent({a})`"),
            _ => format!("write `decimal({a}) / {b}` for the exact quotient"),
        };
        self.fail(Code::NoIntegerDivision, at, "`/` of two integers cuts off the fraction", help)
    }

    /// Returns an operation with its operands exchanged, in which the left operand is still computed first.
    fn swapped(&mut self, op: BinaryOp, base: Base, left: Expr, right: Expr, span: Span) -> Expr {
        let ty = Type::known(base);
        if is_plain(&left) || is_plain(&right) {
            return Expr { kind: ExprKind::Binary(op, Box::new((right, left))), ty, span };
        }
        let slot = self.frame.most;
        self.frame.most = slot.saturating_add(1);
        let (left_ty, left_span) = (left.ty, left.span);
        let kept = Expr { kind: ExprKind::Local(slot), ty: left_ty, span: left_span };
        let value = Expr { kind: ExprKind::Binary(op, Box::new((right, kept))), ty, span };
        let stmts = vec![Stmt::Set { slot, value: left }];
        let block = Block { charge: 0, stmts, value: Some(value), span };
        Expr { kind: ExprKind::Block(Box::new(block)), ty, span }
    }

    /// Checks `item in list`.
    fn contained(&mut self, item: &'c Tree, list: &'c Tree, span: Span) -> Checking<Expr> {
        if let Tree::Array(values, _) = list {
            return self.one_of(item, values, self.layout.expr(list), span);
        }
        let (item, list) = (self.operand(item), self.operand(list));
        let (item, list) = (item?, list?);
        let element = match list.ty.base {
            Base::List(element @ (Element::Text | Element::Code)) => element,
            Base::List(_) => {
                let message = format!("`in` looks for text, and this is {}", words::a(list.ty));
                return self.fail(
                    Code::WrongType,
                    list.span,
                    message,
                    "walk it: `for x in list { if x.sku == … { … } }`",
                );
            }
            Base::Text | Base::Code => {
                let (part, whole) = (self.written(item.span), self.written(list.span));
                let help = match item.ty.base {
                    Base::List(_) => format!("write `{whole} in {part}`"),
                    _ => format!("write `{whole}.contains({part})`"),
                };
                return self.fail(Code::WrongType, list.span, "`in` looks in a list, and this is text", help);
            }
            _ => {
                let message = format!("`in` looks in a list, and this is {}", words::a(list.ty));
                return self.fail(
                    Code::WrongType,
                    list.span,
                    message,
                    "write a list: `x in lists.…` or `x in action.promo_codes`",
                );
            }
        };
        if !is_text(&item) {
            let message = format!("the list holds text, and this is {}", words::a(item.ty));
            return self.fail(Code::WrongType, item.span, message, "look for text, such as a SKU or a code");
        }
        if !is_plain(&list) {
            return self.fail(
                Code::NotInLanguage,
                list.span,
                "the list right of `in` must be named",
                "write a fact, a local or `lists.…`",
            );
        }
        if element == Element::Code
            && let ExprKind::Const(Const::Text(word)) = &item.kind
        {
            let word = word.clone();
            self.code_case(&word, item.span)?;
        }
        if item.ty.base == Base::Code
            && let ExprKind::NamedList(index) = list.kind
        {
            self.codes_of(usize::from(index), list.span)?;
        }
        Ok(Expr { kind: ExprKind::Binary(BinaryOp::In, Box::new((item, list))), ty: Type::BOOL, span })
    }

    /// Reports values that are not in upper case, in a list in which promo codes are looked up.
    fn codes_of(&mut self, index: usize, span: Span) -> Checking<()> {
        let lists = self.env.lists;
        let Some((name, list)) = lists.get_index(index) else { return Ok(()) };
        match list.values().iter().find(|value| value.to_uppercase() != **value) {
            None => Ok(()),
            Some(value) => self.fail(
                Code::CodeCase,
                span,
                format!(
                    "promo codes are compared in upper case, so `{value}` of list `{name}` never matches"
                ),
                format!("write `{}` in the list", value.to_uppercase()),
            ),
        }
    }

    /// Checks `item in ["a", "b"]`: the literals are searched once.
    fn one_of(&mut self, item: &'c Tree, values: &'c [Tree], list: Span, span: Span) -> Checking<Expr> {
        let item = self.operand(item);
        let mut words = Vec::with_capacity(values.len());
        for tree in values {
            let at = self.layout.expr(tree);
            match tree {
                Tree::StringConstant(word, _) => words.push(self.text(word, at)?),
                other => {
                    let _ = self.open_operand(other);
                    return self.fail(
                        Code::NoArray,
                        at,
                        "a list right of `in` holds only text",
                        "write text in quotes, or compare: `x == 1 || x == 2`",
                    );
                }
            }
        }
        let item = item?;
        if values.is_empty() {
            return self.fail(
                Code::NoArray,
                list,
                "nothing is in an empty list",
                "write the values to look for",
            );
        }
        if !is_text(&item) {
            let message = format!("the list holds text, and this is {}", words::a(item.ty));
            return self.fail(Code::WrongType, item.span, message, "compare: `x == 1 || x == 2`");
        }
        let checks: Vec<Checking<()>> = words.iter().map(|word| self.vocabulary(&item, word)).collect();
        checks.into_iter().collect::<Checking<Vec<()>>>()?;
        let answer = |value: bool| Block {
            charge: 0,
            stmts: Vec::new(),
            value: Some(constant(Const::Bool(value), list)),
            span: list,
        };
        let values = words
            .into_iter()
            .filter_map(|word| match word.kind {
                ExprKind::Const(value) => Some(ArmValue::Const(value)),
                _ => None,
            })
            .collect();
        let arm = Arm { values, condition: None, body: answer(true) };
        let switch = Switch { subject: item, arms: vec![arm], default: Some(answer(false)) };
        Ok(Expr { kind: ExprKind::Switch(Box::new(switch)), ty: Type::BOOL, span })
    }
}

/// Returns whether computing the expression has no effect and cannot fail.
fn is_plain(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Fact(_)
        | ExprKind::Attribute(_)
        | ExprKind::ItemAttribute(_, None)
        | ExprKind::NamedList(_) => true,
        ExprKind::FieldOf(_, of)
        | ExprKind::ItemAttribute(_, Some(of))
        | ExprKind::Unary(UnaryOp::ToDecimal, of) => is_plain(of),
        _ => false,
    }
}
