//! The ways to run rules give one answer, trace, fuel, faults and places included.

use accrue::Engine;
use accrue::decide::Decision;

use crate::assess::every_way;
use crate::choices::Choices;
use crate::world::World;
use crate::{ensure, ensure_eq};

/// The first difference between two decisions, as JSON.
pub fn differ(action: &str, compiled: &Decision, portable: &Decision) -> Option<String> {
    let text = |decision: &Decision| serde_json::to_string_pretty(decision).unwrap();
    let (compiled, portable) = (text(compiled), text(portable));
    (compiled != portable).then(|| {
        let lines = compiled.lines().zip(portable.lines()).filter(|(a, b)| a != b).take(12);
        let lines: Vec<String> = lines.map(|(a, b)| format!("- {b}\n+ {a}")).collect();
        format!("`{action}`, interpreted (-) and compiled (+):\n{}\n\n{portable}", lines.join("\n"))
    })
}

/// Whole decisions, one by one and in a batch, and their traces, by compiled rules and by the interpreter.
pub fn compiled_and_interpreted_decide_alike(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let limits = world.program.limits().clone();
    let portable = Engine::portable(limits).load(&world.text.source()).unwrap();
    ensure!(world.program.is_compiled() && !portable.is_compiled());
    let (mut totals, mut others) = (world.program.totals(), portable.totals());
    let compiled = world.program.decide_all(&world.actions, &world.reference, &mut totals);
    let interpreted = portable.decide_all(&world.actions, &world.reference, &mut others);
    let batch = world.program.decide_batch(&world.actions, &world.reference, &totals);
    ensure_eq!(batch.len(), world.actions.len());
    for (action, batched) in world.actions.iter().zip(batch) {
        ensure_eq!(batched, world.program.decide(action, &world.reference, &totals));
    }
    for (a, b) in compiled.iter().zip(&interpreted) {
        ensure_eq!(a.index, b.index);
        let action = &world.actions[a.index];
        match (&a.decision, &b.decision) {
            (Ok(a), Ok(b)) => differ(&action.id, a, b).map_or(Ok(()), Err)?,
            (a, b) => ensure_eq!(a, b),
        }
        let a = world.program.explain(action, &world.reference, &totals);
        let b = portable.explain(action, &world.reference, &others);
        if let (Ok(a), Ok(b)) = (&a, &b) {
            differ(&action.id, a, b).map_or(Ok(()), Err)?;
        }
    }
    Ok(())
}

/// What rules say of cases, one by one, in batches and by column.
pub fn cases_are_assessed_alike(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    every_way(&world.program, &world.actions, &world.reference).map(|_| ())
}
