//! Builds an action of a region: a value for each fact that the region says something about, and plain values for the others.
//!
//! Facts hang together in ways that a region does not know, so a built action may lie outside of it. The engine decides every action
//! before anything is said of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike as _, Timelike as _};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Map, Value, json};

use super::logic::{Region, Var};
use super::space::{Source, Space, field_named, moment, seconds};
use super::values::{Known, Numbers, Values};
use crate::facts::{Action, Creative, Partner, Reference, read_action};
use crate::lang::catalog::{Builtin, Field};
use crate::lang::{AttributeOf, Base, Record, TotalAt, TotalSum};
use crate::terms::{Anchor, Version};
use crate::time::{DAY_SECONDS, Timestamp};

/// The facts of a witness: an action, what comes before it, and the partner and creative that it names.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Built {
    pub(super) partner: Option<Partner>,
    pub(super) creative: Option<Creative>,
    pub(super) history: Vec<Action>,
    pub(super) action: Action,
}

/// How often an action of one region is tried, each time with other values.
pub(super) const MOST_TRIES: usize = 4;

/// The most actions that come before a witness, to bring a total to a number.
const MOST_HISTORY: i64 = 20;

/// The most hours that are looked through for a moment of a given hour, weekday or month: two years.
const MOST_HOURS: i64 = 2 * 366 * 24;

const HOUR: i64 = 3_600;

/// Builds actions of one version.
struct Builder<'s, 't> {
    space: &'s Space<'t>,
    region: &'s Region,
    reference: &'s Reference,
    /// The number of the try.
    tried: usize,
    numbers: BTreeMap<Var, Decimal>,
    root: Map<String, Value>,
    touch: Map<String, Value>,
    item: Map<String, Value>,
    partner: Map<String, Value>,
    creative: Map<String, Value>,
    has_item: bool,
    has_partner: bool,
    has_creative: bool,
}

/// Returns an action of a region; another for each try. Returns `None` if there is none, as far as can be seen.
pub(super) fn build(
    space: &Space<'_>,
    region: &Region,
    reference: &Reference,
    name: &str,
    tried: usize,
) -> Option<Built> {
    let mut builder = Builder {
        space,
        region,
        reference,
        tried,
        numbers: BTreeMap::new(),
        root: Map::new(),
        touch: Map::new(),
        item: Map::new(),
        partner: Map::new(),
        creative: Map::new(),
        has_item: false,
        has_partner: false,
        has_creative: false,
    };
    builder.build(name)
}

impl Builder<'_, '_> {
    fn build(&mut self, name: &str) -> Option<Built> {
        let version = self.space.version;
        let occurred = self.occurred()?;
        self.root.insert("id".into(), json!(name));
        self.root.insert("event_type".into(), json!(self.event_type()?));
        self.currency();
        self.choose_numbers(occurred)?;
        let partner = self.partner_id(name)?;
        self.touch.insert("partner".into(), json!(partner));
        self.touch.insert("kind".into(), json!(self.touch_kind()));
        self.required(AttributeOf::Action);
        self.write_values()?;
        self.members();
        let amount = self.number_of(Record::Action, "amount");
        if version.payout.per == crate::terms::PayoutPer::Item {
            self.has_item = true;
        }
        if self.has_item {
            let of_item = self.number_of(Record::Item, "amount");
            let whole = amount.or(of_item).unwrap_or(Decimal::ONE_HUNDRED);
            let one = of_item.unwrap_or(whole);
            let computed = self.computed();
            self.root.entry("amount").or_insert(json!(money(computed.unwrap_or(whole))));
            self.item.entry("sku").or_insert(json!("sku-1"));
            self.item.insert("amount".into(), json!(money(one)));
            let mut items = vec![Value::Object(self.item.clone())];
            let rest = whole.checked_sub(one)?;
            if rest > Decimal::ZERO {
                items.push(json!({ "sku": "sku-2", "amount": money(rest) }));
            }
            self.root.insert("items".into(), Value::Array(items));
        } else if self.needs_amount() {
            let whole = amount.or_else(|| self.computed()).unwrap_or(Decimal::ONE_HUNDRED);
            self.root.insert("amount".into(), json!(money(whole)));
        }
        let mut touches = vec![Value::Object(self.touch.clone())];
        if let Some(count) = self.length("touches") {
            while touches.len() < count {
                touches.insert(0, touches.first()?.clone());
            }
        }
        self.root.insert("touches".into(), Value::Array(touches));
        let action = read_action(&Value::Object(self.root.clone()).to_string()).ok()?;
        let history = self.history(&action)?;
        let partner = if self.has_partner { Some(self.partner(&partner)?) } else { None };
        let creative = match self.has_creative {
            true => Some(serde_json::from_str(&Value::Object(self.creative.clone()).to_string()).ok()?),
            false => None,
        };
        Some(Built { partner, creative, history, action })
    }

    fn values(&self, record: Record, name: &str) -> Option<Values> {
        let field = field_named(record, name)?;
        let var = self.space.find(&field.spec().full_name())?;
        Some(self.space.domains.in_region(self.region, var))
    }

    fn number_of(&self, record: Record, name: &str) -> Option<Decimal> {
        let var = self.space.find(&field_named(record, name)?.spec().full_name())?;
        self.numbers.get(&var).copied()
    }

    /// Returns a commissionable amount that the region asks for: the amount is taken to be equal to it.
    fn computed(&self) -> Option<Decimal> {
        self.number_of(Record::Action, "base").or_else(|| self.number_of(Record::Item, "base"))
    }

    fn needs_amount(&self) -> bool {
        let event_type = self.root.get("event_type").and_then(Value::as_str).unwrap_or_default();
        let of = self.space.terms.event_types.get(event_type);
        of.is_some_and(|of| of.amount != crate::terms::AmountKind::None)
    }

    fn event_type(&self) -> Option<String> {
        let var = self.space.find(&Field::ACTION_EVENT_TYPE.spec().full_name());
        let values = var.map(|var| self.space.domains.in_region(self.region, var));
        match values.map(|values| values.known) {
            Some(Known::Texts(texts)) if !texts.all_but => {
                // In the order of the program, so that the first and most usual is taken.
                let all = self.space.terms.event_types.keys();
                all.map(String::as_str).find(|name| texts.contains(name)).map(str::to_owned)
            }
            _ => {
                let own = self.space.version.actions.event_types.first();
                own.or_else(|| self.space.terms.event_types.keys().next()).cloned()
            }
        }
    }

    fn currency(&mut self) {
        let Version { actions, currency, .. } = self.space.version;
        let mut own = actions.currencies.iter();
        let taken = match actions.currencies.contains(currency) {
            _ if actions.currencies.is_empty() && !actions.not_in.contains(currency) => Some(currency),
            true => Some(currency),
            false => own.next(),
        };
        if let Some(taken) = taken.filter(|taken| **taken != self.space.terms.currency) {
            self.root.insert("currency".into(), json!(taken.code()));
        }
    }

    /// Returns the moment of the action, and writes it and the moment of the touch.
    fn occurred(&mut self) -> Option<Timestamp> {
        let version = self.space.version;
        let usual = usual_moment(version);
        let of_action = self.moment_of(Record::Action, "occurred_at", usual);
        let of_touch = self.moment_of(Record::Touch, "at", usual);
        let (occurred, touched) = match version.anchor {
            Anchor::Click => {
                let touched = of_touch.unwrap_or(usual);
                let after = touched.plus(crate::time::Duration { seconds: HOUR })?;
                (of_action.filter(|at| *at >= touched).unwrap_or(after), touched)
            }
            Anchor::Event | Anchor::Submission => {
                let occurred = of_action.unwrap_or(usual);
                let before = moment(seconds(occurred).checked_sub(HOUR.into())?)?;
                let is_free = self.values(Record::Touch, "at").is_none_or(|values| match values.known {
                    Known::Numbers(numbers) => numbers.contains(seconds(before)),
                    _ => true,
                });
                (occurred, if is_free { before } else { of_touch.unwrap_or(before) })
            }
        };
        self.root.insert("occurred_at".into(), json!(occurred.to_string()));
        self.touch.insert("at".into(), json!(touched.to_string()));
        for (record, name, at) in [(Record::Action, "occurred_at", occurred), (Record::Touch, "at", touched)]
        {
            if let Some(var) = field_named(record, name).and_then(|f| self.space.find(&f.spec().full_name()))
            {
                self.numbers.insert(var, seconds(at));
            }
        }
        Some(occurred)
    }

    /// Returns a moment that the region allows for a field, and whose hour, weekday and so on it allows.
    fn moment_of(&self, record: Record, name: &str, usual: Timestamp) -> Option<Timestamp> {
        let var = self.space.find(&field_named(record, name)?.spec().full_name())?;
        self.moment(var, usual)
    }

    fn moment(&self, var: Var, usual: Timestamp) -> Option<Timestamp> {
        let Known::Numbers(numbers) = self.space.domains.in_region(self.region, var).known else {
            return None;
        };
        let parts: Vec<(Builtin, &Numbers)> = self
            .region
            .iter()
            .filter_map(|(part, values)| match (self.space.source(*part), &values.known) {
                (Source::Part(of, builtin), Known::Numbers(numbers)) if *of == var => {
                    Some((*builtin, numbers))
                }
                _ => None,
            })
            .collect();
        let samples = numbers.samples(&[seconds(usual)], Decimal::ONE);
        let from = self.nth(&samples)?;
        if parts.is_empty() {
            return moment(from);
        }
        let zone = self.space.terms.zone;
        let minutes = parts.iter().any(|(part, _)| *part == Builtin::TimeMinute);
        let (step, most) = if minutes { (60, 48 * 60) } else { (HOUR, MOST_HOURS) };
        let fits = |at: Timestamp| {
            let local = zone.local(at);
            parts.iter().all(|(part, numbers)| {
                let value: i64 = match part {
                    Builtin::TimeHour => local.hour().into(),
                    Builtin::TimeMinute => local.minute().into(),
                    Builtin::DateYear => local.year().into(),
                    Builtin::DateMonth => local.month().into(),
                    Builtin::DateDay => local.day().into(),
                    Builtin::DateWeekday => local.weekday().number_from_monday().into(),
                    _ => return false,
                };
                numbers.contains(value.into())
            })
        };
        // Whole hours first, then back to where the search began.
        let hour = Decimal::from(HOUR);
        let start = from.checked_div(hour)?.ceil().checked_mul(hour)?;
        let forward = (0..most).filter_map(|n: i64| start.checked_add(Decimal::from(n.checked_mul(step)?)));
        let backward = (1..most).filter_map(|n: i64| start.checked_sub(Decimal::from(n.checked_mul(step)?)));
        let all = std::iter::once(from).chain(forward).chain(backward);
        all.filter(|at| numbers.contains(*at)).filter_map(moment).find(|at| fits(*at))
    }

    fn nth(&self, samples: &[Decimal]) -> Option<Decimal> {
        samples.get(self.tried.min(samples.len().checked_sub(1)?)).copied()
    }

    /// Chooses a number for every variable of the region that has numbers.
    fn choose_numbers(&mut self, occurred: Timestamp) -> Option<()> {
        let digits = self.space.terms.decimals.unwrap_or(self.space.version.currency.minor_digits());
        let month_before = moment(seconds(occurred).checked_sub((30 * DAY_SECONDS).into())?)?;
        for (var, values) in self.region {
            let Known::Numbers(numbers) = &values.known else { continue };
            if values.known.is_empty() || self.numbers.contains_key(var) {
                continue;
            }
            let (base, is_fact) = match self.space.source(*var) {
                Source::Field(field) => (field.spec().ty.base, true),
                Source::Attribute(index) => {
                    let declared = self.space.terms.attributes.get_index(usize::from(*index));
                    (declared?.1.ty.base, true)
                }
                Source::Total(_, field) => (field.sum.base(), true),
                Source::Length(_) => (Base::Integer, true),
                _ => (Base::Decimal, false),
            };
            if !is_fact {
                continue;
            }
            let chosen = match base {
                Base::Time => self.moment(*var, month_before).map(seconds),
                Base::Money => {
                    let preferred = [Decimal::ONE_HUNDRED, Decimal::TEN, Decimal::ONE_THOUSAND];
                    let samples = numbers.samples(&preferred, Decimal::new(1, digits));
                    let fit: Vec<Decimal> =
                        samples.into_iter().filter(|it| it.normalize().scale() <= digits).collect();
                    self.nth(&fit)
                }
                Base::Integer | Base::Date | Base::Duration => {
                    self.nth(&numbers.samples(&[Decimal::ONE, Decimal::ZERO], Decimal::ONE))
                }
                _ => self.nth(&numbers.samples(&[Decimal::TEN, Decimal::ONE], Decimal::new(1, 2))),
            };
            self.numbers.insert(*var, chosen?);
        }
        self.choose_differences(occurred)
    }

    /// Moves facts so that the differences between them are as the region says.
    fn choose_differences(&mut self, occurred: Timestamp) -> Option<()> {
        for (var, values) in self.region {
            let Source::Difference(first, second) = self.space.source(*var) else { continue };
            let Known::Numbers(numbers) = &values.known else { continue };
            let is_time = self.is_time(*first);
            let preferred: &[Decimal] = if is_time { &[] } else { &[Decimal::ZERO] };
            let step = if is_time { Decimal::ONE } else { Decimal::new(1, 2) };
            let samples = numbers.samples(preferred, step);
            let difference = self.nth(&samples)?;
            let usual = if is_time { seconds(occurred) } else { Decimal::ONE_HUNDRED };
            let allows =
                |var: Var, number: Decimal| match self.space.domains.in_region(self.region, var).known {
                    Known::Numbers(numbers) => numbers.contains(number),
                    _ => true,
                };
            let one = self.numbers.get(first).copied().unwrap_or(usual);
            let other = one.checked_sub(difference)?;
            if allows(*second, other) {
                self.numbers.insert(*first, one);
                self.numbers.insert(*second, other);
            } else {
                let other = self.numbers.get(second).copied().unwrap_or(usual);
                self.numbers.insert(*second, other);
                self.numbers.insert(*first, other.checked_add(difference)?);
            }
        }
        Some(())
    }

    fn is_time(&self, var: Var) -> bool {
        matches!(self.space.source(var), Source::Field(field) if field.spec().ty.base == Base::Time)
    }

    fn partner_id(&mut self, name: &str) -> Option<String> {
        let partners = &self.space.version.partners;
        let var =
            field_named(Record::Partner, "id").and_then(|field| self.space.find(&field.spec().full_name()));
        let values = var.and_then(|var| self.region.get(&var));
        let asked = match values.map(|values| &values.known) {
            Some(Known::Texts(texts)) if !texts.all_but => texts.listed.first().map(|text| text.to_string()),
            _ => None,
        };
        if !partners.groups.is_empty() && partners.ids.is_empty() {
            self.has_partner = true;
            self.partner.insert("groups".into(), json!([partners.groups.first()?]));
        }
        let id = asked.or_else(|| partners.ids.first().cloned());
        let id = id.unwrap_or_else(|| format!("partner-of-{name}"));
        if self.reference.lists_partners() && !self.reference.has_partner(&id) {
            self.has_partner = true;
        }
        Some(id)
    }

    fn touch_kind(&self) -> &'static str {
        let windows = self.space.version.credit.windows;
        match (windows.click, windows.impression, windows.code) {
            (Some(_), ..) => "click",
            (None, Some(_), _) => "impression",
            (None, None, Some(_)) => "code",
            (None, None, None) => "click",
        }
    }

    /// Writes the attributes that every record of a kind must have.
    fn required(&mut self, of: AttributeOf) {
        for (key, declared) in &self.space.terms.attributes {
            if declared.of == of && declared.required {
                let value = match declared.ty.base {
                    Base::Bool => json!(false),
                    Base::Integer => json!(1),
                    Base::Decimal => json!(1),
                    Base::Money => json!("100.00"),
                    Base::Time => json!("2026-01-15T12:00:00Z"),
                    Base::Date => json!("2026-01-15"),
                    _ => json!(declared.values.first().map_or("some", String::as_str)),
                };
                self.write_attribute(of, of.name(key), value);
            }
        }
    }

    fn write_attribute(&mut self, of: AttributeOf, name: &str, value: Value) {
        let record = match of {
            AttributeOf::Action => &mut self.root,
            AttributeOf::Partner => {
                self.has_partner = true;
                &mut self.partner
            }
            AttributeOf::Item => {
                self.has_item = true;
                &mut self.item
            }
        };
        if let Some(Value::Object(attributes)) = record.get_mut("attributes") {
            attributes.insert(name.to_owned(), value);
        } else {
            record.insert("attributes".into(), json!({ name: value }));
        }
    }

    fn write_values(&mut self) -> Option<()> {
        let all: std::collections::BTreeSet<Var> =
            self.region.keys().chain(self.numbers.keys()).copied().collect();
        for var in all {
            let values = self.space.domains.in_region(self.region, var);
            match self.space.source(var).clone() {
                Source::Field(field) => {
                    let value = self.value(var, &values, field.spec().ty.base);
                    self.write_field(field, value)?;
                }
                Source::Attribute(index) => {
                    let (key, declared) = self.space.terms.attributes.get_index(usize::from(index))?;
                    if let Some(value) = self.value(var, &values, declared.ty.base) {
                        self.write_attribute(declared.of, declared.of.name(key), value);
                    }
                }
                _ => {}
            }
        }
        Some(())
    }

    /// Returns a value of a fact; `None` if it is left out.
    fn value(&self, var: Var, values: &Values, base: Base) -> Option<Value> {
        match &values.known {
            Known::Bools { no, yes } => match (no, yes) {
                (_, true) => Some(json!(true)),
                (true, false) => Some(json!(false)),
                (false, false) => None,
            },
            Known::Texts(_) => self.text(var, values).map(|text| json!(text.as_ref())),
            Known::Numbers(_) => {
                let number = *self.numbers.get(&var)?;
                Some(match base {
                    Base::Money => json!(money(number)),
                    Base::Time => json!(moment(number)?.to_string()),
                    Base::Date => json!(crate::time::date_at(number.to_i32()?)?.to_string()),
                    Base::Integer => json!(number.to_i64()?),
                    _ => serde_json::from_str(&number.normalize().to_string()).ok()?,
                })
            }
        }
    }

    fn text(&self, var: Var, values: &Values) -> Option<Arc<str>> {
        let Known::Texts(texts) = &values.known else { return None };
        let patterns = self.space.domains.patterns.get(&var).map(Vec::as_slice).unwrap_or_default();
        let asked = |var: &Var| match self.region.get(var).map(|values| &values.known) {
            Some(Known::Bools { no: false, yes: true }) => Some(true),
            Some(Known::Bools { no: true, yes: false }) => Some(false),
            _ => None,
        };
        let fits = |text: &str| {
            texts.contains(text)
                && patterns
                    .iter()
                    .all(|(pattern, var)| asked(var).is_none_or(|is| pattern.accepts(text) == is))
        };
        if !texts.all_but {
            let all: Vec<&Arc<str>> = texts.listed.iter().filter(|text| fits(text)).collect();
            return all.get(self.tried.min(all.len().checked_sub(1)?)).map(|text| Arc::clone(text));
        }
        let (mut prefix, mut part, mut suffix) = (String::new(), String::new(), String::new());
        for (pattern, var) in patterns {
            if asked(var) == Some(true) {
                use super::logic::Pattern;
                match pattern {
                    Pattern::Prefix(text) if text.len() > prefix.len() => prefix = text.to_string(),
                    Pattern::Suffix(text) if text.len() > suffix.len() => suffix = text.to_string(),
                    Pattern::Part(text) => part.push_str(text),
                    _ => {}
                }
            }
        }
        let joined = format!("{prefix}{part}{suffix}");
        let candidates = ["US", "other", "another", "someone", "else-1"].into_iter();
        let made = candidates.map(|middle| format!("{prefix}{part}{middle}{suffix}"));
        let all = std::iter::once(joined).filter(|text| !text.is_empty()).chain(made);
        all.map(|text| text.trim().to_owned()).find(|text| fits(text)).map(|text| Arc::from(text.as_str()))
    }

    fn write_field(&mut self, field: Field, value: Option<Value>) -> Option<()> {
        let spec = field.spec();
        let Some(value) = value else { return Some(()) };
        let name = spec.name.to_owned();
        match (spec.record, spec.name) {
            (Record::Contract, _) | (Record::Action | Record::Item, "base") => {
                self.has_item |= spec.record == Record::Item;
            }
            (Record::Action, "event_type" | "occurred_at") => {
                if spec.name == "occurred_at" {
                    self.root.insert(name, value);
                }
            }
            (Record::Action, _) => {
                self.root.insert(name, value);
            }
            (Record::Customer, "status") if value == "unknown" => {}
            (Record::Customer | Record::Device | Record::Fraud | Record::Follows, _) => {
                let record = spec.record.name();
                if spec.record == Record::Follows && !self.root.contains_key("follows") {
                    let at = self.root.get("occurred_at").cloned();
                    let event_type = self.root.get("event_type").cloned();
                    self.root.insert(
                        "follows".into(),
                        json!({ "id": "earlier", "event_type": event_type, "occurred_at": at }),
                    );
                }
                let part = self.root.entry(record).or_insert_with(|| json!({}));
                part.as_object_mut()?.insert(name, value);
            }
            (Record::Touch, "partner") => {}
            (Record::Touch, _) => {
                self.touch.insert(name, value);
            }
            (Record::Item, _) => {
                self.has_item = true;
                self.item.insert(name, value);
            }
            (Record::Partner, "id") => {
                self.touch.insert("partner".into(), value);
            }
            (Record::Partner, _) => {
                self.has_partner = true;
                self.partner.insert(name, value);
            }
            (Record::Creative, "status") if value == "none" => {}
            (Record::Creative, "status") if value == "unlisted" => {
                self.touch.entry("creative").or_insert(json!("unlisted-creative"));
            }
            (Record::Creative, "allowed") => {
                if value == json!(false) {
                    self.has_creative = true;
                    self.creative.insert("partners".into(), json!(["somebody-else"]));
                }
            }
            (Record::Creative, _) => {
                self.has_creative = true;
                self.creative.insert(name, value);
            }
        }
        if self.has_creative {
            let id = self.creative.entry("id").or_insert(json!("creative-1")).clone();
            self.touch.insert("creative".into(), id);
        }
        Some(())
    }

    /// Writes the texts that lists must have.
    fn members(&mut self) {
        for (var, values) in self.region {
            let Source::Member(field, text) = self.space.source(*var) else { continue };
            if !matches!(values.known, Known::Bools { no: false, yes: true }) {
                continue;
            }
            let spec = field.spec();
            let record = match spec.record {
                Record::Action => &mut self.root,
                Record::Touch => &mut self.touch,
                Record::Partner => {
                    self.has_partner = true;
                    &mut self.partner
                }
                record => {
                    let part = self.root.entry(record.name()).or_insert_with(|| json!({}));
                    let Some(part) = part.as_object_mut() else { continue };
                    part
                }
            };
            let list = record.entry(spec.name).or_insert_with(|| json!([]));
            if let Some(list) = list.as_array_mut() {
                list.push(json!(text.as_ref()));
            }
        }
    }

    /// Returns the length of a list of the action that the region asks for.
    fn length(&self, name: &str) -> Option<usize> {
        let var = self.space.find(&format!("action.{name}.len()"))?;
        self.numbers.get(&var)?.to_usize().filter(|count| *count <= 50)
    }

    fn partner(&mut self, id: &str) -> Option<Partner> {
        self.required(AttributeOf::Partner);
        self.partner.insert("id".into(), json!(id));
        serde_json::from_str(&Value::Object(self.partner.clone()).to_string()).ok()
    }

    /// Returns the actions before the witness that bring totals to what the region asks for.
    fn history(&self, action: &Action) -> Option<Vec<Action>> {
        let (mut count, mut amount) = (0_i64, None);
        for (var, values) in self.region {
            let Source::Total(_, field) = self.space.source(*var) else { continue };
            let Some(number) = self.numbers.get(var).copied() else { continue };
            let Known::Numbers(numbers) = &values.known else { continue };
            let nothing_before = match field.at {
                TotalAt::WithThis if field.sum.base() == Base::Money => action.amount.unwrap_or_default().0,
                TotalAt::WithThis => Decimal::ONE,
                _ => Decimal::ZERO,
            };
            if numbers.contains(nothing_before) {
                continue;
            }
            let wanted = number.checked_sub(nothing_before)?;
            match (field.sum, field.at) {
                (TotalSum::Actions | TotalSum::Units, TotalAt::Before | TotalAt::WithThis) => {
                    count = count.max(wanted.to_i64()?);
                }
                (TotalSum::Revenue | TotalSum::Measured, TotalAt::Before | TotalAt::WithThis) => {
                    amount = Some(wanted).max(amount);
                }
                _ => return None,
            }
        }
        if amount.is_some() {
            count = count.max(1);
        }
        if count > MOST_HISTORY {
            return None;
        }
        let mut history = Vec::new();
        for n in 0..count {
            let mut earlier = action.clone();
            earlier.id = format!("{}-before-{}", action.id, n.checked_add(1)?);
            let by = count.checked_sub(n)?;
            earlier.occurred_at = moment(seconds(action.occurred_at).checked_sub(by.into())?)?;
            if let (Some(of), 0) = (amount, n) {
                earlier.amount = Some(crate::money::Money(of));
                earlier.items.clear();
            }
            history.push(earlier);
        }
        Some(history)
    }
}

/// Returns a moment at which a version is in force: noon, some weeks after it begins.
fn usual_moment(version: &Version) -> Timestamp {
    let fallback = Timestamp::at(1_772_452_800, 0).unwrap_or(Timestamp::UNIX_EPOCH);
    let Some(from) = version.effective.from else {
        return version
            .effective
            .until
            .and_then(|until| moment(seconds(until).checked_sub(DAY_SECONDS.into())?))
            .unwrap_or(fallback);
    };
    let after = |days: i64| {
        let date = from.utc().date_naive().checked_add_days(chrono::Days::new(days.unsigned_abs()))?;
        Timestamp::new(date.and_hms_opt(12, 0, 0)?.and_utc())
    };
    let inside = |at: &Timestamp| version.effective.contains(*at);
    [45, 7, 1].into_iter().filter_map(after).find(inside).unwrap_or(from)
}

/// Returns an amount as it is written: with two decimals at least.
fn money(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 && amount.scale() > 0 {
        amount.rescale(2);
    }
    amount.to_string()
}
