"""Syslog of both kinds, and Java services with stack traces: regular expressions."""

from __future__ import annotations

import re

from .common import REFERENCE_TIME, Family, duckdb_lines, duckdb_query, logarrow, polars_lines, sql_text

_ELEMENT = r'\[[^ \]="]+(?: +[^ \]="]+="[^"\\]*(?:\\.[^"\\]*)*")* *\]'
RFC5424 = (
    r"^<(?P<priority>[0-9]{1,3})>(?P<version>[0-9]+) (?P<timestamp>[^ ]+) (?P<hostname>[^ ]+) (?P<app_name>[^ ]+) "
    rf"(?P<procid>[^ ]+) (?P<msgid>[^ ]+) (?P<data>-|(?:{_ELEMENT})+)(?: (?:\uFEFF)?(?P<message>.*))?$"
)
RFC3164 = (
    r"^<(?P<priority>[0-9]{1,3})>(?P<timestamp>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}|[0-9]{4}-[^ ]+) (?P<hostname>[^ ]+) "
    r"(?:(?P<app_name>[^ :\[]+)(?:\[(?P<procid>[0-9]+)\])?: )?(?P<message>.*)$"
)
LOG4J = (
    r"^(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) (?P<level>[A-Z]+) +\[(?P<thread>[^\]]*)\] (?P<logger>[^ ]+): "
    r"(?P<message>.*(?:\n(?!\d{4}-\d\d-\d\d ).*)*)"
)


def _names(pattern: str) -> list[str]:
    return re.findall(r"\(\?P<(\w+)>", pattern)


def _unnamed(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "", pattern)


def _polars_5424(path):
    import polars as pl

    groups = pl.col("line").str.extract_groups(RFC5424.replace(r"\uFEFF", r"\x{FEFF}"))
    frame = polars_lines(path).select(groups.alias("g")).unnest("g")
    frame = frame.with_columns(
        pl.when(pl.col(name) != "-").then(pl.col(name)).alias(name)
        for name in ("timestamp", "hostname", "app_name", "procid", "msgid", "data")
    )
    return frame.select(
        *_polars_priority(),
        pl.col("version").cast(pl.Int16),
        pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", time_zone="UTC"),
        *("hostname", "app_name", "procid", "msgid", "data", "message"),
    ).collect()


def _polars_priority():
    import polars as pl

    priority = pl.col("priority").cast(pl.Int16)
    return [(priority // 8).alias("facility"), (priority % 8).alias("severity")]


def _polars_3164(path):
    import polars as pl

    frame = polars_lines(path).select(pl.col("line").str.extract_groups(RFC3164).alias("g")).unnest("g")
    old = pl.concat_str(pl.lit("2026 "), "timestamp").str.to_datetime("%Y %b %e %H:%M:%S", time_unit="us", strict=False)
    new = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False)
    return frame.select(
        *_polars_priority(),
        pl.coalesce(old, new).dt.replace_time_zone("UTC").alias("timestamp"),
        *("hostname", "app_name", "procid", "message"),
    ).collect()


def _python_times(texts: list[str | None], parse):
    """Times through a memo: many are the same but for their fraction."""
    memo: dict = {None: None}
    out = []
    for text in texts:
        if text not in memo:
            memo[text] = parse(text)
        out.append(memo[text])
    return out


def _python(pattern: str, finish):
    compiled = re.compile(pattern)

    def read(path):
        with open(path, encoding="utf-8") as file:
            rows = [compiled.match(line).groups() for line in file.read().split("\n")[:-1]]
        return finish(dict(zip(_names(pattern), zip(*rows, strict=True), strict=True)))

    return read


def _python_head(groups):
    priorities = [int(text) for text in groups["priority"]]
    return {"facility": [value >> 3 for value in priorities], "severity": [value & 7 for value in priorities]}


def _python_5424(groups):
    import datetime

    import pyarrow as pa

    nil = {name: [None if text == "-" else text for text in groups[name]] for name in groups if name != "message"}
    parse = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))  # noqa: E731
    columns = _python_head(groups)
    columns["version"] = [int(text) for text in groups["version"]]
    times = _python_times(nil["timestamp"], parse)
    columns["timestamp"] = pa.array(times, pa.timestamp("us", "UTC"))
    columns |= {name: nil[name] for name in ("hostname", "app_name", "procid", "msgid", "data")}
    return pa.table(columns | {"message": list(groups["message"])})


def _python_3164(groups):
    import datetime

    import pyarrow as pa

    def parse(text):
        if text[0].isdigit():
            return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return datetime.datetime.strptime("2026 " + text + " +0000", "%Y %b %d %H:%M:%S %z")

    columns = _python_head(groups)
    columns["timestamp"] = pa.array(_python_times(list(groups["timestamp"]), parse), pa.timestamp("us", "UTC"))
    return pa.table(columns | {name: list(groups[name]) for name in ("hostname", "app_name", "procid", "message")})


def _duckdb(pattern: str, made: dict[str, str]):
    """A list of names gives a struct of texts, empty where a group took no part."""
    names = ", ".join(sql_text(name) for name in _names(pattern))
    plain = _unnamed(pattern)
    select = ", ".join(f'{value} AS "{name}"' for name, value in made.items())

    def read(path):
        return duckdb_query(
            f"SELECT {select} FROM (SELECT regexp_extract(line, {sql_text(plain)}, [{names}]) AS g FROM {duckdb_lines(path)})"
        )

    return read


_HEAD = {
    "facility": "CAST(g.priority AS SMALLINT) // 8",
    "severity": "CAST(g.priority AS SMALLINT) % 8",
}


def _duckdb_5424():
    nil = {name: f"nullif(g.{name}, '-')" for name in ("hostname", "app_name", "procid", "msgid", "data")}
    time = "CAST(nullif(g.timestamp, '-') AS TIMESTAMPTZ)"
    made = _HEAD | {"version": "CAST(g.version AS SMALLINT)", "timestamp": time} | nil
    return _duckdb(RFC5424.replace(r"\uFEFF", r"\x{FEFF}"), made | {"message": "nullif(g.message, '')"})


def _duckdb_3164():
    time = (
        "coalesce(try_strptime('2026 ' || g.timestamp, '%Y %b %-d %H:%M:%S'), "
        "TRY_CAST(CASE WHEN g.timestamp LIKE '2%' THEN g.timestamp END AS TIMESTAMP))"
    )
    texts = {name: f"nullif(g.{name}, '')" for name in ("app_name", "procid")}
    made = _HEAD | {"timestamp": time, "hostname": "g.hostname"} | texts | {"message": "g.message"}
    return _duckdb(RFC3164, made)


def _python_log4j(path):
    import datetime

    import pyarrow as pa

    with open(path, encoding="utf-8") as file:
        rows = re.findall(LOG4J, file.read().removesuffix("\n"), re.MULTILINE)
    columns = dict(zip(_names(LOG4J), zip(*rows, strict=True), strict=True))
    parse = lambda text: datetime.datetime.fromisoformat(text.replace(",", ".") + "+00:00")  # noqa: E731
    time = pa.array(_python_times(list(columns.pop("time")), parse), pa.timestamp("us", "UTC"))
    return pa.table({"time": time} | {name: list(texts) for name, texts in columns.items()})


def _polars_log4j(path):
    """Lines that start a record are numbered; the others go to the record before."""
    import polars as pl

    start = pl.col("line").str.contains(r"^\d{4}-\d\d-\d\d ")
    events = (
        polars_lines(path)
        .select("line", start.cum_sum().alias("event"))
        .group_by("event", maintain_order=True)
        .agg(pl.col("line"))
        .select(pl.col("line").list.join("\n"))
    )
    # This engine has no look-ahead; each event is one text by now.
    pattern = "(?s)" + LOG4J[: LOG4J.index("(?P<message>")].replace(".*", "[^\n]*") + "(?P<message>.*)$"
    frame = events.select(pl.col("line").str.extract_groups(pattern).alias("g")).unnest("g")
    time = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S,%3f", time_unit="us", time_zone="UTC")
    return frame.with_columns(time).collect()


def _text_data(path):
    """Structured data kept as text, as the peers keep it."""
    import logarrow as la

    fmt = la.Format.named("syslog.rfc5424").with_types({"structured_data": "utf8"})
    table = logarrow(path, fmt)
    return table.rename_columns(["data" if name == "structured_data" else name for name in table.column_names])


_SYSLOG = ("facility", "severity", "version", "timestamp", "hostname", "app_name", "procid", "msgid", "data", "message")
FAMILIES = [
    Family(
        "rfc5424",
        "rfc5424",
        _SYSLOG,
        10,
        {
            "logarrow": lambda path: logarrow(path, "syslog.rfc5424"),
            "logarrow, data as text": _text_data,
            "polars regex": _polars_5424,
            "python re": _python(RFC5424, _python_5424),
            "duckdb regex": _duckdb_5424(),
        },
        counted="severity",
        summed="message",
    ),
    Family(
        "rfc3164",
        "rfc3164",
        _SYSLOG,
        6,
        {
            "logarrow": lambda path: logarrow(path, "syslog.rfc3164", reference_time=REFERENCE_TIME),
            "polars regex": _polars_3164,
            "python re": _python(RFC3164, _python_3164),
            "duckdb regex": _duckdb_3164(),
        },
        counted="severity",
        summed="message",
    ),
    Family(
        "log4j",
        "log4j",
        ("time", "level", "thread", "logger", "message"),
        8,
        {
            "logarrow": lambda path: logarrow(path, "log4j"),
            "python re": _python_log4j,
            "polars regex": _polars_log4j,
        },
        summed="message",
    ),
]
