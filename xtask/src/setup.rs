//! `cargo xtask setup`: installs what the checks need and this machine lacks.
//!
//! Where everything is there it only looks, and needs no network.

use crate::process::{ask, cargo, program, run};
use crate::toolchain::{DEBIAN_PACKAGES, DEBIAN_TOOLCHAIN, TARGET, Toolchain};
use crate::{Result, npm};

/// The release of cargo-deny that `deny.toml` is written for.
const CARGO_DENY_VERSION: &str = "^0.20";

/// The line of cargo-fuzz whose options `fuzz` uses.
const CARGO_FUZZ_VERSION: &str = "^0.13";

/// Looks for each tool and installs the missing ones.
pub(crate) fn setup() -> Result {
    component("rustfmt", "fmt")?;
    component("clippy", "clippy")?;
    wasm_toolchain()?;
    cargo_deny()?;
    // Builds what is written in C for WebAssembly, and the browser that the page is tested in.
    debian("clang", &["clang"])?;
    debian("llvm-ar", &["llvm"])?;
    debian("chromium", &["chromium", "fonts-dejavu-core"])?;
    npm::install_all()
}

/// A component of the toolchain: part of rustup's default profile, so only looked for.
fn component(name: &str, subcommand: &str) -> Result {
    match ask(cargo(subcommand).arg("--version")) {
        Some(version) => {
            found(name, &version);
            Ok(())
        }
        None => Err(format!("{name} is not installed; `rustup component add {name}` installs it").into()),
    }
}

fn cargo_deny() -> Result {
    if let Some(version) = ask(&mut cargo("deny --version")) {
        found("cargo-deny", &version);
        return Ok(());
    }
    println!("cargo-deny is missing: building it, which takes some minutes, once");
    run(cargo("install cargo-deny --locked --version").arg(CARGO_DENY_VERSION))
}

/// What only fuzzing needs: the nightly compiler, whose code tells the fuzzer where it has been, and cargo-fuzz.
pub(crate) fn fuzzer() -> Result {
    match ask(&mut cargo("+nightly --version")) {
        Some(version) => found("nightly", &version),
        None => run(program("rustup").args(["toolchain", "install", "nightly", "--profile", "minimal"]))?,
    }
    match ask(&mut cargo("fuzz --version")) {
        Some(version) => found("cargo-fuzz", &version),
        None => run(cargo("install cargo-fuzz --locked --version").arg(CARGO_FUZZ_VERSION))?,
    }
    Ok(())
}

fn wasm_toolchain() -> Result {
    if let Some(toolchain) = Toolchain::find() {
        found("wasm32", toolchain.describe());
        return Ok(());
    }
    println!("the target {TARGET} is missing: asking rustup for it");
    if let Err(error) = run(program("rustup").args(["target", "add", TARGET])) {
        println!("{error}; falling back on Debian's compiler for it");
        compiler_for_browsers()?;
    }
    match Toolchain::find() {
        Some(toolchain) => {
            found("wasm32", toolchain.describe());
            Ok(())
        }
        None => {
            Err(format!("no compiler for {TARGET} is to be found, though its installation passed").into())
        }
    }
}

/// Installs Debian's compiler for browsers and makes it known to rustup.
fn compiler_for_browsers() -> Result {
    if !debian_packages_installed() {
        let by_hand = format!("install the target with `rustup target add {TARGET}`");
        install(&DEBIAN_PACKAGES).map_err(|error| format!("{error}; or {by_hand}"))?;
    }
    run(program("rustup").args(["toolchain", "link", DEBIAN_TOOLCHAIN, "/usr"]))
}

fn debian_packages_installed() -> bool {
    ask(program("dpkg-query").args(["--show", "--showformat=${db:Status-Status}\n"]).args(DEBIAN_PACKAGES))
        .is_some_and(|states| states.lines().all(|state| state == "installed"))
}

/// Looks for a program, and installs the packages that have it where Debian's are.
fn debian(name: &str, packages: &[&str]) -> Result {
    match ask(program(name).arg("--version")) {
        Some(version) => {
            found(name, version.lines().next().unwrap_or_default());
            Ok(())
        }
        None => install(packages),
    }
}

/// Installs packages of Debian.
fn install(packages: &[&str]) -> Result {
    let names = packages.join(" ");
    let by_hand =
        format!("run `apt-get install {names}` as root on Debian, and then `cargo xtask setup` again");
    if ask(program("apt-get").arg("--version")).is_none() {
        return Err(format!(
            "{names}: missing, and this is no Debian machine; install what corresponds to it"
        )
        .into());
    }
    if ask(program("id").arg("-u")).as_deref() != Some("0") {
        return Err(format!("{names}: only root can install packages; {by_hand}").into());
    }
    println!("installing {names}");
    run(program("apt-get").args(["update", "-qq"]))?;
    // `--no-remove`: what the machine's owner chose is not thrown out for this.
    run(program("apt-get")
        .args(["install", "-qq", "--yes", "--no-remove", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive"))
    .map_err(|error| format!("{error}; {by_hand}").into())
}

fn found(name: &str, what: &str) {
    println!("{name:<10} ok: {what}");
}
