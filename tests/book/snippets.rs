//! Blocks of contracts, rules and facts: a text and its tags enter, its fault leaves, if it has one.

use std::collections::BTreeSet;

use accrue::Source;
use accrue::diagnostic::{Code, Severity};
use accrue::facts::{CsvActions, CsvAdjustments, FactKind, JsonlActions, read_adjustment};
use accrue::{Engine, Limits, Reference};

use crate::scratch::{Scratch, program};

/// Folders and files that are a program's own, so that a path that begins so is one inside the book's program.
const OWN: &[&str] =
    &["program.toml", "contracts", "rules", "functions", "lists", "facts", "actions", "tests"];

/// `toml`, with a path in its first line, or `toml,contract`, or `toml,fragment`.
pub(crate) fn toml(tags: &[&str], text: &str, scratch: &Scratch) -> Result<(), String> {
    if tags.contains(&"fragment") {
        return text.parse::<toml::Table>().map(drop).map_err(|error| error.to_string());
    }
    if tags.contains(&"contract") {
        let file = "contracts/example.toml";
        let mut source = program();
        let head = source.text("example-head.toml").ok_or("docs/program/example-head.toml is missing")?;
        let text = format!("{head}\n{text}");
        source.insert(file, text);
        return loads(&source, file, tags);
    }
    let path = path(text, "# ").ok_or("a file of TOML begins with its path: `# contracts/standard.toml`")?;
    if !OWN.contains(&path.split('/').next().unwrap_or_default()) {
        scratch.write(path, text);
        return Ok(());
    }
    if path.starts_with("tests/") {
        return text.parse::<toml::Table>().map(drop).map_err(|error| error.to_string());
    }
    let mut source = program();
    source.insert(path, text);
    loads(&source, path, tags)
}

/// `rhai`, with a path in its first line, or `rhai,PHASE` with `expression` or `error=CODE`.
pub(crate) fn rhai(tags: &[&str], text: &str, scratch: &Scratch) -> Result<(), String> {
    let Some(phase) = tags.get(1) else {
        let path = path(text, "// ").ok_or("a rule file begins with its path: `// my-shop/rules/x.rhai`")?;
        if OWN.contains(&path.split('/').next().unwrap_or_default()) {
            return Err(format!("say what `{path}` is: `rhai,restrict`, `rhai,pay` or `rhai,item`"));
        }
        scratch.write(path, text);
        return Ok(());
    };
    let mut source = program();
    let contract =
        source.text("contracts/standard.toml").ok_or("the book's program has a contract")?.to_owned();
    let contract = match *phase {
        "item" => contract.replace("[payout]\n", "[payout]\nper = \"item\"\n"),
        "pay" | "restrict" => contract,
        other => return Err(format!("no phase `{other}`: restrict, pay or item")),
    };
    if !tags.contains(&"expression") {
        let file = if *phase == "restrict" { "rules/restrict.rhai" } else { "rules/pay.rhai" };
        source.insert("contracts/standard.toml", contract);
        source.insert(file, text);
        return loads(&source, file, tags);
    }
    let table = match *phase {
        "restrict" => format!(
            "[[restrictions]]\nname = \"snippet\"\nwhen = '''{text}'''\nverdict = \"flag\"\nreason = \"LARGE_ORDER\"\n"
        ),
        _ => format!("[[payout.groups]]\nname = \"snippet\"\nwhen = '''{text}'''\nrate = \"5%\"\n"),
    };
    source.insert("contracts/standard.toml", format!("{contract}\n{table}"));
    loads(&source, "contracts/standard.toml", tags)
}

/// Facts or actions of the book's program.
pub(crate) fn facts(language: &str, what: &str, text: &str, scratch: &Scratch) -> Result<(), String> {
    if let Some(path) = what.strip_prefix("file=") {
        scratch.write(path, text);
        return Ok(());
    }
    let name = format!("{what}.{language}");
    let limits = Limits::default();
    if what == "action" {
        return actions(language, text);
    }
    if what == "adjustments" && language == "csv" {
        let mut records =
            CsvAdjustments::new(text.as_bytes(), &limits).map_err(|errors| errors.to_string())?;
        return records.try_for_each(|record| record.map(drop).map_err(|reject| reject.errors.to_string()));
    }
    if what == "adjustments" {
        let read = |line| read_adjustment(line).map(drop).map_err(|error| error.to_string());
        return text.lines().try_for_each(read);
    }
    let kind =
        FactKind::of_stem(what).ok_or_else(|| format!("no facts `{what}`; docs/README.md lists them"))?;
    let mut reference = Reference::default();
    reference.read(kind, &name, text.as_bytes(), &limits).map_err(|errors| errors.to_string())?;
    if reference.facts().next().is_none() { Err("there is no fact".into()) } else { Ok(()) }
}

fn actions(language: &str, text: &str) -> Result<(), String> {
    let limits = Limits::default();
    let program = Engine::builder()
        .limits(limits.clone())
        .build()
        .load(&program())
        .map_err(|diagnostics| diagnostics.to_string())?;
    let records: Vec<_> = match language {
        "csv" => CsvActions::new(text.as_bytes(), &limits).map_err(|errors| errors.to_string())?.collect(),
        _ => JsonlActions::new(text.as_bytes(), &limits).collect(),
    };
    if records.is_empty() {
        return Err("there is no action".into());
    }
    for record in records {
        let record = record.map_err(|reject| reject.errors.to_string())?;
        program.validate(&record.action).map_err(|errors| errors.to_string())?;
    }
    Ok(())
}

/// Loads the program: without an error, or with exactly the `error=` of the tags in `file`.
fn loads(source: &Source, file: &str, tags: &[&str]) -> Result<(), String> {
    let diagnostics = match Engine::default().load(source) {
        Ok(program) => program.warnings().clone(),
        Err(diagnostics) => diagnostics,
    };
    let expected = tags.iter().find_map(|tag| tag.strip_prefix("error="));
    let Some(expected) = expected else {
        let errors: Vec<String> =
            diagnostics.iter().filter(|d| d.severity == Severity::Error).map(ToString::to_string).collect();
        return if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) };
    };
    let code = Code::ALL.iter().find(|code| code.text() == expected).ok_or("no such code")?;
    let found: BTreeSet<Code> = diagnostics
        .iter()
        .filter(|d| d.severity == code.severity() && d.place.as_ref().is_none_or(|place| place.file == file))
        .map(|d| d.code)
        .collect();
    if found == BTreeSet::from([*code]) {
        return Ok(());
    }
    Err(format!("expected {expected}, found: {diagnostics}"))
}

fn path<'a>(text: &'a str, comment: &str) -> Option<&'a str> {
    let first = text.lines().next()?.strip_prefix(comment)?;
    let path = first.split(':').next()?.trim();
    (path.contains('.') && !path.contains(' ')).then_some(path)
}
