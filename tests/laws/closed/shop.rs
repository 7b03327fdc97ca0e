//! A shop whose facts forbid something: its terms, its reference facts as the cells of files, and an action, all before anything
//! goes wrong.

use std::fmt::Write as _;

use accrue::Source;
use accrue::facts::FactKind;
use accrue_tests::choices::Choices;
use serde_json::{Map, Value, json};

/// Something that keeps an action from being paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gate {
    UnknownPartner,
    PartnerStatus,
    PartnerKind,
    PartnerGroup,
    PartnerProperty,
    ExpiredCreative,
    CreativeNotYetValid,
    CreativeStatus,
    ForeignCreative,
    UnlistedCreative,
    ForeignCode,
    PausedProgram,
    PausedContract,
    PausedPartner,
    PausedCreative,
    ExistingCustomer,
    TouchKind,
    BannedCode,
    BannedCountry,
    BannedSku,
    DeclaredWord,
    NoRate,
}

impl Gate {
    pub(super) const ALL: [Self; 22] = [
        Self::UnknownPartner,
        Self::PartnerStatus,
        Self::PartnerKind,
        Self::PartnerGroup,
        Self::PartnerProperty,
        Self::ExpiredCreative,
        Self::CreativeNotYetValid,
        Self::CreativeStatus,
        Self::ForeignCreative,
        Self::UnlistedCreative,
        Self::ForeignCode,
        Self::PausedProgram,
        Self::PausedContract,
        Self::PausedPartner,
        Self::PausedCreative,
        Self::ExistingCustomer,
        Self::TouchKind,
        Self::BannedCode,
        Self::BannedCountry,
        Self::BannedSku,
        Self::DeclaredWord,
        Self::NoRate,
    ];

    /// The condition of the restriction; none where the engine forbids by itself.
    fn when(self) -> Option<&'static str> {
        Some(match self {
            Self::PartnerStatus => r#"partner.status != "active""#,
            Self::PartnerKind => r#"(partner.kind ?? "") == "coupon""#,
            Self::PartnerGroup => r#""blocked" in partner.groups"#,
            Self::PartnerProperty => r#"!((touch.property ?? "") in partner.properties)"#,
            Self::ExpiredCreative => "creative.expired_at(touch.at)",
            Self::CreativeNotYetValid => "creative.not_yet_valid_at(touch.at)",
            Self::CreativeStatus => r#"creative.status != "active""#,
            Self::ForeignCreative => "!creative.allowed",
            Self::UnlistedCreative => r#"creative.status == "unlisted""#,
            Self::ExistingCustomer => r#"customer.status == "existing""#,
            Self::BannedCountry => r#"(customer.country ?? "") in lists.countries"#,
            Self::DeclaredWord => r#"(attributes.state ?? "") == "pending""#,
            _ => return None,
        })
    }

    /// The rule file of the restriction, where a condition does not suffice.
    fn rule(self) -> Option<&'static str> {
        match self {
            Self::ForeignCode => Some(
                "for code in action.promo_codes { if (promo_owner(code) ?? partner.id) != partner.id { VERDICT } }",
            ),
            Self::BannedCode => Some("for code in action.promo_codes { if code in lists.codes { VERDICT } }"),
            Self::BannedSku => Some("for item in action.items { if item.sku in lists.skus { VERDICT } }"),
            _ => None,
        }
    }
}

/// How a text of a file or an action is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// An id or code, or one of the engine's words: other letters are the same text, or one that pays nobody.
    Key,
    /// A word or id of the brand's own, which rules compare letter by letter: `Coupon` is another word than `coupon`.
    Word,
    /// A moment, number or currency.
    Typed,
}

/// A file of reference facts.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) kind: FactKind,
    pub(super) is_csv: bool,
    pub(super) columns: Vec<(&'static str, Class)>,
    pub(super) rows: Vec<Vec<String>>,
}

impl File {
    fn new(kind: FactKind, is_csv: bool, columns: &[(&'static str, Class)]) -> Self {
        Self { kind, is_csv, columns: columns.to_vec(), rows: Vec::new() }
    }

    fn row(&mut self, cells: &[&str]) -> usize {
        self.rows.push(cells.iter().map(|cell| (*cell).to_owned()).collect());
        self.rows.len() - 1
    }

    pub(super) fn name(&self) -> String {
        format!("{}.{}", self.kind.stem(), if self.is_csv { "csv" } else { "jsonl" })
    }

    /// Whether the cells of a column are lists.
    pub(super) fn is_list(column: &str) -> bool {
        matches!(column, "groups" | "properties" | "partners")
    }

    /// A row as an object of JSON Lines.
    fn object(&self, row: &[String]) -> Value {
        let filled = self.columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let fields = filled.map(|((column, _), cell)| {
            let value = match Self::is_list(column) {
                true => cell.split(';').map(str::to_owned).collect::<Vec<_>>().into(),
                false => Value::from(cell.clone()),
            };
            ((*column).to_owned(), value)
        });
        Value::Object(fields.collect::<Map<_, _>>())
    }

    /// The lines of the file, without their ends; the first line of CSV is its header.
    pub(super) fn lines(&self) -> Vec<String> {
        if !self.is_csv {
            return self.rows.iter().map(|row| self.object(row).to_string()).collect();
        }
        let header: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let cell = |cell: &String| match cell.contains(['"', ',', '\n', '\r']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell.clone(),
        };
        let rows = self.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(","));
        std::iter::once(header.join(",")).chain(rows).collect()
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut text = self.lines().join("\n");
        text.push('\n');
        text.into_bytes()
    }
}

/// The shop.
#[derive(Clone, Debug)]
pub(super) struct Shop {
    pub(super) gate: Gate,
    program: String,
    contract: String,
    rule: Option<String>,
    /// The banned codes, countries or SKUs of the named list that the gate reads.
    pub(super) list: Vec<String>,
    /// Whether the list is in a file; in `program.toml` otherwise.
    list_is_file: bool,
    pub(super) files: Vec<File>,
    /// The action as JSON.
    pub(super) action: Value,
    /// Whether the action comes as CSV.
    pub(super) action_is_csv: bool,
}

impl Shop {
    /// Makes a shop with this gate; what else its facts say is chosen, and forbids nothing.
    pub(super) fn new(gate: Gate, choices: &mut Choices<'_>) -> Self {
        let mut shop = Self {
            gate,
            program: String::new(),
            contract: String::new(),
            rule: None,
            list: Vec::new(),
            list_is_file: choices.once_in(2),
            files: files(gate, choices),
            action: action(choices),
            action_is_csv: choices.once_in(2),
        };
        shop.close();
        // Any column may be the last, which is lost first.
        for file in &mut shop.files {
            let by = choices.below(file.columns.len());
            file.columns.rotate_left(by);
            file.rows.iter_mut().for_each(|row| row.rotate_left(by));
        }
        shop.terms(choices);
        shop
    }

    fn terms(&mut self, choices: &mut Choices<'_>) {
        self.program = "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\ntime_zone = \"Europe/Berlin\"\n\
             [event_types]\nsale = {}\n[reasons]\nGATE = \"The gate is closed\"\n\
             [attributes]\nstate = { type = \"text\", values = [\"pending\", \"approved\"] }\n[lists]\n"
            .to_owned();
        self.contract = "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n".to_owned();
        let verdict = choices.pick(&["reject", "hold", "zero"]);
        if let Some(when) = self.gate.when() {
            let _ = writeln!(
                self.contract,
                "[[restrictions]]\nname = \"gate\"\nwhen = '{when}'\nverdict = \"{verdict}\"\nreason = \"GATE\""
            );
        }
        if let Some(rule) = self.gate.rule() {
            self.rule = Some(rule.replace("VERDICT", &format!("{verdict}(\"GATE\");")));
            self.contract.push_str("[[restrictions]]\nname = \"gate\"\nrule = \"rules/gate.rhai\"\n");
        }
        self.contract.push_str("[payout.default]\nrate = \"5%\"\n");
        if choices.once_in(2) {
            self.contract.push_str(
                "[[payout.groups]]\nname = \"new\"\nwhen = 'customer.status == \"new\"'\nrate = \"10%\"\n",
            );
        }
    }

    /// Closes the gate: changes what must be true of the facts or of the action.
    fn close(&mut self) {
        match self.gate {
            Gate::UnknownPartner => self.touch("partner", "stranger"),
            Gate::PartnerStatus => self.set(FactKind::Partners, "status", "suspended"),
            Gate::PartnerKind => self.set(FactKind::Partners, "kind", "coupon"),
            Gate::PartnerGroup => self.set(FactKind::Partners, "groups", "gold;blocked"),
            Gate::PartnerProperty => self.touch("property", "elsewhere.example"),
            Gate::ExpiredCreative => {
                self.set(FactKind::Creatives, "valid_until", "2026-02-27T00:00:00Z");
            }
            Gate::CreativeNotYetValid => {
                self.set(FactKind::Creatives, "valid_from", "2026-04-01T00:00:00Z");
            }
            Gate::CreativeStatus => self.set(FactKind::Creatives, "status", "retired"),
            Gate::ForeignCreative => self.set(FactKind::Creatives, "partners", "diary"),
            Gate::UnlistedCreative => self.touch("creative", "B9"),
            Gate::ForeignCode => self.action["promo_codes"] = json!(["DIARY15"]),
            Gate::PausedProgram => self.pause("program", ""),
            Gate::PausedContract => self.pause("contract", "standard"),
            Gate::PausedPartner => self.pause("partner", "acme"),
            Gate::PausedCreative => self.pause("creative", "B1"),
            Gate::ExistingCustomer => self.action["customer"]["status"] = "existing".into(),
            Gate::TouchKind => self.touch("kind", "impression"),
            Gate::BannedCode => {
                self.list = vec!["SPRING".to_owned(), "FREE".to_owned()];
                self.action["promo_codes"] = json!(["FREE"]);
            }
            Gate::BannedCountry => {
                self.list = vec!["DE".to_owned(), "FR".to_owned()];
                self.action["customer"]["country"] = "FR".into();
            }
            Gate::BannedSku => {
                self.list = vec!["G-1".to_owned(), "Z-9".to_owned()];
                self.action["items"] = json!([{ "sku": "Z-9", "amount": "100.00" }]);
            }
            Gate::DeclaredWord => self.action["attributes"] = json!({ "state": "pending" }),
            Gate::NoRate => self.action["currency"] = "USD".into(),
        }
    }

    fn touch(&mut self, field: &str, value: &str) {
        self.action["touches"][0][field] = value.into();
    }

    /// Writes a cell of the first row of a file, which is about the action's partner, creative or code.
    fn set(&mut self, kind: FactKind, column: &str, value: &str) {
        let file = self.files.iter_mut().find(|file| file.kind == kind).expect("the gate has its file");
        let at = file.columns.iter().position(|(name, _)| *name == column).expect("a column");
        file.rows[0][at] = value.to_owned();
    }

    fn pause(&mut self, target: &str, id: &str) {
        let file = self.files.iter_mut().find(|file| file.kind == FactKind::Pauses).expect("a file");
        file.row(&[target, id, "2026-02-20T00:00:00Z", "2026-06-01T00:00:00Z"]);
    }

    /// The terms as a host loads them.
    pub(super) fn source(&self) -> Source {
        let name = match self.gate {
            Gate::BannedCode => "codes",
            Gate::BannedCountry => "countries",
            _ => "skus",
        };
        let list = match (self.list.is_empty(), self.list_is_file) {
            (true, _) => String::new(),
            (false, true) => format!("{name} = {{ file = \"lists/banned.csv\" }}\n"),
            // The escapes of JSON are those of TOML.
            (false, false) => format!("{name} = {{ values = {} }}\n", json!(self.list)),
        };
        let file = (!self.list.is_empty() && self.list_is_file)
            .then(|| format!("banned\n{}\n", self.list.join("\n")));
        let terms = [
            ("program.toml", Some(format!("{}{list}", self.program))),
            ("contracts/standard.toml", Some(self.contract.clone())),
            ("rules/gate.rhai", self.rule.clone()),
            ("lists/banned.csv", file),
        ];
        Source::from_files(terms.into_iter().filter_map(|(path, text)| Some((path, text?))))
    }

    pub(super) fn shown(&self) -> String {
        let files = self.files.iter().map(|file| format!("{}:\n{}", file.name(), file.lines().join("\n")));
        format!(
            "{:?}\n{}\n{}\n{}\nlist: {:?}\n{}",
            self.gate,
            self.contract,
            self.rule.as_deref().unwrap_or_default(),
            files.collect::<Vec<_>>().join("\n"),
            self.list,
            self.action
        )
    }
}

/// Files that list the action's partner, creative and codes and forbid nothing: those that the gate needs, and others.
fn files(gate: Gate, choices: &mut Choices<'_>) -> Vec<File> {
    use Class::{Key, Typed, Word};
    let mut files = Vec::new();
    let kinds = FactKind::ALL.into_iter().filter(|kind| gate.needs() == Some(*kind) || choices.once_in(2));
    for kind in kinds.collect::<Vec<_>>() {
        let is_csv = choices.once_in(2);
        let file = |columns: &[(&'static str, Class)]| File::new(kind, is_csv, columns);
        files.push(match kind {
            FactKind::Partners => {
                let mut file = file(&[
                    ("id", Key),
                    ("kind", Word),
                    ("groups", Word),
                    ("status", Key),
                    ("properties", Key),
                    ("country", Key),
                ]);
                file.row(&["acme", "content", "gold", "active", "acme.example", "DE"]);
                file.row(&["diary", "", "", "", "", ""]);
                file
            }
            FactKind::Creatives => {
                let mut file = file(&[
                    ("id", Key),
                    ("valid_from", Typed),
                    ("valid_until", Typed),
                    ("status", Key),
                    ("partners", Key),
                ]);
                file.row(&["B1", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "active", "acme"]);
                file.row(&["B2", "", "", "", ""]);
                file
            }
            FactKind::PromoCodes => {
                let mut file = file(&[("code", Key), ("owner", Key), ("valid_from", Typed)]);
                file.row(&["DIARY15", "diary", "2026-01-01T00:00:00Z"]);
                file.row(&["ACME5", "acme", ""]);
                file
            }
            FactKind::StandingPartners => {
                let mut file =
                    file(&[("customer", Key), ("partner", Key), ("from", Typed), ("until", Typed)]);
                file.row(&["c-9", "diary", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]);
                file
            }
            FactKind::Rates => {
                let mut file = file(&[("from", Typed), ("to", Typed), ("at", Typed), ("rate", Typed)]);
                file.row(&["GBP", "EUR", "2026-01-01T00:00:00Z", "1.15"]);
                file
            }
            _ => {
                let mut file = file(&[("target", Key), ("id", Key), ("from", Typed), ("until", Typed)]);
                file.row(&["program", "", "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"]);
                file
            }
        });
    }
    files
}

impl Gate {
    /// The file without which the gate is open.
    pub(super) fn needs(self) -> Option<FactKind> {
        Some(match self {
            Self::UnknownPartner
            | Self::PartnerStatus
            | Self::PartnerKind
            | Self::PartnerGroup
            | Self::PartnerProperty => FactKind::Partners,
            Self::ExpiredCreative
            | Self::CreativeNotYetValid
            | Self::CreativeStatus
            | Self::ForeignCreative
            | Self::UnlistedCreative => FactKind::Creatives,
            Self::ForeignCode => FactKind::PromoCodes,
            Self::PausedProgram | Self::PausedContract | Self::PausedPartner | Self::PausedCreative => {
                FactKind::Pauses
            }
            Self::NoRate => FactKind::Rates,
            _ => return None,
        })
    }
}

/// An action that is paid if nothing forbids it.
fn action(choices: &mut Choices<'_>) -> Value {
    let mut action = json!({
        "id": "a1", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "100.00",
        "customer": { "id": "c1", "status": choices.pick(&["new", "new", "gold"]), "country": "AT" },
        "touches": [{
            "partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click", "creative": "B1",
            "property": "acme.example"
        }]
    });
    if choices.once_in(2) {
        action["promo_codes"] = json!(["ACME5"]);
    }
    if choices.once_in(2) {
        action["order_id"] = "o1".into();
    }
    action
}
