//! What totals count, and what rules read of them, in every way of running rules.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use serde_json::{Value, json};

use super::{Decision, Options, Status};
use crate::facts::{Action, Partner, Reference};
use crate::terms::Source;
use crate::{Counters, Engine, Limits, Program, Rules};

const PROGRAM: &str = "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n\
                       [partner_attributes]\nreferrer = { type = \"text\" }\n[item_attributes]\nline = { type = \"text\" }\n\
                       [reasons]\nCHECK = \"A person has to look\"\n";

/// A program in two ways of running it.
struct Shop {
    programs: [Program; 2],
    reference: Reference,
    counters: Counters,
}

impl Shop {
    /// Opens a shop whose contract has these totals and pays one cent for each unit of the expression.
    fn new(totals: &str, by: &str) -> Self {
        let contract = format!(
            "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\nlate = \"current\"\n{totals}\n\
             [[restrictions]]\nname = \"big\"\nwhen = 'action.amount > money(\"900\")'\nverdict = \"hold\"\nreason = \"CHECK\"\n\
             [[payout.groups]]\nname = \"g\"\nrule = \"rules/pay.rhai\"\n"
        );
        let rule = format!("add(money(\"0.01\") * ({by}));\n");
        let source = Source::from_files([
            ("program.toml", PROGRAM),
            ("contracts/a.toml", &contract),
            ("rules/pay.rhai", &rule),
        ]);
        let load = |rules| {
            let engine = Engine::builder().rules(rules).build();
            engine.load(&source).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
        };
        let programs = [load(Rules::Interpreted), load(Rules::default())];
        let counters = programs[0].counters();
        Self { programs, reference: Reference::default(), counters }
    }

    /// Decides an action in every way, and records it. Returns the decision.
    fn decide(&mut self, action: &Action) -> Decision {
        let [interpreted, compiled] = &self.programs;
        let decide = |program: &Program, options| {
            program.decide(action, &self.reference, &self.counters, options).unwrap()
        };
        let decision = decide(interpreted, Options::default());
        assert_eq!(decision, decide(compiled, Options::default()));
        let mut traced = decide(compiled, Options::traced());
        assert_eq!(traced, decide(interpreted, Options::traced()));
        traced.trace = None;
        assert_eq!(traced, decision);
        self.counters.apply(&decision.postings).unwrap();
        decision
    }

    /// Returns the cents that actions are paid, one after the other.
    fn cents(&mut self, actions: impl IntoIterator<Item = Action>) -> Vec<String> {
        actions
            .into_iter()
            .map(|action| {
                let decision = self.decide(&action);
                (decision.payout().unwrap().0 * rust_decimal::Decimal::ONE_HUNDRED).normalize().to_string()
            })
            .collect()
    }
}

/// Returns the nth sale of 100.00 by acme, changed by `more`.
fn sale(n: u32, more: &Value) -> Action {
    let mut action = json!({
        "id": format!("a{n}"), "event_type": "sale", "occurred_at": format!("2026-03-01T10:{n:02}:00Z"), "amount": "100.00",
        "touches": [{ "partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click" }]
    });
    for (key, value) in more.as_object().unwrap() {
        action[key] = value.clone();
    }
    if more.get("occurred_at").is_some() {
        action["touches"][0]["at"] = action["occurred_at"].clone();
    }
    serde_json::from_str(&action.to_string()).unwrap()
}

fn sales<const N: usize>(more: [Value; N]) -> impl Iterator<Item = Action> {
    (0..).zip(more).map(|(n, more)| sale(n, &more))
}

fn item(sku: &str, quantity: u32, amount: &str) -> Value {
    json!({ "sku": sku, "quantity": quantity, "amount": amount, "category": sku })
}

fn listed(id: &str, more: Value) -> Partner {
    let mut partner = json!({ "id": id });
    more.as_object().unwrap().iter().for_each(|(key, value)| partner[key] = value.clone());
    serde_json::from_value(partner).unwrap()
}

#[test]
fn a_condition_says_which_actions_a_total_counts() {
    let total = "[totals.large]\nper = [\"partner\"]\nwhen = 'action.amount >= params.large'\n\
                 [params]\nlarge = { money = \"100\" }";
    let mut shop = Shop::new(total, "totals.large.actions.with_this");
    let amounts = ["100", "50", "100", "99"].map(|amount| json!({ "amount": amount }));
    assert_eq!(shop.cents(sales(amounts)), ["1", "1", "2", "2"]);
}

#[test]
fn lines_that_meet_a_condition_are_counted_alone() {
    let total = "[totals.shoes]\nper = [\"partner\"]\nitems = '(item.category ?? \"\") == \"shoe\"'\n";
    let order = || {
        let items = [item("shoe", 2, "30.00"), item("hat", 5, "50.00"), item("shoe", 1, "20.00")];
        json!({ "items": items })
    };
    let hats = json!({ "items": [item("hat", 1, "100.00")] });
    let all = [order(), hats.clone(), order(), json!({})];
    let cents = |by: &str| Shop::new(total, by).cents(sales(all.clone()));
    assert_eq!(cents("totals.shoes.units.with_this"), ["3", "3", "6", "6"]);
    assert_eq!(cents("totals.shoes.actions.before"), ["0", "1", "1", "2"]);
    let by = "if totals.shoes.revenue.with_this > money(\"99\") { 1 } else { 0 }";
    assert_eq!(cents(by), ["0", "0", "1", "1"]);
}

#[test]
fn a_total_of_units_counts_an_action_without_items_as_one() {
    let mut shop = Shop::new("[totals.t]\nper = [\"partner\"]\n", "totals.t.units.with_this");
    let items = json!({ "items": [item("hat", 3, "100.00")] });
    assert_eq!(shop.cents(sales([items, json!({})])), ["3", "4"]);
}

#[test]
fn held_payouts_are_not_payable() {
    let total = "[totals.t]\nper = [\"partner\"]\n";
    let by = "if totals.t.payouts.before > totals.t.payable.before { 7 } else { 5 }";
    let mut shop = Shop::new(total, by);
    let amounts = ["100", "1000", "100"].map(|amount| json!({ "amount": amount }));
    assert_eq!(shop.cents(sales(amounts)), ["5", "5", "7"]);
    let sums = shop.counters.entries()[0].sums;
    assert_eq!((sums.payouts.to_string(), sums.payable.to_string()), ("0.17".into(), "0.12".into()));
}

#[test]
fn a_measure_is_summed_instead_of_the_commissionable_amount() {
    let total =
        "[totals.margin]\nper = [\"partner\"]\nmeasure = 'action.amount - (action.tax ?? money(\"0\"))'\n";
    let by = "if totals.margin.measured.with_this > money(\"150\") { 1 } else { 0 }";
    let taxed = json!({ "tax": "60" });
    assert_eq!(Shop::new(total, by).cents(sales([taxed.clone(), taxed, json!({})])), ["0", "0", "1"]);
}

#[test]
fn a_total_counts_from_a_date_on() {
    let total = "[totals.t]\nper = [\"partner\"]\nfrom = 2026-03-02\n";
    let mut shop = Shop::new(total, "totals.t.actions.with_this");
    let days = ["2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"];
    let days = days.map(|day| json!({ "occurred_at": day }));
    assert_eq!(shop.cents(sales(days)), ["0", "1", "2"]);
}

#[test]
fn earlier_periods_are_read_also_when_they_are_closed() {
    let total = "[totals.t]\nper = [\"partner\"]\nperiod = \"month\"\n";
    let by = "totals.t.previous.actions * 10 + totals.t.at(\"2026-01\").actions";
    let days = ["2026-01-05", "2026-01-06", "2026-02-01", "2026-02-02", "2026-02-03", "2026-03-01"];
    let actions = || {
        let days = days.map(|day| json!({ "occurred_at": format!("{day}T00:00:00Z") }));
        sales(days).collect::<Vec<_>>()
    };
    let expected = ["0", "1", "22", "22", "22", "32"];
    assert_eq!(Shop::new(total, by).cents(actions()), expected);
    let mut shop = Shop::new(total, by);
    for (action, expected) in actions().into_iter().zip(expected) {
        let until = action.occurred_at.utc().date_naive();
        shop.programs[0].close_periods(&mut shop.counters, until).unwrap();
        assert_eq!(shop.cents([action]), [expected], "until {until}");
    }
    shop.programs[0].close_periods(&mut shop.counters, "2026-04-01".parse().unwrap()).unwrap();
    assert_eq!(
        shop.counters.entries().len(),
        2,
        "January is named, March is the previous month, February is dropped"
    );
}

#[test]
fn different_customers_are_counted_once() {
    let total = "[totals.t]\nper = [\"partner\"]\nperiod = \"month\"\ndistinct = \"customer\"\n";
    let by = "totals.t.distinct.before * 100 + totals.t.distinct.with_this * 10 + totals.t.previous.distinct";
    let mut shop = Shop::new(total, by);
    let of = |day: &str, customer: Value| json!({ "occurred_at": format!("2026-{day}T00:00:00Z"), "customer": customer });
    let by_id = |day: &str, id: &str| of(day, json!({ "id": id }));
    let all = [
        by_id("02-01", "ann"),
        by_id("02-02", "ann"),
        by_id("02-03", "bob"),
        of("02-04", json!({})),
        by_id("03-01", "ann"),
    ];
    assert_eq!(shop.cents(sales(all)), ["10", "110", "120", "220", "12"]);
}

#[test]
fn totals_are_kept_by_parent_and_read_of_another_partner() {
    let totals = "[totals.team]\nper = [\"parent\"]\nwhen_unknown = \"skip\"\n\
                  [totals.friend]\nper = [\"partner\"]\nof = 'partner.attributes.referrer'\n";
    let mut shop = Shop::new(totals, "totals.team.actions.with_this * 10 + totals.friend.actions.with_this");
    shop.reference.set_partners_listed();
    let friend = json!({ "parent": "agency", "attributes": { "referrer": "zeta" } });
    for partner in
        [listed("acme", friend), listed("zeta", json!({ "parent": "agency" })), listed("solo", json!({}))]
    {
        shop.reference.insert(partner).unwrap();
    }
    let by = |partner: &str| json!({ "touches": [{ "partner": partner, "at": "2026-03-01T09:00:00Z", "kind": "click" }] });
    let all: Vec<Action> = sales([by("acme"), by("zeta"), by("acme"), by("solo")]).collect();
    let decided: Vec<Decision> = all.iter().map(|action| shop.decide(action)).collect();
    let statuses: Vec<Status> = decided.iter().map(|decision| decision.status).collect();
    // The referrer of zeta and solo is not known.
    assert_eq!(statuses, [Status::Payable, Status::Held, Status::Payable, Status::Held]);
    let payouts: Vec<String> =
        decided.iter().map(|decision| decision.payout().unwrap().to_string()).collect();
    assert_eq!(payouts, ["0.1", "0.2", "0.31", "0.1"]);
}

#[test]
fn a_condition_that_fails_holds_the_action_and_is_not_counted() {
    let total = "[totals.t]\nper = [\"partner\"]\nmeasure = 'action.amount * (action.amount / money(\"0.01\")) * (action.amount / money(\"0.01\"))'\n\
                 [totals.all]\nper = [\"partner\"]\n";
    let mut shop = Shop::new(
        total,
        "if totals.t.measured.before > money(\"0\") { 1 } else { totals.all.actions.before }",
    );
    let large = json!({ "amount": "9999999999999999" });
    let decision = shop.decide(&sale(0, &large));
    assert_eq!(decision.status, Status::Held);
    let reason = decision.all_reasons().next().unwrap().1.clone();
    assert_eq!((reason.code.as_str(), reason.rule.as_str()), ("RULE_ERROR", "total.measure"));
    assert_eq!(decision.postings.len(), 1, "the total without a measure counts it");
}

#[test]
fn distinct_values_beyond_their_room_hold_the_action() {
    let source = Source::from_files([
        ("program.toml", PROGRAM),
        (
            "contracts/a.toml",
            "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[totals.t]\nper = [\"partner\"]\ndistinct = \"customer\"\n\
             [[payout.groups]]\nname = \"g\"\nwhen = 'totals.t.distinct.before >= 0'\nrate = \"1%\"\n",
        ),
    ]);
    let limits = Limits { distinct_counts: 1, ..Limits::default() };
    let program = Engine::builder().limits(limits).build().load(&source).unwrap();
    let mut counters = program.counters();
    for (n, status) in [(0, Status::Payable), (1, Status::Held)] {
        let action = sale(n, &json!({ "customer": { "id": format!("c{n}") } }));
        let decision = program.decide(&action, &Reference::default(), &counters, Options::default()).unwrap();
        assert_eq!(decision.status, status);
        counters.apply(&decision.postings).unwrap();
    }
    assert_eq!(counters.distinct_counts(), 1);
}
