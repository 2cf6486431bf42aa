//! Where a JSON value ends that is an object or an array.

use super::Level;
use super::index::{PREFETCH_BYTES, escaped_bytes};
use super::portable::Portable;
use super::vector::Vector;

/// Deeper objects and arrays are not followed; one bit each says which of the two it is.
pub const MAX_DEPTH: u32 = 128;

/// A walk through one object or array. Give it the same bytes, or longer ones, until it has ended.
///
/// It looks at strings and at the nesting: whether brackets match, and whether objects and arrays stand where a value may
/// stand. All else is left to whoever parses the value.
#[derive(Clone, Debug)]
pub struct ValueScan {
    /// Start of the next block, and what is known there.
    at: usize,
    /// All ones while a string is open.
    open: u64,
    /// One if the first byte of the block is escaped.
    escaped: u64,
    /// One if a string ended right before the block.
    behind: u64,
    /// What stands before this was dealt with.
    seen: usize,
    /// A set bit for an object, a clear one for an array; the innermost lowest.
    kinds: u128,
    depth: u32,
}

/// Why a walk has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueStop {
    /// The value ends here.
    End(usize),
    /// A bracket here closes nothing that is open, or a value begins where none may.
    Bracket(usize),
    /// More than [`MAX_DEPTH`] objects and arrays are open here.
    Depth(usize),
    /// Here stands what cannot follow a string that has just ended: one quote too many or too few.
    String(usize),
    /// Here stands a record separator (RFC 7464), which no value holds.
    Separator(usize),
    /// Here stands a newline in a string. The walk can go on.
    Newline(usize),
    /// The bytes end within the value, and within a string if this is true.
    Open(bool),
}

/// What [`ValueStop::Separator`] means.
const RECORD_SEPARATOR: u8 = 0x1e;

impl ValueScan {
    /// A walk that starts at `start`, where an object or an array begins.
    pub fn new(start: usize) -> Self {
        Self { at: start, open: 0, escaped: 0, behind: 0, seen: start, kinds: 0, depth: 0 }
    }

    /// Goes on to the end of the value, or to the next thing to be told.
    ///
    /// **Cost**: one pass; work for each bracket, and for each block of 64 bytes.
    pub fn run(&mut self, level: Level, bytes: &[u8]) -> ValueStop {
        match level {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the level was found available.
            Level::Avx512 if level.is_available() => unsafe { run_avx512(self, bytes) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the level was found available.
            Level::Avx2 if level.is_available() => unsafe { run_avx2(self, bytes) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: SSE2 is part of x86-64.
            Level::Sse2 => unsafe { run_any::<super::x86::Sse2>(self, bytes) },
            // SAFETY: no features are needed.
            _ => unsafe { run_any::<Portable>(self, bytes) },
        }
    }

    /// Deals with the bracket at `at`; says why to stop there, if so.
    #[inline(always)]
    fn bracket(&mut self, bytes: &[u8], at: usize) -> Option<ValueStop> {
        let byte = bytes[at];
        let is_object = byte & 0x20 != 0;
        // An opening bracket is two below the closing one, which has bit 2 set.
        if byte & 4 == 0 {
            if self.depth > 0 && !self.may_open(bytes, at) {
                return Some(ValueStop::Bracket(at));
            }
            if self.depth == MAX_DEPTH {
                return Some(ValueStop::Depth(at));
            }
            self.kinds = self.kinds << 1 | u128::from(is_object);
            self.depth += 1;
            return None;
        }
        if self.depth == 0 || (self.kinds & 1 != 0) != is_object {
            return Some(ValueStop::Bracket(at));
        }
        self.kinds >>= 1;
        self.depth -= 1;
        (self.depth == 0).then_some(ValueStop::End(at + 1))
    }

    /// Whether a value may begin at `at`: behind a colon in an object; in an array, behind a comma or at its start.
    #[inline(always)]
    fn may_open(&self, bytes: &[u8], at: usize) -> bool {
        let mut before = at - 1;
        while before > 0 && matches!(bytes[before], b' ' | b'\t' | b'\n' | b'\r') {
            before -= 1;
        }
        if self.kinds & 1 != 0 { bytes[before] == b':' } else { matches!(bytes[before], b',' | b'[') }
    }
}

/// # Safety
///
/// The machine has the features.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
unsafe fn run_avx512(scan: &mut ValueScan, bytes: &[u8]) -> ValueStop {
    // SAFETY: passed on from the caller.
    unsafe { run_any::<super::x86::Avx512>(scan, bytes) }
}

/// # Safety
///
/// The machine has the features.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
unsafe fn run_avx2(scan: &mut ValueScan, bytes: &[u8]) -> ValueStop {
    // SAFETY: passed on from the caller.
    unsafe { run_any::<super::x86::Avx2>(scan, bytes) }
}

/// # Safety
///
/// The machine has the features of `V`.
#[inline(always)]
unsafe fn run_any<V: Vector>(scan: &mut ValueScan, bytes: &[u8]) -> ValueStop {
    while let Some(rest) = bytes.get(scan.at..).filter(|rest| !rest.is_empty()) {
        let mut tail = [0; 64];
        let (from, inside) = if rest.len() < 64 {
            tail[..rest.len()].copy_from_slice(rest);
            (tail.as_ptr(), (1_u64 << rest.len()) - 1)
        } else {
            (rest.as_ptr(), u64::MAX)
        };
        // SAFETY: 64 bytes are readable there, in `rest` or in `tail`; the features are the caller's promise.
        let block = unsafe {
            V::prefetch(rest.as_ptr().wrapping_add(PREFETCH_BYTES));
            V::load(from)
        };
        // SAFETY: the features are the caller's promise.
        let (events, faults, newlines, next) = unsafe { step(scan, block, inside) };
        let mut events = events;
        if scan.seen > scan.at {
            // Bits before what was dealt with; a walk never goes on in a block before that place.
            events &= u64::MAX.checked_shl((scan.seen - scan.at) as u32).unwrap_or(0);
        }
        while events != 0 {
            let bit = events & events.wrapping_neg();
            let at = scan.at + events.trailing_zeros() as usize;
            events ^= bit;
            scan.seen = at + 1;
            if bit & (faults | newlines) != 0 {
                return match bytes[at] {
                    b'\n' if bit & newlines != 0 => ValueStop::Newline(at),
                    RECORD_SEPARATOR => ValueStop::Separator(at),
                    _ => ValueStop::String(at),
                };
            }
            if let Some(stop) = scan.bracket(bytes, at) {
                return stop;
            }
        }
        if rest.len() < 64 {
            // More bytes may come: the block is looked at again then.
            scan.seen = scan.at + rest.len();
            return ValueStop::Open(next.0 != 0);
        }
        (scan.open, scan.escaped, scan.behind) = next;
        scan.at += 64;
    }
    ValueStop::Open(scan.open != 0)
}

/// One block: what is to be dealt with; of that, the faults and the newlines in strings; and `open`, `escaped` and
/// `behind` of the next block.
///
/// # Safety
///
/// The machine has the features of `V`.
#[inline(always)]
unsafe fn step<V: Vector>(scan: &ValueScan, block: V, inside: u64) -> (u64, u64, u64, (u64, u64, u64)) {
    // SAFETY: the features are the caller's promise.
    unsafe {
        let backslashes = block.equal_any([b'\\']) & inside;
        let mut escaped_first = scan.escaped;
        let mut escaped = 0;
        if backslashes | escaped_first != 0 {
            escaped = escaped_bytes(backslashes, &mut escaped_first);
        }
        let quotes = block.equal_any([b'"']) & inside & !escaped;
        // From an opening quote up to the byte before the closing one.
        let quoted = V::prefix_xor(quotes) ^ scan.open;
        let outside = inside & !quoted;
        let controls = block.below(b' ') & inside;
        // Braces are brackets with one bit more.
        let lowered = block.with_bits(0x20);
        let openers = lowered.equal_any([b'{']) & outside;
        let closers = lowered.equal_any([b'}']) & outside;
        let closing = quotes & !quoted;
        let behind = (closing << 1 | scan.behind) & inside;
        let mut faults = behind & !(block.equal_any([b',', b':', b' ']) | controls | closers | openers);
        let mut newlines = 0;
        if controls != 0 {
            newlines = block.equal_any([b'\n']) & quoted & inside;
            faults |= block.equal_any([RECORD_SEPARATOR]) & inside;
        }
        let open = if inside == u64::MAX {
            ((quoted as i64) >> 63) as u64
        } else {
            // The last byte of the text, not of the block.
            (quoted & inside & !(inside >> 1) != 0) as u64
        };
        (openers | closers | faults | newlines, faults, newlines, (open, escaped_first, closing >> 63))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The walk, byte by byte; it does not stop at newlines.
    fn plain(bytes: &[u8], start: usize) -> ValueStop {
        let (mut kinds, mut quoted, mut escaped, mut behind) = (vec![], false, false, false);
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            let is_escaped = escaped;
            escaped = *byte == b'\\' && !is_escaped;
            let is_behind = std::mem::take(&mut behind);
            if *byte == RECORD_SEPARATOR {
                return ValueStop::Separator(at);
            }
            if *byte == b'"' && !is_escaped {
                if is_behind {
                    return ValueStop::String(at);
                }
                behind = quoted;
                quoted = !quoted;
                continue;
            }
            if quoted {
                continue;
            }
            if is_behind && *byte >= b' ' && !b" ,:{}[]".contains(byte) {
                return ValueStop::String(at);
            }
            match byte {
                b'{' | b'[' => {
                    let before = bytes[start..at].iter().rfind(|byte| !b" \t\r\n".contains(byte));
                    let fits = match kinds.last() {
                        None => true,
                        Some(b'{') => before == Some(&b':'),
                        Some(_) => matches!(before, Some(b',' | b'[')),
                    };
                    if !fits {
                        return ValueStop::Bracket(at);
                    }
                    if kinds.len() == MAX_DEPTH as usize {
                        return ValueStop::Depth(at);
                    }
                    kinds.push(*byte);
                }
                b'}' | b']' => {
                    if kinds.pop() != Some(*byte - 2) {
                        return ValueStop::Bracket(at);
                    }
                    if kinds.is_empty() {
                        return ValueStop::End(at + 1);
                    }
                }
                _ => {}
            }
        }
        ValueStop::Open(quoted)
    }

    /// The walk over pieces of `step` bytes more each time. Checks that each newline is in a string.
    fn run(level: Level, bytes: &[u8], start: usize, step: usize) -> ValueStop {
        let (mut scan, mut len, mut last) = (ValueScan::new(start), start.min(bytes.len()), start);
        loop {
            match scan.run(level, &bytes[..len]) {
                ValueStop::Newline(at) => {
                    assert!(bytes[at] == b'\n' && at >= last, "newline at {at}");
                    assert_eq!(plain(&bytes[..at], start), ValueStop::Open(true), "newline at {at}");
                    last = at + 1;
                }
                ValueStop::Open(_) if len < bytes.len() => len = (len + step).min(bytes.len()),
                stop => return stop,
            }
        }
    }

    #[test]
    fn values_of_every_length_and_place() {
        let parts: [&[u8]; 12] =
            [b"{", b"}", b"[", b"]", b"\"a\":", b"\"\\\"{\\\\\"", b",", b" ", b"1", b"\"\n", b"\"", b"\\"];
        let mut seed = 7_usize;
        for len in 0..=130 {
            let mut bytes = b"{\"k\":[".to_vec();
            while bytes.len() < len {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                // Mostly what goes on.
                let part = if seed >> 60 < 10 { [4, 6, 7, 8][seed >> 58 & 3] } else { (seed >> 50) % parts.len() };
                bytes.extend_from_slice(parts[part]);
            }
            bytes.truncate(len);
            for start in 0..=len.min(65) {
                let mut text = vec![b'x'; start];
                text.extend_from_slice(&bytes);
                let wanted = plain(&text, start);
                for level in Level::available() {
                    for step in [1, 63, 64, 65, 1000] {
                        let found = run(level, &text, start, step);
                        assert_eq!(found, wanted, "{level:?} from {start} by {step}: {:?}", text.escape_ascii());
                    }
                }
            }
        }
    }

    #[test]
    fn what_stops_a_walk() {
        let cases: [(&[u8], ValueStop); 14] = [
            (b"{}x", ValueStop::End(2)),
            (b"[[],{}]]", ValueStop::End(7)),
            (br#"{"a":"}\"}","b":1}"#, ValueStop::End(18)),
            (br#"{"a":[1}"#, ValueStop::Bracket(7)),
            (br#"{"a":{"b":1},{"a":2}"#, ValueStop::Bracket(13)),
            (br#"{"a":1{"#, ValueStop::Bracket(6)),
            (br#"[1 [2]]"#, ValueStop::Bracket(3)),
            (br#"{"a":"b,"c":1}"#, ValueStop::String(9)),
            (b"{\"a\"\x1e", ValueStop::Separator(4)),
            (b"{\"a\x1e", ValueStop::Separator(3)),
            (b"{\"a\n", ValueStop::Newline(3)),
            (b"{\"a", ValueStop::Open(true)),
            (b"{\"a\"", ValueStop::Open(false)),
            (b"", ValueStop::Open(false)),
        ];
        for level in Level::available() {
            for (bytes, wanted) in cases {
                assert_eq!(ValueScan::new(0).run(level, bytes), wanted, "{level:?}: {}", bytes.escape_ascii());
            }
            let deep = [b"[".repeat(128), b"]".repeat(128)].concat();
            assert_eq!(ValueScan::new(0).run(level, &deep), ValueStop::End(256));
            assert_eq!(ValueScan::new(0).run(level, &b"[".repeat(129)), ValueStop::Depth(128));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

        #[test]
        fn every_level_walks_like_the_plain_loop(
            parts in prop::collection::vec(prop::sample::select(
                vec!["{\"a\":", "[", "1", ",", "]", "}", "\"x{\"", "\"b\":", "\\", "\"", " ", "\n", "\u{1e}", "é", "{}", ",{", "[["]), 0..90),
            step in 1_usize..200,
        ) {
            let bytes = ["{\"a\":[", &parts.concat()].concat().into_bytes();
            let wanted = plain(&bytes, 0);
            for level in Level::available() {
                prop_assert_eq!(run(level, &bytes, 0, step), wanted, "{:?}", level);
            }
        }
    }
}
