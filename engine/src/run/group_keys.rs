//! The keys by which payout groups can be looked up: groups whose conditions first test the same text fact (the partner, the SKU,
//! the country) are found by its value instead of being tried one by one.
//!
//! A group that is skipped must still be charged for its test, so each test comes with its fuel. The interpreter and compiled
//! rules look groups up by the same keys, and give the same verdicts and the same fuel as trying every group.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::{RuleInput, Seen, shown};
use crate::lang::catalog::Field;
use crate::lang::{
    ArmValue, Base, BinaryOp, Compared, Comparison, Const, Expr, ExprKind, FactRef, Record, Rule, Switch,
    Value,
};
use crate::terms::Version;

/// The fewest groups with the same key for which a lookup is worth its cost.
const FEW: usize = 8;

/// The most keys that are looked up.
const KEYS: usize = 8;

/// Fuel of looking one key up.
const KEY_FUEL: u64 = 8;

/// A text fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum KeyFact {
    /// A field of the facts.
    Field(Field),
    /// One of the brand's attributes of the action or the partner.
    Attribute(u16),
    /// One of the brand's attributes of items.
    ItemAttribute(u16),
}

/// The key a group is looked up by: a text fact, and the default (`??`) used when the fact is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// Returns the fuel of looking up the groups of one line.
    pub(crate) fn fuel(&self) -> u64 {
        KEY_FUEL.saturating_mul(self.keys.len() as u64)
    }

    /// Returns the keys of a version's groups; `None` if too few groups have the same key.
    pub(crate) fn new(version: &Version) -> Option<Self> {
        let mut keys: IndexMap<Key, usize> = IndexMap::new();
        let mut tests: Vec<Option<FirstTest>> =
            version.payout.groups.iter().map(|group| group.when.as_deref().and_then(begins_with)).collect();
        for test in tests.iter().flatten() {
            *keys.entry(test.key.clone()).or_default() += 1;
        }
        let mut keys: Vec<(Key, usize)> = keys.into_iter().filter(|(_, groups)| *groups >= FEW).collect();
        // The keys of most groups first; the first of equals.
        keys.sort_by_key(|(_, groups)| std::cmp::Reverse(*groups));
        keys.truncate(KEYS);
        let keys: Vec<Key> = keys.into_iter().map(|(key, _)| key).collect();
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
    fuel: u64,
    keys: Vec<KeyTable>,
    /// The groups that are always tried.
    always: Vec<usize>,
}

/// The groups with one key, by the value of its fact.
#[derive(Clone, Debug)]
struct KeyTable {
    key: Key,
    groups: HashMap<String, Vec<usize>>,
}

impl GroupTable {
    /// Returns the table of a version; `None` if its groups are tried one by one.
    pub(crate) fn new(version: &Version) -> Option<Self> {
        let found = GroupKeys::new(version)?;
        let table = |(number, key): (usize, &Key)| {
            let mut table = KeyTable { key: key.clone(), groups: HashMap::new() };
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
                }
            }
            table
        };
        let always = found.groups.iter().enumerate().filter(|(_, group)| group.is_none());
        Some(Self {
            fuel: found.fuel(),
            keys: found.keys.iter().enumerate().map(table).collect(),
            always: always.map(|(index, _)| index).collect(),
        })
    }

    /// Returns the fuel of looking up the groups of one line.
    pub(crate) fn fuel(&self) -> u64 {
        self.fuel
    }

    /// Returns the most that the groups which one line may try weigh together.
    pub(crate) fn worst(&self, weight: impl Fn(usize) -> u64) -> u64 {
        let sum =
            |groups: &[usize]| groups.iter().fold(0u64, |sum, group| sum.saturating_add(weight(*group)));
        let keys = self.keys.iter().map(|table| table.groups.values().map(|groups| sum(groups)).max());
        keys.flatten().fold(sum(&self.always), u64::saturating_add)
    }

    /// Returns the facts by which groups are looked up, with their values.
    pub(crate) fn saw(&self, input: &RuleInput<'_>) -> impl Iterator<Item = Seen> {
        let facts = self.keys.iter().map(|table| table.key.fact);
        facts.map(|fact| {
            let name = FactRef::from(fact).name(input.terms, input.version);
            Seen { fact: name, value: shown(fact.value(input)) }
        })
    }

    /// Returns the groups that may match, in their order.
    pub(crate) fn find(&self, input: &RuleInput<'_>) -> Vec<usize> {
        let mut groups = self.always.clone();
        for table in &self.keys {
            let text = match table.key.fact.value(input) {
                Value::Text(text) => Some(text),
                _ => table.key.otherwise.as_deref(),
            };
            groups.extend(text.and_then(|text| table.groups.get(text)).into_iter().flatten());
        }
        groups.sort_unstable();
        groups
    }
}

impl KeyFact {
    /// Returns the value of the fact.
    fn value<'a>(self, input: &RuleInput<'a>) -> Value<'a> {
        match self {
            Self::Field(field) => input.fact(field),
            Self::ItemAttribute(index) => input.item_attribute(index, input.item),
            Self::Attribute(index) => {
                input.attributes.get(usize::from(index)).copied().unwrap_or(Value::Unknown)
            }
        }
    }
}

impl From<KeyFact> for FactRef {
    fn from(fact: KeyFact) -> Self {
        match fact {
            KeyFact::Field(field) => Self::Field(field),
            KeyFact::Attribute(index) => Self::Attribute(index),
            KeyFact::ItemAttribute(index) => Self::ItemAttribute(index),
        }
    }
}

/// Returns the first test of a condition; `None` if it does not compare a text fact with constants.
fn begins_with(rule: &Rule) -> Option<FirstTest> {
    if !rule.body.stmts.is_empty() {
        return None;
    }
    let value = rule.body.value.as_ref()?;
    let (first, rest) = match &value.kind {
        ExprKind::And(first, rest) => (&**first, rest.as_slice()),
        _ => (value, [].as_slice()),
    };
    // `known(x) && x == …`
    if let ExprKind::Known(of) = &first.kind
        && let (Some(fact), Some(second)) = (fact(of), rest.first())
    {
        let asked = asks(&second.expr)?;
        return (asked.key.fact == fact && asked.key.otherwise.is_none()).then_some(asked);
    }
    asks(first)
}

/// Returns the test of a text fact that an expression makes.
fn asks(expr: &Expr) -> Option<FirstTest> {
    match &expr.kind {
        ExprKind::Binary(BinaryOp::Compare(Comparison::Equal, Compared::Text), pair) => {
            let (of, text) = match (&pair.0.kind, &pair.1.kind) {
                (_, ExprKind::Const(Const::Text(text))) => (&pair.0, text),
                (ExprKind::Const(Const::Text(text)), _) => (&pair.1, text),
                _ => return None,
            };
            Some(FirstTest { key: key(of)?, texts: vec![text.clone()] })
        }
        ExprKind::Switch(switch) => Some(FirstTest { key: key(&switch.subject)?, texts: one_of(switch)? }),
        _ => None,
    }
}

/// Returns the literals of `x in ["a", "b"]`.
fn one_of(switch: &Switch) -> Option<Vec<String>> {
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
    texts.collect()
}

/// Returns the key that an expression reads.
fn key(expr: &Expr) -> Option<Key> {
    if !matches!(expr.ty.base, Base::Text | Base::Code) {
        return None;
    }
    if let ExprKind::Coalesce(first, rest) = &expr.kind {
        let ([operand], fact) = (rest.as_slice(), fact(first)?) else { return None };
        let ExprKind::Const(Const::Text(otherwise)) = &operand.expr.kind else { return None };
        return Some(Key { fact, otherwise: Some(otherwise.clone()) });
    }
    Some(Key { fact: fact(expr)?, otherwise: None })
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
