//! Running compiled rules: a case enters, is written into an instance's memory, and what the rules say of it leaves. One
//! contract version has up to three modules (see [`crate::codegen`]); the narrow one is made when a program is loaded,
//! the others when they are first needed.

mod cache;
mod host;
mod memory;
mod traced;
mod write;

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rust_decimal::Decimal;

use self::cache::Capacity;
pub(crate) use self::cache::ModuleCache;
use self::host::{Instance, NativeModule, Promo};
use self::memory::{Memory, Missed};
pub(crate) use self::traced::TracedRules;
use self::write::{FactWriter, Record};
use crate::codegen::entry::{self, ANSWER_HEAD, Answer, EntryKind, Said};
use crate::codegen::layout::HEAD;
use crate::codegen::{Mode, compile, compile_rules, text_bytes};
use crate::lang::catalog::{VERBS, Verb};
use crate::lang::{Fault, Rule, Value};
use crate::run::{RuleInput, Seen, VerbCall};
use crate::terms::{Terms, Version};

/// Capacity for what is said about one action, at first: some eighty entries.
const OUT_BYTES: usize = 2 << 10;

/// Capacity that is given at the most. A rule cannot say more than its fuel lets it, and that is less.
const OUT_BYTES_MOST: usize = 16 << 20;

/// A program's contract versions as native code.
#[derive(Debug)]
pub(crate) struct CompiledProgram {
    /// By contract and version.
    versions: Vec<Vec<Option<CompiledVersion>>>,
}

/// Bytes of rules, of all versions of a program, that are compiled: a hundred of the longest public contracts. Compiling takes
/// about a second a megabyte, and a program may name the same file in thousands of groups. What is beyond is interpreted.
const COMPILED_TEXT: usize = 2 << 20;

/// What a rule counts besides its text: a short one takes as long as so many bytes of a long one.
const RULE_BYTES: usize = 128;

/// What a version counts besides its rules, so that a program has a thousand of them compiled at the most. Each may be a module
/// of its own, of which all programs together have [`accrue_sandbox::HostLimits::rule_modules`].
const VERSION_BYTES: usize = 2 << 10;

impl CompiledProgram {
    pub(crate) fn new(modules: &Arc<ModuleCache>, terms: &Terms, rule_fuel: u64) -> Self {
        let mut left = COMPILED_TEXT;
        let mut version = |version: &Version| {
            if version.has_component() {
                return None;
            }
            let rules = text_bytes(version) + version.rules().count() * RULE_BYTES;
            left = left.checked_sub(rules + VERSION_BYTES)?;
            CompiledVersion::new(modules, terms, version, rule_fuel)
        };
        let versions = terms
            .contracts
            .iter()
            .map(|contract| contract.versions.iter().map(&mut version).collect())
            .collect();
        Self { versions }
    }

    /// Whether every version is compiled.
    pub(crate) fn is_whole(&self) -> bool {
        self.versions.iter().flatten().all(Option::is_some)
    }

    /// A version, when this machine can run it.
    pub(crate) fn version(&self, contract: usize, version: usize) -> Option<&CompiledVersion> {
        self.versions.get(contract)?.get(version)?.as_ref()
    }
}

/// A contract version as native code.
#[derive(Debug)]
pub(crate) struct CompiledVersion {
    modules: Arc<ModuleCache>,
    rule_fuel: u64,
    narrow: Arc<ModulePool>,
    wide: OnceLock<Option<Arc<ModulePool>>>,
    exact: OnceLock<Option<Arc<ModulePool>>>,
}

/// A module and its idle instances, for every program that has it: a module is handed all that it reads in each call, and
/// reads nothing else.
#[derive(Debug)]
pub(crate) struct ModulePool {
    loaded: NativeModule,
    /// Each call takes one out and puts it back, and a pointer is moved faster than an instance.
    #[allow(clippy::vec_box, reason = "see above")]
    idle: Mutex<Vec<Box<InstanceWorker>>>,
    room: Arc<Capacity>,
}

impl ModulePool {
    /// A module for which room was taken.
    fn new(loaded: NativeModule, room: &Arc<Capacity>) -> Self {
        Self { loaded, idle: Mutex::new(Vec::new()), room: Arc::clone(room) }
    }

    /// An idle instance, or a new one.
    fn take(&self) -> Option<Box<InstanceWorker>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let runner = idle.pop();
        if runner.is_some() && !idle.is_empty() {
            self.room.give_back_spares(1);
        }
        drop(idle);
        runner.or_else(|| InstanceWorker::new(&self.loaded).map(Box::new))
    }

    fn give_back(&self, runner: Box<InstanceWorker>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.is_empty() || self.room.take_spare() {
            idle.push(runner);
        }
    }
}

impl Drop for ModulePool {
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.room.give_back_spares(idle.len().saturating_sub(1));
        self.room.give_back_module();
    }
}

impl CompiledVersion {
    /// Compiles a version; `None` where this machine cannot run it.
    pub(crate) fn new(
        modules: &Arc<ModuleCache>,
        terms: &Terms,
        version: &Version,
        rule_fuel: u64,
    ) -> Option<Self> {
        let module = compile(terms, version, Mode::Small, rule_fuel);
        Some(Self {
            modules: Arc::clone(modules),
            rule_fuel,
            narrow: modules.load(module, terms.zone)?,
            wide: OnceLock::new(),
            exact: OnceLock::new(),
        })
    }

    /// The module of a way.
    pub(crate) fn ready(&self, terms: &Terms, version: &Version, way: Mode) -> Option<&ModulePool> {
        let later = match way {
            Mode::Small => return Some(&self.narrow),
            Mode::Decimal => &self.wide,
            Mode::Traced => &self.exact,
        };
        let load = || self.modules.load(compile(terms, version, way, self.rule_fuel), terms.zone);
        later.get_or_init(load).as_deref()
    }

    /// Runs the rules of a case, on small numbers or else on large ones; `None` when a rule fails.
    pub(crate) fn assess<'c, T>(
        &'c self,
        case: &RuleInput<'_>,
        pay: bool,
        take: impl FnOnce(&Outcomes, &'c ModulePool) -> T,
    ) -> Option<T> {
        self.assess_by(&[Mode::Small, Mode::Decimal], case, pay, take)
    }

    fn assess_by<'c, T>(
        &'c self,
        ways: &[Mode],
        case: &RuleInput<'_>,
        pay: bool,
        take: impl FnOnce(&Outcomes, &'c ModulePool) -> T,
    ) -> Option<T> {
        for way in ways {
            let ready = self.ready(case.terms, case.version, *way)?;
            let mut runner = ready.take()?;
            let mut outcomes = std::mem::take(&mut runner.outcomes);
            let answer = runner.run(&ready.loaded, case, pay);
            let read = answer.and_then(|answer| outcomes.read(answer, case.version));
            if read.is_some() {
                let taken = take(&outcomes, ready);
                runner.outcomes = outcomes;
                ready.give_back(runner);
                return Some(taken);
            }
            ready.give_back(runner);
        }
        None
    }
}

impl CompiledVersion {
    /// An instance of the narrow module for many calls.
    pub(crate) fn narrow_runner(&self) -> Option<PooledWorker<'_>> {
        PooledWorker::new(&self.narrow)
    }

    /// Runs the rules of all cases, as many in a call as memory has room for. What they say of each goes to `take`, in order;
    /// nothing where one fails.
    pub(crate) fn assess_all<'s, 'c, 'f: 'c>(
        &'s self,
        cases: impl Fn(usize) -> Option<(&'c RuleInput<'f>, bool)>,
        mut take: impl FnMut(usize, Option<&Outcomes>, &'s ModulePool),
    ) {
        let mut runner = self.narrow_runner();
        let mut read = Outcomes::default();
        let mut at = 0;
        while let Some((first, pay)) = cases(at) {
            let done = runner.as_mut().map_or(0, |runner| {
                runner.run_batch(
                    |n| cases(at + n),
                    |n, answer| {
                        let Some((case, pay)) = cases(at + n) else { return };
                        match answer.and_then(|answer| read.read(answer, case.version)) {
                            Some(()) => take(at + n, Some(&read), &self.narrow),
                            None => self.take_one(&[Mode::Decimal], case, pay, at + n, &mut take),
                        }
                    },
                )
            });
            if done == 0 {
                // There was no room for it in a batch.
                self.take_one(&[Mode::Small, Mode::Decimal], first, pay, at, &mut take);
            }
            at += done.max(1);
        }
    }

    fn take_one<'s>(
        &'s self,
        ways: &[Mode],
        case: &RuleInput<'_>,
        pay: bool,
        n: usize,
        take: &mut impl FnMut(usize, Option<&Outcomes>, &'s ModulePool),
    ) {
        if self.assess_by(ways, case, pay, |outcomes, ready| take(n, Some(outcomes), ready)).is_none() {
            take(n, None, &self.narrow);
        }
    }
}

/// Single rules as native code, for hosts that run a rule outside of a decision and for comparing the ways to run one.
/// [`crate::Engine::compile_rules`] makes it.
#[derive(Debug)]
pub struct RuleModule {
    ready: Arc<ModulePool>,
    rule_fuel: u64,
}

/// What became of one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleRun<'a> {
    /// Its value, unless it failed.
    pub result: Result<Value<'a>, Fault>,
    /// The verbs it gave.
    pub spoken: Vec<VerbCall<'a>>,
    /// The fuel it used.
    pub fuel: u64,
    /// What it saw.
    pub seen: Vec<Seen>,
}

impl RuleModule {
    pub(crate) fn new(
        modules: &ModuleCache,
        terms: &Terms,
        version: &Version,
        rules: &[&Rule],
        rule_fuel: u64,
    ) -> Option<Self> {
        let module = compile_rules(terms, version, rules, rule_fuel);
        Some(Self { ready: modules.load(module, terms.zone)?, rule_fuel })
    }

    /// Runs the rule at this place of the list; it keeps so many values that the rule sees.
    pub fn run<'a>(
        &'a self,
        place: u32,
        rule: &Rule,
        case: &RuleInput<'a>,
        trace_values: Option<usize>,
    ) -> Option<RuleRun<'a>> {
        let mut rules = TracedRules::new(&self.ready, self.rule_fuel, trace_values, 0)?;
        let result = rules.run(place, rule, case);
        let spoken = rules.spoken().to_vec();
        Some(RuleRun { result, spoken, fuel: rules.fuel(), seen: rules.take_seen() })
    }
}

/// An instance that is given back when it is dropped.
#[derive(Debug)]
pub(crate) struct PooledWorker<'r> {
    ready: &'r ModulePool,
    runner: Option<Box<InstanceWorker>>,
}

impl<'r> PooledWorker<'r> {
    fn new(ready: &'r ModulePool) -> Option<Self> {
        Some(Self { ready, runner: Some(ready.take()?) })
    }
}

impl Drop for PooledWorker<'_> {
    fn drop(&mut self) {
        if let Some(runner) = self.runner.take() {
            self.ready.give_back(runner);
        }
    }
}

/// Cases in a call. Facts are read once before it and once after, when they are still in the processor's nearest cache, and
/// what a call costs is nothing beside so many.
const BATCH: u32 = 64;

/// Bytes of memory that a batch takes at the most; one instance keeps them.
const BATCH_BYTES: usize = 4 << 20;

impl PooledWorker<'_> {
    /// Runs the rules of many cases in one call, as many as memory has room for; how many that were. What they answer about
    /// each goes to `take`, nothing where it did not fit.
    pub(crate) fn run_batch<'c, 'f: 'c>(
        &mut self,
        cases: impl Fn(usize) -> Option<(&'c RuleInput<'f>, bool)>,
        take: impl FnMut(usize, Option<Answer<'_>>),
    ) -> usize {
        let loaded = &self.ready.loaded;
        self.runner.as_mut().and_then(|runner| runner.run_batch(loaded, cases, take)).unwrap_or(0)
    }
}

impl ModulePool {
    /// The text of a symbol.
    pub(crate) fn text(&self, symbol: u32) -> &str {
        self.loaded.module.layout.texts.get_index(symbol as usize).map_or("", String::as_str)
    }
}

/// What rules say of one action.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    /// Restrictions whose condition holds, and those that are scripts with what they said, in their order.
    pub(crate) restrictions: Vec<(usize, Option<Range<usize>>)>,
    /// Lines with their groups.
    pub(crate) lines: Vec<(Option<u32>, Range<usize>)>,
    /// Groups that match.
    pub(crate) groups: Vec<GroupOutcome>,
    /// Groups whose scripts have spoken, matching or not, in order.
    pub(crate) scripts: Vec<(usize, Range<usize>)>,
    /// What scripts said.
    pub(crate) said: Vec<SaidVerb>,
    /// Fuel used.
    pub(crate) fuel: u64,
}

/// A payout group that matches.
#[derive(Clone, Debug)]
pub(crate) struct GroupOutcome {
    /// Its index; the default payout's is one more than the last.
    pub(crate) group: usize,
    /// Its band, where it has bands.
    pub(crate) band: usize,
    /// What its script said.
    pub(crate) said: Range<usize>,
}

/// A verb as a module gives it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SaidVerb {
    pub(crate) verb: Verb,
    pub(crate) what: What,
}

/// What a verb was given.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// A reason code, and for how long.
    Reason(u32, Option<i64>),
    /// A rate, a factor or an amount.
    Number(Decimal),
}

impl Outcomes {
    pub(crate) fn clear(&mut self) {
        self.restrictions.clear();
        self.lines.clear();
        self.groups.clear();
        self.scripts.clear();
        self.said.clear();
        self.fuel = 0;
    }

    /// Reads an answer; `None` where the module gave up.
    pub(crate) fn read(&mut self, answer: Answer<'_>, version: &Version) -> Option<()> {
        self.clear();
        self.fuel = answer.fuel();
        let default = version.payout.groups.len();
        let mut speaking: Option<Speaker> = None;
        let mut entries = answer.entries()?;
        while !entries.is_empty() {
            let (said, rest) = entry::read(entries)?;
            entries = rest;
            let index = said.index as usize;
            match said.kind {
                EntryKind::Restriction => {
                    self.restrictions.push((index, None));
                    speaking = None;
                }
                EntryKind::RestrictionSaid => {
                    self.restrictions.push((index, Some(self.said.len()..self.said.len())));
                    speaking = Some(Speaker::Restriction);
                }
                EntryKind::Line => {
                    let item = (said.index != u32::MAX).then_some(said.index);
                    self.lines.push((item, self.groups.len()..self.groups.len()));
                }
                EntryKind::GroupSaid => {
                    let group = if said.index == u32::MAX { default } else { index };
                    self.scripts.push((group, self.said.len()..self.said.len()));
                    speaking = Some(Speaker::Group);
                }
                EntryKind::Group | EntryKind::Band => {
                    let group = if said.index == u32::MAX { default } else { index };
                    let said_verbs = match self.scripts.last() {
                        Some((of, range)) if *of == group => range.clone(),
                        _ => 0..0,
                    };
                    let band = usize::try_from(said.first).ok()?;
                    self.groups.push(GroupOutcome { group, band, said: said_verbs });
                    self.lines.last_mut()?.1.end = self.groups.len();
                }
                EntryKind::Verb => {
                    self.said.push(verb(&said)?);
                    let end = self.said.len();
                    match speaking? {
                        Speaker::Restriction => self.restrictions.last_mut()?.1.as_mut()?.end = end,
                        Speaker::Group => self.scripts.last_mut()?.1.end = end,
                    }
                }
                EntryKind::End | EntryKind::Value | EntryKind::Fault => return None,
            }
        }
        Some(())
    }
}

#[derive(Clone, Copy)]
enum Speaker {
    Restriction,
    Group,
}

/// A verb of an entry.
fn verb(said: &Said) -> Option<SaidVerb> {
    let verb = VERBS.get(usize::from(said.detail & 127))?.verb;
    let what = match verb {
        Verb::Reject | Verb::Hold | Verb::Zero | Verb::Flag | Verb::Notice => {
            What::Reason(u32::try_from(said.second).ok()?, (said.detail & 128 != 0).then_some(said.first))
        }
        Verb::Rate | Verb::AddPoints | Verb::Multiply | Verb::Add | Verb::AddPerUnit => {
            What::Number(said.number())
        }
    };
    Some(SaidVerb { verb, what })
}

/// A verb's value as rules give it.
pub(crate) fn value(said: &SaidVerb) -> Option<Value<'static>> {
    match said.what {
        What::Number(number) if matches!(said.verb, Verb::Add | Verb::AddPerUnit) => {
            Some(Value::Money(crate::money::Money(number)))
        }
        What::Number(number) => Some(Value::Decimal(number)),
        What::Reason(..) => None,
    }
}

/// An instance with its answers.
#[derive(Debug)]
pub(crate) struct InstanceWorker {
    instance: Instance,
    /// Where the facts of the last case are, and where output may begin after them.
    record: Record,
    out: usize,
    out_bytes: usize,
    /// What was read of the answer before this one, for its memory.
    outcomes: Outcomes,
}

impl InstanceWorker {
    fn new(loaded: &NativeModule) -> Option<Self> {
        let instance = loaded.instance().ok()?;
        let (record, outcomes) = (Record::default(), Outcomes::default());
        Some(Self { instance, record, out: 0, out_bytes: OUT_BYTES, outcomes })
    }

    /// Runs the rules of one case; `None` where they could not answer.
    fn run(&mut self, loaded: &NativeModule, case: &RuleInput<'_>, pay: bool) -> Option<Answer<'_>> {
        self.prepare(loaded, case);
        let (out, last) = loop {
            self.encode(loaded, case, pay).ok()?;
            let out = self.out;
            let end = u32::try_from(out + self.out_bytes).ok()?;
            let last = self.instance.decide(self.record.address, 1, u32::try_from(out).ok()?, end)? as usize;
            if self.has_answered(out, last) {
                break (out, last);
            }
            if !self.again(case) {
                return None;
            }
        };
        self.answer(out, last)
    }

    /// Whether what a module wrote between these is an answer: one that gave up has no entries.
    #[inline]
    fn has_answered(&mut self, from: usize, to: usize) -> bool {
        to > from + ANSWER_HEAD as usize
            || self.answer(from, to).is_some_and(|answer| answer.entries().is_some())
    }

    fn answer(&mut self, from: usize, to: usize) -> Option<Answer<'_>> {
        Answer::read(self.instance.bytes().get(from..to)?).map(|(answer, _)| answer)
    }

    /// Runs the rules of as many cases as there is room for, each told to `take`. A case that does not fit into the numbers
    /// of the module, or asks about promo codes, ends the batch, and is run alone when it comes first.
    fn run_batch<'c, 'f: 'c>(
        &mut self,
        loaded: &NativeModule,
        cases: impl Fn(usize) -> Option<(&'c RuleInput<'f>, bool)>,
        mut take: impl FnMut(usize, Option<Answer<'_>>),
    ) -> Option<usize> {
        let (first, pay) = cases(0)?;
        if loaded.module.layout.promo {
            take(0, self.run(loaded, first, pay));
            return Some(1);
        }
        if self.instance.bytes().len() < BATCH_BYTES {
            self.instance.grow(BATCH_BYTES)?;
        }
        // Half of memory is for facts and half for answers, which are shorter.
        let start = loaded.module.free as usize;
        let out = (BATCH_BYTES / 2).next_multiple_of(16).max(start);
        let memory = self.instance.bytes().get_mut(..out)?;
        let mut encoder = FactWriter {
            layout: &loaded.module.layout,
            plan: &loaded.plan,
            symbols: &loaded.symbols,
            memory: Memory { bytes: memory, at: start },
            record: Record::default(),
        };
        let mut count = 0u32;
        let mut address = None;
        let mut odd = false;
        while count < BATCH
            && let Some((case, pay)) = cases(count as usize)
        {
            match encoder.record(case, pay, &mut []) {
                Ok(()) => {
                    address.get_or_insert(encoder.record.address);
                    count += 1;
                }
                Err(missed) => {
                    odd = missed == Missed::Number;
                    break;
                }
            }
        }
        let mut told = 0;
        if let Some(address) = address {
            let end = u32::try_from(BATCH_BYTES).ok()?;
            let last = self.instance.decide(address, count, u32::try_from(out).ok()?, end)?;
            let mut answers: &[u8] = self.instance.bytes().get(out..last as usize)?;
            while !answers.is_empty() {
                let (answer, rest) = Answer::read(answers)?;
                answers = rest;
                take(told, Some(answer));
                told += 1;
            }
        }
        if odd && told == count as usize {
            take(told, None);
            told += 1;
        }
        Some(told)
    }

    /// After a module gave up: looks up what it asked for or makes more room, where that was why.
    fn again(&mut self, case: &RuleInput<'_>) -> bool {
        let site = self.record.address as usize + HEAD.site as usize;
        let told = self.instance.bytes().get(site..site + 4) == Some(&[u8::MAX; 4]);
        if !told || self.look_up(case) {
            return told;
        }
        self.out_bytes *= 8;
        self.out_bytes <= OUT_BYTES_MOST
    }

    /// Forgets the case before, and knows the codes that are likely to be asked about.
    fn prepare(&mut self, loaded: &NativeModule, case: &RuleInput<'_>) {
        if loaded.module.layout.promo {
            let data = self.instance.store.data_mut();
            data.missing = None;
            data.promo.clear();
            data.codes.clear();
            for code in case.promo_codes {
                if !data.promo.iter().any(|promo| promo.is(code)) {
                    data.promo.push(Promo::of(code, case.reference));
                }
            }
        }
    }

    /// Looks up a code that was asked for; whether there was one.
    fn look_up(&mut self, case: &RuleInput<'_>) -> bool {
        let data = self.instance.store.data_mut();
        match data.missing.take() {
            Some(code) => {
                data.promo.push(Promo::of(&code, case.reference));
                true
            }
            None => false,
        }
    }

    /// Writes a case into memory.
    fn encode(&mut self, loaded: &NativeModule, case: &RuleInput<'_>, pay: bool) -> Result<(), Missed> {
        loop {
            let mut promo = match loaded.module.layout.promo {
                true => std::mem::take(&mut self.instance.store.data_mut().promo),
                false => Vec::new(),
            };
            let out_bytes = self.out_bytes;
            let bytes = self.instance.bytes();
            let length = bytes.len();
            let mut encoder = FactWriter {
                layout: &loaded.module.layout,
                plan: &loaded.plan,
                symbols: &loaded.symbols,
                memory: Memory { bytes, at: loaded.module.free as usize },
                record: Record::default(),
            };
            let written = encoder.record(case, pay, &mut promo);
            let (end, record) = (encoder.memory.at, encoder.record);
            if loaded.module.layout.promo {
                self.instance.store.data_mut().promo = promo;
            }
            match written {
                Ok(()) if end + out_bytes <= length => {
                    self.record = record;
                    self.out = end;
                    return Ok(());
                }
                Ok(()) => self.instance.grow(end + out_bytes).ok_or(Missed::Room)?,
                Err(Missed::Number) => return Err(Missed::Number),
                Err(Missed::Room) => self.instance.grow(length * 2).ok_or(Missed::Room)?,
            }
        }
    }
}
