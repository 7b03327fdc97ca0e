//! Credit: finds the touch or the reported credit that an action is credited by, and the contract version that applies, or the
//! reason why nobody is credited.

use super::decision::TouchTrace;
use super::lookup::Lookup;
use crate::facts::{Action, Creative, Partner, Reference, Touch, TouchKind};
use crate::terms::reasons;
use crate::terms::{Anchor, Contract, CreditPolicy, Terms, Version};
use crate::time::Timestamp;

/// The credited touch and the terms that apply to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Credited<'a> {
    /// The index of the touch in the path; `None` if it is a stand-in.
    pub(super) touch_index: Option<u32>,
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

/// Why nobody is credited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Uncredited {
    /// The reason code.
    pub(super) code: &'static str,
    /// The partner of the touch that gave the code; `None` for `NO_CREDIT`.
    pub(super) partner: Option<String>,
}

/// What credits a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// The touch of the path at this index.
    Touch(u32),
    /// The report of the host.
    Report,
    /// A promo code of the partner.
    Code,
}

/// Returns the touches that stand for a credit without a path, each at the moment of the action: the partner whom the host
/// reports, by a click; and, if a contract credits them, the owners of the promo codes that were valid, in the order of the codes.
pub(super) fn stand_ins(lookup: &Lookup, action: &Action, reference: &Reference) -> Vec<Touch> {
    let at = action.occurred_at;
    let reported = action.credits.iter().map(|credit| Touch::new(&credit.partner, at, TouchKind::Click));
    let codes = if lookup.credits_owners { action.promo_codes.as_slice() } else { &[] };
    let codes = codes.iter().filter_map(|code| reference.promo_code(code));
    let owners = codes.filter(|code| code.validity().contains(at)).filter_map(|code| code.owner.as_ref());
    reported.chain(owners.map(|owner| Touch::new(owner, at, TouchKind::Code))).collect()
}

/// Why a touch is not credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missed {
    After,
    UnknownPartner,
    NoContract,
    KindNotCredited,
    OutsideWindow,
    OnlyReported,
    NotReported,
    NotByCode,
}

impl Missed {
    fn because(self) -> &'static str {
        match self {
            Self::After => "it came after the action",
            Self::UnknownPartner => "the partner is not known to the program",
            Self::NoContract => "no contract for the partner was in force",
            Self::KindNotCredited => "its kind of touch has no referral window",
            Self::OutsideWindow => "it is outside its referral window",
            Self::OnlyReported => "its contract credits only the partner whom the host reports",
            Self::NotReported => "its contract credits touches, and not whom the host reports",
            Self::NotByCode => "its contract does not credit the owner of a promo code",
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::UnknownPartner => reasons::UNKNOWN_PARTNER,
            Self::NoContract => reasons::NO_CONTRACT,
            Self::After
            | Self::KindNotCredited
            | Self::OutsideWindow
            | Self::OnlyReported
            | Self::NotReported
            | Self::NotByCode => reasons::NO_CREDIT,
        }
    }
}

/// Finds the credited touch: the first stand-in that its contract credits, or else the latest touch that its contract credits: one
/// whose partner has a contract in force, and that lies inside the referral window of that contract. The error is that of the
/// first touch whose partner is unknown or has no contract in force, else `NO_CREDIT`.
pub(super) fn credit<'a>(
    terms: &'a Terms,
    lookup: &Lookup,
    action: &'a Action,
    stand_ins: &'a [Touch],
    reference: &'a Reference,
    mut trace: Option<&mut Vec<TouchTrace>>,
) -> Result<Credited<'a>, Uncredited> {
    let mut uncredited = Uncredited { code: reasons::NO_CREDIT, partner: None };
    let mut before = None;
    let path = std::iter::from_fn(|| {
        let (index, touch) = latest(&action.touches, before)?;
        before = Some((touch.at, index));
        Some((By::Touch(index), touch))
    });
    let reported = action.credits.len();
    let stand_ins = stand_ins.iter().enumerate();
    let stand_ins = stand_ins.map(|(n, touch)| (if n < reported { By::Report } else { By::Code }, touch));
    for (by, touch) in stand_ins.chain(path) {
        let tried = try_touch(terms, lookup, action, reference, by, touch);
        if let Some(trace) = trace.as_deref_mut() {
            trace.push(TouchTrace {
                touch: by.touch(),
                partner: touch.partner.clone(),
                credited: tried.is_ok(),
                because: tried.as_ref().map_or_else(|missed| missed.because(), |_| by.because()).to_owned(),
            });
        }
        match tried {
            Ok(credited) => return Ok(credited),
            Err(missed) if uncredited.partner.is_none() && missed.code() != reasons::NO_CREDIT => {
                uncredited = Uncredited { code: missed.code(), partner: Some(touch.partner.clone()) };
            }
            Err(_) => {}
        }
    }
    Err(uncredited)
}

impl By {
    fn touch(self) -> Option<u32> {
        match self {
            Self::Touch(index) => Some(index),
            Self::Report | Self::Code => None,
        }
    }

    fn because(self) -> &'static str {
        match self {
            Self::Touch(_) => "the latest touch inside its referral window",
            Self::Report => "the host reports this partner",
            Self::Code => "the owner of the promo code",
        }
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
    by: By,
    touch: &'a Touch,
) -> Result<Credited<'a>, Missed> {
    if touch.at > action.occurred_at {
        return Err(Missed::After);
    }
    let partner = reference.partner(&touch.partner, action.occurred_at);
    // A host that has no list of partners keeps them elsewhere, so every id is accepted.
    if partner.is_none() && reference.lists_partners() {
        return Err(Missed::UnknownPartner);
    }
    let currency = action.currency.unwrap_or(terms.currency);
    let creative = touch.creative.as_ref().and_then(|id| reference.creative(id));
    let in_force = |contract_index: usize, version_index: usize| {
        let contract = terms.contracts.get(contract_index)?;
        let version = contract.versions.get(version_index)?;
        let as_of = match version.anchor {
            Anchor::Click => touch.at,
            Anchor::Event => action.occurred_at,
            Anchor::Submission => action.submitted_at.unwrap_or(action.occurred_at),
        };
        let credited = Credited {
            touch_index: by.touch(),
            touch,
            partner,
            creative,
            contract_index,
            contract,
            version_index,
            version,
            as_of,
        };
        let is_for = version.actions.contain(&action.event_type, currency);
        (is_for && version.effective.contains(as_of)).then_some(credited)
    };
    let groups = partner.map_or(&[][..], |partner| &partner.groups);
    let credited = lookup.version_for(&touch.partner, groups, in_force).ok_or(Missed::NoContract)?;
    let credit = &credited.version.credit;
    match (by, credit.policy) {
        (By::Report, CreditPolicy::Reported) | (By::Code, CreditPolicy::PromoCodeOwner) => {
            return Ok(credited);
        }
        (By::Report, _) => return Err(Missed::NotReported),
        (By::Code, _) => return Err(Missed::NotByCode),
        (By::Touch(_), CreditPolicy::Reported) => return Err(Missed::OnlyReported),
        (By::Touch(_), CreditPolicy::LastTouch | CreditPolicy::PromoCodeOwner) => {}
    }
    let window = credit.windows.of(touch.kind).ok_or(Missed::KindNotCredited)?;
    // A window that ends beyond the calendar never ends.
    let inside = touch.at.plus(window).is_none_or(|ends| action.occurred_at <= ends);
    if inside { Ok(credited) } else { Err(Missed::OutsideWindow) }
}
