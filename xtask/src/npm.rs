//! The packages of JavaScript: `bindings/npm` with the engine in WebAssembly, and what Node needs for them.

use crate::process::{ask, cargo, program, root, run};
use crate::toolchain::{TARGET, Toolchain};
use crate::wasm::gzipped_len;
use crate::{Result, preview};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use wasm_bindgen_cli_support::Bindgen;

/// The folder of the package `accrue-rules`.
const PACKAGE: &str = "bindings/npm";

/// The folder of the extension for Visual Studio Code.
const EXTENSION: &str = "editors/vscode";

/// A module of the package, made of a crate.
struct Module {
    package: &'static str,
    /// The features that the crate is built with.
    features: &'static [&'static str],
    /// The name of the files in `dist/wasm`.
    name: &'static str,
    /// The module whose JavaScript serves this one too.
    javascript_of: Option<&'static str>,
}

/// The modules of the package.
const MODULES: [Module; 3] = [
    Module { package: "accrue-npm", features: &[], name: "engine", javascript_of: None },
    // Loaded in place of the first when a program needs it.
    Module {
        package: "accrue-npm",
        features: &["components"],
        name: "engine-components",
        javascript_of: Some("engine"),
    },
    // Loaded when a file needs it.
    Module { package: "accrue-npm-readers", features: &[], name: "readers", javascript_of: None },
];

/// Builds the package into `bindings/npm/dist`.
pub(crate) fn build() -> Result {
    let toolchain = Toolchain::find()
        .ok_or_else(|| format!("nothing here builds for {TARGET}; run `cargo xtask setup`"))?;
    install(PACKAGE)?;
    let to = root().join(PACKAGE).join("dist/wasm");
    for module in &MODULES {
        module.build(toolchain, &to)?;
    }
    run(node("npm", PACKAGE).args(["run", "--silent", "build"]))
}

/// Runs the tests of the package in Node, and packs the extension for Visual Studio Code.
pub(crate) fn test() -> Result {
    build()?;
    if !schema_types(&["--check"])? {
        return Err(
            "`ts/types.ts` is not what the engine gives out; `cargo xtask npm --types` makes it again".into(),
        );
    }
    // The command line that the package is compared with.
    run(&mut cargo("build --package accrue-cli"))?;
    run(node("npm", PACKAGE).args(["test", "--silent"]))?;
    install(EXTENSION)?;
    run(node("npm", EXTENSION).args(["run", "--silent", "package"]))
}

/// Makes the types of TypeScript again.
pub(crate) fn types() -> Result {
    install(PACKAGE)?;
    schema_types(&[]).map(|_| ())
}

/// Makes the types of TypeScript, or with `--check` compares them. Returns whether that went well.
fn schema_types(args: &[&str]) -> Result<bool> {
    let schemas = ask(&mut cargo("run --quiet --package accrue-npm --bin schemas"))
        .ok_or("the schemas cannot be made")?;
    let mut node = node("node", PACKAGE).arg("schemas.mjs").args(args).stdin(Stdio::piped()).spawn()?;
    if let Some(mut to) = node.stdin.take() {
        to.write_all(schemas.as_bytes())?;
    }
    Ok(node.wait()?.success())
}

impl Module {
    fn build(&self, toolchain: Toolchain, to: &Path) -> Result {
        // One crate built with and without a feature in one folder is built anew each time.
        let target = match self.features {
            [] => toolchain.target_dir(),
            _ => toolchain.target_dir().join(self.name),
        };
        run(&mut toolchain.build_smallest(self.package, self.features, &target))?;
        let file = format!("{}.wasm", self.package.replace('-', "_"));
        let built = target.join(TARGET).join("page").join(file);
        // What the files of `dist` were made of: nothing is made again of the same module.
        let made_of = target.join(format!("{}.made-of.wasm", self.name));
        let is_made = to.join(format!("{}.wasm", self.name)).is_file();
        if is_made && fs::read(&built)? == fs::read(&made_of).unwrap_or_default() {
            return Ok(());
        }
        let (javascript, beside) = match self.javascript_of {
            None => (self.name, to.to_owned()),
            Some(other) => (other, target.join(format!("{}.bindgen", self.name))),
        };
        let mut bindgen = Bindgen::new();
        bindgen.input_path(&built).out_name(javascript).typescript(true).remove_producers_section(true);
        bindgen.web(true)?.omit_default_module_path(true);
        bindgen.generate(&beside)?;
        let script = format!("{javascript}.js");
        if fs::read(beside.join(&script))? != fs::read(to.join(&script))? {
            return Err(
                format!("{} needs other JavaScript than the package has in {script}", self.name).into()
            );
        }
        let (wide, small) =
            (beside.join(format!("{javascript}_bg.wasm")), to.join(format!("{}.wasm", self.name)));
        let optimiser = root().join(PACKAGE).join("node_modules/.bin/wasm-opt");
        run(program(&optimiser.to_string_lossy())
            .args(["-Oz", "--enable-bulk-memory", "--enable-nontrapping-float-to-int", "--enable-sign-ext"])
            .args(["--enable-mutable-globals", "--enable-reference-types", "--enable-multivalue"])
            .arg(&wide)
            .arg("-o")
            .arg(&small))?;
        fs::remove_file(&wide)?;
        fs::copy(&built, &made_of)?;
        let bytes = fs::read(&small)?;
        println!("{}: {} bytes, {} bytes gzipped", self.name, bytes.len(), gzipped_len(&bytes)?);
        Ok(())
    }
}

/// Installs what a package needs, exactly as its lock file says, unless that is done.
pub(crate) fn install(folder: &str) -> Result {
    let (lock, stamp) = (root().join(folder).join("package-lock.json"), installed(folder));
    let wanted = fs::read(&lock).map_err(|error| format!("cannot read {}: {error}", lock.display()))?;
    if fs::read(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    if ask(program("node").arg("--version")).is_none() {
        return Err("`node` is missing; Node 20 or later is needed".into());
    }
    run(node("npm", folder).args(["ci", "--no-audit", "--no-fund"]))?;
    Ok(fs::write(&stamp, &wanted)?)
}

/// Installs what all packages need.
pub(crate) fn install_all() -> Result {
    [PACKAGE, preview::SOURCE, EXTENSION].into_iter().try_for_each(install)
}

/// Says what `node_modules` was installed from.
fn installed(folder: &str) -> PathBuf {
    root().join(folder).join("node_modules/.installed-lock.json")
}

/// A command of Node that runs in a folder.
pub(crate) fn node(name: &str, folder: &str) -> Command {
    let mut command = program(name);
    command.current_dir(root().join(folder));
    command
}
