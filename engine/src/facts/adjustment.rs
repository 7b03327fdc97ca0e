//! An adjustment: what happened to an action after it was decided. It refers to the action by its id.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::action::{Action, Customer, Fraud, Item, each_once};
use super::attribute::Attribute;
use super::error::FactError;
use super::json::read_json;
use super::record::{FactRecord as _, records, words};
use super::words::{CUSTOMER_STATUSES, own_word, upper};
use crate::money::Money;
use crate::time::Timestamp;

records! {
    /// A change of an action that was decided before: a modification, a reversal, late facts, or a person's decision.
    ///
    /// Which fields an adjustment may have follows from its kind. A field that is left out is not changed.
    #[schemars(title = "Adjustment")]
    pub struct Adjustment {
        /// The adjustment's own id, unique in the program.
        pub id: String,
        /// The id of the action that it changes.
        pub adjusts: String,
        /// What it is: `modification`, `reversal`, `enrichment`, `approval`, `rejection` or `release`.
        pub kind: AdjustmentKind,
        /// When it happened.
        pub occurred_at: Timestamp,
        /// Why, in the brand's own words or codes.
        pub reason: Option<String>,
        /// The partner whose award a person decides; all awards when left out. For approvals and rejections.
        pub partner: Option<String>,
        /// A modification: what the action is worth now; zero reverses it. A reversal: what is taken back of that.
        pub amount: Option<Money>,
        /// A modification: the sum of the items now.
        pub subtotal: Option<Money>,
        /// A modification: what is taken off the subtotal now.
        pub discount: Option<Money>,
        /// A modification: tax now.
        pub tax: Option<Money>,
        /// A modification: shipping now.
        pub shipping: Option<Money>,
        /// A modification: all lines of the order as they are now.
        pub items: Vec<Item>,
        /// A reversal: the lines that are taken back.
        pub returned: Vec<ReturnedItem>,
        /// An enrichment: what is known about the customer now.
        #[serde(default, skip_serializing_if = "is_blank")]
        pub customer: Customer = Customer::default(),
        /// An enrichment: what fraud detection says now.
        #[serde(default, skip_serializing_if = "is_blank")]
        pub fraud: Fraud = Fraud::default(),
        /// A modification or an enrichment: attributes of the brand's own.
        #[serde(deserialize_with = "each_once")]
        pub attributes: BTreeMap<String, Attribute>,
    }

    /// A line of an order that is taken back.
    pub struct ReturnedItem {
        /// The product's key.
        pub sku: String,
        /// The units that are taken back; all of them when left out.
        pub quantity: Option<u32>,
        /// The amount that is taken back, instead of a number of units.
        pub amount: Option<Money>,
    }
}

/// What an adjustment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AdjustmentKind {
    /// Amounts, items or attributes change.
    Modification,
    /// The action is taken back: whole, by item, or by amount.
    Reversal,
    /// Facts become known later: lifetime value, customer status, a fraud verdict.
    Enrichment,
    /// A person approves a held action.
    Approval,
    /// A person rejects an action.
    Rejection,
    /// A hold that ends by itself has ended.
    Release,
}

words! {
    AdjustmentKind {
        Modification = 0 "modification",
        Reversal = 1 "reversal",
        Enrichment = 2 "enrichment",
        Approval = 3 "approval",
        Rejection = 4 "rejection",
        Release = 5 "release"
    }
}

fn is_blank<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads one adjustment from JSON.
///
/// # Errors
///
/// [`FactError`] with the field at fault and what was expected.
///
/// ```
/// use accrue::facts::{AdjustmentKind, read_adjustment};
/// let line = r#"{"id": "r1", "adjusts": "a1", "kind": "reversal", "occurred_at": "2026-03-09T10:00:00Z", "amount": "20.00"}"#;
/// let adjustment = read_adjustment(line)?;
/// assert_eq!((adjustment.adjusts.as_str(), adjustment.kind), ("a1", AdjustmentKind::Reversal));
/// # Ok::<(), accrue::facts::FactError>(())
/// ```
pub fn read_adjustment(line: &str) -> Result<Adjustment, FactError> {
    let mut adjustment: Adjustment = read_json(line, "an adjustment")?;
    adjustment.tidy();
    Ok(adjustment)
}

impl Adjustment {
    /// Returns an adjustment without any facts. Readers and hosts start from it.
    pub fn new(
        id: impl Into<String>,
        adjusts: impl Into<String>,
        kind: AdjustmentKind,
        occurred_at: Timestamp,
    ) -> Self {
        Self { id: id.into(), adjusts: adjusts.into(), kind, occurred_at, ..Self::blank() }
    }

    /// Takes the blanks off both ends of every text, and writes the engine's own words and countries as rules compare them.
    pub fn tidy(&mut self) {
        super::record::FieldType::tidy(self);
        own_word(&mut self.customer.status, CUSTOMER_STATUSES);
        upper(&mut self.customer.country);
    }

    /// Returns the name of the first field that an adjustment of this kind may not have.
    pub(crate) fn surplus(&self) -> Option<&'static str> {
        use AdjustmentKind::{Approval, Enrichment, Modification, Rejection, Reversal};
        let has = [
            ("partner", self.partner.is_some(), &[Approval, Rejection][..]),
            ("amount", self.amount.is_some(), &[Modification, Reversal]),
            ("subtotal", self.subtotal.is_some(), &[Modification]),
            ("discount", self.discount.is_some(), &[Modification]),
            ("tax", self.tax.is_some(), &[Modification]),
            ("shipping", self.shipping.is_some(), &[Modification]),
            ("items", !self.items.is_empty(), &[Modification]),
            ("returned", !self.returned.is_empty(), &[Reversal]),
            ("customer", !is_blank(&self.customer), &[Enrichment]),
            ("fraud", !is_blank(&self.fraud), &[Enrichment]),
            ("attributes", !self.attributes.is_empty(), &[Modification, Enrichment]),
        ];
        has.into_iter().find(|(_, has, kinds)| *has && !kinds.contains(&self.kind)).map(|(name, ..)| name)
    }

    /// Returns the action with the facts of this modification or enrichment. A fact that is left out stays.
    pub(crate) fn applied(&self, action: &Action) -> Action {
        let mut changed = action.clone();
        let amounts = [
            (&self.amount, &mut changed.amount),
            (&self.subtotal, &mut changed.subtotal),
            (&self.discount, &mut changed.discount),
            (&self.tax, &mut changed.tax),
            (&self.shipping, &mut changed.shipping),
        ];
        for (new, old) in amounts {
            *old = new.or(*old);
        }
        if !self.items.is_empty() {
            changed.items.clone_from(&self.items);
        }
        let (new, old) = (&self.customer, &mut changed.customer);
        set(&mut old.id, &new.id);
        set(&mut old.status, &new.status);
        set(&mut old.lifetime_value, &new.lifetime_value);
        set(&mut old.order_count, &new.order_count);
        set(&mut old.since, &new.since);
        set(&mut old.country, &new.country);
        set(&mut old.region, &new.region);
        if !new.audiences.is_empty() {
            old.audiences.clone_from(&new.audiences);
        }
        set(&mut changed.fraud.risk, &self.fraud.risk);
        if !self.fraud.reasons.is_empty() {
            changed.fraud.reasons.clone_from(&self.fraud.reasons);
        }
        let attributes = self.attributes.iter().map(|(name, value)| (name.clone(), value.clone()));
        changed.attributes.extend(attributes);
        changed
    }
}

/// Writes a fact that is known.
fn set<T: Clone>(old: &mut Option<T>, new: &Option<T>) {
    if new.is_some() {
        old.clone_from(new);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const HEAD: &str = r#""id": "r1", "adjusts": "a1", "occurred_at": "2026-03-09T10:00:00Z""#;

    fn read(rest: &str) -> Adjustment {
        read_adjustment(&format!("{{{HEAD}, {rest}}}")).unwrap()
    }

    #[test]
    fn each_kind_has_fields_of_its_own() {
        for (text, surplus) in [
            (r#""kind": "reversal", "amount": "1""#, None),
            (r#""kind": "Reversal", "returned": [{"sku": "A"}]"#, None),
            (r#""kind": "reversal", "items": [{"sku": "A", "amount": "1"}]"#, Some("items")),
            (r#""kind": "approval", "amount": "1""#, Some("amount")),
            (r#""kind": "approval", "partner": "p""#, None),
            (r#""kind": "enrichment", "customer": {"status": "new"}, "attributes": {"x": 1}"#, None),
            (r#""kind": "enrichment", "tax": "1""#, Some("tax")),
            (r#""kind": "modification", "fraud": {"risk": "1"}"#, Some("fraud")),
        ] {
            assert_eq!(read(text).surplus(), surplus, "{text}");
        }
    }

    #[test]
    fn what_is_left_out_stays() {
        let mut action = Action::new("a1", "sale", Timestamp::UNIX_EPOCH);
        action.amount = Some("10".parse().unwrap());
        action.customer.country = Some("DE".to_owned());
        let changed = read(r#""kind": "enrichment", "customer": {"status": "NEW"}"#).applied(&action);
        assert_eq!(changed.customer.status.as_deref(), Some("new"));
        assert_eq!((changed.amount, &changed.customer.country), (action.amount, &action.customer.country));
    }
}
