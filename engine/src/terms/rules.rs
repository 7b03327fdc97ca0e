//! Checks the expressions and rule files of one contract version, and records the names they use.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::account::Repeated;
use super::component::ComponentRule;
use super::expression::Expression;
use super::model::CountingRule;
use super::program::Declared;
use super::read::{At, Sink};
use super::source_files::{Files, RULES, Script};
use crate::diagnostic::{Diagnostics, Place, Span};
use crate::digest::Digest;
use crate::lang::{
    Base, Checked, Const, Env, Form, Phase, Rule, RuleSource, TotalAt, TotalName, Type, Used, check,
    check_any, check_number,
};
use crate::money::{Currency, RoundingMode};
use crate::period::Period;

/// The digits of the digest of a counting rule: 128 bits, so that no two rules have one digest.
const DIGEST_DIGITS: usize = 32;

/// Checks the rules of one contract version.
pub(super) struct Rules<'a, 's> {
    pub(super) files: &'a Files<'s>,
    pub(super) declared: &'a Declared,
    pub(super) params: IndexMap<String, Const>,
    /// The text that declares each parameter.
    pub(super) param_texts: IndexMap<String, String>,
    pub(super) totals: Vec<TotalName>,
    pub(super) currency: Currency,
    /// The mode of `round` in the rules that are checked next.
    pub(super) rounding: RoundingMode,
    /// The period of the bonus whose rules are checked next.
    pub(super) closing: Option<Period>,
    /// The earlier periods of totals that the rules of bonuses read.
    pub(super) read_at_close: BTreeSet<(String, TotalAt)>,
    /// The names that the rules used so far.
    pub(super) used: Used,
    /// The digest of what the check of a rule depends on besides its file and the program's declarations.
    pub(super) depends_on: Digest,
    /// The rule files that were used, with their phases.
    pub(super) scripts: BTreeSet<(String, Phase)>,
    /// The files of the rules and components that were used.
    pub(super) rule_files: BTreeSet<String>,
    /// The paths of the tables that were used.
    pub(super) tables: BTreeSet<String>,
    /// Whether every rule so far could be checked. Only then is an unused name really unused.
    pub(super) sound: bool,
}

impl Rules<'_, '_> {
    /// Checks an expression of this type.
    pub(super) fn expression(
        &mut self,
        at: &At<Expression>,
        phase: Phase,
        base: Base,
        sink: &mut Sink<'_>,
    ) -> Option<Arc<Rule>> {
        self.typed(at, phase, Type::known(base), sink).map(|script| script.rule)
    }

    /// Checks an expression of this type.
    pub(super) fn typed(
        &mut self,
        at: &At<Expression>,
        phase: Phase,
        ty: Type,
        sink: &mut Sink<'_>,
    ) -> Option<Script> {
        let form = Form::Expression(ty);
        self.inline(at, sink, |env, source, found| check(env, source, phase, form, found))
    }

    /// Checks an expression that says what a total counts.
    pub(super) fn counting(
        &mut self,
        at: &At<Expression>,
        phase: Phase,
        base: Base,
        sink: &mut Sink<'_>,
    ) -> Option<CountingRule> {
        let Script { rule, used } = self.typed(at, phase, Type::known(base), sink)?;
        let text = &at.value.text;
        let words = self.declared.functions.words(text);
        let param = |name: &String| Some([name.clone(), self.param_texts.get(name)?.clone()]);
        let params: Vec<[String; 2]> = used.params.iter().filter_map(param).collect();
        let parts = words.iter().chain(params.iter().flatten()).map(String::as_bytes);
        let mut digest = Digest::of_parts(parts).to_string();
        digest.truncate(DIGEST_DIGITS);
        Some(CountingRule { digest, text: text.trim().to_owned(), rule })
    }

    /// Checks an expression that gives an integer, a decimal or money.
    pub(super) fn number(
        &mut self,
        at: &At<Expression>,
        phase: Phase,
        sink: &mut Sink<'_>,
    ) -> Option<Arc<Rule>> {
        self.inline(at, sink, |env, source, found| check_number(env, source, phase, found))
            .map(|script| script.rule)
    }

    /// Checks an expression of any type, which may be unknown.
    pub(super) fn any(
        &mut self,
        at: &At<Expression>,
        phase: Phase,
        sink: &mut Sink<'_>,
    ) -> Option<Arc<Rule>> {
        self.inline(at, sink, |env, source, found| check_any(env, source, phase, found))
            .map(|script| script.rule)
    }

    fn inline(
        &mut self,
        at: &At<Expression>,
        sink: &mut Sink<'_>,
        check: impl FnOnce(&Env<'_>, &RuleSource<'_>, &mut Diagnostics) -> Option<Checked>,
    ) -> Option<Script> {
        let file = sink.file;
        let source = RuleSource { file, text: &at.value.text, offset: at.value.offset };
        let text = sink.text;
        self.take(sink, |env, found| {
            let mut inline = Diagnostics::new();
            let checked = check(env, &source, &mut inline);
            found.0.extend(inline.0.into_iter().map(|diagnostic| at.value.escape(diagnostic, text)));
            checked
        })
        .inspect(|Script { rule, used }| self.uses(rule, used))
    }

    /// Checks a rule file.
    pub(super) fn script(
        &mut self,
        path: &At<String>,
        phase: Phase,
        sink: &mut Sink<'_>,
    ) -> Option<Arc<Rule>> {
        let place = sink.place(path.span);
        let Some(text) = self.files.named(&path.value, place, &RULES, sink.out) else {
            self.sound = false;
            return None;
        };
        let key = (path.value.clone(), phase, self.rounding, self.closing, self.depends_on);
        let first = self.scripts.insert((path.value.clone(), phase));
        let known = self.files.scripts.borrow().get(&key).cloned();
        let script = match known {
            Some(script) => script,
            None => {
                let again = !self.files.checked.borrow_mut().insert(path.value.clone());
                let bytes = if again { text.len() } else { 0 };
                let place = sink.place(path.span);
                if !self.files.account.repeat(bytes, Repeated::RuleFiles, place, sink.out) {
                    self.sound = false;
                    return None;
                }
                let source = RuleSource { file: &path.value, text, offset: 0 };
                let script = self.take(sink, |env, found| check(env, &source, phase, Form::Script, found));
                self.files.scripts.borrow_mut().insert(key, script.clone());
                script
            }
        };
        let Some(Script { rule, used }) = script else {
            self.sound = false;
            return None;
        };
        if first {
            self.rule_files.insert(path.value.clone());
            self.uses(&rule, &used);
        }
        Some(rule)
    }

    /// Loads a component. Its facts cannot be observed, so everything that is declared counts as used.
    pub(super) fn component(
        &mut self,
        path: &At<String>,
        phase: Phase,
        sink: &mut Sink<'_>,
    ) -> Option<ComponentRule> {
        self.used.params.extend(self.params.keys().cloned());
        self.used.totals.extend(self.totals.iter().map(|total| total.name.clone()));
        let previous = self.totals.iter().filter(|total| total.period.is_calendar());
        self.used.earlier.extend(previous.map(|total| (total.name.clone(), TotalAt::Previous)));
        let place = sink.place(path.span);
        let Some(loaded) = self.files.component(&path.value, place, phase, sink.out) else {
            self.sound = false;
            return None;
        };
        self.rule_files.insert(path.value.clone());
        let params = self.params.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Some(ComponentRule {
            place: Place::new(path.value.clone(), Span::default()),
            phase,
            params,
            bytes: self.files.bytes(&path.value).len(),
            digest: self.files.digest(&path.value),
            loaded,
        })
    }

    /// Checks a rule, and takes what it spends.
    fn take(
        &mut self,
        sink: &mut Sink<'_>,
        check: impl FnOnce(&Env<'_>, &mut Diagnostics) -> Option<Checked>,
    ) -> Option<Script> {
        // Names that a broken program file may declare would all be reported as unknown; want of room is reported already.
        if !self.declared.whole || !self.files.goes_on(sink.out) {
            self.sound = false;
            return None;
        }
        let env = Env {
            event_types: self.declared.event_types.keys().map(String::as_str).collect(),
            attributes: &self.declared.attributes,
            lists: &self.declared.lists,
            reasons: &self.declared.reasons,
            params: &self.params,
            totals: &self.totals,
            functions: &self.declared.functions,
            currency: self.currency,
            rounding: self.rounding,
            closing: self.closing,
            several_currencies: sink.currencies.len() > 1,
            limits: sink.limits,
        };
        let mut found = Diagnostics::new();
        let checked = check(&env, &mut found);
        for diagnostic in found.0 {
            sink.push(diagnostic);
        }
        let Some(Checked { mut rule, used, nodes }) = checked else {
            self.sound = false;
            return None;
        };
        let shared = rule.text_bytes.saturating_sub(rule.place.span.range().len());
        let account = &self.files.account;
        let fits = account.repeat(shared, Repeated::Functions, rule.place.clone(), sink.out)
            && account.rule(nodes, rule.place.clone(), sink.out);
        if !fits {
            self.sound = false;
            return None;
        }
        rule.number = self.files.next_rule();
        Some(Script { rule: Arc::new(rule), used: Arc::new(used) })
    }

    /// Records the names and files that a rule uses.
    fn uses(&mut self, rule: &Rule, used: &Used) {
        self.rule_files.extend(rule.shared.iter().map(|part| part.file().to_owned()));
        if self.closing.is_some() {
            self.read_at_close.extend(used.earlier.iter().cloned());
            self.used.extend(&Used { earlier: BTreeSet::new(), ..used.clone() });
        } else {
            self.used.extend(used);
        }
    }
}
