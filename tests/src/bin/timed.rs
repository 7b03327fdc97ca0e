//! Decides the actions of a program folder several times, with interpreted and with compiled rules, and prints the least milliseconds of
//! each as JSON: to be compared with hosts in other languages, in one run on one machine.
//!
//!     timed FOLDER

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use accrue::facts::{CsvActions, JsonlActions, Reject};
use accrue::{Action, Engine, Program, Rules, Source};
use accrue_history::{FileKind, History, Run, read_reference};

/// How often each is decided.
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a program folder")?;
    let mut files = Vec::new();
    list(Path::new(&folder), "", &mut files)?;
    let terms = files.iter().filter(|(path, _)| FileKind::of(path) == FileKind::Terms);
    let source = Source::from_files(terms.map(|(path, bytes)| (path.clone(), bytes.clone())));
    let mut least = serde_json::Map::new();
    for (name, rules) in [("interpreted", Rules::Interpreted), ("compiled", Rules::Native)] {
        let program =
            Engine::builder().rules(rules).build().load(&source).map_err(|faults| format!("{faults:?}"))?;
        least.insert(name.to_owned(), timed(&program, &files)?.into());
    }
    println!("{}", serde_json::Value::from(least));
    Ok(())
}

/// Returns the least milliseconds that deciding all actions takes, without reading them.
fn timed(program: &Program, files: &[(String, Vec<u8>)]) -> Result<u64, Box<dyn Error>> {
    let every = || files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    let reference = read_reference(every(), program).map_err(|faults| format!("{faults:?}"))?;
    let mut actions: Vec<Action> = Vec::new();
    for (path, bytes) in every().filter(|(path, _)| FileKind::of(path) == FileKind::Actions) {
        let limits = program.limits();
        let read: Result<Vec<_>, Reject> = match path.ends_with(".csv") {
            true => CsvActions::new(bytes, limits)?.in_zone(program.zone()).collect(),
            false => JsonlActions::new(bytes, limits).collect(),
        };
        actions.extend(read.map_err(|reject| reject.errors)?.into_iter().map(|record| record.action));
    }
    let mut least = u64::MAX;
    for _ in 0..ROUNDS {
        let mut run = Run::new(program, History::new(reference.clone()), actions.clone());
        let begin = Instant::now();
        let mut decided = 0_usize;
        run.advance(usize::MAX, |_, _| decided += 1)?;
        least = least.min(u64::try_from(begin.elapsed().as_millis())?);
        assert!(decided >= actions.len());
    }
    Ok(least)
}

/// Adds the files of a folder and of those in it, by their paths in the program.
fn list(folder: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) -> Result<(), Box<dyn Error>> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.file_type()?.is_dir() {
            true => list(&entry.path(), &format!("{path}/"), files)?,
            false => files.push((path, fs::read(entry.path())?)),
        }
    }
    files.sort();
    Ok(())
}
