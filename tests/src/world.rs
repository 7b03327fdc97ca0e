//! A whole world for property tests: choices enter; a generated program, loaded, with actions and reference facts to
//! decide leaves.

use accrue::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use accrue::facts::ExchangeRate;
use accrue::money::{Currency, Number};
use accrue::{Action, Engine, Limits, Program, Reference};
use rust_decimal::Decimal;

use crate::choices::Choices;
use crate::generate::action::{Amounts, action, moment, reference};
use crate::generate::program::{CURRENCIES, Generated, program};

/// A program and what it is to decide.
#[derive(Clone, Debug)]
pub struct World {
    /// The program's text.
    pub text: Generated,
    /// The program, loaded.
    pub program: Program,
    /// What is known besides the actions.
    pub reference: Reference,
    /// Actions in no order, each with an id of its own.
    pub actions: Vec<Action>,
}

/// What generated terms may be refused for: a rule that costs too much or whose constants overflow.
pub fn excused(diagnostics: &Diagnostics) -> bool {
    errors(diagnostics).all(|diagnostic| matches!(diagnostic.code, Code::OverBudget | Code::BadLiteral))
}

/// What keeps terms from loading.
pub fn errors(diagnostics: &Diagnostics) -> impl Iterator<Item = &Diagnostic> {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Makes a world; `None` when its terms cost too much.
///
/// # Errors
///
/// The diagnostics of terms that should have loaded, with their text.
pub fn world(choices: &mut Choices<'_>) -> Result<Option<World>, String> {
    let mut terms = choices.split(2);
    let text = program(&mut terms);
    let limits = Limits { items: 8, touches: 8, entries: 8, ..Limits::default() };
    let program = match Engine::builder().limits(limits).build().load(&text.source()) {
        Ok(program) => program,
        Err(diagnostics) if excused(&diagnostics) => return Ok(None),
        Err(diagnostics) => {
            let errors: Vec<String> = errors(&diagnostics).map(ToString::to_string).collect();
            return Err(format!("{}\n{}", errors.join("\n"), text.shown()));
        }
    };
    let mut reference = reference(choices);
    rates(choices, &mut reference);
    let digits = program.currency().minor_digits();
    let amounts = if choices.once_in(6) { Amounts::Any } else { Amounts::Ordinary(digits) };
    let actions = (0..=choices.below(10)).map(|n| {
        let mut action = action(choices, format!("a-{n}"), amounts);
        action.currency = if choices.once_in(8) {
            Currency::from_code(choices.pick(&CURRENCIES))
        } else {
            choices.once_in(2).then_some(program.currency())
        };
        action
    });
    Ok(Some(World { actions: actions.collect(), text, program, reference }))
}

/// Some exchange rates; for some pairs and moments there is none.
fn rates(choices: &mut Choices<'_>, reference: &mut Reference) {
    for _ in 0..choices.between(0, 6) {
        let (from, to) = (choices.pick(&CURRENCIES), choices.pick(&CURRENCIES));
        let (Some(from), Some(to)) = (Currency::from_code(from), Currency::from_code(to)) else { continue };
        let rate = Number(Decimal::new(choices.between(1, 30_000), 4));
        reference.insert(ExchangeRate { from, to, at: moment(choices), rate }).ok();
    }
}

impl World {
    /// Its contracts, rules and actions, to be read.
    pub fn shown(&self) -> String {
        let actions: Vec<String> =
            self.actions.iter().map(|action| serde_json::to_string(action).unwrap_or_default()).collect();
        format!("{}\n{}", self.text.shown(), actions.join("\n"))
    }

    /// The same world with another program.
    pub fn with(&self, program: Program) -> Self {
        Self { program, ..self.clone() }
    }
}
