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
//! ([`Version::has_component`]).
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
mod describe;
pub mod entry;
mod expr;
mod function;
mod group_index;
mod helpers;
mod image;
mod infer;
pub mod layout;
mod ops;
mod rep;
mod stmt;
mod version;

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;
use wasm_encoder::ValType;

use self::helpers::Helper;
pub use self::layout::Layout;
use crate::diagnostic::Span;
use crate::lang::{FaultKind, Rule};
use crate::terms::{Terms, Version};
use crate::time::days_since_epoch;

/// The version of the interface that this documentation describes.
pub const INTERFACE: u32 = 1;

/// The second word of a decimal that does not fit.
pub const OVERFLOW: i64 = -1;

/// The second word of a decimal that was divided by zero.
pub const BY_ZERO: i64 = -2;

/// The symbol of a text that is not known.
pub const UNKNOWN: i32 = -2;

/// What a host answers about a promo code that it has to look up first; it then runs the module again.
pub const AGAIN: i32 = -3;

/// How a module runs rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// All rules in one call, on numbers of 64 bits.
    Small,
    /// All rules in one call, on decimals of 96 bits.
    Decimal,
    /// One rule a call, with what it sees and where it fails.
    Traced,
}

/// What a module asks its host for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table of the module says it")]
pub enum Import {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Compare,
    Floor,
    Contains,
    LocalDate,
    LocalHour,
    Civil,
    PromoOwner,
    PromoActive,
    Saw,
}

impl Import {
    /// In the order of their functions.
    pub const ALL: [Self; 14] = [
        Self::Add,
        Self::Sub,
        Self::Mul,
        Self::Div,
        Self::Rem,
        Self::Compare,
        Self::Floor,
        Self::Contains,
        Self::LocalDate,
        Self::LocalHour,
        Self::Civil,
        Self::PromoOwner,
        Self::PromoActive,
        Self::Saw,
    ];

    const COUNT: u32 = 14;

    fn index(self) -> u32 {
        self as u32
    }

    /// Its name in the module `accrue`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Mul => "mul",
            Self::Div => "div",
            Self::Rem => "rem",
            Self::Compare => "compare",
            Self::Floor => "floor",
            Self::Contains => "contains",
            Self::LocalDate => "local_date",
            Self::LocalHour => "local_hour",
            Self::Civil => "civil",
            Self::PromoOwner => "promo_owner",
            Self::PromoActive => "promo_active",
            Self::Saw => "saw",
        }
    }

    fn signature(self) -> (&'static [ValType], &'static [ValType]) {
        const I32: ValType = ValType::I32;
        const I64: ValType = ValType::I64;
        match self {
            Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Rem => (&[I64, I64, I64, I64], &[I64, I64]),
            Self::Compare => (&[I64, I64, I64, I64], &[I32]),
            Self::Floor => (&[I64, I64], &[I64, I64]),
            Self::Contains => (&[I32, I32], &[I32]),
            Self::LocalDate | Self::LocalHour => (&[I64], &[I32]),
            Self::Civil | Self::PromoOwner => (&[I32], &[I32]),
            Self::PromoActive => (&[I32, I64, I32], &[I32]),
            Self::Saw => (&[I32, I32, I32], &[]),
        }
    }
}

/// What a rule reads, as `saw` is told: a kind, what of that kind, and an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum See {
    /// The field of this number, of a record of which there is one.
    Fact = 0,
    /// The field of this number, of the item at the address in the argument.
    Item = 1,
    /// The field of this number, of the touch at the address in the argument.
    Touch = 2,
    /// The attribute at this index.
    Attribute = 3,
    /// The total at this index; the argument is the number of what is asked of it.
    Total = 4,
    /// `creative.expired_at`, and what it gave.
    ExpiredAt = 5,
    /// `creative.not_yet_valid_at`, and what it gave.
    NotYetValidAt = 6,
    /// `promo_owner` of the code in the argument.
    PromoOwner = 7,
    /// `promo_active` of the code in the argument: 1 when it gave true.
    PromoActive = 8,
}

/// Where an exact module can fail, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Why.
    pub kind: FaultKind,
    /// The place in the rule's file.
    pub span: Span,
}

/// A compiled contract version.
#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    /// How it runs rules.
    pub way: Mode,
    /// WebAssembly.
    pub bytes: Vec<u8>,
    /// Where facts stand.
    pub layout: Layout,
    /// The first address that is not the module's own.
    pub free: u32,
    /// Where an exact module can fail.
    pub sites: Vec<Site>,
}

/// Compiles a version of a checked program. Each rule may use so much fuel, which must be what it was checked for.
///
/// ```
/// use accrue::codegen::{Mode, compile};
/// use accrue::{Engine, Limits, terms::Source};
///
/// let source = Source::from_files([
///     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
///     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
/// ]);
/// let program = Engine::new(Limits::default()).load(&source)?;
/// let version = &program.terms().contracts[0].versions[0];
/// let module = compile(program.terms(), version, Mode::Small, program.limits().rule_fuel);
/// assert_eq!(module.bytes[..4], *b"\0asm");
/// # Ok::<(), accrue::diagnostic::Diagnostics>(())
/// ```
#[must_use]
pub fn compile(terms: &Terms, version: &Version, way: Mode, rule_fuel: u64) -> Module {
    let rules: Vec<&Rule> =
        if way == Mode::Traced { version.rules().collect() } else { version.deciding().collect() };
    version::module(terms, version, &rules, way, rule_fuel)
}

/// An exact module of any rules of a program, whose numbers are their places in the list.
#[must_use]
pub fn compile_rules(terms: &Terms, version: &Version, rules: &[&Rule], rule_fuel: u64) -> Module {
    version::module(terms, version, rules, Mode::Traced, rule_fuel)
}

/// Bytes of the text of a version's rules: what compiling them costs grows with it.
pub(crate) fn text_bytes(version: &Version) -> usize {
    version.rules().map(|rule| rule.place.span.range().len()).sum()
}

/// The first and the last second of the calendar.
fn calendar_seconds() -> (i64, i64) {
    let last = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
    let first = NaiveDate::MIN.and_time(NaiveTime::MIN).and_utc().timestamp();
    (first, NaiveDate::MAX.and_time(last).and_utc().timestamp())
}

/// The first and the last day of the calendar.
fn calendar_days() -> (i64, i64) {
    (i64::from(days_since_epoch(NaiveDate::MIN)), i64::from(days_since_epoch(NaiveDate::MAX)))
}
