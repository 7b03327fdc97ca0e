//! The entry point: an [`Engine`] loads programs, and a [`Program`] decides actions.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::analyse::{Analysis, DraftComparison, analyse, compare};
use crate::card::{self, Card, CardError, CardOptions};
use crate::codegen::{Mode, compile};
use crate::counters::{CounterError, CounterId, Counters};
use crate::coverage::Coverage;
use crate::decide::{
    self, AdjustError, Adjusted, CloseError, Decision, Lookup, Options, ProgramView, RuleTimer,
    validate_action,
};
use crate::diagnostic::Diagnostics;
use crate::digest::Digest;
use crate::due::{Due, due};
use crate::explain::{Explanation, Reader, explain};
use crate::facts::{Action, Adjustment, FactErrors, Reference};
use crate::limits::Limits;
use crate::modules::ModuleRuntime;
use crate::money::Currency;
use crate::overview::ProgramOverview;
use crate::run::{CompiledProgram, Marks};
use crate::runtime::Runtime;
use crate::terms::{self, Source, Terms};
use crate::testcase::{self, Happened, TestCase, TestCaseError};
use crate::time::Zone;

/// Loads programs. Holds the limits on what it loads and decides, and the sandbox of compiled rules and components that all its
/// programs share.
///
/// Cheap to clone, and shared freely between threads. [`Engine::builder`] sets its limits and sandbox; [`Engine::default`] has
/// default limits.
#[derive(Clone, Debug)]
pub struct Engine {
    limits: Arc<Limits>,
    runtime: Runtime,
}

/// How rules are run. Decisions are the same either way, to the byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rules {
    /// Compiled: to native code, or for the host's [runtime](EngineBuilder::module_runtime); interpreted if this machine has neither.
    #[default]
    Native,
    /// Interpreted: slower, and no code is made at run time. Components still run in the sandbox.
    Interpreted,
}

/// Settings of an [`Engine`].
///
/// ```
/// use accrue::{Engine, Limits, Rules};
///
/// let limits = Limits { items: 200, ..Limits::default() };
/// let engine = Engine::builder().limits(limits).rules(Rules::Interpreted).build();
/// assert_eq!(engine.limits().items, 200);
/// ```
#[derive(Clone, Debug, Default)]
pub struct EngineBuilder {
    limits: Limits,
    rules: Rules,
    modules: Option<Arc<dyn ModuleRuntime>>,
    #[cfg(feature = "sandbox")]
    sandbox: Option<accrue_sandbox::Sandbox>,
}

impl EngineBuilder {
    /// Sets the limits of programs, actions and evaluations. The default is [`Limits::default`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how rules are run. The default is [`Rules::Native`].
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Sets the sandbox of compiled rules and components. Several engines may share a sandbox: for example engines with different
    /// limits, or with a sandbox that keeps native code in a directory. The default is a sandbox of the engine's own, set up when
    /// it is first needed.
    ///
    /// A component has no more memory than the sandbox grants, even if the limits allow more.
    #[cfg(feature = "sandbox")]
    #[must_use]
    pub fn sandbox(mut self, sandbox: accrue_sandbox::Sandbox) -> Self {
        self.sandbox = Some(sandbox);
        self
    }

    /// Sets the runtime of compiled rules, for a host whose WebAssembly is to run them: see [`ModuleRuntime`]. It is used unless rules
    /// are [interpreted](Rules::Interpreted), also where the engine could make native code. Without it, an engine without the
    /// feature `sandbox` interprets all rules. Components never run on it.
    #[must_use]
    pub fn module_runtime(mut self, runtime: Arc<dyn ModuleRuntime>) -> Self {
        self.modules = Some(runtime);
        self
    }

    /// Returns the engine.
    pub fn build(self) -> Engine {
        let compiles = self.rules == Rules::Native;
        #[cfg(feature = "sandbox")]
        let runtime = Runtime::new(&self.limits, compiles, self.modules, self.sandbox);
        #[cfg(not(feature = "sandbox"))]
        let runtime = Runtime::new(compiles, self.modules);
        Engine { limits: Arc::new(self.limits), runtime }
    }
}

impl Engine {
    /// Returns a builder with default settings.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// Returns the sandbox of compiled rules and components. A host that wants components to have a deadline besides their fuel
    /// starts its ticker: see [`Sandbox::start_ticker`](accrue_sandbox::Sandbox::start_ticker).
    ///
    /// # Errors
    ///
    /// [`SandboxError`](accrue_sandbox::SandboxError) when this machine cannot run the sandbox.
    #[cfg(feature = "sandbox")]
    pub fn sandbox(&self) -> Result<&accrue_sandbox::Sandbox, accrue_sandbox::SandboxError> {
        self.runtime.sandbox()
    }

    #[cfg(any(all(test, feature = "sandbox"), feature = "internals"))]
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Returns the limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Reads and checks a program. Warnings are in [`Program::warnings`].
    ///
    /// # Errors
    ///
    /// [`Diagnostics`]: every error of the program, each with its place and what to write instead.
    pub fn load(&self, source: &Source) -> Result<Program, Diagnostics> {
        let (terms, mut diagnostics) = terms::load(source, &self.limits, &self.runtime);
        let Some(terms) = terms.filter(|_| !diagnostics.has_errors()) else { return Err(diagnostics) };
        let lookup = Lookup::new(&terms, &self.limits);
        lookup.over_budget(&terms, &self.limits).into_iter().for_each(|fault| diagnostics.push(fault));
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        Ok(self.program(terms, lookup, diagnostics))
    }

    /// Returns the program of terms that were loaded and checked.
    fn program(&self, terms: Terms, lookup: Lookup, warnings: Diagnostics) -> Program {
        Program {
            inner: Arc::new(Inner {
                lookup,
                compiled: self.runtime.compile(&terms, &self.limits),
                terms,
                limits: Arc::clone(&self.limits),
                warnings,
            }),
            marks: None,
        }
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// A checked program, ready to decide.
///
/// [`Engine::load`] makes it. Cheap to clone, and shared freely between threads; a host may replace it while other threads
/// decide.
#[derive(Clone, Debug)]
pub struct Program {
    inner: Arc<Inner>,
    /// What decisions reach; `None` for a program that does not record.
    marks: Option<Arc<Marks>>,
}

#[derive(Debug)]
struct Inner {
    terms: Terms,
    lookup: Lookup,
    compiled: Option<Box<dyn CompiledProgram>>,
    limits: Arc<Limits>,
    warnings: Diagnostics,
}

/// Why an action cannot be decided.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DecideError {
    /// The action does not fit the program's declarations.
    #[error(transparent)]
    Facts(#[from] FactErrors),
    /// The counters belong to another program, or a sum does not fit.
    #[error(transparent)]
    Counters(#[from] CounterError),
}

/// The result for one action of [`Program::decide_all`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decided {
    /// The index of the action in the actions that were given.
    pub index: usize,
    /// The decision, or why the action cannot be decided.
    pub decision: Result<Decision, DecideError>,
}

/// A WebAssembly module of one contract version. [`Program::modules`] makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompiledModule {
    /// The name of the contract.
    pub contract: String,
    /// The number of the version.
    pub version: u32,
    /// The numbers that the module computes with: `small` (numbers of 64 bits), `decimal` (decimals of 96 bits) or `traced`
    /// (decimals of 96 bits, one rule in each call).
    pub mode: &'static str,
    /// The bytes of the module.
    pub bytes: Vec<u8>,
}

impl Program {
    /// Returns the loaded terms.
    #[cfg(any(test, feature = "internals"))]
    pub(crate) fn terms(&self) -> &Terms {
        &self.inner.terms
    }

    /// Returns the payout groups of a contract version as a table that reads back as the same groups. Without a
    /// number, of the last version. Returns `None` if there is no such contract or version.
    ///
    /// A version with payouts by event type has a table for each: name an event type, or the first one is returned.
    pub fn groups_table(
        &self,
        contract: &str,
        number: Option<u32>,
        event_type: Option<&str>,
    ) -> Option<terms::GroupsTable> {
        let terms = &self.inner.terms;
        let contract = terms.contracts.iter().find(|of| of.name == contract)?;
        let number = number.or_else(|| contract.versions.last().map(|version| version.number))?;
        let version = contract.versions.iter().find(|version| {
            let types = &version.actions.event_types;
            version.number == number
                && event_type.is_none_or(|wanted| types.is_empty() || types.iter().any(|of| of == wanted))
        })?;
        Some(terms::groups_table(terms, version))
    }

    /// Returns the same program, which records what its decisions reach: see [`Program::coverage`]. Its decisions are the same, and
    /// take longer, because its rules are interpreted.
    ///
    /// ```
    /// # use accrue::{Engine, Reference, Source, facts::read_action};
    /// # let source = Source::from_files([
    /// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
    /// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n\
    /// #         [[payout.groups]]\nname = \"new customers\"\nwhen = 'customer.status == \"new\"'\nrate = \"8%\"\n"),
    /// # ]);
    /// # let action = read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "117.00",
    /// #     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?;
    /// let program = Engine::default().load(&source)?.recording();
    /// program.begin_test("pays 4% for any other customer");
    /// program.decide(&action, &Reference::default(), &program.counters(), Default::default())?;
    ///
    /// let coverage = program.coverage();
    /// assert_eq!((coverage.share().reached, coverage.share().all), (1, 2));
    /// let missing = coverage.points.iter().find(|point| !point.is_reached()).unwrap();
    /// assert_eq!(missing.missing(), "`new customers` never pays");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn recording(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), marks: Some(Arc::default()) }
    }

    /// Counts what decisions reach from here on for a test with this name. Does nothing if the program does not record.
    pub fn begin_test(&self, name: impl Into<String>) {
        if let Some(marks) = &self.marks {
            marks.begin(name.into());
        }
    }

    /// Returns everything of the contracts and rules that a test can reach, with what was reached by the decisions that this program has
    /// made since [`Program::recording`]. Nothing is reached in a program that does not record.
    pub fn coverage(&self) -> Coverage {
        Coverage::of(&self.inner.terms, self.marks.as_deref())
    }

    /// Returns the id of the program, which its counters carry.
    pub fn id(&self) -> &str {
        &self.inner.terms.id
    }

    /// Returns the name of the program, for people.
    pub fn name(&self) -> &str {
        &self.inner.terms.name
    }

    /// Returns the currency of the program. Contracts may have currencies of their own.
    pub fn currency(&self) -> Currency {
        self.inner.terms.currency
    }

    /// Returns the time zone in which the program's days, weeks and months begin.
    pub fn zone(&self) -> Zone {
        self.inner.terms.zone
    }

    /// Returns what the program consists of: contracts, rules with their worst case, components; and what loading it took of each
    /// limit.
    pub fn overview(&self) -> ProgramOverview {
        ProgramOverview::of(&self.inner.terms, &self.inner.lookup, self.inner.compiled.as_deref())
    }

    /// Returns whether a contract version names a component. The deadlines of components need a clock that ticks: see
    /// [`Engine::sandbox`].
    pub fn has_components(&self) -> bool {
        let mut versions = self.inner.terms.contracts.iter().flat_map(|contract| &contract.versions);
        versions.any(terms::Version::has_component)
    }

    /// Returns the text, for people, of a reason or notice code of the program or of the engine. Returns `None` if neither has
    /// the code.
    pub fn reason_text(&self, code: &str) -> Option<&str> {
        self.inner.terms.reason_text(code)
    }

    /// Returns the terms in plain words: who is paid what for what, who is credited, what is excluded, and what changed since the version
    /// before. With a partner, only what can apply to that partner by the reference facts, and nothing that a partner may not know.
    ///
    /// ```
    /// # use accrue::{Engine, Reference, Source, card::CardOptions};
    /// # let source = Source::from_files([
    /// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
    /// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
    /// # ]);
    /// # let (program, reference) = (Engine::default().load(&source)?, Reference::default());
    /// let card = program.card(CardOptions::default(), &reference)?;
    /// let text = card.text(Some(80));
    /// assert!(text.contains("4% of the commissionable amount."));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`CardError`] when no version is in force on the date, or no contract is for the partner, or a name is not known.
    pub fn card(&self, options: CardOptions<'_>, reference: &Reference) -> Result<Card, CardError> {
        card::card(&self.inner.terms, &self.inner.lookup, reference, options)
    }

    /// Checks an action against the limits and the program's declarations, as [`Program::decide`] does before it decides.
    ///
    /// # Errors
    ///
    /// [`FactErrors`]: every error of the action.
    pub fn validate(&self, action: &Action) -> Result<(), FactErrors> {
        validate_action(action, &self.inner.terms, &self.inner.limits)
    }

    /// Explains a decision of this program in words. With a trace ([`Options::traced`]) the explanation contains what every rule
    /// saw; without a trace, only the outcomes.
    ///
    /// A partner reads only about the partner's own award.
    pub fn explain(&self, decision: &Decision, action: &Action, reader: Reader<'_>) -> Explanation {
        explain(decision, action, &self.inner.terms, reader, None)
    }

    /// Explains a decision like [`Program::explain`], in lines of at most `width` columns, and at least 20. A word that is longer than a
    /// line is not split.
    pub fn explain_within(
        &self,
        decision: &Decision,
        action: &Action,
        reader: Reader<'_>,
        width: usize,
    ) -> Explanation {
        explain(decision, action, &self.inner.terms, reader, Some(width))
    }

    /// Explains the decision of a bonus, which [`Program::close`] has made, in lines of at most `width` columns.
    ///
    /// A partner reads only about the partner's own bonus.
    pub fn explain_bonus(&self, decision: &Decision, reader: Reader<'_>, width: usize) -> Explanation {
        let none = Action::new(decision.action.clone(), decision.event_type.clone(), decision.occurred_at);
        explain(decision, &none, &self.inner.terms, reader, Some(width))
    }

    /// Returns the WebAssembly modules that the contract versions compile to. `rule_fuel` is the fuel for one evaluation of one
    /// rule, such as [`Limits::rule_fuel`]. The same program and fuel give the same bytes.
    ///
    /// A version that contains a component has no modules, because a module cannot call a component. A version has no module of a
    /// mode in which its rules would take more than one module may have, such as a function with more than 1,000 locals.
    pub fn modules(&self, rule_fuel: u64) -> Vec<CompiledModule> {
        let terms = &self.inner.terms;
        let mut modules = Vec::new();
        for contract in &terms.contracts {
            for version in contract.versions.iter().filter(|version| !version.has_component()) {
                modules.extend(Mode::ALL.into_iter().filter_map(|mode| {
                    Some(CompiledModule {
                        contract: contract.name.clone(),
                        version: version.number,
                        mode: mode.name(),
                        bytes: compile(terms, version, mode, rule_fuel).ok()?.bytes,
                    })
                }));
            }
        }
        modules
    }

    /// Returns the limits that apply to each evaluation.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Returns whether every rule runs as native code. Rules are interpreted instead when
    ///
    /// 1. the engine was built with [`Rules::Interpreted`], or this machine runs no native code,
    /// 2. the program has more than 2 MiB of rule text or 1,000 contract versions, or takes more than [`Limits::code_bytes`],
    ///    [`Limits::code_joins`] or [`Limits::code_data_bytes`],
    /// 3. their contract version is too large for one module, such as a rule with more than 1,000 locals,
    /// 4. their contract version contains a component, or
    /// 5. the engine has as many modules as its sandbox grants (`HostLimits::rule_modules`).
    ///
    /// Decisions are the same either way.
    pub fn is_compiled(&self) -> bool {
        self.inner.compiled.as_ref().is_some_and(|compiled| compiled.is_whole())
    }

    /// Returns the warnings of the program: text that is valid but probably not meant.
    pub fn warnings(&self) -> &Diagnostics {
        &self.inner.warnings
    }

    /// Returns the digest over every source file.
    pub fn digest(&self) -> Digest {
        self.inner.terms.digest
    }

    /// Returns counters of this program that have counted nothing.
    pub fn counters(&self) -> Counters {
        Counters::new(self.inner.terms.id.clone())
    }

    /// Returns the identities of the counters that limits and declared totals read, in the order of the contracts.
    pub fn counter_ids(&self) -> &[CounterId] {
        self.inner.lookup.ids()
    }

    /// Closes the calendar periods of the program's time zone that end on this date or before it. The sums of closed periods are
    /// dropped, and so are movements that no open window of rolling days reaches. A date that is not later than
    /// [`Counters::closed_until`] changes nothing.
    ///
    /// Kept are the sums that the program's rules still read: of the period before the first open one where a rule reads
    /// `totals.NAME.previous`, and of periods that a rule names with `totals.NAME.at("…")`.
    ///
    /// An action that occurred in a closed period counts in the first open period. The `late` setting of its contract says
    /// whether the action is held.
    ///
    /// # Errors
    ///
    /// [`CounterError::ForeignCounters`] when the counters belong to another program.
    pub fn close_periods(
        &self,
        counters: &mut Counters,
        until: chrono::NaiveDate,
    ) -> Result<(), CounterError> {
        counters.check_program(&self.inner.terms.id)?;
        let Inner { terms, lookup, .. } = &*self.inner;
        counters.close(until, terms.zone, lookup.open_longer(terms, until), |id| lookup.still_read(id));
        Ok(())
    }

    /// Computes the bonuses of the calendar periods that end on a date or before it and are not closed yet, and computes those again
    /// whose contracts say so. Pure: what is returned is what recording would post. Bonuses come in the order of their periods,
    /// contracts and partners; one that pays nothing and changes nothing has no decision.
    ///
    /// To record the close, apply the postings of all decisions, then call [`Program::close_periods`] with the same date. Until that,
    /// the same close gives the same decisions.
    ///
    /// ```
    /// # use accrue::{Engine, Reference, Source, facts::read_action};
    /// # let source = Source::from_files([
    /// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
    /// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n\
    /// #         [totals.sales]\nper = [\"partner\"]\nperiod = \"month\"\n\
    /// #         [[bonuses]]\nname = \"volume\"\nperiod = \"month\"\nmeasure = 'totals.sales.revenue.at_close'\n\
    /// #         threshold = \"reaches\"\nscope = \"marginal\"\ntiers = [{ from = \"200\", rate = \"2%\" }]\n"),
    /// # ]);
    /// # let program = Engine::default().load(&source)?;
    /// # let (mut counters, reference) = (program.counters(), Reference::default());
    /// # let action = read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "500.00",
    /// #     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?;
    /// # counters.apply(&program.decide(&action, &reference, &counters, Default::default())?.postings)?;
    /// let april = "2026-04-01".parse()?;
    /// let bonuses = program.close(april, &reference, &counters)?;
    /// // 2% of the 300.00 that are past 200.00.
    /// assert_eq!(bonuses[0].awards[0].payout.to_string(), "6");
    ///
    /// for bonus in &bonuses {
    ///     counters.apply(&bonus.postings)?;
    /// }
    /// program.close_periods(&mut counters, april)?;
    /// assert!(program.close(april, &reference, &counters).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`CloseError`] when the date is not later than [`Counters::closed_until`], when the counters belong to another program, or when a
    /// sum does not fit.
    pub fn close(
        &self,
        until: chrono::NaiveDate,
        reference: &Reference,
        counters: &Counters,
    ) -> Result<Vec<Decision>, CloseError> {
        counters.check_program(&self.inner.terms.id)?;
        decide::close(self.view(), until, reference, counters)
    }

    /// Returns the first date after `after` on which a period of a bonus ends; `None` if the program has no bonus. Closing periods on each
    /// of these dates computes every bonus as soon as it can be.
    pub fn next_close(&self, after: chrono::NaiveDate) -> Option<chrono::NaiveDate> {
        let versions = self.inner.terms.contracts.iter().flat_map(|contract| &contract.versions);
        versions.flat_map(|version| &version.bonuses).filter_map(|bonus| bonus.period.next(after)).min()
    }

    /// Returns what is due from a date on, for some days: contract versions that begin, end or are to be reviewed, creatives and promo
    /// codes that expire, and holidays whose list ends. A contract that states `notice_days` has its dates listed for so many days
    /// instead. Sorted by date. Nothing is sent: the host does with the list what it likes.
    ///
    /// ```
    /// # let source = accrue::Source::from_files([
    /// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n"),
    /// #     ("contracts/a.toml", "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n\
    /// #       effective_until = 2026-12-31\n[payout.default]\nrate = \"4%\"\n"),
    /// # ]);
    /// # let (program, reference) = (accrue::Engine::default().load(&source)?, accrue::Reference::default());
    /// let today = "2026-12-15".parse()?;
    /// for due in program.due(today, 30, &reference) {
    ///     println!("{}: {:?}", due.on, due.what);
    /// }
    /// # assert_eq!(program.due(today, 30, &reference).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn due(&self, on: chrono::NaiveDate, days: u32, reference: &Reference) -> Vec<Due> {
        due(&self.inner.terms, reference, on, days, Vec::new())
    }

    /// Returns what [`Program::due`] returns, and the tiers of bonuses that partners are near in the periods of `on`, by what was counted
    /// until then. A bonus states with `notice_at` from which share of a tier on it is listed.
    ///
    /// # Errors
    ///
    /// [`CloseError::Counters`] when the counters belong to another program, or a sum does not fit.
    pub fn due_with(
        &self,
        on: chrono::NaiveDate,
        days: u32,
        reference: &Reference,
        counters: &Counters,
    ) -> Result<Vec<Due>, CloseError> {
        counters.check_program(&self.inner.terms.id)?;
        let tiers = decide::within_reach(self.view(), on, reference, counters)?;
        Ok(due(&self.inner.terms, reference, on, days, tiers))
    }

    /// Checks what reference facts say of each other and of this program: whom a pause stops, and who owns a promo code. A pause of
    /// a partner that no list has would stop nobody.
    ///
    /// Returns warnings about the program: ids, groups and literals in its terms that no listed partner has. There are none if the
    /// facts do not list partners.
    ///
    /// # Errors
    ///
    /// [`FactErrors`] with every name that the facts or the program do not have.
    pub fn check_reference(&self, reference: &Reference) -> Result<Diagnostics, FactErrors> {
        decide::check_reference(reference, &self.inner.terms)
    }

    /// Says what the terms mean for every action: payout groups, restrictions and parts of conditions that never or always apply, groups that
    /// others cover or overlap, gaps, and limits that never or always cut. Each finding has an action that shows it, which the engine has
    /// decided with these reference facts.
    ///
    /// What the analysis cannot see through (components, loops, arithmetic between facts) is never guessed at:
    /// [`Analysis::undecided`] says what was left out.
    ///
    /// ```
    /// # use accrue::{Engine, Reference, Source};
    /// # let source = Source::from_files([
    /// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n"),
    /// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n\
    /// #         [[payout.groups]]\nname = \"large\"\nwhen = 'action.amount > 100 && action.amount < 50'\nrate = \"5%\"\n"),
    /// # ]);
    /// # let program = Engine::default().load(&source)?;
    /// let analysis = program.analyse(&Reference::default());
    /// for finding in &analysis.findings {
    ///     println!("{}", finding.message);
    /// }
    /// # assert_eq!(analysis.findings[0].name, "large");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn analyse(&self, reference: &Reference) -> Analysis {
        analyse(self.view(), &self.inner.warnings, reference)
    }

    /// Compares this program, a draft, with the current terms, contract by contract: whether it ever pays more or less for an action, on the
    /// same sums of what was counted before. A difference is shown by an action that both have decided; what cannot be decided is said.
    ///
    /// ```
    /// # use accrue::{Engine, Reference, Source};
    /// # let program = |rate: &str| Engine::default().load(&Source::from_files([
    /// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n".to_owned()),
    /// #     ("contracts/a.toml", format!("contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"{rate}\"\n")),
    /// # ]));
    /// use accrue::analyse::Answer;
    ///
    /// let (current, draft) = (program("4%")?, program("3%")?);
    /// let comparison = draft.compare(&current, &Reference::default());
    /// assert_eq!(comparison.contracts[0].answer, Answer::NeverMore);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compare(&self, current: &Self, reference: &Reference) -> DraftComparison {
        compare(self.view(), current.view(), reference)
    }

    /// Decides an action. Pure: the same action, facts and counters give the same decision, byte for byte.
    ///
    /// The counters are read as of the action's moment. To record the decision, call [`Counters::apply`]`(&decision.postings)`,
    /// at any later time and in any order.
    ///
    /// # Errors
    ///
    /// [`DecideError`] when the action does not fit the program's declarations, or the counters belong to another program.
    pub fn decide(
        &self,
        action: &Action,
        reference: &Reference,
        counters: &Counters,
        options: Options,
    ) -> Result<Decision, DecideError> {
        counters.check_program(&self.inner.terms.id)?;
        self.validate(action)?;
        Ok(decide::decide(self.view(), action, reference, counters, options, &mut |_| ()))
    }

    /// Decides an action as [`Program::decide`] does, and calls `ended` with the name of each phase that has ended: `validate`, `credit`,
    /// `facts`, `rules`, `settle`, `limits`, `award and postings`, `receipt`. Those from `facts` to `settle` come once for each partner who
    /// is credited. The engine has no clock, so a host that wants to know where the time goes reads its own.
    ///
    /// # Errors
    ///
    /// The errors of [`Program::decide`].
    pub fn decide_in_phases(
        &self,
        action: &Action,
        reference: &Reference,
        counters: &Counters,
        mut ended: impl FnMut(&'static str),
    ) -> Result<Decision, DecideError> {
        counters.check_program(&self.inner.terms.id)?;
        self.validate(action)?;
        ended("validate");
        Ok(decide::decide(self.view(), action, reference, counters, Options::default(), &mut ended))
    }

    /// Decides an action as [`Program::decide`] does, and lets `timer` run each rule by itself, on the facts that it runs on. The rules are
    /// interpreted. Components, and the rules of bonuses, which run at a close, are left out.
    ///
    /// # Errors
    ///
    /// The errors of [`Program::decide`].
    pub fn time_rules(
        &self,
        action: &Action,
        reference: &Reference,
        counters: &Counters,
        timer: &dyn RuleTimer,
    ) -> Result<Decision, DecideError> {
        counters.check_program(&self.inner.terms.id)?;
        self.validate(action)?;
        let view = ProgramView { timer: Some(timer), compiled: None, ..self.view() };
        Ok(decide::decide(view, action, reference, counters, Options::default(), &mut |_| ()))
    }

    /// Adjusts an action that was decided before: modifies it, takes it back whole or in part, adds late facts, or records what a person
    /// decides. Pure, like [`Program::decide`]. `action` and `decision` are the action and its decision as they stand; the result has
    /// both as they stand afterwards.
    ///
    /// Recording the result is applying its [`Decision::postings`], which are the difference to what the action counted before.
    /// [`Decision::history`] says what each partner's payout changed by.
    ///
    /// ```
    /// # use accrue::{Engine, Reference, Source, facts::{read_action, read_adjustment}};
    /// # let source = Source::from_files([
    /// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
    /// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"5%\"\nadd = \"5.00\"\n"),
    /// # ]);
    /// # let program = Engine::default().load(&source)?;
    /// # let mut counters = program.counters();
    /// # let reference = Reference::default();
    /// # let action = read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "150.00",
    /// #     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?;
    /// let decision = program.decide(&action, &reference, &counters, Default::default())?;
    /// counters.apply(&decision.postings)?;
    /// assert_eq!(decision.awards[0].payout.to_string(), "12.5");
    ///
    /// // Half of the order comes back, and so does half of what was paid for it.
    /// let back = r#"{"id": "r", "adjusts": "a", "kind": "reversal", "occurred_at": "2026-03-09T10:00:00Z", "amount": "75.00"}"#;
    /// let adjusted =
    ///     program.adjust(&read_adjustment(back)?, (&action, &decision), &reference, &counters, Default::default())?;
    /// counters.apply(&adjusted.decision.postings)?;
    /// assert_eq!(adjusted.decision.history[0].changes[0].by.to_string(), "-6.25");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AdjustError`] says why the adjustment is refused.
    pub fn adjust(
        &self,
        adjustment: &Adjustment,
        (action, decision): (&Action, &Decision),
        reference: &Reference,
        counters: &Counters,
        options: Options,
    ) -> Result<Adjusted, AdjustError> {
        counters.check_program(&self.inner.terms.id)?;
        decide::adjust(self.view(), adjustment, (action, decision), reference, counters, options)
    }

    /// Returns a test of a decision: a file of `tests/` with the facts that the decision read, the sums that were counted before, the
    /// action with what happened to it afterwards, and everything that is expected. It passes with this program.
    ///
    /// `subject` is the id of the action, or of the bonus, which the last of `happened` decides. Each of `happened` has the counters as
    /// they were before it. Pauses among `own`, the facts that the program's folder has already, are left out of the file: in a test,
    /// they apply besides those of the file.
    ///
    /// ```
    /// # use accrue::{Engine, Reference, Source, facts::read_action};
    /// use accrue::testcase::{Event, Happened};
    /// # let source = Source::from_files([
    /// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
    /// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
    /// # ]);
    /// # let program = Engine::default().load(&source)?;
    /// # let (reference, counters) = (Reference::default(), program.counters());
    /// # let action = read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "117.00",
    /// #     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?;
    /// let happened = [Happened { event: Event::Action(&action), before: &counters }];
    /// let test = program.test_case("a", &happened, &reference, &reference)?;
    /// assert!(test.to_toml()?.contains("payout = \"4.68\""));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TestCaseError`] when nothing decides the subject, or when it depends on more than what it read.
    pub fn test_case(
        &self,
        subject: &str,
        happened: &[Happened<'_>],
        reference: &Reference,
        own: &Reference,
    ) -> Result<TestCase, TestCaseError> {
        testcase::make(self.view(), subject, happened, (reference, own))
    }

    /// Decides many actions on the same counters, each as [`Program::decide`] does without a trace. The decisions are in the
    /// order of the actions.
    ///
    /// An action does not see what the others add to counters: see [`Program::decide_all`] for that.
    ///
    /// # Errors
    ///
    /// [`CounterError::ForeignCounters`] when the counters belong to another program. An action that cannot be decided has an
    /// error of its own in the list.
    pub fn decide_batch(
        &self,
        actions: &[Action],
        reference: &Reference,
        counters: &Counters,
    ) -> Result<Vec<Result<Decision, FactErrors>>, CounterError> {
        counters.check_program(&self.inner.terms.id)?;
        let decide = |action| {
            self.validate(action)?;
            Ok(decide::decide(self.view(), action, reference, counters, Options::default(), &mut |_| ()))
        };
        Ok(actions.iter().map(decide).collect())
    }

    /// Decides actions in the order of (occurred-at, id), whatever order they are given in, and records each decision before the
    /// next. The results come in that order.
    pub fn decide_all(
        &self,
        actions: &[Action],
        reference: &Reference,
        counters: &mut Counters,
    ) -> Vec<Decided> {
        let mut order: Vec<(usize, &Action)> = actions.iter().enumerate().collect();
        order.sort_by(|(_, a), (_, b)| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
        let mut decide = |action| {
            let decision = self.decide(action, reference, counters, Options::default())?;
            counters.apply(&decision.postings)?;
            Ok(decision)
        };
        order.into_iter().map(|(index, action)| Decided { index, decision: decide(action) }).collect()
    }

    pub(crate) fn view(&self) -> ProgramView<'_> {
        let Inner { terms, lookup, compiled, limits, .. } = &*self.inner;
        let marks = self.marks.as_deref();
        // Compiled rules do not tell which branch they took.
        let compiled = compiled.as_deref().filter(|_| marks.is_none());
        ProgramView { terms, lookup, limits, compiled, marks, reads: None, timer: None }
    }
}
