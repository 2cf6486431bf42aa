//! nginx's error log: what stands behind a message, and what only looks like it.
#![allow(missing_docs)]

mod common;

use common::{Whole, cells, options, read_bytes};
use logarrow::Options;
use logarrow::format::{Extra, named};

const HEAD: &str = "2026/03/05 10:00:01 [error] 811#812: *80 ";
const SHOWN: [&str; 7] = ["message", "client", "server", "path", "host", "referrer", "_extra"];

fn read(line: &str, options: Options) -> Whole {
    read_bytes(format!("{HEAD}{line}\n").as_bytes(), &named("nginx.error").unwrap(), options).unwrap()
}

fn shown(line: &str) -> Vec<String> {
    let whole = read(line, options());
    assert_eq!(whole.report.counts.rows, 1, "{line}");
    SHOWN.iter().map(|name| cells(&whole.rows, name)[0].clone().unwrap_or_else(|| "-".into())).collect()
}

#[test]
fn the_tail_of_nginx_is_the_last_one() {
    let cases: [(&str, [&str; 7]); 9] = [
        ("m, client: 1.1.1.1, server: s", ["m", "1.1.1.1", "s", "-", "-", "-", "-"]),
        // A path that was decoded before it was logged.
        (
            r#"open() "/a, client: 6.6.6.6, server: f" failed (2: No), client: 1.1.1.1, server: s, request: "GET /a HTTP/1.1""#,
            [r#"open() "/a, client: 6.6.6.6, server: f" failed (2: No)"#, "1.1.1.1", "s", "/a", "-", "-", "-"],
        ),
        // With a whole tail, open at its end.
        (
            r#"open() "/a, client: 6.6.6.6, server: f, referrer: "" failed, client: 1.1.1.1, server: , request: "GET /a HTTP/1.1", host: "h""#,
            [r#"open() "/a, client: 6.6.6.6, server: f, referrer: "" failed"#, "1.1.1.1", "-", "/a", "h", "-", "-"],
        ),
        (
            r#"m, client: 1.1.1.1, server: s, request: "GET /a HTTP/1.1", host: "h", referrer: "x, client: 6.6.6.6, server: f""#,
            ["m", "1.1.1.1", "s", "/a", "h", "x, client: 6.6.6.6, server: f", "-"],
        ),
        // Parts of the mail and stream modules.
        (r#"m, client: 1.1.1.1, server: s, login: "ana""#, ["m", "1.1.1.1", "s", "-", "-", "-", r#"login: "ana""#]),
        (
            r#"m, client: 1.1.1.1, server: s, upstream: "10.0.0.8:80", bytes from/to client:0/0, bytes from/to upstream:0/0"#,
            ["m", "1.1.1.1", "s", "-", "-", "-", "bytes from/to client:0/0, bytes from/to upstream:0/0"],
        ),
        // Cut off at 2048 bytes.
        (r#"m, client: 1.1.1.1, server: s, request: "GET /aaaa"#, ["m", "1.1.1.1", "s", "GET /aaaa", "-", "-", "-"]),
        ("m, host: \"h\"", ["m, host: \"h\"", "-", "-", "-", "-", "-", "-"]),
        (
            "m while reading client request headers, client: 2001:db8::5, server: [::]:80",
            ["m while reading client request headers", "2001:db8::5", "[::]:80", "-", "-", "-", "-"],
        ),
    ];
    for (line, want) in cases {
        assert_eq!(shown(line), want, "{line}");
    }
}

#[test]
fn unknown_parts_are_refused_where_extra_text_is() {
    let line = r#"m, client: 1.1.1.1, server: s, login: "ana""#;
    let whole = read(line, Options { extra: Some(Extra::Reject), ..options() });
    assert_eq!((whole.report.counts.rejected, whole.report.counts.rows), (1, 0));
    assert_eq!(cells(&whole.rejects, "reason")[0].as_deref(), Some("expected the end of the record"));
    let counted = read(line, Options { extra: Some(Extra::Count), ..options() });
    assert_eq!((counted.report.counts.extra, counted.report.counts.rows), (1, 1));
}
