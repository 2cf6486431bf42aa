//! CloudFront's real-time logs, whose fields are picked by who sets them up.
//!
//! **Source**: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/real-time-logs.html>.

use super::names::snake;
use super::{Column, Delimited, Extra, Format, From, Layout, named};
use crate::error::{Error, ErrorKind, Result};

/// The format with all fields, which has their types and their order.
const WHOLE: &str = "aws.cloudfront_realtime";

impl Format {
    /// CloudFront's real-time log with these fields, called as AWS does (`c-ip`, `cs-user-agent`) or in snake case.
    ///
    /// CloudFront writes the fields in the order of its documentation, whatever the order in which they were picked; so
    /// does this format. Fields that it has added since are text, behind the others. `-` is null, fields behind the last
    /// one are `_extra`, a record with fewer is malformed.
    ///
    /// **Errors**: [`ErrorKind::FormatSyntax`] for no fields, a field that is there twice, and a name that is none.
    ///
    /// ```
    /// let format = logarrow::Format::cloudfront_realtime(&["sc-status", "timestamp", "c-ip"])?;
    /// let names: Vec<_> = format.columns.iter().map(|column| column.name.as_str()).collect();
    /// assert_eq!(names, ["timestamp", "c_ip", "sc_status"]);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn cloudfront_realtime<T: AsRef<str>>(fields: &[T]) -> Result<Self> {
        let whole = named(WHOLE)?;
        let place = |name: &str| whole.columns.iter().position(|column| column.name == name);
        let mut names: Vec<String> = Vec::with_capacity(fields.len());
        for field in fields {
            let name = snake(field.as_ref().trim());
            if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
                let message = format!("\"{}\" is no field of a real-time log", field.as_ref());
                return Err(error(message, "fields have names such as c-ip and sc-status"));
            }
            if names.contains(&name) {
                return Err(error(format!("field \"{}\" is there twice", field.as_ref()), "leave one of them out"));
            }
            names.push(name);
        }
        if names.is_empty() {
            return Err(error("a real-time log without fields".into(), "name those that were picked for it"));
        }
        // Stable: unknown fields stay as they stand.
        names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
        let null = vec!["-".to_owned()];
        let text = |name: &String| Column {
            name: name.clone(),
            from: From::Capture(name.clone()),
            null: null.clone(),
            doc: "field that AWS has added since".to_owned(),
            ..Column::default()
        };
        let column = |name: &String| place(name).map_or_else(|| text(name), |at| whole.columns[at].clone());
        Ok(Self {
            name: format!("{WHOLE}_custom"),
            aliases: Vec::new(),
            title: "Amazon CloudFront, real-time log with the fields that were picked".to_owned(),
            columns: names.iter().map(column).collect(),
            layout: Layout::Delimited(Delimited {
                delimiter: "\t".to_owned(),
                fields: names,
                exact: true,
                null: null.clone(),
                ..Delimited::default()
            }),
            extra: Extra::Column,
            samples: Vec::new(),
            rejects: Vec::new(),
            ..Self::clone(&whole)
        })
    }
}

#[cold]
fn error(message: String, hint: &str) -> Error {
    Error::new(ErrorKind::FormatSyntax, message).with_hint(hint)
}
