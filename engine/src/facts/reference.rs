//! Reference facts: what a host knows about partners, creatives and promo codes, exchange rates, and pauses.
//!
//! They change from day to day, independently of contracts, so they are an input beside the action and not part of the terms.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::action::each_once;
use super::attribute::Attribute;
use super::error::FactError;
use super::record::{FactVisitor, FieldType as _, Path, records, words};
use super::words::{COUNTRY_HELP, STATUSES, is_country, own_word, several_codes, shown, unseen, upper};
use crate::money::{
    ArithmeticError, Currency, Exact, Money, Number, RoundingMode, checked, rounded_quotient,
};
use crate::time::{Interval, Timestamp, Zone};

/// Everything that a host knows besides the actions: partners, creatives and promo codes by their keys, exchange rates, pauses.
///
/// [`Reference::read`] adds the facts of a file, [`Reference::insert`] a single fact. Serialized, the facts are lists, one for
/// each [`FactKind`].
///
/// ```
/// use accrue::Reference;
/// use accrue::facts::Partner;
///
/// let mut reference = Reference::default();
/// reference.insert(Partner { id: "acme".to_owned(), ..Partner::default() }).map_err(|fault| fault.to_string())?;
/// let text = serde_json::to_string(&reference)?;
/// assert_eq!(serde_json::from_str::<Reference>(&text)?, reference);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Lists", into = "Lists")]
pub struct Reference {
    /// By id, the facts of each partner in the order in which they begin to hold. `None` if the host does not list its partners.
    partners: Option<BTreeMap<String, Vec<Partner>>>,
    /// By their lower-case ids, each with its partners in order.
    creatives: BTreeMap<String, Creative>,
    /// By their upper-case text.
    pub(crate) promo_codes: BTreeMap<String, PromoCode>,
    /// By customer, in the order in which they begin to hold.
    standing_partners: BTreeMap<String, Vec<StandingPartner>>,
    pub(crate) rates: Rates,
    pub(crate) pauses: Pauses,
    /// The zone of moments without an offset, for the readers of files.
    pub(super) zone: Option<Zone>,
}

/// The kind of facts in a file of reference facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FactKind {
    /// Partners.
    Partners,
    /// Creatives.
    Creatives,
    /// Promo codes.
    PromoCodes,
    /// Customers' standing partners.
    StandingPartners,
    /// Exchange rates.
    Rates,
    /// Pauses.
    Pauses,
}

impl FactKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Partners,
        Self::Creatives,
        Self::PromoCodes,
        Self::StandingPartners,
        Self::Rates,
        Self::Pauses,
    ];

    /// Returns the name of files of this kind, without `.csv` or `.jsonl`.
    pub fn stem(self) -> &'static str {
        match self {
            Self::Partners => "partners",
            Self::Creatives => "creatives",
            Self::PromoCodes => "promo_codes",
            Self::StandingPartners => "standing_partners",
            Self::Rates => "rates",
            Self::Pauses => "pauses",
        }
    }

    /// Returns the kind of files with this name; `None` for any other name.
    pub fn of_stem(stem: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.stem() == stem)
    }
}

/// One reference fact.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Fact {
    /// A partner, by its id.
    Partner(Partner),
    /// A creative, by its id.
    Creative(Creative),
    /// A promo code, by its text in any case.
    PromoCode(PromoCode),
    /// The standing partner of a customer, by the customer and the moment from which it holds.
    StandingPartner(StandingPartner),
    /// An exchange rate, by its pair of currencies and its moment.
    Rate(ExchangeRate),
    /// A pause. Pauses have no key: all of them apply.
    Pause(Pause),
}

/// The reference facts in serialized form.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Lists {
    /// Partners. With this list, even an empty one, an action of any other partner is rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    partners: Option<Vec<Partner>>,
    /// Creatives.
    creatives: Vec<Creative>,
    /// Promo codes.
    promo_codes: Vec<PromoCode>,
    /// Customers' standing partners.
    standing_partners: Vec<StandingPartner>,
    /// Exchange rates.
    rates: Vec<ExchangeRate>,
    /// Pauses.
    pauses: Vec<Pause>,
}

impl From<Reference> for Lists {
    fn from(reference: Reference) -> Self {
        let rates = reference.rates.iter().collect();
        Self {
            partners: reference.partners.map(|partners| partners.into_values().flatten().collect()),
            creatives: reference.creatives.into_values().collect(),
            promo_codes: reference.promo_codes.into_values().collect(),
            standing_partners: reference.standing_partners.into_values().flatten().collect(),
            rates,
            pauses: reference.pauses.list,
        }
    }
}

impl TryFrom<Lists> for Reference {
    type Error = FactError;

    fn try_from(lists: Lists) -> Result<Self, FactError> {
        let Lists { partners, creatives, promo_codes, standing_partners, rates, pauses } = lists;
        let mut reference = Self::default();
        if partners.is_some() {
            reference.list_partners();
        }
        let named =
            partners.into_iter().flatten().map(Fact::from).chain(creatives.into_iter().map(Fact::from));
        let dated = rates.into_iter().map(Fact::from).chain(pauses.into_iter().map(Fact::from));
        let standing = standing_partners.into_iter().map(Fact::from);
        for fact in named.chain(promo_codes.into_iter().map(Fact::from)).chain(standing).chain(dated) {
            if let Some(fault) = reference.taken(&fact) {
                return Err(fault);
            }
            reference.insert(fact)?;
        }
        Ok(reference)
    }
}

impl Reference {
    /// Adds a fact. Replaces an earlier fact with the same key. Takes the blanks off both ends of its texts.
    ///
    /// # Errors
    ///
    /// [`FactError`] when the fact could be misread: an interval that ends before it begins, a text with a character that nobody
    /// sees. Nothing is added then.
    pub fn insert(&mut self, fact: impl Into<Fact>) -> Result<(), FactError> {
        let mut fact = fact.into();
        fact.tidy();
        match fact.fault() {
            Some(fault) => Err(fault),
            None => {
                self.put(fact);
                Ok(())
            }
        }
    }

    /// Adds every fact of another reference. Replaces earlier facts with the same keys.
    pub fn merge(&mut self, other: Self) {
        if other.lists_partners() {
            self.set_partners_listed();
        }
        other.facts().for_each(|fact| self.put(fact));
    }

    /// Adds a fact that is tidy and has no fault.
    pub(super) fn put(&mut self, fact: Fact) {
        match fact {
            Fact::Partner(partner) => {
                let facts = self.list_partners().entry(partner.id.clone()).or_default();
                let at = facts.partition_point(|earlier| earlier.from < partner.from);
                match facts.as_mut_slice().get_mut(at).filter(|same| same.from == partner.from) {
                    Some(same) => *same = partner,
                    None => facts.insert(at, partner),
                }
            }
            Fact::Creative(mut creative) => {
                creative.partners.sort_unstable();
                self.creatives.insert(creative.id.to_lowercase(), creative);
            }
            Fact::PromoCode(code) => {
                self.promo_codes.insert(code.code.to_uppercase(), code);
            }
            Fact::StandingPartner(standing) => {
                let facts = self.standing_partners.entry(standing.customer.clone()).or_default();
                let at = facts.partition_point(|earlier| earlier.from < standing.from);
                match facts.as_mut_slice().get_mut(at).filter(|same| same.from == standing.from) {
                    Some(same) => *same = standing,
                    None => facts.insert(at, standing),
                }
            }
            Fact::Rate(rate) => self.rates.insert(&rate),
            Fact::Pause(pause) => self.pauses.push(pause),
        }
    }

    /// Returns the reference facts with a time zone: files that are read from now on may have moments without an offset, which are
    /// of this zone. Without a zone such moments are refused.
    pub fn in_zone(self, zone: Zone) -> Self {
        Self { zone: Some(zone), ..self }
    }

    /// Says that the host lists its partners, even if there are none yet: an action of a partner who is not listed is rejected.
    pub fn set_partners_listed(&mut self) {
        self.list_partners();
    }

    /// Returns whether the host lists its partners.
    pub fn lists_partners(&self) -> bool {
        self.partners.is_some()
    }

    fn list_partners(&mut self) -> &mut BTreeMap<String, Vec<Partner>> {
        self.partners.get_or_insert_default()
    }

    /// Returns every fact: partners, creatives, promo codes and standing partners in the order of their keys, then rates, then pauses.
    pub fn facts(&self) -> impl Iterator<Item = Fact> {
        let partners = self.partners().cloned().map(Fact::from);
        let creatives = self.creatives().cloned().map(Fact::from);
        let codes = self.promo_codes.values().cloned().map(Fact::from);
        let rates = self.rates.iter().map(Fact::from);
        let standing = self.standing_partners().cloned().map(Fact::from);
        let pauses = self.pauses.iter().cloned().map(Fact::from);
        partners.chain(creatives).chain(codes).chain(standing).chain(rates).chain(pauses)
    }

    /// Returns the facts of a partner that hold at a moment; `None` if the host does not list the partner, or lists it only from a
    /// later moment on.
    pub fn partner(&self, id: &str, at: Timestamp) -> Option<&Partner> {
        let facts = self.partners.as_ref()?.get(id)?;
        // The facts of a partner stand in the order in which they begin to hold.
        let later = facts.partition_point(|partner| partner.from.is_none_or(|from| from <= at));
        facts.as_slice().get(later.checked_sub(1)?)
    }

    /// Returns when a partner left the program, as the last of its facts say.
    pub(crate) fn left_at(&self, id: &str) -> Option<Timestamp> {
        self.partners.as_ref()?.get(id)?.last()?.left_at
    }

    /// Returns whether the host lists this partner, from whatever moment on.
    pub fn has_partner(&self, id: &str) -> bool {
        self.partners.as_ref().is_some_and(|partners| partners.contains_key(id))
    }

    /// Returns the facts of every partner, in the order of the ids and then of the moments from which they hold.
    pub fn partners(&self) -> impl Iterator<Item = &Partner> {
        self.partners.iter().flat_map(BTreeMap::values).flatten()
    }

    /// Returns every creative, in the order of the lower-case ids.
    pub fn creatives(&self) -> impl Iterator<Item = &Creative> {
        self.creatives.values()
    }

    /// Returns the creative with this id, in any case; `None` if the host does not list it.
    pub fn creative(&self, id: &str) -> Option<&Creative> {
        if self.creatives.is_empty() { None } else { self.creatives.get(&id.to_lowercase()) }
    }

    /// Returns the promo code with this text, in any case; `None` if the host does not list it.
    pub fn promo_code(&self, code: &str) -> Option<&PromoCode> {
        if self.promo_codes.is_empty() { None } else { self.promo_codes.get(&code.to_uppercase()) }
    }

    /// Returns the standing partners of all customers, in the order of the customers and then of the moments from which they hold.
    pub fn standing_partners(&self) -> impl Iterator<Item = &StandingPartner> {
        self.standing_partners.values().flatten()
    }

    /// Returns the id of a customer's standing partner at a moment; `None` if the host does not list one that holds then.
    pub fn standing_partner(&self, customer: &str, at: Timestamp) -> Option<&str> {
        let facts = self.standing_partners.get(customer)?;
        let later = facts.partition_point(|standing| standing.from.is_none_or(|from| from <= at));
        let standing = facts.as_slice().get(later.checked_sub(1)?)?;
        let holds = standing.until.is_none_or(|until| at < until);
        holds.then_some(standing.partner.as_str())
    }

    /// Returns the fault of a fact whose key another fact has. A rate may be replaced at any time.
    pub(super) fn taken(&self, fact: &Fact) -> Option<FactError> {
        let is_taken = match fact {
            Fact::Partner(partner) => {
                let facts = self.partners.as_ref().and_then(|partners| partners.get(&partner.id));
                facts.is_some_and(|facts| {
                    facts.binary_search_by_key(&partner.from, |other| other.from).is_ok()
                })
            }
            Fact::Creative(creative) => self.creative(&creative.id).is_some(),
            Fact::PromoCode(promo) => self.promo_code(&promo.code).is_some(),
            Fact::StandingPartner(standing) => {
                let facts = self.standing_partners.get(&standing.customer);
                facts.is_some_and(|facts| facts.iter().any(|other| other.from == standing.from))
            }
            Fact::Rate(_) | Fact::Pause(_) => false,
        };
        let (field, key) = fact.key().filter(|_| is_taken)?;
        let message = format!("`{}` is in an earlier fact already; remove one of the two", shown(&key));
        Some(FactError::field(field, message))
    }
}

impl Fact {
    /// Returns the kind of the fact, which names its list and its file.
    pub fn kind(&self) -> FactKind {
        match self {
            Self::Partner(_) => FactKind::Partners,
            Self::Creative(_) => FactKind::Creatives,
            Self::PromoCode(_) => FactKind::PromoCodes,
            Self::StandingPartner(_) => FactKind::StandingPartners,
            Self::Rate(_) => FactKind::Rates,
            Self::Pause(_) => FactKind::Pauses,
        }
    }

    /// Returns the field that makes the fact unique, and its text; `None` for a pause.
    pub(super) fn key(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Partner(partner) => {
                let from = partner.from.map(|from| format!(" from {from}")).unwrap_or_default();
                Some(("id", format!("{}{from}", partner.id)))
            }
            Self::Creative(creative) => Some(("id", creative.id.to_lowercase())),
            Self::PromoCode(code) => Some(("code", code.code.to_uppercase())),
            Self::StandingPartner(standing) => {
                let from = standing.from.map(|from| format!(" from {from}")).unwrap_or_default();
                Some(("customer", format!("{}{from}", standing.customer)))
            }
            Self::Rate(rate) => Some(("at", format!("{} to {} at {}", rate.from, rate.to, rate.at))),
            Self::Pause(_) => None,
        }
    }

    /// Takes the blanks off both ends of every text, and writes the engine's own words and countries as rules compare them.
    pub(super) fn tidy(&mut self) {
        match self {
            Self::Partner(it) => {
                it.tidy();
                own_word(&mut it.status, STATUSES);
                upper(&mut it.country);
            }
            Self::Creative(it) => {
                it.tidy();
                own_word(&mut it.status, STATUSES);
            }
            Self::PromoCode(it) => it.tidy(),
            Self::StandingPartner(it) => it.tidy(),
            Self::Rate(it) => it.tidy(),
            Self::Pause(it) => it.tidy(),
        }
    }

    /// Returns what is wrong with a tidy fact as a whole, if each of its fields can be read.
    pub(super) fn fault(&self) -> Option<FactError> {
        let mut texts = Texts::default();
        match self {
            Self::Partner(it) => it.visit(Path::Root, &mut texts),
            Self::Creative(it) => it.visit(Path::Root, &mut texts),
            Self::PromoCode(it) => it.visit(Path::Root, &mut texts),
            Self::StandingPartner(it) => it.visit(Path::Root, &mut texts),
            Self::Rate(it) => it.visit(Path::Root, &mut texts),
            Self::Pause(it) => it.visit(Path::Root, &mut texts),
        }
        if texts.fault.is_some() {
            return texts.fault;
        }
        match self {
            Self::Partner(it) => it.country.as_deref().and_then(country_fault),
            Self::Creative(it) => backwards("valid_until", it.valid_from, it.valid_until),
            Self::PromoCode(it) => match several_codes(&it.code) {
                Some(message) => Some(FactError::field("code", message)),
                None => backwards("valid_until", it.valid_from, it.valid_until),
            },
            Self::StandingPartner(it) => backwards("until", it.from, it.until),
            Self::Rate(it) => (it.rate.0 <= Decimal::ZERO).then(|| {
                FactError::field("rate", format!("a rate is above zero, but this is `{}`", it.rate.0))
            }),
            Self::Pause(it) => match (it.target, &it.id) {
                (PauseTarget::Program, Some(_)) => {
                    Some(FactError::field("id", "the program is paused as a whole; leave the id out"))
                }
                (PauseTarget::Program, None) | (_, Some(_)) => backwards("until", Some(it.from), it.until),
                (target, None) => {
                    Some(FactError::field("id", format!("say which {} is paused", target.text())))
                }
            },
        }
    }
}

/// Finds the first text of a fact that is empty, or that has a character nobody sees.
#[derive(Default)]
struct Texts {
    fault: Option<FactError>,
}

impl FactVisitor for Texts {
    fn text(&mut self, at: Path<'_>, text: &str) {
        let message =
            if text.is_empty() { Some("this text is empty".to_owned()) } else { unseen(text, false) };
        if let (None, Some(message)) = (&self.fault, message) {
            self.fault = Some(FactError::field(at.to_string(), message));
        }
    }
}

fn country_fault(country: &str) -> Option<FactError> {
    (!is_country(country)).then(|| FactError::field("country", COUNTRY_HELP))
}

/// Returns an error if an interval ends before it begins, because it would contain no moment.
fn backwards(field: &str, from: Option<Timestamp>, until: Option<Timestamp>) -> Option<FactError> {
    let (from, until) = (from?, until?);
    (until <= from).then(|| {
        FactError::field(
            field,
            format!("`{until}` is not after `{from}`, when it begins; write a later moment"),
        )
    })
}

/// Implements the conversions of each kind of fact.
macro_rules! facts {
    ($($name:ident($record:ident),)+) => {
        $(impl From<$record> for Fact {
            fn from(fact: $record) -> Self {
                Self::$name(fact)
            }
        })+
    };
}

facts! {
    Partner(Partner),
    Creative(Creative),
    PromoCode(PromoCode),
    StandingPartner(StandingPartner),
    Rate(ExchangeRate),
    Pause(Pause),
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
                /// When the partner joined the program.
                pub joined_at: Option<Timestamp>,
                /// When the partner left the program: nothing is paid for what happens from then on.
                pub left_at: Option<Timestamp>,
                /// From when on these facts of the partner hold; always, when left out. A partner may be listed several times, each
                /// time from another moment.
                pub from: Option<Timestamp>,
                /// The brand's own attributes of partners, typed by the program.
                #[serde(deserialize_with = "each_once")]
                pub attributes: BTreeMap<String, Attribute>,
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

    /// The partner whom a customer stays with: actions of the customer are credited to it under contracts with `standing = true`.
    #[derive(Default)]
    pub struct StandingPartner {
        /// The customer's id.
        pub customer: String,
        /// The partner's id.
        pub partner: String,
        /// The first moment it holds; always, when left out. A customer may be listed several times, each time from another moment.
        pub from: Option<Timestamp>,
        /// The first moment it no longer holds; for life, when left out.
        pub until: Option<Timestamp>,
    }

    /// One exchange rate: `1 from` is worth `rate to` from this moment on, until a later rate of the two currencies. It converts in
    /// both directions.
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

    /// A pause: actions that occur inside it are rejected with reason `PAUSED`, whatever the terms say. Or a case, with the verdict `hold`:
    /// actions that are open inside it are held with reason `CASE_OPEN` until it ends. An action is open from its moment until it locks; if
    /// its contract states no `[locking]`, at its moment.
    pub struct Pause {
        /// What is paused.
        pub target: PauseTarget,
        /// Which one; left out for the program.
        pub id: Option<String>,
        /// The first moment paused.
        pub from: Timestamp,
        /// The first moment no longer paused; until further notice, when left out.
        pub until: Option<Timestamp>,
        /// What becomes of the actions: `reject`, when left out, or `hold`.
        #[serde(default = "PauseVerdict::default", skip_serializing_if = "PauseVerdict::is_default")]
        pub verdict: PauseVerdict = PauseVerdict::Reject,
    }
}

impl PromoCode {
    /// Returns the interval in which the code may be used.
    pub(crate) fn validity(&self) -> Interval {
        Interval { from: self.valid_from, until: self.valid_until }
    }
}

/// Dated exchange rates of currency pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rates {
    pairs: BTreeMap<(&'static str, &'static str), BTreeMap<Timestamp, Decimal>>,
}

impl Rates {
    /// Adds a rate. Replaces an earlier rate of the same pair and moment.
    pub(crate) fn insert(&mut self, rate: &ExchangeRate) {
        let pair = self.pairs.entry((rate.from.code(), rate.to.code())).or_default();
        pair.insert(rate.at, rate.rate.0);
    }

    /// Returns every rate, by pair and moment.
    pub(crate) fn iter(&self) -> impl Iterator<Item = ExchangeRate> {
        let all = self.pairs.iter().flat_map(|(pair, rates)| rates.iter().map(move |rate| (pair, rate)));
        all.filter_map(|((from, to), (at, rate))| {
            let (from, to) = (Currency::from_code(from)?, Currency::from_code(to)?);
            Some(ExchangeRate { from, to, at: *at, rate: Number(*rate) })
        })
    }

    /// Returns the rate between two currencies that is in force at a moment, in either direction: the later one, and of two rates
    /// of one moment the one into `to`. Returns `None` if no rate is known.
    pub(crate) fn at(&self, from: Currency, to: Currency, at: Timestamp) -> Option<ExchangeRate> {
        let of = |from: Currency, to: Currency| {
            let (at, rate) = self.pairs.get(&(from.code(), to.code()))?.range(..=at).next_back()?;
            Some(ExchangeRate { from, to, at: *at, rate: Number(*rate) })
        };
        match (of(from, to), of(to, from)) {
            (Some(into), Some(back)) => Some(if back.at > into.at { back } else { into }),
            (into, back) => into.or(back),
        }
    }
}

impl ExchangeRate {
    /// Returns an amount of one of the two currencies in the other one, `into`. A rate from `into` divides: its reciprocal would be
    /// rounded before the amount is known. The result keeps 28 digits.
    pub(crate) fn convert(&self, amount: Money, into: Currency) -> Result<Money, ArithmeticError> {
        let Number(rate) = self.rate;
        Ok(Money(if self.to == into { checked::mul(amount.0, rate)? } else { checked::div(amount.0, rate)? }))
    }

    /// Returns an amount as [`ExchangeRate::convert`] does, but rounded once, from the exact number, to the minor unit of `into`.
    pub(crate) fn convert_rounded(
        &self,
        amount: Money,
        into: Currency,
        mode: RoundingMode,
    ) -> Result<Money, ArithmeticError> {
        let Number(rate) = self.rate;
        let digits = into.minor_digits();
        if self.to == into {
            Exact::from(amount).mul(rate)?.round(digits, mode)
        } else {
            rounded_quotient(amount.0, rate, digits, mode)
        }
    }
}

/// What a pause stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
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

/// What a pause does to actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PauseVerdict {
    /// They are rejected.
    #[default]
    Reject,
    /// They are held until it ends.
    Hold,
}

words! {
    PauseVerdict { Reject = 0 "reject", Hold = 1 "hold" }
}

impl PauseVerdict {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Pauses in the order in which they were added, and by what they stop.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pauses {
    list: Vec<Pause>,
    /// The indexes of the pauses of each target, by its lower-case id; of the program without an id.
    by_target: BTreeMap<(PauseTarget, String), Vec<usize>>,
}

impl Pauses {
    fn push(&mut self, pause: Pause) {
        let id = pause.id.as_deref().unwrap_or_default().to_lowercase();
        self.by_target.entry((pause.target, id)).or_default().push(self.list.len());
        self.list.push(pause);
    }

    /// Returns every pause in the order in which it was added.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Pause> {
        self.list.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns the place of the first pause that stops a target at a moment. The program has no id.
    pub(crate) fn at(&self, target: PauseTarget, id: &str, at: Timestamp) -> Option<usize> {
        let stops = |pause: &Pause| pause.verdict == PauseVerdict::Reject && pause.interval().contains(at);
        self.of(target, id).find(|(_, pause)| stops(pause)).map(|(place, _)| place)
    }

    /// Returns the cases of a target that are open at some moment of an interval, each with its place.
    pub(crate) fn cases(
        &self,
        target: PauseTarget,
        id: &str,
        open: Interval,
    ) -> impl Iterator<Item = (usize, &Pause)> {
        let holds =
            move |pause: &Pause| pause.verdict == PauseVerdict::Hold && pause.interval().overlaps(open);
        self.of(target, id).filter(move |(_, pause)| holds(pause))
    }

    /// Returns the pauses of a target, each with its place.
    fn of(&self, target: PauseTarget, id: &str) -> impl Iterator<Item = (usize, &Pause)> {
        let indexes = self.by_target.get(&(target, id.to_lowercase()));
        indexes.into_iter().flatten().filter_map(|index| Some((*index, self.list.as_slice().get(*index)?)))
    }
}

impl Pause {
    /// Returns the interval in which the pause applies.
    pub(crate) fn interval(&self) -> Interval {
        Interval { from: Some(self.from), until: self.until }
    }
}
