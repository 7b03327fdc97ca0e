//! Terms: what a brand has declared. A folder of text enters, a checked program leaves.

mod contract;
mod expression;
mod files;
mod limit;
mod lint;
mod load;
mod model;
mod numbers;
mod payout;
mod program;
mod read;
mod rules;
mod schema;
mod source;
mod syntax;
mod tables;
#[cfg(test)]
mod tests;
mod times;
mod values;
mod versions;

pub use load::load;
pub(crate) use load::load_with;
pub use model::*;
pub use schema::{contract_schema, program_schema};
pub use source::Source;
