//! Dates of a program and of its reference facts that are due within some days: contract versions that begin, end or are to be
//! reviewed, creatives and promo codes that expire, and lists of holidays that run out. A host lists them; nothing is sent.

#[cfg(test)]
mod tests;

use std::fmt;

use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decide::WithinReach;
use crate::facts::Reference;
use crate::money::Money;
use crate::terms::{Contract, Terms};
use crate::time::Timestamp;

/// A date that is due. [`Program::due`](crate::Program::due) lists them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Due")]
#[non_exhaustive]
pub struct Due {
    /// The date: of a beginning and a review the day itself, of an end the last day.
    #[schemars(with = "String")]
    pub on: NaiveDate,
    /// What is due on that date.
    #[serde(flatten)]
    pub what: DueKind,
    /// The number of days from the date that was asked for.
    pub in_days: u32,
}

/// What is due on a date. [`fmt::Display`] writes it as a sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum DueKind {
    /// A contract version begins.
    VersionBegins {
        /// The name of the contract.
        contract: String,
        /// The number of the version.
        version: u32,
    },
    /// A contract version is in force for the last day.
    VersionEnds {
        /// The name of the contract.
        contract: String,
        /// The number of the version.
        version: u32,
        /// The number of the version that begins when this version ends; `None` if actions are rejected from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<u32>,
    },
    /// A contract version is to be reviewed.
    Review {
        /// The name of the contract.
        contract: String,
        /// The number of the version.
        version: u32,
    },
    /// A creative may be used for the last day.
    CreativeExpires {
        /// The id of the creative.
        creative: String,
    },
    /// A promo code is valid for the last day.
    PromoCodeExpires {
        /// The promo code.
        promo_code: String,
        /// The partner that the code belongs to; `None` for a public code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
    },
    /// A partner is near the next tier of a bonus; the date is the last of the period.
    TierWithinReach {
        /// The name of the contract.
        contract: String,
        /// The name of the bonus.
        bonus: String,
        /// The partner.
        partner: String,
        /// The tier.
        #[serde(with = "crate::money::computed")]
        #[schemars(with = "crate::money::computed::Computed")]
        tier: Money,
        /// What the partner lacks of it.
        #[serde(with = "crate::money::computed")]
        #[schemars(with = "crate::money::computed::Computed")]
        lacks: Money,
    },
    /// A list of holidays has its last date: later holidays count as business days until they are listed.
    HolidaysEnd {
        /// The name of the list.
        holidays: String,
    },
}

impl fmt::Display for DueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VersionBegins { contract, version } => write!(f, "{contract} {version} begins"),
            Self::VersionEnds { contract, version, next: Some(next) } => {
                write!(f, "{contract} {version} ends, and version {next} follows")
            }
            Self::VersionEnds { contract, version, next: None } => {
                write!(f, "{contract} {version} ends, and no version follows")
            }
            Self::Review { contract, version } => write!(f, "{contract} {version} is to be reviewed"),
            Self::CreativeExpires { creative } => write!(f, "creative {creative} expires"),
            Self::PromoCodeExpires { promo_code, owner: Some(owner) } => {
                write!(f, "promo code {promo_code} of {owner} expires")
            }
            Self::PromoCodeExpires { promo_code, owner: None } => {
                write!(f, "promo code {promo_code} expires")
            }
            Self::TierWithinReach { contract, bonus, partner, tier, lacks } => {
                let (tier, lacks) = (tier.0.normalize(), lacks.0.normalize());
                write!(f, "{partner} lacks {lacks} of the tier {tier} of {bonus}, {contract}")
            }
            Self::HolidaysEnd { holidays } => write!(f, "the holidays {holidays} have their last date"),
        }
    }
}

/// The dates of some days, and what was found in them.
struct Window {
    on: NaiveDate,
    days: u32,
    found: Vec<Due>,
}

impl Window {
    /// Adds a date if it is due within the days, or within `days` if it has a number of its own.
    fn add(&mut self, on: NaiveDate, days: Option<u32>, what: DueKind) {
        let last = self.on.checked_add_days(Days::new(days.unwrap_or(self.days).into()));
        if on < self.on || last.is_some_and(|last| on > last) {
            return;
        }
        let in_days = u32::try_from(on.signed_duration_since(self.on).num_days()).unwrap_or(u32::MAX);
        self.found.push(Due { on, what, in_days });
    }
}

/// Returns what is due from a date on, for `days` days, with the tiers that are within reach: see
/// [`Program::due`](crate::Program::due).
pub(crate) fn due(
    terms: &Terms,
    reference: &Reference,
    on: NaiveDate,
    days: u32,
    tiers: Vec<WithinReach>,
) -> Vec<Due> {
    let mut window = Window { on, days, found: Vec::new() };
    for WithinReach { until, contract, bonus, partner, tier, lacks } in tiers {
        let (tier, lacks) = (Money(tier), Money(lacks));
        window.add(until, None, DueKind::TierWithinReach { contract, bonus, partner, tier, lacks });
    }
    let last_day = |until: Timestamp| terms.zone.last_date(until);
    for contract in &terms.contracts {
        versions(contract, terms, &mut window);
    }
    for creative in reference.creatives() {
        if let Some(until) = creative.valid_until {
            window.add(last_day(until), None, DueKind::CreativeExpires { creative: creative.id.clone() });
        }
    }
    for code in reference.promo_codes.values() {
        if let Some(until) = code.valid_until {
            let (promo_code, owner) = (code.code.clone(), code.owner.clone());
            window.add(last_day(until), None, DueKind::PromoCodeExpires { promo_code, owner });
        }
    }
    for (name, holidays) in &terms.holidays {
        if let Some(last) = holidays.last() {
            window.add(last, None, DueKind::HolidaysEnd { holidays: name.clone() });
        }
    }
    window.found.sort_unstable();
    window.found
}

fn versions(contract: &Contract, terms: &Terms, window: &mut Window) {
    let mut before = None;
    for version in &contract.versions {
        // A file that pays in several currencies or by event type is several versions with one number.
        if before.replace(version.number) == Some(version.number) {
            continue;
        }
        let (name, number, days) = (&contract.name, version.number, version.notice_days);
        if let Some(from) = version.effective.from {
            let what = DueKind::VersionBegins { contract: name.clone(), version: number };
            window.add(terms.zone.date(from), days, what);
        }
        if let Some(until) = version.effective.until {
            let next = contract.versions.iter().find(|next| next.effective.from == Some(until));
            let next = next.map(|next| next.number);
            let what = DueKind::VersionEnds { contract: name.clone(), version: number, next };
            window.add(terms.zone.last_date(until), days, what);
        }
        if let Some(review_on) = version.review_on {
            window.add(review_on, days, DueKind::Review { contract: name.clone(), version: number });
        }
    }
}
