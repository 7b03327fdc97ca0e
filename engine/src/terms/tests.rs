//! Errors of terms: each snippet with the code and the word that its diagnostic must point at.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::*;
use crate::Limits;
use crate::diagnostic::{Code, Diagnostics};
use crate::lang::{Base, Type};
use crate::period::Period;
use crate::runtime::Runtime;

const PROGRAM: &str = r#"
id = "shop"
name = "Shop"
currency = "EUR"
time_zone = "Europe/Berlin"

[event_types]
sale = {}
lead = { amount = false }

[attributes]
size = { type = "integer" }
channel = { type = "text", required = true }

[reasons]
BIG = "Large"

[lists]
eu = { values = ["DE", "FR"] }
"#;

const HEAD: &str = "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n";
const PAYOUT: &str = "[payout.default]\nrate = \"4%\"\n";

fn source(files: &[(&str, &str)]) -> Source {
    let mut source = Source::from_files([("program.toml", PROGRAM)]);
    for (path, text) in files {
        source.insert(*path, *text);
    }
    source
}

fn load(source: &Source, limits: &Limits) -> (Option<Terms>, Diagnostics) {
    super::load(source, limits, &Runtime::new(limits, true, None, None))
}

fn load_files(files: &[(&str, &str)]) -> (Option<Terms>, Diagnostics, Source) {
    let source = source(files);
    let (terms, diagnostics) = load(&source, &Limits::default());
    (terms, diagnostics, source)
}

/// Returns codes, each with the text under its span, without warnings of unused names.
fn faults(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let (_, diagnostics, source) = load_files(files);
    diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.code != Code::Unused)
        .map(|diagnostic| {
            let place = diagnostic.place.as_ref();
            let text = place.and_then(|place| source.text(&place.file)?.get(place.span.range()));
            (diagnostic.code.to_string(), text.unwrap_or_default().to_owned())
        })
        .collect()
}

fn contract(body: &str) -> Vec<(String, String)> {
    faults(&[("contracts/standard.toml", &format!("{HEAD}{body}"))])
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(code, text)| ((*code).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn every_kind_of_fault_points_at_the_word() {
    let group = |keys: &str| format!("{PAYOUT}[[payout.groups]]\nname = \"g\"\n{keys}\n");
    let limit = |keys: &str| format!("{PAYOUT}[[limits]]\nname = \"l\"\n{keys}\n");
    let restriction = |keys: &str| format!("{PAYOUT}[[restrictions]]\nname = \"r\"\n{keys}\n");
    let cases: &[(String, &[(&str, &str)])] = &[
        (group("rate = 0.08"), &[("E107", "0.08")]),
        (group("rate = \"8\""), &[("E106", "\"8\"")]),
        (group("rate = \"150%\""), &[("W605", "\"150%\"")]),
        (group("wen = 'true'\nrate = \"8%\""), &[("E104", "wen")]),
        (group("rate = \"8%\"\nrule = \"rules/x.rhai\""), &[("E108", "rule"), ("E101", "\"rules/x.rhai\"")]),
        (group(""), &[("E105", "[[payout.groups]]")]),
        (group("by = 'action.amount'\nbands = []"), &[("E105", "[]")]),
        (group("by = 'action.amount'\nbands = [{ from = \"5\", rate = \"1%\" }]"), &[("W603", "\"5\"")]),
        (
            group("by = 'action.items.len()'\nbands = [{ from = \"0.5\", rate = \"1%\" }]"),
            &[("E106", "\"0.5\"")],
        ),
        (group("add = \"5.00\"\nadd_per = \"unit\""), &[("E108", "\"unit\"")]),
        (group("rate = \"1%\"\nadd_per = \"order\""), &[("E105", "add_per")]),
        (group("rate = \"1%\"\nspecificity = 70000"), &[("E106", "70000")]),
        (group("when = \"a \\\\ b\"\nrate = \"1%\""), &[("E106", "\"a \\\\ b\"")]),
        (group("when = \"customer.status == \\\"new\\\" && nope\"\nrate = \"1%\""), &[("E401", "nope")]),
        (limit("max = \"5.00\"\nper = [\"partner\", \"partner\"]"), &[("E205", "\"partner\"")]),
        (limit("max = \"5.00\"\nper = []"), &[("E205", "[]")]),
        (limit("max = \"5.00\"\nper = [\"action\", \"partner\"]"), &[("E205", "[\"action\", \"partner\"]")]),
        (limit("max = \"5.00\"\nper = [\"order\"]\nperiod = \"month\""), &[("E205", "period")]),
        (limit("count = 1\nper = [\"action\"]"), &[("E205", "count")]),
        (limit("count = 1\nper = [\"partner\"]\nedge = \"pay_then_stop\""), &[("E205", "\"pay_then_stop\"")]),
        (limit("max = \"1.00\"\nper = [\"program\"]\nperiod = \"contract\""), &[("E205", "\"contract\"")]),
        (limit("max = \"1.00\"\nper = [\"partner\"]\nwarn_at = \"0%\""), &[("E205", "\"0%\"")]),
        (limit("max = \"1.00\"\nper = \"partner\""), &[("E106", "\"partner\"")]),
        (limit("max = \"1.00\"\nper = [\"partner\"]\nevent_types = [\"sael\"]"), &[("E204", "\"sael\"")]),
        (limit("max = \"1.00\"\nper = [\"partner\"]\ngroup = \"gg\""), &[("E204", "\"gg\"")]),
        (restriction("when = 'true'\nverdict = \"reject\"\nreason = \"PAUSED\""), &[("E408", "\"PAUSED\"")]),
        (restriction("verdict = \"reject\"\nreason = \"BIG\""), &[("E105", "[[restrictions]]")]),
        (format!("currency = \"EURO\"\n{PAYOUT}"), &[("E206", "\"EURO\"")]),
        (format!("effective_until = 2026-02-30\n{PAYOUT}"), &[("E208", "2026-02-30")]),
        (format!("effective_until = 2026-01-01T00:00:00\n{PAYOUT}"), &[("E208", "2026-01-01T00:00:00")]),
        (format!("[partners]\n{PAYOUT}"), &[("E105", "[partners]")]),
        (format!("[params]\ngrace-days = 3\n{PAYOUT}"), &[("E106", "grace-days")]),
        (format!("[params]\nx = {{ money = \"1\", days = 3 }}\n{PAYOUT}"), &[("E108", "days")]),
        (format!("[params]\nx = 2026-01-01\n{PAYOUT}"), &[("E106", "2026-01-01")]),
        (format!("[totals.t]\nper = [\"group\"]\n{PAYOUT}"), &[("E205", "\"group\"")]),
        (format!("[amount]\nallocation = \"last\"\n{PAYOUT}"), &[("E105", "allocation")]),
        ("[payout]\nper = \"item\"\n".to_owned(), &[("E105", "[payout]")]),
        (String::new(), &[("E105", "")]),
    ];
    for (body, expected) in cases {
        let (mut found, mut expected) = (contract(body), pairs(expected));
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{body}");
    }
}

#[test]
fn no_fault_hides_another() {
    let body = "anchor = \"clck\"\ncurrency = \"EURO\"\neffective_until = 2026-02-31\nx = \n[params]\na = 1.5\n\
                [payout.default]\nrate = 8\n[[payout.groups]]\nname = \"g\"\nwhen = 'customer.staus == \"new\"'\nadd = 5.0\n\
                [[limits]]\nname = \"l\"\nmax = \"1\"\nper = [\"partners\"]\nperiod = \"monthly\"\n";
    let codes: Vec<String> = contract(body).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["E106", "E206", "E208", "E103", "E107", "E106", "E401", "E107", "E106", "E106"]);
}

#[test]
fn groups_that_can_never_be_chosen() {
    let two = |first: &str, second: &str| {
        let group = |name: &str, when: &str| {
            let when = if when.is_empty() { String::new() } else { format!("when = '{when}'\n") };
            format!("[[payout.groups]]\nname = \"{name}\"\n{when}rate = \"1%\"\n")
        };
        contract(&format!("{}{}", group("a", first), group("b", second)))
    };
    let shadowed = pairs(&[("W602", "\"b\"")]);
    assert_eq!(
        two("action.amount >= money(\"50\")", "action.amount > money(\"100\") && customer.status == \"new\""),
        shadowed
    );
    assert_eq!(two("customer.status != \"new\"", "customer.status == \"vip\""), shadowed);
    assert_eq!(
        two("customer.status == \"a\" || customer.status == \"b\"", "customer.status == \"b\""),
        shadowed
    );
    assert_eq!(
        two("(customer.country ?? \"\") in lists.eu", "(customer.country ?? \"\") == \"FR\""),
        shadowed
    );
    assert_eq!(two("money(\"50\") < action.amount", "action.amount>money(\"50\")"), shadowed);
    assert_eq!(two("", "customer.status == \"new\""), pairs(&[("W601", "\"b\"")]));
    assert_eq!(two("action.amount > money(\"100\")", "action.amount > money(\"50\")"), pairs(&[]));
    assert_eq!(two("action.amount >= money(\"50\")", "action.amount > money(\"49\")"), pairs(&[]));
    assert_eq!(two("customer.status == \"new\"", "customer.status == \"newer\""), pairs(&[]));
    assert_eq!(two("customer.status == \"v ip\"", "customer.status == \"vip\""), pairs(&[]));
}

#[test]
fn versions_and_contracts_side_by_side() {
    let version = |number: u32, from: &str, rest: &str| {
        format!("contract = \"standard\"\nversion = {number}\neffective_from = {from}\n{rest}\n{PAYOUT}")
    };
    let both = |a: &str, b: &str| faults(&[("contracts/1.toml", a), ("contracts/2.toml", b)]);
    let first = version(1, "2026-01-01", "effective_until = 2026-06-30");
    assert_eq!(both(&first, &version(2, "2026-07-01", "")), pairs(&[]));
    assert_eq!(both(&first, &version(2, "2026-06-30", "")), pairs(&[("E202", "2026-06-30")]));
    assert_eq!(both(&first, &version(2, "2026-07-02", "")), pairs(&[("W203", "2026-07-02")]));
    assert_eq!(both(&first, &version(1, "2026-07-01", "")), pairs(&[("E201", "1")]));
    assert_eq!(
        both(&version(2, "2026-01-01", "effective_until = 2026-06-30"), &version(1, "2026-07-01", "")),
        pairs(&[("E106", "1")])
    );
    let vip = version(1, "2026-01-01", "").replace("standard", "vip");
    let for_acme = |text: &str| text.replace("[payout", "[partners]\nids = [\"acme\"]\n[payout");
    assert_eq!(both(&first, &vip), pairs(&[("E202", "\"vip\"")]));
    assert_eq!(both(&for_acme(&first), &for_acme(&vip)), pairs(&[("E202", "\"acme\"")]));
    assert_eq!(both(&first, &for_acme(&vip)), pairs(&[]));
}

#[test]
fn what_is_loaded_is_what_was_written() {
    let body = r#"
[params]
gold = { money = "500.00" }
points = "1%"
since = { date = "2026-01-31" }
[totals.partner_month]
per = ["partner"]
period = "month"
event_types = ["sale"]
[[payout.groups]]
name = "g"
when = 'customer.status == "new" && action.amount > params.gold && action.occurred_at.date > params.since'
rate = "8%"
points = "-1%"
[[payout.groups]]
name = "rule"
rule = "rules/loyalty.rhai"
[[limits]]
name = "l"
max = "500"
per = ["partner"]
period = "month"
event_types = ["sale"]
[[limits]]
name = "p"
count = 3
per = ["program"]
"#;
    let rule = "if totals.partner_month.actions.before > 3 { add_points(params.points); } else { rate(percent(1)); }";
    let text = format!("{HEAD}{body}");
    let files = [("contracts/standard.toml", text.as_str()), ("rules/loyalty.rhai", rule)];
    let (terms, diagnostics, source) = load_files(&files);
    let terms = terms.unwrap_or_else(|| panic!("{diagnostics}"));
    assert_eq!(terms.attributes["size"].ty, Type::maybe(Base::Integer));
    assert_eq!(terms.attributes["channel"].ty, Type::known(Base::Text));
    let version = &terms.contracts[0].versions[0];
    assert_eq!(version.effective.from.unwrap().to_string(), "2025-12-31T23:00:00Z");
    assert_eq!(version.payout.groups[0].specificity, 3);
    // The total and the first limit count the same, so one counter serves both.
    assert_eq!(version.totals[0].counter, 0);
    assert_eq!(version.limits[0].counter, Some(0));
    assert_eq!(terms.counters.len(), 2);
    assert_eq!(terms.counters[0].period, Period::Month);
    assert_eq!(terms.counters[1].contract, None);
    assert_eq!(terms.sources.len(), 2);

    // Every file that can change a decision changes the version's digest, and no other does.
    let digest_of =
        |source: &Source| load(source, &Limits::default()).0.unwrap().contracts[0].versions[0].digest;
    let mut changed = source.clone();
    changed.insert("rules/loyalty.rhai", format!("{rule} "));
    assert_ne!(digest_of(&changed), version.digest);
    let mut changed = source.clone();
    changed.insert("README.md", "x");
    changed.insert("rules/other.rhai", "x");
    assert_eq!(digest_of(&changed), version.digest);
}

#[test]
fn limits_on_sizes() {
    let text = format!("{HEAD}{PAYOUT}");
    let source = source(&[("contracts/standard.toml", &text)]);
    let codes = |limits: &Limits| -> Vec<String> {
        load(&source, limits)
            .1
            .iter()
            .filter(|d| d.code != Code::Unused)
            .map(|d| d.code.to_string())
            .collect()
    };
    assert_eq!(codes(&Limits { source_bytes: 20, ..Limits::default() }), ["E109", "E109"]);
    assert_eq!(codes(&Limits { program_bytes: 20, ..Limits::default() }), ["E109"]);
    assert_eq!(codes(&Limits { text_bytes: 3, ..Limits::default() })[0], "E109");
}

#[test]
fn cut_off_or_garbled_files_never_panic() {
    let text = format!(
        "{HEAD}[partners]\nids = [\"acme\"]\n[params]\na = {{ money = \"1.00\" }}\n{PAYOUT}[[payout.groups]]\nname = \"g\"\n\
         when = '''\ncustomer.status == \"new\"\n'''\nby = 'action.amount'\nbands = [{{ from = \"0\", rate = \"1%\" }}]\n\
         [[limits]]\nname = \"é\"\nmax = \"5\"\nper = [\"partner\"]\nperiod = \"30 days\"\n"
    );
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        faults(&[("contracts/a.toml", &text[..end])]);
        faults(&[("program.toml", &PROGRAM[..end.min(PROGRAM.len())])]);
    }
    for (at, with) in
        (0..text.len()).step_by(3).zip(["]", "\"", "=", "\n", "'", "{", "é", "0", "#", "."].iter().cycle())
    {
        if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
            let garbled = format!("{}{with}{}", &text[..at], &text[at + 1..]);
            faults(&[("contracts/a.toml", &garbled)]);
        }
    }
}

#[test]
fn what_becomes_many_rules_is_bounded() {
    let program: String = (0..1_000).map(|n| format!("e{n} = {{}}\n")).collect();
    let program = PROGRAM.replace("[event_types]\n", &format!("[event_types]\n{program}"));
    let payouts: String = (0..1_000).map(|n| format!("[payouts.e{n}.default]\nrate = \"1%\"\n")).collect();
    let restrictions: String = (0..200)
        .map(|n| format!("[[restrictions]]\nname = \"r{n}\"\nwhen = 'action.amount > {n}'\nverdict = \"flag\"\nreason = \"BIG\"\n"))
        .collect();
    let versions = format!("{HEAD}{restrictions}{payouts}");
    let function = format!("fn long(x) {{\n{}x > 1\n}}\n", "    // a comment of some length\n".repeat(1_500));
    let called = restrictions.replace("action.amount >", "long(action.amount) && 0 <");
    let functions = [
        ("contracts/a.toml", format!("{HEAD}{called}{called}{PAYOUT}").replace("r1", "q1")),
        ("functions/long.rhai", function),
    ];
    let source_of = |files: &[(&str, String)]| {
        Source::from_files(files.iter().map(|(path, text)| ((*path).to_owned(), text.clone())))
    };
    let mut first = source_of(&[("program.toml", program), ("contracts/a.toml", versions)]);
    let mut second = source_of(&functions);
    second.insert("program.toml", PROGRAM);
    for (source, what) in [(&mut first, "versions that contracts make"), (&mut second, "shared functions")] {
        let (terms, diagnostics) = load(source, &Limits::default());
        assert!(terms.is_none());
        let found: Vec<&String> = diagnostics
            .iter()
            .filter(|fault| fault.code == Code::TooLarge)
            .map(|fault| &fault.message)
            .collect();
        assert_eq!(found.len(), 1, "{diagnostics}");
        assert!(found[0].contains(what), "{found:?}");
    }
}

#[test]
fn each_contract_that_begins_while_another_is_in_force_is_reported_once() {
    let contract = |name: &str, from: &str, until: &str| {
        let until = if until.is_empty() { String::new() } else { format!("effective_until = {until}\n") };
        format!(
            "contract = \"{name}\"\nversion = 1\neffective_from = {from}\n{until}partners = {{ ids = [\"p\"] }}\n{PAYOUT}"
        )
    };
    let files = [
        ("contracts/a.toml", contract("a", "2026-01-01", "2026-12-31")),
        ("contracts/b.toml", contract("b", "2026-02-01", "2026-02-28")),
        ("contracts/c.toml", contract("c", "2026-06-01", "2026-06-30")),
        ("contracts/d.toml", contract("d", "2025-01-01", "2025-12-31")),
        ("contracts/e.toml", contract("e", "2027-01-01", "")),
        ("contracts/f.toml", contract("f", "2027-01-01", "")),
    ];
    let mut source = Source::from_files(files);
    source.insert("program.toml", PROGRAM);
    let (terms, diagnostics) = load(&source, &Limits::default());
    assert!(terms.is_none());
    let found: Vec<String> = diagnostics
        .iter()
        .filter(|fault| fault.code == Code::OverlappingTerms)
        .map(|fault| fault.message.split(" are for").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        found,
        ["the contracts `a` and `b`", "the contracts `a` and `c`", "the contracts `e` and `f`"]
    );
}
