//! Tables of a program folder: read in any dialect, kept in bundles, and written by `accrue table export`.

use crate::Desk;

const TABLE: &str = "\n[[payout.groups]]\ntable = \"countries\"\n";

/// A shop with a table of a spreadsheet that writes semicolons.
fn desk(rate: &str) -> Desk {
    let desk = Desk::new(30);
    std::fs::create_dir(desk.path("shop/tables")).unwrap();
    let table = format!("customer.country;rate\r\n\r\nDE | AT;{rate}\r\nFR;7%\r\n");
    desk.write("shop/tables/countries.csv", table);
    let contract = std::fs::read_dir(desk.path("shop/contracts")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&contract).unwrap();
    std::fs::write(&contract, text + TABLE).unwrap();
    desk
}

#[test]
fn a_fault_names_the_row_and_the_column() {
    let desk = desk("0.06");
    let ended = desk.accrue(&["check", "shop"]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    let shown = format!("{}{}", ended.out, ended.err);
    assert!(shown.contains("`tables/countries.csv`, row 3, column B (`rate`)"), "{shown}");
    assert!(shown.contains("write `6%`"), "{shown}");
    let json = desk.accrue(&["check", "shop", "--json"]);
    assert!(json.out.contains("\"row\":3") || json.out.contains("\"row\": 3"), "{}", json.out);
}

#[test]
fn a_bundle_pays_what_the_folder_pays() {
    let desk = desk("6%");
    let built = desk.accrue(&["build", "shop", "--out", "shop.accrue"]);
    assert_eq!(built.code, Some(0), "{}", built.err);
    let folder =
        desk.accrue(&["run", "shop", "shop/actions/sample.jsonl", "--facts", "shop/facts", "--json"]);
    let bundle =
        desk.accrue(&["run", "shop.accrue", "shop/actions/sample.jsonl", "--facts", "shop/facts", "--json"]);
    assert_eq!((folder.code, bundle.code), (Some(0), Some(0)), "{}{}", folder.err, bundle.err);
    assert!(!folder.out.is_empty());
    assert_eq!(folder.out, bundle.out);
}

#[test]
fn groups_are_written_as_a_table() {
    let desk = desk("6%");
    let ended = desk.accrue(&["table", "export", "shop", "--out", "groups.csv"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let csv = desk.read("groups.csv");
    assert!(csv.starts_with("name,"), "{csv}");
    assert!(csv.contains("countries: DE | AT"), "{csv}");
    let ended = desk.accrue(&["table", "export", "shop", "--contract", "standrd", "--out", "groups.csv"]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    let ended = desk.accrue(&["table", "export", "shop", "--out", "groups.ods"]);
    assert!(ended.err.contains("ends in `.csv` or `.xlsx`"), "{}", ended.err);
}

#[test]
fn a_rule_of_a_table_is_placed_in_its_row() {
    let desk = desk("6%");
    let json = desk.accrue(&["check", "shop", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let rules = found["program"]["rules"].as_array().unwrap();
    let row = |of: &str| {
        let rule = rules.iter().find(|rule| rule["rule"].as_str().unwrap().contains(of)).unwrap();
        (rule["cell"]["row"].clone(), rule["place"]["file"].clone())
    };
    assert_eq!(row("countries: DE | AT"), (3.into(), "tables/countries.csv".into()), "{}", json.out);
    assert_eq!(row("countries: FR"), (4.into(), "tables/countries.csv".into()));
    // A partner whom no file lists is named where the table names it.
    std::fs::remove_dir_all(desk.path("shop/facts")).unwrap();
    std::fs::create_dir(desk.path("shop/facts")).unwrap();
    desk.write("shop/tables/countries.csv", "partner.kind;rate\r\ncontent;6%\r\ncupon;7%\r\n");
    desk.write("shop/facts/partners.csv", "id,kind\nslow-mornings,content\nx,coupon\n");
    let ended = desk.accrue(&["check", "shop"]);
    let shown = format!("{}{}", ended.out, ended.err);
    assert!(shown.contains("`tables/countries.csv`, row 3, column A (`partner.kind`)"), "{shown}");
    assert!(shown.contains("did you mean `coupon`?"), "{shown}");
}

#[test]
fn groups_written_as_a_workbook_read_back() {
    let desk = desk("6%");
    let export = |out: &str| {
        let ended = desk.accrue(&["table", "export", "shop", "--out", out]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
    };
    export("before.csv");
    export("groups.xlsx");
    // The workbook takes the place of all groups of the contract.
    let contract = std::fs::read_dir(desk.path("shop/contracts")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&contract).unwrap();
    let (head, _) = text.split_once("[[payout.groups]]").unwrap();
    let rest = text.find("[[limits]]").map(|at| &text[at..]).unwrap_or_default().replace(TABLE, "");
    std::fs::write(&contract, format!("{head}[[payout.groups]]\ntable = \"groups\"\n\n{rest}")).unwrap();
    std::fs::remove_file(desk.path("shop/tables/countries.csv")).unwrap();
    std::fs::rename(desk.path("groups.xlsx"), desk.path("shop/tables/groups.xlsx")).unwrap();
    export("after.csv");
    assert_eq!(desk.read("after.csv"), desk.read("before.csv"));
}
