//! Regular expressions, grok and dissect end to end: what is matched, what is null, what is malformed.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use common::{cells, levels, options, read_bytes};
use logarrow::format::{Anchored, GrokOptions, RegexOptions};
use logarrow::{Format, OnError, Options, Result};
use proptest::prelude::*;

/// The cells of one line, column by column; `None` for the whole if it is malformed.
fn row(format: &Format, line: &[u8]) -> Option<Vec<Option<String>>> {
    let format = Arc::new(format.clone());
    let mut bytes = line.to_vec();
    bytes.push(b'\n');
    let whole = read_bytes(&bytes, &format, options()).unwrap();
    let counts = &whole.report.counts;
    assert_eq!(counts.records, counts.rows + counts.rejected + counts.skipped);
    (counts.rows == 1)
        .then(|| format.columns.iter().map(|column| cells(&whole.rows, &column.name)[0].clone()).collect())
}

fn some(values: &[&str]) -> Option<Vec<Option<String>>> {
    Some(values.iter().map(|value| Some((*value).to_owned()).filter(|value| value != "NULL")).collect())
}

fn regex(pattern: &str, anchored: Anchored) -> Format {
    let options = RegexOptions { anchored, ..RegexOptions::default() };
    Format::regex_with(&[pattern], &options).unwrap_or_else(|err| panic!("{pattern}: {err}"))
}

#[test]
fn where_a_match_must_stand() {
    use Anchored::{Full, No, Start};
    for (pattern, line, no, start, full) in [
        (r"(?<a>\d+)", "x12y", some(&["12"]), None, None),
        (r"(?<a>\d+)", "12y", some(&["12"]), some(&["12"]), None),
        (r"(?<a>\d+)", "12", some(&["12"]), some(&["12"]), some(&["12"])),
        (r"(?<a>\d+?)", "12", some(&["1"]), some(&["1"]), some(&["12"])),
        (r"(?<a>a|ab)", "ab", some(&["a"]), some(&["a"]), some(&["ab"])),
        (r"(?<a>b)|c", "ac", some(&["NULL"]), None, None),
        (r"(?<a>x)$", "yx", some(&["x"]), None, None),
        (r"^(?<a>.*)$", "y\u{b}\tx", some(&["y\u{b}\tx"]), some(&["y\u{b}\tx"]), some(&["y\u{b}\tx"])),
        (r"(?<a>)", "y", some(&[""]), some(&[""]), None),
    ] {
        let got = [No, Start, Full].map(|anchored| row(&regex(pattern, anchored), line.as_bytes()));
        assert_eq!(got, [no, start, full], "{pattern} on {line}");
    }
}

#[test]
fn groups_that_take_no_part_are_null() {
    let format = regex(r"^(?<a>\d+)(?: (?<b>\w+))?(?<c>!)?$", Anchored::No);
    assert_eq!(row(&format, b"1 x!"), some(&["1", "x", "!"]));
    assert_eq!(row(&format, b"1"), some(&["1", "NULL", "NULL"]));
    assert_eq!(row(&format, b"1 "), None);
    let format = regex(r"^(?:a=(?<v>\d)|b=(?<v>\w))$", Anchored::No);
    assert_eq!((row(&format, b"a=1"), row(&format, b"b=x")), (some(&["1"]), some(&["x"])));
    let several = Format::regex(&[r"^(?<a>\d+)$", r"^(?<b>\w+)(?<a>-)$"]).unwrap();
    assert_eq!(row(&several, b"12"), some(&["12", "NULL"]));
    assert_eq!(row(&several, b"x-"), some(&["-", "x"]));
}

#[test]
fn classes_are_of_ascii_and_dots_of_characters() {
    for (pattern, line, want) in [
        (r"^(?<a>\d)", "٣", None),
        (r"^(?<a>\w+)", "né", some(&["n"])),
        (r"^(?<a>\S+)", "n\u{a0}é x", some(&["n\u{a0}é"])),
        (r"^(?<a>.{2})", "né!", some(&["né"])),
        (r"^(?<a>[^ ])\b", "é", None),
        (r"(?i)^(?<a>straße)", "STRAßE", some(&["STRAßE"])),
        (r"^(?<a>\p{L}+)", "né1", some(&["né"])),
        (r"^(?<a>[[:alpha:]]+)", "né", some(&["n"])),
    ] {
        assert_eq!(row(&regex(pattern, Anchored::No), line.as_bytes()), want, "{pattern} on {line}");
    }
}

#[test]
fn bytes_that_are_no_utf8_count_as_shown() {
    let format = regex(r"^(?<a>.)(?<b>[^ ]*) (?<c>\S+) é(?<d>.*)$", Anchored::No);
    assert_eq!(
        row(&format, b"\xffx\xe2\x82 \xc3 \xc3\xa9\xff\xff"),
        some(&["\u{fffd}", "x\u{fffd}", "\u{fffd}", "\u{fffd}\u{fffd}"])
    );
    assert_eq!(row(&format, b"\xffx\xe2\x82 \xc3 \xc3"), None);
    // A broken line does not touch those around it.
    let format = Arc::new(regex("^(?<a>.)(?<b>é?)$", Anchored::No));
    let whole = read_bytes("xé\n\u{fffd}\n".as_bytes(), &format, options()).unwrap();
    assert_eq!(whole.report.counts.rows, 2);
    let whole = read_bytes(b"x\xc3\xa9\n\xff\nyy\nz\xc3\xa9", &format, options()).unwrap();
    assert_eq!((whole.report.counts.rows, whole.report.counts.rejected), (3, 1));
    assert_eq!(cells(&whole.rows, "b").iter().flatten().collect::<Vec<_>>(), ["é", "", "é"]);
}

#[test]
fn lines_and_rejects() {
    let format = Arc::new(regex(r"^(?<a>\d+)$", Anchored::No));
    let log = b"\xef\xbb\xbf1\r\n\n22\nx\n\r\n333";
    for simd in levels() {
        for chunk_bytes in [1, 7, 1 << 20] {
            let options = Options { simd, chunk_bytes, ..options() };
            let whole = read_bytes(log, &format, options).unwrap();
            let counts = &whole.report.counts;
            assert_eq!((counts.rows, counts.rejected, counts.skipped), (3, 1, 2), "{chunk_bytes}");
            assert_eq!(cells(&whole.rows, "a").iter().flatten().collect::<Vec<_>>(), ["1", "22", "333"]);
            assert_eq!(
                cells(&whole.rejects, "reason")[0].as_deref(),
                Some("expected a match of the regular expression")
            );
        }
    }
    let nulls = Options { on_error: OnError::Null, ..options() };
    assert_eq!(cells(&read_bytes(b"x\n1\n", &format, nulls).unwrap().rows, "a"), [None, Some("1".to_owned())]);
    let long = Options { max_record_bytes: 3, ..options() };
    assert_eq!(read_bytes(b"1234\n123\n", &format, long).unwrap().report.counts.rows, 1);
}

#[test]
fn types_and_extra_text() {
    let format = regex(r"^(?<n>\S+) (?<t>\S+)", Anchored::No);
    let format = format.with_types(&[("n", "int16"), ("t", "timestamp:%Y-%m-%d")]).unwrap();
    let format = Arc::new(format);
    let extra = Options { extra: Some(logarrow::format::Extra::Column), ..options() };
    let whole = read_bytes(b"1 2026-03-05 more\nx 2026-03-05\n", &format, extra).unwrap();
    assert_eq!((whole.report.counts.rows, whole.report.counts.bad_values, whole.report.counts.extra), (2, 1, 1));
    assert_eq!(cells(&whole.rows, "_extra")[0].as_deref(), Some(" more"));
}

/// Inputs on which engines that go back take time without end.
#[test]
fn time_is_linear() {
    for pattern in [r"^(?<a>(?:a+)+)$", r"^(?<a>(?:a|aa)+)$", r"(?<a>(?:x+x+)+y)", r"^(?<a>.*?,.*?,.*?,.*?,.*?,.*?)P$"]
    {
        for line in ["a".repeat(50_000) + "!", "x".repeat(50_000), "1,".repeat(20_000)] {
            assert_eq!(row(&regex(pattern, Anchored::No), line.as_bytes()), None);
        }
    }
    let huge = Format::regex(&["(?<a>(?:(?:a{1000}){1000}){1000})"]).unwrap();
    let err = read_bytes(b"a\n", &Arc::new(huge), options()).err().unwrap();
    assert!(err.to_string().contains("the expression is larger than"), "{err}");
}

#[test]
fn grok_gives_typed_columns() {
    let format = Format::grok("%{IP:client} %{WORD:verb} %{NUMBER:took:float}(?: %{INT:n:int})?").unwrap();
    assert_eq!(row(&format, b"host: 192.0.2.7 GET 0.5 12 more"), some(&["192.0.2.7", "GET", "0.5", "12"]));
    assert_eq!(row(&format, b"2001:db8::7 GET .5"), some(&["2001:db8::7", "GET", "0.5", "NULL"]));
    assert_eq!(row(&format, b"nobody GET 1"), None);
    // What is empty is null.
    assert_eq!(row(&Format::grok("^%{DATA:a},%{GREEDYDATA:b}$").unwrap(), b",x"), some(&["NULL", "x"]));
}

/// Each pattern of the library on texts that it stands for, and on such that it does not.
#[test]
fn grok_library_patterns() {
    let whole = |name: &str, text: &str| {
        let format = Format::grok(&format!("^%{{{name}:whole_}}$")).unwrap();
        let got = row(&format, text.as_bytes());
        got.and_then(|cells| cells[0].clone()).as_deref() == Some(text)
    };
    for (name, good, bad) in [
        ("INT", &["0", "-12", "+7"][..], &["", "1.5", "x"][..]),
        ("NUMBER", &["1", "-1.5", ".5", "+0.25"], &["1.", ".", "1e5"]),
        ("BASE16NUM", &["0xfF", "12ab", "-0x1"], &["0x", "xyz"]),
        ("POSINT", &["1", "10"], &["0", "-1"]),
        ("WORD", &["a_1"], &["a-1", " "]),
        ("QUOTEDSTRING", &[r#""""#, r#""a \" b""#, "'x'", "`y`"], &[r#""a"#, r#""a" b""#, "a"]),
        ("UUID", &["123e4567-e89b-12d3-a456-426614174000"], &["123e4567-e89b-12d3-a456-42661417400"]),
        ("MAC", &["00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e"], &["00:1a:2b:3c:4d"]),
        ("IPV4", &["0.0.0.0", "255.255.255.255", "192.0.2.7"], &["256.1.1.1", "1.2.3", "1.2.3.4.5"]),
        (
            "IPV6",
            &[
                "::",
                "::1",
                "1::",
                "2001:db8::7",
                "1:2:3:4:5:6:7:8",
                "::ffff:192.0.2.7",
                "fe80::1%eth0",
                "1:2:3:4:5:6:192.0.2.7",
                "1::8",
                "1:2:3:4:5:6:7::",
                "::2:3:4:5:6:7:8",
                "64:ff9b::192.0.2.7",
            ],
            &[":", ":::", "1:2", "1:2:3:4:5:6:7:8:9", "12345::", "1::2::3", "1:2:3:4:5:6:7:192.0.2.7"],
        ),
        ("HOSTNAME", &["a", "www.example.org", "xn--4ca.example", "9.example"], &["", "-a", ".", "a..b"]),
        ("EMAILADDRESS", &["ana@example.org", "a.b+c@example.org"], &["ana", "@example.org"]),
        ("UNIXPATH", &["/", "/var/log/a.log"], &["var", "/a b"]),
        ("WINPATH", &[r"C:\a\b.txt", r"\\host\share"], &["/a", "C:"]),
        ("URI", &["http://ana@example.org:80/a/b?c=d&e", "ftp://example.org"], &["example.org", "http:/x"]),
        ("MONTH", &["Jan", "February", "Mär", "Dec"], &["J", "Foo"]),
        (
            "TIMESTAMP_ISO8601",
            &["2026-03-05T10:00:01.123Z", "2026-03-05 10:00", "2026-03-05T10:00:01+09:00"],
            &["2026-13-05T10:00", "26"],
        ),
        ("HTTPDATE", &["05/Mar/2026:10:00:01 +0900"], &["2026/Mar/05:10:00:01 +0900"]),
        ("SYSLOGTIMESTAMP", &["Mar  5 10:00:01", "Mar 15 10:00:01"], &["Mar 5"]),
        ("LOGLEVEL", &["INFO", "warn", "Warning", "ERROR", "err", "FATAL", "EMERG"], &["inf", "ErRoR"]),
        ("DATESTAMP_RFC2822", &["Thu, 5 Mar 2026 10:00:01 +0900"], &["5 Mar 2026"]),
        ("JAVACLASS", &["org.example.Main$Inner", "Main"], &["9x", "a..b"]),
        ("TTY", &["/dev/pts/3", "/dev/tty1", "/dev/ttyp0"], &["/dev/null"]),
        ("URN", &["urn:isbn:0451450523", "urn:a:b%20c"], &["urn:", "isbn:1"]),
    ] {
        for text in good {
            assert!(whole(name, text), "{name} should match {text}");
        }
        for text in bad {
            assert!(!whole(name, text), "{name} should not match {text}");
        }
    }
}

#[test]
fn grok_names_of_both_sets() {
    let line = br#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b HTTP/1.1" 200 - "-" "curl/8""#;
    let legacy = Format::grok("%{COMBINEDAPACHELOG}").unwrap();
    assert_eq!(
        row(&legacy, line),
        some(&[
            "192.0.2.7",
            "-",
            "ana",
            "05/Mar/2026:10:00:01 +0900",
            "GET",
            "/a?b",
            "1.1",
            "NULL",
            "200",
            "NULL",
            "\"-\"",
            "\"curl/8\""
        ])
    );
    let ecs =
        Format::grok_with(&["%{COMBINEDAPACHELOG}"], &GrokOptions { ecs: true, ..GrokOptions::default() }).unwrap();
    let names: Vec<_> = ecs.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names[..3], ["source_address", "apache_access_user_identity", "user_name"]);
    assert_eq!(
        row(&ecs, line),
        some(&[
            "192.0.2.7",
            "NULL",
            "ana",
            "05/Mar/2026:10:00:01 +0900",
            "GET",
            "/a?b",
            "1.1",
            "200",
            "NULL",
            "NULL",
            "curl/8"
        ])
    );
}

/// Composed patterns of the library on a line each, in both sets: that they match, and one of their fields.
#[test]
fn grok_composed_patterns_match() {
    let haproxy = "Mar  5 10:00:01 lb haproxy[14389]: 192.0.2.7:33317 [05/Mar/2026:10:00:01.655] http-in static/srv1 \
                   10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} \"GET /index.html?a=b HTTP/1.1\"";
    let cloudfront = "2026-03-05\t10:00:01\tLHR62\t2390282\t192.0.2.7\tGET\td1.cloudfront.net\t/a.jpg\t200\t-\tcurl/8\t-\t-\tHit\t\
                      abc==\td1.cloudfront.net\thttp\t73\t0.001\t-\t-\t-\tHit\tHTTP/1.1";
    let elb = "2026-03-05T10:00:01.943958Z my-lb 192.0.2.7:2817 10.0.0.1:80 0.000086 0.001048 0.001337 200 200 0 57 \
               \"GET https://www.example.com:443/a?b=c HTTP/1.1\" \"curl/8\" ECDHE TLSv1.2";
    for (name, line, legacy, ecs) in [
        ("HAPROXYHTTP", haproxy, ("server_name", "srv1"), ("haproxy_server_name", "srv1")),
        ("CLOUDFRONT_ACCESS_LOG", cloudfront, ("sc_status", "200"), ("http_response_status_code", "200")),
        ("ELB_ACCESS_LOG", elb, ("urihost", "www.example.com:443"), ("url_domain", "www.example.com")),
        (
            "SYSLOG5424LINE",
            "<34>1 2026-03-05T10:00:01.003Z host app 12 ID47 [x@1 a=\"b ]\"][y] hello",
            ("syslog5424_sd", "[x@1 a=\"b ]\"][y]"),
            ("process_pid", "12"),
        ),
        ("CRONLOG", "Mar  5 10:00:01 h CRON[12]: (root) CMD (a b)", ("action", "CMD"), ("system_cron_action", "CMD")),
        (
            "SYSLOGPAMSESSION",
            "Mar  5 10:00:01 h su[12]: pam_unix(su:session): session opened for user ana by (uid=0)",
            ("username", "ana"),
            ("user_name", "ana"),
        ),
        (
            "REDISMONLOG",
            "1470637867.953466 [0 192.0.2.7:55770] \"SET\" \"k\" \"v\"",
            ("command", "SET"),
            ("redis_command_name", "SET"),
        ),
        (
            "CATALINALOG",
            "05-Mar-2026 10:00:01.123 INFO [main] org.example.Server.start Started",
            ("class", "org.example.Server"),
            ("java_log_origin_class_name", "org.example.Server"),
        ),
        (
            "MONGO3_LOG",
            "2026-03-05T10:00:01.123+0000 I NETWORK  [conn1] end",
            ("component", "NETWORK"),
            ("mongodb_component", "NETWORK"),
        ),
        (
            "RUBY_LOGGER",
            "I, [2026-03-05T10:00:01.1 #12]  INFO -- app: up",
            ("progname", "app"),
            ("process_name", "app"),
        ),
        (
            "CISCOFW302013_302014_302015_302016",
            "%ASA-6-302013: Built outbound TCP connection 17 for outside:192.0.2.7/80 (192.0.2.7/80) to inside:10.0.0.1/1234 (10.0.0.9/1)",
            ("dst_mapped_ip", "10.0.0.9"),
            ("destination_nat_ip", "10.0.0.9"),
        ),
    ] {
        for (ecs, (column, want)) in [(false, legacy), (true, ecs)] {
            let options = GrokOptions { ecs, ..GrokOptions::default() };
            let format = Format::grok_with(&[format!("%{{{name}}}")], &options).unwrap();
            let cells = row(&format, line.as_bytes()).unwrap_or_else(|| panic!("{name}, ecs {ecs}: {line}"));
            let at = format.columns.iter().position(|known| known.name == column);
            let at = at.unwrap_or_else(|| panic!("{name}, ecs {ecs}: no {column}"));
            assert_eq!(cells[at].as_deref(), Some(want), "{name}, ecs {ecs}");
        }
    }
}

fn dissect(pattern: &str, separator: Option<&str>, line: &str) -> Option<Vec<Option<String>>> {
    row(&Format::dissect(pattern, separator).unwrap(), line.as_bytes())
}

#[test]
fn dissect_cuts_at_first_places() {
    for (pattern, line, want) in [
        ("%{a} %{b}", "x y z", some(&["x", "y z"])),
        ("%{a} %{b}", "x ", some(&["x", ""])),
        ("%{a} %{b}", "x", None),
        ("%{a}, %{b}:%{c}", "x y,z, w:v:u", some(&["x y,z", "w", "v:u"])),
        ("<%{pri}>%{}: %{msg}", "<14>app[1]: up", some(&["14", "up"])),
        ("%{a->} %{b}", "x    y", some(&["x", "y"])),
        ("%{a->}--%{b}", "x-----y", some(&["x", "-y"])),
        ("[%{a}]%{->} %{b}", "[x]   y", some(&["x", "y"])),
        ("%{a->},%{b},%{c}", "x,,,y,z", some(&["x", "y", "z"])),
        ("%{a->} %{b} %{c}", "x  y", None),
        ("(%{a})", "(x)) behind", some(&["x"])),
        ("x%{a}", "yx", None),
        ("%{?n}: %{&n}", "k: v", some(&["k", "v"])),
        ("%{*p}=%{&p}", "k=v", some(&["k", "v"])),
    ] {
        assert_eq!(dissect(pattern, Some(""), line), want, "{pattern} on {line}");
    }
}

#[test]
fn dissect_joins_parts() {
    let line = "Mar 5 10:00:01 host";
    assert_eq!(dissect("%{ts} %{+ts} %{+ts} %{host}", None, line), some(&["Mar 5 10:00:01", "host"]));
    assert_eq!(dissect("%{ts} %{+ts} %{+ts} %{host}", Some(""), line), some(&["Mar510:00:01", "host"]));
    assert_eq!(dissect("%{+ts/3} %{+ts/1} %{+ts/2} %{host}", Some("/"), line), some(&["5/10:00:01/Mar", "host"]));
    assert_eq!(dissect("%{ts->} %{+ts} %{+ts} %{host}", None, "Mar   5 10 h"), some(&["Mar 5 10", "h"]));
    assert_eq!(dissect("%{n|integer} %{x|double}", None, "12 0.5"), some(&["12", "0.5"]));
    // One span is a column like any other.
    let format = Format::dissect("%{ts} %{+ts} %{rest}", None).unwrap();
    let format = format.with_types(&[("ts", "timestamp:%Y-%m-%d %H:%M:%S")]).unwrap();
    assert_eq!(row(&format, b"2026-03-05 10:00:01 x"), some(&["2026-03-05T10:00:01Z", "x"]));
}

/// Dissect in its plainest form: find each delimiter, one after the other.
fn plainly(delimiters: &[&str], line: &str) -> Option<Vec<Option<String>>> {
    let mut rest = line.strip_prefix(delimiters[0])?;
    let mut out = Vec::new();
    for delimiter in &delimiters[1..] {
        let at = rest.find(delimiter)?;
        out.push(Some(rest[..at].to_owned()));
        rest = &rest[at + delimiter.len()..];
    }
    out.push(Some(rest.to_owned()));
    Some(out)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn dissect_is_what_it_plainly_means(
        delimiters in prop::collection::vec("[ ,:-]{1,2}", 1..5),
        line in "[ab ,:-]{1,30}",
    ) {
        let mut pattern = String::from("%{f0}");
        for (number, delimiter) in delimiters.iter().enumerate() {
            pattern += &format!("{delimiter}%{{f{}}}", number + 1);
        }
        let all: Vec<&str> = std::iter::once("").chain(delimiters.iter().map(String::as_str)).collect();
        prop_assert_eq!(dissect(&pattern, Some(""), &line), plainly(&all, &line), "{} on {:?}", pattern, line);
    }

    /// Against the regex crate, which is given the pattern as it is.
    #[test]
    fn regex_is_what_the_crate_says(
        pattern in prop::sample::select(vec![
            r"(?<a>a+)(?<b>b*)",
            r"(?<a>[ab]+?)(?: (?<b>\w+))?$",
            r"^(?<a>.*) (?<b>[^,]*),",
            r"(?:(?<a>a|ab)(?<b>c|bcd))(?:d*)",
            r"(?i)(?<a>A)(?-i)(?<b>.{0,2}b)",
            r"(?<a>(?:a|b(?<b>-))+)",
        ]),
        line in "[abcdAB ,é-]{1,20}",
    ) {
        let theirs = regex::Regex::new(&pattern.replace(r"\w", "[0-9A-Za-z_]")).unwrap();
        let want = theirs.captures(&line).map(|found| {
            ["a", "b"].map(|name| found.name(name).map(|text| text.as_str().to_owned())).to_vec()
        });
        prop_assert_eq!(row(&regex(pattern, Anchored::No), line.as_bytes()), want, "{} on {:?}", pattern, line);
    }
}

#[test]
fn explain_names_the_engine() -> Result<()> {
    let scan =
        |format: Format| logarrow::plan::Plan::new(&Arc::new(format), &options()).and_then(|plan| plan.explain());
    let text = scan(regex(r"(?<a>\d+)", Anchored::Full))?;
    assert!(text.contains("regular expression (regex-automata), the whole of each record; not lowered"), "{text}");
    assert!(text.contains("regular expression, the whole record:\n           (?<a>[0-9]+)"), "{text}");
    let text = scan(Format::dissect("%{a->} %{b}", None)?)?;
    assert!(text.contains("the same again, any number of times"), "{text}");
    Ok(())
}
