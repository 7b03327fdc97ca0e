//! Contract cards: every number of the terms stands on the card exactly once, a partner's card tells nothing that the partner may not
//! know, and the cards of the examples read as they did (`snapshots/`; `ACCRUE_BLESS=1` writes them anew).
//!
//! **Exactly once** means: a number of the checked terms of a version (a rate, an amount, a bound, a count, a length of time, a date, a
//! constant of a rule) has one place. That place is the origin of exactly one number on the card of that version, outside of the
//! section of changes, which repeats numbers of both versions and states no origins. A parameter is told wherever a rule uses it,
//! because each use is a place of its own. Where a contract for several event types or currencies says the same in each, the number
//! stands once with the places of all. Left out are totals that nothing reads, functions that nothing calls, referral windows of a contract that looks at no path, and the
//! holidays of the program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod everything;
mod once;
mod partners;
mod reads;
mod snapshots;
mod sound;
mod walk;
