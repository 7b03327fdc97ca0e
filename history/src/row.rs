//! Decisions as flat rows: a row for each award, and a row for a decision without awards.

use accrue::Decision;
use accrue::decide::{Award, Reason, Role, Status};
use accrue::digest::Digest;
use accrue::money::{Currency, Money, Number};
use accrue::time::Timestamp;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;

/// One award of a decision, or a decision without awards, as a flat row for a table. Its fields are the columns of `accrue run --format
/// csv`, in their order.
///
/// A row borrows its texts from the decision.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Row<'d> {
    /// The id of the action, or of the bonus.
    pub action: &'d str,
    /// The event type; `bonus` for a bonus.
    pub event_type: &'d str,
    /// When the action occurred.
    pub occurred_at: Timestamp,
    /// The order number.
    pub order_id: Option<&'d str>,
    /// The partner of the award; `None` if nobody is credited.
    pub partner: Option<&'d str>,
    /// The part that the partner had.
    pub role: Option<Role>,
    /// The share of the payout, a fraction, if several partners share it.
    pub share: Option<Number>,
    /// The partner who was reported and is not credited.
    pub reported_partner: Option<&'d str>,
    /// The status of the award, or of the decision if nobody is credited.
    pub status: Status,
    /// The currency of the amounts; `None` if nobody is credited, and the amounts are zero.
    pub currency: Option<Currency>,
    /// The commissionable amount.
    pub base: Money,
    /// The payout, held or payable.
    pub payout: Money,
    /// The payout that may be paid now.
    pub payable: Money,
    /// The payout that is held.
    pub held: Money,
    /// The last adjustment of the action.
    pub adjustment: Option<&'d str>,
    /// What the decision changes of the payout: all of it in the first decision of an action.
    pub change: Money,
    /// The names of the payout groups.
    pub groups: &'d [String],
    /// The codes of the reasons, the strictest first.
    pub reasons: Vec<&'d str>,
    /// When the hold ends by itself.
    pub release_at: Option<Timestamp>,
    /// When the award locks.
    pub locks_at: Option<Timestamp>,
    /// The date on which the payout is paid.
    #[schemars(with = "Option<String>")]
    pub pays_on: Option<NaiveDate>,
    /// The limits that cut the payout.
    pub limits: Vec<&'d str>,
    /// What each of these limits takes off.
    pub limit_cut: Vec<Money>,
    /// The codes of the notices.
    pub notices: Vec<&'d str>,
    /// The contract.
    pub contract: Option<&'d str>,
    /// The number of the contract version.
    pub version: Option<u32>,
    /// The moment whose terms apply.
    pub terms_as_of: Option<Timestamp>,
    /// Whether the award counts for totals and limits.
    pub counts: bool,
    /// The fuel that the award used.
    pub fuel: u64,
    /// The version of the engine.
    pub engine: &'d str,
    /// The receipt of the decision.
    pub receipt: Digest,
}

impl<'d> Row<'d> {
    /// The names of the columns, in their order: those of the fields.
    pub const COLUMNS: [&'static str; 31] = [
        "action",
        "event_type",
        "occurred_at",
        "order_id",
        "partner",
        "role",
        "share",
        "reported_partner",
        "status",
        "currency",
        "base",
        "payout",
        "payable",
        "held",
        "adjustment",
        "change",
        "groups",
        "reasons",
        "release_at",
        "locks_at",
        "pays_on",
        "limits",
        "limit_cut",
        "notices",
        "contract",
        "version",
        "terms_as_of",
        "counts",
        "fuel",
        "engine",
        "receipt",
    ];

    /// Returns the rows of a decision: one for each award, or one if there is no award.
    ///
    /// ```
    /// # use accrue::{Engine, Reference, Source, facts::read_action};
    /// # use accrue_history::Row;
    /// # let source = Source::from_files([
    /// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
    /// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
    /// # ]);
    /// # let program = Engine::default().load(&source)?;
    /// # let action = read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "150.00",
    /// #     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?;
    /// let decision = program.decide(&action, &Reference::default(), &program.counters(), Default::default())?;
    /// let rows: Vec<Row<'_>> = Row::each(&decision).collect();
    /// assert_eq!((rows[0].partner, rows[0].payout.to_string()), (Some("acme"), "6".to_owned()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn each(decision: &'d Decision) -> impl Iterator<Item = Self> {
        let alone = decision.awards.is_empty().then(|| Self::of(decision, None));
        alone.into_iter().chain(decision.awards.iter().map(|award| Self::of(decision, Some(award))))
    }

    fn of(decision: &'d Decision, award: Option<&'d Award>) -> Self {
        let reasons: &[Reason] = award.map_or(&decision.reasons, |award| &award.reasons);
        let limits = award.map(|award| award.limits.as_slice()).unwrap_or_default();
        let notices = award.map(|award| award.notices.as_slice()).unwrap_or_default();
        let contract = award.map(|award| &award.contract);
        let money = |of: fn(&Award) -> Money| award.map_or(Money::ZERO, of);
        Self {
            action: &decision.action,
            event_type: &decision.event_type,
            occurred_at: decision.occurred_at,
            order_id: decision.order_id.as_deref(),
            partner: award.map(|award| award.partner.as_str()),
            role: award.and_then(|award| award.role),
            share: award.and_then(|award| award.share).map(|share| Number(share.normalize())),
            reported_partner: reasons.iter().find_map(|reason| reason.partner.as_deref()),
            status: award.map_or(decision.status, |award| award.status),
            currency: award.map(|award| award.currency),
            base: money(|award| award.base),
            payout: money(|award| award.payout),
            payable: money(Award::payable),
            held: money(Award::held),
            adjustment: decision.history.last().map(|last| last.adjustment.as_str()),
            change: award.map_or(Money::ZERO, |award| decision.change(award)),
            groups: award.map(|award| award.groups.as_slice()).unwrap_or_default(),
            reasons: reasons.iter().map(|reason| reason.code.as_str()).collect(),
            release_at: award.and_then(|award| award.release_at),
            locks_at: award.and_then(|award| award.locks_at),
            pays_on: award.and_then(|award| award.pays_on),
            limits: limits.iter().map(|limit| limit.limit.as_str()).collect(),
            limit_cut: limits.iter().map(|limit| limit.cut).collect(),
            notices: notices.iter().map(|notice| notice.code.as_str()).collect(),
            contract: contract.map(|contract| contract.name.as_str()),
            version: contract.map(|contract| contract.version),
            terms_as_of: contract.map(|contract| contract.terms_as_of),
            counts: award.is_some_and(|award| award.counts),
            fuel: award.map_or(0, |award| award.fuel),
            engine: &decision.engine,
            receipt: decision.receipt,
        }
    }
}
