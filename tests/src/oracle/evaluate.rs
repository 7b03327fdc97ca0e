//! One evaluation by Rhai: source and facts enter, the verbs in order and the value leave, or what went wrong.

use std::sync::{Arc, Mutex, PoisonError};

use accrue::internals::lang::Const;
use accrue::internals::lang::catalog::Verb;
use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, Scope};
use rust_decimal::Decimal;

use super::facts::Facts;
use super::values::{Cash, Day, ROUNDING_STEP, Span, to_const};
use super::{builtins, records};

/// A verb that a rule gave, with its arguments. Rates, points and factors are decimals.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The verb.
    pub verb: Verb,
    /// What it was given.
    pub args: Vec<Const>,
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its verbs in order.
    pub said: Vec<Said>,
    /// Its value; `None` when that is a record or a list.
    pub value: Option<Const>,
}

/// Why Rhai gives no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// A result is too large for its type.
    Overflow,
    /// A division by zero.
    DivisionByZero,
    /// A step of `round` that is not above zero.
    RoundingStep,
    /// Anything else. A rule that was checked never comes here.
    Other(String),
}

/// Deep enough for whatever the checker lets through.
const DEPTH: usize = 256;

/// Far more than the largest budget; only keeps a broken generator from hanging.
const OPERATIONS: u64 = 50_000_000;

/// Evaluates a script, or an expression, which is a script of one.
pub fn evaluate(source: &str, facts: &Facts) -> Result<Answer, Trouble> {
    let facts = Arc::new(facts.clone());
    let log = Arc::new(Mutex::new(Vec::new()));
    let mut engine = Engine::new();
    engine.set_max_expr_depths(DEPTH, DEPTH).set_max_call_levels(DEPTH).set_max_operations(OPERATIONS);
    builtins::register(&mut engine, &facts);
    records::register(&mut engine, &facts);
    verbs(&mut engine, &log);
    let value =
        engine.eval_with_scope::<Dynamic>(&mut Scope::new(), source).map_err(|error| trouble(&error))?;
    let said = log.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Answer { said, value: to_const(&value) })
}

type Log = Arc<Mutex<Vec<Said>>>;

fn note(log: &Log, verb: Verb, args: Vec<Const>) {
    log.lock().unwrap_or_else(PoisonError::into_inner).push(Said { verb, args });
}

fn verbs(engine: &mut Engine, log: &Log) {
    for verb in [Verb::Reject, Verb::Hold, Verb::Zero, Verb::Flag, Verb::Notice] {
        let log = Arc::clone(log);
        engine.register_fn(verb.name(), move |code: ImmutableString| {
            note(&log, verb, vec![Const::Text(code.to_string())]);
        });
    }
    let said = Arc::clone(log);
    engine.register_fn("hold", move |code: ImmutableString, until: Span| {
        let duration = accrue::internals::time::Duration { seconds: until.0 };
        note(&said, Verb::Hold, vec![Const::Text(code.to_string()), Const::Duration(duration)]);
    });
    let said = Arc::clone(log);
    engine.register_fn("hold_until", move |code: ImmutableString, until: Day| {
        note(&said, Verb::HoldUntil, vec![Const::Text(code.to_string()), Const::Date(until.0)]);
    });
    for verb in [Verb::Rate, Verb::AddPoints, Verb::Multiply] {
        let said = Arc::clone(log);
        engine.register_fn(verb.name(), move |value: Decimal| note(&said, verb, vec![Const::Decimal(value)]));
        let said = Arc::clone(log);
        engine.register_fn(verb.name(), move |value: i64| {
            note(&said, verb, vec![Const::Decimal(value.into())])
        });
    }
    for verb in [Verb::Add, Verb::AddPerUnit, Verb::AddPerOrder] {
        let said = Arc::clone(log);
        engine.register_fn(verb.name(), move |value: Cash| {
            note(&said, verb, vec![Const::Money(accrue::money::Money(value.0))]);
        });
    }
}

/// Rhai's own error as one of ours, wherever in nested calls it was raised.
fn trouble(error: &EvalAltResult) -> Trouble {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => trouble(inner),
        EvalAltResult::ErrorArithmetic(message, _) if message == ROUNDING_STEP => Trouble::RoundingStep,
        EvalAltResult::ErrorArithmetic(message, _) => {
            // The remainder by zero and the overflow of the least integer % -1 share a message.
            let modulo = message.strip_prefix("Modulo division by zero or overflow: ");
            let by_zero = match modulo.and_then(|operands| operands.rsplit_once(" % ")) {
                Some((_, divisor)) => divisor.parse().is_ok_and(|divisor: Decimal| divisor.is_zero()),
                None => message.to_lowercase().contains("division by zero"),
            };
            if by_zero { Trouble::DivisionByZero } else { Trouble::Overflow }
        }
        other => Trouble::Other(other.to_string()),
    }
}
