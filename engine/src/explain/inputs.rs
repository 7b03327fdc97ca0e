//! Explains what a decision is made of: the action, its credit and the chosen contract.

use std::fmt::Write as _;

use super::numbers::amount;
use super::{Tone, Writer};
use crate::decide::{Award, Trace};
use crate::money::{Money, Number};
use crate::terms::Anchor;

impl Writer<'_> {
    pub(super) fn facts(&mut self) {
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
            let text = format!("{} {} of {}", follows.event_type, follows.id, self.time(follows.occurred_at));
            self.row(Tone::Plain, "follows", &text);
        }
        if let Some(risk) = action.fraud.risk {
            self.row(Tone::Plain, "fraud risk", &risk.0.normalize().to_string());
        }
    }

    pub(super) fn credit(&mut self, trace: &Trace) {
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
            if let Some(touch) = considered.touch.and_then(|touch| self.action.touches.get(touch as usize)) {
                let _ = write!(text, "{} of {}", touch.kind.text(), self.time(touch.at));
                if let Some(creative) = &touch.creative {
                    let _ = write!(text, ", creative {creative}");
                }
                text.push_str(": ");
            }
            text.push_str(if considered.credited { "credited, " } else { "not credited, " });
            text.push_str(&considered.because);
            let tone = if considered.credited { Tone::Good } else { Tone::Quiet };
            self.row(tone, &considered.partner, &text);
            if let (Some(why), true) = (&considered.why_not, self.brand()) {
                self.why_not(why, "would be enough");
            }
        }
    }

    pub(super) fn contract(&mut self, award: &Award) {
        let chosen = &award.contract;
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
        self.row(Tone::Plain, "chosen by", &format!("{moment}, {}", self.time(chosen.terms_as_of)));
        self.row(Tone::Quiet, "digest", &chosen.digest.short());
        if let Some(exchange) = &award.exchange {
            let Number(rate) = exchange.rate;
            let how = if exchange.to == award.currency { "multiplied" } else { "divided" };
            let text = format!(
                "1 {} is {} {} since {}: amounts are {how} by it",
                exchange.from,
                rate.normalize(),
                exchange.to,
                self.time(exchange.at)
            );
            self.row(Tone::Plain, "exchange rate", &text);
        }
    }
}
