//! The sandbox: WebAssembly that means harm enters, made by `wasm-smith` or by changing the cases of `tests/hostile`. It is
//! refused or ends within its limits, the same way each time, and an honest neighbour pays the same as before.

use std::sync::OnceLock;

use accrue_sandbox::{CallLimits, Component, Role, Sandbox, componentize};
use accrue_tests::sandboxed::{facts, honest};
use arbitrary::Unstructured;
use wasm_smith::{Config, Module};

/// What a payout is to the host: the exports that a module needs to be made a component of the world.
const PAYOUT: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "accrue:rules/payout@0.2.0#pay") (param i32) (result i32) unreachable))"#;

/// Fuel of an evaluation: enough for what an honest one does, ten times over.
const FUEL: u64 = 2_000_000;

struct Stage {
    sandbox: Sandbox,
    honest: Component,
    payout: Vec<u8>,
}

fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let sandbox = Sandbox::new().expect("this machine runs WebAssembly");
        let honest = honest(&sandbox);
        Stage { sandbox, honest, payout: wat::parse_str(PAYOUT).expect("it is well formed") }
    })
}

/// Tries one input. Its first byte says what the others are.
pub fn run(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    match kind % 4 {
        // The bytes themselves, and a component made of them.
        0 => {
            evaluated(rest);
            if let Ok(component) = componentize(rest) {
                evaluated(&component);
            }
        }
        // Any module at all.
        1 => {
            if let Some(module) = module(rest, None) {
                assert!(stage().sandbox.load(&module, Role::Payout).is_err(), "a module is no component");
                if let Ok(component) = componentize(&module) {
                    evaluated(&component);
                }
            }
        }
        // One that looks like a payout, with any code in it: such that may trap, and such that does not.
        kind => {
            if let Some(module) = module(rest, Some(kind == 3))
                && let Ok(component) = componentize(&module)
            {
                evaluated(&component);
            }
        }
    }
}

/// A module made of bytes: any, or a payout, with code that does not trap or with any code.
fn module(bytes: &[u8], payout: Option<bool>) -> Option<Vec<u8>> {
    let mut config = Config::default();
    if let Some(smooth) = payout {
        // What the sandbox has switched off, or does not grant, is refused before it is compiled; this is to get further.
        config = Config {
            exports: Some(stage().payout.clone()),
            disallow_traps: smooth,
            max_imports: 0,
            max_memory32_bytes: 1 << 20,
            max_table_elements: 100,
            // But the one that it exports.
            max_memories: 0,
            reference_types_enabled: false,
            gc_enabled: false,
            exceptions_enabled: false,
            threads_enabled: false,
            memory64_enabled: false,
            simd_enabled: false,
            relaxed_simd_enabled: false,
            tail_call_enabled: false,
            wide_arithmetic_enabled: false,
            ..config
        };
    }
    Module::new(config, &mut Unstructured::new(bytes)).ok().map(|module| module.to_bytes())
}

/// Loads a component as a payout, and evaluates it twice.
fn evaluated(bytes: &[u8]) {
    let Stage { sandbox, honest, .. } = stage();
    let limits = CallLimits { fuel: FUEL, ..CallLimits::default() };
    let before = honest.pay(&facts(), &limits);
    assert!(before.result.is_ok(), "{before:?}");
    match sandbox.load(bytes, Role::Payout) {
        Err(error) => assert!(error.code().starts_with("component_"), "{error}"),
        Ok(component) => {
            let ran = component.pay(&facts(), &limits);
            assert!(ran.fuel <= limits.fuel, "{ran:?}");
            if let Err(error) = &ran.result {
                assert!(error.code().starts_with("component_"), "{error}");
                let is_all = ["component_out_of_fuel", "component_stack"].contains(&error.code());
                assert_eq!(is_all, ran.fuel == limits.fuel, "{ran:?}");
            }
            assert_eq!(component.pay(&facts(), &limits), ran);
        }
    }
    assert_eq!(honest.pay(&facts(), &limits), before);
}
