//! Programs that cost more to load than their files say: each is read within a fraction of a second and some megabytes, or is
//! refused with the limit and the remedy.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use accrue::diagnostic::{Code, Diagnostics};
use accrue::facts::read_action;
use accrue::{Engine, Limits, Options, Program, Reference, Rules, Source};

const PROGRAM: &str = "id = \"p\"\nname = \"P\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n";
const HEAD: &str = "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n";
const SALE: &str = r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "550.40",
    "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#;

/// Returns a program with these files besides `program.toml`.
fn source<'f>(files: impl IntoIterator<Item = (&'f str, String)>) -> Source {
    let mut source = Source::from_files([("program.toml", PROGRAM)]);
    for (path, text) in files {
        source.insert(path, text);
    }
    source
}

/// Returns the beginning of a contract of its own partner.
fn head(n: usize) -> String {
    let head = HEAD.replace("\"a\"", &format!("\"c{n}\""));
    format!("{head}partners = {{ ids = [\"p{n}\"] }}\n")
}

/// Returns a contract of so many groups, each with these lines.
fn groups(count: usize, lines: &str) -> String {
    let mut text = format!("{HEAD}[payout]\nchoose = \"highest\"\n[payout.default]\nrate = \"1%\"\n");
    for n in 0..count {
        let _ = writeln!(text, "[[payout.groups]]\nname = \"g{n}\"\n{lines}");
    }
    text
}

/// Loads a program; it must not take long, even on a slow machine without optimisation.
fn load(source: &Source) -> Result<Program, Diagnostics> {
    // What deciding takes is no matter here.
    load_within(source, Limits { decision_fuel: u64::MAX, decision_steps: u64::MAX, ..Limits::default() })
}

fn load_within(source: &Source, limits: Limits) -> Result<Program, Diagnostics> {
    let began = Instant::now();
    let loaded = Engine::builder().limits(limits).build().load(source);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    loaded
}

/// Asserts that a program decides alike, compiled or interpreted, and returns why its first version is interpreted.
fn interpreted(source: &Source) -> Option<String> {
    let action = read_action(SALE).unwrap();
    let program = load(source).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let portable = Engine::builder().rules(Rules::Interpreted).build().load(source).unwrap();
    let decide = |program: &Program, options| {
        program.decide(&action, &Reference::default(), &program.counters(), options).unwrap()
    };
    for options in [Options::default(), Options::traced()] {
        assert_eq!(decide(&program, options), decide(&portable, options));
    }
    program.overview().contracts[0].versions[0].interpreted.clone()
}

/// Returns the only error of a program.
fn refused(source: &Source, limits: Limits) -> (Code, String, String) {
    let found = load_within(source, limits).err().unwrap_or_else(|| panic!("it loads"));
    let [error] = found.0.as_slice() else { panic!("{found}") };
    (error.code, error.message.clone(), error.help.clone().unwrap_or_default())
}

/// A script that multiplies a local with itself so often.
fn powers(count: usize) -> String {
    format!("let d = 1.0;\n{}\nrate(percent(1));\n", "d*=d;".repeat(count))
}

#[test]
fn a_rule_whose_native_code_would_take_gigabytes_is_interpreted() {
    let of = |rule: String| {
        interpreted(&source([
            ("contracts/a.toml", groups(1, "rule = \"rules/r.rhai\"")),
            ("rules/r.rhai", rule),
        ]))
    };
    assert_eq!(of(powers(20)), None);
    let why = of(powers(6_000)).unwrap();
    assert!(
        why.starts_with("`rules/r.rhai` has ") && why.contains(" in one function, more than the "),
        "{why}"
    );
    // Blocks inside of blocks, each with locals of its own.
    let nested = |levels: usize, count: usize| {
        let inner = "let x = action.amount / 3.0; ".repeat(count);
        format!(
            "{}{inner}{}rate(percent(1));\n",
            "if action.amount > money(\"1\") { ".repeat(levels),
            "}".repeat(levels)
        )
    };
    assert!(of(nested(20, 1_000)).unwrap().contains("rules/r.rhai"));
    // A `switch` of thousands of arms.
    let arms: Vec<String> = (0..3_000).map(|n| format!("\"c{n}\" => {}", n % 9)).collect();
    let arms = arms.join(", ");
    of(format!(
        "let id = action.order_id ?? \"\"; let n = switch id {{ {arms}, _ => 1 }};\nrate(percent(n));\n"
    ));
    // A function that is called from many places.
    let calls = "x = twice(x); ".repeat(3_000);
    of(format!("fn twice(x) {{ x * 1.5 / 1.5 }}\nlet x = 1.0; {calls}\nrate(percent(1));\n"));
}

/// Rules that are each small enough, and together too much: the versions beyond the limit are interpreted.
#[test]
fn the_native_code_of_a_whole_program_is_bounded() {
    let rule = |n: usize| format!("if action.amount > money(\"{n}\") {{ {} }}\n", powers(100));
    let mut source = source([]);
    for n in 0..20 {
        let of = head(n);
        let body =
            "[[payout.groups]]\nname = \"g\"\nrule = \"rules/RULE.rhai\"\n".replace("RULE", &n.to_string());
        source.insert(format!("contracts/{n}.toml"), of + body.as_str());
        source.insert(format!("rules/{n}.rhai"), rule(n));
    }
    let limits = Limits { code_joins: 1_000_000, ..Limits::default() };
    let program = Engine::builder().limits(limits).build().load(&source).unwrap();
    let overview = program.overview();
    let why = |n: usize| overview.contracts[n].versions[0].interpreted.as_deref();
    assert_eq!(why(0), None);
    assert!(why(19).unwrap().contains("blocks times locals"), "{:?}", why(19));
    let spent = overview.spent.iter().find(|spent| spent.limit == "code_joins").unwrap();
    assert!(spent.spent > spent.at_most / 2 && spent.spent <= spent.at_most, "{spent:?}");
}

#[test]
fn a_rule_file_that_thousands_name_is_read_once() {
    let rule = powers(5_000);
    let times = |count| {
        source([
            ("contracts/a.toml", groups(count, "rule = \"rules/r.rhai\"")),
            ("rules/r.rhai", rule.clone()),
        ])
    };
    let nodes = |source: &Source| {
        let program = load(source).unwrap();
        program.overview().spent.iter().find(|spent| spent.limit == "rule_nodes").unwrap().spent
    };
    assert_eq!(nodes(&times(1)), nodes(&times(2_000)));
    // Restrictions, and both in one contract: a file is checked once for each phase.
    let hold = format!("let d = 1.0; {} if d > 2.0 {{ hold(\"LATE\"); }}\n", "d*=d;".repeat(3_000));
    let mut restrictions = groups(1, "rate = \"2%\"");
    for n in 0..2_000 {
        let _ = writeln!(restrictions, "[[restrictions]]\nname = \"r{n}\"\nrule = \"rules/hold.rhai\"");
    }
    let mut restricted = source([("contracts/a.toml", restrictions), ("rules/hold.rhai", hold)]);
    restricted.insert("program.toml", format!("{PROGRAM}[reasons]\nLATE = \"Too late\"\n"));
    load(&restricted).unwrap();
}

#[test]
fn what_cannot_be_shared_is_counted_each_time_that_it_is_named() {
    // A rule file, for each contract with other parameters.
    let mut files = source([("rules/r.rhai", powers(5_000))]);
    for n in 0..400 {
        let rest = format!("[params]\nn = {n}\n[[payout.groups]]\nname = \"g\"\nrule = \"rules/r.rhai\"\n");
        files.insert(format!("contracts/{n}.toml"), head(n) + rest.as_str());
    }
    let smaller = Limits { repeated_bytes: 100_000, ..Limits::default() };
    let (code, message, help) = refused(&files, smaller);
    assert_eq!(code, Code::TooLarge);
    assert!(
        message.contains("the rule files of all versions") && help.contains("`[params]`"),
        "{message}: {help}"
    );
    let (code, message, _) = refused(&files, Limits { rule_nodes: 20_000, ..Limits::default() });
    assert_eq!(code, Code::TooLarge);
    assert!(message.contains("more than the 20000 operations"), "{message}");
    // A file, for each list.
    let values = (0..40_000).map(|n| format!("v{n}\n")).collect::<String>();
    let lists = (0..400).map(|n| format!("l{n} = {{ file = \"lists/x.txt\" }}\n")).collect::<String>();
    let mut listed = source([("contracts/a.toml", groups(1, "rate = \"1%\"")), ("lists/x.txt", values)]);
    listed.insert("program.toml", format!("{PROGRAM}[lists]\n{lists}"));
    let (code, message, _) = refused(&listed, Limits::default());
    assert_eq!(code, Code::TooLarge);
    assert!(message.contains("all lists"), "{message}");
}

#[test]
fn suggestions_and_errors_take_bounded_work() {
    let attributes = |letter: &str, length: usize, count: usize| {
        (0..count)
            .map(|n| format!("{}{n:04} = {{ type = \"text\" }}\n", letter.repeat(length)))
            .collect::<String>()
    };
    let condition = |letter: &str, length: usize| {
        let asked = (0..100).map(|n| format!("attributes.{}{n:04} == \"x\"", letter.repeat(length)));
        format!("when = '{}'\nrate = \"2%\"", asked.collect::<Vec<_>>().join(" && "))
    };
    for (length, count) in [(176, 100), (50, 200), (8, 1_500)] {
        let mut wrong = source([("contracts/a.toml", groups(count / 100, &condition("b", length)))]);
        wrong.insert("program.toml", format!("{PROGRAM}[attributes]\n{}", attributes("a", length, 2_000)));
        let found = load(&wrong).unwrap_err();
        assert_eq!(found.0.len(), count.min(Diagnostics::MOST), "{length}");
    }
    // Misspelt names of groups in limits.
    let mut contract = String::from(HEAD);
    for n in 0..1_200 {
        let _ = writeln!(
            contract,
            "[[limits]]\nname = \"l{n}\"\ncount = 1\nper = [\"partner\"]\ngroup = \"{}y{n:04}\"",
            "x".repeat(30)
        );
    }
    contract.push_str("[payout.default]\nrate = \"1%\"\n");
    for n in 0..2_000 {
        let _ = writeln!(contract, "[[payout.groups]]\nname = \"{}z{n:04}\"\nrate = \"2%\"", "x".repeat(30));
    }
    let found = load(&source([("contracts/a.toml", contract)])).unwrap_err();
    assert!(found.is_full() && found.has_errors());
    // Errors on every line, on one line, and keys that nothing has.
    let noise = "rate = 5%\n".repeat(50_000);
    assert!(load(&source([("contracts/a.toml", format!("{HEAD}{noise}"))])).unwrap_err().has_errors());
    let line = "= , ".repeat(50_000);
    assert!(load(&source([("contracts/a.toml", format!("{HEAD}x = [{line}]\n"))])).unwrap_err().has_errors());
    let keys = (0..50_000).map(|n| format!("k{n} = 1\n")).collect::<String>();
    assert!(load(&source([("contracts/a.toml", format!("{keys}{HEAD}"))])).unwrap_err().is_full());
}
