//! Seeds: the cases that the repository has anyway enter, as inputs of each target, beside those kept in
//! `seeds/TARGET`. The same each time.

use accrue::Rules;
use std::fs;
use std::path::{Path, PathBuf};

use accrue::Source;
use accrue::facts::JsonlActions;
use accrue::{Engine, Limits};
use accrue_arrow::{action_batch, write_actions};
use accrue_bundle::{Contents, SecretKey};
use accrue_tests::choices::noise;
use accrue_tests::folder::{Folder, programs, root};
use accrue_tests::generate::program::program_toml;

use crate::Target;
use crate::targets::assist::PATHS;
use crate::targets::program::MARK;
use crate::targets::spreadsheet::{ods, xlsx};

/// How many inputs of a target that takes any bytes.
const NOISE: u32 = 40;

/// Bytes of a file of facts: some ten actions. More of them take longer to try and show no more.
const LONGEST_FILE: usize = 1_500;

/// The seeds of a target, each with a name: those kept for it, then those made of other cases.
pub fn of(target: &Target) -> Vec<(String, Vec<u8>)> {
    let kept = files(&root().join("fuzz/seeds").join(target.name)).into_iter().map(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        (name.unwrap_or_default(), read(&path))
    });
    let made = (0..).zip((target.seeds)()).map(|(n, seed): (u32, _)| (format!("case-{n:03}"), seed));
    kept.chain(made).collect()
}

/// Bytes for generators, of several lengths.
pub fn noise_seeds() -> Vec<Vec<u8>> {
    (0..NOISE).map(|seed| noise(seed, 50 * (seed as usize + 1))).collect()
}

/// Files of actions, good and bad, under both limits.
pub fn actions() -> Vec<Vec<u8>> {
    let folders = ["tests/malformed/actions", "tests/malformed/seeds"].map(|folder| root().join(folder));
    let mut seeds = Vec::new();
    for path in folders.iter().flat_map(|folder| files(folder)).chain(examples("actions")) {
        let letters = match ending(&path) {
            "csv" => b"cC",
            "jsonl" => b"jJ",
            _ => continue,
        };
        let file = beginning(read(&path), LONGEST_FILE);
        seeds.extend(letters.map(|letter| [&[letter], file.as_slice()].concat()));
    }
    seeds
}

/// Files of adjustments: those of the examples, and one of each kind.
pub fn adjustments() -> Vec<Vec<u8>> {
    let of_examples = examples("adjustments").into_iter().map(|path| {
        let letter = if ending(&path) == "csv" { b'c' } else { b'j' };
        [&[letter], beginning(read(&path), LONGEST_FILE).as_slice()].concat()
    });
    let kinds = [
        r#"{"kind":"reversal","amount":"33.33"}"#,
        r#"{"kind":"reversal","returned":[{"sku":"A","quantity":2},{"sku":"B"}]}"#,
        r#"{"kind":"modification","amount":"55.00","items":[{"sku":"A","quantity":1,"amount":"55.00"}]}"#,
        r#"{"kind":"enrichment","customer":{"status":"existing","lifetime_value":"500.00"},"attributes":{"x":true}}"#,
        r#"{"kind":"approval","partner":"p"}"#,
        r#"{"kind":"release"}"#,
        r#"{"kind":"rejection","reason":"fraud"}"#,
        r#"{"kind":"reversal"}"#,
    ];
    let lines = |kinds: &[&str]| {
        let line = |(n, kind): (usize, &&str)| {
            let rest = kind.trim_start_matches('{');
            format!(r#"{{"id":"n{n}","adjusts":"a1","occurred_at":"2026-03-{}T10:00:00Z",{rest}"#, 20 + n)
        };
        let lines: Vec<String> = kinds.iter().enumerate().map(line).collect();
        format!("j{}\n", lines.join("\n")).into_bytes()
    };
    let csv = "cid,adjusts,kind,occurred_at,amount,returned.sku,returned.quantity,customer.status,partner,reason\n\
        r1,a1,reversal,2026-03-12T10:00:00Z,,A,1,,,small\nr1,,,,,B,,,,\n\
        m1,a1,modification,2026-03-13T10:00:00Z,50.00,,,,,\ne1,a1,enrichment,2026-03-14T10:00:00Z,,,,existing,,\n";
    let one_by_one = kinds.iter().map(|kind| lines(&[*kind]));
    let decision = format!("d{}", crate::targets::adjustments::decision_text()).into_bytes();
    of_examples.chain(one_by_one).chain([lines(&kinds), csv.as_bytes().to_vec(), decision]).collect()
}

/// Actions in columns: some of every file of actions, and a few whole ones.
pub fn columns() -> Vec<Vec<u8>> {
    let folders = ["tests/malformed/actions", "tests/malformed/seeds"].map(|folder| root().join(folder));
    let files = folders.iter().flat_map(|folder| files(folder)).chain(examples("actions"));
    let mut seeds = Vec::new();
    for path in files.filter(|path| ending(path) == "jsonl") {
        let bytes = read(&path);
        let actions: Vec<_> = JsonlActions::new(bytes.as_slice(), &Limits::default())
            .filter_map(|read| Some(read.ok()?.action))
            .take(ROWS)
            .collect();
        for some in [1, actions.len()] {
            let batch =
                actions.get(..some).filter(|some| !some.is_empty()).and_then(|some| action_batch(some).ok());
            seeds.extend(batch.and_then(|batch| write_actions(Vec::new(), [batch]).ok()));
        }
    }
    seeds
}

/// Mappings, good and bad.
pub fn mapping() -> Vec<Vec<u8>> {
    let shipped = accrue_import::SHIPPED.iter().map(|shipped| shipped.text.as_bytes().to_vec());
    shipped
        .chain(imports().into_iter().filter(|path| ending(path) == "toml").map(|path| read(&path)))
        .collect()
}

/// Exports in CSV, for each mapping of the target.
pub fn dialect() -> Vec<Vec<u8>> {
    let exports =
        imports().into_iter().filter(|path| ["csv", "gz"].contains(&ending(path))).map(|path| read(&path));
    exports
        .zip(b"otws-".iter().cycle())
        .map(|(export, letter)| [&[*letter], export.as_slice()].concat())
        .collect()
}

/// Tables of groups, bands and limits, and those of wrong programs.
pub fn table() -> Vec<Vec<u8>> {
    let wrong = folders_of(&root().join("tests/diagnostics/terms")).into_iter();
    let wrong = wrong.map(|case| case.join("tables/rates.csv")).filter(|path| path.is_file());
    let wrong = wrong.map(|path| [b"-", &*read(&path)].concat());
    let right = [
        "-name,customer.country,action.amount,rate,add\ngold,DE | AT,>= 100,8%,5.00\nsmall,not FR,..50,1%,\n,,,2%,\n",
        "iitem.sku,item.attributes.grade,rate\nA-1,A,8%\nB-2 | C-3,unknown,1%\n",
        "spartner.attributes.level,promo_codes,points\n1..=3,SPRING,1%\n>= 4,,2%\n",
        "ccustomer.status,add.USD,add.EUR\nnew,5.00,4.50\n",
        "bfrom,rate\n0,1%\n50,2%\n100,params.gold\n",
        "lname,max,per,period,edge\nmonth,500.00,partner | customer,month,remainder\n",
    ]
    .map(|text| text.as_bytes().to_vec());
    right.into_iter().chain(wrong).collect()
}

/// Workbooks as their XML and as files.
pub fn spreadsheet() -> Vec<Vec<u8>> {
    let text =
        |place: &str, text: &str| format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let header =
        format!("<row r=\"1\">{}{}{}</row>", text("A1", "Order"), text("B1", "Date"), text("C1", "Total"));
    let row = "<row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\" s=\"1\"><v>46083.5</v></c><c r=\"C2\"><v>5.25</v></c></row>";
    let sheets = [
        "",
        &header,
        row,
        &format!("{header}{row}"),
        &format!("{header}{}", row.replace("<v>1", "<f>A1</f><v>1")),
    ]
    .map(|rows| format!("<worksheet><sheetData>{rows}</sheetData></worksheet>").into_bytes());
    let cell = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let header: String = ["Order", "Date", "Total"].map(cell).concat();
    let row = ["1", "02.03.2026", "5.25"].map(cell).concat();
    let tables = [String::new(), header.clone(), format!("{header}</table:table-row><table:table-row>{row}")]
        .map(|rows| {
            let table = format!(
                "<table:table table:name=\"a\"><table:table-row>{rows}</table:table-row></table:table>"
            );
            format!("<office:spreadsheet>{table}</office:spreadsheet>").into_bytes()
        });
    let mut seeds = Vec::new();
    for sheet in &sheets {
        seeds.push([b"x", sheet.as_slice()].concat());
        seeds.push([b"-", xlsx(sheet).as_slice()].concat());
    }
    for table in &tables {
        seeds.push([b"o", table.as_slice()].concat());
        seeds.push([b"-", ods(table).as_slice()].concat());
    }
    seeds
}

/// The files of the cases of imports.
fn imports() -> Vec<PathBuf> {
    folders_of(&root().join("tests/imports")).iter().flat_map(|case| files(case)).collect()
}

/// Rows of a file in columns.
const ROWS: usize = 20;

/// Files of reference facts.
pub fn reference() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for path in files(&root().join("tests/malformed/facts")).into_iter().chain(examples("facts")) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let letter = match name.split('.').next() {
            Some("creatives") => b'c',
            Some("promo_codes") => b'o',
            Some("rates") => b'r',
            Some("pauses") => b'u',
            _ => b'p',
        };
        let letter = match ending(&path) {
            "csv" => letter.to_ascii_uppercase(),
            "jsonl" => letter,
            _ => continue,
        };
        seeds.push([&[letter], beginning(read(&path), LONGEST_FILE).as_slice()].concat());
    }
    seeds
}

/// Every program that is small enough: examples, golden cases, wrong ones.
pub fn program() -> Vec<Vec<u8>> {
    let folders = ["rules-examples", "tests/golden"].map(|folder| root().join(folder));
    let mut seeds: Vec<Vec<u8>> = folders
        .iter()
        .flat_map(|folder| programs(folder).unwrap_or_default())
        .filter_map(|folder| Folder::read(&folder).ok())
        .map(|folder| joined(&folder.source))
        .collect();
    // A wrong program is the few files in which it differs from its base.
    for case in folders_of(&root().join("tests/diagnostics/terms")) {
        if let Ok(folder) = Folder::read(&case) {
            seeds.push(joined(&folder.source));
        }
    }
    seeds.retain(|seed| !seed.is_empty() && seed.len() <= 8_192);
    seeds
}

/// Every file of an example that an editor opens, with the letter of its kind.
pub fn assist() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for folder in programs(&root().join("rules-examples")).unwrap_or_default() {
        let Ok(folder) = Folder::read(&folder) else { continue };
        for path in folder.source.paths() {
            let of = |(_, known): &&(u8, &str)| known.split('/').next() == path.split('/').next();
            let Some((letter, _)) = PATHS.iter().find(of) else { continue };
            let bytes = folder.source.bytes(path).unwrap_or_default();
            seeds.push([&[*letter], bytes].concat());
        }
    }
    seeds.retain(|seed| seed.len() <= 4_096);
    seeds
}

fn joined(source: &Source) -> Vec<u8> {
    let mut text = Vec::new();
    for path in source.paths() {
        text.extend_from_slice(format!("{MARK}{path}\n").as_bytes());
        text.extend_from_slice(source.bytes(path).unwrap_or_default());
        text.push(b'\n');
    }
    text
}

/// A bundle of every program that is small enough, with its modules and without.
pub fn bundle() -> Vec<Vec<u8>> {
    let limits = Limits::default();
    let engine = Engine::builder().limits(limits.clone()).rules(Rules::Interpreted).build();
    let folders = ["rules-examples", "tests/golden"].map(|folder| root().join(folder));
    let programs = folders.iter().flat_map(|folder| programs(folder).unwrap_or_default());
    let mut seeds = Vec::new();
    for folder in programs.filter_map(|folder| Folder::read(&folder).ok()) {
        let Ok(program) = engine.load(&folder.source) else { continue };
        let whole = Contents::of(&program, folder.source);
        let bare = Contents { modules: std::collections::BTreeMap::new(), ..whole.clone() };
        for contents in [whole, bare] {
            seeds.extend(accrue_bundle::build(&contents, &limits, None));
        }
    }
    let key = SecretKey::from_seed([7; 32]);
    let source = Source::from_files([("program.toml", program_toml("USD"))]);
    let contents = Contents { program: "p".to_owned(), source, ..Contents::default() };
    seeds.extend(accrue_bundle::build(&contents, &limits, Some(&key)));
    seeds.retain(|seed| seed.len() <= 32_768);
    seeds
}

/// Every hostile component, as the module that it was before where it is one, and bytes to make others of.
#[cfg(feature = "sandbox")]
pub fn components() -> Vec<Vec<u8>> {
    let cases = files(&root().join("tests/hostile/components"));
    let case = |path: &PathBuf| {
        let bytes = wat::parse_bytes(&read(path)).expect("a case is well formed").into_owned();
        [&[0], bytes.as_slice()].concat()
    };
    let mut seeds: Vec<Vec<u8>> = cases.iter().map(case).filter(|seed| seed.len() <= 4_096).collect();
    for noise in noise_seeds() {
        seeds.extend([1, 2, 3].map(|kind| [&[kind], noise.as_slice()].concat()));
    }
    seeds
}

/// Every rule there is, right and wrong, in the phase it is for.
pub fn rule() -> Vec<Vec<u8>> {
    let edges = read(&root().join("tests/agreement/edges.rhai"));
    let edges = String::from_utf8_lossy(&edges).into_owned();
    let mut rules: Vec<(u8, String)> = edges.split("\n\n").map(|rule| (b'p', rule.to_owned())).collect();
    let folders =
        ["rules-examples", "tests/golden", "tests/diagnostics/rules"].map(|folder| root().join(folder));
    for folder in folders.iter().flat_map(|folder| folders_of(folder)) {
        for path in files(&folder.join("rules")) {
            let text = String::from_utf8_lossy(&read(&path)).into_owned();
            let restricts = ["reject(", "hold(", "zero(", "flag("].iter().any(|verb| text.contains(verb));
            rules.push((if restricts { b'r' } else { b'p' }, text));
        }
    }
    // The conditions of contracts, between the quotes of TOML.
    for path in folders.iter().flat_map(|folder| folders_of(folder)).flat_map(|f| files(&f.join("contracts")))
    {
        let text = String::from_utf8_lossy(&read(&path)).into_owned();
        for line in text.lines() {
            let condition =
                line.trim_start().strip_prefix("when = '").and_then(|rest| rest.split('\'').next());
            rules.extend(condition.map(|condition| (b'R', condition.to_owned())));
        }
    }
    rules.sort();
    rules.dedup();
    rules.retain(|(_, text)| text.len() <= 2_000);
    rules.into_iter().map(|(letter, text)| [&[letter, b'0'], text.as_bytes()].concat()).collect()
}

/// The files of a folder of every example, the largest left out.
fn examples(folder: &str) -> Vec<PathBuf> {
    let programs = programs(&root().join("rules-examples")).unwrap_or_default();
    programs.iter().flat_map(|program| files(&program.join(folder))).collect()
}

fn ending(path: &Path) -> &str {
    path.extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines that fit into so many bytes.
fn beginning(mut file: Vec<u8>, most: usize) -> Vec<u8> {
    if file.len() > most {
        let end = file[..most].iter().rposition(|byte| *byte == b'\n').map_or(most, |at| at + 1);
        file.truncate(end);
    }
    file
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = found.flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// The files of a folder, by name; none when there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_file()).collect()
}

fn folders_of(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_dir()).collect()
}
