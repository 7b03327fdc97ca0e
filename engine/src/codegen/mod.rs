//! From checked rules to WebAssembly: a contract version enters; a core module leaves that runs its rules on records of
//! facts. The module is plain WebAssembly 2.0 without any extension, so that a browser, or a host in another
//! language, can run the very same bytes.
//!
//! # The modules of a version
//!
//! | module | numbers | what it does |
//! |---|---|---|
//! | [`Mode::Small`] | 64 bits of a scale known beforehand | restrictions and payout groups of many actions in one call; gives up on what does not fit |
//! | [`Mode::Decimal`] | decimals of 96 bits | the same, for the actions on which the narrow one gave up |
//! | [`Mode::Traced`] | decimals of 96 bits | one rule a call, telling what it sees, where it fails, and stopped by its budget |
//!
//! All three agree with the interpreter: where one cannot, it gives up and the next one answers. The first two give up where
//! they would have to ask a component, so a host need not compile a version in which one takes part
//! ([`crate::terms::Version::has_component`]).
//!
//! # Interface, version 1
//!
//! A module exports `memory` and one function.
//!
//! - `decide(first, count, out, out_end) -> out`: runs `count` records, each of which names the next, beginning at address
//!   `first`. Answers are written from `out` on, one a record, each a head of 16 bytes and its entries of 8 to 24; the address
//!   after the last is given back. Fewer answers than records mean that there was no room for more.
//! - `rule(number, record, item, out, out_end) -> out`: runs the rule of this number, in an exact module. Its verbs and its
//!   value or fault are written from `out` on, as entries; `out_end` is the last address that one may begin at.
//!
//! The custom section `accrue` describes a module as JSON: the version of the interface, where each fact stands and how, the
//! texts behind symbols, and the names behind the indexes in entries. So a host needs nothing but the bytes;
//! `tests/agreement/host.mjs` is one in two hundred lines of JavaScript.
//!
//! A record is laid out as [`Layout`] says: [`HEAD`](layout::HEAD), then a slot for each fact that some rule reads. Entries
//! are read by [`entry::read`], answers by [`entry::Answer`]. What stands in memory from address 0 on, up to [`Module::free`], is the module's own.
//!
//! All imports are of the module `accrue`. A decimal is two `i64`: low and middle word, then high word and flags, as in
//! `rust_decimal`; a second word of -1 stands for an overflow, and -2 for a division by zero.
//!
//! | import | type | what it gives |
//! |---|---|---|
//! | `add`, `sub`, `mul`, `div`, `rem` | `(i64 i64 i64 i64) -> (i64 i64)` | a decimal |
//! | `compare` | `(i64 i64 i64 i64) -> i32` | -1, 0 or 1 |
//! | `floor` | `(i64 i64) -> (i64 i64)` | a decimal |
//! | `contains` | `(i32 i32) -> i32` | whether the first text has the second in it |
//! | `local_date`, `local_hour` | `(i64) -> i32` | of seconds since 1970 in the program's time zone: days since 1970; 0 to 23 |
//! | `civil` | `(i32) -> i32` | of days since 1970: `year << 9 \| month << 5 \| day` |
//! | `promo_owner` | `(i32) -> i32` | of a code: the symbol of its owner, -2 when nobody's, -3 to be asked again |
//! | `promo_active` | `(i32 i64 i32) -> i32` | of a code at a moment: whether it is listed and valid, or -3 |
//! | `saw` | `(i32 i32 i32)` | nothing: a rule reads a fact |
//!
//! A module has no state of its own: no global can change, and nothing that one call writes is read by the next.

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
mod stmt;
mod version;

use self::helpers::Helper;
pub use compile::compile;
#[cfg(feature = "internals")]
pub use compile::compile_rules;
pub use layout::Layout;
pub(crate) use module::text_bytes;
pub use module::*;
use module::{calendar_days, calendar_seconds};
