//! Formats with a schema that a caller gives.

use super::types::Wrong;
use super::{Column, Format, From, Header, JsonSchema, JsonType, Layout, Part, TypeSpec, names, vpc_flow_column};
use crate::error::{Error, ErrorKind, Result, quoted};

impl Format {
    /// The same format with the columns and types of a schema.
    ///
    /// Where columns are found in the log (the keys of JSON records and of pairs, the fields that a header names), the
    /// schema's are the columns, in its order, and no others but those that the path gives; one that the format knows is read
    /// as it says. Else the format keeps its columns, and those that the schema names have other types, as by
    /// [`Format::with_types`]. A schema says what comes out: a time keeps the pattern that the log writes it in, a list
    /// its separators, and the members of a struct their keys; a type that a column's values come out as anyway is
    /// no change. Columns of ours, such as `_extra` and `_path`, are passed over: options ask for those.
    ///
    /// **Errors**: [`ErrorKind::UnknownColumn`] for a column that the format cannot have; [`ErrorKind::TypeMismatch`] for a type
    /// that it cannot have, and for two columns of one name.
    ///
    /// ```
    /// use logarrow::{format::JsonSchema, named};
    /// let schema = JsonSchema::of_types(&[("id", "int64"), ("at", "timestamp")])?;
    /// let format = named("json.lines")?.as_ref().clone().with_schema(&schema)?;
    /// assert_eq!((format.columns.len(), format.wants_keys()), (2, false));
    /// let schema = JsonSchema::of_types(&[("status", "int64")])?;
    /// let format = named("apache.common")?.as_ref().clone().with_schema(&schema)?;
    /// assert!(format.columns.iter().any(|column| column.name == "status" && column.dtype.name == "int64"));
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn with_schema(mut self, schema: &JsonSchema) -> Result<Self> {
        let given: Vec<&Column> =
            schema.columns.iter().filter(|column| !names::RESERVED.contains(&&*column.name)).collect();
        if let Some((_, twice)) =
            given.iter().enumerate().find(|(at, column)| given[..*at].iter().any(|other| other.name == column.name))
        {
            let message = format!("two columns are called {}", quoted(twice.name.as_bytes()));
            return Err(Error::new(ErrorKind::TypeMismatch, message).with_hint("leave one of them out"));
        }
        if self.finds_columns() {
            return self.with_columns(&given, schema.ignore_case);
        }
        for column in given {
            let dtype = match self.columns.iter().find(|own| own.name == column.name) {
                Some(own) => self.fitted(&column.dtype, &own.dtype).map_err(|bad| misfit(&column.name, bad))?,
                None => return Err(self.unknown(&column.name)),
            };
            self.columns.iter_mut().filter(|own| own.name == column.name).for_each(|own| own.dtype = dtype.clone());
        }
        Ok(self)
    }

    /// Whether its columns are found in the log.
    fn finds_columns(&self) -> bool {
        match &self.layout {
            Layout::Delimited(delimited) => delimited.header != Header::None && !delimited.named,
            _ => self.wants_keys(),
        }
    }

    /// The same format with these columns in place of those that would be found.
    fn with_columns(mut self, given: &[&Column], ignore_case: bool) -> Result<Self> {
        let mut columns = Vec::with_capacity(given.len());
        for given in given {
            let own = self.columns.iter().find(|own| own.name == given.name);
            let mut column = own.cloned().unwrap_or_else(|| self.new_column(given));
            column.on_demand = false;
            column.dtype = self.fitted(&given.dtype, &column.dtype).map_err(|bad| misfit(&given.name, bad))?;
            columns.push(column);
        }
        let is_named = |own: &&Column| columns.iter().any(|column| column.name == own.name);
        let others = || self.columns.iter().filter(|own| !is_named(own));
        // All pairs can still be had.
        let all = self.pairs().map(|pairs| From::Capture(pairs.name.clone()));
        let all = others().filter(|own| all.as_ref() == Some(&own.from));
        let all = all.map(|own| Column { on_demand: true, ..own.clone() }).collect::<Vec<_>>();
        let of_path = others().filter(|own| matches!(own.from, From::Path(..) | From::Folder(_))).cloned();
        let of_path = of_path.collect::<Vec<_>>();
        let columns = all.into_iter().chain(columns).chain(of_path).collect();
        self.columns = columns;
        // They show other columns.
        self.samples.clear();
        match &mut self.layout {
            Layout::Json(json) => {
                json.find_columns = false;
                json.ignore_case |= ignore_case;
            }
            Layout::Delimited(delimited) => delimited.named = true,
            Layout::Pattern(patterns) => {
                for part in patterns.iter_mut().flat_map(|pattern| &mut pattern.parts) {
                    if let Part::Pairs(pairs) = part {
                        pairs.found = false;
                    }
                }
            }
            _ => {}
        }
        Ok(self)
    }

    /// A column of the log that the format does not know.
    fn new_column(&self, given: &Column) -> Column {
        let name = given.name.clone();
        let (from, null) = match &self.layout {
            Layout::Delimited(delimited) => {
                if delimited.header == Header::Vpc
                    && let Some(known) = vpc_flow_column(&name)
                {
                    return known;
                }
                (From::Capture(name), delimited.null.clone())
            }
            Layout::Json(json) if !json.attributes.is_empty() => return self.member_called(&name),
            Layout::Json(_) => (given.from.clone(), given.null.clone()),
            _ => (From::Key(name), Vec::new()),
        };
        // What is a time without a word about its pattern is one of ISO 8601.
        let dtype = TypeSpec { format: given.dtype.format.clone(), ..TypeSpec::default() };
        Column { from, null, dtype: if given.dtype.is_time() { given.dtype.clone() } else { dtype }, ..given.clone() }
    }

    /// The type of a schema in place of a column's own.
    fn fitted(&self, wanted: &TypeSpec, own: &TypeSpec) -> std::result::Result<TypeSpec, Wrong> {
        if self.is_json() {
            return JsonType::fitted(wanted, own).map(|dtype| dtype.spec());
        }
        if wanted.is_result_of(own) {
            return Ok(own.clone());
        }
        let is_unsaid = wanted.says_nothing() && wanted.base() == own.base();
        let format = if is_unsaid { None } else { wanted.format.clone() };
        TypeSpec { format, ..wanted.clone() }.in_place_of(own)
    }

    /// The error for a column that the format does not have.
    #[cold]
    fn unknown(&self, name: &str) -> Error {
        let own = self.columns.iter().map(|column| column.name.as_str());
        let mut hint = names::suggest(name, own);
        if !hint.starts_with("known") {
            let all: Vec<_> = self.columns.iter().map(|column| column.name.as_str()).collect();
            hint.push_str(&format!(" It has {}", all.join(", ")));
        }
        if self.is_json() {
            hint.push_str("; format=\"json.lines\" has the columns of the schema alone");
        } else if let Some(inner) = &self.inner {
            let column = &inner.column;
            hint.push_str(&format!("; the schema of the records in \"{column}\" is that of their format: inner={{\"{column}\": Format.json(schema)}}"));
        }
        let message = format!("format \"{}\" has no column {}", self.name, quoted(name.as_bytes()));
        Error::new(ErrorKind::UnknownColumn, message).with_hint(hint)
    }
}

#[cold]
fn misfit(name: &str, bad: Wrong) -> Error {
    Error::new(ErrorKind::TypeMismatch, bad.message).with_column(name).with_hint(bad.hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{JsonOptions, builtin_formats, named};

    fn schema(types: &[(&str, &str)]) -> JsonSchema {
        JsonSchema::of_types(types).unwrap()
    }

    fn with(format: &str, types: &[(&str, &str)]) -> Result<Format> {
        Format::clone(&*named(format).unwrap()).with_schema(&schema(types))
    }

    fn shown(format: &Format) -> Vec<(&str, &str)> {
        let columns = format.columns.iter().filter(|column| !column.on_demand);
        columns.map(|column| (column.name.as_str(), column.dtype.name.as_str())).collect()
    }

    #[test]
    fn columns_that_would_be_found_are_the_schemas() {
        let types = [("b", "utf8"), ("a", "int64")];
        for (name, from) in [
            ("json.lines", From::Member(vec!["a".into()])),
            ("csv", From::Capture("a".into())),
            ("logfmt", From::Key("a".into())),
            ("ltsv", From::Key("a".into())),
            ("w3c.extended", From::Capture("a".into())),
        ] {
            let format = with(name, &types).unwrap();
            assert_eq!(shown(&format), [("b", ""), ("a", "int64")], "{name}");
            assert!(format.columns.iter().any(|column| column.name == "a" && column.from == from), "{name}");
            assert!(!format.finds_columns(), "{name}");
            assert_eq!(format.clone().with_schema(&schema(&types)).unwrap(), format, "{name}");
            let err = format.clone().with_schema(&schema(&[("c", "utf8")])).unwrap_err();
            assert_eq!(err.kind(), ErrorKind::UnknownColumn, "{name}");
            let again = Format::from_toml(&format.to_toml(), "again").unwrap();
            assert_eq!(again, format, "{name}: {}", format.to_toml());
        }
        // What the format knows of a column stays.
        let format = with("w3c.extended", &[("time_taken", "float64"), ("x", "timestamp")]).unwrap();
        let own = named("w3c.extended").unwrap();
        let own = own.columns.iter().find(|column| column.name == "time_taken").unwrap();
        assert_eq!((&format.columns[0].from, &format.columns[0].doc), (&own.from, &own.doc));
        assert_eq!(format.columns[1].dtype.format.as_deref(), Some("iso8601"));
    }

    #[test]
    fn the_case_of_keys_is_the_schemas() {
        let wanted = JsonSchema { ignore_case: true, ..schema(&[("c", "json")]) };
        let format = Format::json(JsonOptions { schema: Some(wanted), ..JsonOptions::default() }).unwrap();
        let Layout::Json(layout) = &format.layout else { panic!() };
        assert!(!layout.find_columns && layout.find_framing && layout.ignore_case);
    }

    #[test]
    fn columns_that_are_known_get_other_types() {
        let format = with("aws.waf", &[("response_code_sent", "int64"), ("labels", "json")]).unwrap();
        let own = named("aws.waf").unwrap();
        assert_eq!(format.columns.len(), own.columns.len());
        let changed = format.columns.iter().zip(&own.columns).filter(|(new, old)| new != old);
        let changed: Vec<_> = changed.map(|(new, _)| (new.name.as_str(), new.dtype.name.as_str())).collect();
        assert_eq!(changed, [("response_code_sent", "int64"), ("labels", "json")]);
        let format = with("apache.common", &[("time", "timestamp[ns]"), ("bytes", "int32")]).unwrap();
        let time = format.columns.iter().find(|column| column.name == "time").unwrap();
        assert_eq!(time.dtype.format.as_deref(), Some("%d/%b/%Y:%H:%M:%S %z"));
    }

    #[test]
    fn members_keep_their_keys() {
        let dtype = "struct<client_ip: utf8, http_method: dictionary, headers: list<struct<name: utf8>>>";
        let format = with("aws.waf", &[("http_request", dtype)]).unwrap();
        let request = format.columns.iter().find(|column| column.name == "http_request").unwrap();
        let want = "struct<clientIp as client_ip: utf8, httpMethod as http_method: dictionary, headers: list<struct<name: utf8>>>";
        assert_eq!(request.dtype.name, want);
        let answer = "struct<solve_timestamp: timestamp>";
        let format = with("aws.waf", &[("captcha_response", answer)]).unwrap();
        let answer = format.columns.iter().find(|column| column.name == "captcha_response").unwrap();
        assert_eq!(answer.dtype.name, "struct<solveTimestamp as solve_timestamp: timestamp(epoch)>");
    }

    #[test]
    fn err_columns_that_are_not_there() {
        let err = with("aws.waf", &[("acton", "utf8")]).unwrap_err();
        assert_eq!(err.kind(), ErrorKind::UnknownColumn);
        assert_eq!(err.message(), "format \"aws.waf\" has no column \"acton\"");
        let hint = err.hint().unwrap_or_default();
        assert!(hint.starts_with("did you mean \"action\"?") && hint.contains("http_request"), "{hint}");
        let err = with("apache.common", &[("zzzz", "utf8")]).unwrap_err();
        assert!(err.hint().unwrap_or_default().starts_with("known: remote_host, "), "{err}");
        let err = with("docker.json", &[("zzzz", "utf8")]).unwrap_err();
        assert!(err.hint().unwrap_or_default().contains("json.lines"), "{err}");
        let err = with("json.lines", &[("a", "utf8"), ("a", "int64")]).unwrap_err();
        assert_eq!(err.message(), "two columns are called \"a\"");
        let err = with("apache.common", &[("status", "struct<a: utf8>")]).unwrap_err();
        assert!(err.message().starts_with("only JSON formats have columns of type"), "{err}");
    }

    #[test]
    fn a_formats_own_types_change_nothing() {
        for format in builtin_formats() {
            let own: Vec<_> =
                format.columns.iter().map(|column| Column { doc: String::new(), ..column.clone() }).collect();
            let wanted = JsonSchema { columns: own, ignore_case: false };
            if !format.finds_columns() {
                assert_eq!(&Format::clone(format).with_schema(&wanted).unwrap(), &**format, "{}", format.name);
            }
        }
    }
}
