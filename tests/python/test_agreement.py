"""All roads agree: eager, lazy, streamed, written and the command line; any chunk, batch, thread count and kernel."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from logs import COMBINED, odd_log

import logarrow as la
from logarrow.cli import run

FORMAT = "apache.combined"
SAME = ("records", "rows", "filtered", "rejected", "skipped", "malformed", "bad_values", "replaced", "extra", "lines")
SAME += ("bytes", "nulls", "reasons")
LEVELS = ["sse2", "avx2", "avx512"]


def facts(scan: la.Scan) -> dict[str, object]:
    report = scan.report
    assert report.records == report.rows + report.filtered + report.rejected + report.skipped
    return {name: report[name] for name in SAME}


def available(level: str) -> bool:
    try:
        la.scan(b"", FORMAT, simd=level)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("seed", range(6))
def test_eager_lazy_streamed_written_and_cli_agree(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "odd.log"
    path.write_bytes(odd_log(seed))
    options = {
        "where": "status >= 200 AND path IS NOT NULL",
        "derive": {"d": "date(time)"},
        "include": ["line", "offset"],
    }
    scan = la.scan(path, FORMAT, **options)
    expected = scan.to_arrow()
    told = facts(scan)
    assert 0 < expected.num_rows < told["records"], f"seed {seed}"
    roads = {
        "read": lambda: la.read(path, FORMAT, **options),
        "batches": lambda: pa.Table.from_batches(scan.to_batches(), scan.schema),
        "stream": lambda: pa.table(scan),
        "reader": lambda: scan.to_reader().read_all(),
        "bytes": lambda: la.read(path.read_bytes(), FORMAT, **options),
        "file object": lambda: la.read(io.BytesIO(path.read_bytes()), FORMAT, **options),
    }
    for name, road in roads.items():
        assert road().equals(expected), f"{name}, seed {seed}"
    for method, load in (("write_parquet", pq.read_table), ("write_ipc", feather.read_table)):
        getattr(scan, method)(tmp_path / method)
        assert load(tmp_path / method).equals(expected), f"{method}, seed {seed}"
        assert facts(scan) == told
    args = ["convert", str(path), "-o", str(tmp_path / "cli.parquet"), "--format", FORMAT, "--derive", "d=date(time)"]
    args += ["--where", options["where"], "--include", "line,offset", "--no-progress"]
    assert run(args) == 0
    assert pq.read_table(tmp_path / "cli.parquet").equals(expected), f"cli, seed {seed}"


@pytest.mark.parametrize("level", [level for level in LEVELS if available(level)])
def test_kernels_agree(level: str) -> None:
    log = odd_log(21, 2000)
    plain, other = (la.scan(log, FORMAT, simd=simd, include=["offset"], threads=1) for simd in ("scalar", level))
    assert other.to_arrow().equals(plain.to_arrow())
    assert other.rejects().equals(plain.rejects())
    assert facts(other) == facts(plain)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10**6),
    chunk=st.integers(1, 1 << 17),
    batch=st.integers(1, 300),
    threads=st.integers(1, 3),
)
@example(seed=0, chunk=1, batch=1, threads=3)
def test_chunks_batches_and_threads_change_nothing(seed: int, chunk: int, batch: int, threads: int) -> None:
    log = odd_log(seed, 120)
    whole = la.scan(log, FORMAT, threads=1, include=["line", "offset"])
    cut = whole.with_options(chunk_bytes=chunk, batch_rows=batch, threads=threads)
    assert cut.to_arrow().equals(whole.to_arrow())
    assert facts(cut) == facts(whole)
    assert cut.rejects().equals(whole.rejects())


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    at=st.integers(0, len(COMBINED) - 1), byte=st.integers(0, 255), kind=st.sampled_from(["put", "set", "cut", "drop"])
)
@example(at=0, byte=0, kind="cut")
def test_damage_anywhere_is_accounted_for(at: int, byte: int, kind: str) -> None:
    changed = {
        "put": COMBINED[:at] + bytes([byte]) + COMBINED[at:],
        "set": COMBINED[:at] + bytes([byte]) + COMBINED[at + 1 :],
        "cut": COMBINED[:at],
        "drop": COMBINED[:at] + COMBINED[at + 1 :],
    }[kind]
    lines = changed.replace(b"\n", b"\n\0").split(b"\0")
    tables = {}
    for on_error in ("reject", "skip", "null"):
        scan = la.scan(changed, FORMAT, on_error=on_error, threads=1)
        tables[on_error] = scan.to_arrow()
        told = facts(scan)
        assert told["rows"] == tables[on_error].num_rows
        if b"\0" not in changed:
            assert told["records"] == sum(bool(line) for line in lines)
        assert len(scan.rejects()) == (0 if on_error == "skip" else told["malformed"] + told["bad_values"])
        narrow = scan.select("status")
        assert narrow.to_arrow().num_rows == tables[on_error].num_rows
        assert narrow.report.rejected == told["rejected"]
    assert tables["skip"].equals(tables["reject"])
    assert tables["null"].num_rows - tables["reject"].num_rows == told["malformed"]


def test_options_of_the_environment_change_nothing(tmp_path: Path) -> None:
    from conftest import python

    path = tmp_path / "odd.log"
    path.write_bytes(odd_log(9))
    code = "import sys, logarrow as la; print(la._logarrow.simd_level(), la.read(sys.argv[1], 'apache.combined').to_pydict())"
    answers = set()
    for level in ("scalar", ""):
        os.environ["LOGARROW_SIMD"] = level
        try:
            done = python(code, path)
        finally:
            del os.environ["LOGARROW_SIMD"]
        named, _, answer = done.stdout.decode().partition(" ")
        assert done.returncode == 0, done.stderr
        assert level != "scalar" or named == "portable"
        answers.add(answer)
    assert len(answers) == 1 and sys.getsizeof(answers.pop()) > 1000
