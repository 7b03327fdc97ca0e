//! `accrue component`: makes a component from a core WebAssembly module, and checks it as a program would.

use std::fs;
use std::path::{Path, PathBuf};

use accrue_sandbox::{Role, Sandbox, componentize};

use crate::args::Component;
use crate::exit::{Exit, Failure};
use crate::output::format::thousands;
use crate::output::terminal::say;

/// Runs the command.
pub(crate) fn run(args: &Component) -> Result<Exit, Failure> {
    let module = fs::read(&args.module).map_err(|error| Failure::file("read", &args.module, error))?;
    let refuse = |cause: String| {
        let shown = args.module.display();
        Failure::usage(
            format!("cannot make a component of `{shown}`: {cause}"),
            "build a rule with `cargo build --target wasm32-unknown-unknown --release`",
        )
    };
    let component = componentize(&module).map_err(|error| refuse(error.to_string()))?;
    let sandbox = Sandbox::new().map_err(|error| refuse(error.to_string()))?;
    // One role is enough. If the component has neither, the first error says why.
    let roles = [(Role::Restriction, "a restriction"), (Role::Payout, "a payout rule")];
    let taken = roles.map(|(role, words)| (words, sandbox.load(&component, role)));
    let is: Vec<&str> = taken.iter().filter(|(_, loaded)| loaded.is_ok()).map(|(words, _)| *words).collect();
    if let (true, [(_, Err(error)), ..]) = (is.is_empty(), &taken) {
        return Err(refuse(error.to_string()));
    }
    let out = args.out.clone().unwrap_or_else(|| beside(&args.module));
    fs::write(&out, &component).map_err(|error| Failure::file("write", &out, error))?;
    say(&format!("{}: {}, {} bytes\n", out.display(), is.join(" and "), thousands(component.len() as u64)))?;
    Ok(Exit::Ok)
}

/// Returns `rule.component.wasm` for `rule.wasm`.
fn beside(module: &Path) -> PathBuf {
    module.with_extension("component.wasm")
}
