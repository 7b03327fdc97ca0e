//! A partner's card: it has only what can apply to the partner, and nothing that a partner may not know.

use std::collections::BTreeMap;

use accrue::card::{Card, CardError, CardOptions, Piece};
use accrue::facts::FactKind;
use accrue::{Engine, Limits, Program, Reference, Source};
use accrue_tests::choices::{Choices, noise};
use accrue_tests::folder::{Folder, programs, root};
use accrue_tests::world::world;

const PROGRAM: &str = r#"
id = "shop"
name = "Shop"
currency = "EUR"
contracts = ["own", "vip", "standard"]
[event_types]
sale = {}
[partner_attributes]
level = { type = "integer" }
secret = { type = "bool" }
[reasons]
RISK = "A fraud signal"
RIVAL = "A sale of a rival"
SMALL = "Too small"
[lists]
rivals = { values = ["beta", "gamma"] }
"#;

const STANDARD: &str = r#"
contract = "standard"
version = 1
effective_from = 2026-01-01
effective_until = 2026-06-30
[payout.default]
rate = "1.25%"
"#;

const VIP_1: &str = r#"
contract = "vip"
version = 1
effective_from = 2026-01-01
effective_until = 2026-06-30
[partners]
groups = ["vip"]
[payout.default]
rate = "2.25%"
"#;

const VIP_2: &str = r#"
contract = "vip"
version = 2
effective_from = 2026-07-01
[partners]
groups = ["vip"]
[params]
risky = { decimal = "77.5" }
[[restrictions]]
name = "risk above"
when = '(fraud.risk ?? 0.0) >= params.risky'
verdict = "hold"
reason = "RISK"
[[restrictions]]
name = "rivals"
when = 'touch.partner in lists.rivals || (promo_owner("SPRING") ?? "") == "beta"'
verdict = "reject"
reason = "RIVAL"
[[restrictions]]
name = "small"
rule = "rules/small.rhai"
[payout]
levels = [{ rate = "3.33%" }]
[payout.default]
rate = "4.25%"
[[payout.groups]]
name = "for beta"
when = 'partner.id == "beta" && action.amount >= money("999")'
rate = "66.6%"
[[payout.groups]]
name = "large of vip"
when = '"vip" in partner.groups && action.amount >= money("200")'
rate = "5.25%"
[[payout.groups]]
name = "low risk"
when = '(fraud.risk ?? 0.0) < 12.5 && customer.status == "new"'
rate = "6.25%"
[[payout.groups]]
name = "by level"
by = 'partner.attributes.level ?? 88'
bands = [{ from = "0", rate = "7.25%" }, { from = "3", rate = "8.25%" }]
[[limits]]
name = "of beta"
max = "555.00"
per = ["partner"]
group = "for beta"
"#;

const SMALL: &str = r#"
let bound = 3;
if partner.attributes.secret ?? false {
    reject("SMALL");
} else if (partner.country ?? "") == "DE" {
    if action.amount < money("11") { zero("SMALL"); }
} else {
    if action.amount < money("22") { zero("SMALL"); }
}
if bound > 2 && action.items.len() > bound { flag("SMALL"); }
"#;

const PARTNERS: &str = "id,groups,country,parent,from,attributes.level,attributes.secret\n\
    acme,vip,DE,,,5,false\nbeta,vip,FR,acme,,,true\ngamma,,,,,,\ndora,,,,,,\n\
    dora,vip,,,2026-09-01T00:00:00Z,,\n";

fn loaded() -> (Program, Reference) {
    let source = Source::from_files([
        ("program.toml", PROGRAM),
        ("contracts/standard.toml", STANDARD),
        ("contracts/vip-1.toml", VIP_1),
        ("contracts/vip-2.toml", VIP_2),
        (
            "contracts/own.toml",
            "contract = \"own\"\nversion = 1\neffective_from = 2026-01-01\n[partners]\nids = [\"beta\"]\n[payout.default]\nrate = \"9.25%\"\n",
        ),
        ("rules/small.rhai", SMALL),
    ]);
    let program = Engine::default().load(&source).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let mut reference = Reference::default();
    let limits = Limits::default();
    let read = |reference: &mut Reference, kind, name, text: &str| {
        reference.read(kind, name, text.as_bytes(), &limits).unwrap_or_else(|errors| panic!("{errors:?}"));
    };
    read(&mut reference, FactKind::Partners, "partners.csv", PARTNERS);
    read(&mut reference, FactKind::PromoCodes, "promo_codes.csv", "code,owner\nSPRING,acme\nRIVAL5,beta\n");
    let pauses = "target,id,from,until\npartner,acme,2026-08-01T00:00:00Z,2026-08-03T00:00:00Z\npartner,beta,2026-10-01T00:00:00Z,\n";
    read(&mut reference, FactKind::Pauses, "pauses.csv", pauses);
    (program, reference)
}

fn card(partner: &str, at: Option<&str>) -> Result<Card, CardError> {
    let (program, reference) = loaded();
    let at = at.map(|at| at.parse().unwrap());
    program.card(CardOptions { partner: Some(partner), at, ..CardOptions::default() }, &reference)
}

/// Everything that is said, in one line.
fn flat(card: &Card) -> String {
    card.text(Some(usize::MAX / 4)).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_partner_reads_what_can_apply_to_the_partner() {
    let text = flat(&card("acme", None).unwrap());
    for shown in [
        "Contract `vip`, version 2",
        "This contract is for partners of the group `vip`.",
        // What is known to hold is not repeated.
        "large of vip 5.25% of the commissionable amount, if the amount is at least 200.00 EUR.",
        // No group below one that decides by a known fact is left out, and a default that is not needed is not said.
        "by level By the partner's `level`: - From 0: 7.25%",
        "`level` 5",
        "If the amount is below 11.00 EUR: not paid (Too small; `SMALL`).",
        "If `A` is above 2 and the number of the items of the order is above `A`: paid, and marked",
        "Promo codes of `acme`: `SPRING`.",
        "Paused from 2026-08-01 to 2026-08-03",
        "level 1 The credited partner's parent is paid 3.33%",
        "Changes since version 1",
        "4.25% (was 2.25%)",
        "The brand's fraud checks may hold or reject an action, or leave it unpaid.",
        "low risk 6.25% of the commissionable amount, if the brand's fraud checks allow it.",
        "another partner",
    ] {
        assert!(text.contains(shown), "no `{shown}` in:\n{text}");
    }
    for hidden in [
        "66.6%",
        "999",
        "for beta",
        "555",
        "beta",
        "gamma",
        "RIVAL5",
        "77.5",
        "12.5",
        "risk above",
        "RISK",
        "signal",
        "22.00",
        "88",
        "secret",
        "standard",
        "contracts/",
        "2026-10-01",
    ] {
        assert!(!text.contains(hidden), "`{hidden}` in:\n{text}");
    }
}

#[test]
fn the_contract_and_the_facts_are_those_of_the_date() {
    let of = |partner, at| {
        let card = card(partner, at).unwrap();
        (card.contracts[0].contract.clone(), card.contracts[0].version)
    };
    assert_eq!(of("acme", Some("2026-06-30")), ("vip".to_owned(), 1));
    assert_eq!(of("acme", Some("2026-07-01")), ("vip".to_owned(), 2));
    assert_eq!(of("beta", None), ("own".to_owned(), 1));
    // The partner comes into the group later.
    assert_eq!(of("dora", Some("2026-03-01")), ("standard".to_owned(), 1));
    assert_eq!(of("dora", Some("2026-09-02")), ("vip".to_owned(), 2));
    assert_eq!(card("dora", Some("2026-08-01")), Err(CardError::NoContractForPartner("dora".to_owned())));
    assert_eq!(card("nobody", None), Err(CardError::NoPartner("nobody".to_owned())));
}

#[test]
fn the_brand_chooses_a_date_and_a_contract() {
    let (program, reference) = loaded();
    let of = |contract: Option<&str>, at: Option<&str>| {
        let at = at.map(|at| at.parse().unwrap());
        let card = program.card(CardOptions { contract, at, ..CardOptions::default() }, &reference)?;
        Ok(card.contracts.iter().map(|of| (of.contract.clone(), of.version)).collect::<Vec<_>>())
    };
    let named = |list: &[(&str, u32)]| Ok(list.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect());
    assert_eq!(of(None, None), named(&[("own", 1), ("vip", 2), ("standard", 1)]));
    assert_eq!(of(None, Some("2026-05-01")), named(&[("own", 1), ("vip", 1), ("standard", 1)]));
    assert_eq!(of(None, Some("2026-12-01")), named(&[("own", 1), ("vip", 2)]));
    assert_eq!(of(Some("vip"), Some("2026-12-01")), named(&[("vip", 2)]));
    assert_eq!(of(Some("nothing"), None), Err(CardError::NoContract("nothing".to_owned())));
    let before = "2025-12-31".parse().unwrap();
    assert_eq!(of(None, Some("2025-12-31")), Err(CardError::NotInForce(before)));
}

/// The texts of all numbers, with how often each is said.
fn counted(card: &Card) -> BTreeMap<String, usize> {
    let mut numbers = BTreeMap::new();
    for contract in &card.contracts {
        for entry in contract.sections.iter().flat_map(|section| &section.entries) {
            for piece in entry.lines.iter().flat_map(|line| &line.sentence) {
                if let Piece::Number { text, at } = piece {
                    *numbers.entry(text.clone()).or_default() += 1;
                    assert!(at.is_empty() || card.partner.is_none());
                }
            }
            assert!(entry.place.is_none() || card.partner.is_none());
        }
    }
    numbers
}

/// A card leaves things out for a partner, and adds nothing; and it names no other partner.
fn holds_of(
    program: &Program,
    reference: &Reference,
    partner: &str,
    others: &[&str],
) -> Result<usize, String> {
    let own = match program.card(CardOptions { partner: Some(partner), ..Default::default() }, reference) {
        Ok(card) => card,
        Err(CardError::NoContractForPartner(_)) => return Ok(0),
        Err(error) => return Err(error.to_string()),
    };
    let mut whole: BTreeMap<String, usize> = BTreeMap::new();
    for contract in &own.contracts {
        let options = CardOptions { contract: Some(&contract.contract), ..Default::default() };
        for (text, count) in counted(&program.card(options, reference).unwrap()) {
            *whole.entry(text).or_default() += count;
        }
    }
    let numbers = counted(&own);
    for (text, count) in &numbers {
        if whole.get(text).is_none_or(|in_all| in_all < count) {
            return Err(format!(
                "{partner}: {text} is said more often than on the brand's card\n{}",
                own.text(None)
            ));
        }
    }
    let mut named = Vec::new();
    own.each_sentence(&mut |_, sentence| {
        for piece in sentence {
            if let Piece::Name { text } = piece
                && text != partner
                && others.contains(&text.as_str())
            {
                named.push(text.clone());
            }
        }
    });
    if named.is_empty() { Ok(numbers.len()) } else { Err(format!("{partner} reads of {named:?}")) }
}

#[test]
fn a_partners_card_says_nothing_else_than_the_brands_and_names_no_other_partner() {
    let mut compared = 0;
    for parent in ["rules-examples", "tests/golden"] {
        for path in programs(&root().join(parent)).unwrap() {
            let folder = Folder::read(&path).unwrap();
            let program = Engine::default().load(&folder.source).unwrap();
            let ids: Vec<String> = folder.reference.partners().map(|of| of.id.clone()).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            for id in &ids {
                compared += holds_of(&program, &folder.reference, id, &ids).unwrap();
            }
        }
    }
    for seed in 0..25 {
        let bytes = noise(seed, 3_000);
        let Some(world) = world(&mut Choices::new(&bytes)).unwrap() else { continue };
        let ids: Vec<String> = world.reference.partners().map(|of| of.id.clone()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        for id in &ids {
            compared += holds_of(&world.program, &world.reference, id, &ids)
                .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", world.text.shown()));
        }
    }
    assert!(compared > 500, "only {compared} numbers");
}

/// The id is all that is known of a partner if the facts list none: it is in no group.
#[test]
fn without_a_list_of_partners_only_the_id_is_known() {
    let (program, _) = loaded();
    let of = |partner| {
        let options = CardOptions { partner: Some(partner), ..CardOptions::default() };
        let card = program.card(options, &Reference::default()).unwrap();
        (card.contracts[0].contract.clone(), flat(&card))
    };
    let (contract, text) = of("acme");
    assert_eq!(contract, "standard");
    assert!(text.contains("Nothing is known of `acme` but the id."), "{text}");
    assert_eq!(of("beta").0, "own");
}
