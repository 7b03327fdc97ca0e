//! Why a history cannot be simulated.

use accrue::decide::CloseError;
use accrue::money::ArithmeticError;
use thiserror::Error;

/// Why a simulation ended early.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// A period cannot be closed.
    #[error(transparent)]
    Close(#[from] CloseError),
    /// The amounts are too large to be summed up.
    #[error("the amounts are too large to be summed up: {0}")]
    TooLarge(#[from] ArithmeticError),
}
