//! An action: a conversion that a host reports, as it came. Pure data; what is missing stays missing.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money, Number, Token, parse_decimal};
use crate::time::Timestamp;

/// A conversion event, credited or to be credited to a partner.
///
/// One line of an actions file. Every field that is left out is *unknown*, which is a value of its own in rules:
/// neither zero nor false.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Action")]
pub struct Action {
    /// Unique in the program.
    pub id: String,
    /// One of the program's event types, such as `sale`, `lead`, `install` or `click`.
    pub event_type: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was reported; the same as `occurred_at` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<Timestamp>,
    /// The brand's order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Currency of every amount in the action; the program's when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// What the conversion is worth. Required for event types that carry an amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Sum of the items before discount, tax and shipping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtotal: Option<Money>,
    /// Taken off the subtotal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Money>,
    /// Tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
    /// Shipping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping: Option<Money>,
    /// The lines of the order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// Who bought.
    #[serde(default, skip_serializing_if = "is_default")]
    pub customer: Customer,
    /// Codes used on the order, compared without regard to case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promo_codes: Vec<String>,
    /// The path of touches that led here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub touches: Vec<Touch>,
    /// What it happened on.
    #[serde(default, skip_serializing_if = "is_default")]
    pub device: Device,
    /// What fraud detection says.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fraud: Fraud,
    /// The earlier action that this one follows, as a purchase follows an install.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Follows>,
    /// The brand's own attributes, typed by the program.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "each_once")]
    pub attributes: BTreeMap<String, Attribute>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A map whose keys may not repeat; the last would otherwise silently win.
fn each_once<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Attribute>, D::Error> {
    struct Once;
    impl<'de> serde::de::Visitor<'de> for Once {
        type Value = BTreeMap<String, Attribute>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((name, value)) = entries.next_entry::<String, Attribute>()? {
                if map.contains_key(&name) {
                    let shown: String = name.chars().take(40).collect();
                    return Err(serde::de::Error::custom(format!("`{shown}` stands there twice")));
                }
                map.insert(name, value);
            }
            Ok(map)
        }
    }
    deserializer.deserialize_map(Once)
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The product's key.
    pub sku: String,
    /// The product's category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Units; 1 when left out.
    #[serde(default = "one")]
    pub quantity: u32,
    /// What the line is worth in all, not per unit.
    pub amount: Money,
}

fn one() -> u32 {
    1
}

/// Who bought, as the brand says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// The brand's key for the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `new`, `existing` or the brand's own word. Reads as `unknown` in rules when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What the customer spent before this action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime_value: Option<Money>,
    /// Orders before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_count: Option<u32>,
    /// When the customer first converted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Country, ISO 3166 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// State, province or region, as the brand names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Audiences the customer belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
}

/// How a partner touched the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TouchKind {
    /// A click on a tracking link.
    Click,
    /// An ad was seen.
    Impression,
    /// A partner's promo code was used.
    Code,
}

impl Action {
    /// An action of which only this is known: what readers and hosts begin with.
    ///
    /// ```
    /// use accrue::facts::{Action, Touch, TouchKind};
    /// use accrue::time::Timestamp;
    ///
    /// let at = Timestamp::parse("2026-03-01T10:00:00Z").ok_or("not a moment")?;
    /// let mut action = Action::new("order-1", "sale", at);
    /// action.amount = Some("117.00".parse()?);
    /// action.touches.push(Touch::new("acme", at, TouchKind::Click));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(id: impl Into<String>, event_type: impl Into<String>, occurred_at: Timestamp) -> Self {
        Self {
            id: id.into(),
            event_type: event_type.into(),
            occurred_at,
            submitted_at: None,
            order_id: None,
            currency: None,
            amount: None,
            subtotal: None,
            discount: None,
            tax: None,
            shipping: None,
            items: Vec::new(),
            customer: Customer::default(),
            promo_codes: Vec::new(),
            touches: Vec::new(),
            device: Device::default(),
            fraud: Fraud::default(),
            follows: None,
            attributes: BTreeMap::new(),
        }
    }
}

impl Item {
    /// One piece of a product.
    pub fn new(sku: impl Into<String>, amount: Money) -> Self {
        Self { sku: sku.into(), category: None, quantity: 1, amount }
    }
}

impl Touch {
    /// A touch of which only this is known.
    pub fn new(partner: impl Into<String>, at: Timestamp, kind: TouchKind) -> Self {
        Self {
            partner: partner.into(),
            at,
            kind,
            id: None,
            creative: None,
            property: None,
            landing_page: None,
            link_updated_at: None,
            sub_ids: Vec::new(),
        }
    }
}

impl TouchKind {
    /// As it is written in files and rules.
    pub fn text(self) -> &'static str {
        match self {
            Self::Click => "click",
            Self::Impression => "impression",
            Self::Code => "code",
        }
    }
}

/// One touch of a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Touch {
    /// The partner who touched.
    pub partner: String,
    /// When.
    pub at: Timestamp,
    /// How.
    pub kind: TouchKind,
    /// The touch's own key, such as a click id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The creative that was shown or clicked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creative: Option<String>,
    /// The partner's property (site, channel, app) it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Where it led to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing_page: Option<String>,
    /// When the link was last changed, for rules about stale links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_updated_at: Option<Timestamp>,
    /// The partner's own labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_ids: Vec<String>,
}

/// What an action happened on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Such as `phone`, `tablet`, `desktop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Such as `ios`, `android`, `windows`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
}

/// What fraud detection says about an action.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fraud {
    /// Risk, in the detector's own scale, usually 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Number>,
    /// Why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// The earlier action that an action follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Follows {
    /// Its id.
    pub id: String,
    /// Its event type.
    pub event_type: String,
    /// When it happened.
    pub occurred_at: Timestamp,
}

/// The value of one of the brand's own attributes.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// `true` or `false`.
    Bool(bool),
    /// A number, kept exact.
    Number(Number),
    /// Text; also money, dates and moments, which the program's declaration turns into their types.
    Text(String),
}

impl Serialize for Attribute {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::Text(value) => serializer.serialize_str(value),
        }
    }
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Token::read(deserializer)? {
            Token::Text(text) => Ok(Self::Text(text.into_owned())),
            Token::Number(digits) => {
                parse_decimal(&digits).map(|number| Self::Number(Number(number))).map_err(D::Error::custom)
            }
            Token::Bool(flag) => Ok(Self::Bool(flag)),
            Token::Other(_) => Err(D::Error::custom(
                "an attribute is text, a number, true or false; leave it out when it is not known",
            )),
        }
    }
}

impl JsonSchema for Attribute {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Attribute".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A value of the type that the program declares for this attribute.",
            "type": ["string", "number", "boolean"]
        })
    }
}
