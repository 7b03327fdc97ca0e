//! Builds sentences: phrases with their places filled, and lists of sentences joined by words.

use super::model::{Origin, Piece, Sentence};
use super::words::Phrase;

/// Adds a piece to a sentence. Texts that follow each other become one piece.
fn push(sentence: &mut Sentence, piece: Piece) {
    match (sentence.last_mut(), piece) {
        (_, Piece::Text { text }) if text.is_empty() => {}
        (Some(Piece::Text { text: before }), Piece::Text { text }) => before.push_str(&text),
        (_, piece) => sentence.push(piece),
    }
}

/// Returns the sentence of a phrase, with `{0}` replaced by the first of the arguments and so on.
pub(super) fn say<const N: usize>(phrase: Phrase, arguments: [Sentence; N]) -> Sentence {
    fill(phrase.text(), arguments)
}

/// Returns the sentence of a text with numbers in braces, each replaced by its argument.
pub(super) fn fill<const N: usize>(text: &str, arguments: [Sentence; N]) -> Sentence {
    let mut said = Sentence::new();
    let mut rest = text;
    let mut arguments = arguments.map(Some);
    while let Some((before, after)) = rest.split_once('{') {
        push(&mut said, Piece::Text { text: before.to_owned() });
        let (number, after) = after.split_once('}').unwrap_or((after, ""));
        let index: usize = number.parse().unwrap_or(usize::MAX);
        // A phrase names each of its arguments once.
        let argument = arguments.get_mut(index).and_then(Option::take).unwrap_or_default();
        argument.into_iter().for_each(|piece| push(&mut said, piece));
        rest = after;
    }
    push(&mut said, Piece::Text { text: rest.to_owned() });
    said
}

/// Returns a phrase about a number: the first if the number is 1, else the second.
pub(super) fn counted(of: Sentence, one: Phrase, many: Phrase) -> Sentence {
    let is_one = matches!(of.as_slice(), [Piece::Number { text, .. }] if text == "1");
    say(if is_one { one } else { many }, [of])
}

/// Returns the sentence of a phrase without places.
pub(super) fn words(phrase: Phrase) -> Sentence {
    say(phrase, [])
}

/// Returns a sentence that is one text of the brand.
pub(super) fn plain(text: impl Into<String>) -> Sentence {
    vec![Piece::Text { text: text.into() }]
}

/// Returns a sentence that is one name of the contract.
pub(super) fn name(text: impl Into<String>) -> Sentence {
    vec![Piece::Name { text: text.into() }]
}

/// Returns a sentence that is one number.
pub(super) fn number(text: String, at: Option<Origin>) -> Sentence {
    vec![Piece::Number { text, at: at.into_iter().collect() }]
}

/// Returns sentences one after the other.
pub(super) fn all(parts: impl IntoIterator<Item = Sentence>) -> Sentence {
    let mut said = Sentence::new();
    parts.into_iter().flatten().for_each(|piece| push(&mut said, piece));
    said
}

/// Returns sentences joined by commas, the last two by a phrase such as `and`.
pub(super) fn list(parts: Vec<Sentence>, last: Phrase) -> Sentence {
    let count = parts.len();
    let mut said = Sentence::new();
    for (n, part) in parts.into_iter().enumerate() {
        if n > 0 {
            let between = if n.saturating_add(1) == count { last } else { Phrase::Comma };
            words(between).into_iter().for_each(|piece| push(&mut said, piece));
        }
        part.into_iter().for_each(|piece| push(&mut said, piece));
    }
    said
}

/// Returns sentences joined by one phrase.
pub(super) fn joined(parts: Vec<Sentence>, between: Phrase) -> Sentence {
    let mut said = Sentence::new();
    for (n, part) in parts.into_iter().enumerate() {
        if n > 0 {
            words(between).into_iter().for_each(|piece| push(&mut said, piece));
        }
        part.into_iter().for_each(|piece| push(&mut said, piece));
    }
    said
}

/// Returns a sentence with its first letter in upper case, unless it begins with a name or a number.
pub(super) fn capitalized(mut sentence: Sentence) -> Sentence {
    if let Some(Piece::Text { text }) = sentence.first_mut() {
        let mut letters = text.chars();
        if let Some(first) = letters.next() {
            *text = first.to_uppercase().chain(letters).collect();
        }
    }
    sentence
}

/// Returns a sentence without the origins of its numbers: it repeats what stands elsewhere.
pub(super) fn repeated(sentence: &[Piece]) -> Sentence {
    let pieces = sentence.iter().cloned().map(|piece| match piece {
        Piece::Number { text, .. } => Piece::Number { text, at: Vec::new() },
        other => other,
    });
    pieces.collect()
}

/// Returns the text of a sentence; names stand between backticks.
pub(super) fn text(sentence: &[Piece]) -> String {
    let mut text = String::new();
    for piece in sentence {
        match piece {
            Piece::Name { text: name } => {
                text.push('`');
                text.push_str(name);
                text.push('`');
            }
            other => text.push_str(other.text()),
        }
    }
    text
}
