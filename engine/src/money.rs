//! Exact amounts: money, currencies, rounding at a named place, and shares that sum to the whole.
//!
//! All arithmetic uses the checked operations of `rust_decimal`: an overflow is an [`ArithmeticError`], never a wrap and never a
//! silent zero. This module must not know rules or actions.

pub(crate) mod computed;
mod exact;
#[cfg(test)]
mod exact_tests;
mod multiple;
mod natural;
mod share;
mod token;

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use rust_decimal::{Decimal, RoundingStrategy};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

pub(crate) use exact::{Exact, rounded_quotient};
pub(crate) use multiple::rounded_to;
pub(crate) use share::{allocate, share_rounded};
pub(crate) use token::Token;

/// The most decimals that an amount or a rate may be written with.
///
/// The decimal type holds 28 significant digits; 12 decimals leave room for amounts of ten quadrillion, and products of two such
/// numbers still fit. No currency has more than 4 decimals, exchange rates have up to 10.
pub const MAX_SCALE: u32 = 12;

/// An amount that is decided on is smaller than this, ten quadrillion: with [`MAX_SCALE`] decimals it has 28 digits.
///
/// Sums of such amounts are whole numbers of 128 bits, and ten billion of them fit.
const AMOUNT_BOUND: Decimal = Decimal::from_parts(1_874_919_424, 2_328_306, 0, false, 0);

/// The digits between two marks of thousands: an amount with this many decimals may have been meant as a thousand times as much.
pub(crate) const THOUSANDS: u32 = 3;

/// Returns the number that a text with another decimal mark or with marks of thousands stands for, as [`parse_decimal`] reads it:
/// `1.000,00` and `1 000,00` are `1000.00`. Returns `None` for any other text, and if two readings are possible: `1,234`.
pub(crate) fn number_meant(text: &str) -> Option<String> {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let parts_thousands = |c: char| matches!(c, ' ' | '\'' | '’' | '_' | '\u{a0}' | '\u{202f}' | '\u{2009}');
    let parted = digits.contains(parts_thousands);
    let mark = |c: char| digits.matches(c).count();
    let (whole, decimals) = match (mark('.'), mark(',')) {
        (0, 0) if parted => (digits, ""),
        (1, 0) => digits.split_once('.').filter(|_| parted)?,
        (0, 1) => digits.split_once(',').filter(|(_, after)| parted || after.len() != THOUSANDS as usize)?,
        (_, 0) | (0, _) => (digits, ""),
        (_, _) => digits.rsplit_once(['.', ','])?,
    };
    let groups: Vec<&str> = whole.split(|c| parts_thousands(c) || matches!(c, '.' | ',')).collect();
    // The marks of thousands of one number are alike, and three digits stand between them.
    let alike =
        whole.chars().filter(|c| !c.is_ascii_digit()).collect::<std::collections::BTreeSet<_>>().len() <= 1;
    let of_three = groups.iter().skip(1).all(|group| group.len() == THOUSANDS as usize)
        && (groups.len() == 1 || groups.first().is_some_and(|first| first.len() <= THOUSANDS as usize));
    let point = if decimals.is_empty() { "" } else { "." };
    let meant = format!("{sign}{}{point}{decimals}", groups.concat());
    (alike && of_three && parse_decimal(&meant).is_ok()).then_some(meant)
}

/// Why a calculation has no exact result in 96 bits and 28 decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ArithmeticError {
    /// The result is larger than the type can hold, or an exact payout has more than some 154 digits.
    #[error("the result is too large")]
    Overflow,
    /// A division by zero.
    #[error("division by zero")]
    DivisionByZero,
}

/// Checked operations on [`Decimal`] that name their failure.
pub(crate) mod checked {
    use super::{ArithmeticError, Decimal};

    /// `a + b`.
    pub(crate) fn add(a: Decimal, b: Decimal) -> Result<Decimal, ArithmeticError> {
        a.checked_add(b).ok_or(ArithmeticError::Overflow)
    }

    /// `a - b`.
    pub(crate) fn sub(a: Decimal, b: Decimal) -> Result<Decimal, ArithmeticError> {
        a.checked_sub(b).ok_or(ArithmeticError::Overflow)
    }

    /// `a × b`.
    pub(crate) fn mul(a: Decimal, b: Decimal) -> Result<Decimal, ArithmeticError> {
        a.checked_mul(b).ok_or(ArithmeticError::Overflow)
    }

    /// `a ÷ b`, to 28 significant digits.
    pub(crate) fn div(a: Decimal, b: Decimal) -> Result<Decimal, ArithmeticError> {
        if b.is_zero() {
            return Err(ArithmeticError::DivisionByZero);
        }
        a.checked_div(b).ok_or(ArithmeticError::Overflow)
    }

    /// The remainder of `a ÷ b`.
    pub(crate) fn rem(a: Decimal, b: Decimal) -> Result<Decimal, ArithmeticError> {
        if b.is_zero() {
            return Err(ArithmeticError::DivisionByZero);
        }
        a.checked_rem(b).ok_or(ArithmeticError::Overflow)
    }
}

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AmountError {
    /// The text is not digits with at most one point and an optional sign.
    #[error("`{0}` is not a decimal number; write digits with a point, such as `19.90`")]
    NotANumber(String),
    /// The text has more decimals than [`MAX_SCALE`].
    #[error("`{0}` has more than {MAX_SCALE} decimals")]
    TooManyDecimals(String),
    /// The text has more digits than the type can hold.
    #[error("`{0}` is too large")]
    TooLarge(String),
}

/// Reads a decimal from its text: digits, at most one point, an optional leading `-`, or the exponent form that JSON allows.
/// Never uses a binary float.
///
/// ```
/// use accrue::money::parse_decimal;
/// assert_eq!(parse_decimal("19.90")?.to_string(), "19.90");
/// assert_eq!(parse_decimal("1e3")?.to_string(), "1000");
/// assert!(parse_decimal("1,5").is_err());
/// # Ok::<(), accrue::money::AmountError>(())
/// ```
pub fn parse_decimal(text: &str) -> Result<Decimal, AmountError> {
    let shown = || text.chars().take(40).collect::<String>();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().next().is_some_and(|b| b.is_ascii_digit())
        && digits.bytes().last().is_some_and(|b| b.is_ascii_digit());
    if plain {
        if let Some((_, fraction)) = digits.split_once('.') {
            if fraction.contains('.') {
                return Err(AmountError::NotANumber(shown()));
            }
            if fraction.len() > MAX_SCALE as usize {
                return Err(AmountError::TooManyDecimals(shown()));
            }
        }
        return Decimal::from_str_exact(text).map_err(|_| AmountError::TooLarge(shown()));
    }
    let exponent = digits.bytes().next().is_some_and(|b| b.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    if exponent && text.len() <= 40 {
        let value = Decimal::from_scientific(&text.to_ascii_lowercase()).map_err(|_| {
            // If mantissa and exponent are numbers by themselves, the text is a number, but too large.
            let parts = digits.split_once(['e', 'E']).map(|(m, e)| (parse_decimal(m), e.parse::<i64>()));
            match parts {
                Some((Ok(_), Ok(power))) if power < 0 => AmountError::TooManyDecimals(shown()),
                Some((Ok(_), Ok(_))) => AmountError::TooLarge(shown()),
                _ => AmountError::NotANumber(shown()),
            }
        })?;
        if value.scale() > MAX_SCALE {
            return Err(AmountError::TooManyDecimals(shown()));
        }
        return Ok(value);
    }
    Err(AmountError::NotANumber(shown()))
}

/// An amount of money. Its currency follows from its place: an action's own amounts are in the action's currency, all amounts of
/// a decision are in the contract's currency.
///
/// Equality ignores trailing zeros. Amounts are written normalised, so equal amounts give the same bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(pub Decimal);

#[allow(clippy::should_implement_trait, reason = "an operator cannot say that a sum is too large")]
impl Money {
    /// An amount of zero.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Returns the sum.
    pub fn add(self, other: Self) -> Result<Self, ArithmeticError> {
        checked::add(self.0, other.0).map(Self)
    }

    /// Returns the difference.
    pub fn sub(self, other: Self) -> Result<Self, ArithmeticError> {
        checked::sub(self.0, other.0).map(Self)
    }

    /// Returns the amount rounded to `scale` decimals.
    pub fn round(self, scale: u32, mode: RoundingMode) -> Self {
        Self(self.0.round_dp_with_strategy(scale, mode.strategy()))
    }

    /// Returns the amount if it is smaller than the bound of all amounts that are decided on, and an overflow otherwise.
    pub(crate) fn bounded(self) -> Result<Self, ArithmeticError> {
        if self.0.abs() < AMOUNT_BOUND { Ok(self) } else { Err(ArithmeticError::Overflow) }
    }

    /// Returns whether the amount is zero.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Returns the sum of the amounts.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, ArithmeticError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.normalize())
    }
}

/// The most bytes of a normalised decimal of 64 bits: a sign, 20 digits or 28 decimals behind `0.`, and room to spare.
const SHORT_BYTES: usize = 40;

/// Writes a decimal without trailing zeros, as [`Money`] shows it, into `text`. Returns `None` if its digits need more than 64
/// bits. Every amount of every decision is written, and this is five times as fast as formatting.
fn short(value: Decimal, text: &mut [u8; SHORT_BYTES]) -> Option<&str> {
    let mut digits = u64::try_from(value.mantissa().unsigned_abs()).ok()?;
    let mut scale = value.scale();
    while scale > 0 && digits % 10 == 0 {
        digits /= 10;
        scale -= 1;
    }
    let mut at = SHORT_BYTES;
    let mut put = |byte: u8| {
        at = at.checked_sub(1)?;
        *text.get_mut(at)? = byte;
        Some(())
    };
    let mut written = 0;
    while written <= scale || digits > 0 {
        if written == scale && scale > 0 {
            put(b'.')?;
        }
        put(b'0' + u8::try_from(digits % 10).ok()?)?;
        digits /= 10;
        written += 1;
    }
    if value.is_sign_negative() && !value.is_zero() {
        put(b'-')?;
    }
    std::str::from_utf8(text.get(at..)?).ok()
}

impl FromStr for Money {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        parse_decimal(text).map(Self)
    }
}

/// A decimal as it is written in a file: read from the text of a JSON string or a JSON number; written as a normalised string.
///
/// Other serde formats give it as text or as an integer; a binary float is refused. A [`serde_json::Value`] without the feature
/// `arbitrary_precision` has already turned every fraction into a float, and this type reads the shortest text of that float.
/// That text is the original number if the number has at most 15 digits; write amounts as text where a `Value` carries them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(pub Decimal);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match short(self.0, &mut [0; SHORT_BYTES]) {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_str(&self.0.normalize()),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Token::read(deserializer)? {
            Token::Json(raw) => parse_json(&raw),
            Token::Text(text) => parse_decimal(&text),
            Token::Integer(digits) => parse_decimal(&digits),
            Token::Bool(flag) => parse_decimal(if flag { "true" } else { "false" }),
        }
        .map(Self)
        .map_err(serde::de::Error::custom)
    }
}

/// Reads a decimal from a JSON value: a number or a string.
fn parse_json(raw: &str) -> Result<Decimal, AmountError> {
    let Some(rest) = raw.strip_prefix('"') else { return parse_decimal(raw) };
    parse_decimal(rest.strip_suffix('"').unwrap_or(rest)).or_else(|error| {
        let text: String = serde_json::from_str(raw).unwrap_or_default();
        // JSON allows a digit to be written as an escape, such as `\u0039`.
        if raw.contains('\\') { parse_decimal(&text) } else { Err(error) }
    })
}

impl JsonSchema for Number {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "An exact decimal: a string such as \"19.90\", or a JSON number, which is read from its text.",
            "anyOf": [{ "type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,12})?$" }, { "type": "number" }]
        })
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Number(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Number::deserialize(deserializer).map(|n| Self(n.0))
    }
}

impl JsonSchema for Money {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Number::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Number::json_schema(generator)
    }
}

/// How a part of a minor unit is rounded. The published convention is half-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// To the nearest; a half goes away from zero.
    #[default]
    HalfUp,
    /// To the nearest; a half goes to the even neighbour.
    HalfEven,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

impl RoundingMode {
    /// Returns the name of the mode for people, such as `half up`.
    pub fn text(self) -> &'static str {
        match self {
            Self::HalfUp => "half up",
            Self::HalfEven => "half even",
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    fn strategy(self) -> RoundingStrategy {
        match self {
            Self::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Self::HalfEven => RoundingStrategy::MidpointNearestEven,
            Self::Up => RoundingStrategy::AwayFromZero,
            Self::Down => RoundingStrategy::ToZero,
        }
    }
}

/// Who gets the minor units that are left over when an amount is shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Allocation {
    /// The shares that lost most by rounding down get one unit each; ties go to the first listed.
    #[default]
    LargestRemainder,
    /// The first share.
    First,
    /// The last share.
    Last,
}

/// A currency of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// Every currency by its code. The library compares a code with each of them in turn, and each action has a code.
static BY_CODE: LazyLock<Vec<(&str, iso_currency::Currency)>> = LazyLock::new(|| {
    let all = (0..1_000).filter_map(iso_currency::Currency::from_numeric);
    let mut all: Vec<_> = all.map(|currency| (currency.code(), currency)).collect();
    all.sort_by_key(|(code, _)| *code);
    all
});

impl Currency {
    /// The ISO 4217 code for "no currency".
    pub(crate) const NONE: Self = Self(iso_currency::Currency::XXX);

    /// Returns the currency with this three-letter code in upper case; `None` if no currency has the code.
    pub fn from_code(code: &str) -> Option<Self> {
        match BY_CODE.binary_search_by(|(known, _)| (*known).cmp(code)) {
            Ok(at) => BY_CODE.get(at).map(|(_, currency)| Self(*currency)),
            // A currency that shares its number with another.
            Err(_) => iso_currency::Currency::from_code(code).map(Self),
        }
    }

    /// Returns the codes and the names of all currencies that have a code of their own.
    pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
        BY_CODE.iter().map(|(code, currency)| (*code, currency.name()))
    }

    /// Returns what to write instead of an invalid code.
    pub(crate) fn hint(written: &str) -> String {
        match Self::from_code(&written.trim().to_ascii_uppercase()) {
            Some(meant) => format!("write `{meant}`"),
            None => "write three letters, such as `EUR`".to_owned(),
        }
    }

    /// Returns the three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Returns the decimals of the minor unit: 2 for USD, 0 for JPY, 3 for KWD.
    pub fn minor_digits(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| {
            let shown: String = code.chars().take(12).collect();
            let hint = Self::hint(&code);
            serde::de::Error::custom(format!("`{shown}` is not an ISO 4217 currency code; {hint}"))
        })
    }
}

impl JsonSchema for Currency {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A currency code of ISO 4217, such as \"USD\".",
            "type": "string",
            "pattern": "^[A-Z]{3}$"
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_were_meant() {
        let cases = [
            ("1.000,00", Some("1000.00")),
            ("1 000,00", Some("1000.00")),
            ("1\u{202f}000", Some("1000")),
            ("1'000.50", Some("1000.50")),
            ("10,000.00", Some("10000.00")),
            ("1.234.567", Some("1234567")),
            ("12,5", Some("12.5")),
            ("-5,00", Some("-5.00")),
            ("1,234", None),
            ("1.234", None),
            ("1000.000,00", None),
            ("1.00,00", None),
            ("1,2,3", None),
            ("1.000.00", None),
            ("five", None),
            ("5.00 EUR", None),
        ];
        for (text, meant) in cases {
            assert_eq!(number_meant(text).as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn decimals_are_written_as_they_are_shown() {
        let long =
            ["79228162514264337593543950335", "-7922816251426433759354395.0335", "184467440737095516.16"];
        let texts =
            ["0", "0.00", "-0.0", "1", "-1", "10", "100.00", "1.10", "0.05", "-0.0500", "12345678.123456789"];
        for text in texts.into_iter().chain(long) {
            let value = Decimal::from_str_exact(text).unwrap();
            let written = serde_json::to_string(&Number(value)).unwrap();
            assert_eq!(written, format!("\"{}\"", value.normalize()), "{text}");
        }
        for (digits, scale) in [(1, 28), (u64::MAX as i128, 28), (u64::MAX as i128, 0), (-10, 28), (5, 1)] {
            let value = Decimal::from_i128_with_scale(digits, scale);
            assert_eq!(serde_json::to_string(&Number(value)).unwrap(), format!("\"{}\"", value.normalize()));
        }
    }
}
