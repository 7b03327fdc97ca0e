//! Whole programs as text: choices enter; the files of a program leave, with one or two versions of its contract and
//! sometimes a contract for one partner.

use std::fmt::Write as _;

use accrue::Source;

use super::contract::{ContractText, contract};
use super::vocabulary::{
    ATTRIBUTES, EVENT_TYPES, HOLIDAYS, ITEM_ATTRIBUTES, LISTS, PARAMS, PARTNER_ATTRIBUTES, REASONS,
    REQUIRED_ATTRIBUTE, TOTALS, Ty,
};
use crate::choices::Choices;

/// Currencies with two, no and three decimals.
pub const CURRENCIES: [&str; 3] = ["USD", "JPY", "KWD"];

/// The files of a generated program.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// `program.toml`.
    pub program: String,
    /// Contract versions, by path.
    pub contracts: Vec<(String, ContractText)>,
    /// Rule files, by path.
    pub rules: Vec<(String, String)>,
}

impl Generated {
    /// The program as a host hands it over.
    pub fn source(&self) -> Source {
        let mut source = Source::new();
        source.insert("program.toml", self.program.clone());
        for (path, contract) in &self.contracts {
            source.insert(path.clone(), contract.text());
        }
        for (path, text) in &self.rules {
            source.insert(path.clone(), text.clone());
        }
        source
    }

    /// The contracts and rules, to be read.
    pub fn shown(&self) -> String {
        let contracts = self.contracts.iter().map(|(path, contract)| (path, contract.text()));
        let rules = self.rules.iter().map(|(path, text)| (path, text.clone()));
        contracts.chain(rules).map(|(path, text)| format!("# {path}\n{text}\n")).collect()
    }
}

/// The declarations that every generated program shares.
pub fn program_toml(currency: &str) -> String {
    let mut text = format!(
        "id = \"generated\"\nname = \"Generated\"\ncurrency = \"{currency}\"\ntime_zone = \"Europe/Berlin\"\nitems = \"partial\"\n\
         decimals = 12\n\n[event_types]\n"
    );
    // What no shop reports is decided as well.
    for (name, amount) in EVENT_TYPES {
        let _ = writeln!(text, "{name} = {{ amount = {} }}", if amount { "\"signed\"" } else { "false" });
    }
    text.push_str("\n[attributes]\n");
    for (name, ty) in ATTRIBUTES {
        let required = if name == REQUIRED_ATTRIBUTE { ", required = true" } else { "" };
        let _ = writeln!(text, "{name} = {{ type = \"{}\"{required} }}", type_name(ty));
    }
    for (table, attributes) in
        [("partner_attributes", PARTNER_ATTRIBUTES), ("item_attributes", ITEM_ATTRIBUTES)]
    {
        let _ = writeln!(text, "\n[{table}]");
        for (name, ty) in attributes {
            let _ = writeln!(text, "{name} = {{ type = \"{}\" }}", type_name(ty));
        }
    }
    text.push_str("\n[reasons]\n");
    for reason in REASONS {
        let _ = writeln!(text, "{reason} = \"Generated\"");
    }
    let holidays = HOLIDAYS.join(", ");
    let _ = write!(text, "\n[holidays]\nclosed = [{holidays}]\n");
    text.push_str("\n[lists]\n");
    for (name, values) in LISTS {
        let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
        let _ = writeln!(text, "{name} = {{ values = [{}] }}", values.join(", "));
    }
    text
}

/// A type as the declaration of an attribute writes it.
pub fn type_name(ty: Ty) -> &'static str {
    match ty {
        Ty::Bool => "bool",
        Ty::Integer => "integer",
        Ty::Decimal => "decimal",
        Ty::Money => "money",
        Ty::Time => "time",
        Ty::Date => "date",
        Ty::Text | Ty::Code | Ty::Duration => "text",
    }
}

/// Parameters and totals that every generated contract declares.
pub fn declarations() -> String {
    let mut text = String::from("\n[params]\n");
    for (name, _, value) in PARAMS {
        let _ = writeln!(text, "{name} = {value}");
    }
    for (name, table) in TOTALS {
        let _ = write!(text, "\n[totals.{name}]\n{table}");
    }
    text
}

/// A program. Its contracts are of one currency.
pub fn program(choices: &mut Choices<'_>) -> Generated {
    let currency = choices.pick(&CURRENCIES);
    let mut made = Generated { program: program_toml(currency), ..Generated::default() };
    // Sooner or later within the vocabulary's moments, so that actions fall on both sides.
    let change = choices.pick(&["", "2026-03-29", "2026-06-30"]);
    let (until, again) = if change.is_empty() {
        (String::new(), String::new())
    } else {
        // The end is a moment, so that both versions meet at the first moment of the date in Berlin.
        let begins = match change {
            "2026-03-29" => "2026-03-28T23:00:00Z",
            _ => "2026-06-29T22:00:00Z",
        };
        (format!("effective_until = {begins}\n"), format!("effective_from = {change}\n"))
    };
    let first = format!("contract = \"standard\"\nversion = 1\neffective_from = 2020-01-01\n{until}");
    add(choices, "standard-1", &first, "", &mut made);
    if !again.is_empty() {
        let second = format!("contract = \"standard\"\nversion = 2\n{again}");
        add(choices, "standard-2", &second, "", &mut made);
    }
    if choices.once_in(4) {
        let own = "contract = \"own\"\nversion = 1\neffective_from = 2020-01-01\n";
        add(choices, "own", own, "\n[partners]\nids = [\"acme\", \"dora\"]\n", &mut made);
    }
    made
}

fn add(choices: &mut Choices<'_>, name: &str, top: &str, partners: &str, made: &mut Generated) {
    let text = contract(choices, name, top, partners, &mut made.rules);
    made.contracts.push((format!("contracts/{name}.toml"), text));
}
