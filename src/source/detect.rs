//! Compression by magic bytes.

use super::options::Compression;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detected {
    /// One of ours (`None`: no magic).
    Codec(Compression),
    /// A compression that this build cannot read.
    Unsupported(&'static str),
    /// The bytes begin a magic; more are needed.
    NeedMore,
}

use Detected::{Codec, Unsupported};

/// **Source**: RFC 1952 2.3.1; RFC 8878 3.1; the xz, lz4 frame, snappy framing and zip (APPNOTE 4.3.7) descriptions.
/// bzip2's is its header and block magic, since `BZh9` alone may well begin a text.
const MAGICS: &[(&[u8], Detected)] = &[
    (&[0x1f, 0x8b], Codec(Compression::Gzip)),
    (&[0x28, 0xb5, 0x2f, 0xfd], Codec(Compression::Zstd)),
    (&[0xfd, b'7', b'z', b'X', b'Z', 0], Codec(Compression::Xz)),
    (&[0x04, 0x22, 0x4d, 0x18], Codec(Compression::Lz4)),
    (&[0xff, 0x06, 0x00, 0x00, b's', b'N', b'a', b'P', b'p', b'Y'], Codec(Compression::Snappy)),
    (&[b'P', b'K', 3, 4], Unsupported("zip")),
];
const BZIP2_BLOCK: [u8; 6] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
/// What stands in the place of a block in an empty stream.
const BZIP2_END: [u8; 6] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
const SKIPPABLE_TAIL: [u8; 3] = [0x2a, 0x4d, 0x18];

/// Judges the first bytes of a stream; `complete` says that no more follow.
pub(super) fn detect(head: &[u8], complete: bool) -> Detected {
    let mut open = false;
    for &(magic, found) in MAGICS {
        if head.starts_with(magic) {
            return found;
        }
        if magic.starts_with(head) {
            // A file that ends inside a magic of two bytes or more is a truncated stream; one byte says too little.
            if complete && head.len() >= 2 {
                return found;
            }
            open = true;
        }
    }
    if let [0x50..=0x5f, tail @ ..] = head {
        let zstd = tail.starts_with(&SKIPPABLE_TAIL);
        if zstd {
            return Codec(Compression::Zstd);
        }
        open |= SKIPPABLE_TAIL.starts_with(tail);
    }
    if let [b'B', b'Z', b'h', b'1'..=b'9', tail @ ..] = head {
        if tail.starts_with(&BZIP2_BLOCK) || tail.starts_with(&BZIP2_END) {
            return Codec(Compression::Bzip2);
        }
        let begins = [BZIP2_BLOCK, BZIP2_END].iter().any(|magic| magic.starts_with(tail));
        // No text ends inside the magic of a block.
        if complete && begins && !tail.is_empty() {
            return Codec(Compression::Bzip2);
        }
        open |= begins;
    }
    if open && !complete { Detected::NeedMore } else { Codec(Compression::None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_magics_at_every_length() {
        for &(magic, found) in MAGICS {
            for len in 0..=magic.len() {
                let early = detect(&magic[..len], false);
                assert_eq!(early, if len < magic.len() { Detected::NeedMore } else { found }, "{magic:x?} {len}");
                let whole = detect(&magic[..len], true);
                assert_eq!(whole, if len < 2 { Codec(Compression::None) } else { found }, "{magic:x?} {len}");
            }
        }
        assert_eq!(detect(b"\x5a\x2a\x4d\x18", false), Codec(Compression::Zstd));
        assert_eq!(detect(b"BZh91AY&SY", false), Codec(Compression::Bzip2));
    }

    #[test]
    fn ok_text_is_plain_at_once() {
        for text in ["a", "{", "PUT /x", "BZhang", "192.0.2.1 - -", "(x", "\u{feff}x"] {
            assert_eq!(detect(text.as_bytes(), false), Codec(Compression::None), "{text}");
        }
        assert_eq!(detect(b"P", true), Codec(Compression::None));
    }
}
