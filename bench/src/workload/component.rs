//! A component beside the same rule in the language: what a whole decision costs by each.

use std::time::Duration;

use crate::measure::{Contender, take_turns};
use crate::report::{Figure, Report};
use crate::subject::{self, Answer, Subject, agree};
use crate::ways::{DECIDE, INTERPRETED, Way, Ways};
use crate::{Options, Result};

const COMPONENT: &str = "decide, component";

/// Actions of one round: a component takes many times as long as a rule.
const ROUND: usize = 64;

pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    let (rule, component) = (subject::brackets::rule()?, subject::brackets::component()?);
    answers_agree(&rule, &component)?;
    let actions = rule.actions.get(..ROUND).ok_or("there are actions")?;
    let [interpreted, decide] = [Way::Interpreted, Way::Decide].map(|way| Ways::new(way, &rule));
    let by_component = Ways::new(Way::Decide, &component);
    let times = take_turns(
        if options.quick { 5 } else { 21 },
        &mut [
            Contender::new(INTERPRETED, || interpreted.run(actions)),
            Contender::new(DECIDE, || decide.run(actions)),
            Contender::new(COMPONENT, || by_component.run(actions)),
        ],
    );
    let nanoseconds = |time: Duration| time.as_secs_f64() * 1e9 / ROUND as f64;
    for name in times.names() {
        let figure = Figure::new(format!("brackets: {name}"), nanoseconds(times.best(name)), "ns");
        report.push(figure.ratio(times.ratio(name, DECIDE)));
    }
    Ok(())
}

/// Fails unless the rule, interpreted and compiled, and the component earn the same on every action.
fn answers_agree(rule: &Subject, component: &Subject) -> Result {
    let answers = |way, subject| -> Result<Vec<Answer>> {
        Ok(Ways::new(way, subject).decisions()?.iter().map(Answer::decision).collect())
    };
    let expected = answers(Way::Interpreted, rule)?;
    agree(rule, DECIDE, &expected, &answers(Way::Decide, rule)?)?;
    agree(component, COMPONENT, &expected, &answers(Way::Decide, component)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn rule_and_component_agree() {
        let (rule, component) = (subject::brackets::rule().unwrap(), subject::brackets::component().unwrap());
        answers_agree(&rule, &component).unwrap();
    }
}
