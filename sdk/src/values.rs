//! Parameters and attributes: values with the names and types that the program declares.

use rust_decimal::Decimal;

use crate::{Date, Duration, Fault, Moment, Money};

/// A value of a declared type.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant is the type that it names")]
pub enum Value {
    Bool(bool),
    Integer(i64),
    Decimal(Decimal),
    Money(Money),
    Text(String),
    Time(Moment),
    Date(Date),
    Duration(Duration),
}

macro_rules! from {
    ($($type:ty => $variant:ident,)+) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}

from! {
    bool => Bool,
    i64 => Integer,
    Decimal => Decimal,
    Money => Money,
    &str => Text,
    String => Text,
    Moment => Time,
    Date => Date,
    Duration => Duration,
}

/// Values by name: the contract's parameters, or the brand's own attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    pub(crate) kind: &'static str,
    pub(crate) values: Vec<(String, Option<Value>)>,
}

impl Default for Named {
    /// Returns no attributes.
    fn default() -> Self {
        Self::new("attribute")
    }
}

impl Named {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, values: Vec::new() }
    }

    /// Sets a value, for a test.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.values.retain(|(other, _)| other != name);
        self.values.push((name.to_owned(), Some(value.into())));
    }

    /// Declares a name with an unknown value, for a test.
    pub fn set_unknown(&mut self, name: &str) {
        self.values.retain(|(other, _)| other != name);
        self.values.push((name.to_owned(), None));
    }

    /// Returns a value; `None` if the value is not known, such as an attribute that the action does not have.
    ///
    /// # Errors
    ///
    /// [`Fault::Missing`] when the program does not declare the name.
    pub fn get(&self, name: &str) -> Result<Option<&Value>, Fault> {
        let found = self.values.iter().find(|(other, _)| other == name);
        let missing = || Fault::Missing { kind: self.kind, name: name.to_owned() };
        found.map(|(_, value)| value.as_ref()).ok_or_else(missing)
    }
}

macro_rules! getters {
    ($($(#[doc = $doc:literal])+ $name:ident / $maybe:ident: $variant:ident => $type:ty, $wanted:literal;)+) => {
        impl Named {
            $(
                $(#[doc = $doc])+
                ///
                /// # Errors
                ///
                /// When the program does not declare it so, or its value is not known.
                pub fn $name(&self, name: &str) -> Result<$type, Fault> {
                    self.$maybe(name)?.ok_or_else(|| Fault::Other(format!("the {} `{name}` is not known", self.kind)))
                }

                $(#[doc = $doc])+
                /// `None` when it is not known.
                ///
                /// # Errors
                ///
                /// When the program does not declare it so.
                pub fn $maybe(&self, name: &str) -> Result<Option<$type>, Fault> {
                    match self.get(name)? {
                        None => Ok(None),
                        Some(Value::$variant(value)) => Ok(Some(value.clone())),
                        Some(_) => Err(Fault::WrongType {
                            kind: self.kind,
                            name: name.to_owned(),
                            wanted: $wanted,
                        }),
                    }
                }
            )+
        }
    };
}

getters! {
    /// `true` or `false`.
    bool / maybe_bool: Bool => bool, "bool";
    /// A whole number.
    integer / maybe_integer: Integer => i64, "integer";
    /// A decimal; a parameter such as `"8%"` is 0.08.
    decimal / maybe_decimal: Decimal => Decimal, "decimal";
    /// An amount.
    money / maybe_money: Money => Money, "money";
    /// Text.
    text / maybe_text: Text => String, "text";
    /// A moment.
    time / maybe_time: Time => Moment, "time";
    /// A date.
    date / maybe_date: Date => Date, "date";
    /// A length of time.
    duration / maybe_duration: Duration => Duration, "duration";
}
