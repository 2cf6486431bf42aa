use super::*;

fn plain(name: &str) -> Type {
    Type::Plain(name.into(), Vec::new())
}

/// The texts of properties.
fn properties(table: &Table) -> Vec<(&str, &str)> {
    table.properties.iter().map(|(key, value)| (key.as_str(), value.text.as_str())).collect()
}

#[test]
fn a_statement_as_the_documentation_writes_it() {
    let table = parse(
        r#"-- one line of a comment
CREATE EXTERNAL TABLE IF NOT EXISTS logs.`lb-1` (
  type string COMMENT "what it\'s of", timestamp timestamp, `date` date, end bigint, start INT NOT NULL,
  price decimal(10, 2), name varchar(65535), wide double precision,
  tags array<string>, more struct<a:int, b:map<string,array<int>> COMMENT 'x'>
)
COMMENT 'of a load balancer'
PARTITIONED BY (day string, hour int COMMENT 'of the day')
CLUSTERED BY (type) SORTED BY (end ASC) INTO 4 BUCKETS
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES (
  'serialization.format' = '1',
  "input.regex" = "([^ ]*) \"(.*)\" \\d"
)
STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://bucket/prefix/'
TBLPROPERTIES ('skip.header.line.count'='1', 'projection.enabled' = 'true');"#,
    )
    .unwrap();
    assert_eq!(table.name, "logs.lb-1");
    let columns: Vec<_> = table.columns.iter().map(|column| (column.name.as_str(), column.dtype.clone())).collect();
    assert_eq!(
        columns,
        [
            ("type", plain("string")),
            ("timestamp", plain("timestamp")),
            ("date", plain("date")),
            ("end", plain("bigint")),
            ("start", plain("int")),
            ("price", Type::Plain("decimal".into(), vec![10, 2])),
            ("name", Type::Plain("varchar".into(), vec![65535])),
            ("wide", plain("double")),
            ("tags", Type::Array(Box::new(plain("string")))),
            (
                "more",
                Type::Struct(vec![
                    ("a".into(), plain("int")),
                    ("b".into(), Type::Map(Box::new(plain("string")), Box::new(Type::Array(Box::new(plain("int")))))),
                ])
            ),
        ]
    );
    assert_eq!(table.columns[0].comment, "what it's of");
    let names: Vec<_> = table.partitions.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["day", "hour"]);
    assert!(table.serde.unwrap().text.ends_with("RegexSerDe"));
    assert_eq!(table.stored.as_ref().unwrap().text, "org.apache.hadoop.mapred.TextInputFormat");
    let table = Table { serde: None, ..table };
    assert_eq!(
        properties(&table),
        [
            ("input.regex", r#"([^ ]*) "(.*)" \d"#),
            ("projection.enabled", "true"),
            ("serialization.format", "1"),
            ("skip.header.line.count", "1"),
        ]
    );
}

#[test]
fn delimiters_and_bare_properties() {
    let table = parse(
        r"create table t (a int) row format delimited fields terminated by '\t' escaped by '\\'
          collection items terminated by '\002' map keys terminated by ':' lines terminated by '\n' null defined as '-'
          stored as TextFile tblproperties (skip.header.line.count = 2, 'field.delim' = ',')",
    )
    .unwrap();
    assert_eq!(
        properties(&table),
        [
            ("collection.delim", "\u{2}"),
            ("escape.delim", "\\"),
            ("field.delim", ","),
            ("line.delim", "\n"),
            ("mapkey.delim", ":"),
            ("serialization.null.format", "-"),
            ("skip.header.line.count", "2"),
        ]
    );
    assert_eq!(table.stored.unwrap().text, "textfile");
    let bare = parse("CREATE OR REPLACE TABLE a.b.c (X: int) PARTITIONED BY (day)").unwrap();
    assert_eq!((bare.name.as_str(), bare.columns[0].name.as_str(), bare.partitions.len()), ("a.b.c", "x", 1));
}

#[test]
fn what_is_no_statement() {
    for (text, at, message) in [
        ("", 0, "expected CREATE TABLE, found the end"),
        ("SELECT 1", 0, "expected CREATE TABLE, found \"SELECT\""),
        ("CREATE VIEW v", 0, "expected CREATE TABLE, found \"CREATE\""),
        ("CREATE TABLE (a int)", 13, "expected a name, found \"(\""),
        ("CREATE TABLE t (a)", 17, "expected a type, found \")\""),
        ("CREATE TABLE t (a int b)", 22, "expected \",\" or \")\" behind a column, found \"b\""),
        ("CREATE TABLE t (a int, A string)", 23, "two columns are called \"a\""),
        ("CREATE TABLE t ()", 15, "no columns between the brackets"),
        ("CREATE TABLE t (a int", 21, "expected \",\" or \")\" behind a column, found the end"),
        ("CREATE TABLE t (a array<int)", 27, "expected \">\", found \")\""),
        ("CREATE TABLE t (a int) ROW FORMAT SERDE x", 40, "expected a text between quotes, found \"x\""),
        ("CREATE TABLE t (a int) TBLPROPERTIES ('a')", 41, "expected \"=\", found \")\""),
        ("CREATE TABLE t (a int); CREATE", 24, "expected the end of the statement, found \"CREATE\""),
        ("CREATE TABLE t (a int) CLUSTERED BY (a", 36, "( without )"),
    ] {
        let bad = parse(text).unwrap_err();
        assert_eq!((bad.at, bad.message.as_str()), (at, message), "{text}");
    }
    let deep = format!("CREATE TABLE t (a {}", "array<".repeat(100_000));
    assert_eq!(parse(&deep).unwrap_err().message, "types nested too deep");
}
