//! Credit: finds the partners that an action is credited to, with their shares and the contract version that applies to each, or the
//! reason why nobody is credited.
//!
//! Touches are tried from the latest on. The contract of the first that may be credited says who is credited and in which shares; each
//! partner is then paid by the partner's own contract.

use rust_decimal::Decimal;
use smallvec::smallvec;

use super::credited::{By, Credited, Eligible};
use super::decision::{Role, TouchTrace};
use super::few::Few;
use super::findings::{PhaseError, ProgramView};
use super::shares::{Part, parts};
use crate::facts::{Action, Reference, Touch, TouchKind};
use crate::lang::{Rule, Value};
use crate::money::Money;
use crate::run::{Evaluator, RuleInput, attributes};
use crate::terms::reasons;
use crate::terms::{Anchor, CreditPolicy};
use crate::time::{Duration, Timestamp};
use crate::why::{WhyNot, why_not};

/// Why nobody is credited.
#[derive(Clone, Debug)]
pub(super) enum Uncredited {
    /// No touch, code, report or standing partner is credited.
    Nobody {
        /// The reason code.
        code: &'static str,
        /// The partner of the touch that gave the code; `None` for `NO_CREDIT`.
        partner: Option<String>,
    },
    /// A condition on touches failed.
    Failed(PhaseError),
}

/// A touch that stands for a credit without a path.
#[derive(Clone, Debug)]
pub(super) struct StandIn {
    by: By,
    touch: Touch,
}

/// Returns what stands for a credit without a path, each a touch at the moment of the action: the partners whom the host reports, by a
/// click; and, if a contract credits them, the standing partner of the customer, and the owners of the promo codes that were valid, in
/// the order of the codes.
pub(super) fn stand_ins(view: ProgramView<'_>, action: &Action, reference: &Reference) -> Vec<StandIn> {
    let at = action.occurred_at;
    let stand_in = |by, partner: &str, kind| StandIn { by, touch: Touch::new(partner, at, kind) };
    let reported = (0u32..).zip(&action.credits);
    let reported = reported.map(|(n, credit)| stand_in(By::Report(n), &credit.partner, TouchKind::Click));
    let customer = action.customer.id.as_deref().filter(|_| view.lookup.credits_standing);
    let standing = customer.and_then(|customer| reference.standing_partner(customer, at));
    let standing = standing.map(|partner| stand_in(By::Customer, partner, TouchKind::Click));
    let codes = if view.lookup.credits_owners { action.promo_codes.as_slice() } else { &[] };
    let codes = codes.iter().filter_map(|code| reference.promo_code(code));
    let owners = codes.filter(|code| code.validity().contains(at)).filter_map(|code| code.owner.as_ref());
    let owners = owners.map(|owner| stand_in(By::Code, owner, TouchKind::Code));
    reported.chain(standing).chain(owners).collect()
}

/// Why a touch is not credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missed {
    After,
    UnknownPartner,
    NoContract,
    KindNotCredited,
    /// Holds the window.
    OutsideWindow(Duration),
    Condition,
    OnlyReported,
    NotReported,
    NotByCode,
    NotStanding,
}

impl Missed {
    /// Returns why, of a touch this long before the action.
    fn because(self, before: Duration) -> String {
        let because = match self {
            Self::After => "it came after the action",
            Self::UnknownPartner => "the partner is not known to the program",
            Self::NoContract => "no contract for the partner was in force",
            Self::KindNotCredited => "its kind of touch has no referral window",
            Self::OutsideWindow(window) => {
                let before = before.in_words();
                return format!(
                    "it is outside its referral window: {before} before the action, and the window is {window}"
                );
            }
            Self::Condition => "it does not meet the condition of its contract",
            Self::OnlyReported => "its contract credits only the partner whom the host reports",
            Self::NotReported => "its contract credits touches, and not whom the host reports",
            Self::NotByCode => "its contract does not credit the owner of a promo code",
            Self::NotStanding => "its contract does not credit the standing partner of a customer",
        };
        because.to_owned()
    }

    fn code(self) -> &'static str {
        match self {
            Self::UnknownPartner => reasons::UNKNOWN_PARTNER,
            Self::NoContract => reasons::NO_CONTRACT,
            _ => reasons::NO_CREDIT,
        }
    }
}

/// A partner who takes part in an action.
#[derive(Clone, Copy, Debug)]
pub(super) struct Participant<'a> {
    pub(super) credited: Credited<'a>,
    pub(super) part: Part,
}

/// The inputs of credit.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    pub(super) view: ProgramView<'a>,
    pub(super) action: &'a Action,
    pub(super) stand_ins: &'a [StandIn],
    pub(super) reference: &'a Reference,
    /// The codes of the action in upper case, if a contract has conditions on touches.
    pub(super) promo_codes: &'a [String],
}

/// Finds who is credited, and who else took part and is paid for it. Sets `fuel` to what the conditions on touches used.
///
/// The error is that of the first touch whose partner is unknown or has no contract in force, else `NO_CREDIT`.
pub(super) fn credit<'a>(
    path: Path<'a>,
    fuel: &mut u64,
    mut trace: Option<&mut Vec<TouchTrace>>,
) -> Result<Few<Participant<'a>>, Uncredited> {
    let Path { view, action, stand_ins, .. } = path;
    let mut uncredited = (reasons::NO_CREDIT, None);
    let mut before = None;
    let touches = std::iter::from_fn(|| {
        let (index, touch) = latest(&action.touches, before)?;
        before = Some((touch.at, index));
        Some((By::Touch(index), touch))
    });
    let mut conditions = Conditions::new(path, trace.is_some());
    let mut eligible: Few<Eligible<'a>> = Few::new();
    // By eligible touch: its entry in the trace.
    let mut entries = Vec::new();
    for (by, touch) in stand_ins.iter().map(|stand_in| (stand_in.by, &stand_in.touch)).chain(touches) {
        // Reports are credited among themselves.
        if eligible.first().is_some_and(|first| matches!(first.by, By::Report(_)))
            && !matches!(by, By::Report(_))
        {
            break;
        }
        let tried = try_touch(path, &mut conditions, by, touch);
        *fuel = conditions.rules.fuel();
        let tried = tried.map_err(Uncredited::Failed)?;
        if let Some(trace) = trace.as_deref_mut() {
            if tried.is_ok() {
                entries.push(trace.len());
            }
            let because = match &tried {
                Ok(_) => by.because().to_owned(),
                Err(missed) => missed.because(action.occurred_at.since(touch.at)),
            };
            let why_not = conditions.why_not.take().filter(|_| matches!(tried, Err(Missed::Condition)));
            let (touch, partner, credited) = (by.touch(), touch.partner.clone(), tried.is_ok());
            trace.push(TouchTrace { touch, partner, credited, because, why_not });
        }
        match tried {
            Ok(found) => {
                if eligible.is_empty() && ends_search(view, &found) {
                    let part = Part { role: None, share: Decimal::ONE };
                    return Ok(smallvec![Participant { credited: found.credited, part }]);
                }
                eligible.push(found);
            }
            Err(missed) if uncredited.1.is_none() && missed.code() != reasons::NO_CREDIT => {
                uncredited = (missed.code(), Some(touch.partner.clone()));
            }
            Err(_) => {}
        }
    }
    let parts = parts(action, &eligible);
    if let Some(trace) = trace {
        for (n, entry) in entries.into_iter().enumerate() {
            let Some(entry) = trace.get_mut(entry) else { continue };
            let of = parts.iter().find(|(at, _)| *at == n).map(|(_, part)| part);
            entry.credited = of.is_some();
            match of {
                None => "another touch is credited".clone_into(&mut entry.because),
                Some(Part { role: None, share }) if *share == Decimal::ONE => {}
                Some(part) => entry.because = part.because(),
            }
        }
    }
    let found = parts
        .into_iter()
        .filter_map(|(at, part)| Some(Participant { credited: eligible.get(at)?.credited, part }));
    let found: Few<Participant<'a>> = found.collect();
    if found.is_empty() {
        let (code, partner) = uncredited;
        return Err(Uncredited::Nobody { code, partner });
    }
    Ok(found)
}

/// Returns whether no other touch can change who is credited and paid once this one may be credited.
fn ends_search(view: ProgramView<'_>, first: &Eligible<'_>) -> bool {
    if view.lookup.pays_participation {
        return false;
    }
    match first.by {
        By::Code | By::Customer => true,
        By::Report(_) => false,
        By::Touch(_) => {
            let alone = matches!(
                first.credited.version.credit.policy,
                CreditPolicy::LastTouch | CreditPolicy::PromoCodeOwner
            );
            alone && !view.lookup.prefers_touches
        }
    }
}

impl Part {
    /// Returns why a partner takes part, for the trace.
    fn because(&self) -> String {
        let share = (self.share * Decimal::ONE_HUNDRED).round_dp(4).normalize();
        match &self.role {
            Some(Role::Participant) => "took part, and is paid for participation".to_owned(),
            Some(role) => format!("{}, {share}% of the payout", role.text()),
            None => format!("{share}% of the payout"),
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

/// Evaluates conditions on touches.
struct Conditions<'a> {
    path: Path<'a>,
    rules: Evaluator<'a>,
    traces: bool,
    /// Why the last condition did not hold, if there is a trace.
    why_not: Option<WhyNot>,
}

impl<'a> Conditions<'a> {
    fn new(path: Path<'a>, traces: bool) -> Self {
        Self {
            path,
            rules: Evaluator::new(path.view.limits, None).recording(path.view.marks),
            traces,
            why_not: None,
        }
    }

    /// Returns whether a touch meets a condition of its contract.
    fn hold(&mut self, rule: &'a Rule, credited: &Credited<'a>) -> Result<bool, PhaseError> {
        let Path { view, action, reference, promo_codes, .. } = self.path;
        let input = RuleInput {
            terms: view.terms,
            contract: credited.contract,
            version: credited.version,
            action,
            currency: action.currency.unwrap_or(view.terms.currency),
            promo_codes,
            partner_id: &credited.touch.partner,
            partner: credited.partner,
            touch: credited.touch,
            creative: credited.creative,
            reference,
            attributes: attributes(view.terms, action, credited.partner).collect(),
            totals: Vec::new(),
            base: Money::ZERO,
            item_bases: Vec::new(),
            item: None,
        };
        if let Some(timer) = view.timer {
            timer.time(&rule.place, &mut || self.rules.run_again(rule, &input));
        }
        let value = self.rules.run(rule, &input);
        if self.traces && value == Ok(Value::Bool(false)) {
            let condition = rule.condition(|_| true);
            self.why_not = condition.and_then(|condition| why_not(&[(rule, condition)], &input, view.limits));
        }
        value.map(|value| value == Value::Bool(true)).map_err(|fault| PhaseError::rule("credit", rule, fault))
    }
}

fn try_touch<'a>(
    path: Path<'a>,
    conditions: &mut Conditions<'a>,
    by: By,
    touch: &'a Touch,
) -> Result<Result<Eligible<'a>, Missed>, PhaseError> {
    let Path { view, action, reference, .. } = path;
    let terms = view.terms;
    if touch.at > action.occurred_at {
        return Ok(Err(Missed::After));
    }
    let partner = reference.partner(&touch.partner, action.occurred_at);
    // A host that has no list of partners keeps them elsewhere, so every id is accepted.
    if partner.is_none() && reference.lists_partners() {
        return Ok(Err(Missed::UnknownPartner));
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
            partner_id: &touch.partner,
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
    let Some(credited) = view.lookup.version_for(&touch.partner, groups, in_force) else {
        return Ok(Err(Missed::NoContract));
    };
    let credit = &credited.version.credit;
    let eligible = Eligible { by, credited, rank: 0 };
    let is_reported = matches!(credit.policy, CreditPolicy::Reported(_));
    match by {
        By::Report(_) => return Ok(if is_reported { Ok(eligible) } else { Err(Missed::NotReported) }),
        By::Code if credit.policy == CreditPolicy::PromoCodeOwner => return Ok(Ok(eligible)),
        By::Code => return Ok(Err(Missed::NotByCode)),
        By::Customer => return Ok(if credit.standing { Ok(eligible) } else { Err(Missed::NotStanding) }),
        By::Touch(_) if is_reported => return Ok(Err(Missed::OnlyReported)),
        By::Touch(_) => {}
    }
    let Some(window) = credit.windows.of(touch.kind) else { return Ok(Err(Missed::KindNotCredited)) };
    // A window that ends beyond the calendar never ends.
    if touch.at.plus(window).is_some_and(|ends| action.occurred_at > ends) {
        return Ok(Err(Missed::OutsideWindow(window)));
    }
    if let Some(when) = &credit.when
        && !conditions.hold(when, &credited)?
    {
        return Ok(Err(Missed::Condition));
    }
    let mut rank = credit.prefer.len();
    for (n, preferred) in credit.prefer.iter().enumerate() {
        if conditions.hold(preferred, &credited)? {
            rank = n;
            break;
        }
    }
    Ok(Ok(Eligible { rank, ..eligible }))
}
