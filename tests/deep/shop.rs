//! Contracts and actions over few facts and few values, so that conditions often meet, cover and exclude each other.

use accrue::Action;
use accrue::facts::{Touch, TouchKind, read_action};
use accrue::time::Timestamp;
use accrue_tests::choices::Choices;

const TESTS: [&str; 18] = [
    "customer.status == \"new\"",
    "customer.status != \"new\"",
    "customer.status == \"existing\"",
    "(customer.country ?? \"\") == \"DE\"",
    "(customer.country ?? \"\") in lists.dach",
    "known(customer.country) && customer.country == \"FR\"",
    "(attributes.plan ?? \"\") == \"pro\"",
    "attributes.vip ?? false",
    "action.amount > money(\"50\")",
    "action.amount >= money(\"100\")",
    "action.amount < money(\"100\")",
    "action.base <= money(\"50\")",
    "action.occurred_at.date >= date(\"2026-06-01\")",
    "action.occurred_at.date < date(\"2026-06-01\")",
    "action.occurred_at.hour >= 12",
    "\"SPRING\" in action.promo_codes",
    "(customer.order_count ?? 0) > 2",
    "(touch.property ?? \"\").starts_with(\"blog\")",
];

fn condition(choices: &mut Choices<'_>) -> String {
    let mut text = choices.pick(&TESTS).to_owned();
    for _ in 0..choices.below(3) {
        let join = choices.pick(&["&&", "||"]);
        let next = choices.pick(&TESTS);
        let next = if choices.once_in(4) { format!("!({next})") } else { format!("({next})") };
        text = format!("({text}) {join} {next}");
    }
    text
}

fn pays(choices: &mut Choices<'_>) -> String {
    let rate = choices.between(0, 9);
    match choices.below(5) {
        0 => format!("add = \"{rate}.00\"\n"),
        1 => format!("rate = \"{rate}%\"\nadd = \"1.00\"\n"),
        2 => {
            let more = choices.between(0, 9);
            format!(
                "by = 'action.base'\nbands = [{{ from = \"0\", rate = \"{rate}%\" }}, {{ from = \"100\", rate = \"{more}%\" }}]\n"
            )
        }
        _ => format!("rate = \"{rate}%\"\n"),
    }
}

/// The parts of a contract, each of which may be changed by itself.
#[derive(Clone)]
pub(crate) struct Contract {
    choose: &'static str,
    restrictions: Vec<(String, &'static str)>,
    groups: Vec<(String, String)>,
    default: Option<String>,
    limits: Vec<(i64, &'static str)>,
}

pub(crate) fn contract(choices: &mut Choices<'_>) -> Contract {
    let choose = choices.pick(&["first", "first", "first", "most_specific", "highest", "stack"]);
    let restriction =
        |choices: &mut Choices<'_>| (condition(choices), choices.pick(&["reject", "zero", "hold", "flag"]));
    let restrictions = (0..choices.below(3)).map(|_| restriction(choices)).collect();
    let groups = (0..choices.between(1, 4)).map(|_| (condition(choices), pays(choices))).collect();
    let default = choices.once_in(2).then(|| format!("rate = \"{}%\"\n", choices.between(1, 5)));
    let limits = (0..choices.below(3)).map(|_| limit(choices)).collect();
    Contract { choose, restrictions, groups, default, limits }
}

fn limit(choices: &mut Choices<'_>) -> (i64, &'static str) {
    let edge = choices.pick(&["remainder", "remainder", "all_or_nothing"]);
    (choices.between(1, 12), edge)
}

impl Contract {
    /// Changes one part.
    pub(crate) fn change(&mut self, choices: &mut Choices<'_>) {
        let at = choices.below(self.groups.len());
        match choices.below(6) {
            0 => self.groups[at].1 = pays(choices),
            1 => self.groups[at].0 = condition(choices),
            2 => self.groups[at].0 = format!("({}) && {}", self.groups[at].0, choices.pick(&TESTS)),
            3 if self.groups.len() > 1 => {
                self.groups.remove(at);
            }
            4 => self.restrictions.push((condition(choices), choices.pick(&["reject", "zero"]))),
            _ => self.limits.push(limit(choices)),
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (n, (when, verdict)) in self.restrictions.iter().enumerate() {
            text.push_str(&format!(
                "[[restrictions]]\nname = \"r{n}\"\nwhen = '{when}'\nverdict = \"{verdict}\"\nreason = \"CODE\"\n"
            ));
        }
        text.push_str(&format!("[payout]\nchoose = \"{}\"\n", self.choose));
        if let Some(default) = &self.default {
            text.push_str(&format!("[payout.default]\n{default}"));
        }
        for (n, (when, pays)) in self.groups.iter().enumerate() {
            text.push_str(&format!("[[payout.groups]]\nname = \"g{n}\"\nwhen = '{when}'\n{pays}"));
        }
        for (n, (max, edge)) in self.limits.iter().enumerate() {
            text.push_str(&format!(
                "[[limits]]\nname = \"l{n}\"\nmax = \"{max}.00\"\nper = [\"action\"]\nedge = \"{edge}\"\n"
            ));
        }
        text
    }
}

pub(crate) fn action(choices: &mut Choices<'_>, n: usize) -> Action {
    let at = choices.pick(&["2026-03-01T08:00:00Z", "2026-06-01T00:00:00Z", "2026-09-01T18:00:00Z"]);
    let amount = choices.pick(&["0", "0.50", "50", "50.01", "99.99", "100", "250"]);
    let json = format!(
        "{{\"id\":\"a{n}\",\"event_type\":\"sale\",\"occurred_at\":\"{at}\",\"amount\":\"{amount}\"}}"
    );
    let mut action = read_action(&json).unwrap();
    let text = |choices: &mut Choices<'_>, all: &[&str]| {
        Some(choices.pick(all).to_owned()).filter(|it| !it.is_empty())
    };
    action.customer.status = text(choices, &["", "new", "existing", "other"]);
    action.customer.country = text(choices, &["", "DE", "AT", "FR"]);
    action.customer.order_count = choices.once_in(2).then(|| u32::try_from(choices.below(5)).unwrap());
    action.promo_codes = text(choices, &["", "SPRING", "OTHER"]).into_iter().collect();
    if let Some(plan) = text(choices, &["", "basic", "pro"]) {
        action.attributes.insert("plan".to_owned(), accrue::facts::Attribute::Text(plan));
    }
    if choices.once_in(2) {
        let vip = choices.once_in(2);
        action.attributes.insert("vip".to_owned(), accrue::facts::Attribute::Bool(vip));
    }
    let mut touch = Touch::new("acme", Timestamp::parse(at).unwrap(), TouchKind::Click);
    touch.property = text(choices, &["", "blog", "blog-2", "app"]);
    action.touches.push(touch);
    action
}
