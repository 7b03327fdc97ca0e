//! The engine linked into a WebAssembly module, so that what the module imports can be checked.
//!
//! `cargo xtask wasm` builds it and refuses any import. What the linker drops is not checked, so
//! [`decide`] has to reach the whole engine: it loads a program and decides an action, both hidden
//! from the optimiser.

use accrue as _;
use std::hint::black_box;

/// Loads a program and decides an action by it: a number that depends on the decision.
// SAFETY: the name is the module's own; nothing else in it is called `decide`.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn decide() -> u32 {
    black_box(0)
}
