//! A report as JSON, in the words of the other doors.

use serde_json::{Map, Value, json};

use super::{Counts, FileReport, Report};

impl Report {
    /// All of it as the text of a JSON object.
    ///
    /// ```
    /// let text = logarrow::Report::default().to_json();
    /// assert!(text.contains("\"records\":0"), "{text}");
    /// ```
    pub fn to_json(&self) -> String {
        let mut out = counts(&self.counts);
        out.insert("seconds".into(), json!(self.elapsed.as_secs_f64()));
        out.insert("complete".into(), json!(self.complete));
        out.insert("nulls".into(), json!(self.nulls));
        let reasons = self
            .reasons
            .iter()
            .map(|((column, reason), count)| json!({"column": column.as_deref(), "reason": reason, "count": count}));
        out.insert("reasons".into(), Value::Array(reasons.collect()));
        out.insert("files".into(), Value::Array(self.files.iter().map(file).collect()));
        out.insert("reference_time_us".into(), json!(self.reference_time_us));
        Value::Object(out).to_string()
    }
}

fn file(file: &FileReport) -> Value {
    let mut out = counts(&file.counts);
    out.insert("name".into(), json!(&*file.name));
    out.insert("stored_bytes".into(), json!(file.stored_bytes));
    out.insert("damage".into(), json!(file.damage));
    out.insert("reference_time_us".into(), json!(file.reference_time_us));
    out.insert("encoding".into(), json!(file.encoding));
    Value::Object(out)
}

fn counts(counts: &Counts) -> Map<String, Value> {
    counts.named().into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect()
}
