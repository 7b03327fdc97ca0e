//! Limits on components, each with the reason for its number. [`CallLimits`] are what a host may set for each program,
//! [`HostLimits`] belong to the runtime that all programs share, and [`GuardLimits`] are checked before a component is compiled.

/// Limits on one evaluation of one component. A host may set them for each program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallLimits {
    /// Fuel: about one unit for each WebAssembly instruction and for each byte that is copied or filled in bulk. This limit is
    /// deterministic: it ends an evaluation at the same place on every machine. Reading the facts of a common action uses some
    /// 10,000 units, of the largest possible action (a thousand items, two hundred touches) some millions; 20 million take about
    /// 10 ms.
    pub fuel: u64,
    /// Ticks of the epoch clock after which an evaluation ends, whatever its fuel. Only a backstop for an overloaded machine:
    /// with a tick of 10 ms this is one second, a hundred times what the fuel allows. A host that never ticks has no deadline.
    pub deadline_ticks: u64,
    /// Bytes of linear memory. The Rust SDK starts with 1.1 MB, most of it stack; the largest possible facts have 4 MB.
    pub memory_bytes: usize,
    /// Bytes that are copied out of a component for its answer: a hundred verbs of a kilobyte each.
    pub result_bytes: usize,
    /// Verdicts or verbs in one answer. A rule has a handful; a hundred is more than a person reads.
    pub answers: usize,
    /// Bytes of one text in an answer: reason codes, errors.
    pub text_bytes: usize,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            fuel: 20_000_000,
            deadline_ticks: 100,
            memory_bytes: 16 << 20,
            result_bytes: 128 << 10,
            answers: 100,
            text_bytes: 1_000,
        }
    }
}

/// Limits of the runtime that all components and compiled rules share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostLimits {
    /// Evaluations that run at the same time; the others wait. Each reserves `memory_bytes` of address space, and most machines
    /// have no more processors than this.
    pub slots: u32,
    /// The most that [`CallLimits::memory_bytes`] can grant: the address space that is reserved for each slot.
    pub memory_bytes: usize,
    /// Elements of a table. In Rust, tables hold the functions that are called through pointers, some hundreds.
    pub table_elements: usize,
    /// Bytes of the native stack of the thread that evaluates. Rust threads have 2 MB, threads of other hosts often 512 kB; a
    /// rule that is not recursive needs some kilobytes.
    pub stack_bytes: usize,
    /// Core instances of a component: one for its code, and up to two shims from encoders.
    pub core_instances: u32,
    /// Components whose native code is kept in memory for the next program with the same bytes.
    pub kept: usize,
    /// Modules of compiled rules that an engine has at the same time. The code of each takes two of the 65,530 memory mappings
    /// that Linux allows a process, and its instance two more and 4 GiB of the 128 TiB of address space. The rules of further
    /// modules are interpreted.
    pub rule_modules: usize,
    /// Limits that a component must meet before it is compiled.
    pub guard: GuardLimits,
}

impl Default for HostLimits {
    fn default() -> Self {
        Self {
            slots: 64,
            memory_bytes: 16 << 20,
            table_elements: 10_000,
            stack_bytes: 256 << 10,
            core_instances: 4,
            kept: 64,
            rule_modules: 12_000,
            guard: GuardLimits::default(),
        }
    }
}

/// Limits that a component must meet before it is compiled: the compiler is the one part of a sandbox whose time and memory are
/// not bounded by fuel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardLimits {
    /// Bytes of a component. Rules in Rust have 30 to 150 kB.
    pub bytes: usize,
    /// Functions of all its modules. Rules in Rust have some hundreds.
    pub functions: u32,
    /// Bytes of code, of all functions together. Native code has three to eight times as many.
    pub code_bytes: usize,
    /// Bytes of one function. The largest of the Rust examples has 8 kB.
    pub function_bytes: usize,
    /// Locals of one function, parameters included.
    pub locals: u32,
    /// Blocks of one function times its locals. Where control flow joins, a compiler may need a value for each local, so this
    /// bounds its memory where the two limits above do not.
    pub joins: u64,
    /// The same product, summed over all functions. It determines the time to compile: deeply nested loops over many locals cost
    /// a compiler more for each byte than anything else.
    pub joins_in_all: u64,
    /// Targets of all the jump tables of one function.
    pub jump_targets: u32,
    /// Types, and the parameters and results of all types.
    pub types: u32,
    /// Imports between the modules inside a component, which is how encoders make shims.
    pub inner_imports: u32,
    /// Globals, exports, aliases, instances and the like.
    pub items: u32,
    /// Bytes of the initial data of memory.
    pub data_bytes: usize,
    /// Segments of data and of elements.
    pub segments: u32,
    /// Core modules: one for the code, and up to two shims from encoders.
    pub modules: u32,
    /// Components inside a component: encoders make one for each interface.
    pub components: u32,
    /// How deep modules and components nest.
    pub nesting: u32,
}

impl Default for GuardLimits {
    fn default() -> Self {
        Self {
            bytes: 1 << 20,
            functions: 4_000,
            code_bytes: 512 << 10,
            function_bytes: 32 << 10,
            locals: 1_000,
            joins: 200_000,
            joins_in_all: 2_000_000,
            jump_targets: 2_000,
            types: 2_000,
            inner_imports: 64,
            items: 4_000,
            data_bytes: 512 << 10,
            segments: 1_000,
            modules: 4,
            components: 8,
            nesting: 3,
        }
    }
}
