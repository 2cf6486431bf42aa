//! Contexts with nothing but spaces behind them: they may hold spaces themselves, so that nothing tells where they end.
//!
//! Log4j 2 writes a map of several entries in braces, `{a=1, b=2}`, and these end it. Logback writes it without, and other
//! contexts have no such signs either.

use super::error;
use crate::error::Result;
use crate::format::app_log::{Field, Piece};

/// Columns that hold spaces as a rule, and an expression for what is written for them.
const LISTS: [(&str, &str); 2] = [("ndc", r"\[[^\]]*\]"), ("key_values", r#"(?:[^ =]+="[^"]*" ?)*"#)];
/// Columns of several entries, which Log4j 2 writes in braces.
const MAPS: [&str; 2] = ["mdc", "map"];

/// Puts maps between braces where nothing else ends them, and says so in `notes`.
///
/// **Errors**: `FormatSyntax` for other contexts whose end nothing tells.
pub(super) fn delimit(pieces: &[Piece], text: &str, notes: &mut Vec<String>) -> Result<Vec<Piece>> {
    within(pieces, None, text, notes)
}

/// The same for pieces that `behind` follows: a text, or an empty one for anything else; nothing at the end.
fn within(pieces: &[Piece], behind: Option<&str>, text: &str, notes: &mut Vec<String>) -> Result<Vec<Piece>> {
    let mut out = Vec::with_capacity(pieces.len());
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Optional(inner) => {
                let next = match pieces.get(at + 1) {
                    Some(Piece::Text(next)) => Some(next.as_str()),
                    Some(_) => Some(""),
                    None => behind,
                };
                out.push(Piece::Optional(within(inner, next, text, notes)?));
            }
            Piece::Field(field) if ends_nowhere(pieces, at, behind) => match delimited(field, text)? {
                None => out.push(piece.clone()),
                Some(braced) => {
                    out.extend(braced);
                    notes.push(format!(
                        "{} has nothing but spaces around it: it is read as Log4j 2 writes it, in braces, which are no part \
                         of it; for Logback, which writes none, let the pattern write [%X]",
                        field.column.name
                    ));
                }
            },
            piece => out.push(piece.clone()),
        }
    }
    Ok(out)
}

/// A field that only spaces follow, between braces; `None` if it usually holds no spaces.
fn delimited(field: &Field, text: &str) -> Result<Option<[Piece; 3]>> {
    let name = field.column.name.as_str();
    // A property may be called so too.
    if field.column.doc.starts_with("property ") {
        return Ok(None);
    }
    let is_map = MAPS.contains(&name);
    if is_map && field.width.is_none() {
        let whole = Piece::Field(Box::new(field.clone()));
        return Ok(Some([Piece::Text("{".into()), whole, Piece::Text("}".into())]));
    }
    let expression = match LISTS.iter().find(|(list, _)| *list == name) {
        Some((_, expression)) => expression,
        None if is_map => r"\{[^}]*\} *",
        None => return Ok(None),
    };
    let message =
        format!("nothing tells where \"{name}\" ends: it may hold spaces, and there are only spaces around it");
    let hint = format!(
        "let the pattern put it between brackets, as [%x]; a log that is there already can be read with Format.regex and \
         (?<{name}>{expression}) or the like"
    );
    Err(error(text, field.at, message, hint))
}

/// Whether only spaces part the field at `at` from the field behind it, or from the message before it.
fn ends_nowhere(pieces: &[Piece], at: usize, behind: Option<&str>) -> bool {
    let is_blank = |text: &str| !text.is_empty() && text.trim_matches([' ', '\t']).is_empty();
    let is_behind_message = matches!(
        &pieces[..at],
        [.., Piece::Field(before), Piece::Text(between)] if before.is_message && is_blank(between)
    );
    let is_open = match &pieces[at + 1..] {
        [] => behind.is_some_and(is_blank),
        [Piece::Text(spaces)] => is_blank(spaces) && behind.is_some_and(|text| text.is_empty() || is_blank(text)),
        [Piece::Text(spaces), ..] => is_blank(spaces),
        _ => false,
    };
    is_open || is_behind_message
}
