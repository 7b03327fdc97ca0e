//! `accrue new`: writes a small program that can be checked, tested and run.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

mod sample;

use crate::args::New;
use crate::exit::{Exit, Failure};
use crate::output::format::plural;
use crate::output::terminal::{BOLD, RESET, say, shown};
use sample::Sample;

/// The files of the program: path and text.
const FILES: [(&str, &str); 8] = [
    ("program.toml", include_str!("../../../templates/program.toml")),
    ("contracts/standard.toml", include_str!("../../../templates/contracts/standard.toml")),
    ("rules/loyalty.rhai", include_str!("../../../templates/rules/loyalty.rhai")),
    ("rules/foreign_codes.rhai", include_str!("../../../templates/rules/foreign_codes.rhai")),
    ("facts/partners.csv", include_str!("../../../templates/facts/partners.csv")),
    ("facts/promo_codes.csv", include_str!("../../../templates/facts/promo_codes.csv")),
    ("tests/standard.toml", include_str!("../../../templates/tests/standard.toml")),
    ("README.md", include_str!("../../../templates/README.md")),
];

/// Runs the command.
pub(crate) fn run(args: &New) -> Result<Exit, Failure> {
    let dir = &args.dir;
    empty(dir)?;
    for (path, text) in FILES {
        let path = dir.join(path);
        let parent = path.parent().unwrap_or(dir);
        fs::create_dir_all(parent).map_err(|error| Failure::file("make the folder", parent, error))?;
        fs::write(&path, text).map_err(|error| Failure::file("write", &path, error))?;
    }
    let actions = dir.join("actions");
    fs::create_dir_all(&actions).map_err(|error| Failure::file("make the folder", &actions, error))?;
    let path = actions.join("sample.jsonl");
    sample(&path, args).map_err(|error| Failure::file("write", &path, error))?;
    let shown = shown(dir);
    let first = Sample::new(args.sample, args.seed)
        .next()
        .map_or_else(String::new, |action| format!("  accrue explain {shown} {}\n", action.id));
    say(&format!(
        "{BOLD}Made a program in {shown}{RESET}, with {}\n\n  accrue check {shown}\n  accrue test {shown}\n  accrue run {shown}\n{first}",
        plural(args.sample, "sample action"),
    ))?;
    Ok(Exit::Ok)
}

/// Fails if there is a file at the path, or a folder that is not empty.
fn empty(dir: &Path) -> Result<(), Failure> {
    let help = "name a folder that does not exist yet, or an empty one";
    if dir.is_file() {
        return Err(Failure::usage(format!("`{}` is a file", dir.display()), help));
    }
    match fs::read_dir(dir) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(Failure::usage(format!("the folder `{}` is not empty", dir.display()), help)),
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::file("read the folder", dir, error)),
    }
}

/// Writes the sample actions.
fn sample(path: &Path, args: &New) -> io::Result<()> {
    let mut to = BufWriter::new(File::create(path)?);
    for action in Sample::new(args.sample, args.seed) {
        serde_json::to_writer(&mut to, &action)?;
        to.write_all(b"\n")?;
    }
    to.flush()
}
