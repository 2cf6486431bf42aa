//! Other encodings to UTF-8, whichever way the input is cut.

use super::options::Encoding;

/// Whether UTF-16 may begin so: with a byte order mark, and not with two bytes of ASCII behind it. Those are damage in
/// front of a log in UTF-8, all of which would be lost; a log in UTF-16 that begins with such a character is rare.
pub(super) fn may_be_utf16(head: &[u8]) -> bool {
    const MARKS: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];
    let (mark, behind) = head.split_at(head.len().min(2));
    let is_ascii = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    !mark.is_empty()
        && MARKS.iter().any(|known| known.starts_with(mark))
        && !(behind.len() > 1 && behind[..2].iter().all(is_ascii))
}

/// Turns bytes of one encoding into UTF-8, keeping what a cut leaves over.
pub(super) enum Transcoder {
    /// As it is: for callers who take one byte at a time.
    Utf8,
    /// ISO 8859-1.
    Latin1,
    /// UTF-16.
    Utf16(Utf16),
}

impl Transcoder {
    /// The transcoder for `encoding`; none for UTF-8, and none as long as it is not known.
    pub(super) fn new(encoding: Encoding) -> Option<Self> {
        match encoding {
            Encoding::Auto | Encoding::Utf8 => None,
            Encoding::Latin1 => Some(Self::Latin1),
            Encoding::Utf16 => Some(Self::Utf16(Utf16::default())),
        }
    }

    /// Appends the UTF-8 of `bytes` to `out`.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Utf8 => out.extend_from_slice(bytes),
            Self::Latin1 => latin1(bytes, out),
            Self::Utf16(utf16) => utf16.push(bytes, out),
        }
    }

    /// Appends what an unfinished unit at the end of the input stands for.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if let Self::Utf16(utf16) = self {
            utf16.finish(out);
        }
    }
}

fn latin1(mut bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() + bytes.len() / 8);
    while !bytes.is_empty() {
        let ascii = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len());
        out.extend_from_slice(&bytes[..ascii]);
        bytes = &bytes[ascii..];
        if let [byte, rest @ ..] = bytes {
            push_char(char::from(*byte), out);
            bytes = rest;
        }
    }
}

/// The state of UTF-16 between two cuts.
#[derive(Default)]
pub(super) struct Utf16 {
    /// The first byte of a unit.
    half: Option<u8>,
    /// A high surrogate that waits for its low one.
    high: Option<u16>,
    big_endian: bool,
    started: bool,
}

impl Utf16 {
    fn push(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        out.reserve(bytes.len());
        if let (Some(first), [second, rest @ ..]) = (self.half, bytes) {
            self.half = None;
            bytes = rest;
            self.unit([first, *second], out);
        }
        let pairs = bytes.chunks_exact(2);
        if let [byte] = pairs.remainder() {
            self.half = Some(*byte);
        }
        for pair in pairs {
            self.unit([pair[0], pair[1]], out);
        }
    }

    fn unit(&mut self, pair: [u8; 2], out: &mut Vec<u8>) {
        if !self.started {
            self.started = true;
            self.big_endian = pair == [0xfe, 0xff];
            if self.big_endian || pair == [0xff, 0xfe] {
                return;
            }
        }
        let unit = if self.big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) };
        if unit < 0x80 && self.high.is_none() {
            out.push(unit as u8);
            return;
        }
        if let Some(high) = self.high.take() {
            if let 0xdc00..=0xdfff = unit {
                let code = 0x10000 + ((u32::from(high) & 0x3ff) << 10 | u32::from(unit) & 0x3ff);
                push_char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), out);
                return;
            }
            push_char(char::REPLACEMENT_CHARACTER, out);
        }
        match unit {
            0xd800..=0xdbff => self.high = Some(unit),
            unit => push_char(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER), out),
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        for _ in 0..usize::from(self.high.take().is_some()) + usize::from(self.half.take().is_some()) {
            push_char(char::REPLACEMENT_CHARACTER, out);
        }
    }
}

fn push_char(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(encoding: Encoding, bytes: &[u8], cut: usize) -> String {
        let mut transcoder = Transcoder::new(encoding).unwrap();
        let mut out = Vec::new();
        for part in bytes.chunks(cut) {
            transcoder.push(part, &mut out);
        }
        transcoder.finish(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn ok_latin1() {
        let bytes: Vec<u8> = (0..=255).collect();
        let want: String = (0..=255u8).map(char::from).collect();
        for cut in 1..=256 {
            assert_eq!(all(Encoding::Latin1, &bytes, cut), want);
        }
    }

    #[test]
    fn ok_utf16_in_both_orders_and_any_cut() {
        let text = "aé\u{20ac}\u{1f600}\r\n\u{10ffff}\u{feff}z";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for cut in 1..=le.len() + 2 {
            assert_eq!(all(Encoding::Utf16, &le, cut), text);
            assert_eq!(all(Encoding::Utf16, &[&[0xff, 0xfe], &le[..]].concat(), cut), text);
            assert_eq!(all(Encoding::Utf16, &[&[0xfe, 0xff], &be[..]].concat(), cut), text);
        }
    }

    #[test]
    fn ok_lone_surrogates_and_odd_ends() {
        let cases: [(&[u16], &str); 5] = [
            (&[0xd800], "\u{fffd}"),
            (&[0xdc00, 0x61], "\u{fffd}a"),
            (&[0xd800, 0x61], "\u{fffd}a"),
            (&[0xd800, 0xd83d, 0xde00], "\u{fffd}\u{1f600}"),
            (&[0xd800, 0xd800], "\u{fffd}\u{fffd}"),
        ];
        for (units, want) in cases {
            let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            for cut in 1..=bytes.len() {
                assert_eq!(all(Encoding::Utf16, &bytes, cut), want);
            }
        }
        assert_eq!(all(Encoding::Utf16, b"a\0b", 2), "a\u{fffd}");
        assert_eq!(all(Encoding::Utf16, b"", 1), "");
    }
}
