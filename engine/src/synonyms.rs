//! Names that people bring along from spreadsheets, networks, shops and other rule engines, and the names that Accrue has for them.
//!
//! The one place for this data: facts, functions and verbs in rules, and keys and words in terms look their names up here. A
//! name is offered only where it exists. This module must not know where a name stands.

use crate::diagnostic::nearest;

/// A name of Accrue, and what people write for it. Names are in small letters with `_` between words; capitals and hyphens are
/// taken care of.
type Row = (&'static str, &'static [&'static str]);

/// Fields of facts, after the point.
const FIELDS: &[Row] = &[
    (
        "amount",
        &[
            "total",
            "value",
            "price",
            "revenue",
            "sum",
            "order_total",
            "order_amount",
            "order_value",
            "sale_amount",
            "sales_amount",
            "cart_total",
            "basket_value",
            "betrag",
            "umsatz",
            "summe",
            "montant",
            "prix",
        ],
    ),
    (
        "order_id",
        &["order_number", "order_no", "order_ref", "ordernumber", "bestellnummer", "transaction_id"],
    ),
    ("event_type", &["type", "event", "action_type", "conversion_type", "goal"]),
    (
        "occurred_at",
        &[
            "date",
            "time",
            "timestamp",
            "created_at",
            "created",
            "order_date",
            "sale_date",
            "event_time",
            "datum",
            "conversion_date",
            "transaction_date",
            "conversion_time",
            "purchased_at",
        ],
    ),
    ("subtotal", &["sub_total", "net", "net_amount", "netto", "gross_merchandise"]),
    ("discount", &["discount_amount", "total_discount", "rabatt", "remise"]),
    ("tax", &["vat", "tax_amount", "mwst", "ust", "tva"]),
    ("shipping", &["shipping_cost", "shipping_amount", "delivery", "versand", "versandkosten", "postage"]),
    ("items", &["line_items", "products", "lines", "basket", "cart", "positions", "artikel"]),
    (
        "promo_codes",
        &[
            "promo_code",
            "coupon",
            "coupons",
            "coupon_code",
            "coupon_codes",
            "voucher",
            "vouchers",
            "voucher_code",
            "voucher_codes",
            "discount_code",
            "discount_codes",
            "code",
            "codes",
            "gutschein",
            "gutscheincode",
        ],
    ),
    ("touches", &["clicks", "path", "touchpoints", "journey"]),
    ("currency", &["currency_code", "waehrung", "devise"]),
    ("payable", &["approved", "confirmed", "due"]),
    ("measured", &["measure", "margin", "profit"]),
    ("distinct", &["unique", "uniques", "different", "customers"]),
    ("previous", &["last", "prior", "before", "last_period", "prev"]),
    ("quantity", &["qty", "units", "count", "menge", "quantite"]),
    ("sku", &["product_id", "article", "product", "product_sku", "item_id", "ean", "gtin"]),
    ("category", &["product_category", "product_group", "department", "kategorie", "categorie"]),
    ("status", &["state", "customer_type", "customer_status", "statut"]),
    ("lifetime_value", &["ltv", "clv", "customer_lifetime_value", "total_spent"]),
    ("order_count", &["orders", "orders_count", "number_of_orders", "purchases", "order_number_count"]),
    ("since", &["created_at", "first_order_at", "first_purchase", "signup_date", "registered_at"]),
    ("country", &["country_code", "land", "pays", "geo"]),
    ("region", &["province", "bundesland", "county"]),
    ("audiences", &["segments", "segment", "audience", "tags"]),
    ("kind", &["type", "category", "channel", "model", "partner_type", "publisher_type", "affiliate_type"]),
    ("groups", &["group", "tier", "tiers", "partner_group", "labels", "tags"]),
    ("parent", &["parent_id", "manager", "sponsor", "upline", "master"]),
    ("at", &["date", "time", "timestamp", "clicked_at", "click_time", "click_date"]),
    (
        "sub_ids",
        &[
            "sub_id",
            "subid",
            "subids",
            "sub_id_1",
            "subid1",
            "clickref",
            "click_ref",
            "click_refs",
            "sid",
            "sub1",
            "aff_sub",
        ],
    ),
    ("property", &["site", "website", "url", "placement", "ad_space", "source"]),
    ("landing_page", &["landing", "landing_url", "destination", "deep_link", "target_url"]),
    ("id", &["number", "key", "uid"]),
    ("os", &["operating_system", "platform"]),
    ("risk", &["score", "fraud_score", "risk_score"]),
    ("started_at", &["start", "begins", "start_date", "effective_from"]),
];

/// Records of facts, before the point.
const RECORDS: &[Row] = &[
    (
        "action",
        &[
            "order",
            "sale",
            "conversion",
            "transaction",
            "purchase",
            "event",
            "cart",
            "basket",
            "checkout",
            "bestellung",
            "commande",
            "lead",
        ],
    ),
    ("parent", &["upline", "sponsor", "manager", "agency", "team"]),
    ("customer", &["user", "client", "buyer", "shopper", "consumer", "member", "kunde", "account"]),
    ("partner", &["affiliate", "publisher", "influencer", "referrer", "ambassador", "creator", "associate"]),
    ("touch", &["click", "session", "visit", "impression", "tracking"]),
    ("item", &["product", "line", "line_item", "article", "lineitem"]),
    ("creative", &["ad", "banner", "link"]),
    ("contract", &["terms", "agreement", "program", "campaign"]),
    ("attributes", &["attribute", "custom", "custom_fields", "meta", "metadata", "extra"]),
    ("params", &["param", "parameters", "settings", "config", "constants"]),
    ("lists", &["list"]),
    ("totals", &["total", "sums", "counters"]),
];

/// Facts by a name without a record.
const FACTS: &[Row] = &[
    (
        "action.amount",
        &[
            "order_value",
            "order_total",
            "order_amount",
            "cart_total",
            "cart_value",
            "basket_value",
            "basket_total",
            "sale_amount",
            "sales_amount",
            "transaction_amount",
            "conversion_value",
            "total",
            "value",
            "price",
            "revenue",
            "betrag",
            "umsatz",
            "bestellwert",
            "warenkorb",
            "montant",
        ],
    ),
    ("action.order_id", &["order_number", "transaction_id"]),
    ("action.event_type", &["type", "event", "goal"]),
    ("action.occurred_at", &["date", "order_date", "sale_date", "timestamp", "datum"]),
    ("action.discount", &["rabatt"]),
    ("action.tax", &["vat", "mwst", "tva"]),
    ("action.shipping", &["versandkosten", "shipping_cost"]),
    ("action.items", &["line_items", "products", "basket", "cart"]),
    (
        "action.promo_codes",
        &[
            "coupon",
            "coupons",
            "coupon_code",
            "voucher",
            "voucher_code",
            "discount_code",
            "promo_code",
            "code",
            "gutschein",
        ],
    ),
    ("customer.status", &["new_customer", "is_new", "is_new_customer", "new_or_existing", "customer_type"]),
    ("customer.country", &["country", "country_code", "land", "pays", "geo"]),
    ("customer.lifetime_value", &["ltv", "clv"]),
    ("customer.order_count", &["orders_count", "number_of_orders"]),
    ("partner.id", &["affiliate_id", "publisher_id", "affiliate", "publisher"]),
    ("partner.kind", &["partner_type", "affiliate_type", "publisher_type"]),
    ("partner.groups", &["partner_group", "affiliate_group"]),
    ("touch.sub_ids", &["clickref", "click_ref", "subid", "sub_id", "sid"]),
    ("device.kind", &["device_type"]),
    ("fraud.risk", &["fraud_score", "risk_score"]),
];

/// Functions and methods.
const FUNCTIONS: &[Row] = &[
    ("percent", &["pct", "percentage", "prozent"]),
    ("money", &["amount", "currency", "eur", "usd", "gbp", "euro"]),
    ("days", &["day", "tage", "jours"]),
    ("hours", &["hour", "stunden"]),
    ("minutes", &["minute"]),
    ("known", &["isset", "defined", "exists", "is_known", "is_set", "has_value", "has", "present"]),
    ("min", &["minimum", "least"]),
    ("max", &["maximum", "greatest"]),
    ("floor", &["round_down", "rounddown", "int", "trunc", "truncate", "abrunden", "entier"]),
    ("len", &["length", "size", "count", "anzahl", "nombre"]),
    ("starts_with", &["startswith", "begins_with", "has_prefix", "prefix"]),
    ("ends_with", &["endswith", "has_suffix", "suffix"]),
    ("contains", &["includes", "include", "has", "contain", "search", "like", "matches"]),
    ("plus_months", &["months", "month", "add_months", "edate", "plus_month", "monate", "mois"]),
    ("plus_years", &["years", "year", "add_years", "plus_year", "jahre"]),
    ("months_between", &["datedif", "month_diff", "months_diff"]),
    ("promo_owner", &["code_owner", "coupon_owner", "owner_of"]),
];

/// Verbs. A verb that takes an amount is not offered for a verb that takes a rate.
const VERBS: &[Row] = &[
    ("rate", &["set_rate", "payout_rate", "commission_rate", "pay_rate"]),
    ("add_points", &["points", "add_point", "add_percent", "increase_rate"]),
    ("multiply", &["multiplier", "factor", "times", "scale"]),
    ("add", &["add_money", "add_amount", "flat", "fixed", "fee", "flat_fee"]),
    ("reject", &["decline", "deny", "refuse", "block", "void", "ablehnen"]),
    ("hold", &["pending", "wait", "suspend", "review", "delay"]),
    ("zero", &["no_pay", "nopay", "unpaid", "pay_nothing"]),
    ("flag", &["mark", "warn", "alert"]),
    ("notice", &["notify", "message", "tell"]),
];

/// Keys of TOML tables.
const KEYS: &[Row] = &[
    (
        "rate",
        &[
            "commission",
            "commission_rate",
            "percentage",
            "percent",
            "pct",
            "payout_rate",
            "provision",
            "provisionssatz",
            "satz",
            "taux",
        ],
    ),
    (
        "add",
        &[
            "fixed",
            "flat",
            "flat_fee",
            "fixed_amount",
            "fixed_commission",
            "bonus",
            "flat_rate",
            "fee",
            "cpa",
            "cpl",
            "commission",
            "provision",
        ],
    ),
    ("points", &["extra", "uplift", "increase", "extra_points"]),
    ("multiply", &["multiplier", "factor"]),
    ("bands", &["tiers", "tier", "steps", "brackets", "levels", "slabs", "staffel", "staffeln"]),
    ("by", &["based_on", "measure", "tier_by", "on"]),
    ("from", &["min", "minimum", "above", "over", "at_least", "threshold", "lower", "start", "ab"]),
    (
        "when",
        &[
            "if",
            "condition",
            "conditions",
            "where",
            "filter",
            "criteria",
            "wenn",
            "bedingung",
            "only_if",
            "match",
        ],
    ),
    ("name", &["title", "label"]),
    (
        "max",
        &[
            "cap",
            "maximum",
            "limit",
            "budget",
            "amount",
            "ceiling",
            "max_amount",
            "at_most",
            "max_payout",
            "capped_at",
        ],
    ),
    ("count", &["max_count", "times", "max_actions", "max_conversions"]),
    ("per", &["scope", "each", "by", "for_each", "pro", "par"]),
    ("period", &["interval", "every", "window", "frequency", "timeframe", "zeitraum", "reset"]),
    ("edge", &["on_exceed", "overflow", "when_reached", "on_limit"]),
    ("warn_at", &["warning", "alert_at", "alert", "warn", "notify_at"]),
    (
        "effective_from",
        &["start", "start_date", "from", "valid_from", "begins", "starts", "starts_at", "gueltig_ab"],
    ),
    (
        "effective_until",
        &["end", "end_date", "until", "valid_until", "to", "ends", "expires", "ends_at", "gueltig_bis"],
    ),
    ("contract", &["id", "name", "contract_name", "contract_id"]),
    (
        "windows",
        &[
            "cookie_window",
            "cookie",
            "cookie_days",
            "cookie_lifetime",
            "referral_window",
            "lookback",
            "attribution_window",
            "window",
        ],
    ),
    ("policy", &["model", "attribution", "attribution_model"]),
    ("click", &["clicks", "post_click", "cookie", "cookie_window"]),
    ("impression", &["view", "views", "post_view", "impressions"]),
    ("code", &["coupon", "voucher", "promo_code", "coupon_code"]),
    ("partners", &["affiliates", "publishers", "partner", "affiliate", "publisher"]),
    ("ids", &["partners", "id", "partner_ids", "affiliates", "publishers"]),
    ("groups", &["group", "tiers", "payout_groups", "rules", "partner_groups"]),
    ("restrictions", &["restriction", "traffic_control", "traffic_controls", "exclusions", "blocks"]),
    ("limits", &["limit", "caps", "cap", "budgets", "budget"]),
    ("payout", &["payouts", "commission", "commissions", "pay", "provision"]),
    ("locking", &["lock", "lockin", "locks", "locking_period", "approval"]),
    ("payment", &["payments", "payment_date", "payment_terms", "pay_date", "paid"]),
    ("holidays", &["holiday", "bank_holidays", "public_holidays", "feiertage"]),
    ("review_on", &["review", "review_date", "review_at", "renewal", "renewal_date"]),
    ("notice_days", &["notice", "notice_period", "remind_before", "reminder_days"]),
    ("params", &["parameters", "constants", "variables", "vars", "settings"]),
    ("totals", &["total", "counters", "sums"]),
    ("bonuses", &["bonus", "performance_bonus", "performance_bonuses", "incentives", "kickers", "overrides"]),
    ("at_end", &["on_end", "termination", "at_termination", "on_termination"]),
    ("reversals", &["returns", "refunds", "clawback", "clawbacks", "chargebacks", "stornos"]),
    ("tiers", &["steps", "ladder", "thresholds", "bands", "staffel"]),
    ("measure", &["metric", "basis", "based_on", "kpi"]),
    ("threshold", &["operator", "comparison", "inclusive", "reached_when"]),
    ("scope", &["applies_to", "applied_to"]),
    ("guarantee", &["minimum_guarantee", "minimum", "floor", "retainer"]),
    ("draw", &["advance", "recoverable_draw", "draw_against_commission"]),
    ("holdback", &["reserve", "retention", "withhold"]),
    ("true_up", &["year_to_date", "ytd", "cumulative"]),
    ("after_close", &["on_late", "late_facts", "when_late"]),
    ("default", &["base", "standard", "otherwise", "else", "fallback"]),
    ("choose", &["mode", "strategy", "select", "selection", "priority"]),
    ("reason", &["reason_code", "code", "why", "because", "grund"]),
    ("verdict", &["action", "then", "result", "decision", "effect"]),
    ("release_after", &["hold_days", "hold_for", "release", "days", "lock_days", "locking_period"]),
    ("event_types", &["events", "event_type", "actions", "action_types", "goals"]),
    ("attributes", &["custom_fields", "fields"]),
    ("reasons", &["reason_codes", "rejection_reasons"]),
    ("currency", &["currency_code", "waehrung", "devise"]),
    ("time_zone", &["timezone", "tz", "zone", "zeitzone"]),
    ("values", &["items", "entries", "list", "elements"]),
    ("type", &["kind", "data_type", "datatype"]),
    ("mode", &["rounding", "method", "round"]),
];

/// Words that a key may have.
const WORDS: &[Row] = &[
    ("day", &["daily", "per_day", "days", "tag", "jour"]),
    ("week", &["weekly", "per_week", "weeks", "woche", "semaine"]),
    ("week from sunday", &["us_week", "sunday_week", "week_from_sun", "week_starting_sunday"]),
    (
        "two weeks",
        &["biweekly", "fortnight", "fortnightly", "every_two_weeks", "2_weeks", "zwei_wochen", "quinzaine"],
    ),
    ("half month", &["semimonthly", "semi_monthly", "twice_a_month", "halber_monat", "half_a_month"]),
    ("month", &["monthly", "per_month", "months", "monat", "mois", "monatlich"]),
    ("quarter", &["quarterly", "per_quarter", "quarters", "quartal", "trimestre"]),
    ("year", &["yearly", "annual", "annually", "per_year", "years", "jahr", "jahrlich"]),
    ("lifetime", &["forever", "ever", "total", "unlimited", "all_time"]),
    ("partner", &["affiliate", "publisher", "partners", "affiliates", "publishers", "influencer"]),
    ("customer", &["user", "buyer", "client", "customers", "shopper"]),
    ("order", &["orders", "sale", "transaction", "purchase", "cart", "basket"]),
    ("action", &["conversion", "event", "actions", "conversions"]),
    ("item", &["product", "line", "line_item", "sku", "items", "article"]),
    ("unit", &["piece", "quantity", "units"]),
    ("reject", &["decline", "deny", "refuse", "block", "void", "rejected"]),
    ("hold", &["pending", "review", "wait", "on_hold", "held"]),
    ("flag", &["mark", "warn", "alert", "flagged"]),
    ("zero", &["no_pay", "unpaid", "nothing"]),
    ("first", &["first_match", "priority", "first_wins"]),
    ("highest", &["max", "best", "maximum", "greatest"]),
    ("stack", &["sum", "all", "add", "cumulative", "stacked", "additive"]),
    ("most_specific", &["specific", "specificity"]),
    ("last_touch", &["last_click", "lastclick", "last", "last_cookie", "last_cookie_wins"]),
    ("promo_code_owner", &["code_owner", "coupon_owner", "promo_code", "coupon_code", "voucher_owner"]),
    ("reported", &["host", "external", "platform"]),
    ("remainder", &["rest", "partial", "cut", "capped"]),
    ("all_or_nothing", &["none", "stop", "block"]),
    ("pay_then_stop", &["pay_over", "last_one", "overshoot"]),
    ("half_up", &["commercial", "round", "nearest", "kaufmaennisch", "up_half"]),
    ("half_even", &["bankers", "banker", "bank", "even"]),
    ("up", &["ceil", "ceiling", "round_up"]),
    ("down", &["floor", "truncate", "round_down", "cut"]),
    ("text", &["string", "str", "varchar"]),
    ("integer", &["int", "number", "whole", "bigint"]),
    ("decimal", &["float", "double", "numeric"]),
    ("money", &["currency", "amount", "price"]),
    ("bool", &["boolean", "yes_no", "flag"]),
    ("time", &["datetime", "timestamp", "moment"]),
    ("click", &["clicks", "cpc"]),
    ("impression", &["view", "views", "post_view"]),
    ("code", &["coupon", "voucher", "promo_code"]),
    ("new", &["neu", "nouveau", "first", "first_time", "new_customer"]),
    ("existing", &["old", "returning", "repeat", "bestandskunde", "existing_customer", "known"]),
];

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// A field of a record, after the point.
    Field,
    /// A record or a namespace, before the point.
    Record,
    /// A fact with its record.
    Fact,
    /// A function, a method or a property.
    Function,
    /// A verb.
    Verb,
    /// A key of a table.
    Key,
    /// A word that a key or a fact may have.
    Word,
}

impl Of {
    fn rows(self) -> &'static [Row] {
        match self {
            Self::Field => FIELDS,
            Self::Record => RECORDS,
            Self::Fact => FACTS,
            Self::Function => FUNCTIONS,
            Self::Verb => VERBS,
            Self::Key => KEYS,
            Self::Word => WORDS,
        }
    }
}

/// Returns the known name that is written in another style or is a synonym of what is written; `None` if there is none.
pub(crate) fn synonym<'n>(
    of: Of,
    written: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    // No name is this long.
    if written.len() > 100 {
        return None;
    }
    let plain = plain(written);
    let rank = |name: &str| -> Option<usize> {
        if plain == name {
            return Some(0);
        }
        let mut others = of.rows().iter().filter(|(own, _)| *own == name).flat_map(|(_, others)| *others);
        others.position(|other| *other == plain).map(|at| at + 1)
    };
    known.into_iter().filter_map(|name| Some((rank(name)?, name))).min().map(|(_, name)| name)
}

/// Returns the known name that was meant: one in another style, a synonym, or the nearest.
pub(crate) fn meant<'n>(
    of: Of,
    written: &str,
    known: impl IntoIterator<Item = &'n str> + Clone,
) -> Option<&'n str> {
    synonym(of, written, known.clone()).or_else(|| nearest(written, known))
}

/// Returns a name in small letters with `_` between its words: `orderId` and `Order-ID` as `order_id`.
pub(crate) fn plain(written: &str) -> String {
    let mut plain = String::with_capacity(written.len() + 4);
    let mut before = ' ';
    for c in written.trim().chars() {
        let begins = c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
        if (begins || matches!(c, '-' | ' ' | '.' | '_')) && !plain.is_empty() && !plain.ends_with('_') {
            plain.push('_');
        }
        if !matches!(c, '-' | ' ' | '.' | '_') {
            plain.extend(c.to_lowercase());
        }
        before = c;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_other_styles() {
        assert_eq!(plain("orderId"), "order_id");
        assert_eq!(plain("Order-ID"), "order_id");
        assert_eq!(plain("customer_status"), "customer_status");
        assert_eq!(synonym(Of::Field, "orderId", ["order_id", "id"]), Some("order_id"));
    }

    #[test]
    fn a_synonym_is_offered_only_where_it_exists() {
        assert_eq!(synonym(Of::Key, "cap", ["max", "count"]), Some("max"));
        assert_eq!(synonym(Of::Key, "cap", ["rate"]), None);
        assert_eq!(meant(Of::Word, "first_touch", ["last_touch", "reported"]), None);
        assert_eq!(meant(Of::Word, "last_click", ["last_touch", "reported"]), Some("last_touch"));
    }

    #[test]
    fn no_row_has_a_name_of_its_own_as_a_synonym_twice() {
        for of in [Of::Field, Of::Record, Of::Fact, Of::Function, Of::Verb, Of::Key, Of::Word] {
            for (name, others) in of.rows() {
                assert!(!others.contains(name), "{name}");
                for other in *others {
                    assert_eq!(plain(other), *other, "{name}");
                    assert_eq!(others.iter().filter(|again| *again == other).count(), 1, "{name}: {other}");
                }
            }
        }
    }
}
