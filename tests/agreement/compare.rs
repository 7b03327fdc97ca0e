//! Two answers to one rule enter; nothing leaves when they agree, else what differs.

use accrue::rule::{Const, FaultKind, Rule};
use accrue::{Engine, Limits};
use accrue_tests::oracle::{Answer, Facts, Said, Trouble, evaluate};
use accrue_tests::stage::{Ran, Stage};

thread_local! {
    static ENGINE: Engine = Engine::new(Limits::default());
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

/// Runs a checked rule by the interpreter, traced and not, as native code and by Rhai, and compares.
pub(crate) fn both_ways(stage: &Stage, text: &str, rule: &Rule, facts: &Facts) -> Result<(), String> {
    let ran = stage.run(rule, facts, false).expect("generated facts have a credited touch");
    let traced = stage.run(rule, facts, true).expect("generated facts have a credited touch");
    if (&ran.outcome, ran.fuel) != (&traced.outcome, traced.fuel) {
        return Err(format!("traced {traced:?}, untraced {ran:?}"));
    }
    if ran.fuel > rule.worst_fuel {
        return Err(format!("{} fuel used, at most {} were promised", ran.fuel, rule.worst_fuel));
    }
    as_compiled(stage, rule, facts, stage.limits.rule_fuel)?;
    if ran.fuel > 2 {
        // And where the budget does not suffice.
        as_compiled(stage, rule, facts, ran.fuel / 2)?;
    }
    same(&ran, &evaluate(text, facts))
}

/// Compares the interpreter with native code on a budget: values, verbs, what was seen, fuel, faults and their places.
fn as_compiled(stage: &Stage, rule: &Rule, facts: &Facts, budget: u64) -> Result<(), String> {
    let interpreted = stage.run_within(rule, facts, true, budget).map(normal);
    let compiled = ENGINE.with(|engine| stage.run_compiled(engine, rule, facts, budget)).map(normal);
    if compiled.is_none() || compiled != interpreted {
        return Err(format!(
            "on a budget of {budget}\ncompiled    {compiled:?}\ninterpreted {interpreted:?}"
        ));
    }
    Ok(())
}

/// Whether the engine and the oracle say the same.
pub(crate) fn same(ran: &Ran, oracle: &Result<Answer, Trouble>) -> Result<(), String> {
    let agree = match (&ran.outcome, oracle) {
        (Ok(engine), Ok(oracle)) => {
            engine.said.len() == oracle.said.len()
                && engine.said.iter().zip(&oracle.said).all(same_verb)
                && same_value(engine, oracle)
        }
        (Err(fault), Err(trouble)) => matches!(
            (fault.kind, trouble),
            (FaultKind::Overflow, Trouble::Overflow) | (FaultKind::DivisionByZero, Trouble::DivisionByZero)
        ),
        _ => false,
    };
    if agree { Ok(()) } else { Err(format!("engine {:?}\noracle {oracle:?}", ran.outcome)) }
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
