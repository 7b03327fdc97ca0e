//! The contract versions of a program as native code.
//!
//! A version has up to three modules (see [`crate::codegen`]): the small module is compiled when a program is loaded, the others
//! when they are first needed.

use std::sync::{Arc, OnceLock};

use super::cache::ModuleCache;
use super::pool::ModulePool;
use super::traced::TracedRules;
use super::verdicts;
use crate::codegen::{Mode, compile, text_bytes};
use crate::limits::Limits;
use crate::run::{CompiledProgram, CompiledVersion, RuleInput, RunRules, Verdicts};
use crate::terms::{Terms, Version};

/// The contract versions of a program that run as native code.
#[derive(Debug)]
pub(crate) struct NativeProgram {
    /// By contract and version; `None` for a version that is interpreted.
    versions: Vec<Vec<Option<NativeVersion>>>,
}

/// The most bytes of rule text, over all versions of a program, that are compiled: a hundred of the longest public contracts.
/// Compiling takes about a second for each megabyte, and a program may name the same file in thousands of groups. Rules beyond
/// this are interpreted.
const COMPILED_TEXT: usize = 2 << 20;

/// The bytes that each rule counts besides its text: a short rule takes as long to compile as this many bytes of a long rule.
const RULE_BYTES: usize = 128;

/// The bytes that each version counts besides its rules, so that at most a thousand versions of a program are compiled. Each may
/// be a module of its own, and all programs together have at most [`accrue_sandbox::HostLimits::rule_modules`] modules.
const VERSION_BYTES: usize = 2 << 10;

impl NativeProgram {
    /// Compiles the versions of a program, up to [`COMPILED_TEXT`].
    pub(crate) fn new(modules: &Arc<ModuleCache>, terms: &Terms, rule_fuel: u64) -> Self {
        let mut left = COMPILED_TEXT;
        let mut version = |version: &Version| {
            if version.has_component() {
                return None;
            }
            let rules = text_bytes(version) + version.rules().count() * RULE_BYTES;
            left = left.checked_sub(rules + VERSION_BYTES)?;
            NativeVersion::new(modules, terms, version, rule_fuel)
        };
        let versions = terms
            .contracts
            .iter()
            .map(|contract| contract.versions.iter().map(&mut version).collect())
            .collect();
        Self { versions }
    }

    /// Returns the module of a mode of the first version.
    #[cfg(test)]
    pub(super) fn shared_pool(&self, terms: &Terms, mode: Mode) -> Option<Arc<ModulePool>> {
        let version = terms.contracts.first()?.versions.first()?;
        let native = self.versions.first()?.first()?.as_ref()?;
        native.pool(terms, version, mode)?;
        match mode {
            Mode::Small => Some(Arc::clone(&native.small)),
            Mode::Decimal => native.decimal.get()?.clone(),
            Mode::Traced => native.traced.get()?.clone(),
        }
    }
}

impl CompiledProgram for NativeProgram {
    fn version(&self, contract: usize, version: usize) -> Option<&dyn CompiledVersion> {
        self.versions.get(contract)?.get(version)?.as_ref().map(|version| version as &dyn CompiledVersion)
    }

    fn is_whole(&self) -> bool {
        self.versions.iter().flatten().all(Option::is_some)
    }
}

/// A contract version as native code.
#[derive(Debug)]
struct NativeVersion {
    modules: Arc<ModuleCache>,
    rule_fuel: u64,
    small: Arc<ModulePool>,
    decimal: OnceLock<Option<Arc<ModulePool>>>,
    traced: OnceLock<Option<Arc<ModulePool>>>,
}

impl NativeVersion {
    /// Compiles a version. Returns `None` if this machine cannot run it, or there is no room for another module.
    fn new(modules: &Arc<ModuleCache>, terms: &Terms, version: &Version, rule_fuel: u64) -> Option<Self> {
        let module = compile(terms, version, Mode::Small, rule_fuel);
        Some(Self {
            modules: Arc::clone(modules),
            rule_fuel,
            small: modules.load(module, terms.zone)?,
            decimal: OnceLock::new(),
            traced: OnceLock::new(),
        })
    }

    /// Returns the module of a mode, and compiles it first if needed.
    fn pool(&self, terms: &Terms, version: &Version, mode: Mode) -> Option<&ModulePool> {
        let later = match mode {
            Mode::Small => return Some(&self.small),
            Mode::Decimal => &self.decimal,
            Mode::Traced => &self.traced,
        };
        let load = || self.modules.load(compile(terms, version, mode, self.rule_fuel), terms.zone);
        later.get_or_init(load).as_deref()
    }
}

impl CompiledVersion for NativeVersion {
    fn verdicts<'v>(&'v self, input: &RuleInput<'_>, pay: bool) -> Option<Verdicts<'v>> {
        for mode in [Mode::Small, Mode::Decimal] {
            let pool = self.pool(input.terms, input.version, mode)?;
            let mut worker = pool.take()?;
            let answer = worker.run(&pool.loaded, input, pay);
            let verdicts = answer.and_then(|answer| verdicts::read(pool, answer, input.version));
            pool.give_back(worker);
            if verdicts.is_some() {
                return verdicts;
            }
        }
        None
    }

    fn one_by_one<'v>(
        &'v self,
        terms: &Terms,
        version: &Version,
        limits: &Limits,
        trace: bool,
        fuel: u64,
    ) -> Option<Box<dyn RunRules<'v> + 'v>> {
        let pool = self.pool(terms, version, Mode::Traced)?;
        let trace_values = trace.then_some(limits.trace_values);
        let rules = TracedRules::new(pool, limits, trace_values, fuel)?;
        Some(Box::new(rules))
    }
}
