//! Promo codes that a module may ask about.

use crate::codegen::UNKNOWN;
use crate::facts::Reference;
use crate::time::Interval;

/// A promo code that a module may ask about.
#[derive(Debug)]
pub(super) struct Promo {
    code: String,
    pub(super) owner: Option<String>,
    pub(super) validity: Option<Interval>,
    /// The symbol of the owner, once the owner is in memory.
    pub(super) symbol: u32,
}

impl Promo {
    /// Returns what the host knows of a code.
    pub(super) fn of(code: &str, reference: &Reference) -> Self {
        let promo = reference.promo_codes.get(code);
        Self {
            code: code.to_owned(),
            owner: promo.and_then(|promo| promo.owner.clone()),
            validity: promo.map(crate::facts::PromoCode::validity),
            symbol: u32::from_ne_bytes(UNKNOWN.to_ne_bytes()),
        }
    }

    pub(super) fn is(&self, code: &str) -> bool {
        self.code == code
    }
}
