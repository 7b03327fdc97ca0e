//! Generated rules: what the generators make is checked without an error, and both ways agree.

use accrue::diagnostic::Code;
use accrue::rule::{Base, Form, Phase, Type};
use accrue_tests::cases::{Bytes, CASES, cases};
use accrue_tests::choices::Choices;
use accrue_tests::generate::action::Amounts;
use accrue_tests::generate::expression::expression;
use accrue_tests::generate::scope::Scope;
use accrue_tests::generate::statement::script;
use accrue_tests::generate::vocabulary::Ty;
use accrue_tests::oracle::{Trouble, evaluate};
use accrue_tests::stage::{Stage, facts};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};

use crate::compare::both_ways;

/// Facts that each rule is tried on.
const FACTS_PER_RULE: usize = 3;

/// Bytes for one case: enough for some twenty statements.
const BYTES: usize = 1_500;

fn base(ty: Ty) -> Base {
    match ty {
        Ty::Bool => Base::Bool,
        Ty::Integer => Base::Integer,
        Ty::Decimal => Base::Decimal,
        Ty::Money => Base::Money,
        Ty::Text => Base::Text,
        Ty::Code => Base::Code,
        Ty::Time => Base::Time,
        Ty::Date => Base::Date,
        Ty::Duration => Base::Duration,
    }
}

/// Checks a rule and compares it on several facts.
fn agree(
    stage: &Stage,
    text: &str,
    phase: Phase,
    form: Form,
    mut choices: Choices<'_>,
) -> Result<(), TestCaseError> {
    let (checked, diagnostics) = stage.check(text, phase, form);
    let Some(checked) = checked else {
        // Generated rules may cost too much or fold to an overflow; nothing else may be wrong with them.
        let excused = |code| matches!(code, Code::OverBudget | Code::BadLiteral);
        prop_assert!(
            diagnostics
                .iter()
                .all(|d| d.code.severity() == accrue::diagnostic::Severity::Warning || excused(d.code)),
            "refused:\n{diagnostics}\n{:?}\n{text}",
            diagnostics.0.first()
        );
        return Ok(());
    };
    for _ in 0..FACTS_PER_RULE {
        let amounts = if choices.once_in(3) { Amounts::Any } else { Amounts::Ordinary(2) };
        let facts = facts(&mut choices, phase, amounts);
        let compared = both_ways(stage, text, &checked.rule, &facts);
        prop_assert!(
            compared.is_ok(),
            "{}\n{text}\n{:?}\n{:#?}",
            compared.unwrap_err(),
            facts.action,
            facts.totals
        );
    }
    Ok(())
}

fn bytes() -> impl Strategy<Value = Bytes> {
    proptest::collection::vec(any::<u8>(), 0..BYTES).prop_map(Bytes)
}

fn config() -> Config {
    Config { cases: cases(CASES), max_shrink_iters: 20_000, failure_persistence: None, ..Config::default() }
}

#[test]
fn scripts_agree() {
    let stage = Stage::new().unwrap();
    proptest!(config(), |(bytes in bytes())| {
        let mut choices = Choices::new(&bytes.0);
        let phase = choices.pick(&[Phase::Restrict, Phase::PayOrder, Phase::PayItem]);
        let rule = choices.split(2);
        agree(&stage, &script(rule, phase), phase, Form::Script, choices)?;
    });
}

#[test]
fn expressions_agree() {
    let stage = Stage::new().unwrap();
    proptest!(config(), |(bytes in bytes())| {
        let mut choices = Choices::new(&bytes.0);
        let phase = choices.pick(&[Phase::Restrict, Phase::PayOrder, Phase::PayItem, Phase::OrderAmount, Phase::ItemAmount]);
        let ty = choices.pick(&[Ty::Bool, Ty::Money, Ty::Decimal, Ty::Integer]);
        let mut scope = Scope::new(choices.split(2), phase);
        let text = expression(&mut scope, ty).text();
        agree(&stage, &text, phase, Form::Expression(Type::known(base(ty))), choices)?;
    });
}

/// The generators' side of the bargain: whatever they make, Rhai evaluates it, or fails only in arithmetic.
#[test]
fn generated_rules_are_programs_of_rhai() {
    proptest!(config(), |(bytes in bytes())| {
        let mut choices = Choices::new(&bytes.0);
        let phase = choices.pick(&[Phase::Restrict, Phase::PayOrder, Phase::PayItem]);
        let text = script(choices.split(2), phase);
        let facts = facts(&mut choices, phase, Amounts::Any);
        let trouble = evaluate(&text, &facts).err();
        prop_assert!(!matches!(trouble, Some(Trouble::Other(_))), "{trouble:?}\n{text}");
    });
}
