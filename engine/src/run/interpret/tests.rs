//! Tests of the interpreter at the limits of its budget, its numbers and its trace. The meaning of rules is tested against Rhai's
//! own evaluator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::{Case, Evaluator, Fault, FaultKind, Seen, Value};
use crate::facts::{Action, Reference};
use crate::terms::{Source, Terms};
use crate::{Engine, Limits, Program};

const PROGRAM: &str = "id = \"p\"\nname = \"P\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n";

/// Returns a program whose commissionable amount is this expression.
fn program(expression: &str) -> Program {
    let contract = format!(
        "contract = \"c\"\nversion = 1\neffective_from = 2026-01-01\n\
         [amount]\norder = '''{expression}'''\n[payout.default]\nrate = \"1%\"\n"
    );
    let source = Source::from_files([("program.toml", PROGRAM), ("contracts/c.toml", contract.as_str())]);
    Engine::default().load(&source).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn action() -> Action {
    serde_json::from_str(
        r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "100",
            "customer": {"status": "new"}, "promo_codes": ["ONE", "TWO", "THREE"],
            "items": [{"sku": "x", "amount": "1"}, {"sku": "y", "amount": "2"}],
            "touches": [{"partner": "acme", "at": "2026-03-01T10:00:00Z", "kind": "click"}]}"#,
    )
    .unwrap()
}

fn case<'a>(terms: &'a Terms, action: &'a Action, reference: &'a Reference) -> RuleInput<'a> {
    let contract = &terms.contracts[0];
    RuleInput::new(terms, contract, &contract.versions[0], action, &action.touches[0], reference)
}

/// Runs the expression with this budget. Returns its value or its fault, the fuel it used, and what it saw.
fn run(expression: &str, budget: u64, trace: bool) -> (Result<String, Fault>, u64, Vec<Seen>) {
    let (program, action, reference) = (program(expression), action(), Reference::default());
    let terms = program.terms();
    let case = case(terms, &action, &reference);
    let mut evaluator = Evaluator::new(&Limits { rule_fuel: budget, ..Limits::default() }, trace.then_some(100));
    let rule = terms.contracts[0].versions[0].amount.order.as_ref().unwrap();
    let result = evaluator.run(rule, &case).map(super::shown);
    (result, evaluator.fuel(), evaluator.take_seen())
}

fn fault(expression: &str) -> FaultKind {
    run(expression, 100_000, false).0.unwrap_err().kind
}

#[test]
fn a_budget_runs_out_exactly_where_it_is_used_up() {
    let expressions = [
        "if customer.status == \"new\" && \"THREE\" in action.promo_codes { action.amount } else { money(\"0\") }",
        "switch action.items.len() { 1 => money(\"1\"), 2 if \"FOUR\" in action.promo_codes => money(\"3\"), 2 => action.amount, _ => money(\"4\") }",
        "action.tax ?? action.shipping ?? action.amount * 0.5",
    ];
    for expression in expressions {
        let (value, used, _) = run(expression, 100_000, false);
        assert!(value.is_ok() && used > 3, "{expression}");
        assert_eq!(run(expression, used, false).0, value, "it fits exactly");
        for budget in 0..used {
            let (value, spent, _) = run(expression, budget, false);
            assert_eq!(value.unwrap_err().kind, FaultKind::Budget, "{budget} of {used} for {expression}");
            assert_eq!(spent, budget, "a budget that runs out is used up");
        }
    }
}

#[test]
fn a_list_of_facts_is_charged_for_its_length() {
    let within = |codes: usize| {
        let program = program("if \"NONE\" in action.promo_codes { action.amount } else { money(\"0\") }");
        let mut action = action();
        action.promo_codes = vec!["CODE".to_owned(); codes];
        let reference = Reference::default();
        let terms = program.terms();
        let case = case(terms, &action, &reference);
        let mut evaluator = Evaluator::new(&Limits::default(), None);
        evaluator.run(terms.contracts[0].versions[0].amount.order.as_ref().unwrap(), &case).unwrap();
        evaluator.fuel()
    };
    assert_eq!(within(50), within(0) + 50);
}

#[test]
fn a_trace_changes_neither_value_nor_fuel() {
    let expression =
        "if customer.status == \"new\" && known(action.tax) { action.tax } else { action.amount * 0.5 }";
    let (value, fuel, none) = run(expression, 100_000, false);
    let (traced, traced_fuel, saw) = run(expression, 100_000, true);
    assert_eq!((&value, fuel), (&traced, traced_fuel));
    assert!(none.is_empty());
    let saw: Vec<String> = saw.iter().map(|seen| format!("{} = {}", seen.fact, seen.value)).collect();
    assert_eq!(saw, ["customer.status = new", "action.tax = unknown", "action.amount = 100"]);
}

#[test]
fn arithmetic_that_has_no_answer_fails() {
    assert_eq!(fault("action.amount / (action.items.len() - 2)"), FaultKind::DivisionByZero);
    assert_eq!(fault("action.amount * decimal(3 % (action.items.len() - 2))"), FaultKind::DivisionByZero);
    assert_eq!(
        fault("action.amount * decimal(9223372036854775807 + action.items.len())"),
        FaultKind::Overflow
    );
    let large = "79228162514264337593543950335".chars().take(20).collect::<String>();
    assert_eq!(fault(&format!("action.amount * {large}.0 * {large}.0")), FaultKind::Overflow);
}

#[test]
fn durations_round_down() {
    let (value, ..) = run(
        "if (action.occurred_at - time(\"2026-03-02T09:00:00Z\")).days == -1 { money(\"1\") } else { money(\"2\") }",
        1_000,
        false,
    );
    assert_eq!(value.unwrap(), "1");
    assert_eq!(super::shown(Value::Text("x")), "x");
}
