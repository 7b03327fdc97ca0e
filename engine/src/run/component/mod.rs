//! Components: rules written in other languages. Runs a component on the input of a rule, and checks its answer like that of any
//! other rule: declared reasons, rates in range, fuel that counts.
//!
//! The sandbox that runs components is a crate of its own, behind the feature `sandbox`. Without the feature, a program that
//! names a component does not load.

#[cfg(feature = "sandbox")]
mod answers;
mod evaluated;
#[cfg(feature = "sandbox")]
mod facts;
#[cfg(all(test, feature = "sandbox"))]
mod tests;

#[cfg(feature = "sandbox")]
use crate::lang::Phase;
pub(crate) use evaluated::{ComponentFault, Evaluated};

use crate::limits::Limits;
use crate::run::RuleInput;
use crate::terms::{ComponentRule, LoadedComponent};

/// Fuel of calling a component, whatever it does: a new instance, and its facts but for lists.
const CALL_FUEL: u64 = 1_000;

/// Fuel of handing over one item or touch.
const RECORD_FUEL: u64 = 16;

/// How many units of a component's fuel are one unit of a decision's: an instruction takes about half a nanosecond, an operation of a
/// rule some ten.
pub(crate) const INSTRUCTIONS: u64 = 16;

/// Returns the fuel of a decision that a call uses which hands over some items and touches, and uses `fuel` of the component's own.
pub(crate) fn fuel_of_call(records: usize, fuel: u64) -> u64 {
    let handed_over = RECORD_FUEL.saturating_mul(records as u64);
    CALL_FUEL.saturating_add(handed_over).saturating_add(fuel.div_ceil(INSTRUCTIONS))
}

/// Runs a component on an action, or on the item that the input is about.
#[cfg_attr(not(feature = "sandbox"), allow(unused_variables, reason = "nothing can run"))]
pub(crate) fn run_component<'a>(
    component: &ComponentRule,
    case: &RuleInput<'a>,
    limits: &Limits,
) -> Evaluated<'a> {
    match &component.loaded {
        #[cfg(feature = "sandbox")]
        LoadedComponent::Compiled(compiled) => {
            let (facts, limits) = (facts::facts(case, component), answers::limits(limits));
            match component.phase {
                Phase::Restrict => answers::judged(compiled.restrict(&facts, &limits), case),
                Phase::Credit
                | Phase::OrderAmount
                | Phase::ItemAmount
                | Phase::PayOrder
                | Phase::PayItem
                | Phase::Count
                | Phase::CountItem
                | Phase::Close => answers::priced(compiled.pay(&facts, &limits), case, component.phase),
            }
        }
        #[cfg(not(feature = "sandbox"))]
        LoadedComponent::Never(never) => match *never {},
    }
}
