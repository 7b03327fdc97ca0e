//! Components that mean harm: each ends with the error that its first line names, within its budget, and no honest
//! neighbour notices.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use accrue_sandbox::{CallLimits, Component, HostLimits, NativeCache, Role, Sandbox, componentize};
use accrue_tests::sandboxed::{facts, honest};

use crate::component_cases::cases;

#[test]
fn each_ends_with_its_own_error_within_its_budget() {
    let sandbox = Sandbox::new().unwrap();
    let limits = CallLimits::default();
    for case in cases() {
        // Twice: what a case does must not change what it does the next time.
        for _ in 0..2 {
            let (code, fuel) = match sandbox.load(&case.bytes, Role::Payout) {
                Err(error) => (error.code(), 0),
                Ok(component) => {
                    let ran = component.pay(&facts(), &limits);
                    (ran.result.err().map_or("no error", |error| error.code()), ran.fuel)
                }
            };
            assert_eq!(code, case.code, "{}", case.name);
            assert!(fuel <= limits.fuel, "{}: {fuel}", case.name);
            let is_all = ["component_out_of_fuel", "component_stack"].contains(&code);
            assert_eq!(is_all, fuel == limits.fuel, "{}", case.name);
        }
    }
}

#[test]
fn an_honest_neighbour_decides_the_same_meanwhile() {
    // Fewer slots than threads, so that they also wait for each other.
    let sandbox = Sandbox::with(HostLimits { slots: 2, ..HostLimits::default() }, None).unwrap();
    let honest = honest(&sandbox);
    let alone = honest.pay(&facts(), &CallLimits::default());
    assert!(alone.result.as_ref().is_ok_and(|verbs| verbs.len() == 1), "{alone:?}");
    let hostile: Vec<Component> =
        cases().iter().filter_map(|case| sandbox.load(&case.bytes, Role::Payout).ok()).collect();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for component in &hostile {
                    assert!(component.pay(&facts(), &CallLimits::default()).result.is_err());
                }
                done.store(true, Ordering::Relaxed);
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    assert_eq!(honest.pay(&facts(), &CallLimits::default()), alone);
                }
            });
        }
    });
}

/// Writes to every page of 4 MiB, and traps where a page, or its data, is not as it begins.
const REMEMBERS: &str = r#"(module
  (memory (export "memory") 64)
  (data (i32.const 65536) "as it begins")
  (global $next (mut i32) (i32.const 8192))
  (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "accrue:rules/payout@0.2.0#pay") (param i32) (result i32)
    (local $page i32)
    (if (i32.ne (i32.load8_u (i32.const 65536)) (i32.const 97)) (then (unreachable)))
    (i32.store8 (i32.const 65536) (i32.const 0))
    (local.set $page (i32.const 69632))
    (loop $pages
      (if (i32.load (local.get $page)) (then (unreachable)))
      (i32.store (local.get $page) (i32.const 1))
      (local.set $page (i32.add (local.get $page) (i32.const 4096)))
      (br_if $pages (i32.lt_u (local.get $page) (i32.const 4194304))))
    (i32.const 16)))"#;

#[test]
fn nothing_survives_an_evaluation() {
    let sandbox = Sandbox::with(HostLimits { slots: 1, ..HostLimits::default() }, None).unwrap();
    let bytes = componentize(&wat::parse_str(REMEMBERS).unwrap()).unwrap();
    let component = sandbox.load(&bytes, Role::Payout).unwrap();
    let first = component.pay(&facts(), &CallLimits::default());
    assert_eq!(first.result, Ok(Vec::new()));
    // Its memory is that of another component in between, too.
    let honest = honest(&sandbox);
    for _ in 0..50 {
        assert_eq!(component.pay(&facts(), &CallLimits::default()), first);
        assert!(honest.pay(&facts(), &CallLimits::default()).result.is_ok());
    }
}

#[test]
fn a_deadline_ends_what_fuel_lets_run() {
    let sandbox = Sandbox::new().unwrap();
    let case = cases().into_iter().find(|case| case.name == "endless_loop").unwrap();
    let component = sandbox.load(&case.bytes, Role::Payout).unwrap();
    let ticker = sandbox.start_ticker();
    let limits = CallLimits { fuel: u64::MAX / 2, deadline_ticks: 2, ..CallLimits::default() };
    let ran = component.pay(&facts(), &limits);
    assert_eq!(ran.result.unwrap_err().code(), "component_deadline");
    drop(ticker);
}

#[test]
fn a_host_sets_the_limits_of_each_program() {
    let sandbox = Sandbox::new().unwrap();
    let honest = honest(&sandbox);
    let used = honest.pay(&facts(), &CallLimits::default()).fuel;
    let code = |limits: CallLimits| honest.pay(&facts(), &limits).result.map_err(|error| error.code());
    assert!(code(CallLimits { fuel: used + 100, ..CallLimits::default() }).is_ok());
    assert_eq!(code(CallLimits { fuel: used / 2, ..CallLimits::default() }), Err("component_out_of_fuel"));
    assert_eq!(code(CallLimits { memory_bytes: 1000, ..CallLimits::default() }), Err("component_memory"));
    assert_eq!(
        code(CallLimits { result_bytes: 8, ..CallLimits::default() }),
        Err("component_too_much_output")
    );
    assert_eq!(code(CallLimits { answers: 0, ..CallLimits::default() }), Err("component_too_much_output"));
}

/// Native code is taken from a directory only as this host has put it there.
#[test]
fn a_changed_file_of_native_code_is_not_run() {
    let dir = std::env::temp_dir().join(format!("accrue-native-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let sandbox =
        |secret: &[u8]| Sandbox::with(HostLimits::default(), NativeCache::new(&dir, secret)).unwrap();
    assert!(NativeCache::new(&dir, b"short").is_none());
    let answer = honest(&sandbox(b"a secret of the host")).pay(&facts(), &CallLimits::default());
    let files =
        || -> Vec<PathBuf> { fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect() };
    let [file] = files().try_into().unwrap();
    let kept = fs::read(&file).unwrap();
    for at in [0, kept.len() / 2, kept.len() - 1] {
        let mut changed = kept.clone();
        changed[at] ^= 1;
        fs::write(&file, &changed).unwrap();
        let again = honest(&sandbox(b"a secret of the host")).pay(&facts(), &CallLimits::default());
        assert_eq!(again, answer);
        // It was compiled anew, and the file put right.
        assert_eq!(fs::read(&file).unwrap().len(), kept.len());
        assert_ne!(fs::read(&file).unwrap(), changed);
    }
    let other = honest(&sandbox(b"the secret of another")).pay(&facts(), &CallLimits::default());
    assert_eq!(other, answer);
    fs::remove_dir_all(&dir).unwrap();
}
