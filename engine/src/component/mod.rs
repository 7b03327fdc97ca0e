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
mod host;

use rust_decimal::Decimal;

use crate::diagnostic::Place;
use crate::limits::Limits;
use crate::rule::{Case, Const, FaultKind, Phase};
use crate::terms::Effect;
use crate::terms::Verdict;
use crate::time::Duration;

pub use host::ComponentHost;
pub(crate) use host::{Loaded, Refusal};

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
    /// What the sandbox made of it.
    pub(crate) loaded: Loaded,
}

/// What one evaluation of a component came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evaluated<T> {
    /// The fuel it used.
    pub(crate) fuel: u64,
    /// What it said, in order; nothing of it, when any of it is not allowed.
    pub(crate) said: Result<Vec<T>, ComponentFault>,
}

/// Why a component's evaluation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ComponentFault {
    pub(crate) kind: FaultKind,
    /// More about it, for the brand.
    pub(crate) text: String,
}

/// What a restriction says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// A verdict, its reason and, for a hold, how long.
    Verdict(Verdict, String, Option<Duration>),
    /// A notice.
    Notice(String),
}

/// What a payout rule says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Priced {
    /// A payout verb.
    Effect(Effect),
    /// A notice.
    Notice(String),
}

impl ComponentRule {
    /// Judges an action.
    #[cfg_attr(not(feature = "sandbox"), allow(unused_variables, reason = "nothing can run"))]
    pub(crate) fn restrict(&self, case: &Case<'_>, limits: &Limits) -> Evaluated<Judged> {
        match &self.loaded {
            #[cfg(feature = "sandbox")]
            Loaded::Compiled(component) => {
                let ran = component.restrict(&facts::facts(case, self), &answers::limits(limits));
                answers::judged(ran, case)
            }
            #[cfg(not(feature = "sandbox"))]
            Loaded::Never(never) => match *never {},
        }
    }

    /// Prices an action, or the item that the case is about.
    #[cfg_attr(not(feature = "sandbox"), allow(unused_variables, reason = "nothing can run"))]
    pub(crate) fn pay(&self, case: &Case<'_>, limits: &Limits) -> Evaluated<Priced> {
        match &self.loaded {
            #[cfg(feature = "sandbox")]
            Loaded::Compiled(component) => {
                let ran = component.pay(&facts::facts(case, self), &answers::limits(limits));
                answers::priced(ran, case, self.phase)
            }
            #[cfg(not(feature = "sandbox"))]
            Loaded::Never(never) => match *never {},
        }
    }
}
