//! From what a user names to streams of decompressed UTF-8 bytes.
//!
//! Comes in: paths, globs, directories, URLs of files and of objects, byte strings, readers, standard input. Goes out: an ordered list
//! of [`Item`]s, each of which opens as a [`Stream`]. This stage never looks for lines and never judges the text: it
//! lists, opens, decompresses (found by magic bytes, never by name) and, if told so, transcodes to UTF-8.
//!
//! A codec is one file here that implements `Codec`, one row in `detect.rs` and one arm in `stream.rs`.

mod archive;
mod bzip2;
mod codec;
mod dates;
mod detect;
mod frames;
mod glob;
mod gzip;
mod head;
mod input;
mod item;
mod locate;
mod objects;
mod options;
mod paths;
mod room;
mod stream;
mod streams;
mod text;
mod xz;
mod zstd;

#[cfg(test)]
mod tests;

use std::io::Read;
use std::sync::Arc;

pub use dates::Dates;
pub use item::{Begun, Item, Opener};
pub use locate::LocateOptions;
pub use options::{Compression, Encoding, OpenOptions};
pub use stream::Stream;

use crate::error::Result;

/// An ordered list of things to read.
///
/// ```
/// use logarrow::source::{OpenOptions, Source};
/// let source = Source::bytes("demo", *b"one\ntwo\n");
/// let mut stream = source.items()[0].open(&OpenOptions::default())?;
/// let mut buf = [0; 64];
/// let len = stream.read(&mut buf)?;
/// assert_eq!(&buf[..len], b"one\ntwo\n");
/// # Ok::<(), logarrow::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Source {
    items: Vec<Item>,
}

impl Source {
    /// Everything that `patterns` name, in their order, sorted by the bytes of the path within each.
    ///
    /// A pattern is a file, a directory (all regular files below it), a glob (`*`, `**`, `?`, `[..]`; a directory that a
    /// glob matches stands for all files below it), a URL (`file`, `s3`, `gs`, `az`, `hdfs`, with the same rules; `http`
    /// and `https` for one file), or `-` for standard input. In directories and globs, names that start with `.` or `_` or
    /// end with `~` are left out, as Hive does, unless the pattern names them. A file that is named twice, also by way of a
    /// link, is kept once. A name in braces, `{region}`, stands for a `*`, and `{yyyy}`, `{MM}`, `{dd}` for the days of
    /// the options. Archives, known by their names (`.zip`, `.tar`, `.tar.gz`, `.tgz`, ..), stand for their members, each
    /// an item of its own, `logs.zip!/app/a.log`; `logs.zip!/*/a.log` for some of them.
    ///
    /// **Errors**: `Io(NotFound)` for a missing file or a pattern that matches nothing, other `Io` kinds where listing
    /// fails, `Option` for another URL scheme, a malformed glob or an option that a store does not know.
    ///
    /// **Cost**: objects named by their keys are looked at, and levels that globs name are listed, many at once.
    pub fn locate(patterns: &[impl AsRef<str>], options: &LocateOptions) -> Result<Self> {
        locate::locate(patterns, options).map(|items| Self { items })
    }

    /// [`Source::locate`] without options.
    ///
    /// ```
    /// use logarrow::{ErrorKind, source::Source};
    /// let err = Source::paths(&["no/such/*.log"]).unwrap_err();
    /// assert_eq!(err.kind(), ErrorKind::Io(std::io::ErrorKind::NotFound));
    /// ```
    pub fn paths(patterns: &[impl AsRef<str>]) -> Result<Self> {
        Self::locate(patterns, &LocateOptions::default())
    }

    /// Bytes in memory, compressed or not, called `name` in errors and reports.
    pub fn bytes(name: impl Into<Arc<str>>, data: impl Into<Arc<[u8]>>) -> Self {
        Self { items: vec![Item::bytes(name.into(), data.into())] }
    }

    /// Whatever `reader` gives, called `name` in errors and reports. It can be opened once.
    pub fn reader(name: impl Into<Arc<str>>, reader: Box<dyn Read + Send>) -> Self {
        Self { items: vec![Item::reader(name.into(), reader)] }
    }

    /// Standard input. It can be opened once.
    pub fn stdin() -> Self {
        Self { items: vec![Item::stdin()] }
    }

    /// The items, in reading order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Whether every item can be opened again.
    pub fn rerunnable(&self) -> bool {
        self.items.iter().all(Item::rerunnable)
    }

    /// The sum of the stored sizes, if all are known.
    pub fn total_bytes(&self) -> Option<u64> {
        self.items.iter().map(Item::size).sum()
    }
}

impl Extend<Item> for Source {
    fn extend<T: IntoIterator<Item = Item>>(&mut self, items: T) {
        self.items.extend(items);
    }
}

impl IntoIterator for Source {
    type Item = Item;
    type IntoIter = std::vec::IntoIter<Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}
