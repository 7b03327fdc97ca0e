//! `cargo xtask component`: the engine as a component enters `target/`, wrapped from its core module, with no imports.

use crate::Result;
use crate::process::run;
use crate::toolchain::{TARGET, Toolchain, shared_target_dir};
use std::fs;
use std::path::PathBuf;
use wit_component::{ComponentEncoder, DecodedWasm};

/// The package that exports the engine, and the core module it becomes.
const PACKAGE: &str = "accrue-component";
const MODULE: &str = "accrue_component.wasm";

/// The component, in the target folder.
const COMPONENT: &str = "accrue-engine.wasm";

/// What the component must export, without its version: without it the engine is not in it.
const EXPORT: &str = "accrue:engine/decisions@";

/// Builds the component and checks what it shows; its path.
pub(crate) fn build() -> Result<PathBuf> {
    let toolchain = Toolchain::find()
        .ok_or_else(|| format!("nothing here builds for {TARGET}; run `cargo xtask setup`"))?;
    run(&mut toolchain.build_small(PACKAGE))?;
    let module = toolchain.target_dir().join(TARGET).join("release").join(MODULE);
    let module = fs::read(&module).map_err(|error| format!("cannot read {}: {error}", module.display()))?;
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|encoder| encoder.encode())
        .map_err(|error| format!("the module makes no component: {error:#}"))?;
    verdict(&component)?;
    let path = shared_target_dir().join(COMPONENT);
    // In one step: whoever runs the component meanwhile reads the old one or the new one.
    let fresh = path.with_extension("new");
    fs::write(&fresh, &component)
        .and_then(|()| fs::rename(&fresh, &path))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("component: {} bytes, imports: none", component.len());
    Ok(path)
}

/// Builds the component; the last line printed is its path, for whoever runs this to find it.
pub(crate) fn print() -> Result {
    let path = build()?;
    println!("{}", path.display());
    Ok(())
}

fn verdict(component: &[u8]) -> Result {
    let DecodedWasm::Component(resolve, world) =
        wit_component::decode(component).map_err(|error| format!("{error:#}"))?
    else {
        return Err("this is the text of a world and not a component".into());
    };
    let world = resolve.worlds.get(world).ok_or("the component has no world")?;
    let imports: Vec<String> = world.imports.keys().map(|key| resolve.name_world_key(key)).collect();
    if !imports.is_empty() {
        return Err(format!(
            "the component imports {} and must import nothing; look for what turns to the host for it",
            imports.join(", ")
        )
        .into());
    }
    if !world.exports.keys().any(|key| resolve.name_world_key(key).starts_with(EXPORT)) {
        return Err(format!("the component does not export `{EXPORT}…`, so the engine is not in it").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(component)` and a component that imports a function `now`, as bytes.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";
    const WANTS_NOW: &[u8] = b"\0asm\x0d\0\x01\0\x07\x05\x01\x40\0\0\x79\x0a\x08\x01\0\x03now\x01\0";

    #[test]
    fn an_import_is_refused_by_name() {
        let error = verdict(WANTS_NOW).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("imports now")), "{:?}", verdict(WANTS_NOW));
    }

    #[test]
    fn a_component_without_the_engine_proves_nothing() {
        let error = verdict(EMPTY).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("does not export")));
    }
}
