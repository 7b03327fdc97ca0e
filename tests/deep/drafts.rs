//! What is said of a draft: pairs whose answer is known, and generated pairs, for which no generated action may say otherwise.

use accrue::analyse::Answer;
use accrue::{Options, Program, Reference};
use accrue_tests::cases::Bytes;
use accrue_tests::choices::Choices;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde::Deserialize;

use super::generated::{bytes, config};
use super::reproduced::assert_reproduced;
use super::shop::{action, contract};
use super::{files, files_of, load};

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
    let seen = std::cell::RefCell::new(std::collections::BTreeMap::new());
    let result = TestRunner::new(config()).run(&bytes(), |Bytes(bytes)| {
        let mut choices = Choices::new(&bytes);
        let mut of_actions = choices.split(2);
        let current = contract(&mut choices);
        let mut draft = current.clone();
        draft.change(&mut choices);
        let texts = (current.text(), draft.text());
        let (current, draft) = (load(&files_of(&texts.0)), load(&files_of(&texts.1)));
        let reference = Reference::default();
        let comparison = draft.compare(&current, &reference);
        let compared = &comparison.contracts[0];
        *seen.borrow_mut().entry(format!("{:?}", compared.answer)).or_insert(0) += 1;
        for difference in compared.more.iter().chain(&compared.less) {
            assert_reproduced(&draft, &reference, &difference.witness);
        }
        for n in 0..20 {
            let action = action(&mut of_actions, n);
            let paid = |program: &Program| {
                let counters = program.counters();
                program.decide(&action, &reference, &counters, Options::default()).unwrap().payout().unwrap()
            };
            let (now, then) = (paid(&draft), paid(&current));
            let holds = match compared.answer {
                Answer::Same => now == then,
                Answer::NeverMore => now <= then,
                Answer::NeverLess => now >= then,
                _ => true,
            };
            if !holds {
                return Err(TestCaseError::fail(format!(
                    "{compared:#?}\nthe draft pays {now}, the current terms {then}\n{action:#?}\n{}\n---\n{}",
                    texts.0, texts.1
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
