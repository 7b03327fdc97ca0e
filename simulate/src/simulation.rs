//! Runs all programs of a plan over one history, and compares what they pay.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, scope};

use accrue::facts::FactErrors;
use accrue::money::{ArithmeticError, Currency, Money};
use accrue::{Action, Decision};
use accrue_history::History;

use crate::compare::{Compared, Outcome, gains, same};
use crate::comparison::{
    BonusChange, Comparison, CurrencyTotal, Interaction, PartnerChange, ProgramName, Refused, StatusChange,
    Step, StepMoney,
};
use crate::course::{Course, Seen};
use crate::error::SimulateError;
use crate::plan::Plan;
use crate::sums::{Paid, Sums};

/// All programs of a [`Plan`] on their way through one history. Each action is read once and decided by every program.
///
/// Memory grows with the partners, with the actions that something may still change, and with the changed actions that are listed.
///
/// ```
/// # use accrue::{Engine, Reference, Source, facts::read_action};
/// # use accrue_simulate::{History, Plan, PlanOptions, Simulation};
/// # let source = |rate: &str| Source::from_files([
/// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n".to_owned()),
/// #     ("contracts/a.toml", format!("contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"{rate}\"\n")),
/// # ]);
/// # let engine = Engine::default();
/// # let (old, new) = (source("10%"), source("12%"));
/// # let programs = (engine.load(&old)?, engine.load(&new)?);
/// let plan = Plan::new(&engine, (&old, &programs.0), (&new, &programs.1), PlanOptions::default());
/// let mut simulation = Simulation::new(plan, History::new(Reference::default()), 20);
/// let action = read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "150.00",
///     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?;
/// simulation.add(&[&action])?;
/// let comparison = simulation.finish()?;
/// assert_eq!(comparison.totals[0].change.payable.to_string(), "3");
/// assert_eq!(comparison.steps[0].money[0].change.payable.to_string(), "3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Simulation {
    plan: Arc<Plan>,
    courses: Vec<Course>,
    compared: Compared,
    /// By id: what one of the two programs has decided for good, while the other may still change it.
    waiting: BTreeMap<String, Waiting>,
    refused: Refused,
    threads: usize,
}

/// How the old program and the draft decide an action.
#[derive(Debug, Default)]
struct Waiting {
    old: Option<Outcome>,
    new: Option<Outcome>,
}

/// An action that the old program or the draft does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedAction {
    /// The index of the action among those that were given.
    pub index: usize,
    /// Whether the old program does not take it.
    pub by_old: bool,
    /// Whether the draft does not take it.
    pub by_new: bool,
    /// Why: by the old program if both refuse it.
    pub errors: FactErrors,
}

impl Simulation {
    /// Returns a simulation at the beginning of its history. `listed` is the most changed actions that are listed of a currency.
    ///
    /// All programs decide by the same facts, from the same counters, and in the same order as `accrue run`.
    pub fn new(plan: impl Into<Arc<Plan>>, history: History, listed: usize) -> Self {
        let plan = plan.into();
        let draft = plan.draft();
        let course = |(n, program)| Course::new(program, history.clone(), n == 0 || n == draft);
        Self {
            courses: plan.programs().iter().enumerate().map(course).collect(),
            compared: Compared::new(listed, plan.old().currency()),
            plan,
            waiting: BTreeMap::new(),
            refused: Refused::default(),
            threads: 1,
        }
    }

    /// Decides on up to this number of threads. The result is the same with any number: a program is run by one thread at a time.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// Decides actions by all programs. They come in the order of (occurred-at, id), in this call and from call to call. Returns
    /// those that the old program or the draft does not take.
    ///
    /// # Errors
    ///
    /// [`SimulateError`] when a period cannot be closed, or a sum does not fit.
    pub fn add(&mut self, actions: &[&Action]) -> Result<Vec<RefusedAction>, SimulateError> {
        let draft = self.plan.draft();
        let decided = on_threads(&mut self.courses, self.threads, |n, course| {
            let keeps = n == 0 || n == draft;
            let mut all = Vec::with_capacity(if keeps { actions.len() } else { 0 });
            for action in actions {
                let seen = course.decide(action)?;
                all.extend(keeps.then_some(seen));
            }
            Ok::<_, SimulateError>(all)
        });
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for (n, decided) in decided.into_iter().enumerate() {
            match n {
                0 => old = decided?,
                n if n == draft => new = decided?,
                _ => drop(decided?),
            }
        }
        let mut refused = Vec::new();
        for (index, ((action, old), new)) in actions.iter().zip(old).zip(new).enumerate() {
            refused.extend(self.compare(index, action, old, new)?);
        }
        Ok(refused)
    }

    /// Compares how the old program and the draft decide an action.
    fn compare(
        &mut self,
        index: usize,
        action: &Action,
        old: Seen,
        new: Seen,
    ) -> Result<Option<RefusedAction>, SimulateError> {
        let waits = matches!(old, Seen::Standing) || matches!(new, Seen::Standing);
        let (by_old, by_new) = (matches!(old, Seen::Refused(_)), matches!(new, Seen::Refused(_)));
        self.refused.actions_old = self.refused.actions_old.saturating_add(by_old.into());
        self.refused.actions_new = self.refused.actions_new.saturating_add(by_new.into());
        let settled = |seen: &Seen| match seen {
            Seen::Settled(decision) => Some(Outcome::of(decision)),
            Seen::Standing | Seen::Refused(_) => None,
        };
        match (&old, &new) {
            (Seen::Settled(old), Seen::Settled(new)) if same(old, new) => return Ok(None),
            (Seen::Standing, Seen::Standing) => return Ok(None),
            _ if waits => {
                let waiting = Waiting { old: settled(&old), new: settled(&new) };
                self.waiting.insert(action.id.clone(), waiting);
            }
            _ => self.compared.add(&action.id, settled(&old).as_ref(), settled(&new).as_ref())?,
        }
        let errors = match (old, new) {
            (Seen::Refused(errors), _) | (_, Seen::Refused(errors)) => errors,
            _ => return Ok(None),
        };
        Ok(Some(RefusedAction { index, by_old, by_new, errors }))
    }

    /// Does what is left of the history, and returns what the draft changes.
    ///
    /// # Errors
    ///
    /// [`SimulateError`] when a period cannot be closed, or a sum does not fit.
    pub fn finish(mut self) -> Result<Comparison, SimulateError> {
        let draft = self.plan.draft();
        let standing = on_threads(&mut self.courses, self.threads, |_, course| course.finish());
        for (n, standing) in standing.into_iter().enumerate() {
            for (Action { id, .. }, decision) in standing? {
                let outcome = Outcome::of(&decision);
                if n == 0 {
                    self.waiting.entry(id).or_default().old = Some(outcome);
                } else if n == draft {
                    self.waiting.entry(id).or_default().new = Some(outcome);
                }
            }
        }
        for (id, Waiting { old, new }) in std::mem::take(&mut self.waiting) {
            self.compared.add(&id, old.as_ref(), new.as_ref())?;
        }
        let bonuses = |course: Option<&mut Course>| -> BTreeMap<String, Decision> {
            course.map(|course| std::mem::take(&mut course.paid.bonuses)).unwrap_or_default()
        };
        let (old, mut new) = (bonuses(self.courses.first_mut()), bonuses(self.courses.get_mut(draft)));
        for (id, old) in &old {
            let new = new.remove(id).map(|decision| Outcome::of(&decision));
            self.compared.add(id, Some(&Outcome::of(old)), new.as_ref())?;
        }
        for (id, new) in &new {
            self.compared.add(id, None, Some(&Outcome::of(new)))?;
        }
        Ok(self.conclude()?)
    }

    fn conclude(self) -> Result<Comparison, ArithmeticError> {
        let Self { plan, courses, compared, refused, .. } = self;
        let nothing = Sums::default();
        let sums = |n: usize| courses.get(n).map_or(&nothing, |course| &course.paid.sums);
        let (old, new) = (sums(0), sums(plan.draft()));
        let adjustments = |n: usize| courses.get(n).map_or(0, |course| course.paid.refused);
        let statuses = compared.statuses.iter();
        Ok(Comparison {
            old: ProgramName::of(plan.old()),
            new: ProgramName::of(plan.new_program()),
            actions_old: old.actions,
            actions_new: new.actions,
            refused: Refused {
                adjustments_old: adjustments(0),
                adjustments_new: adjustments(plan.draft()),
                ..refused
            },
            totals: totals(old, new)?,
            steps: steps(&plan, sums)?,
            runs: courses.len() as u64,
            not_alone: plan.not_alone as u64,
            partners: partners(old, new)?,
            bonuses: bonuses(old, new)?,
            changed: compared.changed,
            statuses: statuses
                .map(|((old, new), n)| StatusChange { old: *old, new: *new, actions: *n })
                .collect(),
            changed_actions: compared.listed(),
        })
    }
}

/// Does something with every program, and returns the results in their order. Each program is taken by the next thread that is free.
fn on_threads<T: Send>(
    courses: &mut [Course],
    threads: usize,
    work: impl Fn(usize, &mut Course) -> T + Sync,
) -> Vec<T> {
    let others = threads.min(courses.len()).saturating_sub(1);
    let left = Mutex::new(courses.iter_mut().enumerate());
    let take = || {
        let mut done = Vec::new();
        loop {
            let next = left.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((n, course)) = next else { return done };
            done.push((n, work(n, course)));
        }
    };
    let mut done = scope(|scope| {
        // If a thread cannot be started, the others do its work.
        let others: Vec<_> =
            (0..others).map_while(|_| Builder::new().spawn_scoped(scope, take).ok()).collect();
        let mut done = take();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Returns the currencies of these sums, each once.
fn currencies<'s>(all: impl IntoIterator<Item = &'s Sums>) -> BTreeMap<&'static str, Currency> {
    let currencies = all.into_iter().flat_map(|sums| &sums.currencies);
    currencies.map(|(code, (currency, _))| (*code, *currency)).collect()
}

/// Returns every partner who is paid by either program in a currency, with what each of both pays.
fn each_partner<'s>(old: &'s Sums, new: &'s Sums, code: &str) -> BTreeMap<&'s str, (Paid, Paid)> {
    let mut all: BTreeMap<&str, (Paid, Paid)> = BTreeMap::new();
    let partners = |sums: &'s Sums| sums.currencies.get(code).map(|(_, of)| &of.partners);
    for (partner, paid) in partners(old).into_iter().flatten() {
        all.entry(partner).or_default().0 = *paid;
    }
    for (partner, paid) in partners(new).into_iter().flatten() {
        all.entry(partner).or_default().1 = *paid;
    }
    all
}

fn totals(old: &Sums, new: &Sums) -> Result<Vec<CurrencyTotal>, ArithmeticError> {
    let mut totals = Vec::new();
    for (code, currency) in currencies([old, new]) {
        let margin = |sums: &Sums| sums.currencies.get(code).map(|(_, of)| of.margin).unwrap_or_default();
        let (was, is) = (old.paid(code), new.paid(code));
        totals.push(CurrencyTotal {
            currency,
            old: was,
            new: is,
            change: is.less(was)?,
            gains: gains(each_partner(old, new, code).into_values())?,
            margin_old: margin(old),
            margin_new: margin(new),
        });
    }
    Ok(totals)
}

fn partners(old: &Sums, new: &Sums) -> Result<Vec<PartnerChange>, ArithmeticError> {
    let mut all = Vec::new();
    for (code, currency) in currencies([old, new]) {
        let from = all.len();
        for (partner, (was, is)) in each_partner(old, new, code) {
            let change = is.total()?.sub(was.total()?)?;
            all.push(PartnerChange { partner: partner.to_owned(), currency, old: was, new: is, change });
        }
        if let Some(of_currency) = all.get_mut(from..) {
            // Stable: those with the same change stay in the order of their names.
            of_currency.sort_by_key(|of: &PartnerChange| Reverse(Money(of.change.0.abs())));
        }
    }
    Ok(all)
}

fn bonuses(old: &Sums, new: &Sums) -> Result<Vec<BonusChange>, ArithmeticError> {
    let mut all = Vec::new();
    for (code, currency) in currencies([old, new]) {
        let of =
            |sums: &Sums| sums.currencies.get(code).map(|(_, of)| of.bonuses.clone()).unwrap_or_default();
        let (was, is) = (of(old), of(new));
        let names: BTreeSet<&(String, String)> = was.keys().chain(is.keys()).collect();
        for name in names {
            let get =
                |of: &BTreeMap<(String, String), (u64, Paid)>| of.get(name).copied().unwrap_or_default();
            let ((decisions_old, old), (decisions_new, new)) = (get(&was), get(&is));
            let (contract, bonus) = name.clone();
            let change = new.total()?.sub(old.total()?)?;
            all.push(BonusChange {
                contract,
                bonus,
                currency,
                decisions_old,
                decisions_new,
                old,
                new,
                change,
            });
        }
    }
    Ok(all)
}

fn steps<'s>(plan: &Plan, sums: impl Fn(usize) -> &'s Sums) -> Result<Vec<Step>, ArithmeticError> {
    let old = sums(0);
    let mut steps = Vec::new();
    for (n, planned) in plan.steps.iter().enumerate() {
        let (before, after) = (sums(n), sums(n.saturating_add(1)));
        let mut money = Vec::new();
        let mut interactions = Vec::new();
        for (code, currency) in currencies([before, after]) {
            let change = after.paid(code).less(before.paid(code))?;
            let gains = gains(each_partner(before, after, code).into_values())?;
            money.push(StepMoney { currency, change, gains });
        }
        if let Some(single) = planned.alone.map(&sums) {
            for (code, currency) in currencies([old, before, after, single]) {
                let alone = single.paid(code).total()?.sub(old.paid(code).total()?)?;
                let step = after.paid(code).total()?.sub(before.paid(code).total()?)?;
                let interaction = step.sub(alone)?;
                if !interaction.is_zero() {
                    interactions.push(Interaction { currency, alone, interaction });
                }
            }
        }
        steps.push(Step {
            number: u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1),
            changes: planned.changes.iter().filter_map(|n| plan.changes.get(*n)).cloned().collect(),
            joined: planned.joined,
            money,
            interactions,
        });
    }
    Ok(steps)
}
