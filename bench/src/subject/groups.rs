//! A contract of any number of payout groups, each chosen by an equality: on the partner, the SKU or the country.

use std::fmt::Write as _;

use accrue::Reference;
use accrue::Source;

use super::{ACTIONS, MOMENT, Subject};
use crate::Result;
use crate::random::SplitMix64;

/// What the group of this number asks for. Two in five ask for a partner, two for an SKU, one for a country.
fn condition(n: usize) -> String {
    match n % 5 {
        0 | 2 => format!("partner.id == \"{}\"", partner(n)),
        1 | 3 => format!("item.sku == \"{}\"", sku(n)),
        _ => format!("(customer.country ?? \"\") == \"{}\"", country(n)),
    }
}

fn partner(n: usize) -> String {
    format!("partner-{n:04}")
}

fn sku(n: usize) -> String {
    format!("SKU-{n:05}")
}

/// Two letters, of which there are more than groups ask for.
fn country(n: usize) -> String {
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap_or(0));
    [letter(n / 5 / 26), letter(n / 5)].into_iter().collect()
}

/// The files of a program with so many groups.
pub fn source(groups: usize) -> Source {
    let mut contract =
        "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n\n[payout]\nper = \"item\"\n\n\
                        [payout.default]\nrate = \"1%\"\n"
            .to_owned();
    for n in 0..groups {
        // Writing to a string does not fail.
        let _ = write!(
            contract,
            "\n[[payout.groups]]\nname = \"group {n}\"\nwhen = '{}'\nrate = \"{}.{}%\"\n",
            condition(n),
            2 + n % 10,
            n % 4
        );
    }
    Source::from_files([
        (
            "program.toml",
            "id = \"groups\"\nname = \"Groups\"\ncurrency = \"EUR\"\n\n[event_types]\nsale = {}\n".to_owned(),
        ),
        ("contracts/standard.toml", contract),
    ])
}

/// The program, with actions of one item that meet every group alike, and one in ten that meets none.
pub fn subject(groups: usize) -> Result<Subject> {
    let mut random = SplitMix64(1_000);
    let nobody = groups + 5_000;
    let lines = (0..ACTIONS).map(move |n| {
        let meets = usize::try_from(random.below(groups as u64)).unwrap_or(0);
        let (of_partner, of_sku, of_country) = match (random.once_in(10), meets % 5) {
            (true, _) => (nobody, nobody, nobody),
            (_, 0 | 2) => (meets, nobody, nobody),
            (_, 1 | 3) => (nobody, meets, nobody),
            _ => (nobody, nobody, meets),
        };
        let country = if of_country == nobody { "ZZ".to_owned() } else { country(of_country) };
        format!(
            r#"{{"id":"a{n}","event_type":"sale","occurred_at":"{MOMENT}","amount":"{1}.{2:02}","customer":{{"status":"new","country":"{country}"}},"items":[{{"sku":"{0}","amount":"{1}.{2:02}"}}],"touches":[{{"partner":"{3}","at":"{MOMENT}","kind":"click"}}]}}"#,
            sku(of_sku),
            random.below(400),
            random.below(100),
            partner(of_partner),
        )
    });
    Subject::new(source(groups), Reference::default(), lines)
}
