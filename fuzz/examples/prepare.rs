//! `cargo run --package accrue-fuzz --example prepare FOLDER`: writes for each target its seeds to
//! `FOLDER/TARGET/seeds` and its words to `FOLDER/TARGET/words`, and says a line for each: its name, and the longest
//! input worth trying. An example and no program, since `cargo fuzz` links the fuzzer into every program.

use std::path::Path;
use std::process::ExitCode;

use accrue_fuzz::{TARGETS, seeds, words};

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("error: name the folder to write to");
        return ExitCode::FAILURE;
    };
    match write(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: cannot write to {}: {error}", Path::new(&folder).display());
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> std::io::Result<()> {
    for target in TARGETS {
        let folder = folder.join(target.name);
        std::fs::create_dir_all(folder.join("seeds"))?;
        for (name, bytes) in seeds::of(target) {
            std::fs::write(folder.join("seeds").join(name), bytes)?;
        }
        std::fs::write(folder.join("words"), words::dictionary((target.words)()))?;
        println!("{} {}", target.name, target.longest);
    }
    Ok(())
}
