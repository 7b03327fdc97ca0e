//! The tasks that are one cargo command each.

use std::process::Command;

use crate::Result;
use crate::process::{ask, cargo, run};

/// Formatting is as rustfmt would have it.
pub(crate) fn fmt() -> Result {
    run(&mut cargo("fmt --all --check")).map_err(|error| format!("{error}; `cargo fmt --all` mends it"))?;
    let of_peers = format!("fmt --manifest-path {PEERS}");
    run(cargo(&of_peers).arg("--check"))
        .map_err(|error| format!("{error}; `cargo {of_peers}` mends it").into())
}

/// Clippy finds nothing, in tests and benches too, nor in what is left of the libraries where nothing runs WebAssembly.
pub(crate) fn lint() -> Result {
    run(&mut cargo("clippy --workspace --all-targets -- -D warnings"))?;
    run(&mut cargo(
        "clippy -p accrue -p accrue-bundle -p accrue-arrow -p accrue-assist -p accrue-component -p accrue-history -p accrue-simulate -p accrue-tests --no-default-features --lib -- -D warnings",
    ))
}

/// Clippy finds nothing in what races other engines. Not part of `test`: their dependencies have other features, so that each
/// dependency of Accrue would be checked a second time, for five minutes.
pub(crate) fn lint_peers() -> Result {
    run(peers("clippy --locked").args(["--", "-D", "warnings"]))
}

/// Every test passes, the examples in the documentation included.
pub(crate) fn test() -> Result {
    run(&mut cargo("test --workspace"))
}

/// The documentation builds, with no broken link.
pub(crate) fn doc() -> Result {
    run(cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"))
}

/// Dependencies keep to `deny.toml`.
pub(crate) fn deny() -> Result {
    need_cargo_deny()?;
    // Without the graph of who needs whom: `cargo tree --invert CRATE` shows it for the one in question.
    run(&mut cargo("deny check --hide-inclusion-graph bans licenses sources"))
}

/// No dependency has a known vulnerability. Not part of `test`: it fetches the advisory database, and
/// a new entry there would fail a change that has nothing to do with it.
pub(crate) fn advisories() -> Result {
    need_cargo_deny()?;
    run(&mut cargo("deny check advisories"))
}

/// The other engines of the benchmarks: a package outside the workspace, with its own lock file.
const PEERS: &str = "bench/peers/Cargo.toml";

/// A cargo command on that package, in the same target folder.
fn peers(command: &str) -> Command {
    let mut command = cargo(command);
    command.args(["--manifest-path", PEERS]);
    if std::env::var_os("CARGO_TARGET_DIR").is_none() {
        command.args(["--target-dir", "target"]);
    }
    command
}

/// The benchmarks, with the flags given.
pub(crate) fn bench(only: Option<&str>, of_peers: bool, quick: bool, check: bool) -> Result {
    let mut command = match of_peers {
        true => peers("run --release"),
        false => cargo("run --profile profiling --package accrue-bench"),
    };
    command.arg("--").args(quick.then_some("--quick")).args(check.then_some("--check"));
    if let Some(only) = only {
        command.args(["--only", only]);
    }
    run(&mut command)
}

fn need_cargo_deny() -> Result {
    match ask(&mut cargo("deny --version")) {
        Some(_) => Ok(()),
        None => Err("cargo-deny is not installed; `cargo xtask setup` installs it".into()),
    }
}
