//! Decisions of whole programs: each test loads a contract, decides actions and compares the decisions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use rust_decimal::Decimal;
use serde_json::json;

use super::{Award, Decision, Line, Outcome, Status};
use crate::counters::CountedAt;
use crate::facts::{
    Action, Creative, ExchangeRate, Partner, Pause, PauseTarget, PauseVerdict, PromoCode, Reference,
};
use crate::lang::FaultKind;
use crate::money::Money;
use crate::terms::{Source, Verdict};
use crate::{Counters, Engine, Options, Program};

const PROGRAM: &str = r#"
id = "shop"
name = "Shop"
currency = "EUR"
time_zone = "Europe/Berlin"

[event_types]
sale = {}
lead = { amount = false }
balance = { amount = "signed" }

[attributes]
margin = { type = "money" }

[reasons]
BAD = "Not wanted"
CHECK = "A person has to look"
RISK = "Risky"
THANKS = "Thank you"
"#;

/// Returns a program of one contract for everybody. `contract` is the text from `[credit]` to `[[limits]]`.
fn program(contract: &str) -> Program {
    program_of(&[("standard", contract)], &[])
}

fn program_of(contracts: &[(&str, &str)], rules: &[(&str, &str)]) -> Program {
    let mut source = Source::new();
    source.insert("program.toml", PROGRAM);
    for (name, text) in contracts {
        let begins = "version = 1\neffective_from = 2026-01-01\n";
        source.insert(format!("contracts/{name}.toml"), format!("contract = \"{name}\"\n{begins}{text}"));
    }
    for (path, text) in rules {
        source.insert(format!("rules/{path}"), *text);
    }
    load(&source)
}

fn load(source: &Source) -> Program {
    Engine::default().load(source).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// Returns a sale of 100.00 by acme, changed by `more`.
fn sale(more: serde_json::Value) -> Action {
    let mut action = json!({
        "id": "a1", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "100.00",
        "touches": [{ "partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click" }]
    });
    for (key, value) in more.as_object().unwrap() {
        action[key] = value.clone();
    }
    serde_json::from_str(&action.to_string()).unwrap()
}

fn decide(program: &Program, action: &Action) -> Decision {
    decide_with(program, action, &Reference::default(), &program.counters())
}

/// Decides, and checks what must hold of every decision.
fn decide_with(program: &Program, action: &Action, reference: &Reference, totals: &Counters) -> Decision {
    let decision = program.decide(action, reference, totals, Options::default()).unwrap();
    let mut explained = program.decide(action, reference, totals, Options::traced()).unwrap();
    assert!(explained.trace.take().is_some());
    assert_eq!(decision, explained, "a trace changes nothing else");
    for award in &decision.awards {
        let lines = award.lines.iter();
        assert_eq!(award.payout, Money::sum(lines.clone().map(|line| line.payout)).unwrap());
        for line in lines {
            assert_eq!(line.unrounded, Line::recompute(line.base, line.quantity, &line.steps).unwrap());
            let parts = line.calculation().unwrap();
            let rated = line.base.0 * (parts.rate + parts.points) * parts.multiplier;
            assert_eq!(line.unrounded.0, rated + parts.add.0);
            let shares = Money::sum(line.shares.iter().map(|share| share.payout)).unwrap();
            assert!(line.shares.is_empty() || shares == line.payout);
        }
    }
    if matches!(decision.status, Status::Rejected | Status::Zero) {
        assert!(decision.payout().unwrap().is_zero());
        assert!(decision.all_reasons().next().is_some(), "unpaid without a reason");
    }
    decision
}

/// Returns the only award.
fn award(decision: &Decision) -> &Award {
    &decision.awards[0]
}

fn payout(decision: &Decision) -> String {
    decision.payout().unwrap().to_string()
}

fn codes(decision: &Decision) -> Vec<&str> {
    decision.all_reasons().map(|(_, reason)| reason.code.as_str()).collect()
}

fn groups(decision: &Decision) -> Vec<String> {
    let named = |award: &Award| -> Vec<String> {
        let steps = award.lines.iter().flat_map(|line| &line.steps);
        steps.map(|step| award.group(step.group).to_owned()).collect()
    };
    decision.awards.iter().flat_map(named).collect()
}

fn lines(decision: &Decision) -> Vec<String> {
    decision.awards[0].lines.iter().map(|line| line.payout.to_string()).collect()
}

/// Decides and records actions one after the other. Returns their payouts.
fn run(program: &Program, actions: &[Action]) -> Vec<String> {
    let mut totals = program.counters();
    let decided = program.decide_all(actions, &Reference::default(), &mut totals);
    decided.iter().map(|decided| payout(decided.decision.as_ref().unwrap())).collect()
}

fn nth(n: u32, more: serde_json::Value) -> Action {
    let mut action = sale(more);
    action.id = format!("a{n}");
    action.occurred_at = crate::time::Timestamp::parse(&format!("2026-03-01T10:{n:02}:00Z")).unwrap();
    action
}

const FOUR_PERCENT: &str = "[payout.default]\nrate = \"4%\"\n";

#[test]
fn the_last_touch_inside_its_window_is_credited() {
    let program = program(&format!(
        "[credit]\nwindows = {{ click = \"30 days\", impression = \"1 day\" }}\n{FOUR_PERCENT}"
    ));
    let touch = |partner: &str, at: &str, kind: &str| json!({ "partner": partner, "at": at, "kind": kind });
    let credited = |touches: Vec<serde_json::Value>| {
        let decision = decide(&program, &sale(json!({ "touches": touches })));
        let partner = decision.awards.first().map_or("", |award| &award.partner).to_owned();
        (partner, codes(&decision).join(" "))
    };
    let won = |partner: &str| (partner.to_owned(), String::new());
    let early = touch("early", "2026-02-28T10:00:00Z", "click");
    let late = touch("late", "2026-02-28T11:00:00Z", "click");
    assert_eq!(credited(vec![late.clone(), early.clone()]), won("late"));
    assert_eq!(credited(vec![early.clone(), touch("tie", "2026-02-28T10:00:00Z", "click")]), won("tie"));
    assert_eq!(
        credited(vec![early.clone(), touch("view", "2026-02-28T10:00:00Z", "impression")]),
        won("view")
    );
    assert_eq!(
        credited(vec![early.clone(), touch("view", "2026-02-28T09:59:59Z", "impression")]),
        won("early")
    );
    assert_eq!(credited(vec![early.clone(), touch("code", "2026-03-01T09:00:00Z", "code")]), won("early"));
    assert_eq!(credited(vec![early, touch("after", "2026-03-01T10:00:01Z", "click")]), won("early"));
    let nobody = (String::new(), "NO_CREDIT".to_owned());
    assert_eq!(credited(vec![touch("old", "2026-01-30T09:59:59Z", "click")]), nobody);
    assert_eq!(credited(vec![]), nobody);
    assert_eq!(credited(vec![touch("edge", "2026-01-30T10:00:00Z", "click")]), won("edge"));
}

#[test]
fn a_contract_by_id_goes_before_one_by_group_and_one_for_all() {
    let everyone = FOUR_PERCENT.to_owned();
    let vip = "[partners]\ngroups = [\"vip\"]\n[payout.default]\nrate = \"6%\"\n";
    let own = "effective_until = 2026-06-30\n[partners]\nids = [\"acme\"]\n[payout.default]\nrate = \"8%\"\n";
    let program = program_of(&[("a", &everyone), ("b", vip), ("c", own)], &[]);
    let mut reference = Reference::default();
    for (id, group) in [("acme", "vip"), ("gold", "vip"), ("plain", "other")] {
        let groups = vec![group.to_owned()];
        reference.insert(Partner { id: id.into(), groups, ..Partner::default() }).unwrap();
    }
    let by = |partner: &str, at: &str| {
        let touches = json!([{ "partner": partner, "at": at, "kind": "click" }]);
        let action = sale(json!({ "touches": touches, "occurred_at": at }));
        let decision = decide_with(&program, &action, &reference, &program.counters());
        (payout(&decision), codes(&decision).join(" "))
    };
    let pays = |amount: &str| (amount.to_owned(), String::new());
    assert_eq!(by("acme", "2026-06-30T21:59:59Z"), pays("8"));
    assert_eq!(by("acme", "2026-06-30T22:00:00Z"), pays("6"), "July in Berlin: the own contract has ended");
    assert_eq!(by("gold", "2026-03-01T10:00:00Z"), pays("6"));
    assert_eq!(by("plain", "2026-03-01T10:00:00Z"), pays("4"));
    assert_eq!(by("nobody", "2026-03-01T10:00:00Z"), ("0".to_owned(), "UNKNOWN_PARTNER".to_owned()));
    assert_eq!(by("plain", "2025-12-31T22:59:59Z"), ("0".to_owned(), "NO_CONTRACT".to_owned()));
}

#[test]
fn the_anchor_chooses_the_version() {
    let mut source = Source::new();
    source.insert("program.toml", PROGRAM);
    for (version, from, until, rate) in
        [(1, "2026-01-01", "\neffective_until = 2026-01-31", 4), (2, "2026-02-01", "", 8)]
    {
        let text = format!(
            "contract = \"s\"\nversion = {version}\neffective_from = {from}{until}\nanchor = \"click\"\n\
             [payout.default]\nrate = \"{rate}%\"\n"
        );
        source.insert(format!("contracts/s{version}.toml"), text);
    }
    let program = load(&source);
    let clicked = |at: &str| {
        let touches = json!([{ "partner": "acme", "at": at, "kind": "click" }]);
        let decision =
            decide(&program, &sale(json!({ "touches": touches, "occurred_at": "2026-02-10T00:00:00Z" })));
        let contract = award(&decision).contract.clone();
        (payout(&decision), contract.version, contract.terms_as_of.to_string())
    };
    let january = "2026-01-31T22:59:59Z";
    assert_eq!(clicked(january), ("4".into(), 1, january.into()), "before midnight in Berlin");
    assert_eq!(clicked("2026-01-31T23:00:00Z").0, "8");
}

#[test]
fn the_strictest_verdict_wins_and_every_reason_is_kept() {
    let rules = "[[restrictions]]\nname = \"flagged\"\nwhen = 'action.amount >= money(\"10\")'\nverdict = \"flag\"\n\
                 reason = \"CHECK\"\n\
                 [[restrictions]]\nname = \"held\"\nwhen = 'action.amount >= money(\"20\")'\nverdict = \"hold\"\n\
                 reason = \"CHECK\"\nrelease_after = \"30 days\"\n\
                 [[restrictions]]\nname = \"zeroed\"\nwhen = 'action.amount >= money(\"30\")'\nverdict = \"zero\"\n\
                 reason = \"BAD\"\n\
                 [[restrictions]]\nname = \"rejected\"\nwhen = 'action.amount >= money(\"40\")'\n\
                 verdict = \"reject\"\nreason = \"BAD\"\n";
    let program = program(&format!("{rules}{FOUR_PERCENT}"));
    let at = |amount: &str| {
        let decision = decide(&program, &sale(json!({ "amount": amount })));
        let rules: Vec<String> = award(&decision).reasons.iter().map(|reason| reason.rule.clone()).collect();
        (
            decision.status,
            payout(&decision),
            rules.join(" "),
            award(&decision).counts,
            award(&decision).release_at.is_some(),
        )
    };
    assert_eq!(at("5"), (Status::Payable, "0.2".into(), String::new(), true, false));
    assert_eq!(at("10"), (Status::Payable, "0.4".into(), "flagged".into(), true, false));
    assert_eq!(at("20"), (Status::Held, "0.8".into(), "held flagged".into(), true, true));
    assert_eq!(at("30"), (Status::Held, "0".into(), "held zeroed flagged".into(), true, true));
    assert_eq!(at("40"), (Status::Rejected, "0".into(), "rejected held zeroed flagged".into(), false, false));
}

#[test]
fn a_script_may_give_several_verbs() {
    let text = "if action.amount > money(\"50\") { hold(\"CHECK\", days(7)); flag(\"RISK\"); notice(\"THANKS\"); }\n\
                if action.amount > money(\"90\") { hold(\"RISK\", days(9)); }\n\
                if action.amount > money(\"150\") { hold(\"CHECK\"); }\n";
    let contract = format!(
        "[[restrictions]]\nname = \"look\"\nrule = \"rules/look.rhai\"\ncounts = false\n{FOUR_PERCENT}"
    );
    let program = program_of(&[("s", &contract)], &[("look.rhai", text)]);
    let decision = decide(&program, &sale(json!({})));
    assert_eq!(codes(&decision), ["CHECK", "RISK", "RISK"]);
    assert_eq!(award(&decision).reasons[2].verdict, Verdict::Flag);
    assert_eq!(
        award(&decision).release_at.unwrap().to_string(),
        "2026-03-10T10:00:00Z",
        "when the last hold ends"
    );
    assert_eq!(award(&decision).notices[0].code, "THANKS");
    assert!(!award(&decision).counts);
    let decision = decide(&program, &sale(json!({ "amount": "200" })));
    assert_eq!(award(&decision).release_at, None, "one of them waits for a person");
}

#[test]
fn a_hold_that_ends_in_no_year_there_is_waits_for_a_person() {
    let text = "hold(\"CHECK\", days(if action.amount > money(\"50\") { 400000 } else { -400000 }));";
    let contract = format!("[[restrictions]]\nname = \"look\"\nrule = \"rules/look.rhai\"\n{FOUR_PERCENT}");
    let program = program_of(&[("s", &contract)], &[("look.rhai", text)]);
    for amount in ["10", "100"] {
        let decision = decide(&program, &sale(json!({ "amount": amount })));
        assert_eq!((decision.status, award(&decision).release_at), (Status::Held, None));
    }
}

#[test]
fn what_pays_nothing_says_why() {
    let why = |decision: &Decision| {
        let (_, reason) = decision.all_reasons().next().unwrap();
        (decision.status, reason.code.clone(), reason.rule.clone())
    };
    let zero = |code: &str, rule: &str| (Status::Zero, code.to_owned(), rule.to_owned());
    let groups =
        program("[[payout.groups]]\nname = \"large\"\nwhen = 'action.amount > 500'\nrate = \"5%\"\n");
    assert_eq!(why(&decide(&groups, &sale(json!({})))), zero("NO_PAYOUT_GROUP", "payout"));
    let default = program("[payout.default]\nrate = \"5%\"\n");
    assert_eq!(why(&decide(&default, &sale(json!({ "amount": "0.05" })))), zero("PAYS_ZERO", "default"));
    let limited = program(
        "[payout.default]\nrate = \"5%\"\n[[limits]]\nname = \"once\"\ncount = 1\nper = [\"partner\"]\nperiod = \"lifetime\"\n",
    );
    let mut totals = limited.counters();
    totals.apply(&decide(&limited, &sale(json!({}))).postings).unwrap();
    let second = decide_with(&limited, &sale(json!({ "id": "a2" })), &Reference::default(), &totals);
    assert_eq!(why(&second), zero("LIMIT_USED_UP", "once"));
    // A restriction that says so is the reason by itself, and a flag is none.
    let restricted = |verdict: &str| {
        let restriction = "[[restrictions]]\nname = \"r\"\nwhen = 'action.amount > 0'\nreason = \"BAD\"\n";
        program(&format!("{restriction}verdict = \"{verdict}\"\n[payout.default]\nrate = \"0%\"\n"))
    };
    assert_eq!(codes(&decide(&restricted("zero"), &sale(json!({})))), ["BAD"]);
    assert_eq!(codes(&decide(&restricted("flag"), &sale(json!({})))), ["PAYS_ZERO", "BAD"]);
    assert_eq!(codes(&decide(&restricted("hold"), &sale(json!({})))), ["BAD"]);
}

#[test]
fn a_reported_partner_who_is_not_credited_is_named() {
    let shop = program("[payout.default]\nrate = \"5%\"\n");
    let mut known = Reference::default();
    known.set_partners_listed();
    let decision = decide_with(&shop, &sale(json!({})), &known, &shop.counters());
    assert_eq!(decision.reasons[0].code, "UNKNOWN_PARTNER");
    assert_eq!(decision.reasons[0].partner.as_deref(), Some("acme"));
    let late = json!({ "occurred_at": "2026-12-01T10:00:00Z" });
    let decision = decide(&shop, &sale(late));
    assert_eq!((decision.reasons[0].code.as_str(), &decision.reasons[0].partner), ("NO_CREDIT", &None));
}

#[test]
fn a_pause_rejects_from_its_first_moment() {
    let program = program(FOUR_PERCENT);
    let pause = |target, id: Option<&str>, from: &str| {
        let from = crate::time::Timestamp::parse(from).unwrap();
        let pauses = vec![Pause {
            target,
            id: id.map(str::to_owned),
            from,
            until: None,
            verdict: PauseVerdict::Reject,
        }];
        let mut reference = Reference::default();
        pauses.into_iter().for_each(|pause| reference.insert(pause).unwrap());
        decide_with(&program, &sale(json!({})), &reference, &program.counters()).status
    };
    assert_eq!(pause(PauseTarget::Program, None, "2026-03-01T10:00:00Z"), Status::Rejected);
    assert_eq!(pause(PauseTarget::Program, None, "2026-03-01T10:00:01Z"), Status::Payable);
    assert_eq!(pause(PauseTarget::Partner, Some("acme"), "2026-01-01T00:00:00Z"), Status::Rejected);
    assert_eq!(pause(PauseTarget::Partner, Some("other"), "2026-01-01T00:00:00Z"), Status::Payable);
    assert_eq!(pause(PauseTarget::Contract, Some("standard"), "2026-01-01T00:00:00Z"), Status::Rejected);
    assert_eq!(pause(PauseTarget::Creative, Some("banner"), "2026-01-01T00:00:00Z"), Status::Payable);
}

#[test]
fn a_case_holds_what_is_open_until_it_ends() {
    let program = program("[locking]\nfrom = \"action\"\ndays = 30\n[payout.default]\nrate = \"4%\"\n");
    let case = |from: &str, until: Option<&str>| {
        let at = |text: &str| crate::time::Timestamp::parse(text).unwrap();
        let (id, verdict) = (Some("acme".to_owned()), PauseVerdict::Hold);
        let until = until.map(at);
        let mut reference = Reference::default();
        reference.insert(Pause { target: PauseTarget::Partner, id, from: at(from), until, verdict }).unwrap();
        let award = decide_with(&program, &sale(json!({})), &reference, &program.counters()).awards.remove(0);
        (award.status, award.payout.to_string(), award.release_at.map(|at| at.to_string()))
    };
    let held = |until: Option<&str>| (Status::Held, "4".to_owned(), until.map(str::to_owned));
    let (before, end) = ("2026-02-01T00:00:00Z", "2026-03-20T00:00:00Z");
    assert_eq!(case(before, Some(end)), held(Some(end)));
    assert_eq!(case(before, None), held(None));
    // A case that begins before the award locks, and one that begins afterwards.
    assert_eq!(case("2026-03-10T00:00:00Z", Some(end)), held(Some(end)));
    assert_eq!(case("2026-04-10T00:00:00Z", None).0, Status::Payable);
    assert_eq!(case(before, Some("2026-03-01T10:00:00Z")).0, Status::Payable);
}

#[test]
fn at_its_edge_a_limit_may_hold_or_only_tell() {
    for (edge, status, reasons, notices) in [
        ("hold", Status::Held, &["LIMIT_REACHED"][..], &[][..]),
        ("alert", Status::Payable, &[], &["limit_passed"]),
    ] {
        let limit = format!(
            "[[limits]]\nname = \"monthly\"\nmax = \"6.00\"\nper = [\"partner\"]\nperiod = \"month\"\nedge = \"{edge}\"\n"
        );
        let program = program(&format!("{FOUR_PERCENT}{limit}"));
        let mut counters = program.counters();
        let first = decide_with(&program, &sale(json!({})), &Reference::default(), &counters);
        counters.apply(&first.postings).unwrap();
        assert_eq!((first.status, first.awards[0].notices.len()), (Status::Payable, 0));
        let second = decide_with(&program, &sale(json!({ "id": "a2" })), &Reference::default(), &counters);
        let award = &second.awards[0];
        assert_eq!(
            (award.status, award.payout.to_string().as_str(), award.limits.len()),
            (status, "4", 0),
            "{edge}"
        );
        let codes: Vec<&str> = award.reasons.iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!(codes, reasons);
        let codes: Vec<&str> = award.notices.iter().map(|notice| notice.code.as_str()).collect();
        assert_eq!(codes, notices);
    }
}

#[test]
fn a_limit_with_a_condition_is_about_no_other_action() {
    let limit = "[[limits]]\nname = \"new\"\nmax = \"5.00\"\nper = [\"partner\"]\nperiod = \"month\"\nwhen = 'customer.status == \"new\"'\n\
                 [[limits]]\nname = \"one\"\nmax = \"3.00\"\nper = [\"action\"]\nwhen = 'customer.status == \"vip\"'\n";
    let program = program(&format!("{FOUR_PERCENT}{limit}"));
    let mut counters = program.counters();
    let mut paid = |id: &str, status: &str| {
        let action = sale(json!({ "id": id, "customer": { "status": status } }));
        let decision = decide_with(&program, &action, &Reference::default(), &counters);
        counters.apply(&decision.postings).unwrap();
        decision.awards[0].payout.to_string()
    };
    let all = [("a1", "existing"), ("a2", "new"), ("a3", "vip"), ("a4", "new"), ("a5", "existing")];
    assert_eq!(all.map(|(id, status)| paid(id, status)), ["4", "4", "3", "1", "4"]);
}

#[test]
fn a_limit_leaves_no_award_below_zero() {
    // The group lowers the rate, so that its part of each payout is below zero.
    let contract = |max: &str| {
        format!(
            "[credit]\npolicy = \"roles\"\nroles = {{ introducer = \"29%\", closer = \"71%\" }}\n\
             [payout]\nchoose = \"stack\"\n[[payout.groups]]\nname = \"lower\"\nrate = \"7%\"\npoints = \"3.33%\"\n\
             [payout.default]\nrate = \"28%\"\n\
             [[limits]]\nname = \"most\"\nmax = \"{max}\"\nper = [\"action\"]\nedge = \"all_or_nothing\"\n"
        )
    };
    let touches = json!({ "amount": "1.20", "touches": [
        { "partner": "acme", "at": "2026-02-28T12:00:00Z", "kind": "click" },
        { "partner": "blog", "at": "2026-03-01T09:00:00Z", "kind": "click" },
    ] });
    for (max, paid) in [("0.05", ["0", "0"]), ("0.12", ["0.03", "0.09"])] {
        let decision = decide(&program(&contract(max)), &sale(touches.clone()));
        let awards: Vec<String> = decision.awards.iter().map(|award| award.payout.to_string()).collect();
        assert_eq!(awards, paid, "{max}");
    }
}

#[test]
fn a_limit_of_a_group_leaves_no_line_below_zero() {
    let contract = "[payout]\nchoose = \"stack\"\n[payout.default]\nrate = \"8%\"\n\
                    [[payout.groups]]\nname = \"lower\"\nrate = \"3%\"\n\
                    [[limits]]\nname = \"most\"\nmax = \"1.00\"\nper = [\"group\"]\nperiod = \"month\"\n";
    let decision = decide(&program(contract), &sale(json!({})));
    let award = &decision.awards[0];
    // 8.00 by the default payout, 5.00 less by the group: the limit leaves 1.00 of the 8.00, which the group takes off.
    assert_eq!((award.payout.to_string(), award.limits[0].cut.to_string()), ("0".to_owned(), "3".to_owned()));
    let shares: Vec<String> = award.lines[0].shares.iter().map(|share| share.payout.to_string()).collect();
    assert_eq!(shares, ["1", "-1"]);
}

#[test]
fn a_group_pays_at_most_what_it_says() {
    let groups = |per: &str, most: &str| {
        format!(
            "[payout]\nper = \"item\"\n[[payout.groups]]\nname = \"shoes\"\nwhen = 'item.sku == \"S\"'\nrate = \"50%\"\nat_most = \"{most}\"\nat_most_per = \"{per}\"\n[payout.default]\nrate = \"10%\"\n"
        )
    };
    let items = json!({ "items": [
        { "sku": "S", "quantity": 2, "amount": "40.00" }, { "sku": "S", "quantity": 1, "amount": "40.00" },
        { "sku": "T", "quantity": 1, "amount": "20.00" },
    ] });
    let lines = |per: &str, most: &str| {
        let program = program(&groups(per, most));
        let decision = decide(&program, &sale(items.clone()));
        let award = &decision.awards[0];
        let cuts: Vec<String> = award.limits.iter().map(|cut| format!("{} {}", cut.limit, cut.cut)).collect();
        let paid: Vec<String> = award.lines.iter().map(|line| line.payout.to_string()).collect();
        (paid.join(" "), cuts.join(", "))
    };
    let of = |paid: &str, cuts: &str| (paid.to_owned(), cuts.to_owned());
    assert_eq!(lines("order", "30.00"), of("15 15 2", "shoes: at_most 10"));
    assert_eq!(lines("item", "12.00"), of("12 12 2", "shoes: at_most 8, shoes: at_most 8"));
    assert_eq!(lines("unit", "8.00"), of("16 8 2", "shoes: at_most 4, shoes: at_most 12"));
}

#[test]
fn each_way_of_choosing() {
    let groups_toml = "[payout.default]\nrate = \"1%\"\n\
        [[payout.groups]]\nname = \"broad\"\nwhen = 'action.amount >= money(\"50\")'\nrate = \"5%\"\n\
        [[payout.groups]]\nname = \"narrow\"\n\
        when = 'action.amount >= money(\"50\") && customer.status == \"new\"'\nrate = \"3%\"\n\
        [[payout.groups]]\nname = \"flat\"\nwhen = 'action.amount >= money(\"80\")'\nadd = \"5.00\"\n";
    let chosen = |choose: &str, amount: &str| {
        let program = program(&format!("[payout]\nchoose = \"{choose}\"\n{groups_toml}"));
        let decision = decide(&program, &sale(json!({ "amount": amount, "customer": { "status": "new" } })));
        format!("{} {}", groups(&decision).join("+"), payout(&decision))
    };
    assert_eq!(chosen("first", "100"), "broad 5");
    assert_eq!(chosen("first", "10"), "default 0.1");
    assert_eq!(chosen("highest", "100"), "broad 5", "the first of equals");
    assert_eq!(chosen("highest", "90"), "flat 5", "computed payouts are compared, not rates");
    assert_eq!(chosen("highest", "10"), "default 0.1");
    assert_eq!(chosen("most_specific", "100"), "narrow 3");
    assert_eq!(chosen("most_specific", "10"), "default 0.1");
    assert_eq!(chosen("stack", "100"), "default+broad+narrow+flat 8", "the last rate, and the amount");
}

#[test]
fn a_stack_applies_its_verbs_in_order_and_keeps_each_groups_share() {
    let program = program(
        "[payout]\nchoose = \"stack\"\n[payout.default]\nrate = \"4%\"\n\
         [[payout.groups]]\nname = \"spring\"\npoints = \"2%\"\n\
         [[payout.groups]]\nname = \"welcome\"\nadd = \"1.00\"\n\
         [[payout.groups]]\nname = \"double\"\nmultiply = \"2\"\n\
         [[limits]]\nname = \"spring budget\"\nmax = \"3.00\"\nper = [\"partner\"]\ngroup = \"spring\"\n",
    );
    let shares = |decision: &Decision| -> Vec<String> {
        let award = &decision.awards[0];
        let shares = award.lines[0].shares.iter();
        shares.map(|share| format!("{} {}", award.group(share.group), share.payout)).collect()
    };
    let mut totals = program.counters();
    let first = nth(1, json!({}));
    let decision = decide_with(&program, &first, &Reference::default(), &totals);
    assert_eq!(shares(&decision), ["default 4", "spring 2", "welcome 1", "double 7"]);
    totals.apply(&decision.postings).unwrap();
    let decision = decide_with(&program, &nth(2, json!({})), &Reference::default(), &totals);
    assert_eq!(
        shares(&decision),
        ["default 4", "spring 1", "welcome 1", "double 7"],
        "only the group is limited"
    );
    assert_eq!(award(&decision).limits[0].cut.to_string(), "1");
}

#[test]
fn items_are_priced_one_by_one() {
    let program = program(
        "[amount]\nspread = 'action.discount ?? money(\"0\")'\n[payout]\nper = \"item\"\nchoose = \"stack\"\n\
         [payout.default]\nrate = \"10%\"\n\
         [[payout.groups]]\nname = \"once\"\nwhen = 'item.sku != \"x\"'\nadd = \"1.00\"\n\
         [[payout.groups]]\nname = \"units\"\nwhen = 'item.quantity > 1'\nadd = \"0.10\"\nadd_per = \"unit\"\n",
    );
    let items = json!([
        { "sku": "x", "amount": "30.00" },
        { "sku": "y", "amount": "60.00", "quantity": 3 },
        { "sku": "z", "amount": "10.00" }
    ]);
    let decision = decide(&program, &sale(json!({ "items": items, "discount": "10.00" })));
    let bases: Vec<String> = decision.awards[0].lines.iter().map(|line| line.base.to_string()).collect();
    assert_eq!(bases, ["27", "54", "9"]);
    assert_eq!(
        lines(&decision),
        ["2.7", "6.7", "0.9"],
        "an amount per order is on the first line that matches"
    );
    let decision = decide(&program, &sale(json!({})));
    assert_eq!(lines(&decision), ["11"], "{decision:?} without items, one line of the whole amount");
}

#[test]
fn below_the_first_band_the_default_pays() {
    let program = program(
        "[payout.default]\nrate = \"1%\"\n[[payout.groups]]\nname = \"size\"\nby = 'action.amount'\n\
         bands = [{ from = \"50\", rate = \"10%\" }, { from = \"100\", rate = \"20%\" }]\n",
    );
    let pays = |amount: &str| payout(&decide(&program, &sale(json!({ "amount": amount }))));
    assert_eq!([pays("49.99"), pays("50"), pays("99.99"), pays("100")], ["0.5", "5", "10", "20"]);
}

#[test]
fn an_order_is_rounded_once_and_its_lines_sum_to_it() {
    let rounded = |rounding: &str, amounts: &[&str]| {
        let program =
            program(&format!("{rounding}\n[payout]\nper = \"item\"\n[payout.default]\nrate = \"1%\"\n"));
        let items: Vec<_> = amounts.iter().map(|amount| json!({ "sku": "s", "amount": amount })).collect();
        let sum: Decimal = amounts.iter().map(|amount| amount.parse::<Decimal>().unwrap()).sum();
        let amount = sum.to_string();
        let decision =
            decide(&program, &sale(json!({ "event_type": "balance", "items": items, "amount": amount })));
        format!("{} = {}", lines(&decision).join(" + "), payout(&decision))
    };
    let thirds = ["0.50", "0.50", "0.50"];
    assert_eq!(rounded("", &thirds), "0.01 + 0.01 + 0.01 = 0.03");
    assert_eq!(rounded("[rounding]\nplace = \"order\"", &thirds), "0.01 + 0.01 + 0 = 0.02");
    assert_eq!(rounded("[rounding]\nplace = \"order\"\nmode = \"down\"", &thirds), "0.01 + 0 + 0 = 0.01");
    assert_eq!(
        rounded("[rounding]\nplace = \"order\"", &["10.90", "-5.60", "3.30"]),
        "0.11 + -0.05 + 0.03 = 0.09"
    );
    assert_eq!(rounded("[rounding]\nplace = \"order\"", &["-0.90", "-0.90"]), "-0.01 + -0.01 = -0.02");
}

#[test]
fn amounts_are_converted_at_the_rate_of_the_event() {
    let program = program("[payout.default]\nrate = \"10%\"\n");
    let mut reference = Reference::default();
    let action = sale(json!({ "currency": "USD", "amount": "50.05" }));
    let held = decide_with(&program, &action, &reference, &program.counters());
    assert_eq!((held.status, codes(&held)), (Status::Held, vec!["NO_EXCHANGE_RATE"]));
    for (at, rate) in [("2026-02-01T00:00:00Z", "0.9"), ("2026-03-02T00:00:00Z", "0.8")] {
        let rate = json!({ "from": "USD", "to": "EUR", "at": at, "rate": rate }).to_string();
        reference.insert(serde_json::from_str::<ExchangeRate>(&rate).unwrap()).unwrap();
    }
    let decision = decide_with(&program, &action, &reference, &program.counters());
    assert_eq!((award(&decision).base.to_string(), payout(&decision)), ("45.05".into(), "4.51".into()));
    assert_eq!(award(&decision).currency.code(), "EUR");
}

#[test]
fn each_edge_of_a_limit() {
    let limited = |limit: &str| {
        let program =
            program(&format!("[payout.default]\nrate = \"10%\"\n[[limits]]\nname = \"cap\"\n{limit}\n"));
        let amounts = ["100", "180", "60", "40", "10"];
        let actions: Vec<Action> =
            (0..).zip(amounts).map(|(n, amount)| nth(n, json!({ "amount": amount }))).collect();
        run(&program, &actions).join(" ")
    };
    let per = "per = [\"partner\"]\nperiod = \"month\"";
    assert_eq!(limited(&format!("max = \"30.00\"\n{per}")), "10 18 2 0 0");
    assert_eq!(limited(&format!("max = \"30.00\"\nedge = \"all_or_nothing\"\n{per}")), "10 18 0 0 1");
    assert_eq!(limited(&format!("max = \"30.00\"\nedge = \"pay_then_stop\"\n{per}")), "10 18 6 0 0");
    assert_eq!(
        limited(&format!("max = \"34.00\"\nedge = \"all_or_nothing\"\n{per}")),
        "10 18 6 0 0",
        "fits exactly"
    );
    assert_eq!(limited(&format!("count = 2\n{per}")), "10 18 0 0 0");
    assert_eq!(limited("share = \"2.5%\"\nper = [\"action\"]"), "2.5 4.5 1.5 1 0.25");
    assert_eq!(limited("max = \"5.00\"\nper = [\"action\"]"), "5 5 5 4 1");
}

#[test]
fn a_limit_warns_once_and_knows_its_keys() {
    let limits = "[[limits]]\nname = \"cap\"\nmax = \"20.00\"\nper = [\"customer\"]\nwarn_at = \"80%\"\n";
    let ten = "[payout.default]\nrate = \"10%\"\n";
    let held = program(&format!("{ten}{limits}"));
    let decision = decide(&held, &sale(json!({})));
    assert_eq!(
        (decision.status, codes(&decision), payout(&decision)),
        (Status::Held, vec!["LIMIT_KEY_UNKNOWN"], "10".into())
    );
    let skipped = program(&format!("{ten}{limits}when_unknown = \"skip\"\n"));
    assert_eq!(decide(&skipped, &sale(json!({}))).status, Status::Payable);

    let mut totals = held.counters();
    let mut notices = Vec::new();
    for n in 0..4 {
        let action = nth(n, json!({ "amount": "60", "customer": { "id": "c" } }));
        let decision = decide_with(&held, &action, &Reference::default(), &totals);
        totals.apply(&decision.postings).unwrap();
        notices.push(award(&decision).notices.len());
    }
    assert_eq!(notices, [0, 0, 1, 0], "6, 12, 18 of 20, then 20");
}

#[test]
fn a_reload_keeps_what_is_used_up() {
    let limit = |more: &str| {
        program(&format!(
            "[payout.default]\nrate = \"10%\"\n{more}[[limits]]\nname = \"cap\"\nmax = \"15.00\"\nper = [\"partner\"]\n\
             period = \"month\"\n"
        ))
    };
    let old = limit("");
    let mut counters = old.counters();
    for n in 0..2 {
        let decision = decide_with(&old, &nth(n, json!({})), &Reference::default(), &counters);
        counters.apply(&decision.postings).unwrap();
    }
    // The changed program has one more limit before the other; the new limit counts from here on.
    let new = limit(
        "[[limits]]\nname = \"day\"\nmax = \"8.00\"\nper = [\"customer\", \"partner\"]\nperiod = \"day\"\n",
    );
    assert_eq!(new.counter_ids().iter().filter(|id| counters.knows(id)).count(), 1);
    let action = nth(2, json!({ "customer": { "id": "c" } }));
    let decision = decide_with(&new, &action, &Reference::default(), &counters);
    assert_eq!(payout(&decision), "0", "the budget of the month is used up");
    let error = program_of(&[("standard", FOUR_PERCENT)], &[])
        .decide(&action, &Reference::default(), &Counters::new("other"), Options::default())
        .unwrap_err();
    assert_eq!(error.to_string(), "these are counters of program `other`, not of `shop`");
}

#[test]
fn an_action_of_a_closed_period_is_held_or_counts_in_the_open_one() {
    let limited = |late: &str| {
        program(&format!(
            "{late}[payout.default]\nrate = \"10%\"\n[[limits]]\nname = \"cap\"\nmax = \"15.00\"\nper = [\"partner\"]\n\
             period = \"month\"\n"
        ))
    };
    let march = sale(json!({}));
    let decided = |program: &Program| {
        let mut counters = program.counters();
        program.close_periods(&mut counters, "2026-04-01".parse().unwrap()).unwrap();
        let decision = decide_with(program, &march, &Reference::default(), &counters);
        counters.apply(&decision.postings).unwrap();
        let entry = counters.entries().remove(0);
        assert_eq!(entry.at, CountedAt::Period("2026-04-01".parse().unwrap()));
        (decision.status, codes(&decision).join(" "), entry.sums.payouts.to_string())
    };
    assert_eq!(decided(&limited("")), (Status::Held, "PERIOD_CLOSED".into(), "10".into()));
    assert_eq!(decided(&limited("late = \"current\"\n")), (Status::Payable, String::new(), "10".into()));
}

#[test]
fn an_action_that_came_in_time_is_not_held_when_it_is_modified_after_the_close() {
    let program = program(
        "[payout.default]\nrate = \"10%\"\n[totals.sales]\nper = [\"partner\"]\nperiod = \"month\"\n",
    );
    let (march, reference) = (sale(json!({})), Reference::default());
    let modified = |closed_before: bool| {
        let mut counters = program.counters();
        if closed_before {
            program.close_periods(&mut counters, "2026-04-01".parse().unwrap()).unwrap();
        }
        let decision = decide_with(&program, &march, &reference, &counters);
        counters.apply(&decision.postings).unwrap();
        program.close_periods(&mut counters, "2026-04-01".parse().unwrap()).unwrap();
        let mut modification = crate::facts::Adjustment::new(
            "m1",
            &march.id,
            crate::facts::AdjustmentKind::Modification,
            crate::time::Timestamp::parse("2026-04-05T10:00:00Z").unwrap(),
        );
        modification.amount = Some(crate::money::Money(rust_decimal::Decimal::from(50)));
        let earlier = (&march, &decision);
        let adjusted = program.adjust(&modification, earlier, &reference, &counters, Options::default());
        let decision = adjusted.unwrap().decision;
        (decision.status, codes(&decision).join(" "), decision.awards[0].payout.to_string())
    };
    assert_eq!(modified(false), (Status::Payable, String::new(), "5".into()));
    assert_eq!(modified(true), (Status::Held, "PERIOD_CLOSED".into(), "5".into()));
}

#[test]
fn a_close_that_takes_too_much_is_refused() {
    let contract = "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n\
        [payout.default]\nrate = \"10%\"\n[totals.sales]\nper = [\"partner\"]\nperiod = \"month\"\n\
        [[bonuses]]\nname = \"volume\"\nperiod = \"month\"\nmeasure = 'totals.sales.revenue.at_close'\n\
        threshold = \"reaches\"\nscope = \"whole\"\ntiers = [{ from = \"1\", rate = \"1%\" }]\n";
    let closed = |contract: &str, until: &str, close_fuel: u64| {
        let limits = crate::Limits { close_fuel, ..crate::Limits::default() };
        let source = Source::from_files([("program.toml", PROGRAM), ("contracts/a.toml", contract)]);
        let program = Engine::builder().limits(limits).build().load(&source).unwrap();
        let mut counters = program.counters();
        let reference = Reference::default();
        let decision = decide_with(&program, &sale(json!({})), &reference, &counters);
        counters.apply(&decision.postings).unwrap();
        program.close(until.parse().unwrap(), &reference, &counters)
    };
    assert_eq!(closed(contract, "2026-04-01", 1_200).unwrap().len(), 1);
    let error = closed(contract, "2026-04-01", 1_099).unwrap_err();
    assert_eq!(error.code(), "CLOSE_TOO_LARGE");
    assert!(error.to_string().contains("bonus `volume` would take more fuel than the 1099"), "{error}");
    let daily = contract.replace("\"month\"", "\"day\"");
    assert_eq!(closed(&daily, "2029-03-01", 2_000_000_000).unwrap().len(), 1);
    assert_eq!(closed(&daily, "2029-04-01", 2_000_000_000).unwrap_err().code(), "TOO_MANY_PERIODS");
}

#[test]
fn the_smallest_remainder_wins() {
    let program = program(
        "[payout.default]\nrate = \"10%\"\n\
         [[limits]]\nname = \"wide\"\nmax = \"8.00\"\nper = [\"program\"]\n\
         [[limits]]\nname = \"narrow\"\nmax = \"6.00\"\nper = [\"partner\"]\nperiod = \"30 days\"\n",
    );
    let decision = decide(&program, &sale(json!({})));
    let cuts: Vec<String> =
        award(&decision).limits.iter().map(|cut| format!("{} {}", cut.limit, cut.cut)).collect();
    assert_eq!((payout(&decision), cuts), ("6".into(), vec!["wide 2".into(), "narrow 2".into()]));
}

#[test]
fn rules_read_totals_before_and_with_this_action() {
    let text = "if totals.month.actions.with_this > 2 { add(money(\"1\")); }\n\
                if totals.month.revenue.before >= money(\"300\") { add(money(\"10\")); }\n\
                if totals.month.payouts.before > money(\"10\") { add(money(\"100\")); }\n";
    let contract = "[totals.month]\nper = [\"partner\"]\nperiod = \"month\"\nevent_types = [\"sale\"]\n\
                    [[payout.groups]]\nname = \"steps\"\nrule = \"rules/steps.rhai\"\n";
    let program = program_of(&[("s", contract)], &[("steps.rhai", text)]);
    let mut actions: Vec<Action> = (0..5).map(|n| nth(n, json!({}))).collect();
    actions.insert(1, nth(9, json!({ "event_type": "lead", "amount": null })));
    assert_eq!(run(&program, &actions), ["0", "0", "1", "11", "111", "111"]);
    actions.reverse();
    assert_eq!(
        run(&program, &actions),
        ["0", "0", "1", "11", "111", "111"],
        "the order of arrival does not matter"
    );
}

#[test]
fn a_rule_that_fails_holds_the_action_and_is_quoted() {
    let contract = "[[payout.groups]]\nname = \"ratio\"\nrate = \"5%\"\n\
                    when = 'action.amount / (action.tax ?? money(\"0\")) > 2'\n";
    let program = program(&format!("{FOUR_PERCENT}{contract}"));
    let decision = decide(&program, &sale(json!({})));
    assert_eq!(
        (decision.status, payout(&decision), codes(&decision)),
        (Status::Held, "0".into(), vec!["RULE_ERROR"])
    );
    let fault = award(&decision).reasons[0].fault.clone().unwrap();
    assert_eq!(fault.kind, FaultKind::DivisionByZero);
    assert_eq!(fault.text, "action.amount / (action.tax ?? money(\"0\"))");
    assert_eq!(fault.place.unwrap().file, "contracts/standard.toml");
    assert!(award(&decision).counts && decision.awards[0].lines.is_empty());
    assert_eq!(payout(&decide(&program, &sale(json!({ "tax": "10" })))), "5");
}

#[test]
fn amounts_that_counters_could_not_sum_are_not_paid() {
    let held = |contract: &str, amount: &str| {
        let program = program(contract);
        let decision = decide(&program, &sale(json!({ "amount": amount })));
        let mut counters = program.counters();
        counters.apply(&decision.postings).unwrap();
        let fault = award(&decision).reasons.first().and_then(|reason| reason.fault.as_ref());
        assert!(fault.is_none_or(|fault| fault.kind == FaultKind::Overflow));
        (decision.status, payout(&decision), fault.is_some())
    };
    let default = "[payout.default]\nrate = \"1%\"\n";
    let large = "9999999999999999.99";
    assert_eq!(held(default, large), (Status::Payable, "100000000000000".into(), false));
    assert_eq!(held(default, "10000000000000000"), (Status::Held, "0".into(), true));
    let order = format!("[amount]\norder = 'action.amount * 2'\n\n{default}");
    assert_eq!(held(&order, large), (Status::Held, "0".into(), true));
    let twice = "[payout.default]\nrate = \"100%\"\nmultiply = \"2\"\n";
    assert_eq!(held(twice, large), (Status::Held, "0".into(), true));
}

#[test]
fn a_failing_restriction_does_not_hide_a_rejection() {
    let program = program(&format!(
        "[[restrictions]]\nname = \"broken\"\nwhen = 'action.amount / (action.tax ?? money(\"0\")) > 2'\n\
         verdict = \"flag\"\nreason = \"CHECK\"\n\
         [[restrictions]]\nname = \"bad\"\nwhen = 'action.amount > money(\"150\")'\nverdict = \"reject\"\n\
         reason = \"BAD\"\n{FOUR_PERCENT}"
    ));
    assert_eq!(codes(&decide(&program, &sale(json!({})))), ["RULE_ERROR"]);
    let decision = decide(&program, &sale(json!({ "amount": "200" })));
    assert_eq!((decision.status, codes(&decision)), (Status::Rejected, vec!["BAD", "RULE_ERROR"]));
}

#[test]
fn facts_of_the_host_are_seen_by_rules() {
    let text = "if creative.expired_at(touch.at) { reject(\"BAD\"); }\n\
                for code in action.promo_codes {\n\
                  if (promo_owner(code) ?? partner.id) != partner.id { hold(\"CHECK\"); }\n\
                }\n\
                if (attributes.margin ?? money(\"1\")) < money(\"0\") { zero(\"RISK\"); }\n";
    let contract = format!("[[restrictions]]\nname = \"facts\"\nrule = \"rules/facts.rhai\"\n{FOUR_PERCENT}");
    let program = program_of(&[("s", &contract)], &[("facts.rhai", text)]);
    let mut reference = Reference::default();
    let owner = Some("other".to_owned());
    reference
        .promo_codes
        .insert("SPRING".into(), PromoCode { code: "SPRING".into(), owner, ..Default::default() });
    let valid_until = crate::time::Timestamp::parse("2026-03-01T09:00:00Z");
    reference.insert(Creative { id: "ad".into(), valid_until, ..Default::default() }).unwrap();
    let by = |more| codes(&decide_with(&program, &sale(more), &reference, &program.counters())).join(" ");
    assert_eq!(by(json!({})), "");
    assert_eq!(
        by(json!({ "promo_codes": ["spring"] })),
        "CHECK",
        "codes are compared without regard to case"
    );
    assert_eq!(by(json!({ "attributes": { "margin": "-0.01" } })), "RISK");
    let touches =
        json!([{ "partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click", "creative": "ad" }]);
    assert_eq!(by(json!({ "touches": touches })), "BAD");
}

#[test]
fn a_trace_has_every_rule_with_what_it_saw() {
    let program = program(
        "[[restrictions]]\nname = \"risk\"\nwhen = '(fraud.risk ?? 0.0) > 80'\nverdict = \"reject\"\n\
         reason = \"RISK\"\n[payout]\nchoose = \"highest\"\n\
         [[payout.groups]]\nname = \"new\"\nwhen = 'customer.status == \"new\"'\nrate = \"8%\"\n\
         [[payout.groups]]\nname = \"all\"\nrate = \"5%\"\n\
         [[limits]]\nname = \"cap\"\nmax = \"7.00\"\nper = [\"partner\"]\n",
    );
    let action = sale(json!({ "customer": { "status": "new" } }));
    let trace = program
        .decide(&action, &Reference::default(), &program.counters(), Options::traced())
        .unwrap()
        .trace
        .unwrap();
    assert!(trace.credit[0].credited);
    let outcomes: Vec<_> =
        trace.awards[0].rules.iter().map(|rule| (rule.rule.as_str(), rule.outcome.clone())).collect();
    let five = Outcome::NotChosen(Some("5".parse().unwrap()));
    assert_eq!(outcomes, [("risk", Outcome::NotMatched), ("new", Outcome::Chosen), ("all", five)]);
    let seen = |n: usize| {
        trace.awards[0].rules[n]
            .saw
            .iter()
            .map(|seen| format!("{}={}", seen.fact, seen.value))
            .collect::<Vec<_>>()
    };
    assert_eq!(seen(0), ["fraud.risk=unknown"]);
    assert_eq!(seen(1), ["customer.status=new"]);
    let limit = &trace.awards[0].limits[0];
    assert_eq!((limit.asked.to_string(), limit.granted.to_string()), ("8".into(), "7".into()));
}

#[test]
fn a_partner_sees_neither_fraud_signals_nor_other_partners() {
    let program = program(&format!(
        "[[restrictions]]\nname = \"risk above 80\"\nwhen = '(fraud.risk ?? 0.0) > 80'\nverdict = \"hold\"\n\
         reason = \"CHECK\"\n{FOUR_PERCENT}"
    ));
    let touches = json!([
        { "partner": "rival", "at": "2026-03-01T08:00:00Z", "kind": "click" },
        { "partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click" }
    ]);
    let action = sale(json!({ "fraud": { "risk": 95, "reasons": ["vpn"] }, "touches": touches }));
    let decision =
        program.decide(&action, &Reference::default(), &program.counters(), Options::traced()).unwrap();
    assert_eq!(decision.status, Status::Held);
    assert!(decision.partner_view("rival").is_none());
    let mut view = decision.partner_view("acme").unwrap();
    // A digest may contain any digits.
    view.receipt = Default::default();
    let view = serde_json::to_string(&view).unwrap();
    assert!(view.contains("\"CHECK\""), "{view}");
    for secret in ["risk", "95", "vpn", "rival", "fraud"] {
        assert!(!view.contains(secret), "{secret} in {view}");
    }
}

#[test]
fn a_receipt_covers_inputs_terms_and_totals() {
    let program = program(
        "[payout.default]\nrate = \"4%\"\n[[limits]]\nname = \"cap\"\nmax = \"900\"\nper = [\"partner\"]\n",
    );
    let receipt =
        |more, totals: &Counters| decide_with(&program, &sale(more), &Reference::default(), totals).receipt;
    let none = program.counters();
    let plain = receipt(json!({}), &none);
    assert_eq!(plain, receipt(json!({ "amount": "100.0000" }), &none), "equal amounts are equal bytes");
    assert_ne!(plain, receipt(json!({ "tax": "1" }), &none), "even of what no rule reads");
    let mut totals = program.counters();
    let before = sale(json!({ "id": "a0", "occurred_at": "2026-03-01T09:30:00Z" }));
    let decision = decide_with(&program, &before, &Reference::default(), &none);
    totals.apply(&decision.postings).unwrap();
    assert_ne!(plain, receipt(json!({}), &totals), "the totals that were read");
    let other = self::program("[payout.default]\nrate = \"4.0%\"\n");
    assert_ne!(plain, decide(&other, &sale(json!({}))).receipt, "the terms");
}

/// Counters over rolling days keep each movement until its days are closed, so they are bounded.
#[test]
fn actions_beyond_the_room_of_rolling_counters_are_held_and_not_counted() {
    let limits = crate::limits::Limits { rolling_movements: 2, ..crate::limits::Limits::default() };
    let mut source = Source::new();
    source.insert("program.toml", PROGRAM);
    source.insert(
        "contracts/standard.toml",
        "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"1%\"\n[[limits]]\nname = \"m\"\n\
         max = \"50\"\nper = [\"partner\"]\nperiod = \"30 days\"\nevent_types = [\"sale\"]\n",
    );
    let program = Engine::builder().limits(limits).build().load(&source).unwrap();
    let mut counters = program.counters();
    let decided = |n: u32, event: &str, counters: &mut Counters| {
        let at = format!("2026-03-01T10:0{n}:00Z");
        let action = sale(json!({ "id": n.to_string(), "occurred_at": at, "event_type": event }));
        let decision = decide_with(&program, &action, &Reference::default(), counters);
        counters.apply(&decision.postings).unwrap();
        decision
    };
    assert_eq!(decided(0, "sale", &mut counters).status, Status::Payable);
    assert_eq!(decided(1, "sale", &mut counters).status, Status::Payable);
    for n in 2..4 {
        let held = decided(n, "sale", &mut counters);
        assert_eq!((held.status, codes(&held)), (Status::Held, vec!["RULE_ERROR"]));
        let fault = award(&held).reasons[0].fault.as_ref().unwrap();
        assert!(
            fault.text.contains("`rolling_movements` allows 2 movements; close periods"),
            "{}",
            fault.text
        );
        assert!(held.postings.is_empty());
    }
    assert_eq!(counters.rolling_movements(), 2);
    // Another event type is not counted, so it needs no room.
    assert_eq!(decided(4, "balance", &mut counters).status, Status::Payable);
    program.close_periods(&mut counters, "2026-05-01".parse().unwrap()).unwrap();
    assert_eq!(counters.rolling_movements(), 1, "of what no open window reaches, one sum is left");
    assert_eq!(decided(5, "sale", &mut counters).status, Status::Payable);
}

#[test]
fn rules_round_in_the_mode_of_their_payout() {
    let whole = "add(round(money(\"2.40\"), money(\"1\")) + round(action.amount, money(\"30\")));";
    let contract = "[payout.default]\nrule = \"rules/whole.rhai\"\n\
                    [payouts.balance.default]\nrule = \"rules/whole.rhai\"\n\
                    [payouts.balance.rounding]\nmode = \"up\"\n";
    let program = program_of(&[("standard", contract)], &[("whole.rhai", whole)]);
    assert_eq!(payout(&decide(&program, &sale(json!({})))), "92");
    assert_eq!(payout(&decide(&program, &sale(json!({ "event_type": "balance" })))), "123");
}

#[test]
fn a_step_that_is_not_above_zero_holds_the_action() {
    let contract = "[payout.default]\nrule = \"rules/step.rhai\"\n";
    let rule = "add(round(money(\"2.40\"), attributes.margin ?? money(\"1\")));";
    let program = program_of(&[("standard", contract)], &[("step.rhai", rule)]);
    assert_eq!(payout(&decide(&program, &sale(json!({ "attributes": { "margin": "0.50" } })))), "2.5");
    for margin in ["0", "-1"] {
        let decision = decide(&program, &sale(json!({ "attributes": { "margin": margin } })));
        assert_eq!((decision.status, codes(&decision)), (Status::Held, vec!["RULE_ERROR"]));
        let fault = award(&decision).reasons[0].fault.as_ref().unwrap();
        assert_eq!(fault.kind, FaultKind::RoundingStep);
        assert_eq!(fault.text, "round(money(\"2.40\"), attributes.margin ?? money(\"1\"))");
    }
}
