"""AWS Glue Data Catalog: the table as the API takes it, for `aws glue create-table --table-input file://table.json`.

**Source**: "TableInput structure", AWS Glue Web API Reference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import athena, hive
from ._table import Column, Table

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
#: Characters of a comment.
_LONGEST_COMMENT = 255


def ddl(table: Table, *, projection: Mapping[str, Any] | None = None) -> str:
    """The table as JSON; its partitions are as in `athena`.

    >>> import json
    >>> import pyarrow as pa
    >>> from logarrow.warehouse import ddl
    >>> told = json.loads(ddl(pa.schema([("status", pa.int16())]), "glue", "logs.web", location="s3://b/web"))
    >>> told["Name"], told["StorageDescriptor"]["Columns"]
    ('web', [{'Name': 'status', 'Type': 'smallint'}])
    """
    athena.check_names(table)
    properties = dict(athena.project(table, projection or {}))
    told = {
        "Name": table.name[-1].lower(),
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "classification": "parquet", **properties},
        "PartitionKeys": [_column(column, hive.partition_type(column, "Glue")) for column in table.partitions],
        "StorageDescriptor": {
            "Columns": [_column(column, hive.column_type(column, "Glue")) for column in table.columns],
            "Location": table.folder(),
            "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe",
                "Parameters": {"serialization.format": "1"},
            },
        },
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _column(column: Column, kind: str) -> dict[str, str]:
    out = {"Name": column.name, "Type": kind}
    if column.doc:
        out["Comment"] = column.doc[:_LONGEST_COMMENT]
    return out
