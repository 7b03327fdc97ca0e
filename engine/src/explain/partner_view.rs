//! The partner's view: a decision enters, what its partner may see leaves.
//!
//! It has no other partner's name, no fraud signals and nothing that a rule saw: of a rule that reads fraud signals
//! only the reason code is left, not the rule's name. Of a limit it tells what was cut and not what is left, since a
//! limit may be shared with others. A rule that failed is only said to have failed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decide::{Decision, Line, Status};
use crate::digest::Digest;
use crate::money::{Currency, Money};
use crate::terms::{Rounding, Verdict};
use crate::time::Timestamp;

/// A decision as one of its partners sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "PartnerView")]
pub struct PartnerView {
    /// The action's id.
    pub action: String,
    /// Its event type.
    pub event_type: String,
    /// When it happened.
    pub occurred_at: Timestamp,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// The decision's receipt.
    pub receipt: Digest,
}

/// A reason as the partner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
pub struct PartnerCut {
    /// The limit.
    pub limit: String,
    /// What it took off.
    pub cut: Money,
}

impl Decision {
    /// This decision as `partner` may see it; `None` when that partner has no part in it.
    pub fn partner_view(&self, partner: &str) -> Option<PartnerView> {
        let own = self.partners.iter().find(|payout| payout.partner == partner)?;
        let mut notices: Vec<String> = Vec::with_capacity(self.notices.len());
        for notice in &self.notices {
            if !notices.contains(&notice.code) {
                notices.push(notice.code.clone());
            }
        }
        Some(PartnerView {
            action: self.action.clone(),
            event_type: self.event_type.clone(),
            occurred_at: self.occurred_at,
            status: self.status,
            partner: own.partner.clone(),
            payout: own.payout,
            currency: self.currency,
            base: self.base,
            lines: own.lines.clone(),
            rounding: own.rounding,
            reasons: self
                .reasons
                .iter()
                .map(|reason| PartnerReason {
                    code: reason.code.clone(),
                    verdict: reason.verdict,
                    rule: (!reason.fraud && reason.fault.is_none()).then(|| reason.rule.clone()),
                })
                .collect(),
            release_at: self.release_at,
            limits: self
                .limits
                .iter()
                .map(|cut| PartnerCut { limit: cut.limit.clone(), cut: cut.cut })
                .collect(),
            notices,
            contract: self.contract.as_ref().map(|contract| contract.name.clone()),
            version: self.contract.as_ref().map(|contract| contract.version),
            receipt: self.receipt,
        })
    }
}
