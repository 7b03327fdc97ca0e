//! `accrue fmt`: what it writes, what it leaves, and how it ends.

use crate::Desk;

#[test]
fn a_program_is_laid_out_and_then_stays_as_it_is() {
    let desk = Desk::new(1);
    let laid_out = desk.read("shop/contracts/standard.toml");
    desk.write("shop/contracts/standard.toml", laid_out.replace(" = ", "=").replace("\n\n[", "\n["));
    let checked = desk.accrue(&["fmt", "--check", "shop"]);
    assert_eq!(checked.code, Some(6), "{}{}", checked.out, checked.err);
    assert!(
        checked.out.contains("contracts/standard.toml:") && checked.out.contains("1 laid out otherwise"),
        "{}",
        checked.out
    );
    assert!(checked.out.lines().all(|line| line.chars().count() <= 104), "{}", checked.out);
    assert_ne!(desk.read("shop/contracts/standard.toml"), laid_out);
    let written = desk.accrue(&["fmt", "shop"]);
    assert_eq!(written.code, Some(0), "{}", written.err);
    assert_eq!(desk.read("shop/contracts/standard.toml"), laid_out);
    assert_eq!(desk.accrue(&["fmt", "--check", "shop"]).code, Some(0));
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_mode_and_a_link_stays_a_link() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let desk = Desk::new(1);
    desk.write("a.toml", "a=1\n");
    std::fs::set_permissions(desk.path("a.toml"), std::fs::Permissions::from_mode(0o600)).unwrap();
    symlink(desk.path("a.toml"), desk.path("b.toml")).unwrap();
    assert_eq!(desk.accrue(&["fmt", "b.toml"]).code, Some(0));
    assert_eq!(desk.read("a.toml"), "a = 1\n");
    assert!(desk.path("b.toml").is_symlink());
    assert_eq!(std::fs::metadata(desk.path("a.toml")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_cannot_be_read_is_left_as_it_is() {
    let desk = Desk::new(1);
    desk.write("a.toml", "a = [1\nb = \"\u{1b}[31m\"\n");
    let ended = desk.accrue(&["fmt", "a.toml"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("error[E103]") && ended.err.contains("a.toml:"), "{}", ended.err);
    assert!(!ended.err.contains("\u{1b}[31m\""), "{}", ended.err);
    assert_eq!(desk.read("a.toml"), "a = [1\nb = \"\u{1b}[31m\"\n");
    assert_eq!(desk.accrue(&["fmt", "shop/actions"]).code, Some(2));
    assert_eq!(desk.accrue(&["fmt", "a.csv"]).code, Some(2));
}
