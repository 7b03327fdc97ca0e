//! Contract versions as TOML text: choices enter; a contract file and its rule files leave, with restrictions, groups
//! and limits in every mode.

use std::fmt::Write as _;

use accrue::internals::lang::Phase;

use super::expression::{expression, when};
use super::program::declarations;
use super::scope::Scope;
use super::statement::script;
use super::vocabulary::{REASONS, Ty};
use crate::choices::Choices;

/// A contract file in its parts.
#[derive(Clone, Debug, Default)]
pub struct ContractText {
    /// What stands above the restrictions.
    pub head: String,
    /// Restrictions.
    pub restrictions: String,
    /// `[payout]` and its default.
    pub payout: String,
    /// Payout groups.
    pub groups: String,
    /// Limits.
    pub limits: String,
    /// Bonuses.
    pub bonuses: String,
}

impl ContractText {
    /// The whole file.
    pub fn text(&self) -> String {
        [&self.head, &self.restrictions, &self.payout, &self.groups, &self.limits, &self.bonuses]
            .map(String::as_str)
            .concat()
    }
}

/// What is being made: the file, and the rule files that it names.
struct Making<'m> {
    name: &'m str,
    text: ContractText,
    rules: &'m mut Vec<(String, String)>,
}

impl Making<'_> {
    /// Adds a rule file and returns its path.
    fn rule(&mut self, kind: &str, n: i64, text: String) -> String {
        let path = format!("rules/{}_{kind}_{n}.rhai", self.name);
        self.rules.push((path.clone(), text));
        path
    }
}

/// A contract version. `top` are its keys before the first table, `partners` its table of that name.
pub fn contract(
    choices: &mut Choices<'_>,
    name: &str,
    top: &str,
    partners: &str,
    rules: &mut Vec<(String, String)>,
) -> ContractText {
    let per_item = choices.once_in(2);
    let mut made = Making { name, text: ContractText::default(), rules };
    made.text.head = head(choices, top, partners);
    for n in 0..choices.between(0, 3) {
        restriction(choices, n, &mut made);
    }
    made.text.payout = payout(choices, per_item);
    for n in 0..choices.between(0, 4) {
        group(choices, n, per_item, &mut made);
    }
    let groups = made.text.groups.matches("[[payout.groups]]").count();
    if groups == 0 && !made.text.payout.contains("[payout.default]") {
        made.text.payout.push_str("\n[payout.default]\nrate = \"5%\"\n");
    }
    for n in 0..choices.between(0, 4) {
        made.text.limits.push_str(&limit(choices, n, groups));
    }
    for n in 0..choices.between(0, 2) {
        made.text.bonuses.push_str(&bonus(choices, n));
    }
    made.text
}

fn head(choices: &mut Choices<'_>, top: &str, partners: &str) -> String {
    let anchor = choices.pick(&["event", "click", "submission"]);
    let mut text = format!("{top}anchor = \"{anchor}\"\n{partners}{}", declarations());
    let windows = "windows = { click = \"30 days\", impression = \"2 days\", code = \"90 days\" }";
    let _ = write!(text, "\n[credit]\n{}", credit(choices, windows));
    if choices.once_in(3) {
        amount(choices, &mut text);
    } else if choices.once_in(3) {
        text.push_str("\n[amount]\norder = 'action.amount - (action.shipping ?? money(\"0\"))'\n");
        if choices.once_in(2) {
            let allocation = choices.pick(&["largest_remainder", "first", "last"]);
            let _ =
                write!(text, "spread = 'action.discount ?? money(\"0\")'\nallocation = \"{allocation}\"\n");
        }
    }
    let mode = choices.pick(&["half_up", "half_even", "up", "down"]);
    let place = choices.pick(&["item", "order"]);
    let _ = write!(text, "\n[rounding]\nmode = \"{mode}\"\nplace = \"{place}\"\n");
    text.push_str(&reversals(choices));
    if choices.once_in(2) {
        dates(choices, &mut text);
    }
    text
}

/// Who is credited: half of the contracts credit the last touch.
fn credit(choices: &mut Choices<'_>, windows: &str) -> String {
    let (policy, shares) = match choices.below(16) {
        0 => return "policy = \"reported\"\n".to_owned(),
        1 => {
            return "policy = \"reported\"\nroles = { introducer = \"20%\", influencer = \"30%\", closer = \"50%\" }\n"
                .to_owned();
        }
        2 => ("policy = \"promo_code_owner\"\n", false),
        3 => ("policy = \"first_touch\"\n", false),
        4 => ("policy = \"linear\"\n", true),
        5 => (choices.pick(&["policy = \"u_shape\"\n", "policy = \"j_shape\"\n"]), true),
        6 => (
            "policy = \"roles\"\nroles = { introducer = \"25%\", closer = \"50%\", everyone = \"25%\" }\n",
            true,
        ),
        7 => ("policy = \"positions\"\npositions = [\"50%\", \"12.5%\", \"37.5%\"]\n", true),
        8 => ("policy = \"time_decay\"\nhalf_life = \"7 days\"\n", true),
        _ => ("", false),
    };
    let mut text = format!("{policy}{windows}\n");
    if choices.once_in(4) {
        text.push_str("when = 'touch.kind != \"impression\" || known(touch.creative)'\n");
    }
    if choices.once_in(4) {
        text.push_str("prefer = ['partner.id == \"acme\"', 'touch.kind == \"code\"']\n");
    }
    if choices.once_in(4) {
        text.push_str("standing = true\n");
    }
    if shares && choices.once_in(3) {
        let below = choices.pick(&["to_others", "unpaid"]);
        let _ = write!(text, "min_share = \"26%\"\nbelow_min = \"{below}\"\n");
    }
    text
}

/// When awards lock, and perhaps when they are paid. One day at least, so that every way of counting is allowed.
fn dates(choices: &mut Choices<'_>, text: &mut String) {
    let from = choices.pick(&["action", "month_end"]);
    let _ = write!(text, "\n[locking]\nfrom = \"{from}\"\ndays = {}\n", choices.between(1, 60));
    if from == "month_end" {
        let _ = writeln!(text, "months = {}", choices.between(0, 3));
    }
    counting(choices, text);
    if choices.once_in(2) {
        let (months, days) = (choices.between(0, 3), choices.between(0, 40));
        let _ = write!(text, "\n[payment]\nmonths = {months}\ndays = {days}\n");
        counting(choices, text);
    }
}

fn counting(choices: &mut Choices<'_>, text: &mut String) {
    let counting = choices.pick(&["full_days", "dates"]);
    let business_days = choices.pick(&["none", "next", "previous"]);
    let _ = write!(text, "counting = \"{counting}\"\nbusiness_days = \"{business_days}\"\n");
    if business_days != "none" {
        text.push_str("holidays = \"closed\"\n");
    }
}

/// Any expressions of the language for the commissionable amounts.
fn amount(choices: &mut Choices<'_>, text: &mut String) {
    text.push_str("\n[amount]\n");
    for (key, phase) in [("order", Phase::OrderAmount), ("item", Phase::ItemAmount)] {
        let mut scope = Scope::new(choices.split(8), phase);
        scope.depth = 3;
        let _ = writeln!(text, "{key} = {}", inline(&expression(&mut scope, Ty::Money).text()));
    }
}

/// An expression as a TOML string without escapes. No expression has three single quotes in a row.
fn inline(text: &str) -> String {
    format!("'''{text}'''")
}

fn condition(choices: &mut Choices<'_>, phase: Phase) -> String {
    match choices.below(4) {
        0 => inline("customer.status == \"new\""),
        1 => inline("action.amount >= params.gold"),
        2 => inline("\"SPRING\" in action.promo_codes && action.amount > money(\"20\")"),
        _ => {
            let part = choices.split(8);
            let mut scope = Scope::new(part, phase);
            scope.depth = 3;
            inline(&when(&mut scope))
        }
    }
}

fn restriction(choices: &mut Choices<'_>, n: i64, made: &mut Making<'_>) {
    let counts = match choices.below(3) {
        0 => String::new(),
        1 => "counts = true\n".to_owned(),
        _ => "counts = false\n".to_owned(),
    };
    if choices.once_in(4) {
        let path = made.rule("restriction", n, script(choices.split(6), Phase::Restrict));
        let _ = write!(
            made.text.restrictions,
            "\n[[restrictions]]\nname = \"r{n}\"\nrule = \"{path}\"\n{counts}"
        );
        return;
    }
    let verdict = choices.pick(&["flag", "zero", "hold", "reject"]);
    let release = if verdict == "hold" && choices.once_in(2) { "release_after = \"30 days\"\n" } else { "" };
    let reason = choices.pick(&REASONS);
    // What is flagged may be paid, and what is paid counts.
    let counts = if verdict == "flag" { String::new() } else { counts };
    let when = condition(choices, Phase::Restrict);
    let _ = write!(
        made.text.restrictions,
        "\n[[restrictions]]\nname = \"r{n}\"\nwhen = {when}\nverdict = \"{verdict}\"\nreason = \"{reason}\"\n{release}{counts}"
    );
}

/// What becomes of a payout if its action is taken back. Adjustments are never refused because an award has locked.
fn reversals(choices: &mut Choices<'_>) -> String {
    let more = choices.pick(&[
        "",
        "",
        "",
        "counts_in = \"current\"\n",
        "takes = \"whole\"\n",
        "threshold = \"50%\"\nbelow_threshold = \"pro_rata\"\n",
    ]);
    format!("\n[reversals]\nafter_lock = \"allow\"\n{more}")
}

fn payout(choices: &mut Choices<'_>, per_item: bool) -> String {
    let per = if per_item { "item" } else { "order" };
    let choose = choices.pick(&["first", "highest", "stack", "most_specific"]);
    let mut text = format!("\n[payout]\nper = \"{per}\"\nchoose = \"{choose}\"\n");
    if choices.once_in(4) {
        let pays = choices.pick(&["rate = \"1%\"", "add = \"2.00\"", "rate = \"0.333%\", add = \"0.50\""]);
        let _ = writeln!(text, "participation = {{ {pays} }}");
    }
    if choices.once_in(4) {
        text.push_str("levels = [{ rate = \"2%\" }, { rate = \"12.345%\", of = \"payout\" }]\n");
    }
    if !choices.once_in(4) {
        let _ = write!(text, "\n[payout.default]\n{}", effects(choices, per_item, "\n"));
    }
    text
}

/// At least one payout key, each followed by `end`.
fn effects(choices: &mut Choices<'_>, per_item: bool, end: &str) -> String {
    let mut text = String::new();
    if !choices.once_in(4) {
        let _ = write!(text, "rate = \"{}.{}%\"{end}", choices.between(0, 30), choices.between(0, 99));
    }
    if choices.once_in(3) {
        let _ = write!(text, "points = \"{}.5%\"{end}", choices.between(-2, 4));
    }
    if choices.once_in(4) {
        let _ = write!(text, "multiply = \"1.{}\"{end}", choices.between(0, 99));
    }
    if choices.once_in(3) || text.is_empty() {
        let _ = write!(text, "add = \"{}\"{end}", choices.pick(&["5", "0.50", "12.345", "0"]));
        if per_item || choices.once_in(2) {
            let per: &[&str] = if per_item { &["order", "item", "unit"] } else { &["order"] };
            let _ = write!(text, "add_per = \"{}\"{end}", choices.pick(per));
        }
    }
    text
}

fn group(choices: &mut Choices<'_>, n: i64, per_item: bool, made: &mut Making<'_>) {
    let phase = if per_item { Phase::PayItem } else { Phase::PayOrder };
    let _ = write!(made.text.groups, "\n[[payout.groups]]\nname = \"g{n}\"\n");
    match choices.below(6) {
        0 | 1 => {
            let _ = write!(
                made.text.groups,
                "when = {}\n{}",
                condition(choices, phase),
                effects(choices, per_item, "\n")
            );
        }
        2 => {
            let by = choices.pick(&[
                "action.amount",
                "action.base",
                "action.items.len()",
                "contract.version * 2.5",
            ]);
            let _ = write!(made.text.groups, "by = '{by}'\nbands = [\n");
            let whole = by.ends_with("len()");
            let bounds = if whole { ["0", "1", "3", "4"] } else { ["0", "2.5", "50", "100.01"] };
            for from in bounds.iter().take(choices.below(4) + 1) {
                let keys = effects(choices, per_item, ", ");
                let _ =
                    writeln!(made.text.groups, "  {{ from = \"{from}\", {} }},", keys.trim_end_matches(", "));
            }
            made.text.groups.push_str("]\n");
        }
        3 => {
            let path = made.rule("group", n, script(choices.split(6), phase));
            let _ = writeln!(made.text.groups, "rule = \"{path}\"");
        }
        4 => {
            let specificity = choices.between(0, 4);
            let _ = write!(
                made.text.groups,
                "when = {}\nspecificity = {specificity}\n{}",
                condition(choices, phase),
                effects(choices, per_item, "\n")
            );
        }
        _ => made.text.groups.push_str(&effects(choices, per_item, "\n")),
    }
}

/// A limit that makes sense.
fn limit(choices: &mut Choices<'_>, n: i64, groups: usize) -> String {
    let mut text = format!("\n[[limits]]\nname = \"l{n}\"\n");
    let scope = choices.below(9);
    let (per, period): (&str, bool) = match scope {
        0 => ("\"action\"", false),
        1 => ("\"order\"", false),
        2 => ("\"customer\"", true),
        3 => ("\"click\"", true),
        4 => ("\"partner\"", true),
        5 => ("\"group\"", true),
        6 => ("\"program\"", true),
        7 => ("\"parent\"", true),
        _ => ("\"partner\", \"customer\"", true),
    };
    let kind = choices.below(if scope == 0 { 3 } else { 2 });
    let counted = kind == 1 && scope != 0;
    match kind {
        0 => {
            let _ = writeln!(text, "max = \"{}\"", choices.pick(&["5", "20", "100", "33.33", "0.5", "1"]));
        }
        1 if scope != 0 => {
            let _ = writeln!(text, "count = {}", choices.between(1, 4));
        }
        1 => {
            let _ = writeln!(text, "max = \"{}\"", choices.pick(&["1", "7.77", "50"]));
        }
        _ => {
            let _ = writeln!(text, "share = \"{}%\"", choices.pick(&["5", "12.5", "100"]));
        }
    }
    let _ = writeln!(text, "per = [{per}]");
    if period {
        let periods = [
            "day",
            "week",
            "week from sunday",
            "two weeks from 2026-01-07",
            "half month",
            "month",
            "quarter",
            "year",
            "30 days",
            "1 day",
            "lifetime",
            "contract",
        ];
        // A program spans contracts and has no period of one.
        let period = choices.pick(if scope == 6 { &periods[..11] } else { &periods });
        let _ = writeln!(text, "period = \"{period}\"");
    }
    if choices.once_in(4) {
        text.push_str("event_types = [\"sale\"]\n");
    }
    if scope != 0 && choices.once_in(6) {
        text.push_str("reversal_frees = false\n");
    }
    if groups > 0 && scope != 5 && choices.once_in(4) {
        let _ = writeln!(text, "group = \"g{}\"", choices.below(groups));
    }
    // Neither a number of actions nor one action alone can be paid first and stopped then.
    let edges = ["remainder", "all_or_nothing", "hold", "alert", "pay_then_stop"];
    let _ = writeln!(
        text,
        "edge = \"{}\"",
        choices.pick(if counted || scope == 0 { &edges[..4] } else { &edges })
    );
    if choices.once_in(5) {
        text.push_str("when = 'customer.status == \"new\"'\n");
    }
    if choices.once_in(3) {
        text.push_str("warn_at = \"80%\"\n");
    }
    let _ = writeln!(text, "when_unknown = \"{}\"", choices.pick(&["skip", "hold"]));
    text
}

/// A bonus that makes sense.
fn bonus(choices: &mut Choices<'_>, n: i64) -> String {
    let mut text = format!("\n[[bonuses]]\nname = \"b{n}\"\nperiod = \"month\"\n");
    if choices.once_in(4) {
        text.push_str("when = 'totals.partner_month.actions.at_close >= 1'\n");
    }
    let on = "on = 'totals.partner_month.payouts.at_close'\n";
    let kind = choices.below(8);
    match kind {
        5 => {
            let _ = writeln!(text, "{on}guarantee = \"{}\"", choices.pick(&["5", "50"]));
            return text;
        }
        6 => {
            let _ = writeln!(text, "{on}draw = \"{}\"", choices.pick(&["5", "50"]));
            return text;
        }
        7 => {
            let _ = write!(
                text,
                "{on}holdback = \"{}%\"\nrelease_after = {}\n",
                choices.between(1, 50),
                choices.between(1, 3)
            );
            return text;
        }
        _ => {}
    }
    let (measure, bounds): (&str, [&str; 3]) = match kind {
        0 => ("totals.partner_month.revenue.at_close", ["10", "60.5", "200"]),
        1 => ("totals.partner_month.actions.at_close", ["1", "2", "4"]),
        2 => ("totals.customers.distinct.at_close", ["1", "2", "3"]),
        3 => ("totals.partner_month.year_to_date.revenue", ["20", "100", "300"]),
        _ => (
            "totals.partner_month.revenue.at_close - totals.partner_month.previous.revenue",
            ["1", "50", "100"],
        ),
    };
    let is_marginal = choices.once_in(2);
    let scope = if is_marginal { "marginal" } else { "whole" };
    let threshold = choices.pick(&["reaches", "exceeds"]);
    let _ = write!(text, "measure = '{measure}'\nthreshold = \"{threshold}\"\nscope = \"{scope}\"\n");
    // Only sums of one total say which actions are past a tier.
    let has_rate = kind != 2 && choices.once_in(2);
    match (kind, is_marginal && has_rate) {
        (0, true) => {
            let _ = writeln!(text, "crossing = \"{}\"", choices.pick(&["split", "new", "old"]));
        }
        (1, true) if choices.once_in(2) => {
            let _ = writeln!(text, "crossing = \"{}\"", choices.pick(&["new", "old"]));
        }
        _ => {}
    }
    if has_rate && !is_marginal && choices.once_in(3) {
        text.push_str("linear = true\n");
    } else if choices.once_in(3) {
        text.push_str("combine = \"cumulative\"\n");
    }
    if kind == 3 {
        text.push_str("true_up = \"year\"\n");
    } else {
        let _ = writeln!(text, "after_close = \"{}\"", choices.pick(&["keep", "recompute"]));
    }
    if choices.once_in(4) {
        text.push_str("at_most = \"7.5\"\n");
    }
    text.push_str("tiers = [\n");
    for from in bounds.iter().take(choices.below(3) + 1) {
        let _ = write!(text, "  {{ from = \"{from}\"");
        if has_rate {
            let _ = write!(text, ", rate = \"{}.5%\"", choices.between(0, 20));
        }
        if !has_rate || choices.once_in(3) {
            let _ = write!(text, ", add = \"{}\"", choices.pick(&["5", "0.5", "12"]));
            if choices.once_in(2) {
                text.push_str(", every = \"1\"");
            }
        }
        text.push_str(" },\n");
    }
    text.push_str("]\n");
    text
}
