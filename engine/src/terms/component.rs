//! A component as a contract names it: its file, its parameters, and the loaded component.
//!
//! The loader is passed in, so that reading terms needs no WebAssembly runtime.

use crate::diagnostic::{Code, Place};
use crate::digest::Digest;
use crate::lang::{Const, Phase};

/// A checked component of a program, with what its contract declares for it.
#[derive(Clone, Debug)]
pub struct ComponentRule {
    /// Where its file is.
    pub place: Place,
    /// The phase in which it runs.
    pub phase: Phase,
    /// The parameters of the contract, by name.
    pub params: Vec<(String, Const)>,
    /// The size of its file in bytes.
    pub bytes: usize,
    /// The digest of its file.
    pub digest: Digest,
    /// The loaded component.
    pub(crate) loaded: LoadedComponent,
}

/// A component that can be run.
#[derive(Clone, Debug)]
pub(crate) enum LoadedComponent {
    /// Native code.
    #[cfg(feature = "sandbox")]
    Compiled(accrue_sandbox::Component),
    /// Without the sandbox no component can be loaded.
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
    /// [`Refusal`]: why the component is refused, and what to do.
    fn load(&self, bytes: &[u8], phase: Phase) -> Result<LoadedComponent, Refusal>;
}
