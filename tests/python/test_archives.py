"""Codecs and archives, made by Python's own modules."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from logs import COMBINED

import logarrow as la

FORMAT = "apache.combined"
MEMBERS = {
    "app/a.log": COMBINED,
    "app/b.log.gz": gzip.compress(COMBINED * 2),
    "_c.log": COMBINED,
    "../up.log": COMBINED,
    "big.log": COMBINED * 3000,
}


def zipped(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("app/", b"")
        for name, body in MEMBERS.items():
            archive.writestr(name, body)
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, body in MEMBERS.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


def counts(scan: la.Scan) -> dict[str, int]:
    """Rows by the name behind the `!/`."""
    names = scan.to_arrow()["_path"].to_pylist()
    return {name.partition("!/")[2]: names.count(name) for name in dict.fromkeys(names)}


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "stored.zip": lambda: zipped(zipfile.ZIP_STORED),
    "deflated.zip": lambda: zipped(zipfile.ZIP_DEFLATED),
    "bzip2.ZIP": lambda: zipped(zipfile.ZIP_BZIP2),
    "logs.tar": tarred,
    "logs.tar.gz": lambda: gzip.compress(tarred()),
    "logs.tgz": lambda: gzip.compress(tarred()),
    "logs.tar.xz": lambda: lzma.compress(tarred()),
    "logs.tar.bz2": lambda: bz2.compress(tarred()),
}


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", ARCHIVES)
def test_members_are_files(tmp_path: Path, name: str, threads: int) -> None:
    path = tmp_path / name
    path.write_bytes(ARCHIVES[name]())
    scan = la.scan(path, FORMAT, include=["path"], columns=["_path"], threads=threads)
    assert counts(scan) == {"../up.log": 3, "app/a.log": 3, "app/b.log.gz": 6, "big.log": 9000}
    assert scan.report.records == 9012 and not scan.report.damaged
    some = la.scan(f"{path}!/app/*", FORMAT, include=["path"], columns=["_path"], threads=threads)
    assert counts(some) == {"app/a.log": 3, "app/b.log.gz": 6}
    # Again, the streams of the run before are there.
    assert counts(some) == {"app/a.log": 3, "app/b.log.gz": 6}
    assert counts(la.scan(f"{path}!/_c.log", FORMAT, include=["path"], columns=["_path"])) == {"_c.log": 3}
    with pytest.raises(FileNotFoundError, match="no member"):
        la.scan(f"{path}!/none*", FORMAT)


def test_text_under_the_name_of_an_archive(tmp_path: Path) -> None:
    for name in ("a.zip", "a.tar", "a.tar.gz"):
        (tmp_path / name).write_bytes(COMBINED)
        assert la.read(tmp_path / name, FORMAT).num_rows == 3


@pytest.mark.parametrize("name", ["deflated.zip", "logs.tar.gz", "logs.tar"])
def test_damaged_archives_give_what_is_before(tmp_path: Path, name: str) -> None:
    whole = ARCHIVES[name]()
    for cut in (len(whole) * 2 // 3, len(whole) // 2):
        path = tmp_path / name
        path.write_bytes(whole[:cut])
        scan = la.scan(path, FORMAT, columns=["status"])
        with pytest.warns(la.LogarrowWarning, match="damaged"):
            table = scan.to_arrow()
        report = scan.report
        assert report.damaged and report.rejected == len(report.damaged)
        assert report.records == table.num_rows + report.rejected
        assert name.endswith("zip") or table.num_rows > 0


def test_a_member_with_a_wrong_checksum(tmp_path: Path) -> None:
    body = bytearray(zipped(zipfile.ZIP_STORED))
    at = body.index(b"GET /a?b=1")
    body[at + 5] ^= 1
    (tmp_path / "bad.zip").write_bytes(body)
    scan = la.scan(f"{tmp_path / 'bad.zip'}!/app/a.log", FORMAT)
    with pytest.warns(la.LogarrowWarning, match="wrong checksum"):
        assert scan.to_arrow().num_rows == 3
    assert scan.report.rejected == 1


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress], ids=["bzip2", "xz"])
def test_codecs(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    stored = compress(COMBINED * 20_000) + compress(COMBINED)
    (tmp_path / "a.log").write_bytes(stored)
    assert la.read(tmp_path / "a.log", FORMAT).num_rows == 60_003
    (tmp_path / "cut.log").write_bytes(stored[: len(stored) * 3 // 4])
    scan = la.scan(tmp_path / "cut.log", FORMAT)
    with pytest.warns(la.LogarrowWarning, match="truncated"):
        assert 0 < scan.to_arrow().num_rows < 60_000
    assert scan.report.rejected == 1
