//! Checks operators: typed operations on typed operands.

use rhai::{Expr as Tree, FnCallExpr};
use rust_decimal::Decimal;

use super::chain::is_text;
use super::checker::{Checker, Checking, Failed};
use super::expr::{constant, to_decimal};
use super::scope::NAMESPACES;
use super::words;
use crate::diagnostic::{Code, Help, Span};
use crate::facts::CUSTOMER_STATUSES;
use crate::lang::catalog::facts;
use crate::lang::ir::{
    Arm, ArmValue, BinaryOp, Block, Compared, Comparison, Const, Expr, ExprKind, Stmt, Switch, UnaryOp,
};
use crate::lang::types::{Base, Element, Record, Type};
use crate::money::{Money, number_meant, parse_decimal};
use crate::time::{date_meant, parse_date};

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
            ("&" | "|", [left, right]) => {
                let sides = (self.operand(left)?, self.operand(right)?);
                let (word, double) = if written == "&" { ("and", "&&") } else { ("or", "||") };
                let help = Help::from(format!("`{word}` is written `{double}`"));
                let conditions = sides.0.ty.base == Base::Bool && sides.1.ty.base == Base::Bool;
                let help = if conditions { help.edit(at, double) } else { help };
                self.fail(Code::NotInLanguage, at, format!("`{written}` is not in the language"), help)
            }
            (_, [left, right]) => {
                let operator = self.allowed(written, at);
                if let ("==" | "!=", Some(at)) = (written, self.customer_beside_status(left, right)) {
                    let help = Help::did_you_mean(at, "customer.status");
                    return self.fail(Code::WrongType, at, "`customer` is a record, not a value", help);
                }
                let left_value = match (written, self.bare_word(left)) {
                    ("==" | "!=", Some((word, word_at))) => {
                        let right = self.operand(right)?;
                        return self.unquoted(word, word_at, &right);
                    }
                    _ => self.open_operand(left),
                };
                let right_value = match (written, &left_value, self.bare_word(right)) {
                    ("==" | "!=", Ok(left), Some((word, word_at))) if is_text(left) => {
                        self.unquoted(word, word_at, left)
                    }
                    _ => self.operand(right),
                };
                let left_value = left_value.and_then(|left| self.known(left));
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

    /// Returns the place of `customer` in `customer == "new"`.
    fn customer_beside_status(&self, left: &'c Tree, right: &'c Tree) -> Option<Span> {
        let (Tree::Variable(name, ..), Tree::StringConstant(word, _)) = (left, right) else { return None };
        let is_customer = name.1 == Record::Customer.name()
            && !self.frame.locals.iter().any(|local| local.name == name.1.as_str());
        (is_customer && CUSTOMER_STATUSES.contains(&word.as_str())).then(|| self.layout.expr(left))
    }

    /// Returns a name that stands alone and that nothing has, as text without its quotes does.
    fn bare_word(&self, tree: &'c Tree) -> Option<(&'c str, Span)> {
        let Tree::Variable(name, ..) = tree else { return None };
        let word = name.1.as_str();
        let known = !name.2.is_empty()
            || self.lost.contains(word)
            || self.frame.locals.iter().any(|local| local.name == word)
            || NAMESPACES.contains(&word)
            || facts(self.phase).iter().any(|(record, _)| record.name() == word);
        (!known).then(|| (word, self.layout.expr(tree)))
    }

    /// Reports a name that nothing has, beside a value. Beside text, the name is text without its quotes.
    fn unquoted<T>(&mut self, word: &str, at: Span, beside: &Expr) -> Checking<T> {
        // A fact is beside a literal, and a literal beside a fact.
        if !is_text(beside) || matches!(beside.kind, ExprKind::Const(_)) {
            return self.unknown_name(word, at, &[]);
        }
        let text = format!("\"{word}\"");
        let help = Help::from(format!("text stands in double quotes: `{text}`")).edit(at, text);
        self.fail(Code::UnknownFact, at, format!("`{word}` is text without quotes"), help)
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
                let equal = (at, comparison == Comparison::Equal);
                self.several_words(equal, &left, &right);
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
                    (Time, Date) => Help::from(format!(
                        "compare the date: `{}.date {operator} …`",
                        self.written(left.span)
                    ))
                    .edit(after(left.span), ".date"),
                    (Date, Time) => Help::from(format!(
                        "compare the date: `… {operator} {}.date`",
                        self.written(right.span)
                    ))
                    .edit(after(right.span), ".date"),
                    (Duration, Integer | Dec) | (Integer | Dec, Duration) => {
                        "a duration is written `days(30)`, `hours(12)` or `minutes(5)`".into()
                    }
                    (Duration, Text) => self.convert_help(Duration, &right),
                    (Text | PromoCode, Amount) => self.text_as_money(&left),
                    (Amount, Text | PromoCode) => self.text_as_money(&right),
                    (Text | PromoCode, Integer | Dec) => self.text_as_number(&left),
                    (Integer | Dec, Text | PromoCode) => self.text_as_number(&right),
                    (Text | PromoCode, Base::List(_)) => {
                        let (word, list) = (self.written(left.span), self.written(right.span));
                        let help = Help::from(format!("write `{word} in {list}`"));
                        if comparison == Comparison::Equal { help.edit(at, "in") } else { help }
                    }
                    (Base::List(_), Text | PromoCode) => {
                        let (list, word) = (self.written(left.span), self.written(right.span));
                        let help = Help::from(format!("write `{word} in {list}`"));
                        let plain =
                            comparison == Comparison::Equal && !list.contains('…') && !word.contains('…');
                        if plain {
                            help.edit(left.span.to(right.span), format!("{word} in {list}"))
                        } else {
                            help
                        }
                    }
                    (Time, Text) => self.text_as_date(&left, &right),
                    (Date, Text) => match &right.kind {
                        ExprKind::Const(Const::Text(text)) => match iso_date(text) {
                            Some(date) => Help::write(right.span, format!("date(\"{date}\")")),
                            None => "a date is written `date(\"2026-01-31\")`".into(),
                        },
                        _ => "a date is written `date(\"2026-01-31\")`".into(),
                    },
                    _ => "compare two values of one type".into(),
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

    /// Returns the help to write a number in quotes as an amount.
    fn text_as_money(&self, text: &Expr) -> Help {
        let ExprKind::Const(Const::Text(written)) = &text.kind else {
            return "text and amounts are never equal; compare two of a kind".into();
        };
        let number =
            if parse_decimal(written).is_ok() { Some(written.clone()) } else { number_meant(written) };
        match number {
            Some(number) => Help::write(text.span, format!("money(\"{number}\")")),
            None => "an amount is written `money(\"5.00\")`".into(),
        }
    }

    /// Returns the help to take the quotes off a number.
    fn text_as_number(&self, text: &Expr) -> Help {
        match &text.kind {
            ExprKind::Const(Const::Text(number)) if parse_decimal(number).is_ok() => {
                Help::write(text.span, number.as_str())
            }
            _ => "text and numbers are never equal; compare two of a kind".into(),
        }
    }

    /// Returns the help to compare the date of a moment with a date in quotes.
    fn text_as_date(&self, moment: &Expr, text: &Expr) -> Help {
        let general = "a moment is written `time(\"2026-01-31T00:00:00Z\")`; to compare days, write `….date` and \
                       `date(\"2026-01-31\")`";
        let ExprKind::Const(Const::Text(written)) = &text.kind else { return general.into() };
        if crate::time::Timestamp::parse(written).is_some() {
            return Help::write(text.span, format!("time(\"{written}\")"));
        }
        match iso_date(written) {
            Some(date) => {
                let fact = self.written(moment.span);
                Help::from(format!("compare the date: `{fact}.date` and `date(\"{date}\")`"))
                    .edit(after(moment.span), ".date")
                    .edit(text.span, format!("date(\"{date}\")"))
            }
            None => general.into(),
        }
    }

    /// Reports a number that is not a literal beside money.
    fn not_an_amount<T>(&mut self, left: &Expr, right: &Expr, operator: &str) -> Checking<T> {
        let number = if left.ty.base == Base::Money { right } else { left };
        let written = self.written(number.span);
        let help = match &number.kind {
            ExprKind::Const(_) if written.starts_with("params") => {
                "declare the parameter as money: `{ money = \"5.00\" }`".into()
            }
            ExprKind::Const(_) => self.as_money(number),
            _ => format!("write `money(\"1\") * {written}` for an amount of that many units").into(),
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
            (ExprKind::Const(_), ExprKind::Const(Const::Integer(100))) if !a.contains('…') => {
                Help::write(left.span.to(right.span), format!("percent({a})"))
            }
            _ => {
                let help = Help::from(format!("write `decimal({a}) / {b}` for the exact quotient"));
                if a.contains('…') { help } else { help.edit(left.span, format!("decimal({a})")) }
            }
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
        if let ExprKind::NamedList(index) = list.kind {
            self.countries_of(&item, usize::from(index), list.span);
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
        let mut failed = false;
        for tree in values {
            let at = self.layout.expr(tree);
            match tree {
                Tree::StringConstant(word, _) => words.push(self.text(word, at)?),
                other if let Some((word, at)) = self.bare_word(other) => {
                    let text = format!("\"{word}\"");
                    let help = Help::from(format!("text stands in double quotes: `{text}`")).edit(at, text);
                    let message = format!("`{word}` is text without quotes");
                    let _: Checking<()> = self.fail(Code::UnknownFact, at, message, help);
                    failed = true;
                }
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
        if failed {
            return Err(Failed);
        }
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

/// Returns the empty span at the end of a span, where text is inserted.
fn after(span: Span) -> Span {
    Span { start: span.end, ..span }
}

/// Returns the date that a text is or stands for, as `2026-01-31`.
fn iso_date(text: &str) -> Option<chrono::NaiveDate> {
    parse_date(text).or_else(|| date_meant(text))
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
