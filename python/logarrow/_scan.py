"""A scan: what to read, as what, and how. Nothing is read until it is asked for rows."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

from . import _expr, _logarrow, _report
from ._errors import LogarrowError, LogarrowWarning
from ._format import Format
from ._missing import need
from ._options import OPTION_NAMES, Condition, ScanOptions, check_names, to_native, with_types
from ._progress import Progress
from ._report import Report
from ._source import Source, is_dataset
from ._text import columns, html, html_table, parse_size, plain

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow
    from typing_extensions import Unpack

    from .warehouse._table import TableName

    #: What ran last: a stream of batches, or a write.
    Run = Union[_logarrow.Reader, _logarrow.Finished]


class Scan:
    """What to read, as what, and how; made by `logarrow.scan`.

    Each call gives a new scan, none changes this one, and nothing is read before rows are asked for. It can be run any
    number of times if its source can (paths, bytes); `report` and `rejects()` tell of its last run. Anything that takes
    Arrow's C stream (`__arrow_c_stream__`) takes a scan.

    >>> log = b'192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512\\n' * 3
    >>> served = scan(log, format="apache.common").filter("status < 500").select("status", "path")
    >>> served.to_arrow().num_rows
    3
    >>> served.report.records
    3
    """

    __slots__ = ("_format", "_native", "_options", "_run", "_source", "_written")

    def __init__(self, source: Source, format: Format, options: Mapping[str, Any]) -> None:
        self._source = source
        self._format = format
        self._options: dict[str, Any] = dict(options)
        self._run: Run | None = None
        self._written: list[dict[str, Any]] = []
        Progress(self._options.get("progress"))
        self._native = with_types(format, self._options)._native, to_native(self._options)
        # Plans, and so raises whatever is wrong with columns and expressions, but reads nothing.
        _ = self._plan().schema

    def _plan(self, **changes: Any) -> _logarrow.Scan:
        fmt, options = self._native
        return _logarrow.Scan(self._source.native, fmt, **{**options, **changes})

    def with_options(self, **options: Unpack[ScanOptions]) -> Scan:
        """The same with other options; None takes one back to its default.

        **Errors**: `TypeError` for an option there is none of; those of `logarrow.scan`.
        """
        check_names(options, OPTION_NAMES, "with_options")
        return Scan(self._source, self._format, {**self._options, **options})

    # ---- what to give

    def select(self, *names: str) -> Scan:
        """The same with these columns, in this order; any column of the format, on demand ones too, and derived ones.

        **Errors**: `SchemaError` for a column there is none of.
        """
        if len(names) == 1 and not isinstance(names[0], str):
            names = tuple(names[0])
        derive = self._options.get("derive") or {}
        if any(name in derive for name in names):
            # They and the filter may stand on the others, which are not given.
            return self.with_options(columns=list(names))
        changes: dict[str, Any] = {"columns": list(names)}
        if derive:
            changes["derive"] = None
            if (where := self._options.get("where")) is not None:
                # The filter may stand on them, so it gets what they are.
                known: dict[str, _logarrow.Expr] = {}
                for name, expr in derive.items():
                    known[name] = _expr.native(expr, "derive").replace_columns(known)
                changes["where"] = _expr._wrap(_expr.native(where, "where").replace_columns(known))
        return self.with_options(**changes)

    def filter(self, *conditions: Condition) -> Scan:
        """The same with fewer rows: those for which all conditions hold, and those given before.

        **Errors**: `LogarrowError` for SQL text that cannot be read, `SchemaError` for columns and types.
        """
        where = self._options.get("where")
        parts = [_expr.native(part, "where") for part in ([] if where is None else [where]) + list(conditions)]
        if not parts:
            return self
        joined = parts[0]
        for part in parts[1:]:
            joined = joined.and_(part)
        return self.with_options(where=_expr._wrap(joined))

    def derive(self, **expressions: Condition) -> Scan:
        """The same with more columns, `name=expression`, behind the others; each may read those derived before it.

        >>> log = b'192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 404 -\\n'
        >>> told = scan(log, format="apache.common").derive(word="lookup(status, 'http_status')")
        >>> told.to_arrow()["word"].to_pylist()
        ['Not Found']
        """
        known, columns = self._options.get("derive") or {}, self._options.get("columns")
        if columns is not None and any(name in known for name in columns):
            columns = [*columns, *(name for name in expressions if name not in columns)]
        return self.with_options(derive={**known, **expressions}, columns=columns)

    def limit(self, n: int) -> Scan:
        """The same with at most `n` rows, counted after the filter, wherever in the chain this stands."""
        known = self._options.get("limit")
        return self.with_options(limit=n if known is None else min(n, known))

    # ---- what it is

    @property
    def format(self) -> Format:
        """The format, as given or guessed."""
        return self._format

    @property
    def schema(self) -> pyarrow.Schema:
        """The columns it gives. Reads nothing, but for the first records of logs whose keys are the columns."""
        import pyarrow

        return pyarrow.schema(self._plan().schema)

    def explain(self) -> str:
        """What will be done: how records are cut, what is decoded, what is pushed down. Reads nothing."""
        return self._plan().explain()

    @property
    def report(self) -> Report:
        """What became of every record in the last run.

        **Errors**: `LogarrowError` before the first run.
        """
        return _report.make(self._last().report(), self._written)

    def rejects(self) -> pyarrow.Table:
        """The first 10,000 rejects of the last run: `source`, `line`, `byte`, `at`, `column`, `reason`, `hint`, `raw`.

        `byte` is where the record starts in the source, `at` where in the record the fault is; `column` is null for a
        whole record. Option `rejects_to` takes them all.

        **Errors**: `LogarrowError` before the first run.
        """
        import pyarrow

        return pyarrow.Table.from_batches([pyarrow.record_batch(self._last().rejects())])

    def _last(self) -> Run:
        if self._run is None:
            raise LogarrowError("nothing was read yet\nhint: run the scan first, with to_arrow() or another to_...()")
        return self._run

    # ---- rows

    def _start(self, **changes: Any) -> _logarrow.Reader:
        self._source.take()
        reader = self._plan(**changes).read()
        self._run, self._written = reader, []
        return reader

    def _batches(self, label: str = "reading", **changes: Any) -> Iterator[pyarrow.RecordBatch]:
        import pyarrow

        reader = self._start(**changes)
        with Progress(self._options.get("progress"), label) as progress:
            for batch in reader:
                if progress.is_due():
                    progress.update(_state(reader))
                yield pyarrow.record_batch(batch)
            if progress.is_on:
                progress.update(_state(reader))
        self._warn()

    def _warn(self) -> None:
        report = self.report
        for file in report.damaged:
            told = f"{plain(file['name'])} is damaged and was read up to there only: {plain(file['damage'])}"
            warnings.warn(LogarrowWarning(told), stacklevel=_user_level())

    def to_batches(self) -> Iterator[pyarrow.RecordBatch]:
        """Record batches, one after the other, in memory that does not grow with the input."""
        return self._batches()

    def to_reader(self) -> pyarrow.RecordBatchReader:
        """The same as a `pyarrow.RecordBatchReader`."""
        import pyarrow

        return pyarrow.RecordBatchReader.from_batches(self.schema, self._batches())

    def to_arrow(self) -> pyarrow.Table:
        """All rows as a table.

        **Errors**: `OSError`; `DecodeError` under `on_error="raise"`. Warns (`LogarrowWarning`) of damaged files.
        """
        import pyarrow

        return pyarrow.Table.from_batches(list(self._batches()), self.schema)

    def head(self, n: int = 5) -> pyarrow.Table:
        """The first `n` rows; reads no more than they need."""
        import pyarrow

        # A look is no run that a file of rejects is kept of.
        part = self.limit(n).with_options(progress=False, rejects_to=None)
        batches = list(part._batches())
        self._run, self._written = part._run, []
        return pyarrow.Table.from_batches(batches, self.schema)

    def to_pandas(self, **options: Any) -> pandas.DataFrame:
        """All rows as a pandas frame; `options` are those of `pyarrow.Table.to_pandas`."""
        need("pandas", "to_pandas()")
        return self.to_arrow().to_pandas(**options)

    def to_polars(self) -> polars.DataFrame:
        """All rows as a polars frame."""
        pl = need("polars", "to_polars()")
        frame: polars.DataFrame = pl.from_arrow(self.to_arrow(), rechunk=False)
        return frame

    def to_polars_lazy(self) -> polars.LazyFrame:
        """A polars lazy frame that reads when collected; columns, filters and row limits reach the scan."""
        from .polars import scan_lazily

        return scan_lazily(self)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._start().__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self._plan().schema.__arrow_c_schema__()

    # ---- files

    def write_parquet(
        self,
        path: str | os.PathLike[str],
        *,
        partition_by: str | Sequence[str] | None = None,
        sort_by: str | Sequence[str] | None = None,
        mode: str | None = None,
        job_id: str | None = None,
        target_file_bytes: int | str | None = None,
        compression: str = "zstd",
        compression_level: int | None = None,
        row_group_rows: int | None = None,
        overwrite: bool = False,
        storage_options: Mapping[str, Any] | None = None,
        progress: bool | Callable[[dict[str, Any]], None] | None = None,
        **options: Any,
    ) -> Report:
        """Writes all rows to one Parquet file, or to a dataset of many, and gives the report; `report.written` lists the
        files.

        A path that ends in a file name is one file. A directory, a path that ends in `/`, a URL (`s3://`, `gs://`, `az://`,
        `hdfs://`), or any path with `partition_by` is a dataset. Either appears when it is whole: an error, an interrupt or
        a power cut leaves nothing, or what the next job on it clears away.

        `compression` is `"zstd"`, `"snappy"`, `"lz4"` or `"none"`; `row_group_rows` is at most so many rows a group, default
        a million. Other options: `row_group_bytes`, `page_bytes`, `statistics` (`"none"`, `"chunk"`, `"page"`), `dictionary`
        (column to bool), `delta_encodings`, `bloom_filters` (columns), `metadata` (texts).

        A dataset only:
            partition_by: columns that name the directories, as Hive and Spark do (`dt=2026-03-05/`); they are not in the
                files.
            sort_by: columns by which the rows of each file are sorted, nulls first. Files then hold what fits in memory.
            mode: `"error"` (default) if there are files of others, `"append"` to them, `"overwrite"` them,
                `"overwrite_partitions"` those of the partitions that get rows.
            job_id: the name of this job, in file names. A job replaces what it wrote before, in any mode, so that running it
                again doubles no row. Default: a hash of the source's patterns and the options of the scan; for bytes and
                file objects every run is a job of its own.
            target_file_bytes: a file ends at about this size; default 256 MB.
            storage_options: of the store, as `endpoint`, `region`, `aws_access_key_id`; else from the environment.
            max_open_files, max_partitions: at most so many files are written at a time (64), and directories made (10,000).

        **Errors**: `FileExistsError` unless `overwrite`, or as `mode` says; `OSError`, also while another job writes there;
        `TypeError` for other options.
        """
        given = {
            "compression": compression,
            "compression_level": compression_level,
            "row_group_rows": row_group_rows,
            "storage_options": storage_options,
            **options,
        }
        dataset = {
            "partition_by": [partition_by] if isinstance(partition_by, str) else partition_by,
            "sort_by": [sort_by] if isinstance(sort_by, str) else sort_by,
            "mode": mode,
            "job_id": job_id,
            "target_file_bytes": None
            if target_file_bytes is None
            else parse_size(target_file_bytes, "target_file_bytes"),
            "max_open_files": options.get("max_open_files"),
            "max_partitions": options.get("max_partitions"),
        }
        dest = os.fspath(path)
        asked = [name for name, value in dataset.items() if value is not None]
        if not (is_dataset(dest) or asked):
            return self._write("write_parquet", dest, {**given, "overwrite": overwrite}, progress)
        if overwrite:
            raise TypeError("a dataset takes no option 'overwrite'\nhint: mode='overwrite' replaces what is there")
        return self._write("write_dataset", dest, {**given, **dataset}, progress, self._source.patterns())

    def write_ipc(
        self,
        path: str | os.PathLike[str],
        *,
        compression: str | None = None,
        overwrite: bool = False,
        progress: bool | Callable[[dict[str, Any]], None] | None = None,
        **options: Any,
    ) -> Report:
        """Writes all rows to one Arrow IPC file (Feather), and gives the report. `compression`: `"zstd"`, `"lz4"`, None.

        **Errors**: as `write_parquet`.
        """
        return self._write("write_ipc", path, {"compression": compression, "overwrite": overwrite, **options}, progress)

    def write_hyper(self, path: str | os.PathLike[str], *, table: str = "logs", overwrite: bool = False) -> Report:
        """Writes all rows to one table of a Tableau extract (`.hyper`), and gives the report.

        Needs `logarrow[tableau]`. Nested columns are JSON text, times have microseconds, and decimals of more than 18
        digits are decimals of 18 where their values fit. The file appears when it is whole.

        **Errors**: `FileExistsError` unless `overwrite`; `SchemaError` for types that Hyper has nothing for, `DecodeError`
        for values that do not fit; `ImportError` without pantab.
        """
        from .tableau import write_hyper

        written = write_hyper(self, os.fspath(path), table, overwrite)
        self._written = written
        return self.report

    def write_csv(
        self,
        path: str | os.PathLike[str],
        *,
        compression: str | None = None,
        header: bool = True,
        delimiter: str = ",",
        overwrite: bool = False,
        storage_options: Mapping[str, Any] | None = None,
        progress: bool | Callable[[dict[str, Any]], None] | None = None,
    ) -> Report:
        """Writes all rows as CSV with a header, and gives the report.

        Times are ISO 8601, null is nothing, and lists, structs and maps are JSON. `compression` is `"gzip"`, `"zstd"` or
        `"none"`; by default the name says it (`.gz`, `.zst`). The path may be the URL of an object.

        **Errors**: as `write_parquet`.
        """
        options = {
            "compression": compression,
            "header": header,
            "delimiter": delimiter,
            "overwrite": overwrite,
            "storage_options": storage_options,
        }
        return self._write("write_text", path, options, progress, "csv")

    def write_json(
        self,
        path: str | os.PathLike[str],
        *,
        compression: str | None = None,
        overwrite: bool = False,
        storage_options: Mapping[str, Any] | None = None,
        progress: bool | Callable[[dict[str, Any]], None] | None = None,
    ) -> Report:
        """Writes all rows as JSON lines: an object a line, with all columns, times in ISO 8601. Otherwise as `write_csv`."""
        options = {"compression": compression, "overwrite": overwrite, "storage_options": storage_options}
        return self._write("write_text", path, options, progress, "json")

    def _write(
        self, method: str, path: str | os.PathLike[str], options: dict[str, Any], progress: Any, *more: Any
    ) -> Report:
        options = {name: value for name, value in options.items() if value is not None}
        shown = Progress(self._options.get("progress") if progress is None else progress, "writing")
        self._source.take()
        with shown:
            write = getattr(self._plan(), method)
            told = shown.update if shown.is_on else None
            finished: _logarrow.Finished = write(os.fspath(path), *more, options, told)
        self._run, self._written = finished, finished.files
        self._warn()
        return self.report

    # ---- warehouses

    def ddl(
        self,
        dialect: str,
        table: TableName,
        *,
        location: str | None = None,
        partition_by: Sequence[str] = (),
        **options: Any,
    ) -> str:
        """The statements that make a table of what it writes: `"redshift"` (with `COPY`), `"spectrum"`, `"hive"`,
        `"athena"`, `"glue"` (JSON), `"spark"`. Reads nothing.

        `table` is `"schema.table"`, `location` where the Parquet files are (for `COPY`: a manifest or a prefix), and
        `partition_by` as in writing. Other options: `lengths` (`warehouse.measure`), `iam_role`, `sort_by` for Redshift,
        `lengths` for Spectrum, `projection` for Athena and Glue.

        **Errors**: `SchemaError` for columns that the warehouse cannot load, with what to do; `TypeError`, `ValueError`.

        >>> log = b'192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512\\n'
        >>> told = scan(log, format="apache.common").select("status").ddl("spark", "web", location="/data/web")
        >>> print(told, end="")
        CREATE TABLE IF NOT EXISTS `web` (
          `status` SMALLINT COMMENT 'status of the response'
        )
        USING PARQUET
        LOCATION '/data/web/';
        """
        from .warehouse import ddl

        docs = {field["name"]: field["doc"] for field in self._format.fields}
        return ddl(self.schema, dialect, table, location=location, partition_by=partition_by, docs=docs, **options)

    # ---- to look at

    def _facts(self) -> list[list[Any]]:
        names = self._source.names()
        shown = names[:3] + ([f"and {len(names) - 3:,} more"] if len(names) > 3 else [])
        facts = [["source", ", ".join(shown)], ["format", self._format.name]]
        for name in ("where", "limit", "on_error"):
            if self._options.get(name) is not None:
                facts.append([name, str(self._options[name])])
        return facts

    def __repr__(self) -> str:
        fields = ", ".join(f"{field.name}: {field.type}" for field in self.schema)
        return "<Scan, nothing read yet>\n" * (self._run is None) + columns([*self._facts(), ["columns", fields]])

    def _repr_html_(self) -> str:
        facts = "".join(f"<div>{html(name)}: {html(value)}</div>" for name, value in self._facts())
        return facts + html_table(["column", "type"], ([field.name, field.type] for field in self.schema))

    def __reduce__(self) -> tuple[Any, ...]:
        options = {name: value for name, value in self._options.items() if name != "progress"}
        return Scan, (self._source, self._format, options)


def _state(reader: _logarrow.Reader) -> dict[str, Any]:
    """How far a reader is, in the words that a write has for it."""
    report = reader.report()
    stored, total = reader.progress()
    told = (
        "records",
        "rows",
        "filtered",
        "rejected",
        "skipped",
        "malformed",
        "bad_values",
        "bytes",
        "lines",
        "seconds",
    )
    return {
        **{name: report[name] for name in told},
        "stored_bytes": stored,
        "total_bytes": total,
        "complete": report["complete"],
    }


def _user_level() -> int:
    """How far up the stack the caller of this package is, for warnings."""
    import sys

    level, frame = 2, sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == __package__:
        level, frame = level + 1, frame.f_back
    return level
