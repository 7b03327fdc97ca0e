//! Compiling a contract version, or single rules.

use super::module::{Mode, Module};
use super::size::{CodeSize, Excess};
use super::version;
use crate::lang::Rule;
use crate::terms::{Terms, Version};

/// Compiles a version of a checked program. `rule_fuel` is the fuel of each rule, and must be the fuel it was checked for.
///
/// # Errors
///
/// [`Excess`] when the rules are more than one module may have: they are then interpreted.
pub fn compile(terms: &Terms, version: &Version, way: Mode, rule_fuel: u64) -> Result<Module, Excess> {
    way.most().less(CodeSize::text_of(version))?;
    let rules = if way == Mode::Traced { traced_rules(version) } else { version.deciding().collect() };
    version::module(terms, version, &rules, way, rule_fuel)
}

/// Returns the rules of a version's traced module, in the order of their indexes there: by their numbers, each once.
pub(crate) fn traced_rules(version: &Version) -> Vec<&Rule> {
    let mut rules: Vec<&Rule> = version.computing().collect();
    rules.sort_by_key(|rule| rule.number);
    rules.dedup_by_key(|rule| rule.number);
    rules
}

/// Compiles any rules of a program to a traced module. The number of a rule is its index in `rules`.
///
/// # Errors
///
/// [`Excess`], as of [`compile`].
#[cfg(feature = "internals")]
pub fn compile_rules(
    terms: &Terms,
    version: &Version,
    rules: &[&Rule],
    rule_fuel: u64,
) -> Result<Module, Excess> {
    version::module(terms, version, rules, Mode::Traced, rule_fuel)
}
