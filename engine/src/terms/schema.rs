//! JSON Schemas of the files of a program, for editors, made from the tables by which the loader reads.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::refer::TableRef;
use super::tables::{
    AgeTable, AmountTable, AtEndTable, AttributeTable, BandTable, BonusTable, ContractFile, CreditTable,
    DefaultTable, EventTypeTable, GroupTable, LevelTable, LimitTable, ListTable, LockingTable,
    ParticipationTable, PartnersTable, PaymentTable, PayoutTable, ProgramFile, RecordAttributeTable,
    RestrictionTable, ReversalsTable, RolesTable, RoundingTable, TierTable, TotalTable, TypedParam,
    WindowsTable,
};

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

/// Returns the keys of a table in the order in which the reference has them, and in which people write them. `table` is its name
/// under `$defs` of a schema, or the title of the schema. Returns no key for any other name.
///
/// ```
/// assert_eq!(accrue::language::key_order("GroupTable")[..3], ["name", "when", "rate"]);
/// ```
pub fn key_order(table: &str) -> &'static [&'static str] {
    macro_rules! orders {
        ($($table:ident)+) => {
            match table {
                "Contract" => ContractFile::KEYS,
                "Program" => ProgramFile::KEYS,
                $(stringify!($table) => $table::KEYS,)+
                _ => &[],
            }
        };
    }
    orders!(AgeTable AmountTable AtEndTable AttributeTable BandTable BonusTable CreditTable DefaultTable
        EventTypeTable GroupTable LevelTable LimitTable ListTable LockingTable ParticipationTable
        PartnersTable PaymentTable PayoutTable RecordAttributeTable RestrictionTable ReversalsTable
        RolesTable RoundingTable TableRef TierTable TotalTable TypedParam WindowsTable)
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
        for schema in [&schema, &program] {
            for (name, table) in schema["$defs"].as_object().unwrap() {
                let keys: Vec<&str> = table["properties"]
                    .as_object()
                    .into_iter()
                    .flat_map(|keys| keys.keys().map(String::as_str))
                    .collect();
                let mut order = key_order(name).to_vec();
                order.sort_unstable();
                assert_eq!(order, keys, "{name}");
            }
        }
        assert_eq!(program["$defs"]["AttributeTable"]["required"], serde_json::json!(["type"]));
    }
}
