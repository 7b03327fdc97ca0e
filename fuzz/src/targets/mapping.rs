//! The reader of mappings: a text enters. It is a mapping, or each of its errors has a sentence and a help.

use accrue_import::Mapping;

/// Tries one input.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Err(faults) = Mapping::parse("mapping.toml", text) else { return };
    assert!(!faults.0.is_empty(), "a mapping is refused without a word");
    for fault in faults.iter() {
        assert!(!fault.message.is_empty() && fault.help.is_some(), "{fault}");
        let place = fault.place.as_ref().expect("an error has a place");
        assert!(place.span.end as usize <= text.len(), "{fault} is behind the end of the file");
    }
}
