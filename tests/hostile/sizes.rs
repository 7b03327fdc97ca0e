//! Sources of absurd size and depth: the answer comes quickly and on a small stack, whatever it is.

use std::fmt::Write as _;

use accrue::diagnostic::Code;

use crate::guard::{check, refused};

const DEEP: usize = 5_000;

fn nested(open: &str, middle: &str, close: &str) -> String {
    format!("{}{middle}{}", open.repeat(DEEP), close.repeat(DEEP))
}

/// Whatever is nested this deep is refused, as too deep or as not even syntax.
#[test]
fn depth() {
    let deep = [Code::TooDeep, Code::RuleSyntax];
    for (name, text) in [
        ("parentheses", format!("rate({});", nested("(", "0.1", ")"))),
        ("blocks", nested("{", "rate(0.1);", "}")),
        ("ifs", nested("if true {", "rate(0.1);", "}")),
        ("loops", nested("for x in action.items {", "rate(0.1);", "}")),
        ("calls", format!("fn f(x) {{ x }} rate({});", nested("f(", "0.1", ")"))),
        ("not", format!("if {} true {{ rate(0.1); }}", "!".repeat(DEEP))),
        ("minus", format!("rate({}0.1);", "- ".repeat(DEEP))),
        ("switches", nested("switch contract.version { _ => ", "rate(0.1)", "}")),
        ("conditional operands", format!("rate({});", nested("if true { 0.1 } else { ", "0.1", "}"))),
        ("only opening", "(".repeat(DEEP)),
        ("only braces", "{".repeat(DEEP)),
        ("arrays", format!("let x = {};", nested("[", "", "]"))),
        ("maps", format!("let x = {};", nested("#{a:", "1", "}"))),
        ("closures", format!("let x = {}1;", "|x| ".repeat(DEEP))),
        ("interpolation", format!("let x = {};", nested("`${", "1", "}`"))),
        ("comments", nested("/*", "", "*/")),
        ("open comments", "/*".repeat(DEEP)),
    ] {
        let (checked, codes) = check(name, text);
        if name == "comments" {
            continue;
        }
        assert!(checked.is_none(), "{name} was accepted");
        assert!(deep.iter().any(|code| codes.contains(code)), "{name}: {codes:?}");
    }
}

/// Long but flat: refused or accepted, in either case without a stack as deep as it is long.
#[test]
fn length() {
    let long = |unit: &str, times: usize| unit.repeat(times);
    for (name, text) in [
        ("sum", format!("rate(0.1{});", long(" + 0.1", 20_000))),
        ("product", format!("rate(0.1{});", long(" * 1.0", 20_000))),
        ("and", format!("if true{} {{ rate(0.1); }}", long(" && true", 20_000))),
        ("or", format!("if true{} {{ rate(0.1); }}", long(" || true", 20_000))),
        ("default", format!("rate({}0.1);", long("fraud.risk ?? ", 20_000))),
        ("comparison", format!("if 1{} {{ rate(0.1); }}", long(" == 1", 20_000))),
        ("in", format!("if \"a\"{} {{ rate(0.1); }}", long(" in lists.near", 20_000))),
        (
            "else if",
            format!("if false {{ }} {} else {{ rate(0.1); }}", long("else if false { rate(0.2); } ", 5_000)),
        ),
        ("statements", long("rate(0.1); ", 50_000)),
        ("empty statements", long(";", 500_000)),
        (
            "locals",
            (0..20_000).fold(String::new(), |mut text, n| {
                let _ = write!(text, "let x{n} = {n}; ");
                text
            }),
        ),
        (
            "functions",
            (0..20_000).fold(String::new(), |mut text, n| {
                let _ = write!(text, "fn f{n}() {{ {n} }} ");
                text
            }),
        ),
        (
            "arms",
            format!(
                "switch contract.version {{ {} _ => rate(0.1) }}",
                (0..20_000).fold(String::new(), |mut text, n| {
                    let _ = write!(text, "{n} => rate(0.2), ");
                    text
                })
            ),
        ),
        (
            "values of an arm",
            format!("switch contract.version {{ 1{} => rate(0.1), _ => rate(0.2) }}", long(" | 2", 20_000)),
        ),
        ("properties", format!("let x = action{};", long(".items", 20_000))),
        ("methods", format!("let x = customer.status{};", long(".contains(\"a\")", 20_000))),
        ("arguments", format!("rate(0.1{});", long(", 0.1", 20_000))),
        (
            "parameters",
            format!(
                "fn f(x{}) {{ 1 }} rate(0.1);",
                (0..5_000).fold(String::new(), |mut text, n| {
                    let _ = write!(text, ", x{n}");
                    text
                })
            ),
        ),
        ("text", format!("if customer.status == \"{}\" {{ rate(0.1); }}", long("x", 900_000))),
        ("identifier", format!("let {} = 1; rate(0.1);", long("x", 1_000_000))),
        ("unknown identifier", format!("rate({});", long("x", 1_000_000))),
        ("unknown field", format!("rate(action.{});", long("x", 1_000_000))),
        ("unknown function", format!("{}(1);", long("x", 1_000_000))),
        ("unknown reason", format!("notice(\"{}\");", long("X", 900_000))),
        ("unknown list", format!("if \"a\" in lists.{} {{ rate(0.1); }}", long("x", 1_000_000))),
        (
            "unknown identifiers",
            (0..20_000).fold(String::new(), |mut text, n| {
                let _ = write!(text, "rate(unknown_{n}); ");
                text
            }),
        ),
        ("digits", format!("rate({});", long("9", 500_000))),
        ("decimals", format!("rate(0.{});", long("9", 500_000))),
        ("exponent", "rate(1e999999999);".to_owned()),
        ("hexadecimal", format!("rate(0x{});", long("f", 500_000))),
        ("money", format!("add(money(\"{}\"));", long("9", 500_000))),
        ("blank", long(" ", 1_000_000)),
        ("lines", long("\n", 1_000_000)),
        ("comment", format!("// {}\nrate(0.1);", long("x", 1_000_000))),
        ("quotes", long("\"", 500_001)),
        ("backticks", long("`", 500_001)),
        ("nulls", long("\0", 500_000)),
        ("right to left", long("\u{202e}", 200_000)),
    ] {
        check(name, text);
    }
}

#[test]
fn a_source_over_its_limit_is_refused_unread() {
    refused("2 MiB", " ".repeat(2 << 20), &[Code::TooLarge]);
}
