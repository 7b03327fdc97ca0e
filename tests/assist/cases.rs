//! Runs `cases/*.txt`. A case is the files of a program, each under a line `== path`, with the cursor as `|` in one of them, and what
//! is asked, `? complete`, each followed by the answer. `ACCRUE_BLESS=1` writes the answers.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use accrue::diagnostic::{Place, Span};
use accrue::{Engine, Source};
use accrue_assist::{
    Project, Symbol, TextEdit, apply, complete, definition, hover, prepare_rename, quick_fixes, references,
    rename, signature_help, symbols, tokens,
};

/// What every case has unless it has the file itself.
const PROGRAM: &str = include_str!("program.toml");

struct Case {
    project: Project,
    file: String,
    at: u32,
}

impl Case {
    fn read(text: &str) -> Self {
        let mut source = Source::from_files([("program.toml", PROGRAM)]);
        let (mut file, mut at) = (String::new(), 0);
        for part in format!("\n{text}").split("\n== ").skip(1) {
            let (path, body) = part.split_once('\n').expect("a path on a line");
            let body = format!("{}\n", body.trim_end_matches('\n'));
            let body = match body.split_once('|') {
                Some((before, after)) => {
                    (file, at) = (path.to_owned(), u32::try_from(before.len()).expect("short"));
                    format!("{before}{after}")
                }
                None => body,
            };
            source.insert(path, body.into_bytes());
        }
        Self { project: Project::new(Engine::default(), source), file, at }
    }

    fn answer(&self, question: &str) -> String {
        let mut out = String::new();
        let (file, at) = (self.file.as_str(), self.at);
        match question.split_once(' ').unwrap_or((question, "")) {
            ("complete", most) => {
                let most: usize = most.parse().unwrap_or(usize::MAX);
                let found = complete(&self.project, file, at);
                for one in found.iter().take(most) {
                    let kind = serde_json::to_string(&one.kind).expect("a word");
                    let written = one.snippet.as_deref().unwrap_or(&one.edit.text).escape_debug().to_string();
                    let _ = write!(out, "{} {}", kind.trim_matches('"'), one.label);
                    let _ = if one.detail.is_empty() { Ok(()) } else { write!(out, ": {}", one.detail) };
                    let _ = if written == one.label { writeln!(out) } else { writeln!(out, " -> {written}") };
                }
                if found.len() > most {
                    let _ = writeln!(out, "and {} more", found.len() - most);
                }
            }
            ("hover", _) => match hover(&self.project, file, at) {
                Some(found) => {
                    let _ = writeln!(
                        out,
                        "{}\n{}: {}\n{}",
                        self.shown(&Place::new(file, found.span)),
                        found.name,
                        found.detail,
                        found.doc
                    );
                }
                None => out.push_str("nothing\n"),
            },
            ("signature", _) => match signature_help(&self.project, file, at) {
                Some(found) => {
                    let _ = writeln!(out, "{} at {}: {}", found.label, found.active, found.doc);
                    found
                        .params
                        .iter()
                        .for_each(|param| out.push_str(&format!("  {}: {}\n", param.name, param.takes)));
                }
                None => out.push_str("nothing\n"),
            },
            ("fixes", _) => {
                for fix in quick_fixes(&self.project, file, Span { start: at, end: at }) {
                    let _ = writeln!(out, "{}", fix.title);
                    self.edited(&fix.edits, &mut out);
                }
            }
            ("symbols", _) => {
                symbols(&self.project, file).iter().for_each(|symbol| outline(symbol, 0, &mut out))
            }
            ("definition", _) => self.places(&definition(&self.project, file, at), &mut out),
            ("references", _) => self.places(&references(&self.project, file, at), &mut out),
            ("rename", to) => match rename(&self.project, file, at, to) {
                Ok(edits) => {
                    let (_, from) = prepare_rename(&self.project, file, at).expect("it was renamed");
                    let _ = writeln!(out, "{from} -> {to}");
                    self.edited(&edits, &mut out);
                }
                Err(error) => out.push_str(&format!("refused: {error}\n")),
            },
            ("tokens", _) => {
                let text = self.project.text(file).unwrap_or_default();
                for token in tokens(file, text) {
                    let kind = serde_json::to_string(&token.kind).expect("a word");
                    let _ = writeln!(out, "{} {}", kind.trim_matches('"'), &text[token.span.range()]);
                }
            }
            ("diagnostics", _) => {
                for found in self.project.diagnostics() {
                    let at = found.place.as_ref().map(|place| self.shown(place)).unwrap_or_default();
                    let _ = writeln!(out, "{}: {} at {at}", found.code, found.message);
                }
            }
            (other, _) => panic!("`{other}` is no question"),
        }
        out
    }

    fn shown(&self, place: &Place) -> String {
        let text = self.project.text(&place.file).unwrap_or_default();
        let (line, column) = accrue::diagnostic::line_column(text, place.span.start);
        format!("{}:{line}:{column} `{}`", place.file, &text[place.span.range()])
    }

    fn places(&self, places: &[Place], out: &mut String) {
        places.iter().for_each(|place| out.push_str(&format!("{}\n", self.shown(place))));
    }

    /// Writes the lines that edits change.
    fn edited(&self, edits: &[TextEdit], out: &mut String) {
        let mut files: Vec<&str> = edits.iter().map(|edit| edit.file.as_str()).collect();
        files.sort_unstable();
        files.dedup();
        for file in files {
            let before = self.project.text(file).expect("an edited file");
            let after = apply(file, before, edits).expect("edits that fit");
            let old: Vec<&str> = before.lines().collect();
            for line in after.lines().filter(|line| !old.contains(line)) {
                let _ = writeln!(out, "  {file}: {line}");
            }
        }
    }
}

fn outline(symbol: &Symbol, depth: usize, out: &mut String) {
    let kind = symbol
        .kind
        .map(|kind| serde_json::to_string(&kind).expect("a word"))
        .unwrap_or_else(|| "table".to_owned());
    let _ =
        writeln!(out, "{}{} {}: {}", "  ".repeat(depth), kind.trim_matches('"'), symbol.name, symbol.detail);
    symbol.children.iter().for_each(|child| outline(child, depth + 1, out));
}

#[test]
fn cases_are_answered_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assist/cases");
    let bless = std::env::var_os("ACCRUE_BLESS").is_some();
    let mut paths: Vec<_> =
        fs::read_dir(&folder).expect("cases").map(|entry| entry.expect("a case").path()).collect();
    paths.sort();
    assert!(paths.len() > 20, "{} cases", paths.len());
    let mut wrong = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a case is text");
        let (files, questions) =
            text.split_once("\n? ").unwrap_or_else(|| panic!("{} asks nothing", path.display()));
        let case = Case::read(&format!("{files}\n"));
        let mut answered = format!("{files}\n");
        for question in questions.split("\n? ") {
            let question = question.lines().next().unwrap_or_default();
            let _ = write!(answered, "? {question}\n{}", case.answer(question));
        }
        if answered != text {
            if bless {
                fs::write(&path, &answered).expect("the case is written");
            }
            wrong.push(format!("{}:\n{answered}", path.display()));
        }
    }
    assert!(wrong.is_empty() || bless, "answered otherwise than written:\n{}", wrong.join("\n"));
}
