//! The book: every code block of `docs/src/`, of the README and of the examples' pages enters and is checked the way its
//! tag says; nothing leaves. `docs/README.md` lists the tags. Blocks of Rust are documentation tests of this package
//! (`src/book.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod blocks;
mod console;
mod pages;
mod scratch;
mod snippets;

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// Returns the faults of a page and the number of its blocks.
fn check_page(page: &Page) -> (String, usize) {
    let mut wrong = String::new();
    let scratch = Scratch::new(&page.name);
    let blocks = blocks::of(&page.text);
    for block in &blocks {
        if let Err(fault) = check(block, &scratch) {
            wrong.push_str(&format!("{}:{} ({}): {fault}\n", page.name, block.line, block.tag));
        }
    }
    (wrong, blocks.len())
}

/// Pages do not depend on each other, and most of the time goes into commands that they run.
#[test]
fn every_block_of_the_book_holds() {
    let pages = pages();
    let next = AtomicUsize::new(0);
    let work = || -> Vec<(String, usize)> {
        std::iter::from_fn(|| pages.get(next.fetch_add(1, Ordering::Relaxed))).map(check_page).collect()
    };
    let checked: Vec<(String, usize)> = std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(checked.iter().any(|(_, count)| *count > 0), "the book has no block");
    let wrong: String = checked.into_iter().map(|(wrong, _)| wrong).collect();
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
