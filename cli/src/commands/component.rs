//! `accrue component`: makes a component from a core WebAssembly module, and checks it as a program would.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use accrue_sandbox::{Role, Sandbox, componentize};

use crate::args::Component;
use crate::exit::{Exit, Failure};
use crate::output::format::thousands;
use crate::output::target::Target;
use crate::output::terminal::{say, shown};
use crate::source::outputs::{Read, check_outputs};

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
    check_outputs(&[("--out", Some(&out))], &[Read::File("MODULE", &args.module)])?;
    let mut target = Target::file(&out)?;
    target.write_all(&component).map_err(|error| target.failure(error))?;
    target.finish()?;
    say(&format!("{}: {}, {} bytes\n", shown(&out), is.join(" and "), thousands(component.len() as u64)))?;
    Ok(Exit::Ok)
}

/// Returns `rule.component.wasm` for `rule.wasm`.
fn beside(module: &Path) -> PathBuf {
    module.with_extension("component.wasm")
}
