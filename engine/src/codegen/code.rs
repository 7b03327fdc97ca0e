//! Code of one function of a module: where its state is, how it fails, how values are kept and converted.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use wasm_encoder::{Function, ValType};

use super::function::{Body, Label, at, count};
use super::layout::{HEAD, Layout, Slot, Stored};
use super::rep::{ANY, Kind, Rep, SAFE, is_safe, power, words};
use super::size::{CodeSize, Sum};
use super::{Import, Site};
use crate::diagnostic::Span;
use crate::lang::{Expr, FaultKind, Rule, Type};

/// The parts that all functions of a module share.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    pub(super) layout: &'a Layout,
    /// Whether this is a traced module: rules report what they see and where they fail, and their budget stops them. In other
    /// modules rules give up instead.
    pub(super) exact: bool,
    /// The fuel of one rule.
    pub(super) budget: i64,
    /// By index of a named list that is read: the address of its head, and of the bits of its members.
    pub(super) lists: BTreeMap<u16, (u32, u32)>,
    /// The index of the first function that is not a helper.
    pub(super) helpers: u32,
}

/// A module while it is built: types, functions, and the places of faults.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) types: Vec<(Vec<ValType>, Vec<ValType>)>,
    /// The functions after the imports and helpers.
    pub(super) functions: Vec<(u32, Option<Function>)>,
    pub(super) sites: Vec<Site>,
    pub(super) size: Sum,
}

impl Parts {
    /// Returns a module without parts, which may have `most`.
    pub(super) fn new(most: CodeSize) -> Self {
        Self { types: Vec::new(), functions: Vec::new(), sites: Vec::new(), size: Sum::new(most) }
    }

    /// Returns the index of a type; adds the type if it is new.
    pub(super) fn ty(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let found = self.types.iter().position(|(p, r)| p == params && r == results);
        count(found.unwrap_or_else(|| {
            self.types.push((params.to_vec(), results.to_vec()));
            self.types.len() - 1
        }))
    }

    /// Reserves a place for a function. Returns its index in [`Parts::functions`].
    pub(super) fn reserve(&mut self, ty: u32) -> u32 {
        self.functions.push((ty, None));
        count(self.functions.len() - 1)
    }

    /// Defines a function that was reserved. `rule` is the rule that it belongs to, for messages.
    pub(super) fn define(&mut self, number: u32, body: Body, rule: Option<&Rule>) {
        self.size.add(body.size(), rule.map(|rule| &rule.place));
        if let Some(place) = self.functions.get_mut(number as usize) {
            place.1 = Some(body.finish());
        }
    }
}

/// The locals that every function has: the record, the item it is about, the end of the room for output, the fuel (left in a
/// traced module, used so far in the others), and where the output continues. An output address of 0 tells the caller to give up.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub(super) record: u32,
    pub(super) item: u32,
    pub(super) out_end: u32,
    pub(super) fuel: u32,
    pub(super) out: u32,
}

impl State {
    /// The types of the locals when they are the first parameters.
    pub(super) const TYPES: [ValType; 5] =
        [ValType::I32, ValType::I32, ValType::I32, ValType::I64, ValType::I32];

    /// Returns the state as the first parameters of a function.
    pub(super) fn params() -> Self {
        Self { record: 0, item: 1, out_end: 2, fuel: 3, out: 4 }
    }
}

/// The locals that keep a value.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) rep: Rep,
    pub(super) words: Vec<u32>,
    /// The local that is 1 if the value is known.
    pub(super) flag: u32,
}

/// The target of `return`.
#[derive(Clone, Debug)]
pub(super) struct Returns {
    pub(super) label: Label,
    pub(super) kept: Option<Kept>,
}

/// Code for one function.
pub(super) struct Gen<'a, 'm> {
    pub(super) shared: &'m Shared<'a>,
    pub(super) parts: &'m mut Parts,
    pub(super) body: Body,
    pub(super) state: State,
    pub(super) fail: Label,
    /// The rule whose code is being generated. `functions` is the index of the first of its own functions.
    pub(super) rule: Option<&'a Rule>,
    pub(super) functions: u32,
    pub(super) reps: BTreeMap<(u16, Kind), Rep>,
    pub(super) slots: BTreeMap<(u16, Kind), Kept>,
    pub(super) returns: Option<Returns>,
    /// The targets of `break` and `continue`.
    pub(super) loops: Vec<(Label, Label)>,
}

impl<'a, 'm> Gen<'a, 'm> {
    /// Starts a function whose first parameters are the state. All its code is inside the block that a failure leaves.
    pub(super) fn new(shared: &'m Shared<'a>, parts: &'m mut Parts, params: u32) -> Self {
        Self::within(shared, parts, Body::new(params), State::params())
    }

    /// Starts code within a function that has its state in other locals.
    pub(super) fn within(shared: &'m Shared<'a>, parts: &'m mut Parts, mut body: Body, state: State) -> Self {
        let fail = body.block();
        Self {
            shared,
            parts,
            body,
            state,
            fail,
            rule: None,
            functions: 0,
            reps: BTreeMap::new(),
            slots: BTreeMap::new(),
            returns: None,
            loops: Vec::new(),
        }
    }

    pub(super) fn wide(&self) -> bool {
        self.shared.layout.wide
    }

    pub(super) fn import(&mut self, import: Import) {
        self.body.put().call(import.index());
    }

    /// Fails if the value on the stack is not zero.
    pub(super) fn fail_if(&mut self, kind: FaultKind, span: Span) {
        if !self.shared.exact {
            self.body.br_if(self.fail);
            return;
        }
        self.body.when();
        self.fail_here(kind, span);
        self.body.end();
    }

    pub(super) fn fail_here(&mut self, kind: FaultKind, span: Span) {
        if self.shared.exact {
            let site = count(self.parts.sites.len());
            self.parts.sites.push(Site { kind, span });
            let state = self.state;
            self.body.get(state.record);
            self.body.i32(i32::from_ne_bytes(site.to_ne_bytes()));
            self.body.put().i32_store(at(HEAD.site, 2));
            self.body.get(state.record);
            self.body.get(state.fuel);
            self.body.put().i64_store(at(HEAD.fuel, 3));
        }
        self.body.br(self.fail);
    }

    /// Charges a segment before it runs.
    pub(super) fn charge(&mut self, fuel: u32, span: Span) {
        if fuel == 0 {
            return;
        }
        let local = self.state.fuel;
        self.body.get(local);
        self.body.i64(i64::from(fuel));
        self.charged(span);
    }

    /// Charges a segment that is always computed, but only if the flag in a local (0 or 1) equals `is`.
    pub(super) fn charge_where(&mut self, flag: u32, is: bool, fuel: u32) {
        if fuel == 0 {
            return;
        }
        let local = self.state.fuel;
        self.body.get(local);
        if !is {
            self.body.i64(i64::from(fuel));
            self.body.put().i64_add();
        }
        self.body.get(flag);
        self.body.put().i64_extend_i32_u();
        self.body.i64(if is { i64::from(fuel) } else { -i64::from(fuel) });
        self.body.put().i64_mul().i64_add();
        self.body.set(local);
    }

    /// Charges the fuel on top of the stack to the fuel below it.
    pub(super) fn charged(&mut self, span: Span) {
        let local = self.state.fuel;
        if self.shared.exact {
            self.body.put().i64_sub();
            self.body.tee(local);
            self.body.i64(0);
            self.body.put().i64_lt_s();
            self.fail_if(FaultKind::Budget, span);
        } else {
            // No check is needed: the worst case of every rule was checked against its budget when the rule was loaded.
            self.body.put().i64_add();
            self.body.set(local);
        }
    }

    /// Reserves locals for a value of this representation.
    pub(super) fn keep(&mut self, rep: Rep) -> Kept {
        let words = rep.types().iter().map(|ty| self.body.local(*ty)).collect();
        Kept { rep, words, flag: self.body.local(ValType::I32) }
    }

    /// Moves a value, and its flag if it has one, from the stack to its locals.
    pub(super) fn put_away(&mut self, kept: &Kept, flagged: bool) {
        if flagged {
            self.body.set(kept.flag);
        }
        for word in kept.words.iter().rev() {
            self.body.set(*word);
        }
    }

    /// Puts a kept value on the stack.
    pub(super) fn bring(&mut self, kept: &Kept, flagged: bool) {
        for word in &kept.words {
            self.body.get(*word);
        }
        if flagged {
            self.body.get(kept.flag);
        }
    }

    /// Puts an expression's value on the stack in this representation, followed by the flag whether it is known if `flagged`.
    pub(super) fn value(&mut self, expr: &'a Expr, rep: Rep, flagged: bool) {
        let natural = self.expr(expr);
        match (expr.ty.unknown, flagged) {
            (false, _) => {
                self.convert(natural, rep);
                if flagged {
                    self.body.i32(1);
                }
            }
            (true, true) if same(natural, rep) => {}
            (true, _) => {
                let flag = self.body.local(ValType::I32);
                self.body.set(flag);
                self.convert(natural, rep);
                if flagged {
                    self.body.get(flag);
                }
            }
        }
    }

    /// Puts an expression's value into locals of its own.
    pub(super) fn kept(&mut self, expr: &'a Expr) -> Kept {
        let rep = self.rep(expr);
        let kept = self.keep(rep);
        self.value(expr, rep, false);
        self.put_away(&kept, false);
        kept
    }

    /// Converts the value on the stack to another representation of the same kind.
    pub(super) fn convert(&mut self, from: Rep, to: Rep) {
        match (from, to) {
            (Rep::Fixed { scale, bits }, Rep::Fixed { scale: wanted, .. }) if scale < wanted => {
                self.rescale(bits, wanted - scale);
            }
            (Rep::Int(bits), Rep::Fixed { scale: wanted, .. }) if wanted > 0 => self.rescale(bits, wanted),
            (Rep::Fixed { scale, .. }, Rep::Wide) => self.widen(scale),
            (Rep::Int(_), Rep::Wide) => self.widen(0),
            _ => {}
        }
    }

    /// Multiplies the whole number on the stack by a power of ten.
    fn rescale(&mut self, bits: u8, more: u8) {
        let factor = power(more);
        if !is_safe(bits, more) {
            let value = self.body.local(ValType::I64);
            let most = i64::MAX / factor;
            self.body.tee(value);
            self.body.i64(most);
            self.body.put().i64_gt_s();
            self.body.get(value);
            self.body.i64(-most);
            self.body.put().i64_lt_s().i32_or();
            // Gives up without a fault: numbers of this size are left to the decimal module.
            self.body.br_if(self.fail);
            self.body.get(value);
        }
        self.body.i64(factor);
        self.body.put().i64_mul();
    }

    /// Converts the whole number on the stack to a decimal of 96 bits with this scale.
    fn widen(&mut self, scale: u8) {
        let value = self.body.local(ValType::I64);
        let sign = self.body.local(ValType::I64);
        self.body.tee(value);
        self.body.get(value);
        self.body.i64(63);
        self.body.put().i64_shr_s();
        self.body.tee(sign);
        self.body.put().i64_xor();
        self.body.get(sign);
        self.body.put().i64_sub();
        self.body.get(sign);
        self.body.i64(i64::MIN);
        self.body.put().i64_and();
        self.body.i64(i64::from(scale) << 48);
        self.body.put().i64_or();
    }

    /// Puts a constant decimal on the stack.
    pub(super) fn decimal(&mut self, value: Decimal) -> Rep {
        match super::rep::digits(value) {
            Some((digits, scale)) => {
                self.body.i64(digits);
                Rep::Fixed { scale, bits: super::rep::bits(digits) }
            }
            None => {
                let (low, high) = words(value);
                self.body.i64(low);
                self.body.i64(high);
                Rep::Wide
            }
        }
    }

    /// Returns the representation of a number that may need more than 64 bits: wide if the module computes with decimals, so that
    /// only numbers beyond 96 bits fail.
    pub(super) fn bounded(&self, rep: Rep) -> Rep {
        match rep {
            Rep::Fixed { bits, .. } if bits > SAFE && self.wide() => Rep::Wide,
            rep => rep,
        }
    }

    /// Returns the representation of a slot of the facts.
    pub(super) fn stored(&self, stored: Stored) -> Rep {
        match stored {
            Stored::Bool => Rep::Bool,
            // Counts are less than 2^33, but an attribute may be any integer.
            Stored::Integer => Rep::Int(ANY),
            Stored::Fixed(scale) => Rep::Fixed { scale, bits: super::layout::FACT_BITS },
            Stored::Wide => Rep::Wide,
            Stored::Text => Rep::Text,
            Stored::Time => Rep::Time,
            Stored::Date => Rep::Date,
            Stored::Duration => Rep::Duration,
            Stored::Texts => Rep::List,
        }
    }

    /// Loads a slot from the record at the address in `base`.
    pub(super) fn load(&mut self, base: u32, slot: Slot) -> Rep {
        let offset = slot.offset;
        self.body.get(base);
        match slot.stored {
            Stored::Bool | Stored::Text | Stored::Date => {
                self.body.put().i32_load(at(offset, 2));
            }
            Stored::Integer | Stored::Fixed(_) | Stored::Duration => {
                self.body.put().i64_load(at(offset, 3));
            }
            Stored::Wide => {
                self.body.put().i64_load(at(offset, 3));
                self.body.get(base);
                self.body.put().i64_load(at(offset + 8, 3));
            }
            Stored::Time => {
                self.body.put().i64_load(at(offset, 3));
                self.body.get(base);
                self.body.put().i32_load(at(offset + 8, 2));
            }
            Stored::Texts => {
                self.body.i32(i32::try_from(offset).unwrap_or(i32::MAX));
                self.body.put().i32_add();
            }
        }
        self.stored(slot.stored)
    }

    /// Puts 1 on the stack if the slot's value is known, else 0.
    pub(super) fn load_flag(&mut self, base: u32, slot: Slot) {
        match slot.flag {
            Some(flag) => {
                self.body.get(base);
                self.body.put().i32_load8_u(at(flag, 0));
            }
            None => self.body.i32(1),
        }
    }

    /// Returns the locals of a slot of the rule language.
    pub(super) fn local(&mut self, slot: u16, kind: Kind) -> Kept {
        if let Some(kept) = self.slots.get(&(slot, kind)) {
            return kept.clone();
        }
        let rep = self.reps.get(&(slot, kind)).copied().unwrap_or(Rep::Unit);
        let kept = self.keep(rep);
        self.slots.insert((slot, kind), kept.clone());
        kept
    }

    /// Returns the words in which functions take and return a value of this type.
    pub(super) fn passed(ty: Type) -> Vec<ValType> {
        let mut types = Rep::widest(ty.base).types().to_vec();
        if ty.unknown {
            types.push(ValType::I32);
        }
        types
    }
}

/// Returns whether a value of one representation is also a value of the other.
pub(super) fn same(a: Rep, b: Rep) -> bool {
    match (a, b) {
        (Rep::Int(_), Rep::Int(_)) => true,
        (Rep::Fixed { scale: a, .. }, Rep::Fixed { scale: b, .. }) => a == b,
        (a, b) => a == b,
    }
}
