"""Key-value pairs: maps by chDB, dictionaries by Python, one search a key by Polars."""

from __future__ import annotations

import re

from .common import Family, chdb_query, logarrow, polars_lines, sql_text

LOGFMT = [
    "ts",
    "level",
    "caller",
    "msg",
    "method",
    "path",
    "status",
    "bytes",
    "remote",
    "agent",
    "duration",
    "trace_id",
]
LTSV = ["time", "host", "forwardedfor", "req", "status", "size", "referer", "ua", "reqtime", "cache", "vhost"]
_LTSV_TYPES = {"status": "int", "size": "int", "reqtime": "float", "time": "time"}


def _chdb(keys: list[str] | None, settings: str):
    """`extractKeyValuePairs` over lines: the map itself, or its values as columns."""
    columns = (
        "m" if keys is None else ", ".join(f"if(mapContains(m, '{key}'), m['{key}'], NULL) AS `{key}`" for key in keys)
    )

    def read(path):
        lines = f"file({sql_text(path)}, 'LineAsString', 'line String')"
        return chdb_query(f"SELECT {columns} FROM (SELECT {settings} AS m FROM {lines})")

    return read


_LOGFMT_PAIR = re.compile(r'([^ ="]+)=(?:"((?:[^"\\]|\\.)*)"|([^ ]*))')


def _python_logfmt(path):
    import pyarrow as pa

    columns: dict[str, list] = {key: [] for key in LOGFMT}
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = {key: quoted or bare for key, quoted, bare in _LOGFMT_PAIR.findall(line.rstrip("\n"))}
            for key, values in columns.items():
                values.append(row.get(key))
    return pa.table({key: pa.array(values, pa.string()) for key, values in columns.items()})


def _polars_logfmt(path):
    import polars as pl

    quoted = {"msg", "agent"}
    value = {key: r'"((?:[^"\\]|\\.)*)"' if key in quoted else "([^ ]*)" for key in LOGFMT}
    return (
        polars_lines(path)
        .select(pl.col("line").str.extract(rf"(?:^| ){key}={value[key]}").alias(key) for key in LOGFMT)
        .collect()
    )


def _ltsv_typed(columns: dict):
    """Texts to the types that logarrow gives; `-` is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    out = {}
    for name, column in columns.items():
        column = pc.if_else(pc.equal(column, "-"), None, column)
        kind = _LTSV_TYPES.get(name)
        if kind == "time":
            codes = pc.dictionary_encode(column)
            codes = codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes
            stamps = pc.strptime(pc.utf8_slice_codeunits(codes.dictionary, 1, 21), "%d/%b/%Y:%H:%M:%S", "us")
            # One zone, +0900, in all of this log.
            shift = pa.scalar(9 * 3_600_000_000, pa.duration("us"))
            column = pc.subtract(stamps, shift).cast(pa.timestamp("us", "UTC")).take(codes.indices)
        elif kind:
            column = column.cast(pa.int64() if kind == "int" else pa.float64())
        out[name] = column
    return pa.table(out)


def _python_ltsv(path):
    import pyarrow as pa

    columns: dict[str, list] = {key: [] for key in LTSV}
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = dict(part.split(":", 1) for part in line.rstrip("\n").split("\t") if part)
            for key, values in columns.items():
                values.append(row.get(key))
    return _ltsv_typed({key: pa.array(values, pa.string()) for key, values in columns.items()})


def _polars_ltsv(path):
    import polars as pl

    frame = (
        polars_lines(path)
        .select(pl.col("line").str.extract(rf"(?:^|\t){key}:([^\t]*)").alias(key) for key in LTSV)
        .collect()
    )
    time = pl.col("time").str.to_datetime("[%d/%b/%Y:%H:%M:%S %z]", time_unit="us", time_zone="UTC")
    nulled = (pl.when(pl.col(key) != "-").then(pl.col(key)).alias(key) for key in LTSV)
    return frame.with_columns(*nulled).with_columns(
        time, pl.col("status", "size").cast(pl.Int64), pl.col("reqtime").cast(pl.Float64)
    )


def _polars_ltsv_csv(path):
    """Split at tabs, labels cut off: quick, and wrong wherever a label is missing or in another place."""
    import polars as pl

    frame = pl.scan_csv(
        path,
        separator="\t",
        quote_char=None,
        has_header=False,
        schema=dict.fromkeys(LTSV, pl.String),
        truncate_ragged_lines=True,
    ).select(pl.col(key).str.slice(len(key) + 1).alias(key) for key in LTSV)
    time = pl.col("time").str.to_datetime("[%d/%b/%Y:%H:%M:%S %z]", time_unit="us", time_zone="UTC", strict=False)
    nulled = (pl.when(pl.col(key) != "-").then(pl.col(key)).alias(key) for key in LTSV)
    typed = (pl.col("status", "size").cast(pl.Int64, strict=False), pl.col("reqtime").cast(pl.Float64, strict=False))
    return frame.with_columns(*nulled).with_columns(time, *typed).collect()


def _chdb_ltsv(path):
    table = _chdb(LTSV, "extractKeyValuePairs(line, ':', '\\t', '\\0')")(path)
    return _ltsv_typed({name: table[name] for name in LTSV})


FAMILIES = [
    Family(
        "logfmt",
        "logfmt",
        tuple(LOGFMT),
        6,
        {
            "logarrow": lambda path: logarrow(path, "logfmt"),
            "logarrow, map": lambda path: logarrow(path, "logfmt", columns=["fields"]),
            "chdb": _chdb(LOGFMT, "extractKeyValuePairs(line, '=', ' ', '\"')"),
            "chdb, map": _chdb(None, "extractKeyValuePairs(line, '=', ' ', '\"')"),
            "polars regex": _polars_logfmt,
            "python re": _python_logfmt,
        },
        summed="bytes",
        beside=("chdb, map",),
    ),
    Family(
        "ltsv",
        "ltsv",
        tuple(LTSV),
        7,
        {
            "logarrow": lambda path: logarrow(path, "ltsv"),
            "logarrow, map": lambda path: logarrow(path, "ltsv", columns=["fields"]),
            "chdb": _chdb_ltsv,
            "chdb, map": _chdb(None, "extractKeyValuePairs(line, ':', '\\t', '\\0')"),
            "polars regex": _polars_ltsv,
            "polars csv, by place": _polars_ltsv_csv,
            "python": _python_ltsv,
        },
        counted="status",
        summed="size",
        beside=("chdb, map", "polars csv, by place"),
    ),
]
