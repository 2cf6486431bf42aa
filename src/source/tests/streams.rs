use std::collections::VecDeque;
use std::io::{self, Read};

use super::*;
use crate::error::ErrorKind;

const STEPS: [usize; 7] = [1, 2, 7, 64, 4096, 65_537, 1 << 20];

/// Gives its parts one read at a time, as a pipe does.
struct Trickle(VecDeque<Vec<u8>>);

impl Read for Trickle {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(mut part) = self.0.pop_front() else { return Ok(0) };
        let len = part.len().min(buf.len());
        buf[..len].copy_from_slice(&part[..len]);
        if len < part.len() {
            self.0.push_front(part.split_off(len));
        }
        Ok(len)
    }
}

fn trickle(data: &[u8], step: usize) -> Source {
    Source::reader("pipe", Box::new(Trickle(data.chunks(step).map(<[u8]>::to_vec).collect())))
}

#[test]
fn ok_round_trips_at_any_read_size() {
    for len in [0, 1, 100, 70_000, 300_000] {
        let text = sample(len);
        for stored in [text.clone(), gzip(&text), zstd(&text)] {
            for options in both_ways() {
                for step in STEPS {
                    let (out, err) = read(&stored, &options, step);
                    assert!(err.is_none(), "{err:?}");
                    assert!(out == text, "{len} bytes in steps of {step}");
                }
            }
        }
    }
}

#[test]
fn ok_readers_in_small_pieces() {
    let text = sample(20_000);
    for stored in [text.clone(), gzip(&text), zstd(&text)] {
        for piece in [1, 3, 1000] {
            for step in STEPS {
                let source = trickle(&stored, piece);
                let (out, err) = drain(&mut source.items()[0].open(&OpenOptions::default()).unwrap(), step);
                assert!(err.is_none() && out == text, "{piece} {step} {err:?}");
            }
        }
    }
}

#[test]
fn ok_live_pipes_make_progress() {
    let text = sample(1000);
    let source = trickle(&text, 100);
    let mut stream = source.items()[0].open(&OpenOptions::default()).unwrap();
    assert!(stream.read(&mut [0; 4096]).unwrap() <= 100);
    // A flushed deflate block comes out before the next one is there.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(&text).unwrap();
    encoder.flush().unwrap();
    let first = encoder.get_ref().clone();
    encoder.write_all(&text).unwrap();
    let second = encoder.finish().unwrap().split_off(first.len());
    let source = Source::reader("pipe", Box::new(Trickle([first, second].into())));
    let mut stream = source.items()[0].open(&OpenOptions::default()).unwrap();
    let mut buf = [0; 8192];
    assert_eq!(stream.read(&mut buf).unwrap(), 1000);
    assert_eq!(stream.read(&mut buf).unwrap(), 1000);
    assert_eq!(stream.read(&mut buf).unwrap(), 0);
}

#[test]
fn ok_members_and_frames_follow_one_another() {
    let parts = [sample(5000), Vec::new(), sample(1), sample(200_000), sample(5000)];
    let text = parts.concat();
    let members: Vec<u8> = parts.iter().flat_map(|part| gzip(part)).collect();
    let skippable = [&b"\x51\x2a\x4d\x18\x03\0\0\0abc"[..]; 1].concat();
    let frames: Vec<u8> = parts.iter().flat_map(|part| [skippable.clone(), zstd(part)].concat()).collect();
    let padded = [&members[..], &[0; 1000]].concat();
    let same_twice = gzip(&parts[0]).repeat(2);
    for options in both_ways() {
        for step in STEPS {
            for stored in [&members, &frames, &padded] {
                let (out, err) = read(stored, &options, step);
                assert!(err.is_none() && out == text, "{step} {err:?}");
            }
            assert_eq!(read(&same_twice, &options, step).0, parts[0].repeat(2));
        }
    }
}

#[test]
fn ok_header_with_all_optional_parts() {
    let plain = gzip(b"hello");
    let mut stored = plain[..10].to_vec();
    stored[3] = FLAGS_ALL;
    stored.extend(b"\x03\0xyzname\0comment\0\x12\x34");
    stored.extend(&plain[10..]);
    const FLAGS_ALL: u8 = 2 | 4 | 8 | 16;
    for options in both_ways() {
        assert_eq!(read(&stored, &options, 3).0, b"hello");
    }
    for len in 2..stored.len() {
        let (_, err) = read(&stored[..len], &OpenOptions::default(), 64);
        assert_eq!(err.unwrap().kind(), ErrorKind::Corrupt, "{len}");
    }
}

#[test]
fn err_truncation_at_every_byte() {
    let text = sample(3000);
    for (stored, whole_blocks) in [(gzip(&text), false), (zstd(&text), true)] {
        for options in both_ways() {
            let mut longest = 0;
            for len in 2..stored.len() {
                let (out, err) = read(&stored[..len], &options, 512);
                let err = err.unwrap_or_else(|| panic!("no error at {len}"));
                assert_eq!(err.kind(), ErrorKind::Corrupt);
                assert_eq!(err.position().byte, Some(out.len() as u64));
                assert!(err.message().contains("truncated"), "{err}");
                assert!(text.starts_with(&out) && out.len() >= longest, "{len}");
                longest = out.len();
                // All but what a deflate window or a zstd block holds back comes out.
                if !whole_blocks && len > stored.len() / 2 {
                    assert!(out.len() > text.len() / 4, "{len} of {} gave only {}", stored.len(), out.len());
                }
            }
        }
    }
}

#[test]
fn err_damage_in_a_later_block_keeps_the_earlier_ones() {
    let text = sample(1 << 20);
    for stored in [gzip(&text), zstd(&text)] {
        let mut stored = stored;
        let at = stored.len() * 3 / 4;
        stored[at..at + 40].fill(0xff);
        for options in both_ways() {
            for step in [1 << 10, 4 << 20] {
                let (out, err) = read(&stored, &options, step);
                assert_eq!(err.unwrap().kind(), ErrorKind::Corrupt);
                assert!(out.len() > text.len() / 2, "{}", out.len());
                assert!(text.starts_with(&out[..text.len() / 2]));
            }
        }
    }
}

#[test]
fn err_every_bit_flip_is_noticed_or_harmless() {
    let text = sample(300);
    for (stored, compression) in [(gzip(&text), Compression::Gzip), (zstd(&text), Compression::Zstd)] {
        for bit in 0..stored.len() * 8 {
            let mut stored = stored.clone();
            stored[bit / 8] ^= 1 << (bit % 8);
            let answers = both_ways().map(|options| read(&stored, &options.with_compression(compression), 64));
            for (out, err) in &answers {
                // Time stamps, names of operating systems and the like mean nothing to the text.
                assert!(err.is_some() || *out == text, "bit {bit} of {compression:?}");
            }
            if compression == Compression::Gzip {
                let [whole, streamed] = answers.map(|(out, err)| (out, err.map(|err| err.to_string())));
                assert_eq!(whole, streamed, "bit {bit}");
            }
        }
    }
}

#[test]
fn err_garbage_after_a_member() {
    let text = sample(1000);
    for tail in [&b"x"[..], b"not gzip at all", b"\x1f", b"\x1f\x8b\x08", b"\0\0\0x"] {
        let stored = [&gzip(&text), tail].concat();
        for options in both_ways() {
            let (out, err) = read(&stored, &options, 4096);
            assert_eq!(out, text);
            assert_eq!(err.unwrap().kind(), ErrorKind::Corrupt, "{tail:?}");
        }
    }
    let (out, err) = read(&[&zstd(&text)[..], b"garbage"].concat(), &OpenOptions::default(), 4096);
    assert_eq!((out, err.unwrap().kind()), (text, ErrorKind::Corrupt));
}

#[test]
fn err_text_names_both_offsets() {
    let stored = gzip(b"hello");
    let (_, err) = read(&stored[..stored.len() - 4], &OpenOptions::default(), 64);
    assert_eq!(
        err.unwrap().to_string(),
        "t (byte 5): gzip stream is truncated: it ends inside a member's checksum (compressed byte 17)\n\
         hint: the bytes before this place are good; fetch the file again to get the rest"
    );
}

#[test]
fn ok_trailer_bytes_inside_the_data_fall_back() {
    // A stored block may hold the member's own trailer; then only the streaming decoder can tell where it ends.
    let text = [&b"\x1f\x8b\x08\0"[..], &sample(400)].concat();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(&text).unwrap();
    let stored = encoder.finish().unwrap();
    for options in both_ways() {
        let (out, err) = read(&stored.repeat(3), &options, 100);
        assert!(err.is_none() && out == text.repeat(3));
    }
}

#[test]
fn ok_names_do_not_decide() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plain.gz");
    std::fs::write(&path, "plain").unwrap();
    let source = Source::paths(&[path.to_str().unwrap()]).unwrap();
    let mut stream = source.items()[0].open(&OpenOptions::default()).unwrap();
    assert_eq!(stream.compression(), Compression::None);
    assert_eq!(drain(&mut stream, 64).0, b"plain");
    let forced = OpenOptions::default().with_compression(Compression::Gzip);
    let (_, err) = drain(&mut source.items()[0].open(&forced).unwrap(), 64);
    assert!(err.unwrap().message().contains("does not start with a gzip header"));
    let raw = OpenOptions::default().with_compression(Compression::None);
    assert_eq!(read(&gzip(b"x"), &raw, 64).0, gzip(b"x"));
}

#[test]
fn err_other_compressions_are_named() {
    let err = Source::bytes("t", *b"PK\x03\x04....").items()[0].open(&OpenOptions::default()).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Option);
    assert!(err.message().contains("zip"));
}

#[test]
fn err_limits_hold() {
    let text = vec![b'a'; 1 << 20];
    for stored in [gzip(&text), zstd(&text)] {
        for options in both_ways() {
            let by_size = options.clone().with_max_decompressed_bytes(1000);
            let by_ratio = options.clone().with_max_ratio(2.0);
            for (options, want) in [(by_size, 1000), (by_ratio, stored.len() * 2)] {
                for step in STEPS {
                    let (out, err) = read(&stored, &options, step);
                    assert_eq!((out.len(), err.unwrap().kind()), (want, ErrorKind::Corrupt));
                }
            }
            let exact = options.with_max_decompressed_bytes(1 << 20);
            assert!(read(&stored, &exact, 4096).1.is_none());
        }
    }
    let piped = trickle(&gzip(&text), 100).items()[0].open(&OpenOptions::default().with_max_ratio(5.0)).unwrap();
    assert!(drain(&mut { piped }, 4096).1.is_some());
}

#[test]
fn ok_encodings_over_compression() {
    let text = "caf\u{e9} \u{1f600}\r\n".repeat(20_000);
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let stored = gzip(&[&[0xfe, 0xff], &utf16[..]].concat());
    let options = OpenOptions::default().with_encoding(Encoding::Utf16);
    for step in STEPS {
        assert!(read(&stored, &options, step).0 == text.as_bytes());
    }
    let (out, err) = read(&stored[..stored.len() / 2], &options, 1000);
    assert!(err.is_some() && text.as_bytes().starts_with(&out) && !out.is_empty());
    let latin1 = OpenOptions::default().with_encoding(Encoding::Latin1);
    assert_eq!(read(b"caf\xe9", &latin1, 1).0, "café".as_bytes());
    assert_eq!(read("\u{feff}x".as_bytes(), &OpenOptions::default(), 64).0, "\u{feff}x".as_bytes());
}

#[test]
fn ok_a_mark_of_utf16_is_enough() {
    let text = "a\u{e9}\u{20ac}\n".repeat(1000);
    let units = |to: fn(u16) -> [u8; 2]| format!("\u{feff}{text}").encode_utf16().flat_map(to).collect::<Vec<u8>>();
    for marked in [units(u16::to_le_bytes), units(u16::to_be_bytes)] {
        for stored in [marked.clone(), gzip(&marked), zstd(&marked)] {
            for step in STEPS {
                let (out, err) = read(&stored, &OpenOptions::default(), step);
                assert!(err.is_none() && out == text.as_bytes(), "in steps of {step}");
                let mut stream = trickle(&stored, step).items()[0].open(&OpenOptions::default()).unwrap();
                assert_eq!(stream.encoding(), Encoding::Auto);
                let (out, err) = drain(&mut stream, step);
                assert!(err.is_none() && out == text.as_bytes(), "from pipes in steps of {step}");
                assert_eq!(stream.encoding(), Encoding::Utf16);
            }
            // Who names an encoding means it.
            let options = OpenOptions::default().with_encoding(Encoding::Utf8);
            assert!(read(&stored, &options, 64).0 == marked);
        }
        let source = Source::bytes("demo", marked);
        let err = source.items()[0].open_range(8, None, &OpenOptions::default()).unwrap_err();
        assert_eq!(err.message(), "demo: a file in UTF-16 cannot be read in ranges");
    }
    for other in [
        &b""[..],
        b"\xff",
        b"\xfe",
        b"\xffx",
        b"\xfe\xfe",
        b"\xef\xbb\xbfx",
        b"x",
        b"xy\xff\xfe",
        b"\xff\xfeab",
        b"\xfe\xff[1",
    ] {
        for step in STEPS {
            let mut stream = trickle(other, step).items()[0].open(&OpenOptions::default()).unwrap();
            assert_eq!(drain(&mut stream, step).0, other, "in steps of {step}");
            assert_eq!(stream.encoding(), Encoding::Utf8);
        }
    }
    // What breaks behind the first byte of a mark is told behind it.
    let mut broken = gzip(&[0xff]);
    broken.truncate(broken.len() - 1);
    let (out, err) = read(&broken, &OpenOptions::default(), 64);
    assert_eq!((out, err.map(|err| err.kind())), (vec![0xff], Some(ErrorKind::Corrupt)));
}

#[test]
fn ok_reopen_and_err_second_read_of_a_reader() {
    let source = Source::bytes("t", *b"abc");
    for _ in 0..2 {
        assert_eq!(drain(&mut source.items()[0].open(&OpenOptions::default()).unwrap(), 64).0, b"abc");
    }
    let source = Source::reader("pipe", Box::new(&b"abc"[..]));
    assert!(!source.rerunnable() && source.total_bytes().is_none());
    source.items()[0].open(&OpenOptions::default()).unwrap();
    let err = source.items()[0].open(&OpenOptions::default()).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Option);
    assert!(err.to_string().contains("only once"));
}

#[test]
fn ok_ranges_join_to_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.log");
    let text = sample(10_000);
    std::fs::write(&path, &text).unwrap();
    let options = OpenOptions::default();
    for source in [Source::paths(&[path.to_str().unwrap()]).unwrap(), Source::bytes("t", &text[..])] {
        let item = &source.items()[0];
        for cut in [0, 1, 777, 10_000, 20_000] {
            let (head, _) = drain(&mut item.open_range(0, Some(cut), &options).unwrap(), 333);
            let (tail, _) = drain(&mut item.open_range(cut, None, &options).unwrap(), 333);
            assert_eq!([head, tail].concat(), text);
        }
    }
    let packed = Source::bytes("t", gzip(&text));
    assert_eq!(packed.items()[0].open_range(5, None, &options).unwrap_err().kind(), ErrorKind::Option);
}
