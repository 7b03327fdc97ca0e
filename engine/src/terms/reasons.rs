//! The engine's own reason codes, and their text for people. A brand declares its own codes in its program.

/// No touch of the path is inside its referral window.
pub const NO_CREDIT: &str = "NO_CREDIT";
/// A partner touched in time, but no contract for that partner was in force.
pub const NO_CONTRACT: &str = "NO_CONTRACT";
/// The partner of the touch is not among the partners that the host knows.
pub const UNKNOWN_PARTNER: &str = "UNKNOWN_PARTNER";
/// The program, the contract, the partner or the creative was paused when the action occurred.
pub const PAUSED: &str = "PAUSED";
/// A case of the program, the contract, the partner or the creative was open while the action was.
pub const CASE_OPEN: &str = "CASE_OPEN";
/// The award had not locked when its contract ended.
pub const CONTRACT_ENDED: &str = "CONTRACT_ENDED";
/// The partner had left the program, or left it before the award locked.
pub const PARTNER_LEFT: &str = "PARTNER_LEFT";
/// A rule failed while it ran, or an amount is too large to be computed.
pub const RULE_ERROR: &str = "RULE_ERROR";
/// A limit needs a key that the action does not have, such as its customer.
pub const LIMIT_KEY_UNKNOWN: &str = "LIMIT_KEY_UNKNOWN";
/// No exchange rate into the contract's currency was in force when the action occurred.
pub const NO_EXCHANGE_RATE: &str = "NO_EXCHANGE_RATE";
/// The commissionable amount is below zero, and the event type has no such amounts.
pub const NEGATIVE_AMOUNT: &str = "NEGATIVE_AMOUNT";
/// The payout is below zero, and the event type has no such amounts.
pub const NEGATIVE_PAYOUT: &str = "NEGATIVE_PAYOUT";
/// A total that a rule reads needs a key that the action does not have, such as its customer.
pub const TOTAL_KEY_UNKNOWN: &str = "TOTAL_KEY_UNKNOWN";
/// The action occurred in a period that is closed, and its contract holds such actions.
pub const PERIOD_CLOSED: &str = "PERIOD_CLOSED";

/// The action counts, but no payout group matched any line and the contract version has no default payout.
pub const NO_PAYOUT_GROUP: &str = "NO_PAYOUT_GROUP";
/// The action counts, but a limit had nothing left for it.
pub const LIMIT_USED_UP: &str = "LIMIT_USED_UP";
/// The action counts, but what the payout groups pay for it is zero after rounding.
pub const PAYS_ZERO: &str = "PAYS_ZERO";

/// The payout would pass a limit whose contract lets a person decide.
pub const LIMIT_REACHED: &str = "LIMIT_REACHED";
/// A person rejected the action.
pub const REJECTED: &str = "REJECTED";

/// The code of the notice that a limit raises when its warning share is reached.
pub const LIMIT_WARNING: &str = "limit_warning";

/// The code of the notice that a limit raises when a payout passes it that is paid all the same.
pub const LIMIT_PASSED: &str = "limit_passed";

/// Every code of the engine with its text.
pub(crate) const ALL: &[(&str, &str)] = &[
    (NO_CREDIT, "No partner touched the customer inside a referral window"),
    (NO_CONTRACT, "No contract was in force for the partner"),
    (UNKNOWN_PARTNER, "The partner is not known to the program"),
    (PAUSED, "Paused when the action occurred"),
    (CONTRACT_ENDED, "The contract ended before the award had locked"),
    (PARTNER_LEFT, "The partner has left the program"),
    (CASE_OPEN, "Held while a case is open"),
    (RULE_ERROR, "A rule failed; a person has to look at it"),
    (LIMIT_KEY_UNKNOWN, "A limit cannot be checked, because the action does not say what it is kept by"),
    (TOTAL_KEY_UNKNOWN, "A total cannot be read, because the action does not say what it is kept by"),
    (NEGATIVE_AMOUNT, "The commissionable amount is below zero"),
    (NEGATIVE_PAYOUT, "The payout is below zero"),
    (NO_EXCHANGE_RATE, "No exchange rate into the contract's currency is known"),
    (PERIOD_CLOSED, "The period that the action occurred in is closed"),
    (NO_PAYOUT_GROUP, "No payout group matched, and there is no default payout"),
    (LIMIT_USED_UP, "A limit left nothing to pay"),
    (PAYS_ZERO, "The payout group pays zero for it"),
    (REJECTED, "A person rejected it"),
    (LIMIT_REACHED, "The payout would pass a limit; a person has to decide"),
    (LIMIT_WARNING, "A limit is nearly used up"),
    (LIMIT_PASSED, "A limit is passed"),
];

/// Returns the text of one of the engine's codes; `None` for any other code.
pub(crate) fn text(code: &str) -> Option<&'static str> {
    ALL.iter().find(|(name, _)| *name == code).map(|(_, text)| *text)
}
