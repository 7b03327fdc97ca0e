//! The loader of programs: a folder as one text enters, each file under a line `=== PATH`. Loading never panics, its
//! diagnostics point into the files, and what loads decides actions, the same way each time.

use accrue::Source;
use accrue::diagnostic::{Diagnostics, Place, line_column};
use accrue::facts::{Action, Attribute};
use accrue::internals::lang::{AttributeOf, Base};
use accrue::internals::terms;
use accrue::internals::terms::Terms;
use accrue::money::Number;
use accrue::{Engine, Limits, Program};
use accrue_tests::choices::{Choices, noise};
use accrue_tests::generate::action::{Amounts, action, reference};
use accrue_tests::generate::program::{declarations, program_toml};

/// What stands before the path of a file.
pub(crate) const MARK: &str = "=== ";

/// The contract that is there when the input has none.
const CONTRACT: &str =
    "contract = \"standard\"\nversion = 1\neffective_from = 2020-01-01\n[payout.default]\nrate = \"1%\"\n";

/// Actions that a program is tried on.
const ACTIONS: usize = 3;

/// The files of an input. What comes before the first mark is a contract; what a program cannot be without is added.
fn source(data: &[u8]) -> Source {
    let mut files: Vec<(String, Vec<u8>)> = vec![("contracts/standard.toml".to_owned(), Vec::new())];
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(MARK.as_bytes()) {
            Some(path) => files.push((String::from_utf8_lossy(path).trim().to_owned(), Vec::new())),
            None => {
                if let Some((_, file)) = files.last_mut() {
                    file.extend_from_slice(line);
                }
            }
        }
    }
    let files =
        files.into_iter().filter(|(path, bytes)| path != "contracts/standard.toml" || !bytes.is_empty());
    let mut source = Source::from_files(files);
    if !source.paths().any(|path| path == "program.toml") {
        source.insert("program.toml", program_toml("USD"));
    }
    if !source.paths().any(|path| path.starts_with("contracts/")) {
        source.insert("contracts/standard.toml", format!("{CONTRACT}{}", declarations()));
    }
    source
}

/// Tries one input.
pub fn run(data: &[u8]) {
    let source = source(data);
    let small = Limits {
        items: 8,
        touches: 8,
        entries: 4,
        text_bytes: 40,
        table_entries: 3,
        nesting: 8,
        rule_fuel: 200,
        source_bytes: 2_000,
        program_bytes: 4_000,
        ..Limits::default()
    };
    loaded(&source, &small);
    loaded(&source, &Limits::default());
}

/// Loads a program twice and decides with both.
pub(super) fn loaded(source: &Source, limits: &Limits) {
    let engine = Engine::builder().limits(limits.clone()).build();
    let loaded = [engine.load(source), engine.load(source)];
    let [diagnostics, again] = loaded.each_ref().map(found);
    assert_eq!(loaded[0].is_err(), diagnostics.has_errors());
    assert_eq!(diagnostics, again);
    places(diagnostics, |file| {
        assert!(source.bytes(file).is_some(), "a diagnostic points into `{file}`, which is not there");
        source.text(file)
    });
    let [Ok(program), Ok(again)] = &loaded else { return };
    assert_eq!(program.digest(), again.digest());
    let actions = actions(terms(program));
    let reference = reference(&mut Choices::new(&noise(2, 200)));
    let decided = [program, again].map(|program| super::decide(program, &actions, &reference));
    assert_eq!(decided[0], decided[1]);
}

/// The errors of a program that does not load, or the warnings of one that does.
fn found(loaded: &Result<Program, Diagnostics>) -> &Diagnostics {
    match loaded {
        Ok(program) => program.warnings(),
        Err(diagnostics) => diagnostics,
    }
}

/// Whether every place is within the file it names, at whole characters.
pub(crate) fn places<'t>(diagnostics: &Diagnostics, text: impl Fn(&str) -> Option<&'t str>) {
    let check = |place: &Place, what: &str| {
        let Some(text) = text(&place.file) else {
            // A file that is not text has no words to point at.
            return;
        };
        let range = place.span.range();
        assert!(text.get(range.clone()).is_some(), "{range:?} of {} bytes: {what}", text.len());
        line_column(text, place.span.start);
    };
    for diagnostic in diagnostics.iter() {
        assert!(!diagnostic.message.is_empty());
        assert!(diagnostic.help.as_ref().is_none_or(|help| !help.is_empty()), "{diagnostic}");
        for place in diagnostic.place.iter().chain(diagnostic.labels.iter().map(|label| &label.place)) {
            check(place, &diagnostic.to_string());
        }
    }
}

/// Actions with the event types and attributes that a program declares.
fn actions(terms: &Terms) -> Vec<Action> {
    let bytes = noise(1, 1_000);
    let mut choices = Choices::new(&bytes);
    let events: Vec<&String> = terms.event_types.keys().collect();
    let make = |n| {
        let mut action = action(&mut choices, format!("a-{n}"), Amounts::Ordinary(2));
        if !events.is_empty() {
            action.event_type = events[choices.below(events.len())].clone();
        }
        action.attributes = terms
            .attributes
            .iter()
            .filter(|(_, declared)| declared.of == AttributeOf::Action)
            .filter(|(_, declared)| declared.required || choices.once_in(2))
            .map(|(name, declared)| (name.clone(), attribute(declared.ty.base)))
            .collect();
        action
    };
    (0..ACTIONS).map(make).collect()
}

fn attribute(base: Base) -> Attribute {
    match base {
        Base::Bool => Attribute::Bool(true),
        Base::Integer | Base::Decimal | Base::Money => Attribute::Number(Number(7.into())),
        Base::Time => Attribute::Text("2026-03-29T01:00:00Z".to_owned()),
        Base::Date => Attribute::Text("2026-03-29".to_owned()),
        _ => Attribute::Text("spring".to_owned()),
    }
}
