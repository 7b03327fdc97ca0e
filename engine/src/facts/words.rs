//! Texts as rules compare them: the engine's own words among a brand's, the codes of countries, and characters that nobody sees. Also
//! how messages quote texts.

/// The statuses of a customer that have a meaning of their own in the rule language.
pub(crate) const CUSTOMER_STATUSES: &[&str] = &["new", "existing", "unknown"];

/// The status of a partner or a creative that has a meaning of its own in the rule language.
pub(crate) const STATUSES: &[&str] = &["active"];

/// The roles of partners in the path to an action.
pub(crate) const ROLES: &[&str] = &["introducer", "influencer", "closer"];

/// Returns the engine's word that a text is, in capital or small letters; `None` for a brand's own word.
pub(super) fn own_word_of(text: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().find(|word| text.eq_ignore_ascii_case(word)).copied()
}

/// Writes one of the engine's words in small letters. Leaves a brand's word as it is.
pub(super) fn own_word(text: &mut Option<String>, words: &[&'static str]) {
    if let Some(text) = text
        && let Some(word) = own_word_of(text, words)
        && text != word
    {
        word.clone_into(text);
    }
}

/// Writes the code of a country in capital letters.
pub(super) fn upper(country: &mut Option<String>) {
    if let Some(country) = country {
        country.make_ascii_uppercase();
    }
}

/// What is said of a text that is no code of a country.
pub(crate) const COUNTRY_HELP: &str = "write the two capital letters of ISO 3166, such as `DE`";

/// Returns whether a text has the form of the code of a country.
pub(crate) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Returns the message about a character that nobody sees: two texts that look the same would not be the same. An attribute may
/// have line breaks, tabs and no-break spaces, for notes and addresses.
pub(crate) fn unseen(text: &str, is_attribute: bool) -> Option<String> {
    // Quick test on bytes: each such character has a byte like these.
    if text.bytes().all(|byte| matches!(byte, 0x20..=0x7E)) {
        return None;
    }
    let found = text.chars().find(|c| match c {
        ' ' => false,
        '\n' | '\r' | '\t' => !is_attribute,
        c => is_unseen(*c) || c.is_whitespace() && !is_attribute,
    })?;
    Some(match found {
        '\n' | '\r' => "there is a line break in this text; take it out".to_owned(),
        '\t' => "there is a tab in this text; take it out".to_owned(),
        c => format!("there is a character that nobody sees in this text, {}; take it out", hidden_name(c)),
    })
}

/// Returns whether a character has no width, is not shown or turns the direction of writing. Of blanks, none is.
pub fn is_unseen(c: char) -> bool {
    match c {
        '\n' | '\r' | '\t' => false,
        c if c.is_control() => true,
        // Soft hyphen; marks that join or part letters; those that turn the direction of writing; fillers; byte order mark; variation
        // selectors; tags.
        '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{E0000}'..='\u{E0FFF}' => true,
        _ => false,
    }
}

/// Returns the characters of a source file that nobody sees, or that end a line only for some programs, with their bytes. The two
/// marks that choose how a sign is drawn, U+FE0E and U+FE0F, are let through: comments have emoji.
pub(crate) fn hidden_in_source(text: &str) -> impl Iterator<Item = (usize, char)> {
    // Nearly every file is free of them, and its bytes tell.
    let is_plain = text.bytes().all(|byte| matches!(byte, 0x20..=0x7E | b'\n' | b'\t'));
    let text = if is_plain { "" } else { text };
    text.char_indices().filter(|(at, c)| {
        let ends_line = match c {
            '\r' => text.as_bytes().get(at + 1) != Some(&b'\n'),
            _ => matches!(c, '\u{2028}' | '\u{2029}'),
        };
        let draws = matches!(c, '\u{FE0E}' | '\u{FE0F}');
        ends_line || is_unseen(*c) && !draws
    })
}

/// Returns the number of a character, and its name in Unicode if it is one that is met.
pub(crate) fn hidden_name(c: char) -> String {
    let name = match c {
        '\0' => " (null)",
        '\u{B}' => " (vertical tab)",
        '\u{C}' => " (form feed)",
        '\r' => " (carriage return)",
        '\u{85}' => " (next line)",
        '\u{AD}' => " (soft hyphen)",
        '\u{61C}' => " (Arabic letter mark)",
        '\u{200B}' => " (zero width space)",
        '\u{200C}' => " (zero width non-joiner)",
        '\u{200D}' => " (zero width joiner)",
        '\u{200E}' => " (left-to-right mark)",
        '\u{200F}' => " (right-to-left mark)",
        '\u{2028}' => " (line separator)",
        '\u{2029}' => " (paragraph separator)",
        '\u{202A}' => " (left-to-right embedding)",
        '\u{202B}' => " (right-to-left embedding)",
        '\u{202C}' => " (pop directional formatting)",
        '\u{202D}' => " (left-to-right override)",
        '\u{202E}' => " (right-to-left override)",
        '\u{2060}' => " (word joiner)",
        '\u{2066}' => " (left-to-right isolate)",
        '\u{2067}' => " (right-to-left isolate)",
        '\u{2068}' => " (first strong isolate)",
        '\u{2069}' => " (pop directional isolate)",
        '\u{FEFF}' => " (byte order mark)",
        _ => "",
    };
    format!("U+{:04X}{name}", u32::from(c))
}

/// Returns the message about a promo code that is more than one code: nobody would own it.
pub(crate) fn several_codes(code: &str) -> Option<&'static str> {
    code.contains([',', ';', '|']).then_some("this is more than one code; write each code by itself")
}

/// Returns a cell as a message quotes it.
pub(crate) fn shown(cell: &str) -> String {
    cell.chars().take(40).collect()
}

/// Returns names in backticks, separated by commas, with `last` before the last name.
pub(crate) fn and(names: &[&str], last: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}
