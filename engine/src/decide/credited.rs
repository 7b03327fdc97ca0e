//! A touch that may be credited, with the terms that apply to it.

use crate::facts::{Creative, Partner, Touch};
use crate::terms::{Contract, Version};
use crate::time::Timestamp;

/// The credited touch and the terms that apply to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Credited<'a> {
    /// The index of the touch in the path; `None` if it is a stand-in.
    pub(super) touch_index: Option<u32>,
    pub(super) touch: &'a Touch,
    /// The id of the partner who is paid: of the touch, or of a parent of that partner.
    pub(super) partner_id: &'a str,
    pub(super) partner: Option<&'a Partner>,
    pub(super) creative: Option<&'a Creative>,
    pub(super) contract_index: usize,
    pub(super) contract: &'a Contract,
    pub(super) version_index: usize,
    pub(super) version: &'a Version,
    /// The moment by which the contract version was chosen.
    pub(super) as_of: Timestamp,
}

/// What credits a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The touch of the path at this index.
    Touch(u32),
    /// The report of the host, at this index.
    Report(u32),
    /// A promo code of the partner.
    Code,
    /// The customer, whose standing partner this is.
    Customer,
}

/// A touch that may be credited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Eligible<'a> {
    pub(super) by: By,
    pub(super) credited: Credited<'a>,
    /// The number of the first preference that the touch meets; lower is preferred.
    pub(super) rank: usize,
}

impl Eligible<'_> {
    /// Returns the rank of the touch among those of the path; `None` for a stand-in.
    pub(super) fn rank(&self) -> Option<usize> {
        matches!(self.by, By::Touch(_)).then_some(self.rank)
    }
}

impl By {
    pub(super) fn touch(self) -> Option<u32> {
        match self {
            Self::Touch(index) => Some(index),
            Self::Report(_) | Self::Code | Self::Customer => None,
        }
    }

    pub(super) fn because(self) -> &'static str {
        match self {
            Self::Touch(_) => "the latest touch inside its referral window",
            Self::Report(_) => "the host reports this partner",
            Self::Code => "the owner of the promo code",
            Self::Customer => "the standing partner of the customer",
        }
    }
}
