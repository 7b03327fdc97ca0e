//! Bundles as they are built, and as somebody who means harm would have them: a table of what is changed and of what is
//! said about it, and random changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use accrue::Source;
use accrue::digest::Digest;
use accrue::{Engine, Limits};
use accrue_bundle::{Bundle, BundleError, Contents, FIRST_LINE, Kind, SecretKey, Trust, build};
use proptest::prelude::*;
use serde_json::{Value, json};

const FILES: [(&str, &str); 4] = [
    ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n"),
    (
        "contracts/standard.toml",
        "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n\
         [[payout.groups]]\nname = \"loyal\"\nrule = \"rules/loyal.rhai\"\n",
    ),
    ("rules/loyal.rhai", "if action.amount > 50 { rate(percent(8)); }\n"),
    ("components/fraud.wasm", "\0asm\x0d\0\x01\0"),
];

fn contents() -> Contents {
    let modules = BTreeMap::from([("modules/standard-1.wasm".to_owned(), b"\0asm\x01\0\0\0".to_vec())]);
    Contents { program: "shop".to_owned(), source: Source::from_files(FILES), modules }
}

fn key() -> SecretKey {
    SecretKey::from_seed([1; 32])
}

fn unsigned() -> Vec<u8> {
    build(&contents(), &Limits::default(), None).unwrap()
}

fn signed() -> Vec<u8> {
    build(&contents(), &Limits::default(), Some(&key())).unwrap()
}

fn read(bytes: &[u8]) -> Result<Bundle, BundleError> {
    Bundle::read(bytes, &Limits::default(), &Trust::Anyone)
}

/// A bundle in its parts, to be spoilt and put together again.
struct Draft {
    first: String,
    manifest: Value,
    /// What the manifest is written as, instead of `manifest`.
    text: Option<String>,
    /// Below the manifest; the right digest when left out.
    signature: Option<String>,
    body: Vec<u8>,
}

impl Draft {
    fn new() -> Self {
        let bytes = unsigned();
        let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
        lines.next();
        let manifest = serde_json::from_slice(lines.next().unwrap()).unwrap();
        let body = lines.nth(1).unwrap().to_vec();
        Self { first: FIRST_LINE.to_owned(), manifest, text: None, signature: None, body }
    }

    fn bytes(&self) -> Vec<u8> {
        let line = self.text.clone().unwrap_or_else(|| written(&self.manifest));
        let mut bytes = format!("{}{line}\n", self.first).into_bytes();
        let signature =
            self.signature.clone().unwrap_or_else(|| format!("unsigned {}\n", Digest::of(&bytes)));
        bytes.extend(signature.as_bytes());
        bytes.extend(&self.body);
        bytes
    }

    fn file(&mut self, at: usize) -> &mut Value {
        &mut self.manifest["files"][at]
    }

    fn files(&mut self) -> &mut Vec<Value> {
        self.manifest["files"].as_array_mut().unwrap()
    }
}

/// The manifest in the order of its fields, which JSON values do not keep.
fn written(manifest: &Value) -> String {
    let files: Vec<String> = manifest["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            let Value::Object(extra) = f else { panic!() };
            let rest: String = extra
                .iter()
                .filter(|(key, _)| !["path", "kind", "bytes", "sha256"].contains(&key.as_str()))
                .map(|(key, value)| format!(",{}:{value}", json!(key)))
                .collect();
            format!(
                "{{\"path\":{},\"kind\":{},\"bytes\":{},\"sha256\":{}{rest}}}",
                f["path"], f["kind"], f["bytes"], f["sha256"]
            )
        })
        .collect();
    format!(
        "{{\"engine\":{},\"program\":{},\"limits\":{},\"files\":[{}]}}",
        manifest["engine"],
        manifest["program"],
        manifest["limits"],
        files.join(",")
    )
}

#[test]
fn what_went_in_comes_out() {
    let bundle = read(&unsigned()).unwrap();
    assert_eq!(*bundle.source(), Source::from_files(FILES));
    assert_eq!(*bundle.modules(), contents().modules);
    assert_eq!((bundle.manifest().program.as_str(), bundle.signer()), ("shop", None));
    assert_eq!(read(&Draft::new().bytes()), Ok(bundle));
}

#[test]
fn two_builds_are_the_same_bytes_in_whatever_order_the_files_come() {
    let mut backwards = contents();
    backwards.source = Source::from_files(FILES.into_iter().rev());
    for key in [None, Some(key())] {
        let once = build(&contents(), &Limits::default(), key.as_ref()).unwrap();
        assert_eq!(once, build(&contents(), &Limits::default(), key.as_ref()).unwrap());
        assert_eq!(once, build(&backwards, &Limits::default(), key.as_ref()).unwrap());
    }
    assert_eq!(read(&unsigned()).unwrap().digest(), read(&signed()).unwrap().digest(), "whoever signs it");
}

#[test]
fn what_is_spoilt_is_refused_by_name() {
    type Spoil = fn(&mut Draft);
    // The files in their order: components/fraud.wasm, contracts/standard.toml, modules/standard-1.wasm, program.toml,
    // rules/loyal.rhai.
    let table: [(&str, Spoil); 29] = [
        ("this is no bundle", |d| d.first = "accrue bundlf 1\n".into()),
        ("this is no bundle", |d| d.first = "PK\x03\x04".into()),
        ("has format 2, and this version reads format 1", |d| d.first = "accrue bundle 2\n".into()),
        ("the manifest cannot be read: expected", |d| d.text = Some("engine".into())),
        ("unknown field `owner`", |d| d.file(0)["owner"] = json!("root")),
        ("missing field", |d| d.text = Some("{}".into())),
        ("is not written as `accrue build` writes it", |d| d.text = Some(written(&d.manifest) + " ")),
        ("does not have the digest in the line below it", |d| {
            d.signature = Some(format!("unsigned {}\n", Digest::of(b"another")));
        }),
        ("is neither `unsigned DIGEST` nor", |d| d.signature = Some("signed\n".into())),
        ("is neither `unsigned DIGEST` nor", |d| {
            d.signature = Some(format!("ed25519 {}\n", "0".repeat(300)))
        }),
        ("`../../etc/cron.d/x` has a part `.` or `..`", |d| d.file(0)["path"] = json!("../../etc/cron.d/x")),
        ("has a part `.` or `..`", |d| d.file(4)["path"] = json!("rules/../../x.rhai")),
        ("has an empty part", |d| d.file(0)["path"] = json!("/etc/passwd")),
        ("has a backslash, a colon or", |d| d.file(0)["path"] = json!("rules\\x.rhai")),
        ("has a backslash, a colon or", |d| d.file(0)["path"] = json!("c:x")),
        ("is longer than 255 bytes", |d| {
            d.file(4)["path"] = json!("rules/".to_owned() + "x".repeat(255).as_str())
        }),
        ("`program.toml` stands in the manifest twice", |d| {
            let twice = d.file(3).clone();
            d.files().insert(3, twice);
        }),
        ("`contracts/standard.toml` is not in its place", |d| d.files().swap(1, 2)),
        ("`components/fraud.wasm` is listed as a source", |d| d.file(0)["kind"] = json!("source")),
        ("`secrets.txt` is listed as a source", |d| d.file(4)["path"] = json!("secrets.txt")),
        ("unknown variant `script`", |d| d.file(4)["kind"] = json!("script")),
        ("the bundle has no `program.toml`", |d| d.file(3)["path"] = json!("program.tom")),
        ("`rules/loyal.rhai` has 18446744073709551615 bytes", |d| d.file(4)["bytes"] = json!(u64::MAX)),
        ("the bundle ends inside `rules/loyal.rhai`", |d| d.file(4)["bytes"] = json!(1_000)),
        ("goes on after the last file of its manifest", |d| d.file(4)["bytes"] = json!(3)),
        ("goes on after the last file of its manifest (bytes: 1)", |d| d.body.push(b'x')),
        ("the bundle ends inside `rules/loyal.rhai`", |d| {
            d.body.pop();
        }),
        ("`contracts/standard.toml` does not have the digest", |d| {
            let at = d.body.windows(2).position(|two| two == b"4%").unwrap();
            d.body[at] = b'9';
        }),
        ("`program.toml` does not have the digest", |d| d.file(3)["sha256"] = json!(Digest::of(b""))),
    ];
    for (said, spoil) in table {
        let mut draft = Draft::new();
        spoil(&mut draft);
        let refused = read(&draft.bytes());
        // A bundle without `program.toml` has a stray file in its place.
        let said =
            if said.contains("no `program.toml`") { "`program.tom` is listed as a source" } else { said };
        match refused {
            Ok(_) => panic!("not refused: {said}"),
            Err(error) => assert!(error.to_string().contains(said), "{said}\n{error}"),
        }
    }
}

#[test]
fn a_file_that_is_not_listed_or_not_there_is_refused() {
    let mut unlisted = Draft::new();
    unlisted.files().pop();
    assert!(matches!(read(&unlisted.bytes()), Err(BundleError::Trailing { .. })));
    let mut missing = Draft::new();
    missing
        .files()
        .push(json!({ "path": "rules/x.rhai", "kind": "source", "bytes": 1, "sha256": Digest::of(b"x") }));
    assert!(matches!(read(&missing.bytes()), Err(BundleError::Truncated { .. })));
    let mut empty = Draft::new();
    empty.files().clear();
    empty.body.clear();
    assert_eq!(read(&empty.bytes()), Err(BundleError::NoProgram));
}

#[test]
fn what_is_cut_off_anywhere_is_refused() {
    for bytes in [unsigned(), signed()] {
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length]).is_err(), "the first {length} bytes");
        }
    }
}

#[test]
fn sizes_are_refused_before_contents_are_looked_at() {
    let limits = |source_bytes, program_bytes| Limits { source_bytes, program_bytes, ..Limits::default() };
    let is_source = |path: &str| Kind::of_path(path) == Some(Kind::Source);
    let longest = FILES.iter().filter(|(path, _)| is_source(path)).map(|(_, text)| text.len());
    let (all, longest) = (longest.clone().sum::<usize>(), longest.max().unwrap());
    let read = |limits| Bundle::read(&unsigned(), &limits, &Trust::Anyone);
    assert!(read(limits(longest, all)).is_ok());
    for limits in [limits(longest - 1, all), limits(longest, all - 1)] {
        assert!(matches!(read(limits.clone()), Err(BundleError::TooLarge { .. })));
        assert!(build(&contents(), &limits, None).is_err());
    }
    let small = Limits { component_bytes: FILES[3].1.len() - 1, ..Limits::default() };
    assert!(matches!(read(small.clone()), Err(BundleError::TooLarge { .. })));
    assert!(build(&contents(), &small, None).is_err());
    let endless = [FIRST_LINE.as_bytes(), &vec![b'x'; accrue_bundle::MANIFEST_BYTES + 1]].concat();
    assert!(matches!(
        Bundle::read(&endless, &Limits::default(), &Trust::Anyone),
        Err(BundleError::ManifestTooLong { .. })
    ));
}

#[test]
fn a_signature_is_needed_where_keys_are_pinned_and_must_be_one_of_theirs() {
    let limits = Limits::default();
    let (ours, other) = (key().public(), SecretKey::from_seed([2; 32]).public());
    let trust = Trust::Keys(vec![other, ours]);
    assert_eq!(Bundle::read(&signed(), &limits, &trust).unwrap().signer(), Some(&ours));
    assert_eq!(Bundle::read(&unsigned(), &limits, &trust), Err(BundleError::Unsigned));
    assert_eq!(
        Bundle::read(&signed(), &limits, &Trust::Keys(vec![other])),
        Err(BundleError::Untrusted { signer: Box::new(ours) })
    );
    assert!(Bundle::read(&signed(), &limits, &Trust::Keys(Vec::new())).is_err());
    // The signature of one bundle under the manifest of another, and one that somebody else is said to have made.
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().nth(2).unwrap().to_owned() + "\n";
    let mut moved = Draft::new();
    moved.manifest["program"] = json!("other");
    moved.signature = Some(text(&signed()));
    assert_eq!(
        Bundle::read(&moved.bytes(), &limits, &trust),
        Err(BundleError::WrongSignature { signer: Box::new(ours) })
    );
    assert!(read(&moved.bytes()).is_err(), "a wrong signature is refused where none is needed too");
    let mut claimed = Draft::new();
    claimed.signature = Some(text(&signed()).replace(&ours.to_string(), &other.to_string()));
    assert_eq!(read(&claimed.bytes()), Err(BundleError::WrongSignature { signer: Box::new(other) }));
}

#[test]
fn modules_must_be_what_the_sources_compile_to() {
    // A component that is none would not load.
    let source = Source::from_files(FILES.into_iter().take(3));
    let program = Engine::default().load(&source).unwrap();
    let of = |contents: &Contents| read(&build(contents, &Limits::default(), None).unwrap()).unwrap();
    let good = Contents::of(&program, source);
    let paths: Vec<&String> = good.modules.keys().collect();
    assert_eq!(
        paths,
        [
            "modules/standard-1-decimal.wasm",
            "modules/standard-1-small.wasm",
            "modules/standard-1-traced.wasm"
        ]
    );
    assert_eq!(of(&good).matches(&program), Ok(()));
    let low = Limits { rule_fuel: 50_000, ..Limits::default() };
    let strict = Engine::builder().limits(low).build().load(of(&good).source()).unwrap();
    assert_eq!(of(&good).matches(&strict), Ok(()), "a host with other limits");
    type Spoil = fn(&mut Contents);
    let table: [(&str, Spoil); 4] = [
        ("`modules/standard-1-small.wasm` is not what the sources compile to", |contents| {
            contents.modules.get_mut("modules/standard-1-small.wasm").unwrap().push(0);
        }),
        ("`modules/other-1-decimal.wasm` is not what the sources compile to", |contents| {
            contents.modules.insert("modules/other-1-decimal.wasm".to_owned(), b"\0asm\x01\0\0\0".to_vec());
        }),
        ("`modules/standard-1-decimal.wasm` is missing", |contents| {
            contents.modules.remove("modules/standard-1-decimal.wasm");
        }),
        ("manifest says program `other`, and `program.toml` says `shop`", |contents| {
            contents.program = "other".to_owned();
        }),
    ];
    for (said, spoil) in table {
        let mut contents = good.clone();
        spoil(&mut contents);
        let error = of(&contents).matches(&program).unwrap_err().to_string();
        assert!(error.contains(said), "{said}\n{error}");
    }
    let mut changed = good.clone();
    let rule = FILES[2].1.replace("50", "5");
    changed.source.insert("rules/loyal.rhai", rule);
    let bundle = of(&changed);
    let program = Engine::default().load(bundle.source()).unwrap();
    assert!(bundle.matches(&program).is_err(), "modules of a rule that was another one");
}

#[test]
fn what_is_no_program_is_not_bundled() {
    for path in ["README.md", "tests/a.toml", "rules/../x", "modules/x.wasm/..", "rules/a\nb"] {
        let mut contents = contents();
        contents.source.insert(path, "x");
        assert!(build(&contents, &Limits::default(), None).is_err(), "{path}");
    }
    let mut contents = contents();
    contents.modules.insert("rules/x.rhai".to_owned(), Vec::new());
    assert!(build(&contents, &Limits::default(), None).is_err());
}

#[test]
fn keys_are_one_line_each_and_are_not_mistaken() {
    let (secret, public) = (key().to_line(), key().public().to_line());
    assert_eq!(secret.parse::<SecretKey>().unwrap().public(), key().public());
    assert_eq!(public.parse(), Ok(key().public()));
    let said = |text: &str| text.parse::<accrue_bundle::PublicKey>().unwrap_err().to_string();
    assert!(said(&secret).contains("never give the secret key away"));
    assert!(said("ssh-ed25519 AAAA").contains("`accrue keygen` makes one"));
    assert!(
        said(&format!("accrue-public-ed25519 {}", "0".repeat(64))).contains("no public key"),
        "a weak one"
    );
    assert!(public.parse::<SecretKey>().unwrap_err().to_string().contains("only the secret one"));
    assert!(!format!("{:?}", key()).contains(&secret.trim()[22..]), "a secret is not printed by accident");
}

/// A change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Flip(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Delete(prop::sample::Index, usize),
    Copy(prop::sample::Index, prop::sample::Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), 1u8..).prop_map(|(at, by)| Change::Flip(at, by)),
        (at(), prop::collection::vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at(), 1usize..300).prop_map(|(at, count)| Change::Delete(at, count)),
        (at(), at(), 1usize..300).prop_map(|(from, to, count)| Change::Copy(from, to, count)),
    ]
}

proptest! {
    #[test]
    fn no_change_of_bytes_panics_or_is_taken_for_a_bundle(
        changes in prop::collection::vec(change(), 1..4), sign in any::<bool>()
    ) {
        let original = if sign { signed() } else { unsigned() };
        let mut bytes = original.clone();
        for change in changes {
            if bytes.is_empty() {
                break;
            }
            match change {
                Change::Flip(at, by) => {
                    let at = at.index(bytes.len());
                    bytes[at] ^= by;
                }
                Change::Insert(at, more) => {
                    let at = at.index(bytes.len());
                    bytes.splice(at..at, more);
                }
                Change::Delete(at, count) => {
                    let at = at.index(bytes.len());
                    bytes.drain(at..bytes.len().min(at + count));
                }
                Change::Copy(from, to, count) => {
                    let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
                    let piece = bytes[from..bytes.len().min(from + count)].to_vec();
                    bytes.splice(to..to, piece);
                }
            }
        }
        prop_assert!(bytes == original || read(&bytes).is_err());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), after in 0usize..4) {
        let before = ["", "accrue bundle ", FIRST_LINE, "accrue bundle 1\n{\"engine\":\""][after];
        prop_assert!(read(&[before.as_bytes(), &bytes].concat()).is_err());
    }
}
