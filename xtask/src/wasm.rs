//! `cargo xtask wasm`: the engine, built as a WebAssembly module, imports nothing at all and decides as native code does.
//! The same holds for the component, which tests run.
//!
//! A host gives the engine no clock, no random numbers, no files and no network, and an import is the
//! only way a module could ask for one. Dependencies sneak them in (a default feature of a date or
//! hashing crate is enough), so the built module is what is checked, not the intent.

use crate::process::{ask, cargo, program, run};
use crate::toolchain::{TARGET, Toolchain};
use crate::{Result, component};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use std::path::Path;
use wasmparser::{ExternalKind, Parser, Payload};

/// The package that links the engine into a module, and the file it becomes.
const PACKAGE: &str = "accrue-wasm-check";
const MODULE: &str = "accrue_wasm_check.wasm";

/// The function through which the module reaches the engine: without it there is nothing to check.
const EXPORT: &str = "decide";

/// Builds the module and checks it.
pub(crate) fn check() -> Result {
    let toolchain = Toolchain::find()
        .ok_or_else(|| format!("nothing here builds for {TARGET}; run `cargo xtask setup`"))?;
    println!("with {}", toolchain.describe());
    run(&mut toolchain.build_small(PACKAGE))?;

    let path = toolchain.target_dir().join(TARGET).join("release").join(MODULE);
    let bytes = fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let module = Surface::read(&bytes)?;
    for import in &module.imports {
        println!("refused import: {import}");
    }
    println!("size: {} bytes, {} bytes gzipped", bytes.len(), gzipped_len(&bytes)?);
    module.verdict()?;
    same_receipt(&path)?;
    component::build().map(|_| ())
}

/// Asks the module for the receipt of its decision, a byte at a time: runs in Node, whose WebAssembly is a browser's.
const ASK: &str = "\
const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));
const { decide } = new WebAssembly.Instance(module).exports;
console.log(Array.from({ length: 32 }, (_, n) => decide(n).toString(16).padStart(2, '0')).join(''));";

/// Checks that the module's decision has the receipt of native code's.
fn same_receipt(module: &Path) -> Result {
    let native = ask(&mut cargo("run --quiet --package accrue-wasm-check --bin receipt"))
        .ok_or("the native program `receipt` does not run")?;
    let wasm = ask(program("node").args(["-e", ASK]).arg(module))
        .ok_or("Node does not run the module; is `node` installed?")?;
    if native != wasm || native.len() != 64 {
        return Err(format!("the receipts differ: native {native}, WebAssembly {wasm}").into());
    }
    println!("receipt: {native}, native and in WebAssembly");
    Ok(())
}

/// What a module shows to the outside.
#[derive(Debug, Default)]
struct Surface {
    /// Each as `module.name`.
    imports: Vec<String>,
    /// Functions only.
    exports: Vec<String>,
}

impl Surface {
    fn read(bytes: &[u8]) -> Result<Self> {
        let mut surface = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        surface.imports.push(format!("{}.{}", import.module, import.name));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            surface.exports.push(export.name.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(surface)
    }

    fn verdict(&self) -> Result {
        if !self.imports.is_empty() {
            return Err(format!(
                "the module imports {} and must import nothing; look for the feature of a dependency that \
                 turns to the host for it",
                self.imports.join(", ")
            )
            .into());
        }
        if !self.exports.iter().any(|name| name == EXPORT) {
            return Err(format!("the module does not export `{EXPORT}`, so the engine is not in it").into());
        }
        println!("imports: none");
        Ok(())
    }
}

pub(crate) fn gzipped_len(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(module)` with the sections given.
    fn module(sections: &[&[u8]]) -> Vec<u8> {
        [b"\0asm\x01\0\0\0".as_slice()].iter().chain(sections).flat_map(|part| part.iter().copied()).collect()
    }

    const TYPE_NOTHING_TO_NOTHING: &[u8] = b"\x01\x04\x01\x60\0\0";
    const IMPORT_HOST_NOW: &[u8] = b"\x02\x0c\x01\x04host\x03now\0\0";
    const ONE_FUNCTION: &[u8] = b"\x03\x02\x01\0";
    const EXPORT_DECIDE: &[u8] = b"\x07\x0a\x01\x06decide\0\0";
    const EMPTY_BODY: &[u8] = b"\x0a\x04\x01\x02\0\x0b";

    #[test]
    fn an_import_is_refused_by_name() -> Result {
        let surface = Surface::read(&module(&[TYPE_NOTHING_TO_NOTHING, IMPORT_HOST_NOW, EXPORT_DECIDE]))?;
        assert_eq!(surface.imports, ["host.now"]);
        assert!(surface.verdict().is_err_and(|error| error.to_string().contains("host.now")));
        Ok(())
    }

    #[test]
    fn a_module_that_only_exports_the_entry_passes() -> Result {
        let sections = [TYPE_NOTHING_TO_NOTHING, ONE_FUNCTION, EXPORT_DECIDE, EMPTY_BODY];
        Surface::read(&module(&sections))?.verdict()
    }

    #[test]
    fn a_module_without_the_entry_proves_nothing() -> Result {
        assert!(Surface::read(&module(&[]))?.verdict().is_err());
        Ok(())
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(Surface::read(b"not wasm").is_err());
    }
}
