//! Explains why a rule did not match, and what would have been enough.

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

fn sentence(part: &FailedPart, enough: Option<&str>) -> String {
    let FailedPart { text, fact, saw, wanted, nearest, missing, .. } = part;
    if fact.is_empty() {
        return format!("`{text}` does not hold");
    }
    let saw = if saw.is_empty() { "none" } else { saw };
    let Some(wanted) = wanted else { return format!("{fact} is {saw}, so `{text}` does not hold") };
    let apart = |word: &str| if missing.is_empty() { String::new() } else { format!(": {missing} {word}") };
    let (wanted, apart) = match wanted {
        Wanted::OneOf(values) => (or(values), String::new()),
        Wanted::NoneOf(values) => (format!("anything but {}", or(values)), String::new()),
        Wanted::AtLeast(value) => (format!("{value} or more"), apart("more")),
        Wanted::Above(value) => (format!("more than {value}"), apart("more")),
        Wanted::AtMost(value) => (format!("{value} or less"), apart("less")),
        Wanted::Below(value) => (format!("less than {value}"), apart("less")),
        Wanted::Containing(values) => (format!("a list with {}", or(values)), String::new()),
        Wanted::Text { how, part } => {
            let how = match how.as_str() {
                "starts_with" => "that starts with",
                "ends_with" => "that ends with",
                _ => "that contains",
            };
            (format!("a text {how} `{part}`"), String::new())
        }
        Wanted::Known => ("known".to_owned(), String::new()),
    };
    let (wanted, apart) = if is_moment(nearest) { in_time(&wanted, missing) } else { (wanted, apart) };
    match enough {
        Some(enough) => format!("{fact} is {saw}; {wanted} {enough}{apart}"),
        None => format!("{fact} is {saw}; it would have to be {wanted}{apart}"),
    }
}

/// Returns whether a value is a time or a date as traces write them.
fn is_moment(value: &str) -> bool {
    let mut parts = value.splitn(3, '-');
    let is_year =
        parts.next().is_some_and(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()));
    is_year && parts.next().is_some_and(|month| month.len() == 2)
}

/// Says of a time what is said of an amount.
fn in_time(wanted: &str, missing: &str) -> (String, String) {
    let (text, word) = if let Some(at) = wanted.strip_suffix(" or more") {
        (format!("{at} or later"), "later")
    } else if let Some(at) = wanted.strip_prefix("more than ") {
        (format!("later than {at}"), "later")
    } else if let Some(at) = wanted.strip_suffix(" or less") {
        (format!("{at} or earlier"), "earlier")
    } else if let Some(at) = wanted.strip_prefix("less than ") {
        (format!("earlier than {at}"), "earlier")
    } else {
        return (wanted.to_owned(), String::new());
    };
    (text, if missing.is_empty() { String::new() } else { format!(": {missing} {word}") })
}

/// Joins values by commas and `or`.
fn or(values: &[String]) -> String {
    match values {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
