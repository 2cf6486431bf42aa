"""What Python's `json` makes of a log: the values that every way must give."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc
from cells import leaves

from .tasks import Task


def read(task: Task, paths: list[str]) -> pa.Table:
    """All records, whatever rows the task wants. Times are texts; JSON texts are spelled in one way."""
    rows = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            if task.records:
                rows += json.load(file)[task.records]
            else:
                rows += map(json.loads, file)
    for name in task.texts:
        for row in rows:
            row[name] = _spelled(row.get(name))
    return pa.Table.from_pylist(rows, pa.schema([_untimed(field) for field in task.schema]))


def _untimed(field: pa.Field) -> pa.Field:
    return pa.field(field.name, _untimed_type(field.type))


def _untimed_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(kind):
        return pa.struct([_untimed(field) for field in kind])
    if pa.types.is_list(kind):
        return pa.list_(_untimed_type(kind.value_type))
    return pa.string() if pa.types.is_timestamp(kind) else kind


def _spelled(value) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True)


def wanted(task: Task, table: pa.Table) -> pa.Table:
    """The rows and columns that the task wants."""
    return table.filter(pc.field("level") == task.level) if task.level else table


def cells(task: Task, table: pa.Table) -> dict:
    """The cells of what a way gave, to be held against those that are expected."""
    found = leaves(table)
    for name in task.texts:
        if name in found:
            texts = found[name].to_pylist()
            found[name] = pa.array([text and _spelled(json.loads(text)) for text in texts], pa.string())
    return found
