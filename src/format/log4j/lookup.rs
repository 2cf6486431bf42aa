//! `${...}`: what is filled in before a pattern is read.

use crate::error::Result;

/// More levels of `${a:-${b:-...}}` than anybody writes.
const MAX_DEPTH: usize = 16;

/// The longest text that defaults may make of a pattern.
const MAX_BYTES: usize = 64 << 10;

/// Replaces `${name:-default}` by its default, and `${name}` by `%property{name}`: a value that only the writer knows.
///
/// Spring Boot's pattern has no default for `PID`, which it sets itself.
pub(super) fn expand(pattern: &str) -> Result<String> {
    expand_in(pattern, pattern, 0)
}

fn expand_in(text: &str, whole: &str, depth: usize) -> Result<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        // Log4j has a second dollar sign where a value is looked up for each record.
        out += rest[..at].strip_suffix('$').unwrap_or(&rest[..at]);
        let Some(end) = closing(&rest[at + 1..]) else {
            let place = whole.find(&rest[at..]).unwrap_or(0);
            return Err(super::error(whole, place, "${ without }", "close the name with }, or write a value"));
        };
        let inner = &rest[at + 2..at + 1 + end];
        rest = &rest[at + 2 + end..];
        let (name, default) = inner.split_once(":-").map_or((inner, None), |(name, default)| (name, Some(default)));
        match default {
            Some(default) if depth < MAX_DEPTH && (name != "PID" || !default.trim().is_empty()) => {
                out += &expand_in(default, whole, depth + 1)?;
            }
            Some(_) if name != "PID" => {
                return Err(super::error(whole, 0, "defaults nested too deep", "write the values instead"));
            }
            _ => out += &format!("%property{{{name}}}"),
        }
        if out.len() > MAX_BYTES {
            return Err(super::error(whole, 0, "the pattern is too long", format!("{MAX_BYTES} bytes are the limit")));
        }
    }
    Ok(out + rest)
}

/// The place of the brace that closes the one at the start of `text`.
pub(super) fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.bytes().position(|byte| {
        depth += i32::from(byte == b'{') - i32::from(byte == b'}');
        depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_filled_in() {
        let expand = |text: &str| expand(text).unwrap();
        assert_eq!(
            expand("%d{${F:-yyyy-MM-dd'T'HH}} ${L:-%5p} ${PID:-} ${C:-}%m"),
            "%d{yyyy-MM-dd'T'HH} %5p %property{PID} %m"
        );
        assert_eq!(expand("${a:-x${b:-y}z} $${ctx:id} $5 {}"), "xyz %property{ctx:id} $5 {}");
        assert!(super::expand("%m ${a:-{}").unwrap_err().to_string().starts_with("PatternLayout:1:4: ${ without }"));
    }
}
