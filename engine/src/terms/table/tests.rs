//! Tables as rows of a contract: what they read as, and how their faults are named.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::diagnostic::Diagnostics;
use crate::terms::Group;
use crate::{CellFault, Engine, Program, Rules, Source, TableFile, TableRow};

const PROGRAM: &str = "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n[attributes]\ntier = { type = \"text\" }\n";
const CONTRACT: &str = "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n[payout]\nper = \"item\"\n[payout.default]\nrate = \"1%\"\n";
const GROUPS: &str = "[[payout.groups]]\ntable = \"rates\"\n";

fn source(contract: &str, tables: &[(&str, &str)]) -> Source {
    let mut source = Source::new();
    source.insert("program.toml", PROGRAM);
    source.insert("contracts/standard.toml", format!("{CONTRACT}{contract}"));
    for (path, text) in tables {
        source.insert(format!("tables/{path}"), *text);
    }
    source
}

fn load(contract: &str, tables: &[(&str, &str)]) -> Result<Program, Diagnostics> {
    Engine::builder().rules(Rules::Interpreted).build().load(&source(contract, tables))
}

fn loaded(contract: &str, tables: &[(&str, &str)]) -> Program {
    load(contract, tables).map_err(|error| error.to_string()).unwrap()
}

fn faults(contract: &str, tables: &[(&str, &str)]) -> Vec<String> {
    match load(contract, tables) {
        Ok(program) => program.warnings().iter().map(ToString::to_string).collect(),
        Err(faults) => faults
            .iter()
            .map(|fault| format!("{fault} [{}]", fault.help.as_deref().unwrap_or_default()))
            .collect(),
    }
}

fn groups(program: &Program) -> &[Group] {
    &program.terms().contracts[0].versions[0].payout.groups
}

#[test]
fn a_row_is_a_group() {
    let text = "item.sku,customer.country,rate\nA,,8%\nB,DE | AT,9%\nB,,5%\n";
    let program = loaded(GROUPS, &[("rates.csv", text)]);
    let names: Vec<&str> = groups(&program).iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["rates: A, any", "rates: B, DE | AT", "rates: B, any"]);
    let sheet = &program.terms().sources["tables/rates.csv"];
    assert_eq!(
        sheet.lines().nth(2).unwrap(),
        "{ name = \"rates: B, DE | AT\", when = 'item.sku == \"B\" && known(customer.country) && customer.country in \
         [\"DE\", \"AT\"]', rate = \"9%\" }"
    );
    assert_eq!(program.warnings().to_string(), "");
}

#[test]
fn a_table_says_what_the_same_groups_say() {
    let table = loaded(
        GROUPS,
        &[("rates.csv", "item.sku,action.amount,rate,add,add_per\nA,100..200,8%,1.50,unit\n")],
    );
    let written = "[[payout.groups]]\nname = \"rates: A, 100..200\"\nwhen = 'item.sku == \"A\" && action.amount >= 100 && \
                   action.amount < 200'\nrate = \"8%\"\nadd = \"1.50\"\nadd_per = \"unit\"\n";
    let own = loaded(written, &[]);
    let said = |program: &Program| {
        let group = &groups(program)[0];
        let rule = group.when.as_ref().unwrap();
        (group.name.clone(), format!("{:?}", group.pays), group.specificity, rule.worst_fuel, rule.conjuncts)
    };
    assert_eq!(said(&table), said(&own));
}

#[test]
fn faults_name_the_cell() {
    let of = |text: &str| faults(GROUPS, &[("rates.csv", text)]).join("\n");
    assert_eq!(
        of("item.sku,rate\nA,8\n"),
        "`tables/rates.csv`, row 2, column B (`rate`): error[E106]: expected a percentage, such as `8%`, found the text `8` \
         [write `8%`]"
    );
    let found = of("sku,rate\nA,8%\n");
    assert!(found.starts_with("`tables/rates.csv`, row 1, column A: error[E104]"), "{found}");
    assert!(found.ends_with("[did you mean `item.sku`?]"), "{found}");
    let found = of("item.skuu,rate\nA,8%\n");
    assert!(found.ends_with("[did you mean `item.sku`?]"), "{found}");
    let found = of("attributes.teir,rate\nA,8%\n");
    assert!(found.ends_with("[did you mean `attributes.tier`?]"), "{found}");
    let found = of("customer.country,rate\n\"DE, AT\",8%\n");
    assert!(found.contains("row 2, column A (`customer.country`)") && found.contains("`DE | AT`"), "{found}");
    let found = of("item.sku,rate\nA,8%\n\nA,9%\n");
    assert!(found.contains("row 4: error[E201]: row 4 has the same conditions as row 2"), "{found}");
    let found = of("item.sku,rate\nA,\n");
    assert!(found.contains("row 2: error[E105]: a payout group does not say what it pays"), "{found}");
    let found = of("item.sku,rate\n");
    assert!(found.contains("has a header and no row"), "{found}");
    let found = of("item.sku,item.sku,rate\nA,B,8%\n");
    assert!(found.contains("row 1, column B: error[E201]"), "{found}");
}

#[test]
fn a_row_that_an_earlier_row_takes_is_a_warning() {
    let found =
        faults(GROUPS, &[("rates.csv", "item.sku,customer.country,rate\nA,,8%\nA,DE,9%\n")]).join("\n");
    assert!(found.starts_with("`tables/rates.csv`, row 3: warning[W602]"), "{found}");
}

#[test]
fn bands_limits_and_lists_stand_in_tables() {
    let contract = "[[payout.groups]]\nname = \"big\"\nwhen = 'item.sku in lists.sale'\nby = 'item.amount'\nbands = { table = \
                    \"bands\" }\n[[limits]]\ntable = \"caps\"\n";
    let mut source = source(
        contract,
        &[
            ("bands.csv", "from,rate\n0,1%\n100,2%\n"),
            (
                "caps.csv",
                "name,max,per,period,group\nmonthly,500.00,partner | customer,month,big\nall,900,partner,,\n",
            ),
            ("skus.csv", "word,note\nA,x\nB,y\n"),
        ],
    );
    source.insert(
        "program.toml",
        format!("{PROGRAM}[lists]\nsale = {{ table = \"skus\", column = \"word\" }}\n"),
    );
    let program = Engine::default().load(&source).map_err(|error| error.to_string()).unwrap();
    assert_eq!(program.warnings().to_string(), "");
    let version = &program.terms().contracts[0].versions[0];
    assert_eq!(version.limits.len(), 2);
    assert_eq!(program.terms().lists["sale"].len(), 2);
    let wrong =
        faults("[[limits]]\ntable = \"caps\"\n", &[("caps.csv", "name,max,per,period\na,5,partner,mnth\n")]);
    assert!(wrong[0].starts_with("`tables/caps.csv`, row 2, column D (`period`)"), "{wrong:?}");
}

#[test]
fn sheets_of_a_workbook_name_the_workbook() {
    let row = |number, cells: [&str; 2]| TableRow { number, cells: cells.map(str::to_owned).into() };
    let mut source = source(GROUPS, &[]);
    let mut table = TableFile {
        file: "tables/rates.xlsx".to_owned(),
        sheet: Some("Gold".to_owned()),
        rows: vec![row(3, ["item.sku", "rate"]), row(7, ["A", "0.08"])],
        faults: Vec::new(),
    };
    source.insert_table(table.clone());
    let engine = Engine::default();
    let found = engine.load(&source).unwrap_err();
    assert!(
        found.0[0].to_string().starts_with("`tables/rates.xlsx`, sheet `Gold`, row 7, column B (`rate`)"),
        "{found}"
    );
    table.rows[1].cells[1] = "8%".to_owned();
    source.insert_table(table.clone());
    let digest = engine.load(&source).map_err(|error| error.to_string()).unwrap().terms().contracts[0]
        .versions[0]
        .digest;
    // The same cells as a file of the same name have the same digest.
    let mut same = self::source(GROUPS, &[]);
    same.insert("tables/rates#Gold.csv", "\r\n\r\n\"item.sku\", rate\r\n\r\n\r\n\r\nA,8%,\r\n");
    assert_eq!(engine.load(&same).unwrap().terms().contracts[0].versions[0].digest, digest);
    table.faults.push(CellFault {
        row: 7,
        column: 2,
        message: "this is a formula".to_owned(),
        help: "paste".to_owned(),
    });
    source.insert_table(table);
    assert!(
        engine
            .load(&source)
            .unwrap_err()
            .to_string()
            .contains("row 7, column B (`rate`): error[E106]: this is a formula")
    );
}

#[test]
fn names_of_tables_are_found_or_proposed() {
    let found =
        faults("[[payout.groups]]\ntable = \"rate\"\n", &[("rates.csv", "item.sku,rate\nA,8%\n")]).join("\n");
    assert!(found.contains("there is no table `rate`") && found.contains("did you mean `rates`?"), "{found}");
    let two = [("rates#A.csv", "item.sku,rate\nA,8%\n"), ("rates#B.csv", "item.sku,rate\nB,8%\n")];
    assert!(faults(GROUPS, &two).join("\n").contains("[write `rates#A` or `rates#B`]"));
    let found = faults("", &[("rates.csv", "item.sku,rate\nA,8%\n")]).join("\n");
    assert!(found.contains("nothing uses `tables/rates.csv`"), "{found}");
}

#[test]
fn tables_are_bounded() {
    let mut limits = crate::Limits::default();
    limits.set("table_rows", 3).unwrap();
    limits.set("table_columns", 2).unwrap();
    let engine = Engine::builder().limits(limits).rules(Rules::Interpreted).build();
    let of = |text: &str| engine.load(&source(GROUPS, &[("rates.csv", text)])).unwrap_err().to_string();
    assert!(of("item.sku,rate\nA,1%\nB,1%\nC,1%\n").contains("error[E109]"));
    assert!(of("item.sku,rate,name\nA,1%,x\n").contains("error[E109]"));
    // Every use of a table makes rules of its rows.
    let text: String = (0..20_000).map(|n| format!("a{n},1%\n")).collect();
    let text = format!("attributes.tier,rate\n{text}");
    let many = "[[payout.groups]]\ntable = \"rates\"\n".repeat(20);
    let found = load(&many, &[("rates.csv", &text)]).unwrap_err();
    assert!(found.iter().any(|fault| fault.code == crate::diagnostic::Code::TooLarge), "{}", found.0.len());
}

#[test]
fn groups_that_are_exported_read_back() {
    let written = r#"
[[payout.groups]]
name = "gold"
when = 'known(attributes.tier) && attributes.tier == "gold" && action.amount >= 100 && action.amount < 200'
rate = "8.5%"
[[payout.groups]]
name = "north, or code"
when = 'customer.status in ["new", "existing"] && ("VIP" in action.promo_codes || item.quantity > 3)'
add = "1.50"
add_per = "unit"
[[payout.groups]]
name = "odd"
when = 'item.sku == "Home, Garden" && item.sku != "not x" && "VIP" in action.promo_codes && item.amount <= 99.95'
points = "1%"
multiply = "1.10"
[[payout.groups]]
name = "by bands"
by = 'item.amount'
bands = [{ from = "0", rate = "1%" }]
"#;
    let program = loaded(written, &[]);
    let table = program.groups_table("standard", None, None).unwrap();
    assert_eq!(table.left_out, [("by bands".to_owned(), "it has bands".to_owned())]);
    let csv = table.csv();
    assert!(csv.starts_with("name,"), "{csv}");
    let again = loaded(GROUPS, &[("rates.csv", &csv)]);
    let said = |program: &Program| -> Vec<String> {
        groups(program).iter().take(3).map(|group| format!("{} {:?}", group.name, group.pays)).collect()
    };
    assert_eq!(said(&again), said(&program), "{csv}");
    // The table of the table is the same table.
    assert_eq!(again.groups_table("standard", None, None).unwrap().csv(), csv);
    assert!(csv.contains("gold,gold,100..200"), "{csv}");
}
