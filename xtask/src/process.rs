//! Running other programs, from the root of the repository and with their output in view.

use crate::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the repository: the folder that holds this crate's folder.
pub(crate) fn root() -> PathBuf {
    // Set by `cargo run`. The value at compile time is only for a binary that is run by itself: it
    // would be wrong after the checkout was moved.
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or_else(|| here.clone(), Path::to_path_buf)
}

/// A program to be run at the root of the repository.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// A cargo command line, split at white space.
pub(crate) fn cargo(line: &str) -> Command {
    let mut command = program("cargo");
    command.args(line.split_whitespace());
    command
}

/// Shows the command line, runs it with its output in view, and fails if it fails.
pub(crate) fn run(command: &mut Command) -> Result {
    let line = line(command);
    println!("$ {line}");
    let status = command.status().map_err(|error| format!("cannot start `{line}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})").into()) }
}

/// Runs a command quietly: what it printed, or `None` if it is not there or failed.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command line as one would type it, variables first.
fn line(command: &Command) -> String {
    let set = command.get_envs().filter_map(|(name, value)| {
        value.map(|value| format!("{}={}", name.to_string_lossy(), quoted(&value.to_string_lossy())))
    });
    let words = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| quoted(&word.to_string_lossy()));
    set.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if word.contains(char::is_whitespace) { format!("\"{word}\"") } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = cargo("doc --no-deps");
        command.env("RUSTDOCFLAGS", "-D warnings").env_remove("LANG");
        assert_eq!(line(&command), r#"RUSTDOCFLAGS="-D warnings" cargo doc --no-deps"#);
    }

    #[test]
    fn a_missing_program_is_an_answer_and_not_an_error() {
        assert_eq!(ask(&mut program("accrue-no-such-program")), None);
    }
}
