//! The partner's view: the part of a decision that one of its partners may see.
//!
//! The view has no other partner's name and no fraud signals, and of the values that rules saw only those of the partner's own order
//! that kept a payout group from matching. For a rule that reads fraud signals it
//! has only the reason code, not the rule's name. For a limit it has what was cut and not what is left, because a limit may be
//! shared with others. For a rule that failed it says only that it failed.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decide::{BonusOf, Decision, LimitCut, Line, Reason, RuleTrace, Status};
use crate::digest::Digest;
use crate::lang::Phase;
use crate::money::{Currency, Money};
use crate::terms::{Rounding, Verdict};
use crate::time::Timestamp;
use crate::why::{FailedPart, Wanted};

/// A decision as one of its partners may see it. [`Decision::partner_view`] makes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "PartnerView")]
#[non_exhaustive]
pub struct PartnerView {
    /// The id of the action.
    pub action: String,
    /// The event type of the action.
    pub event_type: String,
    /// When the action occurred.
    pub occurred_at: Timestamp,
    /// The order number of the action; `None` if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The bonus, for the decision of a close; `None` for the decision of an action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus: Option<BonusOf>,
    /// The status of the partner's award.
    pub status: Status,
    /// The partner.
    pub partner: String,
    /// What the partner is paid, in `currency`.
    pub payout: Money,
    /// The currency of every amount in the view.
    pub currency: Currency,
    /// The commissionable amount, in `currency`.
    pub base: Money,
    /// The names of the payout groups whose verbs took effect. Steps and shares name a group by its index in this list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The lines of the partner's award, each with the verbs that made it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// The mode by which the lines were rounded.
    pub rounding: Rounding,
    /// Why the award is held, rejected, zero or flagged; the strictest reason first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<PartnerReason>,
    /// When the hold ends by itself; `None` if the award is not held or the hold does not end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_at: Option<Timestamp>,
    /// When the award locks; `None` if the contract does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locks_at: Option<Timestamp>,
    /// The date on which the payout is paid; `None` if the contract does not say or nothing is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub pays_on: Option<NaiveDate>,
    /// The limits that cut the payout.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<PartnerCut>,
    /// The payout groups that did not match, with what would have been enough: those of which that can be said, and whose conditions
    /// ask only for what the partner may know. Empty without a trace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why_not: Vec<PartnerWhyNot>,
    /// The codes of notices for the partner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// The name of the contract.
    pub contract: String,
    /// The number of the contract version.
    pub version: u32,
    /// The receipt of the decision.
    pub receipt: Digest,
}

/// A reason as the partner may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PartnerReason {
    /// The reason code.
    pub code: String,
    /// What the reason does to the action.
    pub verdict: Verdict,
    /// The restriction or limit that gave the reason; `None` if it reads fraud signals or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// Why a payout group did not match, as the partner may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PartnerWhyNot {
    /// The name of the payout group.
    pub group: String,
    /// The SKU of the item that it is about; `None` for the whole order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// What would have been enough, all of it together.
    pub wanted: Vec<PartnerWanted>,
}

/// A fact that would have to have another value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PartnerWanted {
    /// The fact, such as `action.amount`.
    pub fact: String,
    /// Its value.
    pub saw: String,
    /// What it would have to be.
    pub wanted: Wanted,
    /// How far it is from that, for numbers and times.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub missing: String,
}

/// Returns what a partner may know of why a payout group did not match.
pub(super) fn why_not(rule: &RuleTrace, lines: &[Line]) -> Option<PartnerWhyNot> {
    let why = rule.why_not.as_ref().filter(|why| why.enough && why.parts.iter().all(|part| part.partner))?;
    if !matches!(rule.phase, Phase::PayOrder | Phase::PayItem) {
        return None;
    }
    let wanted = |part: &FailedPart| {
        let FailedPart { fact, saw, wanted, missing, .. } = part.clone();
        Some(PartnerWanted { fact, saw, wanted: wanted?, missing })
    };
    let sku = lines.iter().find(|line| rule.item.is_some() && line.item == rule.item);
    Some(PartnerWhyNot {
        group: rule.rule.clone(),
        sku: sku.and_then(|line| line.sku.clone()),
        wanted: why.parts.iter().map(wanted).collect::<Option<_>>()?,
    })
}

/// A limit that cut the payout, as the partner may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PartnerCut {
    /// The name of the limit.
    pub limit: String,
    /// The amount that the limit took off.
    pub cut: Money,
}

impl Decision {
    /// Returns the part of this decision that `partner` may see; `None` if that partner is not credited. Reasons, limits and
    /// notices are those of the partner's own award.
    pub fn partner_view(&self, partner: &str) -> Option<PartnerView> {
        let at = self.awards.iter().position(|award| award.partner == partner)?;
        let award = self.awards.get(at)?;
        let trace = self.trace.as_ref().and_then(|trace| trace.awards.get(at));
        let rules = trace.map_or(&[][..], |trace| &trace.rules);
        let mut seen = BTreeSet::new();
        let codes = award.notices.iter().map(|notice| &notice.code);
        let notices = codes.filter(|code| seen.insert(code.as_str())).cloned().collect();
        let reason = |reason: &Reason| PartnerReason {
            code: reason.code.clone(),
            verdict: reason.verdict,
            rule: (!reason.fraud && reason.fault.is_none()).then(|| reason.rule.clone()),
        };
        let cut = |cut: &LimitCut| PartnerCut { limit: cut.limit.clone(), cut: cut.cut };
        Some(PartnerView {
            action: self.action.clone(),
            event_type: self.event_type.clone(),
            occurred_at: self.occurred_at,
            order_id: self.order_id.clone(),
            bonus: self.bonus.clone(),
            status: award.status,
            partner: award.partner.clone(),
            payout: award.payout,
            currency: award.currency,
            base: award.base,
            groups: award.groups.clone(),
            lines: award.lines.clone(),
            rounding: award.rounding,
            reasons: award.reasons.iter().map(reason).collect(),
            release_at: award.release_at,
            locks_at: award.locks_at,
            pays_on: award.pays_on,
            limits: award.limits.iter().map(cut).collect(),
            why_not: rules.iter().filter_map(|rule| why_not(rule, &award.lines)).collect(),
            notices,
            contract: award.contract.name.clone(),
            version: award.contract.version,
            receipt: self.receipt,
        })
    }
}
