//! What is due: dates of contracts and facts that come soon.

use crate::Desk;

#[test]
fn dates_are_listed_as_text_and_as_json() {
    let desk = Desk::new(2);
    desk.edit(
        "shop/contracts/standard.toml",
        "effective_from",
        "effective_until = 2026-12-31\nreview_on = 2026-12-01\neffective_from",
    );
    desk.write(
        "shop/facts/promo_codes.csv",
        "code,owner,valid_until\nSPRING,bean-diary,2026-12-16 00:00\nOLD,,2026-01-31 12:00\n",
    );
    let due = desk.accrue(&["due", "shop", "--on", "2026-12-01"]);
    assert_eq!(due.code, Some(0), "{}", due.err);
    for shown in [
        "Due from 2026-12-01, within 30 days",
        "standard 1 is to be reviewed",
        "promo code SPRING of bean-diary expires",
        "standard 1 ends, and no version follows",
    ] {
        assert!(due.out.contains(shown), "no `{shown}` in:\n{}", due.out);
    }
    assert!(!due.out.contains("OLD"), "{}", due.out);
    let json = desk.accrue(&["due", "shop", "--on", "2026-12-02", "--days", "20", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let expected = serde_json::json!([
        { "on": "2026-12-15", "kind": "promo_code_expires", "promo_code": "SPRING", "owner": "bean-diary", "in_days": 13 },
    ]);
    assert_eq!(json, expected);
    let nothing = desk.accrue(&["due", "shop", "--on", "2027-06-01"]);
    assert!(nothing.out.contains("nothing"), "{}", nothing.out);
    assert_eq!(desk.accrue(&["due", "shop", "--on", "2027-02-29"]).code, Some(2));
    assert_eq!(desk.accrue(&["due", "shop"]).code, Some(2));
}
