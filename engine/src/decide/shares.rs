//! Shares: which of the touches that may be credited are, and which part of the payout each partner gets.
//!
//! Shares have 12 decimals and sum to exactly one. What 12 decimals cannot say, such as a third, goes to the partners that lose most by
//! it, of equals to the first of the path.

use rust_decimal::Decimal;
use smallvec::smallvec;

use super::credited::{By, Eligible};
use super::decision::Role;
use super::few::Few;
use crate::facts::Action;
use crate::money::{Allocation, Money, Number, allocate};
use crate::terms::{BelowMin, Credit, CreditPolicy, RoleWeights};

/// The decimals of a share.
const SHARE_DECIMALS: u32 = 12;

/// The part that a partner has in an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// `None` if the partner is credited alone, or by a report without a role.
    pub(super) role: Option<Role>,
    /// The share of the payout: one for a partner who is credited alone, zero for one who only took part.
    pub(super) share: Decimal,
}

impl Part {
    /// Returns whether the partner shares the payout with others.
    pub(super) fn is_shared(&self) -> bool {
        self.share != Decimal::ONE && self.role.is_none_or(Role::is_credited)
    }
}

/// A partner of the path, in the order of the first touches.
struct Member {
    /// The earliest and the latest touch, as indexes of eligible touches.
    first: usize,
    last: usize,
    role: Role,
}

/// Returns the eligible touches that are credited or paid for participation, by index, each with its part.
pub(super) fn parts(action: &Action, eligible: &[Eligible<'_>]) -> Few<(usize, Part)> {
    let Some(first) = eligible.first() else { return Few::new() };
    let alone = |at: usize| smallvec![(at, Part { role: None, share: Decimal::ONE })];
    let mut parts = match first.by {
        By::Report(_) => reported(action, eligible),
        By::Code | By::Customer => alone(0),
        By::Touch(_) => {
            let best = eligible.iter().filter_map(Eligible::rank).min();
            let is_best = |at: &usize| eligible.get(*at).is_some_and(|of| of.rank() == best);
            let path: Vec<usize> = (0..eligible.len()).filter(is_best).collect();
            let latest = path.first().copied().unwrap_or(0);
            let Some(governing) = eligible.get(latest) else { return Few::new() };
            let credit = &governing.credited.version.credit;
            match &credit.policy {
                CreditPolicy::LastTouch | CreditPolicy::PromoCodeOwner | CreditPolicy::Reported(_) => {
                    alone(latest)
                }
                CreditPolicy::FirstTouch => alone(path.last().copied().unwrap_or(latest)),
                CreditPolicy::Roles(_) | CreditPolicy::Positions(_) | CreditPolicy::TimeDecay { .. } => {
                    shared(action, eligible, &path, credit)
                }
            }
        }
    };
    participants(eligible, &mut parts);
    parts
}

/// Adds the partners of the path who are not credited, and whose contract pays for participation.
fn participants(eligible: &[Eligible<'_>], parts: &mut Few<(usize, Part)>) {
    let partner = |at: usize| eligible.get(at).map(|of| of.credited.touch.partner.as_str());
    for (at, of) in eligible.iter().enumerate() {
        let pays = of.credited.version.payout.participation.is_some() && of.rank().is_some();
        if pays && parts.iter().all(|(other, _)| partner(*other) != partner(at)) {
            parts.push((at, Part { role: Some(Role::Participant), share: Decimal::ZERO }));
        }
    }
}

/// Returns the parts of the partners whom the host reports. A partner who may not be credited keeps a share, which nobody is paid.
fn reported(action: &Action, eligible: &[Eligible<'_>]) -> Few<(usize, Part)> {
    let credits = action.credits.as_slice();
    if credits.len() < 2 {
        return smallvec![(0, Part { role: None, share: Decimal::ONE })];
    }
    let roles: Vec<Option<Role>> =
        credits.iter().map(|credit| credit.role.as_deref().and_then(Role::reported)).collect();
    let governing = eligible.first().map(|of| &of.credited.version.credit.policy);
    let by_role = match governing {
        Some(CreditPolicy::Reported(weights)) => *weights,
        _ => None,
    };
    let weights: Vec<Decimal> = match by_role {
        Some(weights) if roles.iter().all(Option::is_some) => {
            role_weights(&roles.iter().flatten().copied().collect::<Vec<_>>(), &weights)
        }
        _ => {
            credits.iter().map(|credit| credit.weight.map_or(Decimal::ONE, |Number(weight)| weight)).collect()
        }
    };
    let shares = normalized(&weights);
    let of = |(at, of): (usize, &Eligible<'_>)| match of.by {
        By::Report(n) => {
            let share = *shares.get(n as usize)?;
            let role = roles.get(n as usize).copied().flatten();
            (!share.is_zero()).then_some((at, Part { role, share }))
        }
        By::Touch(_) | By::Code | By::Customer => None,
    };
    eligible.iter().enumerate().filter_map(of).collect()
}

/// Returns the parts of the partners of a path, whose touches are given from the latest to the earliest.
fn shared(action: &Action, eligible: &[Eligible<'_>], path: &[usize], credit: &Credit) -> Few<(usize, Part)> {
    let mut members = members(eligible, path);
    let mut weights: Vec<Decimal> = match &credit.policy {
        CreditPolicy::Roles(weights) => {
            role_weights(&members.iter().map(|member| member.role).collect::<Vec<_>>(), weights)
        }
        CreditPolicy::Positions(weights) => {
            let weight = |n: usize| weights.get(n).copied().unwrap_or_default();
            (0..members.len()).map(weight).collect()
        }
        CreditPolicy::TimeDecay { half_life } => {
            let seconds = |member: &Member| {
                let touch = eligible.get(member.last).map(|of| of.credited.touch.at);
                touch.map_or(0, |at| action.occurred_at.since(at).seconds)
            };
            let ages: Vec<i64> = members.iter().map(seconds).collect();
            decayed(&ages, half_life.seconds)
        }
        CreditPolicy::LastTouch
        | CreditPolicy::FirstTouch
        | CreditPolicy::PromoCodeOwner
        | CreditPolicy::Reported(_) => Vec::new(),
    };
    let mut shares = normalized(&weights);
    // The smallest share goes first, of equals that of the earliest partner, until all are large enough.
    while let Some(smallest) = smallest(&shares)
        .filter(|at| shares.get(*at).is_some_and(|share| *share < credit.min_share) && shares.len() > 1)
    {
        members.remove(smallest);
        match credit.below_min {
            BelowMin::ToOthers => {
                weights.remove(smallest);
                shares = normalized(&weights);
            }
            BelowMin::Unpaid => drop(shares.remove(smallest)),
        }
    }
    let is_alone = members.len() == 1 && shares.first() == Some(&Decimal::ONE);
    let part = |(member, share): (&Member, Decimal)| {
        let at = if member.role == Role::Introducer { member.first } else { member.last };
        let role = if is_alone { None } else { Some(member.role) };
        (at, Part { role, share })
    };
    let parts = members.iter().zip(shares).filter(|(_, share)| !share.is_zero()).map(part);
    parts.filter(|(_, part)| part.share >= credit.min_share || is_alone).collect()
}

fn smallest(shares: &[Decimal]) -> Option<usize> {
    shares.iter().enumerate().min_by_key(|(_, share)| **share).map(|(at, _)| at)
}

/// Returns the partners of a path by their first touches, with their roles.
fn members(eligible: &[Eligible<'_>], path: &[usize]) -> Vec<Member> {
    let partner = |at: usize| eligible.get(at).map(|of| of.credited.touch.partner.as_str());
    let mut members: Vec<Member> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for at in path.iter().rev().copied() {
        let next = members.len();
        let n = *known.entry(partner(at)).or_insert(next);
        match members.get_mut(n) {
            Some(member) => member.last = at,
            None => members.push(Member { first: at, last: at, role: Role::Influencer }),
        }
    }
    if let Some(first) = members.first_mut() {
        first.role = Role::Introducer;
    }
    let latest = path.first().copied();
    // Whoever is both is the closer, and has the part of the introducer too.
    if let Some(closer) = members.iter_mut().find(|member| Some(member.last) == latest) {
        closer.role = Role::Closer;
    }
    members
}

/// Returns the weight of each partner by role. A part that nobody has is left out, which gives it to the others in proportion. If
/// nobody is the introducer, the first partner, who is the closer too, has that part.
fn role_weights(roles: &[Role], weights: &RoleWeights) -> Vec<Decimal> {
    let count = |role: Role| roles.iter().filter(|of| **of == role).count();
    let (introducers, influencers, closers) =
        (count(Role::Introducer), count(Role::Influencer), count(Role::Closer));
    // Every part is divided by a number of partners: weights are multiplied by all of these numbers instead.
    let number = |count: usize| Decimal::from(count.max(1) as u64);
    let of_all = number(roles.len());
    let product =
        |others: [usize; 2]| others.into_iter().fold(of_all, |product, count| product * number(count));
    let everyone = weights.everyone * number(introducers) * number(influencers) * number(closers);
    let of = |role: &Role| {
        let own = match role {
            Role::Introducer => weights.introducer * product([influencers, closers]),
            Role::Influencer => weights.influencer * product([introducers, closers]),
            Role::Closer => weights.closer * product([introducers, influencers]),
            Role::Participant | Role::Parent => Decimal::ZERO,
        };
        everyone + own
    };
    let mut all: Vec<Decimal> = roles.iter().map(of).collect();
    if introducers == 0
        && let Some((_, weight)) = roles.iter().zip(&mut all).find(|(role, _)| **role == Role::Closer)
    {
        *weight += weights.introducer * product([influencers, closers]);
    }
    all
}

/// Returns weights as shares of one. Weights that are all zero have no shares.
fn normalized(weights: &[Decimal]) -> Vec<Decimal> {
    if weights.iter().all(Decimal::is_zero) {
        return vec![Decimal::ZERO; weights.len()];
    }
    let shares = allocate(Money(Decimal::ONE), weights, SHARE_DECIMALS, Allocation::LargestRemainder);
    shares.map_or_else(
        |_| vec![Decimal::ZERO; weights.len()],
        |shares| shares.iter().map(|share| share.0).collect(),
    )
}

/// The decimals of a weight by age.
const WEIGHT_DECIMALS: u32 = 15;

/// Returns the weight of each age: ½ to the power of the half-lives that it is longer than the least age, cut to 15 decimals.
fn decayed(ages: &[i64], half_life: i64) -> Vec<Decimal> {
    let least = ages.iter().copied().min().unwrap_or(0);
    let weight = |age: &i64| {
        let age = u128::from(age.abs_diff(least));
        let half_life = u128::from(half_life.max(1).unsigned_abs());
        let (halvings, rest) = (age / half_life, age % half_life);
        let fraction = (rest << 64) / half_life;
        // ½ to the power of a binary fraction is the product of the powers of its digits.
        let digits = POWERS.iter().enumerate().filter(|(n, _)| fraction >> (63 - n) & 1 == 1);
        let power = digits.fold(1_u128 << 64, |product, (_, power)| (product * u128::from(*power)) >> 64);
        let power =
            u32::try_from(halvings).ok().and_then(|halvings| power.checked_shr(halvings)).unwrap_or(0);
        let weight = (power * 10_u128.pow(WEIGHT_DECIMALS)) >> 64;
        i128::try_from(weight).ok().map_or(Decimal::ZERO, |weight| {
            Decimal::try_from_i128_with_scale(weight, WEIGHT_DECIMALS).unwrap_or_default()
        })
    };
    ages.iter().map(weight).collect()
}

/// ½ to the powers ½, ¼, ⅛ and so on, in units of 2⁻⁶⁴, each the root of the one before.
const POWERS: [u64; 64] = {
    let mut powers = [0; 64];
    let mut square: u128 = 1 << 127;
    let mut n = 0;
    while n < powers.len() {
        let root = root(square);
        #[allow(
            clippy::indexing_slicing,
            clippy::cast_possible_truncation,
            reason = "evaluated when the engine is compiled"
        )]
        {
            powers[n] = root as u64;
        }
        square = root << 64;
        n += 1;
    }
    powers
};

/// Returns the integer root.
const fn root(square: u128) -> u128 {
    let mut root = 0_u128;
    let mut bit = 1_u128 << 63;
    while bit > 0 {
        let next = root | bit;
        if next * next <= square {
            root = next;
        }
        bit >>= 1;
    }
    root
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn weights_halve_with_each_half_life() {
        let text =
            |ages: &[i64]| decayed(ages, 7 * 86_400).iter().map(ToString::to_string).collect::<Vec<_>>();
        let day = 86_400;
        assert_eq!(
            text(&[7 * day, 0, 14 * day]),
            ["0.500000000000000", "1.000000000000000", "0.250000000000000"]
        );
        // 2^(-1/7), 2^(-1/2) and 2^(-10/7): 0.90572366426390667…, 0.70710678118654752…, 0.37149857228423710….
        assert_eq!(
            text(&[0, day, 7 * day / 2, 10 * day]),
            ["1.000000000000000", "0.905723664263906", "0.707106781186547", "0.371498572284237"]
        );
        // Beyond 15 decimals a touch weighs nothing.
        assert_eq!(text(&[0, 7 * 50 * day]), ["1.000000000000000", "0.000000000000000"]);
    }

    #[test]
    fn shares_sum_to_one() {
        for count in 1_u32..50 {
            let weights: Vec<Decimal> = (1..=count).map(|n| Decimal::ONE / Decimal::from(n)).collect();
            assert_eq!(normalized(&weights).iter().sum::<Decimal>(), Decimal::ONE, "{count}");
        }
        let thirds: Vec<String> = normalized(&[Decimal::ONE; 3]).iter().map(ToString::to_string).collect();
        assert_eq!(thirds, ["0.333333333334", "0.333333333333", "0.333333333333"]);
    }
}
