//! A long table of rates costs no more than a short one, and gives the same decisions in every way of running rules.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use accrue::facts::{Action, read_action};
use accrue::{Decision, Engine, Options, Program, Reference, Rules, Source};

/// Returns a program that pays a rate for each of `rows` SKUs. Every tenth row has a second condition.
fn program(rows: usize, rules: Rules) -> Program {
    let mut table = "item.sku,customer.country,rate\n".to_owned();
    for row in 0..rows {
        let country = if row % 10 == 3 { "DE | AT" } else { "" };
        writeln!(table, "SKU-{row:05},{country},{}.5%", row % 9 + 1).unwrap();
    }
    let source = Source::from_files([
        ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n"),
        (
            "contracts/standard.toml",
            "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n[payout]\nper = \"item\"\n[payout.default]\n\
             rate = \"1%\"\n[[payout.groups]]\ntable = \"rates\"\n",
        ),
        ("tables/rates.csv", table.as_str()),
    ]);
    Engine::builder().rules(rules).build().load(&source).map_err(|error| error.to_string()).unwrap()
}

fn action(sku: usize, country: &str) -> Action {
    read_action(&format!(
        r#"{{"id": "a{sku}", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "150.00",
             "customer": {{{country}}},
             "items": [{{"sku": "SKU-{sku:05}", "quantity": 1, "amount": "100.00"}}, {{"sku": "none", "quantity": 1, "amount": "50.00"}}],
             "touches": [{{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}}]}}"#
    ))
    .unwrap()
}

fn decide(program: &Program, action: &Action, trace: bool) -> Decision {
    let options = if trace { Options::traced() } else { Options::default() };
    program.decide(action, &Reference::default(), &program.counters(), options).unwrap()
}

#[test]
fn every_way_gives_the_same_decision_and_fuel() {
    let (interpreted, native) = (program(300, Rules::Interpreted), program(300, Rules::Native));
    for sku in [0, 3, 13, 150, 299, 300] {
        for country in ["", r#""country": "DE""#, r#""country": "FR""#] {
            let action = action(sku, country);
            let looked_up = decide(&interpreted, &action, false);
            assert_eq!(looked_up, decide(&native, &action, false));
            // A trace tries every group.
            let traced = decide(&interpreted, &action, true);
            assert_eq!((looked_up.fuel, &looked_up.receipt), (traced.fuel, &traced.receipt));
        }
    }
}

/// Returns the shortest time of a decision.
fn time(program: &Program, rows: usize) -> Duration {
    let actions: Vec<Action> = (0..50).map(|n| action(n * rows / 50, r#""country": "DE""#)).collect();
    let reference = Reference::default();
    let counters = program.counters();
    let run = || {
        let start = Instant::now();
        for action in &actions {
            program.decide(action, &reference, &counters, Options::default()).unwrap();
        }
        start.elapsed() / 50
    };
    (0..40).map(|_| run()).min().unwrap()
}

/// `cargo test --release -p accrue --test tables -- --nocapture` prints what it costs.
#[test]
fn a_long_table_costs_no_more_than_a_short_one() {
    for (way, rules) in [("interpreted", Rules::Interpreted), ("native", Rules::Native)] {
        let start = Instant::now();
        let long = program(5_000, rules);
        let loaded = start.elapsed();
        let short = program(10, rules);
        let (short, long) = (time(&short, 10), time(&long, 5_000));
        println!("{way}: 10 rows {short:?}, 5,000 rows {long:?} a decision; 5,000 rows loaded in {loaded:?}");
        // The margin is for a busy machine; trying 5,000 rows one by one takes more than ten times as long.
        assert!(long < short * 3, "{way}: {long:?} is more than {short:?}");
    }
}
