"""Formats: named, compiled from the strings that servers are configured with, or read from a TOML file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from . import _logarrow
from ._text import columns, html_table, plain

if TYPE_CHECKING:
    import pyarrow


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
    """Formats, shown as a table."""

    def __repr__(self) -> str:
        return columns([[fmt.name, fmt.title] for fmt in self]) if self else "[]"

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


def _from_text(text: str, origin: str) -> Format:
    return wrap(_logarrow.Format.from_toml(text, origin))


def formats() -> FormatList:
    """The formats that are built in.

    >>> [fmt.name for fmt in formats()][:2]
    ['apache.combined', 'apache.common']
    """
    return FormatList(wrap(native) for native in _logarrow.formats())
