//! Draws for people what a draft changes.

use accrue::decide::Status;
use accrue::money::{Currency, Money};
use accrue_simulate::{
    AwardOutcome, Change, ChangedAction, Checked, Comparison, CurrencyTotal, Outcome, Paid, Step, percent,
};

use super::format::{heading, minor, plural, thousands, wrapped};
use super::simulation::Report;
use super::simulation_tables::by;
use super::table::{number, table, text as column};
use super::terminal::{GREEN, RED, RESET, clean, room};

/// Returns the tables for the terminal.
pub(crate) fn simulation_text(report: &Report<'_>) -> String {
    let of = report.comparison;
    let mut page = heading(&format!("What the draft of {} changes", clean(&of.old.name)));
    if of.steps.is_empty() {
        page.push_str("The two programs say the same.\n");
    }
    for total in &of.totals {
        page.push_str(&format!("\n{}", heading(&format!("In {}", total.currency))));
        page.push_str(&totals(total));
        page.push_str(&steps(of, total.currency));
        page.push_str(&partners(of, total.currency, report.rows));
        page.push_str(&bonuses(of, total.currency));
        page.push_str(&actions(of, total.currency));
    }
    page.push('\n');
    for sentence in sentences(of) {
        page.push_str(&wrapped(&clean(&sentence), 0, room()));
    }
    for Checked { check, passed, found, .. } in &report.checks {
        let (color, word) = if *passed { (GREEN, "passed") } else { (RED, "failed") };
        let line = wrapped(&format!("{word}: --{}: {}", check.text(), clean(found)), 0, room());
        page.push_str(&line.replacen(word, &format!("{color}{word}{RESET}"), 1));
    }
    page
}

/// Returns an amount, and a `+` before what is more than zero.
pub(super) fn signed(amount: Money, currency: Currency) -> String {
    let text = minor(amount, currency);
    if amount > Money::ZERO { format!("+{text}") } else { text }
}

/// Returns both parts of money together. What does not fit was refused when it was compared.
pub(super) fn sum(paid: Paid) -> Money {
    paid.total().unwrap_or_default()
}

fn totals(total: &CurrencyTotal) -> String {
    let columns = [column(""), number("Old"), number("Draft"), number("Change"), number("Percent").rank(1)];
    let row = |name: &str, of: fn(Paid) -> Money| {
        let (old, new, change) = (of(total.old), of(total.new), of(total.change));
        let amounts =
            [minor(old, total.currency), minor(new, total.currency), signed(change, total.currency)];
        let mut row = vec![name.to_owned()];
        row.extend(amounts);
        row.push(percent(change, old).unwrap_or_default());
        row
    };
    let mut rows = vec![row("Payable", |paid| paid.payable)];
    if !total.old.held.is_zero() || !total.new.held.is_zero() {
        rows.extend([row("On hold", |paid| paid.held), row("Both", sum)]);
    }
    table(&columns, rows)
}

/// Returns what a step changes, for people.
pub(super) fn step_text(step: &Step, of: &Comparison) -> String {
    let text = |change: &Change| match contract(change, of) {
        Some(contract) => format!("{contract}: {change}"),
        None => change.to_string(),
    };
    step.changes.iter().map(text).collect::<Vec<_>>().join("; ")
}

/// Returns the contract version that a change is about, if the draft changes several.
pub(super) fn contract(change: &Change, of: &Comparison) -> Option<String> {
    let all = || of.steps.iter().flat_map(|step| &step.changes).filter_map(|change| change.contract.as_ref());
    let first = all().next();
    let contract = change.contract.as_ref().filter(|_| all().any(|of| Some(of) != first))?;
    // A version is named by its contract.
    Some(contract.to_string()).filter(|name| *name != change.name)
}

/// Returns where a step is written.
pub(super) fn step_place(step: &Step) -> String {
    let place = step.changes.first().and_then(|change| Some((change.place.as_ref()?, change.line?)));
    place.map_or(String::new(), |(place, line)| format!("{}:{line}", place.file))
}

fn steps(of: &Comparison, currency: Currency) -> String {
    if of.steps.is_empty() {
        return String::new();
    }
    let columns = [
        number("Step"),
        column("Change of the draft"),
        column("Written in").rank(3),
        number("Gain").rank(2),
        number("Lose").rank(2),
        number("On hold").rank(1),
        number("Payable"),
    ];
    let mut rows = Vec::new();
    for step in &of.steps {
        let money = step.money.iter().find(|money| money.currency == currency);
        let change = money.map(|money| money.change).unwrap_or_default();
        let count = |count: Option<u64>| thousands(count.unwrap_or_default());
        rows.push(vec![
            step.number.to_string(),
            step_text(step, of),
            step_place(step),
            count(money.map(|money| money.gains.gainers)),
            count(money.map(|money| money.gains.losers)),
            if change.held.is_zero() { String::new() } else { signed(change.held, currency) },
            signed(change.payable, currency),
        ]);
    }
    format!("\n{}{}", heading("Through which changes"), table(&columns, rows))
}

fn partners(of: &Comparison, currency: Currency, most: usize) -> String {
    let all = of.partners.iter().filter(|partner| partner.currency == currency && !partner.change.is_zero());
    let count = all.clone().count();
    if count == 0 {
        return String::new();
    }
    let columns = [
        column("Partner"),
        number("Old").rank(2),
        number("Draft").rank(2),
        number("Change"),
        number("Percent").rank(1),
    ];
    let mut rows: Vec<Vec<String>> = all
        .take(most)
        .map(|partner| {
            let (old, new) = (sum(partner.old), sum(partner.new));
            vec![
                partner.partner.clone(),
                minor(old, currency),
                minor(new, currency),
                signed(partner.change, currency),
                percent(partner.change, old).unwrap_or_default(),
            ]
        })
        .collect();
    if count > most {
        let more = format!("… {} more", thousands((count - most) as u64));
        rows.push([more.as_str(), "", "", "", ""].map(str::to_owned).into());
    }
    format!("\n{}{}", heading("Who gains and who loses"), table(&columns, rows))
}

fn bonuses(of: &Comparison, currency: Currency) -> String {
    let all: Vec<Vec<String>> = of
        .bonuses
        .iter()
        .filter(|bonus| bonus.currency == currency)
        .map(|bonus| {
            vec![
                bonus.bonus.clone(),
                bonus.contract.clone(),
                minor(sum(bonus.old), currency),
                minor(sum(bonus.new), currency),
                signed(bonus.change, currency),
            ]
        })
        .collect();
    if all.is_empty() {
        return String::new();
    }
    let columns =
        [column("Bonus"), column("Contract").rank(1), number("Old"), number("Draft"), number("Change")];
    format!("\n{}{}", heading("Bonuses, which are in the payouts above"), table(&columns, all))
}

/// Returns a status for people.
fn status(of: Option<Status>) -> &'static str {
    of.map_or("not taken", Status::text)
}

/// Returns an outcome in a line: status, then by what each partner is paid.
fn outcome(of: &Option<Outcome>) -> String {
    let Some(of) = of else { return "not taken".to_owned() };
    let award = |award: &AwardOutcome| format!("{} {}", minor(award.payout, award.currency), by(award));
    let awards: Vec<String> = of.awards.iter().map(award).collect();
    let why = if awards.is_empty() { of.reasons.join(", ") } else { awards.join("; ") };
    format!("{}: {why}", of.status.text())
}

/// Returns the cells of an action that changes.
pub(super) fn action_cells(of: &ChangedAction) -> Vec<String> {
    let partners = |outcome: &Option<Outcome>| -> Vec<String> {
        outcome.iter().flat_map(|outcome| &outcome.awards).map(|award| award.partner.clone()).collect()
    };
    let mut names = partners(&of.new);
    names.extend(partners(&of.old));
    names.sort();
    names.dedup();
    vec![
        of.action.clone(),
        names.join(", "),
        outcome(&of.old),
        outcome(&of.new),
        signed(of.change, of.currency),
    ]
}

fn actions(of: &Comparison, currency: Currency) -> String {
    let rows: Vec<Vec<String>> =
        of.changed_actions.iter().filter(|action| action.currency == currency).map(action_cells).collect();
    if rows.is_empty() {
        return String::new();
    }
    let columns = [
        column("Action"),
        column("Partner").rank(3),
        column("Old").rank(1),
        column("Draft").rank(1),
        number("Change"),
    ];
    format!("\n{}{}", heading("Actions that change most"), table(&columns, rows))
}

/// Returns what there is to say beside the tables.
pub(super) fn sentences(of: &Comparison) -> Vec<String> {
    let mut all = Vec::new();
    let changed = of.changed;
    all.push(format!("{} decided, {} changed.", plural(of.actions_old, "action"), thousands(changed)));
    let moved = of.statuses.iter().filter(|change| change.old != change.new);
    let moved: Vec<String> = moved
        .map(|change| {
            format!("{} {} → {}", thousands(change.actions), status(change.old), status(change.new))
        })
        .collect();
    if !moved.is_empty() {
        all.push(format!("Another status: {}.", moved.join(", ")));
    }
    for step in &of.steps {
        if let Some(joined) = step.joined {
            all.push(format!("Step {} has several changes: {}.", step.number, joined.text()));
        }
        for found in &step.interactions {
            let (alone, more) =
                (signed(found.alone, found.currency), signed(found.interaction, found.currency));
            all.push(format!(
                "Step {} alone, without the steps before it, would change {alone} {}: {more} are their interaction.",
                step.number, found.currency
            ));
        }
    }
    if of.not_alone > 0 {
        all.push(format!(
            "{} not also made alone, so interactions of these are not known.",
            match of.not_alone {
                1 => "1 step was".to_owned(),
                n => format!("{n} steps were"),
            }
        ));
    }
    let refused = of.refused;
    if refused.actions_new > refused.actions_old || refused.adjustments_new != refused.adjustments_old {
        all.push(format!(
            "The draft does not take {} and {} that come in; the old program does not take {} and {}.",
            plural(refused.actions_new, "action"),
            plural(refused.adjustments_new, "adjustment"),
            plural(refused.actions_old, "action"),
            plural(refused.adjustments_old, "adjustment"),
        ));
    }
    all.extend(of.totals.iter().filter(|total| total.margin_new.actions > 0).filter_map(|total| {
        let left = |of: &accrue_simulate::Margin| {
            let left = of.left().ok()?;
            Some(format!(
                "{} {} ({})",
                minor(left, total.currency),
                total.currency,
                percent(left, of.amount)?
            ))
        };
        Some(format!(
            "Margin of {} whose items have costs: {}; {} before.",
            plural(total.margin_new.actions, "action"),
            left(&total.margin_new)?,
            left(&total.margin_old).unwrap_or_else(|| "none".to_owned()),
        ))
    }));
    all
}
