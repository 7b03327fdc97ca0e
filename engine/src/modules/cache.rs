//! Loaded modules, each compiled once. Programs of one engine whose rules compile to the same module (for example contracts from
//! one template that differ in rates) share its code, its instances and its write plan.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::capacity::Capacity;
use super::instance::Backend;
use super::loaded::LoadedModule;
use super::pool::ModulePool;
use crate::codegen::Module;
use crate::digest::Digest;
use crate::time::Zone;

/// The compiled modules of an engine.
pub(crate) struct ModuleCache {
    backend: Backend,
    known: Mutex<Known>,
    room: Arc<Capacity>,
}

/// The modules that are loaded at present, by the digest of their bytes. Several modules may share bytes and differ in layout
/// (which fact fills which slot).
#[derive(Default)]
struct Known {
    by_bytes: HashMap<Digest, Vec<Weak<ModulePool>>>,
    /// The number of entries at which those that no program uses any more are removed.
    most: usize,
}

impl std::fmt::Debug for ModuleCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModuleCache").finish_non_exhaustive()
    }
}

impl ModuleCache {
    /// Returns an empty cache of compiled modules that run on this backend.
    pub(crate) fn new(backend: Backend) -> Self {
        let room = Arc::new(Capacity::new(backend.most_modules()));
        Self { backend, known: Mutex::default(), room }
    }

    /// Returns a loaded module; compiles it if the cache does not have it.
    ///
    /// # Errors
    ///
    /// Why the rules of the module are interpreted: there is no room for another module, or the backend cannot compile it.
    pub(super) fn load(&self, module: Module, zone: Zone) -> Result<Arc<ModulePool>, String> {
        let digest = Digest::of(&module.bytes);
        if let Some(ready) = self.known().find(digest, &module, zone) {
            return Ok(ready);
        }
        if !self.room.take_module() {
            return Err("the engine has as many modules as its sandbox lets it have".to_owned());
        }
        // Compiling takes long, so the lock is not held.
        let code = self.backend.compile(&module.bytes).map_err(|error| {
            self.room.give_back_module();
            format!("its module cannot be compiled: {error}")
        })?;
        let ready = Arc::new(ModulePool::new(LoadedModule::new(code, module, zone), &self.room));
        self.known().add(digest, &ready);
        Ok(ready)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn find(&self, digest: Digest, module: &Module, zone: Zone) -> Option<Arc<ModulePool>> {
        let mut same = self.by_bytes.get(&digest)?.iter().filter_map(Weak::upgrade);
        same.find(|ready| ready.loaded.is(module, zone))
    }

    fn add(&mut self, digest: Digest, ready: &Arc<ModulePool>) {
        let is_used = |ready: &Weak<ModulePool>| ready.strong_count() > 0;
        if self.by_bytes.len() >= self.most {
            self.by_bytes.retain(|_, same| same.iter().any(is_used));
            self.most = self.by_bytes.len() * 2 + 16;
        }
        let same = self.by_bytes.entry(digest).or_default();
        same.retain(is_used);
        same.push(Arc::downgrade(ready));
    }
}

#[cfg(all(test, feature = "sandbox"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use accrue_sandbox::Sandbox;

    use super::super::capacity::SPARES;
    use super::super::program::CompiledRules;
    use super::*;
    use crate::codegen::Mode;
    use crate::facts::{Action, Reference, read_action};
    use crate::run::CompiledProgram as _;
    use crate::terms::Source;
    use crate::{Engine, Options, Program, Rules};
    use accrue_sandbox::HostLimits;

    /// Returns the source of a brand's program: with these attributes and time zone, this indentation of its rule, and this rate.
    fn source(attributes: &str, zone: &str, indent: &str, rate: &str) -> Source {
        let program = format!(
            "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\ntime_zone = \"{zone}\"\n[event_types]\nsale = {{}}\n\
             [reasons]\nLATE = \"Too late in the day\"\n{attributes}\n[attributes.score]\ntype = \"integer\"\nrequired = true\n"
        );
        let contract = format!(
            "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n\
             [[restrictions]]\nname = \"late\"\nrule = \"rules/late.rhai\"\n[payout.default]\nrate = \"{rate}\"\n"
        );
        let rule = format!(
            "{indent}if action.occurred_at.hour >= 20 && 10.0 / (attributes.score - 7) > 0.0 {{ reject(\"LATE\") }}\n"
        );
        Source::from_files([
            ("program.toml", program),
            ("contracts/standard.toml", contract),
            ("rules/late.rhai", rule),
        ])
    }

    fn load(engine: &Engine, source: &Source) -> Program {
        engine.load(source).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
    }

    /// Returns the compiled rules of a program, whose modules the program itself shares.
    fn native(engine: &Engine, program: &Program) -> CompiledRules {
        CompiledRules::new(engine.runtime().modules().unwrap(), program.terms(), program.limits())
    }

    /// Returns the module of a mode of the program's only version.
    fn pool(engine: &Engine, program: &Program, mode: Mode) -> Arc<ModulePool> {
        let terms = program.terms();
        native(engine, program).shared_pool(terms, mode).unwrap()
    }

    fn action(score: i64) -> Action {
        let line = format!(
            r#"{{ "id": "a1", "event_type": "sale", "occurred_at": "2026-03-01T19:30:00Z", "amount": "100.00",
                 "touches": [{{ "partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click" }}],
                 "attributes": {{ "score": {score} }} }}"#
        );
        read_action(&line).unwrap()
    }

    #[test]
    fn what_compiles_to_the_same_module_shares_it_and_keeps_its_own_terms() {
        let engine = Engine::default();
        let of = [
            ("", "Europe/Berlin", "", "4%"),
            ("", "Europe/Berlin", "", "5%"),
            // The same bytes, but another time zone, another fact in a slot, or another place of a fault.
            ("", "Europe/London", "", "4%"),
            ("[attributes.age]\ntype = \"integer\"", "Europe/Berlin", "", "4%"),
            ("", "Europe/Berlin", "    ", "4%"),
        ];
        let sources = of.map(|(attributes, zone, indent, rate)| source(attributes, zone, indent, rate));
        let programs = sources.each_ref().map(|source| load(&engine, source));
        let pool = |n: usize, mode| pool(&engine, &programs[n], mode);
        let shares = |n: usize, mode| Arc::ptr_eq(&pool(0, mode), &pool(n, mode));
        for way in [Mode::Small, Mode::Decimal, Mode::Traced] {
            let bytes = |n: usize| pool(n, way).loaded.module.bytes.clone();
            // A traced module reports which attribute it reads.
            assert!(
                (1..of.len()).all(|n| (bytes(n) == bytes(0)) != (n == 3 && way == Mode::Traced)),
                "{way:?}"
            );
            assert!(shares(1, way), "{way:?}");
            assert!(!shares(2, way) && !shares(3, way), "{way:?}");
            assert_eq!(shares(4, way), way != Mode::Traced, "{way:?}");
        }
        let (reference, portable) =
            (Reference::default(), Engine::builder().rules(Rules::Interpreted).build());
        let mut seen = std::collections::BTreeSet::new();
        for (source, program) in sources.iter().zip(&programs) {
            let other = load(&portable, source);
            for action in [action(6), action(7), action(8)] {
                let decided =
                    program.decide(&action, &reference, &program.counters(), Options::traced()).unwrap();
                assert_eq!(
                    decided,
                    other.decide(&action, &reference, &other.counters(), Options::traced()).unwrap()
                );
                let fault = decided.awards[0].reasons.first().and_then(|reason| reason.fault.as_ref());
                seen.insert((
                    decided.payout().unwrap().to_string(),
                    fault.and_then(|fault| fault.place.clone()).map(|at| at.span.start),
                ));
            }
        }
        assert_eq!(seen.len(), 5, "4 or 5 EUR, nothing, and two places of a division by zero: {seen:?}");
    }

    #[test]
    fn rules_beyond_the_modules_that_there_is_room_for_are_interpreted() {
        let limits = HostLimits { rule_modules: 2, ..HostLimits::default() };
        let engine = Engine::builder().sandbox(Sandbox::with(limits, None).unwrap()).build();
        let hours = ["8", "9", "10"].map(|hour| {
            let mut source = source("", "Europe/Berlin", "", "4%");
            source.insert(
                "rules/late.rhai",
                format!("if action.occurred_at.hour >= {hour} {{ reject(\"LATE\") }}\n"),
            );
            source
        });
        let mut programs: Vec<Program> = hours.iter().map(|source| load(&engine, source)).collect();
        let compiled = |programs: &[Program]| programs.iter().map(Program::is_compiled).collect::<Vec<_>>();
        assert_eq!(compiled(&programs), [true, true, false]);
        // There is no room for traced modules either, and the decisions are still the same.
        let (reference, portable) =
            (Reference::default(), Engine::builder().rules(Rules::Interpreted).build());
        for (source, program) in hours.iter().zip(&programs) {
            let other = load(&portable, source);
            for action in [action(6), action(7)] {
                let explained = |program: &Program| {
                    program.decide(&action, &reference, &program.counters(), Options::traced()).unwrap()
                };
                assert_eq!(explained(program), explained(&other));
            }
        }
        // The place of a dropped module is free for the next.
        programs.remove(0);
        programs.push(load(&engine, &hours[0]));
        assert_eq!(compiled(&programs), [true, false, true]);
    }

    #[test]
    fn one_program_does_not_take_the_room_of_all_others() {
        let mut source = source("", "Europe/Berlin", "", "4%");
        for n in 0..1_100 {
            let contract = format!(
                "contract = \"c{n}\"\nversion = 1\neffective_from = 2026-01-01\npartners = {{ ids = [\"p{n}\"] }}\n\
                 [payout.default]\nrate = \"4%\"\n"
            );
            source.insert(format!("contracts/c{n}.toml"), contract);
        }
        let engine = Engine::default();
        let compiled = native(&engine, &load(&engine, &source));
        let count = (0..1_101).filter(|n| compiled.version(*n, 0).is_some()).count();
        assert!((900..=1_024).contains(&count), "{count}");
    }

    #[test]
    fn few_instances_are_kept_besides_one_of_each_module() {
        let engine = Engine::default();
        let program = load(&engine, &source("", "Europe/Berlin", "", "4%"));
        let ready = pool(&engine, &program, Mode::Small);
        let room = Arc::clone(&engine.runtime().modules().unwrap().room);
        let spares = || room.taken().1;
        let some: Vec<_> = (0..3).map(|_| ready.take().unwrap()).collect();
        some.into_iter().for_each(|runner| ready.give_back(runner));
        assert_eq!(spares(), 2);
        let runner = ready.take().unwrap();
        assert_eq!(spares(), 1);
        assert!((1..SPARES).all(|_| room.take_spare()));
        // One instance is idle already, and there is no place left for a spare.
        ready.give_back(runner);
        assert_eq!(spares(), SPARES);
        room.give_back_spares(SPARES - 1);
        drop((program, ready));
        assert_eq!(room.taken(), (0, 0));
    }

    #[test]
    fn what_no_program_has_is_forgotten() {
        let engine = Engine::default();
        let compiled = |hour: u32| {
            let mut source = source("", "Europe/Berlin", "", "4%");
            source.insert(
                "rules/late.rhai",
                format!("if action.occurred_at.hour > {hour} {{ reject(\"LATE\") }}\n"),
            );
            load(&engine, &source)
        };
        let kept = compiled(0);
        for hour in (1..=20).chain([21; 100]).chain(1..=20) {
            drop(compiled(hour));
        }
        let modules = engine.runtime().modules().unwrap();
        let known: usize = modules.known().by_bytes.values().map(Vec::len).sum();
        assert!(known < 20, "{known}");
        let pool = |program: &Program| pool(&engine, program, Mode::Small);
        assert!(Arc::ptr_eq(&pool(&compiled(0)), &pool(&kept)));
    }
}
