//! One rule of five branches over the same thousand actions, four ways: hand-written Rust, the portable interpreter,
//! Rhai's own evaluator on the same text with its facts prepared, and whole decisions of a program that has
//! nothing but this rule. All must agree on every amount before anything is timed.

use std::hint::black_box;

use accrue::facts::Action;
use accrue::money::Money;
use accrue::rule::{Case, Evaluator, Rule, Value};
use accrue::terms::Source;
use accrue::time::Timestamp;
use accrue::{Engine, Limits, Program, Reference, Totals};
use rhai::{AST, Dynamic, OptimizationLevel, Scope};
use rust_decimal::Decimal;

use super::actions::SplitMix64;
use crate::measure::{Contender, take_turns};
use crate::native::{Facts, Params, payout};
use crate::report::{Bar, Figure, Report};
use crate::{Options, Result};

/// A commission by customer, size of the order, code and what was spent before.
const RULE: &str = r#"
if customer.status == "new" && action.amount >= params.large { action.amount * 0.12 }
else if "SPRING" in action.promo_codes { action.amount * 0.10 + params.bonus }
else if (customer.lifetime_value ?? params.none) >= params.gold { action.amount * 0.08 }
else if (customer.lifetime_value ?? params.none) >= params.silver { action.amount * 0.06 }
else { action.amount * 0.04 }
"#;

/// Enough to visit every branch in no pattern that a processor would learn, few enough for its cache.
const ACTIONS: usize = 1_024;

pub(crate) fn run(options: &Options, report: &mut Report) -> Result {
    let actions = actions();
    let facts: Vec<Facts> = actions.iter().map(facts_of).collect();
    let params = Params {
        none: Decimal::ZERO,
        large: Decimal::new(20_000, 2),
        silver: Decimal::new(50_000, 2),
        gold: Decimal::new(100_000, 2),
        bonus: Decimal::new(250, 2),
    };

    let program = program()?;
    let contract = program.terms().contracts.first().ok_or("the program has a contract")?;
    let version = contract.versions.first().ok_or("the contract has a version")?;
    let rule: &Rule = version.amount.order.as_ref().ok_or("the version has the rule")?;
    let reference = Reference::default();
    let mut cases = Vec::with_capacity(actions.len());
    for action in &actions {
        cases.push(Case {
            terms: program.terms(),
            contract,
            version,
            action,
            currency: program.terms().currency,
            promo_codes: &action.promo_codes,
            partner_id: "acme",
            partner: None,
            touch: action.touches.first().ok_or("every action has a touch")?,
            creative: None,
            reference: &reference,
            attributes: Vec::new(),
            totals: Vec::new(),
            base: Money::ZERO,
            item_bases: Vec::new(),
            item: None,
        });
    }
    let mut evaluator = Evaluator::new(program.limits().rule_fuel, None);

    let (rhai, ast) = rhai(&params)?;
    let mut scopes: Vec<Scope<'static>> = facts.iter().map(scope).collect();

    let totals = program.totals();
    for (((action, facts), case), scope) in actions.iter().zip(&facts).zip(&cases).zip(&mut scopes) {
        let native = payout(facts, &params).ok_or("the amounts are small")?;
        let portable = evaluator.run(rule, case).map_err(|fault| fault.kind.message())?;
        let walked: Decimal = rhai.eval_ast_with_scope(scope, &ast)?;
        let decided = program.decide(action, &reference, &totals)?.base;
        if portable != Value::Money(Money(native)) || walked != native || decided != Money(native) {
            return Err(format!(
                "the ways disagree on `{}`: {native}, {portable:?}, {walked}, {decided}",
                action.id
            )
            .into());
        }
    }

    let times = {
        let mut contenders = [
            Contender::new("native", || {
                for facts in &facts {
                    black_box(payout(black_box(facts), &params));
                }
            }),
            Contender::new("portable", || {
                for case in &cases {
                    black_box(evaluator.run(rule, black_box(case)).is_ok());
                }
            }),
            Contender::new("rhai", || {
                for scope in &mut scopes {
                    black_box(rhai.eval_ast_with_scope::<Dynamic>(scope, &ast).is_ok());
                }
            }),
            Contender::new("decide", || {
                for action in &actions {
                    black_box(decide(&program, black_box(action), &reference, &totals));
                }
            }),
        ];
        take_turns(if options.quick { 101 } else { 501 }, &mut contenders)
    };

    let nanoseconds = |name: &str| times.best(name).as_secs_f64() * 1e9 / actions.len() as f64;
    let figure =
        |what: &str, name: &str| Figure::new(format!("five branches: {what}"), nanoseconds(name), "ns");
    report.push(figure("native Rust", "native"));
    report.push(figure("portable", "portable"));
    report.push(figure("portable / native", "portable").ratio(times.ratio("portable", "native")));
    report.push(figure("Rhai's evaluator", "rhai"));
    report.push(figure("Rhai's evaluator / native", "rhai").ratio(times.ratio("rhai", "native")));
    report.push(
        figure("Rhai's evaluator / portable", "rhai")
            .ratio(times.ratio("rhai", "portable"))
            .bar(Bar::AtLeast(4.0)),
    );
    report.push(figure("a whole decision", "decide"));
    Ok(())
}

fn decide(program: &Program, action: &Action, reference: &Reference, totals: &Totals) -> bool {
    program.decide(action, reference, totals).is_ok()
}

fn actions() -> Vec<Action> {
    let mut random = SplitMix64(5);
    let at = Timestamp::parse("2026-03-01T10:00:00Z");
    (0..ACTIONS)
        .filter_map(|n| {
            let at = at?;
            let text = format!(
                r#"{{"id": "a{n}", "event_type": "sale", "occurred_at": "{at}", "amount": "{}.{:02}",
                    "customer": {{"status": "{}"{}}}, "promo_codes": [{}],
                    "touches": [{{"partner": "acme", "at": "{at}", "kind": "click"}}]}}"#,
                random.below(400),
                random.below(100),
                random.pick(&["new", "existing", "existing", "vip"]),
                if random.once_in(6) {
                    String::new()
                } else {
                    format!(r#", "lifetime_value": "{}.{:02}""#, random.below(1_500), random.below(100))
                },
                random.pick(&["", "", r#""WELCOME""#, r#""SPRING""#, r#""WELCOME", "SPRING""#]),
            );
            accrue::facts::read_action(&text).ok()
        })
        .collect()
}

fn facts_of(action: &Action) -> Facts {
    Facts {
        status: action.customer.status.clone().unwrap_or_default(),
        lifetime_value: action.customer.lifetime_value.map(|money| money.0),
        amount: action.amount.unwrap_or_default().0,
        promo_codes: action.promo_codes.clone(),
    }
}

fn program() -> Result<Program> {
    let contract = format!(
        "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n\n[params]\nnone = {{ money = \"0\" }}\n\
         large = {{ money = \"200.00\" }}\nsilver = {{ money = \"500.00\" }}\ngold = {{ money = \"1000.00\" }}\n\
         bonus = {{ money = \"2.50\" }}\n\n[amount]\norder = '''{RULE}'''\n\n[payout.default]\nrate = \"100%\"\n"
    );
    let source = Source::from_files([
        (
            "program.toml",
            "id = \"one\"\nname = \"One rule\"\ncurrency = \"EUR\"\n\n[event_types]\nsale = {}\n".to_owned(),
        ),
        ("contracts/standard.toml", contract),
    ]);
    Ok(Engine::new(Limits::default()).load(&source)?)
}

/// The same text for Rhai, as fast as Rhai has it: each field a constant of its own, so that no record is looked into,
/// and the parameters folded in when it is compiled.
fn rhai(params: &Params) -> Result<(rhai::Engine, AST)> {
    let mut engine = rhai::Engine::new();
    engine.set_optimization_level(OptimizationLevel::Simple);
    let mut constants = Scope::new();
    constants
        .push_constant("params_none", params.none)
        .push_constant("params_large", params.large)
        .push_constant("params_silver", params.silver)
        .push_constant("params_gold", params.gold)
        .push_constant("params_bonus", params.bonus);
    let text =
        RULE.replace("params.", "params_").replace("customer.", "customer_").replace("action.", "action_");
    let ast = engine.compile_with_scope(&constants, text)?;
    Ok((engine, ast))
}

fn scope(facts: &Facts) -> Scope<'static> {
    let mut scope = Scope::new();
    scope
        .push_constant("customer_status", facts.status.clone())
        .push_constant_dynamic(
            "customer_lifetime_value",
            facts.lifetime_value.map_or(Dynamic::UNIT, Dynamic::from),
        )
        .push_constant("action_amount", facts.amount)
        .push_constant_dynamic("action_promo_codes", facts.promo_codes.clone().into());
    scope
}
