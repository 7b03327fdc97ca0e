//! `accrue fmt`: lays out contract files, tests and rules, or says which of them are laid out otherwise.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use accrue::diagnostic::{Code, Diagnostic, Diagnostics};
use accrue::limits::Limits;
use accrue_assist::format;

use crate::args::Fmt;
use crate::exit::{Exit, Failure};
use crate::output::diagnostics::of_file;
use crate::output::format::plural;
use crate::output::terminal::{BOLD, DIM, GREEN, RESET, YELLOW, clean, say, tell};
use crate::source::draft::Draft;
use crate::source::tree::{Tree, read_bounded};

/// The folders whose TOML files and rules are laid out.
const FOLDERS: [&str; 5] = ["contracts", "rules", "functions", "tests", "imports"];

/// A file to lay out: its path, and its path in the program.
struct Found {
    path: PathBuf,
    name: String,
}

/// Runs the command.
pub(crate) fn run(args: &Fmt) -> Result<Exit, Failure> {
    let limits = Limits::default();
    let mut files = Vec::new();
    for path in &args.paths {
        find(path, &mut files)?;
    }
    let (mut changed, mut faults) = (0_u64, 0_u64);
    for file in &files {
        let bytes = read_bounded(&file.path, limits.source_bytes)?;
        if bytes.len() > limits.source_bytes {
            let error = std::io::Error::other(format!("it has more than {} bytes", limits.source_bytes));
            return Err(Failure::file("format", &file.path, error));
        }
        let Ok(text) = String::from_utf8(bytes) else {
            let error = std::io::Error::other("it is not UTF-8 text");
            return Err(Failure::file("format", &file.path, error));
        };
        match format(&file.name, &text) {
            Ok(formatted) if formatted == text => {}
            Ok(formatted) => {
                changed += 1;
                let shown = clean(&file.path.display().to_string());
                if args.check {
                    say(&format!("{YELLOW}{shown}{RESET}{}", difference(&text, &formatted)))?;
                } else {
                    write(&file.path, &formatted)?;
                    say(&format!("{BOLD}{shown}{RESET}\n"))?;
                }
            }
            Err(error) => {
                faults += 1;
                let shown = file.path.display().to_string();
                let (root, name) = shown.rsplit_once('/').unwrap_or((".", &shown));
                let diagnostic =
                    Diagnostic::at(Code::TomlSyntax, name, error.span.unwrap_or_default(), error.message);
                let found = Diagnostics(vec![diagnostic.help("correct it; the file was left as it is")]);
                tell(&of_file(&found, (root, name), &text));
            }
        }
    }
    let of = plural(files.len() as u64, "file");
    let done = match (changed, args.check) {
        (0, _) if faults > 0 => {
            format!("{YELLOW}{of}, {} that cannot be read{RESET}\n", plural(faults, "file"))
        }
        (0, _) => format!("{GREEN}{of}, all laid out{RESET}\n"),
        (changed, true) => {
            format!("{YELLOW}{of}, {changed} laid out otherwise; `accrue fmt` writes them{RESET}\n")
        }
        (changed, false) => format!("{GREEN}{of}, {changed} written{RESET}\n"),
    };
    say(&done)?;
    Ok(match () {
        () if faults > 0 => Exit::Faults,
        () if args.check && changed > 0 => Exit::OutOfBounds,
        () => Exit::Ok,
    })
}

/// Finds the files of a path: itself, or those of a program folder.
fn find(path: &Path, files: &mut Vec<Found>) -> Result<(), Failure> {
    let is_laid_out = |name: &str| name.ends_with(".toml") || name.ends_with(".rhai");
    if !path.is_dir() {
        let name = path.display().to_string();
        if !is_laid_out(&name) {
            return Err(Failure::usage(
                format!("`{name}` is not a file that is laid out"),
                "name a program folder, or files that end in `.toml` or `.rhai`",
            ));
        }
        files.push(Found { path: path.to_owned(), name });
        return Ok(());
    }
    let program = path.join("program.toml");
    if !program.is_file() {
        return Err(Failure::usage(
            format!("`{}` is not a program folder: it has no program.toml", path.display()),
            "name a program folder, or single files",
        ));
    }
    let tree = Tree::open(path)?;
    files.push(Found { path: program, name: "program.toml".to_owned() });
    for folder in FOLDERS {
        tree.each_file(&path.join(folder), folder, &mut |entry, name| {
            if is_laid_out(&name) {
                files.push(Found { path: entry.path.clone(), name });
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Returns how many lines differ and which is the first.
fn difference(old: &str, new: &str) -> String {
    let same = old.lines().zip(new.lines()).take_while(|(old, new)| old == new).count();
    let (line, was, is) = (same + 1, old.lines().nth(same), new.lines().nth(same));
    let shown = |line: Option<&str>| clean(line.unwrap_or_default()).chars().take(100).collect::<String>();
    format!(":{line}\n{DIM}  - {}{RESET}\n  + {}\n", shown(was), shown(is))
}

/// Writes a file in place of the one that is there. A link stays, and the file that it leads to is written.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let real = path.canonicalize().map_err(|error| Failure::file("write", path, error))?;
    let permissions = real.metadata().map_err(|error| Failure::file("write", path, error))?.permissions();
    let mut draft = Draft::beside(&real)?;
    draft.write_all(text.as_bytes()).map_err(|error| Failure::file("write", path, error))?;
    draft.sync().map_err(|error| Failure::file("write", path, error))?;
    draft.publish(&real)?;
    std::fs::set_permissions(&real, permissions).map_err(|error| Failure::file("write", path, error))
}
