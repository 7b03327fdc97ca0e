//! Actions from Arrow record batches and Parquet files, and decisions into them.
//!
//! The columns of a batch are found by name and checked once, then rows are read into actions that are used again from
//! batch to batch. Decisions go into columns one by one and leave as batches. Beside the engine this is a crate of its
//! own, so that a host that has no columns does not build Arrow.
//! [`decide_batch`] does all of that for one batch. [`case_columns`] hands facts to the rules of one contract version as they
//! stand, without an action between; it needs the feature `sandbox`, as compiled rules do.

mod actions;
mod batch;
#[cfg(feature = "sandbox")]
mod cases;
mod column;
mod decide;
mod decisions;
mod file;
mod pages;

pub use arrow_array::RecordBatch;

pub use actions::{ActionColumns, Rows};
pub use batch::action_batch;
#[cfg(feature = "sandbox")]
pub use cases::case_columns;
pub use decide::decide_batch;
pub use decisions::{DecisionColumns, decision_schema};
pub use file::{FileError, ParquetActions, ParquetDecisions, copy_rows, write_actions};
