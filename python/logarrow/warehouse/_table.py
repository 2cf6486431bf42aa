"""A table as every dialect sees it: names, columns, partitions, a place. What no warehouse can hold is refused here."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Union

from .._errors import SchemaError
from .._text import visible

if TYPE_CHECKING:
    import pyarrow as pa

#: `"public.alb"`, with parts in double quotes or backticks where they hold dots, or the parts themselves.
TableName = Union[str, "Sequence[str]"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_PART = re.compile(r'"((?:[^"]|"")+)"|`((?:[^`]|``)+)`|([^".`]+)')


@dataclasses.dataclass(frozen=True)
class Column:
    """A column: its name, its Arrow type, and what it means."""

    name: str
    dtype: pa.DataType
    doc: str | None = None


@dataclasses.dataclass(frozen=True)
class Table:
    """What a statement is made of."""

    name: tuple[str, ...]
    #: Those in the files, in the files' order.
    columns: tuple[Column, ...]
    #: Those in the names of directories.
    partitions: tuple[Column, ...]
    location: str | None

    def folder(self) -> str:
        """The location as a directory.

        **Errors**: `ValueError` without one.
        """
        if self.location is None:
            raise ValueError(
                "an external table stands on files\nhint: give their location: location='s3://bucket/prefix/'"
            )
        return self.location if self.location.endswith("/") else self.location + "/"


def make_table(
    schema: pa.Schema,
    name: TableName,
    location: str | None,
    partition_by: Sequence[str],
    docs: Mapping[str, str | None],
) -> Table:
    """The table of a schema, with its partition columns set apart.

    **Errors**: `SchemaError` for names that differ in case only, that hold control characters, or are not there;
    `ValueError` for a table name or location that is none.
    """
    if isinstance(partition_by, str):
        raise TypeError(f"'partition_by' takes a list of names\nhint: partition_by=[{partition_by!r}]")
    seen: dict[str, str] = {}
    for field in schema:
        check_name(field.name, "column")
        if (other := seen.get(field.name.lower())) is not None:
            refuse(
                f'columns "{other}" and "{field.name}" are one: a warehouse folds case',
                "select one of them, or derive it under another name",
            )
        seen[field.name.lower()] = field.name
    for column in partition_by:
        if column not in schema.names:
            refuse(
                f'there is no column "{visible(column)}" to partition by',
                f"there are {', '.join(map(visible, schema.names))}",
            )
    columns = {field.name: Column(field.name, _plain(field.type), docs.get(field.name)) for field in schema}
    if len(set(partition_by)) == len(columns):
        refuse("all columns are partition columns, so the files would have none", "leave one out of partition_by")
    if location is not None and (not location.strip() or _CONTROL.search(location)):
        raise ValueError(f"{location!r} is no location\nhint: give a URL or a directory, such as s3://bucket/prefix/")
    return Table(
        split_name(name),
        tuple(column for column in columns.values() if column.name not in partition_by),
        tuple(columns[name] for name in dict.fromkeys(partition_by)),
        location,
    )


def split_name(name: TableName) -> tuple[str, ...]:
    """The parts of a table's name.

    >>> split_name('public."a.b"'), split_name(["public", "a.b"])
    (('public', 'a.b'), ('public', 'a.b'))
    """
    if isinstance(name, str):
        parts, at = [], 0
        while (found := _PART.match(name, at)) is not None:
            parts.append((found[1] or "").replace('""', '"') or (found[2] or "").replace("``", "`") or found[3].strip())
            at = found.end() + 1
            if name[found.end() : at] != ".":
                break
        if found is None or found.end() != len(name):
            raise ValueError(f"{name!r} is no table name\nhint: write schema.table, with odd parts in double quotes")
    else:
        parts = list(name)
    if not 1 <= len(parts) <= 3 or not all(isinstance(part, str) and part for part in parts):
        raise ValueError(f"{name!r} is no table name\nhint: write schema.table, or catalog.schema.table")
    for part in parts:
        check_name(part, "table")
    return tuple(parts)


def check_name(name: str, what: str, refused: str = "", longest: int = 255) -> None:
    """Refuses a name that no warehouse takes: empty, with control characters or one of `refused`, or too long.

    **Errors**: `SchemaError`.
    """
    hint = "derive it under another name"
    if not name.strip():
        refuse(f"a {what} has no name", hint)
    odd = next((char for char in name if _CONTROL.match(char) or char in refused), None)
    if odd is not None:
        refuse(f'the name of {what} "{visible(name)}" holds {odd!r}', hint)
    if len(name.encode()) > longest:
        refuse(f'the name of {what} "{visible(name)}" is over {longest} bytes', hint)


def refuse(message: str, hint: str) -> NoReturn:
    """Raises the `SchemaError` of what a warehouse cannot hold."""
    raise SchemaError(f"{message}\nhint: {hint}")


def redshift_text(value: str) -> str:
    r"""`value` as a literal of Redshift, where a backslash escapes and quotes are doubled.

    >>> print(redshift_text("it's a \\"))
    'it''s a \\\\'
    """
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def hive_text(value: str) -> str:
    r"""`value` as a literal of Hive, where a backslash escapes.

    >>> print(hive_text("it's a \\"))
    'it\'s a \\\\'
    """
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _plain(dtype: pa.DataType) -> pa.DataType:
    """The type as Parquet keeps it: dictionaries and views are how memory is laid out."""
    import pyarrow as pa

    if pa.types.is_dictionary(dtype):
        return _plain(dtype.value_type)
    if pa.types.is_large_string(dtype) or str(dtype) == "string_view":
        return pa.string()
    if pa.types.is_large_binary(dtype) or str(dtype) == "binary_view":
        return pa.binary()
    return dtype


def type_name(
    dtype: pa.DataType, path: str, scalar: Callable[[pa.DataType, str], str], field: Callable[[str, str], str]
) -> str:
    """The name of a type in a dialect that writes nested ones as `array<..>`, `map<..>` and `struct<..>`.

    `scalar` names a type that holds no others or refuses it; `field` joins the name and type of a member.
    """
    import pyarrow as pa

    dtype = _plain(dtype)
    if pa.types.is_map(dtype):
        key = type_name(dtype.key_type, f"{path}.key", scalar, field)
        return f"map<{key},{type_name(dtype.item_type, f'{path}.value', scalar, field)}>"
    if is_list(dtype):
        return f"array<{type_name(dtype.value_type, f'{path}[]', scalar, field)}>"
    if pa.types.is_struct(dtype):
        if not dtype.num_fields:
            refuse(f'column "{path}": a struct without members', "leave the column out with `columns`")
        parts = [field(one.name, type_name(one.type, f"{path}.{one.name}", scalar, field)) for one in members(dtype)]
        return f"struct<{','.join(parts)}>"
    return scalar(dtype, path)


def members(dtype: pa.DataType) -> Iterator[pa.Field]:
    """The fields of a struct."""
    return (dtype.field(at) for at in range(dtype.num_fields))


def is_list(dtype: Any) -> bool:
    """Whether it is a list of any layout."""
    import pyarrow as pa

    return bool(pa.types.is_list(dtype) or pa.types.is_large_list(dtype) or pa.types.is_fixed_size_list(dtype))


def is_nested(dtype: Any) -> bool:
    """Whether it holds others."""
    import pyarrow as pa

    return bool(pa.types.is_map(dtype) or pa.types.is_struct(dtype) or is_list(dtype))


def refuse_type(dtype: Any, path: str, dialect: str) -> NoReturn:
    """Refuses a type, and says which one to take instead."""
    import pyarrow as pa

    name = path.split(".")[0].split("[")[0]
    instead = "utf8"
    if pa.types.is_timestamp(dtype):
        hint = 'time_unit="us" gives times that it reads'
    elif pa.types.is_null(dtype):
        hint = "no value was seen, so it has no type: give one with `types`, or leave the column out with `columns`"
    else:
        if pa.types.is_integer(dtype):
            instead = {"int8": "int16", "uint8": "int16", "uint16": "int32"}.get(
                str(dtype), "int64" if str(dtype) == "uint32" else "decimal(20,0)"
            )
        elif pa.types.is_float16(dtype):
            instead = "float32"
        elif pa.types.is_decimal(dtype):
            instead = "float64"
        hint = f'types={{"{visible(name)}": "{instead}"}} gives a column that it takes'
    refuse(f'column "{visible(path)}": {dialect} does not take type {dtype} from Parquet', hint)
