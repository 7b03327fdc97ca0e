//! The pages of the book whose Rust is compiled and run as documentation tests. Nothing enters, nothing leaves; the
//! module is only there when documentation is tested.
#![allow(rustdoc::invalid_codeblock_attributes, reason = "`exit=5` is for the test of the book's commands")]

#[doc = include_str!("../../docs/src/embedding.md")]
pub mod embedding {}

#[doc = include_str!("../../docs/src/bundles.md")]
pub mod bundles {}
