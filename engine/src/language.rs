//! The words of the rule language and of the terms, for editors: every fact with its type and a sentence about it, functions,
//! verbs, reason codes, and which keys of a contract hold expressions.
//!
//! It is what the checker itself reads, so an editor that offers these names offers what loads. The keys of the TOML tables are
//! [`contract_schema`](crate::contract_schema) and [`program_schema`](crate::program_schema).

use crate::facts::{CUSTOMER_STATUSES, STATUSES};
use crate::lang::catalog::{self, BUILTINS, FIELDS, VERBS};
pub use crate::lang::{Base, Element, Phase, Record, Type};
pub use crate::terms::key_order;
use crate::terms::reasons;
use crate::time::Zone;

/// A field of a record of facts, as rules read it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FieldDoc {
    /// The record.
    pub record: Record,
    /// The name after the point.
    pub name: &'static str,
    /// The type of its values.
    pub ty: Type,
    /// What it is, one sentence.
    pub doc: &'static str,
    /// The words that the engine knows for a text field. A brand may have others.
    pub words: &'static [&'static str],
}

/// Returns every field of every record, in the order of the reference.
///
/// ```
/// use accrue::language::{Record, fields};
/// let status = fields().find(|field| field.record == Record::Customer && field.name == "status").expect("it is there");
/// assert_eq!((status.ty.to_string(), status.words), ("text".to_owned(), &["new", "existing", "unknown"][..]));
/// ```
pub fn fields() -> impl Iterator<Item = FieldDoc> {
    FIELDS.iter().map(|spec| FieldDoc {
        record: spec.record,
        name: spec.name,
        ty: spec.ty,
        doc: spec.doc,
        words: words(spec.record, spec.name),
    })
}

/// Returns the words that the engine knows for a field.
fn words(record: Record, name: &str) -> &'static [&'static str] {
    match (record, name) {
        (Record::Customer, "status") => CUSTOMER_STATUSES,
        (Record::Partner, "status") => STATUSES,
        (Record::Creative, "status") => &["active", "none", "unlisted"],
        (Record::Device, "kind") => &["phone", "tablet", "desktop"],
        (Record::Device, "os") => &["ios", "android", "windows"],
        (Record::Touch, "kind") => &["click", "impression", "code"],
        _ => &[],
    }
}

/// Returns the records that rules of a phase see by name. `follows` may be unknown.
///
/// ```
/// use accrue::language::{Phase, records};
/// let seen: Vec<&str> = records(Phase::Close).into_iter().map(|(record, _)| record.name()).collect();
/// assert_eq!(seen, ["partner", "contract"]);
/// ```
pub fn records(phase: Phase) -> Vec<(Record, Type)> {
    catalog::facts(phase)
}

/// How a function of the language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallForm {
    /// `name(a, b)`.
    Function,
    /// `a.name(b)`.
    Method,
    /// `a.name`.
    Property,
}

/// A built-in function, method or property.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallDoc {
    /// The name.
    pub name: &'static str,
    /// How it is written.
    pub form: CallForm,
    /// An example of a call.
    pub example: &'static str,
    /// The name of each parameter and what it takes, without the value before the point.
    pub params: &'static [(&'static str, &'static str)],
    /// What it returns, one sentence.
    pub doc: &'static str,
}

impl CallDoc {
    /// Returns whether a value of this type may stand before the point; `false` for a function.
    pub fn takes(&self, base: Base) -> bool {
        match (self.form, self.name) {
            (CallForm::Function, _) => false,
            (_, "starts_with" | "ends_with" | "contains") => matches!(base, Base::Text | Base::Code),
            (_, "len") => matches!(base, Base::List(_)),
            (_, "expired_at" | "not_yet_valid_at") => base == Base::Record(Record::Creative),
            (_, "date" | "hour" | "minute") => base == Base::Time,
            (_, "days" | "hours") => base == Base::Duration,
            _ => base == Base::Date,
        }
    }

    /// Returns the type of the result, given the type of the first argument.
    pub fn gives(&self, first: Option<Type>) -> Type {
        let base = match (self.form, self.name) {
            (CallForm::Function, "min" | "max" | "abs") => match first {
                Some(ty) => ty.base,
                None => Base::Decimal,
            },
            (CallForm::Function, "money" | "round") => Base::Money,
            (_, "date" | "plus_months" | "plus_years" | "start_of_month" | "end_of_month") => Base::Date,
            (_, "time") => Base::Time,
            (_, "decimal" | "percent" | "floor") => Base::Decimal,
            (CallForm::Function, "days" | "hours" | "minutes") => Base::Duration,
            (_, "promo_owner") => return Type::maybe(Base::Text),
            (
                _,
                "known" | "promo_active" | "starts_with" | "ends_with" | "contains" | "expired_at"
                | "not_yet_valid_at",
            ) => Base::Bool,
            _ => Base::Integer,
        };
        Type::known(base)
    }
}

/// Returns every built-in function, method and property.
///
/// ```
/// use accrue::language::{Base, calls};
/// let of_dates: Vec<&str> = calls().filter(|call| call.takes(Base::Date)).map(|call| call.name).collect();
/// assert!(of_dates.contains(&"plus_months") && of_dates.contains(&"weekday"));
/// ```
pub fn calls() -> impl Iterator<Item = CallDoc> {
    BUILTINS.iter().map(|spec| CallDoc {
        name: spec.name,
        form: match spec.call {
            catalog::Call::Function => CallForm::Function,
            catalog::Call::Method => CallForm::Method,
            catalog::Call::Property => CallForm::Property,
        },
        example: spec.form,
        params: match spec.call {
            catalog::Call::Property => &[],
            _ => params(spec.name),
        },
        doc: spec.doc,
    })
}

/// Returns the parameters of a function or method.
fn params(name: &str) -> &'static [(&'static str, &'static str)] {
    match name {
        "money" => &[("amount", "text such as \"5.00\"")],
        "date" => &[("day", "text such as \"2026-01-31\"")],
        "time" => &[("moment", "text such as \"2026-01-31T00:00:00Z\"")],
        "known" => &[("x", "a value that may be unknown")],
        "decimal" | "days" | "hours" | "minutes" => &[("n", "integer")],
        "percent" => &[("n", "number")],
        "min" | "max" => &[("a", "number or money"), ("b", "the same type")],
        "abs" => &[("x", "number or money")],
        "floor" => &[("x", "decimal")],
        "round" => &[("x", "money"), ("step", "money above zero")],
        "starts_with" | "ends_with" | "contains" => &[("part", "text")],
        "plus_months" | "plus_years" => &[("n", "integer")],
        "months_between" => &[("from", "date"), ("to", "date")],
        "expired_at" | "not_yet_valid_at" => &[("moment", "time")],
        "promo_owner" => &[("code", "promo code")],
        "promo_active" => &[("code", "promo code"), ("moment", "time")],
        _ => &[],
    }
}

/// A verb: what a rule file decides.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct VerbDoc {
    /// The name.
    pub name: &'static str,
    /// An example of a call.
    pub example: &'static str,
    /// The name of each parameter and what it takes. A name that ends in `?` may be left out.
    pub params: &'static [(&'static str, &'static str)],
    /// The phases whose rule files may use it.
    pub phases: &'static [Phase],
    /// What it does, one sentence.
    pub doc: &'static str,
}

/// Returns every verb.
///
/// ```
/// use accrue::language::{Phase, verbs};
/// assert!(verbs().any(|verb| verb.name == "reject" && verb.phases.contains(&Phase::Restrict)));
/// ```
pub fn verbs() -> impl Iterator<Item = VerbDoc> {
    VERBS.iter().map(|spec| VerbDoc {
        name: spec.name,
        example: spec.form,
        params: match spec.name {
            "hold" => &[("reason", "text"), ("duration?", "duration")],
            "hold_until" => &[("reason", "text"), ("day", "date")],
            "reject" | "zero" | "flag" | "notice" => &[("reason", "text")],
            "rate" | "add_points" => &[("fraction", "decimal, such as percent(8)")],
            "multiply" => &[("factor", "number")],
            _ => &[("amount", "money")],
        },
        phases: spec.phases,
        doc: spec.doc,
    })
}

/// The words of the language with what each does: statements, and the literals `true` and `false`.
pub const KEYWORDS: &[(&str, &str)] = &[
    ("if", "Runs a block if a condition is true."),
    ("else", "What runs if the condition of `if` is false."),
    ("let", "Declares a local."),
    ("const", "Declares a local that is not assigned again."),
    ("for", "Walks a list: `for item in action.items { … }`."),
    ("in", "Whether a list has a value: `item.sku in lists.sale`."),
    ("switch", "Chooses a value by cases: `switch x { \"a\" => 1, _ => 0 }`."),
    ("fn", "Declares a function."),
    ("return", "Ends the rule or the function."),
    ("break", "Leaves a `for`."),
    ("continue", "Goes on with the next element of a `for`."),
    ("true", "The condition that always holds."),
    ("false", "The condition that never holds."),
];

/// The names before the point under which a program declares names of its own, with what each holds.
pub const NAMESPACES: &[(&str, &str)] = &[
    ("params", "Constants of the contract, declared under `[params]`."),
    ("lists", "Lists of the program, declared under `[lists]`."),
    ("totals", "Totals of the contract, declared under `[totals.NAME]`."),
    ("attributes", "The brand's own attributes of the action, declared under `[attributes]`."),
];

/// The sums of a total with the type of each, in the order of the reference.
pub const TOTAL_SUMS: &[(&str, Base, &str)] = &[
    ("actions", Base::Integer, "The number of actions."),
    ("units", Base::Integer, "The number of units."),
    ("revenue", Base::Money, "The commissionable amount."),
    ("measured", Base::Money, "The measure that the total declares."),
    ("payouts", Base::Money, "The payouts."),
    ("payable", Base::Money, "The payouts that were payable."),
    ("distinct", Base::Integer, "The number of different values."),
];

/// When a sum of a total is read, after `totals.NAME.SUM.`: the word, whether a bonus reads it instead of an action, and what it
/// is.
pub const TOTAL_TIMES: &[(&str, bool, &str)] = &[
    ("before", false, "In the period of this action, before this action."),
    ("with_this", false, "In the period of this action, with this action."),
    ("at_close", true, "In the period that closes."),
];

/// Returns the engine's own reason codes with their text for people.
///
/// ```
/// assert!(accrue::language::reason_codes().any(|(code, _)| code == accrue::reasons::NO_CREDIT));
/// ```
pub fn reason_codes() -> impl Iterator<Item = (&'static str, &'static str)> {
    reasons::ALL.iter().copied()
}

/// Returns the names of all time zones.
pub fn time_zones() -> impl Iterator<Item = &'static str> {
    Zone::names()
}

/// Returns the codes and the names of all currencies, in the order of the codes.
pub fn currencies() -> impl Iterator<Item = (&'static str, &'static str)> {
    crate::money::Currency::all()
}

/// What an expression in a contract file must give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gives {
    /// A value of this type.
    Value(Base),
    /// An integer, a decimal or money.
    Number,
    /// Nothing: a rule file, which uses verbs.
    Verbs,
}

/// An expression or a rule file that a key of a contract file holds or names: the phase in which it runs, and what it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleKey {
    /// The phase.
    pub phase: Phase,
    /// What it gives.
    pub gives: Gives,
}

/// Returns what the key at the end of a path in a contract file holds, if that is an expression or the name of a rule file. The
/// path leaves numbers out: `["payout", "groups", "when"]`. `per_item` is whether the payout says `per = "item"`.
///
/// ```
/// use accrue::language::{Base, Gives, Phase, rule_key};
/// let when = rule_key(&["restrictions", "when"], false).expect("a condition");
/// assert_eq!((when.phase, when.gives), (Phase::Restrict, Gives::Value(Base::Bool)));
/// assert!(rule_key(&["restrictions", "reason"], false).is_none());
/// ```
pub fn rule_key(path: &[&str], per_item: bool) -> Option<RuleKey> {
    let pay = if per_item { Phase::PayItem } else { Phase::PayOrder };
    let value = |phase, base| Some(RuleKey { phase, gives: Gives::Value(base) });
    let number = |phase| Some(RuleKey { phase, gives: Gives::Number });
    let verbs = |phase| Some(RuleKey { phase, gives: Gives::Verbs });
    match path {
        ["credit", "when" | "prefer"] => value(Phase::Credit, Base::Bool),
        ["amount", "order" | "spread"] => value(Phase::OrderAmount, Base::Money),
        ["amount", "item"] => value(Phase::ItemAmount, Base::Money),
        ["totals", _, "when"] | ["limits", "when"] => value(Phase::Count, Base::Bool),
        ["totals", _, "items"] => value(Phase::CountItem, Base::Bool),
        ["totals", _, "measure"] => value(Phase::Count, Base::Money),
        ["totals", _, "of"] => value(Phase::Count, Base::Text),
        ["restrictions", "when"] => value(Phase::Restrict, Base::Bool),
        ["restrictions", "rule"] => verbs(Phase::Restrict),
        ["payout", "groups", "when"] | ["payouts", _, "groups", "when"] => value(pay, Base::Bool),
        ["payout", "default" | "groups", "by"] | ["payouts", _, "default" | "groups", "by"] => number(pay),
        ["payout", "default" | "groups", "rule"] | ["payouts", _, "default" | "groups", "rule"] => verbs(pay),
        ["bonuses", "when"] => value(Phase::Close, Base::Bool),
        ["bonuses", "measure"] => number(Phase::Close),
        ["bonuses", "on"] => value(Phase::Close, Base::Money),
        ["bonuses", "rule"] => verbs(Phase::Close),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Diagnostics};
    use crate::lang::{Env, Form, RuleSource, SharedFunctions, TotalSum, check};
    use indexmap::IndexMap;

    fn is(expression: &str, ty: Type) -> bool {
        let (attributes, lists, reasons, params) =
            (IndexMap::new(), IndexMap::new(), IndexMap::new(), IndexMap::new());
        let env = Env {
            event_types: vec!["sale"],
            attributes: &attributes,
            lists: &lists,
            reasons: &reasons,
            params: &params,
            totals: &[],
            functions: &SharedFunctions::default(),
            currency: crate::money::Currency::from_code("EUR").unwrap(),
            rounding: crate::money::RoundingMode::default(),
            closing: None,
            several_currencies: false,
            limits: &crate::Limits::default(),
        };
        let source = RuleSource { file: "", text: expression, offset: 0 };
        let mut found = Diagnostics::new();
        let form = Form::Expression(ty);
        check(&env, &source, Phase::PayItem, form, &mut found).is_some()
    }

    /// The checker decides what a call takes and gives; the table must say the same.
    #[test]
    fn calls_give_what_the_checker_says() {
        let before = |name: &str| match name {
            "starts_with" | "ends_with" | "contains" => "action.id",
            "len" => "action.items",
            "expired_at" | "not_yet_valid_at" => "creative",
            "date" | "hour" | "minute" => "touch.at",
            "days" | "hours" => "(action.occurred_at - touch.at)",
            _ => "action.occurred_at.date",
        };
        for call in calls() {
            let args: &[&str] = match call.name {
                "money" => &["\"5.00\""],
                "date" => &["\"2026-01-31\""],
                "time" => &["\"2026-01-31T00:00:00Z\""],
                "known" => &["customer.country"],
                "min" | "max" => &["item.amount", "action.amount"],
                "abs" => &["item.amount"],
                "floor" => &["1.5"],
                "round" => &["item.amount", "money(\"1\")"],
                "starts_with" | "ends_with" | "contains" => &["\"a\""],
                "months_between" => &["touch.at.date", "touch.at.date"],
                "expired_at" | "not_yet_valid_at" => &["touch.at"],
                "promo_owner" => &["\"A\""],
                "promo_active" => &["\"A\"", "touch.at"],
                "len" | "start_of_month" | "end_of_month" => &[],
                _ => &["item.quantity"],
            };
            let args = if call.form == CallForm::Property { &[] } else { args };
            assert_eq!(args.len(), call.params.len(), "{}", call.name);
            let (name, args) = (call.name, args.join(", "));
            let written = match call.form {
                CallForm::Function => format!("{name}({args})"),
                CallForm::Method => format!("{}.{name}({args})", before(name)),
                CallForm::Property => format!("{}.{name}", before(name)),
            };
            let gives = call.gives(Some(Type::known(Base::Money)));
            if gives.unknown {
                assert!(!is(&written, Type::known(gives.base)), "{written}");
                assert!(is(&format!("{written} ?? \"\""), Type::known(gives.base)), "{written}");
            } else {
                assert!(is(&written, gives), "{written} is not {gives}");
            }
        }
    }

    #[test]
    fn sums_and_codes_are_those_of_the_engine() {
        let sums: Vec<(&str, Base)> = TotalSum::ALL.iter().map(|sum| (sum.text(), sum.base())).collect();
        assert_eq!(TOTAL_SUMS.iter().map(|(name, base, _)| (*name, *base)).collect::<Vec<_>>(), sums);
        assert!(currencies().any(|pair| pair == ("EUR", "Euro")));
        assert!(Code::ALL.iter().all(|code| !code.doc().is_empty()));
    }
}
