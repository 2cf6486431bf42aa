"""Extracts for Tableau, read back, and their publication on a server that only listens."""

from __future__ import annotations

import datetime as dt
import decimal
import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from logs import COMBINED, TRUNCATED
from test_cli import call

import logarrow as la
from logarrow.tableau._types import column

# Where everything must be shown nothing is skipped: without pantab the tests fail.
if "CI" not in os.environ:
    pytest.importorskip("pantab")
pantab = importlib.import_module("pantab")


def rows(path: Path, table: str = "logs") -> pa.Table:
    with tempfile.TemporaryDirectory() as logs:
        return pantab.frame_from_hyper(path, table=table, return_type="pyarrow", process_params={"log_dir": logs})


def test_rows_are_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scan = la.scan(COMBINED + TRUNCATED + b"\n", "apache.combined", derive={"dt": "date(time)"}, strings="dictionary")
    report = scan.write_hyper("o.hyper", table="web")
    assert (report.rows, report.rejected) == (3, 1) and scan.rejects().num_rows == 1
    assert report.written == [{"path": "o.hyper", "rows": 3, "bytes": os.path.getsize("o.hyper")}]
    expected = scan.with_options(strings="large").to_arrow()
    assert rows(tmp_path / "o.hyper", "web").to_pylist() == expected.to_pylist()
    # Hyper's own log is not left behind.
    assert os.listdir() == ["o.hyper"]
    with pytest.raises(FileExistsError, match="overwrite=True"):
        scan.write_hyper("o.hyper")
    assert scan.select("status").write_hyper("o.hyper", overwrite=True).rows == 3
    assert rows(tmp_path / "o.hyper").column_names == ["status"]
    with pytest.raises(FileNotFoundError, match="no: no such directory"):
        scan.write_hyper("no/o.hyper")


def test_convert(log: Path, tmp_path: Path) -> None:
    status, told, errors = call("convert", log, "-o", tmp_path / "o.hyper", "--columns", "status")
    assert (status, errors) == (0, "") and "records" in told
    assert rows(tmp_path / "o.hyper")["status"].to_pylist() == [200, 404, 503]
    assert call("convert", log, "-o", tmp_path / "o.hyper")[0] == 1


def test_errors_leave_nothing(tmp_path: Path) -> None:
    scan = la.scan(COMBINED + TRUNCATED + b"\n", "apache.combined", on_error="raise")
    with pytest.raises(la.DecodeError) as raised:
        scan.write_hyper(tmp_path / "o.hyper")
    assert raised.value.line == 4
    assert os.listdir(tmp_path) == []


NESTED = b"""\
{"id": 1, "tags": ["x", null], "who": {"name": "\xe6\x9c\x88", "at": "2026-03-05T10:00:00Z"}, "price": 1.5, "pairs": {"k": 1}}
{"id": 2, "tags": [], "who": null, "price": null, "pairs": {}}
"""


def test_nested_columns_are_json(tmp_path: Path) -> None:
    types = {
        "id": "int64",
        "tags": "list<utf8>",
        "who": "struct<name: utf8, at: timestamp>",
        "price": "decimal(38,2)",
        "pairs": "map<utf8,int64>",
    }
    scan = la.scan(
        NESTED,
        la.Format.json(
            schema=pa.schema(
                [
                    ("id", pa.int64()),
                    ("tags", pa.list_(pa.string())),
                    ("who", pa.struct([("name", pa.string()), ("at", pa.timestamp("us", "UTC"))])),
                    ("price", pa.decimal128(38, 2)),
                    ("pairs", pa.map_(pa.string(), pa.int64())),
                ]
            )
        ),
    )
    assert list(types) == scan.schema.names
    scan.write_hyper(tmp_path / "o.hyper")
    first, second = rows(tmp_path / "o.hyper").to_pylist()
    assert first == {
        "id": 1,
        "tags": '["x", null]',
        "who": '{"name": "月", "at": "2026-03-05T10:00:00Z"}',
        "price": decimal.Decimal("1.50"),
        "pairs": '{"k": 1}',
    }
    assert second == {"id": 2, "tags": "[]", "who": None, "price": None, "pairs": "{}"}


@pytest.mark.parametrize(
    ("dtype", "value", "read"),
    [
        (pa.uint8(), 255, 255),
        (pa.uint16(), 65535, 65535),
        (pa.uint32(), 2**32 - 1, 2**32 - 1),
        (pa.uint64(), 2**63 - 1, 2**63 - 1),
        (pa.int8(), -1, -1),
        (pa.float16(), 0.5, 0.5),
        (pa.decimal128(10, 2), decimal.Decimal("1.25"), decimal.Decimal("1.25")),
        (pa.decimal128(38, 4), decimal.Decimal("-99999999999999.9999"), decimal.Decimal("-99999999999999.9999")),
        (pa.decimal256(60, 0), decimal.Decimal(7), decimal.Decimal(7)),
        (pa.timestamp("ns"), pa.scalar(1_500, pa.timestamp("ns")), dt.datetime(1970, 1, 1, 0, 0, 0, 1)),
        (pa.timestamp("s", "UTC"), 0, dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)),
        (pa.time32("ms"), dt.time(1, 2, 3), dt.time(1, 2, 3)),
        (pa.date64(), dt.date(2026, 3, 5), dt.date(2026, 3, 5)),
        (pa.binary(2), b"\x00\xff", b"\x00\xff"),
        (pa.large_string(), "月", "月"),
        (pa.null(), None, None),
        (pa.float32(), 0.25, 0.25),
    ],
)
def test_types(tmp_path: Path, dtype: pa.DataType, value: Any, read: Any) -> None:
    wanted, convert = column("x", dtype)
    array = pa.array([value, None], dtype)
    got = convert(array) if convert is not None else array
    assert got.type == wanted
    pantab.frame_to_hyper(
        pa.table({"x": got}), tmp_path / "o.hyper", table="t", process_params={"log_dir": str(tmp_path)}
    )
    assert rows(tmp_path / "o.hyper", "t")["x"].to_pylist() == [read, None]


def test_values_that_do_not_fit() -> None:
    for dtype, value in ((pa.decimal128(38, 2), decimal.Decimal(10) ** 20), (pa.uint64(), 2**63)):
        _, convert = column("x", dtype)
        assert convert is not None
        with pytest.raises(la.DecodeError, match=r'column "x": a value'):
            convert(pa.array([value], dtype))
    for dtype in (pa.duration("us"), pa.decimal128(38, 30)):
        with pytest.raises(la.SchemaError, match="hint: types="):
            column("x", dtype)


def test_without_pantab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pantab", None)
    with pytest.raises(ImportError, match=r"logarrow\[tableau\]"):
        la.scan(COMBINED, "apache.combined").write_hyper(tmp_path / "o.hyper")
