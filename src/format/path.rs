//! Path templates: what the path of a source says, in the manner of a line.
//!
//! `AWSLogs/{account}/vpcflowlogs/{region}/{year}/{month}/{day}/{}` is held against the end of the path, from one of its
//! slashes on. `{name}` is text without a slash, `{name:digits}` digits, `{}` and `{:digits}` the same without a name.

use std::sync::Arc;

use toml::de::DeTable;

use super::Class;
use super::line::{self, Draft};
use super::toml_file::File;
use crate::error::Result;

/// Templates that are tried in turn; the first that fits the end of a path wins.
pub type PathTemplates = Arc<[Vec<PathPart>]>;

/// One part of a path template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPart {
    /// This text.
    Text(String),
    /// At least one character and no slash, as few as let the rest fit; empty for one that is skipped.
    Capture(String),
    /// Likewise, but digits.
    Digits(String),
}

impl PathPart {
    /// The name of a capture.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Capture(name) | Self::Digits(name) => Some(name),
        }
    }
}

/// The names of the captures of all templates, each once, in order.
pub(super) fn names(templates: &[Vec<PathPart>]) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for part in templates.iter().flatten() {
        if let Some(name) = part.name().filter(|name| !name.is_empty() && !out.contains(name)) {
            out.push(name);
        }
    }
    out
}

/// Reads the text form.
fn parse(text: &str) -> Result<Vec<PathPart>, (String, &'static str)> {
    const HINT: &str = "write path = \"logs/{region}/{year}/{}\" or the like";
    let drafts = line::parse(text).map_err(|bad| (bad.message, HINT))?;
    let mut out: Vec<PathPart> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let part = match draft {
            Draft::Literal(bytes) => PathPart::Text(String::from_utf8_lossy(&bytes).into_owned()),
            Draft::Capture(slot) if slot.is_plain(None) => PathPart::Capture(slot.name),
            Draft::Capture(slot) if slot.is_plain(Some(Class::Digits)) => PathPart::Digits(slot.name),
            _ => return Err(("a path has text, and captures of text or digits".into(), HINT)),
        };
        let is_text = |part: &PathPart| part.name().is_none();
        let touches = out.last().is_some_and(|last| !is_text(last)) && !is_text(&part);
        let again =
            part.name().is_some_and(|name| !name.is_empty() && names(std::slice::from_ref(&out)).contains(&name));
        if touches || again {
            let what = if touches { "nothing stands between two captures" } else { "a capture is there twice" };
            return Err((what.into(), "put text between them, and give each its own name or none: {}"));
        }
        out.push(part);
    }
    if names(std::slice::from_ref(&out)).is_empty() {
        return Err(("no capture".into(), HINT));
    }
    Ok(out)
}

/// Writes what [`parse`] reads.
pub(super) fn text(template: &[PathPart]) -> String {
    let one = |part: &PathPart| match part {
        PathPart::Text(text) => text.replace('{', "{{").replace('}', "}}"),
        PathPart::Capture(name) => format!("{{{name}}}"),
        PathPart::Digits(name) => format!("{{{name}:digits}}"),
    };
    template.iter().map(one).collect()
}

impl File<'_> {
    /// The templates under `path`.
    pub(super) fn path(&self, root: &DeTable<'_>) -> Result<Option<PathTemplates>> {
        let (Some(texts), Some(value)) = (self.texts(root, "path")?, root.get("path")) else { return Ok(None) };
        let read = |text: &String| {
            parse(text).map_err(|(what, hint)| self.error(value.span(), format!("key \"path\": {what}"), hint))
        };
        texts.iter().map(read).collect::<Result<Vec<_>>>().map(|all| Some(all.into()))
    }
}
