//! Actions from Arrow record batches and Parquet files, and decisions into them.
//!
//! [`ActionColumns`] finds the columns of a batch by name and checks their types once. [`Rows`] reads the rows into actions and
//! reuses their memory from batch to batch. [`DecisionColumns`] collects decisions and returns them as batches. [`decide_batch`]
//! does all of that for one batch. The engine must not depend on this crate, so that a host without columns does not build Arrow.

mod actions;
mod batch;
mod column;
mod compact;
mod decide;
mod decisions;
mod file;
mod pages;
mod records;
mod source;
mod values;

pub use arrow_array::RecordBatch;

pub use actions::{ActionColumns, Rows};
pub use batch::action_batch;
pub use decide::{BatchError, decide_batch};
pub use decisions::{DecisionColumns, decision_schema};
pub use file::{FileError, ParquetActions, ParquetDecisions, copy_rows, is_reading, write_actions};
pub use records::{ParquetRecords, reject_row};
pub use source::{ParquetSource, SourceReader};
