"""Amazon Athena: `CREATE EXTERNAL TABLE`, with partitions that need no catalogue entries where their values are known.

**Source**: "CREATE TABLE", "Name databases, tables, and columns" and "Partition projection", Amazon Athena User Guide.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from . import hive
from ._table import Column, Table, refuse

#: What is looked for when no range is given: all days since the year 2000.
_ALL_DAYS = ("2000-01-01", "NOW+1DAYS")
_NAME = re.compile(r"\w+", re.ASCII)
#: A range's end: a day, or a time that moves with the clock.
_DAY = re.compile(r"\d{4}-\d\d-\d\d|NOW(?:[+-]\d+(?:YEAR|MONTH|WEEK|DAY)S?)?")


def ddl(table: Table, *, projection: Mapping[str, Any] | None = None) -> str:
    """`CREATE EXTERNAL TABLE`. Where all partitions are dates, or have a `projection`, their values are computed by Athena
    and never entered; else the statement that finds those there are follows.

    A `projection` gives a column's values: `("2024-01-01", "NOW")` for dates, `(0, 23)` for whole numbers, a list of
    texts, or `"injected"` for a column that every query names a value of.

    >>> import pyarrow as pa
    >>> from logarrow.warehouse import ddl
    >>> schema = pa.schema([("status", pa.int16()), ("dt", pa.date32())])
    >>> print(ddl(schema, "athena", "web", location="s3://b/web", partition_by=["dt"]).split("TBLPROPERTIES ")[1], end="")
    (
      'projection.enabled' = 'true',
      'projection.dt.type' = 'date',
      'projection.dt.format' = 'yyyy-MM-dd',
      'projection.dt.range' = '2000-01-01,NOW+1DAYS',
      'projection.dt.interval' = '1',
      'projection.dt.interval.unit' = 'DAYS',
      'storage.location.template' = 's3://b/web/dt=${dt}/'
    );
    """
    check_names(table)
    properties = project(table, projection or {})
    out = hive.external_table(table, properties, "Athena")
    return out + (hive.repair(table) if table.partitions and not properties else "")


def check_names(table: Table) -> None:
    """Refuses what Athena and Glue cannot name: they know letters, digits and underscores.

    **Errors**: `SchemaError`, `ValueError` for a location that is not on S3.
    """
    for name in (*table.name, *(column.name for column in (*table.columns, *table.partitions))):
        if not _NAME.fullmatch(name):
            refuse(f'Athena takes letters, digits and _ in names, not "{name}"', "derive it under another name")
    if not table.folder().startswith("s3://"):
        raise ValueError(f"Athena reads s3:// locations, not {table.location!r}")


def project(table: Table, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The table properties of partition projection; none if it is not known for each partition column.

    **Errors**: `ValueError` for values that do not suit the column's type, or columns that are no partitions.
    """
    import pyarrow as pa

    names = [column.name for column in table.partitions]
    for name in given:
        if name not in names:
            raise ValueError(f"'projection' is for partition columns, and {name!r} is none")
    known = [column.name in given or pa.types.is_date(column.dtype) for column in table.partitions]
    if not table.partitions or not all(known):
        if given:
            missing = names[known.index(False)]
            raise ValueError(
                f"'projection' needs the values of all partition columns; {missing!r} has none\nhint: 'injected' leaves it to each query"
            )
        return []
    out = [("projection.enabled", "true")]
    for column in table.partitions:
        out += [(f"projection.{column.name}.{key}", value) for key, value in _column(column, given.get(column.name))]
    folders = "".join(f"{name}=${{{name}}}/" for name in names)
    return [*out, ("storage.location.template", table.folder() + folders)]


def _column(column: Column, values: Any) -> list[tuple[str, str]]:
    import pyarrow as pa

    if values == "injected":
        return [("type", "injected")]
    if pa.types.is_date(column.dtype):
        first, last = (str(one) for one in _pair(column, _ALL_DAYS if values is None else values, (str, dt.date)))
        for day in (first, last):
            if not _DAY.fullmatch(day):
                raise ValueError(
                    f"projection of {column.name!r}: {day!r} is no day\nhint: write 2024-01-31, NOW or NOW-2YEARS"
                )
        days = [("range", f"{first},{last}"), ("interval", "1"), ("interval.unit", "DAYS")]
        return [("type", "date"), ("format", "yyyy-MM-dd"), *days]
    if pa.types.is_integer(column.dtype):
        first, last = _pair(column, values, (int,))
        return [("type", "integer"), ("range", f"{first},{last}")]
    if (
        isinstance(values, str)
        or not values
        or not all(isinstance(one, str) and one and "," not in one for one in values)
    ):
        raise ValueError(f"projection of {column.name!r} takes a list of texts without commas, not {values!r}")
    return [("type", "enum"), ("values", ",".join(values))]


def _pair(column: Column, values: Any, kinds: tuple[type, ...]) -> tuple[Any, Any]:
    if isinstance(values, str) or len(values) != 2 or not all(isinstance(one, kinds) for one in values):
        raise ValueError(f"projection of {column.name!r} takes the first and the last value, not {values!r}")
    return values[0], values[1]
