//! Writes payout groups as a table that reads back as the same groups.
//!
//! A condition that a cell can state stands below its fact; any other stands below `when` as it is written.

use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::text::write;
use crate::lang::{ArmValue, BinaryOp, Comparison, Const, Expr, ExprKind, Rule, Switch, UnaryOp};
use crate::terms::model::{AddPer, Choose, Effect, Pays, Terms, Version};
use crate::terms::values::is_identifier;

/// The payout groups of a contract version as a table of `tables/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupsTable {
    /// The header, then a row for each group, in their order.
    pub rows: Vec<Vec<String>>,
    /// The groups that no row can say, each with the reason.
    pub left_out: Vec<(String, String)>,
}

impl GroupsTable {
    /// Returns the table as CSV.
    pub fn csv(&self) -> String {
        let rows = (1..).zip(&self.rows);
        write(rows.map(|(number, cells)| (number, cells.iter().map(String::as_str))))
    }
}

/// The columns of what a group pays, in their order.
const PAID: [&str; 6] = ["rate", "points", "multiply", "add", "add_per", "specificity"];

/// Returns the groups of a version as a table.
pub(crate) fn groups_table(terms: &Terms, version: &Version) -> GroupsTable {
    let mut left_out = Vec::new();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for group in &version.payout.groups {
        let effects = match &group.pays {
            Pays::Fixed(effects) => effects,
            Pays::Bands { .. } => {
                left_out.push((group.name.clone(), "it has bands".to_owned()));
                continue;
            }
            Pays::Script(_) | Pays::Component(_) => {
                left_out.push((group.name.clone(), "a rule says what it pays".to_owned()));
                continue;
            }
        };
        let text = terms.sources.get(&group.place.file).map(|text| &**text).unwrap_or_default();
        let mut paid = paid(effects);
        if version.payout.choose == Choose::MostSpecific {
            paid.insert("specificity", group.specificity.to_string());
        }
        let conditions = group.when.as_deref().map(|rule| cells(rule, text)).unwrap_or_default();
        rows.push(Row { name: &group.name, conditions, paid });
    }
    let mut facts: Vec<&str> = Vec::new();
    for fact in rows.iter().flat_map(|row| row.conditions.keys()).filter(|fact| *fact != WHEN) {
        if !facts.contains(&fact.as_str()) {
            facts.push(fact);
        }
    }
    if rows.iter().any(|row| row.conditions.contains_key(WHEN)) {
        facts.push(WHEN);
    }
    let paid: Vec<&str> =
        PAID.into_iter().filter(|key| rows.iter().any(|row| row.paid.contains_key(key))).collect();
    let header = ["name"].iter().chain(&facts).chain(&paid).map(|name| (*name).to_owned()).collect();
    let row = |row: &Row<'_>| {
        let conditions = facts.iter().map(|fact| row.conditions.get(*fact).cloned().unwrap_or_default());
        let values = paid.iter().map(|key| row.paid.get(key).cloned().unwrap_or_default());
        std::iter::once(row.name.to_owned()).chain(conditions).chain(values).collect()
    };
    GroupsTable { rows: std::iter::once(header).chain(rows.iter().map(row)).collect(), left_out }
}

/// A group, by column.
struct Row<'g> {
    name: &'g str,
    conditions: IndexMap<String, String>,
    paid: IndexMap<&'static str, String>,
}

/// The column of conditions that no cell below a fact can state.
const WHEN: &str = "when";

/// Returns what a group pays, by key.
fn paid(effects: &[Effect]) -> IndexMap<&'static str, String> {
    // A rate was read as a percentage, so it fits.
    let percent = |fraction: Decimal| {
        let percent = fraction.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(fraction);
        format!("{}%", percent.normalize())
    };
    let mut paid = IndexMap::new();
    for effect in effects {
        match effect {
            Effect::Rate(rate) => paid.insert("rate", percent(*rate)),
            Effect::AddPoints(points) => paid.insert("points", percent(*points)),
            Effect::Multiply(factor) => paid.insert("multiply", factor.to_string()),
            Effect::Add { amount, per } => {
                let per = match per {
                    AddPer::Order => None,
                    AddPer::Item => Some("item"),
                    AddPer::Unit => Some("unit"),
                };
                if let Some(per) = per {
                    paid.insert("add_per", per.to_owned());
                }
                paid.insert("add", amount.0.to_string())
            }
        };
    }
    paid
}

/// Returns the cells of a condition, by column.
fn cells(rule: &Rule, text: &str) -> IndexMap<String, String> {
    let mut cells: IndexMap<String, String> = IndexMap::new();
    let written = |expr: &Expr| text.get(expr.span.range()).unwrap_or_default();
    let whole = text.get(rule.place.span.range()).unwrap_or_default();
    let Some(value) =
        rule.body.value.as_ref().filter(|_| rule.body.stmts.is_empty() && rule.functions.is_empty())
    else {
        return [(WHEN.to_owned(), whole.trim().to_owned())].into();
    };
    let parts: Vec<&Expr> = match &value.kind {
        ExprKind::And(first, rest) => {
            std::iter::once(&**first).chain(rest.iter().map(|part| &part.expr)).collect()
        }
        _ => vec![value],
    };
    let mut bounds: IndexMap<String, (Option<String>, Option<String>)> = IndexMap::new();
    let mut guarded: Vec<String> = Vec::new();
    for part in parts {
        match said(part, &written) {
            Some(Said::Known(fact)) => guarded.push(fact),
            Some(Said::Cell(fact, cell)) if !cells.contains_key(&fact) && !bounds.contains_key(&fact) => {
                cells.insert(fact, cell);
            }
            Some(Said::From(fact, from))
                if !cells.contains_key(&fact) && bounds.get(&fact).is_none_or(|b| b.0.is_none()) =>
            {
                bounds.entry(fact).or_default().0 = Some(from);
            }
            Some(Said::To(fact, to))
                if !cells.contains_key(&fact) && bounds.get(&fact).is_none_or(|b| b.1.is_none()) =>
            {
                bounds.entry(fact).or_default().1 = Some(to);
            }
            _ => {
                let more = written(part).trim();
                let more =
                    if matches!(part.kind, ExprKind::Or(..)) { format!("({more})") } else { more.to_owned() };
                match cells.get_mut(WHEN) {
                    Some(when) => when.push_str(&format!(" && {more}")),
                    None => {
                        cells.insert(WHEN.to_owned(), more);
                    }
                }
            }
        }
    }
    for (fact, (from, to)) in bounds {
        cells.insert(fact, format!("{}..{}", from.unwrap_or_default(), to.unwrap_or_default()));
    }
    // A value below a fact asks whether the fact is known by itself.
    for fact in guarded {
        cells.entry(fact).or_insert_with(|| "known".to_owned());
    }
    cells
}

/// What a part of a condition says of a fact.
enum Said {
    Cell(String, String),
    Known(String),
    /// `>=` and `<`, two of which make a range.
    From(String, String),
    To(String, String),
}

/// Returns what a part of a condition says that a cell can say; `None` for anything else.
fn said<'t>(part: &Expr, written: &impl Fn(&Expr) -> &'t str) -> Option<Said> {
    let fact = |expr: &Expr| {
        let path = written(expr).trim();
        let is_path = path.contains('.') && path.split('.').all(is_identifier);
        (is_path && matches!(expr.kind, ExprKind::Fact(_) | ExprKind::Attribute(_))).then(|| path.to_owned())
    };
    match &part.kind {
        ExprKind::Known(of) => Some(Said::Known(fact(of)?)),
        ExprKind::Unary(UnaryOp::Not, inner) => match &inner.kind {
            ExprKind::Known(of) => Some(Said::Cell(fact(of)?, "unknown".to_owned())),
            _ => Some(Said::Cell(fact(inner)?, "no".to_owned())),
        },
        ExprKind::Fact(_) | ExprKind::Attribute(_) => Some(Said::Cell(fact(part)?, "yes".to_owned())),
        ExprKind::Switch(switch) => Some(Said::Cell(fact(&switch.subject)?, one_of(switch)?)),
        ExprKind::Binary(BinaryOp::Compare(comparison, _), sides) => {
            let (subject, value) = (fact(&sides.0)?, literal(&sides.1)?);
            Some(match comparison {
                Comparison::Equal => Said::Cell(subject, value),
                Comparison::NotEqual => Said::Cell(subject, format!("not {value}")),
                Comparison::Less => Said::To(subject, value),
                Comparison::LessOrEqual => Said::Cell(subject, format!("<= {value}")),
                Comparison::Greater => Said::Cell(subject, format!("> {value}")),
                Comparison::GreaterOrEqual => Said::From(subject, value),
            })
        }
        ExprKind::Binary(BinaryOp::In, sides) => match (&sides.0.kind, &sides.1.kind) {
            (ExprKind::Const(Const::Text(value)), _) => Some(Said::Cell(fact(&sides.1)?, cell(value)?)),
            (_, ExprKind::NamedList(_)) => {
                Some(Said::Cell(fact(&sides.0)?, written(&sides.1).trim().to_owned()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Returns the values of `x in ["a", "b"]` as a cell.
fn one_of(switch: &Switch) -> Option<String> {
    let ([arm], Some(default)) = (switch.arms.as_slice(), &switch.default) else { return None };
    let gives = |block: &crate::lang::Block, wanted: bool| {
        block.stmts.is_empty()
            && matches!(block.value.as_ref().map(|value| &value.kind),
                Some(ExprKind::Const(Const::Bool(given))) if *given == wanted)
    };
    if arm.condition.is_some() || !gives(&arm.body, true) || !gives(default, false) {
        return None;
    }
    let values = arm.values.iter().map(|value| match value {
        ArmValue::Const(Const::Text(text)) => cell(text),
        _ => None,
    });
    Some(values.collect::<Option<Vec<_>>>()?.join(" | "))
}

/// Returns a constant as a cell.
fn literal(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Const(Const::Text(text)) => cell(text),
        ExprKind::Const(Const::Integer(number)) => Some(number.to_string()),
        ExprKind::Const(Const::Decimal(number)) => Some(number.to_string()),
        ExprKind::Const(Const::Money(amount)) => Some(amount.0.to_string()),
        ExprKind::Const(Const::Date(date)) => Some(date.to_string()),
        _ => None,
    }
}

/// Returns a text as a cell, in quotes if it would mean something else without them; `None` if no cell can say it.
fn cell(text: &str) -> Option<String> {
    if text.is_empty() || text.contains(['"', '\n', '\r']) || text != text.trim() {
        return None;
    }
    let first = text.split(' ').next().unwrap_or_default().to_ascii_lowercase();
    let words = ["not", "any", "-", "known", "unknown"];
    let has_meaning = text.contains(['|', ',', '*']) || text.starts_with(['<', '>', '=', '!']);
    let is_plain = !has_meaning && !words.contains(&first.as_str()) && !text.starts_with("lists.");
    Some(if is_plain { text.to_owned() } else { format!("\"{text}\"") })
}
