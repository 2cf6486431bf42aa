//! Text to tree and back.

use proptest::prelude::*;

use super::*;
use crate::filter::display::PLAIN_KEYWORDS;
use crate::filter::{ArithmeticOp, CastType, CompareOp, Function, Literal, TableRef, col, lit};

#[test]
fn spellings() {
    let cases = [
        ("a == 1", "a = 1"),
        ("a != 1", "a <> 1"),
        ("(a = 1)", "a = 1"),
        ("a=1 and (b=2 and c=3)", "a = 1 AND b = 2 AND c = 3"),
        ("a=1 and (b=2 or not c=3)", "a = 1 AND (b = 2 OR (NOT (c = 3)))"),
        ("`a b` = 'it''s'", "\"a b\" = 'it''s'"),
        ("\"A\" is unknown", "\"A\" IS NULL"),
        ("-5 < - a", "-5 < (0 - a)"),
        ("startswith(a, 'b')", "starts_with(a, 'b')"),
        ("try_cast(a as bigint)", "CAST(a AS int64)"),
        ("cast(a as decimal(10,2)) >= 1e3", "CAST(a AS decimal(10, 2)) >= 1000.0"),
        ("@timestamp > timestamp '2026-01-01'", "\"@timestamp\" > TIMESTAMP '2026-01-01'"),
        ("a not ilike 'x!%' escape '!'", "a NOT ILIKE 'x!%' ESCAPE '!'"),
        ("a -- all of them\n = 1", "a = 1"),
    ];
    for (text, printed) in cases {
        let parsed = Expr::parse(text).unwrap_or_else(|err| panic!("{text}: {err}"));
        assert_eq!(parsed.to_string(), printed, "{text}");
        assert_eq!(Expr::parse(printed).unwrap(), parsed, "{text}");
    }
}

#[test]
fn common_names_need_no_quotes() {
    for name in PLAIN_KEYWORDS {
        assert_eq!(
            Expr::parse(&format!("{name} = 1 AND {name} IN (2) OR hour({name}) > 3")).unwrap().columns().len(),
            1
        );
        assert_eq!(Expr::parse(name).unwrap(), col(*name));
        let like = Expr::parse(&format!("{name} LIKE 'x' OR {name} IS NULL OR {name} BETWEEN 1 AND {name}"));
        assert_eq!(like.unwrap().columns().len(), 1, "{name}");
    }
}

#[test]
fn long_chains_and_lists_parse() {
    let chain = vec!["status = 1"; 1300].join(" OR ");
    assert!(matches!(Expr::parse(&chain).unwrap(), Expr::Or(all) if all.len() == 1300));
    let list = (0..50_000).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let text = format!("status IN ({list})");
    assert!(matches!(Expr::parse(&text).unwrap(), Expr::In { list, .. } if list.len() == 50_000));
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(Literal::Int),
        prop::num::f64::NORMAL.prop_map(Literal::Float),
        "[a-z'\"\\\\%_é\n -]{0,8}".prop_map(Literal::Text),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Literal::Binary),
        Just(Literal::Date("2026-03-05".into())),
        Just(Literal::Timestamp("2026-03-05 10:00:00".into())),
    ]
}

fn cast_type() -> impl Strategy<Value = CastType> {
    use CastType::*;
    prop::sample::select(vec![
        Bool,
        Int8,
        Int16,
        Int32,
        Int64,
        Float32,
        Float64,
        Utf8,
        Date,
        Timestamp,
        Decimal(10, 2),
        Decimal(38, 0),
    ])
}

fn table() -> impl Strategy<Value = TableRef> {
    prop_oneof![
        "[a-z' ]{0,6}".prop_map(TableRef::Named),
        prop::collection::btree_map(any::<i64>(), "[a-z']{0,3}", 0..3)
            .prop_map(|pairs| TableRef::Inline(LookupTable::from_pairs(pairs).unwrap().into())),
        prop::collection::btree_map("[a-z']{1,3}", "[a-z']{0,3}", 1..3)
            .prop_map(|pairs| TableRef::Inline(LookupTable::from_pairs(pairs).unwrap().into())),
    ]
}

fn tree() -> impl Strategy<Value = Expr> {
    let name = prop_oneof![
        "[a-z_][a-z0-9_]{0,5}",
        "[a-zA-Z\"` .é@]{1,6}",
        prop::sample::select(PLAIN_KEYWORDS).prop_map(Into::into)
    ];
    let leaf = prop_oneof![name.prop_map(Expr::Column), literal().prop_map(Expr::Literal)];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let some = |sizes: std::ops::Range<usize>| prop::collection::vec(inner.clone(), sizes);
        let one = || inner.clone();
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            (prop::sample::select(CompareOp::ALL), boxed(), boxed()).prop_map(|(op, left, right)| Expr::Compare {
                op,
                left,
                right
            }),
            (prop::sample::select(ArithmeticOp::ALL), boxed(), boxed())
                .prop_map(|(op, left, right)| Expr::Arithmetic { op, left, right }),
            (one(), one(), one()).prop_map(|(a, b, c)| a.and(b).and(c)),
            (one(), one()).prop_map(|(a, b)| a.or(b)),
            one().prop_map(|expr| !expr),
            (boxed(), some(0..3), any::<bool>()).prop_map(|(expr, list, negated)| Expr::In { expr, list, negated }),
            (boxed(), boxed(), boxed(), any::<bool>()).prop_map(|(expr, low, high, negated)| Expr::Between {
                expr,
                low,
                high,
                negated
            }),
            (boxed(), "[a-z'%_\\\\]{0,5}", any::<bool>(), any::<bool>(), prop::option::of(any::<char>())).prop_map(
                |(expr, pattern, negated, ignore_case, escape)| Expr::Like {
                    expr,
                    pattern,
                    negated,
                    ignore_case,
                    escape
                }
            ),
            (boxed(), any::<bool>()).prop_map(|(expr, negated)| Expr::IsNull { expr, negated }),
            (boxed(), any::<bool>(), any::<bool>()).prop_map(|(expr, value, negated)| Expr::IsTruth {
                expr,
                value,
                negated
            }),
            (prop::sample::select(Function::ALL), some(2..3)).prop_map(|(name, mut args)| {
                args.truncate(name.arity().1);
                Expr::Function { name, args }
            }),
            (prop::option::of(boxed()), prop::collection::vec((one(), one()), 1..3), prop::option::of(boxed()),)
                .prop_map(|(operand, branches, otherwise)| Expr::Case { operand, branches, otherwise }),
            (boxed(), table(), prop::option::of(boxed())).prop_map(|(expr, table, default)| Expr::Lookup {
                expr,
                table,
                default
            }),
            (one(), cast_type()).prop_map(|(expr, to)| expr.cast(to)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..Default::default() })]

    #[test]
    fn printed_trees_parse_back(expr in tree()) {
        let text = expr.to_string();
        let parsed = Expr::parse(&text).map_err(|err| TestCaseError::fail(format!("{text}: {err}")))?;
        prop_assert_eq!(parsed, expr, "{}", text);
    }

    /// Whatever binds can be evaluated: no row makes it fail.
    #[test]
    fn what_binds_evaluates(expr in tree(), names in prop::collection::vec(0usize..21, 40)) {
        let batch = batch();
        let schema = batch.schema();
        let mut names = names.into_iter().map(|idx| schema.field(idx).name().clone());
        let expr = rename(expr, &mut names);
        if let Ok(bound) = Bound::bind(&expr, &schema, &context("Europe/Berlin")) {
            let array = bound.evaluate(&batch).map_err(|err| TestCaseError::fail(format!("{expr}: {err}")))?;
            prop_assert_eq!(array.data_type(), bound.data_type(), "{}", expr);
            prop_assert_eq!(array.len(), batch.num_rows());
        }
    }

    #[test]
    fn no_text_panics(text in "[a-z0-9'\"`()<>=!,.*/%+ \\-\\{\\}:]{0,40}") {
        let _ = Expr::parse(&text);
    }

    #[test]
    fn like_agrees_with_regex(text in "[abé%_]{0,8}", pattern in "[abé%_\\\\]{0,8}") {
        let mut regex = String::from("^(?s)");
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if matches!(chars.peek(), Some('%' | '_' | '\\')) => {
                    regex.push_str(&regex::escape(&chars.next().unwrap().to_string()));
                }
                '%' => regex.push_str(".*"),
                '_' => regex.push('.'),
                c => regex.push_str(&regex::escape(&c.to_string())),
            }
        }
        regex.push('$');
        let wanted = regex::Regex::new(&regex).unwrap().is_match(&text);
        let array: ArrayRef = Arc::new(StringArray::from(vec![text.as_str()]));
        let found = crate::filter::text::TextTest::like(&pattern, false, '\\').evaluate(&array).unwrap();
        prop_assert_eq!(found.value(0), wanted, "{} LIKE {}", text, pattern);
    }
}

/// The tree with names that the batch has, as far as they last; only what the parser prints is walked.
fn rename(expr: Expr, names: &mut impl Iterator<Item = String>) -> Expr {
    let mut next = |expr: Box<Expr>| Box::new(rename(*expr, names));
    match expr {
        Expr::Column(name) => names.next().map_or(lit(name), Expr::Column),
        Expr::Compare { op, left, right } => Expr::Compare { op, left: next(left), right: next(right) },
        Expr::Arithmetic { op, left, right } => Expr::Arithmetic { op, left: next(left), right: next(right) },
        Expr::And(all) => Expr::And(all.into_iter().map(|part| rename(part, names)).collect()),
        Expr::Or(all) => Expr::Or(all.into_iter().map(|part| rename(part, names)).collect()),
        Expr::Not(part) => Expr::Not(next(part)),
        Expr::In { expr, list, negated } => {
            let expr = next(expr);
            Expr::In { expr, list: list.into_iter().map(|part| rename(part, names)).collect(), negated }
        }
        Expr::Between { expr, low, high, negated } => {
            Expr::Between { expr: next(expr), low: next(low), high: next(high), negated }
        }
        Expr::IsNull { expr, negated } => Expr::IsNull { expr: next(expr), negated },
        Expr::IsTruth { expr, value, negated } => Expr::IsTruth { expr: next(expr), value, negated },
        Expr::Function { name, args } => {
            Expr::Function { name, args: args.into_iter().map(|part| rename(part, names)).collect() }
        }
        Expr::Case { operand, branches, otherwise } => {
            let operand = operand.map(&mut next);
            let otherwise = otherwise.map(next);
            let branches = branches.into_iter().map(|(a, b)| (rename(a, names), rename(b, names))).collect();
            Expr::Case { operand, branches, otherwise }
        }
        Expr::Lookup { expr, default, .. } => {
            Expr::Lookup { expr: next(expr), table: TableRef::Named("http_status".into()), default: default.map(next) }
        }
        Expr::Cast { expr, to } => Expr::Cast { expr: next(expr), to },
        Expr::Like { expr, pattern, negated, ignore_case, escape } => {
            Expr::Like { expr: next(expr), pattern, negated, ignore_case, escape }
        }
        Expr::Literal(literal) => Expr::Literal(literal),
    }
}
