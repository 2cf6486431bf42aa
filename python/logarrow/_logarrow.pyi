"""The native module. Conversion only: defaults, paths and display live in the package around it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, final

__version__: str

def simd_level() -> str: ...
def builtin_tables() -> list[str]: ...
def committed(dest: str, storage_options: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The files of a dataset by its commit records: path, rows, bytes."""

def fail_points() -> list[str]:
    """The steps of a commit; environment variable LOGARROW_FAIL_POINT names the one that the process ends behind."""

class LogarrowError(Exception):
    source: str | None
    line: int | None
    column: str | None
    column_byte: int | None
    byte: int | None
    hint: str | None

class FormatError(LogarrowError): ...
class DecodeError(LogarrowError): ...
class SchemaError(LogarrowError): ...

@final
class Format:
    @staticmethod
    def named(name: str) -> Format: ...
    @staticmethod
    def apache(log_format: str) -> Format: ...
    @staticmethod
    def nginx(log_format: str) -> Format: ...
    @staticmethod
    def key_value(
        separator: str,
        assign: str,
        quotes: str,
        escape: str,
        bare: bool,
        strict: bool,
        labels: bool,
        until_key: bool,
    ) -> Format: ...
    @staticmethod
    def regex(patterns: Sequence[str], anchored: str, columns: Sequence[str]) -> Format: ...
    @staticmethod
    def grok(patterns: Sequence[str], definitions: Mapping[str, str], ecs: bool) -> Format: ...
    @staticmethod
    def dissect(pattern: str, append_separator: str | None) -> Format: ...
    @staticmethod
    def hive(ddl: str, semantics: str) -> Format: ...
    @staticmethod
    def log4j(pattern: str) -> Format: ...
    @staticmethod
    def python_logging(fmt: str, style: str, datefmt: str | None) -> Format: ...
    @staticmethod
    def vpc_flow(format: str) -> Format: ...
    @staticmethod
    def cloudfront_realtime(fields: Sequence[str]) -> Format: ...
    @staticmethod
    def delimited(delimiter: str, quote: str | None, fields: list[str]) -> Format: ...
    @staticmethod
    def json(schema: object | None, records: Sequence[str] | None, ignore_case: bool) -> Format: ...
    @staticmethod
    def from_toml(text: str, origin: str) -> Format: ...
    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> list[str]: ...
    @property
    def title(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def schema(self) -> Schema: ...
    @property
    def fields(self) -> list[dict[str, Any]]:
        """One dict a column: name, type, on_demand, unit, doc."""
    @property
    def samples(self) -> list[dict[str, Any]]: ...
    def with_types(self, types: Mapping[str, str]) -> Format: ...
    def with_schema(self, schema: object) -> Format: ...
    def to_toml(self) -> str: ...
    def explain(self) -> str: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Schema:
    """Speaks `__arrow_c_schema__`."""

    def __arrow_c_schema__(self) -> object: ...

@final
class Batch:
    """A record batch; speaks `__arrow_c_array__`."""

    @property
    def num_rows(self) -> int: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

@final
class LookupTable:
    @staticmethod
    def from_dict(pairs: Mapping[Any, str]) -> LookupTable: ...
    @staticmethod
    def from_csv(text: str) -> LookupTable: ...
    @staticmethod
    def from_arrow(table: Any) -> LookupTable:
        """Two columns of anything that speaks `__arrow_c_stream__`: key, value."""

@final
class Expr:
    @staticmethod
    def parse(sql: str) -> Expr: ...
    @staticmethod
    def col(name: str) -> Expr: ...
    @staticmethod
    def lit(value: Any) -> Expr: ...
    @staticmethod
    def lookup(key: Expr, table: str | LookupTable, default: Any = None) -> Expr: ...
    @staticmethod
    def case(branches: list[tuple[Expr, Expr]], otherwise: Expr | None) -> Expr: ...
    def compare(self, op: Literal["=", "!=", "<", "<=", ">", ">="], other: Any) -> Expr: ...
    def arithmetic(self, op: Literal["+", "-", "*", "/", "%"], other: Any, reverse: bool) -> Expr: ...
    def and_(self, other: Any) -> Expr: ...
    def or_(self, other: Any) -> Expr: ...
    def not_(self) -> Expr: ...
    def is_in(self, values: Iterable[Any]) -> Expr: ...
    def between(self, low: Any, high: Any) -> Expr: ...
    def like(self, pattern: str, ignore_case: bool) -> Expr: ...
    def replace_columns(self, named: Mapping[str, Expr]) -> Expr: ...
    def is_null(self) -> Expr: ...
    def cast(self, to: str) -> Expr: ...
    def call(self, function: str, args: list[Any]) -> Expr: ...
    def columns(self) -> list[str]: ...
    def __str__(self) -> str: ...

@final
class Source:
    @staticmethod
    def paths(
        patterns: list[str],
        storage_options: Mapping[str, str] | None = None,
        dates: tuple[str, str] | None = None,
    ) -> Source: ...
    @staticmethod
    def is_url(text: str) -> bool:
        """Whether it is the URL of a store that is known here; `file://` needs none."""
    @staticmethod
    def openers(files: list[tuple[str, int | None, float | None, Callable[[int], Any]]]) -> Source:
        """Files by name, size, seconds since 1970 when they were changed, and a function that opens them at an offset, any
        number of times."""
    @staticmethod
    def bytes(name: str, data: bytes) -> Source: ...
    @staticmethod
    def stdin() -> Source: ...
    @staticmethod
    def file_object(name: str, file: Any) -> Source:
        """Anything with `read(n) -> bytes` (or `readinto`). Read under the GIL, once. What it raises comes out as it is;
        a file open as text is a `TypeError`."""
    @property
    def items(self) -> list[tuple[str, int | None]]: ...
    @property
    def rerunnable(self) -> bool: ...

@final
class Scan:
    """Options are keyword-only, spelled as in design: columns, where (str or Expr), derive, tables, extra, inner (pairs of a
    column and a Format, either of which may be None), limit, on_error,
    timezone, reference_time_us, time_unit, include, batch_rows, chunk_bytes, memory_bytes, threads, ordered, strings,
    max_record_bytes, compression, encoding, rejects_to, reject_raw, simd. An unknown one is a `TypeError`, one that is
    None is as if it were not there, a value that makes no sense a `ValueError`. With `rejects_to` the file of rejects is
    there once a reader has ended; a read does not replace a file."""

    def __init__(self, source: Source, format: Format, **options: Any) -> None: ...
    @property
    def schema(self) -> Schema: ...
    def explain(self) -> str: ...
    def read(self) -> Reader: ...
    def write_parquet(
        self, path: str, options: Mapping[str, Any], progress: Callable[[dict[str, Any]], None] | None = None
    ) -> Finished:
        """Options: compression (zstd, snappy, lz4, none), compression_level, row_group_rows, row_group_bytes, page_bytes,
        statistics (none, chunk, page), dictionary {column: bool}, delta_encodings, bloom_filters [column], metadata {key:
        text}, overwrite (of the rejects too), storage_options {name: value}. `progress` gets a dict of the counts of a report, stored_bytes, total_bytes
        (or None), seconds and complete, ten times a second at most, and once with complete=True; what it raises stops the
        job."""
    def write_dataset(
        self,
        dest: str,
        sources: list[str] | None,
        options: Mapping[str, Any],
        progress: Callable[[dict[str, Any]], None] | None = None,
    ) -> Finished:
        """Options: those of write_parquet but overwrite, and partition_by [column], sort_by [column], target_file_bytes,
        max_open_files, max_partitions, mode (error, overwrite, overwrite_partitions, append), job_id. Without a job_id the
        job is named after `sources` and the scan; without those, every run is a job of its own."""
    def write_text(
        self,
        path: str,
        format: str,
        options: Mapping[str, Any],
        progress: Callable[[dict[str, Any]], None] | None = None,
    ) -> Finished:
        """`format`: csv, json. Options: compression (none, gzip, zstd), overwrite, storage_options; of CSV also header and
        delimiter."""
    def write_ipc(
        self, path: str, options: Mapping[str, Any], progress: Callable[[dict[str, Any]], None] | None = None
    ) -> Finished:
        """Options: compression (none, lz4, zstd), overwrite, storage_options."""

@final
class Reader:
    """Iterates over batches; speaks `__arrow_c_stream__`, which takes what is left. Releases the GIL, answers Ctrl-C."""

    @property
    def schema(self) -> Schema: ...
    def __iter__(self) -> Reader: ...
    def __next__(self) -> Batch: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Once; a `RuntimeError` after that. A requested schema is honoured where Arrow can cast."""
    def error(self) -> BaseException | None:
        """What ended the stream early, as the exception it is: the stream's consumer knows only the text and raises its
        own. After Ctrl-C the interpreter is interrupted once more, so that KeyboardInterrupt follows by itself."""
    def report(self) -> dict[str, Any]:
        """records, rows, filtered, rejected, skipped, malformed, bad_values, replaced, extra, duplicate_keys, fast_records, bytes, lines,
        seconds, complete, nulls {column: n}, reasons [{column, reason, count}], files [{name, the counts, stored_bytes,
        damage, reference_time_us, encoding}], reference_time_us (None where files have their own). Also while the stream is being read, and after."""
    def rejects(self) -> Batch: ...
    def progress(self) -> tuple[int, int | None]: ...

@final
class Finished:
    """What a write left behind."""

    @property
    def files(self) -> list[dict[str, Any]]:
        """path, rows, bytes."""
    def report(self) -> dict[str, Any]: ...
    def rejects(self) -> Batch: ...

def parse_toml(text: str, origin: str) -> tuple[dict[str, Any], dict[tuple[str | int, ...], int]]:
    """The values of a TOML text, and the line of each key and item by the way to it. Dates are text; `FormatError` with
    line and column."""

def sniff(source: Source, **options: Any) -> list[dict[str, Any]]:
    """Guesses, best first: format (Format), name, share (0 to 1), lines, matched, why (of the first line that does not
    fit, or None). A source that can be read only once keeps the bytes that were looked at."""

def choose(source: Source, **options: Any) -> Format:
    """The best guess if it matches nine lines in ten and nothing ties with it, else a `FormatError` that lists the
    guesses."""

def parse(values: Any, format: Format, **options: Any) -> tuple[object, object]:
    """`values` speaks `__arrow_c_array__` (string or binary of any layout, or a dictionary of those); gives a struct array
    of the same length as capsules. A value that does not fit is a null struct: also an empty one, and one with a newline
    that is not its end. `on_error` is "null" (default) or "raise"; options that drop, join or place rows are refused.
    With `error=True` the struct has a last field `_error`; then only nulls give null structs, and a value that does not
    fit gives a struct in which `_error` alone is set. For a bad cell `_error` is set beside the row's other values."""

def formats() -> list[Format]: ...
