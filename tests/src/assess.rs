//! What the rules of one contract version say of cases, by every way to ask: a version and actions enter; nothing leaves
//! when all ways say the same, else what differs.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic of an oracle is a finding like any other"
)]

use accrue::decide::{Assessed, Assessor};
use accrue::facts::Action;
use accrue::money::Money;
use accrue::run::{DELETED_CaseColumns, RuleInput, TotalFacts};
use accrue::terms::Contract;
use accrue::{Program, Reference};

use crate::ensure_eq;

/// The facts of actions as a version sees them when each is credited to the partner of its first touch, with some totals.
/// Actions without a touch are none; amounts stand as they are, whatever their currency.
pub fn cases<'a>(
    program: &'a Program,
    contract: &'a Contract,
    version: usize,
    actions: &'a [Action],
    reference: &'a Reference,
) -> Vec<RuleInput<'a>> {
    let terms = program.terms();
    let version = &contract.versions[version];
    let case = |(n, action): (u32, &'a Action)| {
        let touch = action.touches.first()?;
        let total = TotalFacts {
            actions: n,
            revenue: Money(action.amount.unwrap_or_default().0 * rust_decimal::Decimal::from(n % 3)),
            payouts: Money(rust_decimal::Decimal::new(i64::from(n) * 125, 2)),
            counts_this: n % 2 == 0,
        };
        let totals = version.totals.iter().map(|_| total).collect();
        Some(Case { totals, ..RuleInput::new(terms, contract, version, action, touch, reference) })
    };
    (0..).zip(actions).filter_map(case).collect()
}

/// Asks every version of a program about these actions: one by one and many at once, interpreted and compiled, and with the
/// facts in columns. How many answers were compared.
///
/// # Errors
///
/// What differs.
pub fn every_way(program: &Program, actions: &[Action], reference: &Reference) -> Result<usize, String> {
    let mut compared = 0;
    for (c, contract) in program.terms().contracts.iter().enumerate() {
        for v in 0..contract.versions.len() {
            let cases = cases(program, contract, v, actions, reference);
            let name = format!("{} version {}", contract.name, contract.versions[v].number);
            compared +=
                of_version(program, (c, v), &cases, reference).map_err(|what| format!("{name}: {what}"))?;
        }
    }
    Ok(compared)
}

fn of_version<'a>(
    program: &'a Program,
    (contract, version): (usize, usize),
    cases: &[RuleInput<'a>],
    reference: &'a Reference,
) -> Result<usize, String> {
    let mut portable = Assessor::portable(program, contract, version).ok_or("no version")?;
    // Components are asked by whole decisions only.
    if cases.first().is_some_and(|case| case.version.has_component()) {
        return Ok(0);
    }
    let expected: Vec<Option<Assessed>> = cases.iter().map(|case| portable.assess(case).cloned()).collect();
    let mut assessor = Assessor::new(program, contract, version).ok_or("it does not run")?;
    for (case, expected) in cases.iter().zip(&expected) {
        ensure_eq!(assessor.assess(case), expected.as_ref(), "`{}` by itself", case.action.id);
    }
    let mut batch = Vec::new();
    assessor.assess_batch(cases, |n, assessed| batch.push((n, assessed.cloned())));
    ensure_eq!(batch, expected.iter().cloned().enumerate().collect::<Vec<_>>(), "in a batch");
    let Ok(columns) = CaseColumns::of(cases, reference) else { return Ok(cases.len()) };
    let mut by_column = assessor.columns(&columns).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    by_column.assess_all(|row, assessed| rows.push((row, assessed.cloned())));
    ensure_eq!(rows, expected.iter().cloned().enumerate().collect::<Vec<_>>(), "by column");
    // Rows are written ahead of those that are asked for, so in order, backwards, again, with gaps, and with all between.
    let rows = 0..cases.len();
    let again = rows.clone().flat_map(|row| [row, row]);
    for row in rows.clone().chain(rows.clone().rev()).chain(again).chain(rows.clone().step_by(3)).chain(rows)
    {
        ensure_eq!(by_column.assess(row), expected[row].as_ref(), "row {row}");
        if row % 7 == 3 {
            by_column.assess_all(|_, _| {});
        }
    }
    ensure_eq!(by_column.assess(cases.len()), None, "after the last row");
    // The same assessor goes back to cases.
    for (case, expected) in cases.iter().zip(&expected).take(3) {
        ensure_eq!(assessor.assess(case), expected.as_ref(), "`{}` again", case.action.id);
    }
    Ok(cases.len())
}
