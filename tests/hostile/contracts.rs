//! Hostile components where contracts name them: each is refused when its program is loaded or holds the actions that it
//! is asked about, with its own fault, and no other contract's decisions know of it.

use accrue::Options;
use accrue::Rules;
use accrue_tests::awarded::paid;
use accrue_tests::awarded::reasons;
use std::fs;

use accrue::Source;
use accrue::decide::{Decision, Outcome, Status};
use accrue::diagnostic::Code;
use accrue::internals::lang::FaultKind;
use accrue::money::Money;
use accrue::{Engine, Limits, Program, Reference};

use crate::component_cases::{HOSTILE, PROGRAM, cases, root, sale};

/// Pays 4%, and 2.50 more on a weekend.
const HONEST: &str = "contract = \"honest\"\nversion = 1\neffective_from = 2026-01-01\n\
    [payout]\nchoose = \"stack\"\n[payout.default]\nrate = \"4%\"\n\
    [[payout.groups]]\nname = \"weekend\"\ncomponent = \"components/weekend.wasm\"\n";

pub(crate) fn example(component: &str) -> Vec<u8> {
    fs::read(root(&format!("../rules-examples/marketplace/components/{component}.wasm"))).unwrap()
}

fn source(hostile: Option<&[u8]>) -> Source {
    let mut source = Source::from_files([("program.toml", PROGRAM), ("contracts/honest.toml", HONEST)]);
    source.insert("components/weekend.wasm", example("weekend"));
    if let Some(bytes) = hostile {
        source.insert("contracts/hostile.toml", HOSTILE);
        source.insert("components/hostile.wasm", bytes);
    }
    source
}

fn decide(program: &Program, partner: &str) -> Decision {
    program.decide(&sale(partner), &Reference::default(), &program.counters(), Options::default()).unwrap()
}

/// Asserts that a decision pays nothing, because a rule failed in this way.
fn assert_held(decision: &Decision, kind: FaultKind, name: &str) {
    assert_eq!(decision.status, Status::Held, "{name}");
    assert_eq!(paid(decision), Money::ZERO, "{name}");
    assert_eq!(decision.awards[0].release_at, None, "{name}: it is released by itself");
    assert!(decision.awards.iter().all(|partner| partner.lines.is_empty()), "{name}");
    let reasons = reasons(decision);
    let [reason] = reasons.as_slice() else { panic!("{name}: {reasons:?}") };
    let fault = reason.fault.as_ref().unwrap();
    assert_eq!((reason.code.as_str(), fault.kind), ("RULE_ERROR", kind), "{name}: {}", fault.text);
}

/// What a contract says of a failure that the sandbox has this code for.
fn kind(code: &str) -> Option<FaultKind> {
    Some(match code {
        "component_out_of_fuel" => FaultKind::Budget,
        "component_memory" | "component_table" => FaultKind::Memory,
        "component_stack" => FaultKind::Stack,
        "component_trap" => FaultKind::Trap,
        "component_bad_output" => FaultKind::BadOutput,
        "component_too_much_output" => FaultKind::TooMuchOutput,
        "component_refused" => FaultKind::Reported,
        _ => return None,
    })
}

#[test]
fn each_holds_its_own_actions_and_no_neighbour_notices() {
    let limits = Limits::default();
    let engines = [
        Engine::builder().limits(limits.clone()).build(),
        Engine::builder().limits(limits.clone()).rules(Rules::Interpreted).build(),
    ];
    let alone = decide(&engines[0].load(&source(None)).unwrap(), "good");
    assert_eq!((alone.status, alone.payout().unwrap()), (Status::Payable, "6.50".parse().unwrap()));
    let mut held = 0;
    for case in cases() {
        let name = &case.name;
        let loaded = engines.each_ref().map(|engine| engine.load(&source(Some(&case.bytes))));
        let [Ok(compiled), Ok(portable)] = loaded else {
            assert_eq!(kind(&case.code), None, "{name} does not load");
            let codes = [Code::TooLarge, Code::BadComponent, Code::ComponentImport, Code::ComponentWorld];
            for refused in loaded {
                let faults = refused.unwrap_err();
                let [fault] = faults.0.as_slice() else { panic!("{name}: {faults}") };
                assert!(codes.contains(&fault.code), "{name}: {faults}");
                assert_eq!(fault.place.as_ref().unwrap().file, "contracts/hostile.toml", "{name}");
            }
            continue;
        };
        let kind = kind(&case.code).unwrap_or_else(|| panic!("{name} loads"));
        let decision = decide(&compiled, "evil");
        assert_held(&decision, kind, name);
        // A call uses 1,000, a touch 16, and 16 units of the component's own fuel are one.
        let most = 1_016 + limits.component_fuel / 16;
        assert!(decision.fuel > 1_016 && decision.fuel <= most, "{name}: {}", decision.fuel);
        let is_all = [FaultKind::Budget, FaultKind::Stack].contains(&kind);
        assert_eq!(decision.fuel == most, is_all, "{name}");
        assert_eq!(decide(&portable, "evil"), decision, "{name}");
        let traced = compiled
            .decide(&sale("evil"), &Reference::default(), &compiled.counters(), Options::traced())
            .unwrap();
        assert_eq!(traced.receipt, decision.receipt, "{name}");
        let trace = traced.trace.unwrap();
        assert_eq!(trace.awards[0].rules.last().unwrap().outcome, Outcome::Failed(kind), "{name}");
        assert_eq!(trace.awards[0].rules.last().unwrap().fuel, decision.fuel, "{name}");
        // The neighbour, before and after and in between.
        let actions = [sale("good"), sale("evil"), sale("good")];
        let batch = compiled.decide_batch(&actions, &Reference::default(), &compiled.counters());
        assert_eq!(batch.unwrap(), [Ok(alone.clone()), Ok(decision), Ok(alone.clone())], "{name}");
        held += 1;
    }
    assert!(held >= 20, "only {held} components load");
}

#[test]
fn a_component_that_never_ends_meets_its_deadline_where_a_host_gives_it_endless_fuel() {
    let limits = Limits { component_fuel: u64::MAX / 2, component_ticks: 2, ..Limits::default() };
    let engine = Engine::builder().limits(limits).build();
    let endless = cases().into_iter().find(|case| case.name == "endless_loop").unwrap();
    let program = engine.load(&source(Some(&endless.bytes))).unwrap();
    let ticker = engine.sandbox().unwrap().start_ticker();
    assert_held(&decide(&program, "evil"), FaultKind::Deadline, "endless_loop");
    drop(ticker);
}

/// A restriction that fails holds what a later one would let through, and one that rejects still rejects.
#[test]
fn a_restriction_that_runs_out_of_fuel_holds_what_no_other_rejects() {
    let contract = "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n\
        [params]\nhold_at = 50\nreject_at = 90\n[totals]\ncustomer_day = { per = [\"customer\"], period = \"day\", when_unknown = \"skip\" }\n\
        [[restrictions]]\nname = \"score\"\ncomponent = \"components/velocity.wasm\"\n\
        [[restrictions]]\nname = \"small\"\nwhen = 'action.amount < 10'\nverdict = \"reject\"\nreason = \"SMALL\"\n\
        [payout.default]\nrate = \"4%\"\n";
    let mut source = Source::from_files([
        (
            "program.toml",
            &*format!(
                "{PROGRAM}[attributes]\nip_country = {{ type = \"text\" }}\n[reasons]\nSMALL = \"Too small\"\nFRAUD_SCORE = \"a\"\nFRAUD_CERTAIN = \"b\"\n"
            ),
        ),
        ("contracts/standard.toml", contract),
    ]);
    source.insert("components/velocity.wasm", example("velocity"));
    let load = |limits: Limits| Engine::builder().limits(limits).build().load(&source).unwrap();
    let used = decide(&load(Limits::default()), "acme");
    assert_eq!((used.status, used.payout().unwrap()), (Status::Payable, "4.00".parse().unwrap()));
    let short = load(Limits { component_fuel: used.fuel / 2, ..Limits::default() });
    let held = decide(&short, "acme");
    assert_held(&held, FaultKind::Budget, "velocity");
    assert_eq!(held.awards[0].reasons[0].rule, "score");
    let mut small = sale("acme");
    small.amount = Some("9.99".parse().unwrap());
    let decision =
        short.decide(&small, &Reference::default(), &short.counters(), Options::default()).unwrap();
    assert_eq!(decision.status, Status::Rejected);
    let reasons = reasons(&decision);
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!(codes, ["SMALL", "RULE_ERROR"]);
}

#[test]
fn what_a_component_says_is_held_to_the_program() {
    let contract = |schedule: &str| {
        format!(
            "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n[params]\nschedule = \"{schedule}\"\n\
             [totals]\npartner_month = {{ per = [\"partner\"], period = \"month\" }}\n\
             [[payout.groups]]\nname = \"progressive\"\ncomponent = \"components/progressive.wasm\"\n"
        )
    };
    let decision = |schedule: &str, reasons: &str| {
        let program = format!("{PROGRAM}{reasons}");
        let mut source = Source::from_files([
            ("program.toml", &*program),
            ("contracts/standard.toml", &*contract(schedule)),
        ]);
        source.insert("components/progressive.wasm", example("progressive"));
        decide(&Engine::default().load(&source).unwrap(), "acme")
    };
    let declared = "[reasons]\nNEW_BRACKET = \"Higher\"\n";
    assert_eq!(decision("0: 4%; 50: 6%", declared).payout().unwrap(), "5.00".parse().unwrap());
    // All or nothing: the amount beside a reason that nobody declared is not paid either.
    let undeclared = decision("0: 4%; 50: 6%", "");
    assert_held(&undeclared, FaultKind::BadOutput, "a reason");
    let fault = undeclared.awards[0].reasons[0].fault.as_ref().unwrap();
    assert_eq!(fault.text, "the program declares no reason `NEW_BRACKET`");
    assert_eq!(fault.place.as_ref().unwrap().file, "components/progressive.wasm");
    let reported = decision("0: 4%; 50", declared);
    assert_held(&reported, FaultKind::Reported, "an error");
    assert!(
        reported.awards[0].reasons[0].fault.as_ref().unwrap().text.contains("is not a bracket"),
        "{reported:?}"
    );
}

/// A component that begins with more memory than a host grants is refused before anything is decided.
#[test]
fn a_host_sets_the_limits_of_a_program() {
    let refused = |limits: Limits| {
        Engine::builder().limits(limits).build().load(&source(None)).unwrap_err().0.remove(0)
    };
    let small = refused(Limits { component_memory_bytes: 64 << 10, ..Limits::default() });
    assert_eq!(small.code, Code::TooLarge, "{small:?}");
    let short = refused(Limits { component_bytes: 1_000, ..Limits::default() });
    assert_eq!(short.code, Code::TooLarge, "{short:?}");
    assert!(short.message.contains("1000"), "{short:?}");
    let endless = refused(Limits { component_memory_bytes: usize::MAX - 65_535, ..Limits::default() });
    assert_eq!(endless.code, Code::BadComponent, "{endless:?}");
}
