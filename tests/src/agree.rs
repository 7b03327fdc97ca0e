//! Every way to run a rule, compared: a checked rule and facts enter; nothing leaves when all ways and the oracle agree,
//! else what differs.

use accrue::diagnostic::{Code, Severity};
use accrue::internals::lang::{Base, Const, FaultKind, Form, Phase, Rule, Type};
use accrue::internals::run::Seen;
use accrue::money::RoundingMode;

use crate::choices::Choices;
#[cfg(feature = "sandbox")]
use crate::choices::noise;
use crate::generate::action::Amounts;
use crate::generate::expression::expression;
use crate::generate::scope::Scope;
use crate::generate::statement::script;
use crate::generate::vocabulary::Ty;
use crate::oracle::{Answer, Facts, Said, Trouble, evaluate};
use crate::stage::{Ran, Stage, facts};

/// A way of the engine to run a checked rule.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// What it is called when it disagrees.
    pub name: &'static str,
    /// Whether it says what the rule saw.
    pub traces: bool,
    /// Runs a rule on a budget; `None` when the facts are not those of a credited action.
    pub run: fn(&Stage, &Rule, &Facts, u64) -> Option<Ran>,
}

/// Every way there is. The first is the reference: the others must answer as it does, fault and fuel included.
pub const WAYS: &[Way] = &[
    Way {
        name: "portable",
        traces: false,
        run: |stage, rule, facts, budget| stage.run_within(rule, facts, false, budget),
    },
    Way {
        name: "portable, traced",
        traces: true,
        run: |stage, rule, facts, budget| stage.run_within(rule, facts, true, budget),
    },
    #[cfg(feature = "sandbox")]
    Way { name: "compiled", traces: true, run: compiled },
    #[cfg(feature = "sandbox")]
    Way { name: "compiled, on the host's runtime", traces: true, run: hosted },
];

#[cfg(feature = "sandbox")]
fn hosted(stage: &Stage, rule: &Rule, facts: &Facts, budget: u64) -> Option<Ran> {
    thread_local! {
        static ENGINE: accrue::Engine = crate::hosted::engine(accrue::Limits::default()).build();
    }
    ENGINE.with(|engine| stage.run_compiled(engine, rule, facts, budget))
}

#[cfg(feature = "sandbox")]
fn compiled(stage: &Stage, rule: &Rule, facts: &Facts, budget: u64) -> Option<Ran> {
    // One for each thread: making one costs more than most rules.
    thread_local! {
        static ENGINE: accrue::Engine = accrue::Engine::default();
    }
    ENGINE.with(|engine| stage.run_compiled(engine, rule, facts, budget))
}

/// Runs a checked rule every way, on a budget that suffices and on one that does not, and compares with each other and
/// with the oracle.
///
/// # Errors
///
/// What differs.
pub fn every_way(stage: &Stage, text: &str, rule: &Rule, facts: &Facts) -> Result<(), String> {
    let ran = ways_agree(stage, rule, facts, stage.limits.rule_fuel)?;
    if ran.fuel > rule.worst_fuel {
        return Err(format!("{} fuel used, at most {} were promised", ran.fuel, rule.worst_fuel));
    }
    let exact = stage.run_within(rule, facts, false, ran.fuel).map(normal).ok_or("no credited touch")?;
    if (&exact.outcome, exact.fuel) != (&ran.outcome, ran.fuel) {
        return Err(format!("on a budget of what it used {exact:?}\nwith more {ran:?}"));
    }
    if let Some(less) = ran.fuel.checked_sub(1) {
        let short = ways_agree(stage, rule, facts, less)?;
        let out_of_budget = matches!(&short.outcome, Err(fault) if fault.kind == FaultKind::Budget);
        if !out_of_budget || short.fuel != less {
            return Err(format!("on a budget of one less than it used: {short:?}"));
        }
    }
    condition_agrees(stage, rule, facts, &ran)?;
    same(text, &ran, &evaluate(text, facts))
}

/// Whether the condition of a rule holds when the rule gives a verb, or has the value of the expression.
fn condition_agrees(stage: &Stage, rule: &Rule, facts: &Facts, ran: &Ran) -> Result<(), String> {
    let (Some(condition), Ok(answer)) = (rule.condition(|_| true), &ran.outcome) else { return Ok(()) };
    let alone = stage.run_within(&rule.of(condition.clone()), facts, false, stage.limits.rule_fuel);
    let alone = alone.map(normal).ok_or("no credited touch")?;
    let expected = match rule.form {
        Form::Script => Some(Const::Bool(!answer.said.is_empty())),
        Form::Expression(_) => answer.value.clone(),
    };
    match &alone.outcome {
        Ok(value) if value.value == expected => Ok(()),
        other => Err(format!("{other:?} is not {expected:?}: {condition:#?}")),
    }
}

/// What the reference says on a budget, when every other way says the same.
fn ways_agree(stage: &Stage, rule: &Rule, facts: &Facts, budget: u64) -> Result<Ran, String> {
    let mut reference: Option<(Way, Ran)> = None;
    let mut seen: Option<(Way, Vec<Seen>)> = None;
    for way in WAYS {
        let ran = (way.run)(stage, rule, facts, budget)
            .map(normal)
            .ok_or_else(|| format!("{}: it does not run, or the facts have no credited touch", way.name))?;
        if way.traces {
            match &seen {
                Some((first, expected)) if *expected != ran.seen => {
                    return Err(format!("{} saw {expected:?}\n{} saw {:?}", first.name, way.name, ran.seen));
                }
                Some(_) => {}
                None => seen = Some((*way, ran.seen.clone())),
            }
        }
        match &reference {
            Some((first, expected)) if (&expected.outcome, expected.fuel) != (&ran.outcome, ran.fuel) => {
                return Err(format!("budget {budget}\n{}: {expected:?}\n{}: {ran:?}", first.name, way.name));
            }
            Some(_) => {}
            None => reference = Some((*way, ran)),
        }
    }
    reference.map(|(_, ran)| ran).ok_or_else(|| "there is no way to run a rule".to_owned())
}

/// Numbers without trailing zeros: equal amounts are written as the same bytes.
fn normal(mut ran: Ran) -> Ran {
    let shorter = |value: &mut Const| match value {
        Const::Decimal(number) => *number = number.normalize(),
        Const::Money(amount) => amount.0 = amount.0.normalize(),
        _ => {}
    };
    if let Ok(answer) = &mut ran.outcome {
        answer.value.iter_mut().for_each(shorter);
        answer.said.iter_mut().flat_map(|said| &mut said.args).for_each(shorter);
    }
    ran
}

/// Whether the engine and the oracle say the same.
///
/// Where two parts of a chain fail, the faults may differ: the engine computes `f(x).plus_days(y)` from left to right, Rhai
/// computes `y` before `f(x)`.
fn same(text: &str, ran: &Ran, oracle: &Result<Answer, Trouble>) -> Result<(), String> {
    let agree = match (&ran.outcome, oracle) {
        (Ok(engine), Ok(oracle)) => {
            engine.said.len() == oracle.said.len()
                && engine.said.iter().zip(&oracle.said).all(same_verb)
                && same_value(engine, oracle)
        }
        (Err(fault), Err(trouble)) => {
            matches!(
                (fault.kind, trouble),
                (FaultKind::Overflow, Trouble::Overflow)
                    | (FaultKind::DivisionByZero, Trouble::DivisionByZero)
                    | (FaultKind::RoundingStep, Trouble::RoundingStep)
            ) || (calls_on_a_value(text)
                && is_arithmetic(fault.kind)
                && !matches!(trouble, Trouble::Other(_)))
        }
        _ => false,
    };
    if agree { Ok(()) } else { Err(format!("engine {:?}\noracle {oracle:?}", ran.outcome)) }
}

/// Whether a method with arguments is called on what is no name.
fn calls_on_a_value(text: &str) -> bool {
    text.split(").").skip(1).any(|method| {
        let after = method.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        after.starts_with('(') && !after.starts_with("()")
    })
}

fn is_arithmetic(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Overflow | FaultKind::DivisionByZero | FaultKind::RoundingStep)
}

fn same_verb((engine, oracle): (&Said, &Said)) -> bool {
    engine.verb == oracle.verb
        && engine.args.len() == oracle.args.len()
        && engine.args.iter().zip(&oracle.args).all(|(a, b)| same_const(a, b))
}

/// A script has no value of its own: Rhai gives that of its last statement, which the language does not promise.
fn same_value(engine: &Answer, oracle: &Answer) -> bool {
    match (&engine.value, &oracle.value) {
        (Some(Const::Unit), _) => true,
        (Some(a), Some(b)) => engine.said.is_empty() && same_const(a, b),
        _ => false,
    }
}

/// Numbers are equal whatever their scale; an integer is equal to the decimal it stands for.
fn same_const(a: &Const, b: &Const) -> bool {
    match (a, b) {
        (Const::Decimal(a), Const::Integer(b)) | (Const::Integer(b), Const::Decimal(a)) => *a == (*b).into(),
        // Equal amounts are the same bytes once they are normalised.
        (Const::Decimal(a), Const::Decimal(b)) => {
            a == b && a.normalize().serialize() == b.normalize().serialize()
        }
        _ => a == b,
    }
}

/// The modes of `round` that each generated rule is tried in.
const ROUNDING: [RoundingMode; 4] =
    [RoundingMode::HalfUp, RoundingMode::HalfEven, RoundingMode::Up, RoundingMode::Down];

/// Facts that each generated rule is tried on.
const FACTS_PER_RULE: usize = 3;

/// Makes a rule, a script or an expression, and compares every way to run it.
///
/// # Errors
///
/// What differs, or why the rule is refused, with the rule.
pub fn generated_rule(stage: &Stage, choices: &mut Choices<'_>) -> Result<(), String> {
    if choices.once_in(3) { generated_expression(stage, choices) } else { generated_script(stage, choices) }
}

/// Makes a script and compares every way to run it.
///
/// # Errors
///
/// See [`generated_rule`].
pub fn generated_script(stage: &Stage, choices: &mut Choices<'_>) -> Result<(), String> {
    let phase = choices.pick(&[Phase::Restrict, Phase::PayOrder, Phase::PayItem]);
    let text = script(choices.split(2), phase);
    agrees(stage, &text, phase, Form::Script, choices)
}

/// Makes an expression and compares every way to run it.
///
/// # Errors
///
/// See [`generated_rule`].
pub fn generated_expression(stage: &Stage, choices: &mut Choices<'_>) -> Result<(), String> {
    let phase = choices.pick(&[
        Phase::Restrict,
        Phase::PayOrder,
        Phase::PayItem,
        Phase::OrderAmount,
        Phase::ItemAmount,
    ]);
    let (ty, base) = choices.pick(&[
        (Ty::Bool, Base::Bool),
        (Ty::Money, Base::Money),
        (Ty::Decimal, Base::Decimal),
        (Ty::Integer, Base::Integer),
    ]);
    let mut scope = Scope::new(choices.split(2), phase);
    let text = expression(&mut scope, ty).text();
    agrees(stage, &text, phase, Form::Expression(Type::known(base)), choices)
}

/// Makes a rule of noise and compares compiled rules with the interpreter on so many facts, traces included; how many pairs
/// there were. None where the rule costs too much. The rule is compiled once.
///
/// # Errors
///
/// What differs.
#[cfg(feature = "sandbox")]
pub fn pairs(stage: &Stage, engine: &accrue::Engine, seed: u32, pairs: u32) -> Result<u32, String> {
    let bytes = noise(seed, RULE_BYTES);
    let mut choices = Choices::new(&bytes);
    let phase = choices.pick(&[Phase::Restrict, Phase::PayOrder, Phase::PayItem]);
    let text = script(choices.split(2), phase);
    let (checked, _) = stage.check(&text, phase, Form::Script);
    let Some(rule) = checked.map(|checked| checked.rule) else { return Ok(0) };
    // Every other rule is stopped in its middle, here and there.
    let budget = if choices.once_in(2) { stage.limits.rule_fuel } else { rule.worst_fuel / 2 };
    let module = stage.compile(engine, &rule, budget).ok_or("it does not compile")?;
    for pair in 0..pairs {
        let bytes = noise(seed.wrapping_mul(7_919).wrapping_add(pair), FACTS_BYTES);
        let mut choices = Choices::new(&bytes);
        let amounts = if choices.once_in(3) { Amounts::Any } else { Amounts::Ordinary(2) };
        let facts = facts(&mut choices, phase, amounts);
        let portable = stage.run_within(&rule, &facts, true, budget).map(normal);
        let compiled = stage.run_module(&module, &rule, &facts).map(normal);
        if portable.is_none() || portable != compiled {
            return Err(format!(
                "{text}\n{:#?}\ninterpreted {portable:?}\ncompiled {compiled:?}",
                facts.action
            ));
        }
    }
    Ok(pairs)
}

/// Bytes that a rule is made of, and the facts of a case.
#[cfg(feature = "sandbox")]
const RULE_BYTES: usize = 1_500;
#[cfg(feature = "sandbox")]
const FACTS_BYTES: usize = 700;

/// Checks a generated rule, which must not be refused, and compares it on several facts.
fn agrees(
    stage: &Stage,
    text: &str,
    phase: Phase,
    form: Form,
    choices: &mut Choices<'_>,
) -> Result<(), String> {
    let (checked, diagnostics) = stage.check(text, phase, form);
    let Some(mut checked) = checked else {
        // Generated rules may cost too much or fold to an overflow; nothing else may be wrong with them.
        let excused = |code: Code| {
            code.severity() == Severity::Warning || matches!(code, Code::OverBudget | Code::BadLiteral)
        };
        if diagnostics.iter().all(|diagnostic| excused(diagnostic.code)) {
            return Ok(());
        }
        return Err(format!("refused:\n{diagnostics}\n{:?}\n{text}", diagnostics.0.first()));
    };
    for _ in 0..FACTS_PER_RULE {
        let amounts = if choices.once_in(3) { Amounts::Any } else { Amounts::Ordinary(2) };
        let rounding = choices.pick(&ROUNDING);
        checked.rule.rounding = rounding;
        let facts = Facts { rounding, ..facts(choices, phase, amounts) };
        every_way(stage, text, &checked.rule, &facts)
            .map_err(|difference| format!("{difference}\n{text}\n{:?}\n{:#?}", facts.action, facts.totals))?;
    }
    Ok(())
}
