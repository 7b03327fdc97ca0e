//! `accrue schema`: the JSON Schemas of everything that is read and written.

use crate::args::{Schema, SchemaOf};
use crate::exit::{Exit, Failure};
use crate::output::terminal as render;
use crate::source::test_file::TestFile;

/// Runs the command.
pub(crate) fn run(args: &Schema) -> Result<Exit, Failure> {
    let schema = match args.of {
        SchemaOf::Program => accrue::terms::program_schema(),
        SchemaOf::Contract => accrue::terms::contract_schema(),
        SchemaOf::Tests => schemars::schema_for!(TestFile),
        SchemaOf::Action => schemars::schema_for!(accrue::Action),
        SchemaOf::Decision => schemars::schema_for!(accrue::Decision),
    };
    let json = serde_json::to_string_pretty(&schema).map_err(|error| Failure::output(error.into()))?;
    render::say(&format!("{json}\n"))?;
    Ok(Exit::Ok)
}
