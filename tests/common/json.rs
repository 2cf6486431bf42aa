//! As much JSON as the corpus needs: one value a line.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Map(BTreeMap<String, Json>),
}

impl Json {
    pub fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Map(map) => map.get(key),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads one value; panics on what is no JSON.
pub fn parse(text: &str) -> Json {
    let mut at = 0;
    let value = value(text, &mut at);
    assert_eq!(text[at..].trim(), "", "text behind the value");
    value
}

fn skip_space(text: &str, at: &mut usize) {
    *at = text.len() - text[*at..].trim_start().len();
}

fn take(text: &str, at: &mut usize, token: &str) -> bool {
    skip_space(text, at);
    let found = text[*at..].starts_with(token);
    *at += if found { token.len() } else { 0 };
    found
}

fn value(text: &str, at: &mut usize) -> Json {
    for (token, value) in [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))] {
        if take(text, at, token) {
            return value;
        }
    }
    if take(text, at, "[") {
        let mut items = Vec::new();
        while !take(text, at, "]") {
            items.push(value(text, at));
            take(text, at, ",");
        }
        return Json::List(items);
    }
    if take(text, at, "{") {
        let mut map = BTreeMap::new();
        while !take(text, at, "}") {
            skip_space(text, at);
            let key = string(text, at);
            assert!(take(text, at, ":"), "no colon at {at}");
            map.insert(key, value(text, at));
            take(text, at, ",");
        }
        return Json::Map(map);
    }
    if text[*at..].starts_with('"') {
        return Json::Text(string(text, at));
    }
    let rest = &text[*at..];
    let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(rest.len());
    *at += len;
    Json::Number(rest[..len].parse().unwrap_or_else(|err| panic!("{err}: {rest}")))
}

fn string(text: &str, at: &mut usize) -> String {
    assert!(text[*at..].starts_with('"'), "no string at {at}");
    *at += 1;
    let mut units: Vec<u16> = Vec::new();
    let mut chars = text[*at..].char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => {
                *at += i + 1;
                return String::from_utf16_lossy(&units);
            }
            '\\' => match chars.next().unwrap().1 {
                'u' => {
                    let hex: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                    units.push(u16::from_str_radix(&hex, 16).unwrap());
                }
                c => units.push(match c {
                    'n' => 10,
                    't' => 9,
                    'r' => 13,
                    'b' => 8,
                    'f' => 12,
                    other => other as u16,
                }),
            },
            c => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
        }
    }
    panic!("the string is never closed")
}

#[test]
fn reads_what_json_is() {
    let read = parse(r#" {"a": [1, -2.5e3, null, true], "b\n\u00e9": "\ud83d\ude00\"\\", "c": {}} "#);
    assert_eq!(
        read.get("a"),
        Some(&Json::List(vec![Json::Number(1.0), Json::Number(-2500.0), Json::Null, Json::Bool(true)]))
    );
    assert_eq!(read.get("b\né").and_then(Json::text), Some("😀\"\\"));
}
