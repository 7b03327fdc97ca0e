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
mod runtime;
#[cfg(all(test, feature = "sandbox"))]
mod tests;

use rust_decimal::Decimal;

use crate::diagnostic::Place;
use crate::limits::Limits;
use crate::rule::{Case, Const, FaultKind, Phase, Spoken};

pub(crate) use runtime::{Loaded, Refusal, Runtime};

/// Rates are fractions of the commissionable amount: above this a component is held for what is most likely a percentage
/// that was not divided by a hundred. In a contract that is a warning while it loads; here nobody would see it before it
/// is paid.
pub const MOST_RATE: Decimal = Decimal::ONE;
/// The largest factor of `multiply`: more than any bonus, less than a slip of three digits.
pub const MOST_FACTOR: Decimal = Decimal::ONE_THOUSAND;

/// A component of a program, checked, with what its contract declares for it.
#[derive(Clone, Debug)]
pub struct ComponentRule {
    /// Its file.
    pub place: Place,
    /// When it runs.
    pub phase: Phase,
    /// The contract's parameters.
    pub params: Vec<(String, Const)>,
    /// Bytes of its file.
    pub bytes: usize,
    /// What the sandbox made of it.
    pub(crate) loaded: Loaded,
}

/// What one evaluation of a component came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evaluated<'a> {
    /// The fuel it used.
    pub(crate) fuel: u64,
    /// The verbs it gave, in order; none of them, when any is not allowed.
    pub(crate) spoken: Result<Vec<Spoken<'a>>, ComponentFault>,
}

/// Why a component's evaluation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ComponentFault {
    pub(crate) kind: FaultKind,
    /// More about it, for the brand.
    pub(crate) text: String,
}

impl ComponentRule {
    /// Judges an action, or prices it or the item that the case is about, whichever it is for.
    #[cfg_attr(not(feature = "sandbox"), allow(unused_variables, reason = "nothing can run"))]
    pub(crate) fn run<'a>(&self, case: &Case<'a>, limits: &Limits) -> Evaluated<'a> {
        match &self.loaded {
            #[cfg(feature = "sandbox")]
            Loaded::Compiled(component) => {
                let (facts, limits) = (facts::facts(case, self), answers::limits(limits));
                match self.phase {
                    Phase::Restrict => answers::judged(component.restrict(&facts, &limits), case),
                    Phase::OrderAmount | Phase::ItemAmount | Phase::PayOrder | Phase::PayItem => {
                        answers::priced(component.pay(&facts, &limits), case, self.phase)
                    }
                }
            }
            #[cfg(not(feature = "sandbox"))]
            Loaded::Never(never) => match *never {},
        }
    }

    /// Times so many evaluations of a payout rule on a case, each on an instance of its own and all on one: for benches, which
    /// report the ratio. Neither is a decision.
    ///
    /// # Errors
    ///
    /// The first evaluation that fails.
    #[cfg(feature = "sandbox")]
    pub fn measure(
        &self,
        case: &Case<'_>,
        rounds: u32,
    ) -> Result<accrue_sandbox::Measured, accrue_sandbox::CallError> {
        let Loaded::Compiled(component) = &self.loaded;
        component.measure(&facts::facts(case, self), rounds)
    }
}
