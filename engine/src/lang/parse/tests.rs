//! Hostile and broken texts: the stack is not exhausted, nothing panics, and every fault points at its word.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::*;

fn faults(text: &str) -> Vec<(String, String)> {
    let layout = Layout::new(text);
    let mut faults = Vec::new();
    parse(&layout, &Limits::default(), &mut faults);
    faults.iter().map(|f| (f.code.text().to_owned(), layout.slice(f.span).to_owned())).collect()
}

/// Returns the words of the statements that Rhai's parser finds.
fn kept(text: &str) -> usize {
    engine(&Limits::default()).compile(text).map_or(0, |ast| ast.statements().len())
}

/// What looks like a statement is one, or the rule is refused.
#[test]
fn no_comment_takes_statements_away() {
    for (text, place) in [
        ("/* all\nreject(\"X\");", "/*"),
        ("rate(1); /*", "/*"),
        ("/* a /* b */ reject(\"X\");", "/*"),
        ("/* a /* b */ c */ reject(\"X\");", "/*"),
        ("/*/ reject(\"X\");", "/*"),
        ("/** a **/ /* reject(\"X\");", "/*"),
        ("/* a */ */ rate(1);", "*/"),
        ("rate(2 */ 3);", "*/"),
    ] {
        let found = faults(text);
        assert!(!found.is_empty(), "{text:?}");
        assert!(found.iter().all(|(code, at)| code == "E300" && at == place), "{text:?}: {found:?}");
    }
    for (text, statements) in [
        ("/**/ rate(1);", 1),
        ("/***/ rate(1); /* ** / */", 1),
        ("// /* a\nrate(1);", 1),
        ("/* // */ rate(1);", 1),
        ("/// a\n//! b\n/** c */ rate(1); // d\r\nrate(2);", 2),
        ("let x = \"/*\"; rate(1); let y = \"*/\";", 3),
    ] {
        assert_eq!(faults(text), [], "{text:?}");
        assert_eq!(kept(text), statements, "{text:?}");
    }
}

#[test]
fn faults_point_at_the_word() {
    for (text, code, word) in [
        ("if customer.status = \"new\" { }", "E300", "="),
        ("if a and b { }", "E300", "and"),
        ("let x = not a;", "E300", "not"),
        ("if customer.status == 'new' { }", "E300", "'new'"),
        ("if customer.status == “new” { }", "E300", "“new”"),
        ("rate(8%);", "E300", "8%"),
        ("add($5.00);", "E300", "$5.00"),
        ("add(€5.00);", "E300", "€"),
        ("if a =< b { }", "E300", "=<"),
        ("if a => b { }", "E300", "=>"),
        ("if a <> b { }", "E300", "<>"),
        ("let x = 1 let y = 2;", "E300", "1"),
        ("if a { rate(1);", "E300", "{"),
        ("rate(percent(8);", "E300", "("),
        ("rate(1)); add(2);", "E300", ")"),
        ("let x = \"abc;\nlet y = 1;", "E300", "\"abc;"),
        ("let x = `a`;", "E310", "`a`"),
        ("break;", "E410", "break"),
        ("const X = 1; X = 2;", "E315", "X"),
        ("if 1 { }", "E404", "1"),
        ("let x = this;", "E307", "this"),
        (
            "let x = 99999999999999999999999999999999999999999999;",
            "E407",
            "99999999999999999999999999999999999999999999",
        ),
        ("let s = null;", "E300", "null"),
    ] {
        assert_eq!(faults(text), [(code.to_owned(), word.to_owned())], "{text}");
    }
}

#[test]
fn one_fault_does_not_hide_the_next() {
    let text = "let a = 5 5;\nif a = 1 { rate(1); }\nif a { let b = ; rate(8%); }\nlet c = 'x';";
    let codes: Vec<_> = faults(text).into_iter().map(|(_, word)| word).collect();
    for word in ["8%", "'x'", "5", "="] {
        assert!(codes.contains(&word.to_owned()), "{word} in {codes:?}");
    }
}

#[test]
fn positions_are_rhais() {
    // Every token of Rhai's tokenizer begins where a token of the scan begins.
    let engine = Engine::new_raw();
    for text in [
        "let x = -5 - -2.5; // c\r\nif x !in [1, 2] { /* a /* b */ c */ y(1.) }",
        "\"a\"\"b\" + \"ü\\\"x\" == ü; 1..2 1.5.foo 0xff_ff #{ a: 1 } ?.b ?[1] a!(x) !inx !in",
        "let s = \"a \\\n   b\"; x => y ::z **= 3 'a' 'ab'",
    ] {
        let layout = Layout::new(text);
        for (token, position) in engine.lex([&text]).0 {
            if matches!(token, rhai::Token::EOF) {
                break;
            }
            let offset = layout.offset(position);
            let index = layout.token_at(offset);
            assert_eq!(layout.tokens[index].start, offset, "{token:?} in {text}");
        }
    }
}

#[test]
fn deep_and_long_texts_are_refused_before_the_stack_is() {
    for unit in [
        "(",
        "[",
        "{",
        "!",
        "-",
        "#{a:",
        "if a {",
        "|x| ",
        "a.",
        "f(",
        "a[0]",
        "1+",
        "a&&",
        "a ?? ",
        "else if a {}",
        "a!",
        "::a",
        "`${",
    ] {
        let text = unit.repeat(10_000 / unit.len());
        assert!(!faults(&text).is_empty(), "{unit}");
        let text = format!("let x = {text}1;");
        assert!(!faults(&text).is_empty(), "{unit}");
    }
    let chain = format!("if a {{}} {}", "else if a {} ".repeat(2_000));
    assert!(faults(&chain).iter().any(|(code, _)| code == "E317"));
}

/// Random sequences of the language's words never panic, and parsing always ends.
#[test]
fn soups_of_tokens_do_no_harm() {
    const WORDS: &[&str] = &[
        "let",
        "x",
        "=",
        "1",
        ";",
        "if",
        "{",
        "}",
        "else",
        "(",
        ")",
        "[",
        "]",
        "for",
        "in",
        "switch",
        "=>",
        "_",
        ",",
        "fn",
        "f",
        "|",
        "||",
        "&&",
        "??",
        ".",
        "a",
        "\"t\"",
        "'c'",
        "`b",
        "`",
        "${",
        "#{",
        ":",
        "!",
        "!in",
        "-",
        "+",
        "*",
        "**",
        "/",
        "..",
        "..=",
        "return",
        "break",
        "while",
        "loop",
        "do",
        "try",
        "catch",
        "throw",
        "import",
        "as",
        "export",
        "this",
        "eval",
        "Fn",
        "call",
        "curry",
        "2.5",
        "true",
        "()",
        "::",
        "?.",
        "?[",
        "const",
        "private",
        "\n",
        "//c\n",
        "/*",
        "*/",
        "until",
        "#\"",
        "é",
        "\r",
        "is_def_var",
        "x.y",
        "+=",
        "global",
    ];
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..4_000 {
        let mut text = String::new();
        for _ in 0..30 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            text.push_str(WORDS[usize::try_from(seed % WORDS.len() as u64).unwrap()]);
            text.push(' ');
        }
        let _ = faults(&text);
    }
}
