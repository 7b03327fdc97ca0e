//! What a payout group costs where there are many: contracts of ten to a thousand groups, side by side. An action meets
//! one of them, whichever it is, so that what is paid is the same work for all.

use crate::measure::{Contender, take_turns};
use crate::report::{Bar, Figure, Report};
use crate::subject::{ACTIONS, Answer, groups};
use accrue::lang::CaseColumns;

use crate::ways::{Way, Ways, all_agree};
use crate::{Options, Result};

/// How many groups, and the name of the contender that has them.
const SIZES: [(usize, &str); 5] =
    [(10, FEWEST), (30, "30 groups"), (100, "100 groups"), (300, "300 groups"), (1_000, MOST)];

const FEWEST: &str = "10 groups";
const MOST: &str = "1000 groups";

pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    let mut subjects = Vec::new();
    for (size, name) in SIZES {
        subjects.push((name, groups::subject(size)?));
    }
    let mut cases = Vec::new();
    for (_, subject) in &subjects {
        let totals = subject.program.counters();
        let mut expected = Vec::new();
        for action in &subject.actions {
            expected.push(Answer::decision(&subject.portable.decide(
                action,
                &subject.reference,
                &totals,
                Options::default(),
            )?));
        }
        let of_subject = subject.cases()?;
        let columns = CaseColumns::of(&of_subject, &subject.reference)?;
        all_agree(subject, &of_subject, &columns, &expected)?;
        cases.push(of_subject);
    }
    for way in [Way::Portable, Way::Compiled] {
        let mut contenders = Vec::new();
        for ((name, subject), cases) in subjects.iter().zip(&cases) {
            let mut ways = Ways::new(way, subject)?;
            contenders.push(Contender::new(name, move || ways.one_by_one(cases)));
        }
        let times = take_turns(if options.quick { 5 } else { 21 }, &mut contenders);
        for (_, name) in SIZES {
            let nanoseconds = times.best(name).as_secs_f64() * 1e9 / ACTIONS as f64;
            let mut figure = Figure::new(format!("{name}: {}", way.name()), nanoseconds, "ns");
            if name != FEWEST {
                figure = figure.ratio(times.ratio(name, FEWEST));
            }
            let is_held = way == Way::Compiled && name == MOST;
            report.push(if is_held { figure.bar(Bar::AtMost(3.0)) } else { figure });
        }
    }
    Ok(())
}
