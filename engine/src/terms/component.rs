//! A component as a contract names it: its file, its parameters and what the host's loader made of its bytes.
//!
//! The loader is handed in, so that reading terms needs no WebAssembly runtime.

use crate::diagnostic::{Code, Place};
use crate::lang::{Const, Phase};

/// A component of a program, checked, with what its contract declares for it.
#[derive(Clone, Debug)]
pub struct ComponentRule {
    /// Its file.
    pub place: Place,
    /// When it runs.
    pub phase: Phase,
    /// The contract's parameters.
    pub params: Vec<(String, Const)>,
    /// Bytes of its file.
    pub bytes: usize,
    /// What the loader made of it.
    pub(crate) loaded: LoadedComponent,
}

/// A component that may run.
#[derive(Clone, Debug)]
pub(crate) enum LoadedComponent {
    /// Native code.
    #[cfg(feature = "sandbox")]
    Compiled(accrue_sandbox::Component),
    /// There is no sandbox to make anything.
    #[cfg(not(feature = "sandbox"))]
    #[allow(dead_code, reason = "cannot be made, which is the point")]
    Never(std::convert::Infallible),
}

/// Why a component is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

/// Checks and compiles the components that a program names.
pub(crate) trait ComponentLoader {
    /// Checks and compiles a component that runs in this phase.
    ///
    /// # Errors
    ///
    /// Why the component is refused, and what to do.
    fn load(&self, bytes: &[u8], phase: Phase) -> Result<LoadedComponent, Refusal>;
}
