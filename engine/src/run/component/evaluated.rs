//! What an evaluation of a component came to, and what it may say at most.

#[cfg(feature = "sandbox")]
use rust_decimal::Decimal;

use crate::lang::FaultKind;
use crate::run::VerbCall;

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
