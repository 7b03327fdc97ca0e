//! Draws what an analysis found: each finding over its source line, with the test that shows it.

use accrue::analyse::{Analysis, Answer, DraftComparison, Finding, Weight, Witness};
use accrue::diagnostic::{Code, Diagnostic};
use serde::Serialize;
use serde_json::{Value, json};

use super::diagnostics::{Texts, drawn_as, place_json};
use super::format::{plural, wrapped};
use super::terminal::{BOLD, DIM, RESET, clean, room};
use crate::source::folder::Folder;

/// Returns the findings for people, each with the test that shows it.
pub(crate) fn findings_text(analysis: &Analysis, folder: &Folder) -> String {
    let mut text = String::new();
    for finding in &analysis.findings {
        let (diagnostic, texts) = (diagnostic(finding), Texts::new(&folder.source));
        text.push_str(&drawn_as(&diagnostic, is_note(finding), &texts, &folder.name));
        for line in test_block(&finding.witness).lines() {
            text.push_str(&format!("  {DIM}{}{RESET}\n", clean(line)));
        }
        text.push('\n');
    }
    if !analysis.undecided.is_empty() {
        text.push_str(&format!("{BOLD}not decided{RESET}\n"));
        for undecided in &analysis.undecided {
            let name =
                if undecided.name.is_empty() { String::new() } else { format!(" `{}`", undecided.name) };
            let line =
                format!("{} version {}{name}: {}", undecided.contract, undecided.version, undecided.why);
            text.push_str(&wrapped(&clean(&line), 2, room()));
        }
        text.push('\n');
    }
    text
}

/// Returns how many findings there are.
pub(crate) fn findings_tally(analysis: &Analysis) -> String {
    let notes = analysis.findings.iter().filter(|finding| is_note(finding)).count();
    let warnings = analysis.findings.len().saturating_sub(notes);
    format!(
        "{}, {} by the deep check, {} not decided",
        plural(warnings as u64, "finding"),
        plural(notes as u64, "note"),
        analysis.undecided.len()
    )
}

fn is_note(finding: &Finding) -> bool {
    finding.weight == Weight::Note
}

fn diagnostic(finding: &Finding) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::Unused, Some(finding.place.clone()), finding.message.clone());
    let others = finding.others.iter();
    let diagnostic = others.fold(diagnostic, |diagnostic, other| {
        diagnostic.label(other.place.clone(), format!("this is `{}`", other.name))
    });
    if finding.help.is_empty() { diagnostic } else { diagnostic.help(finding.help.clone()) }
}

/// Returns the findings as JSON, each with the text of its test.
pub(crate) fn findings_json(analysis: &Analysis, folder: &Folder) -> Value {
    let texts = Texts::new(&folder.source);
    let finding = |finding: &Finding| {
        let mut value = json!(finding);
        if let Some(object) = value.as_object_mut() {
            object.insert("place".to_owned(), place_json(&finding.place, &texts));
            object.insert("test".to_owned(), json!(test_block(&finding.witness)));
        }
        value
    };
    json!({
        "findings": analysis.findings.iter().map(finding).collect::<Vec<_>>(),
        "undecided": analysis.undecided,
    })
}

/// Returns what a draft pays more or less than the current terms, for people.
pub(crate) fn comparison_text(comparison: &DraftComparison) -> String {
    let mut text = format!("{BOLD}The draft against the current terms{RESET}\n");
    for contract in &comparison.contracts {
        let answer = match contract.answer {
            Answer::Same => "pays the same for every action",
            Answer::NeverMore => "never pays more",
            Answer::NeverLess => "never pays less",
            Answer::MoreAndLess => "pays more for some actions and less for others",
            Answer::More => "pays more for some action; whether it ever pays less is not decided",
            Answer::Less => "pays less for some action; whether it ever pays more is not decided",
            Answer::Added => "is new",
            Answer::Removed => "is not in the draft",
            _ => "is not decided",
        };
        text.push_str(&wrapped(&clean(&format!("{}: {answer}", contract.contract)), 2, room()));
        for why in &contract.undecided {
            text.push_str(&wrapped(&clean(&format!("not decided: {why}")), 4, room()));
        }
        for difference in contract.more.iter().chain(&contract.less) {
            let line = format!(
                "for example: the draft pays {}, the current terms pay {}",
                difference.draft, difference.current
            );
            text.push_str(&wrapped(&line, 4, room()));
            for line in test_block(&difference.witness).lines() {
                text.push_str(&format!("    {DIM}{}{RESET}\n", clean(line)));
            }
            text.push('\n');
        }
    }
    text.push('\n');
    text
}

/// Returns the comparison as JSON, each action with the text of its test.
pub(crate) fn comparison_json(comparison: &DraftComparison) -> Value {
    let mut value = json!(comparison);
    let contracts = value.get_mut("contracts").and_then(Value::as_array_mut);
    for (value, contract) in contracts.into_iter().flatten().zip(&comparison.contracts) {
        for (key, difference) in [("more", &contract.more), ("less", &contract.less)] {
            let object = value.get_mut(key).and_then(Value::as_object_mut);
            if let (Some(object), Some(difference)) = (object, difference) {
                object.insert("test".to_owned(), json!(test_block(&difference.witness)));
            }
        }
    }
    value
}

/// A file of tests with one test.
#[derive(Serialize)]
struct File<'w> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    partners: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    creatives: Vec<Value>,
    tests: [Test<'w>; 1],
}

#[derive(Serialize)]
struct Test<'w> {
    it: &'w str,
    actions: Vec<InOrder>,
    expect: [InOrder; 1],
}

/// An object whose keys come in the order in which people write them.
struct InOrder(Value);

/// The keys that come first.
const FIRST: [&str; 5] = ["id", "action", "event_type", "occurred_at", "group"];

impl Serialize for InOrder {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries: Vec<(&String, &Value)> = self.0.as_object().into_iter().flatten().collect();
        let is_table = |value: &Value| match value {
            Value::Object(_) => true,
            Value::Array(entries) => entries.iter().any(Value::is_object),
            _ => false,
        };
        entries.sort_by_key(|(key, value)| {
            let rank = FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len());
            (is_table(value), rank)
        });
        serializer.collect_map(entries)
    }
}

/// Returns a witness as the text of a test file, which `accrue test` runs.
pub(crate) fn test_block(witness: &Witness) -> String {
    let fact = |fact: Option<Value>| fact.into_iter().map(plain).collect::<Vec<_>>();
    let mut expect = json!(witness.expect);
    if let Some(object) = expect.as_object_mut() {
        object.insert("action".to_owned(), json!(witness.action.id));
    }
    let actions = witness.history.iter().chain([&witness.action]);
    let actions = actions.map(|action| InOrder(plain(json!(action))));
    let file = File {
        partners: fact(witness.partner.as_ref().map(|partner| json!(partner))),
        creatives: fact(witness.creative.as_ref().map(|creative| json!(creative))),
        tests: [Test { it: &witness.it, actions: actions.collect(), expect: [InOrder(expect)] }],
    };
    // Every fact has only values that TOML has, since what is not known is left out.
    toml::to_string(&file).unwrap_or_default().trim_end().to_owned()
}

/// Returns a fact without what says nothing: empty lists and tables, and a quantity of one.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, plain(value)));
            Value::Object(entries.filter(|(_, value)| !is_nothing(value)).collect())
        }
        Value::Array(entries) => Value::Array(entries.into_iter().map(plain).collect()),
        other => other,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(entries) => entries.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    }
}
