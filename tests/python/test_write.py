"""Parquet and Arrow files: what is in them, when they appear, and that nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from logs import COMBINED, odd_log

import logarrow as la

FORMAT = "apache.combined"


def test_parquet_holds_the_table(tmp_path: Path) -> None:
    scan = la.scan(odd_log(3), FORMAT, derive={"dt": "date(time)"}, where="status >= 300")
    out = tmp_path / "out.parquet"
    report = scan.write_parquet(out)
    expected = scan.to_arrow()
    assert pq.read_table(out).equals(expected)
    assert report.rows == expected.num_rows
    assert report.written == [{"path": str(out), "rows": expected.num_rows, "bytes": out.stat().st_size}]
    assert scan.with_options(where=None).write_parquet(tmp_path / "all.parquet").records == report.records
    assert pq.ParquetFile(out).metadata.row_group(0).column(0).compression == "ZSTD"


def test_scan_tells_of_a_write(bad_log: Path, tmp_path: Path) -> None:
    scan = la.scan(bad_log, FORMAT)
    report = scan.write_parquet(str(tmp_path / "out.parquet"))
    assert scan.report == report
    assert [reject["line"] for reject in scan.rejects().to_pylist()] == [2, 4]
    assert "out.parquet" in repr(report)


@pytest.mark.parametrize(("codec", "written"), [("snappy", "SNAPPY"), ("none", "UNCOMPRESSED"), ("lz4", "LZ4")])
def test_parquet_options(tmp_path: Path, codec: str, written: str) -> None:
    out = tmp_path / "out.parquet"
    la.scan(COMBINED * 100, FORMAT).write_parquet(out, compression=codec, row_group_rows=120)
    metadata = pq.ParquetFile(out).metadata
    assert metadata.row_group(0).column(0).compression == written
    assert [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)] == [120, 120, 60]


@pytest.mark.parametrize("codec", [None, "zstd", "lz4"])
def test_ipc_holds_the_table(tmp_path: Path, codec: str | None) -> None:
    scan = la.scan(odd_log(3), FORMAT)
    out = tmp_path / "out.arrow"
    report = scan.write_ipc(out, compression=codec)
    assert feather.read_table(out).equals(scan.to_arrow())
    assert report.written[0]["rows"] == report.rows


@pytest.mark.parametrize("write", ["write_parquet", "write_ipc"])
def test_files_are_not_replaced_unless_told(tmp_path: Path, write: str) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"precious")
    scan = la.scan(COMBINED, FORMAT)
    with pytest.raises(FileExistsError, match="overwrite"):
        getattr(scan, write)(out)
    assert out.read_bytes() == b"precious"
    getattr(scan, write)(out, overwrite=True)
    assert out.read_bytes() != b"precious"
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"compresion": "zstd"}, TypeError),
        ({"compression": "rar"}, ValueError),
        ({"compression_level": 99}, ValueError),
        ({"row_group_rows": 0}, ValueError),
    ],
)
def test_wrong_options_leave_nothing(tmp_path: Path, options: dict, kind: type) -> None:
    with pytest.raises(kind):
        la.scan(COMBINED, FORMAT).write_parquet(tmp_path / "out.parquet", **options)
    assert os.listdir(tmp_path) == []


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    scan = la.scan(COMBINED * 1000 + b"bad line\n", FORMAT, on_error="raise")
    for write in (scan.write_parquet, scan.write_ipc):
        with pytest.raises(la.DecodeError):
            write(tmp_path / "out")
        assert os.listdir(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        scan.write_parquet(tmp_path / "no" / "out")


def test_progress_of_a_write(tmp_path: Path) -> None:
    states: list[dict] = []
    la.scan(COMBINED * 20_000, FORMAT).write_parquet(tmp_path / "out.parquet", progress=states.append)
    assert states, "it was called"
    assert {"stored_bytes", "total_bytes", "bytes", "rows", "seconds"} <= set(states[-1])
    assert states[-1]["complete"] and states[-1]["rows"] == 60_000
    assert states[-1]["stored_bytes"] == states[-1]["total_bytes"] == len(COMBINED) * 20_000


def test_a_progress_function_that_fails_stops_the_write(tmp_path: Path) -> None:
    def fail(state: dict) -> None:
        raise ZeroDivisionError("on purpose")

    with pytest.raises(ZeroDivisionError, match="on purpose"):
        la.scan(COMBINED * 20_000, FORMAT).write_parquet(tmp_path / "out.parquet", progress=fail)
    assert os.listdir(tmp_path) == []


def test_damage_warns_and_keeps_the_file(tmp_path: Path) -> None:
    import gzip

    source, out = tmp_path / "cut.gz", tmp_path / "out.parquet"
    source.write_bytes(gzip.compress(COMBINED) + gzip.compress(COMBINED)[:-9])
    scan = la.scan(source, FORMAT)
    with pytest.warns(la.LogarrowWarning, match=r"cut\.gz"):
        report = scan.write_parquet(out)
    assert pq.read_table(out).num_rows == report.rows >= 3


ENDLESS = """
import sys, time
import logarrow as la
class Endless:
    told = False
    def read(self, size=-1):
        if not self.told:
            self.told = True
            print("started", flush=True)
        return LINES
LINES = b'192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl/8.9"\\n' * 10000
scan = la.scan(Endless(), "apache.combined", threads=int(sys.argv[2]), where="status = 404")
try:
    getattr(scan, sys.argv[1])(*sys.argv[3:])
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("method", ["write_parquet", "write_ipc", "to_arrow"])
def test_ctrl_c_stops_and_leaves_nothing(tmp_path: Path, method: str, threads: int) -> None:
    args = [method, str(threads), *([str(tmp_path / "out")] if method.startswith("write") else [])]
    with subprocess.Popen([sys.executable, "-c", ENDLESS, *args], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"started\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        try:
            # It never ends by itself; this is how long a user waits before pressing again.
            told, _ = process.communicate(timeout=10)
        finally:
            process.kill()
    assert told == b"interrupted\n"
    assert os.listdir(tmp_path) == []


FORKED = """
import multiprocessing as mp, sys
import logarrow as la
def rows(path):
    return la.scan(path, "apache.combined", threads=2, chunk_bytes="64KiB").to_arrow().num_rows
if __name__ == "__main__":
    path = sys.argv[1]
    first = rows(path)  # the parent has had a pool of its own
    with mp.get_context("fork").Pool(2) as pool:
        print(first, *pool.map(rows, [path] * 4))
    half = iter(la.scan(path, "apache.combined", threads=2, chunk_bytes="64KiB", batch_rows=10).to_batches())
    next(half)  # and one is under way
    with mp.get_context("fork").Pool(1) as pool:
        print(*pool.map(rows, [path]))
    print(sum(batch.num_rows for batch in half) + 10)
"""


def test_forked_children_read(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(COMBINED * 3000)
    command = [sys.executable, "-W", "ignore", "-c", FORKED, str(path)]
    done = subprocess.run(command, capture_output=True, timeout=120)
    assert done.stdout.decode().split() == ["9000"] * 7, done.stderr.decode()


def test_pickled_work_in_spawned_children(tmp_path: Path) -> None:
    import multiprocessing as mp

    path = tmp_path / "a.log"
    path.write_bytes(COMBINED)
    scan = la.scan(path, FORMAT, columns=["status"]).filter("status > 300")
    with mp.get_context("spawn").Pool(1) as pool:
        table = pool.apply(la.Scan.to_arrow, (scan,))
    assert isinstance(table, pa.Table) and table["status"].to_pylist() == [404, 503]
