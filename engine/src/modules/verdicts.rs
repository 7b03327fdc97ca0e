//! Reads the answer of a module as verdicts.

use super::pool::ModulePool;
use crate::codegen::entry::{self, Answer, EntryKind, Said};
use crate::lang::Value;
use crate::lang::catalog::{VERBS, Verb};
use crate::money::Money;
use crate::run::{LineVerdicts, MatchedGroup, MatchedRestriction, VerbCall, Verdicts};
use crate::terms::Version;
use crate::time::{Duration, date_at};

/// The index of the default payout, and of the line of the whole order, in entries.
const WHOLE: u32 = u32::MAX;

/// The restriction or payout group that the following verbs belong to.
#[derive(Clone, Copy)]
enum Speaker {
    Restriction,
    Group,
}

/// Returns the answer of a module as verdicts; `None` if the module gave up.
pub(super) fn read<'v>(pool: &'v ModulePool, answer: Answer<'_>, version: &Version) -> Option<Verdicts<'v>> {
    let mut verdicts = Verdicts { fuel: answer.fuel(), ..Verdicts::default() };
    let default = version.payout.groups.len();
    let mut speaking: Option<Speaker> = None;
    let mut entries = answer.entries()?;
    while !entries.is_empty() {
        let (said, rest) = entry::read(entries)?;
        entries = rest;
        let index = said.index as usize;
        let group = if said.index == WHOLE { default } else { index };
        let here = verdicts.calls.len()..verdicts.calls.len();
        match said.kind {
            EntryKind::Restriction => {
                verdicts.restrictions.push(MatchedRestriction { index, calls: None });
                speaking = None;
            }
            EntryKind::RestrictionSaid => {
                verdicts.restrictions.push(MatchedRestriction { index, calls: Some(here) });
                speaking = Some(Speaker::Restriction);
            }
            EntryKind::Line => {
                let item = (said.index != WHOLE).then_some(said.index);
                let groups = verdicts.groups.len()..verdicts.groups.len();
                verdicts.lines.push(LineVerdicts { item, groups });
            }
            EntryKind::GroupSaid => {
                verdicts.speakers.push((group, here));
                speaking = Some(Speaker::Group);
            }
            EntryKind::Group | EntryKind::Band => {
                let calls = match verdicts.speakers.last() {
                    Some((of, range)) if *of == group => range.clone(),
                    _ => 0..0,
                };
                let band = usize::try_from(said.first).ok()?;
                verdicts.groups.push(MatchedGroup { index: group, band, calls, traced_at: None });
                verdicts.lines.last_mut()?.groups.end = verdicts.groups.len();
            }
            EntryKind::Verb => {
                verdicts.calls.push(call(pool, &said)?);
                let end = verdicts.calls.len();
                match speaking? {
                    Speaker::Restriction => verdicts.restrictions.last_mut()?.calls.as_mut()?.end = end,
                    Speaker::Group => verdicts.speakers.last_mut()?.1.end = end,
                }
            }
            EntryKind::End | EntryKind::Value | EntryKind::Fault => return None,
        }
    }
    Some(verdicts)
}

/// Returns the verb of an entry.
pub(super) fn call<'v>(pool: &'v ModulePool, said: &Said) -> Option<VerbCall<'v>> {
    let verb = VERBS.get(usize::from(said.detail & 127))?.verb;
    Some(match verb {
        Verb::Reject | Verb::Hold | Verb::HoldUntil | Verb::Zero | Verb::Flag | Verb::Notice => {
            let symbol = usize::try_from(said.second).ok()?;
            let text = pool.loaded.module.layout.texts.get_index(symbol)?;
            let second = match (verb, said.detail & 128 != 0) {
                (_, false) => None,
                (Verb::HoldUntil, true) => Some(Value::Date(date_at(i32::try_from(said.first).ok()?)?)),
                (_, true) => Some(Value::Duration(Duration { seconds: said.first })),
            };
            VerbCall { verb, value: Value::Text(text), second }
        }
        Verb::Add | Verb::AddPerUnit | Verb::AddPerOrder => {
            VerbCall { verb, value: Value::Money(Money(said.number())), second: None }
        }
        Verb::Rate | Verb::AddPoints | Verb::Multiply => {
            VerbCall { verb, value: Value::Decimal(said.number()), second: None }
        }
    })
}
