//! Copies that stop at a byte.

use super::text::Anywhere;
use super::vector::Vector;

/// Appends the bytes of `from` that stand before its first `byte`, all of them if there is none, and gives how many those
/// are.
///
/// **Cost**: 64 bytes at a time, so that a stop every few bytes costs a copy and a comparison, and no call.
#[inline]
pub fn copy_before(byte: u8, from: &[u8], out: &mut Vec<u8>) -> usize {
    out.reserve(from.len() + 64);
    let mut done = 0;
    while let Some(block) = from.get(done..done + 64) {
        let len = out.len();
        // SAFETY: 64 bytes are readable in `block`; `len <= done + out.len()` at the start, for which and 64 bytes more room
        // was reserved; as many bytes as the length grows by are written. The instance needs no features that the machine
        // may lack.
        unsafe {
            let block = Anywhere::load(block.as_ptr());
            block.store(out.as_mut_ptr().add(len));
            let stops = block.equal_any([byte]);
            let plain = stops.trailing_zeros() as usize;
            out.set_len(len + plain);
            done += plain;
            if stops != 0 {
                return done;
            }
        }
    }
    let rest = from.get(done..).unwrap_or_default();
    let plain = rest.iter().position(|other| *other == byte).unwrap_or(rest.len());
    out.extend_from_slice(&rest[..plain]);
    done + plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_end_at_the_byte() {
        for len in 0..200 {
            for at in 0..=len {
                let mut from = vec![b'x'; len];
                from[at..].fill(b'\\');
                let mut out = b"before".to_vec();
                assert_eq!(copy_before(b'\\', &from, &mut out), at, "{len} {at}");
                assert_eq!(out, [b"before", &from[..at]].concat(), "{len} {at}");
            }
        }
    }
}
