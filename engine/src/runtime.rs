//! The runtime of WebAssembly: compiles rules and loads components, or says why a component cannot be loaded and what to do.

use crate::diagnostic::Code;
use crate::lang::Phase;
use crate::limits::Limits;
use crate::modules::{Backend, CompiledRules, ModuleCache, ModuleRuntime};
use crate::run::CompiledProgram;
use crate::terms::{ComponentLoader, LoadedComponent, Refusal, Terms};

#[cfg(feature = "sandbox")]
use accrue_sandbox::{GuardLimits, HostLimits, LoadError, Role, Sandbox, SandboxError};
use std::sync::{Arc, OnceLock};

/// Where the rules of an engine's programs run: on a runtime of the host, in the host's own sandbox, or in a sandbox that is set
/// up when it is first needed. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Runtime {
    compiles: bool,
    host: Option<Arc<dyn ModuleRuntime>>,
    modules: Arc<OnceLock<Option<Arc<ModuleCache>>>>,
    #[cfg(feature = "sandbox")]
    sandbox: Arc<LazySandbox>,
}

/// A sandbox that is set up when it is first needed.
#[cfg(feature = "sandbox")]
#[derive(Debug)]
struct LazySandbox {
    limits: HostLimits,
    sandbox: OnceLock<Result<Sandbox, SandboxError>>,
}

impl Runtime {
    /// Returns a runtime. Compiles rules if `compiles` is true, for the host's runtime if there is one, and runs no components.
    #[cfg(not(feature = "sandbox"))]
    pub(crate) fn new(compiles: bool, host: Option<Arc<dyn ModuleRuntime>>) -> Self {
        Self { compiles, host, modules: Arc::default() }
    }

    /// Compiles the rules of a program. Returns `None` if they are to be interpreted.
    pub(crate) fn compile(&self, terms: &Terms, limits: &Limits) -> Option<Box<dyn CompiledProgram>> {
        let modules = if self.compiles { self.modules()? } else { return None };
        Some(Box::new(CompiledRules::new(modules, terms, limits)))
    }

    /// Returns the modules of compiled rules; `None` if nothing here runs them.
    pub(crate) fn modules(&self) -> Option<&Arc<ModuleCache>> {
        let backend = || self.host.clone().map(Backend::Hosted).or_else(|| self.native());
        self.modules.get_or_init(|| Some(Arc::new(ModuleCache::new(backend()?)))).as_ref()
    }

    #[cfg(feature = "sandbox")]
    fn native(&self) -> Option<Backend> {
        Backend::native(self.sandbox().ok()?).ok()
    }

    #[cfg(not(feature = "sandbox"))]
    fn native(&self) -> Option<Backend> {
        None
    }
}

#[cfg(feature = "sandbox")]
impl Runtime {
    /// Returns a runtime. Compiles rules if `compiles` is true, for the host's runtime if there is one and as native code otherwise.
    /// Without a sandbox, one is set up later that grants as much memory as the limits let a component have.
    pub(crate) fn new(
        limits: &Limits,
        compiles: bool,
        host: Option<Arc<dyn ModuleRuntime>>,
        sandbox: Option<Sandbox>,
    ) -> Self {
        let most = HostLimits::default();
        let limits = match &sandbox {
            Some(sandbox) => sandbox.limits().clone(),
            None => HostLimits {
                memory_bytes: limits
                    .component_memory_bytes
                    .checked_next_multiple_of(PAGE_BYTES)
                    .unwrap_or(most.memory_bytes),
                guard: GuardLimits { bytes: limits.component_bytes, ..most.guard },
                ..most
            },
        };
        let sandbox = sandbox.map(|sandbox| OnceLock::from(Ok(sandbox))).unwrap_or_default();
        Self { compiles, host, modules: Arc::default(), sandbox: Arc::new(LazySandbox { limits, sandbox }) }
    }

    /// Returns the sandbox, and sets it up first if needed.
    pub(crate) fn sandbox(&self) -> Result<&Sandbox, SandboxError> {
        let set_up = || Sandbox::with(self.sandbox.limits.clone(), None);
        self.sandbox.sandbox.get_or_init(set_up).as_ref().map_err(Clone::clone)
    }
}

#[cfg(feature = "sandbox")]
impl ComponentLoader for Runtime {
    /// Loads a component; equal bytes are compiled once.
    fn load(&self, bytes: &[u8], phase: Phase) -> Result<LoadedComponent, Refusal> {
        let role = match phase {
            Phase::Restrict => Role::Restriction,
            Phase::Credit
            | Phase::OrderAmount
            | Phase::ItemAmount
            | Phase::PayOrder
            | Phase::PayItem
            | Phase::Count
            | Phase::CountItem
            | Phase::Close => Role::Payout,
        };
        let loaded = self.sandbox().map_err(LoadError::from).and_then(|sandbox| sandbox.load(bytes, role));
        loaded.map(LoadedComponent::Compiled).map_err(|error| refusal(&error))
    }
}

/// The bytes of one page of linear memory.
#[cfg(feature = "sandbox")]
const PAGE_BYTES: usize = 64 << 10;

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
        LoadError::Sandbox(_) => (
            Code::BadComponent,
            "write the rule in the rule language, or lower `component_memory_bytes` to what this machine can set aside",
        ),
        _ => (Code::BadComponent, "build it anew; `accrue component` makes a component of a core module"),
    };
    Refusal { code, message: format!("this component cannot be used: {error}"), help }
}

#[cfg(not(feature = "sandbox"))]
impl ComponentLoader for Runtime {
    fn load(&self, _: &[u8], _: Phase) -> Result<LoadedComponent, Refusal> {
        Err(Refusal {
            code: Code::BadComponent,
            message: "this component cannot be used: the engine was built without the sandbox that components run in"
                .to_owned(),
            help: "use an engine that has it (in Rust the feature `sandbox`, in JavaScript `engineWithComponents`), or write the rule in the \
                   rule language",
        })
    }
}
