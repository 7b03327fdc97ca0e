//! Reads actions: opens the files, parses them in any format, and brings them into order.
//!
//! This module must not know decisions or how they are written.

pub(crate) mod adjustments;
pub(crate) mod batch;
pub(crate) mod content;
mod csv_row;
pub(crate) mod input;
mod order_check;
pub(crate) mod reader;
pub(crate) mod records;
mod scan;
mod sorting;
pub(crate) mod stream;
