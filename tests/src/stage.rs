//! The engine's own way, for comparison with the oracle: the same source and facts enter, the checker and the
//! interpreter answer in the oracle's words.

use std::collections::BTreeMap;

use accrue::Source;
use accrue::diagnostic::Diagnostics;
use accrue::facts::Item;
use accrue::internals::lang::{
    Checked, Const, Env, Fault, Form, Phase, Rule, RuleSource, SharedFunctions, TotalAt, TotalName, Value,
    check,
};
use accrue::internals::period::Period;
use accrue::internals::run::{Evaluator, RuleInput, Seen, TotalAdds, TotalFacts, TotalSums, VerbCall};
use accrue::internals::terms;
use accrue::internals::terms::Terms;
use accrue::internals::time::Duration;
#[cfg(feature = "sandbox")]
use accrue::internals::{RuleModule, compile_rules};
use accrue::money::{Currency, Money, RoundingMode};
use accrue::time::Timestamp;
use accrue::{Engine, Limits, Rules};
use chrono::NaiveDate;
use indexmap::IndexMap;

use crate::choices::Choices;
use crate::generate::action::{Amounts, action, amount, reference};
use crate::generate::expression::has_item;
use crate::generate::program::{declarations, program_toml, type_name};
use crate::generate::vocabulary::{
    ATTRIBUTES, ITEM_ATTRIBUTES, LISTS, NAMED_MONTH, PARAMS, PARTNER_ATTRIBUTES, TOTALS,
};
use crate::oracle::{Answer, Facts, Said, SumValues, TotalValues};

/// A loaded program with the vocabulary's names, on which any rule can be tried.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The program.
    pub terms: Terms,
    /// The limits that rules are checked and run under. Lists are short, so that nested loops stay within budget.
    pub limits: Limits,
    /// The parameters of the version in force.
    pub params: IndexMap<String, Const>,
    /// The declared totals.
    pub totals: Vec<TotalName>,
    /// Shared functions; none, since a generated rule has its own.
    pub functions: SharedFunctions,
    /// The contract in force, by index.
    pub contract: usize,
    /// Its version in force, by index.
    pub version: usize,
}

/// The earlier periods that generated rules read.
const EARLIER: [TotalAt; 2] = [TotalAt::Previous, TotalAt::Named(NAMED_MONTH)];

/// What the engine makes of a rule on some facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// Its verbs and value, or its fault.
    pub outcome: Result<Answer, Fault>,
    /// Fuel it used.
    pub fuel: u64,
    /// What it saw, when it was traced.
    pub seen: Vec<Seen>,
}

/// The value of one of the vocabulary's parameters. The contract file says the same in its own way.
pub fn param(name: &str) -> Const {
    let money = |text: &str| Const::Money(text.parse().unwrap_or_default());
    match name {
        "gold" => money("500.00"),
        "step" => money("0.05"),
        "points" => Const::Decimal(rust_decimal::Decimal::new(15, 3)),
        "factor" => Const::Decimal(rust_decimal::Decimal::new(11, 1)),
        "grace_days" => Const::Integer(3),
        "strict" => Const::Bool(true),
        "label" => Const::Text("spring".to_owned()),
        "since" => NaiveDate::from_ymd_opt(2026, 1, 31).map_or(Const::Unit, Const::Date),
        "opened_at" => Timestamp::parse("2026-01-31T12:00:00Z").map_or(Const::Unit, Const::Time),
        _ => Const::Duration(Duration { seconds: 30 * 86_400 }),
    }
}

impl Stage {
    /// The stage.
    ///
    /// # Errors
    ///
    /// The diagnostics, when the vocabulary's own program does not load.
    pub fn new() -> Result<Self, Diagnostics> {
        let limits = Limits { items: 8, touches: 8, entries: 8, ..Limits::default() };
        let contract = format!(
            "contract = \"standard\"\nversion = 1\neffective_from = 2020-01-01\n{}\n[payout.default]\nrate = \"1%\"\n",
            declarations()
        );
        let source = Source::from_files([
            ("program.toml", program_toml("USD")),
            ("contracts/standard.toml", contract),
        ]);
        let totals = TOTALS.iter().map(|(name, table)| TotalName {
            name: (*name).to_owned(),
            period: if table.contains("month") { Period::Month } else { Period::Lifetime },
            has_measure: table.contains("measure"),
            has_distinct: table.contains("distinct"),
            is_of_partner: false,
        });
        let totals = totals.collect();
        let params = PARAMS.iter().map(|(name, ..)| ((*name).to_owned(), param(name))).collect();
        let program =
            Engine::builder().limits(limits.clone()).rules(Rules::Interpreted).build().load(&source)?;
        Ok(Self {
            terms: terms(&program).clone(),
            limits,
            params,
            totals,
            functions: SharedFunctions::default(),
            contract: 0,
            version: 0,
        })
    }

    /// The names that rules can use.
    pub fn env(&self) -> Env<'_> {
        Env {
            event_types: self.terms.event_types.keys().map(String::as_str).collect(),
            attributes: &self.terms.attributes,
            lists: &self.terms.lists,
            reasons: &self.terms.reasons,
            params: &self.params,
            totals: &self.totals,
            functions: &self.functions,
            currency: self.terms.currency,
            rounding: RoundingMode::default(),
            closing: None,
            several_currencies: false,
            limits: &self.limits,
        }
    }

    /// Checks a rule.
    pub fn check(&self, text: &str, phase: Phase, form: Form) -> (Option<Checked>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let source = RuleSource { file: "rules/generated.rhai", text, offset: 0 };
        let checked = check(&self.env(), &source, phase, form, &mut diagnostics);
        (checked, diagnostics)
    }

    /// Runs a checked rule.
    pub fn run(&self, rule: &Rule, facts: &Facts, trace: bool) -> Option<Ran> {
        self.run_within(rule, facts, trace, self.limits.rule_fuel)
    }

    /// Runs a checked rule on a budget. `None` when the facts have no credited touch or the stage no contract.
    pub fn run_within(&self, rule: &Rule, facts: &Facts, trace: bool, budget: u64) -> Option<Ran> {
        let codes: Vec<String> = facts.action.promo_codes.iter().map(|code| code.to_uppercase()).collect();
        let case = self.case(facts, &codes)?;
        let limits = Limits { rule_fuel: budget, ..self.limits.clone() };
        let mut evaluator = Evaluator::new(&limits, trace.then_some(self.limits.trace_values));
        let outcome =
            evaluator.run(rule, &case).map(|value| Answer { said: Vec::new(), value: to_const(value) });
        let outcome = outcome.map(|answer| Answer { said: said(evaluator.spoken()), ..answer });
        Some(Ran { outcome, fuel: evaluator.fuel(), seen: evaluator.take_seen() })
    }

    /// Runs a checked rule as native code on a budget; the rule is compiled for this run.
    #[cfg(feature = "sandbox")]
    pub fn run_compiled(&self, engine: &Engine, rule: &Rule, facts: &Facts, budget: u64) -> Option<Ran> {
        self.run_module(&self.compile(engine, rule, budget)?, rule, facts)
    }

    /// A checked rule as native code that runs on a budget.
    #[cfg(feature = "sandbox")]
    pub fn compile(&self, engine: &Engine, rule: &Rule, budget: u64) -> Option<RuleModule> {
        let version = self.terms.contracts.get(self.contract)?.versions.get(self.version)?;
        compile_rules(engine, &self.terms, version, &[rule], budget)
    }

    /// Runs a rule that was compiled before.
    #[cfg(feature = "sandbox")]
    pub fn run_module(&self, module: &RuleModule, rule: &Rule, facts: &Facts) -> Option<Ran> {
        let codes: Vec<String> = facts.action.promo_codes.iter().map(|code| code.to_uppercase()).collect();
        let case = self.case(facts, &codes)?;
        let run = module.run(0, rule, &case, Some(self.limits.trace_values))?;
        let outcome = run.result.map(|value| Answer { said: said(&run.spoken), value: to_const(value) });
        Some(Ran { outcome, fuel: run.fuel, seen: run.seen })
    }

    /// The input of a rule. `None` when the facts have no credited touch or the stage no contract.
    pub fn case<'a>(&'a self, facts: &'a Facts, codes: &'a [String]) -> Option<RuleInput<'a>> {
        let contract = self.terms.contracts.get(self.contract)?;
        let version = contract.versions.get(self.version)?;
        let touch = facts.action.touches.get(facts.touch)?;
        let totals = version.totals.iter().map(|declared| {
            let total = facts.totals.get(&declared.name).copied().unwrap_or_default();
            let TotalValues { before, with_this, earlier } = total;
            let sums = |of: SumValues| TotalSums {
                actions: of.actions,
                units: of.units,
                revenue: of.revenue,
                payouts: of.payouts,
                payable: of.payable,
                distinct: of.distinct,
            };
            TotalFacts {
                before: sums(before),
                this: (with_this.actions != before.actions).then(|| TotalAdds {
                    units: with_this.units - before.units,
                    revenue: None,
                    distinct: with_this.distinct - before.distinct,
                }),
                earlier: EARLIER.iter().chain(&declared.earlier).map(|at| (*at, sums(earlier))).collect(),
            }
        });
        Some(RuleInput {
            promo_codes: codes,
            totals: totals.collect(),
            base: facts.base,
            item_bases: facts.item_bases.clone(),
            item: facts.item.and_then(|item| u32::try_from(item).ok()),
            ..RuleInput::new(&self.terms, contract, version, &facts.action, touch, &facts.reference)
        })
    }
}

fn said(spoken: &[VerbCall<'_>]) -> Vec<Said> {
    let said = spoken.iter().map(|spoken| Said {
        verb: spoken.verb,
        args: [Some(spoken.value), spoken.second].into_iter().flatten().filter_map(to_const).collect(),
    });
    said.collect()
}

/// Facts of one evaluation on the stage.
pub fn facts(choices: &mut Choices<'_>, phase: Phase, amounts: Amounts) -> Facts {
    let mut action = action(choices, "a-1".to_owned(), amounts);
    action.currency = Currency::from_code("USD");
    let reference = reference(choices);
    let base = action.amount.unwrap_or_default();
    let about_item = has_item(phase);
    if about_item && action.items.is_empty() {
        action.items = vec![Item::new("A-1", base)];
    }
    Facts {
        totals: totals(choices, base, amounts),
        item_bases: action.items.iter().map(|item| item.amount).collect(),
        touch: choices.below(action.touches.len()),
        item: about_item.then(|| choices.below(action.items.len())),
        action,
        reference,
        base,
        contract: "standard".to_owned(),
        version: 1,
        rounding: RoundingMode::default(),
        // The first moment of 2020 in Berlin.
        started_at: Timestamp::parse("2019-12-31T23:00:00Z"),
        zone: chrono_tz::Europe::Berlin,
        params: PARAMS.iter().map(|(name, ..)| ((*name).to_owned(), param(name))).collect(),
        lists: LISTS
            .iter()
            .map(|(name, values)| ((*name).to_owned(), values.iter().map(|v| (*v).to_owned()).collect()))
            .collect(),
        attributes: declared(),
    }
}

fn totals(choices: &mut Choices<'_>, base: Money, amounts: Amounts) -> BTreeMap<String, TotalValues> {
    let make = |(name, _): &(&str, &str)| {
        let mut sums = || SumValues {
            actions: choices.between(0, 200),
            units: choices.between(0, 500),
            revenue: amount(choices, amounts),
            payouts: amount(choices, amounts),
            payable: amount(choices, amounts),
            distinct: choices.between(0, 90),
        };
        let (before, earlier) = (sums(), sums());
        let mut with_this = before;
        if choices.once_in(2) {
            with_this.actions += 1;
            with_this.units += choices.between(0, 5);
            with_this.distinct += choices.between(0, 1);
            with_this.revenue = before.revenue.add(base).unwrap_or(before.revenue);
        }
        ((*name).to_owned(), TotalValues { before, with_this, earlier })
    };
    TOTALS.iter().map(make).collect()
}

fn declared() -> BTreeMap<String, String> {
    let tables =
        [("", &ATTRIBUTES[..]), ("partner.", &PARTNER_ATTRIBUTES[..]), ("item.", &ITEM_ATTRIBUTES[..])];
    let key = |of: &str, name: &str| format!("{of}{name}");
    tables
        .into_iter()
        .flat_map(|(of, table)| {
            table.iter().map(move |(name, ty)| (key(of, name), type_name(*ty).to_owned()))
        })
        .collect()
}

/// The value as a constant; `None` for records and lists.
pub fn to_const(value: Value<'_>) -> Option<Const> {
    Some(match value {
        Value::Unit | Value::Unknown => Const::Unit,
        Value::Bool(value) => Const::Bool(value),
        Value::Integer(value) => Const::Integer(value),
        Value::Decimal(value) => Const::Decimal(value),
        Value::Money(value) => Const::Money(value),
        Value::Text(value) => Const::Text(value.to_owned()),
        Value::Time(value) => Const::Time(value),
        Value::Date(value) => Const::Date(value),
        Value::Duration(value) => Const::Duration(value),
        Value::Record(_) | Value::Item(_) | Value::Touch(_) | Value::List(_) => return None,
    })
}
