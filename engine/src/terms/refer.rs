//! Where a contract names a table in the place of entries of its own.

use schemars::{Schema, SchemaGenerator, json_schema};
use toml::de::DeValue;

use super::read::{KeySpec, Read, Sink, Value, table};

table! {
    /// A table of the program in the place of entries: each row is an entry.
    TableRef: "an entry with `table`" {
        /// The name of a file of `tables/` without its ending; of one sheet of a workbook, `"NAME#SHEET"`.
        required table: String;
    }
}

/// An entry, or a table in its place.
#[derive(Clone, Debug)]
pub(super) enum OrTable<T> {
    Own(T),
    Table(TableRef),
}

impl<T: Read> Read for OrTable<T> {
    const UNDER_HEADER: bool = T::UNDER_HEADER;

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(table) if table.contains_key("table") => {
                TableRef::read(value, sink).map(Self::Table)
            }
            _ => T::read(value, sink).map(Self::Own),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let (own, table) = (T::schema(generator), TableRef::schema(generator));
        json_schema!({ "anyOf": [own, table] })
    }
}

/// A table of a contract whose entries may be rows.
pub(super) trait RowTable: Read + Clone {
    /// What an entry is called in messages.
    const WHAT: &'static str;
    /// What is declared of each key of an entry.
    const SPECS: &'static [KeySpec];
}
