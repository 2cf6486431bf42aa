//! Every error, with its full text; the lists of what is supported are cut to their first word.

use super::*;

fn shown(text: &str, zone: &str) -> String {
    let err = values(text, zone).expect_err(text);
    let text = format!("{:?} {err}", err.kind());
    ["supported are", "functions are", "columns are"]
        .into_iter()
        .fold(text, |text, list| text.find(list).map_or(text.clone(), |at| text[..at + list.len()].to_owned()))
}

#[test]
fn texts() {
    let cases = [
        ("", "Expression expression:1:1: the expression is empty\nhint: leave it out to keep every row"),
        ("status >", "Expression expression:1:9: expected an expression, found the end\nhint: supported are"),
        ("status = = 1", "Expression expression:1:10: expected an expression, found =\nhint: supported are"),
        (
            "status = 1 status",
            "Expression expression:1:12: expected the end of the expression, found \"status\"\nhint: supported are",
        ),
        ("status = 'abc", "Expression expression:1:10: unterminated string literal\nhint: supported are"),
        (
            "é = 1 AND lenght(é) = 1",
            "Expression expression:1:12: no function is called \"lenght\"\nhint: did you mean \"length\"? functions are",
        ),
        ("frobnicate(status)", "Expression expression:1:1: no function is called \"frobnicate\"\nhint: functions are"),
        ("status IN (SELECT 1)", "Expression expression:1:1: a subquery is not supported\nhint: supported are"),
        (
            "a.b = 1",
            "Expression expression:1:1: a.b has more than one part\nhint: to name a column with a dot in its name, quote it: \"a.b\"",
        ),
        ("method || 'x' = 'y'", "Expression expression:1:1: the operator || is not supported\nhint: supported are"),
        (
            "method SIMILAR TO 'x'",
            "Expression expression:1:1: \"method SIMILAR TO 'x'\" is not supported\nhint: supported are",
        ),
        (
            "method LIKE view",
            "Expression expression:1:13: the pattern of LIKE is not a text in single quotes\nhint: write LIKE 'pattern' with % for any text and _ for any one character",
        ),
        (
            "method LIKE 'x' ESCAPE '!!'",
            "Expression expression:1:24: ESCAPE takes one character in single quotes\nhint: write ESCAPE '!'",
        ),
        (
            "CAST(status AS uuid)",
            "Expression expression:1:6: no type is called UUID\nhint: types are bool, int8, int16, int32, int64, float32, float64, decimal(p, s), utf8, date, timestamp",
        ),
        ("INTERVAL '1' DAY", "Expression expression:1:1: \"INTERVAL '1' DAY\" is not supported\nhint: supported are"),
        ("hour()", "Expression expression:1:1: hour() takes 1 argument, found 0\nhint: write hour(time)"),
        ("hour(time, 1)", "Expression expression:1:1: hour() takes 1 argument, found 2\nhint: write hour(time)"),
        (
            "lookup(status)",
            "Expression expression:1:1: lookup() takes 2 or 3 arguments, found 1\nhint: write lookup(column, 'table'), lookup(column, MAP {200: 'fine'}), or add a default",
        ),
        (
            "lookup(status, method)",
            "Expression expression:1:1: the table of lookup() is neither a name nor a MAP\nhint: write lookup(column, 'table'), lookup(column, MAP {200: 'fine'}), or add a default",
        ),
        (
            "lookup(status, MAP {1: 'a', 1: 'b'})",
            "Expression expression:1:1: lookup table: the key 1 stands twice\nhint: keep one word for each key",
        ),
        (
            "lookup(status, 'http_statu')",
            "Expression no lookup table is called \"http_statu\"\nhint: did you mean \"http_status\" or \"http_status_class\"? tables are cloudfront_result, http_status, http_status_class, iana_protocol, log_level, syslog_facility, syslog_severity, tcp_flags, verbs, vpc_flow_action",
        ),
        (
            "lookup(status, MAP {'a': 'b'})",
            "TypeMismatch column \"status\": lookup() has int16, but the keys of the table are texts\nhint: look up CAST(status AS utf8)",
        ),
        (
            "lookup(f64, 'http_status')",
            "TypeMismatch column \"f64\": lookup() takes whole numbers or text, found float64\nhint: bring it to one, as CAST(f64 AS utf8)",
        ),
        (
            "lookup(status, 'http_status', 0)",
            "TypeMismatch 0: the default of lookup() takes text, found int64\nhint: make it text, as CAST(0 AS utf8)",
        ),
        (
            "99999999999999999999 = 1",
            "Expression expression:1:1: the number 99999999999999999999 is out of range\nhint: quote it ('...') to compare it with a decimal column",
        ),
        (
            "raw = X'0'",
            "Expression expression:1:7: X'' holds something else than pairs of hex digits\nhint: write X'00ff'",
        ),
        ("statsu = 1", "UnknownColumn no column is called \"statsu\"\nhint: did you mean \"status\"? columns are"),
        ("status = abc", "UnknownColumn no column is called \"abc\"\nhint: columns are"),
        (
            "status = 'abc'",
            "TypeMismatch column \"status\": expected a value of type int16, found 'abc'\nhint: write a whole number from -32768 to 32767",
        ),
        (
            "status = 70000",
            "TypeMismatch column \"status\": expected a value of type int16, found 70000\nhint: write a whole number from -32768 to 32767",
        ),
        (
            "i8 IN (1, 200)",
            "TypeMismatch column \"i8\": expected a value of type int8, found 200\nhint: write a whole number from -128 to 127",
        ),
        (
            "method = 5",
            "TypeMismatch column \"method\": expected a value of type utf8, found 5\nhint: write the literal in single quotes, or CAST the column to int64",
        ),
        (
            "dict > 1.5",
            "TypeMismatch column \"dict\": expected a value of type dictionary<int32, utf8>, found 1.5\nhint: write the literal in single quotes, or CAST the column to float64",
        ),
        ("ok = 1", "TypeMismatch column \"ok\": expected a value of type bool, found 1\nhint: write TRUE or FALSE"),
        ("f64 = 'x'", "TypeMismatch column \"f64\": expected a value of type float64, found 'x'\nhint: write a number"),
        (
            "dec = 1.005",
            "TypeMismatch column \"dec\": expected a value of type decimal128(10, 2), found 1.005\nhint: write a number with at most 10 digits, 2 of them after the point",
        ),
        (
            "time = 'yesterday'",
            "TypeMismatch column \"time\": expected a value of type timestamp[us, UTC], found 'yesterday'\nhint: write a time like '2026-03-05 10:00:00' or '2026-03-05T10:00:00Z', with at most 6 decimals",
        ),
        (
            "time = '2026-03-05T00:00:00.1234567Z'",
            "TypeMismatch column \"time\": expected a value of type timestamp[us, UTC], found '2026-03-05T00:00:00.1234567Z'\nhint: write a time like '2026-03-05 10:00:00' or '2026-03-05T10:00:00Z', with at most 6 decimals",
        ),
        (
            "second = 5",
            "TypeMismatch column \"second\": expected a value of type timestamp[s], found 5\nhint: write a time like '2026-03-05 10:00:00' or '2026-03-05T10:00:00Z', with at most 0 decimals",
        ),
        (
            "day_of = '2026-3-5'",
            "TypeMismatch column \"day_of\": expected a value of type date32, found '2026-3-5'\nhint: write a date like '2026-03-05'; date(column) gives the date of a time",
        ),
        (
            "took > 5",
            "TypeMismatch column \"took\": expected a value of type duration[ms], found 5\nhint: write a duration like '1.5s' or '250ms', in whole ms",
        ),
        (
            "raw = 5",
            "TypeMismatch column \"raw\": expected a value of type binary, found 5\nhint: write bytes as X'00ff'",
        ),
        (
            "list = 1",
            "TypeMismatch column \"list\": expressions cannot compute with list<int64>\nhint: such a column can only be tested with IS NULL",
        ),
        (
            "time > second",
            "TypeMismatch column \"time\": \"second\" is timestamp[s], and cannot be compared with timestamp[us, UTC]\nhint: bring one to the other's type, as CAST(time AS ...)",
        ),
        (
            "time = day_of",
            "TypeMismatch column \"time\": day_of is date32, and cannot be compared with timestamp[us, UTC]\nhint: compare date(time) with it",
        ),
        (
            "method = status",
            "TypeMismatch column \"method\": status is int16, and cannot be compared with utf8\nhint: bring one to the other's type, as CAST(method AS ...)",
        ),
        (
            "TIMESTAMP 'noon' < time",
            "TypeMismatch TIMESTAMP 'noon' is no timestamp[us, UTC]\nhint: write a time like '2026-03-05 10:00:00' or '2026-03-05T10:00:00Z', with at most 6 decimals",
        ),
        (
            "hour(method)",
            "TypeMismatch column \"method\": hour() takes a time or a date, found utf8\nhint: make it a time, as CAST(method AS timestamp)",
        ),
        (
            "lower(status)",
            "TypeMismatch column \"status\": lower() takes text, found int16\nhint: make it text, as CAST(status AS utf8)",
        ),
        (
            "status LIKE '2%'",
            "TypeMismatch column \"status\": LIKE takes text, found int16\nhint: make it text, as CAST(status AS utf8)",
        ),
        (
            "method + 1",
            "TypeMismatch column \"method\": + takes numbers, found utf8\nhint: make it a number, as CAST(method AS int64)",
        ),
        (
            "NOT status",
            "TypeMismatch column \"status\": expected a condition, found int16\nhint: compare it with something, or test it with IS NOT NULL",
        ),
        (
            "status AND ok",
            "TypeMismatch column \"status\": expected a condition, found int16\nhint: compare it with something, or test it with IS NOT NULL",
        ),
        (
            "CASE WHEN ok THEN method ELSE status END",
            "TypeMismatch the results of CASE have no common type: method is utf8, status is int16\nhint: bring them to one type, as CAST(... AS utf8)",
        ),
        (
            "coalesce(status, 'none')",
            "TypeMismatch the results of coalesce() have no common type: status is int16, 'none' is utf8\nhint: bring them to one type, as CAST(... AS utf8)",
        ),
        (
            "CAST(list AS utf8)",
            "TypeMismatch column \"list\": cannot be cast from list<int64> to utf8\nhint: texts and numbers can be cast to each other, times to texts and dates",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text, "UTC"), expected, "{text}");
    }
    assert_eq!(
        shown("ok", "Mars/Olympus"),
        "Option no time zone is called \"Mars/Olympus\"\nhint: a time zone is an IANA name such as \"Asia/Tokyo\", or an \
         offset such as \"+09:00\""
    );
}

#[test]
fn lists_in_hints() {
    let hint = |text: &str| values(text, "UTC").unwrap_err().hint().unwrap().to_owned();
    assert_eq!(
        hint("status >"),
        "supported are comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, ILIKE, IS NULL, IS TRUE, CASE, CAST, + - * / % and \
         functions; anything richer belongs to the engine that takes the stream"
    );
    assert_eq!(
        hint("nowhere = 1"),
        "columns are i8, status, i32, i64, f32, f64, dec, ok, method, large, view, dict, number, time, second, nano, \
         day_of, took, raw, list, ...; a text stands in single quotes"
    );
}

#[test]
fn trees_built_by_code_are_checked() {
    use crate::filter::{Function, col, lit};
    let batch = batch();
    let bind = |expr: &Expr| Bound::bind(expr, &batch.schema(), &context("UTC")).unwrap_err().to_string();
    let no_args = Expr::Function { name: Function::Coalesce, args: vec![] };
    assert_eq!(bind(&no_args), "coalesce() takes at least 1 argument, found 0\nhint: write coalesce(a, b, ...)");
    let no_branch = Expr::Case { operand: None, branches: vec![], otherwise: None };
    assert_eq!(bind(&no_branch), "CASE has no WHEN\nhint: write CASE WHEN a THEN b END");
    let deep = (0..200).fold(col("ok"), |expr, _| !expr);
    let text = "the expression nests too deeply\nhint: join the parts of a long condition by AND or OR, or use IN";
    assert_eq!(bind(&deep), text);
    let sum = Expr::parse("status + 1").unwrap();
    let err = Bound::bind_condition(&sum, &batch.schema(), &context("UTC")).unwrap_err();
    assert_eq!(
        err.to_string(),
        "expected a condition, but status + 1 is int64\n\
         hint: compare it with something, or test it with IS NOT NULL"
    );
    let bound = Bound::bind(&col("status").eq(lit(1)), &batch.schema(), &context("UTC")).unwrap();
    assert_eq!(
        bound.predicate(&batch.project(&[1, 0]).unwrap()).unwrap_err().to_string(),
        "column \"status\": expected int16 at position 1 of the batch, found int8\n\
         hint: bind the expression to the schema of the batches it is given"
    );
}

#[test]
fn limits() {
    let nested = format!("{}ok{}", "(".repeat(500), ")".repeat(500));
    assert!(shown(&nested, "UTC").starts_with("Expression expression:1:1: the expression nests too deeply"));
    let chain = vec!["i64"; 5000].join(" + ");
    assert!(shown(&chain, "UTC").contains("the expression has over 4096 names and operators"));
    let chain = vec!["i64"; 200].join(" + ");
    assert!(shown(&chain, "UTC").contains("the expression nests too deeply"));
}

/// As long as they may be: on the stack of a test's thread, of 2 MiB.
#[test]
fn hostile_chains_are_refused_without_a_crash() {
    let chains = [
        vec!["i64"; 2047].join(" + "),
        vec!["i64"; 2047].join(" = "),
        format!("a SIMILAR TO ({})", vec!["i64"; 2040].join(" + ")),
        "NOT ".repeat(4000) + "ok",
        "- ".repeat(4000) + "i64",
        "CASE WHEN ".repeat(2000),
        "coalesce(".repeat(4000),
        format!("ok{}", " IS NULL".repeat(2047)),
        format!("i64{}", "::int".repeat(2047)),
        format!("i64{}", "[1]".repeat(2047)),
        format!("a{}", ".a".repeat(2047)),
    ];
    for chain in chains {
        assert!(Expr::parse(&chain).is_err(), "{}", &chain[..20]);
    }
}

#[test]
fn tables() {
    let csv = |text: &str| LookupTable::from_csv(text).map(|table| table.to_string()).map_err(|err| err.to_string());
    let two = "expected a key and a word, found";
    let hint = "hint: a table is CSV with a header and two columns";
    assert_eq!(csv("k,v\n1,a,b\n").unwrap_err(), format!("lookup table:2: {two} \"1,a,b\"\n{hint}"));
    assert_eq!(csv("k,v\n\n\"1,a\n").unwrap_err(), format!("lookup table:3: {two} \"\\\"1,a\"\n{hint}"));
    assert_eq!(
        csv("k,v\na,1\na,2\n").unwrap_err(),
        "lookup table: the key \"a\" stands twice\nhint: keep one word for each key"
    );
    assert_eq!(csv("k,v\r\n007,x\r\n8,y\r\n").unwrap(), "MAP {'007': 'x', '8': 'y'}");
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    assert_eq!(
        LookupTable::from_arrays(&floats, &floats).unwrap_err().to_string(),
        "lookup table: its keys are float64\nhint: keys are whole numbers or texts; cast the column first"
    );
    let none: ArrayRef = Arc::new(Int32Array::from(Vec::<i32>::new()));
    assert_eq!(LookupTable::from_arrays(&floats, &none).unwrap_err().to_string(), "lookup table: 1 keys, but 0 words");
}
