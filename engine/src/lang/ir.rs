//! The checked program of one rule: typed, resolved, bounded, with spans and costs.
//!
//! The checker makes it, the interpreter runs it, and [`crate::codegen`] compiles it. It cannot name anything that does not exist
//! or apply an operator to types that the operator does not take, so running it can fail only for the reasons of [`FaultKind`].
//!
//! # Budget
//!
//! Fuel is charged in *segments*: a segment is a stretch of nodes that all run once its first node does. A [`Block`], and every
//! operand of `&&`, `||` and `??` after the first, carries the cost of its segment, which is charged before any of the segment
//! runs. Two ways of running a rule that charge segment by segment agree on the fuel used and on the place where the fuel ran
//! out. In addition only `in` over a list of facts charges for its length.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::catalog::{Builtin, Field, Verb};
use super::shared::{SharedPart, place_of};
use super::types::{Base, Phase, Type, Value};
use crate::diagnostic::{Place, Span};
use crate::money::{Money, RoundingMode};
use crate::period::Period;
use crate::time::{Duration, Timestamp};

/// Whether a rule is a whole file of statements or one inline expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A `.rhai` file: statements and verbs.
    Script,
    /// An expression of this type, as in `when = '…'`; it has no verbs.
    Expression(Type),
}

/// A checked rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where the rule begins: a whole file, or an inline expression inside its contract file. Spans inside the rule are in bytes
    /// of that file, unless they are of a shared function.
    pub place: Place,
    /// The shared functions that were checked with the rule.
    pub shared: Vec<SharedPart>,
    /// The bytes of text that were checked: the rule's own and those of its shared functions.
    pub text_bytes: usize,
    /// The phase in which the rule runs.
    pub phase: Phase,
    /// Script or expression.
    pub form: Form,
    /// The code of the rule.
    pub body: Block,
    /// The rule's own functions, one for each name and tuple of argument types that is called. A function calls only functions
    /// with a lower index.
    pub functions: Vec<Function>,
    /// The number of local slots of the body.
    pub slots: u16,
    /// Fuel in the worst case, computed from the size limits of an action.
    pub worst_fuel: u64,
    /// Fuel in the worst case of an action with one item, one touch, and one entry in each other list.
    pub worst_fuel_of_one: u64,
    /// The fields that the rule reads, in the order of the catalogue, each once.
    pub reads: Vec<Field>,
    /// Whether one of the fields is a fraud signal, which a partner must not learn about.
    pub reads_fraud: bool,
    /// The mode of `round`.
    pub rounding: RoundingMode,
    /// The number of the rule among all rules of the program. The loader sets it.
    pub number: u32,
    /// For an expression: the number of conditions joined by `&&` that must all hold, which `most_specific` compares.
    pub conjuncts: u16,
}

impl Rule {
    /// Returns the totals that the rule reads, by their indexes in the version.
    pub(crate) fn totals(&self) -> BTreeSet<u16> {
        let mut totals = BTreeSet::new();
        let mut meet = |node: Node<'_>| {
            if let Node::Expr(Expr { kind: ExprKind::Total(index, _), .. }) = node {
                totals.insert(*index);
            }
        };
        self.body.walk(&mut meet);
        self.functions.iter().for_each(|function| function.body.walk(&mut meet));
        totals
    }

    /// Returns the place of a span inside the rule.
    pub(crate) fn place_of(&self, span: Span) -> Place {
        place_of(&self.shared, &self.place.file, span)
    }
}

/// A function of a rule, for one tuple of argument types.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name of the function, for errors.
    pub name: String,
    /// The number of parameters, which take slots `0..params`.
    pub params: u16,
    /// The number of local slots, parameters included.
    pub slots: u16,
    /// The code of the function.
    pub body: Block,
    /// The type of the value it returns.
    pub ty: Type,
}

/// Statements, then an optional value. A block is a segment of its own.
#[derive(Clone, Debug)]
pub struct Block {
    /// Fuel of everything that always runs once the block is entered.
    pub charge: u32,
    /// Statements in order.
    pub stmts: Vec<Stmt>,
    /// The value; `None` if the block has no value.
    pub value: Option<Expr>,
    /// The place of the block.
    pub span: Span,
}

/// A node that a walk over a rule visits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node<'r> {
    /// A statement, visited after the expressions in its head and before its body.
    Stmt(&'r Stmt),
    /// An expression, visited after the expressions inside it.
    Expr(&'r Expr),
}

impl Block {
    /// Calls `meet` for every statement and expression in the block.
    pub(crate) fn walk<'r>(&'r self, meet: &mut dyn FnMut(Node<'r>)) {
        for stmt in &self.stmts {
            let body = match stmt {
                Stmt::Set { value, .. } | Stmt::Do(value) => {
                    value.walk(meet);
                    None
                }
                Stmt::For { list, body, .. } => {
                    list.walk(meet);
                    Some(body)
                }
                Stmt::Verb { args, .. } => {
                    args.iter().for_each(|arg| arg.walk(meet));
                    None
                }
                Stmt::Return(value, _) => {
                    value.iter().for_each(|value| value.walk(meet));
                    None
                }
                Stmt::Break(_) | Stmt::Continue(_) => None,
            };
            meet(Node::Stmt(stmt));
            if let Some(body) = body {
                body.walk(meet);
            }
        }
        self.value.iter().for_each(|value| value.walk(meet));
    }
}

impl Expr {
    /// Returns the field that the expression reads, with or without a default; `None` if it reads none or computes with it.
    pub(crate) fn field(&self) -> Option<Field> {
        match &self.kind {
            ExprKind::Fact(field) | ExprKind::FieldOf(field, _) => Some(*field),
            ExprKind::Coalesce(first, _) => first.field(),
            _ => None,
        }
    }

    /// Calls `meet` for every statement and expression in the expression.
    pub(crate) fn walk<'r>(&'r self, meet: &mut dyn FnMut(Node<'r>)) {
        match &self.kind {
            ExprKind::FieldOf(_, of)
            | ExprKind::ItemAttribute(_, Some(of))
            | ExprKind::Unary(_, of)
            | ExprKind::Known(of) => of.walk(meet),
            ExprKind::Binary(_, pair) => {
                pair.0.walk(meet);
                pair.1.walk(meet);
            }
            ExprKind::And(first, rest) | ExprKind::Or(first, rest) | ExprKind::Coalesce(first, rest) => {
                first.walk(meet);
                rest.iter().for_each(|operand| operand.expr.walk(meet));
            }
            ExprKind::If(condition, then, otherwise) => {
                condition.walk(meet);
                then.walk(meet);
                otherwise.iter().for_each(|block| block.walk(meet));
            }
            ExprKind::Switch(switch) => {
                switch.subject.walk(meet);
                for arm in &switch.arms {
                    arm.condition.iter().for_each(|condition| condition.expr.walk(meet));
                    arm.body.walk(meet);
                }
                switch.default.iter().for_each(|block| block.walk(meet));
            }
            ExprKind::Block(block) => block.walk(meet),
            ExprKind::Call(_, args) | ExprKind::Builtin(_, args) => {
                args.iter().for_each(|arg| arg.walk(meet))
            }
            ExprKind::Const(_)
            | ExprKind::Local(_)
            | ExprKind::Fact(_)
            | ExprKind::Attribute(_)
            | ExprKind::ItemAttribute(_, None)
            | ExprKind::Total(..)
            | ExprKind::NamedList(_) => {}
        }
        meet(Node::Expr(self));
    }
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Stmt {
    /// `let x = …`, `const x = …`, `x = …` and `x += …`.
    Set {
        /// The local.
        slot: u16,
        /// The new value of the local.
        value: Expr,
    },
    /// An expression that is run for its effect: `if`, `switch`, a block, a call.
    Do(Expr),
    /// `for x in list` and `for (x, n) in list`.
    For {
        /// The local that holds the element.
        slot: u16,
        /// The local that counts from 0; `None` if the loop has no counter.
        counter: Option<u16>,
        /// The list.
        list: Expr,
        /// The code that runs for each element.
        body: Block,
    },
    /// A verb.
    Verb {
        /// The verb.
        verb: Verb,
        /// The arguments.
        args: Vec<Expr>,
        /// The place of the call.
        span: Span,
    },
    /// `return`, which ends the rule or the function.
    Return(Option<Expr>, Span),
    /// `break`.
    Break(Span),
    /// `continue`.
    Continue(Span),
}

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What the expression computes.
    pub kind: ExprKind,
    /// The type of its value. Inside a `known(…)` guard, a fact that may be unknown has its known type here.
    pub ty: Type,
    /// The place of the expression.
    pub span: Span,
}

/// An operand that does not always run: a segment of its own.
#[derive(Clone, Debug)]
pub struct Operand {
    /// Fuel of everything that always runs once the operand is entered.
    pub charge: u32,
    /// The operand.
    pub expr: Expr,
}

/// What an expression computes.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A constant: a literal, a parameter, or a value folded from these.
    Const(Const),
    /// A local.
    Local(u16),
    /// A field of a record that exists once.
    Fact(Field),
    /// A field of an item or a touch, which the inner expression gives.
    FieldOf(Field, Box<Expr>),
    /// One of the brand's own attributes of the action or the partner, by its index in the program.
    Attribute(u16),
    /// An attribute of items, by its index in the program: of the item that the inner expression gives, or of the item that the rule
    /// is evaluated for.
    ItemAttribute(u16, Option<Box<Expr>>),
    /// A declared total, by its index in the contract version.
    Total(u16, TotalField),
    /// A named list, by its index in the program.
    NamedList(u16),
    /// Negation, `!`, conversion.
    Unary(UnaryOp, Box<Expr>),
    /// Arithmetic and comparison.
    Binary(BinaryOp, Box<(Expr, Expr)>),
    /// `a && b && …`
    And(Box<Expr>, Vec<Operand>),
    /// `a || b || …`
    Or(Box<Expr>, Vec<Operand>),
    /// `a ?? b ?? …`
    Coalesce(Box<Expr>, Vec<Operand>),
    /// `known(x)`.
    Known(Box<Expr>),
    /// `if … { … } else { … }`.
    If(Box<Expr>, Box<Block>, Option<Box<Block>>),
    /// `switch`.
    Switch(Box<Switch>),
    /// `{ … }`.
    Block(Box<Block>),
    /// A call of the rule's own function.
    Call(u16, Vec<Expr>),
    /// A call of a built-in function or method.
    Builtin(Builtin, Vec<Expr>),
}

/// A `switch`. Arms are tried in order; the first arm whose value matches and whose condition holds runs.
#[derive(Clone, Debug)]
pub struct Switch {
    /// The value that is compared.
    pub subject: Expr,
    /// The arms.
    pub arms: Vec<Arm>,
    /// The `_` arm.
    pub default: Option<Block>,
}

/// An arm of a `switch`.
#[derive(Clone, Debug)]
pub struct Arm {
    /// The literals of the arm, any of which matches.
    pub values: Vec<ArmValue>,
    /// The `if` of the arm, a segment of its own.
    pub condition: Option<Operand>,
    /// The code of the arm.
    pub body: Block,
}

/// A literal of an arm.
#[derive(Clone, Debug, PartialEq)]
pub enum ArmValue {
    /// The subject equals this constant.
    Const(Const),
    /// An integer in `start..end`, or `start..=end`.
    Range {
        /// The first integer in the range.
        start: i64,
        /// The last integer in the range, or the integer after it.
        end: i64,
        /// Whether `end` is in the range.
        inclusive: bool,
    },
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant is the value of the type it names")]
pub enum Const {
    Unit,
    Bool(bool),
    Integer(i64),
    Decimal(Decimal),
    Money(Money),
    Text(String),
    Time(Timestamp),
    Date(NaiveDate),
    Duration(Duration),
}

impl Const {
    /// Returns the type of the constant.
    pub fn base(&self) -> Base {
        match self {
            Self::Unit => Base::Unit,
            Self::Bool(_) => Base::Bool,
            Self::Integer(_) => Base::Integer,
            Self::Decimal(_) => Base::Decimal,
            Self::Money(_) => Base::Money,
            Self::Text(_) => Base::Text,
            Self::Time(_) => Base::Time,
            Self::Date(_) => Base::Date,
            Self::Duration(_) => Base::Duration,
        }
    }

    /// Returns the constant as a value.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Unit => Value::Unit,
            Self::Bool(value) => Value::Bool(*value),
            Self::Integer(value) => Value::Integer(*value),
            Self::Decimal(value) => Value::Decimal(*value),
            Self::Money(value) => Value::Money(*value),
            Self::Text(value) => Value::Text(value),
            Self::Time(value) => Value::Time(*value),
            Self::Date(value) => Value::Date(*value),
            Self::Duration(value) => Value::Duration(*value),
        }
    }

    /// Returns a value as a constant; `None` if it is not known, a record or a list.
    pub(crate) fn of(value: Value<'_>) -> Option<Self> {
        Some(match value {
            Value::Unit => Self::Unit,
            Value::Bool(value) => Self::Bool(value),
            Value::Integer(value) => Self::Integer(value),
            Value::Decimal(value) => Self::Decimal(value),
            Value::Money(value) => Self::Money(value),
            Value::Text(value) => Self::Text(value.to_owned()),
            Value::Time(value) => Self::Time(value),
            Value::Date(value) => Self::Date(value),
            Value::Duration(value) => Self::Duration(value),
            Value::Unknown | Value::Record(_) | Value::Item(_) | Value::Touch(_) | Value::List(_) => {
                return None;
            }
        })
    }
}

/// A field of a declared total: a sum, and the time at which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TotalField {
    /// The sum.
    pub sum: TotalSum,
    /// The time.
    pub at: TotalAt,
}

/// A sum of a declared total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TotalSum {
    /// The number of actions.
    Actions,
    /// The number of units.
    Units,
    /// The commissionable amount.
    Revenue,
    /// The measure that the total declares.
    Measured,
    /// The payouts.
    Payouts,
    /// The payouts that were payable.
    Payable,
    /// The number of different values.
    Distinct,
}

/// The time at which a declared total is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TotalAt {
    /// In the period of this action, before this action.
    Before,
    /// In the period of this action, with this action.
    WithThis,
    /// In the period before that of this action.
    Previous,
    /// In the calendar period that begins on this date.
    Named(NaiveDate),
    /// In the period that closes; over the life of a contract or all time, up to the close. Only rules of bonuses read it.
    AtClose,
    /// In all periods of the calendar year up to and including the one that closes. Only rules of bonuses read it.
    YearToDate,
}

impl TotalSum {
    /// All sums.
    pub const ALL: [Self; 7] = [
        Self::Actions,
        Self::Units,
        Self::Revenue,
        Self::Measured,
        Self::Payouts,
        Self::Payable,
        Self::Distinct,
    ];

    /// Returns the sum as rules write it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Actions => "actions",
            Self::Units => "units",
            Self::Revenue => "revenue",
            Self::Measured => "measured",
            Self::Payouts => "payouts",
            Self::Payable => "payable",
            Self::Distinct => "distinct",
        }
    }

    /// Returns the type of the sum.
    pub fn base(self) -> Base {
        match self {
            Self::Actions | Self::Units | Self::Distinct => Base::Integer,
            Self::Revenue | Self::Measured | Self::Payouts | Self::Payable => Base::Money,
        }
    }

    /// Returns whether the sum is known with this action: what this action is paid is not known while its rules run.
    pub fn is_known_with_this(self) -> bool {
        !matches!(self, Self::Payouts | Self::Payable)
    }
}

impl TotalField {
    /// Returns whether the field cannot be read if the sum does not fit.
    pub(crate) fn may_overflow(self) -> bool {
        self.at == TotalAt::WithThis && self.sum.base() == Base::Money
    }

    /// Returns the field as rules write it, after the name of a total over this period.
    pub(crate) fn text(self, period: Period) -> String {
        let sum = self.sum.text();
        match self.at {
            TotalAt::Before => format!("{sum}.before"),
            TotalAt::WithThis => format!("{sum}.with_this"),
            TotalAt::Previous => format!("previous.{sum}"),
            TotalAt::Named(from) => format!("at(\"{}\").{sum}", period.name_of(from)),
            TotalAt::AtClose => format!("{sum}.at_close"),
            TotalAt::YearToDate => format!("year_to_date.{sum}"),
        }
    }

    /// Returns the field as two numbers, for traces of modules: a tag of 8 bits and the days of a named period.
    pub(crate) fn numbers(self) -> (u8, i32) {
        let (at, days) = match self.at {
            TotalAt::Before => (0, 0),
            TotalAt::WithThis => (1, 0),
            TotalAt::Previous => (2, 0),
            TotalAt::Named(from) => (3, crate::time::days_since_epoch(from)),
            TotalAt::AtClose => (4, 0),
            TotalAt::YearToDate => (5, 0),
        };
        (self.sum as u8 | at << 4, days)
    }

    /// Returns the field that [`TotalField::numbers`] gives these numbers for.
    pub(crate) fn of_numbers(tag: u8, days: i32) -> Option<Self> {
        let sum = *TotalSum::ALL.get(usize::from(tag & 15))?;
        let at = match tag >> 4 {
            0 => TotalAt::Before,
            1 => TotalAt::WithThis,
            2 => TotalAt::Previous,
            3 => TotalAt::Named(crate::time::date_at(days)?),
            4 => TotalAt::AtClose,
            5 => TotalAt::YearToDate,
            _ => return None,
        };
        Some(Self { sum, at })
    }
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `!`
    Not,
    /// `-` of an integer.
    NegInteger,
    /// `-` of a decimal.
    NegDecimal,
    /// `-` of money.
    NegMoney,
    /// `-` of a duration.
    NegDuration,
    /// An integer where a decimal is needed.
    ToDecimal,
}

/// Operators with two operands, each with the types it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// integer + integer
    AddInteger,
    /// integer - integer
    SubInteger,
    /// integer × integer
    MulInteger,
    /// integer % integer
    RemInteger,
    /// decimal + decimal
    AddDecimal,
    /// decimal - decimal
    SubDecimal,
    /// decimal × decimal
    MulDecimal,
    /// decimal ÷ decimal
    DivDecimal,
    /// decimal % decimal
    RemDecimal,
    /// money + money
    AddMoney,
    /// money - money
    SubMoney,
    /// money × decimal (a decimal on the left is moved to the right)
    MulMoney,
    /// money ÷ decimal
    DivMoney,
    /// money ÷ money, a decimal
    RatioMoney,
    /// time + duration
    AddTime,
    /// time - duration
    SubTime,
    /// time - time, a duration
    DiffTime,
    /// date + duration of whole days
    AddDate,
    /// date - duration of whole days
    SubDate,
    /// date - date, a duration
    DiffDate,
    /// duration + duration
    AddDuration,
    /// duration - duration
    SubDuration,
    /// duration × integer
    MulDuration,
    /// A comparison of two values of this type.
    Compare(Comparison, Compared),
    /// text `in` list of text or named list; the list is on the right
    In,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// Returns the comparison that holds where this one does not.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
        }
    }

    /// Returns the comparison with its sides exchanged.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::Equal | Self::NotEqual => self,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }
}

/// The type of both sides of a comparison. `Bool` and `Text` only for `==` and `!=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Compared {
    Bool,
    Integer,
    Decimal,
    Money,
    Text,
    Time,
    Date,
    Duration,
}

/// Why a checked rule failed while it ran. A failed rule never pays: the action is held with `RULE_ERROR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// A result too large for its type, or a date outside the calendar.
    Overflow,
    /// A division by zero.
    DivisionByZero,
    /// `round` with a step of zero or below.
    RoundingStep,
    /// The budget was used up.
    Budget,
    /// A component ran past its deadline.
    Deadline,
    /// A component asked for more memory than it may have.
    Memory,
    /// A component called too deep.
    Stack,
    /// A component stopped itself, or did something that WebAssembly does not allow.
    Trap,
    /// The answer of a component cannot be read, or its program does not allow it.
    BadOutput,
    /// The answer of a component is larger than allowed.
    TooMuchOutput,
    /// A component reported an error of its own.
    Reported,
    /// The decision used up its fuel: the fuel of all of its rules and of the engine's own work together.
    DecisionFuel,
    /// The decision would have more steps than allowed.
    DecisionSteps,
    /// The decision would have more bytes of names and codes than allowed.
    DecisionText,
}

impl FaultKind {
    /// Returns one lower-case sentence.
    pub fn message(self) -> &'static str {
        match self {
            Self::Overflow => "a result is too large",
            Self::DivisionByZero => "division by zero",
            Self::RoundingStep => "the step of `round` is not above zero",
            Self::Budget => "the rule used up its budget",
            Self::Deadline => "the component ran past its deadline",
            Self::Memory => "the component asked for more memory than it may have",
            Self::Stack => "the component used up its stack",
            Self::Trap => "the component trapped",
            Self::BadOutput => "the component said what it may not",
            Self::TooMuchOutput => "the component said more than it may",
            Self::Reported => "the component reports an error",
            Self::DecisionFuel => "the decision used up its fuel",
            Self::DecisionSteps => "the decision has too many steps",
            Self::DecisionText => "the decision has too many names and codes",
        }
    }
}

/// A fault and the place where it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    /// The kind of fault.
    pub kind: FaultKind,
    /// The expression or segment, in bytes of the rule's file.
    pub span: Span,
}
