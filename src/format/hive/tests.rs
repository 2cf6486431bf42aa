use super::*;
use crate::format::{Delimited, Escaping};

const REGEX: &str =
    "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' WITH SERDEPROPERTIES ('input.regex' = ";

fn delimited(format: &Format) -> &Delimited {
    match &format.layout {
        Layout::Delimited(delimited) => delimited,
        other => panic!("{other:?}"),
    }
}

fn pattern(format: &Format) -> &str {
    match &format.layout {
        Layout::Regex(regexes) => &regexes.patterns[0],
        other => panic!("{other:?}"),
    }
}

fn error(ddl: &str) -> String {
    Format::hive(ddl).unwrap_err().to_string()
}

#[test]
fn groups_are_columns_by_their_number() {
    let ddl = format!(r#"CREATE TABLE d.T (Host string, n tinyint, `a-b` string) {REGEX}'((?<x>\\S)+) (?:-|(.))')"#);
    let format = Format::hive(&ddl).unwrap();
    assert_eq!(pattern(&format), r"(?<host>(?<n>[^\x{9}-\x{D} ])+) (?:-|(?<a_b>(?s:.)))");
    let types: Vec<_> = format.columns.iter().map(|column| column.dtype.name.as_str()).collect();
    assert_eq!((types, format.name.as_str()), (vec!["", "int8", ""], "hive.t"));
    assert_eq!(format.notes[1], "column \"a-b\" is called a_b");
    let any_case = ddl.replace("SERDEPROPERTIES (", "SERDEPROPERTIES ('input.regex.case.insensitive' = 'TRUE', ");
    assert!(pattern(&Format::hive(&any_case).unwrap()).contains("(?i:"));
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format);
}

#[test]
fn other_numbers_of_groups() {
    let ddl = |groups: &str, class: &str| {
        format!("CREATE TABLE t (a string, b int) {REGEX}'{groups}')").replace("serde2", class)
    };
    assert_eq!(
        error(&ddl("(.)", "serde2")),
        "DDL:1:132: input.regex has 1 groups for 2 columns, which Hive's RegexSerDe refuses\nhint: declare a column for each \
         group and make the others (?:...); contrib's class, org.apache.hadoop.hive.contrib.serde2.RegexSerDe, gives NULL for \
         missing groups and leaves out others, as Athena does"
    );
    let few = Format::hive(&ddl("(.)", "contrib.serde2")).unwrap();
    assert_eq!(pattern(&few), r"(?<a>(?s:.))(?<b>[^\x{0}-\x{10FFFF}])?");
    assert_eq!(few.notes[1], "the expression has no groups for these columns, which are null: b");
    assert_eq!(Format::from_toml(&few.to_toml(), "again").unwrap(), few);
    let many = Format::hive(&ddl("(.)(.)(.(.))", "contrib.serde2")).unwrap();
    assert_eq!(pattern(&many), "(?<a>(?s:.))(?<b>(?s:.))(?s:.)(?s:.)");
    assert_eq!(many.notes[1], "the last 2 groups of the expression are no columns");
    let ours = Format::hive_with(&ddl("(.)", "serde2"), Semantics::Logarrow).unwrap();
    assert_eq!(ours.columns[1].null, ["-", ""]);
}

#[test]
fn delimiters_by_character_and_number() {
    for (clause, delimiter, escape) in [
        ("", "\u{1}", None),
        ("ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '", " ", None),
        (r"ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' ESCAPED BY '\\'", "\t", Some(b'\\')),
        (r"ROW FORMAT DELIMITED FIELDS TERMINATED BY '\001'", "\u{1}", None),
        ("ROW FORMAT DELIMITED FIELDS TERMINATED BY '9'", "\t", None),
        (
            "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' WITH SERDEPROPERTIES
             ('serialization.format' = '|')",
            "|",
            None,
        ),
        (
            "ROW FORMAT SERDE 'org.apache.hadoop.hive.contrib.serde2.MultiDelimitSerDe' WITH SERDEPROPERTIES
             ('field.delim' = '||')",
            "||",
            None,
        ),
    ] {
        let format = Format::hive(&format!("CREATE TABLE t (a string, b array<int>, c int) {clause}")).unwrap();
        let layout = delimited(&format);
        assert_eq!(
            (layout.delimiter.as_str(), layout.quote_escape, layout.quote),
            (delimiter, escape, None),
            "{clause}"
        );
        assert_eq!(format.columns[1].dtype.separators, ["\u{2}"]);
        assert_eq!(format.columns[2].null, ["\\N", ""]);
        assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format, "{clause}");
    }
}

#[test]
fn texts_of_a_length_and_binary() {
    let lazy = "CREATE TABLE t (a varchar(3), b char(300), c array<char(2)>, d binary, e array<binary>, f varchar)";
    let types = |ddl: &str, semantics| {
        let format = Format::hive_with(ddl, semantics).unwrap();
        assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format);
        let of = |column: &Column| (column.dtype.name.clone(), column.dtype.format.clone().unwrap_or_default());
        (format.columns.iter().map(of).collect::<Vec<_>>(), format.notes)
    };
    assert_eq!(
        error(lazy),
        "DDL:1:31: column \"b\": type \"char(300)\" is out of range\nhint: write varchar(255) or the like: 1 to 65535 \
         characters, of char 255 at most"
    );
    let lazy = lazy.replace("300", "3");
    let (hive, notes) = types(&lazy, Semantics::Hive);
    let rule = "base64_or_raw";
    let want = [
        ("varchar(3)", ""),
        ("char(3)", ""),
        ("list<char(2)>", ""),
        ("binary", rule),
        ("list<binary>", rule),
        ("", ""),
    ];
    assert_eq!(hive, want.map(|(name, format)| (name.to_owned(), format.to_owned())));
    assert_eq!(notes[1..], ["char(n) is filled up with spaces, as in Hive: where= compares the whole: b"]);
    let (ours, notes) = types(&lazy, Semantics::Logarrow);
    assert_eq!((&*ours[0].0, &*ours[1].0, &*ours[2].0, &*ours[3].0), ("", "", "list<utf8>", "binary"));
    assert_eq!(notes[1..], ["varchar(n) and char(n) are neither cut nor filled up: a, b, f"]);
    let csv = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'";
    assert_eq!(
        types(&format!("CREATE TABLE t (a varchar(3)) {csv}"), Semantics::Hive).0,
        [(String::new(), String::new())]
    );
    assert!(error(&format!("CREATE TABLE t (a binary) {csv}")).contains("this SerDe has no binary"));
}

#[test]
fn quotes_of_opencsv() {
    let csv = "CREATE TABLE t (a string, b date, c timestamp, d boolean)
               ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'";
    let format = Format::hive(csv).unwrap();
    let layout = delimited(&format);
    assert_eq!((layout.quote, layout.quote_escape, layout.escaping), (Some(b'"'), Some(b'\\'), Escaping::Opencsv));
    let formats: Vec<_> =
        format.columns.iter().map(|column| column.dtype.format.as_deref().unwrap_or_default()).collect();
    assert_eq!(formats, ["", "epoch_days", "epoch_ms", "strict"]);
    let own = r#" WITH SERDEPROPERTIES ("separatorChar" = ";", "quoteChar" = "'", "escapeChar" = "\"")"#;
    let format = Format::hive(&format!("{csv}{own}")).unwrap();
    let layout = delimited(&format);
    assert_eq!((layout.delimiter.as_str(), layout.quote, layout.quote_escape), (";", Some(b'\''), Some(b'\\')));
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format);
}

#[test]
fn fields_of_grok() {
    let ddl = r"CREATE TABLE t (syslogbase string, ID string, n int) ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe'
                WITH SERDEPROPERTIES ('input.grokCustomPatterns' = 'QUEUE [0-9A-F]{7,9}\nDASH -', 'input.format' =
                '%{SYSLOGBASE} %{QUEUE:id}: %{DASH}%{NUMBER:n:float}')";
    let format = Format::hive(ddl).unwrap();
    let names: Vec<_> =
        format.columns.iter().map(|column| (column.name.as_str(), column.dtype.name.as_str())).collect();
    assert_eq!(names, [("syslogbase", ""), ("id", ""), ("n", "int32")]);
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format);
    let turned = ddl.replace("%{QUEUE:id}: %{DASH}%{NUMBER:n:float}", "%{NUMBER:n} %{QUEUE:id}");
    let format = Format::hive(&turned).unwrap();
    assert_eq!(format.columns[2].name, "n");
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format);
    let twice = ddl.replace("%{DASH}", "%{DASH}%{QUEUE:id}");
    assert!(error(&twice).contains("two fields of input.format are called \"id\""));
    let missing = ddl.replace("ID string", "other string");
    assert!(error(&missing).contains("column \"other\" is no field of input.format"));
}

#[test]
fn errors_name_the_place() {
    for (ddl, message) in [
        (
            "CREATE TABLE t (a string) ROW FORMAT SERDE 'com.amazon.ionhiveserde.IonHiveSerDe'",
            "DDL:1:44: \"IonHiveSerDe\" reads Ion, which is not known here",
        ),
        ("CREATE TABLE t (a string) STORED AS PARQUET", "DDL:1:27: \"parquet\" is no table of text lines"),
        ("CREATE TABLE t (a string) ROW FORMAT SERDE 'x.MySerDe'", "DDL:1:44: an unknown SerDe, \"MySerDe\""),
        ("CREATE TABLE t (a string) STORED AS BLOB", "DDL:1:27: an unknown input format, \"blob\""),
        ("CREATE TABLE t LOCATION 's3://a'", "DDL:1:1: the table has no columns"),
        ("CREATE TABLE t (a map<string,int>)", "DDL:1:17: column \"a\": a line cannot give a map"),
        ("CREATE TABLE t (a text)", "DDL:1:17: column \"a\": an unknown type, \"text\""),
        ("CREATE TABLE t (a decimal(40,2))", "DDL:1:17: column \"a\": there is no decimal(40,2)"),
        (
            "CREATE TABLE t (a string) ROW FORMAT DELIMITED FIELDS TERMINATED BY 'é'",
            "DDL:1:69: \"é\" is no delimiter of one ASCII character",
        ),
        (
            "CREATE TABLE t (a string) TBLPROPERTIES ('skip.footer.line.count' = '1')",
            "DDL:1:69: lines at the end of a file cannot be skipped",
        ),
        (
            "CREATE TABLE t (a string) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'",
            "DDL:1:44: the SerDe needs the property \"input.regex\"",
        ),
        (
            "CREATE TABLE t (a string)\n ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
             WITH SERDEPROPERTIES ('input.regex' = '(.*')",
            "input.regex:1:1: ( without )",
        ),
    ] {
        let err = Format::hive(ddl).unwrap_err();
        assert_eq!(err.to_string().lines().next(), Some(message), "{ddl}");
        assert!(err.hint().is_some(), "{ddl}");
    }
    assert!(Semantics::parse("spark").is_err() && Semantics::parse("hive").is_ok());
}

#[test]
fn lost_backslashes_are_noted() {
    let format = Format::hive(&format!(r"CREATE TABLE t (a string) {REGEX}'(\d+)')")).unwrap();
    assert_eq!(pattern(&format), "(?<a>d+)");
    assert!(format.notes[1].contains(r"\d is the letter d"), "{:?}", format.notes);
}
