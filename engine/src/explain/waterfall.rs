//! A payout as a waterfall: what each verb, the share, rounding and each limit added to it or took off it.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decide::{Award, Given, Line, Status};
use crate::money::{ArithmeticError, Currency, Money, checked};
use crate::terms::Effect;

/// How a payout came about, step by step. Each step has what it changed and what stands after it; [`Award::waterfall`] makes it.
///
/// The steps of a line begin at zero and end at what the line earned. Then the limits take off, and what is left is the payout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Waterfall {
    /// The partner.
    pub partner: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// The lines of the award.
    pub lines: Vec<WaterfallLine>,
    /// What follows the lines, from their sum on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<WaterfallStep>,
    /// What is paid.
    pub payout: Money,
}

/// The steps of one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct WaterfallLine {
    /// The SKU of the item; `None` for the whole order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The number of units.
    pub quantity: u32,
    /// The commissionable amount, which rates apply to. It is no part of the sum.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub base: Money,
    /// The steps, from zero to what the line earned.
    pub steps: Vec<WaterfallStep>,
    /// What the line earned, before limits.
    pub earned: Money,
}

/// A step of a waterfall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct WaterfallStep {
    /// What the step does.
    pub kind: StepKind,
    /// The payout group or the limit; empty for shares and rounding.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// The rate, points, factor or share, as a fraction, or the amount of money that is added; `None` for other kinds.
    #[serde(
        default,
        with = "crate::money::computed::optional_fraction",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<crate::money::computed::Computed>")]
    pub value: Option<Decimal>,
    /// What the step adds; below zero for what it takes off.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub change: Money,
    /// What stands after the step.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub after: Money,
}

/// What a step of a waterfall does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepKind {
    /// The rate is set, times the commissionable amount.
    Rate,
    /// Percentage points are added, times the commissionable amount.
    Points,
    /// All so far is multiplied.
    Multiplier,
    /// Money is added for the order or the item.
    Amount,
    /// Money is added for each unit.
    AmountPerUnit,
    /// The partner's share of it.
    Share,
    /// It is rounded.
    Rounding,
    /// A limit takes off.
    Limit,
    /// A reversal took back.
    TakenBack,
    /// It is not paid, since the award is rejected or zero.
    NotPaid,
}

impl Award {
    /// Returns the payout as a waterfall.
    ///
    /// # Errors
    ///
    /// [`ArithmeticError::Overflow`] if a number does not fit, which no award of a decision causes.
    ///
    /// # Example
    ///
    /// ```
    /// use accrue::{Engine, Options, Reference, Source, facts::read_action};
    ///
    /// let source = Source::from_files([
    ///     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n"),
    ///     ("contracts/all.toml", "contract = \"all\"\nversion = 1\neffective_from = 2026-01-01\n\
    ///       [payout.default]\nrate = \"8%\"\nadd = \"1.00\"\n"),
    /// ]);
    /// let program = Engine::default().load(&source).map_err(|errors| errors.to_string())?;
    /// let action = read_action(r#"{"id": "a-1", "event_type": "sale", "amount": "20.00",
    ///     "occurred_at": "2026-03-01T10:00:00Z",
    ///     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)
    ///     .map_err(|errors| format!("{errors:?}"))?;
    /// let decision = program
    ///     .decide(&action, &Reference::default(), &program.counters(), Options::default())
    ///     .map_err(|error| error.to_string())?;
    /// let waterfall = decision.awards[0].waterfall().map_err(|error| error.to_string())?;
    /// let changes: Vec<String> =
    ///     waterfall.lines[0].steps.iter().map(|step| step.change.to_string()).collect();
    /// assert_eq!(changes, ["1.6", "1"]);
    /// assert_eq!(waterfall.payout.to_string(), "2.6");
    /// # Ok::<(), String>(())
    /// ```
    pub fn waterfall(&self) -> Result<Waterfall, ArithmeticError> {
        let lines: Vec<WaterfallLine> =
            self.lines.iter().map(|line| self.line_steps(line)).collect::<Result<_, _>>()?;
        let mut all = Steps { steps: Vec::new(), after: Money::sum(lines.iter().map(|line| line.earned))? };
        for cut in &self.limits {
            all.add(StepKind::Limit, &cut.limit, None, Money(-cut.cut.0))?;
        }
        let taken_back = Money::sum(self.lines.iter().map(|line| line.taken_back))?;
        if !taken_back.is_zero() {
            all.add(StepKind::TakenBack, "", None, Money(-taken_back.0))?;
        }
        if matches!(self.status, Status::Rejected | Status::Zero) && all.after != self.payout {
            let by = self.reasons.first().map_or("", |reason| &reason.code);
            all.add(StepKind::NotPaid, by, None, self.payout.sub(all.after)?)?;
        }
        let (partner, currency) = (self.partner.clone(), self.currency);
        Ok(Waterfall { partner, currency, lines, steps: all.steps, payout: self.payout })
    }

    fn line_steps(&self, line: &Line) -> Result<WaterfallLine, ArithmeticError> {
        let mut all = Steps::default();
        let mut given = Given::default();
        for step in &line.steps {
            given.apply(&step.effect, line.quantity)?;
            let (kind, value) = match step.effect {
                Effect::Rate(rate) => (StepKind::Rate, rate),
                Effect::AddPoints(points) => (StepKind::Points, points),
                Effect::Multiply(factor) => (StepKind::Multiplier, factor),
                Effect::Add { amount, per: crate::terms::AddPer::Unit } => {
                    (StepKind::AmountPerUnit, amount.0)
                }
                Effect::Add { amount, .. } => (StepKind::Amount, amount.0),
            };
            all.reach(kind, self.group(step.group), Some(value), given.on(line.base)?.shown()?)?;
        }
        if let Some(share) = self.share {
            let of_partner = given.on(line.base)?.mul(share)?.shown()?;
            all.reach(StepKind::Share, "", Some(share), of_partner)?;
        }
        if all.after != line.earned {
            all.reach(StepKind::Rounding, "", None, line.earned)?;
        }
        let Line { sku, quantity, base, earned, .. } = line;
        let (sku, steps) = (sku.clone(), all.steps);
        Ok(WaterfallLine { sku, quantity: *quantity, base: *base, steps, earned: *earned })
    }
}

/// Steps, and what stands after the last.
#[derive(Default)]
struct Steps {
    steps: Vec<WaterfallStep>,
    after: Money,
}

impl Steps {
    /// Adds a step that changes what stands by an amount.
    fn add(
        &mut self,
        kind: StepKind,
        by: &str,
        value: Option<Decimal>,
        change: Money,
    ) -> Result<(), ArithmeticError> {
        self.after = self.after.add(change)?;
        self.steps.push(WaterfallStep { kind, by: by.to_owned(), value, change, after: self.after });
        Ok(())
    }

    /// Adds a step after which this stands.
    fn reach(
        &mut self,
        kind: StepKind,
        by: &str,
        value: Option<Decimal>,
        after: Money,
    ) -> Result<(), ArithmeticError> {
        let change = Money(checked::sub(after.0, self.after.0)?);
        self.after = after;
        self.steps.push(WaterfallStep { kind, by: by.to_owned(), value, change, after });
        Ok(())
    }
}
