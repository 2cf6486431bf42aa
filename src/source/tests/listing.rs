use std::fs;
use std::path::Path;

use super::*;
use crate::error::ErrorKind;

fn tree(names: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in names {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    dir
}

/// What `patterns` list, relative to `dir`.
fn listed(dir: &Path, patterns: &[&str]) -> Vec<String> {
    let patterns: Vec<String> = patterns.iter().map(|pattern| format!("{}/{pattern}", dir.display())).collect();
    let source = Source::paths(&patterns).unwrap();
    let prefix = format!("{}/", dir.display());
    source.items().iter().map(|item| item.name().strip_prefix(&prefix).unwrap().to_owned()).collect()
}

#[test]
fn ok_patterns() {
    let dir = tree(&[
        "a.log",
        "b.log",
        "b.log~",
        ".c.log",
        "_SUCCESS",
        "sub/x.log",
        "sub/_tmp/y.log",
        "sub/deep/z.log",
        "w[1].log",
        "sub.d/q.txt",
    ]);
    let cases: [(&[&str], &[&str]); 12] = [
        (&["a.log"], &["a.log"]),
        (&["?.log"], &["a.log", "b.log"]),
        (&["[b-c].log"], &["b.log"]),
        (&["**/*.log"], &["a.log", "b.log", "sub/deep/z.log", "sub/x.log", "w[1].log"]),
        (&["sub/*"], &["sub/deep/z.log", "sub/x.log"]),
        (&["sub"], &["sub/deep/z.log", "sub/x.log"]),
        (&["sub*"], &["sub.d/q.txt", "sub/deep/z.log", "sub/x.log"]),
        (&["w[1].log"], &["w[1].log"]),
        (&["_SUCCESS"], &["_SUCCESS"]),
        (&["_*"], &["_SUCCESS"]),
        (&["sub/_tmp/*.log"], &["sub/_tmp/y.log"]),
        (&["b.log", "*.log", "sub/../a.log"], &["b.log", "a.log", "w[1].log"]),
    ];
    for (patterns, want) in cases {
        assert_eq!(listed(dir.path(), patterns), want, "{patterns:?}");
    }
    assert_eq!(listed(dir.path(), &[""]).len(), 6);
}

#[test]
fn ok_file_urls_and_metadata() {
    let dir = tree(&["a b.log"]);
    let url = format!("file://{}/a%20b.log", dir.path().display());
    let source = Source::paths(&[url]).unwrap();
    let item = &source.items()[0];
    assert_eq!((item.size(), item.rerunnable()), (Some(7), true));
    assert!(item.modified().is_some());
    assert_eq!(item.path().unwrap().file_name().unwrap(), "a b.log");
    assert_eq!(source.total_bytes(), Some(7));
}

#[test]
fn ok_stdin_once() {
    let source = Source::paths(&["-", "-"]).unwrap();
    assert_eq!(source.items().len(), 1);
    assert_eq!(&*source.items()[0].name(), "-");
    assert_eq!(Source::stdin().items().len(), 1);
}

#[cfg(unix)]
#[test]
fn ok_links_are_followed_once() {
    let dir = tree(&["logs/1.log", "logs/2.log", "other/3.log"]);
    let link = |to: &str, from: &str| std::os::unix::fs::symlink(dir.path().join(to), dir.path().join(from)).unwrap();
    link("logs/2.log", "logs/current.log");
    link("logs", "logs/loop");
    link("other", "logs/more");
    link("gone", "logs/dangling.log");
    assert_eq!(listed(dir.path(), &["logs"]), ["logs/1.log", "logs/2.log", "logs/more/3.log"]);
    assert_eq!(listed(dir.path(), &["logs/*.log"]), ["logs/1.log", "logs/2.log"]);
}

#[test]
fn err_messages() {
    let dir = tree(&["empty/.hidden"]);
    let missing = ErrorKind::Io(std::io::ErrorKind::NotFound);
    let inside = |name: &str| format!("{}/{name}", dir.path().display());
    let cases = [
        (inside("no.log"), missing, "no.log: no such file or directory"),
        (inside("*.log"), missing, "*.log: matches no file"),
        (inside("empty"), missing, "empty: matches no file"),
        (inside("a**b"), ErrorKind::Option, "not a glob"),
        ("ftp://host/key".into(), ErrorKind::Option, "ftp:// is no scheme that is known here"),
        ("file://host/x".into(), ErrorKind::Option, "names no other host"),
        ("file:///%zz".into(), ErrorKind::Option, "not a valid URL"),
    ];
    for (pattern, kind, text) in cases {
        let err = Source::paths(&[&pattern]).unwrap_err();
        assert_eq!(err.kind(), kind, "{pattern}");
        assert!(err.message().contains(text) && err.hint().is_some(), "{err}");
    }
}

#[test]
fn err_file_that_went_away() {
    let dir = tree(&["a.log"]);
    let source = Source::paths(&[dir.path().join("a.log").to_str().unwrap()]).unwrap();
    fs::remove_file(dir.path().join("a.log")).unwrap();
    let err = source.items()[0].open(&OpenOptions::default()).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Io(std::io::ErrorKind::NotFound));
}
