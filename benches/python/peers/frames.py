"""pyarrow, Polars, pandas, Python's `re`, and logarrow."""

from __future__ import annotations

import abc

import pyarrow as pa
import pyarrow.compute as pc

import oracle
from oracle import COLUMNS, SCHEMA
from oracle import rows as oracle_rows

from .common import (
    GROUPS,
    NAMED_PATTERN,
    NAMED_PLAIN,
    PLAIN_GROUPS,
    ROW_GROUP_ROWS,
    SPLIT,
    ZSTD_LEVEL,
    Peer,
    needed,
)


def offset_us(zone: str) -> int:
    """Microseconds east of Greenwich of `+0900` or `+0900]`."""
    return (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 60 + int(zone[3:5])) * 60_000_000


def unescape(column):
    """Decodes escapes exactly in the few values that have a backslash."""
    mask = pc.match_substring(column, "\\")
    if not pc.any(mask).as_py():
        return column
    raw = [value.encode() for value in column.filter(mask).to_pylist()]
    fixed = [oracle._ESCAPES.sub(oracle._unescape, value).decode("utf-8", "replace") for value in raw]
    if isinstance(column, pa.ChunkedArray):
        column, mask = column.combine_chunks(), mask.combine_chunks()
    return pc.replace_with_mask(column, pc.fill_null(mask, False), pa.array(fixed, column.type))


class ArrowCsv(Peer):
    """pyarrow's CSV reader, split at spaces; backslash as escape, time and request taken apart afterwards."""

    name, modules = "pyarrow csv", ("pyarrow",)

    def table(self, paths, columns, errors_only, threads):
        return pa.concat_tables(self._one(path, columns, errors_only, threads) for path in paths)

    def _one(self, path, columns, errors_only, threads):
        from pyarrow import csv

        types = dict.fromkeys(SPLIT, pa.string()) | {
            "stamp": pa.timestamp("us"),
            "zone": pa.dictionary(pa.int32(), pa.string()),
            "status": pa.int16(),
            "bytes": pa.int64(),
        }
        raw = csv.read_csv(
            path,
            csv.ReadOptions(column_names=SPLIT, use_threads=threads > 1, block_size=4 << 20),
            csv.ParseOptions(
                delimiter=" ",
                quote_char='"',
                double_quote=False,
                escape_char="\\",
                invalid_row_handler=lambda _: "skip",
            ),
            csv.ConvertOptions(
                check_utf8=False,
                column_types=types,
                include_columns=needed(columns, errors_only),
                null_values=["-"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                timestamp_parsers=["[%d/%b/%Y:%H:%M:%S"],
            ),
        )
        if errors_only:
            raw = raw.filter(pc.greater_equal(raw["status"], 500))
        out = {name: raw[name] for name in raw.column_names if name in COLUMNS}
        if "time" in columns:
            out["time"] = self._time(raw)
        if "request" in raw.column_names:
            out |= self._request(raw["request"], columns)
        return pa.table({name: out[name] for name in columns})

    @staticmethod
    def _time(raw):
        zones = pc.unique(raw["zone"]).drop_null().to_pylist() or ["+0000"]
        if len(zones) > 1:
            raise ValueError("this log has more than one zone")
        shift = pa.scalar(offset_us(zones[0]), pa.duration("us"))
        return pc.subtract(raw["stamp"], shift).cast(pa.timestamp("us", tz="UTC"))

    @staticmethod
    def _request(request, columns):
        """Method, target and protocol by one split, and positions instead of a copy for each."""
        import numpy as np

        chunks = {name: [] for name in ("method", "path", "protocol") if name in columns}
        for chunk in request.chunks:
            parts = pc.split_pattern(chunk, " ")
            starts = parts.offsets.to_numpy()
            lengths, starts = np.diff(starts), starts[:-1]
            words, regular = parts.values, lengths == 3
            at = {
                "method": (starts, ~regular),
                "path": (starts + regular, lengths == 0),
                "protocol": (starts + 2, ~regular),
            }
            for name, pieces in chunks.items():
                index, null = at[name]
                pieces.append(words.take(pa.array(index, mask=null)))
            if "path" in chunks and (short := (lengths != 3) & (lengths > 0)).any():
                whole = chunk.filter(pa.array(short))
                chunks["path"][-1] = pc.replace_with_mask(chunks["path"][-1], pa.array(short), whole)
        return {name: pa.chunked_array(pieces, pa.string()) for name, pieces in chunks.items()}


class ArrowRegex(Peer):
    """pyarrow's extract_regex over whole lines, with every odd value put right afterwards."""

    name, modules = "pyarrow regex", ("pyarrow",)

    def table(self, paths, columns, errors_only, threads):
        from pyarrow import csv

        pieces = []
        for path in paths:
            lines = csv.read_csv(
                path,
                csv.ReadOptions(column_names=["line"], use_threads=threads > 1, block_size=4 << 20),
                csv.ParseOptions(delimiter="\x01", quote_char=False),
                csv.ConvertOptions(column_types={"line": pa.binary()}),
            )
            pieces += [self._piece(chunk, columns, errors_only) for chunk in lines["line"].chunks]
        return pa.concat_tables(pieces)

    @staticmethod
    def _piece(lines, columns, errors_only):
        try:
            lines = lines.cast(pa.string())
        except pa.ArrowInvalid:
            lines = pa.array([line.decode("utf-8", "replace") for line in lines.to_pylist()])
        plain = pc.extract_regex(lines, NAMED_PLAIN)
        irregular = plain.is_null()
        rest = pc.extract_regex(lines.filter(irregular), NAMED_PATTERN)
        other = pa.nulls(len(lines), pa.string())
        fields = dict(zip(PLAIN_GROUPS, plain.flatten(), strict=True)) | {"other": other}
        values = dict(zip(GROUPS, rest.flatten(), strict=True))
        wanted = {*columns, "status"} | ({"other"} if "path" in columns else set())
        fields = {name: pc.replace_with_mask(fields[name], irregular, values[name]) for name in wanted}
        keep = fields["status"].is_valid()
        if errors_only:
            keep = pc.greater_equal(fields["status"], "500")
        fields = {name: column.filter(keep) for name, column in fields.items()}
        out = {}
        for name in columns:
            column = fields[name]
            if name == "time":
                codes = column.dictionary_encode()
                texts = codes.dictionary
                shifts = pa.array([offset_us(text[-5:]) for text in texts.to_pylist()], pa.duration("us"))
                stamps = pc.strptime(pc.utf8_slice_codeunits(texts, 0, 20), "%d/%b/%Y:%H:%M:%S", "us")
                column = pc.subtract(stamps, shifts).cast(pa.timestamp("us", tz="UTC")).take(codes.indices)
            elif name in ("status", "bytes"):
                column = pc.if_else(pc.equal(column, "-"), None, column).cast(SCHEMA.field(name).type)
            else:
                if name == "path":
                    column = pc.if_else(pc.equal(column, ""), fields["other"], column)
                empty = "" if name in ("method", "protocol") else "-"
                column = unescape(pc.if_else(pc.equal(column, empty), None, column))
            out[name] = column
        return pa.table(out)


class Polars(Peer, abc.ABC):
    """What the two Polars roads share."""

    modules = ("polars",)

    @abc.abstractmethod
    def _lazy(self, paths, columns, errors_only):
        """The columns of the files as a lazy frame."""

    def table(self, paths, columns, errors_only, threads):
        return self._lazy(paths, columns, errors_only).collect()

    def to_arrow(self, table):
        return table.to_arrow()

    def parquet(self, path, out, threads):
        self._lazy([path], COLUMNS, False).sink_parquet(
            out, compression="zstd", compression_level=ZSTD_LEVEL, row_group_size=ROW_GROUP_ROWS
        )


class PolarsCsv(Polars):
    """Polars' CSV reader, split at spaces; it has no escape character."""

    name = "polars csv"

    def _lazy(self, paths, columns, errors_only):
        import polars as pl

        schema = dict.fromkeys(SPLIT, pl.String) | {"status": pl.Int16, "bytes": pl.Int64}
        lazy = pl.scan_csv(
            paths,
            separator=" ",
            has_header=False,
            schema=schema,
            null_values="-",
            encoding="utf8-lossy",
            ignore_errors=True,
            truncate_ragged_lines=True,
        ).filter(pl.col("status").is_not_null())
        if errors_only:
            lazy = lazy.filter(pl.col("status") >= 500)
        time = pl.concat_str("stamp", "zone", separator=" ").str.to_datetime(
            "[%d/%b/%Y:%H:%M:%S %z]", time_unit="us", strict=False
        )
        parts = pl.col("request").str.splitn(" ", 3)
        regular = pl.col("request").str.contains(" HTTP/", literal=True)
        made = {
            "time": time,
            "method": pl.when(regular).then(parts.struct[0]),
            "path": pl.when(regular).then(parts.struct[1]).otherwise("request"),
            "protocol": pl.when(regular).then(parts.struct[2]),
        }
        return lazy.select(made.get(name, pl.col(name)).alias(name) for name in columns)


class PolarsRegex(Polars):
    """Polars' extract_groups over whole lines."""

    name = "polars regex"

    def _lazy(self, paths, columns, errors_only):
        import polars as pl

        lazy = pl.scan_csv(
            paths,
            separator="\x01",
            quote_char=None,
            has_header=False,
            schema={"line": pl.String},
            encoding="utf8-lossy",
        )
        lazy = lazy.with_columns(pl.col("line").str.extract_groups(NAMED_PLAIN).alias("plain"))
        rest = pl.when(pl.col("plain").struct["status"].is_null()).then("line").str.extract_groups(NAMED_PATTERN)
        lazy = lazy.select("plain", rest.alias("rest"))
        lazy = lazy.select(
            [pl.coalesce(pl.col(side).struct[name] for side in ("plain", "rest")).alias(name) for name in COLUMNS]
            + [pl.col("rest").struct["other"].alias("other")]
        ).filter(pl.col("status").is_not_null())
        lazy = lazy.with_columns(pl.col("status").cast(pl.Int16))
        if errors_only:
            lazy = lazy.filter(pl.col("status") >= 500)
        made = {}
        for name in columns:
            column = pl.coalesce("path", "other") if name == "path" else pl.col(name)
            if name == "time":
                column = column.str.to_datetime("%d/%b/%Y:%H:%M:%S %z", time_unit="us", time_zone="UTC")
            elif name == "bytes":
                column = column.cast(pl.Int64, strict=False)
            elif name != "status":
                column = pl.when(column != "-").then(column)
                column = column.map_batches(lambda text: pl.Series(unescape(text.to_arrow())), pl.String)
            made[name] = column
        return lazy.select(column.alias(name) for name, column in made.items())


class PythonRe(Peer):
    """Python's `re`, line by line, to lists and then to Arrow: the oracle itself, on the first 16 MB."""

    name, limit_bytes, gzip = "python re", 16_000_000, False

    def table(self, paths, columns, errors_only, threads):
        at = [COLUMNS.index(name) for name in columns]
        with open(paths[0], "rb") as file:
            kept = [row for row in oracle_rows(file.read()) if not errors_only or row[7] >= 500]
        return pa.table([pa.array([row[i] for row in kept], SCHEMA.field(i).type) for i in at], names=columns)


class Pandas(Peer):
    """pandas' C reader, split at spaces."""

    name, modules = "pandas csv", ("pandas",)

    def table(self, paths, columns, errors_only, threads):
        import pandas as pd

        return (
            pd.concat([self._one(pd, path, columns, errors_only) for path in paths])
            if paths[1:]
            else self._one(pd, paths[0], columns, errors_only)
        )

    @staticmethod
    def _one(pd, path, columns, errors_only):
        fields = needed([*columns, "status"], errors_only)
        frame = pd.read_csv(
            path,
            sep=" ",
            header=None,
            names=SPLIT,
            usecols=fields,
            dtype={name: "Int64" if name in ("status", "bytes") else "str" for name in fields},
            escapechar="\\",
            na_values=["-"],
            keep_default_na=False,
            on_bad_lines="skip",
            encoding_errors="replace",
            engine="c",
        )
        frame = frame[frame["status"].notna() if not errors_only else (frame["status"] >= 500).fillna(False)]
        out = {name: frame[name] for name in fields if name in columns}
        if "time" in columns:
            out["time"] = pd.to_datetime(
                frame["stamp"] + " " + frame["zone"], format="[%d/%b/%Y:%H:%M:%S %z]", utc=True
            )
        if "path" in columns:
            parts = frame["request"].str.split(" ", n=2, expand=True)
            regular = parts[2].notna()
            out |= {
                "method": parts[0].where(regular),
                "path": parts[1].where(regular, frame["request"]),
                "protocol": parts[2],
            }
        return pd.DataFrame({name: out[name] for name in columns})

    def to_arrow(self, table):
        return pa.Table.from_pandas(table, preserve_index=False)


class Logarrow(Peer):
    """This library."""

    name, modules = "logarrow", ("logarrow",)
    streamed = False

    def _scan(self, paths, columns, errors_only, threads):
        import logarrow

        where = {"where": "status >= 500"} if errors_only else {}
        return logarrow.scan(paths, format="apache.combined", columns=list(columns), threads=threads, **where)

    def table(self, paths, columns, errors_only, threads):
        return self._scan(paths, columns, errors_only, threads).to_arrow()

    def stream(self, paths, columns, errors_only, threads):
        """Batches made and dropped, which is how a sink uses them; gives the number of rows."""
        return sum(batch.num_rows for batch in self._scan(paths, columns, errors_only, threads).to_batches())

    def parquet(self, path, out, threads):
        self._scan([path], COLUMNS, False, threads).write_parquet(
            out, compression="zstd", compression_level=ZSTD_LEVEL, row_group_rows=ROW_GROUP_ROWS, overwrite=True
        )
