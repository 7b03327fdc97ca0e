//! Laws 8 and 9: no rule exceeds its budget, a budget error is never a payout of zero, and a rule that fails holds the
//! action with the cause.

use accrue::decide::{Decision, Status};
use accrue::diagnostic::{Code, Severity};
use accrue::internals::lang::FaultKind;
use accrue::internals::terms::Verdict;
use accrue::money::Money;
use accrue::reasons as codes;

use super::decide;
use crate::awarded::reasons;
use crate::choices::Choices;
use crate::world::World;
use crate::{ensure, ensure_eq};

fn faults(decision: &Decision) -> Vec<FaultKind> {
    reasons(decision).iter().filter_map(|reason| reason.fault.as_ref().map(|fault| fault.kind)).collect()
}

/// A failed rule neither pays nor vanishes.
fn held_for_its_fault(decision: &Decision) -> Result<(), String> {
    let failed: Vec<_> = reasons(decision).into_iter().filter(|reason| reason.fault.is_some()).collect();
    for reason in &failed {
        ensure_eq!(&reason.code, codes::RULE_ERROR);
        ensure_eq!(reason.verdict, Verdict::Hold);
        ensure!(!reason.rule.is_empty());
    }
    // With several awards, one may fail and another be paid.
    for award in &decision.awards {
        if award.reasons.iter().any(|reason| reason.fault.is_some()) {
            ensure!(matches!(award.status, Status::Held | Status::Rejected), "{:?}", award.status);
            ensure_eq!(award.payout, Money::ZERO);
            let waits = award.status == Status::Rejected || award.release_at.is_none();
            ensure!(waits, "nobody has looked at it");
        }
    }
    if decision.awards.is_empty() && !failed.is_empty() {
        ensure_eq!(decision.status, Status::Held);
    }
    Ok(())
}

/// What was checked never runs out of its budget, and what fails holds the action.
pub fn a_checked_rule_never_runs_out_of_its_budget(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    for (_, decision) in decide(world)?.0 {
        ensure!(!faults(&decision).contains(&FaultKind::Budget), "{:?}", reasons(&decision));
        held_for_its_fault(&decision)?;
    }
    Ok(())
}

/// The same terms loaded under a smaller budget: refused for it, or never short of it.
pub fn a_smaller_budget_refuses_or_suffices(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    let mut limits = world.program.limits().clone();
    limits.rule_fuel = u64::try_from(choices.below(200)).unwrap();
    match accrue::Engine::builder().limits(limits).build().load(&world.text.source()) {
        Err(diagnostics) => {
            let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
            ensure!(errors.clone().count() > 0);
            for diagnostic in errors {
                ensure_eq!(diagnostic.code, Code::OverBudget, "{}", diagnostic);
            }
        }
        Ok(program) => {
            for (_, decision) in decide(&world.with(program))?.0 {
                ensure!(!faults(&decision).contains(&FaultKind::Budget), "{:?}", reasons(&decision));
            }
        }
    }
    Ok(())
}
