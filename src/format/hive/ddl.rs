//! A `CREATE TABLE` statement, as data.
//!
//! **Source**: <https://cwiki.apache.org/confluence/display/Hive/LanguageManual+DDL>; Athena's statements are of the same
//! language. Clauses are taken in any order.

use std::collections::BTreeMap;

use super::super::regex::Bad;
use super::token::{Kind, Token, bad, tokens};

/// What a statement says of a table that matters to its lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    /// With the database, as written.
    pub(super) name: String,
    pub(super) columns: Vec<ColumnDef>,
    /// The partition columns.
    pub(super) partitions: Vec<ColumnDef>,
    /// The class of the SerDe.
    pub(super) serde: Option<Text>,
    /// Properties of the SerDe and of the table, which go before; and what ROW FORMAT DELIMITED says, under the names of
    /// LazySimpleSerDe.
    pub(super) properties: BTreeMap<String, Text>,
    /// `STORED AS TEXTFILE`, or the class of the input format.
    pub(super) stored: Option<Text>,
}

/// A text and its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) at: usize,
    /// A class of a regular expression whose backslash the statement took away.
    pub(super) lost: Option<char>,
}

/// A column as declared.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ColumnDef {
    pub(super) name: String,
    pub(super) dtype: Type,
    pub(super) comment: String,
    pub(super) at: usize,
}

/// A type, in lower case.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    /// A scalar, and the numbers between its brackets.
    Plain(String, Vec<u32>),
    Array(Box<Type>),
    Map(Box<Type>, Box<Type>),
    /// Members by name.
    Struct(Vec<(String, Type)>),
    Union,
}

impl Type {
    /// `map<string,string>`.
    pub(super) fn is_text_map(&self) -> bool {
        let is_string = |dtype: &Type| matches!(dtype, Type::Plain(name, _) if name == "string");
        matches!(self, Self::Map(key, value) if is_string(key) && is_string(value))
    }
}

/// What a class of delimiters of ROW FORMAT DELIMITED is called as a property.
pub(super) const DELIMITERS: [(&[&str], &str); 6] = [
    (&["fields", "terminated", "by"], "field.delim"),
    (&["escaped", "by"], "escape.delim"),
    (&["collection", "items", "terminated", "by"], "collection.delim"),
    (&["map", "keys", "terminated", "by"], "mapkey.delim"),
    (&["lines", "terminated", "by"], "line.delim"),
    (&["null", "defined", "as"], "serialization.null.format"),
];

/// Types in types.
const MAX_DEPTH: usize = 50;

/// Reads a statement.
pub(super) fn parse(text: &str) -> Result<Table, Bad> {
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, at: 0, end: text.len(), delimited: BTreeMap::new() };
    reader.table()
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    end: usize,
    /// What ROW FORMAT DELIMITED says.
    delimited: BTreeMap<String, Text>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// Where the next token starts.
    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |token| token.at)
    }

    fn found(&self) -> String {
        match self.peek() {
            None => "the end".into(),
            Some(Kind::Word(text) | Kind::Name(text)) => format!("\"{text}\""),
            Some(Kind::Text(text, _)) => format!("the text {}", crate::error::quoted(text.as_bytes())),
            Some(Kind::Sign(c)) => format!("\"{c}\""),
        }
    }

    fn expected(&self, wanted: &str) -> Bad {
        let hint = "give one CREATE TABLE statement as Hive, Athena or Spark take it";
        bad(self.place(), format!("expected {wanted}, found {}", self.found()), hint)
    }

    /// Takes these words, in any case, if all of them are next.
    fn take(&mut self, words: &[&str]) -> bool {
        let is = |(at, word): (usize, &&str)| match self.tokens.get(self.at + at).map(|token| &token.kind) {
            Some(Kind::Word(text)) => text.eq_ignore_ascii_case(word),
            _ => false,
        };
        let all = words.iter().enumerate().all(is);
        self.at += if all { words.len() } else { 0 };
        all
    }

    fn take_sign(&mut self, sign: char) -> bool {
        let is_next = self.peek() == Some(&Kind::Sign(sign));
        self.at += usize::from(is_next);
        is_next
    }

    fn sign(&mut self, sign: char) -> Result<(), Bad> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.expected(&format!("\"{sign}\""))) }
    }

    fn name(&mut self) -> Result<String, Bad> {
        match self.peek() {
            Some(Kind::Word(text) | Kind::Name(text)) => {
                let text = text.clone();
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.expected("a name")),
        }
    }

    fn text(&mut self) -> Result<Text, Bad> {
        let at = self.place();
        match self.peek() {
            Some(Kind::Text(text, lost)) => {
                let text = Text { text: text.clone(), at, lost: *lost };
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.expected("a text between quotes")),
        }
    }

    fn table(&mut self) -> Result<Table, Bad> {
        let start = self.at;
        if !self.take(&["create"]) {
            return Err(self.expected("CREATE TABLE"));
        }
        self.take(&["or", "replace"]);
        while self.take(&["external"]) || self.take(&["temporary"]) || self.take(&["transactional"]) {}
        if !self.take(&["table"]) {
            self.at = if self.at > start + 1 { self.at } else { start };
            return Err(self.expected("CREATE TABLE"));
        }
        self.take(&["if", "not", "exists"]);
        let mut table = Table { name: self.name()?, ..Table::default() };
        while self.take_sign('.') {
            table.name = format!("{}.{}", table.name, self.name()?);
        }
        if self.peek() == Some(&Kind::Sign('(')) {
            table.columns = self.columns(true)?;
        }
        let (mut serde, mut own) = (BTreeMap::new(), BTreeMap::new());
        while !self.take_sign(';') && self.peek().is_some() {
            self.clause(&mut table, &mut serde, &mut own)?;
        }
        if self.peek().is_some() {
            return Err(self.expected("the end of the statement"));
        }
        table.properties = std::mem::take(&mut self.delimited);
        table.properties.extend(serde);
        table.properties.extend(own);
        Ok(table)
    }

    /// A clause behind the columns.
    fn clause(
        &mut self,
        table: &mut Table,
        serde: &mut BTreeMap<String, Text>,
        own: &mut BTreeMap<String, Text>,
    ) -> Result<(), Bad> {
        let at = self.place();
        if self.take(&["comment"]) || self.take(&["location"]) {
            self.text().map(drop)
        } else if self.take(&["partitioned", "by"]) {
            table.partitions = self.columns(false)?;
            Ok(())
        } else if self.take(&["clustered", "by"]) || self.take(&["sorted", "by"]) || self.take(&["skewed", "by"]) {
            self.skip_brackets()
        } else if self.take(&["into"]) {
            self.name()?;
            if self.take(&["buckets"]) { Ok(()) } else { Err(self.expected("BUCKETS")) }
        } else if self.take(&["row", "format", "serde"]) {
            table.serde = Some(self.text()?);
            Ok(())
        } else if self.take(&["row", "format", "delimited"]) {
            self.delimiters()
        } else if self.take(&["with", "serdeproperties"]) {
            self.properties(serde)
        } else if self.take(&["tblproperties"]) {
            self.properties(own)
        } else if self.take(&["stored", "as"]) {
            if !self.take(&["inputformat"]) {
                table.stored = Some(Text { text: self.name()?.to_lowercase(), at, lost: None });
                return Ok(());
            }
            table.stored = Some(self.text()?);
            if self.take(&["outputformat"]) { self.text().map(drop) } else { Ok(()) }
        } else {
            let words =
                "COMMENT, PARTITIONED BY, ROW FORMAT, WITH SERDEPROPERTIES, STORED AS, LOCATION or TBLPROPERTIES";
            Err(self.expected(words))
        }
    }

    /// What stands behind ROW FORMAT DELIMITED.
    fn delimiters(&mut self) -> Result<(), Bad> {
        while let Some((_, property)) = DELIMITERS.iter().find(|(words, _)| self.take(words)) {
            let text = self.text()?;
            self.delimited.insert((*property).to_owned(), text);
        }
        Ok(())
    }

    /// `('key' = 'value', ...)`.
    fn properties(&mut self, out: &mut BTreeMap<String, Text>) -> Result<(), Bad> {
        self.sign('(')?;
        while !self.take_sign(')') {
            let key = match self.peek() {
                Some(Kind::Word(_)) => self.dotted()?,
                _ => self.text()?.text,
            };
            self.sign('=')?;
            let at = self.place();
            let value = match self.peek() {
                // Spark takes numbers and true or false as they are.
                Some(Kind::Word(_)) => Text { text: self.dotted()?, at, lost: None },
                _ => self.text()?,
            };
            out.insert(key, value);
            if !self.take_sign(',') && self.peek() != Some(&Kind::Sign(')')) {
                return Err(self.expected("\",\" or \")\""));
            }
        }
        Ok(())
    }

    fn dotted(&mut self) -> Result<String, Bad> {
        let mut name = self.name()?;
        while self.take_sign('.') {
            name = format!("{name}.{}", self.name()?);
        }
        Ok(name)
    }

    /// `(name type COMMENT 'text', ...)`; partition columns may lack their type.
    fn columns(&mut self, typed: bool) -> Result<Vec<ColumnDef>, Bad> {
        let opened = self.place();
        self.sign('(')?;
        let mut columns: Vec<ColumnDef> = Vec::new();
        while !self.take_sign(')') {
            let at = self.place();
            // Hive does not tell capital letters from small ones in names.
            let name = self.name()?.to_lowercase();
            if columns.iter().any(|column| column.name == name) {
                return Err(bad(at, format!("two columns are called \"{name}\""), "give one another name"));
            }
            self.take_sign(':');
            let ends = matches!(self.peek(), Some(Kind::Sign(',' | ')')));
            let dtype = if ends && !typed { Type::Plain("string".into(), Vec::new()) } else { self.dtype(0)? };
            let comment = self.column_clauses()?;
            columns.push(ColumnDef { name, dtype, comment, at });
            if !self.take_sign(',') && self.peek() != Some(&Kind::Sign(')')) {
                return Err(self.expected("\",\" or \")\" behind a column"));
            }
        }
        if columns.is_empty() {
            return Err(bad(opened, "no columns between the brackets", "name the columns of the table"));
        }
        Ok(columns)
    }

    /// `COMMENT 'text'`, `NOT NULL`.
    fn column_clauses(&mut self) -> Result<String, Bad> {
        let mut comment = String::new();
        loop {
            if self.take(&["comment"]) {
                comment = self.text()?.text;
            } else if !self.take(&["not", "null"]) && !self.take(&["null"]) {
                return Ok(comment);
            }
        }
    }

    fn dtype(&mut self, depth: usize) -> Result<Type, Bad> {
        let at = self.place();
        if depth > MAX_DEPTH {
            return Err(bad(at, "types nested too deep", format!("{MAX_DEPTH} levels are the limit")));
        }
        let Some(Kind::Word(word)) = self.peek() else { return Err(self.expected("a type")) };
        let word = word.to_lowercase();
        self.at += 1;
        match word.as_str() {
            "array" => {
                self.sign('<')?;
                let item = self.dtype(depth + 1)?;
                self.sign('>')?;
                Ok(Type::Array(Box::new(item)))
            }
            "map" => {
                self.sign('<')?;
                let key = self.dtype(depth + 1)?;
                self.sign(',')?;
                let value = self.dtype(depth + 1)?;
                self.sign('>')?;
                Ok(Type::Map(Box::new(key), Box::new(value)))
            }
            "struct" => self.members(depth),
            "uniontype" => {
                self.sign('<')?;
                self.dtype(depth + 1)?;
                while self.take_sign(',') {
                    self.dtype(depth + 1)?;
                }
                self.sign('>')?;
                Ok(Type::Union)
            }
            "double" => {
                self.take(&["precision"]);
                Ok(Type::Plain(word, Vec::new()))
            }
            "timestamp" if self.take(&["with", "local", "time", "zone"]) => {
                Ok(Type::Plain("timestamp with local time zone".into(), Vec::new()))
            }
            "timestamp" => {
                self.take(&["without", "time", "zone"]);
                Ok(Type::Plain(word, Vec::new()))
            }
            _ => Ok(Type::Plain(word, self.numbers()?)),
        }
    }

    /// `<name: type, ...>`.
    fn members(&mut self, depth: usize) -> Result<Type, Bad> {
        self.sign('<')?;
        let mut members = Vec::new();
        loop {
            let name = self.name()?.to_lowercase();
            self.sign(':')?;
            members.push((name, self.dtype(depth + 1)?));
            self.column_clauses()?;
            if self.take_sign('>') {
                return Ok(Type::Struct(members));
            }
            self.sign(',')?;
        }
    }

    /// `(10, 2)`, if it is there.
    fn numbers(&mut self) -> Result<Vec<u32>, Bad> {
        let mut out = Vec::new();
        if !self.take_sign('(') {
            return Ok(out);
        }
        loop {
            let number = match self.peek() {
                Some(Kind::Word(word)) => word.parse().ok(),
                _ => None,
            };
            out.push(number.ok_or_else(|| self.expected("a number"))?);
            self.at += 1;
            if self.take_sign(')') {
                return Ok(out);
            }
            self.sign(',')?;
        }
    }

    /// Passes over `(...)`.
    fn skip_brackets(&mut self) -> Result<(), Bad> {
        let opened = self.place();
        self.sign('(')?;
        let mut depth = 1;
        while depth > 0 {
            match self.peek() {
                None => return Err(bad(opened, "( without )", "close what is opened here")),
                Some(Kind::Sign('(')) => depth += 1,
                Some(Kind::Sign(')')) => depth -= 1,
                Some(_) => {}
            }
            self.at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
