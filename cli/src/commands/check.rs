//! `accrue check`: shows what is wrong with a program, what is in it and what its rules may cost.

use accrue::diagnostic::{Diagnostics, Place, Severity, line_column};
use accrue::lang::{Phase, Rule};
use accrue::limits::Limits;
use accrue::terms::{Anchor, ComponentRule, Group, Pays, Terms, Version};
use accrue::{Engine, Program};
use serde_json::{Value, json};

use crate::args::Check;
use crate::exit::{Exit, Failure};
use crate::output::bundle;
use crate::output::diagnostics::{diagnostics_json, faults, place_json, tally};
use crate::output::format::{heading, interval, plural, table, thousands};
use crate::output::terminal::{BOLD, DIM, GREEN, RED, RESET, YELLOW, clean, say, say_json, tell};
use crate::source::folder::Folder;
use crate::source::reference::{FactFault, read_reference};
use crate::source::test_reader::read_tests;

/// What was found in a program.
struct Found {
    folder: Folder,
    diagnostics: Diagnostics,
    facts: Vec<FactFault>,
    tests: usize,
    program: Option<Program>,
}

/// Runs the command.
pub(crate) fn run(args: &Check) -> Result<Exit, Failure> {
    let engine = Engine::default();
    let mut folder = Folder::open(&args.program, &args.trust, engine.limits())?;
    let (program, mut diagnostics) = match folder.check(&engine)? {
        Ok(program) => {
            let warnings = program.warnings().clone();
            (Some(program), warnings)
        }
        Err(diagnostics) => (None, diagnostics),
    };
    let (_, facts) = read_reference(None, &folder, engine.limits())?;
    let (tests, of_tests) = read_tests(&mut folder, engine.limits())?;
    of_tests.0.into_iter().for_each(|diagnostic| diagnostics.push(diagnostic));
    let tests = tests.iter().map(|(_, file)| file.tests.len()).sum();
    let found = Found { folder, diagnostics, facts, tests, program };
    if args.json {
        say_json(&found.json(engine.limits()))?;
    } else {
        tell(&faults(&found.diagnostics, &found.facts, &found.folder));
        say(&found.text(engine.limits()))?;
    }
    let warned = args.deny_warnings && found.diagnostics.iter().any(|d| d.severity == Severity::Warning);
    Ok(if found.faulty() || warned { Exit::Faults } else { Exit::Ok })
}

impl Found {
    fn faulty(&self) -> bool {
        self.diagnostics.has_errors() || !self.facts.is_empty() || self.program.is_none()
    }

    fn text(&self, limits: &Limits) -> String {
        let mut text = String::new();
        if let Some(bundle) = &self.folder.bundle {
            text.push_str(&bundle::describe(bundle));
        }
        if let Some(program) = &self.program {
            text.push_str(&self.program_text(program.terms(), limits));
        }
        let color = match (self.faulty(), self.diagnostics.0.is_empty()) {
            (true, _) => RED,
            (false, false) => YELLOW,
            (false, true) => GREEN,
        };
        text.push_str(&format!("{color}{}: {}", self.folder.name, tally(&self.diagnostics)));
        if !self.facts.is_empty() {
            text.push_str(&format!(", {} in its facts", plural(self.facts.len() as u64, "error")));
        }
        text.push_str(&format!("{RESET}\n"));
        text
    }

    fn program_text(&self, terms: &Terms, limits: &Limits) -> String {
        let mut text = format!("{BOLD}{}{RESET} ({})\n", clean(&terms.name), clean(&terms.id));
        text.push_str(&format!(
            "{DIM}{}, days of {}, {}, digest {}{RESET}\n\n",
            terms.currency,
            terms.zone.name(),
            plural(self.tests as u64, "test"),
            terms.digest.short()
        ));
        text.push_str(&heading("Contracts"));
        let header =
            ["Contract", "Version", "In force", "Partners", "Terms of", "Restrictions", "Groups", "Limits"];
        text.push_str(&table(&header, &[1, 5, 6, 7], contract_rows(terms)));
        let rules = rules(terms);
        if !rules.is_empty() {
            let title = format!(
                "\nRules, and the fuel that each may use at most, of {}",
                thousands(limits.rule_fuel)
            );
            text.push_str(&heading(&title));
            let rows = rules.iter().map(|rule| self.rule_row(rule, limits));
            text.push_str(&table(&["Rule", "Phase", "Where", "Worst case", "Share"], &[3, 4], rows));
        }
        let components = components(terms);
        if !components.is_empty() {
            let title = format!(
                "\nComponents, each with at most {} of fuel for an evaluation",
                thousands(limits.component_fuel)
            );
            text.push_str(&heading(&title));
            let rows = components.iter().map(|(name, component)| {
                let phase = phase_words(component.phase).to_owned();
                let bytes = thousands(component.bytes as u64);
                vec![name.clone(), phase, component.place.file.clone(), bytes]
            });
            text.push_str(&table(&["Component", "Phase", "File", "Bytes"], &[3], rows));
        }
        text.push_str(&heading("\nLimits in force"));
        let rows = limits
            .list()
            .into_iter()
            .map(|limit| vec![limit.name.to_owned(), thousands(limit.at_most), limit.of.to_owned()]);
        text.push_str(&table(&["Limit", "At most", "Of"], &[1], rows));
        text.push('\n');
        text
    }

    fn rule_row(&self, rule: &Named<'_>, limits: &Limits) -> Vec<String> {
        let place = self.place(&rule.rule.place);
        let worst = rule.rule.worst_fuel;
        let tenths = worst.saturating_mul(1000) / limits.rule_fuel.max(1);
        vec![
            rule.name.clone(),
            phase_words(rule.rule.phase).to_owned(),
            place,
            thousands(worst),
            format!("{}.{}%", tenths / 10, tenths % 10),
        ]
    }

    fn place(&self, place: &Place) -> String {
        let line = self.folder.source.text(&place.file).map(|text| line_column(text, place.span.start).0);
        line.map_or_else(|| place.file.clone(), |line| format!("{}:{line}", place.file))
    }

    fn json(&self, limits: &Limits) -> Value {
        let count = |severity| self.diagnostics.iter().filter(|d| d.severity == severity).count();
        let limits: serde_json::Map<String, Value> =
            limits.list().into_iter().map(|limit| (limit.name.to_owned(), json!(limit.at_most))).collect();
        json!({
            "ok": !self.faulty(),
            "errors": count(Severity::Error) + self.facts.len(),
            "warnings": count(Severity::Warning),
            "diagnostics": diagnostics_json(&self.diagnostics, &self.folder.source),
            "facts": self.facts,
            "program": self.program.as_ref().map(|program| self.program_json(program.terms())),
            "limits": limits,
            "bundle": self.folder.bundle.as_ref().map(bundle::json),
        })
    }

    fn program_json(&self, terms: &Terms) -> Value {
        let versions = |versions: &[Version]| -> Vec<Value> {
            let version = |version: &Version| {
                json!({
                    "version": version.number,
                    "file": version.file,
                    "effective": version.effective,
                    "partners": { "ids": version.partners.ids, "groups": version.partners.groups },
                    "anchor": version.anchor,
                    "currency": version.currency,
                    "restrictions": version.restrictions.len(),
                    "groups": version.payout.groups.len(),
                    "limits": version.limits.len(),
                    "digest": version.digest,
                })
            };
            versions.iter().map(version).collect()
        };
        let contracts: Vec<Value> = terms
            .contracts
            .iter()
            .map(|contract| json!({ "contract": contract.name, "versions": versions(&contract.versions) }))
            .collect();
        let rules: Vec<Value> = rules(terms)
            .iter()
            .map(|named| {
                let rule = named.rule;
                json!({
                    "rule": named.name,
                    "phase": rule.phase,
                    "place": place_json(&rule.place, &self.folder.source),
                    "worst_fuel": rule.worst_fuel,
                })
            })
            .collect();
        let components: Vec<Value> = components(terms)
            .iter()
            .map(|(name, component)| {
                json!({
                    "component": name,
                    "phase": component.phase,
                    "file": component.place.file,
                    "bytes": component.bytes,
                })
            })
            .collect();
        json!({
            "id": terms.id,
            "name": terms.name,
            "currency": terms.currency,
            "time_zone": terms.zone.name(),
            "digest": terms.digest,
            "contracts": contracts,
            "rules": rules,
            "components": components,
            "tests": self.tests,
        })
    }
}

fn contract_rows(terms: &Terms) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for contract in &terms.contracts {
        for version in &contract.versions {
            let anchor = match version.anchor {
                Anchor::Click => "click",
                Anchor::Event => "event",
                Anchor::Submission => "submission",
            };
            rows.push(vec![
                contract.name.clone(),
                version.number.to_string(),
                interval(version.effective, terms.zone),
                partners(version),
                anchor.to_owned(),
                version.restrictions.len().to_string(),
                version.payout.groups.len().to_string(),
                version.limits.len().to_string(),
            ]);
        }
    }
    rows
}

/// Returns the partners of a version in a few words.
fn partners(version: &Version) -> String {
    if version.partners.is_everyone() {
        return "everybody else".to_owned();
    }
    let ids = version.partners.ids.iter().cloned();
    let groups = version.partners.groups.iter().map(|group| format!("group {group}"));
    let names: Vec<String> = ids.chain(groups).collect();
    match names.get(..3) {
        Some(first) if names.len() > 3 => format!("{} and {} more", first.join(", "), names.len() - 3),
        _ => names.join(", "),
    }
}

/// A rule and its name in the tables.
struct Named<'a> {
    name: String,
    rule: &'a Rule,
}

/// Returns every rule of every version, the rule with the highest worst case first.
fn rules(terms: &Terms) -> Vec<Named<'_>> {
    let mut rules = Vec::new();
    for contract in &terms.contracts {
        for version in &contract.versions {
            let of = format!("{} {}", contract.name, version.number);
            let amount = &version.amount;
            let amounts = [
                ("amount of the order", &amount.order),
                ("amount of an item", &amount.item),
                ("spread", &amount.spread),
            ];
            for (name, rule) in amounts {
                rules.extend(rule.as_ref().map(|rule| Named { name: format!("{of}: {name}"), rule }));
            }
            for restriction in &version.restrictions {
                let named = |rule| Named { name: format!("{of}: {}", restriction.name), rule };
                rules.extend(restriction.body.rule().map(named));
            }
            for group in version.payout.groups.iter().chain(&version.payout.default) {
                rules.extend(group_rules(group, &of));
            }
        }
    }
    rules.sort_by_key(|named| std::cmp::Reverse(named.rule.worst_fuel));
    rules
}

/// Returns every component of every version, with its name in the tables.
fn components(terms: &Terms) -> Vec<(String, &ComponentRule)> {
    let mut components = Vec::new();
    for contract in &terms.contracts {
        for version in &contract.versions {
            let of = format!("{} {}", contract.name, version.number);
            components.extend(version.components().map(|(name, of_it)| (format!("{of}: {name}"), of_it)));
        }
    }
    components
}

fn group_rules<'a>(group: &'a Group, of: &str) -> impl Iterator<Item = Named<'a>> {
    let named = |part: &str, rule| Named { name: format!("{of}: {}{part}", group.name), rule };
    let pays = match &group.pays {
        Pays::Fixed(_) | Pays::Component(_) => None,
        Pays::Bands { by, .. } => Some(named(", by", by)),
        Pays::Script(rule) => Some(named("", rule)),
    };
    group.when.iter().map(move |rule| named(", when", rule)).collect::<Vec<_>>().into_iter().chain(pays)
}

fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::OrderAmount | Phase::ItemAmount => "amount",
        Phase::Restrict => "restrict",
        Phase::PayOrder => "pay",
        Phase::PayItem => "pay per item",
    }
}
