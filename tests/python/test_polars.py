"""The polars lazy source: what is pushed into the plan, and that answers never change by it."""

from __future__ import annotations

import datetime as dt

import pytest
from logs import COMBINED, odd_log

import logarrow as la

pl = pytest.importorskip("polars")
from logarrow import polars as source  # noqa: E402

UTC = dt.timezone.utc
c = pl.col


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> la.Scan:
    path = tmp_path_factory.mktemp("polars") / "odd.log"
    path.write_bytes(odd_log(5, 600))
    return la.scan(path, "apache.combined", threads=1, batch_rows=100)


#: Predicates, and what of them reaches the plan (None: nothing).
PREDICATES = [
    (c("status") >= 500, "status >= 500"),
    (pl.lit(500) <= c("status"), "status >= 500"),
    (c("status") != 200, "status <> 200"),
    (c("path") == "/", "path = '/'"),
    (c("path") > "/b", "path > '/b'"),
    ((c("status") == 404) & c("path").str.starts_with("/a"), "starts_with(path, '/a')"),
    ((c("status") == 404) | c("bytes").is_null(), "bytes IS NULL"),
    (~((c("status") == 404) | c("bytes").is_null()), "status"),
    (c("bytes").is_not_null(), "bytes IS NULL"),
    (c("status").is_in([200, 404]), "status IN (200, 404)"),
    (~c("status").is_in([200, None]), "status IN (200)"),
    (c("user_agent").is_in(["curl/8.9", "月"]), "user_agent IN ('curl/8.9', '月')"),
    (c("status").is_between(300, 404), "status"),
    (c("status").is_between(300, 404, closed="none"), "status < 404"),
    (c("status").is_between(300, 404, closed="left"), "status < 404"),
    (c("path").str.ends_with("1"), "ends_with(path, '1')"),
    (c("path").str.contains("%", literal=True), "contains(path, '%')"),
    (c("time") >= dt.datetime(2020, 1, 1, tzinfo=UTC), "time >= TIMESTAMP"),
    (c("time") < dt.datetime(2020, 1, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=9))), None),
    ((c("time").dt.year() > 2020) & (c("status") > 300), "status > 300"),
    (c("path").str.contains("^/a"), None),
    (c("status") + 1 > 404, None),
    (c("status") // 100 == 4, None),
    (c("status") % 100 == 4, None),
    (c("path").str.len_chars() > 30, None),
    (c("bytes") > 1.5, None),
    (c("user").eq_missing(pl.lit(None, pl.String)), None),
    (c("user").eq_missing("ana"), None),
    ((c("status") > 300) ^ (c("bytes") > 5), None),
    (pl.when(c("status") > 300).then(c("bytes") > 5).otherwise(False), None),
    (c("path") == c("referer"), "path = referer"),
]


@pytest.mark.parametrize(("predicate", "pushed"), PREDICATES, ids=[str(predicate)[:60] for predicate, _ in PREDICATES])
def test_predicates(scan: la.Scan, predicate: pl.Expr, pushed: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    original = source.push

    def spy(given: la.Scan, found: pl.Expr) -> object:
        answer = original(given, found)
        seen.append(str(answer[0]._options.get("where")))
        return answer

    monkeypatch.setattr(source, "push", spy)
    frame = scan.to_polars()
    expected = frame.filter(predicate)
    assert 0 < expected.height < frame.height or pushed is None, "a predicate that tells nothing apart"
    assert scan.to_polars_lazy().filter(predicate).collect().equals(expected)
    narrow = scan.to_polars_lazy().filter(predicate).select("path").collect()
    assert narrow.equals(expected.select("path"))
    assert len(seen) == 2
    if pushed is not None:
        assert all(pushed in where for where in seen), seen


def test_regular_expressions_are_left_to_polars(scan: la.Scan) -> None:
    pushed, rest = source.push(scan, c("path").str.contains("^/a") & (c("status") > 300))
    assert pushed._options["where"].sql == "status > 300"
    assert rest is not None
    pushed, rest = source.push(scan, (c("path").str.contains("^/a")) | (c("status") > 300))
    assert "where" not in pushed._options and rest is not None


def test_columns_and_limits_reach_the_plan(scan: la.Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict] = []
    original = la.Scan.to_batches

    def spy(self: la.Scan) -> object:
        seen.append(self._options)
        return original(self)

    monkeypatch.setattr(la.Scan, "to_batches", spy)
    lazy = scan.to_polars_lazy()
    frame = scan.to_polars()
    assert lazy.select("status").head(3).collect().equals(frame.select("status").head(3))
    assert (seen[-1]["columns"], seen[-1]["limit"]) == (["status"], 3)
    assert lazy.head(5).filter(c("status") > 300).collect().equals(frame.head(5).filter(c("status") > 300))
    assert seen[-1]["limit"] == 5 and "where" not in seen[-1]
    assert lazy.filter(c("status") > 300).head(5).collect().equals(frame.filter(c("status") > 300).head(5))
    assert lazy.select(pl.len()).collect().item() == frame.height
    assert lazy.tail(3).collect().equals(frame.tail(3))
    assert lazy.collect(engine="streaming").equals(frame)
    counts = lazy.group_by("status").len().sort("status").collect()
    assert counts.equals(frame.group_by("status").len().sort("status"))


def test_own_limits_and_filters_stay(scan: la.Scan) -> None:
    few = scan.limit(20)
    assert few.to_polars_lazy().filter(c("status") > 300).collect().equals(few.to_polars().filter(c("status") > 300))
    assert few.to_polars_lazy().head(5).collect().equals(few.to_polars().head(5))
    kept = scan.filter("status = 404").derive(d="date(time)", big="bytes > 1000")
    lazy, frame = kept.to_polars_lazy(), kept.to_polars()
    assert lazy.collect().equals(frame)
    assert lazy.filter(c("big")).select("d").collect().equals(frame.filter(c("big")).select("d"))
    assert (
        lazy.filter(c("d") > dt.date(2015, 1, 1))
        .select("path")
        .collect()
        .equals(frame.filter(c("d") > dt.date(2015, 1, 1)).select("path"))
    )


@pytest.mark.parametrize(
    "options", [{"on_error": "null"}, {"strings": "dictionary"}, {"strings": "view"}, {"time_unit": "ns"}]
)
def test_options_that_change_rows_or_types(scan: la.Scan, options: dict) -> None:
    other = scan.with_options(**options)
    frame = other.to_polars()
    for predicate in (c("status") > 300, c("path") > "/b", c("time") > dt.datetime(2020, 1, 1, tzinfo=UTC)):
        assert other.to_polars_lazy().filter(predicate).collect().equals(frame.filter(predicate))


def test_collects_again_and_in_a_join() -> None:
    lazy = la.scan(COMBINED, "apache.combined").to_polars_lazy()
    assert lazy.collect().equals(lazy.collect())
    other = lazy.filter(c("status") > 300).select("path", code="status")
    assert lazy.join(other, on="path").select("path", "code").collect().height == 2
