//! The readers of actions: a letter for the format and a file enter. Every line is an action or a reject, whatever the
//! buffer; what is accepted reads the same when it is written again, and is decided.

use std::io::BufReader;
use std::sync::OnceLock;

use accrue::facts::{Attribute, CsvActions, FactErrors, JsonlActions, Record, Reject, read_action};
use accrue::{Engine, Limits, Program, Reference};
use accrue_tests::folder::{Folder, root};

/// What the first byte asks for.
#[derive(Clone, Copy, Debug)]
struct Asked {
    csv: bool,
    /// Under limits so small that inputs reach them.
    tight: bool,
}

impl Asked {
    /// `c` and `j`; in upper case under tight limits.
    fn of(letter: u8) -> Self {
        Self { csv: letter.eq_ignore_ascii_case(&b'c'), tight: letter.is_ascii_uppercase() }
    }

    fn limits(self) -> Limits {
        if self.tight {
            Limits {
                action_bytes: 300,
                items: 2,
                touches: 2,
                entries: 2,
                text_bytes: 20,
                ..Limits::default()
            }
        } else {
            Limits::default()
        }
    }
}

/// The program that actions are reported to, and its facts.
fn program(tight: bool) -> &'static (Program, Reference) {
    static PROGRAMS: [OnceLock<(Program, Reference)>; 2] = [OnceLock::new(), OnceLock::new()];
    PROGRAMS[usize::from(tight)].get_or_init(|| {
        let folder = Folder::read(&root().join("tests/malformed/program")).expect("the program is there");
        // Its own terms need not fit into what its actions must.
        let limits = Limits { text_bytes: 1_000, entries: 100, ..Asked { csv: false, tight }.limits() };
        (
            Engine::builder().limits(limits).build().load(&folder.source).expect("the program has no fault"),
            folder.reference,
        )
    })
}

type Read = Vec<Result<Record, Reject>>;

/// Reads a file, through a buffer of so many bytes.
fn read(asked: Asked, file: &[u8], buffer: usize) -> Result<Read, FactErrors> {
    let limits = asked.limits();
    let input = BufReader::with_capacity(buffer, file);
    if asked.csv {
        let mut actions = CsvActions::new(input, &limits)?;
        let read = actions.by_ref().collect();
        assert!(actions.failure().is_none());
        Ok(read)
    } else {
        let mut actions = JsonlActions::new(input, &limits);
        let read = actions.by_ref().collect();
        assert!(actions.failure().is_none());
        Ok(read)
    }
}

/// Tries one input.
pub fn run(data: &[u8]) {
    let Some((letter, file)) = data.split_first() else { return };
    let asked = Asked::of(*letter);
    let found = read(asked, file, 1 << 16);
    assert_eq!(found, read(asked, file, 3), "a small buffer reads otherwise");
    let found = match found {
        Ok(found) => found,
        Err(errors) => return said(&errors),
    };
    nothing_is_lost(asked, file, &found);
    let header = if asked.csv {
        CsvActions::new(file, &asked.limits()).expect("it was read").header().to_owned()
    } else {
        String::new()
    };
    let mut admitted = Vec::new();
    let (program, reference) = program(asked.tight);
    for record in &found {
        match record {
            Ok(record) => {
                reads_again(asked, &header, record);
                match program.validate(&record.action) {
                    Ok(()) => admitted.push(record.action.clone()),
                    Err(errors) => said(&errors),
                }
            }
            Err(reject) => rejected_again(asked, reject),
        }
    }
    super::decide(program, &admitted, reference);
}

/// Every fault says something, and not the whole input back.
fn said(errors: &FactErrors) {
    assert!(!errors.0.is_empty(), "rejected without a word");
    for error in &errors.0 {
        assert!(!error.message.is_empty());
        assert!(error.to_string().chars().count() < 2_000, "{error}");
    }
}

/// The text of actions and rejects is the text of the file.
fn nothing_is_lost(asked: Asked, file: &[u8], found: &Read) {
    let mut texts = Vec::new();
    let mut last = 0;
    for record in found {
        let (line, text, complete) = match record {
            Ok(record) => {
                assert!(record.first_line <= record.last_line);
                (record.first_line, record.text.as_bytes(), true)
            }
            Err(reject) => {
                said(&reject.errors);
                (reject.first_line, reject.text.as_slice(), reject.complete)
            }
        };
        assert!(line > last, "line {line} after line {last}");
        last = line;
        if !complete {
            return;
        }
        texts.extend_from_slice(text);
        texts.push(b'\n');
    }
    let of_file = lines(file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file), b"\r");
    // A text has lost the end of its line already; a carriage return that it ends with is its own.
    let texts = lines(&texts, b"");
    if asked.csv {
        // Before the rows there is a header, which may run over several lines.
        assert!(of_file.ends_with(&texts), "rows were lost or changed");
    } else {
        assert_eq!(texts, of_file, "lines were lost or changed");
    }
}

/// Lines without their ends, which may have this before the line feed, and without blank ones.
fn lines<'b>(bytes: &'b [u8], end: &[u8]) -> Vec<&'b [u8]> {
    bytes
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(end).unwrap_or(line))
        .filter(|line| !line.trim_ascii().is_empty())
        .collect()
}

/// An action reads the same from its own text, and from what is written of it.
fn reads_again(asked: Asked, header: &str, record: &Record) {
    let own = if asked.csv { format!("{header}\n{}", record.text) } else { record.text.clone() };
    let again = read(asked, own.as_bytes(), 1 << 16).expect("the header was read before");
    let again: Vec<_> = again.iter().map(|again| again.as_ref().map(|again| &again.action)).collect();
    assert_eq!(again, [Ok(&record.action)], "from {:?}", record.text);
    let written = serde_json::to_string(&record.action).expect("an action can be written");
    let again = read_action(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
    // A number is written as text, which no binary float comes near; an attribute's type is the program's to say.
    let mut expected = record.action.clone();
    for value in expected.attributes.values_mut() {
        if let Attribute::Number(number) = value {
            *value = Attribute::Text(number.0.normalize().to_string());
        }
    }
    assert_eq!(again, expected);
    assert_eq!(serde_json::to_string(&again).expect("an action can be written"), written);
}

/// A line that was rejected is rejected again, for the same reason.
fn rejected_again(asked: Asked, reject: &Reject) {
    // What stands at the beginning of a file may be a mark; rows that belong together are no longer together.
    if asked.csv || !reject.complete || reject.text.starts_with(b"\xEF\xBB\xBF") {
        return;
    }
    // With the longest end of a line, so that a carriage return of its own is not taken for one.
    let line = [reject.text.as_slice(), b"\r\n"].concat();
    let again = read(asked, &line, 1 << 16).expect("there is no header");
    let words = |errors: &FactErrors| errors.0.iter().map(|error| error.message.clone()).collect::<Vec<_>>();
    match again.as_slice() {
        [Err(again)] => assert_eq!(words(&again.errors), words(&reject.errors)),
        _ => panic!("{again:?} from {:?}", reject.text),
    }
}
