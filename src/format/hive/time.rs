//! `timestamp.formats`: times as Joda's and Java's patterns write them.

/// A message and a hint.
type Wrong = (String, &'static str);

/// Stands for a comma that separates nothing.
const COMMA: &str = "\u{1}";

/// The pattern that reads times in these formats, which commas separate; a comma in a format is `\,`.
///
/// **Errors**: for a letter without a counterpart, and for several formats that are not all ISO 8601's.
pub(super) fn pattern(formats: &str) -> Result<String, Wrong> {
    let mut patterns = Vec::new();
    let kept = formats.replace("\\,", COMMA);
    for format in kept.split(',').map(str::trim).filter(|format| !format.is_empty()) {
        let format = &format.replace(COMMA, ",");
        let pattern = if format == "millis" { "epoch_ms".into() } else { converted(format)? };
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    match patterns.as_slice() {
        [only] => Ok(only.clone()),
        [_, ..] if patterns.iter().all(|pattern| is_iso8601(pattern)) => Ok("iso8601".into()),
        [] => Err(("timestamp.formats is empty".into(), "leave it out for yyyy-MM-dd HH:mm:ss")),
        _ => Err((
            "timestamps of several formats, which are not all of ISO 8601".into(),
            "keep the one that the lines have, or declare the columns string",
        )),
    }
}

/// Whether the format `iso8601` reads what this pattern does.
fn is_iso8601(pattern: &str) -> bool {
    let rest = pattern.strip_prefix("%Y-%m-%d").unwrap_or_default();
    let rest = rest.strip_prefix('T').or(rest.strip_prefix(' ')).and_then(|rest| rest.strip_prefix("%H:%M:%S"));
    rest.is_some_and(|rest| matches!(rest.strip_prefix(".%f").unwrap_or(rest), "" | "Z" | "%z"))
}

/// A pattern of Joda's as ours.
fn converted(format: &str) -> Result<String, Wrong> {
    let mut out = String::new();
    let mut rest = format;
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            rest = &rest[1..];
            if let Some(behind) = rest.strip_prefix('\'') {
                out.push('\'');
                rest = behind;
                continue;
            }
            let hint = "close the text with '";
            let end = rest.find('\'').ok_or_else(|| (format!("a text in {format} is never closed"), hint))?;
            push_plain(&rest[..end], &mut out);
            rest = &rest[end + 1..];
            continue;
        }
        let count = rest.chars().take_while(|next| *next == c).count();
        let run = &rest[..count * c.len_utf8()];
        if c.is_ascii_alphabetic() {
            out.push_str(token(c, count).ok_or_else(|| {
                (
                    format!("no times are read by {run} in {format}"),
                    "known are y M d D H h m s S a E Z and texts in '...'",
                )
            })?);
        } else {
            push_plain(run, &mut out);
        }
        rest = &rest[run.len()..];
    }
    Ok(out)
}

fn push_plain(text: &str, out: &mut String) {
    out.push_str(&text.replace('%', "%%"));
}

/// What stands for so many of a letter.
fn token(letter: char, count: usize) -> Option<&'static str> {
    Some(match (letter, count) {
        ('y' | 'Y', 2) => "%y",
        ('y' | 'Y', 1 | 4) => "%Y",
        ('M', 2) => "%m",
        ('M', 3) => "%b",
        ('M', 4) => "%B",
        ('d', 2) => "%d",
        ('D', 3) => "%j",
        ('H', 2) => "%H",
        ('h', 2) => "%I",
        ('a', 1) => "%p",
        ('m', 2) => "%M",
        ('s', 2) => "%S",
        ('S', 1..=9) => "%f",
        ('E', 1..=3) => "%a",
        ('E', 4) => "%A",
        ('Z', 1..=2) => "%z",
        ('z', 1..=3) => "%Z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (formats, want) in [
            ("yyyy-MM-dd'T'HH:mm:ss", "%Y-%m-%dT%H:%M:%S"),
            ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z', yyyy-MM-dd HH:mm:ss", "iso8601"),
            ("dd/MMM/yyyy:HH:mm:ss Z", "%d/%b/%Y:%H:%M:%S %z"),
            ("EEE\\, dd MMM yy hh:mm a '100%' ''", "%a, %d %b %y %I:%M %p 100%% '"),
            ("millis", "epoch_ms"),
            ("yyyy/MM/dd,yyyy/MM/dd", "%Y/%m/%d"),
        ] {
            assert_eq!(pattern(formats).as_deref(), Ok(want), "{formats}");
        }
        for formats in ["", "yyyy-MM-dd'T", "d/M/yyyy", "millis,yyyy-MM-dd"] {
            assert!(pattern(formats).is_err(), "{formats}");
        }
    }
}
