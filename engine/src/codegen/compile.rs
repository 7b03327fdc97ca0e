//! Compiling a contract version, or single rules.

use super::module::{Mode, Module};
use super::version;
use crate::lang::Rule;
use crate::terms::{Terms, Version};

/// Compiles a version of a checked program. `rule_fuel` is the fuel of each rule, and must be the fuel it was checked for.
#[must_use]
pub fn compile(terms: &Terms, version: &Version, way: Mode, rule_fuel: u64) -> Module {
    let rules: Vec<&Rule> =
        if way == Mode::Traced { version.rules().collect() } else { version.deciding().collect() };
    version::module(terms, version, &rules, way, rule_fuel)
}

/// Compiles any rules of a program to a traced module. The number of a rule is its index in `rules`.
#[cfg(feature = "internals")]
#[must_use]
pub fn compile_rules(terms: &Terms, version: &Version, rules: &[&Rule], rule_fuel: u64) -> Module {
    version::module(terms, version, rules, Mode::Traced, rule_fuel)
}
