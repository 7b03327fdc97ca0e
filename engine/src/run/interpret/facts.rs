//! Reads the facts of a rule's input: fields, totals and lists. A trace records what was seen.

use super::{Ran, Run, Seen, exactly, unchecked};
use crate::diagnostic::Span;
use crate::lang::catalog::Field;
use crate::lang::{Expr, TotalField};
use crate::lang::{List, Record, Value};
use crate::run::RuleInput;

/// The most characters of a value's text that a trace keeps: enough to recognise a landing page.
const SEEN_CHARS: usize = 200;

impl<'a, const TRACE: bool> Run<'_, 'a, TRACE> {
    #[inline]
    pub(super) fn fact(&mut self, field: Field) -> Value<'a> {
        let value = self.case.fact(field);
        if TRACE {
            self.seen().fact(field, value);
        }
        value
    }

    pub(super) fn field_of(&mut self, field: Field, of: &'a Expr) -> Ran<Value<'a>> {
        let value = match self.eval(of)? {
            Value::Item(index) | Value::Touch(index) => self.case.fact_at(field, index),
            // A local that holds the item that the rule is evaluated for, or the credited touch.
            Value::Record(Record::Item | Record::Touch) => self.case.fact(field),
            _ => return unchecked(of),
        };
        if TRACE {
            self.seen().fact(field, value);
        }
        Ok(value)
    }

    pub(super) fn attribute(&mut self, index: u16) -> Value<'a> {
        let value = self.case.attributes.get(usize::from(index)).copied().unwrap_or(Value::Unknown);
        if TRACE {
            let case = self.case;
            self.seen().attribute(case, index);
        }
        value
    }

    pub(super) fn item_attribute(&mut self, index: u16, of: Option<&'a Expr>) -> Ran<Value<'a>> {
        let item = match of.map(|of| self.eval(of)).transpose()? {
            Some(Value::Item(item)) => Some(item),
            // A local that holds the item that the rule is evaluated for.
            None | Some(Value::Record(Record::Item)) => self.case.item,
            Some(_) => return of.map_or(Ok(Value::Unknown), unchecked),
        };
        let value = self.case.item_attribute(index, item);
        if TRACE {
            let case = self.case;
            self.seen().attribute_of(case, index, value);
        }
        Ok(value)
    }

    pub(super) fn total(&mut self, index: u16, field: TotalField, span: Span) -> Ran<Value<'a>> {
        let value = exactly(self.case.total(index, field), span)?;
        if TRACE {
            let case = self.case;
            self.seen().total(case, index, field, value);
        }
        Ok(value)
    }

    pub(super) fn named_list(&self, index: u16) -> Value<'a> {
        self.case
            .terms
            .lists
            .get_index(usize::from(index))
            .map_or(Value::Unknown, |(_, list)| Value::List(List::Named(list)))
    }

    #[cold]
    pub(super) fn see(&mut self, fact: &str, value: Value<'a>) {
        self.seen().see(fact, value);
    }

    fn seen(&mut self) -> SeenFacts<'_> {
        SeenFacts { seen: self.saw, most: self.trace_values, looks: &mut self.looks }
    }
}

/// How often a rule may read facts for each value that its trace keeps. A rule that reads the same facts in a loop would otherwise
/// spend most of its time on its trace.
const LOOKS: usize = 10;

/// Collects the values that a rule saw: each once, up to a limit.
pub(crate) struct SeenFacts<'s> {
    pub(crate) seen: &'s mut Vec<Seen>,
    pub(crate) most: usize,
    /// How often the rule has read a fact so far.
    pub(crate) looks: &'s mut usize,
}

impl SeenFacts<'_> {
    /// Returns whether nothing more is kept of this rule.
    pub(crate) fn is_full(&self) -> bool {
        self.seen.len() >= self.most || *self.looks >= self.most.saturating_mul(LOOKS)
    }

    pub(crate) fn see(&mut self, fact: &str, value: Value<'_>) {
        if self.is_full() {
            return;
        }
        *self.looks += 1;
        let value = shown(value);
        if !self.seen.iter().any(|seen| seen.fact == fact && seen.value == value) {
            self.seen.push(Seen { fact: fact.to_owned(), value });
        }
    }

    pub(crate) fn fact(&mut self, field: Field, value: Value<'_>) {
        if !self.is_full() {
            self.see(&field.spec().full_name(), value);
        }
    }

    pub(crate) fn attribute(&mut self, case: &RuleInput<'_>, index: u16) {
        let value = case.attributes.get(usize::from(index)).copied().unwrap_or(Value::Unknown);
        self.attribute_of(case, index, value);
    }

    pub(crate) fn attribute_of(&mut self, case: &RuleInput<'_>, index: u16, value: Value<'_>) {
        if let Some((key, declared)) = case.terms.attributes.get_index(usize::from(index)) {
            self.see(&declared.of.written(key), value);
        }
    }

    pub(crate) fn total(&mut self, case: &RuleInput<'_>, index: u16, field: TotalField, value: Value<'_>) {
        if let Some(total) = case.version.totals.get(usize::from(index)) {
            self.see(&total.written(field, case.terms), value);
        }
    }
}

/// Returns a value as a trace shows it.
pub fn shown(value: Value<'_>) -> String {
    let clip = |text: &str| match text.char_indices().nth(SEEN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    };
    let joined = |texts: &[String]| {
        let mut all = String::new();
        for text in texts {
            if all.len() > SEEN_CHARS * 4 {
                break;
            }
            if !all.is_empty() {
                all.push_str(", ");
            }
            all.push_str(text);
        }
        clip(&all)
    };
    match value {
        Value::Unit => String::new(),
        Value::Unknown => "unknown".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Decimal(value) => value.normalize().to_string(),
        Value::Money(value) => value.to_string(),
        Value::Text(value) => clip(value),
        Value::Time(value) => value.to_string(),
        Value::Date(value) => value.to_string(),
        Value::Duration(value) => value.to_string(),
        Value::Record(record) => record.name().to_owned(),
        Value::Item(index) => format!("item {}", u64::from(index) + 1),
        Value::Touch(index) => format!("touch {}", u64::from(index) + 1),
        Value::List(List::Text(texts)) => joined(texts),
        Value::List(List::Named(list)) => joined(list.values()),
        Value::List(List::Items(count)) => format!("{count} items"),
        Value::List(List::Touches(count)) => format!("{count} touches"),
    }
}
