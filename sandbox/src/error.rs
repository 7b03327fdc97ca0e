//! Why a component is refused, and why an evaluation failed. Each error has a stable code.

use thiserror::Error;

/// Why a sandbox cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SandboxError {
    /// Wasmtime refuses the configuration.
    #[error("the WebAssembly runtime cannot be set up: {0}")]
    Setup(String),
}

/// Why a component cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The component is larger than a limit. Nothing was compiled.
    #[error("it has {found} {what}, more than the {limit} it may have")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// How many there are, or were when counting stopped.
        found: u64,
        /// How many are allowed.
        limit: u64,
    },
    /// The bytes are a core module, which has no interface yet.
    #[error("it is a core module, not a component")]
    CoreModule,
    /// The bytes are not WebAssembly, or not well formed.
    #[error("it is not a well-formed component: {0}")]
    Malformed(String),
    /// The component imports something.
    #[error("it imports `{0}`, and a rule has no imports")]
    Import(String),
    /// The component does not export the interface of its role, or exports it with another type.
    #[error("it does not export `{interface}`, or not as the world has it: {cause}")]
    WrongWorld {
        /// The interface of the role.
        interface: &'static str,
        /// What was found instead.
        cause: String,
    },
    /// The runtime could not be set up.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

impl LoadError {
    /// Returns a stable code, for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "component_too_large",
            Self::CoreModule => "component_core_module",
            Self::Malformed(_) => "component_malformed",
            Self::Import(_) => "component_import",
            Self::WrongWorld { .. } => "component_wrong_world",
            Self::Sandbox(_) => "sandbox_setup",
        }
    }
}

/// Why an evaluation failed. A failed evaluation has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CallError {
    /// The fuel was used up.
    #[error("the component used up its fuel")]
    OutOfFuel,
    /// The deadline passed.
    #[error("the component ran past its deadline")]
    Deadline,
    /// The component asked for more memory than it may have.
    #[error("the component asked for more memory than it may have")]
    Memory,
    /// The component asked for a larger table than it may have.
    #[error("the component asked for a larger table than it may have")]
    Table,
    /// The component called too deep.
    #[error("the component used up its stack")]
    Stack,
    /// The component stopped itself, or did something that WebAssembly does not allow.
    #[error("the component trapped: {0}")]
    Trap(String),
    /// The answer cannot be read: invalid text, a pointer outside the memory, an unknown case.
    #[error("the component gave an answer that cannot be read: {0}")]
    BadOutput(String),
    /// The answer is larger than a limit.
    #[error("the component gave an answer that is too large")]
    TooMuchOutput,
    /// The component returned an error of its own.
    #[error("the component reports: {0}")]
    Refused(String),
}

impl CallError {
    /// Returns a stable code, for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OutOfFuel => "component_out_of_fuel",
            Self::Deadline => "component_deadline",
            Self::Memory => "component_memory",
            Self::Table => "component_table",
            Self::Stack => "component_stack",
            Self::Trap(_) => "component_trap",
            Self::BadOutput(_) => "component_bad_output",
            Self::TooMuchOutput => "component_too_much_output",
            Self::Refused(_) => "component_refused",
        }
    }
}
