//! Choices enter; rules of the checked language, facts and contracts leave. What comes out is always valid: an error
//! that the engine reports about it is a fault of the engine or of these generators.

pub mod action;
pub mod contract;
pub mod expression;
pub mod program;
pub mod scope;
pub mod statement;
pub mod vocabulary;
