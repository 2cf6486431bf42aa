//! What a generated log holds.

use std::collections::BTreeMap;

/// What a generated log holds, exactly.
///
/// `lines = rows + malformed + blank + header + continued`, but for CloudTrail's, which are one line; status and byte
/// figures cover `rows` only.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub bytes_written: u64,
    pub lines: u64,
    pub rows: u64,
    pub malformed: u64,
    pub blank: u64,
    /// Lines before the first record.
    pub header: u64,
    /// Lines that go on with the record before them.
    pub continued: u64,
    /// Rows that are well formed but unusual.
    pub odd: u64,
    /// Lines with bytes that are not UTF-8.
    pub invalid_utf8: u64,
    /// Rows by status; of syslog by severity, of log4j by level (0 info, 1 debug, 2 warning, 3 error).
    pub status: BTreeMap<u16, u64>,
    /// Sum of the sizes sent, of syslog and log4j of the lengths of the messages; rows with `-` add nothing. The JSON
    /// formats say themselves what they sum.
    pub sum_bytes: u64,
    /// Rows whose size is `-`, or null.
    pub null_bytes: u64,
    /// What else a JSON format counts, by name.
    pub noted: BTreeMap<&'static str, u64>,
}

impl Counts {
    /// One more of what `name` says.
    pub(super) fn note(&mut self, name: &'static str) {
        *self.noted.entry(name).or_default() += 1;
    }

    /// The counts as one JSON object.
    pub fn to_json(&self) -> String {
        let status: Vec<String> = self.status.iter().map(|(code, n)| format!("\"{code}\": {n}")).collect();
        let noted: Vec<String> = self.noted.iter().map(|(name, n)| format!("\"{name}\": {n}")).collect();
        format!(
            "{{\"bytes_written\": {}, \"lines\": {}, \"rows\": {}, \"malformed\": {}, \"blank\": {}, \"header\": {}, \
             \"continued\": {}, \"odd\": {}, \"invalid_utf8\": {}, \"sum_bytes\": {}, \"null_bytes\": {}, \
             \"noted\": {{{}}}, \"status\": {{{}}}}}",
            self.bytes_written,
            self.lines,
            self.rows,
            self.malformed,
            self.blank,
            self.header,
            self.continued,
            self.odd,
            self.invalid_utf8,
            self.sum_bytes,
            self.null_bytes,
            noted.join(", "),
            status.join(", ")
        )
    }
}
