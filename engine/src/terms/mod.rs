//! Terms: what a brand has declared. A folder of text enters, a checked program leaves.

mod account;
mod bonus;
mod bonuses;
mod component;
mod contract;
mod credit;
mod dates;
mod draft;
mod expression;
mod limit;
mod lint;
mod load;
mod model;
mod numbers;
mod payout;
mod program;
mod read;
pub mod reasons;
mod refer;
mod rules;
mod schema;
mod source;
mod source_files;
mod syntax;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod times;
mod total;
mod values;
mod versions;

pub use bonus::*;
pub use component::ComponentRule;
pub(crate) use component::{ComponentLoader, LoadedComponent, Refusal};
pub(crate) use load::load;
pub use model::*;
pub use schema::{contract_schema, key_order, program_schema};
pub use source::{CellFault, Source, TableFile, TableRow};
pub(crate) use table::groups_table;
pub use table::{GroupsTable, TablePlaces};
