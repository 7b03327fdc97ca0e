//! Components: rules written in other languages. Bytes of a program's file enter and are checked while it loads; the facts
//! of a case enter, and what the component says leaves, held to the same rules as any other rule: declared reasons,
//! rates in range, fuel that counts.
//!
//! The sandbox that runs them is a crate of its own, behind the feature `sandbox`. Without it a program that names
//! a component does not load, and nothing here can run.

#[cfg(feature = "sandbox")]
mod answers;
#[cfg(feature = "sandbox")]
mod facts;
#[cfg(all(test, feature = "sandbox"))]
mod tests;

#[cfg(feature = "sandbox")]
use rust_decimal::Decimal;

use crate::lang::FaultKind;
#[cfg(feature = "sandbox")]
use crate::lang::Phase;
use crate::limits::Limits;
use crate::run::{RuleInput, VerbCall};
use crate::terms::{ComponentRule, LoadedComponent};

/// Rates are fractions of the commissionable amount: above this a component is held for what is most likely a percentage
/// that was not divided by a hundred. In a contract that is a warning while it loads; here nobody would see it before it
/// is paid.
#[cfg(feature = "sandbox")]
pub(crate) const MOST_RATE: Decimal = Decimal::ONE;
/// The largest factor of `multiply`: more than any bonus, less than a slip of three digits.
#[cfg(feature = "sandbox")]
pub(crate) const MOST_FACTOR: Decimal = Decimal::ONE_THOUSAND;

/// What one evaluation of a component came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evaluated<'a> {
    /// The fuel it used.
    pub(crate) fuel: u64,
    /// The verbs it gave, in order; none of them, when any is not allowed.
    pub(crate) spoken: Result<Vec<VerbCall<'a>>, ComponentFault>,
}

/// Why a component's evaluation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ComponentFault {
    pub(crate) kind: FaultKind,
    /// More about it, for the brand.
    pub(crate) text: String,
}

/// Runs a component on an action, or on the item that the input is about, whichever it is for.
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
                Phase::OrderAmount | Phase::ItemAmount | Phase::PayOrder | Phase::PayItem => {
                    answers::priced(compiled.pay(&facts, &limits), case, component.phase)
                }
            }
        }
        #[cfg(not(feature = "sandbox"))]
        LoadedComponent::Never(never) => match *never {},
    }
}
