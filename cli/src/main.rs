//! `accrue`: the command line. Arguments enter, an exit code leaves; each command has a module of its own.

mod args;
mod check;
mod exit;
mod explain;
mod load;
mod new;
mod render;
mod run;
mod sample;
mod schema;
mod test;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Cli, Command};
use exit::{Exit, Failure};

/// Actions are read by one thread, decided by another and written by a third. The memory they carry along is given back
/// by a thread that did not take it.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    render::set_color(cli.color);
    let ended = match &cli.command {
        Command::Check(args) => check::run(args),
        Command::Run(args) => run::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Test(args) => test::run(args),
        Command::New(args) => new::run(args),
        Command::Schema(args) => schema::run(args),
        Command::Completions { shell } => completions(*shell),
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            render::tell(&render::failure(&failure));
            failure.exit().into()
        }
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "accrue", &mut script);
    render::say(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}
