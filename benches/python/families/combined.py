"""The combined log by a regular expression: lowered, by the regex engine, and by the peers."""

from __future__ import annotations

import tempfile
from pathlib import Path

from oracle import COLUMNS
from peers import PEERS
from peers.common import NAMED_PLAIN

from .common import Family, logarrow

#: The types of the built-in format on the groups of a regular expression, which is what `[columns]` is for.
_TYPED = """
name  = "{name}"
title = "combined log by a regular expression"
regex = '''{pattern}'''
null  = "-"

[columns]
time   = {{ type = "timestamp", format = "%d/%b/%Y:%H:%M:%S %z" }}
status = {{ type = "int16" }}
bytes  = {{ type = "int64" }}
"""
#: The text behind the match is the engine's alone to find: who asks for it gets no lowered program.
_OPTIONS = {"logarrow, regex": {}, "logarrow, regex engine": {"extra": "count"}}


def _regex(name: str):
    def read(path):
        import logarrow as la

        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "combined.toml"
            file.write_text(_TYPED.format(name="user.combined", pattern=NAMED_PLAIN), encoding="utf-8")
            fmt = la.Format.from_toml(str(file))
        return logarrow(path, fmt, **_OPTIONS[name])

    return read


def _peer(name: str):
    def read(path):
        peer = PEERS[name]()
        return peer.to_arrow(peer.table([path], COLUMNS, False, 1))

    return read


FAMILIES = [
    Family(
        "combined",
        "combined",
        tuple(COLUMNS),
        5,
        {
            "logarrow": lambda path: logarrow(path, "apache.combined"),
            **{name: _regex(name) for name in _OPTIONS},
            "polars regex": _peer("polars regex"),
            "duckdb regex": _peer("duckdb regex"),
        },
        plain=True,
    )
]
