//! Runs untrusted WebAssembly: limits, deadlines, pools and caches around wasmtime.
//!
//! Two kinds of WebAssembly run here, each in a runtime of its own. Core modules that the engine has compiled from a contract
//! count their fuel themselves. Components that a brand has written ([`Sandbox::load`]) are not trusted: they are checked before
//! they are compiled, have no imports, and each evaluation has fuel, a deadline, a bounded memory of its own and an answer of
//! bounded size.
//!
//! This crate knows the shape of facts and answers (`wit/rules/rules.wit`), and must not know what they mean.
//!
//! # A fresh instance for each evaluation
//!
//! Nothing may survive from one evaluation to the next, and a component cannot be made to forget, because its memory is its own.
//! So each evaluation has a new instance. Its memory comes from a pool and is reset by writing zeros or by the operating system,
//! whichever is cheaper. [`Component::measure`] compares the cost with an instance that is used again.

mod bindings;
mod cache;
mod component;
#[cfg(feature = "componentize")]
mod componentize;
mod error;
mod guard;
mod limits;
mod machine;
mod pool;
mod ticker;

use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};
use wasmtime::{Config, OptLevel};

pub use bindings::exports::accrue::rules as wit;
pub use cache::NativeCache;
#[cfg(not(target_family = "wasm"))]
pub use component::Measured;
pub use component::{Component, Ran, Role};
#[cfg(feature = "componentize")]
pub use componentize::{ComponentizeError, componentize};
pub use error::{CallError, LoadError, SandboxError};
pub use limits::{CallLimits, GuardLimits, HostLimits};
pub use ticker::{TICK, Ticker};

use component::Workshop;

/// Whether the initial data of a memory is mapped from a file into each instance. Such a file stays open as long as the module,
/// and a process may commonly have a thousand open files. Copying the data takes no longer.
const DATA_AS_FILES: bool = false;

/// A WebAssembly runtime with its limits. Cheap to clone; one sandbox serves any number of programs and threads.
#[derive(Clone)]
pub struct Sandbox {
    engine: wasmtime::Engine,
    components: Arc<Components>,
}

/// The runtime of components, set up when the first component is loaded, because it reserves address space.
struct Components {
    limits: HostLimits,
    cache: Option<NativeCache>,
    workshop: OnceLock<Result<Workshop, SandboxError>>,
}

impl Sandbox {
    /// Returns a sandbox with the default limits and without a directory of native code.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Setup`] when this machine cannot run the sandbox.
    pub fn new() -> Result<Self, SandboxError> {
        Self::with(HostLimits::default(), None)
    }

    /// Returns a sandbox with these limits. If `cache` is given, native code is kept in its directory.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Setup`] when this machine cannot run the sandbox.
    pub fn with(limits: HostLimits, cache: Option<NativeCache>) -> Result<Self, SandboxError> {
        let mut config = Config::new();
        config.cranelift_opt_level(OptLevel::Speed).memory_init_cow(DATA_AS_FILES);
        let engine =
            wasmtime::Engine::new(&config).map_err(|error| SandboxError::Setup(format!("{error:#}")))?;
        Ok(Self { engine, components: Arc::new(Components { limits, cache, workshop: OnceLock::new() }) })
    }

    /// Returns the runtime of core modules that the engine compiles. The modules count their fuel themselves, so this runtime
    /// does not.
    ///
    /// For the crate `accrue`, which is released together with this crate: a new wasmtime does not need a new major version of
    /// either.
    #[doc(hidden)]
    pub fn engine(&self) -> &wasmtime::Engine {
        &self.engine
    }

    /// Returns a core module that the engine has compiled from a contract, as native code, from the directory if it is there.
    ///
    /// For the crate `accrue`, like [`Sandbox::engine`].
    ///
    /// # Errors
    ///
    /// When the bytes are not a module, or the module is too large for the runtime.
    #[doc(hidden)]
    pub fn module(&self, bytes: &[u8]) -> wasmtime::Result<wasmtime::Module> {
        machine::before_compiling();
        let Some(cache) = &self.components.cache else { return wasmtime::Module::new(&self.engine, bytes) };
        let digest = Sha256::digest(bytes).into();
        if let Some(module) = cache.load(&self.engine, &digest) {
            return Ok(module);
        }
        let module = wasmtime::Module::new(&self.engine, bytes)?;
        cache.store(&self.engine, &digest, &module);
        Ok(module)
    }

    /// Returns the limits of the runtime of components.
    pub fn limits(&self) -> &HostLimits {
        &self.components.limits
    }

    /// Checks and compiles a component for this role. Equal bytes are compiled once.
    ///
    /// # Errors
    ///
    /// [`LoadError`] when the component is too large, is not a component, imports anything, or does not export the role's
    /// interface.
    pub fn load(&self, bytes: &[u8], role: Role) -> Result<Component, LoadError> {
        self.workshop()?.load(bytes, role)
    }

    /// Moves the clock of deadlines by one tick. Deadlines work only if the host calls this every [`TICK`] or so, or has started
    /// [`Sandbox::start_ticker`].
    pub fn tick(&self) {
        if let Some(Ok(workshop)) = self.components.workshop.get() {
            workshop.engine().increment_epoch();
        }
    }

    /// Starts a thread that ticks until the returned value is dropped.
    pub fn start_ticker(&self) -> Ticker {
        Ticker::start(self.clone())
    }

    fn workshop(&self) -> Result<&Workshop, SandboxError> {
        let Components { limits, cache, workshop } = &*self.components;
        workshop.get_or_init(|| Workshop::new(limits, cache.clone())).as_ref().map_err(Clone::clone)
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("limits", &self.components.limits).finish_non_exhaustive()
    }
}
