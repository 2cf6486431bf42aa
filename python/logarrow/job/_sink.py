"""The sink of a job: which call writes, and with which arguments."""

from __future__ import annotations

import inspect
from typing import Any

from .._files import kind_of
from .._report import Report
from .._scan import Scan
from ._file import JobFile

#: The calls that write, by what they make.
_METHODS = {
    "parquet": "write_parquet",
    "arrow": "write_ipc",
    "csv": "write_csv",
    "jsonl": "write_json",
    "hyper": "write_hyper",
}
#: Arguments that the calls take among others.
_MORE = {
    "write_parquet": [
        "row_group_bytes",
        "page_bytes",
        "statistics",
        "dictionary",
        "delta_encodings",
        "bloom_filters",
        "metadata",
    ]
}
#: Those of datasets.
_DATASET = ["max_open_files", "max_partitions"]


class Sink:
    """Where a job's rows go."""

    def __init__(self, file: JobFile) -> None:
        self._file = file
        if (path := file.get(("sink", "path"), str)) is None:
            file.fail(
                ("sink",) if "sink" in file.values else (),
                'key "sink.path" is missing',
                'write path = "out.parquet" below [sink]',
            )
        #: The file, directory or URL.
        self.path: str = path
        kind = file.get(("sink", "kind"), str)
        if kind is None:
            # What has no ending is a directory of Parquet files.
            kind = kind_of(path) or "parquet"
        kinds = [kind for kind, method in _METHODS.items() if hasattr(Scan, method)]
        if kind not in kinds:
            at = ("sink", "kind" if "kind" in file.table(("sink",)) else "path")
            file.fail(at, f"nothing writes {kind!r}", f"there are {', '.join(kinds)}")
        #: The name of the call of a scan.
        self.method = _METHODS[kind]
        known = arguments(self.method)
        file.known(("sink",), ["path", "kind", *known], f"[sink] of {kind}")
        #: Its arguments.
        self.options: dict[str, Any] = {
            name: file.filled(("sink", name), value) for name, value in file.table(("sink",)).items() if name in known
        }

    @property
    def partition_by(self) -> list[str]:
        """The columns that go to the names of directories."""
        given = self.options.get("partition_by") or []
        return [given] if isinstance(given, str) else list(given)

    def write(self, scan: Scan) -> Report:
        """Writes all rows.

        **Errors**: `JobError` for arguments of the wrong type; those of the call.
        """
        # What is wrong with the data is no matter of the file.
        with self._file.blamed(("sink",), (TypeError, ValueError)):
            report: Report = getattr(scan, self.method)(self.path, **self.options)
        return report


def arguments(method: str) -> list[str]:
    """The arguments that a job may give a call."""
    parameters = inspect.signature(getattr(Scan, method)).parameters.values()
    named = [one.name for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY and one.name != "progress"]
    more = [*_MORE.get(method, []), *(_DATASET if "partition_by" in named else [])]
    return list(dict.fromkeys([*named, *more]))
