//! `accrue schema`: prints the JSON Schema of a file that is read or written.

use crate::args::{Schema, SchemaOf};
use crate::exit::{Exit, Failure};
use crate::output::terminal::say_json;

/// Runs the command.
pub(crate) fn run(args: &Schema) -> Result<Exit, Failure> {
    let schema = match args.of {
        SchemaOf::Program => accrue::program_schema(),
        SchemaOf::Contract => accrue::contract_schema(),
        SchemaOf::Tests => schemars::schema_for!(accrue_history::TestFile),
        SchemaOf::Import => accrue_import::mapping_schema(),
        SchemaOf::Action => schemars::schema_for!(accrue::Action),
        SchemaOf::Decision => schemars::schema_for!(accrue::Decision),
        SchemaOf::Due => schemars::schema_for!(accrue::due::Due),
        SchemaOf::Card => schemars::schema_for!(accrue::card::Card),
    };
    say_json(&schema)?;
    Ok(Exit::Ok)
}
