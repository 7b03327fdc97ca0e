//! Words that inputs are made of: the engine's own tables enter, the dictionary of a target leaves. A fuzzer that knows
//! them gets past the first unknown name.

use accrue::facts::fields::action_columns;
use accrue::internals::lang::catalog::{BUILTINS, FIELDS, VERBS};
use accrue::internals::terms::{contract_schema, program_schema};
use accrue_tests::generate::vocabulary::{
    ATTRIBUTES, CODES, DATES, EVENT_TYPES, LISTS, MOMENTS, PARAMS, PARTNERS, REASONS, TEXTS, TOTALS,
};

use crate::targets::program::MARK;

/// Words of the syntax of rules, those that are not in the language included.
const SYNTAX: &str = "let const if else switch for in fn return break continue true false && || ?? == != <= >= += -= \
    *= /= %= => .. ..= _ ?. :: ** << >> // /* */ ( ) [ ] { } #{ | ` ${ ' \" \\u0041 while loop do until this try catch \
    throw import export eval private Fn call curry is_shared len type_of";

/// Of files of facts.
pub fn facts() -> Vec<String> {
    let syntax = "{ } [ ] : , ; \" \"\" \\\" \\n \\u0000 \\ud83d\\ude00 null true false -0 0.00 1e3 1e-3 \
        79228162514264337593543950335 0.000000000001";
    let mut words = split(syntax);
    for column in action_columns() {
        words.push(column.to_owned());
        words.extend(column.rsplit('.').next().map(|key| format!("\"{key}\":")));
    }
    words.extend(split("items touches customer device fraud follows attributes partners creatives promo_codes rates pauses target owner rate valid_from valid_until properties groups parent program contract").into_iter().map(|key| format!("\"{key}\":")));
    words.extend(common());
    words
}

/// Of program folders.
pub fn program() -> Vec<String> {
    let mut words =
        split("[ ] [[ ]] { } = , . ' \" \"\"\" ''' # % 1e3 0x10 2020-01-01 2020-01-01T00:00:00Z inf nan");
    for schema in [program_schema(), contract_schema()] {
        keys(schema.as_value(), &mut words);
    }
    for path in [
        "program.toml",
        "contracts/standard.toml",
        "rules/pay.rhai",
        "lists/skus.csv",
        "lists/skus.txt",
        "tables/rates.csv",
    ] {
        words.push(format!("\n{MARK}{path}\n"));
    }
    words.push("[[payout.groups]]\ntable = \"rates\"\n".to_owned());
    words.extend(split("item.sku,rate customer.country,action.amount,name,points 100..200 ..=5 not| known unknown lists. 8% |"));
    words.extend(rule());
    words
}

/// Of bundles.
pub fn bundle() -> Vec<String> {
    let mut words = split(
        "unsigned ed25519 engine program limits files path kind bytes sha256 source module component rule_fuel ../ ./ // \\ : \\u0000 \\n",
    );
    let paths = ["program.toml", "contracts/a.toml", "rules/a.rhai", "lists/a.csv", "modules/a-1-small.wasm"];
    words.extend(paths.map(str::to_owned));
    words.push("components/a.wasm".to_owned());
    words.push("\n".to_owned());
    words
}

/// Of rules.
pub fn rule() -> Vec<String> {
    let mut words = split(SYNTAX);
    words.extend(FIELDS.iter().flat_map(|field| [field.full_name(), format!(".{}", field.name)]));
    words.extend(BUILTINS.iter().flat_map(|builtin| [builtin.form.to_owned(), format!("{}(", builtin.name)]));
    words.extend(VERBS.iter().map(|verb| format!("{}(", verb.verb.name())));
    words.extend(PARAMS.iter().map(|(name, ..)| format!("params.{name}")));
    words.extend(TOTALS.iter().map(|(name, _)| format!("totals.{name}.revenue.with_this")));
    words.extend(ATTRIBUTES.iter().map(|(name, _)| format!("attributes.{name}")));
    words.extend(LISTS.iter().map(|(name, _)| format!("lists.{name}")));
    words.extend(common());
    words
}

/// Of mappings.
pub fn mapping() -> Vec<String> {
    let mut words = split("[file] [values] [columns] [rows] [status] = { } [ ] , others tab .");
    keys(accrue_import::mapping_schema().as_value(), &mut words);
    words.extend(action_columns().into_iter().map(|column| format!("\"{column}\" = ")));
    words.extend(
        ["DD.MM.YYYY HH:mm", "M/D/YY h:mm A", "Europe/Berlin", "EUR"].map(|text| format!("\"{text}\"")),
    );
    words
}

/// Of exports in CSV.
pub fn dialect() -> Vec<String> {
    let mut words =
        split("sep=; sep=, Date Amount Coupon State approved declined total =\"a1\" 1.537,66 ; \" \"\"");
    words.extend(
        ["\u{FEFF}", "Order ID", "02.03.2026 09:01", "29.03.2026 02:30", "2026-03-02 09:01:00", "\r\n", "\t"]
            .map(str::to_owned),
    );
    words
}

/// Of tables.
pub fn table() -> Vec<String> {
    let mut words = split(
        "name when rate points multiply add add_per add.EUR from max count share per period customer.country customer.status action.amount \
         item.sku attributes.vip partner.groups promo_codes unknown known yes no not .. ..= >= < | , ; 8% 0.08 5.00 DE 2026-03-01",
    );
    words.extend(["\"", "\n", "\r\n", "not DE | AT", ">= 100", "1..5"].map(str::to_owned));
    words
}

/// Of the XML of sheets.
pub fn spreadsheet() -> Vec<String> {
    [
        "<row r=\"2\">",
        "</row>",
        "<c r=\"A2\">",
        "<c r=\"B2\" s=\"1\">",
        "</c>",
        "<v>46083.5</v>",
        "<f>A1</f>",
        "<v>1e300</v>",
        "XFD1048576",
        "<table:table-row table:number-rows-repeated=\"1048576\">",
        "</table:table-row>",
        "table:number-columns-repeated=\"16384\"",
        "<table:table-cell office:value-type=\"float\" office:value=\"1\"/>",
        "<text:p>",
        "</text:p>",
        "<table:table table:name=\"b\">",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Values that are known to the vocabulary.
fn common() -> Vec<String> {
    let values = [&MOMENTS[..], &DATES, &CODES, &PARTNERS, &REASONS, &TEXTS].concat();
    let events = EVENT_TYPES.iter().map(|(name, _)| *name);
    values
        .into_iter()
        .chain(events)
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\""))
        .collect()
}

fn split(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

/// The keys of a JSON Schema, and the words that its values may be.
fn keys(schema: &serde_json::Value, words: &mut Vec<String>) {
    match schema {
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                match (key.as_str(), value) {
                    ("properties", serde_json::Value::Object(properties)) => {
                        words.extend(properties.keys().map(|key| format!("{key} = ")));
                    }
                    ("enum", serde_json::Value::Array(values)) => {
                        words.extend(values.iter().map(ToString::to_string));
                    }
                    ("const", value) => words.push(value.to_string()),
                    _ => {}
                }
                keys(value, words);
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| keys(value, words)),
        _ => {}
    }
}

/// The words as a dictionary that libFuzzer reads.
pub fn dictionary(mut words: Vec<String>) -> String {
    words.sort();
    words.dedup();
    let mut text = String::new();
    for word in words {
        text.push('"');
        for byte in word.bytes() {
            match byte {
                b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
                b' '..=b'~' => text.push(char::from(byte)),
                _ => text.push_str(&format!("\\x{byte:02X}")),
            }
        }
        text.push_str("\"\n");
    }
    text
}
