//! `accrue bench`: how fast a program decides on this machine, and where the time goes.
//!
//! Everything is measured in this process, in rounds that take turns; nothing is extrapolated. One thread does all of it.

mod measure;
mod memory;
mod report;
mod work;

use accrue::Engine;

use crate::args::Bench as Args;
use crate::exit::{Exit, Failure};
use crate::output::terminal::{say, say_json};
use crate::source::folder::Folder;
use crate::source::reference::read_reference;
use work::Work;

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let engine = Engine::default();
    let mut folder = Folder::open(&args.program, &args.trust, engine.limits())?;
    let program = folder.program(&engine)?;
    let reference = read_reference(args.facts.as_deref(), &folder, &program)?;
    let work = Work::collect(args, &mut folder, &program, reference)?;
    let measured = measure::measure(args, &program, &work)?;
    if args.json {
        say_json(&measured)?;
    } else {
        say(&report::tables(&measured))?;
    }
    Ok(Exit::Ok)
}
