//! A process may commonly have a thousand files open, and a host has programs by the thousand. A test of its own process, in
//! which nobody else opens a file.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use accrue_sandbox::{Role, Sandbox};
use wasmtime::{Instance, Store};

#[test]
fn what_is_loaded_holds_no_file_open() {
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let sandbox = Sandbox::new().unwrap();
    let mut loaded = Vec::new();
    // The first of each kind may open something that all of them share.
    let mut before = 0;
    for n in 0..8 {
        if n == 1 {
            before = open();
        }
        let module = format!(r#"(module (memory (export "memory") 1) (data (i32.const 0) "number {n}"))"#);
        let native = sandbox.module(&wat::parse_str(&module).unwrap()).unwrap();
        let mut store = Store::new(sandbox.engine(), ());
        let instance = Instance::new(&mut store, &native, &[]).unwrap();
        loaded.push((native, store, instance));

        let component =
            format!("(component (core {module} (core instance (instantiate 0)))", module = &module[1..]);
        let refused = sandbox.load(&wat::parse_str(&component).unwrap(), Role::Payout).unwrap_err();
        assert_eq!(refused.code(), "component_wrong_world", "it was compiled, and is kept: {refused}");
    }
    assert_eq!(open(), before);
}
