//! Which objects of a store a pattern names, with as few listings as that takes, many of them at once.
//!
//! A pattern is walked part by part: where a part has wildcards, only that level is listed, so that
//! `logs/*/eu-west-1/2026/03/05/*.gz` does not list all the years of all regions.

use std::collections::{BTreeMap, BTreeSet};

use glob::Pattern;

use super::glob::{GLOB_OPTIONS, compile, has_wildcards, left_out};
use crate::error::Result;
use crate::store::{Object, Store};

/// How far a pattern has been followed.
struct Step<'p> {
    /// The folder it has led to, without a slash at its end.
    folder: String,
    /// The parts that are left; one that is empty stands for all below.
    rest: &'p [&'p str],
}

/// The objects that `keys` name, sorted by the bytes of their keys, each once.
pub(super) fn find(store: &Store, keys: &[String]) -> Result<Vec<Object>> {
    let parts: Vec<Vec<&str>> = keys.iter().map(|key| key.split('/').collect()).collect();
    let mut steps: Vec<Step<'_>> = parts.iter().map(|parts| Step { folder: String::new(), rest: parts }).collect();
    let mut found = BTreeMap::new();
    while !steps.is_empty() {
        let mut levels: BTreeMap<String, Vec<&[&str]>> = BTreeMap::new();
        let mut below: BTreeMap<String, Vec<&[&str]>> = BTreeMap::new();
        for step in steps.drain(..) {
            let step = step.past_fixed();
            let wants = match step.rest {
                [] | [""] | ["**", ..] => &mut below,
                _ => &mut levels,
            };
            wants.entry(step.folder).or_default().push(step.rest);
        }
        let folders: Vec<String> = levels.keys().cloned().collect();
        let listed = store.levels(&folders)?;
        for ((folder, rests), level) in levels.iter().zip(listed) {
            for rest in rests {
                let (part, behind) = rest.split_first().unwrap_or((&"", &[]));
                let fits = fitting(part)?;
                let is_chosen = |key: &str| name_in(folder, key).is_some_and(&fits);
                let next = level.folders.iter().filter(|key| is_chosen(key));
                steps.extend(next.map(|key| Step { folder: key.clone(), rest: behind }));
                if behind.is_empty() {
                    let objects = level.objects.iter().filter(|object| is_chosen(&object.key));
                    found.extend(objects.map(|object| (object.key.clone(), object.clone())));
                }
            }
        }
        let folders: Vec<String> = below.keys().cloned().collect();
        for ((folder, rests), objects) in below.iter().zip(store.below(&folders)?) {
            let fits: Vec<_> = rests.iter().map(|rest| fitting_below(rest)).collect::<Result<_>>()?;
            let is_chosen =
                |object: &Object| name_in(folder, &object.key).is_some_and(|name| fits.iter().any(|fit| fit(name)));
            found.extend(objects.into_iter().filter(is_chosen).map(|object| (object.key.clone(), object)));
        }
    }
    let keys: BTreeSet<String> = found.keys().cloned().collect();
    Ok(found.into_values().filter(|object| !is_folder(object, &keys)).collect())
}

impl Step<'_> {
    /// Goes on to the first part with wildcards, or to the last part.
    fn past_fixed(mut self) -> Self {
        while let [part, rest @ ..] = self.rest
            && !rest.is_empty()
            && !has_wildcards(part)
        {
            if !self.folder.is_empty() {
                self.folder.push('/');
            }
            self.folder += part;
            self.rest = rest;
        }
        self
    }
}

/// What `key` is called within `folder`.
fn name_in<'k>(folder: &str, key: &'k str) -> Option<&'k str> {
    let name = if folder.is_empty() { Some(key) } else { key.strip_prefix(folder)?.strip_prefix('/') };
    name.filter(|name| !name.is_empty())
}

/// Whether a name is what one part of a pattern means.
fn fitting(part: &str) -> Result<impl Fn(&str) -> bool> {
    let glob = if has_wildcards(part) { Some(compile(part, part)?) } else { None };
    let may_be_hidden = left_out(part);
    let part = part.to_owned();
    Ok(move |name: &str| match &glob {
        Some(glob) => glob.matches_with(name, GLOB_OPTIONS) && (may_be_hidden || !left_out(name)),
        None => name == part,
    })
}

/// Whether the rest of a key is what the last parts of a pattern mean, of which the first is empty or `**`.
fn fitting_below(rest: &[&str]) -> Result<impl Fn(&str) -> bool> {
    let text = rest.join("/");
    let text = text.trim_end_matches('/');
    let glob = if text.is_empty() { None } else { Some(compile(text, text)?) };
    let named: Vec<Pattern> =
        rest.iter().filter(|part| left_out(part)).map(|part| compile(part, part)).collect::<Result<_>>()?;
    Ok(move |name: &str| {
        let is_hidden = |part: &str| left_out(part) && !named.iter().any(|glob| glob.matches_with(part, GLOB_OPTIONS));
        if name.split('/').any(is_hidden) {
            return false;
        }
        // A folder that the glob matches stands for all below it.
        let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
        glob.as_ref().is_none_or(|glob| ends.into_iter().any(|end| glob.matches_with(&name[..end], GLOB_OPTIONS)))
    })
}

/// Whether it only marks a folder, as the console of S3 makes them.
fn is_folder(object: &Object, keys: &BTreeSet<String>) -> bool {
    let inside = format!("{}/", object.key);
    object.size == 0 && keys.range(inside.clone()..).next().is_some_and(|key| key.starts_with(&inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(parts: &[&str], name: &str) -> bool {
        fitting_below(parts).unwrap()(name)
    }

    #[test]
    fn ok_parts() {
        let part = |part: &str, name: &str| fitting(part).unwrap()(name);
        assert!(part("*.gz", "a.gz") && !part("*.gz", "a.log") && fitting("a[1").is_err());
        assert!(!part("*", "_SUCCESS") && part("_*", "_SUCCESS") && part("_a", "_a") && !part("*", "a~"));
        assert_eq!(name_in("a/b", "a/b/c"), Some("c"));
        assert_eq!(name_in("a/b", "a/bc"), None);
        assert_eq!(name_in("", "c"), Some("c"));
    }

    #[test]
    fn ok_below() {
        assert!(fits(&[""], "x/y.gz") && !fits(&[""], "x/_temporary/y.gz") && !fits(&[""], ".x"));
        assert!(fits(&["**", "*.gz"], "x/y.gz") && fits(&["**", "*.gz"], "y.gz") && !fits(&["**", "*.gz"], "y.log"));
        assert!(fits(&["**", "d*"], "x/day/y.log") && fits(&["**", ""], "x/y"));
        assert!(fits(&["**", "_x", "*"], "a/_x/b") && !fits(&["**", "*"], "a/_x/b"));
    }

    #[test]
    fn ok_markers_of_folders() {
        let object = |key: &str, size| Object {
            key: key.into(),
            size,
            modified: std::time::SystemTime::UNIX_EPOCH,
            e_tag: None,
        };
        let keys: BTreeSet<String> = ["a", "a-b", "a/b", "c"].map(Into::into).into();
        assert!(is_folder(&object("a", 0), &keys));
        assert!(!is_folder(&object("a", 1), &keys) && !is_folder(&object("c", 0), &keys));
    }
}
