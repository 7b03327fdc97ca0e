//! Laws of formatting, for generated programs: it changes no decision, and formatting twice changes nothing more.

use accrue::{Engine, Options, Rules};
use accrue_assist::format;
use accrue_tests::cases::{Bytes, cases};
use accrue_tests::choices::Choices;
use accrue_tests::generate::program::program;
use accrue_tests::world::world;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// Lays a text out badly, without touching what is inside of texts over several lines.
fn scattered(path: &str, text: &str, choices: &mut Choices<'_>) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        let turns = line.matches("'''").count() + line.matches("\"\"\"").count() + line.matches('`').count();
        let plain = !inside && turns == 0;
        inside ^= turns % 2 == 1;
        if plain {
            (0..choices.below(3)).for_each(|_| out.push('\n'));
            (0..choices.below(5)).for_each(|_| out.push(' '));
        }
        match line.split_once(" = ") {
            Some((key, value))
                if plain && path.ends_with(".toml") && !key.contains(['"', '\'', '#', '{']) =>
            {
                let between = ["=", " =", "= ", "   =  "][choices.below(4)];
                out.push_str(&format!("{key}{between}{value}"));
            }
            _ => out.push_str(line),
        }
        if plain {
            (0..choices.below(3)).for_each(|_| out.push(' '));
        }
        out.push('\n');
    }
    out
}

fn run(law: impl Fn(&[u8]) -> Result<(), TestCaseError>, count: u32) {
    let config = Config { cases: cases(count), failure_persistence: None, ..Config::default() };
    let bytes = proptest::collection::vec(any::<u8>(), 0..3_000).prop_map(Bytes);
    if let Err(error) = TestRunner::new(config).run(&bytes, |Bytes(bytes)| law(&bytes)) {
        panic!("{error}");
    }
}

#[test]
fn formatting_twice_changes_nothing_more() {
    run(
        |bytes| {
            let mut choices = Choices::new(bytes);
            let source = program(&mut choices).source();
            let mut layout = Choices::new(bytes);
            for path in source.paths() {
                let text = scattered(path, source.text(path).expect("text"), &mut layout);
                let once = format(path, &text)
                    .map_err(|error| TestCaseError::fail(format!("{path}: {error}\n{text}")))?;
                let twice = format(path, &once)
                    .map_err(|error| TestCaseError::fail(format!("{path}: {error}\n{once}")))?;
                prop_assert_eq!(&once, &twice, "{}", path);
                prop_assert!(once.is_empty() || once.ends_with('\n') && !once.contains("\n\n\n"));
            }
            Ok(())
        },
        400,
    );
}

#[test]
fn a_formatted_program_decides_the_same() {
    run(
        |bytes| {
            let Some(world) = world(&mut Choices::new(bytes).split(1)).map_err(TestCaseError::fail)? else {
                return Ok(());
            };
            let source = world.text.source();
            let mut layout = Choices::new(bytes);
            let mut formatted = source.clone();
            for path in source.paths() {
                let text = scattered(path, source.text(path).expect("text"), &mut layout);
                formatted.insert(path, format(path, &text).expect("a program that loads is formatted"));
            }
            let limits = accrue::Limits { items: 8, touches: 8, entries: 8, ..accrue::Limits::default() };
            let engine = Engine::builder().limits(limits).rules(Rules::Interpreted).build();
            let before = engine.load(&source).map_err(|found| TestCaseError::fail(found.to_string()))?;
            let after = engine.load(&formatted).map_err(|found| TestCaseError::fail(found.to_string()))?;
            let (mut counters, mut others) = (before.counters(), after.counters());
            for action in &world.actions {
                let one = before.decide(action, &world.reference, &counters, Options::default());
                let other = after.decide(action, &world.reference, &others, Options::default());
                let (Ok(one), Ok(other)) = (one, other) else { continue };
                let paid = |decision: &accrue::Decision| -> Vec<_> {
                    let of = |award: &accrue::decide::Award| {
                        let codes: Vec<String> =
                            award.reasons.iter().map(|reason| reason.code.clone()).collect();
                        (award.partner.clone(), award.payout, award.status, codes)
                    };
                    decision.awards.iter().map(of).collect()
                };
                prop_assert_eq!(paid(&one), paid(&other));
                let _ = (counters.apply(&one.postings), others.apply(&other.postings));
            }
            Ok(())
        },
        60,
    );
}

/// Texts that make work grow with the square of their length, where it can.
#[test]
fn long_texts_are_answered_in_time() {
    use accrue::{Engine, Source};
    use accrue_assist::{Project, complete, grid, hover, symbols, tokens};

    let n = 20_000;
    let texts = [
        ("contracts/a.toml", format!("a = [{}]", "1,".repeat(n))),
        ("contracts/a.toml", "[payouts.x]\nper = \"item\"\n".repeat(n / 10)),
        (
            "contracts/a.toml",
            "[[payout.groups]]\nname = \"x\"\nwhen = 'params.x > totals.y.'\n".repeat(n / 10),
        ),
        ("contracts/a.toml", format!("a = {}", "[{a=".repeat(n))),
        ("rules/a.rhai", "let a = if a { ".repeat(n / 4)),
        ("rules/a.rhai", format!("{}.", "f(a.b, ".repeat(n / 4))),
        ("rules/a.rhai", "!".repeat(n)),
        ("rules/a.rhai", "\"`/*".repeat(n)),
    ];
    for (path, text) in texts {
        let began = std::time::Instant::now();
        let mut project = Project::new(Engine::default(), Source::new());
        let end = u32::try_from(text.len()).expect("short");
        project.set(path, text.as_str());
        for at in [0, end / 2, end - 1, end] {
            complete(&project, path, at);
            hover(&project, path, at);
        }
        symbols(&project, path);
        tokens(path, &text);
        let _ = format(path, &text);
        grid::tables(&project);
        // In time: what grows with the square takes minutes.
        assert!(began.elapsed().as_secs() < 20, "{path}: {:?} for {}…", began.elapsed(), &text[..20]);
    }
}
