//! What the rules of one contract version say of a case, and nothing else: which restrictions match and what each line
//! earns. It is what a decision does between credit and limits, for hosts that quote a payout before there is an action to
//! decide.

use rust_decimal::Decimal;

use super::compiled::{LineFacts, lines};
use super::interpreted;
use super::pay::{DraftLine, round};
use crate::compile::entry::{self, Answer, EntryKind, Plain};
use crate::compiled::{CompiledVersion, Of, Outcomes, ReadyRunner};
use crate::engine::Program;
use crate::limits::Limits;
use crate::money::small::Share;
use crate::money::{Money, exact};
use crate::rule::{Case, Evaluator};
use crate::terms::{AddPer, Choose, Effect, Group, PayoutPer, Pays, RoundingPlace, Terms, Version};

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
/// let touch = &action.touches[0];
/// let case = Case::new(program.terms(), contract, &contract.versions[0], &action, touch, &reference);
/// let mut assessor = Assessor::new(&program, 0, 0).ok_or("this machine runs no compiled rules")?;
/// let assessed = assessor.assess(&case).ok_or("a rule fails on this case")?;
/// assert_eq!(assessed.lines[0].earned.to_string(), "4.68");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Assessor<'p> {
    pub(super) of: Of<'p>,
    pub(super) limits: &'p Limits,
    pub(super) prices: Prices<'p>,
    pub(super) way: Way<'p>,
    /// What the rules of the last case said, where it took more than one look.
    pub(super) outcomes: Outcomes,
    pub(super) assessed: Assessed,
}

/// What runs the rules.
#[derive(Debug)]
pub(super) enum Way<'p> {
    Compiled(Box<Runners<'p>>),
    Portable(Box<Evaluator<'p>>),
}

/// Instances of a version's modules.
#[derive(Debug)]
pub(super) struct Runners<'p> {
    pub(super) narrow: ReadyRunner<'p>,
    pub(super) wide: Wide<'p>,
    large: Large,
}

/// How many cases in a row the numbers of 64 bits did not suffice for. After some there will be more of them, and they are only
/// tried now and then; what is answered is the same.
#[derive(Debug, Default)]
struct Large(u32);

impl Large {
    fn may_be_small(&self) -> bool {
        self.0 < 8 || self.0.is_multiple_of(16)
    }
}

/// An instance for cases on which the numbers of 64 bits do not suffice, once there was one.
#[derive(Debug)]
pub(super) struct Wide<'p> {
    compiled: &'p CompiledVersion,
    runner: Option<ReadyRunner<'p>>,
}

impl<'p> Wide<'p> {
    pub(super) fn runner(&mut self, terms: &Terms, version: &Version) -> Option<&mut ReadyRunner<'p>> {
        if self.runner.is_none() {
            self.runner = self.compiled.wide_runner(terms, version);
        }
        self.runner.as_mut()
    }

    #[cold]
    fn run(&mut self, case: &Case<'_>) -> Option<Answer<'_>> {
        self.runner(case.terms, case.version)?.run(case)
    }
}

impl<'p> Assessor<'p> {
    /// An assessor for a version of a contract, both by their index; `None` where there is no such version or its rules do
    /// not run as native code. Rules beside a component are interpreted.
    pub fn new(program: &'p Program, contract: usize, version: usize) -> Option<Self> {
        let desk = program.desk();
        let of = Self::of(program, contract, version)?;
        if of.version.has_component() {
            return Self::portable(program, contract, version);
        }
        let compiled = desk.compiled?.version(contract, version)?;
        let narrow = compiled.narrow_runner()?;
        Some(Self::by(
            of,
            desk.limits,
            Way::Compiled(Box::new(Runners {
                narrow,
                wide: Wide { compiled, runner: None },
                large: Large::default(),
            })),
        ))
    }

    /// An assessor that interprets the rules: slower, and the same to the byte.
    pub fn portable(program: &'p Program, contract: usize, version: usize) -> Option<Self> {
        let desk = program.desk();
        let of = Self::of(program, contract, version)?;
        let evaluator = Evaluator::new(desk.limits.rule_fuel, None);
        Some(Self::by(of, desk.limits, Way::Portable(Box::new(evaluator))))
    }

    fn of(program: &'p Program, contract: usize, version: usize) -> Option<Of<'p>> {
        let terms = program.terms();
        let contract = terms.contracts.get(contract)?;
        Some(Of { terms, contract, version: contract.versions.get(version)? })
    }

    fn by(of: Of<'p>, limits: &'p Limits, way: Way<'p>) -> Self {
        let prices = Prices::new(of.version);
        Self { of, limits, prices, way, outcomes: Outcomes::default(), assessed: Assessed::default() }
    }

    /// What the rules say of a case; `None` where one fails, for which [`Program::decide`] has the words.
    ///
    /// The case is taken as it is. Rules were checked for actions within the program's limits, and run longer on one that is
    /// beyond them: a host that did not make the action itself asks [`admit`](crate::facts::admit) first.
    pub fn assess(&mut self, case: &Case<'p>) -> Option<&Assessed> {
        let Self { limits, prices, way, outcomes, assessed, .. } = self;
        match way {
            Way::Compiled(runners) => {
                let Runners { narrow, wide, large } = runners.as_mut();
                let mut answered = |answer| prices.answered(case, answer, outcomes, assessed);
                let small = large.may_be_small();
                if small && narrow.run(case).and_then(&mut answered).is_some() {
                    large.0 = 0;
                } else {
                    large.0 = large.0.wrapping_add(1);
                    wide.run(case).and_then(answered)?;
                }
            }
            Way::Portable(evaluator) => {
                interpreted::outcomes(evaluator, prices.version, case, limits, outcomes)?;
                prices.read(case, outcomes, assessed)?;
            }
        }
        Some(&self.assessed)
    }

    /// Assesses many cases, compiled rules in few calls. What they say of each goes to `take` with its index; `None` where a
    /// rule fails on it.
    pub fn assess_batch(&mut self, cases: &[Case<'p>], mut take: impl FnMut(usize, Option<&Assessed>)) {
        let Self { prices, way, outcomes, assessed, .. } = self;
        let Way::Compiled(runners) = way else {
            for (n, case) in cases.iter().enumerate() {
                take(n, self.assess(case));
            }
            return;
        };
        let Runners { narrow, wide, .. } = runners.as_mut();
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
fn thorough(
    version: &Version,
    case: &impl LineFacts,
    outcomes: &Outcomes,
    into: &mut Assessed,
) -> Option<()> {
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
pub(super) struct Prices<'p> {
    version: &'p Version,
    /// By group, and within it by band; the default payout's last.
    groups: Vec<Vec<Price>>,
    /// Of the same groups, those that pay a rate, and perhaps an amount more, of the whole order.
    shares: Vec<Option<Share>>,
    minor_digits: u32,
}

/// What a group pays.
#[derive(Clone, Copy, Debug)]
enum Price {
    /// A rate, and perhaps an amount.
    Rate { rate: Decimal, add: Decimal, share: Option<Share>, per: AddPer },
    /// An amount.
    Amount { amount: Money, per: AddPer },
    /// What it takes more to work out.
    Else,
}

impl Price {
    fn of(effects: &[Effect], version: &Version) -> Self {
        let rated = |rate: Decimal, add: Decimal, per: AddPer| {
            let share = Share::new(&rate, &add, version.currency.minor_digits(), version.rounding.mode);
            Self::Rate { rate, add, share, per }
        };
        match effects {
            [Effect::Rate(rate)] => rated(*rate, Decimal::ZERO, AddPer::Item),
            [Effect::Rate(rate), Effect::Add { amount, per }] if *per != AddPer::Unit => {
                rated(*rate, amount.0, *per)
            }
            [Effect::Add { amount, per }] => Self::Amount { amount: *amount, per: *per },
            _ => Self::Else,
        }
    }
}

impl<'p> Prices<'p> {
    fn new(version: &'p Version) -> Self {
        let prices = |group: &Group| match &group.pays {
            Pays::Fixed(effects) => vec![Price::of(effects, version)],
            Pays::Bands { bands, .. } => bands.iter().map(|band| Price::of(&band.effects, version)).collect(),
            Pays::Script(_) | Pays::Component(_) => Vec::new(),
        };
        let groups: Vec<Vec<Price>> = version.groups().map(prices).collect();
        let share = |prices: &Vec<Price>| match prices.as_slice() {
            [Price::Rate { share, .. }] => *share,
            _ => None,
        };
        let shares = groups.iter().map(share).collect();
        Self { version, groups, shares, minor_digits: version.currency.minor_digits() }
    }

    /// What follows from a module's answer.
    #[inline(always)]
    pub(super) fn answered(
        &self,
        case: &impl LineFacts,
        answer: Answer<'_>,
        outcomes: &mut Outcomes,
        into: &mut Assessed,
    ) -> Option<()> {
        match self.plainly(case, answer, into) {
            Some(()) => Some(()),
            None => self.look(case, answer, outcomes, into),
        }
    }

    /// The same where no script speaks, and one group at the most pays a share of the whole order: nearly always.
    #[inline(always)]
    pub(super) fn plainly(
        &self,
        case: &impl LineFacts,
        answer: Answer<'_>,
        into: &mut Assessed,
    ) -> Option<()> {
        into.begin(answer.fuel());
        let mut entries = answer.entries()?;
        while let Some((said, rest)) = entry::plain(entries) {
            entries = rest;
            match said {
                Plain::Restriction(index) => into.restrictions.push(index),
                // It said nothing, or something that is not plain follows.
                Plain::RestrictionSaid => {}
                Plain::Order => {
                    let share = match entry::plain(entries)? {
                        (Plain::Group(group), []) => self.shares.get(self.group(group)?)?.as_ref()?,
                        (Plain::Band(group, band), []) => self.share_of_band(group, band)?,
                        _ => return None,
                    };
                    let (exact, earned) = share.of(case.small_base(None)?)?;
                    let (exact, earned) = (Money(exact.decimal()), Money(earned.decimal()));
                    into.lines.push(AssessedLine { item: None, exact, earned });
                    return Some(());
                }
                Plain::Group(_) | Plain::Band(..) => return None,
            }
        }
        entries.is_empty().then_some(())
    }

    /// The share of the order that a band pays.
    #[inline]
    fn share_of_band(&self, group: u32, band: u64) -> Option<&Share> {
        match self.groups.get(self.group(group)?)?.get(usize::try_from(band).ok()?)? {
            Price::Rate { share, .. } => share.as_ref(),
            _ => None,
        }
    }

    /// The same for any answer.
    pub(super) fn look(
        &self,
        case: &impl LineFacts,
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
    fn read(&self, case: &impl LineFacts, outcomes: &Outcomes, into: &mut Assessed) -> Option<()> {
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

    /// Where a group that an answer names stands.
    #[inline]
    fn group(&self, index: u32) -> Option<usize> {
        if index == u32::MAX { self.groups.len().checked_sub(1) } else { Some(index as usize) }
    }

    /// Works out an answer in which each line gets one group at the most; `None` for any other.
    #[inline]
    fn simply(&self, case: &impl LineFacts, answer: Answer<'_>, into: &mut Assessed) -> Option<()> {
        into.begin(answer.fuel());
        let mut entries = answer.entries()?;
        let only = self.version.payout.per == PayoutPer::Order || case.items() <= 1;
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
                            Some((self.group(said.index)?, usize::try_from(said.first).ok()?))
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
        case: &impl LineFacts,
        item: Option<u32>,
        group: Option<(usize, usize)>,
        only: bool,
        into: &mut Vec<AssessedLine>,
    ) -> Option<()> {
        let rounding = &self.version.rounding;
        if !only && rounding.place != RoundingPlace::Item {
            return None;
        }
        let Some((group, band)) = group else {
            into.push(AssessedLine { item, exact: Money::ZERO, earned: Money::ZERO });
            return Some(());
        };
        let whole = |per: AddPer| per == AddPer::Item || (only && per == AddPer::Order);
        let exact = match self.groups.get(group)?.get(band)? {
            Price::Rate { rate, add, share, per } if whole(*per) => {
                if let Some(share) = share
                    && let Some((exact, earned)) = case.small_base(item).and_then(|base| share.of(base))
                {
                    let (exact, earned) = (Money(exact.decimal()), Money(earned.decimal()));
                    into.push(AssessedLine { item, exact, earned });
                    return Some(());
                }
                let rated = exact::mul(case.base(item)?.0, *rate).ok()?;
                if add.is_zero() { rated } else { exact::add(rated, *add).ok()? }
            }
            Price::Amount { amount, per } if whole(*per) => amount.0,
            Price::Amount { amount, per: AddPer::Unit } => {
                exact::mul(amount.0, Decimal::from(case.units(self.version, item)?)).ok()?
            }
            _ => return None,
        };
        let earned = Money(exact).round(self.minor_digits, rounding.mode);
        into.push(AssessedLine { item, exact: Money(exact), earned });
        Some(())
    }
}
