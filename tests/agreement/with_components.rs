//! Contract versions in which components take part are decided alike by every way there is: by an engine that compiles
//! rules and one that does not, one by one and in batches, from a folder and from a bundle.

use accrue::Options;
use accrue::Rules;
use accrue::internals::terms;
use accrue_tests::awarded::reasons;
use std::collections::BTreeSet;

use accrue::Source;
use accrue::decide::Decision;
use accrue::digest::Digest;
use accrue::facts::{Action, read_action};
use accrue::internals::codegen::{Mode, compile};
use accrue::{Engine, Limits, Program, Reference};
use accrue_bundle::{Bundle, BundleError, Contents, Kind, Trust, build};
use accrue_sandbox::Sandbox;
use accrue_tests::folder::{Folder, root};
use accrue_tests::ways::Ways;
use rust_decimal::Decimal;

/// Components beside rules of every kind, item by item; and a contract of rules only.
const FILES: [(&str, &str); 4] = [
    (
        "program.toml",
        "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\ntime_zone = \"Europe/Madrid\"\n[event_types]\nsale = {}\n\
         [attributes]\nip_country = { type = \"text\" }\n\
         [reasons]\nFRAUD_SCORE = \"Odd\"\nFRAUD_CERTAIN = \"Fraud\"\nSMALL = \"Small\"\nLARGE = \"Large\"\n",
    ),
    (
        "contracts/items.toml",
        "contract = \"items\"\nversion = 1\neffective_from = 2026-01-01\npartners = { ids = [\"acme\"] }\n\
         [params]\nhold_at = 50\nreject_at = 90\n[totals]\ncustomer_day = { per = [\"customer\"], period = \"day\" }\n\
         [[restrictions]]\nname = \"small\"\nwhen = 'action.amount < 10'\nverdict = \"zero\"\nreason = \"SMALL\"\n\
         [[restrictions]]\nname = \"score\"\ncomponent = \"components/velocity.wasm\"\n\
         [payout]\nper = \"item\"\nchoose = \"highest\"\n[payout.default]\nrate = \"1%\"\n\
         [[payout.groups]]\nname = \"weekend\"\nwhen = 'item.quantity < 3'\ncomponent = \"components/weekend.wasm\"\n\
         [[payout.groups]]\nname = \"bands\"\nby = 'item.amount'\nbands = [{ from = \"0\", rate = \"0%\" }, { from = \"20\", rate = \"5%\" }]\n\
         [[payout.groups]]\nname = \"script\"\nrule = \"rules/large.rhai\"\n",
    ),
    (
        "contracts/plain.toml",
        "contract = \"plain\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n",
    ),
    (
        "rules/large.rhai",
        "if item.amount / action.amount > 0.9 { notice(\"LARGE\"); rate(percent(6)); } else { return; }\n",
    ),
];

fn component(name: &str) -> Vec<u8> {
    std::fs::read(root().join(format!("rules-examples/marketplace/components/{name}.wasm"))).unwrap()
}

fn source() -> Source {
    let mut source = Source::from_files(FILES);
    for name in ["velocity", "weekend"] {
        source.insert(format!("components/{name}.wasm"), component(name));
    }
    source
}

/// Sales of both contracts: on a Saturday and a Monday, small and large, honest and quick, of no item and of several.
fn actions() -> Vec<Action> {
    let mut actions = Vec::new();
    for partner in ["acme", "other"] {
        for (day, clicked) in [(7, "10:59:00"), (9, "10:59:00"), (9, "10:59:58")] {
            for items in ["", "9.00", "30.00", "15.00,25.00", "1.00,99.00"] {
                let list: Vec<&str> = items.split(',').filter(|item| !item.is_empty()).collect();
                let items: Vec<String> = list
                    .iter()
                    .enumerate()
                    .map(|(n, amount)| {
                        format!(r#"{{"sku":"s{n}","quantity":{},"amount":"{amount}"}}"#, n + 2)
                    })
                    .collect();
                let sum = list.iter().map(|amount| amount.parse::<Decimal>().unwrap()).sum::<Decimal>();
                let sum = if list.is_empty() { Decimal::from(50) } else { sum };
                let id = actions.len();
                let text = format!(
                    r#"{{"id":"{id:03}","event_type":"sale","occurred_at":"2026-03-0{day}T11:00:00Z","amount":"{sum}",
                    "items":[{}],"customer":{{"id":"c","country":"ES"}},"attributes":{{"ip_country":"RO"}},
                    "touches":[{{"partner":"{partner}","at":"2026-03-0{day}T{clicked}Z","kind":"click"}}]}}"#,
                    items.join(",")
                );
                actions.push(read_action(&text).unwrap());
            }
        }
    }
    actions
}

fn decide(program: &Program, action: &Action) -> Decision {
    program.decide(action, &Reference::default(), &program.counters(), Options::default()).unwrap()
}

#[test]
fn they_are_decided_alike_one_by_one_in_batches_and_by_an_interpreter() {
    let (compiled, portable) = (Engine::default(), Engine::builder().rules(Rules::Interpreted).build());
    let (compiled, portable) = (compiled.load(&source()).unwrap(), portable.load(&source()).unwrap());
    assert!(compiled.warnings().0.is_empty(), "{}", compiled.warnings());
    let (actions, reference) = (actions(), Reference::default());
    let ways = Ways { compiled: &compiled, portable: &portable, actions: &actions, reference: &reference };
    let decisions = ways.compare().unwrap();
    assert_eq!(decisions.len(), actions.len());
    // Every restriction and every group has its say, and nothing fails.
    assert!(
        decisions
            .iter()
            .flat_map(Decision::all_reasons)
            .map(|(_, reason)| reason)
            .all(|reason| reason.fault.is_none())
    );
    let reasons: BTreeSet<&str> = decisions
        .iter()
        .flat_map(Decision::all_reasons)
        .map(|(_, reason)| reason)
        .map(|reason| reason.rule.as_str())
        .collect();
    assert_eq!(reasons, BTreeSet::from(["score", "small"]));
    let awards = decisions.iter().flat_map(|of| &of.awards);
    let groups: BTreeSet<&str> = awards.flat_map(|award| &award.groups).map(String::as_str).collect();
    assert_eq!(groups, BTreeSet::from(["bands", "default", "script", "weekend"]));
}

/// One sandbox may serve several engines, each with its own limits.
#[test]
fn engines_that_share_a_sandbox_decide_as_one_that_has_its_own() {
    let folder = Folder::read(&root().join("rules-examples/marketplace")).unwrap();
    let sandbox = Sandbox::new().unwrap();
    let engine = |limits| Engine::builder().limits(limits).sandbox(sandbox.clone()).build();
    let fuel = |limits: Limits| {
        let program = engine(limits).load(&folder.source).unwrap();
        let mut totals = program.counters();
        let decided = program.decide_all(&folder.actions, &folder.reference, &mut totals);
        decided.into_iter().map(|decided| decided.decision.unwrap()).collect::<Vec<_>>()
    };
    let ordinary = fuel(Limits::default());
    assert!(ordinary.iter().all(|decision| reasons(decision).iter().all(|reason| reason.fault.is_none())));
    let strict = fuel(Limits { component_fuel: 1_000, ..Limits::default() });
    assert!(strict.iter().all(|decision| reasons(decision).iter().any(|reason| reason.fault.is_some())));
    assert_eq!(fuel(Limits::default()), ordinary);
}

/// Whoever compiles a version with components all the same gets modules that can be run, and so does one without any rule.
#[test]
fn every_version_compiles_to_modules_that_are_valid() {
    let program = Engine::default().load(&source()).unwrap();
    let sandbox = Sandbox::new().unwrap();
    for version in terms(&program).contracts.iter().flat_map(|contract| &contract.versions) {
        for way in [Mode::Small, Mode::Decimal, Mode::Traced] {
            let module = compile(terms(&program), version, way, program.limits().rule_fuel).unwrap();
            wasmtime::Module::validate(sandbox.engine(), &module.bytes).unwrap();
        }
    }
}

#[test]
fn a_bundle_holds_the_components_that_its_contracts_name() {
    let engine = Engine::default();
    let program = engine.load(&source()).unwrap();
    let contents = Contents::of(&program, source());
    // The version with components is left to who loads it, the other one is compiled.
    assert_eq!(contents.modules.len(), 3, "{:?}", contents.modules.keys());
    let bytes = build(&contents, engine.limits(), None).unwrap();
    let read = |bytes: &[u8]| Bundle::read(bytes, engine.limits(), &Trust::Anyone);
    let bundle = read(&bytes).unwrap();
    for name in ["velocity", "weekend"] {
        let path = format!("components/{name}.wasm");
        let entry = bundle.manifest().files.iter().find(|entry| entry.path == path).unwrap();
        assert_eq!((entry.kind, entry.sha256), (Kind::Component, Digest::of(&component(name))));
    }
    let loaded = engine.load(bundle.source()).unwrap();
    assert_eq!(bundle.matches(&loaded), Ok(()));
    for action in &actions() {
        assert_eq!(decide(&loaded, action), decide(&program, action));
    }
    // One changed byte of a component.
    let weekend = component("weekend");
    let at = bytes.windows(weekend.len()).position(|part| part == weekend).unwrap();
    let mut changed = bytes.clone();
    changed[at + weekend.len() / 2] ^= 1;
    assert_eq!(read(&changed), Err(BundleError::Digest { path: "components/weekend.wasm".to_owned() }));
    // A bundle without it is sound, and its program is not.
    let mut without = Source::from_files(FILES);
    without.insert("components/velocity.wasm", component("velocity"));
    let bytes = build(&Contents { source: without, ..contents }, engine.limits(), None).unwrap();
    let faults = engine.load(read(&bytes).unwrap().source()).unwrap_err().to_string();
    assert!(faults.contains("there is no file `components/weekend.wasm`"), "{faults}");
}
