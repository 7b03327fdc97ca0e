//! `accrue import`: turns exports into a file of actions, through a mapping.

use std::io::Write as _;
use std::path::Path;

use accrue::Engine;
use accrue_import::{Export, ImportError, ImportOptions, guess};

use crate::actions::content::Content;
use crate::actions::input::{Mapped, exports, progress};
use crate::actions::reader::InputReader;
use crate::actions::records::json;
use crate::args::{Import, Trust};
use crate::exit::{Exit, Failure};
use crate::output::errors::ErrorReport;
use crate::output::format::{plural, thousands};
use crate::output::imported::ImportReport;
use crate::output::rejects::Rejects;
use crate::output::table::{table, text};
use crate::output::target::Target;
use crate::output::terminal::{BOLD, RESET, clean, say, tell};
use crate::source::folder::Folder;
use crate::source::mapping::{find_mapping, list_mappings};
use crate::source::outputs::{May, Read, check_outputs};

/// Runs the command.
pub(crate) fn run(args: &Import) -> Result<Exit, Failure> {
    if args.list {
        return list(args);
    }
    if let Some(file) = &args.guess {
        return propose(args, file);
    }
    let Some(name) = &args.mapping else {
        return Err(Failure::usage(
            "there is no mapping",
            "name a mapping and the export, such as `accrue import awin transactions.csv`; `accrue import --list` shows the mappings, and \
             `accrue import --guess orders.csv` proposes one",
        ));
    };
    import(args, name)
}

/// Prints the mappings of the program and those that ship.
fn list(args: &Import) -> Result<Exit, Failure> {
    let rows = list_mappings(args.program.as_deref())?.into_iter().map(|mapping| {
        let file =
            mapping.path.map_or_else(|| "ships with Accrue".to_owned(), |path| path.display().to_string());
        vec![mapping.name, mapping.title, file]
    });
    say(&table(&[text("Mapping"), text("Export"), text("File").rank(1)], rows))?;
    Ok(Exit::Ok)
}

/// Proposes a mapping for an export, and asks what it leaves open.
fn propose(args: &Import, file: &Path) -> Result<Exit, Failure> {
    check_outputs(&[("--out", args.out.as_deref())], &[Read::File("--guess", file)])?;
    let guess = guess(&Export::file(file), &ImportOptions::default()).map_err(|error| match error {
        ImportError::Io(error) => Failure::file("read", file, error),
        ImportError::Unfit(errors) => Failure::usage(
            format!("`{}` cannot be read: {errors}", file.display()),
            "name an export: CSV, .xlsx or .ods, with a header that names its columns",
        ),
    })?;
    let mut target = match &args.out {
        None => Target::stdout(),
        Some(path) if path.is_file() => {
            return Err(Failure::usage(
                format!("`{}` is there already, and somebody may have completed it", path.display()),
                "name another file, or remove this one",
            ));
        }
        Some(path) => {
            make_folder(path)?;
            Target::file(path)?
        }
    };
    target.write_all(guess.toml.as_bytes()).map_err(|error| target.failure(error))?;
    target.finish()?;
    let said = guess.notes.iter().map(|note| ("note", note));
    for candidate in &guess.candidates {
        let (name, title) = (&candidate.name, clean(&candidate.title));
        tell(&format!(
            "{BOLD}note:{RESET} the mapping `{name}` ({title}) ships with Accrue, and finds its columns here\n"
        ));
    }
    for (kind, text) in said.chain(guess.questions.iter().map(|question| ("question", question))) {
        tell(&format!("{BOLD}{kind}:{RESET} {}\n", clean(text)));
    }
    Ok(Exit::Ok)
}

/// Makes the folder of a mapping, such as `imports/` of a program that has none yet. The folder above it must be there.
fn make_folder(path: &Path) -> Result<(), Failure> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.exists() => {
            std::fs::create_dir(folder).map_err(|error| Failure::file("make the folder", folder, error))
        }
        _ => Ok(()),
    }
}

fn import(args: &Import, name: &str) -> Result<Exit, Failure> {
    let mut read: Vec<Read<'_>> = args.files.iter().map(|path| Read::Input(path)).collect();
    read.push(Read::File("MAPPING", Path::new(name)));
    read.extend(args.program.as_deref().map(|program| Read::Program(program, May::WriteActions)));
    let written = [
        ("--out", args.out.as_deref()),
        ("--adjustments", args.adjustments.as_deref()),
        ("--rejects", args.rejects.as_deref()),
    ];
    check_outputs(&written, &read)?;
    let engine = Engine::default();
    let zone = match &args.program {
        None => None,
        Some(program) => {
            let folder = Folder::open(program, &Trust { keys: Vec::new() }, engine.limits())?;
            Some(folder.program(&engine)?.zone())
        }
    };
    let mapping = find_mapping(name, args.program.as_deref())?;
    let inputs = exports(
        &args.files,
        Mapped { name: name.to_owned(), mapping, reversals: args.adjustments.is_some() },
        zone,
    )?;
    let mut target = match &args.out {
        None => Target::stdout(),
        Some(path) => Target::file(path)?,
    };
    let mut reversals = args.adjustments.as_deref().map(Target::file).transpose()?;
    let mut reversed = 0u64;
    let beside = args.out.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let stem = Path::new(name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut rejects = Rejects::new(args.rejects.as_deref(), beside, &stem);
    let (mut report, mut errors, mut actions) = (ImportReport::new(beside), ErrorReport::default(), 0u64);
    let bar = progress(&inputs);
    let mut reader = InputReader::new(&inputs, engine.limits(), &bar, false);
    while let Some(line) = reader.line()? {
        match line.content {
            Content::Action(record) => {
                actions += 1;
                write(&mut target, json(&record.action))?;
            }
            Content::Reversed(record, reversal) => {
                actions += 1;
                reversed += 1;
                write(&mut target, json(&record.action))?;
                if let Some(reversals) = &mut reversals {
                    write(reversals, serde_json::to_string(&reversal))?;
                }
            }
            Content::Reject(reject) => {
                errors.lines += 1;
                errors.add(line.input, &reject.errors);
                rejects.keep(line.input, &reject)?;
            }
            Content::SetAside(rows) => report.keep(line.input, &rows)?,
            Content::Notes(notes) => report.note(line.input, notes),
            Content::Unreadable(found) => errors.add(line.input, &found),
        }
    }
    bar.finish_and_clear();
    errors.tell();
    target.finish()?;
    if let Some(reversals) = reversals {
        reversals.finish()?;
    }
    let files = rejects.finish()?;
    errors.conclude(&files, "correct them and import that file");
    report.conclude()?;
    let of_them =
        if reversed > 0 { format!(", {} of them reversed", thousands(reversed)) } else { String::new() };
    tell(&format!("{} imported{of_them}\n", plural(actions, "action")));
    Ok(if errors.lines == 0 { Exit::Ok } else { Exit::Rejected })
}

/// Writes a line of JSON.
fn write(target: &mut Target, json: serde_json::Result<String>) -> Result<(), Failure> {
    let written = json.map_err(std::io::Error::from).and_then(|json| target.write_all(json.as_bytes()));
    written.and_then(|()| target.write_all(b"\n")).map_err(|error| target.failure(error))
}
