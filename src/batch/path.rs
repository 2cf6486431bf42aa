//! What the path of a source says: the parts of it that a template names.

use std::sync::Arc;

/// Templates for the end of a path, tried in turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PathRule {
    /// The templates.
    pub templates: Vec<Vec<PathPiece>>,
    /// How many captures have a number.
    pub captures: usize,
    /// The keys of folders that are called `key=value`, by number.
    pub folders: Vec<Box<str>>,
}

/// One part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum PathPiece {
    /// This text.
    Text(Box<str>),
    /// Text without a slash, at least one byte; the number of the capture, if it has one, and whether only digits will do.
    Capture(Option<usize>, bool),
}

impl PathRule {
    /// What each capture holds in `path`; nothing where no template fits, or the one that does lacks it.
    ///
    /// **Cost**: once a batch; a few searches a template.
    ///
    /// ```
    /// use logarrow::batch::{PathPiece, PathRule};
    /// let template = vec![PathPiece::Text("logs/".into()), PathPiece::Capture(Some(0), false), PathPiece::Text("/a".into())];
    /// let rule = PathRule { templates: vec![template], captures: 1, folders: vec![] };
    /// assert_eq!(rule.captures("s3://bucket/logs/eu/a")[0].as_deref(), Some("eu"));
    /// assert_eq!(rule.captures("s3://bucket/logs/eu/b"), [None]);
    /// ```
    pub fn captures(&self, path: &str) -> Vec<Option<Arc<str>>> {
        let starts = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
        // From the right: the end of the path counts.
        let mut starts: Vec<usize> = starts.collect();
        starts.reverse();
        for template in &self.templates {
            for start in &starts {
                let mut out = vec![None; self.captures];
                if fits(template, &path[*start..], &mut out) {
                    return out;
                }
            }
        }
        vec![None; self.captures]
    }
}

/// Whether `pieces` are all of `path`; the captures then are in `out`. A capture ends at the first place from which the rest
/// fits, in its part of the path.
fn fits(pieces: &[PathPiece], path: &str, out: &mut [Option<Arc<str>>]) -> bool {
    match pieces {
        [] => path.is_empty(),
        [PathPiece::Text(text), rest @ ..] => path.strip_prefix(&**text).is_some_and(|behind| fits(rest, behind, out)),
        [PathPiece::Capture(number, digits), rest @ ..] => {
            let ends_part = |c: char| c == '/' || *digits && !c.is_ascii_digit();
            let part = path.find(ends_part).unwrap_or(path.len());
            let ends = path.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= part);
            // What follows begins with a text, or is nothing.
            let next = match rest {
                [PathPiece::Text(text), ..] => &**text,
                _ => "",
            };
            for end in ends {
                let is_candidate = if next.is_empty() { end == path.len() } else { path[end..].starts_with(next) };
                if is_candidate && fits(rest, &path[end..], out) {
                    if let Some(place) = number.and_then(|number| out.get_mut(number)) {
                        *place = Some(path[..end].into());
                    }
                    return true;
                }
            }
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a/<0>/x_<1>.gz` and the like.
    fn rule(templates: &[&str]) -> PathRule {
        let pieces = |text: &str| {
            let parts = text.split_inclusive(['<', '>']).flat_map(|part| match part.strip_suffix('>') {
                Some(number) => {
                    vec![PathPiece::Capture(number.trim_end_matches('d').parse().ok(), number.ends_with('d'))]
                }
                None => vec![PathPiece::Text(part.trim_end_matches('<').into())],
            });
            parts.filter(|piece| *piece != PathPiece::Text("".into())).collect()
        };
        PathRule { templates: templates.iter().map(|text| pieces(text)).collect(), captures: 3, folders: vec![] }
    }

    fn shown(rule: &PathRule, path: &str) -> String {
        rule.captures(path).iter().map(|part| part.as_deref().unwrap_or("-").to_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn parts_are_found_from_the_end() {
        let one = rule(&["logs/<0>/<1>_<2>.gz"]);
        assert_eq!(shown(&one, "logs/eu/a_b.gz"), "eu a b");
        assert_eq!(shown(&one, "s3://bucket/logs/x/logs/eu/a_b_c.gz"), "eu a b_c");
        assert_eq!(shown(&one, "/logs/eu/x/a_b.gz"), "- - -");
        assert_eq!(shown(&one, "mylogs/eu/a_b.gz"), "- - -");
        assert_eq!(shown(&one, "logs/eu/a_.gz"), "- - -");
        assert_eq!(shown(&one, "logs//a_b.gz"), "- - -");
        assert_eq!(shown(&one, ""), "- - -");
        assert_eq!(shown(&one, "logs/ü/ä_ö.gz"), "ü ä ö");
    }

    #[test]
    fn templates_are_tried_in_turn() {
        let two = rule(&["y=<0>/m=<1>/<x>", "<0>/<1>/<2>/<x>"]);
        assert_eq!(shown(&two, "a/y=2026/m=03/f.gz"), "2026 03 -");
        assert_eq!(shown(&two, "a/2026/03/05/f.gz"), "2026 03 05");
        assert_eq!(shown(&two, "2026/03/05/f.gz"), "2026 03 05");
        assert_eq!(shown(&two, "03/05/f.gz"), "- - -");
        let digits = rule(&["<0d>-<1d>-<x>"]);
        assert_eq!(shown(&digits, "logs/2026-03-a"), "2026 03 -");
        assert_eq!(shown(&digits, "logs/x-2026-03-a"), "- - -");
    }
}
