//! Entries of the systemd journal's export: data may hold anything, and nothing depends on the cut.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use common::{assert_balanced, cells, levels, numbers, options, read, read_bytes, traced};
use logarrow::filter::Expr;
use logarrow::format::named;
use logarrow::{Format, Options, Source};

fn format() -> Arc<Format> {
    named("journald.export").unwrap()
}

fn data(name: &str, data: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b"\n", &(data.len() as u64).to_le_bytes(), data, b"\n"].concat()
}

/// Two entries whose data hold what ends entries elsewhere, a broken one between them, and one that breaks off.
fn log() -> Vec<u8> {
    let message = data("MESSAGE", b"\n\nMESSAGE=no\n\n\xff\0\n");
    let cut = data("MESSAGE", &b"never there\n\n".repeat(3));
    [
        b"_PID=1\n".as_slice(),
        &message,
        b"PRIORITY=3\n\n\n_PID=2\nwhat is this\nMESSAGE=x\n\n_PID=3\n",
        &data("COREDUMP", &[b'\n'; 300]),
        b"MESSAGE=three\n\n_PID=4\n",
        &cut[..cut.len() - 9],
    ]
    .concat()
}

#[test]
fn data_hold_anything() {
    let whole = read_bytes(&log(), &format(), traced()).unwrap();
    assert_balanced(&whole.report);
    assert_eq!(
        cells(&whole.rows, "message"),
        [Some("\n\nMESSAGE=no\n\n\u{fffd}\0\n".to_owned()), Some("three".to_owned())]
    );
    assert_eq!((numbers(&whole.rows, "pid"), numbers(&whole.rows, "_line")), (vec![1, 3], vec![1, 16]));
    assert_eq!(cells(&whole.rows, "_extra")[1].as_deref(), Some(&*format!("COREDUMP\n{}", "\n".repeat(300))));
    let reasons =
        ["expected NAME=value, or a name and its data", "expected a name, the length of its data, and all of them"];
    assert_eq!(cells(&whole.rejects, "reason"), reasons.map(|reason| Some(reason.to_owned())));
    let raw = cells(&whole.rejects, "raw");
    assert_eq!(raw[0].as_deref(), Some("_PID=2\nwhat is this\nMESSAGE=x\n"));
    assert!(raw[1].as_deref().unwrap().starts_with("_PID=4\nMESSAGE\n"));
    let counts = &whole.report.counts;
    assert_eq!((counts.rows, counts.rejected, counts.skipped, counts.replaced), (2, 2, 1, 2));
}

/// Whatever piece of it is read at a time, whatever is over the limit, and wherever the log breaks off.
#[test]
fn nothing_depends_on_the_cut() {
    let log = log();
    for end in (0..log.len()).step_by(7).chain([log.len()]) {
        for max_record_bytes in [1, 60, 200, 16 << 20] {
            let options = |chunk_bytes| Options { chunk_bytes, max_record_bytes, threads: 1, ..traced() };
            let want = read_bytes(&log[..end], &format(), options(1 << 20)).unwrap();
            assert_balanced(&want.report);
            for piece in [1, 5, 64] {
                let source = Source::reader("a.log", Box::new(Drip(log[..end].to_vec(), piece)));
                let got = read(source, &format(), options(1)).unwrap();
                let what = format!("{end} bytes, limit {max_record_bytes}, pieces of {piece}");
                assert_eq!(got.report.counts, want.report.counts, "{what}");
                assert_eq!((&got.rows, &got.rejects), (&want.rows, &want.rejects), "{what}");
            }
        }
    }
}

/// A reader that gives a few bytes at a time.
struct Drip(Vec<u8>, usize);

impl std::io::Read for Drip {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let len = self.1.min(buf.len()).min(self.0.len());
        buf[..len].copy_from_slice(&self.0[..len]);
        self.0.drain(..len);
        Ok(len)
    }
}

#[test]
fn rows_filters_and_limits() {
    let log: Vec<u8> = (0..3000)
        .flat_map(|number| {
            let message = data("MESSAGE", format!("n {number}\n\n").as_bytes());
            [format!("_PID={number}\nPRIORITY={}\n", number % 8).as_bytes(), &message, b"\n"].concat()
        })
        .collect();
    for level in levels() {
        for (threads, chunk_bytes) in [(1, 1 << 20), (3, 5000)] {
            let options = || Options { simd: level, threads, chunk_bytes, ..options() };
            let filter = Some(Expr::parse("priority <= 2 AND message LIKE 'n 2%'").unwrap());
            let want = (0..3000).filter(|number: &i64| number % 8 <= 2 && number.to_string().starts_with('2'));
            let whole = read_bytes(&log, &format(), Options { filter, ..options() }).unwrap();
            assert_eq!(numbers(&whole.rows, "pid"), want.collect::<Vec<_>>());
            let whole = read_bytes(&log, &format(), Options { limit: Some(7), ..options() }).unwrap();
            assert_eq!((whole.rows.num_rows(), whole.report.counts.records), (7, 7));
            assert_eq!(whole.report.counts.lines, 7 * 7);
        }
    }
}

/// A length that was damaged takes along what it counts, but none that cannot be.
#[test]
fn damaged_lengths() {
    let entry = |length: u64| {
        let lines = b"MESSAGE=x\n\n".repeat(30);
        [b"A=1\nB\n".as_slice(), &length.to_le_bytes(), b"xy\n\n", &lines].concat()
    };
    for (length, rows, rejected) in [(2, 31, 0), (3, 30, 0), (4, 29, 1), (15, 28, 1), (1 << 40, 30, 1), (5000, 0, 1)] {
        let whole = read_bytes(&entry(length), &format(), options()).unwrap();
        assert_eq!((whole.report.counts.rows, whole.report.counts.rejected), (rows, rejected), "{length}");
    }
}

#[test]
fn a_key_excludes_other_layouts() {
    let err = Format::from_toml("name = 'own'\njournal = 'export'\nline = '{a}'", "own.toml").unwrap_err().to_string();
    assert!(err.contains("keys \"journal\" and \"line\" do not go together"), "{err}");
    let own = "name = 'own'\njournal = 'export'\n[columns]\nMESSAGE = {}\npid = { key = '_PID', type = 'int64' }";
    let own = Arc::new(Format::from_toml(own, "own.toml").unwrap());
    assert_eq!(Format::from_toml(&own.to_toml(), "again").unwrap(), *own);
    let whole = read_bytes(b"_PID=7\nMESSAGE=x\n\n_PID=8\nOTHER=1\n", &own, options()).unwrap();
    assert_eq!(numbers(&whole.rows, "pid"), [7]);
    assert_eq!(cells(&whole.rejects, "reason"), [Some("expected a field that the format knows, and once".to_owned())]);
}
