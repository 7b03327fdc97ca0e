//! Actions from Arrow record batches and Parquet files, and decisions into them.
//!
//! The columns of a batch are found by name and checked once, then rows are read into actions that are used again from
//! batch to batch. Decisions go into columns one by one and leave as batches. Beside the engine this is a crate of its
//! own, so that a host that has no columns does not build Arrow.
//!
//! ```
//! use std::sync::Arc;
//! use accrue::limits::Limits;
//! use accrue_columnar::{ActionColumns, Rows};
//! use arrow_array::{ArrayRef, RecordBatch, StringArray};
//!
//! let column = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
//! let batch = RecordBatch::try_from_iter([
//!     ("id", column("a1")),
//!     ("event_type", column("sale")),
//!     ("occurred_at", column("2026-03-01T10:00:00Z")),
//!     ("amount", column("19.90")),
//! ])?;
//! let columns = ActionColumns::of(&batch.schema(), &Limits::default())?;
//! let mut rows = Rows::default();
//! columns.read(&batch, &mut rows);
//! let action = rows.iter().next().ok_or("no row")??;
//! assert_eq!(action.id, "a1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod actions;
mod batch;
mod column;
mod decisions;
mod file;

pub use arrow_array::RecordBatch;

pub use actions::{ActionColumns, Rows};
pub use batch::action_batch;
pub use decisions::{DecisionColumns, decision_schema};
pub use file::{FileError, ParquetActions, ParquetDecisions, copy_rows, write_actions};
