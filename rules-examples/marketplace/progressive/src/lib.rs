//! A payout rule that outgrows the rule language: a schedule of any number of brackets is read from one parameter, and an
//! order that crosses a bracket is paid in parts, each at the rate of its bracket. Nobody loses by selling more.

use accrue_sdk::{Decimal, Facts, Fault, Money, Payout};

/// A bracket: from this revenue on, this rate.
#[derive(Debug, PartialEq)]
struct Bracket {
    from: Money,
    rate: Decimal,
}

/// Reads `0: 4%; 1000: 6%`: bounds that rise from zero, each with the rate of what lies above it.
fn schedule(text: &str) -> Result<Vec<Bracket>, Fault> {
    let wrong = |part: &str| Fault::Other(format!("`{part}` is not a bracket such as `1000: 6%`"));
    let mut brackets: Vec<Bracket> = Vec::new();
    for part in text.split(';').map(str::trim) {
        let (from, rate) = part.split_once(':').ok_or_else(|| wrong(part))?;
        let from: Money = from.trim().parse().map_err(|_| wrong(part))?;
        let percent = rate.trim().strip_suffix('%').ok_or_else(|| wrong(part))?;
        let percent = Decimal::from_str_exact(percent.trim()).map_err(|_| wrong(part))?;
        let rate = percent.checked_div(Decimal::ONE_HUNDRED).ok_or(Fault::Overflow)?;
        let rises = brackets.last().map_or(from == Money::ZERO, |before| from > before.from);
        if !rises {
            return Err(Fault::Other(format!("the schedule `{text}` does not rise from 0")));
        }
        brackets.push(Bracket { from, rate });
    }
    Ok(brackets)
}

/// What lies between two amounts at a bracket's rate.
fn part(bracket: &Bracket, next: Option<&Bracket>, before: Money, after: Money) -> Result<Money, Fault> {
    let low = before.max(bracket.from);
    let high = next.map_or(after, |next| after.min(next.from));
    if high <= low { Ok(Money::ZERO) } else { high.minus(low)?.times(bracket.rate) }
}

/// Pays the order by the brackets that the partner's month passes through with it.
pub fn progressive(facts: &Facts, payout: &mut Payout) -> Result<(), Fault> {
    let brackets = schedule(&facts.params.text("schedule")?)?;
    let month = facts.total("partner_month")?;
    let (before, after) = (month.revenue_before.max(Money::ZERO), month.revenue_with_this);
    let mut sum = Money::ZERO;
    for (bracket, next) in brackets.iter().zip(brackets.iter().skip(1).map(Some).chain([None])) {
        sum = sum.plus(part(bracket, next, before, after)?)?;
        if before < bracket.from && bracket.from <= after {
            payout.notice("NEW_BRACKET");
        }
    }
    payout.add(sum);
    Ok(())
}

accrue_sdk::payout!(progressive);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use accrue_sdk::{Facts, Money, Total, Verb};

    use super::{progressive, schedule};

    fn month(before: &str, sale: &str) -> Facts {
        let money = |text: &str| text.parse::<Money>().unwrap();
        let mut facts = Facts::of_sale(money(sale));
        facts.params.set("schedule", "0: 4%; 1000: 6%; 5000: 9%");
        facts.totals.push(Total {
            name: "partner_month".to_owned(),
            revenue_before: money(before),
            revenue_with_this: money(before).plus(money(sale)).unwrap(),
            ..Total::default()
        });
        facts
    }

    fn paid(before: &str, sale: &str) -> String {
        let facts = month(before, sale);
        facts.priced_by(progressive).unwrap().total(&facts).unwrap().round(2).to_string()
    }

    #[test]
    fn each_part_is_paid_at_the_rate_of_its_bracket() {
        assert_eq!(paid("0", "100.00"), "4.00");
        assert_eq!(paid("900", "300.00"), "16.00"); // 100 at 4%, 200 at 6%
        assert_eq!(paid("0", "6000.00"), "370.00"); // 1,000 at 4%, 4,000 at 6%, 1,000 at 9%
        assert_eq!(paid("5000", "10.00"), "0.90");
    }

    #[test]
    fn a_new_bracket_is_told_once() {
        let told = |facts: Facts| {
            let verbs = facts.priced_by(progressive).unwrap().0;
            verbs.iter().filter(|verb| matches!(verb, Verb::Notice(_))).count()
        };
        assert_eq!([told(month("900", "100.00")), told(month("1000", "1.00"))], [1, 0]);
    }

    #[test]
    fn a_schedule_that_cannot_be_read_pays_nobody() {
        for text in ["", "4%", "0: 4", "10: 4%", "0: 4%; 0: 5%", "0: x%"] {
            assert!(schedule(text).is_err(), "{text}");
        }
    }
}
