"""The statements for warehouses that a job writes beside its data."""

from __future__ import annotations

import os
from typing import Any

from .._files import write_whole
from .._report import Report
from .._scan import Scan
from ..warehouse import DIALECTS, Lengths, add_partitions, manifest, measure
from ._file import JobFile, Path
from ._sink import Sink

_KEYS = (
    "dialect",
    "table",
    "location",
    "file",
    "partition_by",
    "iam_role",
    "sort_by",
    "projection",
    "lengths",
    "manifest",
)
#: Whose VARCHARs have a width.
_SIZED = ("redshift", "spectrum")


class Statements:
    """The `[[ddl]]` entries of a job."""

    def __init__(self, file: JobFile, sink: Sink) -> None:
        self._file, self._sink = file, sink
        entries = file.get(("ddl",), list) or []
        for at in range(len(entries)):
            file.known(("ddl", at), _KEYS, "[[ddl]]")
            for key in ("file", "manifest"):
                self._local(("ddl", at, key))
            for key in ("dialect", "table", "file"):
                if file.get(("ddl", at, key), str) is None:
                    file.fail(("ddl", at), f"{key!r} is missing", f"write {key} = below [[ddl]]")
            if (dialect := file.get(("ddl", at, "dialect"), str)) not in DIALECTS:
                file.fail(
                    ("ddl", at, "dialect"), f"there is no dialect {dialect!r}", f"there are {', '.join(DIALECTS)}"
                )
        self._count = len(entries)

    def texts(self, scan: Scan, lengths: Lengths | None = None) -> dict[str, str]:
        """The statements, by the file they go to.

        **Errors**: `JobError` for columns that a warehouse cannot take.
        """
        out = {}
        for at in range(self._count):
            path = ("ddl", at)
            entry = self._file.filled(path, dict(self._file.table(path)))
            dialect, file, table = entry.pop("dialect"), entry.pop("file"), entry.pop("table")
            entry.pop("manifest", None)
            if file in out:
                self._file.fail((*path, "file"), f"{file!r} is written twice")
            # Redshift loads files, and reads no columns from their directories.
            entry.setdefault("partition_by", self._sink.partition_by)
            location = entry.pop("location", None) or self._location(dialect)
            if dialect in _SIZED and "lengths" not in entry and lengths is not None:
                entry["lengths"] = lengths
            with self._file.blamed(path):
                out[file] = scan.ddl(dialect, table, location=location, **entry)
        return out

    def write(self, scan: Scan, report: Report) -> None:
        """Writes the files; VARCHARs are sized by what was written, where that is Parquet on this machine."""
        if not self._count:
            return
        texts = self.texts(scan, self._lengths(report))
        for at in range(self._count):
            path = ("ddl", at)
            entry = self._file.filled(path, dict(self._file.table(path)))
            text = texts[entry["file"]]
            if entry["dialect"] == "spectrum" and (entry.get("partition_by") or self._sink.partition_by):
                location = entry.get("location") or self._location("spectrum")
                with self._file.blamed(path):
                    text += add_partitions("spectrum", entry["table"], report.written, location=str(location))
            write_whole(entry["file"], text)
            if "manifest" in entry:
                with self._file.blamed((*path, "manifest")):
                    write_whole(entry["manifest"], manifest(report.written))

    def _local(self, path: Path) -> None:
        """Refuses files that could not be written when all else is done."""
        name = self._file.get(path, str)
        if name is not None and "://" in name:
            self._file.fail(
                path, "is written on this machine, not to a URL", "copy it from there to where it is needed"
            )
        if name is not None and not os.path.isdir(os.path.dirname(name) or "."):
            self._file.fail(path, f"there is no directory {os.path.dirname(name)!r}", "make it first")

    def _location(self, dialect: str) -> str | None:
        path = self._sink.path
        if dialect == "redshift" and not path.startswith("s3://"):
            # COPY has nothing to read yet: the table alone.
            return None
        return path if "://" in path else os.path.abspath(path)

    def _lengths(self, report: Report) -> Lengths | None:
        sized = any(self._file.get(("ddl", at, "dialect"), str) in _SIZED for at in range(self._count))
        if not sized or self._sink.method != "write_parquet" or not report.written:
            return None
        if not all(os.path.isfile(written["path"]) for written in report.written):
            return None
        import pyarrow.parquet

        def batches() -> Any:
            for written in report.written:
                with pyarrow.parquet.ParquetFile(written["path"]) as file:
                    yield from file.iter_batches()

        return measure(batches())
