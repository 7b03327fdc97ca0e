//! Malformed input: files that are no feed of actions and no list of facts enter; messages that name line and field
//! leave, beside everything that could be read. Nothing panics and no line is lost.
//!
//! `actions/` and `facts/` hold the files, each with what is said about it in `FILE.expected.txt`;
//! `ACCRUE_BLESS=1 cargo test -p accrue-tests --test malformed` writes those anew. What would be too large to keep is
//! made in [`large`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod command_line;
mod large;
mod mutations;
mod read;
mod snapshot;

use snapshot::check;

#[test]
fn actions_are_read_or_rejected_with_line_and_field() {
    check("actions", 40, |name, bytes| read::describe(&read::actions(name, bytes)));
}

#[test]
fn reference_facts_are_read_or_refused_with_line_and_field() {
    check("facts", 12, read::describe_facts);
}
