//! Reads facts from JSON, one record at a time. An error names the field and what was expected.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::action::Action;
use super::attribute::Attribute;
use super::error::FactError;
use super::words::and;
use crate::diagnostic::nearest;

/// Reads one action from JSON.
///
/// # Errors
///
/// [`FactError`] with the field at fault and what was expected.
///
/// ```
/// use accrue::facts::read_action;
/// let line = r#"{"id": "a1", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "19.9O"}"#;
/// let error = read_action(line).unwrap_err();
/// assert_eq!(error.field.as_deref(), Some("amount"));
/// assert!(error.message.contains("`19.9O` is not a decimal number"));
/// ```
pub fn read_action(line: &str) -> Result<Action, FactError> {
    let mut action: Action = read_json(line, "an action")?;
    action.tidy();
    Ok(action)
}

/// Returns the id of an action in a line of JSON, even if other fields are wrong. Returns `None` if the line is not JSON or has no
/// text as its id.
pub fn read_id(line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Id<'a> {
        #[serde(borrow)]
        id: Cow<'a, str>,
    }
    let Id { id } = serde_json::from_slice(line).ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// The most characters of a field's path that a message repeats: no real path is as long, and a hostile key may have a megabyte.
const PATH_CHARS: usize = 80;

/// Reads one record from JSON. `what` names the record in messages.
pub(super) fn read_json<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, FactError> {
    // Serde would read an array as a struct, field by field.
    if !text.trim_start().starts_with('{') {
        let message = format!("{what} is a JSON object between braces, such as `{{\"id\": \"a1\"}}`");
        return Err(FactError::whole(message));
    }
    serde_json::from_str(text).map_err(|error| explain::<T>(text, what, &error))
}

/// Reads the text again, slowly, to find the field, and says in plain words what was expected.
fn explain<T: DeserializeOwned>(text: &str, what: &str, error: &serde_json::Error) -> FactError {
    let message = error.to_string();
    let bare = message.rsplit_once(" at line ").map_or(message.as_str(), |(bare, _)| bare);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let path = match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Ok(_) => String::new(),
        Err(error) => error.path().to_string(),
    };
    let path: String = path.trim_end_matches('?').trim_end_matches('.').chars().take(PATH_CHARS).collect();
    if bare == "number out of range" {
        return FactError::field(path, "this number is too large");
    }
    if error.classify() != Category::Data {
        return FactError {
            field: None,
            line: None,
            column: column(text, error),
            message: syntax(bare, what),
        };
    }
    let inside = |name: &str| {
        let name: String = name.chars().take(PATH_CHARS).collect();
        match path.as_str() {
            "" => name,
            // The path already ends in the key at fault.
            path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
            path => format!("{path}.{name}"),
        }
    };
    if let Some(name) = quoted(bare, "missing field `") {
        return FactError::field(inside(name), "this field is missing");
    }
    if let Some(name) = quoted(bare, "duplicate field `") {
        return FactError::field(inside(name), "this field appears twice");
    }
    if let Some(name) = quoted(bare, "unknown field `") {
        let known: Vec<&str> = backticked(bare).skip(1).collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("there is no such field; did you mean `{near}`?"),
            None => format!("there is no such field; there are {}", and(&known, "and")),
        };
        return FactError::field(inside(name), hint);
    }
    let message = if let Some(name) = quoted(bare, "unknown variant `") {
        let known: Vec<&str> = backticked(bare).skip(1).collect();
        format!("`{name}` is not known here; write {}", and(&known, "or"))
    } else if let Some((got, expected)) = mismatch(bare) {
        format!("expected {}, but this is {}", plain_expected(expected), plain_got(got))
    } else {
        bare.to_owned()
    };
    FactError { field: (!path.is_empty()).then_some(path), line: None, column: None, message }
}

/// Returns the column, in characters, at which the text is at fault.
fn column(text: &str, error: &serde_json::Error) -> Option<u64> {
    let before = text.as_bytes().get(..error.column().min(text.len()))?;
    let characters = String::from_utf8_lossy(before).chars().count().max(1);
    (error.line() == 1).then(|| u64::try_from(characters).unwrap_or(u64::MAX))
}

fn syntax(bare: &str, what: &str) -> String {
    if bare.starts_with("EOF") {
        return format!("the text ends in the middle of {what}; it may have been cut off");
    }
    match bare {
        "trailing characters" => format!("there is more text after the end of {what}; write one on a line"),
        "recursion limit exceeded" => "this is nested too deeply".to_owned(),
        "trailing comma" => "there is a comma too many before the closing bracket".to_owned(),
        "key must be a string" => "the name of a field is written between double quotes".to_owned(),
        _ if bare.starts_with("control character") => {
            "there is a line break or another control character inside a text; write `\\n` for it".to_owned()
        }
        _ => format!("not valid JSON: {bare}"),
    }
}

/// Returns the name after `prefix`, up to the next backtick.
fn quoted<'a>(message: &'a str, prefix: &str) -> Option<&'a str> {
    message.strip_prefix(prefix)?.split_once('`').map(|(name, _)| name)
}

/// Returns every text in backticks.
fn backticked(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

/// Splits `invalid type: …, expected …` in two.
fn mismatch(message: &str) -> Option<(&str, &str)> {
    let rest = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    rest.rsplit_once(", expected ")
}

fn plain_expected(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" | "a character" | "string or map" => "text between quotes",
        "u32" => "a whole number that is not negative and at most 4294967295",
        "u8" | "u16" | "u64" | "usize" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "a boolean" => "true or false",
        "a sequence" => "a list between `[` and `]`",
        "a map" => "an object between `{` and `}`",
        other if other.starts_with("struct ") => "an object between `{` and `}`",
        other if other.starts_with("enum ") => "a word between quotes",
        other => other,
    }
}

fn plain_got(got: &str) -> String {
    match got {
        "null" => "null; leave the field out when it is not known".to_owned(),
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        other => {
            let other = other.strip_prefix("floating ").unwrap_or(other);
            let value = other.split_once(' ').map_or(other, |(_, value)| value);
            let shown: String = value.trim_matches(['`', '"']).chars().take(40).collect();
            if other.starts_with("string") { format!("the text `{shown}`") } else { format!("`{shown}`") }
        }
    }
}

/// Returns an action as a line of JSON that is read as the same action. Amounts are written as text, which is read as the same
/// amount; a number among the attributes stays a number, because as text it would be read as text.
///
/// # Errors
///
/// The error of the JSON library, which no action that was read causes.
///
/// ```
/// use accrue::facts::{read_action, write_action};
///
/// let line = r#"{"id": "a1", "event_type": "sale", "occurred_at": "2026-03-02T09:01:00Z", "attributes": {"visits": 3}}"#;
/// let action = read_action(line)?;
/// assert_eq!(read_action(&write_action(&action)?)?, action);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_action(action: &Action) -> serde_json::Result<String> {
    let mut bare = action.clone();
    let attributes = std::mem::take(&mut bare.attributes);
    let mut text = serde_json::to_string(&bare)?;
    if attributes.is_empty() {
        return Ok(text);
    }
    // An action has an id, so there is a field before the last brace.
    text.truncate(text.len().saturating_sub(1));
    text.push_str(",\"attributes\":{");
    for (n, (name, value)) in attributes.iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::to_string(name)?);
        text.push(':');
        match value {
            Attribute::Number(number) => text.push_str(&number.0.to_string()),
            Attribute::Bool(_) | Attribute::Text(_) => text.push_str(&serde_json::to_string(value)?),
        }
    }
    text.push_str("}}");
    Ok(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const HEAD: &str = r#""id": "a1", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z""#;

    fn fault(rest: &str) -> (String, String) {
        let error = read_action(&format!("{{{HEAD}, {rest}}}")).unwrap_err();
        (error.field.unwrap_or_default(), error.message)
    }

    #[test]
    fn decimals_are_read_from_their_text() {
        let action =
            read_action(&format!(r#"{{{HEAD}, "amount": 0.1000000000001e1, "tax": "1.10"}}"#)).unwrap();
        assert_eq!(action.amount.unwrap().to_string(), "1.000000000001");
        assert_eq!(action.tax.unwrap().to_string(), "1.1");
    }

    #[test]
    fn each_fault_names_its_field_and_what_was_expected() {
        let cases = [
            (r#""amount": "12,50""#, "amount", "`12,50` is not a decimal number"),
            (r#""amount": 1e999"#, "amount", "`1e999`"),
            (r#""amount": NaN"#, "", "not valid JSON"),
            (r#""amount": 0.1234567890123"#, "amount", "more than 12 decimals"),
            (r#""amount": 99999999999999999999999999999999"#, "amount", "too large"),
            (r#""amount": true"#, "amount", "`true` is not a decimal number"),
            (r#""items": [{"sku": "A", "amount": 1}, {"sku": "B"}]"#, "items[1].amount", "missing"),
            (r#""items": [{"sku": "A", "amount": "x"}]"#, "items[0].amount", "`x` is not a decimal"),
            (
                r#""items": [{"sku": "A", "amount": 1, "quantity": 1.5}]"#,
                "items[0].quantity",
                "expected a whole number",
            ),
            (r#""items": [{"sku": "A", "amount": 1, "quantity": -1}]"#, "items[0].quantity", "not negative"),
            (r#""items": {}"#, "items", "expected a list"),
            (r#""customer": null"#, "customer", "leave the field out"),
            (r#""custmer": {}"#, "custmer", "did you mean `customer`"),
            (r#""customer": {"staus": "new"}"#, "customer.staus", "did you mean `status`"),
            (
                r#""customer": {"status": 5}"#,
                "customer.status",
                "expected text between quotes, but this is `5`",
            ),
            (r#""currency": "EURO""#, "currency", "`EURO` is not an ISO 4217"),
            (r#""submitted_at": "2026-02-30T00:00:00Z""#, "submitted_at", "the calendar has no `2026-02-30`"),
            (r#""submitted_at": "2026-02-03T00:00:00""#, "submitted_at", "does not say its offset"),
            (r#""submitted_at": 5"#, "submitted_at", "expected text"),
            (
                r#""touches": [{"partner": "p", "at": "2026-03-01T10:00:00Z", "kind": "clik"}]"#,
                "touches[0].kind",
                "write `click`, `impression` or `code`",
            ),
            (r#""id": "a2""#, "id", "twice"),
            (r#""attributes": {"x": 1, "x": 2}"#, "attributes", "duplicate key `x`"),
            (r#""attributes": {"x": null}"#, "attributes.x", "leave it out"),
        ];
        for (text, field, message) in cases {
            let (got_field, got) = fault(text);
            assert_eq!(got_field, field, "{text}: {got}");
            assert!(got.contains(message), "{text}: {got}");
        }
    }

    #[test]
    fn broken_text_names_its_column() {
        let error = read_action(r#"{"id": "a1", "event_type": "sa"#).unwrap_err();
        assert!(error.message.contains("cut off"), "{error}");
        let error = read_action(r#"{"id": "a1",}"#).unwrap_err();
        assert_eq!(error.column, Some(13), "{error}");
        let deep = format!(r#"{{"id": {}"#, "[".repeat(200_000));
        assert!(read_action(&deep).is_err());
        let deep = format!(r#"{{{HEAD}, "attributes": {{"x": {}"#, "[".repeat(200_000));
        assert!(read_action(&deep).is_err());
        assert!(read_action("[1]").unwrap_err().message.contains("an action is a JSON object"));
        assert!(read_action(&format!("{{{HEAD}}} {{}}")).unwrap_err().message.contains("more text after"));
    }
}
