//! The rules and inline conditions of every example and golden case, on all of their actions.

use accrue::Rules;
use accrue::internals::terms;
use std::collections::BTreeMap;

use accrue::internals::lang::{Const, Form, Rule, SharedFunctions, TotalName};
use accrue::internals::terms::{DeclaredTotal, Terms};
use accrue::internals::time::Duration;
use accrue::time::Timestamp;
use accrue::{Action, Engine, Limits};
use accrue_tests::agree::every_way;
use accrue_tests::folder::{Folder, programs, root};
use accrue_tests::oracle::{Facts, SumValues, TotalValues};
use accrue_tests::stage::Stage;
use rust_decimal::Decimal;

/// Actions of one program that are tried; the largest has some 70,000.
const ACTIONS: usize = 400;

#[test]
fn examples_agree() {
    assert!(all_of("rules-examples") >= 6);
}

#[test]
fn golden_cases_agree() {
    assert!(all_of("tests/golden") >= 20);
}

fn all_of(parent: &str) -> usize {
    let folders = programs(&root().join(parent)).unwrap();
    let mut compared = 0;
    for path in &folders {
        let mut folder = Folder::read(path).unwrap();
        assert!(folder.faults.is_empty(), "{}: {:?}", path.display(), folder.faults);
        folder.actions.extend(test_actions(path));
        compared += program(&folder);
    }
    assert!(compared > 0);
    folders.len()
}

/// The actions of the tests beside the rules.
pub(crate) fn test_actions(path: &std::path::Path) -> Vec<Action> {
    let mut actions = Vec::new();
    let Ok(entries) = std::fs::read_dir(path.join("tests")) else { return actions };
    for entry in entries.flatten() {
        let file: toml::Table = std::fs::read_to_string(entry.path()).unwrap().parse().unwrap();
        let tests = file.get("tests").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        for test in &tests {
            for action in test.get("actions").and_then(toml::Value::as_array).into_iter().flatten() {
                let json = json(action).to_string();
                actions.push(
                    serde_json::from_str(&json)
                        .unwrap_or_else(|error| panic!("{}: {error}: {json}", path.display())),
                );
            }
        }
    }
    actions
}

fn json(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::Datetime(at) => at.to_string().into(),
        toml::Value::Array(values) => values.iter().map(json).collect(),
        toml::Value::Table(table) => table.iter().map(|(key, value)| (key.clone(), json(value))).collect(),
        toml::Value::String(text) => text.clone().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Boolean(value) => (*value).into(),
        toml::Value::Float(_) => panic!("a test has a binary float"),
    }
}

/// Compares every rule of a program on its actions; how often.
fn program(folder: &Folder) -> usize {
    let program = Engine::builder().rules(Rules::Interpreted).build().load(&folder.source);
    let program = program.unwrap_or_else(|faults| panic!("{}:\n{faults}", folder.path.display()));
    let terms = terms(&program);
    let step = folder.actions.len() / ACTIONS + 1;
    let mut compared = 0;
    for (contract, of) in terms.contracts.iter().enumerate() {
        for (version, terms_of_version) in of.versions.iter().enumerate() {
            let text = folder.source.text(&terms_of_version.file).unwrap();
            let stage = Stage {
                terms: terms.clone(),
                limits: Limits::default(),
                params: params(text).into_iter().collect(),
                totals: terms_of_version.totals.iter().map(|total| name_of(terms, total)).collect(),
                functions: SharedFunctions::default(),
                contract,
                version,
            };
            for rule in terms_of_version.rules() {
                let source = source_of(folder, rule);
                for action in folder.actions.iter().step_by(step) {
                    for facts in facts(&stage, folder, action, rule) {
                        if let Err(difference) = every_way(&stage, &source, rule, &facts) {
                            panic!(
                                "{}: {:?}\n{source}\n{}\n{difference}",
                                folder.path.display(),
                                rule.place,
                                action.id
                            );
                        }
                        compared += 1;
                    }
                }
            }
        }
    }
    compared
}

/// What the check of a rule needs to know of a total.
fn name_of(terms: &Terms, total: &DeclaredTotal) -> TotalName {
    let counter = &terms.counters[total.counter];
    TotalName {
        name: total.name.clone(),
        period: counter.period,
        has_measure: counter.measure.is_some(),
        has_distinct: counter.distinct.is_some(),
        is_of_partner: false,
    }
}

/// The rule's own text: the whole file, or the inline expression as its contract file quotes it.
fn source_of(folder: &Folder, rule: &Rule) -> String {
    let file = folder.source.text(&rule.place.file).unwrap();
    if rule.form == Form::Script { file.to_owned() } else { file[rule.place.span.range()].to_owned() }
}

fn facts(stage: &Stage, folder: &Folder, action: &Action, rule: &Rule) -> Vec<Facts> {
    let (phase, rounding) = (rule.phase, rule.rounding);
    let terms: &Terms = &stage.terms;
    let contract = &terms.contracts[stage.contract];
    let version = &contract.versions[stage.version];
    let mut action = action.clone();
    if action.touches.is_empty() {
        return Vec::new();
    }
    action.currency = Some(action.currency.unwrap_or(terms.currency));
    let base = action.amount.unwrap_or_default();
    let totals = (0..).zip(&version.totals).map(|(n, total)| {
        let before = SumValues { actions: 3 * n, revenue: base, payouts: base, ..SumValues::default() };
        let with_this = SumValues { actions: 3 * n + 1, revenue: base.add(base).unwrap(), ..before };
        let values = TotalValues { before, with_this, earlier: SumValues { actions: n, ..before } };
        (total.name.clone(), values)
    });
    let facts = Facts {
        reference: folder.reference.clone(),
        touch: action.touches.len() - 1,
        base,
        item_bases: action.items.iter().map(|item| item.amount).collect(),
        item: None,
        contract: contract.name.clone(),
        version: version.number,
        rounding,
        started_at: contract.started_at(),
        zone: terms.zone.name().parse().unwrap(),
        params: stage.params.clone().into_iter().collect(),
        lists: terms.lists.iter().map(|(name, list)| (name.clone(), list.values().to_vec())).collect(),
        totals: totals.collect(),
        attributes: terms
            .attributes
            .iter()
            .map(|(name, declared)| (name.clone(), declared.ty.base_name()))
            .collect(),
        action,
    };
    if !accrue_tests::generate::expression::has_item(phase) {
        return vec![facts];
    }
    (0..facts.action.items.len()).map(|item| Facts { item: Some(item), ..facts.clone() }).collect()
}

trait BaseName {
    fn base_name(&self) -> String;
}

impl BaseName for accrue::internals::lang::Type {
    fn base_name(&self) -> String {
        accrue::internals::lang::Type::known(self.base).to_string()
    }
}

/// The parameters of a contract file, read by its own rules a second time.
fn params(contract: &str) -> BTreeMap<String, Const> {
    let file: toml::Table = contract.parse().unwrap();
    let params = file.get("params").and_then(toml::Value::as_table).cloned().unwrap_or_default();
    params.into_iter().map(|(name, value)| (name, param(&value))).collect()
}

fn param(value: &toml::Value) -> Const {
    match value {
        toml::Value::String(text) => {
            let percent = text.strip_suffix('%').and_then(|percent| percent.parse::<Decimal>().ok());
            percent
                .map_or(Const::Text(text.clone()), |percent| Const::Decimal(percent / Decimal::ONE_HUNDRED))
        }
        toml::Value::Integer(number) => Const::Integer(*number),
        toml::Value::Boolean(value) => Const::Bool(*value),
        toml::Value::Table(table) => {
            let (kind, value) = table.iter().next().unwrap();
            let text = value.as_str().unwrap_or_default();
            let seconds =
                |unit: i64| Const::Duration(Duration { seconds: value.as_integer().unwrap() * unit });
            match kind.as_str() {
                "money" => Const::Money(text.parse().unwrap()),
                "decimal" => Const::Decimal(text.parse().unwrap()),
                "date" => Const::Date(text.parse().unwrap()),
                "time" => Const::Time(Timestamp::parse(text).unwrap()),
                "days" => seconds(86_400),
                "hours" => seconds(3_600),
                "minutes" => seconds(60),
                other => panic!("a parameter of kind `{other}`"),
            }
        }
        other => panic!("a parameter {other}"),
    }
}
