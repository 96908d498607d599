//! `xs:dateTime`, the calendar, and windows with skew.

use std::time::{Duration, SystemTime};

use admittance::time::{ParsedTime, Skew, TimeError, Timestamp, Zone};
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap().at
}

#[test]
fn known_instants() {
    for (text, millis) in [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2000-02-29T12:00:00Z", 951_825_600_000),
        ("2026-11-22T00:01:00.000Z", 1_795_305_660_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ("2038-01-19T03:14:08Z", 2_147_483_648_000),
    ] {
        assert_eq!(at(text).to_unix_millis(), millis, "{text}");
        assert_eq!(Timestamp::from_unix_millis(millis), Some(at(text)));
    }
}

#[test]
fn zones() {
    let utc = at("2026-11-22T00:01:00Z");
    for (text, zone) in [
        ("2026-11-22T00:01:00Z", Zone::Utc),
        ("2026-11-22T00:01:00", Zone::Absent),
        ("2026-11-22T00:01:00+00:00", Zone::Offset),
        ("2026-11-22T00:01:00-00:00", Zone::Offset),
        ("2026-11-22T05:31:00+05:30", Zone::Offset),
        ("2026-11-21T10:01:00-14:00", Zone::Offset),
        ("2026-11-22T14:01:00+14:00", Zone::Offset),
    ] {
        assert_eq!(Timestamp::parse(text), Ok(ParsedTime { at: utc, zone }), "{text}");
    }
}

#[test]
fn fractions_count_to_the_millisecond() {
    for (fraction, millis) in
        [(".1", 100), (".12", 120), (".123", 123), (".1239999999999999", 123), (".0009", 0)]
    {
        let time = at(&format!("1970-01-01T00:00:00{fraction}Z"));
        assert_eq!(time.to_unix_millis(), millis, "{fraction}");
    }
    // Before the epoch, too, digits are cut and not rounded.
    assert_eq!(at("1969-12-31T23:59:59.0019Z").to_unix_millis(), -999);
}

#[test]
fn other_forms_are_refused_where_they_leave_the_form() {
    for (text, offset) in [
        ("", 0),
        ("2026", 4),
        ("2026-11-22", 10),
        ("2026-11-22 00:01:00Z", 10),
        ("2026-11-22t00:01:00Z", 10),
        ("2026-11-22T00:01:00z", 19),
        ("2026-11-22T00:01:00.Z", 20),
        ("2026-11-22T00:01:00,5Z", 19),
        ("2026-11-22T00:01:00Z ", 20),
        (" 2026-11-22T00:01:00Z", 0),
        ("2026-11-22T00:01:00ZZ", 20),
        ("2026-11-22T00:01Z", 16),
        ("2026-11-22T00:01:00+0100", 22),
        ("2026-11-22T00:01:00+1:00", 21),
        ("-2026-11-22T00:01:00Z", 0),
        ("+2026-11-22T00:01:00Z", 0),
        ("12026-11-22T00:01:00Z", 4),
        ("2026-1-22T00:01:00Z", 6),
        ("２０２６-11-22T00:01:00Z", 0),
        ("2026-11-22T00:01:00\u{0}", 19),
    ] {
        assert_eq!(Timestamp::parse(text), Err(TimeError::Syntax { offset }), "{text}");
    }
    assert_eq!(TimeError::Syntax { offset: 0 }.code(), "time.syntax");
}

#[test]
fn numbers_out_of_range_are_named() {
    for (text, field) in [
        ("0000-01-01T00:00:00Z", "year"),
        ("2026-00-01T00:00:00Z", "month"),
        ("2026-13-01T00:00:00Z", "month"),
        ("2026-01-00T00:00:00Z", "day"),
        ("2026-01-32T00:00:00Z", "day"),
        ("2026-04-31T00:00:00Z", "day"),
        ("2026-02-29T00:00:00Z", "day"),
        ("1900-02-29T00:00:00Z", "day"),
        ("2026-01-01T24:00:00Z", "hour"),
        ("2026-01-01T00:60:00Z", "minute"),
        ("2016-12-31T23:59:60Z", "second"),
        ("2026-01-01T00:00:00+14:01", "offset"),
        ("2026-01-01T00:00:00-15:00", "offset"),
        ("2026-01-01T00:00:00+00:60", "offset"),
        // Moved out of the calendar by their offsets.
        ("0001-01-01T00:00:00+00:01", "year"),
        ("9999-12-31T23:59:59-00:01", "year"),
    ] {
        assert_eq!(Timestamp::parse(text), Err(TimeError::OutOfRange { field }), "{text}");
    }
    assert_eq!(TimeError::OutOfRange { field: "day" }.code(), "time.out_of_range");
}

#[test]
fn arithmetic_stays_in_the_calendar() {
    let second = Duration::from_secs(1);
    assert_eq!(Timestamp::MAX.checked_add(Duration::from_millis(1)), None);
    assert_eq!(Timestamp::MAX.saturating_add(second), Timestamp::MAX);
    assert_eq!(Timestamp::MIN.checked_sub(Duration::from_millis(1)), None);
    assert_eq!(Timestamp::MIN.saturating_sub(Duration::MAX), Timestamp::MIN);
    assert_eq!(Timestamp::MAX.saturating_add(Duration::MAX), Timestamp::MAX);
    let (earlier, later) = (at("2026-11-22T00:00:00Z"), at("2026-11-22T00:00:01Z"));
    assert_eq!(later.duration_since(earlier), Some(second));
    assert_eq!(earlier.duration_since(later), None);
    assert_eq!(earlier.checked_add(second), Some(later));
    assert_eq!(Timestamp::from_unix_millis(i64::MAX), None);
    assert_eq!(Timestamp::from_unix_millis(i64::MIN), None);
}

#[test]
fn system_time_becomes_the_nearest_millisecond_below() {
    let epoch = SystemTime::UNIX_EPOCH;
    assert_eq!(Timestamp::from(epoch).to_unix_millis(), 0);
    assert_eq!(Timestamp::from(epoch + Duration::from_micros(1_999)).to_unix_millis(), 1);
    assert_eq!(Timestamp::from(epoch - Duration::from_millis(1)).to_unix_millis(), -1);
    assert_eq!(Timestamp::from(epoch + Duration::from_secs(1 << 40)), Timestamp::MAX);
}

#[test]
fn windows_are_half_open_and_skew_favours_the_message() {
    let bound = at("2026-11-22T12:00:00Z");
    let skew = Skew::from_secs(180);
    assert!(bound.reaches(bound, Skew::ZERO));
    assert!(!at("2026-11-22T11:59:59.999Z").reaches(bound, Skew::ZERO));
    assert!(at("2026-11-22T11:57:00Z").reaches(bound, skew));
    assert!(!at("2026-11-22T11:56:59.999Z").reaches(bound, skew));

    assert!(bound.is_past(bound, Skew::ZERO));
    assert!(!at("2026-11-22T11:59:59.999Z").is_past(bound, Skew::ZERO));
    assert!(at("2026-11-22T12:03:00Z").is_past(bound, skew));
    assert!(!at("2026-11-22T12:02:59.999Z").is_past(bound, skew));
}

#[test]
fn serialised_as_text_and_seconds() {
    let time = at("2026-11-22T01:01:00.5+01:00");
    assert_eq!(serde_json::to_string(&time).unwrap(), "\"2026-11-22T00:01:00.500Z\"");
    assert_eq!(serde_json::from_str::<Timestamp>("\"2026-11-22T01:01:00.5+01:00\"").unwrap(), time);
    assert!(serde_json::from_str::<Timestamp>("\"2026-11-22T01:01:00\"").is_err());
    assert!(serde_json::from_str::<Timestamp>("0").is_err());
    assert_eq!(serde_json::to_string(&Skew::from_secs(180)).unwrap(), "180");
    assert_eq!(serde_json::from_str::<Skew>("60").unwrap(), Skew::from_secs(60));
    assert!(serde_json::from_str::<Skew>("-1").is_err());
}

proptest! {
    #[test]
    fn print_then_parse_gives_the_same(millis in Timestamp::MIN.to_unix_millis()..=Timestamp::MAX.to_unix_millis()) {
        let time = Timestamp::from_unix_millis(millis).unwrap();
        prop_assert_eq!(Timestamp::parse(&time.to_string()), Ok(ParsedTime { at: time, zone: Zone::Utc }));
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Timestamp::parse(&text);
    }

    #[test]
    fn near_misses_are_read_or_refused(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,30})?(Z|[+-][0-9]{2}:[0-9]{2})?") {
        if let Ok(ParsedTime { at, .. }) = Timestamp::parse(&text) {
            prop_assert!((Timestamp::MIN..=Timestamp::MAX).contains(&at));
        }
    }
}
