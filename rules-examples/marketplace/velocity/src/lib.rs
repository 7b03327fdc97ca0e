//! A restriction that outgrows conditions: signs of fraud are worth points, the points are added up, and the sum decides.
//! No single sign holds an action, several together do.

use accrue_sdk::{Decimal, Duration, Facts, Fault, TouchKind, Verdicts};

/// How long somebody has to look at a held action.
const HOLD_DAYS: u32 = 3;

/// Points of every sign, which a contract weighs against `params.hold_at` and `params.reject_at`.
fn score(facts: &Facts) -> Result<i64, Fault> {
    let mut score = 0;
    // People do not buy many times a day.
    score += match facts.total("customer_day")?.actions_before {
        0 | 1 => 0,
        2 | 3 => 20,
        _ => 40,
    };
    // Nor within seconds of a click.
    let waited = facts.action.occurred_at.since(facts.touch.at);
    if facts.touch.kind == TouchKind::Click {
        score += match waited.seconds {
            ..5 => 40,
            5..30 => 15,
            _ => 0,
        };
    }
    // A storm of touches by one partner shortly before the sale.
    let recent = Duration::minutes(10);
    let storm = facts
        .action
        .touches
        .iter()
        .filter(|touch| {
            touch.partner == facts.partner.id && facts.action.occurred_at.since(touch.at) <= recent
        })
        .count();
    if storm > 5 {
        score += 25;
    }
    // Bought from another country than the customer lives in.
    let from = facts.attributes.maybe_text("ip_country")?;
    if let (Some(from), Some(home)) = (&from, &facts.customer.country)
        && from != home
    {
        score += 20;
    }
    // What the host's own detector thinks, from 0 to 1.
    if let Some(risk) = facts.fraud.risk {
        score += if risk >= Decimal::new(8, 1) {
            50
        } else if risk >= Decimal::new(5, 1) {
            20
        } else {
            0
        };
    }
    Ok(score)
}

/// Holds or rejects by the score.
pub fn velocity(facts: &Facts, verdicts: &mut Verdicts) -> Result<(), Fault> {
    let score = score(facts)?;
    if score >= facts.params.integer("reject_at")? {
        verdicts.reject("FRAUD_CERTAIN");
    } else if score >= facts.params.integer("hold_at")? {
        verdicts.hold_for("FRAUD_SCORE", Duration::days(HOLD_DAYS));
    }
    Ok(())
}

accrue_sdk::restriction!(velocity);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use accrue_sdk::{Facts, Moment, Total, Verdict};

    use super::velocity;

    fn facts() -> Facts {
        let mut facts = Facts::of_sale("80.00".parse().unwrap());
        facts.params.set("hold_at", 50);
        facts.params.set("reject_at", 90);
        facts.attributes.set_unknown("ip_country");
        facts.totals.push(Total { name: "customer_day".to_owned(), ..Total::default() });
        facts.action.occurred_at = Moment { seconds: 3600, ..Moment::default() };
        facts
    }

    fn verdicts(facts: &Facts) -> Vec<Verdict> {
        facts.judged_by(velocity).unwrap().0
    }

    #[test]
    fn one_sign_is_not_enough() {
        assert_eq!(verdicts(&facts()), []);
        let mut quick = facts();
        quick.touch.at = quick.action.occurred_at;
        assert_eq!(verdicts(&quick), []);
    }

    #[test]
    fn signs_add_up() {
        let mut facts = facts();
        facts.touch.at = facts.action.occurred_at;
        facts.attributes.set("ip_country", "RO");
        facts.customer.country = Some("ES".to_owned());
        assert!(
            matches!(verdicts(&facts).as_slice(), [Verdict::Hold(reason, Some(_))] if reason == "FRAUD_SCORE")
        );
        facts.fraud.risk = Some("0.85".parse().unwrap());
        assert_eq!(verdicts(&facts), [Verdict::Reject("FRAUD_CERTAIN".to_owned())]);
    }
}
