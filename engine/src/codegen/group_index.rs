//! Finds payout groups by the first test of their conditions: groups that first test the same text fact (the partner, the SKU,
//! the country) are looked up by its value instead of being tried one by one.

use wasm_encoder::ValType;

use super::code::{Gen, State};
use super::function::{Label, at, count};
use super::image::Image;
use super::layout::{Layout, Slot};
use crate::diagnostic::Span;
use crate::run::GroupKeys;

/// The addresses of an index in a module's memory.
pub(super) struct Placed {
    questions: Vec<PlacedQuestion>,
    /// Groups that are always tried: the address of their numbers, and how many there are.
    always: (u32, u32),
    /// Fuel of looking up the groups of one line.
    fuel: u64,
}

struct PlacedQuestion {
    slot: Slot,
    item: bool,
    otherwise: Option<u32>,
    /// Addresses of the lists of groups by symbol, and the number of symbols that have a list.
    lists: u32,
    symbols: u32,
}

/// Writes the tables of an index to memory.
pub(super) fn placed(keys: &GroupKeys, layout: &Layout, image: &mut Image) -> Placed {
    let mut placed = Vec::new();
    let mut looked_up = vec![false; keys.groups.len()];
    for (n, question) in keys.keys.iter().enumerate() {
        let slots = if question.is_item() { &layout.item } else { &layout.action };
        let Some(slot) = slots.find(question.fact.into()) else { continue };
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
        placed.push(PlacedQuestion {
            slot,
            item: question.is_item(),
            otherwise: question.otherwise.as_ref().map(|text| layout.symbol(text)),
            lists: at_lists,
            symbols,
        });
    }
    let always = image.end();
    let mut others = 0;
    for (group, _) in looked_up.iter().enumerate().filter(|(_, looked_up)| !**looked_up) {
        image.put(count(group));
        others += 1;
    }
    image.align();
    Placed { questions: placed, always: (always, others), fuel: keys.fuel() }
}

impl Gen<'_, '_> {
    /// Tries the groups that may match, in their order.
    pub(super) fn by_index(&mut self, index: &Placed, first: bool, any: u32, chosen: Label) {
        const I32: ValType = ValType::I32;
        let State { record, item, .. } = self.state;
        self.charge(u32::try_from(index.fuel).unwrap_or(u32::MAX), Span::default());
        // For each key: the next and the last of its candidates.
        let mut cursors = Vec::new();
        for question in &index.questions {
            let [cursor, end, symbol] = [(); 3].map(|()| self.body.local(I32));
            let base = if question.item { item } else { record };
            self.load(base, question.slot);
            self.body.set(symbol);
            self.load_flag(base, question.slot);
            self.body.put().i32_eqz();
            self.body.when();
            self.body.i32(question.otherwise.map_or(-1, |text| i32::from_ne_bytes(text.to_ne_bytes())));
            self.body.set(symbol);
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
        self.state_on_stack();
        self.body.get(next);
        let ty = self.parts.ty(&State::TYPES, &[ValType::I32, ValType::I64, ValType::I32]);
        self.body.put().call_indirect(0, ty);
        self.part_returned(Some(one));
        if first {
            self.body.get(one);
            self.body.br_if(chosen);
        } else {
            self.body.get(any);
            self.body.get(one);
            self.body.put().i32_or();
            self.body.set(any);
        }
        self.body.br(again);
        self.body.end();
        self.body.end();
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
}
