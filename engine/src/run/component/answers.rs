//! Checks the answers of components against what the program declares, and converts them to verbs of the rule language. One item
//! that is not allowed makes the whole answer a fault, so that nobody is paid by half of what a rule meant.

use accrue_sandbox::wit::types as wit;
use accrue_sandbox::wit::{payout, restriction};
use accrue_sandbox::{CallError, CallLimits, Ran};
use rust_decimal::Decimal;

use super::evaluated::{ComponentFault, Evaluated, MOST_FACTOR, MOST_RATE};
use crate::lang::catalog::Verb;
use crate::lang::{FaultKind, Phase, Value};
use crate::limits::Limits;
use crate::money::Money;
use crate::run::{RuleInput, VerbCall};
use crate::time::Duration;

/// Returns the limits of one evaluation.
pub(super) fn limits(limits: &Limits) -> CallLimits {
    CallLimits {
        fuel: limits.component_fuel,
        deadline_ticks: limits.component_ticks,
        memory_bytes: limits.component_memory_bytes,
        answers: limits.entries,
        text_bytes: limits.text_bytes,
        ..CallLimits::default()
    }
}

pub(super) fn judged<'a>(ran: Ran<Vec<restriction::Verdict>>, case: &RuleInput<'a>) -> Evaluated<'a> {
    evaluated(ran, |said| {
        use restriction::Verdict as Said;
        let (verb, code, after) = match said {
            Said::Reject(code) => (Verb::Reject, code, None),
            Said::Hold(hold) => (Verb::Hold, hold.reason, hold.release_after),
            Said::Zero(code) => (Verb::Zero, code, None),
            Said::Flag(code) => (Verb::Flag, code, None),
            Said::Notice(code) => (Verb::Notice, code, None),
        };
        let second = after.map(release).transpose()?.map(Value::Duration);
        Ok(VerbCall { verb, value: declared(&code, case)?, second })
    })
}

pub(super) fn priced<'a>(ran: Ran<Vec<payout::Verb>>, case: &RuleInput<'a>, phase: Phase) -> Evaluated<'a> {
    evaluated(ran, |said| {
        use payout::Verb as Said;
        let (verb, value) = match said {
            Said::Rate(rate) => (Verb::Rate, within("rate", rate, Decimal::ZERO, MOST_RATE)?),
            Said::AddPoints(points) => {
                (Verb::AddPoints, within("add-points", points, -MOST_RATE, MOST_RATE)?)
            }
            Said::Multiply(factor) => {
                (Verb::Multiply, within("multiply", factor, Decimal::ZERO, MOST_FACTOR)?)
            }
            Said::Add(amount) => (Verb::Add, Value::Money(Money(decimal(amount.amount)?))),
            Said::AddPerUnit(amount) if phase == Phase::PayItem => {
                (Verb::AddPerUnit, Value::Money(Money(decimal(amount.amount)?)))
            }
            Said::AddPerUnit(_) => {
                return Err(bad("`add-per-unit` where the contract pays for the order".to_owned()));
            }
            Said::Notice(code) => (Verb::Notice, declared(&code, case)?),
        };
        Ok(VerbCall { verb, value, second: None })
    })
}

fn evaluated<'a, S>(
    ran: Ran<Vec<S>>,
    take: impl Fn(S) -> Result<VerbCall<'a>, ComponentFault>,
) -> Evaluated<'a> {
    let spoken = match ran.result {
        Ok(said) => said.into_iter().map(take).collect(),
        Err(error) => Err(fault(error)),
    };
    Evaluated { fuel: ran.fuel, spoken }
}

fn fault(error: CallError) -> ComponentFault {
    let (kind, text) = match error {
        CallError::OutOfFuel => (FaultKind::Budget, String::new()),
        CallError::Deadline => (FaultKind::Deadline, String::new()),
        CallError::Memory | CallError::Table => (FaultKind::Memory, String::new()),
        CallError::Stack => (FaultKind::Stack, String::new()),
        CallError::Trap(cause) => (FaultKind::Trap, cause),
        CallError::TooMuchOutput => (FaultKind::TooMuchOutput, String::new()),
        CallError::Refused(message) => (FaultKind::Reported, message),
        CallError::BadOutput(cause) => (FaultKind::BadOutput, cause),
        other => (FaultKind::BadOutput, other.to_string()),
    };
    ComponentFault { kind, text }
}

fn bad(text: String) -> ComponentFault {
    ComponentFault { kind: FaultKind::BadOutput, text }
}

/// Returns a reason code if the program declares it, else a fault.
fn declared<'a>(code: &str, case: &RuleInput<'a>) -> Result<Value<'a>, ComponentFault> {
    match case.terms.reasons.get_key_value(code) {
        Some((declared, _)) => Ok(Value::Text(declared)),
        None => Err(bad(format!("the program declares no reason `{code}`"))),
    }
}

/// Returns the length of a hold, which has the same bound as in a contract.
fn release(after: wit::Duration) -> Result<Duration, ComponentFault> {
    const CENTURY: i64 = 100 * 366 * crate::time::DAY_SECONDS;
    if (0..=CENTURY).contains(&after.seconds) {
        Ok(Duration { seconds: after.seconds })
    } else {
        Err(bad(format!("a hold of {} seconds is not between 0 and a century", after.seconds)))
    }
}

fn within<'a>(
    verb: &str,
    value: wit::Decimal,
    least: Decimal,
    most: Decimal,
) -> Result<Value<'a>, ComponentFault> {
    let value = decimal(value)?;
    if (least..=most).contains(&value) {
        Ok(Value::Decimal(value))
    } else {
        Err(bad(format!("`{verb}` of {} is not between {least} and {most}", value.normalize())))
    }
}

fn decimal(value: wit::Decimal) -> Result<Decimal, ComponentFault> {
    let digits = (i128::from(value.high) << 64) | i128::from(value.low);
    Decimal::try_from_i128_with_scale(digits, u32::from(value.scale)).map_err(|_| {
        bad("a decimal has more than 28 decimals, or more digits than there is room for".to_owned())
    })
}
