"""Those that give frames or tables: logarrow, polars, pyarrow, datafusion."""

from __future__ import annotations

from .tasks import Task


def logarrow(task: Task, paths: list[str]):
    import logarrow as la

    types = {field.name: "json" if field.name in task.texts else _type(field.type) for field in task.schema}
    fmt = la.Format.json(types, records=task.records or None)
    options = {"where": f"level = '{task.level}'"} if task.level else {}
    return la.read(paths, fmt, threads=1, **options)


def _type(kind) -> str:
    """A type as `Format.json` takes it."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return "struct<" + ", ".join(f"{field.name}: {_type(field.type)}" for field in kind) + ">"
    if pa.types.is_list(kind):
        return f"list<{_type(kind.value_type)}>"
    names = {pa.int64(): "int64", pa.int16(): "int16", pa.float64(): "float64", pa.bool_(): "bool"}
    return names.get(kind, "timestamp" if pa.types.is_timestamp(kind) else "utf8")


def polars(task: Task, paths: list[str]):
    import polars as pl

    return _polars_rows(pl.scan_ndjson(paths, schema=_polars_schema(task, task.schema)), task)


def polars_decode(task: Task, paths: list[str]):
    """Lines as texts, decoded: where there are lists of structs, several times as quick as the reader for JSON lines."""
    import polars as pl

    lines = pl.scan_csv(paths, separator="\x01", quote_char=None, has_header=False, schema={"line": pl.String})
    record = pl.col("line").str.json_decode(pl.Struct(_polars_schema(task, task.without_texts())))
    return _polars_rows(lines.select(record).unnest("line"), task)


def _polars_schema(task: Task, schema):
    import polars as pl

    columns = {field.name: _polars_type(field.type) for field in schema}
    return {task.records: pl.List(pl.Struct(columns))} if task.records else columns


def _polars_rows(lazy, task: Task):
    """The rows that are wanted, materialised."""
    import polars as pl

    if task.records:
        lazy = lazy.select(pl.col(task.records).explode()).unnest(task.records)
    if task.level:
        lazy = lazy.filter(pl.col("level") == task.level)
    return _polars_times(lazy, task).collect()


def _polars_type(kind):
    import polars as pl
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return pl.Struct({field.name: _polars_type(field.type) for field in kind})
    if pa.types.is_list(kind):
        return pl.List(_polars_type(kind.value_type))
    # Times are read as texts (see `_polars_times`), and so are objects that a text is wanted of.
    kinds = {pa.int64(): pl.Int64, pa.int16(): pl.Int16, pa.float64(): pl.Float64, pa.bool_(): pl.Boolean}
    return kinds.get(kind, pl.String)


def _polars_times(lazy, task: Task):
    """Times from texts by a pattern, which is quicker than what the reader does itself."""
    import polars as pl
    import pyarrow as pa

    def parsed(column):
        return column.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC")

    times = [field.name for field in task.schema if pa.types.is_timestamp(field.type)]
    lazy = lazy.with_columns(parsed(pl.col(name)).alias(name) for name in times)
    if task.records:
        context = pl.col("userIdentity").struct.field("sessionContext")
        created = parsed(context.struct.field("attributes").struct.field("creationDate"))
        attributes = context.struct.field("attributes").struct.with_fields(created.alias("creationDate"))
        context = context.struct.with_fields(attributes.alias("attributes"))
        lazy = lazy.with_columns(pl.col("userIdentity").struct.with_fields(context.alias("sessionContext")))
    return lazy


def pyarrow(task: Task, paths: list[str]):
    import os

    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import json

    schema = task.without_texts()
    block_size = 4 << 20
    if task.records:
        schema = pa.schema([(task.records, pa.list_(pa.struct(list(schema))))])
        # A block holds a whole line.
        block_size = max(os.path.getsize(path) for path in paths) + 1
    tables = [
        json.read_json(
            path,
            json.ReadOptions(use_threads=False, block_size=block_size),
            json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
        )
        for path in paths
    ]
    table = pa.concat_tables(tables)
    if task.records:
        chunks = [pa.RecordBatch.from_struct_array(pc.list_flatten(chunk)) for chunk in table[task.records].chunks]
        table = pa.Table.from_batches(chunks)
    return table.filter(pc.field("level") == task.level) if task.level else table


def datafusion(task: Task, paths: list[str]):
    import os

    import pyarrow as pa
    from datafusion import SessionConfig, SessionContext

    schema = task.without_texts()
    if task.records:
        schema = pa.schema([(task.records, pa.list_(pa.struct(list(schema))))])
    context = SessionContext(SessionConfig().with_target_partitions(1).with_batch_size(8192))
    extension = ".json.gz" if task.gzip else ".json"
    context.register_json(
        "log",
        os.path.dirname(paths[0]) if len(paths) > 1 else paths[0],
        schema=schema,
        file_extension=extension,
        file_compression_type="gzip" if task.gzip else None,
    )
    query = "SELECT * FROM log"
    if task.records:
        query = f'SELECT unnest(r) FROM (SELECT unnest("{task.records}") AS r FROM log)'
    elif task.level:
        query += f" WHERE level = '{task.level}'"
    table = context.sql(query).to_arrow_table()
    if task.records:
        table = table.rename_columns([name.rpartition(".")[2] for name in table.column_names])
    return table
