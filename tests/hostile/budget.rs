//! Cost: the worst case of a rule is computed without running it, however it multiplies, and what is let through stays
//! within it on the largest facts there can be.

use std::fmt::Write as _;

use accrue::diagnostic::Code;
use accrue::facts::{Item, Touch, TouchKind};
use accrue::internals::lang::{FaultKind, Form, Phase};
use accrue_tests::choices::Choices;
use accrue_tests::generate::action::Amounts;
use accrue_tests::oracle::Facts;
use accrue_tests::stage::facts;

use crate::guard::{bounded, check, refused, stage};

/// Facts as large as an action may be.
fn largest() -> Facts {
    let stage = stage();
    let mut facts = facts(&mut Choices::new(&[]), Phase::PayOrder, Amounts::Ordinary(2));
    let limits = &stage.limits;
    let text = || "x".repeat(limits.text_bytes);
    let item = Item::new(text(), facts.base);
    let touch =
        Touch { partner: "acme".to_owned(), kind: TouchKind::Click, ..facts.action.touches[0].clone() };
    facts.action.items = vec![item; limits.items];
    facts.item_bases = vec![facts.base; limits.items];
    facts.action.touches = vec![touch; limits.touches];
    facts.action.promo_codes = vec![text(); limits.entries];
    facts.action.customer.audiences = vec![text(); limits.entries];
    facts.action.fraud.reasons = vec![text(); limits.entries];
    facts
}

/// Functions each of which calls the one before it `calls` times.
fn tower(levels: usize, calls: usize) -> String {
    let mut text = String::from("fn f0() { 1 }\n");
    for level in 1..levels {
        let call = format!("f{}()", level - 1);
        let _ = writeln!(text, "fn f{level}() {{ {} }}", vec![call; calls].join(" + "));
    }
    let _ = writeln!(text, "rate(percent(f{}()));", levels - 1);
    text
}

#[test]
fn towers_of_calls_are_counted_and_refused() {
    refused("doubling, 40 levels", tower(40, 2), &[Code::OverBudget, Code::TooDeep]);
    refused("doubling, 1,000 levels", tower(1_000, 2), &[Code::OverBudget, Code::TooDeep]);
    refused("tenfold, 30 levels", tower(30, 10), &[Code::OverBudget, Code::TooDeep]);
    refused(
        "as statements",
        (1..60).fold("fn f0() { 1 }\n".to_owned(), |text, n| {
            format!("{text}fn f{n}() {{ f{0}(); f{0}(); f{0}() }}\n", n - 1)
        }) + "rate(percent(f59()));",
        &[Code::OverBudget, Code::TooDeep],
    );
}

/// A long chain of calls is refused, or it runs to its end.
#[test]
fn chains_of_calls_are_refused_or_run() {
    for levels in [10, 40, 60, 64, 65, 70, 100, 1_000] {
        let text = tower(levels, 1);
        let (checked, codes) = check("chain", text);
        let Some(checked) = checked else {
            assert!(
                codes.contains(&Code::TooDeep) || codes.contains(&Code::OverBudget),
                "{levels}: {codes:?}"
            );
            continue;
        };
        let outcome = bounded("chain", move || {
            let stage = stage();
            let facts = facts(&mut Choices::new(&[]), Phase::PayOrder, Amounts::Ordinary(2));
            stage.run(&checked.rule, &facts, false).unwrap().outcome
        });
        assert!(outcome.is_ok(), "{levels} levels: {outcome:?}");
    }
}

/// A function is checked once for each tuple of argument types; swapped arguments must not multiply that without end.
#[test]
fn argument_types_do_not_multiply() {
    let params = ["a", "b", "c", "d", "e", "g", "h", "i", "j"];
    let mut text = format!("fn f0({}) {{ 1 }}\n", params.join(", "));
    for level in 1..24 {
        let mut swapped = params;
        swapped.swap(level % 9, (level * 7 + 3) % 9);
        let mut turned = params;
        turned.rotate_left(level % 8 + 1);
        let _ = writeln!(
            text,
            "fn f{level}({}) {{ f{below}({}) + f{below}({}) }}",
            params.join(", "),
            swapped.join(", "),
            turned.join(", "),
            below = level - 1,
        );
    }
    text.push_str(
        "rate(percent(f23(true, 1, 0.5, money(\"1\"), \"x\", action.occurred_at, action.occurred_at.date, days(1), customer.country)));",
    );
    refused("types", text, &[Code::OverBudget, Code::TooDeep, Code::TooLarge]);
}

#[test]
fn loops_multiply() {
    refused(
        "items × items × items",
        "let n = 0; for a in action.items { for b in action.items { for c in action.items { n += 1; } } } rate(percent(n));",
        &[Code::OverBudget],
    );
    refused(
        "items × items",
        "for a in action.items { for b in action.items { notice(\"TIER\"); } }",
        &[Code::OverBudget],
    );
    refused(
        "through functions",
        "fn f() { let n = 0; for a in action.items { n += 1; } n } fn g() { let n = 0; for a in action.items { n += f(); } n } rate(percent(g()));",
        &[Code::OverBudget],
    );
    refused(
        "in an expression",
        "for a in action.items { let many = { let n = 0; for b in action.items { n += 1; } n > 5 }; if many { rate(0.1); } }",
        &[Code::OverBudget],
    );
}

/// Rules that are let through, on the largest facts: the promise holds, and a smaller budget stops them.
#[test]
fn the_worst_case_is_never_passed() {
    for text in [
        "let n = 0; for a in action.items { n += a.quantity; } rate(percent(n % 7));",
        "for a in action.touches { for b in action.promo_codes { if a.kind == b { notice(\"TIER\"); } } }",
        "for a in action.items { if a.sku in customer.audiences { notice(\"TIER\"); } }",
        "if \"x\" in customer.audiences || \"y\" in fraud.reasons { rate(0.1); } else { rate(0.2); }",
        "fn f(x) { x in customer.audiences } let n = 0; for a in action.items { if f(a.sku) && f(a.sku) { n += 1; } } rate(percent(n % 3));",
        "for a in action.items { switch a.quantity { 0 => rate(0.1), 1..5 => rate(0.2), _ => rate(0.3) } }",
    ] {
        let (checked, codes) = check("worst case", text.to_owned());
        let Some(checked) = checked else {
            assert!(codes.contains(&Code::OverBudget), "{codes:?}\n{text}");
            continue;
        };
        let rule = checked.rule;
        assert!(rule.worst_fuel <= stage().limits.rule_fuel, "{text}");
        let name = "largest facts";
        bounded(name, move || {
            let (stage, facts) = (stage(), largest());
            let ran = stage.run(&rule, &facts, false).unwrap();
            assert!(ran.fuel <= rule.worst_fuel, "{} of {}", ran.fuel, rule.worst_fuel);
            // The exact budget is enough; one less is not, and such a run has used all of it.
            assert_eq!(stage.run_within(&rule, &facts, false, ran.fuel).unwrap().outcome, ran.outcome);
            let short = stage.run_within(&rule, &facts, false, ran.fuel - 1).unwrap();
            assert_eq!(short.outcome.unwrap_err().kind, FaultKind::Budget);
            assert_eq!(short.fuel, ran.fuel - 1);
        });
    }
}

/// A budget of any size stops a rule at the same place whether it is traced or not.
#[test]
fn any_budget_stops_a_rule_cleanly() {
    let stage = stage();
    let facts = facts(&mut Choices::new(&[7; 300]), Phase::PayOrder, Amounts::Ordinary(2));
    let text = "let n = 0; for a in action.items { n += a.quantity; if n > 3 && a.sku.starts_with(\"A\") { notice(\"TIER\"); } } \
                for t in action.touches { n += 1; } rate(percent(n));";
    let rule = stage.check(text, Phase::PayOrder, Form::Script).0.unwrap().rule;
    let whole = stage.run(&rule, &facts, false).unwrap();
    for budget in 0..=whole.fuel {
        let plain = stage.run_within(&rule, &facts, false, budget).unwrap();
        let traced = stage.run_within(&rule, &facts, true, budget).unwrap();
        assert_eq!((&plain.outcome, plain.fuel), (&traced.outcome, traced.fuel));
        match plain.outcome {
            Ok(answer) => assert_eq!((Ok(answer), budget), (whole.outcome.clone(), whole.fuel)),
            Err(fault) => assert_eq!((fault.kind, plain.fuel), (FaultKind::Budget, budget)),
        }
    }
}
