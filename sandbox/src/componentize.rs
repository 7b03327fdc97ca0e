//! Makes a component from the bytes of a core module.
//!
//! Any compiler that makes core modules will do. The module exports the functions of a world under their canonical names, such as
//! `accrue:rules/payout@0.2.0#pay`, its `memory` and `cabi_realloc`, and imports nothing. Its exports show which world it
//! implements, so the module need not describe itself. A description that a binding generator has added is dropped, because the
//! only world is that of `wit/rules/rules.wit`.

use thiserror::Error;
use wasm_encoder::RawSection;
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::component::Role;

/// The text of the world.
const WIT: &str = include_str!("../../wit/rules/rules.wit");

/// Why a core module cannot be made a component.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ComponentizeError {
    /// The bytes are a component already.
    #[error("it is a component already")]
    IsComponent,
    /// The bytes are not WebAssembly.
    #[error("it is not a WebAssembly module: {0}")]
    Malformed(String),
    /// The module imports something.
    #[error(
        "it imports {0}, and a rule has no imports; in Rust this comes from a crate that asks for a clock, random \
         numbers or a JavaScript host"
    )]
    Imports(String),
    /// The module exports neither function of the world.
    #[error(
        "it exports neither `{0}` nor `{1}`; a rule in Rust has one by `accrue_sdk::restriction!` or `payout!`"
    )]
    NoRule(String, String),
    /// The module does not fit the world.
    #[error("it does not fit the world: {0}")]
    Encode(String),
}

/// Returns the canonical name of the function of a role.
fn function(role: Role) -> String {
    let name = match role {
        Role::Restriction => "restrict",
        Role::Payout => "pay",
    };
    format!("{}#{name}", role.interface())
}

/// Makes a component from a core module. The same module gives the same bytes.
///
/// # Errors
///
/// [`ComponentizeError`] when the module imports anything, exports neither function of the world, or does not fit the world.
pub fn componentize(module: &[u8]) -> Result<Vec<u8>, ComponentizeError> {
    if Parser::is_component(module) {
        return Err(ComponentizeError::IsComponent);
    }
    if !Parser::is_core_wasm(module) {
        return Err(ComponentizeError::Malformed("it does not begin like one".to_owned()));
    }
    let malformed = |error: wasmparser::BinaryReaderError| ComponentizeError::Malformed(error.to_string());
    let (restrict, pay) = (function(Role::Restriction), function(Role::Payout));
    let (mut restricts, mut pays) = (false, false);
    let mut imports = Vec::new();
    let mut plain = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(malformed)?;
        match &payload {
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    let import = import.map_err(malformed)?;
                    imports.push(format!("`{}` of `{}`", import.name, import.module));
                }
            }
            Payload::ExportSection(section) => {
                for export in section.clone() {
                    let name = export.map_err(malformed)?.name;
                    restricts |= name == restrict;
                    pays |= name == pay;
                }
            }
            // Names and debugging information are half of a module, and nothing reads them.
            Payload::CustomSection(_) => continue,
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            let data = module.get(range).unwrap_or_default();
            plain.section(&RawSection { id, data });
        }
    }
    if !imports.is_empty() {
        imports.truncate(5);
        return Err(ComponentizeError::Imports(imports.join(", ")));
    }
    let world = match (restricts, pays) {
        (true, false) => "restriction-rule",
        (false, true) => "payout-rule",
        (true, true) => "rule",
        (false, false) => return Err(ComponentizeError::NoRule(restrict, pay)),
    };
    encode(plain.finish(), world).map_err(|error| ComponentizeError::Encode(error.to_string()))
}

fn encode(mut module: Vec<u8>, world: &str) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("rules.wit", WIT)?;
    let world = resolve.select_world(&[package], Some(world))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    Ok(ComponentEncoder::default().validate(true).module(&module)?.encode()?)
}
