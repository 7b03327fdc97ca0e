//! The command line `accrue`.
//!
//! Each folder imports only from the folders before it: `source` opens a program, `actions` reads actions, `output` writes
//! results, and `commands` has a file for each command. `args`, `exit` and `decider` import from no folder.

mod actions;
mod args;
mod commands;
mod exit;
mod output;
mod source;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command};
use output::{diagnostics, terminal};

/// A run allocates many short texts in one thread and frees a batch of them at a time. The allocators of some systems take a
/// quarter of the run time for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Prints nothing about a panic inside a library that reads a damaged file: the panic becomes an error that names the file.
fn quiet_about_damaged_files() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !accrue_arrow::is_reading() && !accrue_import::is_reading() {
            print(panic);
        }
    }));
}

fn main() -> ExitCode {
    quiet_about_damaged_files();
    let cli = Cli::parse();
    terminal::set_color(cli.color);
    let ended = match &cli.command {
        Command::Check(args) => commands::check::run(args),
        Command::Run(args) => commands::run::run(args),
        Command::Import(args) => commands::import::run(args),
        Command::Explain(args) => commands::explain::run(args),
        Command::Simulate(args) => commands::simulate::run(args),
        Command::Adjust(args) => commands::adjust::run(args),
        Command::Close(args) => commands::close::run(args),
        Command::Due(args) => commands::due::run(args),
        Command::Card(args) => commands::card::run(args),
        Command::Test(args) => commands::test::run(args),
        Command::Bench(args) => commands::bench::run(args),
        Command::Build(args) => commands::build::run(args),
        Command::Table(args) => commands::table::run(args),
        Command::Keygen(args) => commands::keygen::run(args),
        Command::New(args) => commands::new::run(args),
        #[cfg(feature = "preview")]
        Command::Preview(args) => commands::preview::run(args),
        Command::Component(args) => commands::component::run(args),
        Command::Fmt(args) => commands::fmt::run(args),
        Command::Lsp(_) => commands::lsp::run(),
        Command::Schema(args) => commands::schema::run(args),
        Command::Completions { shell } => commands::completions::run(*shell),
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            terminal::tell(&diagnostics::failure(&failure));
            failure.exit().into()
        }
    }
}
