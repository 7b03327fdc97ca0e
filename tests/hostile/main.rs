//! Hostile programs: each known way to make a rule run for ever or take all memory is refused by name, or stopped at
//! its budget. Sizes are far beyond what anybody writes, and every case ends quickly on a small stack.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod budget;
mod compiled;
mod component_cases;
mod components;
mod contracts;
mod corpus;
mod decisions;
mod generators;
mod guard;
mod holes;
mod in_library;
mod loading;
mod security;
mod sizes;
mod template;
