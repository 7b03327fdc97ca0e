//! Serde for computed numbers, which keep all decimals that arithmetic gave them.
//!
//! Numbers that a person or a host writes have at most [`super::MAX_SCALE`] decimals. A third of an amount has 28, and an
//! explanation that is read back must recompute.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Money, Number};

/// A decimal as the engine writes it: a normalised string with any number of decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Computed(pub Decimal);

impl Serialize for Computed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Number(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Computed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Decimal::from_str_exact(&text).map(Self).map_err(|_| {
            let shown: String = text.chars().take(40).collect();
            serde::de::Error::custom(format!("`{shown}` is not a decimal number"))
        })
    }
}

impl JsonSchema for Computed {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ComputedDecimal".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "An exact decimal as it was computed, in a string such as \"2.925\".",
            "type": "string",
            "pattern": r"^-?[0-9]+(\.[0-9]{1,28})?$"
        })
    }
}

/// Writes a computed amount; for `#[serde(with)]`.
pub(crate) fn serialize<S: Serializer>(amount: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    Computed(amount.0).serialize(serializer)
}

/// Reads a computed amount.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    Computed::deserialize(deserializer).map(|number| Money(number.0))
}

/// Serde for a computed amount that may be missing.
pub(crate) mod option {
    use super::{Computed, Deserialize, Deserializer, Money, Serialize, Serializer};

    /// Writes the amount or its absence.
    pub(crate) fn serialize<S: Serializer>(amount: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
        amount.map(|amount| Computed(amount.0)).serialize(serializer)
    }

    /// Reads the amount or its absence.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
        Option::<Computed>::deserialize(deserializer).map(|number| number.map(|number| Money(number.0)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_third_reads_back() {
        let third = Computed(Decimal::ONE / Decimal::from(3));
        let text = serde_json::to_string(&third).unwrap();
        assert_eq!(text, "\"0.3333333333333333333333333333\"");
        assert_eq!(serde_json::from_str::<Computed>(&text).unwrap(), third);
        assert!(serde_json::from_str::<Computed>("\"a third\"").is_err());
    }
}

/// Serde for a share that may be missing.
pub(crate) mod optional_fraction {
    use super::{Computed, Decimal, Deserialize, Deserializer, Serialize, Serializer};

    /// Writes the share or its absence.
    pub(crate) fn serialize<S: Serializer>(
        share: &Option<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        share.map(Computed).serialize(serializer)
    }

    /// Reads the share or its absence.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Decimal>, D::Error> {
        Option::<Computed>::deserialize(deserializer).map(|number| number.map(|number| number.0))
    }
}

/// Serde for a rate or factor: a normalised string, like [`Computed`].
pub(crate) mod fraction {
    use super::Computed;
    use super::{Decimal, Deserialize, Deserializer, Serialize, Serializer};

    /// Writes a rate or factor.
    pub(crate) fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        Computed(*value).serialize(serializer)
    }

    /// Reads a rate or factor.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        Computed::deserialize(deserializer).map(|number| number.0)
    }
}
