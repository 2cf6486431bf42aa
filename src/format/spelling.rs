//! The ways to spell a type: ours, and Arrow's as schemas print it, so that a type that was shown can be asked for.

use super::types::{Wrong, wrong};

/// A type without its option, in our spelling; what nobody knows stays as it is.
///
/// **Errors**: for a type of Arrow's that columns cannot have.
pub(super) fn ours(text: &str) -> Result<String, Wrong> {
    let name: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(item) = name.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>')) {
        // Arrow names the item: `list<item: string>`.
        let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let item = item.split_once(':').filter(|(name, _)| is_name(name)).map_or(item, |(_, item)| item);
        return Ok(format!("list<{}>", ours(item)?));
    }
    if let Some(args) = name.strip_prefix("decimal128(") {
        return Ok(format!("decimal({args}"));
    }
    if let Some(args) = name.strip_prefix("timestamp[").and_then(|rest| rest.strip_suffix(']')) {
        return timestamp(args);
    }
    if name.starts_with("dictionary<") {
        return match &*name {
            "dictionary<values=string,indices=int32,ordered=0>" | "dictionary<int32,utf8>" => Ok("dictionary".into()),
            _ => {
                Err(wrong(format!("unknown type \"{name}\""), "dictionaries are of texts, by int32: write dictionary"))
            }
        };
    }
    Ok(match &*name {
        "string" => "utf8",
        "large_string" => "large_utf8",
        "string_view" => "utf8_view",
        "boolean" => "bool",
        "float" => "float32",
        "double" => "float64",
        "date32" | "date32[day]" => "date",
        "duration[us]" => "duration",
        "map" | "map<string,string>" => "map<utf8,utf8>",
        "map<string,map<string,string>>" => "structured_data",
        _ => return Ok(name),
    }
    .into())
}

/// `us`, or `us, UTC`, or `us, tz=UTC`.
fn timestamp(args: &str) -> Result<String, Wrong> {
    let (unit, zone) = args.split_once(',').unwrap_or((args, "UTC"));
    let zone = zone.strip_prefix("tz=").unwrap_or(zone);
    if !matches!(zone, "UTC" | "+00:00") {
        let hint = "timezone= says what zone times without one are in; convert the result to show another";
        return Err(wrong(format!("timestamps are UTC, not \"{zone}\""), hint));
    }
    match unit {
        "us" | "ns" => Ok(format!("timestamp[{unit}]")),
        _ => Err(wrong(format!("a timestamp has no unit \"{unit}\""), "write timestamp[us] or timestamp[ns]")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrow_spellings() {
        let cases = [
            ("utf8", "utf8"),
            ("string", "utf8"),
            ("large_string", "large_utf8"),
            ("large_utf8", "large_utf8"),
            ("string_view", "utf8_view"),
            ("dictionary<values=string, indices=int32, ordered=0>", "dictionary"),
            ("double", "float64"),
            ("float", "float32"),
            ("date32[day]", "date"),
            ("date32", "date"),
            ("duration[us]", "duration"),
            ("decimal128(10, 2)", "decimal(10,2)"),
            ("decimal(10, 2)", "decimal(10,2)"),
            ("timestamp", "timestamp"),
            ("timestamp[us]", "timestamp[us]"),
            ("timestamp[ns, UTC]", "timestamp[ns]"),
            ("timestamp[us, tz=+00:00]", "timestamp[us]"),
            ("list<item: double>", "list<float64>"),
            ("list<element: timestamp[us, tz=+00:00]>", "list<timestamp[us]>"),
            ("list<int64>", "list<int64>"),
            ("no such type", "nosuchtype"),
        ];
        for (text, want) in cases {
            assert_eq!(ours(text).as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn err_types_of_arrow_that_columns_cannot_have() {
        let message = |text| ours(text).unwrap_err().message;
        assert_eq!(message("timestamp[us, tz=Asia/Tokyo]"), "timestamps are UTC, not \"Asia/Tokyo\"");
        assert_eq!(message("timestamp[ms]"), "a timestamp has no unit \"ms\"");
        assert_eq!(message("list<item: timestamp[s]>"), "a timestamp has no unit \"s\"");
        assert!(message("dictionary<values=int64, indices=int32, ordered=0>").starts_with("unknown type"));
    }
}
