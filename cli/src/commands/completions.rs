//! `accrue completions`: prints the completions for a shell.

use clap::CommandFactory as _;

use crate::args::Cli;
use crate::exit::{Exit, Failure};
use crate::output::terminal::say_raw;

/// Runs the command.
pub(crate) fn run(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "accrue", &mut script);
    say_raw(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}
