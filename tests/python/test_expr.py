"""Expressions built by code are those of SQL text."""

from __future__ import annotations

import copy
import datetime as dt
import pickle

import pytest
from logs import COMBINED

import logarrow as la
from logarrow import col, lit, lookup, when

UTC = dt.timezone.utc
SAME = [
    (col("status") == 200, "status = 200"),
    (col("status") != 200, "status <> 200"),
    (col("status") < 200, "status < 200"),
    (col("status") <= 200, "status <= 200"),
    (col("status") > 200, "status > 200"),
    (200 >= col("status"), "status <= 200"),  # noqa: SIM300
    (col("user") == "it's", "user = 'it''s'"),
    (col("user") == None, "user = NULL"),  # noqa: E711
    ((col("a") > 1) & (col("b") > 2) & (col("c") > 3), "a > 1 AND b > 2 AND c > 3"),
    ((col("a") > 1) | ~(col("b") > 2), "a > 1 OR NOT (b > 2)"),
    ((col("a") + 1) * 2 - col("b") / 3 % 4, "(a + 1) * 2 - b / 3 % 4"),
    (1 + col("a"), "1 + a"),
    (1 - col("a"), "1 - a"),
    (2 * col("a"), "2 * a"),
    (1 / col("a"), "1 / a"),
    (7 % col("a"), "7 % a"),
    (-col("a"), "0 - a"),
    (col("a").is_in([1, 2]), "a IN (1, 2)"),
    (col("a").between(1, 2), "a BETWEEN 1 AND 2"),
    (col("a").like("%x_"), "a LIKE '%x_'"),
    (col("a").like("%X", ignore_case=True), "a ILIKE '%X'"),
    (col("a").starts_with("x"), "starts_with(a, 'x')"),
    (col("a").ends_with("x"), "ends_with(a, 'x')"),
    (col("a").contains(col("b")), "contains(a, b)"),
    (col("a").lower(), "lower(a)"),
    (col("a").upper(), "upper(a)"),
    (col("a").length(), "length(a)"),
    (col("a").coalesce(col("b"), "x"), "coalesce(a, b, 'x')"),
    (col("a").is_null(), "a IS NULL"),
    (col("a").date(), "date(a)"),
    (col("a").year(), "year(a)"),
    (col("a").month(), "month(a)"),
    (col("a").day(), "day(a)"),
    (col("a").hour(), "hour(a)"),
    (col("a").minute(), "minute(a)"),
    (col("a").cast("int64"), "CAST(a AS int64)"),
    (col("a").cast("decimal(10, 2)"), "CAST(a AS decimal(10, 2))"),
    (lookup("a", "http_status"), "lookup(a, 'http_status')"),
    (lookup(col("a"), {1: "x"}, default="y"), "lookup(a, MAP {1: 'x'}, 'y')"),
    (when(col("a") > 1).then("x"), "CASE WHEN a > 1 THEN 'x' END"),
    (when("a > 1").then("x").when("a > 0").then(col("b")).otherwise(None), "CASE WHEN a > 1 THEN 'x' WHEN a > 0 THEN b ELSE NULL END"),
    (col("t") >= dt.datetime(2026, 3, 5, 10, tzinfo=UTC), "t >= TIMESTAMP '2026-03-05 10:00:00+00:00'"),
    (col("d") == dt.date(2026, 3, 5), "d = DATE '2026-03-05'"),
    (lit(1.5), "1.5"),
    (col("two words"), '"two words"'),
]  # fmt: skip


@pytest.mark.parametrize(("built", "sql"), SAME, ids=[sql for _, sql in SAME])
def test_built_is_written(built: la.Expr, sql: str) -> None:
    assert built.equals(la.Expr.parse(sql)), built.sql
    assert la.Expr.parse(built.sql).sql == built.sql
    assert pickle.loads(pickle.dumps(built)).sql == copy.deepcopy(built).sql == built.sql


def test_equals_tells_apart() -> None:
    assert not col("a").equals(col("b"))


def test_is_not_null() -> None:
    assert la.read(COMBINED, "apache.combined", where=col("bytes").is_not_null()).num_rows == 2


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: bool(col("a") > 1),
        lambda: col("a") > 1 and col("b") > 2,
        lambda: not col("a"),
        lambda: 1 < col("a") < 2,
    ],
)
def test_truth_is_refused_with_a_hint(misuse: object) -> None:
    with pytest.raises(TypeError, match=r"& \| ~"):
        misuse()  # type: ignore[operator]


def test_other_misuse_is_refused() -> None:
    for misuse in (
        lambda: hash(col("a")),
        lambda: list(col("a")),
        lambda: 1 in col("a"),
        lambda: col("a") == object(),
        la.Expr,
    ):
        with pytest.raises(TypeError):
            misuse()
    with pytest.raises(TypeError, match="list"):
        col("a").is_in("abc")
    with pytest.raises(la.LogarrowError, match="int17"):
        col("a").cast("int17")
    with pytest.raises(la.LogarrowError) as caught:
        la.Expr.parse("status >> 3")
    assert "hint:" in str(caught.value)
    assert "then" in repr(when(col("a") > 1))


def test_columns_and_text() -> None:
    expr = (col("b") > 1) & (col("a") < col("b"))
    assert sorted(expr.columns) == ["a", "b"]
    assert str(expr) == expr.sql
    assert repr(col("x") == "a\x1b[31mb") == "x = 'ab'"


def test_numpy_scalars() -> None:
    numpy = pytest.importorskip("numpy")
    assert (col("a") > numpy.int16(3)).sql == "a > 3"


@pytest.mark.parametrize(
    ("where", "statuses"),
    [
        (col("status").is_in([404, 503]), [404, 503]),
        (col("bytes").is_null(), [404]),
        (~(col("bytes") > 100), [503]),
        (col("time") >= dt.datetime(2026, 3, 5, 12, tzinfo=UTC), [503]),
        (col("time").date() == dt.date(2026, 3, 5), [200, 404, 503]),
        (col("time").hour() == 1, [200, 404]),
        (col("path").contains('"'), [404]),
        (col("status") % 100 == 3, [503]),
        (when(col("status") > 500).then(True).otherwise(False), [503]),
        (lookup("status", "http_status") == "Not Found", [404]),
    ],
)
def test_rows_that_are_kept(where: la.Expr, statuses: list[int]) -> None:
    scan = la.scan(COMBINED, "apache.combined")
    assert scan.filter(where).to_arrow()["status"].to_pylist() == statuses
    assert scan.filter(where.sql).to_arrow()["status"].to_pylist() == statuses
