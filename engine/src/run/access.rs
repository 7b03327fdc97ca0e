//! Accessors: for each field, the function that reads it from the input of a rule. The interpreter calls an accessor and makes a
//! value of the result; the writer of facts for compiled modules looks its accessors up once, when the module is loaded.
//!
//! Most accessors follow from the tables of [`crate::facts`]; only fields that rules see differently are declared here.

use rust_decimal::Decimal;

use super::input::RuleInput;
use crate::facts::{
    self, Action, Creative, Customer, Device, Follows, Fraud, Item, Partner, Touch, action_records,
    reference_records,
};
use crate::lang::catalog::{FIELDS, Field, FieldSpec, same};
use crate::lang::{List, Record, Value};
use crate::money::Money;
use crate::time::Timestamp;

/// Used instead of an index for the record that is not in a list: the credited touch, or for an item the whole order.
pub(crate) const SELF: u32 = u32::MAX;

pub(crate) type GetText = for<'c, 'a> fn(&'c RuleInput<'a>, u32) -> Option<&'a str>;
pub(crate) type GetMoney = for<'c, 'a> fn(&'c RuleInput<'a>, u32) -> Option<&'c Money>;
pub(crate) type GetTexts = for<'c, 'a> fn(&'c RuleInput<'a>, u32) -> &'a [String];

/// A function that reads a field of an input, by the type of its result. The second argument is the index of an item or a touch,
/// for their fields; `None` is an unknown value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Accessor {
    Text(GetText),
    Money(GetMoney),
    Texts(GetTexts),
    Bool(fn(&RuleInput<'_>, u32) -> bool),
    Integer(fn(&RuleInput<'_>, u32) -> Option<i64>),
    Decimal(fn(&RuleInput<'_>, u32) -> Option<Decimal>),
    Time(fn(&RuleInput<'_>, u32) -> Option<Timestamp>),
    /// A list of items or touches.
    Records(fn(&RuleInput<'_>, u32) -> List<'static>),
}

impl Accessor {
    /// Returns the field as a value.
    #[inline]
    pub(crate) fn value<'a>(self, case: &RuleInput<'a>, at: u32) -> Value<'a> {
        match self {
            Self::Text(get) => get(case, at).map_or(Value::Unknown, Value::Text),
            Self::Money(get) => get(case, at).map_or(Value::Unknown, |money| Value::Money(*money)),
            Self::Texts(get) => Value::List(List::Text(get(case, at))),
            Self::Bool(get) => Value::Bool(get(case, at)),
            Self::Integer(get) => get(case, at).map_or(Value::Unknown, Value::Integer),
            Self::Decimal(get) => get(case, at).map_or(Value::Unknown, Value::Decimal),
            Self::Time(get) => get(case, at).map_or(Value::Unknown, Value::Time),
            Self::Records(get) => Value::List(get(case, at)),
        }
    }
}

impl<'a> RuleInput<'a> {
    /// Returns the value of a field: of a record that exists once, or of the item that the rule is evaluated for.
    #[inline]
    pub fn fact(&self, field: Field) -> Value<'a> {
        let at = if field.spec().record == Record::Item { self.item.unwrap_or(SELF) } else { SELF };
        field.accessor().value(self, at)
    }

    /// Returns the value of a field of the item or touch at this index.
    pub fn fact_at(&self, field: Field, index: u32) -> Value<'a> {
        field.accessor().value(self, index)
    }
}

/// The status of a partner or creative for which none is reported.
const ACTIVE: &str = "active";

/// The status of a customer for which none is reported.
const UNKNOWN: &str = "unknown";

fn amount<'a>(case: &RuleInput<'a>) -> &'a Money {
    case.action.amount.as_ref().unwrap_or(&Money::ZERO)
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// A record of facts that can be found in an input.
trait InCase: Sized {
    /// Returns the record of the input; for a list, the record at this index. `None` if there is no such record.
    fn find<'a>(case: &RuleInput<'a>, at: u32) -> Option<&'a Self>;
}

/// Declares where an input has each record.
macro_rules! in_case {
    ($($record:ident: |$case:ident, $at:ident| $find:expr;)+) => {
        $(impl InCase for $record {
            #[inline]
            fn find<'a>($case: &RuleInput<'a>, $at: u32) -> Option<&'a Self> {
                $find
            }
        })+
    };
}

in_case! {
    Action: |case, _at| Some(case.action);
    Item: |case, at| case.action.items.get(at as usize);
    Customer: |case, _at| Some(&case.action.customer);
    Touch: |case, at| if at == SELF { Some(case.touch) } else { case.action.touches.get(at as usize) };
    Device: |case, _at| Some(&case.action.device);
    Fraud: |case, _at| Some(&case.action.fraud);
    Follows: |case, _at| case.action.follows.as_ref();
    Partner: |case, _at| case.partner;
    Creative: |case, _at| case.creative;
}

/// The accessor of a field as it is stored in the facts, for each type of field; `None` for a type without values of its own.
macro_rules! accessor {
    ($record:ident $field:ident: String) => {
        Some(Accessor::Text(|case, at| Some(&$record::find(case, at)?.$field)))
    };
    ($record:ident $field:ident: Option<String>) => {
        Some(Accessor::Text(|case, at| $record::find(case, at)?.$field.as_deref()))
    };
    ($record:ident $field:ident: TouchKind) => {
        Some(Accessor::Text(|case, at| Some($record::find(case, at)?.$field.text())))
    };
    ($record:ident $field:ident: Option<Currency>) => {
        Some(Accessor::Text(|case, at| $record::find(case, at)?.$field.map(|currency| currency.code())))
    };
    ($record:ident $field:ident: Vec<String>) => {
        Some(Accessor::Texts(|case, at| $record::find(case, at).map_or(&[], |record| &record.$field)))
    };
    ($record:ident $field:ident: Money) => {
        Some(Accessor::Money(|case, at| Some(&$record::find(case, at)?.$field)))
    };
    ($record:ident $field:ident: Option<Money>) => {
        Some(Accessor::Money(|case, at| $record::find(case, at)?.$field.as_ref()))
    };
    ($record:ident $field:ident: Option<Number>) => {
        Some(Accessor::Decimal(|case, at| $record::find(case, at)?.$field.map(|number| number.0)))
    };
    ($record:ident $field:ident: u32) => {
        Some(Accessor::Integer(|case, at| Some(i64::from($record::find(case, at)?.$field))))
    };
    ($record:ident $field:ident: Option<u32>) => {
        Some(Accessor::Integer(|case, at| $record::find(case, at)?.$field.map(i64::from)))
    };
    ($record:ident $field:ident: Timestamp) => {
        Some(Accessor::Time(|case, at| Some($record::find(case, at)?.$field)))
    };
    ($record:ident $field:ident: Option<Timestamp>) => {
        Some(Accessor::Time(|case, at| $record::find(case, at)?.$field))
    };
    ($record:ident $field:ident: $($other:tt)+) => {
        None
    };
}

/// Makes the accessors of a table of fields, under their names in [`FIELDS`].
macro_rules! accessors {
    ($($(#[$meta:meta])* pub struct $record:ident {
        $($(#[$more:meta])* pub $field:ident: $ty:ident $(<$($of:ident),+>)? $(= $default:expr)?,)+
    })+) => {
        &[$($((Record::$record, stringify!($field), accessor!($record $field: $ty $(<$($of),+>)?)),)+)+]
    };
}

type Named = (Record, &'static str, Option<Accessor>);

/// Accessors of the fields of an action as they are stored.
const OF_ACTION: &[Named] = action_records!(accessors);

/// Accessors of the fields of reference facts as they are stored.
const OF_REFERENCE: &[Named] = reference_records!(accessors);

const fn own(record: Record, name: &'static str, accessor: Accessor) -> Named {
    (record, name, Some(accessor))
}

/// Accessors of the fields that rules see differently.
const OWN: &[Named] = {
    use Accessor::{Bool, Integer, Money, Records, Text, Texts, Time};
    use Record::{Action, Contract, Creative, Customer, Item, Partner};
    &[
        own(
            Action,
            "submitted_at",
            Time(|case, _| Some(case.action.submitted_at.unwrap_or(case.action.occurred_at))),
        ),
        own(Action, "currency", Text(|case, _| Some(case.currency.code()))),
        own(Action, "amount", Money(|case, _| Some(amount(case)))),
        own(Action, "base", Money(|case, _| Some(&case.base))),
        own(Action, "items", Records(|case, _| List::Items(count(case.action.items.len())))),
        own(Action, "promo_codes", Texts(|case, _| case.promo_codes)),
        own(Action, "touches", Records(|case, _| List::Touches(count(case.action.touches.len())))),
        // If each item is priced, an action without items is one line of its whole amount: quantity 1, no SKU.
        own(
            Item,
            "sku",
            Text(|case, at| match at {
                SELF => Some(""),
                _ => Some(&facts::Item::find(case, at)?.sku),
            }),
        ),
        own(
            Item,
            "quantity",
            Integer(|case, at| match at {
                SELF => Some(1),
                _ => Some(i64::from(facts::Item::find(case, at)?.quantity)),
            }),
        ),
        own(
            Item,
            "amount",
            Money(|case, at| match at {
                SELF => Some(amount(case)),
                _ => Some(&facts::Item::find(case, at)?.amount),
            }),
        ),
        own(
            Item,
            "base",
            Money(|case, at| match at {
                SELF => Some(&case.base),
                _ => facts::Item::find(case, at)
                    .map(|_| case.item_bases.get(at as usize).unwrap_or(&crate::money::Money::ZERO)),
            }),
        ),
        own(
            Customer,
            "status",
            Text(|case, _| Some(case.action.customer.status.as_deref().unwrap_or(UNKNOWN))),
        ),
        own(Partner, "id", Text(|case, _| Some(case.partner_id))),
        own(
            Partner,
            "status",
            Text(|case, _| Some(case.partner.and_then(|p| p.status.as_deref()).unwrap_or(ACTIVE))),
        ),
        // As it is listed, which is how a contract writes it.
        own(
            Creative,
            "id",
            Text(|case, _| case.creative.map(|listed| listed.id.as_str()).or(case.touch.creative.as_deref())),
        ),
        own(
            Creative,
            "status",
            Text(|case, _| {
                Some(match (&case.touch.creative, case.creative) {
                    (None, _) => "none",
                    (Some(_), None) => "unlisted",
                    (Some(_), Some(creative)) => creative.status.as_deref().unwrap_or(ACTIVE),
                })
            }),
        ),
        own(Creative, "allowed", Bool(|case, _| case.creative_allowed())),
        own(Contract, "name", Text(|case, _| Some(&case.contract.name))),
        own(Contract, "version", Integer(|case, _| Some(i64::from(case.version.number)))),
        // The loader requires a beginning of every version, so the epoch is never seen.
        own(
            Contract,
            "started_at",
            Time(|case, _| Some(case.contract.started_at().unwrap_or(Timestamp::UNIX_EPOCH))),
        ),
    ]
};

/// The accessor of each of [`FIELDS`]. A field without an accessor does not compile.
#[allow(clippy::panic, clippy::indexing_slicing, reason = "evaluated when the engine is compiled")]
static ACCESSORS: [Accessor; FIELDS.len()] = {
    let mut all = [Accessor::Bool(|_, _| false); FIELDS.len()];
    let mut at = 0;
    while at < all.len() {
        let FieldSpec { record, name, own, .. } = FIELDS[at];
        let found = match (own, find(OF_ACTION, record, name), find(OF_REFERENCE, record, name)) {
            (true, _, _) => find(OWN, record, name),
            (false, Some(found), _) | (false, None, Some(found)) => Some(found),
            (false, None, None) => None,
        };
        all[at] = match found {
            Some(found) => found,
            None => panic!("a field in `FIELDS` has no accessor"),
        };
        at += 1;
    }
    all
};

#[allow(clippy::indexing_slicing, reason = "evaluated when the engine is compiled")]
const fn find(named: &[Named], record: Record, name: &str) -> Option<Accessor> {
    let mut at = 0;
    while at < named.len() {
        let (of, other, accessor) = named[at];
        if of as u8 == record as u8 && same(other, name) {
            return accessor;
        }
        at += 1;
    }
    None
}

impl Field {
    /// Returns the accessor of the field.
    #[inline]
    #[allow(clippy::indexing_slicing, reason = "there is one for each field")]
    pub(crate) fn accessor(self) -> Accessor {
        ACCESSORS[usize::from(self.number())]
    }
}
