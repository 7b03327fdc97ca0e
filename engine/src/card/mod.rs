//! The contract card: the terms of a program in plain words, for the brand and for one partner.
//!
//! A card is data: sections with sentences, in which every number has its place in the checked terms. It is made of these terms and
//! never of the text of the files, so it says what the engine decides by. [`Program::card`](crate::Program::card) makes it;
//! [`Card::text`], [`Card::markdown`] and [`Card::html`] draw it. This module must not decide anything.

mod bonus;
mod changes;
mod compose;
mod context;
mod general;
mod html;
mod known;
mod markdown;
mod merge;
mod model;
mod numbers;
mod partner;
mod payout;
mod restrict;
mod rules;
mod sentence;
mod text;
mod told;
mod words;

pub(crate) use compose::card;
pub use compose::{CardError, CardOptions};
pub use model::{Card, ContractCard, Entry, Line, Origin, Piece, Section, SectionKind, Sentence};
