//! Streams and listings as a whole; the parts have their own tests.

mod codecs;
mod listing;
mod streams;

use std::io::Write;

use super::*;
use crate::error::Error;

/// Log-like text that compresses as logs do, without a clock or a random source.
fn sample(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u64;
    let mut text = Vec::with_capacity(len + 128);
    while text.len() < len {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (a, b) = (state >> 56, (state >> 33) & 0xffff);
        writeln!(text, "192.0.2.{a} - - [05/Mar/2026:10:00:01 +0900] \"GET /item/{b} HTTP/1.1\" 200 {b}").unwrap();
    }
    text.truncate(len);
    text
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Frames with a checksum, in blocks as large as the library makes them.
fn zstd(text: &[u8]) -> Vec<u8> {
    let mut encoder = ::zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(text: &[u8]) -> Vec<u8> {
    let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::new(1));
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn xz(text: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A frame whose blocks stand on one another, with all checksums.
fn lz4(text: &[u8]) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new()
        .block_mode(lz4_flex::frame::BlockMode::Linked)
        .block_size(lz4_flex::frame::BlockSize::Max64KB)
        .block_checksums(true)
        .content_checksum(true);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// The header comes with the first bytes of text.
fn snappy(text: &[u8]) -> Vec<u8> {
    let mut encoder = snap::write::FrameEncoder::new(Vec::new());
    encoder.write_all(text).unwrap();
    encoder.into_inner().unwrap()
}

/// Whole-buffer decoding and streaming.
fn both_ways() -> [OpenOptions; 2] {
    [OpenOptions::default(), OpenOptions::default().with_memory_bytes(0)]
}

/// Everything a stream gives in reads of `step` bytes, and the error it ends with.
fn drain(stream: &mut Stream, step: usize) -> (Vec<u8>, Option<Error>) {
    let (mut out, mut buf) = (Vec::new(), vec![0; step]);
    loop {
        match stream.read(&mut buf) {
            Ok(0) => return (out, None),
            Ok(len) => out.extend_from_slice(&buf[..len]),
            Err(err) => {
                assert_eq!(stream.read(&mut buf).unwrap(), 0, "nothing follows an error");
                return (out, Some(err));
            }
        }
    }
}

fn read(data: &[u8], options: &OpenOptions, step: usize) -> (Vec<u8>, Option<Error>) {
    drain(&mut Source::bytes("t", data).items()[0].open(options).unwrap(), step)
}
