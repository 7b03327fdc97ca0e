//! A valid file, spoiled at random: whatever the bytes, nothing panics and every line is an action or a reject.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::read;
use crate::snapshot::root;

/// One change of a file.
#[derive(Clone, Debug)]
enum Spoil {
    /// Another byte in a place.
    Replace(usize, u8),
    /// A bit turned.
    Flip(usize, u8),
    /// Bytes cut out.
    Cut(usize, usize),
    /// Bytes of the file once more, elsewhere.
    Copy(usize, usize, usize),
    /// Something that parsers stumble over.
    Insert(usize, &'static [u8]),
}

const STONES: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xFF",
    b"\xEF\xBB\xBF",
    b"1e999",
    b"-0",
    b"null",
    b"\"\"",
    b"\\ud800",
    b"99999999999999999999999999999999",
    b"\xF0\x9F\x98\x80",
    b";",
    b"\t",
];

fn spoil() -> impl Strategy<Value = Spoil> {
    let at = || any::<prop::sample::Index>().prop_map(|index| index.index(1 << 20));
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Spoil::Replace(at, byte)),
        (at(), 0..8_u8).prop_map(|(at, bit)| Spoil::Flip(at, bit)),
        (at(), 1..40_usize).prop_map(|(at, count)| Spoil::Cut(at, count)),
        (at(), at(), 1..60_usize).prop_map(|(from, to, count)| Spoil::Copy(from, to, count)),
        (at(), prop::sample::select(STONES)).prop_map(|(at, stone)| Spoil::Insert(at, stone)),
    ]
}

fn spoiled(bytes: &[u8], spoils: &[Spoil]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for spoil in spoils {
        let count = bytes.len();
        let within = |at: usize| if count == 0 { 0 } else { at % count };
        match *spoil {
            _ if count == 0 => {}
            Spoil::Replace(at, byte) => bytes[within(at)] = byte,
            Spoil::Flip(at, bit) => bytes[within(at)] ^= 1 << bit,
            Spoil::Cut(at, length) => {
                let at = within(at);
                bytes.drain(at..(at + length).min(count));
            }
            Spoil::Copy(from, to, length) => {
                let from = within(from);
                let piece = bytes[from..(from + length).min(count)].to_vec();
                let to = within(to);
                bytes.splice(to..to, piece);
            }
            Spoil::Insert(at, stone) => {
                let at = within(at);
                bytes.splice(at..at, stone.iter().copied());
            }
        }
    }
    bytes
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(root().join("seeds").join(name)).unwrap()
}

/// The lines of a file as a reader sees them: without a mark at the beginning.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    lines_of_text(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}

/// Lines without their ends and without blank ones.
fn lines_of_text(bytes: &[u8]) -> Vec<&[u8]> {
    bytes
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.trim_ascii().is_empty())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: accrue_tests::cases::cases(300), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_line_of_json_is_an_action_or_a_reject(spoils in vec(spoil(), 1..12)) {
        let bytes = spoiled(&file("actions.jsonl"), &spoils);
        let read = read::actions("spoiled.jsonl", &bytes);
        let mut found: Vec<(u64, Vec<u8>)> =
            read.records.iter().map(|r| (r.first_line, r.text.clone().into_bytes())).collect();
        found.extend(read.rejects.iter().map(|r| (r.first_line, r.text.clone())));
        found.sort();
        let found: Vec<&[u8]> = found.iter().map(|(_, text)| text.as_slice()).collect();
        prop_assert_eq!(found, lines(&bytes));
        for reject in &read.rejects {
            prop_assert!(!reject.errors.0.is_empty());
            prop_assert!(reject.errors.0.iter().all(|error| error.line == Some(reject.first_line)));
        }
    }

    #[test]
    fn every_row_of_csv_is_an_action_or_a_reject(spoils in vec(spoil(), 1..12)) {
        let bytes = spoiled(&file("actions.csv"), &spoils);
        let read = read::actions("spoiled.csv", &bytes);
        if read.header.is_none() {
            // A row may span lines, so it is the text as a whole that must be there.
            let mut found: Vec<(u64, Vec<u8>)> =
                read.records.iter().map(|r| (r.first_line, r.text.clone().into_bytes())).collect();
            found.extend(read.rejects.iter().map(|r| (r.first_line, r.text.clone())));
            found.sort();
            let joined: Vec<u8> = found.iter().flat_map(|(_, text)| text.iter().copied().chain(*b"\n")).collect();
            // The header may span lines too.
            let all = lines(&bytes);
            prop_assert!(all.ends_with(&lines_of_text(&joined)), "rows were lost or changed");
        }
    }

    #[test]
    fn no_reference_facts_panic(spoils in vec(spoil(), 1..12)) {
        for path in crate::snapshot::files(&root().join("facts")) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            read::describe_facts(&name, &spoiled(&std::fs::read(&path).unwrap(), &spoils));
        }
    }
}
