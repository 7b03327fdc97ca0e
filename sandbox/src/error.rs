//! Why a component is not taken, and why an evaluation failed: each with a code of its own.

use thiserror::Error;

/// Why a sandbox cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SandboxError {
    /// Wasmtime refuses its configuration.
    #[error("the WebAssembly runtime cannot be set up: {0}")]
    Setup(String),
}

/// Why bytes are not taken as a component.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It is larger than a limit, before anything was compiled.
    #[error("it has {found} {what}, more than the {limit} it may have")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// How many there are, or were when counting stopped.
        found: u64,
        /// How many there may be.
        limit: u64,
    },
    /// A core module, which has no interface yet.
    #[error("it is a core module, not a component")]
    CoreModule,
    /// Not WebAssembly, or not well formed.
    #[error("it is not a well-formed component: {0}")]
    Malformed(String),
    /// It asks for something from outside.
    #[error("it imports `{0}`, and a rule has no imports")]
    Import(String),
    /// It has no export, or one of another type, for what it is used as.
    #[error("it does not export `{interface}`, or not as the world has it: {cause}")]
    WrongWorld {
        /// The interface that was asked for.
        interface: &'static str,
        /// What was found instead.
        cause: String,
    },
    /// The runtime could not be set up.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

impl LoadError {
    /// A stable code, for machines.
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

/// Why an evaluation failed. None of these gives an answer, and none survives it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CallError {
    /// The fuel was used up.
    #[error("the component used up its fuel")]
    OutOfFuel,
    /// The deadline passed.
    #[error("the component ran past its deadline")]
    Deadline,
    /// It asked for more memory than it may have.
    #[error("the component asked for more memory than it may have")]
    Memory,
    /// It asked for a larger table than it may have.
    #[error("the component asked for a larger table than it may have")]
    Table,
    /// It called too deep.
    #[error("the component used up its stack")]
    Stack,
    /// It stopped by itself, or did what WebAssembly does not allow.
    #[error("the component trapped: {0}")]
    Trap(String),
    /// Its answer is not one: no text where text should be, a pointer out of its memory, an unknown case.
    #[error("the component gave an answer that cannot be read: {0}")]
    BadOutput(String),
    /// Its answer is larger than a limit.
    #[error("the component gave an answer that is too large")]
    TooMuchOutput,
    /// It answered with an error of its own.
    #[error("the component reports: {0}")]
    Refused(String),
}

impl CallError {
    /// A stable code, for machines.
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
