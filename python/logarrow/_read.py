"""The doors in: `read`, `scan`, `parse`, `sniff`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _logarrow
from ._format import Format, FormatLike, as_format, wrap
from ._options import OPTION_NAMES, PARSE_OPTIONS, ScanOptions, check_names, to_native, with_types
from ._scan import Scan
from ._source import DayLike, Source, SourceLike, Where
from ._text import columns, html_table

if TYPE_CHECKING:
    import pyarrow
    from typing_extensions import Unpack

#: Options that sniffing needs to get at the text and to judge it.
_SNIFF_OPTIONS = ("compression", "encoding", "max_record_bytes", "timezone", "reference_time")


class Guess(NamedTuple):
    """A format that may be the one of a source."""

    format: Format
    #: Share of the sample's lines that fit, 0 to 1.
    share: float
    #: Lines looked at, without blank ones.
    lines: int
    #: Lines that fit.
    matched: int
    #: Why the first line that does not fit does not; None if all do.
    why: str | None

    @property
    def name(self) -> str:
        """The name of the format."""
        return self.format.name


class Guesses(list[Guess]):
    """Guesses, best first; the first of them are shown as a table."""

    _SHOWN = 12

    def _rows(self) -> list[list[Any]]:
        rows = [[guess.name, f"{guess.share:.1%}", guess.why] for guess in self[: self._SHOWN]]
        more = len(self) - len(rows)
        return [*rows, [f"{more} more", "", None]] if more else rows

    def __repr__(self) -> str:
        return columns(self._rows()) if self else "[]"

    def _repr_html_(self) -> str:
        return html_table(["format", "fits", "why not all"], self._rows())


def sniff(
    source: SourceLike,
    *,
    storage_options: Mapping[str, Any] | None = None,
    filesystem: Any = None,
    dates: tuple[DayLike, DayLike] | DayLike | None = None,
    **options: Any,
) -> Guesses:
    """What format a source may be in: guesses, best first. Takes the options that say how to get at
    the text: `compression`, `encoding`, `max_record_bytes`, `timezone`, `reference_time`, and those of `scan` for finding
    files.

    A file object or standard input gives its first bytes and cannot be read after; `scan` without a format can.

    >>> sniff(b'192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512\\n')[0].name
    'apache.common'
    """
    check_names(options, _SNIFF_OPTIONS, "sniff")
    found = _logarrow.sniff(Source(source, Where(storage_options, filesystem, dates)).native, **_sniff_options(options))
    return Guesses(
        Guess(wrap(guess["format"]), guess["share"], guess["lines"], guess["matched"], guess["why"]) for guess in found
    )


def _sniff_options(options: Any) -> dict[str, Any]:
    return to_native({name: options.get(name) for name in _SNIFF_OPTIONS})


def _guess(source: Source, options: Any) -> Format:
    """The format that fits a sample of the source.

    **Errors**: `FormatError` that lists the guesses, if none fits nine in ten lines or two fit alike.
    """
    return wrap(_logarrow.choose(source.native, **_sniff_options(options)))


def scan(
    source: SourceLike,
    format: FormatLike | None = None,
    *,
    storage_options: Mapping[str, Any] | None = None,
    filesystem: Any = None,
    dates: tuple[DayLike, DayLike] | DayLike | None = None,
    **options: Unpack[ScanOptions],
) -> Scan:
    """A lazy `Scan` of a log.

    `source` is a path, a glob, a directory, a URL (`s3://`, `gs://`, `az://`, `http(s)://`, `hdfs://`, `file://`, and what
    fsspec knows), a list of those, `"-"` for standard input, `bytes`, or a binary file object; a `str` is a path, never
    content. `storage_options` are for the stores of URLs, by the names that the environment has for them, with or without
    `AWS_` (`endpoint`, `region`, `access_key_id`, ..); what is not given is taken from the environment, the profile or the
    machine. They are not shown, and a scan that has them does not pickle. With `filesystem`, of fsspec or pyarrow, the
    paths are in there. `dates`, a first and a last day, are for `{yyyy}`, `{MM}` and `{dd}` in paths:
    `s3://logs/AWSLogs/{account}/vpcflowlogs/{region}/{yyyy}/{MM}/{dd}/`; other names stand for `*`. `format` is a name (`logarrow.formats()`), a `Format`, or None: then a sample is read
    and the format that fits is taken.

    **Errors**: `OSError`; `FormatError` if no format fits; `SchemaError`, `LogarrowError` for columns and expressions;
    `TypeError`, `ValueError` for options.

    >>> log = b'192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 503 512\\n'
    >>> scan(log, format="apache.common", columns=["status", "path"], where="status >= 500").to_arrow().to_pylist()
    [{'status': 503, 'path': '/a'}]
    """
    check_names(options, OPTION_NAMES, "scan")
    found = Source(source, Where(storage_options, filesystem, dates))
    return Scan(found, _guess(found, options) if format is None else as_format(format), options)


def read(
    source: SourceLike,
    format: FormatLike | None = None,
    *,
    storage_options: Mapping[str, Any] | None = None,
    filesystem: Any = None,
    dates: tuple[DayLike, DayLike] | DayLike | None = None,
    **options: Unpack[ScanOptions],
) -> pyarrow.Table:
    """All of a log as a `pyarrow.Table`; the same as `scan(...).to_arrow()`.

    >>> read(b'192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 503 512\\n').num_rows
    1
    """
    check_names(options, OPTION_NAMES, "read")
    found = scan(source, format, storage_options=storage_options, filesystem=filesystem, dates=dates, **options)
    return found.to_arrow()


def parse(values: Any, format: FormatLike, *, error: bool = False, **options: Any) -> Any:
    """One struct a value: an array of the same length as `values`.

    `values` is a list of texts or bytes, an Arrow array or chunked array, or a pandas or polars series. A value that does
    not fit is a null struct; with `error=True` the struct has a field `_error` that says why (and then is never null).
    Options that drop or join records make no sense here and are refused.

    **Shape**: `len(parse(values, ...)) == len(values)`.

    >>> got = parse(['192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 503 512', "?"], "apache.common",
    ...             columns=["status"])
    >>> got.to_pylist()
    [{'status': 503}, None]
    """
    import pyarrow

    check_names(options, PARSE_OPTIONS, "parse")
    native = with_types(as_format(format), options)._native
    capsules = _logarrow.parse(_as_array(values), native, error=error, **to_native(options))
    return pyarrow.array(_Capsules(capsules))


class _Capsules:
    """An array that is handed over once."""

    def __init__(self, capsules: tuple[object, object]) -> None:
        self._capsules = capsules

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        return self._capsules


def _as_array(values: Any) -> Any:
    """`values` as one Arrow array of texts or bytes."""
    import pyarrow as pa

    if isinstance(values, (str, bytes)):
        raise TypeError("parse takes a list or array of values, one record each\nhint: parse([value], ...)")
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        array = values
    elif hasattr(values, "__arrow_c_stream__"):
        array = pa.chunked_array(values)
    elif hasattr(values, "__arrow_c_array__"):
        array = pa.array(values)
    elif hasattr(values, "to_arrow"):
        array = values.to_arrow()
    elif isinstance(values, Iterable):
        array = pa.array(values if hasattr(values, "__array__") else list(values))
    else:
        raise TypeError(f"parse takes a list or array of values, not {type(values).__name__}")
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
        if isinstance(array, pa.ChunkedArray):  # pyarrow before 15 gives no array for no chunks
            array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array.cast(pa.string()) if pa.types.is_null(array.type) else array
