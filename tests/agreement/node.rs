//! The engine in WebAssembly, in Node: every example and golden case and generated programs are decided as by the native engine,
//! to the byte, with rules that run in Node's own WebAssembly and with interpreted rules.

use std::path::PathBuf;
use std::process::Command;

use accrue::facts::read_action;
use accrue::{Action, Engine, Limits, Options, Program, Reference, Rules, Source};
use accrue_import::{Export, SheetLimits, read_tables};
use accrue_tests::cases::cases;
use accrue_tests::choices::{Choices, noise};
use accrue_tests::folder::{Folder, programs, root};
use accrue_tests::world::world;
use serde_json::json;

use crate::component::{Files, facts_of, written};
use crate::component_cases::{self, HOSTILE, PROGRAM, sale};
use crate::programs::test_actions;

/// Actions of one program; the largest has some 70,000.
const ACTIONS: usize = 200;

/// Generated programs, when nothing else is asked for.
const WORLDS: u32 = 40;

/// Bytes that a generated program is made of.
const BYTES: usize = 2_000;

/// A program and what it is to decide.
struct Job {
    name: String,
    source: Source,
    facts: Files,
    limits: Limits,
    actions: Vec<Action>,
}

#[test]
fn node_decides_as_native_code_does() {
    let mut jobs = Vec::new();
    for parent in ["rules-examples", "tests/golden"] {
        let folders = programs(&root().join(parent)).unwrap();
        jobs.extend(folders.iter().map(|path| of_folder(path)));
    }
    for case in component_cases::cases() {
        let mut source = Source::from_files([("program.toml", PROGRAM), ("contracts/hostile.toml", HOSTILE)]);
        source.insert("components/hostile.wasm", case.bytes);
        jobs.push(Job {
            name: format!("{}, which ends with {}", case.name, case.code),
            source,
            facts: Files::new(),
            limits: Limits::default(),
            actions: vec![sale("evil"), sale("good")],
        });
    }
    for number in 0..cases(WORLDS) {
        let bytes = noise(number, BYTES);
        if let Some(world) = world(&mut Choices::new(&bytes)).unwrap() {
            jobs.push(Job {
                name: format!("world {number}"),
                source: world.text.source(),
                facts: written(&world.reference),
                limits: world.program.limits().clone(),
                actions: world.actions,
            });
        }
    }
    for job in &mut jobs {
        // Numbers among attributes are texts once an action is written. Both sides decide what was written.
        let written = job.actions.iter().map(|action| serde_json::to_string(action).unwrap());
        job.actions = written.map(|text| read_action(&text).unwrap()).collect();
    }
    let output = run(&jobs);
    let mut lines = output.lines();
    let mut decided = 0;
    for job in &jobs {
        for rules in [Rules::Native, Rules::Interpreted] {
            for expected in decisions(job, rules) {
                let found = lines.next().unwrap_or_default();
                assert_eq!(found, expected, "{}: {rules:?}", job.name);
                decided += 1;
            }
        }
    }
    assert_eq!(lines.next(), None);
    assert!(decided > 3_000, "{decided}");
}

fn of_folder(path: &std::path::Path) -> Job {
    let folder = Folder::read(path).unwrap();
    let mut actions = folder.actions.clone();
    actions.truncate(ACTIONS);
    actions.extend(test_actions(path));
    Job {
        name: path.display().to_string(),
        facts: facts_of(&folder),
        source: folder.source,
        limits: Limits::default(),
        actions,
    }
}

/// Reads tables as the command line and the package read them.
fn with_tables(source: &Source) -> Source {
    let mut read = source.clone();
    for path in source.paths().filter(|path| path.starts_with("tables/")) {
        let export = Export::bytes(path, source.bytes(path).unwrap());
        read.remove(path);
        for table in read_tables(&export, path, 1 << 20, &SheetLimits::default()).unwrap() {
            read.insert_table(table);
        }
    }
    read
}

/// What the native engine says of a program: its overview, and its decision of each action.
fn decisions(job: &Job, rules: Rules) -> Vec<String> {
    let engine = Engine::builder().limits(job.limits.clone()).rules(rules).build();
    let program: Program = match engine.load(&with_tables(&job.source)) {
        Ok(program) => program,
        Err(diagnostics) => return vec![serde_json::to_string(&diagnostics).unwrap()],
    };
    // A version with a component is not compiled.
    let has_components = job.source.paths().any(|path| path.starts_with("components/"));
    assert_eq!(program.is_compiled(), rules == Rules::Native && !has_components, "{}", job.name);
    let mut reference = Reference::default().in_zone(program.zone());
    for (kind, name, bytes) in &job.facts {
        reference.read(*kind, name, bytes, &job.limits).unwrap();
    }
    let mut counters = program.counters();
    let mut lines = vec![serde_json::to_string(&program.overview()).unwrap()];
    for (at, action) in job.actions.iter().enumerate() {
        let options = if at % 3 == 0 { Options::traced() } else { Options::default() };
        let decision = program.decide(action, &reference, &counters, options).ok();
        let decision = decision.filter(|decision| counters.apply(&decision.postings).is_ok());
        lines.push(decision.map_or("refused".to_owned(), |of| serde_json::to_string(&of).unwrap()));
    }
    lines
}

/// Has Node decide all jobs; its output.
fn run(jobs: &[Job]) -> String {
    let utf8 = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().to_owned();
    let line = |job: &Job| {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let files: Vec<_> =
            job.source.paths().map(|path| (path, hex(job.source.bytes(path).unwrap()))).collect();
        let facts: Vec<_> = job.facts.iter().map(|(_, name, bytes)| (name, utf8(bytes))).collect();
        let limits: serde_json::Map<_, _> = job
            .limits
            .list()
            .into_iter()
            .map(|limit| (limit.name.to_owned(), json!(limit.at_most)))
            .collect();
        let actions: Vec<_> =
            job.actions.iter().map(|action| serde_json::to_string(action).unwrap()).collect();
        let limits = serde_json::Value::Object(limits).to_string();
        json!({ "files": files, "facts": facts, "limits": limits, "actions": actions }).to_string()
    };
    let folder = tempfile::tempdir().unwrap();
    let (asked, answered) = (folder.path().join("jobs.jsonl"), folder.path().join("decisions.txt"));
    std::fs::write(&asked, jobs.iter().map(line).collect::<Vec<_>>().join("\n")).unwrap();
    let script = root().join("tests/agreement/node.mjs");
    let ran = Command::new("node").arg(script).arg(engine()).args([&asked, &answered]).output();
    let ran = ran.expect("`node` is installed");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    std::fs::read_to_string(answered).unwrap()
}

/// Returns the folder of the package's engines: the one that is named, or one built by the cargo that runs the tests.
fn engine() -> PathBuf {
    if let Some(path) = std::env::var_os("ACCRUE_NPM_ENGINE") {
        return path.into();
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--package", "xtask", "--", "npm"]).current_dir(root());
    let built = command.output().expect("cargo starts");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    root().join("bindings/npm/dist/wasm")
}
