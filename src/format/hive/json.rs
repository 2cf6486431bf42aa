//! JsonSerDe in its kinds: columns are members of a JSON object, whatever the case of their keys.
//!
//! **Source**: <https://docs.aws.amazon.com/athena/latest/ug/hive-json-serde.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html> and
//! <https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html>.

use super::super::regex::Bad;
use super::super::{Column, Framing, From, Json, JsonType, Layout, Member, TypeSpec};
use super::ddl::{ColumnDef, Type};
use super::token::bad;
use super::types::Meaning;
use super::{Reader, Semantics, time};

/// Values of CloudTrail that its input format gives as the JSON text they are.
const TEXTS_OF_TRAIL: [&str; 4] =
    ["requestparameters", "responseelements", "additionaleventdata", "serviceeventdetails"];

/// What a table of JSON records is.
pub(super) struct JsonTable {
    pub(super) layout: Layout,
    pub(super) framing: Framing,
    pub(super) columns: Vec<Column>,
}

impl Reader<'_> {
    /// The columns of a table whose SerDe reads JSON; those of CloudTrail stand in an array.
    pub(super) fn json(&mut self, is_trail: bool) -> Result<JsonTable, Bad> {
        self.refuse_unknown()?;
        if let Some(text) = self.property("dots.in.keys").filter(|_| self.is_true("dots.in.keys")) {
            let hint = "leave it out, and name such keys: 'mapping.a_b' = 'a.b'";
            return Err(bad(text.at, "which dots are _ cannot be told from the columns", hint));
        }
        let is_ours = self.semantics == Semantics::Logarrow;
        let mut meaning = Meaning {
            timestamp: "iso8601".into(),
            date: "iso8601",
            number: "",
            decimal: if is_ours { "" } else { "rounded" },
            truth: "",
            null: Vec::new(),
            is_empty_null: false,
            ..Meaning::java(self.semantics)
        };
        if let Some(formats) = self.property("timestamp.formats") {
            meaning.timestamp =
                time::pattern(&formats.text).map_err(|(message, hint)| bad(formats.at, message, hint))?;
        }
        let mut columns = Vec::with_capacity(self.names.len());
        for (column, name) in self.table.columns.iter().zip(&self.names) {
            let mut dtype = self.json_type(&column.dtype, &meaning, column)?.spec();
            if is_trail && dtype == TypeSpec::default() && TEXTS_OF_TRAIL.contains(&column.name.as_str()) {
                dtype = TypeSpec::plain("json");
            }
            columns.push(Column {
                name: name.clone(),
                from: From::Member(vec![self.key_of(&column.name)]),
                dtype,
                doc: column.comment.clone(),
                ..Column::default()
            });
        }
        if self.is_true("ignore.malformed.json") {
            self.notes.push("what is no JSON object is a reject, where the SerDe gives a row of NULLs".into());
        }
        let ignore_case = self.property("case.insensitive").is_none_or(|_| self.is_true("case.insensitive"));
        let framing = if is_trail { Framing::Values(vec!["Records".into()]) } else { Framing::Lines };
        Ok(JsonTable { layout: Layout::Json(Json { ignore_case, ..Json::default() }), framing, columns })
    }

    /// The key of a column or member: `'mapping.name' = 'key'`, or its name.
    fn key_of(&self, name: &str) -> String {
        let mapping = self.property(&format!("mapping.{name}"));
        mapping.map_or_else(|| name.to_owned(), |key| key.text.clone())
    }

    fn json_type(&self, dtype: &Type, meaning: &Meaning, column: &ColumnDef) -> Result<JsonType, Bad> {
        let wrong =
            |message: String, hint: &str| bad(column.at, format!("column \"{}\": {message}", column.name), hint);
        Ok(match dtype {
            Type::Plain(name, numbers) => {
                let spec = meaning.plain(name, numbers).map_err(|(message, hint)| wrong(message, hint))?;
                JsonType::read(&spec).map_err(|why| wrong(why.message, &why.hint))?
            }
            Type::Array(item) => JsonType::List(Box::new(self.json_type(item, meaning, column)?)),
            Type::Map(key, value) => {
                if !matches!(&**key, Type::Plain(name, _) if ["string", "varchar", "char"].contains(&name.as_str())) {
                    return Err(wrong("keys of JSON are strings".into(), "declare it map<string,...>"));
                }
                JsonType::Map(Box::new(self.json_type(value, meaning, column)?))
            }
            Type::Struct(members) => {
                let mut out: Vec<Member> = Vec::with_capacity(members.len());
                for (name, dtype) in members {
                    let key = self.key_of(name);
                    if out.iter().any(|other| other.name == *name || other.key == key) {
                        return Err(wrong(format!("two members are called \"{name}\""), "leave one of them out"));
                    }
                    out.push(Member { key, name: name.clone(), dtype: self.json_type(dtype, meaning, column)? });
                }
                JsonType::Struct(out)
            }
            Type::Union => {
                return Err(wrong("there is no uniontype here".into(), "declare it string, and give it the type json"));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Extra, Format};
    use super::*;

    const OPENX: &str = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'";

    fn load(ddl: &str) -> Format {
        let format = Format::hive(ddl).unwrap_or_else(|err| panic!("{err}"));
        assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format, "{}", format.to_toml());
        format
    }

    fn columns(format: &Format) -> Vec<(String, String, String)> {
        let of = |column: &Column| {
            let From::Member(keys) = &column.from else { panic!("{column:?}") };
            (column.name.clone(), keys.join("|"), JsonType::parse(&column.dtype).unwrap().to_string())
        };
        format.columns.iter().map(of).collect()
    }

    #[test]
    fn columns_are_members() {
        let ddl = format!(
            "CREATE EXTERNAL TABLE t (Id bigint COMMENT 'x', t timestamp, d date, price decimal(10,2), ok boolean, f float,
             user struct<Name:string, tags:array<string>, at:timestamp>, headers array<struct<name:string,value:string>>,
             more map<string,map<string,int>>, `a-b` string) {OPENX} WITH SERDEPROPERTIES ('mapping.a-b' = 'A.B',
             'mapping.name' = 'full name', 'ignore.malformed.json' = 'true') LOCATION 's3://b/'"
        );
        let format = load(&ddl);
        let want = [
            ("id", "id", "int64"),
            ("t", "t", "timestamp_ntz"),
            ("d", "d", "date"),
            ("price", "price", "decimal(10,2)(rounded)"),
            ("ok", "ok", "bool"),
            ("f", "f", "float32"),
            ("user", "user", "struct<\"full name\" as name: utf8, tags: list<utf8>, at: timestamp_ntz>"),
            ("headers", "headers", "list<struct<\"full name\" as name: utf8, value: utf8>>"),
            ("more", "more", "map<utf8,map<utf8,int32>>"),
            ("a_b", "A.B", "utf8"),
        ];
        let want = want.map(|(name, key, dtype)| (name.to_owned(), key.to_owned(), dtype.to_owned()));
        assert_eq!(columns(&format), want);
        assert_eq!(format.layout, Layout::Json(Json { ignore_case: true, ..Json::default() }));
        assert_eq!((format.framing.clone(), format.extra), (Framing::Lines, Extra::Count));
        assert!(format.notes[0].contains("JsonSerDe") && format.notes.last().unwrap().contains("row of NULLs"));
        let exact = load(&ddl.replace("'ignore.malformed.json' = 'true'", "'case.insensitive' = 'FALSE'"));
        assert_eq!(exact.layout, Layout::Json(Json::default()));
    }

    #[test]
    fn each_class() {
        for clause in [
            "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe' STORED AS TEXTFILE",
            "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.JsonSerDe'",
            "STORED AS JSONFILE",
            OPENX,
        ] {
            let format = load(&format!("CREATE TABLE t (a timestamp) {clause}"));
            assert_eq!(format.columns[0].dtype.format.as_deref(), Some("iso8601"), "{clause}");
        }
        let formats = "WITH SERDEPROPERTIES ('timestamp.formats' = 'millis')";
        let format = load(&format!("CREATE TABLE t (a array<timestamp>, b timestamp) {OPENX} {formats}"));
        assert_eq!(format.columns[0].dtype.name, "list<timestamp_ntz(epoch_ms)>");
        let ours = Format::hive_with(&format!("CREATE TABLE t (a timestamp, b tinyint) {OPENX}"), Semantics::Logarrow);
        assert_eq!(columns(&ours.unwrap())[1].2, "int16");
    }

    #[test]
    fn records_of_cloudtrail() {
        let columns = "(eventTime string, requestParameters string, resources array<struct<arn:string>>)";
        for clause in [
            "ROW FORMAT SERDE 'com.amazon.emr.hive.serde.CloudTrailSerde'",
            "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe' STORED AS INPUTFORMAT
             'com.amazon.emr.cloudtrail.CloudTrailInputFormat' OUTPUTFORMAT 'x.HiveIgnoreKeyTextOutputFormat'",
        ] {
            let format = load(&format!("CREATE TABLE t {columns} {clause}"));
            assert_eq!(format.framing, Framing::Values(vec!["Records".into()]), "{clause}");
            let types: Vec<_> = format.columns.iter().map(|column| column.dtype.name.as_str()).collect();
            assert_eq!(types, ["", "json", "list<struct<arn: utf8>>"]);
        }
    }

    #[test]
    fn err_what_json_cannot_give() {
        for (columns, properties, want) in [
            ("a map<int,string>", "", "column \"a\": keys of JSON are strings"),
            ("a uniontype<int,string>", "", "column \"a\": there is no uniontype here"),
            ("a struct<b:int,B:int>", "", "column \"a\": two members are called \"b\""),
            ("a array<text>", "", "column \"a\": an unknown type, \"text\""),
            ("a int", "'dots.in.keys' = 'true'", "which dots are _ cannot be told from the columns"),
            ("a int", "'timestamp.formats' = 'QQ'", "QQ"),
        ] {
            let properties =
                if properties.is_empty() { String::new() } else { format!("WITH SERDEPROPERTIES ({properties})") };
            let err = Format::hive(&format!("CREATE TABLE t ({columns}) {OPENX} {properties}")).unwrap_err();
            assert!(err.message().contains(want) && err.hint().is_some(), "{columns}: {err}");
        }
        let input = "STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat' OUTPUTFORMAT 'x'";
        let err = Format::hive(&format!("CREATE TABLE t (a int) {input}")).unwrap_err();
        assert!(err.message().contains("an input format of JSON"), "{err}");
    }
}
