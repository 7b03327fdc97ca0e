//! Reads `[credit]`: who is credited for an action, and with which share.

use rust_decimal::Decimal;

use super::model::{Credit, CreditPolicy, RoleWeights, Windows};
use super::numbers::Percent;
use super::read::{At, Sink};
use super::rules::Rules;
use super::tables::{CreditTable, Policy, RolesTable, WindowsTable};
use crate::diagnostic::{Code, Span};
use crate::lang::{Base, Phase};
use crate::time::{DAY_SECONDS, Duration};

/// The days after a click in which an action is credited, if a contract says nothing else.
const DEFAULT_DAYS: i64 = 30;

/// Reads who is credited; the last touch if the contract has no `[credit]`.
pub(super) fn credit(table: Option<&CreditTable>, rules: &mut Rules<'_, '_>, sink: &mut Sink<'_>) -> Credit {
    let mut condition = |at| rules.expression(at, Phase::Credit, Base::Bool, sink);
    let when = table.and_then(|table| table.when.as_ref()).and_then(&mut condition);
    let prefer = table.and_then(|table| table.prefer.as_ref()).into_iter().flat_map(|at| &at.value);
    let prefer = prefer.filter_map(condition).collect();
    let min_share = table.and_then(|table| table.min_share.as_ref());
    if let Some(table) = table {
        keys_of_other_policies(table, sink);
        if let (Some(below), None) = (table.keys.get("below_min"), table.keys.get("min_share")) {
            let message =
                "`below_min` says what becomes of a share below `min_share`, and there is no `min_share`";
            let diagnostic = sink.at(Code::MissingKey, below, message);
            sink.push(diagnostic.help("write `min_share = \"10%\"` beside it, or leave it out"));
        }
    }
    if let Some(min) = min_share {
        portion(min, "share", sink);
    }
    Credit {
        policy: table.map(|table| policy(table, sink)).unwrap_or_default(),
        windows: windows(table, sink),
        when,
        prefer,
        standing: table.and_then(|table| table.standing.as_ref()).is_some_and(|at| at.value),
        min_share: min_share.map_or(Decimal::ZERO, |at| at.value.0),
        below_min: table.and_then(|table| table.below_min.as_ref()).map(|at| at.value.0).unwrap_or_default(),
    }
}

fn windows(table: Option<&CreditTable>, sink: &mut Sink<'_>) -> Windows {
    let Some(at) = table.and_then(|table| table.windows.as_ref()) else {
        return Windows { click: Duration::of(DEFAULT_DAYS, DAY_SECONDS), ..Windows::default() };
    };
    if at.value.keys.none_of(WindowsTable::KEYS) {
        let message = "no kind of touch has a window, so no action could be credited";
        let help = "write `windows = { click = \"30 days\" }`, or leave `windows` out";
        let diagnostic = sink.at(Code::MissingKey, at.span, message).help(help);
        sink.push(diagnostic);
    }
    at.value.windows()
}

/// Returns the word of the policy; the last touch if there is none.
fn word(table: &CreditTable) -> Policy {
    table.policy.as_ref().map_or(Policy::LastTouch, |at| at.value.0)
}

/// Reports keys that have no meaning under the policy.
fn keys_of_other_policies(table: &CreditTable, sink: &mut Sink<'_>) {
    use Policy::{FirstTouch, LastTouch, Positions, PromoCodeOwner, Reported, Roles, TimeDecay};
    if table.keys.get("policy").is_some() && table.policy.is_none() {
        return;
    }
    let policy = word(table);
    let single = matches!(policy, LastTouch | FirstTouch | PromoCodeOwner);
    let touches = "are for touches, and this contract credits whom the host reports";
    let one = "is for several partners, and this policy credits one";
    let meaningless = [
        ("windows", policy == Reported, touches, "leave `windows` out"),
        (
            "when",
            policy == Reported,
            "is about touches, and this contract credits whom the host reports",
            "leave `when` out",
        ),
        ("prefer", policy == Reported, touches, "leave `prefer` out"),
        (
            "roles",
            !matches!(policy, Roles | Reported),
            "are the parts of `policy = \"roles\"`",
            "write `policy = \"roles\"`, or leave `roles` out",
        ),
        (
            "positions",
            policy != Positions,
            "are the weights of `policy = \"positions\"`",
            "write `policy = \"positions\"`, or leave `positions` out",
        ),
        (
            "half_life",
            policy != TimeDecay,
            "is for `policy = \"time_decay\"`",
            "write `policy = \"time_decay\"`, or leave `half_life` out",
        ),
        ("min_share", single, one, "leave `min_share` out"),
    ];
    for (key, is_meaningless, why, help) in meaningless {
        let Some(at) = table.keys.get(key).filter(|_| is_meaningless) else { continue };
        let diagnostic = sink.at(Code::ConflictingKeys, at, format!("`{key}` {why}")).help(help);
        let diagnostic = match table.keys.get("policy") {
            Some(policy) => diagnostic.label(sink.place(policy), "the policy"),
            None => diagnostic,
        };
        sink.push(diagnostic);
    }
}

fn policy(table: &CreditTable, sink: &mut Sink<'_>) -> CreditPolicy {
    let percent = |introducer, influencer, closer, everyone| {
        let [introducer, influencer, closer, everyone] =
            [introducer, influencer, closer, everyone].map(|percent: i64| Decimal::new(percent, 2));
        CreditPolicy::Roles(RoleWeights { introducer, influencer, closer, everyone })
    };
    let given = table.roles.as_ref().map(|at| roles(&at.value, at.span, sink));
    match word(table) {
        Policy::LastTouch => CreditPolicy::LastTouch,
        Policy::FirstTouch => CreditPolicy::FirstTouch,
        Policy::PromoCodeOwner => CreditPolicy::PromoCodeOwner,
        Policy::Reported => CreditPolicy::Reported(given),
        Policy::Linear => percent(0, 0, 0, 100),
        Policy::UShape => percent(40, 20, 40, 0),
        Policy::JShape => percent(20, 20, 60, 0),
        Policy::Roles => {
            let example = "add `roles = { introducer = \"40%\", influencer = \"20%\", closer = \"40%\" }`";
            missing(table, "roles", "roles", example, sink);
            CreditPolicy::Roles(given.unwrap_or_default())
        }
        Policy::Positions => {
            missing(table, "positions", "positions", "add `positions = [\"50%\", \"30%\", \"20%\"]`", sink);
            CreditPolicy::Positions(
                table.positions.as_ref().map(|at| positions(&at.value, at.span, sink)).unwrap_or_default(),
            )
        }
        Policy::TimeDecay => {
            missing(table, "time_decay", "half_life", "add `half_life = \"7 days\"`", sink);
            if let Some(at) = table.half_life.as_ref().filter(|at| at.value == Duration::default()) {
                let diagnostic = sink.at(Code::WrongValue, at.span, "a half-life is longer than zero");
                sink.push(diagnostic.help("write `half_life = \"7 days\"`"));
            }
            CreditPolicy::TimeDecay {
                half_life: table.half_life.as_ref().map(|at| at.value).unwrap_or_default(),
            }
        }
    }
}

/// Reports that a policy lacks its key.
fn missing(table: &CreditTable, policy: &str, key: &str, example: &str, sink: &mut Sink<'_>) {
    if table.keys.get(key).is_none() {
        let at = table.policy.as_ref().map_or(table.at, |at| at.span);
        let diagnostic =
            sink.at(Code::MissingKey, at, format!("`policy = \"{policy}\"` needs the key `{key}`"));
        sink.push(diagnostic.help(example));
    }
}

/// Reports a percentage below 0% or above 100%. Returns whether it is one of the whole.
fn portion(at: &At<Percent>, what: &str, sink: &mut Sink<'_>) {
    if at.value.0 < Decimal::ZERO || at.value.0 > Decimal::ONE {
        let message = format!("a {what} is from 0% to 100%, not `{}`", sink.shown(at.span));
        let diagnostic =
            sink.at(Code::WrongValue, at.span, message).help("write a percentage such as `\"10%\"`");
        sink.push(diagnostic);
    }
}

fn roles(table: &RolesTable, at: Span, sink: &mut Sink<'_>) -> RoleWeights {
    let all = [&table.introducer, &table.influencer, &table.closer, &table.everyone];
    all.into_iter().flatten().for_each(|at| portion(at, "part", sink));
    let [introducer, influencer, closer, everyone] =
        all.map(|part| part.as_ref().map_or(Decimal::ZERO, |part| part.value.0));
    if !table.keys.unknown {
        whole([introducer, influencer, closer, everyone].iter(), "roles", at, sink);
    }
    if introducer.is_zero() && closer.is_zero() && everyone.is_zero() && !influencer.is_zero() {
        let message = "a path of one or two partners has no influencer, and nobody would be paid for it";
        let diagnostic = sink.at(Code::WrongValue, at, message);
        sink.push(diagnostic.help("give a part to `introducer`, `closer` or `everyone` too"));
    }
    RoleWeights { introducer, influencer, closer, everyone }
}

fn positions(weights: &[At<Percent>], at: Span, sink: &mut Sink<'_>) -> Vec<Decimal> {
    weights.iter().for_each(|at| portion(at, "weight", sink));
    whole(weights.iter().map(|at| &at.value.0), "weights", at, sink);
    if let Some(first) = weights.first().filter(|first| first.value.0.is_zero()) {
        let message = "the first weight is zero, and a path of one partner would pay nobody";
        let diagnostic = sink.at(Code::WrongValue, first.span, message);
        sink.push(diagnostic.help("begin with a weight above zero"));
    }
    weights.iter().map(|at| at.value.0).collect()
}

/// Reports parts that are not 100% together.
fn whole<'d>(mut parts: impl Iterator<Item = &'d Decimal>, what: &str, at: Span, sink: &mut Sink<'_>) {
    let sum = parts.try_fold(Decimal::ZERO, |sum, part| sum.checked_add(*part));
    if sum == Some(Decimal::ONE) {
        return;
    }
    let sum =
        sum.and_then(|sum| sum.checked_mul(Decimal::ONE_HUNDRED)).map(|sum| sum.normalize().to_string());
    let message = format!("these {what} are {}% together", sum.unwrap_or_default());
    let diagnostic = sink.at(Code::WrongValue, at, message).help("write parts that are 100% together");
    sink.push(diagnostic);
}
