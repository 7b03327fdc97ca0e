//! Tests of the facts that a component sees, field by field, and of the limits that it runs under.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use accrue_sandbox::CallLimits;
use accrue_sandbox::wit::types::{Date, Duration, Money, NamedValue, Value as Seen};

use super::{answers, facts};
use crate::facts::{FactKind, read_action};
use crate::lang::TotalAt;
use crate::lang::Value;
use crate::limits::Limits;
use crate::run::{RuleInput, TotalAdds, TotalFacts, TotalSums};
use crate::terms::Source;
use crate::{Engine, Reference, Rules};

const COMPONENT: &[u8] = include_bytes!("../../../../rules-examples/marketplace/components/progressive.wasm");

#[test]
fn the_limits_of_a_program_begin_as_those_of_the_sandbox() {
    let ours = Limits::default();
    assert_eq!(answers::limits(&ours), CallLimits::default());
    let guard = accrue_sandbox::GuardLimits::default();
    assert_eq!(ours.component_bytes, guard.bytes);
    assert_eq!(ours.component_memory_bytes, accrue_sandbox::HostLimits::default().memory_bytes);
}

#[test]
fn a_component_sees_what_a_rule_sees() {
    let mut source = Source::from_files([
        (
            "program.toml",
            "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\ntime_zone = \"Europe/Madrid\"\n[event_types]\nsale = {}\n\
             [attributes]\nmargin = { type = \"decimal\" }\nnote = { type = \"text\" }\n",
        ),
        (
            "contracts/a.toml",
            "contract = \"a\"\nversion = 3\neffective_from = 2026-01-01\n[params]\nrate = \"2.5%\"\n\
             since = { date = \"2026-02-03\" }\nwait = { days = 2 }\ngold = { money = \"500.00\" }\n\
             [totals]\nmonth = { per = [\"partner\"], period = \"month\" }\n\
             [payout]\nper = \"item\"\n[payout.default]\ncomponent = \"components/p.wasm\"\n",
        ),
    ]);
    source.insert("components/p.wasm", COMPONENT);
    let program = Engine::builder().rules(Rules::Interpreted).build().load(&source).unwrap();
    let terms = program.terms();
    let contract = &terms.contracts[0];
    let version = &contract.versions[0];
    let (name, component) = version.components().next().unwrap();
    assert_eq!(
        (name, component.bytes, &*component.place.file),
        ("default", COMPONENT.len(), "components/p.wasm")
    );

    let mut reference = Reference::default();
    let codes = b"code,owner,valid_until\nSPRING,acme,2026-05-01T00:00:00Z\n";
    assert!(reference.read(FactKind::PromoCodes, "promo_codes.csv", codes, &Limits::default()).is_ok());
    let action = read_action(
        r#"{"id": "a1", "event_type": "sale", "occurred_at": "2026-07-01T23:30:00.5Z", "amount": "-120.50",
            "items": [{"sku": "x", "quantity": 2, "amount": "20.50"}, {"sku": "y", "category": "shoes", "quantity": 1,
            "amount": "100"}], "customer": {"status": "new", "order_count": 4}, "fraud": {"risk": "0.25", "reasons": ["proxy"]},
            "touches": [{"partner": "acme", "at": "2026-07-01T22:00:00Z", "kind": "code", "sub_ids": ["s1"]}]}"#,
    )
    .unwrap();
    let promo_codes = ["SPRING".to_owned(), "OTHER".to_owned()];
    let case = RuleInput {
        promo_codes: &promo_codes,
        attributes: vec![Value::Decimal("0.125".parse().unwrap()), Value::Unknown],
        totals: vec![TotalFacts {
            before: TotalSums {
                actions: 7,
                units: 9,
                revenue: "80.00".parse().unwrap(),
                distinct: 2,
                ..TotalSums::default()
            },
            this: Some(TotalAdds { units: 3, revenue: None, distinct: 1 }),
            earlier: vec![(TotalAt::Previous, TotalSums { actions: 4, ..TotalSums::default() })],
        }],
        base: "120.50".parse().unwrap(),
        item_bases: vec!["20.50".parse().unwrap(), "99.00".parse().unwrap()],
        item: Some(1),
        ..RuleInput::new(terms, contract, version, &action, &action.touches[0], &reference)
    };
    let seen = facts::facts(&case, component);
    let decimal = |text: &str| facts::decimal(text.parse().unwrap());
    let money = |text: &str| Money { amount: decimal(text) };

    // Two's complement of 128 bits, without trailing zeros.
    let amount = seen.action.amount.amount;
    assert_eq!((amount.low.wrapping_neg(), amount.high, amount.scale), (1_205, -1, 1));
    // Summer time in Madrid is two hours ahead.
    let at = seen.action.occurred_at;
    assert_eq!((at.seconds, at.nanoseconds, at.offset), (action.occurred_at.seconds(), 500_000_000, 7_200));
    assert_eq!((seen.action.subtotal, seen.action.order_id), (None, None));
    assert_eq!(seen.action.items.len(), 2);
    let item = seen.item.unwrap();
    assert_eq!((&*item.sku, item.category.as_deref(), item.quantity), ("y", Some("shoes"), 1));
    assert_eq!((item.amount, item.base), (money("100"), money("99.00")));
    let [spring, other] = seen.action.promo_codes.as_slice() else { panic!("{:?}", seen.action.promo_codes) };
    assert_eq!((spring.listed, spring.owner.as_deref()), (true, Some("acme")));
    assert_eq!(spring.valid_until.map(|at| at.offset), Some(7_200));
    assert_eq!((other.listed, &other.owner), (false, &None));
    assert_eq!((&*seen.customer.status, seen.customer.order_count), ("new", Some(4)));
    assert_eq!((seen.customer.id, seen.customer.lifetime_value), (None, None));
    assert_eq!((seen.fraud.risk, seen.fraud.reasons), (Some(decimal("0.25")), vec!["proxy".to_owned()]));
    assert_eq!(
        (&*seen.partner.status, &*seen.creative.status, seen.creative.allowed),
        ("active", "none", true)
    );
    assert_eq!(seen.touch.sub_ids, ["s1"]);
    assert_eq!((&*seen.contract.name, seen.contract.version, seen.contract.minor_digits), ("a", 3, 2));
    let param = |name: &str, value: Seen| NamedValue { name: name.to_owned(), value };
    assert_eq!(
        seen.params,
        [
            param("rate", Seen::Decimal(decimal("0.025"))),
            param("since", Seen::Date(Date { year: 2026, month: 2, day: 3 })),
            param("wait", Seen::Duration(Duration { seconds: 172_800 })),
            param("gold", Seen::Money(money("500.00"))),
        ]
    );
    let attributes: Vec<_> = seen.attributes.iter().map(|of| (&*of.name, of.value.clone())).collect();
    assert_eq!(attributes, [("margin", Some(Seen::Decimal(decimal("0.125")))), ("note", None)]);
    let total = &seen.totals[0];
    assert_eq!((&*total.name, total.actions_before, total.actions_with_this), ("month", 7, 8));
    assert_eq!((total.revenue_before, total.revenue_with_this), (money("80.00"), money("200.50")));
    assert_eq!((total.units_before, total.units_with_this), (9, 12));
    assert_eq!((total.distinct_before, total.distinct_with_this), (2, 3));
    assert_eq!(total.previous.map(|sums| sums.actions), Some(4));
}
