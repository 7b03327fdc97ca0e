//! Drafts: what the phases make of an award before it is finished.

use rust_decimal::Decimal;

use super::counted::{Counted, UsedSums};
use super::credited::Credited;
use super::decision::{Award, AwardTrace, Below, Given, Role};
use super::findings::Findings;
use super::shares::Part;
use crate::money::{ArithmeticError, Exact, Money};
use crate::terms::Effect;

/// An award before its limits: what the phases made for one partner.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) credited: Credited<'a>,
    pub(super) part: Part,
    /// For a parent: whose action it is paid for.
    pub(super) below: Option<Below>,
    pub(super) findings: Findings<'a>,
    pub(super) base: Money,
    pub(super) lines: Vec<DraftLine>,
    pub(super) fuel: u64,
}

impl<'a> Draft<'a> {
    /// Returns a draft without lines.
    pub(super) fn new(credited: Credited<'a>, part: Part, findings: Findings<'a>) -> Self {
        Self { credited, part, below: None, findings, base: Money::ZERO, lines: Vec::new(), fuel: 0 }
    }

    /// Returns whether the partner is credited, and not paid beside those who are.
    pub(super) fn is_credited(&self) -> bool {
        self.part.role.is_none_or(Role::is_credited)
    }

    /// Returns what the drafts of one set have in common.
    pub(super) fn set(&self) -> (usize, usize, Option<Role>) {
        let beside = self.part.role.filter(|role| !role.is_credited());
        (self.credited.contract_index, self.credited.version_index, beside)
    }
}

/// A finished award, with what else its receipt covers.
#[derive(Debug)]
pub(super) struct Awarded<'a> {
    pub(super) award: Award,
    pub(super) credited: Credited<'a>,
    pub(super) used: Vec<UsedSums<'a>>,
    pub(super) counted: Vec<Counted>,
    pub(super) trace: Option<AwardTrace>,
}

/// A line before it is finished.
#[derive(Debug)]
pub(super) struct DraftLine {
    pub(super) item: Option<u32>,
    pub(super) quantity: u32,
    pub(super) base: Money,
    /// The verbs in the order in which they took effect, each with the index of its group in the version.
    pub(super) steps: Vec<(usize, Effect)>,
    /// The exact payout: the partner's share of the whole.
    pub(super) exact: Exact,
    /// The whole payout as a decision shows it.
    pub(super) shown: Money,
    pub(super) earned: Money,
}

impl DraftLine {
    /// Computes the payout of the verbs: the whole, which is shown, and this share of it.
    pub(super) fn compute(&mut self, share: Decimal) -> Result<(), ArithmeticError> {
        let whole = given(&self.steps, self.quantity)?.on(self.base)?;
        self.shown = whole.shown()?;
        self.exact = if share == Decimal::ONE { whole } else { whole.mul(share)? };
        Ok(())
    }
}

/// Returns what the steps give, before they are applied to a base.
fn given(steps: &[(usize, Effect)], quantity: u32) -> Result<Given, ArithmeticError> {
    let mut given = Given::default();
    for (_, effect) in steps {
        given.apply(effect, quantity)?;
    }
    Ok(given)
}
