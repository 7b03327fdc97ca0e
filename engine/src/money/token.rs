//! Reads a scalar from any serde format without a binary float.
//!
//! `serde_json` returns a number as the text of its token when asked in the way of its `RawValue`. Every other format answers the
//! same request with a value: text, an integer, a flag, or a float, which is refused.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Unexpected, Visitor};

/// The name by which `serde_json` is asked for the text of a token. A `serde_json` that no longer knows this name returns a value
/// instead, and fractions are refused as floats.
const RAW: &str = "$serde_json::private::RawValue";

/// The message for a number that came as a binary float.
const FLOAT: &str =
    "this number came as a binary float, which cannot hold 0.10; write it as text, such as \"19.90\"";

/// A scalar as its format has it.
#[derive(Debug)]
pub(crate) enum Token<'de> {
    /// A JSON value as it is written, strings with their quotes and escapes.
    Json(Cow<'de, str>),
    /// Text.
    Text(Cow<'de, str>),
    /// The digits of an integer.
    Integer(String),
    /// `true` or `false`.
    Bool(bool),
}

impl<'de> Token<'de> {
    /// Reads the next value of the input.
    ///
    /// # Errors
    ///
    /// When the value is a binary float or, in a format other than JSON, not a scalar.
    pub(crate) fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Errors are made outside the visitor: inside it, serde would name `RAW` in the message.
        let token = deserializer.deserialize_newtype_struct(RAW, TokenVisitor)?;
        token.ok_or_else(|| D::Error::custom(FLOAT))
    }
}

/// Reads a token. Returns `None` for a binary float.
struct TokenVisitor;

impl<'de> Visitor<'de> for TokenVisitor {
    type Value = Option<Token<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, true or false")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        match map.next_key::<Key>()? {
            Some(Key { raw: true }) => Ok(Some(Token::Json(map.next_value::<Raw<'de>>()?.0))),
            _ => Err(A::Error::invalid_type(Unexpected::Map, &self)),
        }
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Token::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Some(Token::Text(Cow::Owned(text))))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Token::Bool(value)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        self.visit_i128(i128::from(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        self.visit_i128(i128::from(number))
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<Self::Value, E> {
        Ok(Some(Token::Integer(number.to_string())))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<Self::Value, E> {
        Ok(Some(Token::Integer(number.to_string())))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Reads the key of a map: whether it is the name that `serde_json` gives to the text of a token.
struct Key {
    raw: bool,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, a number, true or false")
            }

            fn visit_str<E: Error>(self, key: &str) -> Result<Key, E> {
                Ok(Key { raw: key == RAW })
            }
        }
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

/// The text of a token, borrowed if the input is in memory.
struct Raw<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Raw<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;
        impl<'de> Visitor<'de> for RawVisitor {
            type Value = Raw<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the text of a JSON value")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Raw(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                self.visit_string(text.to_owned())
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
                Ok(Raw(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(RawVisitor)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use crate::money::{Money, Number};

    /// A host's own type may read a fact through a buffer of serde, without access to the text.
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(untagged)]
    enum Buffered {
        Amount { amount: Money },
    }

    const LONG: &str = "123456789012345678.123456789";

    #[test]
    fn a_json_number_is_read_from_its_text_whatever_hands_it_over() {
        let exact: Number = serde_json::from_str(LONG).unwrap();
        assert_eq!(exact.0.to_string(), LONG);
        assert_eq!(serde_json::from_slice::<Number>(LONG.as_bytes()).unwrap(), exact);
        assert_eq!(serde_json::from_reader::<_, Number>(LONG.as_bytes()).unwrap(), exact);
        let quoted = format!("\"{LONG}\"");
        assert_eq!(serde_json::from_reader::<_, Number>(quoted.as_bytes()).unwrap(), exact);
        assert_eq!(serde_json::from_value::<Number>(json!(LONG)).unwrap(), exact);
        assert_eq!(serde_json::from_value::<Number>(json!(1990)).unwrap().0.to_string(), "1990");
        assert_eq!(serde_json::from_str::<Number>("\"1\\u0039.90\"").unwrap().0.to_string(), "19.90");
    }

    #[test]
    fn a_buffer_keeps_text_and_integers_and_a_float_is_refused() {
        let read = |json: &str| serde_json::from_str::<Buffered>(json);
        let amount = |text: &str| Buffered::Amount { amount: text.parse().unwrap() };
        assert_eq!(read(r#"{"amount": "19.90"}"#).unwrap(), amount("19.90"));
        assert_eq!(read(r#"{"amount": 19}"#).unwrap(), amount("19"));
        assert!(read(r#"{"amount": 19.90}"#).is_err());
        let float = rmp_serde::to_vec(&19.9f64).unwrap();
        let error = rmp_serde::from_slice::<Money>(&float).unwrap_err().to_string();
        assert!(error.contains("binary float"), "{error}");
    }

    #[test]
    fn what_is_no_number_is_named() {
        for (json, shown) in [("true", "`true`"), ("null", "`null`"), ("[1]", "`[1]`"), ("\"x\"", "`x`")] {
            let error = serde_json::from_str::<Number>(json).unwrap_err().to_string();
            assert!(error.contains(&format!("{shown} is not a decimal number")), "{error}");
        }
        let map = rmp_serde::to_vec(&std::collections::BTreeMap::from([("amount", 1)])).unwrap();
        assert!(rmp_serde::from_slice::<Money>(&map).is_err());
    }
}
