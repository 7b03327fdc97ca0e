//! Arithmetic of compiled rules against `rust_decimal`: for each operator a program of one script, run on edges and noise of
//! every size, scale and sign. `ACCRUE_CASES=1000000` asks for a million pairs an operator.

use accrue::facts::Attribute;
use accrue::money::{Number, RoundingMode};
use accrue_tests::cases::cases;
use accrue_tests::oracle::values::round;
use rust_decimal::Decimal;

use crate::script;

/// Pairs of each operator, when nothing else is asked for.
const PAIRS: u32 = 3_000;

type Operator = fn(Decimal, Decimal) -> Option<Decimal>;

/// What a script computes of the amounts `a` and `b` and the decimals `x` and `y`, which are the same two numbers. The script
/// compares the result with `expected`.
const OPERATORS: &[(&str, Operator)] = &[
    ("attributes.a + attributes.b", |a, b| a.checked_add(b)),
    ("attributes.a - attributes.b", |a, b| a.checked_sub(b)),
    ("attributes.a * attributes.y", |a, b| a.checked_mul(b)),
    ("attributes.a / attributes.y", |a, b| a.checked_div(b)),
    ("money(\"1\") * (attributes.x + attributes.y)", |a, b| a.checked_add(b)),
    ("money(\"1\") * (attributes.x - attributes.y)", |a, b| a.checked_sub(b)),
    ("money(\"1\") * (attributes.x * attributes.y)", |a, b| a.checked_mul(b)),
    ("money(\"1\") * (attributes.x / attributes.y)", |a, b| a.checked_div(b)),
    ("money(\"1\") * (attributes.x % attributes.y)", |a, b| a.checked_rem(b)),
    ("money(\"1\") * -attributes.x", |a, _| Some(-a)),
    ("round(attributes.a, attributes.b)", |a, b| round(a, b, RoundingMode::HalfUp).ok()),
    ("round(attributes.a, money(\"0.05\"))", |a, _| round(a, Decimal::new(5, 2), RoundingMode::HalfUp).ok()),
    ("min(attributes.a, attributes.b)", |a, b| Some(a.min(b))),
    ("max(attributes.a, attributes.b)", |a, b| Some(a.max(b))),
    ("if attributes.a < attributes.b { money(\"1\") } else { money(\"2\") }", |a, b| {
        Some(Decimal::from(if a < b { 1 } else { 2 }))
    }),
    ("if attributes.x == attributes.y { money(\"1\") } else { money(\"2\") }", |a, b| {
        Some(Decimal::from(if a == b { 1 } else { 2 }))
    }),
    // Of a constant, whose scale is known when the rule is compiled.
    ("attributes.a * 0.0725 + money(\"0.005\")", |a, _| {
        a.checked_mul(Decimal::new(725, 4))?.checked_add(Decimal::new(5, 3))
    }),
];

const ATTRIBUTES: &str = "\
a = { type = \"money\", required = true }
b = { type = \"money\", required = true }
x = { type = \"decimal\", required = true }
y = { type = \"decimal\", required = true }
expected = { type = \"money\", required = true }
";

/// Numbers that a compiler gets wrong first, and any others.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ self.0 >> 31).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed ^ mixed >> 29
    }

    fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }

    fn decimal(&mut self) -> Decimal {
        let digits: u128 = match self.below(12) {
            // Amounts of orders, as nearly all are.
            0..=3 => self.below(1_000_000).into(),
            4 => self.below(4).into(),
            // Half cents and powers of ten, and what is beside them.
            5 => {
                u128::from(5 * 10_u64.pow(u32::try_from(self.below(18)).unwrap())) + u128::from(self.below(2))
            }
            6 => 10_u128.pow(u32::try_from(self.below(28)).unwrap()) + u128::from(self.below(3)) - 1,
            // The bounds of what modules hold in 50, 63, 64 and 96 bits.
            7 => {
                (1_u128 << [49, 50, 63, 64, 95][usize::try_from(self.below(5)).unwrap()])
                    + u128::from(self.below(3))
                    - 1
            }
            8 => (1_u128 << 96) - 1 - u128::from(self.below(3)),
            9 => self.next().into(),
            _ => (u128::from(self.next()) << 32 | u128::from(self.next() >> 32)) & ((1 << 96) - 1),
        };
        let scale = match self.below(4) {
            0 | 1 => 2,
            2 => self.below(7),
            _ => self.below(29),
        };
        let mut decimal =
            Decimal::from_i128_with_scale(digits.try_into().unwrap(), u32::try_from(scale).unwrap());
        decimal.set_sign_negative(self.below(3) == 0);
        decimal
    }

    fn pair(&mut self) -> (Decimal, Decimal) {
        let first = self.decimal();
        match self.below(8) {
            0 => (first, first),
            1 => (first, -first),
            2 => (first, first.normalize()),
            _ => (first, self.decimal()),
        }
    }
}

#[test]
fn compiled_arithmetic_is_that_of_decimals() {
    let pairs = cases(PAIRS);
    for (number, (expression, operator)) in (0..).zip(OPERATORS) {
        let mut numbers = Numbers(number);
        let mut failed = 0;
        // The rule itself compares, because no amount of this size is paid.
        let compared =
            format!("if ({expression}) == attributes.expected {{ money(\"1\") }} else {{ money(\"2\") }}");
        script::with(ATTRIBUTES, &compared, |run| {
            for _ in 0..pairs {
                let (a, b) = numbers.pair();
                let expected = operator(a, b);
                let wanted = expected.unwrap_or_default();
                let found = run([a, b, a, b, wanted].map(|number| Attribute::Number(Number(number))).into());
                assert_eq!(found, expected.map(|_| Decimal::ONE), "{expression} of {a} and {b}");
                failed += u32::from(expected.is_none());
            }
        });
        assert!(failed < pairs, "{expression} never gives a value");
    }
}
