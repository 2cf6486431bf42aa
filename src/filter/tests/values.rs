//! What expressions give.

use super::*;
use crate::filter::{builtin_tables, col, lit};

#[test]
fn expressions() {
    let cases = [
        // Whole numbers.
        ("status = 200", "true false -"),
        ("200 = status", "true false -"),
        ("status <> 200", "false true -"),
        ("status >= 500", "false true -"),
        ("500 > status", "true false -"),
        ("status <= 200 OR status > 502", "true true -"),
        ("i8 < 0", "false true -"),
        ("i32 = -2147483648", "false true -"),
        ("i64 = -9223372036854775808", "false true -"),
        ("i64 <= 7", "true true -"),
        ("status = '200'", "true false -"),
        ("status > 499.5", "false true -"),
        ("status = 200.0", "true false -"),
        ("status = i32", "false false -"),
        ("i8 = i64 - 1", "true - -"),
        ("status = NULL", "- - -"),
        ("nothing = 1", "- - -"),
        // Other numbers.
        ("f32 = 0.1", "true false -"),
        ("f64 = 0.1", "true false -"),
        ("f64 < f32", "true false -"),
        ("dec = 10.5", "true false -"),
        ("dec = '10.50'", "true false -"),
        ("dec < 0", "false true -"),
        ("dec > i8", "true false -"),
        ("dec = f64 + 10.4", "true - -"),
        // Text.
        ("method = 'GET'", "true false -"),
        ("large > 'GET'", "false true -"),
        ("view = 'Größe'", "false true -"),
        ("dict = 'GET'", "true false -"),
        ("dict = method AND view = large AND large = dict", "true true -"),
        ("method IN ('GET', 'PUT')", "true false -"),
        ("dict NOT IN ('GET', 'PUT')", "false true -"),
        ("view IN ('GET', NULL)", "true - -"),
        ("large NOT IN ('GET', NULL)", "false - -"),
        ("method LIKE 'G%'", "true true -"),
        ("method LIKE '%T'", "true false -"),
        ("method LIKE '%E%'", "true false -"),
        ("method LIKE 'Gr__e'", "false true -"),
        ("method LIKE 'G%_%e'", "false true -"),
        ("method NOT LIKE '___'", "false true -"),
        ("dict LIKE '%öß%'", "false true -"),
        ("method ILIKE 'gRÖSSE'", "false false -"),
        ("method ILIKE '%ÖßE'", "false true -"),
        ("'50%' LIKE '50\\%'", "true true true"),
        ("'50x' LIKE '50\\%'", "false false false"),
        ("'C:\\dir' LIKE 'C:\\d%'", "true true true"),
        ("'a_b' LIKE 'a!_b' ESCAPE '!'", "true true true"),
        ("'axb' LIKE 'a!_b' ESCAPE '!'", "false false false"),
        ("'' LIKE ''", "true true true"),
        ("'' LIKE '%%'", "true true true"),
        ("'aab' LIKE '%ab'", "true true true"),
        ("'abab' LIKE 'a%b_b'", "true true true"),
        ("'abab' LIKE 'a%b_a'", "false false false"),
        ("starts_with(method, 'G')", "true true -"),
        ("ends_with(view, 'e')", "false true -"),
        ("contains(dict, 'ET')", "true false -"),
        ("contains(method, view)", "true true -"),
        ("starts_with(method, NULL)", "- - -"),
        ("lower(method)", "get größe -"),
        ("upper(dict)", "GET GRÖSSE -"),
        ("length(view)", "3 5 -"),
        ("coalesce(method, 'none')", "GET Größe none"),
        ("coalesce(nothing, status, 0)", "200 503 0"),
        ("coalesce(status, 70000)", "200 503 70000"),
        ("coalesce(dict, number, 'x')", "GET Größe x"),
        // Bools and three-valued logic.
        ("ok", "true false -"),
        ("NOT ok", "false true -"),
        ("ok = 'true'", "true false -"),
        ("ok IS TRUE", "true false false"),
        ("ok IS NOT TRUE", "false true true"),
        ("ok IS FALSE", "false true false"),
        ("ok IS NOT FALSE", "true false true"),
        ("ok IS UNKNOWN", "false false true"),
        ("ok AND NULL", "- false -"),
        ("ok OR NULL", "true - -"),
        ("ok AND FALSE", "false false false"),
        ("ok OR TRUE", "true true true"),
        ("NULL", "- - -"),
        ("status IS NULL", "false false true"),
        ("list IS NOT NULL", "true true false"),
        ("nothing IS NULL", "true true true"),
        ("status IN (200, 404)", "true false -"),
        ("status NOT IN (200, 404)", "false true -"),
        ("status IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 503)", "false true -"),
        ("status IN (200, NULL)", "true - -"),
        ("status NOT IN (200, NULL)", "false - -"),
        ("status IN (200.5, 503.0)", "false true -"),
        ("status IN ()", "false false -"),
        ("status IN (i32 * 1, 503)", "false true -"),
        ("f64 IN (0.1, 5)", "true false -"),
        ("status BETWEEN 200 AND 299", "true false -"),
        ("status NOT BETWEEN 200 AND 299", "false true -"),
        ("status BETWEEN NULL AND 299", "- false -"),
        // Arithmetic.
        ("status + 1", "201 504 -"),
        ("i64 - 1", "6 - -"),
        ("-i64", "-7 - -"),
        ("i64 * 2", "14 - -"),
        ("i64 / 0", "- - -"),
        ("i64 / -1", "-7 - -"),
        ("i64 % -1", "0 - -"),
        ("7 / 2", "3 3 3"),
        ("-7 % 4", "-3 -3 -3"),
        ("1.0 / 0", "- - -"),
        ("dec * 2", "21.0 -4.0 -"),
        ("status + NULL", "- - -"),
        // Times.
        ("time >= '2026-03-06'", "false true -"),
        ("time = TIMESTAMP '2026-03-06 09:00:00+09:00'", "false true -"),
        ("time < DATE '2026-03-06'", "true false -"),
        ("time = '2026-03-05T01:00:01.123456Z'", "true false -"),
        ("nano > time", "false false -"),
        ("second = '2026-03-05 01:00:01'", "true false -"),
        ("date(time)", "2026-03-05 2026-03-06 -"),
        ("date(time) = '2026-03-05'", "true false -"),
        ("date(second)", "2026-03-05 1969-12-31 -"),
        ("date(day_of)", "2026-03-05 1969-12-31 -"),
        ("date('2026-03-05 23:00')", "2026-03-05 2026-03-05 2026-03-05"),
        ("hour(time)", "1 0 -"),
        ("hour(second)", "1 23 -"),
        ("minute(nano)", "0 59 -"),
        ("year(day_of)", "2026 1969 -"),
        ("month(time) * 100 + day(time)", "305 306 -"),
        ("day_of > DATE '2000-01-01'", "true false -"),
        ("took > '1s'", "true false -"),
        ("took = '1.5s'", "true false -"),
        ("raw = 'ab'", "true false -"),
        ("raw >= X'ff'", "false true -"),
        // CASE, lookup, CAST.
        ("CASE WHEN status < 400 THEN 'fine' WHEN status < 600 THEN 'bad' END", "fine bad -"),
        ("CASE status WHEN 200 THEN 1 ELSE 0 END", "1 0 0"),
        ("CASE WHEN ok THEN status ELSE 1.5 END", "200.0 1.5 1.5"),
        ("CASE WHEN ok THEN NULL ELSE NULL END", "- - -"),
        ("lookup(status, 'http_status')", "OK Service Unavailable -"),
        ("lookup(status, 'http_status_class', 'none')", "Successful Server Error -"),
        ("lookup(i8, 'iana_protocol')", "TCP - -"),
        ("lookup(i64, 'syslog_severity')", "Debug - -"),
        ("lookup(number, 'http_status', method)", "Not Found Größe -"),
        ("lookup(dict, 'verbs', 'other')", "read other -"),
        ("lookup(status, MAP {200: 'fine', 503: NULL}, 'x')", "fine - -"),
        ("lookup(status, MAP {200: 'fine'}, 'x')", "fine x -"),
        ("lookup(view, MAP {'GET': 'read'}, method)", "read Größe -"),
        ("lookup(NULL, 'http_status', 'x')", "- - -"),
        ("coalesce(lookup(status, MAP {200: 'fine'}, 'x'), 'none')", "fine x none"),
        ("lookup(status, MAP {'200': 'fine'})", "fine - -"),
        ("lookup(4, 'syslog_facility')", "auth auth auth"),
        ("lookup('WARN', 'log_level')", "13 13 13"),
        ("lookup('Crit', 'log_level')", "18 18 18"),
        ("lookup(18, 'tcp_flags')", "SYN-ACK SYN-ACK SYN-ACK"),
        ("lookup(139, 'iana_protocol')", "HIP HIP HIP"),
        ("lookup('REJECT', 'vpc_flow_action')", "rejected rejected rejected"),
        ("lookup('OriginShieldHit', 'cloudfront_result') LIKE '%cache%'", "true true true"),
        ("CAST(number AS int64)", "404 - -"),
        ("CAST(status AS utf8)", "200 503 -"),
        ("CAST(i64 AS int8)", "7 - -"),
        ("CAST(dec AS decimal(4, 1))", "10.5 -2.0 -"),
        ("CAST('2026-03-05 10:00' AS timestamp) = '2026-03-05T10:00:00Z'", "true true true"),
        ("CAST(time AS date)", "2026-03-05 2026-03-06 -"),
        ("CAST(time AS utf8)", "2026-03-05T01:00:01.123456Z 2026-03-06T00:00:00Z -"),
        ("CAST(ok AS int8)", "1 0 -"),
        ("1 = 1 AND 'a' < 'b' AND 1 < 2.5", "true true true"),
    ];
    for (text, expected) in cases {
        assert_eq!(values(text, "UTC").unwrap_or_else(|err| panic!("{text}: {err}")), expected, "{text}");
    }
}

#[test]
fn zones() {
    let cases = [
        ("Asia/Tokyo", "hour(time)", "10 9 -"),
        ("+09:00", "hour(time)", "10 9 -"),
        ("America/New_York", "date(time)", "2026-03-04 2026-03-05 -"),
        ("Asia/Tokyo", "time = '2026-03-06 09:00:00'", "false true -"),
        ("Asia/Tokyo", "time >= '2026-03-06'", "false true -"),
        ("Asia/Tokyo", "hour(second)", "1 23 -"),
        ("-03:30", "minute(time)", "30 30 -"),
        ("Asia/Tokyo", "CAST('2026-03-06 09:00:00' AS timestamp) = time", "false true -"),
    ];
    for (zone, text, expected) in cases {
        assert_eq!(values(text, zone).unwrap(), expected, "{zone}: {text}");
    }
}

#[test]
fn hours_agree_with_jiff_around_every_change_of_offset() {
    for name in ["America/New_York", "Australia/Lord_Howe", "Europe/Berlin", "Asia/Kathmandu"] {
        let tz = jiff::tz::TimeZone::get(name).unwrap();
        let mut seconds: Vec<i64> = vec![0, -5_000_000_000, 9_000_000_000];
        for at in tz.following(jiff::Timestamp::UNIX_EPOCH).take(60) {
            let second = at.timestamp().as_second();
            seconds.extend([second - 1, second, second + 1, second - 2_000_000]);
        }
        let civil: Vec<_> = seconds.iter().map(|s| tz.to_datetime(jiff::Timestamp::from_second(*s).unwrap())).collect();
        let time: ArrayRef = Arc::new(TimestampSecondArray::from(seconds).with_timezone("UTC"));
        let batch = RecordBatch::try_from_iter([("time", time)]).unwrap();
        let give = |text: &str| {
            let bound = Bound::bind(&Expr::parse(text).unwrap(), &batch.schema(), &context(name)).unwrap();
            bound.evaluate(&batch).unwrap()
        };
        let hours: Int16Array = civil.iter().map(|dt| Some(i16::from(dt.hour()))).collect();
        assert_eq!(give("hour(time)").as_ref(), &hours as &dyn Array, "{name}");
        let dates: Vec<String> = civil.iter().map(|dt| dt.date().to_string()).collect();
        let found = give("CAST(date(time) AS utf8)");
        assert_eq!(found.as_string::<i32>().iter().flatten().collect::<Vec<_>>(), dates, "{name}");
        let days: Int16Array = civil.iter().map(|dt| Some(i16::from(dt.day()))).collect();
        assert_eq!(give("day(time)").as_ref(), &days as &dyn Array, "{name}");
    }
}

#[test]
fn times_past_the_calendar_are_null() {
    let time: ArrayRef = Arc::new(TimestampSecondArray::from(vec![i64::MAX, i64::MIN]).with_timezone("UTC"));
    let batch = RecordBatch::try_from_iter([("time", time)]).unwrap();
    for zone in ["UTC", "+01:00", "-01:00", "Asia/Tokyo"] {
        for text in ["date(time)", "year(time)"] {
            let bound = Bound::bind(&Expr::parse(text).unwrap(), &batch.schema(), &context(zone)).unwrap();
            assert_eq!(bound.evaluate(&batch).unwrap().null_count(), 2, "{zone} {text}");
        }
    }
}

#[test]
fn truth_tables() {
    // Rows of AND, OR for each pair of true, false, null; the third operand is what decides nothing.
    let words = ["TRUE", "FALSE", "NULL"];
    let and = ["true", "false", "-", "false", "false", "false", "-", "false", "-"];
    let or = ["true", "true", "true", "true", "false", "-", "true", "-", "-"];
    for (idx, (and, or)) in and.into_iter().zip(or).enumerate() {
        let (a, b) = (words[idx / 3], words[idx % 3]);
        assert_eq!(values(&format!("{a} AND {b} AND TRUE"), "UTC").unwrap(), [and; 3].join(" "), "{a} AND {b}");
        assert_eq!(values(&format!("{a} OR {b} OR FALSE"), "UTC").unwrap(), [or; 3].join(" "), "{a} OR {b}");
        // The same by column, whose rows are true, false, null.
        let by_column = values(&format!("ok AND {b}"), "UTC").unwrap();
        assert_eq!(by_column.split(' ').nth(idx / 3), Some(and), "ok AND {b}");
        let by_column = values(&format!("{b} OR ok"), "UTC").unwrap();
        assert_eq!(by_column.split(' ').nth(idx / 3), Some(or), "{b} OR ok");
    }
}

#[test]
fn predicate_keeps_only_what_is_true() {
    let batch = batch();
    for (text, kept) in [("ok", 1), ("NOT ok", 1), ("ok IS NULL", 1), ("ok OR ok IS NULL", 2), ("NULL", 0)] {
        let bound = Bound::bind(&Expr::parse(text).unwrap().and(lit(true)), &batch.schema(), &context("UTC")).unwrap();
        let found = bound.predicate(&batch).unwrap();
        assert_eq!((found.true_count(), found.null_count()), (kept, 0), "{text}");
    }
    let bound = Bound::bind(&col("status").ge(1).and(col("i8").ge(1)), &batch.schema(), &context("UTC")).unwrap();
    assert_eq!(bound.columns(), [0, 1]);
    assert_eq!(bound.column_names().collect::<Vec<_>>(), ["i8", "status"]);
}

#[test]
fn literals_fold() {
    let schema = batch().schema();
    for text in ["1 + 2 * 3", "hour(TIMESTAMP '2026-03-05 10:00')", "lookup(404, 'http_status')", "NULL IN (1)"] {
        let bound = Bound::bind(&Expr::parse(text).unwrap(), &schema, &context("UTC")).unwrap();
        assert!(bound.constant().is_some(), "{text}");
    }
}

#[test]
fn builtin_tables_load() {
    let own = HashMap::new();
    let lens: Vec<(&str, usize)> = builtin_tables()
        .into_iter()
        .map(|name| (name, crate::filter::tables::named(name, &own).unwrap().len()))
        .collect();
    assert_eq!(
        lens,
        [
            ("cloudfront_result", 36),
            ("http_status", 67),
            ("http_status_class", 500),
            ("iana_protocol", 144),
            ("log_level", 96),
            ("syslog_facility", 24),
            ("syslog_severity", 8),
            ("tcp_flags", 256),
            ("vpc_flow_action", 2),
        ]
    );
}

/// A column of type null is one value for all rows, and so is what is compared with it.
#[test]
fn comparisons_of_two_constants_join_with_columns() {
    let batch = batch();
    for text in ["(\"nothing\" = NULL) BETWEEN (i8 IS NULL) AND NULL", "nothing = nothing OR i8 IS NULL"] {
        let bound = Bound::bind(&Expr::parse(text).unwrap(), &batch.schema(), &context("UTC")).unwrap();
        assert_eq!(bound.evaluate(&batch).unwrap().len(), batch.num_rows(), "{text}");
    }
}
