//! What depends on the machine: where instances have their memory, and what the runtime asks of an operating system.
//!
//! On most machines components become native code. In WebAssembly, where nothing may make code, they become code for Pulley, an
//! interpreter of wasmtime. Fuel is counted in both at the same places, so the answer and the fuel of an evaluation are the same.

#[cfg_attr(target_family = "wasm", path = "wasm.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "native.rs")]
mod of_target;

pub(crate) use of_target::{before_compiling, set_memory};
