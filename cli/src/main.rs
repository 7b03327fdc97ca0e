//! `accrue`: the command line. Arguments enter, an exit code leaves; each command has a module of its own.

mod actions;
mod args;
mod commands;
mod exit;
mod output;
mod source;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Cli, Command};
use commands::{check, component, explain, new, run, schema, test};
use exit::{Exit, Failure};
use output::terminal as render;
use source::bundle;

/// A run makes many small texts in one thread and lets go of them a batch at a time, which the allocators of some systems
/// take a quarter of the whole time for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    render::set_color(cli.color);
    let ended = match &cli.command {
        Command::Check(args) => check::run(args),
        Command::Run(args) => run::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Test(args) => test::run(args),
        Command::Build(args) => bundle::build(args),
        Command::Keygen(args) => bundle::keygen(args),
        Command::New(args) => new::run(args),
        Command::Component(args) => component::run(args),
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
