//! JSON Schemas of the files of a program, for editors, made from the tables by which the loader reads.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::tables::{ContractFile, ProgramFile};

/// Returns the JSON Schema of `program.toml`.
///
/// ```
/// let schema = accrue::program_schema();
/// assert_eq!(schema.get("title").and_then(|title| title.as_str()), Some("Program"));
/// ```
pub fn program_schema() -> Schema {
    schema::<ProgramFile>("Program")
}

/// Returns the JSON Schema of a file of `contracts/`.
pub fn contract_schema() -> Schema {
    schema::<ContractFile>("Contract")
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
    fn the_schemas_have_the_keys_of_the_loader() {
        let schema = contract_schema().to_value();
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["required"], serde_json::json!(["contract", "version", "effective_from"]));
        let groups = &schema["$defs"]["PayoutTable"]["properties"]["groups"];
        assert_eq!(groups["items"]["anyOf"][0]["$ref"], "#/$defs/GroupTable");
        let rate = &schema["$defs"]["GroupTable"]["properties"]["rate"];
        assert!(rate["description"].as_str().unwrap().contains("Sets the rate"));
        let program = program_schema().to_value();
        assert_eq!(program["$defs"]["AttributeTable"]["required"], serde_json::json!(["type"]));
    }
}
