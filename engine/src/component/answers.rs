//! What components say: answers of the world enter, and are held to what the program declares; verdicts and effects of the
//! engine leave, or a fault. One thing that is not allowed spoils the whole answer, so that nobody is paid by half of
//! what a rule meant.

use accrue_sandbox::wit::types as wit;
use accrue_sandbox::wit::{payout, restriction};
use accrue_sandbox::{CallError, CallLimits, Ran};
use rust_decimal::Decimal;

use super::{ComponentFault, Evaluated, Judged, MOST_FACTOR, MOST_RATE, Priced};
use crate::limits::Limits;
use crate::money::Money;
use crate::rule::{Case, FaultKind, Phase};
use crate::terms::{AddPer, Effect, Verdict};
use crate::time::Duration;

/// The limits of one evaluation.
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

pub(super) fn judged(ran: Ran<Vec<restriction::Verdict>>, case: &Case<'_>) -> Evaluated<Judged> {
    evaluated(ran, |said| {
        use restriction::Verdict as Said;
        Ok(match said {
            Said::Reject(code) => Judged::Verdict(Verdict::Reject, declared(code, case)?, None),
            Said::Hold(hold) => {
                let after = hold.release_after.map(release).transpose()?;
                Judged::Verdict(Verdict::Hold, declared(hold.reason, case)?, after)
            }
            Said::Zero(code) => Judged::Verdict(Verdict::Zero, declared(code, case)?, None),
            Said::Flag(code) => Judged::Verdict(Verdict::Flag, declared(code, case)?, None),
            Said::Notice(code) => Judged::Notice(declared(code, case)?),
        })
    })
}

pub(super) fn priced(ran: Ran<Vec<payout::Verb>>, case: &Case<'_>, phase: Phase) -> Evaluated<Priced> {
    evaluated(ran, |said| {
        use payout::Verb as Said;
        let per_item = phase == Phase::PayItem;
        Ok(Priced::Effect(match said {
            Said::Rate(rate) => Effect::Rate(within("rate", rate, Decimal::ZERO, MOST_RATE)?),
            Said::AddPoints(points) => {
                Effect::AddPoints(within("add-points", points, -MOST_RATE, MOST_RATE)?)
            }
            Said::Multiply(factor) => {
                Effect::Multiply(within("multiply", factor, Decimal::ZERO, MOST_FACTOR)?)
            }
            Said::Add(amount) => Effect::Add {
                amount: Money(decimal(amount.amount)?),
                per: if per_item { AddPer::Item } else { AddPer::Order },
            },
            Said::AddPerUnit(amount) if per_item => {
                Effect::Add { amount: Money(decimal(amount.amount)?), per: AddPer::Unit }
            }
            Said::AddPerUnit(_) => {
                return Err(bad("`add-per-unit` where the contract pays for the order".to_owned()));
            }
            Said::Notice(code) => return Ok(Priced::Notice(declared(code, case)?)),
        }))
    })
}

fn evaluated<S, T>(ran: Ran<Vec<S>>, take: impl Fn(S) -> Result<T, ComponentFault>) -> Evaluated<T> {
    let said = match ran.result {
        Ok(said) => said.into_iter().map(take).collect(),
        Err(error) => Err(fault(error)),
    };
    Evaluated { fuel: ran.fuel, said }
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

fn declared(code: String, case: &Case<'_>) -> Result<String, ComponentFault> {
    if case.terms.reasons.contains_key(&code) {
        Ok(code)
    } else {
        Err(bad(format!("the program declares no reason `{code}`")))
    }
}

/// A hold's length: as long as one in a contract may be.
fn release(after: wit::Duration) -> Result<Duration, ComponentFault> {
    const CENTURY: i64 = 100 * 366 * crate::time::DAY_SECONDS;
    if (0..=CENTURY).contains(&after.seconds) {
        Ok(Duration { seconds: after.seconds })
    } else {
        Err(bad(format!("a hold of {} seconds is not between 0 and a century", after.seconds)))
    }
}

fn within(verb: &str, value: wit::Decimal, least: Decimal, most: Decimal) -> Result<Decimal, ComponentFault> {
    let value = decimal(value)?;
    if (least..=most).contains(&value) {
        Ok(value)
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
