//! The templates of paths, compiled.

use crate::batch::{PathPiece, PathRule};
use crate::format::{Column, From, PathPart, PathTemplates};

/// The rule of a format's columns; one without templates if none reads the path.
pub(super) fn rule(columns: &[Column]) -> PathRule {
    let folders = folders(columns).map(Into::into).collect();
    let templates = columns.iter().find_map(|column| match &column.from {
        From::Path(templates, _) => Some(templates),
        _ => None,
    });
    let Some(templates) = templates else {
        return PathRule { folders, ..PathRule::default() };
    };
    let piece = |part: &PathPart| match part {
        PathPart::Text(text) => PathPiece::Text(text.as_str().into()),
        PathPart::Capture(name) => PathPiece::Capture(numbered(templates, name), false),
        PathPart::Digits(name) => PathPiece::Capture(numbered(templates, name), true),
    };
    let compiled = templates.iter().map(|template| template.iter().map(piece).collect()).collect();
    PathRule { templates: compiled, captures: templates.iter().map(Vec::len).sum(), folders }
}

fn numbered(templates: &PathTemplates, name: &str) -> Option<usize> {
    let is_named = |part: &PathPart| !name.is_empty() && part.name() == Some(name);
    templates.iter().flatten().position(is_named)
}

/// The number of a capture: where it first stands among the parts of all templates.
pub(super) fn number(templates: &PathTemplates, name: &str) -> usize {
    numbered(templates, name).unwrap_or_default()
}

/// The keys of folders that columns read.
fn folders(columns: &[Column]) -> impl Iterator<Item = &str> {
    columns.iter().filter_map(|column| match &column.from {
        From::Folder(key) => Some(key.as_str()),
        _ => None,
    })
}

/// The number of a folder's key.
pub(super) fn folder_number(columns: &[Column], key: &str) -> usize {
    folders(columns).position(|own| own == key).unwrap_or_default()
}
