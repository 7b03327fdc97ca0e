//! Writes an action, given as JSON, as a table of CSV.

use serde_json::Value;

/// Returns the table: a header, and a row for each item, touch and credit.
pub(crate) fn table(action: &Value) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut first: Vec<String> = Vec::new();
    let mut parts: Vec<Vec<(String, String)>> = Vec::new();
    for (name, value) in action.as_object().unwrap() {
        let record = match name.as_str() {
            "items" => Some("item"),
            "touches" => Some("touch"),
            "credits" => Some("credit"),
            _ => None,
        };
        match (record, value) {
            (Some(record), Value::Array(entries)) => {
                for entry in entries {
                    let mut cells = Vec::new();
                    for (field, value) in entry.as_object().unwrap() {
                        match value {
                            Value::Object(attributes) => cells.extend(
                                attributes
                                    .iter()
                                    .map(|(name, value)| (format!("{record}.{field}.{name}"), cell(value))),
                            ),
                            _ => cells.push((format!("{record}.{field}"), cell(value))),
                        }
                    }
                    parts.push(cells);
                }
            }
            (_, Value::Object(fields)) => {
                for (field, value) in fields {
                    names.push(format!("{name}.{field}"));
                    first.push(cell(value));
                }
            }
            _ => {
                names.push(name.clone());
                first.push(cell(value));
            }
        }
    }
    let of_action = names.len();
    for (name, _) in parts.iter().flatten() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names).unwrap();
    if parts.is_empty() {
        parts.push(Vec::new());
    }
    for part in &parts {
        let more = names[of_action..].iter().map(|name| {
            part.iter().find(|(of, _)| of == name).map_or_else(String::new, |(_, value)| value.clone())
        });
        writer.write_record(first.iter().cloned().chain(more)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// Returns the text of a value in a cell.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(entries) => entries.iter().map(cell).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}
