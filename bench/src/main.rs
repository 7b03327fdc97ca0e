//! `cargo xtask bench`: see the crate's documentation.

use std::process::ExitCode;

use accrue_bench::workload::{ALL, counters, import, many, worst};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        // This binary again, as a child.
        [flag, brands, programs] if flag == many::CHILD => {
            let programs = programs.parse().map_err(Into::into);
            ended(programs.and_then(|programs| many::child(brands, programs)))
        }
        [flag, index, count] if flag == counters::CHILD => ended(counters::child(index, count)),
        [flag, path, export] if flag == import::CHILD => ended(import::child(path.as_ref(), export)),
        [flag, name, way] if flag == worst::CHILD => ended(worst::child(name, way)),
        _ => accrue_bench::main(ALL),
    }
}

/// How a child ends.
fn ended(done: accrue_bench::Result) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
