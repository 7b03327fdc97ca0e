//! The child of a case that goes through the library: it loads the program of the folder it is started in, decides the actions,
//! and prints a line for each diagnostic, fault and decision.

use std::path::Path;
use std::process::Command;

use accrue::{Engine, Limits, Options, Rules};
use accrue_tests::folder::Folder;

/// The variable that makes the test below a child, and says what it does.
const WAY: &str = "ACCRUE_HOSTILE_WAY";

/// The command that starts this test binary as the child.
pub(crate) fn command(way: &str) -> Command {
    let ways = ["load", "compiled", "interpreted", "traced", "batch", "deadline"];
    assert!(ways.contains(&way), "there is no way `{way}`");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "in_library::child", "--nocapture", "--ignored"]).env(WAY, way);
    command
}

#[test]
#[ignore = "the child of a case of the corpus"]
fn child() {
    let Ok(way) = std::env::var(WAY) else { return };
    let folder = Folder::read(Path::new(".")).unwrap();
    for fault in &folder.faults {
        println!("rejected {fault}");
    }
    let rules = if way == "interpreted" { Rules::Interpreted } else { Rules::Native };
    let mut limits = Limits::default();
    if way == "deadline" {
        (limits.component_fuel, limits.component_ticks) = (u64::MAX / 2, 2);
    }
    let engine = Engine::builder().rules(rules).limits(limits).build();
    let _ticker = (way == "deadline").then(|| engine.sandbox().unwrap().start_ticker());
    let program = match engine.load(&folder.source) {
        Ok(program) => program,
        Err(faults) => return println!("refused\n{faults}"),
    };
    if way == "load" {
        return println!("loaded");
    }
    let counters = program.counters();
    let decided: Vec<_> = match way.as_str() {
        "batch" => {
            let batch = program.decide_batch(&folder.actions, &folder.reference, &counters).unwrap();
            batch.into_iter().map(|decided| decided.map_err(|refused| refused.to_string())).collect()
        }
        _ => {
            let options = if way == "traced" { Options::traced() } else { Options::default() };
            let decide = |action| {
                let decided = program.decide(action, &folder.reference, &counters, options);
                decided.map_err(|refused| refused.to_string())
            };
            folder.actions.iter().map(decide).collect()
        }
    };
    for (action, decision) in folder.actions.iter().zip(decided) {
        match decision {
            Err(refused) => println!("refused {} {refused}", action.id),
            Ok(decision) => {
                let paid = decision.payout().map_or_else(|| "no".to_owned(), |payout| payout.to_string());
                println!("decided {} {:?} pays {paid} fuel {}", action.id, decision.status, decision.fuel);
                for (_, reason) in decision.all_reasons().take(5) {
                    let fault = reason.fault.as_ref().map(|fault| format!("{:?} {}", fault.kind, fault.text));
                    println!("reason {} {}", reason.code, fault.unwrap_or_default());
                }
            }
        }
    }
}
