//! The Rust types of `wit/rules/rules.wit`, generated: facts as arguments, verdicts and verbs as results.

// The generated code implements wasmtime's traits for the types of the world. These traits are unsafe to implement, because the
// layout they state must be true. The macro derives the layout from the same file as the types. Nothing in this module is written
// by hand, and no other unsafe code is allowed in this crate except the loading of native code.
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
