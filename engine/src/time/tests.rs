//! Moments have one representation, and days begin when the clocks of a zone say so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn leap_seconds_and_surplus_decimals_are_refused_with_what_to_write() {
    let cases = [
        ("2016-12-31T23:59:60Z", "`2016-12-31T23:59:59Z`"),
        ("2016-12-31T23:59:60.5Z", "`2016-12-31T23:59:59Z`"),
        ("2017-01-01T00:59:60+01:00", "`2017-01-01T00:59:59+01:00`"),
        ("2026-03-01T10:00:60Z", "`2026-03-01T10:00:59Z`"),
        ("2026-03-01T10:00:00.0000000001Z", "`2026-03-01T10:00:00.000000000Z`"),
        ("2026-03-01T10:00:00.12345678912+02:00", "`2026-03-01T10:00:00.123456789+02:00`"),
    ];
    for (text, meant) in cases {
        let NotAMoment(message) = text.parse::<Timestamp>().unwrap_err();
        assert!(message.ends_with(&format!("write {meant}")), "{message}");
        assert!(meant.trim_matches('`').parse::<Timestamp>().is_ok(), "{meant}");
    }
    for text in ["2026-03-01T10:00:60", "2026-03-01 10:00:60", "2026-03-01 10:00:60.123"] {
        let message = read_moment(text, Some(Zone::UTC)).unwrap_err();
        assert!(message.contains(" is a leap second") && message.contains(":59`"), "{message}");
    }
    // 61 is no leap second, and neither is an hour of 60 minutes.
    for text in ["2016-12-31T23:59:61Z", "2016-12-31T23:60:00Z"] {
        let message = read_moment(text, Some(Zone::UTC)).unwrap_err();
        assert!(!message.contains("leap"), "{message}");
    }
}

#[test]
fn a_host_cannot_make_a_second_representation() {
    let second = at("2016-12-31T23:59:59Z").utc();
    assert_eq!(
        Timestamp::new(second.with_nanosecond(999_999_999).unwrap()).unwrap().nanoseconds(),
        999_999_999
    );
    // In the types of `chrono` this is one and a half seconds after 23:59:59.
    assert_eq!(Timestamp::new(second.with_nanosecond(1_500_000_000).unwrap()), None);
    assert_eq!(Timestamp::at(0, 1_000_000_000), None);
    for year in [1899, 3000] {
        assert_eq!(Timestamp::new(second.with_year(year).unwrap()), None);
    }
}

#[test]
fn differences_are_rounded_down_to_the_nanosecond() {
    let (early, late) = (at("2026-03-01T10:00:00Z"), at("2026-03-01T10:00:00.0000005Z"));
    assert_eq!((late.since(early).seconds, early.since(late).seconds), (0, -1));
    let minute = at("2026-03-01T10:01:00.000000001Z");
    assert_eq!((minute.since(late).seconds, late.since(minute).seconds), (59, -60));
}

/// Returns the first second of a date by walking over the clock, from a moment before it.
fn walked(zone: Zone, date: NaiveDate, from: Timestamp) -> i64 {
    (from.seconds()..).find(|second| zone.date(Timestamp::at(*second, 0).unwrap()) >= date).unwrap()
}

#[test]
fn a_day_begins_when_its_clock_says_so() {
    let cases = [
        // Clocks went from 00:00:00 to 00:44:30.
        ("Africa/Monrovia", "1972-01-07", "1972-01-07T00:44:30Z"),
        ("Africa/Monrovia", "1972-01-06", "1972-01-06T00:44:30Z"),
        ("Africa/Monrovia", "1972-01-08", "1972-01-08T00:00:00Z"),
        // Midnight is skipped by an hour.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
        // A whole day is skipped: it begins with the next.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
    ];
    for (zone, date, begins) in cases {
        let zone = Zone::parse(zone).unwrap();
        let date = parse_date(date).unwrap();
        let start = zone.start_of(date);
        assert_eq!(start, at(begins), "{} {date}", zone.name());
        let before = Timestamp::at(start.seconds() - 7_200, 0).unwrap();
        assert_eq!(start.seconds(), walked(zone, date, before), "{} {date}", zone.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No moment of a day is before its beginning, and the moment before it belongs to an earlier day.
    #[test]
    fn days_begin_with_their_first_second(
        zone in 0..chrono_tz::TZ_VARIANTS.len(),
        seconds in -2_208_988_800i64..4_000_000_000,
    ) {
        let zone = Zone(chrono_tz::TZ_VARIANTS[zone]);
        let moment = Timestamp::at(seconds, 0).unwrap();
        let date = zone.date(moment);
        let start = zone.start_of(date);
        prop_assert!(start <= moment, "{} {date}: {start} is after {moment}", zone.name());
        prop_assert_eq!(zone.date(start), date);
        let before = Timestamp::at(start.seconds() - 1, 0).unwrap();
        prop_assert!(zone.date(before) < date, "{} {date}: {before} belongs to it", zone.name());
        prop_assert!(zone.end_of(date) > moment || zone.date(zone.end_of(date)) == date);
    }

    /// What is written is read again, and texts and moments have the same order.
    #[test]
    fn moments_have_one_text(seconds in -2_208_988_800i64..32_503_680_000, nanoseconds in 0u32..1_000_000_000) {
        let moment = Timestamp::at(seconds, nanoseconds).unwrap();
        let text = moment.to_string();
        prop_assert_eq!(Timestamp::parse(&text), Some(moment));
        let json = serde_json::to_string(&moment).unwrap();
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), moment);
        prop_assert_eq!((moment.seconds(), moment.nanoseconds()), (seconds, nanoseconds));
    }
}
