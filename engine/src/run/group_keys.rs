//! The keys by which payout groups can be looked up: groups whose conditions first test the same text fact (the partner, the SKU,
//! the country) are found by its value instead of being tried one by one.
//!
//! A group that is skipped must still be charged for its test, so each test comes with its fuel. The interpreter and compiled
//! rules look groups up by the same keys, and give the same verdicts and the same fuel as trying every group.

use std::collections::HashMap;

use super::RuleInput;
use crate::lang::catalog::Field;
use crate::lang::{
    ArmValue, Base, BinaryOp, Compared, Comparison, Const, Expr, ExprKind, Record, Rule, Switch, Value,
};
use crate::terms::Version;

/// The fewest groups with the same key for which a lookup is worth its cost.
const FEW: usize = 8;

/// The most keys that are looked up.
const KEYS: usize = 8;

/// A text fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyFact {
    /// A field of the facts.
    Field(Field),
    /// One of the brand's attributes of the action or the partner.
    Attribute(u16),
    /// One of the brand's attributes of items.
    ItemAttribute(u16),
}

/// The key a group is looked up by: a text fact, and the default (`??`) used when the fact is unknown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    pub(crate) fact: KeyFact,
    pub(crate) otherwise: Option<String>,
}

/// The first test of a group's condition.
#[derive(Clone, Debug)]
pub(crate) struct FirstTest {
    key: Key,
    /// The values of the fact that pass the test.
    pub(crate) texts: Vec<String>,
    /// Fuel of the test if it fails: with a known fact, and with an unknown fact.
    pub(crate) known: u32,
    pub(crate) unknown: u32,
}

/// The groups of a version by their keys.
#[derive(Debug)]
pub(crate) struct GroupKeys {
    pub(crate) keys: Vec<Key>,
    /// For each group: the index of its key, and its first test; `None` if the group is always tried.
    pub(crate) groups: Vec<Option<(usize, FirstTest)>>,
}

impl Key {
    /// Returns whether the fact is one of an item.
    pub(crate) fn is_item(&self) -> bool {
        match self.fact {
            KeyFact::Field(field) => field.spec().record == Record::Item,
            KeyFact::Attribute(_) => false,
            KeyFact::ItemAttribute(_) => true,
        }
    }
}

impl GroupKeys {
    /// Returns the keys of a version's groups; `None` if too few groups have the same key.
    pub(crate) fn new(version: &Version) -> Option<Self> {
        let mut keys: Vec<(Key, usize)> = Vec::new();
        let mut tests: Vec<Option<FirstTest>> =
            version.payout.groups.iter().map(|group| group.when.as_deref().and_then(begins_with)).collect();
        for test in tests.iter().flatten() {
            match keys.iter_mut().find(|(key, _)| *key == test.key) {
                Some((_, groups)) => *groups += 1,
                None => keys.push((test.key.clone(), 1)),
            }
        }
        // The keys of most groups first; the first of equals.
        keys.sort_by_key(|(_, groups)| std::cmp::Reverse(*groups));
        keys.truncate(KEYS);
        let keys: Vec<Key> =
            keys.into_iter().filter(|(_, groups)| *groups >= FEW).map(|(key, _)| key).collect();
        if keys.is_empty() {
            return None;
        }
        let groups = tests
            .iter_mut()
            .map(|test| {
                let test = test.take()?;
                let key = keys.iter().position(|key| *key == test.key)?;
                Some((key, test))
            })
            .collect();
        Some(Self { keys, groups })
    }
}

/// The groups of a version, to be looked up while rules run one by one.
#[derive(Clone, Debug)]
pub(crate) struct GroupTable {
    keys: Vec<KeyTable>,
    /// The groups that are always tried.
    always: Vec<usize>,
}

/// The groups with one key.
#[derive(Clone, Debug)]
struct KeyTable {
    key: Key,
    groups: HashMap<String, Vec<usize>>,
    /// The sums of the fuel of failed tests of all groups with this key before each group, for a known and for an unknown fact.
    known: Vec<u64>,
    unknown: Vec<u64>,
}

/// The groups that may match an input.
pub(crate) struct Candidates<'t> {
    /// The groups in their order.
    pub(crate) groups: Vec<usize>,
    sums: Vec<&'t [u64]>,
}

impl GroupTable {
    /// Returns the table of a version; `None` if its groups are tried one by one.
    pub(crate) fn new(version: &Version) -> Option<Self> {
        let found = GroupKeys::new(version)?;
        let table = |(number, key): (usize, &Key)| {
            let mut table =
                KeyTable { key: key.clone(), groups: HashMap::new(), known: vec![0], unknown: vec![0] };
            let (mut known, mut unknown) = (0u64, 0u64);
            for (index, group) in found.groups.iter().enumerate() {
                if let Some((of, test)) = group
                    && *of == number
                {
                    for text in &test.texts {
                        let list = table.groups.entry(text.clone()).or_default();
                        if list.last() != Some(&index) {
                            list.push(index);
                        }
                    }
                    known = known.saturating_add(u64::from(test.known));
                    unknown = unknown.saturating_add(u64::from(test.unknown));
                }
                table.known.push(known);
                table.unknown.push(unknown);
            }
            table
        };
        let always = found.groups.iter().enumerate().filter(|(_, group)| group.is_none());
        Some(Self {
            keys: found.keys.iter().enumerate().map(table).collect(),
            always: always.map(|(index, _)| index).collect(),
        })
    }

    /// Returns the groups that may match.
    pub(crate) fn find(&self, input: &RuleInput<'_>) -> Candidates<'_> {
        let mut groups = self.always.clone();
        let mut sums = Vec::with_capacity(self.keys.len());
        for table in &self.keys {
            let value = match table.key.fact {
                KeyFact::Field(field) => input.fact(field),
                KeyFact::ItemAttribute(index) => input.item_attribute(index, input.item),
                KeyFact::Attribute(index) => {
                    input.attributes.get(usize::from(index)).copied().unwrap_or(Value::Unknown)
                }
            };
            let (text, fuel) = match value {
                Value::Text(text) => (Some(text), &table.known),
                _ => (table.key.otherwise.as_deref(), &table.unknown),
            };
            groups.extend(text.and_then(|text| table.groups.get(text)).into_iter().flatten());
            sums.push(fuel.as_slice());
        }
        groups.sort_unstable();
        Candidates { groups, sums }
    }
}

impl Candidates<'_> {
    /// Returns the fuel of the tests of the groups in this range, none of which is a candidate.
    pub(crate) fn skipped(&self, range: std::ops::Range<usize>) -> u64 {
        let at = |sums: &[u64], index: usize| sums.get(index).copied().unwrap_or_default();
        self.sums.iter().map(|sums| at(sums, range.end).saturating_sub(at(sums, range.start))).sum()
    }
}

/// Returns the first test of a condition; `None` if it does not compare a text fact with constants.
fn begins_with(rule: &Rule) -> Option<FirstTest> {
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
        && let (Some(fact), Some(second)) = (fact(of), rest.first())
    {
        // `known(x) && x == …`: the second operand is charged only if the fact is known.
        let asked = asks(&second.expr)?;
        let same = asked.key.fact == fact && asked.key.otherwise.is_none();
        return same.then(|| FirstTest {
            known: charge.saturating_add(second.charge).saturating_add(asked.known),
            unknown: charge,
            ..asked
        });
    }
    let asked = asks(first)?;
    Some(FirstTest {
        known: charge.saturating_add(asked.known),
        unknown: charge.saturating_add(asked.unknown),
        ..asked
    })
}

/// Returns the test of a text fact that an expression makes, with the fuel of a failed test beyond that of its segment.
fn asks(expr: &Expr) -> Option<FirstTest> {
    match &expr.kind {
        ExprKind::Binary(BinaryOp::Compare(Comparison::Equal, Compared::Text), pair) => {
            let (of, text) = match (&pair.0.kind, &pair.1.kind) {
                (_, ExprKind::Const(Const::Text(text))) => (&pair.0, text),
                (ExprKind::Const(Const::Text(text)), _) => (&pair.1, text),
                _ => return None,
            };
            let (key, unknown) = key(of)?;
            Some(FirstTest { key, texts: vec![text.clone()], known: 0, unknown })
        }
        ExprKind::Switch(switch) => {
            let (key, unknown) = key(&switch.subject)?;
            let (texts, no) = one_of(switch)?;
            Some(FirstTest { key, texts, known: no, unknown: unknown.saturating_add(no) })
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
    let texts = arm.values.iter().map(|value| match value {
        ArmValue::Const(Const::Text(text)) => Some(text.clone()),
        _ => None,
    });
    Some((texts.collect::<Option<_>>()?, default.charge))
}

/// Returns the key that an expression reads, and the fuel that its default adds if the fact is unknown.
fn key(expr: &Expr) -> Option<(Key, u32)> {
    if !matches!(expr.ty.base, Base::Text | Base::Code) {
        return None;
    }
    if let ExprKind::Coalesce(first, rest) = &expr.kind {
        let ([operand], fact) = (rest.as_slice(), fact(first)?) else { return None };
        let ExprKind::Const(Const::Text(otherwise)) = &operand.expr.kind else { return None };
        return Some((Key { fact, otherwise: Some(otherwise.clone()) }, operand.charge));
    }
    Some((Key { fact: fact(expr)?, otherwise: None }, 0))
}

/// Returns the fact that an expression is.
fn fact(expr: &Expr) -> Option<KeyFact> {
    match &expr.kind {
        ExprKind::Fact(field) => Some(KeyFact::Field(*field)),
        ExprKind::Attribute(index) => Some(KeyFact::Attribute(*index)),
        ExprKind::ItemAttribute(index, None) => Some(KeyFact::ItemAttribute(*index)),
        _ => None,
    }
}
