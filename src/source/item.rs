//! One thing to read: a file, an object, bytes in memory, a reader, or standard input.

use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::detect::{Detected, detect};
use super::options::{Compression, Encoding, OpenOptions};
use super::stream::{Stored, Stream, unsupported};
use super::text::may_be_utf16;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{AHEAD_BYTES, Object, Store};

/// What of a file tells whether it can be read in ranges.
const HEAD_BYTES: u64 = 16;

/// One file, object, byte string, reader or standard input. Cloning is cheap; clones share a reader.
#[derive(Clone)]
pub struct Item {
    name: Arc<str>,
    size: Option<u64>,
    modified: Option<SystemTime>,
    origin: Origin,
}

/// Opens something that is read by code of the caller, from an offset on; any number of times.
pub type Opener = Arc<dyn Fn(u64) -> Result<Box<dyn Read + Send>> + Send + Sync>;

#[derive(Clone)]
enum Origin {
    File { path: Arc<Path>, regular: bool },
    Object(Store, Arc<str>),
    Opened(Opener),
    Bytes(Arc<[u8]>),
    Reader(Arc<Mutex<Once>>),
}

/// An object that is being fetched.
pub struct Begun(Box<dyn Read + Send>);

/// Something that can be read once.
struct Once {
    /// Taken by the first open.
    reader: Option<Box<dyn Read + Send>>,
    /// What was last seen of its start: how much was asked for, the bytes, and whether they are all there is. A plan that
    /// rests on it can be made again, with the same outcome, while or after the rest is read.
    head: Option<(usize, Vec<u8>, bool)>,
}

impl Item {
    /// A path that exists; its metadata are followed through links.
    pub(super) fn file(name: Arc<str>, path: PathBuf, metadata: &fs::Metadata) -> Self {
        let regular = metadata.is_file();
        Self {
            name,
            size: regular.then_some(metadata.len()),
            modified: metadata.modified().ok().filter(|_| regular),
            origin: Origin::File { path: path.into(), regular },
        }
    }

    pub(super) fn object(store: Store, object: Object) -> Self {
        Self {
            name: store.url(&object.key).into(),
            size: Some(object.size),
            modified: Some(object.modified),
            origin: Origin::Object(store, object.key.into()),
        }
    }

    /// Something that `opener` opens; its size and when it was changed, where they are known.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use logarrow::source::{Item, OpenOptions};
    /// let opener = Arc::new(|start: u64| Ok(Box::new(&b"one\ntwo\n"[start as usize..]) as Box<dyn std::io::Read + Send>));
    /// let item = Item::opened("demo", Some(8), None, opener);
    /// let mut buf = [0; 64];
    /// assert_eq!(item.open(&OpenOptions::default())?.read(&mut buf)?, 8);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn opened(name: impl Into<Arc<str>>, size: Option<u64>, modified: Option<SystemTime>, opener: Opener) -> Self {
        Self { name: name.into(), size, modified, origin: Origin::Opened(opener) }
    }

    pub(super) fn bytes(name: Arc<str>, data: Arc<[u8]>) -> Self {
        Self { name, size: Some(data.len() as u64), modified: None, origin: Origin::Bytes(data) }
    }

    pub(super) fn reader(name: Arc<str>, reader: Box<dyn Read + Send>) -> Self {
        let once = Once { reader: Some(reader), head: None };
        Self { name, size: None, modified: None, origin: Origin::Reader(Arc::new(Mutex::new(once))) }
    }

    pub(super) fn stdin() -> Self {
        Self::reader("-".into(), Box::new(io::stdin()))
    }

    /// The name as the user knows it.
    pub fn name(&self) -> Arc<str> {
        self.name.clone()
    }

    /// The path, if it is a local file.
    pub fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Bytes as stored, when the item was listed.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// When it was last changed, as far as that is known.
    pub fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    /// Whether it can be opened more than once.
    pub fn rerunnable(&self) -> bool {
        match &self.origin {
            Origin::File { regular, .. } => *regular,
            Origin::Bytes(_) | Origin::Object(..) | Origin::Opened(_) => true,
            Origin::Reader(_) => false,
        }
    }

    /// The first stored bytes of something that can be read only once, up to `len`, and whether they are all there is;
    /// they stay to be read. `None` for what can be opened again, and so needs no peeking.
    ///
    /// Asked for as much again, it gives the same again, also when it has been opened.
    ///
    /// A pipe that has little to say for now is not waited for longer than it takes to have some kilobytes.
    ///
    /// **Errors**: `Io` where reading fails; `Option` if it has been opened, and was not peeked at before.
    ///
    /// ```
    /// use logarrow::source::Source;
    /// let source = Source::reader("pipe", Box::new(&b"one\ntwo\n"[..]));
    /// assert_eq!(source.items()[0].peek(3)?, Some((b"one".to_vec(), false)));
    /// assert_eq!(source.items()[0].peek(100)?, Some((b"one\ntwo\n".to_vec(), true)));
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn peek(&self, len: usize) -> Result<Option<(Vec<u8>, bool)>> {
        const ENOUGH_BYTES: usize = 16 << 10;
        let Origin::Reader(slot) = &self.origin else { return Ok(None) };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, head, ended)) = slot.head.as_ref().filter(|(asked, ..)| *asked == len) {
            return Ok(Some((head.clone(), *ended)));
        }
        let mut reader = slot.reader.take().ok_or_else(|| self.read_twice())?;
        let mut head = vec![0; len];
        let mut filled = 0;
        let ended = loop {
            match reader.read(&mut head[filled..]) {
                Ok(0) => break Ok(filled < len),
                Ok(read) => {
                    filled += read;
                    if filled == len || filled >= ENOUGH_BYTES {
                        break Ok(false);
                    }
                }
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => break Err(cause),
            }
        };
        head.truncate(filled);
        slot.reader = Some(Box::new(Cursor::new(head.clone()).chain(reader)));
        match ended {
            Ok(ended) => {
                slot.head = Some((len, head.clone(), ended));
                Ok(Some((head, ended)))
            }
            Err(cause) => Err(Error::io(&self.name, cause)),
        }
    }

    /// Begins to fetch an object, for [`Item::open_begun`]; `None` for what need not be waited for.
    pub fn begin(&self) -> Option<Begun> {
        match &self.origin {
            // What is wrong with it is told when it is opened.
            Origin::Object(store, key) => store.read(key, None).ok().map(Begun),
            _ => None,
        }
    }

    /// Bytes that fetching it ahead may take.
    pub fn ahead_bytes(&self) -> usize {
        self.size.and_then(|size| usize::try_from(size).ok()).map_or(AHEAD_BYTES, |size| size.min(AHEAD_BYTES))
    }

    /// Opens what was begun.
    ///
    /// **Errors**: as [`Item::open`].
    pub fn open_begun(&self, begun: Begun, options: &OpenOptions) -> Result<Stream> {
        Stream::open(Stored { name: self.name(), reader: begun.0, size: self.size, live: false, start: 0 }, options)
    }

    /// Opens it from the start.
    ///
    /// **Errors**: `Io` where the system refuses; `Option` for a second open of a reader, or for a compression that is
    /// recognised but not built in.
    pub fn open(&self, options: &OpenOptions) -> Result<Stream> {
        let (reader, size, live): (Box<dyn Read + Send>, _, _) = match &self.origin {
            Origin::File { path, .. } => {
                let (file, metadata) = self.open_file(path)?;
                let regular = metadata.is_file();
                (Box::new(file), regular.then_some(metadata.len()), !regular)
            }
            Origin::Object(store, key) => (store.read(key, None)?, self.size, false),
            Origin::Opened(opener) => (opener(0)?, self.size, false),
            Origin::Bytes(data) => (Box::new(Cursor::new(data.clone())), self.size, false),
            Origin::Reader(slot) => {
                let reader = slot.lock().unwrap_or_else(PoisonError::into_inner).reader.take();
                (reader.ok_or_else(|| self.read_twice())?, None, true)
            }
        };
        Stream::open(Stored { name: self.name(), reader, size, live, start: 0 }, options)
    }

    /// Opens the bytes from offset `start` up to `end` (or the end of the item) of an uncompressed regular file or byte
    /// string. Offsets in errors count from the start of the item.
    ///
    /// **Errors**: `Option` if the item is compressed, cannot seek, or is UTF-16; `Io` where the system refuses.
    ///
    /// ```
    /// use logarrow::source::{OpenOptions, Source};
    /// let source = Source::bytes("demo", *b"0123456789");
    /// let mut stream = source.items()[0].open_range(3, Some(6), &OpenOptions::default())?;
    /// let mut buf = [0; 64];
    /// let len = stream.read(&mut buf)?;
    /// assert_eq!(&buf[..len], b"345");
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn open_range(&self, start: u64, end: Option<u64>, options: &OpenOptions) -> Result<Stream> {
        let compressed = !matches!(options.compression, Compression::Auto | Compression::None);
        if compressed || options.encoding == Encoding::Utf16 || !self.rerunnable() {
            return Err(self.no_range("only uncompressed files in UTF-8 or Latin-1 can be read in ranges"));
        }
        self.refuse_unfit(&mut self.stored(0, self.size.unwrap_or(HEAD_BYTES).min(HEAD_BYTES))?, options)?;
        // What was not there when it was listed is read too, where the system does.
        let is_object = matches!(self.origin, Origin::Object(..));
        let last = self.size.filter(|_| is_object).unwrap_or(u64::MAX);
        let reader = self.stored(start, end.map_or(last, |end| end.min(last)))?;
        // A mark in the midst of a file is none.
        let encoding = if options.encoding == Encoding::Auto { Encoding::Utf8 } else { options.encoding };
        let plain = options.clone().with_compression(Compression::None).with_encoding(encoding);
        Stream::open(Stored { name: self.name(), reader, size: None, live: false, start }, &plain)
    }

    /// The bytes from `start` to `end` as they are stored; what cannot be opened again has none.
    pub(super) fn stored(&self, start: u64, end: u64) -> Result<Box<dyn Read + Send>> {
        let len = end.saturating_sub(start);
        if len == 0 {
            return Ok(Box::new(io::empty()));
        }
        Ok(match &self.origin {
            Origin::File { path, .. } => {
                let (mut file, _) = self.open_file(path)?;
                file.seek(SeekFrom::Start(start)).map_err(|cause| Error::io(&self.name, cause))?;
                Box::new(file.take(len))
            }
            Origin::Object(store, key) => store.read(key, Some(start..end))?,
            Origin::Opened(opener) => Box::new(opener(start)?.take(len)),
            Origin::Bytes(data) => {
                let mut cursor = Cursor::new(data.clone());
                cursor.set_position(start);
                Box::new(cursor.take(len))
            }
            Origin::Reader(_) => return Err(self.read_twice()),
        })
    }

    fn open_file(&self, path: &Path) -> Result<(File, fs::Metadata)> {
        let open = || File::open(path).and_then(|file| file.metadata().map(|metadata| (file, metadata)));
        open().map_err(|cause| Error::io(&self.name, cause))
    }

    fn refuse_unfit(&self, reader: &mut impl Read, options: &OpenOptions) -> Result<()> {
        let mut head = Vec::new();
        reader.take(HEAD_BYTES).read_to_end(&mut head).map_err(|cause| Error::io(&self.name, cause))?;
        if options.encoding == Encoding::Auto && head.len() > 1 && may_be_utf16(&head) {
            return Err(self.no_range("a file in UTF-16 cannot be read in ranges"));
        }
        if options.compression == Compression::None {
            return Ok(());
        }
        match detect(&head, true) {
            Detected::Unsupported(what) => Err(unsupported(&self.name, what)),
            Detected::Codec(Compression::None) | Detected::NeedMore => Ok(()),
            Detected::Codec(found) => {
                Err(self.no_range(&format!("a {}-compressed file cannot be read in ranges", found.name())))
            }
        }
    }

    #[cold]
    fn no_range(&self, message: &str) -> Error {
        Error::new(ErrorKind::Option, format!("{}: {message}", self.name)).with_hint("read the file whole")
    }

    #[cold]
    fn read_twice(&self) -> Error {
        let message = format!("{}: a stream can be read only once, and it has been", self.name);
        Error::new(ErrorKind::Option, message).with_hint("give a path or bytes to read it again")
    }
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Item").field("name", &self.name).field("size", &self.size).finish_non_exhaustive()
    }
}
