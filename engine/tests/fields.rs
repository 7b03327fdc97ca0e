//! The tables of fields against what is written by hand beside them: the world of components, and the SDK.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use accrue::facts::fields::{FactRecord, FieldMut, Kind};
use accrue::facts::{Action, Creative, Customer, Device, Follows, Fraud, Item, Partner, Touch};
use accrue::internals::lang::catalog::FIELDS;
use accrue::internals::lang::{Base, Element, Type};
use wit_parser::{Resolve, TypeDefKind};

const WIT: &str = include_str!("../../wit/rules/rules.wit");
const SDK: &str = include_str!("../../sdk/src/facts.rs");

/// Fields of records that are no fact of rules, and why.
const NO_FACT: &[(&str, &str, &str)] = &[
    ("action", "customer", "a record of its own"),
    ("action", "device", "a record of its own"),
    ("action", "fraud", "a record of its own"),
    ("action", "follows", "a record of its own"),
    ("action", "credits", "the credited partner is a record of its own"),
    ("action", "attributes", "a list in the order of the program's declarations"),
    ("item", "attributes", "rules read them by name, `item.attributes.NAME`"),
    ("partner", "attributes", "rules read them by name, `partner.attributes.NAME`"),
    ("partner", "left_at", "what happens after a partner has left is rejected before a rule runs"),
    ("partner", "from", "of the facts of a partner, those that hold are chosen before a rule runs"),
    ("creative", "partners", "`allowed` says what a rule needs to know"),
];

/// Fields of the world that rules have no fact for, and why.
const ONLY_IN_WORLD: &[(&str, &str, &str)] = &[
    ("contract", "currency", "rules are written for one currency, a component may be for several"),
    ("contract", "minor_digits", "goes with the currency"),
    ("item", "attributes", "a list in the order of the program's declarations"),
    ("partner", "attributes", "a list in the order of the program's declarations"),
];

/// Fields that the world has with another type than rules, and why.
const OTHER_TYPE: &[(&str, &str, &str, &str)] = &[("touch", "kind", "touch-kind", "there are three words")];

/// Records of the world that the SDK has in another form, and why.
const NOT_IN_SDK: &[(&str, &str)] = &[
    ("decimal", "`rust_decimal`"),
    ("money", "has arithmetic"),
    ("moment", "has arithmetic"),
    ("date", "has arithmetic"),
    ("duration", "has arithmetic"),
    ("named-value", "`Named` finds values by name"),
    ("attribute", "`Named` finds values by name"),
];

/// Each record of the world, with its fields and their types as they are written.
fn world() -> BTreeMap<String, Vec<(String, String)>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("rules.wit", WIT).unwrap();
    let types = resolve.packages[package].interfaces["types"];
    let mut records = BTreeMap::new();
    for (name, id) in &resolve.interfaces[types].types {
        if let TypeDefKind::Record(record) = &resolve.types[*id].kind {
            let fields = record.fields.iter();
            let fields = fields.map(|field| (field.name.replace('-', "_"), written(&resolve, &field.ty)));
            records.insert(name.clone(), fields.collect());
        }
    }
    records
}

fn written(resolve: &Resolve, ty: &wit_parser::Type) -> String {
    let wit_parser::Type::Id(id) = ty else { return format!("{ty:?}").to_lowercase() };
    let ty = &resolve.types[*id];
    match (&ty.kind, &ty.name) {
        (TypeDefKind::Option(of), _) => format!("option<{}>", written(resolve, of)),
        (TypeDefKind::List(of), _) => format!("list<{}>", written(resolve, of)),
        (_, Some(name)) => name.clone(),
        (kind, None) => panic!("{kind:?}"),
    }
}

/// The type that the world has for what a rule sees.
fn world_type(ty: Type) -> String {
    let base = match ty.base {
        Base::Text => "string",
        Base::Money => "money",
        Base::Decimal => "decimal",
        Base::Integer => "u32",
        Base::Time => "moment",
        Base::Bool => "bool",
        Base::List(Element::Text) => "list<string>",
        Base::List(Element::Code) => "list<promo-code>",
        Base::List(Element::Item) => "list<item>",
        Base::List(Element::Touch) => "list<touch>",
        other => panic!("no fact is {other:?}"),
    };
    if ty.unknown { format!("option<{base}>") } else { base.to_owned() }
}

#[test]
fn the_world_has_every_field_that_rules_see() {
    let world = world();
    for spec in FIELDS {
        let record = spec.record.name();
        let found = world[record].iter().find(|(name, _)| name == spec.name);
        let other = OTHER_TYPE.iter().find(|other| (other.0, other.1) == (record, spec.name));
        let expected = other.map_or_else(|| world_type(spec.ty), |other| other.2.to_owned());
        let found = found.map(|(_, ty)| ty.as_str());
        assert_eq!(found, Some(expected.as_str()), "`{}` in rules.wit", spec.full_name());
    }
}

#[test]
fn rules_see_every_field_of_the_world() {
    let records: Vec<&str> = FIELDS.iter().map(|spec| spec.record.name()).collect();
    for (record, fields) in world().iter().filter(|(record, _)| records.contains(&record.as_str())) {
        for (name, _) in fields {
            let seen = FIELDS.iter().any(|spec| spec.record.name() == record && spec.name == name);
            let only = ONLY_IN_WORLD.iter().any(|only| (only.0, only.1) == (record, name));
            assert_ne!(seen, only, "`{record}.{name}` of rules.wit");
        }
    }
}

#[test]
fn rules_see_every_field_of_the_facts() {
    fn seen<R: FactRecord>(record: &str) {
        for field in R::FIELDS {
            let seen = FIELDS.iter().any(|spec| spec.record.name() == record && spec.name == field.name);
            let not = NO_FACT.iter().any(|not| (not.0, not.1) == (record, field.name));
            assert_ne!(seen, not, "`{record}.{}` of the facts", field.name);
        }
    }
    seen::<Action>("action");
    seen::<Item>("item");
    seen::<Customer>("customer");
    seen::<Touch>("touch");
    seen::<Device>("device");
    seen::<Fraud>("fraud");
    seen::<Follows>("follows");
    seen::<Partner>("partner");
    seen::<Creative>("creative");
}

/// Each struct of the SDK's facts, with its fields and their types.
fn sdk() -> BTreeMap<String, Vec<(String, String)>> {
    let mut structs: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut inside = None;
    for line in SDK.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {")) {
            inside = Some(structs.entry(name.to_owned()).or_default());
        } else if line == "}" {
            inside = None;
        } else if let (Some(fields), Some((name, ty))) =
            (&mut inside, line.strip_prefix("pub ").and_then(|rest| rest.split_once(": ")))
        {
            fields.push((name.to_owned(), ty.trim_end_matches(',').to_owned()));
        }
    }
    structs
}

/// The type of the SDK for one of the world.
fn sdk_type(ty: &str) -> String {
    let of = |outer: &str, inner: &str| format!("{outer}<{}>", sdk_type(inner));
    match ty.split_once('<').map(|(outer, rest)| (outer, rest.trim_end_matches('>'))) {
        Some(("list", "named-value" | "attribute")) => "Named".to_owned(),
        Some(("option", inner)) => of("Option", inner),
        Some((_, inner)) => of("Vec", inner),
        None if ["bool", "u8", "u32", "u64"].contains(&ty) => ty.to_owned(),
        None => camel(ty),
    }
}

fn camel(name: &str) -> String {
    let words = name.split('-').map(|word| word.split_at(1));
    words.map(|(first, rest)| first.to_uppercase() + rest).collect()
}

#[test]
fn the_sdk_has_the_records_of_the_world() {
    let sdk = sdk();
    let (mut checked, world) = (0, world());
    for (record, fields) in world.iter().filter(|(name, _)| NOT_IN_SDK.iter().all(|not| not.0 != *name)) {
        let expected: Vec<(String, String)> =
            fields.iter().map(|(name, ty)| (name.clone(), sdk_type(ty))).collect();
        assert_eq!(sdk.get(&camel(record)), Some(&expected), "`{record}` in sdk/src/facts.rs");
        checked += 1;
    }
    assert_eq!(checked, sdk.len(), "sdk/src/facts.rs has a record that rules.wit does not have");
}

/// A record with a value in every field.
fn full<R: FactRecord>() -> R {
    let mut record = R::blank();
    for field in R::FIELDS {
        match (field.get_mut)(&mut record) {
            FieldMut::Text(place) => place.set_text("text"),
            FieldMut::Texts(place) => place.push("text".to_owned()),
            FieldMut::Word(place) => assert!(place.set_word(place.words()[0])),
            FieldMut::Currency(place) => place.set(accrue::money::Currency::from_code("EUR").unwrap()),
            FieldMut::Money(place) => place.set("1".parse().unwrap()),
            FieldMut::Decimal(place) => place.set(accrue::money::Number(1.into())),
            FieldMut::Integer(place) => place.set(7),
            FieldMut::Time(place) => {
                place.set(accrue::time::Timestamp::parse("2026-03-01T10:00:00Z").unwrap())
            }
            FieldMut::Attributes(_) | FieldMut::Nested => assert_eq!(field.kind, Kind::Nested),
        }
    }
    record
}

#[test]
fn json_has_the_names_and_the_order_of_the_table() {
    fn keys<R: FactRecord + serde::Serialize>() {
        let json = serde_json::to_string(&full::<R>()).unwrap();
        let mut at = 0;
        for field in R::FIELDS.iter().filter(|field| field.kind != Kind::Nested) {
            let key = format!("\"{}\":", field.name);
            at +=
                json.get(at..).unwrap().find(&key).unwrap_or_else(|| panic!("no {key} from {at} in {json}"));
        }
    }
    keys::<Action>();
    keys::<Item>();
    keys::<Customer>();
    keys::<Touch>();
    keys::<Device>();
    keys::<Fraud>();
    keys::<Follows>();
    keys::<Partner>();
    keys::<Creative>();
}

#[test]
fn a_field_that_is_left_out_is_as_in_a_blank_record() {
    fn reset<R: FactRecord + PartialEq + std::fmt::Debug>() {
        let mut record = full::<R>();
        R::FIELDS.iter().for_each(|field| (field.reset)(&mut record));
        assert_eq!(record, R::blank());
    }
    reset::<Action>();
    reset::<Item>();
    reset::<Customer>();
    reset::<Touch>();
    reset::<Device>();
    reset::<Fraud>();
    reset::<Follows>();
    // A unit more or less is a wrong price.
    assert_eq!(Item::blank().quantity, 1);
    assert_eq!(serde_json::from_str::<Item>(r#"{"sku": "A", "amount": 1}"#).unwrap().quantity, 1);
}
