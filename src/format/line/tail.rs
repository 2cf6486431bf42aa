//! What a tail must look like: see [`Part::Tail`].

use super::{Bad, Class, Draft, Part, bad};

/// Parts of a tail. nginx has seven; the search for them tries one place after the other.
const MAX_PARTS: usize = 16;

/// Refuses tails of another shape or in another place. `parts` are what `drafts` were resolved to.
pub(super) fn check(drafts: &[Draft], parts: &[Part]) -> Result<(), Bad> {
    for (idx, draft) in drafts.iter().enumerate() {
        match draft {
            Draft::Optional(inner) => refuse_inner(inner)?,
            Draft::Tail(inner) => {
                let is_last = idx + 1 == drafts.len();
                let before = idx.checked_sub(1).and_then(|before| parts.get(before));
                if !is_last || !matches!(before, Some(Part::Capture(capture)) if capture.class == Class::Any) {
                    return bad(
                        place(inner),
                        "parts found from the right in the midst of a line",
                        "let {< ... >} end the line, right behind a capture of any text such as {message:any}",
                    );
                }
                check_shape(inner)?;
            }
            Draft::Literal(_) | Draft::Again | Draft::Capture(_) | Draft::Pairs(..) => {}
        }
    }
    Ok(())
}

fn refuse_inner(drafts: &[Draft]) -> Result<(), Bad> {
    for draft in drafts {
        match draft {
            Draft::Tail(inner) => {
                return bad(
                    place(inner),
                    "parts found from the right inside optional ones",
                    "let {< ... >} end the line",
                );
            }
            Draft::Optional(inner) => refuse_inner(inner)?,
            Draft::Literal(_) | Draft::Again | Draft::Capture(_) | Draft::Pairs(..) => {}
        }
    }
    Ok(())
}

fn check_shape(inner: &[Draft]) -> Result<(), Bad> {
    let mut before = Vec::new();
    collect(inner, &mut before)?;
    let is_separated = before.iter().all(|text| text[0] == before[0][0] && !text[0].is_ascii_alphanumeric());
    if before.len() > MAX_PARTS || !is_separated {
        return bad(
            place(inner),
            "parts found from the right that do not begin alike, or are too many",
            format!("let each of at most {MAX_PARTS} begin with the same separator, such as a comma and a space"),
        );
    }
    Ok(())
}

/// The texts the parts begin with.
fn collect<'d>(group: &'d [Draft], before: &mut Vec<&'d [u8]>) -> Result<(), Bad> {
    let wrong = || {
        let hint =
            "write {<, name: {name}{?, other: \"{other}\"?}>}: text, a capture, perhaps text, and optional parts alike";
        bad(place(group), "parts found from the right of another shape", hint)
    };
    let [Draft::Literal(text), Draft::Capture(_), rest @ ..] = group else { return wrong() };
    before.push(text);
    let rest = match rest {
        [Draft::Literal(_), rest @ ..] => rest,
        rest => rest,
    };
    for draft in rest {
        match draft {
            Draft::Optional(inner) => collect(inner, before)?,
            _ => return wrong(),
        }
    }
    Ok(())
}

/// Where the first capture stands.
fn place(drafts: &[Draft]) -> usize {
    drafts
        .iter()
        .find_map(|draft| match draft {
            Draft::Capture(slot) => Some(slot.at),
            _ => None,
        })
        .unwrap_or(0)
}
