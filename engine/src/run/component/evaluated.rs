//! The result of a component's evaluation, and bounds on the verbs that it may give.

#[cfg(feature = "sandbox")]
use rust_decimal::Decimal;

use crate::lang::FaultKind;
use crate::run::VerbCall;

/// The largest rate, as a fraction of the commissionable amount. A component that gives a larger rate is held, most likely
/// because a percentage was not divided by a hundred. In a contract this is a warning while it loads; for a component nobody
/// would notice before it is paid.
#[cfg(feature = "sandbox")]
pub(crate) const MOST_RATE: Decimal = Decimal::ONE;
/// The largest factor of `multiply`: larger than any bonus, smaller than an error of three digits.
#[cfg(feature = "sandbox")]
pub(crate) const MOST_FACTOR: Decimal = Decimal::ONE_THOUSAND;

/// The result of one evaluation of a component.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evaluated<'a> {
    /// The fuel that the evaluation used.
    pub(crate) fuel: u64,
    /// The verbs that the component gave, in order; a fault if any is not allowed.
    pub(crate) spoken: Result<Vec<VerbCall<'a>>, ComponentFault>,
}

/// Why a component's evaluation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ComponentFault {
    pub(crate) kind: FaultKind,
    /// More about the fault, for the brand.
    pub(crate) text: String,
}
