//! What is said of a draft: pairs whose answer is known, and generated pairs, for which no generated action may say otherwise.

use accrue::analyse::Answer;
use accrue::{Engine, Options, Reference};
use accrue_tests::cases::Bytes;
use accrue_tests::choices::Choices;
use accrue_tests::world::world;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde::Deserialize;

use super::generated::{bytes, config};
use super::reproduced::assert_reproduced;
use super::{files, load};

#[derive(Deserialize)]
struct Pairs {
    pairs: Vec<Pair>,
}

/// A draft beside the current terms.
#[derive(Deserialize)]
struct Pair {
    answer: String,
    current: String,
    draft: String,
    #[serde(default)]
    rule: Option<String>,
}

#[test]
fn pairs_have_their_known_answers() {
    let pairs: Pairs = toml::from_str(include_str!("pairs.toml")).unwrap();
    for Pair { answer, current, draft, rule } in &pairs.pairs {
        let (current, draft) =
            (load(&files(current, None, None)), load(&files(draft, None, rule.as_deref())));
        let comparison = draft.compare(&current, &Reference::default());
        let contract = &comparison.contracts[0];
        let found = serde_json::to_value(contract.answer).unwrap();
        assert_eq!(found.as_str(), Some(answer.as_str()), "{contract:#?}");
        for difference in contract.more.iter().chain(&contract.less) {
            assert_reproduced(&draft, &Reference::default(), &difference.witness);
        }
    }
}

#[test]
fn no_action_pays_what_a_draft_never_pays() {
    let mut seen = std::collections::BTreeMap::new();
    let seen = std::cell::RefCell::new(&mut seen);
    let result = TestRunner::new(config()).run(&bytes(), |Bytes(bytes)| {
        let mut choices = Choices::new(&bytes);
        let mut of_world = choices.split(1);
        let Some(world) = world(&mut of_world).map_err(TestCaseError::fail)? else { return Ok(()) };
        let Some(draft) = changed(&world.text.source(), &mut choices) else { return Ok(()) };
        let comparison = draft.compare(&world.program, &world.reference);
        for contract in &comparison.contracts {
            *seen.borrow_mut().entry(format!("{:?}", contract.answer)).or_insert(0) += 1;
            for difference in contract.more.iter().chain(&contract.less) {
                assert_reproduced(&draft, &world.reference, &difference.witness);
            }
        }
        for action in &world.actions {
            let decided = |program: &accrue::Program| {
                let counters = program.counters();
                let decision =
                    program.decide(action, &world.reference, &counters, Options::default()).ok()?;
                let contract = decision.awards.first()?.contract.name.clone();
                let alone = decision.awards.iter().all(|award| award.contract.name == contract);
                alone.then_some((contract, decision.payout()?))
            };
            let (Some((contract, now)), Some((before, then))) = (decided(&draft), decided(&world.program))
            else {
                continue;
            };
            let compared = comparison.contracts.iter().find(|compared| compared.contract == contract);
            let Some(compared) = compared.filter(|_| contract == before) else { continue };
            let holds = match compared.answer {
                Answer::Same => now == then,
                Answer::NeverMore => now <= then,
                Answer::NeverLess => now >= then,
                _ => true,
            };
            if !holds {
                let shown = world.shown();
                return Err(TestCaseError::fail(format!(
                    "{compared:#?}\nthe draft pays {now}, the current terms {then}\n{action:#?}\n{shown}"
                )));
            }
        }
        Ok(())
    });
    println!("{:?}", seen.borrow());
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Returns a program in which some rates, amounts, conditions and choices are others. Returns `None` if it does not load.
fn changed(source: &accrue::Source, choices: &mut Choices<'_>) -> Option<accrue::Program> {
    const SWAPS: [(&str, &str); 9] = [
        ("rate = \"5%\"", "rate = \"4%\""),
        ("rate = \"5%\"", "rate = \"6%\""),
        ("%\"", ".5%\""),
        ("choose = \"highest\"", "choose = \"first\""),
        ("choose = \"stack\"", "choose = \"first\""),
        ("status == \"new\"", "status != \"new\""),
        ("action.amount >= params.gold", "action.amount > params.gold"),
        ("verdict = \"reject\"", "verdict = \"flag\""),
        ("edge = \"remainder\"", "edge = \"all_or_nothing\""),
    ];
    let (from, to) = choices.pick(&SWAPS);
    let files: Vec<(String, String)> = source
        .paths()
        .filter_map(|path| {
            let text = source.text(path)?;
            let changed =
                if path.starts_with("contracts/") { text.replacen(from, to, 2) } else { text.to_owned() };
            Some((path.to_owned(), changed))
        })
        .collect();
    Engine::default().load(&accrue::Source::from_files(files)).ok()
}
