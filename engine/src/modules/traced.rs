//! Runs one rule in each call, in a traced module, and reports its verbs, what it saw and where it failed, as the interpreter
//! does.

use super::loaded::LoadedModule;
use super::pool::ModulePool;
use super::verdicts;
use super::worker::InstanceWorker;
use crate::codegen::See;
use crate::codegen::entry::{EntryKind, LONGEST_ENTRY, read};
use crate::codegen::layout::HEAD;
use crate::lang::catalog::FIELDS;
use crate::lang::{Base, Fault, FaultKind, Form, Rule, TotalField, Value};
use crate::limits::Limits;
use crate::run::{Evaluator, RuleInput, RunRules, Seen, SeenFacts, VerbCall};

/// Runs the rules of a traced module, one after the other.
#[derive(Debug)]
pub(super) struct TracedRules<'a> {
    pool: &'a ModulePool,
    /// The numbers of the module's rules, in the order of their indexes.
    numbers: &'a [u32],
    runner: Option<Box<InstanceWorker>>,
    /// Has the fuel so far, and runs the rules that a module cannot run: those that may use up the fuel of the decision, because
    /// the fuel of a module is that of one rule.
    interpreter: Evaluator<'a>,
    /// Whether the interpreter ran any rule.
    is_interpreted: bool,
    rule_fuel: u64,
    trace_values: Option<usize>,
    /// Whether the facts of the current input are in memory: all rules of one input read the same facts.
    written: bool,
    calls: Vec<VerbCall<'a>>,
    seen: Vec<Seen>,
}

impl Drop for TracedRules<'_> {
    fn drop(&mut self) {
        if let Some(runner) = self.runner.take() {
            self.pool.give_back(runner);
        }
    }
}

/// The end of a call.
enum Ended<'a> {
    Answered(Value<'a>, u64),
    Failed(Fault, u64),
    /// There was too little room, or a promo code must be looked up: the rule is run again.
    Again,
}

impl<'a> TracedRules<'a> {
    /// Returns a runner of a traced module's rules, which have these numbers. Each rule keeps at most `trace_values` values; `fuel` is the
    /// fuel used before.
    pub(super) fn new(
        pool: &'a ModulePool,
        numbers: &'a [u32],
        limits: &Limits,
        trace_values: Option<usize>,
        fuel: u64,
    ) -> Option<Self> {
        let runner = Some(pool.take()?);
        let mut interpreter = Evaluator::new(limits, trace_values);
        interpreter.add_fuel(fuel);
        Some(Self {
            pool,
            numbers,
            runner,
            interpreter,
            is_interpreted: false,
            rule_fuel: limits.rule_fuel,
            trace_values,
            written: false,
            calls: Vec::new(),
            seen: Vec::new(),
        })
    }

    /// Returns whether the interpreter ran any rule, because the module could not.
    pub(super) fn is_interpreted(&self) -> bool {
        self.is_interpreted
    }

    /// Runs the rule with this index and returns its value.
    pub(super) fn run_at(
        &mut self,
        number: u32,
        rule: &'a Rule,
        case: &RuleInput<'a>,
    ) -> Result<Value<'a>, Fault> {
        self.calls.clear();
        let fits = self.rule_fuel.min(rule.worst_fuel) <= self.interpreter.fuel_left();
        let ended = match self.runner.take() {
            Some(mut runner) if fits => {
                let ended = self.repeat(&mut runner, number, rule, case);
                self.runner = Some(runner);
                ended
            }
            runner => {
                self.runner = runner;
                None
            }
        };
        let (used, result) = match ended {
            Some(Ended::Answered(value, left)) => (self.rule_fuel.saturating_sub(left), Ok(value)),
            Some(Ended::Failed(fault, _)) if fault.kind == FaultKind::Budget => (self.rule_fuel, Err(fault)),
            Some(Ended::Failed(fault, left)) => (self.rule_fuel.saturating_sub(left), Err(fault)),
            Some(Ended::Again) | None => {
                return self.interpret(rule, case);
            }
        };
        self.interpreter.add_fuel(used);
        result
    }

    /// Runs a rule that the module cannot run.
    fn interpret(&mut self, rule: &'a Rule, case: &RuleInput<'a>) -> Result<Value<'a>, Fault> {
        self.is_interpreted = true;
        let result = self.interpreter.run(rule, case);
        self.calls = self.interpreter.spoken().to_vec();
        self.seen = self.interpreter.take_seen();
        result
    }

    fn repeat(
        &mut self,
        runner: &mut InstanceWorker,
        number: u32,
        rule: &Rule,
        case: &RuleInput<'a>,
    ) -> Option<Ended<'a>> {
        let loaded = &self.pool.loaded;
        loop {
            runner.instance.state().saw.clear();
            self.calls.clear();
            if !self.written {
                runner.prepare(loaded, case);
                runner.encode(loaded, case, true).ok()?;
                self.written = true;
            }
            let (record, out) = (runner.record, runner.out);
            let item = match case.item {
                Some(item) => record.items + item * loaded.module.layout.item.bytes,
                None => record.whole,
            };
            let start = u32::try_from(out).ok()?;
            let end = u32::try_from(out + runner.out_bytes).ok()?;
            let last = end.saturating_sub(LONGEST_ENTRY);
            let last = runner.instance.rule([number, record.address, item], start, (last, end))?;
            let left = i64::from_le_bytes(runner.instance.read(record.address + HEAD.fuel)?);
            let left = u64::try_from(left).unwrap_or(0);
            let entries = runner.instance.answer(out, last as usize)?.to_vec();
            match self.read(loaded, &entries, rule, left)? {
                Ended::Again => {
                    if !runner.again(case) {
                        return None;
                    }
                    // A code that was looked up is written after the facts.
                    self.written = runner.encode(loaded, case, true).is_ok();
                }
                ended => {
                    self.told(runner, case, record.items, record.touches);
                    return Some(ended);
                }
            }
        }
    }

    fn read(
        &mut self,
        loaded: &'a LoadedModule,
        mut entries: &[u8],
        rule: &Rule,
        left: u64,
    ) -> Option<Ended<'a>> {
        loop {
            let (said, rest) = read(entries)?;
            entries = rest;
            match said.kind {
                EntryKind::Verb => self.calls.push(verdicts::call(self.pool, &said)?),
                EntryKind::Value => {
                    let base = match rule.form {
                        Form::Expression(ty) => ty.base,
                        Form::Script => Base::Unit,
                    };
                    let value = match base {
                        Base::Bool => Value::Bool(said.first != 0),
                        Base::Integer => Value::Integer(said.first),
                        Base::Money => Value::Money(crate::money::Money(said.number())),
                        Base::Decimal => Value::Decimal(said.number()),
                        _ => Value::Unit,
                    };
                    return Some(Ended::Answered(value, left));
                }
                EntryKind::End => return Some(Ended::Answered(Value::Unit, left)),
                EntryKind::Fault if said.index == u32::MAX => return Some(Ended::Again),
                EntryKind::Fault => {
                    let site = loaded.module.sites.get(said.index as usize)?;
                    return Some(Ended::Failed(Fault { kind: site.kind, span: site.span }, left));
                }
                _ => return None,
            }
        }
    }

    /// Converts what the module reported to values, as a trace shows them.
    fn told(&mut self, runner: &mut InstanceWorker, case: &RuleInput<'a>, items: u32, touches: u32) {
        let Some(most) = self.trace_values else { return };
        let layout = &self.pool.loaded.module.layout;
        let saw = std::mem::take(&mut runner.instance.state().saw);
        let mut looks = 0;
        let mut seen = SeenFacts { seen: &mut self.seen, most, looks: &mut looks };
        for [kind, what, arg] in &saw {
            if seen.is_full() {
                break;
            }
            let number = usize::try_from(*what).unwrap_or(usize::MAX);
            let field = FIELDS.get(number).map(|spec| spec.field);
            let address = u32::from_ne_bytes(arg.to_ne_bytes());
            let nth = |first: u32, stride: u32| address.saturating_sub(first) / stride.max(1);
            match (*kind, field) {
                (kind, Some(field)) if kind == See::Fact as i32 => seen.fact(field, case.fact(field)),
                (kind, Some(field)) if kind == See::Item as i32 => {
                    seen.fact(field, case.fact_at(field, nth(items, layout.item.bytes)));
                }
                (kind, Some(field)) if kind == See::Touch as i32 => {
                    seen.fact(field, case.fact_at(field, nth(touches, layout.touch.bytes)));
                }
                (kind, _) if kind == See::Attribute as i32 => {
                    seen.attribute(case, u16::try_from(*what).unwrap_or(u16::MAX));
                }
                (kind, _) if kind == See::ItemAttribute as i32 => {
                    let index = u16::try_from(*what).unwrap_or(u16::MAX);
                    let value = case.item_attribute(index, Some(nth(items, layout.item.bytes)));
                    seen.attribute_of(case, index, value);
                }
                (kind, _) if kind == See::Total as i32 => {
                    let what = what.to_le_bytes();
                    let [low, high, tag, _] = what;
                    let index = u16::from_le_bytes([low, high]);
                    if let Some(field) = TotalField::of_numbers(tag, *arg) {
                        seen.total(case, index, field, case.total(index, field).unwrap_or(Value::Unknown));
                    }
                }
                (kind, _) if kind == See::ExpiredAt as i32 => {
                    seen.see("creative.expired_at", Value::Bool(*arg != 0));
                }
                (kind, _) if kind == See::NotYetValidAt as i32 => {
                    seen.see("creative.not_yet_valid_at", Value::Bool(*arg != 0));
                }
                (kind, _) if kind == See::PromoOwner as i32 => {
                    let code = runner.instance.text(&self.pool.loaded.context, *arg);
                    seen.see(&format!("promo_owner({code})"), case.promo_owner(&code));
                }
                (kind, _) if kind == See::PromoActive as i32 => {
                    let code = runner.instance.text(&self.pool.loaded.context, *arg);
                    seen.see(&format!("promo_active({code})"), Value::Bool(*what != 0));
                }
                _ => {}
            }
        }
        runner.instance.state().saw = saw;
    }
}

impl<'a> RunRules<'a> for TracedRules<'a> {
    fn run(&mut self, rule: &'a Rule, input: &RuleInput<'a>) -> Result<Value<'a>, Fault> {
        match self.numbers.binary_search(&rule.number).map(u32::try_from) {
            Ok(Ok(index)) => self.run_at(index, rule, input),
            _ => self.interpret(rule, input),
        }
    }

    fn calls(&self) -> &[VerbCall<'a>] {
        &self.calls
    }

    fn fuel(&self) -> u64 {
        self.interpreter.fuel()
    }

    fn add_fuel(&mut self, fuel: u64) {
        self.interpreter.add_fuel(fuel);
    }

    fn take_seen(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }

    fn stop_trace(&mut self) {
        self.trace_values = None;
        self.interpreter.stop_trace();
    }

    fn facts_changed(&mut self) {
        self.written = false;
    }
}
