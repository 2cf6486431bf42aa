//! An open item: stored bytes through a codec and, if need be, a transcoder.

use std::io::Read;
use std::sync::Arc;

use super::bzip2::Bzip2;
use super::codec::{Codec, Failure, Plain};
use super::detect::{Detected, detect};
use super::frames::{lz4, snappy};
use super::gzip::Gzip;
use super::input::Input;
use super::options::{Compression, Encoding, OpenOptions};
use super::streams::Streams;
use super::text::{Transcoder, may_be_utf16};
use super::xz::Xz;
use super::zstd::Zstd;
use crate::error::{Error, ErrorKind, Position, Result};

/// Decompressed bytes transcoded at once.
const TEXT_BYTES: usize = 64 << 10;

/// The decompressed UTF-8 bytes of one item, in order.
///
/// A truncated or damaged stream gives every byte that its codec can tell before the damage (with bzip2, lz4, snappy and zstd, whole blocks),
/// then one error of kind `Corrupt` whose position holds the decompressed offset, then nothing.
pub struct Stream {
    bytes: Bytes,
    /// `Auto` until the first bytes were read.
    encoding: Encoding,
    text: Option<Text>,
}

/// Decompressed bytes, before transcoding.
struct Bytes {
    name: Arc<str>,
    compression: Compression,
    input: Input,
    codec: Box<dyn Codec>,
    /// Decompressed bytes given out, counted from the start of the item.
    offset: u64,
    /// Where a compressed stream has to end.
    limit: Option<u64>,
    /// The ratio to hold while the stored size is unknown.
    running_ratio: Option<f64>,
    pending: Option<Error>,
    done: bool,
}

struct Text {
    transcoder: Transcoder,
    raw: Vec<u8>,
    out: Vec<u8>,
    served: usize,
    ended: bool,
}

/// What [`Stream::open`] needs to know about the stored bytes.
pub(super) struct Stored {
    pub(super) name: Arc<str>,
    pub(super) reader: Box<dyn Read + Send>,
    /// Stored size, where known.
    pub(super) size: Option<u64>,
    /// A pipe or the like, where a short read means "no more for now".
    pub(super) live: bool,
    /// Where in the item the bytes start.
    pub(super) start: u64,
}

impl Stream {
    /// Finds the compression and gets ready to read.
    pub(super) fn open(stored: Stored, options: &OpenOptions) -> Result<Self> {
        let name = stored.name;
        let mut input = Input::new(stored.reader, stored.live);
        let compression = match options.compression {
            Compression::Auto => find_compression(&name, &mut input)?,
            given => given,
        };
        let codec: Box<dyn Codec> = match compression {
            Compression::Auto | Compression::None => Box::new(Plain),
            Compression::Gzip => Box::new(Gzip::new(stored.size, options)),
            Compression::Zstd => {
                let zstd = Zstd::new(options.whole_output_bytes);
                Box::new(zstd.map_err(|failure| failed(failure, compression, &name, 0, 0))?)
            }
            Compression::Bzip2 => Box::new(Streams::<Bzip2>::new(options.whole_output_bytes)),
            Compression::Xz => Box::new(Streams::<Xz>::new(options.whole_output_bytes)),
            Compression::Lz4 => Box::new(lz4()),
            Compression::Snappy => Box::new(snappy()),
        };
        let compressed = compression != Compression::None;
        let by_ratio = options.max_ratio.zip(stored.size).map(|(ratio, size)| (ratio * size as f64) as u64);
        let limit = options.max_decompressed_bytes.into_iter().chain(by_ratio).min();
        let bytes = Bytes {
            name,
            compression,
            input,
            codec,
            offset: stored.start,
            limit: limit.filter(|_| compressed),
            running_ratio: options.max_ratio.filter(|_| compressed && stored.size.is_none()),
            pending: None,
            done: false,
        };
        let text = Transcoder::new(options.encoding).map(Text::new);
        Ok(Self { bytes, encoding: options.encoding, text })
    }

    /// Fills `buf` and says how far: less than full only at the end of the stream, before an error, or where a pipe has
    /// no more for now. 0 is the end (or an empty `buf`).
    ///
    /// **Errors**: `Corrupt` (see [`Stream`]) and `Io`; the reads after an error give 0.
    ///
    /// **Cost**: plain files are read straight into `buf`; encodings other than UTF-8 are copied once more.
    pub fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        match &mut self.text {
            Some(text) => text.read(&mut self.bytes, buf),
            None if self.encoding == Encoding::Auto => self.read_first(buf),
            None => self.bytes.read(buf),
        }
    }

    /// The first read, which tells the encoding.
    #[cold]
    fn read_first(&mut self, buf: &mut [u8]) -> Result<usize> {
        // A mark and the unit behind it may come in several reads.
        let mut small = [0; 4];
        let head = if buf.len() < small.len() { &mut small[..] } else { &mut *buf };
        let mut len = self.bytes.read(head)?;
        while (1..4).contains(&len) && may_be_utf16(&head[..len]) {
            match self.bytes.read(&mut head[len..]) {
                Ok(0) => break,
                Ok(more) => len += more,
                Err(err) => {
                    // It comes again behind the bytes that were read.
                    self.bytes.pending = Some(err);
                    break;
                }
            }
        }
        let is_utf16 = len > 1 && may_be_utf16(&head[..len]);
        self.encoding = if is_utf16 { Encoding::Utf16 } else { Encoding::Utf8 };
        if !is_utf16 && buf.len() >= small.len() {
            return Ok(len);
        }
        let head = if buf.len() < small.len() { &small[..len] } else { &buf[..len] };
        let mut text = Text::new(Transcoder::new(self.encoding).unwrap_or(Transcoder::Utf8));
        text.transcoder.push(head, &mut text.out);
        self.text.insert(text).read(&mut self.bytes, buf)
    }

    /// How the stored bytes are compressed; never `Auto`.
    pub fn compression(&self) -> Compression {
        self.bytes.compression
    }

    /// The encoding of the text; `Auto` until some of it was read.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Stored bytes used so far, for progress; an upper estimate of what the bytes given out stem from.
    pub fn compressed_offset(&self) -> u64 {
        self.bytes.input.offset()
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream")
            .field("name", &self.bytes.name)
            .field("compression", &self.bytes.compression)
            .finish_non_exhaustive()
    }
}

impl Bytes {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        if let Some(err) = self.pending.take() {
            self.done = true;
            return Err(err);
        }
        if self.done {
            return Ok(0);
        }
        let room = self.limit.map_or(u64::MAX, |limit| limit - self.offset.min(limit));
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(buf.len());
        let mut filled = 0;
        // At the limit one more byte tells a stream that ends there from one that goes on.
        let mut probe = [0; 1];
        let target = if room == 0 { &mut probe[..] } else { &mut buf[..room] };
        let result = self.codec.read(&mut self.input, target, &mut filled);
        if room == 0 && filled > 0 {
            self.done = true;
            return Err(self.over_limit());
        }
        self.offset += filled as u64;
        if let Err(failure) = result {
            self.pending = Some(failed(failure, self.compression, &self.name, self.offset, self.input.offset()));
        } else if filled == 0 {
            self.done = true;
        } else if let Some(ratio) = self.running_ratio
            && self.offset as f64 > ratio * self.input.offset().max(4096) as f64
        {
            self.pending = Some(self.over_limit());
        }
        match self.pending.take_if(|_| filled == 0) {
            Some(err) => {
                self.done = true;
                Err(err)
            }
            None => Ok(filled),
        }
    }

    #[cold]
    fn over_limit(&self) -> Error {
        let message = format!("{} stream inflates past the limit", self.compression.name());
        at(Error::new(ErrorKind::Corrupt, message), &self.name, self.offset)
            .with_hint("raise max_decompressed_bytes or max_ratio if the file is to be trusted")
    }
}

impl Text {
    fn new(transcoder: Transcoder) -> Self {
        Self { transcoder, raw: Vec::new(), out: Vec::new(), served: 0, ended: false }
    }

    fn read(&mut self, bytes: &mut Bytes, buf: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        loop {
            let len = (self.out.len() - self.served).min(buf.len() - filled);
            buf[filled..filled + len].copy_from_slice(&self.out[self.served..self.served + len]);
            self.served += len;
            filled += len;
            if filled == buf.len() || self.ended || (filled > 0 && bytes.input.is_live()) {
                return Ok(filled);
            }
            self.out.clear();
            self.served = 0;
            self.raw.resize(TEXT_BYTES, 0);
            match bytes.read(&mut self.raw) {
                Ok(0) => {
                    self.ended = true;
                    self.transcoder.finish(&mut self.out);
                }
                Ok(len) => self.transcoder.push(&self.raw[..len], &mut self.out),
                Err(err) if filled == 0 => {
                    self.ended = true;
                    return Err(err);
                }
                Err(err) => {
                    bytes.pending = Some(err);
                    return Ok(filled);
                }
            }
        }
    }
}

fn find_compression(name: &Arc<str>, input: &mut Input) -> Result<Compression> {
    loop {
        match detect(input.buffered(), input.at_eof()) {
            Detected::Codec(found) => return Ok(found),
            Detected::Unsupported(what) => return Err(unsupported(name, what)),
            Detected::NeedMore => {
                if let Err(cause) = input.peek_more() {
                    let err = Error::io(name, cause);
                    // It comes again with the first read, and is then accounted for.
                    return if err.kind() == ErrorKind::Corrupt { Ok(Compression::None) } else { Err(err) };
                }
            }
        }
    }
}

#[cold]
pub(super) fn unsupported(name: &Arc<str>, what: &str) -> Error {
    let err = Error::new(ErrorKind::Option, format!("the bytes are a {what} archive under another name"));
    let position = Position { source: Some(name.clone()), ..Position::default() };
    err.with_position(position).with_hint("its members are read if its name says what it is, such as logs.zip")
}

#[cold]
fn failed(failure: Failure, compression: Compression, name: &Arc<str>, offset: u64, stored_offset: u64) -> Error {
    match failure {
        Failure::Io(cause) => match Error::io(name, cause) {
            // Of an archive that the item is in.
            err if err.kind() == ErrorKind::Corrupt => at(err, name, offset),
            err => err,
        },
        Failure::Memory(what) => {
            let message = format!("{} stream {what}", compression.name());
            at(Error::new(ErrorKind::Option, message), name, offset).with_hint("raise memory_bytes")
        }
        Failure::Corrupt(what) => {
            let message = format!("{} stream {what} (compressed byte {stored_offset})", compression.name());
            at(Error::new(ErrorKind::Corrupt, message), name, offset)
                .with_hint("the bytes before this place are good; fetch the file again to get the rest")
        }
    }
}

fn at(err: Error, name: &Arc<str>, offset: u64) -> Error {
    err.with_position(Position { source: Some(name.clone()), byte: Some(offset), ..Position::default() })
}
