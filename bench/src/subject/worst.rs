//! Programs within the default limits that are meant to make one decision as dear as it gets, each with its action.

use std::fmt::Write as _;

use accrue::facts::Action;
use accrue::{Limits, Source};

use super::MOMENT;
use crate::Result;

/// A program and the action that costs it most.
#[derive(Clone, Copy, Debug)]
pub struct Worst {
    /// The name in the report.
    pub name: &'static str,
    /// The files of the program.
    pub source: fn() -> Source,
    /// The action.
    pub action: fn() -> Result<Action>,
}

/// Every program that is meant to be worst.
pub const ALL: &[Worst] = &[
    Worst { name: "1,000 items, 1,000 groups, stack", source: stack, action: plain },
    Worst { name: "1,000 items, 1,000 groups with long names, stack", source: long_names, action: plain },
    Worst { name: "1,000 items, 1,000 groups, highest", source: highest, action: plain },
    Worst {
        name: "1,000 items, 2,000 conditions that no index answers",
        source: conditions,
        action: long_skus,
    },
    Worst { name: "1,000 items, contains twice for each item of each", source: contains, action: long_skus },
    Worst { name: "1,000 groups that use all their fuel on decimals", source: decimals, action: plain },
    Worst { name: "1,000 groups that use all their fuel and then fail", source: failing, action: plain },
    Worst { name: "1,000 groups that give verbs for all their fuel", source: verbs, action: plain },
    Worst { name: "200 restrictions that give notices for all their fuel", source: notices, action: plain },
    Worst { name: "1,000 items, a limit for each of 2,000 keys", source: limits, action: plain },
    Worst { name: "2,000 totals, each read by a restriction", source: totals, action: plain },
    Worst { name: "1,000 items, a component for each", source: components, action: plain },
    Worst { name: "1,000 items, 100 groups that read 100 facts", source: facts, action: long_skus },
    Worst { name: "1,000 items, a table of 20,000 rows", source: table, action: plain },
];

const GROUPS: usize = 1_000;

/// As many entries as a table may have.
fn entries() -> usize {
    Limits::default().table_entries
}

fn program(extra: &str) -> String {
    format!(
        "id = \"worst\"\nname = \"Worst\"\ncurrency = \"EUR\"\ndecimals = 9\n[event_types]\nsale = {{}}\n\
         [reasons]\nR = \"A reason\"\n{extra}"
    )
}

const HEAD: &str = "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n";

fn source(contract: String, rule: &str) -> Source {
    let mut source =
        Source::from_files([("program.toml", program("")), ("contracts/standard.toml", contract)]);
    if !rule.is_empty() {
        source.insert("rules/rule.rhai", rule);
    }
    source
}

/// A contract of groups, each with this text after its name.
fn groups(count: usize, payout: &str, name: &str, each: impl Fn(usize) -> String) -> String {
    let mut contract = format!("{HEAD}[payout]\n{payout}\n");
    for n in 0..count {
        // Writing to a string does not fail.
        let _ = write!(contract, "[[payout.groups]]\nname = \"{name}{n}\"\n{}\n", each(n));
    }
    contract
}

const PER_ITEM: &str = "per = \"item\"\nchoose = \"stack\"";

fn stack() -> Source {
    source(groups(GROUPS, PER_ITEM, "g", |_| "points = \"0.001%\"".to_owned()), "")
}

fn long_names() -> Source {
    source(groups(GROUPS, PER_ITEM, &"n".repeat(940), |_| "points = \"0.001%\"".to_owned()), "")
}

fn highest() -> Source {
    let payout = "per = \"item\"\nchoose = \"highest\"";
    source(groups(GROUPS, payout, "g", |n| format!("rate = \"{}.{}%\"", n / 100, n % 100)), "")
}

fn conditions() -> Source {
    let when = |n| format!("when = 'item.sku.ends_with(\"x{n}\")'\npoints = \"0.001%\"");
    source(groups(entries(), PER_ITEM, "g", when), "")
}

fn contains() -> Source {
    let needle = "a".repeat(30);
    let rule = format!(
        "for line in action.items {{ if line.sku.contains(\"{needle}b\") || line.sku.contains(\"b{needle}\") {{ notice(\"R\"); }} }}"
    );
    source(groups(8, PER_ITEM, "g", |_| "rule = \"rules/rule.rhai\"".to_owned()), &rule)
}

/// A rule that multiplies decimals of 28 digits until its fuel is nearly used up.
fn spending(after: &str) -> String {
    let mut rule = "let x = 1.0; let a = 0.7 + 1.0 / 3.0;\nfor line in action.items {\n".to_owned();
    for _ in 0..2 {
        rule.push_str("    x = x * a / a * a / a * a / a * a;\n");
    }
    rule + "}\n" + after
}

fn decimals() -> Source {
    let rule = spending("if x > 0.0 { add(money(\"0.01\")); }\n");
    source(groups(GROUPS, "choose = \"stack\"", "g", |_| "rule = \"rules/rule.rhai\"".to_owned()), &rule)
}

fn failing() -> Source {
    let rule = spending("add_points(1.0 / (action.amount / money(\"1\") - 1000.0));\n");
    let contract = groups(GROUPS, "choose = \"stack\"", "g", |_| "rule = \"rules/rule.rhai\"".to_owned());
    source(contract, &rule)
}

fn verbs() -> Source {
    let rule = format!("for line in action.items {{ {} }}", "add_points(0.0); ".repeat(20));
    source(groups(GROUPS, "choose = \"stack\"", "g", |_| "rule = \"rules/rule.rhai\"".to_owned()), &rule)
}

fn notices() -> Source {
    let rule = format!("for line in action.items {{ {} }}", "flag(\"R\"); ".repeat(20));
    let mut contract = HEAD.to_owned();
    for n in 0..200 {
        let _ = write!(contract, "[[restrictions]]\nname = \"r{n}\"\nrule = \"rules/rule.rhai\"\n");
    }
    source(contract + "[payout.default]\nrate = \"1%\"\n", &rule)
}

fn limits() -> Source {
    let mut contract = groups(1, "per = \"item\"", "g", |_| "rate = \"1%\"".to_owned());
    for n in 0..entries() {
        let _ = write!(
            contract,
            "[[limits]]\nname = \"l{n}\"\nmax = \"{}.00\"\nper = [\"partner\", \"customer\", \"click\"]\nperiod = \"day\"\n",
            9_000_000 - n
        );
    }
    source(contract, "")
}

fn totals() -> Source {
    let mut contract = HEAD.to_owned();
    for n in 0..entries() {
        let _ = write!(contract, "[totals.t{n}]\nper = [\"partner\", \"customer\"]\nperiod = \"day\"\n");
    }
    for n in 0..entries() {
        let _ = write!(
            contract,
            "[[restrictions]]\nname = \"r{n}\"\nwhen = 'totals.t{n}.actions.with_this > 1000'\nverdict = \"flag\"\nreason = \"R\"\n"
        );
    }
    source(contract + "[payout.default]\nrate = \"1%\"\n", "")
}

fn components() -> Source {
    let contract = groups(1, PER_ITEM, "g", |_| "component = \"components/progressive.wasm\"".to_owned());
    let contract = contract
        + "[params]\nschedule = \"0: 4%; 1000: 6%\"\n[totals]\npartner_month = { per = [\"partner\"], period = \"month\" }\n";
    let mut source = Source::from_files([
        ("program.toml", program("NEW_BRACKET = \"Higher\"\n")),
        ("contracts/standard.toml", contract),
    ]);
    source.insert(
        "components/progressive.wasm",
        include_bytes!("../../../rules-examples/marketplace/components/progressive.wasm"),
    );
    source
}

fn facts() -> Source {
    let condition = |n| {
        let facts = ["item.sku", "action.id", "customer.status", "partner.id", "touch.partner"];
        let tests: Vec<String> = (0..100)
            .map(|m| format!("{} == \"{n}-{m}\"", facts.get(m % facts.len()).copied().unwrap_or("item.sku")))
            .collect();
        format!("when = '{}'\npoints = \"0.001%\"", tests.join(" || "))
    };
    source(groups(100, PER_ITEM, "g", condition), "")
}

fn table() -> Source {
    let mut rows = "name,item.sku,points\n".to_owned();
    for n in 1..Limits::default().table_rows {
        let _ = writeln!(rows, "row {n},not x{n},0.001%");
    }
    let contract = format!("{HEAD}[payout]\n{PER_ITEM}\n[[payout.groups]]\ntable = \"groups\"\n");
    let mut source = source(contract, "");
    source.insert("tables/groups.csv", rows);
    source
}

fn plain() -> Result<Action> {
    action(|n| format!("sku-{n}"))
}

fn long_skus() -> Result<Action> {
    action(|n| format!("{}{n}", "a".repeat(930)))
}

fn action(sku: impl Fn(usize) -> String) -> Result<Action> {
    let items: Vec<String> =
        (0..Limits::default().items).map(|n| format!(r#"{{"sku":"{}","amount":"1.00"}}"#, sku(n))).collect();
    let line = format!(
        r#"{{"id":"a","event_type":"sale","occurred_at":"{MOMENT}","amount":"1000.00","customer":{{"id":"c"}},"items":[{}],"touches":[{{"id":"t","partner":"acme","at":"{MOMENT}","kind":"click"}}]}}"#,
        items.join(",")
    );
    Ok(accrue::facts::read_action(&line)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use accrue::{Engine, Rules};

    use super::*;

    /// A program that the limits refuse is no longer the worst: make another that they let through.
    #[test]
    fn programs_are_refused_only_at_a_limit() {
        let engine = Engine::builder().rules(Rules::Interpreted).build();
        for worst in ALL {
            if let Err(faults) = engine.load(&(worst.source)()) {
                let at_a_limit = faults
                    .0
                    .iter()
                    .all(|fault| fault.message.contains("limit") || fault.message.contains("at most"));
                assert!(at_a_limit, "{}: {faults}", worst.name);
            }
            (worst.action)().unwrap();
        }
    }
}
