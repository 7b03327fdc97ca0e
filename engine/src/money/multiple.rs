//! Rounds amounts to multiples of a step, exactly.

use rust_decimal::Decimal;

use super::exact::{Exact, Rest};
use super::natural::Natural as _;
use super::{ArithmeticError, RoundingMode};

/// The most decimals by which a rest is scaled at once: a rest of 96 bits then has 126.
const CHUNK: u32 = 9;

/// Returns the multiple of a step that an amount is rounded to. The step is above zero.
///
/// # Errors
///
/// [`ArithmeticError::Overflow`] if the multiple does not fit in a [`Decimal`], and [`ArithmeticError::DivisionByZero`] for a step of
/// zero.
pub(crate) fn rounded_to(
    amount: Decimal,
    step: Decimal,
    mode: RoundingMode,
) -> Result<Decimal, ArithmeticError> {
    if step.is_zero() {
        return Err(ArithmeticError::DivisionByZero);
    }
    let rounded = if amount.scale() >= step.scale() {
        by_quotient(amount, step, mode)
    } else {
        by_rest(amount, step.normalize(), mode)
    };
    rounded?.whole().map(|rounded| rounded.0)
}

/// Rounds an amount that has as many decimals as the step, or more: the quotient has at most 96 bits.
fn by_quotient(amount: Decimal, step: Decimal, mode: RoundingMode) -> Result<Exact, ArithmeticError> {
    let number = amount.mantissa().unsigned_abs();
    let more = amount.scale().saturating_sub(step.scale());
    let divisor = 10u128.checked_pow(more).and_then(|unit| step.mantissa().unsigned_abs().checked_mul(unit));
    let (quotient, rest) = match divisor.and_then(|divisor| Some((divisor, number.div_rem(divisor)?))) {
        Some((divisor, (quotient, rest))) => (quotient, Rest::of(rest, divisor)),
        // The step has more than 128 bits, and the amount has 96.
        None if number == 0 => (0, Rest::Nothing),
        None => (0, Rest::BelowHalf),
    };
    let away = u128::from(rest.is_away(mode, quotient % 2 == 1));
    let steps = i128::try_from(quotient.saturating_add(away)).map_err(|_| ArithmeticError::Overflow)?;
    let steps = if amount.is_sign_negative() { -steps } else { steps };
    let steps = Decimal::try_from_i128_with_scale(steps, 0).map_err(|_| ArithmeticError::Overflow)?;
    Exact::from(steps).mul(step)
}

/// Rounds an amount that has fewer decimals than the step: the quotient may be long, and only its last bit is computed.
fn by_rest(amount: Decimal, step: Decimal, mode: RoundingMode) -> Result<Exact, ArithmeticError> {
    // Without trailing zeros the step may have as few decimals as the amount.
    let Some(mut more) = step.scale().checked_sub(amount.scale()).filter(|more| *more > 0) else {
        return by_quotient(amount, step, mode);
    };
    let divisor = step.mantissa().unsigned_abs();
    let divided = |number: u128| number.div_rem(divisor).ok_or(ArithmeticError::DivisionByZero);
    let (quotient, mut rest) = divided(amount.mantissa().unsigned_abs())?;
    let mut is_odd = quotient % 2 == 1;
    while more > 0 {
        let chunk = more.min(CHUNK);
        let unit = 10u128.checked_pow(chunk).ok_or(ArithmeticError::Overflow)?;
        let (quotient, left) = divided(rest.checked_mul(unit).ok_or(ArithmeticError::Overflow)?)?;
        // What was there before is multiplied by ten or more, so it is even.
        is_odd = quotient % 2 == 1;
        rest = left;
        more = more.saturating_sub(chunk);
    }
    let away = Rest::of(rest, divisor).is_away(mode, is_odd);
    let by = if away { divisor.saturating_sub(rest) } else { rest };
    let by = i128::try_from(by).map_err(|_| ArithmeticError::Overflow)?;
    let by = if away == amount.is_sign_negative() { -by } else { by };
    let by = Decimal::try_from_i128_with_scale(by, step.scale()).map_err(|_| ArithmeticError::Overflow)?;
    Exact::from(amount).add(&Exact::from(by))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn round(amount: &str, step: &str, mode: RoundingMode) -> Result<String, ArithmeticError> {
        let of = |text: &str| Decimal::from_str_exact(text).unwrap();
        rounded_to(of(amount), of(step), mode).map(|rounded| rounded.normalize().to_string())
    }

    #[test]
    fn amounts_are_rounded_to_steps() {
        use RoundingMode::{Down, HalfEven, HalfUp, Up};
        // By mode: half up, half even, up, down.
        let cases = [
            ("12.30", "1", ["12", "12", "13", "12"]),
            ("12.50", "1", ["13", "12", "13", "12"]),
            ("13.50", "1", ["14", "14", "14", "13"]),
            ("-12.50", "1", ["-13", "-12", "-13", "-12"]),
            ("1.02", "0.05", ["1", "1", "1.05", "1"]),
            ("1.025", "0.05", ["1.05", "1", "1.05", "1"]),
            ("1.075", "0.05", ["1.1", "1.1", "1.1", "1.05"]),
            ("10", "0.3", ["9.9", "9.9", "10.2", "9.9"]),
            ("-10", "0.3", ["-9.9", "-9.9", "-10.2", "-9.9"]),
            ("10", "0.25", ["10", "10", "10", "10"]),
            ("7", "2.0", ["8", "8", "8", "6"]),
            ("5", "2.00", ["6", "4", "6", "4"]),
            ("1", "0.0000000003", ["0.9999999999", "0.9999999999", "1.0000000002", "0.9999999999"]),
            ("0", "0.05", ["0", "0", "0", "0"]),
            ("-0.3", "1", ["0", "0", "-1", "0"]),
            ("0.4", "1000", ["0", "0", "1000", "0"]),
            // 29 digits, which have no room for another decimal.
            ("79228162514264337593543950335", "0.01", ["79228162514264337593543950335"; 4]),
            ("60000000000000000000000000001", "0.5", ["60000000000000000000000000001"; 4]),
        ];
        for (amount, step, expected) in cases {
            for (mode, expected) in [HalfUp, HalfEven, Up, Down].into_iter().zip(expected) {
                assert_eq!(round(amount, step, mode).as_deref(), Ok(expected), "{amount} {step} {mode:?}");
            }
        }
    }

    #[test]
    fn a_multiple_that_does_not_fit_is_an_overflow() {
        use RoundingMode::{Down, HalfUp, Up};
        let most = "79228162514264337593543950335";
        assert_eq!(round(most, "2", Up), Err(ArithmeticError::Overflow));
        assert_eq!(round(most, "2", Down).as_deref(), Ok("79228162514264337593543950334"));
        assert_eq!(round(most, "0.3", HalfUp).as_deref(), Ok(most));
        assert_eq!(round("79228162514264337593543950334", "0.3", HalfUp), Err(ArithmeticError::Overflow));
        assert_eq!(round("1", "0", HalfUp), Err(ArithmeticError::DivisionByZero));
    }

    #[test]
    fn equal_numbers_give_equal_results_whatever_their_scale() {
        use RoundingMode::HalfEven;
        for (amount, step) in [("5", "2"), ("2.5", "0.05"), ("10", "0.3"), ("12345678901234567890", "0.7")] {
            let first = round(amount, step, HalfEven);
            let point =
                |text: &str| if text.contains('.') { format!("{text}00") } else { format!("{text}.00") };
            assert_eq!(round(&point(amount), step, HalfEven), first, "{amount} {step}");
            assert_eq!(round(amount, &point(step), HalfEven), first, "{amount} {step}");
        }
    }
}
