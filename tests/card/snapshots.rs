//! The cards of the examples, as people read them.

use std::fs;
use std::path::Path;

use accrue::card::CardOptions;
use accrue::{Engine, Program};
use accrue_tests::folder::{Folder, programs, root};

/// The cards of partners, besides the card of each example.
const PARTNERS: &[(&str, &str)] = &[
    ("fashion-shop", "code-heaven"),
    ("fashion-shop", "mode-heute"),
    ("b2b-leads", "new-partner"),
    ("mobile-app", "ad-grid"),
    ("saas-reseller", "northstar"),
    ("b2b-plan", "harbor"),
];

fn compare(name: &str, text: &str, wrong: &mut String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("card/snapshots").join(name);
    if std::env::var_os("ACCRUE_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    if kept != text {
        wrong.push_str(&format!("{name} differs:\n{text}\n"));
    }
}

fn load(path: &Path) -> (Folder, Program) {
    let folder = Folder::read(path).unwrap();
    let program = Engine::default().load(&folder.source).unwrap();
    (folder, program)
}

#[test]
fn the_cards_of_the_examples_read_as_they_did() {
    let mut wrong = String::new();
    for path in programs(&root().join("rules-examples")).unwrap() {
        let (folder, program) = load(&path);
        let name = path.file_name().unwrap().to_string_lossy();
        let card = program.card(CardOptions::default(), &folder.reference).unwrap();
        let text = card.text(None);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{name} is wider than 80 columns");
        compare(&format!("{name}.txt"), &text, &mut wrong);
        for (_, partner) in PARTNERS.iter().filter(|(program, _)| *program == name) {
            let options = CardOptions { partner: Some(partner), ..CardOptions::default() };
            let card = program.card(options, &folder.reference).unwrap();
            compare(&format!("{name}--{partner}.txt"), &card.text(None), &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{wrong}\nACCRUE_BLESS=1 writes what was found; read it before it is kept");
}
