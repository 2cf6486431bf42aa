use crate::format::{Format, From};

fn joined(format: &Format, column: &str) -> Vec<(String, String)> {
    match &format.columns.iter().find(|known| known.name == column).unwrap().from {
        From::Joined(parts) => parts.clone(),
        other => panic!("{column}: {other:?}"),
    }
}

#[test]
fn fields_come_back_from_toml() {
    for separator in [None, Some(""), Some(", {}")] {
        for pattern in [
            "%{a}",
            "<%{pri}>%{ts} %{+ts} %{+ts} %{src} %{}: %{msg}",
            "[%{a->}] %{?skipped} %{b|integer} tail",
            "%{+k/3} %{+k/1} {%{+k/2}}",
            "%{*k}=%{&k}, %{x.y}",
            "%{?n}=%{&n}",
            "%{a b} - %{[c][d]} é %{é}",
        ] {
            let format = Format::dissect(pattern, separator).unwrap_or_else(|err| panic!("{pattern}: {err}"));
            let text = format.to_toml();
            assert_eq!(
                Format::from_toml(&text, "back").unwrap_or_else(|err| panic!("{err}\n{text}")),
                format,
                "{text}"
            );
        }
    }
}

#[test]
fn parts_of_a_field() {
    let part = |before: &str, number: u8| (before.to_owned(), format!("k_part_{number}"));
    let format = Format::dissect("%{+k/3} %{+k/1}-%{+k/2}", Some(",")).unwrap();
    assert_eq!(joined(&format, "k"), [part("", 2), part(",", 3), part(",", 1)]);
    let format = Format::dissect("%{k} %{+k}-%{+k}", None).unwrap();
    assert_eq!(joined(&format, "k"), [part("", 1), part(" ", 2), part("-", 3)]);
}

#[test]
fn err_with_place() {
    for (pattern, want) in [
        ("anything", "dissect:1:1: no field in the pattern"),
        ("%{} %{?a}", "dissect:1:1: no field in the pattern"),
        ("%{a}%{b}", "dissect:1:5: nothing stands between two keys"),
        ("%{a} %{a}", "dissect:1:6: field \"a\" is there twice"),
        ("x %{a", "dissect:1:3: %{ without }"),
        ("%{+a/x}", "dissect:1:1: \"x\" is no order"),
        ("%{a|nummer}", "dissect:1:1: no field has the type \"nummer\""),
        ("%{*a} %{b}", "dissect:1:1: %{*a} without %{&a}"),
        ("%{+}", "dissect:1:1: \"\" cannot name a field"),
    ] {
        let err = Format::dissect(pattern, None).unwrap_err().to_string();
        assert!(err.starts_with(want), "{pattern}: {err}");
    }
}
