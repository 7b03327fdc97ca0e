//! A program that has what no example and no generated program has: payouts by event type, several currencies, every credit policy,
//! bounds of groups, ages of returns, and dates by months.

use accrue::card::CardOptions;
use accrue::{Engine, Program, Reference, Source};

const PROGRAM: &str = r#"
id = "all"
name = "All of <it> & `more`"
currency = "EUR"
[event_types]
sale = {}
lead = { amount = false }
click = { amount = false }
[reasons]
ODD = "Odd"
"#;

const BY_EVENT_TYPE: &str = r#"
contract = "by event type"
version = 3
effective_from = 2026-01-01
effective_until = 2026-12-31T12:30:00Z
review_on = 2026-11-02
notice_days = 61
currency = ["EUR", "USD", "JPY"]
[partners]
groups = ["press"]
[params]
large = { money = { EUR = "90.00", USD = "100.00", JPY = "15000" } }
[credit]
policy = "roles"
roles = { introducer = "41%", closer = "29%", everyone = "30%" }
windows = { click = "36 hours", impression = "90 minutes" }
when = 'touch.sub_ids.len() < 7'
prefer = ['touch.kind == "click" && touch.sub_ids.len() > 2', 'touch.kind == "impression"']
min_share = "2.5%"
below_min = "unpaid"
[locking]
from = "month_end"
months = 2
days = 1
business_days = "next"
[payment]
months = 1
days = 20
business_days = "previous"
[reversals]
threshold = "80%"
ages = [{ from_days = 0, share = "100%" }, { from_days = 30, share = "50%" }]
after_lock = "allow"
[totals.days]
per = ["partner"]
period = "30 days"
from = 2026-02-03
after_actions = 12
counts = "approved"
[totals.unread]
per = ["partner"]
when = 'action.items.len() > 123'
[[restrictions]]
name = "odd"
when = 'action.items.len() > 40 && totals.days.actions.before > 5'
verdict = "hold"
reason = "ODD"
release_after = "45 days"
counts = false
[payouts.sale]
per = "item"
choose = "most_specific"
[payouts.sale.default]
rate = "5%"
[[payouts.sale.groups]]
name = "large"
when = 'action.amount >= params.large'
rate = "8%"
add = { EUR = "4.50", USD = "5.00", JPY = "700" }
add_per = "unit"
at_most = { EUR = "45.50", USD = "50.50", JPY = "7000" }
at_most_per = "item"
[payouts.lead.default]
add = { EUR = "3.00", USD = "3.30", JPY = "500" }
[[limits]]
name = "two weeks"
count = 9
per = ["partner"]
period = "two weeks from 2026-01-05"
warn_at = "75%"
"#;

const POLICIES: [&str; 6] = [
    "policy = \"positions\"\npositions = [\"50%\", \"30%\", \"20%\"]",
    "policy = \"time_decay\"\nhalf_life = \"7 days\"",
    "policy = \"reported\"\nroles = { closer = \"100%\" }",
    "policy = \"reported\"",
    "policy = \"promo_code_owner\"\nwindows = { click = \"5 days\", code = \"6 days\" }",
    "policy = \"first_touch\"\nstanding = true",
];

/// Returns the program with every policy, each in a contract of its own.
pub(crate) fn program() -> Program {
    let mut source = Source::from_files([("program.toml", PROGRAM), ("contracts/event.toml", BY_EVENT_TYPE)]);
    for (n, policy) in POLICIES.iter().enumerate() {
        let text = format!(
            "contract = \"policy {n}\"\nversion = 1\neffective_from = 2026-01-01\n[partners]\nids = [\"p{n}\"]\n\
             [credit]\n{policy}\n[payout.default]\nrate = \"{n}.5%\"\n"
        );
        source.insert(format!("contracts/policy-{n}.toml"), text);
    }
    Engine::default().load(&source).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn parts_of_a_contract_that_say_the_same_are_told_once() {
    let card = program().card(CardOptions::default(), &Reference::default()).unwrap();
    let flat = card.text(Some(usize::MAX / 4)).split_whitespace().collect::<Vec<_>>().join(" ");
    for (text, count) in [
        // The same in all six parts.
        ("41% to the partner of the first touch", 1),
        ("At most 9 paid actions", 1),
        // In each currency, or each event type.
        ("What is paid for `sale`: actions that come in USD", 1),
        ("4.50 EUR for each unit of the item", 1),
        ("At most 7,000 JPY for each item.", 1),
        ("3.30 USD for the action.", 1),
        ("Only for event type `sale`: The amount of the item.", 1),
        ("What is paid for `click` Decided for each action as a whole. always Nothing is paid.", 1),
        ("From 2026-01-01 to 2026-12-31 12:30.", 1),
        ("unread", 0),
    ] {
        assert_eq!(flat.matches(text).count(), count, "{text}:\n{}", card.text(None));
    }
}

#[test]
fn names_of_the_brand_are_no_markup() {
    let card = program().card(CardOptions::default(), &Reference::default()).unwrap();
    assert!(card.html().contains("All of &lt;it&gt; &amp; `more`"), "{}", card.html());
    assert!(card.markdown().contains("All of &lt;it&gt; &amp; \\`more\\`"), "{}", card.markdown());
}
