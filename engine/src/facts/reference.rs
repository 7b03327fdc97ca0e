//! Reference facts: what is known about partners, creatives and promo codes, exchange rates, and what is paused.
//!
//! They change from day to day, outside any contract, so they are an input beside the action and not part of the
//! terms.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::record::{records, words};
use crate::money::{Currency, Number};
use crate::time::{Interval, Timestamp};

/// Everything a host knows besides the actions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// Partners by id.
    pub partners: BTreeMap<String, Partner>,
    /// Creatives by id.
    pub creatives: BTreeMap<String, Creative>,
    /// Promo codes by their upper-case text.
    pub promo_codes: BTreeMap<String, PromoCode>,
    /// Exchange rates.
    pub rates: Rates,
    /// What is paused, and from when.
    pub pauses: Vec<Pause>,
}

/// The fields of the reference facts that rules see: see [`super::action::action_records`].
macro_rules! reference_records {
    ($macro:ident) => {
        $macro! {
            /// A partner.
            #[derive(Default)]
            pub struct Partner {
                /// The partner's id, unique in the program.
                pub id: String,
                /// The brand's kind of partner, such as `content`, `coupon`, `influencer`, `app`.
                pub kind: Option<String>,
                /// The groups the partner belongs to.
                pub groups: Vec<String>,
                /// The partner's status; `active` when left out.
                pub status: Option<String>,
                /// Sites, channels and apps approved for this partner.
                pub properties: Vec<String>,
                /// Country, ISO 3166 alpha-2.
                pub country: Option<String>,
                /// The partner above this one, in programs with levels.
                pub parent: Option<String>,
            }

            /// A creative: an ad, a banner, a link, a deal.
            #[derive(Default)]
            pub struct Creative {
                /// The creative's id, unique in the program.
                pub id: String,
                /// The first moment it may be used; always, when left out.
                pub valid_from: Option<Timestamp>,
                /// The first moment it may no longer be used; never, when left out.
                pub valid_until: Option<Timestamp>,
                /// The creative's status; `active` when left out.
                pub status: Option<String>,
                /// Partners who may use it; everybody, when empty.
                pub partners: Vec<String>,
            }
        }
    };
}
pub(crate) use reference_records;

reference_records!(records);

records! {
    /// A promo code and whose it is.
    #[derive(Default)]
    pub struct PromoCode {
        /// The code; case does not matter.
        pub code: String,
        /// The partner it belongs to; nobody's (a public code), when left out.
        pub owner: Option<String>,
        /// The first moment it may be used.
        pub valid_from: Option<Timestamp>,
        /// The first moment it may no longer be used.
        pub valid_until: Option<Timestamp>,
    }

    /// One exchange rate: `1 from` is worth `rate to` from this moment on, until a later rate of the same pair.
    pub struct ExchangeRate {
        /// Currency converted from.
        pub from: Currency,
        /// Currency converted to.
        pub to: Currency,
        /// From when on it holds.
        pub at: Timestamp,
        /// What one unit is worth.
        pub rate: Number,
    }

    /// A pause: actions that occur inside it are rejected with reason `PAUSED`, whatever the terms say.
    pub struct Pause {
        /// What is paused.
        pub target: PauseTarget,
        /// Which one; left out for the program.
        pub id: Option<String>,
        /// The first moment paused.
        pub from: Timestamp,
        /// The first moment no longer paused; until further notice, when left out.
        pub until: Option<Timestamp>,
    }
}

impl PromoCode {
    /// When it may be used.
    pub fn validity(&self) -> Interval {
        Interval { from: self.valid_from, until: self.valid_until }
    }
}

/// Dated exchange rates of currency pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rates {
    pairs: BTreeMap<(&'static str, &'static str), BTreeMap<Timestamp, Decimal>>,
}

impl Rates {
    /// Adds a rate; a later one for the same pair and moment replaces it.
    pub fn insert(&mut self, rate: &ExchangeRate) {
        let pair = self.pairs.entry((rate.from.code(), rate.to.code())).or_default();
        pair.insert(rate.at, rate.rate.0);
    }

    /// Every rate, by pair and moment.
    pub fn iter(&self) -> impl Iterator<Item = ExchangeRate> {
        let all = self.pairs.iter().flat_map(|(pair, rates)| rates.iter().map(move |rate| (pair, rate)));
        all.filter_map(|((from, to), (at, rate))| {
            let (from, to) = (Currency::from_code(from)?, Currency::from_code(to)?);
            Some(ExchangeRate { from, to, at: *at, rate: Number(*rate) })
        })
    }

    /// The rate in force at a moment; 1 for a currency to itself, `None` when none was given.
    pub fn at(&self, from: Currency, to: Currency, at: Timestamp) -> Option<Decimal> {
        if from == to {
            return Some(Decimal::ONE);
        }
        let pair = self.pairs.get(&(from.code(), to.code()))?;
        pair.range(..=at).next_back().map(|(_, rate)| *rate)
    }
}

/// What a pause stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PauseTarget {
    /// Everything.
    Program,
    /// One contract, by its name.
    Contract,
    /// One partner, by id.
    Partner,
    /// One creative, by id.
    Creative,
}

words! {
    PauseTarget { Program = 0 "program", Contract = 1 "contract", Partner = 2 "partner", Creative = 3 "creative" }
}

impl Pause {
    /// When it holds.
    pub fn interval(&self) -> Interval {
        Interval { from: Some(self.from), until: self.until }
    }
}
