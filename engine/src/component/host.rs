//! Where components are compiled: a sandbox that is set up when the first one is loaded. Bytes enter; a component that may
//! run, or why it may not and what to do, leaves.

use crate::diagnostic::Code;
use crate::rule::Phase;

#[cfg(feature = "sandbox")]
use accrue_sandbox::{Component, LoadError, Role, Sandbox, SandboxError};
#[cfg(feature = "sandbox")]
use std::sync::{Arc, OnceLock};

/// What the sandbox made of a component.
#[derive(Clone, Debug)]
pub(crate) enum Loaded {
    /// Native code.
    #[cfg(feature = "sandbox")]
    Compiled(Component),
    /// There is no sandbox to make anything.
    #[cfg(not(feature = "sandbox"))]
    #[allow(dead_code, reason = "cannot be made, which is the point")]
    Never(std::convert::Infallible),
}

/// Why a component is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

/// Compiles components, each once. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ComponentHost {
    #[cfg(feature = "sandbox")]
    sandbox: Arc<OnceLock<Result<Sandbox, SandboxError>>>,
}

#[cfg(feature = "sandbox")]
impl ComponentHost {
    /// A host that uses this sandbox: with limits, a cache or a clock of the embedder's own.
    pub fn of(sandbox: Sandbox) -> Self {
        Self { sandbox: Arc::new(OnceLock::from(Ok(sandbox))) }
    }

    /// The sandbox, set up now if it is not yet.
    ///
    /// # Errors
    ///
    /// When this machine cannot run it.
    pub fn sandbox(&self) -> Result<&Sandbox, SandboxError> {
        self.sandbox.get_or_init(Sandbox::new).as_ref().map_err(Clone::clone)
    }

    pub(crate) fn load(&self, bytes: &[u8], phase: Phase) -> Result<Loaded, Refusal> {
        let role = match phase {
            Phase::Restrict => Role::Restriction,
            Phase::OrderAmount | Phase::ItemAmount | Phase::PayOrder | Phase::PayItem => Role::Payout,
        };
        let loaded = self.sandbox().map_err(LoadError::from).and_then(|sandbox| sandbox.load(bytes, role));
        loaded.map(Loaded::Compiled).map_err(|error| refusal(&error))
    }
}

#[cfg(feature = "sandbox")]
fn refusal(error: &LoadError) -> Refusal {
    let (code, help) = match error {
        LoadError::TooLarge { .. } => (
            Code::TooLarge,
            "build it optimised for size and without debugging information, or split the rule",
        ),
        LoadError::CoreModule => (Code::BadComponent, "make one of it with `accrue component FILE.wasm`"),
        LoadError::Import(_) => (
            Code::ComponentImport,
            "build it for `wasm32-unknown-unknown`, without clocks, random numbers, files or a host of its own",
        ),
        LoadError::WrongWorld { .. } => (
            Code::ComponentWorld,
            "a restriction exports `accrue:rules/restriction`, a payout rule `accrue:rules/payout`, as `wit/rules` says",
        ),
        _ => (Code::BadComponent, "build it anew; `accrue component` makes a component of a core module"),
    };
    Refusal { code, message: format!("this component cannot be used: {error}"), help }
}

#[cfg(not(feature = "sandbox"))]
impl ComponentHost {
    pub(crate) fn load(&self, _: &[u8], _: Phase) -> Result<Loaded, Refusal> {
        Err(Refusal {
            code: Code::BadComponent,
            message: "this engine was built without the sandbox that components run in".to_owned(),
            help: "use an engine with the feature `sandbox`, or write the rule in the rule language",
        })
    }
}
