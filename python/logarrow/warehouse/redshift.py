"""Amazon Redshift: `CREATE TABLE`, `COPY` from Parquet, and external tables of Spectrum.

COPY takes columns by position, and what it cannot take it refuses row by row in the middle of a load; all that is
refused here before anything is written. Times are TIMESTAMP in UTC, as COPY reads no zone from Parquet.

A VARCHAR is measured in bytes, and COPY fails on one that is longer. Its width is the smallest power of two that holds
twice the longest value seen, if all data were seen; four times that of a sample, and at least 256; 65535, the
most there is, if nothing was seen.

**Source**: "COPY from columnar data formats" and "CREATE EXTERNAL TABLE", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._measure import Lengths
from ._table import Column, Table, check_name, is_nested, members, redshift_text, refuse, refuse_type, type_name

if TYPE_CHECKING:
    import pyarrow as pa

#: Bytes of the widest VARCHAR, and of the longest name.
WIDEST, _LONGEST_NAME = 65_535, 127
_LEAST, _LEAST_OF_SAMPLE = 16, 256
_MOST_COLUMNS = 1_600


def ddl(
    table: Table,
    *,
    lengths: Mapping[str, int] | None = None,
    iam_role: str | None = None,
    sort_by: Sequence[str] = (),
) -> str:
    """`CREATE TABLE`, and `COPY` if there is a location: a manifest (a name that ends in `.json` or `manifest`), a file, or a
    directory, all of whose files COPY then loads.

    **Errors**: `SchemaError` for what COPY cannot load.
    """
    if table.partitions:
        refuse(
            f'column "{table.partitions[0].name}": COPY reads no columns from the names of directories',
            "write without partition_by for Redshift, or make a Spectrum table of it (dialect 'spectrum')",
        )
    statements = [create_table(table, lengths=lengths, sort_by=sort_by)]
    if table.location is not None:
        statements.append(copy(table, iam_role=iam_role))
    return "\n".join(statements)


def create_table(table: Table, *, lengths: Mapping[str, int] | None = None, sort_by: Sequence[str] = ()) -> str:
    """`CREATE TABLE IF NOT EXISTS`, nested columns as SUPER."""
    if len(table.columns) > _MOST_COLUMNS:
        refuse(
            f"{len(table.columns):,} columns, and Redshift takes {_MOST_COLUMNS:,}", "name those needed with `columns`"
        )
    lines = [f"  {quote(column.name)} {_column_type(column, lengths)}" for column in table.columns]
    out = f"CREATE TABLE IF NOT EXISTS {_table_name(table)} (\n" + ",\n".join(lines) + "\n)"
    if sort_by:
        names = [column.name for column in table.columns]
        for name in sort_by:
            if name not in names:
                refuse(f'there is no column "{name}" to sort by', f"there are {', '.join(names)}")
        out += f"\nSORTKEY ({', '.join(map(quote, sort_by))})"
    return out + ";\n"


def copy(table: Table, *, iam_role: str | None = None) -> str:
    """`COPY` of Parquet files; without a role it is the cluster's default one."""
    location = table.location or ""
    if not location.startswith("s3://"):
        raise ValueError(f"COPY reads s3:// locations, not {location!r}")
    role = "default" if iam_role in (None, "default") else redshift_text(str(iam_role))
    parts = ["FORMAT AS PARQUET"]
    if any(is_nested(column.dtype) for column in table.columns):
        parts.append("SERIALIZETOJSON")
    if location.endswith((".json", "manifest")):
        parts.append("MANIFEST")
    elif not location.endswith(".parquet"):
        # As a bare prefix, web would match web2/ too.
        location = table.folder()
    return f"COPY {_table_name(table)}\nFROM {redshift_text(location)}\nIAM_ROLE {role}\n{' '.join(parts)};\n"


def external_table(table: Table, *, lengths: Mapping[str, int] | None = None) -> str:
    """`CREATE EXTERNAL TABLE` for Redshift Spectrum; partitions are known to it once `ALTER TABLE` adds them.

    >>> import pyarrow as pa
    >>> from logarrow.warehouse import ddl
    >>> schema = pa.schema([("status", pa.int16()), ("dt", pa.date32())])
    >>> print(ddl(schema, "spectrum", "logs.web", location="s3://b/web/", partition_by=["dt"]), end="")
    CREATE EXTERNAL TABLE "logs"."web" (
      "status" SMALLINT
    )
    PARTITIONED BY ("dt" DATE)
    STORED AS PARQUET
    LOCATION 's3://b/web/';
    """
    if len(table.name) < 2:
        raise ValueError("an external table stands in an external schema\nhint: write its name as schema.table")
    lines = [f"  {quote(column.name)} {_external_type(column, lengths)}" for column in table.columns]
    keys = [f"{quote(column.name)} {_external_type(column, lengths)}" for column in table.partitions]
    out = f"CREATE EXTERNAL TABLE {_table_name(table)} (\n" + ",\n".join(lines) + "\n)\n"
    if keys:
        out += f"PARTITIONED BY ({', '.join(keys)})\n"
    return out + f"STORED AS PARQUET\nLOCATION {redshift_text(table.folder())};\n"


def quote(name: str) -> str:
    """A name in double quotes, so that no word of it is SQL.

    >>> print(quote('select "x"'))
    "select ""x\"""
    """
    check_name(name, "column", longest=_LONGEST_NAME)
    return '"' + name.replace('"', '""') + '"'


def _table_name(table: Table) -> str:
    return ".".join(map(quote, table.name))


def _column_type(column: Column, lengths: Mapping[str, int] | None) -> str:
    if is_nested(column.dtype):
        _check_super(column.dtype, column.name)
        return "SUPER"
    return _scalar(column.dtype, column.name, _width(column.name, lengths))


def _check_super(dtype: pa.DataType, path: str) -> None:
    """Refuses what a SUPER cannot be read from."""
    import pyarrow as pa

    if pa.types.is_map(dtype):
        inside = [("key", dtype.key_type), ("value", dtype.item_type)]
    elif pa.types.is_struct(dtype):
        inside = [(one.name, one.type) for one in members(dtype)]
    elif is_nested(dtype):
        inside = [("[]", dtype.value_type)]
    else:
        _scalar(dtype, path, WIDEST)
        return
    for name, one in inside:
        _check_super(one, f"{path}.{name}")


def _external_type(column: Column, lengths: Mapping[str, int] | None) -> str:
    width = _width(column.name, lengths)
    return type_name(
        column.dtype,
        column.name,
        lambda dtype, path: _scalar(dtype, path, width if path == column.name else WIDEST),
        lambda name, kind: f"{quote(name) if not name.isidentifier() else name}:{kind}",
    )


def _scalar(dtype: pa.DataType, path: str, width: int) -> str:
    import pyarrow as pa

    known = {
        "bool": "BOOLEAN",
        "int16": "SMALLINT",
        "int32": "INTEGER",
        "int64": "BIGINT",
        "float": "REAL",
        "double": "DOUBLE PRECISION",
        "date32[day]": "DATE",
    }
    if (name := known.get(str(dtype))) is not None:
        return name
    if str(dtype) in ("string", "large_string", "string_view"):
        return f"VARCHAR({width})"
    if pa.types.is_decimal128(dtype) and 0 <= dtype.scale <= dtype.precision:
        return f"DECIMAL({dtype.precision},{dtype.scale})"
    if pa.types.is_timestamp(dtype) and dtype.unit in ("ms", "us"):
        return "TIMESTAMP"
    refuse_type(dtype, path, "Redshift")


def _width(name: str, lengths: Mapping[str, int] | None) -> int:
    """Bytes of a VARCHAR; see the top of this page."""
    if not lengths or (longest := lengths.get(name)) is None:
        return WIDEST
    if longest > WIDEST:
        refuse(
            f'column "{name}": a value of {longest:,} bytes, and a VARCHAR holds {WIDEST:,}',
            f'types={{"{name}": "varchar(16383)"}} cuts it at so many characters, or leave the column out with `columns`',
        )
    is_sample = isinstance(lengths, Lengths) and not lengths.complete
    room, least = (4 * longest, _LEAST_OF_SAMPLE) if is_sample else (2 * longest, _LEAST)
    return min(max(1 << max(room - 1, 0).bit_length(), least), WIDEST)


def options_of(call: Any) -> tuple[str, ...]:
    """The names of the keyword options of a dialect's function."""
    import inspect

    kinds = inspect.signature(call).parameters.values()
    return tuple(one.name for one in kinds if one.kind is inspect.Parameter.KEYWORD_ONLY)
