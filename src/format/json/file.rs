//! JSON layouts in format files: the keys `json`, `framing` and `records`, and `member` of a column.

use toml::de::DeTable;

use super::super::toml_file::File;
use super::super::toml_file::keys::Value;
use super::super::{Format, Framing, From};
use super::{Json, JsonType, Skip};
use crate::error::Result;

/// Keys that say how a line is laid out, which a JSON value needs no telling.
const OTHERS: [&str; 8] = ["line", "regex", "anchored", "delimited", "syslog", "pairs", "multiline", "escape"];

/// How values follow one another, under the key `framing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Lines,
    Values,
    Found,
}

const FRAMES: [(&str, Frame); 3] = [("lines", Frame::Lines), ("values", Frame::Values), ("found", Frame::Found)];
const COLUMNS: [(&str, bool); 2] = [("named", false), ("found", true)];

impl File<'_> {
    /// The layout and where records end, if the file has the key `json`.
    pub(in crate::format) fn json(&self, root: &DeTable<'_>) -> Result<Option<(Json, Framing)>> {
        let Some(value) = root.get("json") else {
            return match root.get("records") {
                Some(records) => {
                    let message = "key \"records\" needs key \"json\"";
                    Err(self.error(records.span(), message, "add json = {}, or leave it out"))
                }
                None => Ok(None),
            };
        };
        if let Some((key, other)) = OTHERS.iter().find_map(|key| Some((key, root.get(*key)?))) {
            let message = format!("keys \"json\" and \"{key}\" do not go together");
            return Err(self.error(other.span(), message, "a JSON value says itself how it is laid out"));
        }
        let table = value.get_ref().as_table().ok_or_else(|| self.expected("json", value, "a table such as {}"))?;
        self.known_keys(table, " of json", &["ignore_case", "columns", "attributes", "explode", "skip", "sniff"])?;
        let ignore_case = match table.get("ignore_case") {
            None => false,
            Some(value) => {
                value.get_ref().as_bool().ok_or_else(|| self.expected("ignore_case", value, "true or false"))?
            }
        };
        let records = self.keys(root, "records")?;
        let usual = if records.is_some() { Frame::Values } else { Frame::Lines };
        let frame = self.choice(root, "framing", usual, &FRAMES)?;
        if let Some(value) = root.get("records").filter(|_| frame != Frame::Values) {
            let message = "key \"records\": such arrays are told by framing = \"values\" alone";
            return Err(self.error(value.span(), message, "leave framing out"));
        }
        let framing = match frame {
            Frame::Values => Framing::Values(records.unwrap_or_default()),
            Frame::Lines | Frame::Found => Framing::Lines,
        };
        let find_columns = self.choice(table, "columns", false, &COLUMNS)?;
        let explode = self.keys(table, "explode")?.unwrap_or_default();
        if let Some(value) = table.get("explode").filter(|_| find_columns) {
            let message = "key \"explode\": columns that are found are those of whole records";
            return Err(self.error(value.span(), message, "name the columns, or leave explode out"));
        }
        let (sniff, skip) = (self.texts(table, "sniff")?.unwrap_or_default(), self.skip(table)?);
        let attributes = self.attributes(table)?;
        let find_framing = frame == Frame::Found;
        Ok(Some((Json { ignore_case, find_framing, find_columns, attributes, explode, sniff, skip }, framing)))
    }

    /// `skip` of a JSON layout: the member that tells records that are none, and its text.
    fn skip(&self, table: &DeTable<'_>) -> Result<Option<Skip>> {
        let Some(value) = table.get("skip") else { return Ok(None) };
        let wanted = || self.expected("skip", value, "a table such as { member = \"type\", value = \"ping\" }");
        let inner = value.get_ref().as_table().ok_or_else(wanted)?;
        self.known_keys(inner, " of skip", &["member", "value"])?;
        match (self.keys(inner, "member")?, self.text(inner, "value")?) {
            (Some(member), Some(value)) if !member.is_empty() => Ok(Some(Skip { member, value })),
            _ => Err(wanted()),
        }
    }

    /// Where attribute values stand, by what stands before their names.
    fn attributes(&self, table: &DeTable<'_>) -> Result<Vec<(String, Vec<String>)>> {
        let Some(value) = table.get("attributes") else { return Ok(Vec::new()) };
        let wrong = || self.expected("attributes", value, "a table such as { \"\" = \"Item\" }");
        let places = value.get_ref().as_table().ok_or_else(wrong)?;
        let place = |(prefix, ..): (&str, _, _)| Ok((prefix.to_owned(), self.keys(places, prefix)?.ok_or_else(wrong)?));
        // In the order of their prefixes, which a table that is written anew has too.
        let mut places: Vec<_> = self.entries(places).into_iter().map(place).collect::<Result<_>>()?;
        places.sort();
        Ok(places)
    }

    /// Keys of objects within one another: a text with dots between them, or an array of a text each.
    pub(in crate::format) fn keys(&self, table: &DeTable<'_>, name: &str) -> Result<Option<Vec<String>>> {
        let (Some(keys), Some(value)) = (self.texts(table, name)?, table.get(name)) else { return Ok(None) };
        if value.get_ref().is_array() {
            return Ok(Some(keys));
        }
        let keys: Vec<String> = keys.iter().flat_map(|text| text.split('.')).map(str::to_owned).collect();
        if keys.iter().any(String::is_empty) {
            let message = format!("key \"{name}\": a key between dots is empty");
            return Err(self.error(value.span(), message, "write [\"...\"] for keys that are empty or have dots"));
        }
        Ok(Some(keys))
    }

    /// The type of a column, with its option.
    pub(in crate::format) fn json_type(&self, name: &str, value: &Value<'_>, table: &DeTable<'_>) -> Result<JsonType> {
        let spec = super::TypeSpec {
            name: self.text(table, "type")?.unwrap_or_default(),
            format: self.text(table, "format")?,
            separators: self.texts(table, "separators")?.unwrap_or_default(),
        };
        JsonType::read(&spec).map_err(|bad| {
            let at = ["separators", "format", "type"].iter().find_map(|key| table.get(*key)).unwrap_or(value);
            self.error(at.span(), bad.message, bad.hint).with_column(name)
        })
    }
}

impl Format {
    /// The table `json`, and the other keys of the file that say how values follow one another.
    pub(in crate::format) fn json_keys(&self, json: &Json) -> Vec<(&'static str, toml::Value)> {
        let mut table = toml::Table::new();
        if json.ignore_case {
            table.insert("ignore_case".into(), true.into());
        }
        if json.find_columns {
            table.insert("columns".into(), "found".into());
        }
        if !json.attributes.is_empty() {
            let places = json.attributes.iter().map(|(prefix, keys)| (prefix.clone(), keys_value(keys)));
            table.insert("attributes".into(), places.collect::<toml::Table>().into());
        }
        if !json.explode.is_empty() {
            table.insert("explode".into(), keys_value(&json.explode));
        }
        if !json.sniff.is_empty() {
            table.insert("sniff".into(), json.sniff.clone().into());
        }
        if let Some(skip) = &json.skip {
            let member = ("member".to_owned(), keys_value(&skip.member));
            let inner = toml::Table::from_iter([member, ("value".to_owned(), skip.value.clone().into())]);
            table.insert("skip".into(), inner.into());
        }
        let mut keys = vec![("json", table.into())];
        match &self.framing {
            Framing::Values(records) if records.is_empty() => keys.push(("framing", "values".into())),
            Framing::Values(records) => keys.push(("records", keys_value(records))),
            _ if json.find_framing => keys.push(("framing", "found".into())),
            _ => {}
        }
        keys
    }
}

/// What a column's key `member` holds, unless it is the key of the column's name.
pub(in crate::format) fn member_value(name: &str, from: &From) -> Option<toml::Value> {
    match from {
        From::Member(keys) if !matches!(keys.as_slice(), [key] if key == name) => Some(keys_value(keys)),
        _ => None,
    }
}

/// Keys as [`File::keys`] reads them.
fn keys_value(keys: &[String]) -> toml::Value {
    let is_plain = !keys.is_empty() && keys.iter().all(|key| !key.is_empty() && !key.contains('.'));
    if is_plain { keys.join(".").into() } else { keys.to_vec().into() }
}

#[cfg(test)]
mod tests {
    use crate::format::{Extra, Format, Framing, From, Json, Layout, TypeSpec};

    fn load(text: &str) -> Format {
        let format = Format::from_toml(text, "own.toml").unwrap_or_else(|err| panic!("{err}"));
        let text = format.to_toml();
        assert_eq!(Format::from_toml(&text, "again").unwrap_or_else(|err| panic!("{err}\n{text}")), format, "{text}");
        format
    }

    fn error(text: &str) -> String {
        Format::from_toml(text, "own.toml").unwrap_err().to_string()
    }

    const TRAIL: &str = r#"
name = "own.trail"
json = { ignore_case = true }
records = "Log.Records"
path = 'logs/{region}/{}'

[columns]
arn = { member = "userIdentity.arn", null = "-", doc = "who" }
"user-agent" = {}
time = { member = "eventTime", type = "timestamp" }
took = { type = "duration", format = "ms", unit = "ms" }
"a.b" = { type = "list<item: string>" }
odd = { member = ["x.y", "", "z"], type = 'struct<"p q" as p: int64, t: timestamp(epoch)>' }
request = { type = "json" }
all = { member = [], type = "json" }

[[sample]]
line = '{}'
row = {}
"#;

    #[test]
    fn columns_read_members() {
        let format = load(TRAIL);
        assert_eq!(format.layout, Layout::Json(Json { ignore_case: true, ..Json::default() }));
        assert_eq!(format.framing, Framing::Values(vec!["Log".into(), "Records".into()]));
        assert_eq!(format.extra, Extra::Count);
        let found: Vec<_> = format
            .columns
            .iter()
            .filter_map(|column| match &column.from {
                From::Member(keys) => Some((column.name.as_str(), keys.join("|"), column.dtype.name.as_str())),
                _ => None,
            })
            .collect();
        let want = [
            ("arn", "userIdentity|arn", ""),
            ("user-agent", "user-agent", ""),
            ("time", "eventTime", "timestamp"),
            ("took", "took", "duration"),
            ("a.b", "a.b", "list<utf8>"),
            ("odd", "x.y||z", "struct<\"p q\" as p: int64, t: timestamp(epoch)>"),
            ("request", "request", "json"),
            ("all", "", "json"),
        ];
        assert_eq!(found, want.map(|(name, keys, dtype)| (name, keys.to_owned(), dtype)));
        let iso = TypeSpec { name: "timestamp".into(), format: Some("iso8601".into()), separators: Vec::new() };
        assert_eq!((&format.columns[2].dtype, &*format.columns[0].null), (&iso, &["-".to_owned()][..]));
        let region = format.columns.last().unwrap();
        assert!(matches!(region.from, From::Path(..)) && region.on_demand);
    }

    #[test]
    fn how_values_follow_one_another() {
        let framing = |keys: &str| {
            let format = load(&format!("name = 'own'\njson = {{}}\n{keys}"));
            let Layout::Json(json) = format.layout else { panic!() };
            (format.framing, json.find_framing)
        };
        assert_eq!(framing(""), (Framing::Lines, false));
        assert_eq!(framing("framing = 'lines'"), (Framing::Lines, false));
        assert_eq!(framing("framing = 'found'"), (Framing::Lines, true));
        assert_eq!(framing("framing = 'values'"), (Framing::Values(vec![]), false));
        let records = |keys: &[&str]| (Framing::Values(keys.iter().map(|key| (*key).to_owned()).collect()), false);
        assert_eq!(framing("framing = 'values'\nrecords = 'Records'"), records(&["Records"]));
        assert_eq!(framing("records = ['a.b', 'c']"), records(&["a.b", "c"]));
        assert_eq!(framing("records = []"), records(&[]));
    }

    #[test]
    fn columns_may_be_found() {
        let format = load(
            "name = 'own'\njson = { columns = 'found' }\nextra = 'column'\n[[sample]]\nline = '{}'\nrow = { a = 1 }",
        );
        assert_eq!(format.layout, Layout::Json(Json { find_columns: true, ..Json::default() }));
        assert_eq!(format.extra, Extra::Column);
        assert_eq!(load("name = 'own'\njson = {}\nextra = 'reject'").extra, Extra::Reject);
    }

    #[test]
    fn records_may_be_several_rows() {
        let keys = "json = { sniff = ['a', 'v'], explode = 'a.b', skip = { member = ['x.y'], value = 'ping' } }\nframing = 'values'";
        let format = load(&format!("name = 'own'\n{keys}\n[columns]\nid = {{ member = 'a.b.id' }}"));
        assert!(format.explodes());
        let Layout::Json(json) = format.layout else { panic!() };
        assert_eq!(json.explode, ["a", "b"]);
        assert_eq!(json.sniff, ["a", "v"]);
        let skip = json.skip.unwrap();
        assert_eq!((skip.member, &*skip.value), (vec!["x.y".to_owned()], "ping"));
        assert!(!load("name = 'own'\njson = {}").explodes());
    }

    #[test]
    fn err_keys_that_do_not_go_together() {
        for (keys, want) in [
            ("json = {}\nline = '{a}'", "own.toml:3:8: keys \"json\" and \"line\" do not go together"),
            ("json = {}\n[pairs]\nassign = '='", "keys \"json\" and \"pairs\" do not go together"),
            ("json = 1", "own.toml:2:8: key \"json\": expected a table such as {}, found integer"),
            ("json = { ignore_csae = true }", "unknown key \"ignore_csae\" of json"),
            ("json = { columns = 'all' }", "key \"columns\": unknown value \"all\""),
            ("json = { columns = 'found', explode = 'a' }", "own.toml:2:39: key \"explode\": columns that are found"),
            ("json = { explode = 'a..b' }", "key \"explode\": a key between dots is empty"),
            ("json = { skip = 'a' }", "key \"skip\": expected a table such as { member"),
            ("json = { skip = { member = 'a' } }", "key \"skip\": expected a table such as { member"),
            ("json = {}\nframing = 'octets'", "key \"framing\": unknown value \"octets\""),
            ("json = {}\nframing = 'found'\nrecords = 'a'", "key \"records\": such arrays are told by"),
            ("json = {}\nrecords = 'a..b'", "own.toml:3:11: key \"records\": a key between dots is empty"),
            ("line = '{a}'\nrecords = 'a'", "key \"records\" needs key \"json\""),
            ("line = '{a}'\nframing = 'values'", "key \"framing\": values follow one another in JSON only"),
            ("line = '{a}'\n[columns]\na = { member = 'b' }", "key \"member\" without JSON"),
            (
                "line = '{a}'\n[columns]\na = { type = 'struct<b: utf8>' }",
                "column \"a\": only JSON formats have columns of",
            ),
            ("json = {}\n[columns]\na = { key = 'b' }", "key \"key\" does not go with JSON"),
            ("json = {}\n[columns]\na = { join = '{b}' }", "key \"join\" does not go with JSON"),
            ("json = {}\n[columns]\na = { separators = [','] }", "column \"a\": separators do not go with JSON"),
            ("json = {}\n[columns]\na = { type = 'list<x>' }", "own.toml:4:14: column \"a\": unknown type \"x\""),
            (
                "json = {}\n[columns]\na = { type = 'int64', format = 'x' }",
                "column \"a\": format \"x\" does not go with",
            ),
            ("json = {}\npath = '{a}/{}'\n[columns]\na = { type = 'int64' }", "a part of the path is text"),
            (
                "json = {}\npath = '{a}/{}'\n[columns]\na = { member = 'a' }",
                "column \"a\" reads the path, not a member",
            ),
        ] {
            let err = error(&format!("name = 'own'\n{keys}"));
            assert!(err.contains(want), "{keys}: {err}");
        }
    }
}
