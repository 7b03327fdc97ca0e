//! A compiled module: how it runs rules, what it imports, and where it can fail.

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;
use wasm_encoder::ValType;

use super::layout::Layout;
use super::size::CodeSize;
use crate::diagnostic::Span;
use crate::lang::FaultKind;
use crate::money::RoundingMode;
use crate::time::days_since_epoch;

/// The version of the interface that the documentation of these modules describes.
pub const INTERFACE: u32 = 1;

/// The second word of a decimal that overflowed.
pub const OVERFLOW: i64 = -1;

/// The second word of a decimal that was divided by zero.
pub const BY_ZERO: i64 = -2;

/// The second word of an amount that was rounded to a step of zero or below.
pub const BAD_STEP: i64 = -3;

/// The rounding modes, each at the number by which `round` is told of it.
const ROUNDING_MODES: [RoundingMode; 4] =
    [RoundingMode::HalfUp, RoundingMode::HalfEven, RoundingMode::Up, RoundingMode::Down];

/// Returns the number of a rounding mode.
pub(super) fn mode_number(mode: RoundingMode) -> i32 {
    (0..).zip(ROUNDING_MODES).find(|(_, listed)| *listed == mode).map_or(0, |(number, _)| number)
}

/// Returns the rounding mode with this number; half up for any other number, which no module has.
pub fn mode_of(number: i32) -> RoundingMode {
    let listed = usize::try_from(number).ok().and_then(|at| ROUNDING_MODES.get(at).copied());
    listed.unwrap_or_default()
}

/// The symbol of an unknown text.
pub const UNKNOWN: i32 = -2;

/// The answer of a host that must look up a promo code first; the host then runs the module again.
pub const AGAIN: i32 = -3;
/// What `plus_months` gives for a date outside the calendar.
pub const NO_DATE: i32 = i32::MIN;

/// How a module runs rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// All rules in one call, on numbers of 64 bits.
    Small,
    /// All rules in one call, on decimals of 96 bits.
    Decimal,
    /// One rule in each call; reports what the rule sees and where it fails.
    Traced,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Small, Self::Decimal, Self::Traced];

    /// Returns the most that a module of this mode may have.
    pub fn most(self) -> CodeSize {
        match self {
            Self::Small => CodeSize::MODULE,
            Self::Decimal | Self::Traced => CodeSize::LATER,
        }
    }

    /// The name of the mode in bundles.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Decimal => "decimal",
            Self::Traced => "traced",
        }
    }
}

/// A function that a module imports from its host.
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
    Round,
    Contains,
    LocalDate,
    LocalHour,
    LocalMinute,
    Civil,
    PlusMonths,
    MonthsBetween,
    EndOfMonth,
    PromoOwner,
    PromoActive,
    Saw,
}

impl Import {
    /// All imports, in the order of their indexes.
    pub const ALL: [Self; 19] = [
        Self::Add,
        Self::Sub,
        Self::Mul,
        Self::Div,
        Self::Rem,
        Self::Compare,
        Self::Floor,
        Self::Round,
        Self::Contains,
        Self::LocalDate,
        Self::LocalHour,
        Self::LocalMinute,
        Self::Civil,
        Self::PlusMonths,
        Self::MonthsBetween,
        Self::EndOfMonth,
        Self::PromoOwner,
        Self::PromoActive,
        Self::Saw,
    ];

    pub(super) const COUNT: u32 = 19;

    pub(super) fn index(self) -> u32 {
        self as u32
    }

    /// Returns the name of the import in the module `accrue`.
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
            Self::Round => "round",
            Self::Contains => "contains",
            Self::LocalDate => "local_date",
            Self::LocalHour => "local_hour",
            Self::LocalMinute => "local_minute",
            Self::Civil => "civil",
            Self::PlusMonths => "plus_months",
            Self::MonthsBetween => "months_between",
            Self::EndOfMonth => "end_of_month",
            Self::PromoOwner => "promo_owner",
            Self::PromoActive => "promo_active",
            Self::Saw => "saw",
        }
    }

    pub(super) fn signature(self) -> (&'static [ValType], &'static [ValType]) {
        const I32: ValType = ValType::I32;
        const I64: ValType = ValType::I64;
        match self {
            Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Rem => (&[I64, I64, I64, I64], &[I64, I64]),
            Self::Compare => (&[I64, I64, I64, I64], &[I32]),
            Self::Floor => (&[I64, I64], &[I64, I64]),
            Self::Round => (&[I64, I64, I64, I64, I32], &[I64, I64]),
            Self::Contains => (&[I32, I32], &[I32]),
            Self::LocalDate | Self::LocalHour | Self::LocalMinute => (&[I64], &[I32]),
            Self::PlusMonths => (&[I32, I64, I64], &[I32]),
            Self::MonthsBetween => (&[I32, I32], &[I64]),
            Self::Civil | Self::EndOfMonth | Self::PromoOwner => (&[I32], &[I32]),
            Self::PromoActive => (&[I32, I64, I32], &[I32]),
            Self::Saw => (&[I32, I32, I32], &[]),
        }
    }
}

/// The kind of fact that a rule reads. `saw` is called with this kind, an index and an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum See {
    /// The field with this number, of a record that exists once.
    Fact = 0,
    /// The field with this number, of the item at the address in the argument.
    Item = 1,
    /// The field with this number, of the touch at the address in the argument.
    Touch = 2,
    /// The attribute at this index.
    Attribute = 3,
    /// The total at the index in the low 16 bits. The 8 bits above them tell the sum and the time at which it is read, and the argument
    /// has the first day of a named period.
    Total = 4,
    /// `creative.expired_at`, and its result.
    ExpiredAt = 5,
    /// `creative.not_yet_valid_at`, and its result.
    NotYetValidAt = 6,
    /// `promo_owner` of the code in the argument.
    PromoOwner = 7,
    /// `promo_active` of the code in the argument: 1 if the result is true.
    PromoActive = 8,
    /// The attribute at this index, of the item at the address in the argument.
    ItemAttribute = 9,
}

/// A place where a traced module can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// The kind of fault.
    pub kind: FaultKind,
    /// The place in the rule's file.
    pub span: Span,
}

/// A compiled contract version.
#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    /// How the module runs rules.
    pub way: Mode,
    /// The bytes of the WebAssembly module.
    pub bytes: Vec<u8>,
    /// The size of its code and data.
    pub size: CodeSize,
    /// The layout of facts in its memory.
    pub layout: Layout,
    /// The first address that does not belong to the module.
    pub free: u32,
    /// The places where a traced module can fail. Empty for other modules.
    pub sites: Vec<Site>,
}

impl Module {
    /// Returns the bytes of memory that an instance begins with.
    pub(crate) fn memory_bytes(&self) -> usize {
        pages(self.free) as usize * PAGE as usize
    }
}

/// Bytes of a page of memory.
const PAGE: u32 = 1 << 16;

/// Returns the pages of memory of an instance: those of the module itself, and room for an action of the usual size and its answer.
pub(super) fn pages(free: u32) -> u32 {
    (free + PAGE / 2).div_ceil(PAGE)
}

/// Returns the first and the last second of the calendar.
pub(super) fn calendar_seconds() -> (i64, i64) {
    let last = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
    let first = NaiveDate::MIN.and_time(NaiveTime::MIN).and_utc().timestamp();
    (first, NaiveDate::MAX.and_time(last).and_utc().timestamp())
}

/// Returns the first and the last day of the calendar.
pub(super) fn calendar_days() -> (i64, i64) {
    (i64::from(days_since_epoch(NaiveDate::MIN)), i64::from(days_since_epoch(NaiveDate::MAX)))
}
