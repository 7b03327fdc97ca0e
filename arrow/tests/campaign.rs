//! Campaign.
#![allow(warnings)]
mod reading;
use accrue::facts::{Action, read_action};
use accrue::limits::Limits;
use accrue_arrow::{ParquetActions, Rows, action_batch};
use arrow_array::types::*;
use arrow_array::*;
use arrow_schema::*;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

fn actions(count: usize) -> Vec<Action> {
    (0..count).map(|n| {
        let touches = if n % 3 == 0 { "[]".to_owned() } else { format!(r#"[{{"partner":"p{}","at":"2026-03-01T09:00:00Z","kind":"click","sub_ids":["a","b{n}"]}},{{"partner":"q","at":"2026-03-01T09:30:00Z","kind":"click"}}]"#, n % 5) };
        let cust = if n % 2 == 0 { r#""customer":{"id":"c1","country":"DE"},"# } else { "" };
        read_action(&format!(
            r#"{{"id":"a{n}","event_type":"sale","occurred_at":"2026-03-01T10:00:{:02}Z","amount":"{n}.50",{cust}
            "items":[{{"sku":"S{n}","amount":"1","quantity":{}}}],"promo_codes":["P"],"attributes":{{"x":"y{n}"}},
            "touches":{touches}}}"#, n % 60, n + 1)).unwrap()
    }).collect()
}

fn wide() -> RecordBatch {
    let n = 30usize;
    let text = |f: &dyn Fn(usize) -> Option<String>| -> ArrayRef {
        Arc::new(StringArray::from((0..n).map(|i| f(i)).collect::<Vec<_>>()))
    };
    let mut c: Vec<(&str, ArrayRef)> = vec![
        ("id", text(&|i| Some(format!("a{i}")))),
        ("event_type", text(&|_| Some("sale".into()))),
        (
            "occurred_at",
            Arc::new(
                TimestampMillisecondArray::from(
                    (0..n as i64).map(|i| 1_770_000_000_000 + i).collect::<Vec<_>>(),
                )
                .with_timezone("UTC"),
            ),
        ),
        (
            "amount",
            Arc::new(
                Decimal256Array::from(
                    (0..n as i64)
                        .map(|i| (i % 4 != 0).then(|| arrow_buffer::i256::from_i128(i.into())))
                        .collect::<Vec<_>>(),
                )
                .with_precision_and_scale(60, 2)
                .unwrap(),
            ),
        ),
        (
            "subtotal",
            Arc::new(
                Decimal128Array::from((0..n as i128).map(|i| (i % 4 != 0).then_some(i)).collect::<Vec<_>>())
                    .with_precision_and_scale(30, 2)
                    .unwrap(),
            ),
        ),
        (
            "tax",
            Arc::new(
                Decimal128Array::from((0..n as i128).collect::<Vec<_>>())
                    .with_precision_and_scale(8, 2)
                    .unwrap(),
            ),
        ),
        (
            "shipping",
            Arc::new(
                Decimal128Array::from((0..n as i128).map(|i| (i % 5 != 0).then_some(i)).collect::<Vec<_>>())
                    .with_precision_and_scale(16, 2)
                    .unwrap(),
            ),
        ),
        (
            "attributes.b",
            Arc::new(BooleanArray::from(
                (0..n).map(|i| (i % 7 != 0).then_some(i % 2 == 0)).collect::<Vec<_>>(),
            )),
        ),
        (
            "attributes.d",
            Arc::new(Date32Array::from(
                (0..n as i32).map(|i| (i % 7 != 0).then_some(20_000 + i)).collect::<Vec<_>>(),
            )),
        ),
        ("attributes.i8", Arc::new(Int8Array::from((0..n as i8).collect::<Vec<_>>()))),
        ("attributes.i16", Arc::new(Int16Array::from((0..n as i16).collect::<Vec<_>>()))),
        (
            "attributes.i32",
            Arc::new(Int32Array::from((0..n as i32).map(|i| (i % 3 != 0).then_some(i)).collect::<Vec<_>>())),
        ),
        (
            "attributes.i64",
            Arc::new(Int64Array::from((0..n as i64).map(|i| (i % 3 != 0).then_some(i)).collect::<Vec<_>>())),
        ),
        ("attributes.u8", Arc::new(UInt8Array::from((0..n as u8).collect::<Vec<_>>()))),
        ("attributes.u64", Arc::new(UInt64Array::from((0..n as u64).collect::<Vec<_>>()))),
        (
            "attributes.ns",
            Arc::new(
                TimestampNanosecondArray::from(
                    (0..n as i64).map(|i| 1_770_000_000_000_000_000 + i).collect::<Vec<_>>(),
                )
                .with_timezone("UTC"),
            ),
        ),
        ("attributes.t", text(&|i| (i % 3 != 0).then(|| format!("v{}", i % 4)))),
    ];
    let dict: DictionaryArray<Int32Type> =
        (0..n).map(|i| if i % 4 == 0 { None } else { Some(["x", "yy", "z"][i % 3]) }).collect();
    c.push(("attributes.k", Arc::new(dict)));
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(Vec::<Option<Vec<Option<i32>>>>::new());
    let _ = lists;
    RecordBatch::try_from_iter_with_nullable(c.into_iter().map(|(a, b)| {
        let null = b.null_count() > 0;
        (a, b, null)
    }))
    .unwrap()
}

fn corpus() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for (bn, batch) in [("actions", action_batch(&actions(24)).unwrap()), ("wide", wide())] {
        for (cn, c) in [
            ("none", Compression::UNCOMPRESSED),
            ("snappy", Compression::SNAPPY),
            ("zstd", Compression::ZSTD(ZstdLevel::default())),
        ] {
            for (vn, v) in [("v1", WriterVersion::PARQUET_1_0), ("v2", WriterVersion::PARQUET_2_0)] {
                for dict in [false, true] {
                    for small in [false, true] {
                        let mut p = WriterProperties::builder()
                            .set_compression(c)
                            .set_writer_version(v)
                            .set_dictionary_enabled(dict);
                        // v2 would choose delta encodings
                        if !dict && vn == "v2" {
                            p = p.set_encoding(parquet::basic::Encoding::PLAIN);
                        }
                        if small {
                            p = p
                                .set_data_page_row_count_limit(5)
                                .set_write_batch_size(5)
                                .set_max_row_group_row_count(Some(12))
                                .set_statistics_enabled(EnabledStatistics::Page)
                                .set_write_page_header_statistics(true)
                                .set_bloom_filter_enabled(true);
                        } else {
                            p = p.set_statistics_enabled(EnabledStatistics::None);
                        }
                        let mut w =
                            ArrowWriter::try_new(Vec::new(), batch.schema(), Some(p.build())).unwrap();
                        w.write(&batch).unwrap();
                        let bytes = w.into_inner().unwrap();
                        let name = format!("{bn}-{cn}-{vn}-dict={dict}-small={small}");
                        if let Err(e) = reading::read_all(&bytes) {
                            eprintln!("not read {name}: {e}");
                            continue;
                        }
                        all.push((name, bytes));
                    }
                }
            }
        }
    }
    all
}

thread_local! { static LAST: RefCell<Option<String>> = const { RefCell::new(None) }; }

fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

fn mutate(whole: &[u8], s: &mut u64) -> Vec<u8> {
    let mut b = whole.to_vec();
    let n = b.len();
    let flen = u32::from_le_bytes(b[n - 8..n - 4].try_into().unwrap()) as usize;
    let footer = n - 8 - flen;
    let times = 1 + next(s) % 3;
    for _ in 0..times {
        let at = match next(s) % 4 {
            0 | 1 => next(s) % footer,
            2 => footer + next(s) % flen,
            _ => next(s) % b.len(),
        };
        let at = at.min(b.len() - 1);
        match next(s) % 9 {
            0 | 1 | 2 => b[at] ^= 1 << (next(s) % 8),
            3 | 4 => b[at] = (next(s) & 0xFF) as u8,
            5 => b[at] = [0, 1, 2, 0x7F, 0x80, 0xFF, 0xFE, 3, 4][next(s) % 9],
            6 => {
                let k = 1 + next(s) % 8;
                for x in b[at..].iter_mut().take(k) {
                    *x = 0xFF
                }
            }
            7 => {
                let k = 1 + next(s) % 8;
                for x in b[at..].iter_mut().take(k) {
                    *x = 0
                }
            }
            _ => {
                let from = next(s) % n;
                let k = 1 + next(s) % 40;
                for i in 0..k {
                    if at + i < b.len() && from + i < n {
                        b[at + i] = whole[from + i]
                    }
                }
            }
        }
    }
    b
}

fn read(bytes: &[u8]) -> Result<usize, String> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let mut a = ParquetActions::open(file, &Limits::default()).map_err(|e| e.to_string())?;
    let (mut rows, mut n) = (Rows::default(), 0);
    while a.read(&mut rows).map_err(|e| e.to_string())? {
        n += rows.len()
    }
    Ok(n)
}

#[test]
fn campaign() {
    let total: usize = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let mut seed: u64 = std::env::var("SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let files = corpus();
    eprintln!("{} files, {} bytes", files.len(), files.iter().map(|f| f.1.len()).sum::<usize>());
    std::panic::set_hook(Box::new(|info| {
        let at = info.location().map(|l| format!("{}:{}", l.file(), l.line())).unwrap_or_default();
        let message = info
            .payload()
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| info.payload().downcast_ref::<&str>().map(|s| s.to_string()))
            .unwrap_or_default();
        let bt = std::backtrace::Backtrace::force_capture().to_string();
        let frames: Vec<&str> = bt
            .lines()
            .map(str::trim)
            .filter(|l| {
                (l.contains("parquet::")
                    || l.contains("arrow_")
                    || l.contains("snap::")
                    || l.contains("zstd"))
                    && !l.starts_with("at ")
            })
            .take(6)
            .collect();
        LAST.with(|l| *l.borrow_mut() = Some(format!("{at} | {message}\n      {}", frames.join("\n      "))));
    }));
    let mut sites: BTreeMap<String, (usize, String, u64)> = BTreeMap::new();
    let (mut ok, mut err) = (0, 0);
    let mut messages: BTreeMap<String, usize> = BTreeMap::new();
    let start = std::time::Instant::now();
    for i in 0..total {
        let (name, whole) = &files[i % files.len()];
        let before = seed;
        let bytes = mutate(whole, &mut seed);
        let t = std::time::Instant::now();
        let r = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read(&bytes)));
        if t.elapsed().as_millis() > 2000 {
            eprintln!("slow {name} {before} {:?}", t.elapsed());
        }
        if let Some(last) = LAST.with(|l| l.borrow_mut().take()) {
            let key = last.split(" | ").next().unwrap().to_owned();
            let e = sites.entry(key).or_insert_with(|| (0, last, before));
            e.0 += 1;
            if e.0 == 1 {
                std::fs::create_dir_all("/tmp/w/h-columns-cases").unwrap();
                std::fs::write(
                    format!(
                        "/tmp/w/h-columns-cases/{}-{before}.parquet",
                        e.1.split(" | ").next().unwrap().rsplit('/').next().unwrap().replace(':', "_")
                    ),
                    &bytes,
                )
                .unwrap();
                eprintln!("NEW {name} {before}: {} -> {r:?}", e.1);
            }
        }
        match r {
            Ok(Ok(_)) => ok += 1,
            Ok(Err(m)) => {
                err += 1;
                let m: String = m.chars().filter(|c| !c.is_ascii_digit()).take(110).collect();
                *messages.entry(m).or_default() += 1;
            }
            Err(_) => {}
        }
    }
    let _ = std::panic::take_hook();
    eprintln!("{total} in {:?}: ok {ok} err {err}; {} sites", start.elapsed(), sites.len());
    for (k, v) in &sites {
        eprintln!("{} x {k} first seed {}", v.0, v.2);
    }
    if std::env::var("MSG").is_ok() {
        for (m, n) in &messages {
            eprintln!("{n:6} {m}");
        }
    }
}
