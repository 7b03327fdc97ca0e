//! The value of one of the brand's own attributes, as it was reported.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::money::{Number, Token, parse_decimal};
use crate::seal::Seal;

/// The value of one of the brand's own attributes.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// `true` or `false`.
    Bool(bool),
    /// A number, kept exactly.
    Number(Number),
    /// Text. Money, dates and moments are text too, until the program's declaration gives them their types.
    Text(String),
}

impl Serialize for Attribute {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::Text(value) => serializer.serialize_str(value),
        }
    }
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = |digits: &str| {
            parse_decimal(digits).map(|number| Self::Number(Number(number))).map_err(D::Error::custom)
        };
        match Token::read(deserializer)? {
            Token::Json(raw) => match raw.as_bytes().first() {
                Some(b'"') => serde_json::from_str(&raw).map(Self::Text).map_err(D::Error::custom),
                Some(b't') => Ok(Self::Bool(true)),
                Some(b'f') => Ok(Self::Bool(false)),
                Some(b'-' | b'0'..=b'9') => number(&raw),
                _ => Err(D::Error::custom(
                    "an attribute is text, a number, true or false; leave it out when it is not known",
                )),
            },
            Token::Text(text) => Ok(Self::Text(text.into_owned())),
            Token::Integer(digits) => number(&digits),
            Token::Bool(flag) => Ok(Self::Bool(flag)),
        }
    }
}

impl Seal for Attribute {
    fn seal(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bool(value) => {
                out.push(0);
                value.seal(out);
            }
            Self::Number(value) => {
                out.push(1);
                value.seal(out);
            }
            Self::Text(value) => {
                out.push(2);
                value.seal(out);
            }
        }
    }
}

impl JsonSchema for Attribute {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Attribute".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A value of the type that the program declares for this attribute.",
            "type": ["string", "number", "boolean"]
        })
    }
}
