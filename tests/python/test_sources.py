"""What can be read: paths, globs, directories, bytes, file objects, standard input; gzip and zstd."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import warnings
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import python
from logs import COMBINED

import logarrow as la

FORMAT = "apache.combined"
ZSTD = pa.Codec("zstd")


def zstd(data: bytes) -> bytes:
    """One frame, by pyarrow's codec."""
    with io.BytesIO() as out:
        with pa.CompressedOutputStream(pa.PythonFile(out, "w"), "zstd") as file:
            file.write(data)
            file.flush()
            kept = out
            # The frame is whole when the stream is closed, which closes `out` too.
            out.close = lambda: None  # type: ignore[method-assign]
        return kept.getvalue()


def test_kinds_of_sources_agree(log: Path) -> None:
    expected = la.read(log, FORMAT)
    for source in (
        str(log),
        [log],
        [str(log)],
        (log,),
        COMBINED,
        bytearray(COMBINED),
        memoryview(COMBINED),
        f"file://{log}",
    ):
        assert la.read(source, FORMAT).equals(expected), source
    with open(log, "rb") as file:
        assert la.read(file, FORMAT).equals(expected)
    with open(log, "rb", buffering=0) as file:
        assert la.read(file, FORMAT).equals(expected)
    assert la.read(io.BytesIO(COMBINED), FORMAT).equals(expected)


def test_a_text_is_a_path_never_content() -> None:
    with pytest.raises(ValueError, match="always a path"):
        la.read(COMBINED.decode(), FORMAT)
    with pytest.raises(FileNotFoundError, match=r"192\.0\.2\.7"):
        la.read("192.0.2.7 - - GET /a", FORMAT)


@pytest.mark.parametrize("source", [3, None, [], [b"x"], ""])
def test_what_is_no_source(source: object) -> None:
    with pytest.raises((TypeError, ValueError), match="source"):
        la.scan(source, FORMAT)


def test_text_files_are_refused(log: Path) -> None:
    with open(log) as file, pytest.raises(TypeError, match="'rb'"):
        la.scan(file, FORMAT)


def test_globs_and_directories(tmp_path: Path) -> None:
    for name in ("b/2.log", "a/1.log", "a/3.txt", ".hidden/4.log"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(COMBINED)

    def names(source: object) -> list[str]:
        paths = la.read(source, FORMAT, columns=[], include=["path"])["_path"].to_pylist()
        return list(dict.fromkeys(os.path.relpath(path, tmp_path) for path in paths))

    assert names(tmp_path) == ["a/1.log", "a/3.txt", "b/2.log"]
    assert names(tmp_path / "*" / "*.log") == ["a/1.log", "b/2.log"]
    assert names([tmp_path / "b", tmp_path / "a/1.log"]) == ["b/2.log", "a/1.log"]
    with pytest.raises(FileNotFoundError):
        la.scan(tmp_path / "*.parquet", FORMAT)


def test_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.log"):
        la.scan(tmp_path / "nothing.log", FORMAT)


def test_gzip_of_several_members(tmp_path: Path) -> None:
    path = tmp_path / "access.log.gz"
    path.write_bytes(b"".join(gzip.compress(part) for part in (COMBINED, COMBINED[:100], COMBINED[100:], b"")))
    expected = la.read(COMBINED * 2, FORMAT)
    assert la.read(path).equals(expected)
    assert la.read(path, FORMAT, compression="gzip").equals(expected)
    assert la.read(path.read_bytes(), FORMAT).equals(expected)
    with open(path, "rb") as file:
        assert la.read(file, FORMAT).equals(expected)
    # The name counts for nothing.
    other = path.rename(tmp_path / "access.txt")
    assert la.read(other, FORMAT).equals(expected)


def test_zstd_of_several_frames(tmp_path: Path) -> None:
    path = tmp_path / "access.log.zst"
    path.write_bytes(zstd(COMBINED) + zstd(COMBINED))
    assert la.read(path).equals(la.read(COMBINED * 2, FORMAT))


def test_damaged_gzip_warns_and_keeps_what_is_before(tmp_path: Path) -> None:
    path = tmp_path / "cut.log.gz"
    path.write_bytes(gzip.compress(COMBINED) + gzip.compress(COMBINED * 50)[:-60])
    scan = la.scan(path, FORMAT)
    with pytest.warns(la.LogarrowWarning, match=r"cut\.log\.gz") as caught:
        table = scan.to_arrow()
    assert caught[0].filename == __file__
    assert table.num_rows >= 3
    report = scan.report
    assert [file["name"] for file in report.damaged] == [str(path)]
    assert report.records == report.rows + report.filtered + report.rejected + report.skipped
    assert "damaged" in repr(report)


@pytest.mark.parametrize(
    ("options", "raw"), [({}, True), ({"reject_raw": "none"}, False), ({"on_error": "skip"}, None)]
)
def test_text_before_damage_is_kept_as_asked(options: dict, raw: bool | None) -> None:
    cut = gzip.compress(COMBINED * 50)[:-60]
    scan = la.scan(cut, FORMAT, **options)
    with pytest.warns(la.LogarrowWarning):
        scan.to_arrow()
    assert scan.report.rejected == 1
    rejects = scan.rejects().to_pylist()
    assert [reject["raw"] is not None for reject in rejects] == ([] if raw is None else [raw])


@pytest.mark.parametrize("threads", [1, 2])
def test_damage_behind_the_limit_is_not_met(threads: int) -> None:
    cut = gzip.compress(COMBINED) + gzip.compress(COMBINED)[:-8]
    scan = la.scan(cut, FORMAT, limit=1, threads=threads)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert scan.to_arrow().num_rows == 1
    assert (scan.report.records, scan.report.rejected) == (1, 0)


def test_file_objects_are_read_once() -> None:
    scan = la.scan(io.BytesIO(COMBINED))
    assert scan.format.name == FORMAT
    assert scan.to_arrow().num_rows == 3
    for run in (scan.to_arrow, scan.select("path").to_arrow, lambda: pa.table(scan)):
        with pytest.raises(la.LogarrowError, match="read already"):
            run()


def test_paths_and_bytes_are_read_again(log: Path) -> None:
    for source in (log, COMBINED):
        scan = la.scan(source, FORMAT)
        assert scan.to_arrow().equals(scan.to_arrow())


def test_an_error_in_a_file_object_comes_out() -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ZeroDivisionError("on purpose")

    with pytest.raises(ZeroDivisionError, match="on purpose"):
        la.scan(Broken(), FORMAT).to_arrow()


@pytest.mark.parametrize("how", ["format='apache.combined'", ""])
def test_standard_input(how: str) -> None:
    code = f"import logarrow as la; print(la.read('-', {how})['status'].to_pylist())"
    done = python(code, stdin=COMBINED * 500)
    assert done.stdout.decode().strip() == str([200, 404, 503] * 500), done.stderr


def test_empty_sources(tmp_path: Path) -> None:
    empty = tmp_path / "empty.log"
    empty.write_bytes(b"")
    scan = la.scan(empty, FORMAT)
    assert scan.to_arrow().num_rows == 0
    assert scan.report.records == 0
    with pytest.raises(la.FormatError):
        la.scan(empty)


def test_scans_pickle_if_their_source_can(log: Path) -> None:
    scan = la.scan(log, FORMAT).filter(la.col("status") > 300).derive(d="date(time)")
    copy = pickle.loads(pickle.dumps(scan))
    assert copy.to_arrow().equals(scan.to_arrow())
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(la.scan(io.BytesIO(COMBINED), FORMAT))
