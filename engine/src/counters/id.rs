//! The identity of a counter, and the keys under which it counts.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::money::Currency;
use crate::period::Period;
use crate::terms::{Counter, CountingRule, Past, Scope, Terms};

/// The identity of a counter: what it counts. Cheap to clone.
///
/// Two counters are the same when they count the same things: in the same program, for the same contract (or all contracts), by
/// the same scopes, in the same kind of period, for the same event types and payout group, under the same conditions, from the same
/// date on, in the same currency. The position of a limit in a contract does not matter, so a changed program finds what was
/// counted before.
///
/// As text, and in every format: `shop contract=standard per=partner,customer period=month events=sale group=vip currency=EUR`.
/// `contract`, `events` and `group` are left out when the counter counts all of them. A counter that does not go down if an action is
/// taken back ends in `reversals=kept`. Characters other than letters, digits, `_`,
/// `-` and `.` are written as `%` and two hexadecimal digits for each byte.
///
/// The counter of a total may have more parts, before the currency: `when=…`, `items=…` and `measure=…` with 32
/// digits of a digest over the expression, `distinct=customer`, `from=2026-01-01`, `past=actions-exceeds-10-new` for the actions past a
/// tier, and `held=left-out`. The counter of what a bonus has paid has `bonus=NAME`.
#[derive(Clone)]
pub struct CounterId(Arc<Content>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Content {
    /// The whole identity as one unambiguous text.
    text: String,
    hash: u64,
    program: String,
    period: Period,
    distinct: Option<Scope>,
    goes_down: bool,
}

/// The parts of an identity.
#[derive(Debug, Default)]
struct Parts {
    program: String,
    contract: Option<String>,
    per: Vec<Scope>,
    period: Option<Period>,
    event_types: Vec<String>,
    group: Option<String>,
    when: Option<String>,
    items: Option<String>,
    measure: Option<String>,
    distinct: Option<Scope>,
    from: Option<NaiveDate>,
    past: Option<String>,
    only_approved: bool,
    bonus: Option<String>,
    currency: Option<Currency>,
    /// Whether reversals leave it as it is.
    is_kept: bool,
}

impl CounterId {
    /// Returns the identity of a counter that a program declares.
    pub(crate) fn new(terms: &Terms, counter: &Counter) -> Self {
        let Counter {
            contract,
            per,
            period,
            event_types,
            group,
            when,
            items,
            measure,
            distinct,
            from,
            past,
            only_approved,
            bonus,
            currency,
            goes_down,
        } = counter;
        let contract = contract.and_then(|index| terms.contracts.get(index)).map(|of| of.name.clone());
        let digest = |of: &Option<CountingRule>| of.as_ref().map(|rule| rule.digest.clone());
        let parts = Parts {
            program: terms.id.clone(),
            contract,
            per: per.clone(),
            period: Some(*period),
            event_types: event_types.clone(),
            group: group.clone(),
            when: digest(when),
            items: digest(items),
            measure: digest(measure),
            distinct: *distinct,
            from: *from,
            past: past.as_ref().map(Past::slug),
            only_approved: *only_approved,
            bonus: bonus.clone(),
            currency: Some(*currency),
            is_kept: !goes_down,
        };
        Self::of(&parts, *period)
    }

    fn of(parts: &Parts, period: Period) -> Self {
        let mut text = String::new();
        escape(&parts.program, &mut text);
        let mut part = |name: &str, values: &mut dyn Iterator<Item = &str>| {
            for (n, value) in values.enumerate() {
                text.push_str(if n == 0 { " " } else { "," });
                if n == 0 {
                    text.push_str(name);
                    text.push('=');
                }
                escape(value, &mut text);
            }
        };
        part("contract", &mut parts.contract.as_deref().into_iter());
        part("per", &mut parts.per.iter().map(|scope| scope.text()));
        part("period", &mut std::iter::once(period.slug().as_str()));
        part("events", &mut parts.event_types.iter().map(String::as_str));
        part("group", &mut parts.group.as_deref().into_iter());
        part("when", &mut parts.when.as_deref().into_iter());
        part("items", &mut parts.items.as_deref().into_iter());
        part("measure", &mut parts.measure.as_deref().into_iter());
        part("distinct", &mut parts.distinct.iter().map(|scope| scope.text()));
        part("from", &mut parts.from.map(|from| from.to_string()).as_deref().into_iter());
        part("past", &mut parts.past.as_deref().into_iter());
        part("held", &mut parts.only_approved.then_some("left-out").into_iter());
        part("bonus", &mut parts.bonus.as_deref().into_iter());
        part("currency", &mut parts.currency.map(Currency::code).into_iter());
        part("reversals", &mut parts.is_kept.then_some("kept").into_iter());
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let (hash, program, distinct) = (hasher.finish(), parts.program.clone(), parts.distinct);
        Self(Arc::new(Content { text, hash, program, period, distinct, goes_down: !parts.is_kept }))
    }

    /// Reads an identity as [`fmt::Display`] writes it. Returns `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mut parts = Parts { program: unescape(words.next()?)?, ..Parts::default() };
        for word in words {
            let (name, value) = word.split_once('=')?;
            match name {
                "contract" => parts.contract = Some(unescape(value)?),
                "per" => parts.per = value.split(',').map(Scope::parse).collect::<Option<_>>()?,
                "period" => parts.period = Some(Period::from_slug(value)?),
                "events" => parts.event_types = value.split(',').map(unescape).collect::<Option<_>>()?,
                "group" => parts.group = Some(unescape(value)?),
                "when" => parts.when = Some(unescape(value)?),
                "items" => parts.items = Some(unescape(value)?),
                "measure" => parts.measure = Some(unescape(value)?),
                "distinct" => parts.distinct = Some(Scope::parse(value)?),
                "from" => parts.from = Some(value.parse().ok()?),
                "past" => parts.past = Some(Past::from_slug(value)?.slug()),
                "held" if value == "left-out" => parts.only_approved = true,
                "bonus" => parts.bonus = Some(unescape(value)?),
                "currency" => parts.currency = Some(Currency::from_code(value)?),
                "reversals" if value == "kept" => parts.is_kept = true,
                _ => return None,
            }
        }
        parts.currency?;
        let id = Self::of(&parts, parts.period?);
        // Each identity has exactly one text.
        (id.text() == text).then_some(id)
    }

    /// Returns the identity as text, in the format described above.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Returns the id of the program that declares the counter.
    pub(crate) fn program(&self) -> &str {
        &self.0.program
    }

    /// Returns the period in which the counter counts.
    pub(crate) fn period(&self) -> Period {
        self.0.period
    }

    /// Returns whether reversals take off what the counter has counted.
    pub(crate) fn goes_down(&self) -> bool {
        self.0.goes_down
    }

    /// Returns what the counter tells apart; `None` if it counts no distinct values.
    pub(crate) fn distinct(&self) -> Option<Scope> {
        self.0.distinct
    }
}

/// Writes a name without blanks and separators: characters other than letters, digits, `_`, `-` and `.` as `%` and two hexadecimal
/// digits for each byte.
pub(crate) fn escape(name: &str, into: &mut String) {
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') {
            into.push(char::from(byte));
        } else {
            let digits = b"0123456789ABCDEF";
            into.push('%');
            for nibble in [byte >> 4, byte & 15] {
                into.push(digits.get(usize::from(nibble)).copied().map_or('0', char::from));
            }
        }
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

impl PartialEq for CounterId {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.0.hash == other.0.hash && self.0.text == other.0.text)
    }
}

impl Eq for CounterId {}

impl Hash for CounterId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl PartialOrd for CounterId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for CounterId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.text.cmp(&other.0.text)
    }
}

impl fmt::Display for CounterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for CounterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CounterId({})", self.0.text)
    }
}

impl Serialize for CounterId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.text)
    }
}

impl<'de> Deserialize<'de> for CounterId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let expected = "the identity of a counter, such as `shop per=partner period=month currency=EUR`";
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is not {expected}")))
    }
}

impl JsonSchema for CounterId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CounterId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "What a counter counts, such as `shop contract=standard per=partner period=month currency=EUR`.",
        })
    }
}

/// Separates the parts of a key.
const BETWEEN: char = '\u{1f}';
/// Escapes a [`BETWEEN`] or [`ESCAPE`] inside a part, so that different lists of parts never give the same key.
const ESCAPE: char = '\u{1e}';

/// The key under which a counter counts: a partner, a customer, an order, or a combination.
///
/// Its parts are in the order of the counter's scopes. As JSON, a key is the list of its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CounterKey(String);

impl CounterKey {
    /// Returns the key with these parts, in the order of the counter's scopes.
    pub fn new<'p>(parts: impl IntoIterator<Item = &'p str>) -> Self {
        let mut key = Self::default();
        for (n, part) in parts.into_iter().enumerate() {
            key.push(n == 0, part);
        }
        key
    }

    /// Empties the key and keeps its memory for the next key.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds a part. `first` says whether it is the first part.
    pub(crate) fn push(&mut self, first: bool, part: &str) {
        if !first {
            self.0.push(BETWEEN);
        }
        if part.contains([BETWEEN, ESCAPE]) {
            for c in part.chars() {
                if c == BETWEEN || c == ESCAPE {
                    self.0.push(ESCAPE);
                }
                self.0.push(c);
            }
        } else {
            self.0.push_str(part);
        }
    }

    /// Returns the parts, in the order of the counter's scopes.
    pub fn parts(&self) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut chars = self.0.chars();
        while let Some(c) = chars.next() {
            match c {
                BETWEEN => parts.push(String::new()),
                ESCAPE => parts.last_mut().into_iter().for_each(|part| part.extend(chars.next())),
                c => parts.last_mut().into_iter().for_each(|part| part.push(c)),
            }
        }
        parts
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn from_stored(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Serialize for CounterKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.parts().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CounterKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = Vec::<String>::deserialize(deserializer)?;
        Ok(Self::new(parts.iter().map(String::as_str)))
    }
}

impl JsonSchema for CounterKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CounterKey".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<String>::json_schema(generator)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_read_as_it_is_written() {
        let text = "shop%201 contract=a%3Db%2C%20c per=customer,partner period=30-days events=sale,l%C3%A9ad group=50%25 \
                    currency=EUR";
        let id = CounterId::parse(text).unwrap();
        assert_eq!((id.text(), id.program(), id.period()), (text, "shop 1", Period::RollingDays(30)));
        let text = "shop per=partner period=month past=revenue-reaches-200.5-old held=left-out currency=EUR";
        assert_eq!(CounterId::parse(text).unwrap().text(), text);
        let text = "shop per=partner period=month bonus=tiers%20a currency=EUR";
        assert_eq!(CounterId::parse(text).unwrap().text(), text);
        let text = "shop per=parent period=two-weeks-from-2026-01-05 when=0a items=0b measure=0c distinct=customer \
                    from=2026-01-01 currency=EUR";
        let id = CounterId::parse(text).unwrap();
        assert_eq!((id.text(), id.distinct()), (text, Some(Scope::Customer)));
        for wrong in [
            "",
            "shop",
            "shop period=month",
            "shop period=month currency=EUR x=1",
            "shop currency=EUR period=month",
            "shop period=month from=2026-1-1 currency=EUR",
            "shop period=month items=0b when=0a currency=EUR",
            "shop period=month past=actions-reaches-10.0-new currency=EUR",
            "shop period=month past=payouts-reaches-10-new currency=EUR",
        ] {
            assert_eq!(CounterId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn parts_of_a_key_never_run_together() {
        for (a, b) in [(["a\u{1f}b", "c"], ["a", "b\u{1f}c"]), (["a\u{1e}", "c"], ["a", "\u{1e}c"])] {
            assert_ne!(CounterKey::new(a), CounterKey::new(b));
            assert_eq!(CounterKey::new(a).parts(), a);
            assert_eq!(CounterKey::new(b).parts(), b);
        }
    }
}
