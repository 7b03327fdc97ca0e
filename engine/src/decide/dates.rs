//! When an award locks and when it is paid.

use chrono::NaiveDate;

use super::decision::Status;
use crate::terms::Version;
use crate::time::{Timestamp, Zone, is_in_years};

/// Returns when an award locks and the date on which it is paid. Each is `None` if the contract does not declare it or the date is after
/// the year 2999; nothing is paid for an award that is rejected or zero.
pub(super) fn dates(
    version: &Version,
    zone: Zone,
    occurred_at: Timestamp,
    status: Status,
) -> (Option<Timestamp>, Option<NaiveDate>) {
    let Some(locking) = &version.dates.locking else { return (None, None) };
    let day = zone.date(occurred_at);
    // An award never locks on the day of its action or before it.
    let locks_on = day.succ_opt().and_then(|next| locking.date(day, next));
    let paid = matches!(status, Status::Payable | Status::Held);
    let pays_on = locks_on.zip(version.dates.payment.as_ref().filter(|_| paid));
    let pays_on = pays_on.and_then(|(locks_on, payment)| payment.date(locks_on, locks_on));
    (locks_on.and_then(|on| zone.start_of(on).in_years()), pays_on.filter(|on| is_in_years(*on)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use crate::explain::Reader;
    use crate::facts::read_action;
    use crate::terms::Source;
    use crate::{Action, Decision, Engine, Options, Program, Reference};

    fn program(dates: &str) -> Program {
        let program = "id = \"p\"\nname = \"P\"\ncurrency = \"USD\"\ntime_zone = \"America/New_York\"\n[event_types]\nsale = {}\n\
                       [reasons]\nBAD = \"Bad\"\nCHECK = \"Check\"\n";
        let contract = format!(
            "contract = \"a\"\nversion = 1\neffective_from = 1990-01-01\n{dates}\n\
             [[restrictions]]\nname = \"bad\"\nwhen = 'action.amount > 900'\nverdict = \"reject\"\nreason = \"BAD\"\n\
             [[restrictions]]\nname = \"check\"\nwhen = 'action.amount > 500'\nverdict = \"hold\"\nreason = \"CHECK\"\n\
             [payout.default]\nrate = \"10%\"\n"
        );
        let source = Source::from_files([("program.toml", program), ("contracts/a.toml", &contract)]);
        Engine::default().load(&source).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
    }

    fn sale(at: &str, amount: &str) -> Action {
        read_action(&format!(
            r#"{{"id": "a1", "event_type": "sale", "occurred_at": "{at}", "amount": "{amount}",
                "touches": [{{"partner": "acme", "at": "{at}", "kind": "click"}}]}}"#
        ))
        .unwrap()
    }

    fn decide(program: &Program, action: &Action) -> Decision {
        program.decide(action, &Reference::default(), &program.counters(), Options::default()).unwrap()
    }

    /// Returns when the award of a sale locks and is paid.
    fn dates(program: &Program, at: &str, amount: &str) -> (String, String) {
        let award = decide(program, &sale(at, amount)).awards.remove(0);
        let text = |of: Option<String>| of.unwrap_or_default();
        (text(award.locks_at.map(|at| at.to_string())), text(award.pays_on.map(|on| on.to_string())))
    }

    const BOTH: &str = "[locking]\nfrom = \"month_end\"\ndays = 27\n[payment]\ndays = 20\n";

    #[test]
    fn what_is_not_paid_locks_and_has_no_date_of_payment() {
        let program = program(BOTH);
        let locks = "2026-02-28T05:00:00Z".to_owned();
        let paid = (locks.clone(), "2026-03-20".to_owned());
        assert_eq!(dates(&program, "2026-01-15T12:00:00Z", "100"), paid);
        assert_eq!(dates(&program, "2026-01-15T12:00:00Z", "600"), paid, "held");
        assert_eq!(
            dates(&program, "2026-01-15T12:00:00Z", "1000"),
            (locks.clone(), String::new()),
            "rejected"
        );
        assert_eq!(dates(&program, "2026-01-15T12:00:00Z", "0"), (locks, String::new()), "zero");
    }

    #[test]
    fn a_contract_need_not_state_dates() {
        let none = (String::new(), String::new());
        assert_eq!(dates(&program(""), "2026-01-15T12:00:00Z", "100"), none);
        let locking = program("[locking]\nfrom = \"action\"\ndays = 30\n");
        assert_eq!(
            dates(&locking, "2026-01-15T12:00:00Z", "100"),
            ("2026-02-14T05:00:00Z".into(), String::new())
        );
        // After the last year of the calendar of facts.
        assert_eq!(dates(&locking, "2999-12-15T12:00:00Z", "100"), none);
    }

    #[test]
    fn days_are_those_of_the_zone_when_clocks_change() {
        // In New York clocks are set forward on 8 March and back on 1 November 2026.
        let program = program("[locking]\nfrom = \"action\"\ndays = 1\ncounting = \"full_days\"\n");
        let locks = |at| dates(&program, at, "100").0;
        assert_eq!(locks("2026-03-07T04:59:59Z"), "2026-03-08T05:00:00Z");
        assert_eq!(locks("2026-03-07T05:00:00Z"), "2026-03-09T04:00:00Z");
        assert_eq!(locks("2026-10-31T03:59:59Z"), "2026-11-01T04:00:00Z");
        assert_eq!(locks("2026-10-31T04:00:00Z"), "2026-11-02T05:00:00Z");
    }

    #[test]
    fn dates_are_shown_to_the_brand_and_to_the_partner() {
        let (with, action) = (program(BOTH), sale("2026-01-15T12:00:00Z", "100"));
        let decision = decide(&with, &action);
        for reader in [Reader::Brand, Reader::Partner("acme")] {
            let text = with.explain(&decision, &action, reader).to_string();
            assert!(text.contains("locks                 2026-02-28 00:00"), "{text}");
            assert!(text.contains("paid on               2026-03-20"), "{text}");
        }
        let view = decision.partner_view("acme").unwrap();
        assert_eq!((view.locks_at, view.pays_on), (decision.awards[0].locks_at, decision.awards[0].pays_on));
        let text = serde_json::to_string(&decision).unwrap();
        assert!(text.contains(r#""locks_at":"2026-02-28T05:00:00Z","pays_on":"2026-03-20""#), "{text}");
        assert_eq!(serde_json::from_str::<Decision>(&text).unwrap(), decision);
    }
}
