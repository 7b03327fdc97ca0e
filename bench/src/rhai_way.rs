//! The contracts as scripts on Rhai's own evaluator, as fast as Rhai has them: each fact a constant of its own, so that
//! no record is looked into, and the scopes made beforehand. Native facts enter, what is earned leaves.

use rhai::{AST, Array, Dynamic, Engine, INT, Map, Scope};
use rust_decimal::Decimal;

use crate::Result;
use crate::native::{five, outdoor};

/// `programs/five`.
pub const FIVE: &str = include_str!("../programs/five/whole.rhai");
/// `programs/outdoor`.
pub const OUTDOOR: &str = include_str!("../programs/outdoor/whole.rhai");

/// A script, and the facts of each action.
pub struct RhaiWay {
    engine: Engine,
    script: AST,
    scopes: Vec<(Scope<'static>, usize)>,
}

impl std::fmt::Debug for RhaiWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RhaiWay").finish_non_exhaustive()
    }
}

impl RhaiWay {
    /// Parses a script.
    pub fn new(script: &str, scopes: impl Iterator<Item = Scope<'static>>) -> Result<Self> {
        let engine = Engine::new();
        let script = engine.compile(script)?;
        Ok(Self { engine, script, scopes: scopes.map(|scope| (scope.clone(), scope.len())).collect() })
    }

    /// What the script gives for each action.
    pub fn earned(&mut self) -> Result<Vec<Decimal>> {
        let mut earned = Vec::new();
        for (scope, facts) in &mut self.scopes {
            earned.push(self.engine.eval_ast_with_scope(scope, &self.script)?);
            scope.rewind(*facts);
        }
        Ok(earned)
    }

    /// Evaluates the script on the facts of every action.
    pub fn run(&mut self) {
        for (scope, facts) in &mut self.scopes {
            std::hint::black_box(self.engine.eval_ast_with_scope::<Dynamic>(scope, &self.script).is_ok());
            // What the script has declared would add up from run to run.
            scope.rewind(*facts);
        }
    }
}

fn or_unit<T>(value: Option<T>, make: impl FnOnce(T) -> Dynamic) -> Dynamic {
    value.map_or(Dynamic::UNIT, make)
}

fn array(texts: &[String]) -> Dynamic {
    texts.iter().map(|text| text.clone().into()).collect::<Array>().into()
}

/// The facts of the five branches.
pub fn five(facts: &five::Facts<Decimal>) -> Scope<'static> {
    let mut scope = Scope::new();
    scope
        .push_constant("customer_status", facts.status.clone())
        .push_constant_dynamic("customer_lifetime_value", or_unit(facts.lifetime_value, Dynamic::from))
        .push_constant("action_amount", facts.amount)
        .push_constant_dynamic("action_promo_codes", array(&facts.promo_codes));
    scope
}

/// The facts of the shop's contract. Moments are seconds, and the day in the shop's time zone is worked out beforehand,
/// as a host would do that has to.
pub fn outdoor(facts: &outdoor::Facts<Decimal>, owners: &Map) -> Scope<'static> {
    let seconds = |at: chrono::DateTime<chrono::Utc>| Dynamic::from(at.timestamp());
    let text = |text: &Option<String>| or_unit(text.clone(), Dynamic::from);
    let creative = facts.creative.as_ref();
    let day = facts.occurred_at.with_timezone(&chrono_tz::Europe::Berlin).format("%Y-%m-%d").to_string();
    let allowed = creative
        .is_none_or(|creative| creative.partners.is_empty() || creative.partners.contains(&facts.partner.id));
    let mut scope = Scope::new();
    scope
        .push_constant("day", day)
        .push_constant("amount", facts.amount)
        .push_constant_dynamic("discount", or_unit(facts.discount, Dynamic::from))
        .push_constant_dynamic("category", text(&facts.category))
        .push_constant_dynamic("codes", array(&facts.promo_codes))
        .push_constant("status", facts.customer.status.clone())
        .push_constant_dynamic("lifetime_value", or_unit(facts.customer.lifetime_value, Dynamic::from))
        .push_constant_dynamic(
            "order_count",
            or_unit(facts.customer.order_count, |count| INT::from(count).into()),
        )
        .push_constant_dynamic("country", text(&facts.customer.country))
        .push_constant("partner", facts.partner.id.clone())
        .push_constant_dynamic("kind", text(&facts.partner.kind))
        .push_constant_dynamic("groups", array(&facts.partner.groups))
        .push_constant_dynamic("properties", array(&facts.partner.properties))
        .push_constant_dynamic("touched", seconds(facts.touch.at))
        .push_constant_dynamic("property", text(&facts.touch.property))
        .push_constant_dynamic("page", text(&facts.touch.landing_page))
        .push_constant_dynamic("link_updated", or_unit(facts.touch.link_updated_at, seconds))
        .push_constant_dynamic(
            "creative_until",
            or_unit(creative.and_then(|creative| creative.valid_until), seconds),
        )
        .push_constant("creative_allowed", allowed)
        .push_constant_dynamic("device_kind", text(&facts.device_kind))
        .push_constant_dynamic("device_os", text(&facts.device_os))
        .push_constant_dynamic("risk", or_unit(facts.fraud_risk, Dynamic::from))
        .push_constant("month_actions", INT::from(facts.month_actions))
        .push_constant("month_revenue", facts.month_revenue)
        .push_constant("owners", owners.clone());
    scope
}
