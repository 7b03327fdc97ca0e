//! Actions and programs that are legal one by one, and together would fill memory or keep a thread busy: the decision ends at one of
//! its limits and holds the action. Compiled or interpreted, traced or not, it is the same decision.

use std::fmt::Write as _;

use accrue::decide::{Decision, FaultKind, Status};
use accrue::diagnostic::Code;
use accrue::facts::{Action, Item, Partner, Touch, TouchKind};
use accrue::money::Money;
use accrue::time::Timestamp;
use accrue::{Engine, Limits, Options, Program, Reference, Rules, Source};

use crate::component_cases::root;

const PROGRAM: &str = "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n\
    [reasons]\nA = \"a\"\n";

const CONTRACT: &str = "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n";

/// Loads a program with these terms after the head of its contract, and these rule files, compiled and interpreted.
fn load(terms: &str, files: &[(&str, &str)]) -> [Program; 2] {
    let mut source = Source::from_files([
        ("program.toml", PROGRAM),
        ("contracts/standard.toml", &format!("{CONTRACT}{terms}")),
    ]);
    for (name, text) in files {
        source.insert(*name, text.as_bytes());
    }
    [Rules::default(), Rules::Interpreted].map(|rules| {
        Engine::builder().rules(rules).build().load(&source).unwrap_or_else(|faults| panic!("{faults}"))
    })
}

/// A sale of some items, each of 1.00, with an SKU of some bytes.
fn sale(items: usize, sku_bytes: usize) -> Action {
    let at = Timestamp::parse("2026-03-07T10:00:00Z").unwrap();
    let mut action = Action::new("1", "sale", at);
    action.touches = vec![Touch::new("acme", at, TouchKind::Click)];
    let one: Money = "1.00".parse().unwrap();
    action.items = vec![Item::new("x".repeat(sku_bytes), one); items];
    action.amount = Some(Money(one.0 * rust_decimal::Decimal::from(items)));
    action
}

/// Decides an action every way, and returns the one decision that they make.
fn decide(programs: &[Program; 2], action: &Action, reference: &Reference) -> Decision {
    let mut decisions = Vec::new();
    for program in programs {
        for options in [Options::default(), Options::traced()] {
            let mut decision = program.decide(action, reference, &program.counters(), options).unwrap();
            let trace = serde_json::to_string(&decision.trace).unwrap().len();
            assert!(trace < 8 << 20, "a trace of {trace} bytes");
            decision.trace = None;
            decisions.push(decision);
        }
    }
    let first = decisions.swap_remove(0);
    for decision in decisions {
        assert_eq!(decision, first);
    }
    first
}

/// Asserts that an action is held because its decision would be beyond a limit, which the reason names.
fn assert_held(decision: &Decision, kind: FaultKind, limit: &str) {
    assert_eq!(decision.status, Status::Held);
    let award = &decision.awards[0];
    assert_eq!((award.payout, award.lines.len(), award.groups.len()), (Money::ZERO, 0, 0));
    let fault = award.reasons.iter().find_map(|reason| reason.fault.as_ref()).unwrap();
    assert_eq!(fault.kind, kind);
    assert!(fault.text.contains(limit), "{}", fault.text);
}

fn stack(groups: usize, name_bytes: usize) -> String {
    let mut terms = String::from("[payout]\nper = \"item\"\nchoose = \"stack\"\n");
    for n in 0..groups {
        let name = format!("{n} {}", "n".repeat(name_bytes));
        let _ = write!(terms, "[[payout.groups]]\nname = \"{name}\"\npoints = \"0.001%\"\n");
    }
    terms
}

#[test]
fn a_stack_of_groups_on_many_items_has_too_many_steps() {
    let programs = load(&stack(1_000, 900), &[]);
    assert_held(
        &decide(&programs, &sale(1_000, 1), &Reference::default()),
        FaultKind::DecisionSteps,
        "decision_steps",
    );
    // What fits is paid, and names each group once.
    for items in [1, 20] {
        let decision = decide(&programs, &sale(items, 1), &Reference::default());
        assert_eq!(decision.status, Status::Payable);
        let text = serde_json::to_string(&decision).unwrap().len();
        assert!(text < 1_000 * 920 + items * 1_000 * 120, "{items} items: {text} bytes");
    }
}

#[test]
fn searching_texts_for_each_item_in_each_group_uses_up_the_fuel() {
    let rule = "let n = 0;\nfor line in action.items {\n\
        if line.sku.contains(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy\") || line.sku.contains(\"yx\") { n += 1; }\n}\nif n > 0 { rate(percent(1)); }\n";
    let mut terms = String::from("[payout]\nper = \"item\"\n");
    for n in 0..40 {
        let _ = write!(terms, "[[payout.groups]]\nname = \"{n}\"\nrule = \"rules/search.rhai\"\n");
    }
    let limits = Limits::default();
    let programs = load(&terms, &[("rules/search.rhai", rule)]);
    let decision = decide(&programs, &sale(500, 930), &Reference::default());
    assert_held(&decision, FaultKind::DecisionFuel, "decision_fuel");
    assert_eq!(decision.fuel, limits.decision_fuel);
    assert_eq!(decide(&programs, &sale(2, 930), &Reference::default()).status, Status::Zero);
}

#[test]
fn limits_on_every_part_of_a_stack_use_up_the_fuel() {
    let mut terms = stack(90, 1);
    for n in 0..500 {
        let _ = write!(
            terms,
            "[[limits]]\nname = \"{n}\"\nmax = \"1000000\"\nper = [\"partner\"]\nperiod = \"month\"\n"
        );
    }
    let programs = load(&terms, &[]);
    assert_held(
        &decide(&programs, &sale(1_000, 1), &Reference::default()),
        FaultKind::DecisionFuel,
        "decision_fuel",
    );
    assert_eq!(decide(&programs, &sale(1, 1), &Reference::default()).status, Status::Zero);
}

#[test]
fn counters_by_group_are_steps() {
    let mut terms = stack(1_000, 1);
    for n in 0..200 {
        let period = ["day", "week", "month", "quarter", "year"][n % 5];
        let per = [
            "\"partner\"",
            "\"customer\"",
            "\"partner\", \"customer\"",
            "\"click\"",
            "\"partner\", \"click\"",
        ][n / 5 % 5];
        if n < 25 {
            let _ = write!(
                terms,
                "[[limits]]\nname = \"{n}\"\nmax = \"1000000\"\nper = [{per}, \"group\"]\nperiod = \"{period}\"\nwhen_unknown = \"skip\"\n"
            );
        }
    }
    let programs = load(&terms, &[]);
    let decision = decide(&programs, &sale(90, 1), &Reference::default());
    assert_held(&decision, FaultKind::DecisionFuel, "decision_fuel");
}

#[test]
fn reasons_with_long_names_are_counted_by_their_bytes() {
    let mut terms = String::new();
    for n in 0..1_900 {
        let name = format!("{n} {}", "n".repeat(400));
        let _ = write!(
            terms,
            "[[restrictions]]\nname = \"{name}\"\nwhen = 'action.amount > money(\"0\")'\nverdict = \"flag\"\nreason = \"A\"\n"
        );
    }
    terms.push_str("[payout.default]\nrate = \"4%\"\n");
    let programs = load(&terms, &[]);
    let decision = decide(&programs, &sale(1, 1), &Reference::default());
    assert_held(&decision, FaultKind::DecisionText, "decision_text_bytes");
    assert!(serde_json::to_string(&decision).unwrap().len() < 1 << 20);
}

#[test]
fn notices_in_a_loop_are_steps_and_stand_once() {
    let rule = "for line in action.items { notice(\"A\"); }\nrate(percent(1));\n";
    let mut terms = String::from("[payout]\nchoose = \"stack\"\n");
    for n in 0..150 {
        let _ = write!(terms, "[[payout.groups]]\nname = \"{n}\"\nrule = \"rules/notice.rhai\"\n");
    }
    let programs = load(&terms, &[("rules/notice.rhai", rule)]);
    assert_held(
        &decide(&programs, &sale(1_000, 1), &Reference::default()),
        FaultKind::DecisionSteps,
        "decision_steps",
    );
    let decision = decide(&programs, &sale(10, 1), &Reference::default());
    assert_eq!(decision.awards[0].notices.len(), 150);
}

#[test]
fn codes_that_a_module_must_look_up_do_not_run_it_again_and_again() {
    let rule = "let n = 0;\nfor line in action.items { if (promo_owner(line.sku) ?? \"\") == \"acme\" { n += 1; } }\n\
        if n == 0 { rate(percent(1)); }\n";
    let programs = load(
        "[[payout.groups]]\nname = \"owned\"\nrule = \"rules/owned.rhai\"\n",
        &[("rules/owned.rhai", rule)],
    );
    let mut action = sale(1_000, 1);
    for (n, item) in action.items.iter_mut().enumerate() {
        item.sku = format!("CODE{n}");
    }
    let decision = decide(&programs, &action, &Reference::default());
    assert_eq!((decision.status, decision.payout().unwrap()), (Status::Payable, "10.00".parse().unwrap()));
}

#[test]
fn facts_of_partners_have_no_limit_and_are_charged_as_they_are() {
    let rule = "let n = 0;\nfor a in partner.groups { for b in partner.groups { if a == b { n += 1; } } }\n\
        if n > 0 { rate(percent(1)); }\n";
    let programs = load(
        "[[payout.groups]]\nname = \"pairs\"\nrule = \"rules/pairs.rhai\"\n",
        &[("rules/pairs.rhai", rule)],
    );
    let mut reference = Reference::default();
    let groups = (0..3_000).map(|n| format!("group {n}")).collect();
    reference.insert(Partner { id: "acme".to_owned(), groups, ..Partner::default() }).unwrap();
    let decision = decide(&programs, &sale(1, 1), &reference);
    assert_eq!(decision.status, Status::Held);
    let fault = decision.awards[0].reasons[0].fault.as_ref().unwrap();
    assert_eq!(fault.kind, FaultKind::Budget);
}

#[test]
fn a_component_for_each_item_uses_up_the_fuel_of_the_decision() {
    let component = std::fs::read(root("../rules-examples/marketplace/components/weekend.wasm")).unwrap();
    let mut source = Source::from_files([("program.toml", PROGRAM)]);
    let terms = "[payout]\nper = \"item\"\n[[payout.groups]]\nname = \"weekend\"\ncomponent = \"components/weekend.wasm\"\n";
    source.insert("contracts/standard.toml", format!("{CONTRACT}{terms}").as_bytes());
    source.insert("components/weekend.wasm", component);
    let program = Engine::default().load(&source).unwrap_or_else(|faults| panic!("{faults}"));
    let decide = |action: &Action| {
        program.decide(action, &Reference::default(), &program.counters(), Options::default()).unwrap()
    };
    assert_held(&decide(&sale(1_000, 900)), FaultKind::DecisionFuel, "decision_fuel");
    assert_eq!(decide(&sale(3, 10)).status, Status::Payable);
}

#[test]
fn a_version_that_could_decide_nothing_does_not_load() {
    let list: String = (0..300).map(|n| format!("word {n}\n")).collect();
    let rule = "let n = 0;\nfor a in lists.words { for b in lists.words { n += 1; } }\nif n > 5 { reject(\"A\"); }\n";
    let mut terms = String::new();
    for n in 0..60 {
        let _ = write!(terms, "[[restrictions]]\nname = \"{n}\"\nrule = \"rules/pairs.rhai\"\n");
    }
    terms.push_str("[payout.default]\nrate = \"4%\"\n");
    let source = Source::from_files([
        ("program.toml", format!("{PROGRAM}[lists]\nwords = {{ file = \"lists/words.txt\" }}\n")),
        ("contracts/standard.toml", format!("{CONTRACT}{terms}")),
        ("rules/pairs.rhai", rule.to_owned()),
        ("lists/words.txt", list),
    ]);
    let limits = Limits { rule_fuel: 10_000_000, ..Limits::default() };
    let faults = Engine::builder().limits(limits).build().load(&source).unwrap_err();
    assert!(faults.iter().any(|fault| fault.code == Code::DecisionOverBudget), "{faults}");
}

#[test]
fn native_code_and_its_data_are_bounded_and_what_is_over_is_interpreted() {
    let groups = |n: u32| {
        format!(
            "[[payout.groups]]\nname = \"{n}\"\nwhen = '(customer.id ?? \"\") == \"c{n}\"'\nrate = \"1%\"\n"
        )
    };
    let terms: String = (0..200).map(groups).collect();
    let source = Source::from_files([
        ("program.toml", PROGRAM.to_owned()),
        ("contracts/standard.toml", format!("{CONTRACT}{terms}")),
    ]);
    let interpreted = |limits: Limits| {
        let program = Engine::builder()
            .limits(limits)
            .build()
            .load(&source)
            .unwrap_or_else(|faults| panic!("{faults}"));
        let why = program.overview().contracts[0].versions[0].interpreted.clone();
        (program, why)
    };
    let (program, why) = interpreted(Limits::default());
    assert_eq!(why, None);
    for limits in [
        Limits { code_bytes: 1_000, ..Limits::default() },
        Limits { code_data_bytes: 10, ..Limits::default() },
    ] {
        let (other, why) = interpreted(limits);
        assert!(why.is_some());
        let decided = |program: &Program| {
            program
                .decide(&sale(3, 1), &Reference::default(), &program.counters(), Options::default())
                .unwrap()
        };
        assert_eq!(decided(&other), decided(&program));
    }
}

#[test]
fn a_program_has_a_number_of_components() {
    let component = std::fs::read(root("../rules-examples/marketplace/components/weekend.wasm")).unwrap();
    let mut source = Source::from_files([("program.toml", PROGRAM)]);
    let mut terms = String::new();
    for n in 0..3 {
        let _ = write!(terms, "[[payout.groups]]\nname = \"{n}\"\ncomponent = \"components/{n}.wasm\"\n");
        source.insert(format!("components/{n}.wasm"), component.clone());
    }
    source.insert("contracts/standard.toml", format!("{CONTRACT}{terms}").as_bytes());
    let load = |components| {
        let limits = Limits { components, ..Limits::default() };
        Engine::builder().limits(limits).build().load(&source).map(|_| ())
    };
    assert_eq!(load(3), Ok(()));
    let faults = load(2).unwrap_err();
    assert!(faults.iter().any(|fault| fault.code == Code::TooLarge), "{faults}");
}
