//! Escapes.

use proptest::prelude::*;

use super::runner;
use crate::decode::escape::unescape_bytes;
use crate::decode::{Escape, unescape};

const ALL: [Escape; 5] = [Escape::None, Escape::Httpd, Escape::Nginx, Escape::Json, Escape::Percent];

fn unescaped(escape: Escape, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    unescape(escape, bytes, &mut out);
    out
}

#[test]
fn vectors() {
    let cases: [(Escape, &str, &str); 36] = [
        (Escape::None, r#"\"\x41"#, r#"\"\x41"#),
        (Escape::Httpd, r#"\"a\" \\ b"#, r#""a" \ b"#),
        (Escape::Httpd, r"\xe3\x81\x82", "あ"),
        (Escape::Httpd, r"\xE3\x81\x82", "あ"),
        (Escape::Httpd, r"\xf0\x9f\x98\x80", "😀"),
        (Escape::Httpd, r"\xe3\x81", r"\xe3\x81"),
        (Escape::Httpd, r"\xe3\x81x", r"\xe3\x81x"),
        (Escape::Httpd, r"\xed\xa0\x80", r"\xed\xa0\x80"),
        (Escape::Httpd, r"\xc0\xaf", r"\xc0\xaf"),
        (Escape::Httpd, r"\x16\x03\x01", r"\x16\x03\x01"),
        (Escape::Httpd, r"\n\t\b\r\v", r"\n\t\b\r\v"),
        (Escape::Httpd, r"\\n", r"\n"),
        (Escape::Httpd, r"\x7f\xc2\x9b", r"\x7f\xc2\x9b"),
        (Escape::Httpd, r"\xe2\x80\xa8", r"\xe2\x80\xa8"),
        (Escape::Httpd, r"\x4", r"\x4"),
        (Escape::Httpd, r"a\", r"a\"),
        (Escape::Httpd, r"\é", r"\é"),
        (Escape::Nginx, r"\x22\x5C", r#""\"#),
        (Escape::Nginx, r#"\"\\"#, r#"\"\\"#),
        (Escape::Nginx, r"\xE3\x81\x82\x0A", r"あ\x0A"),
        (Escape::Json, r#"\"\\\/"#, r#""\/"#),
        (Escape::Json, r"\u3042\u00e9", "あé"),
        (Escape::Json, r"\ud83d\ude00", "😀"),
        (Escape::Json, r"\ud83d", r"\ud83d"),
        (Escape::Json, r"\ud83d\u0041", r"\ud83dA"),
        (Escape::Json, r"\u0000\u001b\u007f", r"\u0000\u001b\u007f"),
        (Escape::Json, r"\u00", r"\u00"),
        (Escape::Json, r"\u+041", r"\u+041"),
        (Escape::Json, r"\x41", r"\x41"),
        (Escape::Percent, "a%20b%2fc", "a b/c"),
        (Escape::Percent, "%E3%81%82", "あ"),
        // Once: the second layer is the text's own.
        (Escape::Percent, "%2520", "%20"),
        (Escape::Percent, "%0A%00%7f", "%0A%00%7f"),
        (Escape::Percent, "%E3%81", "%E3%81"),
        (Escape::Percent, "100% of %zz%4", "100% of %zz%4"),
        (Escape::Percent, r"\x41\", r"\x41\"),
    ];
    for (escape, written, expected) in cases {
        let got = unescaped(escape, written.as_bytes());
        assert_eq!(String::from_utf8_lossy(&got), expected, "{escape:?} {written}");
    }
}

/// Text full of escapes, whole and broken.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => "\\\\x[0-9a-fA-F]{2}".prop_map(String::into_bytes),
        2 => "%[0-9a-fA-F]{2}".prop_map(String::into_bytes),
        1 => "(%e[0-9a-f]|%f[0-4])(%[89ab][0-9a-f]){0,3}%?".prop_map(String::into_bytes),
        2 => "\\\\u[0-9a-fA-F]{4}".prop_map(String::into_bytes),
        1 => "(\\\\xe[0-9a-f]|\\\\xf[0-4])(\\\\x[89ab][0-9a-f]){0,3}".prop_map(String::into_bytes),
        1 => "\\\\ud[89a-f][0-9a-f]{2}".prop_map(String::into_bytes),
        2 => "\\\\[nrtbvf\"/\\\\é]?".prop_map(String::into_bytes),
        2 => "[a-zé\u{0}-\u{1f}]{0,4}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..3),
    ];
    prop::collection::vec(piece, 0..10).prop_map(|parts| parts.concat())
}

#[test]
fn output_is_no_worse_than_input() {
    let is_control = |c: &char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    runner(4000)
        .run(&text(), |bytes| {
            for escape in ALL {
                let out = unescaped(escape, &bytes);
                prop_assert!(out.len() <= bytes.len());
                let count = |bytes: &[u8]| bytes.iter().filter(|byte| **byte < 0x20 || **byte == 0x7f).count();
                prop_assert_eq!(count(&out), count(&bytes), "{:?}", escape);
                if let Ok(text) = std::str::from_utf8(&bytes) {
                    let out = std::str::from_utf8(&out);
                    prop_assert!(out.is_ok(), "{:?}", escape);
                    let controls = out.unwrap_or_default().chars().filter(is_control).count();
                    prop_assert_eq!(controls, text.chars().filter(is_control).count(), "{:?}", escape);
                }
                let mut raw = Vec::new();
                unescape_bytes(escape, &bytes, &mut raw);
                prop_assert!(raw.len() <= bytes.len());
                if !bytes.iter().any(|byte| b"\\%".contains(byte)) {
                    prop_assert_eq!(&out, &bytes);
                    prop_assert_eq!(&raw, &bytes);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn every_byte_survives_as_a_raw_escape() {
    for byte in 0..=255_u8 {
        for (escape, text) in [
            (Escape::Httpd, format!("\\x{byte:02x}")),
            (Escape::Nginx, format!("\\x{byte:02X}")),
            (Escape::Percent, format!("%{byte:02X}")),
        ] {
            let mut out = Vec::new();
            unescape_bytes(escape, text.as_bytes(), &mut out);
            assert_eq!(out, [byte]);
        }
    }
}
