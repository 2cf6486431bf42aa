"""Formats: named, compiled from the strings that servers are configured with, or read from a TOML file."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Union

from . import _logarrow
from ._text import html_table, plain

if TYPE_CHECKING:
    import pyarrow

FormatLike = Union[str, "Format"]


def native_schema(schema: Any) -> Any:
    """A schema as the native module takes it: types by key as JSON text, all else as it is."""
    # Types of Arrow's are texts too, as they print themselves.
    return json.dumps(dict(schema), default=str) if isinstance(schema, Mapping) else schema


class Format:
    """How a log is laid out, and the columns it gives.

    >>> fmt = Format.named("apache.combined")
    >>> fmt.schema.field("status").type
    DataType(int16)
    >>> Format.apache('%h %l %u %t "%r" %>s %b').schema.names[-2:]
    ['status', 'bytes']
    """

    __slots__ = ("_native",)
    _native: _logarrow.Format

    def __init__(self) -> None:
        raise TypeError("a Format is made by Format.named('apache.combined'), Format.apache('%h ...') and the like")

    @staticmethod
    def named(name: str) -> Format:
        """The built-in format of this name; `logarrow.formats()` lists them.

        **Errors**: `FormatError`, with the nearest name.
        """
        return wrap(_logarrow.Format.named(name))

    @staticmethod
    def apache(log_format: str) -> Format:
        """What Apache's `LogFormat` writes; takes the format string without the quotes around it.

        **Errors**: `FormatError` that points at the directive.
        """
        return wrap(_logarrow.Format.apache(log_format))

    @staticmethod
    def nginx(log_format: str) -> Format:
        """What nginx's `log_format` writes; takes the parts joined, or the whole directive.

        **Errors**: `FormatError` that points at the variable.
        """
        return wrap(_logarrow.Format.nginx(log_format))

    @staticmethod
    def logfmt() -> Format:
        """`level=info msg="two words"`: the format of this name. Its columns are the keys of the first records.

        >>> log = b'level=info msg="two words"\\nlevel=warn took=3\\n'
        >>> import logarrow as la
        >>> la.read(log, Format.logfmt()).column_names
        ['level', 'msg', 'took', '_extra']
        """
        return Format.named("logfmt")

    @staticmethod
    def ltsv(*, delimiter: str = "\t", label_delimiter: str = ":") -> Format:
        """Labelled tab-separated values; the labels of the first records are its columns. With other delimiters than
        LTSV's own, all values are text.

        **Errors**: `FormatError` where the delimiters cannot be told apart.
        """
        if (delimiter, label_delimiter) == ("\t", ":"):
            return Format.named("ltsv")
        return Format.key_value(separator=delimiter, assign=label_delimiter, quotes="", escape="none", bare=False)

    @staticmethod
    def key_value(
        *,
        separator: str = " ",
        assign: str = "=",
        quotes: str = '"',
        escape: str = "json",
        bare: bool = True,
        strict: bool = True,
        labels: bool = False,
        until_key: bool = False,
    ) -> Format:
        """Records that are key-value pairs; the keys of the first ones are its columns.

        Any of the bytes of `separator` stand between pairs. `escape` is `json` (between quotes), `cef` or `none`. A key
        without a value is an empty text, or makes the record malformed without `bare`; so does a quote that is never
        closed, unless `strict` is off, where the value is kept as written. `labels` takes only letters, digits, `_`, `-` and
        `.` as keys. With `until_key` a value ends before the next key, so that it may hold spaces.

        **Errors**: `FormatError` where these cannot be told apart.

        >>> import logarrow as la
        >>> la.read(b"a:1|b:two words\\n", Format.key_value(separator="|", assign=":")).to_pylist()
        [{'a': '1', 'b': 'two words', '_extra': None}]
        """
        return wrap(_logarrow.Format.key_value(separator, assign, quotes, escape, bare, strict, labels, until_key))

    @staticmethod
    def regex(pattern: str | Iterable[str], *, anchored: bool | str = False, columns: Iterable[str] = ()) -> Format:
        """What regular expressions with named groups describe: a text column for each group.

        Several are tried in turn. Groups are named in any usual spelling, `(?P<name>...)`, `(?<name>...)` or
        `(?'name'...)`; `columns` names those without a name, and where no group has one, each is a column `group_1` and
        so on. A group that takes no part in a match is null.

        The match is searched for, as by `re.search`; `anchored="start"` wants it at the start of the record (`re.match`)
        and `anchored="full"`, or `True`, wants it to be all of the record (`re.fullmatch`, Java's `matches`). Records have
        no newline at their end. `\\d`, `\\s`, `\\w` and `\\b` are ASCII's; bytes that are no UTF-8 count as U+FFFD.
        The engine runs in linear time: references to groups and most look-around are errors.

        **Errors**: `FormatError` that names the construct and its place.

        >>> Format.regex(r"(?P<host>\\S+) (?P<status>\\d+)").with_types({"status": "int16"}).schema.names
        ['host', 'status']
        """
        where = ("full" if anchored else "no") if isinstance(anchored, bool) else anchored
        return wrap(_logarrow.Format.regex(_texts(pattern), where, list(columns)))

    @staticmethod
    def grok(
        pattern: str | Iterable[str], *, definitions: Mapping[str, str] | None = None, ecs: bool = False
    ) -> Format:
        """What a grok pattern describes; several are tried in turn.

        `%{NAME}` stands for a pattern of the library or of `definitions`, `%{NAME:field}` makes a column of it,
        `%{NAME:field:int}` (or `float`, `bool`) types it. A field `[a][b]` is the column `a_b`. The library has Logstash's
        names with the older fields, or with those of the Elastic Common Schema where `ecs` is true.

        **Errors**: `FormatError` for an unknown pattern, and what `Format.regex` refuses.

        >>> Format.grok("%{IP:client} %{NUMBER:bytes:int}").schema.names
        ['client', 'bytes']
        >>> Format.grok("%{COMMONAPACHELOG}", ecs=True).schema.names[0]
        'source_address'
        """
        return wrap(_logarrow.Format.grok(_texts(pattern), dict(definitions or {}), ecs))

    @staticmethod
    def dissect(pattern: str, *, append_separator: str | None = "") -> Format:
        """What a dissect pattern of Logstash, Elasticsearch or Beats describes.

        `append_separator` stands between the parts of `%{+field}`; `None` takes the delimiter before each part, as Logstash
        does. The pair `%{*name} %{&name}` gives the columns `name_key` and `name_value`.

        **Errors**: `FormatError` that points at the key.

        >>> Format.dissect("%{date} %{time} [%{level}] %{message}").schema.names
        ['date', 'time', 'level', 'message']
        """
        return wrap(_logarrow.Format.dissect(pattern, append_separator))

    @staticmethod
    def hive(ddl: str, *, semantics: str = "hive") -> Format:
        """What a `CREATE TABLE` statement of Hive, Athena or Spark describes, with the meaning of its SerDe.

        Known are RegexSerDe (Hive's own and contrib's), GrokSerDe, OpenCSVSerde (with Athena's types), LazySimpleSerDe
        (`ROW FORMAT DELIMITED`) and MultiDelimitSerDe, with `skip.header.line.count`. Columns have the names and types of
        the table (`array` and `map<string,string>` are LazySimpleSerDe's); times have no zone; `-` is text, and in a column
        of numbers null and a bad value. A line for which Hive gives a row of NULLs, because its expression does not match,
        is a reject. Partition columns stand in the path and are no columns of the line. `semantics="logarrow"` reads cells
        as our own formats do: `-` is null, times are UTC, and fields behind the last column are kept in `_extra`.
        `explain()` and the notes in `to_toml()` tell where the format differs from the table.

        **Errors**: `FormatError` with line and column: what is no such statement, another SerDe (JSON's among them), a type
        that a line cannot hold, an expression with another number of groups than there are columns.

        >>> ddl = '''CREATE EXTERNAL TABLE logs (host string, status int)
        ... ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
        ... WITH SERDEPROPERTIES ("input.regex" = "([^ ]*) ([0-9]*|-)")'''
        >>> Format.hive(ddl).schema.field("status").type
        DataType(int32)
        """
        return wrap(_logarrow.Format.hive(ddl, semantics))

    @staticmethod
    def log4j(pattern: str) -> Format:
        """What a PatternLayout of Log4j 1, Log4j 2 or Logback writes: `%d{ISO8601} %-5p [%t] %c{1} - %m%n`.

        Columns are `time`, `level`, `logger`, `thread`, `message` and so on; `%X{key}` is `mdc_key`. A record begins with each
        line that begins like the pattern, by its time if it has one; lines behind it, such as a stack trace, belong to
        `message` where it ends the pattern, else to the column `stack_trace`. `%n` in the midst of a pattern is a line end
        inside the record. Padding is no part of a value; colours are taken to be switched off, as in files.

        **Errors**: `FormatError` that points at the conversion.

        >>> Format.log4j("%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p [%t] %c{1} - %m%n").schema.names
        ['time', 'level', 'thread', 'logger', 'message']
        """
        return wrap(_logarrow.Format.log4j(pattern))

    @staticmethod
    def python_logging(fmt: str, *, style: str = "%", datefmt: str | None = None) -> Format:
        """What Python's own `logging` writes, told by the strings that `logging.Formatter` was given.

        `fmt` is a string, never a `Formatter`. Columns are `time` (`asctime`), `name`, `level` (`levelname`), `message` and the
        other attributes in snake case; names that `extra=` adds are text. Lines behind a record, such as a traceback, belong
        to `message` where it ends the string, else to the column `traceback`.

        `datefmt` also tells what a program's own formatter writes without one: `"%Y-%m-%dT%H:%M:%S.%f%z"` for Airflow 2.

        **Errors**: `FormatError` that points at the attribute; for an unknown `style`.

        >>> Format.python_logging("%(asctime)s %(levelname)-8s %(name)s: %(message)s").schema.names
        ['time', 'level', 'name', 'message']
        >>> Format.python_logging("{asctime} {message}", style="{", datefmt="%d/%b/%Y %H:%M:%S").schema.names
        ['time', 'message']
        """
        return wrap(_logarrow.Format.python_logging(fmt, style, datefmt))

    @staticmethod
    def vpc_flow(format: str) -> Format:
        """What a VPC flow log of this format string holds: `${version} ${vpc-id} ${bytes}`.

        Columns are the fields in snake case, typed as AWS has them; fields that it has added since are text. A header line in
        a file names its fields instead, whose order may differ; `aws.vpc_flow` reads such files too, without a format string.

        **Errors**: `FormatError` that points at the field.

        >>> Format.vpc_flow("${version} ${vpc-id} ${bytes}").schema.field("bytes").type
        DataType(int64)
        """
        return wrap(_logarrow.Format.vpc_flow(format))

    @staticmethod
    def cloudfront_realtime(fields: Iterable[str]) -> Format:
        """CloudFront's real-time log with the fields that were picked for it, called as AWS does (`c-ip`) or in snake case.

        CloudFront writes them in the order of its documentation, and so does this. Fields that it has added since are text.

        **Errors**: `FormatError` for no fields, and one that is there twice.

        >>> Format.cloudfront_realtime(["timestamp", "sc-status", "c-ip"]).schema.names[:3]
        ['timestamp', 'c_ip', 'sc_status']
        """
        return wrap(_logarrow.Format.cloudfront_realtime(_texts(fields)))

    @staticmethod
    def delimited(delimiter: str = ",", *, quote: str | None = '"', fields: Iterable[str] = ()) -> Format:
        """Fields with `delimiter` between them, each perhaps in quotes; named by `fields`, else by each file's first record.

        All columns are text; `with_types` gives them others. A quote means something at the start of a field only, and twice
        inside quotes stands for once; quoted fields may hold newlines. `quote=None` is for none.

        **Errors**: `FormatError` for an empty delimiter, one that is the quote, and fields of the same name.

        >>> Format.delimited("|", fields=["host", "status"]).schema.names
        ['host', 'status']
        """
        return wrap(_logarrow.Format.delimited(delimiter, quote or None, list(fields)))

    @staticmethod
    def json(
        schema: pyarrow.Schema | Mapping[str, Any] | str | Any | None = None,
        *,
        records: str | Iterable[str] | None = None,
        ignore_case: bool = False,
    ) -> Format:
        """JSON objects: one a line, or following one another in any other way, or in an array.

        Without a `schema`, columns are found in a sample of each source. Else it is a `pyarrow.Schema` (or anything else with
        `__arrow_c_schema__`), types by key (`{"id": "int64", "user": {"name": "utf8"}}`), the same as JSON text, a type
        `struct<id: int64, ...>`, or a `CREATE TABLE` statement of Hive or Athena. The option `schema` of a scan is the same for
        `json.lines`, and gives types to columns of any other format. `records` names the key of the array that holds the records, with dots between
        keys within one another, or as a list; `[]` says that none does, so that a value is a record, or an array of them.
        `ignore_case` matches keys without regard to case.

        **Errors**: `SchemaError` for an unknown type, with the column's name; `FormatError` for a statement that cannot be
        read.

        >>> Format.json({"id": "int64", "user": "struct<name: utf8>"}, records="Records").name
        'json'
        """
        if isinstance(records, str):
            records = records.split(".")
        keys = None if records is None else _texts(records)
        return wrap(_logarrow.Format.json(native_schema(schema), keys, ignore_case))

    @staticmethod
    def from_toml(source: str | os.PathLike[str] | Any) -> Format:
        """The format that a TOML file describes: its path, or an open file.

        **Errors**: `OSError`; `FormatError` with line and column.
        """
        if hasattr(source, "read"):
            text, origin = source.read(), str(getattr(source, "name", "format.toml"))
            text = text.decode("utf-8") if isinstance(text, bytes) else text
        else:
            origin = os.fspath(source)
            with open(origin, encoding="utf-8") as file:
                text = file.read()
        return _from_text(text, origin)

    @property
    def name(self) -> str:
        """`family.variant`, such as `apache.combined`."""
        return self._native.name

    @property
    def aliases(self) -> list[str]:
        """Other names it is found under."""
        return self._native.aliases

    @property
    def title(self) -> str:
        """One line for people."""
        return self._native.title

    @property
    def source(self) -> str:
        """The document that defines it."""
        return self._native.source

    @property
    def schema(self) -> pyarrow.Schema:
        """The columns of a scan that names none."""
        import pyarrow

        return pyarrow.schema(self._native.schema)

    @property
    def fields(self) -> list[dict[str, Any]]:
        """One dict a column: `name`, `type`, `on_demand` (made only when named), `unit`, `doc`."""
        return self._native.fields

    @property
    def samples(self) -> list[dict[str, Any]]:
        """Records with the row they give; tests of the format."""
        return self._native.samples

    def with_types(self, types: Mapping[str, Any]) -> Format:
        """The same with other types for some columns.

        **Errors**: `SchemaError` for a column it lacks or a type that does not go with the text.

        >>> Format.named("apache.common").with_types({"status": "int32"}).schema.field("status").type
        DataType(int32)
        """
        return wrap(self._native.with_types({name: str(dtype) for name, dtype in types.items()}))

    def to_toml(self) -> str:
        """As a format file, which `from_toml` reads back to the same format."""
        return self._native.to_toml()

    def explain(self) -> str:
        """How records are cut, and what that costs."""
        return self._native.explain()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Format) and self._native == other._native

    def __hash__(self) -> int:
        return hash(self.name)

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_text, (self.to_toml(), self.name)

    def __repr__(self) -> str:
        return f"<Format {plain(self.name)}: {len(self.fields)} columns>"

    def _repr_html_(self) -> str:
        return html_table(["column", "type", "unit", "meaning"], field_rows(self), f"{self.name}: {self.title}")


class FormatList(list[Format]):
    """Formats: their names as text, a table with titles and columns in a notebook."""

    def __repr__(self) -> str:
        names = ", ".join(fmt.name for fmt in self)
        return textwrap.fill(names, 100, break_long_words=False, break_on_hyphens=False) if self else "[]"

    def _repr_html_(self) -> str:
        rows = ([fmt.name, fmt.title, ", ".join(f["name"] for f in fmt.fields if not f["on_demand"])] for fmt in self)
        return html_table(["format", "title", "columns"], rows)


def field_rows(fmt: Format) -> Iterable[list[Any]]:
    """Name, type, unit and meaning of each column."""
    for field in fmt.fields:
        doc = field["doc"] or ""
        yield [field["name"], field["type"], field["unit"], f"{doc} (when named)" if field["on_demand"] else doc]


def wrap(native: _logarrow.Format) -> Format:
    """The public face of a native format."""
    fmt = object.__new__(Format)
    fmt._native = native
    return fmt


def as_format(given: FormatLike) -> Format:
    """A name or a format as a format.

    **Errors**: `FormatError` for an unknown name, `TypeError`.
    """
    if isinstance(given, Format):
        return given
    if isinstance(given, str):
        return Format.named(given)
    raise TypeError(f"a format is a name or a Format, not {type(given).__name__}")


def _texts(pattern: str | Iterable[str]) -> list[str]:
    return [pattern] if isinstance(pattern, str) else list(pattern)


def _from_text(text: str, origin: str) -> Format:
    return wrap(_logarrow.Format.from_toml(text, origin))


def formats() -> FormatList:
    """The formats that are built in.

    >>> [fmt.name for fmt in formats() if fmt.name.startswith("apache.c")]
    ['apache.combined', 'apache.common']
    """
    return FormatList(wrap(native) for native in _logarrow.formats())
