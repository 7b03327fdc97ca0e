//! Returns: what a reversal takes back of an action, by item.

use rust_decimal::Decimal;

use super::adjust_error::AdjustError;
use super::decision::Returned;
use crate::facts::{Action, Adjustment, ReturnedItem};
use crate::money::{Allocation, ArithmeticError, Money, allocate, checked};

/// What is left of an action: by item, or of the whole for an action without items.
#[derive(Clone, Debug)]
pub(super) struct Left {
    parts: Vec<Part>,
    /// What was reported, before any return.
    reported: Decimal,
    /// What is left of the amount of the action, which may be more than its items.
    amount: Money,
    has_items: bool,
}

/// What is left of an item.
#[derive(Clone, Copy, Debug)]
struct Part {
    quantity: u32,
    amount: Money,
}

impl Left {
    /// Returns what is left of an action of which this was returned.
    pub(super) fn new(action: &Action, returned: &[Returned]) -> Result<Self, ArithmeticError> {
        let has_items = !action.items.is_empty();
        let mut parts: Vec<Part> = if has_items {
            action.items.iter().map(|item| Part { quantity: item.quantity, amount: item.amount }).collect()
        } else {
            vec![Part { quantity: 1, amount: action.amount.unwrap_or_default() }]
        };
        let reported = Money::sum(parts.iter().map(|part| part.amount))?.0;
        let mut amount = action.amount.unwrap_or(Money(reported));
        for back in returned {
            if let Some(part) = parts.get_mut(back.item.unwrap_or(0) as usize) {
                part.quantity = part.quantity.saturating_sub(back.quantity.unwrap_or(0));
                part.amount = part.amount.sub(back.amount)?;
            }
            amount = amount.sub(back.amount)?;
        }
        Ok(Self { parts, reported, amount, has_items })
    }

    fn sum(&self) -> Decimal {
        self.parts.iter().map(|part| part.amount.0).fold(Decimal::ZERO, Decimal::saturating_add)
    }
}

/// What is taken back at once.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) list: Vec<Returned>,
    /// By part of the action: the amount that is taken back.
    amounts: Vec<Decimal>,
    /// Whether all of the action is taken back, whatever its amounts.
    all: bool,
}

impl Taken {
    /// Returns what these returns take together.
    pub(super) fn of(list: &[Returned], left: &Left) -> Self {
        let mut amounts = vec![Decimal::ZERO; left.parts.len()];
        for back in list {
            if let Some(amount) = amounts.get_mut(back.item.unwrap_or(0) as usize) {
                *amount = amount.saturating_add(back.amount.0);
            }
        }
        Self { list: list.to_vec(), amounts, all: false }
    }

    /// Returns whether nothing is left of the action afterwards.
    pub(super) fn is_whole(&self, left: &Left) -> bool {
        self.all || left.parts.iter().zip(&self.amounts).all(|(part, taken)| *taken >= part.amount.0)
    }

    /// Returns whether more than this share of what was reported is returned in all.
    pub(super) fn is_above(&self, left: &Left, share: Decimal) -> Result<bool, ArithmeticError> {
        let taken = self.amounts.iter().copied().fold(Decimal::ZERO, Decimal::saturating_add);
        let before = checked::sub(left.reported, left.sum())?;
        Ok(checked::add(before, taken)? > checked::mul(left.reported, share)?)
    }

    /// Returns what is taken of a line, and of how much: of an item, or of the whole order.
    pub(super) fn of_line(&self, left: &Left, item: Option<u32>) -> (Decimal, Decimal) {
        if self.all {
            return (Decimal::ONE, Decimal::ONE);
        }
        let sums = || {
            let taken = self.amounts.iter().copied().fold(Decimal::ZERO, Decimal::saturating_add);
            (taken, left.sum())
        };
        let Some(item) = item else { return sums() };
        let part = left.parts.get(item as usize).map(|part| part.amount.0);
        self.amounts.get(item as usize).copied().zip(part).unwrap_or((Decimal::ZERO, Decimal::ONE))
    }
}

/// Returns what a reversal takes back: everything that is left, an amount, or items.
pub(super) fn returned(action: &Action, left: &Left, reversal: &Adjustment) -> Result<Taken, AdjustError> {
    let digits = action.currency.map_or(crate::money::MAX_SCALE, |currency| currency.minor_digits());
    let failed = |_| AdjustError::DoesNotFit { action: action.id.clone() };
    let mut taking = Taking { action, parts: left.parts.clone(), list: Vec::new() };
    if !reversal.returned.is_empty() {
        for item in &reversal.returned {
            taking.item(item, digits)?;
        }
        return Ok(Taken::of(&taking.list, left));
    }
    match reversal.amount {
        Some(amount) if amount > left.amount => Err(AdjustError::TooMuch {
            action: action.id.clone(),
            asked: amount.to_string(),
            left: left.amount.to_string(),
        }),
        Some(amount) if amount < left.amount => {
            // The items take their part of the order's amount, which may be more than they are.
            let items = Money(left.sum());
            let rest = left.amount.sub(amount).map_err(failed)?;
            let shares = allocate(items, &[amount.0, rest.0], digits, Allocation::LargestRemainder);
            let of_items = shares.map_err(failed)?.first().copied().unwrap_or_default();
            let weights: Vec<Decimal> =
                left.parts.iter().map(|part| part.amount.0.max(Decimal::ZERO)).collect();
            let shares =
                allocate(of_items, &weights, digits, Allocation::LargestRemainder).map_err(failed)?;
            for (n, share) in (0u32..).zip(shares) {
                taking.list.push(Returned {
                    item: left.has_items.then_some(n),
                    quantity: None,
                    amount: share,
                });
            }
            Ok(Taken::of(&taking.list, left))
        }
        _ => {
            let all = (0u32..).zip(&left.parts).map(|(n, part)| Returned {
                item: left.has_items.then_some(n),
                quantity: Some(part.quantity),
                amount: part.amount,
            });
            let list: Vec<Returned> = all.collect();
            Ok(Taken { all: true, ..Taken::of(&list, left) })
        }
    }
}

/// Items while they are taken back.
struct Taking<'a> {
    action: &'a Action,
    parts: Vec<Part>,
    list: Vec<Returned>,
}

impl Taking<'_> {
    /// Takes back an item: of the lines with its SKU, the first that have something left.
    fn item(&mut self, wanted: &ReturnedItem, digits: u32) -> Result<(), AdjustError> {
        let failed = |_| AdjustError::DoesNotFit { action: self.action.id.clone() };
        let lines: Vec<usize> = (0..self.parts.len())
            .filter(|n| self.action.items.get(*n).is_some_and(|item| item.sku == wanted.sku))
            .collect();
        if lines.is_empty() {
            return Err(AdjustError::NoSuchItem { action: self.action.id.clone(), sku: wanted.sku.clone() });
        }
        let (mut units, mut money) = (wanted.quantity, wanted.amount);
        let mut list = Vec::new();
        for n in lines {
            let Some(part) = self.parts.get_mut(n) else { continue };
            if units == Some(0) || money.is_some_and(Money::is_zero) {
                break;
            }
            let back = match (units, money) {
                (Some(wanted), _) if wanted < part.quantity => {
                    units = Some(0);
                    let weights = [Decimal::from(wanted), Decimal::from(part.quantity - wanted)];
                    let shares = allocate(part.amount, &weights, digits, Allocation::LargestRemainder);
                    let amount = shares.map_err(failed)?.first().copied().unwrap_or_default();
                    Part { quantity: wanted, amount }
                }
                (Some(wanted), _) => {
                    units = Some(wanted - part.quantity);
                    *part
                }
                (None, Some(wanted)) if wanted < part.amount => {
                    money = Some(Money::ZERO);
                    Part { quantity: 0, amount: wanted }
                }
                (None, Some(wanted)) => {
                    money = Some(wanted.sub(part.amount).map_err(failed)?);
                    *part
                }
                (None, None) => *part,
            };
            part.quantity -= back.quantity;
            part.amount = part.amount.sub(back.amount).map_err(failed)?;
            let item = u32::try_from(n).ok();
            let quantity = (back.quantity > 0).then_some(back.quantity);
            list.push(Returned { item, quantity, amount: back.amount });
        }
        let (left_units, left_money) = (units.unwrap_or(0), money.unwrap_or_default());
        if left_units > 0 || left_money > Money::ZERO || list.is_empty() {
            let asked = match (wanted.quantity, wanted.amount) {
                (Some(quantity), _) => format!("{quantity} × `{}`", wanted.sku),
                (None, Some(amount)) => format!("{amount} of `{}`", wanted.sku),
                (None, None) => format!("`{}`", wanted.sku),
            };
            let units: u32 = list.iter().filter_map(|back| back.quantity).fold(0, u32::saturating_add);
            let amount = Money::sum(list.iter().map(|back| back.amount)).map_err(failed)?;
            let left = if wanted.quantity.is_some() { format!("{units} of it") } else { amount.to_string() };
            return Err(AdjustError::TooMuch { action: self.action.id.clone(), asked, left });
        }
        self.list.extend(list);
        Ok(())
    }
}
