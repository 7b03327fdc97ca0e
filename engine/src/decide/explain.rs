//! An explanation in words: a decision, its trace and its terms enter; lines of text leave, as a receipt that a person
//! reads from top to bottom.
//!
//! Every line is generated from the data of the decision, and the arithmetic is done once more while it is written.
//! Nothing here decides anything.

use std::fmt::{self, Write as _};

use rust_decimal::Decimal;

use super::decision::{
    Decision, LimitTrace, Line, Outcome, PartnerPayout, Reason, RuleTrace, Seen, Status, Step, Trace,
    rounding_text,
};
use super::reasons;
use crate::facts::Action;
use crate::money::{Money, exact};
use crate::period::Period;
use crate::rule::Phase;
use crate::terms::{
    AddPer, Anchor, Choose, Contract, Edge, Effect, Limit, LimitMax, RoundingPlace, Scope, Terms, Verdict,
    Version,
};

/// The width that lines are wrapped at.
const WIDTH: usize = 80;
/// Where the second column begins.
const COLUMN: usize = 24;

/// Who reads an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader<'a> {
    /// The brand, who sees everything.
    Brand,
    /// A partner, who sees no other partner, no fraud signal, and nothing of how the brand's rules are written.
    Partner(&'a str),
}

/// How a line is meant, for whoever draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The name of a section.
    Heading,
    /// Something that holds.
    Plain,
    /// Something that was considered and does not apply, or a detail.
    Quiet,
    /// Money that is paid.
    Good,
    /// What holds a payout back for now, or marks it.
    Warning,
    /// What takes a payout away.
    Bad,
}

/// One line of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// How it is meant.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// An explanation, line by line. Its text is [`fmt::Display`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The lines.
    pub lines: Vec<Explained>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{}", line.text))
    }
}

/// Explains a decision. With a trace it says what every rule saw; without, only what came of them.
pub fn explain(decision: &Decision, action: &Action, terms: &Terms, reader: Reader<'_>) -> Explanation {
    let writer = Writer { out: Explanation::default(), decision, action, terms, reader };
    writer.write()
}

struct Writer<'a> {
    out: Explanation,
    decision: &'a Decision,
    action: &'a Action,
    terms: &'a Terms,
    reader: Reader<'a>,
}

impl<'a> Writer<'a> {
    fn write(mut self) -> Explanation {
        self.head();
        self.facts();
        let empty = Trace::default();
        let trace = self.decision.trace.as_ref().unwrap_or(&empty);
        self.credit(trace);
        self.contract();
        self.restrictions(trace);
        self.groups(trace);
        for payout in &self.decision.partners {
            if self.sees(&payout.partner) {
                self.payout(payout);
            }
        }
        self.limits(trace);
        self.notices();
        self.result();
        self.out
    }

    fn brand(&self) -> bool {
        self.reader == Reader::Brand
    }

    fn sees(&self, partner: &str) -> bool {
        match self.reader {
            Reader::Brand => true,
            Reader::Partner(own) => own == partner,
        }
    }

    fn version(&self) -> Option<(&'a Contract, &'a Version)> {
        let chosen = self.decision.contract.as_ref()?;
        let contract = self.terms.contracts.iter().find(|contract| contract.name == chosen.name)?;
        let version = contract.versions.iter().find(|version| version.number == chosen.version)?;
        Some((contract, version))
    }

    fn line(&mut self, tone: Tone, text: impl Into<String>) {
        self.out.lines.push(Explained { tone, text: text.into().trim_end().to_owned() });
    }

    fn heading(&mut self, text: impl Into<String>) {
        self.line(Tone::Plain, "");
        self.line(Tone::Heading, text);
    }

    /// A name and what there is to say about it, wrapped into the second column.
    fn row(&mut self, tone: Tone, name: &str, text: &str) {
        let mut lead = format!("  {name}");
        if width(&lead) >= COLUMN {
            self.line(tone, std::mem::take(&mut lead));
        }
        for part in wrap(text, WIDTH - COLUMN) {
            self.line(tone, format!("{lead:<COLUMN$}{part}"));
            lead.clear();
        }
    }

    /// A calculation and its result, which stands at the right edge.
    fn sum(&mut self, tone: Tone, text: &str, result: &str) {
        let text = format!("  {text}");
        let room = WIDTH.saturating_sub(width(result));
        if width(&text) + 1 > room {
            self.line(tone, text);
            self.line(tone, format!("{:>WIDTH$}", result));
        } else {
            let gap = room - width(&text);
            self.line(tone, format!("{text}{:gap$}{result}", ""));
        }
    }

    fn amount(&self, money: Money) -> String {
        amount(money, self.decision.currency.minor_digits())
    }

    fn head(&mut self) {
        let status = status_words(self.decision.status);
        let title = format!("Action {}", self.decision.action);
        let gap = WIDTH.saturating_sub(width(&title) + width(status)).max(2);
        self.line(Tone::Heading, format!("{title}{:gap$}{status}", ""));
        let text =
            format!("{} of {} · {}", self.decision.event_type, self.decision.occurred_at, self.terms.name);
        self.line(Tone::Quiet, text);
    }

    fn facts(&mut self) {
        if !self.brand() {
            return;
        }
        self.heading("What came in");
        let action = self.action;
        let currency = action.currency.unwrap_or(self.terms.currency);
        let money = |value: Money| format!("{} {currency}", amount(value, currency.minor_digits()));
        if let Some(order) = &action.order_id {
            self.row(Tone::Plain, "order", order);
        }
        let amounts = [
            ("amount", action.amount),
            ("subtotal", action.subtotal),
            ("discount", action.discount),
            ("tax", action.tax),
            ("shipping", action.shipping),
        ];
        for (name, value) in amounts {
            if let Some(value) = value {
                self.row(Tone::Plain, name, &money(value));
            }
        }
        for (n, item) in action.items.iter().enumerate() {
            let category = item.category.as_ref().map_or(String::new(), |category| format!(" ({category})"));
            let text = format!("{} × {}{category}, {}", item.quantity, item.sku, money(item.amount));
            self.row(Tone::Plain, if n == 0 { "items" } else { "" }, &text);
        }
        let customer = &action.customer;
        let parts = [&customer.id, &customer.status, &customer.country].into_iter().flatten();
        let mut parts: Vec<String> = parts.cloned().collect();
        if let Some(value) = customer.lifetime_value {
            parts.push(format!("{} spent before", money(value)));
        }
        if let Some(count) = customer.order_count {
            parts.push(format!("{count} {} before", if count == 1 { "order" } else { "orders" }));
        }
        if !parts.is_empty() {
            self.row(Tone::Plain, "customer", &parts.join(", "));
        }
        if !action.promo_codes.is_empty() {
            self.row(Tone::Plain, "promo codes", &action.promo_codes.join(", "));
        }
        if let Some(follows) = &action.follows {
            let text = format!("{} {} of {}", follows.event_type, follows.id, follows.occurred_at);
            self.row(Tone::Plain, "follows", &text);
        }
        if let Some(risk) = action.fraud.risk {
            self.row(Tone::Plain, "fraud risk", &risk.0.normalize().to_string());
        }
    }

    fn credit(&mut self, trace: &Trace) {
        if trace.credit.is_empty() && !self.action.touches.is_empty() {
            return;
        }
        self.heading("Who is credited");
        if trace.credit.is_empty() {
            self.row(Tone::Plain, "nobody", "no touch was reported");
            return;
        }
        for considered in &trace.credit {
            if !self.sees(&considered.partner) {
                continue;
            }
            let mut text = String::new();
            if let Some(touch) = self.action.touches.get(considered.touch as usize) {
                let _ = write!(text, "{} of {}", touch.kind.text(), touch.at);
                if let Some(creative) = &touch.creative {
                    let _ = write!(text, ", creative {creative}");
                }
                text.push_str(": ");
            }
            text.push_str(if considered.credited { "credited, " } else { "not credited, " });
            text.push_str(&considered.because);
            let tone = if considered.credited { Tone::Good } else { Tone::Quiet };
            self.row(tone, &considered.partner, &text);
        }
    }

    fn contract(&mut self) {
        let Some(chosen) = &self.decision.contract else { return };
        self.heading("Terms in force");
        self.row(Tone::Plain, "contract", &format!("{}, version {}", chosen.name, chosen.version));
        if !self.brand() {
            return;
        }
        let moment = match chosen.anchor {
            Anchor::Click => "the credited touch",
            Anchor::Event => "the event",
            Anchor::Submission => "the report",
        };
        self.row(Tone::Plain, "chosen by", &format!("{moment}, {}", chosen.terms_as_of));
        self.row(Tone::Quiet, "digest", &chosen.digest.short());
    }

    fn restrictions(&mut self, trace: &Trace) {
        if !self.brand() || trace.rules.iter().all(|rule| rule.phase != Phase::Restrict) {
            if !self.decision.reasons.is_empty() {
                self.heading("Why");
                self.reasons();
            }
            return;
        }
        self.heading("Restrictions");
        for rule in trace.rules.iter().filter(|rule| rule.phase == Phase::Restrict) {
            match &rule.outcome {
                Outcome::Restricted(verdict, reason) => {
                    let text = format!("{}: {}", verdict_words(*verdict), self.reason_text(reason));
                    self.row(verdict_tone(*verdict), &rule.rule, &text);
                }
                Outcome::Failed(kind) => {
                    self.row(Tone::Bad, &rule.rule, &format!("failed: {}", kind.message()));
                }
                _ => self.row(Tone::Quiet, &rule.rule, "does not apply"),
            }
            self.saw(&rule.saw);
        }
        // What no restriction said: a pause, no contract, a rule that failed elsewhere, a limit.
        let traced = |reason: &Reason| {
            let same = |rule: &&RuleTrace| rule.phase == Phase::Restrict && rule.rule == reason.rule;
            trace.rules.iter().any(|rule| same(&rule))
        };
        for reason in self.decision.reasons.iter().filter(|reason| !traced(reason)) {
            self.reason(reason);
        }
    }

    fn reasons(&mut self) {
        for reason in &self.decision.reasons {
            self.reason(reason);
        }
    }

    fn reason(&mut self, reason: &Reason) {
        let text = format!("{}: {}", verdict_words(reason.verdict), self.reason_text(&reason.code));
        // A partner learns nothing of a rule that reads fraud signals, nor of one that failed.
        let hidden = reason.rule.is_empty() || (!self.brand() && (reason.fraud || reason.fault.is_some()));
        let name = if hidden { &reason.code } else { &reason.rule };
        self.row(verdict_tone(reason.verdict), name, &text);
        if let (Some(fault), true) = (&reason.fault, self.brand()) {
            let mut text = fault.kind.message().to_owned();
            if let Some(place) = &fault.place {
                let _ = write!(text, ", in {}", place.file);
            }
            if !fault.text.is_empty() {
                let _ = write!(text, ": {}", fault.text);
            }
            self.row(Tone::Bad, "", &text);
        }
    }

    fn reason_text(&self, code: &str) -> String {
        match self.terms.reasons.get(code).map(String::as_str).or_else(|| reasons::text(code)) {
            Some(text) => format!("{text} ({code})"),
            None => code.to_owned(),
        }
    }

    /// The values that a rule saw.
    fn saw(&mut self, seen: &[Seen]) {
        if seen.is_empty() {
            return;
        }
        let text: Vec<String> = seen.iter().map(seen_words).collect();
        self.row(Tone::Quiet, "", &text.join(", "));
    }

    fn groups(&mut self, trace: &Trace) {
        let pays = |rule: &&RuleTrace| matches!(rule.phase, Phase::PayOrder | Phase::PayItem);
        if !self.brand() || !trace.rules.iter().any(|rule| pays(&rule)) {
            return;
        }
        let choose = self.version().map(|(_, version)| match version.payout.choose {
            Choose::First => ": the first that matches",
            Choose::Highest => ": the one that pays most",
            Choose::Stack => ": all that match",
            Choose::MostSpecific => ": the most specific that matches",
        });
        self.heading(format!("Payout groups{}", choose.unwrap_or_default()));
        let mut of: Option<u32> = None;
        for rule in trace.rules.iter().filter(pays) {
            if rule.item.is_some() && rule.item != of {
                of = rule.item;
                let sku = rule.item.and_then(|item| self.action.items.get(item as usize));
                let name = sku.map_or_else(|| "the whole order".to_owned(), |item| item.sku.clone());
                self.line(Tone::Plain, format!("  {name}"));
            }
            let (tone, text) = match &rule.outcome {
                Outcome::Chosen => (Tone::Plain, "chosen".to_owned()),
                Outcome::NotChosen(Some(money)) => {
                    (Tone::Quiet, format!("matches, not chosen: it would pay {}", self.amount(*money)))
                }
                Outcome::NotChosen(None) => (Tone::Quiet, "matches, not chosen".to_owned()),
                Outcome::Failed(kind) => (Tone::Bad, format!("failed: {}", kind.message())),
                Outcome::Amount(money) => (Tone::Plain, self.amount(*money)),
                Outcome::NotMatched | Outcome::Restricted(..) => (Tone::Quiet, "does not match".to_owned()),
            };
            let indent = if rule.item.is_some() { "  " } else { "" };
            self.row(tone, &format!("{indent}{}", rule.rule), &text);
            self.saw(&rule.saw);
        }
    }

    fn payout(&mut self, payout: &PartnerPayout) {
        self.heading(format!("Payout to {}, in {}", payout.partner, self.decision.currency));
        if self.brand() {
            self.base();
        }
        for line in &payout.lines {
            self.payout_line(payout, line);
        }
        let by_order = payout.rounding.place == RoundingPlace::Order;
        if by_order && payout.lines.len() > 1 {
            let mode = rounding_text(payout.rounding.mode);
            self.line(Tone::Quiet, format!("  the sum is rounded {mode} and shared out to the lines"));
        }
        if payout.lines.len() > 1 {
            self.sum(Tone::Plain, "sum of the lines", &self.amount(payout.payout));
        }
    }

    /// How the commissionable amount came about, where it is not simply the action's.
    fn base(&mut self) {
        let Some(trace) = &self.decision.trace else { return };
        for rule in &trace.rules {
            if let (Phase::OrderAmount | Phase::ItemAmount, Outcome::Amount(value)) =
                (rule.phase, &rule.outcome)
            {
                let of = rule.item.and_then(|item| self.action.items.get(item as usize));
                let of = of.map_or(String::new(), |item| format!(" of {}", item.sku));
                let name = match rule.rule.as_str() {
                    "amount.order" => "commissionable amount of the order",
                    "amount.item" => "commissionable amount",
                    "amount.spread" => "taken off the lines in proportion",
                    other => other,
                };
                self.sum(Tone::Quiet, &format!("{name}{of}"), &self.amount(*value));
                self.saw(&rule.saw);
            }
        }
    }

    fn payout_line(&mut self, payout: &PartnerPayout, line: &Line) {
        let name = match (&line.sku, line.quantity) {
            (Some(sku), 1) => sku.clone(),
            (Some(sku), quantity) => format!("{sku}, {quantity} units"),
            (None, _) => "the whole order".to_owned(),
        };
        self.sum(Tone::Plain, &format!("{name}: commissionable amount"), &self.amount(line.base));
        if line.steps.is_empty() {
            self.sum(Tone::Quiet, "  no group pays for it", &self.amount(line.payout));
            return;
        }
        for step in &line.steps {
            let text = format!("    {}", effect_words(&step.effect, payout.minor_digits));
            self.line(Tone::Plain, format!("{text:<40}by {}", step.group));
        }
        let formula = formula(line.base, line.quantity, &line.steps, payout.minor_digits);
        match Line::recompute(line.base, line.quantity, &line.steps) {
            Ok(exact) if exact == line.exact => {
                self.sum(Tone::Plain, &format!("  {formula} ="), &self.amount(exact));
            }
            _ => {
                self.sum(Tone::Bad, "  this does not recompute; it was decided as", &self.amount(line.exact))
            }
        }
        if line.earned != line.exact && payout.rounding.place == RoundingPlace::Item {
            let mode = rounding_text(payout.rounding.mode);
            self.sum(Tone::Plain, &format!("  rounded {mode}"), &self.amount(line.earned));
        } else if line.earned != line.exact {
            self.sum(Tone::Plain, "  its share of the rounded sum", &self.amount(line.earned));
        }
        if line.payout != line.earned {
            let what = if self.decision.limits.is_empty() { "  paid" } else { "  after limits" };
            self.sum(Tone::Warning, what, &self.amount(line.payout));
        }
    }

    fn limits(&mut self, trace: &Trace) {
        let traced = self.brand() && !trace.limits.is_empty();
        if !traced && self.decision.limits.is_empty() {
            return;
        }
        self.heading("Limits");
        if traced {
            for limit in &trace.limits {
                self.limit(limit);
            }
            return;
        }
        for cut in &self.decision.limits {
            let text = format!("took off {}", self.amount(cut.cut));
            self.row(Tone::Warning, &cut.limit, &text);
        }
    }

    fn limit(&mut self, limit: &LimitTrace) {
        let declared = self
            .version()
            .and_then(|(_, version)| version.limits.iter().find(|declared| declared.name == limit.limit));
        let counts = declared.is_some_and(|declared| matches!(declared.max, LimitMax::Count(_)));
        let shown = |value: Money| if counts { value.to_string() } else { self.amount(value) };
        let most = match declared.map(|declared| declared.max) {
            Some(LimitMax::Share(share)) => {
                format!("{}, {} of the commissionable amount,", shown(limit.max), percent(share))
            }
            Some(LimitMax::Count(_)) => format!("{} paid actions", shown(limit.max)),
            Some(LimitMax::Money(_)) | None => shown(limit.max),
        };
        let scope = declared.map_or_else(String::new, |declared| self.scope(declared));
        let text = format!(
            "at most {most}{scope}; {} used before; asked for {}, granted {}",
            shown(limit.used),
            self.amount(limit.asked),
            self.amount(limit.granted)
        );
        let cut = limit.granted < limit.asked;
        self.row(if cut { Tone::Warning } else { Tone::Quiet }, &limit.limit, &text);
        if let (true, Some(declared)) = (cut, declared) {
            let edge = match declared.edge {
                Edge::Remainder => "at its edge it pays what is left",
                Edge::AllOrNothing => "at its edge it pays nothing unless all fits",
                Edge::PayThenStop => "nothing is paid once it is used up",
            };
            self.row(Tone::Quiet, "", edge);
        }
    }

    /// What a limit holds for, such as ` for each partner and month`.
    fn scope(&self, limit: &Limit) -> String {
        let Some(meter) = limit.meter.and_then(|meter| self.terms.meters.get(meter)) else {
            return " for each action".to_owned();
        };
        let mut parts: Vec<String> = Vec::new();
        for scope in &meter.per {
            parts.extend(match scope {
                Scope::Action => Some("action".to_owned()),
                Scope::Order => Some("order".to_owned()),
                Scope::Customer => Some("customer".to_owned()),
                Scope::Click => Some("click".to_owned()),
                Scope::Partner => Some("partner".to_owned()),
                Scope::Group => Some("payout group".to_owned()),
                Scope::Program => None,
            });
        }
        let own = meter.per.iter().any(|scope| matches!(scope, Scope::Action | Scope::Order));
        match meter.period {
            _ if own => {}
            Period::Lifetime => {}
            Period::RollingDays(days) => parts.push(format!("{days} days")),
            Period::Contract => parts.push("contract".to_owned()),
            period => parts.push(period.to_string()),
        }
        if parts.is_empty() { String::new() } else { format!(" for each {}", parts.join(" and ")) }
    }

    fn notices(&mut self) {
        if self.decision.notices.is_empty() {
            return;
        }
        self.heading("Notices");
        for notice in &self.decision.notices {
            let text = self.reason_text(&notice.code);
            let name = if self.brand() { &notice.rule } else { &notice.code };
            self.row(Tone::Warning, name, &text);
        }
    }

    fn result(&mut self) {
        self.heading("Result");
        let decision = self.decision;
        let own: Vec<&PartnerPayout> =
            decision.partners.iter().filter(|own| self.sees(&own.partner)).collect();
        let tone = match decision.status {
            Status::Payable => Tone::Good,
            Status::Held => Tone::Warning,
            Status::Zero => Tone::Quiet,
            Status::Rejected => Tone::Bad,
        };
        for payout in &own {
            let text = format!("{} for {}", decision.status.text(), payout.partner);
            let paid = format!("{} {}", self.amount(payout.payout), decision.currency);
            self.sum(tone, &text, &paid);
        }
        if own.is_empty() {
            let paid = format!("{} {}", self.amount(Money::ZERO), decision.currency);
            self.sum(tone, decision.status.text(), &paid);
        }
        if let (Status::Held, release) = (decision.status, decision.release_at) {
            let text = release.map_or_else(|| "when a person decides".to_owned(), |at| at.to_string());
            self.row(Tone::Plain, "released", &text);
        }
        if !decision.counts {
            self.row(Tone::Quiet, "totals", "it does not count for totals and limits");
        }
        if self.brand() {
            self.row(Tone::Quiet, "fuel", &format!("{} for all rules", decision.fuel));
            self.row(Tone::Quiet, "engine", &decision.engine);
        }
        self.line(Tone::Quiet, format!("  receipt {}", decision.receipt));
    }
}

/// A status in the words of the head line.
fn status_words(status: Status) -> &'static str {
    match status {
        Status::Payable => "PAYABLE",
        Status::Held => "HELD",
        Status::Rejected => "REJECTED",
        Status::Zero => "ZERO",
    }
}

fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Flag => "flagged",
        Verdict::Zero => "pays nothing",
        Verdict::Hold => "held",
        Verdict::Reject => "rejected",
    }
}

fn verdict_tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Flag | Verdict::Hold => Tone::Warning,
        Verdict::Zero | Verdict::Reject => Tone::Bad,
    }
}

/// A fact and its value; an empty list or text is said to be none.
fn seen_words(seen: &Seen) -> String {
    format!("{} = {}", seen.fact, if seen.value.is_empty() { "none" } else { &seen.value })
}

fn effect_words(effect: &Effect, digits: u32) -> String {
    match effect {
        Effect::Rate(rate) => format!("rate {}", percent(*rate)),
        Effect::AddPoints(points) => format!("plus points {}", percent(*points)),
        Effect::Multiply(factor) => format!("all so far times {}", factor.normalize()),
        Effect::Add { amount: money, per } => {
            let per = match per {
                AddPer::Order => "for the order",
                AddPer::Item => "for the item",
                AddPer::Unit => "for each unit",
            };
            format!("plus {} {per}", amount(*money, digits))
        }
    }
}

/// The steps as one calculation: the base times its rate, plus amounts.
fn formula(base: Money, quantity: u32, steps: &[Step], digits: u32) -> String {
    let (mut rate, mut points, mut added) = (Vec::new(), Vec::new(), Vec::new());
    for step in steps {
        match step.effect {
            Effect::Rate(value) => rate = vec![percent(value)],
            Effect::AddPoints(value) => points.push(percent(value)),
            Effect::Multiply(factor) => {
                for part in [&mut rate, &mut points, &mut added] {
                    if !part.is_empty() {
                        let all = part.join(" + ");
                        let all = if part.len() > 1 { format!("({all})") } else { all };
                        *part = vec![format!("{all} × {}", factor.normalize())];
                    }
                }
            }
            Effect::Add { amount: money, per: AddPer::Unit } => {
                added.push(format!("{} × {quantity}", amount(money, digits)));
            }
            Effect::Add { amount: money, .. } => added.push(amount(money, digits)),
        }
    }
    let rates: Vec<String> = rate.into_iter().chain(points).collect();
    let mut terms = Vec::new();
    match rates.as_slice() {
        [] => {}
        [one] => terms.push(format!("{} × {one}", amount(base, digits))),
        many => terms.push(format!("{} × ({})", amount(base, digits), many.join(" + "))),
    }
    terms.extend(added);
    if terms.is_empty() { amount(Money::ZERO, digits) } else { terms.join(" + ") }
}

/// A fraction as a percentage.
fn percent(fraction: Decimal) -> String {
    match exact::mul(fraction, Decimal::ONE_HUNDRED) {
        Ok(percent) => format!("{}%", percent.normalize()),
        Err(_) => fraction.normalize().to_string(),
    }
}

/// An amount with at least this many decimals.
fn amount(money: Money, digits: u32) -> String {
    let mut value = money.0.normalize();
    if value.scale() < digits {
        value.rescale(digits);
    }
    value.to_string()
}

/// How many columns a text takes, near enough.
fn width(text: &str) -> usize {
    text.chars().count()
}

/// Breaks a text between words; a word that is longer than a line has a line of its own.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && width(&line) + 1 + width(word) > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn step(effect: Effect) -> Step {
        Step { group: "g".into(), effect }
    }

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_formula_says_what_recompute_does() {
        let add = |text: &str, per| step(Effect::Add { amount: Money(dec(text)), per });
        let steps = [
            step(Effect::Rate(dec("0.05"))),
            step(Effect::AddPoints(dec("0.01"))),
            add("2", AddPer::Unit),
            step(Effect::Multiply(dec("1.5"))),
            step(Effect::Rate(dec("0.08"))),
            add("5", AddPer::Order),
        ];
        let base = Money(dec("200"));
        assert_eq!(formula(base, 3, &steps, 2), "200.00 × (8% + 1% × 1.5) + 2.00 × 3 × 1.5 + 5.00");
        assert_eq!(Line::recompute(base, 3, &steps).unwrap(), Money(dec("33")));
        assert_eq!(formula(base, 1, &[], 0), "0");
    }

    #[test]
    fn text_is_wrapped_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("averylongword x", 5), ["averylongword", "x"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        assert_eq!(amount(Money(dec("5")), 2), "5.00");
        assert_eq!(amount(Money(dec("5.1234")), 2), "5.1234");
        assert_eq!(amount(Money(dec("1200")), 0), "1200");
    }
}
