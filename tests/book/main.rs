//! The book: every code block of `docs/src/`, of the README and of the examples' pages enters and is checked the way its
//! tag says; nothing leaves. `docs/README.md` lists the tags. Blocks of Rust are documentation tests of this package
//! (`src/book.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod blocks;
mod console;
mod pages;
mod scratch;
mod snippets;

use blocks::Block;
use pages::{Page, pages};
use scratch::Scratch;

/// Checks one block; the fault in words.
fn check(block: &Block, scratch: &Scratch) -> Result<(), String> {
    let tags: Vec<&str> = block.tag.split(',').collect();
    let mut facts = None;
    if let [language @ ("jsonl" | "csv"), what, ..] = tags[..] {
        facts = Some((language, what));
    }
    match (tags[0], facts) {
        ("", _) => Err("a block without a tag; docs/README.md lists them".into()),
        ("text" | "rust", _) => Ok(()),
        ("toml", _) => snippets::toml(&tags, &block.text, scratch),
        ("rhai", _) => snippets::rhai(&tags, &block.text, scratch),
        ("console", _) if tags.contains(&"setup") => Ok(()),
        ("console", _) => console::run(&tags, &block.text, scratch),
        (_, Some((language, what))) => snippets::facts(language, what, &block.text, scratch),
        (unknown, _) => Err(format!("no block has the tag `{unknown}`; docs/README.md lists them")),
    }
}

#[test]
fn every_block_of_the_book_holds() {
    let mut wrong = String::new();
    let mut count = 0;
    for page in pages() {
        let scratch = Scratch::new(&page.name);
        for block in blocks::of(&page.text) {
            count += 1;
            if let Err(fault) = check(&block, &scratch) {
                wrong.push_str(&format!("{}:{} ({}): {fault}\n", page.name, block.line, block.tag));
            }
        }
    }
    assert!(count > 0, "the book has no block");
    assert!(wrong.is_empty(), "{wrong}");
}

/// A page whose Rust nobody runs would say anything.
#[test]
fn every_page_with_rust_is_a_documentation_test() {
    let listed = include_str!("../src/book.rs");
    for Page { name, text } in pages() {
        let has_rust = blocks::of(&text).iter().any(|block| block.tag.split(',').next() == Some("rust"));
        assert!(
            !has_rust || listed.contains(&format!("/../{name}\"")),
            "{name} is missing in tests/src/book.rs"
        );
    }
}

#[test]
fn every_link_of_the_book_leads_to_a_file() {
    let mut wrong = String::new();
    for page in pages() {
        for target in pages::links(&page.text) {
            if !page.folder().join(&target).exists() {
                wrong.push_str(&format!("{}: no file `{target}`\n", page.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
