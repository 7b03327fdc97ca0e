//! An action: a conversion as a host reports it. Missing facts stay missing.
//!
//! [`action_records!`] is the one table of its fields.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::attribute::Attribute;
use super::record::{FactRecord as _, records, words};
use super::words::{CUSTOMER_STATUSES, ROLES, own_word, own_word_of, upper};
use crate::money::{Currency, Money, Number};
use crate::time::Timestamp;

/// The fields of an action, declared once: passes the table to the macro with the given name. [`records!`] makes the structs of
/// the table and explains how a field is written; `run` makes the functions by which rules read the fields.
///
/// To add a field, add a line here, and a line in `wit/rules/rules.wit`, where components see it. If rules see the field
/// differently from how it is stored here, add it to `lang/catalog.rs`.
macro_rules! action_records {
    ($macro:ident) => {
        $macro! {
            /// A conversion event, credited or to be credited to a partner.
            ///
            /// One line of an actions file. Every field that is left out is *unknown*, which is a value of its own in rules:
            /// neither zero nor false.
            #[schemars(title = "Action")]
            pub struct Action {
                /// The action's id, unique in the program.
                pub id: String,
                /// Its event type: one of the program's, such as `sale`, `lead`, `install` or `click`.
                pub event_type: String,
                /// When it happened.
                pub occurred_at: Timestamp,
                /// When it was reported; the same as `occurred_at` when left out.
                pub submitted_at: Option<Timestamp>,
                /// The brand's order number.
                pub order_id: Option<String>,
                /// Currency of every amount in the action; the program's when left out.
                pub currency: Option<Currency>,
                /// What the conversion is worth. Required for event types that carry an amount.
                pub amount: Option<Money>,
                /// Sum of the items before discount, tax and shipping.
                pub subtotal: Option<Money>,
                /// Taken off the subtotal.
                pub discount: Option<Money>,
                /// Tax.
                pub tax: Option<Money>,
                /// Shipping.
                pub shipping: Option<Money>,
                /// The lines of the order.
                pub items: Vec<Item>,
                /// Who bought.
                #[serde(default, skip_serializing_if = "is_blank")]
                pub customer: Customer = Customer::default(),
                /// Codes used on the order, compared without regard to case.
                pub promo_codes: Vec<String>,
                /// The path of touches that led here.
                pub touches: Vec<Touch>,
                /// The partners whom the host has credited itself, instead of a path of touches.
                pub credits: Vec<Credit>,
                /// What it happened on.
                #[serde(default, skip_serializing_if = "is_blank")]
                pub device: Device = Device::default(),
                /// What fraud detection says.
                #[serde(default, skip_serializing_if = "is_blank")]
                pub fraud: Fraud = Fraud::default(),
                /// The earlier action that this one follows, as a purchase follows an install.
                pub follows: Option<Follows>,
                /// The brand's own attributes, typed by the program.
                #[serde(deserialize_with = "each_once")]
                pub attributes: BTreeMap<String, Attribute>,
            }

            /// One line of an order.
            pub struct Item {
                /// The product's key.
                pub sku: String,
                /// The product's category.
                pub category: Option<String>,
                /// Units; 1 when left out.
                #[serde(default = "one")]
                pub quantity: u32 = one(),
                /// What the line is worth in all, not per unit.
                pub amount: Money,
                /// What the line costs the brand in all.
                pub cost: Option<Money>,
                /// What was taken off the line in all. `amount` says what the line is worth, with or without it.
                pub discount: Option<Money>,
                /// The tax of the line in all. `amount` says what the line is worth, with or without it.
                pub tax: Option<Money>,
                /// The brand's own attributes of the line, typed by the program.
                #[serde(deserialize_with = "each_once")]
                pub attributes: BTreeMap<String, Attribute>,
            }

            /// Who bought, as the brand says.
            #[derive(Default)]
            pub struct Customer {
                /// The brand's key for the customer.
                pub id: Option<String>,
                /// `new`, `existing` or the brand's own word. Reads as `unknown` in rules when left out.
                pub status: Option<String>,
                /// What the customer spent before this action.
                pub lifetime_value: Option<Money>,
                /// Orders before this one.
                pub order_count: Option<u32>,
                /// When the customer first converted.
                pub since: Option<Timestamp>,
                /// Country, ISO 3166 alpha-2.
                pub country: Option<String>,
                /// State, province or region, as the brand names it.
                pub region: Option<String>,
                /// Audiences the customer belongs to.
                pub audiences: Vec<String>,
            }

            /// One touch of a path.
            pub struct Touch {
                /// The partner who touched.
                pub partner: String,
                /// When.
                pub at: Timestamp,
                /// How: `click`, `impression` or `code`.
                pub kind: TouchKind,
                /// The touch's own key, such as a click id.
                pub id: Option<String>,
                /// The creative that was shown or clicked.
                pub creative: Option<String>,
                /// The partner's property (site, channel, app) it came from.
                pub property: Option<String>,
                /// Where it led to.
                pub landing_page: Option<String>,
                /// When the link was last changed, for rules about stale links.
                pub link_updated_at: Option<Timestamp>,
                /// The partner's own labels.
                pub sub_ids: Vec<String>,
            }

            /// What an action happened on.
            #[derive(Default)]
            pub struct Device {
                /// Such as `phone`, `tablet`, `desktop`.
                pub kind: Option<String>,
                /// Such as `ios`, `android`, `windows`.
                pub os: Option<String>,
            }

            /// What fraud detection says about an action.
            #[derive(Default)]
            pub struct Fraud {
                /// Risk, in the detector's own scale, usually 0 to 100.
                pub risk: Option<Number>,
                /// Why.
                pub reasons: Vec<String>,
            }

            /// The earlier action that an action follows.
            pub struct Follows {
                /// The earlier action's id.
                pub id: String,
                /// Its event type.
                pub event_type: String,
                /// When it happened.
                pub occurred_at: Timestamp,
            }
        }
    };
}
pub(crate) use action_records;

action_records!(records);

// Rules do not see it: the credited partner is a fact by itself.
records! {
    /// A partner whom the host has credited itself.
    pub struct Credit {
        /// The partner.
        pub partner: String,
        /// How much the partner's part weighs against the others'. Either all credits of an action have a weight, or none.
        pub weight: Option<Number>,
        /// The part that the partner had: `introducer`, `influencer` or `closer`. Either all credits of an action have a role, or none.
        pub role: Option<String>,
    }
}

/// How a partner touched the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TouchKind {
    /// A click on a tracking link.
    Click,
    /// An ad was seen.
    Impression,
    /// A partner's promo code was used.
    Code,
}

words! {
    TouchKind { Click = 0 "click", Impression = 1 "impression", Code = 2 "code" }
}

fn one() -> u32 {
    1
}

fn is_blank<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads a map and refuses repeated keys; otherwise the last would silently win.
pub(super) fn each_once<'de, D: serde::Deserializer<'de>>(
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
                    return Err(serde::de::Error::custom(format!("duplicate key `{shown}`")));
                }
                map.insert(name, value);
            }
            Ok(map)
        }
    }
    deserializer.deserialize_map(Once)
}

impl Action {
    /// Takes the blanks off both ends of every text, and writes the engine's own words and countries as rules compare them. A text
    /// that is empty then is left out. Every reader does this; a host that fills the fields itself calls it before
    /// [`Program::decide`](crate::Program::decide), which refuses what it would change.
    ///
    /// ```
    /// use accrue::facts::Action;
    /// use accrue::time::Timestamp;
    /// let at = Timestamp::parse("2026-03-01T10:00:00Z").ok_or("not a moment")?;
    /// let mut action = Action::new(" order-1", "sale", at);
    /// action.customer.status = Some("NEW".to_owned());
    /// action.tidy();
    /// assert_eq!((action.id.as_str(), action.customer.status.as_deref()), ("order-1", Some("new")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tidy(&mut self) {
        super::record::FieldType::tidy(self);
        own_word(&mut self.customer.status, CUSTOMER_STATUSES);
        for credit in &mut self.credits {
            own_word(&mut credit.role, ROLES);
        }
        upper(&mut self.customer.country);
    }

    /// Returns the status of the customer as [`Action::tidy`] writes it.
    pub(crate) fn tidy_status(&self) -> Option<&str> {
        let status = self.customer.status.as_deref()?;
        Some(own_word_of(status, CUSTOMER_STATUSES).unwrap_or(status))
    }

    /// Returns an action with only these facts known. Readers and hosts start from it.
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
        Self { id: id.into(), event_type: event_type.into(), occurred_at, ..Self::blank() }
    }
}

impl Item {
    /// Returns an item of quantity 1 with only these facts known.
    pub fn new(sku: impl Into<String>, amount: Money) -> Self {
        Self { sku: sku.into(), amount, ..Self::blank() }
    }
}

impl Credit {
    /// Returns the credit of this partner.
    pub fn new(partner: impl Into<String>) -> Self {
        Self { partner: partner.into(), ..Self::blank() }
    }
}

impl Touch {
    /// Returns a touch with only these facts known.
    pub fn new(partner: impl Into<String>, at: Timestamp, kind: TouchKind) -> Self {
        Self { partner: partner.into(), at, kind, ..Self::blank() }
    }
}
