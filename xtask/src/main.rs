//! Set-up, checks and data tasks, run as `cargo xtask TASK`.
//!
//! A person and CI run the same thing: `cargo xtask test` is all that stands between a change and
//! the main branch. Each task is a module; this file only names them.

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

mod api;
mod cdnow;
mod checks;
mod component;
mod fuzz;
mod layers;
mod npm;
mod preview;
mod process;
mod setup;
mod suite;
mod toolchain;
mod wasm;

/// What a task gives back: nothing, or a message for the person who ran it.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Set-up, checks and data tasks of Accrue.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the checks need and this machine lacks (a no-op, without network, when all is there)
    Setup,
    /// Set up, then run every check, stopping at the first that fails
    Test,
    /// Check the formatting
    Fmt,
    /// Check that no file imports against the order of the modules, or in a circle
    Layers,
    /// Check that the public items of the libraries are those that docs/api lists
    Api {
        /// Write the lists instead
        #[arg(long)]
        bless: bool,
    },
    /// Run clippy on everything; a warning is a failure
    Lint,
    /// Run clippy on bench/peers, which races other engines and has a lock file of its own
    Peers,
    /// Build the engine as a WebAssembly module and check that it imports nothing
    Wasm,
    /// Build the engine as a WebAssembly component, and print where it is
    Component,
    /// Build the package of JavaScript into `bindings/npm/dist`
    Npm {
        /// Make the types of TypeScript again, from the schemas of the engine
        #[arg(long)]
        types: bool,
    },
    /// Run the tests of the package in Node
    Node,
    /// Build the page into `target/preview`, and say how to open it
    Preview,
    /// Run the tests of the page in a browser
    Page,
    /// Build the documentation; a warning is a failure
    Doc,
    /// Check the dependencies: licences, sources, banned crates
    Deny,
    /// Check the dependencies against the advisory database (needs the network)
    Advisories,
    /// Run the benchmarks, optimised
    Bench {
        /// Only the workloads with this in their names
        #[arg(long)]
        only: Option<String>,
        /// Other engines beside Accrue instead; they take some ten minutes to build, once
        #[arg(long)]
        peers: bool,
        /// Fewer rounds: a first impression
        #[arg(long)]
        quick: bool,
        /// Fail where a measured ratio is worse than the bound it should keep
        #[arg(long)]
        check: bool,
    },
    /// Fuzz one target or all, one after the other (needs the nightly compiler; installs what is missing)
    Fuzz {
        /// Seconds for each target
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// Leave out what needs wasmtime, which takes most of the time to build
        #[arg(long)]
        without_sandbox: bool,
        /// One target; all when left out
        target: Option<String>,
    },
    /// Write the actions of the CDNOW example from the CDNOW purchases
    Cdnow {
        /// A CSV file with the columns `customer_id`, `date`, `units`, `amount`
        purchases: PathBuf,
    },
}

fn main() -> ExitCode {
    if api::is_rustdoc() {
        return api::rustdoc();
    }
    let done = match Cli::parse().task {
        Task::Setup => setup::setup(),
        Task::Test => suite::run(),
        Task::Fmt => checks::fmt(),
        Task::Layers => layers::check(),
        Task::Api { bless } => api::check(bless),
        Task::Lint => checks::lint(),
        Task::Peers => checks::lint_peers(),
        Task::Wasm => wasm::check(),
        Task::Component => component::print(),
        Task::Npm { types: true } => npm::types(),
        Task::Npm { types: false } => npm::build(),
        Task::Node => npm::test(),
        Task::Preview => preview::build(),
        Task::Page => preview::test(),
        Task::Doc => checks::doc(),
        Task::Deny => checks::deny(),
        Task::Advisories => checks::advisories(),
        Task::Bench { only, peers, quick, check } => checks::bench(only.as_deref(), peers, quick, check),
        Task::Fuzz { seconds, without_sandbox, target } => {
            fuzz::fuzz(&fuzz::Asked { seconds, without_sandbox, target })
        }
        Task::Cdnow { purchases } => cdnow::write_actions(&purchases),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
