//! Reference facts that cannot be read in full stop a run before anything is decided: what they forbid would be paid.

use crate::Desk;

/// What each fault does to the folder of a new program, and a part of what is said.
const FAULTS: &[(&str, &[u8], &str)] = &[
    ("facts/partners.csv", b"id;kind;groups;status\nbean-diary;content;;active\n", "separated by commas"),
    ("facts/partners.csv", b"id,kind,note\nbean-diary,content,\n", "note"),
    ("facts/partners.csv", b"id,knd\nbean-diary,content\n", "did you mean `kind`?"),
    ("facts/partners.csv", b"id,kind\nbean-diary\n", "this row has 1 cells"),
    ("facts/partners.csv", b"id,kind\nbean-diary,caf\xE9\n", "UTF-8"),
    ("facts/partners.csv", b"id\nbean-diary\nbean-diary \n", "on line 2 already"),
    ("facts/partners.csv", b"", "the file is empty"),
    ("facts/PARTNERS.JSONL", b"{\"id\":\"bean-diary\"}\n", "in an earlier fact already"),
    ("facts/partner.csv", b"id\nbean-diary\n", "did you mean `partners.csv`"),
    ("facts/partners.csv.txt", b"id\nbean-diary\n", "nothing reads `partners.csv.txt`"),
    (
        "facts/promo_codes.jsonl",
        b"{\"code\":\"X1\",\"owner\":\"deal-ne",
        "ends in the middle of a promo code",
    ),
    ("facts/promo_codes.csv", b"code,owner\nX1,nobody\n", "there is no partner `nobody`"),
    ("facts/promo_codes.csv", b"code,owner\n\"X1,X2\",\n", "more than one code"),
    ("facts/creatives.csv", b"id,valid_until\nb1,31.12.2026\n", "valid_until"),
    ("facts/pauses.csv", b"target,id,from\npartner,bean\xE2\x80\x8B-diary,2026-01-01T00:00:00Z\n", "U+200B"),
];

#[test]
fn facts_with_a_fault_stop_the_run() {
    for (name, bytes, said) in FAULTS {
        let desk = Desk::new(2);
        assert_eq!(desk.accrue(&["run", "shop", "--json"]).code, Some(0));
        desk.write(&format!("shop/{name}"), bytes);
        let run = desk.accrue(&["run", "shop", "--json"]);
        assert_eq!(run.code, Some(1), "{name}: {}", run.err);
        assert_eq!(run.out, "", "{name}");
        assert!(run.err.contains(said), "{name}: no `{said}` in:\n{}", run.err);
    }
}

#[test]
fn a_folder_of_facts_by_another_name_stops_the_run() {
    for (name, said) in [("Facts", "rename it to `facts`"), ("fact", "rename it to `facts`")] {
        let desk = Desk::new(2);
        std::fs::rename(desk.path("shop/facts"), desk.path(&format!("shop/{name}"))).unwrap();
        let run = desk.accrue(&["run", "shop", "--json"]);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{name}: {}", run.err);
        assert!(run.err.contains(said), "{name}: no `{said}` in:\n{}", run.err);
    }
    let desk = Desk::new(2);
    std::fs::remove_dir_all(desk.path("shop/facts")).unwrap();
    desk.write("shop/facts", "id\nbean-diary\n");
    assert_eq!(desk.accrue(&["run", "shop", "--json"]).code, Some(1));
}
