//! `accrue check`: shows the errors of a program, its contents, and the worst-case cost of its rules.

use accrue::analyse::{Analysis, DraftComparison, Weight};
use accrue::decide::{AfterClose, Anchor, Phase};
use accrue::diagnostic::{Diagnostics, Place, Severity};
use accrue::limits::{Limits, Spent};
use accrue::overview::{
    ContractOverview, PartnersOverview, ProgramOverview, RuleOverview, TotalOverview, VersionOverview,
};
use accrue::time::Zone;
use accrue::{Engine, Program};
use accrue_history::FactFault;
use serde_json::{Value, json};

use crate::args::Check;
use crate::exit::{Exit, Failure};
use crate::output::bundle;
use crate::output::diagnostics::{Texts, diagnostics_json, faults, place_json, tally};
use crate::output::findings::{
    comparison_json, comparison_text, findings_json, findings_tally, findings_text,
};
use crate::output::format::{heading, interval, plural, thousands};
use crate::output::table::{number, table, text};
use crate::output::terminal::{BOLD, DIM, GREEN, RED, RESET, YELLOW, clean, say, say_json, tell};
use crate::source::folder::{Folder, start_ticker};
use crate::source::program_tests::read_tests;
use crate::source::reference::check_reference;

/// The most rules that are listed for people: a table of a program may have thousands.
const RULES_SHOWN: usize = 20;

/// What was found in a program.
struct Found {
    folder: Folder,
    diagnostics: Diagnostics,
    facts: Vec<FactFault>,
    tests: usize,
    program: Option<Program>,
    analysis: Option<Analysis>,
    comparison: Option<DraftComparison>,
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
    let (mut analysis, mut comparison) = (None, None);
    let current = match &args.against {
        Some(path) => Some(Folder::open(path, &args.trust, engine.limits())?.program(&engine)?),
        None => None,
    };
    let facts = match check_reference(None, &folder, program.as_ref(), engine.limits())? {
        Ok(reference) => {
            let deep = program.as_ref().filter(|_| args.deep);
            deep.into_iter().for_each(|program| start_ticker(program, &engine));
            analysis = deep.map(|program| program.analyse(&reference));
            comparison =
                program.as_ref().zip(current).map(|(draft, current)| draft.compare(&current, &reference));
            let of_facts = program.as_ref().and_then(|program| program.check_reference(&reference).ok());
            diagnostics.0.extend(of_facts.unwrap_or_default().0);
            Vec::new()
        }
        Err(faults) => faults,
    };
    let (files, of_tests) = read_tests(&mut folder, engine.limits())?.into_parts();
    of_tests.0.into_iter().for_each(|diagnostic| diagnostics.push(diagnostic));
    let tests = files.iter().map(|file| file.tests.len()).sum();
    let found = Found { folder, diagnostics, facts, tests, program, analysis, comparison };
    if args.json {
        say_json(&found.json(engine.limits()))?;
    } else {
        tell(&faults(&found.diagnostics, &found.facts, &found.folder));
        if let Some(analysis) = &found.analysis {
            say(&findings_text(analysis, &found.folder))?;
        }
        if let Some(comparison) = &found.comparison {
            say(&comparison_text(comparison))?;
        }
        say(&found.text(engine.limits(), args.limits))?;
    }
    let deep = found.analysis.iter().flat_map(|analysis| &analysis.findings);
    let warned = args.deny_warnings
        && (found.diagnostics.iter().any(|d| d.severity == Severity::Warning)
            || deep.into_iter().any(|finding| finding.weight == Weight::Warning));
    Ok(if found.faulty() || warned { Exit::Faults } else { Exit::Ok })
}

impl Found {
    fn faulty(&self) -> bool {
        self.diagnostics.has_errors() || !self.facts.is_empty() || self.program.is_none()
    }

    fn text(&self, limits: &Limits, with_limits: bool) -> String {
        let mut text = String::new();
        if let Some(bundle) = &self.folder.bundle {
            text.push_str(&bundle::describe(bundle));
        }
        if let Some(program) = &self.program {
            text.push_str(&self.program_text(program, limits));
        }
        if with_limits {
            text.push_str(&limits_text(limits));
        }
        let color = match (self.faulty(), self.diagnostics.0.is_empty()) {
            (true, _) => RED,
            (false, false) => YELLOW,
            (false, true) => GREEN,
        };
        text.push_str(&format!("{color}{}: {}", clean(&self.folder.name), tally(&self.diagnostics)));
        if !self.facts.is_empty() {
            text.push_str(&format!(", {} in its facts", plural(self.facts.len() as u64, "error")));
        }
        if let Some(analysis) = &self.analysis {
            text.push_str(&format!("; {}", findings_tally(analysis)));
        }
        text.push_str(&format!("{RESET}\n"));
        text
    }

    fn program_text(&self, program: &Program, limits: &Limits) -> String {
        let overview = program.overview();
        let mut out = format!("{BOLD}{}{RESET} ({})\n", clean(program.name()), clean(program.id()));
        out.push_str(&format!(
            "{DIM}{}, days of {}, {}, digest {}{RESET}\n\n",
            program.currency(),
            program.zone().name(),
            plural(self.tests as u64, "test"),
            program.digest().short()
        ));
        out.push_str(&heading("Contracts"));
        let columns = [
            text("Contract"),
            number("Version").rank(1),
            text("In force"),
            text("Partners"),
            text("Terms of").rank(3),
            number("Restrictions").rank(2),
            number("Groups").rank(2),
            number("Limits").rank(2),
        ];
        out.push_str(&table(&columns, contract_rows(&overview, program.zone())));
        let totals = total_rows(&overview);
        if !totals.is_empty() {
            out.push_str(&heading("\nTotals"));
            let columns = [
                text("Contract"),
                text("Total"),
                text("Per").rank(1),
                text("Period"),
                text("Counts").rank(2),
            ];
            out.push_str(&table(&columns, totals));
        }
        let bonuses = bonus_rows(&overview);
        if !bonuses.is_empty() {
            out.push_str(&heading("\nBonuses"));
            let columns = [
                text("Contract"),
                text("Version").rank(3),
                text("Bonus"),
                text("Period"),
                text("Pays"),
                text("Of").rank(2),
                text("After the close").rank(1),
            ];
            out.push_str(&table(&columns, bonuses));
        }
        let title = format!(
            "\nA decision at worst, of {} fuel and {} steps",
            thousands(limits.decision_fuel),
            thousands(limits.decision_steps)
        );
        out.push_str(&heading(&title));
        let columns = [
            text("Contract"),
            number("Version").rank(1),
            number("Fuel, 1 item"),
            number("Steps, 1 item").rank(2),
            number("Fuel, largest"),
            number("Steps, largest").rank(2),
        ];
        out.push_str(&table(&columns, worst_rows(&overview)));
        let mut versions = overview.contracts.iter().flat_map(|contract| &contract.versions);
        let is_over = |version: &VersionOverview| {
            version.worst.fuel > limits.decision_fuel || version.worst.steps > limits.decision_steps
        };
        if versions.any(is_over) {
            out.push_str(&format!(
                "{DIM}An action that would take more is held, and its reason names the limit.{RESET}\n"
            ));
        }
        if !overview.rules.is_empty() {
            let title = format!(
                "\nRules, and the fuel that each may use at most, of {}",
                thousands(limits.rule_fuel)
            );
            out.push_str(&heading(&title));
            let texts = Texts::new(&self.folder.source);
            let shown = overview.rules.iter().take(RULES_SHOWN);
            let rows = shown.map(|rule| Self::rule_row(rule, &texts, limits));
            let columns = [
                text("Rule"),
                text("Phase").rank(2),
                text("Where").rank(1),
                number("Worst case").rank(3),
                number("Share"),
            ];
            out.push_str(&table(&columns, rows));
            if let Some(more) = overview.rules.len().checked_sub(RULES_SHOWN).filter(|more| *more > 0) {
                out.push_str(&format!(
                    "{DIM}and {}; `--json` lists all{RESET}\n",
                    plural(more as u64, "cheaper rule")
                ));
            }
        }
        out.push_str(&interpreted_text(&overview));
        if !overview.components.is_empty() {
            let title = format!(
                "\nComponents, each with at most {} of fuel for an evaluation",
                thousands(limits.component_fuel)
            );
            out.push_str(&heading(&title));
            let rows = overview.components.iter().map(|it| {
                let phase = phase_words(it.phase).to_owned();
                vec![it.component.clone(), phase, it.file.clone(), thousands(it.bytes as u64)]
            });
            let columns =
                [text("Component"), text("Phase").rank(1), text("File").rank(2), number("Bytes").rank(3)];
            out.push_str(&table(&columns, rows));
        }
        out.push_str(&spent_text(&overview.spent));
        out.push('\n');
        out
    }

    fn rule_row(rule: &RuleOverview, texts: &Texts<'_>, limits: &Limits) -> Vec<String> {
        let place = match &rule.cell {
            Some(cell) => format!("{}:{}", cell.file, cell.row),
            None => Self::place(&rule.place, texts),
        };
        let worst = rule.worst_fuel;
        let tenths = worst.saturating_mul(1000) / limits.rule_fuel.max(1);
        vec![
            rule.rule.clone(),
            phase_words(rule.phase).to_owned(),
            place,
            thousands(worst),
            format!("{}.{}%", tenths / 10, tenths % 10),
        ]
    }

    fn place(place: &Place, texts: &Texts<'_>) -> String {
        texts.line(place).map_or_else(|| place.file.clone(), |line| format!("{}:{line}", place.file))
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
            "program": self.program.as_ref().map(|program| self.program_json(program)),
            "limits": limits,
            "deep": self.analysis.as_ref().map(|analysis| findings_json(analysis, &self.folder)),
            "against": self.comparison.as_ref().map(comparison_json),
            "bundle": self.folder.bundle.as_ref().map(bundle::json),
        })
    }

    fn program_json(&self, program: &Program) -> Value {
        let overview = program.overview();
        let texts = Texts::new(&self.folder.source);
        let rule = |rule: &RuleOverview| {
            json!({
                "rule": rule.rule,
                "phase": rule.phase,
                "place": place_json(&rule.place, &texts),
                "cell": rule.cell,
                "worst_fuel": rule.worst_fuel,
            })
        };
        json!({
            "id": program.id(),
            "name": program.name(),
            "currency": program.currency(),
            "time_zone": program.zone().name(),
            "digest": program.digest(),
            "contracts": overview.contracts,
            "rules": overview.rules.iter().map(rule).collect::<Vec<_>>(),
            "components": overview.components,
            "spent": overview.spent,
            "tests": self.tests,
        })
    }
}

/// Returns the table of the engine's limits.
fn limits_text(limits: &Limits) -> String {
    let rows = limits
        .list()
        .into_iter()
        .map(|limit| vec![limit.name.to_owned(), thousands(limit.at_most), limit.of.to_owned()]);
    let table = table(&[text("Limit"), number("At most"), text("Of").rank(1)], rows);
    format!("{}{table}\n", heading("Limits of the engine"))
}

/// Returns what loading the program took of each limit of which it took anything.
fn spent_text(spent: &[Spent]) -> String {
    let rows = spent.iter().filter(|of| of.spent > 0).map(|of| {
        let tenths = of.spent.saturating_mul(1000) / of.at_most.max(1);
        vec![
            of.limit.to_owned(),
            thousands(of.spent),
            thousands(of.at_most),
            format!("{}.{}%", tenths / 10, tenths % 10),
        ]
    });
    let columns = [text("Limit"), number("Spent"), number("At most").rank(1), number("Share")];
    format!("\n{}{}", heading("What loading the program takes of the limits"), table(&columns, rows))
}

/// Returns which versions are interpreted and why, one line for each reason.
fn interpreted_text(overview: &ProgramOverview) -> String {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for contract in &overview.contracts {
        for version in &contract.versions {
            let Some(why) = version.interpreted.as_deref() else { continue };
            let name = format!("{} {}", contract.contract, version.version);
            match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, names)) if names.last() == Some(&name) => {}
                Some((_, names)) => names.push(name),
                None => reasons.push((why, vec![name])),
            }
        }
    }
    let mut out = String::new();
    for (why, names) in reasons {
        let shown = names.get(..3).unwrap_or(&names).join(", ");
        let more = match names.len().saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        out.push_str(&format!("{YELLOW}interpreted, and so slower:{RESET} {}{more}\n", clean(&shown)));
        out.push_str(&format!("{DIM}  {}{RESET}\n", clean(why)));
    }
    out
}

fn contract_rows(overview: &ProgramOverview, zone: Zone) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for contract in &overview.contracts {
        for version in &contract.versions {
            let anchor = match version.anchor {
                Anchor::Click => "click",
                Anchor::Event => "event",
                Anchor::Submission => "submission",
            };
            rows.push(vec![
                contract.contract.clone(),
                version.version.to_string(),
                interval(version.effective, zone),
                partners(&version.partners),
                anchor.to_owned(),
                version.restrictions.to_string(),
                version.groups.to_string(),
                version.limits.to_string(),
            ]);
        }
    }
    rows
}

/// Returns the totals of each version and what they count. Totals of several versions that count the same are one row.
fn total_rows(overview: &ProgramOverview) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for contract in &overview.contracts {
        for total in contract.versions.iter().flat_map(|version| &version.totals) {
            let per: Vec<&str> = total.per.iter().map(|scope| scope.text()).collect();
            let row = vec![
                contract.contract.clone(),
                total.total.clone(),
                per.join(", "),
                total.period.clone(),
                counts(total),
            ];
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
    rows
}

/// Returns the bonuses of each version.
fn bonus_rows(overview: &ProgramOverview) -> Vec<Vec<String>> {
    let versions = overview
        .contracts
        .iter()
        .flat_map(|contract| contract.versions.iter().map(move |version| (&contract.contract, version)));
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (contract, version) in versions {
        for bonus in &version.bonuses {
            let pays = match bonus.tiers {
                0 => bonus.pays.to_owned(),
                tiers => plural(tiers as u64, "tier"),
            };
            let of = bonus.measure.as_ref().or(bonus.on.as_ref());
            let after = match bonus.after_close {
                AfterClose::Keep => "keep",
                AfterClose::Recompute => "recompute",
                AfterClose::RecomputeUntilLock => "recompute until lock",
            };
            let row = vec![
                contract.clone(),
                version.version.to_string(),
                bonus.bonus.clone(),
                bonus.period.clone(),
                pays,
                of.cloned().unwrap_or_default(),
                after.to_owned(),
            ];
            // A file with several currencies makes a version for each.
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
    rows
}

/// Returns what a total counts in a few words.
fn counts(total: &TotalOverview) -> String {
    let mut parts = vec![if total.event_types.is_empty() {
        "all actions".to_owned()
    } else {
        total.event_types.join(", ")
    }];
    let said =
        [("when", &total.when), ("items", &total.items), ("measure", &total.measure), ("of", &total.of)];
    parts.extend(said.into_iter().filter_map(|(key, text)| Some(format!("{key} {}", text.as_ref()?))));
    parts.extend(total.distinct.map(|scope| format!("distinct {}", scope.text())));
    parts.extend(total.from.map(|from| format!("from {from}")));
    parts.extend(total.after_actions.map(|actions| format!("after {actions} actions")));
    parts.extend(total.only_approved.then(|| "approved only".to_owned()));
    if !total.earlier.is_empty() {
        parts.push(format!("also {}", total.earlier.join(", ")));
    }
    parts.join("; ")
}

/// Returns the worst case of each version.
fn worst_rows(overview: &ProgramOverview) -> Vec<Vec<String>> {
    let versions =
        overview.contracts.iter().flat_map(|of| of.versions.iter().map(move |version| (of, version)));
    let row = |(of, version): (&ContractOverview, &VersionOverview)| {
        let worst = version.worst;
        let numbers = [worst.fuel_of_one, worst.steps_of_one, worst.fuel, worst.steps].map(thousands);
        [of.contract.clone(), version.version.to_string()].into_iter().chain(numbers).collect()
    };
    versions.map(row).collect()
}

/// Returns the partners of a version in a few words.
fn partners(partners: &PartnersOverview) -> String {
    if partners.ids.is_empty() && partners.groups.is_empty() {
        return "everybody else".to_owned();
    }
    let ids = partners.ids.iter().cloned();
    let groups = partners.groups.iter().map(|group| format!("group {group}"));
    let names: Vec<String> = ids.chain(groups).collect();
    match names.get(..3) {
        Some(first) if names.len() > 3 => format!("{} and {} more", first.join(", "), names.len() - 3),
        _ => names.join(", "),
    }
}

fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Credit => "credit",
        Phase::OrderAmount | Phase::ItemAmount => "amount",
        Phase::Restrict => "restrict",
        Phase::PayOrder => "pay",
        Phase::PayItem => "pay per item",
        Phase::Count | Phase::CountItem => "count",
        Phase::Close => "close",
    }
}
