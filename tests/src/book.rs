//! The pages of the book whose Rust is compiled and run as documentation tests. Nothing enters, nothing leaves; the
//! module is only there when documentation is tested.

#[doc = include_str!("../../docs/src/embedding.md")]
pub mod embedding {}

#[doc = include_str!("../../docs/src/bundles.md")]
pub mod bundles {}
