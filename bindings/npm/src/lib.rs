//! The engine for JavaScript, as a WebAssembly module: converts texts and bytes, and calls the crates that decide. This crate must not
//! decide anything.
//!
//! Everything that JavaScript sees is text of JSON, bytes, or an object of this module. The package `accrue-rules`
//! (`bindings/npm/package`) has the interface that people use: it parses the JSON and gives it types.

pub mod answer;
pub mod files;
pub mod import;
pub mod inputs;
pub mod program;
pub mod run;
pub mod runtime;
pub mod simulate;
mod utf16;
pub mod workspace;
