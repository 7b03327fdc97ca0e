//! The commissionable amount: an action's amounts enter; the base of the order, and of each item where something asks
//! for it, leave.

use super::decision::Outcome;
use super::work::{Broken, Work};
use crate::lang::{Phase, Rule, Value};
use crate::money::{Money, allocate_slice};

/// The names under which the amount's expressions fail and are traced.
const ORDER: &str = "amount.order";
const ITEM: &str = "amount.item";
const SPREAD: &str = "amount.spread";

impl<'a> Work<'a> {
    /// Computes the bases. Without expressions they are the action's and the items' own amounts.
    pub(super) fn amounts(&mut self) -> Result<(), Broken> {
        let terms = &self.credited.version.amount;
        let base = match &terms.order {
            Some(rule) => self.amount(Phase::OrderAmount, ORDER, rule)?,
            None => self.case.action.amount.unwrap_or_default(),
        };
        // Not before its items' are computed: until then no amount can be read.
        if self.credited.version.reads_item_bases {
            self.case.item_bases = self.item_bases()?;
        }
        self.case.base = base;
        self.evaluator.facts_changed();
        Ok(())
    }

    fn item_bases(&mut self) -> Result<Vec<Money>, Broken> {
        let terms = &self.credited.version.amount;
        let items = &self.case.action.items;
        let mut bases = Vec::with_capacity(items.len());
        for (index, item) in (0u32..).zip(items) {
            bases.push(match &terms.item {
                Some(rule) => {
                    self.case.item = Some(index);
                    let amount = self.amount(Phase::ItemAmount, ITEM, rule);
                    self.case.item = None;
                    amount?
                }
                None => item.amount,
            });
        }
        if let Some(rule) = &terms.spread {
            let spread = self.amount(Phase::OrderAmount, SPREAD, rule)?;
            let broken = |error| Broken::sum(SPREAD, Some(&rule.place), error);
            // In proportion to what each item is worth, also where it is taken back.
            let weights: Vec<_> = items.iter().map(|item| item.amount.0.abs()).collect();
            let digits = self.credited.version.currency.minor_digits();
            let shares = allocate_slice(spread, &weights, digits, terms.allocation).map_err(broken)?;
            for (base, share) in bases.iter_mut().zip(shares) {
                *base = base.sub(share).map_err(broken)?;
            }
        }
        Ok(bases)
    }

    fn amount(&mut self, phase: Phase, name: &str, rule: &'a Rule) -> Result<Money, Broken> {
        let fuel = self.evaluator.fuel();
        let result = self.evaluator.run(rule, &self.case);
        let amount = match result {
            Ok(Value::Money(amount)) => Ok(amount),
            Ok(_) => Ok(Money::ZERO),
            Err(fault) => Err(fault),
        };
        self.trace_rule(phase, name, &rule.place, fuel, || match &amount {
            Ok(amount) => Outcome::Amount(*amount),
            Err(fault) => Outcome::Failed(fault.kind),
        });
        amount.map_err(|fault| Broken::rule(name, rule, fault))
    }
}
