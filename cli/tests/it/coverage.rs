//! `accrue test --coverage`: what is reached is marked, and what is planted and never reached is listed with its place.

use std::fs;

use serde_json::Value;

use crate::Desk;

const PROGRAM: &str = r#"
id = "shop"
name = "Shop"
currency = "EUR"
[event_types]
sale = {}
[attributes]
channel = { type = "text" }
[reasons]
TOO_SMALL = "Too small an order"
SECOND_LOOK = "Somebody looks at it"
"#;

const CONTRACT: &str = r#"contract = "standard"
version = 1
effective_from = 2026-01-01

[credit]
when = 'touch.kind == "click"'

[[restrictions]]
name = "too small"
when = 'action.amount < money("1")'
verdict = "reject"
reason = "TOO_SMALL"

[[restrictions]]
name = "look"
rule = "rules/look.rhai"

[payout.default]
rate = "2%"

[[payout.groups]]
name = "vip"
when = 'customer.status == "vip"'
rate = "9%"

[[payout.groups]]
name = "stepped"
when = 'customer.status == "new"'
by = 'action.amount'
bands = [
  { from = "0", rate = "3%" },
  { from = { EUR = "100" }, rate = "4%" },
  { from = { EUR = "500" }, rate = "5%" },
]

[[payout.groups]]
name = "channels"
rule = "rules/channel.rhai"

[[limits]]
name = "order"
max = "20.00"
per = ["action"]

[[limits]]
name = "month"
max = "1000.00"
per = ["partner"]
period = "month"
"#;

const LOOK: &str = r#"if action.amount > money("300") && (customer.status ?? "") == "existing" {
    flag("SECOND_LOOK");
}
"#;

const CHANNEL: &str = r#"switch attributes.channel ?? "" {
    "mail" => rate(percent(6)),
    "app" => rate(percent(7)),
    _ => {}
}
"#;

fn action(id: &str, amount: &str, more: &str) -> String {
    format!(
        "[[tests.actions]]\nid = \"{id}\"\nevent_type = \"sale\"\noccurred_at = 2026-03-02T10:00:00Z\namount = \"{amount}\"\n{more}\n\
         touches = [{{ partner = \"acme\", at = 2026-03-02T09:00:00Z, kind = \"click\" }}]\n\
         [[tests.expect]]\naction = \"{id}\"\nstatus = \"payable\"\n"
    )
}

/// Writes a program whose tests reach a part of it.
fn planted() -> Desk {
    let desk = Desk::new(0);
    for dir in ["p/contracts", "p/rules", "p/tests"] {
        fs::create_dir_all(desk.path(dir)).unwrap();
    }
    desk.write("p/program.toml", PROGRAM);
    desk.write("p/contracts/standard.toml", CONTRACT);
    desk.write("p/rules/look.rhai", LOOK);
    desk.write("p/rules/channel.rhai", CHANNEL);
    let new = "customer = { status = \"new\" }";
    let tests = [
        format!("[[tests]]\nit = \"steps\"\n{}{}", action("a", "50.00", new), action("b", "100.00", new)),
        format!("[[tests]]\nit = \"mails\"\n{}", action("c", "10.00", "attributes = { channel = \"mail\" }")),
        format!("[[tests]]\nit = \"cuts\"\n{}", action("d", "2000.00", "attributes = { channel = \"web\" }")),
    ];
    desk.write("p/tests/t.toml", tests.concat());
    desk
}

#[test]
fn what_no_test_reaches_is_listed_with_its_place_and_nothing_else() {
    let desk = planted();
    let ended = desk.accrue(&["test", "p", "--coverage"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    let (_, listed) = ended.out.split_once("not reached:").unwrap();
    let listed: Vec<&str> = listed.lines().skip(1).map(str::trim).collect();
    assert_eq!(
        listed,
        [
            "contracts/standard.toml:6: `touch.kind == \"click\"` always holds",
            "contracts/standard.toml:9: restriction `too small` never matches",
            "contracts/standard.toml:15: restriction `look` never matches",
            "contracts/standard.toml:22: `vip` never pays",
            "contracts/standard.toml:33: no value in the band from 500",
            "contracts/standard.toml:33: no value of exactly 500",
            "contracts/standard.toml:46: `month` never takes effect",
            "rules/channel.rhai:3: arm `\"app\"` never runs",
            "rules/channel.rhai:3: `rate(percent(7))` is never given",
            "rules/look.rhai:1: `action.amount > money(\"300\") && (customer.status ?? \"\") == \"…` never holds",
            "rules/look.rhai:2: `flag(\"SECOND_LOOK\")` is never given",
        ]
    );
    // A test that reaches them takes them off the list.
    let vip = format!(
        "[[tests]]\nit = \"vip\"\n{}{}",
        action("e", "500.00", "customer = { status = \"vip\" }"),
        action("f", "400.00", "customer = { status = \"existing\" }\nattributes = { channel = \"app\" }")
    );
    desk.write("p/tests/vip.toml", vip);
    let after = desk.accrue(&["test", "p", "--coverage"]);
    for reached in ["vip", "app", "look"] {
        let (_, listed) = after.out.split_once("not reached:").unwrap();
        assert!(!listed.contains(reached), "{reached}: {listed}");
    }
    assert!(after.out.contains("`month` never takes effect"), "{}", after.out);
}

#[test]
fn data_says_how_often_and_by_which_test_a_point_is_reached() {
    let desk = planted();
    let ended = desk.accrue(&["test", "p", "--coverage", "--json"]);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    let coverage = &report["coverage"];
    let points = coverage["points"].as_array().unwrap();
    let point = |kind: &str, name: &str| {
        let is_it = |point: &&Value| point["kind"] == kind && point["name"] == name;
        points.iter().find(is_it).unwrap_or_else(|| panic!("no {kind} {name} in {coverage:#}"))
    };
    assert_eq!(point("band", "100")["hits"], 1);
    assert_eq!(point("band_edge", "100")["tests"], serde_json::json!([0]));
    assert_eq!(point("arm", "\"mail\"")["tests"], serde_json::json!([1]));
    assert_eq!(point("default_arm", "_")["tests"], serde_json::json!([2]));
    assert_eq!(point("limit_reached", "order")["tests"], serde_json::json!([2]));
    assert_eq!(point("limit_below", "order")["hits"], 3);
    assert_eq!(point("group", "default")["tests"], serde_json::json!([2]));
    assert_eq!(coverage["tests"][1], "tests/t.toml: mails");
    let reached = points.iter().filter(|point| point["hits"] != 0).count();
    assert_eq!(
        (coverage["reached"].as_u64(), coverage["all"].as_u64()),
        (Some(reached as u64), Some(points.len() as u64))
    );
}

#[test]
fn too_little_coverage_has_its_own_exit_code_and_editors_get_a_tracefile() {
    let desk = planted();
    let low = desk.accrue(&["test", "p", "--coverage", "--min", "90%", "--lcov", "p/lcov.info"]);
    assert_eq!(low.code, Some(6), "{}", low.err);
    assert!(low.err.contains("`--min` asks for 90%"), "{}", low.err);
    // The same file is written again.
    let enough = desk.accrue(&["test", "p", "--coverage", "--min", "40%", "--lcov", "p/lcov.info"]);
    assert_eq!(enough.code, Some(0), "{}", enough.err);
    let lcov = desk.read("p/lcov.info");
    let record =
        lcov.split("end_of_record\n").find(|record| record.contains("SF:p/rules/channel.rhai")).unwrap();
    for line in
        ["DA:2,1", "DA:3,0", "DA:4,1", "BRDA:2,0,0,1", "BRDA:3,0,0,-", "LF:3", "LH:2", "BRF:3", "BRH:2"]
    {
        assert!(record.lines().any(|of| of == line), "no {line} in:\n{record}");
    }
    for wrong in [["--min", "40"], ["--min", "x"]] {
        assert_eq!(desk.accrue(&[&["test", "p", "--coverage"], &wrong[..]].concat()).code, Some(2));
    }
    assert_eq!(desk.accrue(&["test", "p", "--min", "90%"]).code, Some(2), "it needs --coverage");
}

#[test]
fn rows_of_tables_are_named_by_their_cells() {
    let desk = planted();
    let (head, _) = CONTRACT.split_once("[[payout.groups]]").unwrap();
    desk.write(
        "p/contracts/standard.toml",
        format!("{head}[[payout.groups]]\ntable = \"skus\"\n")
            .replace("[payout.default]\nrate = \"2%\"\n\n", ""),
    );
    fs::create_dir_all(desk.path("p/tables")).unwrap();
    desk.write("p/tables/skus.csv", "name,customer.status,rate\nfresh,new,4%\nloyal,existing,3%\n");
    let ended = desk.accrue(&["test", "p", "--coverage"]);
    let (_, listed) =
        ended.out.split_once("not reached:").unwrap_or_else(|| panic!("{}{}", ended.out, ended.err));
    assert!(listed.contains("tables/skus.csv, row 3, column A (name): `loyal` never pays"), "{listed}");
    assert!(!listed.contains("`fresh`"), "{listed}");
}
