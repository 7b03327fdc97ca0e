//! Rules as text: a letter for the phase and the form, a byte for the facts and the rule enter. Whatever the checker
//! lets through runs without a fault of type or name, and every way to run it agrees with Rhai.

use std::sync::OnceLock;

use accrue::internals::lang::{Base, Form, Phase, Type};
use accrue_tests::agree::every_way;
use accrue_tests::choices::{Choices, noise};
use accrue_tests::generate::action::Amounts;
use accrue_tests::stage::{Stage, facts};

use super::program::places;

/// Each letter with its phase and the type of its expression; none for a script.
pub(crate) const LETTERS: [(u8, Phase, Option<Base>); 9] = [
    (b'p', Phase::PayOrder, None),
    (b'r', Phase::Restrict, None),
    (b'i', Phase::PayItem, None),
    (b'P', Phase::PayOrder, Some(Base::Bool)),
    (b'R', Phase::Restrict, Some(Base::Bool)),
    (b'I', Phase::PayItem, Some(Base::Bool)),
    (b'b', Phase::PayOrder, Some(Base::Money)),
    (b'o', Phase::OrderAmount, Some(Base::Money)),
    (b't', Phase::ItemAmount, Some(Base::Money)),
];

/// Facts that each rule is tried on.
const FACTS_PER_RULE: u32 = 2;

/// The stage that rules are tried on.
pub(crate) fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| Stage::new().expect("the vocabulary's own program loads"))
}

/// Tries one input.
pub fn run(data: &[u8]) {
    let [letter, seed, text @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let (_, phase, base) = *LETTERS
        .iter()
        .find(|(of, ..)| of == letter)
        .unwrap_or(&LETTERS[usize::from(*letter) % LETTERS.len()]);
    let form = base.map_or(Form::Script, |base| Form::Expression(Type::known(base)));
    let stage = stage();
    let (checked, diagnostics) = stage.check(text, phase, form);
    assert_eq!(checked.is_none(), diagnostics.has_errors());
    places(&diagnostics, |file| (file == "rules/generated.rhai").then_some(text));
    let (again, diagnostics_again) = stage.check(text, phase, form);
    assert_eq!(diagnostics, diagnostics_again);
    let Some(checked) = checked else { return };
    let again = again.expect("it was let through before").rule;
    assert_eq!(format!("{:?}", checked.rule), format!("{again:?}"));
    for n in 0..FACTS_PER_RULE {
        let bytes = noise(u32::from(*seed) + 256 * n, 400);
        let amounts = if n == 0 { Amounts::Ordinary(2) } else { Amounts::Any };
        let facts = facts(&mut Choices::new(&bytes), phase, amounts);
        if let Err(difference) = every_way(stage, text, &checked.rule, &facts) {
            panic!("{difference}\n{text}\n{:?}\n{:?}", facts.action, facts.totals);
        }
    }
}
