//! Generated rules: choices enter. What the generators make is checked without a fault, and every way to run it agrees.

use accrue_tests::agree::generated_rule;
use accrue_tests::choices::Choices;

/// Tries one input.
pub fn run(data: &[u8]) {
    if let Err(difference) = generated_rule(super::rule::stage(), &mut Choices::new(data)) {
        panic!("{difference}");
    }
}
