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
use crate::lang::{
    ArmValue, Base, BinaryOp, Compared, Comparison, Const, Expr, ExprKind, Record, Rule, Switch,
};
use crate::terms::Version;

/// The fewest groups with the same key for which an index is worth its cost.
const FEW: usize = 8;

/// The most keys that are indexed.
const QUESTIONS: usize = 8;

/// The key a group is indexed by: a text fact, and the default (`??`) used when the fact is unknown.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    source: Source,
    item: bool,
    otherwise: Option<String>,
}

/// The first test of a group's condition.
struct Begins {
    question: Question,
    /// The values of the fact that pass the test.
    answers: Vec<String>,
    /// Fuel of the test if it fails: with a known fact, and with an unknown fact.
    known: u32,
    unknown: u32,
}

/// The groups of a version by their keys.
pub(super) struct Index {
    questions: Vec<Question>,
    /// For each group: the index of its key, and its first test; `None` if the group is always tried.
    groups: Vec<Option<(usize, Begins)>>,
}

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

impl Index {
    /// Returns the index of a version; `None` if too few groups have the same key.
    pub(super) fn new(version: &Version) -> Option<Self> {
        let mut questions: Vec<(Question, usize)> = Vec::new();
        let mut begins: Vec<Option<Begins>> =
            version.payout.groups.iter().map(|group| group.when.as_deref().and_then(begins_with)).collect();
        for begin in begins.iter().flatten() {
            match questions.iter_mut().find(|(question, _)| *question == begin.question) {
                Some((_, groups)) => *groups += 1,
                None => questions.push((begin.question.clone(), 1)),
            }
        }
        // The keys of most groups first; the first of equals.
        questions.sort_by_key(|(_, groups)| std::cmp::Reverse(*groups));
        questions.truncate(QUESTIONS);
        let questions: Vec<Question> = questions
            .into_iter()
            .filter(|(_, groups)| *groups >= FEW)
            .map(|(question, _)| question)
            .collect();
        if questions.is_empty() {
            return None;
        }
        let groups = begins
            .iter_mut()
            .map(|begins| {
                let begins = begins.take()?;
                let question = questions.iter().position(|question| *question == begins.question)?;
                Some((question, begins))
            })
            .collect();
        Some(Self { questions, groups })
    }

    /// Writes the tables of the index to memory.
    pub(super) fn placed(self, layout: &Layout, image: &mut Image) -> Placed {
        let mut placed = Vec::new();
        let mut looked_up = vec![false; self.groups.len()];
        for (n, question) in self.questions.iter().enumerate() {
            let slots = if question.item { &layout.item } else { &layout.action };
            let Some(slot) = slots.find(question.source) else { continue };
            let of_question = || {
                self.groups.iter().enumerate().filter_map(|(group, begins)| match begins {
                    Some((question, begins)) if *question == n => Some((group, begins)),
                    _ => None,
                })
            };
            let symbols = of_question()
                .flat_map(|(_, begins)| &begins.answers)
                .map(|text| layout.symbol(text) + 1)
                .max();
            let symbols = symbols.unwrap_or_default();
            let mut lists: Vec<Vec<u32>> = vec![Vec::new(); symbols as usize];
            for (group, begins) in of_question() {
                for text in &begins.answers {
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
            let mut sums = |fuel: fn(&Begins) -> u32| {
                let address = image.end();
                let mut sum = 0u32;
                image.put(sum);
                for begins in &self.groups {
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
                item: question.item,
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
        Placed { questions: placed, always: (always, others), groups: count(self.groups.len()) }
    }
}

/// Returns the first test of a condition; `None` if it does not compare a text fact with constants.
fn begins_with(rule: &Rule) -> Option<Begins> {
    if !rule.body.stmts.is_empty() {
        return None;
    }
    let charge = rule.body.charge;
    let value = rule.body.value.as_ref()?;
    let (first, rest) = match &value.kind {
        ExprKind::And(first, rest) => (&**first, rest.as_slice()),
        _ => (value, [].as_slice()),
    };
    if let ExprKind::Known(of) = &first.kind
        && let (ExprKind::Fact(field), Some(second)) = (&of.kind, rest.first())
    {
        // `known(x) && x == …`: the second operand is charged only if the fact is known.
        let asked = asks(&second.expr)?;
        let same = asked.question.source == Source::Fact(*field) && asked.question.otherwise.is_none();
        return same.then(|| Begins {
            known: charge.saturating_add(second.charge).saturating_add(asked.known),
            unknown: charge,
            ..asked
        });
    }
    let asked = asks(first)?;
    Some(Begins {
        known: charge.saturating_add(asked.known),
        unknown: charge.saturating_add(asked.unknown),
        ..asked
    })
}

/// Returns the test of a text fact that an expression makes, with the fuel of a failed test beyond that of its segment.
fn asks(expr: &Expr) -> Option<Begins> {
    match &expr.kind {
        ExprKind::Binary(BinaryOp::Compare(Comparison::Equal, Compared::Text), pair) => {
            let (of, answer) = match (&pair.0.kind, &pair.1.kind) {
                (_, ExprKind::Const(Const::Text(answer))) => (&pair.0, answer),
                (ExprKind::Const(Const::Text(answer)), _) => (&pair.1, answer),
                _ => return None,
            };
            let (question, unknown) = question(of)?;
            Some(Begins { question, answers: vec![answer.clone()], known: 0, unknown })
        }
        ExprKind::Switch(switch) => {
            let (question, unknown) = question(&switch.subject)?;
            let (answers, no) = one_of(switch)?;
            Some(Begins { question, answers, known: no, unknown: unknown.saturating_add(no) })
        }
        _ => None,
    }
}

/// Returns the literals of `x in ["a", "b"]`, and the fuel of a failed test.
fn one_of(switch: &Switch) -> Option<(Vec<String>, u32)> {
    let [arm] = switch.arms.as_slice() else { return None };
    let says = |block: &crate::lang::Block, wanted: bool| {
        block.stmts.is_empty()
            && matches!(block.value.as_ref().map(|value| &value.kind),
                Some(ExprKind::Const(Const::Bool(says))) if *says == wanted)
    };
    let default = switch.default.as_ref()?;
    if arm.condition.is_some() || !says(&arm.body, true) || !says(default, false) {
        return None;
    }
    let answers = arm.values.iter().map(|value| match value {
        ArmValue::Const(Const::Text(text)) => Some(text.clone()),
        _ => None,
    });
    Some((answers.collect::<Option<_>>()?, default.charge))
}

/// Returns the key that an expression reads, and the fuel that its default adds if the fact is unknown.
fn question(expr: &Expr) -> Option<(Question, u32)> {
    let of = |expr: &Expr| match &expr.kind {
        ExprKind::Fact(field) => Some((Source::Fact(*field), field.spec().record == Record::Item)),
        ExprKind::Attribute(index) => Some((Source::Attribute(*index), false)),
        ExprKind::ItemAttribute(index, None) => Some((Source::ItemAttribute(*index), true)),
        _ => None,
    };
    if !matches!(expr.ty.base, Base::Text | Base::Code) {
        return None;
    }
    if let ExprKind::Coalesce(first, rest) = &expr.kind {
        let ([operand], (source, item)) = (rest.as_slice(), of(first)?) else { return None };
        let ExprKind::Const(Const::Text(otherwise)) = &operand.expr.kind else { return None };
        return Some((Question { source, item, otherwise: Some(otherwise.clone()) }, operand.charge));
    }
    let (source, item) = of(expr)?;
    Some((Question { source, item, otherwise: None }, 0))
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
