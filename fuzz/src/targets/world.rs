//! Whole decisions: choices enter, a generated program decides generated actions, and every law must hold.

use accrue_tests::choices::Choices;
use accrue_tests::laws::LAWS;
use accrue_tests::world::world;

/// Tries one input.
pub fn run(data: &[u8]) {
    let world = match world(&mut Choices::new(data)) {
        Ok(Some(world)) => world,
        Ok(None) => return,
        Err(refused) => panic!("generated terms were refused:\n{refused}"),
    };
    for (name, law) in LAWS {
        if let Err(broken) = law(&world, &mut Choices::new(data)) {
            panic!("{name}: {broken}\n{}", world.shown());
        }
    }
}
