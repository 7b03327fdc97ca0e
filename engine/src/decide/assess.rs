//! What the rules of one contract version say of a case, and nothing else: which restrictions match and what each line
//! earns. It is what a decision does between credit and limits, for hosts that quote a payout before there is an action to
//! decide.

use rust_decimal::Decimal;

use super::compiled::{group_at, line_of, lines};
use super::interpreted;
use super::pay::{DraftLine, round};
use crate::compiled::{CompiledVersion, GroupOutcome, Outcomes, ReadyRunner};
use crate::engine::Program;
use crate::limits::Limits;
use crate::money::{Money, exact, small};
use crate::rule::{Case, Evaluator};
use crate::terms::{AddPer, Choose, Effect, Pays, RoundingPlace, Version};

/// What the rules say of one case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assessed {
    /// The restrictions that match, by their index in the version.
    pub restrictions: Vec<u32>,
    /// What each line earns, before limits; none where a restriction leaves nothing to pay.
    pub lines: Vec<AssessedLine>,
    /// Fuel that the rules used.
    pub fuel: u64,
}

/// What one line earns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AssessedLine {
    /// The item's index in the action; `None` for the whole order.
    pub item: Option<u32>,
    /// Before rounding.
    pub exact: Money,
    /// Rounded.
    pub earned: Money,
}

/// Assesses cases by the rules of one contract version. It holds an instance of them, so one thread uses it at a time.
///
/// ```
/// use accrue::decide::Assessor;
/// use accrue::rule::Case;
/// # use accrue::{Engine, Limits, Reference, facts::read_action, money::Money, terms::Source};
/// # let source = Source::from_files([
/// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
/// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
/// # ]);
/// # let program = Engine::new(Limits::default()).load(&source)?;
/// # let action = read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "117.00",
/// #     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?;
/// # let reference = Reference::default();
/// # let contract = &program.terms().contracts[0];
/// let case = Case {
///     terms: program.terms(),
///     contract,
///     version: &contract.versions[0],
///     action: &action,
///     base: action.amount.unwrap_or_default(),
///     # currency: program.terms().currency, promo_codes: &[], partner_id: "acme", partner: None,
///     # touch: &action.touches[0], creative: None, reference: &reference, attributes: Vec::new(),
///     # totals: Vec::new(), item_bases: Vec::new(), item: None,
///     // and what else is known
/// };
/// let mut assessor = Assessor::new(&program, 0, 0).ok_or("this machine runs no compiled rules")?;
/// let assessed = assessor.assess(&case).ok_or("a rule fails on this case")?;
/// assert_eq!(assessed.lines[0].earned.to_string(), "4.68");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Assessor<'p> {
    version: &'p Version,
    way: Way<'p>,
    assessed: Assessed,
}

/// What runs the rules.
#[derive(Debug)]
enum Way<'p> {
    Compiled(&'p CompiledVersion, Box<ReadyRunner<'p>>),
    Portable(Box<Evaluator<'p>>, Box<Outcomes>, &'p Limits),
}

impl<'p> Assessor<'p> {
    /// An assessor for a version of a contract, both by their index; `None` where there is no such version or its rules do
    /// not run as native code. Rules beside a component are interpreted.
    pub fn new(program: &'p Program, contract: usize, version: usize) -> Option<Self> {
        let desk = program.desk();
        if desk.terms.contracts.get(contract)?.versions.get(version)?.has_component() {
            return Self::portable(program, contract, version);
        }
        let compiled = desk.compiled?.version(contract, version)?;
        let version = desk.terms.contracts.get(contract)?.versions.get(version)?;
        let way = Way::Compiled(compiled, Box::new(compiled.narrow_runner()?));
        Some(Self { version, way, assessed: Assessed::default() })
    }

    /// An assessor that interprets the rules: slower, and the same to the byte.
    pub fn portable(program: &'p Program, contract: usize, version: usize) -> Option<Self> {
        let desk = program.desk();
        let version = desk.terms.contracts.get(contract)?.versions.get(version)?;
        let evaluator = Box::new(Evaluator::new(desk.limits.rule_fuel, None));
        let way = Way::Portable(evaluator, Box::default(), desk.limits);
        Some(Self { version, way, assessed: Assessed::default() })
    }

    /// What the rules say of a case; `None` where one fails, for which [`Program::decide`] has the words.
    pub fn assess(&mut self, case: &Case<'p>) -> Option<&Assessed> {
        let (version, assessed) = (self.version, &mut self.assessed);
        match &mut self.way {
            Way::Compiled(compiled, runner) => {
                let fits = runner.run(case);
                match fits.then(|| assess(version, case, runner.outcomes(), assessed)).flatten() {
                    Some(()) => {}
                    None => wide(compiled, version, case, assessed)?,
                }
            }
            Way::Portable(evaluator, outcomes, limits) => {
                interpreted::outcomes(evaluator, version, case, limits, outcomes)?;
                assess(version, case, outcomes, assessed)?;
            }
        }
        Some(&self.assessed)
    }

    /// Assesses many cases, compiled rules in as few calls as there is memory for. What they say of each goes to `take` with
    /// its index; `None` where a rule fails on it.
    pub fn assess_batch(&mut self, cases: &[Case<'p>], mut take: impl FnMut(usize, Option<&Assessed>)) {
        let (version, assessed) = (self.version, &mut self.assessed);
        let Way::Compiled(compiled, runner) = &mut self.way else {
            for (n, case) in cases.iter().enumerate() {
                take(n, self.assess(case));
            }
            return;
        };
        let mut at = 0;
        while let Some(rest) = cases.get(at..).filter(|rest| !rest.is_empty()) {
            let done = runner.run_batch(
                |n| rest.get(n).map(|case| (case, true)),
                |n, outcomes| {
                    let Some(case) = rest.get(n) else { return };
                    let answer = outcomes
                        .and_then(|outcomes| assess(version, case, outcomes, assessed))
                        .or_else(|| wide(compiled, version, case, assessed));
                    take(at + n, answer.map(|()| &*assessed));
                },
            );
            if done == 0
                && let Some(case) = rest.first()
            {
                // It does not even fit alone.
                take(at, wide(compiled, version, case, assessed).map(|()| &*assessed));
            }
            at += done.max(1);
        }
    }
}

/// Assesses a case on which the numbers of 64 bits do not suffice.
#[cold]
fn wide(compiled: &CompiledVersion, version: &Version, case: &Case<'_>, into: &mut Assessed) -> Option<()> {
    compiled.assess_wide(case, true, |outcomes, _| assess(version, case, outcomes, into)).flatten()
}

/// Works out what follows from what a module says.
fn assess(version: &Version, case: &Case<'_>, outcomes: &Outcomes, into: &mut Assessed) -> Option<()> {
    into.restrictions.clear();
    into.lines.clear();
    into.fuel = outcomes.fuel;
    let matched =
        outcomes.restrictions.iter().filter(|(_, said)| said.as_ref().is_none_or(|said| !said.is_empty()));
    into.restrictions.extend(matched.filter_map(|(index, _)| u32::try_from(*index).ok()));
    let simple = version.rounding.place == RoundingPlace::Item || outcomes.lines.len() == 1;
    let digits = version.currency.minor_digits();
    for (item, range) in &outcomes.lines {
        let priced = match (simple, outcomes.groups.get(range.clone())?) {
            (true, [outcome]) => {
                let (quantity, base) = line_of(version, case, *item)?;
                single(version, outcome, quantity, base, outcomes.lines.len() == 1)
            }
            (true, [first, ..]) if version.payout.choose == Choose::First => {
                let (quantity, base) = line_of(version, case, *item)?;
                single(version, first, quantity, base, outcomes.lines.len() == 1)
            }
            (true, []) => Some(Decimal::ZERO),
            _ => None,
        };
        let Some(exact) = priced else { return thorough(version, case, outcomes, into) };
        let earned = small::rounded(exact, digits, version.rounding.mode)
            .map_or_else(|| Money(exact).round(digits, version.rounding.mode), Money);
        into.lines.push(AssessedLine { item: *item, exact: Money(exact), earned });
    }
    Some(())
}

/// What a line earns of one group with a rate, and perhaps an amount; `only` where there is no other line, so that an amount
/// for each line and one for the order are the same.
fn single(
    version: &Version,
    outcome: &GroupOutcome,
    quantity: u32,
    base: Money,
    only: bool,
) -> Option<Decimal> {
    let group = group_at(version, outcome.group)?;
    let effects = match &group.pays {
        Pays::Fixed(effects) => effects,
        Pays::Bands { bands, .. } => &bands.get(outcome.band)?.effects,
        Pays::Script(_) | Pays::Component(_) => return None,
    };
    let (rate, added) = match effects.as_slice() {
        [Effect::Rate(rate)] => (*rate, Decimal::ZERO),
        [Effect::Add { amount, per }] if is_whole(*per, only) => return Some(amount.0),
        [Effect::Add { amount, per: AddPer::Unit }] => {
            return exact::mul(amount.0, Decimal::from(quantity)).ok();
        }
        [Effect::Rate(rate), Effect::Add { amount, per }] if is_whole(*per, only) => (*rate, amount.0),
        _ => return None,
    };
    let rated = match small::product(base.0, rate) {
        Some(rated) => rated,
        None => exact::mul(base.0, rate).ok()?,
    };
    if added.is_zero() { Some(rated) } else { exact::add(rated, added).ok() }
}

/// Whether an amount is added to the line as it is.
fn is_whole(per: AddPer, only: bool) -> bool {
    per == AddPer::Item || (only && per == AddPer::Order)
}

/// Lines of several groups, or that are rounded together.
#[cold]
fn thorough(version: &Version, case: &Case<'_>, outcomes: &Outcomes, into: &mut Assessed) -> Option<()> {
    into.lines.clear();
    let mut lines: Vec<DraftLine<'_>> = lines(version, case, outcomes)?;
    round(version, &mut lines).ok()?;
    let assessed =
        lines.iter().map(|line| AssessedLine { item: line.item, exact: line.exact, earned: line.earned });
    into.lines.extend(assessed);
    Some(())
}
