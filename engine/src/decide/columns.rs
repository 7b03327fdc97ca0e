//! What the rules of one contract version say of many cases whose facts stand in columns: an [`Assessor`] that reads rows.

use std::ops::Range;

use rust_decimal::Decimal;

use super::assess::{Assessed, Assessor, Runners, Way, Wide};
use super::compiled::LineFacts;
use crate::compile::entry::Answer;
use crate::compiled::{Bound, Of};
use crate::facts::FactError;
use crate::money::Money;
use crate::money::small::Small;
use crate::rule::catalog::Field;
use crate::rule::{CaseColumns, Column, Digits, Nested, Values};
use crate::terms::{PayoutPer, Version};

/// Cases by column in front of an assessor.
#[derive(Debug)]
pub struct AssessColumns<'s, 'p> {
    assessor: &'s mut Assessor<'p>,
    cases: &'s CaseColumns<'s>,
    narrow: Bound<'s>,
    /// Their places for numbers that are too large, once there was one.
    wide: Option<Bound<'s>>,
    lines: LineColumns<'s>,
}

impl<'p> Assessor<'p> {
    /// Looks at cases by column. Only columns that some rule reads are, and the amounts that lines are paid on.
    ///
    /// ```
    /// # use accrue::{Engine, Limits, Reference, decide::Assessor, terms::Source};
    /// use accrue::rule::{CaseColumns, Column, Values};
    /// # let source = Source::from_files([
    /// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
    /// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
    /// # ]);
    /// # let program = Engine::new(Limits::default()).load(&source)?;
    /// let reference = Reference::default();
    /// let mut cases = CaseColumns::new(2, &reference);
    /// cases.add("action.amount", Column::new(Values::decimals(vec![117_00, 20_00], 2)))?;
    ///
    /// let mut assessor = Assessor::new(&program, 0, 0).ok_or("this machine runs no compiled rules")?;
    /// let mut earned = Vec::new();
    /// assessor.columns(&cases)?.assess_all(|_, assessed| {
    ///     earned.push(assessed.and_then(|assessed| Some(assessed.lines.first()?.earned.to_string())));
    /// });
    /// assert_eq!(earned, [Some("4.68".to_owned()), Some("0.8".to_owned())]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When a fact that rules read has no column, one of another type or one with gaps that the rules do not expect; when a list
    /// or a text is longer than the program's limits let one of an action be; and where rules are interpreted, which takes cases
    /// one by one.
    pub fn columns<'s>(&'s mut self, cases: &'s CaseColumns<'s>) -> Result<AssessColumns<'s, 'p>, FactError> {
        let Way::Compiled(runners) = &mut self.way else {
            return Err(FactError::whole("the rules are interpreted here, which takes cases one by one"));
        };
        cases.declared(self.of.terms, self.of.version)?;
        cases.within(self.limits)?;
        let lines = LineColumns::new(self.of.version, cases)?;
        let narrow = runners.narrow.bind(self.of, cases)?;
        Ok(AssessColumns { assessor: self, cases, narrow, wide: None, lines })
    }
}

impl AssessColumns<'_, '_> {
    /// What the rules say of the case in a row, as [`Assessor::assess`]; `None` also where there is no such row.
    pub fn assess(&mut self, row: usize) -> Option<&Assessed> {
        if row >= self.cases.rows() {
            return None;
        }
        let Self { assessor, cases, narrow, wide, lines } = self;
        let Assessor { of, prices, way, outcomes, assessed, .. } = &mut **assessor;
        let Way::Compiled(runners) = way else { return None };
        let Runners { narrow: runner, wide: wide_runner, .. } = runners.as_mut();
        let facts = lines.row(row);
        let mut answered = |answer: Answer<'_>| prices.answered(&facts, answer, outcomes, assessed);
        match runner.run_row(narrow, row).and_then(&mut answered) {
            Some(()) => {}
            None => wide_row(*of, wide_runner, wide, cases, row, answered)?,
        }
        Some(&*assessed)
    }

    /// What they say of every case, many in a call; it goes to `take` with the row, and nothing where a rule fails.
    pub fn assess_all(&mut self, mut take: impl FnMut(usize, Option<&Assessed>)) {
        let rows = self.cases.rows();
        let mut at = 0;
        while at < rows {
            at += self.assess_rows(at..rows, &mut take);
        }
    }

    /// Assesses some of these rows, at least one; how many.
    fn assess_rows(&mut self, rows: Range<usize>, mut take: impl FnMut(usize, Option<&Assessed>)) -> usize {
        let Self { assessor, cases, narrow, wide, lines } = self;
        let Assessor { of, prices, way, outcomes, assessed, .. } = &mut **assessor;
        let Way::Compiled(runners) = way else { return rows.len() };
        let Runners { narrow: runner, wide: wide_runner, .. } = runners.as_mut();
        runner.run_rows(narrow, rows, |row, answer| {
            let facts = lines.row(row);
            let plain = answer.and_then(|answer| prices.plainly(&facts, answer, assessed));
            let answered = plain.or_else(|| {
                // Out of the way of those that are plain.
                let mut look = |answer: Answer<'_>| prices.look(&facts, answer, outcomes, assessed);
                answer.and_then(&mut look).or_else(|| wide_row(*of, wide_runner, wide, cases, row, look))
            });
            take(row, answered.map(|()| &*assessed));
        })
    }
}

/// Assesses a row with a number that is too large for the narrow way.
#[cold]
fn wide_row<'s>(
    of: Of<'s>,
    wide: &mut Wide<'_>,
    bound: &mut Option<Bound<'s>>,
    cases: &'s CaseColumns<'s>,
    row: usize,
    answered: impl FnOnce(Answer<'_>) -> Option<()>,
) -> Option<()> {
    let runner = wide.runner(of.terms, of.version)?;
    if bound.is_none() {
        *bound = runner.bind(of, cases).ok();
    }
    answered(runner.run_row(bound.as_mut()?, row)?)
}

/// The columns of what lines are paid on.
#[derive(Debug)]
struct LineColumns<'c> {
    base: Amounts<'c>,
    items: Option<ItemColumns<'c>>,
}

#[derive(Debug)]
struct ItemColumns<'c> {
    items: &'c Nested<'c>,
    base: Option<Amounts<'c>>,
    quantity: &'c [i64],
}

/// Amounts that are all known.
#[derive(Clone, Copy, Debug)]
struct Amounts<'c> {
    digits: Digits<'c>,
    scale: u32,
}

impl<'c> Amounts<'c> {
    fn new(name: &str, column: Option<&'c Column<'c>>) -> Result<Self, FactError> {
        let column = column.ok_or_else(|| {
            FactError::field(name, "payouts are a share of it, and there is no such column")
        })?;
        if let Some(row) = column.first_unknown() {
            return Err(FactError::field(
                name,
                format!("it is not known in row {row}, and payouts are a share of it"),
            ));
        }
        let (digits, scale) =
            column.digits().ok_or_else(|| FactError::field(name, "its values are not decimals"))?;
        Ok(Self { digits, scale })
    }

    fn get(self, row: usize) -> Option<Money> {
        Decimal::try_from_i128_with_scale(self.digits.get(row)?, self.scale).ok().map(Money)
    }

    #[inline]
    fn small(self, row: usize) -> Option<Small> {
        Some(Small::new(self.digits.short(row)?, self.scale))
    }
}

impl<'c> LineColumns<'c> {
    fn new(version: &Version, cases: &'c CaseColumns<'c>) -> Result<Self, FactError> {
        let amount = |field: Field, column: &dyn Fn(Field) -> Option<&'c Column<'c>>| {
            column(field).or_else(|| column(field.instead()?))
        };
        let of_case = |field: Field| cases.column(&field.spec().full_name());
        let base = Amounts::new("action.base", amount(Field::ActionBase, &of_case))?;
        let Some(items) = cases.items() else { return Ok(Self { base, items: None }) };
        let of_items = |field: Field| items.column(field.spec().name);
        let of_item = match version.payout.per {
            PayoutPer::Item => Some(Amounts::new("action.items.base", amount(Field::ItemBase, &of_items))?),
            PayoutPer::Order => None,
        };
        let name = "action.items.quantity";
        let quantity = match of_items(Field::ItemQuantity)
            .map(|column| (&column.values, column.first_unknown()))
        {
            Some((Values::Integers(values), None)) => values,
            Some(_) => {
                return Err(FactError::field(name, "its values are not whole numbers that are all known"));
            }
            None => return Err(FactError::field(name, "items are there, and how many units of each is not")),
        };
        if let Some(wrong) = quantity.iter().find(|quantity| u32::try_from(**quantity).is_err()) {
            return Err(FactError::field(name, format!("{wrong} is not a number of units")));
        }
        Ok(Self { base, items: Some(ItemColumns { items, base: of_item, quantity }) })
    }

    #[inline]
    fn row(&self, row: usize) -> Row<'_> {
        Row { columns: self, row }
    }
}

/// One case of many.
struct Row<'r> {
    columns: &'r LineColumns<'r>,
    row: usize,
}

impl<'r> Row<'r> {
    /// Where an item of it is among all items.
    fn item(&self, item: u32) -> Option<(&'r ItemColumns<'r>, usize)> {
        let columns = self.columns.items.as_ref()?;
        let mut items = columns.items.range(self.row);
        Some((columns, items.nth(item as usize)?))
    }
}

impl LineFacts for Row<'_> {
    fn items(&self) -> usize {
        self.columns.items.as_ref().map_or(0, |columns| columns.items.range(self.row).len())
    }

    fn quantity(&self, item: u32) -> Option<u32> {
        let (columns, item) = self.item(item)?;
        u32::try_from(*columns.quantity.get(item)?).ok()
    }

    fn base(&self, item: Option<u32>) -> Option<Money> {
        let Some(item) = item else { return self.columns.base.get(self.row) };
        let (columns, item) = self.item(item)?;
        columns.base.map_or(Some(Money::ZERO), |base| base.get(item))
    }

    #[inline]
    fn small_base(&self, item: Option<u32>) -> Option<Small> {
        let Some(item) = item else { return self.columns.base.small(self.row) };
        let (columns, item) = self.item(item)?;
        columns.base?.small(item)
    }
}
