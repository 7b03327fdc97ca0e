//! Compiling a contract version, or single rules.

use super::module::{Mode, Module};
use super::version;
use crate::lang::Rule;
use crate::terms::{Terms, Version};

/// Compiles a version of a checked program. Each rule may use so much fuel, which must be what it was checked for.
///
/// ```
/// use accrue::codegen::{Mode, compile};
/// use accrue::{Engine, terms::Source};
///
/// let source = Source::from_files([
///     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
///     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
/// ]);
/// let program = Engine::default().load(&source)?;
/// let version = &program.terms().contracts[0].versions[0];
/// let module = compile(program.terms(), version, Mode::Small, program.limits().rule_fuel);
/// assert_eq!(module.bytes[..4], *b"\0asm");
/// # Ok::<(), accrue::diagnostic::Diagnostics>(())
/// ```
#[must_use]
pub fn compile(terms: &Terms, version: &Version, way: Mode, rule_fuel: u64) -> Module {
    let rules: Vec<&Rule> =
        if way == Mode::Traced { version.rules().collect() } else { version.deciding().collect() };
    version::module(terms, version, &rules, way, rule_fuel)
}

/// An exact module of any rules of a program, whose numbers are their places in the list.
#[must_use]
pub fn compile_rules(terms: &Terms, version: &Version, rules: &[&Rule], rule_fuel: u64) -> Module {
    version::module(terms, version, rules, Mode::Traced, rule_fuel)
}
