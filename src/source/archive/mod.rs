//! Archives: each regular file in a zip or tar archive is an item, `logs.zip!/app/a.log`.
//!
//! An archive is known by its name, since looking into every object that is listed would take a request each, and its
//! first bytes must agree: a text that is called `.zip` is a text. Nothing is written to disk, so a member may be called
//! `../x`.

mod bytes;
mod tar;
mod zip;

use std::io::{self, Read};
use std::sync::Arc;

use super::Item;
use super::glob::{GLOB_OPTIONS, compile, left_out};
use crate::error::{Error, ErrorKind, Position, Result};

/// What an archive is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Zip,
    Tar,
    /// A tar archive that is compressed as a whole.
    PackedTar,
}

const ENDINGS: [(&str, Kind); 14] = [
    (".zip", Kind::Zip),
    (".tar", Kind::Tar),
    (".tgz", Kind::PackedTar),
    (".tar.gz", Kind::PackedTar),
    (".tar.zst", Kind::PackedTar),
    (".tzst", Kind::PackedTar),
    (".tar.bz2", Kind::PackedTar),
    (".tbz2", Kind::PackedTar),
    (".tbz", Kind::PackedTar),
    (".tar.xz", Kind::PackedTar),
    (".txz", Kind::PackedTar),
    (".tar.lz4", Kind::PackedTar),
    (".tar.sz", Kind::PackedTar),
    (".taz", Kind::PackedTar),
];

fn kind(name: &str) -> Option<Kind> {
    let name = name.to_ascii_lowercase();
    ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, kind)| *kind)
}

/// A pattern of archives and the pattern of their members, if it has both: `logs*.zip!/app/*.log`.
pub(super) fn split(pattern: &str) -> (&str, Option<&str>) {
    match pattern.rsplit_once("!/") {
        Some((archive, member)) if kind(archive).is_some() => (archive, Some(member)),
        _ => (pattern, None),
    }
}

/// The items that stand for `item`: itself, or the members of the archive that it is, those that `wanted` matches.
///
/// An archive whose list of members cannot be read is an item that is damaged at its start.
///
/// **Errors**: `Io(NotFound)` if there is none.
///
/// **Cost**: a zip archive's directory and a header a member; all of a compressed tar archive, once.
pub(super) fn expand(item: Item, wanted: Option<&str>) -> Result<Vec<Item>> {
    // What can be read once only is left as it is.
    let Some(kind) = kind(&item.name()).filter(|_| item.rerunnable()) else { return Ok(vec![item]) };
    let found = match kind {
        Kind::Zip => zip::members(&item),
        Kind::Tar => tar::members(&item),
        Kind::PackedTar => tar::packed_members(&item),
    };
    let found = match found {
        Err(err) if err.kind() == ErrorKind::Corrupt => return Ok(vec![broken(&item, &err)]),
        found => found?,
    };
    let Some(mut members) = found else {
        return match wanted {
            None => Ok(vec![item]),
            Some(_) => Err(corrupt(&item, "it is no archive")),
        };
    };
    let glob = wanted.map(|wanted| compile(wanted, wanted)).transpose()?;
    let is_chosen = |member: &str| match (&glob, wanted) {
        (Some(glob), Some(wanted)) => {
            let is_hidden = member.split('/').any(left_out) && !wanted.split('/').any(left_out);
            member == wanted || glob.matches_with(member, GLOB_OPTIONS) && !is_hidden
        }
        _ => !member.split('/').any(|part| left_out(part) && part != "." && part != ".."),
    };
    members.retain(|(member, _)| is_chosen(member));
    if members.is_empty() {
        let message = format!("{}: no member of the archive is wanted", item.name());
        return Err(Error::new(ErrorKind::Io(io::ErrorKind::NotFound), message).with_hint(
            "names that start with . or _ or end with ~ are left out unless they are named: logs.zip!/_a.log",
        ));
    }
    members.sort_by(|(a, _), (b, _)| a.as_bytes().cmp(b.as_bytes()));
    Ok(members.into_iter().map(|(_, item)| item).collect())
}

/// A member's name and what it is.
type Member = (String, Item);

fn member_name(item: &Item, member: &str) -> String {
    format!("{}!/{member}", item.name())
}

/// An item that tells of the damage when it is read.
fn broken(item: &Item, err: &Error) -> Item {
    let message = err.message().to_owned();
    let opener = move |_| Ok(Box::new(Broken(message.clone())) as Box<dyn Read + Send>);
    Item::opened(item.name(), item.size(), item.modified(), Arc::new(opener))
}

struct Broken(String);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(Error::new(ErrorKind::Corrupt, self.0.clone()).with_hint("get the file again").into())
    }
}

#[cold]
fn corrupt(item: &Item, what: &str) -> Error {
    let position = Position { source: Some(item.name()), ..Position::default() };
    Error::new(ErrorKind::Corrupt, what).with_position(position).with_hint("get the file again")
}
