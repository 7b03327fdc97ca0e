//! Runs WebAssembly that nobody trusts: limits, deadlines, pools and caches around wasmtime.
//!
//! This crate knows nothing of rules, actions or money. What runs in it is a core module that the engine has compiled
//! from a contract, or a component that a brand has written.

pub use wasmtime;

use thiserror::Error;
use wasmtime::{Config, OptLevel};

/// Why a sandbox cannot be made.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// Wasmtime refuses its configuration.
    #[error("the WebAssembly runtime cannot be set up: {0}")]
    Setup(String),
}

/// A WebAssembly runtime with its limits. Cheap to clone; one serves any number of programs and threads.
#[derive(Clone)]
pub struct Sandbox {
    engine: wasmtime::Engine,
}

impl Sandbox {
    /// A sandbox.
    ///
    /// # Errors
    ///
    /// When this machine cannot run it.
    pub fn new() -> Result<Self, SandboxError> {
        let mut config = Config::new();
        config.cranelift_opt_level(OptLevel::Speed);
        let engine =
            wasmtime::Engine::new(&config).map_err(|error| SandboxError::Setup(format!("{error:#}")))?;
        Ok(Self { engine })
    }

    /// The runtime itself.
    pub fn engine(&self) -> &wasmtime::Engine {
        &self.engine
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}
