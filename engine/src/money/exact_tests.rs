//! Exact amounts against whole numbers of any size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{
    Allocation, ArithmeticError, Exact, Money, RoundingMode, allocate, rounded_quotient, share_rounded,
};

const MODES: [RoundingMode; 4] =
    [RoundingMode::HalfUp, RoundingMode::HalfEven, RoundingMode::Up, RoundingMode::Down];

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Any decimal: of few digits and of all 96 bits, of no decimals and of 28.
fn decimals() -> impl Strategy<Value = Decimal> {
    let digits = (any::<u128>(), 32u32..=127).prop_map(|(digits, cut)| digits >> cut);
    let scale = prop_oneof![0u32..=4, 0u32..=28];
    (digits, scale, any::<bool>()).prop_map(|(digits, scale, is_negative)| {
        let digits = i128::try_from(digits).unwrap();
        Decimal::from_i128_with_scale(if is_negative { -digits } else { digits }, scale)
    })
}

fn modes() -> impl Strategy<Value = RoundingMode> {
    proptest::sample::select(MODES.as_slice())
}

/// A fraction of whole numbers; the denominator is positive.
#[derive(Clone, Debug)]
struct Fraction(BigInt, BigInt);

impl Fraction {
    fn of(value: Decimal) -> Self {
        Self(BigInt::from(value.mantissa()), BigInt::from(10).pow(value.scale()))
    }

    fn times(&self, other: &Self) -> Self {
        Self(&self.0 * &other.0, &self.1 * &other.1)
    }

    fn plus(&self, other: &Self) -> Self {
        Self(&self.0 * &other.1 + &other.0 * &self.1, &self.1 * &other.1)
    }

    fn over(&self, other: &Self) -> Self {
        let flip = if other.0.sign() == Sign::Minus { -1 } else { 1 };
        Self(&self.0 * &other.1 * flip, &self.1 * &other.0 * flip)
    }

    fn compare(&self, other: &Self) -> Ordering {
        (&self.0 * &other.1).cmp(&(&other.0 * &self.1))
    }

    /// The number in units of 10⁻ᵈⁱᵍⁱᵗˢ, rounded.
    fn round(&self, digits: u32, mode: RoundingMode) -> BigInt {
        let scaled = &self.0 * BigInt::from(10).pow(digits);
        let (whole, rest) = (&scaled / &self.1, &scaled % &self.1);
        let size = |of: &BigInt| of.magnitude().clone();
        let half = (size(&rest) * 2u32).cmp(&size(&self.1));
        let is_odd = size(&whole) % 2u32 == 1u32.into();
        let away = match mode {
            RoundingMode::HalfUp => half != Ordering::Less,
            RoundingMode::HalfEven => half == Ordering::Greater || half == Ordering::Equal && is_odd,
            RoundingMode::Up => rest.sign() != Sign::NoSign,
            RoundingMode::Down => false,
        };
        let step = if scaled.sign() == Sign::Minus { -1 } else { 1 };
        if away { whole + step } else { whole }
    }
}

/// Checks a rounded amount: the same as the oracle's, or an overflow where that needs more than 96 bits.
fn same(rounded: Result<Money, ArithmeticError>, oracle: &BigInt, digits: u32) -> Result<(), TestCaseError> {
    match rounded {
        Ok(amount) => {
            let units = BigInt::from(amount.0.mantissa()) * BigInt::from(10).pow(digits);
            prop_assert_eq!(units, oracle * BigInt::from(10).pow(amount.0.scale()));
        }
        Err(error) => {
            prop_assert_eq!(error, ArithmeticError::Overflow);
            prop_assert!(oracle.bits() > 96, "{} fits", oracle);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_of_products_are_rounded_once(
        [a, b, c, d, e] in proptest::array::uniform5(decimals()),
        digits in 0u32..=4,
        mode in modes(),
    ) {
        let exact = Exact::from(a).mul(b).unwrap().add(&Exact::from(c).mul(d).unwrap()).unwrap();
        let exact = exact.sub(e).unwrap();
        let of = Fraction::of;
        let oracle = of(a).times(&of(b)).plus(&of(c).times(&of(d))).plus(&of(-e));
        same(exact.round(digits, mode), &oracle.round(digits, mode), digits)?;
        if let Ok(Money(shown)) = exact.shown() {
            // Cut to the digits that fit, and no sooner.
            prop_assert_eq!(&BigInt::from(shown.mantissa()), &oracle.round(shown.scale(), RoundingMode::Down));
            let more = oracle.round(shown.scale() + 1, RoundingMode::Down);
            let is_whole = of(shown).compare(&oracle) == Ordering::Equal;
            prop_assert!(is_whole || shown.scale() == 28 || more.bits() > 96);
        }
        let other = Exact::from(e);
        prop_assert_eq!(exact.cmp(&other), oracle.compare(&of(e)));
        prop_assert_eq!(other.cmp(&exact), of(e).compare(&oracle));
    }

    #[test]
    fn quotients_are_rounded_once(
        a in decimals(),
        b in decimals().prop_filter("by zero", |b| !b.is_zero()),
        digits in 0u32..=4,
        mode in modes(),
    ) {
        let oracle = Fraction::of(a).over(&Fraction::of(b)).round(digits, mode);
        same(rounded_quotient(a, b, digits, mode), &oracle, digits)?;
    }

    /// A quotient on a tie, and one part in 10²⁸ beside it.
    #[test]
    fn quotients_beside_a_tie_are_rounded_once(
        units in 1i64..10_000_000_000,
        b in 1i64..1_000_000_000_000,
        beside in -1i64..=1,
        mode in modes(),
    ) {
        let b = Decimal::new(b, 6);
        let tie = Decimal::new(units, 2) + Decimal::new(5, 3);
        if let Some(a) = tie.checked_mul(b).and_then(|a| a.checked_add(Decimal::new(beside, 18))) {
            let oracle = Fraction::of(a).over(&Fraction::of(b)).round(2, mode);
            same(rounded_quotient(a, b, 2, mode), &oracle, 2)?;
        }
    }

    #[test]
    fn shares_are_those_of_exact_remainders(
        whole in decimals(),
        weights in proptest::collection::vec(decimals(), 1..12),
        repeat in 1usize..4,
        digits in 0u32..=4,
    ) {
        // Equal weights lose the same, which only exact remainders know.
        let weights: Vec<Decimal> = weights.iter().cycle().take(weights.len() * repeat).map(|w| w.abs()).collect();
        let Ok(shares) = allocate(Money(whole), &weights, digits, Allocation::LargestRemainder) else {
            // Only a share of more than 96 bits is an overflow.
            prop_assert!(Fraction::of(whole).round(digits, RoundingMode::Up).bits() > 95);
            return Ok(());
        };
        let ten = BigInt::from(10);
        let sum = shares.iter().fold(Fraction::of(Decimal::ZERO), |sum, share| sum.plus(&Fraction::of(share.0)));
        prop_assert_eq!(sum.compare(&Fraction::of(whole)), Ordering::Equal);
        // All weights as whole numbers.
        let most = weights.iter().map(Decimal::scale).max().unwrap();
        let mut parts: Vec<BigInt> =
            weights.iter().map(|w| BigInt::from(w.mantissa()) * ten.pow(most - w.scale())).collect();
        if parts.iter().all(|part| part.sign() == Sign::NoSign) {
            parts.fill(1.into());
        }
        let total: BigInt = parts.iter().sum();
        let size = Fraction::of(whole.abs());
        let exact: Vec<Fraction> =
            parts.iter().map(|part| size.times(&Fraction(part.clone(), total.clone()))).collect();
        let cut: Vec<BigInt> = exact.iter().map(|share| share.round(digits, RoundingMode::Down)).collect();
        let left = size.round(digits, RoundingMode::Down) - cut.iter().sum::<BigInt>();
        let lost = |n: usize| exact[n].plus(&Fraction(-cut[n].clone(), ten.pow(digits)));
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by(|a, b| lost(*b).compare(&lost(*a)));
        let mut units = cut.clone();
        for (n, _) in order.iter().zip(0..).take_while(|(_, n)| BigInt::from(*n) < left) {
            units[*n] += 1;
        }
        let fraction = whole.abs() - whole.abs().round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::ToZero);
        for (n, share) in shares.iter().enumerate() {
            let mut oracle = Fraction(units[n].clone(), ten.pow(digits));
            if n == order[0] {
                oracle = oracle.plus(&Fraction::of(fraction));
            }
            let found = if whole.is_sign_negative() { -share.0 } else { share.0 };
            prop_assert_eq!(Fraction::of(found).compare(&oracle), Ordering::Equal, "share {} of {:?}", n, shares);
        }
    }

    #[test]
    fn rounded_amounts_sum_to_the_rounded_sum(
        factors in proptest::collection::vec((decimals(), decimals()), 1..12),
        mode in modes(),
    ) {
        let exact: Vec<Exact> =
            factors.iter().map(|(a, b)| Exact::from(*a).mul(*b).unwrap()).collect();
        let all: Vec<&Exact> = exact.iter().collect();
        let Ok(whole) = Exact::sum(&exact).unwrap().round(2, mode) else { return Ok(()) };
        let Ok(shares) = share_rounded(whole, &all, 2) else { return Ok(()) };
        let sum: Vec<Exact> = shares.iter().copied().map(Exact::from).collect();
        prop_assert!(Exact::sum(&sum).unwrap() == Exact::from(whole), "{:?} are not {}", shares, whole);
        for (share, (a, b)) in shares.iter().zip(&factors) {
            let difference = Fraction::of(-share.0).plus(&Fraction::of(*a).times(&Fraction::of(*b)));
            prop_assert!(difference.round(2, RoundingMode::Up).magnitude() <= &2u32.into());
        }
    }
}

#[test]
fn a_product_just_below_a_tie_is_rounded_down() {
    let exact = Exact::from(dec("5165382954.175570057923")).mul(dec("0.123456789013")).unwrap();
    assert_eq!(exact.round(2, RoundingMode::HalfUp).unwrap().to_string(), "637701593.54");
    assert!(exact.shown().unwrap().to_string().starts_with("637701593.54499999999"));
    // The plain product is on the tie.
    let plain = Money(dec("5165382954.175570057923") * dec("0.123456789013"));
    assert_eq!(plain.round(2, RoundingMode::HalfUp).to_string(), "637701593.55");
}

#[test]
fn equal_losses_go_to_the_first_listed() {
    let weights = [dec("34.00"), dec("1.00"), dec("70.00")];
    let shares = |whole: &str, allocation| {
        let shares = allocate(Money(dec(whole)), &weights, 2, allocation).unwrap();
        shares.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(shares("35.00", Allocation::LargestRemainder), ["11.34", "0.33", "23.33"]);
    assert_eq!(shares("-35.00", Allocation::LargestRemainder), ["-11.34", "-0.33", "-23.33"]);
    assert_eq!(shares("35.00", Allocation::First), ["11.34", "0.33", "23.33"]);
    assert_eq!(shares("35.00", Allocation::Last), ["11.33", "0.33", "23.34"]);
    // A part of a cent goes to the share that lost most.
    assert_eq!(shares("35.005", Allocation::LargestRemainder), ["11.33", "0.33", "23.345"]);
}

#[test]
fn beyond_some_154_digits_is_an_overflow() {
    let long = dec("1.2345678901234567890123456789");
    let mut product = Exact::from(long);
    for _ in 0..4 {
        product = product.mul(long).unwrap();
    }
    assert_eq!(product.mul(long).unwrap_err(), ArithmeticError::Overflow);
    // Trailing zeros take no room.
    let mut product = Exact::from(long);
    for _ in 0..200 {
        product = product.mul(dec("10")).unwrap().mul(dec("0.1")).unwrap();
    }
    assert_eq!(product, Exact::from(long));
}
