//! A bundle is used wherever its folder is, pays the same, and is refused with exit code 5 when it should be.

use crate::Desk;

#[test]
fn a_bundle_decides_what_its_folder_decides() {
    let desk = Desk::new(200);
    let built = desk.accrue(&["build", "shop", "-o", "shop.accrue"]);
    assert_eq!(built.code, Some(0), "{}", built.err);
    desk.accrue(&["build", "shop", "-o", "again.accrue"]);
    let bytes = |name: &str| std::fs::read(desk.path(name)).unwrap();
    assert_eq!(bytes("shop.accrue"), bytes("again.accrue"));

    let actions = "shop/actions/sample.jsonl";
    let of_folder = desk.accrue(&["run", "shop", "--trace", "--json"]);
    let of_bundle =
        desk.accrue(&["run", "shop.accrue", actions, "--facts", "shop/facts", "--trace", "--json"]);
    assert_eq!((of_bundle.code, of_bundle.out.lines().count()), (Some(0), 200), "{}", of_bundle.err);
    assert_eq!(of_bundle.out, of_folder.out);

    let id = &of_bundle.decided()[7];
    let explained = desk.accrue(&["explain", "shop.accrue", id, actions, "--facts", "shop/facts"]);
    assert_eq!(explained.out, desk.accrue(&["explain", "shop", id]).out);
    let checked = desk.accrue(&["check", "shop.accrue"]);
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    assert!(checked.out.contains("signed by nobody") && checked.out.contains("loyalty"), "{}", checked.out);

    for (wrong, said) in [
        (vec!["run", "shop.accrue"], "the bundle `shop.accrue` holds none"),
        (vec!["test", "shop.accrue"], "holds no tests"),
        (vec!["build", "shop.accrue", "-o", "x"], "built from a program folder"),
        (vec!["check", actions], "neither a program folder nor a bundle"),
    ] {
        let ended = desk.accrue(&wrong);
        assert!(ended.code == Some(2) && ended.err.contains(said), "{wrong:?}: {}", ended.err);
    }
}

#[test]
fn a_pinned_key_takes_only_what_it_signed() {
    let desk = Desk::new(20);
    for key in ["brand", "other"] {
        assert_eq!(desk.accrue(&["keygen", key]).code, Some(0));
    }
    assert_eq!(desk.accrue(&["keygen", "brand"]).code, Some(2), "no key is replaced");
    desk.accrue(&["build", "shop", "-o", "plain.accrue"]);
    desk.accrue(&["build", "shop", "-o", "signed.accrue", "--sign-key", "brand"]);
    let run = |bundle: &str, key: &str| {
        desk.accrue(&[
            "run",
            bundle,
            "shop/actions/sample.jsonl",
            "--facts",
            "shop/facts",
            "--trust-key",
            key,
        ])
    };
    assert_eq!(run("signed.accrue", "brand.pub").code, Some(0));
    for (bundle, key, code, said) in [
        ("plain.accrue", "brand.pub", 5, "the bundle is not signed"),
        ("signed.accrue", "other.pub", 5, "none of the trusted keys"),
        ("signed.accrue", "brand", 2, "never give the secret key away"),
        ("shop", "brand.pub", 2, "which nobody has signed"),
    ] {
        let ended = run(bundle, key);
        assert!(ended.code == Some(code) && ended.err.contains(said), "{bundle} {key}: {}", ended.err);
        assert!(ended.out.is_empty(), "nothing is decided by it");
    }
    let checked = desk.accrue(&["check", "signed.accrue", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
    let public = desk.read("brand.pub");
    assert!(public.contains(report["bundle"]["signer"].as_str().unwrap()), "{public}");
}

#[test]
fn a_bundle_that_was_changed_decides_nothing() {
    let desk = Desk::new(20);
    desk.accrue(&["build", "shop", "-o", "shop.accrue"]);
    desk.edit("shop.accrue", "rate = \"10%\"", "rate = \"90%\"");
    let ended = desk.accrue(&["run", "shop.accrue", "shop/actions/sample.jsonl", "--json"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(5), ""));
    assert!(ended.err.contains("`contracts/standard.toml` does not have the digest"), "{}", ended.err);
}

#[test]
fn a_program_with_errors_is_not_built() {
    let desk = Desk::new(1);
    desk.edit("shop/contracts/standard.toml", "rate = \"10%\"", "raet = \"10%\"");
    let ended = desk.accrue(&["build", "shop", "-o", "shop.accrue"]);
    assert!(ended.code == Some(1) && ended.err.contains("E104"), "{}", ended.err);
    assert!(!desk.path("shop.accrue").exists());
}
