//! Tables of rules: rules that are refused, with the code and the place, and rules that are accepted, with their cost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use indexmap::IndexMap;

use super::*;
use crate::facts::NamedList;
use crate::lang::ir::{Const, ExprKind};
use crate::lang::types::Base;
use crate::lang::{AttributeOf, AttributeType, SharedFunctions, TotalName};
use crate::limits::Limits;
use crate::money::{Currency, Money, RoundingMode};
use crate::period::Period;
use crate::time::Duration;

struct World {
    attributes: IndexMap<String, AttributeType>,
    lists: IndexMap<String, NamedList>,
    reasons: IndexMap<String, String>,
    params: IndexMap<String, Const>,
    totals: Vec<TotalName>,
    functions: SharedFunctions,
    limits: Limits,
}

impl World {
    fn new() -> Self {
        let list = |values: &[&str]| NamedList::new(values.iter().map(|value| (*value).to_owned()));
        let names =
            |names: &[(&str, Const)]| names.iter().map(|(n, c)| ((*n).to_owned(), c.clone())).collect();
        let text = |base, required: bool| AttributeType {
            of: AttributeOf::Action,
            ty: Type { base, unknown: !required },
            required,
            values: Vec::new(),
        };
        Self {
            attributes: IndexMap::from([
                ("company_size".to_owned(), text(Base::Integer, false)),
                ("channel".to_owned(), text(Base::Text, true)),
            ]),
            lists: IndexMap::from([
                ("sale_skus".to_owned(), list(&["A", "B"])),
                ("codes".to_owned(), list(&["SPRING", "summer"])),
            ]),
            reasons: ["FRAUD", "EXPIRED_CREATIVE"].map(|code| (code.to_owned(), String::new())).into(),
            params: names(&[
                ("gold", Const::Money(Money(500.into()))),
                ("points", Const::Decimal("0.01".parse().unwrap())),
                ("grace_days", Const::Integer(3)),
                ("strict", Const::Bool(true)),
                ("stale_after", Const::Duration(Duration { seconds: 86_400 })),
            ]),
            totals: vec![
                TotalName {
                    name: "partner_month".to_owned(),
                    period: Period::Month,
                    has_measure: false,
                    has_distinct: false,
                    is_of_partner: true,
                },
                TotalName {
                    name: "margin".to_owned(),
                    period: Period::Lifetime,
                    has_measure: true,
                    has_distinct: true,
                    is_of_partner: false,
                },
            ],
            functions: SharedFunctions::default(),
            limits: Limits::default(),
        }
    }

    fn env(&self) -> Env<'_> {
        Env {
            event_types: vec!["sale", "lead"],
            attributes: &self.attributes,
            lists: &self.lists,
            reasons: &self.reasons,
            params: &self.params,
            totals: &self.totals,
            functions: &self.functions,
            currency: Currency::from_code("EUR").unwrap(),
            rounding: RoundingMode::default(),
            closing: None,
            several_currencies: false,
            limits: &self.limits,
        }
    }

    fn check(&self, text: &str, phase: Phase, form: Form) -> (Option<Checked>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let source = RuleSource { file: "rules/x.rhai", text, offset: 0 };
        let checked = check(&self.env(), &source, phase, form, &mut diagnostics);
        (checked, diagnostics)
    }
}

/// Returns codes and the text under their spans, in the order of the text.
fn found(text: &str, phase: Phase, form: Form) -> Vec<(String, String)> {
    let (_, diagnostics) = World::new().check(text, phase, form);
    let mut found: Vec<_> = diagnostics
        .iter()
        .map(|d| {
            let span = d.place.as_ref().unwrap().span;
            assert!(d.help.is_some(), "no help for {}: {} in {text}", d.code, d.message);
            (span, d.code.text().to_owned(), text[span.range()].to_owned())
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, code, word)| (code, word)).collect()
}

fn script(text: &str) -> Vec<(String, String)> {
    found(text, Phase::Restrict, Form::Script)
}

fn inline(text: &str) -> Vec<(String, String)> {
    found(text, Phase::PayOrder, Form::Expression(Type::BOOL))
}

fn one(code: &str, word: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), word.to_owned())]
}

#[test]
fn what_is_left_out_is_refused_at_its_word() {
    for (text, code, word) in [
        ("let f = |x| x;", "E301", "|"),
        ("let f = || 1;", "E301", "||"),
        ("let y = 1; let f = |x| x + y;", "E301", "|"),
        ("let f = Fn(\"g\");", "E301", "Fn"),
        ("let n = action.items.map(|x| x);", "E301", "map"),
        ("let n = action.items.filter(|x| true);", "E301", "filter"),
        ("action.items.sort(|a, b| 0);", "E301", "sort"),
        ("while params.strict { flag(\"FRAUD\"); }", "E302", "while"),
        ("loop { flag(\"FRAUD\"); }", "E302", "loop"),
        ("do { flag(\"FRAUD\"); } while params.strict;", "E302", "do"),
        ("fn f(n) { f(n) } f(1);", "E303", "f"),
        ("fn f(n) { g(n); } fn g(n) { f(n); } f(1);", "E303", "f"),
        ("eval(\"1 + 1\");", "E304", "eval"),
        ("import \"x\" as y;", "E305", "import"),
        ("let _x = y::z;", "E305", "y"),
        ("try { flag(\"FRAUD\"); } catch { }", "E306", "try"),
        ("throw \"x\";", "E306", "throw"),
        ("fn f() { this } f();", "E307", "this"),
        ("let m = #{ a: 1 };", "E308", "#{ a: 1 }"),
        ("let a = [1, 2];", "E309", "[1, 2]"),
        ("let a = action.items; let b = a[0];", "E309", "[0]"),
        ("let c = action.promo_codes; c.push(\"X\");", "E309", "push"),
        ("let s = customer.status + \"x\";", "E310", "+"),
        ("let s = customer.status; s += \"x\";", "E310", "+="),
        ("let s = customer.status.to_upper();", "E310", "to_upper"),
        ("let s = \"\"; s.pad(50000000, \"x\");", "E310", "pad"),
        ("let x = 2 ** 3;", "E311", "**"),
        ("let x = sqrt(2.0);", "E311", "sqrt"),
        ("let x = (2.0).exp();", "E311", "exp"),
        ("let x = 8 / 100;", "E312", "/"),
        ("let x = customer.order_count ?? 0; let y = x / 2;", "E312", "/"),
        ("let t = timestamp();", "E313", "timestamp"),
        ("let t = now();", "E313", "now"),
        ("let action = 1;", "E314", "action"),
        ("for touch in action.touches { flag(\"FRAUD\"); }", "E314", "touch"),
        ("fn reject(x) { x }", "E314", "reject"),
        ("fn f(customer) { customer } f(1);", "E314", "customer"),
        ("let params = 1;", "E314", "params"),
        ("action.amount = money(\"1\");", "E315", "action.amount"),
        ("params.gold = money(\"1\");", "E315", "params.gold"),
        ("let x = 5 & 3;", "E316", "&"),
        ("let x = 5 << 3;", "E316", "<<"),
        ("print(\"x\");", "E316", "print"),
        ("let x = action?.amount;", "E316", "?."),
        ("let x; x = 1;", "E316", "x"),
        ("let x = ();", "E316", "()"),
        ("let x = 0xff;", "E316", "0xff"),
        ("let x = 0; let y = 1 + { x = 5; 1 };", "E316", "x"),
        ("for i in 0..900 { flag(\"FRAUD\"); }", "E316", ".."),
    ] {
        let all = script(text);
        assert!(all.contains(&(code.to_owned(), word.to_owned())), "{text}: {all:?}");
        let errors: Vec<_> = all.iter().filter(|(code, _)| code.starts_with('E')).collect();
        assert_eq!(errors.len(), 1, "{text}: {all:?}");
    }
}

#[test]
fn names_and_types_are_checked_at_their_word() {
    for (text, code, word) in [
        ("action.amuont > 5", "E401", "amuont"),
        ("acton.amount > 5", "E401", "acton"),
        ("item.sku == \"A\"", "E401", "item"),
        ("status == \"new\"", "E401", "status"),
        ("rund(2.5) > 1.0", "E402", "rund"),
        ("customer.status.begins_with(\"n\")", "E402", "begins_with"),
        ("starts_with(customer.status, \"n\")", "E402", "starts_with"),
        ("reject(\"FRAUD\")", "E403", "reject"),
        ("action.amount", "E404", "action.amount"),
        ("action.amount + 5 > money(\"6\")", "E404", "5"),
        ("action.amount > params.points", "E404", "params.points"),
        ("action.amount * action.amount > 5", "E404", "*"),
        ("customer.status > \"a\"", "E404", ">"),
        ("customer.status == 5", "E404", "=="),
        ("1 < 2 < 3", "E404", "<"),
        ("action.occurred_at > action.occurred_at.date", "E404", ">"),
        ("action.occurred_at - touch.at > 30", "E404", ">"),
        ("\"a\" in customer.status", "E404", "customer.status"),
        ("!action.amount", "E404", "action.amount"),
        ("customer.country == \"DE\"", "E405", "customer.country"),
        ("attributes.company_size > 5", "E405", "attributes.company_size"),
        ("follows.event_type == \"sale\"", "E405", "follows"),
        ("promo_owner(\"SPRING\") == partner.id", "E405", "promo_owner(\"SPRING\")"),
        ("known(customer.country) || customer.country == \"DE\"", "E405", "customer.country"),
        ("min(1) == 1", "E406", "min"),
        ("customer.status.contains() ", "E406", "contains"),
        ("action.amount > money(\"1,5\")", "E407", "\"1,5\""),
        ("action.amount > money(5)", "E407", "5"),
        ("action.occurred_at.date > date(\"2026-02-30\")", "E407", "\"2026-02-30\""),
        ("action.occurred_at > time(\"2026-01-01\")", "E407", "\"2026-01-01\""),
        ("action.event_type == \"sael\"", "E408", "\"sael\""),
        ("action.event_type in [\"sale\", \"leed\"]", "E408", "\"leed\""),
        ("touch.kind == \"clik\"", "E408", "\"clik\""),
        ("params.golf > money(\"1\")", "E408", "golf"),
        ("\"A\" in lists.sale_sku", "E408", "sale_sku"),
        ("totals.partner_moth.actions.before > 5", "E408", "partner_moth"),
        ("attributes.chanel == \"x\"", "E408", "chanel"),
        ("if params.strict { true } else { 1 }", "E409", "1"),
        ("if params.strict { true }", "E409", "if"),
        ("\"spring\" in action.promo_codes", "E411", "\"spring\""),
        ("action.amount == 1.999", "W608", "1.999"),
        ("action.amount < money(\"0.001\")", "W608", "money(\"0.001\")"),
        ("let x = 1; x == 1", "E300", "x == 1"),
        ("known(customer.status)", "W609", "known(customer.status)"),
        ("(customer.status ?? \"x\") == \"new\"", "W609", "\"x\""),
        ("0.1234567890123 > params.points", "E407", "0.1234567890123"),
        ("totals.partner_month.payouts.with_this > 5", "E401", "with_this"),
        ("totals.partner_month.payable.with_this > 5", "E401", "with_this"),
        ("totals.partner_month.measured.before > 5", "E401", "measured"),
        ("totals.partner_month.distinct.before > 5", "E401", "distinct"),
        ("totals.partner_month.previous > 5", "E401", "previous"),
        ("totals.partner_month.previous.action > 5", "E401", "action"),
        ("totals.partner_month.at(\"2026-3\").actions > 5", "E106", "\"2026-3\""),
        ("totals.partner_month.at(\"2026-03-05\").actions > 5", "E106", "\"2026-03-05\""),
        ("totals.partner_month.at(action.id).actions > 5", "E404", "at"),
        ("totals.partner_month.since(\"2026-03\").actions > 5", "E401", "since"),
        ("totals.margin.revenue.before > 5", "E401", "revenue"),
        ("totals.margin.previous.actions > 5", "E401", "previous"),
        ("totals.margin.at(\"2026\").actions > 5", "E401", "at"),
        ("creative.expired_at(5)", "E404", "5"),
        ("action.items in lists.sale_skus", "E404", "action.items"),
        ("switch action.event_type { \"sael\" => true, _ => false }", "E408", "\"sael\""),
        ("switch action.amount { 1 => true, _ => false }", "E404", "action.amount"),
        ("switch params.grace_days { 1 => true, \"x\" => true, _ => false }", "E404", "\"x\""),
        ("switch params.grace_days { 1 => true, 1 => true, _ => false }", "W609", "1"),
    ] {
        assert_eq!(inline(text), one(code, word), "{text}");
    }
}

#[test]
fn statements_are_checked_at_their_word() {
    for (text, code, word) in [
        ("rate(percent(8));", "E403", "rate"),
        ("reject(\"FROD\");", "E408", "\"FROD\""),
        ("let c = \"FRAUD\"; reject(c);", "E404", "c"),
        ("hold(\"FRAUD\", 30);", "E404", "30"),
        ("reject();", "E406", "reject"),
        ("fn f(a) { a } f(1, 2);", "E406", "f"),
        ("let x = reject(\"FRAUD\");", "E404", "reject"),
        ("let x = 1; x = 2.5;", "E404", "2.5"),
        ("let x = 1.5; x += money(\"1\");", "E404", "x"),
        ("y = 1;", "E401", "y"),
        ("for x in customer.status { flag(\"FRAUD\"); }", "E404", "customer.status"),
        ("for c in lists.codes { if c in action.promo_codes { flag(\"FRAUD\"); } }", "", ""),
        ("for c in action.promo_codes { if c in lists.codes { flag(\"FRAUD\"); } }", "E411", "lists.codes"),
        ("for c in action.promo_codes { if c == \"Spring\" { flag(\"FRAUD\"); } }", "E411", "\"Spring\""),
        ("return 5;", "E316", "5"),
        ("return; flag(\"FRAUD\");", "W609", "flag(\"FRAUD\")"),
        ("if true { flag(\"FRAUD\"); }", "W609", "true"),
        ("let x = 1;", "W610", "x"),
        ("let _x = 1;", "", ""),
        ("let x = 1; x += 1;", "W610", "x"),
        ("action.amount == 5;", "W611", "action.amount == 5"),
        ("fn f(a) { if a > 1 { return 1; } \"x\" } if f(2) == 1 { flag(\"FRAUD\"); }", "E409", "return 1"),
        ("fn f() { 1 }", "W609", "f"),
        ("let l = lists.codes; if \"A\" in l { flag(\"FRAUD\"); }", "E404", "lists.codes"),
        ("let x = customer; if x.status == \"new\" { flag(\"FRAUD\"); }", "E404", "customer"),
    ] {
        let wanted = if code.is_empty() { Vec::new() } else { one(code, word) };
        let mut all = script(text);
        // After an error, locals may be unread.
        if wanted.first().is_some_and(|(code, _)| code.starts_with('E')) {
            all.retain(|(code, _)| code.starts_with('E'));
        }
        assert_eq!(all, wanted, "{text}");
    }
}

#[test]
fn payout_rules_have_their_own_faults() {
    for (text, phase, code, word) in [
        ("rate(8);", Phase::PayOrder, "W605", "8"),
        ("rate(percent(800));", Phase::PayOrder, "W605", "percent(800)"),
        ("rate(money(\"5\"));", Phase::PayOrder, "E404", "money(\"5\")"),
        ("add(5);", Phase::PayOrder, "E404", "5"),
        ("add(percent(5));", Phase::PayOrder, "E404", "percent(5)"),
        ("add_per_unit(money(\"5\"));", Phase::PayOrder, "E403", "add_per_unit"),
        ("reject(\"FRAUD\");", Phase::PayOrder, "E403", "reject"),
        ("if item.quantity > 1 { rate(percent(8)); } else { return; }", Phase::PayOrder, "E401", "item"),
        ("if params.strict { rate(percent(8)); }", Phase::PayOrder, "W606", "if"),
        ("if params.strict { rate(percent(8)); } else { notice(\"FRAUD\"); }", Phase::PayOrder, "W606", "if"),
        ("if params.strict { rate(percent(8)); } return;", Phase::PayOrder, "", ""),
        ("if params.strict { rate(percent(8)); } else { multiply(2); }", Phase::PayOrder, "", ""),
        (
            "for item in action.items { if item.sku == \"A\" { add(money(\"1\")); } } rate(percent(1));",
            Phase::PayOrder,
            "",
            "",
        ),
        (
            "if item.quantity > 1 { rate(percent(8)); } else { add_per_unit(money(\"1\")); }",
            Phase::PayItem,
            "",
            "",
        ),
    ] {
        let wanted = if code.is_empty() { Vec::new() } else { one(code, word) };
        assert_eq!(found(text, phase, Form::Script), wanted, "{text}");
    }
    let money = Form::Expression(Type::known(Base::Money));
    assert_eq!(found("action.base", Phase::OrderAmount, money), one("E401", "base"));
    assert_eq!(found("item.base", Phase::ItemAmount, money), one("E401", "base"));
    assert_eq!(found("0", Phase::OrderAmount, money), one("E404", "0"));
    assert_eq!(found("", Phase::OrderAmount, money), one("E300", ""));
}

#[test]
fn good_conditions_are_accepted() {
    for (text, conjuncts) in [
        ("customer.status == \"new\" && action.amount >= 200", 2),
        ("known(customer.country) && customer.country == \"DE\"", 2),
        ("!known(customer.country) || customer.country == \"DE\"", 1),
        ("known(follows) && action.occurred_at - follows.occurred_at <= days(180)", 2),
        ("known(follows) && follows.event_type == \"sale\"", 2),
        ("(customer.country ?? \"\") in [\"DE\", \"FR\"]", 1),
        ("customer.country ?? customer.region ?? \"\" == \"DE\"", 1),
        ("(attributes.company_size ?? 0) >= 50", 1),
        ("attributes.channel != \"tv\" && params.strict", 2),
        ("\"SPRING\" in action.promo_codes && !(partner.id in lists.sale_skus)", 2),
        ("partner.id !in lists.sale_skus", 1),
        ("action.amount * percent(8) > money(\"5\") && 2 * action.amount < 500.50", 2),
        ("action.amount / money(\"10\") > 3", 1),
        ("(action.amount - (action.shipping ?? money(\"0\"))) / 3 > money(\"5\")", 1),
        ("creative.expired_at(touch.at - days(params.grace_days))", 1),
        ("action.occurred_at.date.weekday == 7 || action.occurred_at.hour >= 22", 1),
        ("(action.occurred_at - touch.at).days < 3", 1),
        ("action.occurred_at.date >= date(\"2026-01-01\")", 1),
        (
            "totals.partner_month.actions.with_this > 100 && totals.partner_month.revenue.before > params.gold",
            2,
        ),
        ("switch action.event_type { \"sale\" | \"lead\" => true, _ => false }", 1),
        (
            "switch params.grace_days { 0 if params.strict => true, 1..5 | 7..=9 => false, _ => params.strict }",
            1,
        ),
        ("if params.strict { action.amount > 5 } else { action.amount > 10.00 }", 1),
        ("action.items.len() > 0", 1),
        ("known(touch.link_updated_at) && touch.at - touch.link_updated_at > params.stale_after", 2),
        ("max(action.amount, money(\"5\")) > money(\"5\") && abs(-5) == 5", 2),
        ("true", 1),
        ("-2.5 < -1 && - params.grace_days < 0", 2),
        ("{ let a = action.amount; a > 5 && a < 10 }", 1),
        ("1_000 > 999 // good", 1),
    ] {
        let (checked, diagnostics) = World::new().check(text, Phase::PayOrder, Form::Expression(Type::BOOL));
        assert_eq!(diagnostics.0, [], "{text}");
        assert_eq!(checked.unwrap().rule.conjuncts, conjuncts, "{text}");
    }
}

#[test]
fn good_scripts_are_accepted() {
    for text in [
        "let spent = customer.lifetime_value ?? money(\"0\");
         if spent >= params.gold { flag(\"FRAUD\"); } else if spent >= 200 { hold(\"FRAUD\", days(3)); }",
        "if creative.expired_at(touch.at - days(params.grace_days)) { reject(\"EXPIRED_CREATIVE\"); }",
        "for code in action.promo_codes {
             let owner = promo_owner(code) ?? partner.id;
             if owner != partner.id { reject(\"FRAUD\"); break; }
         }",
        "if !known(customer.since) { return; } if action.occurred_at - customer.since > days(30) { zero(\"FRAUD\"); }",
        "if known(customer.since) { flag(\"FRAUD\"); } else { return; } if customer.since > action.occurred_at { flag(\"FRAUD\"); }",
        "let since = customer.since ?? return; if action.occurred_at - since > days(30) { zero(\"FRAUD\"); }",
        "let sum = money(\"0\"); let n = 0;
         for (item, i) in action.items { if i > 2 { continue; } sum += item.amount; n += item.quantity; }
         if sum > 100 && n > 3 { flag(\"FRAUD\"); }",
        "for t in action.touches { if t.kind == \"click\" && known(t.property) && t.property == \"x\" { flag(\"FRAUD\"); } }",
        "fn big(amount) { amount > 500 } fn pick(a, b) { if big(a) { a } else { b } }
         if big(pick(action.amount, money(\"5\"))) { flag(\"FRAUD\"); }",
        "fn twice(x) { x * 2; } if twice(2) == 4 && twice(1.5) == 3 && twice(money(\"1\")) == 2 { flag(\"FRAUD\"); }",
        "fn warn() { flag(\"FRAUD\"); } if params.strict { warn(); }",
        "fn size(n) { if n > 5 { return \"big\"; } \"small\" } if size(3) == \"big\" { flag(\"FRAUD\"); }",
        "const X = 3; let y = switch X { 1 => 10, 2 => { let z = 5; z * 2 } _ => 30 }; if y > 10 { flag(\"FRAUD\"); }",
        "let x = 1; { let x = \"inner\"; if x == \"inner\" { flag(\"FRAUD\"); } } if x == 1 { flag(\"FRAUD\"); }",
        "switch action.event_type { \"sale\" => flag(\"FRAUD\"), \"lead\" => { return; } _ => () }",
        "if \"x\" in customer.audiences || \"y\" in touch.sub_ids { flag(\"FRAUD\"); }",
    ] {
        let (checked, diagnostics) = World::new().check(text, Phase::Restrict, Form::Script);
        let diagnostics: Vec<_> = diagnostics
            .iter()
            .map(|d| format!("{d} @ {}", &text[d.place.as_ref().unwrap().span.range()]))
            .collect();
        assert_eq!(diagnostics, [] as [String; 0], "{text}");
        assert!(checked.unwrap().rule.worst_fuel < 100_000, "{text}");
    }
}

#[test]
fn costs_are_what_the_table_says() {
    for (text, charge, worst) in [
        // Two facts and a comparison.
        ("action.amount >= params.gold", 3, 3),
        // Fact, constant, comparison of texts.
        ("customer.status == \"new\"", 4, 4),
        // Each operand is a segment of its own.
        ("customer.status == \"new\" && action.amount > 5", 5, 8),
        // `in` over a list of facts is charged for its length.
        ("\"A\" in action.promo_codes", 10, 110),
        ("\"A\" in lists.sale_skus", 10, 10),
        ("customer.status.contains(\"x\")", 50, 50),
        ("if params.strict { true } else { action.amount > 5 }", 2, 5),
        ("switch action.event_type { \"sale\" | \"lead\" => true, _ => false }", 14, 15),
    ] {
        let (checked, _) = World::new().check(text, Phase::Restrict, Form::Expression(Type::BOOL));
        let rule = checked.unwrap().rule;
        assert_eq!((rule.body.charge, rule.worst_fuel), (charge, worst), "{text}");
    }
    // Statement, list, and 1,000 times: statement, condition, verb with its text.
    let (checked, _) = World::new().check(
        "for i in action.items { if i.sku == \"A\" { flag(\"FRAUD\"); } }",
        Phase::Restrict,
        Form::Script,
    );
    assert_eq!(checked.unwrap().rule.worst_fuel, 2 + 1_000 * (2 + 5 + 9));
}

#[test]
fn a_rule_over_its_budget_names_the_loop() {
    let text = "for a in action.items { for b in action.items { if a.sku == b.sku { flag(\"FRAUD\"); } } }";
    let all = script(text);
    assert_eq!(all, one("E501", "action.items"));
    let calls = "fn f() { for a in action.items { flag(\"FRAUD\"); } } for t in action.touches { f(); }";
    assert_eq!(script(calls), one("E501", "action.touches"));
}

#[test]
fn faults_do_not_hide_each_other() {
    let text = "let x = acton.amount;\nif x > 5 { reject(\"FROD\"); }\nwhile params.strict { rate(1); }\nlet y = 5 5;\nif y > 1 { let z = 8 / 100; }";
    let all = script(text);
    for wanted in [
        ("E401", "acton"),
        ("E408", "\"FROD\""),
        ("E302", "while"),
        ("E403", "rate"),
        ("E300", "5"),
        ("E312", "/"),
    ] {
        assert!(all.contains(&(wanted.0.to_owned(), wanted.1.to_owned())), "{wanted:?} in {all:?}");
    }
    assert_eq!(all.len(), 6, "{all:?}");
}

#[test]
fn spans_are_moved_to_the_file() {
    let world = World::new();
    let file = "when = 'action.amuont > 5'";
    let mut diagnostics = Diagnostics::new();
    let source = RuleSource { file: "c.toml", text: "action.amuont > 5", offset: 8 };
    check(&world.env(), &source, Phase::PayOrder, Form::Expression(Type::BOOL), &mut diagnostics);
    let place = diagnostics.0[0].place.as_ref().unwrap();
    assert_eq!(&file[place.span.range()], "amuont");
    let source = RuleSource { file: "c.toml", text: "action.amount > 5", offset: 8 };
    let checked =
        check(&world.env(), &source, Phase::PayOrder, Form::Expression(Type::BOOL), &mut diagnostics);
    let rule = checked.unwrap().rule;
    assert_eq!(&file[rule.place.span.range()], "action.amuont > 5");
    let ExprKind::Binary(_, pair) = &rule.body.value.unwrap().kind else { panic!("a comparison") };
    assert_eq!(pair.1.span, Span::new(24, 25));
}

#[test]
fn what_a_rule_uses_is_told() {
    let world = World::new();
    let text = "if action.amount > params.gold && \"A\" in lists.sale_skus && totals.partner_month.actions.before > 1 && attributes.channel == \"tv\" { flag(\"FRAUD\"); }";
    let used = world.check(text, Phase::Restrict, Form::Script).0.unwrap().used;
    let set = |name: &str| BTreeSet::from([name.to_owned()]);
    assert_eq!((used.params, used.lists, used.totals), (set("gold"), set("sale_skus"), set("partner_month")));
    assert_eq!((used.reasons, used.attributes), (set("FRAUD"), set("channel")));
}

#[test]
fn bands_take_a_number_or_money() {
    let world = World::new();
    for (text, base) in [
        ("attributes.company_size ?? 0", Some(Base::Integer)),
        ("action.amount", Some(Base::Money)),
        ("fraud.risk ?? 0.0", Some(Base::Decimal)),
        ("customer.status", None),
        ("customer.order_count", None),
    ] {
        let mut diagnostics = Diagnostics::new();
        let source = RuleSource { file: "c.toml", text, offset: 0 };
        let checked = check_number(&world.env(), &source, Phase::PayOrder, &mut diagnostics);
        let form = checked.map(|checked| checked.rule.form);
        assert_eq!(form, base.map(|base| Form::Expression(Type::known(base))), "{text}");
    }
}

/// The holes in Rhai's run-time limits: none of them can be written.
#[test]
fn no_hole_can_be_written() {
    for text in [
        "let n=0; for i in 0..900 { let r=[1].map(|x| { let j=0; while j<2000 { j+=1; } j }); n+=r[0]; } n",
        "let n=0; for i in 0..900 { try { [1].map(|x| { while true {} }); } catch { n+=1; } } n",
        "let a=[3,2,1]; a.sort(|a,b| { let j=0; while j<1000000 { j+=1; } 0 }); a.len()",
        "let r = [1].filter(|x| { loop {} });",
        "let r = [1].reduce(|s, x| { loop {} });",
        "let m=#{}; for i in 0..5000 { m[`k${i}`]=i; } 42",
        "let o=#{}; o.m = #{}; o.m[\"k\"] = 1;",
        "let s=\"xxxxxxxxxxxxxxxx\"; for i in 0..22 { s+=s; } s.len()",
        "let s=\"\"; s.pad(50000000,'x'); s.len()",
        "eval(\"1+1\")",
        "fn f(n) { f(n) + f(n) } f(1)",
        "fn f(n) { g(n) } fn g(n) { f(n) } f(1)",
        "call(Fn(\"f\"))",
        "let f = Fn(\"g\"); f.call(1)",
        "d * (8/100)",
        "0.1 ** 30",
        "sqrt(2.0)",
    ] {
        for form in [Form::Script, Form::Expression(Type::BOOL)] {
            let (checked, diagnostics) = World::new().check(text, Phase::Restrict, form);
            assert!(checked.is_none() && diagnostics.has_errors(), "{text}");
        }
    }
    // Calls that double at each level are counted in the worst case.
    let mut doubling = String::from("fn f0() { flag(\"FRAUD\"); }\n");
    for n in 1..40 {
        doubling.push_str(&format!("fn f{n}() {{ f{0}(); f{0}(); }}\n", n - 1));
    }
    doubling.push_str("f30();");
    let all = script(&doubling);
    assert!(all.iter().any(|(code, _)| code == "E501" || code == "E317"), "{all:?}");
    // Nesting is bounded, through calls too.
    let mut deep = String::from("fn f0() { if params.strict { flag(\"FRAUD\"); } }\n");
    for n in 1..100 {
        deep.push_str(&format!("fn f{n}() {{ if params.strict {{ f{}(); }} }}\n", n - 1));
    }
    for n in 0..100 {
        deep.push_str(&format!("f{n}();"));
    }
    assert!(script(&deep).iter().any(|(code, _)| code == "E317"));
}

#[test]
fn long_chains_of_operators_are_bounded() {
    let sum = format!("1{} > 0", " + 1".repeat(60));
    assert!(inline(&sum).iter().any(|(code, _)| code == "E317"));
    let all = format!("params.strict{}", " && params.strict".repeat(150));
    assert_eq!(inline(&all), []);
}

/// Random sequences of the language's words never panic, and what is accepted is within its limits.
#[test]
fn soups_of_words_do_no_harm() {
    const WORDS: &[&str] = &[
        "if params.strict { flag(\"FRAUD\"); } ",
        "let x = 5; ",
        "let x = ",
        "1",
        ";",
        "if ",
        " { ",
        " } ",
        " else ",
        "(",
        ")",
        "for i in ",
        "action.items",
        "switch x ",
        " => ",
        "_",
        ",",
        "fn f(a) ",
        "f(",
        "|x| ",
        " || ",
        " && ",
        " ?? ",
        "action.amount",
        "customer.country",
        "\"sale\"",
        "known(",
        "x",
        "i.sku",
        ".len()",
        " in ",
        " !in ",
        " - ",
        " + ",
        " * ",
        " / ",
        " == ",
        " < ",
        "return ",
        "break",
        "while ",
        "2.5",
        "true",
        "money(\"5\")",
        "params.gold",
        "lists.codes",
        "flag(\"FRAUD\")",
        "!",
        "x += ",
        "x = ",
        "days(3)",
        "touch.at",
        "[\"a\"]",
        "follows.id",
        "\n",
        "..",
        "percent(8)",
        "creative.expired_at(touch.at)",
    ];
    let world = World::new();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut accepted = 0;
    for round in 0..6_000 {
        let mut text = String::new();
        for _ in 0..1 + round % 24 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            text.push_str(WORDS[usize::try_from(seed % WORDS.len() as u64).unwrap()]);
        }
        for form in [Form::Script, Form::Expression(Type::BOOL)] {
            let (checked, diagnostics) = world.check(&text, Phase::Restrict, form);
            assert_eq!(checked.is_none(), diagnostics.has_errors(), "{text}: {diagnostics}");
            for diagnostic in diagnostics.iter() {
                let span = diagnostic.place.as_ref().unwrap().span;
                assert!(text.get(span.range()).is_some(), "{text}: {diagnostic:?}");
            }
            accepted += usize::from(checked.is_some());
        }
    }
    assert!(accepted > 0, "{accepted}");
}

/// A file of the largest size is checked quickly, and the deepest file on a small stack.
#[test]
fn large_and_deep_rules_are_checked_quickly() {
    let world = World::new();
    let started = std::time::Instant::now();
    let lets: String = (0..2_500).map(|n| format!("let v{n} = {n};\n")).collect();
    let uses: String = (0..700).map(|n| format!("if v{n} > 5 {{ flag(\"FRAUD\"); }}\n")).collect();
    world.check(&format!("{lets}{uses}"), Phase::Restrict, Form::Script);
    world.check(&format!("let x = {}1;", "1 + ".repeat(16_000)), Phase::Restrict, Form::Script);
    world.check(&format!("let x = {}1;", "é".repeat(30_000)), Phase::Restrict, Form::Script);
    world.check(&"x y; ".repeat(12_000), Phase::Restrict, Form::Script);
    world.check(&"if acton.a > 1 { } ".repeat(3_000), Phase::Restrict, Form::Script);
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());

    let deep = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        let nested = format!("{}flag(\"FRAUD\");{}", "if params.strict { ".repeat(46), " }".repeat(46));
        let parens = format!("if {}params.strict{} {{ flag(\"FRAUD\"); }}", "(!".repeat(40), ")".repeat(40));
        let sums = format!("if 1{} > 0 {{ flag(\"FRAUD\"); }}", " + 1".repeat(43));
        for text in [nested, parens, sums] {
            let (checked, diagnostics) = world.check(&text, Phase::Restrict, Form::Script);
            assert!(checked.is_some(), "{diagnostics}");
        }
    });
    deep.unwrap().join().unwrap();
}
