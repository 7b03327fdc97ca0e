//! Laws 8 and 9: no rule exceeds its budget, a budget error is never a payout of zero, and a rule that fails holds the
//! action with the cause.

use accrue::decide::{Decision, Status, reasons};
use accrue::diagnostic::{Code, Severity};
use accrue::money::Money;
use accrue::rule::FaultKind;
use accrue::terms::Verdict;
use proptest::prelude::*;

use crate::{decide, law};

fn faults(decision: &Decision) -> Vec<FaultKind> {
    decision.reasons.iter().filter_map(|reason| reason.fault.as_ref().map(|fault| fault.kind)).collect()
}

/// A failed rule neither pays nor vanishes.
fn held_for_its_fault(decision: &Decision) -> Result<(), TestCaseError> {
    let failed: Vec<_> = decision.reasons.iter().filter(|reason| reason.fault.is_some()).collect();
    for reason in &failed {
        prop_assert_eq!(&reason.code, reasons::RULE_ERROR);
        prop_assert_eq!(reason.verdict, Verdict::Hold);
        prop_assert!(!reason.rule.is_empty());
    }
    if !failed.is_empty() {
        prop_assert!(matches!(decision.status, Status::Held | Status::Rejected), "{:?}", decision.status);
        prop_assert_eq!(decision.payout, Money::ZERO);
        prop_assert!(
            decision.status == Status::Rejected || decision.release_at.is_none(),
            "nobody has looked at it"
        );
    }
    Ok(())
}

#[test]
fn a_checked_rule_never_runs_out_of_its_budget() {
    law(|world, _| {
        for (_, decision) in decide(world)?.0 {
            prop_assert!(!faults(&decision).contains(&FaultKind::Budget), "{:?}", decision.reasons);
            held_for_its_fault(&decision)?;
        }
        Ok(())
    });
}

/// The same terms loaded under a smaller budget: refused for it, or never short of it.
#[test]
fn a_smaller_budget_refuses_or_suffices() {
    law(|world, choices| {
        let mut limits = world.program.limits().clone();
        limits.rule_fuel = u64::try_from(choices.below(200)).unwrap();
        match accrue::Engine::new(limits).load(&world.text.source()) {
            Err(diagnostics) => {
                let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
                prop_assert!(errors.clone().count() > 0);
                for diagnostic in errors {
                    prop_assert_eq!(diagnostic.code, Code::OverBudget, "{}", diagnostic);
                }
            }
            Ok(program) => {
                for (_, decision) in decide(&world.with(program))?.0 {
                    prop_assert!(!faults(&decision).contains(&FaultKind::Budget), "{:?}", decision.reasons);
                }
            }
        }
        Ok(())
    });
}
