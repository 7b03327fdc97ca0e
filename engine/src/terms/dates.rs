//! Reads when awards lock and are paid, and when a contract is to be reviewed.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::model::Dates;
use super::program::Declared;
use super::read::{At, Sink, did_you_mean, shown};
use super::source_files::PROGRAM;
use super::tables::{ContractFile, LockingTable, PaymentTable};
use super::values::Word;
use crate::calendar::{BusinessDays, CountFrom, Counting, DateRule, Holidays};
use crate::diagnostic::Code;
use crate::time::{Interval, Zone};

/// The most months in a date rule: ten years, more than any published term.
const MOST_MONTHS: u32 = 120;
/// The most days in a date rule: ten years.
const MOST_DAYS: u32 = 3_660;
/// The most days before a date of a contract that a notice may come: a leap year.
const MOST_NOTICE_DAYS: u32 = 366;

/// The keys that `[locking]` and `[payment]` share.
struct Keys<'t> {
    from: CountFrom,
    months: Option<&'t At<u32>>,
    days: &'t At<u32>,
    counting: Counting,
    business_days: Option<&'t At<Word<BusinessDays>>>,
    holidays: Option<&'t At<String>>,
}

/// Reads `[locking]` and `[payment]`. Adds the names of the holidays that they use to `used`.
pub(super) fn dates(
    file: &ContractFile,
    declared: &Declared,
    used: &mut BTreeSet<String>,
    sink: &mut Sink<'_>,
) -> Dates {
    let locking = file.locking.as_ref().and_then(|at| locking(&at.value, declared, used, sink));
    let payment = file.payment.as_ref().and_then(|at| payment(&at.value, declared, used, sink));
    if let Some(payment) = file.payment.as_ref().filter(|_| file.keys.get("locking").is_none()) {
        let message =
            "`[payment]` counts from the month in which an award locks, and this contract has no `[locking]`";
        let help = "add `[locking]`, such as `from = \"month_end\"` and `days = 27`";
        let diagnostic = sink.at(Code::MissingKey, payment.value.at, message).help(help);
        sink.push(diagnostic);
    }
    Dates { locking, payment }
}

fn locking(
    table: &LockingTable,
    declared: &Declared,
    used: &mut BTreeSet<String>,
    sink: &mut Sink<'_>,
) -> Option<DateRule> {
    let from = table.from.as_ref()?;
    if let (CountFrom::Action, Some(months)) = (from.value.0, &table.months) {
        let message = "months are counted from the end of a month, and these are counted from the action";
        let diagnostic = sink
            .at(Code::ConflictingKeys, months.key, message)
            .label(sink.place(from.span), "from the action");
        sink.push(diagnostic.help("leave `months` out, or write `from = \"month_end\"`"));
    }
    let counting = match from.value.0 {
        CountFrom::Action => Counting::Dates,
        CountFrom::MonthEnd => Counting::FullDays,
    };
    let days = table.days.as_ref()?;
    let keys = Keys {
        from: from.value.0,
        months: table.months.as_ref(),
        days,
        counting: table.counting.as_ref().map_or(counting, |at| at.value.0),
        business_days: table.business_days.as_ref(),
        holidays: table.holidays.as_ref(),
    };
    let rule = rule(&keys, declared, used, sink);
    if (rule.months, rule.days, rule.counting) == (0, 0, Counting::Dates) {
        let message = "with no days, an award locks before the day of its action is over";
        let help = "write `days = 1`, or `counting = \"full_days\"`, which locks it when that day is over";
        let diagnostic = sink.at(Code::WrongValue, days.span, message).help(help);
        sink.push(diagnostic);
    }
    Some(rule)
}

fn payment(
    table: &PaymentTable,
    declared: &Declared,
    used: &mut BTreeSet<String>,
    sink: &mut Sink<'_>,
) -> Option<DateRule> {
    let keys = Keys {
        from: CountFrom::MonthEnd,
        months: table.months.as_ref(),
        days: table.days.as_ref()?,
        counting: table.counting.as_ref().map_or(Counting::Dates, |at| at.value.0),
        business_days: table.business_days.as_ref(),
        holidays: table.holidays.as_ref(),
    };
    Some(rule(&keys, declared, used, sink))
}

fn rule(keys: &Keys<'_>, declared: &Declared, used: &mut BTreeSet<String>, sink: &mut Sink<'_>) -> DateRule {
    let months = keys.months.map_or(0, |at| at_most(at, MOST_MONTHS, "months", sink));
    let days = at_most(keys.days, MOST_DAYS, "days", sink);
    let business_days = keys.business_days.map(|at| at.value.0).unwrap_or_default();
    let holidays = keys.holidays.map(|name| {
        if business_days == BusinessDays::None {
            let message = "`holidays` are no business days, and no date moves to a business day here";
            let help = "add `business_days = \"next\"` or `\"previous\"`, or leave `holidays` out";
            let diagnostic = sink.at(Code::MissingKey, name.key, message).help(help);
            sink.push(diagnostic);
        }
        used.insert(name.value.clone());
        holidays(name, declared, sink)
    });
    let holidays = holidays.unwrap_or_default();
    DateRule { from: keys.from, months, days, counting: keys.counting, business_days, holidays }
}

fn at_most(number: &At<u32>, most: u32, what: &str, sink: &mut Sink<'_>) -> u32 {
    if number.value > most {
        let message = format!("{} {what} are more than the {most} there may be", number.value);
        let diagnostic = sink.at(Code::TooLarge, number.span, message).help(format!("write at most {most}"));
        sink.push(diagnostic);
    }
    number.value.min(most)
}

fn holidays(name: &At<String>, declared: &Declared, sink: &mut Sink<'_>) -> Holidays {
    if let Some(holidays) = declared.holidays.get(&name.value) {
        return holidays.clone();
    }
    if declared.whole {
        let message = format!("there are no holidays `{}`", shown(&name.value));
        let known = declared.holidays.keys().map(String::as_str);
        let none = format!(
            "declare them in `{PROGRAM}`: `{} = [2026-12-25]` under `[holidays]`",
            shown(&name.value)
        );
        let help = did_you_mean(&name.value, name.span, known, &none);
        let diagnostic = sink.at(Code::UndeclaredName, name.span, message).help(help);
        sink.push(diagnostic);
    }
    Holidays::default()
}

/// Reads the day on which a version is to be reviewed. It must be a day on which the version is in force.
pub(super) fn review_on(
    file: &ContractFile,
    effective: Option<Interval>,
    zone: Zone,
    sink: &mut Sink<'_>,
) -> Option<NaiveDate> {
    let (review, effective) = (file.review_on.as_ref()?, effective?);
    let (start, end) = (zone.start_of(review.value), zone.end_of(review.value));
    if !effective.overlaps(Interval { from: Some(start), until: Some(end) }) {
        let message = format!("this version is not in force on `{}`", review.value);
        let mut diagnostic = sink.at(Code::ImpossibleDate, review.span, message);
        let is_late = effective.until.is_some_and(|until| until <= start);
        let (bound, label) = match is_late {
            true => (&file.effective_until, "it ends here"),
            false => (&file.effective_from, "it begins here"),
        };
        if let Some(bound) = bound {
            diagnostic = diagnostic.label(sink.place(bound.span), label);
        }
        sink.push(diagnostic.help("write a day between its first and its last"));
    }
    Some(review.value)
}

/// Reads how many days before a date of the contract its notice comes.
pub(super) fn notice_days(file: &ContractFile, sink: &mut Sink<'_>) -> Option<u32> {
    file.notice_days.as_ref().map(|at| at_most(at, MOST_NOTICE_DAYS, "days", sink))
}
