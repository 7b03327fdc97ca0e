//! Prints generated programs, each with facts, actions and what the engine decides, as a line of JSON each: for hosts in other languages,
//! which must decide the same.
//!
//!     worlds COUNT

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Write as _, stdout};

use accrue::Reference;
use accrue::facts::read_action;
use accrue_history::{Event, History, Run, read_reference};
use accrue_tests::choices::{Choices, noise};
use accrue_tests::world::{World, world};
use serde_json::json;

/// Bytes that a world is made of.
const BYTES: usize = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).ok_or("say how many worlds")?.parse()?;
    let mut out = stdout().lock();
    let mut made = 0;
    let mut seed = 0;
    while made < count {
        seed += 1;
        let bytes = noise(seed, BYTES);
        // A host that reads facts from files refuses those that contradict the program.
        if let Some(world) = world(&mut Choices::new(&bytes))?
            && world.program.check_reference(&world.reference).is_ok()
        {
            writeln!(out, "{}", line(&world)?)?;
            made += 1;
        }
    }
    Ok(())
}

fn line(world: &World) -> Result<serde_json::Value, Box<dyn Error>> {
    let source = world.text.source();
    let files: BTreeMap<&str, &str> =
        source.paths().filter_map(|path| Some((path, source.text(path)?))).collect();
    let limits: BTreeMap<&str, u64> =
        world.program.limits().list().iter().map(|limit| (limit.name, limit.at_most)).collect();
    let mut actions = String::new();
    let mut read = Vec::new();
    for action in &world.actions {
        let line = serde_json::to_string(action)?;
        // Readers tidy facts.
        read.push(read_action(&line)?);
        actions.push_str(&line);
        actions.push('\n');
    }
    let facts = facts(&world.reference)?;
    let of_facts: Vec<(String, &String)> =
        facts.iter().map(|(name, text)| (format!("facts/{name}"), text)).collect();
    let of_facts = of_facts.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
    let reference = read_reference(of_facts, &world.program).map_err(|faults| format!("{faults:?}"))?;
    let mut decisions = String::new();
    let mut run = Run::new(&world.program, History::new(reference), read);
    run.advance(usize::MAX, |_, event| {
        if let Event::Decided { decision, .. } = event {
            // Cannot fail: a decision has only texts, whole numbers, and lists and tables of them.
            decisions.push_str(&serde_json::to_string(&decision).unwrap_or_default());
            decisions.push('\n');
        }
    })?;
    Ok(
        json!({ "files": files, "limits": limits, "facts": facts, "actions": actions, "decisions": decisions }),
    )
}

/// Returns reference facts as files of JSON Lines, by name.
fn facts(reference: &Reference) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for fact in reference.facts() {
        let file = files.entry(format!("{}.jsonl", fact.kind().stem())).or_default();
        file.push_str(&serde_json::to_string(&fact)?);
        file.push('\n');
    }
    Ok(files)
}
