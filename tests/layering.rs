//! Who may import whom (`style.md`, section 2), how long files may be, and where `unsafe` may stand; read from the text.
#![allow(missing_docs)]

mod common;

use std::collections::BTreeSet;

use common::{SourceFile, sources};

/// Each module and what it imports of ours.
const LAYERS: [(&str, &[&str]); 19] = [
    ("simd", &[]),
    ("error", &[]),
    ("store", &["error"]),
    ("source", &["store", "error"]),
    ("sink", &["store", "error"]),
    ("format", &["error"]),
    ("lower", &["format", "error"]),
    ("filter", &["decode", "tokenize", "error"]),
    ("split", &["simd", "error"]),
    ("tokenize", &["simd", "error", "split"]),
    ("decode", &["tokenize", "simd", "error"]),
    ("options", &["decode", "filter", "format", "source", "simd", "error"]),
    ("report", &["error"]),
    // The spans and the outcome of a chunk, and the policies of the options.
    ("batch", &["decode", "filter", "tokenize", "split", "error", "simd", "options", "report"]),
    ("plan", &["format", "lower", "filter", "split", "tokenize", "decode", "batch", "options", "error", "simd"]),
    // Takes a sample itself: it also reads sources.
    (
        "infer",
        &["source", "format", "filter", "split", "tokenize", "decode", "batch", "options", "error", "simd", "plan"],
    ),
    ("reader", &["source", "plan", "batch", "report", "options", "error", "simd", "format", "split", "infer"]),
    // Each text of an array a record: what the reader is to sources.
    ("values", &["source", "plan", "batch", "report", "options", "error", "simd", "format", "split", "reader"]),
    // The schema of rejects is the batch's.
    ("job", &["batch", "reader", "sink", "store", "report", "options", "error", "source", "format"]),
];

/// What the crate's root re-exports comes from here.
const ROOT: [(&str, &str); 15] = [
    ("Category", "error"),
    ("Error", "error"),
    ("ErrorKind", "error"),
    ("Position", "error"),
    ("Result", "error"),
    ("Format", "format"),
    ("named", "format"),
    ("Include", "options"),
    ("OnError", "options"),
    ("Options", "options"),
    ("ArrowReader", "reader"),
    ("Reader", "reader"),
    ("Scan", "reader"),
    ("Report", "report"),
    ("Source", "source"),
];

/// Code without comments and without what stands between quotes, as far as this file needs it.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.starts_with("tests/")
}

/// `simd` for `src/simd/text.rs` and `src/simd.rs`.
fn module(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap_or(path);
    path.split(['/', '.']).next().unwrap_or(path)
}

/// The modules of ours that a file names as `crate::x` or inside `crate::{...}`.
fn imports(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let code = code(text);
    let own = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or(&code);
    for rest in own.split("crate::").skip(1) {
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let name: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let home = ROOT.iter().find(|(root, _)| *root == name).map(|(_, home)| (*home).to_owned());
            out.extend(Some(home.unwrap_or(name)).filter(|name| !name.is_empty()));
        }
    }
    out
}

fn library() -> Vec<SourceFile> {
    let files: Vec<_> = sources("src").into_iter().filter(|file| file.path.ends_with(".rs")).collect();
    assert!(files.len() > 60, "the sources were not found");
    files
}

#[test]
fn modules_import_only_what_they_may() {
    let mut wrong = Vec::new();
    for file in library().iter().filter(|file| !is_test(&file.path) && file.path != "src/lib.rs") {
        let module = module(&file.path);
        if module == "python" {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{}: module {module} has no place in the table", file.path));
            continue;
        };
        for import in imports(&file.text) {
            if import != module && !allowed.contains(&&*import) {
                wrong.push(format!("{}: {module} must not import {import}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A method of a trait has its conditions there; every other `unsafe fn` lists its own.
#[test]
fn unsafe_functions_list_their_conditions() {
    let mut found = 0;
    for file in library() {
        let lines: Vec<&str> = file.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let is_own = !line.starts_with("    ") || file.path == "src/simd/vector.rs";
            if !line.contains("unsafe fn ") || line.trim_start().starts_with("//") || !is_own {
                continue;
            }
            let above = lines[..at].iter().rev().map(|line| line.trim_start());
            let mut docs = above.take_while(|line| line.starts_with("///") || line.starts_with("#["));
            assert!(docs.any(|line| line == "/// # Safety"), "{}:{}", file.path, at + 1);
            found += 1;
        }
    }
    assert!(found > 10, "the functions were not found");
}

/// The native module converts: it may name what callers from Rust may.
#[test]
fn python_imports_the_front_alone() {
    let allowed = [
        "reader", "job", "infer", "format", "options", "report", "error", "source", "store", "sink", "filter",
        "values", "python",
    ];
    for file in library().iter().filter(|file| module(&file.path) == "python") {
        for import in imports(&file.text) {
            // What only tells users about the machine or names rejects.
            let is_small = ["simd", "batch", "plan"].contains(&&*import);
            assert!(allowed.contains(&&*import) || is_small, "{}: must not import {import}", file.path);
        }
    }
}

#[test]
fn libraries_stay_where_they_belong() {
    for file in library() {
        let code = code(&file.text);
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or(&code);
        let module = module(&file.path);
        assert!(module == "python" || !code.contains("pyo3::") && !code.contains("pyo3_arrow"), "{}: pyo3", file.path);
        if ["tokenize", "split", "format", "source", "error"].contains(&module) && file.path != "src/error.rs" {
            assert!(!code.contains("arrow::") || code.contains("logarrow::"), "{}: names Arrow", file.path);
        }
        if !["source", "store", "sink", "job", "python", "infer"].contains(&module) && !is_test(&file.path) {
            assert!(!code.contains("std::fs"), "{}: opens files", file.path);
        }
    }
}

#[test]
fn no_file_is_too_long() {
    let folders = ["src", "python", "tests", "benches"];
    let files: Vec<_> = folders.iter().flat_map(|folder| sources(folder)).collect();
    assert!(files.len() > 80);
    let long: Vec<_> = files.iter().filter(|file| file.text.lines().count() > 600).map(|file| &file.path).collect();
    assert!(long.is_empty(), "over 600 lines: {long:?}");
}

#[test]
fn unsafe_stands_where_it_may_with_its_reason() {
    let mut found = 0;
    for file in library() {
        let lines: Vec<&str> = file.text.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let word = |word: &str| code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word);
            if !word("unsafe") {
                continue;
            }
            found += 1;
            let module = module(&file.path);
            assert!(["simd", "python"].contains(&module), "{}:{}: unsafe", file.path, i + 1);
            let mut before = lines[..i].iter().rev().map(|line| line.trim());
            if code.contains("unsafe {") && !code.contains("unsafe {}") || code.contains("unsafe impl") {
                // The comment stands above the statement, which may begin some lines before the block.
                let has_reason = line.contains("SAFETY:")
                    || before
                        .take(12)
                        .take_while(|line| !line.is_empty() && *line != "}")
                        .any(|line| line.contains("SAFETY:"));
                assert!(has_reason, "{}:{}: no SAFETY comment", file.path, i + 1);
            } else if code.contains("unsafe fn") {
                // Its conditions, or the trait's that it implements.
                let documented = before
                    .by_ref()
                    .take_while(|line| line.starts_with("//") || line.starts_with('#'))
                    .any(|line| line.to_lowercase().contains("safety"));
                // Indented: in an impl of a trait that states them, or in a macro that writes such an impl.
                let in_trait = code.starts_with(' ')
                    && lines[..i].iter().rev().map(|line| line.trim_start()).any(|line| {
                        (line.starts_with("impl") || line.starts_with("unsafe impl")) && line.contains(" for ")
                    });
                // Or right inside, where it unsafely relies on them.
                let inside = lines[i..].iter().skip(1).take(2).any(|line| line.contains("SAFETY: callers"));
                assert!(
                    documented || in_trait || inside,
                    "{}:{}: an unsafe fn without its conditions",
                    file.path,
                    i + 1
                );
            }
        }
    }
    assert!(found > 10, "{found} unsafe found: the search is broken");
}

#[test]
fn the_checks_can_fail() {
    let text = "use crate::simd::Text;\n// use crate::sink::X;\nuse crate::{Error, reader::Scan};\nfn f() { crate::batch::g() }\n";
    let want = ["batch", "error", "reader", "simd"].map(str::to_owned);
    assert_eq!(imports(text), BTreeSet::from(want));
    assert_eq!((module("src/simd/x86.rs"), module("src/job.rs")), ("simd", "job"));
}
