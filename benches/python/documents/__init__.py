"""The JSON logs, and for each the ways to read it, written as their experts would write them.

`tasks.py` says what is read, `frames.py` and `sql.py` who reads it how. A way takes a task and the paths of its files and
gives a table of the task's columns, materialised, on one thread.
"""

from __future__ import annotations

from . import frames, sql
from .tasks import TASKS, Task

#: Ours first: the others' cells are those of Python's `json`, and so are ours.
WAYS = {
    "logarrow": frames.logarrow,
    "polars": frames.polars,
    "polars decode": frames.polars_decode,
    "pyarrow": frames.pyarrow,
    "datafusion": frames.datafusion,
    "duckdb": sql.duckdb,
    "chdb": sql.chdb,
}

__all__ = ["TASKS", "WAYS", "Task"]
