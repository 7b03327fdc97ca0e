//! Explains why a rule did not match, and what would have been enough.

use super::partner_view::PartnerWanted;
use super::{Tone, Writer};
use crate::decide::{RuleTrace, Skipped, SkippedLimit};
use crate::lang::Phase;
use crate::why::{FailedPart, Wanted, WhyNot};

impl Writer<'_> {
    /// Adds why a rule did not match; if that cannot be said, the values that it saw.
    pub(super) fn rule_why_not(&mut self, rule: &RuleTrace) {
        match &rule.why_not {
            Some(why) => {
                let enough =
                    if rule.phase == Phase::Restrict { "would be restricted" } else { "would be enough" };
                self.why_not(why, enough);
            }
            None => self.saw(&rule.saw),
        }
    }

    /// Adds a sentence for each part that failed. `enough` says what would follow.
    pub(super) fn why_not(&mut self, why: &WhyNot, enough: &str) {
        for sentence in sentences(why, enough) {
            self.row(Tone::Quiet, "", &sentence);
        }
    }

    pub(super) fn skipped_limit(&mut self, limit: &SkippedLimit) {
        let text = match limit.because {
            Skipped::EventType => "is for other event types",
            Skipped::Condition => "does not count this action: its condition does not hold",
            Skipped::NotCredited => "counts actions of credited partners only",
            Skipped::KeyUnknown => "is skipped: a part of its key is not known",
            Skipped::NothingPaid => "nothing that it covers is paid",
        };
        self.row(Tone::Quiet, &limit.limit, text);
    }
}

/// Returns a sentence for each part that failed.
fn sentences(why: &WhyNot, enough: &str) -> Vec<String> {
    let alone = why.enough && why.parts.len() == 1;
    let mut sentences: Vec<String> =
        why.parts.iter().map(|part| sentence(part, alone.then_some(enough))).collect();
    if why.enough && !alone {
        sentences.push(format!("together that {enough}"));
    }
    sentences
}

/// Says what the facts that kept a group from matching would have to be, for a partner.
pub(super) fn wanted_words(wanted: &[PartnerWanted]) -> String {
    let words = |of: &PartnerWanted| {
        let (wanted, apart) = words(&of.wanted, &of.missing);
        format!("{} is {}; it would have to be {wanted}{apart}", of.fact, shown(&of.saw))
    };
    wanted.iter().map(words).collect::<Vec<_>>().join(", and ")
}

fn shown(saw: &str) -> &str {
    if saw.is_empty() { "none" } else { saw }
}

fn sentence(part: &FailedPart, enough: Option<&str>) -> String {
    let FailedPart { text, fact, saw, wanted, missing, .. } = part;
    if fact.is_empty() {
        return format!("`{text}` does not hold");
    }
    let saw = shown(saw);
    let Some(wanted) = wanted else { return format!("{fact} is {saw}, so `{text}` does not hold") };
    let (wanted, apart) = words(wanted, missing);
    match enough {
        Some(enough) => format!("{fact} is {saw}; {wanted} {enough}{apart}"),
        None => format!("{fact} is {saw}; it would have to be {wanted}{apart}"),
    }
}

/// Returns what a fact would have to be, and how far it is from that.
fn words(wanted: &Wanted, missing: &str) -> (String, String) {
    let bounded = |value: &str, [number, time]: [&str; 2], [more, later]: [&str; 2]| {
        let (words, word) = if is_moment(value) { (time, later) } else { (number, more) };
        let apart = if missing.is_empty() { String::new() } else { format!(": {missing} {word}") };
        (words.replace("{}", value), apart)
    };
    let up = ["more", "later"];
    let down = ["less", "earlier"];
    let words = match wanted {
        Wanted::AtLeast(value) => return bounded(value, ["{} or more", "{} or later"], up),
        Wanted::Above(value) => return bounded(value, ["more than {}", "later than {}"], up),
        Wanted::AtMost(value) => return bounded(value, ["{} or less", "{} or earlier"], down),
        Wanted::Below(value) => return bounded(value, ["less than {}", "earlier than {}"], down),
        Wanted::OneOf(values) => or(values),
        Wanted::NoneOf(values) => format!("anything but {}", or(values)),
        Wanted::Containing(values) => format!("a list with {}", or(values)),
        Wanted::Text { how, part } => {
            let how = match how.as_str() {
                "starts_with" => "starts with",
                "ends_with" => "ends with",
                _ => "contains",
            };
            format!("a text that {how} `{part}`")
        }
        Wanted::Known => "known".to_owned(),
    };
    (words, String::new())
}

/// Returns whether a value is a time or a date as traces write them.
fn is_moment(value: &str) -> bool {
    let mut parts = value.splitn(3, '-');
    let is_year =
        parts.next().is_some_and(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()));
    is_year && parts.next().is_some_and(|month| month.len() == 2)
}

/// Joins values by commas and `or`.
fn or(values: &[String]) -> String {
    match values {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
