//! The names and words that generated programs, rules and actions share, so that conditions sometimes hold.

use chrono::NaiveDate;

/// A declared name and its type.
pub type Declared = (&'static str, Ty);

/// The types that generated expressions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Ty {
    Bool,
    Integer,
    Decimal,
    Money,
    Text,
    Code,
    Time,
    Date,
    Duration,
}

impl Ty {
    /// Every type that a local can have.
    pub const ALL: [Self; 9] = [
        Self::Bool,
        Self::Integer,
        Self::Decimal,
        Self::Money,
        Self::Text,
        Self::Code,
        Self::Time,
        Self::Date,
        Self::Duration,
    ];
}

/// Event types, and whether each carries an amount.
pub const EVENT_TYPES: [(&str, bool); 3] = [("sale", true), ("install", false), ("subscription", true)];

/// Reason codes.
pub const REASONS: [&str; 4] = ["CODE_NOT_YOURS", "NEEDS_REVIEW", "OUT_OF_REACH", "TIER"];

/// Attributes, all of which may be unknown but the last.
pub const ATTRIBUTES: [Declared; 8] = [
    ("vip", Ty::Bool),
    ("seats", Ty::Integer),
    ("score", Ty::Decimal),
    ("fee", Ty::Money),
    ("channel", Ty::Text),
    ("visited_at", Ty::Time),
    ("birthday", Ty::Date),
    ("plan", Ty::Text),
];

/// Attributes of partners.
pub const PARTNER_ATTRIBUTES: [Declared; 2] = [("level", Ty::Integer), ("topic", Ty::Text)];

/// Attributes of items.
pub const ITEM_ATTRIBUTES: [Declared; 2] = [("grade", Ty::Text), ("fee", Ty::Money)];

/// The attribute that every action has.
pub const REQUIRED_ATTRIBUTE: &str = "plan";

/// Holidays, under the name `closed`: single days, and a week.
pub const HOLIDAYS: [&str; 9] = [
    "2026-02-02",
    "2026-03-02",
    "2026-04-27",
    "2026-04-28",
    "2026-04-29",
    "2026-04-30",
    "2026-05-01",
    "2026-06-19",
    "2026-07-31",
];

/// Named lists and their values.
pub const LISTS: [(&str, &[&str]); 2] = [("sale_skus", &["A-1", "B-2", "C-3"]), ("near", &["DE", "FR"])];

/// Parameters: name, type, and how the contract file states the value.
pub const PARAMS: [(&str, Ty, &str); 10] = [
    ("gold", Ty::Money, r#"{ money = "500.00" }"#),
    ("step", Ty::Money, r#"{ money = "0.05" }"#),
    ("points", Ty::Decimal, r#""1.5%""#),
    ("factor", Ty::Decimal, r#"{ decimal = "1.1" }"#),
    ("grace_days", Ty::Integer, "3"),
    ("strict", Ty::Bool, "true"),
    ("label", Ty::Text, r#""spring""#),
    ("since", Ty::Date, r#"{ date = "2026-01-31" }"#),
    ("opened_at", Ty::Time, r#"{ time = "2026-01-31T12:00:00Z" }"#),
    ("window", Ty::Duration, "{ days = 30 }"),
];

/// Declared totals: name and the rest of the table.
pub const TOTALS: [(&str, &str); 4] = [
    ("partner_month", "per = [\"partner\"]\nperiod = \"month\"\n"),
    ("all_time", "per = [\"program\"]\n"),
    (
        "customers",
        "per = [\"partner\"]\nperiod = \"month\"\ndistinct = \"customer\"\nwhen = 'action.amount > money(\"20\")'\n\
         when_unknown = \"skip\"\n",
    ),
    (
        "grades",
        "per = [\"parent\"]\nfrom = 2026-02-01\nitems = 'item.quantity > 1'\nmeasure = 'action.base'\n\
         when_unknown = \"skip\"\n",
    ),
];

/// The first date of the month that rules name.
pub const NAMED_MONTH: NaiveDate = match NaiveDate::from_ymd_opt(2026, 1, 1) {
    Some(date) => date,
    None => NaiveDate::MIN,
};

/// Texts that facts and literals are drawn from.
pub const TEXTS: [&str; 10] =
    ["new", "existing", "DE", "FR", "US", "A-1", "spring", "", "Grüße ☀", "it's \"quoted\"\\\n\t`${x}`"];

/// Texts of facts: what can be compared.
pub const WORDS: [&str; 9] =
    ["new", "existing", "DE", "FR", "US", "A-1", "spring", "Grüße ☀", "it's \"quoted\"\\`${x}`"];

/// Promo codes.
pub const CODES: [&str; 4] = ["SPRING", "SUMMER26", "ÉTÉ", "NONE"];

/// Partners.
pub const PARTNERS: [&str; 4] = ["acme", "blog", "coupons", "dora"];

/// Creatives; the last one is never listed.
pub const CREATIVES: [&str; 3] = ["banner", "video", "ghost"];

/// Customers.
pub const CUSTOMERS: [&str; 3] = ["c-1", "c-2", "c-3"];

/// Moments, with changes of the clocks in Berlin among them.
pub const MOMENTS: [&str; 8] = [
    "2026-01-31T23:30:00Z",
    "2026-02-28T12:00:00Z",
    "2026-03-29T00:59:59.5Z",
    "2026-03-29T01:00:00Z",
    "2026-03-31T22:00:00Z",
    "2026-06-30T21:59:59.999Z",
    "2026-10-25T00:30:00Z",
    "2026-12-31T23:00:00Z",
];

/// Dates.
pub const DATES: [&str; 4] = ["2026-01-31", "2024-02-29", "2026-12-31", "1999-12-31"];

/// A fact as a rule writes it, its type, and whether it may be unknown.
pub type Fact = (&'static str, Ty, bool);

/// Kinds of touch.
pub const TOUCH_KINDS: [&str; 3] = ["click", "impression", "code"];

/// Facts of every phase. Event types and kinds of touch are compared only with the words there are.
pub const FACTS: [Fact; 51] = [
    ("action.amount", Ty::Money, false),
    ("action.subtotal", Ty::Money, true),
    ("action.discount", Ty::Money, true),
    ("action.tax", Ty::Money, true),
    ("action.shipping", Ty::Money, true),
    ("action.id", Ty::Text, false),
    ("action.currency", Ty::Text, false),
    ("action.order_id", Ty::Text, true),
    ("action.occurred_at", Ty::Time, false),
    ("action.submitted_at", Ty::Time, false),
    ("customer.id", Ty::Text, true),
    ("customer.status", Ty::Text, false),
    ("customer.lifetime_value", Ty::Money, true),
    ("customer.order_count", Ty::Integer, true),
    ("customer.since", Ty::Time, true),
    ("customer.country", Ty::Text, true),
    ("customer.region", Ty::Text, true),
    ("partner.id", Ty::Text, false),
    ("partner.kind", Ty::Text, true),
    ("partner.status", Ty::Text, false),
    ("partner.country", Ty::Text, true),
    ("partner.parent", Ty::Text, true),
    ("partner.joined_at", Ty::Time, true),
    ("partner.attributes.level", Ty::Integer, true),
    ("partner.attributes.topic", Ty::Text, true),
    ("touch.partner", Ty::Text, false),
    ("touch.at", Ty::Time, false),
    ("touch.id", Ty::Text, true),
    ("touch.creative", Ty::Text, true),
    ("touch.property", Ty::Text, true),
    ("touch.landing_page", Ty::Text, true),
    ("touch.link_updated_at", Ty::Time, true),
    ("creative.id", Ty::Text, true),
    ("creative.status", Ty::Text, false),
    ("creative.valid_from", Ty::Time, true),
    ("creative.valid_until", Ty::Time, true),
    ("creative.allowed", Ty::Bool, false),
    ("device.kind", Ty::Text, true),
    ("device.os", Ty::Text, true),
    ("fraud.risk", Ty::Decimal, true),
    ("contract.name", Ty::Text, false),
    ("contract.version", Ty::Integer, false),
    ("contract.started_at", Ty::Time, false),
    ("attributes.vip", Ty::Bool, true),
    ("attributes.seats", Ty::Integer, true),
    ("attributes.score", Ty::Decimal, true),
    ("attributes.fee", Ty::Money, true),
    ("attributes.channel", Ty::Text, true),
    ("attributes.visited_at", Ty::Time, true),
    ("attributes.birthday", Ty::Date, true),
    ("attributes.plan", Ty::Text, false),
];

/// Facts of the phases that come after the commissionable amount is known.
pub const LATER_FACTS: [Fact; 13] = [
    ("action.base", Ty::Money, false),
    ("totals.partner_month.actions.before", Ty::Integer, false),
    ("totals.partner_month.actions.with_this", Ty::Integer, false),
    ("totals.partner_month.revenue.before", Ty::Money, false),
    ("totals.all_time.revenue.with_this", Ty::Money, false),
    ("totals.all_time.payouts.before", Ty::Money, false),
    ("totals.all_time.payable.before", Ty::Money, false),
    ("totals.partner_month.units.with_this", Ty::Integer, false),
    ("totals.partner_month.previous.revenue", Ty::Money, false),
    ("totals.partner_month.at(\"2026-01\").actions", Ty::Integer, false),
    ("totals.customers.distinct.before", Ty::Integer, false),
    ("totals.customers.distinct.with_this", Ty::Integer, false),
    ("totals.grades.measured.with_this", Ty::Money, false),
];

/// Fields of an item, after the name of the fact or the local that holds it.
pub const ITEM_FIELDS: [Fact; 9] = [
    ("sku", Ty::Text, false),
    ("category", Ty::Text, true),
    ("quantity", Ty::Integer, false),
    ("amount", Ty::Money, false),
    ("cost", Ty::Money, true),
    ("discount", Ty::Money, true),
    ("tax", Ty::Money, true),
    ("attributes.grade", Ty::Text, true),
    ("attributes.fee", Ty::Money, true),
];

/// Fields of a touch.
pub const TOUCH_FIELDS: [Fact; 5] = [
    ("partner", Ty::Text, false),
    ("at", Ty::Time, false),
    ("creative", Ty::Text, true),
    ("landing_page", Ty::Text, true),
    ("link_updated_at", Ty::Time, true),
];

/// Fields of the action that this one follows.
pub const FOLLOWS_FIELDS: [Fact; 3] =
    [("id", Ty::Text, false), ("event_type", Ty::Text, false), ("occurred_at", Ty::Time, false)];

/// Lists of text.
pub const TEXT_LISTS: [&str; 6] = [
    "customer.audiences",
    "partner.groups",
    "partner.properties",
    "touch.sub_ids",
    "fraud.reasons",
    "lists.near",
];
