//! `cargo xtask api`: what the libraries show to the outside is what `docs/api/` lists.
//!
//! A list has a line for each public item, with its whole signature, under its shortest path. Left out are items that are
//! `#[doc(hidden)]` or that only the feature `internals` shows, the implementations of traits that are derived or automatic, and
//! the items inside of implementations of traits.

use crate::Result;
use crate::process::{ask, cargo, program, root, run};
use crate::toolchain::shared_target_dir;
use public_api::{Builder, PublicItem};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The libraries that others build on.
const CRATES: [&str; 9] = [
    "accrue",
    "accrue-arrow",
    "accrue-assist",
    "accrue-bundle",
    "accrue-history",
    "accrue-import",
    "accrue-sandbox",
    "accrue-sdk",
    "accrue-simulate",
];

/// The folder of the lists, from the root of the repository.
const LISTS: &str = "docs/api";

/// The version of rustdoc's JSON that `public-api` reads, and the compiler that writes it.
const FORMAT: u64 = 57;
const COMPILER: &str = "1.95";

/// The feature for tests and benches. The workspace turns it on, and its items are not for others.
const INTERNALS: &str = "feature=\"internals\"";

/// Set for cargo when it is to run this program in place of rustdoc.
const AS_RUSTDOC: &str = "ACCRUE_XTASK_AS_RUSTDOC";

/// Step of the suite: compares each library with its list. With a compiler other than [`COMPILER`] the JSON has another format,
/// and nothing is compared. Continuous integration uses this compiler.
pub(crate) fn step() -> Result {
    let version = ask(program("rustdoc").arg("--version")).unwrap_or_default();
    if !version.contains(&format!(" {COMPILER}.")) {
        println!("not compared: the lists are read from what Rust {COMPILER} writes, and this is {version}");
        return Ok(());
    }
    check(false)
}

/// Compares each library with its list, or writes the lists.
pub(crate) fn check(bless: bool) -> Result {
    write_json()?;
    let mut changed = Vec::new();
    for name in CRATES {
        let items = public_items(name)?;
        let list = root().join(LISTS).join(name).with_extension("txt");
        if bless {
            fs::create_dir_all(root().join(LISTS))?;
            fs::write(&list, text(&items))
                .map_err(|error| format!("cannot write {}: {error}", list.display()))?;
        }
        // A list that is not there is empty.
        let listed = fs::read_to_string(&list).unwrap_or_default();
        let difference = difference(&listed, &items);
        let count = items.iter().filter(|line| is_item(line)).count();
        println!(
            "{name}: {count} public items, {} lines with fields, variants and implementations",
            items.len()
        );
        for line in &difference {
            println!("  {line}");
        }
        if text(&items) != listed {
            changed.push(name);
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the public items of {} are not what {LISTS} lists; if they are meant to change, `cargo xtask api --bless` writes the lists",
        changed.join(", ")
    )
    .into())
}

/// Has rustdoc describe the libraries. The whole workspace is asked, as for the documentation, since the dependencies are then
/// built with the same features; see [`rustdoc`] for what is done for each crate.
fn write_json() -> Result {
    for name in CRATES {
        // What is there afterwards must be of this build.
        let _ = fs::remove_file(json_path(name));
    }
    let mut doc = cargo("doc --quiet --workspace --no-deps --lib");
    doc.env("RUSTDOCFLAGS", "-Zunstable-options --output-format=json");
    run(doc.env("RUSTDOC", std::env::current_exe()?).env(AS_RUSTDOC, "1"))
}

fn json_path(name: &str) -> PathBuf {
    shared_target_dir().join("doc").join(name.replace('-', "_")).with_extension("json")
}

/// The public items of a library, a line each, those of a type together.
fn public_items(name: &str) -> Result<Vec<String>> {
    let json = json_path(name);
    let text = fs::read(&json).map_err(|error| format!("cannot read {}: {error}", json.display()))?;
    let format = serde_json::from_slice::<serde_json::Value>(&text)?
        .get("format_version")
        .and_then(serde_json::Value::as_u64);
    if format != Some(FORMAT) {
        return Err(format!(
            "rustdoc describes items in format {format:?}, and this task reads {FORMAT}, of Rust {COMPILER}: \
             `rustup toolchain install {COMPILER}`, then `cargo +{COMPILER} xtask api`"
        )
        .into());
    }
    let api = Builder::from_rustdoc_json(json)
        .omit_auto_derived_impls(true)
        .omit_auto_trait_impls(true)
        .omit_blanket_impls(true)
        .build()?;
    let mut items: Vec<(&PublicItem, String)> = api.items().map(|item| (item, item.to_string())).collect();
    // The line `impl Trait for Type` stands for the items inside of it.
    let of_traits: BTreeSet<_> = items
        .iter()
        .filter(|(_, line)| line.starts_with("impl") && line.contains(" for "))
        .map(|(item, _)| item.id().0)
        .collect();
    // A re-exported item is listed once, under its shortest path.
    let mut shortest: BTreeMap<u32, usize> = BTreeMap::new();
    for (item, line) in &items {
        let length = shortest.entry(item.id().0).or_insert(usize::MAX);
        *length = line.len().min(*length);
    }
    let is_listed = |item: &PublicItem, line: &str| {
        item.parent_id().is_none_or(|parent| !of_traits.contains(&parent.0))
            && shortest.get(&item.id().0) == Some(&line.len())
    };
    let mut told = BTreeSet::new();
    items.retain(|(item, line)| is_listed(item, line) && told.insert(line.clone()));
    Ok(items.into_iter().map(|(_, line)| line).collect())
}

/// Returns whether a line is a module, a type, a function or a constant, and not a field, a variant or an implementation.
fn is_item(line: &str) -> bool {
    let kinds =
        ["const", "enum", "fn", "macro", "mod", "static", "struct", "trait", "type", "union", "unsafe"];
    let kind = line.split_once("pub ").and_then(|(before, rest)| {
        let is_first = before.is_empty() || before.ends_with("] ");
        is_first.then(|| rest.split(' ').next()).flatten()
    });
    kind.is_some_and(|kind| kinds.contains(&kind))
}

/// Whether cargo runs this program in place of rustdoc.
pub(crate) fn is_rustdoc() -> bool {
    std::env::var_os(AS_RUSTDOC).is_some()
}

/// Runs rustdoc with the arguments of this program, without [`INTERNALS`], if they are for one of the [`CRATES`].
///
/// A stable rustdoc writes JSON only with `RUSTC_BOOTSTRAP`. If cargo had that variable, it would build again every dependency
/// whose build script reads it, so only rustdoc gets it.
pub(crate) fn rustdoc() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let is_listed = |name: &String| CRATES.iter().any(|listed| listed.replace('-', "_") == *name);
    if !args.iter().skip_while(|arg| *arg != "--crate-name").nth(1).is_some_and(is_listed) {
        return ExitCode::SUCCESS;
    }
    let status = Command::new("rustdoc").args(without_internals(&args)).env("RUSTC_BOOTSTRAP", "1").status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: cannot start rustdoc: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Arguments of rustdoc without `--cfg` of [`INTERNALS`].
fn without_internals(args: &[String]) -> Vec<&str> {
    let mut kept = Vec::new();
    for arg in args {
        if arg == INTERNALS && kept.last() == Some(&"--cfg") {
            kept.pop();
        } else {
            kept.push(arg.as_str());
        }
    }
    kept
}

/// A list as it is kept.
fn text(items: &[String]) -> String {
    items.iter().map(|item| format!("{item}\n")).collect()
}

/// The lines that went and came, each after `-` or `+`.
fn difference(listed: &str, items: &[String]) -> Vec<String> {
    let before: BTreeSet<&str> = listed.lines().collect();
    let now: BTreeSet<&str> = items.iter().map(String::as_str).collect();
    let gone = before.difference(&now).map(|line| format!("- {line}"));
    gone.chain(now.difference(&before).map(|line| format!("+ {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feature_for_tests_is_taken_out_of_the_arguments() {
        let args =
            ["--cfg", "feature=\"default\"", "--cfg", INTERNALS, "--check-cfg", INTERNALS].map(str::to_owned);
        assert_eq!(
            without_internals(&args),
            ["--cfg", "feature=\"default\"", "--check-cfg", INTERNALS].as_slice()
        );
    }

    #[test]
    fn a_difference_names_what_went_and_what_came() {
        let items = ["pub fn a::new()", "pub mod a"].map(str::to_owned);
        assert_eq!(
            difference("pub mod a\npub fn a::old()\n", &items),
            ["- pub fn a::old()", "+ pub fn a::new()"]
        );
        assert_eq!(difference(&text(&items), &items), Vec::<String>::new());
        assert_eq!(difference("", &items), ["+ pub fn a::new()", "+ pub mod a"]);
    }
}
