//! Every name a rule can use: fields of facts, built-in functions and methods, verbs. One table each, from
//! which the checker resolves, the interpreter reads, editors complete and the reference is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ir::Phase;
use super::types::{Base, Element, Record, Type};

/// Declares the fields once: the enum and the table.
macro_rules! fields {
    ($($record:ident { $($(#[doc = $doc:literal])+ $variant:ident $name:literal: $base:expr $(, $unknown:ident)?;)+ })+) => {
        /// A field of a record of facts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field {
            $($($(#[doc = $doc])+ $variant,)+)+
        }

        /// Every field, in the order of the reference.
        pub const FIELDS: &[FieldSpec] = &[
            $($(FieldSpec {
                field: Field::$variant,
                record: Record::$record,
                name: $name,
                path: concat!(stringify!($record), ".", $name),
                ty: fields!(@type $base $(, $unknown)?),
                doc: concat!($($doc),+).trim_ascii(),
            },)+)+
        ];
    };
    (@type $base:expr) => { Type::known($base) };
    (@type $base:expr, maybe) => { Type::maybe($base) };
}

/// A row of the table of fields.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// The field.
    pub field: Field,
    /// The record it belongs to.
    pub record: Record,
    /// Its name after the point.
    pub name: &'static str,
    /// `Record.name`, for debugging; [`FieldSpec::full_name`] is what rules write.
    pub path: &'static str,
    /// What it gives.
    pub ty: Type,
    /// What it is, for the reference and for hover.
    pub doc: &'static str,
}

impl FieldSpec {
    /// As rules write it, such as `customer.status`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.record.name(), self.name)
    }
}

fields! {
    Action {
        /// The action's id.
        ActionId "id": Base::Text;
        /// Its event type.
        ActionEventType "event_type": Base::Text;
        /// When it happened.
        ActionOccurredAt "occurred_at": Base::Time;
        /// When it was reported.
        ActionSubmittedAt "submitted_at": Base::Time;
        /// The brand's order number.
        ActionOrderId "order_id": Base::Text, maybe;
        /// The currency the action came in; amounts are already in the contract's.
        ActionCurrency "currency": Base::Text;
        /// What it is worth, in the contract's currency; zero for event types without an amount.
        ActionAmount "amount": Base::Money;
        /// The commissionable amount, as `[amount]` computes it; not there while that is computed.
        ActionBase "base": Base::Money;
        /// Sum of the items before discount, tax and shipping.
        ActionSubtotal "subtotal": Base::Money, maybe;
        /// Taken off the subtotal.
        ActionDiscount "discount": Base::Money, maybe;
        /// Tax.
        ActionTax "tax": Base::Money, maybe;
        /// Shipping.
        ActionShipping "shipping": Base::Money, maybe;
        /// The lines of the order.
        ActionItems "items": Base::List(Element::Item);
        /// Codes used on the order, in upper case.
        ActionPromoCodes "promo_codes": Base::List(Element::Code);
        /// The path of touches.
        ActionTouches "touches": Base::List(Element::Touch);
    }
    Item {
        /// The product's key.
        ItemSku "sku": Base::Text;
        /// The product's category.
        ItemCategory "category": Base::Text, maybe;
        /// Units.
        ItemQuantity "quantity": Base::Integer;
        /// What the line is worth in all.
        ItemAmount "amount": Base::Money;
        /// The commissionable amount of the line; not there while that is computed.
        ItemBase "base": Base::Money;
    }
    Customer {
        /// The brand's key for the customer.
        CustomerId "id": Base::Text, maybe;
        /// `new`, `existing`, the brand's own word, or `unknown`.
        CustomerStatus "status": Base::Text;
        /// What the customer spent before this action.
        CustomerLifetimeValue "lifetime_value": Base::Money, maybe;
        /// Orders before this one.
        CustomerOrderCount "order_count": Base::Integer, maybe;
        /// When the customer first converted.
        CustomerSince "since": Base::Time, maybe;
        /// Country.
        CustomerCountry "country": Base::Text, maybe;
        /// State, province or region.
        CustomerRegion "region": Base::Text, maybe;
        /// Audiences the customer belongs to.
        CustomerAudiences "audiences": Base::List(Element::Text);
    }
    Partner {
        /// The partner's id.
        PartnerId "id": Base::Text;
        /// The brand's kind of partner.
        PartnerKind "kind": Base::Text, maybe;
        /// The groups the partner belongs to.
        PartnerGroups "groups": Base::List(Element::Text);
        /// The partner's status; `active` unless the facts say otherwise.
        PartnerStatus "status": Base::Text;
        /// Approved sites, channels and apps.
        PartnerProperties "properties": Base::List(Element::Text);
        /// Country.
        PartnerCountry "country": Base::Text, maybe;
        /// The partner above this one.
        PartnerParent "parent": Base::Text, maybe;
    }
    Touch {
        /// The partner who touched.
        TouchPartner "partner": Base::Text;
        /// When.
        TouchAt "at": Base::Time;
        /// `click`, `impression` or `code`.
        TouchKind "kind": Base::Text;
        /// The touch's own key, such as a click id.
        TouchId "id": Base::Text, maybe;
        /// The creative's id.
        TouchCreative "creative": Base::Text, maybe;
        /// The partner's property it came from.
        TouchProperty "property": Base::Text, maybe;
        /// Where it led to.
        TouchLandingPage "landing_page": Base::Text, maybe;
        /// When the link was last changed.
        TouchLinkUpdatedAt "link_updated_at": Base::Time, maybe;
        /// The partner's own labels.
        TouchSubIds "sub_ids": Base::List(Element::Text);
    }
    Creative {
        /// The creative's id; unknown when the touch names none.
        CreativeId "id": Base::Text, maybe;
        /// `none` when the touch names none, `unlisted` when the facts do not have it, else its status, `active` unless the facts say otherwise.
        CreativeStatus "status": Base::Text;
        /// The first moment it may be used.
        CreativeValidFrom "valid_from": Base::Time, maybe;
        /// The first moment it may no longer be used.
        CreativeValidUntil "valid_until": Base::Time, maybe;
        /// Whether this partner may use it; true when the touch names none.
        CreativeAllowed "allowed": Base::Bool;
    }
    Follows {
        /// The earlier action's id.
        FollowsId "id": Base::Text;
        /// Its event type.
        FollowsEventType "event_type": Base::Text;
        /// When it happened.
        FollowsOccurredAt "occurred_at": Base::Time;
    }
    Device {
        /// Such as `phone`, `tablet`, `desktop`.
        DeviceKind "kind": Base::Text, maybe;
        /// Such as `ios`, `android`, `windows`.
        DeviceOs "os": Base::Text, maybe;
    }
    Fraud {
        /// Risk, in the detector's own scale.
        FraudRisk "risk": Base::Decimal, maybe;
        /// Why.
        FraudReasons "reasons": Base::List(Element::Text);
    }
    Contract {
        /// The contract's name.
        ContractName "name": Base::Text;
        /// The version in force.
        ContractVersion "version": Base::Integer;
        /// When the contract's first version began.
        ContractStartedAt "started_at": Base::Time;
    }
}

impl Field {
    /// Its row in the table.
    #[allow(clippy::indexing_slicing, reason = "the enum and the table are made by one macro, in one order")]
    pub fn spec(self) -> &'static FieldSpec {
        &FIELDS[self as usize]
    }
}

/// The facts of a phase that are records, with the type of each name. `follows` may be unknown.
pub fn facts(phase: Phase) -> Vec<(Record, Type)> {
    use Record::{Action, Contract, Creative, Customer, Device, Follows, Fraud, Item, Partner, Touch};
    let mut facts: Vec<(Record, Type)> =
        [Action, Customer, Partner, Touch, Creative, Device, Fraud, Contract]
            .into_iter()
            .map(|record| (record, Type::known(Base::Record(record))))
            .collect();
    facts.push((Follows, Type::maybe(Base::Record(Follows))));
    if matches!(phase, Phase::ItemAmount | Phase::PayItem) {
        facts.push((Item, Type::known(Base::Record(Item))));
    }
    facts
}

/// A built-in function or method. Methods take their receiver as the first argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builtin {
    /// `percent(8)`: the number divided by 100.
    Percent,
    /// `days(n)`.
    Days,
    /// `hours(n)`.
    Hours,
    /// `minutes(n)`.
    Minutes,
    /// `min(a, b)` of two integers, decimals or amounts.
    Min,
    /// `max(a, b)`.
    Max,
    /// `abs(x)`.
    Abs,
    /// `floor(x)` of a decimal: the next lower whole number, still a decimal.
    Floor,
    /// `text.starts_with(text)`.
    StartsWith,
    /// `text.ends_with(text)`.
    EndsWith,
    /// `text.contains(text)`.
    Contains,
    /// `list.len()`.
    Len,
    /// `creative.expired_at(time)`.
    ExpiredAt,
    /// `creative.not_yet_valid_at(time)`.
    NotYetValidAt,
    /// `promo_owner(code)`, text that may be unknown.
    PromoOwner,
    /// `promo_active(code, time)`: whether the code is listed and valid at that moment.
    PromoActive,
    /// `time.date`, in the program's time zone.
    TimeDate,
    /// `time.hour`, 0 to 23, in the program's time zone.
    TimeHour,
    /// `date.year`.
    DateYear,
    /// `date.month`, 1 to 12.
    DateMonth,
    /// `date.day`, 1 to 31.
    DateDay,
    /// `date.weekday`, 1 (Monday) to 7 (Sunday).
    DateWeekday,
    /// `duration.days`, whole days rounded down.
    DurationDays,
    /// `duration.hours`, whole hours rounded down.
    DurationHours,
}

/// How a built-in is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `name(a, b)`.
    Function,
    /// `a.name(b)`.
    Method,
    /// `a.name`.
    Property,
}

/// A row of the table of built-ins. The types they take are in the checker.
#[derive(Clone, Copy, Debug)]
pub struct BuiltinSpec {
    /// The built-in; `None` for those that only take literals and are folded by the checker.
    pub builtin: Option<Builtin>,
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub call: Call,
    /// Its form, for the reference and for help.
    pub form: &'static str,
    /// What it gives.
    pub doc: &'static str,
}

/// Every built-in.
pub const BUILTINS: &[BuiltinSpec] = {
    const fn row(
        builtin: Option<Builtin>,
        name: &'static str,
        call: Call,
        form: &'static str,
        doc: &'static str,
    ) -> BuiltinSpec {
        BuiltinSpec { builtin, name, call, form, doc }
    }
    use Builtin as B;
    use Call::{Function, Method, Property};
    &[
        row(
            None,
            "money",
            Function,
            "money(\"5.00\")",
            "An amount in the contract's currency, from a literal.",
        ),
        row(None, "date", Function, "date(\"2026-01-31\")", "A calendar date, from a literal."),
        row(None, "time", Function, "time(\"2026-01-31T00:00:00Z\")", "A moment, from a literal."),
        row(None, "known", Function, "known(x)", "Whether a value that may be unknown is known."),
        row(None, "decimal", Function, "decimal(n)", "An integer as a decimal."),
        row(
            Some(B::Percent),
            "percent",
            Function,
            "percent(8)",
            "A number divided by 100: `percent(8)` is 0.08.",
        ),
        row(Some(B::Days), "days", Function, "days(n)", "A duration of n times 24 hours."),
        row(Some(B::Hours), "hours", Function, "hours(n)", "A duration of n hours."),
        row(Some(B::Minutes), "minutes", Function, "minutes(n)", "A duration of n minutes."),
        row(Some(B::Min), "min", Function, "min(a, b)", "The smaller of two numbers or amounts."),
        row(Some(B::Max), "max", Function, "max(a, b)", "The larger of two numbers or amounts."),
        row(Some(B::Abs), "abs", Function, "abs(x)", "A number or amount without its sign."),
        row(Some(B::Floor), "floor", Function, "floor(x)", "A decimal rounded down to a whole number."),
        row(Some(B::StartsWith), "starts_with", Method, "text.starts_with(\"…\")", "Whether text begins so."),
        row(Some(B::EndsWith), "ends_with", Method, "text.ends_with(\"…\")", "Whether text ends so."),
        row(Some(B::Contains), "contains", Method, "text.contains(\"…\")", "Whether text has this in it."),
        row(Some(B::Len), "len", Method, "list.len()", "How many elements a list has."),
        row(
            Some(B::ExpiredAt),
            "expired_at",
            Method,
            "creative.expired_at(touch.at)",
            "Whether the creative may no longer be used at a moment; false when the touch names none.",
        ),
        row(
            Some(B::NotYetValidAt),
            "not_yet_valid_at",
            Method,
            "creative.not_yet_valid_at(touch.at)",
            "Whether the creative may not yet be used at a moment; false when the touch names none.",
        ),
        row(
            Some(B::PromoOwner),
            "promo_owner",
            Function,
            "promo_owner(code)",
            "The partner a promo code belongs to; unknown for a public or unlisted code.",
        ),
        row(
            Some(B::PromoActive),
            "promo_active",
            Function,
            "promo_active(code, action.occurred_at)",
            "Whether a promo code is listed and valid at a moment.",
        ),
        row(
            Some(B::TimeDate),
            "date",
            Property,
            "time.date",
            "The calendar date in the program's time zone.",
        ),
        row(
            Some(B::TimeHour),
            "hour",
            Property,
            "time.hour",
            "The hour, 0 to 23, in the program's time zone.",
        ),
        row(Some(B::DateYear), "year", Property, "date.year", "The year."),
        row(Some(B::DateMonth), "month", Property, "date.month", "The month, 1 to 12."),
        row(Some(B::DateDay), "day", Property, "date.day", "The day of the month, 1 to 31."),
        row(Some(B::DateWeekday), "weekday", Property, "date.weekday", "1 for Monday to 7 for Sunday."),
        row(Some(B::DurationDays), "days", Property, "duration.days", "Whole days, rounded down."),
        row(Some(B::DurationHours), "hours", Property, "duration.hours", "Whole hours, rounded down."),
    ]
};

/// What a rule decides. Restriction verbs and payout verbs never mix; `notice` is in both phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// `reject("CODE")`: not payable, ever.
    Reject,
    /// `hold("CODE")` or `hold("CODE", days(30))`: not payable until released.
    Hold,
    /// `zero("CODE")`: tracked and counted, unpaid.
    Zero,
    /// `flag("CODE")`: payable, marked for a person to see.
    Flag,
    /// `rate(percent(8))`: sets the rate.
    Rate,
    /// `add_points(percent(1))`: adds to the rate, whatever it is.
    AddPoints,
    /// `multiply(1.1)`: scales all that was given so far.
    Multiply,
    /// `add(money("5.00"))`: adds an amount, once for the order or the item that the rule is about.
    Add,
    /// `add_per_unit(money("5.00"))`: adds an amount for each unit of the item.
    AddPerUnit,
    /// `notice("CODE")`: tells the brand and the partner something.
    Notice,
}

/// A row of the table of verbs.
#[derive(Clone, Copy, Debug)]
pub struct VerbSpec {
    /// The verb.
    pub verb: Verb,
    /// Its name.
    pub name: &'static str,
    /// Its form.
    pub form: &'static str,
    /// Phases it belongs to.
    pub phases: &'static [Phase],
    /// What it does.
    pub doc: &'static str,
}

/// Every verb.
pub const VERBS: &[VerbSpec] = {
    const RESTRICT: &[Phase] = &[Phase::Restrict];
    const PAY: &[Phase] = &[Phase::PayOrder, Phase::PayItem];
    const ITEM: &[Phase] = &[Phase::PayItem];
    const BOTH: &[Phase] = &[Phase::Restrict, Phase::PayOrder, Phase::PayItem];
    const fn row(
        verb: Verb,
        name: &'static str,
        form: &'static str,
        phases: &'static [Phase],
        doc: &'static str,
    ) -> VerbSpec {
        VerbSpec { verb, name, form, phases, doc }
    }
    &[
        row(Verb::Reject, "reject", "reject(\"REASON\")", RESTRICT, "Not payable, ever."),
        row(
            Verb::Hold,
            "hold",
            "hold(\"REASON\", days(30))",
            RESTRICT,
            "Not payable until released; the duration may be left out.",
        ),
        row(Verb::Zero, "zero", "zero(\"REASON\")", RESTRICT, "Tracked and counted, unpaid."),
        row(Verb::Flag, "flag", "flag(\"REASON\")", RESTRICT, "Payable, marked for a person to see."),
        row(Verb::Rate, "rate", "rate(percent(8))", PAY, "Sets the rate."),
        row(
            Verb::AddPoints,
            "add_points",
            "add_points(percent(1))",
            PAY,
            "Adds to the rate, whatever it is.",
        ),
        row(Verb::Multiply, "multiply", "multiply(1.1)", PAY, "Scales all that was given so far."),
        row(
            Verb::Add,
            "add",
            "add(money(\"5.00\"))",
            PAY,
            "Adds an amount, once for the order or item the rule is about.",
        ),
        row(
            Verb::AddPerUnit,
            "add_per_unit",
            "add_per_unit(money(\"5.00\"))",
            ITEM,
            "Adds an amount for each unit of the item.",
        ),
        row(Verb::Notice, "notice", "notice(\"REASON\")", BOTH, "Tells the brand and the partner something."),
    ]
};

impl Verb {
    /// Its name.
    pub fn name(self) -> &'static str {
        VERBS.iter().find(|spec| spec.verb == self).map_or("", |spec| spec.name)
    }
}
