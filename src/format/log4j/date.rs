//! `%d{pattern}{zone}`: Java's letters to ours.

use super::{error, parse};
use crate::error::Result;
use crate::format::app_log::What;

const DEFAULT: &str = "yyyy-MM-dd HH:mm:ss,SSS";

/// Formats by name, in Java's letters.
const NAMED: &[(&str, &str)] = &[
    ("ABSOLUTE", "HH:mm:ss,SSS"),
    ("ABSOLUTE_MICROS", "HH:mm:ss,nnnnnn"),
    ("ABSOLUTE_NANOS", "HH:mm:ss,nnnnnnnnn"),
    ("ABSOLUTE_PERIOD", "HH:mm:ss.SSS"),
    ("COMPACT", "yyyyMMddHHmmssSSS"),
    ("DATE", "dd MMM yyyy HH:mm:ss,SSS"),
    ("DATE_PERIOD", "dd MMM yyyy HH:mm:ss.SSS"),
    ("DEFAULT", DEFAULT),
    ("DEFAULT_MICROS", "yyyy-MM-dd HH:mm:ss,nnnnnn"),
    ("DEFAULT_NANOS", "yyyy-MM-dd HH:mm:ss,nnnnnnnnn"),
    ("DEFAULT_PERIOD", "yyyy-MM-dd HH:mm:ss.SSS"),
    ("ISO8601_BASIC", "yyyyMMdd'T'HHmmss,SSS"),
    ("ISO8601_BASIC_PERIOD", "yyyyMMdd'T'HHmmss.SSS"),
    ("ISO8601_OFFSET_DATE_TIME_HH", "yyyy-MM-dd'T'HH:mm:ss,SSSX"),
    ("ISO8601_OFFSET_DATE_TIME_HHMM", "yyyy-MM-dd'T'HH:mm:ss,SSSXX"),
    ("ISO8601_OFFSET_DATE_TIME_HHCMM", "yyyy-MM-dd'T'HH:mm:ss,SSSXXX"),
    ("ISO8601_PERIOD", "yyyy-MM-dd'T'HH:mm:ss.SSS"),
    ("ISO8601_PERIOD_MICROS", "yyyy-MM-dd'T'HH:mm:ss.nnnnnn"),
    ("STRICT_ISO8601", "yyyy-MM-dd'T'HH:mm:ss,SSS"),
    ("STRICT", "yyyy-MM-dd'T'HH:mm:ss,SSS"),
    ("US_MONTH_DAY_YEAR2_TIME", "dd/MM/yy HH:mm:ss.SSS"),
    ("US_MONTH_DAY_YEAR4_TIME", "dd/MM/yyyy HH:mm:ss.SSS"),
];

/// Log4j 1 and Logback write a space between date and time, Log4j 2 a `T`: 23 bytes all the same.
const ISO8601: What = What::Word("iso8601", Some(23));

/// Reads the options of `%d`: how its texts are written, and their zone if it is named.
pub(super) fn read(options: &[&str], text: &str, at: usize) -> Result<(What, Option<String>)> {
    let Some(first) = options.first() else { return Ok((letters(DEFAULT, text, at)?, None)) };
    // Logback has pattern, zone and locale in one pair of braces.
    let (pattern, inner_zone) = logback(first);
    let zone = options.get(1).copied().or(inner_zone).map(str::trim).filter(|zone| !zone.is_empty());
    let at = parse::place(text, pattern);
    let what = match pattern {
        "" => letters(DEFAULT, text, at)?,
        "ISO8601" => ISO8601,
        "UNIX" => What::Word("epoch", None),
        "UNIX_MILLIS" | "EPOCH" => What::Word("epoch_ms", None),
        pattern => {
            let named = NAMED.iter().find(|(name, _)| *name == pattern);
            letters(named.map_or(pattern, |(_, letters)| letters), text, at)?
        }
    };
    Ok((what, zone.map(zone_name)))
}

/// Cuts `pattern, zone, locale`, the pattern perhaps in quotes, into pattern and zone.
fn logback(option: &str) -> (&str, Option<&str>) {
    let trimmed = option.trim();
    for quote in ['"', '\''] {
        // A quote that Java's letters need is closed before the end.
        if let Some((pattern, rest)) = trimmed.strip_prefix(quote).and_then(|rest| rest.rsplit_once(quote))
            && (rest.trim_start().starts_with(',') || rest.is_empty() && quote == '"')
        {
            let zone = rest.trim_start().strip_prefix(',').map(|rest| rest.split(',').next().unwrap_or(rest));
            return (pattern, zone);
        }
    }
    let is_zone = |text: &str| {
        let text = text.trim();
        let is_offset = ["GMT", "UTC"]
            .iter()
            .any(|zone| text.strip_prefix(zone).is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', '-'])));
        is_offset || text == "Z" || text.contains('/') && !text.contains([':', ' '])
    };
    let commas = option.match_indices(',').map(|(at, _)| at);
    for at in commas {
        let rest = &option[at + 1..];
        let zone = rest.split(',').next().unwrap_or(rest);
        if is_zone(zone) {
            return (&option[..at], Some(zone));
        }
    }
    (option, None)
}

/// A zone as we name it: Java writes an offset behind `GMT`.
fn zone_name(zone: &str) -> String {
    let offset = ["GMT", "UTC"].iter().find_map(|name| zone.strip_prefix(name)).filter(|rest| !rest.is_empty());
    let Some(offset) = offset.filter(|offset| offset.is_ascii()) else { return zone.to_owned() };
    match (offset.split_at(1), offset.len()) {
        ((sign, hours), 2 | 3) => format!("{sign}{hours:0>2}:00"),
        ((sign, rest), 5) if rest.contains(':') => format!("{sign}0{rest}"),
        _ => offset.to_owned(),
    }
}

/// Java's letters, as SimpleDateFormat and DateTimeFormatter have them, to our tokens.
fn letters(java: &str, text: &str, at: usize) -> Result<What> {
    let mut out = String::new();
    let mut is_read = true;
    let mut rest = java;
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            rest = quoted(&rest[1..], &mut out);
            continue;
        }
        let len = rest.find(|other| other != c).unwrap_or(rest.len());
        if !c.is_ascii_alphabetic() {
            out += &rest[..len].replace('%', "%%");
            rest = &rest[len..];
            continue;
        }
        let token = match (c, len) {
            ('y' | 'u' | 'Y', 2) => "%y",
            ('y' | 'u' | 'Y', _) => "%Y",
            ('M' | 'L', 1 | 2) => "%m",
            ('M' | 'L', 3) => "%b",
            ('M' | 'L', _) => "%B",
            ('d', _) => "%d",
            ('D', _) => "%j",
            ('E', 1..=3) => "%a",
            ('E', _) => "%A",
            ('H', _) => "%H",
            ('h', _) => "%I",
            ('a', _) => "%p",
            ('m', _) => "%M",
            ('s', _) => "%S",
            // One or two digits of a fraction, or milliseconds without zeros before them.
            ('S', 1 | 2) => "%f",
            ('S' | 'n', 1..=9) => FRACTIONS[len - 1],
            ('z' | 'v', 1..=3) => "%Z",
            ('Z', 1..=3 | 5) | ('X' | 'x', _) => "%z",
            // Eras, weeks, hours from 0 to 11 or 1 to 24, zones in words.
            (
                'G' | 'w' | 'W' | 'F' | 'k' | 'K' | 'z' | 'Z' | 'v' | 'V' | 'O' | 'Q' | 'q' | 'e' | 'c' | 'A' | 'N'
                | 'B',
                _,
            ) => {
                is_read = false;
                ""
            }
            _ => {
                let at = at + java.len() - rest.len();
                let hint = "letters are those of SimpleDateFormat; quote others with ', as in 'T'";
                return Err(error(text, at.min(text.len()), format!("unknown letter {c} in a time"), hint));
            }
        };
        out += token;
        rest = &rest[len..];
    }
    Ok(if is_read { What::Pattern(out) } else { What::Unread(java.to_owned()) })
}

const FRACTIONS: [&str; 9] = ["%1f", "%2f", "%3f", "%4f", "%5f", "%6f", "%7f", "%8f", "%9f"];

/// Reads text behind an opening quote, and gives what follows the closing one. Two quotes are one.
fn quoted<'t>(rest: &'t str, out: &mut String) -> &'t str {
    if let Some(behind) = rest.strip_prefix('\'') {
        out.push('\'');
        return behind;
    }
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
                out.push('\'');
            }
            '\'' => return &rest[at + 1..],
            '%' => out.push_str("%%"),
            c => out.push(c),
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(option: &str) -> (What, Option<String>) {
        read(&[option], option, 0).unwrap_or_else(|err| panic!("{err}"))
    }

    fn pattern(option: &str) -> String {
        match what(option).0 {
            What::Pattern(pattern) => pattern,
            other => panic!("{option}: {other:?}"),
        }
    }

    #[test]
    fn letters_of_java() {
        for (java, ours) in [
            ("", "%Y-%m-%d %H:%M:%S,%3f"),
            ("DEFAULT", "%Y-%m-%d %H:%M:%S,%3f"),
            ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "%Y-%m-%dT%H:%M:%S.%3f%z"),
            ("uu/M/d h:m:s a", "%y/%m/%d %I:%M:%S %p"),
            ("EEE, dd MMM yyyy HH:mm:ss z", "%a, %d %b %Y %H:%M:%S %Z"),
            ("EEEE MMMM D ZZZZZ", "%A %B %j %z"),
            ("HH 'o''clock 100%' ss''SS", "%H o'clock 100%% %S'%f"),
            ("COMPACT", "%Y%m%d%H%M%S%3f"),
            ("DATE", "%d %b %Y %H:%M:%S,%3f"),
            ("ISO8601_BASIC", "%Y%m%dT%H%M%S,%3f"),
            ("ISO8601_OFFSET_DATE_TIME_HHCMM", "%Y-%m-%dT%H:%M:%S,%3f%z"),
            ("DEFAULT_NANOS", "%Y-%m-%d %H:%M:%S,%9f"),
            ("ABSOLUTE", "%H:%M:%S,%3f"),
            ("US_MONTH_DAY_YEAR2_TIME", "%d/%m/%y %H:%M:%S.%3f"),
            ("HH:mm:ss,SSS", "%H:%M:%S,%3f"),
        ] {
            assert_eq!(pattern(java), ours, "{java}");
        }
        assert_eq!(what("ISO8601").0, What::Word("iso8601", Some(23)));
        assert_eq!(what("UNIX").0, What::Word("epoch", None));
        assert_eq!(what("UNIX_MILLIS").0, What::Word("epoch_ms", None));
        assert_eq!(what("kk:mm zzzz").0, What::Unread("kk:mm zzzz".into()));
        let err = read(&["yyyy-MM-ddTHH"], "%d{yyyy-MM-ddTHH}", 0).unwrap_err().to_string();
        assert!(err.contains("unknown letter T in a time\nhint: letters are those of SimpleDateFormat"), "{err}");
    }

    #[test]
    fn zones() {
        let zone = |options: &[&str]| read(options, "", 0).unwrap_or_else(|err| panic!("{err}")).1;
        assert_eq!(zone(&["ISO8601", "UTC"]).as_deref(), Some("UTC"));
        assert_eq!(zone(&["HH:mm", "GMT+1"]).as_deref(), Some("+01:00"));
        assert_eq!(zone(&["HH:mm", "GMT-05:30"]).as_deref(), Some("-05:30"));
        assert_eq!(zone(&["HH:mm", "GMT+9:30"]).as_deref(), Some("+09:30"));
        assert_eq!(zone(&["HH:mm:ss, Asia/Tokyo"]).as_deref(), Some("Asia/Tokyo"));
        assert_eq!(zone(&["\"HH:mm:ss,SSS\", UTC, en"]).as_deref(), Some("UTC"));
        assert_eq!(zone(&["HH:mm:ss,SSS"]), None);
        assert_eq!(pattern("\"HH:mm:ss,SSS\", UTC"), "%H:%M:%S,%3f");
        assert_eq!(pattern("'T'HH:mm"), "T%H:%M");
        assert_eq!(pattern("HH:mm:ss, Asia/Tokyo"), "%H:%M:%S");
    }
}
