//! The tables of a mapping file, as serde reads them and as the JSON Schema describes them.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

/// A text with its place in the file.
pub(super) type Text = Spanned<String>;

/// A mapping: how the rows of an export become actions.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Mapping", deny_unknown_fields)]
#[allow(
    dead_code,
    reason = "the reader takes the tables one by one, so that it finds all errors; the schema has them together"
)]
pub(super) struct MappingFile {
    /// The name of the export, for people.
    title: String,
    /// The address of the page that documents the columns.
    source: Option<String>,
    /// How the file is written. What is left out is detected.
    #[schemars(default)]
    file: FileTable,
    /// How cells are read. Nothing of this is detected.
    #[schemars(default)]
    values: ValuesTable,
    /// Left: a column of an actions file, such as `amount`, `item.sku` or `attributes.NAME`. Right: a column of the export, or a
    /// table.
    columns: BTreeMap<String, ColumnEntry>,
    /// Which rows belong together, and what is left out.
    #[schemars(default)]
    rows: RowsTable,
    /// The column that says which transactions are approved, pending or reversed.
    status: Option<StatusTable>,
}

/// The right side of a column: the name of a column of the export, or a table.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "for the schema; the reader tells the two apart itself, for better messages")]
pub(super) enum ColumnEntry {
    /// A column of the export.
    Name(String),
    /// More than a name.
    Table(Box<ColumnTable>),
}

/// `[file]`
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FileTable {
    /// The sheet of a spreadsheet. The first one when left out.
    #[schemars(with = "Option<String>")]
    pub(super) sheet: Option<Text>,
    /// The encoding, by its label, such as `windows-1252`.
    #[schemars(with = "Option<String>")]
    pub(super) encoding: Option<Text>,
    /// The character between cells, or `tab`.
    #[schemars(with = "Option<String>")]
    pub(super) delimiter: Option<Text>,
    /// The character around cells that contain a delimiter. `"` when left out.
    #[schemars(with = "Option<String>")]
    pub(super) quote: Option<Text>,
    /// The number of lines above the header.
    pub(super) title_lines: Option<u32>,
}

/// `[values]`
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ValuesTable {
    /// The mark before decimals: `.` (the default) or `,`.
    #[schemars(with = "Option<String>")]
    pub(super) decimal_mark: Option<Text>,
    /// The mark between groups of three digits: `,`, `.`, `'` or a blank. None when left out.
    #[schemars(with = "Option<String>")]
    pub(super) thousands_mark: Option<Text>,
    /// Texts before or after an amount that are dropped, such as `$` or `EUR`.
    #[schemars(with = "Vec<String>")]
    pub(super) currency_marks: Vec<Text>,
    /// Forms of dates, tried in order, such as `DD.MM.YYYY HH:mm`.
    #[schemars(with = "Vec<String>")]
    pub(super) dates: Vec<Text>,
    /// The time zone of moments without an offset, such as `Europe/London`. The program's zone when left out.
    #[schemars(with = "Option<String>")]
    pub(super) time_zone: Option<Text>,
    /// The text between the values of a list. `;` when left out.
    #[schemars(with = "Option<String>")]
    pub(super) list: Option<Text>,
}

/// A column that is more than the name of a column of the export.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ColumnTable {
    /// A constant, instead of a column.
    #[schemars(with = "Option<String>")]
    pub(super) value: Option<Text>,
    /// The column of the export.
    #[schemars(with = "Option<String>")]
    pub(super) column: Option<Text>,
    /// Several columns of the export, whose cells are joined.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) columns: Option<Spanned<Vec<Text>>>,
    /// Columns that are read, one after the other, while the cells before them are empty.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) or: Option<Spanned<Vec<Text>>>,
    /// The text between joined cells. A blank when left out.
    #[schemars(with = "Option<String>")]
    pub(super) with: Option<Text>,
    /// Whether exports may lack the column.
    #[schemars(with = "Option<bool>")]
    pub(super) optional: Option<Spanned<bool>>,
    /// What an empty cell means.
    #[schemars(with = "Option<String>")]
    pub(super) empty: Option<Text>,
    /// The part of the cell that is read, or of each value of a list.
    #[schemars(with = "Option<PartTable>")]
    pub(super) part: Option<Spanned<PartTable>>,
    /// A column that the number is multiplied by, such as a quantity.
    #[schemars(with = "Option<String>")]
    pub(super) times: Option<Text>,
    /// Columns whose numbers are added. An empty cell is zero.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) plus: Option<Spanned<Vec<Text>>>,
    /// Columns whose numbers are subtracted. An empty cell is zero.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) minus: Option<Spanned<Vec<Text>>>,
    /// What each cell means. Cells are compared without regard to case.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub(super) values: Option<Spanned<BTreeMap<String, String>>>,
    /// What a cell means that `values` does not list. It is an error when left out.
    #[schemars(with = "Option<String>")]
    pub(super) otherwise: Option<Text>,
    /// Forms of dates for this column, instead of those in `[values]`.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) dates: Option<Spanned<Vec<Text>>>,
    /// The text between the values of a list for this column, instead of the one in `[values]`.
    #[schemars(with = "Option<String>")]
    pub(super) list: Option<Text>,
}

/// `part`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PartTable {
    /// The text between the parts.
    #[schemars(with = "String")]
    pub(super) mark: Text,
    /// The text that the part begins with. The rest of the part is read.
    #[schemars(with = "Option<String>")]
    pub(super) after: Option<Text>,
    /// The number of the part, from 1.
    #[schemars(with = "Option<u32>")]
    pub(super) number: Option<Spanned<u32>>,
}

/// `[rows]`
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RowsTable {
    /// Rows with the same cell in this column are the lines of one order.
    #[schemars(with = "Option<String>")]
    pub(super) order: Option<Text>,
    /// Columns of the export that are left aside on purpose, or `others` for all that no line of the mapping names.
    #[schemars(with = "Option<Ignore>")]
    pub(super) ignore: Option<Spanned<Ignore>>,
    /// Rows that are no transactions, such as sums at the end: a condition, or a list of which one holds.
    #[schemars(with = "Option<ConditionsForm>")]
    pub(super) skip_when: Option<Conditions>,
    /// Transactions that are set aside, whatever `[status]` says: a condition, or a list of which one holds.
    #[schemars(with = "Option<ConditionsForm>")]
    pub(super) reversed_when: Option<Conditions>,
}

/// The columns that are left aside.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a list of columns, or `others`")]
pub(super) enum Ignore {
    /// These columns.
    Columns(Vec<String>),
    /// All other columns: the word `others`.
    Others(String),
}

/// A condition on rows: the cell of a column is one of some cells, or none of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionTable {
    /// The column of the export.
    #[schemars(with = "String")]
    pub(super) column: Text,
    /// The condition holds for these cells. Cells are compared without regard to case.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) is: Option<Vec<String>>,
    /// The condition holds for all other cells.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) is_not: Option<Vec<String>>,
}

/// Conditions of which one must hold: one table, or a list of tables.
#[derive(Debug)]
pub(super) struct Conditions(pub(super) Vec<ConditionTable>);

/// The two forms of [`Conditions`], for the schema.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "for the schema; the reader tells the two apart itself, for better messages")]
enum ConditionsForm {
    /// One condition.
    One(ConditionTable),
    /// Several conditions, of which one must hold.
    Any(Vec<ConditionTable>),
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;

        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Vec<ConditionTable>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a condition such as `{ column = \"Type\", is = [\"Total\"] }`, or a list of them",
                )
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                ConditionTable::deserialize(MapAccessDeserializer::new(map)).map(|table| vec![table])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list))
            }
        }

        deserializer.deserialize_any(OneOrMore).map(Self)
    }
}

/// `[status]`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusTable {
    /// The column of the export.
    pub(super) column: String,
    /// Cells of transactions that are decided, though the network may still change them.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) pending: Vec<Text>,
    /// Cells of transactions that are decided.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) approved: Vec<Text>,
    /// Cells of transactions that are reversed: they are set aside, or become actions with their reversals.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) reversed: Vec<Text>,
    /// The column with the moment of a reversal, in the form of `occurred_at`; the moment of the action when left out.
    #[serde(default)]
    pub(super) reversed_at: Option<String>,
    /// The column with the reason of a reversal.
    #[serde(default)]
    pub(super) reason: Option<String>,
}
