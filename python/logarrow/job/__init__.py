"""A job is one reviewed file: what is read, as what, which columns and rows, and where they go.

>>> job = Job.from_toml('''
... source = "logs/${date}/*.log.gz"
... format = "apache.combined"
... where  = "status >= 500"
...
... [vars]
... date = "2026-03-05"
...
... [derive]
... dt = "date(time)"
...
... [sink]
... path = "failed.parquet"
... overwrite = true
... ''', changes={"date": "2026-03-06"})
>>> job.source
['logs/2026-03-06/*.log.gz']
>>> job.sink
{'path': 'failed.parquet', 'overwrite': True}
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from .._format import Format, _from_text
from .._options import OPTION_NAMES
from .._report import Report, exceeds
from .._scan import Scan
from ._file import JobError, JobFile, Path, kind, to_toml
from ._sink import Sink
from ._tables import Statements

__all__ = ["Job", "JobError", "Plan"]

#: Options that have a key of their own, in the order in which one may stand on the other.
_STAGES = ("types", "inner", "tables", "derive", "where", "columns", "include", "extra", "limit")
#: Options with a table for a value.
_TABLES = ("types", "inner", "tables", "derive")
_KEYS = (
    "name",
    "description",
    "source",
    "format",
    "columns",
    "where",
    *_TABLES,
    "include",
    "extra",
    "limit",
    "max_rejects",
    "vars",
    "options",
    "sink",
    "ddl",
)
#: What only makes sense in a program.
_NOT_IN_FILES = ("progress", "reference_time")
#: Arguments of `scan` beside its options, which say where sources are.
_PLACES = ("dates", "storage_options")
#: Descriptions of formats that are one text.
_DESCRIPTIONS = ("apache", "nginx", "grok", "dissect", "hive", "log4j", "python_logging", "vpc_flow")


class Plan:
    """What a job will do, found out without reading or writing the data."""

    def __init__(self, job: Job, scan: Scan, statements: dict[str, str]) -> None:
        self.scan = scan
        #: Texts of the files of statements, by path.
        self.statements = statements
        self._job = job

    def to_dict(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        sources = self.scan._source.names()
        return {
            "name": self._job.name,
            "sources": len(sources),
            "first_sources": sources[:3],
            "format": self.scan.format.name,
            "columns": [{"name": field.name, "type": str(field.type)} for field in self.scan.schema],
            "explain": self.scan.explain(),
            "sink": {"method": self._job._sink.method, **self._job.sink},
            "ddl": list(self.statements),
        }


class Job:
    """A job, read and checked as far as that goes without its sources; `check` plans it, `run` does it."""

    def __init__(self, file: JobFile) -> None:
        self._file = file
        file.known((), [*_KEYS, *_places()], "a job")
        file.known(("options",), [name for name in OPTION_NAMES if name not in (*_STAGES, *_NOT_IN_FILES)], "[options]")
        #: What it is called.
        self.name: str = file.get(("name",), str) or FilePath(file.origin).stem
        if (source := file.texts(("source",))) is None:
            file.fail((), 'key "source" is missing', 'write source = "logs/*.gz"')
        if not source:
            file.fail(("source",), "the list of sources is empty")
        #: What it reads.
        self.source: list[str] = source
        self._places = {name: self._place(name) for name in _places() if name in file.values}
        self._format = self._read_format()
        self._options = {name: value for name in _STAGES if (value := self._option((name,), name)) is not None}
        self._more = {name: self._option(("options", name), name) for name in file.table(("options",))}
        self._sink = Sink(file)
        self._statements = Statements(file, self._sink)
        try:
            #: Whether a report has more malformed records than `max_rejects` allows.
            self.exceeds = exceeds(file.get(("max_rejects",), int, str))
        except ValueError as err:
            file.fail(("max_rejects",), str(err))

    @classmethod
    def from_toml(
        cls, source: str | os.PathLike[str], *, changes: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()
    ) -> Job:
        """The job of a file, or of a text of several lines. `changes` set keys (`"sink.path"`) and variables by name.

        **Errors**: `OSError`; `JobError` with the line and the key.
        """
        if isinstance(source, str) and "\n" in source:
            return cls(JobFile(source, "job.toml", changes))
        path = os.fspath(source)
        with open(path, encoding="utf-8") as file:
            try:
                text = file.read()
            except UnicodeDecodeError as err:
                raise JobError(f"{path}: a job file is UTF-8 text") from err
        return cls(JobFile(text, path, changes))

    @property
    def sink(self) -> dict[str, Any]:
        """Where the rows go, and how: `path` and the arguments of the writing call."""
        return {"path": self._sink.path, **self._sink.options}

    def scan(self, **options: Any) -> Scan:
        """The scan it says, with more options: `progress`, secret `storage_options`.

        **Errors**: `JobError` naming the key that does not go with the source; `OSError` for sources.
        """
        from .._read import scan

        with self._file.blamed(("source",)):
            found = scan(self.source, self._format, **{**self._places, **options})
        for path, name, value in self._steps():
            with self._file.blamed(path):
                found = found.with_options(**{name: value})
        return found

    def _steps(self) -> Iterator[tuple[Path, str, Any]]:
        """The options one by one, and the entries of tables too, so that it is known which one is wrong."""
        for name, value in self._more.items():
            yield ("options", name), name, value
        for name, value in self._options.items():
            if isinstance(value, dict):
                for at, key in enumerate(value, 1):
                    yield (name, key), name, dict(list(value.items())[:at])
            else:
                yield (name,), name, value

    def check(self, **options: Any) -> Plan:
        """Plans all of it, and reads and writes nothing but what finding the format takes.

        **Errors**: as `scan`, and `JobError` for statements that cannot be made.
        """
        found = self.scan(**options)
        return Plan(self, found, self._statements.texts(found))

    def run(self, **options: Any) -> Report:
        """Does it, and gives the report; files of statements are written last.

        **Errors**: as `check`, and those of the writing call.
        """
        found = self.check(**options).scan
        report = self._sink.write(found)
        self._statements.write(found, report)
        return report

    # ---- reading the file

    def _place(self, name: str) -> Any:
        if name != "dates":
            return self._file.filled((name,), dict(self._file.table((name,))))
        days = self._file.texts((name,)) or []
        if len(days) == 1:
            # As on the command line.
            first, dots, last = days[0].partition("..")
            days = [first, last if dots else first]
        if len(days) != 2:
            self._file.fail((name,), f"expected a day, or the first and the last one, found {len(days)}")
        return tuple(days)

    def _option(self, path: Path, name: str) -> Any:
        get = self._file.get
        if name in _TABLES and not (name == "inner" and isinstance(get(path, str, dict), str)):
            return self._file.filled(path, dict(self._file.table(path))) or None
        if name in ("columns", "include"):
            return self._file.texts(path)
        if name in ("limit", "threads", "batch_rows"):
            return get(path, int)
        if name in ("chunk_bytes", "memory_bytes", "max_record_bytes"):
            return get(path, int, str)
        return get(path, bool if name == "ordered" else str)

    def _read_format(self) -> Format | None:
        given = self._file.get(("format",), str, dict)
        if given is None:
            return None
        if isinstance(given, dict):
            # A layout's own dollars stay: nginx and VPC flow logs are described with them.
            given = self._file.table(("format",))
        with self._file.blamed(("format",)):
            if isinstance(given, str):
                return Format.from_toml(given) if given.endswith(".toml") else Format.named(given)
            if len(given) == 1 and (call := next(iter(given))) in _DESCRIPTIONS:
                if not isinstance(text := given[call], str):
                    self._file.fail(("format", call), f"expected a text, found {kind(text)}")
                made: Format = getattr(Format, call)(text)
                return made
            about = {"name": "job.format", "title": self.name, "source": self._file.origin}
            return _from_text(to_toml({**about, **given}), "format")

    def __repr__(self) -> str:
        return f"<Job {self.name}: {', '.join(self.source[:3])} to {self._sink.path}>"


def _places() -> list[str]:
    from .._read import scan

    return [name for name in _PLACES if name in inspect.signature(scan).parameters]
