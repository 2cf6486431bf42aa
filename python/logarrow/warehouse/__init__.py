"""Tables of warehouses over the Parquet files of a scan, all from its one schema.

`Scan.ddl` is the usual door. A warehouse's own rules stand in the file of its dialect: `redshift` (Spectrum too), `hive`,
`athena`, `glue`, `spark`. Names are always quoted, and what a warehouse could not load is refused before it is written.

>>> import logarrow as la
>>> log = b'192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512\\n'
>>> scan = la.scan(log, format="apache.common", columns=["time", "path", "status"])
>>> print(scan.ddl("redshift", "public.web", location="s3://b/web/manifest.json", lengths=measure(scan)), end="")
CREATE TABLE IF NOT EXISTS "public"."web" (
  "time" TIMESTAMP,
  "path" VARCHAR(16),
  "status" SMALLINT
);
<BLANKLINE>
COPY "public"."web"
FROM 's3://b/web/manifest.json'
IAM_ROLE default
FORMAT AS PARQUET MANIFEST;
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._options import check_names
from . import athena, glue, hive, redshift, spark
from ._measure import Lengths, measure
from ._table import TableName, make_table
from .manifest import manifest
from .partitions import add_partitions

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DIALECTS", "Lengths", "add_partitions", "ddl", "manifest", "measure"]

_CALLS: dict[str, Callable[..., str]] = {
    "athena": athena.ddl,
    "glue": glue.ddl,
    "hive": hive.ddl,
    "redshift": redshift.ddl,
    "spark": spark.ddl,
    "spectrum": redshift.external_table,
}
#: The dialects there are.
DIALECTS = tuple(_CALLS)


def ddl(
    schema: pa.Schema,
    dialect: str,
    table: TableName,
    *,
    location: str | None = None,
    partition_by: Sequence[str] = (),
    docs: Mapping[str, str | None] | None = None,
    **options: Any,
) -> str:
    """The statements that make a table of Parquet files with this schema; of Glue, the JSON of its API.

    `location` is where the files are, `partition_by` the columns that are in the names of directories, `docs` what columns
    mean. Options: `lengths`, `iam_role`, `sort_by` (Redshift), `lengths` (Spectrum), `projection` (Athena, Glue).

    **Errors**: `SchemaError` for columns that the warehouse cannot take, with what to do; `ValueError`, `TypeError`
    for arguments.
    """
    if dialect not in _CALLS:
        near = difflib.get_close_matches(str(dialect), DIALECTS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(DIALECTS)}"
        raise ValueError(f"there is no dialect {dialect!r}\nhint: {hint}")
    call = _CALLS[dialect]
    check_names(options, redshift.options_of(call), f"ddl({dialect!r})")
    return call(make_table(schema, table, location, partition_by, docs or {}), **options)
