//! A rule for each operation of the rule language, with the arguments that take longest: a table of operations enters, programs
//! whose rule repeats one operation leave.

use std::fmt::Write as _;

use accrue::facts::{Action, Attribute, Creative, Partner, PromoCode};
use accrue::money::Number;
use accrue::{Limits, Reference, Source};

use super::MOMENT;
use crate::Result;

/// Bytes of a long text: nearly the most that a text may have.
const LONG: usize = 900;

/// Where a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A rule file of a payout group for the order.
    Order,
    /// A rule file of a payout group for each item.
    Item,
    /// A rule file of a restriction.
    Restriction,
}

/// What an action carries besides its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carries {
    /// Two hundred items: a run takes less than the slice of time that a busy machine gives it.
    Items,
    /// Fifty items, for verbs: each of their calls leaves a step in the result.
    FewItems,
    /// Two hundred items, and long texts in every place that rules search.
    Texts,
}

/// An operation of the rule language, repeated.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The name in the report.
    pub name: &'static str,
    /// Where its rule stands.
    pub place: Place,
    /// The action it is tried on.
    pub carries: Carries,
    /// Functions, then statements before the loop.
    before: String,
    /// The statement that is repeated.
    repeated: String,
    /// How often, within a loop over the items.
    copies: usize,
    /// Statements after the loop, which use the result so that it is not optimised away.
    after: &'static str,
}

/// How a result of each type is used.
const INTEGER: &str = "if x == 7 { notice(\"R\"); }";
const DECIMAL: &str = "if x == 7.0 { notice(\"R\"); }";
const MONEY: &str = "if x == money(\"7\") { notice(\"R\"); }";
const BOOL: &str = "if x { notice(\"R\"); }";
const TIME: &str = "if x == time(\"2001-01-01T00:00:00Z\") { notice(\"R\"); }";
const DATE: &str = "if x == date(\"2001-01-01\") { notice(\"R\"); }";
const DURATION: &str = "if x == days(7) { notice(\"R\"); }";
const TEXT: &str = "if x == \"7\" { notice(\"R\"); }";
const NOTHING: &str = "";

/// Copies of a common operation.
const MANY: usize = 32;
/// Copies of an operation that takes microseconds.
const FEW: usize = 4;

/// Integers, the first a large prime.
const INTEGERS: &str =
    "let x = 0; let a = attributes.large ?? 1; let b = attributes.small ?? 1; let c = attributes.one ?? 1;";
/// Decimals of 28 digits, of the largest and of the smallest scale.
const DECIMALS: &str = "let x = 0.0; let a = attributes.wide ?? 1.0; let b = (attributes.fine ?? 1.0) / 7.0; \
                        let c = 1.0 + (attributes.fine ?? 1.0) / 70000000.0; let d = attributes.tall ?? 1.0;";
const AMOUNTS: &str = "let x = money(\"0\"); let a = attributes.paid ?? money(\"1\"); let b = attributes.owed ?? money(\"1\"); \
                       let c = 1.0 + (attributes.fine ?? 1.0) / 70000000.0; let d = attributes.wide ?? 1.0; let y = 0.0;";
const MOMENTS: &str = "let x = action.occurred_at; let t = attributes.late ?? action.occurred_at; let u = touch.at; \
                       let n = attributes.one ?? 1; let d = days(n);";
const DAYS: &str = "let x = date(\"2000-01-01\"); let a = attributes.day ?? x; let b = attributes.other_day ?? x; \
                    let n = attributes.large_months ?? 1; let d = days(attributes.one ?? 1); let y = 0; let l = days(1);";
const BOOLS: &str = "let x = false; let t = attributes.yes ?? true;";
const TEXTS: &str = "let x = false; let t = customer.region ?? \"\"; let s = customer.id ?? \"\"; let o = touch.property ?? \"\";";

/// Returns every operation.
#[allow(clippy::too_many_lines, reason = "a table")]
pub fn all() -> Vec<Operation> {
    let mut all = Vec::new();
    let mut add = |name, before: &str, repeated: &str, after| {
        all.push(Operation {
            name,
            place: Place::Order,
            carries: Carries::Items,
            before: before.to_owned(),
            repeated: repeated.to_owned(),
            copies: MANY,
            after,
        });
    };
    add("integer +", INTEGERS, "x = x + c + c - c + c - c + c - c;", INTEGER);
    add("integer *", INTEGERS, "x = b * c * c * b * c * c * c;", INTEGER);
    add("integer %", INTEGERS, "x = x + a % b + a % b;", INTEGER);
    add("integer -x", INTEGERS, "x = -(-(-(-x)));", INTEGER);
    add("abs(integer)", INTEGERS, "x = abs(abs(abs(abs(b))));", INTEGER);
    add("min(integer)", INTEGERS, "x = min(a, min(b, min(a, x)));", INTEGER);
    add("max(integer)", INTEGERS, "x = max(a, max(b, max(a, x)));", INTEGER);
    add("decimal(integer)", INTEGERS, "y = decimal(x) + decimal(a);", NOTHING);
    add("decimal +, one scale", DECIMALS, "x = b + c + b + c + b + c + b + c;", DECIMAL);
    add("decimal +, scales far apart", DECIMALS, "x = d + b + d + b + d + b + d + b;", DECIMAL);
    add("decimal -", DECIMALS, "x = d - b - c - b - c - b - c - b;", DECIMAL);
    add("decimal *", DECIMALS, "x = a * c * c * c * c * c * c * c;", DECIMAL);
    add("decimal /, 28 digits", DECIMALS, "x = a / c / c / c / c / c / c / c;", DECIMAL);
    add("decimal /, without end", DECIMALS, "x = a / 7.0 / 7.0 / 7.0 / 7.0 / 7.0;", DECIMAL);
    add("decimal %", DECIMALS, "x = d % b + d % c;", DECIMAL);
    add("decimal -x", DECIMALS, "x = -(-(-(-a)));", DECIMAL);
    add(
        "decimal <",
        &format!("{BOOLS}{}", DECIMALS.replace('x', "y")),
        "x = d < b; x = a < c; x = b < d;",
        BOOL,
    );
    add(
        "decimal ==",
        &format!("{BOOLS}{}", DECIMALS.replace('x', "y")),
        "x = d == b; x = a == c; x = b == d;",
        BOOL,
    );
    add("abs(decimal)", DECIMALS, "x = abs(abs(abs(abs(a))));", DECIMAL);
    add("min(decimal)", DECIMALS, "x = min(d, min(b, min(a, c)));", DECIMAL);
    add("max(decimal)", DECIMALS, "x = max(b, max(b, max(a, c)));", DECIMAL);
    add("floor(decimal)", DECIMALS, "x = floor(a); x = floor(b); x = floor(c);", DECIMAL);
    add("percent(decimal)", DECIMALS, "x = percent(percent(percent(percent(a))));", DECIMAL);
    add("money +", AMOUNTS, "x = a + b + a + b + a + b + a + b;", MONEY);
    add("money -", AMOUNTS, "x = a - b - a - b - a - b - a - b;", MONEY);
    add("money * decimal", AMOUNTS, "x = a * c * c * c * c * c * c * c;", MONEY);
    add("money / decimal", AMOUNTS, "x = a / c / c / c / c / c / c / c;", MONEY);
    add("money / money", AMOUNTS, "y = a / b; y = b / a;", "if y == 7.0 { notice(\"R\"); }");
    add("round(money), 28 digits", AMOUNTS, "x = round(a, b); x = round(b, a);", MONEY);
    add(
        "round(money), decimals",
        AMOUNTS,
        "x = round(a, money(\"0.000000000007\")); x = round(b, money(\"0.000000000003\"));",
        MONEY,
    );
    add("money <", &format!("{BOOLS}{}", AMOUNTS.replace("let x", "let z")), "x = a < b; x = b < a;", BOOL);
    add("integer <", &format!("{BOOLS}{}", INTEGERS.replace('x', "y")), "x = a < b; x = b < a;", BOOL);
    add("bool ==", BOOLS, "x = x == t;", BOOL);
    add("!x", BOOLS, "x = !(x == t);", BOOL);
    add("&&", BOOLS, "x = t && t && t && t && t && t && t && t;", BOOL);
    add("||", BOOLS, "t = x || x || x || x || x || x || x || t;", "if t { notice(\"R\"); }");
    add("time + duration", MOMENTS, "x = x + d - d + d - d + d - d;", TIME);
    add("time - time", MOMENTS, "d = t - u; d = u - t;", "if d == days(7) { notice(\"R\"); }");
    add("time <", &format!("{}let x = false;", MOMENTS.replace('x', "y")), "x = t < u; x = u < t;", BOOL);
    add(
        "time.date",
        &format!("{}let x = date(\"2000-01-01\");", MOMENTS.replace('x', "y")),
        "x = t.date; x = u.date;",
        DATE,
    );
    add("time.hour", &format!("{}let x = 0;", MOMENTS.replace('x', "y")), "x = t.hour + u.hour;", INTEGER);
    add(
        "time.minute",
        &format!("{}let x = 0;", MOMENTS.replace('x', "y")),
        "x = t.minute + u.minute;",
        INTEGER,
    );
    add("date + duration", DAYS, "x = a + d - d + d - d + d;", DATE);
    add("date - date", DAYS, "l = a - b; l = b - a;", "if l == days(7) { notice(\"R\"); }");
    add("date ==", &format!("{BOOLS}{}", DAYS.replace('x', "z")), "x = a == b; x = b < a;", BOOL);
    add("plus_months", DAYS, "x = a.plus_months(n); x = b.plus_months(n);", DATE);
    add("plus_years", DAYS, "x = a.plus_years(100); x = b.plus_years(100);", DATE);
    add(
        "months_between",
        DAYS,
        "y = months_between(a, b) + months_between(b, a);",
        "if y == 7 { notice(\"R\"); }",
    );
    add("start_of_month", DAYS, "x = a.start_of_month(); x = b.start_of_month();", DATE);
    add("end_of_month", DAYS, "x = a.end_of_month(); x = b.end_of_month();", DATE);
    add("date.year", DAYS, "y = a.year + b.year;", "if y == 7 { notice(\"R\"); }");
    add("date.month", DAYS, "y = a.month + b.month;", "if y == 7 { notice(\"R\"); }");
    add("date.day", DAYS, "y = a.day + b.day;", "if y == 7 { notice(\"R\"); }");
    add("date.weekday", DAYS, "y = a.weekday + b.weekday;", "if y == 7 { notice(\"R\"); }");
    let lengths = "let x = days(1); let n = attributes.one ?? 1; let y = 0;";
    add("days(n)", lengths, "x = days(n);", DURATION);
    add("hours(n)", lengths, "x = hours(n);", DURATION);
    add("minutes(n)", lengths, "x = minutes(n);", DURATION);
    add("duration +", lengths, "x = x + x - x;", DURATION);
    add("duration * integer", lengths, "x = x * n * n * n;", DURATION);
    add("duration -x", lengths, "x = -(-(-(-x)));", DURATION);
    add(
        "duration <",
        "let x = false; let d = days(attributes.one ?? 1);",
        "x = d < days(4); x = days(4) < d;",
        BOOL,
    );
    add("duration.days", lengths, "y = x.days + x.days;", "if y == 7 { notice(\"R\"); }");
    add("duration.hours", lengths, "y = x.hours + x.hours;", "if y == 7 { notice(\"R\"); }");
    add("let", INTEGERS, "x = a;", INTEGER);
    add("if", BOOLS, "if t { x = x == t; } else { x = t; }", BOOL);
    add("block", INTEGERS, "{ { { { x = a; } } } }", INTEGER);
    add("for over an empty list", "let x = 0;", "for id in touch.sub_ids { x = x + 1; }", INTEGER);
    add("call", &format!("fn same(n) {{ n }} {INTEGERS}"), "x = same(same(same(same(a))));", INTEGER);
    add(
        "call with 16 arguments",
        &format!("{} {INTEGERS}", wide_function()),
        "x = wide(a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a);",
        INTEGER,
    );
    add(
        "call of a function with 500 locals",
        &format!("{} {INTEGERS}", roomy_function()),
        "x = roomy(b);",
        INTEGER,
    );
    add("switch over 50 integers", INTEGERS, &switch("a", |n| n.to_string()), INTEGER);
    add("switch over 50 ranges", INTEGERS, &switch("a", |n| format!("{}..{}", n * 10, n * 10 + 9)), INTEGER);
    add("??", INTEGERS, "x = attributes.absent ?? attributes.absent ?? attributes.absent ?? a;", INTEGER);
    add("known(x)", BOOLS, "x = known(attributes.absent);", BOOL);
    add("amount of an action", "let x = money(\"0\");", "x = action.amount; x = action.base;", MONEY);
    add(
        "text of an action",
        "let x = \"\";",
        "x = action.id; x = action.currency; x = customer.status;",
        TEXT,
    );
    add("amount of an item", "let x = money(\"0\");", "x = line.amount; x = line.base;", MONEY);
    add("text of an item", "let x = \"\";", "x = line.sku; x = line.category ?? \"\";", TEXT);
    add("quantity of an item", "let x = 0;", "x = line.quantity;", INTEGER);
    add("attribute of an item", "let x = 0;", "x = line.attributes.grade ?? 1;", INTEGER);
    add(
        "amount among the attributes of an item",
        "let x = money(\"0\");",
        "x = line.attributes.fee ?? x;",
        MONEY,
    );
    add(
        "decimal among the attributes of an item",
        "let x = 0.0;",
        "x = line.attributes.score ?? x;",
        DECIMAL,
    );
    add(
        "time among the attributes of an item",
        "let x = action.occurred_at;",
        "x = line.attributes.made_at ?? x;",
        TIME,
    );
    add(
        "date among the attributes of an item",
        "let x = date(\"2000-01-01\");",
        "x = line.attributes.made_on ?? x;",
        DATE,
    );
    add(
        "attribute of an action",
        "let x = 0;",
        "x = attributes.one ?? 1; x = attributes.small ?? 1;",
        INTEGER,
    );
    add("attribute of a partner", "let x = 0;", "x = partner.attributes.level ?? 1;", INTEGER);
    add("field of a touch", "let x = action.occurred_at;", "x = touch.at;", TIME);
    add("time of a contract", "let x = action.occurred_at;", "x = contract.started_at;", TIME);
    add("creative.allowed, of 1,000 partners", BOOLS, "x = creative.allowed;", BOOL);
    add(
        "creative.expired_at",
        &format!("{MOMENTS}let y = false;"),
        "y = creative.expired_at(t);",
        "if y { notice(\"R\"); }",
    );
    add(
        "creative.not_yet_valid_at",
        &format!("{MOMENTS}let y = false;"),
        "y = creative.not_yet_valid_at(t);",
        "if y { notice(\"R\"); }",
    );
    add(
        "total: actions",
        "let x = 0;",
        "x = totals.month.actions.with_this + totals.month.actions.before;",
        INTEGER,
    );
    add(
        "total: revenue",
        "let x = money(\"0\");",
        "x = totals.month.revenue.with_this; x = totals.month.payouts.before;",
        MONEY,
    );
    add("list.len()", "let x = 0;", "x = action.items.len() + action.promo_codes.len();", INTEGER);
    add("in, a named list of short texts", TEXTS, "x = line.sku in lists.short;", BOOL);
    let verbs = |name, place, repeated: &str| Operation {
        name,
        place,
        carries: Carries::FewItems,
        before: "let y = 1;".to_owned(),
        repeated: repeated.to_owned(),
        copies: MANY,
        after: NOTHING,
    };
    let texts = |name, before: &str, repeated: &str, after, copies| Operation {
        name,
        place: Place::Order,
        carries: Carries::Texts,
        before: before.to_owned(),
        repeated: repeated.to_owned(),
        copies,
        after,
    };
    let long_switch = switch("t", |n| format!("\"{}{n:02}\"", "a".repeat(LONG - 2)));
    let long_switch_before = TEXTS.replace("let x = false", "let x = 0");
    all.extend([
        texts("text ==, equal", TEXTS, "x = t == o;", BOOL, MANY),
        texts("text !=, unlike at the end", TEXTS, "x = t != s;", BOOL, MANY),
        texts("switch over 50 long texts", &long_switch_before, &long_switch, INTEGER, 1),
        texts("starts_with", TEXTS, "x = t.starts_with(o);", BOOL, MANY),
        texts("ends_with", TEXTS, "x = t.ends_with(o);", BOOL, MANY),
        texts("contains, short needle", TEXTS, "x = t.contains(\"b\");", BOOL, FEW),
        texts(
            "contains, needle like the text",
            TEXTS,
            &format!("x = t.contains(\"{}b\");", "a".repeat(LONG / 2)),
            BOOL,
            FEW,
        ),
        texts("contains, needle of two letters", TEXTS, "x = t.contains(\"ab\");", BOOL, FEW),
        texts(
            "contains, needle with a turn",
            TEXTS,
            &format!("x = t.contains(\"{}b{}\");", "a".repeat(LONG / 4), "a".repeat(LONG / 4)),
            BOOL,
            FEW,
        ),
        texts(
            "in, a list of facts",
            "let x = false; let t = customer.region ?? \"\";",
            "x = t in customer.audiences;",
            BOOL,
            1,
        ),
        texts("in, a literal list of long texts", TEXTS, "x = t in lists.long;", BOOL, MANY),
        texts("in, a constant in a list of facts", TEXTS, "x = \"NONE\" in action.promo_codes;", BOOL, FEW),
        texts(
            "for over a list of facts",
            "let x = \"\";",
            "for code in customer.audiences { x = code; }",
            TEXT,
            1,
        ),
        texts(
            "promo_owner",
            "let x = \"\";",
            "for code in action.promo_codes { x = promo_owner(code) ?? x; }",
            TEXT,
            1,
        ),
        texts(
            "promo_active",
            "let x = false;",
            "for code in action.promo_codes { x = promo_active(code, touch.at); }",
            BOOL,
            1,
        ),
        verbs("reject", Place::Restriction, "reject(\"R\");"),
        verbs("hold", Place::Restriction, "hold(\"R\", days(y));"),
        verbs("hold_until", Place::Restriction, "hold_until(\"R\", action.occurred_at.date);"),
        verbs("zero", Place::Restriction, "zero(\"R\");"),
        verbs("flag", Place::Restriction, "flag(\"R\");"),
        verbs("notice", Place::Restriction, "notice(\"R\");"),
        verbs("rate", Place::Order, "rate(0.01);"),
        verbs("add_points", Place::Order, "add_points(0.00001);"),
        verbs("multiply", Place::Order, "multiply(1.0);"),
        verbs("add", Place::Order, "add(money(\"0.01\"));"),
        verbs("add_per_unit", Place::Item, "add_per_unit(money(\"0.01\"));"),
        verbs("add_per_order", Place::Item, "add_per_order(money(\"0.01\"));"),
    ]);
    all
}

/// A function that adds up sixteen arguments.
fn wide_function() -> String {
    let names: Vec<String> = (0..16).map(|n| format!("p{n}")).collect();
    format!("fn wide({}) {{ p0 }}", names.join(", "))
}

/// A function whose frame has room for many locals, which a call that returns at once does not use.
fn roomy_function() -> String {
    let mut text = "fn roomy(n) { if n > 0 { return n; } let l0 = n; ".to_owned();
    for n in 1..500 {
        // Writing to a string does not fail.
        let _ = write!(text, "let l{n} = l{} + n; ", n - 1);
    }
    text + "l499 }"
}

/// A `switch` of fifty arms, none of which matches.
fn switch(of: &str, arm: impl Fn(usize) -> String) -> String {
    let arms: Vec<String> = (0..50).map(|n| format!("{} => x = {n},", arm(n))).collect();
    format!("switch {of} {{ {} _ => x = 51 }}", arms.join(" "))
}

impl Operation {
    /// The text of the rule file.
    pub fn rule(&self) -> String {
        let body = self.repeated.clone() + "\n";
        let Self { before, after, .. } = self;
        let looped = match self.place {
            Place::Item => body.repeat(self.copies),
            _ => format!("for line in action.items {{\n{}}}\n", body.repeat(self.copies)),
        };
        let before =
            if self.name == "decimal(integer)" { format!("let y = 0.0; {before}") } else { before.clone() };
        format!("{before}\n{looped}{after}\n")
    }

    /// The program whose only rule is this operation.
    pub fn source(&self) -> Source {
        source(self.place, &self.rule())
    }

    /// The program without the operation.
    pub fn base(&self) -> Source {
        source(
            self.place,
            if self.place == Place::Restriction { "notice(\"R\");" } else { "add(money(\"1\"));" },
        )
    }
}

fn source(place: Place, rule: &str) -> Source {
    let long: Vec<String> = (0..50).map(|n| format!("\"{}{n:02}\"", "a".repeat(LONG - 2))).collect();
    let short: Vec<String> = (0..1_000).map(|n| format!("\"sku-{n}\"")).collect();
    let program = format!(
        "id = \"operations\"\nname = \"Operations\"\ncurrency = \"EUR\"\ndecimals = 9\nitems = \"partial\"\ntime_zone = \"Africa/Casablanca\"\n\
         [event_types]\nsale = {{}}\n[reasons]\nR = \"A reason\"\n\
         [attributes]\nlarge = {{ type = \"integer\" }}\nsmall = {{ type = \"integer\" }}\none = {{ type = \"integer\" }}\n\
         large_months = {{ type = \"integer\" }}\nabsent = {{ type = \"integer\" }}\nyes = {{ type = \"bool\" }}\n\
         wide = {{ type = \"decimal\" }}\nfine = {{ type = \"decimal\" }}\nnear_one = {{ type = \"decimal\" }}\n\
         tall = {{ type = \"decimal\" }}\npaid = {{ type = \"money\" }}\nowed = {{ type = \"money\" }}\n\
         late = {{ type = \"time\" }}\nday = {{ type = \"date\" }}\nother_day = {{ type = \"date\" }}\n\
         [item_attributes]\ngrade = {{ type = \"integer\" }}\nfee = {{ type = \"money\" }}\n\
         score = {{ type = \"decimal\" }}\nmade_at = {{ type = \"time\" }}\nmade_on = {{ type = \"date\" }}\n[partner_attributes]\nlevel = {{ type = \"integer\" }}\n\
         [lists]\nlong = {{ values = [{}] }}\nshort = {{ values = [{}] }}\n",
        long.join(", "),
        short.join(", "),
    );
    let head = "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n\
                [totals.month]\nper = [\"partner\"]\nperiod = \"month\"\n";
    let rest = match place {
        Place::Restriction => {
            "[[restrictions]]\nname = \"the rule\"\nrule = \"rules/rule.rhai\"\n[payout.default]\nrate = \"1%\"\n"
        }
        Place::Order => {
            "[payout]\nchoose = \"stack\"\n[[payout.groups]]\nname = \"the rule\"\nrule = \"rules/rule.rhai\"\n"
        }
        Place::Item => {
            "[payout]\nper = \"item\"\nchoose = \"stack\"\n[[payout.groups]]\nname = \"the rule\"\nrule = \"rules/rule.rhai\"\n"
        }
    };
    Source::from_files([
        ("program.toml", program),
        ("contracts/standard.toml", format!("{head}{rest}")),
        ("rules/rule.rhai", rule.to_owned()),
    ])
}

/// The action with what operations look for.
pub fn action(carries: Carries) -> Result<Action> {
    let items = if carries == Carries::FewItems { 50 } else { 200 };
    let items: Vec<String> = (0..items)
        .map(|n| {
            format!(
                r#"{{"sku":"sku-{n}","amount":"1.01","attributes":{{"grade":3,
            "fee":"7922816251426433.759354395","score":7922816251426433.123456789012,
            "made_at":"2026-03-01T10:00:00.123456+01:00","made_on":"2026-03-01"}}}}"#
            )
        })
        .collect();
    let texts = if carries == Carries::Texts {
        let long = "a".repeat(LONG);
        let listed = |letter: &str| -> String {
            let texts: Vec<String> =
                (0..100).map(|n| format!("\"{}{n:02}\"", letter.repeat(LONG - 2))).collect();
            texts.join(",")
        };
        (
            format!(r#","region":"{long}","id":"{}b","audiences":[{}]"#, "a".repeat(LONG - 1), listed("a")),
            format!(r#","promo_codes":[{}]"#, listed("A")),
            format!(r#","property":"{long}""#),
        )
    } else {
        Default::default()
    };
    let line = format!(
        r#"{{"id":"a","event_type":"sale","occurred_at":"{MOMENT}","amount":"202.00","customer":{{"status":"new"{}}}{},"items":[{}],
            "attributes":{{"large":9223372036854775783,"small":3,"one":1,"large_months":1200,"yes":true,
                "wide":7922816251426433.123456789012,"fine":0.123456789012,
                "near_one":1.000000000001,"tall":7922816251426433759354395033,
                "paid":"7922816251426433.759354395","owed":"0.123456789",
                "late":"2086-10-25T00:30:00Z","day":"2024-02-29","other_day":"1999-12-31"}},
            "touches":[{{"partner":"acme","at":"{MOMENT}","kind":"click","creative":"shared"{}}}]}}"#,
        texts.0,
        texts.1,
        items.join(","),
        texts.2,
    );
    Ok(accrue::facts::read_action(&line)?)
}

/// What is known besides the action: a creative for a thousand partners, the credited one last, and codes.
pub fn reference() -> Result<Reference> {
    let mut reference = Reference::default();
    let partners = (0..999).map(|n| format!("partner-{n:03}")).chain(["acme".to_owned()]).collect();
    reference.insert(Creative { id: "shared".to_owned(), partners, ..Creative::default() })?;
    let mut partner = Partner { id: "acme".to_owned(), ..Partner::default() };
    partner.attributes.insert("level".to_owned(), Attribute::Number(Number(3.into())));
    reference.insert(partner)?;
    for n in 0..100 {
        let code = format!("{}{n:02}", "A".repeat(LONG - 2));
        reference.insert(PromoCode { code, owner: Some("acme".to_owned()), ..PromoCode::default() })?;
    }
    Ok(reference)
}

/// Limits that let a rule repeat its operation until it can be timed: what is measured is the price of a unit of fuel, not what
/// a rule may use.
pub fn limits() -> Limits {
    let mut limits = Limits::default();
    for limit in limits.list() {
        if limit.name == "rule_fuel" || limit.name.starts_with("decision_") {
            // The name is one of the list, and the number fits everywhere.
            let _ = limits.set(limit.name, 1_000_000_000);
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use accrue::internals::lang::catalog::{BUILTINS, VERBS};

    use super::*;

    #[test]
    fn every_built_in_and_verb_is_measured() {
        let rules: Vec<String> = all().iter().map(Operation::rule).collect();
        // These take only literals, and are constants.
        let folded = ["money", "date", "time"];
        for name in BUILTINS.iter().map(|spec| spec.name).chain(VERBS.iter().map(|spec| spec.name)) {
            let is_measured = folded.contains(&name) || rules.iter().any(|rule| rule.contains(name));
            assert!(is_measured, "`{name}` is not measured");
        }
    }
}
