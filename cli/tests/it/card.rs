//! The contract card: what it says, for whom, and where it goes.

use crate::Desk;

fn shop() -> Desk {
    let desk = Desk::new(2);
    desk.write(
        "shop/contracts/vip.toml",
        "contract = \"vip\"\nversion = 1\neffective_from = 2026-01-01\n[partners]\nids = [\"bean-diary\"]\n\
         [[payout.groups]]\nname = \"kind\"\nwhen = '(partner.kind ?? \"\") == \"nothing\"'\nrate = \"9.75%\"\n\
         [payout.default]\nrate = \"6.25%\"\n",
    );
    desk
}

#[test]
fn a_card_is_for_the_brand_or_for_a_partner() {
    let desk = shop();
    let card = desk.accrue(&["card", "shop"]);
    assert_eq!(card.code, Some(0), "{}", card.err);
    for shown in ["Contract `vip`, version 1", "Contract `standard`, version 1", "9.75%", "6.25%"] {
        assert!(card.out.contains(shown), "no `{shown}` in:\n{}", card.out);
    }
    assert!(card.out.lines().all(|line| line.chars().count() <= 80), "{}", card.out);
    let own = desk.accrue(&["card", "shop", "--partner", "bean-diary", "--at", "2026-03-01"]);
    assert!(own.out.contains("The terms in force on 2026-03-01."), "{}{}", own.out, own.err);
    assert!(own.out.contains("6.25%") && !own.out.contains("9.75%"), "{}", own.out);
    assert!(!own.out.contains("standard"), "{}", own.out);
    let json = desk.accrue(&["card", "shop", "--contract", "vip", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let rate = "payout.default.rate";
    assert!(json["contracts"][0]["sections"].to_string().contains(rate), "{json}");
}

#[test]
fn a_card_is_written_in_the_format_of_its_name() {
    let desk = shop();
    desk.edit("shop/program.toml", "name = \"", "name = \"<b>");
    for (name, shown) in [
        ("card.txt", "<b>Corner roastery: contract card"),
        ("card.md", "# &lt;b&gt;"),
        ("card.html", "<h1>&lt;b&gt;"),
        ("card.json", "\"contracts\": ["),
    ] {
        let wrote = desk.accrue(&["card", "shop", "--out", name]);
        assert_eq!(wrote.code, Some(0), "{}", wrote.err);
        let text = desk.read(name);
        assert!(text.contains(shown), "{name}:\n{text}");
    }
}

#[test]
fn what_there_is_no_card_of_is_named() {
    let desk = shop();
    for (args, shown) in [
        (&["--contract", "vpi"][..], "did you mean `vip`?"),
        (&["--partner", "bean-dairy"], "did you mean `bean-diary`?"),
        (&["--at", "1999-01-01"], "no contract version is in force on 1999-01-01"),
        (&["--out", "card.pdf"], "write a name that ends in `.txt`, `.md`, `.html` or `.json`"),
        (&["--out", "shop/program.toml"], "does not say in which format"),
        (&["--out", "shop/README.md"], "is read as a part of the program"),
    ] {
        let refused = desk.accrue(&[&["card", "shop"], args].concat());
        assert_eq!(refused.code, Some(2), "{args:?}: {}{}", refused.out, refused.err);
        assert!(refused.err.contains(shown), "{args:?}: {}", refused.err);
    }
}
