use proptest::prelude::*;

use super::*;

/// Stage 1, byte by byte.
fn plain_index(text: &[u8], structurals: &Structurals) -> (Vec<u32>, Vec<u32>) {
    let (mut positions, mut backslashes) = (vec![u32::MAX], vec![]);
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.iter().enumerate() {
        let is_escaped = std::mem::take(&mut escaped);
        if structurals.escapes && *byte == b'\\' {
            backslashes.push(at as u32);
            escaped = !is_escaped;
        }
        if *byte == b'\n' {
            quoted = false;
            positions.push(at as u32);
        } else if structurals.quotes && *byte == b'"' && !(structurals.escapes && is_escaped) {
            quoted = !quoted;
            positions.push(at as u32);
        } else if !quoted && structurals.delimiters.contains(byte) {
            positions.push(at as u32);
        }
    }
    (positions, backslashes)
}

fn structurals() -> impl Strategy<Value = Structurals> {
    let delimiters = prop::sample::subsequence(vec![b' ', b'|', b',', b'\t'], 0..=4);
    (delimiters, any::<bool>(), any::<bool>()).prop_map(|(delimiters, quotes, escapes)| Structurals {
        delimiters,
        quotes,
        escapes,
    })
}

fn log_bytes(len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => prop::sample::select(b"ab \"\\\n|,\t".to_vec()),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, len)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn every_level_indexes_like_the_plain_loop(bytes in log_bytes(0..300), structurals in structurals()) {
        let text = Text::copied(&bytes);
        let (positions, backslashes) = plain_index(&bytes, &structurals);
        for level in Level::available() {
            let mut found = Index::default();
            let block = index(level, &text, 0, text.len(), &structurals, &mut found);
            prop_assert_eq!(&found.positions, &positions, "{:?}", level);
            prop_assert_eq!(&found.backslashes, &backslashes, "{:?}", level);
            let coding = match std::str::from_utf8(&bytes) {
                Ok(text) if text.is_ascii() => Coding::Ascii,
                Ok(_) => Coding::Utf8,
                Err(_) => Coding::Broken,
            };
            prop_assert_eq!(block.coding(), coding);
        }
    }

    #[test]
    fn every_level_gathers_like_the_plain_loop(
        words in prop::collection::vec(prop_oneof!["[a-z]{0,200}", "-", "", "é{1,40}", "[a-z]{60,70}", r"[a-z]{0,80}\\[a-z]{0,9}"], 0..40),
        escaped in prop::collection::vec(any::<bool>(), 40),
        empty in any::<bool>(),
    ) {
        let text = Text::copied(words.concat().as_bytes());
        let (mut positions, mut rows, mut at) = (vec![], vec![], 0_u32);
        for (i, word) in words.iter().enumerate() {
            rows.push(Row::new(positions.len() as u32, i as u32).with_escapes(escaped[i]));
            positions.extend([at, at + word.len() as u32]);
            at += word.len() as u32;
        }
        let field = Field { start_slot: 0, end_slot: 1, ..Field::default() };
        let null = NullText { byte: Some(b'-'), empty, other_lens: 1 << 5 };
        let wanted: Vec<_> =
            words.iter().map(|word| Some(word.as_str()).filter(|w| *w != "-" && !(empty && w.is_empty()))).collect();
        for level in Level::available() {
            let block = TextBlock::new(&text, 0, text.len());
            let gather = Gather { positions: &positions, field, null, stop_at: Some(b'\\'), stop_anywhere: false };
            let mut column = Utf8Column::new(Pool::default());
            let mut rest = &rows[..];
            while let Some((first, behind)) = rest.split_first() {
                let done = gather_utf8(level, &block, &gather, rest, &mut column);
                if done == 0 {
                    let word = &words[first.line as usize];
                    prop_assert!(word.len() == 5 || first.has_escapes() && word.contains('\\'));
                    column.push(wanted[first.line as usize]);
                    rest = behind;
                } else {
                    rest = &rest[done..];
                }
            }
            let found = column.finish();
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), wanted.clone(), "{:?}", level);
        }
    }
}

#[test]
fn texts_of_every_length_and_place_are_indexed() {
    let structurals = Structurals { delimiters: vec![b' '], quotes: true, escapes: true };
    for len in 0..=130 {
        let bytes: Vec<u8> = (0..len).map(|i| b" a\"b\\\"\nc"[(i * 7 + len) % 8]).collect();
        for start in 0..=len.min(65) {
            let text = Text::copied(&bytes);
            let (wanted, _) = plain_index(&bytes[start..], &structurals);
            let wanted: Vec<u32> = wanted.iter().map(|at| at.wrapping_add(start as u32)).collect();
            for level in Level::available() {
                let mut found = Index::default();
                index(level, &text, start, len, &structurals, &mut found);
                assert_eq!(found.positions, wanted, "{level:?}, {len} bytes from {start}");
            }
        }
    }
}

#[test]
fn spans_that_lie_outside_or_cut_a_character_stop_or_are_null() {
    let text = Text::copied("aé-b".as_bytes());
    let block = TextBlock::new(&text, 0, text.len());
    let positions = [0, 2, 0, 3, 9, 12, 3, 1, u32::MAX - 1, u32::MAX];
    let rows: Vec<Row> = (0..5).map(|i| Row::new(2 * i, i)).collect();
    let field = Field { start_slot: 0, end_slot: 1, ..Field::default() };
    let gather =
        Gather { positions: &positions, field, null: NullText::default(), stop_at: None, stop_anywhere: false };
    for level in Level::available() {
        let mut column = Utf8Column::new(Pool::default());
        assert_eq!(gather_utf8(level, &block, &gather, &rows, &mut column), 0, "the first span ends inside é");
        assert_eq!(gather_utf8(level, &block, &gather, &rows[1..], &mut column), 4);
        let found = column.finish();
        assert_eq!(found.iter().collect::<Vec<_>>(), [Some("aé"), None, None, None]);
    }
}

#[test]
fn a_buffer_that_never_held_text_may_be_read() {
    let text = Text::default();
    assert!(text.padded().len() >= 64);
    let block = TextBlock::new(&text, 0, 0);
    let gather = Gather {
        positions: &[0],
        field: Field::default(),
        null: NullText::default(),
        stop_at: None,
        stop_anywhere: false,
    };
    for level in Level::available() {
        let mut column = Utf8Column::new(Pool::default());
        assert_eq!(gather_utf8(level, &block, &gather, &[Row::new(0, 0)], &mut column), 1);
        assert_eq!(column.finish().iter().collect::<Vec<_>>(), [Some("")]);
    }
}

#[test]
fn buffers_come_back_to_the_pool_and_are_used_again() {
    let pool = Pool::default();
    let mut column = Utf8Column::new(pool.clone());
    let long = "x".repeat(10_000);
    let mut places = vec![];
    for _ in 0..3 {
        column.push(Some(&long));
        places.push(column.finish().values().as_ptr());
    }
    // The first batch could not know how much it would need.
    assert_eq!(places[1], places[2]);
}

#[test]
fn an_empty_column_is_an_empty_array() {
    assert!(arrow::array::Array::is_empty(&Utf8Column::new(Pool::default()).finish()));
    let mut column = FixedColumn::<arrow::datatypes::Int64Type>::new(Pool::default());
    assert!(arrow::array::Array::is_empty(&column.finish()));
    column.extend(&[1, 2, 3], |value| (*value != 2).then_some(*value));
    assert_eq!(column.finish(), arrow::array::Int64Array::from(vec![Some(1), None, Some(3)]));
}

#[test]
fn masks_are_those_of_the_plain_loop() {
    for len in 0..=130 {
        let bytes: Vec<u8> = (0..len).map(|i| b"a \"=]\\bc\xff"[(i * 7 + i / 9) % 9]).collect();
        let text = Text::copied(&bytes);
        for at in 0..=len {
            let inside = (len - at).min(64);
            let plain = |needles: &[u8]| -> u64 {
                let hit = |i: &usize| needles.contains(&bytes[at + i]);
                (0..inside).filter(hit).map(|i| 1 << i).sum()
            };
            let kept = if inside == 64 { u64::MAX } else { (1 << inside) - 1 };
            assert_eq!(text.mask(at as u32, [b' ']) & kept, plain(b" "), "{at} of {len}");
            assert_eq!(text.mask(at as u32, *b" =]\"\\") & kept, plain(b" =]\"\\"), "{at} of {len}");
        }
        assert_eq!(text.mask(len as u32, [b' ', 0]), 0);
        assert_eq!(text.mask(u32::MAX, [b' ', 0]), 0);
    }
    assert_eq!(Text::default().mask(0, [0]), 0);
}

/// Stage 1 for JSON, byte by byte.
fn plain_json_index(text: &[u8], lines: bool) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let (mut positions, mut backslashes, mut faults) = (vec![], vec![], vec![]);
    let (mut quoted, mut escaped, mut in_bare) = (false, false, false);
    // A scalar stands before, with nothing but white space behind it.
    let mut scalar_before = false;
    for (at, byte) in text.iter().enumerate() {
        let is_escaped = std::mem::take(&mut escaped);
        if *byte == b'\\' {
            backslashes.push(at as u32);
            escaped = !is_escaped;
        }
        let was_bare = std::mem::take(&mut in_bare);
        let is_quote = *byte == b'"' && !is_escaped;
        if lines && *byte == b'\n' {
            if std::mem::take(&mut quoted) {
                faults.push(at as u32);
            }
            positions.push(at as u32);
            scalar_before = false;
        } else if quoted {
            if *byte < b' ' {
                faults.push(at as u32);
            }
            (quoted, scalar_before) = (!is_quote, is_quote);
        } else if is_quote {
            if scalar_before {
                faults.push(at as u32);
            }
            quoted = true;
        } else if matches!(byte | 0x20, b'{' | b'}' | b':' | b',') {
            positions.push(at as u32);
            scalar_before = false;
        } else if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            if scalar_before && !was_bare {
                faults.push(at as u32);
            }
            (in_bare, scalar_before) = (true, true);
        }
    }
    if quoted {
        faults.push(text.len() as u32);
    }
    (positions, backslashes, faults)
}

fn json_bytes(len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        8 => prop::sample::select(b"a1 \"\"\\\n:,{}[]\t\r".to_vec()),
        1 => any::<u8>(),
    ];
    let run = (byte, prop_oneof![6 => Just(1_usize), 1 => 2..70_usize]).prop_map(|(byte, count)| vec![byte; count]);
    prop::collection::vec(run, len).prop_map(|runs| runs.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn every_level_indexes_json_like_the_plain_loop(bytes in json_bytes(0..200), lines in any::<bool>(), from in 0..70_usize) {
        let text = Text::copied(&[&vec![b'x'; from][..], &bytes].concat());
        let moved = |found: Vec<u32>| found.into_iter().map(|at| at + from as u32).collect::<Vec<_>>();
        let (positions, backslashes, faults) = plain_json_index(&bytes, lines);
        for level in Level::available() {
            let mut found = JsonIndex::default();
            json_index(level, &text, (from, text.len()), lines, &mut found);
            prop_assert_eq!(&found.positions, &moved(positions.clone()), "{:?}", level);
            prop_assert_eq!(&found.backslashes, &moved(backslashes.clone()), "{:?}", level);
            prop_assert_eq!(&found.faults, &moved(faults.clone()), "{:?}", level);
        }
    }
}

#[test]
fn json_of_every_length_and_place_is_indexed() {
    for len in 0..=130 {
        let sample = b"{\"a\": [1, \"\\\"b\"  2]}\n";
        let bytes: Vec<u8> = (0..len).map(|i| sample[(i * 5 + len) % sample.len()]).collect();
        for from in 0..=65 {
            let text = Text::copied(&[&vec![b' '; from][..], &bytes].concat());
            let (positions, _, faults) = plain_json_index(&bytes, true);
            for level in Level::available() {
                let mut found = JsonIndex::default();
                json_index(level, &text, (from, text.len()), true, &mut found);
                let back = |found: &[u32]| found.iter().map(|at| at - from as u32).collect::<Vec<_>>();
                assert_eq!(
                    (back(&found.positions), back(&found.faults)),
                    (positions.clone(), faults.clone()),
                    "{len} {from}"
                );
            }
        }
    }
}
