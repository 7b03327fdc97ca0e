//! Write a rule of Accrue in Rust.
//!
//! A rule is a plain function: it reads the facts of an action and gives verdicts or payout verbs. It is tested like any other
//! function, and built into a component that runs in a sandbox without imports: no clock, no random numbers, no file, no network,
//! nothing kept from one action to the next.
//!
//! ```
//! use accrue_sdk::{Facts, Fault, Money, Payout};
//!
//! /// 5%, and 8% of what is above the threshold.
//! fn progressive(facts: &Facts, payout: &mut Payout) -> Result<(), Fault> {
//!     let threshold = facts.params.money("threshold")?;
//!     let base = facts.action.base;
//!     let above = base.minus(threshold)?.max(Money::ZERO);
//!     payout.rate(facts.params.decimal("rate")?);
//!     payout.add(above.times(facts.params.decimal("more")?)?);
//!     Ok(())
//! }
//!
//! accrue_sdk::payout!(progressive);
//!
//! let mut facts = Facts::of_sale("150.00".parse()?);
//! facts.params.set("threshold", "100.00".parse::<Money>()?);
//! facts.params.set("rate", "0.05".parse::<accrue_sdk::Decimal>()?);
//! facts.params.set("more", "0.03".parse::<accrue_sdk::Decimal>()?);
//! assert_eq!(facts.priced_by(progressive)?.total(&facts)?, "9.00".parse()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In a library crate of type `cdylib`, one macro call makes the function a rule: [`restriction!`] or [`payout!`]. Build the
//! crate for `wasm32-unknown-unknown`; `accrue component` then makes a component of the module.
//!
//! A rule that returns a [`Fault`], panics or runs out of fuel pays nothing: the action is held for a person to see.

mod answer;
mod facts;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod guest;
mod money;
mod time;
mod values;

pub use answer::{Payout, Verb, Verdict, Verdicts};
pub use facts::{
    Action, Contract, Creative, Customer, Device, Facts, Follows, Fraud, Item, Partner, PromoCode, Total,
    TotalSums, Touch, TouchKind,
};
pub use money::Money;
pub use rust_decimal::Decimal;
pub use time::{Date, Duration, Moment};
pub use values::{Named, Value};

use thiserror::Error;

/// Why a rule cannot answer. The action is held, and the brand reads this sentence.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// A result is too large.
    #[error("a result is too large")]
    Overflow,
    /// A division by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// The program does not declare a name that the rule asks for.
    #[error("the program declares no {kind} `{name}`")]
    Missing {
        /// Parameter, attribute or total.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// The program declares a name with another type.
    #[error("the {kind} `{name}` is no {wanted}")]
    WrongType {
        /// Parameter or attribute.
        kind: &'static str,
        /// The name.
        name: String,
        /// The type that the rule asks for.
        wanted: &'static str,
    },
    /// Any other reason, in the rule's own words.
    #[error("{0}")]
    Other(String),
}

/// Makes a function `fn(&Facts, &mut Verdicts) -> Result<(), Fault>` the crate's restriction. Use it once in a crate.
#[macro_export]
macro_rules! restriction {
    ($rule:path) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct AccrueRestriction;

            impl $crate::guest::Restriction for AccrueRestriction {
                fn restrict(
                    facts: &$crate::Facts,
                    verdicts: &mut $crate::Verdicts,
                ) -> ::core::result::Result<(), $crate::Fault> {
                    $rule(facts, verdicts)
                }
            }

            $crate::guest::export_restriction!(
                AccrueRestriction with_types_in $crate::guest::bindings::exports::accrue::rules::restriction
            );
        };
    };
}

/// Makes a function `fn(&Facts, &mut Payout) -> Result<(), Fault>` the crate's payout rule. Use it once in a crate.
#[macro_export]
macro_rules! payout {
    ($rule:path) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct AccruePayout;

            impl $crate::guest::PayoutRule for AccruePayout {
                fn pay(
                    facts: &$crate::Facts,
                    payout: &mut $crate::Payout,
                ) -> ::core::result::Result<(), $crate::Fault> {
                    $rule(facts, payout)
                }
            }

            $crate::guest::export_payout!(
                AccruePayout with_types_in $crate::guest::bindings::exports::accrue::rules::payout
            );
        };
    };
}
