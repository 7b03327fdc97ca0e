//! Finds payout groups by the first test of their conditions: groups that first test the same text fact (the partner, the SKU,
//! the country) are looked up by its value instead of being tried one by one.
//!
//! A skipped group must still be charged for its test, so the fuel is added from tables of running sums: the fuel of all groups
//! up to a group, less the fuel of the groups that were tried.

use wasm_encoder::ValType;

use super::code::{Gen, State};
use super::function::{Label, at, count};
use super::image::Image;
use super::layout::{Layout, Slot, Source};
use crate::run::{FirstTest, GroupKeys, KeyFact};

/// The addresses of an index in a module's memory.
pub(super) struct Placed {
    questions: Vec<PlacedQuestion>,
    /// Groups that are always tried: the address of their numbers, and how many there are.
    always: (u32, u32),
    groups: u32,
}

struct PlacedQuestion {
    slot: Slot,
    item: bool,
    otherwise: Option<u32>,
    /// Addresses of the lists of groups by symbol, and the number of symbols that have a list.
    lists: u32,
    symbols: u32,
    /// Running sums of the fuel of the groups with this key, for a known and for an unknown fact.
    known: u32,
    unknown: u32,
}

/// Writes the tables of an index to memory.
pub(super) fn placed(keys: &GroupKeys, layout: &Layout, image: &mut Image) -> Placed {
    let mut placed = Vec::new();
    let mut looked_up = vec![false; keys.groups.len()];
    for (n, question) in keys.keys.iter().enumerate() {
        let source = match question.fact {
            KeyFact::Field(field) => Source::Fact(field),
            KeyFact::Attribute(index) => Source::Attribute(index),
            KeyFact::ItemAttribute(index) => Source::ItemAttribute(index),
        };
        let slots = if question.is_item() { &layout.item } else { &layout.action };
        let Some(slot) = slots.find(source) else { continue };
        let of_question = || {
            keys.groups.iter().enumerate().filter_map(|(group, begins)| match begins {
                Some((question, begins)) if *question == n => Some((group, begins)),
                _ => None,
            })
        };
        let symbols =
            of_question().flat_map(|(_, begins)| &begins.texts).map(|text| layout.symbol(text) + 1).max();
        let symbols = symbols.unwrap_or_default();
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); symbols as usize];
        for (group, begins) in of_question() {
            for text in &begins.texts {
                if let Some(list) = lists.get_mut(layout.symbol(text) as usize)
                    && list.last() != Some(&count(group))
                {
                    list.push(count(group));
                }
            }
            if let Some(looked_up) = looked_up.get_mut(group) {
                *looked_up = true;
            }
        }
        // A list is its length and its groups; address 0 means no list.
        image.align();
        let addresses: Vec<u32> = lists
            .iter()
            .map(|list| {
                if list.is_empty() {
                    return 0;
                }
                let address = image.end();
                image.put(count(list.len()));
                list.iter().for_each(|group| image.put(*group));
                address
            })
            .collect();
        let at_lists = image.end();
        addresses.iter().for_each(|address| image.put(*address));
        let mut sums = |fuel: fn(&FirstTest) -> u32| {
            let address = image.end();
            let mut sum = 0u32;
            image.put(sum);
            for begins in &keys.groups {
                if let Some((question, begins)) = begins
                    && *question == n
                {
                    sum = sum.saturating_add(fuel(begins));
                }
                image.put(sum);
            }
            address
        };
        let (known, unknown) = (sums(|begins| begins.known), sums(|begins| begins.unknown));
        placed.push(PlacedQuestion {
            slot,
            item: question.is_item(),
            otherwise: question.otherwise.as_ref().map(|text| layout.symbol(text)),
            lists: at_lists,
            symbols,
            known,
            unknown,
        });
    }
    let always = image.end();
    let mut others = 0;
    for (group, _) in looked_up.iter().enumerate().filter(|(_, looked_up)| !**looked_up) {
        image.put(count(group));
        others += 1;
    }
    image.align();
    Placed { questions: placed, always: (always, others), groups: count(keys.groups.len()) }
}

impl Gen<'_, '_> {
    /// Tries the groups that may match, in their order.
    pub(super) fn by_index(&mut self, index: &Placed, first: bool, any: u32, chosen: Label) {
        const I32: ValType = ValType::I32;
        let State { record, item, fuel, .. } = self.state;
        // For each key: the next and the last of its candidates, and the table of fuel that applies.
        let mut cursors = Vec::new();
        let mut sums = Vec::new();
        for question in &index.questions {
            let (cursor, end, table, symbol) =
                (self.body.local(I32), self.body.local(I32), self.body.local(I32), self.body.local(I32));
            let base = if question.item { item } else { record };
            self.load(base, question.slot);
            self.body.set(symbol);
            self.address(question.known);
            self.body.set(table);
            self.load_flag(base, question.slot);
            self.body.put().i32_eqz();
            self.body.when();
            self.body.i32(question.otherwise.map_or(-1, |text| i32::from_ne_bytes(text.to_ne_bytes())));
            self.body.set(symbol);
            self.address(question.unknown);
            self.body.set(table);
            self.body.end();
            self.body.i32(0);
            self.body.tee(cursor);
            self.body.set(end);
            self.body.get(symbol);
            self.address(question.symbols);
            self.body.put().i32_lt_u();
            self.body.when();
            self.body.get(symbol);
            self.body.i32(2);
            self.body.put().i32_shl().i32_load(at(question.lists, 2));
            self.body.tee(cursor);
            self.body.when();
            self.body.get(cursor);
            self.body.i32(4);
            self.body.put().i32_add();
            self.body.get(cursor);
            self.body.put().i32_load(at(0, 2));
            self.body.i32(2);
            self.body.put().i32_shl().i32_add();
            self.body.set(end);
            self.body.get(cursor);
            self.body.i32(4);
            self.body.put().i32_add();
            self.body.set(cursor);
            self.body.end();
            self.body.end();
            cursors.push((cursor, end));
            sums.push(table);
        }
        if index.always.1 > 0 {
            let (cursor, end) = (self.body.local(I32), self.body.local(I32));
            self.address(index.always.0);
            self.body.set(cursor);
            self.address(index.always.0 + index.always.1 * 4);
            self.body.set(end);
            cursors.push((cursor, end));
        }
        let (next, group, one) = (self.body.local(I32), self.body.local(I32), self.body.local(I32));
        let all = self.body.block();
        let again = self.body.head();
        // Find the lowest number of all candidates.
        self.body.i32(-1);
        self.body.set(next);
        for (cursor, end) in &cursors {
            self.candidate(*cursor, *end);
            self.body.tee(group);
            self.body.get(next);
            self.body.get(group);
            self.body.get(next);
            self.body.put().i32_lt_u().select();
            self.body.set(next);
            self.body.end();
        }
        self.body.get(next);
        self.body.i32(-1);
        self.body.put().i32_eq();
        self.body.br_if(all);
        for (cursor, end) in &cursors {
            self.candidate(*cursor, *end);
            self.body.get(next);
            self.body.put().i32_eq();
            self.body.i32(2);
            self.body.put().i32_shl();
            self.body.get(*cursor);
            self.body.put().i32_add();
            self.body.set(*cursor);
            self.body.end();
        }
        // The group charges for itself, so its fuel is subtracted from the running sum.
        for table in &sums {
            self.skipped(*table, next, 0);
            self.body.get(fuel);
            self.body.put().i64_add();
            self.skipped(*table, next, 4);
            self.body.put().i64_sub();
            self.body.set(fuel);
        }
        self.state_on_stack();
        self.body.get(next);
        let ty = self.parts.ty(&State::TYPES, &[ValType::I32, ValType::I64, ValType::I32]);
        self.body.put().call_indirect(0, ty);
        self.part_returned(Some(one));
        if first {
            self.body.get(one);
            self.body.when();
            for table in &sums {
                self.body.get(fuel);
                self.skipped(*table, next, 4);
                self.body.put().i64_add();
                self.body.set(fuel);
            }
            self.body.br(chosen);
            self.body.end();
        } else {
            self.body.get(any);
            self.body.get(one);
            self.body.put().i32_or();
            self.body.set(any);
        }
        self.body.br(again);
        self.body.end();
        self.body.end();
        self.address(index.groups);
        self.body.set(next);
        for table in &sums {
            self.body.get(fuel);
            self.skipped(*table, next, 0);
            self.body.put().i64_add();
            self.body.set(fuel);
        }
    }

    /// Opens a block that runs while a key has candidates left, with the next candidate on the stack.
    fn candidate(&mut self, cursor: u32, end: u32) {
        self.body.get(cursor);
        self.body.get(end);
        self.body.put().i32_lt_u();
        self.body.when();
        self.body.get(cursor);
        self.body.put().i32_load(at(0, 2));
    }

    fn address(&mut self, address: u32) {
        self.body.i32(i32::from_ne_bytes(address.to_ne_bytes()));
    }

    /// Puts on the stack the running sum of a table of fuel before the group in a local, or after it (`offset` 4).
    fn skipped(&mut self, table: u32, group: u32, offset: u32) {
        self.body.get(table);
        self.body.get(group);
        self.body.i32(2);
        self.body.put().i32_shl().i32_add().i32_load(at(offset, 2)).i64_extend_i32_u();
    }
}
