//! What a draft of a program would change.

use accrue::{Action, Rules};
use accrue_simulate::{Plan, PlanOptions};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::{Answer, Refused, json};
use crate::inputs::Inputs;
use crate::program::{Counters, Program, Reference, engine, read};

/// How many steps a simulation takes and what it lists.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    steps: usize,
    alone: usize,
    listed: usize,
}

impl Default for Asked {
    fn default() -> Self {
        let PlanOptions { steps, alone } = PlanOptions::default();
        Self { steps, alone, listed: 100 }
    }
}

/// A program and a draft of it on their way through a history.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Simulation {
    /// `None` once the comparison was taken.
    simulation: Option<accrue_simulate::Simulation>,
    actions: Vec<Action>,
    decided: usize,
    refused: usize,
}

/// How far a simulation is.
#[derive(Serialize)]
struct Progress {
    done: bool,
    decided: usize,
    total: usize,
    rejected: usize,
}

#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
impl Program {
    /// Returns a simulation of a draft of this program over a history, at its beginning.
    pub fn simulate(
        &self,
        draft: &Program,
        inputs: &Inputs,
        reference: &Reference,
        counters: Option<Counters>,
        asked: &str,
        options: &str,
    ) -> Answer<Simulation> {
        let options: Asked = read("options", options)?;
        let (history, mut read) = self.history(inputs, reference, counters, asked)?;
        let actions = std::mem::take(&mut read.actions);
        let plan_options = PlanOptions { steps: options.steps, alone: options.alone };
        let (old, new) = ((self.source(), &self.0), (draft.source(), &draft.0));
        let plan = Plan::new(&engine(None, Rules::Interpreted)?, old, new, plan_options);
        let simulation = accrue_simulate::Simulation::new(plan, history, options.listed);
        Ok(Simulation { simulation: Some(simulation), actions, decided: 0, refused: read.rejected.len() })
    }
}

#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
impl Simulation {
    /// Decides up to this number of actions. Returns how far the simulation is.
    pub fn next(&mut self, count: u32) -> Answer<String> {
        let simulation = self.simulation.as_mut().ok_or_else(over)?;
        let end = self.decided.saturating_add(count as usize).min(self.actions.len());
        let slice: Vec<&Action> = self.actions.get(self.decided..end).unwrap_or_default().iter().collect();
        let refused = simulation.add(&slice)?;
        self.refused = self.refused.saturating_add(refused.len());
        self.decided = end;
        Ok(json(&Progress {
            done: self.decided == self.actions.len(),
            decided: self.decided,
            total: self.actions.len(),
            rejected: self.refused,
        }))
    }

    /// Does what is left, and returns what the draft changes. Can be called once.
    pub fn comparison(&mut self) -> Answer<String> {
        while self.decided < self.actions.len() {
            self.next(10_000)?;
        }
        Ok(json(&self.simulation.take().ok_or_else(over)?.finish()?))
    }
}

fn over() -> Refused {
    Refused::argument("the comparison of this simulation was taken already")
}
