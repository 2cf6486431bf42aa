//! Paths, globs, directories and `file://` URLs to items.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use glob::Pattern;

use super::glob::{GLOB_OPTIONS, bad_glob, compile, has_wildcards, left_out};
use super::item::Item;
use crate::error::{Error, ErrorKind, Result};

/// The items found so far, each file once.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) items: Vec<Item>,
    seen: HashSet<PathBuf>,
    /// Directories to their real paths, so that a file costs no walk of its own.
    real_dirs: HashMap<PathBuf, PathBuf>,
    stdin: bool,
}

impl Listing {
    /// Adds what the patterns of one source name, of which some may match nothing.
    pub(super) fn add_any(&mut self, patterns: &[String]) -> Result<()> {
        let [pattern] = patterns else {
            let mut missing = None;
            let found = self.items.len();
            for pattern in patterns {
                match self.add(pattern) {
                    Err(err) if err.kind() == ErrorKind::Io(io::ErrorKind::NotFound) => {
                        missing.get_or_insert(err);
                    }
                    done => done?,
                }
            }
            return match missing {
                Some(err) if self.items.len() == found => Err(err),
                _ => Ok(()),
            };
        };
        self.add(pattern)
    }

    /// Adds what `pattern` names.
    fn add(&mut self, pattern: &str) -> Result<()> {
        if pattern == "-" {
            if !std::mem::replace(&mut self.stdin, true) {
                self.items.push(Item::stdin());
            }
            return Ok(());
        }
        let path = local_path(pattern)?;
        let mut files = Vec::new();
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => walk(Path::new(&path), &mut HashSet::new(), &mut files)?,
            Ok(metadata) => files.push((PathBuf::from(&path), metadata)),
            Err(err) if err.kind() == io::ErrorKind::NotFound && has_wildcards(&path) => {
                expand(pattern, &path, &mut files)?;
            }
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Err(missing(pattern)),
            Err(err) => return Err(Error::io(pattern, err)),
        }
        if files.is_empty() {
            return Err(no_match(pattern));
        }
        // Bytes, not components: the order in which object stores list the same names.
        files.sort_by(|(a, _), (b, _)| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
        for (path, metadata) in files {
            if self.is_new(&path)? {
                self.items.push(Item::file(path.to_string_lossy().into(), path, &metadata));
            }
        }
        Ok(())
    }

    fn is_new(&mut self, path: &Path) -> Result<bool> {
        let named = |cause| Error::io(path.display(), cause);
        let real = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) if !fs::symlink_metadata(path).map_err(named)?.is_symlink() => {
                if !self.real_dirs.contains_key(parent) {
                    let dir = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
                    self.real_dirs.insert(parent.into(), fs::canonicalize(dir).map_err(named)?);
                }
                self.real_dirs[parent].join(name)
            }
            // `/dev/fd/63 -> pipe:[1]` has no real path; then its name has to do.
            _ => fs::canonicalize(path).unwrap_or_else(|_| path.into()),
        };
        Ok(self.seen.insert(real))
    }
}

/// All regular files below `dir`. Links are followed; `seen` holds the real directories, so that a loop ends.
fn walk(dir: &Path, seen: &mut HashSet<PathBuf>, files: &mut Vec<(PathBuf, fs::Metadata)>) -> Result<()> {
    let mut todo = vec![dir.to_path_buf()];
    while let Some(dir) = todo.pop() {
        let named = |cause| Error::io(dir.display(), cause);
        if !seen.insert(fs::canonicalize(&dir).map_err(named)?) {
            continue;
        }
        for entry in fs::read_dir(&dir).map_err(named)? {
            let entry = entry.map_err(named)?;
            if left_out(&entry.file_name().to_string_lossy()) {
                continue;
            }
            let path = entry.path();
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => todo.push(path),
                Ok(metadata) if metadata.is_file() => files.push((path, metadata)),
                // Sockets and pipes that stand about; and files that went away, or links to nothing.
                Ok(_) => {}
                Err(err) if err.kind() == io::ErrorKind::NotFound => {}
                Err(err) => return Err(Error::io(path.display(), err)),
            }
        }
    }
    Ok(())
}

/// What the glob `path` matches; a directory stands for all files below it.
fn expand(pattern: &str, path: &str, files: &mut Vec<(PathBuf, fs::Metadata)>) -> Result<()> {
    // Up to the first wildcard the user named the directories; only what was matched can be left out.
    let fixed = Path::new(path).components().take_while(|part| !has_wildcards(&part.as_os_str().to_string_lossy()));
    let fixed = fixed.filter(|part| !matches!(part, Component::CurDir)).count();
    let named: Vec<Pattern> =
        path.split('/').filter(|part| left_out(part)).map(|part| compile(pattern, part)).collect::<Result<_>>()?;
    let mut seen = HashSet::new();
    for found in glob::glob_with(path, GLOB_OPTIONS).map_err(|err| bad_glob(pattern, &err))? {
        let found = found.map_err(|err| Error::io(err.path().display().to_string(), err.into()))?;
        let parts = found.components().filter(|part| !matches!(part, Component::CurDir)).skip(fixed);
        let hidden = parts
            .map(|part| part.as_os_str().to_string_lossy())
            .any(|part| left_out(&part) && !named.iter().any(|pattern| pattern.matches_with(&part, GLOB_OPTIONS)));
        if hidden {
            continue;
        }
        match fs::metadata(&found) {
            Ok(metadata) if metadata.is_dir() => walk(&found, &mut seen, files)?,
            Ok(metadata) => files.push((found, metadata)),
            Err(err) if err.kind() == io::ErrorKind::NotFound => {}
            Err(err) => return Err(Error::io(found.display(), err)),
        }
    }
    Ok(())
}

/// The local path behind `pattern`, which may be a `file://` URL.
fn local_path(pattern: &str) -> Result<String> {
    let Some((scheme, rest)) = pattern.split_once("://") else {
        return Ok(pattern.into());
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !is_scheme {
        return Ok(pattern.into());
    }
    if !scheme.eq_ignore_ascii_case("file") {
        let message = format!("{pattern}: {scheme}:// is no scheme that is known here");
        let hint = "s3, gs, az, http, https, hdfs and file are; in Python, give filesystem= for another";
        return Err(Error::new(ErrorKind::Option, message).with_hint(hint));
    }
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    if !path.starts_with('/') {
        return Err(Error::new(ErrorKind::Option, format!("{pattern}: a file URL names no other host"))
            .with_hint("write file:///absolute/path"));
    }
    percent_decoded(path).ok_or_else(|| {
        Error::new(ErrorKind::Option, format!("{pattern}: not a valid URL")).with_hint("write a % as %25")
    })
}

pub(super) fn percent_decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let [high, low, tail @ ..] = tail else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        out.push((digit(*high)? << 4 | digit(*low)?) as u8);
        rest = tail;
    }
    String::from_utf8(out).ok()
}

#[cold]
fn missing(pattern: &str) -> Error {
    let hint = match std::env::current_dir() {
        Ok(dir) if Path::new(pattern).is_relative() => format!("relative paths start from {}", dir.display()),
        _ => "check the path".into(),
    };
    Error::new(ErrorKind::Io(io::ErrorKind::NotFound), format!("{pattern}: no such file or directory")).with_hint(hint)
}

#[cold]
fn no_match(pattern: &str) -> Error {
    Error::new(ErrorKind::Io(io::ErrorKind::NotFound), format!("{pattern}: matches no file"))
        .with_hint("names that start with . or _ or end with ~ are left out unless they are named")
}
