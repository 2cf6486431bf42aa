"""What the families share."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: What tells the year of times without one: the day after that of the logs.
REFERENCE_TIME = datetime.datetime(2026, 3, 6, tzinfo=datetime.timezone.utc)


@dataclass(frozen=True)
class Family:
    """One kind of log, and who reads it how."""

    name: str
    #: What the generator calls it.
    log_format: str
    #: Columns whose cells are compared; of two ways those that both have.
    checked: tuple[str, ...]
    #: The wanted ratio to the best peer, by user time.
    wanted: float
    ways: dict[str, Callable[[str], Any]] = field(repr=False)
    #: The column that the generator counts, and the one it sums (texts by their length in bytes).
    counted: str | None = None
    summed: str | None = None
    #: Only lines that a plain pattern matches, so that every way gives the same rows.
    plain: bool = False
    #: Ways that do other work, timed for what they show and not taken for the best peer.
    beside: tuple[str, ...] = ()


def polars_lines(path: str):
    """The lines of a file as a lazy frame with one column, `line`."""
    import polars as pl

    return pl.scan_csv(
        path, separator="\x01", quote_char=None, has_header=False, schema={"line": pl.String}, encoding="utf8-lossy"
    )


def duckdb_query(query: str):
    """The result of a query on one thread, as an Arrow table."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    connection.sql("SET TimeZone = 'UTC'")
    return connection.sql(query).to_arrow_table()


def duckdb_lines(path: str) -> str:
    """The lines of a file as a table of one column, `line`."""
    return (
        f"read_csv({path!r}, delim='\x01', quote='', escape='', header=false, columns={{'line': 'VARCHAR'}}, "
        "auto_detect=false, strict_mode=false)"
    )


def sql_text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def chdb_query(query: str, **settings):
    """The result of a query on one thread, as an Arrow table."""
    import chdb

    spelled = ", ".join(f"{name}={value}" for name, value in {"max_threads": 1, **settings}.items())
    return chdb.query(f"{query} SETTINGS {spelled}", "ArrowTable")


def logarrow(path: str, fmt, **options):
    """All rows as one table, on one thread."""
    import logarrow as la

    return la.read(path, fmt, threads=1, **options)
