//! JSON Schemas, written from the types that read and write the files, for editors and for hosts.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::decide::Decision;
use crate::facts::Action;
use crate::terms;

/// What an editor of JSON or TOML checks an action against: a line of an actions file.
///
/// ```
/// let schema = accrue::schema::action();
/// assert_eq!(schema.get("title").and_then(|title| title.as_str()), Some("Action"));
/// ```
pub fn action() -> Schema {
    schema::<Action>("Action")
}

/// A decision, as it is written out.
pub fn decision() -> Schema {
    schema::<Decision>("Decision")
}

/// A file of `contracts/`.
pub fn contract() -> Schema {
    schema::<terms::ContractFile>("Contract")
}

/// `program.toml`.
pub fn program() -> Schema {
    schema::<terms::ProgramFile>("Program")
}

fn schema<T: JsonSchema>(title: &str) -> Schema {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_contract_schema_has_the_keys_of_the_loader() {
        let schema = contract().to_value();
        assert_eq!(schema["title"], "Contract");
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["required"], serde_json::json!(["contract", "version", "effective_from"]));
        let groups = &schema["$defs"]["PayoutTable"]["properties"]["groups"];
        assert_eq!(groups["items"]["$ref"], "#/$defs/GroupTable");
        let rate = &schema["$defs"]["GroupTable"]["properties"]["rate"];
        assert!(rate["description"].as_str().unwrap().contains("Sets the rate"));
        assert_eq!(schema["$defs"]["AttributeTable"], serde_json::Value::Null);
        assert_eq!(program().to_value()["$defs"]["AttributeTable"]["required"], serde_json::json!(["type"]));
    }

    #[test]
    fn the_action_and_the_decision_have_their_fields() {
        let action = action().to_value();
        assert!(action["required"].as_array().unwrap().contains(&"occurred_at".into()));
        assert!(action["properties"]["items"]["description"].is_string());
        assert!(decision().to_value()["properties"]["receipt"].is_object());
    }
}
