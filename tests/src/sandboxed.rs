//! What the tests of the sandbox share: facts for a component, and an honest one.

use std::fs;

use accrue_sandbox::wit::types::{
    Action, Contract, Creative, Customer, Decimal, Device, Facts, Fraud, Moment, Money, Partner, Touch,
    TouchKind,
};
use accrue_sandbox::{Component, Role, Sandbox};

use crate::folder::root;

/// A sale on Saturday, 2026-03-07.
#[must_use]
pub fn facts() -> Facts {
    let text = str::to_owned;
    let at = Moment { seconds: 1_772_877_600, nanoseconds: 0, offset: 3600 };
    let amount = || Money { amount: Decimal { low: 12_050, high: 0, scale: 2 } };
    let touch = || Touch {
        partner: text("acme"),
        at,
        kind: TouchKind::Click,
        id: None,
        creative: None,
        property: None,
        landing_page: None,
        link_updated_at: None,
        sub_ids: Vec::new(),
    };
    Facts {
        action: Action {
            id: text("a1"),
            event_type: text("sale"),
            occurred_at: at,
            submitted_at: at,
            order_id: None,
            currency: text("EUR"),
            amount: amount(),
            base: amount(),
            subtotal: None,
            discount: None,
            tax: None,
            shipping: None,
            items: Vec::new(),
            promo_codes: Vec::new(),
            touches: vec![touch()],
        },
        item: None,
        customer: Customer {
            id: None,
            status: text("new"),
            lifetime_value: None,
            order_count: None,
            since: None,
            country: None,
            region: None,
            audiences: Vec::new(),
        },
        partner: Partner {
            id: text("acme"),
            kind: None,
            groups: Vec::new(),
            status: text("active"),
            properties: Vec::new(),
            country: None,
            parent: None,
            joined_at: None,
            attributes: Vec::new(),
        },
        touch: touch(),
        creative: Creative {
            id: None,
            status: text("none"),
            valid_from: None,
            valid_until: None,
            allowed: true,
        },
        follows: None,
        device: Device { kind: None, os: None },
        fraud: Fraud { risk: None, reasons: Vec::new() },
        contract: Contract {
            name: text("standard"),
            version: 1,
            started_at: at,
            currency: text("EUR"),
            minor_digits: 2,
        },
        params: Vec::new(),
        attributes: Vec::new(),
        totals: Vec::new(),
    }
}

/// The example in C, which pays 2.50 on a weekend.
///
/// # Panics
///
/// When it is not there.
#[allow(clippy::expect_used, reason = "it is part of the repository")]
pub fn honest(sandbox: &Sandbox) -> Component {
    let bytes =
        fs::read(root().join("rules-examples/marketplace/components/weekend.wasm")).expect("it can be read");
    sandbox.load(&bytes, Role::Payout).expect("it is a payout")
}
