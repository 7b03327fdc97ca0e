//! What goes wrong with files and texts: a shop enters; the same facts with one fault leave, as a host would read them.

use accrue::Source;
use accrue::facts::FactKind;
use accrue_tests::choices::Choices;
use serde_json::Value;

use super::shop::{Class, File, Gate, Shop};

/// The inputs of a decision, as a host has them.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) source: Source,
    /// The named list of the source, for messages.
    pub(super) list: Vec<String>,
    pub(super) files: Vec<(FactKind, String, Vec<u8>)>,
    pub(super) action: Value,
    pub(super) action_is_csv: bool,
}

impl Inputs {
    /// The inputs of a shop before anything goes wrong.
    pub(super) fn of(shop: &Shop) -> Self {
        let files = shop.files.iter().map(|file| (file.kind, file.name(), file.bytes()));
        Self {
            source: shop.source(),
            list: shop.list.clone(),
            files: files.collect(),
            action: shop.action.clone(),
            action_is_csv: shop.action_is_csv,
        }
    }
}

/// Blanks that are written before or after a text.
const BLANKS: [&str; 7] = [" ", "\t", "\n", "\r\n", "\u{A0}", "\u{2003}", "\u{3000}"];

/// Characters that nobody sees.
const UNSEEN: [&str; 9] = [
    "\u{200B}",
    "\u{200C}",
    "\u{200D}",
    "\u{2060}",
    "\u{FEFF}",
    "\u{AD}",
    "\u{180E}",
    "\u{202E}",
    "\u{E0020}",
];

/// A fault of one text: of an id, a code or a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TextFault {
    BlankBefore,
    BlankAfter,
    Unseen,
    Upper,
    Lower,
    Swapped,
    SeveralCodes,
}

impl TextFault {
    pub(super) const ALL: [Self; 7] = [
        Self::BlankBefore,
        Self::BlankAfter,
        Self::Unseen,
        Self::Upper,
        Self::Lower,
        Self::Swapped,
        Self::SeveralCodes,
    ];

    /// The text with the fault; `None` if it does not change, or if the fault makes another text of it.
    fn of(self, text: &str, class: Class, is_code: bool, choices: &mut Choices<'_>) -> Option<String> {
        if text.is_empty() {
            return None;
        }
        let swapped = |letter: char| match letter.is_lowercase() {
            true => letter.to_uppercase().to_string(),
            false => letter.to_lowercase().to_string(),
        };
        let spoiled = match self {
            Self::BlankBefore => format!("{}{text}", choices.pick(&BLANKS)),
            Self::BlankAfter => format!("{text}{}", choices.pick(&BLANKS)),
            Self::Unseen => {
                let mut spoiled = text.to_owned();
                spoiled.insert_str(choices.below(text.len() + 1), choices.pick(&UNSEEN));
                spoiled
            }
            Self::Upper | Self::Lower | Self::Swapped if class != Class::Key => return None,
            Self::Upper => text.to_uppercase(),
            Self::Lower => text.to_lowercase(),
            Self::Swapped => text.chars().map(swapped).collect(),
            Self::SeveralCodes if is_code => {
                format!("ACME5{}{text}", choices.pick(&[",", ";", ", ", "|", "\n"]))
            }
            Self::SeveralCodes => return None,
        };
        (spoiled != text).then_some(spoiled)
    }
}

/// Where a text is.
#[derive(Clone, Debug)]
enum Place {
    Cell {
        file: usize,
        row: usize,
        column: usize,
    },
    Listed(usize),
    /// A JSON pointer into the action.
    Action(String),
}

/// Writes a fault into one text of the shop. `None` if it fits none of them.
pub(super) fn spoil_text(shop: &Shop, fault: TextFault, choices: &mut Choices<'_>) -> Option<Inputs> {
    let mut spoiled = shop.clone();
    let fitting: Vec<(Place, String)> = places(shop)
        .into_iter()
        .filter_map(|(place, text, class, is_code)| Some((place, fault.of(&text, class, is_code, choices)?)))
        .collect();
    if fitting.is_empty() {
        return None;
    }
    let (place, text) = fitting[choices.below(fitting.len())].clone();
    match place {
        Place::Cell { file, row, column } => spoiled.files[file].rows[row][column] = text,
        Place::Listed(at) => spoiled.list[at] = text,
        Place::Action(pointer) => *spoiled.action.pointer_mut(&pointer)? = text.into(),
    }
    Some(Inputs::of(&spoiled))
}

/// Every text of the shop's facts, with its class and whether it is a promo code.
fn places(shop: &Shop) -> Vec<(Place, String, Class, bool)> {
    let mut places = Vec::new();
    for (n, file) in shop.files.iter().enumerate() {
        for (row, cells) in file.rows.iter().enumerate() {
            for (column, ((name, class), cell)) in file.columns.iter().zip(cells).enumerate() {
                let place = Place::Cell { file: n, row, column };
                places.push((place, cell.clone(), *class, *name == "code"));
            }
        }
    }
    let of_list = if shop.gate == Gate::BannedCode { Class::Key } else { Class::Word };
    let listed = shop.list.iter().enumerate();
    places.extend(listed.map(|(at, value)| (Place::Listed(at), value.clone(), of_list, false)));
    let mut texts = Vec::new();
    walk(&shop.action, String::new(), &mut texts);
    places.extend(texts.into_iter().map(|(pointer, text)| {
        let class = match pointer.rsplit('/').next().unwrap_or_default() {
            "sku" => Class::Word,
            "amount" | "occurred_at" | "at" => Class::Typed,
            _ => Class::Key,
        };
        let is_code = pointer.starts_with("/promo_codes/");
        (Place::Action(pointer), text, class, is_code)
    }));
    places
}

fn walk(value: &Value, at: String, texts: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => texts.push((at, text.clone())),
        Value::Array(entries) => {
            entries.iter().enumerate().for_each(|(n, entry)| walk(entry, format!("{at}/{n}"), texts));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| walk(value, format!("{at}/{name}"), texts));
        }
        _ => {}
    }
}

/// A fault of a whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FileFault {
    Semicolons,
    Tabs,
    HeaderGone,
    HeaderMisspelt,
    HeaderInCapitals,
    HeaderOnly,
    Empty,
    ColumnMore,
    ColumnLess,
    CellMore,
    CellLess,
    BadCell,
    CutInRow,
    Latin1,
    Utf16,
    Utf16Swapped,
    Nul,
    Duplicate,
    Mark,
    NameInCapitals,
    OtherFormat,
    OpenQuote,
    OldLineEnds,
    WindowsLineEnds,
}

impl FileFault {
    pub(super) const ALL: [Self; 24] = [
        Self::Semicolons,
        Self::Tabs,
        Self::HeaderGone,
        Self::HeaderMisspelt,
        Self::HeaderInCapitals,
        Self::HeaderOnly,
        Self::Empty,
        Self::ColumnMore,
        Self::ColumnLess,
        Self::CellMore,
        Self::CellLess,
        Self::BadCell,
        Self::CutInRow,
        Self::Latin1,
        Self::Utf16,
        Self::Utf16Swapped,
        Self::Nul,
        Self::Duplicate,
        Self::Mark,
        Self::NameInCapitals,
        Self::OtherFormat,
        Self::OpenQuote,
        Self::OldLineEnds,
        Self::WindowsLineEnds,
    ];

    /// The name and the bytes of a file with the fault; `None` if this file cannot have it.
    fn of(self, file: &File, choices: &mut Choices<'_>) -> Option<(String, Vec<u8>)> {
        let mut file = file.clone();
        let mut name = file.name();
        let plain = file.bytes();
        let text = String::from_utf8(plain.clone()).ok()?;
        // Most often the row that closes the gate: the first one, or the pause that was added.
        let row = match choices.once_in(4) {
            true => choices.below(file.rows.len()),
            false if file.kind == FactKind::Pauses => file.rows.len() - 1,
            false => 0,
        };
        let bytes = match self {
            // Nothing tells a file without rows from a file whose rows are gone, except for partners: an empty list is a list.
            Self::HeaderOnly if file.kind == FactKind::Partners => {
                file.rows.clear();
                file.bytes()
            }
            Self::Empty if file.is_csv || file.kind == FactKind::Partners => Vec::new(),
            Self::HeaderOnly | Self::Empty => return None,
            Self::Semicolons => {
                text.replace(';', "\u{1}").replace(',', ";").replace('\u{1}', ",").into_bytes()
            }
            Self::Tabs => text.replace(',', "\t").into_bytes(),
            Self::HeaderGone if file.is_csv => text.split_once('\n')?.1.as_bytes().to_vec(),
            Self::ColumnMore if file.is_csv => text.replacen('\n', ",note\n", 1).into_bytes(),
            Self::ColumnLess if file.is_csv => {
                let (header, rows) = text.split_once('\n')?;
                format!("{}\n{rows}", header.rsplit_once(',')?.0).into_bytes()
            }
            Self::HeaderGone | Self::ColumnMore | Self::ColumnLess => return None,
            Self::HeaderMisspelt | Self::HeaderInCapitals => {
                let column = choices.below(file.columns.len());
                // In JSON Lines a field that a row leaves out is not spelt at all.
                if !file.is_csv && file.rows.iter().all(|row| row[column].is_empty()) {
                    return None;
                }
                let right = file.columns[column].0;
                file.columns[column].0 = misspelt(right, self)?;
                // A list stays a list under its other name.
                if !file.is_csv && File::is_list(right) {
                    return None;
                }
                file.bytes()
            }
            Self::CellMore | Self::CellLess if file.is_csv => {
                let mut lines = file.lines();
                let line = &mut lines[row + 1];
                match self {
                    Self::CellMore => line.push_str(",x"),
                    _ => line.truncate(line.rfind(',')?),
                }
                lines.join("\n").into_bytes()
            }
            Self::CellMore | Self::CellLess => return None,
            Self::BadCell => {
                let column = choices.below(file.columns.len());
                let (name, class) = file.columns[column];
                let bad = if class == Class::Typed || name == "target" { "soon" } else { "a\u{7}b" };
                file.rows[row][column] = bad.to_owned();
                file.bytes()
            }
            Self::CutInRow => {
                let lines = file.lines();
                let last = lines.last()?;
                // A cut inside of the last cell of CSV leaves a row that could be meant.
                let most = if file.is_csv { last.rfind(',')? } else { last.len() };
                let at = text.len() - 1 - last.len() + 1 + choices.below(most.saturating_sub(1).max(1));
                plain.get(..at)?.to_vec()
            }
            Self::Latin1 => {
                let column = choices.below(file.columns.len());
                file.rows[row][column].push('\u{FC}');
                let bytes = file.bytes();
                let at = bytes.windows(2).position(|two| two == [0xC3, 0xBC])?;
                [&bytes[..at], &[0xFC], &bytes[at + 2..]].concat()
            }
            Self::Utf16 => {
                [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
            }
            Self::Utf16Swapped => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Nul => [&plain[..], &[0, 0, 0]].concat(),
            Self::Duplicate if file.kind == FactKind::Rates || file.kind == FactKind::Pauses => return None,
            Self::Duplicate => {
                let key = file.columns.iter().position(|(name, _)| matches!(*name, "id" | "code"))?;
                let mut twice = vec![String::new(); file.columns.len()];
                twice[key].clone_from(&file.rows[row][key]);
                // Ids of partners are compared letter by letter.
                if file.kind != FactKind::Partners && choices.once_in(2) {
                    twice[key] = twice[key].to_lowercase();
                }
                let at = choices.below(file.rows.len() + 1);
                file.rows.insert(at, twice);
                file.bytes()
            }
            Self::Mark => [b"\xEF\xBB\xBF", &plain[..]].concat(),
            Self::NameInCapitals => {
                name = name.replace(".csv", ".CSV").replace(".jsonl", ".JSONL");
                plain
            }
            Self::OtherFormat => {
                name =
                    if file.is_csv { name.replace(".csv", ".jsonl") } else { name.replace(".jsonl", ".csv") };
                plain
            }
            Self::OpenQuote => {
                let mut lines = file.lines();
                let at = lines.len() - 1;
                lines[at].insert(0, '"');
                lines.join("\n").into_bytes()
            }
            Self::OldLineEnds => text.replace('\n', "\r").into_bytes(),
            Self::WindowsLineEnds => text.replace('\n', "\r\n").into_bytes(),
        };
        Some((name, bytes))
    }
}

/// Another spelling of the name of a column.
fn misspelt(right: &'static str, fault: FileFault) -> Option<&'static str> {
    let (wrong, capital) = match right {
        "id" => ("ident", "ID"),
        "kind" => ("kinds", "Kind"),
        "groups" => ("grups", "Groups"),
        "status" => ("state", "Status"),
        "properties" => ("property", "Properties"),
        "country" => ("contry", "Country"),
        "valid_from" => ("valid from", "Valid_From"),
        "valid_until" => ("valid_untill", "Valid_Until"),
        "partners" => ("partner", "Partners"),
        "code" => ("promo_code", "Code"),
        "owner" => ("partner", "Owner"),
        "from" => ("form", "From"),
        "to" => ("into", "To"),
        "at" => ("since", "At"),
        "rate" => ("rates", "Rate"),
        "target" => ("targets", "Target"),
        "until" => ("untill", "Until"),
        _ => return None,
    };
    Some(if fault == FileFault::HeaderMisspelt { wrong } else { capital })
}

/// Writes a fault into one file of the shop. `None` if it has no file that can have the fault.
pub(super) fn spoil_file(shop: &Shop, fault: FileFault, choices: &mut Choices<'_>) -> Option<Inputs> {
    let mut inputs = Inputs::of(shop);
    let needed = shop.files.iter().position(|file| Some(file.kind) == shop.gate.needs());
    let at = match needed {
        Some(needed) if !choices.once_in(4) => needed,
        _ => choices.below(shop.files.len()),
    };
    let (name, bytes) = fault.of(shop.files.get(at)?, choices)?;
    let file = inputs.files.get_mut(at)?;
    (file.1, file.2) = (name, bytes);
    Some(inputs)
}
