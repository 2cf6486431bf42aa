//! Times, as tables of pattern, text and expected value.

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type, TimestampMicrosecondType, TimestampNanosecondType};
use jiff::{SignedDuration, Timestamp, civil};

use super::{column, column_at, kind, spec};
use crate::ErrorKind;
use crate::decode::calendar::{day_number, day_of_year_number, year_of};
use crate::decode::{Kind, TimePattern, TimeUnit, decoder};
use crate::simd::Pool;

fn times(pattern: &str, zone: &str, unit: TimeUnit, texts: &[&str]) -> Vec<Option<i64>> {
    let kind = Kind::Timestamp { pattern: pattern.into(), zone: zone.into(), unit, is_local: false };
    let (array, bad) = column(&spec(kind), texts);
    let values: Vec<Option<i64>> = match unit {
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().iter().collect(),
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().iter().collect(),
    };
    let nulls: Vec<usize> = (0..texts.len()).filter(|row| values[*row].is_none() && texts[*row] != "-").collect();
    assert_eq!(bad, nulls, "{pattern} {texts:?}");
    values
}

fn micros(rfc3339: &str) -> i64 {
    rfc3339.parse::<Timestamp>().unwrap().as_microsecond()
}

/// Each case alone, then all cases of a pattern in one column, so that each meets the memo of the one before.
fn check(zone: &str, cases: &[(&str, &str, &str)]) {
    for (pattern, text, expected) in cases {
        let expected = (!expected.is_empty()).then(|| micros(expected));
        let same: Vec<_> = cases.iter().filter(|case| case.0 == *pattern).map(|case| case.1).collect();
        assert_eq!(times(pattern, zone, TimeUnit::Microsecond, &[text])[0], expected, "{pattern} {text}");
        let at = same.iter().position(|other| other == text).unwrap();
        assert_eq!(times(pattern, zone, TimeUnit::Microsecond, &same)[at], expected, "{pattern} {text} in {same:?}");
        let nanos = times(pattern, zone, TimeUnit::Nanosecond, &same)[at];
        assert_eq!(nanos.map(|value| value.div_euclid(1000)), expected, "{pattern} {text} in ns");
    }
}

#[test]
fn alternatives() {
    const BOTH: &str = "iso8601|%y%m%d %H:%M:%S|%d %b %Y %I:%M:%S %p";
    check(
        "UTC",
        &[
            (BOTH, "2026-03-05T10:00:01.5Z", "2026-03-05T10:00:01.500Z"),
            (BOTH, "260305  9:00:01", "2026-03-05T09:00:01Z"),
            (BOTH, "260305 10:00:01", "2026-03-05T10:00:01Z"),
            (BOTH, "260305 10:59:01", "2026-03-05T10:59:01Z"),
            (BOTH, "5 Mar 2026 10:00:01 PM", "2026-03-05T22:00:01Z"),
            (BOTH, "2026-03-05T10:00:02.5Z", "2026-03-05T10:00:02.500Z"),
            (BOTH, "yesterday", ""),
        ],
    );
    let (zone, unit) = ("UTC".into(), TimeUnit::Microsecond);
    let kind = Kind::Timestamp { pattern: "iso8601|%F".into(), zone, unit, is_local: false };
    assert_eq!(kind.expected(), "an ISO 8601 time or a time like %F");
}

#[test]
fn patterns() {
    const CLF: &str = "%d/%b/%Y:%H:%M:%S %z";
    const APACHE: &str = "%a %b %d %H:%M:%S %Y";
    const APACHE_MICROS: &str = "%a %b %d %H:%M:%S.%f %Y";
    const NGINX: &str = "%Y/%m/%d %H:%M:%S";
    const MILLIS: &str = "%F %T%.f";
    check(
        "UTC",
        &[
            (CLF, "05/Mar/2026:10:00:01 +0900", "2026-03-05T01:00:01Z"),
            (CLF, "05/Mar/2026:23:59:59 +0900", "2026-03-05T14:59:59Z"),
            (CLF, "05/Mar/2026:23:59:60 +0900", "2026-03-05T15:00:00Z"),
            (CLF, "05/Mar/2026:10:00:01 -0330", "2026-03-05T13:30:01Z"),
            (CLF, "5/mar/2026:1:2:3 Z", "2026-03-05T01:02:03Z"),
            (CLF, "05/Mar/2026:10:00:01   +09:00", "2026-03-05T01:00:01Z"),
            (CLF, "29/Feb/2024:00:00:00 +0000", "2024-02-29T00:00:00Z"),
            (CLF, "29/Feb/2026:00:00:00 +0000", ""),
            (CLF, "31/Apr/2026:00:00:00 +0000", ""),
            (CLF, "00/Mar/2026:10:00:01 +0900", ""),
            (CLF, "05/Mar/2026:24:00:01 +0900", ""),
            (CLF, "05/Mar/2026:10:60:01 +0900", ""),
            (CLF, "05/Mar/2026:10:00:61 +0900", ""),
            (CLF, "05/Mar/2026:10:00:01 +2400", ""),
            (CLF, "05/Mar/2026:10:00:01 +0960", ""),
            (CLF, "05/Mar/2026:10:00:01+0900", ""),
            (CLF, "05/Mar/2026:10:00:01 +0900x", ""),
            (CLF, "05/Mar/2026:10:00:01 ", ""),
            (CLF, "05/Mar/2026:10-00:01 +0900", ""),
            (CLF, "05/Mar/2026:10:00:0x +0900", ""),
            (CLF, "05/Mär/2026:10:00:01 +0900", ""),
            (CLF, "05/Mar/0000:10:00:01 +0900", ""),
            (CLF, "", ""),
            (APACHE, "Thu Mar 05 10:00:01 2026", "2026-03-05T10:00:01Z"),
            (APACHE, "Thu Mar  5 10:00:01 2026", "2026-03-05T10:00:01Z"),
            (APACHE, "thursday march 5 10:00:01 2026", "2026-03-05T10:00:01Z"),
            (APACHE, "Mon Mar 05 10:00:01 2026", "2026-03-05T10:00:01Z"),
            (APACHE, "Thx Mar 05 10:00:01 2026", ""),
            (APACHE, "Thu Mar 05 10:00:01 2026 ", ""),
            (APACHE_MICROS, "Thu Mar 05 10:00:01.123456 2026", "2026-03-05T10:00:01.123456Z"),
            (APACHE_MICROS, "Thu Mar 05 10:00:01.654321 2026", "2026-03-05T10:00:01.654321Z"),
            (APACHE_MICROS, "Thu Mar 05 10:00:01.65432x 2026", ""),
            (APACHE_MICROS, "Thu Mar 05 10:00:01 2026", ""),
            (NGINX, "2026/03/05 10:00:01", "2026-03-05T10:00:01Z"),
            (NGINX, "2026/03/05 10:00:59", "2026-03-05T10:00:59Z"),
            (NGINX, "2026/03/05 10:00:60", "2026-03-05T10:01:00Z"),
            (NGINX, "2026/13/05 10:00:01", ""),
            (MILLIS, "2026-03-05 10:00:01,123", "2026-03-05T10:00:01.123Z"),
            (MILLIS, "2026-03-05 10:00:01.123", "2026-03-05T10:00:01.123Z"),
            (MILLIS, "2026-03-05 10:00:01.1234567", "2026-03-05T10:00:01.123456Z"),
            (MILLIS, "2026-03-05 10:00:01.9999999", "2026-03-05T10:00:01.999999Z"),
            (MILLIS, "2026-03-05 10:00:01.999999999999", "2026-03-05T10:00:01.999999Z"),
            (MILLIS, "1969-12-31 23:59:59.9999999", "1969-12-31T23:59:59.999999Z"),
            (MILLIS, "2026-03-05 10:00:01", "2026-03-05T10:00:01Z"),
            (MILLIS, "2026-03-05 10:00:01.", ""),
            ("%F %T.%3f", "2026-03-05 10:00:01.123", "2026-03-05T10:00:01.123Z"),
            ("%F %T.%3f", "2026-03-05 10:00:01.12", ""),
            ("%F %T.%3f", "2026-03-05 10:00:01.1234", ""),
            ("%D %R", "03/05/26 10:07", "2026-03-05T10:07:00Z"),
            ("%D %R", "03/05/69 10:07", "1969-03-05T10:07:00Z"),
            ("%Y %j %I%p", "2026 064 12AM", "2026-03-05T00:00:00Z"),
            ("%Y %j %I%p", "2026 064 12pm", "2026-03-05T12:00:00Z"),
            ("%Y %j %I%p", "2026 064 1pm", "2026-03-05T13:00:00Z"),
            ("%Y %j %I%p", "2026 064 13pm", ""),
            ("%Y %j %I%p", "2024 366 1am", "2024-12-31T01:00:00Z"),
            ("%Y %j %I%p", "2026 366 1am", ""),
            ("%F=%j", "2026-03-05=064", "2026-03-05T00:00:00Z"),
            ("%F=%j", "2026-03-05=065", ""),
            ("%A, %d %B %Y%n%T %Z", "Thursday, 05 March 2026\t\t10:00:01 GMT", "2026-03-05T10:00:01Z"),
            ("%A, %d %B %Y%n%T %Z", "Thu, 05 Mar 2026 10:00:01 utc", "2026-03-05T10:00:01Z"),
            ("%A, %d %B %Y%n%T %Z", "Thu, 05 Mar 2026 10:00:01 JST", "2026-03-05T01:00:01Z"),
            ("%A, %d %B %Y%n%T %Z", "Thu, 05 Mar 2026 10:00:01 pdt", "2026-03-05T17:00:01Z"),
            ("%A, %d %B %Y%n%T %Z", "Thu, 05 Mar 2026 10:00:01 CST", ""),
            ("%A, %d %B %Y%n%T %Z", "Thu, 05 Mar 202610:00:01 UTC", ""),
            ("%d%H:%M:%S %m%Y%%", "0510:00:01 032026%", "2026-03-05T10:00:01Z"),
            ("%d%H:%M:%S %m%Y%%", "510:00:01 032026%", ""),
            ("%s%.f", "1772704801.5", "2026-03-05T10:00:01.5Z"),
            ("%s%.f", "-1.5", "1969-12-31T23:59:58.5Z"),
            ("%s%.f", "-1.00000000001", "1969-12-31T23:59:58.999999Z"),
            ("%s%.f", "-0.0", "1970-01-01T00:00:00Z"),
            ("%s%.f", "--1", ""),
            ("%s%.f", "99999999999999999999", ""),
            // Written by hand in Japan: text of a pattern may be any UTF-8.
            ("%Y年%m月%d日 %T", "2026年03月05日 10:00:01", "2026-03-05T10:00:01Z"),
        ][..],
    );
}

#[test]
fn the_year_1_is_in_range_of_microseconds() {
    let value = times("%Y/%m/%d %H:%M:%S", "UTC", TimeUnit::Microsecond, &["0001/01/01 00:00:00"]);
    assert_eq!(value, [Some(micros("0001-01-01T00:00:00Z"))]);
}

#[test]
fn iso8601() {
    const ISO: &str = "iso8601";
    let cases: Vec<_> = [
        ("2026-03-05T10:00:01Z", "2026-03-05T10:00:01Z"),
        ("2026-03-05t10:00:02z", "2026-03-05T10:00:02Z"),
        ("2026-03-05 10:00:03", "2026-03-05T01:00:03Z"),
        ("2026-03-05T10:00:04+09:00", "2026-03-05T01:00:04Z"),
        ("2026-03-05T10:00:05+0900", "2026-03-05T01:00:05Z"),
        ("2026-03-05T10:00:06+09", "2026-03-05T01:00:06Z"),
        ("2026-03-05T10:00:07.123456789Z", "2026-03-05T10:00:07.123456Z"),
        ("2026-03-05T10:00:07.987654321Z", "2026-03-05T10:00:07.987654Z"),
        ("2026-03-05T10:00:07.98765432:Z", ""),
        ("2026-03-05T10:00:08,123-00:30", "2026-03-05T10:30:08.123Z"),
        ("2026-03-05 10:00:09 +0900", "2026-03-05T01:00:09Z"),
        ("2026-03-05 10:00:10 UTC", "2026-03-05T10:00:10Z"),
        ("2026-03-05T10:00Z", "2026-03-05T10:00:00Z"),
        ("2026-03-05", "2026-03-04T15:00:00Z"),
        ("20260305T100011Z", "2026-03-05T10:00:11Z"),
        ("20260305T100011,5", "2026-03-05T01:00:11.5Z"),
        ("2026-03-05T10:00:60Z", "2026-03-05T10:01:00Z"),
        ("2026-03-05T10:00:61Z", ""),
        ("2026-03-05T24:00:00Z", ""),
        ("2026-02-30T10:00:00Z", ""),
        ("2026-02-00T10:00:00Z", ""),
        ("2026-3-05T10:00:00Z", ""),
        ("2026-0305T10:00:00Z", ""),
        ("2026-03-05T10:00:00.Z", ""),
        ("2026-03-05T10:00:00+9", ""),
        ("2026-03-05T10:00:00 ", ""),
        ("2026-03-05T", ""),
        ("+2026-03-05T10:00:00Z", ""),
        ("2026-03-05X10:00:00Z", ""),
        ("\u{ff12}026-03-05", ""),
    ]
    .into_iter()
    .map(|(text, expected)| (ISO, text, expected))
    .collect();
    check("Asia/Tokyo", &cases);
    check("+09:00", &cases);
}

#[test]
fn epochs() {
    let us = |pattern, text| times(pattern, "UTC", TimeUnit::Microsecond, &[text])[0];
    let ns = |pattern, text| times(pattern, "UTC", TimeUnit::Nanosecond, &[text])[0];
    assert_eq!(us("epoch", "1772704801"), Some(1_772_704_801_000_000));
    assert_eq!(us("epoch", "1772704801.123"), Some(1_772_704_801_123_000));
    assert_eq!(us("epoch", "1772704801.1234567891"), Some(1_772_704_801_123_456));
    assert_eq!(ns("epoch", "1772704801.1234567891"), Some(1_772_704_801_123_456_789));
    assert_eq!(us("epoch", "0"), Some(0));
    assert_eq!(us("epoch", "-1.0000005"), Some(-1_000_001));
    assert_eq!(us("epoch", "-1"), Some(-1_000_000));
    assert_eq!(us("epoch_ms", "1772704801123"), Some(1_772_704_801_123_000));
    assert_eq!(us("epoch_ms", "1772704801123.4567"), Some(1_772_704_801_123_456));
    assert_eq!(us("epoch_ms", "1772704801123.456"), Some(1_772_704_801_123_456));
    assert_eq!(us("epoch_us", "1772704801123456"), Some(1_772_704_801_123_456));
    assert_eq!(us("epoch_us", "1772704801123456.789"), Some(1_772_704_801_123_456));
    assert_eq!(us("epoch_ns", "1772704801123456789"), Some(1_772_704_801_123_456));
    assert_eq!(us("epoch_ns", "-1"), Some(-1));
    assert_eq!(us("epoch_ns", "-1000"), Some(-1));
    assert_eq!(us("epoch_ns", "1"), Some(0));
    assert_eq!(ns("epoch_ns", "-9223372036854775808"), Some(i64::MIN));
    assert_eq!(ns("epoch_ns", "-9223372036854775808.1"), None);
    assert_eq!(ns("epoch_ns", "9223372036854775807"), Some(i64::MAX));
    assert_eq!(ns("epoch_ns", "9223372036854775808"), None);
    assert_eq!(ns("epoch", "9223372036.854775807"), Some(i64::MAX));
    assert_eq!(ns("epoch", "9223372036.854775808"), None);
    assert_eq!(ns("epoch", "9999999999"), None);
    assert_eq!(us("epoch", "999999999999999999999999999999"), None);
    for bad in ["", ".", "1e9", " 1", "1 ", "1.2.3", "0x10", "1,5", "177270480x", "17727048011772704801x", "1\u{0}"] {
        assert_eq!(us("epoch", bad), None, "{bad}");
    }
    assert_eq!(us("epoch", "-"), None);
}

#[test]
fn numbers_of_any_unit_and_texts() {
    let us = |text| times("auto", "UTC", TimeUnit::Microsecond, &[text])[0];
    let ns = |text| times("auto", "UTC", TimeUnit::Nanosecond, &[text])[0];
    for (text, want) in [
        ("1772704801", Some(1_772_704_801_000_000)),
        ("1772704801.123456", Some(1_772_704_801_123_456)),
        ("1772704801123", Some(1_772_704_801_123_000)),
        ("1772704801123.456", Some(1_772_704_801_123_456)),
        ("1772704801123456", Some(1_772_704_801_123_456)),
        ("1772704801123456789", Some(1_772_704_801_123_456)),
        ("2026-03-05T10:00:01.123456Z", Some(1_772_704_801_123_456)),
        ("2026-03-05T19:00:01+09:00", Some(1_772_704_801_000_000)),
        ("0", Some(0)),
        ("-1.5", Some(-1_500_000)),
        ("99999999999", Some(99_999_999_999_000_000)),
        ("100000000000", Some(100_000_000_000_000)),
        ("", None),
        ("-", None),
        ("soon", None),
        ("1.7e9", None),
        ("1,5", None),
        ("2026-03-05", Some(1_772_668_800_000_000)),
    ] {
        assert_eq!(us(text), want, "{text}");
    }
    assert_eq!(ns("1772704801123456789"), Some(1_772_704_801_123_456_789));
    // Each unit remembers the digits of its own numbers.
    let mixed =
        ["1772704801", "1772704801123", "2026-03-05T10:00:01Z", "1772704802", "1772704802123", "2026-03-05T10:00:02Z"];
    let got = times("auto", "UTC", TimeUnit::Microsecond, &mixed);
    let want =
        [1_000_000, 1_123_000, 1_000_000, 2_000_000, 2_123_000, 2_000_000].map(|us| Some(1_772_704_800_000_000 + us));
    assert_eq!(got, want);
}

#[test]
fn nanoseconds_end_in_2262() {
    let ns = |text| times("iso8601", "UTC", TimeUnit::Nanosecond, &["2262-04-11T00:00:00.000000000Z", text])[1];
    assert_eq!(ns("2262-04-11T23:47:16.854775807Z"), Some(i64::MAX));
    assert_eq!(ns("2262-04-11T23:47:16.854775808Z"), None);
    assert_eq!(ns("1677-09-21T00:12:43.145224192Z"), Some(i64::MIN));
    assert_eq!(ns("1677-09-21T00:12:43.145224191Z"), None);
    assert_eq!(ns("9999-12-31T23:59:59.999999999Z"), None);
}

#[test]
fn a_time_in_a_zone_is_what_jiff_says() {
    for zone in
        ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"]
    {
        let tz = jiff::tz::TimeZone::get(zone).unwrap();
        let mut texts = Vec::new();
        let mut expected = Vec::new();
        let mut time = civil::date(1949, 12, 31).at(23, 7, 13, 0);
        while time.year() < 2040 {
            texts.push(time.strftime("%Y/%m/%d %H:%M:%S").to_string());
            expected.push(Some(tz.to_timestamp(time).unwrap().as_microsecond()));
            // Half an hour near the months in which clocks change, days elsewhere.
            let minutes = if time.year() == 2025 { 30 } else { 60 * 37 + 11 };
            time = time.checked_add(SignedDuration::from_mins(minutes)).unwrap();
        }
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let values = times("%Y/%m/%d %H:%M:%S", zone, TimeUnit::Microsecond, &texts);
        for ((text, value), expected) in texts.iter().zip(values).zip(expected) {
            assert_eq!(value, expected, "{zone} {text}");
        }
    }
}

#[test]
fn zone_names_are_those_the_zone_has_then() {
    const PATTERN: &str = "%F %T %Z";
    check(
        "Europe/Berlin",
        &[
            (PATTERN, "2026-07-01 12:00:00 CEST", "2026-07-01T10:00:00Z"),
            (PATTERN, "2026-01-01 12:00:00 CET", "2026-01-01T11:00:00Z"),
            (PATTERN, "2026-10-25 02:30:00 CEST", "2026-10-25T00:30:00Z"),
            (PATTERN, "2026-10-25 02:30:00 CET", "2026-10-25T01:30:00Z"),
            (PATTERN, "2026-07-01 12:00:00 CET", ""),
            (PATTERN, "2026-07-01 12:00:00 JST", ""),
            (PATTERN, "2026-07-01 12:00:00 UTC", "2026-07-01T12:00:00Z"),
            (PATTERN, "2026-07-01 12:00:01 UTC", "2026-07-01T12:00:01Z"),
        ],
    );
    check("+09:00", &[(PATTERN, "2026-07-01 12:00:00 JST", "2026-07-01T03:00:00Z")]);
    check("Asia/Tokyo", &[(PATTERN, "2026-07-01 12:00:00 JST", "2026-07-01T03:00:00Z")]);
}

#[test]
fn a_year_is_the_closest_one_not_after_the_reference_and_a_day() {
    const SYSLOG: &str = "%b %d %T";
    check(
        "UTC",
        &[
            (SYSLOG, "Mar  5 10:00:01", "2026-03-05T10:00:01Z"),
            (SYSLOG, "Mar  6 11:59:58", "2026-03-06T11:59:58Z"),
            (SYSLOG, "Mar  6 12:00:00", "2026-03-06T12:00:00Z"),
            (SYSLOG, "Mar  6 12:00:01", "2025-03-06T12:00:01Z"),
            (SYSLOG, "Mar  6 12:00:02", "2025-03-06T12:00:02Z"),
            (SYSLOG, "Mar  6 11:59:59", "2026-03-06T11:59:59Z"),
            (SYSLOG, "Mar  6 12:00:03", "2025-03-06T12:00:03Z"),
            (SYSLOG, "Mar  7 00:00:00", "2025-03-07T00:00:00Z"),
            (SYSLOG, "Dec 31 23:59:59", "2025-12-31T23:59:59Z"),
            (SYSLOG, "Dec 31 23:59:60", "2026-01-01T00:00:00Z"),
            (SYSLOG, "Feb 29 00:00:00", "2024-02-29T00:00:00Z"),
            (SYSLOG, "Feb 30 00:00:00", ""),
            ("%j %T", "366 00:00:00", "2024-12-31T00:00:00Z"),
            ("%m/%d %T %z", "03/07 01:00:00 +1400", "2026-03-06T11:00:00Z"),
        ],
    );
    // A reference at the turn of a year, in a zone that is ahead.
    let turn = Kind::Timestamp {
        pattern: SYSLOG.into(),
        zone: "Asia/Tokyo".into(),
        unit: TimeUnit::Microsecond,
        is_local: false,
    };
    let texts = ["Jan  1 01:00:00", "Dec 31 23:00:00", "Jan  2 01:00:00", "Jan  2 01:00:01"];
    let (array, _) = column_at(&spec(turn), &texts, micros("2025-12-31T16:00:00Z"));
    let values = array.as_primitive::<TimestampMicrosecondType>();
    let expected = ["2025-12-31T16:00:00Z", "2025-12-31T14:00:00Z", "2026-01-01T16:00:00Z", "2025-01-01T16:00:01Z"];
    assert_eq!(values.values(), &expected.map(micros));
    // References that no calendar holds.
    for reference_us in [i64::MIN, i64::MAX] {
        let kind =
            Kind::Timestamp { pattern: SYSLOG.into(), zone: "UTC".into(), unit: TimeUnit::Nanosecond, is_local: false };
        assert_eq!(column_at(&spec(kind), &["Feb 29 00:00:00"], reference_us).1, [0]);
    }
}

#[test]
fn each_call_has_its_own_reference() {
    const SYSLOG: &str = "%b %e %H:%M:%S";
    for dtype in ["timestamp", "date"] {
        let all = super::Cells::new(&["Dec 31 23:00:00", "Jan  1 01:00:00", "Jan  1 02:00:00"]);
        let mut decoder = decoder(&spec(kind(dtype, Some(SYSLOG))), &Pool::default()).unwrap();
        for reference in ["2026-03-05T12:00:00Z", "2024-12-31T23:30:00Z", "2026-03-05T12:00:00Z"] {
            assert_eq!(all.decode(&mut *decoder, 1, micros(reference)), []);
        }
        let values = cast(&decoder.finish().unwrap().remove(0), &DataType::Int64).unwrap();
        let in_day = if dtype == "date" { 1 } else { 86_400_000_000 };
        let days: Vec<_> = values.as_primitive::<Int64Type>().values().iter().map(|value| value / in_day).collect();
        let day = |text: &str| micros(&format!("{text}T00:00:00Z")) / 86_400_000_000;
        let near = ["2025-12-31", "2026-01-01", "2026-01-01"].map(day);
        let far = ["2024-12-31", "2025-01-01", "2025-01-01"].map(day);
        assert_eq!(days, [near, far, near].concat(), "{dtype}");
    }
}

#[test]
fn null_texts_are_asked_only_of_what_is_no_time() {
    let values = times("iso8601", "UTC", TimeUnit::Microsecond, &["-", "2026-03-05T10:00:01Z", "-"]);
    assert_eq!(values, [None, Some(micros("2026-03-05T10:00:01Z")), None]);
    let mut of_empty = spec(kind("timestamp", None));
    of_empty.null = crate::decode::NullTexts::new(&["", "null"]);
    let (array, bad) = column(&of_empty, &["", "null", "-", "2026-03-05"]);
    assert_eq!((array.null_count(), bad), (3, vec![2]));
}

#[test]
fn bad_patterns_and_zones_are_refused() {
    let build = |pattern: &str, zone: &str| {
        let kind = Kind::Timestamp {
            pattern: pattern.into(),
            zone: zone.into(),
            unit: TimeUnit::Microsecond,
            is_local: false,
        };
        decoder(&spec(kind), &Pool::default()).err()
    };
    for (pattern, message) in [
        ("%Y-%m-%Q", r#"the time pattern "%Y-%m-%Q" has the unknown directive %Q"#),
        ("%F %", r#"the time pattern "%F %" ends with a lone %"#),
        ("%T", r#"the time pattern "%T" names no day"#),
        ("", r#"the time pattern "" names no day"#),
        ("%Y-%m", r#"the time pattern "%Y-%m" names no day"#),
        ("%F %I:%M", r#"the time pattern "%F %I:%M" has only half of a twelve-hour clock"#),
        ("%F %0f", r#"the time pattern "%F %0f" has the unknown directive %0"#),
    ] {
        let err = build(pattern, "UTC").unwrap();
        assert_eq!((err.kind(), err.message()), (ErrorKind::FormatSyntax, message));
        assert!(err.hint().is_some());
    }
    for zone in ["", "Mars/Olympus", "+25:00", "+9", "JST9"] {
        assert_eq!(build("iso8601", zone).unwrap().kind(), ErrorKind::Option, "{zone}");
        assert!(build("epoch", zone).is_some());
    }
    for zone in ["UTC", "Z", "gmt", "+0900", "-03", "Etc/GMT+5", "asia/tokyo"] {
        assert!(build("iso8601", zone).is_none(), "{zone}");
    }
}

#[test]
fn dates() {
    let days = |format, texts: &[&str]| {
        let (array, bad) = column_at(&spec(kind("date", format)), texts, 0);
        (array.as_primitive::<Date32Type>().iter().collect::<Vec<_>>(), bad)
    };
    let texts = ["1970-01-01", "1970-01-02", "1970-01-02", "-", "1969-12-31", "2026-02-29", "2026-03-05T", ""];
    assert_eq!(days(None, &texts), (vec![Some(0), Some(1), Some(1), None, Some(-1), None, None, None], vec![5, 6, 7]));
    assert_eq!(
        days(Some("%d/%b/%Y:%T %z"), &["01/Jan/1970:23:00:00 -0900", "02/Jan/1970:24:00:00 -0900"]).0,
        [Some(0), None]
    );
    assert_eq!(days(Some("%s"), &["-1", "86400", "-86401"]).0, [Some(-1), Some(1), Some(-2)]);
    // The reference is 1970-01-01.
    assert_eq!(days(Some("%m-%d"), &["01-02", "01-03", "02-29"]).0, [Some(1), Some(-363), Some(-672)]);
    let err = decoder(&spec(kind("date", Some("epoch"))), &Pool::default()).err().unwrap();
    assert_eq!(err.message(), "the time pattern \"epoch\" names no day");
}

#[test]
fn every_day_of_two_centuries_and_the_ends_of_time() {
    let epoch = civil::date(1970, 1, 1);
    let mut day = civil::date(1890, 1, 1);
    let mut number = -i64::from(epoch.since(day).unwrap().get_days());
    while day.year() <= 2110 {
        let year = i64::from(day.year());
        assert_eq!(day_number(year, day.month() as u32, day.day() as u32), Some(number), "{day}");
        assert_eq!(day_of_year_number(year, day.day_of_year() as u32), Some(number), "{day}");
        assert_eq!(year_of(number), year, "{day}");
        day = day.tomorrow().unwrap();
        number += 1;
    }
    for (year, leap) in [(1, 0), (4, 1), (1900, 0), (2000, 1), (9999, 0)] {
        assert!(day_of_year_number(year, 365 + leap).is_some() && day_of_year_number(year, 366 + leap).is_none());
        assert_eq!(day_number(year, 2, 28 + leap + 1), None);
        assert_eq!(day_number(year, 12, 31), day_of_year_number(year, 365 + leap));
        assert_eq!(year_of(day_number(year, 1, 1).unwrap()), year);
        assert_eq!(year_of(day_number(year, 12, 31).unwrap()), year);
    }
    assert_eq!((day_number(0, 12, 31), day_number(10_000, 1, 1), day_number(2026, 13, 1)), (None, None, None));
    assert_eq!((day_number(2026, 1, 0), day_number(2026, 0, 1), day_of_year_number(2026, 0)), (None, None, None));
    assert_eq!((year_of(i64::MIN), year_of(i64::MAX)), (1, 9999));
}

#[test]
fn spaces_are_counted() {
    for (pattern, spaces) in [("%d/%b/%Y:%H:%M:%S %z", 1), ("%a %b %d %H:%M:%S.%f %Y", 4), ("iso8601", 0), ("%s", 0)] {
        assert_eq!(TimePattern::spaces(pattern), spaces);
    }
    assert_eq!(TimePattern::spaces(&" ".repeat(300)), 255);
}
