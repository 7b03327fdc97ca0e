//! `accrue due`: lists what begins, ends or is to be reviewed soon.

use accrue::Engine;

use crate::args::Due;
use crate::exit::{Exit, Failure, not_closed};
use crate::output::format::{heading, plural};
use crate::output::table::{number, table, text};
use crate::output::terminal::{DIM, RESET, say, say_json};
use crate::source::folder::Folder;
use crate::source::reference::read_reference;
use crate::source::state::read_state;

/// Runs the command.
pub(crate) fn run(args: &Due) -> Result<Exit, Failure> {
    let engine = Engine::default();
    let folder = Folder::open(&args.program, &args.trust, engine.limits())?;
    let program = folder.program(&engine)?;
    let reference = read_reference(args.facts.as_deref(), &folder, &program)?;
    let due = match &args.state {
        None => program.due(args.on, args.days, &reference),
        Some(state) => {
            let counters = read_state(Some(state), None, &program)?;
            program.due_with(args.on, args.days, &reference, &counters).map_err(|error| not_closed(&error))?
        }
    };
    if args.json {
        say_json(&due)?;
        return Ok(Exit::Ok);
    }
    let title = format!("Due from {}, within {}", args.on, plural(args.days.into(), "day"));
    if due.is_empty() {
        say(&format!("{}{DIM}nothing{RESET}\n", heading(&title)))?;
        return Ok(Exit::Ok);
    }
    let columns = [text("Date"), number("Days"), text("What")];
    let rows = due.iter().map(|due| vec![due.on.to_string(), due.in_days.to_string(), due.what.to_string()]);
    say(&format!("{}{}", heading(&title), table(&columns, rows)))?;
    Ok(Exit::Ok)
}
