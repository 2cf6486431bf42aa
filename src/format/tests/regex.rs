use crate::format::{Anchored, Format, Layout, RegexOptions};

/// The one spelling of a pattern.
fn spelt(pattern: &str) -> String {
    let Layout::Regex(regexes) = Format::regex(&[pattern]).unwrap_or_else(|err| panic!("{pattern}: {err}")).layout
    else {
        panic!("{pattern}: no regex")
    };
    regexes.patterns[0].clone()
}

fn refused(pattern: &str, anchored: Anchored) -> (u64, String) {
    let err = Format::regex_with(&[pattern], &RegexOptions { anchored, ..RegexOptions::default() }).expect_err(pattern);
    let column = err.position().column.unwrap_or(1);
    (column - 1, err.to_string().lines().next().unwrap_or_default().to_owned())
}

#[test]
fn one_spelling() {
    for (pattern, want) in [
        (r"(?P<a>\d+) (?<b>\S*)", r"(?<a>[0-9]+) (?<b>[^\x{9}-\x{D} ]*)"),
        (r"(?'a'[\w.-]+)(?:x|y)?", r"(?<a>[0-9A-Z_a-z.\-]+)(?:x|y)?"),
        (r"(?i)(?<a>get|PUT) b", r"(?<a>(?i:get)|(?i:PUT))(?i: b)"),
        (r"(?<a>.)(?s).(?-s)\.", r"(?<a>.)(?s:.)\."),
        (r"(?x) (?<a> [ #]+ ) # a comment", r"(?<a>[ #]+)"),
        (r"\Q[a]\E(?<a>\x41\u0042\t)", r"\[a\](?<a>AB\x{9})"),
        (r"(?<a>a{2}b{,3}{x})", r"(?<a>a{2}b{0,3}\{x\})"),
        (r"^\b(?<a>a)(?#comment)\B$\Z", r"^(?-u:\b)(?<a>a)(?-u:\B)$\z"),
        (r"(?<a>\p{Alpha}\p{L}[[:digit:]é])", r"(?<a>[[:alpha:]][\p{L}][[:digit:]é])"),
        (r"(?:(?<a>x)|y(?<a>z))", r"(?<a>x)|y(?<a[2]>z)"),
        (r"(a)(b(?<c>c))", r"ab(?<c>c)"),
        (r"(?<a>[^]x]+)(b)??", r"(?<a>[^\]x]+)b??"),
        (
            r"(?<a>[\D\W\Sx])",
            r"(?<a>[\x{0}-/:-\x{10FFFF}\x{0}-/:-@\[-\^`{-\x{10FFFF}\x{0}-\x{8}\x{E}-\x{1F}!-\x{10FFFF}x])",
        ),
    ] {
        assert_eq!(spelt(pattern), want, "{pattern}");
        assert_eq!(spelt(want), want, "again: {pattern}");
    }
}

#[test]
fn rewrites_that_change_nothing() {
    for (pattern, want) in [
        // Nothing goes back into them: what follows decides.
        (r"(?<a>\d++) x", r"(?<a>[0-9]+) x"),
        (r"(?<a>[^ ]*+)$", r"(?<a>[^ ]*)$"),
        (r"(?<a>(?>\d+(?:\.\d+)?)) ", r"(?<a>[0-9]+(?:\.[0-9]+)?) "),
        (r"(?<a>(?>ab|cd))e", r"(?<a>ab|cd)e"),
        (r"(?<a>(?>a|))b", r"(?<a>a|)b"),
        // Nothing follows.
        (r"(?<a>(?>a|ab))", r"(?<a>a|ab)"),
        (r"(?<a>\w++)x?", r"(?<a>[0-9A-Z_a-z]+)x?"),
        // One character, carried into what follows.
        (r"^(?!#)(?<a>\S+)", r"^(?<a>[!-\x{84}\x{86}-\x{9F}]+)"),
        (r"(?=[ab])(?<a>.x)", r"(?<a>[a-b]x)"),
    ] {
        if pattern.contains("(?!") {
            let text = spelt(pattern);
            assert!(text.starts_with("^(?<a>[") && !text.contains("(?!"), "{text}");
            continue;
        }
        assert_eq!(spelt(pattern), want, "{pattern}");
    }
}

#[test]
fn err_names_the_construct_and_its_byte() {
    for (pattern, at, what) in [
        (r"(?<a>\d++)5", 8, "a possessive repetition"),
        (r"(?<a>(?>a|ab))c", 5, "an atomic group"),
        // By itself it takes as little as it can, or the empty branch.
        (r"(?<a>(?> *?))1", 5, "an atomic group"),
        (r"(?<a>(?>|a))b", 5, "an atomic group"),
        (r"(?<a>a)(?=b)", 7, "a look-ahead"),
        (r"(?<a>a)(?!bc)d", 7, "a negative look-ahead"),
        (r"(?<=b)(?<a>a)", 0, "a look-behind"),
        (r"x(?<!b)(?<a>a)", 1, "a negative look-behind"),
        (r"(?<a>a)\1", 7, "a reference to a group"),
        (r"(?<a>a)\k<a>", 7, "a reference to a group"),
        (r"(?<a>a)(?P=a)", 7, "a reference to a group"),
        (r"(?<a>a)(?(1)b|c)", 7, "conditional groups"),
        (r"(?<a>[a&&b])", 7, "an intersection"),
        (r"(?<a>[[a]])", 6, "[ within a class"),
        (r"(?<a>\h)", 5, "\\h means different things"),
        (r"(?<a>a", 0, "( without )"),
        (r"(?<a>a))", 7, ") without ("),
        (r"(?<a>[a)", 5, "[ without ]"),
        (r"(?<a>a{2000})", 6, "a repetition of more than"),
        (r"(?<a>*)", 5, "* has nothing to repeat"),
        (r"(?<a>\y)", 5, "\\y is not known"),
        (r"(?<a-b>x)", 3, "\"a-b\" cannot name a group"),
        (r"(?<a>\p{Nix})", 5, "no property of characters"),
        (r"(?U)(?<a>a)", 2, "an unknown group or flag"),
        (r"abc", 0, "no group in the pattern"),
    ] {
        let (column, message) = refused(pattern, Anchored::No);
        assert!(column == at && message.contains(what), "{pattern}: {column} {message}");
    }
    // What follows the pattern belongs to the question.
    refused(r"(?<a>(?>a|ab))", Anchored::Full);
    let deep = format!("{}(?<a>a){}", "(".repeat(5000), ")".repeat(5000));
    assert!(refused(&deep, Anchored::No).1.contains("nested too deep"));
}

#[test]
fn groups_without_names() {
    let names = |format: Format| format.columns.into_iter().map(|column| column.name).collect::<Vec<_>>();
    assert_eq!(names(Format::regex(&["(a)(?:b)(c(d))"]).unwrap()), ["group_1", "group_2", "group_3"]);
    let columns = vec!["x".to_owned(), "y".to_owned()];
    let options = RegexOptions { columns, ..RegexOptions::default() };
    assert_eq!(names(Format::regex_with(&["(a)(b)(?<z>c)"], &options).unwrap()), ["x", "y", "z"]);
}

#[test]
fn comes_back_from_toml() {
    let patterns = [r#"^(?<a>'"\d+) (?:(?<b>x)|(?<b>y))$"#, r"(?<é>\S)"];
    for anchored in [Anchored::No, Anchored::Start, Anchored::Full] {
        let format = Format::regex_with(&patterns, &RegexOptions { anchored, ..RegexOptions::default() }).unwrap();
        let format = format.with_types(&[("a", "int32")]).unwrap();
        assert_eq!(Format::from_toml(&format.to_toml(), "back").unwrap(), format, "{}", format.to_toml());
    }
}
