//! The variables of a contract version: a variable for each fact that its conditions read, with the values that the fact may have for
//! an action that the version decides.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::logic::{Domains, Formula, Var};
use super::values::{Known, Numbers, Texts, Values};
use crate::facts::TouchKind;
use crate::lang::catalog::{Builtin, FIELDS, Field};
use crate::lang::{AttributeOf, Base, Record, TotalField, Type};
use crate::terms::{AmountKind, Anchor, Contract, Terms, Version};
use crate::time::{Interval, Timestamp};

/// What a variable stands for. A witness is built from it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// A field of a record.
    Field(Field),
    /// An attribute, by its index in the program.
    Attribute(u16),
    /// A declared total, by its index in the version.
    Total(u16, TotalField),
    /// Whether a list of facts has this text.
    Member(Field, Arc<str>),
    /// The length of a list of facts.
    Length(Field),
    /// A part of a moment in the program's time zone, such as the hour or the weekday.
    Part(Var, Builtin),
    /// The first variable minus the second: amounts, or moments in seconds.
    Difference(Var, Var),
    /// Something that is not looked into.
    Other,
}

/// The variables of one version.
#[derive(Debug)]
pub(super) struct Space<'t> {
    pub(super) terms: &'t Terms,
    pub(super) contract: &'t Contract,
    pub(super) version: &'t Version,
    pub(super) domains: Domains,
    pub(super) sources: Vec<Source>,
    names: Vec<String>,
    by_key: HashMap<String, Var>,
}

impl<'t> Space<'t> {
    pub(super) fn new(terms: &'t Terms, contract: &'t Contract, version: &'t Version) -> Self {
        let (domains, sources, names) = (Domains::default(), Vec::new(), Vec::new());
        Self { terms, contract, version, domains, sources, names, by_key: HashMap::new() }
    }

    /// Reads conditions of another version from here on, over the same variables.
    pub(super) fn read_as(&mut self, terms: &'t Terms, contract: &'t Contract, version: &'t Version) {
        (self.terms, self.contract, self.version) = (terms, contract, version);
    }

    /// Returns the variable with this key, which is the text of what it stands for.
    pub(super) fn var(&mut self, key: String, source: impl FnOnce() -> Source, values: Values) -> Var {
        if let Some(var) = self.by_key.get(&key) {
            return *var;
        }
        let var = Var(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        self.sources.push(source());
        self.domains.values.push(values);
        self.names.push(key.clone());
        self.by_key.insert(key, var);
        var
    }

    pub(super) fn source(&self, var: Var) -> &Source {
        self.sources.get(var.0 as usize).unwrap_or(&Source::Other)
    }

    /// Returns the text of what a variable stands for.
    pub(super) fn name(&self, var: Var) -> &str {
        self.names.get(var.0 as usize).map(String::as_str).unwrap_or_default()
    }

    /// Returns the variable with this key if a condition reads it.
    pub(super) fn find(&self, key: &str) -> Option<Var> {
        self.by_key.get(key).copied()
    }

    /// Returns a variable that stands for something that is not looked into.
    pub(super) fn other(&mut self, key: String, ty: Type) -> Var {
        let values = any(ty);
        self.var(key, || Source::Other, values)
    }

    /// Returns the condition that a new variable is true.
    pub(super) fn truth(&mut self, key: String, source: Source) -> Formula {
        let var = self.var(key, || source, any(Type::BOOL));
        Formula::Is(var, Values::bool(true))
    }

    /// Returns the variable of a field.
    pub(super) fn field(&mut self, field: Field) -> Var {
        let field = self.stored(field);
        let key = field.spec().full_name();
        if let Some(var) = self.find(&key) {
            return var;
        }
        let values = self.field_values(field);
        self.var(key, || Source::Field(field), values)
    }

    /// Returns the field that a commissionable amount is equal to, if the contract does not compute it.
    fn stored(&self, field: Field) -> Field {
        let amount = &self.version.amount;
        let spec = field.spec();
        let is_plain = match spec.record {
            Record::Action => {
                amount.order.is_none() && self.version.payout.per == crate::terms::PayoutPer::Order
            }
            Record::Item => amount.item.is_none() && amount.spread.is_none(),
            _ => false,
        };
        if spec.name == "base" && is_plain {
            field_named(spec.record, "amount").unwrap_or(field)
        } else {
            field
        }
    }

    fn field_values(&self, field: Field) -> Values {
        let spec = field.spec();
        let mut values = any(spec.ty);
        values.unknown |= matches!(spec.record, Record::Follows | Record::Creative)
            && matches!(spec.ty.base, Base::Text | Base::Time)
            && !spec.own;
        let version = self.version;
        let texts = |texts: &mut dyn Iterator<Item = &str>| Known::Texts(Texts::of(texts.map(Arc::from)));
        match (spec.record, spec.name) {
            (Record::Action, "event_type") => {
                let all = self.terms.event_types.keys().map(String::as_str);
                let own = version.actions.event_types.iter().map(String::as_str);
                values.known = match version.actions.event_types.is_empty() {
                    true => texts(&mut { all }),
                    false => texts(&mut { own }),
                };
            }
            (Record::Action, "occurred_at") if version.anchor == Anchor::Event => {
                values.known = within(version.effective);
            }
            (Record::Action, "submitted_at") if version.anchor == Anchor::Submission => {
                values.known = within(version.effective);
            }
            (Record::Touch, "at") if version.anchor == Anchor::Click => {
                values.known = within(version.effective);
            }
            (Record::Touch, "kind") => {
                let kinds = [TouchKind::Click, TouchKind::Impression, TouchKind::Code];
                values.known = texts(&mut kinds.iter().map(|kind| kind.text()));
            }
            (Record::Partner, "id")
                if !version.partners.ids.is_empty() && version.partners.groups.is_empty() =>
            {
                values.known = texts(&mut version.partners.ids.iter().map(String::as_str));
            }
            (Record::Contract, "name") => {
                values.known = texts(&mut [self.contract.name.as_str()].into_iter())
            }
            (Record::Contract, "version") => {
                values.known = Known::Numbers(Numbers::point(version.number.into(), true));
            }
            (Record::Contract, "started_at") => {
                if let Some(at) = self.contract.started_at() {
                    values.known = Known::Numbers(Numbers::point(seconds(at), false));
                }
            }
            (Record::Action | Record::Item, name)
                if spec.ty.base == Base::Money && name != "base" && !self.is_signed() =>
            {
                values.known = Known::Numbers(from_zero(false));
            }
            _ if spec.ty.base == Base::Integer => values.known = Known::Numbers(from_zero(true)),
            _ => {}
        }
        values
    }

    /// Returns whether an action that the version decides may have amounts below zero.
    pub(super) fn is_signed(&self) -> bool {
        let types = self.terms.event_types.iter();
        let listed = &self.version.actions.event_types;
        let mut types = types.filter(|(name, _)| listed.is_empty() || listed.contains(name));
        types.any(|(_, of)| of.amount == AmountKind::Signed)
    }

    /// Returns whether the commissionable amount that a payout is computed on is never below zero.
    pub(super) fn base_is_not_negative(&self) -> bool {
        let amount = &self.version.amount;
        !self.is_signed() && amount.order.is_none() && amount.item.is_none() && amount.spread.is_none()
    }

    /// Returns the variable of an attribute.
    pub(super) fn attribute(&mut self, index: u16) -> Option<Var> {
        let (key, declared) = self.terms.attributes.get_index(usize::from(index))?;
        let mut values = any(declared.ty);
        // An item without attributes, and a partner whom no fact describes, have none, whatever is required.
        values.unknown |= declared.of != AttributeOf::Action;
        if let Known::Texts(texts) = &mut values.known
            && !declared.values.is_empty()
        {
            *texts = Texts::of(declared.values.iter().map(|value| Arc::from(value.as_str())));
        }
        Some(self.var(declared.of.written(key), || Source::Attribute(index), values))
    }

    /// Returns the variable of a field of a declared total.
    pub(super) fn total(&mut self, index: u16, field: TotalField) -> Option<Var> {
        let total = self.version.totals.get(usize::from(index))?;
        let key = total.written(field, self.terms);
        let values = any(Type::known(field.sum.base()));
        Some(self.var(key, || Source::Total(index, field), values))
    }
}

/// Returns the field with this name.
pub(super) fn field_named(record: Record, name: &str) -> Option<Field> {
    FIELDS.iter().find(|spec| spec.record == record && spec.name == name).map(|spec| spec.field)
}

/// Returns all values of a type.
pub(super) fn any(ty: Type) -> Values {
    let known = match ty.base {
        Base::Bool => Known::Bools { no: true, yes: true },
        Base::Text | Base::Code => Known::Texts(Texts::all()),
        Base::Integer | Base::Date | Base::Duration => Known::Numbers(Numbers::all(true)),
        _ => Known::Numbers(Numbers::all(false)),
    };
    Values { unknown: ty.unknown, known }
}

/// Returns the numbers from zero on.
pub(super) fn from_zero(whole: bool) -> Numbers {
    Numbers::between((Some((Decimal::ZERO, true)), None), whole)
}

/// Returns a moment as seconds.
pub(super) fn seconds(at: Timestamp) -> Decimal {
    let nanoseconds = Decimal::new(i64::from(at.nanoseconds()), 9);
    Decimal::from(at.seconds()).checked_add(nanoseconds).unwrap_or_default()
}

/// Returns the moment of so many seconds.
pub(super) fn moment(seconds: Decimal) -> Option<Timestamp> {
    use rust_decimal::prelude::ToPrimitive as _;
    let whole = seconds.floor();
    let rest = seconds.checked_sub(whole)?.checked_mul(Decimal::from(1_000_000_000))?;
    Timestamp::at(whole.to_i64()?, rest.to_u32()?)?.in_years()
}

fn within(interval: Interval) -> Known {
    let low = interval.from.map(|at| (seconds(at), true));
    let high = interval.until.map(|at| (seconds(at), false));
    Known::Numbers(Numbers::between((low, high), false))
}
