//! The description of a module as JSON in its custom section `accrue`, for hosts that have only its bytes.

use indexmap::IndexSet;
use serde::Serialize;

use super::layout::{HEAD, LIST, ListHead, RecordHead, Slots, Stored};
use super::{INTERFACE, Layout, Mode};
use crate::terms::{Group, Terms, Version};

/// The name of the section.
pub(super) const SECTION: &str = "accrue";

/// The description of a module.
#[derive(Serialize)]
struct Description<'a> {
    /// The version of the interface.
    interface: u32,
    /// How the module runs rules.
    way: Mode,
    /// The first address that belongs to the host.
    free: u32,
    /// Offsets in the head of a record and of a list.
    record: RecordHead,
    list: ListHead,
    /// The slots of each record.
    action: Slotted,
    item: Slotted,
    touch: Slotted,
    /// Whether the host must write items and touches.
    items: bool,
    touches: bool,
    /// Constant texts; the index of a text is its symbol.
    texts: &'a IndexSet<String>,
    /// Names; the indexes are those of entries.
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

/// Returns the bytes of the section.
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
    // Cannot fail: the description consists of names and numbers.
    serde_json::to_vec(&description).unwrap_or_default()
}
