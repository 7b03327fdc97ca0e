//! Compiles modules and runs instances of them: as native code, or on a runtime of the host.

use std::sync::Arc;

#[cfg(feature = "sandbox")]
use super::native;
#[cfg(feature = "sandbox")]
use accrue_sandbox::Sandbox;

use super::hosted::Hosted;
use super::imports::{ImportContext, ImportState};
use super::runtime::{ModuleFunction, ModuleRuntime, RuntimeError, RuntimeModule};
use crate::codegen::Module;

/// What runs the modules of an engine.
pub(crate) enum Backend {
    /// The engine's sandbox, which makes native code.
    #[cfg(feature = "sandbox")]
    Native(native::Compiler),
    /// A runtime of the host.
    Hosted(Arc<dyn ModuleRuntime>),
}

/// The code of a module.
pub(super) enum Code {
    #[cfg(feature = "sandbox")]
    Native(native::Code),
    Hosted(Box<dyn RuntimeModule>),
}

/// An instance of a module. Keeps no state from one call to the next.
pub(super) enum Instance {
    #[cfg(feature = "sandbox")]
    Native(native::Instance),
    Hosted(Hosted),
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance").finish_non_exhaustive()
    }
}

impl Backend {
    /// Returns a backend that makes native code.
    #[cfg(feature = "sandbox")]
    pub(crate) fn native(sandbox: &Sandbox) -> wasmtime::Result<Self> {
        native::Compiler::new(sandbox).map(Self::Native)
    }

    /// Returns the most modules that may be loaded at the same time.
    pub(super) fn most_modules(&self) -> usize {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Native(compiler) => compiler.most_modules(),
            Self::Hosted(runtime) => runtime.most_modules(),
        }
    }

    pub(super) fn compile(&self, wasm: &[u8]) -> Result<Code, RuntimeError> {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Native(compiler) => {
                compiler.compile(wasm).map(Code::Native).map_err(|error| RuntimeError(format!("{error:#}")))
            }
            Self::Hosted(runtime) => runtime.compile(wasm).map(Code::Hosted),
        }
    }
}

impl Code {
    /// Returns a new instance; `None` if none can be made.
    pub(super) fn instance(&self, module: &Module, context: &Arc<ImportContext>) -> Option<Instance> {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Native(code) => code.instance(context, module.free).ok().map(Instance::Native),
            Self::Hosted(code) => {
                let instance = Hosted::new(code.as_ref(), context, module.free, module.memory_bytes());
                instance.ok().map(Instance::Hosted)
            }
        }
    }
}

impl Instance {
    /// Returns what the imports know of the current input.
    #[inline]
    pub(super) fn state(&mut self) -> &mut ImportState {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Native(instance) => instance.state(),
            Self::Hosted(instance) => &mut instance.state,
        }
    }

    /// Returns the memory that facts are written to, from the first address on that does not belong to the module.
    #[inline]
    pub(super) fn facts_mut(&mut self) -> &mut [u8] {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Native(instance) => instance.facts_mut(),
            Self::Hosted(instance) => instance.facts_mut(),
        }
    }

    /// Makes room for this many bytes of facts. Returns `None` beyond [`MEMORY_BYTES`](super::memory::MEMORY_BYTES).
    pub(super) fn make_room(&mut self, bytes: usize) -> Option<()> {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Native(instance) => instance.make_room(bytes),
            Self::Hosted(instance) => instance.make_room(bytes),
        }
    }

    /// Makes memory reach this address. Returns `None` beyond [`MEMORY_BYTES`](super::memory::MEMORY_BYTES).
    #[inline]
    pub(super) fn reach(&mut self, address: usize) -> Option<()> {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Native(instance) => instance.reach(address),
            Self::Hosted(instance) => instance.reach(address),
        }
    }

    /// Runs the record at `first`, which writes its answer from `out` to `end`. Returns the address after the answer.
    #[inline]
    pub(super) fn decide(&mut self, first: u32, out: u32, end: u32) -> Option<u32> {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Native(instance) => instance.decide((first, 1, out, end)),
            Self::Hosted(instance) => {
                instance.call(ModuleFunction::Decide, &[first, 1, out, end], (out, end))
            }
        }
    }

    /// Runs the rule at `index` on a record and an item. No entry begins after `last`, and none ends after `end`. Returns the address
    /// after the last entry.
    pub(super) fn rule(
        &mut self,
        [index, record, item]: [u32; 3],
        out: u32,
        (last, end): (u32, u32),
    ) -> Option<u32> {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Native(instance) => instance.rule((index, record, item, out, last)),
            Self::Hosted(instance) => {
                instance.call(ModuleFunction::Rule, &[index, record, item, out, last], (out, end))
            }
        }
    }

    /// Returns bytes of the answer of the last call, by their addresses.
    #[inline]
    pub(super) fn answer(&self, from: usize, to: usize) -> Option<&[u8]> {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Native(instance) => instance.answer(from, to),
            Self::Hosted(instance) => instance.answer(from, to),
        }
    }

    /// Returns bytes that the module changed besides its answer.
    pub(super) fn read<const N: usize>(&mut self, address: u32) -> Option<[u8; N]> {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Native(instance) => instance.read(address),
            Self::Hosted(instance) => instance.read(address),
        }
    }

    /// Returns the text of a symbol that a traced module reported.
    pub(super) fn text(&self, context: &ImportContext, symbol: i32) -> String {
        let written = match self {
            #[cfg(feature = "sandbox")]
            Self::Native(instance) => instance.written(),
            Self::Hosted(instance) => instance.facts(),
        };
        context.text(written, symbol).to_owned()
    }
}
