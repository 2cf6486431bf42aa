use super::exact::{Parts, cut_3164, structured_data};

fn texts(record: &str, parts: Parts) -> Vec<&str> {
    let Parts { priority, version, timestamp, hostname, app_name, procid, msgid, structured_data, message } = parts;
    [priority, version, timestamp, hostname, app_name, procid, msgid, structured_data, message]
        .iter()
        .map(|(start, end)| record.get(*start as usize..*end as usize).unwrap_or("?"))
        .collect()
}

#[test]
fn old_messages_are_cut_as_they_come() {
    let cases = [
        ("<34>Oct 11 22:14:15 box su: 'su' failed", "34 ? Oct 11 22:14:15 box su ? ? ? 'su' failed"),
        ("Oct  1 22:14:15 box a(b)[12]: x", "? ? Oct  1 22:14:15 box a(b) 12 ? ? x"),
        ("Oct 1 2026 22:14:15.5 box x y z", "? ? Oct 1 2026 22:14:15.5 box ? ? ? ? x y z"),
        ("2026-03-05T10:00:01.5+01:00 box a/b[1] x", "? ? 2026-03-05T10:00:01.5+01:00 box a/b 1 ? ? x"),
        ("<9>7: *Oct  1 22:14:15.123: %SYS-5: x", "9 ? Oct  1 22:14:15.123 ? %SYS-5 ? ? ? x"),
        ("Oct  1 22:14:15 app: x", "? ? Oct  1 22:14:15 ? app ? ? ? x"),
        ("Oct  1 22:14:15 box 2026/3/5 12:00 x", "? ? Oct  1 22:14:15 box ? ? ? ? 2026/3/5 12:00 x"),
        ("Oct  1 22:14:15 box", "? ? Oct  1 22:14:15 box ? ? ? ? ?"),
        ("Oct  1 22:14:15 box a:b", "? ? Oct  1 22:14:15 box a ? ? ? b"),
    ];
    for (record, want) in cases {
        let parts = cut_3164(record.as_bytes()).unwrap_or_else(|fault| panic!("{record}: {fault:?}"));
        assert_eq!(texts(record, parts).join(" "), want, "{record}");
    }
    for record in
        ["", "<", "<192>Oct  1 22:14:15 a b: c", "<1", "Oct 1 22:14", "Oct  1 22:14:15", "<01>Oct  1 22:14:15 a"]
    {
        cut_3164(record.as_bytes()).unwrap_err();
    }
}

#[test]
fn structured_data_ends_where_it_should() {
    for (text, len) in [
        ("- x", Some(1)),
        ("[a]", Some(3)),
        ("[a b=\"c\"][d] x", Some(12)),
        (r#"[a b="\"]\\"] x"#, Some(13)),
        (r#"[a b="\x"]"#, Some(10)),
        ("[a b=c]", None),
        ("[a b=\"c]", None),
        ("[]", None),
        ("[a", None),
        ("x", None),
    ] {
        assert_eq!(structured_data(text.as_bytes()), len, "{text}");
    }
}
