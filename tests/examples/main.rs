//! Every program under `rules-examples`: it loads without a fault or a doubt, the tests beside its rules pass, and all
//! of its actions are decided.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::path::PathBuf;

use accrue::facts::{Adjustment, AdjustmentKind};
use accrue::money::Money;
use accrue::{Engine, Options, Program};
use accrue_tests::awarded::reasons;
use accrue_tests::command::{accrue, passes};
use accrue_tests::folder::{Folder, programs, root};
use rust_decimal::Decimal;

/// Actions of one program that are taken back; the largest has some 70,000.
const ACTIONS: usize = 500;

fn examples() -> Vec<PathBuf> {
    let examples = programs(&root().join("rules-examples")).unwrap();
    assert!(examples.len() >= 6);
    examples
}

#[test]
fn every_example_loads_without_a_warning_and_decides_its_actions() {
    for path in examples() {
        let folder = Folder::read(&path).unwrap();
        assert!(folder.faults.is_empty(), "{}: {:?}", path.display(), folder.faults);
        let program = Engine::default().load(&folder.source);
        let program = program.unwrap_or_else(|diagnostics| panic!("{}:\n{diagnostics}", path.display()));
        assert!(program.warnings().0.is_empty(), "{}:\n{}", path.display(), program.warnings());
        assert!(!folder.actions.is_empty(), "{} has no actions", path.display());
        for decided in program.decide_all(&folder.actions, &folder.reference, &mut program.counters()) {
            let action = &folder.actions[decided.index].id;
            let decision =
                decided.decision.unwrap_or_else(|error| panic!("{}: {action}: {error}", path.display()));
            let faults: Vec<_> =
                reasons(&decision).into_iter().filter(|reason| reason.fault.is_some()).collect();
            assert!(faults.is_empty(), "{}: {action}: {faults:?}", path.display());
        }
    }
}

#[test]
fn the_tests_of_every_example_pass() {
    let failed: Vec<String> =
        examples().iter().filter_map(|path| passes("test", path, |_| false).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// A test that says what its program does reaches what the program has.
#[test]
fn the_tests_of_every_example_reach_nine_tenths_of_it() {
    for path in examples() {
        let path = path.to_string_lossy();
        let output = accrue(&["test", &path, "--coverage", "--min", "90%"]).unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{path} ({}):\n{printed}", output.status);
    }
}

/// What a program reaches is recorded by the interpreter, and changes no decision of compiled rules.
#[test]
fn a_program_that_records_decides_the_same() {
    for path in examples() {
        let folder = Folder::read(&path).unwrap();
        let program = Engine::default().load(&folder.source).unwrap();
        let recording = program.recording();
        let mut counters = program.counters();
        for action in folder.actions.iter().take(ACTIONS) {
            let decide = |program: &Program| {
                program.decide(action, &folder.reference, &counters, Options::traced()).unwrap()
            };
            let decision = decide(&program);
            assert_eq!(decide(&recording), decision, "{}: {}", path.display(), action.id);
            counters.apply(&decision.postings).unwrap();
        }
        assert!(recording.coverage().share().reached > 0, "{}", path.display());
        assert_eq!(program.coverage().share().reached, 0, "{}", path.display());
    }
}

/// Whatever stood between them: a part that came back, a smaller amount, an approval.
#[test]
fn a_payment_and_its_full_reversal_cancel_to_zero() {
    for path in examples() {
        let folder = Folder::read(&path).unwrap();
        let program = Engine::default().load(&folder.source).unwrap();
        let mut counters = program.counters();
        let mut reversed = 0;
        for (n, action) in folder.actions.iter().take(ACTIONS).enumerate() {
            let of = format!("{}: {}", path.display(), action.id);
            let decided = program.decide(action, &folder.reference, &counters, Options::default()).unwrap();
            counters.apply(&decided.postings).unwrap();
            let pays = decided.awards.iter().any(|award| !award.payout.is_zero());
            let mut stands = (action.clone(), decided);
            let adjustment = |id: &str, kind| Adjustment::new(id, &action.id, kind, action.occurred_at);
            let part =
                |of: i64| action.amount.map(|amount| Money((amount.0 / Decimal::from(of)).round_dp(2)));
            let amount = |id: &str, kind, amount| Adjustment { amount: Some(amount), ..adjustment(id, kind) };
            let between = match n % 4 {
                0 => part(3).map(|third| amount("part", AdjustmentKind::Reversal, third)),
                1 => part(2).map(|half| amount("less", AdjustmentKind::Modification, half)),
                2 => Some(adjustment("approved", AdjustmentKind::Approval)),
                _ => None,
            };
            let whole = adjustment("whole", AdjustmentKind::Reversal);
            for adjustment in between.into_iter().chain([whole]) {
                let earlier = (&stands.0, &stands.1);
                match program.adjust(&adjustment, earlier, &folder.reference, &counters, Options::default()) {
                    Ok(adjusted) => {
                        counters.apply(&adjusted.decision.postings).unwrap();
                        stands = (adjusted.action, adjusted.decision);
                    }
                    // Nothing is held, or the action has items, whose amounts are not changed here.
                    Err(error) => assert!(adjustment.id != "whole" || !pays, "{of}: {error}"),
                }
            }
            assert!(stands.1.awards.iter().all(|award| award.payout.is_zero()), "{of}");
            reversed += usize::from(pays);
        }
        assert!(reversed > 0, "{} pays nothing", path.display());
        for entry in counters.entries() {
            assert!(entry.sums.payouts.is_zero(), "{}: {entry:?}", path.display());
            assert!(entry.sums.payable.is_zero(), "{}: {entry:?}", path.display());
        }
    }
}

#[test]
fn the_adjustments_of_every_example_are_made() {
    let adjusted: Vec<PathBuf> =
        examples().into_iter().filter(|path| path.join("adjustments").is_dir()).collect();
    assert!(adjusted.len() >= 4);
    let failed: Vec<String> =
        adjusted.iter().filter_map(|path| passes("run", path, |_| false).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn every_example_passes_check() {
    let failed: Vec<String> = examples()
        .iter()
        .filter_map(|path| passes("check", path, |printed| printed.contains("warning[")).err())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn every_example_has_tests_and_a_readme() {
    for path in examples() {
        assert!(path.join("README.md").is_file(), "{}", path.display());
        assert!(std::fs::read_dir(path.join("tests")).map_or(0, Iterator::count) > 0, "{}", path.display());
    }
}
