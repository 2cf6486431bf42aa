use std::io::Write;

use super::*;
use crate::error::ErrorKind;

type Compress = fn(&[u8]) -> Vec<u8>;

const CODECS: [(&str, Compress); 4] = [("bzip2", bzip2), ("xz", xz), ("lz4", lz4), ("snappy", snappy)];
const STEPS: [usize; 4] = [1, 7, 4096, 1 << 20];

#[test]
fn ok_streams_follow_one_another_at_any_read_size() {
    let parts = [sample(200_000), sample(1), sample(5000)];
    let text = parts.concat();
    for (name, codec) in CODECS {
        let stored: Vec<u8> = parts.iter().flat_map(|part| codec(part)).collect();
        for options in both_ways() {
            for step in STEPS {
                let (out, err) = read(&stored, &options, step);
                assert!(err.is_none() && out == text, "{name} {step} {err:?}");
            }
        }
        let empty = codec(b"");
        assert_eq!(read(&empty, &OpenOptions::default(), 64).0, b"", "{name}");
    }
    let padded = [xz(&parts[1]), vec![0; 8], xz(&parts[2])].concat();
    assert!(read(&padded, &OpenOptions::default(), 64).0 == [&parts[1][..], &parts[2]].concat());
    let skipped = [lz4(&parts[1]), b"\x51\x2a\x4d\x18\x03\0\0\0abc".to_vec(), lz4(&parts[2])].concat();
    assert!(read(&skipped, &OpenOptions::default(), 64).0 == [&parts[1][..], &parts[2]].concat());
}

#[test]
fn err_truncation_keeps_what_is_before() {
    let text = sample(150_000);
    for (name, codec) in CODECS {
        let stored = codec(&text);
        let mut longest = 0;
        for len in (12..stored.len()).step_by(stored.len() / 97).chain([stored.len() - 4, stored.len() - 1]) {
            let (out, err) = read(&stored[..len], &OpenOptions::default(), 512);
            let err = match err {
                Some(err) => err,
                // Framed snappy does not say where it ends: between two chunks it may.
                None if name == "snappy" => continue,
                None => panic!("{name}: no error at {len}"),
            };
            assert_eq!(err.kind(), ErrorKind::Corrupt, "{name} {len}");
            assert_eq!(err.position().byte, Some(out.len() as u64));
            assert!(text.starts_with(&out) && err.message().contains("truncated"), "{name} {len} {err}");
            longest = longest.max(out.len());
        }
        assert!(longest > text.len() / 4, "{name}: {longest}");
    }
}

#[test]
fn err_damage_gives_no_wrong_bytes() {
    let text = sample(300_000);
    for (name, codec) in CODECS {
        let mut stored = codec(&text);
        let at = stored.len() * 3 / 4;
        stored[at] ^= 0x55;
        stored[at + 1] ^= 0xaa;
        let (out, err) = read(&stored, &OpenOptions::default(), 4096);
        let err = err.unwrap_or_else(|| panic!("{name}: no error"));
        assert_eq!(err.kind(), ErrorKind::Corrupt, "{name}: {err}");
        // The checksums of the others stand behind whole blocks, as gzip's stands behind a member.
        if ["lz4", "snappy"].contains(&name) {
            assert!(text.starts_with(&out), "{name}");
        }
        let behind = [codec(&text), b"garbage that is no stream".to_vec()].concat();
        let (out, err) = read(&behind, &OpenOptions::default(), 4096);
        assert!(out == text && err.is_some_and(|err| err.kind() == ErrorKind::Corrupt), "{name}");
    }
}

#[test]
fn err_bombs_are_refused_at_the_limit() {
    let zeros = vec![b'0'; 8 << 20];
    for (name, codec) in CODECS {
        let stored = codec(&zeros);
        let options = OpenOptions::default().with_max_ratio(10.0);
        let (out, err) = read(&stored, &options, 1 << 16);
        let limit = stored.len() * 10;
        assert!(err.is_some_and(|err| err.message().contains("past the limit")) || limit >= zeros.len(), "{name}");
        assert!(out.len() <= limit.max(1 << 16), "{name}: {}", out.len());
    }
}

#[test]
fn err_xz_over_the_memory_limit() {
    // A window of 96 MiB, of which nothing is used.
    let mut options = liblzma::stream::LzmaOptions::new_preset(0).unwrap();
    options.dict_size(96 << 20);
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(&options);
    let mut stored = Vec::new();
    let encoder = liblzma::stream::Stream::new_stream_encoder(&filters, liblzma::stream::Check::Crc64).unwrap();
    let mut writer = liblzma::write::XzEncoder::new_stream(&mut stored, encoder);
    writer.write_all(b"hello").unwrap();
    writer.finish().unwrap();
    let (_, err) = read(&stored, &OpenOptions::default().with_memory_bytes(1 << 20), 64);
    let err = err.unwrap();
    assert_eq!(err.kind(), ErrorKind::Option, "{err}");
    assert!(err.hint().is_some_and(|hint| hint.contains("memory_bytes")), "{err}");
}
