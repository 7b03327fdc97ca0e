//! Tells the parts of a version that are not lists: where it holds, the commissionable amount, credit, reversals, dates, and the
//! parameters of components.

use super::context::Context;
use super::model::{Entry, Line, Section, SectionKind, Sentence};
use super::numbers;
use super::sentence::{counted, list, name, plain, say, words};
use super::told::{Condition, general, line, names, stop};
use super::words::Phrase;
use crate::calendar::{BusinessDays, CountFrom, Counting, DateRule};
use crate::lang::Const;
use crate::money::{Allocation, RoundingMode};
use crate::terms::{
    AfterLock, Anchor, AtEnd, BelowMin, BelowThreshold, ConvertedAmounts, CountsIn, CreditPolicy, Late,
    PayoutPer, RoleWeights, RoundingPlace, Takes,
};

/// The most contracts that are named as tried before another one.
const NAMED: usize = 5;

fn entry(called: Phrase, phrase: Phrase) -> Entry {
    general(called, vec![line(0, words(phrase))])
}

/// Tells when the version is in force, and for which partners. `earlier` are contracts that are tried before this one.
pub(super) fn scope(context: &Context<'_>, earlier: &[&str]) -> Section {
    let version = context.version;
    let zone = context.terms.zone;
    let from = version.effective.from.map(|at| context.number(numbers::moment(at, zone), "effective_from"));
    let until = version.effective.until.map(|at| context.number(numbers::end(at, zone), "effective_until"));
    let in_force = match (from, until) {
        (Some(from), Some(until)) => say(Phrase::InForceBetween, [from, until]),
        (Some(from), None) => say(Phrase::InForceFrom, [from]),
        (None, Some(until)) => say(Phrase::InForceUntil, [until]),
        (None, None) => words(Phrase::InForceAlways),
    };
    let anchor = words(match version.anchor {
        Anchor::Click => Phrase::AnchorClick,
        Anchor::Event => Phrase::AnchorEvent,
        Anchor::Submission => Phrase::AnchorSubmission,
    });
    let mut lines = vec![line(0, in_force), line(0, anchor)];
    if context.partner.is_none() {
        if let Some(review) = version.review_on {
            let review = context.number(review.to_string(), "review_on");
            lines.push(line(0, say(Phrase::ReviewOn, [review])));
        }
        if let Some(days) = version.notice_days {
            lines.push(line(0, say(Phrase::NoticeDays, [context.count(days, "notice_days")])));
        }
    }
    let mut entries = vec![general(Phrase::NameInForce, lines)];
    let partners = &version.partners;
    let mut lines = Vec::new();
    match context.partner {
        Some(known) => {
            let phrase = if partners.ids.iter().any(|id| id == known.id) {
                words(Phrase::OwnContract)
            } else if let Some(group) = known.groups().iter().find(|group| partners.groups.contains(group)) {
                say(Phrase::GroupContract, [name(group.as_str())])
            } else {
                words(Phrase::ContractForAll)
            };
            lines.push(line(0, phrase));
        }
        None if partners.is_everyone() => lines.push(line(0, words(Phrase::ForEveryone))),
        None => {
            if !partners.ids.is_empty() {
                lines.push(line(0, say(Phrase::ForPartners, [names(&partners.ids, Phrase::And)])));
            }
            if !partners.groups.is_empty() {
                lines.push(line(0, say(Phrase::ForGroups, [names(&partners.groups, Phrase::Or)])));
            }
        }
    }
    if context.partner.is_none() && !earlier.is_empty() {
        let told = match earlier.len() > NAMED {
            true => say(Phrase::OtherContracts, [plain(earlier.len().to_string())]),
            false => list(earlier.iter().map(|contract| name(*contract)).collect(), Phrase::And),
        };
        lines.push(line(0, say(Phrase::TriedAfter, [told])));
    }
    entries.push(general(Phrase::NamePartners, lines));
    Section { kind: SectionKind::Scope, heading: words(Phrase::ScopeHeading), entries }
}

/// Tells what the commissionable amount is.
pub(super) fn amount(context: &Context<'_>) -> Section {
    let amount = &context.version.amount;
    let mut entries = Vec::new();
    entries.push(match &amount.order {
        Some(rule) => {
            let told = context.value(rule, "amount.order");
            general(Phrase::NameOrder, stop(told.sentence, told.lines))
        }
        None => entry(Phrase::NameOrder, Phrase::AmountOfOrder),
    });
    if let Some(rule) = &amount.item {
        let told = context.value(rule, "amount.item");
        entries.push(general(Phrase::NameItem, stop(told.sentence, told.lines)));
    } else if context.version.payout.per == PayoutPer::Item || amount.spread.is_some() {
        entries.push(entry(Phrase::NameItem, Phrase::AmountOfItem));
    }
    if let Some(rule) = &amount.spread {
        let told = context.value(rule, "amount.spread");
        let mut lines = stop(say(Phrase::Spread, [told.sentence]), told.lines);
        lines.push(line(
            0,
            words(match amount.allocation {
                Allocation::LargestRemainder => Phrase::AllocationLargest,
                Allocation::First => Phrase::AllocationFirst,
                Allocation::Last => Phrase::AllocationLast,
            }),
        ));
        entries.push(general(Phrase::NameTakenOff, lines));
    }
    Section { kind: SectionKind::Amount, heading: words(Phrase::AmountHeading), entries }
}

fn weights(context: &Context<'_>, of: &RoleWeights) -> Sentence {
    let parts = [
        (of.introducer, Phrase::Introducer, "introducer"),
        (of.influencer, Phrase::Influencer, "influencer"),
        (of.closer, Phrase::Closer, "closer"),
        (of.everyone, Phrase::Everyone, "everyone"),
    ];
    let parts = parts.into_iter().filter(|(share, ..)| !share.is_zero());
    let told = parts
        .map(|(share, phrase, key)| say(phrase, [context.percent(share, &format!("credit.roles.{key}"))]));
    list(told.collect(), Phrase::And)
}

/// Returns whether a policy looks at the path of touches, so that referral windows matter.
fn reads_path(policy: &CreditPolicy) -> bool {
    !matches!(policy, CreditPolicy::Reported(_))
}

/// Tells who is credited.
pub(super) fn credit(context: &Context<'_>) -> Section {
    let credit = &context.version.credit;
    let mut entries = Vec::new();
    let mut lines = Vec::new();
    if credit.standing {
        lines.push(line(0, words(Phrase::Standing)));
    }
    let policy = match &credit.policy {
        CreditPolicy::LastTouch => words(Phrase::LastTouch),
        CreditPolicy::FirstTouch => words(Phrase::FirstTouch),
        CreditPolicy::PromoCodeOwner => words(Phrase::PromoCodeOwner),
        CreditPolicy::Reported(None) => words(Phrase::Reported),
        CreditPolicy::Reported(Some(of)) => say(Phrase::ReportedByRole, [weights(context, of)]),
        CreditPolicy::Roles(of) => say(Phrase::ByRole, [weights(context, of)]),
        CreditPolicy::Positions(shares) => {
            let shares = shares.iter().enumerate();
            let shares = shares.map(|(n, share)| context.percent(*share, &format!("credit.positions[{n}]")));
            say(Phrase::ByPosition, [list(shares.collect(), Phrase::And)])
        }
        CreditPolicy::TimeDecay { half_life } => {
            say(Phrase::TimeDecay, [context.duration(*half_life, "credit.half_life")])
        }
    };
    lines.push(line(0, policy));
    entries.push(general(Phrase::NameWho, lines));
    if reads_path(&credit.policy) {
        let windows = [
            (credit.windows.click, Phrase::AfterClick, "click"),
            (credit.windows.impression, Phrase::AfterImpression, "impression"),
            (credit.windows.code, Phrase::AfterCode, "code"),
        ];
        let windows = windows.into_iter().filter_map(|(window, phrase, key)| {
            Some(say(phrase, [context.duration(window?, &format!("credit.windows.{key}"))]))
        });
        let windows: Vec<Sentence> = windows.collect();
        let told = match windows.is_empty() {
            true => words(Phrase::NoWindow),
            false => say(Phrase::Windows, [list(windows, Phrase::Or)]),
        };
        entries.push(general(Phrase::NameWindows, vec![line(0, told)]));
    }
    if let Some(when) = &credit.when {
        match context.condition(Some(when), "credit.when") {
            Condition::Always => {}
            Condition::Never => entries.push(entry(Phrase::NameTouches, Phrase::NoTouch)),
            Condition::If(told) => entries.push(general(
                Phrase::NameTouches,
                stop(say(Phrase::OnlyTouchesIf, [told.sentence]), told.lines),
            )),
        }
    }
    let mut preferences: Vec<Line> = Vec::new();
    for (n, rule) in credit.prefer.iter().enumerate() {
        match context.condition(Some(rule), &format!("credit.prefer[{n}]")) {
            Condition::Never => {}
            Condition::Always => preferences.push(line(1, words(Phrase::AnyTouch))),
            Condition::If(told) => {
                preferences.push(line(1, say(Phrase::TouchIf, [told.sentence])));
                preferences
                    .extend(told.lines.into_iter().map(|l| Line { depth: l.depth.saturating_add(1), ..l }));
            }
        }
    }
    if !preferences.is_empty() {
        preferences.insert(0, line(0, words(Phrase::Preferred)));
        entries.push(general(Phrase::NamePreferred, preferences));
    }
    if !credit.min_share.is_zero() {
        let share = context.percent(credit.min_share, "credit.min_share");
        let phrase = match credit.below_min {
            BelowMin::ToOthers => Phrase::MinShareToOthers,
            BelowMin::Unpaid => Phrase::MinShareUnpaid,
        };
        entries.push(general(Phrase::NameMinShare, vec![line(0, say(phrase, [share]))]));
    }
    Section { kind: SectionKind::Credit, heading: words(Phrase::CreditHeading), entries }
}

/// Tells what becomes of a payout if its action is taken back.
pub(super) fn reversals(context: &Context<'_>) -> Section {
    let reversals = &context.version.reversals;
    let mut lines = vec![line(
        0,
        words(match reversals.takes {
            Takes::ProRata => Phrase::TakesProRata,
            Takes::Whole => Phrase::TakesWhole,
        }),
    )];
    if let Some(threshold) = &reversals.threshold {
        let threshold = context.percent(threshold.share, "reversals.threshold");
        let phrase = match reversals.below_threshold {
            BelowThreshold::Keep => Phrase::ThresholdKeep,
            BelowThreshold::ProRata => Phrase::ThresholdProRata,
        };
        lines = vec![line(0, say(phrase, [threshold]))];
    }
    if !reversals.ages.is_empty() {
        lines.push(line(0, words(Phrase::Ages)));
        for (n, age) in reversals.ages.iter().enumerate() {
            let path = format!("reversals.ages[{n}]");
            let days = context.count(age.from_days, &format!("{path}.from_days"));
            let share = context.percent(age.share, &format!("{path}.share"));
            lines.push(line(1, say(Phrase::Age, [days, share])));
        }
    }
    if reversals.counts_in == CountsIn::Current {
        lines.push(line(0, words(Phrase::CountsInCurrent)));
    }
    if context.version.dates.locking.is_some() {
        lines.push(line(
            0,
            words(match reversals.after_lock {
                AfterLock::Refuse => Phrase::AfterLockRefuse,
                AfterLock::Allow => Phrase::AfterLockAllow,
            }),
        ));
    }
    Section {
        kind: SectionKind::Reversals,
        heading: words(Phrase::ReversalsHeading),
        entries: vec![general(Phrase::NameReturns, lines)],
    }
}

/// Tells a date that follows from another, by one of two phrases.
fn date_rule(
    context: &Context<'_>,
    rule: &DateRule,
    path: &str,
    (same_month, later_month): (Phrase, Phrase),
) -> Sentence {
    let days = context.count(rule.days, &format!("{path}.days"));
    let days = match rule.counting {
        Counting::Dates => counted(days, Phrase::DayAfter, Phrase::DaysAfter),
        Counting::FullDays => counted(days, Phrase::FullDayAfter, Phrase::FullDaysAfter),
    };
    let told = if rule.months == 0 {
        say(same_month, [days])
    } else {
        let later = context.count(rule.months, &format!("{path}.months"));
        say(later_month, [days, counted(later, Phrase::MonthLater, Phrase::MonthsLater)])
    };
    let told = match rule.business_days {
        BusinessDays::None => told,
        BusinessDays::Next => say(Phrase::BusinessNext, [told]),
        BusinessDays::Previous => say(Phrase::BusinessPrevious, [told]),
    };
    say(Phrase::Stop, [told])
}

/// Tells when payouts lock and are paid, what happens at the end, and how payouts are rounded.
pub(super) fn dates(context: &Context<'_>) -> Section {
    let version = context.version;
    let mut lines = Vec::new();
    match &version.dates.locking {
        Some(rule) => {
            let phrase = match rule.from {
                CountFrom::Action => Phrase::LocksAfterAction,
                CountFrom::MonthEnd => Phrase::LocksAfterMonth,
            };
            let told = date_rule(context, rule, "locking", (phrase, Phrase::LocksAfterMonths));
            lines.push(line(0, told));
        }
        None => lines.push(line(0, words(Phrase::NoLocking))),
    }
    match &version.dates.payment {
        Some(rule) => {
            let phrases = (Phrase::PaidAfterMonth, Phrase::PaidAfterMonths);
            lines.push(line(0, date_rule(context, rule, "payment", phrases)));
        }
        None => lines.push(line(0, words(Phrase::NoPayment))),
    }
    lines.push(line(
        0,
        words(match version.late {
            Late::Hold => Phrase::LateHold,
            Late::Current => Phrase::LateCurrent,
        }),
    ));
    let mut entries = vec![general(Phrase::NameDates, lines)];
    if version.dates.locking.is_some() {
        let end = |what: AtEnd| {
            words(match what {
                AtEnd::Pay => Phrase::EndPay,
                AtEnd::Hold => Phrase::EndHold,
                AtEnd::Forfeit => Phrase::EndForfeit,
            })
        };
        let lines = vec![
            line(0, say(Phrase::WhenContractEnds, [end(version.at_end.contract)])),
            line(0, say(Phrase::WhenPartnerLeaves, [end(version.at_end.partner)])),
        ];
        entries.push(general(Phrase::NameAtEnd, lines));
    }
    let rounding = &version.rounding;
    let mode = words(match rounding.mode {
        RoundingMode::HalfUp => Phrase::HalfUp,
        RoundingMode::HalfEven => Phrase::HalfEven,
        RoundingMode::Up => Phrase::RoundUp,
        RoundingMode::Down => Phrase::RoundDown,
    });
    let phrase = match (rounding.place, version.payout.per) {
        (RoundingPlace::Item, PayoutPer::Item) => Phrase::RoundLines,
        (RoundingPlace::Order, PayoutPer::Item) => Phrase::RoundSum,
        (_, PayoutPer::Order) => Phrase::RoundPayout,
    };
    let mut lines = vec![line(0, say(phrase, [mode]))];
    lines.push(line(
        0,
        words(match rounding.converted {
            ConvertedAmounts::MinorUnit => Phrase::ConvertedRounded,
            ConvertedAmounts::Unrounded => Phrase::ConvertedUnrounded,
        }),
    ));
    entries.push(general(Phrase::NameRounding, lines));
    Section { kind: SectionKind::Dates, heading: words(Phrase::DatesHeading), entries }
}

/// Tells the parameters that components receive; `None` if the version has no component.
pub(super) fn parameters(context: &Context<'_>) -> Option<Section> {
    let (_, component) = context.version.components().next()?;
    if context.partner.is_some() || component.params.is_empty() {
        return None;
    }
    let entries = component.params.iter().map(|(called, value)| {
        let path = format!("params.{called}");
        let told = match numbers::constant(value, context.version.currency, context.terms.zone) {
            Some(number) => context.number(number, &path),
            None => match value {
                Const::Text(text) => name(text.as_str()),
                Const::Bool(true) => words(Phrase::True),
                _ => words(Phrase::False),
            },
        };
        Entry { name: Some(called.clone()), place: None, lines: vec![Line { depth: 0, sentence: told }] }
    });
    let mut entries: Vec<Entry> = entries.collect();
    let intro = vec![line(0, words(Phrase::ParametersIntro))];
    entries.insert(0, Entry { name: None, place: None, lines: intro });
    Some(Section { kind: SectionKind::Parameters, heading: words(Phrase::ParametersHeading), entries })
}
