//! What a module says of itself, for hosts that have nothing but its bytes: the custom section `accrue`, as JSON.

use indexmap::IndexSet;
use serde::Serialize;

use super::layout::{HEAD, LIST, ListHead, RecordHead, Slots, Stored};
use super::{INTERFACE, Layout, Mode};
use crate::terms::{Group, Terms, Version};

/// The name of the section.
pub(super) const SECTION: &str = "accrue";

/// A module in its own words.
#[derive(Serialize)]
struct Description<'a> {
    /// The version of the interface.
    interface: u32,
    /// How it runs rules.
    way: Mode,
    /// The first address that is the host's.
    free: u32,
    /// Offsets in the head of a record and of a list.
    record: RecordHead,
    list: ListHead,
    /// Where facts stand.
    action: Slotted,
    item: Slotted,
    touch: Slotted,
    /// Whether items and touches have to be there.
    items: bool,
    touches: bool,
    /// Texts by their symbol.
    texts: &'a IndexSet<String>,
    /// Names by the indexes in entries.
    restrictions: Vec<&'a str>,
    groups: Vec<&'a str>,
}

#[derive(Serialize)]
struct Slotted {
    bytes: u32,
    slots: Vec<Described>,
}

#[derive(Serialize)]
struct Described {
    fact: String,
    stored: Stored,
    offset: u32,
    flag: Option<u32>,
    full: bool,
}

/// The section's bytes.
pub(super) fn describe(terms: &Terms, version: &Version, layout: &Layout, way: Mode, free: u32) -> Vec<u8> {
    let slotted = |slots: &Slots| Slotted {
        bytes: slots.bytes,
        slots: slots
            .slots
            .iter()
            .map(|slot| Described {
                fact: slot.source.name(terms, version),
                stored: slot.stored,
                offset: slot.offset,
                flag: slot.flag,
                full: slot.full,
            })
            .collect(),
    };
    let description = Description {
        interface: INTERFACE,
        way,
        free,
        record: HEAD,
        list: LIST,
        action: slotted(&layout.action),
        item: slotted(&layout.item),
        touch: slotted(&layout.touch),
        items: layout.items,
        touches: layout.touches,
        texts: &layout.texts,
        restrictions: version.restrictions.iter().map(|restriction| restriction.name.as_str()).collect(),
        groups: version.groups().map(|group: &Group| group.name.as_str()).collect(),
    };
    // Names and numbers: there is nothing in it that could not be written.
    serde_json::to_vec(&description).unwrap_or_default()
}
