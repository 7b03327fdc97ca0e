//! The ways to run rules give the same decisions: traces, fuel, faults and their places included.

use accrue::{Engine, Program, Rules};

use crate::choices::Choices;
use crate::ensure;
use crate::hosted;
use crate::ways::Ways;
use crate::world::World;

/// Actions are decided, explained and recorded alike by compiled rules and by the interpreter.
pub fn compiled_and_interpreted_decide_alike(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let portable = portable(world)?;
    ways(world, &portable).one_by_one().map(|_| ())
}

/// Actions are decided, explained and recorded alike by compiled rules on a runtime of the host and by the interpreter.
pub fn a_runtime_of_the_host_decides_alike(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let portable = portable(world)?;
    let hosted = hosted::engine(world.program.limits().clone()).build();
    let compiled = hosted.load(&world.text.source()).map_err(|faults| faults.to_string())?;
    ensure!(compiled.is_compiled());
    Ways { compiled: &compiled, ..ways(world, &portable) }.one_by_one().map(|_| ())
}

/// A batch decides each of its actions as if it were alone, whatever its order and size.
pub fn batches_are_decided_alike(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let portable = portable(world)?;
    ways(world, &portable).batches()
}

fn portable(world: &World) -> Result<Program, String> {
    let limits = world.program.limits().clone();
    let portable = Engine::builder()
        .limits(limits)
        .rules(Rules::Interpreted)
        .build()
        .load(&world.text.source())
        .map_err(|faults| faults.to_string())?;
    ensure!(world.program.is_compiled() && !portable.is_compiled());
    Ok(portable)
}

fn ways<'a>(world: &'a World, portable: &'a Program) -> Ways<'a> {
    Ways { compiled: &world.program, portable, actions: &world.actions, reference: &world.reference }
}
