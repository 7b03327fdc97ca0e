//! Why not: where a rule did not match and the engine says what would have been enough, the rule matches with facts that have the
//! named values. The facts are changed themselves, and the rule as it is written is run again.

use accrue::internals::lang::{Base, Const, Form, Phase, Rule, Type};
use accrue::internals::why_not;
use accrue::why::{FailedPart, Wanted};
use accrue_tests::cases::{Bytes, CASES, cases};
use accrue_tests::choices::Choices;
use accrue_tests::generate::action::Amounts;
use accrue_tests::generate::expression::expression;
use accrue_tests::generate::scope::Scope;
use accrue_tests::generate::statement::script;
use accrue_tests::generate::vocabulary::Ty;
use accrue_tests::oracle::{Facts, SumValues};
use accrue_tests::stage::{Stage, facts};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::cell::Cell;

/// Conditions as people write them.
const CONDITIONS: [&str; 22] = [
    "customer.status == \"new\"",
    "(customer.country ?? \"\") == \"DE\" || (customer.country ?? \"\") == \"FR\"",
    "action.amount >= params.gold",
    "action.amount > 20 && action.amount <= money(\"90.50\")",
    "action.amount - (action.shipping ?? money(\"0\")) * 2 >= 50",
    "200 > action.amount * 1.5",
    "\"SPRING\" in action.promo_codes",
    "(customer.order_count ?? 0) < 5",
    "known(customer.lifetime_value) && customer.lifetime_value > 1000",
    "totals.partner_month.actions.before >= 100",
    "totals.all_time.revenue.before + action.amount > 10000",
    "action.event_type == \"sale\"",
    "action.occurred_at - touch.at <= days(7)",
    "touch.at < action.occurred_at - hours(30)",
    "action.occurred_at >= params.opened_at",
    "touch.kind != \"click\"",
    "(touch.landing_page ?? \"\").starts_with(\"https://shop\")",
    "attributes.vip ?? false",
    "(attributes.seats ?? 0) * 2 > 100",
    "(attributes.score ?? 0.0) >= 12.5",
    "if customer.status == \"new\" { action.amount > 100 } else { action.amount > 300 }",
    "switch customer.status { \"new\" => true, \"existing\" => action.amount >= 75, _ => false }",
];

/// Sets a value in JSON as the type of its field wants it.
fn put(root: &Value, at: &[&str], index: Option<usize>, value: &str) -> Vec<Value> {
    let written =
        [json!(value), value.parse::<i64>().map_or(Value::Null, Value::from), json!(value == "true")];
    let set = |written: Value| {
        let mut root = root.clone();
        let mut place = &mut root;
        for (n, key) in at.iter().enumerate() {
            place = &mut place[*key];
            if let (0, Some(index)) = (n, index) {
                place = &mut place[index];
            }
        }
        *place = written;
        root
    };
    written.into_iter().filter(|written| !written.is_null()).map(set).collect()
}

/// Changes a sum by its text; `None` if there is no such sum.
fn sum(sums: &mut SumValues, name: &str, value: &str) -> Option<()> {
    match name {
        "actions" => sums.actions = value.parse().ok()?,
        "units" => sums.units = value.parse().ok()?,
        "distinct" => sums.distinct = value.parse().ok()?,
        "revenue" | "measured" => sums.revenue = value.parse().ok()?,
        "payouts" => sums.payouts = value.parse().ok()?,
        "payable" => sums.payable = value.parse().ok()?,
        _ => return None,
    }
    Some(())
}

/// The facts with the named value of a part; `None` if the part is about something that facts do not have by themselves.
fn changed(facts: &Facts, part: &FailedPart) -> Option<Facts> {
    let mut other = facts.clone();
    let path: Vec<&str> = part.fact.split('.').collect();
    let action = serde_json::to_value(&facts.action).ok()?;
    let candidates = match path.as_slice() {
        ["action", "base"] => {
            other.base = part.nearest.parse().ok()?;
            return Some(other);
        }
        ["item", "base"] => {
            *other.item_bases.get_mut(facts.item?)? = part.nearest.parse().ok()?;
            return Some(other);
        }
        ["totals", name, "previous", of] => {
            sum(&mut other.totals.get_mut(*name)?.earlier, of, &part.nearest)?;
            return Some(other);
        }
        ["totals", name, of, "before"] => {
            let total = other.totals.get_mut(*name)?;
            let counts = total.with_this.actions != total.before.actions;
            sum(&mut total.before, of, &part.nearest)?;
            total.with_this = total.before;
            total.with_this.actions += i64::from(counts);
            return Some(other);
        }
        ["action", "promo_codes"] => {
            let Some(Wanted::Containing(codes)) = &part.wanted else { return None };
            other.action.promo_codes.extend(codes.iter().cloned());
            return Some(other);
        }
        ["customer", "audiences"] => return None,
        ["action", key] => put(&action, &[key], None, &part.nearest),
        ["attributes", key] => put(&action, &["attributes", key], None, &part.nearest),
        [record @ ("customer" | "device" | "fraud"), key] => {
            put(&action, &[record, key], None, &part.nearest)
        }
        ["item", key] => put(&action, &["items", key], facts.item, &part.nearest),
        ["item", "attributes", key] => put(&action, &["items", "attributes", key], facts.item, &part.nearest),
        ["touch", key] => put(&action, &["touches", key], Some(facts.touch), &part.nearest),
        _ => return None,
    };
    other.action = candidates.into_iter().find_map(|action| serde_json::from_value(action).ok())?;
    Some(other)
}

/// Whether a rule matches; `None` if it fails.
fn matches(stage: &Stage, rule: &Rule, facts: &Facts) -> Option<bool> {
    let answer = stage.run(rule, facts, false)?.outcome.ok()?;
    match rule.form {
        Form::Script => Some(!answer.said.is_empty()),
        Form::Expression(_) => Some(answer.value == Some(Const::Bool(true))),
    }
}

#[test]
fn what_is_said_to_be_enough_is() {
    let stage = Stage::new().unwrap();
    let config = Config { cases: cases(CASES), failure_persistence: None, ..Config::default() };
    let bytes = proptest::collection::vec(any::<u8>(), 0..1_500).prop_map(Bytes);
    let (unmatched, explained, told, tried) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(0));
    let add = |count: &Cell<u32>| count.set(count.get() + 1);
    let result = TestRunner::new(config).run(&bytes, |bytes| {
        let mut choices = Choices::new(&bytes.0);
        let phase = choices.pick(&[Phase::Restrict, Phase::PayOrder, Phase::PayItem]);
        let (text, form) = if choices.once_in(2) {
            let join = choices.pick(&[" && ", " && ", " || "]);
            let conditions = (0..=choices.below(3)).map(|_| {
                let not = if choices.once_in(4) { "!" } else { "" };
                format!("{not}({})", choices.pick(&CONDITIONS))
            });
            (conditions.collect::<Vec<_>>().join(join), Form::Expression(Type::known(Base::Bool)))
        } else if choices.once_in(3) {
            (script(choices.split(2), phase), Form::Script)
        } else {
            let mut scope = Scope::new(choices.split(2), phase);
            let parts: Vec<String> = (0..=choices.below(3))
                .map(|_| format!("({})", expression(&mut scope, Ty::Bool).text()))
                .collect();
            let join = choices.pick(&[" && ", " || "]);
            (parts.join(join), Form::Expression(Type::known(Base::Bool)))
        };
        let (checked, _) = stage.check(&text, phase, form);
        let Some(rule) = checked.map(|checked| checked.rule) else { return Ok(()) };
        let facts = facts(&mut choices, phase, Amounts::Ordinary(2));
        if matches(&stage, &rule, &facts) != Some(false) {
            return Ok(());
        }
        add(&unmatched);
        let codes: Vec<String> = facts.action.promo_codes.iter().map(|code| code.to_uppercase()).collect();
        let Some(case) = stage.case(&facts, &codes) else { return Ok(()) };
        let Some(why) = why_not(&rule, &case, &stage.limits) else { return Ok(()) };
        add(&explained);
        if !why.enough {
            return Ok(());
        }
        add(&told);
        let mut other = facts.clone();
        for part in &why.parts {
            match changed(&other, part) {
                Some(facts) => other = facts,
                None => return Ok(()),
            }
        }
        add(&tried);
        prop_assert_eq!(
            matches(&stage, &rule, &other),
            Some(true),
            "{}\n{:#?}\n{:?}",
            text,
            why,
            facts.action
        );
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let (unmatched, explained, told, tried) = (unmatched.get(), explained.get(), told.get(), tried.get());
    println!(
        "{unmatched} rules did not match: {explained} explained, of {told} what is enough, {tried} tried"
    );
    assert!(tried * 5 > unmatched, "{tried} of {unmatched}");
}

/// A date that no action can have is not said to be enough: moments and dates are read in the years 1900 to 2999.
#[test]
fn a_date_outside_the_calendar_is_not_enough() {
    let stage = Stage::new().unwrap();
    let form = Form::Expression(Type::known(Base::Bool));
    let mut choices = Choices::new(&[]);
    let facts = facts(&mut choices, Phase::PayOrder, Amounts::Ordinary(2));
    let case = stage.case(&facts, &[]).unwrap();
    for (text, enough) in [
        ("(attributes.birthday ?? params.since) < date(\"1900-01-02\")", true),
        ("(attributes.birthday ?? params.since) < date(\"1900-01-01\")", false),
        ("(attributes.birthday ?? params.since) > date(\"2999-12-31\")", false),
    ] {
        let (checked, _) = stage.check(text, Phase::PayOrder, form);
        let why = why_not(&checked.unwrap().rule, &case, &stage.limits).unwrap();
        assert_eq!(why.enough, enough, "{text}\n{why:#?}");
        assert_eq!(why.parts.len(), 1, "{text}");
    }
}

/// The conditions above are checked without an error, or the test would not be about them.
#[test]
fn the_conditions_are_ones() {
    let stage = Stage::new().unwrap();
    for text in CONDITIONS {
        let (rule, diagnostics) =
            stage.check(text, Phase::PayOrder, Form::Expression(Type::known(Base::Bool)));
        assert!(rule.is_some(), "{diagnostics}\n{text}");
    }
}
