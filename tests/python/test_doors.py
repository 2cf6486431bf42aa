"""Every door out: pyarrow, pandas, polars, duckdb, nanoarrow; and each optional package absent in turn."""

from __future__ import annotations

import warnings
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import python
from logs import odd_log

import logarrow as la

duckdb = pytest.importorskip("duckdb")
nanoarrow = pytest.importorskip("nanoarrow")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")


@pytest.fixture
def scan(tmp_path: Path) -> la.Scan:
    path = tmp_path / "odd.log"
    path.write_bytes(odd_log(11))
    return la.scan(path, "apache.combined", batch_rows=50, threads=1)


def test_pyarrow(scan: la.Scan) -> None:
    expected = scan.to_arrow()
    assert pa.table(scan).equals(expected)
    assert pa.schema(scan).equals(expected.schema)
    assert pa.Table.from_batches(scan.to_batches(), scan.schema).equals(expected)
    assert scan.to_reader().schema.equals(expected.schema)
    # The report is there whichever way the rows went.
    pa.table(scan)
    assert scan.report.rows == expected.num_rows


def test_a_stream_that_fails_says_why(tmp_path: Path) -> None:
    path = tmp_path / "bad.log"
    path.write_bytes(b"not a log line\n")
    scan = la.scan(path, "apache.combined", on_error="raise")
    with pytest.raises(Exception, match=r"bad\.log:1"):
        pa.table(scan)
    with pytest.raises(la.DecodeError, match=r"bad\.log:1"):
        scan.to_reader().read_all()


def test_pandas(scan: la.Scan) -> None:
    expected = scan.to_arrow()
    frame = scan.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == expected.column_names
    assert len(frame) == expected.num_rows
    assert [None if path is None or path != path else path for path in frame["path"]] == expected["path"].to_pylist()
    kept = scan.to_pandas(types_mapper=pd.ArrowDtype)
    assert pa.Table.from_pandas(kept, preserve_index=False).select(["status"]).equals(expected.select(["status"]))


def test_polars(scan: la.Scan) -> None:
    expected = pl.from_arrow(scan.to_arrow())
    assert scan.to_polars().equals(expected)
    assert pl.DataFrame(scan).equals(expected)
    assert scan.to_polars_lazy().collect().equals(expected)


def test_duckdb(scan: la.Scan) -> None:
    expected = scan.to_arrow()
    count = "SELECT count(*), count(bytes), sum(status) FROM {}"
    reader = scan.to_reader()  # noqa: F841 found by its name
    with duckdb.connect() as connection:
        by_name = connection.cursor().execute(count.format("scan")).fetchone()
        by_reader = connection.cursor().execute(count.format("reader")).fetchone()
        known = expected  # noqa: F841 found by its name
        by_arrow = connection.cursor().execute(count.format("known")).fetchone()
    rows = expected.to_pylist()
    counted = (
        len(rows),
        sum(row["bytes"] is not None for row in rows),
        sum(row["status"] for row in rows if row["status"] is not None),
    )
    assert by_name == by_reader == by_arrow == counted


def test_nanoarrow(scan: la.Scan) -> None:
    expected = scan.to_arrow()
    with nanoarrow.ArrayStream(scan) as stream:
        got = stream.read_all()
    assert len(got) == expected.num_rows
    assert pa.chunked_array(got).combine_chunks().flatten()[5].to_pylist() == expected["path"].to_pylist()


BLOCKED = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=sys.argv[1])
sys.meta_path.insert(0, Blocker())
import logarrow as la
scan = la.scan(sys.argv[2], "apache.combined")
assert scan.to_arrow().num_rows == 3
doors = {"pandas": [scan.to_pandas], "polars": [scan.to_polars, scan.to_polars_lazy], "duckdb": [], "nanoarrow": [], "rich": []}
for door in doors[sys.argv[1]]:
    try:
        door()
    except ImportError as err:
        assert f"pip install 'logarrow[{sys.argv[1]}]'" in str(err), err
    else:
        raise AssertionError(f"{door} needs no {sys.argv[1]}")
for name, more in doors.items():
    for door in more if name != sys.argv[1] else []:
        door()
print("fine")
"""


@pytest.mark.parametrize("package", ["pandas", "polars", "duckdb", "nanoarrow", "rich"])
def test_optional_packages_are_optional(package: str, log: Path) -> None:
    done = python(BLOCKED, package, log)
    assert done.stdout == b"fine\n", done.stderr.decode()


def test_import_is_light() -> None:
    """Heavy packages wait until they are needed, and no thread is started."""
    code = """
import sys, threading
import logarrow
heavy = {"pyarrow", "polars", "pandas", "duckdb", "rich", "click", "numpy"} & set(sys.modules)
assert not heavy, heavy
assert threading.active_count() == 1
import os
print(len(os.listdir("/proc/self/task")))
"""
    done = python(code)
    assert done.stdout == b"1\n", done.stderr.decode()


def test_warnings_come_once(tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(odd_log(1))[:-20])
    scan = la.scan(path, "apache.combined")
    for door in (scan.to_arrow, scan.to_pandas, scan.to_polars, lambda: list(scan.to_batches())):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            door()
        assert [warning.category for warning in caught] == [la.LogarrowWarning]
        assert caught[0].filename == __file__
