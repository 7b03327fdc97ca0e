//! The programs of a simulation: the old one, the draft, and those between them that tell the changes apart.

use std::collections::BTreeMap;

use accrue::time::{Timestamp, Zone};
use accrue::{Engine, Program, Source};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;

use crate::change::{Change, ChangeKind, How};
use crate::changes::Changes;

/// How many programs a [`Plan`] makes between the old one and the draft. Each is loaded, and decides every action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanOptions {
    /// The most steps. With more changes, the last step is made of all that are left.
    pub steps: usize,
    /// The most steps that are also made alone, against the old program, to find changes that interact.
    pub alone: usize,
}

impl Default for PlanOptions {
    /// 16 steps, 8 of them alone.
    fn default() -> Self {
        Self { steps: 16, alone: 8 }
    }
}

/// The programs that a [`Simulation`](crate::Simulation) runs.
///
/// [`Plan::new`] makes it. Program 0 is the old one; program *k* has the changes of the first *k* steps; the last one is the draft.
#[derive(Clone, Debug)]
pub struct Plan {
    old: Program,
    new: Program,
    pub(crate) changes: Vec<Change>,
    pub(crate) steps: Vec<PlannedStep>,
    /// The old program, the programs after each step, and those with one step alone.
    programs: Vec<Program>,
    /// The number of steps that were not made alone because there are too many.
    pub(crate) not_alone: usize,
}

/// One or more changes that are made at once.
#[derive(Clone, Debug)]
pub(crate) struct PlannedStep {
    /// Indices of changes.
    pub(crate) changes: Vec<usize>,
    pub(crate) joined: Option<Joined>,
    /// The program with this step alone, by its index; `None` for the first step, which is alone anyway, and if there is none.
    pub(crate) alone: Option<usize>,
}

/// Why several changes are one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Joined {
    /// Versions of one contract follow each other: one ends as the next begins.
    Versions,
    /// The program does not load with some of them alone: one uses what another declares.
    Needed,
    /// There are more changes than steps.
    Bound,
}

impl Joined {
    /// Returns the reason for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Versions => "versions that follow each other",
            Self::Needed => "one needs the other",
            Self::Bound => "more changes than steps",
        }
    }
}

impl Plan {
    /// Finds the changes between two programs, and loads the programs between them. `old` and `new` are the sources and the
    /// programs that `engine` has loaded of them.
    ///
    /// A program that does not load with the first changes has the next one, too: those changes are one step.
    ///
    /// ```
    /// # use accrue::{Engine, Source};
    /// # use accrue_simulate::{Plan, PlanOptions};
    /// # let source = |rate: &str| Source::from_files([
    /// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n".to_owned()),
    /// #     ("contracts/a.toml", format!("contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"{rate}\"\n")),
    /// # ]);
    /// let engine = Engine::default();
    /// let (old, new) = (source("10%"), source("12%"));
    /// let programs = (engine.load(&old)?, engine.load(&new)?);
    /// let plan = Plan::new(&engine, (&old, &programs.0), (&new, &programs.1), PlanOptions::default());
    /// assert_eq!(plan.changes()[0].to_string(), "payout `default`: rate 10% → 12%");
    /// # Ok::<(), accrue::diagnostic::Diagnostics>(())
    /// ```
    pub fn new(
        engine: &Engine,
        (old, old_program): (&Source, &Program),
        (new, new_program): (&Source, &Program),
        options: PlanOptions,
    ) -> Self {
        let mut changes = Changes::find(old, new);
        let versions = Versions::of(old_program, new_program);
        changes.list.iter_mut().for_each(|change| change.takes_effect = versions.takes_effect(change));
        let mut programs = vec![old_program.clone()];
        let mut steps: Vec<PlannedStep> = Vec::new();
        // A program that does not load costs as much as one that does.
        let mut left = options.steps.saturating_mul(2);
        let mut step = PlannedStep { changes: Vec::new(), joined: None, alone: None };
        let mut units = units(&changes.list).into_iter().peekable();
        let mut until = 0usize;
        while let Some(unit) = units.next() {
            until = until.saturating_add(unit.len());
            let before = step.changes.len();
            step.joined = match (step.joined, before, unit.len()) {
                (Some(joined), ..) => Some(joined),
                (None, 1.., _) => Some(Joined::Needed),
                (None, 0, 2..) => Some(Joined::Versions),
                (None, 0, _) => None,
            };
            step.changes.extend(unit);
            let is_last = units.peek().is_none();
            let is_bound = steps.len().saturating_add(1) >= options.steps || left == 0;
            if is_last {
                programs.push(new_program.clone());
            } else if is_bound {
                step.joined = Some(Joined::Bound);
                continue;
            } else {
                left = left.saturating_sub(1);
                let source = changes.apply(old, new, |n| n < until);
                let Ok(program) = engine.load(&source) else { continue };
                programs.push(program);
            }
            steps.push(std::mem::replace(
                &mut step,
                PlannedStep { changes: Vec::new(), joined: None, alone: None },
            ));
        }
        if steps.is_empty() {
            programs.push(new_program.clone());
        }
        let mut alone_left = options.alone;
        let mut not_alone = 0;
        for step in steps.iter_mut().skip(1) {
            if step.joined == Some(Joined::Bound) || alone_left == 0 {
                not_alone += 1;
                continue;
            }
            alone_left = alone_left.saturating_sub(1);
            let source = changes.apply(old, new, |n| step.changes.contains(&n));
            if let Ok(program) = engine.load(&source) {
                step.alone = Some(programs.len());
                programs.push(program);
            } else {
                not_alone += 1;
            }
        }
        let (old, new) = (old_program.clone(), new_program.clone());
        Self { old, new, changes: changes.list, steps, programs, not_alone }
    }

    /// Returns all changes, in the order of the steps.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Returns the number of programs that decide every action.
    pub fn runs(&self) -> usize {
        self.programs.len()
    }

    pub(crate) fn programs(&self) -> &[Program] {
        &self.programs
    }

    /// Returns the old program.
    pub fn old(&self) -> &Program {
        &self.old
    }

    /// Returns the draft.
    pub fn new_program(&self) -> &Program {
        &self.new
    }

    /// Returns the index of the draft among the programs.
    pub(crate) fn draft(&self) -> usize {
        self.steps.len().max(1)
    }
}

/// Returns changes that are made at once from the beginning: the versions of a contract, with what says when they hold, if there is
/// a version that comes or goes.
fn units(changes: &[Change]) -> Vec<Vec<usize>> {
    let contract = |change: &Change| {
        let is_of_versions = change.kind >= ChangeKind::Validity;
        change.contract.as_ref().filter(|_| is_of_versions).map(|of| of.name.clone())
    };
    let comes_or_goes = |name: &str| {
        let of = |change: &&Change| contract(change).is_some_and(|of| of == name);
        changes.iter().filter(of).any(|change| change.kind == ChangeKind::Version)
    };
    let mut units: Vec<Vec<usize>> = Vec::new();
    let mut of_contract: BTreeMap<String, usize> = BTreeMap::new();
    for (n, change) in changes.iter().enumerate() {
        let Some(name) = contract(change).filter(|name| comes_or_goes(name)) else {
            units.push(vec![n]);
            continue;
        };
        let next = units.len();
        let at = *of_contract.entry(name).or_insert(next);
        match units.get_mut(at) {
            Some(unit) => unit.push(n),
            None => units.push(vec![n]),
        }
    }
    units
}

/// When the contract versions of two programs begin and end, by their files.
struct Versions {
    zone: Zone,
    old: BTreeMap<String, (Option<Timestamp>, Option<Timestamp>)>,
    new: BTreeMap<String, (Option<Timestamp>, Option<Timestamp>)>,
}

impl Versions {
    fn of(old: &Program, new: &Program) -> Self {
        let files = |program: &Program| {
            let overview = program.overview();
            let versions = overview.contracts.into_iter().flat_map(|contract| contract.versions);
            versions
                .map(|version| (version.file, (version.effective.from, version.effective.until)))
                .collect()
        };
        Self { zone: new.zone(), old: files(old), new: files(new) }
    }

    /// Returns the first date on which a change may be felt; `None` if that is at once.
    fn takes_effect(&self, change: &Change) -> Option<NaiveDate> {
        let file =
            change.place.as_ref().map(|place| place.file.as_str()).filter(|_| change.contract.is_some())?;
        let (old, new) = (self.old.get(file), self.new.get(file));
        let begins = |of: Option<&(Option<Timestamp>, Option<Timestamp>)>| of.and_then(|of| of.0);
        let at = match (old, new) {
            // Where only the end is another one, what is before both ends stays.
            (Some(old), Some(new))
                if change.kind == ChangeKind::Validity && change.name == "effective_until" =>
            {
                [old.1, new.1].into_iter().flatten().min()
            }
            (Some(_), Some(_)) => begins(old).min(begins(new)),
            (old, new) if change.kind == ChangeKind::Version || change.how == How::Removed => {
                begins(new.or(old))
            }
            // A file with another path: the version may have been in force before.
            _ => None,
        };
        at.map(|at| self.zone.date(at))
    }
}
