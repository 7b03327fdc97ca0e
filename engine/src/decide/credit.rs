//! Credit: finds the touch that is credited with an action and the contract version that applies, or the reason why nobody is
//! credited.

use super::decision::TouchTrace;
use super::lookup::Lookup;
use crate::facts::{Action, Creative, Partner, Reference, Touch};
use crate::terms::reasons;
use crate::terms::{Anchor, Contract, CreditPolicy, Terms, Version};
use crate::time::Timestamp;

/// The credited touch and the terms that apply to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Credited<'a> {
    pub(super) touch_index: u32,
    pub(super) touch: &'a Touch,
    pub(super) partner: Option<&'a Partner>,
    pub(super) creative: Option<&'a Creative>,
    pub(super) contract_index: usize,
    pub(super) contract: &'a Contract,
    pub(super) version_index: usize,
    pub(super) version: &'a Version,
    /// The moment by which the contract version was chosen.
    pub(super) as_of: Timestamp,
}

/// Why a touch is not credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missed {
    After,
    UnknownPartner,
    NoContract,
    KindNotCredited,
    OutsideWindow,
}

impl Missed {
    fn because(self) -> &'static str {
        match self {
            Self::After => "it came after the action",
            Self::UnknownPartner => "the partner is not known to the program",
            Self::NoContract => "no contract for the partner was in force",
            Self::KindNotCredited => "its kind of touch has no referral window",
            Self::OutsideWindow => "it is outside its referral window",
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::UnknownPartner => reasons::UNKNOWN_PARTNER,
            Self::NoContract => reasons::NO_CONTRACT,
            Self::After | Self::KindNotCredited | Self::OutsideWindow => reasons::NO_CREDIT,
        }
    }
}

/// Finds the credited touch: the latest touch whose partner has a contract in force, and that lies inside the referral window of
/// that contract. The error is a reason code: that of the latest touch whose partner is unknown or has no contract in force, else
/// `NO_CREDIT`.
pub(super) fn credit<'a>(
    terms: &'a Terms,
    lookup: &Lookup,
    action: &'a Action,
    reference: &'a Reference,
    mut trace: Option<&mut Vec<TouchTrace>>,
) -> Result<Credited<'a>, &'static str> {
    let mut code = reasons::NO_CREDIT;
    let mut winner = None;
    let mut before = None;
    while let Some((index, touch)) = latest(&action.touches, before) {
        before = Some((touch.at, index));
        let tried = try_touch(terms, lookup, action, reference, index, touch);
        if let Some(trace) = trace.as_deref_mut() {
            trace.push(TouchTrace {
                touch: index,
                partner: touch.partner.clone(),
                credited: tried.is_ok(),
                because: tried.as_ref().map_or_else(|missed| missed.because(), |won| because(won)).to_owned(),
            });
        }
        match tried {
            Ok(credited) => {
                winner = Some(credited);
                break;
            }
            Err(missed) if code == reasons::NO_CREDIT => code = missed.code(),
            Err(_) => {}
        }
    }
    winner.ok_or(code)
}

fn because(credited: &Credited<'_>) -> &'static str {
    match credited.version.credit.policy {
        CreditPolicy::LastTouch => "the latest touch inside its referral window",
    }
}

/// Returns the latest touch before a moment and place in the path; of two touches at one moment, the later in the path. The path
/// is searched and not sorted, because the first touch that is tried nearly always wins.
fn latest(touches: &[Touch], before: Option<(Timestamp, u32)>) -> Option<(u32, &Touch)> {
    (0u32..)
        .zip(touches)
        .filter(|(index, touch)| before.is_none_or(|before| (touch.at, *index) < before))
        .max_by_key(|(index, touch)| (touch.at, *index))
}

fn try_touch<'a>(
    terms: &'a Terms,
    lookup: &Lookup,
    action: &'a Action,
    reference: &'a Reference,
    touch_index: u32,
    touch: &'a Touch,
) -> Result<Credited<'a>, Missed> {
    if touch.at > action.occurred_at {
        return Err(Missed::After);
    }
    let partner = reference.partners.get(&touch.partner);
    // A host that lists no partners at all keeps them elsewhere, so every id is accepted.
    if partner.is_none() && !reference.partners.is_empty() {
        return Err(Missed::UnknownPartner);
    }
    let creative = touch.creative.as_ref().and_then(|id| reference.creatives.get(id));
    let in_force = |contract_index: usize| {
        let contract = terms.contracts.get(contract_index)?;
        contract.versions.iter().enumerate().find_map(|(version_index, version)| {
            let as_of = match version.anchor {
                Anchor::Click => touch.at,
                Anchor::Event => action.occurred_at,
                Anchor::Submission => action.submitted_at.unwrap_or(action.occurred_at),
            };
            let credited = Credited {
                touch_index,
                touch,
                partner,
                creative,
                contract_index,
                contract,
                version_index,
                version,
                as_of,
            };
            version.effective.contains(as_of).then_some((version, credited))
        })
    };
    let groups = partner.map_or(&[][..], |partner| &partner.groups);
    let credited = lookup.contract_for(&touch.partner, groups, in_force).ok_or(Missed::NoContract)?;
    let window = credited.version.credit.windows.of(touch.kind).ok_or(Missed::KindNotCredited)?;
    let inside = match credited.version.credit.policy {
        // A window that ends beyond the calendar never ends.
        CreditPolicy::LastTouch => touch.at.plus(window).is_none_or(|ends| action.occurred_at <= ends),
    };
    if inside { Ok(credited) } else { Err(Missed::OutsideWindow) }
}
