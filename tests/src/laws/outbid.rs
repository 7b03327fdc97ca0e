//! Law 3: restrictions cannot be outbid. Whatever payout groups are added, what the restrictions say stays the same.

use crate::world::excused;
use accrue::Options;
use accrue::decide::{Decision, Reason, Status};
use accrue::internals::terms::Verdict;
use accrue::money::Money;

use crate::awarded::{self, paid, reasons};
use crate::choices::Choices;
use crate::world::World;
use crate::{ensure, ensure_eq};

/// What a generous brand might add, each enough to win any comparison of rates.
const BRIBES: [&str; 4] = [
    "\n[[payout.groups]]\nname = \"bribe\"\nrate = \"1000%\"\nadd = \"1000000\"\nspecificity = 9999\n",
    "\n[[payout.groups]]\nname = \"bribe\"\nadd = \"999999\"\nspecificity = 9999\n",
    "\n[[payout.groups]]\nname = \"bribe\"\nby = 'action.amount'\nbands = [{ from = \"-1\", rate = \"500%\", multiply = \"50\" }]\n",
    "\n[[payout.groups]]\nname = \"bribe\"\nrule = \"rules/bribe.rhai\"\n",
];

const BRIBE_RULE: &str = "rate(9.0); add(money(\"12345\")); multiply(3.0);";

/// Reasons that restrictions gave. Faults of payout rules and limits come after them.
fn restricted(decision: &Decision, restrictions: &[String]) -> Vec<Reason> {
    reasons(decision).iter().filter(|reason| restrictions.contains(&reason.rule)).cloned().collect()
}

/// A payout group more changes no verdict.
pub fn no_payout_group_changes_what_restrictions_say(
    world: &World,
    choices: &mut Choices<'_>,
) -> Result<(), String> {
    let mut bribed = world.text.clone();
    let bribe = choices.pick(&BRIBES);
    let in_front = choices.once_in(2);
    for (_, contract) in &mut bribed.contracts {
        // In front is where `first` takes it.
        let groups = &contract.groups;
        contract.groups = if in_front { format!("{bribe}{groups}") } else { format!("{groups}{bribe}") };
    }
    if bribe.contains("bribe.rhai") {
        bribed.rules.push(("rules/bribe.rhai".to_owned(), BRIBE_RULE.to_owned()));
    }
    let other =
        match accrue::Engine::builder().limits(world.program.limits().clone()).build().load(&bribed.source())
        {
            Ok(other) => other,
            Err(diagnostics) => {
                ensure!(excused(&diagnostics), "{diagnostics}");
                return Ok(());
            }
        };
    let names: Vec<String> = (0..4).map(|n| format!("r{n}")).collect();
    for action in &world.actions {
        let before = world
            .program
            .decide(action, &world.reference, &world.program.counters(), Options::default())
            .unwrap();
        let after = other.decide(action, &world.reference, &other.counters(), Options::default()).unwrap();
        let said = restricted(&before, &names);
        ensure_eq!(&restricted(&after, &names), &said);
        let strictest = said.iter().map(|reason| reason.verdict).max();
        // With several awards, each has reasons of its own.
        match strictest.filter(|_| before.awards.len() == 1 && after.awards.len() == 1) {
            Some(Verdict::Reject) => ensure_eq!(after.status, Status::Rejected),
            Some(Verdict::Hold) => ensure_eq!(after.status, Status::Held),
            Some(Verdict::Zero) => ensure!(matches!(after.status, Status::Zero | Status::Held)),
            Some(Verdict::Flag) | None => {}
        }
        if before.awards.is_empty() {
            ensure_eq!(paid(&after), Money::ZERO);
        }
        for award in &after.awards {
            let refuses = |reason: &Reason| matches!(reason.verdict, Verdict::Reject | Verdict::Zero);
            if award.reasons.iter().any(|reason| names.contains(&reason.rule) && refuses(reason)) {
                ensure_eq!(award.payout, Money::ZERO);
            }
        }
        let touches = |decision: &Decision| -> Vec<_> {
            let credited = decision.awards.iter().filter(|award| awarded::is_credited(award));
            credited.map(|award| (award.partner.clone(), award.touch)).collect()
        };
        ensure_eq!(touches(&before), touches(&after));
    }
    Ok(())
}
