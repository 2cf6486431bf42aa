//! The syslog layouts and the framing of records that may be longer than a line, in format files.

use toml::de::DeTable;

use super::toml_file::File;
use super::{Dialects, Framing};
use crate::error::Result;

/// What a syslog message is cut into. Facility and severity are read from the text of the priority.
pub(super) const CAPTURES: [&str; 10] = [
    "facility",
    "severity",
    "version",
    "timestamp",
    "hostname",
    "app_name",
    "procid",
    "msgid",
    "structured_data",
    "message",
];

impl Dialects {
    /// The name under the key `syslog`.
    pub(super) fn name(self) -> &'static str {
        match (self.rfc5424, self.rfc3164) {
            (true, true) => "auto",
            (true, false) => "rfc5424",
            _ => "rfc3164",
        }
    }
}

impl File<'_> {
    pub(super) fn syslog(&self, root: &DeTable<'_>) -> Result<Option<Dialects>> {
        let Some(value) = root.get("syslog") else { return Ok(None) };
        if root.contains_key("line") {
            let hint = "a syslog message has its own parts: leave line out";
            return Err(self.error(value.span(), "keys \"syslog\" and \"line\" do not go together", hint));
        }
        let kind = |rfc5424, rfc3164| Some(Dialects { rfc5424, rfc3164 });
        let known = [("rfc3164", kind(false, true)), ("rfc5424", kind(true, false)), ("auto", kind(true, true))];
        self.choice(root, "syslog", None, &known)
    }

    pub(super) fn framing(&self, root: &DeTable<'_>) -> Result<Framing> {
        if let Some(value) =
            root.get("framing").filter(|value| matches!(value.get_ref().as_str(), Some("values" | "found")))
        {
            let message = "key \"framing\": values follow one another in JSON only";
            return Err(self.error(value.span(), message, "leave it out, or write json = {}"));
        }
        let counted = self.choice(root, "framing", false, &[("lines", false), ("octets", true)])?;
        if let Some(value) = root.get("framing").filter(|_| counted) {
            if root.contains_key("syslog") && !root.contains_key("multiline") {
                return Ok(Framing::Octets);
            }
            let message = "key \"framing\": octets are counted before messages of key \"syslog\" only";
            return Err(self.error(value.span(), message, "leave it out, or write syslog = \"auto\""));
        }
        let Some(value) = root.get("multiline") else { return Ok(Framing::Lines) };
        let wrong = || self.expected("multiline", value, "a table such as { start = '\\d{4}-' }");
        let table = value.get_ref().as_table().ok_or_else(wrong)?;
        self.known_keys(table, " of multiline", &["start", "leads", "continue"])?;
        match (self.text(table, "start")?, self.text(table, "leads")?, self.text(table, "continue")?) {
            (Some(start), None, None) => Ok(Framing::Start(start)),
            (Some(start), Some(leads), None) => Ok(Framing::Led(start, leads)),
            (None, None, Some(rule)) => Ok(Framing::Continue(rule)),
            _ => {
                let hint = "write { start = '\\d{4}-' }, or { continue = '\\s' }";
                Err(self.error(value.span(), "key \"multiline\": expected one rule", hint))
            }
        }
    }
}
