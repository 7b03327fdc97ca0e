//! The contract versions of a program as loaded modules.
//!
//! A version has up to three modules (see [`crate::codegen`]): the small module is compiled when a program is loaded, the others
//! when they are first needed.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::cache::ModuleCache;
use super::pool::ModulePool;
use super::traced::TracedRules;
use super::verdicts;
use crate::codegen::{CodeSize, Mode, Module, compile, traced_rules};
use crate::limits::{Limits, Spent};
use crate::run::{CompiledProgram, CompiledVersion, RuleInput, RunRules, Verdicts};
use crate::terms::{Terms, Version};

/// The contract versions of a program, each as the modules of its rules.
#[derive(Debug)]
pub(crate) struct CompiledRules {
    /// By contract and version; for a version that is interpreted, why.
    versions: Vec<Vec<Result<VersionModules, String>>>,
    spent: Vec<Spent>,
}

/// The most bytes of rule text, over all versions of a program, for which code is generated: a hundred of the longest public
/// contracts. Rules beyond this are interpreted.
const COMPILED_TEXT: u64 = 2 << 20;

/// The bytes that each version counts besides its rules, so that at most a thousand versions of a program are compiled. Each may
/// be a module of its own, and all programs together have at most as many modules as the sandbox (`HostLimits::rule_modules`) or the
/// host's runtime allows.
const VERSION_BYTES: u64 = 2 << 10;

/// What the modules of one mode may take, for all versions of a program.
#[derive(Debug)]
struct Budget {
    all: CodeSize,
    rest: Mutex<Rest>,
}

/// What is left of a budget.
#[derive(Debug)]
struct Rest {
    left: CodeSize,
    /// Why there is too little, once there was: then no more code is generated only to be thrown away.
    used_up: Option<String>,
}

impl Budget {
    fn new(limits: &Limits) -> Self {
        let all = CodeSize {
            text: COMPILED_TEXT,
            bytes: limits.code_bytes as u64,
            joins: limits.code_joins,
            data: limits.code_data_bytes as u64,
        };
        Self { all, rest: Mutex::new(Rest { left: all, used_up: None }) }
    }

    fn rest(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes this much, or says why not.
    fn take(&self, size: CodeSize) -> Result<(), String> {
        let mut rest = self.rest();
        if let Some(why) = &rest.used_up {
            return Err(why.clone());
        }
        match rest.left.less(size) {
            Ok(left) => {
                rest.left = left;
                Ok(())
            }
            Err(excess) => {
                let most = excess.of(self.all);
                let why = format!("the program has more {} than the {most} that are compiled", excess.what);
                rest.used_up = Some(why.clone());
                Err(why)
            }
        }
    }

    /// Generates a module, and takes what it needs. The text is taken first, so that the work of generating is bounded too.
    fn generate(
        &self,
        terms: &Terms,
        version: &Version,
        mode: Mode,
        rule_fuel: u64,
    ) -> Result<Module, String> {
        let text = CodeSize::text_of(version);
        mode.most().less(text).map_err(|excess| excess.to_string())?;
        self.take(CodeSize { text: text.text.saturating_add(VERSION_BYTES), ..text })?;
        let module = compile(terms, version, mode, rule_fuel).map_err(|excess| excess.to_string())?;
        self.take(module.size)?;
        Ok(module)
    }

    /// Returns what was taken of each limit.
    fn spent(&self) -> Vec<Spent> {
        let left = self.rest().left;
        let of = |limit, all: u64, left: u64| Spent { limit, spent: all.saturating_sub(left), at_most: all };
        vec![
            of("code_bytes", self.all.bytes, left.bytes),
            of("code_joins", self.all.joins, left.joins),
            of("code_data_bytes", self.all.data, left.data),
        ]
    }
}

/// What the modules that are compiled when they are first needed may still take, by mode.
#[derive(Debug)]
struct Later {
    decimal: Budget,
    traced: Budget,
}

impl CompiledRules {
    /// Compiles the versions of a program, as far as the limits go.
    pub(crate) fn new(modules: &Arc<ModuleCache>, terms: &Terms, limits: &Limits) -> Self {
        let budget = Budget::new(limits);
        let later = Arc::new(Later { decimal: Budget::new(limits), traced: Budget::new(limits) });
        let mut version = |version: &Version| {
            if version.has_component() {
                return Err("it contains a component".to_owned());
            }
            let module = budget.generate(terms, version, Mode::Small, limits.rule_fuel)?;
            VersionModules::new(modules, terms, module, limits.rule_fuel, &later)
        };
        let versions = terms
            .contracts
            .iter()
            .map(|contract| contract.versions.iter().map(&mut version).collect())
            .collect();
        Self { versions, spent: budget.spent() }
    }

    /// Returns the module of a mode of the first version.
    #[cfg(test)]
    pub(super) fn shared_pool(&self, terms: &Terms, mode: Mode) -> Option<Arc<ModulePool>> {
        let version = terms.contracts.first()?.versions.first()?;
        let native = self.versions.first()?.first()?.as_ref().ok()?;
        native.pool(terms, version, mode)?;
        match mode {
            Mode::Small => Some(Arc::clone(&native.small)),
            Mode::Decimal => native.decimal.get()?.clone(),
            Mode::Traced => native.traced.get()?.clone(),
        }
    }
}

impl CompiledProgram for CompiledRules {
    fn version(&self, contract: usize, version: usize) -> Option<&dyn CompiledVersion> {
        let version = self.versions.get(contract)?.get(version)?.as_ref().ok()?;
        Some(version as &dyn CompiledVersion)
    }

    fn interpreted(&self, contract: usize, version: usize) -> Option<&str> {
        self.versions.get(contract)?.get(version)?.as_ref().err().map(String::as_str)
    }

    fn is_whole(&self) -> bool {
        self.versions.iter().flatten().all(Result::is_ok)
    }

    fn spent(&self) -> &[Spent] {
        &self.spent
    }
}

/// A contract version as loaded modules.
#[derive(Debug)]
struct VersionModules {
    modules: Arc<ModuleCache>,
    rule_fuel: u64,
    small: Arc<ModulePool>,
    decimal: OnceLock<Option<Arc<ModulePool>>>,
    traced: OnceLock<Option<Arc<ModulePool>>>,
    /// The numbers of the rules of the traced module, in the order of their indexes there.
    numbers: OnceLock<Vec<u32>>,
    later: Arc<Later>,
}

impl VersionModules {
    /// Loads a version's small module, or returns why the version is interpreted.
    fn new(
        modules: &Arc<ModuleCache>,
        terms: &Terms,
        small: Module,
        rule_fuel: u64,
        later: &Arc<Later>,
    ) -> Result<Self, String> {
        Ok(Self {
            modules: Arc::clone(modules),
            rule_fuel,
            small: modules.load(small, terms.zone)?,
            decimal: OnceLock::new(),
            traced: OnceLock::new(),
            numbers: OnceLock::new(),
            later: Arc::clone(later),
        })
    }

    /// Returns the module of a mode, and loads it first if needed.
    fn pool(&self, terms: &Terms, version: &Version, mode: Mode) -> Option<&ModulePool> {
        let (later, budget) = match mode {
            Mode::Small => return Some(&self.small),
            Mode::Decimal => (&self.decimal, &self.later.decimal),
            Mode::Traced => (&self.traced, &self.later.traced),
        };
        let load = || {
            let module = budget.generate(terms, version, mode, self.rule_fuel).ok()?;
            self.modules.load(module, terms.zone).ok()
        };
        later.get_or_init(load).as_deref()
    }
}

impl CompiledVersion for VersionModules {
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
        let numbers = || traced_rules(version).into_iter().map(|rule| rule.number).collect();
        let numbers = self.numbers.get_or_init(numbers);
        let rules = TracedRules::new(pool, numbers, limits, trace_values, fuel)?;
        Some(Box::new(rules))
    }
}
