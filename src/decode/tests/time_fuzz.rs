//! The memo and the patterns against slower ways to read the same text.

use arrow::array::AsArray;
use arrow::datatypes::TimestampMicrosecondType;
use proptest::prelude::*;

use super::{column, runner, spec};
use crate::decode::time_memo::time_of_day;
use crate::decode::{Kind, TimeUnit};

const CLF: &str = "%d/%b/%Y:%H:%M:%S %z";

fn read(pattern: &str, zone: &str, texts: &[Vec<u8>]) -> Vec<Option<i64>> {
    let kind =
        Kind::Timestamp { pattern: pattern.into(), zone: zone.into(), unit: TimeUnit::Microsecond, is_local: false };
    let (array, _) = column(&spec(kind), texts);
    array.as_primitive::<TimestampMicrosecondType>().iter().collect()
}

/// The time text of `pattern`, in a zone that is `offset` minutes east.
fn written(pattern: &str, micros: i64, offset: i32) -> String {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::from_seconds(offset * 60).unwrap());
    let at = jiff::Timestamp::from_microsecond(micros).unwrap().to_zoned(zone);
    at.strftime(pattern).to_string()
}

/// Times of two days, so that many share a date, with a few bytes changed in some.
fn texts(pattern: &'static str) -> impl Strategy<Value = Vec<(Vec<u8>, Option<i64>)>> {
    let byte = prop_oneof![3 => b'0'..=b'9', 1 => Just(b':'), 1 => Just(b' '), 1 => any::<u8>()];
    let change = prop_oneof![2 => Just(None), 1 => (any::<prop::sample::Index>(), byte).prop_map(Some)];
    let micros = 1_772_700_000_000_000..1_772_872_800_000_000_i64;
    let offset = prop_oneof![4 => Just(540), 1 => Just(-210), 1 => -1439..1440_i32];
    let text = (micros, offset, change).prop_map(move |(micros, offset, change)| {
        let mut text = written(pattern, micros, offset).into_bytes();
        match change {
            None => (text, Some(micros)),
            Some((at, byte)) => {
                let at = at.index(text.len());
                text[at] = byte;
                (text, None)
            }
        }
    });
    prop::collection::vec(text, 1..12)
}

/// Reads all texts as one column, where the memo helps, and each alone, where it cannot.
fn agree(pattern: &'static str, unit_micros: i64) {
    runner(400)
        .run(&texts(pattern), |texts| {
            let (texts, expected): (Vec<_>, Vec<_>) = texts.into_iter().unzip();
            let together = read(pattern, "UTC", &texts);
            for ((text, expected), together) in texts.iter().zip(expected).zip(together) {
                let alone = read(pattern, "UTC", std::slice::from_ref(text))[0];
                prop_assert_eq!(alone, together, "{}", String::from_utf8_lossy(text));
                if let Some(expected) = expected {
                    prop_assert_eq!(alone, Some(expected - expected.rem_euclid(unit_micros)));
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn clf() {
    agree(CLF, 1_000_000);
}

#[test]
fn rfc3339() {
    agree("%Y-%m-%dT%H:%M:%S.%6f%z", 1);
    agree("%Y-%m-%dT%H:%M:%S%z", 1_000_000);
}

#[test]
fn apache_error() {
    agree("%z %a %b %d %H:%M:%S.%6f %Y", 1);
}

#[test]
fn fractions_of_any_length() {
    let fraction = "[0-9]{1,12}";
    let case = prop::collection::vec((0..86_400_i64, fraction), 1..8);
    runner(400)
        .run(&case, |cells| {
            let text = |seconds: i64, fraction: &str| {
                let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
                format!("2026-03-05T{h:02}:{m:02}:{s:02}.{fraction}Z")
            };
            let texts: Vec<_> = cells.iter().map(|(seconds, fraction)| text(*seconds, fraction).into_bytes()).collect();
            let values = read("iso8601", "UTC", &texts);
            for ((seconds, fraction), value) in cells.iter().zip(values) {
                let six: i64 = format!("{fraction:0<6}")[..6].parse().unwrap();
                prop_assert_eq!(value, Some(1_772_668_800_000_000 + seconds * 1_000_000 + six), "{}", fraction);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn texts_without_a_year_do_not_depend_on_the_text_before() {
    let case = prop::collection::vec((1..13_u32, 1..32_u32, 0..86_401_i64), 1..8);
    // Many near the limit, 2026-03-06 12:00:00.
    let near = prop::collection::vec((Just(3), 5..8_u32, 0..86_401_i64), 1..8);
    runner(400)
        .run(&prop_oneof![case, near], |cells| {
            let text = |(month, day, s): &(u32, u32, i64)| {
                format!("{month:02}/{day:02} {:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
            };
            let texts: Vec<_> = cells.iter().map(|cell| text(cell).into_bytes()).collect();
            for zone in ["UTC", "America/New_York"] {
                let together = read("%m/%d %T", zone, &texts);
                for (text, together) in texts.iter().zip(together) {
                    prop_assert_eq!(read("%m/%d %T", zone, std::slice::from_ref(text))[0], together);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn nothing_panics_and_little_is_a_time() {
    let piece = prop_oneof![
        5 => "[0-9]{1,4}", 3 => "[-+:/., TZ%]", 1 => Just("Mar".to_owned()), 1 => Just("é".to_owned()),
        1 => Just("Thursday".to_owned()),
    ];
    let text = prop_oneof![
        prop::collection::vec(piece, 0..12).prop_map(|parts| parts.concat().into_bytes()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    let patterns = [
        CLF,
        "iso8601",
        "epoch",
        "epoch_ms",
        "epoch_us",
        "epoch_ns",
        "%s%.f",
        "%a%b%e%j%I%p %D %f",
        "%m%d%H",
        "%y%j%n%Z",
    ];
    runner(300)
        .run(&prop::collection::vec(text, 1..6), |texts| {
            for pattern in patterns {
                read(pattern, "Europe/Berlin", &texts);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn times_of_day() {
    for second in 0..86_400 {
        let text = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        assert_eq!(time_of_day(u64::from_le_bytes(text.as_bytes().try_into().unwrap())), Some(second));
    }
    // Every byte at every place of three times.
    for start in [*b"00:00:00", *b"19:59:59", *b"23:39:49"] {
        for (at, byte) in (0..8).flat_map(|at| (0..=255).map(move |byte| (at, byte))) {
            let mut text = start;
            text[at] = byte;
            let digit = |at: usize| text[at].wrapping_sub(b'0') < 10;
            let pair = |at: usize| i64::from(text[at] - b'0') * 10 + i64::from(text[at + 1] - b'0');
            let shape = [0, 1, 3, 4, 6, 7].into_iter().all(digit) && text[2] == b':' && text[5] == b':';
            let good = shape && pair(0) < 24 && pair(3) < 60 && pair(6) < 60;
            let expected = if good { Some(pair(0) * 3600 + pair(3) * 60 + pair(6)) } else { None };
            assert_eq!(time_of_day(u64::from_le_bytes(text)), expected, "{text:?}");
        }
    }
}

/// Fractions and seconds that vary do not lead past the memo: once it has learned a time, all of that day are known.
#[test]
fn the_memo_knows_every_time_of_its_day() {
    use crate::decode::time_memo::Memo;
    use crate::decode::time_parts::Instant;
    use crate::decode::time_pattern::TimePattern;
    use crate::decode::zone::Zone;
    use crate::simd::Text;

    let patterns = [
        "%d/%b/%Y:%H:%M:%S %z",
        "%Y/%m/%d %H:%M:%S.%3f",
        "%Y-%m-%d %H:%M:%S,%3f",
        "%Y-%m-%dT%H:%M:%S.%3f%:z",
        "%Y-%m-%dT%H:%M:%S.%6fZ",
        "%Y-%m-%dT%H:%M:%S.%9f%z",
        "%a %b %d %H:%M:%S.%6f %Y",
        "%b %e %H:%M:%S.%3f",
    ];
    for pattern in patterns {
        for unit_digits in [6, 9] {
            let per_second = 10_i64.pow(unit_digits);
            let read = TimePattern::new(&pattern.replace("%:z", "%z")).unwrap();
            assert!(read.is_regular(), "{pattern}");
            let value = |text: &str| {
                let parts = read.read(text.as_bytes()).unwrap();
                let limit = Instant::limit(super::REFERENCE_US);
                parts.instant(&mut Zone::parse("UTC").unwrap(), limit).unwrap().scaled(per_second).unwrap()
            };
            let midnight = 1_772_668_800_000_000;
            let first = written(pattern, midnight + 36_001_123_456, 0);
            let mut memo = Memo::new(unit_digits);
            let text = Text::copied(first.as_bytes());
            let parts = read.read(first.as_bytes()).unwrap();
            memo.learn(&text, (0, first.len() as u32), &parts, value(&first), (i64::MIN, i64::MAX));
            for step in 0..5000 {
                let other = written(pattern, midnight + step * 17_279_999, 0);
                let text = Text::copied(other.as_bytes());
                assert_eq!(memo.read(&text, 0, other.len() as u32), Some(value(&other)), "{pattern} {other}");
            }
            let leap = first.replace("10:00:01", "23:59:60");
            assert_eq!(memo.read(&Text::copied(leap.as_bytes()), 0, leap.len() as u32), None, "{leap}");
        }
    }
}
