"""Hive: `CREATE EXTERNAL TABLE` over Parquet, and what its relatives share with it.

**Source**: "LanguageManual DDL", Apache Hive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._table import Column, Table, check_name, hive_text, is_nested, refuse, refuse_type, type_name

if TYPE_CHECKING:
    import pyarrow as pa

#: What the metastore keeps its lists of columns with, and what ends a name in a type.
ODD = "`,:;"

_SCALARS = {
    "bool": "boolean",
    "int8": "tinyint",
    "int16": "smallint",
    "int32": "int",
    "int64": "bigint",
    "float": "float",
    "double": "double",
    "string": "string",
    "large_string": "string",
    "string_view": "string",
    "binary": "binary",
    "large_binary": "binary",
    "binary_view": "binary",
    "date32[day]": "date",
}


def ddl(table: Table) -> str:
    """`CREATE EXTERNAL TABLE`; of a partitioned one also the statement that finds the partitions there are.

    >>> import pyarrow as pa
    >>> from logarrow.warehouse import ddl
    >>> schema = pa.schema([("status", pa.int16()), ("dt", pa.date32())])
    >>> print(ddl(schema, "hive", "logs.web", location="hdfs://nn/web", partition_by=["dt"]), end="")
    CREATE EXTERNAL TABLE IF NOT EXISTS `logs`.`web` (
      `status` smallint
    )
    PARTITIONED BY (
      `dt` date
    )
    STORED AS PARQUET
    LOCATION 'hdfs://nn/web/';
    MSCK REPAIR TABLE `logs`.`web`;
    """
    return external_table(table, [], "Hive") + (repair(table) if table.partitions else "")


def external_table(table: Table, properties: list[tuple[str, str]], dialect: str) -> str:
    """The statement in Hive's language, which Athena speaks too."""
    columns = [(column, column_type(column, dialect)) for column in table.columns]
    out = f"CREATE EXTERNAL TABLE IF NOT EXISTS {table_name(table)} (\n{column_lines(columns)}\n)\n"
    if table.partitions:
        keys = [(column, partition_type(column, dialect)) for column in table.partitions]
        out += f"PARTITIONED BY (\n{column_lines(keys)}\n)\n"
    out += f"STORED AS PARQUET\nLOCATION {hive_text(table.folder())}"
    if properties:
        pairs = ",\n".join(f"  {hive_text(key)} = {hive_text(value)}" for key, value in properties)
        out += f"\nTBLPROPERTIES (\n{pairs}\n)"
    return out + ";\n"


def repair(table: Table) -> str:
    """The statement that enters the directories there are as partitions."""
    return f"MSCK REPAIR TABLE {table_name(table)};\n"


def quote(name: str, what: str = "column") -> str:
    """A name in backticks."""
    check_name(name, what, ODD)
    return f"`{name}`"


def table_name(table: Table) -> str:
    """The name of a table, its parts in backticks."""
    return ".".join(quote(part, "table") for part in table.name)


def column_type(column: Column, dialect: str) -> str:
    """The type of a column, in lower case as the metastore has it.

    **Errors**: `SchemaError` for types that are not read from Parquet.
    """
    return type_name(
        column.dtype,
        column.name,
        lambda dtype, path: _scalar(dtype, path, dialect),
        lambda name, kind: f"{_member(name)}:{kind}",
    )


def partition_type(column: Column, dialect: str) -> str:
    """The type of a partition column, whose values are texts in the names of directories."""
    if is_nested(column.dtype) or str(column.dtype) in ("binary", "float", "double"):
        refuse(
            f'column "{column.name}": {dialect} does not partition by type {column.dtype}',
            "derive a date or a text from it",
        )
    return column_type(column, dialect)


def column_lines(columns: list[tuple[Column, str]]) -> str:
    """Columns and their types, one a line, with what they mean."""
    return ",\n".join(
        f"  {quote(column.name)} {kind}" + (f" COMMENT {hive_text(column.doc)}" if column.doc else "")
        for column, kind in columns
    )


def _member(name: str) -> str:
    check_name(name, "member", ODD + "<>")
    return name if name.isidentifier() and name.isascii() else f"`{name}`"


def _scalar(dtype: pa.DataType, path: str, dialect: str) -> str:
    import pyarrow as pa

    if (name := _SCALARS.get(str(dtype))) is not None:
        return name
    if pa.types.is_decimal128(dtype) and 0 <= dtype.scale <= dtype.precision:
        return f"decimal({dtype.precision},{dtype.scale})"
    if pa.types.is_timestamp(dtype) and dtype.unit in ("ms", "us"):
        return "timestamp"
    refuse_type(dtype, path, dialect)
