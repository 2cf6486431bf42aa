"""The databases: duckdb and chdb. Both read objects as JSON text where a column is text.

chdb has no null lists: it gives empty ones, which count as other cells.
"""

from __future__ import annotations

import json
import os

import pyarrow as pa
from families.common import chdb_query, duckdb_query, sql_text

from .tasks import Task


def duckdb(task: Task, paths: list[str]):
    files = "[" + ", ".join(sql_text(path) for path in paths) + "]"
    if task.records:
        # Six times as quick as naming the member's type to read_json.
        shape = json.dumps([_duckdb_shape(pa.struct(list(task.schema)), task.texts)])
        records = f"from_json(json -> {sql_text(task.records)}, {sql_text(shape)})"
        reader = f"read_json_objects({files}, format = 'newline_delimited')"
        return duckdb_query(f"SELECT unnest({records}, max_depth := 2) FROM {reader}")
    columns = {field.name: _duckdb_type(field.type) for field in task.schema}
    spelled = ", ".join(f"{_quoted(name)}: {sql_text(kind)}" for name, kind in columns.items())
    reader = f"read_json({files}, format = 'newline_delimited', columns = {{{spelled}}})"
    where = f" WHERE level = {sql_text(task.level)}" if task.level else ""
    return duckdb_query(f"SELECT * FROM {reader}{where}")


def _quoted(name: str) -> str:
    return f'"{name}"'


def _duckdb_shape(kind: pa.DataType, texts: tuple[str, ...] = ()):
    """A type as from_json takes it."""
    if pa.types.is_struct(kind):
        return {field.name: "JSON" if field.name in texts else _duckdb_shape(field.type) for field in kind}
    return [_duckdb_shape(kind.value_type)] if pa.types.is_list(kind) else _duckdb_type(kind)


def _duckdb_type(kind: pa.DataType) -> str:
    if pa.types.is_struct(kind):
        return "STRUCT(" + ", ".join(f"{_quoted(field.name)} {_duckdb_type(field.type)}" for field in kind) + ")"
    if pa.types.is_list(kind):
        return _duckdb_type(kind.value_type) + "[]"
    kinds = {pa.int64(): "BIGINT", pa.int16(): "SMALLINT", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN"}
    return kinds.get(kind, "TIMESTAMPTZ" if pa.types.is_timestamp(kind) else "VARCHAR")


def chdb(task: Task, paths: list[str]):
    columns = {field.name: _chdb_type(field.type) for field in task.schema}
    names = ", ".join(f"r.{name} AS {name}" for name in columns)
    if task.records:
        columns = {task.records: f"Array(Tuple({', '.join(f'{name} {kind}' for name, kind in columns.items())}))"}
    structure = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    folder, many = os.path.dirname(paths[0]), ",".join(os.path.basename(path) for path in paths)
    files = f"{folder}/{{{many}}}" if len(paths) > 1 else paths[0]
    source = f"file({sql_text(files)}, 'JSONEachRow', {sql_text(structure)})"
    select = f"SELECT * FROM {source}"
    if task.records:
        select = f"SELECT {names} FROM (SELECT arrayJoin({task.records}) AS r FROM {source})"
    elif task.level:
        select += f" WHERE level = {sql_text(task.level)}"
    return chdb_query(select, date_time_input_format="'best_effort'")


def _chdb_type(kind: pa.DataType) -> str:
    if pa.types.is_struct(kind):
        return "Tuple(" + ", ".join(f"{field.name} {_chdb_type(field.type)}" for field in kind) + ")"
    if pa.types.is_list(kind):
        return f"Array({_chdb_type(kind.value_type)})"
    kinds = {pa.int64(): "Int64", pa.int16(): "Int16", pa.float64(): "Float64", pa.bool_(): "Bool"}
    name = kinds.get(kind, "DateTime64(6, 'UTC')" if pa.types.is_timestamp(kind) else "String")
    return f"Nullable({name})"
