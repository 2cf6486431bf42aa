"""`read` and `scan`: columns, rows, accounting, errors."""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path

import pyarrow as pa
import pytest
from logs import COMBINED, odd_log

import logarrow as la

UTC = dt.timezone.utc
COLUMNS = [
    "remote_host",
    "ident",
    "user",
    "time",
    "method",
    "path",
    "protocol",
    "status",
    "bytes",
    "referer",
    "user_agent",
]


def test_read_gives_typed_columns(log: Path) -> None:
    table = la.read(log, "apache.combined")
    assert table.column_names == COLUMNS
    assert table.schema.field("time").type == pa.timestamp("us", "UTC")
    assert table.schema.field("status").type == pa.int16()
    assert table.to_pylist()[0] == {
        "remote_host": "192.0.2.7",
        "ident": None,
        "user": "ana",
        "time": dt.datetime(2026, 3, 5, 1, 0, 1, tzinfo=UTC),
        "method": "GET",
        "path": "/a?b=1",
        "protocol": "HTTP/1.1",
        "status": 200,
        "bytes": 512,
        "referer": None,
        "user_agent": "curl/8.9",
    }
    assert table["path"].to_pylist() == ["/a?b=1", '/say/"hi"', "/api/v1/items"]
    assert table["bytes"].to_pylist() == [512, None, 17]


def test_read_guesses_the_format(log: Path) -> None:
    assert la.read(log).equals(la.read(log, "apache.combined"))
    assert la.scan(log).format.name == "apache.combined"


def test_read_refuses_to_guess_badly(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_bytes(b"buy milk\n" * 20 + COMBINED)
    with pytest.raises(la.FormatError, match=r"apache\.combined") as caught:
        la.read(notes)
    assert "hint:" in str(caught.value)


def test_nothing_is_read_until_asked(log: Path) -> None:
    scan = la.scan(log, "apache.combined").filter("status > 300").select("path")
    log.write_bytes(COMBINED * 2)
    assert scan.schema.names == ["path"]
    assert scan.to_arrow().num_rows == 4


def test_calls_give_new_scans(log: Path) -> None:
    scan = la.scan(log, "apache.combined")
    narrow = scan.select("status", "path")
    few = narrow.filter("status >= 400")
    one = few.limit(1)
    more = few.derive(word="lookup(status, 'http_status')")
    assert scan.schema.names == COLUMNS
    assert narrow.to_arrow().shape == (3, 2)
    assert few.to_arrow()["status"].to_pylist() == [404, 503]
    assert one.to_arrow()["status"].to_pylist() == [404]
    assert one.limit(7).to_arrow().num_rows == 1
    assert more.to_arrow().to_pylist()[1] == {"status": 503, "path": "/api/v1/items", "word": "Service Unavailable"}
    assert few.filter(la.col("status") < 500, "path LIKE '/say%'").to_arrow()["status"].to_pylist() == [404]


def test_select_takes_on_demand_and_derived_columns(log: Path) -> None:
    scan = la.scan(log, "apache.combined").derive(dt="date(time)", big=la.col("bytes") > 100)
    assert scan.schema.names == [*COLUMNS, "dt", "big"]
    assert scan.select("query", "dt").to_arrow().to_pylist()[0] == {"query": "b=1", "dt": dt.date(2026, 3, 5)}
    assert scan.select(["dt", "status"]).schema.names == ["dt", "status"]
    assert scan.filter("big").select("big").to_arrow().to_pylist() == [{"big": True}]
    # Nothing derived is given, but the filter still knows.
    assert (
        scan.filter("big").select("path").to_arrow().to_pylist()
        == scan.select("path", "big").filter("big").to_arrow().drop_columns(["big"]).to_pylist()
    )


def test_derived_columns_stand_on_those_before_them(log: Path) -> None:
    scan = (
        la.scan(log, "apache.combined")
        .derive(kind="status / 100")
        .derive(bad="kind >= 4", word="lookup(kind, MAP {5: 'x'})")
    )
    assert scan.select("bad").to_arrow()["bad"].to_pylist() == [False, True, True]
    last = scan.select("word").derive(long="word IS NOT NULL")
    assert last.schema.names == ["word", "long"]
    assert last.filter("kind > 3 AND NOT long").to_arrow().to_pylist() == [{"word": None, "long": False}]
    plain = scan.filter("bad").select("status")
    assert plain.to_arrow()["status"].to_pylist() == [404, 503]
    assert plain.derive(more="status + 1").schema.names == ["status", "more"]
    told = la.read(log, "apache.combined", columns=["b"], derive={"a": "status", "b": "a + 1"})
    assert told.schema.names == ["b"]
    with pytest.raises(la.SchemaError, match='"a" reads "b", which is given behind it'):
        la.scan(log, "apache.combined", derive={"a": "b", "b": "status"})


def test_filter_on_places(log: Path) -> None:
    log.write_bytes(COMBINED * 3)
    size = len(COMBINED)
    scan = la.scan(log, "apache.combined", include=["offset", "line"])
    assert scan.filter(la.col("_offset") >= size).to_arrow()["_line"].to_pylist() == [4, 5, 6, 7, 8, 9]
    assert scan.filter(la.col("_path") != str(log)).to_arrow().num_rows == 0
    assert scan.filter("_raw LIKE '% 404 %'").to_arrow()["status"].to_pylist() == [404] * 3
    with pytest.raises(la.LogarrowError, match='"where" cannot read "_line"') as caught:
        scan.filter("_line > 3")
    assert "hint:" in str(caught.value)


def test_head_gives_the_first_rows(log: Path) -> None:
    scan = la.scan(log, "apache.combined", columns=["status"])
    assert scan.head(2)["status"].to_pylist() == [200, 404]
    assert scan.head().num_rows == 3
    assert scan.head(0).num_rows == 0
    assert scan.to_arrow().num_rows == 3


def test_batches_and_reader(log: Path) -> None:
    log.write_bytes(COMBINED * 100)
    scan = la.scan(log, "apache.combined", batch_rows=64, threads=1)
    batches = list(scan.to_batches())
    assert max(batch.num_rows for batch in batches) <= 64
    assert sum(batch.num_rows for batch in batches) == 300
    reader = scan.to_reader()
    assert isinstance(reader, pa.RecordBatchReader)
    assert reader.read_all().equals(pa.Table.from_batches(batches))


def test_include_says_where_rows_are_from(bad_log: Path) -> None:
    include = ["path", "line", "offset", "raw"]
    table = la.read(bad_log, "apache.combined", columns=["status"], include=include)
    assert table.column_names == ["status", "_path", "_line", "_offset", "_raw"]
    text = bad_log.read_bytes()
    for row in table.to_pylist():
        assert row["_path"] == str(bad_log)
        raw = row["_raw"].encode()
        assert text[row["_offset"] :].startswith(raw)
        assert text.splitlines()[row["_line"] - 1] == raw


def test_report_accounts_for_every_record(bad_log: Path) -> None:
    scan = la.scan(bad_log, "apache.combined", where="status != 404")
    assert scan.to_arrow().num_rows == 3
    report = scan.report
    assert (report.records, report.rows, report.filtered, report.rejected, report.skipped) == (6, 3, 1, 1, 1)
    assert report.records == report.rows + report.filtered + report.rejected + report.skipped
    assert report["malformed"] == report.malformed == 1
    assert report.bad_values == 1
    assert report.lines == 6
    assert report.bytes == bad_log.stat().st_size
    assert report.complete
    assert report.seconds >= 0
    assert report.nulls["bytes"] == 1
    assert [file["name"] for file in report.files] == [str(bad_log)]
    assert {reason["column"]: reason["count"] for reason in report.reasons} == {None: 1, "bytes": 1}
    assert dict(report)["rows"] == 3
    assert set(report.to_dict()) == set(report)
    with pytest.raises(KeyError):
        report["no_such_count"]


def test_rejects_say_what_and_where(bad_log: Path) -> None:
    scan = la.scan(bad_log, "apache.combined")
    scan.to_arrow()
    record, value = scan.rejects().to_pylist()
    lines = bad_log.read_bytes().splitlines(keepends=True)
    assert (record["source"], record["line"], record["byte"]) == (str(bad_log), 2, len(lines[0]))
    assert record["raw"] == lines[1].decode().rstrip("\n")
    assert record["column"] is None and "expected" in record["reason"]
    assert (value["line"], value["column"], value["raw"]) == (4, "bytes", "99999999999999999999")


def test_rejects_to_keeps_all(bad_log: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    path = tmp_path / "rejects.parquet"
    scan = la.scan(bad_log, "apache.combined", rejects_to=path)
    assert scan.head().num_rows == 4 and not path.exists()
    scan.to_arrow()
    assert pq.read_table(path).to_pylist() == scan.rejects().to_pylist()
    with pytest.raises(FileExistsError):
        scan.to_arrow()
    scan.write_parquet(tmp_path / "out.parquet", overwrite=True)
    assert pq.read_table(path).to_pylist() == scan.rejects().to_pylist()


@pytest.mark.parametrize(
    ("on_error", "rows", "rejected", "kept"), [("reject", 4, 1, 2), ("skip", 4, 1, 0), ("null", 5, 0, 2)]
)
def test_on_error(bad_log: Path, on_error: str, rows: int, rejected: int, kept: int) -> None:
    scan = la.scan(bad_log, "apache.combined", on_error=on_error)
    table = scan.to_arrow()
    report = scan.report
    assert (table.num_rows, report.rows, report.rejected, report.malformed) == (rows, rows, rejected, 1)
    assert report.records == report.rows + report.filtered + report.rejected + report.skipped
    texts = [reject["raw"] for reject in scan.rejects().to_pylist()]
    assert len([text for text in texts if text]) == kept
    assert (set(table.to_pylist()[1].values()) == {None}) == (on_error == "null")


def test_on_error_null_rows_bypass_where(bad_log: Path) -> None:
    table = la.read(bad_log, "apache.combined", on_error="null", where="status = 404", columns=["status"])
    assert table["status"].to_pylist() == [None, 404]


def test_on_error_raise_points_at_the_byte(bad_log: Path) -> None:
    with pytest.raises(la.DecodeError) as caught:
        la.read(bad_log, "apache.combined", on_error="raise")
    err = caught.value
    assert (err.source, err.line) == (str(bad_log), 2)
    assert err.byte >= len(COMBINED.splitlines(keepends=True)[0])
    assert str(err).startswith(f"{bad_log}:2:")


def test_extra_column_types_and_strings(log: Path) -> None:
    log.write_bytes(b'192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512 "-" "-" 0.012\n')
    fmt = "apache.combined"
    assert la.read(log, fmt, extra="column", columns=["_extra"]).to_pylist() == [{"_extra": "0.012"}]
    assert la.read(log, fmt, extra="reject").num_rows == 0
    scan = la.scan(log, fmt, extra="count", types={"status": "int64", "bytes": pa.int32()})
    assert scan.schema.field("status").type == pa.int64()
    assert scan.schema.field("bytes").type == pa.int32()
    assert scan.to_arrow()["status"].to_pylist() == [200] and scan.report.extra == 1
    kinds = {"utf8": pa.string(), "large": pa.large_string()}
    if hasattr(pa, "string_view"):  # pyarrow 16
        kinds["view"] = pa.string_view()
    for strings, kind in kinds.items():
        assert la.read(log, fmt, extra="count", strings=strings).schema.field("path").type == kind
    assert pa.types.is_dictionary(la.scan(log, fmt, strings="dictionary").schema.field("path").type)


def test_times(log: Path) -> None:
    log.write_bytes(b"2026-03-05T10:00:00 x\n")
    fmt = la.Format.apache("%{%Y-%m-%dT%H:%M:%S}t %l")
    time = fmt.schema.names[0]
    for zone, hour in [("UTC", 10), ("Asia/Tokyo", 1), ("+02:00", 8)]:
        table = la.read(log, fmt, timezone=zone)
        assert table[time].to_pylist() == [dt.datetime(2026, 3, 5, hour, tzinfo=UTC)]
    assert la.scan(log, fmt, time_unit="ns").schema.field(time).type == pa.timestamp("ns", "UTC")


def test_reference_time_is_told(log: Path) -> None:
    when = dt.datetime(2026, 3, 5, 10, tzinfo=dt.timezone(dt.timedelta(hours=9)))
    scan = la.scan(log, "apache.combined", reference_time=when)
    scan.to_arrow()
    assert scan.report.reference_time == when


def test_encodings(tmp_path: Path) -> None:
    text = COMBINED.decode().replace("curl/8.9", "Käse")
    for encoding, codec in [("latin-1", "latin-1"), ("utf-16", "utf-16")]:
        path = tmp_path / f"{encoding}.log"
        path.write_bytes(text.encode(codec))
        agents = la.read(path, "apache.combined", encoding=encoding)["user_agent"].to_pylist()
        assert agents[0] == "Käse"


def test_tables_for_lookup(log: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text("code,word\n200,fine\n404,gone\n")
    tables = {
        "a": {200: "fine", 404: "gone"},
        "b": words,
        "c": pa.table({"code": [200, 404], "word": ["fine", "gone"]}),
    }
    derive = {name: f"lookup(status, '{name}', 'other')" for name in tables}
    derive["d"] = la.lookup("status", tables["a"], default="other")
    derive["e"] = la.lookup(la.col("status"), tables["c"], default="other")
    rows = la.read(log, "apache.combined", columns=[], derive=derive, tables=tables).to_pylist()
    assert rows == [dict.fromkeys("abcde", word) for word in ["fine", "gone", "other"]]


def test_progress_calls_a_function(log: Path) -> None:
    states: list[dict] = []
    log.write_bytes(COMBINED * 1000)
    la.read(log, "apache.combined", progress=states.append, batch_rows=100)
    assert states[-1]["rows"] == 3000
    assert states[-1]["stored_bytes"] == states[-1]["total_bytes"] == log.stat().st_size
    assert states[-1]["complete"]
    assert all(state["seconds"] >= 0 for state in states)


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_give_the_same(tmp_path: Path, threads: int) -> None:
    paths = []
    for seed in range(3):
        paths.append(tmp_path / f"{seed}.log")
        paths[-1].write_bytes(odd_log(seed, 3000))
    one, many = (
        la.scan(paths, "apache.combined", threads=n, chunk_bytes="64KiB", include=["path", "line", "offset"])
        for n in (1, threads)
    )
    assert many.to_arrow().equals(one.to_arrow())
    assert many.rejects().equals(one.rejects())
    same = ("records", "rows", "rejected", "skipped", "bad_values", "nulls", "reasons", "lines", "bytes", "replaced")
    assert {name: many.report[name] for name in same} == {name: one.report[name] for name in same}
    loose = la.scan(
        paths, "apache.combined", threads=threads, ordered=False, columns=["path"], include=["path", "offset"]
    )
    keys = [("_path", "ascending"), ("_offset", "ascending")]
    assert loose.to_arrow().sort_by(keys).equals(one.to_arrow().select(["path", "_path", "_offset"]).sort_by(keys))


OPTION_ERRORS = [
    ({"colums": ["status"]}, TypeError, "'columns'"),
    ({"columns": "status"}, TypeError, "list of names"),
    ({"columns": ["statos"]}, la.SchemaError, "statos"),
    ({"where": "statos > 1"}, la.SchemaError, "statos"),
    ({"where": "status >"}, la.LogarrowError, "hint"),
    ({"where": 1}, TypeError, "SQL text"),
    ({"where": "status > 'x'"}, la.SchemaError, "'x'|\"x\""),
    ({"derive": ["x"]}, TypeError, "dict"),
    ({"derive": {"status": "1"}}, ValueError, "status"),
    ({"on_error": "ignore"}, ValueError, "reject"),
    ({"threads": -1}, ValueError, "threads"),
    ({"threads": "two"}, TypeError, "threads"),
    ({"threads": True}, TypeError, "threads"),
    ({"limit": -1}, ValueError, "limit"),
    ({"memory_bytes": "lots"}, ValueError, "256MB"),
    ({"memory_bytes": 1.5}, TypeError, "256MB"),
    ({"chunk_bytes": 0}, ValueError, "chunk_bytes"),
    ({"timezone": "Mars/Olympus", "where": "hour(time) > 1"}, (ValueError, la.LogarrowError), "Mars"),
    ({"reference_time": dt.datetime(2026, 1, 1)}, ValueError, "zone"),
    ({"reference_time": "2026"}, TypeError, "datetime"),
    ({"include": ["paths"]}, ValueError, "path"),
    ({"types": {"statos": "int16"}}, la.SchemaError, "statos"),
    ({"types": {"status": "int17"}}, la.LogarrowError, "int17"),
    ({"progress": "yes"}, TypeError, "progress"),
    ({"tables": {"x": 3}}, TypeError, "dict"),
    ({"strings": "short"}, ValueError, "utf8"),
    ({"compression": "rar"}, ValueError, "gzip"),
    ({"encoding": "ebcdic"}, ValueError, "latin-1"),
]


@pytest.mark.parametrize(("options", "kind", "told"), OPTION_ERRORS)
def test_wrong_options_raise_before_reading(log: Path, options: dict, kind: type, told: str) -> None:
    with pytest.raises(kind, match=told):
        la.scan(log, "apache.combined", **options)


def test_none_is_the_default(log: Path) -> None:
    names = la._options.OPTION_NAMES
    assert la.read(log, "apache.combined", **dict.fromkeys(names)).equals(la.read(log, "apache.combined"))


def test_report_before_the_first_run(log: Path) -> None:
    scan = la.scan(log, "apache.combined")
    for look in (lambda: scan.report, scan.rejects):
        with pytest.raises(la.LogarrowError, match="nothing was read yet"):
            look()


def test_explain_tells_the_plan(log: Path) -> None:
    told = la.scan(log, "apache.combined", where="status > 1", derive={"d": "date(time)"}).explain()
    assert "apache.combined" in told and "status > 1" in told and "d = date(time)" in told


def test_no_warning_for_a_good_file(log: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        la.read(log, "apache.combined")


def test_unknown_format(log: Path) -> None:
    with pytest.raises(la.FormatError, match=r"apache\.combined"):
        la.read(log, "apache.combine")
    with pytest.raises(TypeError):
        la.read(log, 3)
