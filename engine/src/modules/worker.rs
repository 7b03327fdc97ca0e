//! An instance of a module that writes facts, runs rules and reads answers.

use super::instance::Instance;
use super::loaded::LoadedModule;
use super::memory::{Memory, Missed};
use super::promo::Promo;
use super::write::{FactWriter, Record};
use crate::codegen::entry::{ANSWER_HEAD, Answer};
use crate::codegen::layout::HEAD;
use crate::run::RuleInput;

/// Bytes of room for the answer about one action, at first: some eighty entries.
const OUT_BYTES: usize = 2 << 10;

/// The most promo codes that are looked up while rules run. Each runs them again from the start; the codes of the action are there
/// before.
const LOOK_UPS: u32 = 8;

/// The most bytes of the answer about one action: some 100,000 entries, which are the steps that a decision may have.
const OUT_BYTES_MOST: usize = 4 << 20;

/// An instance and the place of its last input and output.
#[derive(Debug)]
pub(crate) struct InstanceWorker {
    pub(super) instance: Instance,
    /// The addresses of the last input's records. `out` is the address after them, where output begins.
    pub(super) record: Record,
    pub(super) out: usize,
    pub(super) out_bytes: usize,
    /// How many promo codes were looked up for this input while its rules ran.
    looked_up: u32,
}

impl InstanceWorker {
    pub(super) fn new(loaded: &LoadedModule) -> Option<Self> {
        let instance = loaded.instance()?;
        Some(Self { instance, record: Record::default(), out: 0, out_bytes: OUT_BYTES, looked_up: 0 })
    }

    /// Runs the rules on one input. Returns `None` if the module gave up.
    pub(super) fn run(
        &mut self,
        loaded: &LoadedModule,
        case: &RuleInput<'_>,
        pay: bool,
    ) -> Option<Answer<'_>> {
        self.prepare(loaded, case);
        let (out, last) = loop {
            self.encode(loaded, case, pay).ok()?;
            let out = self.out;
            let end = u32::try_from(out + self.out_bytes).ok()?;
            let last = self.instance.decide(self.record.address, u32::try_from(out).ok()?, end)? as usize;
            if self.has_answered(out, last) {
                break (out, last);
            }
            if !self.again(case) {
                return None;
            }
        };
        self.answer(out, last)
    }

    /// Returns whether the module wrote an answer between these addresses. A module that gave up wrote no entries.
    #[inline]
    fn has_answered(&mut self, from: usize, to: usize) -> bool {
        to > from + ANSWER_HEAD as usize
            || self.answer(from, to).is_some_and(|answer| answer.entries().is_some())
    }

    fn answer(&mut self, from: usize, to: usize) -> Option<Answer<'_>> {
        Answer::read(self.instance.answer(from, to)?)
    }

    /// After a module gave up: looks up the code it asked for, or makes more room. Returns whether to run it again.
    pub(super) fn again(&mut self, case: &RuleInput<'_>) -> bool {
        let told = self.instance.read(self.record.address + HEAD.site) == Some([u8::MAX; 4]);
        if !told || self.look_up(case) {
            return told;
        }
        if self.looked_up > LOOK_UPS {
            return false;
        }
        self.out_bytes *= 8;
        self.out_bytes <= OUT_BYTES_MOST
    }

    /// Forgets the input before, and looks up the promo codes of this input.
    pub(super) fn prepare(&mut self, loaded: &LoadedModule, case: &RuleInput<'_>) {
        self.looked_up = 0;
        if loaded.module.layout.promo {
            let data = self.instance.state();
            data.missing = None;
            data.promo.clear();
            for code in case.promo_codes {
                if !data.promo.iter().any(|promo| promo.is(code)) {
                    data.promo.push(Promo::of(code, case.reference));
                }
            }
        }
    }

    /// Looks up a code that the module asked for. Returns `false` if it asked for none, or for too many.
    fn look_up(&mut self, case: &RuleInput<'_>) -> bool {
        let data = self.instance.state();
        let Some(code) = data.missing.take() else { return false };
        self.looked_up += 1;
        if self.looked_up > LOOK_UPS {
            return false;
        }
        data.promo.push(Promo::of(&code, case.reference));
        true
    }

    /// Writes an input to memory.
    pub(super) fn encode(
        &mut self,
        loaded: &LoadedModule,
        case: &RuleInput<'_>,
        pay: bool,
    ) -> Result<(), Missed> {
        loop {
            let mut promo = match loaded.module.layout.promo {
                true => std::mem::take(&mut self.instance.state().promo),
                false => Vec::new(),
            };
            let bytes = self.instance.facts_mut();
            let length = bytes.len();
            let mut encoder = FactWriter {
                layout: &loaded.module.layout,
                plan: &loaded.plan,
                symbols: &loaded.symbols,
                memory: Memory { bytes, at: 0, base: loaded.module.free as usize },
                record: Record::default(),
            };
            let written = encoder.record(case, pay, &mut promo);
            let (end, record) = (encoder.memory.base + encoder.memory.at, encoder.record);
            if loaded.module.layout.promo {
                self.instance.state().promo = promo;
            }
            match written {
                Ok(()) => {
                    self.record = record;
                    self.out = end;
                    return self.instance.reach(end + self.out_bytes).ok_or(Missed::Room);
                }
                Err(Missed::Number) => return Err(Missed::Number),
                Err(Missed::Room) => self.instance.make_room(length * 2).ok_or(Missed::Room)?,
            }
        }
    }
}
