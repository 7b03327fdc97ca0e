//! The layout of facts in a module's memory, computed from the rules of a contract version. Only facts that a rule reads have a
//! slot.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;
use serde::Serialize;

use super::function::count;
use crate::lang::catalog::{Builtin, Field};
use crate::lang::{
    ArmValue, Base, BinaryOp, Block, Compared, Const, Expr, ExprKind, FactRef, Record, Rule, Stmt, Type,
};
use crate::terms::{PayoutPer, Terms, Version};

/// The head of a record.
pub const HEAD: RecordHead = RecordHead {
    next: 0,
    site: 4,
    pay: 8,
    said: 12,
    fuel: 16,
    items: 24,
    touches: 36,
    whole_item: 48,
    bytes: 56,
};

/// The most decimals of a decimal fact in a number of 64 bits. Risks and scores have fewer.
const DECIMAL_SCALE: u8 = 4;

/// Decimals of an amount beyond those of its currency, for amounts that are a share of another amount.
const MORE_DECIMALS: u8 = 2;

/// Bits of the digits of an amount or decimal in a number of 64 bits. With four decimals this allows 100 billion, and multiplying
/// by a rate of 12 bits still needs no overflow check.
pub const FACT_BITS: u8 = 50;

/// Offsets in the head of a record, in bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RecordHead {
    /// u32: the address of the next record.
    pub next: u32,
    /// u32: after a fault, its site; `u32::MAX` if the host must run the module again, with more room or more facts.
    pub site: u32,
    /// i64: the fuel left, in a traced module.
    pub fuel: u32,
    /// The head of the list of items.
    pub items: u32,
    /// The head of the list of touches.
    pub touches: u32,
    /// u32: the address of the item record for an order without items.
    pub whole_item: u32,
    /// u32: whether the pay phase runs if no restriction forbids it.
    pub pay: u32,
    /// u32: used by the module: whether a script has given a verb that counts.
    pub said: u32,
    /// Size of the head; slots follow.
    pub bytes: u32,
}

/// Offsets in the head of a list, in bytes: length, 1 for a named list, address of the first element.
pub const LIST: ListHead = ListHead { count: 0, named: 4, first: 8, bytes: 12 };

/// Offsets in the head of a list.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ListHead {
    /// u32: the number of elements.
    pub count: u32,
    /// u32: 1 for a named list, which is not charged for its length.
    pub named: u32,
    /// u32: the address of the first element.
    pub first: u32,
    /// Size of the head.
    pub bytes: u32,
}

/// How a slot stores its fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stored {
    /// u32, 0 or 1.
    Bool,
    /// i64.
    Integer,
    /// i64: the digits of a number with this many decimals, less than 2^50.
    Fixed(u8),
    /// 16 bytes, a decimal of 96 bits: low and middle word, then high word and flags.
    Wide,
    /// u32: a symbol.
    Text,
    /// i64 seconds since 1970, u32 nanoseconds.
    Time,
    /// i32 days since 1970.
    Date,
    /// i64 seconds.
    Duration,
    /// The head of a list of symbols.
    Texts,
}

/// The slot of one fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The fact that the slot holds.
    pub source: FactRef,
    /// How the slot stores the fact.
    pub stored: Stored,
    /// Offset from the beginning of the record, in bytes.
    pub offset: u32,
    /// Offset of the byte that says whether the fact is known; `None` if the fact is always known. The slot of an unknown fact
    /// may hold anything: a module may read it, but the value has no effect.
    pub flag: Option<u32>,
    /// Whether the bytes of a text that is not a constant of the module must be written.
    pub full: bool,
}

/// The layout of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// The slots.
    pub slots: Vec<Slot>,
    /// Size of a record.
    pub bytes: u32,
}

impl Slots {
    fn new(uses: &BTreeMap<FactRef, (Stored, bool, bool)>, head: u32) -> Self {
        let mut flags = head;
        let known = uses.values().filter(|(_, unknown, _)| *unknown).count();
        let mut offset = (head + count(known)).next_multiple_of(8);
        let mut slots = Vec::with_capacity(uses.len());
        for (source, (stored, unknown, full)) in uses {
            let flag = unknown.then(|| {
                flags += 1;
                flags - 1
            });
            slots.push(Slot { source: *source, stored: *stored, offset, flag, full: *full });
            // Every slot begins at a multiple of 8 bytes.
            offset += match stored {
                Stored::Bool
                | Stored::Text
                | Stored::Date
                | Stored::Integer
                | Stored::Fixed(_)
                | Stored::Duration => 8,
                Stored::Wide | Stored::Time | Stored::Texts => 16,
            };
        }
        Self { slots, bytes: offset.next_multiple_of(8) }
    }

    pub(super) fn find(&self, source: FactRef) -> Option<Slot> {
        self.slots.iter().find(|slot| slot.source == source).copied()
    }
}

/// The layout of all facts of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Whether amounts are decimals of 96 bits.
    pub wide: bool,
    /// The record of the action.
    pub action: Slots,
    /// The record of each item.
    pub item: Slots,
    /// The record of each touch.
    pub touch: Slots,
    /// Whether a rule reads the list of items.
    pub items: bool,
    /// Whether a rule reads the list of touches.
    pub touches: bool,
    /// Whether a rule is evaluated for each item.
    pub each_item: bool,
    /// The texts of the rules and lists. The symbol of such a text is its index.
    pub texts: IndexSet<String>,
    /// The named lists that are read, by their index in the program.
    pub lists: BTreeSet<u16>,
    /// Whether a rule reads promo codes.
    pub promo: bool,
}

impl Layout {
    /// Returns the layout for rules of a version.
    pub(super) fn new(terms: &Terms, version: &Version, rules: &[&Rule], wide: bool) -> Self {
        let mut uses = Uses {
            terms,
            wide,
            money: u8::try_from(version.currency.minor_digits()).unwrap_or(MORE_DECIMALS) + MORE_DECIMALS,
            ..Uses::of(terms)
        };
        for rule in rules {
            uses.rule(rule);
        }
        Self {
            wide,
            action: Slots::new(&uses.action, HEAD.bytes),
            item: Slots::new(&uses.item, 0),
            touch: Slots::new(&uses.touch, 0),
            items: uses.items || uses.each_item || version.payout.per == PayoutPer::Item,
            touches: uses.touches,
            each_item: uses.each_item || version.payout.per == PayoutPer::Item,
            texts: uses.texts,
            lists: uses.lists,
            promo: uses.promo,
        }
    }

    /// Returns the symbol of a constant text.
    pub(super) fn symbol(&self, text: &str) -> u32 {
        self.texts.get_index_of(text).map_or(u32::MAX, count)
    }
}

/// The facts, texts and lists that rules use.
struct Uses<'a> {
    terms: &'a Terms,
    wide: bool,
    money: u8,
    action: BTreeMap<FactRef, (Stored, bool, bool)>,
    item: BTreeMap<FactRef, (Stored, bool, bool)>,
    touch: BTreeMap<FactRef, (Stored, bool, bool)>,
    items: bool,
    touches: bool,
    each_item: bool,
    texts: IndexSet<String>,
    lists: BTreeSet<u16>,
    promo: bool,
    /// Locals whose text is compared with a text that is not a constant: by function (`None` for the body) and slot.
    full: BTreeSet<(Option<usize>, u16)>,
    function: Option<usize>,
}

impl<'a> Uses<'a> {
    fn of(terms: &'a Terms) -> Self {
        Self {
            terms,
            wide: false,
            money: 0,
            action: BTreeMap::new(),
            item: BTreeMap::new(),
            touch: BTreeMap::new(),
            items: false,
            touches: false,
            each_item: false,
            texts: IndexSet::new(),
            lists: BTreeSet::new(),
            promo: false,
            full: BTreeSet::new(),
            function: None,
        }
    }

    fn rule(&mut self, rule: &Rule) {
        self.each_item |= rule.phase.is_of_item();
        self.full.clear();
        // A local's use is found after its assignment, so the passes repeat until nothing new is found.
        loop {
            let before = self.full.len();
            for (index, function) in rule.functions.iter().enumerate() {
                self.function = Some(index);
                self.block(&function.body, true);
            }
            self.function = None;
            self.block(&rule.body, false);
            if self.full.len() == before {
                break;
            }
        }
    }

    fn stored(&self, ty: Type) -> Stored {
        match ty.base {
            Base::Integer => Stored::Integer,
            Base::Decimal | Base::Money if self.wide => Stored::Wide,
            Base::Money => Stored::Fixed(self.money),
            Base::Decimal => Stored::Fixed(DECIMAL_SCALE),
            Base::Text | Base::Code => Stored::Text,
            Base::Time => Stored::Time,
            Base::Date => Stored::Date,
            Base::Duration => Stored::Duration,
            Base::List(_) => Stored::Texts,
            Base::Bool | Base::Unit | Base::Record(_) => Stored::Bool,
        }
    }

    fn fact(&mut self, field: Field, full: bool, single: bool) {
        let spec = field.spec();
        // The action that this action follows may be unknown as a whole.
        let unknown = spec.ty.unknown || spec.record == Record::Follows;
        let stored = self.stored(spec.ty);
        match field {
            Field::ACTION_ITEMS => self.items = true,
            Field::ACTION_TOUCHES => self.touches = true,
            _ => {
                let slots = match spec.record {
                    Record::Item => {
                        self.items = true;
                        &mut self.item
                    }
                    Record::Touch if !single => {
                        self.touches = true;
                        &mut self.touch
                    }
                    _ => &mut self.action,
                };
                slots.entry(FactRef::Field(field)).or_insert((stored, unknown, false)).2 |= full;
            }
        }
    }

    fn text(&mut self, text: &str) {
        if !self.texts.contains(text) {
            self.texts.insert(text.to_owned());
        }
    }

    fn block(&mut self, block: &Block, full: bool) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        if let Some(value) = &block.value {
            self.expr(value, full);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Set { slot, value } => {
                let full = self.full.contains(&(self.function, *slot));
                self.expr(value, full);
            }
            Stmt::Do(expr) => self.expr(expr, false),
            Stmt::For { slot, list, body, .. } => {
                let full = self.full.contains(&(self.function, *slot));
                self.expr(list, full);
                self.block(body, false);
            }
            Stmt::Verb { args, .. } => args.iter().for_each(|arg| self.expr(arg, true)),
            Stmt::Return(value, _) => value.iter().for_each(|value| self.expr(value, true)),
            Stmt::Break(_) | Stmt::Continue(_) => {}
        }
    }

    /// Records what an expression uses. `full`: whether the bytes of its text are needed, and not only its symbol.
    fn expr(&mut self, expr: &Expr, full: bool) {
        match &expr.kind {
            ExprKind::Const(Const::Text(text)) => self.text(text),
            ExprKind::Const(_) => {}
            ExprKind::Local(slot) => {
                if full && matches!(expr.ty.base, Base::Text | Base::Code | Base::List(_)) {
                    self.full.insert((self.function, *slot));
                }
            }
            ExprKind::Fact(field) => self.fact(*field, full, true),
            ExprKind::FieldOf(field, of) => {
                self.fact(*field, full, false);
                self.expr(of, false);
            }
            ExprKind::Attribute(index) => {
                if let Some((_, declared)) = self.terms.attributes.get_index(usize::from(*index)) {
                    let stored = self.stored(declared.ty);
                    let entry = self.action.entry(FactRef::Attribute(*index));
                    // Validation makes sure that a required attribute is there, but its flag is read all the same: validation may
                    // change.
                    entry.or_insert((stored, true, false)).2 |= full;
                }
            }
            ExprKind::ItemAttribute(index, of) => {
                if let Some((_, declared)) = self.terms.attributes.get_index(usize::from(*index)) {
                    let stored = self.stored(declared.ty);
                    self.items = true;
                    self.item.entry(FactRef::ItemAttribute(*index)).or_insert((stored, true, false)).2 |=
                        full;
                }
                of.iter().for_each(|of| self.expr(of, false));
            }
            ExprKind::Total(index, field) => {
                let stored = self.stored(expr.ty);
                // The sum is unknown if it does not fit.
                let unknown = field.may_overflow();
                self.action.entry(FactRef::Total(*index, *field)).or_insert((stored, unknown, false));
            }
            ExprKind::NamedList(index) => {
                if self.lists.insert(*index)
                    && let Some((_, list)) = self.terms.lists.get_index(usize::from(*index))
                {
                    list.values().iter().for_each(|text| self.text(text));
                }
            }
            ExprKind::Unary(_, of) | ExprKind::Known(of) => self.expr(of, false),
            ExprKind::Binary(BinaryOp::Compare(_, Compared::Text), pair) => {
                let (a, b) = (is_text(&pair.0), is_text(&pair.1));
                self.expr(&pair.0, !b);
                self.expr(&pair.1, !a);
            }
            ExprKind::Binary(BinaryOp::In, pair) => {
                let named = matches!(pair.1.kind, ExprKind::NamedList(_));
                let constant = is_text(&pair.0);
                self.expr(&pair.0, !named);
                self.expr(&pair.1, !constant);
            }
            ExprKind::Binary(_, pair) => {
                self.expr(&pair.0, false);
                self.expr(&pair.1, false);
            }
            ExprKind::And(first, rest) | ExprKind::Or(first, rest) | ExprKind::Coalesce(first, rest) => {
                self.expr(first, full);
                rest.iter().for_each(|operand| self.expr(&operand.expr, full));
            }
            ExprKind::If(condition, then, otherwise) => {
                self.expr(condition, false);
                self.block(then, full);
                otherwise.iter().for_each(|block| self.block(block, full));
            }
            ExprKind::Switch(switch) => {
                self.expr(&switch.subject, false);
                for arm in &switch.arms {
                    for value in &arm.values {
                        if let ArmValue::Const(Const::Text(text)) = value {
                            self.text(text);
                        }
                    }
                    arm.condition.iter().for_each(|condition| self.expr(&condition.expr, false));
                    self.block(&arm.body, full);
                }
                switch.default.iter().for_each(|block| self.block(block, full));
            }
            ExprKind::Block(block) => self.block(block, full),
            ExprKind::Call(_, args) => args.iter().for_each(|arg| self.expr(arg, true)),
            ExprKind::Builtin(builtin, args) => {
                match builtin {
                    Builtin::ExpiredAt => self.fact(Field::CREATIVE_VALID_UNTIL, false, true),
                    Builtin::NotYetValidAt => self.fact(Field::CREATIVE_VALID_FROM, false, true),
                    Builtin::PromoOwner | Builtin::PromoActive => self.promo = true,
                    _ => {}
                }
                args.iter().for_each(|arg| self.expr(arg, true));
            }
        }
    }
}

/// Returns whether an expression is a constant text, which has a symbol of its own.
pub(super) fn is_text(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Const(Const::Text(_)))
}
