//! Hive's types, as each SerDe reads their texts.

use super::super::TypeSpec;
use super::super::pairs::MAP;
use super::super::regex::Bad;
use super::Semantics;
use super::ddl::{ColumnDef, Table, Type};
use super::token::bad;

/// How the texts of a table are read.
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    pub(super) semantics: Semantics,
    /// The layout of times and dates.
    pub(super) timestamp: String,
    pub(super) date: &'static str,
    /// The rule for numbers with a point, and for decimals; empty for plain numbers.
    pub(super) number: &'static str,
    pub(super) decimal: &'static str,
    /// The rule for truth values.
    pub(super) truth: &'static str,
    /// Texts that are null in every column.
    pub(super) null: Vec<String>,
    /// An empty text is null in columns that are no text.
    pub(super) is_empty_null: bool,
    /// Texts of a length are cut, and filled up where they are `char`; binary columns are read.
    pub(super) has_lengths: bool,
    pub(super) has_binary: bool,
    /// What stands between the items of an array, and between the keys and values of a map, where there can be any.
    pub(super) nested: Option<[String; 2]>,
}

impl Meaning {
    /// A table whose texts Java's `valueOf` reads.
    pub(super) fn java(semantics: Semantics) -> Self {
        let is_ours = semantics == Semantics::Logarrow;
        Self {
            semantics,
            timestamp: if is_ours { "iso8601" } else { "java" }.into(),
            date: if is_ours { "iso8601" } else { "java" },
            number: if is_ours { "" } else { "java" },
            decimal: if is_ours { "" } else { "java" },
            truth: "strict",
            null: if is_ours { vec!["-".into()] } else { Vec::new() },
            is_empty_null: true,
            has_lengths: !is_ours,
            has_binary: false,
            nested: None,
        }
    }

    /// The type and the null texts of a column.
    pub(super) fn column(&self, column: &ColumnDef) -> Result<(TypeSpec, Vec<String>), Bad> {
        let wrong =
            |message: String, hint: &str| bad(column.at, format!("column \"{}\": {message}", column.name), hint);
        let spec = match &column.dtype {
            Type::Plain(name, numbers) => self.plain(name, numbers).map_err(|(message, hint)| wrong(message, hint))?,
            dtype if dtype.is_text_map() && self.nested.is_some() => {
                TypeSpec { separators: self.nested.iter().flatten().cloned().collect(), ..TypeSpec::plain(MAP) }
            }
            Type::Map(..) | Type::Struct(_) | Type::Union => {
                let name = match column.dtype {
                    Type::Map(..) => "map",
                    Type::Struct(_) => "struct",
                    _ => "uniontype",
                };
                let hint =
                    "declare it string to have its text, or map<string,string> where the SerDe is LazySimpleSerDe";
                return Err(wrong(format!("a line cannot give a {name}"), hint));
            }
            Type::Array(item) => {
                let Some([separator, _]) = &self.nested else {
                    let hint = "declare it string to have its text";
                    return Err(wrong("this SerDe has no arrays".into(), hint));
                };
                let Type::Plain(name, numbers) = &**item else {
                    return Err(wrong("an array of nested values".into(), "declare it string to have its text"));
                };
                let item = self.plain(name, numbers).map_err(|(message, hint)| wrong(message, hint))?;
                let name = if item.name.is_empty() { "utf8" } else { &item.name };
                TypeSpec { name: format!("list<{name}>"), format: item.format, separators: vec![separator.clone()] }
            }
        };
        spec.check().map_err(|why| bad(column.at, format!("column \"{}\": {}", column.name, why.message), why.hint))?;
        let mut null = self.null.clone();
        // To Java, an empty text is false.
        let is_false = spec.name == "bool" && spec.format.as_deref() == Some("java");
        let is_scalar = !spec.is_text() && !spec.name.starts_with("list<") && spec.name != MAP;
        if self.is_empty_null && is_scalar && !is_false && !null.contains(&String::new()) {
            null.push(String::new());
        }
        Ok((spec, null))
    }

    pub(super) fn plain(&self, name: &str, numbers: &[u32]) -> Result<TypeSpec, (String, &'static str)> {
        let is_ours = self.semantics == Semantics::Logarrow;
        let of = |name: &str, format: &str| TypeSpec {
            format: Some(format.to_owned()).filter(|format| !format.is_empty()),
            ..TypeSpec::plain(name)
        };
        Ok(match name {
            "varchar" | "char" if self.has_lengths && !numbers.is_empty() => {
                TypeSpec::plain(&format!("{name}({})", numbers[0]))
            }
            "string" | "varchar" | "char" => TypeSpec::default(),
            "tinyint" => TypeSpec::plain(if is_ours { "int16" } else { "int8" }),
            "smallint" => TypeSpec::plain("int16"),
            "int" | "integer" => TypeSpec::plain("int32"),
            "bigint" => TypeSpec::plain("int64"),
            "float" | "real" => of("float32", self.number),
            "double" => of("float64", self.number),
            "boolean" => of("bool", if is_ours { "" } else { self.truth }),
            "date" => of("date", self.date),
            "timestamp" if !is_ours => of("timestamp_ntz", &self.timestamp),
            "timestamp" | "timestamp with local time zone" => of("timestamp", &self.timestamp),
            "decimal" | "dec" | "numeric" => {
                let (precision, scale) = match numbers {
                    [] => (10_u32, 0),
                    [precision] => (*precision, 0),
                    [precision, scale, ..] => (*precision, *scale),
                };
                if !(1..=38).contains(&precision) || scale > precision {
                    let message = format!("there is no decimal({precision},{scale})");
                    return Err((message, "a decimal has 1 to 38 digits, of which none to all stand behind the point"));
                }
                of(&format!("decimal({precision},{scale})"), self.decimal)
            }
            "binary" if self.has_binary => of("binary", "base64_or_raw"),
            "binary" => return Err(("this SerDe has no binary".into(), "declare it string to have its text")),
            other => {
                let hint = "known are tinyint, smallint, int, bigint, float, double, decimal, boolean, date, timestamp, \
                            string, varchar, char, binary and array<...>";
                return Err((format!("an unknown type, \"{other}\""), hint));
            }
        })
    }
}

/// What readers of columns of these types should know.
pub(super) fn notes(table: &Table, meaning: &Meaning) -> Option<String> {
    let of = |word: &str, column: &ColumnDef| matches!(&column.dtype, Type::Plain(name, _) if name == word);
    let names = |words: &[&str]| {
        let is = |column: &&ColumnDef| words.iter().any(|word| of(word, column));
        table.columns.iter().filter(is).map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (text, names) = if meaning.has_lengths {
        ("char(n) is filled up with spaces, as in Hive: where= compares the whole", names(&["char"]))
    } else {
        ("varchar(n) and char(n) are neither cut nor filled up", names(&["varchar", "char"]))
    };
    (!names.is_empty()).then(|| format!("{text}: {names}"))
}
