//! Terms: what a brand has declared. A folder of text enters, a checked program leaves.

mod model;

pub use model::*;
