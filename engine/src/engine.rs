//! The face of the engine: a program's source enters, a checked [`Program`] leaves, and the program decides actions.
//!
//! ```text
//! Engine::new(limits).load(&source) -> Program
//! Program::decide(action, reference, totals) -> Decision        // pure
//! Program::record(totals, action, decision)                     // moves the totals on
//! ```

use std::sync::Arc;

use thiserror::Error;

use crate::counters::Totals;
use crate::decide::{self, Decision, Desk, Plan, validate_action};
use crate::diagnostic::Diagnostics;
use crate::digest::Digest;
use crate::facts::{Action, FactErrors, Reference};
#[cfg(feature = "sandbox")]
use crate::lang::Rule;
use crate::limits::Limits;
#[cfg(feature = "sandbox")]
use crate::native::{CompiledProgram, ModuleCache, RuleModule};
use crate::runtime::Runtime;
#[cfg(feature = "sandbox")]
use crate::terms::Version;
use crate::terms::{self, Source, Terms};
use crate::time::Timestamp;

/// Loads programs. Holds the limits that apply to what it loads and to what that decides, and the sandbox of compiled
/// rules and components, which all of its programs share.
#[derive(Clone, Debug)]
pub struct Engine {
    limits: Arc<Limits>,
    runtime: Runtime,
    #[cfg(feature = "sandbox")]
    compiles: bool,
}

impl Engine {
    /// An engine with these limits. It compiles rules to native code where the machine can run that, and interprets them
    /// otherwise.
    pub fn new(limits: Limits) -> Self {
        Self {
            runtime: Runtime::new(&limits),
            limits: Arc::new(limits),
            #[cfg(feature = "sandbox")]
            compiles: true,
        }
    }

    /// An engine that interprets rules: slower, and the same to the byte. Components run as they always do.
    pub fn portable(limits: Limits) -> Self {
        Self {
            runtime: Runtime::new(&limits),
            limits: Arc::new(limits),
            #[cfg(feature = "sandbox")]
            compiles: false,
        }
    }

    /// An engine whose compiled rules and components run in this sandbox, which may serve any number of engines: one for
    /// each set of limits, say, or one whose native code is kept in a directory.
    ///
    /// A component has no more memory than the sandbox grants, whatever these limits say.
    #[cfg(feature = "sandbox")]
    pub fn with_sandbox(limits: Limits, sandbox: accrue_sandbox::Sandbox) -> Self {
        Self { limits: Arc::new(limits), runtime: Runtime::of(sandbox), compiles: true }
    }

    /// The sandbox of compiled rules and components. A host that wants components to have a deadline besides their fuel
    /// has it tick: see [`Sandbox::start_ticker`](accrue_sandbox::Sandbox::start_ticker).
    ///
    /// # Errors
    ///
    /// When this machine cannot run it.
    #[cfg(feature = "sandbox")]
    pub fn sandbox(&self) -> Result<&accrue_sandbox::Sandbox, accrue_sandbox::SandboxError> {
        self.runtime.sandbox()
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Reads and checks a program. What is wrong with it is returned with its places; what is merely doubtful is
    /// in [`Program::warnings`].
    pub fn load(&self, source: &Source) -> Result<Program, Diagnostics> {
        let (terms, diagnostics) = terms::load(source, &self.limits, &self.runtime);
        match terms {
            Some(terms) if !diagnostics.has_errors() => Ok(self.program(terms, diagnostics)),
            _ => Err(diagnostics),
        }
    }

    /// Compiles single rules of a version of some terms, which may be others than the version's own, each with so much
    /// fuel for one run; `None` where this machine runs no compiled rules.
    #[cfg(feature = "sandbox")]
    pub fn compile_rules(
        &self,
        terms: &Terms,
        version: &Version,
        rules: &[&Rule],
        rule_fuel: u64,
    ) -> Option<RuleModule> {
        RuleModule::new(self.modules()?, terms, version, rules, rule_fuel)
    }

    /// Where rules are compiled to, if they are and this machine can run that.
    #[cfg(feature = "sandbox")]
    fn modules(&self) -> Option<&Arc<ModuleCache>> {
        if self.compiles { self.runtime.modules() } else { None }
    }

    /// A program of terms that were loaded and checked.
    fn program(&self, terms: Terms, warnings: Diagnostics) -> Program {
        Program {
            inner: Arc::new(Inner {
                plan: Plan::new(&terms),
                #[cfg(feature = "sandbox")]
                compiled: self
                    .modules()
                    .map(|modules| CompiledProgram::new(modules, &terms, self.limits.rule_fuel)),
                terms,
                limits: Arc::clone(&self.limits),
                warnings,
            }),
        }
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

/// A checked program, ready to decide. Cheap to clone, and shared freely between threads.
#[derive(Clone, Debug)]
pub struct Program {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    terms: Terms,
    plan: Plan,
    #[cfg(feature = "sandbox")]
    compiled: Option<CompiledProgram>,
    limits: Arc<Limits>,
    warnings: Diagnostics,
}

/// An action that comes before one that was recorded already. Totals are kept in the order of (occurred-at, id).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "action `{action}` of {occurred_at} does not come after action `{last_action}` of {last_occurred_at}, which is \
     recorded already"
)]
pub struct OutOfOrder {
    /// The action that came too late.
    pub action: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The last action recorded.
    pub last_action: String,
    /// When that one happened.
    pub last_occurred_at: Timestamp,
}

/// Why an action could not be decided or recorded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecideError {
    /// The action is not what the program's declarations ask for.
    #[error(transparent)]
    Facts(#[from] FactErrors),
    /// The action comes before one that was recorded already, or has the same id and moment.
    #[error(transparent)]
    OutOfOrder(#[from] OutOfOrder),
}

/// What became of one action of [`Program::decide_all`].
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// Its index in the actions that were given.
    pub index: usize,
    /// Its decision, or why there is none.
    pub decision: Result<Decision, DecideError>,
}

impl Program {
    /// What the brand has declared.
    pub fn terms(&self) -> &Terms {
        &self.inner.terms
    }

    /// The limits that hold for each evaluation.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Whether all of its rules run as native code. Those of a program that has megabytes of them or more than a thousand
    /// contract versions are interpreted beyond that, those that stand beside a component, next to whose cost theirs does not
    /// count, and those of a program that is loaded while the engine has as many modules as its sandbox grants. The decisions
    /// are the same either way.
    pub fn is_compiled(&self) -> bool {
        #[cfg(feature = "sandbox")]
        return self.inner.compiled.as_ref().is_some_and(CompiledProgram::is_whole);
        #[cfg(not(feature = "sandbox"))]
        false
    }

    /// What is probably not meant as it is written.
    pub fn warnings(&self) -> &Diagnostics {
        &self.inner.warnings
    }

    /// Digest over every source file.
    pub fn digest(&self) -> Digest {
        self.inner.terms.digest
    }

    /// Totals of which nothing has been recorded. They belong to this program.
    pub fn totals(&self) -> Totals {
        Totals::new(&self.inner.terms.meters)
    }

    /// Decides an action. Pure: the same action, facts and totals give the same decision, byte for byte.
    ///
    /// The totals are read as they stand at the action's moment. An action that occurred in a calendar period before
    /// the one they are in finds that period empty; [`Program::record`] does not take such an action.
    pub fn decide(
        &self,
        action: &Action,
        reference: &Reference,
        totals: &Totals,
    ) -> Result<Decision, FactErrors> {
        self.decide_with(action, reference, totals, false)
    }

    /// [`Program::decide`] with a trace of every rule considered. The decision is the same but for the trace.
    pub fn explain(
        &self,
        action: &Action,
        reference: &Reference,
        totals: &Totals,
    ) -> Result<Decision, FactErrors> {
        self.decide_with(action, reference, totals, true)
    }

    fn decide_with(
        &self,
        action: &Action,
        reference: &Reference,
        totals: &Totals,
        trace: bool,
    ) -> Result<Decision, FactErrors> {
        validate_action(action, &self.inner.terms, &self.inner.limits)?;
        Ok(decide::decide(self.desk(), action, reference, totals, trace))
    }

    /// Decides many actions on the same totals, each as [`Program::decide`] does, in the order given. Compiled rules run on
    /// all actions of a contract version in one call.
    ///
    /// What one of the actions adds to totals is not seen by the others: see [`Program::decide_all`] for that.
    pub fn decide_batch(
        &self,
        actions: &[Action],
        reference: &Reference,
        totals: &Totals,
    ) -> Vec<Result<Decision, FactErrors>> {
        let inner = &*self.inner;
        let admitted: Vec<Result<&Action, FactErrors>> = actions
            .iter()
            .map(|action| validate_action(action, &inner.terms, &inner.limits).map(|()| action))
            .collect();
        let fit: Vec<&Action> = admitted.iter().filter_map(|action| action.as_ref().ok().copied()).collect();
        #[cfg(feature = "sandbox")]
        let decisions = decide::decide_batch(self.desk(), &fit, reference, totals);
        #[cfg(not(feature = "sandbox"))]
        let decisions: Vec<Decision> =
            fit.iter().map(|action| decide::decide(self.desk(), action, reference, totals, false)).collect();
        let mut decisions = decisions.into_iter();
        admitted.into_iter().filter_map(|action| action.map(|_| decisions.next()).transpose()).collect()
    }

    /// Decides actions in the order of (occurred-at, id), whatever the order they are given in, and records each
    /// before the next. The answers come in that order.
    pub fn decide_all(&self, actions: &[Action], reference: &Reference, totals: &mut Totals) -> Vec<Decided> {
        let mut order: Vec<(usize, &Action)> = actions.iter().enumerate().collect();
        order.sort_by(|(_, a), (_, b)| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
        order
            .into_iter()
            .map(|(index, action)| Decided {
                index,
                decision: self.decide_and_record(action, reference, totals),
            })
            .collect()
    }

    fn decide_and_record(
        &self,
        action: &Action,
        reference: &Reference,
        totals: &mut Totals,
    ) -> Result<Decision, DecideError> {
        in_order(totals, action)?;
        let decision = self.decide(action, reference, totals)?;
        self.record(totals, action, &decision)?;
        Ok(decision)
    }

    /// Adds a decided action to the totals. (occurred-at, id) must rise from one call to the next.
    pub fn record(
        &self,
        totals: &mut Totals,
        action: &Action,
        decision: &Decision,
    ) -> Result<(), OutOfOrder> {
        in_order(totals, action)?;
        decide::record(self.desk(), totals, action, decision);
        Ok(())
    }

    pub(crate) fn desk(&self) -> Desk<'_> {
        let inner = &*self.inner;
        Desk {
            terms: &inner.terms,
            plan: &inner.plan,
            limits: &inner.limits,
            #[cfg(feature = "sandbox")]
            compiled: inner.compiled.as_ref(),
        }
    }
}

fn in_order(totals: &Totals, action: &Action) -> Result<(), OutOfOrder> {
    match totals.last() {
        Some((last_occurred_at, last_action))
            if (action.occurred_at, action.id.as_str()) <= (last_occurred_at, last_action) =>
        {
            Err(OutOfOrder {
                action: action.id.clone(),
                occurred_at: action.occurred_at,
                last_action: last_action.to_owned(),
                last_occurred_at,
            })
        }
        _ => Ok(()),
    }
}
