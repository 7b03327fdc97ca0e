//! The partner's view: a decision enters, what its partner may see leaves.
//!
//! It has no other partner's name, no fraud signals and nothing that a rule saw: of a rule that reads fraud signals
//! only the reason code is left, not the rule's name. Of a limit it tells what was cut and not what is left, since a
//! limit may be shared with others. A rule that failed is only said to have failed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decide::{Decision, LimitCut, Line, Reason, Status};
use crate::digest::Digest;
use crate::money::{Currency, Money};
use crate::terms::{Rounding, Verdict};
use crate::time::Timestamp;

/// A decision as one of its partners sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "PartnerView")]
#[non_exhaustive]
pub struct PartnerView {
    /// The action's id.
    pub action: String,
    /// Its event type.
    pub event_type: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The order number; `None` when the action has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// What becomes of it.
    pub status: Status,
    /// The partner whose view this is.
    pub partner: String,
    /// What this partner is paid, in `currency`.
    pub payout: Money,
    /// Currency of every amount here.
    pub currency: Currency,
    /// The commissionable amount.
    pub base: Money,
    /// This partner's lines, each with the verbs that made it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// How the lines were rounded.
    pub rounding: Rounding,
    /// Why it is held, rejected, zero or flagged; the strictest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<PartnerReason>,
    /// When a hold ends by itself, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_at: Option<Timestamp>,
    /// Limits that cut the payout.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<PartnerCut>,
    /// Codes of what the partner should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// The contract's name.
    pub contract: String,
    /// The contract's version.
    pub version: u32,
    /// The decision's receipt.
    pub receipt: Digest,
}

/// A reason as the partner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PartnerReason {
    /// The code.
    pub code: String,
    /// What it does to the action.
    pub verdict: Verdict,
    /// The restriction or limit that says so, unless it reads fraud signals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// A limit that cut the payout, as the partner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PartnerCut {
    /// The limit.
    pub limit: String,
    /// What it took off.
    pub cut: Money,
}

impl Decision {
    /// Returns this decision as `partner` may see it; `None` when that partner is not credited. Reasons, limits and notices are
    /// those of the partner's own award.
    pub fn partner_view(&self, partner: &str) -> Option<PartnerView> {
        let award = self.award(partner)?;
        let mut notices: Vec<String> = Vec::with_capacity(award.notices.len());
        for notice in &award.notices {
            if !notices.contains(&notice.code) {
                notices.push(notice.code.clone());
            }
        }
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
            status: award.status,
            partner: award.partner.clone(),
            payout: award.payout,
            currency: award.currency,
            base: award.base,
            lines: award.lines.clone(),
            rounding: award.rounding,
            reasons: award.reasons.iter().map(reason).collect(),
            release_at: award.release_at,
            limits: award.limits.iter().map(cut).collect(),
            notices,
            contract: award.contract.name.clone(),
            version: award.contract.version,
            receipt: self.receipt,
        })
    }
}
