//! Workbooks: what cells of sheets become, and what is refused before it takes memory.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod files;

use std::sync::{Mutex, PoisonError};

use accrue_import::{ImportOptions, Imported, MappedActions, Mapping, SheetLimits, guess, is_reading};
use files::{each_way, ods, xlsx, zipped, zipped_over};

const MAPPING: &str = r#"
title = "A workbook"
[values]
dates = ["DD.MM.YYYY HH:mm"]
time_zone = "Europe/Berlin"
decimal_mark = ","
[columns]
id = "Order"
event_type = { value = "sale" }
occurred_at = "Date"
amount = "Total"
"#;

fn mapping(more: &str) -> Mapping {
    Mapping::parse("mapping.toml", &format!("{MAPPING}{more}")).unwrap()
}

/// Returns the actions as lines, or the errors.
fn read(file: &[u8], mapping: &Mapping, sheets: SheetLimits) -> Vec<String> {
    let options = ImportOptions { sheets: sheets.clone(), ..ImportOptions::default() };
    let found = each_way(file, &sheets, |export| {
        let lines: Vec<String> =
            MappedActions::open(export, mapping, &options)?.map(|read| line(&read)).collect();
        let guess = guess(export, &options).map(|guess| (guess.questions, guess.form, guess.rows));
        Ok((lines, guess.map_err(|error| error.to_string())))
    });
    found.map_or_else(|error| vec![error], |(lines, _)| lines)
}

fn line(read: &Result<Imported, accrue::facts::Reject>) -> String {
    match read {
        Ok(Imported::Action(record)) => {
            let action = &record.action;
            let amount = action.amount.map(|amount| amount.to_string()).unwrap_or_default();
            format!("{} {} {amount} | {}", action.id, action.occurred_at, record.text)
        }
        Ok(Imported::SetAside(rows)) => format!("set aside {}", rows.text),
        Ok(Imported::Reversed(record, _)) => format!("reversed {}", record.text),
        Err(reject) => format!("{} | {}", reject.errors, String::from_utf8_lossy(&reject.text)),
    }
}

fn sheet(rows: &str) -> Vec<u8> {
    xlsx(&format!("<sheetData>{rows}</sheetData>"), &[])
}

const HEADER: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Order</t></is></c><c r="B1" t="inlineStr"><is><t>Date</t></is></c><c r="C1" t="inlineStr"><is><t>Total</t></is></c></row>"#;

#[test]
fn numbers_and_dates_of_sheets() {
    let rows = format!(
        r#"{HEADER}
        <row r="2"><c r="A2"><v>1001</v></c><c r="B2" s="1"><v>46083.375694444447</v></c><c r="C2"><v>1537.66</v></c></row>
        <row r="4"><c r="A4" t="inlineStr"><is><t> 0012 </t></is></c><c r="B4" t="inlineStr"><is><t>02.03.2026 09:01</t></is></c><c r="C4" t="inlineStr"><is><t>1537,66</t></is></c></row>
        <row r="5"><c r="A5"><v>1.23456789012345E+18</v></c><c r="B5"><v>46083</v></c><c r="C5"><v>0.30000000000000004</v></c></row>
        <row r="6"><c r="A6"><v>7</v></c><c r="B6" s="1"><v>46110.104166666664</v></c><c r="C6" t="e"><v>#REF!</v></c></row>
        <row r="7"><c r="A7"><v>8</v></c><c r="B7" s="1"><v>46083</v></c><c r="C7" s="1"><v>46083</v></c></row>"#
    );
    let read = read(&sheet(&rows), &mapping(""), SheetLimits::default());
    assert_eq!(read[0], "1001 2026-03-02T08:01:00Z 1537.66 | 1001,02.03.2026 09:01,\"1537,66\"");
    assert_eq!(read[1], "0012 2026-03-02T08:01:00Z 1537.66 | 0012,02.03.2026 09:01,\"1537,66\"");
    assert!(
        read[2].contains("line 5: Order (id): `1234567890123450000` has more than the 15 digits"),
        "{}",
        read[2]
    );
    assert!(
        read[2].contains("line 5: Date (occurred_at): `46083` is no date in the spreadsheet"),
        "{}",
        read[2]
    );
    assert!(
        read[2].contains("line 5: Total (amount): `0.30000000000000004` has more than the 15 digits"),
        "{}",
        read[2]
    );
    assert!(read[3].contains("clocks in Europe/Berlin never show"), "{}", read[3]);
    assert!(read[3].contains("`#REF!` is an error of the spreadsheet"), "{}", read[3]);
    assert!(read[4].contains("is a date or a time in the spreadsheet"), "{}", read[4]);
    assert_eq!(read.len(), 5);
}

#[test]
fn a_date_and_a_time_in_two_columns() {
    let columns =
        MAPPING.replace("occurred_at = \"Date\"", "occurred_at = { columns = [\"Date\", \"Total\"] }");
    let mapping = Mapping::parse("mapping.toml", &columns.replace("amount = \"Total\"", "")).unwrap();
    let rows = format!(
        r#"{HEADER}<row r="2"><c r="A2"><v>1</v></c><c r="B2" s="1"><v>46083</v></c><c r="C2" s="1"><v>0.37569444444444444</v></c></row>"#
    );
    let read = read(&sheet(&rows), &mapping, SheetLimits::default());
    assert!(read[0].starts_with("1 2026-03-02T08:01:00Z"), "{}", read[0]);
}

#[test]
fn a_sheet_of_ods() {
    let cell = |text: &str| {
        format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
    };
    let header = [cell("Order"), cell("Date"), cell("Total")].concat();
    let content = format!(
        r#"<table:table table:name="March"><table:table-row>{header}<table:table-cell table:number-columns-repeated="16381"/></table:table-row>
        <table:table-row>{}<table:table-cell office:value-type="date" office:date-value="2026-03-02T09:01:00"><text:p>x</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="1537.66"><text:p>x</text:p></table:table-cell></table:table-row>
        <table:table-row table:number-rows-repeated="1048574"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>"#,
        cell("1001")
    );
    let found = read(&ods(&content), &mapping(""), SheetLimits::default());
    assert_eq!(found, ["1001 2026-03-02T08:01:00Z 1537.66 | 1001,02.03.2026 09:01,\"1537,66\""]);
    let other = read(&ods(&content), &mapping("[file]\nsheet = \"Marhc\"\n"), SheetLimits::default());
    assert_eq!(other, ["the workbook has no sheet `Marhc`; did you mean `March`?"]);
}

#[test]
fn formulas_are_refused_only_in_columns_that_are_read() {
    let row = |a: &str, d: &str| {
        format!(
            r#"{}<row r="2"><c r="A2">{a}<v>1</v></c><c r="B2" s="1"><v>46083</v></c><c r="C2"><v>5</v></c><c r="D2">{d}<v>5</v></c></row>"#,
            HEADER.replace("</row>", r#"<c r="D1" t="inlineStr"><is><t>Sum</t></is></c></row>"#)
        )
    };
    let ignore = mapping("[rows]\nignore = [\"Sum\"]\n");
    assert!(read(&sheet(&row("", "<f>C2*2</f>")), &ignore, SheetLimits::default())[0].starts_with("1 2026"));
    let refused = read(&sheet(&row("<f>ROW()</f>", "")), &ignore, SheetLimits::default());
    assert!(
        refused[0].starts_with("line 2: Order: this column has formulas")
            && refused[0].contains("paste it as values")
    );
}

#[test]
fn workbooks_beyond_the_limits_are_refused() {
    let limits = || SheetLimits {
        cells: 1_000,
        columns: 10,
        inflated_bytes: 1 << 20,
        entries: 8,
        ..SheetLimits::default()
    };
    let refused = |file: &[u8]| read(file, &mapping(""), limits()).join("\n");
    let far = |place: &str| sheet(&format!(r#"{HEADER}<row r="2"><c r="{place}"><v>1</v></c></row>"#));
    assert!(refused(&far("XFD2")).contains("row 2 has 16384 columns, and at most 10 are read"));
    assert!(refused(&far("A9999999")).contains("more than 1048576 rows"));
    assert!(refused(&far("ABCD2")).contains("there is no cell `ABCD2`"));
    let many: String =
        (2..200).map(|row| format!(r#"<row r="{row}"><c r="J{row}"><v>1</v></c></row>"#)).collect();
    assert!(refused(&sheet(&format!("{HEADER}{many}"))).contains("more than 1000 cells"));
    let backwards =
        format!(r#"{HEADER}<row r="3"><c r="A3"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>"#);
    assert!(refused(&sheet(&backwards)).contains("cells out of order"));

    let bomb = " ".repeat(2 << 20);
    assert!(
        refused(&xlsx("<sheetData/>", &[("xl/media/image1.png", &bomb)]))
            .contains("more than 1048576 bytes when it is unpacked")
    );
    let token = xlsx(&format!("<sheetData a=\"{}\"/>", "x".repeat((1 << 20) + 10)), &[]);
    let wide = SheetLimits { inflated_bytes: 8 << 20, ..limits() };
    assert!(read(&token, &mapping(""), wide).join("").contains("a text of more than"));
    let entries: Vec<(String, &str)> = (0..9).map(|n| (format!("x{n}"), "")).collect();
    let entries: Vec<(&str, &str)> = entries.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    assert!(refused(&xlsx("<sheetData/>", &entries)).contains("parts, and at most 8 are read"));
    let small = SheetLimits { file_bytes: 10, ..limits() };
    assert!(read(&sheet(HEADER), &mapping(""), small).join("").contains("at most 10 are read"));
}

#[test]
fn repeat_counts_of_ods_are_counted_before_they_are_expanded() {
    let refused = |content: &str| read(&ods(content), &mapping(""), SheetLimits::default()).join("\n");
    let cell = r#"<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="REPEAT"/>"#;
    let table = |rows: &str, columns: &str| {
        let cell = cell.replace("REPEAT", columns);
        format!(
            r#"<table:table table:name="a"><table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row></table:table>"#
        )
    };
    assert!(refused(&table("1", "1000000")).contains("1000000 columns, and at most 1000 are read"));
    assert!(refused(&table("1000000", "1000")).contains("more than 5000000 cells"));
    assert!(refused(&table("2000000", "1")).contains("more than 1048576 rows"));
    assert!(refused(&table("99999999999999999999999", "1")).contains("is no repeat count"));
    let apart = format!(
        r#"<table:table table:name="a"><table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row><table:table-row>{}</table:table-row></table:table>"#,
        cell.replace("REPEAT", "900")
    );
    assert!(refused(&apart).contains("more than 5000000 cells"));
}

#[test]
fn what_is_no_workbook_to_read_is_refused() {
    let refused = |file: &[u8]| read(file, &mapping(""), SheetLimits::default()).join("\n");
    let linked = xlsx("<sheetData/>", &[("xl/externalLinks/externalLink1.xml", "<a/>")]);
    assert!(refused(&linked).contains("takes values from other files"));
    assert!(refused(&zipped(&[("readme.txt", "x")])).contains("a zip file without a workbook"));
    assert!(refused(&zipped(&[("xl/workbook.bin", "x")])).contains("binary workbook"));
    let encrypted =
        zipped(&[("content.xml", "<a/>"), ("META-INF/manifest.xml", "<manifest:encryption-data/>")]);
    assert!(refused(&encrypted).contains("encrypted; save it without a password"));
    let mut cut = sheet(HEADER);
    cut.truncate(cut.len() / 2);
    assert!(refused(&cut).contains("this workbook is damaged"));
    assert!(refused(b"PK\x03\x04").contains("this workbook is damaged"));
    // calamine waits for ever for the end of these.
    let early = "this workbook is damaged: a part of it ends early";
    assert!(refused(&xlsx("<sheetData/>", &[("xl/sharedStrings.xml", "<sst><si>")])).starts_with(early));
    assert!(refused(&ods("<table:table table:name=\"a\"><table:table-row>")).contains("damaged"));
    assert!(refused(&xlsx("<sheetData><row><c></row>", &[])).contains("damaged"));
}

/// Returns a text with a few characters replaced, cut out or repeated.
fn damaged(text: &str, state: &mut u64) -> String {
    let mut next = |below: usize| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*state >> 33).unwrap() % below.max(1)
    };
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=next(3) {
        let at = next(letters.len());
        let end = (at + next(12)).min(letters.len());
        match next(4) {
            0 => drop(letters.drain(at..end)),
            1 => {
                let piece = letters[at..end].to_vec();
                letters.splice(at..at, piece);
            }
            2 => letters[at] = ['0', '9', '-', '<', '>', '"', '/', ' ', 'é', '&'][next(10)],
            _ => {
                letters.splice(at..end, "99999999999".chars());
            }
        }
    }
    letters.into_iter().collect()
}

/// The library that reads workbooks may panic. That is an error of the file, and a hook can tell it from any other panic.
#[test]
fn damaged_workbooks_are_read_or_refused() {
    static PANICS: Mutex<Vec<(bool, String)>> = Mutex::new(Vec::new());
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.lock().unwrap_or_else(PoisonError::into_inner).push((is_reading(), panic.to_string()));
        if !is_reading() {
            print(panic);
        }
    }));
    let rows = format!(
        r#"{HEADER}<row r="2"><c r="A2"><v>1001</v></c><c r="B2" s="1"><v>46083.375</v></c><c r="C2" t="s"><v>0</v></c></row>
        <row r="3"><c r="A3" t="b"><v>1</v></c><c r="B3" t="d"><v>2026-03-02T09:01:00</v></c><c r="C3" t="str"><f t="shared" si="0" ref="C3:C4">A1</f><v>5</v></c></row>"#
    );
    let strings = r#"<sst count="1"><si><t>1537,66</t></si></sst>"#;
    let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy-mm"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;
    let cell = |kind: &str, value: &str| {
        format!(
            r#"<table:table-cell office:value-type="{kind}" {value}><text:p>Order</text:p></table:table-cell>"#
        )
    };
    let tables = format!(
        r#"<table:table table:name="a"><table:table-row>{}</table:table-row><table:table-row table:number-rows-repeated="2">{}{}{}</table:table-row></table:table>"#,
        cell("string", ""),
        cell("float", r#"office:value="1.5""#),
        cell("date", r#"office:date-value="2026-03-02T09:01:00""#),
        cell("time", r#"office:time-value="PT09H01M00S" table:number-columns-repeated="2""#)
    );
    let mut state = 9;
    for _ in 0..150 {
        let sheet = format!("<sheetData>{}</sheetData>", damaged(&rows, &mut state));
        let (strings, styles) = (damaged(strings, &mut state), damaged(styles, &mut state));
        let whole = xlsx(&sheet, &[("xl/sharedStrings.xml", &strings)]);
        let files =
            [zipped_over(&whole, &[("xl/styles.xml", &styles)]), whole, ods(&damaged(&tables, &mut state))];
        for file in files {
            let found = read(&file, &mapping(""), SheetLimits::default());
            assert!(found.iter().all(|line| !line.is_empty() && line.chars().count() < 8_000), "{found:?}");
        }
    }
    let panics = PANICS.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(panics.iter().all(|(is_reading, _)| *is_reading), "{panics:?}");
    println!("{panics:?}");
}
