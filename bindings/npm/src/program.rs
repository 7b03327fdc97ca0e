//! Programs, reference facts and counters: what `accrue::Program` does, on JSON.

use std::fmt::Display;
use std::sync::Arc;

use accrue::analyse::Analysis;
use accrue::card::CardOptions;
use accrue::decide::Award;
use accrue::diagnostic::Diagnostics;
use accrue::explain::{Explanation, Reader, Waterfall};
use accrue::facts::{FactError, FactErrors, FactKind, read_action, read_adjustment};
use accrue::overview::ProgramOverview;
use accrue::{Action, Decision, Engine, Limits, Options, Rules, Source};
use chrono::NaiveDate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::{Answer, Refused, json};
use crate::files::Files;
use crate::runtime::JsRuntime;

/// A checked program.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Program(pub(crate) accrue::Program, Source);

/// Reference facts.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Reference(pub(crate) accrue::Reference);

/// The counters of a program.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Counters(pub(crate) accrue::Counters);

/// An action as it stands after an adjustment.
#[derive(Serialize)]
struct Adjusted {
    action: Action,
    decision: Decision,
}

/// The result for one of many actions.
#[derive(Serialize)]
struct Decided {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Refused>,
}

#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
impl Program {
    /// Reads and checks the files of a program, and compiles its rules unless they are to be interpreted. `limits` is a table of
    /// names and numbers.
    pub fn load(files: &Files, limits: Option<String>, interpreted: bool) -> Answer<Program> {
        Self::of_source(&engine(limits, ways(interpreted))?, files.source())
    }

    /// Returns the id of the program.
    pub fn id(&self) -> String {
        self.0.id().to_owned()
    }

    /// Returns what the program consists of.
    pub fn overview(&self) -> String {
        json(&self.0.overview())
    }

    /// Returns the warnings of the program.
    pub fn warnings(&self) -> String {
        json(self.0.warnings())
    }

    /// Returns the digest over the files of the terms.
    pub fn digest(&self) -> String {
        self.0.digest().to_string()
    }

    /// Returns counters of this program that have counted nothing.
    pub fn counters(&self) -> Counters {
        Counters(self.0.counters())
    }

    /// Returns empty reference facts whose moments without an offset are of the program's zone.
    pub fn reference(&self) -> Reference {
        Reference(accrue::Reference::default().in_zone(self.0.zone()))
    }

    /// Returns what the facts say of the program that is probably not meant.
    #[wasm_bindgen(js_name = checkReference)]
    pub fn check_reference(&self, reference: &Reference) -> Answer<String> {
        Ok(json(&self.0.check_reference(&reference.0)?))
    }

    /// Decides an action.
    pub fn decide(
        &self,
        action: &str,
        reference: &Reference,
        counters: &Counters,
        traced: bool,
    ) -> Answer<String> {
        let options = if traced { Options::traced() } else { Options::default() };
        Ok(json(&self.0.decide(&read_action(action)?, &reference.0, &counters.0, options)?))
    }

    /// Decides actions one after the other, and records each decision. `actions` is a list.
    #[wasm_bindgen(js_name = decideAll)]
    pub fn decide_all(
        &self,
        actions: &str,
        reference: &Reference,
        counters: &mut Counters,
    ) -> Answer<String> {
        let all: Vec<Box<serde_json::value::RawValue>> = read("actions", actions)?;
        let mut decided = Vec::with_capacity(all.len());
        for (index, text) in all.iter().enumerate() {
            let one = read_action(text.get()).map_err(Refused::from).and_then(|action| {
                let decision = self.0.decide(&action, &reference.0, &counters.0, Options::default())?;
                counters.0.apply(&decision.postings)?;
                Ok(decision)
            });
            decided.push(match one {
                Ok(decision) => Decided { index, decision: Some(decision), error: None },
                Err(error) => Decided { index, decision: None, error: Some(error) },
            });
        }
        Ok(json(&decided))
    }

    /// Adjusts an action, given with its decision as they stand.
    pub fn adjust(
        &self,
        adjustment: &str,
        action: &str,
        decision: &str,
        reference: &Reference,
        counters: &Counters,
        traced: bool,
    ) -> Answer<String> {
        let options = if traced { Options::traced() } else { Options::default() };
        let adjustment = read_adjustment(adjustment).map_err(FactErrors::from)?;
        let (action, decision) = (read_action(action)?, read("decision", decision)?);
        let standing = (&action, &decision);
        let adjusted = self.0.adjust(&adjustment, standing, &reference.0, &counters.0, options)?;
        Ok(json(&Adjusted { action: adjusted.action, decision: adjusted.decision }))
    }

    /// Decides the bonuses of the periods that end until a date.
    pub fn close(&self, until: &str, reference: &Reference, counters: &Counters) -> Answer<String> {
        Ok(json(&self.0.close(date(until)?, &reference.0, &counters.0)?))
    }

    /// Closes the calendar periods that end until a date.
    #[wasm_bindgen(js_name = closePeriods)]
    pub fn close_periods(&self, until: &str, counters: &mut Counters) -> Answer<()> {
        Ok(self.0.close_periods(&mut counters.0, date(until)?)?)
    }

    /// Returns the first date after this one on which a period of a bonus ends.
    #[wasm_bindgen(js_name = nextClose)]
    pub fn next_close(&self, after: &str) -> Answer<Option<String>> {
        Ok(self.0.next_close(date(after)?).map(|date| date.to_string()))
    }

    /// Explains a decision of an action, or of a bonus without one, for a partner or for the brand.
    pub fn explain(
        &self,
        decision: &str,
        action: Option<String>,
        partner: Option<String>,
        width: u32,
    ) -> Answer<String> {
        let decision: Decision = read("decision", decision)?;
        let action = action.map(|action| read_action(&action)).transpose()?;
        Ok(json(&explained(&self.0, &decision, action.as_ref(), partner.as_deref(), width)))
    }

    /// Returns the terms in plain words, for a partner or for the brand: `contract`, `at` and `partner` of a table, in the format `text`,
    /// `markdown`, `html` or `json`.
    pub fn card(&self, options: &str, reference: &Reference, format: &str) -> Answer<String> {
        let options: AskedCard = read("options", options)?;
        let asked = CardOptions {
            contract: options.contract.as_deref(),
            at: options.at,
            partner: options.partner.as_deref(),
        };
        let card = self.0.card(asked, &reference.0).map_err(|error| Refused::argument(error.to_string()))?;
        match format {
            "text" => Ok(card.text(None)),
            "markdown" => Ok(card.markdown()),
            "html" => Ok(card.html()),
            "json" => Ok(json(&card)),
            _ => Err(Refused::argument("the format is text, markdown, html or json")),
        }
    }

    /// Returns what conditions can never hold, and what is never reached.
    pub fn analyse(&self, reference: &Reference) -> String {
        let analysis: Analysis = self.0.analyse(&reference.0);
        json(&analysis)
    }

    /// Returns the dates that come within some days of a date, and tiers within reach.
    pub fn due(&self, from: &str, days: u32, reference: &Reference, counters: &Counters) -> Answer<String> {
        Ok(json(&self.0.due_with(date(from)?, days, &reference.0, &counters.0)?))
    }
}

impl Program {
    /// Returns the program of these files.
    pub(crate) fn of_source(engine: &Engine, source: Source) -> Answer<Self> {
        Ok(Self(engine.load(&source)?, source))
    }

    /// Returns the files of the terms.
    pub(crate) fn source(&self) -> &Source {
        &self.1
    }
}

/// Explains a decision of an action, or of a bonus without one.
pub(crate) fn explained(
    program: &accrue::Program,
    decision: &Decision,
    action: Option<&Action>,
    partner: Option<&str>,
    width: u32,
) -> Explanation {
    let reader = partner.map_or(Reader::Brand, Reader::Partner);
    let width = usize::try_from(width).unwrap_or(usize::MAX);
    match action {
        Some(action) => program.explain_within(decision, action, reader, width),
        None => program.explain_bonus(decision, reader, width),
    }
}

/// Which card is asked for.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedCard {
    contract: Option<String>,
    at: Option<NaiveDate>,
    partner: Option<String>,
}

#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
impl Reference {
    /// Returns reference facts with nothing known.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file of facts, such as `partners.csv`. Adds nothing of it if it has a fault.
    pub fn read(&mut self, name: &str, content: &[u8]) -> Answer<()> {
        let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
        let Some(kind) = FactKind::of_stem(stem).filter(|_| end == "csv" || end == "jsonl") else {
            let known = FactKind::ALL.map(FactKind::stem).join(", ");
            let shown: String = name.chars().take(80).collect();
            let message = format!("nothing reads `{shown}`; facts are {known}, each .csv or .jsonl");
            return Err(FactError::whole(message).into());
        };
        Ok(self.0.read(kind, name, content, &Limits::default())?)
    }
}

#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
impl Counters {
    /// Restores counters from a snapshot.
    pub fn restore(snapshot: &str) -> Answer<Counters> {
        let restored = accrue::Counters::restore(read("snapshot", snapshot)?);
        Ok(Self(restored.map_err(|error| Refused::argument(error.to_string()))?))
    }

    /// Returns everything that is counted, to be restored after a restart.
    pub fn snapshot(&self) -> String {
        json(&self.0.snapshot())
    }

    /// Returns counters of their own that have counted the same.
    pub fn copy(&self) -> Counters {
        Self(self.0.clone())
    }

    /// Returns everything that is counted, by counter, key and time.
    pub fn entries(&self) -> String {
        json(&self.0.entries())
    }

    /// Records a decision: applies its postings, all of them or none.
    pub fn apply(&mut self, decision: &str) -> Answer<()> {
        let decision: Decision = read("decision", decision)?;
        Ok(self.0.apply(&decision.postings)?)
    }

    /// Takes a recorded decision back.
    pub fn revert(&mut self, decision: &str) -> Answer<()> {
        let decision: Decision = read("decision", decision)?;
        Ok(self.0.revert(&decision.postings)?)
    }
}

/// Returns the payout of each award as a waterfall.
#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
pub fn waterfalls(decision: &str) -> Answer<String> {
    Ok(json(&waterfalls_of(&read("decision", decision)?)?))
}

pub(crate) fn waterfalls_of(decision: &Decision) -> Answer<Vec<Waterfall>> {
    let all: Result<Vec<Waterfall>, _> = decision.awards.iter().map(Award::waterfall).collect();
    all.map_err(|error| Refused::argument(format!("the payout cannot be taken apart: {error}")))
}

/// Returns what a partner may see of a decision; `null` if the partner is not credited.
#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen(js_name = partnerView)]
pub fn partner_view(decision: &str, partner: &str) -> Answer<String> {
    let decision: Decision = read("decision", decision)?;
    Ok(json(&decision.partner_view(partner)))
}

/// Returns the names of limits with their numbers.
#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
pub fn limits() -> String {
    let all = Limits::default().list();
    json(&all.iter().map(|limit| (limit.name, limit.at_most)).collect::<std::collections::BTreeMap<_, _>>())
}

/// Returns an engine with these limits, which runs rules in this way.
pub(crate) fn engine(limits: Option<String>, rules: Rules) -> Answer<Engine> {
    let mut own = Limits::default();
    if let Some(limits) = limits {
        let asked: std::collections::BTreeMap<String, u64> = read("limits", &limits)?;
        for (name, at_most) in asked {
            own.set(&name, at_most)?;
        }
    }
    let builder = Engine::builder().rules(rules).module_runtime(Arc::new(JsRuntime));
    #[cfg(feature = "components")]
    let builder = with_sandbox(builder, &own);
    Ok(builder.limits(own).build())
}

/// Has engines with the usual limits of components share a sandbox, which keeps what it has compiled: each run loads its program anew.
#[cfg(feature = "components")]
fn with_sandbox(builder: accrue::EngineBuilder, limits: &Limits) -> accrue::EngineBuilder {
    thread_local! {
        static USUAL: Engine = Engine::default();
    }
    USUAL.with(|usual| {
        let of = |limits: &Limits| (limits.component_memory_bytes, limits.component_bytes);
        match usual.sandbox() {
            Ok(sandbox) if of(usual.limits()) == of(limits) => builder.sandbox(sandbox.clone()),
            _ => builder,
        }
    })
}

/// Returns how rules are run.
pub(crate) fn ways(interpreted: bool) -> Rules {
    if interpreted { Rules::Interpreted } else { Rules::Native }
}

/// Reads an argument from JSON.
pub(crate) fn read<T: DeserializeOwned>(what: &str, text: &str) -> Answer<T> {
    serde_json::from_str(text).map_err(|error| unreadable(what, &error))
}

fn unreadable(what: &str, error: &dyn Display) -> Refused {
    Refused::argument(format!("`{what}` cannot be read: {error}"))
}

/// Reads a date from an argument.
pub(crate) fn date(text: &str) -> Answer<NaiveDate> {
    accrue::time::parse_date(text).ok_or_else(|| {
        let shown: String = text.chars().take(80).collect();
        Refused::argument(format!("`{shown}` is not a date, such as 2026-04-01"))
    })
}

/// Reads and checks the files of a program. Returns its diagnostics and, if it has no errors, what it consists of.
#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
pub fn check(files: &Files, limits: Option<String>) -> Answer<String> {
    #[derive(Serialize)]
    struct Checked {
        diagnostics: Diagnostics,
        #[serde(skip_serializing_if = "Option::is_none")]
        overview: Option<ProgramOverview>,
    }
    Ok(json(&match engine(limits, Rules::Interpreted)?.load(&files.source()) {
        Ok(program) => {
            Checked { diagnostics: program.warnings().clone(), overview: Some(program.overview()) }
        }
        Err(diagnostics) => Checked { diagnostics, overview: None },
    }))
}
