//! The facts of one action, as `wit/rules/rules.wit` has them. What is not known is `None`: unknown is not zero, not false and
//! not empty text. Amounts are in the contract's currency.

use rust_decimal::Decimal;

use crate::{Fault, Moment, Money, Named};

/// The facts of one action.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The action.
    pub action: Action,
    /// The line that the rule is asked about, where the contract pays for each item.
    pub item: Option<Item>,
    /// Who bought.
    pub customer: Customer,
    /// Who is paid.
    pub partner: Partner,
    /// The credited touch.
    pub touch: Touch,
    /// Its creative.
    pub creative: Creative,
    /// The action that this one follows, such as the install before a purchase.
    pub follows: Option<Follows>,
    /// What the action happened on.
    pub device: Device,
    /// What fraud detection says.
    pub fraud: Fraud,
    /// The contract in force.
    pub contract: Contract,
    /// The contract's parameters.
    pub params: Named,
    /// The brand's own attributes.
    pub attributes: Named,
    /// The contract's totals.
    pub totals: Vec<Total>,
}

/// The action that is decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Action {
    /// Its id.
    pub id: String,
    /// Its event type.
    pub event_type: String,
    /// When it happened.
    pub occurred_at: Moment,
    /// When it was reported.
    pub submitted_at: Moment,
    /// The brand's order number.
    pub order_id: Option<String>,
    /// The currency it came in.
    pub currency: String,
    /// What it is worth.
    pub amount: Money,
    /// The commissionable amount: what rates apply to.
    pub base: Money,
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
    /// Codes used on the order.
    pub promo_codes: Vec<PromoCode>,
    /// The path of touches.
    pub touches: Vec<Touch>,
}

/// A line of the order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// The product's key; empty where the whole order stands for a line.
    pub sku: String,
    /// The product's category.
    pub category: Option<String>,
    /// Units.
    pub quantity: u32,
    /// What the line is worth in all.
    pub amount: Money,
    /// The commissionable amount of the line.
    pub base: Money,
}

/// A promo code of the order, with what the host knows of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PromoCode {
    /// The code in upper case.
    pub code: String,
    /// Whether the host lists it.
    pub listed: bool,
    /// The partner it belongs to.
    pub owner: Option<String>,
    /// The first moment at which it is valid; always, when `None`.
    pub valid_from: Option<Moment>,
    /// The first moment at which it no longer is; never, when `None`.
    pub valid_until: Option<Moment>,
}

/// How a partner touched a customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TouchKind {
    /// A click.
    #[default]
    Click,
    /// An impression.
    Impression,
    /// The use of a promo code.
    Code,
}

/// A touch of the path.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Touch {
    /// The partner who touched.
    pub partner: String,
    /// When.
    pub at: Moment,
    /// How.
    pub kind: TouchKind,
    /// Its own key, such as a click id.
    pub id: Option<String>,
    /// The creative's id.
    pub creative: Option<String>,
    /// The partner's property it came from.
    pub property: Option<String>,
    /// Where it led to.
    pub landing_page: Option<String>,
    /// When the link was last changed.
    pub link_updated_at: Option<Moment>,
    /// The partner's own labels.
    pub sub_ids: Vec<String>,
}

/// Who bought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Customer {
    /// The brand's key for the customer.
    pub id: Option<String>,
    /// `new`, `existing`, the brand's own word, or `unknown`.
    pub status: String,
    /// What the customer spent before this action.
    pub lifetime_value: Option<Money>,
    /// Orders before this one.
    pub order_count: Option<u32>,
    /// When the customer first converted.
    pub since: Option<Moment>,
    /// Country.
    pub country: Option<String>,
    /// State, province or region.
    pub region: Option<String>,
    /// Audiences the customer belongs to.
    pub audiences: Vec<String>,
}

/// The partner who is paid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Partner {
    /// The partner's id.
    pub id: String,
    /// The brand's kind of partner.
    pub kind: Option<String>,
    /// The groups the partner belongs to.
    pub groups: Vec<String>,
    /// The partner's status.
    pub status: String,
    /// Approved sites, channels and apps.
    pub properties: Vec<String>,
    /// Country.
    pub country: Option<String>,
    /// The partner above this one.
    pub parent: Option<String>,
}

/// The creative of the credited touch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Creative {
    /// Its id; `None` when the touch names none.
    pub id: Option<String>,
    /// `none`, `unlisted`, or its status.
    pub status: String,
    /// The first moment at which it may be used.
    pub valid_from: Option<Moment>,
    /// The first moment at which it may no longer be used.
    pub valid_until: Option<Moment>,
    /// Whether this partner may use it.
    pub allowed: bool,
}

/// An earlier action.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Follows {
    /// Its id.
    pub id: String,
    /// Its event type.
    pub event_type: String,
    /// When it happened.
    pub occurred_at: Moment,
}

/// What the action happened on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Device {
    /// Such as `phone`.
    pub kind: Option<String>,
    /// Such as `ios`.
    pub os: Option<String>,
}

/// What fraud detection says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fraud {
    /// Risk, in the detector's own scale.
    pub risk: Option<Decimal>,
    /// Why.
    pub reasons: Vec<String>,
}

/// The contract in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contract {
    /// Its name.
    pub name: String,
    /// The version in force.
    pub version: u32,
    /// When its first version began.
    pub started_at: Moment,
    /// The currency of every amount.
    pub currency: String,
    /// Decimals of its minor unit: 2 for cents.
    pub minor_digits: u8,
}

/// A total that the contract declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Total {
    /// Its name.
    pub name: String,
    /// Actions before this one.
    pub actions_before: u64,
    /// Actions with this one.
    pub actions_with_this: u64,
    /// Commissionable amount before this action.
    pub revenue_before: Money,
    /// Commissionable amount with this action.
    pub revenue_with_this: Money,
    /// Payouts before this action.
    pub payouts_before: Money,
}

impl Facts {
    /// A total by its name.
    ///
    /// # Errors
    ///
    /// When the contract does not declare it.
    pub fn total(&self, name: &str) -> Result<&Total, Fault> {
        let missing = || Fault::Missing { kind: "total", name: name.to_owned() };
        self.totals.iter().find(|total| total.name == name).ok_or_else(missing)
    }

    /// A sale of this amount that an active partner brought by a click, and nothing else known: what a test begins
    /// with.
    pub fn of_sale(amount: Money) -> Self {
        let text = |text: &str| text.to_owned();
        let (partner, currency) = (text("partner"), text("USD"));
        Self {
            action: Action {
                id: text("action"),
                event_type: text("sale"),
                currency: currency.clone(),
                amount,
                base: amount,
                touches: vec![Touch { partner: partner.clone(), ..Touch::default() }],
                ..Action::default()
            },
            item: None,
            customer: Customer { status: text("unknown"), ..Customer::default() },
            partner: Partner { id: partner.clone(), status: text("active"), ..Partner::default() },
            touch: Touch { partner, ..Touch::default() },
            creative: Creative { status: text("none"), allowed: true, ..Creative::default() },
            follows: None,
            device: Device::default(),
            fraud: Fraud::default(),
            contract: Contract {
                name: text("standard"),
                version: 1,
                currency,
                minor_digits: 2,
                ..Contract::default()
            },
            params: Named::new("parameter"),
            attributes: Named::new("attribute"),
            totals: Vec::new(),
        }
    }
}
