//! Writes as Markdown what a draft changes, for the description of a pull request.
//!
//! All text from outside is written as code, where no markup, mention or link has an effect.

use accrue::money::Currency;
use accrue_simulate::{Change, Checked, Comparison, How};

use super::format::{minor, thousands};
use super::simulation::Report;
use super::simulation_text::{action_cells, contract, sentences, signed, step_place, sum};
use super::terminal::clean;

/// Returns the page.
pub(super) fn markdown(report: &Report<'_>) -> String {
    let of = report.comparison;
    let mut page = format!("## What the draft of {} changes\n\n", code(&of.old.name));
    if of.steps.is_empty() {
        page.push_str("The two programs say the same.\n\n");
    }
    for total in &of.totals {
        let currency = total.currency;
        let (old, new, change) = (sum(total.old), sum(total.new), sum(total.change));
        page.push_str(&format!(
            "**{} {currency}**: {} → {}. Gains: {}, {}. Losses: {}, {}.\n\n",
            signed(change, currency),
            minor(old, currency),
            minor(new, currency),
            partners(total.gains.gainers),
            signed(total.gains.gained, currency),
            partners(total.gains.losers),
            signed(total.gains.lost, currency),
        ));
        page.push_str(&steps(of, currency));
        let changed = of.partners.iter().filter(|of| of.currency == currency && !of.change.is_zero());
        let rows: Vec<Vec<String>> = changed
            .take(report.rows)
            .map(|of| {
                let amounts = [minor(sum(of.old), currency), minor(sum(of.new), currency)];
                let mut row = vec![code(&of.partner)];
                row.extend(amounts);
                row.push(signed(of.change, currency));
                row
            })
            .collect();
        page.push_str(&table(&["Partner", "Old", "Draft", "Change"], 1, rows));
        let actions = of.changed_actions.iter().filter(|of| of.currency == currency).map(|of| {
            let mut cells: Vec<String> = action_cells(of).iter().map(|cell| code(cell)).collect();
            cells.pop();
            cells.push(signed(of.change, currency));
            cells
        });
        let listed = table(&["Action", "Partner", "Old", "Draft", "Change"], 4, actions.collect());
        if !listed.is_empty() {
            page.push_str(&format!(
                "<details><summary>Actions that change most</summary>\n\n{listed}</details>\n\n"
            ));
        }
    }
    for sentence in sentences(of) {
        page.push_str(&format!("- {}\n", clean(&sentence)));
    }
    for Checked { check, passed, found, .. } in &report.checks {
        let word = if *passed { "passed" } else { "**failed**" };
        page.push_str(&format!("- {word}: `--{}`: {}\n", check.text(), code(found)));
    }
    page
}

fn partners(count: u64) -> String {
    format!("{} partner{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// Returns text from outside as code, in which nothing is markup.
fn code(text: &str) -> String {
    let text = clean(text).replace('`', "'").replace('|', "\\|");
    if text.trim().is_empty() { String::new() } else { format!("`{text}`") }
}

fn change(of: &Change) -> String {
    let name = format!("{} {}", of.kind.text(), code(&of.name));
    match of.how {
        How::Added => return format!("{name} added"),
        How::Removed => return format!("{name} removed"),
        How::Reordered => return format!("{name} in another order"),
        _ => {}
    }
    if let Some(lines) = of.lines {
        return format!("{name}: lines +{} −{}", lines.added, lines.removed);
    }
    let value = |of: &Option<String>| of.as_deref().map_or("(none)".to_owned(), code);
    let edits = of.edits.iter().map(|edit| {
        let key = if edit.key.is_empty() { String::new() } else { format!("{} ", code(&edit.key)) };
        format!("{key}{} → {}", value(&edit.old), value(&edit.new))
    });
    format!("{name}: {}", edits.collect::<Vec<_>>().join(", "))
}

fn steps(of: &Comparison, currency: Currency) -> String {
    let rows = of.steps.iter().map(|step| {
        let money = step.money.iter().find(|money| money.currency == currency);
        let by = money.map(|money| money.change).unwrap_or_default();
        let text = |of_step: &Change| match contract(of_step, of) {
            Some(contract) => format!("{}: {}", code(&contract), change(of_step)),
            None => change(of_step),
        };
        let changes: Vec<String> = step.changes.iter().map(text).collect();
        vec![
            step.number.to_string(),
            changes.join("; "),
            code(&step_place(step)),
            signed(by.payable, currency),
            signed(by.held, currency),
        ]
    });
    table(&["Step", "Change of the draft", "Written in", "Payable", "On hold"], 3, rows.collect())
}

/// Returns a table whose columns from this one on are numbers; nothing without rows.
fn table(columns: &[&str], numbers: usize, rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let rule = (0..columns.len()).map(|at| if at < numbers { "---" } else { "---:" });
    let mut text = format!("| {} |\n| {} |\n", columns.join(" | "), rule.collect::<Vec<_>>().join(" | "));
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    text.push('\n');
    text
}
