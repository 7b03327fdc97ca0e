//! Compiled rules on another runtime: the modules of examples and golden cases, run by a host in JavaScript that knows nothing
//! of the engine, answer as the interpreted engine decides.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use accrue::counters::{CountedAt, CounterEntry, CounterKey, Sums};
use accrue::decide::{Decision, Outcome, RuleTrace};
use accrue::facts::Fact;
use accrue::internals::codegen::layout::Slots;
use accrue::internals::codegen::{Mode, Module, compile};
use accrue::internals::lang::{FactRef, List, Phase, Value};
use accrue::internals::period::Period;
use accrue::internals::run::{RuleInput, TotalAdds, TotalFacts, TotalSums};
use accrue::internals::terms;
use accrue::internals::terms::{Effect, Pays, RestrictionBody, Scope, Version, reasons};
use accrue::money::Money;
use accrue::{Action, Engine, Options, Program, Rules};
use accrue_tests::folder::{Folder, programs, root};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::programs::test_actions;

/// Actions of each program, besides those of its tests.
const ACTIONS: usize = 300;

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

/// What was compared.
#[derive(Debug, Default)]
struct Compared {
    /// Answers that were compared with a decision.
    answers: usize,
    /// Cases on which a module gave up.
    gave_up: usize,
    /// Lines whose amount before rounding was worked out from the group that the module names.
    amounts: usize,
    /// Cases for which something had been counted before.
    counted: usize,
}

#[test]
fn a_host_in_javascript_is_told_the_same() {
    let mut compared = Compared::default();
    for parent in ["rules-examples", "tests/golden"] {
        for path in &programs(&root().join(parent)).unwrap() {
            let mut folder = Folder::read(path).unwrap();
            folder.actions.truncate(ACTIONS);
            folder.actions.extend(test_actions(path));
            folder.actions.sort_by(|a, b| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
            of_program(&folder, &mut compared);
        }
    }
    let Compared { answers, gave_up, amounts, counted } = compared;
    assert!(answers > 500 && gave_up * 20 < answers && amounts > 100 && counted > 50, "{compared:?}");
}

/// Decides the actions of a program in order and compares each decision with the answer of its version's module.
fn of_program(folder: &Folder, compared: &mut Compared) {
    let program = Engine::builder().rules(Rules::Interpreted).build().load(&folder.source).unwrap();
    let terms = terms(&program);
    let codes: Vec<Vec<String>> = folder
        .actions
        .iter()
        .map(|of| of.promo_codes.iter().map(|code| code.to_uppercase()).collect())
        .collect();
    let mut totals = program.counters();
    let mut cases: BTreeMap<(usize, usize), Vec<(RuleInput<'_>, Decision)>> = BTreeMap::new();
    for (action, codes) in folder.actions.iter().zip(&codes) {
        let Ok(decision) = program.decide(action, &folder.reference, &totals, Options::traced()) else {
            continue;
        };
        if let Some((at, input)) = input(&program, folder, (action, codes), &decision, &totals.entries()) {
            compared.counted += usize::from(input.totals.iter().any(|total| total.before.actions > 0));
            cases.entry(at).or_default().push((input, decision.clone()));
        }
        // A test may have an action of the folder once more.
        let _ = totals.apply(&decision.postings);
    }
    for ((contract, version), cases) in &cases {
        let version = &terms.contracts[*contract].versions[*version];
        let module = compile(terms, version, Mode::Small, program.limits().rule_fuel).unwrap();
        let answers = run(&module, cases);
        assert_eq!(answers.len(), cases.len());
        for ((input, decision), answer) in cases.iter().zip(&answers) {
            if answer.gave_up {
                compared.gave_up += 1;
                continue;
            }
            let place = format!("{}: {:?} {answer:?} {decision:#?}", folder.path.display(), input.action.id);
            compared.amounts += compare(version, input, decision, answer, &place);
            compared.answers += 1;
        }
    }
}

/// The facts that the rules of a decision read, and the indices of the contract and the version that it was made by. `None`
/// where a test cannot know the facts, or where a rule failed.
fn input<'a>(
    program: &'a Program,
    folder: &'a Folder,
    (action, codes): (&'a Action, &'a [String]),
    decision: &Decision,
    counted: &[CounterEntry],
) -> Option<((usize, usize), RuleInput<'a>)> {
    let terms = terms(program);
    let award = decision.awards.first()?;
    let by = &award.contract;
    let contract_index = terms.contracts.iter().position(|contract| contract.name == by.name)?;
    let contract = &terms.contracts[contract_index];
    let version_index = contract.versions.iter().position(|version| version.number == by.version)?;
    let version = &contract.versions[version_index];
    let converted = action.currency.unwrap_or(terms.currency) != version.currency;
    let failed = award.reasons.iter().any(|reason| reason.fault.is_some());
    if version.has_component() || converted || failed {
        return None;
    }
    let touch = &action.touches[award.touch? as usize];
    let mut input = RuleInput::new(terms, contract, version, action, touch, &folder.reference);
    input.promo_codes = codes;
    // An award has the part of the base that its partner is credited with; its lines and its rules have the whole.
    input.base = match award.share {
        Some(_) => Money(award.lines.iter().map(|line| line.base.0).sum()),
        None => award.base,
    };
    if version.amount.item.is_some() || version.amount.spread.is_some() {
        let lines = &award.lines;
        if lines.len() != action.items.len() || lines.iter().any(|line| line.item.is_none()) {
            return None;
        }
        input.item_bases = lines.iter().map(|line| line.base).collect();
    }
    let totals = version.totals.iter().map(|total| {
        let counter = &terms.counters[total.counter];
        let sums = sums(program, total.counter, action, &input, counted)?;
        // What a rule counts, and what was counted of other periods, is not known here.
        let known =
            counter.rules().next().is_none() && counter.distinct.is_none() && total.earlier.is_empty();
        let units = action.items.iter().map(|item| i64::from(item.quantity)).sum::<i64>();
        let adds =
            TotalAdds { units: if action.items.is_empty() { 1 } else { units }, ..TotalAdds::default() };
        known.then(|| TotalFacts {
            before: TotalSums {
                actions: sums.actions,
                units: sums.units,
                revenue: sums.revenue,
                payouts: sums.payouts,
                payable: sums.payable,
                distinct: 0,
            },
            this: counter.is_of(&action.event_type).then_some(adds),
            earlier: Vec::new(),
        })
    });
    let totals = totals.collect::<Option<_>>()?;
    input.totals = totals;
    Some(((contract_index, version_index), input))
}

/// What a counter counted before an action. `None` for a rolling period, whose entries do not say what has left it.
fn sums(
    program: &Program,
    number: usize,
    action: &Action,
    input: &RuleInput<'_>,
    counted: &[CounterEntry],
) -> Option<Sums> {
    let terms = terms(program);
    let counter = &terms.counters[number];
    let part = |scope: &Scope| match scope {
        Scope::Action => Some(action.id.as_str()),
        Scope::Order => action.order_id.as_deref(),
        Scope::Customer => action.customer.id.as_deref(),
        Scope::Click => input.touch.id.as_deref(),
        Scope::Partner => Some(input.partner_id),
        Scope::Parent => input.partner.and_then(|partner| partner.parent.as_deref()),
        Scope::Group => counter.group.as_deref(),
        Scope::Program => Some(""),
    };
    let Some(parts) = counter.per.iter().map(part).collect::<Option<Vec<_>>>() else {
        return Some(Sums::default());
    };
    let at = match counter.period {
        Period::RollingDays(_) => return None,
        period => match period.start_date(terms.zone.date(action.occurred_at)) {
            Some(from) => CountedAt::Period(from),
            None => CountedAt::Always,
        },
    };
    let (id, key) = (&program.counter_ids()[number], CounterKey::new(parts));
    let entry = counted.iter().find(|entry| entry.counter == *id && entry.key == key && entry.at == at);
    Some(entry.map(|entry| entry.sums).unwrap_or_default())
}

/// Compares an answer with a decision. Returns for how many lines the amount before rounding could be compared.
fn compare(
    version: &Version,
    input: &RuleInput<'_>,
    decision: &Decision,
    answer: &Answer,
    place: &str,
) -> usize {
    let trace = decision.trace.as_ref().unwrap();
    let of_amounts = |rule: &&RuleTrace| matches!(rule.phase, Phase::OrderAmount | Phase::ItemAmount);
    let amounts: u64 = trace.awards[0].rules.iter().filter(of_amounts).map(|rule| rule.fuel).sum();
    // A decision is also charged for settling and limiting, so the rules are compared one by one.
    let rules: u64 = trace.awards[0].rules.iter().map(|rule| rule.fuel).sum();
    let looked_up = answer.fuel.checked_sub(rules - amounts);
    assert!(looked_up.is_some_and(|fuel| fuel.is_multiple_of(8)), "{place}: {looked_up:?}");
    assert!(answer.fuel <= decision.fuel - amounts, "{place}");

    // A module names the conditions that hold. What scripts say is not in an answer of `host.mjs`.
    let conditions = version.restrictions.iter().filter(|of| matches!(of.body, RestrictionBody::When { .. }));
    let conditions: BTreeSet<&str> = conditions.map(|restriction| restriction.name.as_str()).collect();
    let holds = trace.awards[0].rules.iter().filter(|rule| matches!(rule.outcome, Outcome::Restricted(..)));
    let holds: Vec<&str> =
        holds.map(|rule| rule.rule.as_str()).filter(|name| conditions.contains(name)).collect();
    assert_eq!(answer.restrictions, holds, "{place}");

    let lines = &decision.awards[0].lines;
    let items = |lines: &[Line]| lines.iter().map(|line| line.item).collect::<Vec<_>>();
    assert_eq!(items(&answer.lines), lines.iter().map(|line| line.item).collect::<Vec<_>>(), "{place}");
    let mut amounts = 0;
    for (line, decided) in answer.lines.iter().zip(lines) {
        let matched = trace.awards[0].rules.iter().filter(|rule| {
            let pays = matches!(rule.phase, Phase::PayOrder | Phase::PayItem);
            pays && rule.item == line.item && matches!(rule.outcome, Outcome::Chosen | Outcome::NotChosen(_))
        });
        let matched: BTreeSet<&str> = matched.map(|rule| rule.rule.as_str()).collect();
        assert_eq!(line.groups.iter().map(String::as_str).collect::<BTreeSet<_>>(), matched, "{place}");
        if let Some(amount) = only_rate(version, input, line) {
            assert_eq!(decided.unrounded.0, amount, "{place}");
            amounts += 1;
        }
    }
    amounts
}

/// What a line earns before rounding if its only group pays nothing but a rate.
fn only_rate(version: &Version, input: &RuleInput<'_>, line: &Line) -> Option<rust_decimal::Decimal> {
    let [group] = line.groups.as_slice() else { return None };
    let group = version.groups().find(|other| other.name == *group)?;
    let Pays::Fixed(effects) = &group.pays else { return None };
    let [Effect::Rate(rate)] = effects.as_slice() else { return None };
    let base = line.item.map_or(input.base, |item| input.item_bases[item as usize]);
    Some(base.0 * rate)
}

/// Runs a module on cases in Node.
fn run(module: &Module, cases: &[(RuleInput<'_>, Decision)]) -> Vec<Answer> {
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
fn facts_of(module: &Module, cases: &[(RuleInput<'_>, Decision)]) -> Json {
    let (first, _) = &cases[0];
    let codes: Map<String, Json> = first
        .reference
        .facts()
        .filter_map(|fact| match fact {
            Fact::PromoCode(promo) => Some(promo),
            _ => None,
        })
        .map(|promo| {
            let at = |at: Option<accrue::time::Timestamp>| at.map(|at| value(Value::Time(at)));
            let mut json = json!({ "from": at(promo.valid_from), "until": at(promo.valid_until) });
            if let Some(owner) = &promo.owner {
                json["owner"] = json!(owner);
            }
            (promo.code.to_uppercase(), json)
        })
        .collect();
    let cases: Vec<Json> = cases
        .iter()
        .map(|(case, decision)| {
            let layout = &module.layout;
            let items = 0..u32::try_from(case.action.items.len()).unwrap();
            let touches = 0..u32::try_from(case.action.touches.len()).unwrap();
            json!({
                "pay": decision.all_reasons().map(|(_, reason)| reason).all(|reason| reason.code != reasons::PAUSED),
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
            FactRef::Field(field) => at.map_or_else(|| case.fact(field), |at| case.fact_at(field, at)),
            FactRef::Attribute(index) => case.attributes[usize::from(index)],
            FactRef::ItemAttribute(index) => case.item_attribute(index, at),
            FactRef::Total(index, field) => case.total(index, field).unwrap_or(Value::Unknown),
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
        Value::Time(at) => json!([at.seconds().to_string(), at.nanoseconds()]),
        Value::Date(date) => json!((date - chrono::NaiveDate::default()).num_days()),
        Value::Duration(duration) => json!(duration.seconds.to_string()),
        Value::List(List::Text(texts)) => json!(texts),
        _ => Json::Null,
    }
}
