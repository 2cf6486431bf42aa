"""Spark SQL: `CREATE TABLE ... USING PARQUET` over files that are there.

**Source**: "CREATE DATASOURCE TABLE", Apache Spark SQL reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hive
from ._table import Column, Table, check_name, hive_text, type_name

if TYPE_CHECKING:
    import pyarrow as pa


def ddl(table: Table) -> str:
    """`CREATE TABLE`; of a partitioned one also the statement that finds the partitions there are.

    >>> import pyarrow as pa
    >>> from logarrow.warehouse import ddl
    >>> schema = pa.schema([("time", pa.timestamp("us", "UTC")), ("dt", pa.date32())])
    >>> print(ddl(schema, "spark", "logs.web", location="s3://b/web", partition_by=["dt"]), end="")
    CREATE TABLE IF NOT EXISTS `logs`.`web` (
      `time` TIMESTAMP,
      `dt` DATE
    )
    USING PARQUET
    PARTITIONED BY (`dt`)
    LOCATION 's3://b/web/';
    MSCK REPAIR TABLE `logs`.`web`;
    """
    for column in table.partitions:
        hive.partition_type(column, "Spark")
    columns = [(column, _type(column)) for column in (*table.columns, *table.partitions)]
    out = f"CREATE TABLE IF NOT EXISTS {hive.table_name(table)} (\n{hive.column_lines(columns)}\n)\nUSING PARQUET\n"
    if table.partitions:
        out += f"PARTITIONED BY ({', '.join(hive.quote(column.name) for column in table.partitions)})\n"
    out += f"LOCATION {hive_text(table.folder())};\n"
    return out + (hive.repair(table) if table.partitions else "")


def _type(column: Column) -> str:
    return type_name(column.dtype, column.name, _scalar, lambda name, kind: f"{_member(name)}: {kind}")


def _member(name: str) -> str:
    check_name(name, "member", hive.ODD)
    return f"`{name}`"


def _scalar(dtype: pa.DataType, path: str) -> str:
    import pyarrow as pa

    if pa.types.is_timestamp(dtype) and dtype.tz is None and dtype.unit in ("ms", "us"):
        return "TIMESTAMP_NTZ"
    return hive.column_type(Column(path, dtype), "Spark").upper()
