//! The same work on one thread and on two, which share a program. Nothing that one does may make the other wait.

use std::time::Duration;

use crate::measure::{Contender, take_turns};
use crate::report::{Bar, Figure, Report};
use crate::subject::{self, ACTIONS};
use crate::ways::{Way, Ways};
use crate::{Options, Result};

/// Passes over the actions in one go: tens of milliseconds, beside which starting a thread is nothing.
const PASSES: usize = 4;

pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if cores < 2 {
        eprintln!("this machine has one core; two threads are not measured");
        return Ok(());
    }
    let subject = subject::outdoor::subject()?;
    let work = || {
        let ways = Ways::new(Way::Decide, &subject);
        for _ in 0..PASSES {
            ways.run(&subject.actions);
        }
    };
    let times = take_turns(
        if options.quick { 5 } else { 21 },
        &mut [
            Contender::new("one", work),
            Contender::new("two", || {
                std::thread::scope(|scope| {
                    scope.spawn(work);
                    work();
                });
            }),
        ],
    );
    let per_second =
        |time: Duration, threads: usize| (threads * PASSES * ACTIONS) as f64 / time.as_secs_f64();
    report.push(Figure::new("thirty groups: one thread", per_second(times.best("one"), 1), "actions/s"));
    report.push(
        Figure::new("thirty groups: two threads", per_second(times.best("two"), 2), "actions/s")
            .ratio(2.0 * times.ratio("one", "two"))
            .bar(Bar::AtLeast(1.8)),
    );
    Ok(())
}
