"""The options of a scan: their names, their types, and how the native module takes them."""

from __future__ import annotations

import datetime as dt
import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, Union

from . import _expr
from ._expr import Expr
from ._format import Format, as_format, native_schema
from ._text import parse_size

if TYPE_CHECKING:
    from typing import Literal

    import pyarrow

#: SQL text or an expression.
Condition = Union[str, Expr]
#: Called now and then with a dict: `stored_bytes` read, `total_bytes` of all (or None), the counts of a report so far,
#: `seconds`, `complete`.
ProgressLike = Union[bool, "Callable[[dict[str, Any]], None]"]

#: What names columns and their types.
SchemaLike = Union["pyarrow.Schema", "Mapping[str, Any]", str, Any, None]
#: A format for the usual column, or formats by column.
InnerLike = Union[str, Format, "Mapping[str, str | Format | None]", None]


class ScanOptions(TypedDict, total=False):
    """Keyword-only options of `read` and `scan`.

    What to give:
        columns: names, in the order wanted; columns on demand (`query`, `request`) are made only when named. Derived columns
            follow, unless some of them are named: then only those are given.
        where: keeps rows for which this is true: SQL text or an expression, `"status >= 500"`, `col("status") >= 500`.
        derive: a dict of new columns, name to SQL text or expression; each may read those before it, and `where` all.
        tables: a dict of tables for `lookup` in SQL text: a dict, the path of a CSV file, or an Arrow table, each.
        limit: at most so many rows, after `where`.
        include: columns that say where a row is from: `"path"`, `"line"`, `"offset"`, `"raw"` become `_path`, `_line`, ...
        types: a dict, column to type, in place of the format's; as text (`"int32"`, also as Arrow prints it) or an Arrow
            type.
        schema: columns and types: a `pyarrow.Schema` (or anything with `__arrow_c_schema__`), a dict of types by name, the
            same as JSON text, `"struct<id: int64, ...>"`, or a `CREATE TABLE` statement. Where columns are found in the log
            (keys of JSON and of pairs, fields of a header) they are the schema's alone, and no sample is taken; else those
            it names have its types. Not beside `types`. With `inner`, it is that of the outermost format.
        extra: text behind the last known field: `"column"` (`_extra`), `"count"`, or `"reject"`.
        inner: a dict of columns whose texts are records of other formats, `{"log": "apache.combined"}`, taken apart in this
            order, so that one may name a column that an earlier one gives; a name or `Format` alone is for the column that
            the format says, None leaves a column as text. Columns of those records stand beside the others, as
            `<column>_<name>` where their name is taken; the column itself is given when named. A text that is no such
            record is a bad value.
        strings: layout of text columns: `"utf8"` (default), `"view"`, `"large"`, `"dictionary"`.
        time_unit: `"us"` (default) or `"ns"`.

    How to read:
        on_error: `"reject"` (default: bad records are kept aside), `"skip"` (counted only), `"null"` (a row of nulls),
            `"raise"` (the first one is a `DecodeError`).
        timezone: of times without a zone, and of `date()` and `hour()`: a name or offset, default `"UTC"`.
        reference_time: an aware datetime that times without a year are held against; default: when each file was changed.
        compression: codec of the source, `"gzip"`, `"zstd"`, `"bzip2"`, `"xz"`, `"lz4"`, `"snappy"` (framed), `"none"`; default: by
            its first bytes.
        encoding: `"utf-8"`, `"latin-1"`, `"utf-16"`; default `"auto"`: UTF-16 where a byte order mark says so, else UTF-8.
        max_record_bytes: longer records are rejected; default 16 MiB.
        rejects_to: a Parquet file that takes all rejects (the first 10,000 are in `scan.rejects()` without it); one that is
            there is replaced only by a write with `overwrite=True`.
        reject_raw: how much of a rejected text is kept: `"full"` (default), `"prefix"`, `"none"`.

    How fast:
        threads: 0 (default) for one a core.
        ordered: rows in input order; default True.
        batch_rows: rows in a batch, at most.
        chunk_bytes: bytes a thread works on at a time, a number or a text such as `"4MiB"`.
        memory_bytes: what it may hold at a time, likewise; default 256 MiB.
        progress: True for a bar on a terminal, or a function that gets dicts of `stored_bytes`, `total_bytes`, `rows`,
            and other counts so far, `seconds`, `complete`.
        simd: which kernels run, for tests and bug reports: `"avx512"`, `"avx2"`, `"sse2"`, `"scalar"`.
    """

    columns: Sequence[str] | None
    where: Condition | None
    derive: Mapping[str, Condition] | None
    tables: Mapping[str, Any] | None
    extra: Literal["column", "count", "reject"] | None
    inner: InnerLike
    limit: int | None
    on_error: Literal["reject", "skip", "null", "raise"]
    timezone: str
    reference_time: dt.datetime | None
    time_unit: Literal["us", "ns"]
    include: Sequence[Literal["path", "line", "offset", "raw"]]
    batch_rows: int
    chunk_bytes: int | str
    memory_bytes: int | str
    threads: int
    ordered: bool
    strings: Literal["utf8", "view", "large", "dictionary"]
    max_record_bytes: int | str
    compression: str | None
    encoding: str
    progress: ProgressLike
    rejects_to: str | os.PathLike[str] | None
    reject_raw: Literal["full", "prefix", "none"]
    types: Mapping[str, Any] | None
    schema: SchemaLike
    simd: str | None


#: Options that make sense where one value is one record: none that joins or drops records.
PARSE_OPTIONS = (
    "columns", "derive", "tables", "extra", "inner", "timezone", "reference_time", "time_unit", "strings", "encoding",
    "max_record_bytes", "on_error", "types", "schema", "simd",
)  # fmt: skip
_SIZES = ("chunk_bytes", "memory_bytes", "max_record_bytes")
#: Dealt with here, not by the native module.
_OURS = ("types", "progress")


def check_names(options: Mapping[str, Any], known: Sequence[str], call: str) -> None:
    """Refuses options that `call` does not have.

    **Errors**: `TypeError`, with the nearest name.
    """
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
            raise TypeError(f"{call}() has no option {name!r}\nhint: {hint}")


def with_types(fmt: Format, options: Mapping[str, Any]) -> Format:
    """The format with the types that the options give its columns.

    **Errors**: `ValueError` where a schema does the same; those of `Format.with_types`.
    """
    if not (types := options.get("types")):
        return fmt
    if options.get("schema") is not None:
        raise ValueError("options 'schema' and 'types' both say what types columns have\nhint: say it all in 'schema'")
    return fmt.with_types(types)


def _names(value: Any, option: str) -> list[str]:
    if isinstance(value, (str, bytes)) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"option {option!r} takes a list of names, such as ['status'], not {value!r}")
    return list(value)


def _microseconds(value: Any) -> int:
    if not isinstance(value, dt.datetime):
        raise TypeError(f"option 'reference_time' takes a datetime, not {type(value).__name__}")
    if value.tzinfo is None:
        raise ValueError("option 'reference_time' takes a datetime with a zone\nhint: tzinfo=datetime.timezone.utc")
    return (value - dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)) // dt.timedelta(microseconds=1)


def _inner(value: Any) -> list[tuple[str | None, Any]]:
    """Columns and native formats, in order; no name stands for the usual column."""
    if isinstance(value, (str, Format)):
        return [(None, as_format(value)._native)]
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise TypeError(
            f"option 'inner' takes a format, or a dict of columns and formats, not {type(value).__name__}"
            "\nhint: inner={'log': 'apache.combined'}"
        )
    return [(name, None if format is None else as_format(format)._native) for name, format in value.items()]


def _whole(value: Any, option: str) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"option {option!r} takes a whole number, not {value!r}")
    if (number := int(value)) < 0:
        raise ValueError(f"option {option!r} must not be negative, not {number}")
    return number


def to_native(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as the native module takes them. None stands for the default everywhere.

    **Errors**: `TypeError` or `ValueError` naming the option; `LogarrowError` for SQL text.
    """
    out: dict[str, Any] = {}
    for name, value in options.items():
        if value is None or name in _OURS:
            continue
        if name in ("columns", "include"):
            out[name] = _names(value, name)
        elif name == "where":
            out[name] = _expr.native(value, name)
        elif name == "derive":
            if not isinstance(value, Mapping):
                raise TypeError(f"option 'derive' takes a dict of names and expressions, not {type(value).__name__}")
            out[name] = {column: _expr.native(expr, name) for column, expr in value.items()}
        elif name == "tables":
            out[name] = {table: _expr.table(source) for table, source in value.items()}
        elif name == "inner":
            out[name] = _inner(value)
        elif name == "schema":
            out[name] = native_schema(value)
        elif name in _SIZES:
            out[name] = parse_size(value, name)
        elif name in ("limit", "threads", "batch_rows"):
            out[name] = _whole(value, name)
        elif name == "reference_time":
            out["reference_time_us"] = _microseconds(value)
        elif name == "rejects_to":
            out[name] = os.fspath(value)
        else:
            out[name] = value
    return out


OPTION_NAMES = tuple(ScanOptions.__annotations__)
