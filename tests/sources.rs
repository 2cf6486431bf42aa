//! Sources end to end: compressed, damaged, empty, and records over the limit.
#![allow(missing_docs)]

mod common;

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use arrow::array::Array;
use common::{Whole, cells, numbers, options, read, read_bytes, traced};
use flate2::write::GzEncoder;
use logarrow::format::named;
use logarrow::{Category, ErrorKind, Format, OnError, Options, Source};

/// Lines of 60 to 90 bytes that do not compress to nothing.
fn log(lines: usize) -> String {
    let line = |i: usize| {
        let noise = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("192.0.2.{} - - [05/Mar/2026:10:00:01 +0900] \"GET /{noise:x} HTTP/1.1\" 200 {i}\n", noise >> 56)
    };
    (0..lines).map(line).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn common_format() -> Arc<Format> {
    named("apache.common").unwrap()
}

fn small() -> Options {
    Options { chunk_bytes: 1 << 16, ..traced() }
}

fn same(got: &Whole, want: &Whole, what: &str) {
    assert_eq!(got.rows, want.rows, "{what}");
    assert_eq!(got.rejects, want.rejects, "{what}");
    assert_eq!(got.report.counts, want.report.counts, "{what}");
}

#[test]
fn compressed_is_plain() {
    let text = log(3000);
    let want = read_bytes(text.as_bytes(), &common_format(), small()).unwrap();
    let (first, second) = text.as_bytes().split_at(100_003);
    let members = [gzip(first), gzip(b""), gzip(second)].concat();
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let frames = [&zstd(first)[..], &skippable, &zstd(second)].concat();
    for (what, bytes) in
        [("gzip", gzip(text.as_bytes())), ("members", members), ("zstd", zstd(text.as_bytes())), ("frames", frames)]
    {
        // Whole buffers and streams are two paths.
        for (threads, memory_bytes) in [(1, 256 << 20), (2, 256 << 20), (1, 1), (2, 1)] {
            let got = read_bytes(&bytes, &common_format(), Options { threads, memory_bytes, ..small() }).unwrap();
            same(&got, &want, &format!("{what}, {threads} threads, {memory_bytes} bytes"));
        }
    }
}

/// Checks a damaged source: a true prefix of the rows, one reject that says so, the damage in the report.
fn check_damage(bytes: &[u8], want: &Whole, options: &Options, what: &str) -> usize {
    let got = read_bytes(bytes, &common_format(), options.clone()).unwrap();
    let rows = got.rows.num_rows();
    assert!(rows <= want.rows.num_rows(), "{what}");
    assert_eq!(got.rows, want.rows.slice(0, rows), "{what}");
    let counts = &got.report.counts;
    assert_eq!((counts.records, counts.rejected, counts.malformed), (rows as u64 + 1, 1, 1), "{what}");
    assert_eq!(got.rejects.num_rows(), 1, "{what}");
    assert_eq!(numbers(&got.rejects, "line"), [rows as i64 + 1], "{what}");
    let reason = cells(&got.rejects, "reason")[0].clone().unwrap();
    assert!(
        reason.contains("truncated") || reason.contains("corrupt") || reason.contains("damaged"),
        "{what}: {reason}"
    );
    assert!(got.rejects.column_by_name("hint").unwrap().is_valid(0));
    assert!(got.report.is_damaged() && got.report.complete, "{what}");
    assert!(got.report.files[0].damage.as_ref().unwrap().contains(&reason), "{what}");
    let offset = want.rows.num_rows().min(rows);
    if offset < want.rows.num_rows() {
        assert_eq!(numbers(&got.rejects, "byte")[0], numbers(&want.rows, "_offset")[offset], "{what}");
    }
    rows
}

#[test]
fn truncated_gzip_gives_the_rows_before() {
    let text = log(600);
    let want = read_bytes(text.as_bytes(), &common_format(), small()).unwrap();
    let (first, second) = text.as_bytes().split_at(20_003);
    let first_rows = first.iter().filter(|byte| **byte == b'\n').count();
    let first = gzip(first);
    let boundary = first.len();
    let whole = [first, gzip(second)].concat();
    let mut most = 0;
    for cut in (97..whole.len()).step_by(97).chain([boundary - 1, boundary + 1, boundary + 5, whole.len() - 1]) {
        for memory_bytes in [256 << 20, 1] {
            for threads in [1, 2] {
                let options = Options { memory_bytes, threads, ..small() };
                let what = format!("{cut} of {}, {threads} threads, {memory_bytes} bytes", whole.len());
                let rows = check_damage(&whole[..cut], &want, &options, &what);
                assert!(cut <= boundary || rows >= first_rows, "{what}: the first member is whole, {rows} rows");
                most = most.max(rows);
            }
        }
    }
    assert!(most >= 599, "{most} rows at the most");
}

#[test]
fn damaged_gzip_gives_the_rows_before() {
    let text = log(600);
    let want = read_bytes(text.as_bytes(), &common_format(), small()).unwrap();
    let whole = gzip(text.as_bytes());
    for at in (whole.len() / 3..whole.len() - 8).step_by(997).chain([whole.len() - 8, whole.len() - 1]) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        // Wrong bytes inside may still be a stream, of other text; then the checksum behind it says so.
        for memory_bytes in [256 << 20, 1] {
            let got = read_bytes(&bytes, &common_format(), Options { memory_bytes, ..small() }).unwrap();
            assert!(got.report.is_damaged(), "byte {at}");
            assert!(cells(&got.rejects, "column").iter().filter(|column| column.is_none()).count() >= 1);
            if at >= whole.len() - 8 {
                assert_eq!(got.rows, want.rows, "only the checksum is wrong");
            }
        }
    }
}

#[test]
fn damage_in_every_mode() {
    let whole = gzip(log(600).as_bytes());
    let bytes = &whole[..whole.len() / 2];
    let reject = read_bytes(bytes, &common_format(), small()).unwrap();
    let skip = read_bytes(bytes, &common_format(), Options { on_error: OnError::Skip, ..small() }).unwrap();
    assert_eq!((skip.rejects.num_rows(), &skip.report.counts), (0, &reject.report.counts));
    assert!(skip.report.is_damaged());
    let reject_raw = logarrow::options::RejectRaw::None;
    let none = read_bytes(bytes, &common_format(), Options { reject_raw, ..small() }).unwrap();
    assert_eq!(cells(&none.rejects, "raw"), [None]);
    let err = read_bytes(bytes, &common_format(), Options { on_error: OnError::Raise, ..small() }).unwrap_err();
    assert_eq!((err.kind(), err.category()), (ErrorKind::Corrupt, Category::Io));
    // A limit that is met before the damage never sees it.
    let rows = reject.rows.num_rows() as u64;
    for chunk_bytes in [1 << 16, 4 << 20] {
        for limit in [1, rows] {
            let options = Options { limit: Some(limit), chunk_bytes, ..small() };
            let got = read_bytes(bytes, &common_format(), options).unwrap();
            assert_eq!((got.report.counts.records, got.report.is_damaged()), (limit, false));
        }
    }
}

#[test]
fn damage_in_one_file_leaves_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let text = log(300);
    let whole = gzip(text.as_bytes());
    let files = [("a.gz", whole.clone()), ("b.gz", whole[..whole.len() / 2].to_vec()), ("c.log", text.into_bytes())];
    let mut paths = Vec::new();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        paths.push(path.to_str().unwrap().to_owned());
    }
    for threads in [1, 3] {
        let got = read(Source::paths(&paths).unwrap(), &common_format(), Options { threads, ..small() }).unwrap();
        let files = &got.report.files;
        let damaged: Vec<bool> = files.iter().map(|file| file.damage.is_some()).collect();
        assert_eq!(damaged, [false, true, false]);
        assert_eq!((files[0].counts.rows, files[1].counts.rejected, files[2].counts.rows), (300, 1, 300));
        assert!(files[1].counts.rows > 50);
        assert_eq!(cells(&got.rejects, "source")[0].as_deref(), Some(&*paths[1]));
    }
}

#[test]
fn nothing_and_blank() {
    let cases: [(&[u8], u64); 6] =
        [(b"", 0), (b"\n", 1), (b"\n\n\n", 3), (b"\r\n\r\n", 2), (b"\r", 1), (b"\n\r\n\n", 3)];
    for (bytes, blank) in cases {
        for threads in [1, 2] {
            for bytes in [bytes.to_vec(), gzip(bytes)] {
                let got = read_bytes(&bytes, &common_format(), Options { threads, ..small() }).unwrap();
                let counts = &got.report.counts;
                assert_eq!((counts.records, counts.skipped, counts.lines), (blank, blank, blank), "{bytes:?}");
                assert_eq!((got.rows.num_rows(), got.rejects.num_rows(), got.batches.len()), (0, 0, 0));
                assert!(got.rows.num_columns() > 5, "the schema is there without rows");
            }
        }
    }
}

#[test]
fn bytes_are_those_of_the_text() {
    let text = log(3000);
    let long = format!("{text}{}\n{text}{}", "x".repeat(300_000), "y".repeat(300_000));
    for text in [&text[..], &text[..text.len() - 1], "\n", "a", &long, "\u{feff}a\r\n\r\nb"] {
        for chunk_bytes in [1 << 16, 1 << 20] {
            for threads in [1, 2] {
                let options = Options { chunk_bytes, threads, max_record_bytes: 1000, ..small() };
                let got = read_bytes(text.as_bytes(), &common_format(), options).unwrap();
                assert_eq!(got.report.counts.bytes, text.len() as u64, "{chunk_bytes}: {:?}", text.get(..20));
                assert_eq!(got.report.counts.lines, text.lines().count() as u64);
            }
        }
    }
}

#[test]
fn a_huge_line_stands_between_good_ones() {
    let good = log(2);
    let (first, second) = good.split_at(good.find('\n').unwrap() + 1);
    for (huge_bytes, max_record_bytes) in [(200_001, 100_000), (1_000_000, 200), (201, 200), (70_000, 65_536)] {
        for end in ["\n", "\r\n"] {
            let huge = "h".repeat(huge_bytes);
            let text = format!("{first}{huge}{end}{second}{huge}{end}{second}{huge}");
            let mut before: Option<Whole> = None;
            for chunk_bytes in [1, 1 << 16, 1 << 18, 4 << 20] {
                for threads in [1, 2] {
                    let what = format!("{huge_bytes} over {max_record_bytes}, chunks of {chunk_bytes}");
                    let options = Options { chunk_bytes, max_record_bytes, threads, ..small() };
                    let got = read_bytes(text.as_bytes(), &common_format(), options).unwrap();
                    let counts = &got.report.counts;
                    assert_eq!((counts.rows, counts.rejected, counts.lines), (3, 3, 6), "{what}");
                    assert_eq!(numbers(&got.rows, "_line"), [1, 3, 5]);
                    let step = huge_bytes + end.len();
                    let third = first.len() + step;
                    let fifth = third + second.len() + step;
                    assert_eq!(numbers(&got.rows, "_offset"), [0, third as i64, fifth as i64], "{what}");
                    let reason = format!("the record is longer than {max_record_bytes} bytes");
                    assert_eq!(cells(&got.rejects, "reason"), vec![Some(reason); 3]);
                    for raw in cells(&got.rejects, "raw") {
                        assert_eq!(raw.unwrap().len(), max_record_bytes.min(4096), "{what}");
                    }
                    if let Some(before) = &before {
                        same(&got, before, &what);
                    }
                    before = Some(got);
                }
            }
        }
    }
}

#[test]
fn a_record_of_just_the_limit_is_read() {
    let text = log(1);
    let len = text.len() - 1;
    for end in ["", "\n", "\r\n"] {
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}{}{end}", &text[..len]);
            for (max_record_bytes, rows) in [(len, 1), (len - 1, 0)] {
                let options = Options { max_record_bytes, ..options() };
                let got = read_bytes(text.as_bytes(), &common_format(), options).unwrap();
                assert_eq!(got.rows.num_rows(), rows, "{mark:?} {end:?} {max_record_bytes} of {len}");
            }
        }
    }
}

/// Logs of many years in one scan: each is held against the time it was changed.
#[test]
fn each_file_has_its_own_reference_time() {
    let format = "name = 'own'\nline = '{time} {text}'\n[columns]\ntime = { type = 'timestamp', format = '%b %d %T' }";
    let format = Arc::new(Format::from_toml(format, "own.toml").unwrap());
    let folder = tempfile::tempdir().unwrap();
    // 2020-02-01, 2022-02-01, 2024-02-01
    let changed = [1_580_515_200, 1_643_673_600, 1_706_745_600_u64];
    for (i, seconds) in changed.into_iter().enumerate() {
        let path = folder.path().join(format!("{i}.log"));
        let text = "Dec 31 10:00:00 a\nJan 01 10:00:00 b\n".repeat(4000);
        std::fs::write(&path, text).unwrap();
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }
    let pattern = folder.path().join("*.log");
    let run = |threads, reference_time_us| {
        let source = Source::paths(&[pattern.to_str().unwrap()]).unwrap();
        read(source, &format, Options { threads, reference_time_us, chunk_bytes: 1 << 16, ..options() }).unwrap()
    };
    for threads in [1, 3] {
        let whole = run(threads, None);
        let times = cells(&whole.rows, "time");
        for (i, year) in [2019, 2021, 2023].into_iter().enumerate() {
            let of_file = &times[i * 8000..][..8000];
            let want = [format!("{year}-12-31T10:00:00Z"), format!("{}-01-01T10:00:00Z", year + 1)];
            assert!(of_file.chunks(2).all(|two| two[0] == Some(want[0].clone()) && two[1] == Some(want[1].clone())));
            assert_eq!(whole.report.files[i].reference_time_us, changed[i] as i64 * 1_000_000);
        }
        assert_eq!(whole.report.reference_time_us, None);
        let given = run(threads, Some(1_706_745_600_000_000));
        assert_eq!(given.report.reference_time_us, Some(1_706_745_600_000_000));
        assert!(cells(&given.rows, "time").chunks(2).all(|two| two[0].as_deref() == Some("2023-12-31T10:00:00Z")));
    }
}

#[test]
fn utf16_is_read_by_its_mark_or_told_of() {
    let text = log(200);
    let want = read_bytes(text.as_bytes(), &common_format(), small()).unwrap();
    let units = |text: &str, to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    for to in [u16::to_le_bytes, u16::to_be_bytes] {
        let marked = units(&format!("\u{feff}{text}"), to);
        for stored in [marked.clone(), gzip(&marked)] {
            for threads in [1, 2] {
                let got = read_bytes(&stored, &common_format(), Options { threads, ..small() }).unwrap();
                same(&got, &want, "UTF-16");
                assert_eq!(got.report.files[0].encoding, Some("utf-16"));
            }
        }
        let source = Source::bytes("access.log", &*marked);
        assert_eq!(logarrow::infer::choose(&source, &options()).unwrap().name, "apache.common");
        let bare = read_bytes(&units(&text, to), &common_format(), small()).unwrap();
        let hints = cells(&bare.rejects, "hint");
        // The last piece is the second half of a newline.
        let hinted = hints.iter().flatten().filter(|hint| hint.starts_with("set encoding to \"utf-16\"")).count();
        assert!(hinted >= 200 && bare.rows.num_rows() == 0, "{hinted} of {}", hints.len());
    }
    assert_eq!(want.report.files[0].encoding, Some("utf-8"));
    let plain = read_bytes(b"x\0\0y no record\n", &common_format(), small()).unwrap();
    assert!(cells(&plain.rejects, "hint")[0].as_deref().unwrap().starts_with("check that"));
}

/// A place behind the text that is kept is not the end of the record.
#[test]
fn errors_do_not_take_a_cut_for_the_end() {
    use logarrow::options::RejectRaw;
    let line = log(1).replace('\n', "");
    for reject_raw in [RejectRaw::Full, RejectRaw::Prefix, RejectRaw::None] {
        for len in 60..110 {
            let options = || Options { on_error: OnError::Raise, reject_raw, ..options() };
            let ends = format!("{} [{}", &line[..20], "x".repeat(len));
            let err = read_bytes(ends.as_bytes(), &common_format(), options()).unwrap_err();
            assert!(!err.message().contains("found the end"), "{err}");
            let path = "y".repeat(len);
            let goes_on = format!("192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] \"GET /{path}\" 200 5 more");
            let err = read_bytes(goes_on.as_bytes(), &common_format(), options()).unwrap_err();
            assert!(!err.message().contains("found the end"), "{err}");
            let open = format!("192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] \"GET /{path}");
            let err = read_bytes(open.as_bytes(), &common_format(), options()).unwrap_err();
            assert_eq!(err.message(), "expected a closing \", found the end of the record");
        }
    }
}
