//! What an editor is offered: snapshots of cases, each a text with a cursor, and what must hold for every text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod cases;
mod examples;
mod grids;
mod laws;
