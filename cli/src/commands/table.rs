//! `accrue table`: writes payout groups as a table.

use std::io::Write as _;

use accrue::Engine;
use accrue::diagnostic::nearest;

use crate::args::{Table, TableExport};
use crate::exit::{Exit, Failure};
use crate::output::format::plural;
use crate::output::target::Target;
use crate::output::terminal::{BOLD, RESET, YELLOW, clean, say, shown};
use crate::output::workbook::Workbook;
use crate::source::folder::Folder;
use crate::source::outputs::{May, Read, check_outputs};

/// Runs the command.
pub(crate) fn run(args: &Table) -> Result<Exit, Failure> {
    match args {
        Table::Export(args) => export(args),
    }
}

fn export(args: &TableExport) -> Result<Exit, Failure> {
    let ending = args.out.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let is_workbook = ending.eq_ignore_ascii_case("xlsx");
    if !is_workbook && !ending.eq_ignore_ascii_case("csv") {
        return Err(Failure::usage(
            format!("`{}` does not say in which format the table is written", args.out.display()),
            "write a name that ends in `.csv` or `.xlsx`",
        ));
    }
    let mut read = vec![Read::Program(&args.program, May::WriteActions)];
    read.extend(args.trust.keys.iter().map(|key| Read::File("--trust-key", key)));
    check_outputs(&[("--out", Some(&args.out))], &read)?;
    let engine = Engine::default();
    let program = Folder::open(&args.program, &args.trust, engine.limits())?.program(&engine)?;
    let overview = program.overview();
    let names: Vec<&str> = overview.contracts.iter().map(|of| of.contract.as_str()).collect();
    let contract = match (args.contract.as_deref(), names.as_slice()) {
        (Some(name), _) if !names.contains(&name) => {
            let help = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", names.join(", ")),
            };
            return Err(Failure::usage(format!("there is no contract `{name}`"), help));
        }
        (Some(name), _) => name,
        (None, [only]) => *only,
        (None, _) => {
            let help = format!("name one of {} with `--contract`", names.join(", "));
            return Err(Failure::usage("the program has several contracts".to_owned(), help));
        }
    };
    let table =
        program.groups_table(contract, args.version, args.event_type.as_deref()).ok_or_else(|| {
            let message = format!("the contract `{contract}` has no such version");
            Failure::usage(message, "`accrue check` lists the versions and their event types")
        })?;
    let mut target = Target::file(&args.out)?;
    if is_workbook {
        let mut workbook = Workbook::new();
        workbook.texts("Groups", &table.rows).map_err(|error| target.failure(error))?;
        workbook.save(&mut target)?;
    } else {
        target.write_all(table.csv().as_bytes()).map_err(|error| target.failure(error))?;
    }
    target.finish()?;
    let rows = table.rows.len().saturating_sub(1) as u64;
    let mut text = format!("{BOLD}Wrote {}{RESET}: {}\n", shown(&args.out), plural(rows, "group"));
    for (group, why) in &table.left_out {
        text.push_str(&format!("{YELLOW}left out{RESET} `{}`: {why}\n", clean(group)));
    }
    say(&text)?;
    Ok(Exit::Ok)
}
