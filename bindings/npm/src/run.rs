//! Runs of a program over a history, simulations of drafts, and the tests of a program.

use std::collections::BTreeMap;
use std::sync::Arc;

use accrue::explain::{Explanation, PartnerView, Waterfall};
use accrue::{Action, Decision};
use accrue_history::{Event, History, Logged, Replay, Row, TestOptions, Tests, Trace};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::{Answer, Refused, json};
use crate::files::Files;
use crate::inputs::{Inputs, Read};
use crate::program::{Counters, Program, Reference as Facts, explained, read, waterfalls_of};

/// What is asked of a history besides its files.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    close: bool,
    as_of: Option<NaiveDate>,
}

/// A program on its way through a history.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Run {
    program: accrue::Program,
    /// From where the run began, to decide again what is to be explained.
    history: History,
    run: accrue_history::Run,
    /// The rows of each decision as it stands, as JSON without brackets.
    rows: Vec<String>,
    /// The places in `rows` of decisions that may still change, by the id of the action.
    changing: BTreeMap<String, usize>,
    /// What was read, without the actions.
    read: Read,
}

/// How far a run is.
#[derive(Serialize)]
struct Progress {
    done: bool,
    decided: usize,
    total: usize,
    rejected: usize,
    set_aside: u64,
}

/// A decision with everything that says how it came about.
#[derive(Serialize)]
struct Explained<'a> {
    /// `None` for a bonus.
    action: Option<&'a Action>,
    decision: &'a Decision,
    explanation: Explanation,
    waterfalls: Vec<Waterfall>,
    /// What the partner may see, if a partner was named.
    view: Option<PartnerView>,
}

#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
impl Program {
    /// Returns a run over a history at its beginning.
    pub fn run(
        &self,
        inputs: &Inputs,
        reference: &Facts,
        counters: Option<Counters>,
        asked: &str,
    ) -> Answer<Run> {
        let (history, mut read) = self.history(inputs, reference, counters, asked)?;
        let actions = std::mem::take(&mut read.actions);
        let run = accrue_history::Run::new(&self.0, history.clone(), actions);
        Ok(Run { program: self.0.clone(), history, run, rows: Vec::new(), changing: BTreeMap::new(), read })
    }

    /// Runs the tests among the files.
    pub fn test(&self, files: &Files, options: &str) -> Answer<String> {
        /// What is asked of the tests.
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Asked {
            filter: Option<String>,
            coverage: bool,
        }
        let asked: Asked = read("options", options)?;
        let program = if asked.coverage { self.0.recording() } else { self.0.clone() };
        let reference = files.reference(&program)?;
        let tests = Tests::read(files.of_kind(accrue_history::FileKind::Tests), self.0.limits());
        let options = TestOptions { filter: asked.filter, ..TestOptions::default() };
        let results = tests.run(&program, &reference, &options);
        #[derive(Serialize)]
        struct Results<'a> {
            diagnostics: &'a accrue::diagnostic::Diagnostics,
            #[serde(flatten)]
            results: accrue_history::TestResults,
            #[serde(skip_serializing_if = "Option::is_none")]
            coverage: Option<accrue::Coverage>,
        }
        let coverage = asked.coverage.then(|| program.coverage());
        Ok(json(&Results { diagnostics: tests.diagnostics(), results, coverage }))
    }
}

impl Program {
    /// Reads a history. Returns it with what was read of its files.
    pub(crate) fn history(
        &self,
        inputs: &Inputs,
        reference: &Facts,
        counters: Option<Counters>,
        asked: &str,
    ) -> Answer<(History, Read)> {
        let asked: Asked = read("options", asked)?;
        let mut read = inputs.read(&self.0)?;
        let history = History {
            reference: Arc::new(reference.0.clone()),
            counters: counters.map(|counters| counters.0),
            adjustments: Arc::new(std::mem::take(&mut read.adjustments).into()),
            close: asked.close,
            as_of: asked.as_of,
        };
        Ok((history, read))
    }
}

#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
impl Run {
    /// Decides up to this number of actions. Returns how far the run is.
    pub fn next(&mut self, count: u32) -> Answer<String> {
        let Self { run, rows, changing, read, .. } = self;
        let mut refused = Vec::new();
        let most = usize::try_from(count).unwrap_or(usize::MAX);
        run.advance(most, |index, event| match event {
            Event::Decided { decision, is_settled } => {
                if !is_settled {
                    changing.insert(decision.action.clone(), rows.len());
                }
                rows.push(rows_of(&decision));
            }
            Event::Adjusted { decision, .. } => {
                if let Some(row) = changing.get(&decision.action).and_then(|at| rows.get_mut(*at)) {
                    *row = rows_of(decision);
                }
            }
            Event::Closed { bonuses, .. } => rows.extend(bonuses.iter().map(rows_of)),
            Event::Refused(errors) => refused.push((index, errors)),
            Event::NotAdjusted { .. } | _ => {}
        })?;
        for (index, errors) in refused {
            let Some(action) = run.actions().get(index) else { continue };
            let rejected = read.refused(index, action, errors);
            read.rejected.push(rejected);
        }
        Ok(json(&self.progress()))
    }

    /// Returns the number of decisions.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Returns the rows of some decisions: one for each award, or one for a decision without awards.
    pub fn rows(&self, from: usize, count: usize) -> String {
        let end = from.saturating_add(count).min(self.rows.len());
        format!("[{}]", self.rows.get(from..end).unwrap_or_default().join(","))
    }

    /// Returns the lines and rows that could not be decided.
    pub fn rejects(&self) -> String {
        json(&self.read.rejected)
    }

    /// Returns the sums over the decisions.
    pub fn summary(&self) -> Answer<String> {
        Ok(json(&self.run.summary().data().map_err(|error| Refused::argument(error.to_string()))?))
    }

    /// Decides the history again up to one action or bonus, and explains it as it stands in the end: to a partner, or to the brand.
    pub fn explain(&self, id: &str, partner: Option<String>, width: u32) -> Answer<String> {
        let (action, decision) = self.find(id)?.0;
        Ok(json(&Explained {
            explanation: explained(&self.program, &decision, action.as_ref(), partner.as_deref(), width),
            waterfalls: waterfalls_of(&decision)?,
            view: partner.and_then(|partner| decision.partner_view(&partner)),
            action: action.as_ref(),
            decision: &decision,
        }))
    }

    /// Returns a test of a decision, as the text of a file of tests. It was run, and it passes. `own` has the facts of the folder.
    #[wasm_bindgen(js_name = asTest)]
    pub fn as_test(&self, id: &str, own: &Facts) -> Answer<String> {
        let (_, log) = self.find(id)?;
        accrue_history::passing_test(&self.program, id, &log, &self.history.reference, &own.0)
            .map_err(|error| Refused::argument(error.to_string()))
    }

    /// Decides the history again and returns every decision as a line of JSON, in the order in which it is made: the bytes that
    /// `accrue run` writes.
    pub fn decisions(&self) -> Answer<String> {
        let mut run =
            accrue_history::Run::new(&self.program, self.history.clone(), self.run.actions().to_vec());
        let mut lines = String::new();
        let mut add = |decision: &Decision| {
            lines.push_str(&json(decision));
            lines.push('\n');
        };
        run.advance(usize::MAX, |_, event| match event {
            Event::Decided { decision, .. } => add(&decision),
            Event::Adjusted { decision, .. } => add(decision),
            Event::Closed { bonuses, .. } => bonuses.iter().for_each(&mut add),
            _ => {}
        })?;
        Ok(lines)
    }

    /// Returns the counters as they are now.
    pub fn counters(&self) -> Counters {
        Counters(self.run.replay().counters().clone())
    }
}

/// An action with its decision as they stand; a bonus has no action.
type Standing = (Option<Action>, Decision);

impl Run {
    fn progress(&self) -> Progress {
        let progress = self.run.progress();
        Progress {
            done: self.run.is_over(),
            decided: progress.decided,
            total: progress.all,
            rejected: self.read.rejected.len(),
            set_aside: self.read.set_aside,
        }
    }

    /// Decides the history again up to the last change of an action or a bonus, and returns it as it stands then, with a trace and with
    /// what happened to it.
    fn find(&self, id: &str) -> Answer<(Standing, Vec<(Logged, accrue::Counters)>)> {
        let mut replay = Replay::new(&self.program, self.history.clone());
        replay.set_trace(Trace::Of(id.to_owned()));
        replay.keep_log(id);
        let mut found: Option<Standing> = None;
        let mut take = |action: Option<&Action>, event: &Event<'_>| match event {
            Event::Decided { decision, .. } if decision.action == id => {
                found = Some((action.cloned(), decision.clone().into_owned()));
            }
            Event::Adjusted { action, decision, .. } if decision.action == id => {
                found = Some((Some((*action).clone()), (*decision).clone()));
            }
            Event::Closed { bonuses, .. } => {
                let bonus = bonuses.iter().find(|bonus| bonus.action == id);
                found = bonus.map(|bonus| (None, bonus.clone())).or_else(|| found.take());
            }
            _ => {}
        };
        let mut is_over = false;
        'actions: for action in self.run.actions() {
            loop {
                let event = replay.step(action)?;
                take(Some(action), &event);
                if event.is_of_action() {
                    break;
                }
            }
            if action.id == id && !replay.may_change(id) {
                is_over = true;
                break 'actions;
            }
        }
        while !is_over {
            match replay.finish()? {
                Some(event) => take(None, &event),
                None => is_over = true,
            }
        }
        let found = found.ok_or_else(|| {
            let shown: String = id.chars().take(80).collect();
            Refused::argument(format!("no action or bonus `{shown}` was decided"))
        })?;
        Ok((found, replay.take_log()))
    }
}

/// Returns the rows of a decision as JSON, without brackets.
fn rows_of(decision: &Decision) -> String {
    let rows: Vec<String> = Row::each(decision).map(|row| json(&row)).collect();
    rows.join(",")
}
