//! A partner's card.
