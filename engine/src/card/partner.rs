//! Tells what is known of the partner of a card: facts, promo codes, customers, pauses, and when the partner leaves.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::known::Known;
use super::model::Sentence;
use super::numbers;
use super::sentence::{joined, list, name, number, plain, say, words};
use super::words::Phrase;
use crate::facts::{Attribute, Fact, Partner, PauseTarget, PauseVerdict};
use crate::terms::Terms;
use crate::time::Timestamp;

/// Returns what is known of the partner of the card. `told` are the attributes of the partner that the card names.
pub(super) fn partner_notes(
    terms: &Terms,
    known: &Known<'_>,
    at: Option<NaiveDate>,
    told: &BTreeSet<u16>,
) -> Vec<Sentence> {
    let id = || name(known.id);
    let date = |at: Timestamp| number(numbers::moment(at, terms.zone), None);
    let mut notes = Vec::new();
    let mut facts = Vec::new();
    if let Some(partner) = known.partner {
        let texts = [
            (&partner.status, Phrase::FactStatus),
            (&partner.kind, Phrase::FactKind),
            (&partner.country, Phrase::FactCountry),
        ];
        facts.extend(
            texts.into_iter().filter_map(|(text, phrase)| Some(say(phrase, [name(text.as_ref()?.as_str())]))),
        );
        facts.extend(partner.joined_at.map(|at| say(Phrase::FactJoined, [date(at)])));
        // Only the attributes that the terms on the card name.
        for (key, declared) in told.iter().filter_map(|index| terms.attributes.get_index(usize::from(*index)))
        {
            let key = declared.of.name(key);
            let Some(value) = partner.attributes.get(key) else { continue };
            let value = match value {
                Attribute::Bool(value) => value.to_string(),
                Attribute::Number(number) => number.0.normalize().to_string(),
                Attribute::Text(text) => text.clone(),
            };
            facts.push(say(Phrase::FactAttribute, [name(key), plain(value)]));
        }
    }
    let below = partners_below(known);
    if below > 0 {
        facts.push(say(Phrase::FactBelow, [plain(below.to_string())]));
    }
    if facts.is_empty() {
        notes.push(say(Phrase::NoteNothingKnown, [id()]));
    } else {
        notes.push(say(Phrase::NotePartner, [id(), joined(facts, Phrase::Comma)]));
        notes.push(words(Phrase::NoteDropped));
    }
    let codes = known.reference.promo_codes.values();
    let codes = codes.filter(|code| code.owner.as_deref() == Some(known.id));
    let codes: Vec<Sentence> = codes.map(|code| name(code.code.as_str())).collect();
    if !codes.is_empty() {
        notes.push(say(Phrase::NoteCodes, [id(), list(codes, Phrase::And)]));
    }
    let standing = known.reference.standing_partners().filter(|standing| {
        standing.partner == known.id && (at.is_none() || standing.until.is_none_or(|until| until > known.at))
    });
    let standing = standing.count();
    if standing > 0 {
        notes.push(say(Phrase::NoteStanding, [id(), plain(standing.to_string())]));
    }
    for fact in known.reference.facts() {
        let Fact::Pause(pause) = fact else { continue };
        let is_own = pause.target == PauseTarget::Partner
            && pause.id.as_deref().is_some_and(|of| of.eq_ignore_ascii_case(known.id));
        let is_over = at.is_some() && pause.until.is_some_and(|until| until <= known.at);
        if !(is_own || pause.target == PauseTarget::Program) || is_over {
            continue;
        }
        notes.push(match (pause.verdict, pause.until) {
            (PauseVerdict::Reject, None) => say(Phrase::NotePaused, [date(pause.from)]),
            (PauseVerdict::Reject, Some(until)) => {
                say(Phrase::NotePausedUntil, [date(pause.from), date(until)])
            }
            (PauseVerdict::Hold, None) => say(Phrase::NoteCase, [date(pause.from)]),
            (PauseVerdict::Hold, Some(until)) => say(Phrase::NoteCaseUntil, [date(pause.from), date(until)]),
        });
    }
    if let Some(left) = known.reference.left_at(known.id) {
        notes.push(say(Phrase::NoteLeft, [id(), date(left)]));
    }
    notes
}

/// Returns how many partners have the partner of the card as their parent.
pub(super) fn partners_below(known: &Known<'_>) -> usize {
    let is_below = |of: &&Partner| of.parent.as_deref() == Some(known.id);
    known.reference.partners().filter(is_below).map(|of| &of.id).collect::<BTreeSet<_>>().len()
}
