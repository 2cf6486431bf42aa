//! Hive's and Athena's `CREATE TABLE` statements: what a table's SerDe makes of a line.
//!
//! **Source**: <https://cwiki.apache.org/confluence/display/Hive/LanguageManual+DDL> and the SerDe pages of
//! <https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html>; Hive's Java source for what these leave open.

mod ddl;
mod fields;
mod groups;
mod json;
mod serde;
mod time;
mod token;
mod types;

use self::ddl::{Table, Text};
use self::serde::Serde;
use self::token::bad;
use self::types::Meaning;
use super::regex::Bad;
use super::{Column, Extra, Format, Framing, From, Layout, grok, web};
use crate::error::{Error, ErrorKind, Result, quoted};

const LANGUAGE: &str = "DDL";
const SOURCE: &str = "https://cwiki.apache.org/confluence/display/Hive/LanguageManual+DDL";

/// Whose meaning the cells of a Hive table have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Semantics {
    /// That of the table's SerDe: `-` is text, times have no zone.
    #[default]
    Hive,
    /// That of our own formats: `-` is null, times are UTC, further fields are kept in `_extra`.
    Logarrow,
}

impl Semantics {
    const NAMES: [(&'static str, Self); 2] = [("hive", Self::Hive), ("logarrow", Self::Logarrow)];

    /// Reads `hive` or `logarrow`.
    ///
    /// **Errors**: [`ErrorKind::Option`] for another word.
    pub fn parse(text: &str) -> Result<Self> {
        let found = Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, semantics)| *semantics);
        found.ok_or_else(|| {
            Error::new(ErrorKind::Option, format!("\"semantics\" cannot be {}", quoted(text.as_bytes())))
                .with_hint("use hive or logarrow")
        })
    }
}

impl Format {
    /// The format that a `CREATE TABLE` statement of Hive, Athena or Spark describes, with the meaning of its SerDe.
    ///
    /// Known are RegexSerDe (Hive's own and contrib's), GrokSerDe, OpenCSVSerde, LazySimpleSerDe (`ROW FORMAT
    /// DELIMITED`), MultiDelimitSerDe, and JsonSerDe (Hive's, hcatalog's and openx's; CloudTrail's). Columns have the table's names, in lower case, and its types: `tinyint` to
    /// `bigint`, `float`, `double`, `decimal`, `boolean`, `date`, `string`; `timestamp` has no zone; `varchar(n)` is cut to
    /// its length, `char(n)` filled up with spaces besides (not in OpenCSVSerde and GrokSerDe); `binary` is base64, or else the
    /// bytes (LazySimpleSerDe); `array` is a list, `map<string,string>` a map. Columns of partitions come
    /// behind these, from folders of the path that are called `key=value`; so does Hive call them, and `where` reads them.
    ///
    /// Texts are read as Java's `valueOf` reads them: to RegexSerDe every text but `true` is false, decimals are rounded.
    /// A cell that its type cannot read is null, as in Hive, and is reported as a bad value; an empty one is null, and so
    /// is a group that takes no part in the match. What Hive gives as a row of NULLs, a line that its expression does
    /// not match, is a reject with its reason. Elsewhere Hive makes values of what is none, and these are bad values: an
    /// impossible day (to Hive February 30 is March 2), a whole number with decimals (LazySimpleSerDe cuts them off).
    /// To JsonSerDe, columns are members of the record's object, in any case of letters or as `mapping.x` says; structs,
    /// arrays and maps hold one another, and a time is one of ISO 8601 or as `timestamp.formats` says.
    /// In CSV, a quote inside a field that does not begin with one is text. Blank lines are skipped.
    ///
    /// **Errors**: [`ErrorKind::FormatSyntax`], with line and column: what is no such statement, another SerDe, a property
    /// that would change the meaning and is not known, a type that a line cannot hold, an expression with another number
    /// of groups than there are columns (Hive's own SerDe; contrib's and Athena's read such), and what
    /// [`Format::regex`] and [`Format::grok`] refuse.
    ///
    /// ```
    /// let format = logarrow::Format::hive(r"
    ///     CREATE EXTERNAL TABLE logs (host string, status int)
    ///     ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
    ///     WITH SERDEPROPERTIES ('input.regex' = '(\\S+) (\\d+|-)')
    ///     LOCATION 's3://bucket/logs/'")?;
    /// assert_eq!(format.columns[1].dtype.name, "int32");
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn hive(ddl: &str) -> Result<Self> {
        Self::hive_with(ddl, Semantics::default())
    }

    /// The same with a choice of meaning.
    ///
    /// **Errors**: as [`Format::hive`].
    pub fn hive_with(ddl: &str, semantics: Semantics) -> Result<Self> {
        let at = |bad: Bad| web::at(LANGUAGE, ddl, bad.at, bad.message, bad.hint);
        let table = ddl::parse(ddl).map_err(at)?;
        let serde = Serde::of(&table).map_err(at)?;
        let mut reader = Reader { table: &table, semantics, names: Vec::new(), notes: Vec::new() };
        reader.introduce(serde);
        reader.name_columns().map_err(at)?;
        let lines = |(layout, meaning)| (layout, Framing::Lines, Cells::Texts(meaning));
        let (layout, framing, cells) = match serde {
            Serde::Regex { is_lenient } => lines(reader.regex(is_lenient).map_err(|wrong| wrong.into_error(&at))?),
            Serde::Grok => lines(reader.grok().map_err(|wrong| wrong.into_error(&at))?),
            Serde::Csv => lines(reader.csv().map_err(at)?),
            Serde::Lazy { is_multi } => lines(reader.delimited(is_multi).map_err(at)?),
            Serde::Json { is_trail } => {
                let table = reader.json(is_trail).map_err(at)?;
                (table.layout, table.framing, Cells::Members(table.columns))
            }
        };
        let columns = match cells {
            Cells::Texts(meaning) => reader.columns(&meaning).map_err(at)?,
            Cells::Members(columns) => columns,
        };
        let skip_lines = reader.skip_lines().map_err(at)?;
        let name = table.name.rsplit('.').next().unwrap_or_default();
        let extra = match (&layout, semantics) {
            (Layout::Json(_), _) | (Layout::Delimited(_), Semantics::Hive) => Extra::Count,
            (Layout::Delimited(_), Semantics::Logarrow) => Extra::Column,
            _ => Extra::Reject,
        };
        Ok(Self {
            name: format!("hive.{}", grok::field_name(&name.to_lowercase())),
            aliases: Vec::new(),
            title: format!("Hive table {}", table.name),
            source: SOURCE.to_owned(),
            layout,
            framing,
            columns,
            extra,
            comments: Vec::new(),
            skip_lines,
            inner: None,
            notes: reader.notes,
            timezone: None,
            samples: Vec::new(),
            rejects: Vec::new(),
        })
    }
}

/// Where the columns of a table come from.
enum Cells {
    /// From the texts that the layout cuts out of a line, with this meaning.
    Texts(Meaning),
    /// From members of JSON objects.
    Members(Vec<Column>),
}

/// What is wrong with a statement, or with the expression in it.
enum Wrong {
    Statement(Bad),
    Expression(Error),
}

impl Wrong {
    fn into_error(self, at: &dyn Fn(Bad) -> Error) -> Error {
        match self {
            Self::Statement(bad) => at(bad),
            Self::Expression(error) => error,
        }
    }
}

impl std::convert::From<Bad> for Wrong {
    fn from(bad: Bad) -> Self {
        Self::Statement(bad)
    }
}

/// Makes a format of a table.
struct Reader<'t> {
    table: &'t Table,
    semantics: Semantics,
    /// The names of our columns.
    names: Vec<String>,
    notes: Vec<String>,
}

impl Reader<'_> {
    /// Notes what the format is.
    fn introduce(&mut self, serde: Serde) {
        let whose = match self.semantics {
            Semantics::Hive => "Hive's meaning of cells: - is text, times have no zone",
            Semantics::Logarrow => "our meaning of cells: - is null, times are UTC",
        };
        self.notes.push(format!("Hive table {}, read as {} does, with {whose}", self.table.name, serde.name()));
        if !self.table.partitions.is_empty() {
            let names: Vec<_> = self.table.partitions.iter().map(|column| column.name.as_str()).collect();
            let names = names.join(", ");
            self.notes
                .push(format!("columns of partitions are read from folders of the path, such as key=value: {names}"));
        }
    }

    /// Gives each column a name that captures and schemas take.
    fn name_columns(&mut self) -> Result<(), Bad> {
        for column in &self.table.columns {
            let name = grok::field_name(&column.name);
            if name.is_empty() {
                let message = format!("{} cannot name a column", quoted(column.name.as_bytes()));
                return Err(bad(column.at, message, "use letters, digits and _"));
            }
            let free = web::free_name(&name, &self.names);
            if free != column.name {
                self.notes.push(format!("column {} is called {free}", quoted(column.name.as_bytes())));
            }
            self.names.push(free);
        }
        if self.names.is_empty() {
            let hint = "give the whole statement, with (name type, ...)";
            return Err(bad(0, "the table has no columns", hint));
        }
        Ok(())
    }

    fn columns(&mut self, meaning: &Meaning) -> Result<Vec<Column>, Bad> {
        let mut columns = Vec::with_capacity(self.names.len());
        for (column, name) in self.table.columns.iter().zip(&self.names) {
            let (dtype, null) = meaning.column(column)?;
            columns.push(Column {
                name: name.clone(),
                from: From::Capture(name.clone()),
                dtype,
                null,
                doc: column.comment.clone(),
                ..Column::default()
            });
        }
        let of_path = Meaning { has_lengths: false, ..Meaning::java(self.semantics) };
        for column in &self.table.partitions {
            let wanted = grok::field_name(&column.name);
            if wanted.is_empty() || self.names.contains(&wanted) {
                let message = format!("{} cannot name a column of partitions", quoted(column.name.as_bytes()));
                return Err(bad(column.at, message, "use letters, digits and _, and a name that no other column has"));
            }
            // The SerDe sees none of them: Java reads their texts.
            let (dtype, null) = of_path.column(column)?;
            columns.push(Column {
                name: wanted.clone(),
                from: From::Folder(column.name.clone()),
                dtype,
                null,
                doc: column.comment.clone(),
                ..Column::default()
            });
            self.names.push(wanted);
        }
        self.notes.extend(types::notes(self.table, meaning));
        Ok(columns)
    }

    /// A property, if it is there and not empty.
    fn property(&self, name: &str) -> Option<&Text> {
        self.table.properties.get(name).filter(|value| !value.text.is_empty())
    }

    fn is_true(&self, name: &str) -> bool {
        self.property(name).is_some_and(|value| value.text.eq_ignore_ascii_case("true"))
    }

    /// The lines at the start of a file that are no records.
    fn skip_lines(&self) -> Result<u32, Bad> {
        let count = |name: &str| match self.property(name) {
            None => Ok(0),
            Some(value) => value.text.trim().parse::<u32>().map_err(|_| {
                let message = format!("\"{name}\" is no number: {}", quoted(value.text.as_bytes()));
                bad(value.at, message, "write a whole number, as '1'")
            }),
        };
        if count("skip.footer.line.count")? > 0 {
            let at = self.property("skip.footer.line.count").map_or(0, |value| value.at);
            let hint = "leave it out, and reject or filter the last lines with where=";
            return Err(bad(at, "lines at the end of a file cannot be skipped", hint));
        }
        count("skip.header.line.count")
    }
}

#[cfg(test)]
mod tests;
