//! What the rules of one contract version say of a case, and nothing else: which restrictions match and what each line
//! earns. It is what a decision does between credit and limits, for hosts that quote a payout before there is an action to
//! decide.

use rust_decimal::Decimal;

use super::compiled::{line_of, lines};
use super::interpreted;
use super::pay::{DraftLine, round};
use crate::compile::entry::{self, Answer, EntryKind};
use crate::compiled::{CompiledVersion, Outcomes, ReadyRunner};
use crate::engine::Program;
use crate::limits::Limits;
use crate::money::small::Small;
use crate::money::{Money, exact};
use crate::rule::{Case, Evaluator};
use crate::terms::{AddPer, Choose, Effect, Group, PayoutPer, Pays, RoundingPlace, Version};

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
    prices: Prices<'p>,
    way: Way<'p>,
    /// What the rules of the last case said, where it took more than one look.
    outcomes: Outcomes,
    assessed: Assessed,
}

/// What runs the rules.
#[derive(Debug)]
enum Way<'p> {
    Compiled(Box<Runners<'p>>),
    Portable(Box<Evaluator<'p>>, &'p Limits),
}

/// Instances of a version's modules.
#[derive(Debug)]
struct Runners<'p> {
    narrow: ReadyRunner<'p>,
    wide: Wide<'p>,
}

/// An instance for cases on which the numbers of 64 bits do not suffice, once there was one.
#[derive(Debug)]
struct Wide<'p> {
    compiled: &'p CompiledVersion,
    runner: Option<ReadyRunner<'p>>,
}

impl Wide<'_> {
    #[cold]
    fn run(&mut self, case: &Case<'_>) -> Option<Answer<'_>> {
        if self.runner.is_none() {
            self.runner = self.compiled.wide_runner(case);
        }
        self.runner.as_mut()?.run(case)
    }
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
        let narrow = compiled.narrow_runner()?;
        Some(Self::by(
            version,
            Way::Compiled(Box::new(Runners { narrow, wide: Wide { compiled, runner: None } })),
        ))
    }

    /// An assessor that interprets the rules: slower, and the same to the byte.
    pub fn portable(program: &'p Program, contract: usize, version: usize) -> Option<Self> {
        let desk = program.desk();
        let version = desk.terms.contracts.get(contract)?.versions.get(version)?;
        let evaluator = Evaluator::new(desk.limits.rule_fuel, None);
        Some(Self::by(version, Way::Portable(Box::new(evaluator), desk.limits)))
    }

    fn by(version: &'p Version, way: Way<'p>) -> Self {
        let prices = Prices::new(version);
        Self { prices, way, outcomes: Outcomes::default(), assessed: Assessed::default() }
    }

    /// What the rules say of a case; `None` where one fails, for which [`Program::decide`] has the words.
    pub fn assess(&mut self, case: &Case<'p>) -> Option<&Assessed> {
        let Self { prices, way, outcomes, assessed } = self;
        match way {
            Way::Compiled(runners) => {
                let Runners { narrow, wide } = runners.as_mut();
                let mut answered = |answer| prices.answered(case, answer, outcomes, assessed);
                match narrow.run(case).and_then(&mut answered) {
                    Some(()) => {}
                    None => wide.run(case).and_then(answered)?,
                }
            }
            Way::Portable(evaluator, limits) => {
                interpreted::outcomes(evaluator, prices.version, case, limits, outcomes)?;
                prices.read(case, outcomes, assessed)?;
            }
        }
        Some(&self.assessed)
    }

    /// Assesses many cases, compiled rules in few calls. What they say of each goes to `take` with its index; `None` where a
    /// rule fails on it.
    pub fn assess_batch(&mut self, cases: &[Case<'p>], mut take: impl FnMut(usize, Option<&Assessed>)) {
        let Self { prices, way, outcomes, assessed } = self;
        let Way::Compiled(runners) = way else {
            for (n, case) in cases.iter().enumerate() {
                take(n, self.assess(case));
            }
            return;
        };
        let Runners { narrow, wide } = runners.as_mut();
        let mut at = 0;
        while let Some(rest) = cases.get(at..).filter(|rest| !rest.is_empty()) {
            let done = narrow.run_batch(
                |n| rest.get(n).map(|case| (case, true)),
                |n, answer| {
                    let Some(case) = rest.get(n) else { return };
                    let mut answered = |answer| prices.answered(case, answer, outcomes, assessed);
                    let answer = match answer.and_then(&mut answered) {
                        Some(()) => Some(()),
                        None => wide.run(case).and_then(answered),
                    };
                    take(at + n, answer.map(|()| &*assessed));
                },
            );
            if done == 0
                && let Some(case) = rest.first()
            {
                // It does not even fit alone.
                let answer = wide.run(case);
                let answer = answer.and_then(|answer| prices.answered(case, answer, outcomes, assessed));
                take(at, answer.map(|()| &*assessed));
            }
            at += done.max(1);
        }
    }
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

impl Assessed {
    fn begin(&mut self, fuel: u64) {
        self.restrictions.clear();
        self.lines.clear();
        self.fuel = fuel;
    }
}

/// What each payout group of a version pays where it is the only one that a line gets.
#[derive(Debug)]
struct Prices<'p> {
    version: &'p Version,
    /// By group, and within it by band; the default payout's last.
    groups: Vec<Vec<Price>>,
    minor_digits: u32,
}

/// What a group pays.
#[derive(Clone, Copy, Debug)]
enum Price {
    /// A rate, and perhaps an amount.
    Rate { rate: Decimal, small: Option<Small>, add: Option<(Money, Option<Small>)>, per: AddPer },
    /// An amount.
    Amount { amount: Money, per: AddPer },
    /// What it takes more to work out.
    Else,
}

impl Price {
    fn of(effects: &[Effect]) -> Self {
        let rated = |rate: Decimal, add: Option<(Money, AddPer)>| {
            let per = add.map_or(AddPer::Item, |(_, per)| per);
            let add = add.filter(|(amount, _)| !amount.is_zero());
            let add = add.map(|(amount, _)| (amount, Small::of(&amount.0)));
            Self::Rate { rate, small: Small::of(&rate), add, per }
        };
        match effects {
            [Effect::Rate(rate)] => rated(*rate, None),
            [Effect::Rate(rate), Effect::Add { amount, per }] if *per != AddPer::Unit => {
                rated(*rate, Some((*amount, *per)))
            }
            [Effect::Add { amount, per }] => Self::Amount { amount: *amount, per: *per },
            _ => Self::Else,
        }
    }
}

impl<'p> Prices<'p> {
    fn new(version: &'p Version) -> Self {
        let prices = |group: &Group| match &group.pays {
            Pays::Fixed(effects) => vec![Price::of(effects)],
            Pays::Bands { bands, .. } => bands.iter().map(|band| Price::of(&band.effects)).collect(),
            Pays::Script(_) | Pays::Component(_) => Vec::new(),
        };
        let groups = version.groups().map(prices).collect();
        Self { version, groups, minor_digits: version.currency.minor_digits() }
    }

    /// What follows from a module's answer.
    #[inline]
    fn answered(
        &self,
        case: &Case<'_>,
        answer: Answer<'_>,
        outcomes: &mut Outcomes,
        into: &mut Assessed,
    ) -> Option<()> {
        if self.simply(case, answer, into).is_some() {
            return Some(());
        }
        outcomes.read(answer, self.version)?;
        self.read(case, outcomes, into)
    }

    /// What follows from what rules say.
    fn read(&self, case: &Case<'_>, outcomes: &Outcomes, into: &mut Assessed) -> Option<()> {
        into.begin(outcomes.fuel);
        let matched = outcomes
            .restrictions
            .iter()
            .filter(|(_, said)| said.as_ref().is_none_or(|said| !said.is_empty()));
        into.restrictions.extend(matched.filter_map(|(index, _)| u32::try_from(*index).ok()));
        let only = outcomes.lines.len() == 1;
        for (item, range) in &outcomes.lines {
            let group = match outcomes.groups.get(range.clone())? {
                [] => Some(None),
                [first] => Some(Some((first.group, first.band))),
                [first, ..] if self.version.payout.choose == Choose::First => {
                    Some(Some((first.group, first.band)))
                }
                _ => None,
            };
            if group.and_then(|group| self.line(case, *item, group, only, &mut into.lines)).is_none() {
                return thorough(self.version, case, outcomes, into);
            }
        }
        Some(())
    }

    /// Works out an answer in which each line gets one group at the most; `None` for any other.
    #[inline]
    fn simply(&self, case: &Case<'_>, answer: Answer<'_>, into: &mut Assessed) -> Option<()> {
        into.begin(answer.fuel());
        let only = self.version.payout.per == PayoutPer::Order || case.action.items.len() <= 1;
        let mut entries = answer.entries()?;
        let mut speaking = None;
        while let Some((said, rest)) = entry::read(entries) {
            entries = rest;
            match said.kind {
                EntryKind::Restriction => into.restrictions.push(said.index),
                EntryKind::RestrictionSaid => speaking = Some(said.index),
                // A script of a restriction; those of groups come after a line.
                EntryKind::Verb if into.lines.is_empty() => into.restrictions.extend(speaking.take()),
                EntryKind::Line => {
                    let item = (said.index != u32::MAX).then_some(said.index);
                    let group = match entry::read(entries) {
                        Some((said, rest)) if matches!(said.kind, EntryKind::Group | EntryKind::Band) => {
                            entries = rest;
                            let default = self.groups.len().checked_sub(1)?;
                            let group = if said.index == u32::MAX { default } else { said.index as usize };
                            Some((group, usize::try_from(said.first).ok()?))
                        }
                        _ => None,
                    };
                    self.line(case, item, group, only, &mut into.lines)?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// Adds what a line earns of one group at the most; `only` where there is no other line, so that an amount for each line and
    /// one for the order are the same. `None` where more than this decides about it.
    #[inline]
    fn line(
        &self,
        case: &Case<'_>,
        item: Option<u32>,
        group: Option<(usize, usize)>,
        only: bool,
        into: &mut Vec<AssessedLine>,
    ) -> Option<()> {
        let rounding = &self.version.rounding;
        if !only && rounding.place != RoundingPlace::Item {
            return None;
        }
        let (quantity, base) = line_of(self.version, case, item)?;
        let Some((group, band)) = group else {
            into.push(AssessedLine { item, exact: Money::ZERO, earned: Money::ZERO });
            return Some(());
        };
        let whole = |per: AddPer| per == AddPer::Item || (only && per == AddPer::Order);
        let exact = match self.groups.get(group)?.get(band)? {
            Price::Rate { rate, small, add, per } if whole(*per) => {
                if let Some(rate) = small
                    && let Some(exact) = rated(base, *rate, add.as_ref())
                    && let Some(earned) = exact.rounded(self.minor_digits, rounding.mode)
                {
                    let (exact, earned) = (Money(exact.decimal()), Money(earned.decimal()));
                    into.push(AssessedLine { item, exact, earned });
                    return Some(());
                }
                let rated = exact::mul(base.0, *rate).ok()?;
                add.map_or(Some(rated), |(add, _)| exact::add(rated, add.0).ok())?
            }
            Price::Amount { amount, per } if whole(*per) => amount.0,
            Price::Amount { amount, per: AddPer::Unit } => {
                exact::mul(amount.0, Decimal::from(quantity)).ok()?
            }
            _ => return None,
        };
        let earned = Money(exact).round(self.minor_digits, rounding.mode);
        into.push(AssessedLine { item, exact: Money(exact), earned });
        Some(())
    }
}

/// A rate of a base, and an amount.
#[inline]
fn rated(base: &Money, rate: Small, add: Option<&(Money, Option<Small>)>) -> Option<Small> {
    let rated = Small::of(&base.0)?.times(rate)?;
    match add {
        None => Some(rated),
        Some((_, add)) => rated.plus((*add)?),
    }
}
