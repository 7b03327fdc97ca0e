//! Compiled rules on another runtime: the modules of examples and golden cases, run by a host in JavaScript that knows nothing
//! of the engine, say what the engine says.

use std::process::Command;

use accrue::codegen::layout::{Slots, Source};
use accrue::codegen::{Module, Way, compile};
use accrue::decide::Assessor;
use accrue::lang::{List, Value};
use accrue::run::RuleInput;
use accrue::terms::{Effect, Pays, Version};
use accrue::{Engine, Limits};
use accrue_tests::assess::cases;
use accrue_tests::folder::{Folder, programs, root};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::programs::test_actions;

/// Actions of each program.
const ACTIONS: usize = 200;

/// What a module answers about a case.
#[derive(Debug, Deserialize)]
struct Answer {
    gave_up: bool,
    restrictions: Vec<String>,
    lines: Vec<Line>,
    fuel: u64,
}

#[derive(Debug, Deserialize)]
struct Line {
    item: Option<u32>,
    groups: Vec<String>,
}

#[test]
fn a_host_in_javascript_is_told_the_same() {
    let (mut compared, mut gave_up) = (0, 0);
    for parent in ["rules-examples", "tests/golden"] {
        for path in &programs(&root().join(parent)).unwrap() {
            let mut folder = Folder::read(path).unwrap();
            folder.actions.truncate(ACTIONS);
            folder.actions.extend(test_actions(path));
            let (told, not) = of_program(&folder);
            compared += told;
            gave_up += not;
        }
    }
    assert!(compared > 500 && gave_up * 20 < compared, "{compared} compared, {gave_up} given up");
}

/// Compares every version of a program; how many cases were, and on how many the module gave up.
fn of_program(folder: &Folder) -> (usize, usize) {
    let program = Engine::new(Limits::default()).load(&folder.source).unwrap();
    let (mut compared, mut gave_up) = (0, 0);
    for (c, contract) in program.terms().contracts.iter().enumerate() {
        for (v, version) in contract.versions.iter().enumerate() {
            let cases = cases(&program, contract, v, &folder.actions, &folder.reference);
            // Components are asked by whole decisions only.
            if version.has_component() || cases.is_empty() {
                continue;
            }
            let module = compile(program.terms(), version, Mode::Small, program.limits().rule_fuel);
            let answers = run(&module, &cases);
            assert_eq!(answers.len(), cases.len());
            let mut assessor = Assessor::new(&program, c, v).unwrap();
            for (case, answer) in cases.iter().zip(&answers) {
                if answer.gave_up {
                    gave_up += 1;
                    continue;
                }
                let assessed = assessor.assess(case).unwrap();
                let place = format!("{}: {:?} {answer:?}", folder.path.display(), case.action.id);
                assert_eq!(answer.fuel, assessed.fuel, "{place}");
                // Of scripts the engine says only that they spoke.
                let name = |index: &u32| &version.restrictions[*index as usize].name;
                let matched: Vec<&String> = assessed.restrictions.iter().map(name).collect();
                assert!(
                    answer.restrictions.iter().all(|name| matched.contains(&name)),
                    "{place} {matched:?}"
                );
                let items = |lines: &[Line]| lines.iter().map(|line| line.item).collect::<Vec<_>>();
                let expected: Vec<_> = assessed.lines.iter().map(|line| line.item).collect();
                assert_eq!(items(&answer.lines), expected, "{place}");
                for (line, assessed) in answer.lines.iter().zip(&assessed.lines) {
                    if let Some(exact) = only_rate(version, case, line) {
                        assert_eq!(exact, assessed.exact.0, "{place}");
                    }
                }
                compared += 1;
            }
        }
    }
    (compared, gave_up)
}

/// What a line earns whose only group pays nothing but a rate.
fn only_rate(version: &Version, case: &RuleInput<'_>, line: &Line) -> Option<rust_decimal::Decimal> {
    let [group] = line.groups.as_slice() else { return None };
    let group = version.groups().find(|other| other.name == *group)?;
    let Pays::Fixed(effects) = &group.pays else { return None };
    let [Effect::Rate(rate)] = effects.as_slice() else { return None };
    let base = line.item.map_or(case.base, |item| case.item_bases[item as usize]);
    Some(base.0 * rate)
}

/// Runs a module on cases in Node.
fn run(module: &Module, cases: &[RuleInput<'_>]) -> Vec<Answer> {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, facts) = (folder.path().join("module.wasm"), folder.path().join("facts.json"));
    std::fs::write(&bytes, &module.bytes).unwrap();
    std::fs::write(&facts, facts_of(module, cases).to_string()).unwrap();
    let host = root().join("tests/agreement/host.mjs");
    let ran = Command::new("node").arg(host).args([bytes, facts]).output().expect("`node` is installed");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let lines = String::from_utf8(ran.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The facts that a module reads, by the names in its description.
fn facts_of(module: &Module, cases: &[RuleInput<'_>]) -> Json {
    let first = &cases[0];
    let codes: Map<String, Json> = first
        .reference
        .promo_codes
        .iter()
        .map(|(code, promo)| {
            let at = |at: Option<accrue::time::Timestamp>| at.map(|at| value(Value::Time(at)));
            let mut json = json!({ "from": at(promo.valid_from), "until": at(promo.valid_until) });
            if let Some(owner) = &promo.owner {
                json["owner"] = json!(owner);
            }
            (code.clone(), json)
        })
        .collect();
    let cases: Vec<Json> = cases
        .iter()
        .map(|case| {
            let layout = &module.layout;
            let items = 0..u32::try_from(case.action.items.len()).unwrap();
            let touches = 0..u32::try_from(case.action.touches.len()).unwrap();
            json!({
                "action": record(&layout.action, case, None),
                "items": items.map(|n| record(&layout.item, case, Some(n))).collect::<Vec<_>>(),
                "whole": record(&layout.item, case, None),
                "touches": touches.map(|n| record(&layout.touch, case, Some(n))).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "zone": first.terms.zone.name(), "promo_codes": codes, "cases": cases })
}

/// The facts of one record: of the case, or of the item or touch at an index.
fn record(slots: &Slots, case: &RuleInput<'_>, at: Option<u32>) -> Json {
    let facts = slots.slots.iter().map(|slot| {
        let found = match slot.source {
            Source::Fact(field) => at.map_or_else(|| case.fact(field), |at| case.fact_at(field, at)),
            Source::Attribute(index) => case.attributes[usize::from(index)],
            Source::Total(index, field) => case.total(index, field).unwrap_or(Value::Unknown),
        };
        (slot.source.name(case.terms, case.version), value(found))
    });
    Json::Object(facts.collect())
}

fn value(value: Value<'_>) -> Json {
    match value {
        Value::Bool(value) => json!(value),
        Value::Integer(value) => json!(value.to_string()),
        Value::Decimal(value) => json!(value.to_string()),
        Value::Money(value) => json!(value.0.to_string()),
        Value::Text(value) => json!(value),
        Value::Time(at) => json!([at.seconds().to_string(), at.0.timestamp_subsec_nanos()]),
        Value::Date(date) => json!((date - chrono::NaiveDate::default()).num_days()),
        Value::Duration(duration) => json!(duration.seconds.to_string()),
        Value::List(List::Text(texts)) => json!(texts),
        _ => Json::Null,
    }
}
