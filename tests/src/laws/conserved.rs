//! Law 1: money is conserved. Lines sum to partners, partners to decisions, decisions to totals.

use accrue::counters::COUNTED_DECIMALS;
use accrue::decide::{Award, Decision, Status};
use accrue::internals::terms;
use accrue::money::{Money, RoundingMode};

use super::decide;
use crate::awarded::{is_credited, paid};
use crate::choices::Choices;
use crate::world::World;
use crate::{ensure, ensure_eq};
use rust_decimal::Decimal;

fn sum(amounts: impl Iterator<Item = Money>) -> Money {
    Money::sum(amounts).unwrap()
}

/// Shares sum to lines, lines to partners, partners to the decision.
pub fn shares_sum_to_the_whole(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    for (_, decision) in decide(world)?.0 {
        let digits = world.program.currency().minor_digits();
        ensure_eq!(sum(decision.awards.iter().map(|partner| partner.payout)), paid(&decision));
        for partner in &decision.awards {
            ensure_eq!(sum(partner.lines.iter().map(|line| line.payout)), partner.payout);
            for line in &partner.lines {
                ensure_eq!(line.payout.round(digits, Default::default()), line.payout, "whole minor units");
                if !line.shares.is_empty() {
                    ensure_eq!(sum(line.shares.iter().map(|share| share.payout)), line.payout);
                }
            }
        }
        if matches!(decision.status, Status::Rejected | Status::Zero) {
            ensure_eq!(paid(&decision), Money::ZERO, "{:?}", decision.status);
        }
    }
    Ok(())
}

/// The shares of the partners who share an action are 1 at the most, and so are their parts of the commissionable amount.
pub fn awards_share_one_whole(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    for (_, decision) in decide(world)?.0 {
        let credited: Vec<&Award> = decision.awards.iter().filter(|award| is_credited(award)).collect();
        let shares: Decimal = credited.iter().map(|award| award.share.unwrap_or(Decimal::ONE)).sum();
        ensure!(shares <= Decimal::ONE, "{shares}");
        ensure!(credited.iter().all(|award| award.share.is_none_or(|share| share > Decimal::ZERO)));
        let mut partners: Vec<&str> = credited.iter().map(|award| award.partner.as_str()).collect();
        partners.sort_unstable();
        partners.dedup();
        ensure_eq!(partners.len(), credited.len(), "each partner once");
        // Under one contract version, what is earned is the sum of the shares, rounded once.
        for award in &credited {
            let of_version: Vec<&&Award> =
                credited.iter().filter(|other| other.contract == award.contract).collect();
            let whole = of_version.len() == credited.len() && shares == Decimal::ONE;
            let line = |award: &Award| award.lines.first().map(|line| (line.unrounded, line.earned));
            let lines: Vec<_> = of_version.iter().filter_map(|award| line(award)).collect();
            let alike = lines.len() == of_version.len() && lines.iter().all(|(of, _)| *of == lines[0].0);
            if whole && alike && award.lines.len() == 1 {
                let rounded = lines[0].0.round(award.minor_digits, award.rounding.mode);
                ensure_eq!(sum(lines.iter().map(|(_, earned)| *earned)), rounded);
            }
        }
    }
    Ok(())
}

/// Counters are what the decisions that count sum to.
pub fn totals_are_the_sum_of_decisions(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let (decisions, totals) = decide(world)?;
    // The program's lifetime total, which every generated contract declares.
    let version = &terms(&world.program).contracts[0].versions[0];
    let total = version.totals.iter().find(|total| total.name == "all_time").unwrap();
    let counter = world.program.counter_ids()[total.counter].clone();
    let found: Vec<_> = totals.entries().into_iter().filter(|entry| entry.counter == counter).collect();
    // A sum of more digits than an amount may have cannot be compared with one.
    if found.len() > 1 {
        return Ok(());
    }
    let found = found.first().map(|entry| entry.sums).unwrap_or_default();
    let counted = |decision: &'_ Decision| -> Vec<Award> {
        decision.awards.iter().filter(|award| award.counts).cloned().collect()
    };
    let counted: Vec<Vec<Award>> = decisions.iter().map(|(_, decision)| counted(decision)).collect();
    let all = || counted.iter().flatten();
    let number = |of: &dyn Fn(&Award) -> bool| {
        let count =
            counted.iter().filter(|awards| awards.iter().any(|award| is_credited(award) && of(award)));
        i64::try_from(count.count()).unwrap()
    };
    ensure_eq!(found.actions, number(&|_| true));
    ensure_eq!(found.payouts, sum(all().map(|award| award.payout)));
    // Converted amounts may have more decimals than are counted.
    let counted_base = |base: Money| base.round(COUNTED_DECIMALS, RoundingMode::HalfEven);
    ensure_eq!(found.revenue, sum(all().map(|award| counted_base(award.base))));
    ensure_eq!(found.paid_actions, number(&|award| award.payout > Money::ZERO));
    Ok(())
}
