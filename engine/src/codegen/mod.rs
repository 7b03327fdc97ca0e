//! Compiles checked rules to WebAssembly: the rules of a contract version become a core module that runs them on records of
//! facts. The module uses WebAssembly 2.0 without extensions, so that a browser, or a host in another language, can run the same
//! bytes. This module must not know wasmtime.
//!
//! # The modules of a version
//!
//! | module | numbers | what it does |
//! |---|---|---|
//! | [`Mode::Small`] | 64 bits of a scale known beforehand | restrictions and payout groups of many actions in one call; gives up on what does not fit |
//! | [`Mode::Decimal`] | decimals of 96 bits | the same, for the actions on which the small module gave up |
//! | [`Mode::Traced`] | decimals of 96 bits | one rule in each call; reports what the rule sees and where it fails, and stops it at its budget |
//!
//! All three agree with the interpreter: a module that cannot give the same answer gives up, and the next module answers. The
//! small and the decimal module give up where they would have to call a component, so a host need not compile a version that
//! contains a component ([`crate::terms::Version::has_component`]).
//!
//! # Interface, version 1
//!
//! A module exports `memory` and one function.
//!
//! - `decide(first, count, out, out_end) -> out`: runs `count` records, beginning at address `first`; each record contains the
//!   address of the next. Answers are written from `out` on, one for each record: a head of 16 bytes and entries of 8 to 24
//!   bytes. Returns the address after the last answer. Fewer answers than records mean that there was no room for more.
//! - `rule(index, record, item, out, out_end) -> out`: in a traced module, runs the rule with this index. Its verbs and its
//!   value or fault are written from `out` on, as entries; `out_end` is the last address at which an entry may begin.
//!
//! The custom section `accrue` describes a module as JSON: the version of the interface, the slot of each fact, the texts behind
//! symbols, and the names behind the indexes in entries. So a host needs only the bytes; `tests/agreement/host.mjs` is a host in
//! two hundred lines of JavaScript.
//!
//! [`Layout`] describes a record: [`HEAD`](layout::HEAD), then a slot for each fact that a rule reads. [`entry::read`] reads
//! entries, [`entry::Answer`] answers. Memory from address 0 up to [`Module::free`] belongs to the module.
//!
//! All imports are from the module `accrue`. A decimal is two `i64`: low and middle word, then high word and flags, as in
//! `rust_decimal`. A second word of -1 means an overflow, -2 a division by zero, and -3 a
//! step of `round` that is not above zero.
//!
//! | import | type | what it gives |
//! |---|---|---|
//! | `add`, `sub`, `mul`, `div`, `rem` | `(i64 i64 i64 i64) -> (i64 i64)` | a decimal |
//! | `compare` | `(i64 i64 i64 i64) -> i32` | -1, 0 or 1 |
//! | `floor` | `(i64 i64) -> (i64 i64)` | a decimal |
//! | `round` | `(i64 i64 i64 i64 i32) -> (i64 i64)` | a decimal rounded to a multiple of the second; the mode is 0 for half up, 1 for half even, 2 for up, 3 for down |
//! | `contains` | `(i32 i32) -> i32` | whether the first text contains the second |
//! | `local_date`, `local_hour`, `local_minute` | `(i64) -> i32` | of seconds since 1970 in the program's time zone: days since 1970; 0 to 23; 0 to 59 |
//! | `civil` | `(i32) -> i32` | of days since 1970: `year << 9 \| month << 5 \| day` |
//! | `plus_months` | `(i32 i64 i64) -> i32` | of days since 1970, a count and 1 for months or 12 for years: the same day later, or the last of its month; the least integer outside the calendar |
//! | `months_between` | `(i32 i32) -> i64` | of two dates: the whole months from the first to the second |
//! | `end_of_month` | `(i32) -> i32` | of a date: the last day of its month |
//! | `promo_owner` | `(i32) -> i32` | of a code: the symbol of its owner; -2 if the code has no owner; -3 if the module must be run again |
//! | `promo_active` | `(i32 i64 i32) -> i32` | of a code at a moment: whether the code is listed and valid; -3 if the module must be run again |
//! | `saw` | `(i32 i32 i32)` | nothing: reports a fact that a rule reads |
//!
//! A module has no state: no global can change, and no call reads what an earlier call wrote.

mod code;
mod compile;
mod describe;
pub mod entry;
mod expr;
mod function;
mod group_index;
mod helpers;
mod image;
mod infer;
pub mod layout;
mod module;
mod ops;
mod rep;
mod size;
mod stmt;
mod version;

use self::helpers::Helper;
pub use compile::compile;
#[cfg(feature = "internals")]
pub use compile::compile_rules;
pub(crate) use compile::traced_rules;
pub use layout::Layout;
pub use module::*;
use module::{calendar_days, calendar_seconds};
pub use size::CodeSize;
#[cfg(feature = "internals")]
pub use size::Excess;
