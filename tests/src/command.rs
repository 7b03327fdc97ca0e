//! The command line, built once and run on a folder: arguments enter, what it printed and its exit code leave.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::folder::root;

const BINARY: &str = "accrue";

/// The binary, built by the cargo that runs the tests, with its own target folder.
///
/// # Errors
///
/// What cargo said, when it does not build.
pub fn binary() -> Result<&'static Path, String> {
    static BINARY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BINARY.get_or_init(build).as_deref().map_err(Clone::clone)
}

fn build() -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        // Of the whole workspace and with a test, as the tests are built: another selection has other features, and would
        // build the dependencies again.
        .args(["build", "--quiet", "--workspace", "--bin", BINARY, "--test", "it"])
        .args((!cfg!(debug_assertions)).then_some("--release"))
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message.pointer("/target/name").is_some_and(|name| name == BINARY))
        .find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        .ok_or_else(|| "cargo named no executable".to_owned())
}

/// Runs `accrue` with these arguments from the root of the repository.
///
/// # Errors
///
/// When it cannot be built or started.
pub fn accrue(args: &[&str]) -> Result<Output, String> {
    Command::new(binary()?)
        .args(args)
        .current_dir(root())
        .output()
        .map_err(|error| format!("accrue does not start: {error}"))
}

/// Runs a command on a program folder, and what it printed when it fails or `wrong` finds fault with its output.
///
/// # Errors
///
/// All that it printed, with the folder and the command.
pub fn passes(command: &str, folder: &Path, wrong: impl Fn(&str) -> bool) -> Result<(), String> {
    let output = accrue(&[command, &folder.to_string_lossy()])?;
    let printed =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() && !wrong(&printed) {
        return Ok(());
    }
    Err(format!("accrue {command} {} ({}):\n{printed}", folder.display(), output.status))
}
