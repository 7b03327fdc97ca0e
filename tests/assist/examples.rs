//! Every example of the repository, and every text that is left when it is cut off somewhere.

use accrue::diagnostic::Span;
use accrue::{Engine, Source};
use accrue_assist::{
    Project, complete, definition, format, grid, hover, quick_fixes, signature_help, symbols, tokens,
};
use accrue_tests::folder::{programs, root};

/// The program folders of the examples, with their tests.
pub(crate) fn examples() -> Vec<(String, Source)> {
    let mut found = Vec::new();
    for path in programs(&root().join("rules-examples")).expect("the examples") {
        let mut source = Source::new();
        let mut folders = vec![path.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
                let file = entry.path();
                let inside = file.strip_prefix(&path).expect("inside").to_string_lossy().into_owned();
                let is_text =
                    [".toml", ".rhai", ".csv", ".txt"].iter().any(|ending| inside.ends_with(ending));
                if file.is_dir() {
                    folders.push(file);
                } else if (Source::is_terms(&inside) || inside.starts_with("tests/")) && is_text {
                    source.insert(inside, std::fs::read(&file).expect("a file"));
                }
            }
        }
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        found.push((name, source));
    }
    assert!(found.len() > 8);
    found
}

#[test]
fn examples_are_laid_out_as_the_formatter_does() {
    for (name, source) in examples() {
        for path in source.paths() {
            let text = source.text(path).expect("text");
            let formatted = format(path, text).unwrap_or_else(|error| panic!("{name}/{path}: {error}"));
            assert_eq!(formatted, text, "{name}/{path}");
        }
    }
}

#[test]
fn every_byte_of_every_example_is_answered() {
    for (name, source) in examples() {
        let project = Project::new(Engine::default(), source.clone());
        let has_component = source.paths().any(|path| {
            path.starts_with("contracts/") && source.text(path).expect("text").contains("component =")
        });
        assert!(has_component || project.diagnostics().is_empty(), "{name}: {:?}", project.diagnostics());
        let (mut hovered, mut offered) = (0, 0);
        for path in source.paths() {
            let text = source.text(path).expect("text");
            symbols(&project, path);
            for at in (0..=u32::try_from(text.len()).expect("short")).step_by(3) {
                offered += complete(&project, path, at).len();
                hovered += usize::from(hover(&project, path, at).is_some());
                signature_help(&project, path, at);
                definition(&project, path, at);
                quick_fixes(&project, path, Span { start: at, end: at });
            }
        }
        assert!(hovered > 100 && offered > 300, "{name}: {hovered} hovers, {offered} completions");
    }
}

#[test]
fn texts_that_are_cut_off_are_answered() {
    for (_, source) in examples() {
        let whole = Project::new(Engine::default(), source.clone());
        for path in source.paths().filter(|path| !path.starts_with("tests/")) {
            let text = source.text(path).expect("text");
            for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)).step_by(11) {
                let mut project = whole.clone();
                project.set(path, &text[..end]);
                let at = u32::try_from(end).expect("short");
                complete(&project, path, at);
                signature_help(&project, path, at);
                let found = tokens(path, &text[..end]);
                assert!(
                    found.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start),
                    "{path} up to {end}"
                );
                grid::tables(&project);
            }
        }
    }
}
