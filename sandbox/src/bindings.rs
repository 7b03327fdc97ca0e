//! The Rust side of `wit/rules/rules.wit`, generated. Facts go in as these types, answers come out as them.

// The generated code implements wasmtime's traits for the types of the world, which are unsafe to implement because the
// layout they state must be the true one. The macro derives it from the same file that the types come from; nothing in
// this module is written by hand, and nothing else in this crate may be unsafe but the loading of native code.
#![allow(unsafe_code, reason = "wasmtime's generated bindings")]
#![allow(
    missing_docs,
    reason = "the documentation is in the WIT file, and the macro does not copy all of it"
)]
#![allow(clippy::all, reason = "generated")]

wasmtime::component::bindgen!({
    path: "../wit/rules",
    world: "rule",
    additional_derives: [PartialEq],
});
