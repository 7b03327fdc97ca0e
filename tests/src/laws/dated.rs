//! An award locks after the day of its action, as a day begins, and is paid on that day or later; on business days if its contract says
//! so.

use accrue::decide::Status;
use accrue::internals::calendar::{BusinessDays, DateRule};
use chrono::{Datelike as _, NaiveDate, NaiveTime};
use chrono_tz::Europe::Berlin;

use super::{decide, version};
use crate::choices::Choices;
use crate::generate::vocabulary::HOLIDAYS;
use crate::world::World;
use crate::{ensure, ensure_eq};

/// Each award has the dates that its contract declares.
///
/// # Errors
///
/// What does not hold.
pub fn awards_lock_and_are_paid_on_their_dates(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    for (index, decision) in decide(world)?.0 {
        let happened = world.actions[index].occurred_at.utc().with_timezone(&Berlin).date_naive();
        for award in &decision.awards {
            let Some(version) = version(world, award) else { continue };
            ensure_eq!(award.locks_at.is_some(), version.dates.locking.is_some());
            let is_paid = matches!(award.status, Status::Payable | Status::Held);
            ensure_eq!(award.pays_on.is_some(), version.dates.payment.is_some() && is_paid);
            let Some((locks_at, rule)) = award.locks_at.zip(version.dates.locking.as_ref()) else { continue };
            let local = locks_at.utc().with_timezone(&Berlin).naive_local();
            ensure_eq!(local.time(), NaiveTime::MIN, "{locks_at}");
            ensure!(local.date() > happened, "{locks_at} after {happened}");
            is_allowed(rule, local.date())?;
            if let Some((pays_on, rule)) = award.pays_on.zip(version.dates.payment.as_ref()) {
                ensure!(pays_on >= local.date(), "{pays_on} after {locks_at}");
                is_allowed(rule, pays_on)?;
            }
        }
    }
    Ok(())
}

fn is_allowed(rule: &DateRule, date: NaiveDate) -> Result<(), String> {
    if rule.business_days != BusinessDays::None {
        ensure!(date.weekday().number_from_monday() <= 5, "{date}");
        ensure!(!HOLIDAYS.contains(&date.to_string().as_str()), "{date}");
    }
    Ok(())
}
