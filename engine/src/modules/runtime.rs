//! Runtimes of WebAssembly that a host supplies.

use std::fmt::Debug;

use thiserror::Error;

use super::imports::ModuleImports;

/// Runs the modules of compiled rules where the engine has no WebAssembly runtime of its own, such as in a browser, where the engine
/// itself is WebAssembly. [`EngineBuilder::module_runtime`](crate::EngineBuilder::module_runtime) chooses it.
///
/// The engine generates the modules, copies facts into them, and checks the form of their answers. Decisions, receipts and fuel are
/// those of the interpreter, as far as the runtime runs WebAssembly as it is specified. If a runtime fails, the rules are interpreted.
///
/// ```
/// use std::sync::Arc;
///
/// use accrue::modules::{ModuleRuntime, RuntimeError, RuntimeModule};
/// use accrue::{Engine, Source};
///
/// /// Stands for a machine that cannot compile anything.
/// #[derive(Debug)]
/// struct Refuses;
///
/// impl ModuleRuntime for Refuses {
///     fn compile(&self, wasm: &[u8]) -> Result<Box<dyn RuntimeModule>, RuntimeError> {
///         Err(RuntimeError(format!("no compiler for a module of {} bytes", wasm.len())))
///     }
/// }
///
/// # let source = Source::from_files([
/// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
/// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
/// # ]);
/// let engine = Engine::builder().module_runtime(Arc::new(Refuses)).build();
/// let program = engine.load(&source)?;
/// assert!(!program.is_compiled());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ModuleRuntime: Debug + Send + Sync {
    /// Compiles a module. The engine compiles equal bytes once.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] when the runtime cannot compile it. The rules of the module are interpreted.
    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn RuntimeModule>, RuntimeError>;

    /// Returns the most modules that an engine keeps at the same time, for all of its programs. The rules of further modules are
    /// interpreted. The default is 1,000: a runtime may reserve gigabytes of address space for the memory of each.
    fn most_modules(&self) -> usize {
        1_000
    }
}

/// A module that a [`ModuleRuntime`] has compiled. Each has one instance for each thread that decides at the same time.
pub trait RuntimeModule: Debug + Send + Sync {
    /// Returns a new instance of the module, which imports these functions.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] when the runtime cannot make an instance.
    fn instantiate(&self, imports: ModuleImports) -> Result<Box<dyn RuntimeInstance>, RuntimeError>;
}

/// An instance of a [`RuntimeModule`] with its memory. One thread at a time uses it.
pub trait RuntimeInstance: Debug + Send {
    /// Grows the exported memory, `memory`, to at least this many bytes. The engine asks for at most 64 MiB.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] when memory cannot grow.
    fn grow(&mut self, bytes: usize) -> Result<(), RuntimeError>;

    /// Copies the facts of a call to memory, calls the function, and copies the answer to `answer`: the bytes from
    /// [`ModuleCall::answer_at`] up to the address that the function returns, as far as `answer` is long. Returns that address.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] when an address is outside of memory, or the function traps. The engine then interprets the rules.
    fn call(&mut self, call: &ModuleCall<'_>, answer: &mut [u8]) -> Result<u32, RuntimeError>;

    /// Copies memory from this address on into `bytes`. Used for what a call without an answer left in memory, and for traces.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] when an address is outside of memory.
    fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), RuntimeError>;
}

/// A call of a module's function.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ModuleCall<'c> {
    /// The function that the module exports.
    pub function: ModuleFunction,
    /// The arguments, each an `i32` of WebAssembly: four for [`ModuleFunction::Decide`], five for [`ModuleFunction::Rule`].
    pub arguments: &'c [u32],
    /// The address of the facts.
    pub facts_at: u32,
    /// The bytes of the facts. Empty if the facts of the call before still hold.
    pub facts: &'c [u8],
    /// The address of the answer, which is above all facts.
    pub answer_at: u32,
}

/// A function that a module of compiled rules exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModuleFunction {
    /// `decide`: runs all rules of a contract version.
    Decide,
    /// `rule`: runs one rule, and reports what it reads.
    Rule,
}

impl ModuleFunction {
    /// Returns the name of the export.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Rule => "rule",
        }
    }
}

/// Why a runtime cannot compile, instantiate or call, for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct RuntimeError(pub String);
