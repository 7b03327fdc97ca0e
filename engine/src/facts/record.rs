//! Records of facts: fields, each with a name, a type, a place in a struct and a description.
//!
//! [`records!`] makes the struct of a record and [`FactRecord::FIELDS`], its table. Readers and writers of every format use that
//! table, so a field is declared once: CSV and Arrow columns, the sizes of texts, the amounts that an exchange rate converts,
//! receipts, the JSON schema and the names that rules read all follow from it.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

use super::attribute::Attribute;
use super::words::{and, shown};
use crate::money::{Currency, Money, Number};
use crate::seal::Seal;
use crate::time::Timestamp;

/// A record of facts.
pub trait FactRecord: Sized + 'static {
    /// The fields, in the order in which they are declared, written and sealed.
    const FIELDS: &'static [FactField<Self>];

    /// Returns a record before its fields are read: empty texts and lists, zero, the epoch, everything else unknown.
    fn blank() -> Self;
}

/// One field of a record of type `R`.
#[derive(Debug)]
pub struct FactField<R> {
    /// The name of the field in every format.
    pub name: &'static str,
    /// The description of the field: one or more sentences.
    pub doc: &'static str,
    /// The kind of its values.
    pub kind: Kind,
    /// Whether every record must have it.
    pub required: bool,
    /// Returns the value of the field.
    pub get: fn(&R) -> FieldRef<'_>,
    /// Returns the place to write the field.
    pub get_mut: fn(&mut R) -> FieldMut<'_>,
    /// Sets the field to the value that it has when it is left out.
    pub reset: fn(&mut R),
}

/// The kind of a field's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A list of texts.
    Texts,
    /// One of the engine's own words, such as `click`.
    Word,
    /// A currency code.
    Currency,
    /// An amount, which an exchange rate converts.
    Money,
    /// A decimal that is no amount.
    Decimal,
    /// A whole number that is not negative.
    Integer,
    /// A moment.
    Time,
    /// Another record, a list of records, or the brand's own attributes; has no column of its own.
    Nested,
}

/// The value of a field; `None` if the value is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldRef<'a> {
    /// Text, a word or a currency code.
    Text(Option<&'a str>),
    /// A list of texts.
    Texts(&'a [String]),
    /// An amount or another decimal.
    Decimal(Option<Decimal>),
    /// A whole number.
    Integer(Option<u32>),
    /// A moment.
    Time(Option<Timestamp>),
    /// A nested record, which has no single value.
    Nested,
}

/// The place to write a field.
#[derive(Debug)]
pub enum FieldMut<'a> {
    /// Text.
    Text(Place<'a, String>),
    /// A list of texts.
    Texts(&'a mut Vec<String>),
    /// A word.
    Word(&'a mut dyn Word),
    /// A currency.
    Currency(Place<'a, Currency>),
    /// An amount.
    Money(Place<'a, Money>),
    /// A decimal.
    Decimal(Place<'a, Number>),
    /// A whole number.
    Integer(Place<'a, u32>),
    /// A moment.
    Time(Place<'a, Timestamp>),
    /// The brand's own attributes, by name.
    Attributes(&'a mut BTreeMap<String, Attribute>),
    /// A nested record, which has no single place.
    Nested,
}

/// A place for one value.
#[derive(Debug)]
pub enum Place<'a, T> {
    /// A value that is always known.
    Known(&'a mut T),
    /// A value that may be unknown.
    Maybe(&'a mut Option<T>),
}

impl<T> Place<'_, T> {
    /// Writes the value.
    pub fn set(self, value: T) {
        match self {
            Self::Known(place) => *place = value,
            Self::Maybe(place) => *place = Some(value),
        }
    }
}

impl Place<'_, String> {
    /// Writes a text and reuses the memory of the text before.
    pub fn set_text(self, text: &str) {
        let place = match self {
            Self::Known(place) => place,
            Self::Maybe(place) => place.get_or_insert_default(),
        };
        place.clear();
        place.push_str(text);
    }
}

/// An enum that is written as a word.
pub trait Word: fmt::Debug {
    /// Returns the word as it is written in files and rules.
    fn word(&self) -> &'static str;

    /// Returns every word.
    fn words(&self) -> &'static [&'static str];

    /// Sets the value to the case with this word, in capital or small letters. Returns `false` if no case has the word.
    fn set_word(&mut self, text: &str) -> bool;
}

/// The place of a value in a record, for messages: `items[2].sku`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'a> {
    /// The record itself.
    Root,
    /// A field, or an attribute by its name.
    Field(&'a Path<'a>, &'a str),
    /// An entry of a list.
    Entry(&'a Path<'a>, usize),
}

/// The most characters of a name that a path repeats, because the names of attributes come from outside.
const NAME_CHARS: usize = 40;

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(above, name) => {
                if !matches!(above, Self::Root) {
                    write!(f, "{above}.")?;
                }
                name.chars().take(NAME_CHARS).try_for_each(|letter| write!(f, "{letter}"))
            }
            Self::Entry(above, at) => write!(f, "{above}[{at}]"),
        }
    }
}

/// Visits every text and every amount of a record.
pub(crate) trait FactVisitor {
    /// Called for each text.
    fn text(&mut self, _at: Path<'_>, _text: &str) {}

    /// Called for each list of texts, before its texts.
    fn texts(&mut self, _at: Path<'_>, _count: usize) {}

    /// Called for each amount.
    fn amount(&mut self, _at: Path<'_>, _amount: Money) {}
}

/// A type that a field may have. A record is such a type too, and passes each request to all its fields, in order.
pub(crate) trait FieldType: Seal + Sized {
    /// The kind of the type's values.
    const KIND: Kind = Kind::Nested;

    /// Returns the value before a field is read.
    fn blank() -> Self;

    /// Returns the value of the field.
    fn get(&self) -> FieldRef<'_> {
        FieldRef::Nested
    }

    /// Returns the place to write the field.
    fn get_mut(&mut self) -> FieldMut<'_> {
        FieldMut::Nested
    }

    /// Passes every text and every amount in the value to `visitor`.
    fn visit(&self, _at: Path<'_>, _visitor: &mut impl FactVisitor) {}

    /// Changes every amount in the value, up to the first error.
    fn try_amounts<E>(&mut self, _change: &mut impl FnMut(&mut Money) -> Result<(), E>) -> Result<(), E> {
        Ok(())
    }

    /// Takes the blanks off both ends of every text. An empty text that may be left out is left out.
    fn tidy(&mut self) {}
}

/// A type of single values. A field has this type, or an `Option` of it if the value may be unknown.
pub(crate) trait Scalar: Seal + Sized {
    /// The kind of the type's values.
    const KIND: Kind;

    /// Returns the value before a field is read.
    fn blank() -> Self;

    /// Returns a value as a field's value.
    fn get(value: Option<&Self>) -> FieldRef<'_>;

    /// Returns a place as a field's place.
    fn get_mut(place: Place<'_, Self>) -> FieldMut<'_>;

    /// Returns the text; `None` unless the value is free text.
    fn text(&self) -> Option<&str> {
        None
    }

    /// Returns the amount; `None` unless the value is an amount.
    fn amount(&self) -> Option<Money> {
        None
    }

    /// Returns the place of the amount; `None` unless the value is an amount.
    fn amount_mut(&mut self) -> Option<&mut Money> {
        None
    }

    /// Takes the blanks off both ends of a free text.
    fn tidy(&mut self) {}
}

/// Takes the blanks off both ends of a text, line breaks and no-break spaces too.
fn trim(text: &mut String) {
    let is_blank = |byte: Option<&u8>| byte.is_some_and(|byte| *byte <= b' ' || !byte.is_ascii());
    if is_blank(text.as_bytes().first()) || is_blank(text.as_bytes().last()) {
        text.truncate(text.trim_end().len());
        text.drain(..text.len() - text.trim_start().len());
    }
}

impl Scalar for String {
    const KIND: Kind = Kind::Text;

    fn blank() -> Self {
        Self::new()
    }

    fn get(value: Option<&Self>) -> FieldRef<'_> {
        FieldRef::Text(value.map(String::as_str))
    }

    fn get_mut(place: Place<'_, Self>) -> FieldMut<'_> {
        FieldMut::Text(place)
    }

    fn text(&self) -> Option<&str> {
        Some(self)
    }

    fn tidy(&mut self) {
        trim(self);
    }
}

impl Scalar for Currency {
    const KIND: Kind = Kind::Currency;

    fn blank() -> Self {
        Self::NONE
    }

    fn get(value: Option<&Self>) -> FieldRef<'_> {
        FieldRef::Text(value.map(|currency| currency.code()))
    }

    fn get_mut(place: Place<'_, Self>) -> FieldMut<'_> {
        FieldMut::Currency(place)
    }
}

impl Scalar for Money {
    const KIND: Kind = Kind::Money;

    fn blank() -> Self {
        Self::ZERO
    }

    fn get(value: Option<&Self>) -> FieldRef<'_> {
        FieldRef::Decimal(value.map(|amount| amount.0))
    }

    fn get_mut(place: Place<'_, Self>) -> FieldMut<'_> {
        FieldMut::Money(place)
    }

    fn amount(&self) -> Option<Money> {
        Some(*self)
    }

    fn amount_mut(&mut self) -> Option<&mut Money> {
        Some(self)
    }
}

impl Scalar for Number {
    const KIND: Kind = Kind::Decimal;

    fn blank() -> Self {
        Self::default()
    }

    fn get(value: Option<&Self>) -> FieldRef<'_> {
        FieldRef::Decimal(value.map(|number| number.0))
    }

    fn get_mut(place: Place<'_, Self>) -> FieldMut<'_> {
        FieldMut::Decimal(place)
    }
}

impl Scalar for u32 {
    const KIND: Kind = Kind::Integer;

    fn blank() -> Self {
        0
    }

    fn get(value: Option<&Self>) -> FieldRef<'_> {
        FieldRef::Integer(value.copied())
    }

    fn get_mut(place: Place<'_, Self>) -> FieldMut<'_> {
        FieldMut::Integer(place)
    }
}

impl Scalar for Timestamp {
    const KIND: Kind = Kind::Time;

    fn blank() -> Self {
        Self::UNIX_EPOCH
    }

    fn get(value: Option<&Self>) -> FieldRef<'_> {
        FieldRef::Time(value.copied())
    }

    fn get_mut(place: Place<'_, Self>) -> FieldMut<'_> {
        FieldMut::Time(place)
    }
}

impl<T: Scalar> FieldType for T {
    const KIND: Kind = T::KIND;

    fn blank() -> Self {
        T::blank()
    }

    fn get(&self) -> FieldRef<'_> {
        T::get(Some(self))
    }

    fn get_mut(&mut self) -> FieldMut<'_> {
        T::get_mut(Place::Known(self))
    }

    fn visit(&self, at: Path<'_>, visitor: &mut impl FactVisitor) {
        if let Some(text) = self.text() {
            visitor.text(at, text);
        }
        if let Some(amount) = self.amount() {
            visitor.amount(at, amount);
        }
    }

    fn try_amounts<E>(&mut self, change: &mut impl FnMut(&mut Money) -> Result<(), E>) -> Result<(), E> {
        self.amount_mut().map_or(Ok(()), change)
    }

    fn tidy(&mut self) {
        Scalar::tidy(self);
    }
}

impl<T: Scalar> FieldType for Option<T> {
    const KIND: Kind = T::KIND;

    fn blank() -> Self {
        None
    }

    fn get(&self) -> FieldRef<'_> {
        T::get(self.as_ref())
    }

    fn get_mut(&mut self) -> FieldMut<'_> {
        T::get_mut(Place::Maybe(self))
    }

    fn visit(&self, at: Path<'_>, visitor: &mut impl FactVisitor) {
        if let Some(value) = self {
            value.visit(at, visitor);
        }
    }

    fn try_amounts<E>(&mut self, change: &mut impl FnMut(&mut Money) -> Result<(), E>) -> Result<(), E> {
        self.as_mut().map_or(Ok(()), |value| value.try_amounts(change))
    }

    fn tidy(&mut self) {
        if let Some(value) = self {
            Scalar::tidy(value);
            if value.text() == Some("") {
                *self = None;
            }
        }
    }
}

impl FieldType for Vec<String> {
    const KIND: Kind = Kind::Texts;

    fn blank() -> Self {
        Self::new()
    }

    fn get(&self) -> FieldRef<'_> {
        FieldRef::Texts(self)
    }

    fn get_mut(&mut self) -> FieldMut<'_> {
        FieldMut::Texts(self)
    }

    fn visit(&self, at: Path<'_>, visitor: &mut impl FactVisitor) {
        visitor.texts(at, self.len());
        for (n, text) in self.iter().enumerate() {
            visitor.text(Path::Entry(&at, n), text);
        }
    }

    fn tidy(&mut self) {
        self.iter_mut().for_each(trim);
        self.retain(|text| !text.is_empty());
    }
}

impl FieldType for BTreeMap<String, Attribute> {
    fn blank() -> Self {
        Self::new()
    }

    fn get_mut(&mut self) -> FieldMut<'_> {
        FieldMut::Attributes(self)
    }

    fn visit(&self, at: Path<'_>, visitor: &mut impl FactVisitor) {
        for (name, value) in self {
            if let Attribute::Text(text) = value {
                visitor.text(Path::Field(&at, name), text);
            }
        }
    }

    fn tidy(&mut self) {
        self.retain(|_, value| match value {
            Attribute::Text(text) => {
                trim(text);
                !text.is_empty()
            }
            Attribute::Bool(_) | Attribute::Number(_) => true,
        });
    }
}

/// Declares records of facts. Each reads like the struct it makes:
///
/// ```text
/// /// Who bought.
/// pub struct Customer {
///     /// Orders before this one.
///     pub order_count: Option<u32>,
/// }
/// ```
///
/// - A field of a plain type is required, unless `= value` gives its value when it is left out; a `#[serde]` attribute must give
///   the same value.
/// - An `Option`, a `Vec` or a map may be left out when it is read, and is left out when it is written empty.
/// - The sentences are the field's documentation everywhere: here, in the schema and in the rule language.
/// - The order is the order in receipts: moving a field changes every receipt.
macro_rules! records {
    // Moves one field after the other into the body of the struct and into the table.
    (@fields $head:tt $record:ident [$($body:tt)*] [$($table:tt)*]
        $(#[doc = $doc:literal])+ $(#[serde($($serde:tt)+)])? pub $field:ident: Option<$of:ty>, $($rest:tt)*
    ) => {
        $crate::facts::record::records! { @fields $head $record
            [$($body)* $(#[doc = $doc])+ #[serde(default, skip_serializing_if = "Option::is_none")]
                $(#[serde($($serde)+)])? pub $field: Option<$of>,]
            [$($table)* { $field; Option<$of>; false; None; $($doc),+ }] $($rest)* }
    };
    (@fields $head:tt $record:ident [$($body:tt)*] [$($table:tt)*]
        $(#[doc = $doc:literal])+ $(#[serde($($serde:tt)+)])? pub $field:ident: Vec<$of:ty>, $($rest:tt)*
    ) => {
        $crate::facts::record::records! { @fields $head $record
            [$($body)* $(#[doc = $doc])+ #[serde(default, skip_serializing_if = "Vec::is_empty")]
                $(#[serde($($serde)+)])? pub $field: Vec<$of>,]
            [$($table)* { $field; Vec<$of>; false; Vec::new(); $($doc),+ }] $($rest)* }
    };
    (@fields $head:tt $record:ident [$($body:tt)*] [$($table:tt)*]
        $(#[doc = $doc:literal])+ $(#[serde($($serde:tt)+)])? pub $field:ident: BTreeMap<$key:ty, $of:ty>, $($rest:tt)*
    ) => {
        $crate::facts::record::records! { @fields $head $record
            [$($body)* $(#[doc = $doc])+ #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
                $(#[serde($($serde)+)])? pub $field: BTreeMap<$key, $of>,]
            [$($table)* { $field; BTreeMap<$key, $of>; false; BTreeMap::new(); $($doc),+ }] $($rest)* }
    };
    (@fields $head:tt $record:ident [$($body:tt)*] [$($table:tt)*]
        $(#[doc = $doc:literal])+ $(#[serde($($serde:tt)+)])? pub $field:ident: $ty:ty = $default:expr, $($rest:tt)*
    ) => {
        $crate::facts::record::records! { @fields $head $record
            [$($body)* $(#[doc = $doc])+ $(#[serde($($serde)+)])? pub $field: $ty,]
            [$($table)* { $field; $ty; false; $default; $($doc),+ }] $($rest)* }
    };
    (@fields $head:tt $record:ident [$($body:tt)*] [$($table:tt)*]
        $(#[doc = $doc:literal])+ $(#[serde($($serde:tt)+)])? pub $field:ident: $ty:ty, $($rest:tt)*
    ) => {
        $crate::facts::record::records! { @fields $head $record
            [$($body)* $(#[doc = $doc])+ $(#[serde($($serde)+)])? pub $field: $ty,]
            [$($table)* { $field; $ty; true; $crate::facts::record::FieldType::blank(); $($doc),+ }] $($rest)* }
    };

    // All fields are moved.
    (@fields ($(#[$meta:meta])*) $record:ident [$($body:tt)*]
        [$({ $field:ident; $ty:ty; $required:literal; $default:expr; $($doc:literal),+ })+]
    ) => {
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$meta])*
        pub struct $record { $($body)* }

        impl $crate::facts::record::FactRecord for $record {
            const FIELDS: &'static [$crate::facts::record::FactField<Self>] = &[
                $($crate::facts::record::FactField {
                    name: stringify!($field),
                    doc: concat!($($doc),+).trim_ascii(),
                    kind: <$ty as $crate::facts::record::FieldType>::KIND,
                    required: $required,
                    get: |record| $crate::facts::record::FieldType::get(&record.$field),
                    get_mut: |record| $crate::facts::record::FieldType::get_mut(&mut record.$field),
                    reset: |record| record.$field = $default,
                },)+
            ];

            fn blank() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $crate::seal::Seal for $record {
            fn seal(&self, out: &mut Vec<u8>) {
                $($crate::seal::Seal::seal(&self.$field, out);)+
            }
        }

        impl $crate::facts::record::FieldType for $record {
            fn blank() -> Self {
                $crate::facts::record::FactRecord::blank()
            }

            fn visit(
                &self,
                at: $crate::facts::record::Path<'_>,
                visitor: &mut impl $crate::facts::record::FactVisitor,
            ) {
                use $crate::facts::record::Path::Field;
                $($crate::facts::record::FieldType::visit(
                    &self.$field, Field(&at, stringify!($field)), visitor,
                );)+
            }

            fn try_amounts<E>(
                &mut self,
                change: &mut impl FnMut(&mut $crate::money::Money) -> Result<(), E>,
            ) -> Result<(), E> {
                $($crate::facts::record::FieldType::try_amounts(&mut self.$field, change)?;)+
                Ok(())
            }

            fn tidy(&mut self) {
                $($crate::facts::record::FieldType::tidy(&mut self.$field);)+
            }
        }

        impl $crate::facts::record::FieldType for Option<$record> {
            fn blank() -> Self {
                None
            }

            fn visit(
                &self,
                at: $crate::facts::record::Path<'_>,
                visitor: &mut impl $crate::facts::record::FactVisitor,
            ) {
                if let Some(record) = self {
                    record.visit(at, visitor);
                }
            }

            fn try_amounts<E>(
                &mut self,
                change: &mut impl FnMut(&mut $crate::money::Money) -> Result<(), E>,
            ) -> Result<(), E> {
                self.as_mut().map_or(Ok(()), |record| record.try_amounts(change))
            }

            fn tidy(&mut self) {
                if let Some(record) = self {
                    $crate::facts::record::FieldType::tidy(record);
                }
            }
        }

        impl $crate::facts::record::FieldType for Vec<$record> {
            fn blank() -> Self {
                Self::new()
            }

            fn visit(
                &self,
                at: $crate::facts::record::Path<'_>,
                visitor: &mut impl $crate::facts::record::FactVisitor,
            ) {
                for (n, record) in self.iter().enumerate() {
                    record.visit($crate::facts::record::Path::Entry(&at, n), visitor);
                }
            }

            fn try_amounts<E>(
                &mut self,
                change: &mut impl FnMut(&mut $crate::money::Money) -> Result<(), E>,
            ) -> Result<(), E> {
                self.iter_mut().try_for_each(|record| record.try_amounts(change))
            }

            fn tidy(&mut self) {
                self.iter_mut().for_each($crate::facts::record::FieldType::tidy);
            }
        }
    };

    ($($(#[$meta:meta])* pub struct $record:ident { $($fields:tt)+ })+) => {
        $($crate::facts::record::records! { @fields ($(#[$meta])*) $record [] [] $($fields)+ })+
    };
}
pub(crate) use records;

/// Reads one of the words of an enum into `place`.
///
/// # Errors
///
/// A sentence for the author of the word, which lists the possible words.
pub fn read_word(place: &mut dyn Word, text: &str) -> Result<(), String> {
    if place.set_word(text) {
        return Ok(());
    }
    Err(format!("`{}` is not known here; write {}", shown(text), and(place.words(), "or")))
}

/// Makes words of the cases of an enum: how each case is sealed, and how it is written.
macro_rules! words {
    ($($name:ident { $($case:ident = $number:literal $text:literal),+ })+) => {$(
        impl $name {
            /// Returns the word as it is written in files and rules.
            pub fn text(self) -> &'static str {
                match self { $(Self::$case => $text,)+ }
            }
        }

        impl $crate::facts::record::Word for $name {
            fn word(&self) -> &'static str {
                self.text()
            }

            fn words(&self) -> &'static [&'static str] {
                &[$($text),+]
            }

            fn set_word(&mut self, text: &str) -> bool {
                let found = [$(($text, Self::$case)),+].into_iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
                found.map(|(_, case)| *self = case).is_some()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                let mut value = <Self as $crate::facts::record::FieldType>::blank();
                $crate::facts::record::read_word(&mut value, text.trim()).map_err(serde::de::Error::custom)?;
                Ok(value)
            }
        }

        $crate::seal::seal_cases! { $name { $($case = $number),+ } }

        impl $crate::facts::record::FieldType for $name {
            const KIND: $crate::facts::record::Kind = $crate::facts::record::Kind::Word;

            fn blank() -> Self {
                let [first, ..] = [$(Self::$case),+];
                first
            }

            fn get(&self) -> $crate::facts::record::FieldRef<'_> {
                $crate::facts::record::FieldRef::Text(Some(self.text()))
            }

            fn get_mut(&mut self) -> $crate::facts::record::FieldMut<'_> {
                $crate::facts::record::FieldMut::Word(self)
            }
        }
    )+};
}
pub(crate) use words;
