//! Components: checks and compiles their bytes, and evaluates them on facts within limits.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};
use wasmtime::component::{Component as Native, Instance, InstancePre, Linker};
use wasmtime::{Config, Engine, OperatorCost, OptLevel, ResourceLimiter, Store, Trap};

use crate::bindings::exports::accrue::rules as wit;
use crate::cache::{ByteDigest, NativeCache};
use crate::error::{CallError, LoadError, SandboxError};
use crate::guard;
use crate::limits::{CallLimits, HostLimits};
use crate::machine;
use crate::pool::Turns;

/// The role of a component. A component may have both roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The component judges actions.
    Restriction,
    /// The component prices actions.
    Payout,
}

impl Role {
    /// Returns the interface that a component of this role exports.
    pub fn interface(self) -> &'static str {
        match self {
            Self::Restriction => "accrue:rules/restriction@0.2.0",
            Self::Payout => "accrue:rules/payout@0.2.0",
        }
    }
}

/// A component that was checked and compiled. Cheap to clone, and shared freely between threads: each evaluation has an instance
/// of its own.
#[derive(Clone)]
pub struct Component {
    compiled: Arc<Compiled>,
}

impl std::fmt::Debug for Component {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Component").field("bytes", &self.compiled.bytes).finish_non_exhaustive()
    }
}

/// The result of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran<T> {
    /// The fuel that the evaluation used: all of it if the fuel was used up, the deadline passed or the stack was full.
    pub fuel: u64,
    /// The answer, or why there is none.
    pub result: Result<T, CallError>,
}

/// A component, compiled and ready to be instantiated.
struct Compiled {
    digest: ByteDigest,
    bytes: usize,
    pre: InstancePre<State>,
    restriction: Result<wit::restriction::GuestIndices, String>,
    payout: Result<wit::payout::GuestIndices, String>,
    turns: Arc<Turns>,
    most_memory: usize,
    most_elements: usize,
}

/// The runtime of components, and the components that it has compiled.
pub(crate) struct Workshop {
    engine: Engine,
    limits: HostLimits,
    cache: Option<NativeCache>,
    turns: Arc<Turns>,
    /// The components kept for reuse; the last one used is at the end.
    kept: Mutex<VecDeque<Arc<Compiled>>>,
}

impl Workshop {
    pub(crate) fn new(limits: &HostLimits, cache: Option<NativeCache>) -> Result<Self, SandboxError> {
        let engine =
            Engine::new(&config(limits)).map_err(|error| SandboxError::Setup(format!("{error:#}")))?;
        Ok(Self {
            engine,
            limits: limits.clone(),
            cache,
            turns: Arc::new(Turns::new(limits.slots)),
            kept: Mutex::default(),
        })
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn load(&self, bytes: &[u8], role: Role) -> Result<Component, LoadError> {
        let digest: ByteDigest = Sha256::digest(bytes).into();
        let compiled = match self.kept(&digest) {
            Some(compiled) => compiled,
            None => {
                let compiled = Arc::new(self.compile(bytes, digest)?);
                self.keep(&compiled);
                compiled
            }
        };
        let cause = match role {
            Role::Restriction => compiled.restriction.as_ref().err(),
            Role::Payout => compiled.payout.as_ref().err(),
        };
        match cause {
            Some(cause) => Err(LoadError::WrongWorld { interface: role.interface(), cause: cause.clone() }),
            None => Ok(Component { compiled }),
        }
    }

    fn kept(&self, digest: &ByteDigest) -> Option<Arc<Compiled>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|compiled| compiled.digest == *digest)?;
        let compiled = kept.remove(at)?;
        kept.push_back(Arc::clone(&compiled));
        Some(compiled)
    }

    fn keep(&self, compiled: &Arc<Compiled>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= self.limits.kept {
            kept.pop_front();
        }
        kept.push_back(Arc::clone(compiled));
    }

    fn compile(&self, bytes: &[u8], digest: ByteDigest) -> Result<Compiled, LoadError> {
        let HostLimits { guard, memory_bytes, table_elements, .. } = &self.limits;
        guard::check(bytes, guard, *memory_bytes, *table_elements)?;
        let stored = self.cache.as_ref().and_then(|cache| cache.load(&self.engine, &digest));
        let native = match stored {
            Some(native) => native,
            None => {
                machine::before_compiling();
                let native = Native::from_binary(&self.engine, bytes)
                    .map_err(|error| LoadError::Malformed(one_line(&error)))?;
                if let Some(cache) = &self.cache {
                    cache.store(&self.engine, &digest, &native);
                }
                native
            }
        };
        // The linker has no definitions: nothing could satisfy an import.
        let pre = Linker::new(&self.engine)
            .instantiate_pre(&native)
            .map_err(|error| LoadError::Import(one_line(&error)))?;
        let (restriction, payout) = self.roles(&pre);
        Ok(Compiled {
            digest,
            bytes: bytes.len(),
            restriction,
            payout,
            pre,
            turns: Arc::clone(&self.turns),
            most_memory: *memory_bytes,
            most_elements: *table_elements,
        })
    }
}

/// The functions of a component for each role, or why it does not have the role.
type Roles = (Result<wit::restriction::GuestIndices, String>, Result<wit::payout::GuestIndices, String>);

impl Workshop {
    /// Finds the functions of a component and compares their types with the world. Wasmtime needs an instance for that. If an
    /// instance cannot be made, the component is not refused: each evaluation will report why.
    fn roles(&self, pre: &InstancePre<State>) -> Roles {
        let _turn = self.turns.take();
        let limits = CallLimits::default();
        let mut store = fresh(pre.engine(), &limits, self.limits.memory_bytes, self.limits.table_elements);
        let instance = store.set_fuel(limits.fuel).and_then(|()| pre.instantiate(&mut store)).ok();
        let text = |error: wasmtime::Error| one_line(&error);
        let restriction = wit::restriction::GuestIndices::new(pre).map_err(text).and_then(|indices| {
            let typed = instance.as_ref().map(|instance| indices.load(&mut store, instance));
            typed.transpose().map(|_| indices).map_err(text)
        });
        let payout = wit::payout::GuestIndices::new(pre).map_err(text).and_then(|indices| {
            let typed = instance.as_ref().map(|instance| indices.load(&mut store, instance));
            typed.transpose().map(|_| indices).map_err(text)
        });
        (restriction, payout)
    }
}

/// Returns a store for one instance, with its limits except for the fuel.
fn fresh(engine: &Engine, limits: &CallLimits, most_memory: usize, most_elements: usize) -> Store<State> {
    let state = State {
        memory_bytes: limits.memory_bytes.min(most_memory),
        table_elements: most_elements,
        met: None,
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| state);
    store.set_epoch_deadline(limits.deadline_ticks);
    store.set_hostcall_fuel(limits.result_bytes);
    store
}

/// Returns the settings under which components run.
fn config(limits: &HostLimits) -> Config {
    let mut costs = OperatorCost::new();
    costs.variable.memory_grow_per_page = FUEL_PER_PAGE;

    let mut config = Config::new();
    config
        .memory_reservation_for_growth(0)
        .memory_init_cow(crate::DATA_AS_FILES)
        .cranelift_opt_level(OptLevel::Speed)
        .consume_fuel(true)
        .operator_cost(costs)
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack_bytes)
        // The same bits on every machine, where WebAssembly leaves a choice.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        // Features that a rule does not need are switched off.
        .wasm_simd(false)
        .wasm_tail_call(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_backtrace_max_frames(None);
    machine::set_memory(&mut config, limits);
    config
}

/// Fuel for a page of memory: mapping and clearing a page costs about as much as a hundred instructions.
const FUEL_PER_PAGE: u8 = 100;

/// The limits of an evaluation, and the limit that it met.
struct State {
    memory_bytes: usize,
    table_elements: usize,
    met: Option<CallError>,
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.within(desired <= self.memory_bytes, CallError::Memory)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.within(desired <= self.table_elements, CallError::Table)
    }
}

impl State {
    /// Exceeding a limit is a trap, so that a component cannot continue and give a verdict that depends on the limit.
    fn within(&mut self, fits: bool, met: CallError) -> wasmtime::Result<bool> {
        if fits {
            return Ok(true);
        }
        let error = wasmtime::Error::msg(met.to_string());
        self.met = Some(met);
        Err(error)
    }
}

/// Part of the message of wasmtime's error for a large answer, which has no type of its own.
const TOO_MUCH: &str = "fuel allocated for hostcalls has been exhausted";

impl Component {
    /// Evaluates a restriction on the facts of an action.
    pub fn restrict(
        &self,
        facts: &wit::types::Facts,
        limits: &CallLimits,
    ) -> Ran<Vec<wit::restriction::Verdict>> {
        use wit::restriction::Verdict;
        let mut ran = self.run(limits, |store, instance| {
            let Ok(indices) = &self.compiled.restriction else { return Ok(Err(String::new())) };
            indices.load(&mut *store, instance)?.call_restrict(store, facts)
        });
        ran.bound(limits, |verdict| match verdict {
            Verdict::Hold(hold) => &hold.reason,
            Verdict::Reject(reason)
            | Verdict::Zero(reason)
            | Verdict::Flag(reason)
            | Verdict::Notice(reason) => reason,
        });
        ran
    }

    /// Evaluates a payout rule on the facts of an action or one of its items.
    pub fn pay(&self, facts: &wit::types::Facts, limits: &CallLimits) -> Ran<Vec<wit::payout::Verb>> {
        use wit::payout::Verb;
        let mut ran = self.run(limits, |store, instance| {
            let Ok(indices) = &self.compiled.payout else { return Ok(Err(String::new())) };
            indices.load(&mut *store, instance)?.call_pay(store, facts)
        });
        ran.bound(limits, |verb| match verb {
            Verb::Notice(reason) => reason,
            Verb::Rate(_) | Verb::AddPoints(_) | Verb::Multiply(_) | Verb::Add(_) | Verb::AddPerUnit(_) => "",
        });
        ran
    }

    /// Runs one evaluation on an instance of its own.
    fn run<T>(
        &self,
        limits: &CallLimits,
        call: impl FnOnce(&mut Store<State>, &Instance) -> wasmtime::Result<Result<T, String>>,
    ) -> Ran<T> {
        let Compiled { pre, turns, most_memory, most_elements, .. } = &*self.compiled;
        let _turn = turns.take();
        let mut store = fresh(pre.engine(), limits, *most_memory, *most_elements);
        let answer = store
            .set_fuel(limits.fuel)
            .and_then(|()| pre.instantiate(&mut store))
            .and_then(|instance| call(&mut store, &instance));
        let left = store.get_fuel().unwrap_or(0);
        let fuel = limits.fuel.saturating_sub(left);
        let result = match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(message)) => Err(CallError::Refused(cut(&message, limits.text_bytes))),
            Err(error) => Err(store.into_data().met.unwrap_or_else(|| why(&error))),
        };
        match result {
            // How much is used until the deadline, or until frames fill the stack, depends on the machine, so the evaluation is charged all
            // of its fuel.
            Err(CallError::OutOfFuel | CallError::Deadline | CallError::Stack) => {
                Ran { fuel: limits.fuel, result }
            }
            result => Ran { fuel, result },
        }
    }
}

/// The cost of evaluations, measured by [`Component::measure`].
#[cfg(not(target_family = "wasm"))]
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// The time on a new instance for each evaluation, as in use.
    pub fresh: std::time::Duration,
    /// The time on one instance that is used again, which would let memory survive.
    pub reused: std::time::Duration,
}

#[cfg(not(target_family = "wasm"))]
impl Component {
    /// Measures `rounds` evaluations of a payout rule, on fresh instances and on one instance that is used again: for benches,
    /// which report the ratio.
    ///
    /// # Errors
    ///
    /// The error of the first evaluation that fails.
    pub fn measure(&self, facts: &wit::types::Facts, rounds: u32) -> Result<Measured, CallError> {
        let limits = CallLimits::default();
        let Compiled { pre, payout, turns, most_memory, most_elements, .. } = &*self.compiled;
        let Ok(indices) = payout else { return Err(CallError::Trap("it is no payout rule".to_owned())) };
        let start = std::time::Instant::now();
        for _ in 0..rounds {
            self.pay(facts, &limits).result?;
        }
        let fresh_took = start.elapsed();
        let _turn = turns.take();
        let mut store = fresh(pre.engine(), &limits, *most_memory, *most_elements);
        let mut again = || {
            store.set_fuel(u64::MAX)?;
            let instance = pre.instantiate(&mut store)?;
            let guest = indices.load(&mut store, &instance)?;
            let start = std::time::Instant::now();
            for _ in 0..rounds {
                guest.call_pay(&mut store, facts)?.ok();
            }
            Ok(start.elapsed())
        };
        let reused = again().map_err(|error| why(&error))?;
        Ok(Measured { fresh: fresh_took, reused })
    }
}

impl<T> Ran<Vec<T>> {
    /// Checks an answer against its limits.
    fn bound(&mut self, limits: &CallLimits, text: impl Fn(&T) -> &str) {
        if let Ok(answers) = &self.result
            && (answers.len() > limits.answers
                || answers.iter().any(|answer| text(answer).len() > limits.text_bytes))
        {
            self.result = Err(CallError::TooMuchOutput);
        }
    }
}

/// Returns the meaning of an error of the runtime.
fn why(error: &wasmtime::Error) -> CallError {
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => CallError::OutOfFuel,
        Some(Trap::Interrupt) => CallError::Deadline,
        Some(Trap::StackOverflow) => CallError::Stack,
        Some(trap) => CallError::Trap(trap.to_string()),
        None => {
            let message = one_line(error);
            if message.contains(TOO_MUCH) { CallError::TooMuchOutput } else { CallError::BadOutput(message) }
        }
    }
}

/// Returns an error with its causes in one line of bounded length.
fn one_line(error: &wasmtime::Error) -> String {
    const LONGEST: usize = 300;
    cut(&format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" "), LONGEST)
}

/// Returns the first bytes of a text, without characters that control a terminal.
fn cut(text: &str, bytes: usize) -> String {
    let mut short = String::new();
    for c in text.chars() {
        if short.len() + c.len_utf8() > bytes {
            break;
        }
        short.push(if c.is_control() { ' ' } else { c });
    }
    short
}
