//! `accrue close`: closes periods and decides the bonuses that are due.

use accrue::{Decision, Engine, Program};
use accrue_history::{Decider, Summary};

use crate::args::Close;
use crate::exit::{Exit, Failure, not_closed};
use crate::output::decisions::{encoding_of_list, write_all};
use crate::output::diagnostics::tell_warnings;
use crate::output::format::{heading, minor, plural};
use crate::output::table::{number, table, text};
use crate::output::target::Target;
use crate::output::terminal::{DIM, RESET, clean, say, shown};
use crate::source::folder::Folder;
use crate::source::outputs::{May, Read, check_outputs};
use crate::source::reference::read_reference;
use crate::source::state::{StateFile, read_state};

/// Runs the command.
pub(crate) fn run(args: &Close) -> Result<Exit, Failure> {
    no_file_is_harmed(args)?;
    let engine = Engine::default();
    let folder = Folder::open(&args.program, &args.trust, engine.limits())?;
    let program = folder.program(&engine)?;
    tell_warnings(&program, &folder.name);
    let encoding = encoding_of_list(args.out.as_deref(), args.json, &program)?;
    let reference = read_reference(args.facts.as_deref(), &folder, &program)?;
    let state = StateFile::open(&args.state)?;
    if !state.exists() {
        return Err(Failure::usage(
            format!(
                "there is no state `{}`, and bonuses are computed from what was counted",
                shown(&args.state)
            ),
            "name the file that a run with `--state` has written",
        ));
    }
    let counters = read_state(Some(&args.state), None, &program)?;
    let target = args.out.as_deref().map(Target::file).transpose()?;
    let mut decider = Decider::new(&program, reference, counters);
    let bonuses = decider.close(args.until).map_err(|error| not_closed(&error))?;
    if let Some(encoding) = encoding {
        let mut summary = Summary::new(&program);
        for bonus in &bonuses {
            // A sum that does not fit must not lose the bonuses.
            let _ = summary.add_bonus(bonus);
        }
        write_all(encoding, target.unwrap_or_else(Target::stdout), &bonuses, &summary, &program)?;
    }
    if !args.dry_run {
        state.write(&decider.into_counters())?;
    }
    if !args.json {
        report(args, &bonuses, &program)?;
    }
    Ok(Exit::Ok)
}

/// Fails if a file that is written is also read, or written twice.
fn no_file_is_harmed(args: &Close) -> Result<(), Failure> {
    let written = [("--out", args.out.as_deref()), ("--state", Some(args.state.as_path()))];
    let mut read = vec![Read::Program(&args.program, May::WriteBeside)];
    read.extend(args.facts.as_deref().map(|facts| Read::Folder("--facts", facts)));
    read.extend(args.trust.keys.iter().map(|key| Read::File("--trust-key", key)));
    check_outputs(&written, &read)
}

/// Lists the bonuses.
fn report(args: &Close, bonuses: &[Decision], program: &Program) -> Result<(), Failure> {
    let columns = [
        text("Bonus"),
        text("Period"),
        text("Partner"),
        text("Status").rank(2),
        number("Change").rank(1),
        number("Payout"),
    ];
    let mut rows = Vec::new();
    for decision in bonuses.iter().take(args.limit_rows) {
        let (Some(of), Some(award)) = (&decision.bonus, decision.awards.first()) else { continue };
        let money = |amount| format!("{} {}", minor(amount, award.currency), award.currency);
        rows.push(vec![
            of.bonus.clone(),
            of.period.clone(),
            award.partner.clone(),
            award.status.text().to_owned(),
            money(decision.change(award)),
            money(award.payout),
        ]);
    }
    let more = bonuses.len().saturating_sub(args.limit_rows);
    let title = format!("Bonuses of {} until {}", clean(program.name()), args.until);
    let mut page = heading(&title);
    if bonuses.is_empty() {
        page.push_str(&format!("{DIM}none is due{RESET}\n"));
    } else {
        page.push_str(&table(&columns, rows));
    }
    if more > 0 {
        page.push_str(&format!("{DIM}… {more} more{RESET}\n"));
    }
    page.push_str(&format!("{}; ", plural(bonuses.len() as u64, "bonus decision")));
    page.push_str(&match args.dry_run {
        true => "nothing was recorded\n".to_owned(),
        false => format!("periods are closed until {} in {}\n", args.until, shown(&args.state)),
    });
    if let Some(out) = &args.out {
        page.push_str(&format!("Bonuses: {}\n", shown(out)));
    }
    say(&page)
}
