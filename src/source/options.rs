//! How items are opened.

use super::room::Spare;

/// How the stored bytes are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Found by the first bytes; plain where they are no known magic.
    #[default]
    Auto,
    /// As they are.
    None,
    /// gzip (RFC 1952), any number of members.
    Gzip,
    /// Zstandard (RFC 8878), any number of frames, skippable ones too.
    Zstd,
    /// bzip2, any number of streams.
    Bzip2,
    /// xz, any number of streams.
    Xz,
    /// lz4, any number of frames.
    Lz4,
    /// Framed snappy.
    Snappy,
}

impl Compression {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Auto, Self::None, Self::Gzip, Self::Zstd, Self::Bzip2, Self::Xz, Self::Lz4, Self::Snappy];

    /// The name as options and errors spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Lz4 => "lz4",
            Self::Snappy => "snappy",
        }
    }
}

/// How the decompressed bytes encode text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-16 where the text begins with a byte order mark of it, which no UTF-8 does, and no ASCII behind; else UTF-8.
    #[default]
    Auto,
    /// UTF-8, passed on untouched and unchecked.
    Utf8,
    /// ISO 8859-1: each byte is the code point of its number.
    Latin1,
    /// UTF-16, by its byte order mark, else little-endian. Lone surrogates become U+FFFD.
    Utf16,
}

impl Encoding {
    /// The name as options and reports spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Utf8 => "utf-8",
            Self::Latin1 => "latin-1",
            Self::Utf16 => "utf-16",
        }
    }
}

/// How to open an item.
///
/// ```
/// use logarrow::source::{Compression, OpenOptions};
/// let options = OpenOptions::default().with_compression(Compression::Gzip).with_memory_bytes(8 << 20);
/// assert_eq!((options.whole_input_bytes, options.whole_output_bytes), (1 << 20, 8 << 20));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenOptions {
    /// How the stored bytes are compressed.
    pub compression: Compression,
    /// How the decompressed bytes encode text.
    pub encoding: Encoding,
    /// Objects of at most this many stored bytes may be held whole, which decompresses faster.
    pub whole_input_bytes: usize,
    /// ... as long as a member of them inflates to at most this many bytes.
    pub whole_output_bytes: usize,
    /// A compressed stream that inflates to more than this many bytes is refused there. Default: no limit, since
    /// everything streams.
    pub max_decompressed_bytes: Option<u64>,
    /// A compressed stream that inflates to more than this many times its stored size is refused there. Default: none.
    pub max_ratio: Option<f64>,
    /// Memory that the streams opened with these options, or with copies of them, leave to one another.
    pub(super) spare: Spare,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            compression: Compression::Auto,
            encoding: Encoding::Auto,
            // 16 MiB holds the files log shippers make (AWS and Fluentd roll at 5 to 256 MB of text); see gzip.rs for
            // what the whole buffer gains.
            whole_input_bytes: 16 << 20,
            whole_output_bytes: 128 << 20,
            max_decompressed_bytes: None,
            max_ratio: None,
            spare: Spare::default(),
        }
    }
}

impl OpenOptions {
    /// Sets how the stored bytes are compressed.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets how the decompressed bytes encode text.
    #[must_use]
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Lowers the whole-buffer limits so that one stream holds members of at most `memory_bytes`, and stored bytes of an
    /// eighth of that; never raises them.
    #[must_use]
    pub fn with_memory_bytes(mut self, memory_bytes: usize) -> Self {
        // Logs deflate 5 to 15 times.
        self.whole_input_bytes = self.whole_input_bytes.min(memory_bytes / 8);
        self.whole_output_bytes = self.whole_output_bytes.min(memory_bytes);
        self
    }

    /// Refuses compressed streams that inflate to more than `bytes`.
    #[must_use]
    pub fn with_max_decompressed_bytes(mut self, bytes: u64) -> Self {
        self.max_decompressed_bytes = Some(bytes);
        self
    }

    /// Refuses compressed streams that inflate to more than `ratio` times their stored size.
    #[must_use]
    pub fn with_max_ratio(mut self, ratio: f64) -> Self {
        self.max_ratio = Some(ratio);
        self
    }
}
