//! Computes the cost of a checked rule: the charge of each segment, and the worst case.
//!
//! | node | fuel |
//! |---|---|
//! | every statement and every expression | 1 |
//! | arithmetic of decimals and money | 12: numbers of 28 digits are rescaled |
//! | `round` | 48: up to five divisions of 128 bits, and a sum |
//! | `percent` | 4 |
//! | `==` and `!=` of texts | 2 |
//! | `in` | 8: a hash of up to 1,000 bytes; and the length of a list of facts when it runs |
//! | `starts_with`, `ends_with` | 8: texts have up to 1,000 bytes |
//! | `contains` | 48, of a text that is no literal of up to 32 bytes 128 |
//! | `promo_owner`, `promo_active` | 36: a look-up, for which a module may have to run again |
//! | the date, hour or minute of a moment | 3 |
//! | an attribute of an item | 8: it is read from its text |
//! | `creative.allowed` | 5: a search in the creative's partners |
//! | each literal of a `switch` | 1, of text 6 |
//! | a verb | 8 |
//!
//! The workload `fuel` of the benchmarks prints the nanoseconds a unit of each, on the arguments that take longest.
//!
//! The worst case takes the most expensive branch, every operand, and every list at its limit.

use crate::diagnostic::Span;
use crate::lang::catalog::{Builtin, Field};
use crate::lang::env::Env;
use crate::lang::ir::{
    ArmValue, BinaryOp, Block, Compared, Const, Expr, ExprKind, Operand, Rule, Stmt, Switch,
};
use crate::lang::types::{Base, Element};
use crate::limits::Limits;

/// Fuel of every node.
const NODE: u32 = 1;
/// Fuel of comparing two texts.
const TEXT_EQUAL: u32 = 2;
/// Fuel of a lookup: `in` over a named list.
const LOOK_UP: u32 = 8;
/// Fuel of a literal of a `switch` over texts.
const TEXT_CASE: u32 = 6;
/// Fuel of comparing the beginning or the end of a text of up to 1,000 bytes.
const TEXT_PART: u32 = 8;
/// Fuel of a search for a literal of up to [`SHORT`] bytes in a text of up to 1,000 bytes: a microsecond at worst.
const TEXT_SEARCH: u32 = 48;
/// Fuel of a search for any other text.
const LONG_TEXT_SEARCH: u32 = 128;
/// The most bytes of a literal that is searched for at the lower price.
const SHORT: usize = 32;
/// Fuel of arithmetic on decimals.
const DECIMAL: u32 = 12;
/// Fuel of rounding to a multiple of a step.
const ROUND: u32 = 4 * DECIMAL;
/// Fuel of a percentage.
const PERCENT: u32 = 4;
/// Fuel of looking a promo code up.
const PROMO: u32 = 36;
/// Fuel of testing whether the partner is one of those of the creative.
const ALLOWED: u32 = 5;
/// Fuel of a moment in the program's time zone.
const LOCAL_TIME: u32 = 3;
/// Fuel of reading an attribute of an item.
const ITEM_ATTRIBUTE: u32 = 8;
/// Fuel of a verb.
const VERB: u32 = 8;

/// The most expensive part of a rule that is over its budget.
#[derive(Clone, Debug, Default)]
pub(super) struct Worst {
    fuel: u64,
    /// The place of a loop's list, or of a call.
    pub(super) span: Span,
    times: u64,
    what: &'static str,
}

impl Worst {
    /// Returns what to write instead.
    pub(super) fn help(&self, limits: &Limits) -> Option<String> {
        Some(match self.what {
            "" => "split the rule into several".to_owned(),
            "call" => "this call costs most; do less in the function, or call it less often".to_owned(),
            _ => format!(
                "this loop runs up to {} times and costs {} of the {} a rule may cost; do less in it, or look values up with `in`",
                self.times, self.fuel, limits.rule_fuel
            ),
        })
    }
}

/// Sets the charge of every segment and the worst cases of the rule.
pub(super) fn settle(rule: &mut Rule, env: &Env<'_>) -> Worst {
    let Limits { items, touches, entries, .. } = env.limits;
    rule.worst_fuel_of_one = worst(rule, env, Lengths { items: 1, touches: 1, entries: 1 }).0;
    let (fuel, worst) = worst(rule, env, Lengths { items: *items, touches: *touches, entries: *entries });
    rule.worst_fuel = fuel;
    worst
}

/// The most elements of the lists of an action.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    items: usize,
    touches: usize,
    entries: usize,
}

fn worst(rule: &mut Rule, env: &Env<'_>, lengths: Lengths) -> (u64, Worst) {
    let mut pass = Pass { env, lengths, functions: Vec::new(), worst: Worst::default() };
    for index in 0..rule.functions.len() {
        // Callees come first, so that the cost of each call is known.
        if let Some(function) = rule.functions.get_mut(index) {
            let fuel = pass.block(&mut function.body);
            pass.functions.push(fuel);
        }
    }
    pass.worst = Worst { span: first_word(rule), ..Worst::default() };
    (pass.block(&mut rule.body), pass.worst)
}

/// Returns the fuel of an operation, besides that of its operands.
fn operation(op: BinaryOp) -> u32 {
    match op {
        BinaryOp::AddDecimal
        | BinaryOp::SubDecimal
        | BinaryOp::MulDecimal
        | BinaryOp::DivDecimal
        | BinaryOp::RemDecimal
        | BinaryOp::AddMoney
        | BinaryOp::SubMoney
        | BinaryOp::MulMoney
        | BinaryOp::DivMoney
        | BinaryOp::RatioMoney => DECIMAL,
        BinaryOp::Compare(_, Compared::Text) => TEXT_EQUAL,
        _ => NODE,
    }
}

/// Returns the fuel of `text.contains(part)`.
fn search(args: &[Expr]) -> u32 {
    match args.last().map(|part| &part.kind) {
        Some(ExprKind::Const(Const::Text(part))) if part.len() <= SHORT => TEXT_SEARCH,
        _ => LONG_TEXT_SEARCH,
    }
}

fn first_word(rule: &Rule) -> Span {
    let start = rule.body.stmts.first().map(|stmt| match stmt {
        Stmt::Do(expr) | Stmt::Set { value: expr, .. } | Stmt::For { list: expr, .. } => expr.span,
        Stmt::Verb { span, .. } | Stmt::Return(_, span) | Stmt::Break(span) | Stmt::Continue(span) => *span,
    });
    start.or(rule.body.value.as_ref().map(|value| value.span)).unwrap_or(rule.body.span)
}

struct Pass<'e> {
    env: &'e Env<'e>,
    lengths: Lengths,
    /// The worst case of each function so far.
    functions: Vec<u64>,
    worst: Worst,
}

/// Fuel of a stretch of code: what is charged when it begins, and what its segments may charge later.
#[derive(Clone, Copy, Default)]
struct Fuel {
    now: u32,
    later: u64,
}

impl Fuel {
    fn node(now: u32) -> Self {
        Self { now, later: 0 }
    }

    fn later(later: u64) -> Self {
        Self { now: 0, later }
    }

    fn and(self, other: Self) -> Self {
        Self { now: self.now.saturating_add(other.now), later: self.later.saturating_add(other.later) }
    }

    fn all(self) -> u64 {
        u64::from(self.now).saturating_add(self.later)
    }
}

impl Pass<'_> {
    /// Sets the charges of a block. Returns its worst case.
    fn block(&mut self, block: &mut Block) -> u64 {
        let mut fuel = Fuel::default();
        for stmt in &mut block.stmts {
            fuel = fuel.and(self.stmt(stmt));
        }
        if let Some(value) = &mut block.value {
            fuel = fuel.and(self.expr(value));
        }
        block.charge = fuel.now;
        fuel.all()
    }

    fn stmt(&mut self, stmt: &mut Stmt) -> Fuel {
        let inside = match stmt {
            Stmt::Set { value, .. } | Stmt::Do(value) => self.expr(value),
            Stmt::For { list, body, .. } => {
                let span = list.span;
                let head = self.expr(list);
                let times = self.length(list);
                let fuel = self.block(body).saturating_mul(times);
                self.consider(fuel, span, times, "loop");
                head.and(Fuel::later(fuel))
            }
            Stmt::Verb { args, .. } => self.exprs(args).and(Fuel::node(VERB - NODE)),
            Stmt::Return(value, _) => value.as_mut().map_or_else(Fuel::default, |value| self.expr(value)),
            Stmt::Break(_) | Stmt::Continue(_) => Fuel::default(),
        };
        Fuel::node(NODE).and(inside)
    }

    fn exprs(&mut self, exprs: &mut [Expr]) -> Fuel {
        exprs.iter_mut().fold(Fuel::default(), |fuel, expr| fuel.and(self.expr(expr)))
    }

    fn operands(&mut self, first: &mut Expr, rest: &mut [Operand]) -> Fuel {
        let first = self.expr(first);
        rest.iter_mut().fold(first, |fuel, operand| fuel.and(self.operand(operand)))
    }

    /// Sets the charge of an operand, which is a segment of its own.
    fn operand(&mut self, operand: &mut Operand) -> Fuel {
        let fuel = self.expr(&mut operand.expr);
        operand.charge = fuel.now;
        Fuel::later(fuel.all())
    }

    fn expr(&mut self, expr: &mut Expr) -> Fuel {
        let span = expr.span;
        let inside = match &mut expr.kind {
            ExprKind::Const(_)
            | ExprKind::Local(_)
            | ExprKind::Attribute(_)
            | ExprKind::Total(..)
            | ExprKind::NamedList(_) => Fuel::default(),
            ExprKind::Fact(Field::CREATIVE_ALLOWED) => Fuel::node(ALLOWED - NODE),
            ExprKind::Fact(_) => Fuel::default(),
            ExprKind::ItemAttribute(_, of) => {
                let of = of.as_mut().map_or_else(Fuel::default, |of| self.expr(of));
                of.and(Fuel::node(ITEM_ATTRIBUTE - NODE))
            }
            ExprKind::FieldOf(_, of) | ExprKind::Unary(_, of) | ExprKind::Known(of) => self.expr(of),
            ExprKind::Binary(BinaryOp::In, pair) => {
                let searched =
                    if matches!(pair.1.kind, ExprKind::NamedList(_)) { 0 } else { self.length(&pair.1) };
                let both = self.expr(&mut pair.0).and(self.expr(&mut pair.1));
                both.and(Fuel { now: LOOK_UP - NODE, later: searched })
            }
            ExprKind::Binary(op, pair) => {
                let extra = Fuel::node(operation(*op) - NODE);
                self.expr(&mut pair.0).and(self.expr(&mut pair.1)).and(extra)
            }
            ExprKind::And(first, rest) | ExprKind::Or(first, rest) | ExprKind::Coalesce(first, rest) => {
                self.operands(first, rest)
            }
            ExprKind::If(condition, then, otherwise) => {
                let head = self.expr(condition);
                let then = self.block(then);
                let otherwise = otherwise.as_mut().map_or(0, |otherwise| self.block(otherwise));
                head.and(Fuel::later(then.max(otherwise)))
            }
            ExprKind::Switch(switch) => self.switch(switch),
            ExprKind::Block(block) => Fuel::later(self.block(block)),
            ExprKind::Call(function, args) => {
                let fuel = self.functions.get(usize::from(*function)).copied().unwrap_or(u64::MAX);
                self.consider(fuel, span, 1, "call");
                self.exprs(args).and(Fuel::later(fuel))
            }
            ExprKind::Builtin(builtin, args) => {
                let extra = match builtin {
                    Builtin::StartsWith | Builtin::EndsWith => TEXT_PART - NODE,
                    Builtin::Contains => search(args) - NODE,
                    Builtin::PromoOwner | Builtin::PromoActive => PROMO - NODE,
                    Builtin::Percent => PERCENT - NODE,
                    Builtin::Round => ROUND - NODE,
                    Builtin::TimeDate | Builtin::TimeHour | Builtin::TimeMinute => LOCAL_TIME - NODE,
                    _ => 0,
                };
                self.exprs(args).and(Fuel::node(extra))
            }
        };
        Fuel::node(NODE).and(inside)
    }

    fn switch(&mut self, switch: &mut Switch) -> Fuel {
        let mut fuel = self.expr(&mut switch.subject);
        let mut dearest = switch.default.as_mut().map_or(0, |default| self.block(default));
        for arm in &mut switch.arms {
            for value in &arm.values {
                let text = matches!(value, ArmValue::Const(Const::Text(_)));
                fuel = fuel.and(Fuel::node(if text { TEXT_CASE } else { NODE }));
            }
            if let Some(condition) = &mut arm.condition {
                fuel = fuel.and(self.operand(condition));
            }
            dearest = dearest.max(self.block(&mut arm.body));
        }
        fuel.and(Fuel::later(dearest))
    }

    /// Returns the most elements that a list may have.
    fn length(&self, list: &Expr) -> u64 {
        let named = |list: &crate::facts::NamedList| list.len();
        let most = match (&list.kind, list.ty.base) {
            (ExprKind::NamedList(index), _) => {
                self.env.lists.get_index(usize::from(*index)).map_or(0, |(_, list)| named(list))
            }
            (_, Base::List(Element::Item)) => self.lengths.items,
            (_, Base::List(Element::Touch)) => self.lengths.touches,
            _ => self.lengths.entries,
        };
        most as u64
    }

    /// Keeps the most expensive loop or call. For a loop in a loop this is the outer loop, which is what must change.
    fn consider(&mut self, fuel: u64, span: Span, times: u64, what: &'static str) {
        if fuel > self.worst.fuel {
            self.worst = Worst { fuel, span, times, what };
        }
    }
}
