//! The facts of one action, as `wit/rules/rules.wit` declares them. An unknown fact is `None`: unknown is not zero, false or
//! empty text. Amounts are in the contract's currency.

use rust_decimal::Decimal;

use crate::{Fault, Moment, Money, Named};

/// The facts of one action.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The action.
    pub action: Action,
    /// The item that the rule is evaluated for; `None` if the contract pays for the whole order.
    pub item: Option<Item>,
    /// The customer who bought.
    pub customer: Customer,
    /// The partner who is paid.
    pub partner: Partner,
    /// The credited touch.
    pub touch: Touch,
    /// The creative of the credited touch.
    pub creative: Creative,
    /// The action that this action follows, such as the install before a purchase; `None` if it follows none.
    pub follows: Option<Follows>,
    /// The device on which the action happened.
    pub device: Device,
    /// The signals of fraud detection.
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
    /// The action's id.
    pub id: String,
    /// The action's event type.
    pub event_type: String,
    /// When the action occurred.
    pub occurred_at: Moment,
    /// When the action was reported.
    pub submitted_at: Moment,
    /// The brand's order number.
    pub order_id: Option<String>,
    /// The currency in which the action was reported.
    pub currency: String,
    /// The value of the action.
    pub amount: Money,
    /// The commissionable amount: what rates apply to.
    pub base: Money,
    /// Sum of the items before discount, tax and shipping.
    pub subtotal: Option<Money>,
    /// The discount that was taken off the subtotal.
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
    /// The product's key; empty for the line that stands for a whole order.
    pub sku: String,
    /// The product's category.
    pub category: Option<String>,
    /// The number of units.
    pub quantity: u32,
    /// The amount of the whole line, not per unit.
    pub amount: Money,
    /// The commissionable amount of the line.
    pub base: Money,
    /// What the line costs the brand in all.
    pub cost: Option<Money>,
    /// What was taken off the line in all.
    pub discount: Option<Money>,
    /// The tax of the line in all.
    pub tax: Option<Money>,
    /// The brand's own attributes of the line.
    pub attributes: Named,
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
    /// The first moment at which the code is valid; `None` if it always was.
    pub valid_from: Option<Moment>,
    /// The first moment at which the code is no longer valid; `None` if it never ends.
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
    /// When the partner touched the customer.
    pub at: Moment,
    /// How the partner touched the customer.
    pub kind: TouchKind,
    /// The touch's own key, such as a click id.
    pub id: Option<String>,
    /// The creative's id.
    pub creative: Option<String>,
    /// The partner's property that the touch came from.
    pub property: Option<String>,
    /// The page that the touch led to.
    pub landing_page: Option<String>,
    /// When the link was last changed.
    pub link_updated_at: Option<Moment>,
    /// The partner's own labels.
    pub sub_ids: Vec<String>,
}

/// The customer who bought.
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
    /// When the partner joined the program.
    pub joined_at: Option<Moment>,
    /// The brand's own attributes of the partner.
    pub attributes: Named,
}

/// The creative of the credited touch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Creative {
    /// The creative's id; `None` if the touch names no creative.
    pub id: Option<String>,
    /// `none`, `unlisted`, or the creative's status.
    pub status: String,
    /// The first moment at which the creative may be used.
    pub valid_from: Option<Moment>,
    /// The first moment at which the creative may no longer be used.
    pub valid_until: Option<Moment>,
    /// Whether the partner may use the creative.
    pub allowed: bool,
}

/// An earlier action.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Follows {
    /// The earlier action's id.
    pub id: String,
    /// The earlier action's event type.
    pub event_type: String,
    /// When the earlier action occurred.
    pub occurred_at: Moment,
}

/// The device on which the action happened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Device {
    /// The kind of device, such as `phone`.
    pub kind: Option<String>,
    /// The operating system, such as `ios`.
    pub os: Option<String>,
}

/// The signals of fraud detection about an action.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fraud {
    /// Risk, in the detector's own scale.
    pub risk: Option<Decimal>,
    /// The reasons for the risk.
    pub reasons: Vec<String>,
}

/// The contract in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contract {
    /// The contract's name.
    pub name: String,
    /// The version in force.
    pub version: u32,
    /// When its first version began.
    pub started_at: Moment,
    /// The currency of every amount.
    pub currency: String,
    /// The decimals of the currency's minor unit: 2 for cents.
    pub minor_digits: u8,
}

/// A total that the contract declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Total {
    /// The total's name.
    pub name: String,
    /// Actions before this one.
    pub actions_before: u64,
    /// Actions with this one.
    pub actions_with_this: u64,
    /// Units before this action.
    pub units_before: u64,
    /// Units with this action.
    pub units_with_this: u64,
    /// Commissionable amount before this action; the measure, if the total declares one.
    pub revenue_before: Money,
    /// Commissionable amount or measure with this action.
    pub revenue_with_this: Money,
    /// Payouts before this action.
    pub payouts_before: Money,
    /// Payouts before this action that were payable, and not held, when they were decided.
    pub payable_before: Money,
    /// Different values before this action, if the total counts them; zero otherwise.
    pub distinct_before: u64,
    /// Different values with this action.
    pub distinct_with_this: u64,
    /// The period before that of this action; `None` if the period of the total is not one of the calendar.
    pub previous: Option<TotalSums>,
}

/// The sums of a total over a period that is over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TotalSums {
    /// Actions.
    pub actions: u64,
    /// Units.
    pub units: u64,
    /// Commissionable amount; the measure, if the total declares one.
    pub revenue: Money,
    /// Payouts.
    pub payouts: Money,
    /// Payouts that were payable, and not held, when they were decided.
    pub payable: Money,
    /// Different values, if the total counts them; zero otherwise.
    pub distinct: u64,
}

impl Facts {
    /// Returns a total by its name.
    ///
    /// # Errors
    ///
    /// [`Fault::Missing`] when the contract does not declare the total.
    pub fn total(&self, name: &str) -> Result<&Total, Fault> {
        let missing = || Fault::Missing { kind: "total", name: name.to_owned() };
        self.totals.iter().find(|total| total.name == name).ok_or_else(missing)
    }

    /// Returns the facts of a sale with this amount, brought by a click on an active partner's link, with nothing else known.
    /// Tests start from it.
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
