//! Sources of absurd size and depth: the answer comes quickly and on a small stack, whatever it is.

use accrue::diagnostic::Code;

use crate::guard::{check, refused};

/// So deep that it fits into the longest rule.
const DEEP: usize = 1_300;

fn nested(open: &str, middle: &str, close: &str) -> String {
    format!("{}{middle}{}", open.repeat(DEEP), close.repeat(DEEP))
}

/// Whatever is nested this deep is refused, as too deep or as not even syntax.
#[test]
fn depth() {
    let deep = [Code::TooDeep, Code::RuleSyntax, Code::OverBudget];
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
    ] {
        let (checked, codes) = check(name, text);
        if name == "comments" {
            continue;
        }
        assert!(checked.is_none(), "{name} was accepted");
        assert!(deep.iter().any(|code| codes.contains(code)), "{name}: {codes:?}");
    }
}

/// Bytes of a rule that is as long as one may be. Shorter than the limit by what stands around the repeated part.
const LONG: usize = 64_000;

/// `unit` as often as it fits.
fn long(unit: &str) -> String {
    unit.repeat(LONG / unit.len())
}

/// `unit` with rising numbers for `#`, as often as it fits.
fn numbered(unit: &str) -> String {
    let mut text = String::new();
    for n in 0.. {
        let next = unit.replace('#', &n.to_string());
        if text.len() + next.len() > LONG {
            break;
        }
        text.push_str(&next);
    }
    text
}

/// Long but flat: refused or accepted, in either case soon and without a stack as deep as it is long.
#[test]
fn length() {
    let mut slow = String::new();
    for (name, text) in [
        ("sum", format!("rate(0.1{});", long(" + 0.1"))),
        ("product", format!("rate(0.1{});", long(" * 1.0"))),
        ("and", format!("if true{} {{ rate(0.1); }}", long(" && true"))),
        ("or", format!("if true{} {{ rate(0.1); }}", long(" || true"))),
        ("default", format!("rate({}0.1);", long("fraud.risk ?? "))),
        ("comparison", format!("if 1{} {{ rate(0.1); }}", long(" == 1"))),
        ("in", format!("if \"a\"{} {{ rate(0.1); }}", long(" in lists.near"))),
        (
            "else if",
            format!("if false {{ }} {} else {{ rate(0.1); }}", long("else if false { rate(0.2); } ")),
        ),
        ("statements", long("rate(0.1); ")),
        ("empty statements", long(";")),
        ("locals", numbered("let x# = #; ")),
        ("locals of locals", format!("let x0 = 1; {}", numbered("let y# = x0 + x0; "))),
        ("blocks side by side", long("{ } ")),
        ("loops side by side", long("for x in action.items { } ")),
        ("functions", numbered("fn f#() { # } ")),
        ("calls", format!("fn f() {{ 1 }} {}", long("f(); "))),
        ("functions and calls", numbered("fn f#() { # } f#(); ")),
        ("arms", format!("switch contract.version {{ {} _ => rate(0.1) }}", numbered("# => rate(0.2), "))),
        (
            "the same arm",
            format!("switch contract.version {{ {} _ => rate(0.1) }}", long("1 => rate(0.2), ")),
        ),
        (
            "text arms",
            format!("switch customer.status {{ {} _ => rate(0.1) }}", numbered("\"#\" => rate(0.2), ")),
        ),
        (
            "values of an arm",
            format!("switch contract.version {{ 1{} => rate(0.1), _ => rate(0.2) }}", long(" | 2")),
        ),
        ("values of a list", format!("if \"a\" in [\"b\"{}] {{ rate(0.1); }}", long(", \"b\""))),
        ("properties", format!("let x = action{};", long(".items"))),
        ("methods", format!("let x = customer.status{};", long(".contains(\"a\")"))),
        ("indexes", format!("let x = action{};", long("[0]"))),
        ("arguments", format!("rate(0.1{});", long(", 0.1"))),
        ("parameters", format!("fn f(x{}) {{ 1 }} rate(0.1);", numbered(", x#"))),
        ("text", format!("if customer.status == \"{}\" {{ rate(0.1); }}", long("x"))),
        ("escapes", format!("if customer.status == \"{}\" {{ rate(0.1); }}", long("\\u0041"))),
        ("identifier", format!("let {} = 1; rate(0.1);", long("x"))),
        ("unknown identifier", format!("rate({});", long("x"))),
        ("unknown field", format!("rate(action.{});", long("x"))),
        ("unknown function", format!("{}(1);", long("x"))),
        ("unknown reason", format!("notice(\"{}\");", long("X"))),
        ("unknown list", format!("if \"a\" in lists.{} {{ rate(0.1); }}", long("x"))),
        ("unknown identifiers", numbered("rate(unknown_#); ")),
        ("unknown fields", numbered("rate(action.f#); ")),
        ("unknown among many locals", format!("{} rate(x);", numbered("let x# = #; "))),
        ("digits", format!("rate({});", long("9"))),
        ("decimals", format!("rate(0.{});", long("9"))),
        ("exponent", "rate(1e999999999);".to_owned()),
        ("hexadecimal", format!("rate(0x{});", long("f"))),
        ("money", format!("add(money(\"{}\"));", long("9"))),
        ("duration", format!("if days({}) > days(1) {{ rate(0.1); }}", long("9"))),
        ("blank", long(" ")),
        ("lines", long("\n")),
        ("comment", format!("// {}\nrate(0.1);", long("x"))),
        ("comments", format!("{}rate(0.1);", long("/**/"))),
        ("quotes", long("\"")),
        ("open quotes", long("\"a\n")),
        ("backticks", long("`")),
        ("apostrophes", long("'")),
        ("nulls", long("\0")),
        ("at signs", long("@")),
        ("dollars", long("$ ")),
        ("closing parentheses", long(")")),
        ("closing braces", long("}")),
        ("opening parentheses in blocks", long("{(}")),
        ("lonely words", long("x ")),
        ("lonely lets", long("let ")),
        ("lonely fns", long("fn ")),
        ("lonely ifs", long("if ")),
        ("broken statements", long("let = ; ")),
        ("broken calls", long("rate(; ")),
        ("closures", long("|x| x; ")),
        ("switches", long("switch { } ")),
        ("commas", long(",")),
        ("dots", long(".")),
        ("colons", long("::")),
        ("arrows", long("=>")),
        ("hashes", long("#{")),
        ("emoji", long("\u{1f600}")),
        ("right to left", long("\u{202e}")),
        ("joiners", long("a\u{200d}")),
    ] {
        let start = std::time::Instant::now();
        check(name, text);
        if start.elapsed() > SOON {
            slow.push_str(&format!("{name} took {:?}\n", start.elapsed()));
        }
    }
    assert!(slow.is_empty(), "{slow}");
}

/// No more than a reader would wait, in a build without optimisation on a busy machine. What takes a time that grows
/// with the square of the length takes minutes.
const SOON: std::time::Duration = std::time::Duration::from_secs(20);

#[test]
fn a_source_over_its_limit_is_refused_unread() {
    for unit in [" ", "\0", "x", ")", "{", "\"", "1 + ", "let x = 1; ", "/*"] {
        refused("2 MiB", unit.repeat((2 << 20) / unit.len()), &[Code::TooLarge]);
    }
}
