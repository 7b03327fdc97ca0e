//! Tells what differs from the version before: by comparing what the cards of both versions say.

use super::model::{Entry, Line, Piece, Section, SectionKind, Sentence};
use super::sentence::{number, repeated, say, words};
use super::told::line;
use super::words::Phrase;

/// Returns the section of changes. `before` is the number of the earlier version.
pub(super) fn section(before: u32, earlier: &[Section], today: &[Section]) -> Section {
    let mut entries = Vec::new();
    for section in today.iter().filter(|section| section.kind != SectionKind::Changes) {
        let was = counterpart(section, earlier);
        let found = was.map(|was| was.entries.as_slice()).unwrap_or_default();
        for entry in told(section) {
            match found.iter().find(|was| same_name(was, entry)) {
                // What is said of the whole section follows from the rest.
                None if entry.name.is_none() => {}
                None => entries.push(with(entry, section, vec![line(0, words(Phrase::Added))], &entry.lines)),
                Some(was) => {
                    let lines = changed(&was.lines, &entry.lines);
                    if !lines.is_empty() {
                        entries.push(with(entry, section, lines, &[]));
                    }
                }
            }
        }
        entries.extend(was.into_iter().flat_map(|was| gone(was, section)));
        if section.kind == SectionKind::Payout && was.is_some_and(|was| order_differs(was, section)) {
            let lines = vec![line(0, words(Phrase::ChangedOrder))];
            entries.push(Entry { name: Some(heading(section)), place: None, lines });
        }
    }
    for was in earlier.iter().filter(|was| counterpart(was, today).is_none()) {
        let none = Section { kind: was.kind, heading: was.heading.clone(), entries: Vec::new() };
        entries.extend(gone(was, &none));
    }
    if entries.is_empty() {
        entries.push(Entry { name: None, place: None, lines: vec![line(0, words(Phrase::NoChange))] });
    }
    let heading = say(Phrase::ChangesHeading, [number(before.to_string(), None)]);
    Section { kind: SectionKind::Changes, heading, entries }
}

/// Returns the section of another version that is about the same.
fn counterpart<'s>(section: &Section, among: &'s [Section]) -> Option<&'s Section> {
    let same_kind = || among.iter().filter(|other| other.kind == section.kind);
    same_kind().find(|other| heading(other) == heading(section)).or_else(|| {
        let mut all = same_kind();
        all.next().filter(|_| all.next().is_none())
    })
}

/// Returns the entries whose changes are told: all but the dates of the version, which always change.
fn told(section: &Section) -> impl Iterator<Item = &Entry> {
    let is_dates = |entry: &Entry| {
        section.kind == SectionKind::Scope
            && [Phrase::NameInForce, Phrase::NameOthers]
                .iter()
                .any(|name| entry.name.as_deref() == Some(name.text()))
    };
    section.entries.iter().filter(move |entry| !is_dates(entry))
}

/// Returns whether two entries are about the same. A default payout is called otherwise once there are groups.
fn same_name(one: &Entry, other: &Entry) -> bool {
    let is_default = |entry: &Entry| {
        let names = [Phrase::NameAlways, Phrase::NameOtherwise];
        names.iter().any(|name| entry.name.as_deref() == Some(name.text()))
    };
    one.name == other.name || (is_default(one) && is_default(other))
}

fn heading(section: &Section) -> String {
    super::sentence::text(&section.heading)
}

/// Returns an entry of the section of changes. What has no name is called by its section.
fn with(entry: &Entry, of: &Section, mut lines: Vec<Line>, quoted: &[Line]) -> Entry {
    lines.extend(
        quoted
            .iter()
            .map(|line| Line { depth: line.depth.saturating_add(1), sentence: repeated(&line.sentence) }),
    );
    let name = entry.name.clone().unwrap_or_else(|| heading(of));
    Entry { name: Some(name), place: entry.place.clone(), lines }
}

fn gone<'s>(was: &'s Section, today: &'s Section) -> impl Iterator<Item = Entry> + 's {
    let is_gone =
        |entry: &&Entry| entry.name.is_some() && !today.entries.iter().any(|other| same_name(entry, other));
    told(was).filter(is_gone).map(|entry| {
        let mut gone = with(entry, was, vec![line(0, words(Phrase::Removed))], &entry.lines);
        gone.place = None;
        gone
    })
}

fn order_differs(was: &Section, today: &Section) -> bool {
    let names = |of: &'_ Section, among: &Section| -> Vec<Option<String>> {
        let of = of.entries.iter().map(|entry| entry.name.clone());
        of.filter(|name| among.entries.iter().any(|entry| entry.name == *name)).collect()
    };
    names(was, today) != names(today, was)
}

/// Returns the lines that tell how an entry changed; none if it did not.
fn changed(was: &[Line], today: &[Line]) -> Vec<Line> {
    let differs =
        |(was, today): &(&Line, &Line)| was.depth != today.depth || !same(&was.sentence, &today.sentence);
    if was.len() == today.len() {
        let pairs: Vec<(&Line, &Line)> = was.iter().zip(today).filter(differs).collect();
        if pairs.iter().all(|(was, today)| same_words(&was.sentence, &today.sentence)) {
            let told =
                pairs.into_iter().map(|(was, today)| line(0, with_was(&was.sentence, &today.sentence)));
            return told.collect();
        }
    }
    let mut lines = Vec::new();
    let quoted = |of: &Line| Line { depth: of.depth.saturating_add(1), sentence: repeated(&of.sentence) };
    let unchanged = |of: &Line, among: &[Line]| {
        of.depth == 0 && among.iter().any(|other| other.depth == 0 && same(&other.sentence, &of.sentence))
    };
    let flat = was.iter().chain(today).all(|line| line.depth == 0);
    let kept = |of: &&Line, among: &[Line]| !(flat && unchanged(of, among));
    for (head, of, among) in [(Phrase::Now, today, was), (Phrase::Before, was, today)] {
        let mut told: Vec<Line> = of.iter().filter(|of| kept(of, among)).map(quoted).collect();
        if !told.is_empty() {
            lines.push(line(0, words(head)));
            lines.append(&mut told);
        }
    }
    lines
}

fn same(one: &Sentence, other: &Sentence) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.text() == other.text())
}

/// Returns whether two sentences differ only in their numbers.
fn same_words(one: &Sentence, other: &Sentence) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| match (one, other) {
            (Piece::Number { .. }, Piece::Number { .. }) => true,
            (one, other) => one == other,
        })
}

/// Returns a sentence with the earlier number behind each number that changed.
fn with_was(was: &Sentence, today: &Sentence) -> Sentence {
    let pairs = was.iter().zip(repeated(today));
    let told = pairs.map(|(was, today)| {
        if was.text() == today.text() {
            return vec![today];
        }
        say(Phrase::Was, [vec![today], repeated(std::slice::from_ref(was))])
    });
    super::sentence::all(told)
}
